/* loss.c: value, gradient, curvature and factor of the built-in losses and of a caller's own.
   The net is `input 1; dense K` at x = 0 and W = 0: its outputs are the bias, so over "0.bias" the gradient is dl/df, H
   and G are Lambda, C is r r', and the trace of G is the squared norm of the factor's rows. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

enum { K = 4 };

/* One sample with outputs f; target NULL: the label. */
static void at_outputs(scene *s, const double *f, const double *target, int32_t label, const cn_problem_desc *how) {
    size_t a;
    scene_net(s, "input 1; dense 4");
    s->n = 1;
    s->x = cn_vector(&s->c, 1);
    for (a = 0; a < K; a++) s->theta[K + a] = (cn_real)f[a];
    if (target)
        s->target = scene_reals(s, K, target);
    else {
        s->label = scene_labels(s, 1);
        s->label[0] = label;
    }
    scene_view(s);
    scene_point(s, how, 0);
}

static double value_at(const double *f, const double *target, int32_t label, const cn_problem_desc *how) {
    scene s;
    double loss;
    at_outputs(&s, f, target, label, how);
    loss = cn_evaluate(s.p, s.theta, NULL, NULL).loss;
    scene_free(&s);
    return loss;
}

/* dl/df and Lambda at f */
static void slopes_at(const double *f, const double *target, int32_t label, const cn_problem_desc *how,
                      cn_real *gradient, cn_real *lambda) {
    scene s;
    cn_block bias;
    cn_real *g, *h;
    size_t a;
    at_outputs(&s, f, target, label, how);
    bias = cn_net_block(&s.c, s.net, "0.bias");
    g = cn_vector(&s.c, s.P);
    cn_evaluate(s.p, s.theta, NULL, g);
    memcpy(gradient, g + K, K * sizeof *g);
    h = scene_matrix(&s, CN_OP_HESSIAN, bias, NULL); /* linear in theta: H = G = Lambda */
    memcpy(lambda, h, K * K * sizeof *h);
    h = scene_matrix(&s, CN_OP_GAUSS_NEWTON, bias, NULL);
    CHECK(same_bits(K * K, h, lambda));
    h = scene_matrix(&s, CN_OP_SECOND_MOMENT, bias, NULL);
    for (a = 0; a < K * K; a++)
        CHECK_NEAR(h[a], (double)gradient[a / K] * (double)gradient[a % K],
                   4 * TEST_EPS * most_of(K, gradient) * most_of(K, gradient));
    /* rows'rows = Lambda */
    CHECK_NEAR(cn_trace(cn_op_of(s.at, CN_OP_GAUSS_NEWTON, bias), NULL).value, trace_of(lambda, K),
               10 * TEST_EPS * (trace_of(lambda, K) + TEST_EPS));
    CHECK_NEAR(cn_trace(cn_op_of(s.at, CN_OP_SECOND_MOMENT, bias), NULL).value, dot_of(K, gradient, gradient),
               10 * TEST_EPS * dot_of(K, gradient, gradient));
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* Central differences of value and gradient, step 1e-5: truncation 1e-10/6 times derivatives of order one, rounding
   2e-16/1e-5 = 2e-11. */
static void differences(const double *f, const double *target, int32_t label, const cn_problem_desc *how) {
    cn_real g[K], up[K], down[K], lambda[K * K], none[K * K];
    double moved[K], h = 1e-5;
    size_t a, b;
    slopes_at(f, target, label, how, g, lambda);
    if (sizeof(cn_real) == 4) return; /* floats: closed forms below */
    for (a = 0; a < K; a++) {
        memcpy(moved, f, sizeof moved);
        moved[a] = f[a] + h;
        slopes_at(moved, target, label, how, up, none);
        {
            double high = value_at(moved, target, label, how), low;
            moved[a] = f[a] - h;
            low = value_at(moved, target, label, how);
            CHECK_NEAR(g[a], (high - low) / (2 * h), 1e-9 * fmax(1, fabs(f[a])));
        }
        slopes_at(moved, target, label, how, down, none);
        for (b = 0; b < K; b++)
            CHECK_NEAR(lambda[a * K + b], ((double)up[b] - (double)down[b]) / (2 * h), 1e-9 * fmax(1, fabs(f[a])));
    }
}

static void cross_entropy(const double *f, const double *target, int32_t label, double smoothing) {
    cn_problem_desc how = CN_ZERO;
    cn_real g[K], lambda[K * K];
    double p[K], y[K], sum = 0, loss = 0, tolerance = 20 * TEST_EPS;
    size_t a, b;
    how.label_smoothing = smoothing;
    for (a = 0; a < K; a++) sum += exp(f[a]);
    for (a = 0; a < K; a++) {
        p[a] = exp(f[a]) / sum;
        y[a] = target ? target[a] : (1 - smoothing) * ((int32_t)a == label) + smoothing / K;
        loss -= y[a] * (f[a] - log(sum)); /* -sum y log softmax(f) */
    }
    /* f, y and p carry an eps each; loss of order one */
    CHECK_NEAR(value_at(f, target, label, &how), loss, tolerance * fmax(1, loss));
    slopes_at(f, target, label, &how, g, lambda);
    for (a = 0; a < K; a++) {
        CHECK_NEAR(g[a], p[a] - y[a], tolerance);
        for (b = 0; b < K; b++) CHECK_NEAR(lambda[a * K + b], (a == b ? p[a] : 0) - p[a] * p[b], tolerance);
    }
    differences(f, target, label, &how);
}

static void squared(const double *f, const double *target) {
    cn_problem_desc how = CN_ZERO;
    cn_real g[K], lambda[K * K];
    double loss = 0;
    size_t a, b;
    how.loss = CN_LOSS_SQUARED;
    for (a = 0; a < K; a++) loss += 0.5 * (f[a] - target[a]) * (f[a] - target[a]); /* half, summed over outputs */
    CHECK_NEAR(value_at(f, target, 0, &how), loss, 20 * TEST_EPS * fmax(1, loss));
    slopes_at(f, target, 0, &how, g, lambda);
    for (a = 0; a < K; a++) {
        CHECK_NEAR(g[a], f[a] - target[a], 4 * TEST_EPS * fmax(1, fabs(f[a]) + fabs(target[a])));
        for (b = 0; b < K; b++) CHECK(lambda[a * K + b] == (a == b));
    }
    differences(f, target, 0, &how);
}

static void extreme(void) {
    static const double f[2][K] = {{1e4, -1e4, 0, 9999}, {-1e4, -1e4, -1e4, -1e4}};
    cn_problem_desc how = CN_ZERO;
    cn_real g[K], lambda[K * K];
    int32_t label;
    size_t i, a;
    for (i = 0; i < 2; i++)
        for (label = 0; label < K; label++)
            for (how.label_smoothing = 0; how.label_smoothing < 0.3; how.label_smoothing += 0.2) {
                double loss = value_at(f[i], NULL, label, &how), e = how.label_smoothing,
                       most = i ? -1e4 + log(4.0) : 1e4 + log(1 + exp(-1.0)), wanted = 0;
                for (a = 0; a < K; a++) wanted += ((1 - e) * ((int32_t)a == label) + e / K) * (most - f[i][a]);
                /* differences of numbers of 1e4 in double; smoothed targets are four reals */
                CHECK_NEAR(loss, wanted, 1e-12 * 2e4 + 4 * TEST_EPS * e * 2e4);
                slopes_at(f[i], NULL, label, &how, g, lambda);
                /* p(1-p) <= 1/4; a NaN fails */
                for (a = 0; a < K * K; a++) CHECK(fabs((double)lambda[a]) <= 0.25 + TEST_EPS);
                for (a = 0; a < K; a++) CHECK(fabs((double)g[a]) <= 1);
            }
}

/* ---- losses of the caller */

static void own(void) {
    static const double f[K] = {0.3, -1.2, 2, 0.1}, y[K] = {0, 0.5, -0.25, 3};
    cn_problem_desc how = CN_ZERO;
    cn_real g[K], lambda[K * K];
    double loss;
    size_t a, l;
    for (l = 0; l < 3; l++) {
        scene s;
        cn_est e;
        cn_op *op;
        cn_real *h;
        test_case = own_losses[l].name;
        how.custom = own_losses + l;
        differences(f, y, 0, &how);
        loss = 0;
        for (a = 0; a < K; a++) loss += l < 2 ? log(cosh(f[a] - y[a])) : 0.5 * log(1 + (f[a] - y[a]) * (f[a] - y[a]));
        CHECK_NEAR(value_at(f, y, 0, &how), loss, 20 * TEST_EPS * fmax(1, loss));
        slopes_at(f, NULL, 2, &how, g, lambda); /* class labels come as one-hot targets */
        for (a = 0; a < K; a++) {
            double r = f[a] - (a == 2);
            CHECK_NEAR(g[a], l < 2 ? tanh(r) : r / (1 + r * r), 10 * TEST_EPS);
        }
        /* a real net: tr G by a sweep without a factor, by rows with one */
        scene_net(&s, "input 2; dense 5; leaky 0.2; dense 3");
        scene_random(&s, 12, 0, 31);
        scene_point(&s, &how, 0);
        h = scene_matrix(&s, CN_OP_GAUSS_NEWTON, block_all(), NULL);
        op = cn_op_of(s.at, CN_OP_GAUSS_NEWTON, block_all());
        e = cn_trace(op, NULL);
        CHECK(e.exact && e.status == CN_OK && e.error == 0);
        /* two orders of a few hundred additions, with both signs for cauchy */
        CHECK_NEAR(e.value, trace_of(h, s.P), 1000 * TEST_EPS * fabs(e.value));
        /* a factor makes it positive by construction; cauchy's Lambda is not */
        CHECK(cn_op_describe(op).positive == (l < 2) || l == 0);
        /* piecewise linear: tr H = tr G whatever the loss */
        e = cn_trace(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), NULL);
        CHECK_NEAR(e.value, trace_of(h, s.P), 1000 * TEST_EPS * fabs(e.value));
        CHECK(cn_op_of(s.at, CN_OP_FISHER, block_all()) == NULL); /* not canonical: no Fisher is known */
        CHECK_SENTENCE(&s.c, CN_E_UNSUITED, own_losses[l].name);
        scene_free(&s);
    }
    { /* cauchy far from its targets: Lambda, hence G, is negative */
        scene s;
        cn_real v[K] = {1, 1, 1, 1};
        double q;
        static const double far_off[K] = {5, -5, 6, 7};
        how.custom = own_losses + 2;
        at_outputs(&s, far_off, y, 0, &how);
        CHECK_STATUS(cn_op_quadratic(cn_op_of(s.at, CN_OP_GAUSS_NEWTON, cn_net_block(&s.c, s.net, "0.bias")), 1, v, &q),
                     CN_OK);
        CHECK(q < 0);
        scene_free(&s);
    }
    { /* `user` reaches the row; canonical and classes are taken from it */
        cn_loss mine = own_losses[1];
        scene s;
        cn_data d;
        mine.canonical = 1;
        mine.classes = 1;
        how.custom = &mine;
        scene_net(&s, "input 2; dense 3");
        scene_random(&s, 5, 0, 3);
        d = s.data;
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) == NULL); /* classes: normal targets are no probabilities */
        CHECK_SENTENCE(&s.c, CN_E_DATA, "probabilit");
        cn_clear(&s.c);
        mine.classes = 0;
        scene_point(&s, &how, 0);
        CHECK(cn_op_of(s.at, CN_OP_FISHER, block_all()) != NULL);
        scene_free(&s);
    }
}

