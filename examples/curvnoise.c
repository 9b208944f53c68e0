/* curvnoise.c: the library as a program. Trains a network written as one line of text, measures a trained one, draws
   its spectrum.

       make cli                                        builds build/curvnoise with CN_REAL=double
       build/curvnoise --help                          and `curvnoise COMMAND --help` teach by example

   The way of the program: options (one table) -> files -> problem and point -> keys (one table, each row a function) or
   a spectrum -> a report, built in memory and printed at the end. Whatever goes wrong ends in stop(): one sentence on
   standard error, nothing half written. Files are replaced whole: the library writes beside the old one and renames. */
#define _POSIX_C_SOURCE 200112L /* isatty, stat, sysconf */
#ifndef CN_REAL
#define CN_REAL double /* TIC divides by small eigenvalues */
#endif
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef CN_CLI_ZLIB
#include <zlib.h>
#endif

/* parameters; vectors; bytes of activations kept at a point */
enum { EXACT_MOST = 5000, PROBES = 100, CACHE = 1 << 28 };
enum { TRAIN = 1, MEASURE = 2, SPECTRUM = 4, EVERY = 7 }; /* commands, as bits */

/* ---- ending: 0 well, 1 not the input's fault, 2 bad input ---- */

static volatile sig_atomic_t interrupted;
static int line_open; /* a progress line stands on the terminal */

static void on_signal(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
} /* a second ctrl-C ends at once */

static void end_line(void)
{
    if (line_open) fprintf(stderr, "\r%70s\r", "");
    line_open = 0;
}

static void stop(int code, const char *format, ...) /* never returns */
{
    char sentence[1000], *s;
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    /* one line, whatever a file or an argument holds */
    for (s = sentence; *s; s++)
        if ((unsigned char)*s < 32 || *s == 127) *s = '?';
    end_line();
    fprintf(stderr, "curvnoise: %s\n", sentence);
    exit(code);
}

/* After any call of the library: an error ends the program, with the file or option that it is about in front. */
static void check(const cn_ctx *c, const char *about)
{
    int ours = c->status == CN_CANCELLED || c->status == CN_E_MEMORY || c->status == CN_E_NUMERIC;
    if (c->status == CN_CANCELLED) stop(1, "interrupted; nothing was written");
    if (c->status) stop(ours ? 1 : 2, "%s%s%s", about ? about : "", about ? ": " : "", c->message);
}

/* ---- text that grows: reports are complete before they are printed ---- */

typedef struct text {
    char *at;
    size_t n, room;
} text;

static void say(text *t, const char *format, ...)
{
    va_list args;
    int length;
    char *more;
    for (;;) {
        va_start(args, format);
        length = vsnprintf(t->at ? t->at + t->n : NULL, t->room - t->n, format, args);
        va_end(args);
        if (length >= 0 && (size_t)length < t->room - t->n) {
            t->n += (size_t)length;
            return;
        }
        more = (char *)realloc(t->at, 2 * t->room + (size_t)(length < 0 ? 0 : length) + 1000);
        if (!more) stop(1, "no memory for the report");
        t->room = 2 * t->room + (size_t)(length < 0 ? 0 : length) + 1000;
        t->at = more;
    }
}

static void print_all(const text *t)
{
    if (fwrite(t->at, 1, t->n, stdout) != t->n || fflush(stdout))
        stop(2, "standard output: writing failed (%s)", strerror(errno));
}

/* ---- options: one table ---- */

typedef struct word {
    const char *text;
    int value;
} word;
enum { NOT_BUILT = -1 };
static const word loss_words[] = {{"ce", CN_CROSS_ENTROPY}, {"mse", CN_SQUARED}, {NULL, 0}};
static const word opt_words[] = {{"plain", CN_PLAIN},
                                 {"sgd", CN_PLAIN},
                                 {"momentum", 100 + CN_PLAIN},
                                 {"sam", CN_SAM},
                                 {"nso", CN_NSO},
                                 {"wpsgd", NOT_BUILT},
                                 {"usam", NOT_BUILT},
                                 {"asam", NOT_BUILT},
                                 {"rsam", NOT_BUILT},
                                 {"bsam", NOT_BUILT},
                                 {"nesterov", NOT_BUILT},
                                 {"adam", NOT_BUILT},
                                 {NULL, 0}};
static const word base_words[] = {{"sgd", 0}, {"momentum", 1}, {"nesterov", NOT_BUILT}, {"adam", NOT_BUILT}, {NULL, 0}};
static const word init_words[] = {
    {"auto", CN_INIT_AUTO}, {"he", CN_INIT_HE}, {"glorot", CN_INIT_GLOROT}, {"torch", CN_INIT_TORCH}, {NULL, 0}};
static const word noise_words[] = {
    {"normal", CN_NORMAL}, {"uniform", CN_UNIFORM}, {"laplace", CN_LAPLACE}, {"sign", CN_SIGN}, {NULL, 0}};
static const word kind_words[] = {
    {"h", CN_HESSIAN},    {"g", CN_GAUSS_NEWTON},    {"f", CN_FISHER}, {"c", CN_SECOND_MOMENT},
    {"s", CN_COVARIANCE}, {"j", CN_JACOBIAN_MOMENT}, {NULL, 0}};

typedef struct options {
    const char *net, *x, *y, *x_test, *y_test, *params, *block, *only, *schedule, *out, *svg;
    int loss, opt, base, init, noise, kind, resume, standardise, exact, json, csv, quiet, help;
    uint64_t batch, epochs, k, seed, save_every, probes, top, bottom, points, runs, steps;
    double lr, momentum, sigma, rho, weight_decay, scale, cut, width;
} options;

/* COUNT >= 1, WHOLE >= 0, ABOVE > 0, NUMBER >= 0, SHARE in [0, 1), PART in (0, 1) */
enum { TEXT, FLAG, WORD, COUNT, WHOLE, ABOVE, NUMBER, SHARE, PART };
typedef struct option {
    const char *name;
    int commands, kind;
    size_t at;
    const word *words;
    const char *arg, *says;
} option;
#define AT(field) offsetof(options, field)
static const option table[] = {
    {"--net", EVERY, TEXT, AT(net), NULL, "TEXT", "the network, or @FILE that holds its text"},
    {"--x", EVERY, TEXT, AT(x), NULL, "FILE", "inputs: .npy, IDX, CIFAR-10 binary"},
    {"--y", EVERY, TEXT, AT(y), NULL, "FILE",
     "class labels (integers) or targets (floats); one file may be both --x and --y"},
    {"--x-test", TRAIN | MEASURE, TEXT, AT(x_test), NULL, "FILE", "inputs of a test set"},
    {"--y-test", TRAIN | MEASURE, TEXT, AT(y_test), NULL, "FILE", "its labels or targets"},
    {"--params", EVERY, TEXT, AT(params), NULL, "FILE",
     "weights: .safetensors, or .npy with the flat vector (train: where to start)"},
    {"--loss", EVERY, WORD, AT(loss), loss_words, "LOSS",
     "ce: cross-entropy (default); mse: half the squared error, labels as one-hot targets"},
    {"--scale", EVERY, ABOVE, AT(scale), NULL, "S",
     "inputs are divided by S (default 255 for bytes of IDX and CIFAR-10, else 1)"},
    {"--standardise", EVERY, FLAG, AT(standardise), NULL, NULL,
     "inputs minus the training set's mean, over its standard deviation, per feature"},
    {"--opt", TRAIN, WORD, AT(opt), opt_words, "RULE",
     "plain (default), sam, nso; sgd and momentum are short for --base"},
    {"--base", TRAIN, WORD, AT(base), base_words, "BASE",
     "sgd or momentum; default momentum when --momentum is above 0"},
    {"--lr", TRAIN, ABOVE, AT(lr), NULL, "R", "step size (default 0.1)"},
    {"--momentum", TRAIN, SHARE, AT(momentum), NULL, "M", "default 0; 0.9 with --base momentum"},
    {"--weight-decay", TRAIN, NUMBER, AT(weight_decay), NULL, "W", "default 0"},
    {"--batch", TRAIN, COUNT, AT(batch), NULL, "N", "samples a step (default 32)"},
    {"--epochs", TRAIN, COUNT, AT(epochs), NULL, "N", "passes over the data (default 10)"},
    {"--rho", TRAIN, NUMBER, AT(rho), NULL, "R", "sam's radius (default 0.05)"},
    {"--sigma", TRAIN | MEASURE, NUMBER, AT(sigma), NULL, "S",
     "standard deviation of noise on the weights (default 0.01): nso, kink_share"},
    {"--k", TRAIN, COUNT, AT(k), NULL, "N", "nso's pairs of gradients a step (default 1)"},
    {"--noise", TRAIN, WORD, AT(noise), noise_words, "KIND", "nso's noise: normal (default), uniform, laplace, sign"},
    {"--schedule", TRAIN, TEXT, AT(schedule), NULL, "S",
     "of the step size: constant (default), cosine, step:EPOCHS,FACTOR"},
    {"--init", TRAIN, WORD, AT(init), init_words, "SCHEME",
     "auto (default: he or glorot by activation), he, glorot, torch"},
    {"--resume", TRAIN, FLAG, AT(resume), NULL, NULL,
     "go on from OUT.state, bit for bit; from the start where there is none"},
    {"--save-every", TRAIN, COUNT, AT(save_every), NULL, "SEC",
     "OUT.state is written after each epoch and every SEC seconds (default 30)"},
    {"--out", TRAIN, TEXT, AT(out), NULL, "FILE", "the trained weights, as .safetensors"},
    {"--block", MEASURE | SPECTRUM, TEXT, AT(block), NULL, "NAME",
     "operators of one layer's weight instead of all parameters: 2.weight"},
    {"--only", MEASURE, TEXT, AT(only), NULL, "KEYS", "just these keys, separated by commas, and what they need"},
    {"--probes", MEASURE, COUNT, AT(probes), NULL, "N",
     "random probes for every trace (default: exact where cheap or P <= 5000, else 100)"},
    {"--exact", MEASURE, FLAG, AT(exact), NULL, NULL, "no probes where there is another way, whatever it costs"},
    {"--cut", MEASURE, PART, AT(cut), NULL, "C", "TIC keeps eigenvalues above C times the largest (default 0.001)"},
    {"--operator", SPECTRUM, WORD, AT(kind), kind_words, "OP",
     "h Hessian (default), g Gauss-Newton, f Fisher, c second moment, s covariance, j Jacobian moment"},
    {"--top", SPECTRUM, WHOLE, AT(top), NULL, "N", "largest eigenvalues (default: all when P <= 5000, else 10)"},
    {"--bottom", SPECTRUM, WHOLE, AT(bottom), NULL, "N", "smallest eigenvalues (default: all when P <= 5000, else 10)"},
    {"--points", SPECTRUM, COUNT, AT(points), NULL, "N", "points of the density (default 400)"},
    {"--width", SPECTRUM, ABOVE, AT(width), NULL, "W",
     "standard deviation of the Gaussian on each eigenvalue (default: 1/200 of the range)"},
    {"--runs", SPECTRUM, COUNT, AT(runs), NULL, "N", "P > 5000: random starts of Lanczos quadrature (default 10)"},
    {"--steps", SPECTRUM, COUNT, AT(steps), NULL, "N", "P > 5000: its steps (default 80)"},
    {"--svg", SPECTRUM, TEXT, AT(svg), NULL, "FILE", "draw the density and the eigenvalues"},
    {"--seed", EVERY, WHOLE, AT(seed), NULL, "N", "of everything random (default 1)"},
    {"--json", EVERY, FLAG, AT(json), NULL, NULL,
     "one JSON object instead of the table; 17 digits, so numbers read back exactly"},
    {"--csv", EVERY, FLAG, AT(csv), NULL, NULL, "comma-separated values instead of the table"},
    {"--quiet", EVERY, FLAG, AT(quiet), NULL, NULL,
     "no progress line (there is one where standard error is a terminal)"},
    {"--help", EVERY, FLAG, AT(help), NULL, NULL, "this text"},
};
enum { OPTIONS = sizeof table / sizeof table[0] };

