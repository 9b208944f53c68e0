/* graphs.c: random networks from the whole grammar. What must hold for every one of them is checked on each:
   derivatives against central differences, forward against reverse mode, closed forms against sweeps, parts against the
   whole, one layout of the work against another. Every choice follows from the network's number: a failure prints the
   text and the number. */
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

#define IN_DOUBLE (sizeof(cn_real) == 8)
enum { MOST_PARAMS = 150, SAMPLES = 5 };

/* ---- the generator */

typedef struct dice {
    uint64_t state;
} dice; /* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t throw_dice(dice *d) {
    uint64_t z = d->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}
static size_t below(dice *d, size_t n) { return (size_t)(throw_dice(d) >> 33) % n; }
static size_t between(dice *d, size_t low, size_t high) { return low + below(d, high - low + 1); }
static int chance(dice *d, size_t percent) { return below(d, 100) < percent; }

typedef struct text {
    char s[2000];
    size_t n;
} text;
static void put(text *t, const char *s) {
    size_t m = strlen(s);
    if (t->n + m + 1 < sizeof t->s) {
        memcpy(t->s + t->n, s, m + 1);
        t->n += m;
    }
}
static void put_number(text *t, const char *before, size_t v) {
    char s[40];
    sprintf(s, "%s%lu", before, (unsigned long)v);
    put(t, s);
}

static size_t window(size_t in, size_t side, size_t stride, size_t pad) {
    return in + 2 * pad < side ? 0 : (in + 2 * pad - side) / stride + 1;
}

/* One pointwise or normalising item: the shape stays. A softmax of one number is 1 and has no gradient. */
static void same_shape(dice *d, text *t, const cn_shape *s) {
    static const char *items[] = {"relu",       "relu",    "leaky",       "leaky 0.3", "tanh",
                                  "tanh",       "sigmoid", "softplus",    "gelu",      "silu",
                                  "softmax",    "dropout", "dropout 0.3", "batchnorm", "batchnorm",
                                  "sine w=0.7", "bend",    "gain",        "square"};
    size_t i = below(d, sizeof items / sizeof *items);
    put(t, s->c * s->h * s->w == 1 && strcmp(items[i], "softmax") == 0 ? "tanh" : items[i]);
}

static void put_conv(dice *d, text *t, cn_shape *s, size_t out, size_t side, size_t stride, size_t pad) {
    size_t groups = 1;
    if (chance(d, 35))
        for (groups = s->c; s->c % groups || out % groups; groups--) {
        } /* the most there can be */
    put_number(t, "conv ", out);
    put_number(t, " ", side);
    if (stride > 1 || chance(d, 10)) put_number(t, " stride=", stride);
    if (pad || chance(d, 10)) put_number(t, " pad=", pad);
    if (groups > 1) put_number(t, " groups=", groups);
    if (chance(d, 35)) put(t, " bias=0");
    s->c = out;
    s->h = window(s->h, side, stride, pad);
    s->w = window(s->w, side, stride, pad);
}

static void items(dice *d, text *t, cn_shape *s, size_t count, int depth);

