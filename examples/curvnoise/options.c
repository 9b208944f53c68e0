/* options.c: the table of options, and reading them. */
#include "cli.h"
#include <errno.h>

enum { NOT_BUILT = -1, WITH_MOMENTUM = 100 };
const word loss_words[] = {{"ce", CN_LOSS_CROSS_ENTROPY}, {"mse", CN_LOSS_SQUARED}, {"bce", NOT_BUILT}, {NULL, 0}};
const word rule_words[] = {
    {"plain", CN_RULE_PLAIN}, {"sgd", CN_RULE_PLAIN},  {"momentum", WITH_MOMENTUM + CN_RULE_PLAIN},
    {"sam", CN_RULE_SAM},     {"nso", CN_RULE_NSO},    {"wpsgd", NOT_BUILT},
    {"usam", NOT_BUILT},      {"asam", NOT_BUILT},     {"rsam", NOT_BUILT},
    {"bsam", NOT_BUILT},      {"nesterov", NOT_BUILT}, {"adam", NOT_BUILT},
    {"adamw", NOT_BUILT},     {"amsgrad", NOT_BUILT},  {NULL, 0}};
static const word base_words[] = {{"sgd", 0},
                                  {"momentum", 1},
                                  {"nesterov", NOT_BUILT},
                                  {"adam", NOT_BUILT},
                                  {"adamw", NOT_BUILT},
                                  {"amsgrad", NOT_BUILT},
                                  {NULL, 0}};
static const word init_words[] = {
    {"auto", CN_INIT_AUTO}, {"he", CN_INIT_HE}, {"glorot", CN_INIT_GLOROT}, {"torch", CN_INIT_TORCH}, {NULL, 0}};
static const word noise_words[] = {{"normal", CN_NOISE_NORMAL},   {"uniform", CN_NOISE_UNIFORM},
                                   {"laplace", CN_NOISE_LAPLACE}, {"sign", CN_NOISE_SIGN},
                                   {"binomial4", NOT_BUILT},      {NULL, 0}};
static const word form_words[] = {{"auto", CN_TIC_AUTO},
                                  {"dense", CN_TIC_DENSE},
                                  {"gram", CN_TIC_GRAM},
                                  {"partial", CN_TIC_PARTIAL},
                                  {"quadrature", CN_TIC_QUADRATURE},
                                  {"diagonal", CN_TIC_DIAGONAL},
                                  {"layers", CN_TIC_LAYERS},
                                  {NULL, 0}};
const word kind_words[] = {{"h", CN_OP_HESSIAN},
                           {"g", CN_OP_GAUSS_NEWTON},
                           {"f", CN_OP_FISHER},
                           {"c", CN_OP_SECOND_MOMENT},
                           {"s", CN_OP_COVARIANCE},
                           {"j", CN_OP_JACOBIAN_MOMENT},
                           {NULL, 0}};

enum { TEXT, FLAG, WORD, COUNT, WHOLE, ABOVE, NUMBER, SHARE, PART };
static const char *const wants[] = {"",
                                    "",
                                    "",
                                    "a whole number of at least 1",
                                    "a whole number of at least 0",
                                    "a number above 0",
                                    "a number of at least 0",
                                    "a number in [0, 1)",
                                    "a number in (0, 1)"};
/* first: its value where it is not given, as text; NULL: 0, or said in words. rules: words of --opt that read it, NULL:
   all */
