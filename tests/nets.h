/* nets.h: what the tests of the upper floors share: a scene (network, data, problem, point), the tests' own layer rows
   and losses. */
#ifndef NETS_H
#define NETS_H

/* ---- layer rows as a user writes them */

/* sin(w x) */
static inline void own_sine(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2) {
    size_t i;
    for (i = 0; i < n; i++) {
        double w = arg[0], v = w * (double)x[i];
        if (f) f[i] = (cn_real)sin(v);
        if (f1) f1[i] = (cn_real)(w * cos(v));
        if (f2) f2[i] = (cn_real)(-w * w * sin(v));
    }
}

static inline size_t own_size(const cn_io *io) { return io->item->in.c * io->item->in.h * io->item->in.w; }

/* gain: y = s x element by element, a parameter for each feature; no affine, so the engine takes its general paths */
static inline int own_gain_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    item->params = item->in.c * item->in.h * item->in.w;
    return CN_OK;
}
static inline void own_gain_forward(cn_io *io) {
    size_t m = own_size(io), i, s;
    for (i = 0; i < io->n; i++)
        for (s = 0; s < m; s++) io->y[i * m + s] = io->theta[s] * io->x[i * m + s];
}
static inline void own_gain_tangent(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                a = (i * io->k + j) * m + s;
                io->y_t[a] = (io->x_t ? io->theta[s] * io->x_t[a] : 0) +
                             (io->theta_t ? io->theta_t[j * io->stride + s] * io->x[i * m + s] : 0);
            }
}
static inline void own_gain_backward(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                a = (i * io->k + j) * m + s;
                if (io->gx) io->gx[a] = io->theta[s] * io->gy[a];
                if (io->gtheta) io->gtheta[j * io->stride + s] += io->gy[a] * io->x[i * m + s];
            }
}
static inline void own_gain_second(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                a = (i * io->k + j) * m + s;
                if (io->gx_t)
                    io->gx_t[a] = io->theta[s] * io->gy_t[a] +
                                  (io->theta_t ? io->theta_t[j * io->stride + s] * io->gy[i * m + s] : 0);
                if (io->gtheta)
                    io->gtheta[j * io->stride + s] +=
                        io->gy_t[a] * io->x[i * m + s] + (io->x_t ? io->gy[i * m + s] * io->x_t[a] : 0);
            }
}

/* square: y = x^2, keeping 2 x in `saved` on the way forward. own_saved_missing: the engine gave it no room. */
static int own_saved_missing;
static inline int own_square_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    item->saved = item->in.c * item->in.h * item->in.w;
    return CN_OK;
}
static inline cn_real own_kept(const cn_io *io, size_t a) {
    if (io->saved) return io->saved[a];
    own_saved_missing = 1;
    return 2 * io->x[a];
}
static inline void own_square_forward(cn_io *io) {
    size_t m = own_size(io) * io->n, a;
    for (a = 0; a < m; a++) {
        io->y[a] = io->x[a] * io->x[a];
        if (io->saved)
            io->saved[a] = 2 * io->x[a];
        else
            own_saved_missing = 1;
    }
}
static inline void own_square_tangent(cn_io *io) {
    size_t m = own_size(io), i, j, s;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++)
                io->y_t[(i * io->k + j) * m + s] = own_kept(io, i * m + s) * io->x_t[(i * io->k + j) * m + s];
}
static inline void own_square_backward(cn_io *io) {
    size_t m = own_size(io), i, j, s;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++)
                if (io->gx) io->gx[(i * io->k + j) * m + s] = own_kept(io, i * m + s) * io->gy[(i * io->k + j) * m + s];
}
static inline void own_square_second(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    for (i = 0; i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                a = (i * io->k + j) * m + s;
                if (io->gx_t)
                    io->gx_t[a] =
                        own_kept(io, i * m + s) * io->gy_t[a] + (io->x_t ? 2 * io->gy[i * m + s] * io->x_t[a] : 0);
            }
}

