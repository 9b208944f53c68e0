/* costs.c: what derivatives cost, counted in multiply-adds and compared with one gradient of the same network and data;
   and memory that does not grow with the number of samples. */
static double counted;
#define CN_COUNT(n) counted += (double)(n);
#define CN__STRIP_BYTES 3000 /* Gram matrices in many strips */
#define CN_STATIC
#define CURVNOISE_IMPLEMENTATION
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../curvnoise.h"
#include "test.h"

typedef struct bench {
    cn_ctx c;
    cn_net *net;
    cn_problem *p;
    cn_real *theta, *v, *out, *x;
    int32_t *y;
    size_t n, P;
    double gradient;
    cn_block all;
} bench;

static double since(double *mark) {
    double c = counted - *mark;
    *mark = counted;
    return c;
}

static void open_bench(bench *b, const char *text, size_t n) {
    cn_net_info info;
    cn_data data = CN_ZERO;
    cn_problem_desc d = CN_ZERO;
    size_t i;
    double mark;
    memset(b, 0, sizeof *b);
    b->c.threads = 1;
    b->n = n;
    b->net = cn_net_create(&b->c, text);
    info = cn_net_describe(b->net);
    b->P = info.params;
    b->x = cn_vector(&b->c, n * info.inputs);
    b->y = (int32_t *)(void *)cn_vector(&b->c, n);
    cn_random(1, 0, 0, CN_NOISE_NORMAL, 1, n * info.inputs, b->x);
    for (i = 0; i < n; i++) b->y[i] = (int32_t)(i % info.outputs);
    data.x = cn_tensor_of(b->x, CN_TYPE_REAL, 2, n, info.inputs, 0, 0);
    data.y = cn_tensor_of(b->y, CN_TYPE_I32, 1, n, 0, 0, 0);
    b->p = cn_problem_create(&b->c, b->net, &data, &d);
    b->theta = cn_vector(&b->c, info.size);
    b->v = cn_vector(&b->c, 4 * info.size);
    b->out = cn_vector(&b->c, 4 * (info.size > n * info.outputs ? info.size : n * info.outputs));
    cn_net_init(b->net, CN_INIT_AUTO, 1, b->theta);
    cn_random(2, 0, 0, CN_NOISE_NORMAL, 1, 4 * info.size, b->v);
    mark = counted;
    cn_evaluate(b->p, b->theta, NULL, b->out);
    b->gradient = since(&mark);
    if (b->c.status) {
        printf("%s: %s\n", text, b->c.message);
        exit(1);
    }
}

static void close_bench(bench *b) {
    CHECK_STATUS(b->c.status, CN_OK);
    cn_free_all(&b->c);
}

/* The bounds are those of the exact algorithms (forward 1, backward 2, tangent 2, second 4 passes of multiply-adds at
   most, where the first layer has no tangent below it and no signal beneath it); what they are made of is written
   beside each. */
static void hessian_products(const char *text, double cold, double cached) {
    bench b;
    cn_op *op;
    double mark, v;
    test_case = text;
    open_bench(&b, text, TEST_SIZE(40, 5));
    op = cn_op_of(cn_point_create(b.p, b.theta, 0), CN_OP_HESSIAN, b.all);
    mark = counted;
    cn_op_apply(op, 1, b.v, b.out);
    v = since(&mark) / b.gradient;
    CHECK_NEAR(v, cold / 2, cold / 2); /* at most cold, and not nothing */
    CHECK(v > 0.9);
    op = cn_op_of(cn_point_create(b.p, b.theta, (size_t)1 << 28), CN_OP_HESSIAN, b.all);
    cn_op_apply(op, 1, b.v, b.out);
    mark = counted;
    cn_op_apply(op, 1, b.v, b.out);
    v = since(&mark) / b.gradient;
    CHECK_NEAR(v, cached / 2, cached / 2);
    cn_op_apply(op, 4, b.v, b.out); /* a block costs its vectors, no more */
    CHECK_NEAR(since(&mark) / b.gradient, 2 * cached, 2 * cached);
    cn_jv(cn_point_create(b.p, b.theta, 0), b.all, 1, b.v, b.out);
    CHECK_NEAR(since(&mark) / b.gradient, 0.5, 0.5); /* forward and tangent: (1 + 2)/3 of a gradient at most */
    close_bench(&b);
}

