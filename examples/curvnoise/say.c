/* say.c: the program's sentences, and text that grows. */
#include "cli.h"
#include <stdarg.h>

static void one_line(char *sentence, size_t room, const char *format, va_list args) {
    char *s;
    vsnprintf(sentence, room, format, args);
    for (s = sentence; *s; s++)
        if ((unsigned char)*s < 32 || *s == 127) *s = '?'; /* whatever a file or an argument holds */
}

void stop(int code, const char *format, ...) {
    char sentence[1000];
    va_list args;
    va_start(args, format);
    one_line(sentence, sizeof sentence, format, args);
    va_end(args);
    end_line();
    fprintf(stderr, "curvnoise: %s\n", sentence);
    exit(code);
}

static text remarks;

void remark(const char *format, ...) {
    char sentence[1000];
    va_list args;
    va_start(args, format);
    one_line(sentence, sizeof sentence, format, args);
    va_end(args);
    say(&remarks, "curvnoise: %s\n", sentence);
}

void say_remarks(const run *r) {
    end_line();
    if (remarks.n && !r->o.quiet) fputs(remarks.at, stderr);
    remarks.n = 0;
}

void check(const cn_ctx *c, const char *about) {
    int ours = c->status == CN_CANCELLED || c->status == CN_E_MEMORY || c->status == CN_E_NUMERIC;
    if (c->status == CN_CANCELLED) stop(1, "interrupted; nothing was written");
    if (c->status) stop(ours ? 1 : 2, "%s%s%s", about ? about : "", about ? ": " : "", c->message);
}

void say(text *t, const char *format, ...) {
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