/* bend: y = tanh(x), whose kernels read their own output y and not x: whatever follows must have left it alone */
static inline int own_bend_shape(cn_item *item, const char **why) {
    (void)why;
    item->out = item->in;
    return CN_OK;
}
static inline void own_bend_forward(cn_io *io) {
    size_t m = own_size(io) * io->n, a;
    for (a = 0; a < m; a++) io->y[a] = (cn_real)tanh((double)io->x[a]);
}
static inline void own_bend_linear(cn_io *io, const cn_real *signal, cn_real *out) {
    size_t m = own_size(io), i, j, s;
    for (i = 0; out && i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++)
                out[(i * io->k + j) * m + s] =
                    (1 - io->y[i * m + s] * io->y[i * m + s]) * signal[(i * io->k + j) * m + s];
}
static inline void own_bend_tangent(cn_io *io) { own_bend_linear(io, io->x_t, io->y_t); }
static inline void own_bend_backward(cn_io *io) { own_bend_linear(io, io->gy, io->gx); }
static inline void own_bend_second(cn_io *io) {
    size_t m = own_size(io), i, j, s, a;
    own_bend_linear(io, io->gy_t, io->gx_t);
    for (i = 0; io->gx_t && io->x_t && i < io->n; i++)
        for (j = 0; j < io->k; j++)
            for (s = 0; s < m; s++) {
                a = (i * io->k + j) * m + s;
                io->gx_t[a] -=
                    2 * io->y[i * m + s] * (1 - io->y[i * m + s] * io->y[i * m + s]) * io->gy[i * m + s] * io->x_t[a];
            }
}

/* triple: y = 3 x, under the name of a built-in row when a test asks for it */
static inline void own_triple(const double *arg, size_t n, const cn_real *x, cn_real *f, cn_real *f1, cn_real *f2) {
    size_t i;
    (void)arg;
    for (i = 0; i < n; i++) {
        if (f) f[i] = 3 * x[i];
        if (f1) f1[i] = 3;
        if (f2) f2[i] = 0;
    }
}

static const cn_layer own_rows[] = {
    {"sine", "w=1", own_sine, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 0},
    {"gain", NULL, NULL, own_gain_shape, own_gain_forward, own_gain_tangent, own_gain_backward, own_gain_second, NULL,
     1, 0, NULL, NULL, NULL, NULL, 0, 0},
    {"square", NULL, NULL, own_square_shape, own_square_forward, own_square_tangent, own_square_backward,
     own_square_second, NULL, 0, 0, NULL, NULL, NULL, NULL, 0, 0},
    {"bend", NULL, NULL, own_bend_shape, own_bend_forward, own_bend_tangent, own_bend_backward, own_bend_second, NULL,
     0, 0, NULL, NULL, NULL, NULL, 0, 0},
    {"gelu", NULL, own_triple, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, NULL, NULL, NULL, NULL, 0,
     1} /* only where a test counts it in: OWN_ALL */
};
enum { OWN_ROWS = 4, OWN_ALL = 5 };

/* ---- losses as a user writes them: log cosh (convex), and Cauchy's log(1 + r^2)/2, whose curvature changes its
   sign */

