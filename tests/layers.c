/* layers.c: every layer of the grammar, alone and in networks, against PyTorch and against plain computations written
   here. */
#include "../curvnoise.h"
#include "test.h"
#include "golden_layers.h"
#include "nets.h"

/* 1e-9 of the largest entry in double: sums of some hundred terms to a few eps leave 1e-13; golden arrays have 10
   digits; the rest is for other math libraries. 1e-4 in float: the same, 1e3 eps; theta and x are exact in float. */
#define GOLDEN TEST_REAL(1e-9, 1e-4)
/* The same sums in another order: some hundred eps of the largest entry. */
#define ORDER (1000 * TEST_EPS)
/* Central differences, double only: derivatives.c says why 1e-6. */
#define STEP 1e-5
#define STEP_TOLERANCE 1e-6
#define IN_DOUBLE (sizeof(cn_real) == 8)

static void make(scene *s, const char *text, int labels, size_t n, size_t chunk) {
    cn_problem_desc how = CN_ZERO;
    how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.chunk = chunk;
    scene_net(s, text);
    scene_random(s, n, labels, 21);
    scene_point(s, &how, 0);
}

#define REFUSED_STATUS(call, wanted, words)      \
    do {                                         \
        CHECK_STATUS((call), (wanted));          \
        CHECK_SENTENCE(&s.c, (wanted), (words)); \
        cn_clear(&s.c);                          \
    } while (0)

static void squared_point(scene *s) {
    cn_problem_desc how = CN_ZERO;
    how.loss = CN_LOSS_SQUARED;
    scene_point(s, &how, 0);
}

static double double_error(size_t n, const double *a, const double *b) /* test_error for two arrays of doubles */
{
    double error = 0, size = 0;
    size_t i;
    for (i = 0; i < n; i++) {
        if (!(fabs(a[i] - b[i]) <= error)) error = fabs(a[i] - b[i]);
        if (fabs(b[i]) > size) size = fabs(b[i]);
    }
    return size > 0 ? error / size : error;
}

/* ---- per-sample quantities agree with each other: gradients, Jacobian rows, norms, diagonals, Gram matrices */

/* Does the block begin and end at parts of the network? *easy: and is it one part, or whole items? */
static int whole_parts(scene *s, cn_block b, int *easy) {
    size_t i, parts = cn_net_describe(s->net).parts;
    cn_part part;
    int begins = 0, ends = 0, item_begins = 0, item_ends = b.first + b.count == s->P;
    char item[64], before[64] = "";
    *easy = 0;
    for (i = 0; i < parts; i++) {
        cn_net_part(s->net, NULL, i, &part);
        if (part.is_state) continue;
        strcpy(item, part.name);
        *strrchr(item, '.') = 0;
        if (part.block.first == b.first && part.block.count == b.count) *easy = 1;
        if (part.block.first == b.first) begins = 1;
        if (part.block.first + part.block.count == b.first + b.count) ends = 1;
        if (strcmp(item, before) != 0) { /* the first part of an item */
            if (part.block.first == b.first) item_begins = 1;
            if (part.block.first == b.first + b.count) item_ends = 1;
        }
        strcpy(before, item);
    }
    if (item_begins && item_ends) *easy = 1;
    return begins && ends;
}

static void check_gram(scene *s, cn_block block, const cn_real *gradients, const cn_real *jacobian) {
    size_t n = s->n, N = n * s->K, i, j, first = block.first, count = block.count ? block.count : s->P;
    int easy, kind, status;
    cn_block b;
    double *got = (double *)(void *)cn_vector(&s->c, 2 * N * N), *want = (double *)(void *)cn_vector(&s->c, 2 * N * N);
    b.first = first;
    b.count = count;
    whole_parts(s, b, &easy);
    for (kind = 0; kind < 2; kind++) {
        size_t rows = kind ? N : n;
        const cn_real *from = (kind ? jacobian : gradients) + first;
        status = cn_gram(s->at, NULL, kind ? CN_OP_JACOBIAN_MOMENT : CN_OP_SECOND_MOMENT, block, got);
        if (easy) CHECK_STATUS(status, CN_OK);
        /* several parts: exact or refused */
        if (status) {
            CHECK_SENTENCE(&s->c, CN_E_ARGUMENT, "one part of a layer");
            cn_clear(&s->c);
            continue;
        }
        for (i = 0; i < rows; i++)
            for (j = 0; j < rows; j++) want[i * rows + j] = dot_of(count, from + i * s->P, from + j * s->P);
        CHECK_NEAR(double_error(rows * rows, got, want), 0, ORDER);
    }
    cn_free(&s->c, got);
    cn_free(&s->c, want);
}

static void check_samples(scene *s) {
    size_t P = s->P, n = s->n, K = s->K, N = n * K, i, j, a, b, count;
    cn_real *g = cn_vector(&s->c, n * P), *mean = cn_vector(&s->c, s->size), *sum = cn_vector(&s->c, P),
            *r = cn_vector(&s->c, N), *part, *jacobian = scene_jacobian(s, block_all());
    cn_real *f = cn_vector(&s->c, N), *v = cn_vector(&s->c, P), *jv = cn_vector(&s->c, N);
    cn_block blocks[100];
    double most;
    CHECK_STATUS(cn_gradients(s->at, block_all(), g), CN_OK);
    cn_evaluate(s->p, s->theta, NULL, mean);
    for (i = 0; i < n; i++)
        for (j = 0; j < P; j++) sum[j] += g[i * P + j] / (cn_real)n;
    CHECK_NEAR(test_difference(P, sum, mean), 0, ORDER);
    cn_predict(s->p, s->theta, NULL, f);
    if (s->target) { /* squared error: g_i = J_i'(f - y) */
        most = most_of(n * P, g);
        for (i = 0; i < n; i++) {
            memset(sum, 0, P * sizeof *sum);
            for (a = 0; a < K; a++)
                for (j = 0; j < P; j++) sum[j] += (f[i * K + a] - s->target[i * K + a]) * jacobian[(i * K + a) * P + j];
            CHECK_NEAR(gap_of(P, g + i * P, sum), 0, ORDER * most);
        }
    }
    cn_random(3, 3, 0, CN_NOISE_NORMAL, 1, P, v); /* J v, forward mode, against the rows of J, reverse mode */
    CHECK_STATUS(cn_jv(s->at, block_all(), 1, v, jv), CN_OK);
    for (i = 0; i < N; i++) r[i] = (cn_real)dot_of(P, jacobian + i * P, v);
    CHECK_NEAR(gap_of(N, jv, r), 0, ORDER * (most_of(N, r) + most_of(N * P, jacobian)));
    count = scene_blocks(s, blocks, 90);
    for (b = 0; b < count; b++) {
        size_t first = blocks[b].first, m = blocks[b].count ? blocks[b].count : P;
        double trace_c = 0, trace_j = 0;
        part = cn_vector(&s->c, n * m);
        CHECK_STATUS(cn_gradients(s->at, blocks[b], part), CN_OK);
        for (i = 0; i < n; i++) CHECK(same_bits(m, part + i * m, g + i * P + first));
        for (i = 0; i < n; i++) trace_c += dot_of(m, part + i * m, part + i * m) / (double)n;
        for (i = 0; i < N; i++) trace_j += dot_of(m, jacobian + i * P + first, jacobian + i * P + first) / (double)n;
        CHECK_RELATIVE(cn_trace(cn_op_of(s->at, CN_OP_SECOND_MOMENT, blocks[b]), NULL).value, trace_c, ORDER);
        CHECK_RELATIVE(cn_trace(cn_op_of(s->at, CN_OP_JACOBIAN_MOMENT, blocks[b]), NULL).value, trace_j, ORDER);
        CHECK_STATUS(cn_diagonal(cn_op_of(s->at, CN_OP_SECOND_MOMENT, blocks[b]), NULL, part).status, CN_OK);
        for (most = 0, j = 0; j < m; j++) {
            double square = 0;
            for (i = 0; i < n; i++) square += (double)g[i * P + first + j] * (double)g[i * P + first + j] / (double)n;
            if (!(fabs((double)part[j] - square) <= most)) most = fabs((double)part[j] - square);
        }
        CHECK_NEAR(most, 0, ORDER * trace_c);
        check_gram(s, blocks[b], g, jacobian);
        cn_free(&s->c, part);
    }
    CHECK_STATUS(s->c.status, CN_OK);
}

/* ---- visit: what is shown of an item */

typedef struct seen {
    scene *s;
    const char *item;
    size_t calls, in, out, params, next;
    cn_affine affine;
    int mode, bad;
    cn_real *a, *delta, *gradient, *norm2, *zj, *ij, *zh, *dt, *da; /* where a copy is wanted, of all samples */
} seen;

static int look_size(void *user, const cn_view *v) /* only the sizes */
{
    seen *w = (seen *)user;
    w->in = v->in;
    w->out = v->out;
    w->params = v->params;
    w->affine = v->affine;
    if (v->delta || v->gradient || v->z_jacobian || v->a_jacobian || v->z_hessian || v->delta_t || v->a_t || v->norm2)
        w->bad = 1;
    return 0;
}

static void keep(cn_real *to, const cn_real *from, size_t sample, size_t count, int *bad) {
    if (!to) {
        *bad |= from != NULL;
        return;
    } /* what is not wanted is NULL */
    if (!from) {
        *bad = 1;
        return;
    }
    memcpy(to + sample * count, from, count * sizeof *to);
}

static int look_all(void *user, const cn_view *v) {
    seen *w = (seen *)user;
    size_t i = v->sample;
    if (v->sample != w->calls % w->s->n || strcmp(v->name, w->item) != 0 || v->outputs != w->s->K || v->in != w->in ||
        v->out != w->out || v->params != w->params)
        w->bad = 1;
    if (v->label[0] != (w->s->label ? w->s->label[i] : -1)) w->bad = 1;
    w->calls++;
    memcpy(w->a + i * v->in, v->a, v->in * sizeof *v->a);
    keep(w->delta, v->delta, i, v->out, &w->bad);
    keep(w->gradient, v->gradient, i, v->params, &w->bad);
    if (w->norm2) w->norm2[i] = (cn_real)(v->norm2[0] + v->norm2[1]);
    keep(w->zj, v->z_jacobian, i, v->outputs * v->out, &w->bad);
    keep(w->ij, v->a_jacobian, i, v->outputs * v->in, &w->bad);
    keep(w->zh, v->z_hessian, i, v->out * v->out, &w->bad);
    keep(w->dt, v->delta_t, i, v->out, &w->bad);
    return 0;
}

static int write_change(void *user, const cn_view *v, cn_real *a_t) {
    size_t sample = v->sample, in = v->in;
    const cn_real *a = v->a;
    seen *w = (seen *)user;
    size_t j, C = w->affine.rows, P = w->affine.positions;
    if (in != w->in) w->bad = 1;
    if (w->mode) {
        memcpy(a_t, w->da + sample * in, in * sizeof *a_t);
        return 0;
    }
    /* mode 0: what scaling the weight does: a, or a - mean of a batchnorm, of which da holds the means */
    for (j = 0; j < in; j++) a_t[j] = a[j];
    for (j = 0; j < in && w->da; j++) a_t[j] -= w->da[j / P % C];
    return 0;
}

static void look_at(seen *w, scene *s, cn_point *at, const char *item, unsigned want, int mode, cn_real *da) {
    cn_visit_desc d = CN_ZERO;
    size_t n = s->n;
    memset(w, 0, sizeof *w);
    w->s = s;
    w->item = item;
    w->mode = mode;
    w->da = da;
    d.item = item;
    CHECK_STATUS(cn_visit(at, &d, look_size, w), CN_OK);
    CHECK(!w->bad);
    w->a = cn_vector(&s->c, n * w->in);
    if (want & CN_WANT_DELTA) w->delta = cn_vector(&s->c, n * w->out);
    if (want & CN_WANT_GRADIENT) {
        w->gradient = cn_vector(&s->c, n * w->params);
        w->norm2 = cn_vector(&s->c, n);
    }
    if (want & CN_WANT_Z_JACOBIAN) w->zj = cn_vector(&s->c, n * s->K * w->out);
    if (want & CN_WANT_A_JACOBIAN) w->ij = cn_vector(&s->c, n * s->K * w->in);
    if (want & CN_WANT_Z_HESSIAN) w->zh = cn_vector(&s->c, n * w->out * w->out);
    if (want & CN_WANT_TANGENT) w->dt = cn_vector(&s->c, n * w->out);
    d.want = want;
    d.inject = write_change;
    CHECK_STATUS(cn_visit(at, &d, look_all, w), CN_OK);
    CHECK(w->calls == n && !w->bad);
}

enum {
    EVERYTHING =
        CN_WANT_DELTA | CN_WANT_GRADIENT | CN_WANT_Z_JACOBIAN | CN_WANT_A_JACOBIAN | CN_WANT_Z_HESSIAN | CN_WANT_TANGENT
};

/* z = W a: scaling W by 1 + e moves z as a change e a of the activity does, whatever the item and wherever it stands.
   So delta's tangent along a is delta's derivative by that scaling, and z_jacobian W a, input_jacobian a and W . dJ/dW
   are one number. */
