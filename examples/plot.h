/* plot.h: pictures as SVG, for the examples and the command line. C99, nothing else to build.

       plot p = {0};
       plot_axis x = {1e-4, 10, 60, 400, PLOT_LOG}, y = {0, 1, 300, 40, 0};      values from, to; pixels from, to
       plot_begin(&p, 440, 360, "Title", "a sentence for those who cannot see it");
       plot_frame(&p, &x, &y, PLOT_X | PLOT_Y);                                  grid, ticks, which labels
       plot_band(&p, &x, &y, n, at, low, high, 0);
       plot_line(&p, &x, &y, n, at, value, 0, 1.8, NULL);                        colour 0, 1.8 pixels wide, not dashed
       plot_text(&p, 60, 340, 13, PLOT_START, PLOT_INK, "eigenvalue *&#955;*_{j}, %d of them", n);
       plot_end(&p);
       ... p.svg [p.n], or p.failed: out of memory ...; free(p.svg);

   A picture is readable on white and, where the viewer asks for it (prefers-color-scheme: dark), on black: elements
   name a colour by its class, the style at the top gives both. Colours are 0 to PLOT_COLOURS - 1, or PLOT_INK,
   PLOT_SOFT, PLOT_GRID, PLOT_SHADE. What is drawn in a frame is cut off at its edges.

   Text is printed as by printf, then a little markup is read: *italic*, **bold**, _{below}, ^{above}, entities such as
   &#955;; a hyphen before a number becomes a minus. plot_plain prepares text from outside, which may hold anything. */
#ifndef PLOT_H
#define PLOT_H
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLOT_COLOURS = 5, PLOT_INK = 5, PLOT_SOFT, PLOT_GRID, PLOT_SHADE };
enum { PLOT_START, PLOT_MIDDLE, PLOT_END, PLOT_BOLD = 4, PLOT_TURNED = 8 }; /* of text; turned: reads upwards */
enum { PLOT_LOG = 1, PLOT_NEGATIVE = 2 }; /* of an axis; negative: v stands for -v, so its labels carry a minus */
enum { PLOT_X = 1, PLOT_Y = 2 };          /* of a frame: which axes have labels */

typedef struct plot {
    char *svg;
    size_t n, room;
    int failed, frames;
} plot;
/* the values `from` and `to` (above 0 on a logarithmic axis) lie at the pixels `first` and `last` */
typedef struct plot_axis {
    double from, to, first, last;
    int kind;
} plot_axis;

static inline void plot_put_list(plot *p, const char *format, va_list args) {
    va_list again;
    int length;
    char *more;
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0 || p->failed) {
        p->failed = 1;
        return;
    }
    if (p->n + (size_t)length >= p->room) {
        more = (char *)realloc(p->svg, 2 * p->room + (size_t)length + 4096);
        if (!more) {
            p->failed = 1;
            return;
        }
        p->room = 2 * p->room + (size_t)length + 4096;
        p->svg = more;
    }
    vsnprintf(p->svg + p->n, p->room - p->n, format, args);
    p->n += (size_t)length;
}

/* SVG as it is */
static inline void plot_put(plot *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    plot_put_list(p, format, args);
    va_end(args);
}

static inline const char *plot_class(int colour) {
    static const char *const names[] = {"c0", "c1", "c2", "c3", "c4", "ink", "soft", "grid", "shade"};
    return names[colour];
}

/* At most `most` characters of a text from outside, with what would be markup as entities. Returns out. */
static inline char *plot_plain(char *out, size_t room, const char *s, size_t most) {
    size_t n = 0;
    for (; *s && most && n + 16 < room; s++, most--)
        if ((unsigned char)*s < 32 || (unsigned char)*s > 126)
            out[n++] = '?';
        else if (strchr("<>&*_^\"", *s))
            n += (size_t)snprintf(out + n, room - n, "&#%d;", *s);
        else
            out[n++] = *s;
    snprintf(out + n, room - n, "%s", *s ? "&#8230;" : "");
    return out;
}

