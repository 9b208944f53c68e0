/* values.c: what keys are made of; what was once computed is kept. */
#include "keys.h"
#include "../measures.h"

static value number(double v) {
    value x;
    memset(&x, 0, sizeof x);
    x.v = v;
    return x;
}

value null_for(const char *why) {
    value x = number(0);
    x.null = 1;
    snprintf(x.why, sizeof x.why, "%s", why);
    return x;
}

/* What has no meaning here, or no finite result, is null and says why, and so is what was interrupted before two probes
   were drawn, an exact sweep above all; any other error ends the program. */
static value settle(run *r, double v, double error, size_t probes) {
    value x;
    if (r->ctx.status == CN_CANCELLED) {
        cn_clear(&r->ctx);
        if (!(probes > 1 && error > 0)) return null_for("interrupted");
    }
    if (r->ctx.status == CN_E_UNSUITED || r->ctx.status == CN_E_NUMERIC) {
        x = null_for(r->ctx.message);
        cn_clear(&r->ctx);
        return x;
    }
    check(&r->ctx, r->now);
    if (v - v != 0 || error - error != 0) return null_for("not finite");
    x = number(v);
    x.error = error;
    x.probes = probes;
    return x;
}
static value of_estimate(run *r, cn_est e) { return settle(r, e.value, e.error, e.probes); }

static cn_probe_desc probes(const run *r) {
    cn_probe_desc d = CN_ZERO;
    d.probes = (size_t)r->o.probes;
    d.method = r->o.probes ? CN_METHOD_HUTCHINSON : r->o.exact ? CN_METHOD_EXACT : CN_METHOD_AUTO;
    d.seed = r->o.seed;
    return d;
}

static cn_op *operator_of(run *r, int kind) /* over the training set */
{
    if (!r->memo->op[kind]) r->memo->op[kind] = cn_op_of(r->train.point, kind, r->block);
    return r->memo->op[kind];
}

/* the same as a matrix, made once, where that is feasible and no probes are asked for */
static cn_op *held(run *r, int kind) {
    memo *m = r->memo;
    cn_op *a = operator_of(r, kind);
    size_t n = cn_op_describe(a).size;
    cn_real *matrix;
    if (n > EXACT_MOST || r->o.probes || !a) return a;
    if (!m->held[kind]) {
        matrix = cn_vector(&r->ctx, n * n);
        if (cn_op_dense(a, matrix)) return a;
        m->held[kind] = cn_op_matrix(&r->ctx, n, matrix);
        m->matrix[kind] = matrix;
    }
    return m->held[kind];
}

/* where a test set is preferred */
static cn_point *test_point(run *r) { return r->test.point ? r->test.point : r->train.point; }

static void evaluate(run *r, int test) /* loss; of the training set the gradient, too */
{
    memo *m = r->memo;
    if (m->has_eval[test]) return;
    m->eval[test] = cn_evaluate(test ? r->test.problem : r->train.problem, r->theta, NULL, test ? NULL : r->gradient);
    m->has_eval[test] = 1;
    check(&r->ctx, r->o.params);
}

static double block_gradient2(run *r) /* squared norm of the mean gradient over the block */
{
    size_t i, first = r->block.first, n = r->block.count ? r->block.count : r->info.params;
    double sum = 0;
    evaluate(r, 0);
    for (i = first; i < first + n; i++) sum += r->gradient[i] * r->gradient[i];
    return sum;
}

value basic(run *r, int which, int test) /* one evaluation, or none */
{
    const memo *m = r->memo;
    set *s = test ? &r->test : &r->train;
    switch (which) {
    case N_SAMPLES:
        return number((double)r->train.n);
    case N_PARAMS:
        return number((double)r->info.params);
    case AIC:
        return number((double)r->info.params / (double)r->train.n);
    default:
        if (!test) evaluate(r, 0);
        if (test || which == GAP) evaluate(r, 1);
    }
    switch (which) {
    case LOSS:
        return number(m->eval[test].loss);
    case ACCURACY:
        return number((double)m->eval[test].correct / (double)s->n);
    case GRAD_NORM:
        return number(m->eval[0].grad_norm);
    default:
        return number(m->eval[1].loss - m->eval[0].loss);
    }
}