static void check_item(scene *s, const char *item) {
    size_t n = s->n, K = s->K, i, j, r, weights;
    seen w, up, down;
    cn_block block = cn_net_block(&s->c, s->net, item);
    cn_real *g, *jac, *theta = cn_vector(&s->c, s->size), *means = NULL, *one;
    cn_op *h;
    double most, e;
    char name[64];
    sprintf(name, "%s.running_mean", item);
    for (i = 0; i < cn_net_describe(s->net).parts; i++) {
        cn_part part;
        cn_net_part(s->net, s->theta, i, &part);
        if (strcmp(part.name, name) == 0) means = (cn_real *)part.value.data;
    }
    look_at(&w, s, s->at, item, EVERYTHING, 0, means);
    CHECK(w.params == block.count);
    g = cn_vector(&s->c, n * block.count);
    cn_gradients(s->at, block, g);
    CHECK(same_bits(n * block.count, g, w.gradient));
    for (i = 0; i < n; i++)
        CHECK_RELATIVE(w.norm2[i], dot_of(block.count, g + i * block.count, g + i * block.count), ORDER);
    weights = w.affine.rows * w.affine.cols;
    jac = scene_jacobian(s, block_of(block.first, weights));
    for (most = e = 0, i = 0; i < n * K; i++) {
        double left = dot_of(weights, jac + i * weights, s->theta + block.first), right = 0;
        for (j = 0; j < w.in; j++)
            right += (double)w.ij[i * w.in + j] *
                     (double)(w.a[i / K * w.in + j] - (means ? means[j / w.affine.positions] : 0));
        most = fmax(most, fabs(left));
        e = fmax(e, fabs(left - right));
    }
    CHECK_NEAR(e, 0, ORDER * most);
    if (w.affine.positions == 1 && w.affine.groups == 1 && !means) { /* dense: everything has a closed form */
        for (i = 0; i < n * K; i++)
            for (j = 0; j < w.in; j++) {
                double sum = 0;
                for (r = 0; r < w.out; r++)
                    sum += (double)w.zj[i * w.out + r] * (double)s->theta[block.first + r * w.in + j];
                CHECK_NEAR(w.ij[i * w.in + j], sum, ORDER * most_of(n * K * w.in, w.ij));
            }
        for (i = 0; i < n; i++)
            for (r = 0; r < w.out; r++)
                for (j = 0; j < w.in; j++)
                    CHECK_NEAR(w.gradient[i * w.params + r * w.in + j],
                               (double)w.delta[i * w.out + r] * (double)w.a[i * w.in + j],
                               ORDER * most_of(n * w.params, w.gradient));
    }
    for (most = most_of(n * w.out * w.out, w.zh), i = 0; i < n; i++) /* second derivatives are symmetric */
        for (r = 0; r < w.out; r++)
            for (j = 0; j < r; j++)
                CHECK_NEAR(w.zh[(i * w.out + r) * w.out + j], w.zh[(i * w.out + j) * w.out + r], ORDER * most);
    /* Hv along the weight itself: its part in the bias is the sum of delta's tangents */
    one = cn_vector(&s->c, s->P);
    memcpy(one + block.first, s->theta + block.first, weights * sizeof *one);
    if (w.affine.bias) {
        cn_real *hv = cn_vector(&s->c, s->P);
        size_t p = w.affine.positions;
        h = cn_op_of(s->at, CN_OP_HESSIAN, block_all());
        CHECK_STATUS(cn_op_apply(h, 1, one, hv), CN_OK);
        for (r = 0; r < w.affine.rows; r++) {
            double sum = 0;
            for (i = 0; i < n; i++)
                for (j = 0; j < p; j++) sum += (double)w.dt[i * w.out + r * p + j] / (double)n;
            CHECK_NEAR(hv[block.first + weights + r], sum, ORDER * (most_of(s->P, hv) + most_of(n * w.out, w.dt)));
        }
    }
    if (IN_DOUBLE) {
        double scale = most_of(n * w.out, w.dt);
        memcpy(theta, s->theta, s->size * sizeof *theta);
        for (j = 0; j < weights; j++) theta[block.first + j] = s->theta[block.first + j] * (cn_real)(1 + STEP);
        look_at(&up, s, cn_point_create(s->p, theta, 0), item, CN_WANT_DELTA, 0, NULL);
        for (j = 0; j < weights; j++) theta[block.first + j] = s->theta[block.first + j] * (cn_real)(1 - STEP);
        look_at(&down, s, cn_point_create(s->p, theta, 0), item, CN_WANT_DELTA, 0, NULL);
        for (i = 0; i < n * w.out; i++)
            CHECK_NEAR(w.dt[i], (up.delta[i] - down.delta[i]) / (2 * (cn_real)STEP),
                       STEP_TOLERANCE * (scale + most_of(n * w.out, w.delta)));
    }
    CHECK_STATUS(s->c.status, CN_OK);
}

/* The names of all affine items, by one visit of everything. Each item sees its samples in order, and as often as the
   others. */
typedef struct names {
    char name[40][40];
    size_t next[40], count, calls;
    int bad;
} names;
static int look_names(void *user, const cn_view *v) {
    names *w = (names *)user;
    size_t i = 0;
    while (i < w->count && strcmp(w->name[i], v->name) != 0) i++;
    if (i == w->count) strcpy(w->name[w->count++], v->name);
    if (v->sample != w->next[i]++ || w->count > 39) w->bad = 1;
    w->calls++;
    return w->bad;
}

static void check_visits(scene *s) {
    names all;
    size_t i;
    const char *label = test_case;
    char text[200];
    memset(&all, 0, sizeof all);
    CHECK_STATUS(cn_visit(s->at, NULL, look_names, &all), CN_OK);
    CHECK(!all.bad && all.calls == all.count * s->n && all.count > 0);
    for (i = 0; i < all.count; i++) {
        sprintf(text, "%.120s, visit of %.39s", label, all.name[i]);
        test_case = text;
        check_item(s, all.name[i]);
    }
    test_case = label;
}

/* ---- golden values */

/* test_error of a [n][n], counted on either side, against a symmetric matrix, its lower triangle by rows */
static double symmetric_error(size_t n, const cn_real *a, const double *lower) {
    double error = 0, size = 0;
    size_t i, j;
    for (i = 0; i < n; i++)
        for (j = 0; j <= i; j++, lower++) {
            double e = fabs((double)a[i * n + j] - *lower) + fabs((double)a[j * n + i] - *lower);
            if (!(e <= error)) error = e;
            if (fabs(*lower) > size) size = fabs(*lower);
        }
    return error / size;
}

