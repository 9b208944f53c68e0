/* spectrum.c: the eigenvalues of the Hessian of a trained network: their density and the extreme ones, of the whole and
   of every weight.

       cc -O2 spectrum.c -lm -o spectrum && ./spectrum --svg spectrum.svg

   The way of the program: network + digits = problem; train; a point at the trained weights; for every block an
   operator H, and of that three things: its trace (exact), its extreme eigenvalues (block Lanczos, residuals measured)
   and the density of all of them (stochastic Lanczos quadrature), for which no matrix is formed. The data are compiled
   in (data/digits.h).

   What a Lanczos run of so many steps cannot tell apart is one node to it, above all close to zero, and the standard
   errors are those of the random starts alone. So the shares are also taken with half the steps: what moves by more
   than its error was not resolved there. */
#ifndef CN_REAL
#define CN_REAL double
#endif
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include "data/digits.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NET "input 64; dense 24; tanh; dense 24; relu; dense 10"
enum { TRAIN = 1400, TEST = 397, PIXELS = 64, CLASSES = 10, BATCH = 32 };
enum { TOP = CLASSES + 2, BOTTOM = 3, RUNS = 10, POINTS = 240 };
#define WIDTH 0.1 /* decades: the Gaussian that smooths the density */
#define NEAR 1e-3 /* |eigenvalue| up to NEAR times the whole network's largest is near zero, in every block */

enum { BELOW, ABOVE, SIDES }; /* zero */
/* x: log10 |eigenvalue|; value: share per decade */
typedef struct density {
    size_t n;
    double x[POINTS], value[POINTS], error[POINTS];
} density;
typedef struct spectrum {
    char name[64];
    cn_block block;
    size_t size, top, bottom;
    /* the largest, descending; the smallest, ascending */
    cn_est trace;
    double value[TOP + BOTTOM], residual[TOP + BOTTOM];
    cn_iter extreme;
    cn_density_result shares;
    density side[SIDES];
} spectrum;
typedef struct study {
    cn_ctx ctx;
    cn_net *net;
    cn_problem *problem;
    cn_real *theta;
    const char *text, *svg;
    char *network;
    int json;
    unsigned long epochs, seed, steps;
    /* block [n]: the whole first */
    double loss, accuracy, accuracy_test;
    const char *convention;
    size_t params, n;
    spectrum *block;
} study;

/* ---- from data to spectra ---- */

static cn_problem *digits_problem(study *s, size_t first, size_t n)
{
    cn_data data = CN_ZERO;
    data.x = cn_tensor_of(digits_x + first * PIXELS, CN_U8, 2, n, PIXELS, 0, 0);
    data.scale = 1.0 / 16;
    data.y = cn_tensor_of(digits_y + first, CN_U8, 1, n, 0, 0, 0);
    return cn_problem_create(&s->ctx, s->net, &data, NULL);
}

static void train(study *s)
{
    cn_train_desc how = CN_ZERO;
    cn_problem *test = digits_problem(s, TRAIN, TEST);
    cn_eval e;
    s->problem = digits_problem(s, 0, TRAIN);
    s->theta = cn_vector(&s->ctx, cn_net_describe(s->net).size);
    cn_net_init(s->net, CN_INIT_AUTO, s->seed, s->theta);
    how.epochs = s->epochs;
    how.batch = BATCH;
    how.seed = s->seed;
    how.opt.lr = 0.05;
    if (s->epochs) cn_train(s->problem, s->theta, &how);
    e = cn_evaluate(s->problem, s->theta, NULL, NULL);
    s->loss = e.loss;
    s->accuracy = (double)e.correct / TRAIN;
    s->accuracy_test = (double)cn_evaluate(test, s->theta, NULL, NULL).correct / TEST;
}

/* The blocks: the whole, then every weight matrix. A part with one dimension is a bias or a scale. */
static int find_blocks(study *s)
{
    cn_net_info info = cn_net_describe(s->net);
    cn_part part;
    size_t i;
    s->params = info.params;
    s->block = (spectrum *)calloc(info.parts + 1, sizeof *s->block);
    if (!s->block) return 1;
    strcpy(s->block[0].name, "whole");
    s->block[0].size = info.params;
    for (i = 0, s->n = 1; i < info.parts && cn_net_part(s->net, NULL, i, &part) == CN_OK; i++)
        if (part.value.dims > 1) {
            strcpy(s->block[s->n].name, part.name);
            s->block[s->n].block = part.block;
            s->block[s->n++].size = part.block.count;
        }
    return 0;
}

