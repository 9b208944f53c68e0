/* linalg.c: matrix products and symmetric eigenproblems against OpenBLAS, one thread, interleaved in one run.
   bench/linalg.sh builds and runs it (make bench-linalg). Ratios are theirs/ours: above 1 we are faster. Medians, with
   the smallest and the largest in brackets. usage: linalg [products|eigen|kronecker|rates] [isa]
   kronecker: sums of Kronecker products, ours alone; rates: our own products, one GFLOP/s figure a line, to compare
   builds */
#define _POSIX_C_SOURCE 200809L
#define CN_STATIC
#define CURVNOISE_IMPLEMENTATION
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../curvnoise.h"
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern char *openblas_get_corename(void);
extern void openblas_set_num_threads(int threads);
extern void dsyevd_(const char *, const char *, const int *, double *, const int *, double *, double *, const int *,
                    int *, const int *, int *);
extern void ssyevd_(const char *, const char *, const int *, float *, const int *, float *, float *, const int *, int *,
                    const int *, int *);
extern void dsyev_(const char *, const char *, const int *, double *, const int *, double *, double *, const int *,
                   int *);

enum { REPEATS = 41 };
static int isa;

static double now(void) /* seconds */
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n) {
    qsort(x, (size_t)n, sizeof *x, ascending);
    return x[n / 2];
}

static void *room(size_t bytes) /* 64-byte aligned, touched */
{
    void *p = NULL;
    if (posix_memalign(&p, 64, bytes + 64)) {
        puts("no memory");
        exit(1);
    }
    memset(p, 0, bytes + 64);
    return p;
}

static void fill(size_t n, cn_real *x, uint64_t stream) { cn_random(1, stream, 0, CN_NOISE_NORMAL, 1, n, x); }

/* ---- products */

typedef struct product {
    size_t m, k, n;
    int ta, tb;
    cn_real *a, *b, *c, *d, *pack;
} product;

static void ours(const product *p) {
    cn__gemm(isa, p->m, p->n, p->k, 1, p->a, p->ta ? 1 : p->k, p->ta ? p->m : 1, p->b, p->tb ? 1 : p->n,
             p->tb ? p->k : 1, 0, p->c, p->n, 1, p->pack);
}

static void theirs(const product *p) {
    enum CBLAS_TRANSPOSE ta = p->ta ? CblasTrans : CblasNoTrans, tb = p->tb ? CblasTrans : CblasNoTrans;
    int lda = (int)(p->ta ? p->m : p->k), ldb = (int)(p->tb ? p->k : p->n);
#if CN__DOUBLE
    cblas_dgemm(CblasRowMajor, ta, tb, (int)p->m, (int)p->n, (int)p->k, 1, p->a, lda, p->b, ldb, 0, p->d, (int)p->n);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, (int)p->m, (int)p->n, (int)p->k, 1, p->a, lda, p->b, ldb, 0, p->d, (int)p->n);
#endif
}

static product make(size_t m, size_t k, size_t n, int ta, int tb) {
    product p;
    p.m = m;
    p.k = k;
    p.n = n;
    p.ta = ta;
    p.tb = tb;
    p.a = (cn_real *)room(m * k * sizeof(cn_real));
    p.b = (cn_real *)room(k * n * sizeof(cn_real));
    p.c = (cn_real *)room(m * n * sizeof(cn_real));
    p.d = (cn_real *)room(m * n * sizeof(cn_real));
    p.pack = (cn_real *)room(cn__gemm_pack(m, n, k) * sizeof(cn_real));
    fill(m * k, p.a, 1);
    fill(k * n, p.b, 2);
    return p;
}

static void drop(product *p) {
    free(p->a);
    free(p->b);
    free(p->c);
    free(p->d);
    free(p->pack);
}

static double time_of(void (*f)(const product *), const product *p, size_t inner) {
    double t = now();
    size_t i;
    for (i = 0; i < inner; i++) f(p);
    return (now() - t) / (double)inner;
}

