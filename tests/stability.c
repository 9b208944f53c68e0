/* stability.c: comparisons of operators, influence of samples, noise scales, alignment, effective dimension, sharpness
   at a radius. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

/* "input d; dense 1 bias=0" with squared error, so that a gradient is r x and H = X'X/n */
static void linear(scene *s, size_t n, size_t d) {
    cn_problem_desc how = CN_ZERO;
    char text[64];
    sprintf(text, "input %u; dense 1 bias=0", (unsigned)d);
    scene_net(s, text);
    scene_random(s, n, 0, 5);
    how.loss = CN_LOSS_SQUARED;
    scene_point(s, &how, 0);
}
static double residual(const scene *s, size_t i) {
    double r = -(double)s->target[i];
    size_t j;
    for (j = 0; j < s->M; j++) r += (double)s->theta[j] * (double)s->x[i * s->M + j];
    return r;
}

/* One weight: the closed forms, and what leaving a sample out really does at the minimum. */
static void one_weight(void) {
    enum { N = 200 };
    scene s, t;
    cn_influence_desc d = CN_ZERO;
    double out[N], self[N], xx = 0, xy = 0, mean = 0, h, w, w_i, loss, left;
    cn_iter it;
    size_t i, j;
    linear(&s, N, 1);
    for (i = 0; i < N; i++) {
        xx += (double)s.x[i] * (double)s.x[i];
        xy += (double)s.x[i] * (double)s.target[i];
    }
    s.theta[0] = (cn_real)(xy / xx);
    cn_free(&s.c, s.at);
    s.at = cn_point_create(s.p, s.theta, 0);
    h = xx / N;
    it = cn_leave_one_out(s.at, NULL, self);
    CHECK(it.status == CN_OK && it.converged);
    for (i = 0; i < N; i++) {
        double r = residual(&s, i), x = (double)s.x[i];
        CHECK_RELATIVE(self[i], r * r * x * x / h / N, TEST_REAL(1e-12, 1e-4)); /* in float r is a difference */
        mean += self[i] / N;
    }
    CHECK_RELATIVE(mean, cn_tic(s.at, NULL).tic, TEST_REAL(1e-12, 1e-5));
    d.ridge = 0.7;
    CHECK_STATUS(cn_leave_one_out(s.at, &d, out).status, CN_OK);
    for (i = 0; i < N; i += 7) CHECK_RELATIVE(out[i], self[i] * h / (h + 0.7), TEST_REAL(1e-12, 1e-5));
    d.train_n = 2 * N;
    CHECK_STATUS(cn_leave_one_out(s.at, &d, out).status, CN_OK);
    for (i = 0; i < N; i += 7) CHECK_RELATIVE(out[i], self[i] * h / (h + 0.7) / 2, TEST_REAL(1e-12, 1e-5));
    /* the loss of another set rises by this when sample i is left out, up to terms of order h_ii^2 ~ 1e-3 of it */
    linear(&t, 50, 1);
    cn_random(9, 1, 0, CN_NOISE_NORMAL, 1, 50, t.x);
    cn_random(9, 2, 0, CN_NOISE_NORMAL, 1, 50, t.target);
    {
        cn_problem_desc how = CN_ZERO;
        cn_problem *p;
        cn_data data = t.data;
        how.loss = CN_LOSS_SQUARED;
        p = cn_problem_create(&s.c, s.net, &data, &how);
        memset(&d, 0, sizeof d);
        it = cn_influence(s.at, cn_point_create(p, s.theta, 0), &d, out);
    }
    CHECK(it.status == CN_OK && it.converged && it.iterations == 1);
    w = xy / xx;
    for (i = 0; i < N; i++) {
        double x = (double)s.x[i], y = (double)s.target[i];
        w_i = (xy - x * y) / (xx - x * x);
        for (loss = left = 0, j = 0; j < 50; j++) {
            double a = w * (double)t.x[j] - (double)t.target[j], b = w_i * (double)t.x[j] - (double)t.target[j];
            loss += a * a / 100;
            left += b * b / 100;
        }
        /* second order: the curvature there times (w - w_i)^2, and x^2/xx of the whole */
        CHECK_NEAR(out[i], left - loss,
                   2 * (w - w_i) * (w - w_i) + 1.1 * x * x / xx * fabs(out[i]) + TEST_REAL(1e-14, 1e-6));
    }
    scene_free(&s);
    scene_free(&t);
}

