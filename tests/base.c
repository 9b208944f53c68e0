/* Floor 1, base: the first error and its sentence, memory (one allocation per call, exact dry runs, arena, limit),
   numbers as text. */
#include "../curvnoise.h"
#include "test.h"

/* ---- a small world: every public call that takes work, as a numbered row, on the same objects and the same caller's
   arrays */

enum { SAMPLES = 7, PARAMS = 26, INPUTS = 3, OUTPUTS = 2, DENSE = PARAMS * PARAMS, MAT = 24 };
static const char *const world_text = "input 3; dense 4; tanh; dense 2";

typedef struct arrays { /* all that calls may write to; compared as bytes */
    cn_real theta[PARAMS], gradient[PARAMS], vector[20 * PARAMS], product[20 * SAMPLES * PARAMS], dense[DENSE],
        a[MAT * MAT], b[MAT * MAT], out[MAT * MAT];
    cn_est est[8];
    double values[PARAMS + MAT], more[PARAMS + MAT], gram[4 * SAMPLES * SAMPLES];
    cn_tic_result curve[2];
    uint8_t bytes[32];
    size_t found;
} arrays;

typedef struct world {
    cn_ctx c;
    test_heap heap;
    cn_net *net;
    cn_problem *p;
    cn_point *at;
    cn_op *op[CN_OP_COUNT], *weight, *item, *user, *few, *diagonal;
    cn_opt *opt[3];
    cn_data data;
    arrays z; /* z stands last: snapshots copy it alone */
} world;
static world W;
static arrays Before;
static cn_real data_x[SAMPLES * INPUTS];
static unsigned char params_file[1000];
static size_t params_bytes;
static int32_t data_y[SAMPLES];

static int twice(void *user, size_t k, const cn_real *x, cn_real *y) /* y = 2 x */
{
    size_t i, n = k * *(const size_t *)user;
    for (i = 0; i < n; i++) y[i] = 2 * x[i];
    return CN_OK;
}
static size_t user_size = 40;

static double cube(void *user, double x) {
    (void)user;
    return x * x * x;
}

static int look(void *user, const cn_view *view) {
    ((arrays *)user)->values[0] += view->loss[0];
    return 0;
}

static void world_arrays(arrays *z) {
    /* drawn once: under emulation the draws would cost more than the calls */
    static arrays first;
    static int there;
    size_t i, j;
    if (there) {
        memcpy(z, &first, sizeof *z);
        return;
    }
    memset(z, 0, sizeof *z);
    cn_random(3, 0, 0, CN_NOISE_NORMAL, 0.5, PARAMS, z->theta);
    cn_random(3, 1, 0, CN_NOISE_NORMAL, 1, 20 * PARAMS, z->vector);
    cn_random(3, 2, 0, CN_NOISE_NORMAL, 1, 20 * SAMPLES * PARAMS, z->product);
    cn_random(3, 3, 0, CN_NOISE_NORMAL, 1, MAT * MAT, z->b);
    for (i = 0; i < MAT; i++) /* symmetric and positive definite: the diagonal dominates */
        for (j = 0; j < MAT; j++)
            z->a[i * MAT + j] = (cn_real)(i == j ? 30 : 1.0 / (1.0 + (double)(i > j ? i - j : j - i)));
    memcpy(&first, z, sizeof first);
    there = 1;
}

static cn_opt_desc opt_desc(int rule) {
    cn_opt_desc d = CN_ZERO;
    d.lr = 0.1;
    d.momentum = rule == CN_RULE_SAM ? 0.9 : 0;
    d.rule = rule;
    d.rho = 0.05;
    d.sigma = 0.01;
    d.k = 2;
    return d;
}

static void world_objects(world *w) {
    cn_problem_desc d = CN_ZERO;
    cn_block all = CN_ZERO;
    cn_opt_desc o;
    int i;
    for (i = 0; i < SAMPLES; i++) data_y[i] = i % OUTPUTS;
    cn_random(5, 0, 0, CN_NOISE_NORMAL, 1, SAMPLES * INPUTS, data_x);
    d.chunk = 3; /* several chunks, the last one smaller */
    w->data.scale = 0;
    w->data.x = cn_tensor_of(data_x, CN_TYPE_REAL, 2, SAMPLES, INPUTS, 0, 0);
    w->data.y = cn_tensor_of(data_y, CN_TYPE_I32, 1, SAMPLES, 0, 0, 0);
    w->net = cn_net_create(&w->c, world_text);
    params_bytes = cn_theta_write(w->net, w->z.theta, params_file, sizeof params_file);
    w->p = cn_problem_create(&w->c, w->net, &w->data, &d);
    w->at = cn_point_create(w->p, w->z.theta, 0);
    for (i = 0; i < CN_OP_COUNT; i++) w->op[i] = cn_op_of(w->at, i, all);
    w->weight = cn_op_of(w->at, CN_OP_HESSIAN, cn_net_block(&w->c, w->net, "0.weight"));
    w->item = cn_op_item(w->at, "0");
    w->user = cn_op_user(&w->c, user_size, twice, &user_size);
    w->few = cn_op_factor(&w->c, 3, PARAMS, w->z.product);
    w->diagonal = cn_op_diagonal(&w->c, PARAMS, w->z.theta);
    for (i = 0; i < 3; i++) {
        o = opt_desc(i);
        w->opt[i] = cn_opt_create(&w->c, PARAMS, 0, &o);
    }
}

static void world_open(world *w) {
    memset(w, 0, sizeof *w);
    w->c.alloc = test_alloc;
    w->c.release = test_release;
    w->c.alloc_user = &w->heap;
    world_arrays(&w->z);
    world_objects(w);
}

/* Row `which`: makes the call, its status in *status, what it made in *made. Returns the call's name, NULL beyond the
   last row. */