static inline double own_logcosh(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                                 cn_real *gradient) {
    double loss = 0;
    size_t j;
    (void)user;
    (void)label;
    for (j = 0; j < K; j++) {
        double r = (double)f[j] - (double)target[j];
        loss += fabs(r) + log((1 + exp(-2 * fabs(r))) / 2);
        if (gradient) gradient[j] = (cn_real)tanh(r);
    }
    return loss;
}
static inline void own_logcosh_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target,
                                         int32_t label, const cn_real *u, cn_real *out) {
    size_t j;
    (void)user;
    (void)label;
    for (j = 0; j < K; j++) {
        double t = tanh((double)f[j] - (double)target[j]);
        out[j] = (cn_real)((1 - t * t) * (double)u[j]);
    }
}
static inline void own_logcosh_factor(const void *user, size_t K, const cn_real *f, const cn_real *target,
                                      int32_t label, cn_real *rows) {
    size_t i, j;
    (void)user;
    (void)label;
    for (i = 0; i < K; i++)
        for (j = 0; j < K; j++) rows[i * K + j] = (cn_real)(i == j ? 1 / cosh((double)f[j] - (double)target[j]) : 0);
}
static inline double own_cauchy(const void *user, size_t K, const cn_real *f, const cn_real *target, int32_t label,
                                cn_real *gradient) {
    double loss = 0;
    size_t j;
    (void)user;
    (void)label;
    for (j = 0; j < K; j++) {
        double r = (double)f[j] - (double)target[j];
        loss += 0.5 * log(1 + r * r);
        if (gradient) gradient[j] = (cn_real)(r / (1 + r * r));
    }
    return loss;
}
static inline void own_cauchy_curvature(const void *user, size_t K, const cn_real *f, const cn_real *target,
                                        int32_t label, const cn_real *u, cn_real *out) {
    size_t j;
    (void)user;
    (void)label;
    for (j = 0; j < K; j++) {
        double r = (double)f[j] - (double)target[j];
        out[j] = (cn_real)((1 - r * r) / (1 + r * r) / (1 + r * r) * (double)u[j]);
    }
}
static const cn_loss own_losses[] = {
    {"log cosh", NULL, own_logcosh, own_logcosh_curvature, NULL, 0, 0, NULL, 0, 0},
    {"log cosh with factor", NULL, own_logcosh, own_logcosh_curvature, own_logcosh_factor, 0, 0, NULL, 0, 0},
    {"cauchy", NULL, own_cauchy, own_cauchy_curvature, NULL, 0, 0, NULL, 0, 0}};

/* ---- a scene */

typedef struct scene {
    cn_ctx c;
    cn_net *net;
    cn_problem *p;
    cn_point *at;
    cn_data data;
    cn_real *theta, *x, *target;
    int32_t *label;
    size_t n, M, K, P, size; /* size: of theta, P parameters and statistics */
} scene;

static test_heap *scene_heap; /* NULL: scenes live in malloc's memory */

/* with other rows than own_rows */
static inline void scene_net_rows(scene *s, const char *text, const cn_layer *rows, size_t count) {
    cn_net_info info;
    memset(s, 0, sizeof *s);
    if (scene_heap) {
        s->c.alloc = test_alloc;
        s->c.release = test_release;
        s->c.alloc_user = scene_heap;
    }
    s->c.layers = rows;
    s->c.layer_count = count;
    s->net = cn_net_create(&s->c, text);
    info = cn_net_describe(s->net);
    s->M = info.inputs;
    s->K = info.outputs;
    s->P = info.params;
    s->size = info.size;
    s->theta = cn_vector(&s->c, info.size);
}
static inline void scene_net(scene *s, const char *text) { scene_net_rows(s, text, own_rows, OWN_ROWS); }

/* a cn_real has room for one */
static inline int32_t *scene_labels(scene *s, size_t n) { return (int32_t *)(void *)cn_vector(&s->c, n); }

/* x, targets: views of the scene's arrays */
static inline void scene_view(scene *s) {
    s->data.x = cn_tensor_of(s->x, CN_TYPE_REAL, 2, s->n, s->M, 0, 0);
    s->data.y = s->label ? cn_tensor_of(s->label, CN_TYPE_I32, 1, s->n, 0, 0, 0)
                         : cn_tensor_of(s->target, CN_TYPE_REAL, 2, s->n, s->K, 0, 0);
}

