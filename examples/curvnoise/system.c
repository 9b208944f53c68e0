/* system.c: what differs from system to system: signals, clocks, the terminal, memory, files.

   SIGINT and SIGTERM set a flag, which the library asks for between units of work: then what is finished is printed as
   usual. Where that takes longer than half a second, a timer prints the last words, which are kept ready at all times,
   and ends the program. The same timer shows what the program is doing where nothing else has said so for 2 s. */
#include "cli.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <shellapi.h>
#include <io.h>
#define write _write
#define isatty _isatty
#else
#include <sys/time.h>
#include <unistd.h>
#ifndef O_NOFOLLOW
#define O_NOFOLLOW 0
#endif
#endif

static volatile sig_atomic_t interrupted, busy; /* busy: writing, which is not cut short */
typedef struct words {
    text out, err;
} words;
static words *volatile last;         /* what to print before an end by the timer */
static const char *volatile to_show; /* what the timer shows */

static void write_all(int file, const char *at, size_t n) {
    while (n) {
        long done = (long)write(file, at, (unsigned)(n > 1 << 30 ? 1 << 30 : n));
        if (done <= 0) return;
        at += done;
        n -= (size_t)done;
    }
}

static void end_now(void) /* in a signal's handler */
{
    const words *w = last;
    if (w) {
        write_all(1, w->out.at, w->out.n);
        write_all(2, w->err.at, w->err.n);
    }
    _exit(1);
}

void last_words(const text *out, const char *format, ...) {
    words *w = (words *)calloc(1, sizeof *w), *old = last;
    char sentence[600];
    va_list args;
    if (!w) stop(1, "no memory for the report");
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    say(&w->out, "%s", out && out->at ? out->at : "");
    say(&w->err, "%scurvnoise: %s\n", isatty(2) ? CLEAR_LINE : "", sentence);
    last = w;
    if (!old) return;
    free(old->out.at);
    free(old->err.at);
    free(old);
}

int is_interrupted(void) { return interrupted; }

/* ---- signals and clocks ---- */

#ifdef _WIN32

static void on_signal(int number) /* in a thread of its own */
{
    if (interrupted) _exit(1);
    interrupted = 1;
    signal(number, on_signal);
    do Sleep(500);
    while (busy);
    end_now();
}

void catch_signals(void) {
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
}

void show_later(const char *line, int milliseconds) /* there is no timer */
{
    (void)line;
    (void)milliseconds;
}

double seconds(void) { return 1e-3 * (double)GetTickCount64(); }

size_t memory_of_machine(void) {
    MEMORYSTATUSEX s;
    s.dwLength = sizeof s;
    if (!GlobalMemoryStatusEx(&s)) return 0;
    return s.ullTotalPhys < (size_t)-1 ? (size_t)s.ullTotalPhys : (size_t)-1;
}

#else

static void set_timer(int milliseconds) {
    struct itimerval t;
    memset(&t, 0, sizeof t);
    t.it_value.tv_sec = milliseconds / 1000;
    t.it_value.tv_usec = milliseconds % 1000 * 1000;
    setitimer(ITIMER_REAL, &t, NULL);
}

static void on_timer(int number) {
    int kept = errno;
    (void)number;
    if (interrupted && !busy) end_now();
    if (interrupted)
        set_timer(100);
    else
        write_all(2, to_show, to_show ? strlen(to_show) : 0);
    errno = kept;
}

static void on_signal(int number) {
    int kept = errno;
    interrupted = 1;
    signal(number, SIG_DFL); /* a second ctrl-C ends at once */
    set_timer(500);
    errno = kept;
}

static void catch_signal(int number, void (*handler)(int)) {
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    a.sa_flags = SA_RESTART;
    sigaction(number, &a, NULL);
}

void catch_signals(void) {
    catch_signal(SIGINT, on_signal);
    catch_signal(SIGTERM, on_signal);
    catch_signal(SIGALRM, on_timer);
    catch_signal(SIGXFSZ, SIG_IGN); /* a full disk is an error of write(), not a signal */
}

void show_later(const char *line, int milliseconds) {
    to_show = line;
    if (milliseconds) set_timer(milliseconds);
}

double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

size_t memory_of_machine(void) {
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0) return 0;
    return (size_t)pages < (size_t)-1 / (size_t)page ? (size_t)pages * (size_t)page : (size_t)-1;
}

#endif

int is_terminal(void) { return isatty(2); }

void print_all(text *t) {
    int bad;
    busy = 1;
    bad = fwrite(t->at, 1, t->n, stdout) != t->n || fflush(stdout);
    busy = 0;
    free(t->at);
    if (bad) stop(2, "standard output: writing failed (%s)", strerror(errno));
}

/* ---- files ---- */

#ifdef _WIN32

static HANDLE open_to_ask(const char *path) {
    wchar_t wide[4096];
    if (!MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 4096)) return INVALID_HANDLE_VALUE;
    return CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

int what_is(const char *path) {
    BY_HANDLE_FILE_INFORMATION i;
    HANDLE h = open_to_ask(path);
    int kind = NOTHING;
    if (h == INVALID_HANDLE_VALUE) return kind;
    if (GetFileType(h) != FILE_TYPE_DISK)
        kind = SOMETHING_ELSE;
    else if (GetFileInformationByHandle(h, &i))
        kind = i.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? A_DIRECTORY : A_FILE;
    CloseHandle(h);
    return kind;
}

