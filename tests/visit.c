/* visit.c: what a pass over the data shows, and what is built on it: every want of cn_visit alone and in pairs, Gram
   matrices of two points, problems without labels, labels and data that change, augmentation, stops and refusals. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

/* Sums of some hundred terms in another order: some hundred eps of the largest entry. */
#define ORDER (1000 * TEST_EPS)
/* Central differences, double only: derivatives.c says why 1e-6. */
#define STEP 1e-5
#define STEP_TOLERANCE 1e-6
#define IN_DOUBLE (sizeof(cn_real) == 8)

/* ---- a row of one's own whose output is W times patches that are its input as it lies: mix M, y[r][p] = sum over c of
   W[r][c] x[c][p] + b[r] */

static int mix_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    item->out.c = (size_t)item->arg[0];
    item->params = item->out.c * (item->in.c + 1);
    return CN_OK;
}
static void mix_affine(const cn_item *item, cn_affine *out) {
    out->positions = item->in.h * item->in.w;
    out->rows = item->out.c;
    out->cols = item->in.c;
    out->bias = 1;
    out->groups = 1;
}
/* y += W x of one sample, or x += W'y */
static void mix_times(const cn_io *io, const cn_real *W, int back, const cn_real *from, cn_real *to) {
    size_t P = io->item->in.h * io->item->in.w, C = io->item->in.c, M = io->item->out.c, r, c, p;
    for (r = 0; r < M; r++)
        for (c = 0; c < C; c++)
            for (p = 0; p < P; p++) {
                if (back)
                    to[c * P + p] += W[r * C + c] * from[r * P + p];
                else
                    to[r * P + p] += W[r * C + c] * from[c * P + p];
            }
}
static void mix_bias(const cn_io *io, const cn_real *b, cn_real *y) {
    size_t P = io->item->in.h * io->item->in.w, i;
    for (i = 0; i < io->item->out.c * P; i++) y[i] += b[i / P];
}
static void mix_gradient(const cn_io *io, const cn_real *signal, const cn_real *x, int bias, cn_real *g) {
    size_t P = io->item->in.h * io->item->in.w, C = io->item->in.c, M = io->item->out.c, r, c, p;
    for (r = 0; r < M; r++)
        for (p = 0; p < P; p++) {
            for (c = 0; c < C; c++) g[r * C + c] += signal[r * P + p] * x[c * P + p];
            if (bias) g[M * C + r] += signal[r * P + p];
        }
}
enum { MIX_FORWARD, MIX_TANGENT, MIX_BACKWARD, MIX_SECOND };
static void mix_run(cn_io *io, int what) {
    size_t P = io->item->in.h * io->item->in.w, in = io->item->in.c * P, out = io->item->out.c * P, i, j;
    size_t W = io->item->in.c * io->item->out.c, k = what == MIX_FORWARD ? 1 : io->k;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < k; j++) {
            size_t a = i * k + j;
            const cn_real *t = io->theta_t ? io->theta_t + j * io->stride : NULL, *x = io->x + i * in;
            cn_real *g = io->gtheta ? io->gtheta + j * io->stride : NULL;
            if (what == MIX_FORWARD) {
                memset(io->y + a * out, 0, out * sizeof(cn_real));
                mix_times(io, io->theta, 0, x, io->y + a * out);
                mix_bias(io, io->theta + W, io->y + a * out);
            } else if (what == MIX_TANGENT) {
                memset(io->y_t + a * out, 0, out * sizeof(cn_real));
                if (io->x_t) mix_times(io, io->theta, 0, io->x_t + a * in, io->y_t + a * out);
                if (t) mix_times(io, t, 0, x, io->y_t + a * out);
                if (t) mix_bias(io, t + W, io->y_t + a * out);
            } else {
                const cn_real *signal = (what == MIX_BACKWARD ? io->gy : io->gy_t) + a * out;
                cn_real *gx = what == MIX_BACKWARD ? io->gx : io->gx_t;
                if (gx) memset(gx + a * in, 0, in * sizeof(cn_real));
                if (gx) mix_times(io, io->theta, 1, signal, gx + a * in);
                if (g) mix_gradient(io, signal, x, 1, g);
                if (what == MIX_BACKWARD) continue;
                if (gx && t) mix_times(io, t, 1, io->gy + i * out, gx + a * in);
                if (g && io->x_t) mix_gradient(io, io->gy + i * out, io->x_t + a * in, 0, g);
            }
        }
}
static void mix_forward(cn_io *io) { mix_run(io, MIX_FORWARD); }
static void mix_tangent(cn_io *io) { mix_run(io, MIX_TANGENT); }
static void mix_backward(cn_io *io) { mix_run(io, MIX_BACKWARD); }
static void mix_second(cn_io *io) { mix_run(io, MIX_SECOND); }

/* poison: y = x, whose backward gives NaN for the signals of a sample with x[0] > 100 */
static void poison_linear(cn_io *io, const cn_real *from, cn_real *to, int poisoned) {
    size_t m = io->item->in.c * io->item->in.h * io->item->in.w, i;
    if (!to) return;
    for (i = 0; i < io->n * io->k * m; i++) {
        to[i] = from[i];
        if (poisoned && io->x[i / (io->k * m) * m] > 100) to[i] = (cn_real)NAN;
    }
}
static int poison_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    return CN_OK;
}
static void poison_forward(cn_io *io) {
    io->k = 1;
    poison_linear(io, io->x, io->y, 0);
}
static void poison_tangent(cn_io *io) { poison_linear(io, io->x_t, io->y_t, 0); }
static void poison_backward(cn_io *io) { poison_linear(io, io->gy, io->gx, 1); }
static void poison_second(cn_io *io) { poison_linear(io, io->gy_t, io->gx_t, 1); }

static cn_layer rows[OWN_ROWS + 2];
static void rows_of_ones_own(void) {
    cn_layer mix = {"mix",      "out",      NULL, mix_shape, mix_forward, mix_tangent, mix_backward,
                    mix_second, mix_affine, 1,    0,         NULL,        NULL,        NULL,
                    NULL,       0,          0};
    cn_layer poison = {"poison",
                       NULL,
                       NULL,
                       poison_shape,
                       poison_forward,
                       poison_tangent,
                       poison_backward,
                       poison_second,
                       NULL,
                       1,
                       0,
                       NULL,
                       NULL,
                       NULL,
                       NULL,
                       0,
                       0};
    memcpy(rows, own_rows, sizeof own_rows[0] * OWN_ROWS);
    rows[OWN_ROWS] = mix;
    rows[OWN_ROWS + 1] = poison;
}

/* ---- networks. linear: piecewise linear, so that B = R'R. Of items at the top: the layer alone, and what follows. */

typedef struct item_text {
    const char *name, *alone, *tail; /* tail NULL: not at the top */
} item_text;
typedef struct network {
    const char *text;
    int labels, linear;
    item_text item[6];
} network;
static const network networks[] = {
    {"input 4; dense 5; relu; dense 4 bias=0; leaky 0.1; dense 3",
     1,
     1,
     {{"0", "input 4; dense 5", "input 5; relu; dense 4 bias=0; leaky 0.1; dense 3"},
      {"2", "input 5; dense 4 bias=0", "input 4; leaky 0.1; dense 3"},
      {"4", "input 4; dense 3", "input 3; flatten"}}},
    {"input 5; dense 4; tanh; dense 6; gelu; dense 3",
     0,
     0,
     {{"0", "input 5; dense 4", "input 4; tanh; dense 6; gelu; dense 3"},
      {"2", "input 4; dense 6", "input 6; gelu; dense 3"},
      {"4", "input 6; dense 3", "input 3; flatten"}}},
    {"input 2 5 5; conv 4 3 stride=2 pad=1 groups=2; relu; maxpool 2 stride=1; conv 6 2; flatten; dense 3",
     1,
     1,
     {{"0", "input 2 5 5; conv 4 3 stride=2 pad=1 groups=2",
       "input 4 3 3; relu; maxpool 2 stride=1; conv 6 2; flatten; dense 3"},
      {"3", "input 4 2 2; conv 6 2", "input 6 1 1; flatten; dense 3"},
      {"5", "input 6; dense 3", "input 3; flatten"}}},
    {"input 2 4 4; conv 4 3 pad=1; batchnorm; silu; residual { conv 4 3 pad=1 groups=4; batchnorm; tanh }; avgpool 2; "
     "flatten; dense 3",
     1,
     0,
     {{"0", "input 2 4 4; conv 4 3 pad=1",
       "input 4 4 4; batchnorm; silu; residual { conv 4 3 pad=1 groups=4; batchnorm; tanh }; avgpool 2; flatten; "
       "dense 3"},
      {"1", "input 4 4 4; batchnorm",
       "input 4 4 4; silu; residual { conv 4 3 pad=1 groups=4; batchnorm; tanh }; avgpool 2; flatten; dense 3"},
      {"3.body.0", "input 4 4 4; conv 4 3 pad=1 groups=4", NULL},
      {"3.body.1", "input 4 4 4; batchnorm", NULL},
      {"6", "input 16; dense 3", "input 3; flatten"}}},
    {"input 4; dense 5; gain; sine w=0.7; residual { dense 5; bend } skip { dense 5 bias=0 }; square; dense 3",
     0,
     0,
     {{"0", "input 4; dense 5",
       "input 5; gain; sine w=0.7; residual { dense 5; bend } skip { dense 5 bias=0 }; square; dense 3"},
      {"3.body.0", "input 5; dense 5", NULL},
      {"3.skip.0", "input 5; dense 5 bias=0", NULL},
      {"5", "input 5; dense 3", "input 3; flatten"}}},
    {"input 2 2 3; mix 3; softplus; mix 2; relu; gap; flatten; dropout 0.3; dense 3; softmax",
     0,
     0,
     {{"0", "input 2 2 3; mix 3", "input 3 2 3; softplus; mix 2; relu; gap; flatten; dropout 0.3; dense 3; softmax"},
      {"2", "input 3 2 3; mix 2", "input 2 2 3; relu; gap; flatten; dropout 0.3; dense 3; softmax"},
      {"7", "input 2; dense 3", "input 3; softmax"}}},
    /* outputs as many as the sides of the products, and z wider than all of them: room for Z_FACTOR's own product */
    {"input 2 4 4; batchnorm; conv 16 1; relu; gap; flatten",
     1,
     1,
     {{"0", "input 2 4 4; batchnorm", "input 2 4 4; conv 16 1; relu; gap; flatten"},
      {"1", "input 2 4 4; conv 16 1", "input 16 4 4; relu; gap; flatten"}}}};