/* 1 when s is a number and nothing else */
static int the_number(const char *s, int whole, double *real, uint64_t *count)
{
    char *end;
    if (!*s || s[strspn(s, whole ? "0123456789" : "0123456789+-.eE")]) return 0;
    errno = 0;
    if (whole)
        *count = strtoull(s, &end, 10);
    else
        *real = strtod(s, &end);
    return !*end && !(errno == ERANGE && (whole || fabs(*real) > 1));
}

static void set_word(int *field, const option *o, const char *value)
{
    const word *w;
    text known = CN_ZERO;
    for (w = o->words; w->text && strcmp(w->text, value); w++)
        if (w->value != NOT_BUILT) say(&known, " %s", w->text);
    if (!w->text) stop(2, "%s %s: expected one of%s", o->name, value, known.at);
    if (w->value == NOT_BUILT) stop(2, "%s %s is not built yet", o->name, value);
    free(known.at);
    *field = w->value;
}

static void set_option(options *to, const option *o, const char *value)
{
    static const char *const wants[] = {"",
                                        "",
                                        "",
                                        "a whole number of at least 1",
                                        "a whole number of at least 0",
                                        "a number above 0",
                                        "a number of at least 0",
                                        "a number in [0, 1)",
                                        "a number in (0, 1)"};
    char *field = (char *)to + o->at;
    double real = 0;
    uint64_t count = 0;
    int good = 1;
    switch (o->kind) {
    case TEXT:
        *(const char **)(void *)field = value;
        break;
    case FLAG:
        *(int *)(void *)field = 1;
        break;
    case WORD:
        set_word((int *)(void *)field, o, value);
        break;
    case COUNT:
    case WHOLE:
        good = the_number(value, 1, &real, &count) && (o->kind == WHOLE || count);
        *(uint64_t *)(void *)field = count;
        break;
    default:
        good = the_number(value, 0, &real, &count) && (o->kind == ABOVE || o->kind == PART ? real > 0 : real >= 0) &&
               (o->kind < SHARE || real < 1);
        *(double *)(void *)field = real;
    }
    if (!good) stop(2, "%s %s: expected %s", o->name, value, wants[o->kind]);
}

static void read_options(options *to, int command, const char *name, int argc, char **argv)
{
    unsigned char given[OPTIONS] = {0};
    int i, k;
    for (i = 0; i < argc; i++) {
        for (k = 0; k < OPTIONS && strcmp(argv[i], table[k].name); k++) continue;
        if (k == OPTIONS)
            stop(2,
                 argv[i][0] == '-' ? "unknown option %s; `curvnoise %s --help` lists them"
                                   : "%s: expected an option; `curvnoise %s --help` lists them",
                 argv[i], name);
        if (!(table[k].commands & command)) stop(2, "%s is no option of %s", argv[i], name);
        if (given[k]++) stop(2, "%s is given twice", argv[i]);
        if (table[k].kind == FLAG) {
            set_option(to, &table[k], NULL);
            continue;
        }
        if (i + 1 == argc) stop(2, "%s: its value (%s) is missing", argv[i], table[k].arg);
        set_option(to, &table[k], argv[++i]);
    }
}

/* ---- a run: what a command works on ---- */

/* hash: of both files */
typedef struct set {
    const char *x, *y;
    cn_problem *problem;
    cn_point *point;
    size_t n;
    int labels;
    uint64_t hash;
} set;
typedef struct run {
    cn_ctx ctx;
    options o;
    const char *command, *net_text, *now;
    int percent;
    time_t told;
    cn_net *net;
    cn_net_info info;
    cn_block block;
    cn_real *theta, *gradient, *mean, *sd;
    set train, test;
    uint64_t params_hash;
    struct memo *memo;
} run;

static int show_progress(void *user, const cn_progress *p)
{
    run *r = (run *)user;
    int percent = p->total > 0 ? (int)(100 * p->done / p->total) : 0;
    if (!r->o.quiet && isatty(2) && (percent != r->percent || time(NULL) != r->told)) {
        fprintf(stderr, "\r%-10s %-24s %3d %%  %-12.6g", r->command, p->what, percent, p->value);
        r->percent = percent;
        r->told = time(NULL);
        line_open = 1;
    }
    return interrupted;
}

/* FNV-1a, enough to tell one data set from another */
static uint64_t hash_of(uint64_t h, const void *data, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)data;
    size_t i;
    for (i = 0; i < bytes; i++) h = (h ^ at[i]) * 0x100000001B3u;
    return h;
}
#define HASH_START 0xCBF29CE484222325u

#ifdef CN_CLI_ZLIB
static void *unzip(run *r, const char *path, unsigned char *packed, size_t bytes, size_t *out_bytes)
{
    z_stream z;
    unsigned char *out = NULL, *more;
    size_t room = 0, done = 0;
    int status = Z_OK;
    const char *why = "it ends too early";
    memset(&z, 0, sizeof z);
    if (bytes > 0x7FFFFFFF) stop(2, "%s: gzip files beyond 2 GB are not read", path);
    if (inflateInit2(&z, 15 + 16) != Z_OK) stop(1, "%s: no memory to unzip", path);
    z.next_in = packed;
    z.avail_in = (uInt)bytes;
    do {
        if (done + 1 >= room) {
            room = room ? 2 * room : 1 << 16;
            if (!(more = (unsigned char *)realloc(out, room))) stop(1, "%s: no memory to unzip %zu bytes", path, room);
            out = more;
        }
        z.next_out = out + done;
        z.avail_out = (uInt)(room - 1 - done > 1u << 30 ? 1u << 30 : room - 1 - done);
        status = inflate(&z, Z_NO_FLUSH);
        done = (size_t)(z.next_out - out);
    } while (status == Z_OK);
    if (status != Z_STREAM_END && status != Z_BUF_ERROR) why = z.msg ? z.msg : "it is damaged";
    inflateEnd(&z);
    if (status != Z_STREAM_END) stop(2, "%s: the gzip file cannot be unzipped: %s", path, why);
    cn_free(&r->ctx, packed);
    out[done] = 0; /* as cn_file_read: a text is a string */
    *out_bytes = done;
    return out;
}
#else
static void *unzip(run *r, const char *path, unsigned char *packed, size_t bytes, size_t *out_bytes)
{
    (void)r;
    (void)packed;
    (void)bytes;
    (void)out_bytes;
    stop(2, "%s: a gzip file; this program was built without zlib, so unzip it first", path);
    return NULL;
}
#endif

static void *read_file(run *r, const char *path, size_t *bytes) /* lives until the end; gzip is unpacked */
{
    unsigned char *file = (unsigned char *)cn_file_read(&r->ctx, path, bytes);
    check(&r->ctx, strstr(r->ctx.message, path) ? NULL : path);
    return *bytes > 2 && file[0] == 0x1F && file[1] == 0x8B ? unzip(r, path, file, *bytes, bytes) : file;
}

static void read_net(run *r)
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

/* ---- data ---- */

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

static void read_data(run *r)
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

static void read_theta(run *r)
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

static void must_be_a_file(const char *path) /* where a file will be: nothing, or an ordinary file to be replaced */
{
    struct stat s;
    if (!stat(path, &s) && !S_ISREG(s.st_mode))
        stop(2, "%s: %s; expected the name of a file to write", path,
             S_ISDIR(s.st_mode) ? "this is a directory" : "this is no ordinary file");
}