static void measure(study *s, cn_point *at, spectrum *b)
{
    cn_op *h = cn_op_of(at, CN_HESSIAN, b->block);
    cn_eigs_desc ends = CN_ZERO;
    cn_density_desc all = CN_ZERO;
    cn_probe_desc exact = CN_ZERO;
    static double x[POINTS], value[2 * POINTS], error[2 * POINTS];
    int i;
    s->convention = cn_op_describe(h).convention;
    exact.method = CN_EXACT;
    b->trace = cn_trace(h, &exact);
    b->bottom = b->size / 2 < BOTTOM ? b->size / 2 : BOTTOM;
    b->top = b->size - b->bottom < TOP ? b->size - b->bottom : TOP;
    ends.top = b->top;
    ends.bottom = b->bottom;
    ends.seed = s->seed;
    b->extreme = cn_eigs(h, &ends, b->value, b->residual, NULL);
    all.runs = RUNS;
    all.steps = s->steps;
    all.width = WIDTH;
    all.seed = s->seed;
    all.points = POINTS;
    all.floor = NEAR * s->block[0].value[0];
    all.axis = CN_LOG;
    b->shares = cn_density(h, &all, x, value, error);
    for (i = 0; i < SIDES; i++) { /* nothing is below zero where the smallest is not; n stays 0 */
        if (i == BELOW && b->bottom && b->value[b->top] >= -all.floor) continue;
        memcpy(b->side[i].x, x, sizeof x);
        memcpy(b->side[i].value, value + (i == BELOW ? POINTS : 0), sizeof x);
        memcpy(b->side[i].error, error + (i == BELOW ? POINTS : 0), sizeof x);
        b->side[i].n = POINTS;
    }
    cn_free(&s->ctx, h);
}

/* After how many of the largest eigenvalues is the step down to the next one largest, as a ratio? 0: fewer than two are
   above zero. */
static size_t outliers(const spectrum *b, double *ratio)
{
    size_t j, best = 0;
    for (*ratio = 1, j = 1; j < b->top && b->value[j] > b->shares.floor; j++)
        if (b->value[j - 1] / b->value[j] > *ratio) {
            *ratio = b->value[j - 1] / b->value[j];
            best = j;
        }
    return best;
}

static double share_above(const spectrum *b) { return b->shares.positive; }

/* ---- what is printed ---- */

static void json_numbers(const char *key, size_t n, const double *v)
{
    size_t i;
    printf(",\"%s\":[", key);
    for (i = 0; i < n; i++) printf("%s%.17g", i ? "," : "", v[i]);
    printf("]");
}

static void print_json(const study *s) /* one line, one object for each block */
{
    static const char *const names[SIDES][3] = {{"below_log10", "below_density", "below_se"},
                                                {"above_log10", "above_density", "above_se"}};
    size_t i;
    int k;
    for (i = 0; i < s->n; i++) {
        const spectrum *b = &s->block[i];
        printf("{\"block\":\"%s\",\"net\":\"%s\",\"convention\":\"%s\",\"n\":%d,\"loss\":%.17g,\"accuracy\":%.17g,"
               "\"accuracy_test\":%.17g",
               b->name, s->network, s->convention, TRAIN, s->loss, s->accuracy, s->accuracy_test);
        printf(",\"runs\":%d,\"steps\":%lu,\"params\":%lu,\"trace_h\":%.17g,\"converged\":%d", RUNS, s->steps,
               (unsigned long)b->size, b->trace.value, b->extreme.converged);
        json_numbers("largest", b->top, b->value);
        json_numbers("largest_residual", b->top, b->residual);
        json_numbers("smallest", b->bottom, b->value + b->top);
        json_numbers("smallest_residual", b->bottom, b->residual + b->top);
        printf(",\"near\":%.17g,\"share_below\":%.17g,\"share_below_se\":%.17g,\"share_near\":%.17g,\"share_near_se\":%"
               ".17g",
               b->shares.floor, b->shares.negative, b->shares.negative_error, b->shares.small, b->shares.small_error);
        printf(",\"share_below_half_steps\":%.17g,\"share_near_half_steps\":%.17g", b->shares.half_negative,
               b->shares.half_small);
        for (k = 0; k < SIDES; k++) {
            json_numbers(names[k][0], b->side[k].n, b->side[k].x);
            json_numbers(names[k][1], b->side[k].n, b->side[k].value);
            json_numbers(names[k][2], b->side[k].n, b->side[k].error);
        }
        printf("}\n");
    }
}