enum { NETWORKS = sizeof networks / sizeof *networks };

static void open_net(scene *s, const char *text, int labels, size_t n, size_t chunk) {
    cn_problem_desc how = CN_ZERO;
    how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.chunk = chunk;
    scene_net_rows(s, text, rows, OWN_ROWS + 2);
    if (!s->net) printf("       %s: %s\n", text, s->c.message);
    scene_random(s, n, labels, 5);
    scene_point(s, &how, 0);
}

/* ---- a book of all that was shown, sample by sample */

enum {
    DELTA,
    GRADIENT,
    NORM,
    Z_JACOBIAN,
    A_JACOBIAN,
    X_JACOBIAN,
    X_GRADIENT,
    JACOBIAN_NORM,
    Z_HESSIAN,
    Z_FACTOR,
    TANGENT,
    PATCHES,
    WANTS, /* bit f of want is field f of the book */
    A_T = WANTS,
    ACTIVITY,
    X,
    OUTPUTS,
    TARGET,
    RESIDUAL,
    LOSS,
    LABEL,
    FIELDS
};
enum { ALL_WANTS = (1 << WANTS) - 1 };

typedef struct book {
    double *field[FIELDS];
    size_t count[FIELDS], views, samples, tangents;
    unsigned want;
    int bad, labelled, chunks, given; /* given: a_t is not made, but all 1 at place given - 1 */
    const cn_real *theta;
    scene *s;
    size_t stop; /* at this view, from 1 */
    /* of the last view */
    cn_affine affine;
    size_t in, out, params, first; /* first: of its parameters in theta */
} book;

static void put(book *b, int field, size_t n, const double *d, const cn_real *r) {
    size_t i, at = b->count[field];
    if (!n || (!d && !r)) return;
    b->field[field] = (double *)realloc(b->field[field], (at + n) * sizeof(double));
    for (i = 0; i < n; i++) b->field[field][at + i] = d ? d[i] : (double)r[i];
    b->count[field] += n;
}

static size_t patches_of(const cn_view *v) { return v->affine.groups * v->affine.cols * v->affine.positions; }

static int note_view(void *user, const cn_view *v) {
    book *b = (book *)user;
    size_t K = v->outputs, M = v->inputs, r;
    double label;
    unsigned w = b->want;
    int whole = !*v->name;
    b->views++;
    /* what is there, and nothing else */
    if (!v->delta != !(w & CN_WANT_DELTA) || !v->gradient != !(w & CN_WANT_GRADIENT) ||
        !v->norm2 != !(w & (CN_WANT_GRADIENT | CN_WANT_NORM)) || !v->z_jacobian != !(w & CN_WANT_Z_JACOBIAN) ||
        !v->a_jacobian != !(w & CN_WANT_A_JACOBIAN) || !v->x_jacobian != !(w & CN_WANT_X_JACOBIAN) ||
        !v->x_gradient != !(w & CN_WANT_X_GRADIENT) || !v->jacobian_norm2 != !(w & CN_WANT_JACOBIAN_NORM) ||
        !v->z_hessian != !(w & CN_WANT_Z_HESSIAN) || !v->z_factor != !(w & CN_WANT_Z_FACTOR) ||
        !v->delta_t != !(w & CN_WANT_TANGENT) || !v->a_t != !(w & CN_WANT_TANGENT) ||
        !v->patches != !(w & CN_WANT_PATCHES) || !v->loss != !b->labelled || !v->target != !b->labelled ||
        !v->residual != !b->labelled || !v->a || !v->x || !v->f || !v->label)
        b->bad = 1;
    if (K != b->s->K || M != b->s->M || v->k != (b->tangents ? b->tangents : 1)) b->bad = 2;
    if (!b->chunks && v->n != 1) b->bad = 3;
    if (!whole && (v->weight < b->theta || v->weight + v->params > b->theta + b->s->P)) b->bad = 4;
    b->affine = v->affine;
    b->in = v->in;
    b->out = v->out;
    b->params = v->params;
    b->first = whole ? 0 : (size_t)(v->weight - b->theta);
    for (r = 0; r < v->n; r++) {
        put(b, DELTA, v->out, NULL, v->delta ? v->delta + r * v->out : NULL);
        put(b, GRADIENT, v->params, NULL, v->gradient ? v->gradient + r * v->params : NULL);
        put(b, NORM, 2, v->norm2 ? v->norm2 + 2 * r : NULL, NULL);
        put(b, Z_JACOBIAN, K * v->out, NULL, v->z_jacobian ? v->z_jacobian + r * K * v->out : NULL);
        put(b, A_JACOBIAN, K * v->in, NULL, v->a_jacobian ? v->a_jacobian + r * K * v->in : NULL);
        put(b, X_JACOBIAN, K * M, NULL, v->x_jacobian ? v->x_jacobian + r * K * M : NULL);
        put(b, X_GRADIENT, M, NULL, v->x_gradient ? v->x_gradient + r * M : NULL);
        put(b, JACOBIAN_NORM, 2, v->jacobian_norm2 ? v->jacobian_norm2 + 2 * r : NULL, NULL);
        put(b, Z_HESSIAN, v->out * v->out, NULL, v->z_hessian ? v->z_hessian + r * v->out * v->out : NULL);
        put(b, Z_FACTOR, K * v->out, NULL, v->z_factor ? v->z_factor + r * K * v->out : NULL);
        put(b, TANGENT, v->k * v->out, NULL, v->delta_t ? v->delta_t + r * v->k * v->out : NULL);
        put(b, A_T, v->k * v->in, NULL, v->a_t ? v->a_t + r * v->k * v->in : NULL);
        put(b, PATCHES, patches_of(v), NULL, v->patches ? v->patches + r * patches_of(v) : NULL);
        put(b, ACTIVITY, v->in, NULL, v->a + r * v->in);
        put(b, X, M, NULL, v->x + r * M);
        put(b, OUTPUTS, K, NULL, v->f + r * K);
        put(b, TARGET, K, NULL, v->target ? v->target + r * K : NULL);
        put(b, RESIDUAL, K, NULL, v->residual ? v->residual + r * K : NULL);
        put(b, LOSS, 1, v->loss ? v->loss + r : NULL, NULL);
        label = v->label[r];
        put(b, LABEL, 1, &label, NULL);
    }
    b->samples += v->n;
    return b->stop && b->views == b->stop;
}

/* a change of the activity that is a function of sample, tangent and place */
static int note_inject(void *user, const cn_view *v, cn_real *a_t) {
    book *b = (book *)user;
    size_t r, j, e;
    if (v->delta || v->gradient || v->norm2 || v->z_jacobian || v->a_jacobian || v->x_jacobian || v->x_gradient ||
        v->jacobian_norm2 || v->z_hessian || v->z_factor || v->delta_t || v->a_t || v->patches)
        b->bad = 5; /* not yet there */
    if (!v->a || !v->weight || !v->f) b->bad = 6;
    for (r = 0; r < v->n; r++)
        for (j = 0; j < v->k; j++) {
            cn_real *to = a_t + (r * v->k + j) * v->in;
            uint64_t stream = (uint64_t)(v->sample + r) * 8 + (b->given ? (size_t)b->given - 1 : j);
            cn_random(77, stream, 0, CN_NOISE_NORMAL, 1, v->in, to);
            for (e = 0; e < v->in; e++) to[e] += (cn_real)0.1 * v->a[r * v->in + e];
        }
    return 0;
}

static int run_book(book *b, scene *s, cn_point *at, const char *item, unsigned want, int chunks, size_t tangents) {
    cn_visit_desc d = CN_ZERO;
    int status, given = b->given;
    size_t stop = b->stop;
    memset(b, 0, sizeof *b);
    b->given = given;
    b->stop = stop;
    b->s = s;
    b->want = want;
    b->chunks = chunks;
    b->tangents = tangents;
    b->labelled = s->label || s->target;
    b->theta = cn_point_describe(at).theta;
    d.want = want;
    d.item = item;
    d.chunks = chunks;
    d.tangents = tangents;
    d.inject = note_inject;
    status = cn_visit(at, &d, note_view, b);
    CHECK(b->bad == 0);
    if (b->bad) printf("       %d, item %s, want %u\n", b->bad, item ? item : "all", want);
    return status;
}
static void fill(book *b, scene *s, cn_point *at, const char *item, unsigned want, int chunks, size_t tangents) {
    b->given = 0;
    b->stop = 0;
    CHECK_STATUS(run_book(b, s, at, item, want, chunks, tangents), CN_OK);
    if (s->c.status) printf("       %s\n", s->c.message);
}
static void close_book(book *b) {
    size_t i;
    for (i = 0; i < FIELDS; i++) free(b->field[i]);
    memset(b, 0, sizeof *b);
}
static int same_field(const book *a, const book *b, int f) {
    return a->count[f] == b->count[f] &&
           (!a->count[f] || memcmp(a->field[f], b->field[f], a->count[f] * sizeof(double)) == 0);
}
static int same_books(const book *a, const book *b) {
    int f;
    for (f = 0; f < FIELDS; f++)
        if (!same_field(a, b, f)) {
            printf("       field %d differs\n", f);
            return 0;
        }
    return 1;
}

static double most_in(const double *a, size_t n) {
    double most = 0;
    for (; n > 0; n--, a++) most = fmax(most, fabs(*a));
    return most;
}
static cn_real *reals(scene *s, const double *a, size_t n) { return scene_reals(s, n, a); }

/* ---- values */