static void norms_and_traces(void) {
    enum { WIDE = TEST_SIZE(50, 24), BLOCK = WIDE * WIDE };
    bench b;
    cn_point *at;
    double mark, cold;
    open_bench(&b,
               TEST_SIZE("input 784; dense 50; relu; dense 50; relu; dense 10",
                         "input 784; dense 24; relu; dense 24; relu; dense 10"),
               TEST_SIZE(60, 5));
    at = cn_point_create(b.p, b.theta, 0);
    mark = counted;
    cn_trace(cn_op_of(at, CN_OP_SECOND_MOMENT, b.all), NULL);
    /* squared norms of all per-sample gradients: forward, signals, two dots a layer */
    CHECK_NEAR(since(&mark) / b.gradient, 0.5, 0.5);
    cn_trace(cn_op_of(at, CN_OP_FISHER, b.all), NULL);
    CHECK_NEAR(since(&mark) / b.gradient, 1.5, 1.5); /* exact tr F: K = 10 signals, no weight gradients */
    cn_op_apply(cn_op_of(at, CN_OP_HESSIAN, b.all), 1, b.v, b.out);
    cold = since(&mark);
    {
        cn_op *block = cn_op_of(at, CN_OP_HESSIAN, cn_net_block(&b.c, b.net, "2.weight"));
        cn_real *dense = cn_vector(&b.c, BLOCK * BLOCK);
        mark = counted;
        cn_op_dense(block, dense);
        /* the 50 x 50 block's Hessian: 1/20 of 2,500 whole products */
        CHECK_NEAR(since(&mark) / (BLOCK * cold), 0.025, 0.025);
    }
    close_bench(&b);
}

/* flat in n: the bytes of a call do not change once there are enough samples for all lanes */
static void memory(void) {
    enum { MANY = TEST_SIZE(20480, 4096) };
    static const char *text = "input 8; dense 16; relu; dense 4";
    size_t bytes[2][4];
    int i, k;
    for (i = 0; i < 2; i++) {
        bench b;
        cn_op *op;
        cn_train_desc t = CN_ZERO;
        open_bench(&b, text, i ? MANY : 2048);
        op = cn_op_of(cn_point_create(b.p, b.theta, 0), CN_OP_HESSIAN, b.all);
        b.c.dry = 1;
        cn_evaluate(b.p, b.theta, NULL, b.out);
        bytes[i][0] = b.c.bytes_needed;
        cn_op_apply(op, 4, b.v, b.out);
        bytes[i][1] = b.c.bytes_needed;
        cn_trace(op, NULL);
        bytes[i][2] = b.c.bytes_needed;
        t.opt.lr = 1;
        cn_train(b.p, b.theta, &t);
        bytes[i][3] = b.c.bytes_needed;
        b.c.dry = 0;
        cn_clear(&b.c);
        close_bench(&b);
    }
    for (k = 0; k < 3; k++) CHECK_NEAR(bytes[1][k], bytes[0][k], 0);
    CHECK_NEAR(bytes[1][3], bytes[0][3] + (MANY - 2048) * 4, 0); /* train: the shuffled order, 4 bytes a sample */
}

static int look(void *user, const cn_view *v) {
    (void)v;
    return ++*(size_t *)user == 0;
}
static int look_once(void *user, const cn_view *v) {
    (void)v;
    ++*(size_t *)user;
    return 1;
}
static int no_change(void *user, const cn_view *v, cn_real *a_t) {
    (void)user;
    memset(a_t, 0, v->n * v->k * v->in * sizeof *a_t);
    return 0;
}

static double visited(bench *b, cn_point *at, const char *item, unsigned want,
                      int (*visit)(void *user, const cn_view *v)) {
    cn_visit_desc d = CN_ZERO;
    size_t views = 0;
    double mark = counted;
    d.item = item;
    d.want = want;
    d.inject = no_change;
    d.chunks = visit == look;
    CHECK_STATUS(cn_visit(at, &d, visit, &views), visit == look ? CN_OK : CN_CANCELLED);
    if (visit != look) cn_clear(&b->c);
    CHECK(views > 0);
    return since(&mark) / b->gradient;
}

/* A pass differentiates from the item asked for upward, and no further. The last of eight layers is 1/50 of the
   network. */