static void write_file(run *r, const char *path, const void *data, size_t bytes)
{
    cn_file_write(&r->ctx, path, data, bytes);
    check(&r->ctx, strstr(r->ctx.message, path) ? NULL : path);
}

/* ---- train: every step follows from (state, step number), so a run continued is the run uninterrupted, bit for bit
   ---- */

typedef struct training {
    cn_opt *opt;
    cn_opt_kept kept;
    size_t batch, per_epoch;
    uint64_t total;
    double every, factor;
    int cosine;
    char state[4096];
    text story;
} training;

static void read_schedule(const options *o, training *t)
{
    const char *s = o->schedule;
    char number[64], *comma;
    uint64_t epochs;
    int length = 0;
    t->factor = 1;
    t->every = 1;
    if (!strcmp(s, "constant")) return;
    if (!strcmp(s, "cosine")) {
        t->cosine = 1;
        return;
    }
    if (sscanf(s, "step:%63[0-9.,eE+-]%n", number, &length) == 1 && !s[length] &&
        (comma = strchr(number, ',')) != NULL) {
        *comma = 0;
        if (the_number(number, 1, NULL, &epochs) && epochs && the_number(comma + 1, 0, &t->factor, NULL) &&
            t->factor > 0) {
            t->every = (double)epochs;
            return;
        }
    }
    stop(2, "--schedule %s: expected constant, cosine or step:EPOCHS,FACTOR as in step:10,0.1", s);
}

static double lr_at(const run *r, const training *t, uint64_t step)
{
    const double pi = 3.14159265358979323846;
    if (t->cosine) return r->o.lr * 0.5 * (1 + cos(pi * (double)step / (double)t->total));
    return r->o.lr * pow(t->factor, floor((double)(step / t->per_epoch) / t->every));
}

/* What a state was made with, a line each: all that decides the next step. Epochs do only where the schedule looks
   ahead. */
static void tell_story(run *r, training *t)
{
    const options *o = &r->o;
    text *s = &t->story;
    const word *w;
    for (w = loss_words; w->value != o->loss; w++) continue;
    say(s, "net %s\nloss %s\ndata %016llx\nstart %016llx\ninit %d\nscale %.17g\nstandardise %d\nseed %llu\n",
        r->net_text, w->text, (unsigned long long)r->train.hash, (unsigned long long)r->params_hash, o->init, o->scale,
        o->standardise, (unsigned long long)o->seed);
    say(s, "rule %s\nlr %.17g\nmomentum %.17g\nweight-decay %.17g\nbatch %zu\nschedule %s\n",
        o->opt == CN_SAM   ? "sam"
        : o->opt == CN_NSO ? "nso"
                           : "plain",
        o->lr, o->momentum, o->weight_decay, t->batch, o->schedule);
    if (t->cosine) say(s, "epochs %llu\n", (unsigned long long)o->epochs);
    if (o->opt == CN_SAM) say(s, "rho %.17g\n", o->rho);
    if (o->opt == CN_NSO) say(s, "sigma %.17g\nk %llu\nnoise %d\n", o->sigma, (unsigned long long)o->k, o->noise);
}

static void part(cn_part *to, const char *name, const void *data, int type, size_t n)
{
    memset(to, 0, sizeof *to);
    snprintf(to->name, sizeof to->name, "%s", name);
    to->value = cn_tensor_of(data, type, 1, n, 0, 0, 0);
}

static void save_state(run *r, training *t)
{
    cn_part parts[4];
    size_t count = 3, bytes, i;
    cn_real *room;
    for (i = 0; i < r->info.size; i++)
        if (r->theta[i] - r->theta[i] != 0)
            stop(1, "training: weight %zu is not finite after %llu steps; a smaller --lr may help", i,
                 (unsigned long long)*t->kept.step);
    part(&parts[0], "story", t->story.at, CN_U8, t->story.n);
    part(&parts[1], "step", t->kept.step, CN_U64, 1);
    part(&parts[2], "theta", r->theta, CN_REALS, r->info.size);
    if (t->kept.count) part(&parts[count++], "velocity", t->kept.values, CN_REALS, t->kept.count);
    bytes = cn_parts_write(parts, count, NULL, 0);
    room = cn_vector(&r->ctx, bytes / sizeof *room + 1);
    check(&r->ctx, t->state);
    cn_parts_write(parts, count, room, bytes);
    write_file(r, t->state, room, bytes);
    cn_free(&r->ctx, room);
}

static void get(run *r, training *t, const void *file, size_t bytes, const char *name, void *out, int type, size_t n)
{
    cn_tensor from, to = cn_tensor_of(out, type, 1, n, 0, 0, 0);
    cn_tensor_read(&r->ctx, file, bytes, name, &from);
    check(&r->ctx, t->state);
    if (cn_count(from) != n) stop(2, "%s: %s has %zu elements; expected %zu", t->state, name, cn_count(from), n);
    if (type == CN_REALS)
        cn_convert(&r->ctx, from, 1, to);
    else if (from.type == type)
        memcpy(out, from.data, n * (type == CN_U64 ? 8 : 1));
    else
        stop(2, "%s: %s is not of the type that train writes", t->state, name);
    check(&r->ctx, t->state);
}

static void load_state(run *r, training *t)
{
    size_t bytes, n;
    void *file = read_file(r, t->state, &bytes);
    cn_tensor story;
    const char *ours = t->story.at, *theirs, *end;
    uint64_t step;
    cn_tensor_read(&r->ctx, file, bytes, "story", &story);
    check(&r->ctx, t->state);
    n = cn_count(story);
    if (story.type != CN_U8) stop(2, "%s: story is not of the type that train writes", t->state);
    theirs = (const char *)story.data;
    end = theirs + n;
    while (*ours || theirs < end) { /* line by line, to name the first that differs */
        size_t a = strcspn(ours, "\n"), b = 0;
        while (theirs + b < end && theirs[b] != '\n') b++;
        if (a != b || memcmp(ours, theirs, a))
            stop(2,
                 "%s: made with `%.*s`, this run has `%.*s`; repeat the options and data of the first run, or leave "
                 "--resume out",
                 t->state, (int)(b < 200 ? b : 200), theirs, (int)(a < 200 ? a : 200), ours);
        ours += a + (ours[a] == '\n');
        theirs += b + (theirs + b < end);
    }
    get(r, t, file, bytes, "step", &step, CN_U64, 1);
    if (step > t->total)
        stop(2, "%s: after %llu steps; this run ends after %llu", t->state, (unsigned long long)step,
             (unsigned long long)t->total);
    get(r, t, file, bytes, "theta", r->theta, CN_REALS, r->info.size);
    if (t->kept.count) get(r, t, file, bytes, "velocity", t->kept.values, CN_REALS, t->kept.count);
    *t->kept.step = step;
}

static void prepare(run *r, training *t)
{
    const options *o = &r->o;
    cn_opt_desc d = CN_ZERO;
    struct stat there;
    if (snprintf(t->state, sizeof t->state, "%s.state", o->out) >= (int)sizeof t->state)
        stop(2, "--out: the name has more than %zu characters", sizeof t->state - 7);
    t->batch = o->batch < r->train.n ? (size_t)o->batch : r->train.n;
    while (cn_batch_size(r->train.problem, t->batch, t->per_epoch)) t->per_epoch++;
    if (!t->per_epoch) stop(2, "--batch: %s", r->ctx.message);
    if (o->epochs > (uint64_t)-1 / t->per_epoch)
        stop(2, "--epochs %llu: the number of steps overflows", (unsigned long long)o->epochs);
    t->total = o->epochs * t->per_epoch;
    read_schedule(o, t);
    d.lr = o->lr;
    d.momentum = o->momentum;
    d.weight_decay = o->weight_decay;
    d.rule = o->opt;
    d.rho = o->rho;
    d.sigma = o->sigma;
    d.k = (size_t)o->k;
    d.noise = o->noise;
    d.seed = o->seed;
    t->opt = cn_opt_create(&r->ctx, r->info.params, r->info.state, &d);
    t->kept = cn_opt_state(t->opt);
    check(&r->ctx, NULL);
    tell_story(r, t);
    must_be_a_file(o->out);
    must_be_a_file(t->state);
    if (o->resume && !stat(t->state, &there))
        load_state(r, t);
    else
        save_state(r, t); /* tells at once whether files can be written there */
}

static void train_steps(run *r, training *t, uint32_t *index)
{
    cn_batch b = CN_ZERO;
    cn_eval e;
    cn_progress p = CN_ZERO;
    uint64_t step, shuffled = (uint64_t)-1, epoch;
    size_t at, i;
    time_t saved = time(NULL);
    b.train = 1;
    p.what = "training";
    p.total = (double)r->o.epochs;
    for (step = *t->kept.step; step < t->total; step++) {
        epoch = step / t->per_epoch;
        at = (size_t)(step % t->per_epoch) * t->batch;
        if (epoch != shuffled) {
            for (i = 0; i < r->train.n; i++) index[i] = (uint32_t)i;
            cn_shuffle(r->o.seed, cn_stream(CN_FOR_SHUFFLE, epoch), r->train.n, index);
            shuffled = epoch;
        }
        b.index = index + at;
        b.step = step + 1;
        b.n = cn_batch_size(r->train.problem, t->batch, (size_t)(step % t->per_epoch));
        cn_opt_lr(t->opt, lr_at(r, t, step));
        e = cn_opt_step(t->opt, r->train.problem, r->theta, &b);
        if (e.status)
            stop(1, "training: step %llu of epoch %llu: %s; a smaller --lr may help", (unsigned long long)step,
                 (unsigned long long)epoch, r->ctx.message);
        p.done = (double)(step + 1) / (double)t->per_epoch;
        p.value = e.loss;
        show_progress(r, &p);
        if (interrupted || (step + 1) % t->per_epoch == 0 || time(NULL) - saved >= (time_t)r->o.save_every) {
            save_state(r, t);
            saved = time(NULL);
        }
        if (interrupted)
            stop(1, "interrupted after %.3g of %g epochs; %s is ready for --resume", p.done, p.total, t->state);
    }
}