/* ---- targets that are no probabilities */

static void probabilities(void) {
    static const double good[K] = {0.25, 0.5, 0.25, 0}, f[K] = {0.1, 0.2, 0.3, 0.4};
    double bad[5][K] = {{0.5, 0.5, 0.5, -0.5}, {0.5, 0.4, 0, 0}, {0.5, 0.6, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}};
    cn_problem_desc how = CN_ZERO;
    size_t i;
    uint64_t nan_bits = (uint64_t)0x7FF8 << 48;
    static const char *const words[] = {"y[0][3] is -0.5", "add up to 0.9", "add up to 1.1", "add up to 0",
                                        "y[0][1] is NaN"};
    memcpy(&bad[4][1], &nan_bits, 8);
    CHECK(value_at(f, good, 0, &how) > 0);
    for (i = 0; i < 5; i++) {
        scene s;
        cn_data d = CN_ZERO;
        cn_real x[1] = {0};
        scene_net(&s, "input 1; dense 4");
        d.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 1, 1, 0, 0);
        d.y = cn_tensor_of(bad[i], CN_TYPE_F64, 2, 1, K, 0, 0);
        how.loss = CN_LOSS_CROSS_ENTROPY;
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) == NULL);
        CHECK_SENTENCE(&s.c, CN_E_DATA, words[i]);
        cn_clear(&s.c);
        how.loss = CN_LOSS_SQUARED; /* fine for the squared error, but for NaN */
        CHECK((cn_problem_create(&s.c, s.net, &d, &how) != NULL) == (i < 4));
        cn_clear(&s.c);
        how.loss = CN_LOSS_CROSS_ENTROPY;
        how.label_smoothing = 0.1; /* smoothing is for labels */
        d.y = cn_tensor_of(good, CN_TYPE_F64, 2, 1, K, 0, 0);
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) == NULL);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "label_smoothing");
        how.label_smoothing = 0;
        scene_free(&s);
    }
}

