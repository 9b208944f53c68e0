/* train.c: every step follows from (state, step number), so a run continued is the run uninterrupted, bit for bit. */
#include "cli.h"

typedef struct training {
    cn_opt *opt;
    cn_opt_kept kept;
    size_t batch, per_epoch;
    uint64_t total;
    double every, factor;
    int cosine;
    char state[4096];
    text story;
} training;

static void read_schedule(const options *o, training *t) {
    const char *s = o->schedule;
    char number[64], *comma;
    uint64_t epochs;
    int length = 0;
    t->factor = 1;
    t->every = 1;
    if (!strcmp(s, "constant")) return;
    if (!strcmp(s, "cosine")) {
        t->cosine = 1;
        return;
    }
    if (sscanf(s, "step:%63[0-9.,eE+-]%n", number, &length) == 1 && !s[length] &&
        (comma = strchr(number, ',')) != NULL) {
        *comma = 0;
        if (the_number(number, 1, NULL, &epochs) == A_NUMBER && epochs &&
            the_number(comma + 1, 0, &t->factor, NULL) == A_NUMBER && t->factor > 0) {
            t->every = (double)epochs;
            return;
        }
    }
    stop(2, "--schedule %s: expected constant, cosine or step:EPOCHS,FACTOR as in step:10,0.1", s);
}

static double lr_at(const run *r, const training *t, uint64_t step) {
    const double pi = 3.14159265358979323846;
    if (t->cosine) return r->o.lr * 0.5 * (1 + cos(pi * (double)step / (double)t->total));
    return r->o.lr * pow(t->factor, floor((double)(step / t->per_epoch) / t->every));
}

/* What a state was made with, a line each: all that decides the next step. Epochs do only where the schedule looks
   ahead. */
static void tell_story(run *r, training *t) {
    const options *o = &r->o;
    text *s = &t->story;
    say(s, "net %s\nloss %s\ndata %016llx\nstart %016llx\ninit %d\nscale %.17g\nstandardise %d\nseed %llu\n",
        r->net_text, word_of(loss_words, o->loss), (unsigned long long)r->train.hash,
        (unsigned long long)r->params_hash, o->init, o->scale, o->standardise, (unsigned long long)o->seed);
    say(s, "rule %s\nlr %.17g\nmomentum %.17g\nweight-decay %.17g\nbatch %zu\nschedule %s\n",
        word_of(rule_words, o->opt), o->lr, o->momentum, o->weight_decay, t->batch, o->schedule);
    if (t->cosine) say(s, "epochs %llu\n", (unsigned long long)o->epochs);
    if (o->opt == CN_RULE_SAM) say(s, "rho %.17g\n", o->rho);
    if (o->opt == CN_RULE_NSO) say(s, "sigma %.17g\nk %llu\nnoise %d\n", o->sigma, (unsigned long long)o->k, o->noise);
}

static void part(cn_part *to, const char *name, const void *data, int type, size_t n) {
    memset(to, 0, sizeof *to);
    snprintf(to->name, sizeof to->name, "%s", name);
    to->value = cn_tensor_of(data, type, 1, n, 0, 0, 0);
}

static void save_state(run *r, training *t) {
    cn_part parts[4];
    size_t count = 3, bytes, i;
    cn_real *room;
    for (i = 0; i < r->info.size; i++)
        if (r->theta[i] - r->theta[i] != 0)
            stop(1, "training: weight %zu is not finite after %llu steps; a smaller --lr may help", i,
                 (unsigned long long)*t->kept.step);
    part(&parts[0], "story", t->story.at, CN_TYPE_U8, t->story.n);
    part(&parts[1], "step", t->kept.step, CN_TYPE_U64, 1);
    part(&parts[2], "theta", r->theta, CN_TYPE_REAL, r->info.size);
    if (t->kept.count) part(&parts[count++], "velocity", t->kept.values, CN_TYPE_REAL, t->kept.count);
    bytes = cn_parts_write(parts, count, NULL, 0);
    room = cn_vector(&r->ctx, bytes / sizeof *room + 1);
    check(&r->ctx, t->state);
    cn_parts_write(parts, count, room, bytes);
    write_file(r, t->state, room, bytes);
    cn_free(&r->ctx, room);
}

