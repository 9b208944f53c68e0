/* Floor 6, spectrum: operators of the caller's own, without any network, whose spectra are known in closed form. */
#include "../curvnoise.h"
#include "test.h"

enum { MOST = 400, WANT_MOST = 20 };
#define EXACTLY 0.5

/* A = Q diag(lambda) Q', Q three Householder reflections (none: diagonal), multiplied in double; or the 1-D Laplacian.
   Counts its products. */
typedef struct known {
    size_t n, products, calls, widest, fail_at;
    int reflections, laplacian, fail_with;
    double lambda[MOST], sorted[MOST], largest, h[3][MOST];
} known;
static known A;

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void known_done(known *a) /* lambda is filled in: sort it, draw the reflections */
{
    size_t i;
    int r;
    double norm;
    memcpy(a->sorted, a->lambda, a->n * sizeof(double));
    qsort(a->sorted, a->n, sizeof(double), descending);
    a->largest = fabs(a->sorted[0]) > fabs(a->sorted[a->n - 1]) ? fabs(a->sorted[0]) : fabs(a->sorted[a->n - 1]);
    for (r = 0; r < 3; r++) {
        cn_real v[MOST];
        cn_random(71, (uint64_t)r, 0, CN_NOISE_NORMAL, 1, a->n, v);
        for (norm = 0, i = 0; i < a->n; i++) norm += (double)v[i] * (double)v[i];
        for (i = 0; i < a->n; i++) a->h[r][i] = (double)v[i] / sqrt(norm);
    }
}

static void known_start(known *a, size_t n) {
    memset(a, 0, sizeof *a);
    a->n = n;
    a->reflections = 3;
}

static void reflect(const known *a, int r, double *v) {
    double dot = 0;
    size_t i;
    for (i = 0; i < a->n; i++) dot += a->h[r][i] * v[i];
    for (i = 0; i < a->n; i++) v[i] -= 2 * dot * a->h[r][i];
}

static void known_product(const known *a, const double *x, double *y) {
    size_t i;
    int r;
    if (a->laplacian) {
        for (i = 0; i < a->n; i++) y[i] = 2 * x[i] - (i ? x[i - 1] : 0) - (i + 1 < a->n ? x[i + 1] : 0);
        return;
    }
    memcpy(y, x, a->n * sizeof *y);
    for (r = 0; r < a->reflections; r++) reflect(a, r, y);
    for (i = 0; i < a->n; i++) y[i] *= a->lambda[i];
    for (r = a->reflections; r-- > 0;) reflect(a, r, y);
}

static int known_apply(void *user, size_t k, const cn_real *x, cn_real *y) {
    known *a = (known *)user;
    size_t j, i;
    double in[MOST], out[MOST];
    a->calls++;
    if (a->fail_at && a->calls >= a->fail_at) return a->fail_with;
    if (k > a->widest) a->widest = k;
    a->products += k;
    for (j = 0; j < k; j++, x += a->n, y += a->n) {
        for (i = 0; i < a->n; i++) in[i] = (double)x[i];
        known_product(a, in, out);
        for (i = 0; i < a->n; i++) y[i] = (cn_real)out[i];
    }
    return CN_OK;
}

static double known_trace(const known *a) {
    double t = 0;
    size_t i;
    for (i = 0; i < a->n; i++) t += a->lambda[i];
    return t;
}

/* ---- the spectra */

enum {
    LAPLACIAN,
    RANDOM,
    DIAGONAL,
    CLUSTERED,
    SPIKED,
    INDEFINITE,
    RANK_DEFICIENT,
    NEGATIVE,
    TINY,
    HUGE_ONES,
    ZERO,
    IDENTITY,
    SPECTRA
};
static const char *const spectrum_name[] = {"Laplacian", "random",     "diagonal",       "clustered",
                                            "spiked",    "indefinite", "rank-deficient", "negative",
                                            "tiny",      "huge",       "zero",           "identity"};

static void known_spectrum(known *a, int which, size_t n) {
    size_t i;
    double u;
    known_start(a, n);
    a->laplacian = which == LAPLACIAN;
    if (which == DIAGONAL) a->reflections = 0;
    for (i = 0; i < n; i++) {
        u = ((double)i + 0.5) / (double)n;
        a->lambda[i] = which == LAPLACIAN ? 2 - 2 * cos((double)(i + 1) * 3.14159265358979323846 / (double)(n + 1))
                       : which == RANDOM || which == DIAGONAL ? exp(-8 * u) /* decades, as Hessians have */
                       : which == CLUSTERED                   ? (i < 5    ? 4
                                                                 : i < 10 ? 2
                                                                          : 1) +
                                                  1e-3 * (double)i * (double)i / (double)n
                       : which == SPIKED         ? (i == 0   ? 1e6
                                                    : i == 1 ? 1e3
                                                             : u)
                       : which == INDEFINITE     ? 10 * (u - 0.5) * fabs(u - 0.5)
                       : which == RANK_DEFICIENT ? (i < 6 ? 6 - (double)i : 0)
                       : which == NEGATIVE       ? -exp(-8 * u)
                       : which == TINY           ? 1e-12 * exp(-8 * u)
                       : which == HUGE_ONES      ? 1e12 * exp(-8 * u)
                                                 : which == IDENTITY;
    }
    known_done(a);
}

/* ---- products, dense, quadratic forms */

static void products(void) {
    static cn_real x[40 * 60], y[40 * 60], one[60], dense[60 * 60];
    static double in[60], out[60], forms[40];
    cn_ctx c = CN_ZERO;
    cn_op *a;
    size_t j, i, n = 60, k;
    double worst = 0, form, size;
    known_spectrum(&A, INDEFINITE, n);
    a = cn_op_user(&c, n, known_apply, &A);
    CHECK(cn_op_describe(a).size == n && cn_op_describe(a).positive == 0 && cn_op_describe(a).convention[0]);
    cn_random(1, 0, 0, CN_NOISE_NORMAL, 1, 40 * n, x);
    /* 1, 8, 15, 16, 17, 18, 41: around the 16 that the library hands over */
    for (k = 1; k <= 40; k += k < 15 ? 7 : k < 18 ? 1 : 23) {
        if (k > 40) break;
        memset(y, 0, sizeof y);
        CHECK_STATUS(cn_op_apply(a, k, x, y), CN_OK);
        for (i = j = 0; j < k; j++) {
            known_apply(&A, 1, x + j * n, one);
            i += memcmp(one, y + j * n, n * sizeof *one) != 0;
        }
        CHECK(i == 0);
        CHECK(k == 40 || y[k * n] == 0);
    }
    CHECK_STATUS(cn_op_apply(a, 40, x, y), CN_OK);
    for (i = 0, j = 0; j < 40; j++) {
        known_apply(&A, 1, x + j * n, one);
        i += memcmp(one, y + j * n, n * sizeof *one) != 0;
    }
    CHECK(i == 0);
    CHECK_STATUS(cn_op_quadratic(a, 40, x, forms), CN_OK);
    for (j = 0; j < 40; j++) {
        for (i = 0; i < n; i++) in[i] = (double)x[j * n + i];
        known_product(&A, in, out);
        for (form = size = 0, i = 0; i < n; i++) {
            form += in[i] * out[i];
            size += fabs(in[i] * out[i]);
        }
        if (fabs(forms[j] - form) / size > worst) worst = fabs(forms[j] - form) / size;
    }
    /* y is rounded to cn_real: half an ulp; the sums of 60 terms are in double, ours and theirs: some 1e-15 */
    CHECK_NEAR(worst, 0, TEST_EPS + 2e-15);
    A.calls = 0;
    CHECK_STATUS(cn_op_apply(a, 0, x, y), CN_OK);
    CHECK_STATUS(cn_op_quadratic(a, 0, x, forms), CN_OK);
    CHECK(A.calls == 0);
    A.products = 0;
    CHECK_STATUS(cn_op_dense(a, dense), CN_OK);
    CHECK(A.products == n && A.widest <= 16);
    for (worst = 0, j = 0; j < n; j++) {
        memset(in, 0, sizeof in);
        in[j] = 1;
        known_product(&A, in, out);
        for (i = 0; i < n; i++) {
            if (fabs((double)dense[i * n + j] - out[i]) > worst) worst = fabs((double)dense[i * n + j] - out[i]);
            if (dense[i * n + j] != dense[j * n + i]) worst = 1;
        }
    }
    /* two roundings to cn_real of entries below the largest eigenvalue */
    CHECK_NEAR(worst, 0, 2 * TEST_EPS * A.largest);
    cn_free_all(&c);
}

static int skewed(void *user, size_t k, const cn_real *x, cn_real *y) /* not symmetric: a_ij = i + 100 j in row i */
{
    size_t n = *(const size_t *)user, i, j;
    double sum;
    for (; k > 0; k--, x += n, y += n)
        for (i = 0; i < n; i++) {
            for (sum = 0, j = 0; j < n; j++) sum += (double)(i + 100 * j) * (double)x[j];
            y[i] = (cn_real)sum;
        }
    return CN_OK;
}

static void dense_symmetrised(void) {
    static const size_t sizes[] = {1, 2, 5, 15, 16, 17, 32, 33, 37};
    static cn_real dense[37 * 37 + 1];
    cn_ctx c = CN_ZERO;
    size_t s, i, j, n, bad;
    cn_op *a;
    for (s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        n = sizes[s];
        a = cn_op_user(&c, n, skewed, &n);
        dense[n * n] = 7;
        CHECK_STATUS(cn_op_dense(a, dense), CN_OK);
        /* (A + A')/2, exact in float */
        for (bad = i = 0; i < n; i++)
            for (j = 0; j < n; j++) bad += dense[i * n + j] != (cn_real)(50.5 * (double)(i + j));
        CHECK(bad == 0 && dense[n * n] == 7);
        cn_free(&c, a);
    }
}

/* ---- traces */

typedef struct watch {
    size_t calls;
    double stop_at, done, total, value, error;
    char what[32];
} watch;
static int watching(void *user, const cn_progress *p) {
    watch *w = (watch *)user;
    w->calls++;
    if (p->done < w->done) w->stop_at = -1; /* never backwards */
    w->done = p->done;
    w->total = p->total;
    w->value = p->value;
    w->error = p->error;
    strncpy(w->what, p->what, sizeof w->what - 1);
    return w->stop_at > 0 && p->done >= w->stop_at;
}

static void trace_exact(void) {
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_est e;
    int which;
    size_t n;
    cn_op *a;
    static const size_t sizes[] = {1, 16, 17, 100};
    size_t s;
    for (which = 0; which < SPECTRA; which++)
        for (s = 0; s < 4; s++) {
            n = sizes[s];
            known_spectrum(&A, which, n);
            a = cn_op_user(&c, n, known_apply, &A);
            e = cn_trace(a, NULL); /* AUTO, size <= 5000: exact */
            CHECK(e.status == CN_OK && e.exact == 1 && e.error == 0 && A.products == n && e.probes == 0);
            /* every diagonal entry is rounded to cn_real once, computed in double */
            CHECK_NEAR(e.value, known_trace(&A), (double)n * TEST_EPS * A.largest + 4e-16 * (double)n * A.largest);
            d.method = CN_METHOD_EXACT;
            CHECK(cn_trace(a, &d).value == e.value);
            cn_free(&c, a);
        }
}

/* ones, and a 2 at every fiftieth place, of any size */
static int count_diagonal(void *user, size_t k, const cn_real *x, cn_real *y) {
    size_t n = ((const size_t *)user)[0], i, j;
    ((size_t *)user)[1] += k;
    memcpy(y, x, k * n * sizeof *y);
    for (j = 0; j < k; j++, y += n) { /* 25 million entries a sweep: no more arithmetic than there has to be */
        for (i = 49; i < n; i += 50) y[i] *= 2;
    }
    return CN_OK;
}

static void trace_choice(void) /* AUTO is exact up to 5000; the descriptor's defaults */
{
    size_t size[2];
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_est e;
    cn_probe_desc d = CN_ZERO;
    size[0] = 5000;
    size[1] = 0;
    a = cn_op_user(&c, 5000, count_diagonal, size);
    e = cn_trace(a, NULL);
    CHECK(e.exact && e.value == 5100 && size[1] == 5000);
    size[0] = 5001;
    size[1] = 0;
    a = cn_op_user(&c, 5001, count_diagonal, size);
    e = cn_trace(a, &d);
    CHECK(!e.exact && e.probes == 100 && size[1] == 100);
    /* the default, Rademacher, is exact for a diagonal: z_i^2 = 1 */
    CHECK(e.status == CN_OK && e.value == 5101 && e.error == 0);
    d.kind = CN_NOISE_SIGN;
    d.probes = 7;
    size[1] = 0;
    e = cn_trace(a, &d);
    CHECK(e.value == 5101 && e.error == 0 && e.probes == 7 && size[1] == 7);
    d.method = CN_METHOD_EXACT;
    size[1] = 0;
    e = cn_trace(a, &d);
    CHECK(e.exact && e.value == 5101 && size[1] == 5001);
    cn_free_all(&c);
}

/* Over many seeds: mean value = trace, mean squared error = variance / probes, and the error covers the truth as
   Student's t says. */
static void hutchinson(int kind, int which) {
    enum { SEEDS = TEST_SIZE(400, 50), PROBES = 64, N = TEST_SIZE(120, 40), PAIRS = TEST_SIZE(2000, 500) };
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_op *a;
    cn_est e, again;
    size_t i, j, one = 0, two = 0;
    double truth, variance = 0, mean = 0, squares = 0, dense[N], unit[N];
    uint64_t seed;
    known_spectrum(&A, which, N);
    truth = known_trace(&A);
    for (i = 0; i < N; i++) { /* Var z'Az = 2 sum a_ij^2, without the diagonal for signs [Hutchinson 1990] */
        memset(unit, 0, sizeof unit);
        unit[i] = 1;
        known_product(&A, unit, dense);
        for (j = 0; j < N; j++)
            if (kind != CN_NOISE_SIGN || j != i) variance += 2 * dense[j] * dense[j];
    }
    a = cn_op_user(&c, N, known_apply, &A);
    d.method = CN_METHOD_HUTCHINSON;
    d.kind = kind;
    d.probes = PROBES;
    for (seed = 0; seed < SEEDS; seed++) {
        d.seed = seed;
        e = cn_trace(a, &d);
        if (e.status || e.probes != PROBES || e.exact) break;
        one += fabs(e.value - truth) <= e.error;
        two += fabs(e.value - truth) <= 2 * e.error;
        mean += e.value / SEEDS;
        squares += e.error * e.error / SEEDS;
    }
    CHECK(seed == SEEDS);
    again = cn_trace(a, &d);
    CHECK(memcmp(&again.value, &e.value, sizeof e.value) == 0 && again.error == e.error); /* same seed, same bits */
    d.seed = 12345;
    CHECK(cn_trace(a, &d).value != e.value);
    CHECK_NEAR(mean, truth, 4 * sqrt(variance / PROBES / SEEDS)); /* four standard errors: 6e-5 */
    /* a sample variance of 64 has a relative error of sqrt((2 + excess)/64): 0.18 to 0.4; four of the mean's */
    CHECK_RELATIVE(squares, variance / PROBES, 4 * 0.4 / sqrt((double)SEEDS));
    /* Student's t with 63 degrees of freedom: 0.679 within one error, 0.950 within two; binomial bounds of 3.3 standard
       deviations */
    CHECK_NEAR(one, 0.679 * SEEDS, 3.3 * sqrt(0.679 * 0.321 * SEEDS));
    CHECK_NEAR(two, 0.950 * SEEDS, 3.3 * sqrt(0.950 * 0.050 * SEEDS));
    d.probes = 2; /* two probes: one degree of freedom, where n - 1 is not n */
    for (squares = 0, seed = 0; seed < PAIRS; seed++) {
        d.seed = seed;
        e = cn_trace(a, &d);
        squares += e.error * e.error / PAIRS;
    }
    /* relative error of a mean over 2000 of chi-square with one degree: sqrt((2 + excess)/2000) = 0.032 to 0.05; four
       of them */
    CHECK_RELATIVE(squares, variance / 2, 0.2 * sqrt(2000.0 / PAIRS));
    d.probes = 1;
    e = cn_trace(a, &d);
    CHECK(e.probes == 1 && e.error == fabs(e.value)); /* one probe says nothing about its error */
    cn_free_all(&c);
}

