/* measures.c: TIC, similarities, sensitivity, MLS, TPV, the perturbation gap, and the spectrum tools on operators of a
   point. */
#include "../curvnoise.h"
#include "test.h"
#include "golden.h"
#include "golden_measures.h"
#include "nets.h"

/* As in derivatives.c: 1e-9 in double. In float a kept eigenvalue may be 1e-3 of the largest, whose rounding error is
   then 1e3 eps of it = 1e-4, times the size of the matrix: 1e-2. */
#define GOLDEN TEST_REAL(1e-9, 1e-4)
#define GOLDEN_TIC TEST_REAL(1e-9, 1e-2)

static void golden_tic(int g) {
    const golden_net *net = golden_nets + g;
    scene s;
    cn_tic_desc d = CN_ZERO;
    cn_tic_result r, again;
    double all = 0, kept = 0;
    size_t i, low = 0, high = 0;
    test_case = net->name;
    scene_golden(&s, g, NULL, g % 2 ? 1 << 16 : 0);
    d.train_n = (size_t)net->tic_n;
    r = cn_tic(s.at, &d);
    CHECK_STATUS(r.status, CN_OK);
    { /* the matrix may be given */
        cn_op *h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
        cn_real *matrix = cn_vector(&s.c, s.P * s.P);
        cn_tic_result given;
        size_t e;
        cn_op_dense(h, matrix);
        d.matrix = matrix;
        given = cn_tic(s.at, &d);
        CHECK(given.tic == r.tic && given.kept == r.kept && given.dropped == r.dropped);
        for (e = 0; e < s.P * s.P; e++) matrix[e] *= 2;
        given = cn_tic(s.at, &d);
        CHECK_RELATIVE(given.tic, r.tic / 2, 1e3 * TEST_EPS); /* it is read */
        d.matrix = NULL;
    }
    CHECK_RELATIVE(r.tic, net->tic, GOLDEN_TIC);
    CHECK(r.kept == (size_t)net->tic_kept);
    CHECK(r.cut == net->tic_cut);
    /* lambda's error of eps lambda_max over the cut of 1e-3: 1e3 eps */
    CHECK_NEAR(r.gap_to_cut, net->tic_gap_to_cut, TEST_REAL(1e-8, 1e-2));
    /* golden.h: in double no eigenvalue between 1e-13 and 1e-8; in float count those clear of the line of 1e-5 */
    for (i = 0; i < s.P; i++) {
        double relative = net->eigenvalues_h[i] / net->lambda_max_h;
        all += fabs(net->eigenvalues_h[i]);
        if (relative > net->tic_cut) kept += net->eigenvalues_h[i];
        low += relative < -2e-5;
        high += relative < -5e-6;
    }
    if (sizeof(cn_real) == 8)
        CHECK(r.negative == (size_t)net->tic_negative);
    else
        CHECK(r.negative >= low && r.negative <= high);
    CHECK_NEAR(r.dropped, 1 - kept / all, TEST_REAL(1e-9, 1e-4));
    CHECK_RELATIVE(r.ratio, net->trace_c / net->trace_f, GOLDEN);
    d.train_n *= 2; /* 1/N */
    again = cn_tic(s.at, &d);
    CHECK_NEAR(again.tic, r.tic / 2, 2 * TEST_EPS * r.tic);
    again = cn_tic(s.at, NULL); /* default: the point's own n, half of golden's N */
    CHECK_NEAR(again.tic, 2 * r.tic, 4 * TEST_EPS * r.tic);
    d.train_n = (size_t)net->tic_n;
    d.cut = 1e-3;
    again = cn_tic(s.at, &d);
    CHECK(again.tic == r.tic && again.kept == r.kept);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* Another cut, and blocks: recomputed here from dense H and C. */
static void tic_of_blocks(int g) {
    scene s;
    cn_block blocks[40];
    size_t count, b, n, i, j, kept, negative;
    double *value, q, tic, gap;
    cn_real *h, *c, *vectors;
    cn_tic_desc d = CN_ZERO;
    cn_tic_result r;
    double trace_c, trace_f;
    int wrong = 0;
    test_case = golden_nets[g].name;
    scene_golden(&s, g, NULL, 0);
    count = scene_blocks(&s, blocks, 40);
    for (b = 0; b < count; b++) {
        c = scene_matrix(&s, CN_OP_FISHER, blocks[b], &n);
        trace_f = trace_of(c, n);
        c = scene_matrix(&s, CN_OP_SECOND_MOMENT, blocks[b], &n);
        trace_c = trace_of(c, n);
        h = cn_vector(&s.c, n * n);
        vectors = cn_vector(&s.c, n * n);
        value = (double *)(void *)cn_vector(&s.c, 2 * n);
        cn_op_dense(cn_op_of(s.at, CN_OP_HESSIAN, blocks[b]), h);
        cn_eigen(&s.c, n, h, 0, 0, value, vectors, NULL);
        d.block = blocks[b];
        d.cut = 0.1;
        d.train_n = 10;
        if (value[0] <= 1e-6 * fabs(value[n - 1])) continue; /* no positive eigenvalue to speak of: see bad_input */
        for (tic = 0, kept = 0, negative = 0, gap = 9, i = 0; i < n; i++) {
            gap = fmin(gap, fabs(value[i] / value[0] - 0.1) / 0.1);
            negative += value[i] < TEST_REAL(-1e-10, -1e-5) * value[0];
            if (value[i] <= 0.1 * value[0]) continue;
            for (q = 0, j = 0; j < n; j++) q += (double)vectors[i * n + j] * dot_of(n, c + j * n, vectors + i * n);
            tic += q / value[i] / 10;
            kept++;
        }
        r = cn_tic(s.at, &d);
        CHECK_STATUS(r.status, CN_OK);
        CHECK(r.kept == kept && r.cut == 0.1);
        CHECK(sizeof(cn_real) == 4 || r.negative == negative);
        /* eigenvalues down to a tenth: eps times the size, times 10 */
        CHECK_NEAR(r.tic, tic, TEST_REAL(1e-9, 1e-3) * fabs(tic));
        CHECK_NEAR(r.gap_to_cut, gap, TEST_REAL(1e-9, 1e-4));
        wrong += trace_f > 1e-6 && fabs(r.ratio - trace_c / trace_f) > TEST_REAL(1e-9, 1e-4) * trace_c / trace_f;
    }
    CHECK(wrong == 0); /* tr C / tr F of every block, also of one that cuts through a layer */
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* [TIC section 2.2]. The mean of numbers: x = 1, f = theta, loss (theta - y)^2/2: H = 1, C = variance about the mean,
   TIC = variance/N. */
static void mean_estimation(void) {
    enum { N = 12 };
    static const double y[N] = {1, 4, -2, 0.5, 3, 3, -1, 7, 2, 0, -3, 1.5};
    scene s;
    size_t i;
    double mean = 0, variance = 0;
    cn_problem_desc how = CN_ZERO;
    cn_tic_result r;
    scene_net(&s, "input 1; dense 1 bias=0");
    s.n = N;
    s.x = cn_vector(&s.c, N);
    s.target = scene_reals(&s, N, y);
    for (i = 0; i < N; i++) {
        s.x[i] = 1;
        mean += y[i] / N;
    }
    for (i = 0; i < N; i++) variance += (y[i] - mean) * (y[i] - mean) / N;
    s.theta[0] = (cn_real)mean;
    scene_view(&s);
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    r = cn_tic(s.at, NULL);
    CHECK_RELATIVE(r.tic, variance / N, 20 * TEST_EPS);
    CHECK(r.kept == 1 && r.negative == 0 && fabs(r.dropped) < 1e-15);
    CHECK_RELATIVE(r.ratio, variance, 20 * TEST_EPS); /* tr F = 1 */
    CHECK_NEAR(r.gap_to_cut, 999, 1e-9);              /* |1 - 1e-3|/1e-3 */
    scene_free(&s);
}

/* Least squares with two inputs: tr((X'X/n)^-1 (1/n) sum r^2 x x')/N, by the inverse of a 2 x 2 matrix. */
static void least_squares(void) {
    scene s;
    size_t i;
    double h[3] = {0}, c[3] = {0}, xy[2] = {0}, det, wanted;
    cn_problem_desc how = CN_ZERO;
    cn_tic_desc d = CN_ZERO;
    cn_tic_result r;
    scene_net(&s, "input 2; dense 1 bias=0");
    scene_random(&s, 25, 0, 19);
    for (i = 0; i < 25; i++) {
        double a = (double)s.x[2 * i], b = (double)s.x[2 * i + 1], y = (double)s.target[i];
        h[0] += a * a / 25;
        h[1] += a * b / 25;
        h[2] += b * b / 25;
        xy[0] += a * y / 25;
        xy[1] += b * y / 25;
    }
    det = h[0] * h[2] - h[1] * h[1];
    s.theta[0] = (cn_real)((h[2] * xy[0] - h[1] * xy[1]) / det); /* the fit */
    s.theta[1] = (cn_real)((h[0] * xy[1] - h[1] * xy[0]) / det);
    for (i = 0; i < 25; i++) {
        double a = (double)s.x[2 * i], b = (double)s.x[2 * i + 1],
               e = a * (double)s.theta[0] + b * (double)s.theta[1] - (double)s.target[i];
        c[0] += e * e * a * a / 25;
        c[1] += e * e * a * b / 25;
        c[2] += e * e * b * b / 25;
    }
    wanted = (h[2] * c[0] - 2 * h[1] * c[1] + h[0] * c[2]) / det / 200;
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    d.train_n = 200;
    r = cn_tic(s.at, &d);
    CHECK_RELATIVE(r.tic, wanted, 1000 * TEST_EPS); /* condition number about 2, 25 additions of squares */
    CHECK(r.kept == 2);
    scene_free(&s);
}

typedef struct likeness {
    cn_est r, s, frob2, commutator;
    int status;
} likeness; /* both calls */
static likeness likeness_of(cn_op *a, cn_op *b, const cn_probe_desc *d) {
    cn_similarity_result r = cn_similarity(a, b, d);
    likeness l;
    l.r = r.r;
    l.s = r.s;
    l.frob2 = r.frob2;
    l.status = r.status;
    l.commutator = cn_commutator(a, b, d);
    if (l.status == CN_OK) l.status = l.commutator.status;
    return l;
}

/* ---- TIC with F, with negative eigenvalues, over cuts, in part; the same on a test set: golden_measures.h */

/* From here on a scene's calls find NaN in their memory, not what an earlier call left there. */
static void *garbage(void *user, size_t bytes) {
    void *p = malloc(bytes);
    (void)user;
    if (p) memset(p, 0xFF, bytes);
    return p;
}
static void garbage_free(void *user, void *p) {
    (void)user;
    free(p);
}
static void scene_garbage(scene *s) {
    s->c.alloc = garbage;
    s->c.release = garbage_free;
}

/* The golden network's parameters over its test set. */
static void scene_test(scene *s, int g) {
    const golden_net *net = golden_nets + g;
    const golden_measure *m = golden_measures + g;
    cn_problem_desc d = CN_ZERO;
    size_t i;
    d.loss = net->loss == 0 ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    d.label_smoothing = net->smoothing;
    scene_net(s, net->text);
    s->n = (size_t)m->n;
    s->x = scene_grid(s, s->n * s->M, m->x);
    if (m->labels) {
        s->label = scene_labels(s, s->n);
        for (i = 0; i < s->n; i++) s->label[i] = m->labels[i];
    } else
        s->target = scene_grid(s, s->n * s->K, m->targets);
    grid_to(s->P, net->theta, s->theta);
    scene_view(s);
    scene_point(s, &d, 0);
}

static void tic_is(cn_tic_result r, double tic, int kept, double dropped, double gap, int form) {
    CHECK_STATUS(r.status, CN_OK);
    CHECK_RELATIVE(r.tic, tic, GOLDEN_TIC);
    CHECK(r.kept == (size_t)kept && r.form == form);
    CHECK_NEAR(r.dropped, dropped, TEST_REAL(1e-9, 1e-4));
    CHECK_NEAR(r.gap_to_cut, gap, TEST_REAL(1e-8, 1e-2)); /* as in golden_tic */
    CHECK(r.share == 1 && r.exact == 1 && r.residual == 0);
    CHECK(r.kept_known && r.negative_known && r.dropped_known && !r.lower_bound);
}

static void golden_tics(int g) {
    const golden_net *net = golden_nets + g;
    const golden_measure *m = golden_measures + g;
    scene s;
    cn_tic_desc d = CN_ZERO;
    cn_tic_result r, curve[5];
    double cut[2];
    size_t i;
    int form;
    test_case = net->name;
    CHECK(strcmp(net->name, m->name) == 0);
    scene_golden(&s, g, NULL, g % 2 ? 1 << 16 : 0);
    scene_garbage(&s);
    d.train_n = (size_t)net->tic_n;
    tic_is(cn_tic(s.at, &d), m->train.tic, m->train.tic_kept, m->train.dropped, m->train.gap_to_cut, CN_TIC_DENSE);
    d.cut = m->fisher_cut;
    for (form = CN_TIC_DENSE; form <= CN_TIC_GRAM; form++) { /* also Gram matrices larger than F */
        d.form = form;
        r = cn_tic_fisher(s.at, &d);
        tic_is(r, m->fisher, m->fisher_kept, m->fisher_dropped, m->fisher_gap, form);
        CHECK(r.negative == 0);
        CHECK_RELATIVE(r.ratio, m->train.ratio, GOLDEN);
    }
    d.form = CN_TIC_AUTO;
    i = s.n * (s.K - (net->loss == 0)); /* rows of the factor; outputs - 1 for class probabilities */
    CHECK(cn_tic_fisher(s.at, &d).form == (i < s.P ? CN_TIC_GRAM : CN_TIC_DENSE));
    d.cut = m->signed_cut;
    d.keep_negative = 1;
    tic_is(cn_tic(s.at, &d), m->signed_tic, m->signed_kept, m->signed_dropped, m->signed_gap, CN_TIC_DENSE);
    d.keep_negative = 0;
    CHECK_STATUS(cn_tic_curve(s.at, &d, 5, m->cuts, curve), CN_OK);
    for (i = 0; i < 5; i++) {
        CHECK_RELATIVE(curve[i].tic, m->curve[i], TEST_REAL(1e-9, 2e-3)); /* the smallest cut is 0.01 */
        CHECK(curve[i].kept == (size_t)m->curve_kept[i]);
        d.cut = m->cuts[i];
        r = cn_tic(s.at, &d);
        /* the same point, other vectors beside them */
        CHECK_NEAR(r.tic, curve[i].tic, TEST_REAL(1e-12, 1e-4) * r.tic);
        CHECK(r.kept == curve[i].kept && r.negative == curve[i].negative && r.cut == curve[i].cut &&
              r.ratio == curve[i].ratio && r.examined == curve[i].examined && r.kept_known == curve[i].kept_known);
        CHECK_NEAR(r.dropped, curve[i].dropped, TEST_REAL(1e-12, 1e-4)); /* the same sums of other roundings */
    }
    cut[0] = m->cuts[4];
    cut[1] = m->cuts[1]; /* in any order */
    CHECK_STATUS(cn_tic_curve(s.at, &d, 2, cut, curve), CN_OK);
    for (i = 0; i < 2; i++) CHECK_NEAR(curve[i].tic, m->curve[i ? 1 : 4], TEST_REAL(1e-9, 2e-3) * curve[i].tic);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);

    scene_test(&s, g);
    memset(&d, 0, sizeof d);
    d.train_n = (size_t)net->n;
    r = cn_tic(s.at, &d);
    tic_is(r, m->test.tic, m->test.tic_kept, m->test.dropped, m->test.gap_to_cut, CN_TIC_DENSE);
    CHECK_RELATIVE(r.ratio, m->test.ratio, GOLDEN);
    r = cn_tic_fisher(s.at, &d);
    tic_is(r, m->test.fisher, m->test.fisher_kept, m->test.fisher_dropped, m->test.fisher_gap, r.form);
    for (i = 0; i < 3; i++) CHECK_RELATIVE(cn_sensitivity(s.at, (int)i).value, m->test.sensitivity[i], GOLDEN);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

static void partial_is(cn_tic_result r, golden_part p, double residual) {
    CHECK_STATUS(r.status, CN_OK);
    CHECK(r.form == CN_TIC_PARTIAL && r.exact == 0 && r.kept == (size_t)p.kept);
    /* residuals of 1e-8 (1e-4) lambda_max turn vectors by that over the distance of eigenvalues, a hundredth of
       lambda_max */
    CHECK_RELATIVE(r.tic, p.tic, TEST_REAL(1e-6, 1e-2));
    CHECK_NEAR(r.share, p.share, TEST_REAL(1e-9, 1e-4));
    CHECK_NEAR(r.dropped, p.dropped, TEST_REAL(1e-9, 1e-4));
    CHECK(r.residual > 0 && r.residual <= residual);
    CHECK(r.examined == (size_t)golden_pairs && !r.exact);
}

/* What the partial form knows of the whole spectrum, from none of it to all: against the dense form's counts. */
static void partial_knows(scene *s, cn_tic_desc d, int fisher) {
    cn_tic_result whole, r;
    d.form = CN_TIC_DENSE;
    whole = fisher ? cn_tic_fisher(s->at, &d) : cn_tic(s->at, &d);
    d.form = CN_TIC_PARTIAL;
    for (d.pairs = 1; d.pairs <= s->P; d.pairs++) {
        r = fisher ? cn_tic_fisher(s->at, &d) : cn_tic(s->at, &d);
        CHECK_STATUS(r.status, CN_OK);
        CHECK(r.examined == d.pairs);
        /* the cut is reached by a pair that is not kept, on both sides where both count */
        CHECK(!r.kept_known || r.kept == whole.kept);
        CHECK(r.kept_known || r.kept <= whole.kept);
        CHECK(r.kept_known || d.pairs < s->P);
        CHECK(r.kept < d.pairs || r.exact || !r.kept_known);
        if (!d.keep_negative || fisher) CHECK(r.kept_known == (r.kept < d.pairs || r.exact));
        CHECK(!r.negative_known || r.negative == whole.negative);
        CHECK(r.negative_known || (!fisher && r.negative <= whole.negative && d.pairs < s->P));
        CHECK(fisher || r.negative_known || d.pairs / 2 <= whole.negative || !d.keep_negative);
        CHECK(r.lower_bound == (!r.kept_known && (fisher || !d.keep_negative)));
        CHECK(r.dropped_known == (r.exact || (fisher && r.kept_known)));
        /* as in partial_is */
        if (r.lower_bound) CHECK(r.tic < whole.tic * (1 + TEST_REAL(1e-6, 1e-2)));
        if (r.kept_known) CHECK_RELATIVE(r.tic, whole.tic, TEST_REAL(1e-6, 1e-2));
        if (r.kept_known) CHECK_NEAR(r.gap_to_cut, whole.gap_to_cut, TEST_REAL(1e-6, 1e-2));
        if (r.dropped_known) CHECK_NEAR(r.dropped, whole.dropped, TEST_REAL(1e-8, 1e-3));
    }
}

static void partial_forms(int g) {
    const golden_net *net = golden_nets + g;
    const golden_measure *m = golden_measures + g;
    scene s;
    cn_tic_desc d = CN_ZERO;
    cn_tic_result r;
    double residual = TEST_REAL(1e-8, 1e-4);
    /* eigenvalues that occur several times: one copy is promised */
    if (strcmp(net->name, "linear_squared") == 0 || strcmp(net->name, "single_sample") == 0) return;
    test_case = net->name;
    scene_golden(&s, g, NULL, 1 << 16);
    scene_garbage(&s);
    d.train_n = (size_t)net->tic_n;
    d.form = CN_TIC_PARTIAL;
    d.pairs = golden_pairs;
    partial_is(cn_tic(s.at, &d), m->part_h, residual);
    d.cut = m->fisher_cut;
    r = cn_tic_fisher(s.at, &d);
    partial_is(r, m->part_f, residual);
    CHECK_RELATIVE(r.ratio, m->train.ratio, GOLDEN);
    d.cut = m->signed_cut;
    d.keep_negative = 1;
    r = cn_tic_fisher(s.at, &d); /* F has none below zero: all pairs from above */
    CHECK_STATUS(r.status, CN_OK);
    CHECK_NEAR(r.share, m->part_f.share, TEST_REAL(1e-9, 1e-4));
    r = cn_tic(s.at, &d);
    partial_is(r, m->part_signed, residual);
    if (s.P <= TEST_SIZE(80, 30)) {
        partial_knows(&s, d, 0);
        d.keep_negative = 0;
        partial_knows(&s, d, 0);
        partial_knows(&s, d, 1);
    }
    /* all of them: the dense form's numbers */
    d.cut = m->train.gap_to_cut > 0.01 ? 0 : m->cuts[4];
    d.keep_negative = 0;
    d.pairs = s.P;
    r = cn_tic(s.at, &d);
    CHECK(r.status == CN_OK && r.exact == 1 && r.share == 1);
    CHECK_RELATIVE(r.tic, m->train.tic, TEST_REAL(1e-7, 2e-2));
    CHECK_NEAR(r.dropped, m->train.dropped, TEST_REAL(1e-8, 1e-3));
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* The Gram form against the dense one: convolutions, skips, parts of layers; and what AUTO takes beyond 5000
   parameters. */
static void gram_form(void) {
    static const char *const text[] = {
        "input 1 5 5; conv 3 3; relu; gap; dense 4", "input 6; dense 6; tanh; residual { dense 6; silu }; dense 3",
        "input 2 4 4; conv 4 2 stride=2 groups=2 bias=0; batchnorm; tanh; flatten; dense 2"};
    scene s;
    cn_block blocks[40];
    size_t count, b, i, n, taken = 0, refused = 0;
    cn_problem_desc how = CN_ZERO;
    cn_tic_desc d = CN_ZERO;
    cn_tic_result dense, gram;
    for (i = TEST_SIZE(0, 1); i < 6; i += TEST_SIZE(1, 2)) {
        test_case = text[i / 2];
        scene_net(&s, text[i / 2]);
        scene_random(&s, 9, i % 2 == 0, 4 + i);
        how.loss = i % 2 ? CN_LOSS_SQUARED : CN_LOSS_CROSS_ENTROPY;
        how.chunk = i % 3 ? 4 : 0;
        scene_point(&s, &how, 0);
        scene_garbage(&s);
        count = scene_blocks(&s, blocks, 40);
        for (b = 0; b < count; b++) {
            d.block = blocks[b];
            d.cut = 0.05;
            d.form = CN_TIC_DENSE;
            dense = cn_tic_fisher(s.at, &d);
            d.form = CN_TIC_GRAM;
            gram = cn_tic_fisher(s.at, &d);
            /* the last bias of 2 classes: F = 0 of one number */
            if (dense.status == CN_E_UNSUITED) {
                CHECK_STATUS(gram.status, CN_E_UNSUITED);
                cn_clear(&s.c);
                continue;
            }
            CHECK_STATUS(dense.status, CN_OK);
            if (gram.status) {
                CHECK_SENTENCE(&s.c, CN_E_UNSUITED, "one part of a layer");
                cn_clear(&s.c);
                refused++;
                continue;
            }
            taken++;
            CHECK(gram.form == CN_TIC_GRAM && dense.form == CN_TIC_DENSE && gram.exact);
            if (dense.gap_to_cut < 1e-3) continue; /* a coin toss in float */
            CHECK(gram.kept == dense.kept);
            CHECK_RELATIVE(gram.tic, dense.tic, TEST_REAL(1e-9, 1e-3)); /* eigenvalues down to a twentieth */
            CHECK_NEAR(gram.dropped, dense.dropped, TEST_REAL(1e-9, 1e-4));
            CHECK_NEAR(gram.gap_to_cut, dense.gap_to_cut, TEST_REAL(1e-9, 1e-3));
            CHECK_NEAR(gram.ratio, dense.ratio, 10 * TEST_EPS * dense.ratio);
        }
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
    CHECK(taken > TEST_SIZE(30, 15) && refused > TEST_SIZE(6, 3));
    test_case = "beyond 5000 parameters";
    scene_net(&s, "input 60; dense 90; relu; dense 10");
    CHECK(s.P == 6400);
    n = TEST_SIZE(12, 1);
    scene_random(&s, n, 1, 3);
    for (i = 0; i < s.P; i++) s.theta[i] *= (cn_real)0.25; /* probabilities away from 0 and 1 */
    scene_point(&s, NULL, 1 << 20);
    memset(&d, 0, sizeof d);
    gram = cn_tic_fisher(s.at, &d);
    CHECK(gram.status == CN_OK && gram.form == CN_TIC_GRAM && gram.exact && gram.kept > 2 * n);
    d.form = CN_TIC_PARTIAL;
    d.pairs = 9 * n; /* n (outputs - 1): F's rank, so the partial form sees all of it */
    dense = cn_tic_fisher(s.at, &d);
    CHECK(dense.status == CN_OK && dense.form == CN_TIC_PARTIAL && !dense.exact && dense.kept == gram.kept);
    CHECK_RELATIVE(dense.tic, gram.tic, TEST_REAL(1e-6, 1e-2));
    CHECK_NEAR(dense.share, 1, TEST_REAL(1e-9, 1e-4));
    CHECK_NEAR(dense.dropped, gram.dropped, TEST_REAL(1e-9, 1e-4));
    CHECK_RELATIVE(dense.ratio, gram.ratio, 10 * TEST_EPS);
    d.pairs = n; /* H: no Gram form */
    dense = cn_tic(s.at, &d);
    CHECK(dense.status == CN_OK && dense.form == CN_TIC_PARTIAL && !dense.exact && dense.kept == n);
    CHECK(dense.share > 0.05 && dense.share < 0.95);
    CHECK_NEAR(dense.dropped, 1 - dense.share, 1e-12); /* all pairs seen are kept */
    d.form = CN_TIC_AUTO;
    d.probe.probes = 2;
    d.probe.steps = 3;
    CHECK(cn_tic(s.at, &d).form == CN_TIC_QUADRATURE && s.c.status == CN_OK);
    d.block = cn_net_block(&s.c, s.net, "2.bias"); /* 10 numbers: dense again */
    dense = cn_tic(s.at, &d);
    CHECK(dense.status == CN_OK && dense.form == CN_TIC_DENSE && dense.exact);
    scene_free(&s);
    scene_net(&s, "input 1250; dense 4"); /* more than 5000 parameters, and 3 n > 5000 rows */
    s.n = 1667;
    s.x = cn_vector(&s.c, s.n * s.M);
    s.label = scene_labels(&s, s.n); /* zeros: only sizes matter */
    scene_view(&s);
    scene_point(&s, NULL, 0);
    d.block = block_all();
    d.pairs = 1;
    s.c.dry = 1; /* neither fits into 64 MB, Lanczos does */
    CHECK_STATUS(cn_tic_fisher(s.at, &d).status, CN_DRY);
    CHECK(s.c.bytes_needed < (size_t)64 << 20);
    cn_clear(&s.c);
    d.form = CN_TIC_GRAM;
    CHECK_STATUS(cn_tic_fisher(s.at, &d).status, CN_DRY);
    CHECK(s.c.bytes_needed > (size_t)200 << 20);
    s.c.dry = 0;
    scene_free(&s);
}

/* A model that is right has C = F on average at its true parameters, given the inputs: E TIC = rank/N exactly, P/N for
   least squares. With noise of variance 4 least squares have 4 P/N. */
static void well_specified(int which) {
    enum { N = 60 };
    size_t sets = TEST_SIZE(300, 40), r, i, j, free;
    double mean = 0, square = 0, fisher = 0, error, wanted;
    scene s;
    cn_problem_desc how = CN_ZERO;
    cn_real *u, *f;
    double sd = which == 2 ? 2 : 1;
    scene_net(&s, which ? "input 4; dense 2" : "input 3; dense 3");
    scene_random(&s, N, which == 0, 12);
    how.loss = which ? CN_LOSS_SQUARED : CN_LOSS_CROSS_ENTROPY;
    scene_point(&s, &how, 0);
    u = cn_vector(&s.c, N * s.K);
    f = cn_vector(&s.c, N * s.K);
    cn_predict(s.p, s.theta, NULL, f);
    /* softmax regression: adding a vector to all classes changes nothing */
    free = which ? s.P : (s.M + 1) * (s.K - 1);
    for (r = 0; r < sets; r++) {
        cn_tic_result t;
        cn_tic_desc d = CN_ZERO;
        d.cut = 1e-4; /* keeps them all: below */
        cn_random(77, r, 0, which ? CN_NOISE_NORMAL : CN_NOISE_UNIFORM, which ? sd : 1 / sqrt(12.0), N * s.K, u);
        for (i = 0; i < N; i++) {
            double sum = 0, v = (double)u[i * s.K] + 0.5;
            for (j = 0; which && j < s.K; j++) s.target[i * s.K + j] = f[i * s.K + j] + u[i * s.K + j];
            if (which) continue;
            for (j = 0; j < s.K; j++) sum += exp((double)f[i * s.K + j]);
            for (j = 0; j + 1 < s.K && (v -= exp((double)f[i * s.K + j]) / sum) > 0; j++) {
            }
            s.label[i] = (int32_t)j;
        }
        t = cn_tic(s.at, &d);
        CHECK(t.kept == free);
        mean += t.tic / (double)sets;
        square += t.tic * t.tic / (double)sets;
        fisher += cn_tic_fisher(s.at, &d).tic / (double)sets;
    }
    error = sqrt((square - mean * mean) / (double)sets);
    wanted = sd * sd * (double)free / N;
    CHECK(error < 0.05 * wanted);
    CHECK_NEAR(mean, wanted, 4 * error);                 /* four standard errors */
    CHECK_RELATIVE(fisher, mean, TEST_REAL(1e-9, 1e-2)); /* H = F here */
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- similarities */

static void similarity_is(likeness m, golden_pair p, double scale) {
    CHECK(m.status == CN_OK && m.r.status == CN_OK && m.r.exact && m.s.exact && m.frob2.exact && m.commutator.exact);
    CHECK(m.r.error == 0 && m.s.error == 0 && m.frob2.error == 0 && m.commutator.error == 0);
    CHECK_RELATIVE(m.r.value, p.r, GOLDEN);
    CHECK_NEAR(m.s.value, p.s, TEST_REAL(1e-9, 1e-5));                   /* of 1 */
    CHECK_NEAR(m.frob2.value, p.frob2, GOLDEN * (p.frob2 + scale));      /* H = F: rounding of their norms */
    CHECK_NEAR(m.commutator.value, p.commutator, TEST_REAL(1e-9, 1e-5)); /* of 1 */
    CHECK(fabs(m.s.value) <= 1 + 4 * TEST_EPS);
}

static void golden_similarities(int g) {
    const golden_net *net = golden_nets + g;
    const golden_measure *m = golden_measures + g;
    scene s;
    cn_op *h, *f, *c;
    likeness a;
    cn_probe_desc p = CN_ZERO;
    double scale = net->lambda_max_h * net->lambda_max_h;
    size_t probes = TEST_SIZE(300, 100);
    test_case = net->name;
    scene_golden(&s, g, NULL, 1 << 16);
    scene_garbage(&s);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    f = cn_op_of(s.at, CN_OP_FISHER, block_all());
    c = cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_all());
    similarity_is(likeness_of(h, c, NULL), m->hc, scale);
    similarity_is(likeness_of(h, f, NULL), m->hf, scale);
    similarity_is(likeness_of(f, c, NULL), m->fc, scale);
    a = likeness_of(h, h, NULL); /* with itself */
    CHECK(a.r.value == 1 && fabs(a.s.value - 1) < 4 * TEST_EPS && a.frob2.value == 0 &&
          a.commutator.value < TEST_REAL(1e-14, 1e-5));
    p.method = CN_METHOD_HUTCHINSON;
    p.probes = probes;
    p.seed = 8;
    a = likeness_of(h, c, &p); /* 4 standard errors; where H is diagonal signs are exact */
    CHECK(a.status == CN_OK && !a.r.exact && !a.s.exact && a.r.probes == probes && a.s.probes == probes &&
          a.frob2.probes == probes && a.commutator.probes == probes);
    CHECK_NEAR(a.r.value, m->hc.r, 4 * a.r.error);
    CHECK_NEAR(a.s.value, m->hc.s, 4 * a.s.error);
    CHECK_NEAR(a.frob2.value, m->hc.frob2, 4 * a.frob2.error);
    CHECK_NEAR(a.commutator.value, m->hc.commutator, 4 * a.commutator.error);
    CHECK(a.r.error > 0 && a.r.error < 0.5 * fabs(m->hc.r) + 0.1 && a.s.error > 0 && a.s.error < 0.1);
    a = likeness_of(h, h, &p);
    CHECK(a.r.value == 1 && a.r.error < 1e-12 && fabs(a.s.value - 1) < 1e-12 && a.frob2.value == 0 &&
          a.commutator.value == 0);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

typedef struct matrix {
    size_t n;
    cn_real *a;
} matrix;
static int matrix_apply(void *user, size_t k, const cn_real *x, cn_real *y) {
    const matrix *m = (const matrix *)user;
    size_t i, j;
    for (j = 0; j < k; j++)
        for (i = 0; i < m->n; i++) y[j * m->n + i] = (cn_real)dot_of(m->n, m->a + i * m->n, x + j * m->n);
    return CN_OK;
}
/* random and symmetric, plus a diagonal that falls off */
static cn_op *matrix_make(cn_ctx *c, matrix *m, size_t n, uint64_t seed, double diagonal) {
    size_t i, j;
    m->n = n;
    m->a = cn_vector(c, n * n);
    cn_random(seed, 0, 0, CN_NOISE_NORMAL, 1, n * n, m->a);
    for (i = 0; i < n; i++)
        for (j = 0; j < i; j++) m->a[i * n + j] = m->a[j * n + i];
    for (i = 0; i < n; i++) m->a[i * n + i] += (cn_real)(diagonal / (1 + (double)i));
    return cn_op_user(c, n, matrix_apply, m);
}

/* Any two matrices, by loops; more than a strip of 64 rows. */
static void similarity_of_matrices(void) {
    cn_ctx c = CN_ZERO;
    matrix a, b;
    size_t n = TEST_SIZE(130, 70), i, j, k, seed;
    cn_op *x, *y;
    for (seed = 1; seed < TEST_SIZE(5, 2); seed++) {
        double q[7] = {0}, ab, ba;
        likeness r;
        x = matrix_make(&c, &a, n, seed, 40);
        y = matrix_make(&c, &b, n, seed + 50, -90);
        for (i = 0; i < n; i++)
            for (j = 0; j < n; j++) {
                double u = (double)a.a[i * n + j], v = (double)b.a[i * n + j];
                if (i == j) {
                    q[0] += u;
                    q[1] += v;
                }
                q[2] += u * v;
                q[3] += u * u;
                q[4] += v * v;
                q[5] += (u - v) * (u - v);
                for (ab = ba = 0, k = 0; k < n; k++) {
                    ab += (double)a.a[i * n + k] * (double)b.a[k * n + j];
                    ba += (double)b.a[i * n + k] * (double)a.a[k * n + j];
                }
                q[6] += (ab - ba) * (ab - ba);
            }
        r = likeness_of(x, y, NULL);
        CHECK_STATUS(r.status, CN_OK);
        CHECK_RELATIVE(r.r.value, q[0] / q[1], TEST_REAL(1e-12, 1e-4)); /* sums of 130 to 130^2 terms */
        CHECK_NEAR(r.s.value, q[2] / sqrt(q[3] * q[4]), TEST_REAL(1e-13, 1e-6));
        CHECK_RELATIVE(r.frob2.value, q[5], TEST_REAL(1e-12, 1e-5));
        CHECK_RELATIVE(r.commutator.value, sqrt(q[6]) / (2 * sqrt(q[3] * q[4])), TEST_REAL(1e-12, 1e-5));
        /* ||AB - BA|| <= sqrt(2) ||A|| ||B|| (Boettcher, Wenzel 2008) */
        CHECK(fabs(r.s.value) <= 1 && r.commutator.value > 0 && r.commutator.value <= 0.70711);
        r = likeness_of(x, cn_op_sum(x, -2.5, NULL, 0, 0), NULL); /* a multiple */
        CHECK_RELATIVE(r.r.value, -0.4, 100 * TEST_EPS);
        CHECK_NEAR(r.s.value, -1, 100 * TEST_EPS);
        CHECK_RELATIVE(r.frob2.value, 12.25 * q[3], 100 * TEST_EPS);
        CHECK_NEAR(r.commutator.value, 0, TEST_REAL(1e-14, 1e-6));
        r = likeness_of(y, x, NULL); /* the other way round */
        CHECK_RELATIVE(r.r.value, q[1] / q[0], TEST_REAL(1e-12, 1e-4));
        CHECK_RELATIVE(r.commutator.value, sqrt(q[6]) / (2 * sqrt(q[3] * q[4])), TEST_REAL(1e-12, 1e-5));
        cn_free_all(&c);
    }
    CHECK_STATUS(c.status, CN_OK);
}

/* How often the truth lies within one and two standard errors: 68 % and 95 % of a normal; 400 sets tell 2.3 % and 1.1 %
   (50: 6.6 % and 3.1 %), the jackknife of 100 skew values may miss by a few more. */
static void similarity_coverage(int kind) {
    cn_ctx c = CN_ZERO;
    matrix a, b;
    size_t sets = TEST_SIZE(400, 50), i, j, one[4] = {0}, two[4] = {0};
    cn_op *x = matrix_make(&c, &a, TEST_SIZE(24, 16), 3, 40), *y = matrix_make(&c, &b, TEST_SIZE(24, 16), 9, 60);
    likeness exact = likeness_of(x, y, NULL), r;
    cn_probe_desc p = CN_ZERO;
    double slack = 0.09 * sqrt(400.0 / (double)sets);
    const cn_est *truth[4], *got[4];
    double error[4] = {0};
    truth[0] = &exact.r;
    truth[1] = &exact.s;
    truth[2] = &exact.frob2;
    truth[3] = &exact.commutator;
    got[0] = &r.r;
    got[1] = &r.s;
    got[2] = &r.frob2;
    got[3] = &r.commutator;
    p.method = CN_METHOD_HUTCHINSON;
    p.kind = kind;
    for (i = 0; i < sets; i++) {
        p.seed = i;
        r = likeness_of(x, y, &p);
        for (j = 0; j < 4; j++) {
            double off = fabs(got[j]->value - truth[j]->value) / got[j]->error;
            one[j] += off <= 1;
            two[j] += off <= 2;
            error[j] += got[j]->error / (double)sets;
        }
    }
    for (j = 0; j < 4; j++) {
        CHECK_NEAR((double)one[j] / (double)sets, 0.68, slack);
        CHECK_NEAR((double)two[j] / (double)sets, 0.95, 0.7 * slack);
        CHECK(error[j] < 0.5 * fabs(truth[j]->value));
    }
    p.probes = 400;
    p.rel_error = 0.2; /* stops when r and s are known to a fifth, not before 16 */
    r = likeness_of(x, y, &p);
    CHECK(r.status == CN_OK && r.s.probes >= 16 && r.s.probes < 400 && r.s.error <= 0.2 * fabs(r.s.value) &&
          r.r.error <= 0.2 * fabs(r.r.value));
    p.rel_error = 0;
    p.probes = 1; /* one probe: the error is as large as the value */
    r = likeness_of(x, y, &p);
    CHECK(r.status == CN_OK && r.s.error == fabs(r.s.value) && r.r.error == fabs(r.r.value) &&
          r.frob2.error == r.frob2.value && r.s.probes == 1);
    CHECK_STATUS(c.status, CN_OK);
    cn_free_all(&c);
}

/* AUTO beyond 5000: r from closed forms, the others by probes. */
static void similarity_large(void) {
    scene s;
    cn_op *h, *c;
    likeness r, sampled;
    cn_probe_desc p = CN_ZERO;
    scene_net(&s, "input 60; dense 90; relu; dense 10");
    scene_random(&s, TEST_SIZE(10, 3), 1, 3);
    scene_point(&s, NULL, 0);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    c = cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_all());
    p.probes = 20;
    r = likeness_of(h, c, &p);
    CHECK(r.status == CN_OK && r.r.exact && r.r.error == 0 && !r.s.exact && r.s.probes == 20 && r.s.error > 0 &&
          !r.frob2.exact && !r.commutator.exact);
    CHECK_RELATIVE(r.r.value, cn_trace(h, NULL).value / cn_trace(c, NULL).value, 4 * TEST_EPS);
    p.method = CN_METHOD_HUTCHINSON;
    sampled = likeness_of(h, c, &p);
    CHECK_NEAR(sampled.r.value, r.r.value, 4 * sampled.r.error);
    scene_free(&s);
}

/* ---- sensitivity to the input */

static void sensitivity_forms(void) {
    int g, form;
    scene s;
    cn_problem_desc how = CN_ZERO;
    size_t i, j, k, a;
    double wanted[3] = {0};
    cn_est e;
    for (g = 0; g < GOLDEN_NETS; g++) {
        how.chunk = g % 3 ? 0 : 5;
        scene_golden(&s, g, &how, g % 2 ? 1 << 16 : 0);
        scene_garbage(&s);
        test_case = golden_nets[g].name;
        for (form = 0; form < 3; form++) {
            e = cn_sensitivity(s.at, form);
            CHECK(e.status == CN_OK && e.exact && e.error == 0);
            CHECK_NEAR(e.value, golden_measures[g].train.sensitivity[form],
                       GOLDEN * golden_measures[g].train.sensitivity[form]);
        }
        /* Frobenius against spectral norm */
        CHECK(cn_sensitivity(s.at, CN_SENSITIVITY_LOGITS).value >= cn_mls(s.at, NULL).mls * (1 - 10 * TEST_EPS));
        scene_free(&s);
    }
    test_case = "sensitivity of 40 outputs"; /* groups of 16; softmax(W x): (diag p - pp') W */
    how.chunk = 4;
    scene_net(&s, "input 3; dense 40");
    scene_random(&s, 7, 1, 3);
    scene_point(&s, &how, 0);
    {
        cn_real *f = cn_vector(&s.c, 7 * 40);
        double p[40], w[40][3], mean[3], norm;
        cn_predict(s.p, s.theta, NULL, f);
        for (i = 0; i < 7; i++) {
            for (norm = 0, k = 0; k < 40; k++) norm += p[k] = exp((double)f[i * 40 + k]);
            for (k = 0; k < 40; k++) p[k] /= norm;
            for (j = 0; j < 3; j++) {
                mean[j] = 0;
                for (k = 0; k < 40; k++) {
                    w[k][j] = (double)s.theta[k * 3 + j];
                    mean[j] += p[k] * w[k][j];
                }
            }
            for (norm = 0, k = 0; k < 40; k++)
                for (j = 0; j < 3; j++) norm += w[k][j] * w[k][j];
            wanted[0] += sqrt(norm) / 7;
            for (norm = 0, k = 0; k < 40; k++)
                for (j = 0; j < 3; j++) norm += p[k] * p[k] * (w[k][j] - mean[j]) * (w[k][j] - mean[j]);
            wanted[1] += sqrt(norm) / 7;
            for (norm = 0, j = 0; j < 3; j++) {
                double d = mean[j] - w[s.label[i]][j];
                norm += d * d;
            }
            wanted[2] += norm / 7;
        }
        /* 120 terms */
        for (form = 0; form < 3; form++)
            CHECK_RELATIVE(cn_sensitivity(s.at, form).value, wanted[form], TEST_REAL(1e-12, 1e-4));
    }
    scene_free(&s);
    /* convolution and a skip: central differences of outputs and loss in x, step 1e-5: error 1e-10; float: 1e-3 */
    test_case = "sensitivity by differences";
    scene_net(&s, "input 1 4 4; conv 2 2; tanh; residual { conv 2 3 pad=1; silu }; flatten; dense 3");
    scene_random(&s, 5, 0, 6);
    how.loss = CN_LOSS_SQUARED;
    how.chunk = 2;
    scene_point(&s, &how, 0);
    {
        cn_real *high = cn_vector(&s.c, 15), *low = cn_vector(&s.c, 15);
        double square[5] = {0}, loss[5] = {0}, step = TEST_REAL(1e-5, 1.0 / 256), f = 0, l = 0;
        for (j = 0; j < 16; j++) {
            for (i = 0; i < 5; i++) s.x[i * 16 + j] += (cn_real)step;
            cn_predict(s.p, s.theta, NULL, high);
            for (i = 0; i < 5; i++) s.x[i * 16 + j] -= 2 * (cn_real)step;
            cn_predict(s.p, s.theta, NULL, low);
            for (i = 0; i < 5; i++) s.x[i * 16 + j] += (cn_real)step;
            for (i = 0; i < 5; i++) {
                double change = 0;
                for (a = 0; a < 3; a++) {
                    double h = (double)high[i * 3 + a], w = (double)low[i * 3 + a], y = (double)s.target[i * 3 + a];
                    square[i] += (h - w) * (h - w) / 4 / step / step;
                    change += ((h - y) * (h - y) - (w - y) * (w - y)) / 4 / step;
                }
                loss[i] += change * change;
            }
        }
        for (i = 0; i < 5; i++) {
            f += sqrt(square[i]) / 5;
            l += loss[i] / 5;
        }
        CHECK_RELATIVE(cn_sensitivity(s.at, CN_SENSITIVITY_LOGITS).value, f, TEST_REAL(1e-7, 5e-3));
        CHECK_RELATIVE(cn_sensitivity(s.at, CN_SENSITIVITY_LOSS).value, l, TEST_REAL(1e-7, 5e-3));
    }
    scene_free(&s);
}

/* ---- perturbation gap */

/* losses are good to some eps of their terms; the gap is a difference of three */
static double gap_slack(scene *s) { return 20 * TEST_EPS * (1 + cn_evaluate(s->p, s->theta, NULL, NULL).loss); }

static void golden_gap(int g) {
    const golden_measure *m = golden_measures + g;
    scene s;
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc p = CN_ZERO;
    cn_est e;
    double slack, runs = (double)TEST_SIZE(2000, 300);
    test_case = m->name;
    scene_golden(&s, g, NULL, 0);
    slack = gap_slack(&s);
    /* one parameter and its sign: nothing is random */
    noise.sd = golden_sd;
    noise.kind = CN_NOISE_SIGN;
    noise.block = block_of(s.P / 2, 1);
    e = cn_perturbation_gap(s.at, &noise, NULL);
    CHECK(e.status == CN_OK && e.probes == 100 && !e.exact);
    CHECK_NEAR(e.value, m->gap_one, 1e-9 * fabs(m->gap_one) + slack);
    CHECK(e.error <= slack);
    noise.block = block_of(s.P - golden_block, golden_block);
    p.probes = (size_t)runs;
    p.seed = 3;
    e = cn_perturbation_gap(s.at, &noise, &p);
    CHECK_NEAR(e.value, m->gap_mean, 4 * m->gap_sd / sqrt(runs) + slack); /* four standard errors, the true one */
    /* an error of n values is known to some sqrt((kurtosis - 1)/4n) */
    CHECK_NEAR(e.error, m->gap_sd / sqrt(runs), TEST_SIZE(0.1, 0.3) * m->gap_sd / sqrt(runs) + slack);
    noise.sd = 0;
    e = cn_perturbation_gap(s.at, &noise, &p);
    CHECK(e.status == CN_OK && e.value == 0 && e.error == 0 && e.exact);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

static void gap_by_hand(void) {
    scene s;
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc p = CN_ZERO;
    cn_est e;
    cn_real *u, *away;
    size_t r, i;
    double value[5], mean, error, base, slack;
    int kind;
    cn_problem_desc how = CN_ZERO;
    /* the published noise: kind and sd, stream CN_FOR_PERTURBATION of each pair, over the block; statistics of
       batchnorm stay */
    test_case = "gap by hand";
    scene_net(&s, "input 4; dense 6; batchnorm; tanh; dense 3");
    scene_random(&s, 11, 1, 7);
    scene_point(&s, NULL, 0);
    scene_garbage(&s);
    u = cn_vector(&s.c, s.size);
    away = cn_vector(&s.c, s.size);
    base = cn_evaluate(s.p, s.theta, NULL, NULL).loss;
    slack = gap_slack(&s);
    for (kind = 0; kind <= CN_NOISE_SIGN; kind++) {
        noise.kind = kind;
        noise.sd = 0.3;
        noise.block = block_of(5, s.P - 9);
        p.probes = 5;
        p.seed = 10 + (uint64_t)kind;
        for (mean = 0, r = 0; r < 5; r++) {
            cn_random(p.seed, cn_stream(CN_FOR_PERTURBATION, r), 0, kind, 0.3, s.P - 9, u);
            memcpy(away, s.theta, s.size * sizeof *away);
            for (i = 0; i < s.P - 9; i++) away[5 + i] = s.theta[5 + i] + u[i];
            value[r] = cn_evaluate(s.p, away, NULL, NULL).loss / 2;
            for (i = 0; i < s.P - 9; i++) away[5 + i] = s.theta[5 + i] - u[i];
            value[r] += cn_evaluate(s.p, away, NULL, NULL).loss / 2 - base;
            mean += value[r] / 5;
        }
        for (error = 0, r = 0; r < 5; r++) error += (value[r] - mean) * (value[r] - mean) / 20;
        e = cn_perturbation_gap(s.at, &noise, &p);
        CHECK_NEAR(e.value, mean, slack);
        CHECK_NEAR(e.error, sqrt(error), slack);
        CHECK(e.probes == 5);
    }
    p.probes = 1;
    e = cn_perturbation_gap(s.at, &noise, &p);
    CHECK(e.error == fabs(e.value));
    p.probes = 4000;
    p.rel_error = 0.2;
    e = cn_perturbation_gap(s.at, &noise, &p);
    CHECK(e.status == CN_OK && e.probes >= 16 && e.probes < 4000 && e.error <= 0.2 * fabs(e.value));
    scene_free(&s);

    test_case = "gap of a quadratic"; /* linear in theta, squared error: each pair is U'HU/2 */
    scene_net(&s, "input 5; dense 2");
    scene_random(&s, 9, 0, 7);
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    {
        cn_op *h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
        double wanted = 0.5 * 0.04 * cn_trace(h, NULL).value, quadratic;
        size_t sets = TEST_SIZE(400, 100), within = 0;
        cn_real *one = cn_vector(&s.c, s.P);
        memset(&p, 0, sizeof p);
        memset(&noise, 0, sizeof noise);
        noise.sd = 0.2;
        for (r = 0; r < sets; r++) {
            p.seed = r;
            p.probes = 40;
            e = cn_perturbation_gap(s.at, &noise, &p);
            within += fabs(e.value - wanted) <= e.error;
            if (r >= 5) continue;
            CHECK_NEAR(e.value, wanted, 4 * e.error);
            p.probes = 1;
            cn_random(r, cn_stream(CN_FOR_PERTURBATION, 0), 0, CN_NOISE_NORMAL, 0.2, s.P, one);
            cn_op_quadratic(h, 1, one, &quadratic);
            /* losses away from theta are larger */
            CHECK_NEAR(cn_perturbation_gap(s.at, &noise, &p).value, quadratic / 2, 10 * gap_slack(&s));
        }
        /* four binomial standard errors of 2.3 (4.7) % */
        CHECK_NEAR((double)within / (double)sets, 0.68, TEST_SIZE(0.09, 0.16));
    }
    scene_free(&s);

    /* f = relu(t) at t = 0, target y: (L(a) + L(-a))/2 - L(0) = a^2/4 - a y/2, though relu'(0) = 0 makes H = 0 */
    test_case = "gap of a kink";
    scene_net(&s, "input 1; dense 1 bias=0; relu");
    s.n = 1;
    s.x = cn_vector(&s.c, 1);
    s.target = cn_vector(&s.c, 1);
    s.x[0] = 1;
    s.target[0] = -1;
    scene_view(&s);
    scene_point(&s, &how, 0);
    noise.sd = 0.25;
    noise.kind = CN_NOISE_SIGN;
    CHECK_NEAR(cn_perturbation_gap(s.at, &noise, NULL).value, 0.25 * 0.25 / 4 + 0.25 / 2, gap_slack(&s));
    CHECK(cn_trace(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), NULL).value == 0);
    scene_free(&s);

    /* sd^2/2 tr H and terms of sd^4; float needs a larger sd, where these are 1 % */
    test_case = "gap of a smooth network";
    scene_net(&s, "input 4; dense 8; tanh; dense 3");
    scene_random(&s, 20, 1, 9);
    scene_point(&s, NULL, 0);
    {
        double sd = TEST_REAL(1e-3, 3e-2), trace = cn_trace(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), NULL).value;
        memset(&p, 0, sizeof p);
        noise.sd = sd;
        noise.kind = CN_NOISE_SIGN;
        p.probes = TEST_SIZE(1000, 200);
        e = cn_perturbation_gap(s.at, &noise, &p);
        CHECK(e.error < 0.2 * sd * sd / 2 * trace);
        CHECK_NEAR(e.value, sd * sd / 2 * trace, 4 * e.error + TEST_REAL(1e-5, 1e-2) * sd * sd * trace);
    }
    scene_free(&s);
}

/* ---- MLS */

static double spectral_norm(scene *s, const cn_real *w, size_t rows, size_t cols) {
    cn_real *copy = cn_vector(&s->c, rows * cols);
    double value[130];
    memcpy(copy, w, rows * cols * sizeof *copy);
    CHECK_STATUS(cn_svd(&s->c, rows, cols, copy, value, NULL, NULL), CN_OK);
    return value[0];
}

static void sensitivity(void) {
    int g;
    scene s;
    cn_problem_desc how = CN_ZERO;
    cn_mls_result r;
    size_t i, j;
    double first = 0;
    for (g = 0; g < GOLDEN_NETS; g++) {
        how.chunk = g % 3 ? 0 : 5;
        scene_golden(&s, g, &how, g % 2 ? 1 << 16 : 0);
        test_case = golden_nets[g].name;
        r = cn_mls(s.at, NULL);
        CHECK_STATUS(r.status, CN_OK);
        CHECK_RELATIVE(r.mls, golden_nets[g].mls, GOLDEN);
        scene_free(&s);
    }
    test_case = "MLS of linear networks";
    how.chunk = 0;
    how.loss = CN_LOSS_SQUARED;
    /* linear: the spectral norm of W at every sample; more inputs than outputs, and fewer */
    for (g = 0; g < 3; g++) {
        scene_net(&s, g == 0 ? "input 5; dense 3" : g == 1 ? "input 3; dense 5 bias=0" : "input 1; dense 1");
        scene_random(&s, 7, 0, 3);
        scene_point(&s, &how, 0);
        /* a Gram's root: eps of it */
        CHECK_RELATIVE(cn_mls(s.at, NULL).mls, spectral_norm(&s, s.theta, s.K, s.M), 100 * TEST_EPS);
        if (g == 0) { /* relu after it, all inputs large enough to be on: the same; scaled weights scale it */
            first = cn_mls(s.at, NULL).mls;
            for (i = 0; i < s.P; i++) s.theta[i] *= 3;
            CHECK_RELATIVE(cn_mls(cn_point_create(s.p, s.theta, 0), NULL).mls, 3 * first, 100 * TEST_EPS);
        }
        scene_free(&s);
    }
    /* 64 and 65: a chunk's Grams at a time, then four at a time; 7 samples are not a multiple of 4 */
    test_case = "MLS of many outputs";
    for (g = 0; g < TEST_SIZE(4, 3); g++) {
        static const char *const wide[4] = {"input 2; dense 64", "input 3; dense 65",
                                            TEST_SIZE("input 120; dense 100", "input 20; dense 70"),
                                            "input 130; dense 129"};
        scene_net(&s, wide[g]);
        scene_random(&s, 7, 0, 3);
        scene_point(&s, &how, 0);
        CHECK_RELATIVE(cn_mls(s.at, NULL).mls, spectral_norm(&s, s.theta, s.K, s.M), 100 * TEST_EPS);
        scene_free(&s);
    }
    scene_net(&s, "input 3; dense 5; tanh; dense 70"); /* samples that differ: sample by sample, and four at a time */
    scene_random(&s, 7, 0, 3);
    how.chunk = 1;
    scene_point(&s, &how, 0);
    first = cn_mls(s.at, NULL).mls;
    how.chunk = 0;
    scene_point(&s, &how, 0);
    CHECK_RELATIVE(cn_mls(s.at, NULL).mls, first, 100 * TEST_EPS);
    scene_free(&s);
    /* ||df/dx|| by central differences in x: step 1e-5, as in derivatives.c; float: 1e-3 steps, 1e-4 error */
    test_case = "MLS of one output";
    scene_net(&s, "input 3; dense 5; tanh; dense 1");
    scene_random(&s, 6, 0, 5);
    scene_point(&s, &how, 0);
    {
        cn_real *high = cn_vector(&s.c, 6), *low = cn_vector(&s.c, 6);
        double square[6] = {0}, mean = 0, step = TEST_REAL(1e-5, 1.0 / 1024);
        r = cn_mls(s.at, NULL);
        for (j = 0; j < 3; j++) { /* the data are a view: move an input of every sample */
            for (i = 0; i < 6; i++) s.x[i * 3 + j] += (cn_real)step;
            cn_predict(s.p, s.theta, NULL, high);
            for (i = 0; i < 6; i++) s.x[i * 3 + j] -= 2 * (cn_real)step;
            cn_predict(s.p, s.theta, NULL, low);
            for (i = 0; i < 6; i++) {
                double v = ((double)high[i] - (double)low[i]) / (2 * step);
                square[i] += v * v;
                s.x[i * 3 + j] += (cn_real)step;
            }
        }
        for (i = 0; i < 6; i++) mean += sqrt(square[i]) / 6;
        CHECK_RELATIVE(r.mls, mean, TEST_REAL(1e-8, 2e-3));
    }
    scene_free(&s);
    test_case = "MLS where the Gram overflows"; /* 1e200 squared is no double: a status, not Inf */
    scene_net(&s, "input 1; dense 1 bias=0");
    scene_random(&s, 2, 0, 5);
    s.theta[0] = (cn_real)TEST_REAL(1e200, 1e30);
    scene_point(&s, &how, 0);
    r = cn_mls(s.at, NULL);
    CHECK(r.status == CN_E_NUMERIC || (r.status == CN_OK && fabs(r.mls / (double)s.theta[0] - 1) < 1e-5));
    scene_free(&s);
}

/* ---- TPV */

static void variance_of_predictions(void) {
    int g;
    scene s;
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc probe = CN_ZERO;
    cn_est e;
    size_t b, count, n;
    cn_block blocks[40];
    cn_problem_desc how = CN_ZERO;
    cn_real *moment;
    for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(1, 4)) {
        scene_golden(&s, g, NULL, 0);
        test_case = golden_nets[g].name;
        memset(&noise, 0, sizeof noise);
        noise.sd = 1;
        e = cn_tpv(s.at, &noise, NULL);
        CHECK(e.status == CN_OK && e.exact && e.error == 0);
        CHECK_RELATIVE(e.value, golden_nets[g].tpv_iso, GOLDEN);
        noise.sd = 0.5; /* sd^2 */
        CHECK_NEAR(cn_tpv(s.at, &noise, NULL).value, e.value / 4, 2 * TEST_EPS * e.value);
        noise.sd = 0;
        CHECK(cn_tpv(s.at, &noise, NULL).value == 0);
        noise.sd = 2;
        probe.method = CN_METHOD_HUTCHINSON;
        probe.probes = 200;
        probe.seed = 4;
        e = cn_tpv(s.at, &noise, &probe); /* 4 standard errors, and its error scales with sd^2 too */
        CHECK(!e.exact && e.probes == 200 && e.error > 0);
        CHECK_NEAR(e.value, 4 * golden_nets[g].tpv_iso, 4 * e.error);
        noise.sd = 1; /* the same probes: the error scales with sd^2 */
        CHECK_RELATIVE(e.error, 4 * cn_tpv(s.at, &noise, &probe).error, 4 * TEST_EPS);
        noise.sd = 2;
        count = scene_blocks(&s, blocks, 40);
        for (b = 0; b < count; b++) {
            noise.block = blocks[b];
            moment = scene_matrix(&s, CN_OP_JACOBIAN_MOMENT, blocks[b], &n);
            CHECK_RELATIVE(cn_tpv(s.at, &noise, NULL).value, 4 * trace_of(moment, n), 1000 * TEST_EPS);
            cn_free(&s.c, moment);
        }
        scene_free(&s);
    }
    /* small Gaussian perturbations of theta; second order adds sd^2 = 1e-5 of it, below the standard error */
    test_case = "TPV by simulation";
    scene_net(&s, "input 3; dense 8; tanh; dense 2");
    scene_random(&s, TEST_SIZE(20, 6), 0, 9);
    how.loss = CN_LOSS_SQUARED;
    scene_point(&s, &how, 0);
    {
        size_t runs = TEST_SIZE(4000, 250), r, i, N = s.n * s.K;
        cn_real *u = cn_vector(&s.c, s.P), *f0 = cn_vector(&s.c, N), *f = cn_vector(&s.c, N);
        double mean = 0, square = 0, sd = 3e-3, error;
        cn_predict(s.p, s.theta, NULL, f0);
        for (r = 0; r < runs; r++) {
            double v = 0;
            cn_random(55, r, 0, CN_NOISE_NORMAL, sd, s.P, u);
            for (i = 0; i < s.P; i++) u[i] += s.theta[i];
            cn_predict(s.p, u, NULL, f);
            /* sum over outputs, mean over samples */
            for (i = 0; i < N; i++) v += ((double)f[i] - (double)f0[i]) * ((double)f[i] - (double)f0[i]) / (double)s.n;
            mean += v / (double)runs;
            square += v * v / (double)runs;
        }
        error = sqrt((square - mean * mean) / (double)runs);
        memset(&noise, 0, sizeof noise);
        noise.sd = sd;
        e = cn_tpv(s.at, &noise, NULL);
        CHECK(error < 0.05 * mean); /* the simulation can tell a factor of two */
        CHECK_NEAR(mean, e.value, 4 * error);
    }
    scene_free(&s);
}

/* ---- spectrum tools on operators of a point */

static void eigenvalues_and_traces(int g) {
    const golden_net *net = golden_nets + g;
    scene s;
    cn_eigs_desc d = CN_ZERO;
    double values[3], residuals[3];
    cn_iter it;
    cn_op *h;
    cn_probe_desc p = CN_ZERO;
    cn_est e;
    cn_real *v, *hv;
    size_t i;
    test_case = net->name;
    scene_golden(&s, g, NULL, 1 << 16);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    v = cn_vector(&s.c, 3 * s.P);
    hv = cn_vector(&s.c, s.P);
    it = cn_eigs(h, NULL, values, NULL, NULL);
    CHECK(it.status == CN_OK && it.converged);
    /* a residual of 1e-8 (1e-4) lambda_max: the value is better than its square or the golden tolerance */
    CHECK_RELATIVE(values[0], net->lambda_max_h, TEST_REAL(1e-9, 1e-4));
    d.top = 2;
    d.bottom = 1;
    it = cn_eigs(h, &d, values, residuals, v);
    CHECK(it.converged);
    CHECK_NEAR(values[0], net->lambda_max_h, TEST_REAL(1e-9, 1e-4) * net->lambda_max_h);
    CHECK_NEAR(values[2], net->lambda_min_h, TEST_REAL(1e-9, 1e-4) * net->lambda_max_h);
    for (i = 0; i < 3; i++) { /* residuals are measured: ||Hv - lambda v|| */
        size_t j;
        cn_op_apply(h, 1, v + i * s.P, hv);
        for (j = 0; j < s.P; j++) hv[j] -= (cn_real)values[i] * v[i * s.P + j];
        CHECK_NEAR(norm_of(s.P, hv), residuals[i], 100 * TEST_EPS * net->lambda_max_h);
        CHECK(residuals[i] <= it.residual);
    }
    p.method = CN_METHOD_HUTCHINSON;
    p.probes = TEST_SIZE(400, 100);
    p.seed = 21;
    e = cn_trace(h, &p);
    CHECK(e.status == CN_OK && e.probes == TEST_SIZE(400, 100) && !e.exact);
    /* four standard errors; the error is 0 for a diagonal H */
    CHECK_NEAR(e.value, net->trace_h, 4 * e.error + 1e-6 * fabs(net->trace_h));
    p.kind = CN_NOISE_NORMAL;
    e = cn_trace(h, &p);
    CHECK_NEAR(e.value, net->trace_h, 4 * e.error);
    p.method = CN_METHOD_EXACT;
    e = cn_trace(h, &p);
    CHECK_NEAR(e.value, net->trace_h, GOLDEN * net->trace_g);
    { /* the noise scale tr S/||g||^2 from public calls; one sample: rounding of tr C */
        double norm = cn_evaluate(s.p, s.theta, NULL, v).grad_norm, wanted = 0;
        for (i = 0; i < s.P; i++) wanted += net->gradient[i] * net->gradient[i];
        e = cn_trace(cn_op_of(s.at, CN_OP_COVARIANCE, block_all()), NULL);
        CHECK_NEAR(e.value / (norm * norm), net->trace_s / wanted, GOLDEN * (1 + net->trace_c / wanted));
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- threads change no bit; a cancelled call returns what it has */

static void backwards(void *user, int tasks, cn_task task, void *arg) {
    (void)user;
    while (tasks-- > 0) task(arg, tasks);
}
typedef struct all_of {
    cn_tic_result tic, fisher;
    likeness pair;
    cn_est est[4];
    double mls;
} all_of;
static void all_measures(scene *s, all_of *all) {
    cn_tic_desc d = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc p = CN_ZERO;
    int i;
    memset(all, 0, sizeof *all);
    noise.sd = 0.1;
    p.method = CN_METHOD_HUTCHINSON;
    p.probes = 20;
    all->tic = cn_tic(s->at, &d);
    d.form = CN_TIC_GRAM;
    all->fisher = cn_tic_fisher(s->at, &d);
    all->pair =
        likeness_of(cn_op_of(s->at, CN_OP_HESSIAN, block_all()), cn_op_of(s->at, CN_OP_SECOND_MOMENT, block_all()), &p);
    for (i = 0; i < 3; i++) all->est[i] = cn_sensitivity(s->at, i);
    all->est[3] = cn_perturbation_gap(s->at, &noise, &p);
    all->mls = cn_mls(s->at, NULL).mls;
}

static void threads(void) {
    scene s;
    cn_problem_desc how = CN_ZERO;
    all_of one, four;
    how.chunk = 3;
    scene_golden(&s, 0, &how, 1 << 12);
    s.c.threads = 1;
    all_measures(&s, &one);
    s.c.threads = 4;
    s.c.parallel = backwards;
    all_measures(&s, &four);
    CHECK(memcmp(&one.tic.tic, &four.tic.tic, sizeof(double)) == 0 && one.fisher.tic == four.fisher.tic &&
          one.tic.ratio == four.tic.ratio);
    CHECK(one.pair.s.value == four.pair.s.value && one.pair.commutator.error == four.pair.commutator.error &&
          one.mls == four.mls);
    CHECK(one.est[0].value == four.est[0].value && one.est[1].value == four.est[1].value &&
          one.est[2].value == four.est[2].value && one.est[3].value == four.est[3].value);
    CHECK(one.fisher.status == CN_OK && one.pair.status == CN_OK && one.est[3].status == CN_OK && one.mls > 0);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

static int stop_at(void *user, const cn_progress *p) { return p->done >= *(const double *)user; }
static void cancelled(void) {
    scene s;
    cn_probe_desc p = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    double when = 30;
    likeness r;
    cn_est e;
    cn_op *h, *c;
    scene_golden(&s, 0, NULL, 0);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    c = cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_all());
    s.c.progress = stop_at;
    s.c.progress_user = &when;
    p.method = CN_METHOD_HUTCHINSON;
    r = likeness_of(h, c, &p);
    /* groups of 16 */
    CHECK(r.status == CN_CANCELLED && r.s.status == CN_CANCELLED && r.s.probes == 32 && r.s.error > 0 &&
          fabs(r.s.value) <= 1);
    noise.sd = 0.1;
    e = cn_perturbation_gap(s.at, &noise, &p);
    CHECK(e.status == CN_CANCELLED && e.probes == 30 && e.error > 0);
    CHECK_STATUS(cn_tic(s.at, NULL).status, CN_CANCELLED);
    CHECK_STATUS(likeness_of(h, c, NULL).status, CN_CANCELLED);
    s.c.progress = NULL;
    CHECK_STATUS(cn_tic(s.at, NULL).status, CN_OK); /* and nothing is blocked */
    scene_free(&s);
}

/* ---- what AUTO spends, and what is left of a sweep that was cancelled */

enum { SWEPT = 40, ESTIMATES = 13 };
typedef struct reported {
    size_t seen, stop;
} reported;
static int stop_at_report(void *user, const cn_progress *p) {
    reported *r = (reported *)user;
    (void)p;
    return ++r->seen == r->stop;
}

static size_t spent[2]; /* products with each operator */
static int spending(void *user, size_t k, const cn_real *x, cn_real *y) {
    size_t i, which = *(const size_t *)user;
    spent[which] += k;
    for (i = 0; i < k * SWEPT; i++) /* a diagonal, and a half beside it: symmetric, positive definite */
        y[i] = (cn_real)(1 + (double)((i % SWEPT + which) % 7)) * x[i] + (cn_real)0.5 * x[i % 2 ? i - 1 : i + 1];
    return CN_OK;
}
static double cube_of(void *user, double x) {
    (void)user;
    return x * x * x;
}

/* Every estimator, numbered; a and b by products alone, few of 30 rows. *each: products of a probe with each. */
typedef struct swept {
    cn_op *a, *b, *few, *times_few, *sum;
    cn_real out[SWEPT];
} swept;
static cn_est estimate(swept *o, int which, const cn_probe_desc *d, size_t *each, const char **name) {
    static const char *const names[] = {"trace",      "trace of A few", "trace of a sum", "diagonal", "tr AB",
                                        "tr AA",      "tr A few",       "tr few A",       "function", "log det",
                                        "likeness s", "likeness r",     "commutator"};
    *each = which == 12 ? 2 : 1;
    *name = names[which];
    switch (which) {
    case 0:
        return cn_trace(o->a, d);
    case 1:
        return cn_trace(o->times_few, d);
    case 2:
        return cn_trace(o->sum, d);
    case 3:
        return cn_diagonal(o->a, d, o->out);
    case 4:
        return cn_inner(o->a, o->b, d);
    case 5:
        return cn_inner(o->a, o->a, d);
    case 6:
        return cn_inner(o->a, o->few, d);
    case 7:
        return cn_inner(o->few, o->a, d);
    case 8:
        return cn_trace_of(o->a, cube_of, NULL, d);
    case 9:
        return cn_logdet(o->a, 1, d);
    case 10:
        return cn_similarity(o->a, o->b, d).s;
    case 11:
        return cn_similarity(o->a, o->b, d).r;
    default:
        return cn_commutator(o->a, o->b, d);
    }
}

static void sweeps(void) {
    enum { ROWS = 30 };
    static const size_t allowed[] = {0, 20, 29, 30, 39, 40, 100};
    static size_t number[] = {0, 1};
    static cn_real r[ROWS * SWEPT];
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_est e;
    swept o;
    size_t i, each, need, k, last;
    int which, method;
    const char *name;
    reported stop;
    cn_random(5, 0, 0, CN_NOISE_NORMAL, 1, ROWS * SWEPT, r);
    o.a = cn_op_user(&c, SWEPT, spending, number);
    o.b = cn_op_user(&c, SWEPT, spending, number + 1);
    o.few = cn_op_factor(&c, ROWS, SWEPT, r);
    o.times_few = cn_op_product(o.a, o.few);
    o.sum = cn_op_sum(o.times_few, 2, o.times_few, -1, 1);
    d.steps = 1; /* a probe of a function's trace is one product too */
    for (which = 0; which < ESTIMATES; which++) {
        need = which == 1 || which == 2 || which == 6 || which == 7 ? ROWS : SWEPT;
        for (i = 0; i < sizeof allowed / sizeof *allowed; i++) {
            d.probes = allowed[i];
            d.method = CN_METHOD_AUTO;
            spent[0] = spent[1] = 0;
            e = estimate(&o, which, &d, &each, &name);
            test_case = name;
            CHECK_STATUS(e.status, CN_OK);
            CHECK(e.exact == (!d.probes || need <= d.probes) && (e.probes > 0) == !e.exact);
            if (which == 2) spent[0] /= 2; /* it holds two of them */
            CHECK(spent[0] <= (e.exact ? need : d.probes * each) && spent[1] <= (e.exact ? need : d.probes * each));
        }
        for (method = CN_METHOD_AUTO; method <= CN_METHOD_LANCZOS; method++) {
            d.probes = method > CN_METHOD_EXACT ? 36 : 0;
            d.method = method;
            memset(&stop, 0, sizeof stop);
            c.progress = NULL;
            e = estimate(&o, which, &d, &each, &name);
            cn_clear(&c);
            if (e.status != CN_OK) continue; /* no method of this one */
            c.progress = stop_at_report;
            c.progress_user = &stop;
            estimate(&o, which, &d, &each, &name);
            for (last = stop.seen, k = 1; k <= last; k++) {
                stop.seen = 0;
                stop.stop = k;
                e = estimate(&o, which, &d, &each, &name);
                CHECK(e.status == CN_CANCELLED && !e.exact && test_finite(e.value));
                if (method <= CN_METHOD_EXACT)
                    CHECK(e.value == 0 && e.error == 0 && e.probes == 0);
                else
                    CHECK(e.probes > 0 && e.probes <= d.probes && (e.error > 0 || e.value == 0));
                cn_clear(&c);
            }
            CHECK(last > 0);
        }
    }
    test_case = "sweeps";
    cn_free_all(&c);
    for (method = CN_METHOD_EXACT; method <= CN_METHOD_HUTCHINSON; method++) { /* what is made of two traces */
        scene s;
        cn_noise_scale_result n;
        scene_net(&s, "input 4; dense 10; tanh; dense 2");
        scene_random(&s, 5, 1, 3);
        scene_point(&s, NULL, 0);
        memset(&stop, 0, sizeof stop);
        memset(&d, 0, sizeof d);
        d.method = method;
        s.c.progress = stop_at_report;
        s.c.progress_user = &stop;
        for (k = 1; k < 100; k++) {
            stop.seen = 0;
            stop.stop = k;
            e = cn_alignment(s.at, block_all(), &d);
            if (e.status == CN_OK) break;
            CHECK(e.status == CN_CANCELLED && e.value == 0 && e.error == 0 && e.probes == 0 && !e.exact);
        }
        CHECK(e.status == CN_OK && k > 1);
        for (k = 1; k < 100; k++) {
            cn_noise_scale_result whole;
            stop.seen = stop.stop = 0;
            whole = cn_noise_scale(s.at, block_all(), &d);
            stop.seen = 0;
            stop.stop = k;
            n = cn_noise_scale(s.at, block_all(), &d);
            if (n.status != CN_CANCELLED) break;
            CHECK(n.curved.value == 0 && n.curved.error == 0 && n.curved.probes == 0 && !n.curved.exact);
            CHECK(n.simple.value == 0 || n.simple.value == whole.simple.value);
        }
        CHECK(k > 1);
        scene_free(&s);
    }
    /* of 72 parameters the matrix of 40 weights is a closed form, 32 columns are products */
    for (k = 31; k <= 32; k++) {
        scene s;
        cn_op *h;
        scene_net(&s, "input 4; dense 10; tanh; dense 2");
        scene_random(&s, 5, 1, 3);
        scene_point(&s, NULL, 0);
        h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
        memset(&d, 0, sizeof d);
        d.probes = k;
        e = cn_inner(h, h, &d);
        CHECK(s.P == 72 && e.status == CN_OK && e.exact == (k == 32) && e.probes == (k == 32 ? 0 : 31));
        e = cn_similarity(h, h, &d).frob2;
        CHECK(e.status == CN_OK && e.exact == (k == 32));
        d.steps = 1;
        e = cn_trace_of(h, cube_of, NULL, &d);
        CHECK(e.status == CN_OK && e.exact == (k == 32));
        scene_free(&s);
    }
}

/* ---- operators that are 0, and others without symmetry */

/* What is defined is given, what is not is marked, by every method. A of trace 3 and squared norm 5, B of trace 0. */
static void zero_operators(void) {
    static const cn_real two[] = {2, 0, 0, 1}, traceless[] = {1, 0, 0, -1};
    cn_ctx c = CN_ZERO;
    cn_op *a = cn_op_matrix(&c, 2, two), *b = cn_op_matrix(&c, 2, traceless), *zero = cn_op_sum(a, 0, NULL, 0, 0),
          *hidden = cn_op_product(zero, zero); /* without a closed trace */
    size_t i, n = 6000;
    cn_real *big = cn_vector(&c, n);
    cn_op *wide;
    for (i = 0; i < n; i++) big[i] = (cn_real)(1 + (double)(i % 3));
    wide = cn_op_factor(&c, 1, n, big);
    for (i = 0; i < 5; i++) {
        cn_probe_desc d = CN_ZERO;
        cn_op *x = i < 4 ? a : wide, *nought = i == 3 ? hidden : i < 4 ? zero : cn_op_sum(wide, 0, NULL, 0, 0);
        double trace = i < 4 ? 3 : 28000, norm2 = i < 4 ? 5 : 784e6;
        cn_similarity_result r;
        cn_est e;
        d.method = i < 3
                       ? (int)i
                       : CN_METHOD_AUTO; /* CN_METHOD_HUTCHINSON: exact here, as signs see a diagonal matrix exactly */
        r = cn_similarity(nought, x, &d);
        CHECK(r.status == CN_E_UNSUITED && r.s.status == CN_E_UNSUITED && r.s.value == 0 && r.s.error == 0 &&
              !r.s.exact);
        CHECK_SENTENCE(&c, CN_E_UNSUITED, "s of operators 0 and 1 is not defined: the norm of the first is 0");
        CHECK(r.r.status == CN_OK && r.r.value == 0 && r.r.error == 0 && r.r.exact == (i != 2));
        CHECK(r.frob2.status == CN_OK);
        if (i < 4)
            CHECK_RELATIVE(r.frob2.value, norm2, 10 * TEST_EPS);
        else /* six standard errors */
            CHECK(fabs(r.frob2.value - norm2) < 6 * r.frob2.error);
        r = cn_similarity(x, nought, &d);
        CHECK(r.status == CN_E_UNSUITED && r.s.status == CN_E_UNSUITED && r.r.status == CN_E_UNSUITED);
        CHECK_SENTENCE(&c, CN_E_UNSUITED, "r of operators 0 and 1 is not defined: the trace of the second is 0");
        CHECK(r.r.value == 0 && r.r.error == 0 && !r.r.exact && r.s.value == 0 && r.s.error == 0 && !r.s.exact);
        CHECK(r.frob2.status == CN_OK && r.frob2.value > 0);
        if (i < 4) CHECK_RELATIVE(r.frob2.value, norm2, 10 * TEST_EPS);
        r = cn_similarity(nought, nought, &d);
        CHECK(r.status == CN_E_UNSUITED && r.frob2.status == CN_OK && r.frob2.value == 0);
        e = cn_commutator(x, nought, &d);
        CHECK(e.status == CN_E_UNSUITED && e.value == 0 && e.error == 0 && !e.exact);
        CHECK_SENTENCE(&c, CN_E_UNSUITED,
                       "the commutator of operators 0 and 1 is not defined: the norm of the second is 0");
        CHECK_STATUS(cn_commutator(nought, x, &d).status, CN_E_UNSUITED);
        e = cn_trace(nought, &d);
        CHECK(e.status == CN_OK && e.value == 0 && e.error == 0);
        CHECK_RELATIVE(cn_trace(x, NULL).value, trace, 10 * TEST_EPS);
        e = cn_inner(nought, x, &d);
        CHECK(e.status == CN_OK && e.value == 0 && e.error == 0);
        if (i == 4) break;
        r = cn_similarity(a, b, &d); /* a trace of 0 and a norm */
        CHECK(r.status == CN_E_UNSUITED && r.r.status == CN_E_UNSUITED && r.r.value == 0 && r.r.error == 0);
        CHECK_SENTENCE(&c, CN_E_UNSUITED, "r of operators 0 and 1 is not defined: the trace of the second is 0");
        CHECK(r.s.status == CN_OK && r.frob2.status == CN_OK);
        CHECK_RELATIVE(r.s.value, 1 / sqrt(10), 10 * TEST_EPS);
        CHECK_RELATIVE(r.frob2.value, 5, 10 * TEST_EPS);
        r = cn_similarity(b, a, &d);
        CHECK(r.status == CN_OK && r.r.value == 0 && r.r.status == CN_OK);
    }
    cn_free_all(&c);
}

/* The other calls on operators that are 0: of a matrix, and of a product, which has no closed forms. */
static void zero_everywhere(void) {
    static const cn_real nothing[36] = {0};
    cn_ctx c = CN_ZERO;
    cn_op *zero[2];
    size_t i, j, k;
    zero[0] = cn_op_matrix(&c, 6, nothing);
    zero[1] = cn_op_product(zero[0], zero[0]);
    for (i = 0; i < 2; i++) {
        cn_real x[6], y[6];
        double values[3], residuals[3], at[200], density[200];
        cn_density_curve curve = CN_ZERO;
        cn_eigs_desc e = CN_ZERO;
        cn_probe_desc p = CN_ZERO;
        cn_density_desc d = CN_ZERO;
        cn_density_result r;
        cn_iter it;
        for (e.method = CN_METHOD_AUTO; e.method <= CN_METHOD_POWER; e.method++) {
            if (e.method > CN_METHOD_EXACT && e.method < CN_METHOD_LANCZOS) continue;
            e.top = e.method == CN_METHOD_POWER ? 1 : 2;
            e.bottom = e.method != CN_METHOD_POWER;
            it = cn_eigs(zero[i], &e, values, residuals, NULL);
            CHECK(it.status == CN_OK && it.converged && it.residual == 0);
            for (j = 0; j < e.top + e.bottom; j++) CHECK(values[j] == 0 && residuals[j] == 0);
        }
        for (j = 0; j < 3; j++) {
            static const int methods[] = {CN_METHOD_AUTO, CN_METHOD_EXACT, CN_METHOD_LANCZOS};
            p.method = methods[j];
            CHECK_RELATIVE(cn_logdet(zero[i], 2, &p).value, 6 * log(2), 100 * TEST_EPS);
        }
        for (p.method = CN_METHOD_AUTO; p.method <= CN_METHOD_XTRACE; p.method++) {
            p.probes = 5; /* fewer than the size: no sweep */
            CHECK(cn_trace(zero[i], &p).status == CN_OK && cn_trace(zero[i], &p).value == 0);
            if (p.method > CN_METHOD_HUTCHINSON) continue;
            CHECK(cn_diagonal(zero[i], &p, y).status == CN_OK && y[0] == 0 && y[5] == 0);
        }
        for (d.axis = CN_AXIS_LINEAR; d.axis <= CN_AXIS_LOG; d.axis++) {
            curve.at = at;
            curve.density = density;
            r = cn_density(zero[i], &d, &curve);
            CHECK(r.status == CN_OK && r.small == 1 && r.negative == 0 && r.positive == 0);
            for (k = 0; k < 200; k++) CHECK(test_finite(at[k]) && test_finite(density[k]) && density[k] >= 0);
        }
        for (j = 0; j < 6; j++) x[j] = (cn_real)j;
        CHECK_STATUS(cn_solve(zero[i], 2, 0, 0, NULL, x, y).status, CN_OK);
        for (j = 0; j < 6; j++) CHECK_NEAR(y[j], (double)j / 2, 10 * TEST_EPS);
        CHECK_STATUS(cn_solve(zero[i], 0, 0, 0, NULL, x, y).status, CN_E_NUMERIC);
        CHECK_STATUS(c.status, CN_E_NUMERIC);
        cn_clear(&c);
    }
    cn_free_all(&c);
}

/* tr(AB) of A, B without symmetry is not what the sums see. */
static void without_symmetry(void) {
    static const cn_real one[] = {2, 1, 1, 3}, other[] = {1, 0, 0, 5};
    cn_ctx c = CN_ZERO;
    cn_op *a = cn_op_matrix(&c, 2, one), *ab = cn_op_product(a, cn_op_matrix(&c, 2, other)),
          *sum = cn_op_sum(a, 1, ab, 1, 0);
    int method;
    for (method = CN_METHOD_AUTO; method <= CN_METHOD_HUTCHINSON; method++) {
        cn_probe_desc d = CN_ZERO;
        cn_op *pair[4][2] = {{ab, a}, {a, ab}, {sum, a}, {ab, ab}};
        size_t i;
        d.method = method;
        for (i = 0; i < 4; i++) {
            cn_similarity_result r = cn_similarity(pair[i][0], pair[i][1], &d);
            CHECK(r.status == CN_E_UNSUITED && r.r.status == CN_E_UNSUITED && r.s.status == CN_E_UNSUITED &&
                  r.frob2.status == CN_E_UNSUITED && r.frob2.value == 0);
            CHECK_SENTENCE(&c, CN_E_UNSUITED,
                           i == 1 ? "comparison: operator 1 is not symmetric"
                                  : "comparison: operator 0 is not symmetric");
            CHECK_STATUS(cn_commutator(pair[i][0], pair[i][1], &d).status, CN_E_UNSUITED);
            CHECK_SENTENCE(&c, CN_E_UNSUITED, "is not symmetric");
            cn_clear(&c);
        }
        CHECK_STATUS(cn_similarity(cn_op_product(a, a), a, &d).status, CN_OK);
    }
    cn_free_all(&c);
}

/* ---- bad input */

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
#define REFUSED(call, wanted, words)             \
    do {                                         \
        CHECK_STATUS((call).status, (wanted));   \
        CHECK_SENTENCE(&s.c, (wanted), (words)); \
        cn_clear(&s.c);                          \
    } while (0)

static double of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, 8);
    return x;
}

/* what cn_problem_create refuses comes back as NULL */
static void no_problem(scene *s, const cn_data *data, const cn_problem_desc *how) {
    CHECK(cn_problem_create(&s->c, s->net, data, how) == NULL);
    CHECK_STATUS(s->c.status, CN_E_ARGUMENT);
    cn_clear(&s->c);
}

#define NOT_TAKEN(call)                          \
    do {                                         \
        CHECK_STATUS((call), CN_E_ARGUMENT);     \
        CHECK_STATUS(s.c.status, CN_E_ARGUMENT); \
        cn_clear(&s.c);                          \
    } while (0)

/* NaN, Inf and -Inf in every double of every descriptor, and in every double argument that is not a factor of a
   product; the library may be compiled with -ffast-math. */
static void not_finite(void) {
    static const uint64_t bits[] = {(uint64_t)0x7FF8 << 48, (uint64_t)0x7FF << 52, (uint64_t)0xFFF << 52};
    scene s;
    double bad, cuts[2] = {0.1, 0}, values[4];
    cn_op *h, *c;
    cn_opt *o;
    cn_real *v;
    size_t i, f;
    scene_golden(&s, 0, NULL, 0);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    c = cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_all());
    v = cn_vector(&s.c, 4 * s.P * s.P);
    for (i = 0; i < 3; i++) {
        cn_problem_desc how = CN_ZERO;
        cn_data data = s.data;
        cn_probe_desc probe = CN_ZERO;
        cn_density_desc density = CN_ZERO;
        cn_eigs_desc eigs = CN_ZERO;
        cn_tic_desc tic = CN_ZERO;
        cn_tic_result curve[2];
        cn_noise_desc noise = CN_ZERO;
        bad = of_bits(bits[i]);
        data.scale = bad;
        no_problem(&s, &data, NULL);
        how.label_smoothing = bad;
        no_problem(&s, &s.data, &how);
        for (f = 0; f < 5; f++) {
            cn_opt_desc opt = CN_ZERO;
            cn_train_desc train = CN_ZERO;
            opt.lr = f == 0 ? bad : 0.1;
            opt.momentum = f == 1 ? bad : 0;
            opt.weight_decay = f == 2 ? bad : 0;
            opt.rho = f == 3 ? bad : 0;
            opt.sigma = f == 4 ? bad : 0;
            train.opt = opt;
            CHECK(cn_opt_create(&s.c, s.P, 0, &opt) == NULL);
            NOT_TAKEN(s.c.status);
            NOT_TAKEN(cn_train(s.p, s.theta, &train).status);
            opt.lr = 0.1;
            opt.momentum = opt.weight_decay = opt.rho = opt.sigma = 0;
            o = cn_opt_create(&s.c, s.P, 0, &opt);
            NOT_TAKEN(cn_opt_lr(o, bad));
        }
        probe.rel_error = bad;
        noise.sd = 0.1;
        for (f = 0; f < 2; f++) {
            probe.method = f ? CN_METHOD_HUTCHINSON : CN_METHOD_AUTO;
            NOT_TAKEN(cn_trace(h, &probe).status);
            NOT_TAKEN(cn_diagonal(h, &probe, v).status);
            NOT_TAKEN(cn_inner(h, c, &probe).status);
            NOT_TAKEN(cn_similarity(h, c, &probe).status);
            NOT_TAKEN(cn_commutator(h, c, &probe).status);
            NOT_TAKEN(cn_tpv(s.at, &noise, &probe).status);
            NOT_TAKEN(cn_perturbation_gap(s.at, &noise, &probe).status);
            probe.method = f ? CN_METHOD_LANCZOS : CN_METHOD_EXACT;
            NOT_TAKEN(cn_logdet(h, 1, &probe).status);
        }
        NOT_TAKEN(cn_logdet(h, bad, NULL).status);
        noise.sd = bad;
        NOT_TAKEN(cn_tpv(s.at, &noise, NULL).status);
        NOT_TAKEN(cn_perturbation_gap(s.at, &noise, NULL).status);
        density.width = bad;
        NOT_TAKEN(cn_density(h, &density, NULL).status);
        density.width = 0;
        density.floor = bad;
        NOT_TAKEN(cn_density(h, &density, NULL).status);
        eigs.tolerance = bad;
        NOT_TAKEN(cn_eigs(h, &eigs, values, NULL, NULL).status);
        NOT_TAKEN(cn_solve(c, bad, 0, 0, NULL, v, v + s.P).status);
        NOT_TAKEN(cn_solve(c, 1, bad, 0, NULL, v, v + s.P).status);
        for (f = 0; f < 5; f++) {
            CHECK(f > 2 || cn_op_sum(h, f == 0 ? bad : 1, c, f == 1 ? bad : 1, f == 2 ? bad : 1) == NULL);
            CHECK(f <= 2 || cn_op_inverse(c, f == 3 ? bad : 1, f == 4 ? bad : 0, 0, NULL) == NULL);
            NOT_TAKEN(s.c.status);
        }
        tic.cut = cuts[1] = bad;
        NOT_TAKEN(cn_tic(s.at, &tic).status);
        NOT_TAKEN(cn_tic_fisher(s.at, &tic).status);
        NOT_TAKEN(cn_tic_curve(s.at, NULL, 2, cuts, curve));
        v[0] = v[3] = 1;
        v[2] = 0;
        NOT_TAKEN(cn_eigen(&s.c, 2, v, 0, bad, values, NULL, NULL));
        CHECK(cn_convert(&s.c, s.data.x, bad, cn_tensor_of(v, CN_TYPE_REAL, 2, s.n, s.M, 0, 0)) > CN_DRY);
        cn_clear(&s.c);
        memset(v, 0, 2 * sizeof *v);
        v[1] = (cn_real)bad; /* the preconditioner */
        CHECK_STATUS(cn_solve(c, 1, 0, 0, v, s.theta, v + s.P).status, CN_E_NUMERIC);
        cn_clear(&s.c);
    }
    CHECK_STATUS(cn_trace(h, NULL).status, CN_OK);
    scene_free(&s);
}

static void bad_input(void) {
    scene s;
    cn_tic_desc t = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc p = CN_ZERO;
    cn_tic_result r;
    cn_problem_desc how = CN_ZERO;
    size_t i;
    scene_net(&s, "input 3; dense 4; tanh; dense 2");
    scene_random(&s, 6, 1, 2);
    scene_point(&s, NULL, 0);
    t.cut = 1;
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "cut 1 is not in (0, 1)");
    t.cut = -0.5;
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "cut -0.5");
    t.cut = not_a_number();
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "cut NaN");
    t.cut = 0;
    t.block = cn_net_block(&s.c, s.net, "7.weight");
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "7.weight"); /* the first error stays */
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "block");
    CHECK_STATUS(cn_tic(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_mls(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_tpv(NULL, &noise, NULL).status, CN_E_ARGUMENT);
    noise.sd = -1;
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "sd -1");
    noise.sd = not_a_number();
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "sd NaN");
    noise.sd = infinite();
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "sd Inf");
    REFUSED(cn_tpv(s.at, NULL, NULL), CN_E_ARGUMENT, "noise");
    noise.sd = 1;
    noise.block = block_of(100, 100);
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "block");
    noise.block = block_all();
    p.method = 7;
    REFUSED(cn_tpv(s.at, &noise, &p), CN_E_ARGUMENT, "7 is not a method");
    p.method = CN_METHOD_HUTCHINSON;
    p.rel_error = -1;
    REFUSED(cn_tpv(s.at, &noise, &p), CN_E_ARGUMENT, "rel_error");
    memset(&t, 0, sizeof t);
    t.form = CN_TIC_FORMS;
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "7 is not a form");
    t.form = CN_TIC_GRAM;
    REFUSED(cn_tic(s.at, &t), CN_E_UNSUITED, "Gram form is for the Fisher");
    t.block = block_of(1, 5);
    REFUSED(cn_tic_fisher(s.at, &t), CN_E_UNSUITED, "one part of a layer");
    t.form = CN_TIC_AUTO;
    CHECK(cn_tic_fisher(s.at, &t).form == CN_TIC_DENSE); /* the block cuts through a layer */
    t.cut = 2;
    REFUSED(cn_tic_fisher(s.at, &t), CN_E_ARGUMENT, "cut 2");
    t.block = block_of(100, 100);
    REFUSED(cn_tic_fisher(s.at, &t), CN_E_ARGUMENT, "block");
    memset(&t, 0, sizeof t);
    {
        static const double good[] = {0.1, 0.5}, bad[] = {0.1, 1.5};
        cn_tic_result curve[2];
        cn_probe_desc q = CN_ZERO;
        cn_op *h, *c, *w, *zero;
        CHECK_STATUS(cn_tic_curve(s.at, NULL, 2, bad, curve), CN_E_ARGUMENT);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "cut 1.5");
        cn_clear(&s.c);
        CHECK_STATUS(cn_tic_curve(s.at, NULL, 0, good, curve), CN_E_ARGUMENT);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no cuts");
        cn_clear(&s.c);
        CHECK_STATUS(cn_tic_curve(s.at, NULL, 2, NULL, curve), CN_E_ARGUMENT);
        cn_clear(&s.c);
        CHECK_STATUS(cn_tic_curve(s.at, NULL, 2, good, NULL), CN_E_ARGUMENT);
        cn_clear(&s.c);
        CHECK_STATUS(cn_tic_curve(NULL, NULL, 2, good, curve), CN_E_ARGUMENT);
        h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
        c = cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_all());
        w = cn_op_of(s.at, CN_OP_HESSIAN, cn_net_block(&s.c, s.net, "0.weight"));
        zero = cn_op_sum(h, 0, NULL, 0, 0);
        REFUSED(likeness_of(h, w, NULL), CN_E_SHAPE, "sizes 26 and 12");
        CHECK_STATUS(likeness_of(NULL, h, NULL).status, CN_E_ARGUMENT);
        CHECK_STATUS(likeness_of(h, NULL, NULL).status, CN_E_ARGUMENT);
        REFUSED(likeness_of(zero, c, NULL), CN_E_UNSUITED, "norm of the first is 0");
        REFUSED(likeness_of(c, zero, NULL), CN_E_UNSUITED, "the second is 0");
        q.method = CN_METHOD_HUTCHINSON;
        REFUSED(likeness_of(c, zero, &q), CN_E_UNSUITED, "the second is 0");
        q.method = 9;
        REFUSED(likeness_of(h, c, &q), CN_E_ARGUMENT, "9 is not a method");
        q.method = CN_METHOD_AUTO;
        q.rel_error = -1;
        REFUSED(likeness_of(h, c, &q), CN_E_ARGUMENT, "rel_error -1");
        q.rel_error = 0;
        q.kind = CN_NOISE_LAPLACE;
        REFUSED(likeness_of(h, c, &q), CN_E_ARGUMENT, "not 3");
    }
    REFUSED(cn_sensitivity(s.at, 3), CN_E_ARGUMENT, "3 is not a form");
    REFUSED(cn_sensitivity(s.at, -1), CN_E_ARGUMENT, "-1 is not a form");
    CHECK_STATUS(cn_sensitivity(NULL, 0).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_tic_fisher(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_perturbation_gap(NULL, &noise, NULL).status, CN_E_ARGUMENT);
    memset(&p, 0, sizeof p);
    REFUSED(cn_perturbation_gap(s.at, NULL, &p), CN_E_ARGUMENT, "gap: the noise is missing");
    noise.sd = -2;
    REFUSED(cn_perturbation_gap(s.at, &noise, &p), CN_E_ARGUMENT, "sd -2");
    noise.sd = infinite();
    REFUSED(cn_perturbation_gap(s.at, &noise, &p), CN_E_ARGUMENT, "sd Inf");
    noise.sd = 1;
    noise.kind = 5;
    REFUSED(cn_perturbation_gap(s.at, &noise, &p), CN_E_ARGUMENT, "5 is not a kind");
    REFUSED(cn_tpv(s.at, &noise, &p), CN_E_ARGUMENT, "5 is not a kind");
    noise.kind = 0;
    noise.block = block_of(20, 7);
    REFUSED(cn_perturbation_gap(s.at, &noise, &p), CN_E_ARGUMENT, "block");
    noise.block = block_all();
    p.method = CN_METHOD_EXACT;
    REFUSED(cn_perturbation_gap(s.at, &noise, &p), CN_E_ARGUMENT, "is not a method for it");
    p.method = CN_METHOD_AUTO;
    p.rel_error = -0.5;
    REFUSED(cn_perturbation_gap(s.at, &noise, &p), CN_E_ARGUMENT, "rel_error -0.5");
    p.rel_error = 0;
    noise.sd = TEST_REAL(1e308, 3e38); /* some weight overflows */
    CHECK_STATUS(cn_perturbation_gap(s.at, &noise, &p).status, CN_E_NUMERIC);
    cn_clear(&s.c);
    scene_free(&s);

    scene_net(&s, "input 2; dense 3; tanh; dense 1"); /* losses without a Fisher, and with no factor */
    scene_random(&s, 5, 0, 2);
    how.custom = own_losses;
    scene_point(&s, &how, 0);
    memset(&t, 0, sizeof t);
    REFUSED(cn_tic_fisher(s.at, NULL), CN_E_UNSUITED, "Fisher of the loss 'log cosh' is not known");
    r = cn_tic(s.at, NULL);
    CHECK(r.status == CN_OK && r.ratio == 0);
    scene_free(&s);
    {
        cn_loss plain = own_losses[0];
        double share; /* the same, said to be canonical: F = G, dense and in part */
        plain.canonical = 1;
        how.custom = &plain;
        scene_net(&s, "input 2; dense 3; tanh; dense 1");
        scene_random(&s, 5, 0, 2);
        scene_point(&s, &how, 0);
        r = cn_tic_fisher(s.at, NULL);
        CHECK(r.status == CN_OK && r.form == CN_TIC_DENSE && r.ratio > 0);
        share = r.tic;
        t.form = CN_TIC_GRAM;
        REFUSED(cn_tic_fisher(s.at, &t), CN_E_UNSUITED, "a loss with a factor");
        plain = own_losses[1];
        plain.canonical = 1; /* and with a factor */
        scene_point(&s, &how, 0);
        r = cn_tic_fisher(s.at, &t);
        CHECK(r.status == CN_OK && r.form == CN_TIC_GRAM);
        CHECK_RELATIVE(r.tic, share, GOLDEN_TIC);
        scene_free(&s);
    }
    how.custom = NULL;

    scene_net(&s, "input 2; dense 1"); /* no positive curvature: far from every target under cauchy's loss */
    scene_random(&s, 5, 0, 2);
    for (i = 0; i < 5; i++) s.target[i] = 100;
    how.custom = own_losses + 2;
    scene_point(&s, &how, 0);
    r = cn_tic(s.at, NULL);
    /* H's null space may round above 0 */
    CHECK(r.status == CN_E_UNSUITED || (r.status == CN_OK && r.kept > 0 && r.kept < 3));
    cn_clear(&s.c);
    memset(&t, 0, sizeof t);
    t.block = cn_net_block(&s.c, s.net, "0.bias"); /* one number, negative */
    REFUSED(cn_tic(s.at, &t), CN_E_UNSUITED, "the Hessian has no positive eigenvalue");
    t.form = CN_TIC_PARTIAL;
    REFUSED(cn_tic(s.at, &t), CN_E_UNSUITED, "the Hessian has no positive eigenvalue");
    scene_free(&s);
}