/* One row of the table: its label, then a cell for each block. `row` says which number. */
enum {
    PARAMS,
    TRACE,
    LARGEST,
    SMALLEST = LARGEST + TOP,
    RESIDUAL = SMALLEST + BOTTOM,
    SHARE_BELOW,
    HALF_BELOW,
    SHARE_NEAR,
    HALF_NEAR,
    SHARE_ABOVE,
    ROWS
};
/* Below this a number is rounding and prints as 0: its digits would differ from machine to machine. */
static double rounding(const spectrum *b) { return 1e-12 * (b->top ? fabs(b->value[0]) : 0); }

static void print_cell(const spectrum *b, int row)
{
    size_t j = (size_t)(row < SMALLEST ? row - LARGEST : row - SMALLEST);
    if (row == PARAMS)
        printf(" %16lu", (unsigned long)b->size);
    else if (row == TRACE)
        printf(" %16.5g", b->trace.value);
    else if (row < SMALLEST && j < b->top)
        printf(" %16.5g", b->value[j]);
    else if (row >= SMALLEST && row < RESIDUAL && j < b->bottom)
        printf(" %16.3g", fabs(b->value[b->top + j]) < rounding(b) ? 0 : b->value[b->top + j]);
    else if (row == RESIDUAL && b->extreme.residual < rounding(b))
        printf(" %16s", "0");
    else if (row == RESIDUAL)
        printf(" %16.1e", b->extreme.residual);
    else if (row == SHARE_BELOW)
        printf("  %6.2f +- %4.2f %%", 100 * b->shares.negative, 100 * b->shares.negative_error);
    else if (row == SHARE_NEAR)
        printf("  %6.2f +- %4.2f %%", 100 * b->shares.small, 100 * b->shares.small_error);
    else if (row == HALF_BELOW)
        printf("  %6.2f %8s%%", 100 * b->shares.half_negative, "");
    else if (row == HALF_NEAR)
        printf("  %6.2f %8s%%", 100 * b->shares.half_small, "");
    else if (row == SHARE_ABOVE)
        printf("  %6.2f %8s%%", 100 * share_above(b), "");
    else
        printf(" %16s", "-");
}

static void print_table(const study *s)
{
    char label[40];
    size_t i;
    int row;
    printf("8x8 digits, %d to train; %s; %lu epochs\nloss %.4f, accuracy %.4f, on %d others %.4f\n%s\n\n%-24s", TRAIN,
           s->network, s->epochs, s->loss, s->accuracy, TEST, s->accuracy_test, s->convention, "");
    for (i = 0; i < s->n; i++) printf(" %16s", s->block[i].name);
    for (row = 0; row < ROWS; row++) {
        if (row == PARAMS)
            sprintf(label, "parameters");
        else if (row == TRACE)
            sprintf(label, "tr H, exact");
        else if (row < SMALLEST)
            sprintf(label, row == LARGEST ? "eigenvalue 1, largest" : "           %d", row - LARGEST + 1);
        else if (row < RESIDUAL)
            sprintf(label, row == SMALLEST ? "smallest" : row == SMALLEST + 1 ? "  the next" : "  the third");
        else if (row == RESIDUAL)
            sprintf(label, "largest residual");
        else if (row == SHARE_NEAR)
            sprintf(label, "share within +-%.1e", s->block[0].shares.floor);
        else if (row == HALF_BELOW || row == HALF_NEAR)
            sprintf(label, "  with half the steps");
        else
            sprintf(label, row == SHARE_BELOW ? "share below -%.1e" : "share above %.1e", s->block[0].shares.floor);
        printf("\n%-24s", label);
        for (i = 0; i < s->n; i++) print_cell(&s->block[i], row);
    }
    printf("\n\n");
}

