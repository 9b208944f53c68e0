/* digits.c: trains one small network on real handwritten digits four ways, at equal gradient cost, and compares where
   the four landed.

       cc -O2 digits.c -lm -o digits && ./digits --svg digits.svg

   The way of the program is the way of the library: network + data = problem; train; a point at the trained weights;
   operators of that point (H: Hessian, C: second moment of the per-sample gradients, F: Fisher); measures. The data are
   compiled in (data/digits.h). */
#define _POSIX_C_SOURCE 200112L /* isatty */
#ifndef CN_REAL
#define CN_REAL double /* TIC divides by small eigenvalues */
#endif
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include "data/digits.h"
#include "plot.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NET "input 64; dense 16; relu; dense 10"
#define CUT 1e-4 /* the exponent is fitted over eigenvalues above CUT times the largest (the caption says so) */
enum { TRAIN = 1400, TEST = 397, PIXELS = 64, PARAMS = 64 * 16 + 16 + 16 * 10 + 10, BATCH = 32, SEED = 36, RUNS = 4 };

/* Equal gradient cost: SAM and NSO take two gradients a step, so they get half the epochs (and twice the step size). */
typedef struct recipe {
    const char *key, *name;
    int colour, rule, epochs, gradients;
    double lr, momentum, rho, sigma;
} recipe;
static const recipe recipes[RUNS] = {
    {"sgd", "SGD", 0, CN_RULE_PLAIN, 100, 1, 0.1, 0, 0, 0},
    {"momentum", "momentum", 1, CN_RULE_PLAIN, 100, 1, 0.05, 0.9, 0, 0},
    {"sam", "SAM", 2, CN_RULE_SAM, 50, 2, 0.2, 0, 0.375, 0},
    {"nso", "NSO", 3, CN_RULE_NSO, 50, 2, 0.2, 0, 0, 0.13},
};

enum {
    LOSS,
    ACCURACY,
    LOSS_TEST,
    ACCURACY_TEST,
    GAP,
    TRACE_H,
    LAMBDA,
    TRACE_C,
    TRACE_F,
    TIC,
    KEPT,
    NEGATIVE,
    TO_CUT,
    MLS,
    TPV,
    MEASURES
};
static const struct {
    const char *key, *label, *set;
    int digits;
} measures[MEASURES] = {
    {"loss", "loss", "train", 4},
    {"accuracy", "accuracy", "train", 4},
    {"loss_test", "loss", "test", 4},
    {"accuracy_test", "accuracy", "test", 4},
    {"gap", "gap (test loss - train loss)", "", 4},
    {"trace_h", "tr H, curvature", "train", 3},
    {"lambda_max_h", "largest eigenvalue of H", "train", 3},
    {"trace_c", "tr C, gradient noise", "train", 3},
    {"trace_f", "tr F, Fisher", "train", 3},
    {"tic", "TIC = tr(H^-1 C) / 1400", "test", 4},
    {"tic_kept", "  eigenvalues kept", "test", 0},
    {"tic_negative", "  eigenvalues below zero", "test", 0},
    {"tic_gap_to_cut", "  nearest eigenvalue to cut", "test", 4},
    {"mls", "MLS, sensitivity to inputs", "train", 3},
    {"tpv_iso", "TPV, to weight noise, sd 1", "test", 1},
};

typedef struct spectrum {
    size_t m;
    double lambda[PARAMS], c[PARAMS], gamma, error, log_scale;
} spectrum;
typedef struct demo {
    cn_ctx ctx;
    cn_net *net;
    cn_problem *train, *test;
    cn_real *theta;
    double value[RUNS][MEASURES];
    const char *dump, *load, *svg, *now;
    int json, progress, percent;
} demo;
static spectrum spectra[RUNS];
static const cn_block whole = {0, 0};

/* ---- from data to measures ---- */

static int show_progress(void *user, const cn_progress *p) {
    demo *d = (demo *)user;
    int percent = (int)(100 * p->done / p->total);
    if (percent != d->percent) fprintf(stderr, "\r%-9s %-16s %3d %%", d->now, p->what, percent);
    d->percent = percent;
    return 0;
}

static cn_problem *digits_problem(demo *d, size_t first, size_t n) {
    cn_data data = CN_ZERO;
    data.x = cn_tensor_of(digits_x + first * PIXELS, CN_TYPE_U8, 2, n, PIXELS, 0, 0);
    data.scale = 1.0 / 16;
    data.y = cn_tensor_of(digits_y + first, CN_TYPE_U8, 1, n, 0, 0, 0);
    return cn_problem_create(&d->ctx, d->net, &data, NULL);
}

