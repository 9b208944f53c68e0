/* optimisers.c: SGD, momentum, weight decay, SAM and NSO against their formulas, ask and tell, training. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

/* The same formula in the same order, in the same reals: what is left is contraction to fused operations, an eps or two
   a step. */
#define SAME (TEST_REAL(1e-14, 1e-6))

static void make(scene *s, uint64_t seed) {
    scene_net(s, "input 3; dense 5; tanh; dense 3");
    scene_random(s, 20, 1, seed);
    scene_point(s, NULL, 0);
}

static cn_real *copy_of(scene *s, size_t n, const cn_real *from) {
    cn_real *to = cn_vector(&s->c, n);
    if (n) memcpy(to, from, n * sizeof *to);
    return to;
}

/* v = momentum v + g + decay theta; theta -= lr v */
static void update(size_t n, double lr, double momentum, double decay, const cn_real *g, cn_real *v, cn_real *theta) {
    size_t i;
    for (i = 0; i < n; i++) {
        v[i] = (cn_real)momentum * v[i] + (g[i] + (cn_real)decay * theta[i]);
        theta[i] -= (cn_real)lr * v[i];
    }
}

static void linear_regression(void) {
    static const cn_real x[] = {1, 2, 3, -1, (cn_real)0.5, 4}, y[] = {1, 0, 2};
    cn_data d = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    cn_opt_desc o = CN_ZERO;
    scene s;
    cn_opt *opt;
    cn_problem *p;
    cn_eval e;
    size_t i;
    double g0 = 0, g1 = 0, loss = 0;
    scene_net(&s, "input 2; dense 1 bias=0");
    d.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 3, 2, 0, 0);
    d.y = cn_tensor_of(y, CN_TYPE_REAL, 1, 3, 0, 0, 0);
    how.loss = CN_LOSS_SQUARED;
    o.lr = 0.25;
    p = cn_problem_create(&s.c, s.net, &d, &how);
    opt = cn_opt_create(&s.c, 2, 0, &o);
    s.theta[0] = (cn_real)0.5;
    s.theta[1] = -1;
    for (i = 0; i < 3; i++) { /* g = (1/n) sum (x.theta - y) x */
        double r = 0.5 * (double)x[2 * i] - (double)x[2 * i + 1] - (double)y[i];
        g0 += r * (double)x[2 * i] / 3;
        g1 += r * (double)x[2 * i + 1] / 3;
        loss += 0.5 * r * r / 3;
    }
    e = cn_opt_step(opt, p, s.theta, NULL);
    CHECK_STATUS(e.status, CN_OK);
    CHECK_NEAR(e.loss, loss, 10 * TEST_EPS * loss); /* the loss before the step */
    CHECK_NEAR(e.grad_norm, sqrt(g0 * g0 + g1 * g1), 10 * TEST_EPS * e.grad_norm);
    CHECK_NEAR(s.theta[0], 0.5 - 0.25 * g0, 10 * TEST_EPS * 3); /* entries up to 3, ten operations */
    CHECK_NEAR(s.theta[1], -1 - 0.25 * g1, 10 * TEST_EPS * 3);
    CHECK(e.n == 3);
    scene_free(&s);
}