static void print_reading(const study *s)
{
    const spectrum *w = &s->block[0];
    double ratio, held = 0, moved = 0;
    size_t i, j, k = outliers(w, &ratio);
    for (j = 0; j < k; j++) held += w->value[j];
    printf("How to read it: of %d classes, %d eigenvalues are expected to stand apart. Of the whole, the longest step "
           "down among the\n"
           "largest %lu comes after number %lu (by a factor of %.2f)%s; ",
           CLASSES, CLASSES - 1, (unsigned long)w->top, (unsigned long)k, ratio,
           k == CLASSES - 1 ? ", as expected" : "");
    for (i = 1; i < s->n; i++)
        printf("%s%s %lu", i == 1 ? "of the blocks: " : ", ", s->block[i].name,
               (unsigned long)outliers(&s->block[i], &ratio));
    printf(".\nThose %lu hold %.0f %% of tr H, and %.1f %% of all eigenvalues lie within %g of the largest from zero: "
           "few directions are curved.\n",
           (unsigned long)k, 100 * held / w->trace.value, 100 * w->shares.small, NEAR);
    if (w->bottom && w->value[w->top] < -w->shares.floor)
        printf("%.1f %% lie below that, down to %.2g: this point is no minimum. ", 100 * w->shares.negative,
               w->value[w->top]);
    for (i = 0; i < s->n; i++)
        moved = fmax(moved, fmax(fabs(s->block[i].shares.negative - s->block[i].shares.half_negative),
                                 fabs(s->block[i].shares.small - s->block[i].shares.half_small)));
    printf("Shares: %d Lanczos runs of %lu steps, +- one\nstandard error over the runs, which does not see what the "
           "steps do not resolve: half as "
           "many move them by up to %.1f %%.\n",
           RUNS, s->steps, 100 * moved);
    for (i = 0, j = 0; i < s->n; i++) j += s->block[i].extreme.residual < rounding(&s->block[i]);
    if (j) printf("0 among the smallest and the residuals: rounding, below 1e-12 of the largest.\n");
    for (i = 0; i < s->n; i++)
        if (!s->block[i].extreme.converged)
            printf("The eigenvalues of %s have not converged: look at the residual.\n", s->block[i].name);
}

/* ---- the picture: a row for each block; eigenvalues below zero to the left, those above it to the right, both on the
   same scale ---- */

enum {
    LEFT = 72,
    RIGHT = 20,
    TOP_MARGIN = 84,
    PLOT = 848,
    MIDDLE = 104,
    HIGH = 118,
    ROW = HIGH + 38,
    PAGE = LEFT + PLOT + RIGHT
};
/* powers of ten; pixels */
typedef struct axes {
    double from, to[SIDES], y0, y1, scale, left[SIDES], width[SIDES];
} axes;
static const char *const colours[SIDES] = {"#B84700", "#0072B2"};

static double px(const axes *a, int side, double x)
{
    return side == BELOW ? a->left[BELOW] + (a->to[BELOW] - x) * a->scale : a->left[ABOVE] + (x - a->from) * a->scale;
}

static double py(const axes *a, double share) /* what is too low for the frame is cut off just below it */
{
    double y = share > 0 ? log10(share) : a->y0 - 1;
    return (a->y1 - fmax(y, a->y0 - 0.1)) * HIGH / (a->y1 - a->y0);
}

static axes axes_of(const study *s)
{
    axes a;
    size_t i, j;
    int k;
    double high = 0;
    a.from = log10(s->block[0].shares.floor);
    a.to[BELOW] = a.to[ABOVE] = a.from + 1;
    for (i = 0; i < s->n; i++) {
        const spectrum *b = &s->block[i];
        if (b->value[0] > 0) a.to[ABOVE] = fmax(a.to[ABOVE], log10(b->value[0]) + 0.25);
        if (b->bottom && b->value[b->top] < 0) a.to[BELOW] = fmax(a.to[BELOW], log10(-b->value[b->top]) + 0.25);
        for (k = 0; k < SIDES; k++)
            for (j = 0; j < b->side[k].n; j++)
                if (b->side[k].x[j] > a.from) high = fmax(high, b->side[k].value[j] + b->side[k].error[j]);
    }
    a.y0 = floor(-log10((double)s->params)); /* a lone eigenvalue is a peak of 4/parameters */
    a.y1 = fmax(a.y0 + 2, log10(fmax(high, 1e-300)) + 0.55);
    a.width[BELOW] = (PLOT - MIDDLE) * (a.to[BELOW] - a.from) / (a.to[BELOW] + a.to[ABOVE] - 2 * a.from);
    a.width[ABOVE] = PLOT - MIDDLE - a.width[BELOW];
    a.scale = a.width[BELOW] / (a.to[BELOW] - a.from);
    a.left[BELOW] = 0;
    a.left[ABOVE] = a.width[BELOW] + MIDDLE;
    return a;
}

static void draw_power(FILE *f, double x, double y, int negative, int power, const char *anchor)
{
    fprintf(
        f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s10<tspan dy=\"-5\" font-size=\"11\">%s%d</tspan></text>\n",
        x, y, anchor, negative ? "&#8722;" : "", power < 0 ? "&#8722;" : "", abs(power));
}