int are_the_same(const char *a, const char *b) {
    BY_HANDLE_FILE_INFORMATION i[2];
    HANDLE h[2];
    int good = 1, k;
    h[0] = open_to_ask(a);
    h[1] = open_to_ask(b);
    for (k = 0; k < 2; k++) {
        good = good && h[k] != INVALID_HANDLE_VALUE && GetFileInformationByHandle(h[k], &i[k]);
        if (h[k] != INVALID_HANDLE_VALUE) CloseHandle(h[k]);
    }
    return good && i[0].dwVolumeSerialNumber == i[1].dwVolumeSerialNumber &&
           i[0].nFileIndexHigh == i[1].nFileIndexHigh && i[0].nFileIndexLow == i[1].nFileIndexLow;
}

void write_file(run *r, const char *path, const void *data, size_t bytes) {
    busy = 1;
    cn_file_write(&r->ctx, path, data, bytes);
    busy = 0;
    check(&r->ctx, strstr(r->ctx.message, path) ? NULL : path);
}

char **arguments(int *count, char **as_given) /* in UTF-8 */
{
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), count);
    char **out = wide ? (char **)calloc((size_t)*count + 1, sizeof *out) : NULL;
    int i, n;
    for (i = 0; out && i < *count; i++) {
        n = WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, NULL, 0, NULL, NULL);
        out[i] = (char *)calloc((size_t)n + 1, 1);
        if (!out[i]) return as_given;
        WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, out[i], n, NULL, NULL);
    }
    SetConsoleOutputCP(CP_UTF8);
    return out ? out : as_given;
}

#else

int what_is(const char *path) {
    struct stat s;
    if (stat(path, &s)) return NOTHING;
    return S_ISREG(s.st_mode) ? A_FILE : S_ISDIR(s.st_mode) ? A_DIRECTORY : SOMETHING_ELSE;
}

int are_the_same(const char *a, const char *b) {
    struct stat s, t;
    return !stat(a, &s) && !stat(b, &t) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

static int lock(int file) {
    struct flock l;
    memset(&l, 0, sizeof l);
    l.l_type = F_WRLCK;
    l.l_whence = SEEK_SET;
    return !fcntl(file, F_SETLK, &l) || (errno != EACCES && errno != EAGAIN); /* some file systems have no locks */
}

static void name_partial(char *name, size_t room, const char *path, int k) {
    snprintf(name, room, k > 1 ? "%s.partial%d" : "%s.partial", path, k);
}

/* Opened and locked, or -1. Between opening and locking, its owner may have renamed it. */
static int open_locked(const char *name, int how) {
    struct stat by_name, by_file;
    int file = open(name, how | O_WRONLY | O_NONBLOCK | O_NOFOLLOW, 0666);
    if (file < 0) return -1;
    if (lock(file) && !fstat(file, &by_file) && !stat(name, &by_name) && by_file.st_ino == by_name.st_ino &&
        S_ISREG(by_file.st_mode))
        return file;
    close(file);
    errno = EBUSY;
    return -1;
}

/* A file beside `path` that no other process writes and no option names: PATH.partial, or PATH.partial2 ... while that
   one is in use. What a process that was killed has left there is written over: its lock is gone. */
static int open_partial(const run *r, const char *path, char *name, size_t room, int *k) {
    int file;
    for (*k = 1; *k < 1000; ++*k) {
        name_partial(name, room, path, *k);
        if (is_input(r, name)) continue;
        file = open_locked(name, O_CREAT);
        if (file >= 0 && !ftruncate(file, 0)) return file;
        if (errno != EBUSY && errno != ELOOP && errno != EISDIR && errno != ENXIO) return -1;
    }
    return -1;
}

static void remove_left_over(const run *r, const char *path, char *name, size_t room, int k) {
    int file;
    for (;; k++) {
        name_partial(name, room, path, k);
        if (what_is(name) != A_FILE || is_input(r, name) || (file = open_locked(name, 0)) < 0) return;
        unlink(name);
        close(file);
    }
}

static int put(int file, const char *at, size_t n) {
    while (n) {
        ssize_t done = write(file, at, n < 1 << 30 ? n : 1 << 30);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return 0;
        at += done;
        n -= (size_t)done;
    }
    return 1;
}

/* Readers see the old file or the new one, never a part, however many processes write it. */
void write_file(run *r, const char *path, const void *data, size_t bytes) {
    size_t room = strlen(path) + 20;
    char *name = (char *)malloc(room);
    int file, good, k;
    if (!name) stop(1, "no memory for a file name");
    busy = 1;
    errno = 0;
    file = open_partial(r, path, name, room, &k);
    if (file < 0) stop(2, "file '%s' cannot be written: %s", path, strerror(errno));
    good = put(file, (const char *)data, bytes);
    if (!good) {
        good = errno;
        unlink(name);
        close(file);
        stop(2, "file '%s': its %zu bytes could not all be written: %s", path, bytes, strerror(good));
    }
    if (rename(name, path)) {
        good = errno;
        unlink(name);
        close(file);
        stop(2, "file '%s' cannot be replaced: %s", path, strerror(good));
    }
    close(file); /* and the lock goes */
    remove_left_over(r, path, name, room, k + 1);
    busy = 0;
    free(name);
}

char **arguments(int *count, char **as_given) {
    (void)count;
    return as_given;
}

#endif