/* 20 steps by cn_opt_step against the rule written out here with cn_evaluate. */
static void against_formula(int rule, double rho, double sigma, size_t k, int noise, double momentum, double decay) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_opt *o;
    cn_real *theta, *g, *v, *away, *u, *sum;
    size_t step, i, j, P, pairs = k ? k : 1;
    cn_eval e, first;
    double norm;
    make(&s, 3);
    P = s.P;
    theta = copy_of(&s, P, s.theta);
    g = cn_vector(&s.c, P);
    v = cn_vector(&s.c, P);
    away = cn_vector(&s.c, P);
    u = cn_vector(&s.c, P);
    sum = cn_vector(&s.c, P);
    d.lr = 0.3;
    d.momentum = momentum;
    d.weight_decay = decay;
    d.rule = rule;
    d.rho = rho;
    d.sigma = sigma;
    d.k = k;
    d.noise = noise;
    d.seed = 77;
    o = cn_opt_create(&s.c, P, 0, &d);
    for (step = 0; step < 20; step++) {
        e = cn_opt_step(o, s.p, s.theta, NULL);
        CHECK_STATUS(e.status, CN_OK);
        first = cn_evaluate(s.p, theta, NULL, g);
        /* gradient at theta + rho g/||g||, of the same batch, global norm; decay in the base step only */
        if (rule == CN_RULE_SAM) {
            norm = norm_of(P, g);
            for (i = 0; i < P; i++) away[i] = (cn_real)((double)theta[i] + rho / norm * (double)g[i]);
            cn_evaluate(s.p, away, NULL, g);
            /* (1/k) sum_j (grad L(theta + U_j) + grad L(theta - U_j))/2, U_j of stream (step << 16) + j */
        } else if (rule == CN_RULE_NSO) {
            memset(sum, 0, P * sizeof *sum);
            for (j = 0; j < pairs; j++) {
                cn_random(77, cn_stream(CN_FOR_NOISE, ((uint64_t)step << 16) + j), 0, noise, sigma, P, u);
                for (i = 0; i < P; i++) away[i] = theta[i] + u[i];
                first = j ? first : cn_evaluate(s.p, away, NULL, g);
                if (j) cn_evaluate(s.p, away, NULL, g);
                for (i = 0; i < P; i++) {
                    sum[i] += g[i];
                    away[i] = theta[i] - u[i];
                }
                cn_evaluate(s.p, away, NULL, g);
                for (i = 0; i < P; i++) sum[i] += g[i];
            }
            for (i = 0; i < P; i++) g[i] = (cn_real)(1 / (double)(2 * pairs)) * sum[i];
        }
        CHECK_NEAR(e.loss, first.loss, 20 * SAME * first.loss); /* the loss of the first ask */
        update(P, 0.3, momentum, decay, g, v, theta);
        CHECK_NEAR(test_difference(P, s.theta, theta), 0, (double)(step + 1) * SAME);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* Without perturbation, SAM and NSO are the plain step, bit for bit. */
static void same_as_plain(int rule, size_t k) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_opt *plain, *other;
    cn_real *theta;
    size_t step;
    cn_eval a, b;
    uint32_t index[20];
    cn_batch batch = CN_ZERO;
    size_t i;
    make(&s, 4);
    theta = copy_of(&s, s.P, s.theta);
    d.lr = 0.2;
    d.momentum = 0.9;
    d.weight_decay = 0.01;
    plain = cn_opt_create(&s.c, s.P, 0, &d);
    d.rule = rule;
    d.k = k;
    d.seed = 5;
    d.noise = CN_NOISE_LAPLACE;
    other = cn_opt_create(&s.c, s.P, 0, &d);
    for (i = 0; i < 20; i++) index[i] = (uint32_t)i;
    batch.index = index;
    batch.n = 7;
    for (step = 0; step < 50; step++) {
        cn_shuffle(1, step, 20, index);
        a = cn_opt_step(plain, s.p, s.theta, &batch);
        b = cn_opt_step(other, s.p, theta, &batch);
        CHECK(a.loss == b.loss && a.grad_norm == b.grad_norm && same_bits(s.P, s.theta, theta));
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

static void zero_gradient(void) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_opt *o;
    size_t i, step;
    cn_problem_desc how = CN_ZERO;
    cn_eval e;
    scene_net(&s, "input 3; dense 2");
    scene_random(&s, 6, 0, 4);
    for (i = 0; i < s.P; i++) s.theta[i] = 0;
    for (i = 0; i < 12; i++) s.target[i] = 0; /* the exact minimum */
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    d.lr = 0.1;
    d.momentum = 0.5;
    d.rule = CN_RULE_SAM;
    d.rho = 0.05;
    o = cn_opt_create(&s.c, s.P, 0, &d);
    for (step = 0; step < 3; step++) {
        e = cn_opt_step(o, s.p, s.theta, NULL);
        CHECK_STATUS(e.status, CN_OK);
        CHECK(e.loss == 0 && most_of(s.P, s.theta) == 0);
    }
    scene_free(&s);
}

/* ---- the caller's own gradient: a quadratic 1/2 sum a_i (theta_i - m_i)^2 */

enum { Q = 4 };
static const double qa[Q] = {1, 2, 5, 0.5}, qm[Q] = {3, -1, 0.25, 2};
static void quadratic(const cn_real *at, cn_real *g) {
    int i;
    for (i = 0; i < Q; i++) g[i] = (cn_real)(qa[i] * ((double)at[i] - qm[i]));
}

static double quadratic_run(int rule, double rho, double sigma, double momentum, int steps, int *asks) {
    cn_ctx c = CN_ZERO;
    cn_opt_desc d = CN_ZERO;
    cn_opt *o;
    cn_real theta[Q + 1] = {0}, g[Q + 1] = {0};
    const cn_real *at;
    double worst = 0;
    int i;
    d.lr = 0.2;
    d.momentum = momentum;
    d.rule = rule;
    d.rho = rho;
    d.sigma = sigma;
    d.k = 2;
    d.noise = CN_NOISE_UNIFORM;
    theta[Q] = 42; /* one number of state, neither perturbed nor moved by a step */
    o = cn_opt_create(&c, Q, 1, &d);
    *asks = 0;
    for (i = 0; i < steps; i++)
        while ((at = cn_opt_ask(o, theta)) != NULL) {
            CHECK(at[Q] == 42);
            quadratic(at, g);
            (*asks)++;
            CHECK_STATUS(cn_opt_tell(o, g), CN_OK);
        }
    CHECK_STATUS(c.status, CN_OK);
    CHECK(theta[Q] == 42);
    for (i = 0; i < Q; i++) worst = fmax(worst, fabs((double)theta[i] - qm[i]));
    cn_free_all(&c);
    return worst;
}

static void own_gradient(void) {
    int asks;
    /* contracts by 0.9 a step: 1e-18; then eps of 3 */
    CHECK_NEAR(quadratic_run(CN_RULE_PLAIN, 0, 0, 0, 400, &asks), 0, 20 * TEST_EPS);
    CHECK(asks == 400);
    CHECK_NEAR(quadratic_run(CN_RULE_PLAIN, 0, 0, 0.5, 400, &asks), 0, 20 * TEST_EPS);
    /* a pair's mean is the gradient itself on a quadratic */
    CHECK_NEAR(quadratic_run(CN_RULE_NSO, 0, 0.3, 0, 400, &asks), 0, 50 * TEST_EPS);
    CHECK(asks == 4 * 400);
    /* SAM settles into an orbit of the size of rho max a / (2/lr - max a) < 4 rho */
    CHECK_NEAR(quadratic_run(CN_RULE_SAM, 0.05, 0, 0, 400, &asks), 0, 0.2);
    CHECK(asks == 2 * 400);
    /* no perturbation: the plain step also in its cost, one gradient */
    CHECK_NEAR(quadratic_run(CN_RULE_SAM, 0, 0, 0, 400, &asks), 0, 20 * TEST_EPS);
    CHECK(asks == 400);
    CHECK_NEAR(quadratic_run(CN_RULE_NSO, 0, 0, 0, 400, &asks), 0, 20 * TEST_EPS);
    CHECK(asks == 400);
}

/* E of NSO's gradient [NSO]: for sum theta_i^4/4 it is theta^3 + 3 theta sigma^2, whatever the distribution of that
   variance. */
static void nso_expectation(void) {
    enum { N = TEST_SIZE(40000, 10000) };
    static cn_real theta[N], g[N];
    static const int kinds[] = {CN_NOISE_NORMAL, CN_NOISE_UNIFORM, CN_NOISE_LAPLACE, CN_NOISE_SIGN};
    size_t r, i;
    const cn_real *at;
    for (r = 0; r < 4; r++) {
        cn_ctx c = CN_ZERO;
        cn_opt_desc d = CN_ZERO;
        cn_opt *o;
        double mean = 0, square = 0, sigma = 0.5, t0 = 0.75, error;
        d.lr = 1;
        d.rule = CN_RULE_NSO;
        d.sigma = sigma;
        d.seed = 9 + r;
        d.noise = kinds[r];
        o = cn_opt_create(&c, N, 0, &d);
        for (i = 0; i < N; i++) theta[i] = (cn_real)t0;
        while ((at = cn_opt_ask(o, theta)) != NULL) {
            for (i = 0; i < N; i++) g[i] = at[i] * at[i] * at[i];
            cn_opt_tell(o, g);
        }
        for (i = 0; i < N; i++) {
            double v = t0 - (double)theta[i];
            mean += v / N;
            square += v * v / N;
        }
        error = sqrt(fmax(square - mean * mean, 0) / N);
        /* 4 standard errors of N independent coordinates; sign noise has no spread at all: rounding, and N additions in
           double */
        CHECK_NEAR(mean, t0 * t0 * t0 + 3 * t0 * sigma * sigma, 4 * error + 100 * TEST_EPS + N * 3e-16);
        CHECK(kinds[r] == CN_NOISE_SIGN || error > 1e-4); /* there was noise */
        cn_free_all(&c);
    }
}

/* ---- misuse and bad descriptors */

#define REFUSED(wanted, words)                 \
    do {                                       \
        CHECK_SENTENCE(&c, (wanted), (words)); \
        cn_clear(&c);                          \
    } while (0)

static void misuse(void) {
    cn_ctx c = CN_ZERO;
    cn_opt_desc d = CN_ZERO;
    cn_opt *o;
    cn_real theta[Q] = {0}, g[Q] = {0};
    scene s;
    cn_eval e;
    d.lr = 0.1;
    o = cn_opt_create(&c, Q, 0, &d);
    CHECK_STATUS(cn_opt_tell(o, g), CN_E_ARGUMENT);
    REFUSED(CN_E_ARGUMENT, "nothing was asked");
    CHECK(cn_opt_ask(o, theta) == theta);
    CHECK(cn_opt_ask(o, theta) == NULL);
    REFUSED(CN_E_ARGUMENT, "still waits for its tell");
    CHECK_STATUS(cn_opt_tell(o, NULL), CN_E_ARGUMENT);
    REFUSED(CN_E_ARGUMENT, "gradient is missing");
    quadratic(theta, g);
    CHECK_STATUS(cn_opt_tell(o, g), CN_OK); /* misuse did not upset the step */
    CHECK(cn_opt_ask(o, theta) == NULL && c.status == CN_OK);
    CHECK_NEAR(theta[0], 0.1 * qa[0] * qm[0], 10 * TEST_EPS);
    CHECK(cn_opt_ask(o, NULL) == NULL);
    REFUSED(CN_E_ARGUMENT, "theta is missing");
    CHECK(cn_opt_ask(NULL, theta) == NULL);
    CHECK_STATUS(cn_opt_tell(NULL, g), CN_E_ARGUMENT);
    CHECK(cn_opt_create(NULL, Q, 0, &d) == NULL);
    make(&s, 1);
    CHECK_STATUS(cn_opt_step(NULL, s.p, s.theta, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_opt_step(o, NULL, s.theta, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_train(NULL, s.theta, NULL).status, CN_E_ARGUMENT);
    o = cn_opt_create(&s.c, s.P + 1, 0, &d);
    CHECK_STATUS(cn_opt_step(o, s.p, s.theta, NULL).status, CN_E_SHAPE);
    CHECK_SENTENCE(&s.c, CN_E_SHAPE, "the optimiser is for");
    cn_clear(&s.c);
    o = cn_opt_create(&s.c, s.P, 0, &d);
    CHECK_STATUS(cn_opt_step(o, s.p, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "theta");
    cn_clear(&s.c);
    CHECK(cn_opt_ask(o, s.theta) == s.theta); /* a step inside a step */
    CHECK_STATUS(cn_opt_step(o, s.p, s.theta, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "waits");
    cn_clear(&s.c);
    scene_free(&s);
    make(&s, 1); /* the optimiser of a context with an error: the step says so instead of doing nothing */
    o = cn_opt_create(&c, s.P, 0, &d);
    CHECK(cn_net_create(&c, "nonsense") == NULL && c.status == CN_E_TEXT);
    e = cn_opt_step(o, s.p, s.theta, NULL);
    CHECK(e.status != CN_OK);
    scene_free(&s);
    cn_clear(&c);
    cn_free_all(&c);
}

/* 7 steps, the state carried into a second optimiser, 13 more: the bits of 20 steps. The step size changes on the way,
   once before and once after the change of optimisers. */
static void carried_over(int rule, double momentum) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_opt *one, *two = NULL;
    cn_opt_kept from, to;
    cn_real *theta;
    size_t step;
    make(&s, 5);
    theta = copy_of(&s, s.P, s.theta);
    d.lr = 0.3;
    d.momentum = momentum;
    d.weight_decay = 1e-3;
    d.rule = rule;
    d.rho = 0.1;
    d.sigma = 0.05;
    d.k = 2;
    d.seed = 4;
    one = cn_opt_create(&s.c, s.P, 0, &d);
    for (step = 0; step < 20; step++) {
        CHECK_STATUS(cn_opt_lr(one, step < 4 ? 0.3 : step < 12 ? 0.2 : 0.05), CN_OK);
        cn_opt_step(one, s.p, s.theta, NULL);
    }
    one = cn_opt_create(&s.c, s.P, 0, &d);
    for (step = 0; step < 20; step++) {
        if (step == 7) {
            two = cn_opt_create(&s.c, s.P, 0, &d);
            from = cn_opt_state(one);
            to = cn_opt_state(two);
            CHECK(from.status == CN_OK && to.status == CN_OK && *from.step == 7 && *to.step == 0);
            CHECK(from.count == (momentum > 0 ? s.P : 0) && to.count == from.count &&
                  (from.values != NULL) == (momentum > 0));
            if (from.count) memcpy(to.values, from.values, from.count * sizeof *from.values);
            *to.step = *from.step;
            one = two;
        }
        CHECK_STATUS(cn_opt_lr(one, step < 4 ? 0.3 : step < 12 ? 0.2 : 0.05), CN_OK);
        cn_opt_step(one, s.p, theta, NULL);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    CHECK(memcmp(theta, s.theta, s.P * sizeof *theta) == 0);
    CHECK(*cn_opt_state(one).step == 20);
    scene_free(&s);
}

static double not_a_number(void) {
    double x;
    uint64_t bits = (uint64_t)0x7FF8 << 48;
    memcpy(&x, &bits, 8);
    return x;
}
static double infinite(void) {
    double x;
    uint64_t bits = (uint64_t)0x7FF0 << 48;
    memcpy(&x, &bits, 8);
    return x;
}

/* A step size set is a step size made; misuse is refused and changes nothing. */
static void step_size(void) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_opt *o;
    cn_opt_kept kept;
    cn_real *theta;
    make(&s, 5);
    theta = copy_of(&s, s.P, s.theta);
    d.lr = 0.25;
    cn_opt_step(cn_opt_create(&s.c, s.P, 0, &d), s.p, s.theta, NULL);
    d.lr = 7;
    o = cn_opt_create(&s.c, s.P, 0, &d);
    cn_opt_lr(o, 0.25);
    CHECK_STATUS(cn_opt_lr(o, -1), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "lr is -1");
    cn_clear(&s.c);
    CHECK_STATUS(cn_opt_lr(o, not_a_number()), CN_E_ARGUMENT);
    cn_clear(&s.c);
    CHECK_STATUS(cn_opt_lr(o, HUGE_VAL), CN_E_ARGUMENT);
    cn_clear(&s.c);
    cn_opt_step(o, s.p, theta, NULL);
    CHECK(memcmp(theta, s.theta, s.P * sizeof *theta) == 0);
    CHECK(cn_opt_ask(o, theta) == theta); /* within a step */
    kept = cn_opt_state(o);
    CHECK(kept.status == CN_E_ARGUMENT && !kept.values && !kept.step && kept.count == 0);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "within a step");
    cn_clear(&s.c);
    CHECK_STATUS(cn_opt_tell(o, s.theta), CN_OK);
    CHECK_STATUS(cn_opt_state(o).status, CN_E_ARGUMENT);
    cn_clear(&s.c);
    CHECK(cn_opt_ask(o, theta) == NULL);
    CHECK(cn_opt_state(o).status == CN_OK && *cn_opt_state(o).step == 2);
    CHECK_STATUS(cn_opt_state(NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_opt_lr(NULL, 1), CN_E_ARGUMENT);
    scene_free(&s);
}

static void bad_descriptors(void) {
    double bad[] = {-1, 0, 0, 0};
    size_t i, j;
    cn_ctx c = CN_ZERO;
    scene s;
    cn_train_desc t = CN_ZERO;
    static const char *const field[] = {"lr", "momentum", "weight_decay", "rho", "sigma"};
    bad[1] = not_a_number();
    bad[2] = infinite();
    bad[3] = -0.001;
    for (i = 0; i < 5; i++)
        for (j = 0; j < 4; j++) {
            cn_opt_desc d = CN_ZERO;
            char where[60];
            d.lr = 0.1;
            d.rule = i == 3 ? CN_RULE_SAM : i == 4 ? CN_RULE_NSO : CN_RULE_PLAIN;
            *(i == 0 ? &d.lr : i == 1 ? &d.momentum : i == 2 ? &d.weight_decay : i == 3 ? &d.rho : &d.sigma) = bad[j];
            sprintf(where, "%s = %g", field[i], bad[j]);
            test_case = where;
            CHECK(cn_opt_create(&c, 3, 0, &d) == NULL);
            REFUSED(CN_E_ARGUMENT, field[i]);
            test_case = "bad descriptors";
        }
    {
        cn_opt_desc d = CN_ZERO;
        CHECK(cn_opt_create(&c, 3, 0, &d) != NULL && cn_opt_create(&c, 3, 0, NULL) != NULL); /* lr 0: stands still */
        d.lr = 1;
        d.momentum = 1;
        CHECK(cn_opt_create(&c, 3, 0, &d) == NULL);
        REFUSED(CN_E_ARGUMENT, "momentum 1");
        d.momentum = 0;
        d.rule = 3;
        CHECK(cn_opt_create(&c, 3, 0, &d) == NULL);
        REFUSED(CN_E_ARGUMENT, "3 is not a rule");
        d.rule = -1;
        CHECK(cn_opt_create(&c, 3, 0, &d) == NULL);
        REFUSED(CN_E_ARGUMENT, "-1 is not a rule");
        d.rule = CN_RULE_NSO;
        d.sigma = 1;
        d.noise = 5;
        CHECK(cn_opt_create(&c, 3, 0, &d) == NULL);
        REFUSED(CN_E_ARGUMENT, "5 is not a kind of noise");
        d.noise = 0;
        d.k = (size_t)-1;
        CHECK(cn_opt_create(&c, 3, 0, &d) == NULL);
        REFUSED(CN_E_SIZE, "k is");
        d.k = 1;
        CHECK(cn_opt_create(&c, (size_t)-1 / 2, 0, &d) == NULL);
        REFUSED(CN_E_SIZE, "size");
    }
    make(&s, 1);
    CHECK_STATUS(cn_train(s.p, s.theta, &t).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "lr is 0"); /* no schedule ends there: it was forgotten */
    cn_clear(&s.c);
    CHECK_STATUS(cn_train(s.p, s.theta, NULL).status, CN_E_ARGUMENT);
    cn_clear(&s.c);
    t.opt.lr = 0.1;
    CHECK_STATUS(cn_train(s.p, NULL, &t).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "theta");
    cn_clear(&s.c);
    scene_free(&s);
    cn_free_all(&c);
}

/* ---- steps that fail: theta, statistics, velocity and the count of steps are those of the last finished step */

/* The squared error, which from call number `fails` on (0: never) is not finite, `how` 1 in its value, 2 in its
   gradient. */
typedef struct failing {
    int fails, how, calls;
} failing;
static double failing_value(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                            cn_real *gradient) {
    failing *w = *(failing *const *)user;
    int now = ++w->calls >= w->fails && w->fails;
    double loss = 0;
    size_t j;
    (void)label;
    for (j = 0; j < K; j++) {
        double r = (double)f[j] - (double)target[j];
        loss += 0.5 * r * r;
        if (gradient) gradient[j] = (cn_real)r;
    }
    if (now && w->how == 2 && gradient) gradient[0] = (cn_real)infinite();
    return now && w->how == 1 ? not_a_number() : loss;
}
static void failing_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                              const cn_real *u, cn_real *out) {
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    memcpy(out, u, K * sizeof *out);
}

static void failing_scene(scene *s, failing **user) {
    static cn_loss loss;
    cn_problem_desc how = CN_ZERO;
    memset(&loss, 0, sizeof loss);
    loss.name = "failing";
    loss.value = failing_value;
    loss.curvature = failing_curvature;
    loss.user = user;
    how.custom = &loss;
    scene_net(s, "input 3; dense 4; batchnorm; tanh; dense 2");
    scene_random(s, 8, 0, 6);
    scene_point(s, &how, 0);
    s->c.threads = 1;
}

static void failed_steps(int rule, double momentum, int how) {
    enum { N = 8, STEPS = 3 };
    failing w = {0, 0, 0}, *user = &w;
    int asks = rule == CN_RULE_PLAIN ? 1 : rule == CN_RULE_SAM ? 2 : 6, step, fail;
    for (fail = 0; fail < asks; fail++) {
        scene s;
        cn_opt_desc d = CN_ZERO;
        cn_batch b = CN_ZERO;
        cn_opt *straight, *stumbling;
        cn_real *theta, *before, *velocity;
        cn_opt_kept kept;
        uint32_t index[N];
        size_t i;
        failing_scene(&s, &user);
        theta = copy_of(&s, s.size, s.theta);
        for (i = 0; i < N; i++) index[i] = (uint32_t)i;
        b.index = index;
        b.n = N;
        b.train = 1;
        d.lr = 0.1;
        d.rule = rule;
        d.rho = d.sigma = 0.1;
        d.k = 3;
        d.momentum = momentum;
        straight = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
        stumbling = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
        for (step = 0; step < STEPS; step++) {
            w.fails = w.calls = 0;
            CHECK_STATUS(cn_opt_step(straight, s.p, s.theta, &b).status, CN_OK);
            w.fails = w.calls / asks * fail + 5; /* in pass number `fail` */
            before = copy_of(&s, s.size, theta);
            kept = cn_opt_state(stumbling);
            velocity = copy_of(&s, kept.count, kept.values);
            w.calls = 0;
            w.how = how;
            CHECK_STATUS(cn_opt_step(stumbling, s.p, theta, &b).status, CN_E_NUMERIC);
            CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "not finite");
            cn_clear(&s.c);
            CHECK(same_bits(s.size, theta, before));
            kept = cn_opt_state(stumbling); /* between steps again */
            CHECK(kept.status == CN_OK && *kept.step == (uint64_t)step && same_bits(kept.count, kept.values, velocity));
            w.fails = 0; /* the step is made anew, as if nothing had been */
            CHECK_STATUS(cn_opt_step(stumbling, s.p, theta, &b).status, CN_OK);
            CHECK(same_bits(s.size, theta, s.theta));
        }
        scene_free(&s);
    }
}

/* The same in a loop of the caller's, who cannot go on, is told NaN, or gives up after the last gradient. */
static void own_failures(int rule) {
    enum { N = 8 };
    failing w = {0, 0, 0}, *user = &w;
    int asks = rule == CN_RULE_PLAIN ? 1 : rule == CN_RULE_SAM ? 2 : 4, fail, bad;
    cn_real garbage[3];
    garbage[0] = (cn_real)not_a_number();
    garbage[1] = (cn_real)infinite();
    garbage[2] = (cn_real)-infinite();
    for (fail = 0; fail < asks; fail++)
        for (bad = -1; bad < 3; bad++) {
            scene s;
            cn_opt_desc d = CN_ZERO;
            cn_batch b = CN_ZERO;
            cn_opt *straight, *stumbling;
            cn_real *theta, *before, *g;
            const cn_real *at;
            int round, told;
            failing_scene(&s, &user);
            theta = copy_of(&s, s.size, s.theta);
            before = copy_of(&s, s.size, s.theta);
            g = cn_vector(&s.c, s.size);
            b.n = N;
            b.train = 1;
            d.lr = 0.1;
            d.rule = rule;
            d.rho = d.sigma = 0.1;
            d.k = 2;
            d.momentum = 0.9;
            straight = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
            stumbling = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
            for (round = 0; round < 2; round++)
                for (told = 0; (at = cn_opt_ask(stumbling, theta)) != NULL; told++) {
                    CHECK_STATUS(cn_evaluate(s.p, at, &b, g).status, CN_OK);
                    if (round == 0 && told == fail && bad < 0) break; /* the gradient cannot be had */
                    if (round == 0 && told == fail) {
                        g[bad == 1 ? s.size - 1 : (size_t)bad] = garbage[bad];
                        CHECK_STATUS(cn_opt_tell(stumbling, g), CN_E_NUMERIC);
                        CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "is not finite");
                        cn_clear(&s.c);
                        CHECK(same_bits(s.size, theta, before));
                        break;
                    }
                    CHECK_STATUS(cn_opt_tell(stumbling, g), CN_OK);
                    if (told + 1 < asks) CHECK(same_bits(s.size, theta, before));
                } /* where round 0 broke off, round 1 goes on after a reset, or a told NaN by itself */
            if (bad < 0) {
                CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "still waits");
                cn_clear(&s.c);
                cn_opt_reset(stumbling);
                CHECK(same_bits(s.size, theta, before) && *cn_opt_state(stumbling).step == 0);
                CHECK_STATUS(cn_opt_step(stumbling, s.p, theta, &b).status, CN_OK);
            }
            CHECK_STATUS(cn_opt_step(straight, s.p, s.theta, &b).status, CN_OK);
            CHECK(same_bits(s.size, theta, s.theta));
            for (told = 0; told < asks; told++) { /* given up after the last gradient: the step is done */
                CHECK_STATUS(cn_evaluate(s.p, cn_opt_ask(stumbling, theta), &b, g).status, CN_OK);
                CHECK_STATUS(cn_opt_tell(stumbling, g), CN_OK);
            }
            cn_opt_reset(stumbling);
            CHECK(*cn_opt_state(stumbling).step == 2);
            cn_opt_step(straight, s.p, s.theta, &b);
            cn_opt_step(straight, s.p, s.theta, &b);
            cn_opt_step(stumbling, s.p, theta, &b);
            CHECK(same_bits(s.size, theta, s.theta)); /* NSO's third noise */
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    cn_opt_reset(NULL);
}

/* cn_train on a problem whose pass number `fail` fails: theta is what the steps before made. */
static void failed_training(int rule) {
    enum { N = 8 };
    failing w = {0, 0, 0}, *user = &w;
    int asks = rule == CN_RULE_PLAIN ? 1 : rule == CN_RULE_SAM ? 2 : 6, fail;
    for (fail = 0; fail < 3 * asks; fail++) {
        scene s;
        cn_train_desc d = CN_ZERO;
        cn_opt *o;
        cn_real *theta;
        cn_batch b = CN_ZERO;
        int step, pass;
        uint32_t index[N];
        size_t i;
        failing_scene(&s, &user);
        theta = copy_of(&s, s.size, s.theta);
        d.epochs = 3;
        d.batch = N;
        d.opt.lr = 0.1;
        d.opt.rule = rule;
        d.opt.rho = d.opt.sigma = 0.1;
        d.opt.k = 3;
        o = cn_opt_create(&s.c, s.P, s.size - s.P, &d.opt);
        b.index = index;
        b.n = N;
        b.train = 1;
        for (i = 0; i < N; i++) index[i] = (uint32_t)i;
        w.fails = w.calls = 0;
        cn_evaluate(s.p, theta, &b, cn_vector(&s.c, s.size));
        pass = w.calls;
        for (step = 0; step < fail / asks; step++) {
            for (i = 0; i < N; i++) index[i] = (uint32_t)i;
            cn_shuffle(0, cn_stream(CN_FOR_SHUFFLE, (uint64_t)step), N, index);
            cn_opt_step(o, s.p, theta, &b);
        }
        w.calls = 0;
        w.fails = fail * pass + 3;
        w.how = 1;
        CHECK_STATUS(cn_train(s.p, s.theta, &d).status, CN_E_NUMERIC);
        CHECK(same_bits(s.size, s.theta, theta));
        scene_free(&s);
    }
}

/* A cosine ends at 0: the last update moves statistics and velocity, not the parameters. */
static void step_size_zero(int rule) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_batch b = CN_ZERO;
    cn_opt *o;
    cn_real *before;
    failing w = {0, 0, 0}, *user = &w;
    int t;
    failing_scene(&s, &user);
    b.n = 8;
    b.train = 1;
    d.rule = rule;
    d.rho = d.sigma = 0.1;
    d.momentum = 0.9;
    d.weight_decay = 0.01;
    o = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
    for (t = 0; t <= 4; t++) {
        before = copy_of(&s, s.size, s.theta);
        CHECK_STATUS(cn_opt_lr(o, t == 4 ? 0 : 0.05 * (1 + cos(0.78539816339744831 * t))), CN_OK);
        CHECK_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_OK);
        CHECK(same_bits(s.P, s.theta, before) == (t == 4));
        CHECK(!same_bits(s.size - s.P, s.theta + s.P, before + s.P));
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- training */

typedef struct watch {
    int calls, stop;
    double done, total, value;
    int rising;
} watch;
static int watching(void *user, const cn_progress *p) {
    watch *w = (watch *)user;
    w->rising = w->calls == 0 || (w->rising && p->done > w->done);
    w->calls++;
    w->done = p->done;
    w->total = p->total;
    w->value = p->value;
    return w->calls == w->stop;
}

/* The loop a user would write; stops after `most` steps. Returns the batch loss of the last step. */
static double loop(scene *s, cn_real *theta, const cn_train_desc *d, size_t most) {
    cn_opt *o = cn_opt_create(&s->c, s->P, 0, &d->opt);
    size_t epoch, at, i, size = d->batch ? d->batch : 32, done = 0;
    uint32_t index[64];
    cn_batch b = CN_ZERO;
    double loss = 0;
    for (epoch = 0; epoch < (d->epochs ? d->epochs : 1); epoch++) {
        for (i = 0; i < s->n; i++) index[i] = (uint32_t)i;
        cn_shuffle(d->seed, cn_stream(CN_FOR_SHUFFLE, epoch), s->n, index);
        for (at = 0; at < s->n && done < most; at += size, done++) {
            b.index = index + at;
            b.n = s->n - at < size ? s->n - at : size;
            loss = cn_opt_step(o, s->p, theta, &b).loss;
        }
    }
    return loss;
}

static void training(void) {
    scene s;
    cn_train_desc d = CN_ZERO;
    cn_real *theta, *start;
    int rule;
    cn_eval e;
    watch w = {0, 0, 0, 0, 0, 0};
    double last;
    scene_net(&s, "input 3; dense 5; tanh; dense 3");
    scene_random(&s, 50, 1, 6);
    scene_point(&s, NULL, 0);
    start = copy_of(&s, s.P, s.theta);
    theta = copy_of(&s, s.P, s.theta);
    s.c.progress = watching;
    s.c.progress_user = &w;
    for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++) {
        memset(&d, 0, sizeof d);
        memset(&w, 0, sizeof w);
        d.epochs = 3;
        d.batch = 16;
        d.seed = 8; /* batches of 16, 16, 16, 2 */
        d.opt.lr = 0.1;
        d.opt.momentum = 0.9;
        d.opt.weight_decay = 1e-3;
        d.opt.rule = rule;
        d.opt.rho = 0.05;
        d.opt.sigma = 0.02;
        d.opt.k = 2;
        d.opt.seed = 3;
        memcpy(s.theta, start, s.P * sizeof *start);
        memcpy(theta, start, s.P * sizeof *start);
        last = loop(&s, theta, &d, 1000);
        memset(&w, 0, sizeof w);
        e = cn_train(s.p, s.theta, &d);
        CHECK_STATUS(e.status, CN_OK);
        CHECK(same_bits(s.P, s.theta, theta));
        CHECK(e.loss == cn_evaluate(s.p, theta, NULL, NULL).loss && e.n == 50);
        CHECK(w.calls == 12 && w.rising && w.done == 3 && w.total == 3 && w.value == last);
        CHECK(e.loss < cn_evaluate(s.p, start, NULL, NULL).loss);
        /* cancelled after 5 steps: theta is what was reached, the loss is over all data, and nothing blocks */
        memset(&w, 0, sizeof w);
        memcpy(theta, start, s.P * sizeof *start);
        loop(&s, theta, &d, 5);
        memset(&w, 0, sizeof w);
        w.stop = 5;
        memcpy(s.theta, start, s.P * sizeof *start);
        e = cn_train(s.p, s.theta, &d);
        CHECK_STATUS(e.status, CN_CANCELLED);
        CHECK_STATUS(s.c.status, CN_CANCELLED);
        CHECK_SENTENCE(&s.c, CN_CANCELLED, "cancelled");
        CHECK(w.calls == 5 && same_bits(s.P, s.theta, theta));
        w.stop = 0;
        CHECK(e.loss == cn_evaluate(s.p, theta, NULL, NULL).loss && e.n == 50);
        CHECK_STATUS(cn_evaluate(s.p, theta, NULL, NULL).status, CN_OK);
        cn_clear(&s.c);
    }
    s.c.progress = NULL;
    memset(&d, 0, sizeof d); /* defaults: one epoch of batches of 32; a batch larger than the data is the data */
    d.opt.lr = 0.1;
    memcpy(s.theta, start, s.P * sizeof *start);
    memcpy(theta, start, s.P * sizeof *start);
    loop(&s, theta, &d, 1000);
    cn_train(s.p, s.theta, &d);
    CHECK(same_bits(s.P, s.theta, theta));
    d.batch = 1000;
    memcpy(s.theta, start, s.P * sizeof *start);
    memcpy(theta, start, s.P * sizeof *start);
    loop(&s, theta, &d, 1);
    cn_train(s.p, s.theta, &d);
    CHECK(same_bits(s.P, s.theta, theta));
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* lr far too large: CN_E_NUMERIC, and theta is where the loss stopped being finite. */
static void divergence(void) {
    scene s;
    cn_train_desc d = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    cn_eval e;
    int rule;
    size_t i;
    cn_real *start;
    scene_net(&s, "input 3; dense 5; relu; dense 3");
    scene_random(&s, 20, 0, 6);
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    start = copy_of(&s, s.P, s.theta);
    for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++) {
        memcpy(s.theta, start, s.P * sizeof *start);
        d.epochs = 200;
        d.opt.lr = rule == CN_RULE_PLAIN ? 1e3 : TEST_REAL(1e250, 1e35);
        d.opt.rule = rule;
        d.opt.rho = d.opt.sigma = 0.1;
        e = cn_train(s.p, s.theta, &d);
        CHECK_STATUS(e.status, CN_E_NUMERIC);
        CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "not finite");
        cn_clear(&s.c);
        for (i = 0; i < s.P && fabs((double)s.theta[i]) < TEST_REAL(1e308, 1e38); i++) continue;
        CHECK(i == s.P); /* theta itself is finite */
        /* the loss there is what stopped it */
        CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_E_NUMERIC);
        cn_clear(&s.c);
    }
    scene_free(&s);
}

