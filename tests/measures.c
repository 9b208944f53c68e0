/* measures.c: TIC, MLS, TPV, and the spectrum tools on operators of a point. */
#include "../curvnoise.h"
#include "test.h"
#include "golden.h"
#include "nets.h"

/* As in derivatives.c: 1e-9 in double. In float a kept eigenvalue may be 1e-3 of the largest, whose rounding error is then
   1e3 eps of it = 1e-4, times the size of the matrix: 1e-2. */
#define GOLDEN TEST_REAL(1e-9, 1e-4)
#define GOLDEN_TIC TEST_REAL(1e-9, 1e-2)

static void golden_tic(int g)
{
    const golden_net *net = golden_nets + g; scene s; cn_tic_desc d = CN_ZERO; cn_tic_result r, again; double all = 0, kept = 0; size_t i, low = 0, high = 0;
    test_case = net->name;
    scene_golden(&s, g, NULL, g % 2 ? 1 << 16 : 0);
    d.train_n = (size_t)net->tic_n;
    r = cn_tic(s.at, &d);
    CHECK_STATUS(r.status, CN_OK);
    CHECK_RELATIVE(r.tic, net->tic, GOLDEN_TIC);
    CHECK(r.kept == (size_t)net->tic_kept);
    CHECK(r.cut == net->tic_cut);
    CHECK_NEAR(r.gap_to_cut, net->tic_gap_to_cut, TEST_REAL(1e-8, 1e-2)); /* lambda's error of eps lambda_max over the cut of 1e-3: 1e3 eps */
    for (i = 0; i < s.P; i++) {                       /* golden.h: in double no eigenvalue between 1e-13 and 1e-8; in float count those clear of the line of 1e-5 */
        double relative = net->eigenvalues_h[i] / net->lambda_max_h;
        all += fabs(net->eigenvalues_h[i]);
        if (relative > net->tic_cut) kept += net->eigenvalues_h[i];
        low += relative < -2e-5;
        high += relative < -5e-6;
    }
    if (sizeof(cn_real) == 8) CHECK(r.negative == (size_t)net->tic_negative);
    else CHECK(r.negative >= low && r.negative <= high);
    CHECK_NEAR(r.dropped, 1 - kept / all, TEST_REAL(1e-9, 1e-4));
    CHECK_RELATIVE(r.ratio, net->trace_c / net->trace_f, GOLDEN);
    d.train_n *= 2;                                   /* 1/N */
    again = cn_tic(s.at, &d);
    CHECK_NEAR(again.tic, r.tic / 2, 2 * TEST_EPS * r.tic);
    again = cn_tic(s.at, NULL);                       /* default: the point's own n, half of golden's N */
    CHECK_NEAR(again.tic, 2 * r.tic, 4 * TEST_EPS * r.tic);
    d.train_n = (size_t)net->tic_n; d.cut = 1e-3;
    again = cn_tic(s.at, &d);
    CHECK(again.tic == r.tic && again.kept == r.kept);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* Another cut, and blocks: recomputed here from dense H and C. */
static void tic_of_blocks(int g)
{
    scene s; cn_block blocks[40]; size_t count, b, n, i, j, kept, negative; double *value, q, tic, gap; cn_real *h, *c, *vectors; cn_tic_desc d = CN_ZERO; cn_tic_result r; double trace_c, trace_f; int wrong = 0;
    test_case = golden_nets[g].name;
    scene_golden(&s, g, NULL, 0);
    count = scene_blocks(&s, blocks, 40);
    for (b = 0; b < count; b++) {
        c = scene_matrix(&s, CN_FISHER, blocks[b], &n);
        trace_f = trace_of(c, n);
        c = scene_matrix(&s, CN_SECOND_MOMENT, blocks[b], &n);
        trace_c = trace_of(c, n);
        h = cn_vector(&s.c, n * n); vectors = cn_vector(&s.c, n * n); value = (double *)(void *)cn_vector(&s.c, 2 * n);
        cn_op_dense(cn_op_of(s.at, CN_HESSIAN, blocks[b]), h);
        cn_eigen(&s.c, n, h, 0, 0, value, vectors, NULL);
        d.block = blocks[b]; d.cut = 0.1; d.train_n = 10;
        if (value[0] <= 1e-6 * fabs(value[n - 1])) continue; /* no positive eigenvalue to speak of: see bad_input */
        for (tic = 0, kept = 0, negative = 0, gap = 9, i = 0; i < n; i++) {
            gap = fmin(gap, fabs(value[i] / value[0] - 0.1) / 0.1);
            negative += value[i] < TEST_REAL(-1e-10, -1e-5) * value[0];
            if (value[i] <= 0.1 * value[0]) continue;
            for (q = 0, j = 0; j < n; j++) q += (double)vectors[i * n + j] * dot_of(n, c + j * n, vectors + i * n);
            tic += q / value[i] / 10;
            kept++;
        }
        r = cn_tic(s.at, &d);
        CHECK_STATUS(r.status, CN_OK);
        CHECK(r.kept == kept && r.cut == 0.1);
        CHECK(sizeof(cn_real) == 4 || r.negative == negative);
        CHECK_NEAR(r.tic, tic, TEST_REAL(1e-9, 1e-3) * fabs(tic)); /* eigenvalues down to a tenth: eps times the size, times 10 */
        CHECK_NEAR(r.gap_to_cut, gap, TEST_REAL(1e-9, 1e-4));
        wrong += trace_f > 1e-6 && fabs(r.ratio - trace_c / trace_f) > TEST_REAL(1e-9, 1e-4) * trace_c / trace_f;
    }
    CHECK(wrong == 0);                                /* tr C / tr F of every block, also of one that cuts through a layer */
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* [TIC section 2.2]. The mean of numbers: x = 1, f = theta, loss (theta - y)^2/2: H = 1, C = variance about the mean, TIC = variance/N. */
static void mean_estimation(void)
{
    enum { N = 12 };
    static const double y[N] = { 1, 4, -2, 0.5, 3, 3, -1, 7, 2, 0, -3, 1.5 };
    scene s; size_t i; double mean = 0, variance = 0; cn_problem_desc how = CN_ZERO; cn_tic_result r;
    scene_net(&s, "input 1; dense 1 bias=0");
    s.n = N; s.x = cn_vector(&s.c, N); s.target = scene_reals(&s, N, y);
    for (i = 0; i < N; i++) { s.x[i] = 1; mean += y[i] / N; }
    for (i = 0; i < N; i++) variance += (y[i] - mean) * (y[i] - mean) / N;
    s.theta[0] = (cn_real)mean;
    scene_view(&s);
    how.loss = CN_SQUARED;
    scene_point(&s, &how, 0);
    r = cn_tic(s.at, NULL);
    CHECK_RELATIVE(r.tic, variance / N, 20 * TEST_EPS);
    CHECK(r.kept == 1 && r.negative == 0 && fabs(r.dropped) < 1e-15);
    CHECK_RELATIVE(r.ratio, variance, 20 * TEST_EPS); /* tr F = 1 */
    CHECK_NEAR(r.gap_to_cut, 999, 1e-9);              /* |1 - 1e-3|/1e-3 */
    scene_free(&s);
}

/* Least squares with two inputs: tr((X'X/n)^-1 (1/n) sum r^2 x x')/N, by the inverse of a 2 x 2 matrix. */
static void least_squares(void)
{
    scene s; size_t i; double h[3] = {0}, c[3] = {0}, xy[2] = {0}, det, wanted; cn_problem_desc how = CN_ZERO; cn_tic_desc d = CN_ZERO; cn_tic_result r;
    scene_net(&s, "input 2; dense 1 bias=0");
    scene_random(&s, 25, 0, 19);
    for (i = 0; i < 25; i++) {
        double a = (double)s.x[2 * i], b = (double)s.x[2 * i + 1], y = (double)s.target[i];
        h[0] += a * a / 25; h[1] += a * b / 25; h[2] += b * b / 25; xy[0] += a * y / 25; xy[1] += b * y / 25;
    }
    det = h[0] * h[2] - h[1] * h[1];
    s.theta[0] = (cn_real)((h[2] * xy[0] - h[1] * xy[1]) / det); /* the fit */
    s.theta[1] = (cn_real)((h[0] * xy[1] - h[1] * xy[0]) / det);
    for (i = 0; i < 25; i++) {
        double a = (double)s.x[2 * i], b = (double)s.x[2 * i + 1], e = a * (double)s.theta[0] + b * (double)s.theta[1] - (double)s.target[i];
        c[0] += e * e * a * a / 25; c[1] += e * e * a * b / 25; c[2] += e * e * b * b / 25;
    }
    wanted = (h[2] * c[0] - 2 * h[1] * c[1] + h[0] * c[2]) / det / 200;
    how.loss = CN_SQUARED;
    scene_point(&s, &how, 0);
    d.train_n = 200;
    r = cn_tic(s.at, &d);
    CHECK_RELATIVE(r.tic, wanted, 1000 * TEST_EPS);   /* condition number about 2, 25 additions of squares */
    CHECK(r.kept == 2);
    scene_free(&s);
}

/* ---- MLS */

static double spectral_norm(scene *s, const cn_real *w, size_t rows, size_t cols)
{
    cn_real *copy = cn_vector(&s->c, rows * cols); double value[130];
    memcpy(copy, w, rows * cols * sizeof *copy);
    CHECK_STATUS(cn_svd(&s->c, rows, cols, copy, value, NULL, NULL), CN_OK);
    return value[0];
}

static void sensitivity(void)
{
    int g; scene s; cn_problem_desc how = CN_ZERO; cn_mls_result r; size_t i, j; double first = 0;
    for (g = 0; g < GOLDEN_NETS; g++) {
        how.chunk = g % 3 ? 0 : 5;
        scene_golden(&s, g, &how, g % 2 ? 1 << 16 : 0);
        test_case = golden_nets[g].name;
        r = cn_mls(s.at);
        CHECK_STATUS(r.status, CN_OK);
        CHECK_RELATIVE(r.mls, golden_nets[g].mls, GOLDEN);
        scene_free(&s);
    }
    test_case = "MLS of linear networks";
    how.chunk = 0; how.loss = CN_SQUARED;
    for (g = 0; g < 3; g++) {                         /* linear: the spectral norm of W at every sample; more inputs than outputs, and fewer */
        scene_net(&s, g == 0 ? "input 5; dense 3" : g == 1 ? "input 3; dense 5 bias=0" : "input 1; dense 1");
        scene_random(&s, 7, 0, 3);
        scene_point(&s, &how, 0);
        CHECK_RELATIVE(cn_mls(s.at).mls, spectral_norm(&s, s.theta, s.K, s.M), 100 * TEST_EPS); /* a Gram's root: eps of it */
        if (g == 0) {                                 /* relu after it, all inputs large enough to be on: the same; scaled weights scale it */
            first = cn_mls(s.at).mls;
            for (i = 0; i < s.P; i++) s.theta[i] *= 3;
            CHECK_RELATIVE(cn_mls(cn_point_create(s.p, s.theta, 0)).mls, 3 * first, 100 * TEST_EPS);
        }
        scene_free(&s);
    }
    test_case = "MLS of many outputs";                /* 64 and 65: a chunk's Grams at a time, then four at a time; 7 samples are not a multiple of 4 */
    for (g = 0; g < 4; g++) {
        static const char *const wide[4] = { "input 2; dense 64", "input 3; dense 65", "input 120; dense 100", "input 130; dense 129" };
        scene_net(&s, wide[g]);
        scene_random(&s, 7, 0, 3);
        scene_point(&s, &how, 0);
        CHECK_RELATIVE(cn_mls(s.at).mls, spectral_norm(&s, s.theta, s.K, s.M), 100 * TEST_EPS);
        scene_free(&s);
    }
    test_case = "MLS of one output";                  /* ||df/dx|| by central differences in x: step 1e-5, as in derivatives.c; float: 1e-3 steps, 1e-4 error */
    scene_net(&s, "input 3; dense 5; tanh; dense 1");
    scene_random(&s, 6, 0, 5);
    scene_point(&s, &how, 0);
    {
        cn_real *high = cn_vector(&s.c, 6), *low = cn_vector(&s.c, 6); double square[6] = {0}, mean = 0, step = TEST_REAL(1e-5, 1.0 / 1024);
        r = cn_mls(s.at);
        for (j = 0; j < 3; j++) {                     /* the data are a view: move an input of every sample */
            for (i = 0; i < 6; i++) s.x[i * 3 + j] += (cn_real)step;
            cn_predict(s.p, s.theta, NULL, high);
            for (i = 0; i < 6; i++) s.x[i * 3 + j] -= 2 * (cn_real)step;
            cn_predict(s.p, s.theta, NULL, low);
            for (i = 0; i < 6; i++) { double v = ((double)high[i] - (double)low[i]) / (2 * step); square[i] += v * v; s.x[i * 3 + j] += (cn_real)step; }
        }
        for (i = 0; i < 6; i++) mean += sqrt(square[i]) / 6;
        CHECK_RELATIVE(r.mls, mean, TEST_REAL(1e-8, 2e-3));
    }
    scene_free(&s);
    test_case = "MLS where the Gram overflows";       /* 1e200 squared is no double: a status, not Inf */
    scene_net(&s, "input 1; dense 1 bias=0");
    scene_random(&s, 2, 0, 5);
    s.theta[0] = (cn_real)TEST_REAL(1e200, 1e30);
    scene_point(&s, &how, 0);
    r = cn_mls(s.at);
    CHECK(r.status == CN_E_NUMERIC || (r.status == CN_OK && fabs(r.mls / (double)s.theta[0] - 1) < 1e-5));
    scene_free(&s);
}

/* ---- TPV */

static void variance_of_predictions(void)
{
    int g; scene s; cn_noise_desc noise = CN_ZERO; cn_probe_desc probe = CN_ZERO; cn_est e; size_t b, count, n; cn_block blocks[40]; cn_problem_desc how = CN_ZERO; cn_real *moment;
    for (g = 0; g < GOLDEN_NETS; g++) {
        scene_golden(&s, g, NULL, 0);
        test_case = golden_nets[g].name;
        memset(&noise, 0, sizeof noise);
        noise.sd = 1;
        e = cn_tpv(s.at, &noise, NULL);
        CHECK(e.status == CN_OK && e.exact && e.error == 0);
        CHECK_RELATIVE(e.value, golden_nets[g].tpv_iso, GOLDEN);
        noise.sd = 0.5;                               /* sd^2 */
        CHECK_NEAR(cn_tpv(s.at, &noise, NULL).value, e.value / 4, 2 * TEST_EPS * e.value);
        noise.sd = 0;
        CHECK(cn_tpv(s.at, &noise, NULL).value == 0);
        noise.sd = 2;
        probe.method = CN_HUTCHINSON; probe.probes = 200; probe.seed = 4;
        e = cn_tpv(s.at, &noise, &probe);             /* 4 standard errors, and its error scales with sd^2 too */
        CHECK(!e.exact && e.probes == 200 && e.error > 0);
        CHECK_NEAR(e.value, 4 * golden_nets[g].tpv_iso, 4 * e.error);
        noise.sd = 1;                                 /* the same probes: the error scales with sd^2 */
        CHECK_RELATIVE(e.error, 4 * cn_tpv(s.at, &noise, &probe).error, 4 * TEST_EPS);
        noise.sd = 2;
        count = scene_blocks(&s, blocks, 40);
        for (b = 0; b < count; b++) {
            noise.block = blocks[b];
            moment = scene_matrix(&s, CN_JACOBIAN_MOMENT, blocks[b], &n);
            CHECK_RELATIVE(cn_tpv(s.at, &noise, NULL).value, 4 * trace_of(moment, n), 1000 * TEST_EPS);
            cn_free(&s.c, moment);
        }
        scene_free(&s);
    }
    test_case = "TPV by simulation";                  /* small Gaussian perturbations of theta; second order adds sd^2 = 1e-5 of it, below the standard error */
    scene_net(&s, "input 3; dense 8; tanh; dense 2");
    scene_random(&s, 20, 0, 9);
    how.loss = CN_SQUARED;
    scene_point(&s, &how, 0);
    {
        size_t runs = TEST_SIZE(4000, 500), r, i, N = s.n * s.K; cn_real *u = cn_vector(&s.c, s.P), *f0 = cn_vector(&s.c, N), *f = cn_vector(&s.c, N); double mean = 0, square = 0, sd = 3e-3, error;
        cn_predict(s.p, s.theta, NULL, f0);
        for (r = 0; r < runs; r++) {
            double v = 0;
            cn_random(55, r, 0, CN_NORMAL, sd, s.P, u);
            for (i = 0; i < s.P; i++) u[i] += s.theta[i];
            cn_predict(s.p, u, NULL, f);
            for (i = 0; i < N; i++) v += ((double)f[i] - (double)f0[i]) * ((double)f[i] - (double)f0[i]) / (double)s.n; /* sum over outputs, mean over samples */
            mean += v / (double)runs;
            square += v * v / (double)runs;
        }
        error = sqrt((square - mean * mean) / (double)runs);
        memset(&noise, 0, sizeof noise);
        noise.sd = sd;
        e = cn_tpv(s.at, &noise, NULL);
        CHECK(error < 0.05 * mean);                   /* the simulation can tell a factor of two */
        CHECK_NEAR(mean, e.value, 4 * error);
    }
    scene_free(&s);
}

/* ---- spectrum tools on operators of a point */

static void eigenvalues_and_traces(int g)
{
    const golden_net *net = golden_nets + g; scene s; cn_eigs_desc d = CN_ZERO; double values[3], residuals[3]; cn_iter it; cn_op *h; cn_probe_desc p = CN_ZERO; cn_est e; cn_real *v, *hv; size_t i;
    test_case = net->name;
    scene_golden(&s, g, NULL, 1 << 16);
    h = cn_op_of(s.at, CN_HESSIAN, block_all());
    v = cn_vector(&s.c, 3 * s.P); hv = cn_vector(&s.c, s.P);
    it = cn_eigs(h, NULL, values, NULL, NULL);
    CHECK(it.status == CN_OK && it.converged);
    CHECK_RELATIVE(values[0], net->lambda_max_h, TEST_REAL(1e-9, 1e-4)); /* a residual of 1e-8 (1e-4) lambda_max: the value is better than its square or the golden tolerance */
    d.top = 2; d.bottom = 1;
    it = cn_eigs(h, &d, values, residuals, v);
    CHECK(it.converged);
    CHECK_NEAR(values[0], net->lambda_max_h, TEST_REAL(1e-9, 1e-4) * net->lambda_max_h);
    CHECK_NEAR(values[2], net->lambda_min_h, TEST_REAL(1e-9, 1e-4) * net->lambda_max_h);
    for (i = 0; i < 3; i++) {                         /* residuals are measured: ||Hv - lambda v|| */
        size_t j;
        cn_op_apply(h, 1, v + i * s.P, hv);
        for (j = 0; j < s.P; j++) hv[j] -= (cn_real)values[i] * v[i * s.P + j];
        CHECK_NEAR(norm_of(s.P, hv), residuals[i], 100 * TEST_EPS * net->lambda_max_h);
        CHECK(residuals[i] <= it.residual);
    }
    p.method = CN_HUTCHINSON; p.probes = 400; p.seed = 21;
    e = cn_trace(h, &p);
    CHECK(e.status == CN_OK && e.probes == 400 && !e.exact);
    CHECK_NEAR(e.value, net->trace_h, 4 * e.error + 1e-6 * fabs(net->trace_h)); /* four standard errors; the error is 0 for a diagonal H */
    p.kind = CN_NORMAL;
    e = cn_trace(h, &p);
    CHECK_NEAR(e.value, net->trace_h, 4 * e.error);
    p.method = CN_EXACT;
    e = cn_trace(h, &p);
    CHECK_NEAR(e.value, net->trace_h, GOLDEN * net->trace_g);
    CHECK_STATUS(s.c.status, CN_OK);
    scene_free(&s);
}

/* ---- bad input */

static double not_a_number(void) { double x; uint64_t bits = (uint64_t)0x7FF8 << 48; memcpy(&x, &bits, 8); return x; }
static double infinite(void) { double x; uint64_t bits = (uint64_t)0x7FF0 << 48; memcpy(&x, &bits, 8); return x; }
#define REFUSED(call, wanted, words) do { CHECK_STATUS((call).status, (wanted)); CHECK_SENTENCE(&s.c, (wanted), (words)); cn_clear(&s.c); } while (0)

static void bad_input(void)
{
    scene s; cn_tic_desc t = CN_ZERO; cn_noise_desc noise = CN_ZERO; cn_probe_desc p = CN_ZERO; cn_tic_result r; cn_problem_desc how = CN_ZERO; size_t i;
    scene_net(&s, "input 3; dense 4; tanh; dense 2");
    scene_random(&s, 6, 1, 2);
    scene_point(&s, NULL, 0);
    t.cut = 1;
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "cut 1 is not in (0, 1)");
    t.cut = -0.5;
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "cut -0.5");
    t.cut = not_a_number();
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "cut NaN");
    t.cut = 0; t.block = cn_net_block(&s.c, s.net, "7.weight");
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "7.weight"); /* the first error stays */
    REFUSED(cn_tic(s.at, &t), CN_E_ARGUMENT, "block");
    CHECK_STATUS(cn_tic(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_mls(NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_tpv(NULL, &noise, NULL).status, CN_E_ARGUMENT);
    noise.sd = -1;
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "sd -1");
    noise.sd = not_a_number();
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "sd NaN");
    noise.sd = infinite();
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "sd Inf");
    REFUSED(cn_tpv(s.at, NULL, NULL), CN_E_ARGUMENT, "noise");
    noise.sd = 1; noise.block = block_of(100, 100);
    REFUSED(cn_tpv(s.at, &noise, NULL), CN_E_ARGUMENT, "block");
    noise.block = block_all(); p.method = 7;
    REFUSED(cn_tpv(s.at, &noise, &p), CN_E_ARGUMENT, "7 is not a method");
    p.method = CN_HUTCHINSON; p.rel_error = -1;
    REFUSED(cn_tpv(s.at, &noise, &p), CN_E_ARGUMENT, "rel_error");
    scene_free(&s);

    scene_net(&s, "input 2; dense 1");                /* no positive curvature: far from every target under cauchy's loss */
    scene_random(&s, 5, 0, 2);
    for (i = 0; i < 5; i++) s.target[i] = 100;
    how.custom = own_losses + 2;
    scene_point(&s, &how, 0);
    r = cn_tic(s.at, NULL);
    CHECK(r.status == CN_E_UNSUITED || (r.status == CN_OK && r.kept > 0 && r.kept < 3)); /* H's null space may round above 0 */
    cn_clear(&s.c);
    t.block = cn_net_block(&s.c, s.net, "0.bias"); t.cut = 0; /* one number, negative */
    REFUSED(cn_tic(s.at, &t), CN_E_UNSUITED, "no positive eigenvalue");
    scene_free(&s);
}

TEST_MAIN {
    int g;
    CASE("TIC, golden") for (g = 0; g < GOLDEN_NETS; g++) golden_tic(g);
    CASE("TIC, cut and blocks") for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(2, 6)) tic_of_blocks(g);
    CASE("TIC, mean estimation") mean_estimation();
    CASE("TIC, least squares") least_squares();
    CASE("MLS") sensitivity();
    CASE("TPV") variance_of_predictions();
    CASE("eigenvalues and traces") for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(1, 4)) eigenvalues_and_traces(g);
    CASE("bad input") bad_input();
}
