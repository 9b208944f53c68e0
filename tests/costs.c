/* costs.c: what derivatives cost, counted in multiply-adds and compared with one gradient of the same network and data;
   and memory that does not grow with the number of samples. */
static double counted;
#define CN_COUNT(n) counted += (double)(n);
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

static double since(double *mark)
{
    double c = counted - *mark;
    *mark = counted;
    return c;
}

static void open_bench(bench *b, const char *text, size_t n)
{
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
    cn_random(1, 0, 0, CN_NORMAL, 1, n * info.inputs, b->x);
    for (i = 0; i < n; i++) b->y[i] = (int32_t)(i % info.outputs);
    data.x = cn_tensor_of(b->x, CN_REALS, 2, n, info.inputs, 0, 0);
    data.y = cn_tensor_of(b->y, CN_I32, 1, n, 0, 0, 0);
    b->p = cn_problem_create(&b->c, b->net, &data, &d);
    b->theta = cn_vector(&b->c, info.size);
    b->v = cn_vector(&b->c, 4 * info.size);
    b->out = cn_vector(&b->c, 4 * (info.size > n * info.outputs ? info.size : n * info.outputs));
    cn_net_init(b->net, CN_INIT_AUTO, 1, b->theta);
    cn_random(2, 0, 0, CN_NORMAL, 1, 4 * info.size, b->v);
    mark = counted;
    cn_evaluate(b->p, b->theta, NULL, b->out);
    b->gradient = since(&mark);
    if (b->c.status) {
        printf("%s: %s\n", text, b->c.message);
        exit(1);
    }
}

static void close_bench(bench *b)
{
    CHECK_STATUS(b->c.status, CN_OK);
    cn_free_all(&b->c);
}

/* The bounds are those of the exact algorithms (forward 1, backward 2, tangent 2, second 4 passes of multiply-adds at
   most, where the first layer has no tangent below it and no signal beneath it); what they are made of is written
   beside each. */
static void hessian_products(const char *text, double cold, double cached)
{
    bench b;
    cn_op *op;
    double mark, v;
    test_case = text;
    open_bench(&b, text, TEST_SIZE(40, 5));
    op = cn_op_of(cn_point_create(b.p, b.theta, 0), CN_HESSIAN, b.all);
    mark = counted;
    cn_op_apply(op, 1, b.v, b.out);
    v = since(&mark) / b.gradient;
    CHECK_NEAR(v, cold / 2, cold / 2); /* at most cold, and not nothing */
    CHECK(v > 0.9);
    op = cn_op_of(cn_point_create(b.p, b.theta, (size_t)1 << 28), CN_HESSIAN, b.all);
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

static void norms_and_traces(void)
{
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
    cn_trace(cn_op_of(at, CN_SECOND_MOMENT, b.all), NULL);
    /* squared norms of all per-sample gradients: forward, signals, two dots a layer */
    CHECK_NEAR(since(&mark) / b.gradient, 0.5, 0.5);
    cn_trace(cn_op_of(at, CN_FISHER, b.all), NULL);
    CHECK_NEAR(since(&mark) / b.gradient, 1.5, 1.5); /* exact tr F: K = 10 signals, no weight gradients */
    cn_op_apply(cn_op_of(at, CN_HESSIAN, b.all), 1, b.v, b.out);
    cold = since(&mark);
    {
        cn_op *block = cn_op_of(at, CN_HESSIAN, cn_net_block(&b.c, b.net, "2.weight"));
        cn_real *dense = cn_vector(&b.c, BLOCK * BLOCK);
        mark = counted;
        cn_op_dense(block, dense);
        /* the 50 x 50 block's Hessian: 1/20 of 2,500 whole products */
        CHECK_NEAR(since(&mark) / (BLOCK * cold), 0.025, 0.025);
    }
    close_bench(&b);
}

/* flat in n: the bytes of a call do not change once there are enough samples for all lanes */
static void memory(void)
{
    enum { MANY = TEST_SIZE(20480, 4096) };
    static const char *text = "input 8; dense 16; relu; dense 4";
    size_t bytes[2][4];
    int i, k;
    for (i = 0; i < 2; i++) {
        bench b;
        cn_op *op;
        cn_train_desc t = CN_ZERO;
        open_bench(&b, text, i ? MANY : 2048);
        op = cn_op_of(cn_point_create(b.p, b.theta, 0), CN_HESSIAN, b.all);
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

TEST_MAIN
{
    hessian_products("input 784; dense 50; relu; dense 50; relu; dense 10", 1.7, 1.15);
    hessian_products("input 12; dense 20; tanh; dense 20; tanh; dense 20; gelu; dense 5", 2.7, 2.05);
    hessian_products("input 1 12 12; conv 6 3; relu; maxpool 2; conv 8 3; relu; flatten; dense 20; relu; dense 10", 2.7,
                     2.05);
    hessian_products("input 3 8 8; conv 8 3 pad=1; batchnorm; relu; residual { conv 8 3 pad=1; batchnorm; relu; conv 8 "
                     "3 pad=1; batchnorm }; relu; gap; flatten; dense 10",
                     2.7, 2.05);
    CASE("norms and traces") norms_and_traces();
    CASE("memory") memory();
}