/* Random data, labels or targets, and theta. */
static inline void scene_random(scene *s, size_t n, int labels, uint64_t seed) {
    size_t i;
    s->n = n;
    s->x = cn_vector(&s->c, n * s->M);
    cn_random(seed, 1, 0, CN_NOISE_NORMAL, 1, n * s->M, s->x);
    cn_random(seed, 2, 0, CN_NOISE_NORMAL, 0.7, s->P, s->theta);
    /* running statistics: variances above 0 */
    for (i = s->P; i < s->size; i++) s->theta[i] = (cn_real)(0.5 + 0.125 * (double)(i % 7));
    if (labels) {
        s->label = scene_labels(s, n);
        for (i = 0; i < n; i++) s->label[i] = (int32_t)((i * i + i / 3 + seed) % s->K);
    } else {
        s->target = cn_vector(&s->c, n * s->K);
        cn_random(seed, 3, 0, CN_NOISE_NORMAL, 1, n * s->K, s->target);
    }
    scene_view(s);
}

static inline void scene_point(scene *s, const cn_problem_desc *how, size_t cache_bytes) {
    s->p = cn_problem_create(&s->c, s->net, &s->data, how);
    s->at = cn_point_create(s->p, s->theta, cache_bytes);
    if (!s->at) {
        CHECK(s->at != NULL);
        printf("       %s\n", s->c.message);
        exit(1);
    }
}

static inline void scene_free(scene *s) { cn_free_all(&s->c); }

static inline cn_real *scene_reals(scene *s, size_t n, const double *from) {
    cn_real *to = cn_vector(&s->c, n);
    size_t i;
    for (i = 0; i < n; i++) to[i] = (cn_real)from[i];
    return to;
}

/* Golden data and parameters come in units of 1/256. */
static inline void grid_to(size_t n, const short *from, cn_real *to) {
    size_t i;
    for (i = 0; i < n; i++) to[i] = (cn_real)(from[i] / 256.0);
}
static inline cn_real *scene_grid(scene *s, size_t n, const short *from) {
    cn_real *to = cn_vector(&s->c, n);
    grid_to(n, from, to);
    return to;
}

static inline cn_block block_all(void) {
    cn_block b = CN_ZERO;
    return b;
}
static inline cn_block block_of(size_t first, size_t count) {
    cn_block b;
    b.first = first;
    b.count = count;
    return b;
}

/* Blocks of a network: all, every part, every item, ranges that cut through layers. Returns how many. */
static inline size_t scene_blocks(scene *s, cn_block *blocks, size_t room) {
    size_t n = 0, i, parts = cn_net_describe(s->net).parts;
    cn_part part;
    char item[64];
    blocks[n++] = block_all();
    for (i = 0; i < parts && n + 6 < room; i++) {
        cn_net_part(s->net, NULL, i, &part);
        if (part.is_state) continue;
        blocks[n++] = part.block;
        strcpy(item, part.name);
        *strrchr(item, '.') = 0;
        blocks[n++] = cn_net_block(&s->c, s->net, item);
    }
    blocks[n++] = block_of(s->P / 3, s->P / 2);
    blocks[n++] = block_of(1, s->P - 1);
    blocks[n++] = block_of(0, s->P - 1);
    blocks[n++] = block_of(s->P - 1, 1);
    blocks[n++] = block_of(s->P / 2, 1);
    return n;
}

/* The operator's matrix column by column, so not symmetrised: row j = A e_j. */
static inline cn_real *scene_matrix(scene *s, int kind, cn_block block, size_t *size) {
    cn_op *op = cn_op_of(s->at, kind, block);
    size_t n = cn_op_describe(op).size, i;
    cn_real *one = cn_vector(&s->c, n * n), *out = cn_vector(&s->c, n * n);
    for (i = 0; i < n; i++) one[i * n + i] = 1;
    CHECK_STATUS(cn_op_apply(op, n, one, out), CN_OK);
    cn_free(&s->c, one);
    if (size) *size = n;
    return out;
}