/* theta of a layer alone, or of what follows it: parts of the same end of the name (alone), or the last ones */
static cn_real *theta_alone(scene *s, const char *item, cn_net *net) {
    cn_real *theta = cn_vector(&s->c, cn_net_describe(net).size);
    size_t i, j, length = strlen(item);
    cn_part to, from;
    for (i = 0; i < cn_net_describe(net).parts; i++) {
        cn_net_part(net, theta, i, &to);
        for (j = 0; j < cn_net_describe(s->net).parts; j++) {
            cn_net_part(s->net, s->theta, j, &from);
            if (strncmp(from.name, item, length) == 0 && strcmp(from.name + length, strchr(to.name, '.')) == 0)
                memcpy(to.value.data, from.value.data, cn_count(to.value) * sizeof *theta);
        }
    }
    return theta;
}
static cn_real *theta_tail(scene *s, cn_net *net) {
    cn_net_info info = cn_net_describe(net);
    cn_real *theta = cn_vector(&s->c, info.size);
    memcpy(theta, s->theta + s->P - info.params, info.params * sizeof *theta);
    memcpy(theta + info.params, s->theta + s->size - info.state, info.state * sizeof *theta);
    return theta;
}

/* df/dx [n][K][M] by central differences of cn_forward, in double */
static double *forward_differences(scene *s, cn_net *net, const cn_real *theta, size_t n, const cn_real *x) {
    size_t M = cn_net_describe(net).inputs, K = cn_net_describe(net).outputs, i, j, k;
    cn_real *moved = cn_vector(&s->c, 2 * n * M * M), *f = cn_vector(&s->c, 2 * n * M * K);
    double *out = (double *)malloc(n * K * M * sizeof(double));
    for (i = 0; i < n; i++)
        for (j = 0; j < M; j++)
            for (k = 0; k < 2; k++) {
                cn_real *to = moved + ((i * M + j) * 2 + k) * M;
                memcpy(to, x + i * M, M * sizeof *to);
                to[j] += (cn_real)(k ? -STEP : STEP);
            }
    CHECK_STATUS(cn_forward(&s->c, net, theta, cn_tensor_of(moved, CN_TYPE_REAL, 2, 2 * n * M, M, 0, 0), f), CN_OK);
    for (i = 0; i < n; i++)
        for (j = 0; j < M; j++)
            for (k = 0; k < K; k++)
                out[(i * K + k) * M + j] =
                    ((double)f[(i * M + j) * 2 * K + k] - (double)f[((i * M + j) * 2 + 1) * K + k]) / (2 * STEP);
    cn_free(&s->c, moved);
    cn_free(&s->c, f);
    return out;
}

static void check_near(const double *got, const double *wanted, size_t n, double tolerance) {
    double most = 0, e = 0;
    size_t i;
    for (i = 0; i < n; i++) {
        most = fmax(most, fabs(wanted[i]));
        if (!(fabs(got[i] - wanted[i]) <= e)) e = fabs(got[i] - wanted[i]);
    }
    CHECK_NEAR(e, 0, tolerance * fmax(most, 1e-300));
}

/* out [n][rows][cols] = a [n][rows][m] b [n][m][cols] */
static double *products(const double *a, const double *b, size_t n, size_t r, size_t m, size_t c, int a_turned) {
    double *out = (double *)calloc(n * r * c, sizeof *out);
    size_t i, x, y, z;
    for (i = 0; i < n; i++)
        for (x = 0; x < r; x++)
            for (y = 0; y < c; y++)
                for (z = 0; z < m; z++)
                    out[(i * r + x) * c + y] +=
                        (a_turned ? a[(i * m + z) * r + x] : a[(i * r + x) * m + z]) * b[(i * m + z) * c + y];
    return out;
}

static void check_item(scene *s, const network *net, const item_text *item) {
    size_t n = s->n, K = s->K, i, j, r, weights, params, out, in, P = s->P, positions;
    book b;
    cn_block block = cn_net_block(&s->c, s->net, item->name);
    cn_real *g = cn_vector(&s->c, n * P), *jac = scene_jacobian(s, block_all()), *theta, *a, *a_t, *z, *z_t, *zero;
    cn_net *alone = cn_net_create(&s->c, item->alone);
    double *p, *q;
    fill(&b, s, s->at, item->name, ALL_WANTS, 0, 3);
    CHECK_STATUS(cn_gradients(s->at, block_all(), g), CN_OK);
    in = b.in, out = b.out, params = b.params, positions = b.affine.positions;
    weights = b.affine.rows * b.affine.cols;
    CHECK(b.views == n && b.first == block.first && params == block.count);
    /* gradients, norms, norms of Jacobians */
    for (i = 0; i < n; i++) {
        double squares[4] = {0, 0, 0, 0};
        for (j = 0; j < params; j++) {
            double v = (double)g[i * P + block.first + j];
            CHECK(b.field[GRADIENT][i * params + j] == v);
            squares[j >= weights] += v * v;
            for (r = 0; r < K; r++) {
                v = (double)jac[(i * K + r) * P + block.first + j];
                squares[2 + (j >= weights)] += v * v;
            }
        }
        for (j = 0; j < 2; j++) {
            CHECK_RELATIVE(b.field[NORM][2 * i + j], squares[j], ORDER);
            CHECK_RELATIVE(b.field[JACOBIAN_NORM][2 * i + j], squares[2 + j], ORDER);
        }
    }
    /* delta and z_jacobian times patches are the gradient and the Jacobian by the weight, their sums those by the
       bias */
    for (i = 0; i < n * (K + 1); i++) {
        size_t sample = i < n ? i : (i - n) / K, group = b.affine.rows / b.affine.groups, e;
        const double *signal = i < n ? b.field[DELTA] + i * out : b.field[Z_JACOBIAN] + (i - n) * out;
        const cn_real *wanted = (i < n ? g + i * P : jac + (i - n) * P) + block.first;
        const double *patches = b.field[PATCHES] + sample * b.affine.groups * b.affine.cols * positions;
        double most = most_of(params, wanted) + most_in(signal, out), error = 0;
        for (r = 0; r < b.affine.rows; r++)
            for (j = 0; j <= b.affine.cols; j++) {
                double sum = 0;
                if (j == b.affine.cols && params == weights) continue;
                for (e = 0; e < positions; e++)
                    sum += signal[r * positions + e] *
                           (j == b.affine.cols ? 1 : patches[(r / group * b.affine.cols + j) * positions + e]);
                error =
                    fmax(error, fabs(sum - (double)wanted[j == b.affine.cols ? weights + r : r * b.affine.cols + j]));
            }
        CHECK_NEAR(error, 0, ORDER * most * (double)(1 + positions));
    }
    /* z = W patches + b is what the layer alone says, and so is W a_t */
    theta = theta_alone(s, item->name, alone);
    a = reals(s, b.field[ACTIVITY], n * in);
    a_t = reals(s, b.field[A_T], n * 3 * in);
    z = cn_vector(&s->c, n * out);
    z_t = cn_vector(&s->c, n * 3 * out);
    zero = cn_vector(&s->c, in);
    CHECK_STATUS(cn_forward(&s->c, alone, theta, cn_tensor_of(a, CN_TYPE_REAL, 2, n, in, 0, 0), z), CN_OK);
    CHECK_STATUS(cn_forward(&s->c, alone, theta, cn_tensor_of(a_t, CN_TYPE_REAL, 2, 3 * n, in, 0, 0), z_t), CN_OK);
    {
        cn_real *z0 = cn_vector(&s->c, out), *w = s->theta + block.first;
        double error = 0, most = most_of(n * out, z);
        CHECK_STATUS(cn_forward(&s->c, alone, theta, cn_tensor_of(zero, CN_TYPE_REAL, 2, 1, in, 0, 0), z0), CN_OK);
        for (i = 0; i < 3 * n * out; i++) z_t[i] -= z0[i % out];
        for (i = 0; i < n; i++)
            for (r = 0; r < b.affine.rows; r++)
                for (j = 0; j < positions; j++) {
                    size_t group = r / (b.affine.rows / b.affine.groups), e;
                    double sum = params > weights ? (double)w[weights + r] : 0;
                    for (e = 0; e < b.affine.cols; e++)
                        sum += (double)w[r * b.affine.cols + e] *
                               b.field[PATCHES][((i * b.affine.groups + group) * b.affine.cols + e) * positions + j];
                    error = fmax(error, fabs(sum - (double)z[i * out + r * positions + j]));
                }
        CHECK_NEAR(error, 0, ORDER * most);
    }
    /* chain rule: delta = z_jacobian' residual; x_gradient the same; delta_t = B W a_t */
    p = products(b.field[Z_JACOBIAN], b.field[RESIDUAL], n, out, K, 1, 1);
    check_near(b.field[DELTA], p, n * out, ORDER);
    free(p);
    p = products(b.field[X_JACOBIAN], b.field[RESIDUAL], n, s->M, K, 1, 1);
    check_near(b.field[X_GRADIENT], p, n * s->M, ORDER);
    free(p);
    p = (double *)malloc(3 * n * out * sizeof *p);
    for (i = 0; i < 3 * n * out; i++) p[i] = (double)z_t[i];
    q = (double *)calloc(3 * n * out, sizeof *q);
    for (i = 0; i < 3 * n; i++)
        for (r = 0; r < out; r++)
            for (j = 0; j < out; j++)
                q[i * out + r] += b.field[Z_HESSIAN][(i / 3 * out + r) * out + j] * p[i * out + j];
    check_near(b.field[TANGENT], q, 3 * n * out, ORDER);
    free(q);
    /* a_jacobian by the same: df/da a_t = df/dz W a_t */
    for (i = 0; i < 3 * n * K; i++) {
        size_t row = i / (3 * K) * K + i % K, v = i / K; /* sample and output; sample and tangent */
        double left = 0, right = 0, size = 0;
        for (j = 0; j < in; j++) left += b.field[A_JACOBIAN][row * in + j] * b.field[A_T][v * in + j];
        for (j = 0; j < out; j++) {
            right += b.field[Z_JACOBIAN][row * out + j] * p[v * out + j];
            size += fabs(b.field[Z_JACOBIAN][row * out + j] * p[v * out + j]);
        }
        CHECK_NEAR(left, right, ORDER * (size + 1e-30));
    }
    free(p);
    p = products(b.field[Z_FACTOR], b.field[Z_FACTOR], n, out, K, out, 1);
    if (net->linear) check_near(b.field[Z_HESSIAN], p, n * out * out, ORDER);
    free(p);
    /* the factor's rows are those of Lambda times z_jacobian, whatever follows: squared error's are the same */
    if (!net->labels) check_near(b.field[Z_FACTOR], b.field[Z_JACOBIAN], n * K * out, 0);
    if (IN_DOUBLE) {
        cn_real *x = reals(s, b.field[X], n * s->M);
        p = forward_differences(s, s->net, s->theta, n, x);
        check_near(b.field[X_JACOBIAN], p, n * K * s->M, STEP_TOLERANCE);
        free(p);
    }
    if (IN_DOUBLE && item->tail) {
        cn_net *tail = cn_net_create(&s->c, item->tail);
        scene up;
        book at;
        p = forward_differences(s, tail, theta_tail(s, tail), n, z);
        check_near(b.field[Z_JACOBIAN], p, n * K * out, STEP_TOLERANCE);
        free(p);
        /* B: differences of what follows' gradient by its input */
        memset(&up, 0, sizeof up);
        up = *s;
        up.net = tail;
        up.M = out;
        up.P = cn_net_describe(tail).params;
        up.theta = theta_tail(s, tail);
        up.x = cn_vector(&s->c, n * out);
        scene_view(&up);
        q = (double *)calloc(n * out * out, sizeof *q);
        for (j = 0; j < 2 * out; j++) {
            cn_problem_desc how = CN_ZERO;
            how.loss = net->labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
            for (i = 0; i < n * out; i++) up.x[i] = z[i] + (cn_real)(i % out == j / 2 ? (j & 1 ? -STEP : STEP) : 0);
            up.at = cn_point_create(cn_problem_create(&s->c, tail, &up.data, &how), up.theta, 0);
            fill(&at, &up, up.at, "", CN_WANT_X_GRADIENT, 1, 0);
            for (i = 0; i < n * out; i++)
                q[i / out * out * out + i % out * out + j / 2] +=
                    at.field[X_GRADIENT][i] / (j & 1 ? -2 * STEP : 2 * STEP);
            close_book(&at);
        }
        check_near(b.field[Z_HESSIAN], q, n * out * out, STEP_TOLERANCE);
        free(q);
    }
    close_book(&b);
}