/* A training that is cancelled where the loss is not finite was cancelled. */
static void cancelled_while_diverging(void) {
    scene s;
    cn_train_desc d = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    watch w;
    cn_eval e;
    scene_net(&s, "input 3; dense 5; relu; dense 3");
    scene_random(&s, 20, 0, 6);
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    memset(&w, 0, sizeof w);
    w.stop = 1;
    s.c.progress = watching;
    s.c.progress_user = &w;
    d.epochs = 2;
    d.opt.lr = TEST_REAL(1e250, 1e35);
    e = cn_train(s.p, s.theta, &d);
    CHECK(e.status == CN_CANCELLED && !test_finite(e.loss) && w.calls == 1);
    CHECK_SENTENCE(&s.c, CN_CANCELLED, "training cancelled at ");
    scene_free(&s);
}

/* A dry run of the optimiser's own context, or of the problem's, is one of the step. */
static void dry_contexts(void) {
    scene s;
    cn_ctx own = CN_ZERO;
    cn_opt_desc d = CN_ZERO;
    cn_opt *o;
    cn_real *before;
    int rule, which;
    scene_net(&s, "input 3; dense 2; batchnorm; dense 2");
    scene_random(&s, 8, 1, 6);
    scene_point(&s, NULL, 0);
    before = copy_of(&s, s.P + cn_net_describe(s.net).state, s.theta);
    for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++)
        for (which = 0; which < 2; which++) {
            d.rule = rule;
            d.lr = d.rho = d.sigma = 0.1;
            o = cn_opt_create(&own, s.P, cn_net_describe(s.net).state, &d);
            own.dry = which == 0;
            s.c.dry = which == 1;
            CHECK_STATUS(cn_opt_step(o, s.p, s.theta, NULL).status, CN_DRY);
            CHECK(s.c.status == CN_DRY && strstr(s.c.message, "dry run"));
            CHECK(same_bits(s.P + cn_net_describe(s.net).state, s.theta, before));
            own.dry = s.c.dry = 0;
            cn_clear(&s.c);
            cn_clear(&own);
            CHECK_STATUS(cn_opt_step(o, s.p, s.theta, NULL).status, CN_OK); /* nothing stays of it */
            CHECK(!same_bits(s.P, s.theta, before));
            memcpy(s.theta, before, (s.P + cn_net_describe(s.net).state) * sizeof *before);
            cn_free(&own, o);
        }
    cn_free_all(&own);
    scene_free(&s);
}