static double compare(size_t m, size_t k, size_t n, int ta, int tb) {
    product p = make(m, k, n, ta, tb);
    double mine[REPEATS], other[REPEATS], ratio[REPEATS], error = 0, size = 0, mid;
    size_t i, inner;
    int r, repeats = m >= 1000 && n >= 1000 ? 11 : REPEATS;
    ours(&p);
    theirs(&p);
    for (i = 0; i < m * n; i++) {
        error = CN__MAX(error, fabs((double)p.c[i] - (double)p.d[i]));
        size = CN__MAX(size, fabs((double)p.d[i]));
    }
    inner = (size_t)(5e-4 / (time_of(theirs, &p, 1) + 1e-8)) + 1;
    for (r = 0; r < repeats; r++) {
        mine[r] = time_of(ours, &p, inner);
        other[r] = time_of(theirs, &p, inner);
        ratio[r] = other[r] / mine[r];
    }
    mid = median(ratio, repeats);
    printf("%5lu x%5lu x%5lu  %c%c  %10.2f  %10.2f  %6.2f [%.2f, %.2f]%s\n", (unsigned long)m, (unsigned long)k,
           (unsigned long)n, ta ? 't' : 'n', tb ? 't' : 'n', 1e6 * median(mine, repeats), 1e6 * median(other, repeats),
           mid, ratio[0], ratio[repeats - 1], error > 1e-3 * size ? "  RESULTS DIFFER" : "");
    fflush(stdout);
    drop(&p);
    return mid;
}

