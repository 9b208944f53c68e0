/* faults.c: what goes wrong, on purpose. Memory of exactly the bytes of the dry run for all pairs of operators; calls
   that fail at each of their products, passes and reports: the status is right, nothing leaks, and the caller's arrays
   are as the contract says. */
#define CN_STATIC
#define CURVNOISE_IMPLEMENTATION
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"

/* ---- all kinds of operators, made by every constructor */

enum { MOST_OPS = 32, MOST_SIZE = 280, FACTOR_ROWS = 70 };
typedef struct family { /* operators of one size */
    size_t count, size;
    cn_op *op[MOST_OPS];
    const char *name[MOST_OPS];
    cn_real *identity, *rows, *unit;
} family;

static test_heap heap;
static char what[100];

static void add(family *f, cn_op *op, const char *name) {
    CHECK(op && f->count < MOST_OPS && cn_op_describe(op).size == f->size);
    f->op[f->count] = op;
    f->name[f->count++] = name;
}

static int own_product(void *user, size_t k, const cn_real *x, cn_real *y) /* y = 3 x */
{
    size_t i, n = k * *(const size_t *)user;
    for (i = 0; i < n; i++) y[i] = 3 * x[i];
    return CN_OK;
}

/* Beside the operators of a point that are there: the caller's own, matrices, factors, and what is made of operators */
static void add_made(family *f, cn_ctx *c, int inverse) {
    cn_op *first = f->op[0], *last = f->op[f->count - 1], *own, *deflated, *diagonal, *few;
    size_t i, n = f->size;
    f->identity = cn_vector(c, n * n);
    f->rows = cn_vector(c, FACTOR_ROWS * n);
    f->unit = cn_vector(c, n);
    for (i = 0; i < n; i++) f->identity[i * n + i] = 1;
    cn_random(11, 0, 0, CN_NOISE_NORMAL, 1, FACTOR_ROWS * n, f->rows);
    f->unit[n / 2] = 1;
    add(f, own = cn_op_user(c, n, own_product, &f->size), "own");
    add(f, cn_op_matrix(c, n, f->identity), "identity matrix");
    add(f, diagonal = cn_op_diagonal(c, n, f->rows), "diagonal");
    add(f, few = cn_op_factor(c, 2, n, f->rows), "factor of few rows");
    add(f, cn_op_factor(c, FACTOR_ROWS, n, f->rows), "factor of many rows");
    add(f, cn_op_sum(last, 1, NULL, 0, 0.5), "shifted");
    add(f, cn_op_sum(own, 1, first, 0.5, 0), "own and first");
    add(f, cn_op_sum(first, 1, last, -0.5, 0), "first and last");
    add(f, cn_op_product(last, last), "square");
    add(f, cn_op_product(own, first), "own times first");
    add(f, cn_op_product(diagonal, few), "diagonal times a factor");
    add(f, cn_op_product(last, own), "last times own");
    add(f, deflated = cn_op_deflate(last, 1, f->unit), "deflated");
    add(f, cn_op_deflate(own, 1, f->unit), "own deflated");
    if (!inverse) return;
    add(f, cn_op_inverse(cn_op_product(last, last), 1, 0, 0, NULL), "inverse");
    add(f, cn_op_inverse(own, 1, 0, 0, f->unit), "own inverse");
    add(f, cn_op_sum(deflated, 1, own, 1, 1), "of a deflation");
}

/* The call as a dry run, then for real: it asks for what the dry run said, writes nowhere else (see test_alloc) and
   keeps nothing. An answer that says "no meaning" or "not definite" is one. */
#define EXACTLY_DRY(c, call)                                                       \
    do {                                                                           \
        size_t need, before = heap.now, calls;                                     \
        int dry, real;                                                             \
        (c)->dry = 1;                                                              \
        dry = (call);                                                              \
        (c)->dry = 0;                                                              \
        need = (c)->bytes_needed;                                                  \
        cn_clear(c);                                                               \
        calls = heap.calls;                                                        \
        real = (call);                                                             \
        if (dry == CN_DRY) {                                                       \
            CHECK(real == CN_OK || real == CN_E_UNSUITED || real == CN_E_NUMERIC); \
            CHECK(heap.now == before && heap.calls == calls + (need > 0));         \
            CHECK(!need || heap.last == need);                                     \
        } else                                                                     \
            CHECK_STATUS(real, dry);                                               \
        if (real != (c)->status) CHECK_STATUS((c)->status, real);                  \
        cn_clear(c);                                                               \
    } while (0)

static int made(cn_ctx *c, cn_op *op) /* a creator's status */
{
    int status = op ? CN_OK : c->status;
    cn_free(c, op);
    return status;
}

static void each_alone(cn_ctx *c, cn_op *a, const char *scene_name, const char *name) {
    static const int traces[] = {CN_METHOD_AUTO, CN_METHOD_EXACT, CN_METHOD_HUTCHINSON, CN_METHOD_HUTCHPP,
                                 CN_METHOD_XTRACE},
                     pairs[] = {CN_METHOD_AUTO, CN_METHOD_EXACT, CN_METHOD_LANCZOS, CN_METHOD_POWER};
    static cn_real x[20 * MOST_SIZE], y[20 * MOST_SIZE], dense[MOST_SIZE * MOST_SIZE], vectors[4 * MOST_SIZE];
    double values[20], more[20], density[5], negative[5];
    cn_density_curve curve = CN_ZERO;
    cn_op_info info = cn_op_describe(a);
    cn_probe_desc d = CN_ZERO;
    cn_eigs_desc e = CN_ZERO;
    cn_density_desc q = CN_ZERO;
    size_t i, n = info.size;
    sprintf(what, "%.30s: %.30s", scene_name, name);
    test_case = what;
    cn_random(12, 0, 0, CN_NOISE_NORMAL, 1, 20 * n, x);
    EXACTLY_DRY(c, cn_op_apply(a, 1, x, y));
    EXACTLY_DRY(c, cn_op_apply(a, 19, x, y));
    EXACTLY_DRY(c, cn_op_dense(a, dense));
    EXACTLY_DRY(c, cn_op_quadratic(a, 19, x, values));
    if (info.rows && info.rows <= MOST_SIZE) {
        EXACTLY_DRY(c, cn_op_gram(a, dense));
        EXACTLY_DRY(c, cn_op_spread(a, 1, x, y));
    }
    d.probes = 7;
    for (i = 0; i < sizeof traces / sizeof *traces; i++) {
        d.method = traces[i];
        EXACTLY_DRY(c, cn_trace(a, &d).status);
        EXACTLY_DRY(c, cn_inner(a, a, &d).status);
        EXACTLY_DRY(c, cn_diagonal(a, &d, y).status);
    }
    for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        e.method = pairs[i];
        EXACTLY_DRY(c, cn_eigs(a, &e, values, NULL, NULL).status);
        e.top = n < 2 ? n : 2;
        e.bottom = n > 3;
        EXACTLY_DRY(c, cn_eigs(a, &e, values, more, vectors).status);
        memset(&e, 0, sizeof e);
    }
    EXACTLY_DRY(c, cn_solve(a, 1, 0, 5, NULL, x, y).status);
    for (i = 0; i < 2; i++) {
        d.method = i ? CN_METHOD_LANCZOS : CN_METHOD_EXACT;
        EXACTLY_DRY(c, cn_logdet(a, 50, &d).status);
        q.axis = (int)i;
        q.points = 5;
        q.runs = 3;
        curve.at = more;
        curve.density = density;
        curve.negative = i ? negative : NULL;
        EXACTLY_DRY(c, cn_density(a, &q, &curve).status);
    }
}