static void report(run *r, int groups);

static void train(run *r)
{
    training t = CN_ZERO;
    uint32_t *index;
    size_t bytes;
    cn_real *room;
    const options *o = &r->o;
    read_net(r);
    read_data(r);
    if ((uint64_t)r->train.n > 0xFFFFFFFFu) stop(2, "%s: %zu samples; batches index with 32 bits", o->x, r->train.n);
    read_theta(r);
    prepare(r, &t);
    index = (uint32_t *)(void *)cn_vector(&r->ctx, r->train.n); /* a real has room for an index */
    check(&r->ctx, "training");
    train_steps(r, &t, index);
    bytes = cn_theta_write(r->net, r->theta, NULL, 0);
    room = cn_vector(&r->ctx, bytes / sizeof *room + 1);
    check(&r->ctx, o->out);
    cn_theta_write(r->net, r->theta, room, bytes);
    write_file(r, o->out, room, bytes);
    report(r, 1); /* the basics */
}

/* ---- measure: one table of keys; a key calls for what it needs, and what was once computed is kept ---- */

typedef struct value {
    double v, error, residual;
    size_t probes;
    int null;
    char why[sizeof((cn_ctx *)0)->message];
} value;
enum { PAIR_HC, PAIR_HF, PAIR_FC, PAIRS, KINDS = CN_JACOBIAN_MOMENT + 1 };
typedef struct memo {
    cn_op *op[KINDS], *held[KINDS];
    cn_real *matrix[KINDS];
    value trace[KINDS];
    int has_trace[KINDS];
    cn_eval eval[2];
    int has_eval[2];
    cn_similarity_result pair[PAIRS];
    value pair_why[PAIRS];
    int has_pair[PAIRS];
    cn_tic_result tic[2];
    value tic_why[2];
    int has_tic[2];
} memo;

static value number(double v)
{
    value x;
    memset(&x, 0, sizeof x);
    x.v = v;
    return x;
}
static value null_for(const char *why)
{
    value x = number(0);
    x.null = 1;
    snprintf(x.why, sizeof x.why, "%s", why);
    return x;
}

/* What has no meaning here, or no finite result, is null and says why; any other error ends the program. */
static value settle(run *r, double v, double error, size_t probes)
{
    value x;
    if (r->ctx.status == CN_E_UNSUITED || r->ctx.status == CN_E_NUMERIC) {
        x = null_for(r->ctx.message);
        cn_clear(&r->ctx);
        return x;
    }
    check(&r->ctx, r->now);
    if (v - v != 0 || error - error != 0) return null_for("not finite");
    x = number(v);
    x.error = error;
    x.probes = probes;
    return x;
}
static value of_estimate(run *r, cn_est e) { return settle(r, e.value, e.error, e.probes); }

static cn_probe_desc probes(const run *r)
{
    cn_probe_desc d = CN_ZERO;
    d.probes = r->o.probes ? (size_t)r->o.probes : PROBES;
    d.method = r->o.probes ? CN_HUTCHINSON : r->o.exact ? CN_EXACT : CN_AUTO;
    d.seed = r->o.seed;
    return d;
}

static cn_op *operator_of(run *r, int kind) /* over the training set */
{
    if (!r->memo->op[kind]) r->memo->op[kind] = cn_op_of(r->train.point, kind, r->block);
    return r->memo->op[kind];
}

/* the same as a matrix, made once, where that is feasible and no probes are asked for */
static cn_op *held(run *r, int kind)
{
    memo *m = r->memo;
    cn_op *a = operator_of(r, kind);
    size_t n = cn_op_describe(a).size;
    cn_real *matrix;
    if (n > EXACT_MOST || r->o.probes || !a) return a;
    if (!m->held[kind]) {
        matrix = cn_vector(&r->ctx, n * n);
        cn_op_dense(a, matrix);
        m->held[kind] = cn_op_matrix(&r->ctx, n, matrix);
        m->matrix[kind] = matrix;
    }
    return m->held[kind];
}

/* where a test set is preferred */
static cn_point *test_point(run *r) { return r->test.point ? r->test.point : r->train.point; }

static value evaluated(run *r, int test, int accuracy)
{
    memo *m = r->memo;
    set *s = test ? &r->test : &r->train;
    if (!s->problem) return null_for("there is no test set");
    if (!m->has_eval[test]) {
        m->eval[test] = cn_evaluate(s->problem, r->theta, NULL, test ? NULL : r->gradient);
        m->has_eval[test] = 1;
        check(&r->ctx, r->o.params);
    }
    if (accuracy && !s->labels) return null_for("targets are no class labels");
    return number(accuracy ? (double)m->eval[test].correct / (double)s->n : m->eval[test].loss);
}

static double block_gradient2(run *r) /* squared norm of the mean gradient over the block */
{
    size_t i, first = r->block.first, n = r->block.count ? r->block.count : r->info.params;
    double sum = 0;
    evaluated(r, 0, 0);
    for (i = first; i < first + n; i++) sum += r->gradient[i] * r->gradient[i];
    return sum;
}

enum {
    N_SAMPLES,
    N_PARAMS,
    LOSS,
    ACCURACY,
    GRAD_NORM,
    LOSS_TEST,
    ACCURACY_TEST,
    GAP,
    AIC,
    SENSITIVITY,
    SPECTRAL,
    ISOTROPIC
};
static value plain(run *r, int which, int b) /* one call, or none */
{
    value x;
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc d = probes(r);
    (void)b;
    noise.sd = 1;
    noise.block = r->block;
    switch (which) {
    case N_SAMPLES:
        return number((double)r->train.n);
    case N_PARAMS:
        return number((double)r->info.params);
    case LOSS:
    case ACCURACY:
        return evaluated(r, 0, which == ACCURACY);
    case LOSS_TEST:
    case ACCURACY_TEST:
        return evaluated(r, 1, which == ACCURACY_TEST);
    case GRAD_NORM:
        evaluated(r, 0, 0);
        return number(r->memo->eval[0].grad_norm);
    case GAP:
        x = evaluated(r, 1, 0);
        if (!x.null) x.v -= evaluated(r, 0, 0).v;
        return x;
    case AIC:
        return number((double)r->info.params / (double)r->train.n);
    case SENSITIVITY:
        return of_estimate(r, cn_sensitivity(test_point(r), CN_SENSITIVITY_LOGITS));
    case SPECTRAL:
        x.v = cn_mls(r->train.point).mls;
        return settle(r, x.v, 0, 0);
    default:
        return of_estimate(r, cn_tpv(test_point(r), &noise, &d));
    }
}

static value trace(run *r, int kind, int b)
{
    memo *m = r->memo;
    cn_probe_desc d = probes(r);
    (void)b;
    if (!m->has_trace[kind]) {
        m->trace[kind] = of_estimate(r, cn_trace(operator_of(r, kind), &d));
        m->has_trace[kind] = 1;
    }
    return m->trace[kind];
}

static value lambda(run *r, int kind, int smallest)
{
    cn_eigs_desc d = CN_ZERO;
    double v = 0;
    cn_iter i;
    value x;
    d.top = !smallest;
    d.bottom = (size_t)smallest;
    d.seed = r->o.seed;
    i = cn_eigs(operator_of(r, kind), &d, &v, NULL, NULL);
    x = settle(r, v, 0, 0);
    x.residual = i.residual;
    return x;
}

/* tr^2/||.||_F^2; the error as if trace and norm were independent */
static value effective_rank(run *r, int a, int b)
{
    value t = trace(r, CN_HESSIAN, 0), f;
    cn_op *h = held(r, CN_HESSIAN);
    cn_probe_desc d = probes(r);
    double v;
    (void)a;
    (void)b;
    if (t.null) return t;
    f = of_estimate(r, cn_inner(h, h, &d));
    if (f.null) return f;
    if (f.v <= 0) return null_for("H is 0");
    v = t.v * t.v / f.v;
    return settle(r, v, sqrt(pow(2 * t.v * t.error / f.v, 2) + pow(v * f.error / f.v, 2)),
                  f.probes > t.probes ? f.probes : t.probes);
}

enum { RATIO, ANGLE, DISTANCE, COMMUTATOR };
static value similarity(run *r, int pair, int which)
{
    static const int left[PAIRS] = {CN_HESSIAN, CN_HESSIAN, CN_FISHER},
                     right[PAIRS] = {CN_SECOND_MOMENT, CN_FISHER, CN_SECOND_MOMENT};
    memo *m = r->memo;
    cn_probe_desc d = probes(r);
    const cn_similarity_result *s = &m->pair[pair];
    if (which == COMMUTATOR) return of_estimate(r, cn_commutator(held(r, left[pair]), held(r, right[pair]), &d));
    if (!m->has_pair[pair]) {
        m->pair[pair] = cn_similarity(held(r, left[pair]), held(r, right[pair]), &d);
        m->pair_why[pair] = settle(r, 0, 0, 0);
        m->has_pair[pair] = 1;
    }
    if (m->pair_why[pair].null) return m->pair_why[pair];
    return of_estimate(r, which == RATIO ? s->r : which == ANGLE ? s->s : s->frob2);
}