static const char *world_call(world *w, int which, int *status, void **made) {
    arrays *z = &w->z;
    cn_ctx *c = &w->c;
    int row = 0, kind, rule;
    cn_block all = CN_ZERO, part;
    cn_probe_desc probe = CN_ZERO;
    cn_eigs_desc e = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    cn_mls_desc mls = CN_ZERO;
    cn_opt_desc o;
    cn_train_desc t = CN_ZERO;
    cn_batch batch = CN_ZERO;
    static const uint32_t some[] = {5, 0, 5, 2};
    static cn_problem_desc pd;
    cn_tic_desc tic = CN_ZERO;
    cn_visit_desc visit = CN_ZERO;
    static const double cuts[] = {0.1, 0.01};
    cn_tensor tensor = CN_ZERO;
    cn_density_desc density = CN_ZERO;
    cn_density_curve curve = CN_ZERO;
    cn_probe_desc quadrature = CN_ZERO;
    cn_influence_desc influence = CN_ZERO;
    cn_comparison comparison = CN_ZERO;
    cn_worst_desc worst = CN_ZERO;
    static const unsigned char columns[] =
        "\x93NUMPY\1\0\x3c\0{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }  abcdef";
    *made = NULL;
#define MAKE(name, expression)               \
    if (row++ == which) {                    \
        *made = (void *)(expression);        \
        *status = *made ? CN_OK : c->status; \
        return name;                         \
    }
#define RUN(name, expression)        \
    if (row++ == which) {            \
        *status = (int)(expression); \
        return name;                 \
    }
    memset(&batch, 0, sizeof batch);
    batch.index = some;
    batch.n = 4;
    part.first = 3;
    part.count = 11; /* cuts through two layers' ranges */
    probe.probes = 20;
    probe.method = CN_METHOD_HUTCHINSON;
    probe.kind = CN_NOISE_SIGN;
    e.top = 2;
    e.bottom = 1;
    noise.sd = 1;
    density.points = 12;
    density.runs = 3;
    quadrature.method = CN_METHOD_LANCZOS;
    quadrature.probes = 3;
    quadrature.steps = 5;
    t.epochs = 2;
    t.batch = 3;
    pd.chunk = 3;
    visit.want = CN_WANT_DELTA | CN_WANT_GRADIENT;
    MAKE("vector", cn_vector(c, 100))
    MAKE("vector of none", cn_vector(c, 0))
    MAKE("network", cn_net_create(c, world_text))
    MAKE("problem", cn_problem_create(c, w->net, &w->data, &pd))
    MAKE("point", cn_point_create(w->p, z->theta, 0))
    MAKE("point with a cache", cn_point_create(w->p, z->theta, 5000))
    MAKE("operator of the caller", cn_op_user(c, 8, twice, NULL))
    MAKE("operator of a matrix", cn_op_matrix(c, MAT, z->a))
    MAKE("operator of a diagonal", cn_op_diagonal(c, MAT, z->a))
    RUN("predict", cn_predict(w->p, z->theta, NULL, z->product))
    RUN("predict a batch", cn_predict(w->p, z->theta, &batch, z->product))
    RUN("evaluate", cn_evaluate(w->p, z->theta, NULL, z->gradient).status)
    RUN("evaluate without gradient", cn_evaluate(w->p, z->theta, NULL, NULL).status)
    RUN("evaluate a batch", cn_evaluate(w->p, z->theta, &batch, z->gradient).status)
    RUN("J v", cn_jv(w->at, all, 2, z->vector, z->product))
    RUN("J v of a block", cn_jv(w->at, part, 17, z->vector, z->product))
    RUN("J'u", cn_jtu(w->at, all, 2, z->vector, z->product))
    RUN("J'u of a block", cn_jtu(w->at, part, 17, z->vector, z->product))
    for (kind = 0; kind < CN_OP_COUNT; kind++) {
        MAKE("operator of a point", cn_op_of(w->at, kind, all))
        RUN("apply", cn_op_apply(w->op[kind], 19, z->vector, z->product))
        RUN("dense", cn_op_dense(w->op[kind], z->dense))
        RUN("quadratic", cn_op_quadratic(w->op[kind], 19, z->vector, z->values))
        RUN("trace", cn_trace(w->op[kind], NULL).status)
        RUN("Hutchinson", cn_trace(w->op[kind], &probe).status)
        RUN("diagonal", cn_diagonal(w->op[kind], NULL, z->vector).status)
        RUN("diagonal by probes", cn_diagonal(w->op[kind], &probe, z->vector).status)
        RUN("eigs", cn_eigs(w->op[kind], &e, z->values, z->more, z->vector).status)
    }
    for (kind = 0; kind < 3; kind++) { /* the other methods of estimates and eigenpairs */
        static const int traces[] = {CN_METHOD_HUTCHPP, CN_METHOD_XTRACE, CN_METHOD_HUTCHINSON},
                         pairs[] = {CN_METHOD_EXACT, CN_METHOD_LANCZOS, CN_METHOD_POWER};
        cn_probe_desc how = probe;
        cn_eigs_desc one = CN_ZERO;
        how.method = traces[kind];
        one.method = pairs[kind];
        RUN("trace by another method", cn_trace(w->op[0], &how).status)
        RUN("eigs by another method", cn_eigs(w->op[kind ? 3 : 0], &one, z->values, z->more, z->vector).status)
        one.method = CN_METHOD_EXACT;
        RUN("eigs through the Gram matrix",
            cn_eigs(w->op[CN_OP_SECOND_MOMENT + kind], &one, z->values, z->more, z->vector).status)
        density.axis = kind == 2;
        curve.at = z->values;
        curve.density = z->more;
        RUN("density", cn_density(w->op[1], &density, &curve).status)
    }
    MAKE("factor", cn_op_factor(c, 3, PARAMS, z->product))
    MAKE("product of operators", cn_op_product(w->op[0], w->op[1]))
    MAKE("inverse of an operator", cn_op_inverse(w->op[2], 1, 0, 0, NULL))
    RUN("rows' Gram matrix", cn_op_gram(w->op[CN_OP_COVARIANCE], z->dense))
    RUN("rows spread", cn_op_spread(w->op[CN_OP_GAUSS_NEWTON], 17, z->product, z->vector))
    RUN("log det", cn_logdet(w->op[1], 1, NULL).status)
    RUN("log det by quadrature", cn_logdet(w->op[1], 1, &quadrature).status)
    RUN("trace of a function", cn_trace_of(w->op[1], cube, NULL, &quadrature).status)
    MAKE("sum of operators", cn_op_sum(w->op[0], 2, w->op[1], 1, 0.5))
    MAKE("deflated operator", cn_op_deflate(w->op[0], 1, z->vector))
    RUN("inner product", cn_inner(w->op[0], w->op[3], NULL).status)
    RUN("inner product by rows", cn_inner(w->op[0], w->few, NULL).status)
    RUN("inner product of diagonals", cn_inner(w->diagonal, w->op[3], NULL).status)
    RUN("Frobenius norm by probes", cn_inner(w->op[0], w->op[0], &probe).status)
    RUN("solve", cn_solve(w->op[2], 1, 0, 0, NULL, z->gradient, z->vector).status)
    RUN("gradients", cn_gradients(w->at, all, z->product))
    RUN("gradients of a block", cn_gradients(w->at, cn_net_block(c, w->net, "0.weight"), z->product))
    RUN("Gram of gradients", cn_gram(w->at, NULL, CN_OP_SECOND_MOMENT, all, z->gram))
    RUN("Gram of Jacobian rows", cn_gram(w->at, NULL, CN_OP_JACOBIAN_MOMENT, all, z->gram))
    RUN("gradient", cn_gradient(w->at, all, z->gradient))
    RUN("g.v", cn_gv(w->at, part, 17, z->vector, z->product))
    MAKE("operator of an item", cn_op_item(w->at, "0"))
    RUN("apply to an item", cn_op_apply(w->item, 17, z->vector, z->product))
    RUN("forward", cn_forward(c, w->net, z->theta, w->data.x, z->product))
    RUN("visit", cn_visit(w->at, &visit, look, z))
    RUN("recalibrate", cn_recalibrate(w->p, z->theta, 3))
    RUN("apply to a block", cn_op_apply(w->weight, 3, z->vector, z->product))
    RUN("dense block", cn_op_dense(w->weight, z->dense))
    RUN("eigs of a block", cn_eigs(w->weight, NULL, z->values, NULL, NULL).status)
    RUN("apply the caller's", cn_op_apply(w->user, 3, z->vector, z->product))
    RUN("quadratic of the caller's", cn_op_quadratic(w->user, 3, z->vector, z->values))
    RUN("trace of the caller's", cn_trace(w->user, NULL).status)
    RUN("eigs of the caller's", cn_eigs(w->user, &e, z->values, NULL, NULL).status)
    for (rule = 0; rule < 3; rule++) {
        o = opt_desc(rule);
        t.opt = o;
        MAKE("optimiser", cn_opt_create(c, PARAMS, 0, &o))
        RUN("step", cn_opt_step(w->opt[rule], w->p, z->theta, &batch).status)
        RUN("train", cn_train(w->p, z->theta, &t).status)
        RUN("step size", cn_opt_lr(w->opt[rule], 0.1))
        RUN("state of an optimiser", cn_opt_state(w->opt[rule]).status)
    }
    tic.block = part;
    RUN("TIC", cn_tic(w->at, NULL).status)
    RUN("TIC of a block", cn_tic(w->at, &tic).status)
    RUN("TIC with F", cn_tic_fisher(w->at, NULL).status)
    RUN("TIC with F of a block", cn_tic_fisher(w->at, &tic).status)
    tic.block = all;
    tic.keep_negative = 1;
    tic.pairs = 5;
    tic.form = CN_TIC_GRAM;
    RUN("TIC with F by Gram", cn_tic_fisher(w->at, &tic).status)
    tic.form = CN_TIC_PARTIAL;
    RUN("TIC, partial", cn_tic(w->at, &tic).status)
    tic.form = CN_TIC_DIAGONAL;
    RUN("TIC of diagonals", cn_tic(w->at, &tic).status)
    tic.form = CN_TIC_LAYERS;
    RUN("TIC of layers", cn_tic(w->at, &tic).status)
    tic.form = CN_TIC_QUADRATURE;
    tic.probe = quadrature;
    RUN("TIC by quadrature", cn_tic(w->at, &tic).status)
    tic.basis_bytes = 1;
    RUN("TIC by quadrature with three vectors", cn_tic_fisher(w->at, &tic).status)
    influence.ridge = 50;
    RUN("influence", cn_influence(w->at, NULL, &influence, z->values).status)
    RUN("leave one out", cn_leave_one_out(w->at, NULL, z->values).status)
    RUN("noise scale", cn_noise_scale(w->at, all, NULL).status)
    RUN("alignment", cn_alignment(w->at, part, NULL).status)
    RUN("effective dimension", cn_effective_dimension(w->op[1], 1, &quadrature).status)
    RUN("gradient share", cn_gradient_share(w->at, part, 3).status)
    worst.rho = 0.1;
    RUN("worst sharpness", cn_worst_sharpness(w->at, &worst).status)
    tic.form = CN_TIC_AUTO;
    RUN("TIC curve", cn_tic_curve(w->at, &tic, 2, cuts, z->curve))
    RUN("similarity", cn_similarity(w->op[0], w->op[3], NULL).status)
    comparison.rank = comparison.trace = z->est;
    comparison.commutator = z->est + 4;
    RUN("comparison", cn_compare(2, w->op, &probe, &comparison))
    RUN("commutator", cn_commutator(w->op[0], w->op[3], NULL).status)
    RUN("commutator by probes", cn_commutator(w->op[0], w->op[3], &probe).status)
    RUN("similarity by probes", cn_similarity(w->op[0], w->op[3], &probe).status)
    for (kind = 0; kind < 3; kind++) RUN("sensitivity", cn_sensitivity(w->at, kind).status)
    RUN("gap", cn_perturbation_gap(w->at, &noise, &probe).status)
    RUN("MLS", cn_mls(w->at, NULL).status)
    mls.want = CN_MLS_INPUT;
    RUN("MLS, one number", cn_mls(w->at, &mls).status)
    RUN("adaptive sharpness", cn_adaptive_sharpness(w->at, NULL, NULL).status)
    RUN("TPV", cn_tpv(w->at, &noise, NULL).status)
    RUN("TPV with probes", cn_tpv(w->at, &noise, &probe).status)
    RUN("gemm", cn_gemm(c, MAT, MAT, MAT, 1, z->a, MAT, 1, z->b, 1, MAT, 0, z->out, MAT, 1))
    RUN("Kronecker products", cn_kronecker(c, 2, 3, 2, NULL, z->b, z->a, z->out))
    RUN("eigen", cn_eigen(c, MAT, z->a, 0, 0, z->values, z->out, &z->found))
    RUN("eigen, values only", cn_eigen(c, MAT, z->a, 0, 0, z->values, NULL, NULL))
    RUN("eigen, top three", cn_eigen(c, MAT, z->a, 3, 0, z->values, z->out, NULL))
    RUN("cholesky", cn_cholesky(c, MAT, z->a, MAT, z->b))
    RUN("orthonormal rows", cn_orthonormal(c, 5, MAT, z->b, z->out, &z->found))
    RUN("orthonormal rows alone", cn_orthonormal(c, 5, MAT, z->b, NULL, NULL))
    RUN("svd", cn_svd(c, MAT, MAT / 2, z->b, z->values, z->out, z->a))
    RUN("svd, values only", cn_svd(c, MAT / 2, MAT, z->b, z->values, NULL, NULL))
    RUN("convert", cn_convert(c, cn_tensor_of(data_y, CN_TYPE_I32, 1, SAMPLES, 0, 0, 0), 1,
                              cn_tensor_of(z->bytes, CN_TYPE_U8, 1, SAMPLES, 0, 0, 0)))
    MAKE("tensor of a file",
         cn_tensor_read(c, columns, sizeof columns - 1, NULL, &tensor) == CN_OK ? tensor.data : NULL)
    if (row++ == which) { /* files are little-endian: a view there, memory on other machines */
        const unsigned char *at;
        *status = cn_tensor_read(c, params_file, params_bytes, "0.bias", &tensor);
        at = (const unsigned char *)tensor.data;
        if (*status == CN_OK && (at < params_file || at >= params_file + params_bytes)) *made = tensor.data;
        return "tensor within a file";
    }
    RUN("theta of a file", cn_theta_read(c, w->net, params_file, params_bytes, z->theta))
#undef MAKE
#undef RUN
    return NULL;
}

