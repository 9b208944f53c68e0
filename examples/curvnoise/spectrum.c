/* spectrum.c: eigenvalues and their density, as numbers and as a picture. */
#include "cli.h"
#include "../plot.h"

#define ROOT_2_PI 2.5066282746310002

typedef struct spectrum {
    cn_op_info about;
    size_t count, points; /* eigenvalues, descending; of the density; 0: none (yet) */
    int all, chosen;      /* every eigenvalue is there; --top or --bottom says how many to print */
    double *value, *residual, *at, *density, *error, width;
} spectrum;

static double *doubles(run *r, size_t n) {
    double *v = (double *)(void *)cn_vector(&r->ctx, n * sizeof *v / sizeof(cn_real));
    check(&r->ctx, r->now);
    return v;
}

/* A Gaussian of sd width on each eigenvalue, integrating to 1: of all of them where they are there, else by stochastic
   Lanczos quadrature. */
static void density_of(run *r, cn_op *a, spectrum *s) {
    double lo = s->value[s->count - 1], hi = s->value[0], z;
    size_t points = (size_t)r->o.points, i, j;
    cn_density_desc d = CN_ZERO;
    cn_density_curve curve = CN_ZERO;
    cn_density_result how;
    s->at = doubles(r, points);
    s->density = doubles(r, points);
    s->error = doubles(r, points);
    if (!s->all) {
        d.points = points;
        d.runs = (size_t)r->o.runs;
        d.steps = (size_t)r->o.steps;
        d.width = r->o.width;
        d.seed = r->o.seed;
        curve.at = s->at;
        curve.density = s->density;
        curve.error = s->error;
        how = cn_density(a, &d, &curve);
        if (how.status == CN_CANCELLED)
            cn_clear(&r->ctx);
        else
            check(&r->ctx, "spectrum");
        s->width = how.width;
        s->points = how.runs ? points : 0; /* of the runs that were finished */
        return;
    }
    s->points = points;
    s->width = r->o.width > 0 ? r->o.width : hi > lo ? (hi - lo) / 200 : hi != 0 ? fabs(hi) / 200 : 1;
    for (i = 0; i < points; i++) { /* four widths beyond the ends */
        s->at[i] = lo - 4 * s->width +
                   (hi - lo + 8 * s->width) * ((double)i + 0.5 * (points == 1)) / (double)(points > 1 ? points - 1 : 1);
        for (j = 0; j < s->count; j++) {
            z = (s->at[i] - s->value[j]) / s->width;
            s->density[i] += exp(-0.5 * z * z) / (s->width * ROOT_2_PI * (double)s->count);
        }
    }
}

static void all_eigenvalues(run *r, cn_op *a, spectrum *s) {
    size_t n = s->about.size;
    cn_real *dense = cn_vector(&r->ctx, n * n);
    s->value = doubles(r, n);
    if (cn_op_dense(a, dense) == CN_OK && !is_interrupted()) {
        doing("eigenvalues of a matrix [%zu][%zu]", n, n);
        work_next((double)n * (double)n * (double)n);
        cn_eigen(&r->ctx, n, dense, 0, 0, s->value, NULL, NULL);
        s->count = n;
        s->all = 1;
    }
    cn_free(&r->ctx, dense);
    if (r->ctx.status == CN_CANCELLED) cn_clear(&r->ctx);
    check(&r->ctx, "spectrum");
}

static void some_eigenvalues(run *r, cn_op *a, spectrum *s) {
    cn_eigs_desc d = CN_ZERO;
    cn_iter how;
    size_t count, i;
    double v;
    d.top = s->chosen ? (size_t)r->o.top : 10;
    d.bottom = s->chosen ? (size_t)r->o.bottom : 10;
    d.seed = r->o.seed;
    count = d.top + d.bottom;
    s->value = doubles(r, count);
    s->residual = doubles(r, count);
    how = cn_eigs(a, &d, s->value, s->residual, NULL);
    if (how.status == CN_CANCELLED)
        cn_clear(&r->ctx);
    else
        check(&r->ctx, "spectrum");
    if (how.status && !(how.residual > 0)) return; /* cancelled before there were as many */
    s->count = count;
    if (!how.converged) remark("not every eigenvalue has converged; see the residuals");
    for (i = 0; i < d.bottom / 2; i++) { /* the smallest come ascending */
        v = s->value[d.top + i];
        s->value[d.top + i] = s->value[count - 1 - i];
        s->value[count - 1 - i] = v;
        v = s->residual[d.top + i];
        s->residual[d.top + i] = s->residual[count - 1 - i];
        s->residual[count - 1 - i] = v;
    }
}