static void late_items(void) {
    bench b;
    cn_point *at;
    size_t K = 4;
    double forward, last;
    open_bench(&b,
               "input 32; dense 32; relu; dense 32; relu; dense 32; relu; dense 32; relu; dense 32; relu; dense 32; "
               "relu; dense 4",
               TEST_SIZE(64, 16));
    at = cn_point_create(b.p, b.theta, 0);
    forward = visited(&b, at, NULL, 0, look);
    last = 4 / (6 * 32. + 4);
    CHECK_NEAR(forward, 0.35, 0.03); /* one pass of three, the first layer having no signal beneath it */
    CHECK_NEAR(visited(&b, at, "12", CN_WANT_DELTA, look), forward, 1e-9); /* the loss gradient is there already */
    CHECK_NEAR(visited(&b, at, "12", CN_WANT_GRADIENT | CN_WANT_NORM, look), forward + last, last);
    CHECK_NEAR(visited(&b, at, "10", CN_WANT_DELTA, look), forward + last, last); /* down through the last */
    CHECK(visited(&b, at, "0", CN_WANT_DELTA, look) < 0.75);
    CHECK(visited(&b, at, "0", CN_WANT_DELTA, look) > 0.6);
    /* signals for every output, tangents of z up and second-order down, above the item alone */
    CHECK_NEAR(visited(&b, at, "10", CN_WANT_Z_JACOBIAN, look), forward + (double)K * last / 2, (double)K * last / 2);
    CHECK(visited(&b, at, "12", CN_WANT_Z_HESSIAN, look) < forward + last);
    CHECK(visited(&b, at, "12", CN_WANT_TANGENT, look) < forward + last);
    /* the item's own z_t, and through the last layer: twice up and down, for gy, gy_t */
    CHECK(visited(&b, at, "10", CN_WANT_TANGENT, look) < forward + 1 / 18. + 3 * last);
    CHECK(visited(&b, at, "10", CN_WANT_Z_HESSIAN, look) < forward + 32 * 3 * last);
    /* derivatives by x are made once a chunk, not once an item */
    CHECK_NEAR(visited(&b, at, NULL, CN_WANT_X_GRADIENT, look), visited(&b, at, "", CN_WANT_X_GRADIENT, look), 1e-9);
    CHECK_NEAR(visited(&b, at, NULL, CN_WANT_X_JACOBIAN | CN_WANT_X_GRADIENT, look),
               visited(&b, at, "", CN_WANT_X_JACOBIAN | CN_WANT_X_GRADIENT, look), 1e-9);
    CHECK(visited(&b, at, "", CN_WANT_X_JACOBIAN, look) < forward + (double)(K + 1) / 3);
    close_bench(&b);
    /* stopped at the first sample: one chunk of many is all that was passed */
    open_bench(&b, "input 32; dense 32; relu; dense 4", 1024);
    at = cn_point_create(b.p, b.theta, 0);
    CHECK(visited(&b, at, NULL, CN_WANT_DELTA, look_once) < 0.13); /* 128 samples of 1,024 */
    close_bench(&b);
}

