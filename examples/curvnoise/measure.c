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

static value value_of(run *r, const key *k)
{
    const set *s = k->needs & TEST_SET ? &r->test : &r->train;
    if (!s->problem) return null_for("there is no test set");
    if ((k->needs & LABELS) && !s->labels) return null_for("targets are no class labels");
    r->now = k->name;
    return k->of(r, k->a, k->b);
}

static void say_json(text *t, const char *name, const char *tail, int null, double v)
{
    say(t, "%s\"%s%s\": ", t->n ? ", " : "{", name, tail);
    if (null)
        say(t, "null");
    else
        say(t, "%.17g", v);
}

static void say_key(text *t, const options *o, const key *k, const value *x)
{
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
        say(t, "  %-16s %13.7g  %-24s %s\n", k->name, x->v, with, k->says);
    }
}

void report(run *r, int groups)
{
    unsigned char wanted[KEY_MOST];
    text t = CN_ZERO;
    memo m;
    int k, group = -1;
    memset(&m, 0, sizeof m);
    r->memo = &m;
    r->gradient = cn_vector(&r->ctx, r->info.size);
    check(&r->ctx, "--net");
    choose(r->o.only, wanted);
    for (k = 0; k < key_count; k++) {
        value x;
        if (!wanted[k] || !(groups >> keys[k].group & 1)) continue;
        x = value_of(r, &keys[k]);
        if (is_interrupted()) stop(1, "interrupted before the report");
        if (!r->o.json && !r->o.csv && keys[k].group != group)
            say(&t, "%s%s\n", t.n ? "\n" : "", group_names[group = keys[k].group]);
        say_key(&t, &r->o, &keys[k], &x);
    }
    if (r->o.json) say(&t, "}\n");
    end_line();
    print_all(&t);
}

static void measure(run *r)
{
    unsigned char wanted[KEY_MOST];
    choose(r->o.only, wanted); /* a wrong key is told before the files are read */
    if (r->o.probes && r->o.exact) stop(2, "--probes and --exact exclude each other");
    read_all(r);
    report(r, ~0);
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
    "tpv_iso. --block is for operators; loss, grad_norm, params, aic, sensitivity and mls are of the whole network. "
    "Exact where a few passes\n"
    "suffice or P <= 5000, else 100 probes: KEY_se is one standard error (0: exact), KEY_probes their number (0: "
    "exact). null: has no\n"
    "meaning here (the table says why). --csv prints key,value,se,probes.\n"};
