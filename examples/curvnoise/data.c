/* data.c: network, data sets and weights: from options to problems and points. */
#include "cli.h"
#include <float.h>

int is_input(const run *r, const char *path) {
    const options *o = &r->o;
    const char *inputs[6];
    int i;
    inputs[0] = o->net && *o->net == '@' ? o->net + 1 : NULL;
    inputs[1] = o->x;
    inputs[2] = o->y;
    inputs[3] = o->x_test;
    inputs[4] = o->y_test;
    inputs[5] = o->params;
    for (i = 0; i < 6; i++)
        if (inputs[i] && are_the_same(path, inputs[i])) return 1;
    return 0;
}

void must_be_free(const run *r, const char *path, const char *allowed) {
    int kind = what_is(path);
    if (kind == A_DIRECTORY || kind == SOMETHING_ELSE)
        stop(2, "%s: this is %s; expected the name of a file to write", path,
             kind == A_DIRECTORY ? "a directory" : "no ordinary file");
    if (is_input(r, path) && !(allowed && are_the_same(path, allowed)))
        stop(2, "%s: this file is read; expected another one to write", path);
}

/* ---- the network ---- */

static int ends_in_softmax(const cn_net *net, size_t items) {
    cn_item_info item;
    while (items-- > 0 && !cn_net_item(net, items, &item) && item.row) {
        if (!strcmp(item.row->name, "softmax")) return 1;
        if (strcmp(item.row->name, "flatten") && strcmp(item.row->name, "dropout")) return 0;
    }
    return 0;
}

void read_net(run *r) {
    size_t bytes, needed;
    const char *path = *r->o.net == '@' ? r->o.net + 1 : NULL, *about = path ? path : "--net";
    r->net_text = r->o.net;
    if (path) {
        r->net_text = (const char *)read_file(r, path, &bytes);
        if (bytes > 1 && (!memcmp(r->net_text, "\xFF\xFE", 2) || !memcmp(r->net_text, "\xFE\xFF", 2)))
            stop(2, "%s: the byte-order mark says UTF-16; expected the text of a network in ASCII or UTF-8", path);
        if (memchr(r->net_text, 0, bytes)) stop(2, "%s: expected the text of a network, found a zero byte", path);
    }
    if (!strncmp(r->net_text, "\xEF\xBB\xBF", 3)) {
        r->net_text += 3;
        remark("%s: the byte-order mark at its beginning is skipped", about);
    }
    r->net = cn_net_create(&r->ctx, r->net_text);
    check(&r->ctx, about);
    r->info = cn_net_describe(r->net);
    needed = cn_net_text(r->net, NULL, 0) + 1; /* as one line, for labels and for OUT.state */
    r->net_text = (const char *)cn_vector(&r->ctx, needed / sizeof(cn_real) + 1);
    check(&r->ctx, "--net");
    cn_net_text(r->net, (char *)r->net_text, needed);
    if (r->o.loss == CN_LOSS_CROSS_ENTROPY && ends_in_softmax(r->net, r->info.items))
        remark("%s: the network ends in softmax, and --loss ce applies another one: it takes outputs before softmax",
               about);
    if (r->o.loss == CN_LOSS_CROSS_ENTROPY && r->info.outputs == 1)
        stop(2, "%s: the network has one output, whose cross-entropy is always 0; --loss mse takes y as numbers",
             about);
}

/* ---- data ---- */

static int is_real(int type) { return type == CN_TYPE_REAL || type == CN_TYPE_F32 || type == CN_TYPE_F64; }

static int is_npy(const unsigned char *file, size_t bytes) { return bytes > 10 && !memcmp(file, "\x93NUMPY", 6); }

/* npy and safetensors say what they hold; IDX and CIFAR-10 are pixels */
static int says_its_type(const unsigned char *file, size_t bytes) {
    return is_npy(file, bytes) || (bytes > 8 && file[8] == '{' && !file[7] && !file[6] && !file[5]);
}

