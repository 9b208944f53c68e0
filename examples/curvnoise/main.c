/* main.c: the commands, help, and the way from arguments to a command. */
#include "cli.h"

#define COMMAND_ADDRESS(NAME, name) &name##_command,
static const command *const commands[] = {COMMANDS(COMMAND_ADDRESS)};
/* Commands of the contract that are not built yet. */
static const char *const planned[] = {"prune", "tpv", "predict", "describe"};
enum { PLANNED = sizeof planned / sizeof planned[0] };

static void help(void) {
    text t = CN_ZERO;
    int i;
    say(&t, "curvnoise: train a small network, measure its loss surface and its gradient noise.\n\n"
            "  curvnoise COMMAND [options]               curvnoise COMMAND --help teaches the command; --version\n\n");
    for (i = 0; i < COMMAND_COUNT; i++) say(&t, "  %-10s %s\n", commands[i]->name, commands[i]->says);
    say(&t, "\nTwo commands, from data to numbers:\n\n%s\n%s\n",
        "  curvnoise train --net \"input 784; dense 32; relu; dense 10\" --x train-images --y train-labels --epochs 5 "
        "--out model.safetensors",
        "  curvnoise measure --net \"input 784; dense 32; relu; dense 10\" --params model.safetensors --x train-images "
        "--y train-labels");
    say(&t, "\nA network: items between semicolons (or lines of @FILE), fields by spaces:\n"
            "  input 784 | input 1 28 28     dense 50 [bias=0]     conv 16 3 [stride=2 pad=1 groups=4 bias=0]     "
            "maxpool 2 [stride=2]     avgpool 2\n"
            "  gap   flatten   batchnorm   dropout 0.1   relu   leaky 0.01   tanh   sigmoid   softplus   gelu   silu   "
            "softmax\n"
            "  residual { conv 16 3 pad=1; batchnorm; relu; conv 16 3 pad=1; batchnorm } [skip { conv 16 1 }]\n\n"
            "Weights: safetensors with the names of a PyTorch nn.Sequential of the same items, so "
            "save_file(model.state_dict()) opens as it is.\n"
            "Exit code: 0 well; 2 bad input, one sentence on standard error; 1 anything else (interrupted, out of "
            "memory, diverged).\n"
            "Standard error has one line of progress where it is a terminal, else only errors and remarks. ctrl-C "
            "prints what is finished.\n");
    print_all(&t);
}

static void help_command(const command *c, int bit) {
    text t = CN_ZERO;
    say(&t, "curvnoise %s: %s. Needs %s.\n\n%s\n", c->name, c->says, c->needs, c->example);
    say_options(&t, bit);
    if (c == &measure_command) say_keys(&t);
    print_all(&t);
}

static int number_of(const char *name) {
    static const char known[] = "expected a command (train, measure, spectrum); `curvnoise --help` explains";
    int i;
    if (!name) stop(2, "%s", known);
    for (i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(name, commands[i]->name)) return i;
    for (i = 0; i < PLANNED; i++)
        if (!strcmp(name, planned[i])) stop(2, "%s is not built yet", name);
    stop(2, "%s: %s", name, known);
    return 0;
}

static void version(void) {
    text t = CN_ZERO;
    say(&t, "curvnoise %s\n", CN_VERSION);
    print_all(&t);
}

int main(int argc, char **argv) {
    run r;
    const command *c;
    int number;
    memset(&r, 0, sizeof r);
    catch_signals();
    argv = arguments(&argc, argv);
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
        help();
        return 0;
    }
    if (argc > 1 && !strcmp(argv[1], "--version")) {
        version();
        return 0;
    }
    number = number_of(argc > 1 ? argv[1] : NULL);
    c = commands[number];
    r.command = c->name;
    read_options(&r.o, 1 << number, c, argc - 2, argv + 2);
    if (r.o.help) {
        help_command(c, 1 << number);
        return 0;
    }
    last_words(NULL, "interrupted; nothing was written");
    progress_begin(&r);
    r.ctx.limit_bytes = memory_of_machine(); /* a sentence instead of swapping */
    r.ctx.threads = r.o.threads < 1000 ? (int)r.o.threads : 1000;
#ifndef _OPENMP
    if (r.o.threads > 1) remark("--threads is not read: this program was built without OpenMP");
#endif
    c->run(&r);
    cn_free_all(&r.ctx);
    return 0;
}