static int same_arrays(const world *w) { return memcmp(&w->z, &Before, sizeof Before) == 0; }

/* A failed CHECK inside of a row should name the row. */
static char row_name[64];
static void name_row(const char *what, const char *name) {
    sprintf(row_name, "%.20s: %.36s", what, name);
    test_case = row_name;
}

static void rows_dry_then_real(void) {
    int which, status;
    void *made;
    const char *name;
    size_t need, calls, now;
    world_open(&W);
    CHECK_STATUS(W.c.status, CN_OK);
    for (which = 0;; which++) {
        world_arrays(&W.z);
        memcpy(&Before, &W.z, sizeof Before);
        calls = W.heap.calls;
        now = W.heap.now;
        W.c.dry = 1;
        name = world_call(&W, which, &status, &made);
        W.c.dry = 0;
        if (!name) break;
        name_row("dry", name);
        need = W.c.bytes_needed;
        CHECK_STATUS(status, CN_DRY);
        CHECK(W.c.status == CN_DRY && made == NULL);
        CHECK(W.heap.calls == calls && W.heap.now == now && same_arrays(&W)); /* nothing was done */
        cn_clear(&W.c);
        name_row("real", name);
        world_call(&W, which, &status, &made);
        CHECK_STATUS(status, CN_OK);
        CHECK(W.c.status == CN_OK);
        CHECK(W.heap.calls == calls + (need > 0)); /* one allocation at most, */
        CHECK(!need || W.heap.last == need);       /* of just what the dry run said */
        CHECK(W.c.bytes_now == W.heap.now && W.c.bytes_peak == W.heap.peak && W.heap.now == now + (made ? need : 0));
        cn_free(&W.c, made);
        CHECK(W.heap.now == now);
    }
    test_case = "all rows";
    CHECK(which > 60); /* the table was there */
    cn_free_all(&W.c);
    CHECK(W.heap.now == 0 && W.c.bytes_now == 0 && W.c.live == NULL);
}

static void rows_refused(void) {
    int which, status;
    void *made;
    const char *name;
    size_t now, need;
    world_open(&W);
    for (which = 0;; which++) {
        world_arrays(&W.z);
        memcpy(&Before, &W.z, sizeof Before);
        now = W.heap.now;
        W.heap.refuse = W.heap.calls + 1;
        name = world_call(&W, which, &status, &made);
        if (!name) break;
        name_row("refused", name);
        if (W.heap.calls >= W.heap.refuse) {
            need = W.c.bytes_needed;
            CHECK_STATUS(status, CN_E_MEMORY);
            CHECK_SENTENCE(&W.c, CN_E_MEMORY, "bytes");
            CHECK(made == NULL && W.heap.now == now && same_arrays(&W) && need == W.heap.last);
            W.heap.refuse = 0; /* and the next call works, although the status can still be read */
            world_call(&W, which, &status, &made);
            CHECK_STATUS(status, CN_OK);
            CHECK(W.c.status == CN_E_MEMORY);
        } else
            CHECK_STATUS(status, CN_OK);
        cn_free(&W.c, made);
        cn_clear(&W.c);
        world_arrays(&W.z); /* the same by the limit: exactly enough, one byte too little */
        W.heap.refuse = 0;
        W.c.dry = 1;
        world_call(&W, which, &status, &made);
        W.c.dry = 0;
        need = W.c.bytes_needed;
        if (!need) continue;
        cn_clear(&W.c);
        name_row("limit", name);
        W.c.limit_bytes = W.c.bytes_now + need - 1;
        CHECK(world_call(&W, which, &status, &made) && status == CN_E_MEMORY && !made && same_arrays(&W));
        CHECK_SENTENCE(&W.c, CN_E_MEMORY, "the limit is");
        CHECK(W.c.bytes_needed == need);
        cn_clear(&W.c);
        W.c.limit_bytes++;
        world_call(&W, which, &status, &made);
        CHECK_STATUS(status, CN_OK);
        cn_free(&W.c, made);
        W.c.limit_bytes = 0;
    }
    cn_free_all(&W.c);
    test_case = "all rows";
    CHECK(W.heap.now == 0);
}

static void rows_blocked(void) /* a real error stays: every call returns it and does nothing */
{
    int which, status;
    void *made;
    const char *name;
    size_t calls;
    char sentence[200];
    world_open(&W);
    memcpy(&Before, &W.z, sizeof Before);
    CHECK(cn_net_create(&W.c, "input 3; dence 4") == NULL);
    CHECK_SENTENCE(&W.c, CN_E_TEXT, "'dence'");
    memcpy(sentence, W.c.message, sizeof sentence);
    calls = W.heap.calls;
    for (which = 0;; which++) {
        name = world_call(&W, which, &status, &made);
        if (!name) break;
        name_row("blocked", name);
        CHECK_STATUS(status, CN_E_TEXT);
        CHECK(made == NULL && W.heap.calls == calls && same_arrays(&W) && strcmp(sentence, W.c.message) == 0);
    }
    test_case = "blocked";
    CHECK(cn_opt_ask(W.opt[0], W.z.theta) == NULL);
    CHECK_STATUS(cn_opt_tell(W.opt[0], W.z.gradient), CN_E_TEXT);
    CHECK_STATUS(cn_op_apply(W.user, 1, NULL, NULL), CN_E_TEXT); /* a second error does not replace the first */
    CHECK(cn_vector(&W.c, (size_t)-1) == NULL);
    CHECK(strcmp(sentence, W.c.message) == 0);
    cn_clear(&W.c);
    CHECK(W.c.status == CN_OK && W.c.message[0] == 0);
    CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, CN_OK);
    CHECK_STATUS(cn_op_apply(W.user, 1, NULL, W.z.product), CN_E_ARGUMENT);
    CHECK_SENTENCE(&W.c, CN_E_ARGUMENT, "missing");
    cn_free_all(&W.c);
    CHECK(W.heap.now == 0); /* freeing is never blocked */
}

/* exactly enough works, one byte less is out of memory; the arena at an odd address */
static void rows_in_arena(void) {
    static unsigned char room[1 << 21];
    int which, status;
    void *made;
    const char *name;
    size_t need;
    memset(&W, 0, sizeof W);
    world_arrays(&W.z);
    memcpy(&Before, &W.z, sizeof Before);
    W.c.arena = room + 1;
    W.c.arena_bytes = sizeof room - 1;
    world_objects(&W);
    CHECK_STATUS(W.c.status, CN_OK);
    for (which = 0;; which++) {
        world_arrays(&W.z);
        cn_clear(&W.c);
        W.c.arena_bytes = sizeof room - 1;
        W.c.dry = 1;
        name = world_call(&W, which, &status, &made);
        W.c.dry = 0;
        if (!name) break;
        need = W.c.bytes_needed;
        cn_clear(&W.c);
        if (!need) continue;
        name_row("arena", name);
        W.c.arena_bytes = W.c.bytes_now + need - 1;
        world_call(&W, which, &status, &made);
        CHECK_STATUS(status, CN_E_MEMORY);
        CHECK_SENTENCE(&W.c, CN_E_MEMORY, "bytes; the arena has");
        CHECK(!made && same_arrays(&W));
        cn_clear(&W.c);
        W.c.arena_bytes++;
        room[1 + W.c.arena_bytes] = 77; /* the byte behind the arena */
        world_call(&W, which, &status, &made);
        CHECK_STATUS(status, CN_OK);
        CHECK(room[1 + W.c.arena_bytes] == 77);
        cn_free(&W.c, made);
    }
    cn_free_all(&W.c);
    test_case = "all rows";
    CHECK(W.c.bytes_now == 0 && W.c.live == NULL);
}

/* ---- contexts that are wrong: whatever sets the context's status returns it and has done nothing */

static int foreign_isa(void) /* an instruction set that is not here */
{
    cn_real x[3] = {1, 1, 1};
    int isa = CN_ISA_WASM + 1;
    while (--isa > CN_ISA_C) {
        cn_ctx c = CN_ZERO;
        c.isa = isa;
        if (cn_gemm(&c, 1, 1, 1, 1, x, 1, 1, x + 1, 1, 1, 0, x + 2, 1, 1) != CN_OK) return isa;
    }
    return 99;
}

