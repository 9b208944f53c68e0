/* tic.c: Takeuchi's criterion by quadrature, by diagonals and by layers. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"
#include "../examples/data/digits.h"

/* Least squares "input d; dense 1 bias=0" on n samples: H = X'X/n, C = mean of r^2 xx'. */
static void least_squares(scene *s, size_t n, size_t d, uint64_t seed) {
    cn_problem_desc how = CN_ZERO;
    char text[64];
    size_t i, j;
    sprintf(text, "input %u; dense 1 bias=0", (unsigned)d);
    scene_net(s, text);
    scene_random(s, n, 0, seed);
    for (i = 0; i < n; i++)
        for (j = 0; j < d; j++) s->x[i * d + j] *= (cn_real)(1 + 0.5 * (double)j); /* a condition number of 10 or so */
    how.loss = CN_LOSS_SQUARED;
    scene_point(s, &how, 0);
}

/* tr(H^-1 C)/N by Gauss's elimination, in double */
static double least_squares_tic(const scene *s) {
    size_t d = s->M, i, j, k, n = s->n;
    double h[8][16], r, factor, sum = 0;
    memset(h, 0, sizeof h);
    for (i = 0; i < n; i++) {
        const cn_real *x = s->x + i * d;
        for (r = -(double)s->target[i], j = 0; j < d; j++) r += (double)s->theta[j] * (double)x[j];
        for (j = 0; j < d; j++)
            for (k = 0; k < d; k++) {
                h[j][k] += (double)x[j] * (double)x[k];
                h[j][d + k] += r * r * (double)x[j] * (double)x[k];
            }
    }
    for (j = 0; j < d; j++)
        for (i = 0; i < d; i++) {
            if (i == j) continue;
            factor = h[i][j] / h[j][j];
            for (k = j; k < 2 * d; k++) h[i][k] -= factor * h[j][k];
        }
    for (j = 0; j < d; j++) sum += h[j][d + j] / h[j][j];
    return sum / (double)n;
}

/* As many steps as parameters see the whole spectrum: only the signs are random. Of 400 intervals of 2.04 standard
   errors (Student's t, 31 degrees of freedom) 95 % should hold the exact value: binomial sd 1.1 %, 3 of them. */
static void coverage(void) {
    enum { SEEDS = TEST_SIZE(400, 100) };
    scene s;
    cn_tic_desc q = CN_ZERO;
    cn_tic_result r;
    double exact, mean = 0, error2 = 0;
    int seed, inside = 0, three;
    least_squares(&s, 100, 6, 3);
    exact = least_squares_tic(&s);
    r = cn_tic(s.at, NULL);
    CHECK_RELATIVE(r.tic, exact, TEST_REAL(1e-12, 1e-4)); /* condition 50: 1e3 roundings */
    CHECK(r.error == 0 && r.half_steps == r.tic && r.probes == 0 && r.form == CN_TIC_DENSE);
    q.form = CN_TIC_QUADRATURE;
    q.probe.steps = 6;
    for (three = 0; three < 2; three++) {
        q.basis_bytes = (size_t)three; /* of vectors that span everything the last two do as well, to rounding */
        for (inside = 0, mean = error2 = 0, seed = 0; seed < SEEDS; seed++) {
            q.probe.seed = (uint64_t)seed + 1;
            r = cn_tic(s.at, &q);
            CHECK(r.status == CN_OK && r.probes == 32 && r.three_vectors == three && r.form == CN_TIC_QUADRATURE);
            inside += fabs(r.tic - exact) <= 2.04 * r.error;
            mean += r.tic / SEEDS;
            error2 += r.error * r.error / SEEDS;
        }
        CHECK(inside >= (int)(SEEDS * (0.95 - 3 * sqrt(0.95 * 0.05 / SEEDS))));
        CHECK(inside <= (int)(SEEDS * (0.95 + 3 * sqrt(0.95 * 0.05 / SEEDS))) + 1);
        CHECK_NEAR(mean, exact, 4 * sqrt(error2 / SEEDS)); /* no bias: 4 standard errors of the mean of all */
    }
    q.probe.kind = CN_NOISE_NORMAL; /* E zz' = C for these too, with a larger spread */
    r = cn_tic(s.at, &q);
    CHECK_NEAR(r.tic, exact, 4 * r.error);
    scene_free(&s);
}