static void each_pair(cn_ctx *c, const family *f, const char *scene_name) {
    static const int methods[] = {CN_METHOD_AUTO, CN_METHOD_EXACT, CN_METHOD_HUTCHINSON};
    static cn_real x[17 * MOST_SIZE], y[17 * MOST_SIZE];
    cn_probe_desc d = CN_ZERO;
    size_t i, j, m;
    cn_random(13, 0, 0, CN_NOISE_NORMAL, 1, 17 * f->size, x);
    d.probes = 5;
    for (i = 0; i < f->count; i++) {
        each_alone(c, f->op[i], scene_name, f->name[i]);
        for (j = i % TEST_SIZE(1, 4); j < f->count; j += TEST_SIZE(1, 4)) {
            cn_op *a = f->op[i], *b = f->op[j], *op;
            sprintf(what, "%.30s: %.25s, %.25s", scene_name, f->name[i], f->name[j]);
            test_case = what;
            for (m = 0; m < sizeof methods / sizeof *methods; m++) {
                d.method = methods[m];
                EXACTLY_DRY(c, cn_inner(a, b, &d).status);
                EXACTLY_DRY(c, cn_similarity(a, b, &d).status);
                EXACTLY_DRY(c, cn_commutator(a, b, &d).status);
            }
            EXACTLY_DRY(c, made(c, cn_op_sum(a, 1, b, 2, 0)));
            EXACTLY_DRY(c, made(c, cn_op_product(a, b)));
            for (m = 0; m < 2; m++) {
                op = m ? cn_op_product(a, b) : cn_op_sum(a, 1, b, 2, 0);
                EXACTLY_DRY(c, cn_op_apply(op, 17, x, y));
                EXACTLY_DRY(c, cn_trace(op, NULL).status);
                EXACTLY_DRY(c, cn_diagonal(op, NULL, y).status);
                cn_free(c, op);
            }
        }
    }
}

static void pairs_of(const char *text, size_t n, int inverse) {
    static const char *const names[] = {"H", "G", "F", "C", "S", "J", "F sampled", "NTK"};
    scene s;
    family f;
    cn_block all = block_all();
    int kind, ntk;
    char name[100];
    memset(&heap, 0, sizeof heap);
    scene_heap = &heap;
    for (ntk = 0; ntk < 2; ntk++) {
        scene_net(&s, text);
        scene_random(&s, n, 1, 3);
        scene_point(&s, NULL, 0);
        memset(&f, 0, sizeof f);
        f.size = ntk ? n * s.K : s.P;
        for (kind = 0; kind < CN_OP_COUNT; kind++)
            if (kind == CN_OP_NTK ? f.size == n * s.K : !ntk || f.size == s.P)
                add(&f, cn_op_of(s.at, kind, all), names[kind]);
        if (f.size == s.M) add(&f, cn_op_item(s.at, "0"), "T'T");
        add_made(&f, &s.c, inverse);
        sprintf(name, "%.20s.. n = %u", text, (unsigned)n);
        each_pair(&s.c, &f, name);
        if (f.size == s.P && n * s.K == s.P) ntk = 1; /* both at once */
        CHECK_STATUS(s.c.status, CN_OK);
        scene_free(&s);
        CHECK(heap.now == 0);
    }
    scene_heap = NULL;
}

/* The MLS family: every part alone and all together, over layers of all kinds. */
static void mls_exactly_dry(void) {
    static const char *const texts[] = {
        "input 3; dense 5; relu; dense 2", "input 2 3 4; conv 3 2 pad=1; batchnorm; tanh; flatten; dense 70",
        "input 4; residual { dense 4; softplus; dense 4 }; dense 3", "input 2; gain; sine"};
    cn_real ones[MOST_SIZE * 100];
    size_t t, i;
    unsigned bit;
    for (i = 0; i < sizeof ones / sizeof *ones; i++) ones[i] = 1;
    memset(&heap, 0, sizeof heap);
    scene_heap = &heap;
    for (t = 0; t < sizeof texts / sizeof *texts; t++) {
        scene s;
        cn_mls_desc d = CN_ZERO;
        cn_probe_desc how = CN_ZERO;
        cn_noise_desc noise = CN_ZERO;
        test_case = texts[t];
        scene_net(&s, texts[t]);
        scene_random(&s, 11, 1, 3);
        scene_point(&s, NULL, 0);
        for (i = 0; i < 2; i++) {
            d.total = (int)i;
            for (bit = 0; bit <= CN_MLS_ADAPTIVE; bit = bit ? 2 * bit : 1) {
                d.want = bit;
                EXACTLY_DRY(&s.c, cn_mls(s.at, &d).status);
            }
        }
        how.method = CN_METHOD_HUTCHINSON;
        how.probes = 18;
        EXACTLY_DRY(&s.c, cn_adaptive_sharpness(s.at, NULL, NULL).status);
        EXACTLY_DRY(&s.c, cn_adaptive_sharpness(s.at, ones, NULL).status);
        EXACTLY_DRY(&s.c, cn_adaptive_sharpness(s.at, NULL, &how).status);
        noise.sd = 1;
        noise.relative = 1;
        EXACTLY_DRY(&s.c, cn_tpv(s.at, &noise, NULL).status);
        EXACTLY_DRY(&s.c, cn_tpv(s.at, &noise, &how).status);
        scene_free(&s);
    }
    CHECK(heap.now == 0);
    scene_heap = NULL;
}

/* ---- faults on the way */