/* Steps whose end is no number: refused before theta or the velocity have moved. */
static void steps_too_long(void) {
    const double most = TEST_REAL(1.7e308, 3e38);
    cn_real theta[3], g[3], old[3];
    const cn_real *at;
    int rule, which, status;
    for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++)
        for (which = 0; which < 6; which++) {
            cn_ctx c = CN_ZERO;
            cn_opt_desc d = CN_ZERO;
            cn_opt *o;
            size_t state = which == 4 ? 1 : 0, n = 3 - state;
            d.rule = rule;
            d.lr = which == 0 ? most : which == 5 ? 0 : 0.5;
            d.rho = d.sigma = 0.1;
            d.weight_decay = which == 1 ? most : 0;
            d.momentum = which == 2 ? 0.9 : 0;
            o = cn_opt_create(&c, n, state, &d);
            theta[0] = which == 3 ? (cn_real)most : 3;
            theta[1] = theta[2] = which == 4 ? (cn_real)-most : (cn_real)-4;
            g[0] = g[1] = g[2] = which >= 2 ? (cn_real)most : 7;
            if (which == 3) g[0] = -g[0];
            if (which == 2) /* two such gradients make the velocity too long */
                for (status = CN_OK; status == CN_OK && (at = cn_opt_ask(o, theta)) != NULL;) {
                    g[0] = (cn_real)(0.6 * most);
                    status = cn_opt_tell(o, g);
                }
            memcpy(old, theta, sizeof old);
            for (status = CN_OK; status == CN_OK && (at = cn_opt_ask(o, theta)) != NULL;) status = cn_opt_tell(o, g);
            (void)at;
            if (which == 5) { /* a step size of 0 reaches nothing, but the norm of such gradients is no number */
                CHECK(memcmp(theta, old, sizeof old) == 0);
            } else {
                CHECK_STATUS(status, CN_E_NUMERIC);
                CHECK_SENTENCE(&c, CN_E_NUMERIC, "the step is too long for numbers");
                CHECK(memcmp(theta, old, sizeof old) == 0);
            }
            cn_clear(&c);
            theta[0] = theta[1] = theta[2] = 1;
            g[0] = g[1] = g[2] = (cn_real)1e-3;
            if (which > 1 && which != 2) { /* and the next step can be taken */
                for (status = CN_OK; status == CN_OK && (at = cn_opt_ask(o, theta)) != NULL;)
                    status = cn_opt_tell(o, g);
                CHECK(status == CN_OK && (which == 5 || theta[0] < 1));
            }
            cn_free_all(&c);
        }
}