static void draw_frame(FILE *f, const axes *a, int side, int last)
{
    int e, m;
    double x;
    fprintf(f, "<g stroke=\"#e2e2e2\" fill=\"#333\" font-size=\"13\">\n");
    for (e = (int)ceil(a->y0); e <= a->y1; e++)
        fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", a->left[side], py(a, pow(10, e)),
                a->left[side] + a->width[side], py(a, pow(10, e)));
    for (e = (int)floor(a->from); e <= a->to[side]; e++)
        for (m = 1; m < 10; m++) {
            if (e + log10(m) < a->from || e + log10(m) > a->to[side]) continue;
            x = px(a, side, e + log10(m));
            if (m == 1) fprintf(f, "<line x1=\"%.1f\" y1=\"0\" x2=\"%.1f\" y2=\"%d\"/>\n", x, x, HIGH);
            fprintf(f, "<line stroke=\"#555\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x, HIGH, x,
                    HIGH + (m == 1 ? 6 : 3));
            if (m == 1 && last) {
                fprintf(f, "<g stroke=\"none\">");
                draw_power(f, x, HIGH + 23, side == BELOW, e, "middle");
                fprintf(f, "</g>\n");
            }
        }
    fprintf(f, "</g>\n");
}

/* The line and its band, in pieces: only where the band reaches into the frame. */
static void draw_density(FILE *f, const axes *a, const density *d, int k)
{
    size_t i, first, last;
    double lowest = pow(10, a->y0);
    for (first = 0; first < d->n; first = last + 1) {
        while (first < d->n && d->value[first] + d->error[first] < lowest) first++;
        for (last = first; last < d->n && d->value[last] + d->error[last] >= lowest; last++) {
        }
        if (first == last) continue;
        fprintf(f, "<path fill=\"%s\" fill-opacity=\"0.28\" stroke=\"none\" d=\"M", colours[k]);
        for (i = first; i < last; i++) fprintf(f, "%.1f %.1f ", px(a, k, d->x[i]), py(a, d->value[i] + d->error[i]));
        for (i = last; i-- > first;) fprintf(f, "%.1f %.1f ", px(a, k, d->x[i]), py(a, d->value[i] - d->error[i]));
        fprintf(f, "Z\"/>\n<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" stroke-linejoin=\"round\" d=\"M",
                colours[k]);
        for (i = first; i < last; i++) fprintf(f, "%.1f %.1f ", px(a, k, d->x[i]), py(a, d->value[i]));
        fprintf(f, "\"/>\n");
    }
}