static void residual(dice *d, text *t, cn_shape *s, int depth) {
    cn_shape body = *s, skip = *s;
    int plain = s->h == 1 && s->w == 1, kind = (int)below(d, 4);
    put(t, "residual { ");
    if (kind == 0 && (s->h > 1 || s->w > 1)) { /* as ResNet's: both sides take the same stride */
        size_t stride = between(d, 1, 2), out = between(d, 1, 3);
        put_conv(d, t, &body, out, 3, stride, 1);
        for (; chance(d, 50);) {
            put(t, "; ");
            same_shape(d, t, &body);
        }
        put(t, " } skip { ");
        put_conv(d, t, &skip, out, 1, stride, 0);
        if (chance(d, 40)) {
            put(t, "; ");
            same_shape(d, t, &skip);
        }
    } else if (kind == 1) { /* any body, brought to a vector at the end, and any skip */
        size_t out = between(d, 1, 3);
        items(d, t, &body, between(d, 0, 2), depth + 1);
        put_number(t, "flatten; dense ", out);
        body.c = out;
        body.h = body.w = 1;
        if (chance(d, 40)) {
            put(t, "; ");
            same_shape(d, t, &body);
        }
        put(t, " } skip { ");
        items(d, t, &skip, between(d, 0, 1), depth + 1);
        put_number(t, "flatten; dense ", out);
    } else { /* the shape stays; an input that is added as it is, or changed a little */
        size_t i, n = between(d, 1, 3);
        for (i = 0; i < n; i++) {
            if (i) put(t, "; ");
            if (chance(d, 40))
                same_shape(d, t, s);
            else if (depth < 2 && chance(d, 30)) {
                put(t, "residual { ");
                same_shape(d, t, s);
                put(t, chance(d, 50) ? " }" : " } skip { dropout; tanh }");
            } else if (plain) {
                put_number(t, "dense ", s->c);
                if (chance(d, 30)) put(t, " bias=0");
            } else {
                cn_shape now = *s;
                if (chance(d, 60))
                    put_conv(d, t, &now, s->c, 3, 1, 1);
                else
                    put_conv(d, t, &now, s->c, 1, 1, 0);
            }
        }
        if (chance(d, 40)) {
            put(t, " } skip { ");
            same_shape(d, t, s);
            if (chance(d, 30)) {
                put(t, "; ");
                same_shape(d, t, s);
            }
        }
    }
    put(t, " }");
    *s = body;
}

static void items(dice *d, text *t, cn_shape *s, size_t count, int depth) {
    for (; count-- > 0; put(t, "; ")) {
        size_t kind = below(d, 100), side, stride, pad;
        if (kind < 30) {
            same_shape(d, t, s);
            continue;
        }
        if (kind < 48 && depth < 2) {
            residual(d, t, s, depth);
            continue;
        }
        if (kind < 51) {
            put(t, "flatten");
            s->c *= s->h * s->w;
            s->h = s->w = 1;
            continue;
        }
        if (s->h == 1 && s->w == 1 && kind < 90) {
            s->c = between(d, 1, 5);
            put_number(t, "dense ", s->c);
            if (chance(d, 25)) put(t, " bias=0");
            continue;
        }
        if (kind < 54) {
            put(t, "gap");
            s->h = s->w = 1;
            continue;
        }
        side = between(d, 1, s->h < s->w ? s->h : s->w);
        if (side > 3) side = 3;
        stride = between(d, 1, 3);
        if (kind < 84) {
            pad = below(d, 3);
            put_conv(d, t, s, between(d, 1, 4), side, stride, pad);
        } else {
            put_number(t, kind < 93 ? "maxpool " : "avgpool ", side);
            if (chance(d, 40))
                stride = side;
            else
                put_number(t, " stride=", stride);
            s->h = window(s->h, side, stride, 0);
            s->w = window(s->w, side, stride, 0);
        }
    }
}

static void network(dice *d, text *t) {
    cn_shape s;
    size_t n = between(d, 1, 6);
    t->n = 0;
    s.h = s.w = 1;
    if (chance(d, 30)) {
        s.c = between(d, 1, 5);
        put_number(t, "input ", s.c);
    } else {
        s.c = between(d, 1, 3);
        s.h = between(d, 1, 5);
        s.w = between(d, 1, 5);
        put_number(t, "input ", s.c);
        put_number(t, " ", s.h);
        put_number(t, " ", s.w);
    }
    put(t, "; ");
    items(d, t, &s, n, 0);
    if (chance(d, 70))
        put_number(t, "flatten; dense ", between(d, 1, 4));
    else
        same_shape(d, t, &s);
}

/* ---- checks */