/* Statistics of a batch that are too large for numbers, where the loss is finite: told, and theta stays. */
static void statistics_too_large(void) {
    scene s;
    cn_opt_desc d = CN_ZERO;
    cn_batch b = CN_ZERO;
    cn_opt *o;
    cn_eval e;
    cn_real *before, *g;
    size_t i, all;
    scene_net(&s, "input 3; batchnorm; dense 2");
    scene_random(&s, 8, 1, 6);
    for (i = 0; i < 24; i++) s.x[i] *= (cn_real)TEST_REAL(1e200, 1e25);
    scene_point(&s, NULL, 0);
    all = s.P + cn_net_describe(s.net).state;
    before = copy_of(&s, all, s.theta);
    g = cn_vector(&s.c, all);
    b.n = 8;
    b.train = 1;
    e = cn_evaluate(s.p, s.theta, &b, g);
    CHECK(e.status == CN_E_NUMERIC && test_finite(e.loss));
    CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "a batch's statistics are not finite");
    d.lr = 0.1;
    o = cn_opt_create(&s.c, s.P, all - s.P, &d);
    CHECK_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_E_NUMERIC);
    CHECK(same_bits(all, s.theta, before));
    scene_free(&s);
}

TEST_MAIN {
    CASE("one step in closed form") linear_regression();
    CASE("plain, momentum, decay") {
        against_formula(CN_RULE_PLAIN, 0, 0, 0, 0, 0, 0);
        against_formula(CN_RULE_PLAIN, 0, 0, 0, 0, 0.9, 0);
        against_formula(CN_RULE_PLAIN, 0, 0, 0, 0, 0, 0.05);
        against_formula(CN_RULE_PLAIN, 0, 0, 0, 0, 0.8, 0.05);
    }
    CASE("SAM") {
        against_formula(CN_RULE_SAM, 0.1, 0, 0, 0, 0, 0);
        against_formula(CN_RULE_SAM, 0.3, 0, 0, 0, 0.9, 0.05);
    }
    CASE("NSO") {
        against_formula(CN_RULE_NSO, 0, 0.1, 0, CN_NOISE_NORMAL, 0, 0);
        against_formula(CN_RULE_NSO, 0, 0.1, 1, CN_NOISE_SIGN, 0.9, 0);
        against_formula(CN_RULE_NSO, 0, 0.2, 3, CN_NOISE_LAPLACE, 0.9, 0.05);
        against_formula(CN_RULE_NSO, 0, 0.1, 2, CN_NOISE_UNIFORM, 0, 0.05);
    }
    CASE("no perturbation is the plain step") {
        same_as_plain(CN_RULE_SAM, 0);
        same_as_plain(CN_RULE_NSO, 1);
        same_as_plain(CN_RULE_NSO, 3);
    }
    CASE("SAM at a minimum") zero_gradient();
    CASE("the caller's own gradient") own_gradient();
    CASE("NSO's expectation") nso_expectation();
    CASE("misuse") misuse();
    CASE("state carried over") {
        carried_over(CN_RULE_PLAIN, 0);
        carried_over(CN_RULE_PLAIN, 0.9);
        carried_over(CN_RULE_SAM, 0.9);
        carried_over(CN_RULE_NSO, 0);
        carried_over(CN_RULE_NSO, 0.9);
    }
    CASE("step size") step_size();
    CASE("bad descriptors") bad_descriptors();
    CASE("steps that fail") {
        int rule, how;
        for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++)
            for (how = 1; how <= 2; how++) {
                failed_steps(rule, 0, how);
                failed_steps(rule, 0.9, how);
            }
        for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++) own_failures(rule);
        for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++) failed_training(rule);
    }
    CASE("a step size of 0") {
        step_size_zero(CN_RULE_PLAIN);
        step_size_zero(CN_RULE_SAM);
        step_size_zero(CN_RULE_NSO);
    }
    CASE("training") training();
    CASE("divergence") divergence();
    CASE("cancelled while diverging") cancelled_while_diverging();
    CASE("dry contexts") dry_contexts();
    CASE("statistics too large") statistics_too_large();
    CASE("steps too long") steps_too_long();
}