/* Beyond 5000 parameters, samples of one coordinate each: H is diagonal. */
static void many_weights(void) {
    enum { N = 3, D = 5001 };
    scene s;
    cn_influence_desc d = CN_ZERO;
    double out[N];
    cn_iter it;
    size_t i;
    linear(&s, N, D);
    memset(s.x, 0, N * D * sizeof *s.x);
    for (i = 0; i < N; i++) s.x[i * D + 7 * i] = (cn_real)(1 + (double)i);
    cn_free(&s.c, s.at);
    s.at = cn_point_create(s.p, s.theta, 0);
    d.ridge = 0.25;
    it = cn_leave_one_out(s.at, &d, out);
    CHECK(it.status == CN_OK && it.converged && it.iterations >= N && it.residual < TEST_REAL(1e-9, 1e-4));
    for (i = 0; i < N; i++) {
        double c = 1 + (double)i, r = residual(&s, i);
        CHECK_RELATIVE(out[i], r * r * c * c / (c * c / N + 0.25) / N, TEST_REAL(1e-9, 1e-4)); /* CG's tolerance */
    }
    d.ridge = 0;
    CHECK_STATUS(cn_leave_one_out(s.at, &d, out).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "of 5001 parameters it takes conjugate gradients, which want a ridge above 0");
    scene_free(&s);
}

/* Every kind against dense matrices on a network: leave-one-out by its definition, and its mean as TIC. */
static void networks(void) {
    static const int kinds[] = {CN_OP_HESSIAN, CN_OP_GAUSS_NEWTON, CN_OP_FISHER};
    scene s;
    size_t k, i, j, a, P;
    double out[40], mean, *value;
    cn_tic_desc t = CN_ZERO;
    cn_influence_desc d = CN_ZERO;
    scene_net(&s, "input 4; dense 5; tanh; dense 3");
    scene_random(&s, 40, 1, 8);
    scene_point(&s, NULL, 0);
    P = s.P;
    value = (double *)malloc(P * sizeof *value);
    for (k = 0; k < 3; k++) {
        cn_real *m = scene_matrix(&s, kinds[k], block_all(), &a), *v = cn_vector(&s.c, P * P),
                *g = cn_vector(&s.c, s.n * P);
        CHECK_STATUS(cn_gradients(s.at, block_all(), g), CN_OK);
        CHECK_STATUS(cn_eigen(&s.c, P, m, 0, 0, value, v, NULL), CN_OK);
        memset(&d, 0, sizeof d);
        d.kind = kinds[k];
        d.cut = 0.02;
        CHECK_STATUS(cn_leave_one_out(s.at, &d, out).status, CN_OK);
        for (mean = 0, i = 0; i < s.n; i++) {
            double sum = 0, dot;
            for (j = 0; j < P && value[j] > 0.02 * value[0]; j++) {
                for (dot = 0, a = 0; a < P; a++) dot += (double)v[j * P + a] * (double)g[i * P + a];
                sum += dot * dot / value[j];
            }
            CHECK_RELATIVE(out[i], sum / (double)s.n, TEST_REAL(1e-9, 1e-3)); /* rounding over the cut */
            mean += out[i] / (double)s.n;
        }
        t.cut = 0.02;
        if (kinds[k] != CN_OP_GAUSS_NEWTON)
            CHECK_RELATIVE(mean, (kinds[k] == CN_OP_HESSIAN ? cn_tic(s.at, &t) : cn_tic_fisher(s.at, &t)).tic,
                           TEST_REAL(1e-9, 1e-3));
    }
    d.kind = CN_OP_HESSIAN; /* indefinite */
    d.ridge = 1e-9;
    CHECK_STATUS(cn_leave_one_out(s.at, &d, out).status, CN_E_NUMERIC);
    CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "its smallest eigenvalue is");
    cn_clear(&s.c);
    d.kind = CN_OP_NTK;
    CHECK_STATUS(cn_influence(s.at, NULL, &d, out).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "the kind must be H, G or F");
    cn_clear(&s.c);
    d.kind = CN_OP_FISHER;
    d.ridge = -1;
    CHECK_STATUS(cn_influence(s.at, NULL, &d, out).status, CN_E_ARGUMENT);
    cn_clear(&s.c);
    d.ridge = 0.1;
    CHECK_STATUS(cn_influence(s.at, NULL, &d, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "out is missing");
    free(value);
    scene_free(&s);
}

static size_t products;
static int counted(void *user, size_t k, const cn_real *x, cn_real *y) {
    products += k;
    return cn_op_apply((cn_op *)user, k, x, y);
}