typedef struct option {
    const char *name;
    int commands, kind;
    size_t at;
    const word *words;
    const char *first, *arg, *says, *rules;
} option;
#define AT(field) offsetof(options, field)
static const option table[] = {
    {"--net", EVERY, TEXT, AT(net), NULL, NULL, "TEXT", "the network, or @FILE that holds its text", NULL},
    {"--x", EVERY, TEXT, AT(x), NULL, NULL, "FILE", "inputs: .npy, IDX, CIFAR-10 binary", NULL},
    {"--y", EVERY, TEXT, AT(y), NULL, NULL, "FILE",
     "class labels (integers) or targets (floats); one file may be both --x and --y", NULL},
    {"--x-test", TRAIN | MEASURE, TEXT, AT(x_test), NULL, NULL, "FILE", "inputs of a test set", NULL},
    {"--y-test", TRAIN | MEASURE, TEXT, AT(y_test), NULL, NULL, "FILE", "its labels or targets", NULL},
    {"--params", EVERY, TEXT, AT(params), NULL, NULL, "FILE",
     "weights: .safetensors, or .npy with the flat vector (train: where to start)", NULL},
    {"--loss", EVERY, WORD, AT(loss), loss_words, "ce", "LOSS",
     "ce: cross-entropy; mse: half the squared error, labels as one-hot targets", NULL},
    {"--scale", EVERY, ABOVE, AT(scale), NULL, NULL, "S", "inputs are divided by S (default 255 for bytes, else 1)",
     NULL},
    {"--standardise", EVERY, FLAG, AT(standardise), NULL, NULL, NULL,
     "inputs minus the training set's mean, over its standard deviation, per feature; 0 where it is constant", NULL},
    {"--opt", TRAIN, WORD, AT(opt), rule_words, "plain", "RULE",
     "plain, sam, nso; sgd and momentum are short for --base", NULL},
    {"--base", TRAIN, WORD, AT(base), base_words, NULL, "BASE",
     "sgd or momentum; default momentum when --momentum is above 0", NULL},
    {"--lr", TRAIN, ABOVE, AT(lr), NULL, "0.1", "R", "step size", NULL},
    {"--momentum", TRAIN, SHARE, AT(momentum), NULL, NULL, "M", "default 0; 0.9 with --base momentum", NULL},
    {"--weight-decay", TRAIN, NUMBER, AT(weight_decay), NULL, "0", "W", "W times the weights is added to the gradient",
     NULL},
    {"--batch", TRAIN, COUNT, AT(batch), NULL, "32", "N", "samples a step", NULL},
    {"--epochs", TRAIN, COUNT, AT(epochs), NULL, "10", "N", "passes over the data", NULL},
    {"--rho", TRAIN, NUMBER, AT(rho), NULL, "0.05", "R", "sam's radius", "sam"},
    {"--sigma", TRAIN | MEASURE, NUMBER, AT(sigma), NULL, "0.01", "S",
     "standard deviation of noise on the weights: nso, kink_share", "nso"},
    {"--k", TRAIN, COUNT, AT(k), NULL, "1", "N", "nso's pairs of gradients a step", "nso"},
    {"--noise", TRAIN, WORD, AT(noise), noise_words, "normal", "KIND", "nso's noise: normal, uniform, laplace, sign",
     "nso"},
    {"--schedule", TRAIN, TEXT, AT(schedule), NULL, "constant", "S",
     "of the step size: constant, cosine, step:EPOCHS,FACTOR", NULL},
    {"--init", TRAIN, WORD, AT(init), init_words, "auto", "SCHEME",
     "auto (he or glorot by activation), he, glorot, torch", NULL},
    {"--resume", TRAIN, FLAG, AT(resume), NULL, NULL, NULL,
     "go on from OUT.state, bit for bit; from the start where there is none", NULL},
    {"--save-every", TRAIN, COUNT, AT(save_every), NULL, "30", "SEC",
     "OUT.state is written after each epoch and every SEC seconds", NULL},
    {"--out", TRAIN, TEXT, AT(out), NULL, NULL, "FILE", "the trained weights, as .safetensors", NULL},
    {"--block", MEASURE | SPECTRUM, TEXT, AT(block), NULL, NULL, "NAME",
     "operators of one layer's weight instead of all parameters: 2.weight", NULL},
    {"--only", MEASURE, TEXT, AT(only), NULL, NULL, "KEYS", "just these keys, separated by commas, and what they need",
     NULL},
    {"--probes", MEASURE, COUNT, AT(probes), NULL, NULL, "N",
     "random probes for every trace (default: exact where cheap or P <= 5000, else 100)", NULL},
    {"--exact", MEASURE, FLAG, AT(exact), NULL, NULL, NULL, "no probes where there is another way, whatever it costs",
     NULL},
    {"--cut", MEASURE, PART, AT(cut), NULL, "0.001", "C", "TIC keeps eigenvalues above C times the largest", NULL},
    {"--operator", SPECTRUM, WORD, AT(kind), kind_words, "h", "OP",
     "h Hessian, g Gauss-Newton, f Fisher, c second moment, s covariance, j Jacobian moment", NULL},
    {"--form", MEASURE, WORD, AT(form), form_words, "auto", "FORM",
     "how TIC sums over the spectrum: auto, dense, gram (F alone), quadrature (auto where P > 5000), partial: the "
     "largest --pairs, a lower bound; diagonal, layers: of those parts of the matrix alone",
     NULL},
    {"--pairs", MEASURE, COUNT, AT(pairs), NULL, NULL, "N",
     "eigenvalues of TIC's partial form (default 100), which it chooses where P > 5000", NULL},
    {"--top", SPECTRUM, WHOLE, AT(top), NULL, NULL, "N",
     "just the N largest eigenvalues, and no density (default: all when P <= 5000, else 10)", NULL},
    {"--bottom", SPECTRUM, WHOLE, AT(bottom), NULL, NULL, "N", "just the N smallest, beside those of --top", NULL},
    {"--points", SPECTRUM, COUNT, AT(points), NULL, "400", "N", "points of the density", NULL},
    {"--width", SPECTRUM, ABOVE, AT(width), NULL, NULL, "W",
     "standard deviation of the Gaussian on each eigenvalue (default: 1/200 of the range)", NULL},
    {"--runs", SPECTRUM, COUNT, AT(runs), NULL, "10", "N",
     "P > 5000: random starts of Lanczos quadrature, for the density", NULL},
    {"--steps", SPECTRUM | MEASURE, COUNT, AT(steps), NULL, "80", "N", "P > 5000: steps of Lanczos quadrature", NULL},
    {"--svg", SPECTRUM, TEXT, AT(svg), NULL, NULL, "FILE", "draw the density and the eigenvalues", NULL},
    {"--seed", EVERY, WHOLE, AT(seed), NULL, "1", "N", "of everything random", NULL},
    {"--json", EVERY, FLAG, AT(json), NULL, NULL, NULL,
     "one JSON object instead of the table; 17 digits, so numbers read back exactly", NULL},
    {"--csv", EVERY, FLAG, AT(csv), NULL, NULL, NULL, "comma-separated values instead of the table", NULL},
    {"--progress", EVERY, FLAG, AT(progress), NULL, NULL, NULL,
     "what it is doing and how long it will take, from 2 s on; a terminal sees that anyway", NULL},
    {"--quiet", EVERY, FLAG, AT(quiet), NULL, NULL, NULL, "no progress and no remarks: nothing but errors", NULL},
    {"--threads", EVERY, COUNT, AT(threads), NULL, NULL, "N",
     "threads, where it is built with OpenMP (default: all there are); the results are the same bits", NULL},
    {"--help", EVERY, FLAG, AT(help), NULL, NULL, NULL, "this text", NULL},
};
enum { OPTIONS = sizeof table / sizeof table[0] };
typedef char table_fits[(int)OPTIONS <= (int)OPTION_MOST ? 1 : -1];

