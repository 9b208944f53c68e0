/* bench/spectrum.c: what estimates and eigenpairs cost, counted in products with the operator and passes over the data,
   and what the errors of estimates are worth where one eigenvalue dominates. Nothing here depends on the machine's
   speed.

       make bench-spectrum
       */
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include "../examples/data/digits.h"
#include <stdio.h>
#include <string.h>

#define NET "input 64; dense 24; tanh; dense 10"
enum { SAMPLES = 1000, PIXELS = 64, N = 300, SEEDS = 400 };

/* ---- an operator Q diag Q' with three reflections, and one that counts what it hands on */

typedef struct known {
    double lambda[N], h[3][N], trace;
} known;
typedef struct counter {
    cn_op *of;
    size_t products, passes;
} counter;

static int known_apply(void *user, size_t k, const cn_real *x, cn_real *y) {
    const known *a = (const known *)user;
    size_t i;
    int r, turn;
    double dot;
    memcpy(y, x, k * N * sizeof *y);
    for (; k > 0; k--, y += N)
        for (turn = 0; turn < 2; turn++) {
            for (r = 0; r < 3; r++) {
                const double *h = a->h[turn ? 2 - r : r];
                for (dot = 0, i = 0; i < N; i++) dot += h[i] * (double)y[i];
                for (i = 0; i < N; i++) y[i] -= (cn_real)(2 * dot * h[i]);
            }
            for (i = 0; !turn && i < N; i++) y[i] *= (cn_real)a->lambda[i];
        }
    return CN_OK;
}

static int counted(void *user, size_t k, const cn_real *x, cn_real *y) {
    counter *c = (counter *)user;
    c->products += k;
    c->passes++;
    return cn_op_apply(c->of, k, x, y);
}

/* ---- coverage: how often |value - trace| <= 1 and 2 errors, and the root mean square of the miss, over 400 seeds */

static const struct {
    int method;
    const char *name;
} methods[] = {{CN_METHOD_HUTCHINSON, "Hutchinson"}, {CN_METHOD_HUTCHPP, "Hutch++"}, {CN_METHOD_XTRACE, "XTrace"}};

static void coverage(cn_ctx *c) {
    static const char *const names[] = {"flat, indefinite", "decades", "one spike of 1e3", "spikes 1e6, 1e3"};
    static known a;
    size_t s, m, i, probes;
    int r, seed;
    printf("Trace estimates, size %d, normal probes, %d seeds: share within 1 and 2 standard errors (Student's t: 68 "
           "%% and 95 %%), and\nroot mean square miss over the trace\n\n",
           N, SEEDS);
    printf("%-18s %-11s %22s   %22s\n", "spectrum", "method", "64 products", "256 products");
    for (r = 0; r < 3; r++) {
        cn_real h[N];
        double norm = 0;
        cn_random(71, (uint64_t)r, 0, CN_NOISE_NORMAL, 1, N, h);
        for (i = 0; i < N; i++) norm += (double)h[i] * (double)h[i];
        for (i = 0; i < N; i++) a.h[r][i] = (double)h[i] / sqrt(norm);
    }
    for (s = 0; s < 4; s++) {
        cn_op *op = cn_op_user(c, N, known_apply, &a);
        for (a.trace = 0, i = 0; i < N; i++) {
            double u = ((double)i + 0.5) / N;
            a.lambda[i] = s == 0   ? 10 * (u - 0.3)
                          : s == 1 ? exp(-20 * u)
                          : s == 2 ? (i ? u : 1e3)
                          : i == 0 ? 1e6
                          : i == 1 ? 1e3
                                   : u;
            a.trace += a.lambda[i];
        }
        for (m = 0; m < 3; m++) {
            printf("%-18s %-11s", m ? "" : names[s], methods[m].name);
            for (probes = 64; probes <= 256; probes *= 4) {
                double one = 0, two = 0, squares = 0;
                cn_probe_desc d = CN_ZERO;
                d.method = methods[m].method;
                d.kind = CN_NOISE_NORMAL;
                d.probes = probes;
                for (seed = 0; seed < SEEDS; seed++) {
                    cn_est e;
                    d.seed = 1000 + (uint64_t)seed;
                    e = cn_trace(op, &d);
                    one += fabs(e.value - a.trace) <= e.error;
                    two += fabs(e.value - a.trace) <= 2 * e.error;
                    squares += (e.value - a.trace) * (e.value - a.trace);
                }
                printf("   %5.1f %% %5.1f %% %7.1e", 100 * one / SEEDS, 100 * two / SEEDS,
                       sqrt(squares / SEEDS) / fabs(a.trace));
                fflush(stdout);
            }
            printf("\n");
        }
        cn_free(c, op);
    }
    printf("\nXTrace's error is made to err on the large side. With a spike, z'Az is skewed: Hutchinson's error covers "
           "less than it says;\nthe other two find the spike and leave it out.\n\n");
}