static void values(int index) {
    const network *net = networks + index;
    const item_text *item;
    char text[100];
    size_t i, j;
    scene s;
    book b;
    for (item = net->item; item->name; item++) {
        sprintf(text, "values of network %d, item %s", index, item->name);
        test_case = text;
        open_net(&s, net->text, net->labels, 5, 2);
        check_item(&s, net, item);
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
    /* g_i.v and mean gradients over blocks: those of explicit gradients */
    {
        enum { V = 3 };
        cn_block block[40];
        cn_real *g, *v, *gv, *mean, *whole;
        size_t count, blocks, which, k;
        open_net(&s, net->text, net->labels, 5, 2);
        g = cn_vector(&s.c, s.n * s.P);
        v = cn_vector(&s.c, V * s.P);
        gv = cn_vector(&s.c, s.n * V);
        mean = cn_vector(&s.c, s.P);
        whole = cn_vector(&s.c, s.size);
        cn_random(6, 0, 0, CN_NOISE_NORMAL, 1, V * s.P, v);
        CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, whole).status, CN_OK);
        blocks = scene_blocks(&s, block, 40);
        for (which = 0; which < blocks; which++) {
            count = block[which].count ? block[which].count : s.P;
            CHECK_STATUS(cn_gradients(s.at, block[which], g), CN_OK);
            CHECK_STATUS(cn_gv(s.at, block[which], V, v, gv), CN_OK);
            CHECK_STATUS(cn_gradient(s.at, block[which], mean), CN_OK);
            CHECK(same_bits(count, mean, whole + block[which].first));
            for (i = 0; i < s.n; i++)
                for (k = 0; k < V; k++)
                    CHECK_NEAR(gv[i * V + k], dot_of(count, g + i * count, v + k * count),
                               ORDER * (most_of(count, g + i * count) * (double)count + 1e-30));
            for (j = 0; j < count; j++) {
                double sum = 0;
                for (i = 0; i < s.n; i++) sum += (double)g[i * count + j] / (double)s.n;
                CHECK_NEAR(mean[j], sum, ORDER * most_of(s.n * count, g));
            }
        }
        scene_free(&s);
    }
    /* what needs no item */
    open_net(&s, net->text, net->labels, 5, 2);
    fill(&b, &s, s.at, NULL, 0, 0, 0);
    for (item = net->item, j = 0; item->name; item++) j++;
    CHECK(b.views == j * s.n); /* every item of the table, and no other */
    close_book(&b);
    fill(&b, &s, s.at, "", 0, 0, 0);
    CHECK(b.views == s.n);
    {
        cn_real *f = cn_vector(&s.c, s.n * s.K);
        double total = 0;
        CHECK_STATUS(cn_predict(s.p, s.theta, NULL, f), CN_OK);
        for (i = 0; i < s.n * s.K; i++) CHECK(b.field[OUTPUTS][i] == (double)f[i]);
        for (i = 0; i < s.n * s.M; i++) CHECK(b.field[X][i] == (double)s.x[i]);
        for (i = 0; i < s.n; i++) {
            double sum = 0, e;
            for (j = 0; j < s.K; j++) sum += exp((double)f[i * s.K + j]);
            for (j = 0; j < s.K; j++) {
                double y = net->labels ? (double)(s.label[i] == (int32_t)j) : (double)s.target[i * s.K + j];
                e = (net->labels ? exp((double)f[i * s.K + j]) / sum : (double)f[i * s.K + j]) - y;
                CHECK_NEAR(b.field[RESIDUAL][i * s.K + j], e, ORDER * (1 + fabs(e)));
                CHECK(b.field[TARGET][i * s.K + j] == y);
            }
            CHECK(b.field[LABEL][i] == (net->labels ? s.label[i] : -1));
            total += b.field[LOSS][i] / (double)s.n;
        }
        CHECK_RELATIVE(cn_evaluate(s.p, s.theta, NULL, NULL).loss, total, ORDER);
    }
    close_book(&b);
    scene_free(&s);
}

/* ---- the same bits, whatever else is asked for and however the pass is laid out */