enum { SIZE = 24, VECTORS = 40, NUMBERS = 24 };
typedef struct stage { /* all that calls write to, and the numbers of their results; compared as bytes */
    cn_real x[VECTORS * 64], y[VECTORS * 64], dense[64 * 64], vectors[8 * 64];
    double values[VECTORS], more[VECTORS], density[VECTORS], error[VECTORS], negative[VECTORS], more_error[VECTORS];
    double gram[64 * 64];
    double number[NUMBERS]; /* of result structs alone */
    size_t count;
} stage;
static stage Z, Reference, Before;

static void put(stage *z, double v) {
    CHECK(z->count < NUMBERS);
    z->number[z->count++] = v;
}
static int put_est(stage *z, cn_est e) {
    put(z, e.value);
    put(z, e.error);
    put(z, (double)e.probes);
    return e.status;
}
static int put_iter(stage *z, cn_iter r) {
    put(z, r.residual);
    put(z, (double)r.iterations);
    return r.status;
}
static int put_density(stage *z, cn_op *a, const cn_density_desc *d) {
    cn_density_curve curve;
    cn_density_result r;
    int log = d->axis == CN_AXIS_LOG;
    curve.at = z->values;
    curve.density = z->density;
    curve.error = z->error;
    curve.negative = log ? z->negative : NULL;
    curve.negative_error = log ? z->more_error : NULL;
    r = cn_density(a, d, &curve);
    put(z, r.smallest);
    put(z, r.largest);
    put(z, r.width);
    put(z, r.floor);
    put(z, r.negative + r.small + r.positive);
    put(z, r.negative_error + r.small_error + r.positive_error);
    put(z, r.half_negative + r.half_small);
    put(z, (double)r.products);
    return r.status;
}
static int put_similarity(stage *z, cn_similarity_result r) {
    put_est(z, r.r);
    put_est(z, r.s);
    put_est(z, r.frob2);
    return r.status;
}
static int put_scales(stage *z, cn_noise_scale_result r) {
    put_est(z, r.simple);
    put_est(z, r.curved);
    put(z, r.signal);
    return r.status;
}

static int put_tic(stage *z, cn_tic_result r) {
    put(z, r.tic);
    put(z, r.gap_to_cut);
    put(z, r.ratio);
    put(z, r.dropped);
    put(z, r.share);
    put(z, r.residual);
    put(z, r.error);
    put(z, r.half_steps);
    put(z, r.half_cut);
    put(z, r.double_cut);
    put(z, r.largest);
    put(z, (double)r.kept);
    return r.status;
}

static int put_mls(stage *z, cn_mls_result r) {
    put(z, r.mls);
    put(z, r.input_invariant);
    put(z, r.local_dim);
    put(z, r.log_volume);
    put(z, r.nmls);
    put(z, r.adaptive);
    put(z, r.bound_d);
    put(z, r.network_volume);
    return r.status;
}
static int put_curve(stage *z, cn_point *at, const cn_tic_desc *d, const double *cuts) {
    cn_tic_result r[2];
    int status = cn_tic_curve(at, d, 2, cuts, r);
    if (status == CN_OK) {
        z->values[0] = r[0].tic;
        z->values[1] = r[1].tic;
    }
    return status;
}
static int put_eval(stage *z, cn_eval e) {
    put(z, e.loss);
    put(z, e.grad_norm);
    return e.status;
}
static int doubles_finite(const double *v, size_t n) {
    while (n > 0 && cn__finite(v[n - 1])) n--;
    return n == 0;
}
static int reals_finite(const cn_real *v, size_t n) {
    while (n > 0 && cn__finite((double)v[n - 1])) n--;
    return n == 0;
}
#define FINITE(array) doubles_finite(array, sizeof(array) / sizeof *(array))
static int all_finite(const stage *z) /* numbers of structs, and of arrays */
{
    return doubles_finite(z->number, z->count) && reals_finite(z->y, VECTORS * 64) && reals_finite(z->dense, 64 * 64) &&
           reals_finite(z->vectors, 8 * 64) && FINITE(z->values) && FINITE(z->more) && FINITE(z->density) &&
           FINITE(z->error) && FINITE(z->negative) && FINITE(z->more_error) && FINITE(z->gram);
}

static double square_of(void *user, double lambda) {
    (void)user;
    return lambda * lambda;
}

/* Every call on operators, numbered; a and b of size SIZE, positive definite. Returns the status, -1 beyond the last.
   *kept: where the contract says that arrays stay as they were. */
static const char *op_name;
static int op_call(cn_op *a, cn_op *b, int which, stage *z, int *kept) {
    static const int traces[] = {CN_METHOD_EXACT, CN_METHOD_HUTCHINSON, CN_METHOD_HUTCHPP, CN_METHOD_XTRACE};
    cn_probe_desc d = CN_ZERO, q = CN_ZERO;
    cn_density_desc density = CN_ZERO;
    cn_eigs_desc e = CN_ZERO;
    cn_real *identity = z->vectors + 4 * 64; /* orthonormal, to deflate */
    int row = 0, i, status;
    cn_op *made;
    *kept = 0;
    d.probes = VECTORS;
    d.method = CN_METHOD_HUTCHINSON;
    q.method = CN_METHOD_LANCZOS;
    q.probes = 20;
    q.steps = 6;
    density.runs = 20;
    density.steps = 6;
    density.points = VECTORS;
#define ROW(name, expression) \
    if (row++ == which) {     \
        op_name = (name);     \
        return (expression);  \
    }
    ROW("apply", cn_op_apply(a, VECTORS, z->x, z->y))
    ROW("dense", cn_op_dense(a, z->dense))
    ROW("quadratic", cn_op_quadratic(a, VECTORS, z->x, z->values))
    for (i = 0; i < 4; i++) {
        cn_probe_desc how = d;
        how.method = traces[i];
        ROW("trace", put_est(z, cn_trace(a, &how)))
        if (i < 2) {
            ROW("diagonal", put_est(z, cn_diagonal(a, &how, z->y)))
            ROW("inner", put_est(z, cn_inner(a, b, &how)))
            ROW("squared norm", put_est(z, cn_inner(a, a, &how)))
            ROW("similarity", put_similarity(z, cn_similarity(a, b, &how)))
            ROW("commutator", put_est(z, cn_commutator(a, b, &how)))
        }
    }
    for (i = 0; i < 2; i++) {
        cn_probe_desc how = q;
        if (i == 0) how.method = CN_METHOD_EXACT;
        ROW("trace of a function", put_est(z, cn_trace_of(a, square_of, NULL, &how)))
        ROW("log det", put_est(z, cn_logdet(a, 1, &how)))
        density.axis = i;
        *kept = 1;
        ROW("density", put_density(z, a, &density))
        *kept = 0;
    }
    *kept = 1;
    e.top = 2;
    e.bottom = 1;
    e.method = CN_METHOD_EXACT;
    ROW("eigs, exact", put_iter(z, cn_eigs(a, &e, z->values, z->more, z->vectors)))
    e.method = CN_METHOD_LANCZOS;
    e.basis = 9; /* restarts */
    e.block_size = 2;
    ROW("eigs, Lanczos", put_iter(z, cn_eigs(a, &e, z->values, z->more, z->vectors)))
    e.deflated = 1;
    e.deflate = identity;
    ROW("eigs, deflated", put_iter(z, cn_eigs(a, &e, z->values, z->more, NULL)))
    memset(&e, 0, sizeof e);
    e.method = CN_METHOD_POWER;
    e.products = 15;
    ROW("eigs, power", put_iter(z, cn_eigs(a, &e, z->values, z->more, z->vectors)))
    ROW("solve", put_iter(z, cn_solve(a, 1, 0, 0, NULL, z->x, z->y)))
    *kept = 0;
    for (i = 0; i < 4; i++) {
        if (row++ != which) continue;
        op_name = "of a made operator";
        made = i == 0   ? cn_op_sum(a, 1, b, 2, 1)
               : i == 1 ? cn_op_product(a, b)
               : i == 2 ? cn_op_deflate(a, 1, identity)
                        : cn_op_inverse(a, 1, 0, 0, NULL);
        status = cn_op_apply(made, 20, z->x, z->y);
        if (status == CN_OK) status = put_est(z, cn_trace(made, NULL));
        cn_free(made->ctx, made);
        return status;
    }
#undef ROW
    return -1;
}