/* Three operators at once: the numbers of the pairs, each product done once. */
static void compared(void) {
    static const int kinds[3] = {CN_OP_HESSIAN, CN_OP_FISHER, CN_OP_SECOND_MOMENT};
    scene s;
    cn_op *op[3], *slow[3], *many[65];
    cn_est trace[3], rank[3], r[9], sim[9], frob2[9], commutator[9], e, exact;
    cn_comparison all = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_similarity_result pair;
    size_t a, b;
    int method;
    scene_net(&s, "input 4; dense 5; tanh; dense 3");
    scene_random(&s, 30, 1, 4);
    scene_point(&s, NULL, 0);
    for (a = 0; a < 3; a++) op[a] = cn_op_of(s.at, kinds[a], block_all());
    all.trace = trace;
    all.rank = rank;
    all.r = r;
    all.s = sim;
    all.frob2 = frob2;
    all.commutator = commutator;
    for (method = CN_METHOD_EXACT; method <= CN_METHOD_HUTCHINSON; method++) {
        d.method = method;
        d.probes = 50;
        for (a = 0; a < 3; a++) slow[a] = method == CN_METHOD_EXACT ? op[a] : cn_op_user(&s.c, s.P, counted, op[a]);
        products = 0;
        CHECK_STATUS(cn_compare(3, slow, &d, &all), CN_OK);
        if (method == CN_METHOD_HUTCHINSON) CHECK(products == 50 * (3 + 2 * 3));
        for (a = 0; a < 3; a++) {
            double square = cn_inner(op[a], op[a], &d).value;
            e = cn_trace(op[a], &d);
            CHECK_RELATIVE(trace[a].value, e.value, TEST_REAL(1e-12, 1e-5));
            CHECK(trace[a].probes == (method == CN_METHOD_EXACT ? 0 : 50));
            CHECK_RELATIVE(rank[a].value, trace[a].value * trace[a].value / square, TEST_REAL(1e-11, 1e-4));
            /* the jackknife's error of a mean is the standard error */
            CHECK_NEAR(trace[a].error, e.exact ? 0 : e.error, TEST_REAL(1e-11, 1e-4) * fabs(e.value));
            for (b = a + 1; b < 3; b++) {
                size_t i = a * 3 + b;
                pair = cn_similarity(op[a], op[b], &d);
                CHECK(r[i].value == pair.r.value && sim[i].value == pair.s.value && frob2[i].value == pair.frob2.value);
                CHECK_NEAR(r[i].error, pair.r.error, 1e-9 * r[i].value); /* sums that a compiler may fuse elsewhere */
                CHECK_NEAR(sim[i].error, pair.s.error, 1e-9);
                CHECK(commutator[i].value == cn_commutator(op[a], op[b], &d).value);
                CHECK(sim[i].exact == (method == CN_METHOD_EXACT) && sim[i].value > 0 && sim[i].value < 1);
            }
        }
        /* an effective rank within 4 errors of the exact one, by probes */
        if (method == CN_METHOD_HUTCHINSON) {
            d.method = CN_METHOD_EXACT;
            memset(&all, 0, sizeof all);
            all.rank = &exact;
            CHECK_STATUS(cn_compare(1, op + 1, &d, &all), CN_OK);
            CHECK_NEAR(rank[1].value, exact.value, 4 * rank[1].error);
            CHECK(exact.value >= 1 && exact.value <= (double)s.P);
        }
    }
    d.method = CN_METHOD_HUTCHINSON; /* rel_error is asked of what is wanted: the rank of F */
    d.probes = 100000;
    d.rel_error = 0.05;
    CHECK_STATUS(cn_compare(1, op + 1, &d, &all), CN_OK);
    CHECK(all.rank->error <= 0.05 * all.rank->value && all.rank->probes >= 16 && all.rank->probes < 5000);
    CHECK_STATUS(cn_compare(0, op, &d, &all), CN_E_ARGUMENT);
    CHECK_STATUS(cn_compare(2, NULL, &d, &all), CN_E_ARGUMENT);
    CHECK_STATUS(cn_compare(2, op, &d, NULL), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "out is missing");
    cn_clear(&s.c);
    for (a = 0; a < 65; a++) many[a] = op[0];
    CHECK_STATUS(cn_compare(65, many, &d, &all), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "at most 64 operators, not 65");
    scene_free(&s);
}

static double bilinear(size_t P, const cn_real *m, const cn_real *x, const cn_real *y) {
    double sum = 0;
    size_t i, j;
    for (i = 0; i < P; i++)
        for (j = 0; j < P; j++) sum += (double)x[i] * (double)m[i * P + j] * (double)y[j];
    return sum;
}