static void stopping(void) {
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_op *a;
    cn_est e;
    int seed, stopped = 0;
    watch w;
    size_t most;
    known_spectrum(&A, RANDOM, 120);
    a = cn_op_user(&c, 120, known_apply, &A);
    d.method = CN_METHOD_HUTCHINSON;
    d.kind = CN_NOISE_SIGN;
    for (seed = 0; seed < 50; seed++) { /* never before 16 probes, however loose */
        d.seed = (uint64_t)seed;
        d.rel_error = 1e9;
        d.probes = 0;
        e = cn_trace(a, &d);
        CHECK(e.probes == 16 && e.status == CN_OK);
        d.probes = 10; /* unless fewer are allowed */
        e = cn_trace(a, &d);
        CHECK(e.probes == 10);
        d.probes = 5000;
        d.rel_error = 0.02;
        e = cn_trace(a, &d);
        CHECK(e.error <= 0.02 * fabs(e.value) && e.probes >= 16 && e.probes < 5000);
        stopped += e.probes > 16;
        most = e.probes - 16; /* 16 fewer were not enough */
        d.rel_error = 0;
        d.probes = most;
        if (most > 16) {
            e = cn_trace(a, &d);
            CHECK(e.probes == most && e.error > 0.02 * fabs(e.value));
        }
    }
    CHECK(stopped > 25);
    d.rel_error = 1e-12;
    d.probes = 40; /* out of reach: all are drawn, and the error says so */
    e = cn_trace(a, &d);
    CHECK(e.probes == 40 && e.error > 1e-12 * fabs(e.value) && e.status == CN_OK);
    memset(&w, 0, sizeof w);
    c.progress = watching;
    c.progress_user = &w;
    d.rel_error = 0;
    d.probes = 100;
    w.stop_at = 32;
    e = cn_trace(a, &d);
    CHECK_STATUS(e.status, CN_CANCELLED);
    CHECK(e.probes == 32 && e.value > 0 && e.error > 0 && !e.exact && w.value == e.value && w.error == e.error &&
          w.total == 100);
    /* what was finished is an estimate like any other: five errors at 31 degrees of freedom */
    CHECK_NEAR(e.value, known_trace(&A), 5 * e.error);
    CHECK_SENTENCE(&c, CN_CANCELLED, "trace cancelled at 32 of 100");
    memset(&w, 0, sizeof w);
    e = cn_trace(a, NULL);
    CHECK(w.done == 120 && w.total == 120 && w.calls == 8 && strcmp(w.what, "trace") == 0);
    w.done = 0;
    w.stop_at = 50;
    e = cn_trace(a, NULL);
    CHECK_STATUS(e.status, CN_CANCELLED);
    w.done = 0;
    {
        static cn_real dense[120 * 120];
        CHECK_STATUS(cn_op_dense(a, dense), CN_CANCELLED);
        CHECK(w.done == 64);
    }
    cn_free_all(&c);
}

/* ---- diagonals */

static int swap(void *user, size_t k, const cn_real *x, cn_real *y) /* [[0 1] [1 0]] */
{
    size_t j;
    (void)user;
    for (j = 0; j < k; j++) {
        y[2 * j] = x[2 * j + 1];
        y[2 * j + 1] = x[2 * j];
    }
    return CN_OK;
}

static void diagonals(void) {
    enum { N = 50, SEEDS = TEST_SIZE(300, 100) };
    static cn_real out[N + 1];
    double diagonal[N], unit[N], column[N], variance[N], mean[N], worst, largest = 0, errors = 0, one = 0;
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_op *a;
    cn_est e;
    size_t i, j;
    uint64_t seed;
    watch w;
    known_spectrum(&A, INDEFINITE, N);
    for (i = 0; i < N; i++) {
        memset(unit, 0, sizeof unit);
        unit[i] = 1;
        known_product(&A, unit, column);
        diagonal[i] = column[i];
        /* of z_i (A z)_i with signs [Bekas et al. 2007] */
        for (variance[i] = 0, j = 0; j < N; j++)
            if (j != i) variance[i] += column[j] * column[j];
        if (sqrt(variance[i]) > largest) largest = sqrt(variance[i]);
        mean[i] = 0;
    }
    a = cn_op_user(&c, N, known_apply, &A);
    out[N] = 7;
    e = cn_diagonal(a, NULL, out);
    CHECK(e.status == CN_OK && e.exact && e.error == 0 && e.probes == 0 && A.products == N && out[N] == 7);
    for (worst = 0, i = 0; i < N; i++)
        if (fabs((double)out[i] - diagonal[i]) > worst) worst = fabs((double)out[i] - diagonal[i]);
    CHECK_NEAR(worst, 0, TEST_EPS * A.largest + 4e-15); /* rounded to cn_real; ours in double */
    CHECK_NEAR(e.value, known_trace(&A), (double)N * (TEST_EPS * A.largest + 4e-15));
    d.method = CN_METHOD_HUTCHINSON;
    d.probes = 40;
    for (seed = 0; seed < SEEDS; seed++) {
        double sum = 0;
        d.seed = seed;
        e = cn_diagonal(a, &d, out);
        if (e.status || e.probes != 40 || e.exact) break;
        for (i = 0; i < N; i++) {
            mean[i] += (double)out[i] / SEEDS;
            sum += (double)out[i];
            one += fabs((double)out[i] - diagonal[i]) <= e.error;
        }
        if (fabs(sum - e.value) > (double)N * TEST_EPS * A.largest) break; /* value is the sum */
        errors += e.error / SEEDS;
    }
    CHECK(seed == SEEDS);
    for (worst = 0, i = 0; i < N; i++)
        if (fabs(mean[i] - diagonal[i]) / sqrt(variance[i] / 40 / SEEDS) > worst)
            worst = fabs(mean[i] - diagonal[i]) / sqrt(variance[i] / 40 / SEEDS);
    CHECK_NEAR(worst, 0, 4.5); /* the largest of 50 deviations in standard errors: 3e-4 for one beyond */
    /* the largest of 50 sample errors lies above the largest true one, by some of their relative spread of 0.11 each */
    CHECK(errors > largest / sqrt(40.0) && errors < 1.5 * largest / sqrt(40.0));
    CHECK(one / (SEEDS * N) > 0.68); /* it covers every entry at least as well as an entry's own error would */
    /* of the swap every draw is +-1 in both places: mean m, sample variance (1 - m^2) n/(n - 1) */
    for (seed = 0; seed < 20; seed++) {
        cn_op *b = cn_op_user(&c, 2, swap, NULL);
        d.seed = seed;
        d.probes = 10;
        e = cn_diagonal(b, &d, out);
        CHECK(out[0] == out[1]);
        /* out is rounded to cn_real */
        CHECK_NEAR(e.error, sqrt((1 - (double)out[0] * (double)out[0]) / 9), 10 * TEST_EPS);
        d.kind = 0;
        e = cn_trace(b, &d); /* and the trace's: draws of +-2 */
        CHECK_NEAR(e.error, sqrt((4 - e.value * e.value) / 9), 1e-14);
        cn_free(&c, b);
    }
    d.rel_error = 1e9;
    d.probes = 0;
    CHECK(cn_diagonal(a, &d, out).probes == 16);
    memset(&w, 0, sizeof w);
    c.progress = watching;
    c.progress_user = &w;
    w.stop_at = 32;
    d.rel_error = 0;
    e = cn_diagonal(a, &d, out);
    CHECK(e.status == CN_CANCELLED && e.probes == 32);
    for (i = 0; i < N; i++) CHECK_NEAR(out[i], diagonal[i], 6 * largest / sqrt(32.0)); /* what was finished */
    memset(&w, 0, sizeof w);
    w.stop_at = 16;
    for (i = 0; i < N; i++) out[i] = 7;
    e = cn_diagonal(a, NULL, out); /* of a sweep: its first entries, zeros for the others, and not exact */
    CHECK(e.status == CN_CANCELLED && !e.exact);
    for (i = 0; i < N; i++) CHECK_NEAR(out[i], i < 16 ? diagonal[i] : 0, TEST_EPS * A.largest + 4e-15);
    CHECK(e.value == 0 && e.error == 0 && e.probes == 0);
    c.progress = NULL;
    cn_clear(&c);
    A.calls = 0;
    A.fail_at = 2;
    A.fail_with = CN_E_DATA;
    CHECK_STATUS(cn_diagonal(a, NULL, out).status, CN_E_DATA);
    cn_clear(&c);
    A.fail_at = 0;
    CHECK_STATUS(cn_diagonal(a, NULL, NULL).status, CN_E_ARGUMENT);
    cn_clear(&c);
    d.method = 9;
    CHECK_STATUS(cn_diagonal(a, &d, out).status, CN_E_ARGUMENT);
    cn_clear(&c);
    cn_free_all(&c);
}

/* ---- eigenvalues */

static cn_real vectors[WANT_MOST * MOST];

/* Checks everything that a result claims. right: > 0 to compare with the true eigenvalues, within
   right*tolerance*largest beside the residual (where neighbours are nearer than the tolerance, the residual cannot tell
   which is which). Returns 1 when it is converged. */
static int check_eigs(cn_op *a, const cn_eigs_desc *d, size_t top, size_t bottom, double right) {
    size_t want = top + bottom, n = A.n, i, j, m;
    double values[WANT_MOST], residuals[WANT_MOST], x[MOST], y[MOST], norm,
        worst = 0, dot, tolerance = d->tolerance != 0 ? d->tolerance : TEST_REAL(1e-8, 1e-4), truth;
    cn_iter r;
    A.products = 0;
    r = cn_eigs(a, d, values, residuals, vectors);
    CHECK_STATUS(r.status, CN_OK);
    if (r.status) return 0;
    /* the cost that is promised */
    CHECK(A.products == r.iterations + want && r.iterations >= want &&
          r.iterations <= (d->products ? d->products : 1000 + 100 * want) + 4);
    for (i = 0; i < want; i++) {
        for (j = 0; j < n; j++) x[j] = (double)vectors[i * n + j];
        known_product(&A, x, y);
        for (norm = 0, j = 0; j < n; j++) norm += (y[j] - values[i] * x[j]) * (y[j] - values[i] * x[j]);
        /* ours is in cn_real: A v rounded, lambda v rounded, subtracted */
        CHECK_NEAR(residuals[i], sqrt(norm), 4 * TEST_EPS * A.largest);
        if (residuals[i] > worst) worst = residuals[i];
        for (j = 0; j <= i; j++) {
            for (dot = 0, m = 0; m < n; m++) dot += (double)vectors[i * n + m] * (double)vectors[j * n + m];
            /* a basis orthogonal to some roundings, summed over at most 140 vectors; measured: 10 at most */
            CHECK_NEAR(dot, i == j, 40 * TEST_EPS);
        }
        /* descending, then ascending */
        if (i && i != top) CHECK(i < top ? values[i] <= values[i - 1] : values[i] >= values[i - 1]);
        truth = i < top ? A.sorted[i] : A.sorted[n - 1 - (i - top)];
        /* the theorem: an eigenvalue lies within the residual; and the products are in cn_real */
        if (right > 0 && r.converged)
            CHECK_NEAR(values[i], truth,
                       residuals[i] + 8 * TEST_EPS * A.largest + (right >= 1 ? right * tolerance * A.largest : 0));
    }
    CHECK(r.residual == worst);
    /* not at the very edge */
    if (fabs(worst - tolerance * A.largest) > 0.01 * tolerance * A.largest)
        CHECK(r.converged == (worst <= tolerance * A.largest));
    return r.converged;
}

static void eigenvalues(int which) {
    static const size_t wants[][2] = {{1, 0}, {0, 1}, {3, 0}, {0, 3}, {4, 5}, {7, 0}, {0, 8}};
    cn_ctx c = CN_ZERO;
    cn_eigs_desc d = CN_ZERO;
    cn_op *a;
    size_t w, n;
    int full;
    /* 0: the default basis; 1: a full one, which converges for sure; 2: dense */
    for (full = TEST_SIZE(0, 1); full < 3; full++) {
        n = full ? TEST_SIZE(90, 20) : 200;
        d.method = full == 2 ? CN_METHOD_EXACT : CN_METHOD_LANCZOS;
        /* the diagonal's three smallest lie 1.5e-5 of the largest apart: 1,245 to 1,302 products by rounding, and the
           default ends at 1,300 */
        d.products = full ? 0 : 3000;
        known_spectrum(&A, which, n);
        a = cn_op_user(&c, n, known_apply, &A);
        for (w = 0; w < sizeof wants / sizeof *wants; w += TEST_SIZE(1, 4)) {
            int converged;
            d.top = wants[w][0];
            d.bottom = wants[w][1];
            d.basis = full ? n : 0;
            converged = check_eigs(a, &d, d.top, d.bottom, which == CLUSTERED ? 1 : EXACTLY);
            CHECK(converged);
        }
        cn_free_all(&c);
        CHECK(c.status == CN_OK);
    }
}

static void eigs_default(void) /* NULL descriptor: the largest one; every array may be missing */
{
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_iter r, s;
    double v = 0, w = 0, all[WANT_MOST];
    cn_eigs_desc d = CN_ZERO;
    size_t n = TEST_SIZE(150, 60);
    uint64_t seed;
    known_spectrum(&A, SPIKED, n);
    a = cn_op_user(&c, n, known_apply, &A);
    r = cn_eigs(a, NULL, &v, NULL, NULL);
    CHECK(r.status == CN_OK && r.converged);
    CHECK_RELATIVE(v, 1e6, 8 * TEST_EPS);
    s = cn_eigs(a, NULL, NULL, NULL, NULL);
    CHECK(s.converged && s.iterations == r.iterations && s.residual == r.residual);
    cn_eigs(a, NULL, &w, NULL, NULL);
    CHECK(v == w); /* same bits */
    for (seed = 0; seed < TEST_SIZE(10, 3); seed++) {
        d.seed = seed;
        r = cn_eigs(a, &d, &w, NULL, NULL);
        CHECK_RELATIVE(w, 1e6, 8 * TEST_EPS);
        CHECK(r.converged);
    }
    for (n = 1; n <= WANT_MOST; n += TEST_SIZE(1, 6)) { /* all of a small one */
        known_spectrum(&A, INDEFINITE, n);
        a = cn_op_user(&c, n, known_apply, &A);
        memset(&d, 0, sizeof d);
        d.top = n / 2;
        d.bottom = n - n / 2;
        CHECK(check_eigs(a, &d, d.top, d.bottom, EXACTLY));
        d.top = n;
        d.bottom = 0;
        CHECK(check_eigs(a, &d, n, 0, EXACTLY));
        cn_free(&c, a);
    }
    n = TEST_SIZE(300, 60);
    known_spectrum(&A, LAPLACIAN, n); /* a basis that is too small: said so */
    a = cn_op_user(&c, n, known_apply, &A);
    memset(&d, 0, sizeof d);
    d.top = 2;
    d.basis = 12;
    d.products = 12;
    d.block_size = 1;
    d.method = CN_METHOD_LANCZOS;
    r = cn_eigs(a, &d, all, NULL, NULL);
    CHECK(r.status == CN_OK && !r.converged && r.iterations == 12 && r.residual > TEST_REAL(1e-8, 1e-4) * A.largest);
    /* a Ritz value lies within the spectrum */
    CHECK(all[0] < A.sorted[0] + 8 * TEST_EPS * 4 && all[0] > 0.8 * A.sorted[0]);
    check_eigs(a, &d, 2, 0, EXACTLY);
    d.tolerance = 0.5; /* loose enough */
    CHECK(check_eigs(a, &d, 2, 0, 0));
    d.tolerance = 0;
    d.top = 6;
    d.bottom = 6;
    d.basis = 3;
    d.products = 3; /* raised to what is wanted */
    r = cn_eigs(a, &d, all, NULL, NULL);
    CHECK(r.status == CN_OK && r.iterations == 12);
    d.basis = 100000;
    d.top = 1;
    d.bottom = 0;
    d.products = 0; /* cut to the size */
    check_eigs(a, &d, 1, 0, EXACTLY);
    cn_free_all(&c);
}