typedef struct faulty { /* y = D x, D = 2 + i/SIZE or its reverse; product number `at` is the fault */
    size_t calls, at, first;
    int status;  /* what it returns, unless CN_OK: */
    double gift; /* then this stands in the product */
} faulty;
static faulty fault;

static int faulty_product(void *user, size_t k, const cn_real *x, cn_real *y) {
    const int reverse = *(const int *)user;
    size_t i, n = k * SIZE;
    if (++fault.calls == fault.at && fault.status) return fault.status;
    for (i = 0; i < n; i++) y[i] = (cn_real)(2 + (double)(reverse ? SIZE - i % SIZE : i % SIZE) / SIZE) * x[i];
    if (fault.calls == fault.at) y[n / 2] = (cn_real)fault.gift;
    return CN_OK;
}

/* An operator whose working pass wants more than its measuring pass, at product number `at`. */
static int greedy_run(cn__ws *w, cn_op *a, size_t k, const cn_real *x, cn_real *y) {
    size_t i;
    cn_real *room;
    if (!w->base) {
        CN__TAKE(w, cn_real, 1);
        return CN_OK;
    }
    room = CN__TAKE(w, cn_real, ++fault.calls == fault.at ? 1 << 22 : 1);
    if (!w->base) return CN_OK;
    room[0] = 0;
    for (i = 0; i < k * SIZE; i++) y[i] = 3 * x[i];
    (void)a;
    return CN_OK;
}

static void stage_set(stage *z) {
    memset(z, 0, sizeof *z);
    cn_random(21, 0, 0, CN_NOISE_NORMAL, 1, VECTORS * 64, z->x);
    z->vectors[4 * 64 + 3] = 1;
}

static void products(void) {
    static const int statuses[] = {CN_E_DATA, CN_E_NUMERIC, CN_CANCELLED, CN_OK, CN_OK, CN_OK, CN_OK};
    const double gifts[] = {0, 0, 0, HUGE_VAL - HUGE_VAL, HUGE_VAL, TEST_REAL(1e300, 1e38), TEST_REAL(-1e160, -1e20)};
    static int forward = 0, reverse = 1;
    cn_ctx c = CN_ZERO;
    cn_op *a, *b;
    size_t k, last, now, f, faults = 0;
    int row, status, kept, greedy;
    memset(&heap, 0, sizeof heap);
    c.alloc = test_alloc;
    c.release = test_release;
    c.alloc_user = &heap;
    for (greedy = 0; greedy < 2; greedy++) {
        a = cn_op_user(&c, SIZE, faulty_product, &forward);
        b = cn_op_user(&c, SIZE, faulty_product, &reverse);
        if (greedy) a->run = b->run = greedy_run;
        now = heap.now;
        for (row = 0;; row++) {
            stage_set(&Z);
            memset(&fault, 0, sizeof fault);
            status = op_call(a, b, row, &Z, &kept);
            if (status < 0) break;
            sprintf(what, "%s%.60s", greedy ? "greedy " : "", op_name);
            test_case = what;
            CHECK_STATUS(status, CN_OK);
            CHECK(all_finite(&Z) && heap.now == now && fault.calls > 0);
            memcpy(&Reference, &Z, sizeof Z);
            last = fault.calls;
            for (f = 0; f < (greedy ? 1 : sizeof statuses / sizeof *statuses); f++)
                for (k = 1; k <= last; k += TEST_SIZE(1, 1 + last / 4), faults++) {
                    stage_set(&Z);
                    memcpy(&Before, &Z, sizeof Z);
                    fault.calls = 0;
                    fault.at = k;
                    fault.status = statuses[f];
                    fault.gift = gifts[f];
                    status = op_call(a, b, row, &Z, &kept);
                    CHECK_STATUS(status, c.status);
                    CHECK(heap.now == now);
                    if (greedy) { /* told so instead of written beyond */
                        CHECK_STATUS(status, CN_E_SIZE);
                        CHECK_SENTENCE(&c, CN_E_SIZE, "a fault in curvnoise.h");
                    } else if (statuses[f]) {
                        CHECK_STATUS(status, statuses[f]);
                        CHECK(fault.calls == k && all_finite(&Z)); /* nothing after it */
                        /* a cancelled density has its finished runs */
                        if (kept && (status != CN_CANCELLED || strcmp(op_name, "density")))
                            CHECK(memcmp(&Z, &Before, offsetof(stage, number)) == 0);
                    } else
                        CHECK(status == CN_OK ? all_finite(&Z) : status == CN_E_NUMERIC || status == CN_E_UNSUITED);
                    if (status != CN_OK && kept && status != CN_CANCELLED)
                        CHECK(memcmp(&Z, &Before, offsetof(stage, number)) == 0);
                    cn_clear(&c);
                    stage_set(&Z);
                    fault.calls = fault.at = 0;
                    status = op_call(a, b, row, &Z, &kept); /* and nothing stays of it */
                    CHECK(status == CN_OK && memcmp(&Z, &Reference, sizeof Z) == 0);
                }
        }
    }
    test_case = "products";
    CHECK(faults > TEST_SIZE(1000, 300));
    cn_free_all(&c);
    CHECK(heap.now == 0);
}