#define ORDER (3000 * TEST_EPS) /* the same sums in another order, through a dozen layers */
/* Central differences with steps h and h/2: where the two agree to a quarter of the tolerance, there is no kink between
   (one at a share of the step moves them apart; one at theta itself, by less than 1e-7 of the step, would be
   overlooked) and no higher derivative in the way. h = 4e-6: a truncation error of h^2/6 = 3e-12 third derivatives,
   rounding of eps/h = 6e-11 of the loss; 1e-6 of the largest entry. */
#define STEP 4e-6
#define TOLERANCE 1e-6

enum { FINE, KINK }; /* of a comparison with differences */
typedef struct counts {
    size_t kinks, train_kinks, wild, hopeless, refused, residuals, convs;
} counts;
static counts total;

static double loss_near(scene *s, const cn_batch *b, cn_real *room, const cn_real *v, double step) {
    size_t i;
    memcpy(room, s->theta, s->size * sizeof *room);
    for (i = 0; i < s->P; i++) room[i] += (cn_real)step * v[i];
    return cn_evaluate(s->p, room, b, NULL).loss;
}

/* The directional derivative g.v against differences of the loss. */
static int slope_agrees(scene *s, const cn_batch *b, const cn_real *g, const cn_real *v, double size, cn_real *room) {
    double wide = (loss_near(s, b, room, v, STEP) - loss_near(s, b, room, v, -STEP)) / (2 * STEP);
    double narrow = (loss_near(s, b, room, v, STEP / 2) - loss_near(s, b, room, v, -STEP / 2)) / STEP;
    if (fabs(wide - narrow) > TOLERANCE / 4 * size) return KINK;
    CHECK_NEAR(dot_of(s->P, g, v), wide, TOLERANCE * size);
    return FINE;
}

/* The gradient along single parameters, along each part, along all; in train mode too. */
static int check_gradient(scene *s, dice *d, const cn_batch *b) {
    size_t P = s->P, r, i, parts = cn_net_describe(s->net).parts;
    cn_real *g = cn_vector(&s->c, s->size), *v = cn_vector(&s->c, P), *room = cn_vector(&s->c, s->size);
    cn_part part;
    double size, length;
    int found = FINE;
    cn_eval e = cn_evaluate(s->p, s->theta, b, g);
    CHECK_STATUS(e.status, CN_OK);
    size = most_of(P, g);
    for (r = 0; r < 8 && found == FINE; r++) { /* single parameters */
        memset(v, 0, P * sizeof *v);
        v[below(d, P)] = 1;
        found = slope_agrees(s, b, g, v, size, room);
    }
    /* parts, then all: unit steps, so that the sums stay of the size of an entry */
    for (r = 0; r <= parts && found == FINE; r++) {
        cn_block block = block_of(0, P);
        if (r < parts) {
            cn_net_part(s->net, NULL, r, &part);
            if (part.is_state) continue;
            block = part.block;
        }
        memset(v, 0, P * sizeof *v);
        cn_random(d->state, 1, 0, CN_NOISE_NORMAL, 1, block.count, v + block.first);
        for (length = norm_of(P, v), i = 0; i < P; i++) v[i] = (cn_real)((double)v[i] / length);
        found = slope_agrees(s, b, g, v, size, room);
    }
    cn_free(&s->c, g);
    cn_free(&s->c, v);
    cn_free(&s->c, room);
    return found;
}

static void gradient_near(scene *s, const cn_real *v, double step, cn_real *room, cn_real *g, cn_real *f) {
    size_t i;
    memcpy(room, s->theta, s->size * sizeof *room);
    for (i = 0; i < s->P; i++) room[i] += (cn_real)step * v[i];
    cn_evaluate(s->p, room, NULL, g);
    cn_predict(s->p, room, NULL, f);
}

