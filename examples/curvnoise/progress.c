/* progress.c: what a long run says about itself on standard error: what it is doing and about how long it will take.

   A terminal shows one line, rewritten, from 2 s on. Elsewhere (files, pipes, batch systems) there is none, so that
   scripts find nothing but errors and remarks there, unless --progress asks for it: then whole lines, from 2 s on, one
   in 10 s. --quiet: none anywhere. */
#include "cli.h"
#include <stdarg.h>

enum { WIDTH = 78 };
static struct {
    double start, shown, work_start; /* seconds */
    double all, done, call, part;    /* work in any unit: of all, of calls done, of this call; the share done of it */
    const char *command;
    char task[200], line[2][220];
    int wanted, terminal, which, foretold;
} now;

void progress_begin(const run *r) {
    now.start = now.work_start = seconds();
    now.shown = -1;
    now.terminal = is_terminal();
    now.wanted = !r->o.quiet && (now.terminal || r->o.progress);
    now.command = r->command;
    if (now.wanted) show_later(NULL, 2500); /* unless something else has said so by then */
}

void end_line(void) {
    if (now.wanted && now.terminal && seconds() - now.start >= 2) fputs(CLEAR_LINE, stderr);
}

static void say_time(char *out, size_t room, double s) {
    if (s < 90)
        snprintf(out, room, "%.0f s", ceil(s));
    else if (s < 5400)
        snprintf(out, room, "%.0f min", s / 60);
    else
        snprintf(out, room, "%.1f h", s / 3600);
}

static void show(int is_new) {
    double t = seconds(), done = now.done + now.part * now.call;
    double pause = now.terminal ? is_new ? 0 : 0.2 : now.foretold ? 10 : 2;
    char left[40], end[80] = "";
    int room;
    if (!now.wanted || t - now.start < 2 || (now.shown > 0 && t - now.shown < pause)) return;
    show_later(NULL, 0);
    if (done > 0 && now.all > 0) {
        say_time(left, sizeof left, (t - now.work_start) * fmax(now.all - done, 0) / done);
        snprintf(end, sizeof end, ", %.0f %%, about %s left", floor(100 * fmin(done / now.all, 1)), left);
    }
    room = WIDTH - (int)strlen(end) - (int)strlen(now.command) - 2;
    fprintf(stderr, "%s%s: %.*s%s%s", now.terminal ? CLEAR_LINE : "curvnoise: ", now.command, room, now.task, end,
            now.terminal ? "" : "\n");
    fflush(stderr);
    now.shown = t;
    now.foretold = *end != 0;
}

void doing(const char *format, ...) {
    va_list args;
    char *s;
    if (!now.wanted) return;
    va_start(args, format);
    vsnprintf(now.task, sizeof now.task, format, args);
    va_end(args);
    for (s = now.task; *s; s++)
        if ((unsigned char)*s < 32 || *s == 127) *s = '?'; /* whatever the name of a file holds */
    now.which = !now.which;                                /* the timer may be reading the other one */
    snprintf(now.line[now.which], sizeof now.line[0], "%s%s: %.70s%s", now.terminal ? "\r" : "curvnoise: ", now.command,
             now.task, now.terminal ? "" : "\n");
    if (now.shown < 0) show_later(now.line[now.which], 0);
    show(1);
}

void work_begin(double all) {
    now.work_start = seconds();
    now.all = all;
    now.done = now.call = now.part = 0;
}

void work_next(double cost) {
    now.done += now.call;
    now.call = cost;
    now.part = 0;
}

void work_part(double part) {
    now.part = fmin(part, 1);
    show(0);
}

int show_progress(void *user, const cn_progress *p) {
    (void)user;
    if (p->total > 0) work_part(p->done / p->total);
    return is_interrupted();
}