static void golden_values(int g, size_t chunk, size_t cache_bytes) {
    static const int kinds[] = {CN_OP_HESSIAN,         CN_OP_GAUSS_NEWTON, CN_OP_SECOND_MOMENT,
                                CN_OP_JACOBIAN_MOMENT, CN_OP_FISHER,       CN_OP_COVARIANCE};
    const golden_layers_net *net = golden_layers_nets + g;
    const double *wanted[4];
    double traces[4], sum;
    scene s;
    cn_eval e;
    cn_problem_desc how = CN_ZERO;
    size_t i, j, k;
    cn_real *out, *v;
    cn_est t;
    cn_iter it;
    char name[64];
    test_case = net->name;
    how.chunk = chunk;
    wanted[0] = net->hv;
    wanted[1] = net->gv;
    wanted[2] = net->cv;
    wanted[3] = net->jjv;
    traces[0] = net->trace_h;
    traces[1] = net->trace_g;
    traces[2] = net->trace_c;
    traces[3] = net->trace_j;
    scene_layers(&s, g, &how, cache_bytes);
    v = scene_grid(&s, s.P, net->v);
    out = cn_vector(&s.c, s.size + s.n * s.K);
    e = cn_evaluate(s.p, s.theta, NULL, out);
    CHECK_STATUS(e.status, CN_OK);
    CHECK_RELATIVE(e.loss, net->loss_value, GOLDEN);
    CHECK_NEAR(test_error(s.P, out, net->gradient), 0, GOLDEN);
    for (i = s.P; i < s.size; i++) CHECK(out[i] == 0); /* eval mode: no statistics */
    CHECK_STATUS(cn_predict(s.p, s.theta, NULL, out), CN_OK);
    CHECK_NEAR(test_error(s.n * s.K, out, net->outputs), 0, GOLDEN);
    CHECK_STATUS(cn_jv(s.at, block_all(), 1, v, out), CN_OK);
    CHECK_NEAR(test_error(s.n * s.K, out, net->jv), 0, GOLDEN);
    for (k = 0; k < 4; k++) {
        cn_op *op = cn_op_of(s.at, kinds[k], block_all());
        cn_real *columns, *dense = cn_vector(&s.c, s.P * s.P);
        cn_probe_desc exact = CN_ZERO;
        double size;
        CHECK_STATUS(cn_op_apply(op, 1, v, out), CN_OK);
        CHECK_NEAR(test_error(s.P, out, wanted[k]), 0, GOLDEN);
        columns = scene_matrix(&s, kinds[k], block_all(), NULL); /* the sweep: products with unit vectors */
        CHECK_STATUS(cn_op_dense(op, dense), CN_OK);
        CHECK_NEAR(test_difference(s.P * s.P, dense, columns), 0, ORDER);
        /* tr H is a sum with cancellation */
        for (size = 0, i = 0; i < s.P; i++) size += fabs((double)columns[i * s.P + i]);
        CHECK_NEAR(trace_of(columns, s.P), traces[k], GOLDEN * size);
        t = cn_trace(op, NULL);
        CHECK(t.exact && t.status == CN_OK && t.error == 0);
        CHECK_NEAR(t.value, traces[k], GOLDEN * size);
        exact.method = CN_METHOD_EXACT;
        CHECK_NEAR(cn_trace(op, &exact).value, traces[k], GOLDEN * size);
        t = cn_diagonal(op, &exact, out);
        CHECK(t.exact && t.status == CN_OK);
        if (k < 2) CHECK_NEAR(test_error(s.P, out, k ? net->diag_g : net->diag_h), 0, GOLDEN);
        for (i = 0; i < s.P; i++) CHECK_NEAR(out[i], columns[i * s.P + i], GOLDEN * most_of(s.P, out));
        cn_free(&s.c, columns);
        cn_free(&s.c, dense);
    }
    CHECK_STATUS(cn_op_apply(cn_op_of(s.at, CN_OP_FISHER, block_all()), 1, v, out), CN_OK); /* F = G for both losses */
    CHECK_NEAR(test_error(s.P, out, net->gv), 0, GOLDEN);
    CHECK_STATUS(cn_op_apply(cn_op_of(s.at, CN_OP_COVARIANCE, block_all()), 1, v, out), CN_OK); /* S = C - gg' */
    for (sum = 0, i = 0; i < s.P; i++) sum += net->gradient[i] * (double)v[i];
    for (k = 0, i = 0; i < s.P; i++)
        if (fabs(net->cv[i]) > fabs(net->cv[k])) k = i;
    for (i = 0; i < s.P; i++) CHECK_NEAR(out[i], net->cv[i] - net->gradient[i] * sum, GOLDEN * fabs(net->cv[k]));
    {
        cn_real *gradients = cn_vector(&s.c, s.n * s.P);
        CHECK_STATUS(cn_gradients(s.at, block_all(), gradients), CN_OK);
        for (k = i = 0; i < s.n; i++)
            if (net->grad_norms2[i] > net->grad_norms2[k]) k = i;
        for (i = 0; i < s.n; i++)
            CHECK_NEAR(dot_of(s.P, gradients + i * s.P, gradients + i * s.P), net->grad_norms2[i],
                       GOLDEN * net->grad_norms2[k]);
    }
    CHECK_RELATIVE(cn_mls(s.at, NULL).mls, net->mls, GOLDEN);
    it = cn_eigs(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), NULL, &sum, NULL, NULL);
    CHECK(it.converged && it.status == CN_OK);
    CHECK_RELATIVE(sum, net->lambda_max_h, GOLDEN);
    if (net->train_gradient) {
        cn_batch b = CN_ZERO;
        b.n = s.n;
        b.step = 5;
        b.train = 1;
        e = cn_evaluate(s.p, s.theta, &b, out);
        CHECK_STATUS(e.status, CN_OK);
        CHECK_RELATIVE(e.loss, net->train_loss, GOLDEN);
        CHECK_NEAR(test_error(s.P, out, net->train_gradient), 0, GOLDEN);
        CHECK_NEAR(test_error(s.size - s.P, out + s.P, net->train_state), 0, GOLDEN);
        CHECK_RELATIVE(cn_evaluate(s.p, s.theta, &b, NULL).loss, net->train_loss, GOLDEN);
    } else
        CHECK(s.size == s.P);
    { /* the own-block Hessian, and what stands behind it */
        size_t W = (size_t)net->w, z = (size_t)net->z;
        cn_real *dense = cn_vector(&s.c, W * W);
        cn_block block;
        cn_op *op;
        seen w;
        sprintf(name, "%s.weight", net->hessian_item);
        block = cn_net_block(&s.c, s.net, name);
        CHECK(block.first == (size_t)net->first && block.count == W);
        op = cn_op_of(s.at, CN_OP_HESSIAN, block);
        CHECK_STATUS(cn_op_dense(op, dense), CN_OK);
        CHECK_NEAR(symmetric_error(W, dense, net->block_hessian), 0, GOLDEN);
        for (i = 0; i < W; i++)
            for (j = 0; j < i; j++) CHECK(dense[i * W + j] == dense[j * W + i]);
        look_at(&w, &s, s.at, net->hessian_item, CN_WANT_Z_JACOBIAN | CN_WANT_Z_HESSIAN, 0, NULL);
        CHECK(w.out == z);
        CHECK_NEAR(test_error(s.K * z, w.zj, net->z_jacobian), 0, GOLDEN);
        CHECK_NEAR(symmetric_error(z, w.zh, net->z_hessian), 0, GOLDEN);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* The Hessian of each dense layer's weight by the closed form against the sweep; B x aa' with B from a visit. */
static void own_blocks(scene *s) {
    size_t i, parts = cn_net_describe(s->net).parts, W, j, r, q, u, v;
    cn_part part;
    for (i = 0; i < parts; i++) {
        cn_real *dense, *columns;
        char item[64];
        seen w;
        double most;
        cn_net_part(s->net, NULL, i, &part);
        if (part.is_state || !strstr(part.name, ".weight") || part.value.dims != 2) continue;
        W = part.block.count;
        dense = cn_vector(&s->c, W * W);
        CHECK_STATUS(cn_op_dense(cn_op_of(s->at, CN_OP_HESSIAN, part.block), dense), CN_OK);
        columns = scene_matrix(s, CN_OP_HESSIAN, part.block, NULL);
        most = most_of(W * W, columns);
        CHECK_NEAR(gap_of(W * W, dense, columns), 0, ORDER * (most + TEST_EPS));
        strcpy(item, part.name);
        *strrchr(item, '.') = 0;
        look_at(&w, s, s->at, item, CN_WANT_Z_HESSIAN, 0, NULL);
        for (r = 0; r < w.out; r++)
            for (q = 0; q < w.out; q++)
                for (u = 0; u < w.in; u++)
                    for (v = 0; v < w.in; v++) {
                        double sum = 0;
                        for (j = 0; j < s->n; j++)
                            sum += (double)w.zh[(j * w.out + r) * w.out + q] * (double)w.a[j * w.in + u] *
                                   (double)w.a[j * w.in + v] / (double)s->n;
                        CHECK_NEAR(columns[(r * w.in + u) * W + q * w.in + v], sum, ORDER * (most + TEST_EPS));
                    }
    }
}

/* ---- a change of activity in any direction: an item that is the first of its network can be given other data
   instead */

/* a [c][h][w] -> z of item `conv` by plain loops, without bias; back: the transposed map, z -> a, added. */
typedef struct plain_conv {
    size_t c, h, w, out, side, stride, pad, groups, oh, ow;
} plain_conv;
static void convolve(const plain_conv *p, const cn_real *weight, const cn_real *from, double *to, int back) {
    size_t o, c, u, v, i, j, per = p->c / p->groups;
    for (o = 0; o < p->out; o++)
        for (i = 0; i < p->oh; i++)
            for (j = 0; j < p->ow; j++)
                for (c = 0; c < per; c++)
                    for (u = 0; u < p->side; u++)
                        for (v = 0; v < p->side; v++) {
                            size_t y = i * p->stride + u, x = j * p->stride + v, at, z = (o * p->oh + i) * p->ow + j;
                            double q = (double)weight[((o * per + c) * p->side + u) * p->side + v];
                            if (y < p->pad || x < p->pad || y - p->pad >= p->h || x - p->pad >= p->w) continue;
                            at = ((o / (p->out / p->groups) * per + c) * p->h + (y - p->pad)) * p->w + (x - p->pad);
                            if (back)
                                to[at] += q * (double)from[z];
                            else
                                to[z] += q * (double)from[at];
                        }
}

static void first_items(void) {
    static const struct {
        const char *text;
        plain_conv conv;
    } nets[] = {
        {"input 3; dense 4; tanh; dense 3", {3, 1, 1, 4, 1, 1, 0, 1, 1, 1}},
        {"input 4; dense 3 bias=0; relu; residual { dense 3; silu }; dense 2", {4, 1, 1, 3, 1, 1, 0, 1, 1, 1}},
        {"input 2 4 5; conv 4 3 stride=2 pad=1 groups=2; softplus; flatten; dense 3", {2, 4, 5, 4, 3, 2, 1, 2, 2, 3}},
        {"input 3 3 4; conv 2 2 pad=2; relu; maxpool 2; tanh; flatten; dense 2", {3, 3, 4, 2, 2, 1, 2, 1, 6, 7}},
        {"input 4 3 3; conv 4 1 groups=4 bias=0; batchnorm; gelu; gap; flatten; dense 3",
         {4, 3, 3, 4, 1, 1, 0, 4, 3, 3}},
        {"input 2 3 3; conv 3 3 stride=3 pad=2; sigmoid; residual { conv 3 1; tanh } skip { conv 3 1 bias=0 }; "
         "flatten; dense 3; softmax",
         {2, 3, 3, 3, 3, 3, 2, 1, 2, 2}},
        {"input 2 5 5; conv 2 2 stride=4; tanh; flatten; dense 2", {2, 5, 5, 2, 2, 4, 0, 1, 1, 1}},
        {"input 3 2 2; batchnorm; tanh; flatten; dense 3", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}};
    size_t t, i, j, r, a;
    for (t = 0; t < sizeof nets / sizeof *nets; t++) {
        scene s;
        seen w, up, down;
        cn_real *da, *z_t, *x;
        double most, *to;
        const plain_conv *p = &nets[t].conv;
        int loss;
        for (loss = TEST_SIZE(0, (int)t % 2); loss < TEST_SIZE(2, (int)t % 2 + 1); loss++) {
            test_case = nets[t].text;
            make(&s, nets[t].text, loss, 5, 3);
            da = cn_vector(&s.c, s.n * s.M);
            cn_random(7, t, 0, CN_NOISE_NORMAL, 1, s.n * s.M, da);
            look_at(&w, &s, s.at, "0", EVERYTHING, 1, da);
            CHECK(same_bits(s.n * s.M, w.a, s.x));
            z_t = cn_vector(&s.c, s.n * w.out);
            to = (double *)(void *)cn_vector(&s.c, 2 * (w.out + w.in));
            if (p->c)
                CHECK(w.affine.positions == p->oh * p->ow && w.affine.rows == p->out && w.affine.groups == p->groups &&
                      w.affine.cols == p->c / p->groups * p->side * p->side);
            for (most = most_of(s.n * s.K * w.in, w.ij), i = 0; i < s.n; i++) {
                memset(to, 0, w.out * sizeof *to);
                if (p->c)
                    convolve(p, s.theta, da + i * w.in, to, 0);
                else
                    for (j = 0; j < w.out; j++)
                        to[j] = (double)s.theta[j / 4] / sqrt((double)s.theta[s.P + 3 + j / 4] + 1e-5) *
                                (double)da[i * w.in + j];
                for (j = 0; j < w.out; j++) z_t[i * w.out + j] = (cn_real)to[j];
                for (a = 0; a < s.K; a++) { /* df/da = W' df/dz */
                    const cn_real *zj = w.zj + (i * s.K + a) * w.out, *ij = w.ij + (i * s.K + a) * w.in;
                    memset(to, 0, w.in * sizeof *to);
                    if (p->c)
                        convolve(p, s.theta, zj, to, 1);
                    else
                        for (j = 0; j < w.in; j++)
                            to[j] =
                                (double)s.theta[j / 4] / sqrt((double)s.theta[s.P + 3 + j / 4] + 1e-5) * (double)zj[j];
                    for (j = 0; j < w.in; j++) CHECK_NEAR(ij[j], to[j], ORDER * most);
                }
                for (r = 0; r < w.out; r++) { /* delta_t = B z_t */
                    double sum = dot_of(w.out, w.zh + (i * w.out + r) * w.out, z_t + i * w.out);
                    CHECK_NEAR(w.dt[i * w.out + r], sum,
                               ORDER * (most_of(s.n * w.out, w.dt) + most_of(s.n * w.out * w.out, w.zh)));
                }
            }
            if (IN_DOUBLE) { /* the data changed for good */
                x = cn_vector(&s.c, s.n * s.M);
                memcpy(x, s.x, s.n * s.M * sizeof *x);
                for (j = 0; j < s.n * s.M; j++) s.x[j] = x[j] + (cn_real)STEP * da[j];
                look_at(&up, &s, s.at, "0", CN_WANT_DELTA, 0, NULL);
                cn_predict(s.p, s.theta, NULL, z_t);
                for (j = 0; j < s.n * s.M; j++) s.x[j] = x[j] - (cn_real)STEP * da[j];
                look_at(&down, &s, s.at, "0", CN_WANT_DELTA, 0, NULL);
                memcpy(s.x, x, s.n * s.M * sizeof *x);
                for (i = 0; i < s.n * w.out; i++)
                    CHECK_NEAR(w.dt[i], (up.delta[i] - down.delta[i]) / (2 * (cn_real)STEP),
                               STEP_TOLERANCE * (most_of(s.n * w.out, w.dt) + most_of(s.n * w.out, w.delta)));
            }
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    }
}

/* An item in the middle sees what it would see as the first of a network made of it and what follows. */
static void tails_of_networks(void) {
    static const char *nets[][3] = {
        /* the whole, the tail, the item that it begins with */
        {"input 3; dense 5; tanh; dense 4; gelu; dense 3", "input 5; dense 4; gelu; dense 3", "2"},
        {"input 2 5 4; conv 3 2; tanh; conv 4 3 stride=2 pad=1; relu; flatten; dense 3",
         "input 3 4 3; conv 4 3 stride=2 pad=1; relu; flatten; dense 3", "2"},
        {"input 2 4 4; conv 4 3 pad=1; relu; maxpool 2; conv 2 2 groups=2; silu; flatten; dense 2",
         "input 4 2 2; conv 2 2 groups=2; silu; flatten; dense 2", "3"},
        {"input 1 4 4; conv 2 2; conv 3 2; batchnorm; tanh; flatten; dense 2",
         "input 3 2 2; batchnorm; tanh; flatten; dense 2", "2"},
        {"input 2 2 3; residual { tanh; conv 2 1 } skip { dropout }; flatten; dense 4; sigmoid; residual { dense 4; "
         "relu }; dense 3",
         "input 12; dense 4; sigmoid; residual { dense 4; relu }; dense 3", "2"}};
    size_t t, j;
    for (t = 0; t < sizeof nets / sizeof *nets; t++) {
        scene s, tail;
        seen w, v;
        cn_real *da;
        size_t from;
        test_case = nets[t][0];
        make(&s, nets[t][0], 1, 5, 2);
        scene_net(&tail, nets[t][1]);
        look_at(&w, &s, s.at, nets[t][2], CN_WANT_DELTA, 0, NULL);
        CHECK(w.in == tail.M && tail.P < s.P);
        from = cn_net_block(&s.c, s.net, nets[t][2]).first;
        for (j = 0; j < tail.P; j++) tail.theta[j] = s.theta[from + j];
        for (j = tail.P; j < tail.size; j++) tail.theta[j] = s.theta[s.P + j - tail.P];
        tail.n = s.n;
        tail.x = w.a;
        tail.label = s.label;
        scene_view(&tail);
        scene_point(&tail, NULL, 0);
        da = cn_vector(&s.c, s.n * w.in);
        cn_random(8, t, 0, CN_NOISE_NORMAL, 1, s.n * w.in, da);
        look_at(&w, &s, s.at, nets[t][2], EVERYTHING, 1, da);
        look_at(&v, &tail, tail.at, "0", EVERYTHING, 1, da);
        CHECK_NEAR(test_difference(s.n * w.out, w.dt, v.dt), 0, ORDER);
        CHECK_NEAR(test_difference(s.n * w.out, w.delta, v.delta), 0, ORDER);
        CHECK_NEAR(test_difference(s.n * s.K * w.out, w.zj, v.zj), 0, ORDER);
        CHECK_NEAR(test_difference(s.n * s.K * w.in, w.ij, v.ij), 0, ORDER);
        CHECK_NEAR(test_difference(s.n * w.out * w.out, w.zh, v.zh), 0, ORDER);
        scene_free(&tail);
        scene_free(&s);
    }
}

static int stop_at(void *user, const cn_view *v) {
    size_t *left = (size_t *)user;
    (void)v;
    return --*left == 0;
}
static int stop_inject(void *user, const cn_view *v, cn_real *a_t) {
    (void)user;
    memset(a_t, 0, v->in * sizeof *a_t);
    return v->sample == 2;
}
static int count_calls(void *user, const cn_view *v) {
    (void)v;
    ++*(size_t *)user;
    return 0;
}

static void stopped_visits(void) {
    scene s;
    size_t left;
    cn_visit_desc d = CN_ZERO;
    make(&s, "input 3; dense 4; tanh; dense 2", 1, 9, 4);
    for (left = 1; left <= 18; left += 4) { /* of 18 calls */
        size_t n = left;
        CHECK_STATUS(cn_visit(s.at, NULL, stop_at, &n), CN_CANCELLED);
        CHECK(n == 0); /* not once more after the stop */
        CHECK_SENTENCE(&s.c, CN_CANCELLED, "stopped");
        CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_OK); /* does not block what follows */
        cn_clear(&s.c);
    }
    d.want = CN_WANT_TANGENT;
    d.inject = stop_inject;
    left = 0;
    CHECK_STATUS(cn_visit(s.at, &d, count_calls, &left), CN_CANCELLED);
    CHECK(left == 0); /* the first chunk's changes are asked for before it is shown */
    cn_clear(&s.c);
    scene_free(&s);
}

/* ---- names of parts and blocks */

static void names_of_parts(void) {
    /* what PyTorch's state_dict lists for the same nn.Sequential, num_batches_tracked apart: name, first, shape */
    static const struct {
        const char *name;
        size_t first;
        size_t shape[4];
        int dims, state;
    } want[] = {{"0.weight", 0, {4, 2, 3, 3}, 4, 0},
                {"1.weight", 72, {4, 0, 0, 0}, 1, 0},
                {"1.bias", 76, {4, 0, 0, 0}, 1, 0},
                {"1.running_mean", 205, {4, 0, 0, 0}, 1, 1},
                {"1.running_var", 209, {4, 0, 0, 0}, 1, 1},
                {"3.body.0.weight", 80, {4, 2, 1, 1}, 4, 0},
                {"3.body.0.bias", 88, {4, 0, 0, 0}, 1, 0},
                {"3.body.1.body.0.weight", 92, {4, 0, 0, 0}, 1, 0},
                {"3.body.1.body.0.bias", 96, {4, 0, 0, 0}, 1, 0},
                {"3.body.1.body.0.running_mean", 213, {4, 0, 0, 0}, 1, 1},
                {"3.body.1.body.0.running_var", 217, {4, 0, 0, 0}, 1, 1},
                {"3.body.1.body.2.weight", 100, {4, 4, 1, 1}, 4, 0},
                {"3.skip.0.weight", 116, {4, 4, 1, 1}, 4, 0},
                {"3.skip.0.bias", 132, {4, 0, 0, 0}, 1, 0},
                {"3.skip.1.weight", 136, {4, 0, 0, 0}, 1, 0},
                {"3.skip.1.bias", 140, {4, 0, 0, 0}, 1, 0},
                {"3.skip.1.running_mean", 221, {4, 0, 0, 0}, 1, 1},
                {"3.skip.1.running_var", 225, {4, 0, 0, 0}, 1, 1},
                {"6.weight", 144, {3, 16, 0, 0}, 2, 0},
                {"6.bias", 192, {3, 0, 0, 0}, 1, 0},
                {"7.weight", 195, {3, 0, 0, 0}, 1, 0},
                {"7.bias", 198, {3, 0, 0, 0}, 1, 0},
                {"7.running_mean", 229, {3, 0, 0, 0}, 1, 1},
                {"7.running_var", 232, {3, 0, 0, 0}, 1, 1},
                {"8.weight", 201, {1, 3, 0, 0}, 2, 0},
                {"8.bias", 204, {1, 0, 0, 0}, 1, 0}};
    scene s;
    cn_part part;
    size_t i, j, sum = 0;
    cn_net_info info;
    cn_block b;
    scene_net(&s, "input 2 5 5; conv 4 3 bias=0; batchnorm; relu; residual { conv 4 1 groups=2; residual { batchnorm; "
                  "relu; conv 4 1 bias=0 } } skip { conv 4 1; batchnorm };"
                  "maxpool 2 stride=1; flatten; dense 3; batchnorm; dense 1");
    CHECK_STATUS(s.c.status, CN_OK);
    info = cn_net_describe(s.net);
    CHECK(info.params == 205 && info.state == 30 && info.size == 235 && info.parts == sizeof want / sizeof *want);
    CHECK(info.macs == 9 * 72 + 9 * 4 + 9 * 8 + 9 * 4 + 9 * 16 + 9 * 16 + 9 * 4 + 48 + 3 + 3);
    for (i = 0; i < info.parts && i < sizeof want / sizeof *want; i++) {
        test_case = want[i].name;
        CHECK_STATUS(cn_net_part(s.net, s.theta, i, &part), CN_OK);
        CHECK(strcmp(part.name, want[i].name) == 0 && part.is_state == want[i].state);
        if (strcmp(part.name, want[i].name) != 0) printf("       %s\n", part.name);
        CHECK(part.block.first == want[i].first && part.value.dims == want[i].dims &&
              part.value.data == s.theta + part.block.first && part.value.type == CN_TYPE_REAL);
        for (j = 0; j < (size_t)want[i].dims; j++) CHECK(part.value.shape[j] == want[i].shape[j]);
        CHECK(part.block.count == cn_count(part.value));
        sum += part.block.count;
        b = cn_net_block(&s.c, s.net, want[i].name);
        /* statistics are no parameters */
        if (want[i].state) {
            CHECK(b.first == (size_t)-1 && b.count == 0);
            cn_clear(&s.c);
        } else
            CHECK(b.first == part.block.first && b.count == part.block.count);
        CHECK_STATUS(cn_net_part(s.net, NULL, i, &part), CN_OK);
        CHECK(part.value.data == NULL && part.block.first == want[i].first);
    }
    CHECK(sum == info.size);
    CHECK_STATUS(cn_net_part(s.net, NULL, i, &part), CN_E_ARGUMENT);
    test_case = "blocks";
    b = cn_net_block(&s.c, s.net, "3");
    CHECK(b.first == 80 && b.count == 64);
    b = cn_net_block(&s.c, s.net, "3.body");
    CHECK(b.first == 80 && b.count == 36);
    b = cn_net_block(&s.c, s.net, "3.body.1");
    CHECK(b.first == 92 && b.count == 24);
    b = cn_net_block(&s.c, s.net, "3.body.1.body.0");
    CHECK(b.first == 92 && b.count == 8);
    b = cn_net_block(&s.c, s.net, "3.skip");
    CHECK(b.first == 116 && b.count == 28);
    b = cn_net_block(&s.c, s.net, "3.skip.1");
    CHECK(b.first == 136 && b.count == 8);
    b = cn_net_block(&s.c, s.net, "1");
    CHECK(b.first == 72 && b.count == 8);
    CHECK_STATUS(s.c.status, CN_OK);
    b = cn_net_block(&s.c, s.net, "3.bod");
    CHECK(b.count == 0);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no block '3.bod'");
    cn_clear(&s.c);
    b = cn_net_block(&s.c, s.net, "2");
    CHECK(b.count == 0);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no block '2'");
    cn_clear(&s.c);
    b = cn_net_block(&s.c, s.net, "3.body.2");
    CHECK(b.count == 0);
    cn_clear(&s.c);
    /* batchnorm begins as PyTorch's: weight 1, bias 0, mean 0, variance 1 */
    cn_net_init(s.net, CN_INIT_AUTO, 1, s.theta);
    for (i = 0; i < info.parts; i++) {
        cn_net_part(s.net, s.theta, i, &part);
        for (j = 0; j < part.block.count; j++) {
            cn_real v = ((cn_real *)part.value.data)[j];
            int norm = part.value.dims == 1 && strstr(part.name, ".weight");
            if (part.is_state || norm || strstr(part.name, ".bias"))
                CHECK(v == (norm || strstr(part.name, "var") ? 1 : 0));
            else
                CHECK(v != 0);
        }
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- conventions of pooling and kinks */

static const cn_layer *row_of(const char *name) {
    size_t count, i;
    const cn_layer *rows = cn_layers(&count);
    for (i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) return rows + i;
    return NULL;
}
static double not_a_number(void) {
    double x;
    uint64_t bits = (uint64_t)0x7FF8 << 48;
    memcpy(&x, &bits, 8);
    return x;
}

/* One call of a row's kernels by hand: y, and gx of gy = 1, 2, 3 ... */
static size_t pool_by_hand(const char *name, size_t h, size_t w, double side, double stride, const cn_real *x,
                           cn_real *y, cn_real *gx) {
    const cn_layer *row = row_of(name);
    cn_item item = CN_ZERO;
    cn_io io = CN_ZERO;
    const char *why = "";
    cn_real saved[64], gy[64], scratch[256];
    size_t i, out;
    item.in.c = 1;
    item.in.h = h;
    item.in.w = w;
    item.arg[0] = side;
    item.arg[1] = stride;
    CHECK_STATUS(row->shape(&item, &why), CN_OK);
    out = item.out.h * item.out.w;
    for (i = 0; i < 64; i++) gy[i] = (cn_real)(i + 1);
    io.item = &item;
    io.n = io.k = 1;
    io.x = x;
    io.y = y;
    io.saved = saved;
    io.scratch = scratch;
    row->forward(&io);
    io.gy = gy;
    io.gx = gx;
    row->backward(&io);
    return out;
}

static void pool_conventions(void) {
    static const cn_real tie[9] = {1, 2, 2, 2, 1, 2, 0, 2, 2}; /* windows 2x2, stride 1: firsts at 1, 1, 3, 5 */
    cn_real x[9], y[9], gx[9], equal[16];
    size_t i, j;
    cn_real nan = (cn_real)not_a_number();
    CHECK(pool_by_hand("maxpool", 3, 3, 2, 1, tie, y, gx) == 4);
    for (i = 0; i < 4; i++) CHECK(y[i] == 2);
    for (i = 0; i < 9; i++) CHECK(gx[i] == (i == 1 ? 1 + 2 : i == 3 ? 3 : i == 5 ? 4 : 0));
    for (i = 0; i < 16; i++) equal[i] = -7; /* all equal: the first of each window */
    CHECK(pool_by_hand("maxpool", 3, 3, 3, 0, equal, y, gx) == 1);
    for (i = 0; i < 9; i++) CHECK(gx[i] == (i == 0));
    /* NaN wins, wherever it stands in the window, whatever else is there */
    for (i = 0; i < 4; i++)
        for (j = 0; j < 3; j++) {
            size_t a;
            for (a = 0; a < 4; a++) x[a] = (cn_real)(j == 0 ? (double)a : j == 1 ? -(double)a : 1);
            x[i] = nan;
            pool_by_hand("maxpool", 2, 2, 2, 0, x, y, gx);
            CHECK(y[0] != y[0]);
            for (a = 0; a < 4; a++) CHECK(gx[a] == (a == i)); /* and takes the signal */
            pool_by_hand("avgpool", 2, 2, 2, 0, x, y, gx);
            CHECK(y[0] != y[0]);
        }
    { /* ties in a network: only the first gets the gradient */
        scene s;
        cn_real *rows;
        scene_net(&s, "input 1 2 2; gain; maxpool 2; gain");
        scene_random(&s, 1, 0, 5);
        for (i = 0; i < 5; i++) s.theta[i] = 1;
        for (i = 0; i < 4; i++) s.x[i] = i == 0 ? (cn_real)0.5 : 3; /* at 1, 2, 3 */
        squared_point(&s);
        rows = scene_jacobian(&s, block_all());
        for (i = 0; i < 4; i++) CHECK(rows[i] == (i == 1 ? 3 : 0));
        scene_free(&s);
    }
}

/* z = 0 exactly in every unit: the rows of J say what f'(0) is, and the Hessian's products must agree. */
static void kinks_at_zero(void) {
    static const struct {
        const char *text;
        double slope;
    } nets[] = {{"input 1; dense 37; relu; dense 1", 0},
                {"input 1; dense 37; leaky 0.25; dense 1", 0.25},
                {"input 37; gain; relu; dense 1", 0},
                {"input 37; gain; leaky 0.25; dense 1", 0.25},
                {"input 1 3 3; conv 37 3; relu; flatten; dense 1", 0},
                {"input 1 1 3; conv 37 1; batchnorm; relu; gap; flatten; dense 1", 0},
                {"input 1; dense 37; leaky; dense 1", 0.01}};
    size_t t, i;
    for (t = 0; t < sizeof nets / sizeof *nets; t++) {
        scene s;
        cn_real *rows, *v, *jv;
        cn_block bias;
        size_t last, own = 37;
        int scale;
        test_case = nets[t].text;
        scene_net(&s, nets[t].text);
        scene_random(&s, 3, 0, 5);
        last = s.P - 38; /* the last layer's weight, then its bias */
        scale = strstr(nets[t].text, "gain") != NULL;
        for (i = 0; i < s.size; i++) s.theta[i] = i < last ? 0 : 1;
        if (strstr(nets[t].text, "batchnorm"))
            for (i = 0; i < s.size - s.P; i++) s.theta[s.P + i] = i < 37 ? 0 : 1;
        squared_point(&s);
        bias = block_of(scale ? 0 : last - 37, own);
        rows = scene_jacobian(&s, bias);
        for (i = 0; i < s.n * own; i++) {
            double want = nets[t].slope * (scale ? (double)s.x[i] : 1);
            CHECK_NEAR(rows[i], want, 4 * TEST_EPS * fabs(want));
        }
        v = cn_vector(&s.c, 3 * own);
        jv = cn_vector(&s.c, 3 * s.n);
        for (i = 0; i < 3 * own; i++) v[i] = 1;
        CHECK_STATUS(cn_jv(s.at, bias, 3, v, jv), CN_OK);
        for (i = 0; i < 3 * s.n; i++) CHECK_NEAR(jv[i], dot_of(own, rows + i / 3 * own, v), 100 * TEST_EPS * 37);
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
}

/* One weight is NaN: what depends on it is NaN, through fused and separate relus, pools and sums; what does not, is
   not. */
static void nan_passes(void) {
    /* outputs [from, to) of each sample */
    static const struct {
        const char *text;
        size_t weight, from, to;
    } nets[] = {{"input 1; dense 37; relu", 5, 5, 6},
                {"input 1; dense 37 bias=0; relu", 33, 33, 34},
                {"input 37; gain; relu", 36, 36, 37},
                {"input 1 2 2; conv 3 1; relu", 1, 4, 8},
                {"input 1 2 2; conv 3 1 bias=0; relu; maxpool 2", 2, 2, 3},
                {"input 1 2 2; conv 3 1; relu; avgpool 2", 0, 0, 1},
                {"input 4 2 2; batchnorm; relu; gap", 2, 2, 3},
                {"input 6; gain; leaky 0.5", 3, 3, 4},
                {"input 6; gain; tanh; residual { dropout; relu }", 4, 4, 5},
                {"input 1 2 2; gain; maxpool 2 stride=1", 0, 0, 1},
                {"input 1 2 2; gain; maxpool 2", 3, 0, 1}};
    size_t t, i;
    for (t = 0; t < sizeof nets / sizeof *nets; t++) {
        scene s;
        cn_real *f;
        test_case = nets[t].text;
        scene_net(&s, nets[t].text);
        scene_random(&s, 3, 0, 5);
        squared_point(&s);
        f = cn_vector(&s.c, s.n * s.K);
        s.theta[nets[t].weight] = (cn_real)not_a_number();
        cn_predict(s.p, s.theta, NULL, f);
        cn_clear(&s.c);
        for (i = 0; i < s.n * s.K; i++) CHECK((f[i] != f[i]) == (i % s.K >= nets[t].from && i % s.K < nets[t].to));
        CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_E_NUMERIC);
        scene_free(&s);
    }
}

/* ---- dropout */

enum { WIDE = 400, ROWS = 50 };

/* "input 400; dropout P; gain" on ones with scale 1 shows the mask itself; other texts with scales of 1 too. */
static void masks_of(scene *s, const char *text, uint64_t seed, size_t chunk) {
    cn_problem_desc how = CN_ZERO;
    size_t i;
    how.loss = CN_LOSS_SQUARED;
    how.seed = seed;
    how.chunk = chunk;
    scene_net(s, text);
    scene_random(s, ROWS, 0, 1);
    for (i = 0; i < s->P; i++) s->theta[i] = 1;
    for (i = 0; i < ROWS * s->M; i++) s->x[i] = 1;
    scene_point(s, &how, 0);
}
static cn_real *mask(scene *s, uint64_t step) {
    cn_batch b = CN_ZERO;
    cn_real *f = cn_vector(&s->c, ROWS * s->K);
    b.n = ROWS;
    b.step = step;
    b.train = 1;
    CHECK_STATUS(cn_predict(s->p, s->theta, &b, f), CN_OK);
    return f;
}
static double agreement(const cn_real *a, const cn_real *b) /* share of places where both are dropped or both kept */
{
    size_t i, same = 0;
    for (i = 0; i < ROWS * WIDE; i++) same += (a[i] == 0) == (b[i] == 0);
    return (double)same / (ROWS * WIDE);
}

static void dropout_masks(void) {
    static const double shares[] = {0.3, 0.5, 0.05, 0.9, 0};
    scene s, t;
    cn_real *f, *g;
    size_t i, j, lag, r;
    char text[100];
    double N = ROWS * WIDE;
    for (r = 0; r < 5; r++) {
        double p = shares[r], dropped = 0, mean = 0;
        cn_real kept = (cn_real)(1 / (1 - p));
        sprintf(text, "input 400; dropout %g; gain", p);
        masks_of(&s, text, 3, 0);
        f = mask(&s, 1);
        for (i = 0; i < ROWS * WIDE; i++) {
            CHECK(f[i] == 0 || f[i] == kept);
            dropped += f[i] == 0;
            mean += (double)f[i];
        }
        CHECK_NEAR(dropped / N, p, 5 * sqrt(p * (1 - p) / N)); /* 5 standard errors of a share */
        CHECK_NEAR(mean / N, 1, 5 * sqrt(p / (1 - p) / N) + TEST_EPS);
        /* neighbours and samples are independent */
        for (lag = 1; p > 0 && lag <= WIDE; lag = lag < 5 ? lag + 1 : lag == 5 ? 8 : lag == 8 ? WIDE : WIDE + 1) {
            double both = 0, q = (double)kept;
            size_t m = ROWS * WIDE - lag;
            for (i = 0; i < m; i++) both += ((double)f[i] / q - (1 - p)) * ((double)f[i + lag] / q - (1 - p));
            CHECK_NEAR(both / (double)m, 0, 5 * p * (1 - p) / sqrt((double)m));
        }
        g = cn_vector(&s.c, ROWS * WIDE); /* eval: the identity */
        cn_predict(s.p, s.theta, NULL, g);
        for (i = 0; i < ROWS * WIDE; i++) CHECK(g[i] == 1);
        CHECK(same_bits(ROWS * WIDE, f, mask(&s, 1))); /* the same again */
        scene_free(&s);
    }
    masks_of(&s, "input 400; dropout 0.5; gain", 3, 0);
    f = mask(&s, 1);
    g = mask(&s, 2);
    CHECK_NEAR(agreement(f, g), 0.5, 5 * 0.5 / sqrt(N)); /* two independent masks agree in half of the places */
    CHECK_NEAR(agreement(f, mask(&s, (uint64_t)1 << 40)), 0.5, 5 * 0.5 / sqrt(N));
    masks_of(&t, "input 400; dropout 0.5; gain", 4, 0);
    CHECK_NEAR(agreement(f, mask(&t, 1)), 0.5, 5 * 0.5 / sqrt(N)); /* another seed */
    scene_free(&t);
    masks_of(&t, "input 400; gain; dropout 0.5", 3, 0);
    CHECK_NEAR(agreement(f, mask(&t, 1)), 0.5, 5 * 0.5 / sqrt(N)); /* another item */
    scene_free(&t);
    for (i = 1; i <= 128; i *= 4) { /* whatever the chunk */
        masks_of(&t, "input 400; dropout 0.5; gain", 3, i);
        CHECK(same_bits(ROWS * WIDE, f, mask(&t, 1)));
        scene_free(&t);
    }
    { /* whatever else is in the batch, in whatever order */
        uint32_t index[9] = {7, 49, 3, 0, 3, 21, 20, 48, 1};
        cn_batch b = CN_ZERO;
        b.index = index;
        b.n = 9;
        b.step = 1;
        b.train = 1;
        cn_predict(s.p, s.theta, &b, g);
        for (j = 0; j < 9; j++) CHECK(same_bits(WIDE, g + j * WIDE, f + index[j] * WIDE));
    }
    scene_free(&s);
    { /* the loss of one network does not depend on chunks, order or the batch around it */
        static const char *net = "input 2 3 3; dropout 0.2; conv 3 2; relu; residual { dropout 0.4; conv 3 1; dropout "
                                 "0.3 }; flatten; dropout; dense 3";
        static const size_t chunks[] = {1, 4, 13, 128};
        cn_batch b = CN_ZERO;
        double loss[13], sum = 0, e;
        uint32_t order[13], one;
        b.step = 9;
        b.train = 1;
        for (j = 0; j < 4; j++) {
            make(&t, net, 1, 13, chunks[j]);
            for (i = 0; i < 13; i++) {
                one = (uint32_t)i;
                b.index = &one;
                b.n = 1;
                e = cn_evaluate(t.p, t.theta, &b, NULL).loss;
                if (j == 0) {
                    loss[i] = e;
                    sum += e / 13;
                } else
                    CHECK_RELATIVE(e, loss[i], ORDER);
                order[i] = (uint32_t)(i * 5 % 13);
            }
            b.index = NULL;
            b.n = 13;
            CHECK_RELATIVE(cn_evaluate(t.p, t.theta, &b, NULL).loss, sum, ORDER);
            b.index = order;
            CHECK_RELATIVE(cn_evaluate(t.p, t.theta, &b, NULL).loss, sum, ORDER);
            b.train = 0;
            CHECK(fabs(cn_evaluate(t.p, t.theta, &b, NULL).loss - sum) > 1e-3);
            b.train = 1;
            b.step = 10;
            CHECK(fabs(cn_evaluate(t.p, t.theta, &b, NULL).loss - sum) > 1e-3);
            b.step = 9;
            scene_free(&t);
        }
    }
}

/* ---- the gradient in train mode: through masks and through the batch's statistics */

static void train_gradients(void) {
    static const char *nets[] = {
        "input 4; dropout 0.3; dense 5; tanh; dropout; dense 3",
        "input 4; batchnorm; dense 3",
        "input 4; dense 5 bias=0; batchnorm; tanh; dense 4; batchnorm; dense 3",
        "input 2 3 4; conv 3 2; batchnorm; silu; conv 2 2; batchnorm; flatten; dense 3",
        ("input 2 3 3; batchnorm; residual { conv 2 3 pad=1; batchnorm; tanh; conv 3 1 bias=0; batchnorm } "
         "skip { conv 3 1; batchnorm }; dropout 0.25; gap; flatten; dense 3"),
        "input 3; dense 4; softmax; residual { batchnorm; dropout; dense 4; softplus }; batchnorm; dense 2"};
    static const uint32_t index[] = {5, 1, 9, 10, 2, 1, 7};
    size_t t, i;
    int loss;
    for (t = 0; t < sizeof nets / sizeof *nets; t++)
        for (loss = 0; loss < 2; loss++) {
            scene s;
            cn_batch b = CN_ZERO;
            cn_real *g, *again, *up;
            double error = 0;
            test_case = nets[t];
            make(&s, nets[t], loss, 12, 3);
            b.index = index;
            b.n = 7;
            b.step = 4;
            b.train = 1;
            g = cn_vector(&s.c, s.size);
            again = cn_vector(&s.c, s.size);
            up = cn_vector(&s.c, s.size);
            CHECK_STATUS(cn_evaluate(s.p, s.theta, &b, g).status, CN_OK);
            CHECK(most_of(s.P, g) > 1e-3);
            for (i = 0; IN_DOUBLE && i < s.P; i++) {
                double e;
                memcpy(up, s.theta, s.size * sizeof *up);
                up[i] = s.theta[i] + (cn_real)STEP;
                e = cn_evaluate(s.p, up, &b, NULL).loss;
                up[i] = s.theta[i] - (cn_real)STEP;
                e = (e - cn_evaluate(s.p, up, &b, NULL).loss) / (2 * STEP) - (double)g[i];
                error = fmax(error, fabs(e));
            }
            CHECK_NEAR(error, 0, STEP_TOLERANCE * most_of(s.P, g));
            memcpy(up, s.theta, s.size * sizeof *up); /* running statistics play no part in train mode */
            for (i = s.P; i < s.size; i++) up[i] += 1;
            cn_evaluate(s.p, up, &b, again);
            CHECK(same_bits(s.size, g, again));
            b.train = 0; /* and the tail is zero in eval mode */
            cn_evaluate(s.p, s.theta, &b, again);
            CHECK(most_of(s.size - s.P, again + s.P) == 0 && (s.size == s.P || most_of(s.size - s.P, g + s.P) > 0));
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
}

/* ---- batchnorm's statistics */

/* Means and variances per channel of rows `index` of x [.][C][P]: unbiased, as PyTorch's running_var takes them in. */
static void plain_statistics(const cn_real *x, size_t C, size_t P, const uint32_t *index, size_t n, double *out) {
    size_t c, i, p;
    double sum, squares;
    for (c = 0; c < C; c++) {
        for (sum = 0, i = 0; i < n; i++)
            for (p = 0; p < P; p++) sum += (double)x[(index[i] * C + c) * P + p];
        out[c] = sum / (double)(n * P);
        for (squares = 0, i = 0; i < n; i++)
            for (p = 0; p < P; p++) {
                double d = (double)x[(index[i] * C + c) * P + p] - out[c];
                squares += d * d;
            }
        out[C + c] = squares / (double)(n * P - 1);
    }
}

static void running_statistics(void) {
    static const uint32_t index[] = {3, 0, 7, 4, 10};
    enum { B = 5, C = 3, PLANE = 4 };
    static const char *text = "input 3 2 2; batchnorm; conv 2 1; batchnorm; tanh; flatten; dense 2";
    int rule;
    size_t i, k;
    scene s;
    double want[2 * C], state[2 * C];
    cn_batch b = CN_ZERO;
    b.index = index;
    b.n = B;
    b.step = 1;
    b.train = 1;
    for (rule = CN_RULE_PLAIN; rule <= CN_RULE_NSO; rule++)
        for (k = 1; k <= 2; k++) {
            cn_opt_desc d = CN_ZERO;
            cn_opt *o;
            cn_real *theta, *g, *tail, *before;
            const cn_real *at;
            size_t told = 0;
            make(&s, text, 1, 12, 4);
            CHECK(s.size == s.P + 10);
            d.lr = 0.1;
            d.rule = rule;
            d.rho = 0.5;
            d.sigma = 0.3;
            d.k = k;
            d.seed = 7;
            d.momentum = 0.9;
            d.weight_decay = 0.01;
            g = cn_vector(&s.c, s.size);
            tail = cn_vector(&s.c, s.size);
            before = cn_vector(&s.c, s.size);
            theta = cn_vector(&s.c, s.size);
            memcpy(before, s.theta, s.size * sizeof *theta);
            memcpy(theta, s.theta, s.size * sizeof *theta);
            plain_statistics(s.x, C, PLANE, index, B, want);
            for (i = 0; i < 6; i++) state[i] = 0.9 * (double)before[s.P + i] + 0.1 * want[i];
            o = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
            /* by hand: the first batchnorm sees x itself, the second what theta + U makes of it */
            while ((at = cn_opt_ask(o, theta)) != NULL) {
                CHECK_STATUS(cn_evaluate(s.p, at, &b, g).status, CN_OK);
                CHECK_NEAR(test_error(6, g + s.P, want), 0, ORDER);
                if (!told++) {
                    memcpy(tail, g, s.size * sizeof *g);
                    if (rule == CN_RULE_NSO)
                        CHECK(gap_of(s.P, at, before) > 0.1);
                    else
                        CHECK(same_bits(s.P, at, before));
                }
                CHECK_STATUS(cn_opt_tell(o, g), CN_OK);
            }
            CHECK(told == (rule == CN_RULE_PLAIN ? 1 : rule == CN_RULE_SAM ? 2 : 2 * k));
            for (i = 0; i < 6; i++) CHECK_NEAR(theta[s.P + i], state[i], ORDER);
            for (i = s.P; i < s.size; i++) CHECK_NEAR(theta[i], 0.9 * (double)before[i] + 0.1 * (double)tail[i], ORDER);
            /* the last pass had other statistics: they may not count */
            if (rule != CN_RULE_PLAIN) CHECK(gap_of(4, g + s.P + 6, tail + s.P + 6) > 1e-3);
            CHECK(gap_of(s.P, theta, before) > 1e-3);
            o = cn_opt_create(&s.c, s.P, s.size - s.P, &d); /* the loop of the library does the same */
            CHECK_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_OK);
            CHECK(same_bits(s.size, s.theta, theta));
            memcpy(before, s.theta, s.size * sizeof *theta);
            d.frozen = 1; /* and so they stay where the caller says so */
            o = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
            CHECK_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_OK);
            CHECK(same_bits(s.size - s.P, s.theta + s.P, before + s.P) && !same_bits(s.P, s.theta, before));
            memcpy(before, s.theta, s.size * sizeof *theta);
            d.frozen = 0;
            o = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
            b.train = 0; /* an eval-mode step leaves them */
            CHECK_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_OK);
            b.train = 1;
            CHECK(same_bits(s.size - s.P, s.theta + s.P, before + s.P) && !same_bits(s.P, s.theta, before));
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    { /* cn_train: one move a batch, in the order of its shuffle */
        cn_train_desc how = CN_ZERO;
        uint32_t order[12];
        size_t epoch, at;
        make(&s, text, 1, 12, 4);
        for (i = 0; i < 6; i++) state[i] = (double)s.theta[s.P + i];
        for (epoch = 0; epoch < 2; epoch++) {
            for (i = 0; i < 12; i++) order[i] = (uint32_t)i;
            cn_shuffle(11, cn_stream(CN_FOR_SHUFFLE, epoch), 12, order);
            for (at = 0; at < 12; at += 5) {
                plain_statistics(s.x, C, PLANE, order + at, at + 5 < 12 ? 5 : 12 - at, want);
                for (i = 0; i < 6; i++) state[i] = 0.9 * state[i] + 0.1 * want[i];
            }
        }
        how.epochs = 2;
        how.batch = 5;
        how.seed = 11;
        how.opt.lr = 0.05;
        CHECK_STATUS(cn_train(s.p, s.theta, &how).status, CN_OK);
        for (i = 0; i < 6; i++) CHECK_NEAR(s.theta[s.P + i], state[i], ORDER);
        scene_free(&s);
    }
}

static void recalibration(void) {
    static const size_t sizes[] = {5, 12, 4, 0, 100};
    scene s;
    size_t t, i, at;
    cn_real *before, *g;
    uint32_t order[12];
    for (i = 0; i < 12; i++) order[i] = (uint32_t)i;
    for (t = 0; t < 5; t++) {
        double mean[10] = {0}, want[6];
        size_t size = sizes[t] && sizes[t] < 12 ? sizes[t] : 12;
        make(&s, "input 3 2 2; batchnorm; conv 2 1; batchnorm; dropout; flatten; dense 2", 1, 12, 4);
        before = cn_vector(&s.c, s.size);
        g = cn_vector(&s.c, s.size);
        memcpy(before, s.theta, s.size * sizeof *before);
        for (at = 0; at < 12; at += size) {
            cn_batch b = CN_ZERO;
            b.index = order + at;
            b.n = at + size < 12 ? size : 12 - at;
            b.train = 1;
            plain_statistics(s.x, 3, 4, order + at, b.n, want);
            for (i = 0; i < 6; i++) mean[i] += (double)b.n * want[i]; /* samples weigh alike, batches do not */
            cn_evaluate(s.p, s.theta, &b, g);
            for (i = 6; i < 10; i++) mean[i] += (double)b.n * (double)g[s.P + i];
        }
        CHECK_STATUS(cn_recalibrate(s.p, s.theta, sizes[t]), CN_OK);
        CHECK(same_bits(s.P, s.theta, before));
        for (i = 0; i < 10; i++) CHECK_NEAR(s.theta[s.P + i], mean[i] / 12, ORDER);
        CHECK(gap_of(10, s.theta + s.P, before + s.P) > 0.01);
        scene_free(&s);
    }
    make(&s, "input 3; dense 2", 1, 12, 4); /* nothing to do is no error */
    before = cn_vector(&s.c, s.P);
    memcpy(before, s.theta, s.P * sizeof *before);
    CHECK_STATUS(cn_recalibrate(s.p, s.theta, 4), CN_OK);
    CHECK(same_bits(s.P, s.theta, before));
    scene_free(&s);
}

/* ---- one value a channel has no variance */

static void batches_of_one(void) {
    static const char *flat = "input 2; dense 3; batchnorm; tanh; residual { dense 3; batchnorm }; dense 2",
                      *planes = "input 2 2 1; batchnorm; flatten; dense 2", *none = "input 2; dense 2";
    /* samples, batch; sizes of batches with a batchnorm of one position, and without */
    static const struct {
        size_t n, size, joined[5], plain[5];
    } cut[] = {{33, 32, {33}, {32, 1}},
               {65, 32, {32, 33}, {32, 32, 1}},
               {66, 32, {32, 32, 2}, {32, 32, 2}},
               {64, 32, {32, 32}, {32, 32}},
               {3, 2, {3}, {2, 1}},
               {5, 2, {2, 3}, {2, 2, 1}},
               {5, 0, {5}, {5}},
               {5, 9, {5}, {5}},
               {3, 1, {0}, {1, 1, 1}},
               {1, 4, {0}, {1}}};
    static const size_t few[] = {0, 1};
    scene s;
    size_t i, t, k;
    cn_train_desc how = CN_ZERO;
    cn_batch b = CN_ZERO;
    cn_real out[8], *other, *g;
    uint32_t all[33];
    for (i = 0; i < 33; i++) all[i] = (uint32_t)i;
    for (t = 0; t < sizeof cut / sizeof *cut; t++)
        for (i = 0; i < 3; i++) {
            make(&s, i == 0 ? flat : i == 1 ? planes : none, 1, cut[t].n, 4);
            for (k = 0; k < 5; k++) CHECK(cn_batch_size(s.p, cut[t].size, k) == (i ? cut[t].plain : cut[t].joined)[k]);
            CHECK(cn_batch_size(s.p, cut[t].size, (size_t)-1) == 0);
            if (i == 0 && cut[t].joined[0] == 0)
                CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "one sample, item 1 'batchnorm'");
            else
                CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    CHECK(cn_batch_size(NULL, 4, 0) == 0);
    /* training: 33 samples in batches of 32 are one of 33. What it holds was said before */
    make(&s, flat, 1, 33, 0);
    other = cn_vector(&s.c, s.size);
    memcpy(other, s.theta, s.size * sizeof *other);
    how.opt.lr = 0.1;
    how.epochs = 2;
    how.seed = 5;
    s.c.dry = 1;
    CHECK_STATUS(cn_train(s.p, s.theta, &how).status, CN_DRY);
    s.c.dry = 0;
    s.c.limit_bytes = s.c.bytes_now + s.c.bytes_needed;
    CHECK_STATUS(cn_train(s.p, s.theta, &how).status, CN_OK);
    s.c.limit_bytes = 0;
    how.batch = 33;
    CHECK_STATUS(cn_train(s.p, other, &how).status, CN_OK);
    CHECK(same_bits(s.size, s.theta, other));
    for (i = 0; i < 12; i++) CHECK((double)s.theta[s.P + i] != 0); /* 0.9^2 of what was there, at the least */
    how.batch = 1;
    REFUSED_STATUS(cn_train(s.p, s.theta, &how).status, CN_E_ARGUMENT, "item 1 'batchnorm' sees one value a channel");
    REFUSED_STATUS(cn_recalibrate(s.p, s.theta, 1), CN_E_ARGUMENT, "item 1 'batchnorm' sees one value a channel");
    b.index = all + 7;
    b.n = 1;
    b.train = 1;
    g = cn_vector(&s.c, s.size);
    REFUSED_STATUS(cn_evaluate(s.p, s.theta, &b, g).status, CN_E_ARGUMENT, "item 1 'batchnorm'");
    REFUSED_STATUS(cn_predict(s.p, s.theta, &b, out), CN_E_ARGUMENT, "item 1 'batchnorm'");
    {
        cn_opt *o = cn_opt_create(&s.c, s.P, s.size - s.P, &how.opt);
        REFUSED_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_E_ARGUMENT, "item 1 'batchnorm'");
        CHECK(same_bits(s.size, s.theta, other));
        b.train = 0; /* eval mode asks for no statistics */
        CHECK_STATUS(cn_opt_step(o, s.p, s.theta, &b).status, CN_OK);
    }
    scene_free(&s);
    make(&s, planes, 1, 33, 0); /* two values a channel in one sample: no reason to refuse */
    b.train = 1;
    how.batch = 1;
    CHECK_STATUS(cn_evaluate(s.p, s.theta, &b, NULL).status, CN_OK);
    CHECK_STATUS(cn_train(s.p, s.theta, &how).status, CN_OK);
    CHECK_STATUS(cn_recalibrate(s.p, s.theta, 1), CN_OK);
    scene_free(&s);
    make(&s, flat, 1, 1, 0);
    how.batch = 0;
    REFUSED_STATUS(cn_train(s.p, s.theta, &how).status, CN_E_ARGUMENT, "item 1 'batchnorm'");
    REFUSED_STATUS(cn_recalibrate(s.p, s.theta, 0), CN_E_ARGUMENT, "item 1 'batchnorm'");
    scene_free(&s);
    /* 129 samples in batches of 128, the last far off: the mean over samples, whether it joins or weighs a 129th */
    for (t = 0; t < 2; t++) {
        make(&s, few[t] ? "input 1 2 1; batchnorm; flatten; dense 2" : "input 1; batchnorm; dense 2", 1, 129, 0);
        for (i = 0; i < 129 * s.M; i++) s.x[i] = i / s.M == 128 ? 10 : (cn_real)(i % 2 ? 0.5 : -0.5);
        CHECK_STATUS(cn_recalibrate(s.p, s.theta, 0), CN_OK);
        CHECK_NEAR(s.theta[s.P], 10.0 / 129, 4 * TEST_EPS); /* 0.0775; a mean of batches is 5 */
        /* variances: of all 129 numbers; or of 256 numbers, 0.25*256/255, 128 times, and of two equal ones */
        CHECK_NEAR(s.theta[s.P + 1], few[t] ? 64.0 / 255 * 128 / 129 : (32 + 100 - 100.0 / 129) / 128, 8 * TEST_EPS);
        scene_free(&s);
    }
}

/* Points are in eval mode: a sample's part in the Hessian does not depend on the others. */
static void estimators_in_eval_mode(void) {
    static const char *text = "input 2 3 3; conv 3 2; batchnorm; tanh; dropout; flatten; dense 4; batchnorm; dense 3";
    scene s;
    cn_data half;
    cn_real *v, *all, *part, *sum;
    int kind;
    size_t i, h;
    make(&s, text, 1, 12, 4);
    v = cn_vector(&s.c, s.P);
    all = cn_vector(&s.c, s.P);
    part = cn_vector(&s.c, s.P);
    sum = cn_vector(&s.c, s.P);
    cn_random(4, 4, 0, CN_NOISE_NORMAL, 1, s.P, v);
    for (kind = 0; kind < CN_OP_NTK; kind++) {
        double trace = 0;
        if (kind == CN_OP_COVARIANCE) continue; /* not a mean over samples */
        CHECK_STATUS(cn_op_apply(cn_op_of(s.at, kind, block_all()), 1, v, all), CN_OK);
        memset(sum, 0, s.P * sizeof *sum);
        for (h = 0; h < 2 && kind != CN_OP_FISHER_SAMPLED; h++) {
            cn_point *at;
            size_t first = h ? 5 : 0, n = h ? 7 : 5;
            half = s.data;
            half.x = cn_tensor_of(s.x + first * s.M, CN_TYPE_REAL, 2, n, s.M, 0, 0);
            half.y = cn_tensor_of(s.label + first, CN_TYPE_I32, 1, n, 0, 0, 0);
            at = cn_point_create(cn_problem_create(&s.c, s.net, &half, NULL), s.theta, 0);
            CHECK_STATUS(cn_op_apply(cn_op_of(at, kind, block_all()), 1, v, part), CN_OK);
            for (i = 0; i < s.P; i++) sum[i] += part[i] * (cn_real)n / 12;
            trace += cn_trace(cn_op_of(at, kind, block_all()), NULL).value * (double)n / 12;
        }
        if (kind == CN_OP_FISHER_SAMPLED) continue;
        CHECK_NEAR(test_difference(s.P, sum, all), 0, ORDER);
        CHECK_RELATIVE(cn_trace(cn_op_of(s.at, kind, block_all()), NULL).value, trace, 10 * ORDER);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- the sampled Fisher */

static void sampled_fisher(const char *text, int loss) {
    enum { SEEDS = 400 };
    scene s;
    size_t P, i, seed, chunk;
    cn_real *exact, *dense, *again;
    double *sum, *squares;
    cn_problem_desc how = CN_ZERO;
    int differ = 0;
    test_case = text;
    make(&s, text, loss != CN_LOSS_SQUARED, 5, 2);
    how.loss = loss;
    scene_point(&s, &how, 0);
    P = s.P;
    exact = cn_vector(&s.c, P * P);
    dense = cn_vector(&s.c, P * P);
    again = cn_vector(&s.c, P * P);
    sum = (double *)(void *)cn_vector(&s.c, 2 * P * P);
    squares = (double *)(void *)cn_vector(&s.c, 2 * P * P);
    CHECK_STATUS(cn_op_dense(cn_op_of(s.at, CN_OP_FISHER, block_all()), exact), CN_OK);
    for (seed = 0; seed < SEEDS; seed++) {
        cn_point *at;
        cn_problem *p;
        cn_op *op;
        how.seed = seed;
        how.chunk = 2;
        p = cn_problem_create(&s.c, s.net, &s.data, &how);
        at = cn_point_create(p, s.theta, seed % 2 ? 1 << 16 : 0);
        op = cn_op_of(at, CN_OP_FISHER_SAMPLED, block_all());
        CHECK_STATUS(cn_op_dense(op, seed == 1 ? again : dense), CN_OK);
        /* another seed, other labels */
        if (seed == 1) {
            differ = !same_bits(P * P, again, dense);
            memcpy(dense, again, P * P * sizeof *dense);
        }
        for (i = 0; i < P * P; i++) {
            sum[i] += (double)dense[i];
            squares[i] += (double)dense[i] * (double)dense[i];
        }
        if (seed % 40 == 0) {
            cn_real *diagonal = cn_vector(&s.c, P), *v = cn_vector(&s.c, P), *fv = cn_vector(&s.c, P),
                    *want = cn_vector(&s.c, P);
            double quad, most = 0;
            cn_est t;
            t = cn_trace(op, NULL);
            CHECK(t.exact && t.status == CN_OK);
            CHECK_RELATIVE(t.value, trace_of(dense, P), ORDER);
            CHECK_STATUS(cn_diagonal(op, NULL, diagonal).status, CN_OK);
            for (i = 0; i < P; i++) most = fmax(most, fabs((double)diagonal[i] - (double)dense[i * P + i]));
            CHECK_NEAR(most, 0, ORDER * trace_of(dense, P));
            cn_random(2, seed, 0, CN_NOISE_NORMAL, 1, P, v);
            CHECK_STATUS(cn_op_apply(op, 1, v, fv), CN_OK);
            for (i = 0; i < P; i++) want[i] = (cn_real)dot_of(P, dense + i * P, v);
            CHECK_NEAR(test_difference(P, fv, want), 0, ORDER);
            CHECK_STATUS(cn_op_quadratic(op, 1, v, &quad), CN_OK);
            CHECK_NEAR(quad, dot_of(P, v, fv), ORDER * norm_of(P, v) * norm_of(P, fv));
            CHECK(quad >= 0 && cn_op_describe(op).positive && cn_op_describe(op).convention[0] == 'F');
            for (chunk = 1; chunk <= 5; chunk += 4) { /* reproducible by the seed, whatever the chunk */
                how.chunk = chunk;
                at = cn_point_create(cn_problem_create(&s.c, s.net, &s.data, &how), s.theta, chunk == 1 ? 1 << 16 : 0);
                CHECK_STATUS(cn_op_dense(cn_op_of(at, CN_OP_FISHER_SAMPLED, block_all()), again), CN_OK);
                CHECK_NEAR(test_difference(P * P, again, dense), 0, ORDER);
            }
        }
        cn_free(&s.c, op);
        cn_free(&s.c, at);
        cn_free(&s.c, p);
    }
    CHECK(differ);
    for (i = 0; i < P * P; i++) { /* 5 standard errors of the mean, measured, and of what never varied: rounding */
        double mean = sum[i] / SEEDS, variance = fmax(squares[i] / SEEDS - mean * mean, 0);
        CHECK_NEAR(mean, exact[i], 5 * sqrt(variance / (SEEDS - 1)) + ORDER * most_of(P * P, exact));
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- a user's affine row: mix OUT [groups] [bias] = a 1x1 convolution in groups, without unfold: its patches are x
   itself */

static int mix_shape(cn_item *item, const char **why) {
    size_t groups = (size_t)item->arg[1];
    if (!groups || item->in.c % groups || (size_t)item->arg[0] % groups) {
        *why = "groups";
        return CN_E_SHAPE;
    }
    item->out = item->in;
    item->out.c = (size_t)item->arg[0];
    item->params = item->out.c * (item->in.c / groups + (item->arg[2] != 0));
    return CN_OK;
}
static void mix_affine(const cn_item *item, cn_affine *a) {
    /* 0 means 1 */
    a->positions = item->in.h * item->in.w;
    a->rows = item->out.c;
    a->groups = item->arg[1] > 1 ? (size_t)item->arg[1] : 0;
    a->cols = item->in.c / (size_t)item->arg[1];
    a->bias = item->arg[2] != 0;
    a->side = 0;
}
/* y += W x; gx += W' gy; gw += gy x' for one sample */
static void mix_loop(const cn_item *m, const cn_real *w, const cn_real *x, cn_real *y, const cn_real *gy, cn_real *gx,
                     cn_real *gw) {
    size_t P = m->in.h * m->in.w, groups = (size_t)m->arg[1], per = m->in.c / groups, o, c, p;
    for (o = 0; o < m->out.c; o++)
        for (c = 0; c < per; c++)
            for (p = 0; p < P; p++) {
                size_t from = (o / (m->out.c / groups) * per + c) * P + p;
                if (y) y[o * P + p] += w[o * per + c] * x[from];
                if (gx) gx[from] += w[o * per + c] * gy[o * P + p];
                if (gw) gw[o * per + c] += gy[o * P + p] * x[from];
            }
}
static void mix_bias(const cn_item *m, const cn_real *bias, cn_real *y, const cn_real *gy, cn_real *gb) {
    size_t P = m->in.h * m->in.w, o, p;
    for (o = 0; m->arg[2] != 0 && o < m->out.c; o++)
        for (p = 0; p < P; p++) {
            if (y) y[o * P + p] += bias[o];
            if (gb) gb[o] += gy[o * P + p];
        }
}
static void mix_forward(cn_io *io) {
    const cn_item *m = io->item;
    size_t in = own_size(io), out = m->out.c * m->in.h * m->in.w, i, W = m->out.c * (m->in.c / (size_t)m->arg[1]);
    memset(io->y, 0, io->n * out * sizeof *io->y);
    for (i = 0; i < io->n; i++) {
        mix_loop(m, io->theta, io->x + i * in, io->y + i * out, NULL, NULL, NULL);
        mix_bias(m, io->theta + W, io->y + i * out, NULL, NULL);
    }
}
static void mix_tangent(cn_io *io) {
    const cn_item *m = io->item;
    size_t in = own_size(io), out = m->out.c * m->in.h * m->in.w, i, j, W = m->out.c * (m->in.c / (size_t)m->arg[1]);
    memset(io->y_t, 0, io->n * io->k * out * sizeof *io->y_t);
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++) {
            cn_real *y_t = io->y_t + (i * io->k + j) * out;
            if (io->x_t) mix_loop(m, io->theta, io->x_t + (i * io->k + j) * in, y_t, NULL, NULL, NULL);
            if (!io->theta_t) continue;
            mix_loop(m, io->theta_t + j * io->stride, io->x + i * in, y_t, NULL, NULL, NULL);
            mix_bias(m, io->theta_t + j * io->stride + W, y_t, NULL, NULL);
        }
}
static void mix_both(cn_io *io, const cn_real *signal, cn_real *gx, int second) {
    const cn_item *m = io->item;
    size_t in = own_size(io), out = m->out.c * m->in.h * m->in.w, i, j, W = m->out.c * (m->in.c / (size_t)m->arg[1]);
    if (gx) memset(gx, 0, io->n * io->k * in * sizeof *gx);
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++) {
            cn_real *g = io->gtheta ? io->gtheta + j * io->stride : NULL, *to = gx ? gx + (i * io->k + j) * in : NULL;
            const cn_real *s = signal + (i * io->k + j) * out;
            mix_loop(m, io->theta, io->x + i * in, NULL, s, to, g);
            if (g) mix_bias(m, NULL, NULL, s, g + W);
            if (second && to && io->theta_t)
                mix_loop(m, io->theta_t + j * io->stride, NULL, NULL, io->gy + i * out, to, NULL);
            if (second && g && io->x_t)
                mix_loop(m, NULL, io->x_t + (i * io->k + j) * in, NULL, io->gy + i * out, NULL, g);
        }
}
static void mix_backward(cn_io *io) { mix_both(io, io->gy, io->gx, 0); }
static void mix_second(cn_io *io) { mix_both(io, io->gy_t, io->gx_t, 1); }

static void users_affine_row(void) {
    /* the same networks with the user's row and with the built-in one */
    static const char *nets[][2] = {
        {"input 3; mix 4; tanh; mix 3 bias=0; relu; mix 3", "input 3; dense 4; tanh; dense 3 bias=0; relu; dense 3"},
        {"input 4; mix 6 groups=2; gelu; mix 3 groups=3 bias=0; mix 2",
         "input 4; conv 6 1 groups=2; gelu; conv 3 1 groups=3 bias=0; dense 2"},
        {"input 2 2 3; mix 4; relu; mix 4 groups=2; tanh; flatten; mix 2",
         "input 2 2 3; conv 4 1; relu; conv 4 1 groups=2; tanh; flatten; dense 2"},
        {"input 2 2 3; residual { mix 2; relu; mix 3 bias=0 } skip { mix 3 }; relu; gap; flatten",
         "input 2 2 3; residual { conv 2 1; relu; conv 3 1 bias=0 } skip { conv 3 1 }; relu; gap; flatten"}};
    cn_layer rows[OWN_ROWS + 1], mix = CN_ZERO;
    size_t t, i;
    int labels, kind;
    mix.name = "mix";
    mix.args = "out groups=1 bias=1";
    mix.shape = mix_shape;
    mix.forward = mix_forward;
    mix.tangent = mix_tangent;
    mix.backward = mix_backward;
    mix.second = mix_second;
    mix.affine = mix_affine;
    mix.kinks = 1;
    memcpy(rows, own_rows, OWN_ROWS * sizeof *rows);
    rows[OWN_ROWS] = mix;
    for (t = 0; t < sizeof nets / sizeof *nets; t++)
        for (labels = TEST_SIZE(0, (int)t % 2); labels < TEST_SIZE(2, (int)t % 2 + 1); labels++) {
            scene s[2];
            cn_real *out[2];
            cn_problem_desc how = CN_ZERO;
            size_t N, P;
            test_case = nets[t][0];
            how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
            how.chunk = 4;
            for (i = 0; i < 2; i++) {
                scene_net_rows(s + i, nets[t][i], rows, OWN_ROWS + 1);
                CHECK_STATUS(s[i].c.status, CN_OK);
                scene_random(s + i, 9, labels, 8);
                scene_point(s + i, &how, 0);
            }
            P = s[0].P;
            N = s[0].n * s[0].K;
            CHECK(P == s[1].P && cn_net_describe(s[0].net).macs == cn_net_describe(s[1].net).macs &&
                  cn_net_describe(s[0].net).parts == cn_net_describe(s[1].net).parts);
            for (i = 0; i < 2; i++) out[i] = cn_vector(&s[i].c, P * P + N * N + N * P);
#define COMPARE(count, call)                                          \
    do {                                                              \
        for (i = 0; i < 2; i++) {                                     \
            scene *at = s + i;                                        \
            cn_real *to = out[i];                                     \
            (void)at;                                                 \
            call;                                                     \
        }                                                             \
        CHECK_NEAR(test_difference(count, out[0], out[1]), 0, ORDER); \
    } while (0)
            COMPARE(P, cn_evaluate(at->p, at->theta, NULL, to));
            COMPARE(N, cn_predict(at->p, at->theta, NULL, to));
            COMPARE(s[0].n * P, cn_gradients(at->at, block_all(), to));
            for (kind = 0; kind < CN_OP_NTK; kind++) {
                COMPARE(P * P, cn_op_dense(cn_op_of(at->at, kind, block_all()), to));
                COMPARE(P, cn_diagonal(cn_op_of(at->at, kind, block_all()), NULL, to));
                COMPARE(1, *to = (cn_real)cn_trace(cn_op_of(at->at, kind, block_all()), NULL).value);
            }
            COMPARE(1, *to = (cn_real)cn_mls(at->at, NULL).mls);
            check_samples(s);
            check_visits(s);
            if (t == 0) own_blocks(s);
            for (i = 0; i < 2; i++) {
                CHECK_STATUS(s[i].c.status, CN_OK);
                scene_free(s + i);
            }
        }
}

static void users_saved_row(void) {
    static const char *nets[] = {
        "input 3; gain; square; dense 3; square; dense 2",
        "input 2 2 2; conv 3 2 pad=1; square; maxpool 2; gain; bend; flatten; dense 2",
        "input 4; residual { square; dense 4; square } skip { gain; maxpool 1 }; sine; dense 2"};
    size_t t;
    int labels, kind;
    own_saved_missing = 0;
    for (t = 0; t < sizeof nets / sizeof *nets; t++)
        for (labels = 0; labels < 2; labels++) {
            scene s;
            test_case = nets[t];
            make(&s, nets[t], labels, 9, 4);
            check_samples(&s);
            check_visits(&s);
            for (kind = 0; kind < CN_OP_NTK; kind++) {
                cn_real *columns = scene_matrix(&s, kind, block_all(), NULL), *diagonal = cn_vector(&s.c, s.P);
                size_t i;
                double size = 0;
                cn_op *op = cn_op_of(s.at, kind, block_all());
                CHECK_STATUS(cn_diagonal(op, NULL, diagonal).status, CN_OK);
                for (i = 0; i < s.P; i++) size += fabs((double)columns[i * s.P + i]);
                for (i = 0; i < s.P; i++) CHECK_NEAR(diagonal[i], columns[i * s.P + i], ORDER * size);
                CHECK_NEAR(cn_trace(op, NULL).value, trace_of(columns, s.P), ORDER * size);
            }
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    CHECK(!own_saved_missing);
}

/* A user's row that may overwrite its input does so only where nobody reads it again: the same bits as with in_place =
   0. */
static void lean(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2) {
    size_t i;
    (void)arg;
    for (i = 0; i < n; i++) {
        cn_real slope = x[i] > 0 ? 2 : (cn_real)0.5;
        if (f1) f1[i] = slope;
        if (f2) f2[i] = 0;
        if (f) f[i] = slope * x[i];
    }
}
static void users_in_place_row(void) {
    static const char *nets[] = {
        "input 3; lean; dense 4; lean; bend; lean; lean; dense 4; softmax; lean; dense 3; lean",
        "input 2 3 3; conv 3 2; lean; square; lean; maxpool 2 stride=1; lean; flatten; lean; dense 3",
        "input 4; residual { lean; dense 4; lean; bend } skip { lean; bend }; lean; residual { lean }; dense 3",
        ("input 2 2 2; conv 3 1; flatten; lean; residual { dense 12; lean; tanh; lean } skip { lean }; "
         "batchnorm; lean; dense 2")};
    cn_layer rows[OWN_ROWS + 1], row = CN_ZERO;
    size_t t, i, P, N;
    int kind;
    row.name = "lean";
    row.pointwise = lean;
    row.kinks = 1;
    memcpy(rows, own_rows, OWN_ROWS * sizeof *rows);
    for (t = 0; t < sizeof nets / sizeof *nets; t++) {
        scene s[2];
        cn_real *out[2], *v;
        test_case = nets[t];
        for (i = 0; i < 2; i++) {
            row.in_place = (int)i;
            rows[OWN_ROWS] = row;
            scene_net_rows(s + i, nets[t], rows, OWN_ROWS + 1);
            scene_random(s + i, 7, 1, 8);
            scene_point(s + i, NULL, 0);
        }
        P = s[0].P;
        N = s[0].n * s[0].K;
        v = cn_vector(&s[0].c, 2 * P);
        cn_random(3, t, 0, CN_NOISE_NORMAL, 1, 2 * P, v);
        for (i = 0; i < 2; i++) {
            cn_real *to = out[i] = cn_vector(&s[i].c, (2 * CN_OP_COUNT + 1 + s[i].n) * P + 3 * N + 1);
            cn_evaluate(s[i].p, s[i].theta, NULL, to);
            to += P;
            cn_predict(s[i].p, s[i].theta, NULL, to);
            to += N;
            cn_jv(s[i].at, block_all(), 2, v, to);
            to += 2 * N;
            cn_gradients(s[i].at, block_all(), to);
            to += s[i].n * P;
            for (kind = 0; kind < CN_OP_NTK; kind++, to += 2 * P)
                cn_op_apply(cn_op_of(s[i].at, kind, block_all()), 2, v, to);
            *to = (cn_real)cn_mls(s[i].at, NULL).mls;
            CHECK_STATUS(s[i].c.status, CN_OK);
        }
        CHECK(same_bits((2 * CN_OP_COUNT + 1 + s[0].n) * P + 3 * N + 1, out[0], out[1]));
        for (i = 0; i < 2; i++) scene_free(s + i);
    }
}

/* Each row as the only one that might be curved: whether H has G's diagonal is its `kinks`. */
static void curvature_of_rows(void) {
    size_t count, r, i;
    const cn_layer *rows = cn_layers(&count);
    int labels;
    for (r = 0; r < count + OWN_ROWS; r++)
        for (labels = 0; labels < 2; labels++) {
            const char *name = r < count ? rows[r].name : own_rows[r - count].name;
            char net[200];
            scene s;
            cn_real *columns, *diagonal;
            double size = 0;
            cn_op *h;
            sprintf(net, "input 2 3 3; gain; %s%s; flatten; dense 3", name,
                    strcmp(name, "conv") == 0 ? " 2 2"
                    : strstr(name, "pool")    ? " 2"
                                              : "");
            if (strcmp(name, "dense") == 0) strcpy(net, "input 2 3 3; gain; flatten; dense 4; dense 3");
            test_case = net;
            make(&s, net, labels, 5, 2);
            h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
            columns = scene_matrix(&s, CN_OP_HESSIAN, block_all(), NULL);
            diagonal = cn_vector(&s.c, s.P);
            CHECK_STATUS(cn_diagonal(h, NULL, diagonal).status, CN_OK);
            for (i = 0; i < s.P; i++) size += fabs((double)columns[i * s.P + i]);
            for (i = 0; i < s.P; i++) CHECK_NEAR(diagonal[i], columns[i * s.P + i], ORDER * size);
            CHECK_NEAR(cn_trace(h, NULL).value, trace_of(columns, s.P), ORDER * size);
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
}

/* Parts that a row names are parts of a layer as weight and bias are: for traces by norms, Gram matrices, blocks. */
static void named_parts(void) {
    static const char *const nets[] = {"input 4; pair; dense 6; tanh; pair; dense 2",
                                       "input 2 3 2; conv 2 2; pair; flatten",
                                       "input 6; residual { pair; dense 6 }; relu; dense 2"};
    cn_layer rows[OWN_ROWS + 1];
    cn_problem_desc how = CN_ZERO;
    cn_block b;
    size_t t;
    memcpy(rows, own_rows, OWN_ROWS * sizeof *rows);
    rows[OWN_ROWS] = own_rows[1]; /* gain, whose factors have two names */
    rows[OWN_ROWS].name = "pair";
    rows[OWN_ROWS].names = "even odd";
    how.loss = CN_LOSS_SQUARED;
    how.chunk = 2;
    for (t = 0; t < sizeof nets / sizeof *nets; t++) {
        scene s;
        test_case = nets[t];
        scene_net_rows(&s, nets[t], rows, OWN_ROWS + 1);
        scene_random(&s, 5, 0, 21);
        scene_point(&s, &how, 0);
        check_samples(&s);
        b = cn_net_block(&s.c, s.net, t == 0 ? "3.odd" : t == 1 ? "1.odd" : "0.body.0.odd");
        CHECK(b.count == (t == 1 ? 2 : 3));
        CHECK(cn_op_describe(cn_op_of(s.at, CN_OP_SECOND_MOMENT, b)).rows == s.n);
        b.count--;
        CHECK(cn_op_describe(cn_op_of(s.at, CN_OP_SECOND_MOMENT, b)).rows == 0);
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
}

/* y = e^s x: piecewise linear in x, not in its parameters s */
static void growth_forward(cn_io *io) {
    size_t m = own_size(io), i, s;
    for (i = 0; i < io->n; i++)
        for (s = 0; s < m; s++) io->y[i * m + s] = (cn_real)exp((double)io->theta[s]) * io->x[i * m + s];
}
static void growth_tangent(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                a = (i * io->k + j) * m + s;
                io->y_t[a] = (cn_real)exp((double)io->theta[s]) *
                             ((io->x_t ? io->x_t[a] : 0) +
                              (io->theta_t ? io->theta_t[j * io->stride + s] * io->x[i * m + s] : 0));
            }
}
static void growth_backward(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                const cn_real e = (cn_real)exp((double)io->theta[s]);
                a = (i * io->k + j) * m + s;
                if (io->gx) io->gx[a] = e * io->gy[a];
                if (io->gtheta) io->gtheta[j * io->stride + s] += e * io->gy[a] * io->x[i * m + s];
            }
}
static void growth_second(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                const cn_real e = (cn_real)exp((double)io->theta[s]), gy = io->gy[i * m + s], x = io->x[i * m + s],
                              s_t = io->theta_t ? io->theta_t[j * io->stride + s] : 0;
                a = (i * io->k + j) * m + s;
                if (io->gx_t) io->gx_t[a] = e * (io->gy_t[a] + s_t * gy);
                if (io->gtheta)
                    io->gtheta[j * io->stride + s] +=
                        e * (io->gy_t[a] * x + s_t * x * gy + (io->x_t ? io->x_t[a] * gy : 0));
            }
}

/* A row that is not linear in its parameters says `kinks`: every number of H is that of a row which does not. */
static void kinks_of_parameters(void) {
    static const char *nets[] = {"input 3; growth; dense 4; relu; dense 2",
                                 "input 2 2 2; conv 3 1; growth; flatten; dense 3",
                                 "input 4; residual { growth; relu }; dense 2"};
    cn_layer rows[OWN_ROWS + 1], row = CN_ZERO;
    size_t t, i, j;
    int labels;
    row.name = "growth";
    row.shape = own_gain_shape;
    row.forward = growth_forward;
    row.tangent = growth_tangent;
    row.backward = growth_backward;
    row.second = growth_second;
    memcpy(rows, own_rows, OWN_ROWS * sizeof *rows);
    for (t = 0; t < sizeof nets / sizeof *nets; t++)
        for (labels = 0; labels < 2; labels++) {
            double trace[2], squares[2], largest[2], apart = 0;
            cn_real *diagonal[2];
            scene s[2];
            test_case = nets[t];
            for (i = 0; i < 2; i++) {
                double size = 0, sum = 0, h = 1e-5;
                cn_problem_desc how = CN_ZERO;
                cn_op *op;
                cn_real *columns, *away, *up, *down;
                row.kinks = (int)i;
                rows[OWN_ROWS] = row;
                how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
                scene_net_rows(s + i, nets[t], rows, OWN_ROWS + 1);
                scene_random(s + i, 7, labels, 8);
                scene_point(s + i, &how, 0);
                op = cn_op_of(s[i].at, CN_OP_HESSIAN, block_all());
                diagonal[i] = cn_vector(&s[i].c, s[i].P);
                CHECK_STATUS(cn_diagonal(op, NULL, diagonal[i]).status, CN_OK);
                trace[i] = cn_trace(op, NULL).value;
                squares[i] = cn_inner(op, op, NULL).value;
                CHECK_STATUS(cn_eigs(op, NULL, largest + i, NULL, NULL).status, CN_OK);
                columns = scene_matrix(s + i, CN_OP_HESSIAN, block_all(), NULL); /* by products */
                for (j = 0; j < s[i].P; j++) size += fabs((double)columns[j * s[i].P + j]);
                CHECK_NEAR(trace[i], trace_of(columns, s[i].P), ORDER * size);
                for (j = 0; j < s[i].P; j++) CHECK_NEAR(diagonal[i][j], columns[j * s[i].P + j], ORDER * size);
                away = cn_vector(&s[i].c, s[i].size);
                up = cn_vector(&s[i].c, s[i].size);
                down = cn_vector(&s[i].c, s[i].size);
                memcpy(away, s[i].theta, s[i].size * sizeof *away);
                for (j = 0; j < s[i].P; j++) {
                    away[j] = (cn_real)((double)s[i].theta[j] + h);
                    cn_evaluate(s[i].p, away, NULL, up);
                    away[j] = (cn_real)((double)s[i].theta[j] - h);
                    cn_evaluate(s[i].p, away, NULL, down);
                    away[j] = s[i].theta[j];
                    sum += ((double)up[j] - (double)down[j]) / (2 * h);
                }
                /* central differences: h^2 of third derivatives, eps over h of gradients; in float they say nothing */
                if (sizeof(cn_real) == 8) CHECK_NEAR(trace[i], sum, 1e-7 * size);
                CHECK_STATUS(s[i].c.status, CN_OK);
            }
            for (j = 0; j < s[0].P; j++) apart = fmax(apart, fabs((double)diagonal[0][j] - (double)diagonal[1][j]));
            CHECK(apart == 0 && trace[0] == trace[1] && squares[0] == squares[1] && largest[0] == largest[1]);
            for (i = 0; i < 2; i++) scene_free(s + i);
        }
}

/* ---- texts that are refused */

static void refused_texts(void) {
    static const struct {
        const char *text;
        int status;
        const char *words;
    } bad[] = {{"input 4; residual { dense 5 }; dense 2", CN_E_SHAPE,
                "item 0 'residual': its body gives 5 x 1 x 1, its skip 4 x 1 x 1"},
               {"input 2 4 4; relu; residual { conv 3 3 pad=1 } skip { conv 3 2 stride=2 }; flatten; dense 2",
                CN_E_SHAPE, "item 1 'residual': its body gives 3 x 4 x 4, its skip 3 x 2 x 2"},
               {"input 2 4 4; residual { residual { conv 3 1 } }", CN_E_SHAPE,
                "item 0.body.0 'residual': its body gives 3 x 4 x 4, its skip 2 x 4 x 4"},
               {"input 2 2 2; residual { flatten }", CN_E_SHAPE,
                "its body gives 8 x 1 x 1, its skip 2 x 2 x 2"}, /* as many numbers, another shape */
               {"input 4; residual dense 4", CN_E_TEXT, "item 0: '{' is missing"},
               {"input 4; residual", CN_E_TEXT, "item 0: '{' is missing"},
               {"input 4; residual {", CN_E_TEXT, "item 0: '}' is missing"},
               {"input 4; residual { dense 4", CN_E_TEXT, "item 0: '}' is missing"},
               {"input 4; residual { dense 4 # }", CN_E_TEXT, "item 0: '}' is missing"},
               {"input 4; residual { dense 4 } skip", CN_E_TEXT, "skip"},
               {"input 4; residual { dense 4 } skip dense 4", CN_E_TEXT, "item 0: '{' is missing"},
               {"input 4; residual { dense 4 } skip { dense 4; dense 2", CN_E_TEXT, "item 0: '}' is missing"},
               {"input 4; residual { }; dense 2", CN_E_TEXT, "item 0: nothing stands between its braces"},
               {"input 4; residual { ; # dense 4\n }; dense 2", CN_E_TEXT, "item 0: nothing stands between its braces"},
               {"input 4; residual { tanh } skip { }; dense 2", CN_E_TEXT, "item 0: nothing stands between its braces"},
               {"input 4; dense 4 }", CN_E_TEXT, "'}' without its '{'"},
               {"input 4; residual { dense 4 } }", CN_E_TEXT, "'}' without its '{'"},
               {"input 4; dense 4 { relu }", CN_E_TEXT, "item 0 'dense': '{' stands only after 'residual' and 'skip'"},
               {"input 4; { relu }", CN_E_TEXT, "item 0: '{' stands only after 'residual' and 'skip'"},
               {"input 4; skip { relu }", CN_E_TEXT, "item 0 'skip' is not a known layer"},
               {"input 4; residual { tanh; blur 3 }", CN_E_TEXT, "item 0.body.1 'blur' is not a known layer"},
               {"input 4; relu; residual { tanh } skip { tanh; dens 4 }", CN_E_TEXT,
                "item 1.skip.1 'dens' is not a known layer"},
               {"input 4; residual { residual { relu } skip { foo } }", CN_E_TEXT,
                "item 0.body.0.skip.0 'foo' is not a known layer"},
               {"input 4; residual { dense }", CN_E_TEXT, "item 0.body.0 'dense': 'out' is missing"},
               {"input 4; residual { input 4 }", CN_E_TEXT, "item 0.body.0 'input' is not a known layer"},
               {"input 4; residual { residual { residual { residual { residual { residual { relu } } } } } }",
                CN_E_TEXT, "nested too deeply"},
               {"input 2 4 4; conv 2", CN_E_TEXT, "item 0 'conv': 'side' is missing"},
               {"input 2 4 4; conv 2 5", CN_E_SHAPE, "item 0 'conv' on 2 x 4 x 4: the window is larger"},
               {"input 2 4 2; conv 2 3", CN_E_SHAPE, "item 0 'conv' on 2 x 4 x 2: the window is larger"},
               {"input 2 2 4; conv 2 3", CN_E_SHAPE, "item 0 'conv' on 2 x 2 x 4: the window is larger"},
               {"input 2 4 2; maxpool 3", CN_E_SHAPE, "item 0 'maxpool' on 2 x 4 x 2: the window is larger"},
               {"input 2 2 4; maxpool 3", CN_E_SHAPE, "item 0 'maxpool' on 2 x 2 x 4: the window is larger"},
               {"input 2 4 2; relu; avgpool 3", CN_E_SHAPE, "item 1 'avgpool' on 2 x 4 x 2: the window is larger"},
               {"input 2 2 4; relu; avgpool 3", CN_E_SHAPE, "item 1 'avgpool' on 2 x 2 x 4: the window is larger"},
               {"input 2 4 4; conv 2 7 pad=1", CN_E_SHAPE, "the window is larger"},
               {"input 2 4 4; conv 2 65536", CN_E_SHAPE, "above 65535"},
               {"input 2 4 4; conv 2 1e300", CN_E_SHAPE, "whole numbers"},
               {"input 2 4 4; conv 2 0", CN_E_SHAPE, "whole numbers from 1"},
               {"input 2 4 4; conv 0 2", CN_E_SHAPE, "whole numbers from 1"},
               {"input 2 4 4; conv 2.5 2", CN_E_SHAPE, "whole numbers from 1"},
               {"input 2 4 4; conv 2 2 stride=0", CN_E_SHAPE, "stride"},
               {"input 2 4 4; conv 2 2 stride=-1", CN_E_SHAPE, "stride"},
               {"input 2 4 4; conv 2 2 stride=1e6", CN_E_SHAPE, "above 65535"},
               {"input 2 4 4; conv 2 2 pad=-1", CN_E_SHAPE, "pad"},
               {"input 2 4 4; conv 2 2 pad=0.5", CN_E_SHAPE, "pad"},
               {"input 2 4 4; conv 2 2 pad=70000", CN_E_SHAPE, "above 65535"},
               {"input 2 4 4; conv 4 2 groups=0", CN_E_SHAPE, "groups"},
               {"input 3 4 4; conv 4 2 groups=2", CN_E_SHAPE, "groups must divide"},
               {"input 4 4 4; conv 3 2 groups=2", CN_E_SHAPE, "groups must divide"},
               {"input 2 4 4; conv 2 2 bias=2", CN_E_SHAPE, "bias"},
               {"input 4294967295 4 4; conv 4294967295 65535 pad=65535", CN_E_SIZE, "counted"},
               {"input 4 4 4; conv 4294967295 60000 pad=60000", CN_E_SIZE, "item 0 'conv'"},
               {"input 1 4294967295 4294967295; conv 4294967295 1", CN_E_SIZE, "item 0 'conv'"},
               {"input 4294967295 4294967295 1; conv 2 1", CN_E_SIZE, ""},
               {"input 2 4 4; maxpool 5", CN_E_SHAPE, "item 0 'maxpool' on 2 x 4 x 4: the window is larger"},
               {"input 2 4 4; maxpool 0", CN_E_SHAPE, "whole numbers"},
               {"input 2 4 4; avgpool 2 stride=-2", CN_E_SHAPE, "whole numbers"},
               {"input 2 4 4; avgpool 2.5", CN_E_SHAPE, "whole numbers"},
               {"input 2 4 4; maxpool 2 1 1", CN_E_TEXT, "has no argument"},
               {"input 2 4 4; gap 2", CN_E_TEXT, "has no argument"},
               {"input 2 4 4; dense 3", CN_E_SHAPE, "flatten"},
               {"input 4; dropout 1", CN_E_SHAPE, "the share dropped"},
               {"input 4; dropout -0.1", CN_E_SHAPE, "the share dropped"},
               {"input 4; batchnorm 3", CN_E_TEXT, "has no argument"},
               {"input 2 4", CN_E_TEXT, "one size"},
               {"input 2 4 0; gap", CN_E_TEXT, "whole number"}};
    static const char *good[] = {
        "input 4; residual{tanh}",
        "input 4; residual\n{\n tanh # {\n}\nskip\n{ dense 4 }\ndense 2",
        "input 4; residual { residual { residual { residual { residual { relu } } } } }; dense 1",
        "input 4; residual { tanh; }; ; residual { tanh ;} skip {;dense 4 };",
        "input 1 1 1; conv 1 65535 pad=32767",
        "input 2 4 4; conv 2 4 stride=65535; flatten; dense 2"};
    size_t i, before;
    static cn_ctx c;
    cn_net *net;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case = bad[i].text;
        before = c.bytes_now;
        CHECK(cn_net_create(&c, bad[i].text) == NULL);
        /* 32 bits: `input` is too large already */
        CHECK_SENTENCE(&c, bad[i].status, sizeof(size_t) == 4 && bad[i].status == CN_E_SIZE ? "" : bad[i].words);
        CHECK(c.bytes_now == before);
        cn_clear(&c);
    }
    for (i = 0; i < sizeof good / sizeof *good; i++) {
        /* its 4e9 weights are more than 32 bits address */
        if (sizeof(size_t) == 4 && strstr(good[i], "65535 pad")) continue;
        test_case = good[i];
        net = cn_net_create(&c, good[i]);
        CHECK_STATUS(c.status, CN_OK);
        CHECK(net != NULL);
        cn_free(&c, net);
        cn_clear(&c);
    }
    { /* of a residual without skip, the word after it may begin as `skip` */
        cn_layer row = own_rows[0];
        row.name = "skipper";
        row.args = NULL;
        row.pointwise = own_triple;
        test_case = "skipper";
        c.layers = &row;
        c.layer_count = 1;
        CHECK(cn_net_describe(cn_net_create(&c, "input 2; residual { tanh } skipper; dense 1")).params == 3);
        CHECK_STATUS(c.status, CN_OK);
    }
    cn_free_all(&c);
}

/* ---- bad input of the calls on points */

static void bad_input(void) {
    scene s;
    cn_visit_desc d = CN_ZERO;
    double gram[16 * 81];
    cn_real *out;
    size_t calls = 0;
    cn_block wrong;
    make(&s, "input 2 3 3; conv 2 2; batchnorm; relu; residual { conv 2 1 }; flatten; dense 2", 1, 6, 4);
    out = cn_vector(&s.c, s.n * s.P);
    REFUSED_STATUS(cn_visit(s.at, NULL, NULL, NULL), CN_E_ARGUMENT, "the callback is missing");
    d.item = "9";
    REFUSED_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_E_ARGUMENT, "'9'");
    d.item = "2";
    REFUSED_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_E_ARGUMENT, "'2' is no dense, conv or batchnorm item");
    d.item = "3";
    REFUSED_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_E_ARGUMENT, "'3'");
    d.item = "";
    d.want = CN_WANT_DELTA;
    REFUSED_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_E_ARGUMENT, "as a whole");
    d.item = NULL;
    d.want = 2 * CN_WANT_PATCHES;
    REFUSED_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_E_ARGUMENT, "unknown bits");
    d.want = CN_WANT_TANGENT;
    REFUSED_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_E_ARGUMENT, "inject is missing");
    CHECK(calls == 0);
    d.want = CN_WANT_DELTA;
    d.item = "3.body.0";
    CHECK_STATUS(cn_visit(s.at, &d, count_calls, &calls), CN_OK);
    CHECK(calls == s.n);
    CHECK_STATUS(cn_visit(NULL, &d, count_calls, &calls), CN_E_ARGUMENT);
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, block_all(), NULL), CN_E_ARGUMENT, "out is missing");
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_HESSIAN, block_all(), gram), CN_E_ARGUMENT, "kind");
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_NTK, block_all(), gram), CN_E_ARGUMENT, "kind");
    REFUSED_STATUS(cn_gram(s.at, NULL, -1, block_all(), gram), CN_E_ARGUMENT, "kind");
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, block_of(0, s.P - 1), gram), CN_E_ARGUMENT,
                   "one part of a layer");
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_JACOBIAN_MOMENT, block_of(1, s.P - 1), gram), CN_E_ARGUMENT,
                   "one part of a layer");
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_JACOBIAN_MOMENT, block_of(3, 4), gram), CN_E_ARGUMENT,
                   "one part of a layer");
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_JACOBIAN_MOMENT, block_of(s.P, 1), gram), CN_E_ARGUMENT, "block");
    REFUSED_STATUS(cn_gradients(s.at, block_all(), NULL), CN_E_ARGUMENT, "out is missing");
    REFUSED_STATUS(cn_gradients(s.at, block_of(1, s.P), out), CN_E_ARGUMENT, "block");
    REFUSED_STATUS(cn_gradients(s.at, block_of(4, 0), out), CN_E_ARGUMENT, "block");
    wrong = cn_net_block(&s.c, s.net, "0.wight");
    cn_clear(&s.c);
    REFUSED_STATUS(cn_gradients(s.at, wrong, out), CN_E_ARGUMENT, "block"); /* never "all" */
    REFUSED_STATUS(cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, wrong, gram), CN_E_ARGUMENT, "block");
    CHECK(cn_op_of(s.at, CN_OP_HESSIAN, wrong) == NULL);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "block");
    cn_clear(&s.c);
    REFUSED_STATUS(cn_recalibrate(s.p, NULL, 4), CN_E_ARGUMENT, "theta is missing");
    REFUSED_STATUS(cn_diagonal(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), NULL, NULL).status, CN_E_ARGUMENT, "");
    CHECK(cn_op_of(s.at, CN_OP_COUNT, block_all()) == NULL);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "not a kind");
    cn_clear(&s.c);
    CHECK_STATUS(cn_recalibrate(NULL, out, 4), CN_E_ARGUMENT);
    CHECK_STATUS(cn_gram(NULL, NULL, CN_OP_SECOND_MOMENT, block_all(), gram), CN_E_ARGUMENT);
    CHECK_STATUS(cn_gradients(NULL, block_all(), out), CN_E_ARGUMENT);
    { /* a loss that cannot draw has no sampled Fisher */
        cn_problem_desc how = CN_ZERO;
        cn_data data = s.data;
        cn_real *targets = cn_vector(&s.c, s.n * s.K);
        cn_point *at;
        how.custom = own_losses + 1;
        data.y = cn_tensor_of(targets, CN_TYPE_REAL, 2, s.n, s.K, 0, 0);
        at = cn_point_create(cn_problem_create(&s.c, s.net, &data, &how), s.theta, 0);
        CHECK(at != NULL && cn_op_of(at, CN_OP_FISHER_SAMPLED, block_all()) == NULL);
        CHECK_SENTENCE(&s.c, CN_E_UNSUITED, "cannot draw labels");
        cn_clear(&s.c);
    }
    CHECK_STATUS(cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, block_all(), gram), CN_OK); /* the calls after them work */
    CHECK_STATUS(cn_gradients(s.at, block_all(), out), CN_OK);
    s.c.status = CN_E_DATA; /* an error sticks */
    CHECK_STATUS(cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, block_all(), gram), CN_E_DATA);
    CHECK_STATUS(cn_visit(s.at, NULL, count_calls, &calls), CN_E_DATA);
    CHECK_STATUS(cn_recalibrate(s.p, s.theta, 4), CN_E_DATA);
    CHECK_STATUS(cn_gradients(s.at, block_all(), out), CN_E_DATA);
    cn_clear(&s.c);
    scene_free(&s);
}