/* H v and J v along two directions. */
static int check_products(scene *s, dice *d) {
    size_t P = s->P, N = s->n * s->K, r, i, part;
    cn_real *v = cn_vector(&s->c, P), *hv = cn_vector(&s->c, P), *room = cn_vector(&s->c, s->size),
            *jv = cn_vector(&s->c, N), *g[4], *f[4];
    double size, jump;
    int found = FINE;
    cn_op *h = cn_op_of(s->at, CN_OP_HESSIAN, block_all());
    for (i = 0; i < 4; i++) {
        g[i] = cn_vector(&s->c, s->size);
        f[i] = cn_vector(&s->c, N);
    }
    for (r = 0; r < 2 && found == FINE; r++) {
        cn_random(d->state, 2 + r, 0, CN_NOISE_NORMAL, 1, P, v);
        for (part = 0; part < 4; part++)
            gradient_near(s, v,
                          part == 0   ? STEP
                          : part == 1 ? -STEP
                          : part == 2 ? STEP / 2
                                      : -STEP / 2,
                          room, g[part], f[part]);
        CHECK_STATUS(cn_op_apply(h, 1, v, hv), CN_OK);
        CHECK_STATUS(cn_jv(s->at, block_all(), 1, v, jv), CN_OK);
        for (i = 0; i < P; i++) {
            g[0][i] = (g[0][i] - g[1][i]) / (cn_real)(2 * STEP);
            g[2][i] = (g[2][i] - g[3][i]) / (cn_real)STEP;
        }
        for (i = 0; i < N; i++) {
            f[0][i] = (f[0][i] - f[1][i]) / (cn_real)(2 * STEP);
            f[2][i] = (f[2][i] - f[3][i]) / (cn_real)STEP;
        }
        /* a Hessian may vanish: then the gradient says what rounding is */
        size = most_of(P, hv) + 1e-3 * most_of(P, g[3]);
        jump = most_of(N, jv) + 1e-3 * most_of(N, f[3]);
        if (gap_of(P, g[0], g[2]) > TOLERANCE / 4 * size || gap_of(N, f[0], f[2]) > TOLERANCE / 4 * jump) {
            found = KINK;
            continue;
        }
        CHECK_NEAR(gap_of(P, hv, g[0]), 0, TOLERANCE * size);
        CHECK_NEAR(gap_of(N, jv, f[0]), 0, TOLERANCE * jump);
    }
    for (i = 0; i < 4; i++) {
        cn_free(&s->c, g[i]);
        cn_free(&s->c, f[i]);
    }
    cn_free(&s->c, v);
    cn_free(&s->c, hv);
    cn_free(&s->c, room);
    cn_free(&s->c, jv);
    return found;
}

/* Sums of J' terms may cancel to nothing: what a product's entries are made of is of the size of J times the
   signals. */
