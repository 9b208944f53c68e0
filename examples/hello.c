/* hello.c: the smallest program. Train on four points, then ask how curved the loss is there, and what its top
   eigenvalue is.
       cc examples/hello.c -lm && ./a.out */
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include <stdio.h>

int main(void) {
    static const cn_real x[] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const int32_t y[] = {0, 1, 1, 0};
    cn_ctx c = CN_ZERO;
    cn_data data = CN_ZERO;
    cn_train_desc how = CN_ZERO;
    cn_block all = CN_ZERO;
    cn_net *net;
    cn_problem *p;
    cn_op *h;
    cn_real *theta;
    cn_eval e;
    cn_est trace;
    double largest = 0;

    data.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 4, 2, 0, 0);
    data.y = cn_tensor_of(y, CN_TYPE_I32, 1, 4, 0, 0, 0);
    net = cn_net_create(&c, "input 2; dense 8; tanh; dense 2");
    p = cn_problem_create(&c, net, &data, NULL);
    theta = cn_vector(&c, cn_net_describe(net).size);
    cn_net_init(net, CN_INIT_AUTO, 1, theta);

    how.epochs = 200;
    how.opt.lr = 0.5;
    e = cn_train(p, theta, &how);

    h = cn_op_of(cn_point_create(p, theta, 0), CN_OP_HESSIAN, all);
    trace = cn_trace(h, NULL);
    cn_eigs(h, NULL, &largest, NULL, NULL);

    if (c.status)
        printf("%s\n", c.message);
    else
        printf("loss %.4f   %d of %d right   tr H %.4f   lambda_max %.4f\n", e.loss, (int)e.correct, (int)e.n,
               trace.value, largest);
    cn_free_all(&c);
    return c.status;
}