static void repeated(void) /* eigenvalues that occur twice and more count as often as they occur */
{
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_eigs_desc d = CN_ZERO;
    size_t i, n = TEST_SIZE(150, 36);
    known_start(&A, n);
    for (i = 0; i < n; i++) A.lambda[i] = i < 2 ? 5 : i < 5 ? 3 : 2.0 * (double)i / (double)n;
    known_done(&A);
    a = cn_op_user(&c, n, known_apply, &A);
    d.top = 5;
    d.basis = n;
    CHECK(check_eigs(a, &d, 5, 0, EXACTLY));
    d.basis = 0;
    CHECK(check_eigs(a, &d, 5, 0, EXACTLY));
    cn_free(&c, a);
    /* the others far below: one copy converges long before the other shows */
    for (i = 0; i < n; i++) A.lambda[i] = i < 2 ? 5 : i < 3 ? 3 : 1e-2 * (double)i / (double)n;
    A.reflections = 0;
    known_done(&A);
    a = cn_op_user(&c, n, known_apply, &A);
    d.top = 2;
    CHECK(check_eigs(a, &d, 2, 0, EXACTLY));
    cn_free(&c, a);
    /* as many copies as the block has vectors, at both ends */
    for (i = 0; i < n; i++) A.lambda[i] = i < 4 ? 5 : i > n - 4 ? -3 : 1e-2 * (double)i / (double)n;
    known_done(&A);
    a = cn_op_user(&c, n, known_apply, &A);
    d.top = 4;
    d.bottom = 3;
    d.method = CN_METHOD_LANCZOS;
    for (d.seed = 0; d.seed < TEST_SIZE(20, 3); d.seed++) CHECK(check_eigs(a, &d, 4, 3, EXACTLY));
    cn_free_all(&c);
}

static void eigs_cancelled(void) {
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_eigs_desc d = CN_ZERO;
    cn_iter r;
    double values[4], residuals[4], x[MOST], y[MOST], norm;
    watch w;
    size_t i, j, n = TEST_SIZE(200, 40);
    known_spectrum(&A, LAPLACIAN, n);
    a = cn_op_user(&c, n, known_apply, &A);
    memset(&w, 0, sizeof w);
    c.progress = watching;
    c.progress_user = &w;
    w.stop_at = 20;
    d.top = 2;
    d.bottom = 2;
    d.method = CN_METHOD_LANCZOS;
    r = cn_eigs(a, &d, values, residuals, vectors);
    CHECK_STATUS(r.status, CN_CANCELLED);
    CHECK_SENTENCE(&c, CN_CANCELLED, "eigenvalues cancelled at 20 of 1400"); /* 1000 + 100 * 4 */
    CHECK(r.iterations == 20 && !r.converged && strcmp(w.what, "eigenvalues") == 0);
    for (i = 0; i < 4; i++) { /* what it has is what it says: Ritz pairs with measured residuals */
        for (j = 0; j < n; j++) x[j] = (double)vectors[i * n + j];
        known_product(&A, x, y);
        for (norm = 0, j = 0; j < n; j++) norm += (y[j] - values[i] * x[j]) * (y[j] - values[i] * x[j]);
        CHECK_NEAR(residuals[i], sqrt(norm), 4 * TEST_EPS * A.largest);
        CHECK(values[i] > -1e-6 && values[i] < 4 + 1e-6);
    }
    CHECK(values[0] >= values[1] && values[2] <= values[3] && values[1] > values[3]);
    c.progress = NULL;
    CHECK_STATUS(cn_eigs(a, &d, values, NULL, NULL).status, CN_OK); /* a cancel does not block */
    cn_free_all(&c);
}

/* ---- errors */

static int not_finite(void *user, size_t k, const cn_real *x, cn_real *y) {
    size_t i;
    (void)x;
    for (i = 0; i < 30 * k; i++) y[i] = (cn_real) * (const double *)user;
    return CN_OK;
}

static void errors(void) {
    static const struct {
        int returned, status;
        const char *words;
    } answers[] = {{CN_E_DATA, CN_E_DATA, "returned 8"},        {CN_E_NUMERIC, CN_E_NUMERIC, "returned 9"},
                   {CN_E_MEMORY, CN_E_MEMORY, "returned 7"},    {CN_CANCELLED, CN_CANCELLED, "returned 1"},
                   {-5, CN_E_ARGUMENT, "returned -5"},          {1000, CN_E_ARGUMENT, "returned 1000"},
                   {CN_STATUS_COUNT, CN_E_ARGUMENT, "returned"}};
    static cn_real x[40 * 30], y[40 * 30];
    static double values[40];
    cn_ctx c = CN_ZERO;
    cn_op *a, *b;
    cn_probe_desc d = CN_ZERO;
    cn_eigs_desc e = CN_ZERO;
    size_t i, at;
    double nan = HUGE_VAL - HUGE_VAL, inf = HUGE_VAL;
    known_spectrum(&A, RANDOM, 30);
    a = cn_op_user(&c, 30, known_apply, &A);
    for (i = 0; i < 40 * 30; i++) x[i] = 1;
    for (i = 0; i < sizeof answers / sizeof *answers; i++)
        for (at = 1; at <= 2; at++) { /* at the first call of apply and in the midst */
            A.fail_with = answers[i].returned;
            A.fail_at = at;
#define FAILS(call)                                          \
    A.calls = 0;                                             \
    CHECK_STATUS(call, answers[i].status);                   \
    CHECK_SENTENCE(&c, answers[i].status, answers[i].words); \
    CHECK(A.calls == at);                                    \
    cn_clear(&c)
            d.method = CN_METHOD_HUTCHINSON;
            d.probes = 40;
            FAILS(cn_op_apply(a, 40, x, y));
            FAILS(cn_op_quadratic(a, 40, x, values));
            FAILS(cn_op_dense(a, y));
            FAILS(cn_trace(a, NULL).status);
            FAILS(cn_trace(a, &d).status);
            FAILS(cn_eigs(a, NULL, values, NULL, NULL).status);
#undef FAILS
        }
    A.fail_at = 0;
    e.top = 2;
    { /* in the last products, those of the residuals */
        A.calls = 0;
        CHECK_STATUS(cn_eigs(a, &e, values, NULL, NULL).status, CN_OK);
        A.fail_at = A.calls;
        A.calls = 0;
        A.fail_with = CN_E_DATA;
        CHECK_STATUS(cn_eigs(a, &e, values, NULL, NULL).status, CN_E_DATA);
        cn_clear(&c);
        A.fail_at = 0;
    }
    CHECK(cn_op_user(&c, 0, known_apply, &A) == NULL && c.status == CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK(cn_op_user(&c, 5, NULL, &A) == NULL && c.status == CN_E_ARGUMENT);
    cn_clear(&c);
#define REFUSES(call, words)                  \
    CHECK_STATUS(call, CN_E_ARGUMENT);        \
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, words); \
    cn_clear(&c)
    REFUSES(cn_op_apply(a, 1, NULL, y), "missing");
    REFUSES(cn_op_apply(a, 1, x, NULL), "missing");
    REFUSES(cn_op_dense(a, NULL), "missing");
    REFUSES(cn_op_quadratic(a, 1, NULL, values), "missing");
    REFUSES(cn_op_quadratic(a, 1, x, NULL), "missing");
    d.method = CN_METHOD_LANCZOS;
    REFUSES(cn_trace(a, &d).status, "trace: 5 is not a method");
    d.method = -1;
    REFUSES(cn_trace(a, &d).status, "-1 is not a method");
    d.method = CN_METHOD_AUTO;
    d.rel_error = -0.5;
    REFUSES(cn_trace(a, &d).status, "rel_error -0.5");
#ifndef __FAST_MATH__ /* which takes the NaN out of our own comparison */
    d.rel_error = nan;
    REFUSES(cn_trace(a, &d).status, "NaN");
    memset(&e, 0, sizeof e);
    e.tolerance = nan;
    REFUSES(cn_eigs(a, &e, values, NULL, NULL).status, "NaN");
#endif
    memset(&e, 0, sizeof e);
    e.top = 31;
    REFUSES(cn_eigs(a, &e, values, NULL, NULL).status, "31 + 0 eigenvalues wanted of an operator of size 30");
    e.top = 20;
    e.bottom = 11;
    REFUSES(cn_eigs(a, &e, values, NULL, NULL).status, "20 + 11");
    e.top = (size_t)-1;
    e.bottom = 2;
    REFUSES(cn_eigs(a, &e, values, NULL, NULL).status, "eigenvalues wanted");
    e.top = 1;
    e.bottom = 0;
    e.tolerance = -1;
    REFUSES(cn_eigs(a, &e, values, NULL, NULL).status, "tolerance -1");
#undef REFUSES
    for (i = 0; i < 2; i++) { /* a product that is not finite is no result */
        b = cn_op_user(&c, 30, not_finite, i ? &inf : &nan);
        memset(&d, 0, sizeof d);
        CHECK_STATUS(cn_eigs(b, NULL, values, NULL, NULL).status, CN_E_NUMERIC);
        cn_clear(&c);
        CHECK_STATUS(cn_trace(b, NULL).status, CN_E_NUMERIC);
        cn_clear(&c);
        d.method = CN_METHOD_HUTCHINSON;
        CHECK_STATUS(cn_trace(b, &d).status, CN_E_NUMERIC);
        cn_clear(&c);
    }
    CHECK_STATUS(cn_trace(a, NULL).status, CN_OK);
    cn_free_all(&c);
}

/* ---- sums, deflation, tr(AB), conjugate gradients, on diagonals and the Laplacian */

typedef struct plain {
    size_t n;
    double d[64];
    int laplacian;
} plain;
static int plain_apply(void *user, size_t k, const cn_real *x, cn_real *y) {
    const plain *p = (const plain *)user;
    size_t i;
    for (; k > 0; k--, x += p->n, y += p->n)
        for (i = 0; i < p->n; i++)
            y[i] = (cn_real)(p->laplacian
                                 ? 2 * (double)x[i] - (i ? (double)x[i - 1] : 0) - (i + 1 < p->n ? (double)x[i + 1] : 0)
                                 : p->d[i] * (double)x[i]);
    return CN_OK;
}

static void composed(void) {
    static plain p, q, odd;
    cn_ctx c = CN_ZERO;
    cn_op *a, *b, *sum, *rest;
    cn_real x[20 * 64], y[20 * 64], e[64];
    size_t i, j;
    double want, left, right, exact = 0, square = 0, value[2], off = 0;
    cn_est t;
    cn_probe_desc d = CN_ZERO;
    p.n = q.n = 50;
    q.laplacian = 1;
    odd.n = 49;
    for (i = 0; i < 50; i++) p.d[i] = 3 - 0.1 * (double)i;
    a = cn_op_user(&c, 50, plain_apply, &p);
    b = cn_op_user(&c, 50, plain_apply, &q);
    sum = cn_op_sum(a, 2, b, -3, 0.5);
    cn_random(3, 0, 0, CN_NOISE_NORMAL, 1, 20 * 50, x);
    CHECK_STATUS(cn_op_apply(sum, 20, x, y), CN_OK); /* more vectors than go at a time */
    for (j = 0; j < 20; j++)
        for (i = 0; i < 50; i++) {
            left = i ? (double)x[j * 50 + i - 1] : 0;
            right = i < 49 ? (double)x[j * 50 + i + 1] : 0;
            want = (2 * p.d[i] + 0.5) * (double)x[j * 50 + i] - 3 * (2 * (double)x[j * 50 + i] - left - right);
            off = fmax(off, fabs((double)y[j * 50 + i] - want));
        }
    CHECK(off < 100 * TEST_EPS); /* a handful of roundings of numbers up to 30 */
    for (want = 0, i = 0; i < 50; i++) want += 2 * p.d[i] - 6 + 0.5;
    CHECK_NEAR(cn_trace(sum, NULL).value, want, 100 * 50 * TEST_EPS);
    /* B missing: beta plays no part */
    CHECK_NEAR(cn_trace(cn_op_sum(a, 1, NULL, 7, -1), NULL).value, (want + 300 - 25) / 2 - 50, 100 * 50 * TEST_EPS);
    CHECK(cn_op_describe(sum).size == 50 && !cn_op_describe(sum).positive);
    CHECK(cn_op_sum(a, 1, cn_op_user(&c, 49, plain_apply, &odd), 1, 0) == NULL);
    CHECK_SENTENCE(&c, CN_E_SHAPE, "50 and 49");
    cn_clear(&c);
    CHECK(cn_op_sum(a, HUGE_VAL, NULL, 0, 0) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "not finite");
    cn_clear(&c);
    memset(e, 0, sizeof e); /* without its first eigenvector the second leads */
    e[0] = 1;
    rest = cn_op_deflate(a, 1, e);
    CHECK(cn_eigs(rest, NULL, value, NULL, NULL).converged);
    /* an eigenvalue's error is the square of the residual, 1e-8; in float the rounding of 2.9 */
    CHECK_NEAR(value[0], 2.9, TEST_REAL(1e-8, 1e-5));
    CHECK_NEAR(cn_trace(rest, NULL).value, cn_trace(a, NULL).value - 3, 1000 * TEST_EPS);
    rest = cn_op_deflate(b, 1, e); /* and of an operator that mixes it with others: nothing in, nothing out */
    CHECK_STATUS(cn_op_apply(rest, 1, x, y), CN_OK);
    CHECK(fabs((double)y[0]) < 10 * TEST_EPS &&
          fabs((double)y[5] - (2 * (double)x[5] - (double)x[4] - (double)x[6])) < 10 * TEST_EPS);
    CHECK_STATUS(cn_op_apply(rest, 1, e, y), CN_OK);
    CHECK(y[0] == 0 && y[1] == 0);
    CHECK(cn_op_deflate(a, 1, NULL) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "missing");
    cn_clear(&c);
    /* tr(diagonal Laplacian): the diagonals alone meet */
    for (i = 0; i < 50; i++) {
        exact += 2 * p.d[i];
        square += p.d[i] * p.d[i];
    }
    t = cn_inner(a, b, NULL);
    CHECK(t.exact && t.error == 0);
    CHECK_NEAR(t.value, exact, 1000 * TEST_EPS);
    CHECK_NEAR(cn_inner(a, a, NULL).value, square, 1000 * TEST_EPS);
    CHECK_NEAR(cn_inner(b, b, NULL).value, 50 * 4 + 2 * 49, 1e4 * TEST_EPS);
    d.method = CN_METHOD_HUTCHINSON;
    d.probes = 400;
    d.seed = 5;
    t = cn_inner(b, b, &d);
    CHECK(!t.exact && t.probes == 400 && t.error > 0 && fabs(t.value - 298) < 5 * t.error);
    d.rel_error = 0.5;
    CHECK(cn_inner(b, b, &d).probes == 16);
    CHECK_STATUS(cn_inner(b, cn_op_user(&c, 49, plain_apply, &odd), NULL).status, CN_E_SHAPE);
    cn_clear(&c);
    cn_free_all(&c);
}