/* ---- eigenpairs of a trained network's Hessian */

static void row(cn_op *op, counter *n, const char *name, const cn_eigs_desc *d, const double *truth) {
    double values[32], off = 0;
    cn_iter r;
    size_t i;
    n->products = n->passes = 0;
    r = cn_eigs(op, d, values, NULL, NULL);
    for (i = 0; i < d->top; i++) off = fmax(off, fabs(values[i] - truth[i]));
    printf("%-34s %9lu %9lu   %-4s %8.1e\n", name, (unsigned long)n->products, (unsigned long)n->passes,
           r.converged ? "yes" : "no", off / truth[0]);
}

/* One after the other by the power method, each deflated from the operator: what PyHessian does. */
static void power_with_deflation(cn_op *op, counter *n, const cn_eigs_desc *like, const double *truth, cn_real *found) {
    size_t i, size = cn_op_describe(op).size;
    double value, off = 0;
    cn_eigs_desc d = CN_ZERO;
    cn_iter r;
    int all = 1;
    n->products = n->passes = 0;
    d.method = CN_METHOD_POWER;
    d.tolerance = like->tolerance;
    d.products = 20000;
    for (i = 0; i < like->top; i++) {
        r = cn_eigs(cn_op_deflate(op, i, found), &d, &value, NULL, found + i * size);
        off = fmax(off, fabs(value - truth[i]));
        all = all && r.converged;
    }
    printf("%-34s %9lu %9lu   %-4s %8.1e\n", "power method, deflated", (unsigned long)n->products,
           (unsigned long)n->passes, all ? "yes" : "no", off / truth[0]);
}

static void pairs(cn_ctx *c) {
    cn_data data = CN_ZERO;
    cn_train_desc how = CN_ZERO;
    cn_eigs_desc d = CN_ZERO;
    cn_block all = CN_ZERO;
    double truth[32];
    char name[64];
    counter n;
    cn_op *op;
    cn_net *net;
    cn_problem *p;
    cn_real *theta, *found;
    size_t b;
    data.x = cn_tensor_of(digits_x, CN_TYPE_U8, 2, SAMPLES, PIXELS, 0, 0);
    data.scale = 1 / 16.0;
    data.y = cn_tensor_of(digits_y, CN_TYPE_U8, 1, SAMPLES, 0, 0, 0);
    net = cn_net_create(c, NET);
    p = cn_problem_create(c, net, &data, NULL);
    theta = cn_vector(c, cn_net_describe(net).size);
    cn_net_init(net, CN_INIT_AUTO, 1, theta);
    how.epochs = 30;
    how.opt.lr = 0.1;
    how.opt.momentum = 0.9;
    cn_train(p, theta, &how);
    n.of = cn_op_of(cn_point_create(p, theta, (size_t)1 << 28), CN_OP_HESSIAN, all);
    op = cn_op_user(c, cn_op_describe(n.of).size, counted, &n);
    d.top = 10;
    d.method = CN_METHOD_EXACT;
    cn_eigs(n.of, &d, truth, NULL, NULL);
    if (c->status) {
        printf("%s\n", c->message);
        return;
    }
    printf("The 10 largest eigenvalues of the Hessian (%s, %lu parameters, %d digits, trained)\n\n", NET,
           (unsigned long)cn_op_describe(op).size, SAMPLES);
    printf("%-34s %9s %9s   %-4s %8s\n", "method (tolerance 1e-6)", "products", "passes", "conv", "off");
    d.method = CN_METHOD_LANCZOS;
    d.tolerance = 1e-6;
    for (b = 1; b <= 8; b *= 2) {
        sprintf(name, "Lanczos, block %lu%s", (unsigned long)b, b == 4 ? " (default)" : "");
        d.block_size = b;
        row(op, &n, name, &d, truth);
    }
    d.block_size = 0;
    d.basis = 30;
    row(op, &n, "Lanczos, block 4, 30 vectors held", &d, truth);
    found = cn_vector(c, 10 * cn_op_describe(op).size);
    power_with_deflation(op, &n, &d, truth, found);
    printf("\nA pass serves all vectors of a block. off: the largest error over the largest eigenvalue, against a "
           "dense eigenproblem.\n");
}

int main(void) {
    cn_ctx c = CN_ZERO;
    pairs(&c);
    printf("\n");
    coverage(&c);
    cn_free_all(&c);
    return c.status;
}