/* The markup: runs of characters in one style, each a tspan. */
static inline void plot_marked(plot *p, const char *s) {
    static const int height[3] = {0, -5, 4}; /* pixels down: on the line, above it, below it */
    int bold = 0, italic = 0, level = 0, style = -1, wanted, drawn = 0;
    for (; *s; s++) {
        if (s[0] == '*') {
            if (s[1] == '*')
                bold = !bold;
            else
                italic = !italic;
            s += s[1] == '*';
        } else if ((s[0] == '^' || s[0] == '_') && s[1] == '{') {
            level = s[0] == '^' ? 1 : 2;
            s++;
        } else if (s[0] == '}' && level)
            level = 0;
        else {
            wanted = bold + 2 * italic + 4 * level;
            if (wanted != style) {
                plot_put(p, "%s<tspan%s%s%s", style < 0 ? "" : "</tspan>", bold ? " font-weight=\"bold\"" : "",
                         italic ? " font-style=\"italic\"" : "", level ? " font-size=\"11\"" : "");
                if (level != drawn) plot_put(p, " dy=\"%d\"", height[level] - height[drawn]);
                plot_put(p, ">");
                style = wanted;
                drawn = level;
            }
            if (s[0] == '-' && s[1] >= '0' && s[1] <= '9' && !(p->n && isalnum((unsigned char)p->svg[p->n - 1])))
                plot_put(p, "&#8722;");
            else
                plot_put(p, "%c", s[0]);
        }
    }
    if (style >= 0) plot_put(p, "</tspan>");
}

static inline void plot_text(plot *p, double x, double y, double size, int how, int colour, const char *format, ...) {
    static const char *const anchors[] = {"start", "middle", "end"};
    plot line;
    va_list args;
    memset(&line, 0, sizeof line);
    va_start(args, format);
    plot_put_list(&line, format, args);
    va_end(args);
    if (how & PLOT_TURNED)
        plot_put(p, "<text transform=\"translate(%.1f %.1f) rotate(-90)\"", x, y);
    else
        plot_put(p, "<text x=\"%.1f\" y=\"%.1f\"", x, y);
    plot_put(p, " class=\"%s\" font-size=\"%g\"%s text-anchor=\"%s\">", plot_class(colour), size,
             how & PLOT_BOLD ? " font-weight=\"bold\"" : "", anchors[how & 3]);
    if (line.failed)
        p->failed = 1;
    else
        plot_marked(p, line.svg);
    plot_put(p, "</text>\n");
    free(line.svg);
}

static inline void plot_begin(plot *p, double width, double height, const char *title, const char *description) {
    static const char *const light[] = {"#0072b2", "#b84700", "#007a55", "#a23b90", "#806000",
                                        "#111",    "#444",    "#e2e2e2", "#f3f3f3"};
    static const char *const dark[] = {"#56b4e9", "#f0904a", "#3cc896", "#e08ad2", "#d9bc4a",
                                       "#eee",    "#b8c0c8", "#30363d", "#1c222a"};
    int i, scheme;
    plot_put(p, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\"",
             width, height, width, height);
    plot_put(p,
             " role=\"img\" xml:space=\"preserve\" font-family=\"Helvetica, Arial, 'DejaVu Sans', "
             "sans-serif\">\n<title>%s</title>\n",
             title);
    plot_put(p, "<desc>%s</desc>\n<style>\n", description);
    for (scheme = 0; scheme < 2; scheme++) {
        if (scheme) plot_put(p, "@media (prefers-color-scheme: dark) {\n");
        plot_put(p, ".page{fill:%s}", scheme ? "#0d1117" : "#fff");
        for (i = 0; i <= PLOT_SHADE; i++) plot_put(p, ".%s{color:%s}", plot_class(i), scheme ? dark[i] : light[i]);
        plot_put(p, "\n");
    }
    plot_put(
        p,
        "}\ntext{fill:currentColor;stroke:none}\n</style>\n<rect width=\"100%%\" height=\"100%%\" class=\"page\"/>\n");
}

static inline void plot_end(plot *p) { plot_put(p, "</svg>\n"); }

/* The pixel of a value. On a logarithmic axis what is too small, or not above 0, lies a little outside. */
static inline double plot_at(const plot_axis *a, double v) {
    double part;
    if (a->kind & PLOT_LOG) {
        part = log(a->to / a->from);
        part = (v > 0 ? log(v / a->from) : -part) / part;
    } else
        part = (v - a->from) / (a->to - a->from);
    if (!(part > -0.1)) part = -0.1;
    return a->first + (part < 1.1 ? part : 1.1) * (a->last - a->first);
}

/* Does a logarithmic axis hold fewer than two powers of ten? Then 2 and 5 get labels too, and all are plain numbers. */
static inline int plot_is_short(const plot_axis *a) {
    return floor(log10(a->to) + 1e-9) - ceil(log10(a->from) - 1e-9) < 1;
}