value sensitivity(run *r, int form, int unused) {
    (void)unused;
    return of_estimate(r, cn_sensitivity(test_point(r), form));
}

/* All parts that are wanted, at once; where a volume is too large, the others without it. */
static void measure_mls(run *r) {
    memo *m = r->memo;
    cn_mls_desc d = CN_ZERO;
    if (m->has_mls) return;
    m->has_mls = 1;
    d.want = (m->needs & OF_MLS) >> MLS_SHIFT;
    d.layers = &m->first;
    d.room = 1;
    m->mls = cn_mls(r->train.point, &d);
    m->volume_why = m->mls_why = settle(r, 0, 0, 0);
    if (!m->mls_why.null || !(d.want & CN_MLS_VOLUMES) || d.want == CN_MLS_VOLUMES || is_interrupted()) return;
    d.want &= ~(unsigned)CN_MLS_VOLUMES;
    m->mls = cn_mls(r->train.point, &d);
    m->mls_why = settle(r, 0, 0, 0);
}

value local_sensitivity(run *r, int which, int unused) {
    const memo *m = r->memo;
    const cn_mls_result *s = &m->mls;
    int volume = which == VOLUME || which == LOG_VOLUME || which == NETWORK_VOLUME, bound = which >= BOUND_A;
    const value *why = volume ? &m->volume_why : &m->mls_why;
    (void)unused;
    measure_mls(r);
    if (why->null) return *why;
    if (which == LOG_VOLUME && s->deficient)
        return null_for("df/dx of a sample has a rank below the number of outputs");
    if (bound && !s->layers) return null_for("there is no dense or conv layer");
    if ((which == BOUND_C || which == BOUND_D) && m->first.zeros)
        return null_for("infinite: the first layer's input is 0 for a sample");
    if (which == NETWORK_BOUND && s->zeros) return null_for("infinite: a layer's input is 0 for a sample");
    {
        const double numbers[] = {s->mls,     s->normalized, s->input_invariant, s->local_dim, s->log_volume,
                                  s->volume,  s->nmls,       s->network_volume,  s->sharpness, s->adaptive,
                                  s->bound_a, s->bound_b,    s->bound_c,         s->bound_d,   s->nmls_bound};
        return number(numbers[which]);
    }
}

value rescaled_sharpness(run *r, int matrix, int unused) /* of one exact diagonal, else by probes */
{
    memo *m = r->memo;
    cn_probe_desc d = probes(r);
    cn_block all = CN_ZERO;
    cn_est e;
    (void)unused;
    if (!m->has_diagonal && !r->o.probes) {
        cn_op *h = cn_op_of(r->train.point, CN_OP_HESSIAN, all);
        m->diagonal = cn_vector(&r->ctx, r->info.params);
        e = cn_diagonal(h, &d, m->diagonal);
        if (r->ctx.status) return of_estimate(r, e);
        if (!e.exact) m->diagonal = NULL;
        cn_free(&r->ctx, h);
    }
    m->has_diagonal = 1;
    e = matrix ? matrix_sharpness(&r->ctx, r->train.point, m->diagonal, &d)
               : cn_adaptive_sharpness(r->train.point, m->diagonal, &d);
    if (e.status == CN_E_UNSUITED && !r->ctx.status) return null_for("the trace of a layer's block of H is negative");
    return of_estimate(r, e);
}

value flatness_of_last(run *r, int unused, int unused2) {
    cn_est e = relative_flatness(r->train.point);
    (void)unused;
    (void)unused2;
    if (e.status == CN_E_UNSUITED && !r->ctx.status) return null_for("there is no dense or conv layer");
    return of_estimate(r, e);
}

value variance_isotropic(run *r, int unused, int unused2) {
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc d = probes(r);
    (void)unused;
    (void)unused2;
    noise.sd = 1;
    noise.block = r->block;
    return of_estimate(r, cn_tpv(test_point(r), &noise, &d));
}