/* A network of digits, trained a little. */
static void trained(scene *s, int number) {
    cn_train_desc t = CN_ZERO;
    char text[64];
    sprintf(text, "input 64; dense %d; %s; dense 10", TEST_SIZE(6, 2) + number % TEST_SIZE(5, 2),
            number / 5 % 2 ? "tanh" : "relu");
    scene_net(s, text);
    s->n = TEST_SIZE(300, 60);
    s->data.x = cn_tensor_of(digits_x, CN_TYPE_U8, 2, s->n, 64, 0, 0);
    s->data.scale = 1. / 16;
    s->data.y = cn_tensor_of(digits_y, CN_TYPE_U8, 1, s->n, 0, 0, 0);
    cn_net_init(s->net, CN_INIT_AUTO, (uint64_t)number, s->theta);
    s->p = cn_problem_create(&s->c, s->net, &s->data, NULL);
    t.epochs = (size_t)(20 + number % 3 * 20);
    t.opt.lr = 0.1;
    t.opt.momentum = number % 2 ? 0.9 : 0;
    t.seed = (uint64_t)number;
    CHECK_STATUS(cn_train(s->p, s->theta, &t).status, CN_OK);
    scene_point(s, NULL, 1 << 24);
}

/* The exact value within 3 standard errors or within the half-step difference on at least 18 of 20 networks. */
static void networks(void) {
    enum { NETS = TEST_SIZE(20, 1) };
    scene s;
    cn_tic_desc q = CN_ZERO;
    cn_tic_result exact, r, f;
    int i, good = 0, three = 0, fisher = 0;
    for (i = 0; i < NETS; i++) {
        trained(&s, i);
        memset(&q, 0, sizeof q);
        exact = cn_tic(s.at, &q);
        CHECK(exact.status == CN_OK && exact.exact && exact.kept > 10);
        q.form = CN_TIC_QUADRATURE;
        r = cn_tic(s.at, &q);
        CHECK(r.status == CN_OK && !r.exact && !r.lower_bound && !r.kept_known && r.kept == 0 && r.examined == 0);
        CHECK_RELATIVE(r.largest, exact.largest, TEST_REAL(1e-9, 1e-4)); /* the first value of Lanczos to converge */
        CHECK_RELATIVE(r.ratio, exact.ratio, TEST_REAL(1e-12, 1e-5));
        good += fabs(r.tic - exact.tic) <= 3 * r.error || fabs(r.tic - exact.tic) <= fabs(r.tic - r.half_steps);
        q.basis_bytes = 1;
        r = cn_tic(s.at, &q);
        CHECK(r.status == CN_OK && r.three_vectors);
        three += fabs(r.tic - exact.tic) <= 0.2 * exact.tic; /* measured: within 12 % on these */
        q.basis_bytes = 0;
        f = cn_tic_fisher(s.at, &q);
        q.form = CN_TIC_DENSE;
        exact = cn_tic_fisher(s.at, &q);
        CHECK(f.status == CN_OK && exact.status == CN_OK && f.negative_known && f.negative == 0);
        fisher += fabs(f.tic - exact.tic) <= 3 * f.error || fabs(f.tic - exact.tic) <= fabs(f.tic - f.half_steps);
        scene_free(&s);
    }
    CHECK(20 * good >= 18 * NETS && 20 * three >= 18 * NETS && 20 * fisher >= 18 * NETS);
}

static int stop_after;
static int stopping(void *user, const cn_progress *p) {
    (void)user;
    return strcmp(p->what, "TIC") == 0 && p->done >= stop_after;
}

