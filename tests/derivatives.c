/* derivatives.c: problem, evaluate, predict, point, J v, J'u and products with H G F C S J. */
#include "../curvnoise.h"
#include "test.h"
#include "golden.h"
#include "nets.h"

/* ---- the gradient check that walks the layer table */

static const struct {
    const char *row, *text;
} texts[] = {
    {"dense", "input 3; dense 4; tanh; dense 5 bias=0; tanh; dense 3"},
    {"softmax", "input 3; dense 4; softmax; dense 3; softmax"},
    {"relu", "input 3; dense 6; relu; dense 4; relu; dense 3"},
    {"leaky", "input 3; dense 6; leaky 0.3; dense 4; leaky; dense 3"},
    {"tanh", "input 3; tanh; dense 5; tanh; dense 3; tanh"},
    {"sigmoid", "input 3; dense 5; sigmoid; dense 4; sigmoid; dense 3"},
    {"softplus", "input 3; dense 5; softplus; dense 4; softplus; dense 3"},
    {"gelu", "input 3; dense 5; gelu; dense 4; gelu; dense 3"},
    {"silu", "input 3; dense 5; silu; dense 4; silu; dense 3"},
    {"sine", "input 3; dense 4; sine w=1.5; dense 4; sine; dense 3"},
    {"gain", "input 3; gain; dense 4; tanh; gain; dense 3; gain"},
    {"gain", "input 1 3 2; gain; tanh; gain"},
    {"square", "input 3; dense 4; square; dense 3"},
    {"bend", "input 3; dense 4; bend; relu; dense 4; bend; leaky 0.5; dense 3; bend; relu"},
    /* first, last, in a row */
    {"relu", "input 3; relu; dense 5; relu; relu; leaky 0.5; dense 4; leaky -0.5; relu; dense 3; relu"},
    {"conv", "input 2 5 4; conv 3 3 pad=1; tanh; conv 4 2 stride=2 bias=0; tanh; flatten; dense 3"},
    {"conv", "input 4 4 4; conv 6 3 stride=2 pad=2 groups=2; softplus; conv 6 3 pad=1 groups=6; relu; conv 4 1; "
             "flatten; dense 3"},
    {"maxpool", "input 2 5 5; conv 3 2; maxpool 2; tanh; maxpool 2 stride=1; flatten; dense 3"},
    {"avgpool", "input 2 5 5; avgpool 2 stride=1; conv 3 1; tanh; avgpool 2; flatten; dense 3"},
    {"gap", "input 2 4 3; conv 3 2; silu; gap; flatten; dense 3"},
    {"flatten", "input 2 2 2; flatten; dense 4; tanh; flatten; dense 3"},
    {"batchnorm", "input 3; batchnorm; dense 4; batchnorm; relu; dense 3"},
    {"batchnorm", "input 2 3 3; conv 3 2 bias=0; batchnorm; tanh; gap; flatten; batchnorm; dense 3"},
    {"dropout", "input 3; dropout 0.4; dense 5; tanh; dropout; dense 3"},
    {"residual", "input 4; residual { dense 5; tanh; dense 4 }; relu; dense 3"},
    {"residual", "input 4; residual { relu; dense 4 } skip { dense 4; softplus }; residual { residual { tanh }; dense "
                 "4; relu }; dense 3"},
    {"residual", "input 2 4 4; residual { conv 3 3 stride=2 pad=1; batchnorm; relu; conv 3 3 pad=1 } skip { conv 3 1 "
                 "stride=2; batchnorm }; relu; gap; flatten; dense 3"}};

/* Central differences: the step 1e-5 has a truncation error of step^2/6 times a third derivative (2e-11 times up to a
   few hundred here) and a rounding error of eps/step = 2e-11 times the value: together below 1e-8 of the largest entry.
   1e-6 leaves room for deep nets. In float neither step nor tolerance could tell a wrong formula from rounding, so
   floats rest on the golden values below. */
#define STEP 1e-5
#define STEP_TOLERANCE 1e-6

static double loss_at(scene *s, const cn_real *theta) { return cn_evaluate(s->p, theta, NULL, NULL).loss; }

static void check_differences(scene *s) {
    size_t P = s->P, N = s->n * s->K, i, r;
    cn_real *g = cn_vector(&s->c, s->size), *up = cn_vector(&s->c, s->size), *down = cn_vector(&s->c, s->size),
            *v = cn_vector(&s->c, P);
    cn_real *hv = cn_vector(&s->c, P), *fu = cn_vector(&s->c, N), *fd = cn_vector(&s->c, N), *jv = cn_vector(&s->c, N);
    cn_op *h = cn_op_of(s->at, CN_OP_HESSIAN, block_all());
    double error = 0, size = 0, e;
    cn_eval value = cn_evaluate(s->p, s->theta, NULL, g);
    CHECK_STATUS(value.status, CN_OK);
    CHECK_RELATIVE(value.grad_norm, norm_of(P, g), 10 * TEST_EPS);
    if (sizeof(cn_real) == 4) return;
    for (i = 0; i < P; i++) { /* the gradient, entry by entry */
        memcpy(up, s->theta, s->size * sizeof *up);
        up[i] += (cn_real)STEP;
        e = loss_at(s, up);
        up[i] = s->theta[i] - (cn_real)STEP;
        e = (e - loss_at(s, up)) / (2 * STEP) - (double)g[i];
        if (!(fabs(e) <= error)) error = fabs(e);
    }
    size = most_of(P, g);
    CHECK(size > 1e-3); /* else the check says nothing */
    CHECK_NEAR(error, 0, STEP_TOLERANCE * size);
    for (r = 0; r < 2; r++) { /* H v and J v along two directions */
        memcpy(up, s->theta, s->size * sizeof *up);
        memcpy(down, s->theta, s->size * sizeof *down);
        cn_random(5, r, 0, CN_NOISE_NORMAL, 1, P, v);
        for (i = 0; i < P; i++) {
            up[i] = s->theta[i] + (cn_real)STEP * v[i];
            down[i] = s->theta[i] - (cn_real)STEP * v[i];
        }
        cn_predict(s->p, up, NULL, fu);
        cn_predict(s->p, down, NULL, fd);
        cn_evaluate(s->p, up, NULL, g);
        cn_evaluate(s->p, down, NULL, up);
        for (i = 0; i < P; i++) g[i] = (g[i] - up[i]) / (2 * (cn_real)STEP);
        for (i = 0; i < N; i++) fu[i] = (fu[i] - fd[i]) / (2 * (cn_real)STEP);
        CHECK_STATUS(cn_op_apply(h, 1, v, hv), CN_OK);
        CHECK_NEAR(gap_of(P, hv, g), 0, STEP_TOLERANCE * most_of(P, hv));
        CHECK_STATUS(cn_jv(s->at, block_all(), 1, v, jv), CN_OK);
        CHECK_NEAR(gap_of(N, jv, fu), 0, STEP_TOLERANCE * most_of(N, jv));
    }
}

