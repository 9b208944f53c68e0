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
#include "plot.h"
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

static cn_problem *digits_problem(study *s, size_t first, size_t n) {
    cn_data data = CN_ZERO;
    data.x = cn_tensor_of(digits_x + first * PIXELS, CN_TYPE_U8, 2, n, PIXELS, 0, 0);
    data.scale = 1.0 / 16;
    data.y = cn_tensor_of(digits_y + first, CN_TYPE_U8, 1, n, 0, 0, 0);
    return cn_problem_create(&s->ctx, s->net, &data, NULL);
}

static void train(study *s) {
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
static int find_blocks(study *s) {
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

static void measure(study *s, cn_point *at, spectrum *b) {
    cn_op *h = cn_op_of(at, CN_OP_HESSIAN, b->block);
    cn_eigs_desc ends = CN_ZERO;
    cn_density_desc all = CN_ZERO;
    cn_probe_desc exact = CN_ZERO;
    cn_density_curve curve = CN_ZERO;
    density *above = &b->side[ABOVE], *below = &b->side[BELOW];
    s->convention = cn_op_describe(h).convention;
    exact.method = CN_METHOD_EXACT;
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
    all.axis = CN_AXIS_LOG;
    curve.at = above->x;
    curve.density = above->value;
    curve.error = above->error;
    curve.negative = below->value;
    curve.negative_error = below->error;
    b->shares = cn_density(h, &all, &curve);
    memcpy(below->x, above->x, sizeof below->x);
    above->n = POINTS;
    /* nothing is below zero where the smallest is not */
    below->n = b->bottom && b->value[b->top] >= -all.floor ? 0 : POINTS;
    cn_free(&s->ctx, h);
}

/* After how many of the largest eigenvalues is the step down to the next one largest, as a ratio? 0: fewer than two are
   above zero. */
static size_t outliers(const spectrum *b, double *ratio) {
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

static void json_numbers(const char *key, size_t n, const double *v) {
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

static void print_cell(const spectrum *b, int row) {
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

static void print_table(const study *s) {
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

static void print_reading(const study *s) {
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
    TOP_MARGIN = 108,
    PLOT = 848,
    MIDDLE = 104,
    HIGH = 118,
    ROW = HIGH + 38,
    PAGE = LEFT + PLOT + RIGHT
};
typedef struct axes {
    plot_axis side[SIDES], y;
} axes; /* of the first row */

static axes axes_of(const study *s) {
    axes a;
    size_t i, j;
    int k;
    double high = 0, zero = s->block[0].shares.floor, to[SIDES], scale;
    to[BELOW] = to[ABOVE] = 10 * zero;
    for (i = 0; i < s->n; i++) {
        const spectrum *b = &s->block[i];
        if (b->value[0] > 0) to[ABOVE] = fmax(to[ABOVE], b->value[0] * 1.8);
        if (b->bottom && b->value[b->top] < 0) to[BELOW] = fmax(to[BELOW], -b->value[b->top] * 1.8);
        for (k = 0; k < SIDES; k++)
            for (j = 0; j < b->side[k].n; j++)
                if (b->side[k].x[j] > log10(zero)) high = fmax(high, b->side[k].value[j] + b->side[k].error[j]);
    }
    to[BELOW] = fmax(to[BELOW], zero * pow(to[ABOVE] / zero, 0.45)); /* room for what is written there */
    scale = (PLOT - MIDDLE) / (log(to[BELOW] / zero) + log(to[ABOVE] / zero));
    for (k = 0; k < SIDES; k++) {
        a.side[k].kind = PLOT_LOG | (k == BELOW ? PLOT_NEGATIVE : 0);
        a.side[k].from = zero;
        a.side[k].to = to[k];
    }
    a.side[BELOW].last = LEFT;
    a.side[BELOW].first = LEFT + scale * log(to[BELOW] / zero);
    a.side[ABOVE].first = a.side[BELOW].first + MIDDLE;
    a.side[ABOVE].last = LEFT + PLOT;
    a.y.kind = PLOT_LOG;
    a.y.from = pow(10, floor(-log10((double)s->params))); /* a lone eigenvalue is a peak of 4/parameters */
    a.y.to = fmax(100 * a.y.from, 3.5 * high);
    a.y.first = TOP_MARGIN + HIGH;
    a.y.last = TOP_MARGIN;
    return a;
}

static void draw_side(plot *p, const spectrum *b, const axes *a, int k, int last) {
    const density *d = &b->side[k];
    static double at[POINTS], low[POINTS], high[POINTS];
    double shown[TOP + BOTTOM];
    size_t i;
    plot_frame(p, &a->side[k], &a->y, (last ? PLOT_X : 0) | (k == BELOW ? PLOT_Y : 0));
    for (i = 0; i < d->n; i++) {
        at[i] = pow(10, d->x[i]);
        low[i] = d->value[i] - d->error[i];
        high[i] = d->value[i] + d->error[i];
    }
    plot_band(p, &a->side[k], &a->y, d->n, at, low, high, k == BELOW ? 1 : 0);
    plot_line(p, &a->side[k], &a->y, d->n, at, d->value, k == BELOW ? 1 : 0, 1.8, NULL);
    for (i = 0; i < b->top + b->bottom; i++) shown[i] = k == BELOW ? -b->value[i] : b->value[i];
    plot_rug(p, &a->side[k], b->top + b->bottom, shown, a->y.first - 13, 13, 1.4);
}

static void draw_row(plot *p, const study *s, const axes *a, size_t row) {
    const spectrum *b = &s->block[row];
    double ratio, least = b->bottom ? b->value[b->top] : b->value[0], y = a->y.last;
    double middle = a->side[BELOW].first + MIDDLE / 2;
    unsigned long stands = (unsigned long)outliers(b, &ratio);
    if (fabs(least) < 1e-10 * b->value[0]) least = 0; /* rounding */
    plot_text(p, LEFT, y - 8, 13, PLOT_START, PLOT_SOFT,
              "**%s**&#8194;%lu parameters, tr&#8201;H = %.3g, *&#955;* from %.2g to %.3g; longest step down after "
              "number %lu",
              row ? b->name : "Whole network", (unsigned long)b->size, b->trace.value, least, b->value[0], stands);
    draw_side(p, b, a, BELOW, row + 1 == s->n);
    draw_side(p, b, a, ABOVE, row + 1 == s->n);
    if (b->side[BELOW].n)
        plot_text(p, LEFT + 8, y + 18, 13, PLOT_START, 1, "below: %.2f &#177; %.2f %% (%.2f %%)",
                  100 * b->shares.negative, 100 * b->shares.negative_error, 100 * b->shares.half_negative);
    else
        plot_text(p, LEFT + 8, y + 18, 13, PLOT_START, 1, "below: none");
    plot_text(p, LEFT + PLOT - 8, y + 18, 13, PLOT_END, 0, "above: %.1f %%", 100 * share_above(b));
    plot_box(p, a->side[BELOW].first + 1, y, MIDDLE - 2, HIGH);
    plot_text(p, middle, y + 38, 13, PLOT_MIDDLE, PLOT_INK, "near zero:");
    plot_text(p, middle, y + 57, 13, PLOT_MIDDLE | PLOT_BOLD, PLOT_INK, "%.1f %%", 100 * b->shares.small);
    plot_text(p, middle, y + 75, 13, PLOT_MIDDLE, PLOT_INK, "&#177; %.1f %%", 100 * b->shares.small_error);
    plot_text(p, middle, y + 93, 13, PLOT_MIDDLE, PLOT_INK, "(%.1f %%)", 100 * b->shares.half_small);
}

static void draw_legend(plot *p, const study *s, double y) {
    size_t i;
    double worst = 1e-300;
    for (i = 0; i < s->n; i++) worst = fmax(worst, s->block[i].extreme.residual);
    plot_legend(p, LEFT, y, "l1l0",
                "density by stochastic Lanczos quadrature, %d runs of %lu steps, smoothed by a Gaussian of %g decades",
                RUNS, s->steps, WIDTH);
    plot_legend(p, LEFT, y + 21, "b1b0",
                "one standard error to either side, over the random starts; so is &#177;; in brackets: the share with "
                "half the steps");
    plot_legend(p, LEFT, y + 42, "t5",
                "the %d largest and %d smallest eigenvalues, computed one by one, unless near zero; residuals below "
                "10^{%d}",
                TOP, BOTTOM, (int)ceil(log10(worst)));
    plot_legend(p, LEFT, y + 63, "x8",
                "near zero: at most %.2g in size, %g of the whole network&#8217;s largest; smoothing halves the "
                "density at this edge",
                s->block[0].shares.floor, NEAR);
    plot_text(p, LEFT, y + 90, 13, PLOT_START, PLOT_SOFT,
              "%s, n = %d training images; training loss %.3g, test accuracy %.1f %%", s->convention, TRAIN, s->loss,
              100 * s->accuracy_test);
}

static int draw(study *s) {
    plot p = {0};
    axes a = axes_of(s);
    size_t i;
    const spectrum *w = s->block;
    char about[400], network[600];
    double bottom = TOP_MARGIN + (double)(s->n - 1) * ROW + HIGH;
    int bad;
    snprintf(about, sizeof about,
             "Density of the eigenvalues on logarithmic axes, those below zero mirrored to the left, for the whole "
             "network and each weight. Whole: %lu parameters, largest eigenvalue %.4g, smallest %.4g, %.1f %% within "
             "%.2g of zero, %.2f %% below that.",
             (unsigned long)w->size, w->value[0], w->bottom ? w->value[w->top] : w->value[0], 100 * w->shares.small,
             w->shares.floor, 100 * w->shares.negative);
    plot_begin(&p, PAGE, bottom + 174, "Spectrum of the Hessian of a trained network", about);
    plot_text(&p, LEFT, 32, 19, PLOT_START | PLOT_BOLD, PLOT_INK, "Spectrum of the Hessian");
    plot_text(&p, LEFT, 55, 13, PLOT_START, PLOT_SOFT,
              "8&#215;8 digits, network &#8220;%s&#8221;, %lu parameters, %lu epochs",
              plot_plain(network, sizeof network, s->network, 80), (unsigned long)s->params, s->epochs);
    for (i = 0; i < s->n; i++) {
        draw_row(&p, s, &a, i);
        a.y.first += ROW;
        a.y.last += ROW;
    }
    plot_text(&p, LEFT + PLOT / 2, bottom + 44, 14, PLOT_MIDDLE, PLOT_INK, "eigenvalue *&#955;*");
    plot_text(&p, 20, (TOP_MARGIN + bottom) / 2, 14, PLOT_MIDDLE | PLOT_TURNED, PLOT_INK,
              "share of the eigenvalues per decade");
    draw_legend(&p, s, bottom + 72);
    plot_end(&p);
    bad = p.failed || cn_file_write(&s->ctx, s->svg, p.svg, p.n);
    if (p.failed) fprintf(stderr, "spectrum: no memory for the picture\n");
    free(p.svg);
    return bad;
}

/* Asked before the work. */
static int can_be_written(const char *path) {
    FILE *f = fopen(path, "ab");
    int empty = f && !fseek(f, 0, SEEK_END) && ftell(f) == 0;
    if (!f) fprintf(stderr, "spectrum: --svg %s: cannot be written: %s\n", path, strerror(errno));
    if (f) fclose(f);
    if (empty) remove(path);
    return f != NULL;
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

static int number(const char *name, const char *text, unsigned long least, unsigned long most, unsigned long *out) {
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

static int run(study *s) {
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

int main(int argc, char **argv) {
    study s;
    int code;
    memset(&s, 0, sizeof s);
    if ((code = options(&s, argc, argv)) >= 0) return code;
    if (s.svg && !can_be_written(s.svg)) code = 2;
    if (code <= 0) code = run(&s);
    if (!code && s.svg) code = draw(&s);
    if (s.ctx.status) {
        int text = s.ctx.status == CN_E_TEXT || s.ctx.status == CN_E_SHAPE; /* the network's; else what became of it */
        code = text || s.ctx.status == CN_E_FILE ? 2 : 1;
        fprintf(stderr, "spectrum: %s%s\n", text ? "--net: " : "", s.ctx.message);
    }
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