/* ---- faults at pass number k over the data: a layer that changes a label, an index or its own output */

enum { SAMPLES = 7, LAST = SAMPLES - 1 };
/* 1: the last sample's label becomes 9; 2: the last index of the batch; the other kinds give NaN or infinity: outputs
   or derivatives of a layer; values, gradients, curvature, factor or drawn gradients of a loss */
enum { LABEL = 1, INDEX, OUTPUT, SLOPE, VALUE, GRADIENT, CURVATURE, FACTOR, DRAWN, BOMBS };
typedef struct bomb { /* pointwise tanh, and a loss; at the kind's call `at` something happens */
    size_t calls, at;
    int kind;
    int32_t *label;
    uint32_t *index;
} bomb;
static bomb Bomb;

static int now_is(int kind) { return Bomb.kind == kind && ++Bomb.calls == Bomb.at; }

static void bomb_layer(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2) {
    size_t i;
    (void)arg;
    for (i = 0; i < n; i++) {
        cn_real t = (cn_real)tanh((double)x[i]);
        if (f) f[i] = t;
        if (f1) f1[i] = 1 - t * t;
        if (f2) f2[i] = -2 * t * (1 - t * t);
    }
    if (f && now_is(LABEL)) Bomb.label[LAST] = 9;
    if (f && now_is(INDEX)) Bomb.index[LAST] = 1000;
    if (f && now_is(OUTPUT)) f[n / 2] = (cn_real)(HUGE_VAL - HUGE_VAL);
    if (f1 && now_is(SLOPE)) f1[n / 2] = (cn_real)HUGE_VAL;
}

/* 1/2 ||f - e_label||^2 */
static double bomb_value(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                         cn_real *gradient) {
    double sum = 0, d;
    size_t a;
    (void)user;
    (void)target;
    for (a = 0; a < K; a++) {
        d = (double)f[a] - ((int32_t)a == label);
        sum += 0.5 * d * d;
        if (gradient) gradient[a] = (cn_real)d;
    }
    if (gradient && now_is(GRADIENT)) gradient[K - 1] = (cn_real)HUGE_VAL;
    return now_is(VALUE) ? HUGE_VAL - HUGE_VAL : sum;
}
static void bomb_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                           const cn_real *u, cn_real *out) {
    size_t a;
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    for (a = 0; a < K; a++) out[a] = u[a];
    if (now_is(CURVATURE)) out[0] = (cn_real)(HUGE_VAL - HUGE_VAL);
}
static void bomb_factor(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                        cn_real *rows) {
    size_t a;
    (void)user;
    (void)f;
    (void)target;
    (void)label;
    for (a = 0; a < K * K; a++) rows[a] = a % (K + 1) == 0;
    if (now_is(FACTOR)) rows[0] = (cn_real)HUGE_VAL;
}
static void bomb_draw(const void *user, size_t K, const cn_real *f, const cn_real *normal, double uniform,
                      cn_real *gradient) {
    size_t a;
    (void)user;
    (void)f;
    (void)uniform;
    for (a = 0; a < K; a++) gradient[a] = normal[a];
    if (now_is(DRAWN)) gradient[0] = (cn_real)(HUGE_VAL - HUGE_VAL);
}

static int seen_view(void *user, const cn_view *v) {
    *(double *)user += v->loss[0];
    return 0;
}
static int changed_activity(void *user, const cn_view *v, cn_real *a_t) {
    (void)user;
    memcpy(a_t, v->a, v->n * v->in * sizeof *a_t);
    return 0;
}