static void check_adjoint(scene *s, dice *d) {
    enum { K5 = 5 };
    size_t P = s->P, N = s->n * s->K, j, i;
    int kind;
    cn_real *v = cn_vector(&s->c, K5 * P), *u = cn_vector(&s->c, K5 * N), *jv = cn_vector(&s->c, K5 * N),
            *ju = cn_vector(&s->c, K5 * P), *one = cn_vector(&s->c, P + N), *many = cn_vector(&s->c, K5 * P),
            *u1 = cn_vector(&s->c, N);
    double scale;
    cn_random(d->state, 5, 0, CN_NOISE_NORMAL, 1, K5 * P, v);
    cn_random(d->state, 6, 0, CN_NOISE_NORMAL, 1, K5 * N, u);
    CHECK_STATUS(cn_jv(s->at, block_all(), K5, v, jv), CN_OK);
    CHECK_STATUS(cn_jtu(s->at, block_all(), K5, u, ju), CN_OK);
    for (j = 0; j < K5; j++) {
        double left = 0, right = dot_of(P, v + j * P, ju + j * P), lu = 0, lj = 0;
        for (i = 0; i < s->n; i++) {
            const cn_real *a = u + (i * K5 + j) * s->K, *b = jv + (i * K5 + j) * s->K;
            left += dot_of(s->K, a, b);
            lu += dot_of(s->K, a, a);
            lj += dot_of(s->K, b, b);
        }
        scale = sqrt(lu) * sqrt(lj) + norm_of(P, v + j * P) * norm_of(P, ju + j * P);
        CHECK_NEAR(left, right, ORDER * scale);
        CHECK_STATUS(cn_jv(s->at, block_all(), 1, v + j * P, one), CN_OK); /* k = 1 and k = 5 */
        for (i = 0; i < N; i++)
            CHECK_NEAR(jv[(i / s->K * K5 + j) * s->K + i % s->K], one[i], ORDER * most_of(K5 * N, jv));
        for (i = 0; i < N; i++) u1[i] = u[(i / s->K * K5 + j) * s->K + i % s->K];
        CHECK_STATUS(cn_jtu(s->at, block_all(), 1, u1, one), CN_OK);
        CHECK_NEAR(gap_of(P, ju + j * P, one), 0, ORDER * most_of(K5 * P, ju));
    }
    for (kind = 0; kind < CN_OP_NTK; kind++) {
        cn_op *op;
        if (kind == CN_OP_FISHER || kind == CN_OP_FISHER_SAMPLED) continue;
        op = cn_op_of(s->at, kind, block_all());
        CHECK_STATUS(cn_op_apply(op, K5, v, many), CN_OK);
        for (scale = 0, j = 0; j < K5; j++) {
            CHECK_STATUS(cn_op_apply(op, 1, v + j * P, one), CN_OK);
            scale = most_of(K5 * P, many);
            if (kind == CN_OP_COVARIANCE) scale = fmax(scale, most_of(P, ju)); /* S = C - gg' may vanish */
            CHECK_NEAR(gap_of(P, many + j * P, one), 0, ORDER * (scale + 1e-3 * most_of(K5 * P, ju)));
        }
    }
    cn_free(&s->c, v);
    cn_free(&s->c, u);
    cn_free(&s->c, jv);
    cn_free(&s->c, ju);
    cn_free(&s->c, one);
    cn_free(&s->c, many);
    cn_free(&s->c, u1);
}

static cn_problem_desc how; /* of the network at hand: its loss, the dropout seed */

/* Another chunk and a cache, filled and used: the same numbers. */
static void check_layouts(scene *s, dice *d) {
    /* chunk and cache */
    static const size_t other[][2] = {{1, 0}, {3, (size_t)1 << 20}, {SAMPLES, 5000}, {1, 700}};
    size_t P = s->P, t, r;
    int kind;
    cn_real *v = cn_vector(&s->c, 2 * P), *want = cn_vector(&s->c, 2 * P), *got = cn_vector(&s->c, 2 * P),
            *g = cn_vector(&s->c, s->size), *gt = cn_vector(&s->c, s->size);
    cn_eval e, et;
    cn_random(d->state, 7, 0, CN_NOISE_NORMAL, 1, 2 * P, v);
    e = cn_evaluate(s->p, s->theta, NULL, g);
    for (t = 0; t < 4; t++) {
        cn_problem_desc with = how;
        cn_problem *p;
        cn_point *at;
        with.chunk = other[t][0];
        p = cn_problem_create(&s->c, s->net, &s->data, &with);
        at = cn_point_create(p, s->theta, other[t][1]);
        /* a part first: a cache must not keep half */
        CHECK_STATUS(cn_op_apply(cn_op_of(at, CN_OP_HESSIAN, block_of(P - 1, 1)), 1, v, got), CN_OK);
        et = cn_evaluate(p, s->theta, NULL, gt);
        CHECK_NEAR(et.loss, e.loss, ORDER * fabs(e.loss));
        CHECK_NEAR(gap_of(P, g, gt), 0, ORDER * most_of(P, g));
        /* C, H, then H from what is kept */
        for (r = 0; r < 2; r++)
            for (kind = r ? CN_OP_HESSIAN : CN_OP_SECOND_MOMENT;; kind = CN_OP_HESSIAN) {
                CHECK_STATUS(cn_op_apply(cn_op_of(s->at, kind, block_all()), 2, v, want), CN_OK);
                CHECK_STATUS(cn_op_apply(cn_op_of(at, kind, block_all()), 2, v, got), CN_OK);
                CHECK_NEAR(gap_of(2 * P, got, want), 0, ORDER * (most_of(2 * P, want) + most_of(P, g)));
                if (kind == CN_OP_HESSIAN) break;
            }
        cn_free(&s->c, at);
        cn_free(&s->c, p);
    }
    cn_free(&s->c, v);
    cn_free(&s->c, want);
    cn_free(&s->c, got);
    cn_free(&s->c, g);
    cn_free(&s->c, gt);
}