int the_number(const char *s, int whole, double *real, uint64_t *count) {
    char *end;
    if (!*s || s[strspn(s, whole ? "0123456789" : "0123456789+-.eE")]) return NO_NUMBER;
    errno = 0;
    if (whole)
        *count = strtoull(s, &end, 10);
    else
        *real = strtod(s, &end);
    if (*end) return NO_NUMBER;
    if (errno == ERANGE && (whole || fabs(*real) > 1)) return TOO_LARGE;
    if (!whole && *real == 0 && strcspn(s, "123456789") < strcspn(s, "eE")) return TOO_SMALL;
    return A_NUMBER;
}

const char *word_of(const word *words, int value) {
    while (words->text && words->value != value) words++;
    return words->text;
}

static void set_word(int *field, const option *o, const char *value) {
    const word *w;
    text known = CN_ZERO;
    for (w = o->words; w->text && strcmp(w->text, value); w++)
        if (w->value != NOT_BUILT) say(&known, " %s", w->text);
    if (!w->text) stop(2, "%s %s: expected one of%s", o->name, value, known.at);
    if (w->value == NOT_BUILT) stop(2, "%s %s is not built yet", o->name, value);
    free(known.at);
    *field = w->value;
}

static void set_option(options *to, const option *o, const char *value) {
    char *field = (char *)to + o->at;
    double real = 0;
    uint64_t count = 0;
    int good = A_NUMBER, whole = o->kind == COUNT || o->kind == WHOLE;
    if (o->kind == TEXT)
        *(const char **)(void *)field = value;
    else if (o->kind == FLAG)
        *(int *)(void *)field = 1;
    else if (o->kind == WORD)
        set_word((int *)(void *)field, o, value);
    else if ((good = the_number(value, whole, &real, &count)) == A_NUMBER && whole) {
        if (count > (size_t)-1 && o->at != AT(seed)) good = TOO_LARGE; /* a size, where those have 32 bits */
        if (o->kind == COUNT && !count) good = NO_NUMBER;
        *(uint64_t *)(void *)field = count;
    } else if (good == A_NUMBER) {
        if (!(o->kind == ABOVE || o->kind == PART ? real > 0 : real >= 0) || (o->kind >= SHARE && real >= 1))
            good = NO_NUMBER;
        *(double *)(void *)field = real;
    }
    if (good == TOO_LARGE || good == TOO_SMALL)
        stop(2, "%s %s: this number is too %s for its type", o->name, value, good == TOO_LARGE ? "large" : "small");
    if (good == NO_NUMBER) stop(2, "%s %s: expected %s", o->name, value, wants[o->kind]);
}