/* Every call that passes over data. *batch: it takes the batch; *loss: it needs the labels' loss. */
static int point_call(scene *s, cn_op *const *op, const cn_batch *b, int which, stage *z, int *batch) {
    static const int traces[] = {CN_METHOD_AUTO, CN_METHOD_EXACT, CN_METHOD_HUTCHINSON};
    static const double cuts[] = {0.1, 0.01};
    cn_block all = block_all();
    cn_visit_desc visit = CN_ZERO;
    cn_tic_desc tic = CN_ZERO;
    cn_train_desc train = CN_ZERO;
    cn_opt_desc o = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    cn_mls_desc mls = CN_ZERO;
    cn_eigs_desc e = CN_ZERO;
    cn_probe_desc d = CN_ZERO, quadrature = CN_ZERO, few = CN_ZERO;
    cn_influence_desc influence = CN_ZERO;
    cn_worst_desc worst = CN_ZERO;
    cn_opt *opt;
    int row = 0, i, status;
    *batch = 0;
    d.probes = 5;
    quadrature.method = CN_METHOD_LANCZOS;
    quadrature.probes = 3;
    quadrature.steps = 4;
    noise.sd = 0.1;
    few.method = CN_METHOD_HUTCHINSON;
    few.probes = 5;
#define ROW(name, expression) \
    if (row++ == which) {     \
        op_name = (name);     \
        return (expression);  \
    }
    *batch = 1;
    ROW("predict", cn_predict(s->p, s->theta, b, z->y))
    ROW("evaluate", put_eval(z, cn_evaluate(s->p, s->theta, b, z->y)))
    *batch = 0;
    for (i = 0; i < 3; i++) {
        if (row++ != which) continue;
        op_name = "step";
        *batch = 1;
        o.rule = i;
        o.lr = 0.1;
        o.rho = o.sigma = 0.05;
        opt = cn_opt_create(&s->c, s->P, s->size - s->P, &o);
        memcpy(z->vectors, s->theta, s->size * sizeof *z->vectors);
        status = put_eval(z, cn_opt_step(opt, s->p, z->vectors, b));
        cn_free(&s->c, opt);
        return status;
    }
    if (row++ == which) {
        op_name = "train";
        train.epochs = 2;
        train.batch = 3;
        train.opt.lr = 0.1;
        memcpy(z->vectors, s->theta, s->size * sizeof *z->vectors);
        return put_eval(z, cn_train(s->p, z->vectors, &train));
    }
    ROW("evaluate all", put_eval(z, cn_evaluate(s->p, s->theta, NULL, NULL)))
    ROW("J v", cn_jv(s->at, all, 2, z->x, z->y))
    ROW("J'u", cn_jtu(s->at, all, 2, z->x, z->y))
    ROW("g.v", cn_gv(s->at, all, 2, z->x, z->y))
    ROW("gradients", cn_gradients(s->at, all, z->dense))
    ROW("Gram of drawn gradients", cn_gram(s->at, NULL, CN_OP_FISHER_SAMPLED, all, z->gram))
    if (row++ == which) { /* a point keeps its mean gradient: of one that is new */
        cn_point *fresh = cn_point_create(s->p, s->theta, 0);
        op_name = "mean gradient";
        status = cn_gradient(fresh, all, z->y);
        cn_free(&s->c, fresh);
        return status;
    }
    if (row++ == which) {
        op_name = "recalibrate";
        *batch = 0;
        memcpy(z->vectors, s->theta, s->size * sizeof *z->vectors);
        return cn_recalibrate(s->p, z->vectors, 3);
    }
    ROW("Gram of gradients", cn_gram(s->at, NULL, CN_OP_SECOND_MOMENT, all, z->gram))
    ROW("Gram of Jacobians", cn_gram(s->at, NULL, CN_OP_JACOBIAN_MOMENT, all, z->gram))
    visit.want = CN_WANT_PATCHES * 2 - 1;
    visit.inject = changed_activity;
    ROW("visit", cn_visit(s->at, &visit, seen_view, z->values))
    for (i = 0; i < CN_OP_COUNT; i++) {
        ROW("apply", cn_op_apply(op[i], 3, z->x, z->y))
        ROW("dense", cn_op_dense(op[i], z->dense))
        ROW("quadratic", cn_op_quadratic(op[i], 3, z->x, z->values))
        ROW("trace", put_est(z, cn_trace(op[i], NULL)))
        ROW("diagonal", put_est(z, cn_diagonal(op[i], NULL, z->y)))
        ROW("eigs", put_iter(z, cn_eigs(op[i], &e, z->values, z->more, z->vectors)))
        if (cn_op_describe(op[i]).rows == 0) continue;
        ROW("rows' Gram matrix", cn_op_gram(op[i], z->dense))
        ROW("rows spread", cn_op_spread(op[i], 2, z->x, z->y))
    }
    for (i = 0; i < 3; i++) {
        cn_probe_desc how = d;
        how.method = traces[i];
        ROW("trace of H", put_est(z, cn_trace(op[CN_OP_HESSIAN], &how)))
        ROW("inner", put_est(z, cn_inner(op[CN_OP_HESSIAN], op[CN_OP_COVARIANCE], &how)))
        ROW("similarity", put_similarity(z, cn_similarity(op[CN_OP_FISHER], op[CN_OP_SECOND_MOMENT], &how)))
        ROW("commutator", put_est(z, cn_commutator(op[CN_OP_HESSIAN], op[CN_OP_SECOND_MOMENT], &how)))
        ROW("TPV", put_est(z, cn_tpv(s->at, &noise, &how)))
        ROW("sensitivity", put_est(z, cn_sensitivity(s->at, i)))
    }
    ROW("log det", put_est(z, cn_logdet(op[CN_OP_FISHER], 1, &quadrature)))
    ROW("solve", put_iter(z, cn_solve(op[CN_OP_GAUSS_NEWTON], 1, 0, 0, NULL, z->x, z->y)))
    ROW("gap", put_est(z, cn_perturbation_gap(s->at, &noise, &d)))
    for (i = 0; i < 3; i++) {
        mls.want = i ? CN_MLS_INVARIANT : 0;
        mls.total = i == 2;
        ROW("MLS", put_mls(z, cn_mls(s->at, &mls)))
    }
    ROW("adaptive sharpness", put_est(z, cn_adaptive_sharpness(s->at, NULL, NULL)))
    ROW("adaptive sharpness by probes", put_est(z, cn_adaptive_sharpness(s->at, NULL, &few)))
    noise.relative = 1;
    ROW("gap of relative noise", put_est(z, cn_perturbation_gap(s->at, &noise, &d)))
    ROW("TPV of relative noise", put_est(z, cn_tpv(s->at, &noise, NULL)))
    ROW("TIC", put_tic(z, cn_tic(s->at, NULL)))
    ROW("TIC with F", put_tic(z, cn_tic_fisher(s->at, NULL)))
    ROW("TIC curve", put_curve(z, s->at, &tic, cuts))
    tic.form = CN_TIC_GRAM;
    ROW("TIC, Gram", put_tic(z, cn_tic_fisher(s->at, &tic)))
    tic.form = CN_TIC_PARTIAL;
    tic.pairs = 4;
    tic.keep_negative = 1;
    ROW("TIC, partial", put_tic(z, cn_tic(s->at, &tic)))
    tic.form = CN_TIC_QUADRATURE;
    tic.probe = quadrature;
    ROW("TIC, quadrature", put_tic(z, cn_tic(s->at, &tic)))
    tic.basis_bytes = 1;
    ROW("TIC, three vectors", put_tic(z, cn_tic_fisher(s->at, &tic)))
    tic.form = CN_TIC_DIAGONAL;
    ROW("TIC, diagonal", put_tic(z, cn_tic(s->at, &tic)))
    tic.form = CN_TIC_LAYERS;
    ROW("TIC, layers", put_tic(z, cn_tic(s->at, &tic)))
    influence.kind = CN_OP_FISHER;
    influence.ridge = 1;
    ROW("influence", put_iter(z, cn_influence(s->at, NULL, &influence, z->values)))
    ROW("leave one out", put_iter(z, cn_leave_one_out(s->at, &influence, z->values)))
    ROW("noise scale", put_scales(z, cn_noise_scale(s->at, all, &d)))
    ROW("alignment", put_est(z, cn_alignment(s->at, all, &d)))
    ROW("effective dimension", put_est(z, cn_effective_dimension(op[CN_OP_FISHER], 1, &quadrature)))
    ROW("gradient share", put_est(z, cn_gradient_share(s->at, all, 2)))
    worst.rho = 0.1;
    ROW("worst sharpness", put_est(z, cn_worst_sharpness(s->at, &worst)))
#undef ROW
    return -1;
}