/* Where an axis has ticks: values, and 1 for those with grid line and label, at least `apart` pixels from the next. */
enum { PLOT_TICKS = 256 };
static inline int plot_ticks(const plot_axis *a, double apart, double *value, int *major) {
    double most = fmax(1, fabs(a->last - a->first) / apart), slack = 1e-9, v, step, m;
    int n = 0, e, every;
    if (a->kind & PLOT_LOG) {
        double decades = log10(a->to / a->from);
        int first = (int)floor(log10(a->from)), last = (int)floor(log10(a->to) + slack);
        int few = plot_is_short(a);
        every = (int)ceil(decades / most);
        for (e = first; e <= last; e++)
            for (m = 1; m < 10; m++) {
                v = m * pow(10, e);
                if (v < a->from * (1 - slack) || v > a->to * (1 + slack) || (m > 1 && decades > 25)) continue;
                if (n == PLOT_TICKS) return n;
                value[n] = v;
                major[n++] = m == 1 ? e % every == 0 : few && (m == 2 || m == 5);
            }
        return n;
    }
    step = pow(10, floor(log10(fabs(a->to - a->from) / most)));
    for (m = 1; fabs(a->to - a->from) > most * step * m;) m = m == 1 ? 2 : m == 2 ? 5 : 10;
    step *= m;
    for (v = ceil(fmin(a->from, a->to) / step - slack); n < PLOT_TICKS; v++) {
        if (v * step > fmax(a->from, a->to) + slack * step) break;
        value[n] = v == 0 ? 0 : v * step; /* ceil gives -0 */
        major[n++] = 1;
    }
    return n;
}

static inline void plot_tick_label(plot *p, const plot_axis *a, double v, double x, double y, int how) {
    const char *sign = a->kind & PLOT_NEGATIVE ? "&#8722;" : "";
    double e = floor(log10(fabs(v)) + 1e-9);
    if (a->kind & PLOT_LOG && !plot_is_short(a) && fabs(v / pow(10, e) - 1) < 1e-6)
        plot_text(p, x, y, 13, how, PLOT_SOFT, "%s10^{%d}", sign, (int)e);
    else
        plot_text(p, x, y, 13, how, PLOT_SOFT, "%s%.4g", sign, v);
}