static const size_t shapes[][3] = {{50, 784, 50}, {2000, 784, 50}, {64, 49, 70},
                                   {500, 50, 50}, {64, 784, 128},  {64, 10, 64}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void products(void) {
    double logs = 0;
    size_t i;
    int t;
    printf("\n%s products, m x k x n        ours us   theirs us   ratio [min, max]\n", CN__DOUBLE ? "double" : "float");
    for (t = 0; t < 3; t++) compare(1024, 1024, 1024, t == 2, t == 1);
    for (i = 0; i < SHAPES; i++)
        for (t = 0; t < 3; t++) logs += log(compare(shapes[i][0], shapes[i][1], shapes[i][2], t == 2, t == 1));
    printf("geometric mean of the %d small ones: %.2f\n", 3 * SHAPES, exp(logs / (3 * SHAPES)));
}

static void rates(void) /* for one build against another */
{
    size_t i;
    int r;
    double t[9];
    for (i = 0; i <= SHAPES; i++) {
        size_t m = i < SHAPES ? shapes[i][0] : 1024, k = i < SHAPES ? shapes[i][1] : 1024,
               n = i < SHAPES ? shapes[i][2] : 1024, inner;
        product p = make(m, k, n, 0, 0);
        inner = (size_t)(3e-3 / (time_of(ours, &p, 2) + 1e-8)) + 1;
        for (r = 0; r < 9; r++) t[r] = time_of(ours, &p, inner);
        printf("%.3f\n", 2e-9 * (double)m * (double)k * (double)n / median(t, 9));
        drop(&p);
    }
}

/* ---- eigenproblems */

static double solve_ours(cn__ws *w, size_t n, const cn_real *from, cn_real *a, size_t top, double *values,
                         cn_real *vectors) {
    double t;
    memcpy(a, from, n * n * sizeof *a);
    w->at = 0;
    t = now();
    if (cn__eigen(w, isa, n, a, top, 0, values, vectors, NULL)) {
        puts("our eigensolver failed");
        exit(1);
    }
    return now() - t;
}

static void eigen(size_t n, size_t top, int repeats) {
    cn_real *from = (cn_real *)room(n * n * sizeof(cn_real)), *a = (cn_real *)room(n * n * sizeof(cn_real)),
            *v = (cn_real *)room(n * n * sizeof(cn_real)), *lambda = (cn_real *)room(n * sizeof(cn_real)), *work;
    double *values = (double *)room(n * sizeof(double)), mine[15], part[15], other[15], all[15], some[15], t;
    int r, N = (int)n, lw = 1 + 6 * N + 2 * N * N, li = 3 + 5 * N, info, *iwork;
    size_t i, j;
    cn__ws w;
    work = (cn_real *)room((size_t)lw * sizeof(cn_real));
    iwork = (int *)room((size_t)li * sizeof(int));
    fill(n * n, from, 3);
    for (i = 0; i < n; i++)
        for (j = 0; j < i; j++) from[j * n + i] = from[i * n + j];
    memset(&w, 0, sizeof w);
    cn__eigen(&w, isa, n, NULL, 0, 0, NULL, v, NULL);
    w.base = (unsigned char *)room(w.peak);
    w.room = w.peak;
    for (r = 0; r < repeats; r++) {
        memcpy(a, from, n * n * sizeof *a);
        t = now();
#if CN__DOUBLE
        dsyevd_("V", "L", &N, a, &N, lambda, work, &lw, iwork, &li, &info);
#else
        ssyevd_("V", "L", &N, a, &N, lambda, work, &lw, iwork, &li, &info);
#endif
        other[r] = now() - t;
        mine[r] = solve_ours(&w, n, from, a, 0, values, v);
        part[r] = solve_ours(&w, n, from, a, top, values, v);
        all[r] = mine[r] / other[r];
        some[r] = part[r] / other[r];
        if (fabs(values[0] - (double)lambda[n - 1]) > 1e-4 * fabs(values[0])) puts("RESULTS DIFFER");
    }
    printf("\n%s symmetric eigen, n = %lu: syevd %.3f s\n", CN__DOUBLE ? "double" : "float", (unsigned long)n,
           median(other, repeats));
    t = median(all, repeats);
    printf("  all vectors   %.3f s   ours/theirs %.2f [%.2f, %.2f]\n", median(mine, repeats), t, all[0],
           all[repeats - 1]);
    t = median(some, repeats);
    printf("  top %-9lu %.3f s   ours/theirs %.2f [%.2f, %.2f]\n", (unsigned long)top, median(part, repeats), t,
           some[0], some[repeats - 1]);
    free(from);
    free(a);
    free(v);
    free(lambda);
    free(work);
    free(values);
    free(iwork);
    free(w.base);
}

#if CN__DOUBLE
static void small_problems(size_t count, size_t k) {
    double *from = (double *)room(count * k * k * 8), *a = (double *)room(count * k * k * 8),
           *v = (double *)room(count * k * k * 8), *s = (double *)room(count * k * 8), work[4096], mine[15], other[15],
           ratio[15], t;
    int r, K = (int)k, lw = 4096, info;
    size_t i, j, q;
    cn__ws w;
    fill(count * k * k, from, 4);
    for (q = 0; q < count; q++)
        for (i = 0; i < k; i++)
            for (j = 0; j < i; j++) from[q * k * k + j * k + i] = from[q * k * k + i * k + j];
    memset(&w, 0, sizeof w);
    cn__eigen_small(&w, isa, count, k, NULL, NULL, v);
    w.base = (unsigned char *)room(w.peak);
    w.room = w.peak;
    for (r = 0; r < 15; r++) {
        memcpy(a, from, count * k * k * 8);
        t = now();
        for (q = 0; q < count; q++) dsyev_("V", "L", &K, a + q * k * k, &K, s + q * k, work, &lw, &info);
        other[r] = now() - t;
        memcpy(a, from, count * k * k * 8);
        w.at = 0;
        t = now();
        cn__eigen_small(&w, isa, count, k, a, s, v);
        mine[r] = now() - t;
        ratio[r] = other[r] / mine[r];
    }
    t = median(ratio, 15);
    printf("\n%lu symmetric %lu x %lu problems: dsyev loop %.1f ms, ours %.1f ms, ratio %.2f [%.2f, %.2f]\n",
           (unsigned long)count, (unsigned long)k, (unsigned long)k, 1e3 * median(other, 15), 1e3 * median(mine, 15), t,
           ratio[0], ratio[14]);
    free(from);
    free(a);
    free(v);
    free(s);
    free(w.base);
}
#endif

/* ---- sums of Kronecker products: cn_kronecker against a product for each row of X_i, A'(X_i[r][s] a_i) for s >= r */

static void kronecker_by_rows(size_t n, size_t p, size_t q, const cn_real *x, const cn_real *a, cn_real *out,
                              cn_real *room, cn_real *pack) {
    size_t side = p * q, some, r, s, i, c;
    memset(out, 0, side * side * sizeof *out);
    for (; n; n -= some, x += some * p * p, a += some * q) {
        some = CN__MIN(n, (size_t)128);
        for (r = 0; r < p; r++) {
            for (i = 0; i < some; i++)
                for (s = r; s < p; s++)
                    for (c = 0; c < q; c++) room[i * side + (s - r) * q + c] = x[(i * p + r) * p + s] * a[i * q + c];
            cn__gemm(isa, q, (p - r) * q, some, 1, a, 1, q, room, side, 1, 1, out + r * q * (side + 1), side, 1, pack);
        }
    }
    for (r = 0; r < side; r++)
        for (s = 0; s < r; s++) out[r * side + s] = out[s * side + r];
}

static void kronecker(size_t n, size_t p, size_t q) {
    size_t side = p * q, i, j, k;
    cn_real *x = (cn_real *)room(n * p * p * sizeof *x), *a = (cn_real *)room(n * q * sizeof *a),
            *mine = (cn_real *)room(side * side * sizeof *mine), *other = (cn_real *)room(side * side * sizeof *other),
            *work = (cn_real *)room(128 * side * sizeof *work),
            *pack = (cn_real *)room(cn__gemm_pack(side, side, 128) * sizeof *pack);
    double halves[5], rows[5], ratio[5], error = 0, size = 0, t;
    int r;
    cn_ctx c = CN_ZERO;
    c.isa = isa;
    fill(n * q, a, 5);
    fill(n * p * p, x, 6);
    for (k = 0; k < n; k++)
        for (i = 0; i < p; i++)
            for (j = 0; j < i; j++) x[(k * p + j) * p + i] = x[(k * p + i) * p + j];
    for (r = 0; r < 5; r++) {
        t = now();
        cn_kronecker(&c, n, p, q, NULL, x, a, mine);
        halves[r] = now() - t;
        t = now();
        kronecker_by_rows(n, p, q, x, a, other, work, pack);
        rows[r] = now() - t;
        ratio[r] = rows[r] / halves[r];
    }
    for (i = 0; i < side * side; i++) {
        error = CN__MAX(error, fabs((double)mine[i] - (double)other[i]));
        size = CN__MAX(size, fabs((double)other[i]));
    }
    t = median(ratio, 5);
    printf("%3lu x%4lu, %lu samples: by rows %.1f us a sample, by halves %.1f us, ratio %.2f [%.2f, %.2f]%s\n",
           (unsigned long)p, (unsigned long)q, (unsigned long)n, 1e6 * median(rows, 5) / (double)n,
           1e6 * median(halves, 5) / (double)n, t, ratio[0], ratio[4], error > 1e-4 * size ? "  RESULTS DIFFER" : "");
    fflush(stdout);
    free(x);
    free(a);
    free(mine);
    free(other);
    free(work);
    free(pack);
}

int main(int count, char **arg) {
    const char *what = count > 1 ? arg[1] : "";
    isa = count > 2 ? atoi(arg[2]) : cn__cpu();
    if (strcmp(what, "rates") == 0) {
        rates();
        return 0;
    }
    openblas_set_num_threads(1);
    printf("ours: isa %d (1 C, 2 SSE2, 3 AVX2, 4 AVX-512, 5 NEON, 6 WASM); theirs: OpenBLAS, kernel %s; one thread\n",
           isa, openblas_get_corename());
    if (!*what || !strcmp(what, "products")) products();
    if (!*what || !strcmp(what, "kronecker")) {
        printf("\n%s sums of Kronecker products\n", CN__DOUBLE ? "double" : "float");
        kronecker(2000, 50, 50);
        kronecker(1000, 10, 200);
        kronecker(1000, 100, 20);
        kronecker(1000, 2, 500);
    }
    if (!*what || !strcmp(what, "eigen")) {
        eigen(2500, 500, 3);
#if CN__DOUBLE
        small_problems(10000, 10);
        small_problems(500, 32);
        small_problems(100, 64);
#endif
    }
    return 0;
}