static void walk_the_table(void) {
    size_t count, i, t;
    int found;
    const cn_layer *rows = cn_layers(&count);
    scene s;
    cn_problem_desc how;
    int loss;
    for (i = 0; i < count + OWN_ROWS; i++) { /* every built-in row, then the tests' own */
        const char *name = i < count ? rows[i].name : own_rows[i - count].name;
        for (found = 0, t = 0; t < sizeof texts / sizeof *texts; t++) found += strcmp(texts[t].row, name) == 0;
        CHECK(found > 0);
        if (!found) printf("       the layer '%s' has no network in derivatives.c: give it one\n", name);
    }
    /* quick: the two losses in turn */
    for (t = 0; t < sizeof texts / sizeof *texts; t++)
        for (loss = TEST_SIZE(0, (int)(t % 2)); loss < TEST_SIZE(CN_LOSS_COUNT + 3, 2); loss += TEST_SIZE(1, 2)) {
            test_case = texts[t].text;
            memset(&how, 0, sizeof how);
            if (loss < CN_LOSS_COUNT)
                how.loss = loss;
            else
                how.custom = own_losses + loss - CN_LOSS_COUNT;
            how.chunk = 4; /* several chunks, the last one smaller */
            scene_net(&s, texts[t].text);
            CHECK_STATUS(s.c.status, CN_OK);
            scene_random(&s, TEST_SIZE(9, 5), loss != CN_LOSS_SQUARED && loss != CN_LOSS_COUNT, 11 + t);
            if (loss == 0) how.label_smoothing = 0.1;
            scene_point(&s, &how, loss == 1 ? 100000 : 0);
            check_differences(&s);
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    CHECK(!own_saved_missing); /* cn_item.saved promises reals per sample, filled by forward, in cn_io.saved */
}

/* ---- golden values */

/* 1e-9 relative to the largest entry in double: sums of some hundred terms of order one, each to a few eps, leave
   1e-13; the rest is for other math libraries. 1e-4 in float: the same, 1e3 eps; theta and x are exact in float. */
#define GOLDEN TEST_REAL(1e-9, 1e-4)

static void golden_values(int g, const cn_problem_desc *how, size_t cache_bytes) {
    static const int kinds[] = {CN_OP_HESSIAN,       CN_OP_GAUSS_NEWTON,    CN_OP_FISHER,
                                CN_OP_SECOND_MOMENT, CN_OP_JACOBIAN_MOMENT, CN_OP_COVARIANCE};
    const golden_net *net = golden_nets + g;
    const double *wanted[6];
    scene s;
    cn_eval e;
    size_t i, correct = 0, k, a;
    double size, gv = 0;
    cn_real *out, *v;
    test_case = net->name;
    wanted[0] = net->hv;
    wanted[1] = net->gv;
    wanted[2] = net->fv;
    wanted[3] = net->cv;
    wanted[4] = net->jjv;
    wanted[5] = net->cv; /* S = C - gg' */
    scene_golden(&s, g, how, cache_bytes);
    v = scene_grid(&s, s.P, net->v);
    for (i = 0; i < s.P; i++) gv += net->gradient[i] * (double)v[i];
    out = cn_vector(&s.c, s.P + s.n * s.K);
    e = cn_evaluate(s.p, s.theta, NULL, out);
    CHECK_STATUS(e.status, CN_OK);
    CHECK_RELATIVE(e.loss, net->loss_value, GOLDEN);
    CHECK_NEAR(test_error(s.P, out, net->gradient), 0, GOLDEN);
    CHECK(e.n == s.n);
    for (i = 0; i < s.n && net->labels; i++) {
        for (k = 0, a = 1; a < s.K; a++)
            if (net->outputs[i * s.K + a] > net->outputs[i * s.K + k]) k = a;
        correct += (int)k == net->labels[i];
    }
    CHECK(e.correct == correct); /* 0 with targets */
    e = cn_evaluate(s.p, s.theta, NULL, NULL);
    CHECK_RELATIVE(e.loss, net->loss_value, GOLDEN);
    CHECK_STATUS(cn_predict(s.p, s.theta, NULL, out), CN_OK);
    CHECK_NEAR(test_error(s.n * s.K, out, net->outputs), 0, GOLDEN);
    CHECK_STATUS(cn_jv(s.at, block_all(), 1, v, out), CN_OK);
    CHECK_NEAR(test_error(s.n * s.K, out, net->jv), 0, GOLDEN);
    for (i = 0; i < 6; i++) {
        CHECK_STATUS(cn_op_apply(cn_op_of(s.at, kinds[i], block_all()), 1, v, out), CN_OK);
        for (size = 0, k = 0; k < s.P; k++) size = fmax(size, fabs(wanted[i][k])); /* of C for S, which may vanish */
        for (k = 0; k < s.P; k++) {
            const double mean = kinds[i] == CN_OP_COVARIANCE ? net->gradient[k] * gv : 0;
            out[k] = (cn_real)(((double)out[k] - (wanted[i][k] - mean)) / size);
        }
        CHECK_NEAR(most_of(s.P, out), 0, GOLDEN);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- vectors at once, blocks, adjoints */

/* The same sums in another order: some hundred eps of the largest entry. */
#define ORDER (300 * TEST_EPS)

static void vectors_at_once(scene *s, size_t k) {
    size_t P = s->P, N = s->n * s->K, j, i, kind;
    cn_real *v = cn_vector(&s->c, k * P), *many = cn_vector(&s->c, k * P), *one = cn_vector(&s->c, P);
    cn_real *jv = cn_vector(&s->c, k * N), *j1 = cn_vector(&s->c, N), *u = cn_vector(&s->c, k * N);
    double quad[64], q, size, sizes[64] = {0};
    cn_random(3, k, 0, CN_NOISE_NORMAL, 1, k * P, v);
    cn_random(4, k, 0, CN_NOISE_NORMAL, 1, k * N, u);
    for (kind = 0; kind <= CN_OP_JACOBIAN_MOMENT; kind++) {
        cn_op *op = cn_op_of(s->at, (int)kind, block_all());
        CHECK_STATUS(cn_op_apply(op, k, v, many), CN_OK);
        CHECK_STATUS(cn_op_quadratic(op, k, v, quad), CN_OK);
        for (j = 0; j < k; j++) {
            cn_op_apply(op, 1, v + j * P, one);
            CHECK_NEAR(gap_of(P, many + j * P, one), 0, ORDER * most_of(k * P, many));
            q = dot_of(P, v + j * P, one);
            if (kind == CN_OP_SECOND_MOMENT) sizes[j] = norm_of(P, one);
            /* S = C - gg' may vanish: then by the size of C, the kind before it */
            size = kind == CN_OP_COVARIANCE ? sizes[j] : norm_of(P, one);
            CHECK_NEAR(quad[j], q, ORDER * norm_of(P, v + j * P) * size);
        }
    }
    CHECK_STATUS(cn_jv(s->at, block_all(), k, v, jv), CN_OK);
    for (j = 0; j < k; j++) { /* [n][k][K] */
        double error = 0;
        cn_jv(s->at, block_all(), 1, v + j * P, j1);
        for (i = 0; i < N; i++)
            error = fmax(error, fabs((double)jv[(i / s->K * k + j) * s->K + i % s->K] - (double)j1[i]));
        CHECK_NEAR(error, 0, ORDER * most_of(k * N, jv));
    }
    CHECK_STATUS(cn_jtu(s->at, block_all(), k, u, many), CN_OK);
    for (j = 0; j < k; j++) {
        for (i = 0; i < N; i++) j1[i] = u[(i / s->K * k + j) * s->K + i % s->K];
        cn_jtu(s->at, block_all(), 1, j1, one);
        CHECK_NEAR(gap_of(P, many + j * P, one), 0, ORDER * most_of(k * P, many));
    }
}

static void parts_of_products(scene *s) {
    cn_block blocks[40];
    size_t count = scene_blocks(s, blocks, 40), b, kind, k = 3, j, P = s->P, N = s->n * s->K;
    cn_real *part = cn_vector(&s->c, k * P), *whole = cn_vector(&s->c, k * P), *out = cn_vector(&s->c, k * P),
            *full = cn_vector(&s->c, k * P);
    cn_real *jv = cn_vector(&s->c, k * N), *jw = cn_vector(&s->c, k * N), *u = cn_vector(&s->c, k * N);
    double most = 0;
    cn_random(8, 0, 0, CN_NOISE_NORMAL, 1, k * P, part);
    cn_random(9, 0, 0, CN_NOISE_NORMAL, 1, k * N, u);
    for (b = 0; b < count; b++) {
        size_t first = blocks[b].first, n = blocks[b].count ? blocks[b].count : P;
        CHECK(first + n <= P);
        memset(whole, 0, k * P * sizeof *whole);
        for (j = 0; j < k; j++) memcpy(whole + j * P + first, part + j * n, n * sizeof *part);
        for (kind = 0; kind <= CN_OP_JACOBIAN_MOMENT; kind++) {
            cn_op *op = cn_op_of(s->at, (int)kind, blocks[b]);
            CHECK(cn_op_describe(op).size == n);
            CHECK_STATUS(cn_op_apply(op, k, part, out), CN_OK);
            cn_op_apply(cn_op_of(s->at, (int)kind, block_all()), k, whole, full);
            /* S is C less gg': its roundings are in proportion to C */
            if (kind != CN_OP_COVARIANCE) most = most_of(k * P, full);
            for (j = 0; j < k; j++)
                CHECK_NEAR(gap_of(n, out + j * n, full + j * P + first), 0, ORDER * (most + TEST_EPS));
        }
        CHECK_STATUS(cn_jv(s->at, blocks[b], k, part, jv), CN_OK);
        cn_jv(s->at, block_all(), k, whole, jw);
        CHECK_NEAR(gap_of(k * N, jv, jw), 0, ORDER * most_of(k * N, jw));
        CHECK_STATUS(cn_jtu(s->at, blocks[b], k, u, out), CN_OK);
        cn_jtu(s->at, block_all(), k, u, full);
        for (j = 0; j < k; j++)
            CHECK_NEAR(gap_of(n, out + j * n, full + j * P + first), 0, ORDER * most_of(k * P, full));
        /* u'(J v) = v'(J'u), for each of the k vectors: sums of n*K products, rounding below 1e3 eps of the product of
           norms */
        for (j = 0; j < k; j++) {
            double left = 0, right = dot_of(n, part + j * n, out + j * n),
                   size = norm_of(k * N, u) * norm_of(k * N, jv);
            size_t i;
            for (i = 0; i < s->n; i++) left += dot_of(s->K, u + (i * k + j) * s->K, jv + (i * k + j) * s->K);
            CHECK_NEAR(left, right, 1000 * TEST_EPS * size);
        }
    }
    CHECK_STATUS(s->c.status, CN_OK);
}

/* J'u sums over samples: u = the loss gradients by f gives n times the gradient; one-hot u picks rows of J. */
static void sums_of_jtu(scene *s) {
    size_t P = s->P, K = s->K, i, a;
    cn_real *f = cn_vector(&s->c, s->n * K), *u = cn_vector(&s->c, s->n * K), *out = cn_vector(&s->c, P),
            *sum = cn_vector(&s->c, P), *g = cn_vector(&s->c, P);
    cn_predict(s->p, s->theta, NULL, f);
    for (i = 0; i < s->n * K; i++) u[i] = f[i] - s->target[i];
    CHECK_STATUS(cn_jtu(s->at, block_all(), 1, u, out), CN_OK);
    cn_evaluate(s->p, s->theta, NULL, g);
    for (a = 0; a < P; a++) sum[a] = (cn_real)s->n * g[a];
    CHECK_NEAR(gap_of(P, out, sum), 0, ORDER * most_of(P, sum));
    memset(sum, 0, P * sizeof *sum);
    for (i = 0; i < s->n; i++) { /* one sample at a time adds up to all at once */
        memset(f, 0, s->n * K * sizeof *f);
        memcpy(f + i * K, u + i * K, K * sizeof *f);
        cn_jtu(s->at, block_all(), 1, f, g);
        for (a = 0; a < P; a++) sum[a] += g[a];
    }
    CHECK_NEAR(gap_of(P, out, sum), 0, ORDER * most_of(P, sum));
}

/* ---- chunks, cache, tasks: the same numbers, and the same bits where that is promised */

/* Everything a problem and a point give, one after the other: loss, gradient, outputs, J v, J'u, products; returns the
   reals written. */
static size_t everything(scene *s, cn_real *out) {
    size_t P = s->P, N = s->n * s->K, at = 0, kind, r;
    cn_real *v = cn_vector(&s->c, 3 * P), *u = cn_vector(&s->c, 2 * N);
    cn_block some = block_of(s->P / 3, s->P / 2);
    cn_random(1, 1, 0, CN_NOISE_NORMAL, 1, 3 * P, v);
    cn_random(1, 2, 0, CN_NOISE_NORMAL, 1, 2 * N, u);
    /* twice: a cache is filled, then used; a part first, so that it must not fill it half */
    for (r = 0; r < 2; r++) {
        cn_op_apply(cn_op_of(s->at, CN_OP_SECOND_MOMENT, block_of(P - 1, 1)), 1, v, out + at);
        at += 1;
        cn_jv(s->at, some, 1, v, out + at);
        at += N;
        for (kind = 0; kind <= CN_OP_JACOBIAN_MOMENT; kind++) {
            cn_op_apply(cn_op_of(s->at, (int)kind, some), 2, v, out + at);
            at += 2 * (P / 2);
            cn_op_apply(cn_op_of(s->at, (int)kind, block_all()), 3, v, out + at);
            at += 3 * P;
            out[at++] = (cn_real)cn_trace(cn_op_of(s->at, (int)kind, block_all()), NULL).value;
        }
        cn_jtu(s->at, block_all(), 2, u, out + at);
        at += 2 * P;
        cn_jv(s->at, block_all(), 2, v, out + at);
        at += 2 * N;
    }
    out[at] = (cn_real)cn_evaluate(s->p, s->theta, NULL, out + at + 1).loss;
    at += 1 + P;
    cn_predict(s->p, s->theta, NULL, out + at);
    at += N;
    out[at++] = (cn_real)cn_mls(s->at, NULL).mls;
    CHECK_STATUS(s->c.status, CN_OK);
    return at;
}
static size_t everything_room(const scene *s) { return 60 * s->P + 12 * s->n * s->K + 100; }

/* Hooks: all tasks in reverse; odd ones, then even ones. */
static int hook_calls;
static void reversed(void *user, int tasks, cn_task task, void *arg) {
    int i;
    (void)user;
    hook_calls++;
    for (i = tasks; i-- > 0;) task(arg, i);
}
static void odd_first(void *user, int tasks, cn_task task, void *arg) {
    int i;
    (void)user;
    for (i = 1; i < tasks; i += 2) task(arg, i);
    for (i = 0; i < tasks; i += 2) task(arg, i);
}

static void make(scene *s, const char *text, int labels, size_t n, size_t chunk, size_t lanes, size_t cache_bytes) {
    cn_problem_desc how = CN_ZERO;
    how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.chunk = chunk;
    how.lanes = lanes;
    scene_net(s, text);
    scene_random(s, n, labels, 21);
    scene_point(s, &how, cache_bytes);
}

static void chunks_cache_tasks(const char *text, int labels) {
    enum { N = TEST_SIZE(23, 8) };
    static const size_t chunks[] = {1, 3, 7, N, 128}, lanes[] = {4, 1, 5, 100};
    scene s, t;
    size_t i, j, got, cache[] = {1, 3000, 10000, 1 << 20};
    cn_real *first, *other;
    make(&s, text, labels, N, 3, 0, 0);
    first = cn_vector(&s.c, everything_room(&s));
    got = everything(&s, first);
    for (i = 0; i < sizeof chunks / sizeof *chunks; i++)
        for (j = 0; j < sizeof lanes / sizeof *lanes; j++) {
            make(&t, text, labels, N, chunks[i], lanes[j], 0);
            other = cn_vector(&t.c, everything_room(&t));
            CHECK(everything(&t, other) == got);
            CHECK_NEAR(test_difference(got, other, first), 0, ORDER); /* another order of additions only */
            scene_free(&t);
        }
    for (i = 0; i < sizeof cache / sizeof *cache; i++) { /* the cache changes no bit */
        make(&t, text, labels, N, 3, 0, cache[i]);
        other = cn_vector(&t.c, everything_room(&t));
        everything(&t, other);
        CHECK(same_bits(got, other, first));
        scene_free(&t);
    }
    for (i = 0; i < 6; i++) { /* neither do tasks, in whatever order, with a cache or without */
        make(&t, text, labels, N, 3, 0, i >= 4 ? 5000 : 0);
        t.c.threads = i == 0 ? 1 : i == 1 ? 2 : 0;
        t.c.parallel = i == 2 || i == 4 || i == 0 ? reversed : i == 3 || i == 5 ? odd_first : NULL;
        hook_calls = 0;
        other = cn_vector(&t.c, everything_room(&t));
        everything(&t, other);
        CHECK(same_bits(got, other, first));
        if (i == 2) CHECK(hook_calls > 0);
        if (i == 0) CHECK(hook_calls == 0); /* threads = 1 means one */
        scene_free(&t);
    }
    scene_free(&s);
}

/* ---- forms of the data */

static void forms_of_data(void) {
    enum { N = 10, M = 4 };
    unsigned char bytes[N * M];
    uint16_t wide[N * M];
    float f32[N * M];
    double f64[N * M];
    cn_real reals[N * M];
    uint8_t label8[N];
    int64_t label64[N];
    double soft64[N * 3];
    cn_real soft[N * 3];
    cn_problem *p[8];
    cn_data d[8];
    scene s;
    cn_real *g, *first;
    size_t i, j;
    cn_eval e, e0 = CN_ZERO;
    double scale = 1.0 / 255;
    for (i = 0; i < N * M; i++) {
        bytes[i] = (unsigned char)(i * 37 % 256);
        wide[i] = bytes[i];
        f32[i] = bytes[i];
        f64[i] = bytes[i];
        reals[i] = (cn_real)(scale * bytes[i]);
    }
    for (i = 0; i < N; i++) {
        label8[i] = (uint8_t)(i % 3);
        label64[i] = (int64_t)(i % 3);
        for (j = 0; j < 3; j++) {
            soft64[i * 3 + j] = j == i % 3;
            soft[i * 3 + j] = (cn_real)soft64[i * 3 + j];
        }
    }
    scene_net(&s, "input 4; dense 5; tanh; dense 3");
    cn_random(1, 0, 0, CN_NOISE_NORMAL, 0.5, s.P, s.theta);
    memset(d, 0, sizeof d);
    d[0].x = cn_tensor_of(reals, CN_TYPE_REAL, 2, N, M, 0, 0);
    d[0].y = cn_tensor_of(label8, CN_TYPE_U8, 1, N, 0, 0, 0);
    d[1].x = cn_tensor_of(bytes, CN_TYPE_U8, 2, N, M, 0, 0);
    d[1].scale = scale;
    d[1].y = cn_tensor_of(label64, CN_TYPE_I64, 1, N, 0, 0, 0);
    d[2].x = cn_tensor_of(wide, CN_TYPE_U16, 2, N, M, 0, 0);
    d[2].scale = scale;
    d[2].y = cn_tensor_of(label64, CN_TYPE_I64, 2, N, 1, 0, 0);
    d[3].x = cn_tensor_of(f32, CN_TYPE_F32, 2, N, M, 0, 0);
    d[3].scale = scale;
    d[3].y = cn_tensor_of(label8, CN_TYPE_U8, 1, N, 0, 0, 0);
    d[4].x = cn_tensor_of(f64, CN_TYPE_F64, 2, N, M, 0, 0);
    d[4].scale = scale;
    d[4].y = cn_tensor_of(soft64, CN_TYPE_F64, 2, N, 3, 0, 0);
    d[5].x = cn_tensor_of(bytes, CN_TYPE_U8, 4, N, 1, 2, 2);
    d[5].scale = scale;
    d[5].y = cn_tensor_of(soft, CN_TYPE_REAL, 2, N, 3, 0, 0);
    d[6].x = cn_tensor_of(bytes, CN_TYPE_I8, 2, N, M, 0, 0);
    d[6].scale = 1;
    d[6].y = cn_tensor_of(label8, CN_TYPE_U8, 1, N, 0, 0, 0);
    first = cn_vector(&s.c, s.P);
    g = cn_vector(&s.c, s.P);
    for (i = 0; i < 6; i++) {
        p[i] = cn_problem_create(&s.c, s.net, d + i, NULL);
        CHECK(p[i] != NULL);
        e = cn_evaluate(p[i], s.theta, NULL, i ? g : first);
        if (i == 0)
            e0 = e;
        else {
            CHECK(e.loss == e0.loss); /* the same numbers reach the network, so the same bits come out */
            CHECK(same_bits(s.P, g, first));
        }
        CHECK(e.correct == (i < 4 ? e0.correct : 0));
    }
    for (i = 0; i < N * M; i++) reals[i] = (signed char)bytes[i]; /* signed bytes are signed */
    p[6] = cn_problem_create(&s.c, s.net, d + 6, NULL);
    e = cn_evaluate(p[6], s.theta, NULL, g);
    e0 = cn_evaluate(p[0], s.theta, NULL, first); /* views: the problem sees what the array holds now */
    CHECK(e.loss == e0.loss && same_bits(s.P, g, first));
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
    { /* [n] targets are one output */
        cn_data one = CN_ZERO;
        cn_problem_desc how = CN_ZERO;
        scene t;
        double y[N];
        for (i = 0; i < N; i++) y[i] = 0.1 * (double)i;
        how.loss = CN_LOSS_SQUARED;
        scene_net(&t, "input 4; dense 1");
        one.x = d[0].x;
        one.y = cn_tensor_of(y, CN_TYPE_F64, 1, N, 0, 0, 0);
        /* theta = 0: loss = mean y^2/2 = 0.1425 */
        e = cn_evaluate(cn_problem_create(&t.c, t.net, &one, &how), t.theta, NULL, NULL);
        CHECK_NEAR(e.loss, 0.1425, 10 * TEST_EPS);
        scene_free(&t);
    }
}

/* ---- batches */

static void batches(void) {
    static const uint32_t index[] = {7, 2, 2, 11, 0, 7, 7, 5, 1};
    enum { B = sizeof index / sizeof *index };
    scene s;
    cn_batch b = CN_ZERO, one = CN_ZERO;
    cn_real *g, *gi, *mean, *f, *fi;
    size_t i, a;
    double loss = 0;
    cn_eval e;
    uint32_t order[12], single;
    size_t correct = 0;
    make(&s, "input 3; dense 5; silu; dense 3", 1, 12, 4, 0, 0);
    g = cn_vector(&s.c, s.P);
    gi = cn_vector(&s.c, s.P);
    mean = cn_vector(&s.c, s.P);
    f = cn_vector(&s.c, B * s.K);
    fi = cn_vector(&s.c, s.K);
    b.index = index;
    b.n = B;
    one.index = &single;
    one.n = 1;
    e = cn_evaluate(s.p, s.theta, &b, g);
    CHECK(e.n == B);
    CHECK_STATUS(cn_predict(s.p, s.theta, &b, f), CN_OK);
    for (i = 0; i < B; i++) {
        cn_eval ei;
        single = index[i];
        ei = cn_evaluate(s.p, s.theta, &one, gi);
        loss += ei.loss / B;
        correct += ei.correct;
        for (a = 0; a < s.P; a++) mean[a] += gi[a] / B;
        cn_predict(s.p, s.theta, &one, fi);
        CHECK_NEAR(gap_of(s.K, f + i * s.K, fi), 0, ORDER * most_of(s.K, fi)); /* in the batch's order */
    }
    CHECK_NEAR(e.loss, loss, ORDER * loss);
    CHECK(e.correct == correct);
    CHECK_NEAR(gap_of(s.P, g, mean), 0, ORDER * most_of(s.P, mean));
    /* a permutation of all data gives the mean over all data */
    for (i = 0; i < 12; i++) order[i] = (uint32_t)(i * 5 % 12);
    b.index = order;
    b.n = 12;
    e = cn_evaluate(s.p, s.theta, &b, g);
    loss = cn_evaluate(s.p, s.theta, NULL, mean).loss;
    CHECK_NEAR(e.loss, loss, ORDER * loss);
    CHECK_NEAR(gap_of(s.P, g, mean), 0, ORDER * most_of(s.P, mean));
    for (i = 0; i < 12; i++) order[i] = (uint32_t)i; /* in order: even the bits */
    CHECK(cn_evaluate(s.p, s.theta, &b, g).loss == loss && same_bits(s.P, g, mean));
    b.index = NULL;
    b.n = 5; /* no index: the first n */
    e = cn_evaluate(s.p, s.theta, &b, g);
    b.index = order;
    CHECK(cn_evaluate(s.p, s.theta, &b, gi).loss == e.loss && e.n == 5 && same_bits(s.P, g, gi));
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- bad input: a status and a sentence; the call after it works */

#define REFUSED(call, wanted, words)             \
    do {                                         \
        CHECK((call) == NULL);                   \
        CHECK_SENTENCE(&s.c, (wanted), (words)); \
        cn_clear(&s.c);                          \
    } while (0)
#define REFUSED_STATUS(call, wanted, words)      \
    do {                                         \
        CHECK_STATUS((call), (wanted));          \
        CHECK_SENTENCE(&s.c, (wanted), (words)); \
        cn_clear(&s.c);                          \
    } while (0)

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

static void bad_input(void) {
    scene s;
    cn_data d;
    cn_problem_desc how = CN_ZERO;
    cn_batch b = CN_ZERO;
    uint32_t index[2];
    cn_real keep, *g, *big;
    size_t i;
    cn_loss broken = own_losses[0];
    make(&s, "input 3; dense 4; tanh; dense 3", 1, 8, 3, 0, 0);
    g = cn_vector(&s.c, s.P * 2 + 100);
    big = cn_vector(&s.c, s.P);
    s.label[5] = 3;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, NULL), CN_E_DATA, "label 3 of sample 5");
    s.label[5] = -1;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, NULL), CN_E_DATA, "label -1 of sample 5");
    s.label[5] = 0;
    keep = s.x[7];
    s.x[7] = (cn_real)not_a_number();
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, NULL), CN_E_DATA, "x[2][1]");
    s.x[7] = (cn_real)infinite();
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, NULL), CN_E_DATA, "x[2][1]");
    s.x[7] = keep;
    d = s.data;
    d.scale = infinite();
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_ARGUMENT, "scale");
    d.scale = TEST_REAL(1e307, 1e37); /* finite, but bytes times it are not */
    {
        static const unsigned char bytes[24] = {255};
        d.x = cn_tensor_of(bytes, CN_TYPE_U8, 2, 8, 3, 0, 0);
        REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_DATA, "x[0][0]");
    }
    d = s.data;
    d.x.shape[0] = 0;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "no samples");
    d = s.data;
    d.x.data = NULL;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "no samples");
    d = s.data;
    d.x.shape[1] = 2;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "x has 2 values a sample; the network's input is 3");
    d = s.data;
    d.y.shape[0] = 7;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "y has 7 rows; x has 8");
    d = s.data;
    d.y.data = NULL;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "y has 0 rows");
    d = s.data;
    d.y = cn_tensor_of(s.x, CN_TYPE_REAL, 2, 8, 2, 0, 0);
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "y has 2 values a sample; the network has 3 outputs");
    d = s.data;
    d.y = cn_tensor_of(s.label, CN_TYPE_I32, 2, 4, 2, 0, 0);
    d.x.shape[0] = 4;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SHAPE, "one class index a sample");
    d = s.data;
    d.x.type = 99;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SIZE, "x");
    d = s.data;
    d.x.shape[0] = d.y.shape[0] = (size_t)-1 / 2;
    REFUSED(cn_problem_create(&s.c, s.net, &d, NULL), CN_E_SIZE, "x");
    REFUSED(cn_problem_create(&s.c, s.net, NULL, NULL), CN_E_ARGUMENT, "data");
    REFUSED(cn_problem_create(&s.c, NULL, &s.data, NULL), CN_E_ARGUMENT, "network");
    how.loss = CN_LOSS_COUNT;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "is not a loss");
    how.loss = -1;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "-1 is not a loss");
    how.loss = 0;
    how.label_smoothing = 1;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "label_smoothing");
    how.label_smoothing = -0.1;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "label_smoothing");
    how.label_smoothing = not_a_number();
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "label_smoothing");
    how.label_smoothing = 0;
    how.lanes = 5000;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "lanes");
    how.lanes = 0;
    broken.curvature = NULL;
    how.custom = &broken;
    REFUSED(cn_problem_create(&s.c, s.net, &s.data, &how), CN_E_ARGUMENT, "log cosh");
    how.custom = NULL;
    how.chunk = (size_t)-1; /* more than the data is all the data */
    CHECK(cn_problem_create(&s.c, s.net, &s.data, &how) != NULL);
    CHECK(cn_problem_create(NULL, s.net, &s.data, NULL) == NULL);

    b.n = 2;
    b.index = index;
    index[0] = 1;
    index[1] = 8;
    REFUSED_STATUS(cn_evaluate(s.p, s.theta, &b, NULL).status, CN_E_ARGUMENT, "index[1] is 8; the data have 8");
    REFUSED_STATUS(cn_predict(s.p, s.theta, &b, g), CN_E_ARGUMENT, "index[1] is 8");
    b.n = 0;
    REFUSED_STATUS(cn_evaluate(s.p, s.theta, &b, NULL).status, CN_E_ARGUMENT, "no samples");
    b.n = 9;
    b.index = NULL;
    REFUSED_STATUS(cn_evaluate(s.p, s.theta, &b, NULL).status, CN_E_ARGUMENT, "9 samples of 8");
    REFUSED_STATUS(cn_evaluate(s.p, NULL, NULL, NULL).status, CN_E_ARGUMENT, "theta");
    REFUSED_STATUS(cn_predict(s.p, NULL, NULL, g), CN_E_ARGUMENT, "theta");
    REFUSED_STATUS(cn_predict(s.p, s.theta, NULL, NULL), CN_E_ARGUMENT, "out");
    CHECK_STATUS(cn_evaluate(NULL, s.theta, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_predict(NULL, s.theta, NULL, g), CN_E_ARGUMENT);

    keep = s.theta[6];
    s.theta[6] = (cn_real)not_a_number();
    REFUSED(cn_point_create(s.p, s.theta, 0), CN_E_DATA, "theta[6]");
    REFUSED_STATUS(cn_evaluate(s.p, s.theta, NULL, g).status, CN_E_NUMERIC, "not finite");
    s.theta[6] = (cn_real)infinite();
    REFUSED(cn_point_create(s.p, s.theta, 0), CN_E_DATA, "theta[6]");
    s.theta[6] = keep;
    REFUSED(cn_point_create(s.p, NULL, 0), CN_E_ARGUMENT, "theta");
    CHECK(cn_point_create(NULL, s.theta, 0) == NULL);
    REFUSED_STATUS(cn_jv(s.at, block_all(), 0, g, g), CN_E_ARGUMENT, "no vectors");
    REFUSED_STATUS(cn_jv(s.at, block_all(), 1, NULL, g), CN_E_ARGUMENT, "missing");
    REFUSED_STATUS(cn_jtu(s.at, block_all(), 1, g, NULL), CN_E_ARGUMENT, "missing");
    REFUSED_STATUS(cn_jv(s.at, block_of(0, s.P + 1), 1, g, g), CN_E_ARGUMENT, "block");
    REFUSED_STATUS(cn_jtu(s.at, block_of(s.P, 1), 1, g, g), CN_E_ARGUMENT, "block");
    REFUSED_STATUS(cn_jv(s.at, block_of(3, 0), 1, g, g), CN_E_ARGUMENT, "block");
    REFUSED_STATUS(cn_jv(s.at, block_of((size_t)-1, 2), 1, g, g), CN_E_ARGUMENT, "block");
    CHECK_STATUS(cn_jv(NULL, block_all(), 1, g, g), CN_E_ARGUMENT);
    CHECK_STATUS(cn_jtu(NULL, block_all(), 1, g, g), CN_E_ARGUMENT);

    { /* finite parameters, infinite loss: (1e200)^2 or (1e30)^2, a sum of doubles but for floats */
        cn_problem_desc squared = CN_ZERO;
        cn_problem *p;
        squared.loss = CN_LOSS_SQUARED;
        p = cn_problem_create(&s.c, s.net, &s.data, &squared);
        for (i = 0; i < s.P; i++) big[i] = (cn_real)TEST_REAL(1e200, 3e38);
        REFUSED_STATUS(cn_evaluate(p, big, NULL, g).status, CN_E_NUMERIC, "not finite");
    }
    d = s.data;
    d.y.shape[0] = 7; /* an error sticks: every later call returns it until it is cleared */
    CHECK(cn_problem_create(&s.c, s.net, &d, NULL) == NULL);
    CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_E_SHAPE);
    CHECK_STATUS(cn_predict(s.p, s.theta, NULL, g), CN_E_SHAPE);
    CHECK(cn_point_create(s.p, s.theta, 0) == NULL && cn_net_create(&s.c, "input 1; relu") == NULL);
    CHECK_STATUS(cn_jv(s.at, block_all(), 1, s.theta, g), CN_E_SHAPE);
    CHECK_SENTENCE(&s.c, CN_E_SHAPE, "y has 7 rows");
    cn_clear(&s.c);
    CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, g).status, CN_OK);
    scene_free(&s);
}

