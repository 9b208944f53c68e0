/* chip.c: on a microcontroller. No malloc: everything lives in a static arena, and the pixels stay bytes. After
   learning on the device, is the model sharper than before? And how large must the arena be? A dry run says so before
   anything starts.
       cc examples/chip.c -lm && ./a.out
   On a Cortex-M4F: tests/targets.sh builds it with
   arm-none-eabi-gcc and runs it in QEMU. */
#define CN_NO_MALLOC
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include <stdio.h>

enum { SAMPLES = 40, SIZE = 16 };
static uint8_t pixels[SAMPLES][SIZE], label[SAMPLES];
static union {
    double align;
    unsigned char byte[40 * 1024];
} pool;

static void record(void) /* what a sensor would do: three patterns with noise */
{
    cn_real noise[SIZE];
    int i, j;
    for (i = 0; i < SAMPLES; i++) {
        label[i] = (uint8_t)(i % 3);
        cn_random(7, (uint64_t)i, 0, CN_NOISE_NORMAL, 12, SIZE, noise);
        for (j = 0; j < SIZE; j++) pixels[i][j] = (uint8_t)((double)noise[j] + (j % 3 == i % 3 ? 160 : 80));
    }
}

int main(void) {
    cn_ctx c = CN_ZERO;
    cn_data data = CN_ZERO;
    cn_problem_desc d = CN_ZERO;
    cn_train_desc how = CN_ZERO;
    cn_block all = CN_ZERO;
    cn_net *net;
    cn_problem *p;
    cn_real *theta;
    cn_eval e;
    cn_est before, after;
    size_t needed;

    record();
    c.arena = pool.byte;
    c.arena_bytes = sizeof pool.byte;
    data.x = cn_tensor_of(pixels, CN_TYPE_U8, 2, SAMPLES, SIZE, 0, 0);
    data.scale = 1.0 / 255;
    data.y = cn_tensor_of(label, CN_TYPE_U8, 1, SAMPLES, 0, 0, 0);
    d.chunk = 8; /* a small chunk and one lane keep the working memory small */
    d.lanes = 1;
    net = cn_net_create(&c, "input 16; dense 8; relu; dense 3");
    p = cn_problem_create(&c, net, &data, &d);
    theta = cn_vector(&c, cn_net_describe(net).size);
    cn_net_init(net, CN_INIT_AUTO, 1, theta);

    how.epochs = 30;
    how.batch = 8;
    how.opt.lr = 0.3;
    c.dry = 1; /* ask first */
    cn_train(p, theta, &how);
    needed = c.bytes_needed;
    c.dry = 0;
    cn_clear(&c);

    before = cn_trace(cn_op_of(cn_point_create(p, theta, 0), CN_OP_HESSIAN, all), NULL);
    e = cn_train(p, theta, &how);
    after = cn_trace(cn_op_of(cn_point_create(p, theta, 0), CN_OP_HESSIAN, all), NULL);

    if (c.status)
        printf("%s\n", c.message);
    else
        printf("%d of %d right, loss %.3f; tr H %.3f before, %.3f after; training takes %lu bytes, the most held was "
               "%lu\n",
               (int)e.correct, (int)e.n, e.loss, before.value, after.value, (unsigned long)needed,
               (unsigned long)c.bytes_peak);
    return c.status;
}