static void get(run *r, training *t, const void *file, size_t bytes, const char *name, void *out, int type, size_t n) {
    cn_tensor from, to = cn_tensor_of(out, type, 1, n, 0, 0, 0);
    cn_tensor_read(&r->ctx, file, bytes, name, &from);
    check(&r->ctx, t->state);
    if (cn_count(from) != n) stop(2, "%s: %s has %zu elements; expected %zu", t->state, name, cn_count(from), n);
    if (type == CN_TYPE_REAL)
        cn_convert(&r->ctx, from, 1, to);
    else if (from.type == type)
        memcpy(out, from.data, n * (type == CN_TYPE_U64 ? 8 : 1));
    else
        stop(2, "%s: %s is not of the type that train writes", t->state, name);
    check(&r->ctx, t->state);
}

static void load_state(run *r, training *t) {
    size_t bytes, n;
    void *file = read_file(r, t->state, &bytes);
    cn_tensor story;
    const char *ours = t->story.at, *theirs, *end;
    uint64_t step;
    cn_tensor_read(&r->ctx, file, bytes, "story", &story);
    check(&r->ctx, t->state);
    n = cn_count(story);
    if (story.type != CN_TYPE_U8) stop(2, "%s: story is not of the type that train writes", t->state);
    theirs = (const char *)story.data;
    end = theirs + n;
    while (*ours || theirs < end) { /* line by line, to name the first that differs */
        size_t a = strcspn(ours, "\n"), b = 0;
        while (theirs + b < end && theirs[b] != '\n') b++;
        if (a != b || memcmp(ours, theirs, a))
            stop(2,
                 "%s: made with `%.*s`, this run has `%.*s`; repeat the options and data of the first run, or leave "
                 "--resume out",
                 t->state, (int)(b < 200 ? b : 200), theirs, (int)(a < 200 ? a : 200), ours);
        ours += a + (ours[a] == '\n');
        theirs += b + (theirs + b < end);
    }
    get(r, t, file, bytes, "step", &step, CN_TYPE_U64, 1);
    if (step > t->total)
        stop(2, "%s: after %llu steps; this run ends after %llu", t->state, (unsigned long long)step,
             (unsigned long long)t->total);
    get(r, t, file, bytes, "theta", r->theta, CN_TYPE_REAL, r->info.size);
    check_theta(r, t->state);
    if (t->kept.count) get(r, t, file, bytes, "velocity", t->kept.values, CN_TYPE_REAL, t->kept.count);
    *t->kept.step = step;
}

static void prepare(run *r, training *t) {
    const options *o = &r->o;
    cn_opt_desc d = CN_ZERO;
    t->batch = o->batch < r->train.n ? (size_t)o->batch : r->train.n;
    while (cn_batch_size(r->train.problem, t->batch, t->per_epoch)) t->per_epoch++;
    if (!t->per_epoch) stop(2, "--batch: %s", r->ctx.message);
    if (o->epochs > (uint64_t)-1 / t->per_epoch)
        stop(2, "--epochs %llu: the number of steps overflows", (unsigned long long)o->epochs);
    t->total = o->epochs * t->per_epoch;
    read_schedule(o, t);
    d.lr = o->lr;
    d.momentum = o->momentum;
    d.weight_decay = o->weight_decay;
    d.rule = o->opt;
    d.rho = o->rho;
    d.sigma = o->sigma;
    d.k = (size_t)o->k;
    d.noise = o->noise;
    d.seed = o->seed;
    t->opt = cn_opt_create(&r->ctx, r->info.params, r->info.state, &d);
    t->kept = cn_opt_state(t->opt);
    check(&r->ctx, NULL);
    tell_story(r, t);
    if (o->resume && what_is(t->state) == NOTHING)
        remark("%s is not there: training starts at the beginning", t->state);
    if (o->resume && what_is(t->state) == A_FILE)
        load_state(r, t);
    else
        save_state(r, t); /* tells at once whether files can be written there */
    say_remarks(r);
}

static void say_where(const run *r, const training *t, int now) {
    static const char words[] = "interrupted after %.3g of %llu epochs; %s is ready for --resume";
    double epochs = (double)*t->kept.step / (double)t->per_epoch;
    if (now)
        stop(1, words, epochs, (unsigned long long)r->o.epochs, t->state);
    else
        last_words(NULL, words, epochs, (unsigned long long)r->o.epochs, t->state);
}