/* own: with the loss above, and what it can do */
static void passes(int own) {
    cn_layer row = CN_ZERO;
    cn_loss loss = CN_ZERO;
    scene s;
    cn_problem_desc how = CN_ZERO;
    cn_op *op[CN_OP_COUNT];
    uint32_t index[SAMPLES] = {3, 1, 4, 1, 5, 0, LAST};
    cn_batch b = CN_ZERO;
    size_t k, last, now, faults = 0, reached = 0, of_kind[BOMBS] = {0};
    int kind, which, status, batch;
    memset(&heap, 0, sizeof heap);
    memset(&Bomb, 0, sizeof Bomb);
    scene_heap = &heap;
    row.name = "bomb";
    row.pointwise = bomb_layer;
    loss.name = "bomb";
    loss.value = bomb_value;
    loss.curvature = bomb_curvature;
    loss.factor = bomb_factor;
    loss.draw = bomb_draw;
    loss.canonical = 1;
    scene_net_rows(&s, own ? "input 2; dense 2; bomb; batchnorm; dense 2" : "input 2; dense 3; bomb; dense 2", &row, 1);
    s.c.threads = 1;
    scene_random(&s, SAMPLES, 1, 3);
    how.chunk = 2; /* the last sample has a chunk of its own */
    how.custom = own ? &loss : NULL;
    scene_point(&s, &how, 0); /* no cache: every pass is made */
    for (kind = 0; kind < CN_OP_COUNT; kind++) op[kind] = cn_op_of(s.at, kind, block_all());
    Bomb.label = s.label;
    Bomb.index = index;
    b.index = index;
    b.n = SAMPLES;
    now = heap.now;
    for (which = 0;; which++) {
        stage_set(&Z);
        Bomb.kind = 0;
        status = point_call(&s, op, &b, which, &Z, &batch);
        if (status < 0) break;
        sprintf(what, "pass, %.60s", op_name);
        test_case = what;
        CHECK_STATUS(status, CN_OK);
        CHECK(all_finite(&Z) && heap.now == now);
        memcpy(&Reference, &Z, sizeof Z);
        for (kind = own ? OUTPUT : LABEL; kind <= (own ? DRAWN : SLOPE); kind++) {
            if (kind == INDEX && !batch) continue;
            stage_set(&Z);
            Bomb.kind = kind;
            Bomb.calls = Bomb.at = 0;
            point_call(&s, op, &b, which, &Z, &batch);
            last = Bomb.calls;
            if (kind == OUTPUT && strcmp(op_name, "recalibrate")) CHECK(last >= 4);
            for (k = 1; k <= last; k += TEST_SIZE(1 + last / 40, 1 + last / 4), faults++) {
                int32_t label = s.label[LAST];
                stage_set(&Z);
                memcpy(&Before, &Z, sizeof Z);
                Bomb.kind = kind;
                Bomb.calls = 0;
                Bomb.at = k;
                status = point_call(&s, op, &b, which, &Z, &batch);
                s.label[LAST] = label;
                index[LAST] = LAST;
                CHECK(heap.now == now && (status == CN_OK || status == s.c.status));
                of_kind[kind] += status != CN_OK;
                if (kind >= OUTPUT) /* the views of a visit are as they are */
                    CHECK(status == CN_OK ? all_finite(&Z) || !strcmp(op_name, "visit")
                                          : status == CN_E_NUMERIC || status == CN_E_UNSUITED);
                else if (status != CN_OK) {
                    reached++;
                    CHECK_SENTENCE(&s.c, kind == LABEL ? CN_E_DATA : CN_E_ARGUMENT,
                                   kind == LABEL ? "the label of sample 6" : "index has been changed to 1000");
                    if (strncmp(op_name, "TIC", 3) == 0 || strncmp(op_name, "eigs", 4) == 0 ||
                        !strcmp(op_name, "solve"))
                        CHECK(memcmp(&Z, &Before, offsetof(stage, number)) == 0);
                } else /* the change came after the last look at it */
                    CHECK(k > 1 || !strcmp(op_name, "recalibrate"));
                cn_clear(&s.c);
                stage_set(&Z);
                Bomb.kind = 0;
                status = point_call(&s, op, &b, which, &Z, &batch);
                CHECK(status == CN_OK && memcmp(&Z, &Reference, sizeof Z) == 0);
                cn_clear(&s.c);
            }
        }
    }
    test_case = own ? "passes with a loss" : "passes";
    CHECK(faults > TEST_SIZE(500, 200) && (own || reached > TEST_SIZE(200, 100)));
    for (kind = own ? OUTPUT : LABEL; kind <= (own ? DRAWN : SLOPE); kind++) CHECK(of_kind[kind] > 5);
    scene_free(&s);
    CHECK(heap.now == 0);
    scene_heap = NULL;
}

/* ---- extreme numbers: a struct whose status is CN_OK holds finite ones alone */

static int scaled_product(void *user, size_t k, const cn_real *x, cn_real *y) {
    size_t i, n = k * SIZE;
    for (i = 0; i < n; i++) y[i] = (cn_real)(*(const double *)user * (2 + (double)(i % SIZE) / SIZE) * (double)x[i]);
    return CN_OK;
}

static void finite_or_said(cn_ctx *c, int status) {
    if (status == CN_OK)
        CHECK(all_finite(&Z));
    else
        CHECK(status == c->status && (status == CN_E_NUMERIC || status == CN_E_UNSUITED || status == CN_E_ARGUMENT));
    cn_clear(c);
    Z.count = 0;
}