static void draw_row(FILE *f, const study *s, const axes *a, size_t row)
{
    const spectrum *b = &s->block[row];
    size_t j, k;
    int i;
    double v, ratio, least = b->bottom ? b->value[b->top] : b->value[0];
    k = outliers(b, &ratio);
    if (fabs(least) < 1e-10 * b->value[0]) least = 0; /* rounding */
    fprintf(f,
            "<g transform=\"translate(%d %lu)\">\n<text x=\"0\" y=\"-8\" font-size=\"15\" "
            "font-weight=\"bold\">%s<tspan font-weight=\"normal\" "
            "font-size=\"13\" fill=\"#333\" dx=\"10\">%lu parameters, tr&#8201;H = %.3g, <tspan "
            "font-style=\"italic\">&#955;</tspan> from %s%.2g to "
            "%.3g; longest step down after number %lu</tspan></text>\n",
            LEFT, (unsigned long)(TOP_MARGIN + 24 + row * ROW), row ? b->name : "Whole network", (unsigned long)b->size,
            b->trace.value, least < 0 ? "&#8722;" : "", fabs(least), b->value[0], (unsigned long)k);
    for (i = 0; i < SIDES; i++) {
        draw_frame(f, a, i, row + 1 == s->n);
        fprintf(f, "<g clip-path=\"url(#frame%d)\">\n", i);
        draw_density(f, a, &b->side[i], i);
        fprintf(f, "</g>\n<g stroke=\"#111\" stroke-width=\"1.4\">\n");
        for (j = 0; j < b->top + b->bottom; j++) {
            v = b->value[j];
            if (v * (i == ABOVE ? 1 : -1) > b->shares.floor)
                fprintf(f, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", px(a, i, log10(fabs(v))), HIGH - 13,
                        px(a, i, log10(fabs(v))), HIGH);
        }
        fprintf(f, "</g>\n<rect x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\" fill=\"none\" stroke=\"#555\"/>\n",
                a->left[i], a->width[i], HIGH);
    }
    fprintf(f, "<g font-size=\"13\" fill=\"%s\"><text x=\"8\" y=\"18\">below: ", colours[BELOW]);
    if (b->side[BELOW].n)
        fprintf(f, "%.2f &#177; %.2f %% (%.2f %%)</text></g>\n", 100 * b->shares.negative,
                100 * b->shares.negative_error, 100 * b->shares.half_negative);
    else
        fprintf(f, "none</text></g>\n");
    fprintf(f, "<text x=\"%d\" y=\"18\" font-size=\"13\" text-anchor=\"end\" fill=\"%s\">above: %.1f %%</text>\n",
            PLOT - 8, colours[ABOVE], 100 * share_above(b));
    fprintf(f, "<rect x=\"%.1f\" y=\"0\" width=\"%d\" height=\"%d\" fill=\"#f3f3f3\" stroke=\"none\"/>\n",
            a->width[BELOW] + 1, MIDDLE - 2, HIGH);
    fprintf(
        f,
        "<g transform=\"translate(%.1f 0)\" text-anchor=\"middle\" font-size=\"13\"><text y=\"38\">near "
        "zero:</text><text y=\"57\" "
        "font-weight=\"bold\">%.1f %%</text><text y=\"75\">&#177; %.1f %%</text><text y=\"93\">(%.1f %%)</text></g>\n",
        a->width[BELOW] + MIDDLE / 2, 100 * b->shares.small, 100 * b->shares.small_error, 100 * b->shares.half_small);
    fprintf(f, "<g font-size=\"13\" fill=\"#333\">\n");
    for (i = (int)ceil(a->y0); i <= a->y1; i++) draw_power(f, -7, py(a, pow(10, i)) + 4, 0, i, "end");
    fprintf(f, "</g>\n</g>\n");
}

static void draw_legend(FILE *f, const study *s, double y)
{
    size_t i;
    double worst = 0;
    for (i = 0; i < s->n; i++) worst = fmax(worst, s->block[i].extreme.residual);
    fprintf(f,
            "<g font-size=\"13\" fill=\"#333\">\n<g stroke-width=\"1.8\"><line x1=\"%d\" y1=\"%.0f\" x2=\"%d\" "
            "y2=\"%.0f\" stroke=\"%s\"/><line "
            "x1=\"%d\" y1=\"%.0f\" x2=\"%d\" y2=\"%.0f\" stroke=\"%s\"/></g>\n",
            LEFT, y - 4, LEFT + 14, y - 4, colours[BELOW], LEFT + 16, y - 4, LEFT + 30, y - 4, colours[ABOVE]);
    fprintf(f,
            "<text x=\"%d\" y=\"%.0f\">density by stochastic Lanczos quadrature, %d runs of %lu steps, smoothed by a "
            "Gaussian of %g "
            "decades</text>\n",
            LEFT + 42, y, RUNS, s->steps, WIDTH);
    fprintf(f,
            "<g fill-opacity=\"0.28\"><rect x=\"%d\" y=\"%.0f\" width=\"14\" height=\"11\" fill=\"%s\"/><rect x=\"%d\" "
            "y=\"%.0f\" width=\"14\" "
            "height=\"11\" fill=\"%s\"/></g>\n",
            LEFT, y + 11, colours[BELOW], LEFT + 16, y + 11, colours[ABOVE]);
    fprintf(f,
            "<text x=\"%d\" y=\"%.0f\">one standard error to either side, over the random starts; so is &#177;; "
            "in brackets: the share with half the steps</text>\n",
            LEFT + 42, y + 21);
    fprintf(f,
            "<g stroke=\"#111\" stroke-width=\"1.4\"><line x1=\"%d\" y1=\"%.0f\" x2=\"%d\" y2=\"%.0f\"/><line "
            "x1=\"%d\" y1=\"%.0f\" x2=\"%d\" "
            "y2=\"%.0f\"/></g>\n",
            LEFT + 11, y + 31, LEFT + 11, y + 43, LEFT + 19, y + 31, LEFT + 19, y + 43);
    fprintf(f,
            "<text x=\"%d\" y=\"%.0f\">the %d largest and %d smallest eigenvalues, computed one by one, unless near "
            "zero; residuals below "
            "10<tspan dy=\"-5\" font-size=\"11\">&#8722;%d</tspan></text>\n",
            LEFT + 42, y + 42, TOP, BOTTOM, (int)floor(-log10(fmax(worst, 1e-300))));
    fprintf(f,
            "<rect x=\"%d\" y=\"%.0f\" width=\"30\" height=\"12\" fill=\"#f3f3f3\" stroke=\"#ccc\"/><text x=\"%d\" "
            "y=\"%.0f\">near zero: at most "
            "%.2g in size, %g of the whole network&#8217;s largest; smoothing halves the density at this edge</text>\n",
            LEFT, y + 52, LEFT + 42, y + 63, s->block[0].shares.floor, NEAR);
    fprintf(f,
            "<text x=\"%d\" y=\"%.0f\">%s, n = %d training images; training loss %.3g, test accuracy %.1f "
            "%%</text>\n</g>\n",
            LEFT, y + 90, s->convention, TRAIN, s->loss, 100 * s->accuracy_test);
}