static void train(demo *d, const recipe *r) {
    cn_train_desc how = CN_ZERO;
    cn_net_init(d->net, CN_INIT_AUTO, SEED, d->theta);
    how.epochs = (size_t)r->epochs;
    how.batch = BATCH;
    how.seed = how.opt.seed = SEED;
    how.opt.lr = r->lr;
    how.opt.momentum = r->momentum;
    how.opt.rule = r->rule;
    how.opt.rho = r->rho;
    how.opt.sigma = r->sigma;
    cn_train(d->train, d->theta, &how);
}

static double trace(demo *d, cn_point *at, int kind) /* exact: of H too, because the network is piecewise linear */
{
    cn_op *a = cn_op_of(at, kind, whole);
    double value = cn_trace(a, NULL).value;
    cn_free(&d->ctx, a);
    return value;
}

static void measure(demo *d, cn_point *train, cn_point *test, double *v) {
    cn_mls_desc sensitivity = CN_ZERO;
    cn_eval on_train = cn_evaluate(d->train, d->theta, NULL, NULL),
            on_test = cn_evaluate(d->test, d->theta, NULL, NULL);
    cn_op *hessian = cn_op_of(train, CN_OP_HESSIAN, whole);
    cn_tic_desc paper = CN_ZERO;
    cn_tic_result tic;
    cn_noise_desc noise = CN_ZERO;
    v[LOSS] = on_train.loss;
    v[ACCURACY] = (double)on_train.correct / TRAIN;
    v[LOSS_TEST] = on_test.loss;
    v[ACCURACY_TEST] = (double)on_test.correct / TEST;
    v[GAP] = v[LOSS_TEST] - v[LOSS];
    v[TRACE_H] = trace(d, train, CN_OP_HESSIAN);
    cn_eigs(hessian, NULL, &v[LAMBDA], NULL, NULL);
    cn_free(&d->ctx, hessian);
    v[TRACE_C] = trace(d, train, CN_OP_SECOND_MOMENT);
    v[TRACE_F] = trace(d, train, CN_OP_FISHER);
    paper.train_n = TRAIN; /* H and C over the test set, N of the training set */
    tic = cn_tic(test, &paper);
    v[TIC] = tic.tic;
    v[TO_CUT] = tic.gap_to_cut;
    v[KEPT] = (double)tic.kept;
    v[NEGATIVE] = (double)tic.negative;
    sensitivity.want = CN_MLS_INPUT;
    v[MLS] = cn_mls(train, &sensitivity).mls;
    noise.sd = 1;
    v[TPV] = cn_tpv(test, &noise, NULL).value;
}

/* Least-squares line log C_jj = gamma log lambda_j + log_scale. */
static void fit(spectrum *s) {
    double x = 0, y = 0, xx = 0, xy = 0, rest = 0, m = (double)s->m, e;
    size_t j;
    for (j = 0; j < s->m; j++) {
        x += log(s->lambda[j]) / m;
        y += log(s->c[j]) / m;
    }
    for (j = 0; j < s->m; j++) {
        xx += (log(s->lambda[j]) - x) * (log(s->lambda[j]) - x);
        xy += (log(s->lambda[j]) - x) * (log(s->c[j]) - y);
    }
    s->gamma = xy / xx;
    s->log_scale = y - s->gamma * x;
    for (j = 0; j < s->m; j++) {
        e = log(s->c[j]) - s->gamma * log(s->lambda[j]) - s->log_scale;
        rest += e * e;
    }
    s->error = sqrt(rest / (m - 2) / xx);
}

/* The eigenvalues of H and, along its eigenvectors, the gradients' second moment C_jj = v_j'C v_j. */
static void spectrum_of(demo *d, cn_point *at, spectrum *s) {
    cn_op *h = cn_op_of(at, CN_OP_HESSIAN, whole), *c = cn_op_of(at, CN_OP_SECOND_MOMENT, whole);
    cn_real *dense = cn_vector(&d->ctx, (size_t)PARAMS * PARAMS),
            *vectors = cn_vector(&d->ctx, (size_t)PARAMS * PARAMS);
    size_t j, points;
    cn_op_dense(h, dense);
    cn_eigen(&d->ctx, PARAMS, dense, 0, CUT, s->lambda, vectors, &s->m);
    cn_op_quadratic(c, s->m, vectors, s->c);
    cn_free(&d->ctx, vectors);
    cn_free(&d->ctx, dense);
    cn_free(&d->ctx, c);
    cn_free(&d->ctx, h);
    if (d->ctx.status) return;
    for (j = points = 0; j < s->m; j++) /* what has a logarithm */
        if (s->c[j] > 0) {
            s->lambda[points] = s->lambda[j];
            s->c[points++] = s->c[j];
        }
    s->m = points;
    fit(s);
}