value trace(run *r, int kind, int unused) {
    memo *m = r->memo;
    cn_probe_desc d = probes(r);
    (void)unused;
    if (!m->has_trace[kind]) {
        m->trace[kind] = of_estimate(r, cn_trace(operator_of(r, kind), &d));
        m->has_trace[kind] = 1;
    }
    return m->trace[kind];
}

value lambda(run *r, int kind, int smallest) {
    cn_eigs_desc d = CN_ZERO;
    double v = 0;
    cn_iter i;
    value x;
    d.top = !smallest;
    d.bottom = (size_t)smallest;
    d.seed = r->o.seed;
    i = cn_eigs(operator_of(r, kind), &d, &v, NULL, NULL);
    if (r->ctx.status == CN_CANCELLED && i.residual > 0) cn_clear(&r->ctx); /* what it had reached, and how far off */
    x = settle(r, v, 0, 0);
    x.residual = i.residual;
    return x;
}

/* tr^2/||.||_F^2; the error as if trace and norm were independent */
/* H, F and C, those of them that some key needs, compared with one set of probes */
static void compare(run *r) {
    static const int kind[COMPARED] = {CN_OP_HESSIAN, CN_OP_FISHER, CN_OP_SECOND_MOMENT};
    static const unsigned need[COMPARED] = {MATRIX_H, MATRIX_F, MATRIX_C};
    memo *m = r->memo;
    cn_op *op[COMPARED];
    cn_comparison out = CN_ZERO;
    cn_probe_desc d = probes(r);
    int i;
    if (m->has_comparison) return;
    for (i = 0; i < COMPARED; i++) {
        m->place[i] = m->needs & need[i] ? (int)m->compared : -1;
        if (m->place[i] >= 0) op[m->compared++] = held(r, kind[i]);
    }
    out.rank = m->rank;
    out.r = m->ratio;
    out.s = m->angle;
    out.frob2 = m->distance;
    cn_compare(m->compared, op, &d, &out);
    m->comparison_why = settle(r, 0, 0, 0);
    m->has_comparison = 1;
}

static value of_comparison(run *r, cn_est e) {
    if (e.status == CN_CANCELLED && e.probes > 1 && e.error > 0) return settle(r, e.value, e.error, e.probes);
    if (e.status == CN_E_UNSUITED) return null_for("an operator or its trace is 0");
    return e.status ? r->memo->comparison_why : settle(r, e.value, e.error, e.probes);
}

value effective_rank(run *r, int unused, int unused2) {
    (void)unused;
    (void)unused2;
    compare(r);
    return of_comparison(r, r->memo->rank[0]);
}

value similarity(run *r, int pair, int which) {
    static const int left[] = {0, 0, 1}, right[] = {2, 1, 2}; /* of H, F, C */
    memo *m = r->memo;
    cn_probe_desc d = probes(r);
    size_t at;
    if (which == COMMUTATOR)
        return of_estimate(r, cn_commutator(held(r, CN_OP_HESSIAN), held(r, CN_OP_SECOND_MOMENT), &d));
    compare(r);
    at = (size_t)m->place[left[pair]] * m->compared + (size_t)m->place[right[pair]];
    return of_comparison(r, which == RATIO ? m->ratio[at] : which == ANGLE ? m->angle[at] : m->distance[at]);
}