static void conjugate_gradients(void) {
    static plain p, q;
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_real b[64], x[64], diag[64];
    double lower[64], y[64];
    size_t i;
    cn_iter r;
    double off = 0, ridge = 0.01;
    p.n = q.n = 60;
    q.laplacian = 1;
    a = cn_op_user(&c, 60, plain_apply, &q);
    cn_random(4, 0, 0, CN_NOISE_NORMAL, 1, 60, b);
    r = cn_solve(a, ridge, 0, 0, NULL, b, x);
    CHECK(r.status == CN_OK && r.converged && r.iterations <= 120 && r.residual <= TEST_REAL(2e-10, 2e-5));
    lower[0] = 2 + ridge;
    y[0] = (double)b[0]; /* the same by elimination */
    for (i = 1; i < 60; i++) {
        lower[i] = 2 + ridge - 1 / lower[i - 1];
        y[i] = (double)b[i] + y[i - 1] / lower[i - 1];
    }
    for (y[59] /= lower[59], i = 59; i-- > 0;) y[i] = (y[i] + y[i + 1]) / lower[i];
    for (i = 0; i < 60; i++) off = fmax(off, fabs((double)x[i] - y[i]));
    /* the residual, 2e-10 of ||b|| = 8, times the norm of the inverse, 1/0.0127 */
    CHECK(off < TEST_REAL(1e-7, 2e-2));
    for (i = 0; i < 60; i++) diag[i] = (cn_real)(p.d[i] = pow(10, (double)(i % 7)));
    a = cn_op_user(&c, 60, plain_apply, &p);
    r = cn_solve(a, 0, 0, 0, diag, b, x); /* the exact diagonal of a diagonal: solved at once */
    CHECK(r.converged && r.iterations <= 2);
    for (i = 0; i < 60; i++) CHECK_NEAR(x[i], (double)b[i] / p.d[i], 100 * TEST_EPS);
    r = cn_solve(a, 1000, 0, 0, diag, b, x); /* and of a diagonal with a ridge: the preconditioner holds it too */
    CHECK(r.converged && r.iterations <= 2);
    for (i = 0; i < 60; i++) CHECK_NEAR(x[i], (double)b[i] / (p.d[i] + 1000), 100 * TEST_EPS);
    r = cn_solve(a, 0, 0, 3, NULL, b, x);
    CHECK(r.status == CN_OK && !r.converged && r.iterations == 3 && r.residual > 1e-6);
    memset(b, 0, sizeof b);
    r = cn_solve(a, 0, 0, 0, NULL, b, x);
    CHECK(r.status == CN_OK && r.converged && r.iterations == 0 && x[7] == 0);
    b[0] = b[1] = 1;
    p.d[1] = -5;
    CHECK_STATUS(cn_solve(a, 0, 0, 0, NULL, b, x).status, CN_E_NUMERIC);
    CHECK_SENTENCE(&c, CN_E_NUMERIC, "not positive definite");
    cn_clear(&c);
    CHECK(cn_solve(a, 6, 0, 0, NULL, b, x).converged); /* a ridge cures it */
    /* tolerance times the condition, 1e6/1, in the worst case; b has two entries */
    CHECK_NEAR(x[1], 1, TEST_REAL(1e-8, 1e-3));
    CHECK_STATUS(cn_solve(a, 0, 0, 0, diag, NULL, x).status, CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_solve(a, 0, -1, 0, NULL, b, x).status, CN_E_ARGUMENT);
    cn_clear(&c);
    diag[3] = -1;
    CHECK_STATUS(cn_solve(a, 0, 0, 0, diag, b, x).status, CN_E_NUMERIC);
    CHECK_SENTENCE(&c, CN_E_NUMERIC, "diag[3]");
    cn_clear(&c);
    cn_free_all(&c);
}

/* ---- Hutch++, XTrace, and what the errors of all of them are worth */

/* How often |value - trace| stays within one and two errors over many seeds. Student's t with `freedom` degrees (63,
   255: Hutchinson with 64 and 256 probes; 20, 84: Hutch++, whose last third counts; 31, 127: XTrace; quick: 23, 35; 7,
   11; 11, 17) says within_one, within_two; binomial bounds of 3.3 standard deviations (1e-3 for each of these checks).
   XTrace's estimates share their probes: its error may only err on the large side. */
static void coverage(int method, int kind, cn_op *a, double truth, size_t probes, double within_one,
                     double within_two) {
    enum { SEEDS = TEST_SIZE(400, 50) };
    cn_probe_desc d = CN_ZERO;
    cn_est e;
    double one = 0, two = 0, mean = 0, errors = 0;
    uint64_t seed;
    d.method = method;
    d.kind = kind;
    d.probes = probes;
    for (seed = 0; seed < SEEDS; seed++) {
        d.seed = 1000 + seed;
        e = cn_trace(a, &d);
        if (e.status || e.exact || e.probes != probes) break;
        one += fabs(e.value - truth) <= e.error;
        two += fabs(e.value - truth) <= 2 * e.error;
        mean += e.value / SEEDS;
        errors += e.error * e.error / SEEDS;
    }
    CHECK(seed == SEEDS);
    /* unbiased: four of its own errors */
    CHECK_NEAR(mean, truth, 4 * sqrt(errors / SEEDS) + 1e3 * TEST_EPS * fabs(truth));
    CHECK(one >= within_one * SEEDS - 3.3 * sqrt(within_one * (1 - within_one) * SEEDS));
    CHECK(two >= within_two * SEEDS - 3.3 * sqrt(within_two * (1 - within_two) * SEEDS));
    if (method == CN_METHOD_XTRACE) return;
    CHECK(one <= within_one * SEEDS + 3.3 * sqrt(within_one * (1 - within_one) * SEEDS));
    CHECK(two <= within_two * SEEDS + 3.3 * sqrt(within_two * (1 - within_two) * SEEDS));
}

static void coverages(void) {
    static const struct {
        int method;
        size_t probes;
        double one, two;
    } rows[] = {
#ifdef TEST_QUICK
        {CN_METHOD_HUTCHINSON, 24, 0.672, 0.943}, {CN_METHOD_HUTCHINSON, 36, 0.676, 0.947},
        {CN_METHOD_HUTCHPP, 24, 0.649, 0.914},    {CN_METHOD_HUTCHPP, 36, 0.661, 0.929},
        {CN_METHOD_XTRACE, 24, 0.661, 0.929},     {CN_METHOD_XTRACE, 36, 0.669, 0.938}};
#else
        {CN_METHOD_HUTCHINSON, 64, 0.679, 0.950}, {CN_METHOD_HUTCHINSON, 256, 0.682, 0.953},
        {CN_METHOD_HUTCHPP, 64, 0.671, 0.941},    {CN_METHOD_HUTCHPP, 256, 0.680, 0.951},
        {CN_METHOD_XTRACE, 64, 0.675, 0.946},     {CN_METHOD_XTRACE, 256, 0.681, 0.952}};
#endif
    static const int spectra[] = {INDEFINITE, LAPLACIAN, RANDOM};
    cn_ctx c = CN_ZERO;
    size_t r, s, n = TEST_SIZE(300, 40);
    cn_op *a;
    for (s = 0; s < 3; s++) {
        known_spectrum(&A, spectra[s], n);
        a = cn_op_user(&c, n, known_apply, &A);
        for (r = TEST_SIZE(0, s % 2); r < sizeof rows / sizeof *rows; r += TEST_SIZE(1, 2)) {
            if (r < 5 || (s == 0 && sizeof(cn_real) == 8))
                coverage(rows[r].method, CN_NOISE_SIGN, a, known_trace(&A), rows[r].probes, rows[r].one, rows[r].two);
            if (s == 0 && r < 2)
                coverage(rows[r].method, CN_NOISE_NORMAL, a, known_trace(&A), rows[r].probes, rows[r].one, rows[r].two);
        }
        cn_free(&c, a);
    }
}

/* XTrace by its definition: for each probe a basis of all the other products by Gram and Schmidt, in double; `without`
   is left out altogether. */
static double xtrace_plainly(const known *a, const cn_probe_desc *d, size_t m, size_t without) {
    static double o[16][MOST], y[16][MOST], q[16][MOST], t[MOST];
    cn_real draw[MOST];
    size_t i, j, l, e, n = a->n, rank;
    double est, mean = 0, dot, size;
    int again;
    for (i = 0; i < m; i++) {
        cn_random(d->seed, cn_stream(CN_FOR_PROBES, i), 0, d->kind, 1, n, draw);
        for (e = 0; e < n; e++) o[i][e] = (double)draw[e];
        known_product(a, o[i], y[i]);
    }
    for (i = 0; i < m; i++) {
        double u[MOST];
        if (i == without) continue;
        for (rank = j = 0; j < m; j++) {
            if (j == i || j == without) continue;
            memcpy(q[rank], y[j], n * sizeof(double));
            for (again = 0; again < 2; again++)
                for (l = 0; l < rank; l++) {
                    for (dot = 0, e = 0; e < n; e++) dot += q[l][e] * q[rank][e];
                    for (e = 0; e < n; e++) q[rank][e] -= dot * q[l][e];
                }
            for (dot = 0, e = 0; e < n; e++) dot += q[rank][e] * q[rank][e];
            for (e = 0; e < n; e++) q[rank][e] /= sqrt(dot);
            rank++;
        }
        for (est = 0, l = 0; l < rank; l++) {
            known_product(a, q[l], t);
            for (e = 0; e < n; e++) est += q[l][e] * t[e];
        }
        memcpy(u, o[i], n * sizeof *u);
        for (l = 0; l < rank; l++) {
            for (dot = 0, e = 0; e < n; e++) dot += q[l][e] * u[e];
            for (e = 0; e < n; e++) u[e] -= dot * q[l][e];
        }
        known_product(a, u, t);
        for (dot = size = 0, e = 0; e < n; e++) {
            dot += u[e] * t[e];
            size += u[e] * u[e];
        }
        mean += (est + (d->kind == CN_NOISE_NORMAL ? dot * (double)(n - rank) / size : dot)) /
                (double)(without < m ? m - 1 : m);
    }
    return mean;
}

static void better_traces(void) {
    static const int methods[] = {CN_METHOD_HUTCHPP, CN_METHOD_XTRACE};
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_est e, other;
    cn_op *a;
    int which, m;
    double want, error, hutchinson = 0, better, mean, without[12];
    uint64_t seed;
    size_t i, n = TEST_SIZE(400, 100), most = TEST_SIZE(300, 90), size = TEST_SIZE(120, 60);
    watch w;
    for (which = 0; which < SPECTRA; which += TEST_SIZE(1, SPECTRA)) { /* as the definition says */
        known_spectrum(&A, which, size);
        a = cn_op_user(&c, size, known_apply, &A);
        /* where fewer products are independent: below */
        if (which == RANK_DEFICIENT || which == ZERO || which == IDENTITY) continue;
        /* the rest, 1, lies below the rounding of 1e6 in float, and with it R */
        if (which == SPIKED && sizeof(cn_real) == 4) continue;
        for (d.kind = CN_NOISE_SIGN;; d.kind = CN_NOISE_NORMAL) {
            d.method = CN_METHOD_XTRACE;
            d.probes = 24;
            d.seed = 3;
            e = cn_trace(a, &d);
            want = xtrace_plainly(&A, &d, 12, 12);
            for (error = mean = 0, i = 0; i < 12; i++) mean += (without[i] = xtrace_plainly(&A, &d, 12, i)) / 12;
            for (i = 0; i < 12; i++) error += (without[i] - mean) * (without[i] - mean); /* the jackknife's */
            error = sqrt(error);
            CHECK(e.status == CN_OK && e.probes == 24 && !e.exact);
            /* the condition of 12 products, up to 1e6 by the Gram-Schmidt of rounded vectors, in eps */
            CHECK_NEAR(e.value, want, TEST_REAL(1e-9, 1e-3) * (double)size * A.largest);
            CHECK_NEAR(e.error, error, TEST_REAL(1e-9, 1e-3) * (double)size * A.largest);
            if (d.kind == CN_NOISE_NORMAL) break;
        }
        cn_free(&c, a);
    }
    for (m = 0; m < 2; m++) {
        memset(&d, 0, sizeof d);
        d.method = methods[m];
        /* the range is found whole: exact but for rounding, and the error says so */
        for (which = RANK_DEFICIENT; which < SPECTRA; which++) {
            if (which != RANK_DEFICIENT && which != ZERO) continue;
            known_spectrum(&A, which, 200);
            a = cn_op_user(&c, 200, known_apply, &A);
            for (seed = 0; seed < TEST_SIZE(10, 2); seed++) {
                d.seed = seed;
                d.probes = 60;
                e = cn_trace(a, &d);
                /* 200 entries in some roundings each */
                CHECK_NEAR(e.value, known_trace(&A), 2000 * TEST_EPS * A.largest);
                CHECK(e.error <= 2000 * TEST_EPS * A.largest && e.probes == 60);
            }
            cn_free(&c, a);
        }
        known_spectrum(&A, RANDOM, 30); /* more probes than the size */
        a = cn_op_user(&c, 30, known_apply, &A);
        d.probes = 200;
        e = cn_trace(a, &d);
        CHECK_NEAR(e.value, known_trace(&A), 1e4 * TEST_EPS);
        CHECK(e.exact && e.error == 0); /* a sweep is cheaper */
        /* too few for the method: an answer all the same, and no more products than asked for */
        for (d.probes = 3; d.probes; d.probes--) {
            A.products = 0;
            e = cn_trace(a, &d);
            CHECK(e.status == CN_OK && e.error > 0 && e.value > 0 && e.probes <= d.probes && A.products == e.probes);
        }
        cn_free(&c, a);
        known_start(&A, n); /* decades of eigenvalues: what they are for. 63 normal probes each */
        for (i = 0; i < n; i++) A.lambda[i] = exp(-0.2 * (double)i);
        known_done(&A);
        d.kind = CN_NOISE_NORMAL;
        a = cn_op_user(&c, n, known_apply, &A);
        for (better = hutchinson = 0, seed = 0; seed < TEST_SIZE(50, 4); seed++) {
            d.seed = seed;
            d.probes = 63;
            e = cn_trace(a, &d);
            d.method = CN_METHOD_HUTCHINSON;
            other = cn_trace(a, &d);
            d.method = methods[m];
            better += (e.value - known_trace(&A)) * (e.value - known_trace(&A));
            hutchinson += (other.value - known_trace(&A)) * (other.value - known_trace(&A));
        }
        CHECK(better < 0.5 * hutchinson); /* mean squares over 50 seeds; measured 0.02 and less */
        for (seed = 0; seed < TEST_SIZE(20, 2); seed++) {
            d.seed = seed;
            d.rel_error = 1e9;
            d.probes = most;
            e = cn_trace(a, &d);
            CHECK(e.probes >= 16 && e.probes < most); /* never before 16 */
            d.rel_error = 0.01;
            e = cn_trace(a, &d);
            CHECK(e.error <= 0.01 * e.value && e.probes >= 16);
        }
        memset(&w, 0, sizeof w);
        c.progress = watching;
        c.progress_user = &w;
        w.stop_at = m ? 64 : TEST_SIZE(120, 60);
        d.rel_error = 0;
        d.probes = most;
        e = cn_trace(a, &d);
        CHECK(e.status == CN_CANCELLED && e.probes < most && e.error > 0 &&
              fabs(e.value - known_trace(&A)) < 6 * e.error);
        c.progress = NULL;
        cn_clear(&c);
        cn_free(&c, a);
        /* a trace of nearly nothing does not stop early: errors are relative to it */
        known_spectrum(&A, LAPLACIAN, 100);
        for (seed = 0; seed < 100; seed++) A.lambda[seed] = seed % 2 ? -A.lambda[seed - 1] : (double)seed;
        A.laplacian = 0;
        known_done(&A);
        a = cn_op_user(&c, 100, known_apply, &A);
        d.probes = 90;
        d.rel_error = 0.3;
        for (seed = 0; seed < TEST_SIZE(20, 3); seed++) {
            d.seed = seed;
            d.method = m ? CN_METHOD_HUTCHINSON : CN_METHOD_HUTCHPP;
            e = cn_trace(a, &d);
            /* it may say 40 +- 10 by chance, never stop on 1 +- 10 */
            CHECK(e.probes == 90 || e.error <= 0.3 * fabs(e.value));
        }
        cn_free(&c, a);
    }
}

/* ---- products, inverses, rows */

static double root(void *user, double x) {
    (void)user;
    return x > 0 ? sqrt(x) : 0;
}