/* ---- integers that are numbers: as many a sample as outputs, but for one class index; ranges of targets */

static void integers(void) {
    static const uint8_t counts[6] = {0, 1, 5, 2, 0, 7};
    cn_problem_desc how = CN_ZERO;
    cn_loss mine = own_losses[0];
    cn_real f[6], x[3] = {0, 0, 0};
    size_t i, k;
    for (k = 1; k < 3; k++) {
        scene s;
        cn_data d = CN_ZERO;
        double wanted = 0;
        scene_net(&s, k == 1 ? "input 1; dense 1" : "input 1; dense 2");
        for (i = 0; i < k; i++) s.theta[k + i] = f[i] = (cn_real)(0.5 - (double)i);
        d.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 3, 1, 0, 0);
        d.y = cn_tensor_of(counts, CN_TYPE_U8, (int)k, 3, k, 0, 0);
        how.loss = CN_LOSS_SQUARED;
        s.p = cn_problem_create(&s.c, s.net, &d, &how);
        CHECK(cn_problem_describe(s.p).targets && !cn_problem_describe(s.p).labels);
        for (i = 0; i < 3 * k; i++) wanted += 0.5 * ((double)f[i % k] - counts[i]) * ((double)f[i % k] - counts[i]) / 3;
        CHECK_RELATIVE(cn_evaluate(s.p, s.theta, NULL, NULL).loss, wanted, 10 * TEST_EPS);
        how.label_smoothing = 0.1;
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) == NULL);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "y are targets");
        cn_clear(&s.c);
        how.label_smoothing = 0;
        mine.least = 0;
        mine.most = 7;
        how.custom = &mine;
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) != NULL);
        mine.most = 1.5;
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) == NULL);
        CHECK_SENTENCE(&s.c, CN_E_DATA, k == 1 ? "y[2][0] is 5" : "y[1][0] is 5");
        CHECK(strstr(s.c.message, "are from 0 to 1.5") != NULL);
        cn_clear(&s.c);
        how.custom = NULL;
        how.loss = CN_LOSS_CROSS_ENTROPY; /* of one class, index 0; of two, shares that do not add up to 1 */
        CHECK(cn_problem_create(&s.c, s.net, &d, &how) == NULL);
        CHECK_SENTENCE(&s.c, CN_E_DATA, k == 1 ? "label 1 of sample 1" : "add up to 7");
        scene_free(&s);
    }
}