static void wrong_rows(const char *words, size_t at_least, void (*spoil)(cn_ctx *c)) {
    cn_ctx good;
    int which, status;
    size_t refused = 0, calls, now, i;
    void *made;
    const char *name;
    const cn_real *asked;
    world_open(&W);
    good = W.c;
    for (which = 0;; which++) {
        world_arrays(&W.z);
        memcpy(&Before, &W.z, sizeof Before);
        calls = W.heap.calls;
        now = W.heap.now;
        spoil(&W.c);
        name = world_call(&W, which, &status, &made);
        if (!name) break;
        name_row(words, name);
        if (status == CN_OK) { /* a call that has no need of it */
            CHECK(W.c.status == CN_OK);
            W.c.release = good.release;
            cn_free(&W.c, made);
        } else {
            refused++;
            CHECK_STATUS(status, CN_E_ARGUMENT);
            CHECK_SENTENCE(&W.c, CN_E_ARGUMENT, words);
            CHECK(!made && W.heap.calls == calls && W.heap.now == now && same_arrays(&W));
            cn_clear(&W.c);
        }
        W.c.isa = good.isa;
        W.c.threads = good.threads;
        W.c.alloc = good.alloc;
        W.c.release = good.release;
        W.c.layer_count = W.c.arena_bytes = 0;
    }
    test_case = words;
    CHECK(refused >= at_least);
    W.c = good;
    cn_free_all(&W.c);
    world_open(&W); /* an optimiser's tell: refused, then taken */
    for (i = 0; i < 3; i++) {
        memcpy(&Before, &W.z, sizeof Before);
        asked = cn_opt_ask(W.opt[i], W.z.theta);
        CHECK(asked != NULL);
        good = W.c;
        spoil(&W.c);
        status = cn_opt_tell(W.opt[i], W.z.vector);
        CHECK(status == W.c.status && (status == CN_OK || same_arrays(&W)));
        W.c = good;
        if (status) CHECK_STATUS(cn_opt_tell(W.opt[i], W.z.vector), CN_OK);
    }
    cn_free_all(&W.c);
}

static void spoil_isa(cn_ctx *c) { c->isa = foreign_isa(); }
static void spoil_isa_more(cn_ctx *c) { c->isa = -7; }
static void spoil_threads(cn_ctx *c) { c->threads = -1; }
static void spoil_alloc(cn_ctx *c) { c->alloc = NULL; }
static void spoil_layers(cn_ctx *c) { c->layer_count = 3; }
static void spoil_arena(cn_ctx *c) { c->arena_bytes = 1 << 20; }

static void wrong_contexts(void) {
    wrong_rows("isa", 100, spoil_isa); /* of some 150 rows */
    wrong_rows("isa -7", 100, spoil_isa_more);
    wrong_rows("threads is -1", 130, spoil_threads);
    wrong_rows("alloc is missing", 130, spoil_alloc);
    wrong_rows("layers is missing", 130, spoil_layers);
    wrong_rows("arena is missing", 130, spoil_arena);
}

/* ---- cancelled at every report */

typedef struct reports {
    size_t seen, stop;
} reports;
static int at_report(void *user, const cn_progress *p) {
    reports *r = (reports *)user;
    CHECK(p->what && p->what[0] && p->done > 0 && p->done <= p->total);
    return ++r->seen == r->stop;
}

static void rows_cancelled(void) {
    static arrays wanted;
    int which, status;
    size_t now, k, all = 0, last;
    void *made;
    const char *name;
    reports r;
    world_open(&W);
    for (which = 0;; which++) {
        world_arrays(&W.z);
        r.seen = r.stop = 0;
        W.c.progress = at_report;
        W.c.progress_user = &r;
        name = world_call(&W, which, &status, &made);
        if (!name) break;
        name_row("cancelled", name);
        CHECK_STATUS(status, CN_OK);
        cn_free(&W.c, made);
        memcpy(&wanted, &W.z, sizeof wanted);
        now = W.heap.now;
        last = r.seen;
        for (k = 1; k <= last; k += TEST_SIZE(1, 1 + last / 4), all++) {
            world_arrays(&W.z);
            r.seen = 0;
            r.stop = k;
            world_call(&W, which, &status, &made);
            CHECK_STATUS(status, CN_CANCELLED);
            CHECK_SENTENCE(&W.c, CN_CANCELLED, " cancelled at ");
            CHECK(r.seen == k && !made && W.heap.now == now); /* nothing more was done, nothing is left */
            world_arrays(&W.z);
            r.stop = 0;
            world_call(&W, which, &status, &made); /* and nothing stays of it */
            CHECK_STATUS(status, CN_OK);
            CHECK(memcmp(&wanted, &W.z, sizeof wanted) == 0);
            cn_clear(&W.c);
        }
    }
    CHECK(all > TEST_SIZE(100, 50));
    cn_free_all(&W.c);
}

/* ---- a chain that is checked once, with allocation number n refused, for every n */

typedef struct chain_result {
    double loss, trace, tic, top;
    int train_status;
    cn_real theta[PARAMS], before[PARAMS];
} chain_result;

static void chain(cn_ctx *c, const cn_data *data, int own_theta, chain_result *r) {
    cn_real fixed[PARAMS], *theta = fixed;
    cn_net *net;
    cn_problem *p;
    cn_point *at;
    cn_op *h;
    cn_train_desc t = CN_ZERO;
    cn_block all = CN_ZERO;
    size_t i;
    memset(r, 0, sizeof *r);
    for (i = 0; i < PARAMS; i++) fixed[i] = 0;
    net = cn_net_create(c, world_text);
    p = cn_problem_create(c, net, data, NULL);
    if (own_theta) theta = cn_vector(c, cn_net_describe(net).size);
    cn_net_init(net, CN_INIT_AUTO, 1, theta);
    t.epochs = 2;
    t.batch = 3;
    t.opt = opt_desc(CN_RULE_SAM);
    if (theta && net) memcpy(r->before, theta, sizeof r->before);
    r->train_status = cn_train(p, theta, &t).status;
    if (theta && net) memcpy(r->theta, theta, sizeof r->theta);
    r->loss = cn_evaluate(p, theta, NULL, NULL).loss;
    at = cn_point_create(p, theta, 1000);
    h = cn_op_of(at, CN_OP_HESSIAN, all);
    r->trace = cn_trace(h, NULL).value;
    r->tic = cn_tic(at, NULL).tic;
    cn_eigs(h, NULL, &r->top, NULL, NULL);
}

static void chains(void) {
    cn_ctx c = CN_ZERO;
    test_heap heap;
    chain_result want, got;
    cn_data data;
    size_t n, all;
    int own;
    memset(&data, 0, sizeof data);
    memset(&heap, 0, sizeof heap);
    data = W.data; /* data_x, data_y are filled */
    c.alloc = test_alloc;
    c.release = test_release;
    c.alloc_user = &heap;
    for (own = 0; own < 2; own++) {
        heap.refuse = 0;
        heap.calls = 0;
        chain(&c, &data, own, &want);
        CHECK_STATUS(c.status, CN_OK);
        CHECK(want.loss > 0 && want.trace > 0 && want.top > 0);
        all = heap.calls;
        /* network, problem, (theta), train, evaluate, point, operator, trace, TIC, eigenvalues */
        CHECK(all == 9 + (size_t)own);
        cn_free_all(&c);
        for (n = 1; n <= all; n++) {
            heap.calls = 0;
            heap.refuse = n;
            chain(&c, &data, own, &got);
            if (own)
                CHECK(c.status != CN_OK && c.message[0]); /* a theta that is missing is an error of its own */
            else
                CHECK_SENTENCE(&c, CN_E_MEMORY, "bytes");
            if (got.train_status == CN_E_MEMORY) CHECK(memcmp(got.before, got.theta, sizeof got.theta) == 0);
            CHECK(c.bytes_now == heap.now);
            cn_free_all(&c);
            CHECK(heap.now == 0 && c.bytes_now == 0);
            cn_clear(&c);
            heap.refuse = 0;
            chain(&c, &data, own, &got);
            CHECK_STATUS(c.status, CN_OK);
            CHECK(memcmp(&got, &want, sizeof got) == 0); /* the same bits as if nothing had happened */
            cn_free_all(&c);
        }
    }
    CHECK(heap.now == 0);
}

/* ---- statuses that do not block */

static int stop_now(void *user, const cn_progress *p) {
    ++*(int *)user;
    return p->done > 0;
}

static void not_blocking(void) {
    int asked = 0;
    cn_est e;
    cn_train_desc t = CN_ZERO;
    cn_eval last;
    world_open(&W);
    W.c.dry = 1;
    CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, CN_DRY);
    CHECK_SENTENCE(&W.c, CN_DRY, "bytes");
    W.c.dry = 0;
    CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, CN_OK);
    CHECK(W.c.status == CN_DRY); /* still to be read */
    W.heap.refuse = W.heap.calls + 1;
    CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, CN_E_MEMORY);
    W.heap.refuse = 0;
    CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, CN_OK);
    CHECK_SENTENCE(&W.c, CN_E_MEMORY, "bytes");
    cn_clear(&W.c);
    W.c.progress = stop_now;
    W.c.progress_user = &asked;
    t.epochs = 50;
    t.opt.lr = 0.1;
    last = cn_train(W.p, W.z.theta, &t);
    CHECK_STATUS(last.status, CN_CANCELLED);
    CHECK(asked == 1 && last.n == SAMPLES && last.loss > 0); /* one batch is done; the loss is that of all data */
    CHECK_SENTENCE(&W.c, CN_CANCELLED, "training cancelled at 1 of 50");
    W.c.progress = NULL;
    e = cn_trace(W.op[CN_OP_GAUSS_NEWTON], NULL);
    CHECK(e.status == CN_OK && e.value > 0);
    CHECK_STATUS(cn_op_apply(W.user, 1, NULL, NULL), CN_E_ARGUMENT); /* a real error takes the place of the cancel */
    CHECK_SENTENCE(&W.c, CN_E_ARGUMENT, "missing");
    CHECK_STATUS(cn_trace(W.op[0], NULL).status, CN_E_ARGUMENT);
    cn_free_all(&W.c);
}