static void pairs(int index) {
    const network *net = networks + index;
    const char *items[3];
    unsigned i, j, f;
    int which;
    scene s;
    open_net(&s, net->text, net->labels, 4, 3);
    items[0] = NULL;
    items[1] = net->item[1].name;
    items[2] = "";
    for (which = 0; which < 3; which++) {
        unsigned known = which == 2 ? CN_WANT_X_JACOBIAN | CN_WANT_X_GRADIENT : ALL_WANTS;
        book alone[WANTS], both;
        int same = 1;
        for (i = 0; i < WANTS; i++)
            if (known >> i & 1) fill(alone + i, &s, s.at, items[which], 1u << i, 0, 2);
        for (i = 0; i <= WANTS; i++) /* i = WANTS: all of them */
            for (j = 0; j < (i < WANTS ? i : 1); j++) {
                unsigned want = i < WANTS ? 1u << i | 1u << j : known;
                if (want & ~known) continue;
                fill(&both, &s, s.at, items[which], want, 0, 2);
                for (f = 0; f < WANTS; f++)
                    if ((want >> f & 1) && !same_field(&both, alone + f, (int)f)) {
                        printf("       item %d: %u beside %u\n", which, f, want);
                        same = 0;
                    }
                if (want & CN_WANT_TANGENT) same = same && same_field(&both, alone + TANGENT, A_T);
                close_book(&both);
            }
        CHECK(same);
        for (i = 0; i < WANTS; i++)
            if (known >> i & 1) close_book(alone + i);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

static void backwards(void *user, int tasks, cn_task task, void *arg) {
    ++*(int *)user;
    while (tasks-- > 0) task(arg, tasks);
}

/* Everything that is not visit, by which a cache is filled and which lanes share out. */
static size_t others(scene *s, cn_point *at, cn_real *out) {
    size_t n = s->n, K = s->K, P = s->P, N = n * K, i, used = 0;
    double *gram = (double *)malloc(N * N * sizeof *gram);
    cn_real *v = cn_vector(&s->c, 2 * P);
    cn_est e;
    cn_random(3, 0, 0, CN_NOISE_NORMAL, 1, 2 * P, v);
#define OTHERS(call, count)      \
    CHECK_STATUS((call), CN_OK); \
    used += (count);
    OTHERS(cn_gv(at, block_all(), 2, v, out + used), 2 * n)
    OTHERS(cn_gradient(at, block_all(), out + used), P)
    OTHERS(cn_jv(at, block_all(), 2, v, out + used), 2 * N)
    OTHERS(cn_gradients(at, block_all(), out + used), n * P)
    OTHERS(cn_op_apply(cn_op_of(at, CN_OP_HESSIAN, block_all()), 2, v, out + used), 2 * P)
    CHECK_STATUS(cn_gram(at, NULL, CN_OP_SECOND_MOMENT, block_all(), gram), CN_OK);
    for (i = 0; i < n * n; i++) out[used++] = (cn_real)gram[i];
    CHECK_STATUS(cn_gram(at, NULL, CN_OP_JACOBIAN_MOMENT, block_all(), gram), CN_OK);
    for (i = 0; i < N * N; i++) out[used++] = (cn_real)gram[i];
    for (i = 0; i < 3; i++) {
        e = cn_sensitivity(at, (int)i);
        CHECK_STATUS(e.status, CN_OK);
        out[used++] = (cn_real)e.value;
    }
    out[used++] = (cn_real)cn_mls(at, NULL).mls;
    cn_free(&s->c, v);
    free(gram);
    return used;
}

static void layouts(int index) {
    const network *net = networks + index;
    enum { N = 7 };
    static const size_t chunks[] = {1, 2, 3, N};
    size_t c, used = 0, room;
    scene s;
    cn_real *first, *again;
    book wanted, got;
    open_net(&s, net->text, net->labels, N, 3);
    room = 2 * N + 3 * s.P + 2 * N * s.K + N * s.P + N * N + N * N * s.K * s.K + 10;
    scene_free(&s);
    for (c = 0; c < 4; c++) {
        int cache, hook, calls = 0;
        for (hook = 0; hook < 2; hook++) {
            open_net(&s, net->text, net->labels, N, chunks[c]);
            first = cn_vector(&s.c, room);
            again = cn_vector(&s.c, room);
            used = others(&s, s.at, first);
            fill(&wanted, &s, s.at, NULL, ALL_WANTS, 0, 2);
            fill(&got, &s, s.at, NULL, ALL_WANTS, 1, 2);
            CHECK(same_books(&got, &wanted));
            close_book(&got);
            if (hook) {
                s.c.parallel = backwards;
                s.c.parallel_user = &calls;
                CHECK(others(&s, s.at, again) == used && same_bits(used, first, again));
            }
            /* no cache (1), half of the chunks in it, all; filled by the visit itself, by a visit of one item, or by
               other calls */
            for (cache = 0; cache < 9; cache++) {
                static const size_t bytes[] = {1, 0, (size_t)1 << 24};
                size_t half = N * 200 * sizeof(cn_real);
                cn_point *at = cn_point_create(s.p, s.theta, cache % 3 == 1 ? half : bytes[cache % 3]);
                if (cache / 3 == 1) {
                    fill(&got, &s, at, net->item[1].name, CN_WANT_DELTA, 0, 1);
                    close_book(&got);
                }
                if (cache / 3 == 2) CHECK(others(&s, at, again) == used && same_bits(used, first, again));
                fill(&got, &s, at, NULL, ALL_WANTS, cache & 1, 2);
                CHECK(same_books(&got, &wanted));
                close_book(&got);
                CHECK(others(&s, at, again) == used && same_bits(used, first, again));
                cn_free(&s.c, at);
            }
            CHECK(!hook || chunks[c] == N || calls > 0);
            close_book(&wanted);
            CHECK_STATUS(s.c.status, CN_OK);
            scene_free(&s);
        }
    }
}

/* three tangents at once are three alone */
static void tangents(int index) {
    const network *net = networks + index;
    scene s;
    book three, one;
    size_t i, k, out, n, each;
    open_net(&s, net->text, net->labels, 4, 3);
    for (each = 0; net->item[each].name; each++) {
        fill(&three, &s, s.at, net->item[each].name, CN_WANT_TANGENT, 0, 3);
        n = s.n, out = three.out;
        for (k = 0; k < 3; k++) {
            one.given = (int)k + 1;
            one.stop = 0;
            CHECK_STATUS(run_book(&one, &s, s.at, net->item[each].name, CN_WANT_TANGENT, (int)(k & 1), k & 1), CN_OK);
            CHECK(one.count[TANGENT] * 3 == three.count[TANGENT]);
            for (i = 0; i < n; i++) {
                CHECK(memcmp(one.field[A_T] + i * one.in, three.field[A_T] + (3 * i + k) * one.in,
                             one.in * sizeof(double)) == 0);
                check_near(one.field[TANGENT] + i * out, three.field[TANGENT] + (3 * i + k) * out, out, ORDER);
            }
            close_book(&one);
        }
        close_book(&three);
    }
    scene_free(&s);
}

/* ---- stops, refusals, NaN */

static void stops(void) {
    const network *net = networks + 2;
    test_heap heap;
    scene s;
    book b;
    size_t k, all = 3 * 5;
    int chunks;
    open_net(&s, net->text, net->labels, 5, 2);
    for (chunks = 0; chunks < 2; chunks++)
        for (k = 1; k <= (chunks ? 9 : all); k++) {
            b.given = 0;
            b.stop = k;
            CHECK_STATUS(run_book(&b, &s, s.at, NULL, ALL_WANTS, chunks, 2), CN_CANCELLED);
            CHECK(b.views == k);
            CHECK_SENTENCE(&s.c, CN_CANCELLED, "stopped by the callback");
            close_book(&b);
            CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_OK); /* blocks nothing */
            cn_clear(&s.c);
        }
    scene_free(&s);
    /* memory refused: nothing was shown; a dry run asks for exactly what is taken */
    open_net(&s, net->text, net->labels, 5, 2);
    memset(&heap, 0, sizeof heap);
    {
        size_t before = s.c.bytes_now;
        s.c.dry = 1;
        b.given = 0, b.stop = 0;
        CHECK_STATUS(run_book(&b, &s, s.at, NULL, ALL_WANTS, 1, 2), CN_DRY);
        CHECK(b.views == 0 && s.c.bytes_needed > 0);
        close_book(&b);
        k = s.c.bytes_needed;
        s.c.dry = 0;
        cn_clear(&s.c);
        s.c.limit_bytes = before + k - 1;
        b.given = 0, b.stop = 0;
        CHECK_STATUS(run_book(&b, &s, s.at, NULL, ALL_WANTS, 1, 2), CN_E_MEMORY);
        CHECK(b.views == 0 && s.c.bytes_needed == k && s.c.bytes_now == before);
        close_book(&b);
        cn_clear(&s.c);
        s.c.limit_bytes = before + k;
        s.c.bytes_peak = 0;
        fill(&b, &s, s.at, NULL, ALL_WANTS, 1, 2);
        CHECK(b.views == 9 && s.c.bytes_peak == before + k);
        close_book(&b);
    }
    scene_free(&s);
}

/* every call of this floor, its memory refused: the status says so and nothing is written */
static void refused_memory(void) {
    enum { ROOM = 4000 };
    scene s;
    cn_real *out, *v;
    double *gram;
    cn_point *other;
    size_t call, bytes, before, i;
    cn_block all = CN_ZERO;
    open_net(&s, networks[2].text, 1, 5, 2);
    other = cn_point_create(s.p, s.theta, 0);
    out = cn_vector(&s.c, ROOM);
    v = cn_vector(&s.c, ROOM);
    gram = (double *)(void *)cn_vector(&s.c, 2 * ROOM);
    for (call = 0; call < 8; call++) {
        int pass, status = 0;
        bytes = 0;
        before = s.c.bytes_now;
        for (pass = 0; pass < 3; pass++) { /* dry; one byte too few; as many as asked for */
            s.c.dry = pass == 0;
            s.c.limit_bytes = pass ? before + bytes - (pass == 1) : 0;
            for (i = 0; i < ROOM; i++) out[i] = 7;
            for (i = 0; i < ROOM; i++) gram[i] = 7;
            s.c.bytes_peak = before;
            switch (call) {
            case 0:
                status = cn_gv(s.at, all, 2, v, out);
                break;
            case 1:
                status = cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, all, gram);
                break;
            case 2:
                status = cn_gram(s.at, other, CN_OP_JACOBIAN_MOMENT, all, gram);
                break;
            case 3:
                status = cn_gradient(s.at, all, out);
                break;
            case 4:
                status = cn_forward(&s.c, s.net, s.theta, cn_tensor_of(s.x, CN_TYPE_REAL, 2, s.n, s.M, 0, 0), out);
                break;
            case 5:
                status = cn_jv(s.at, all, 2, v, out);
                break;
            case 6:
                status = cn_gradients(s.at, all, out);
                break;
            default:
                status = cn_gram(s.at, other, CN_OP_COVARIANCE, cn_net_block(&s.c, s.net, "3.weight"), gram);
            }
            CHECK_STATUS(status, pass == 0 ? CN_DRY : pass == 1 ? CN_E_MEMORY : CN_OK);
            if (pass == 0) bytes = s.c.bytes_needed;
            CHECK(bytes > 0 && (pass == 0 || pass == 1 ? s.c.bytes_needed == bytes : s.c.bytes_peak == before + bytes));
            for (i = 0; pass < 2 && i < ROOM; i++)
                if (out[i] != 7 || gram[i] != 7) break;
            CHECK(pass == 2 || i == ROOM);
            cn_clear(&s.c);
        }
        s.c.limit_bytes = 0;
    }
    scene_free(&s);
}

/* NaN out of a layer's backward stays in its own sample, and sums say so */
static void poisoned(void) {
    scene s;
    book b;
    size_t i, f, j;
    int chunks;
    cn_real *g;
    open_net(&s, "input 3; poison; dense 4; relu; poison; dense 3", 1, 5, 2);
    s.x[3 * 3] = 1000; /* sample 3 */
    for (chunks = 0; chunks < 2; chunks++) {
        fill(&b, &s, s.at, NULL, ALL_WANTS, chunks, 1);
        for (f = 0; f < WANTS; f++) {
            size_t each = b.count[f] / (2 * s.n);
            if (each * 2 * s.n != b.count[f]) continue; /* items of different sizes */
            for (i = 0; i < 2 * s.n; i++)
                for (j = 0; j < each; j++)
                    if (i != 2 * 3 - 2 + 1 && i != 2 * 3 - 2 + 3 && f == X_GRADIENT) /* chunk 1: 2 3 2 3 */
                        CHECK(isfinite(b.field[f][i * each + j]));
        }
        close_book(&b);
    }
    g = cn_vector(&s.c, s.size);
    s.x[3 * 3] = 1000;
    CHECK_STATUS(cn_gradients(s.at, block_all(), cn_vector(&s.c, s.n * s.P)), CN_E_NUMERIC);
    CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "gradients: number ");
    cn_clear(&s.c);
    CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, g).status, CN_E_NUMERIC);
    CHECK_SENTENCE(&s.c, CN_E_NUMERIC, "not finite");
    cn_clear(&s.c);
    CHECK_STATUS(cn_gradient(s.at, block_all(), g), CN_E_NUMERIC);
    cn_clear(&s.c);
    s.x[3 * 3] = 1;
    CHECK_STATUS(cn_gradient(s.at, block_all(), g), CN_OK); /* what failed is not kept */
    CHECK(isfinite(g[0]));
    CHECK_STATUS(cn_sensitivity(s.at, CN_SENSITIVITY_LOGITS).status, CN_OK);
    s.x[3 * 3] = 1000;
    CHECK_STATUS(cn_sensitivity(s.at, CN_SENSITIVITY_LOGITS).status, CN_E_NUMERIC);
    cn_clear(&s.c);
    CHECK_STATUS(cn_mls(s.at, NULL).status, CN_E_NUMERIC);
    scene_free(&s);
}