static void train_steps(run *r, training *t, uint32_t *index) {
    cn_batch b = CN_ZERO;
    cn_eval e;
    uint64_t step, first = *t->kept.step, shuffled = (uint64_t)-1, epoch;
    size_t at, i;
    double saved = seconds();
    b.train = 1;
    work_begin((double)(t->total - first));
    work_next((double)(t->total - first));
    for (step = first; step < t->total; step++) {
        epoch = step / t->per_epoch;
        at = (size_t)(step % t->per_epoch) * t->batch;
        if (epoch != shuffled) {
            for (i = 0; i < r->train.n; i++) index[i] = (uint32_t)i;
            cn_shuffle(r->o.seed, cn_stream(CN_FOR_SHUFFLE, epoch), r->train.n, index);
            shuffled = epoch;
            say_where(r, t, 0);
        }
        b.index = index + at;
        b.step = step + 1;
        b.n = cn_batch_size(r->train.problem, t->batch, (size_t)(step % t->per_epoch));
        cn_opt_lr(t->opt, lr_at(r, t, step));
        e = cn_opt_step(t->opt, r->train.problem, r->theta, &b);
        if (e.status)
            stop(1, "training: step %llu of epoch %llu: %s; a smaller --lr may help", (unsigned long long)step,
                 (unsigned long long)epoch, r->ctx.message);
        if (is_interrupted() || (step + 1) % t->per_epoch == 0 || seconds() - saved >= (double)r->o.save_every) {
            save_state(r, t);
            saved = seconds();
        }
        if (is_interrupted()) say_where(r, t, 1);
        doing("epoch %llu of %llu, loss %.4g", (unsigned long long)epoch + 1, (unsigned long long)r->o.epochs, e.loss);
        work_part((double)(step + 1 - first) / (double)(t->total - first));
    }
}

static void train(run *r) {
    training t = CN_ZERO;
    uint32_t *index;
    size_t bytes;
    cn_real *room;
    const options *o = &r->o;
    if (snprintf(t.state, sizeof t.state, "%s.state", o->out) >= (int)sizeof t.state)
        stop(2, "--out: the name has more than %zu characters", sizeof t.state - 7);
    must_be_free(r, o->out, o->params);
    must_be_free(r, t.state, NULL);
    read_net(r);
    read_data(r);
    if ((uint64_t)r->train.n > 0xFFFFFFFFu) stop(2, "%s: %zu samples; batches index with 32 bits", o->x, r->train.n);
    read_theta(r);
    prepare(r, &t);
    index = (uint32_t *)(void *)cn_vector(&r->ctx, r->train.n); /* a real has room for an index */
    check(&r->ctx, "training");
    train_steps(r, &t, index);
    bytes = cn_theta_write(r->net, r->theta, NULL, 0);
    room = cn_vector(&r->ctx, bytes / sizeof *room + 1);
    check(&r->ctx, o->out);
    cn_theta_write(r->net, r->theta, room, bytes);
    write_file(r, o->out, room, bytes);
    free(t.story.at);
    report(r, 1); /* the basics */
}

const command train_command = {
    "train", train, "--net --x --y --out", "trains a network and writes its weights",
    "  curvnoise train --net \"input 64; dense 24; relu; dense 10\" --x images-idx3-ubyte --y labels-idx1-ubyte "
    "--scale 16 \\\n"
    "      --epochs 20 --lr 0.1 --momentum 0.9 --out model.safetensors\n"
    "  ... --opt sam --rho 0.05                  sharpness-aware; --opt nso --sigma 0.01: noise on both sides of the "
    "weights\n"
    "  ... --schedule step:10,0.1                the step size times 0.1 every 10 epochs\n"
    "  ... --resume                              after ctrl-C or a crash: the same command, and the same bits as "
    "without the interruption\n"
    "OUT.state keeps weights, velocity and step beside OUT; remove it when you are done. Data, options and seed of a "
    "resumed run must be the\n"
    "first one's; more --epochs are fine unless the schedule is cosine. Then the basics of the trained network are "
    "printed.\n"};