/* ---- equal seeds: what initialisation, optimisers, measures and spectrum tools draw shares nothing */

enum { DRAWN = 2000, DRAWS = 12, SEED = 42 };
static cn_real drawn[DRAWS][DRAWN];
static const char *const drawn_by[DRAWS] = {
    "cn_random", "init, item 0",        "init, item 1",   "NSO",    "gap", "probe", "second probe", "start of cn_eigs",
    "its spare", "start of quadrature", "sampled labels", "dropout"};
static int drawn_now;

static void drawn_record(const cn_real *values, double scale) {
    size_t i;
    for (i = 0; i < DRAWN; i++) drawn[drawn_now][i] = (cn_real)(scale * (double)values[i]);
    drawn_now++;
}

/* The identity, which shows its first products. */
static size_t drawn_products, drawn_wanted;
static int drawn_apply(void *user, size_t k, const cn_real *x, cn_real *y) {
    size_t i;
    (void)user;
    memcpy(y, x, k * DRAWN * sizeof *y);
    for (i = 0; i < k; i++, drawn_products++)
        if (drawn_products < drawn_wanted) drawn_record(x + i * DRAWN, drawn_now < 7 ? 1 : sqrt((double)DRAWN));
    return CN_OK;
}

/* A layer of DRAWN parameters, which shows them where they are not 0. */
static int drawn_shape(cn_item *item, const char **why) {
    (void)why;
    item->out.c = item->out.h = item->out.w = 1;
    item->params = DRAWN;
    return CN_OK;
}
static void drawn_forward(cn_io *io) {
    size_t i;
    for (i = 0; i < io->n; i++) io->y[i] = 0;
    if (io->theta[0] != 0 && drawn_now == 4) drawn_record(io->theta, 1);
}
static void drawn_none(cn_io *io) { (void)io; }

