/* data.c: network, data sets and weights: from options to problems and points. */
#include "cli.h"

void read_net(run *r)
{
    size_t bytes, needed;
    r->net_text = r->o.net;
    if (*r->o.net == '@') {
        const char *path = r->o.net + 1;
        r->net_text = (const char *)read_file(r, path, &bytes);
        if (memchr(r->net_text, 0, bytes)) stop(2, "%s: expected the text of a network, found a zero byte", path);
    }
    r->net = cn_net_create(&r->ctx, r->net_text);
    check(&r->ctx, *r->o.net == '@' ? r->o.net + 1 : "--net");
    r->info = cn_net_describe(r->net);
    needed = cn_net_text(r->net, NULL, 0) + 1; /* as one line, for labels and for OUT.state */
    r->net_text = (const char *)cn_vector(&r->ctx, needed / sizeof(cn_real) + 1);
    check(&r->ctx, "--net");
    cn_net_text(r->net, (char *)r->net_text, needed);
}

/* npy and safetensors say what they hold; IDX and CIFAR-10 are pixels */
static int bytes_as_they_are(const unsigned char *file, size_t bytes)
{
    return (bytes > 6 && !memcmp(file, "\x93NUMPY", 6)) ||
           (bytes > 8 && file[8] == '{' && !file[7] && !file[6] && !file[5]);
}

static void standardise(run *r, cn_tensor *x, double scale, const char *path)
{
    size_t n = x->dims > 1 ? x->shape[0] : 0, m = n ? cn_count(*x) / n : 0, i, j;
    cn_real *v;
    cn_tensor to;
    if (!m) stop(2, "%s: there are no samples to standardise", path);
    if (m != r->info.inputs)
        stop(2, "%s: x has %zu values a sample; the network's input is %zu", path, m, r->info.inputs);
    v = cn_vector(&r->ctx, n * m);
    to = *x;
    to.data = v;
    to.type = CN_REALS;
    cn_convert(&r->ctx, *x, scale, to);
    check(&r->ctx, path);
    if (!r->mean) { /* the training set comes first */
        r->mean = cn_vector(&r->ctx, m);
        r->sd = cn_vector(&r->ctx, m);
        check(&r->ctx, path);
        for (i = 0; i < n; i++)
            for (j = 0; j < m; j++) r->mean[j] += v[i * m + j] / (double)n;
        for (i = 0; i < n; i++)
            for (j = 0; j < m; j++) r->sd[j] += (v[i * m + j] - r->mean[j]) * (v[i * m + j] - r->mean[j]) / (double)n;
        for (j = 0; j < m; j++) r->sd[j] = r->sd[j] > 0 ? sqrt(r->sd[j]) : 1;
    }
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++) v[i * m + j] = (v[i * m + j] - r->mean[j]) / r->sd[j];
    *x = to;
}

static void read_tensor(run *r, const char *path, const char *name, cn_tensor *out, double *scale, uint64_t *hash)
{
    size_t bytes;
    unsigned char *file = (unsigned char *)read_file(r, path, &bytes);
    cn_tensor_read(&r->ctx, file, bytes, name, out);
    check(&r->ctx, path);
    *scale = out->type == CN_U8 && !bytes_as_they_are(file, bytes) ? 1.0 / 255 : 1;
    *hash = hash_of(*hash, file, bytes);
}

static void read_set(run *r, set *s)
{
    cn_data data = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    double unused;
    const char *path;
    s->hash = HASH_START;
    read_tensor(r, s->x, "x", &data.x, &data.scale, &s->hash);
    read_tensor(r, s->y, "y", &data.y, &unused, &s->hash);
    if (r->o.scale > 0) data.scale = 1 / r->o.scale;
    if (r->o.standardise) {
        standardise(r, &data.x, data.scale, s->x);
        data.scale = 1;
    }
    how.loss = r->o.loss;
    how.seed = r->o.seed;
    s->problem = cn_problem_create(&r->ctx, r->net, &data, &how);
    path = strstr(r->ctx.message, "data: x") || strstr(r->ctx.message, "no samples") ? s->x : s->y;
    check(&r->ctx, path);
    s->n = data.x.shape[0];
    s->labels = data.y.type != CN_REALS && data.y.type != CN_F32 && data.y.type != CN_F64;
}

void read_data(run *r)
{
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

void read_theta(run *r)
{
    size_t bytes;
    void *file;
    r->theta = cn_vector(&r->ctx, r->info.size);
    check(&r->ctx, "--net");
    if (!r->o.params) {
        cn_net_init(r->net, r->o.init, r->o.seed, r->theta);
        check(&r->ctx, "--init");
        return;
    }
    file = read_file(r, r->o.params, &bytes);
    cn_theta_read(&r->ctx, r->net, file, bytes, r->theta);
    check(&r->ctx, r->o.params);
    r->params_hash = hash_of(HASH_START, file, bytes);
}

void read_all(run *r)
{
    read_net(r);
    read_data(r);
    read_theta(r);
    if (r->o.block) {
        r->block = cn_net_block(&r->ctx, r->net, r->o.block);
        check(&r->ctx, "--block");
    }
    r->ctx.progress = show_progress;
    r->ctx.progress_user = r;
    r->train.point = cn_point_create(r->train.problem, r->theta, CACHE);
    if (r->test.problem) r->test.point = cn_point_create(r->test.problem, r->theta, CACHE);
    check(&r->ctx, r->o.params);
}