static inline double trace_of(const cn_real *a, size_t n) {
    double sum = 0;
    size_t i;
    for (i = 0; i < n; i++) sum += (double)a[i * n + i];
    return sum;
}
static inline double dot_of(size_t n, const cn_real *a, const cn_real *b) {
    double sum = 0;
    size_t i;
    for (i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}
static inline double norm_of(size_t n, const cn_real *a) { return sqrt(dot_of(n, a, a)); }
static inline double most_of(size_t n, const cn_real *a) {
    double most = 0;
    size_t i;
    for (i = 0; i < n; i++)
        if (fabs((double)a[i]) > most) most = fabs((double)a[i]);
    return most;
}
static inline int same_bits(size_t n, const cn_real *a, const cn_real *b) { return !n || !memcmp(a, b, n * sizeof *a); }
/* largest |a - b| */
static inline double gap_of(size_t n, const cn_real *a, const cn_real *b) {
    double most = 0, e;
    size_t i;
    for (i = 0; i < n; i++) {
        e = fabs((double)a[i] - (double)b[i]);
        if (!(e <= most)) most = e;
    }
    return most;
}

#ifdef GOLDEN_H
/* Golden network g. `how` may set chunk, lanes; loss and smoothing are the golden ones. */
static inline void scene_golden(scene *s, int g, const cn_problem_desc *how, size_t cache_bytes) {
    const golden_net *net = golden_nets + g;
    cn_problem_desc d = CN_ZERO;
    size_t i;
    if (how) d = *how;
    d.loss = net->loss == 0 ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    d.label_smoothing = net->smoothing;
    scene_net(s, net->text);
    s->n = (size_t)net->n;
    s->x = scene_grid(s, s->n * s->M, net->x);
    if (net->labels) {
        s->label = scene_labels(s, s->n);
        for (i = 0; i < s->n; i++) s->label[i] = net->labels[i];
    } else
        s->target = scene_grid(s, s->n * s->K, net->targets);
    if (s->P != (size_t)net->params || s->M != (size_t)net->in || s->K != (size_t)net->out) {
        CHECK(0);
        printf("       %s: sizes\n", net->name);
        exit(1);
    }
    grid_to(s->P, net->theta, s->theta);
    scene_view(s);
    scene_point(s, &d, cache_bytes);
}
#endif

#ifdef GOLDEN_LAYERS_H
/* The same for network g of golden_layers.h. */
static inline void scene_layers(scene *s, int g, const cn_problem_desc *how, size_t cache_bytes) {
    const golden_layers_net *net = golden_layers_nets + g;
    cn_problem_desc d = CN_ZERO;
    size_t i;
    if (how) d = *how;
    d.loss = net->loss == 0 ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    scene_net(s, net->text);
    s->n = (size_t)net->n;
    s->x = scene_grid(s, s->n * s->M, net->x);
    if (net->labels) {
        s->label = scene_labels(s, s->n);
        for (i = 0; i < s->n; i++) s->label[i] = net->labels[i];
    } else
        s->target = scene_grid(s, s->n * s->K, net->targets);
    if (s->P != (size_t)net->params || s->size != (size_t)(net->params + net->state) || s->M != (size_t)net->in ||
        s->K != (size_t)net->out) {
        CHECK(0);
        printf("       %s: sizes; %s\n", net->name, s->c.message);
        exit(1);
    }
    grid_to(s->size, net->theta, s->theta);
    scene_view(s);
    scene_point(s, &d, cache_bytes);
}
#endif

/* Rows of the Jacobian over a block, [n*K][count], by one-hot signals. */
static inline cn_real *scene_jacobian(scene *s, cn_block block) {
    size_t N = s->n * s->K, count = block.count ? block.count : s->P, i;
    cn_real *u = cn_vector(&s->c, N * N), *out = cn_vector(&s->c, N * count);
    /* u [n][k = N][K]: vector i is 1 at output i */
    for (i = 0; i < N; i++) u[(i / s->K * N + i) * s->K + i % s->K] = 1;
    CHECK_STATUS(cn_jtu(s->at, block, N, u, out), CN_OK);
    cn_free(&s->c, u);
    return out;
}
#endif