/* descriptors at the ends of their ranges */
static void extreme_descriptors(scene *s, cn_op *const *op) {
    static const double ends[] = {5e-324, 1e-310, 1e-200, 1e-155, 1e-30, 1e15, 1e40, 1e150, 1e155, 1e200, 1.7e308};
    size_t i, j, m;
    for (i = 0; i < sizeof ends / sizeof *ends; i += TEST_SIZE(1, 3)) {
        double v = ends[i];
        sprintf(what, "extreme %g", v);
        test_case = what;
        for (m = CN_METHOD_AUTO; m <= CN_METHOD_HUTCHINSON; m++) {
            cn_noise_desc noise = CN_ZERO;
            cn_probe_desc d = CN_ZERO;
            d.method = (int)m;
            d.probes = 20;
            noise.sd = v;
            finite_or_said(&s->c, put_est(&Z, cn_tpv(s->at, &noise, &d)));
            finite_or_said(&s->c, put_est(&Z, cn_perturbation_gap(s->at, &noise, &d)));
            noise.kind = CN_NOISE_LAPLACE;
            finite_or_said(&s->c, put_est(&Z, cn_perturbation_gap(s->at, &noise, &d)));
            d.rel_error = v;
            noise.sd = 0.01;
            finite_or_said(&s->c, put_est(&Z, cn_tpv(s->at, &noise, &d)));
            finite_or_said(&s->c, put_est(&Z, cn_perturbation_gap(s->at, &noise, &d)));
            finite_or_said(&s->c, put_est(&Z, cn_trace(op[CN_OP_HESSIAN], &d)));
            finite_or_said(&s->c, put_est(&Z, cn_diagonal(op[CN_OP_HESSIAN], &d, Z.y)));
            finite_or_said(&s->c, put_est(&Z, cn_inner(op[CN_OP_HESSIAN], op[CN_OP_FISHER], &d)));
            finite_or_said(&s->c, put_similarity(&Z, cn_similarity(op[CN_OP_HESSIAN], op[CN_OP_FISHER], &d)));
            finite_or_said(&s->c, put_est(&Z, cn_commutator(op[CN_OP_HESSIAN], op[CN_OP_FISHER], &d)));
        }
        for (m = 0; m < 3; m++)
            for (j = 0; j < 2; j++) {
                cn_tic_desc t = CN_ZERO;
                t.form = (int)(m == 0 ? CN_TIC_DENSE : m == 1 ? CN_TIC_GRAM : CN_TIC_PARTIAL);
                t.keep_negative = (int)j;
                t.pairs = 4;
                t.cut = v;
                finite_or_said(&s->c, put_tic(&Z, cn_tic_fisher(s->at, &t)));
                finite_or_said(&s->c, put_tic(&Z, cn_tic(s->at, &t)));
                t.cut = 0;
                t.train_n = (size_t)-1;
                finite_or_said(&s->c, put_tic(&Z, cn_tic_fisher(s->at, &t)));
            }
        for (m = 0; m < 4; m++)
            for (j = 0; j < 2; j++) {
                cn_density_desc q = CN_ZERO;
                q.axis = (int)j;
                q.runs = 2;
                q.points = VECTORS;
                if (m & 1) q.width = v;
                if (m & 2) q.floor = v;
                finite_or_said(&s->c, put_density(&Z, op[CN_OP_HESSIAN], &q));
            }
        for (m = 0; m < 3; m++) {
            static const int methods[] = {CN_METHOD_EXACT, CN_METHOD_LANCZOS, CN_METHOD_POWER};
            cn_eigs_desc e = CN_ZERO;
            cn_probe_desc d = CN_ZERO;
            e.method = methods[m];
            e.tolerance = v;
            e.products = 30;
            finite_or_said(&s->c, put_iter(&Z, cn_eigs(op[CN_OP_HESSIAN], &e, Z.values, Z.more, Z.vectors)));
            d.method = m == 2 ? CN_METHOD_AUTO : methods[m];
            d.probes = 3;
            finite_or_said(&s->c, put_est(&Z, cn_logdet(op[CN_OP_FISHER], v, &d)));
            finite_or_said(&s->c,
                           put_iter(&Z, cn_solve(op[CN_OP_FISHER], m ? v : 1, m == 1 ? 0 : v, 0, NULL, Z.x, Z.y)));
        }
        for (m = 0; m < 3; m++) {
            cn_op *made = m == 0   ? cn_op_sum(op[CN_OP_FISHER], v, op[CN_OP_HESSIAN], -v, 0)
                          : m == 1 ? cn_op_sum(op[CN_OP_FISHER], 1, NULL, 0, v)
                                   : cn_op_inverse(op[CN_OP_FISHER], v, 0, 0, NULL);
            finite_or_said(&s->c, put_est(&Z, cn_trace(made, NULL)));
            finite_or_said(&s->c, put_est(&Z, cn_inner(made, op[CN_OP_FISHER], NULL)));
            finite_or_said(&s->c, put_similarity(&Z, cn_similarity(made, op[CN_OP_FISHER], NULL)));
            finite_or_said(&s->c, put_similarity(&Z, cn_similarity(op[CN_OP_FISHER], made, NULL)));
            cn_free(&s->c, made);
        }
    }
}

static void extremes(void) {
    static double scales[] = {5e-324, 1e-310, 1e-200, 1e-155, 1e-40, 1e-20, 1e20, 1e37, 1e100, 1e154, 1e200, 5e307};
    static const double weights[] = {1e-160, 1e-40, 1e-12, 1, 30, 1e6, 1e18, 1e30, 1e77, 1e150, 1e300};
    cn_ctx c = CN_ZERO;
    scene s;
    cn_op *a, *b, *op[CN_OP_COUNT];
    cn_batch batch = CN_ZERO;
    uint32_t index[SAMPLES] = {0, 1, 2, 3, 4, 5, 6};
    size_t i, j;
    int row, status, flag;
    for (i = 0; i < sizeof scales / sizeof *scales; i++) {
        a = cn_op_user(&c, SIZE, scaled_product, scales + i);
        b = cn_op_user(&c, SIZE, scaled_product, scales + (i * 7 + 3) % (sizeof scales / sizeof *scales));
        for (row = 0;; row++) {
            stage_set(&Z);
            status = op_call(a, b, row, &Z, &flag);
            if (status < 0) break;
            sprintf(what, "scale %g, %.60s", scales[i], op_name);
            test_case = what;
            finite_or_said(&c, status);
        }
    }
    cn_free_all(&c);
    batch.index = index;
    batch.n = SAMPLES;
    for (i = 0; i < sizeof weights / sizeof *weights; i++) {
        scene_net(&s, "input 2; dense 3; tanh; dense 2");
        scene_random(&s, SAMPLES, 1, 3);
        for (j = 0; j < s.P; j++) s.theta[j] = (cn_real)(weights[i] * (double)s.theta[j]);
        if (cn__first_not_finite(s.P, s.theta) == s.P) {
            scene_point(&s, NULL, 0);
            for (row = 0; row < CN_OP_COUNT; row++) op[row] = cn_op_of(s.at, row, block_all());
            for (row = 0;; row++) {
                stage_set(&Z);
                status = point_call(&s, op, &batch, row, &Z, &flag);
                if (status < 0) break;
                sprintf(what, "theta %g, %.60s", weights[i], op_name);
                test_case = what;
                finite_or_said(&s.c, status);
            }
            stage_set(&Z);
            if (weights[i] == 1 || weights[i] == 30) extreme_descriptors(&s, op);
        }
        scene_free(&s);
    }
}

TEST_MAIN {
    CASE("pairs of 130 samples") pairs_of("input 2; dense 2", TEST_SIZE(130, 9), 0);
    CASE("pairs of one sample") pairs_of("input 2; dense 2", 1, 1);
    CASE("pairs of all kinds") pairs_of("input 2; dense 2", 3, 1);
    CASE("pairs of a conv") pairs_of("input 1 4 4; conv 2 3; relu; flatten; dense 2", 5, 0);
    CASE("MLS") mls_exactly_dry();
    CASE("products") products();
    CASE("passes") passes(0);
    CASE("passes with a loss") passes(1);
    CASE("extremes") extremes();
}