/* Closed forms of traces and diagonals against the matrix itself, whole and in blocks; blocks of products against the
   whole product. */
static void check_closed_forms(scene *s, dice *d) {
    size_t P = s->P, i, j, b, count;
    int kind;
    cn_block blocks[100];
    cn_real *matrix, *dense = cn_vector(&s->c, P * P), *v = cn_vector(&s->c, P), *out = cn_vector(&s->c, P),
                     *want = cn_vector(&s->c, P), *g = cn_vector(&s->c, s->n * P);
    double tolerance = TEST_REAL(ORDER, 1e-3), norms = 0, terms;
    cn_probe_desc exact = CN_ZERO;
    exact.method = CN_METHOD_EXACT;
    count = scene_blocks(s, blocks, 90);
    CHECK_STATUS(cn_gradients(s->at, block_all(), g), CN_OK);
    for (i = 0; i < s->n; i++) norms += dot_of(P, g + i * P, g + i * P) / (double)s->n;
    CHECK_NEAR(cn_trace(cn_op_of(s->at, CN_OP_SECOND_MOMENT, block_all()), NULL).value, norms, tolerance * norms);
    /* entries are sums of terms that may cancel: of about this size */
    terms = 1e-3 * (norms + cn_trace(cn_op_of(s->at, CN_OP_JACOBIAN_MOMENT, block_all()), NULL).value);
    for (kind = 0; kind < CN_OP_NTK; kind++) {
        cn_op *op;
        double size = 0, scale;
        if (kind == CN_OP_FISHER || (how.custom && kind == CN_OP_FISHER_SAMPLED)) continue;
        op = cn_op_of(s->at, kind, block_all());
        matrix = scene_matrix(s, kind, block_all(), NULL);
        scale = most_of(P * P, matrix) + terms;
        for (i = 0; i < P; i++) size += fabs((double)matrix[i * P + i]);
        size += terms;
        CHECK_NEAR(cn_trace(op, NULL).value, trace_of(matrix, P), tolerance * size);
        CHECK_NEAR(cn_trace(op, &exact).value, trace_of(matrix, P), tolerance * size);
        CHECK_STATUS(cn_diagonal(op, &exact, out).status, CN_OK);
        for (i = 0; i < P; i++) CHECK_NEAR(out[i], matrix[i * P + i], tolerance * scale);
        for (i = 0; i < P; i++)
            for (j = 0; j < i; j++) CHECK_NEAR(matrix[i * P + j], matrix[j * P + i], tolerance * scale);
        if (P <= 60) {
            CHECK_STATUS(cn_op_dense(op, dense), CN_OK);
            CHECK_NEAR(gap_of(P * P, dense, matrix), 0, tolerance * scale);
            CHECK_NEAR(trace_of(dense, P), trace_of(matrix, P), tolerance * size);
        }
        for (b = 1; b < count; b++) { /* P >= 3, so that every block has parameters */
            size_t first = blocks[b].first, n = blocks[b].count;
            double trace = 0;
            cn_op *part = cn_op_of(s->at, kind, blocks[b]);
            for (i = 0; i < n; i++) trace += (double)matrix[(first + i) * P + first + i];
            CHECK_NEAR(cn_trace(part, NULL).value, trace, tolerance * size);
            if (kind > CN_OP_SECOND_MOMENT) continue; /* products of blocks: H, G, C */
            cn_random(d->state, 8 + b, 0, CN_NOISE_NORMAL, 1, n, v);
            CHECK_STATUS(cn_op_apply(part, 1, v, out), CN_OK);
            for (i = 0; i < n; i++) want[i] = (cn_real)dot_of(n, matrix + (first + i) * P + first, v);
            CHECK_NEAR(gap_of(n, out, want), 0, tolerance * scale * (1 + norm_of(n, v)));
            if (kind == CN_OP_HESSIAN && n <= 30) { /* an own block has a form of its own */
                CHECK_STATUS(cn_op_dense(part, dense), CN_OK);
                for (i = 0; i < n; i++)
                    for (j = 0; j < n; j++)
                        CHECK_NEAR(dense[i * n + j], matrix[(first + i) * P + first + j], tolerance * scale);
            }
            cn_free(&s->c, part);
        }
        cn_free(&s->c, matrix);
        cn_free(&s->c, op);
    }
    cn_free(&s->c, dense);
    cn_free(&s->c, v);
    cn_free(&s->c, out);
    cn_free(&s->c, want);
    cn_free(&s->c, g);
}

