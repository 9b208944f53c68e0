/* cli.h: what the files of the command line share.

       make cli                                    builds build/curvnoise with CN_REAL=double
       cc -O2 examples/curvnoise/[a-z]*.c -lm -o curvnoise     does the same without zlib
       build/curvnoise --help                      and `curvnoise COMMAND --help` teach by example

   main.c      commands, help              options.c   the table of options      train.c     trains
   say.c       sentences, text             read.c      files and their formats   measure.c   prints keys
   progress.c  what takes how long         data.c      network, data, weights    keys.c      the table of keys
   system.c    signals, terminal, files    library.c   curvnoise.h               values.c    what keys are made of
   spectrum.c  eigenvalues, their density, a picture

   A command is a file with a `const command` and a row in COMMANDS below; an option is a row in options.c and a field
   of `options`; a key of `measure` is a row in keys.c.

   The way of the program: options -> files -> problem and point -> keys or a spectrum -> a report, built in memory and
   printed at the end. Whatever goes wrong ends in stop(): one sentence on standard error, nothing half written. */
#ifndef CLI_H
#define CLI_H
#define _POSIX_C_SOURCE 200809L  /* isatty, stat, sysconf, O_NOFOLLOW */
#define __USE_MINGW_ANSI_STDIO 1 /* Windows: %zu */
#ifndef CN_REAL
#define CN_REAL double /* TIC divides by small eigenvalues */
#endif
#include "../../curvnoise.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- commands ---- */

#define COMMANDS(X)     \
    X(TRAIN, train)     \
    X(MEASURE, measure) \
    X(SPECTRUM, spectrum)
#define COMMAND_NUMBER(NAME, name) NAME##_NUMBER,
enum { COMMANDS(COMMAND_NUMBER) COMMAND_COUNT };
#define COMMAND_BIT(NAME, name) NAME = 1 << NAME##_NUMBER,
enum { COMMANDS(COMMAND_BIT) EVERY = (1 << COMMAND_COUNT) - 1 };

typedef struct run run;
typedef struct command {
    const char *name;
    void (*run)(run *r);
    const char *needs, *says, *example; /* options that must be given; one line; what --help shows */
} command;
#define COMMAND_DECLARED(NAME, name) extern const command name##_command;
COMMANDS(COMMAND_DECLARED)

/* ---- say.c: how the program ends (0 well, 1 not the input's fault, 2 bad input), and text that grows ---- */

void stop(int code, const char *format, ...); /* never returns */
/* After any call of the library: an error ends the program, with the file or option that it is about in front. */
void check(const cn_ctx *c, const char *about);
typedef struct text {
    char *at;
    size_t n, room;
} text;
void say(text *t, const char *format, ...);
/* Something worth knowing that is no error: printed once the input is accepted. */
void remark(const char *format, ...);
void say_remarks(const run *r);

/* ---- options.c ---- */

enum { OPTION_MOST = 96 };
typedef struct options {
    const char *net, *x, *y, *x_test, *y_test, *params, *block, *only, *schedule, *out, *svg;
    int loss, opt, base, init, noise, kind, resume, standardise, exact, json, csv, quiet, progress, form, help;
    uint64_t batch, epochs, k, seed, save_every, probes, top, bottom, points, runs, steps, pairs, threads;
    double lr, momentum, sigma, rho, weight_decay, scale, cut, width;
    unsigned char given[OPTION_MOST]; /* by row of the table */
} options;
typedef struct word {
    const char *text;
    int value;
} word;
extern const word loss_words[], rule_words[], kind_words[];
const char *word_of(const word *words, int value);
void read_options(options *to, int bit, const command *c, int argc, char **argv);
int is_given(const options *o, const char *name);
void say_options(text *t, int bit);
enum { NO_NUMBER, A_NUMBER, TOO_LARGE, TOO_SMALL }; /* too large, too small for its type */
int the_number(const char *s, int whole, double *real, uint64_t *count);

/* ---- a run: what a command works on ---- */

typedef struct set {
    const char *x, *y;
    cn_problem *problem;
    cn_point *point;
    size_t n;
    int labels;
    uint64_t hash; /* of both files */
} set;
struct run {
    cn_ctx ctx;
    options o;
    const char *command, *net_text, *now; /* now: the key or step in work */
    cn_net *net;
    cn_net_info info;
    cn_block block;
    cn_real *theta, *gradient, *mean, *sd, *unit; /* the latter three: of --standardise */
    set train, test;
    uint64_t params_hash;
    struct memo *memo;
};

/* ---- system.c: signals, clocks, terminal, memory, files ---- */

#define CLEAR_LINE "\r%78s\r"
void catch_signals(void);
int is_interrupted(void);
/* What is printed if the program must end at once: on standard output (NULL: nothing), and a sentence. */
void last_words(const text *out, const char *format, ...);
double seconds(void);                                /* of a clock that only goes forward */
int is_terminal(void);                               /* standard error */
void show_later(const char *line, int milliseconds); /* by a timer, unless 0: then the line alone changes */
size_t memory_of_machine(void);                      /* bytes; 0: unknown */
char **arguments(int *count, char **as_given);       /* in UTF-8 */
void print_all(text *t);                             /* on standard output, and frees it */
enum { NOTHING, A_FILE, A_DIRECTORY, SOMETHING_ELSE };
int what_is(const char *path);
int are_the_same(const char *a, const char *b); /* one file by two names */
void write_file(run *r, const char *path, const void *data, size_t bytes);

/* ---- progress.c ---- */

void progress_begin(const run *r);
void doing(const char *format, ...); /* what, in some words */
void work_begin(double all);         /* forecast in any unit; then, before each part of it: */
void work_next(double cost);
void work_part(double part);                         /* how much of it is done */
int show_progress(void *user, const cn_progress *p); /* for cn_ctx */
void end_line(void);                                 /* the line on the terminal goes away */

/* ---- read.c, data.c ---- */

enum { KINDS = CN_OP_JACOBIAN_MOMENT + 1 }; /* of operators, for --operator and the keys */
enum { EXACT_MOST = 5000 };                 /* up to so many parameters matrices are made */
enum { CACHE = 1 << 28 };                   /* bytes of activations kept at a point */
#define HASH_START 0xCBF29CE484222325u
uint64_t hash_of(uint64_t h, const void *data, size_t bytes);
void *read_file(run *r, const char *path, size_t *bytes); /* lives until the end; gzip is unpacked */
/* After reading something from a file in memory: as check(), and formats that are not read are named. */
void check_file(run *r, const char *path, const void *file, size_t bytes);
int is_input(const run *r, const char *path); /* one of the files that options name to be read, by any name for it */
/* Where a file will be: nothing, or an ordinary file to be replaced, which is no input but perhaps `allowed`. */
void must_be_free(const run *r, const char *path, const char *allowed);
void check_theta(run *r, const char *path); /* finite, variances not negative */
void read_net(run *r);
void read_data(run *r);
void read_theta(run *r);
void read_all(run *r); /* what measure and spectrum start from: the above, block and points */

/* ---- measure.c ---- */

void report(run *r, int groups); /* keys of these groups, bit by bit */
void say_keys(text *t);          /* their list, for --help */

#endif