/* ---- a probability near 1: what is left of it, and so every derivative, keeps its digits */

static void near_certain(size_t sure, double left) {
    /* Exponentials of what a cn_real holds are the probabilities of the others, up to their sum. Closed forms in
    double;
       a dozen roundings of cn_real against them. */
    double f[K], y[K] = {0, 0, 0, 0}, p[K], rest = 0, q, trace = 0, want, tolerance = 12 * TEST_EPS;
    cn_problem_desc how = CN_ZERO;
    cn_real g[K], lambda[K * K], v[K] = {0, 0, 0, 0}, jv[K], *h;
    scene s;
    cn_block bias;
    size_t a, b, c;
    for (a = 0; a < K; a++) {
        f[a] = a == sure ? 0 : (double)(cn_real)(log(left / 3) + 0.1 * (double)a);
        rest += p[a] = a == sure ? 0 : exp(f[a]);
    }
    for (a = 0; a < K; a++) p[a] = (a == sure ? 1 : p[a]) / (1 + rest);
    q = rest / (1 + rest);
    CHECK_RELATIVE(value_at(f, NULL, (int32_t)sure, &how), log1p(rest), tolerance);
    slopes_at(f, NULL, (int32_t)sure, &how, g, lambda); /* Lambda by columns; G's trace by its factor; C = gg' */
    for (a = 0; a < K; a++) {
        CHECK_RELATIVE(g[a], a == sure ? -q : p[a], tolerance);
        for (b = 0; b < K; b++)
            CHECK_RELATIVE(lambda[a * K + b], a != b ? -p[a] * p[b] : p[a] * (a == sure ? q : 1 - p[a]), tolerance);
    }
    /* soft targets, 1 - y as small; the gradient is that of the loss: p times the sum of y, less y */
    for (a = 0; a < K; a++)
        y[a] = a == sure ? 1 - left : (double)(cn_real)(left * (a == (sure + 1) % K ? 0.75 : 0.125));
    slopes_at(f, y, 0, &how, g, lambda);
    for (want = 0, a = 0; a < K; a++)
        if (a != sure) {
            want -= p[a] - (double)(cn_real)y[a];
            CHECK_NEAR(g[a], p[a] - (double)(cn_real)y[a], tolerance * (p[a] + y[a]));
        }
    CHECK_NEAR(g[sure], want, tolerance * left * 2);
    /* the sampled Fisher: the sure class is drawn, tr = ||gradient||^2 */
    at_outputs(&s, f, NULL, (int32_t)sure, &how);
    bias = cn_net_block(&s.c, s.net, "0.bias");
    for (want = q * q, a = 0; a < K; a++) want += a == sure ? 0 : p[a] * p[a];
    if (left < 0.1)
        CHECK_RELATIVE(cn_trace(cn_op_of(s.at, CN_OP_FISHER_SAMPLED, bias), NULL).value, want, 2 * tolerance);
    CHECK_RELATIVE(cn_trace(cn_op_of(s.at, CN_OP_SECOND_MOMENT, bias), NULL).value, want, 2 * tolerance);
    for (a = 0; a < K; a++) trace += p[a] * (a == sure ? q : 1 - p[a]);
    CHECK_RELATIVE(cn_trace(cn_op_of(s.at, CN_OP_FISHER, bias), NULL).value, trace, tolerance);
    /* probabilities' sensitivity to x, where W is the sure class's unit vector: ||p_s (e_s - p)||, e_s - p = (q, -p) */
    s.theta[sure] = 1;
    s.at = cn_point_create(s.p, s.theta, 0);
    CHECK_RELATIVE(cn_sensitivity(s.at, CN_SENSITIVITY_PROBABILITIES).value, p[sure] * sqrt(want), tolerance);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
    /* the layer: J = diag p - pp', and of 1/2 ||p - y||^2 with y = p - 1 the Hessian J'J + sum_a d2 p_a */
    scene_net(&s, "input 1; dense 4; softmax");
    s.n = 1;
    s.x = cn_vector(&s.c, 1);
    s.target = cn_vector(&s.c, K);
    for (a = 0; a < K; a++) {
        s.theta[K + a] = (cn_real)f[a];
        s.target[a] = (cn_real)(a == sure ? -1 : 0); /* residuals 2 for the sure class, p for the others */
    }
    scene_view(&s);
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    bias = cn_net_block(&s.c, s.net, "0.bias");
    for (b = 0; b < K; b++) {
        v[b] = 1;
        CHECK_STATUS(cn_jv(s.at, bias, 1, v, jv), CN_OK);
        v[b] = 0;
        for (a = 0; a < K; a++)
            CHECK_RELATIVE(jv[a], a != b ? -p[a] * p[b] : p[a] * (a == sure ? q : 1 - p[a]), tolerance);
    }
    h = scene_matrix(&s, CN_OP_HESSIAN, bias, NULL);
    for (b = 0; b < K; b++)
        for (c = 0; c < K; c++) {
            double sum = 0, size = 0, term;
            for (a = 0; a < K; a++) {
                double ab = a != b      ? -p[b]
                            : a == sure ? q
                                        : 1 - p[a],
                       ac = a != c      ? -p[c]
                            : a == sure ? q
                                        : 1 - p[a],
                       bc = b != c      ? -p[c]
                            : b == sure ? q
                                        : 1 - p[b]; /* 1[a = b] - p_b and so on */
                term = p[a] * ab * p[a] * ac + (a == sure ? p[a] + 1 : p[a]) * p[a] * (ab * ac - p[b] * bc);
                sum += term;
                size += fabs(term);
            }
            CHECK_NEAR(h[b * K + c], sum, 2 * tolerance * size);
        }
    scene_free(&s);
}