/* Gram matrices in many strips of columns: products of explicit rows */
static void strips(void) {
    static const char *text = "input 2 6 6; conv 8 3; relu; conv 4 2 groups=2; tanh; flatten; dense 3";
    enum { N = 6, K = 3 };
    bench b;
    cn_point *at, *other;
    cn_real *g, *h, *u, *jac;
    double *out, error[2] = {0, 0}, most[2] = {0, 0};
    size_t i, j, e, bytes;
    open_bench(&b, text, N);
    cn_random(3, 0, 0, CN_NOISE_NORMAL, 0.4, b.P, b.v);
    at = cn_point_create(b.p, b.theta, 0);
    other = cn_point_create(b.p, b.v, 0);
    g = cn_vector(&b.c, N * b.P);
    h = cn_vector(&b.c, N * b.P);
    u = cn_vector(&b.c, N * K * N * K);
    jac = cn_vector(&b.c, N * K * b.P);
    for (i = 0; i < N * K; i++) u[(i / K * N * K + i) * K + i % K] = 1;
    out = (double *)malloc(N * K * N * K * sizeof *out);
    CHECK_STATUS(cn_gradients(at, b.all, g), CN_OK);
    CHECK_STATUS(cn_gradients(other, b.all, h), CN_OK);
    CHECK_STATUS(cn_jtu(at, b.all, N * K, u, jac), CN_OK);
    b.c.dry = 1;
    CHECK_STATUS(cn_gram(at, other, CN_OP_SECOND_MOMENT, b.all, out), CN_DRY);
    bytes = b.c.bytes_needed;
    b.c.dry = 0;
    cn_clear(&b.c);
    b.c.bytes_peak = b.c.bytes_now;
    i = b.c.bytes_now;
    CHECK_STATUS(cn_gram(at, other, CN_OP_SECOND_MOMENT, b.all, out), CN_OK);
    CHECK(b.c.bytes_peak == i + bytes);
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            double sum = 0;
            for (e = 0; e < b.P; e++) sum += (double)g[i * b.P + e] * (double)h[j * b.P + e];
            most[0] = fmax(most[0], fabs(sum));
            error[0] = fmax(error[0], fabs(sum - out[i * N + j]));
        }
    CHECK_STATUS(cn_gram(at, NULL, CN_OP_JACOBIAN_MOMENT, b.all, out), CN_OK);
    for (i = 0; i < N * K; i++)
        for (j = 0; j < N * K; j++) {
            double sum = 0;
            for (e = 0; e < b.P; e++) sum += (double)jac[i * b.P + e] * (double)jac[j * b.P + e];
            most[1] = fmax(most[1], fabs(sum));
            error[1] = fmax(error[1], fabs(sum - out[i * N * K + j]));
        }
    /* sums of some hundred terms in another order */
    CHECK_NEAR(error[0], 0, 1000 * TEST_EPS * most[0]);
    CHECK_NEAR(error[1], 0, 1000 * TEST_EPS * most[1]);
    free(out);
    close_bench(&b);
}

/* Beside eigenproblems of 10 x 10, which are not counted: forward and ten backward passes without the first layer's,
   0.8 gradients; two products with triangles, 0.6; theta^2 x^2, 0.5; norms and Gram matrices. All of df/dx: 784 x 50
   x 10, 4.5. The norms of weights do not grow with n. */
static void sensitivities(void) {
    bench b;
    cn_point *at;
    cn_mls_desc d = CN_ZERO;
    double mark;
    open_bench(&b, "input 784; dense 50; relu; dense 50; relu; dense 10", TEST_SIZE(2000, 100));
    at = cn_point_create(b.p, b.theta, 0);
    mark = counted;
    d.want = CN_MLS_INPUT;
    CHECK_STATUS(cn_mls(at, &d).status, CN_OK);
    CHECK_NEAR(since(&mark) / b.gradient, TEST_SIZE(0.8, 2), TEST_SIZE(0.8, 2));
    d.want = 127 & ~(unsigned)CN_MLS_INVARIANT;
    CHECK_STATUS(cn_mls(at, &d).status, CN_OK);
    CHECK_NEAR(since(&mark) / b.gradient, TEST_SIZE(1.25, 4), TEST_SIZE(1.25, 4));
    d.want = 0;
    CHECK_STATUS(cn_mls(at, &d).status, CN_OK);
    CHECK_NEAR(since(&mark) / b.gradient, TEST_SIZE(3.5, 6), TEST_SIZE(3.5, 6));
    close_bench(&b);
}

TEST_MAIN {
    hessian_products("input 784; dense 50; relu; dense 50; relu; dense 10", 1.7, 1.15);
    hessian_products("input 12; dense 20; tanh; dense 20; tanh; dense 20; gelu; dense 5", 2.7, 2.05);
    hessian_products("input 1 12 12; conv 6 3; relu; maxpool 2; conv 8 3; relu; flatten; dense 20; relu; dense 10", 2.7,
                     2.05);
    hessian_products("input 3 8 8; conv 8 3 pad=1; batchnorm; relu; residual { conv 8 3 pad=1; batchnorm; relu; conv 8 "
                     "3 pad=1; batchnorm }; relu; gap; flatten; dense 10",
                     2.7, 2.05);
    CASE("norms and traces") norms_and_traces();
    CASE("sensitivities") sensitivities();
    CASE("late items") late_items();
    CASE("strips") strips();
    CASE("memory") memory();
}
