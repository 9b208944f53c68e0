/* measure.c: the numbers of a trained network: which keys, and how they are printed. */
#include "keys.h"

static void choose(const char *only, unsigned char *wanted) /* all that there are, or those named */
{
    size_t length;
    int k;
    memset(wanted, !only, (size_t)key_count);
    while (only) {
        length = strcspn(only, ",");
        k = find_key(only, length);
        if (k < 0 && is_planned(only, length)) stop(2, "--only: key `%.*s` is not built yet", (int)length, only);
        if (k < 0)
            stop(2, "--only: unknown key `%.*s`; `curvnoise measure --help` lists them",
                 (int)(length < 80 ? length : 80), only);
        wanted[k] = 1;
        only = only[length] ? only + length + 1 : NULL;
    }
}

/* What is to be computed, and what is there already. */
typedef struct table {
    unsigned char wanted[KEY_MOST], done[KEY_MOST];
    value values[KEY_MOST];
} table;

static value value_of(run *r, const key *k) {
    const set *s = k->needs & TEST_SET ? &r->test : &r->train;
    if (!s->problem) return null_for("there is no test set");
    if ((k->needs & LABELS) && !s->labels) return null_for("targets are no class labels");
    r->now = k->name;
    return k->of(r, k->a, k->b);
}

static void say_json(text *t, const char *name, const char *tail, int null, double v) {
    say(t, "%s\"%s%s\": ", t->n ? ", " : "{", name, tail);
    if (null)
        say(t, "null");
    else
        say(t, "%.17g", v);
}

static void say_key(text *t, const options *o, const key *k, const value *x) {
    char with[80] = "";
    if (o->json) {
        say_json(t, k->name, "", x->null, x->v);
        if (k->print == SAMPLED) {
            say_json(t, k->name, "_se", x->null, x->error);
            say_json(t, k->name, "_probes", x->null, (double)x->probes);
        }
        if (k->print == ITERATED) say_json(t, k->name, "_residual", x->null, x->residual);
    } else if (o->csv) {
        if (!t->n) say(t, "key,value,se,probes\n");
        if (x->null) {
            say(t, "%s,,,\n", k->name);
            return;
        }
        if (k->print == SAMPLED)
            say(t, "%s,%.17g,%.17g,%zu\n", k->name, x->v, x->error, x->probes);
        else
            say(t, "%s,%.17g,,\n", k->name, x->v);
        if (k->print == ITERATED) say(t, "%s_residual,%.17g,,\n", k->name, x->residual);
    } else if (x->null)
        say(t, "  %-16s %13s  %-24s %s; null: %s\n", k->name, "null", "", k->says, x->why);
    else {
        if (x->probes) snprintf(with, sizeof with, "+- %.2g (%zu probes)", x->error, x->probes);
        if (k->print == ITERATED) snprintf(with, sizeof with, "residual %.1g", x->residual);
        if (x->note) snprintf(with, sizeof with, "%s", x->note);
        say(t, "  %-16s %13.7g  %-24s %s\n", k->name, x->v, with, k->says);
    }
}

static text print_table(const options *o, const table *a, int interrupted) {
    text t = CN_ZERO;
    value missing = null_for("interrupted");
    int k, group = -1;
    for (k = 0; k < key_count; k++) {
        if (!a->wanted[k]) continue;
        if (!o->json && !o->csv && keys[k].group != group)
            say(&t, "%s%s\n", t.n ? "\n" : "", group_names[group = keys[k].group]);
        say_key(&t, o, &keys[k], a->done[k] ? &a->values[k] : &missing);
    }
    if (interrupted && o->json)
        say(&t, "%s\"interrupted\": true", t.n ? ", " : "{");
    else if (interrupted)
        say(&t, o->csv ? "interrupted,1,,\n" : "\ninterrupted: not everything was computed\n");
    if (o->json) say(&t, "}\n");
    return t;
}

static void keep_ready(const run *r, const table *a) {
    text t = print_table(&r->o, a, 1);
    last_words(&t, "interrupted; what was finished is printed");
    free(t.at);
}