/* of all eigenvalues, is this one among --top and --bottom? */
static int is_asked(const run *r, const spectrum *s, size_t i) {
    return !s->all || !s->chosen || i < r->o.top || s->count - 1 - i < r->o.bottom;
}

static void say_numbers(text *t, const char *name, const double *v, size_t n, const run *r, const spectrum *s) {
    size_t i;
    const char *before = "";
    say(t, ", \"%s\": ", name);
    if (!v || !n) {
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

static void say_table(text *t, const run *r, const spectrum *s) {
    size_t i, j, shown = 0, step;
    double top = 0, mean, bar;
    for (i = 0; i < s->points; i++) top = s->density[i] > top ? s->density[i] : top;
    say(t, "%s\n%s; %zu samples, %zu parameters%s%s\n\n", s->about.convention, r->net_text, r->train.n, s->about.size,
        r->o.block ? ", block " : "", r->o.block ? r->o.block : "");
    for (i = 0; i < s->count; i++) {
        if (!is_asked(r, s, i)) continue;
        if (shown++ == 20 && s->all && !is_given(&r->o, "--top")) {
            say(t, "  ... %zu more: --json or --csv lists all\n", s->count - 20);
            break;
        }
        if (s->residual)
            say(t, "  eigenvalue %5zu  %13.7g  residual %.1g\n", i, s->value[i], s->residual[i]);
        else
            say(t, "  eigenvalue %5zu  %13.7g\n", i, s->value[i]);
    }
    if (!s->points) return;
    say(t, "\n  about         density        (bars: its logarithm)\n");
    step = s->points > 30 ? s->points / 30 : 1;
    for (i = 0; i + step <= s->points; i += step) { /* means over 30 parts of the range */
        for (mean = 0, j = i; j < i + step; j++) mean += s->density[j] / (double)step;
        bar = mean > 0 ? 40 + 8 * log10(mean / top) : 0; /* five powers of ten */
        say(t, "  %-12.4g  %-12.4g  %.*s\n", (s->at[i] + s->at[i + step - 1]) / 2, mean, bar > 0 ? (int)(bar + 0.5) : 0,
            "########################################");
    }
}

static text print_spectrum(const run *r, const spectrum *s, int interrupted) {
    text t = CN_ZERO;
    size_t i;
    if (r->o.json) {
        say(&t, "{\"operator\": \"%s\", \"convention\": \"%s\", \"n\": %zu, \"size\": %zu, \"complete\": %d",
            word_of(kind_words, r->o.kind), s->about.convention, r->train.n, s->about.size, s->all);
        say_numbers(&t, "eigenvalues", s->value, s->count, r, s);
        say_numbers(&t, "residuals", s->residual, s->count, r, s);
        say_numbers(&t, "density_at", s->at, s->points, r, NULL);
        say_numbers(&t, "density", s->density, s->points, r, NULL);
        say_numbers(&t, "density_se", s->error, s->points, r, NULL);
        if (s->points)
            say(&t, ", \"density_width\": %.17g", s->width);
        else
            say(&t, ", \"density_width\": null");
        say(&t, interrupted ? ", \"interrupted\": true}\n" : "}\n");
    } else if (r->o.csv) {
        say(&t, "what,at,value,error\n");
        for (i = 0; i < s->count; i++)
            if (is_asked(r, s, i))
                say(&t, "eigenvalue,%zu,%.17g,%.3g\n", i, s->value[i], s->residual ? s->residual[i] : 0);
        for (i = 0; i < s->points; i++) say(&t, "density,%.17g,%.17g,%.3g\n", s->at[i], s->density[i], s->error[i]);
        if (interrupted) say(&t, "interrupted,,1,\n");
    } else {
        say_table(&t, r, s);
        if (interrupted) say(&t, "\ninterrupted: not everything was computed\n");
    }
    return t;
}

static void keep_ready(const run *r, const spectrum *s) {
    text t = print_spectrum(r, s, 1);
    last_words(&t, "interrupted; what was finished is printed");
    free(t.at);
}

/* ---- the picture: logarithm of the density against the eigenvalue, ticks below where the eigenvalues are */

enum { WIDE = 760, HIGH = 460, LEFT = 78, RIGHT = 24, TOP = 74, BOTTOM = 112 };

static void draw_caption(plot *p, const run *r, const spectrum *s) {
    char name[600];
    int y = HIGH - 14;
    plot_text(p, LEFT, HIGH - 32, 12, PLOT_START, PLOT_SOFT, "%s.",
              plot_plain(name, sizeof name, s->about.convention, 200));
    if (s->all)
        plot_text(p, LEFT, y, 12, PLOT_START, PLOT_SOFT,
                  "Curve: all eigenvalues, a Gaussian of standard deviation %.3g on each. Ticks: where they are.",
                  s->width);
    else
        plot_text(p, LEFT, y, 12, PLOT_START, PLOT_SOFT,
                  "Curve: Lanczos quadrature, %d runs, Gaussians of standard deviation %.3g. Ticks: the %zu outermost.",
                  (int)r->o.runs, s->width, s->count);
}

static void draw(run *r, const spectrum *s) {
    static const char *const names[KINDS] = {"Hessian",
                                             "Gauss-Newton matrix",
                                             "Fisher information",
                                             "gradient second moment",
                                             "gradient covariance",
                                             "Jacobian second moment"};
    plot p = {0};
    plot_axis x = {0, 0, LEFT, WIDE - RIGHT, 0}, y = {0, 0, HIGH - BOTTOM, TOP, PLOT_LOG};
    char title[100], name[600], block[300];
    double most = 0;
    size_t i;
    for (i = 0; i < s->points; i++) most = fmax(most, s->density[i]);
    x.from = s->at[0];
    x.to = s->at[s->points - 1];
    y.from = 0.25 / (ROOT_2_PI * s->width * (double)s->about.size); /* a quarter of the height of one eigenvalue */
    y.to = 1.4 * fmax(most, 2 * y.from);
    snprintf(title, sizeof title, "Spectrum of the %s", names[r->o.kind]);
    snprintf(name, sizeof name, "Density of %zu eigenvalues from %.4g to %.4g, on a logarithmic axis.", s->about.size,
             s->value[s->count - 1], s->value[0]);
    plot_begin(&p, WIDE, HIGH, title, name);
    plot_text(&p, LEFT, 30, 18, PLOT_START | PLOT_BOLD, PLOT_INK, "%s", title);
    plot_text(&p, LEFT, 52, 13, PLOT_START, PLOT_SOFT, "%s", plot_plain(name, sizeof name, r->net_text, 86));
    plot_text(&p, WIDE - RIGHT, 30, 13, PLOT_END, PLOT_SOFT, "%s%s%s*P* = %zu, *n* = %zu", r->o.block ? "block " : "",
              plot_plain(block, sizeof block, r->o.block ? r->o.block : "", 30), r->o.block ? ", " : "", s->about.size,
              r->train.n);
    plot_frame(&p, &x, &y, PLOT_X | PLOT_Y);
    plot_band(&p, &x, &y, s->points, s->at, NULL, s->density, 0);
    plot_line(&p, &x, &y, s->points, s->at, s->density, 0, 1.4, NULL);
    plot_rug(&p, &x, s->count, s->value, HIGH - BOTTOM + 24, 9, 0.7);
    plot_text(&p, (LEFT + WIDE - RIGHT) / 2, HIGH - BOTTOM + 58, 14, PLOT_MIDDLE, PLOT_INK, "eigenvalue *&#955;*");
    plot_text(&p, 22, (TOP + HIGH - BOTTOM) / 2, 14, PLOT_MIDDLE | PLOT_TURNED, PLOT_INK, "density");
    draw_caption(&p, r, s);
    plot_end(&p);
    if (p.failed) stop(1, "no memory for the picture");
    write_file(r, r->o.svg, p.svg, p.n);
    free(p.svg);
}

static void check_options(const run *r, const spectrum *s, int density) {
    const options *o = &r->o;
    size_t n = s->about.size;
    static const char *const of_density[] = {"--runs", "--steps"};
    int i;
    if (s->chosen && (o->top > n || o->bottom > n - o->top || o->top + o->bottom == 0))
        stop(2, "--top and --bottom: expected 1 to %zu eigenvalues together", n);
    for (i = 0; i < 2; i++)
        if (density && n <= EXACT_MOST && is_given(o, of_density[i]))
            remark("%s is not read: up to %d parameters the density is that of all eigenvalues", of_density[i],
                   (int)EXACT_MOST);
}

/* What is to come, in products with the operator; an eigenproblem of all counts by its size. */
static double work_of(const run *r, const spectrum *s, int density) {
    double n = (double)s->about.size;
    if (s->about.size <= EXACT_MOST) return n * n * n + n * 2 * 3 * r->info.macs * (double)r->train.n;
    return (s->chosen ? 1000 + 100 * (double)(r->o.top + r->o.bottom) : 3000) +
           (density ? (double)r->o.runs * (double)r->o.steps : 0);
}

static void spectrum_of(run *r) {
    const options *o = &r->o;
    spectrum s;
    cn_op *a;
    text t;
    int density, dense;
    double work;
    memset(&s, 0, sizeof s);
    s.chosen = is_given(o, "--top") || is_given(o, "--bottom");
    density = !s.chosen || o->svg || is_given(o, "--points") || is_given(o, "--width") || is_given(o, "--runs") ||
              is_given(o, "--steps");
    if (o->svg) must_be_free(r, o->svg, NULL);
    if (o->svg && o->points == 1) stop(2, "--points 1: a picture needs more");
    read_all(r);
    r->now = "spectrum";
    a = cn_op_of(r->train.point, o->kind, r->block);
    check(&r->ctx, "--operator");
    s.about = cn_op_describe(a);
    check_options(r, &s, density);
    say_remarks(r);
    dense = s.about.size <= EXACT_MOST;
    work = work_of(r, &s, density);
    keep_ready(r, &s);
    work_begin(work);
    doing("eigenvalues");
    work_next(dense ? work - pow((double)s.about.size, 3) : work - (density ? (double)o->runs * (double)o->steps : 0));
    if (dense)
        all_eigenvalues(r, a, &s);
    else
        some_eigenvalues(r, a, &s);
    keep_ready(r, &s);
    if (density && !is_interrupted()) {
        doing("density");
        work_next(dense ? 0 : (double)o->runs * (double)o->steps);
        density_of(r, a, &s);
    }
    end_line();
    if (o->svg && !is_interrupted()) draw(r, &s);
    t = print_spectrum(r, &s, is_interrupted());
    print_all(&t);
    say_remarks(r);
    if (is_interrupted()) stop(1, "interrupted; what was finished is printed");
}

const command spectrum_command = {
    "spectrum", spectrum_of, "--net --params --x --y", "eigenvalues and their density; draws a picture",
    "  curvnoise spectrum --net @net.txt --params model.safetensors --x x.npy --y y.npy --svg hessian.svg\n"
    "  ... --operator c --block 0.weight --json  the gradients' second moment in one layer\n"
    "  ... --top 20 --bottom 5                   only the largest and smallest, no density; by Lanczos, with "
    "residuals, where P > 5000\n"
    "--json: eigenvalues (descending) and residuals (null: computed directly), density_at, density, density_se (0: of "
    "all eigenvalues, else\n"
    "of the random starts), density_width. --csv prints what,at,value,error: the index of an eigenvalue, the place of "
    "a density. After\n"
    "ctrl-C what is finished is printed, marked (\"interrupted\": true), and the exit code is 1.\n"};