/* Groups of probes do not change bits; a cancelled call has what was finished; the rule for stopping. */
static void groups(void) {
    scene s;
    cn_tic_desc q = CN_ZERO;
    cn_tic_result one, all, fewer;
    trained(&s, 7);
    q.form = CN_TIC_QUADRATURE;
    q.probe.probes = 20;
    q.probe.steps = 12;
    all = cn_tic(s.at, &q);
    q.basis_bytes = 13 * s.P * sizeof(cn_real); /* one at a time, the whole basis */
    one = cn_tic(s.at, &q);
    CHECK(one.status == CN_OK && !one.three_vectors);
    CHECK(one.tic == all.tic && one.error == all.error && one.half_steps == all.half_steps);
    q.probe.probes = 3;
    fewer = cn_tic(s.at, &q);
    q.probe.probes = 20;
    s.c.progress = stopping;
    stop_after = 3;
    one = cn_tic(s.at, &q);
    CHECK_STATUS(one.status, CN_CANCELLED);
    CHECK(one.probes == 3 && one.tic > 0);
    CHECK_RELATIVE(one.tic, fewer.tic, 1e-12); /* lambda_max too is that of three */
    CHECK_STATUS(s.c.status, CN_CANCELLED);
    cn_clear(&s.c);
    s.c.progress = NULL;
    q.probe.rel_error = 1e9; /* the first moment from 16 probes on */
    one = cn_tic(s.at, &q);
    CHECK(one.status == CN_OK && one.probes == 16);
    q.probe.rel_error = 0;
    q.probe.probes = 1; /* says nothing about its error */
    one = cn_tic(s.at, &q);
    CHECK(one.error == one.tic && one.probes == 1);
    /* half the steps with the same signs: the nodes of the first half of the process */
    q.probe.probes = 4;
    all = cn_tic(s.at, &q);
    q.probe.steps = 6;
    one = cn_tic(s.at, &q);
    CHECK_RELATIVE(all.half_steps, one.tic, TEST_REAL(0.05, 0.05)); /* but for a cut that hangs on lambda_max */
    scene_free(&s);
}

/* half_cut and double_cut are what other cuts give, in every form. */
static void cuts(void) {
    static const double cut[3] = {5e-4, 1e-3, 2e-3};
    scene s;
    cn_tic_desc q = CN_ZERO;
    cn_tic_result r[3], alone;
    int form, i;
    trained(&s, 3);
    for (form = CN_TIC_DENSE; form < CN_TIC_FORMS; form++) {
        q.form = form;
        q.pairs = 40;
        q.probe.probes = TEST_SIZE(32, 8);
        if (form == CN_TIC_GRAM) continue;
        CHECK_STATUS(cn_tic_curve(s.at, &q, 3, cut, r), CN_OK);
        CHECK(r[1].half_cut == r[0].tic && r[1].double_cut == r[2].tic && r[0].double_cut == r[1].tic);
        for (i = 0; i < 3; i++) {
            q.cut = cut[i];
            alone = cn_tic(s.at, &q);
            CHECK(alone.tic == r[i].tic && alone.kept == r[i].kept && alone.error == r[i].error);
            CHECK(alone.form == form && alone.cut == cut[i]);
        }
        q.cut = 0;
        CHECK(r[0].tic >= r[1].tic && r[1].tic >= r[2].tic && r[2].tic > 0); /* fewer positive terms */
    }
    scene_free(&s);
}