TEST_MAIN {
    int g;
    CASE("golden values of PyTorch") for (g = 0; g < GOLDEN_LAYERS_NETS; g += TEST_SIZE(1, 8)) {
        golden_values(g, 0, 0);
        golden_values(g, 3, (size_t)1 << 14);
    }
    CASE("samples, blocks, visits of the golden networks") for (g = 0; g < GOLDEN_LAYERS_NETS; g += TEST_SIZE(1, 7)) {
        scene s;
        test_case = golden_layers_nets[g].name;
        scene_layers(&s, g, NULL, 0);
        check_samples(&s);
        check_visits(&s);
        own_blocks(&s);
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
    CASE("a change of activity at the first item") first_items();
    CASE("tails of networks") tails_of_networks();
    CASE("a visit is stopped") stopped_visits();
    CASE("names of parts and blocks") names_of_parts();
    CASE("pooling: ties and NaN") pool_conventions();
    CASE("parts that a row names") named_parts();
    CASE("kinks of parameters") kinks_of_parameters();
    CASE("kinks at zero") kinks_at_zero();
    CASE("NaN passes") nan_passes();
    CASE("dropout") dropout_masks();
    CASE("gradients in train mode") train_gradients();
    CASE("running statistics") running_statistics();
    CASE("recalibration") recalibration();
    CASE("batches of one") batches_of_one();
    CASE("estimators are in eval mode") estimators_in_eval_mode();
    CASE("sampled Fisher") {
        sampled_fisher("input 2; dense 2; tanh; dense 3", CN_LOSS_CROSS_ENTROPY);
        sampled_fisher("input 2; dense 2; tanh; dense 2", CN_LOSS_SQUARED);
    }
    CASE("a user's affine row") users_affine_row();
    CASE("a user's row that saves") users_saved_row();
    CASE("a user's row in place") users_in_place_row();
    CASE("the curvature of each row") curvature_of_rows();
    CASE("texts that are refused") refused_texts();
    CASE("bad input") bad_input();
}