/* Own blocks of weights in chunks of one sample, where products are deeper and wider than the samples are many. */
static void blocks_in_small_chunks(void) {
    static const char *texts[] = {"input 2 4 4; conv 6 3; softplus; gap; flatten; dense 3",
                                  "input 6; dense 9; tanh; dense 3",
                                  "input 1 4 4; batchnorm; tanh; conv 2 2; softplus; gap; flatten; dense 2"};
    size_t i, j, size, kind;
    for (i = 0; i < 3; i++) {
        scene s;
        cn_block block;
        open_net(&s, texts[i], 1, 3, 1);
        block = cn_net_block(&s.c, s.net, "0.weight");
        for (kind = CN_OP_HESSIAN; kind <= CN_OP_GAUSS_NEWTON; kind++) {
            cn_real *wanted = scene_matrix(&s, (int)kind, block, &size), *got = cn_vector(&s.c, size * size);
            CHECK_STATUS(cn_op_dense(cn_op_of(s.at, (int)kind, block), got), CN_OK);
            CHECK_NEAR(gap_of(size * size, got, wanted), 0, ORDER * most_of(size * size, wanted));
            CHECK_STATUS(cn_diagonal(cn_op_of(s.at, (int)kind, block), NULL, got).status, CN_OK);
            for (j = 0; j < size; j++) CHECK_NEAR(got[j], wanted[j * size + j], ORDER * most_of(size * size, wanted));
        }
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
}

/* ---- Gram matrices of two points */

static cn_real *factor_rows(scene *s, int kind, cn_block block, size_t *each) {
    size_t count = block.count ? block.count : s->P, K = s->K, i, j;
    cn_real *out = cn_vector(&s->c, s->n * K * count);
    *each = kind == CN_OP_SECOND_MOMENT || kind == CN_OP_COVARIANCE ? 1 : K;
    if (*each == 1) {
        CHECK_STATUS(cn_gradients(s->at, block, out), CN_OK);
        for (j = 0; kind == CN_OP_COVARIANCE && j < count; j++) {
            double mean = 0;
            for (i = 0; i < s->n; i++) mean += (double)out[i * count + j] / (double)s->n;
            for (i = 0; i < s->n; i++) out[i * count + j] -= (cn_real)mean;
        }
    } else
        return scene_jacobian(s, block);
    return out;
}

static void two_points(void) {
    static const int kinds[] = {CN_OP_SECOND_MOMENT, CN_OP_COVARIANCE, CN_OP_JACOBIAN_MOMENT, CN_OP_GAUSS_NEWTON};
    size_t index, kind, blocks, which, i, j, e, a_rows, b_rows, each;
    for (index = 0; index < 5; index++) {
        scene s, t;
        cn_block block[40];
        double *out, *mirrored;
        open_net(&s, networks[index].text, networks[index].labels, 5, 2);
        memset(&t, 0, sizeof t); /* other data, theta, chunks and context, the same network */
        t.net = s.net, t.M = s.M, t.K = s.K, t.P = s.P, t.size = s.size;
        t.theta = cn_vector(&t.c, s.size);
        scene_random(&t, 3, networks[index].labels, 9);
        {
            cn_problem_desc how = CN_ZERO;
            how.loss = networks[index].labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
            how.chunk = 3;
            t.p = cn_problem_create(&t.c, s.net, &t.data, &how);
            t.at = cn_point_create(t.p, t.theta, 1 << 20);
        }
        blocks = scene_blocks(&s, block, 40);
        out = (double *)malloc(s.n * t.n * s.K * s.K * sizeof *out);
        mirrored = (double *)malloc(s.n * t.n * s.K * s.K * sizeof *out);
        for (which = 0; which < blocks; which++)
            for (kind = 0; kind < 4; kind++) {
                size_t count = block[which].count ? block[which].count : s.P;
                int status = cn_gram(s.at, t.at, kinds[kind], block[which], out);
                cn_real *left, *right;
                double most = 0, error = 0;
                if (status) { /* a block through the midst of a layer */
                    CHECK_STATUS(status, CN_E_ARGUMENT);
                    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "one part of a layer");
                    CHECK(which + 5 >= blocks);
                    cn_clear(&s.c);
                    continue;
                }
                CHECK_STATUS(cn_gram(t.at, s.at, kinds[kind], block[which], mirrored), CN_OK);
                left = factor_rows(&s, kinds[kind], block[which], &each);
                right = factor_rows(&t, kinds[kind], block[which], &each);
                a_rows = s.n * each, b_rows = t.n * each;
                for (i = 0; i < a_rows; i++)
                    for (j = 0; j < b_rows; j++) {
                        double sum = 0;
                        for (e = 0; e < count; e++) sum += (double)left[i * count + e] * (double)right[j * count + e];
                        most = fmax(most, fabs(sum));
                        if (kinds[kind] != CN_OP_GAUSS_NEWTON) error = fmax(error, fabs(sum - out[i * b_rows + j]));
                        error = fmax(error, fabs(out[i * b_rows + j] - mirrored[j * a_rows + i]));
                    }
                /* centred: what cancels is as large as the rows' products before */
                CHECK_NEAR(error, 0,
                           ORDER *
                               (most + most_of(a_rows * count, left) * most_of(b_rows * count, right) * (double)count));
                cn_free(&s.c, left);
                cn_free(&t.c, right);
            }
        /* another point with the same data: the matrix of one */
        {
            double *one = (double *)malloc(s.n * s.n * s.K * s.K * sizeof *one), *two;
            cn_point *same = cn_point_create(s.p, s.theta, 0);
            two = (double *)malloc(s.n * s.n * s.K * s.K * sizeof *one);
            for (kind = 0; kind < 4; kind++) {
                size_t N = s.n * (kind < 2 ? 1 : s.K);
                CHECK_STATUS(cn_gram(s.at, NULL, kinds[kind], block_all(), one), CN_OK);
                CHECK_STATUS(cn_gram(s.at, same, kinds[kind], block_all(), two), CN_OK);
                check_near(two, one, N * N, ORDER);
                CHECK_STATUS(cn_gram(s.at, s.at, kinds[kind], block_all(), two), CN_OK);
                CHECK(memcmp(one, two, N * N * sizeof *one) == 0);
            }
            free(one);
            free(two);
        }
        free(out);
        free(mirrored);
        CHECK_STATUS(t.c.status, CN_OK);
        scene_free(&t);
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
    }
}

/* what the other point's loss cannot do is refused, not called */
static void gram_refusals(void) {
    scene s;
    cn_problem_desc how = CN_ZERO;
    cn_point *other;
    cn_net *second;
    double out[100];
    int side;
    open_net(&s, networks[1].text, 0, 3, 2);
    how.custom = own_losses; /* no factor, no draw, not canonical */
    other = cn_point_create(cn_problem_create(&s.c, s.net, &s.data, &how), s.theta, 0);
    for (side = 0; side < 2; side++) {
        cn_point *a = side ? other : s.at, *b = side ? s.at : other;
        CHECK_STATUS(cn_gram(a, b, CN_OP_GAUSS_NEWTON, block_all(), out), CN_E_ARGUMENT);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no rows for this loss");
        cn_clear(&s.c);
        CHECK_STATUS(cn_gram(a, b, CN_OP_FISHER, block_all(), out), CN_E_ARGUMENT);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no rows for this loss");
        cn_clear(&s.c);
        CHECK_STATUS(cn_gram(a, b, CN_OP_FISHER_SAMPLED, block_all(), out), CN_E_ARGUMENT);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no rows for this loss");
        cn_clear(&s.c);
        CHECK_STATUS(cn_gram(a, b, CN_OP_SECOND_MOMENT, block_all(), out), CN_OK);
    }
    CHECK_STATUS(cn_gram(other, NULL, CN_OP_FISHER_SAMPLED, block_all(), out), CN_E_ARGUMENT);
    cn_clear(&s.c);
    second = cn_net_create(&s.c, networks[1].text);
    other = cn_point_create(cn_problem_create(&s.c, second, &s.data, NULL), s.theta, 0);
    cn_clear(&s.c);
    how.custom = NULL;
    how.loss = CN_LOSS_SQUARED;
    other = cn_point_create(cn_problem_create(&s.c, second, &s.data, &how), s.theta, 0);
    CHECK_STATUS(cn_gram(s.at, other, CN_OP_SECOND_MOMENT, block_all(), out), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "different networks");
    scene_free(&s);
}

/* 300,000 parameters of a convolution, 5,000 rows: strips */
static void large_gram(void) {
    scene s;
    size_t n = 500, mega = (size_t)1 << 20;
    scene_net_rows(&s, "input 64 4 4; conv 512 3; gap; flatten; dense 10", rows, OWN_ROWS);
    CHECK(s.P > 300000);
    s.n = n;
    s.x = cn_vector(&s.c, n * s.M);
    s.label = scene_labels(&s, n);
    scene_view(&s);
    scene_point(&s, NULL, 0);
    s.c.dry = 1;
    CHECK_STATUS(cn_gram(s.at, NULL, CN_OP_JACOBIAN_MOMENT, block_all(), (double *)(void *)s.x), CN_DRY);
    CHECK(s.c.bytes_needed < 500 * mega); /* the strip's 256 MB, a chunk's signals, strips of 64 rows */
    CHECK_STATUS(
        cn_gram(s.at, cn_point_create(s.p, s.theta, 0), CN_OP_JACOBIAN_MOMENT, block_all(), (double *)(void *)s.x),
        CN_DRY);
    s.c.dry = 0;
    scene_free(&s);
}

/* ---- problems without labels */

static size_t loss_calls;
static double counting_loss(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                            cn_real *gradient) {
    loss_calls++;
    return own_logcosh(user, K, f, target, label, gradient);
}