/* Truth values come as bytes too, but are no pixels. */
static int is_bool(const unsigned char *file, size_t bytes, const char *name) {
    char key[40];
    const char *at = (const char *)file + 8, *named;
    if (is_npy(file, bytes))
        return (at = strstr(at + 2, "|b1")) != NULL && !memchr(file, '}', (size_t)(at - (const char *)file));
    snprintf(key, sizeof key, "\"%s\"", name);
    if ((named = strstr(at, key)) != NULL) at = named;
    at = strstr(at, "\"dtype\"");
    return at && !strncmp(at + 7 + strspn(at + 7, " :"), "\"BOOL\"", 6);
}

/* A feature that does not vary by more than what rounding makes of its mean is constant: the bound of scikit-learn's
   StandardScaler, n eps var + (n eps mean)^2, eps the spacing of doubles at 1. */
static double spread(double mean, double variance, size_t n) {
    double rounding = (double)n * DBL_EPSILON;
    return variance <= rounding * variance + rounding * mean * rounding * mean ? 0 : sqrt(variance);
}

/* Mean and deviation in units of a power of two near the largest value, so that squares neither overflow nor vanish. */
static void measure_features(run *r, const cn_real *v, size_t n, size_t m, const char *path) {
    size_t i, j;
    double d;
    int e;
    r->mean = cn_vector(&r->ctx, m);
    r->sd = cn_vector(&r->ctx, m);
    r->unit = cn_vector(&r->ctx, m);
    check(&r->ctx, path);
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++) r->unit[j] = fmax(r->unit[j], fabs(v[i * m + j]));
    for (j = 0; j < m; j++) {
        frexp(r->unit[j], &e);
        r->unit[j] = ldexp(1, e > -1000 ? -e : 1000);
    }
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++) r->mean[j] += v[i * m + j] * r->unit[j] / (double)n;
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++) {
            d = v[i * m + j] * r->unit[j] - r->mean[j];
            r->sd[j] += d * d / (double)n;
        }
    for (j = 0; j < m; j++) r->sd[j] = spread(r->mean[j], r->sd[j], n);
}

static void standardise(run *r, cn_tensor *x, double scale, const char *path) {
    size_t n = x->dims > 1 ? x->shape[0] : 0, m = n ? cn_count(*x) / n : 0, i, j;
    cn_real *v;
    cn_tensor to;
    if (!m) stop(2, "%s: there are no samples to standardise", path);
    if (m != r->info.inputs)
        stop(2, "%s: x has %zu values a sample; the network's input is %zu", path, m, r->info.inputs);
    v = cn_vector(&r->ctx, n * m);
    to = *x;
    to.data = v;
    to.type = CN_TYPE_REAL;
    cn_convert(&r->ctx, *x, scale, to);
    check(&r->ctx, path);
    if (!r->mean) measure_features(r, v, n, m, path); /* the training set comes first */
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++) {
            double was = v[i * m + j], is = r->sd[j] > 0 ? (was * r->unit[j] - r->mean[j]) / r->sd[j] : 0;
            if (is - is != 0)
                stop(2,
                     "%s: x[%zu][%zu] is %g, which --standardise takes beyond any number: the training set varies by "
                     "%g there",
                     path, i, j, was, r->sd[j] / r->unit[j]);
            v[i * m + j] = is;
        }
    *x = to;
}

/* Integers pass through a double. */
static void remark_large(const char *path, cn_tensor t) {
    size_t i, n = cn_count(t);
    const double most = 9007199254740992.0; /* 2^53 */
    if (t.type != CN_TYPE_I64 && t.type != CN_TYPE_U64) return;
    for (i = 0; i < n; i++) {
        double v =
            t.type == CN_TYPE_I64 ? fabs((double)((const int64_t *)t.data)[i]) : (double)((const uint64_t *)t.data)[i];
        if (v <= most) continue;
        remark("%s: element %zu is an integer beyond 2^53; it is rounded to a double", path, i);
        return;
    }
}