value takeuchi(run *r, int fisher, int which) {
    static const char *const unknown = "eigenvalues that were not examined may change it";
    static const char *const none = "quadrature examines no eigenvalues";
    memo *m = r->memo;
    cn_tic_desc d = CN_ZERO;
    const cn_tic_result *t = &m->tic[fisher];
    value x;
    if (!m->has_tic[fisher]) {
        d.cut = r->o.cut;
        d.train_n = r->train.n;
        d.block = r->block;
        d.form = r->o.form;
        d.pairs = (size_t)r->o.pairs;
        d.probe.probes = (size_t)r->o.probes;
        d.probe.steps = (size_t)r->o.steps;
        d.probe.seed = r->o.seed;
        if (!d.form && d.pairs && cn_op_describe(operator_of(r, CN_OP_HESSIAN)).size > EXACT_MOST)
            d.form = CN_TIC_PARTIAL;
        /* of the training set, if it is there */
        if (!r->test.point) d.matrix = m->matrix[fisher ? CN_OP_FISHER : CN_OP_HESSIAN];
        m->tic[fisher] = fisher ? cn_tic_fisher(test_point(r), &d) : cn_tic(test_point(r), &d);
        m->tic_why[fisher] = settle(r, t->tic, t->error, t->probes);
        m->has_tic[fisher] = 1;
        if (r->o.pairs && !m->tic_why[fisher].null && t->form != CN_TIC_PARTIAL)
            remark("--pairs is not read: %s comes %s here", fisher ? "tic_fisher" : "tic",
                   t->form == CN_TIC_QUADRATURE ? "by quadrature" : "from the whole spectrum");
    }
    if (m->tic_why[fisher].null) return m->tic_why[fisher];
    switch (which) {
    case TAKEUCHI:
        x = m->tic_why[fisher];
        x.note = t->lower_bound ? "lower bound" : NULL;
        return x;
    case HALF_STEPS:
        return t->form == CN_TIC_QUADRATURE ? number(t->half_steps) : null_for("tic has no steps in this form");
    case HALF_CUT:
        return number(t->half_cut);
    case DOUBLE_CUT:
        return number(t->double_cut);
    case KEPT:
        return t->kept_known ? number((double)t->kept) : null_for(t->probes ? none : unknown);
    case CUT:
        return number(t->cut);
    case GAP_TO_CUT:
        return t->kept_known ? number(t->gap_to_cut) : null_for(t->probes ? none : unknown);
    case NEGATIVE:
        return t->negative_known ? number((double)t->negative) : null_for(t->probes ? none : unknown);
    case DROPPED:
        return t->dropped_known ? number(t->dropped) : null_for(t->probes ? none : unknown);
    default:
        return t->probes ? null_for(none) : number(t->share);
    }
}

value trace_ratio(run *r, int unused, int unused2) /* tr C/tr F over the test set where there is one */
{
    cn_probe_desc d = probes(r);
    cn_est t[2];
    value x;
    int i;
    (void)unused;
    (void)unused2;
    for (i = 0; i < 2; i++) {
        cn_op *op = cn_op_of(test_point(r), i ? CN_OP_FISHER : CN_OP_SECOND_MOMENT, r->block);
        t[i] = cn_trace(op, &d);
        cn_free(&r->ctx, op);
        x = of_estimate(r, t[i]);
        if (x.null) return x;
    }
    if (t[1].value == 0) return null_for("tr F is 0");
    return settle(r, t[0].value / t[1].value,
                  fabs(t[0].value / t[1].value) *
                      hypot(t[0].error / (t[0].value != 0 ? t[0].value : 1), t[1].error / t[1].value),
                  t[0].probes > t[1].probes ? t[0].probes : t[1].probes);
}

value noise_scale(run *r, int unused, int unused2) {
    value s = trace(r, CN_OP_COVARIANCE, 0);
    double g = block_gradient2(r);
    (void)unused;
    (void)unused2;
    if (s.null) return s;
    return g > 0 ? settle(r, s.v / g, s.error / g, s.probes) : null_for("the gradient is 0");
}

value kink_share(run *r, int unused, int unused2) /* (2 gap/sd^2)/tr H - 1 */
{
    cn_noise_desc noise = CN_ZERO;
    cn_probe_desc d = probes(r);
    value t = trace(r, CN_OP_HESSIAN, 0), g;
    double scale;
    (void)unused;
    (void)unused2;
    if (t.null) return t;
    noise.sd = r->o.sigma;
    noise.block = r->block;
    if (noise.sd <= 0 || t.v == 0) return null_for(t.v == 0 ? "tr H is 0" : "--sigma is 0");
    d.method = CN_METHOD_AUTO; /* it can only be sampled */
    g = of_estimate(r, cn_perturbation_gap(r->train.point, &noise, &d));
    if (g.null) return g;
    scale = 2 / (noise.sd * noise.sd) / t.v;
    return settle(r, scale * g.v - 1, hypot(scale * g.error, scale * g.v * t.error / t.v), g.probes);
}