static void drawn_label(const void *user, size_t K, const cn_real *f, const cn_real *normal, double uniform,
                        cn_real *gradient) {
    (void)user;
    (void)f;
    CHECK(K == DRAWN && uniform > 0 && uniform < 1);
    if (drawn_now == 10) drawn_record(normal, 1);
    memcpy(gradient, normal, K * sizeof *gradient);
}
static double drawn_loss(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                         cn_real *gradient) {
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    if (gradient) memset(gradient, 0, K * sizeof *gradient);
    return 0;
}

static void drawn_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                            const cn_real *u, cn_real *out) {
    (void)u;
    drawn_loss(user, K, f, target, label, out);
}

static void equal_seeds(void) {
    static cn_layer spy = {"spy", NULL, NULL, drawn_shape, drawn_forward, drawn_none, drawn_none, drawn_none, NULL,
                           0,     0,    NULL, NULL,        NULL,          NULL,       0,          0};
    static cn_loss loss;
    static cn_real ones[DRAWN], masks[DRAWN];
    cn_ctx c = CN_ZERO;
    cn_opt_desc opt = CN_ZERO;
    cn_probe_desc probes = CN_ZERO;
    cn_eigs_desc eigs = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    cn_data data = CN_ZERO;
    cn_batch train = CN_ZERO;
    cn_net *net;
    cn_op *identity;
    cn_problem *p;
    cn_real *theta;
    double value[2];
    size_t i, a, b;
    uint32_t zero = 0;
    loss.name = "drawn";
    loss.value = drawn_loss;
    loss.curvature = drawn_curvature;
    loss.draw = drawn_label;
    drawn_now = 0;
    for (i = 0; i < DRAWN; i++) ones[i] = 1;
    cn_random(SEED, 0, 0, CN_NOISE_NORMAL, 1, DRAWN, masks);
    drawn_record(masks, 1);
    net = cn_net_create(&c, "input 50; dense 40 bias=0; dense 50 bias=0");
    theta = cn_vector(&c, 2 * DRAWN);
    cn_net_init(net, CN_INIT_HE, SEED, theta);
    drawn_record(theta, sqrt(50 / 2.0));
    drawn_record(theta + DRAWN, sqrt(40 / 2.0));
    memset(theta, 0, 2 * DRAWN * sizeof *theta);
    opt.lr = opt.sigma = 1;
    opt.rule = CN_RULE_NSO;
    opt.seed = SEED;
    drawn_record(cn_opt_ask(cn_opt_create(&c, DRAWN, 0, &opt), theta), 1);
    c.layers = &spy;
    c.layer_count = 1;
    c.threads = 1;
    net = cn_net_create(&c, "input 1; spy");
    data.x = data.y = cn_tensor_of(ones, CN_TYPE_REAL, 2, 1, 1, 0, 0);
    how.loss = CN_LOSS_SQUARED;
    how.seed = SEED;
    p = cn_problem_create(&c, net, &data, &how);
    noise.sd = 1;
    probes.seed = SEED;
    probes.probes = 2;
    probes.kind = CN_NOISE_NORMAL;
    CHECK_STATUS(cn_perturbation_gap(cn_point_create(p, theta, 0), &noise, &probes).status, CN_OK);
    CHECK(drawn_now == 5);
    identity = cn_op_user(&c, DRAWN, drawn_apply, NULL);
    probes.method = CN_METHOD_HUTCHINSON;
    drawn_wanted = 2;
    cn_trace(identity, &probes);
    CHECK(drawn_now == 7);
    eigs.seed = SEED;
    eigs.top = eigs.block_size = 1;
    eigs.method = CN_METHOD_LANCZOS;
    drawn_products = 0;
    cn_eigs(identity, &eigs, value, NULL, NULL);
    CHECK(drawn_now == 9);
    drawn_products = 0;
    drawn_wanted = 1;
    probes.method = CN_METHOD_LANCZOS;
    cn_logdet(identity, 1, &probes);
    CHECK(drawn_now == 10);
    CHECK_STATUS(c.status, CN_OK);
    net = cn_net_create(&c, "input 1; dense 2000 bias=0");
    data.y = cn_tensor_of(ones, CN_TYPE_REAL, 2, 1, DRAWN, 0, 0);
    how.custom = &loss;
    p = cn_problem_create(&c, net, &data, &how);
    CHECK_STATUS(cn_op_apply(cn_op_of(cn_point_create(p, theta, 0), CN_OP_FISHER_SAMPLED, block_all()), 1, ones, masks),
                 CN_OK);
    CHECK(drawn_now == 11);
    net = cn_net_create(&c, "input 2000; dropout 0.5");
    data.x = data.y;
    how.custom = NULL;
    train.index = &zero;
    train.n = 1;
    train.train = 1;
    CHECK_STATUS(cn_predict(cn_problem_create(&c, net, &data, &how), theta, &train, masks), CN_OK);
    for (i = 0; i < DRAWN; i++) masks[i] -= 1;
    drawn_record(masks, 1);
    CHECK_STATUS(c.status, CN_OK);
    for (a = 0; a < DRAWS; a++)
        for (b = 0; b < a; b++) {
            double ab = 0, aa = 0, bb = 0;
            size_t equal = 0;
            for (i = 0; i < DRAWN; i++) {
                double x = (double)drawn[a][i], y = (double)drawn[b][i];
                ab += x * y;
                aa += x * x;
                bb += y * y;
                equal += fabs(x - y) <= 4 * TEST_EPS * fabs(x);
            }
            /* four standard errors of independent draws; in float one in 1e6 pairs of values is as near by chance */
            test_case = drawn_by[a];
            CHECK_NEAR(ab / sqrt(aa * bb), 0, 4 / sqrt((double)DRAWN));
            CHECK(equal <= (size_t)TEST_REAL(0, 1));
        }
    cn_free_all(&c);
}