static void draw(FILE *f, const study *s)
{
    axes a = axes_of(s);
    size_t i;
    int k;
    const spectrum *w = s->block;
    double bottom = TOP_MARGIN + 24 + (double)(s->n - 1) * ROW + HIGH, page = bottom + 174;
    fprintf(
        f,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
        "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" fill=\"#111\">\n",
        PAGE, page, PAGE, page);
    fprintf(f,
            "<title>Spectrum of the Hessian of a trained network</title>\n<desc>Density of the eigenvalues on "
            "logarithmic axes, those below zero "
            "mirrored to the left, "
            "for the whole network and each weight. Whole: %lu parameters, largest eigenvalue %.4g, smallest %.4g, "
            "%.1f %% within %.2g of zero, "
            "%.2f %% below that.</desc>\n",
            (unsigned long)w->size, w->value[0], w->bottom ? w->value[w->top] : w->value[0], 100 * w->shares.small,
            w->shares.floor, 100 * w->shares.negative);
    fprintf(f, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<defs>");
    for (k = 0; k < SIDES; k++)
        fprintf(f, "<clipPath id=\"frame%d\"><rect x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"/></clipPath>", k,
                a.left[k], a.width[k], HIGH);
    fprintf(f,
            "</defs>\n<text x=\"%d\" y=\"32\" font-size=\"19\" font-weight=\"bold\">Spectrum of the Hessian</text>\n",
            LEFT);
    fprintf(f,
            "<text x=\"%d\" y=\"55\" font-size=\"13\" fill=\"#333\">8&#215;8 digits, network &#8220;%.80s%s&#8221;, "
            "%lu parameters, %lu "
            "epochs</text>\n",
            LEFT, s->network, strlen(s->network) > 80 ? "&#8230;" : "", (unsigned long)s->params, s->epochs);
    for (i = 0; i < s->n; i++) draw_row(f, s, &a, i);
    fprintf(f,
            "<text x=\"%d\" y=\"%.0f\" font-size=\"14\" text-anchor=\"middle\">eigenvalue <tspan "
            "font-style=\"italic\">&#955;</tspan></text>\n",
            LEFT + PLOT / 2, bottom + 44);
    fprintf(f,
            "<text transform=\"translate(20 %.1f) rotate(-90)\" font-size=\"14\" text-anchor=\"middle\">share of the "
            "eigenvalues per "
            "decade</text>\n",
            (TOP_MARGIN + 24 + bottom) / 2);
    draw_legend(f, s, bottom + 72);
    fprintf(f, "</svg>\n");
}

/* The picture is drawn beside its place and then renamed, so there is a whole one or none. Asked first without s,
   before the work. */
static int write_picture(const char *path, const study *s)
{
    size_t n = strlen(path);
    char *partial = (char *)malloc(n + 9);
    FILE *f;
    int bad;
    if (!partial) {
        fprintf(stderr, "spectrum: no memory for a file name\n");
        return 1;
    }
    memcpy(partial, path, n);
    memcpy(partial + n, ".partial", 9);
    errno = 0;
    f = fopen(partial, "w");
    bad = !f;
    if (f && s) draw(f, s);
    if (f) {
        bad = ferror(f) != 0;
        bad = fclose(f) || bad;
    }
    if (f && s && !bad) bad = rename(partial, path);
    if (bad) fprintf(stderr, "spectrum: --svg %s: cannot be written: %s\n", path, strerror(errno));
    if (f && (bad || !s)) remove(partial);
    free(partial);
    return bad ? 2 : 0;
}

/* ---- the program ---- */

static const char help[] =
    "usage: spectrum [options]\n"
    "Trains a small network on 8x8 digits and prints the spectrum of its Hessian, of the whole and of every weight.\n"
    "  --net TEXT   the network, 64 inputs and 10 outputs (default \"" NET "\")\n"
    "  --epochs N   of plain SGD, 0 to 100000 (default 10)\n"
    "  --seed S     of weights, batches and random starts (default 1)\n"
    "  --steps N    of each Lanczos run behind the density, 2 to 2000 (default 120)\n"
    "  --svg FILE   draw the densities into FILE\n"
    "  --json       one JSON object for each block instead of the table, densities included\n"
    "  --help       this text\n";

static int number(const char *name, const char *text, unsigned long least, unsigned long most, unsigned long *out)
{
    char *end;
    unsigned long v;
    errno = 0;
    v = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    if (text && *text >= '0' && *text <= '9' && !*end && !errno && v >= least && v <= most) {
        *out = v;
        return 0;
    }
    fprintf(stderr, "spectrum: %s wants a whole number from %lu to %lu%s%s\n", name, least, most, text ? ", not " : "",
            text ? text : "");
    return 2;
}

static int options(study *s, int argc, char **argv) /* -1: go on; else the exit code */
{
    int i, code = 0;
    s->text = NET;
    s->epochs = 10;
    s->seed = 1;
    s->steps = 120;
    for (i = 1; i < argc && !code; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL,
                   **text = !strcmp(name, "--net")   ? &s->text
                            : !strcmp(name, "--svg") ? &s->svg
                                                     : NULL;
        if (!strcmp(name, "--help")) {
            fputs(help, stdout);
            return 0;
        }
        if (!strcmp(name, "--json")) {
            s->json = 1;
            continue;
        }
        i++;
        if (!strcmp(name, "--epochs"))
            code = number(name, value, 0, 100000, &s->epochs);
        else if (!strcmp(name, "--seed"))
            code = number(name, value, 0, 4294967295UL, &s->seed);
        else if (!strcmp(name, "--steps"))
            code = number(name, value, 2, 2000, &s->steps);
        else if (text && value && *value)
            *text = value;
        else {
            fprintf(stderr,
                    text ? "spectrum: %s wants a text after it\n" : "spectrum: unknown option %s; --help lists them\n",
                    name);
            code = 2;
        }
    }
    return code ? code : -1;
}

static int run(study *s)
{
    size_t i, length;
    cn_point *at;
    s->net = cn_net_create(&s->ctx, s->text);
    length = cn_net_text(s->net, NULL, 0);
    s->network = (char *)calloc(length + 1, 1);
    cn_net_text(s->net, s->network, length + 1);
    if (!s->ctx.status && cn_net_describe(s->net).outputs != CLASSES) {
        fprintf(stderr, "spectrum: --net: %lu outputs, but the digits have %d classes\n",
                (unsigned long)cn_net_describe(s->net).outputs, CLASSES);
        return 2;
    }
    train(s);
    if (s->ctx.status || !s->network || find_blocks(s)) return 1;
    at = cn_point_create(s->problem, s->theta, (size_t)1 << 28);
    for (i = 0; i < s->n && !s->ctx.status; i++) measure(s, at, &s->block[i]);
    return s->ctx.status != CN_OK;
}

int main(int argc, char **argv)
{
    study s;
    int code;
    memset(&s, 0, sizeof s);
    if ((code = options(&s, argc, argv)) >= 0) return code;
    if (s.svg) code = write_picture(s.svg, NULL);
    if (code <= 0) code = run(&s);
    if (s.ctx.status) {
        /* the network's text, else what became of it */
        code = s.ctx.status == CN_E_TEXT || s.ctx.status == CN_E_SHAPE ? 2 : 1;
        fprintf(stderr, "spectrum: %s%s\n", code == 2 ? "--net: " : "", s.ctx.message);
    }
    if (!code && s.svg) code = write_picture(s.svg, &s);
    if (!code && s.json) print_json(&s);
    if (!code && !s.json) {
        print_table(&s);
        print_reading(&s);
    }
    if (!code && !s.json && s.svg) printf("The picture is in %s.\n", s.svg);
    if (!code && (fflush(stdout) || ferror(stdout))) {
        fprintf(stderr, "spectrum: writing the results failed\n");
        code = 1;
    }
    free(s.network);
    free(s.block);
    cn_free_all(&s.ctx);
    return code;
}