/* By diagonals and by layers, against their definitions from dense matrices. */
static void approximations(void) {
    scene s;
    cn_tic_desc q = CN_ZERO;
    cn_tic_result r, dense;
    cn_real *h, *c, *a;
    double *value, most = 0, sum = 0;
    size_t i, j, k, kept = 0, items[2] = {0, 2}, first[2], count[2];
    trained(&s, 1);
    h = scene_matrix(&s, CN_OP_HESSIAN, block_all(), &k);
    c = scene_matrix(&s, CN_OP_SECOND_MOMENT, block_all(), &k);
    for (i = 0; i < s.P; i++)
        if ((double)h[i * s.P + i] > most) most = (double)h[i * s.P + i];
    for (i = 0; i < s.P; i++)
        if ((double)h[i * s.P + i] > 1e-3 * most) {
            sum += (double)c[i * s.P + i] / (double)h[i * s.P + i];
            kept++;
        }
    q.form = CN_TIC_DIAGONAL;
    r = cn_tic(s.at, &q);
    CHECK(r.status == CN_OK && r.kept == kept && r.form == CN_TIC_DIAGONAL && r.exact);
    CHECK_RELATIVE(r.tic, sum / (double)s.n, TEST_REAL(1e-9, 1e-3)); /* 1e3 roundings of the smallest kept */
    CHECK_RELATIVE(r.largest, most, TEST_REAL(1e-12, 1e-5));
    /* layers: the matrix without its blocks off the diagonal has just this TIC */
    for (i = 0; i < 2; i++) {
        cn_item_info item;
        CHECK_STATUS(cn_net_item(s.net, items[i], &item), CN_OK);
        first[i] = item.params.first;
        count[i] = item.params.count;
    }
    for (i = 0; i < s.P; i++)
        for (j = 0; j < s.P; j++)
            if ((i < first[1]) != (j < first[1])) h[i * s.P + j] = 0;
    value = (double *)malloc(s.P * sizeof *value);
    a = cn_vector(&s.c, s.P * s.P);
    CHECK_STATUS(cn_eigen(&s.c, s.P, h, 0, 0, value, a, NULL), CN_OK);
    for (sum = 0, kept = 0, i = 0; i < s.P; i++) {
        double along = 0;
        if (!(value[i] > 1e-3 * value[0])) continue;
        for (j = 0; j < s.P; j++)
            for (k = 0; k < s.P; k++) along += (double)a[i * s.P + j] * (double)c[j * s.P + k] * (double)a[i * s.P + k];
        sum += along / value[i];
        kept++;
    }
    q.form = CN_TIC_LAYERS;
    r = cn_tic(s.at, &q);
    CHECK(r.status == CN_OK && r.kept == kept && r.examined == s.P && r.form == CN_TIC_LAYERS);
    CHECK_RELATIVE(r.tic, sum / (double)s.n, TEST_REAL(1e-9, 2e-2));
    CHECK_RELATIVE(r.largest, value[0], TEST_REAL(1e-12, 1e-5));
    q.block = block_of(first[1], count[1]); /* of one layer: the dense form */
    r = cn_tic(s.at, &q);
    q.form = CN_TIC_DENSE;
    dense = cn_tic(s.at, &q);
    CHECK(r.status == CN_OK && r.tic == dense.tic && r.kept == dense.kept && r.gap_to_cut == dense.gap_to_cut);
    q.block = block_of(first[1] - 20, 60); /* across two layers */
    q.form = CN_TIC_LAYERS;
    r = cn_tic(s.at, &q);
    CHECK(r.status == CN_OK && r.examined == 60);
    free(value);
    scene_free(&s);
}

/* Negative eigenvalues with their sign; what is refused; AUTO's choice. */
static void bounds(void) {
    scene s;
    cn_tic_desc q = CN_ZERO;
    cn_tic_result r, exact;
    trained(&s, 6);
    q.keep_negative = 1;
    exact = cn_tic(s.at, &q);
    q.form = CN_TIC_QUADRATURE;
    q.probe.steps = 160;
    q.probe.probes = TEST_SIZE(32, 8);
    r = cn_tic(s.at, &q);
    CHECK(exact.status == CN_OK && r.status == CN_OK);
    /* poles of either sign lie near the cut, so Ritz values that pass it cost more: the half-step difference counts */
    CHECK_NEAR(r.tic, exact.tic, 4 * r.error + fabs(r.tic - r.half_steps));
    q.probe.rel_error = -1;
    CHECK_STATUS(cn_tic(s.at, &q).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "rel_error -1");
    cn_clear(&s.c);
    q.probe.rel_error = 0;
    q.probe.kind = CN_NOISE_LAPLACE;
    CHECK_STATUS(cn_tic(s.at, &q).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "probes are");
    cn_clear(&s.c);
    scene_free(&s);
    scene_net(&s, "input 60; dense 90; relu; dense 10");
    scene_random(&s, 4, 1, 3);
    scene_point(&s, NULL, 0);
    memset(&q, 0, sizeof q);
    q.probe.probes = 2;
    q.probe.steps = 3;
    r = cn_tic(s.at, &q);
    CHECK(r.status == CN_OK && r.form == CN_TIC_QUADRATURE && r.probes == 2);
    q.form = CN_TIC_LAYERS;
    CHECK_STATUS(cn_tic(s.at, &q).status, CN_E_SIZE);
    CHECK_SENTENCE(&s.c, CN_E_SIZE, "item 0 has 5490 parameters; the form by layers takes at most 5000");
    scene_free(&s);
}

TEST_MAIN {
    CASE("coverage") coverage();
    CASE("trained networks") networks();
    CASE("groups of probes") groups();
    CASE("cuts") cuts();
    CASE("diagonal and layers") approximations();
    CASE("bounds") bounds();
}