static void no_labels(int index) {
    enum { N = 5 };
    scene s, u;
    cn_problem_desc how = CN_ZERO;
    cn_problem_info info;
    cn_op *a, *b;
    cn_real *v, *x, *y;
    double gram[2][N * N * 16 * 16];
    size_t i, k;
    book one, two;
    static const int open_kinds[] = {CN_OP_JACOBIAN_MOMENT, CN_OP_NTK, CN_OP_GAUSS_NEWTON, CN_OP_FISHER,
                                     CN_OP_FISHER_SAMPLED};
    static const int shut_kinds[] = {CN_OP_HESSIAN, CN_OP_SECOND_MOMENT, CN_OP_COVARIANCE};
    open_net(&s, networks[index].text, networks[index].labels, N, 2);
    u = s;
    memset(&u.data.y, 0, sizeof u.data.y);
    u.label = NULL, u.target = NULL;
    how.loss = networks[index].labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.chunk = 2;
    u.p = cn_problem_create(&s.c, s.net, &u.data, &how);
    info = cn_problem_describe(u.p);
    CHECK(!info.labels && !info.targets && info.n == N && info.net == s.net && info.outputs == s.K && info.chunk == 2);
    info = cn_problem_describe(s.p);
    CHECK(info.labels == (s.label != NULL) && info.targets == (s.target != NULL));
    v = cn_vector(&s.c, 2 * (s.P + N * s.K));
    x = cn_vector(&s.c, 4 * N * (s.P + s.K));
    y = cn_vector(&s.c, 4 * N * (s.P + s.K));
    cn_random(8, 0, 0, CN_NOISE_NORMAL, 1, 2 * (s.P + N * s.K), v);
    for (k = 0; k < 2; k++) { /* without and with room for a cache, which there is nothing for */
        u.at = cn_point_create(u.p, s.theta, k ? 1 << 20 : 0);
        CHECK_STATUS(cn_predict(u.p, s.theta, NULL, x), CN_OK);
        CHECK_STATUS(cn_predict(s.p, s.theta, NULL, y), CN_OK);
        CHECK(same_bits(N * s.K, x, y));
        CHECK_STATUS(cn_jv(u.at, block_all(), 2, v, x), CN_OK);
        CHECK_STATUS(cn_jv(s.at, block_all(), 2, v, y), CN_OK);
        CHECK(same_bits(2 * N * s.K, x, y));
        CHECK_STATUS(cn_jtu(u.at, block_all(), 2, v, x), CN_OK);
        CHECK_STATUS(cn_jtu(s.at, block_all(), 2, v, y), CN_OK);
        CHECK(same_bits(2 * s.P, x, y));
        CHECK(cn_mls(u.at, NULL).mls == cn_mls(s.at, NULL).mls);
        for (i = 0; i < 2; i++)
            CHECK(cn_sensitivity(u.at, (int)i).value == cn_sensitivity(s.at, (int)i).value &&
                  cn_sensitivity(u.at, (int)i).status == CN_OK);
        {
            cn_noise_desc noise = CN_ZERO;
            noise.sd = 0.1;
            CHECK(cn_tpv(u.at, &noise, NULL).value == cn_tpv(s.at, &noise, NULL).value);
            CHECK(cn_tpv(u.at, &noise, NULL).value > 0);
        }
        for (i = 0; i < 5; i++) {
            a = cn_op_of(u.at, open_kinds[i], block_all());
            b = cn_op_of(s.at, open_kinds[i], block_all());
            CHECK(a && b);
            if (!a || !b) continue;
            CHECK_STATUS(cn_op_apply(a, 2, v, x), CN_OK);
            CHECK_STATUS(cn_op_apply(b, 2, v, y), CN_OK);
            CHECK(same_bits(2 * cn_op_describe(a).size, x, y));
            CHECK(cn_trace(a, NULL).value == cn_trace(b, NULL).value && cn_trace(a, NULL).status == CN_OK);
            if (open_kinds[i] == CN_OP_NTK) continue;
            CHECK_STATUS(cn_gram(u.at, s.at, open_kinds[i], block_all(), gram[0]), CN_OK);
            CHECK_STATUS(cn_gram(s.at, cn_point_create(s.p, s.theta, 0), open_kinds[i], block_all(), gram[1]), CN_OK);
            CHECK(memcmp(gram[0], gram[1],
                         sizeof(double) * N * N * (open_kinds[i] == CN_OP_FISHER_SAMPLED ? (size_t)1 : s.K * s.K)) ==
                  0);
        }
        fill(&one, &s, s.at, NULL,
             CN_WANT_Z_JACOBIAN | CN_WANT_A_JACOBIAN | CN_WANT_X_JACOBIAN | CN_WANT_JACOBIAN_NORM | CN_WANT_Z_FACTOR |
                 CN_WANT_PATCHES,
             0, 1);
        fill(&two, &u, u.at, NULL, one.want, 0, 1);
        for (i = 0; i < WANTS; i++) CHECK(same_field(&one, &two, (int)i));
        CHECK(two.count[LOSS] == 0 && two.count[RESIDUAL] == 0 && two.count[TARGET] == 0 && two.field[LABEL][0] == -1);
        close_book(&one);
        close_book(&two);
        /* refused, by a sentence that says what is missing */
        for (i = 0; i < WANTS + 12; i++) {
            int status = CN_OK;
            cn_est e;
            if (i < 3)
                status = cn_op_of(u.at, shut_kinds[i], block_all()) ? CN_OK : s.c.status;
            else if (i == 3)
                status = cn_evaluate(u.p, s.theta, NULL, NULL).status;
            else if (i == 4)
                status = cn_gradient(u.at, block_all(), x);
            else if (i == 5)
                status = cn_gradients(u.at, block_all(), x);
            else if (i == 6)
                status = cn_gv(u.at, block_all(), 2, v, x);
            else if (i == 7)
                status = cn_sensitivity(u.at, CN_SENSITIVITY_LOSS).status;
            else if (i == 8)
                status = cn_gram(u.at, s.at, CN_OP_SECOND_MOMENT, block_all(), gram[0]);
            else if (i == 9)
                status = cn_gram(s.at, u.at, CN_OP_COVARIANCE, block_all(), gram[0]);
            else if (i == 10) {
                cn_noise_desc noise = CN_ZERO;
                noise.sd = 0.1;
                e = cn_perturbation_gap(u.at, &noise, NULL);
                status = e.status;
            } else if (i == 11)
                status = cn_tic(u.at, NULL).status;
            else {
                unsigned want = 1u << (i - 12);
                if (!(want & (CN_WANT_DELTA | CN_WANT_GRADIENT | CN_WANT_NORM | CN_WANT_X_GRADIENT | CN_WANT_Z_HESSIAN |
                              CN_WANT_TANGENT)))
                    continue;
                one.given = 0, one.stop = 0;
                status = run_book(&one, &u, u.at, NULL, want, 0, 1);
                CHECK(one.views == 0);
                close_book(&one);
            }
            CHECK_STATUS(status, CN_E_ARGUMENT);
            CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no labels or targets");
            cn_clear(&s.c);
        }
    }
    /* a loss whose Lambda depends on the target: G too */
    how.custom = own_losses + 1;
    u.p = cn_problem_create(&s.c, s.net, &u.data, &how);
    u.at = cn_point_create(u.p, s.theta, 0);
    CHECK(cn_op_of(u.at, CN_OP_GAUSS_NEWTON, block_all()) == NULL);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no labels or targets");
    cn_clear(&s.c);
    one.given = 0, one.stop = 0;
    CHECK_STATUS(run_book(&one, &u, u.at, NULL, CN_WANT_Z_FACTOR, 0, 1), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "no labels or targets");
    close_book(&one);
    cn_clear(&s.c);
    {
        cn_loss loss = own_losses[1]; /* and it is never asked about a sample without a target, cache or not */
        loss.value = counting_loss;
        how.custom = &loss;
        u.p = cn_problem_create(&s.c, s.net, &u.data, &how);
        u.at = cn_point_create(u.p, s.theta, 1 << 20);
        loss_calls = 0;
        CHECK_STATUS(cn_jv(u.at, block_all(), 2, v, x), CN_OK);
        CHECK(cn_mls(u.at, NULL).status == CN_OK);
        fill(&one, &u, u.at, NULL, CN_WANT_Z_JACOBIAN, 0, 1);
        close_book(&one);
        CHECK(loss_calls == 0);
    }
    how.custom = NULL;
    how.label_smoothing = 0.1;
    CHECK(cn_problem_create(&s.c, s.net, &u.data, &how) == NULL);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "label_smoothing");
    scene_free(&s);
}

/* ---- labels that change */

static void changed_labels(void) {
    static const int wrong[] = {-1, 3, 4, 255, 2147483647, (-2147483647 - 1)};
    enum { N = 9 };
    scene s, t;
    size_t which, call, cached, i;
    cn_real *g = NULL, *h, *out, *v;
    book b;
    for (cached = 0; cached < 2; cached++)
        for (which = 0; which < 6; which++) {
            open_net(&s, networks[0].text, 1, N, 2);
            if (cached) s.at = cn_point_create(s.p, s.theta, 1 << 20);
            g = cn_vector(&s.c, s.size);
            h = cn_vector(&s.c, s.size);
            v = cn_vector(&s.c, s.P);
            v[0] = 1;
            out = cn_vector(&s.c, N * (s.P + s.K + N));
            s.label[6] = wrong[which];
            for (call = 0; call < 7; call++) {
                int status;
                if (call == 0)
                    status = cn_evaluate(s.p, s.theta, NULL, g).status;
                else if (call == 1)
                    status = cn_gradients(s.at, block_all(), out);
                else if (call == 2)
                    status = cn_gv(s.at, block_all(), 1, v, out);
                else if (call == 3)
                    status = cn_op_apply(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), 1, v, h);
                else if (call == 4)
                    status = cn_gram(s.at, NULL, CN_OP_SECOND_MOMENT, block_all(), (double *)(void *)out);
                else if (call == 5)
                    status = cn_gradient(s.at, block_all(), g);
                else {
                    b.given = 0, b.stop = 0;
                    status = run_book(&b, &s, s.at, NULL, CN_WANT_GRADIENT | CN_WANT_TANGENT, 1, 1);
                    close_book(&b);
                }
                CHECK_STATUS(status, CN_E_DATA);
                CHECK_SENTENCE(&s.c, CN_E_DATA, "sample 6");
                cn_clear(&s.c);
            }
            /* other legitimate labels: all is as with a problem made of them, and what failed has left nothing
               behind */
            for (i = 0; i < N && !cached; i++) s.label[i] = (int32_t)(i * i % 3);
            s.label[6] = 1; /* with a cache only where it holds nothing yet: it keeps what it saw */
            open_net(&t, networks[0].text, 1, N, 2);
            for (i = 0; i < N; i++) t.label[i] = s.label[i];
            CHECK_STATUS(cn_gradients(s.at, block_all(), out), CN_OK);
            CHECK_STATUS(cn_gradients(t.at, block_all(), cn_vector(&t.c, N * t.P)), CN_OK);
            CHECK_STATUS(cn_gradient(s.at, block_all(), g), CN_OK);
            CHECK_STATUS(cn_gradient(t.at, block_all(), h), CN_OK);
            CHECK(same_bits(s.P, g, h));
            {
                cn_real *wanted = cn_vector(&t.c, N * t.P);
                CHECK_STATUS(cn_gradients(t.at, block_all(), wanted), CN_OK);
                CHECK(same_bits(N * s.P, out, wanted));
                CHECK_STATUS(cn_op_apply(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), 1, v, g), CN_OK);
                CHECK_STATUS(cn_op_apply(cn_op_of(t.at, CN_OP_HESSIAN, block_all()), 1, v, h), CN_OK);
                CHECK(same_bits(s.P, g, h));
            }
            scene_free(&t);
            scene_free(&s);
        }
}