static void made_of_others(void) {
    static cn_real r[7 * 50], x[3 * 50], y[3 * 50], z[50], dense[50 * 50], gram[49], vectors7[4 * 50], units[7 * 7],
        wide[2 * 1100];
    static const cn_real q[50] = {1};
    static plain lap, diag;
    cn_ctx c = CN_ZERO;
    cn_op *a, *b, *ab, *aa, *inv;
    size_t i, j, l;
    double want, off = 0, all[50], values[4], sum, v[4], res[4];
    cn_eigs_desc d = CN_ZERO;
    cn_iter it;
    cn_est e;
    lap.n = diag.n = 50;
    lap.laplacian = 1;
    for (i = 0; i < 50; i++) diag.d[i] = 1 + (double)i / 10;
    a = cn_op_user(&c, 50, plain_apply, &lap);
    b = cn_op_user(&c, 50, plain_apply, &diag);
    ab = cn_op_product(a, b);
    aa = cn_op_product(a, a);
    CHECK(cn_op_describe(a).symmetric && !cn_op_describe(ab).symmetric && cn_op_describe(aa).symmetric &&
          cn_op_describe(aa).positive);
    CHECK_STATUS(cn_op_dense(ab, dense), CN_OK); /* L D: column j is d_j times L's, not symmetrised */
    for (i = 0; i < 50; i++)
        for (j = 0; j < 50; j++)
            off = fmax(off, fabs((double)dense[i * 50 + j] - diag.d[j] * (i == j                     ? 2
                                                                          : i + 1 == j || j + 1 == i ? -1
                                                                                                     : 0)));
    CHECK_NEAR(off, 0, 20 * TEST_EPS);
    for (want = 0, i = 0; i < 50; i++) want += 2 * diag.d[i];
    CHECK_NEAR(cn_trace(ab, NULL).value, want, 1e3 * TEST_EPS);
    CHECK_NEAR(cn_trace(ab, NULL).value, cn_inner(a, b, NULL).value, 1e3 * TEST_EPS);
    for (i = 0; i < 50; i++) all[i] = 2 - 2 * cos((double)(50 - i) * 3.14159265358979323846 / 51); /* descending */
    d.top = 2;
    d.bottom = 1;
    it = cn_eigs(aa, &d, values, NULL, NULL);
    CHECK(it.converged && strcmp(it.convention, "a product of operators") == 0);
    /* the residual's tolerance times 16 */
    CHECK_NEAR(values[0], all[0] * all[0], 100 * TEST_EPS + TEST_REAL(1e-7, 1e-3));
#define REFUSES(call)                                       \
    do {                                                    \
        CHECK_STATUS(call, CN_E_UNSUITED);                  \
        CHECK_SENTENCE(&c, CN_E_UNSUITED, "not symmetric"); \
        cn_clear(&c);                                       \
    } while (0)
    for (i = 0; i < 4; i++) { /* the product, and what is made of it */
        cn_op *lop = i == 0   ? ab
                     : i == 1 ? cn_op_sum(a, 1, ab, 0.5, 0)
                     : i == 2 ? cn_op_sum(ab, 2, NULL, 0, 1)
                              : cn_op_deflate(ab, 1, q);
        cn_eigs_desc way = CN_ZERO;
        cn_probe_desc probe = CN_ZERO;
        CHECK(!cn_op_describe(lop).symmetric && !cn_op_describe(lop).positive);
        for (way.method = CN_METHOD_AUTO; way.method <= CN_METHOD_POWER; way.method++)
            if (way.method < CN_METHOD_HUTCHINSON || way.method > CN_METHOD_XTRACE)
                REFUSES(cn_eigs(lop, &way, values, NULL, NULL).status);
        REFUSES(cn_solve(lop, 0, 0, 0, NULL, x, y).status);
        REFUSES(cn_inner(lop, a, NULL).status);
        for (probe.method = CN_METHOD_AUTO; probe.method <= CN_METHOD_LANCZOS; probe.method++)
            if (probe.method < CN_METHOD_HUTCHINSON || probe.method == CN_METHOD_LANCZOS) {
                REFUSES(cn_logdet(lop, 1, &probe).status);
                REFUSES(cn_trace_of(lop, root, NULL, &probe).status);
            }
        REFUSES(cn_density(lop, NULL, NULL).status);
        CHECK(cn_op_inverse(lop, 0, 0, 0, NULL) == NULL);
        REFUSES(c.status);
    }
#undef REFUSES
    CHECK(cn_op_product(a, cn_op_user(&c, 49, plain_apply, &lap)) == NULL);
    CHECK_SENTENCE(&c, CN_E_SHAPE, "product: sizes 50 and 49");
    cn_clear(&c);
    CHECK(cn_op_product(NULL, a) == NULL && cn_op_product(a, NULL) == NULL &&
          cn_op_inverse(NULL, 0, 0, 0, NULL) == NULL && c.status == CN_OK);
    inv = cn_op_inverse(a, 0.5, 0, 0, NULL);
    for (want = 0, i = 0; i < 50; i++) want += 1 / (all[i] + 0.5);
    /* 50 solutions with a residual of 1e-10 (1e-5) times the inverse's norm, 2 */
    CHECK_NEAR(cn_trace(inv, NULL).value, want, TEST_REAL(1e-8, 1e-2));
    CHECK(cn_op_describe(inv).positive && cn_op_describe(inv).symmetric);
    cn_random(8, 0, 0, CN_NOISE_NORMAL, 1, 50, x);
    CHECK_STATUS(cn_op_apply(cn_op_inverse(a, 0.5, 0, 0, NULL), 1, x, y), CN_OK);
    CHECK(cn_solve(a, 0.5, 0, 0, NULL, x, z).converged);
    CHECK(memcmp(y, z, sizeof z) == 0);
    for (i = 0; i < 50; i++) r[i] = (cn_real)(1 + i % 3); /* tolerance, steps and diagonal are handed on */
    CHECK_STATUS(cn_op_apply(cn_op_inverse(a, 0.5, 1e-2, 40, r), 1, x, y), CN_OK);
    cn_solve(a, 0.5, 1e-2, 40, r, x, z);
    CHECK(memcmp(y, z, sizeof z) == 0);
    cn_solve(a, 0.5, 1e-2, 40, NULL, x, z);
    CHECK(memcmp(y, z, sizeof z) != 0);
    cn_solve(a, 0.5, 0, 0, r, x, z);
    CHECK(memcmp(y, z, sizeof z) != 0);
    CHECK_STATUS(cn_op_apply(cn_op_inverse(a, 0, 0, 3, NULL), 1, x, y), CN_E_NUMERIC);
    CHECK_SENTENCE(&c, CN_E_NUMERIC, "after 3 steps");
    cn_clear(&c);
    CHECK(cn_op_inverse(a, HUGE_VAL, 0, 0, NULL) == NULL && c.status == CN_E_ARGUMENT);
    cn_clear(&c);
    /* sums know their diagonal and trace where their parts do */
    cn_random(9, 0, 0, CN_NOISE_NORMAL, 1, 7 * 50, r);
    b = cn_op_factor(&c, 7, 50, r);
    CHECK(cn_op_describe(b).rows == 7 && cn_op_describe(b).positive && cn_op_describe(a).rows == 0);
    for (sum = 0, i = 0; i < 350; i++) sum += (double)r[i] * (double)r[i];
    e = cn_trace(b, NULL);
    CHECK(e.exact && strcmp(e.convention, "R'R of the caller's rows") == 0);
    CHECK_NEAR(e.value, sum, 1e-10);
    CHECK_NEAR(cn_trace(cn_op_sum(b, 2, b, 1, -3), NULL).value, 3 * sum - 150, 1e-9);
    CHECK_NEAR(cn_trace(cn_op_sum(b, 2, b, -4, 1), NULL).value, 50 - 2 * sum, 1e-9);
    inv = cn_op_sum(b, 2, b, -4, 1);
    CHECK_STATUS(cn_diagonal(inv, NULL, z).status, CN_OK);
    for (off = 0, i = 0; i < 50; i++) {
        for (want = 1, j = 0; j < 7; j++) want -= 2 * (double)r[j * 50 + i] * (double)r[j * 50 + i];
        off = fmax(off, fabs((double)z[i] - want));
    }
    CHECK_NEAR(off, 0, 100 * TEST_EPS);
    c.dry = 1; /* closed forms, not sweeps: room for the second diagonal at most */
    CHECK(cn_trace(inv, NULL).status == CN_DRY && c.bytes_needed == 0);
    CHECK(cn_diagonal(inv, NULL, z).status == CN_DRY && c.bytes_needed < 50 * sizeof *z + 256);
    c.dry = 0;
    cn_clear(&c);
    /* of one part alone: a sweep */
    CHECK(cn_trace(cn_op_sum(b, 1, a, 1, 0), NULL).exact && cn_diagonal(cn_op_sum(b, 1, a, 1, 0), NULL, z).exact);
    /* what is known of a combination: semi-definite only if every part is and none is subtracted; symmetric only if all
       are */
#define KNOWN(op, is_symmetric, is_positive) \
    CHECK(!cn_op_describe(op).symmetric == !(is_symmetric) && !cn_op_describe(op).positive == !(is_positive))
    KNOWN(cn_op_sum(b, 2, b, 1, 0), 1, 1);
    KNOWN(cn_op_sum(b, 1, NULL, -1, 3), 1, 1);
    KNOWN(cn_op_sum(b, -1, NULL, 0, 0), 1, 0);
    KNOWN(cn_op_sum(b, 1, NULL, 0, -1), 1, 0);
    KNOWN(cn_op_sum(b, 1, b, -1, 0), 1, 0);
    KNOWN(cn_op_sum(b, 1, a, 1, 0), 1, 0);
    KNOWN(cn_op_sum(a, 1, b, 1, 0), 1, 0);
    KNOWN(cn_op_sum(b, 1, ab, 1, 0), 0, 0);
    KNOWN(cn_op_sum(ab, 1, b, 1, 0), 0, 0);
    KNOWN(cn_op_product(ab, ab), 0, 0);
    KNOWN(cn_op_deflate(b, 0, NULL), 1, 1);
    KNOWN(cn_op_deflate(a, 0, NULL), 1, 0);
    KNOWN(cn_op_deflate(ab, 0, NULL), 0, 0);
#undef KNOWN
    CHECK_STATUS(cn_diagonal(cn_op_sum(b, 2, NULL, 1, -3), NULL, z).status, CN_OK);
    for (off = 0, i = 0; i < 50; i++) {
        for (want = -3, j = 0; j < 7; j++) want += 2 * (double)r[j * 50 + i] * (double)r[j * 50 + i];
        off = fmax(off, fabs((double)z[i] - want));
    }
    CHECK_NEAR(off, 0, 50 * TEST_EPS);
    cn_random(10, 0, 0, CN_NOISE_NORMAL, 1, 150, x);
    CHECK_STATUS(cn_op_apply(b, 3, x, y), CN_OK);
    for (off = 0, l = 0; l < 3; l++) {
        double u[7];
        for (j = 0; j < 7; j++)
            for (u[j] = 0, i = 0; i < 50; i++) u[j] += (double)r[j * 50 + i] * (double)x[l * 50 + i];
        for (i = 0; i < 50; i++) {
            for (want = 0, j = 0; j < 7; j++) want += (double)r[j * 50 + i] * u[j];
            off = fmax(off, fabs((double)y[l * 50 + i] - want));
        }
    }
    CHECK_NEAR(off, 0, 3000 * TEST_EPS); /* sums of 50 and 7 products up to 10 */
    CHECK_STATUS(cn_op_gram(b, gram), CN_OK);
    for (off = 0, i = 0; i < 7; i++)
        for (j = 0; j < 7; j++) {
            for (want = 0, l = 0; l < 50; l++) want += (double)r[i * 50 + l] * (double)r[j * 50 + l];
            off = fmax(off, fabs((double)gram[i * 7 + j] - want));
        }
    CHECK_NEAR(off, 0, 500 * TEST_EPS);
    for (i = 0; i < 49; i++) units[i] = i % 8 == 0;
    CHECK_STATUS(cn_op_spread(b, 7, units, dense), CN_OK);
    for (off = 0, i = 0; i < 350; i++) off = fmax(off, fabs((double)(dense[i] - r[i])));
    CHECK(off == 0);
    memset(&d, 0, sizeof d);
    d.top = 4;
    d.method = CN_METHOD_EXACT;
    it = cn_eigs(b, &d, values, res, vectors7); /* through 7 x 7 */
    CHECK(it.converged && it.iterations == 0);
    d.method = CN_METHOD_LANCZOS;
    CHECK(cn_eigs(b, &d, v, NULL, NULL).converged);
    for (i = 0; i < 4; i++) CHECK_NEAR(values[i], v[i], TEST_REAL(1e-8, 1e-4) * values[0]);
    for (i = 0; i < 4; i++) CHECK(res[i] < 1000 * TEST_EPS * values[0]);
    for (i = 0; i < 16; i++) {
        for (sum = 0, l = 0; l < 50; l++) sum += (double)vectors7[i / 4 * 50 + l] * (double)vectors7[i % 4 * 50 + l];
        CHECK_NEAR(sum, i / 4 == i % 4, 40 * TEST_EPS);
    }
    memcpy(r + 50, r, 50 * sizeof *r); /* two equal rows: R R' is singular, and the seventh eigenvector any other */
    d.top = 7;
    d.method = CN_METHOD_EXACT;
    it = cn_eigs(b, &d, all, NULL, NULL);
    CHECK(it.converged);
    CHECK_NEAR(all[6], 0, 200 * TEST_EPS * all[0]);
    cn_random(11, 0, 0, CN_NOISE_NORMAL, 1, 2200, wide);
    for (i = 0; i < 3; i++) { /* AUTO never makes the dense matrix of a large operator because its rows are few */
        memset(&d, 0, sizeof d);
        d.top = i == 1 ? 3 : 1;
        d.bottom = i == 2;
        it = cn_eigs(cn_op_factor(&c, 2, 1100, wide), &d, all, NULL, NULL);
        CHECK(it.status == CN_OK && it.converged &&
              (i ? it.iterations > 0 && it.iterations < 1100 : it.iterations == 0));
    }
    CHECK_STATUS(cn_op_gram(a, gram), CN_E_UNSUITED);
    CHECK_SENTENCE(&c, CN_E_UNSUITED, "not known as R'R");
    cn_clear(&c);
    CHECK_STATUS(cn_op_spread(a, 1, units, y), CN_E_UNSUITED);
    cn_clear(&c);
    CHECK_STATUS(cn_op_gram(b, NULL), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_op_spread(b, 1, NULL, y), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK(cn_op_factor(&c, 0, 5, r) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "0 x 5");
    cn_clear(&c);
    CHECK(cn_op_factor(&c, 2, 5, NULL) == NULL);
    cn_clear(&c);
    CHECK(cn_op_factor(&c, (size_t)-1, 5, r) == NULL);
    CHECK_SENTENCE(&c, CN_E_SIZE, "overflows");
    cn_clear(&c);
    cn_free_all(&c);
}

/* ---- more of eigs: restarts, deflation, the power method */

static void eigs_more(void) {
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_eigs_desc d = CN_ZERO;
    double values[WANT_MOST], dot;
    cn_iter r;
    size_t i, j, bytes, n = TEST_SIZE(200, 24);
    cn_real locked[2 * MOST];
    known_spectrum(&A, LAPLACIAN, n);
    a = cn_op_user(&c, n, known_apply, &A);
    /* ends as close as 1e-3: a hundred restarts of a small basis */
    d.top = 3;
    d.bottom = 2;
    d.method = CN_METHOD_LANCZOS;
    d.basis = TEST_SIZE(24, 12);
    d.products = 5000;
    for (d.block_size = 1; d.block_size <= 4; d.block_size += TEST_SIZE(1, 3)) {
        r = cn_eigs(a, &d, values, NULL, vectors);
        CHECK(r.status == CN_OK && r.converged && r.iterations > d.basis);
        for (i = 0; i < 5; i++)
            CHECK_NEAR(values[i], i < 3 ? A.sorted[i] : A.sorted[n - 1 - (i - 3)], r.residual + 8 * TEST_EPS * 4);
        for (i = 0; i < 25; i++) {
            for (dot = 0, j = 0; j < n; j++) dot += (double)vectors[i / 5 * n + j] * (double)vectors[i % 5 * n + j];
            CHECK_NEAR(dot, i / 5 == i % 5, 100 * TEST_EPS);
        }
    }
    d.block_size = 1;
    c.dry = 1;
    cn_eigs(a, &d, values, NULL, NULL);
    bytes = c.bytes_needed;
    d.basis = TEST_SIZE(124, 22);
    cn_eigs(a, &d, values, NULL, NULL);
    /* what a smaller basis saves */
    CHECK(c.bytes_needed >= bytes + (d.basis - TEST_SIZE(24, 12)) * n * sizeof(cn_real));
    c.dry = 0;
    cn_clear(&c);
    /* deflated: the spectrum without the vectors given */
    memset(&d, 0, sizeof d);
    d.top = 2;
    d.bottom = 0;
    d.basis = n;
    CHECK(cn_eigs(a, &d, values, NULL, vectors).converged);
    memcpy(locked, vectors, 2 * n * sizeof *locked);
    d.deflate = locked;
    d.deflated = 2;
    r = cn_eigs(a, &d, values, NULL, vectors);
    CHECK(r.converged);
    /* and what is wrong with the vectors given, 1e-8 (1e-4) of 4 each */
    for (i = 0; i < 2; i++) CHECK_NEAR(values[i], A.sorted[2 + i], 2 * r.residual + TEST_REAL(1e-7, 2e-3));
    for (i = 0; i < 4; i++) {
        for (dot = 0, j = 0; j < n; j++) dot += (double)locked[i / 2 * n + j] * (double)vectors[i % 2 * n + j];
        CHECK_NEAR(dot, 0, 40 * TEST_EPS);
    }
    known_spectrum(&A, NEGATIVE, 40); /* all are negative: a deflated operator would show its 0, this does not */
    cn_free(&c, a);
    a = cn_op_user(&c, 40, known_apply, &A);
    d.deflated = 0;
    d.top = 1;
    d.basis = 0;
    CHECK(cn_eigs(a, &d, values, NULL, locked).converged);
    d.deflated = 1;
    CHECK(cn_eigs(a, &d, values, NULL, NULL).converged);
    CHECK_NEAR(values[0], A.sorted[1], TEST_REAL(1e-7, 1e-3));
    d.top = 39;
    r = cn_eigs(a, &d, NULL, NULL, NULL);
    CHECK(r.status == CN_OK && r.converged);
    d.top = 40;
    CHECK_STATUS(cn_eigs(a, &d, values, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "of size 39");
    cn_clear(&c);
    d.top = 1;
    d.deflate = NULL;
    CHECK_STATUS(cn_eigs(a, &d, values, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "missing");
    cn_clear(&c);
    /* the power method: the largest in size, with its sign */
    memset(&d, 0, sizeof d);
    d.method = CN_METHOD_POWER;
    r = cn_eigs(a, &d, values, NULL, NULL);
    CHECK(r.status == CN_OK && r.converged && r.iterations > 5);
    CHECK_NEAR(values[0], A.sorted[39], r.residual + 8 * TEST_EPS);
    d.products = 3;
    r = cn_eigs(a, &d, values, NULL, NULL);
    CHECK(r.status == CN_OK && !r.converged && r.iterations == 3);
    d.top = 2;
    CHECK_STATUS(cn_eigs(a, &d, values, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "power");
    cn_clear(&c);
    d.method = CN_METHOD_XTRACE;
    CHECK_STATUS(cn_eigs(a, &d, values, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "not a method");
    cn_clear(&c);
    cn_free(&c, a);
    known_spectrum(&A, ZERO, 40);
    a = cn_op_user(&c, 40, known_apply, &A);
    memset(&d, 0, sizeof d);
    d.method = CN_METHOD_POWER;
    r = cn_eigs(a, &d, values, NULL, NULL);
    CHECK(r.status == CN_OK && r.converged && values[0] == 0);
    cn_free_all(&c);
}

/* ---- densities and functions of the spectrum */

enum { POINTS = 300 };
static double d_at[POINTS], d_density[2 * POINTS], d_error[2 * POINTS];
/* the positive side, and on the logarithmic axis the negative one behind it */
static cn_density_result drawn(cn_op *a, const cn_density_desc *d) {
    cn_density_curve curve = CN_ZERO;
    size_t points = d && d->points ? d->points : 200;
    curve.at = d_at;
    curve.density = d_density;
    curve.error = d_error;
    if (d && d->axis == CN_AXIS_LOG) {
        curve.negative = d_density + points;
        curve.negative_error = d_error + points;
    }
    return cn_density(a, d, &curve);
}

static double integral(size_t points) {
    double sum = 0;
    size_t i;
    for (i = 0; i + 1 < points; i++) sum += 0.5 * (d_density[i] + d_density[i + 1]) * (d_at[i + 1] - d_at[i]);
    return sum;
}

/* the density of the known eigenvalues under the same Gaussian; axis -1: of negative ones */
static double smoothed(double x, double width, double floor, int axis) {
    double sum = 0, at;
    size_t i;
    for (i = 0; i < A.n; i++) {
        if (axis != CN_AXIS_LINEAR && axis * A.lambda[i] <= floor) continue;
        at = axis == CN_AXIS_LINEAR ? A.lambda[i] : log10(axis * A.lambda[i]);
        sum += exp(-0.5 * (x - at) * (x - at) / width / width);
    }
    return sum / (double)A.n / width / 2.50662827463100050242;
}

static void densities(void) {
    static const int spectra[] = {LAPLACIAN, RANDOM, INDEFINITE};
    cn_ctx c = CN_ZERO;
    cn_density_desc d = CN_ZERO;
    cn_density_result r, plain_shares;
    cn_op *a;
    int s, axis;
    size_t i, inside, counted, n = TEST_SIZE(200, 30), points = TEST_SIZE(POINTS, 100);
    double mean, truth[3];
    watch w;
    for (s = 0; s < TEST_SIZE(3, 1); s++)
        for (axis = CN_AXIS_LINEAR; axis <= CN_AXIS_LOG; axis++) {
            known_spectrum(&A, spectra[s], n);
            a = cn_op_user(&c, n, known_apply, &A);
            memset(&d, 0, sizeof d);
            /* all steps: the quadrature is exact, the starts alone are random */
            d.points = points;
            d.axis = axis;
            d.runs = 20;
            d.steps = n;
            d.seed = (uint64_t)s;
            A.products = 0;
            r = drawn(a, &d);
            CHECK(r.status == CN_OK && r.runs == 20 && r.products <= 20 * n && A.products >= r.products && r.width > 0);
            CHECK_NEAR(r.largest, A.sorted[0], 100 * TEST_EPS * A.largest);
            CHECK_NEAR(r.smallest, A.sorted[n - 1], 100 * TEST_EPS * A.largest);
            for (inside = counted = i = 0; i < (axis == CN_AXIS_LOG ? 2 : 1) * points; i++) {
                double want = smoothed(d_at[i % points], r.width, r.floor, i < points ? axis : -1);
                if (want < 1e-3) {
                    CHECK(d_density[i] < 0.02);
                    continue;
                }
                counted++;
                inside += fabs(d_density[i] - want) <= 2 * d_error[i];
            }
            /* 94 % in the mean; neighbours hang together, some 20 are independent: two standard deviations of 7 % */
            CHECK(counted > points / 3 && (double)inside > 0.8 * (double)counted);
            /* trapezia four to a width, tails beyond four of them */
            CHECK_NEAR(integral(points), axis == CN_AXIS_LOG ? r.positive : 1, 2e-3);
            for (truth[0] = truth[1] = truth[2] = 0, i = 0; i < n; i++)
                truth[A.lambda[i] < -r.floor ? 0 : A.lambda[i] > r.floor ? 2 : 1] += 1 / (double)n;
            CHECK_NEAR(r.negative, truth[0], 4 * r.negative_error + 1e-12);
            CHECK_NEAR(r.small, truth[1], 4 * r.small_error + 1e-12);
            CHECK_NEAR(r.positive, truth[2], 4 * r.positive_error + 1e-12);
            CHECK_NEAR(r.negative + r.small + r.positive, 1, 1e-12);
            /* half the steps of a full process: all but the finest is seen */
            CHECK_NEAR(r.half_negative, r.negative, 0.05);
            CHECK_NEAR(r.half_small, r.small, 0.05);
            plain_shares = cn_density(a, &d, NULL); /* without the curve the same shares */
            CHECK(plain_shares.negative == r.negative && plain_shares.half_small == r.half_small &&
                  plain_shares.width == r.width);
            for (mean = 0, i = 0; axis == CN_AXIS_LINEAR && i + 1 < points; i++)
                mean += d_at[i] * d_density[i] * (d_at[1] - d_at[0]);
            /* tr/n, with 20 probes' error */
            if (axis == CN_AXIS_LINEAR) CHECK_NEAR(mean, known_trace(&A) / (double)n, 0.05 * A.largest);
            cn_free(&c, a);
        }
    n = TEST_SIZE(200, 40);
    known_spectrum(&A, RANDOM, n); /* defaults: 10 runs of 80 steps, 200 points */
    a = cn_op_user(&c, n, known_apply, &A);
    A.products = 0;
    A.widest = 0;
    r = drawn(a, NULL);
    /* one pass a step serves all runs */
    CHECK(r.status == CN_OK && r.runs == 10 && r.products == 10 * TEST_SIZE(80, n) && A.products == r.products &&
          A.widest == 10 && A.calls <= 80);
    CHECK_NEAR(integral(200), 1, 2e-3);
    CHECK_RELATIVE(r.floor, 1e-3 * A.largest, 1e-3);
    /* so few steps: half of them say something else */
    d.axis = CN_AXIS_LOG;
    d.runs = 0;
    d.steps = 6;
    d.floor = 0.3;
    d.points = 50;
    r = drawn(a, &d);
    CHECK(r.status == CN_OK && fabs(r.half_small - r.small) > 0.02);
    memmove(d_density, d_density + 50, 50 * sizeof *d_density);
    CHECK(integral(50) == 0 && r.negative == 0); /* nothing there */
    d.floor = 10;
    d.steps = 0; /* above all of them */
    r = drawn(a, &d);
    CHECK(r.status == CN_OK && r.small > 1 - 1e-12 && d_at[49] > d_at[0] && integral(50) == 0);
    CHECK(d_at[0] < log10(A.largest) && d_at[49] > 1); /* the axis shows them and the floor */
    d.floor = 0;
    cn_free(&c, a);
    for (s = 0; s < 2; s++) { /* of the identity and of zero: one step, a single peak */
        known_spectrum(&A, s ? IDENTITY : ZERO, 50);
        a = cn_op_user(&c, 50, known_apply, &A);
        d.axis = CN_AXIS_LINEAR;
        d.points = POINTS;
        r = drawn(a, &d);
        CHECK(r.status == CN_OK && r.products == 10);
        CHECK_NEAR(integral(POINTS), 1, 2e-3);
        CHECK_NEAR(r.small, s ? 0 : 1, 1e-12);
        d.axis = CN_AXIS_LOG;
        r = drawn(a, &d);
        CHECK_NEAR(integral(POINTS), s, 2e-3);
        cn_free(&c, a);
    }
    known_spectrum(&A, LAPLACIAN, n);
    a = cn_op_user(&c, n, known_apply, &A);
    memset(&w, 0, sizeof w);
    memset(&d, 0, sizeof d);
    c.progress = watching;
    c.progress_user = &w;
    w.stop_at = 16;
    d.runs = 40;
    d.points = 100;
    d.steps = TEST_SIZE(0, 20); /* 0: 80 */
    r = drawn(a, &d);           /* cancelled: those finished */
    CHECK(r.status == CN_CANCELLED && r.runs == 16 && r.products == 16 * TEST_SIZE(80, 20));
    CHECK_NEAR(integral(100), 1, 2e-3);
    CHECK(strcmp(w.what, "density") == 0);
    c.progress = NULL;
    cn_clear(&c);
    for (s = 0; s < 6; s++) { /* which arrays there must be: each alone has room for `points` */
        cn_density_curve curve;
        curve.at = s == 0 ? NULL : d_at;
        curve.density = s == 1 ? NULL : d_density;
        curve.error = s == 5 ? NULL : d_error;
        curve.negative = s == 2 || s == 5 ? NULL : d_density + POINTS;
        curve.negative_error = s == 5 ? NULL : d_error + POINTS;
        d.axis = s == 3 ? CN_AXIS_LINEAR : CN_AXIS_LOG;
        CHECK_STATUS(cn_density(a, &d, &curve).status, s < 4 ? CN_E_ARGUMENT : CN_OK);
        if (s < 4) CHECK_SENTENCE(&c, CN_E_ARGUMENT, s == 3 ? "negative is for the logarithmic axis" : "missing");
        cn_clear(&c);
    }
    for (s = 0; s < 4; s++) { /* a peak that is no number is refused; the square of one may be too large for a double */
        d.axis = s % 2;
        d.width = s < 2 ? 1e-310 : 1e-200;
        if (!(d.width > 0)) continue; /* -ffast-math takes what is so small for 0 */
        for (i = 0; i < 2 * POINTS; i++) d_density[i] = d_error[i] = 77;
        r = drawn(a, &d);
        CHECK_STATUS(r.status, s < 2 ? CN_E_NUMERIC : CN_OK);
        for (inside = i = 0; i < 2 * POINTS; i++) {
            inside += d_density[i] != 77 || d_error[i] != 77;
            CHECK(test_finite(d_density[i]) && test_finite(d_error[i]));
        }
        CHECK(inside == (s < 2 ? 0 : (size_t)(s == 3 ? 200 : 100)));
        cn_clear(&c);
    }
    d.axis = 3;
    CHECK_STATUS(drawn(a, &d).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "axis 3");
    cn_clear(&c);
    d.axis = 0;
    d.width = -1;
    CHECK_STATUS(drawn(a, &d).status, CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(drawn(NULL, &d).status, CN_E_ARGUMENT);
    cn_free_all(&c);
}

static double squared(void *user, double x) {
    (void)user;
    return x * x;
}
static double effective(void *ridge, double x) { return x / (x + *(double *)ridge); }

static void functions(void) {
    enum { SEEDS = TEST_SIZE(100, 5) };
    cn_ctx c = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_est e, f;
    cn_op *a;
    double truth = 0, ridge = 0.1, two = 0, dimension = 0, mean = 0, squares = 0;
    size_t i, n = TEST_SIZE(150, 30);
    uint64_t seed, r;
    known_spectrum(&A, LAPLACIAN, n);
    a = cn_op_user(&c, n, known_apply, &A);
    for (i = 0; i < n; i++) {
        truth += log(A.lambda[i] + ridge);
        dimension += A.lambda[i] / (A.lambda[i] + ridge);
    }
    e = cn_logdet(a, ridge, NULL);
    CHECK(e.exact && e.error == 0 && e.convention);
    /* every eigenvalue to 8 eps of 4, over the smallest with its ridge */
    CHECK_NEAR(e.value, truth, (double)n * 8 * TEST_EPS * 4 / ridge);
    CHECK_NEAR(cn_trace_of(a, effective, &ridge, NULL).value, dimension, (double)n * 8 * TEST_EPS * 4 / ridge);
    d.method = CN_METHOD_LANCZOS;
    d.probes = 20;
    d.steps = TEST_SIZE(60, 20);
    for (seed = 0; seed < SEEDS; seed++) {
        d.seed = seed;
        e = cn_logdet(a, ridge, &d);
        if (e.status || e.exact || e.probes != 20) break;
        two += fabs(e.value - truth) <= 2 * e.error;
    }
    CHECK(seed == SEEDS);
    /* Student's t with 19 degrees of freedom; steps: quadratures to 1e-9 (20 of them, at a condition of 41: 3e-6) */
    CHECK_NEAR(two, 0.940 * SEEDS, 3.3 * sqrt(0.94 * 0.06 * SEEDS));
    f = cn_inner(a, a, &d); /* not its method */
    CHECK(f.status == CN_E_ARGUMENT);
    cn_clear(&c);
    e = cn_trace_of(a, squared, NULL, &d); /* two steps suffice for squares: the mean of ||Az||^2 */
    for (r = 0; r < 20; r++) {
        cn_real draw[MOST];
        double z[MOST], az[MOST], norm2 = 0;
        cn_random(d.seed, cn_stream(CN_FOR_LANCZOS, r), 0, CN_NOISE_SIGN, 1, n, draw);
        for (i = 0; i < n; i++) z[i] = (double)draw[i];
        known_product(&A, z, az);
        for (i = 0; i < n; i++) norm2 += az[i] * az[i];
        mean += norm2 / 20;
        squares += norm2 * norm2 / 20;
    }
    CHECK_RELATIVE(e.value, mean, 1e4 * TEST_EPS);
    CHECK_RELATIVE(e.error, sqrt((squares - mean * mean) / 19), 1e5 * TEST_EPS);
    d.steps = 1; /* one step: z'Az/z'z alone, squared */
    CHECK(cn_trace_of(a, squared, NULL, &d).value < 0.9 * mean);
    d.steps = 0;
    d.rel_error = 1e9;
    d.probes = 0;
    CHECK(cn_logdet(a, ridge, &d).probes == 16); /* never fewer */
    cn_free(&c, a);
    known_spectrum(&A, INDEFINITE, TEST_SIZE(60, 30));
    a = cn_op_user(&c, TEST_SIZE(60, 30), known_apply, &A);
    CHECK_STATUS(cn_logdet(a, ridge, NULL).status, CN_E_NUMERIC);
    CHECK_SENTENCE(&c, CN_E_NUMERIC, "log det");
    cn_clear(&c);
    CHECK_STATUS(cn_logdet(a, ridge, &d).status, CN_E_NUMERIC);
    cn_clear(&c);
    CHECK(cn_logdet(a, 3, NULL).status == CN_OK);
    CHECK_STATUS(cn_logdet(a, HUGE_VAL, NULL).status, CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_trace_of(a, NULL, NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "missing");
    cn_clear(&c);
    d.kind = 99;
    CHECK_STATUS(cn_logdet(a, 3, &d).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "not 99");
    cn_clear(&c);
    d.kind = 0;
    d.rel_error = -1;
    CHECK_STATUS(cn_logdet(a, 3, &d).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "rel_error -1");
    cn_clear(&c);
    d.rel_error = 0;
    d.method = CN_METHOD_XTRACE;
    CHECK_STATUS(cn_trace_of(a, squared, NULL, &d).status, CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK(cn_trace_of(NULL, squared, NULL, NULL).status == CN_E_ARGUMENT &&
          cn_logdet(NULL, 0, NULL).status == CN_E_ARGUMENT);
    cn_free_all(&c);
}

/* A matrix as an operator: its products, trace, diagonal, inner products and itself, against sums written out. */
static void matrix(void) {
    enum { N = 37, K = 19 };
    static cn_real a[N * N], b[N * N], x[K * N], y[K * N], out[N * N];
    cn_ctx c = CN_ZERO;
    cn_op *op, *other;
    size_t i, j, k;
    double sum, trace = 0, inner = 0, square = 0;
    cn_est e;
    cn_random(8, 1, 0, CN_NOISE_NORMAL, 1, N * N, a);
    cn_random(8, 2, 0, CN_NOISE_NORMAL, 1, N * N, b);
    cn_random(8, 3, 0, CN_NOISE_NORMAL, 1, K * N, x);
    for (i = 0; i < N; i++)
        for (j = 0; j < i; j++) {
            a[j * N + i] = a[i * N + j];
            b[j * N + i] = b[i * N + j];
        }
    for (i = 0; i < N * N; i++) {
        trace += i % (N + 1) ? 0 : (double)a[i];
        inner += (double)a[i] * (double)b[i];
        square += (double)a[i] * (double)a[i];
    }
    op = cn_op_matrix(&c, N, a);
    other = cn_op_matrix(&c, N, b);
    CHECK_STATUS(cn_op_apply(op, K, x, y), CN_OK);
    for (k = 0; k < K; k++)
        for (i = 0; i < N; i++) {
            for (sum = 0, j = 0; j < N; j++) sum += (double)a[i * N + j] * (double)x[k * N + j];
            CHECK_NEAR(y[k * N + i], sum, 100 * TEST_EPS); /* 37 products of numbers near 1 */
        }
    CHECK_STATUS(cn_op_dense(op, out), CN_OK);
    CHECK(memcmp(out, a, sizeof a) == 0); /* itself, bit for bit */
    e = cn_trace(op, NULL);
    CHECK(e.exact && e.probes == 0 && e.error == 0);
    CHECK_NEAR(e.value, trace, 1e-12); /* the same numbers added in double */
    cn_diagonal(op, NULL, out);
    for (i = 0; i < N; i++) CHECK(out[i] == a[i * N + i]);
    e = cn_inner(op, other, NULL);
    CHECK(e.exact && e.probes == 0 && e.error == 0);
    CHECK_NEAR(e.value, inner, 1e-11); /* 1369 products added in double */
    CHECK_NEAR(cn_inner(op, op, NULL).value, square, 1e-11);
    CHECK(cn_op_describe(op).size == N && !cn_op_describe(op).positive);
    CHECK_STATUS(c.status, CN_OK);
    a[5 * N + 3] += 1;
    CHECK(cn_op_matrix(&c, N, a) == NULL);
    CHECK_SENTENCE(&c, CN_E_DATA, "element 5, 3 of the matrix");
    cn_clear(&c);
    a[5 * N + 3] = a[3 * N + 5] = (cn_real)HUGE_VAL;
    CHECK(cn_op_matrix(&c, N, a) == NULL);
    CHECK_SENTENCE(&c, CN_E_DATA, "finite");
    cn_clear(&c);
    a[5 * N + 3] = a[3 * N + 5] = 0;
    for (i = 0; i < N; i++) { /* on the diagonal, where an element is its own mirror */
        cn_real keep = a[i * N + i];
        char where[40];
        for (k = 0; k < 2; k++) {
            a[i * N + i] = (cn_real)(k ? HUGE_VAL - HUGE_VAL : HUGE_VAL);
            sprintf(where, "element %d, %d of the matrix is %s", (int)i, (int)i, k ? "NaN" : "Inf");
            CHECK(cn_op_matrix(&c, N, a) == NULL);
            CHECK_SENTENCE(&c, CN_E_DATA, where);
            cn_clear(&c);
        }
        a[i * N + i] = keep;
    }
    CHECK(cn_op_matrix(&c, 0, a) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "size is 0");
    cn_clear(&c);
    CHECK(cn_op_matrix(&c, (size_t)-1 / 2, a) == NULL);
    CHECK_SENTENCE(&c, CN_E_SIZE, "overflows");
    cn_clear(&c);
    CHECK(cn_op_matrix(&c, 3, NULL) == NULL && c.status == CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK(cn_op_matrix(NULL, 3, b) == NULL);
    cn_free_all(&c);
}

/* The jackknife's errors of two probes z, by hand. XTrace without one of them is z'Az of the other, for nothing is left
   to make a basis of; Efron and Stein's error is the root of the summed squares about the mean of both: |a - b|/sqrt 2
   for a = z1'Az1, b = z2'Az2. Normal probes count by their direction: n z'Az/z'z. A similarity without one is that of
   the other; Efron's factor for a mean, (m - 1)/m, is 1/2: |a - b|/2. With A = [2 -1 0 ..; -1 2 -1 ..; ..], n = 5, and
   signs + + + + +: z'Az = 10 - 2 4 = 2; with + - + - +: 10 + 2 4 = 18; so errors of 16/sqrt 2 = 11.3137 and, beside
   the identity (z'z = 5), of (18/5 - 2/5)/2 = 1.6. The seeds draw others. */
static void jackknife_by_hand(void) {
    enum { N = 5 };
    cn_ctx c = CN_ZERO;
    cn_real matrix[N * N] = {0}, identity[N * N] = {0}, z[2][N];
    cn_op *a, *one;
    cn_probe_desc d = CN_ZERO;
    cn_similarity_result r;
    cn_est e;
    double form[2], length[2], root = 0;
    size_t i, j, seed, seen = 0;
    for (i = 0; i < N; i++) {
        identity[i * N + i] = 1;
        matrix[i * N + i] = 2;
        if (i) matrix[i * N + i - 1] = matrix[(i - 1) * N + i] = -1;
    }
    a = cn_op_matrix(&c, N, matrix);
    one = cn_op_matrix(&c, N, identity);
    for (seed = 0; seed < 40; seed++) {
        d.kind = seed % 2 ? CN_NOISE_NORMAL : CN_NOISE_SIGN;
        d.seed = seed;
        for (j = 0; j < 2; j++) {
            cn_random(seed, cn_stream(CN_FOR_PROBES, j), 0, d.kind, 1, N, z[j]);
            for (form[j] = length[j] = 0, i = 0; i < N; i++) {
                length[j] += (double)z[j][i] * (double)z[j][i];
                form[j] += 2 * (double)z[j][i] * (double)z[j][i];
                if (i) form[j] -= 2 * (double)z[j][i] * (double)z[j][i - 1];
            }
        }
        d.method = CN_METHOD_XTRACE;
        d.probes = 4; /* two probes, each used twice */
        e = cn_trace(a, &d);
        CHECK(e.status == CN_OK && e.probes == 4 && !e.exact);
        root = fabs(form[0] - form[1]);
        if (d.kind == CN_NOISE_NORMAL) root = N * fabs(form[0] / length[0] - form[1] / length[1]);
        /* sums of 5 products of numbers near 1, twice projected */
        CHECK_NEAR(e.error, root / sqrt(2), 100 * TEST_EPS);
        d.method = CN_METHOD_HUTCHINSON;
        d.probes = 2;
        r = cn_similarity(a, one, &d);
        CHECK(r.status == CN_OK && r.r.probes == 2);
        CHECK_NEAR(r.r.error, fabs(form[0] / length[0] - form[1] / length[1]) / 2, 100 * TEST_EPS);
        CHECK_NEAR(r.r.value, (form[0] + form[1]) / (length[0] + length[1]), 100 * TEST_EPS);
        seen += root > 1;
    }
    CHECK(seen > 10);
    cn_free_all(&c);
}

/* ---- pairs: tr(AB) of all kinds of operators in both orders, from what is cheapest, against matrices written out in
   double. The caller's own counts its products. */

enum { PAIR = 40, FEW = 7, MANY = 43, KINDS_OF_PAIR = 13 };

/* 0, 1 the caller's; 2 a matrix; 3, 4 diagonals; 5 few rows; 6 many; then made of these: 7 caller's + few rows, 8 sum
   of diagonals, 9 their product, 10 few rows times matrix (not symmetric), 11 deflated, 12 sum of matrices */
typedef struct pairs {
    cn_real matrix[PAIR * PAIR], other[PAIR * PAIR], d[2][PAIR], few[FEW * PAIR], many[MANY * PAIR], unit[PAIR];
    double dense[KINDS_OF_PAIR][PAIR][PAIR];
    cn_op *op[KINDS_OF_PAIR];
} pairs;
static pairs P;
static known second;

static void pairs_open(cn_ctx *c) {
    size_t i, j, l;
    double in[PAIR], out[PAIR];
    memset(&P, 0, sizeof P);
    known_spectrum(&A, INDEFINITE, PAIR);
    known_spectrum(&second, LAPLACIAN, PAIR);
    cn_random(81, 0, 0, CN_NOISE_NORMAL, 1, PAIR * PAIR, P.matrix);
    cn_random(81, 1, 0, CN_NOISE_NORMAL, 1, PAIR * PAIR, P.other);
    cn_random(81, 2, 0, CN_NOISE_NORMAL, 1, PAIR, P.d[0]);
    cn_random(81, 3, 0, CN_NOISE_UNIFORM, 1, PAIR, P.d[1]);
    cn_random(81, 4, 0, CN_NOISE_NORMAL, 1, FEW * PAIR, P.few);
    cn_random(81, 5, 0, CN_NOISE_NORMAL, 1, MANY * PAIR, P.many);
    P.unit[3] = 1;
    for (i = 0; i < PAIR; i++)
        for (j = 0; j < i; j++) {
            P.matrix[j * PAIR + i] = P.matrix[i * PAIR + j];
            P.other[j * PAIR + i] = P.other[i * PAIR + j];
        }
    P.op[0] = cn_op_user(c, PAIR, known_apply, &A);
    P.op[1] = cn_op_user(c, PAIR, known_apply, &second);
    P.op[2] = cn_op_matrix(c, PAIR, P.matrix);
    P.op[3] = cn_op_diagonal(c, PAIR, P.d[0]);
    P.op[4] = cn_op_diagonal(c, PAIR, P.d[1]);
    P.op[5] = cn_op_factor(c, FEW, PAIR, P.few);
    P.op[6] = cn_op_factor(c, MANY, PAIR, P.many);
    P.op[7] = cn_op_sum(P.op[0], 2, P.op[5], -1, 0.5);
    P.op[8] = cn_op_sum(P.op[3], 2, P.op[4], -1, 0.5);
    P.op[9] = cn_op_product(P.op[3], P.op[4]);
    P.op[10] = cn_op_product(P.op[5], P.op[2]);
    P.op[11] = cn_op_deflate(P.op[0], 1, P.unit);
    P.op[12] = cn_op_sum(P.op[2], 1, cn_op_matrix(c, PAIR, P.other), 1, 0);
    for (j = 0; j < PAIR; j++) {
        memset(in, 0, sizeof in);
        in[j] = 1;
        known_product(&A, in, out);
        for (i = 0; i < PAIR; i++) P.dense[0][i][j] = out[i];
        known_product(&second, in, out);
        for (i = 0; i < PAIR; i++) P.dense[1][i][j] = out[i];
        P.dense[3][j][j] = (double)P.d[0][j];
        P.dense[4][j][j] = (double)P.d[1][j];
        for (i = 0; i < PAIR; i++) {
            P.dense[2][i][j] = (double)P.matrix[i * PAIR + j];
            for (l = 0; l < FEW; l++) P.dense[5][i][j] += (double)P.few[l * PAIR + i] * (double)P.few[l * PAIR + j];
            for (l = 0; l < MANY; l++) P.dense[6][i][j] += (double)P.many[l * PAIR + i] * (double)P.many[l * PAIR + j];
        }
    }
    for (i = 0; i < PAIR; i++)
        for (j = 0; j < PAIR; j++) {
            P.dense[7][i][j] = 2 * P.dense[0][i][j] - P.dense[5][i][j] + 0.5 * (i == j);
            P.dense[8][i][j] = 2 * P.dense[3][i][j] - P.dense[4][i][j] + 0.5 * (i == j);
            P.dense[9][i][j] = P.dense[3][i][j] * P.dense[4][i][j];
            for (l = 0; l < PAIR; l++) P.dense[10][i][j] += P.dense[5][i][l] * P.dense[2][l][j];
            P.dense[11][i][j] = i == 3 || j == 3 ? 0 : P.dense[0][i][j];
            P.dense[12][i][j] = P.dense[2][i][j] + (double)P.other[i * PAIR + j];
        }
}

static size_t pair_products(void) { return A.products + second.products; }

/* value of a call: first dry, then with just the bytes that the dry run said */
#define PAIR_CALL(c, e, call)                               \
    do {                                                    \
        (c).dry = 1;                                        \
        CHECK_STATUS((call).status, CN_DRY);                \
        (c).dry = 0;                                        \
        cn_clear(&(c));                                     \
        (c).limit_bytes = (c).bytes_now + (c).bytes_needed; \
        A.products = second.products = 0;                   \
        (e) = (call);                                       \
        (c).limit_bytes = 0;                                \
    } while (0)

static void pair(cn_ctx *c, size_t a, size_t b) {
    cn_op *ab = cn_op_product(P.op[a], P.op[b]);
    double inner = 0, trace = 0, size = 0;
    static const size_t by_caller[] = {1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0};
    size_t i, j, calls = by_caller[a] + by_caller[b], want;
    int few = a == 5 || b == 5, diagonal = a == 3 || a == 4 || a == 8 || a == 9 || b == 3 || b == 4 || b == 8 || b == 9;
    cn_est e;
    for (i = 0; i < PAIR; i++)
        for (j = 0; j < PAIR; j++) {
            inner += P.dense[a][i][j] * P.dense[b][i][j];
            trace += P.dense[a][i][j] * P.dense[b][j][i];
            size += fabs(P.dense[a][i][j] * P.dense[b][i][j]);
        }
    if (a == 10 && b != 10) {
        CHECK_STATUS(cn_inner(P.op[a], P.op[b], NULL).status, CN_E_UNSUITED);
        cn_clear(c);
    } else {
        PAIR_CALL(*c, e, cn_inner(P.op[a], P.op[b], NULL));
        CHECK(e.status == CN_OK && e.exact && e.error == 0);
        /* sums of 1,600 products, each of numbers rounded to cn_real some times; of few rows r'Br likewise */
        CHECK_NEAR(e.value, inner, 30 * TEST_EPS * (size + 1));
        /* with few rows a product for each of them alone, with none if that side is all there is; else a sweep */
        want = few && a != b ? FEW * (calls > 0) : a == b && calls ? PAIR : calls * PAIR;
        if (diagonal && few) want = 0;
        CHECK(pair_products() == want);
    }
    PAIR_CALL(*c, e, cn_trace(ab, NULL));
    CHECK(e.status == CN_OK && e.exact && e.error == 0);
    CHECK_NEAR(e.value, trace, 30 * TEST_EPS * (size + 1));
    CHECK(!few || pair_products() <= FEW);
    cn_free(c, ab);
}

static void pairs_of_operators(void) {
    static cn_real out[PAIR], dense[PAIR * PAIR];
    static const int known_diagonal[] = {0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1};
    cn_ctx c = CN_ZERO;
    size_t a, b, i, j;
    double off, size;
    cn_est e;
    pairs_open(&c);
    CHECK_STATUS(c.status, CN_OK);
    for (a = 0; a < KINDS_OF_PAIR; a++) { /* each alone: matrix and diagonal */
        CHECK_STATUS(cn_op_dense(P.op[a], dense), CN_OK);
        for (off = size = 0, i = 0; i < PAIR; i++)
            for (j = 0; j < PAIR; j++) {
                off = fmax(off, fabs((double)dense[i * PAIR + j] - P.dense[a][i][j]));
                size = fmax(size, fabs(P.dense[a][i][j]));
            }
        CHECK_NEAR(off, 0, 30 * TEST_EPS * (size + 1)); /* sums of 40 terms */
        PAIR_CALL(c, e, cn_diagonal(P.op[a], NULL, out));
        CHECK(e.status == CN_OK && e.exact && (pair_products() == 0 || !known_diagonal[a]));
        for (off = 0, i = 0; i < PAIR; i++) off = fmax(off, fabs((double)out[i] - P.dense[a][i][i]));
        CHECK_NEAR(off, 0, 30 * TEST_EPS * (size + 1));
        PAIR_CALL(c, e, cn_trace(P.op[a], NULL));
        CHECK(e.exact && (pair_products() == 0 || !known_diagonal[a]));
        CHECK_NEAR(e.value, cn_diagonal(P.op[a], NULL, out).value, 1000 * TEST_EPS * (size + 1));
    }
    for (a = 0; a < KINDS_OF_PAIR; a++)
        for (b = 0; b < KINDS_OF_PAIR; b++) pair(&c, a, b);
    CHECK(cn_op_describe(P.op[4]).size == PAIR && cn_op_describe(P.op[4]).symmetric);
    CHECK(!cn_op_describe(P.op[3]).positive && !cn_op_describe(P.op[9]).positive && cn_op_describe(P.op[9]).symmetric);
    for (i = 0; i < PAIR; i++) P.d[1][i] = (cn_real)i;
    CHECK(cn_op_describe(cn_op_diagonal(&c, PAIR, P.d[1])).positive);
    P.d[1][7] = (cn_real)HUGE_VAL;
    CHECK(cn_op_diagonal(&c, PAIR, P.d[1]) == NULL);
    CHECK_SENTENCE(&c, CN_E_DATA, "element 7 of the diagonal");
    CHECK(cn_op_diagonal(&c, PAIR, P.d[0]) == NULL && c.status == CN_E_DATA); /* what came before has failed */
    cn_clear(&c);
    CHECK(cn_op_diagonal(&c, 0, P.d[0]) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "size is 0");
    cn_clear(&c);
    CHECK(cn_op_diagonal(&c, PAIR, NULL) == NULL && c.status == CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK(cn_op_diagonal(NULL, PAIR, P.d[0]) == NULL);
    cn_free_all(&c);
}

/* Beyond 5000: exact where one side has few rows or is diagonal, in as many products; cancelled in their midst. */
static void pairs_large(void) {
    enum { N = 6000, ROWS = 40 };
    static cn_real r[ROWS * N], d[N];
    size_t size[2], i, j;
    double want = 0, all = 0;
    cn_ctx c = CN_ZERO;
    cn_op *user, *few;
    cn_probe_desc p = CN_ZERO;
    cn_est e;
    watch w;
    size[0] = N;
    size[1] = 0;
    cn_random(82, 0, 0, CN_NOISE_NORMAL, 1, ROWS * N, r);
    cn_random(82, 1, 0, CN_NOISE_NORMAL, 1, N, d);
    for (i = 0; i < N; i++)
        for (j = 0; j < ROWS; j++) {
            all += (double)r[j * N + i] * (double)r[j * N + i] * (i % 50 == 49 ? 2 : 1);
            want += (double)r[j * N + i] * (double)r[j * N + i] * (double)d[i];
        }
    user = cn_op_user(&c, N, count_diagonal, size);
    few = cn_op_factor(&c, ROWS, N, r);
    for (j = 0; j < 3; j++) {
        size[1] = 0;
        e = j == 2 ? cn_trace(cn_op_product(user, few), NULL)
            : j    ? cn_inner(few, user, NULL)
                   : cn_inner(user, few, NULL);
        CHECK(e.status == CN_OK && e.exact && e.error == 0 && e.probes == 0 && size[1] == ROWS);
        /* 240,000 terms added in double, here one after another: 5e-14; and in float what is rounded before */
        CHECK_RELATIVE(e.value, all, 5e-14 + TEST_REAL(0, 10 * TEST_EPS));
    }
    p.method = CN_METHOD_HUTCHINSON; /* asked for by name */
    size[1] = 0;
    e = cn_inner(user, few, &p);
    CHECK(e.status == CN_OK && !e.exact && e.probes == 100 && size[1] == 100);
    CHECK_NEAR(e.value, all, 5 * e.error);
    memset(&w, 0, sizeof w);
    w.stop_at = 32;
    c.progress = watching;
    c.progress_user = &w;
    e = cn_inner(user, few, NULL);
    CHECK(e.status == CN_CANCELLED && !e.exact && w.done == 32 && w.total == ROWS && !strcmp(w.what, "inner product"));
    c.progress = NULL;
    cn_clear(&c);
    e = cn_inner(cn_op_diagonal(&c, N, d), few, NULL); /* the diagonals alone */
    CHECK(e.exact && e.probes == 0);
    CHECK_NEAR(e.value, want, 100 * TEST_EPS * all / 100); /* signed terms that cancel: rounding of R'R's diagonal */
    CHECK(cn_inner(cn_op_diagonal(&c, N, d), user, NULL).exact == 0); /* no closed form beside it: probes */
    cn_free_all(&c);
}

/* More vectors than go at a time to an operator whose product is a GEMM: the same as one by one. */
static void wide_operators(void) {
    enum { K = 300 };
    static cn_real x[K * PAIR], y[K * PAIR], one[PAIR];
    static double forms[K];
    static const size_t wide[] = {2, 3, 5, 6, 8, 9, 10, 12, 7};
    cn_ctx c = CN_ZERO;
    size_t s, i, j, bad;
    double form, size;
    pairs_open(&c);
    cn_random(83, 0, 0, CN_NOISE_NORMAL, 1, K * PAIR, x);
    for (s = 0; s < sizeof wide / sizeof *wide; s++) {
        cn_op *a = P.op[wide[s]];
        A.widest = 0;
        CHECK_STATUS(cn_op_apply(a, K, x, y), CN_OK);
        CHECK_STATUS(cn_op_quadratic(a, K, x, forms), CN_OK);
        CHECK(A.widest <= 16); /* the caller's own never gets more */
        for (bad = j = 0; j < K; j++) {
            CHECK_STATUS(cn_op_apply(a, 1, x + j * PAIR, one), CN_OK);
            for (form = size = 0, i = 0; i < PAIR; i++) {
                /* sums of 40 and 43 terms in another order */
                bad += fabs((double)one[i] - (double)y[j * PAIR + i]) > 3000 * TEST_EPS;
                form += (double)x[j * PAIR + i] * (double)y[j * PAIR + i];
                size += fabs((double)x[j * PAIR + i] * (double)y[j * PAIR + i]);
            }
            bad += fabs(form - forms[j]) > 30 * TEST_EPS * (size + 100);
        }
        CHECK(bad == 0);
    }
    cn_free_all(&c);
}

/* ---- what an operator can do in the midst of a call: cancel it once, as an inverse does whose solution is cancelled,
   or go wrong in the last product */

static size_t midst_calls, midst_at;
static int midst_nan;
static int midst_apply(void *user, size_t k, const cn_real *x, cn_real *y) {
    int now = ++midst_calls == midst_at, status = now && !midst_nan ? CN_CANCELLED : known_apply(user, k, x, y);
    if (now && midst_nan) y[0] = (cn_real)(HUGE_VAL - HUGE_VAL);
    return status;
}

static void in_the_midst(void) {
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_eigs_desc d = CN_ZERO;
    cn_density_desc s = CN_ZERO;
    cn_density_result r;
    double values[20], residuals[20];
    cn_real b[100], x[100];
    size_t i, n = TEST_SIZE(100, 50);
    known_spectrum(&A, LAPLACIAN, n);
    a = cn_op_user(&c, n, midst_apply, &A);
    values[0] = 77;
    d.method = CN_METHOD_LANCZOS;
    midst_at = 25;
    midst_calls = 0;
    CHECK_STATUS(cn_eigs(a, &d, values, NULL, NULL).status, CN_CANCELLED); /* nothing is finished between two looks */
    CHECK(values[0] == 77);
    cn_clear(&c);
    memset(d_density, 0, sizeof d_density);
    /* 16 runs abreast in 80 (30) products, then 4 */
    s.runs = 20;
    s.points = 100;
    s.steps = TEST_SIZE(0, 30);
    midst_at = TEST_SIZE(100, 40);
    midst_calls = 0;
    r = drawn(a, &s);
    CHECK(r.status == CN_CANCELLED && r.runs == 16);
    CHECK_NEAR(integral(100), 1, 2e-3);
    cn_clear(&c);
    midst_at = 5;
    midst_calls = 0;
    r = drawn(a, &s);
    CHECK(r.status == CN_CANCELLED && r.runs == 0);
    cn_clear(&c);
    d.method = CN_METHOD_EXACT;
    d.top = 20;
    midst_at = 0;
    midst_calls = 0;
    CHECK(cn_eigs(a, &d, values, residuals, NULL).converged);
    midst_at = midst_calls;
    midst_calls = 0;
    midst_nan = 1; /* of the residuals, whose first 16 are known */
    residuals[0] = 77;
    CHECK_STATUS(cn_eigs(a, &d, values, residuals, NULL).status, CN_E_NUMERIC);
    CHECK_SENTENCE(&c, CN_E_NUMERIC, "not finite");
    CHECK(residuals[0] == 77);
    midst_nan = 0;
    cn_clear(&c);
    for (i = 0; i < n; i++) {
        b[i] = 1;
        x[i] = 77;
    }
    /* broken off by the operator, in the last step or in the residual's product: x stays as it was */
    for (midst_at = 34; midst_at <= 36; midst_at++) {
        midst_calls = 0;
        CHECK_STATUS(cn_solve(a, 1, 1e-300, 34, NULL, b, x).status, midst_at < 36 ? CN_CANCELLED : CN_OK);
        CHECK((x[0] == 77 && x[n - 1] == 77) == (midst_at < 36));
        cn_clear(&c);
    }
    cn_free_all(&c);
}

/* ---- operators and right-hand sides whose squares no double holds */

static void far_scales(void) {
    volatile double denormal = 1e-308, kept = denormal / 4; /* some users flush these to 0: room for residuals then */
    const double scales[] = {TEST_REAL(kept > 0 ? 1e-300 : 1e-285, 1e-30), TEST_REAL(1e-165, 1e-20),
                             TEST_REAL(1e165, 1e20), TEST_REAL(1e290, 1e30)};
    static const int methods[] = {CN_METHOD_LANCZOS, CN_METHOD_POWER, CN_METHOD_EXACT};
    cn_ctx c = CN_ZERO;
    cn_op *a;
    cn_eigs_desc d = CN_ZERO;
    cn_probe_desc p = CN_ZERO;
    cn_iter r;
    cn_est e;
    double values[3], x[MOST], y[MOST], truth, off;
    cn_real b[60], z[60];
    size_t s, m, i, n = TEST_SIZE(60, 30);
    for (s = 0; s < sizeof scales / sizeof *scales; s++) {
        known_spectrum(&A, RANDOM, n);
        for (truth = 0, i = 0; i < n; i++) {
            A.lambda[i] *= scales[s];
            truth += sqrt(A.lambda[i]);
        }
        known_done(&A);
        a = cn_op_user(&c, n, known_apply, &A);
        for (m = 0; m < 3; m++) {
            memset(&d, 0, sizeof d);
            d.method = methods[m];
            d.top = d.method == CN_METHOD_POWER ? 1 : 3;
            d.basis = 20;
            r = cn_eigs(a, &d, values, NULL, NULL);
            CHECK(r.status == CN_OK && r.converged);
            /* ten times the tolerance on the residual */
            for (i = 0; i < d.top; i++) CHECK_RELATIVE(values[i], A.sorted[i], TEST_REAL(1e-7, 1e-3));
            d.products = 3;
            if (d.method != CN_METHOD_EXACT) {
                r = cn_eigs(a, &d, values, NULL, NULL);
                CHECK(r.status == CN_OK && !r.converged && r.residual > 1e-3 * A.largest && r.residual < A.largest);
            }
        }
        p.method = CN_METHOD_LANCZOS;
        p.probes = 16;
        p.steps = 40;
        e = cn_trace_of(a, root, NULL, &p);
        /* five errors at 15 degrees of freedom: 2e-4; one step would give 1.7 times the truth */
        CHECK(e.status == CN_OK && fabs(e.value - truth) < 5 * e.error && e.error < 0.2 * truth);
        cn_free(&c, a);
    }
    for (s = 0; s < 2; s++) { /* A x = b with both small, and b alone large */
        known_spectrum(&A, LAPLACIAN, 60);
        A.laplacian = 0;
        for (i = 0; i < 60; i++) A.lambda[i] = (1 + (double)i) * (s ? 1 : scales[1]);
        known_done(&A);
        a = cn_op_user(&c, 60, known_apply, &A);
        for (i = 0; i < 60; i++) b[i] = (cn_real)((1 + (double)(i % 3)) * scales[1 + s]);
        r = cn_solve(a, 0, 0, 0, NULL, b, z);
        CHECK(r.status == CN_OK && r.converged && r.iterations > 5);
        for (i = 0; i < 60; i++) x[i] = (double)z[i];
        known_product(&A, x, y);
        for (off = 0, i = 0; i < 60; i++) off = fmax(off, fabs(y[i] / scales[1 + s] - (1 + (double)(i % 3))));
        CHECK_NEAR(off, 0, TEST_REAL(1e-8, 1e-3)); /* the residual, 2e-10 (2e-5) of ||b|| = 17 */
        b[59] = (cn_real)HUGE_VAL;
        CHECK_STATUS(cn_solve(a, 0, 0, 0, NULL, b, z).status, CN_E_DATA);
        CHECK_SENTENCE(&c, CN_E_DATA, "b is not finite");
        cn_clear(&c);
    }
    cn_free_all(&c);
}

TEST_MAIN {
    int which;
    CASE("products") products();
    CASE("dense, symmetrised") dense_symmetrised();
    CASE("exact trace") trace_exact();
    CASE("choice of method") trace_choice();
    CASE("Hutchinson, signs") {
        hutchinson(CN_NOISE_SIGN, INDEFINITE);
        hutchinson(CN_NOISE_SIGN, LAPLACIAN);
    }
    CASE("Hutchinson, normal") {
        hutchinson(CN_NOISE_NORMAL, INDEFINITE);
        hutchinson(CN_NOISE_NORMAL, LAPLACIAN);
    }
    CASE("coverage") coverages();
    CASE("Hutch++ and XTrace") better_traces();
    CASE("products, inverses, rows") made_of_others();
    CASE("restarts, deflation, power method") eigs_more();
    CASE("jackknife by hand") jackknife_by_hand();
    CASE("densities") densities();
    CASE("log det and other functions") functions();
    CASE("stopping") stopping();
    CASE("diagonals") diagonals();
    for (which = 0; which < SPECTRA; which++) CASE(spectrum_name[which]) eigenvalues(which);
    CASE("defaults of eigs") eigs_default();
    CASE("repeated eigenvalues") repeated();
    CASE("sums, deflation, inner products") composed();
    CASE("a matrix as an operator") matrix();
    CASE("pairs of operators") pairs_of_operators();
    CASE("pairs of large operators") pairs_large();
    CASE("wide operators") wide_operators();
    CASE("conjugate gradients") conjugate_gradients();
    CASE("far scales") far_scales();
    CASE("cancelled") eigs_cancelled();
    CASE("in the midst") in_the_midst();
    CASE("errors") errors();
}