static int answered; /* what the operator returns */
static int answering(void *user, size_t k, const cn_real *x, cn_real *y) {
    (void)user;
    memcpy(y, x, k * MAT * sizeof *y);
    return answered;
}

/* Which statuses stop what follows: each of them, from an operator; and the answers where they come from. */
static void answers(void) {
    static const int blocking[] = {CN_E_ARGUMENT, CN_E_TEXT, CN_E_SHAPE, CN_E_SIZE, CN_E_DATA, CN_E_FILE};
    cn_probe_desc lanczos = CN_ZERO;
    cn_opt_desc o = opt_desc(CN_RULE_PLAIN);
    cn_op *op, *h;
    cn_real far[PARAMS], one[] = {-1};
    cn_opt *mine;
    int blocks;
    size_t i, row;
    world_open(&W);
    op = cn_op_user(&W.c, MAT, answering, NULL);
    for (answered = CN_CANCELLED; answered < CN_STATUS_COUNT; answered++) {
        for (blocks = 0, i = 0; i < sizeof blocking / sizeof *blocking; i++) blocks |= blocking[i] == answered;
        test_case = cn_status_text(answered);
        CHECK_STATUS(cn_trace(op, NULL).status, answered);
        CHECK_SENTENCE(&W.c, answered, "the operator's own apply returned");
        CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, blocks ? answered : CN_OK);
        CHECK((cn_vector(&W.c, 3) == NULL) == blocks);
        CHECK((cn_opt_ask(W.opt[0], W.z.theta) == NULL) == blocks);
        CHECK_STATUS(cn_opt_tell(W.opt[0], W.z.gradient), blocks ? answered : CN_OK);
        cn_opt_ask(W.opt[0], W.z.theta);                                                 /* the step is done */
        CHECK_SENTENCE(&W.c, answered, "the operator's own apply returned");             /* still to be read */
        CHECK_STATUS(cn_op_apply(op, 1, NULL, NULL), blocks ? answered : CN_E_ARGUMENT); /* unless overtaken */
        cn_clear(&W.c);
    }
    test_case = "answers";
    answered = CN_OK;
    lanczos.method = CN_METHOD_LANCZOS;
    for (i = 0; i < PARAMS; i++) far[i] = (cn_real)TEST_REAL(1e308, 1e38); /* overflows */
    h = cn_op_sum(W.op[CN_OP_HESSIAN], 1, NULL, 0, -1000);                 /* as indefinite as can be */
    mine = cn_opt_create(&W.c, PARAMS, 0, &o);
    for (row = 0; row < 10; row++) {
        int status = -1;
        world_arrays(&W.z);
        sprintf(row_name, "answer %d", (int)row);
        test_case = row_name;
        cn_clear(&W.c);
        if (row == 0) status = cn_logdet(h, 0, NULL).status;
        if (row == 1) status = cn_logdet(h, 0, &lanczos).status;
        if (row == 2) status = cn_solve(h, 0, 0, 0, NULL, W.z.vector, W.z.product).status;
        if (row == 3) status = cn_op_apply(cn_op_inverse(h, 0, 0, 0, NULL), 1, W.z.vector, W.z.product);
        if (row == 4) status = cn_cholesky(&W.c, 1, one, 0, NULL);
        if (row == 5) status = cn_op_gram(h, W.z.dense);
        if (row == 6) status = cn_eigs(cn_op_product(op, cn_op_sum(op, 1, NULL, 0, 1)), NULL, NULL, NULL, NULL).status;
        if (row == 7) status = cn_similarity(cn_op_sum(op, 0, NULL, 0, 0), op, NULL).status;
        if (row == 8) status = cn_evaluate(W.p, far, NULL, NULL).status;
        if (row == 9) status = cn_opt_step(mine, W.p, far, NULL).status;
        CHECK(status == CN_E_NUMERIC || status == CN_E_UNSUITED);
        CHECK_STATUS(W.c.status, status);
        CHECK(W.c.message[0] != 0);
        CHECK_STATUS(cn_evaluate(W.p, W.z.theta, NULL, NULL).status, CN_OK);
        CHECK_STATUS(cn_op_apply(op, 1, W.z.a, W.z.out), CN_OK);
    }
    cn_clear(&W.c);
    cn_free_all(&W.c);
}

static void dry_ask_and_tell(void) /* with dry = 1 no call changes the caller's arrays */
{
    world_open(&W);
    memcpy(&Before, &W.z, sizeof Before);
    W.c.dry = 1;
    cn_opt_ask(W.opt[0], W.z.theta);
    cn_opt_tell(W.opt[0], W.z.vector);
    CHECK(same_arrays(&W));
    W.c.dry = 0;
    cn_free_all(&W.c);
}

/* ---- NULL goes through */

