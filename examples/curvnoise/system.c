/* system.c: what differs from system to system: signals, the terminal, memory, files. */
#include "cli.h"
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static int line_open; /* a progress line stands on the terminal */

static void on_signal(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
} /* a second ctrl-C ends at once */

void catch_signals(void)
{
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGXFSZ, SIG_IGN); /* a full disk is an error of write(), not a signal */
}

int is_interrupted(void) { return interrupted; }

size_t memory_of_machine(void) /* 0: unknown */
{
    long pages = sysconf(_SC_PHYS_PAGES);
    return pages > 0 ? (size_t)pages * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

void end_line(void)
{
    if (line_open) fprintf(stderr, "\r%70s\r", "");
    line_open = 0;
}

int show_progress(void *user, const cn_progress *p)
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

int file_is_there(const char *path)
{
    struct stat s;
    return !stat(path, &s);
}

void must_be_a_file(const char *path)
{
    struct stat s;
    if (!stat(path, &s) && !S_ISREG(s.st_mode))
        stop(2, "%s: %s; expected the name of a file to write", path,
             S_ISDIR(s.st_mode) ? "this is a directory" : "this is no ordinary file");
}

void write_file(run *r, const char *path, const void *data, size_t bytes)
{
    cn_file_write(&r->ctx, path, data, bytes);
    check(&r->ctx, strstr(r->ctx.message, path) ? NULL : path);
}