/* ---- one network */

/* Data and theta number `draw`; 0 when the numbers are too large or too small to compare. */
static int prepare(scene *s, const char *net, uint64_t seed) {
    cn_eval e;
    cn_real *g;
    int labels;
    dice d;
    double size;
    d.state = seed;
    scene_net(s, net);
    if (s->c.status) {
        CHECK(0);
        printf("       %s\n", s->c.message);
        exit(1);
    }
    memset(&how, 0, sizeof how);
    labels = s->K > 1 && chance(&d, 50);
    how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    if (!labels && chance(&d, 30)) how.custom = own_losses + below(&d, 3);
    if (labels && chance(&d, 30)) how.label_smoothing = 0.1;
    how.seed = seed;
    how.chunk = 2;
    scene_random(s, SAMPLES, labels, seed);
    scene_point(s, &how, 0);
    g = cn_vector(&s->c, s->size);
    e = cn_evaluate(s->p, s->theta, NULL, g);
    size = most_of(s->P, g);
    return e.status == CN_OK && e.loss < 100 && size < 1e3 && size > 1e-3;
}

/* A text that is small enough and has some parameters. */
static void draw_network(dice *d, text *t) {
    cn_net_info info;
    size_t tries = 0;
    do {
        static cn_ctx c;
        cn_net *net;
        network(d, t);
        c.layers = own_rows;
        c.layer_count = OWN_ROWS;
        net = cn_net_create(&c, t->s);
        info = cn_net_describe(net);
        if (!net) {
            test_case = t->s;
            CHECK_STATUS(c.status, CN_OK);
            printf("       %s\n", c.message);
            cn_clear(&c);
        }
        cn_free_all(&c);
    } while ((info.params < 3 || info.params > MOST_PARAMS || info.outputs > 6) && ++tries < 200);
    total.refused += tries;
}

/* The network's own text makes it again: the same parts, the same outputs from the same theta, the same text. */
static void check_text(scene *s) {
    char out[2000], again[2000];
    size_t n = cn_net_text(s->net, out, sizeof out), i, count = s->n * s->K;
    cn_net *net = cn_net_create(&s->c, out);
    cn_part p, q;
    cn_net_info a = cn_net_describe(s->net), b = cn_net_describe(net);
    cn_problem *problem, *first;
    cn_real *f = cn_vector(&s->c, count), *g = cn_vector(&s->c, count);
    first = cn_problem_create(&s->c, s->net, &s->data, &how);
    problem = cn_problem_create(&s->c, net, &s->data, &how);
    CHECK(net && n == strlen(out) && cn_net_text(net, again, sizeof again) == n && strcmp(out, again) == 0);
    CHECK(a.inputs == b.inputs && a.outputs == b.outputs && a.params == b.params && a.state == b.state &&
          a.parts == b.parts && a.macs == b.macs);
    for (i = 0; net && i < a.parts; i++) {
        cn_net_part(s->net, NULL, i, &p);
        cn_net_part(net, NULL, i, &q);
        CHECK(strcmp(p.name, q.name) == 0 && p.block.first == q.block.first && p.block.count == q.block.count &&
              memcmp(p.value.shape, q.value.shape, sizeof p.value.shape) == 0);
    }
    CHECK(cn_predict(first, s->theta, NULL, f) == CN_OK && cn_predict(problem, s->theta, NULL, g) == CN_OK &&
          same_bits(count, f, g));
    if (s->c.status) printf("       \"%s\": %s\n", out, s->c.message);
}