static void compute(run *r, table *a) {
    memo m;
    unsigned have = 0, needs;
    double all = 0;
    int k, count = 0, number = 0, pass;
    memset(&m, 0, sizeof m);
    r->memo = &m;
    for (k = 0; k < key_count; k++) m.needs |= a->wanted[k] ? keys[k].needs : 0;
    r->gradient = cn_vector(&r->ctx, r->info.size);
    check(&r->ctx, "--net");
    for (pass = 0; pass < 2; pass++, have = 0) {
        if (pass) work_begin(all);
        for (k = 0; k < key_count; k++) {
            if (!a->wanted[k]) continue;
            needs = keys[k].needs & ~have;
            have |= keys[k].needs;
            if (!pass) {
                all += cost_of(r, needs, keys[k].cost);
                count++;
                continue;
            }
            if (is_interrupted()) return;
            doing("%s, key %d of %d", keys[k].name, ++number, count);
            work_next(cost_of(r, needs, keys[k].cost));
            a->values[k] = value_of(r, &keys[k]);
            a->done[k] = 1;
            keep_ready(r, a);
        }
    }
}

static void print_report(run *r, const table *a) {
    int interrupted = is_interrupted();
    text t = print_table(&r->o, a, interrupted);
    end_line();
    print_all(&t);
    if (interrupted) stop(1, "interrupted; what was finished is printed");
    say_remarks(r);
}

void report(run *r, int groups) {
    table *a = (table *)calloc(1, sizeof *a);
    int k;
    if (!a) stop(1, "no memory for the report");
    for (k = 0; k < key_count; k++) a->wanted[k] = groups >> keys[k].group & 1;
    keep_ready(r, a);
    compute(r, a);
    print_report(r, a);
    free(a);
}

/* An option that only some keys read. */
static void remark_unread(const run *r, const table *a, const char *name, unsigned needs, const char *key_name) {
    int k;
    if (!is_given(&r->o, name)) return;
    for (k = 0; k < key_count; k++)
        if (a->wanted[k] && ((keys[k].needs & needs) || (key_name && !strcmp(keys[k].name, key_name)))) return;
    remark("%s is not read by the keys asked for", name);
}

static void measure(run *r) {
    table *a = (table *)calloc(1, sizeof *a);
    if (!a) stop(1, "no memory for the report");
    choose(r->o.only, a->wanted); /* a wrong key is told before the files are read */
    if (r->o.probes && r->o.exact) stop(2, "--probes and --exact exclude each other");
    remark_unread(r, a, "--sigma", 0, "kink_share");
    remark_unread(r, a, "--cut", TIC_H | TIC_F, NULL);
    remark_unread(r, a, "--form", TIC_H | TIC_F, NULL);
    remark_unread(r, a, "--pairs", TIC_H | TIC_F, NULL);
    remark_unread(r, a, "--steps", TIC_H | TIC_F, NULL);
    keep_ready(r, a);
    read_all(r);
    compute(r, a);
    print_report(r, a);
    free(a);
}

const command measure_command = {
    "measure", measure, "--net --params --x --y", "prints the numbers of a trained network",
    "  curvnoise measure --net @net.txt --params model.safetensors --x train-x.npy --y train-y.npy --x-test test-x.npy "
    "--y-test test-y.npy\n"
    "  ... --only loss,trace_h,tic --json        just these, for a script\n"
    "  ... --block 2.weight                      operators of one layer's weight: item 2 of the network, as in a "
    "PyTorch Sequential\n"
    "  ... --probes 400                          random probes, with standard errors, instead of exact traces\n"
    "Everything is over the training set, except, where a test set is given: loss_test, accuracy_test, tic*, "
    "trace_ratio_cf, sensitivity,\n"
    "tpv_iso. --block is for operators; loss, grad_norm, params, aic, sensitivity and the MLS group are of the whole "
    "network. "
    "Exact where a few passes\n"
    "suffice or P <= 5000, else 100 probes (tic: 32): KEY_se is one standard error (0: exact), KEY_probes their number "
    "(0: "
    "exact). null: has no\n"
    "meaning here (the table says why), or was not examined: TIC of more than 5000 parameters is taken by quadrature, "
    "which counts nothing,\nor with --pairs from the largest alone, a lower bound. TIC presumes a network near a "
    "minimum: compare networks whose training loss is small.\n"
    "--csv prints key,value,se,probes. After ctrl-C what is finished is printed, marked (\"interrupted\": true), and "
    "the "
    "exit code is 1.\n"};
