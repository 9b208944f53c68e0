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
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NET "input 64; dense 16; relu; dense 10"
#define CUT 1e-4 /* the exponent is fitted over eigenvalues above CUT times the largest (the caption says so) */
enum { TRAIN = 1400, TEST = 397, PIXELS = 64, PARAMS = 64 * 16 + 16 + 16 * 10 + 10, BATCH = 32, SEED = 21, RUNS = 4 };

/* Equal gradient cost: SAM and NSO take two gradients a step, so they get half the epochs (and twice the step size). */
typedef struct recipe {
    const char *key, *name, *colour;
    int rule, epochs, gradients;
    double lr, momentum, rho, sigma;
} recipe;
static const recipe recipes[RUNS] = {
    {"sgd", "SGD", "#0072B2", CN_PLAIN, 100, 1, 0.1, 0, 0, 0},
    {"momentum", "momentum", "#D55E00", CN_PLAIN, 100, 1, 0.05, 0.9, 0, 0},
    {"sam", "SAM", "#009E73", CN_SAM, 50, 2, 0.2, 0, 0.3, 0},
    {"nso", "NSO", "#AA4499", CN_NSO, 50, 2, 0.2, 0, 0, 0.14},
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

static int show_progress(void *user, const cn_progress *p)
{
    demo *d = (demo *)user;
    int percent = (int)(100 * p->done / p->total);
    if (percent != d->percent) fprintf(stderr, "\r%-9s %-16s %3d %%", d->now, p->what, percent);
    d->percent = percent;
    return 0;
}

static cn_problem *digits_problem(demo *d, size_t first, size_t n)
{
    cn_data data = CN_ZERO;
    data.x = cn_tensor_of(digits_x + first * PIXELS, CN_U8, 2, n, PIXELS, 0, 0);
    data.scale = 1.0 / 16;
    data.y = cn_tensor_of(digits_y + first, CN_U8, 1, n, 0, 0, 0);
    return cn_problem_create(&d->ctx, d->net, &data, NULL);
}

static void train(demo *d, const recipe *r)
{
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

static void measure(demo *d, cn_point *train, cn_point *test, double *v)
{
    cn_eval on_train = cn_evaluate(d->train, d->theta, NULL, NULL),
            on_test = cn_evaluate(d->test, d->theta, NULL, NULL);
    cn_op *hessian = cn_op_of(train, CN_HESSIAN, whole);
    cn_tic_desc paper = CN_ZERO;
    cn_tic_result tic;
    cn_noise_desc noise = CN_ZERO;
    v[LOSS] = on_train.loss;
    v[ACCURACY] = (double)on_train.correct / TRAIN;
    v[LOSS_TEST] = on_test.loss;
    v[ACCURACY_TEST] = (double)on_test.correct / TEST;
    v[GAP] = v[LOSS_TEST] - v[LOSS];
    v[TRACE_H] = trace(d, train, CN_HESSIAN);
    cn_eigs(hessian, NULL, &v[LAMBDA], NULL, NULL);
    cn_free(&d->ctx, hessian);
    v[TRACE_C] = trace(d, train, CN_SECOND_MOMENT);
    v[TRACE_F] = trace(d, train, CN_FISHER);
    paper.train_n = TRAIN; /* H and C over the test set, N of the training set */
    tic = cn_tic(test, &paper);
    v[TIC] = tic.tic;
    v[TO_CUT] = tic.gap_to_cut;
    v[KEPT] = (double)tic.kept;
    v[NEGATIVE] = (double)tic.negative;
    v[MLS] = cn_mls(train).mls;
    noise.sd = 1;
    v[TPV] = cn_tpv(test, &noise, NULL).value;
}

/* Least-squares line log C_jj = gamma log lambda_j + log_scale. */
static void fit(spectrum *s)
{
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
static void spectrum_of(demo *d, cn_point *at, spectrum *s)
{
    cn_op *h = cn_op_of(at, CN_HESSIAN, whole), *c = cn_op_of(at, CN_SECOND_MOMENT, whole);
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

static int dump(demo *d, const recipe *r)
{
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

static int load(demo *d, const recipe *r)
{
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

static void print_json(demo *d)
{
    int i, k;
    for (i = 0; i < RUNS; i++) {
        printf("{\"optimiser\":\"%s\"", recipes[i].key);
        for (k = 0; k < MEASURES; k++) printf(",\"%s\":%.17g", measures[k].key, d->value[i][k]);
        printf("}\n");
    }
}

static void print_table(demo *d)
{
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
static int pairs_in_order(demo *d, int measure)
{
    int i, k, count = 0;
    for (i = 0; i < RUNS; i++)
        for (k = 0; k < i; k++)
            count += (d->value[i][measure] - d->value[k][measure]) * (d->value[i][GAP] - d->value[k][GAP]) > 0;
    return count;
}

static void print_reading(demo *d)
{
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
/* limits as powers of ten; pixels per power, the same both ways */
typedef struct axes {
    double x0, x1, y0, y1, scale;
} axes;

static double px(const axes *a, double x) { return (x - a->x0) * a->scale; }
static double py(const axes *a, double y) { return (a->y1 - y) * a->scale; }

static axes axes_of(void)
{
    axes a = {99, -99, 99, -99, 0};
    int i;
    size_t j;
    for (i = 0; i < RUNS; i++)
        for (j = 0; j < spectra[i].m; j++) {
            double x = log10(spectra[i].lambda[j]), y = log10(spectra[i].c[j]);
            a.x0 = fmin(a.x0, x - 0.15);
            a.x1 = fmax(a.x1, x + 0.15);
            a.y0 = fmin(a.y0, y - 0.15);
            a.y1 = fmax(a.y1, y + 0.15);
        }
    a.scale = SIDE / (a.x1 - a.x0);
    return a;
}

/* The part of the line y = slope x + at (in powers of ten) between two x and inside the frame. */
static void draw_line(FILE *f, const axes *a, double slope, double at, double from, double to, const char *style)
{
    if (slope > 0 && slope * from + at < a->y0) from = (a->y0 - at) / slope;
    if (slope > 0 && slope * to + at > a->y1) to = (a->y1 - at) / slope;
    if (from < to)
        fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", px(a, from),
                py(a, slope * from + at), px(a, to), py(a, slope * to + at), style);
}

static void draw_power(FILE *f, double x, double y, int power, const char *anchor)
{
    fprintf(f,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">10<tspan dy=\"-5\" font-size=\"9\">%s%d</tspan></text>\n",
            x, y, anchor, power < 0 ? "&#8722;" : "", abs(power));
}

static void draw_grid(FILE *f, const axes *a, int first_panel)
{
    double height = (a->y1 - a->y0) * a->scale;
    int e;
    fprintf(f, "<g stroke=\"#e2e2e2\" fill=\"#333\" font-size=\"12\">\n");
    for (e = (int)ceil(a->x0); e <= a->x1; e++)
        fprintf(f, "<line x1=\"%.1f\" y1=\"0\" x2=\"%.1f\" y2=\"%.1f\"/>\n", px(a, e), px(a, e), height);
    for (e = (int)ceil(a->y0); e <= a->y1; e++)
        fprintf(f, "<line x1=\"0\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", py(a, e), SIDE, py(a, e));
    fprintf(f, "<g stroke=\"none\">\n");
    for (e = (int)ceil(a->x0); e <= a->x1; e++) draw_power(f, px(a, e), height + 19, e, "middle");
    for (e = (int)ceil(a->y0); first_panel && e <= a->y1; e++) draw_power(f, -7, py(a, e) + 4, e, "end");
    fprintf(f, "</g>\n</g>\n<rect width=\"%d\" height=\"%.1f\" fill=\"none\" stroke=\"#555\"/>\n", SIDE, height);
}

static void draw_panel(FILE *f, const axes *a, int i)
{
    const spectrum *s = &spectra[i];
    size_t j;
    double height = (a->y1 - a->y0) * a->scale;
    fprintf(f, "<g transform=\"translate(%d %d)\">\n", LEFT + i * (SIDE + BETWEEN), TOP);
    draw_grid(f, a, i == 0);
    draw_line(f, a, 1, 0, a->x0, a->x1, "stroke=\"#777\" stroke-width=\"1.2\" stroke-dasharray=\"5 4\"");
    fprintf(f, "<g fill=\"%s\" fill-opacity=\"0.5\">\n", recipes[i].colour);
    for (j = 0; j < s->m; j++)
        fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\"/>\n", px(a, log10(s->lambda[j])), py(a, log10(s->c[j])));
    fprintf(f, "</g>\n");
    if (s->m > 2)
        draw_line(f, a, s->gamma, s->log_scale / log(10), log10(s->lambda[s->m - 1]), log10(s->lambda[0]),
                  "stroke=\"#111\" stroke-width=\"1.8\"");
    fprintf(f, "<text x=\"0\" y=\"-9\" font-size=\"15\" font-weight=\"bold\" fill=\"%s\">%s</text>\n",
            recipes[i].colour, recipes[i].name);
    fprintf(f,
            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" font-size=\"13\"><tspan "
            "font-style=\"italic\">&#947;</tspan> = %.3f &#177; %.3f</text>\n"
            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" font-size=\"12\" fill=\"#333\"><tspan "
            "font-style=\"italic\">m</tspan> = %lu</text>\n",
            SIDE - 8, height - 28, s->gamma, s->error, SIDE - 8, height - 11, (unsigned long)s->m);
    fprintf(f, "</g>\n");
}

static int draw(const char *path)
{
    axes a = axes_of();
    int i, bad;
    double bottom = TOP + (a.y1 - a.y0) * a.scale;
    FILE *f = fopen(path, "w");
    if (!f) {
        fprintf(stderr, "digits: cannot write %s\n", path);
        return 1;
    }
    fprintf(
        f,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
        "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" fill=\"#111\">\n",
        WIDTH, bottom + 122, WIDTH, bottom + 122);
    fprintf(f, "<title>Gradient noise against curvature after four optimisers</title>\n<desc>Four log-log scatter "
               "plots of C_jj against "
               "lambda_j, the eigenvalues of the Hessian, with fitted lines. Exponents:");
    for (i = 0; i < RUNS; i++)
        fprintf(f, " %s %.3f (standard error %.3f, m %lu)%s", recipes[i].name, spectra[i].gamma, spectra[i].error,
                (unsigned long)spectra[i].m, i < RUNS - 1 ? "," : ".");
    fprintf(f, "</desc>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
    fprintf(f,
            "<text x=\"%d\" y=\"30\" font-size=\"18\" font-weight=\"bold\">Gradient noise against curvature</text>\n",
            LEFT);
    fprintf(f,
            "<text x=\"%d\" y=\"51\" font-size=\"13\" fill=\"#444\">8&#215;8 digits, network &#8220;%s&#8221;, "
            "trained four ways at equal gradient cost</text>\n",
            LEFT, NET);
    for (i = 0; i < RUNS; i++) draw_panel(f, &a, i);
    fprintf(f,
            "<text x=\"%d\" y=\"%.1f\" font-size=\"13\" text-anchor=\"middle\">eigenvalue of the Hessian, <tspan "
            "font-style=\"italic\">"
            "&#955;<tspan dy=\"3\" font-size=\"10\">j</tspan></tspan></text>\n",
            LEFT + (WIDTH - LEFT - 14) / 2, bottom + 42);
    fprintf(
        f,
        "<text transform=\"translate(19 %.1f) rotate(-90)\" font-size=\"13\" text-anchor=\"middle\">gradient noise, "
        "<tspan font-style=\"italic\">C<tspan dy=\"3\" font-size=\"10\">jj</tspan></tspan></text>\n",
        (TOP + bottom) / 2);
    fprintf(f,
            "<g font-size=\"12\" fill=\"#333\">\n<text x=\"%d\" y=\"%.1f\">Points: eigenvectors v of the Hessian H "
            "over the %d training "
            "images; C = v&#7488;Cv: mean square of the per-sample gradients along v.</text>\n",
            LEFT, bottom + 70, TRAIN);
    fprintf(f,
            "<text x=\"%d\" y=\"%.1f\">Solid: least-squares fit C &#8733; &#955;<tspan dy=\"-4\" "
            "font-size=\"9\">&#947;</tspan>"
            "<tspan dy=\"4\" dx=\"4\">over the m eigenvalues above 10</tspan><tspan dy=\"-4\" "
            "font-size=\"9\">&#8722;4</tspan>"
            "<tspan dy=\"4\" dx=\"4\">of the largest; &#177; one standard error (m &#8722; 2 degrees of "
            "freedom).</tspan></text>\n",
            LEFT, bottom + 88);
    fprintf(
        f,
        "<text x=\"%d\" y=\"%.1f\">Dashed: C = &#955;, slope 1. Both axes have the same scale.</text>\n</g>\n</svg>\n",
        LEFT, bottom + 106);
    bad = ferror(f);
    if (fclose(f) || bad) {
        fprintf(stderr, "digits: writing %s failed\n", path);
        return 1;
    }
    return 0;
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

static int run(demo *d, int i)
{
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

static int report(demo *d)
{
    if (d->svg && draw(d->svg)) return 1;
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

int main(int argc, char **argv)
{
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
