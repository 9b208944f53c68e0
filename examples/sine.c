/* sine.c: a layer of your own, from outside the header: y = sin(w x). A pointwise row is a name and a function that
   gives value, first and second derivative; H, G, F, C, TIC and the optimisers follow. It learns a wave that relu and
   tanh networks of this size cannot follow.
       cc examples/sine.c -lm && ./a.out */
#define CN_REAL double
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include <stdio.h>

static void sine(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2) {
    double w = arg[0];
    size_t i;
    for (i = 0; i < n; i++) {
        if (f) f[i] = sin(w * x[i]);
        if (f1) f1[i] = w * cos(w * x[i]);
        if (f2) f2[i] = -w * w * sin(w * x[i]);
    }
}

enum { N = 64 };

static int learn(cn_ctx *c, const char *text, const cn_data *data) {
    cn_problem_desc d = CN_ZERO;
    cn_train_desc how = CN_ZERO;
    cn_block all = CN_ZERO;
    cn_eigs_desc ends = CN_ZERO;
    cn_real *theta;
    cn_eval e;
    cn_est t;
    double lambda[2] = {0, 0};
    cn_net *net = cn_net_create(c, text);
    cn_problem *p;
    cn_op *h;
    d.loss = CN_LOSS_SQUARED;
    p = cn_problem_create(c, net, data, &d);
    theta = cn_vector(c, cn_net_describe(net).size);
    cn_net_init(net, CN_INIT_TORCH, 3, theta);
    how.epochs = 2000;
    how.batch = 16;
    how.opt.lr = 0.02;
    how.opt.momentum = 0.9;
    e = cn_train(p, theta, &how);
    h = cn_op_of(cn_point_create(p, theta, 0), CN_OP_HESSIAN, all);
    t = cn_trace(h, NULL);
    ends.top = ends.bottom = 1;
    cn_eigs(h, &ends, lambda, NULL, NULL);
    if (!c->status)
        printf("%-38s loss %.5f   tr H %8.3f   eigenvalues %.4f ... %.3f\n", text, e.loss, t.value, lambda[1],
               lambda[0]);
    return c->status;
}

int main(void) {
    static cn_real x[N], y[N];
    cn_layer row = CN_ZERO;
    cn_ctx c = CN_ZERO;
    cn_data data = CN_ZERO;
    int i, status;
    for (i = 0; i < N; i++) {
        x[i] = 2.0 * i / (N - 1) - 1;
        y[i] = sin(12 * x[i]) * (1 - x[i] * x[i]);
    }
    data.x = cn_tensor_of(x, CN_TYPE_REAL, 2, N, 1, 0, 0);
    data.y = cn_tensor_of(y, CN_TYPE_REAL, 1, N, 0, 0, 0);
    /* `sine` or `sine 5` or `sine w=5` in a network text */
    row.name = "sine";
    row.args = "w=1";
    row.pointwise = sine;
    c.layers = &row;
    c.layer_count = 1; /* found before the built-in rows; must outlive the networks */
    (void)(learn(&c, "input 1; dense 16; tanh; dense 1", &data) ||
           learn(&c, "input 1; dense 16; sine 10; dense 1", &data));
    status = c.status;
    if (status) printf("%s\n", c.message);
    cn_free_all(&c);
    return status;
}