/* ---- nothing of the caller's changes; a point is frozen */

static void nothing_changes(void) {
    scene s;
    cn_real *x, *theta, *v, *v0, *out;
    int32_t label[9];
    size_t i, kind;
    cn_real *before, *after;
    make(&s, "input 3; dense 5; gelu; dense 3", 1, 9, 4, 0, 4000);
    x = cn_vector(&s.c, 27);
    theta = cn_vector(&s.c, s.P);
    v = cn_vector(&s.c, 2 * s.P);
    v0 = cn_vector(&s.c, 2 * s.P);
    out = cn_vector(&s.c, everything_room(&s));
    before = cn_vector(&s.c, s.P);
    after = cn_vector(&s.c, s.P);
    memcpy(x, s.x, 27 * sizeof *x);
    memcpy(theta, s.theta, s.P * sizeof *x);
    memcpy(label, s.label, sizeof label);
    cn_random(1, 1, 0, CN_NOISE_NORMAL, 1, 2 * s.P, v);
    memcpy(v0, v, 2 * s.P * sizeof *v);
    everything(&s, out);
    for (kind = 0; kind <= CN_OP_JACOBIAN_MOMENT; kind++) {
        cn_op_apply(cn_op_of(s.at, (int)kind, block_of(1, s.P - 1)), 2, v, out);
        cn_trace(cn_op_of(s.at, (int)kind, block_of(1, s.P - 1)), NULL);
    }
    CHECK(same_bits(27, s.x, x) && same_bits(s.P, s.theta, theta) && memcmp(label, s.label, sizeof label) == 0 &&
          same_bits(2 * s.P, v, v0));
    cn_op_apply(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), 1, v, before);
    for (i = 0; i < s.P; i++) s.theta[i] = 0; /* the point has its own copy */
    cn_op_apply(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), 1, v, after);
    CHECK(same_bits(s.P, before, after));
    cn_op_apply(cn_op_of(cn_point_create(s.p, s.theta, 0), CN_OP_HESSIAN, block_all()), 1, v, after);
    CHECK(!same_bits(s.P, before, after));
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