/* Data and theta that can be compared, and all checks on them. 0: no such draw. */
static int try_network(size_t number, const text *t) {
    uint64_t draw, seed;
    int found;
    scene s;
    cn_batch b = CN_ZERO;
    dice d;
    size_t failed = (size_t)test_failed;
    b.n = SAMPLES;
    b.step = 3;
    b.train = 1;
    for (draw = 0; draw < 12; draw++) {
        seed = number * 100 + draw;
        if (!prepare(&s, t->s, seed)) {
            total.wild++;
            scene_free(&s);
            continue;
        }
        d.state = seed;
        found = FINE;
        if (IN_DOUBLE) {
            found = check_gradient(&s, &d, NULL);
            if (found == FINE) found = check_products(&s, &d);
            /* the batch's variance may vanish: then there is no comparing */
            if (found == FINE && (s.size > s.P || strstr(t->s, "dropout"))) {
                if (check_gradient(&s, &d, &b) == KINK) {
                    total.train_kinks++;
                    if (draw < 6) found = KINK;
                }
            }
        }
        if (found == KINK) {
            total.kinks++;
            scene_free(&s);
            continue;
        }
        if (IN_DOUBLE) {
            check_adjoint(&s, &d);
            check_layouts(&s, &d);
        }
        check_closed_forms(&s, &d);
        check_text(&s);
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
        if ((size_t)test_failed > failed) printf("       seed %lu: %s\n", (unsigned long)seed, t->s);
        return 1;
    }
    return 0;
}

static void one_network(size_t number) {
    static char label[2100];
    text t;
    dice d;
    int done = 0;
    size_t tries;
    d.state = number * 1000003;
    /* some have no gradient whatever theta: a conv that sees padding only */
    for (tries = 0; tries < 5 && !done; tries++) {
        draw_network(&d, &t);
        sprintf(label, "%s (network %lu)", t.s, (unsigned long)number);
        test_case = label;
        done = try_network(number, &t);
        total.hopeless += !done;
    }
    CHECK(done);
    total.residuals += strstr(t.s, "residual") != NULL;
    total.convs += strstr(t.s, "conv") != NULL;
}

TEST_MAIN {
    size_t i, n = TEST_SIZE(500, 20);
    const char *more = getenv("GRAPHS"); /* how many, for those who look for trouble */
    if (more) n = (size_t)atol(more);
    for (i = 1; i <= n; i++) one_network(i);
    CASE("the generator") { /* it makes what it is for, and does not redraw until something fits */
        CHECK(4 * total.residuals > n && 4 * total.convs > n);
        CHECK(20 * total.kinks < n + 20 && 20 * total.train_kinks < n + 20);
        CHECK(total.wild < n && 50 * total.hopeless < n + 50);
        if (more)
            printf("kinks %lu, in train mode %lu, wild %lu, hopeless %lu, thrown away %lu, with residuals %lu, with "
                   "conv %lu\n",
                   (unsigned long)total.kinks, (unsigned long)total.train_kinks, (unsigned long)total.wild,
                   (unsigned long)total.hopeless, (unsigned long)total.refused, (unsigned long)total.residuals,
                   (unsigned long)total.convs);
    }
}