static void nulls(void) {
    cn_ctx c = CN_ZERO;
    cn_block all = CN_ZERO, none;
    cn_net_info info;
    cn_part part;
    cn_data data = CN_ZERO;
    cn_real x[4] = {0, 0, 0, 0};
    double v = 0;
    cn_noise_desc noise = CN_ZERO;
    cn_clear(NULL);
    cn_free(NULL, NULL);
    cn_free(&c, NULL);
    cn_free_all(NULL);
    cn_free_all(&c);
    CHECK(cn_vector(NULL, 3) == NULL && cn_net_create(NULL, "input 1; relu") == NULL &&
          cn_op_user(NULL, 3, twice, NULL) == NULL);
    CHECK(cn_problem_create(NULL, NULL, NULL, NULL) == NULL && cn_opt_create(NULL, 1, 0, NULL) == NULL);
    CHECK_STATUS(
        cn_convert(NULL, cn_tensor_of(x, CN_TYPE_REAL, 1, 4, 0, 0, 0), 1, cn_tensor_of(x, CN_TYPE_REAL, 1, 4, 0, 0, 0)),
        CN_E_ARGUMENT);
    CHECK_STATUS(cn_gemm(NULL, 1, 1, 1, 1, x, 1, 1, x + 1, 1, 1, 0, x + 2, 1, 1), CN_E_ARGUMENT);
    CHECK_STATUS(cn_eigen(NULL, 1, x, 0, 0, &v, NULL, NULL), CN_E_ARGUMENT);
    CHECK_STATUS(cn_cholesky(NULL, 1, x, 0, NULL), CN_E_ARGUMENT);
    CHECK_STATUS(cn_svd(NULL, 1, 1, x, &v, NULL, NULL), CN_E_ARGUMENT);
    CHECK(cn_point_create(NULL, x, 0) == NULL && cn_op_of(NULL, 0, all) == NULL && cn_opt_ask(NULL, x) == NULL);
    info = cn_net_describe(NULL);
    CHECK(info.params == 0 && info.size == 0 && info.inputs == 0 && cn_op_describe(NULL).size == 0);
    CHECK_STATUS(cn_net_part(NULL, NULL, 0, &part), CN_E_ARGUMENT);
    CHECK_STATUS(cn_net_init(NULL, 0, 1, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_predict(NULL, x, NULL, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_evaluate(NULL, x, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_op_apply(NULL, 1, x, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_op_dense(NULL, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_op_quadratic(NULL, 1, x, &v), CN_E_ARGUMENT);
    CHECK_STATUS(cn_trace(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_eigs(NULL, NULL, &v, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_jv(NULL, all, 1, x, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_jtu(NULL, all, 1, x, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_opt_tell(NULL, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_opt_step(NULL, NULL, x, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_train(NULL, x, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_diagonal(NULL, NULL, x).status, CN_E_ARGUMENT);
    CHECK(cn_op_sum(NULL, 1, NULL, 0, 0) == NULL && cn_op_deflate(NULL, 0, NULL) == NULL);
    CHECK_STATUS(cn_inner(NULL, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_solve(NULL, 0, 0, 0, NULL, x, x).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_gradients(NULL, all, x), CN_E_ARGUMENT);
    CHECK_STATUS(cn_gram(NULL, NULL, CN_OP_SECOND_MOMENT, all, &v), CN_E_ARGUMENT);
    CHECK_STATUS(cn_visit(NULL, NULL, look, NULL), CN_E_ARGUMENT);
    CHECK_STATUS(cn_recalibrate(NULL, x, 0), CN_E_ARGUMENT);
    CHECK_STATUS(cn_tic(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_influence(NULL, NULL, NULL, &v).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_leave_one_out(NULL, NULL, &v).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_noise_scale(NULL, all, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_alignment(NULL, all, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_effective_dimension(NULL, 1, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_gradient_share(NULL, all, 1).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_worst_sharpness(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_mls(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_tpv(NULL, &noise, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_tensor_read(NULL, x, sizeof x, NULL, NULL), CN_E_ARGUMENT);
    CHECK_STATUS(cn_theta_read(NULL, NULL, x, sizeof x, x), CN_E_ARGUMENT);
    CHECK(cn_net_text(NULL, NULL, 0) == 0 && cn_theta_write(NULL, NULL, NULL, 0) == 0 &&
          cn_parts_write(NULL, 0, NULL, 0) == 0);
    CHECK(c.status == CN_OK);
    none = cn_net_block(&c, NULL, "0.weight"); /* never "all" */
    CHECK(!(none.first == 0 && none.count == 0));
    CHECK(cn_problem_create(&c, NULL, &data, NULL) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "the network is missing");
    cn_clear(&c);
    /* a chain: the first error stays */
    CHECK(cn_problem_create(&c, cn_net_create(&c, "input"), &data, NULL) == NULL);
    CHECK_SENTENCE(&c, CN_E_TEXT, "'input'");
    cn_clear(&c);
    CHECK(cn_net_create(&c, NULL) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "the text is missing");
}

/* ---- memory */

static void permute(int order[4], int number) /* the number-th of 24 orders */
{
    int left[4] = {0, 1, 2, 3}, i, j, base = 6;
    for (i = 0; i < 4; i++) {
        j = number / base;
        number %= base;
        order[i] = left[j];
        for (; j < 3; j++) left[j] = left[j + 1];
        base = i < 2 ? base / (3 - i) : 1;
    }
}

static void free_any_order(int arena) {
    static unsigned char room[4096];
    cn_ctx c = CN_ZERO;
    test_heap heap;
    int number, i, j, order[4], seen, freed[4];
    cn_real *v[4], *again;
    size_t k, first;
    memset(&heap, 0, sizeof heap);
    if (arena) {
        c.arena = room + 3;
        c.arena_bytes = sizeof room - 3;
    } else {
        c.alloc = test_alloc;
        c.release = test_release;
        c.alloc_user = &heap;
    }
    for (number = 0; number < 24; number++) {
        permute(order, number);
        for (i = seen = 0; i < 4; i++) {
            seen |= 1 << order[i];
            freed[i] = 0;
        }
        CHECK(seen == 15);
        for (i = 0; i < 4; i++) {
            v[i] = cn_vector(&c, 5 + 10 * (size_t)i);
            for (k = 0; k < 5 + 10 * (size_t)i; k++) v[i][k] = (cn_real)(i + 1);
        }
        first = c.bytes_now;
        for (i = 0; i < 4; i++) {
            cn_free(&c, v[order[i]]);
            freed[order[i]] = 1;
            /* the others are whole */
            for (j = 0; j < 4; j++)
                for (k = 0; !freed[j] && k < 5 + 10 * (size_t)j; k++) CHECK(v[j][k] == (cn_real)(j + 1));
            if (i == 1) { /* a new one in between must not land on a living one */
                again = cn_vector(&c, 7);
                for (k = 0; k < 7; k++) {
                    CHECK(again[k] == 0);
                    again[k] = -1;
                }
                for (j = 0; j < 4; j++)
                    for (k = 0; !freed[j] && k < 5 + 10 * (size_t)j; k++) CHECK(v[j][k] == (cn_real)(j + 1));
                cn_free(&c, again);
            }
        }
        CHECK(c.bytes_now == 0 && c.live == NULL && heap.now == 0);
        CHECK(c.bytes_peak >= first);
    }
}

static void arena_alignments(void) {
    static unsigned char room[2048 + 64];
    size_t offset, need, i;
    cn_real *v;
    for (offset = 0; offset < 64; offset++) {
        cn_ctx c = CN_ZERO;
        c.arena = room + offset;
        c.arena_bytes = 2048;
        c.dry = 1;
        cn_vector(&c, 33);
        c.dry = 0;
        need = c.bytes_needed;
        cn_clear(&c);
        c.arena_bytes = need - 1;
        CHECK(cn_vector(&c, 33) == NULL && c.status == CN_E_MEMORY && c.bytes_now == 0);
        CHECK_SENTENCE(&c, CN_E_MEMORY, "bytes");
        c.arena_bytes = need;
        room[offset + need] = 99;
        v = cn_vector(&c, 33);
        CHECK(v != NULL && (uintptr_t)v % 64 == 0);
        CHECK((unsigned char *)v >= room + offset && (unsigned char *)(v + 33) <= room + offset + need);
        for (i = 0; v && i < 33; i++) {
            CHECK(v[i] == 0);
            v[i] = 1;
        }
        CHECK(cn_vector(&c, 1) == NULL); /* full */
        CHECK(room[offset + need] == 99);
        cn_free(&c, v);
        CHECK(cn_vector(&c, 33) == v); /* a stack: the place is free again */
        cn_free_all(&c);
        CHECK(c.bytes_now == 0 && c.bytes_peak == need);
    }
}

static void *count_only(void *user, size_t bytes) {
    static double room[128];
    ++*(int *)user;
    return bytes <= sizeof room ? room : NULL;
}

static void memory(void) {
    cn_ctx c = CN_ZERO;
    cn_real *v, *w;
    int i, calls = 0;
    size_t one;
    static unsigned char odd[512];
    v = cn_vector(&c, 1000);
    CHECK(v && (uintptr_t)v % 64 == 0 && c.bytes_now >= 1000 * sizeof(cn_real) && c.bytes_peak == c.bytes_now);
    for (i = 0; i < 1000; i++)
        if (v[i] != 0) break;
    CHECK(i == 1000);
    one = c.bytes_now;
    w = cn_vector(&c, 1000);
    CHECK(c.bytes_now == 2 * one && c.bytes_peak == 2 * one && c.bytes_needed == one);
    cn_free(&c, v);
    CHECK(c.bytes_now == one && c.bytes_peak == 2 * one);
    cn_free(&c, w);
    CHECK(c.bytes_now == 0 && c.live == NULL);
    for (i = 0; i < 20; i++) cn_vector(&c, (size_t)i);
    cn_free_all(&c);
    CHECK(c.bytes_now == 0 && c.live == NULL && c.status == CN_OK);
    cn_vector(&c, 3); /* a context lives on after cn_free_all */
    cn_free_all(&c);
    /* alloc without release: nothing is given back, nothing goes to free() */
    c.alloc = count_only;
    c.alloc_user = &calls;
    v = cn_vector(&c, 3);
    CHECK(calls == 1 && v);
    cn_free(&c, v);
    CHECK(c.bytes_now == 0);
    memset(&c, 0, sizeof c);
    c.arena = odd;
    c.arena_bytes = 20; /* smaller than any header */
    CHECK(cn_vector(&c, 1) == NULL && c.status == CN_E_MEMORY);
    cn_clear(&c);
    CHECK(cn_net_create(&c, "input 1; relu") == NULL && c.status == CN_E_MEMORY);
}

static int never(void *user, size_t k, const cn_real *x, cn_real *y) {
    (void)user;
    (void)k;
    (void)x;
    (void)y;
    return CN_E_NUMERIC;
}

/* Sizes that overflow: CN_E_SIZE. All of it dry, so that a product that wrapped round cannot be used. */
static void overflows(void) {
    static const char *const nets[] = {"input 1; dense 4294967295; dense 4294967295",
                                       "input 4294967295; dense 4294967295",
                                       "input 4294967295; dense 4294967295; dense 2",
                                       "input 4294967295; dense 4294967294; dense 4294967295; dense 4294967295",
                                       "input 4294967295 4294967295 2",
                                       "input 4294967295 4294967295 4294967295"};
    cn_ctx c = CN_ZERO;
    size_t i, huge = (size_t)-1;
    cn_op *a;
    cn_probe_desc probe = CN_ZERO;
    cn_eigs_desc e = CN_ZERO;
    cn_opt_desc o = CN_ZERO;
    cn_real x[4];
    double v[4];
    cn_block all = CN_ZERO;
    for (i = 0; i < sizeof nets / sizeof *nets; i++) {
        CHECK(cn_net_create(&c, nets[i]) == NULL);
        CHECK_STATUS(c.status, CN_E_SIZE);
        cn_free_all(&c);
        cn_clear(&c);
    }
    for (i = 0; i < 70; i++) { /* every size from 2^64 - 1 down: an overflow, or more than there is */
        CHECK(cn_vector(&c, huge - i) == NULL && c.status == CN_E_SIZE);
        cn_clear(&c);
        CHECK(cn_vector(&c, huge / sizeof(cn_real) - i) == NULL && c.status >= CN_E_SIZE && c.status <= CN_E_MEMORY);
        cn_clear(&c);
    }
    CHECK(c.bytes_now == 0);
    CHECK(cn_vector(&c, huge / sizeof(cn_real)) == NULL);
    CHECK_SENTENCE(&c, CN_E_SIZE, "overflows");
    cn_clear(&c);
    for (i = 0; i < 4; i++) x[i] = 0;
    c.dry = 1; /* dense linear algebra of sizes whose squares overflow */
    CHECK_STATUS(cn_eigen(&c, huge / 2, x, 0, 0, v, NULL, NULL), CN_E_SIZE);
    cn_clear(&c);
    CHECK_STATUS(cn_eigen(&c, ((size_t)1 << (sizeof huge * 4)), x, 0, 0, v, x, NULL), CN_E_SIZE);
    cn_clear(&c);
    CHECK_STATUS(cn_svd(&c, huge / 2, huge / 2, x, v, x, x), CN_E_SIZE);
    cn_clear(&c);
    CHECK_STATUS(cn_svd(&c, ((size_t)1 << (sizeof huge * 4)), ((size_t)1 << (sizeof huge * 4)), x, v, x, x), CN_E_SIZE);
    cn_clear(&c);
    CHECK_STATUS(cn_kronecker(&c, 1, huge / 2, 3, NULL, x, x, x), CN_E_SIZE);
    cn_clear(&c);
    CHECK_STATUS(cn_orthonormal(&c, huge / 2, 3, x, NULL, NULL), CN_E_SIZE);
    cn_clear(&c);
    o.lr = 1;
    CHECK(cn_opt_create(&c, huge, 2, &o) == NULL && c.status == CN_E_SIZE);
    cn_clear(&c); /* params + state */
    o.rule = CN_RULE_SAM;
    o.rho = 1;
    CHECK(cn_opt_create(&c, huge, 2, &o) == NULL && c.status == CN_E_SIZE);
    cn_clear(&c);
    o.rule = CN_RULE_NSO;
    o.sigma = 1;
    o.k = huge;
    CHECK(cn_opt_create(&c, 1, 0, &o) == NULL && c.status == CN_E_SIZE);
    cn_clear(&c);
    for (i = 0; i < 3; i++) { /* an operator so long that 16, 97 or n vectors of it overflow */
        size_t size = i == 0 ? huge / 16 + 2 : i == 1 ? huge / 97 + 2 : (size_t)1 << (sizeof huge * 4);
        c.dry = 0;
        a = cn_op_user(&c, size, never, NULL);
        CHECK(a != NULL || c.status == CN_E_SIZE); /* refused here or at the call that needs the vectors */
        cn_clear(&c);
        if (!a) continue;
        c.dry = 1;
        probe.method = CN_METHOD_HUTCHINSON;
        if (i == 0) {
            CHECK_STATUS(cn_trace(a, &probe).status, CN_E_SIZE);
            cn_clear(&c);
        }
        probe.method = CN_METHOD_EXACT;
        if (i == 0) {
            CHECK_STATUS(cn_trace(a, &probe).status, CN_E_SIZE);
            cn_clear(&c);
        }
        if (i == 0) {
            CHECK_STATUS(cn_op_quadratic(a, 16, x, v), CN_E_SIZE);
            cn_clear(&c);
        }
        CHECK_STATUS(cn_op_dense(a, x), CN_E_SIZE);
        cn_clear(&c);
        e.basis = i == 2 ? size : 0;
        CHECK_STATUS(cn_eigs(a, &e, v, NULL, NULL).status, CN_E_SIZE);
        cn_clear(&c);
        cn_free(&c, a);
    }
    e.basis = 0;
    e.top = huge;
    e.bottom = 2; /* top + bottom wraps to 1 */
    c.dry = 0;
    a = cn_op_user(&c, 8, never, NULL);
    c.dry = 1;
    CHECK_STATUS(cn_eigs(a, &e, v, NULL, NULL).status, CN_E_ARGUMENT);
    c.dry = 0;
    cn_free_all(&c);
    world_open(&W); /* huge k */
    W.c.dry = 1;
    for (i = 0; i < 3; i++) {
        size_t k = i == 0 ? huge : i == 1 ? huge / 2 + 1 : huge / PARAMS + 1; /* 2 k and PARAMS k wrap round */
        CHECK_STATUS(cn_jv(W.at, all, k, x, x), CN_E_SIZE);
        cn_clear(&W.c);
        CHECK_STATUS(cn_jtu(W.at, all, k, x, x), CN_E_SIZE);
        cn_clear(&W.c);
    }
    W.c.dry = 0;
    cn_free_all(&W.c);
}

/* ---- sentences */

/* "trace: rel_error X is negative" prints any negative number; the text is read back by the C library. */
static int printed_wrong;
static const char *printed(cn_ctx *c, cn_op *a, double v) {
    cn_probe_desc d = CN_ZERO;
    static char text[64];
    const char *from, *to;
    d.rel_error = v;
    cn_clear(c);
    CHECK_STATUS(cn_trace(a, &d).status, CN_E_ARGUMENT);
    from = strstr(c->message, "rel_error ");
    to = from ? strstr(from, " is negative") : NULL;
    text[0] = 0;
    if (to) {
        memcpy(text, from + 10, (size_t)(to - from - 10));
        text[to - from - 10] = 0;
    }
    return text;
}

/* Right to six digits: half a unit of the sixth is 5e-6 of the value at worst, and a little for the divisions by 10
   that get there. */
static int well_printed(cn_ctx *c, cn_op *a, double v) {
    const char *text = printed(c, a, v);
    double back = strtod(text, NULL);
    char digits[64];
    int n = 0, i, significant = 0, good;
    for (i = 0; text[i] && text[i] != 'e'; i++)
        if (text[i] >= '0' && text[i] <= '9') {
            if (text[i] != '0') significant = 1;
            if (significant) digits[n++] = text[i];
        }
    while (n > 0 && digits[n - 1] == '0') n--;
    good = fabs(back - v) <= 5.001e-6 * fabs(v) && n <= 6 && strlen(text) < 15;
    if (!good && printed_wrong++ < 5) printf("       %.17g is printed as \"%s\"\n", v, text);
    return good;
}

static void sentences(void) {
    static const struct {
        double v;
        const char *text;
    } exact[] = {
        {-1, "-1"},       {-0.5, "-0.5"},         {-0.25, "-0.25"},       {-100, "-100"},       {-123456, "-123456"},
        {-3.25, "-3.25"}, {-0.001, "-0.001"},     {-1e-5, "-0.00001"},    {-1e10, "-1e10"},     {-1.5e-20, "-1.5e-20"},
        {-20, "-20"},     {-1000000, "-1000000"}, {-2.5e300, "-2.5e300"}, {-1e-300, "-1e-300"}, {-1024.5, "-1024.5"}};
    cn_ctx c = CN_ZERO;
    cn_op *a = cn_op_user(&c, user_size, twice, &user_size);
    size_t i;
    double v;
    uint32_t r = 12345;
    cn_opt_desc o = CN_ZERO;
    cn_layer rows[1];
    int status, bad = 0;
    for (i = 0; i < sizeof exact / sizeof *exact; i++) {
        const char *text = printed(&c, a, exact[i].v);
        CHECK(strcmp(text, exact[i].text) == 0);
        if (strcmp(text, exact[i].text)) printf("       \"%s\" instead of \"%s\"\n", text, exact[i].text);
    }
    for (i = 0; i < 3000; i++) { /* all magnitudes */
        r = r * 1664525u + 1013904223u;
        v = -ldexp(1 + (double)r / 4294967296.0, (int)(r >> 8) % 1000);
        if (i % 2) v = 1 / v;
        bad += !well_printed(&c, a, v < 0 ? v : -v);
    }
    CHECK(bad == 0);
    bad = 0;
    /* just below, at and just above a power of ten: the rounding carries into a new digit */
    for (i = 0; i < 40; i++) {
        v = -pow(10, (double)i - 20);
        bad += !well_printed(&c, a, v);
        bad += !well_printed(&c, a, v * (1 - 1e-7));
        bad += !well_printed(&c, a, v * (1 - 4e-7));
        bad += !well_printed(&c, a, v * (1 - 6e-7));
        bad += !well_printed(&c, a, v * (1 + 1e-7));
    }
    CHECK(bad == 0);
    CHECK(well_printed(&c, a, -1.7976931348623157e308));
    CHECK(well_printed(&c, a, -2.2250738585072014e-308));
    CHECK(strcmp(printed(&c, a, -HUGE_VAL), "-Inf") == 0);
    cn_clear(&c);
    o.lr = 1;
    o.momentum = 12.5;
    CHECK(cn_opt_create(&c, 1, 0, &o) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "momentum 12.5 is not");
    cn_clear(&c);
    o.momentum = HUGE_VAL;
    CHECK(cn_opt_create(&c, 1, 0, &o) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "momentum Inf is not");
    cn_clear(&c);
    o.momentum = 0;
    o.rule = (int)-2147483647 - 1; /* %d at its end */
    CHECK(cn_opt_create(&c, 1, 0, &o) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "optimiser: -2147483648 is not a rule");
    cn_clear(&c);
    o.rule = 77;
    CHECK(cn_opt_create(&c, 1, 0, &o) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "optimiser: 77 is not a rule");
    cn_clear(&c);
    { /* %z */
        cn_eigs_desc e = CN_ZERO;
        char want[64];
        unsigned long long most = (unsigned long long)((size_t)-1 - 1);
        e.top = (size_t)-1 - 1;
        CHECK_STATUS(cn_eigs(a, &e, NULL, NULL, NULL).status, CN_E_ARGUMENT);
        sprintf(want, "%llu + 0 eigenvalues", most);
        CHECK_SENTENCE(&c, CN_E_ARGUMENT, want);
        CHECK_SENTENCE(&c, CN_E_ARGUMENT, "size 40");
        cn_clear(&c);
    }
    { /* a sentence longer than its room is cut, and ends */
        char args[400];
        size_t k;
        for (k = 0; k + 1 < sizeof args; k++) args[k] = k % 10 ? 'a' : ' ';
        args[sizeof args - 1] = 0;
        memset(rows, 0, sizeof rows);
        rows[0].name = "wordy";
        rows[0].args = args;
        c.layers = rows;
        c.layer_count = 1;
        memset(c.message, 'x', sizeof c.message);
        CHECK(cn_net_create(&c, "input 2; wordy zz=1") == NULL);
        CHECK(c.status == CN_E_TEXT && c.message[sizeof c.message - 1] == 0 &&
              strlen(c.message) == sizeof c.message - 1);
        CHECK(c.live != NULL && c.bytes_now > 0); /* what stands behind the message is untouched */
        c.layers = NULL;
        c.layer_count = 0;
        cn_clear(&c);
    }
    CHECK(cn_net_create(&c, "input 3; abcdefghijklmnopqrstuvwxyz_and_more 3") == NULL);
    CHECK_SENTENCE(&c, CN_E_TEXT, "item 0 'abcdefghijklmnopqrstuvw' is not a known layer"); /* cut to 23 characters */
    cn_free_all(&c);
    for (status = 0; status < CN_STATUS_COUNT; status++) { /* general sentences: there, and each its own */
        int other;
        CHECK(cn_status_text(status)[0] != 0);
        for (other = 0; other < status; other++) CHECK(strcmp(cn_status_text(status), cn_status_text(other)) != 0);
    }
    CHECK(strcmp(cn_status_text(-1), "not a status") == 0 &&
          strcmp(cn_status_text(CN_STATUS_COUNT), "not a status") == 0);
    CHECK(strcmp(cn_status_text(CN_STATUS_COUNT + 100000), "not a status") == 0);
}

/* ---- numbers in network texts: a row of our own sees them as doubles */

static double seen[8];
static int seen_shape(cn_item *item, const char **why) {
    (void)why;
    memcpy(seen, item->arg, sizeof seen);
    item->out = item->in;
    return CN_OK;
}

static void seen_nothing(cn_io *io) { (void)io; }

static int read_number(cn_ctx *c, const char *number, double *out) {
    char text[500];
    cn_net *net;
    sprintf(text, "input 1; probe %.440s", number);
    seen[0] = -12345;
    net = cn_net_create(c, text);
    *out = seen[0];
    if (net) {
        cn_free(c, net);
        return CN_OK;
    }
    {
        int status = c->status;
        cn_clear(c);
        return status;
    }
}

static void numbers(void) {
    static const char *const exact[] = {"0",
                                        "-0",
                                        "1",
                                        "+1",
                                        "-1",
                                        "0.1",
                                        "0.01",
                                        ".5",
                                        "5.",
                                        "-.25",
                                        "1e3",
                                        "1E3",
                                        "1e+3",
                                        "1e-3",
                                        "123456789012345",
                                        "0.000001",
                                        "1e22",
                                        "1e-22",
                                        "0.1e1",
                                        "00012",
                                        "1.50000",
                                        "3.14159265358979",
                                        "-2.5e-7",
                                        "4294967295",
                                        "1e0",
                                        "12e00002",
                                        "0e5",
                                        "0.5e-0"};
    static const char *const wide[] = {"1e300",
                                       "1e-300",
                                       "1.797693134862e308",
                                       "2.2250738585072014e-308",
                                       "2.2250738585072014e-300",
                                       "6.02214076e23",
                                       "1.602176634e-19",
                                       "0.1234567890123456789",
                                       "12345678901234567890",
                                       "123456789.123456789e-30",
                                       "9.999999999999999e99",
                                       "1e-200",
                                       "3e250",
                                       "9007199254740993",
                                       "9007199254740995",
                                       "9007199254740992.5",
                                       "1.7976931348623157e308",
                                       "1.7976931348623158e308",
                                       "4.9e-324",
                                       "2.4703282292062327e-324",
                                       "2.4703282292062328e-324"};
    static const char *const junk[] = {"",
                                       "abc",
                                       "-",
                                       "+",
                                       ".",
                                       "-.",
                                       "e5",
                                       "1e",
                                       "1e+",
                                       "1e-",
                                       "1.2.3",
                                       "1,5",
                                       "0x10",
                                       "nan",
                                       "inf",
                                       "-inf",
                                       "1e400",
                                       "--1",
                                       "+-1",
                                       "1f",
                                       "1_0",
                                       "\xd9\xa1",
                                       "1e999999999999",
                                       "10000000000000000000000000"};
    cn_ctx c = CN_ZERO;
    cn_layer row;
    size_t i;
    double v, want;
    uint32_t r = 99;
    char text[64];
    cn_net *net;
    int k, bad = 0, off = 0;
    memset(&row, 0, sizeof row);
    row.name = "probe";
    row.args = "a b=2 c=-0.5e1";
    row.shape = seen_shape;
    row.forward = row.tangent = row.backward = row.second = seen_nothing;
    c.layers = &row;
    c.layer_count = 1;
    /* up to 15 digits and exponents of 22: exact, for both parts are */
    for (i = 0; i < sizeof exact / sizeof *exact; i++) {
        CHECK_STATUS(read_number(&c, exact[i], &v), CN_OK);
        want = strtod(exact[i], NULL);
        CHECK(v == want);
    }
    for (i = 0; i < sizeof wide / sizeof *wide; i++) { /* others: the nearest, as strtod's */
        k = strlen(wide[i]) > 23 ? CN_E_TEXT : CN_OK;  /* words are at most 23 characters */
        CHECK_STATUS(read_number(&c, wide[i], &v), k);
        if (k == CN_OK) CHECK(v == strtod(wide[i], NULL));
    }
    CHECK(read_number(&c, "1e-400", &v) == CN_OK && v == 0);
    CHECK(read_number(&c, "0e400", &v) == CN_OK && v == 0); /* nought, whatever its exponent */
    /* below the normal numbers 10^310 itself overflows */
    CHECK(read_number(&c, "1e-310", &v) == CN_OK && v > 0.99e-310 && v < 1.01e-310);
    for (i = 0; i < TEST_SIZE(3000, 500); i++) {
        r = r * 1664525u + 1013904223u;
        v = (0.1 + (double)r / 4294967296.0) * (i % 2 ? -1 : 1) * pow(10, (double)((int)(r >> 4) % 24 - 9));
        sprintf(text, "%.12g", v);
        want = strtod(text, NULL);
        bad += !(read_number(&c, text, &v) == CN_OK && v == want); /* 12 digits, exponents within 22 */
        sprintf(text, "%.15ge%d", (double)r / 1024.0, (int)(r >> 4) % 500 - 250);
        want = strtod(text, NULL);
        off += !(read_number(&c, text, &v) == CN_OK && v == want);
        sprintf(text, "%.16e", want); /* 17 digits are the number itself */
        off += !(read_number(&c, text, &v) == CN_OK && v == want);
    }
    CHECK(bad == 0);
    CHECK(off == 0);
    for (i = 0; i < sizeof junk / sizeof *junk; i++) {
        k = read_number(&c, junk[i], &v);
        CHECK(k == CN_E_TEXT && v == -12345);
        if (k != CN_E_TEXT) printf("       \"%s\" was taken\n", junk[i]);
    }
    /* defaults are numbers too */
    CHECK(read_number(&c, "1 b=3", &v) == CN_OK && seen[0] == 1 && seen[1] == 3 && seen[2] == -5);
    CHECK(read_number(&c, "1 3 c=2e1", &v) == CN_OK && seen[1] == 3 && seen[2] == 20);
    CHECK(read_number(&c, "c=1 a=4", &v) == CN_OK && seen[0] == 4 && seen[1] == 2 && seen[2] == 1);
    CHECK(read_number(&c, "1 2 3 4", &v) == CN_E_TEXT);
    CHECK(read_number(&c, "a=1 a=2", &v) == CN_E_TEXT);
    CHECK(read_number(&c, "1 a=2", &v) == CN_E_TEXT);
    CHECK(read_number(&c, "b=2", &v) == CN_E_TEXT);
    CHECK(read_number(&c, "1 d=2", &v) == CN_E_TEXT);
    CHECK(read_number(&c, "1 b=", &v) == CN_E_TEXT);
    CHECK(read_number(&c, "1 =2", &v) == CN_E_TEXT);
    c.layers = NULL;
    c.layer_count = 0;
    { /* the number reaches the arithmetic */
        cn_real x = -1, y = 0;
        cn_real t = 0;
        cn_data d = CN_ZERO;
        cn_problem_desc how = CN_ZERO;
        cn_problem *p;
        d.x = cn_tensor_of(&x, CN_TYPE_REAL, 2, 1, 1, 0, 0);
        d.y = cn_tensor_of(&t, CN_TYPE_REAL, 2, 1, 1, 0, 0);
        how.loss = CN_LOSS_SQUARED;
        net = cn_net_create(&c, "input 1\nleaky 0.1  # a comment; dense 3\n");
        p = cn_problem_create(&c, net, &d, &how);
        CHECK_STATUS(cn_predict(p, &t, NULL, &y), CN_OK);
        CHECK(y == (cn_real)-0.1);
        cn_free_all(&c);
    }
}

static int same_name(const char *a, const char *b) { return strcmp(a, b) == 0; }

TEST_MAIN {
    CASE("NULL") nulls();
    CASE("dry then real") rows_dry_then_real();
    CASE("refused") rows_refused();
    CASE("blocked") rows_blocked();
    CASE("arena") rows_in_arena();
    CASE("wrong contexts") wrong_contexts();
    CASE("cancelled") rows_cancelled();
    CASE("chain") chains();
    CASE("not blocking") not_blocking();
    CASE("answers") answers();
    CASE("dry ask and tell") dry_ask_and_tell();
    CASE("memory") memory();
    CASE("free in any order") {
        free_any_order(0);
        free_any_order(1);
    }
    CASE("arena alignments") arena_alignments();
    CASE("overflows") overflows();
    CASE("sentences") sentences();
    CASE("numbers") numbers();
    CASE("names of statuses") CHECK(same_name(cn_status_text(CN_OK), "all is well"));
}