TEST_MAIN {
    CASE("the layer table against central differences") walk_the_table();
    CASE("golden values") {
        int g;
        cn_problem_desc how = CN_ZERO;
        for (g = 0; g < GOLDEN_NETS; g++) golden_values(g, NULL, 0);
        how.chunk = 5;
        for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(1, 5)) golden_values(g, &how, 1 << 20);
    }
    CASE("k vectors at once") {
        scene s;
        static const size_t k[] = {1, 3, 17, TEST_SIZE(40, 18)};
        size_t i;
        int g;
        for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(2, 6)) {
            cn_problem_desc how = CN_ZERO;
            how.chunk = 7;
            scene_golden(&s, g, &how, 0);
            for (i = 0; i < 4; i++) vectors_at_once(&s, k[i]);
            scene_free(&s);
        }
        scene_net(&s, texts[10].text); /* with a row that is not dense */
        scene_random(&s, 9, 1, 5);
        scene_point(&s, NULL, 0);
        for (i = 0; i < 4; i++) vectors_at_once(&s, k[i]);
        scene_free(&s);
    }
    CASE("blocks and adjoints") {
        scene s;
        int g;
        size_t t;
        for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(1, 7)) {
            scene_golden(&s, g, NULL, g % 2 ? 1 << 20 : 0);
            test_case = golden_nets[g].name;
            parts_of_products(&s);
            scene_free(&s);
        }
        for (t = 9; t < sizeof texts / sizeof *texts; t += TEST_SIZE(1, 3)) {
            test_case = texts[t].text;
            scene_net(&s, texts[t].text);
            scene_random(&s, TEST_SIZE(9, 3), 1, 5);
            scene_point(&s, NULL, 0);
            parts_of_products(&s);
            scene_free(&s);
        }
    }
    CASE("J'u sums over samples") {
        scene s;
        make(&s, "input 3; dense 5; tanh; dense 2", 0, 10, 4, 0, 0);
        sums_of_jtu(&s);
        scene_free(&s);
    }
    CASE("chunks, lanes, cache, tasks") {
        chunks_cache_tasks("input 3; dense 5; tanh; dense 4; relu; dense 3", 1);
        chunks_cache_tasks("input 3; gain; dense 4; softmax; dense 2", 0);
    }
    CASE("forms of the data") forms_of_data();
    CASE("batches") batches();
    CASE("bad input") bad_input();
    CASE("nothing of the caller's changes") nothing_changes();
}
