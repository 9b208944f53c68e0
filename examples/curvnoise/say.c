/* say.c: the program's sentences, and text that grows. */
#include "cli.h"
#include <errno.h>
#include <stdarg.h>

void stop(int code, const char *format, ...)
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

void check(const cn_ctx *c, const char *about)
{
    int ours = c->status == CN_CANCELLED || c->status == CN_E_MEMORY || c->status == CN_E_NUMERIC;
    if (c->status == CN_CANCELLED) stop(1, "interrupted; nothing was written");
    if (c->status) stop(ours ? 1 : 2, "%s%s%s", about ? about : "", about ? ": " : "", c->message);
}

void say(text *t, const char *format, ...)
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

void print_all(const text *t)
{
    if (fwrite(t->at, 1, t->n, stdout) != t->n || fflush(stdout))
        stop(2, "standard output: writing failed (%s)", strerror(errno));
}