/* Noise scales, alignment and the gradient's share from dense matrices. */
static void scales(void) {
    scene s;
    size_t P, i, j, a;
    cn_real *h, *sm, *c, *g, *v;
    double trace = 0, hs = 0, hc = 0, hh = 0, norm2 = 0, bent, share = 0, *value;
    cn_noise_scale_result r;
    cn_est e;
    cn_probe_desc d = CN_ZERO;
    cn_eval loss;
    scene_net(&s, "input 4; dense 5; tanh; dense 3");
    scene_random(&s, 30, 1, 4);
    scene_point(&s, NULL, 0);
    h = scene_matrix(&s, CN_OP_HESSIAN, block_all(), &P);
    sm = scene_matrix(&s, CN_OP_COVARIANCE, block_all(), &P);
    c = scene_matrix(&s, CN_OP_SECOND_MOMENT, block_all(), &P);
    g = cn_vector(&s.c, P);
    CHECK_STATUS(cn_gradient(s.at, block_all(), g), CN_OK);
    for (i = 0; i < P; i++) {
        trace += (double)sm[i * P + i];
        norm2 += (double)g[i] * (double)g[i];
        for (j = 0; j < P; j++) {
            hs += (double)h[i * P + j] * (double)sm[j * P + i];
            hc += (double)h[i * P + j] * (double)c[j * P + i];
            hh += (double)h[i * P + j] * (double)h[i * P + j];
        }
    }
    bent = bilinear(P, h, g, g);
    CHECK(bent > 0);
    r = cn_noise_scale(s.at, block_all(), NULL);
    CHECK(r.status == CN_OK && r.simple.exact && r.curved.exact);
    CHECK_RELATIVE(r.simple.value, trace / norm2, TEST_REAL(1e-10, 1e-4));
    CHECK_RELATIVE(r.curved.value, hs / bent, TEST_REAL(1e-10, 1e-3));
    CHECK_RELATIVE(r.signal, norm2 / trace, TEST_REAL(1e-10, 1e-4));
    d.method = CN_METHOD_HUTCHINSON;
    d.probes = 400;
    r = cn_noise_scale(s.at, block_all(), &d);
    CHECK(r.status == CN_OK && r.curved.error > 0 && r.curved.probes == 400);
    CHECK_NEAR(r.curved.value, hs / bent, 4 * r.curved.error);
    CHECK_NEAR(r.simple.value, trace / norm2, 4 * r.simple.error);
    loss = cn_evaluate(s.p, s.theta, NULL, NULL);
    e = cn_alignment(s.at, block_all(), NULL);
    CHECK(e.status == CN_OK && e.exact && e.error == 0);
    CHECK_RELATIVE(e.value, hc / (2 * loss.loss * hh), TEST_REAL(1e-10, 1e-3));
    e = cn_alignment(s.at, block_all(), &d);
    CHECK_NEAR(e.value, hc / (2 * loss.loss * hh), 4 * e.error);
    { /* the error of a quotient of two estimates: relative errors add as squares */
        cn_op *op_h = cn_op_of(s.at, CN_OP_HESSIAN, block_all()),
              *op_c = cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_all());
        cn_est above = cn_inner(op_h, op_c, &d), below = cn_inner(op_h, op_h, &d);
        CHECK_RELATIVE(e.error, e.value * hypot(above.error / above.value, below.error / below.value),
                       TEST_REAL(1e-9, 1e-3));
    }
    /* share of the gradient */
    value = (double *)malloc(P * sizeof *value);
    v = cn_vector(&s.c, P * P);
    CHECK_STATUS(cn_eigen(&s.c, P, h, 0, 0, value, v, NULL), CN_OK);
    for (i = 0; i < 3; i++) {
        double dot = 0;
        for (a = 0; a < P; a++) dot += (double)g[a] * (double)v[i * P + a];
        share += dot * dot / norm2;
    }
    e = cn_gradient_share(s.at, block_all(), 3);
    CHECK(e.status == CN_OK);
    CHECK_NEAR(e.value, share, TEST_REAL(1e-7, 1e-2)); /* eigenvectors to 1e-8 over gaps of 0.1 or so */
    e = cn_gradient_share(s.at, block_all(), P);
    CHECK_NEAR(e.value, 1, 1e2 * TEST_EPS);
    CHECK_STATUS(cn_gradient_share(s.at, block_all(), 0).status, CN_E_ARGUMENT);
    cn_clear(&s.c);
    free(value);
    /* inputs and targets of 0: so are loss, gradient and Hessian */
    scene_free(&s);
    linear(&s, 6, 2);
    for (i = 0; i < 12; i++) s.x[i] = 0;
    for (i = 0; i < 6; i++) s.target[i] = 0;
    cn_free(&s.c, s.at);
    s.at = cn_point_create(s.p, s.theta, 0);
    CHECK_STATUS(cn_noise_scale(s.at, block_all(), NULL).status, CN_E_UNSUITED);
    CHECK_SENTENCE(&s.c, CN_E_UNSUITED, "the mean gradient is 0");
    CHECK_STATUS(cn_gradient_share(s.at, block_all(), 1).status, CN_E_UNSUITED);
    CHECK_STATUS(cn_alignment(s.at, block_all(), NULL).status, CN_E_UNSUITED);
    scene_free(&s);
}