/* ---- weights in files: PREFIX-NAME.theta.txt, a line with the network, then one hexadecimal number a line ---- */

static int dump(demo *d, const recipe *r) {
    char path[4096];
    int bad;
    size_t j;
    FILE *f;
    snprintf(path, sizeof path, "%s-%s.theta.txt", d->dump, r->key);
    if (!(f = fopen(path, "w"))) {
        fprintf(stderr, "digits: cannot write %s\n", path);
        return 1;
    }
    fprintf(f, "# net: %s\n", NET);
    for (j = 0; j < PARAMS; j++) fprintf(f, "%a\n", (double)d->theta[j]);
    bad = ferror(f);
    if (fclose(f) || bad) {
        fprintf(stderr, "digits: writing %s failed\n", path);
        return 1;
    }
    return 0;
}

static int load(demo *d, const recipe *r) {
    char path[4096], line[256], *end;
    size_t count = 0;
    int good;
    FILE *f;
    snprintf(path, sizeof path, "%s-%s.theta.txt", d->load, r->key);
    if (!(f = fopen(path, "r"))) {
        fprintf(stderr, "digits: cannot read %s\n", path);
        return 2;
    }
    good = fgets(line, sizeof line, f) && !strcmp(line, "# net: " NET "\n");
    while (good && fgets(line, sizeof line, f)) {
        double value = strtod(line, &end);
        good = end != line && *end == '\n' && value - value == 0 && count < PARAMS;
        if (good) d->theta[count++] = (cn_real)value;
    }
    fclose(f);
    if (good && count == PARAMS) return 0;
    fprintf(stderr, "digits: %s is no list of %d finite numbers after the line \"# net: %s\" (stopped at number %lu)\n",
            path, PARAMS, NET, (unsigned long)count + 1);
    return 2;
}

/* ---- what is printed ---- */

static void print_json(demo *d) {
    int i, k;
    for (i = 0; i < RUNS; i++) {
        printf("{\"optimiser\":\"%s\"", recipes[i].key);
        for (k = 0; k < MEASURES; k++) printf(",\"%s\":%.17g", measures[k].key, d->value[i][k]);
        printf("}\n");
    }
}

static void print_table(demo *d) {
    int i, k;
    printf("8x8 digits, %d to train, %d to test; %s; %d parameters\n\n%-30s %-5s", TRAIN, TEST, NET, PARAMS, "",
           "over");
    for (i = 0; i < RUNS; i++) printf(" %10s", recipes[i].name);
    printf("\n%-36s", "batch gradients");
    for (i = 0; i < RUNS; i++)
        printf(" %10d", recipes[i].epochs * recipes[i].gradients * ((TRAIN + BATCH - 1) / BATCH));
    for (k = 0; k < MEASURES; k++) {
        printf("\n%-30s %-5s", measures[k].label, measures[k].set);
        for (i = 0; i < RUNS; i++) printf(" %10.*f", measures[k].digits, d->value[i][k]);
    }
    printf("\n\n");
}

/* of the pairs of networks, how many does it order as their gaps are ordered? */
static int pairs_in_order(demo *d, int measure) {
    int i, k, count = 0;
    for (i = 0; i < RUNS; i++)
        for (k = 0; k < i; k++)
            count += (d->value[i][measure] - d->value[k][measure]) * (d->value[i][GAP] - d->value[k][GAP]) > 0;
    return count;
}

static void print_reading(demo *d) {
    double cut = d->value[0][TO_CUT];
    const double *sgd = d->value[0];
    int i;
    printf(
        "How to read it: tr H falls with the training loss, so compare both. As multiples of %s's, tr H and\nloss are",
        recipes[0].name);
    for (i = 1; i < RUNS; i++) {
        printf("%s %s %.2f and %.2f", i > 1 ? "," : "", recipes[i].name, d->value[i][TRACE_H] / sgd[TRACE_H],
               d->value[i][LOSS] / sgd[LOSS]);
        cut = fmin(cut, d->value[i][TO_CUT]);
    }
    printf(". Of the %d pairs of networks,\nTIC puts %d in the order of their gaps, tr H %d (four networks illustrate, "
           "they prove nothing);\n"
           "the eigenvalue nearest to TIC's cut lies %.2g %% from it.\n",
           RUNS * (RUNS - 1) / 2, pairs_in_order(d, TIC), pairs_in_order(d, TRACE_H), 100 * cut);
}