static void read_tensor(run *r, const char *path, const char *name, cn_tensor *out, double *scale, uint64_t *hash) {
    size_t bytes;
    unsigned char *file = (unsigned char *)read_file(r, path, &bytes);
    int said = says_its_type(file, bytes);
    cn_tensor_read(&r->ctx, file, bytes, name, out);
    check_file(r, path, file, bytes);
    *hash = hash_of(*hash, file, bytes);
    if (!scale) return;
    *scale = 1;
    if (out->type == CN_TYPE_U8 && !(said && is_bool(file, bytes, name))) *scale = 1.0 / 255;
    if (*scale < 1 && said && !is_given(&r->o, "--scale") && !r->o.standardise)
        remark("%s: bytes are divided by 255, as those of IDX; --scale 1 takes them as they are", path);
}

/* Do two shapes of the same size describe the same order of elements: is one the other with neighbours merged? */
static int merges(const size_t *a, int i, const size_t *b, int k) /* i, k: dimensions, taken from the last one */
{
    size_t p = 1, q = 1;
    int from_a = 0, from_b = 0; /* dimensions above 1 in p and in q */
    while (i > 0 || k > 0 || p != q) {
        if (p == q && p > 1) {
            p = q = 1;
            from_a = from_b = 0;
        } else if (i > 0 && (p <= q || k == 0)) {
            from_a += a[--i] > 1;
            p *= a[i];
        } else if (k > 0) {
            from_b += b[--k] > 1;
            q *= b[k];
        } else
            return 0;
        if (from_a > 1 && from_b > 1) return 0;
    }
    return 1;
}

static void say_shape(text *t, const cn_tensor *x) {
    int d;
    for (d = 0; d < x->dims; d++) say(t, "[%zu]", x->shape[d]);
}

/* x against the network's input: what the number of values does not tell. */
static void fit_x(run *r, const char *path, cn_tensor *x) {
    cn_item_info first;
    size_t in[3];
    text shape = CN_ZERO;
    say_shape(&shape, x);
    if (x->dims == 1 && r->info.inputs == 1) {
        remark("%s: x of shape %s is taken as %zu samples of one value", path, shape.at, x->shape[0]);
        x->shape[x->dims++] = 1;
    } else if (x->dims == 1)
        stop(2, "%s: x has shape %s, one value a sample; the network's input is %zu", path, shape.at, r->info.inputs);
    if (!cn_net_item(r->net, 0, &first) && cn_count(*x) / x->shape[0] == r->info.inputs) {
        in[0] = first.item.in.c;
        in[1] = first.item.in.h;
        in[2] = first.item.in.w;
        if (!merges(x->shape + 1, x->dims - 1, in, 3))
            stop(2, "%s: x has shape %s; the network's input is [n][%zu][%zu][%zu], channels before height and width",
                 path, shape.at, in[0], in[1], in[2]);
    }
    free(shape.at);
}

/* y against outputs and loss: labels are integers, targets are numbers. */
static void fit_y(run *r, const char *path, cn_tensor *y) {
    size_t n = y->shape[0], each = n ? cn_count(*y) / n : 0;
    cn_tensor to = *y;
    if (is_real(y->type) && each == 1 && r->info.outputs > 1)
        stop(2,
             "%s: y holds one float a sample; class labels are integers (astype(int64)), targets of this network are "
             "[n][%zu]",
             path, r->info.outputs);
    if (is_real(y->type) || each != r->info.outputs) return;
    /* with one output there are no classes; several integers a sample are no label */
    remark("%s: the integers of y are taken as %s", path, each > 1 ? "targets, one for each output" : "numbers");
    remark_large(path, *y);
    to.data = cn_vector(&r->ctx, cn_count(*y));
    to.type = CN_TYPE_REAL;
    cn_convert(&r->ctx, *y, 1, to);
    check(&r->ctx, path);
    *y = to;
}