/* The factor of a real net's G and F: traces by rows against a sweep. */
static void factors(void) {
    scene s;
    int loss, kind;
    cn_problem_desc how = CN_ZERO;
    for (loss = 0; loss < CN_LOSS_COUNT; loss++) {
        how.loss = loss;
        scene_net(&s, "input 3; dense 6; tanh; dense 4; silu; dense 5");
        scene_random(&s, 15, loss != CN_LOSS_SQUARED, 8); /* class labels suit every other loss */
        scene_point(&s, &how, 0);
        for (kind = CN_OP_GAUSS_NEWTON; kind <= CN_OP_FISHER; kind++) {
            cn_real *m = scene_matrix(&s, kind, block_all(), NULL);
            cn_est e = cn_trace(cn_op_of(s.at, kind, block_all()), NULL);
            CHECK_NEAR(e.value, trace_of(m, s.P), 300 * TEST_EPS * e.value);
            CHECK(e.exact && e.probes == 0);
            cn_free(&s.c, m);
        }
        scene_free(&s);
    }
}

/* ---- threads: a loss is evaluated on as many as there are, or as the context asks for, never on more than lanes */

#ifdef _OPENMP
#include <omp.h>
enum { LANES = 8 };
static int team, numbers[256]; /* of the parallel region that values were asked in; threads that asked */
static double value_of_team(const void *user, size_t outputs, const cn_real *f, const cn_real *target, int32_t label,
                            cn_real *gradient) {
    size_t a;
    (void)user;
    (void)target;
    (void)label;
#pragma omp critical
    {
        team = omp_get_num_threads();
        numbers[omp_get_thread_num()]++;
    }
    for (a = 0; gradient && a < outputs; a++) gradient[a] = f[a];
    return 0;
}