/* ---- the picture: C_jj against lambda_j, log-log, a panel for each optimiser, all with the same axes ---- */

enum { LEFT = 66, TOP = 92, SIDE = 208, BETWEEN = 20, WIDTH = LEFT + RUNS * SIDE + (RUNS - 1) * BETWEEN + 14 };

static void axes_of(plot_axis *x, plot_axis *y) /* pixels as in the first panel; a power of ten is as long both ways */
{
    const plot_axis none = {1e99, 1e-99, 0, 0, PLOT_LOG};
    int i;
    size_t j;
    *x = *y = none;
    for (i = 0; i < RUNS; i++)
        for (j = 0; j < spectra[i].m; j++) {
            x->from = fmin(x->from, spectra[i].lambda[j] / 1.4);
            x->to = fmax(x->to, spectra[i].lambda[j] * 1.4);
            y->from = fmin(y->from, spectra[i].c[j] / 1.4);
            y->to = fmax(y->to, spectra[i].c[j] * 1.4);
        }
    x->first = LEFT;
    x->last = LEFT + SIDE;
    y->last = TOP;
    y->first = TOP + SIDE * log(y->to / y->from) / log(x->to / x->from);
}

static void draw_panel(plot *p, const plot_axis *x, const plot_axis *y, int i) {
    const spectrum *s = &spectra[i];
    const char *name = recipes[i].name;
    double ends[2], fit[2], dashed[2];
    plot_frame(p, x, y, i ? PLOT_X : PLOT_X | PLOT_Y);
    dashed[0] = x->from;
    dashed[1] = x->to;
    plot_line(p, x, y, 2, dashed, dashed, PLOT_SOFT, 1.2, "5 4");
    plot_dots(p, x, y, s->m, s->lambda, s->c, recipes[i].colour, 2);
    if (s->m > 2) {
        ends[0] = s->lambda[s->m - 1];
        ends[1] = s->lambda[0];
        fit[0] = exp(s->log_scale + s->gamma * log(ends[0]));
        fit[1] = exp(s->log_scale + s->gamma * log(ends[1]));
        plot_line(p, x, y, 2, ends, fit, PLOT_INK, 1.8, NULL);
    }
    plot_text(p, x->first, TOP - 9, 15, PLOT_START | PLOT_BOLD, recipes[i].colour, "%s", name);
    plot_text(p, x->last - 8, y->first - 28, 13, PLOT_END, PLOT_INK, "*&#947;* = %.3f &#177; %.3f", s->gamma, s->error);
    plot_text(p, x->last - 8, y->first - 11, 12, PLOT_END, PLOT_SOFT, "*m* = %lu", (unsigned long)s->m);
}

static int draw(demo *d) {
    plot p = {0};
    plot_axis x, y;
    char about[400] = "Four log-log scatter plots of C_jj against lambda_j, the eigenvalues of the Hessian. Exponents:";
    int i;
    double bottom;
    axes_of(&x, &y);
    bottom = y.first;
    for (i = 0; i < RUNS; i++)
        snprintf(about + strlen(about), sizeof about - strlen(about), " %s %.3f (standard error %.3f, m %lu)%s",
                 recipes[i].name, spectra[i].gamma, spectra[i].error, (unsigned long)spectra[i].m,
                 i < RUNS - 1 ? "," : ".");
    plot_begin(&p, WIDTH, bottom + 122, "Gradient noise against curvature after four optimisers", about);
    plot_text(&p, LEFT, 30, 18, PLOT_START | PLOT_BOLD, PLOT_INK, "Gradient noise against curvature");
    plot_text(&p, LEFT, 51, 13, PLOT_START, PLOT_SOFT,
              "8&#215;8 digits, network &#8220;%s&#8221;, trained four ways at equal gradient cost", NET);
    for (i = 0; i < RUNS; i++) {
        draw_panel(&p, &x, &y, i);
        x.first += SIDE + BETWEEN;
        x.last += SIDE + BETWEEN;
    }
    plot_text(&p, LEFT + (WIDTH - LEFT - 14) / 2, bottom + 42, 13, PLOT_MIDDLE, PLOT_INK,
              "eigenvalue of the Hessian, *&#955;_{j}*");
    plot_text(&p, 19, (TOP + bottom) / 2, 13, PLOT_MIDDLE | PLOT_TURNED, PLOT_INK, "gradient noise, *C_{jj}*");
    plot_text(&p, LEFT, bottom + 70, 12, PLOT_START, PLOT_SOFT,
              "Points: eigenvectors *v_{j}* of the Hessian H over the %d training images; *C_{jj}* = "
              "*v_{j}&#8242;Cv_{j}*: mean square of the per-sample gradients along *v_{j}*.",
              TRAIN);
    plot_text(&p, LEFT, bottom + 88, 12, PLOT_START, PLOT_SOFT,
              "Solid: least-squares fit *C_{jj}* &#8733; *&#955;_{j}^{&#947;}* over the *m* eigenvalues above 10^{-4} "
              "of the largest; &#177; one standard error (*m* &#8722; 2 degrees of freedom).");
    plot_text(&p, LEFT, bottom + 106, 12, PLOT_START, PLOT_SOFT,
              "Dashed: *C_{jj}* = *&#955;_{j}*, slope 1. Both axes have the same scale.");
    plot_end(&p);
    if (p.failed)
        fprintf(stderr, "digits: no memory for the picture\n");
    else if (cn_file_write(&d->ctx, d->svg, p.svg, p.n))
        fprintf(stderr, "digits: --svg: %s\n", d->ctx.message);
    free(p.svg);
    return p.failed || d->ctx.status;
}