enum { TIC, KEPT, CUT, GAP_TO_CUT, NEGATIVE, DROPPED, EXAMINED };
static value takeuchi(run *r, int fisher, int which)
{
    memo *m = r->memo;
    cn_tic_desc d = CN_ZERO;
    const cn_tic_result *t = &m->tic[fisher];
    if (!m->has_tic[fisher]) {
        d.cut = r->o.cut;
        d.train_n = r->train.n;
        d.block = r->block;
        /* of the training set, if it is there */
        if (!r->test.point) d.matrix = m->matrix[fisher ? CN_FISHER : CN_HESSIAN];
        m->tic[fisher] = fisher ? cn_tic_fisher(test_point(r), &d) : cn_tic(test_point(r), &d);
        m->tic_why[fisher] = settle(r, 0, 0, 0);
        m->has_tic[fisher] = 1;
    }
    if (m->tic_why[fisher].null) return m->tic_why[fisher];
    switch (which) {
    case TIC:
        return number(t->tic);
    case KEPT:
        return number((double)t->kept);
    case CUT:
        return number(t->cut);
    case GAP_TO_CUT:
        return number(t->gap_to_cut);
    case NEGATIVE:
        return number((double)t->negative);
    case DROPPED:
        return number(t->dropped);
    default:
        return number(t->share);
    }
}

static value trace_ratio(run *r, int a, int b) /* tr C/tr F over the test set where there is one */
{
    cn_probe_desc d = probes(r);
    cn_est t[2];
    value x;
    int i;
    (void)a;
    (void)b;
    for (i = 0; i < 2; i++) {
        cn_op *op = cn_op_of(test_point(r), i ? CN_FISHER : CN_SECOND_MOMENT, r->block);
        t[i] = cn_trace(op, &d);
        cn_free(&r->ctx, op);
        x = of_estimate(r, t[i]);
        if (x.null) return x;
    }
    if (t[1].value == 0) return null_for("tr F is 0");
    return settle(r, t[0].value / t[1].value,
                  fabs(t[0].value / t[1].value) *
                      hypot(t[0].error / (t[0].value != 0 ? t[0].value : 1), t[1].error / t[1].value),
                  t[0].probes > t[1].probes ? t[0].probes : t[1].probes);
}

static value noise_scale(run *r, int a, int b)
{
    value s = trace(r, CN_COVARIANCE, 0);
    double g = block_gradient2(r);
    (void)a;
    (void)b;
    if (s.null) return s;
    return g > 0 ? settle(r, s.v / g, s.error / g, s.probes) : null_for("the gradient is 0");
}

static value kink_share(run *r, int a, int b) /* (2 gap/sd^2)/tr H - 1 */
{
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc d = probes(r);
    value t = trace(r, CN_HESSIAN, 0), g;
    double scale;
    (void)a;
    (void)b;
    if (t.null) return t;
    noise.sd = r->o.sigma;
    noise.block = r->block;
    if (noise.sd <= 0 || t.v == 0) return null_for(t.v == 0 ? "tr H is 0" : "--sigma is 0");
    d.method = CN_AUTO; /* it can only be sampled */
    g = of_estimate(r, cn_gap(r->train.point, &noise, &d));
    if (g.null) return g;
    scale = 2 / (noise.sd * noise.sd) / t.v;
    return settle(r, scale * g.v - 1, hypot(scale * g.error, scale * g.v * t.error / t.v), g.probes);
}

enum { BASICS, TRACES, SPECTRA, SIMILARITY, TIC_GROUP, TPV_GROUP, MLS_GROUP, AWD_GROUP, NOISE_GROUP, GROUPS };
static const char *const group_names[GROUPS] = {"basics", "traces", "spectrum", "similarity", "TIC",
                                                "TPV",    "MLS",    "AWD",      "noise"};