static void read_set(run *r, set *s) {
    cn_data data = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    const char *path;
    s->hash = HASH_START;
    read_tensor(r, s->x, "x", &data.x, &data.scale, &s->hash);
    read_tensor(r, s->y, "y", &data.y, NULL, &s->hash);
    fit_x(r, s->x, &data.x);
    fit_y(r, s->y, &data.y);
    remark_large(s->x, data.x);
    if (r->o.scale > 0) data.scale = 1 / r->o.scale;
    if (r->o.standardise) {
        standardise(r, &data.x, data.scale, s->x);
        data.scale = 1;
    }
    how.loss = r->o.loss;
    how.seed = r->o.seed;
    s->problem = cn_problem_create(&r->ctx, r->net, &data, &how);
    path = strstr(r->ctx.message, "data: x") || strstr(r->ctx.message, "no samples") ? s->x : s->y;
    if (r->o.loss == CN_LOSS_CROSS_ENTROPY && r->ctx.status == CN_E_DATA && is_real(data.y.type) && path == s->y)
        stop(2, "%s: %s; targets that are no probabilities want --loss mse", path, r->ctx.message);
    check(&r->ctx, path);
    s->n = data.x.shape[0];
    s->labels = !is_real(data.y.type);
}

void read_data(run *r) {
    options *o = &r->o;
    r->train.x = o->x;
    r->train.y = o->y;
    r->test.x = o->x_test;
    r->test.y = o->y_test;
    if (!o->x_test != !o->y_test)
        stop(2, "%s is missing: a test set is --x-test and --y-test", o->x_test ? "--y-test" : "--x-test");
    read_set(r, &r->train);
    if (o->x_test) read_set(r, &r->test);
}

/* ---- weights ---- */

void check_theta(run *r, const char *path) {
    cn_part part;
    size_t i, j, length;
    for (i = 0; i < r->info.parts && !cn_net_part(r->net, NULL, i, &part); i++)
        for (j = 0; j < part.block.count; j++) {
            double v = r->theta[part.block.first + j];
            length = strlen(part.name);
            if (v - v != 0) stop(2, "%s: %s: element %zu is %g; every weight must be finite", path, part.name, j, v);
            if (part.is_state && length > 4 && !strcmp(part.name + length - 4, "_var") && v < 0)
                stop(2, "%s: %s: element %zu is %g; a variance is at least 0", path, part.name, j, v);
        }
}

/* Integers are read like any numbers, but weights are none: quantised ones mean nothing without their scale. */
static void must_be_real(run *r, const char *path, const void *file, size_t bytes, const char *name) {
    cn_tensor t;
    const char *at = (const char *)file;
    cn_tensor_read(&r->ctx, file, bytes, name, &t);
    check(&r->ctx, path);
    if (!is_real(t.type))
        stop(2,
             "%s: %s%sthe weights are integers; expected floats (quantised weights mean nothing without their scale)",
             path, name ? name : "", name ? ": " : "");
    if ((const char *)t.data < at || (const char *)t.data >= at + bytes) cn_free(&r->ctx, t.data);
}

void read_theta(run *r) {
    size_t bytes, i;
    const unsigned char *file;
    const char *path = r->o.params;
    cn_part part;
    r->theta = cn_vector(&r->ctx, r->info.size);
    check(&r->ctx, "--net");
    if (!path) {
        cn_net_init(r->net, r->o.init, r->o.seed, r->theta);
        check(&r->ctx, "--init");
        return;
    }
    file = (const unsigned char *)read_file(r, path, &bytes);
    cn_theta_read(&r->ctx, r->net, file, bytes, r->theta);
    check_file(r, path, file, bytes);
    if (is_npy(file, bytes))
        must_be_real(r, path, file, bytes, NULL);
    else
        for (i = 0; i < r->info.parts && !cn_net_part(r->net, NULL, i, &part); i++)
            must_be_real(r, path, file, bytes, part.name);
    check_theta(r, path);
    r->params_hash = hash_of(HASH_START, file, bytes);
}

void read_all(run *r) {
    read_net(r);
    read_data(r);
    read_theta(r);
    if (r->o.block) {
        r->block = cn_net_block(&r->ctx, r->net, r->o.block);
        check(&r->ctx, "--block");
    }
    r->ctx.progress = show_progress;
    r->train.point = cn_point_create(r->train.problem, r->theta, CACHE);
    if (r->test.problem) r->test.point = cn_point_create(r->test.problem, r->theta, CACHE);
    check(&r->ctx, r->o.params);
    say_remarks(r);
}