int is_given(const options *o, const char *name) {
    int k;
    for (k = 0; strcmp(table[k].name, name); k++) continue;
    return o->given[k];
}

/* Options of the contract that no command has yet. */
static int is_planned_option(const char *name) {
    static const char *const names[] = {"--eta",
                                        "--mix",
                                        "--lambda",
                                        "--beta2",
                                        "--epsilon",
                                        "--no-decay",
                                        "--no-noise",
                                        "--clip",
                                        "--pull",
                                        "--radius",
                                        "--label-smoothing",
                                        "--rho-schedule",
                                        "--sigma-schedule",
                                        "--val-x",
                                        "--val-y",
                                        "--patience",
                                        "--all",
                                        "--map",
                                        "--first"};
    size_t i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(name, names[i])) return 1;
    return 0;
}

static int find_option(const char *name, int bit, const command *c) {
    int k;
    for (k = 0; k < OPTIONS && strcmp(name, table[k].name); k++) continue;
    if (k == OPTIONS && is_planned_option(name)) stop(2, "%s is not built yet", name);
    if (k == OPTIONS)
        stop(2,
             name[0] == '-' ? "unknown option %s; `curvnoise %s --help` lists them"
                            : "%s: expected an option; `curvnoise %s --help` lists them",
             name, c->name);
    if (!(table[k].commands & bit)) stop(2, "%s is no option of %s", name, c->name);
    return k;
}

static int is_one_of(const char *list, const char *name) {
    size_t n;
    for (; *list; list += n, list += *list == ' ')
        if ((n = strcspn(list, " ")) == strlen(name) && !strncmp(list, name, n)) return 1;
    return 0;
}

/* What follows from several options together; what is given and not read is said. */
static void settle_options(options *to, int bit) {
    int k;
    if (to->json && to->csv) stop(2, "--json and --csv exclude each other");
    if (to->quiet && to->progress) stop(2, "--quiet and --progress exclude each other");
    if (!(bit & TRAIN)) return;
    if (to->opt >= WITH_MOMENTUM) {
        if (is_given(to, "--base") && !to->base) stop(2, "--opt momentum and --base sgd exclude each other");
        to->opt -= WITH_MOMENTUM;
        to->base = 1;
    }
    if (is_given(to, "--base") && !to->base && to->momentum > 0) {
        remark("--momentum is not read by --base sgd");
        to->momentum = 0;
    }
    if (!is_given(to, "--momentum")) to->momentum = to->base ? 0.9 : 0;
    for (k = 0; k < OPTIONS; k++)
        if (to->given[k] && table[k].rules && !is_one_of(table[k].rules, word_of(rule_words, to->opt)))
            remark("%s is not read by --opt %s", table[k].name, word_of(rule_words, to->opt));
    if (to->params && is_given(to, "--init")) remark("--init is not read: --params is where training starts");
}

void read_options(options *to, int bit, const command *c, int argc, char **argv) {
    int i, k;
    for (k = 0; k < OPTIONS; k++)
        if (table[k].first && (table[k].commands & bit)) set_option(to, &table[k], table[k].first);
    for (i = 0; i < argc; i++) {
        k = find_option(argv[i], bit, c);
        if (to->given[k]++) stop(2, "%s is given twice", argv[i]);
        if (table[k].kind == FLAG) {
            set_option(to, &table[k], NULL);
            continue;
        }
        if (i + 1 == argc) stop(2, "%s: its value (%s) is missing", argv[i], table[k].arg);
        set_option(to, &table[k], argv[++i]);
    }
    if (to->help) return;
    settle_options(to, bit);
    for (k = 0; k < OPTIONS; k++)
        if (strstr(c->needs, table[k].name) && !to->given[k])
            stop(2, "%s is missing; `curvnoise %s --help` shows an example", table[k].name, c->name);
}

void say_options(text *t, int bit) {
    int k;
    for (k = 0; k < OPTIONS; k++) {
        if (!(table[k].commands & bit)) continue;
        say(t, "  %-14s %-7s %s", table[k].name, table[k].arg ? table[k].arg : "", table[k].says);
        if (table[k].first) say(t, " (default %s)", table[k].first);
        say(t, "\n");
    }
}