enum { SAMPLED = 1, ITERATED = 2 }; /* comes with KEY_se and KEY_probes; with KEY_residual */
/* of NULL: names of keys that are not built yet */
typedef struct key {
    const char *name;
    int group, extras;
    value (*of)(run *r, int a, int b);
    int a, b;
    const char *says;
} key;
static const key keys[] = {
    {"n", BASICS, 0, plain, N_SAMPLES, 0, "samples of the training set"},
    {"params", BASICS, 0, plain, N_PARAMS, 0, "parameters of the network, P"},
    {"loss", BASICS, 0, plain, LOSS, 0, "mean over samples"},
    {"accuracy", BASICS, 0, plain, ACCURACY, 0, "share of samples whose largest output is the label's"},
    {"grad_norm", BASICS, 0, plain, GRAD_NORM, 0, "norm of the gradient of the loss"},
    {"loss_test", BASICS, 0, plain, LOSS_TEST, 0, "loss over the test set"},
    {"accuracy_test", BASICS, 0, plain, ACCURACY_TEST, 0, "accuracy over the test set"},
    {"gap", BASICS, 0, plain, GAP, 0, "loss_test - loss"},
    {"trace_h", TRACES, SAMPLED, trace, CN_HESSIAN, 0, "tr H, Hessian of the mean loss"},
    {"trace_g", TRACES, SAMPLED, trace, CN_GAUSS_NEWTON, 0, "tr G, Gauss-Newton"},
    {"trace_f", TRACES, SAMPLED, trace, CN_FISHER, 0, "tr F, true Fisher, exact expectation over the model's labels"},
    {"trace_c", TRACES, SAMPLED, trace, CN_SECOND_MOMENT, 0, "tr C, second moment of per-sample gradients, uncentred"},
    {"trace_s", TRACES, SAMPLED, trace, CN_COVARIANCE, 0, "tr S, covariance of per-sample gradients"},
    {"trace_j", TRACES, SAMPLED, trace, CN_JACOBIAN_MOMENT, 0, "tr J, second moment of the output Jacobian"},
    {"lambda_max_h", SPECTRA, ITERATED, lambda, CN_HESSIAN, 0, "largest eigenvalue of H"},
    {"lambda_min_h", SPECTRA, ITERATED, lambda, CN_HESSIAN, 1, "smallest eigenvalue of H"},
    {"lambda_max_g", SPECTRA, ITERATED, lambda, CN_GAUSS_NEWTON, 0, "largest eigenvalue of G"},
    {"lambda_max_f", SPECTRA, ITERATED, lambda, CN_FISHER, 0, "largest eigenvalue of F"},
    {"lambda_max_c", SPECTRA, ITERATED, lambda, CN_SECOND_MOMENT, 0, "largest eigenvalue of C"},
    {"eff_rank_h", SPECTRA, SAMPLED, effective_rank, 0, 0, "(tr H)^2 / ||H||_F^2"},
    {"r_hc", SIMILARITY, SAMPLED, similarity, PAIR_HC, RATIO, "tr H / tr C"},
    {"r_hf", SIMILARITY, SAMPLED, similarity, PAIR_HF, RATIO, "tr H / tr F"},
    {"r_fc", SIMILARITY, SAMPLED, similarity, PAIR_FC, RATIO, "tr F / tr C"},
    {"s_hc", SIMILARITY, SAMPLED, similarity, PAIR_HC, ANGLE,
     "tr(HC) / (||H||_F ||C||_F): 1 = the same up to a factor"},
    {"s_hf", SIMILARITY, SAMPLED, similarity, PAIR_HF, ANGLE, "the same of H and F"},
    {"s_fc", SIMILARITY, SAMPLED, similarity, PAIR_FC, ANGLE, "the same of F and C"},
    {"frob2_hc", SIMILARITY, SAMPLED, similarity, PAIR_HC, DISTANCE, "||H - C||_F^2"},
    {"frob2_hf", SIMILARITY, SAMPLED, similarity, PAIR_HF, DISTANCE, "||H - F||_F^2"},
    {"frob2_fc", SIMILARITY, SAMPLED, similarity, PAIR_FC, DISTANCE, "||F - C||_F^2"},
    {"commutator_hc", SIMILARITY, SAMPLED, similarity, PAIR_HC, COMMUTATOR,
     "||HC - CH||_F / (2 ||H||_F ||C||_F): 0 = the same eigenvectors"},
    {"tic", TIC_GROUP, 0, takeuchi, 0, TIC, "tr(H^-1 C)/N over the kept eigenvalues, N = n; predicts gap"},
    {"tic_kept", TIC_GROUP, 0, takeuchi, 0, KEPT, "eigenvalues of H above tic_cut times the largest"},
    {"tic_cut", TIC_GROUP, 0, takeuchi, 0, CUT, "the relative cut"},
    {"tic_gap_to_cut", TIC_GROUP, 0, takeuchi, 0, GAP_TO_CUT,
     "relative distance of the nearest eigenvalue; near 0 the cut is a coin toss"},
    {"tic_negative", TIC_GROUP, 0, takeuchi, 0, NEGATIVE, "eigenvalues of H below zero"},
    {"tic_dropped", TIC_GROUP, 0, takeuchi, 0, DROPPED, "share of sum |eigenvalue| outside the kept ones"},
    {"tic_share", TIC_GROUP, 0, takeuchi, 0, EXAMINED,
     "share of sum |eigenvalue| that was examined; 1 = the whole spectrum"},
    {"tic_fisher", TIC_GROUP, 0, takeuchi, 1, TIC, "tr(F^+ C)/N with the same cut on F"},
    {"tic_fisher_kept", TIC_GROUP, 0, takeuchi, 1, KEPT, "eigenvalues of F above the cut"},
    {"trace_ratio_cf", TIC_GROUP, SAMPLED, trace_ratio, 0, 0,
     "tr C / tr F, where tic is taken; over N the cheapest form of TIC"},
    {"aic", TIC_GROUP, 0, plain, AIC, 0, "params / n"},
    {"sensitivity", TIC_GROUP, 0, plain, SENSITIVITY, 0, "mean over samples of ||df/dx||_F of the outputs"},
    {"tpv_iso", TPV_GROUP, SAMPLED, plain, ISOTROPIC, 0,
     "test prediction variance under weight noise of sd 1, first order: tr J"},
    {"tpv_label tpv_label_rank tpv_label_train", TPV_GROUP, 0, NULL, 0, 0, NULL},
    {"mls", MLS_GROUP, 0, plain, SPECTRAL, 0, "mean over samples of ||df/dx||_2"},
    {"sharpness_interp nmls mls_normalized mls_input_invariant log_volume volume network_volume local_dim bound_a "
     "bound_b bound_c bound_d nmls_bound "
     "adaptive_sharpness adaptive_sharpness_interp matrix_normalized_sharpness relative_flatness",
     MLS_GROUP, 0, NULL, 0, 0, NULL},
    {"gamma gamma_se gamma_awd1 gamma_awd12 gamma_iso corr_offdiag corr_offdiag_random corr_offdiag_theory term_ratio "
     "top_m gamma_r2 neg_mass",
     AWD_GROUP, 0, NULL, 0, 0, NULL},
    {"noise_scale", NOISE_GROUP, SAMPLED, noise_scale, 0, 0,
     "tr S / ||gradient||^2, over the block: the batch size where noise equals signal"},
    {"kink_share", NOISE_GROUP, SAMPLED, kink_share, 0, 0,
     "curvature that noise of sd --sigma sees beyond tr H, as a share of it"},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

static int key_matches(const key *k, const char *name, size_t length) /* itself, or one of what comes with it */
{
    static const struct {
        const char *tail;
        int extra;
    } tails[] = {{"_se", SAMPLED}, {"_probes", SAMPLED}, {"_residual", ITERATED}};
    size_t own = strlen(k->name), i;
    const char *at;
    for (at = k->name; !k->of && *at; at += own, at += *at == ' ')
        if ((own = strcspn(at, " ")) == length && !strncmp(name, at, length)) return 1;
    if (!k->of || length < own || strncmp(name, k->name, own)) return 0;
    if (length == own) return 1;
    for (i = 0; i < 3; i++)
        if ((k->extras & tails[i].extra) && length == own + strlen(tails[i].tail) &&
            !strncmp(name + own, tails[i].tail, length - own))
            return 1;
    return 0;
}

static void choose(const char *only, unsigned char *wanted) /* all that are built, or those named */
{
    size_t length;
    int k;
    for (k = 0; k < KEYS; k++) wanted[k] = !only && keys[k].of;
    while (only) {
        length = strcspn(only, ",");
        for (k = 0; k < KEYS && !key_matches(&keys[k], only, length); k++) continue;
        if (k == KEYS)
            stop(2, "--only: unknown key `%.*s`; `curvnoise measure --help` lists them",
                 (int)(length < 80 ? length : 80), only);
        if (!keys[k].of) stop(2, "--only: key `%.*s` is not built yet", (int)length, only);
        wanted[k] = 1;
        only = only[length] ? only + length + 1 : NULL;
    }
}

static void say_json(text *t, const char *name, const char *tail, int null, double v)
{
    say(t, "%s\"%s%s\": ", t->n ? ", " : "{", name, tail);
    if (null)
        say(t, "null");
    else
        say(t, "%.17g", v);
}

static void say_key(text *t, const options *o, const key *k, const value *x)
{
    char with[80] = "";
    if (o->json) {
        say_json(t, k->name, "", x->null, x->v);
        if (k->extras & SAMPLED) {
            say_json(t, k->name, "_se", x->null, x->error);
            say_json(t, k->name, "_probes", x->null, (double)x->probes);
        }
        if (k->extras & ITERATED) say_json(t, k->name, "_residual", x->null, x->residual);
    } else if (o->csv) {
        if (!t->n) say(t, "key,value,se,probes\n");
        if (x->null) {
            say(t, "%s,,,\n", k->name);
            return;
        }
        if (k->extras & SAMPLED)
            say(t, "%s,%.17g,%.17g,%zu\n", k->name, x->v, x->error, x->probes);
        else
            say(t, "%s,%.17g,,\n", k->name, x->v);
        if (k->extras & ITERATED) say(t, "%s_residual,%.17g,,\n", k->name, x->residual);
    } else if (x->null)
        say(t, "  %-16s %13s  %-24s %s; null: %s\n", k->name, "null", "", k->says, x->why);
    else {
        if (x->probes) snprintf(with, sizeof with, "+- %.2g (%zu probes)", x->error, x->probes);
        if (k->extras & ITERATED) snprintf(with, sizeof with, "residual %.1g", x->residual);
        say(t, "  %-16s %13.7g  %-24s %s\n", k->name, x->v, with, k->says);
    }
}

static void report(run *r, int groups) /* bit g: group g */
{
    unsigned char wanted[KEYS];
    text t = CN_ZERO;
    memo m;
    int k, group = -1;
    memset(&m, 0, sizeof m);
    r->memo = &m;
    r->gradient = cn_vector(&r->ctx, r->info.size);
    check(&r->ctx, "--net");
    choose(r->o.only, wanted);
    for (k = 0; k < KEYS; k++) {
        value x;
        if (!wanted[k] || !(groups >> keys[k].group & 1)) continue;
        r->now = keys[k].name;
        x = keys[k].of(r, keys[k].a, keys[k].b);
        if (interrupted) stop(1, "interrupted before the report");
        if (!r->o.json && !r->o.csv && keys[k].group != group)
            say(&t, "%s%s\n", t.n ? "\n" : "", group_names[group = keys[k].group]);
        say_key(&t, &r->o, &keys[k], &x);
    }
    if (r->o.json) say(&t, "}\n");
    end_line();
    print_all(&t);
}

static void read_all(run *r) /* what measure and spectrum start from */
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

static void measure(run *r)
{
    unsigned char wanted[KEYS];
    choose(r->o.only, wanted); /* a wrong key is told before the files are read */
    if (r->o.probes && r->o.exact) stop(2, "--probes and --exact exclude each other");
    read_all(r);
    report(r, ~0);
}

/* ---- spectrum ---- */

#define ROOT_2_PI 2.5066282746310002

typedef struct spectrum {
    /* value: descending; all: every one is there */
    cn_op_info about;
    size_t count, points;
    int all;
    double *value, *residual, *at, *density, *error, width;
} spectrum;

static double *doubles(run *r, size_t n)
{
    double *v = (double *)(void *)cn_vector(&r->ctx, n * sizeof *v / sizeof(cn_real));
    check(&r->ctx, r->now);
    return v;
}

/* A Gaussian of sd width on each eigenvalue, integrating to 1: of all of them where they are there, else by stochastic
   Lanczos quadrature. */
static void density_of(run *r, cn_op *a, spectrum *s)
{
    double lo = s->value[s->count - 1], hi = s->value[0], z;
    size_t i, j;
    cn_density_desc d = CN_ZERO;
    s->points = d.points = (size_t)r->o.points;
    s->at = doubles(r, s->points);
    s->density = doubles(r, s->points);
    s->error = doubles(r, s->points);
    if (!s->all) {
        d.runs = (size_t)r->o.runs;
        d.steps = (size_t)r->o.steps;
        d.width = r->o.width;
        d.seed = r->o.seed;
        s->width = cn_density(a, &d, s->at, s->density, s->error).width;
        check(&r->ctx, "spectrum");
        return;
    }
    s->width = r->o.width > 0 ? r->o.width : hi > lo ? (hi - lo) / 200 : hi != 0 ? fabs(hi) / 200 : 1;
    for (i = 0; i < s->points; i++) { /* four widths beyond the ends */
        s->at[i] = lo - 4 * s->width +
                   (hi - lo + 8 * s->width) * ((double)i + 0.5 * (s->points == 1)) /
                       (double)(s->points > 1 ? s->points - 1 : 1);
        for (j = 0; j < s->count; j++) {
            z = (s->at[i] - s->value[j]) / s->width;
            s->density[i] += exp(-0.5 * z * z) / (s->width * ROOT_2_PI * (double)s->count);
        }
    }
}

static void eigenvalues(run *r, cn_op *a, spectrum *s)
{
    size_t n = s->about.size, i, top = (size_t)r->o.top, bottom = (size_t)r->o.bottom;
    cn_eigs_desc d = CN_ZERO;
    cn_real *dense;
    cn_iter how;
    double v;
    if (n <= EXACT_MOST) {
        s->all = 1;
        s->count = n;
        s->value = doubles(r, n);
        dense = cn_vector(&r->ctx, n * n);
        cn_op_dense(a, dense);
        cn_eigen(&r->ctx, n, dense, 0, 0, s->value, NULL, NULL);
        cn_free(&r->ctx, dense);
        check(&r->ctx, "spectrum");
        return;
    }
    if (r->o.top == (uint64_t)-1) top = r->o.bottom == (uint64_t)-1 ? 10 : 0;
    if (r->o.bottom == (uint64_t)-1) bottom = r->o.top == (uint64_t)-1 ? 10 : 0;
    if (top > n || bottom > n - top || top + bottom == 0)
        stop(2, "--top and --bottom: expected 1 to %zu eigenvalues together", n);
    d.top = top;
    d.bottom = bottom;
    d.seed = r->o.seed;
    s->count = top + bottom;
    s->value = doubles(r, s->count);
    s->residual = doubles(r, s->count);
    how = cn_eigs(a, &d, s->value, s->residual, NULL);
    check(&r->ctx, "spectrum");
    if (!how.converged) fprintf(stderr, "curvnoise: not every eigenvalue has converged; see the residuals\n");
    for (i = 0; i < bottom / 2; i++) { /* the smallest come ascending */
        v = s->value[top + i];
        s->value[top + i] = s->value[s->count - 1 - i];
        s->value[s->count - 1 - i] = v;
        v = s->residual[top + i];
        s->residual[top + i] = s->residual[s->count - 1 - i];
        s->residual[s->count - 1 - i] = v;
    }
}

/* of all eigenvalues, is this one among --top and --bottom? */
static int is_asked(const run *r, const spectrum *s, size_t i)
{
    if (!s->all || (r->o.top == (uint64_t)-1 && r->o.bottom == (uint64_t)-1)) return 1;
    return (r->o.top != (uint64_t)-1 && i < r->o.top) ||
           (r->o.bottom != (uint64_t)-1 && s->count - 1 - i < r->o.bottom);
}

static void say_numbers(text *t, const char *name, const double *v, size_t n, const run *r, const spectrum *s)
{
    size_t i;
    const char *before = "";
    say(t, ", \"%s\": ", name);
    if (!v) {
        say(t, "null");
        return;
    }
    say(t, "[");
    for (i = 0; i < n; i++)
        if (!s || is_asked(r, s, i)) {
            say(t, "%s%.17g", before, v[i]);
            before = ", ";
        }
    say(t, "]");
}

static void print_spectrum(run *r, const spectrum *s, const char *kind)
{
    text t = CN_ZERO;
    size_t i, j, shown = 0, step;
    double top = 0, mean, bar;
    for (i = 0; i < s->points; i++) top = s->density[i] > top ? s->density[i] : top;
    if (r->o.json) {
        say(&t, "{\"operator\": \"%s\", \"convention\": \"%s\", \"n\": %zu, \"size\": %zu, \"complete\": %d", kind,
            s->about.convention, r->train.n, s->about.size, s->all);
        say_numbers(&t, "eigenvalues", s->value, s->count, r, s);
        say_numbers(&t, "residuals", s->residual, s->count, r, s);
        say_numbers(&t, "density_at", s->at, s->points, r, NULL);
        say_numbers(&t, "density", s->density, s->points, r, NULL);
        say_numbers(&t, "density_se", s->error, s->points, r, NULL);
        say(&t, ", \"density_width\": %.17g}\n", s->width);
    } else if (r->o.csv) {
        say(&t, "what,at,value,error\n");
        for (i = 0; i < s->count; i++)
            if (is_asked(r, s, i))
                say(&t, "eigenvalue,%zu,%.17g,%.3g\n", i, s->value[i], s->residual ? s->residual[i] : 0);
        for (i = 0; i < s->points; i++) say(&t, "density,%.17g,%.17g,%.3g\n", s->at[i], s->density[i], s->error[i]);
    } else {
        say(&t, "%s\n%s; %zu samples, %zu parameters%s%s\n\n", s->about.convention, r->net_text, r->train.n,
            s->about.size, r->o.block ? ", block " : "", r->o.block ? r->o.block : "");
        for (i = 0; i < s->count; i++) {
            if (!is_asked(r, s, i)) continue;
            if (shown++ == 20 && s->all && r->o.top == (uint64_t)-1) {
                say(&t, "  ... %zu more: --json or --csv lists all\n", s->count - 20);
                break;
            }
            if (s->residual)
                say(&t, "  eigenvalue %5zu  %13.7g  residual %.1g\n", i, s->value[i], s->residual[i]);
            else
                say(&t, "  eigenvalue %5zu  %13.7g\n", i, s->value[i]);
        }
        say(&t, "\n  about         density        (bars: its logarithm)\n");
        step = s->points > 30 ? s->points / 30 : 1;
        for (i = 0; i + step <= s->points; i += step) { /* means over 30 parts of the range */
            for (mean = 0, j = i; j < i + step; j++) mean += s->density[j] / (double)step;
            bar = mean > 0 ? 40 + 8 * log10(mean / top) : 0; /* five powers of ten */
            say(&t, "  %-12.4g  %-12.4g  %.*s\n", (s->at[i] + s->at[i + step - 1]) / 2, mean,
                bar > 0 ? (int)(bar + 0.5) : 0, "########################################");
        }
    }
    print_all(&t);
}

/* ---- the picture: logarithm of the density against the eigenvalue, ticks below where the eigenvalues are */

enum { WIDE = 760, HIGH = 460, LEFT = 78, RIGHT = 24, TOP = 74, BOTTOM = 112 };
typedef struct axes {
    double x0, x1, y0, y1;
} axes; /* y as powers of ten */

static double px(const axes *a, double x) { return LEFT + (x - a->x0) / (a->x1 - a->x0) * (WIDE - LEFT - RIGHT); }
static double py(const axes *a, double y) { return TOP + (a->y1 - y) / (a->y1 - a->y0) * (HIGH - TOP - BOTTOM); }

static void say_escaped(text *t, const char *s, size_t most)
{
    for (; *s && most; s++, most--)
        if (*s == '<')
            say(t, "&lt;");
        else if (*s == '>')
            say(t, "&gt;");
        else if (*s == '&')
            say(t, "&amp;");
        else
            say(t, "%c", *s);
    if (*s) say(t, "&#8230;");
}

static void draw_axes(text *t, const axes *a)
{
    double step = pow(10, floor(log10((a->x1 - a->x0) / 4))), x;
    int e, every = (int)ceil((a->y1 - a->y0) / 9);
    if ((a->x1 - a->x0) / step > 20)
        step *= 5;
    else if ((a->x1 - a->x0) / step > 9)
        step *= 2;
    say(t, "<g font-size=\"13\" fill=\"#333\" stroke=\"none\">\n");
    for (x = ceil(a->x0 / step) * step; x <= a->x1; x += step) {
        say(t, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#e4e4e4\"/>", px(a, x), TOP, px(a, x),
            HIGH - BOTTOM);
        say(t, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s%.4g</text>\n", px(a, x), HIGH - BOTTOM + 36,
            x < -step / 2 ? "&#8722;" : "", fabs(x) < step / 2 ? 0 : fabs(x));
    }
    for (e = (int)ceil(a->y0); e <= a->y1; e += every) {
        say(t, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e4e4e4\"/>", LEFT, py(a, e), WIDE - RIGHT,
            py(a, e));
        say(t,
            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">10<tspan dy=\"-5\" font-size=\"10\">%s%d</tspan></text>\n",
            LEFT - 8, py(a, e) + 4, e < 0 ? "&#8722;" : "", abs(e));
    }
    say(t, "</g>\n");
}

static void draw(run *r, const spectrum *s)
{
    static const char *const names[KINDS] = {"Hessian",
                                             "Gauss-Newton matrix",
                                             "Fisher information",
                                             "gradient second moment",
                                             "gradient covariance",
                                             "Jacobian second moment"};
    text t = CN_ZERO;
    axes a;
    double most = 0, least;
    size_t i;
    const char *pen = "M";
    for (i = 0; i < s->points; i++) most = s->density[i] > most ? s->density[i] : most;
    least = 0.25 / (ROOT_2_PI * s->width * (double)s->about.size); /* a quarter of the height of one eigenvalue */
    a.x0 = s->at[0];
    a.x1 = s->at[s->points - 1];
    a.y0 = log10(least);
    a.y1 = log10(most > 2 * least ? most : 2 * least) + 0.15;
    if (!(a.x1 > a.x0)) stop(2, "--points 1: a picture needs more");
    say(&t,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
        "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" fill=\"#111\">\n<title>Spectrum of the "
        "%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
        WIDE, HIGH, WIDE, HIGH, names[r->o.kind]);
    say(&t,
        "<text x=\"%d\" y=\"30\" font-size=\"18\" font-weight=\"bold\">Spectrum of the %s</text>\n<text x=\"%d\" "
        "y=\"52\" font-size=\"13\" fill=\"#444\">",
        LEFT, names[r->o.kind], LEFT);
    say_escaped(&t, r->net_text, 86);
    say(&t, "</text>\n<text x=\"%d\" y=\"30\" font-size=\"13\" fill=\"#444\" text-anchor=\"end\">%s", WIDE - RIGHT,
        r->o.block ? "block " : "");
    say_escaped(&t, r->o.block ? r->o.block : "", 30);
    say(&t, "%s<tspan font-style=\"italic\">P</tspan> = %zu, <tspan font-style=\"italic\">n</tspan> = %zu</text>\n",
        r->o.block ? ", " : "", s->about.size, r->train.n);
    draw_axes(&t, &a);
    say(&t,
        "<path fill=\"#0072B2\" fill-opacity=\"0.22\" stroke=\"#0072B2\" stroke-width=\"1.4\" "
        "stroke-linejoin=\"round\" d=\"M%.2f %d",
        px(&a, a.x0), HIGH - BOTTOM);
    for (i = 0; i < s->points; i++)
        say(&t, "L%.2f %.2f", px(&a, s->at[i]), py(&a, log10(s->density[i] > least ? s->density[i] : least)));
    say(&t, "L%.2f %dZ\"/>\n<path stroke=\"#111\" stroke-width=\"0.7\" stroke-opacity=\"0.6\" d=\"", px(&a, a.x1),
        HIGH - BOTTOM);
    for (i = 0; i < s->count; i++) say(&t, "%s%.2f %dv9", pen, px(&a, s->value[i]), HIGH - BOTTOM + 5);
    say(&t, "\"/>\n<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#555\"/>\n", LEFT, TOP,
        WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM);
    say(&t,
        "<text x=\"%d\" y=\"%d\" font-size=\"14\" text-anchor=\"middle\">eigenvalue <tspan "
        "font-style=\"italic\">&#955;</tspan></text>\n",
        (LEFT + WIDE - RIGHT) / 2, HIGH - BOTTOM + 58);
    say(&t, "<text transform=\"translate(22 %d) rotate(-90)\" font-size=\"14\" text-anchor=\"middle\">density</text>\n",
        (TOP + HIGH - BOTTOM) / 2);
    say(&t, "<g font-size=\"12\" fill=\"#444\"><text x=\"%d\" y=\"%d\">", LEFT, HIGH - 32);
    say_escaped(&t, s->about.convention, 200);
    if (s->all)
        say(&t,
            ".</text>\n<text x=\"%d\" y=\"%d\">Curve: all eigenvalues, a Gaussian of standard deviation %.3g on each. "
            "Ticks: where they are.",
            LEFT, HIGH - 14, s->width);
    else
        say(&t,
            ".</text>\n<text x=\"%d\" y=\"%d\">Curve: Lanczos quadrature, %d runs, Gaussians of standard deviation "
            "%.3g. Ticks: the %zu outermost.",
            LEFT, HIGH - 14, (int)r->o.runs, s->width, s->count);
    say(&t, "</text></g>\n</svg>\n");
    write_file(r, r->o.svg, t.at, t.n);
}

static void spectrum_command(run *r)
{
    spectrum s;
    cn_op *a;
    const word *w;
    memset(&s, 0, sizeof s);
    if (r->o.svg) must_be_a_file(r->o.svg);
    read_all(r);
    for (w = kind_words; w->value != r->o.kind; w++) continue;
    r->now = "spectrum";
    a = cn_op_of(r->train.point, r->o.kind, r->block);
    check(&r->ctx, "--operator");
    s.about = cn_op_describe(a);
    eigenvalues(r, a, &s);
    density_of(r, a, &s);
    end_line();
    if (interrupted) stop(1, "interrupted; nothing was written");
    if (r->o.svg) draw(r, &s);
    print_spectrum(r, &s, w->text);
}

/* ---- the program ---- */

typedef struct command {
    const char *name;
    int bit;
    void (*run)(run *r);
    const char *needs, *says, *example;
} command;
static const command commands[] = {
    {"train", TRAIN, train, "--net --x --y --out", "trains a network and writes its weights",
     "  curvnoise train --net \"input 64; dense 24; relu; dense 10\" --x images-idx3-ubyte --y labels-idx1-ubyte "
     "--scale 16 \\\n"
     "      --epochs 20 --lr 0.1 --momentum 0.9 --out model.safetensors\n"
     "  ... --opt sam --rho 0.05                  sharpness-aware; --opt nso --sigma 0.01: noise on both sides of the "
     "weights\n"
     "  ... --schedule step:10,0.1                the step size times 0.1 every 10 epochs\n"
     "  ... --resume                              after ctrl-C or a crash: the same command, and the same bits as "
     "without the interruption\n"
     "OUT.state keeps weights, velocity and step beside OUT; remove it when you are done. Data, options and seed of a "
     "resumed run must be the\n"
     "first one's; more --epochs are fine unless the schedule is cosine. Then the basics of the trained network are "
     "printed.\n"},
    {"measure", MEASURE, measure, "--net --params --x --y", "prints the numbers of a trained network",
     "  curvnoise measure --net @net.txt --params model.safetensors --x train-x.npy --y train-y.npy --x-test "
     "test-x.npy --y-test test-y.npy\n"
     "  ... --only loss,trace_h,tic --json        just these, for a script\n"
     "  ... --block 2.weight                      operators of one layer's weight: item 2 of the network, as in a "
     "PyTorch Sequential\n"
     "  ... --probes 400                          random probes, with standard errors, instead of exact traces\n"
     "Everything is over the training set, except, where a test set is given: loss_test, accuracy_test, tic*, "
     "trace_ratio_cf, sensitivity,\n"
     "tpv_iso. --block is for operators; loss, grad_norm, params, aic, sensitivity and mls are of the whole network. "
     "Exact where a few passes\n"
     "suffice or P <= 5000, else 100 probes: KEY_se is one standard error (0: exact), KEY_probes their number (0: "
     "exact). null: has no\n"
     "meaning here (the table says why). --csv prints key,value,se,probes.\n"},
    {"spectrum", SPECTRUM, spectrum_command, "--net --params --x --y", "eigenvalues and their density; draws a picture",
     "  curvnoise spectrum --net @net.txt --params model.safetensors --x x.npy --y y.npy --svg hessian.svg\n"
     "  ... --operator c --block 0.weight --json  the gradients' second moment in one layer\n"
     "  ... --top 20 --bottom 5                   only the largest and smallest; by Lanczos, with residuals, where P > "
     "5000\n"
     "--json: eigenvalues (descending) and residuals (null: computed directly), density_at, density, density_se (0: of "
     "all eigenvalues, else\n"
     "of the random starts), density_width. --csv prints what,at,value,error: the index of an eigenvalue, the place of "
     "a density.\n"},
    {"prune", 0, NULL, NULL, "removes channels (not built yet)", NULL},
    {"tpv", 0, NULL, NULL, "theory and simulation of test prediction variance side by side (not built yet)", NULL},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help(void)
{
    text t = CN_ZERO;
    int i;
    say(&t, "curvnoise: train a small network, measure its loss surface and its gradient noise.\n\n"
            "  curvnoise COMMAND [options]               curvnoise COMMAND --help teaches the command\n\n");
    for (i = 0; i < COMMANDS; i++) say(&t, "  %-10s %s\n", commands[i].name, commands[i].says);
    say(&t, "\nTwo commands, from data to numbers:\n\n%s\n%s\n",
        "  curvnoise train --net \"input 784; dense 32; relu; dense 10\" --x train-images --y train-labels --epochs 5 "
        "--out model.safetensors",
        "  curvnoise measure --net \"input 784; dense 32; relu; dense 10\" --params model.safetensors --x train-images "
        "--y train-labels");
    say(&t, "\nA network: items between semicolons (or lines of @FILE), fields by spaces:\n"
            "  input 784 | input 1 28 28     dense 50 [bias=0]     conv 16 3 [stride=2 pad=1 groups=4 bias=0]     "
            "maxpool 2 [stride=2]     avgpool 2\n"
            "  gap   flatten   batchnorm   dropout 0.1   relu   leaky 0.01   tanh   sigmoid   softplus   gelu   silu   "
            "softmax\n"
            "  residual { conv 16 3 pad=1; batchnorm; relu; conv 16 3 pad=1; batchnorm } [skip { conv 16 1 }]\n\n"
            "Weights: safetensors with the names of a PyTorch nn.Sequential of the same items, so "
            "save_file(model.state_dict()) opens as it is.\n"
            "Exit code: 0 well; 2 bad input, one sentence on standard error; 1 anything else (interrupted, out of "
            "memory, diverged).\n");
    print_all(&t);
}

static void help_command(const command *c)
{
    text t = CN_ZERO;
    int i, group = -1;
    say(&t, "curvnoise %s: %s. Needs %s.\n\n%s\n", c->name, c->says, c->needs, c->example);
    for (i = 0; i < OPTIONS; i++)
        if (table[i].commands & c->bit)
            say(&t, "  %-14s %-7s %s\n", table[i].name, table[i].arg ? table[i].arg : "", table[i].says);
    for (i = 0; i < KEYS && c->bit == MEASURE; i++) {
        if (keys[i].group != group) say(&t, "\nkeys: %s\n", group_names[group = keys[i].group]);
        if (keys[i].of)
            say(&t, "  %-16s %s%s\n", keys[i].name, keys[i].says,
                keys[i].extras & SAMPLED    ? " [_se, _probes]"
                : keys[i].extras & ITERATED ? " [_residual]"
                                            : "");
        else
            say(&t, "  not built yet: %s\n", keys[i].name);
    }
    print_all(&t);
}

static void must_have(const options *o, const command *c)
{
    int i;
    for (i = 0; i < OPTIONS; i++)
        if (strstr(c->needs, table[i].name) && !*(const char *const *)(const void *)((const char *)o + table[i].at))
            stop(2, "%s is missing; `curvnoise %s --help` shows an example", table[i].name, c->name);
}

int main(int argc, char **argv)
{
    run r;
    const command *c = commands;
    options *o = &r.o;
    long pages;
    memset(&r, 0, sizeof r);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGXFSZ, SIG_IGN); /* a full disk is an error of write(), not a signal */
    if (argc < 2) stop(2, "expected a command (train, measure, spectrum); `curvnoise --help` explains");
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        help();
        return 0;
    }
    while (c < commands + COMMANDS && strcmp(argv[1], c->name)) c++;
    if (c == commands + COMMANDS)
        stop(2, "%s: expected a command (train, measure, spectrum); `curvnoise --help` explains", argv[1]);
    if (!c->run) stop(2, "%s is not built yet", c->name);
    r.command = c->name;
    o->lr = 0.1;
    o->rho = 0.05;
    o->sigma = 0.01;
    o->batch = 32;
    o->epochs = 10;
    o->k = 1;
    o->seed = 1;
    o->save_every = 30;
    o->points = 400;
    o->runs = 10;
    o->steps = 80;
    o->momentum = -1;
    o->base = -1;
    o->schedule = "constant";
    o->top = o->bottom = (uint64_t)-1;
    read_options(o, c->bit, c->name, argc - 2, argv + 2);
    if (o->help) {
        help_command(c);
        return 0;
    }
    if (o->opt >= 100) {
        o->opt -= 100;
        o->base = 1;
    }
    if (o->momentum < 0) o->momentum = o->base == 1 ? 0.9 : 0;
    if (o->json && o->csv) stop(2, "--json and --csv exclude each other");
    must_have(o, c);
    pages = sysconf(_SC_PHYS_PAGES);
    /* a sentence instead of swapping */
    if (pages > 0) r.ctx.limit_bytes = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
    c->run(&r);
    cn_free_all(&r.ctx);
    return 0;
}