static void dimension(void) {
    static const double lambda[5] = {4, 2, 1, 0.5, -0.1};
    cn_ctx c = CN_ZERO;
    cn_real d[5];
    double sum = 0;
    cn_est e;
    size_t i;
    for (i = 0; i < 5; i++) {
        d[i] = (cn_real)lambda[i];
        sum += lambda[i] / (lambda[i] + 0.3);
    }
    e = cn_effective_dimension(cn_op_diagonal(&c, 5, d), 0.3, NULL);
    CHECK(e.status == CN_OK && e.exact);
    CHECK_RELATIVE(e.value, sum, 20 * TEST_EPS);
    CHECK_STATUS(cn_effective_dimension(cn_op_diagonal(&c, 5, d), 0.05, NULL).status, CN_E_NUMERIC);
    cn_clear(&c);
    CHECK_STATUS(cn_effective_dimension(cn_op_diagonal(&c, 5, d), 0, NULL).status, CN_E_ARGUMENT);
    cn_free_all(&c);
}

/* One sample of a linear network: the maximum is (|r| + rho ||T x||)^2/2 - r^2/2, and one step of ascent finds it. */
static void worst(void) {
    scene s;
    cn_worst_desc d = CN_ZERO;
    cn_est e;
    double r, xx = 0, tx = 0;
    size_t i;
    linear(&s, 1, 6);
    r = fabs(residual(&s, 0));
    for (i = 0; i < 6; i++) {
        double x = (double)s.x[i], t = fabs((double)s.theta[i]) + 0.01;
        xx += x * x;
        tx += x * x * t * t;
    }
    CHECK(cn_worst_sharpness(s.at, NULL).value == 0);
    d.rho = 0.3;
    d.steps = 1;
    e = cn_worst_sharpness(s.at, &d);
    CHECK(e.status == CN_OK && e.probes == 1);
    CHECK_RELATIVE(e.value, (r + 0.3 * sqrt(xx)) * (r + 0.3 * sqrt(xx)) / 2 - r * r / 2, TEST_REAL(1e-12, 1e-4));
    d.adaptive = 1;
    d.steps = 3;
    e = cn_worst_sharpness(s.at, &d);
    CHECK_RELATIVE(e.value, (r + 0.3 * sqrt(tx)) * (r + 0.3 * sqrt(tx)) / 2 - r * r / 2, TEST_REAL(1e-12, 1e-4));
    d.rho = -1;
    CHECK_STATUS(cn_worst_sharpness(s.at, &d).status, CN_E_ARGUMENT);
    scene_free(&s);
    /* a network: never below what one step finds; a block alone moves */
    scene_net(&s, "input 4; dense 5; tanh; dense 3");
    scene_random(&s, 30, 1, 4);
    scene_point(&s, NULL, 0);
    memset(&d, 0, sizeof d);
    d.rho = 0.5;
    d.steps = 1;
    r = cn_worst_sharpness(s.at, &d).value;
    d.steps = 20;
    xx = cn_worst_sharpness(s.at, &d).value;
    CHECK(r > 0 && xx >= r);
    d.block = block_of(0, 25);
    tx = cn_worst_sharpness(s.at, &d).value;
    CHECK(tx > 0 && tx < xx);
    scene_free(&s);
}

TEST_MAIN {
    CASE("three operators") compared();
    CASE("one weight") one_weight();
    CASE("many weights") many_weights();
    CASE("leave one out on networks") networks();
    CASE("scales") scales();
    CASE("effective dimension") dimension();
    CASE("worst sharpness") worst();
}