static void curvature_of_team(const void *user, size_t outputs, const cn_real *f, const cn_real *target, int32_t label,
                              const cn_real *u, cn_real *out) {
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    memcpy(out, u, outputs * sizeof *out);
}

static void teams(void) {
    static const int asked[] = {0, 1, 2, LANES, 100};
    size_t i, j;
    int want, seen;
    for (i = 0; i < sizeof asked / sizeof *asked; i++) {
        cn_problem_desc how = CN_ZERO;
        cn_loss row = CN_ZERO;
        scene s;
        row.name = "team";
        row.value = value_of_team;
        row.curvature = curvature_of_team;
        how.custom = &row;
        how.chunk = 2;
        how.lanes = LANES;
        scene_net(&s, "input 3; dense 2");
        scene_random(&s, 64, 0, 3);
        scene_point(&s, &how, 0);
        s.c.threads = asked[i];
        memset(numbers, 0, sizeof numbers);
        CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_OK);
        want = asked[i] ? asked[i] : omp_get_max_threads();
        want = want < LANES ? want : LANES;
        for (seen = 0, j = 0; j < sizeof numbers / sizeof *numbers; j++) seen += numbers[j] > 0;
        CHECK(team == want && seen >= 1 && seen <= want);
        scene_free(&s);
    }
}
#else
static void teams(void) {}
#endif

TEST_MAIN {
    static const double f[3][K] = {{0.5, -1, 2, 0.25}, {0, 0, 0, 0}, {3, -4, 1, 1}},
                        y[3][K] = {{0.1, 0.2, 0.3, 0.4}, {0, 0, 1, 0}, {0.5, 0, 0.5, 0}};
    size_t i;
    int32_t label;
    CASE("cross-entropy, labels")
    for (i = 0; i < 3; i++)
        for (label = 0; label < K; label += 3) cross_entropy(f[i], NULL, label, 0);
    CASE("cross-entropy, smoothing") for (i = 0; i < 3; i++) {
        cross_entropy(f[i], NULL, 1, 0.1);
        cross_entropy(f[i], NULL, 2, 0.9);
    }
    CASE("cross-entropy, soft targets") for (i = 0; i < 3; i++) cross_entropy(f[i], y[i], 0, 0);
    CASE("squared error") for (i = 0; i < 3; i++) squared(f[i], f[2 - i]);
    CASE("extreme logits") extreme();
    CASE("probabilities near 1") for (i = 0; i < K; i++) {
        near_certain(i, 2e-8);
        near_certain(i, 2e-17);
        near_certain(i, 0.3);
    }
    CASE("own losses") own();
    CASE("targets that are no probabilities") probabilities();
    CASE("integers") integers();
    CASE("factors") factors();
    CASE("threads") teams();
}