/* ---- the program ---- */

static const char help[] = "usage: digits [options]\n"
                           "Trains a small network on 8x8 digits with SGD, momentum, SAM and NSO and prints what "
                           "curvature and gradient noise are where they end.\n"
                           "  --svg FILE     draw the spectra into FILE\n"
                           "  --json         one JSON object for each optimiser instead of the table\n"
                           "  --dump PREFIX  write the weights to PREFIX-NAME.theta.txt\n"
                           "  --load PREFIX  measure the weights in PREFIX-NAME.theta.txt instead of training\n"
                           "  --progress     a progress line on standard error even where that is no terminal\n"
                           "  --help         this text\n";

static int options(demo *d, int argc, char **argv) /* -1: go on; else the exit code */
{
    int i;
    d->progress = isatty(fileno(stderr));
    for (i = 1; i < argc; i++) {
        const char *name = argv[i];
        const char **text = !strcmp(name, "--svg")    ? &d->svg
                            : !strcmp(name, "--dump") ? &d->dump
                            : !strcmp(name, "--load") ? &d->load
                                                      : NULL;
        if (text && i + 1 < argc)
            *text = argv[++i];
        else if (!strcmp(name, "--json"))
            d->json = 1;
        else if (!strcmp(name, "--progress"))
            d->progress = 1;
        else if (!strcmp(name, "--help")) {
            fputs(help, stdout);
            return 0;
        } else {
            fprintf(stderr, text ? "digits: %s wants a file name\n" : "digits: unknown option %s; --help lists them\n",
                    name);
            return 2;
        }
    }
    return -1;
}

static int run(demo *d, int i) {
    cn_point *train_point, *test_point;
    int bad = 0;
    d->now = recipes[i].name;
    if (d->load)
        bad = load(d, &recipes[i]);
    else
        train(d, &recipes[i]);
    if (!bad && d->dump) bad = dump(d, &recipes[i]);
    if (bad) return bad;
    train_point = cn_point_create(d->train, d->theta, 0);
    test_point = cn_point_create(d->test, d->theta, 0);
    measure(d, train_point, test_point, d->value[i]);
    if (d->svg) spectrum_of(d, train_point, &spectra[i]);
    cn_free(&d->ctx, train_point);
    cn_free(&d->ctx, test_point);
    return d->ctx.status;
}

static int report(demo *d) {
    if (d->svg && draw(d)) return 1;
    if (d->json)
        print_json(d);
    else {
        print_table(d);
        print_reading(d);
    }
    if (d->svg && !d->json) printf("The picture is in %s.\n", d->svg);
    if (!fflush(stdout) && !ferror(stdout)) return 0;
    fprintf(stderr, "digits: writing the results failed\n");
    return 1;
}

int main(int argc, char **argv) {
    demo d = CN_ZERO;
    int i, code = options(&d, argc, argv);
    if (code >= 0) return code;
    if (d.progress) {
        d.ctx.progress = show_progress;
        d.ctx.progress_user = &d;
    }
    d.net = cn_net_create(&d.ctx, NET);
    d.train = digits_problem(&d, 0, TRAIN);
    d.test = digits_problem(&d, TRAIN, TEST);
    d.theta = cn_vector(&d.ctx, PARAMS);
    for (i = 0, code = d.ctx.status; i < RUNS && !code; i++) code = run(&d, i);
    if (d.progress) fprintf(stderr, "\r%40s\r", "");
    if (d.ctx.status) {
        fprintf(stderr, "digits: %s\n", d.ctx.message);
        code = 1;
    }
    if (!code) code = report(&d);
    cn_free_all(&d.ctx);
    return code;
}