/* Bytes as labels, refilled between two evaluations. */
static void byte_labels(void) {
    enum { N = 6 };
    unsigned char y[N] = {0, 1, 2, 0, 1, 2};
    scene s;
    cn_eval e, again;
    open_net(&s, networks[0].text, 1, N, 2);
    s.data.y = cn_tensor_of(y, CN_TYPE_U8, 1, N, 0, 0, 0);
    scene_point(&s, NULL, 0);
    e = cn_evaluate(s.p, s.theta, NULL, NULL);
    y[4] = 255;
    CHECK_STATUS(cn_evaluate(s.p, s.theta, NULL, NULL).status, CN_E_DATA);
    CHECK_SENTENCE(&s.c, CN_E_DATA, "sample 4");
    cn_clear(&s.c);
    y[4] = 2;
    again = cn_evaluate(s.p, s.theta, NULL, NULL);
    CHECK(again.status == CN_OK && again.loss != e.loss);
    y[4] = 1;
    CHECK(cn_evaluate(s.p, s.theta, NULL, NULL).loss == e.loss);
    scene_free(&s);
}

/* ---- augmentation */

typedef struct augmented {
    size_t calls;
    int bad;
    uint64_t steps;
} augmented;
static void augment(void *user, uint64_t step, size_t sample, size_t inputs, cn_real *x) {
    augmented *a = (augmented *)user;
    size_t i;
    cn_real noise[64];
    if (inputs > 64) {
        a->bad = 1;
        return;
    }
    cn_random(50 + step, sample, 0, CN_NOISE_NORMAL, 0.3, inputs, noise);
    for (i = 0; i < inputs; i++) x[i] += noise[i];
    a->calls++;
    a->steps |= (uint64_t)1 << step;
}

static void augmentation(int index) {
    enum { N = 7 };
    static const uint32_t order[N] = {3, 1, 6, 0, 2, 5, 4};
    scene s;
    cn_problem_desc how = CN_ZERO;
    cn_problem *changed, *hooked;
    cn_data data;
    cn_real *x, *g, *h, *theta, *other;
    augmented user;
    cn_batch batch = CN_ZERO;
    size_t i, step, which;
    memset(&user, 0, sizeof user);
    open_net(&s, networks[index].text, networks[index].labels, N, 2);
    how.loss = networks[index].labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.chunk = 2;
    how.seed = 4;
    x = cn_vector(&s.c, N * s.M);
    data = s.data;
    data.x.data = x;
    changed = cn_problem_create(&s.c, s.net, &data, &how);
    how.augment = augment;
    how.augment_user = &user;
    hooked = cn_problem_create(&s.c, s.net, &s.data, &how);
    g = cn_vector(&s.c, s.size);
    h = cn_vector(&s.c, s.size);
    theta = cn_vector(&s.c, s.size);
    other = cn_vector(&s.c, s.size);
    memcpy(theta, s.theta, s.size * sizeof *theta);
    memcpy(other, s.theta, s.size * sizeof *theta);
    for (which = 0; which < 3; which++) { /* the first n in order, an index, all */
        batch.train = 1;
        batch.step = 2 + which;
        batch.n = which == 1 ? (size_t)N : 5 + which;
        batch.index = which == 1 ? order : NULL;
        memcpy(x, s.x, N * s.M * sizeof *x);
        for (i = 0; i < N; i++) augment(&user, batch.step, i, s.M, x + i * s.M);
        user.calls = 0;
        user.steps = 0;
        CHECK_STATUS(cn_evaluate(hooked, s.theta, &batch, g).status, CN_OK);
        CHECK_STATUS(cn_evaluate(changed, s.theta, &batch, h).status, CN_OK);
        CHECK(same_bits(s.size, g, h) && user.calls == batch.n && user.steps == (uint64_t)1 << batch.step);
        /* evaluation sees the data as they are, and the data themselves did not change */
        batch.train = 0;
        user.calls = 0;
        CHECK_STATUS(cn_evaluate(hooked, s.theta, &batch, g).status, CN_OK);
        CHECK_STATUS(cn_evaluate(s.p, s.theta, &batch, h).status, CN_OK);
        CHECK(user.calls == 0);
        CHECK(same_bits(s.size, g, h));
    }
    /* a point is evaluation */
    CHECK_STATUS(cn_gradient(cn_point_create(hooked, s.theta, 0), block_all(), g), CN_OK);
    CHECK_STATUS(cn_gradient(s.at, block_all(), h), CN_OK);
    CHECK(user.calls == 0 && same_bits(s.P, g, h));
    /* SAM: both passes of a step see the same data */
    for (step = 0; step < 3; step++) {
        cn_opt_desc d = CN_ZERO;
        cn_opt *a, *b;
        d.lr = 0.05;
        d.rule = CN_RULE_SAM;
        d.rho = 0.1;
        a = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
        b = cn_opt_create(&s.c, s.P, s.size - s.P, &d);
        batch.train = 1;
        batch.step = step;
        batch.n = N;
        batch.index = order;
        memcpy(x, s.x, N * s.M * sizeof *x);
        for (i = 0; i < N; i++) augment(&user, step, i, s.M, x + i * s.M);
        user.calls = 0;
        user.steps = 0;
        CHECK_STATUS(cn_opt_step(a, hooked, theta, &batch).status, CN_OK);
        CHECK(user.calls == 2 * N && user.steps == (uint64_t)1 << step);
        CHECK_STATUS(cn_opt_step(b, changed, other, &batch).status, CN_OK);
        CHECK(same_bits(s.size, theta, other));
        CHECK(!same_bits(s.size, theta, s.theta));
    }
    CHECK(!user.bad);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- descriptions, forward alone */

static void describe(void) {
    scene s;
    cn_point_info point;
    cn_real *out, *wanted;
    float *x32;
    size_t i;
    open_net(&s, networks[3].text, 1, 6, 4);
    point = cn_point_describe(s.at);
    CHECK(point.problem == s.p && point.n == 6 && point.outputs == s.K && point.params == s.P);
    CHECK(point.theta != s.theta && same_bits(s.size, point.theta, s.theta));
    CHECK(cn_point_describe(NULL).n == 0 && cn_problem_describe(NULL).n == 0);
    out = cn_vector(&s.c, 6 * s.K);
    wanted = cn_vector(&s.c, 6 * s.K);
    x32 = (float *)malloc(6 * s.M * sizeof *x32);
    for (i = 0; i < 6 * s.M; i++) {
        x32[i] = (float)s.x[i];
        s.x[i] = (cn_real)x32[i];
    }
    CHECK_STATUS(cn_predict(s.p, s.theta, NULL, wanted), CN_OK);
    CHECK_STATUS(cn_forward(&s.c, s.net, s.theta, cn_tensor_of(x32, CN_TYPE_F32, 4, 6, 2, 4, 4), out), CN_OK);
    CHECK(same_bits(6 * s.K, out, wanted));
    CHECK_STATUS(cn_forward(NULL, s.net, s.theta, s.data.x, out), CN_E_ARGUMENT);
    CHECK_STATUS(cn_forward(&s.c, NULL, s.theta, s.data.x, out), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "network");
    cn_clear(&s.c);
    CHECK_STATUS(cn_forward(&s.c, s.net, NULL, s.data.x, out), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "theta");
    cn_clear(&s.c);
    CHECK_STATUS(cn_forward(&s.c, s.net, s.theta, s.data.x, NULL), CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "out");
    cn_clear(&s.c);
    CHECK_STATUS(cn_forward(&s.c, s.net, s.theta, cn_tensor_of(s.x, CN_TYPE_REAL, 2, 6, 5, 0, 0), out), CN_E_SHAPE);
    CHECK_SENTENCE(&s.c, CN_E_SHAPE, "5");
    free(x32);
    scene_free(&s);
}

TEST_MAIN {
    int i;
    static char text[60];
    rows_of_ones_own();
#define EACH(what, function)                      \
    for (i = 0; i < NETWORKS; i++) {              \
        sprintf(text, "%s, network %d", what, i); \
        test_case = text;                         \
        function(i);                              \
    }
    EACH("values", values)
    EACH("pairs of wants", pairs)
    EACH("layouts", layouts)
    EACH("tangents", tangents)
    EACH("no labels", no_labels)
    EACH("augmentation", augmentation)
    CASE("stops") stops();
    CASE("refused memory") refused_memory();
    CASE("NaN") poisoned();
    CASE("blocks in small chunks") blocks_in_small_chunks();
    CASE("two points") two_points();
    CASE("Gram refusals") gram_refusals();
    CASE("a large Gram matrix") large_gram();
    CASE("changed labels") changed_labels();
    CASE("bytes as labels") byte_labels();
    CASE("descriptions") describe();
}
