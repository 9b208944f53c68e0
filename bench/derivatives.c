/* derivatives.c: what derivatives cost, in gradients of the same network and data: by the clock (median, in turn with
   the gradient) and by multiply-adds. One thread. make bench builds and runs it. */
#define _POSIX_C_SOURCE 200809L
static double counted;
#define CN_COUNT(n) counted += (double)(n);
#define CN_STATIC
#define CURVNOISE_IMPLEMENTATION
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../curvnoise.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEATS = 9, N = 2000, BLOCK = 16 };

typedef struct bench {
    cn_ctx c;
    cn_net *net;
    cn_problem *p;
    cn_point *cold, *cached;
    cn_real *theta, *v, *out;
    cn_block all, layer;
    double *gram;
} bench;

static void gradient(bench *b) { cn_evaluate(b->p, b->theta, NULL, b->out); }
static void jv(bench *b) { cn_jv(b->cold, b->all, 1, b->v, b->out); }
static void hv_cold(bench *b) {
    cn_op *a = cn_op_of(b->cold, CN_OP_HESSIAN, b->all);
    cn_op_apply(a, 1, b->v, b->out);
    cn_free(&b->c, a);
}
static void hv_cached(bench *b) {
    cn_op *a = cn_op_of(b->cached, CN_OP_HESSIAN, b->all);
    cn_op_apply(a, 1, b->v, b->out);
    cn_free(&b->c, a);
}
static void hv_block(bench *b) {
    cn_op *a = cn_op_of(b->cached, CN_OP_HESSIAN, b->all);
    cn_op_apply(a, BLOCK, b->v, b->out);
    cn_free(&b->c, a);
}
static void cv(bench *b) {
    cn_op *a = cn_op_of(b->cold, CN_OP_SECOND_MOMENT, b->all);
    cn_op_apply(a, 1, b->v, b->out);
    cn_free(&b->c, a);
}
static void trace_c(bench *b) {
    cn_op *a = cn_op_of(b->cold, CN_OP_SECOND_MOMENT, b->all);
    cn_trace(a, NULL);
    cn_free(&b->c, a);
}
static void trace_f(bench *b) {
    cn_op *a = cn_op_of(b->cold, CN_OP_FISHER, b->all);
    cn_trace(a, NULL);
    cn_free(&b->c, a);
}
static void block_h(bench *b) {
    cn_op *a = cn_op_of(b->cold, CN_OP_HESSIAN, b->layer);
    cn_op_dense(a, b->out);
    cn_free(&b->c, a);
}

static const struct {
    const char *name;
    void (*run)(bench *b);
    double per;
} rows[] = {{"J v", jv, 1},
            {"H v, cold", hv_cold, 1},
            {"H v, cached", hv_cached, 1},
            {"H v, each of 16, cached", hv_block, BLOCK},
            {"C v", cv, 1},
            {"tr C: squared norms of all gradients", trace_c, 1},
            {"tr F, exact", trace_f, 1},
            {"Hessian matrix of item 2's weight", block_h, 1}};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double timed(bench *b, void (*run)(bench *)) {
    double t = now();
    run(b);
    return now() - t;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *text) {
    static cn_real *x;
    static int32_t y[N];
    bench b;
    cn_data data = CN_ZERO;
    cn_net_info info;
    cn_part part;
    size_t i, r, most;
    double base[REPEATS], ratio[REPEATS], mark, one;
    memset(&b, 0, sizeof b);
    b.c.threads = 1;
    b.net = cn_net_create(&b.c, text);
    info = cn_net_describe(b.net);
    x = cn_vector(&b.c, N * info.inputs);
    cn_random(1, 0, 0, CN_NOISE_NORMAL, 1, N * info.inputs, x);
    for (i = 0; i < N; i++) y[i] = (int32_t)(i % info.outputs);
    data.x = cn_tensor_of(x, CN_TYPE_REAL, 2, N, info.inputs, 0, 0);
    data.y = cn_tensor_of(y, CN_TYPE_I32, 1, N, 0, 0, 0);
    b.p = cn_problem_create(&b.c, b.net, &data, NULL);
    b.theta = cn_vector(&b.c, info.size);
    cn_net_init(b.net, CN_INIT_TORCH, 1, b.theta);
    for (i = 0; i < info.parts && !b.layer.count; i++) {
        cn_net_part(b.net, NULL, i, &part);
        if (strncmp(part.name, "2.weight", 8) == 0 || strncmp(part.name, "3.weight", 8) == 0) b.layer = part.block;
    }
    most = b.layer.count * b.layer.count > N * info.outputs ? b.layer.count * b.layer.count : N * info.outputs;
    b.v = cn_vector(&b.c, BLOCK * info.size);
    b.out = cn_vector(&b.c, BLOCK * info.size > most ? BLOCK * info.size : most);
    cn_random(2, 0, 0, CN_NOISE_NORMAL, 1, BLOCK * info.size, b.v);
    b.cold = cn_point_create(b.p, b.theta, 0);
    b.cached = cn_point_create(b.p, b.theta, (size_t)1 << 30);
    hv_cached(&b);
    mark = counted;
    gradient(&b);
    one = counted - mark;
    for (r = 0; r < REPEATS; r++) base[r] = timed(&b, gradient);
    qsort(base, REPEATS, sizeof *base, ascending);
    printf("\n%s (%s), %d samples; the gradient takes %.2f ms [%.2f, %.2f]\n%-38s %18s %16s\n", text,
           CN__DOUBLE ? "double" : "float", N, 1e3 * base[REPEATS / 2], 1e3 * base[0], 1e3 * base[REPEATS - 1],
           "in gradients:", "time [min, max]", "multiply-adds");
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (r = 0; r < REPEATS; r++) {
            double t = timed(&b, gradient);
            ratio[r] = timed(&b, rows[i].run) / t / rows[i].per;
        }
        qsort(ratio, REPEATS, sizeof *ratio, ascending);
        mark = counted;
        rows[i].run(&b);
        printf("%-38s %6.2f [%.2f, %.2f] %13.2f\n", rows[i].name, ratio[REPEATS / 2], ratio[0], ratio[REPEATS - 1],
               (counted - mark) / one / rows[i].per);
    }
    if (b.c.status) printf("%s\n", b.c.message);
    cn_free_all(&b.c);
}

int main(void) {
    measure("input 784; dense 50; relu; dense 50; relu; dense 10");
    measure("input 64; dense 64; tanh; dense 64; tanh; dense 10");
    measure("input 1 12 12; conv 6 3; relu; maxpool 2; conv 8 3; relu; flatten; dense 20; relu; dense 10");
    return 0;
}