/* Begins a plot within these axes: grid, ticks along x and the frame; labels says which axes are labelled. */
static inline void plot_frame(plot *p, const plot_axis *x, const plot_axis *y, int labels) {
    double value[PLOT_TICKS], at;
    double left = fmin(x->first, x->last), right = fmax(x->first, x->last), low = fmax(y->first, y->last),
           high = fmin(y->first, y->last);
    int major[PLOT_TICKS], n, i;
    p->frames++;
    plot_put(p, "<defs><clipPath id=\"frame%d\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
             p->frames, left, high, right - left, low - high);
    plot_put(p, "</clipPath></defs>\n<g stroke=\"currentColor\" fill=\"none\">\n");
    n = plot_ticks(y, 24, value, major);
    for (i = 0; i < n; i++) {
        if (!major[i]) continue;
        at = plot_at(y, value[i]);
        plot_put(p, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n", left, at, right);
        if (labels & PLOT_Y) plot_tick_label(p, y, value[i], left - 7, at + 4, PLOT_END);
    }
    n = plot_ticks(x, x->kind & PLOT_LOG ? 40 : 70, value, major);
    for (i = 0; i < n; i++) {
        at = plot_at(x, value[i]);
        if (major[i]) plot_put(p, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>\n", at, high, low);
        plot_put(p, "<path class=\"soft\" d=\"M%.1f %.1fv%d\"/>\n", at, low, major[i] ? 6 : 3);
        if (major[i] && labels & PLOT_X) plot_tick_label(p, x, value[i], at, low + 21, PLOT_MIDDLE);
    }
    plot_put(p, "<rect class=\"soft\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n</g>\n", left, high,
             right - left, low - high);
}

/* ---- what is drawn within the last frame ---- */

static inline void plot_begin_path(plot *p, int colour) {
    plot_put(p, "<path clip-path=\"url(#frame%d)\" class=\"%s\" ", p->frames, plot_class(colour));
}

/* dash: as SVG's stroke-dasharray, or NULL */
static inline void plot_line(plot *p, const plot_axis *x, const plot_axis *y, size_t n, const double *at,
                             const double *value, int colour, double width, const char *dash) {
    size_t i;
    if (!n) return;
    plot_begin_path(p, colour);
    plot_put(p, "fill=\"none\" stroke=\"currentColor\" stroke-width=\"%g\" stroke-linejoin=\"round\"", width);
    if (dash) plot_put(p, " stroke-dasharray=\"%s\"", dash);
    plot_put(p, " d=\"M");
    for (i = 0; i < n; i++) plot_put(p, "%.1f %.1f ", plot_at(x, at[i]), plot_at(y, value[i]));
    plot_put(p, "\"/>\n");
}

/* Between two curves, as an error band; low NULL: from the bottom. */
static inline void plot_band(plot *p, const plot_axis *x, const plot_axis *y, size_t n, const double *at,
                             const double *low, const double *high, int colour) {
    size_t i;
    if (!n) return;
    plot_begin_path(p, colour);
    plot_put(p, "fill=\"currentColor\" fill-opacity=\"0.28\" d=\"M");
    for (i = 0; i < n; i++) plot_put(p, "%.1f %.1f ", plot_at(x, at[i]), plot_at(y, high[i]));
    for (i = n; i-- > 0;) plot_put(p, "%.1f %.1f ", plot_at(x, at[i]), low ? plot_at(y, low[i]) : y->first);
    plot_put(p, "Z\"/>\n");
}

static inline void plot_dots(plot *p, const plot_axis *x, const plot_axis *y, size_t n, const double *at,
                             const double *value, int colour, double radius) {
    size_t i;
    plot_put(p, "<g clip-path=\"url(#frame%d)\" class=\"%s\" fill=\"currentColor\" fill-opacity=\"0.5\">\n", p->frames,
             plot_class(colour));
    for (i = 0; i < n; i++)
        plot_put(p, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\"/>\n", plot_at(x, at[i]), plot_at(y, value[i]), radius);
    plot_put(p, "</g>\n");
}

/* A short stroke for each value that lies on the axis, from the pixel `top` down. */
static inline void plot_rug(plot *p, const plot_axis *x, size_t n, const double *value, double top, int height,
                            double width) {
    size_t i;
    plot_put(p, "<path class=\"ink\" stroke=\"currentColor\" stroke-width=\"%g\" d=\"M0 0", width);
    for (i = 0; i < n; i++)
        if (value[i] >= x->from && value[i] <= x->to) plot_put(p, "M%.1f %.1fv%d", plot_at(x, value[i]), top, height);
    plot_put(p, "\"/>\n");
}

static inline void plot_box(plot *p, double left, double top, double width, double height) {
    plot_put(p, "<rect class=\"shade\" fill=\"currentColor\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
             left, top, width, height);
}

/* A line of a legend: one or two symbols, a letter and a colour each, and a text. l0: a line of colour 0; b1: a band;
   d2: a dot; t5: strokes; x8: a box. */
static inline void plot_legend(plot *p, double x, double y, const char *symbols, const char *format, ...) {
    va_list args;
    plot line;
    double at = x;
    memset(&line, 0, sizeof line);
    va_start(args, format);
    plot_put_list(&line, format, args);
    va_end(args);
    for (; symbols[0] && symbols[1]; symbols += 2, at += 16) {
        double wide = symbols[2] || at > x ? 14 : 30;
        plot_put(p, "<path class=\"%s\" ", plot_class(symbols[1] - '0'));
        if (symbols[0] == 'l')
            plot_put(p, "stroke=\"currentColor\" stroke-width=\"1.8\" d=\"M%.1f %.1fh%.1f\"/>\n", at, y - 4, wide);
        else if (symbols[0] == 't')
            plot_put(p, "stroke=\"currentColor\" stroke-width=\"1.4\" d=\"M%.1f %.1fv12m8 0v-12\"/>\n",
                     at + wide / 2 - 4, y - 10);
        else if (symbols[0] == 'd')
            plot_put(p, "fill=\"currentColor\" d=\"M%.1f %.1fa3 3 0 1 0 6 0a3 3 0 1 0 -6 0\"/>\n", at + wide / 2 - 3,
                     y - 4);
        else
            plot_put(p, "fill=\"currentColor\" fill-opacity=\"%s\" d=\"M%.1f %.1fh%.1fv12h-%.1fZ\"/>\n",
                     symbols[0] == 'b' ? "0.28" : "1", at, y - 10, wide, wide);
    }
    if (line.failed)
        p->failed = 1;
    else
        plot_text(p, x + 42, y, 13, PLOT_START, PLOT_SOFT, "%s", line.svg);
    free(line.svg);
}

#endif