TEST_MAIN {
    int g;
    CASE("TIC, golden") for (g = TEST_SIZE(0, 2); g < GOLDEN_NETS; g += TEST_SIZE(1, 5)) golden_tic(g);
    CASE("TIC, cut and blocks") for (g = TEST_SIZE(0, 2); g < GOLDEN_NETS; g += TEST_SIZE(2, 8)) tic_of_blocks(g);
    CASE("TIC, mean estimation") mean_estimation();
    CASE("TIC, least squares") least_squares();
    CASE("TIC with F, signs, cuts, test sets")
    for (g = TEST_SIZE(0, 2); g < GOLDEN_NETS; g += TEST_SIZE(1, 10)) golden_tics(g);
    CASE("TIC, partial form") for (g = TEST_SIZE(0, 2); g < GOLDEN_NETS; g += TEST_SIZE(1, 7)) partial_forms(g);
    CASE("TIC, Gram form") gram_form();
    CASE("TIC of a right model") for (g = 0; g < 3; g++) well_specified(g);
    CASE("similarities") for (g = TEST_SIZE(0, 2); g < GOLDEN_NETS; g += TEST_SIZE(1, 10)) golden_similarities(g);
    CASE("similarities of matrices") similarity_of_matrices();
    CASE("similarities, coverage") {
        similarity_coverage(CN_NOISE_SIGN);
        similarity_coverage(CN_NOISE_NORMAL);
    }
    CASE("similarities, large") similarity_large();
    CASE("sensitivity") sensitivity_forms();
    CASE("gap, golden") for (g = TEST_SIZE(0, 3); g < GOLDEN_NETS; g += TEST_SIZE(1, 6)) golden_gap(g);
    CASE("gap") gap_by_hand();
    CASE("MLS") sensitivity();
    CASE("TPV") variance_of_predictions();
    CASE("eigenvalues and traces")
    for (g = TEST_SIZE(0, 2); g < GOLDEN_NETS; g += TEST_SIZE(1, 10)) eigenvalues_and_traces(g);
    CASE("threads") threads();
    CASE("cancelled") cancelled();
    CASE("sweeps") sweeps();
    CASE("equal seeds") equal_seeds();
    CASE("zero operators") zero_operators();
    CASE("zero operators, other calls") zero_everywhere();
    CASE("without symmetry") without_symmetry();
    CASE("bad input") bad_input();
    CASE("not finite") not_finite();
}
