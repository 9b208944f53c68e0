/* kernels.c: every instruction set of this machine, forced in turn, against plain loops in double, between guard
   pages. */
#define _DEFAULT_SOURCE
#define CN_STATIC
#define CN_FLOOR_MAX 4
#define CURVNOISE_IMPLEMENTATION
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../curvnoise.h"
#include "test.h"
#include <stdio.h>
#include <float.h>
#include <limits.h>
#if defined(__wasm__) || defined(_WIN32) || defined(NO_MMAP)
#define NO_MMAP 1
#else
#include <sys/mman.h>
#include <unistd.h>
#endif
#ifdef _WIN32
#include <malloc.h>
#define posix_memalign(to, alignment, bytes) ((*(to) = _aligned_malloc(bytes, alignment)) == NULL)
#define free_aligned _aligned_free
#else
#define free_aligned free
#endif
#ifdef __FAST_MATH__
#define FAST 1
#else
#define FAST 0
#endif

static void *aligned(size_t bytes) /* to 64 */
{
    void *p = NULL;
    return posix_memalign(&p, 64, bytes) ? NULL : p;
}

static int bad;
static unsigned long long seed = 88172645463325252ull;
#define EXPECT(c, ...)                                     \
    do {                                                   \
        if (!(c)) {                                        \
            test_note(0, __FILE__, __LINE__, #c, 0, 0, 0); \
            if (bad++ < 20) {                              \
                printf("       ");                         \
                printf(__VA_ARGS__);                       \
                printf("\n");                              \
            }                                              \
        }                                                  \
    } while (0)

static size_t draw(size_t n) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (size_t)((seed >> 11) % n);
}

/* bit tests, because -ffast-math removes isnan */
static int is_nan(cn_real x) {
    double d = (double)x;
    uint64_t u;
    memcpy(&u, &d, 8);
    return (u & 0x7fffffffffffffffull) > 0x7ff0000000000000ull;
}

static int same(const void *a, const void *b, size_t n) { return n == 0 || memcmp(a, b, n) == 0; }

/* Memory that ends (side 1) or begins (side 0) at a page that may not be touched. */
typedef struct guard {
    char *map;
    size_t bytes;
    cn_real *p;
} guard;

static guard guarded(size_t reals, int side) {
    guard g;
#ifdef NO_MMAP
    (void)side;
    g.bytes = 0, g.map = (char *)aligned((reals * sizeof(cn_real) + 127) & ~(size_t)63), g.p = (cn_real *)(void *)g.map;
#else
    const size_t page = 4096, body = (reals * sizeof(cn_real) + page - 1) / page * page;
    g.bytes = body + 2 * page;
    g.map = (char *)mmap(NULL, g.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.map == (char *)MAP_FAILED) exit(3);
    mprotect(g.map, page, PROT_NONE);
    mprotect(g.map + page + body, page, PROT_NONE);
    g.p = (cn_real *)(void *)(g.map + page + (side ? body - reals * sizeof(cn_real) : 0));
#endif
    return g;
}

static void drop(guard g) {
#ifdef NO_MMAP
    free_aligned(g.map);
#else
    munmap(g.map, g.bytes);
#endif
}

/* Strides of an r x c matrix: kind 0 rows, 1 columns, 2 padded rows, 3 padded columns, 4 scattered; 5 a repeated row, 6
   a repeated column, 7 one number (operands only). Returns how many reals it spans. */
static size_t layout(int kind, size_t r, size_t c, size_t *row, size_t *col) {
    *row = c, *col = 1;
    if (kind == 1) *row = 1, *col = r;
    if (kind == 2) *row = c + 1 + draw(9);
    if (kind == 3) *row = 1, *col = r + 1 + draw(9);
    if (kind == 4) *col = 2 + draw(3), *row = c * *col + draw(5);
    if (kind == 5) *row = 0;
    if (kind == 6) *col = 0, *row = 1;
    if (kind == 7) *row = *col = 0;
    return r && c ? (r - 1) * *row + (c - 1) * *col + 1 : 0;
}

static cn_real uniform(void) { return (cn_real)((double)draw(2000001) / 1e6 - 1.0); }

static size_t extent(void) {
    static const size_t t[] = {0,  1,  2,  3,  4,  5,  7,  8,  11, 13, 14, 15,  16,
                               17, 23, 31, 32, 33, 41, 47, 63, 64, 65, 97, 127, 130};
    return t[draw(sizeof t / sizeof *t)];
}

typedef struct problem {
    size_t m, n, k, ar, ac, br, bc, cr, cc, an, bn, cn;
    cn_real alpha, beta, *a, *b, *c;
} problem;

/* |error| of one element: k roundings of the sum and 3 of the epilogue, each of at most eps/2 of sums that are bounded
   by sum|a||b| (Higham 2002, section 3.1), with a factor of 2 for second-order terms. */
static void compare(const problem *q, const cn_real *before, const cn_real *after, int isa, const char *what) {
    size_t i, j, p;
    for (i = 0; i < q->m; i++)
        for (j = 0; j < q->n; j++) {
            double s = 0, t = 0, o = 0, e, tol;
            for (p = 0; p < q->k; p++) {
                const double ab = (double)q->a[i * q->ar + p * q->ac] * (double)q->b[p * q->br + j * q->bc];
                s += ab, t += fabs(ab);
            }
            if (q->beta != 0) o = (double)q->beta * (double)before[i * q->cr + j * q->cc];
            tol = ((double)q->k + 3) * (CN__DOUBLE ? DBL_EPSILON : (double)FLT_EPSILON) *
                  (fabs((double)q->alpha) * t + fabs(o));
            e = fabs((double)after[i * q->cr + j * q->cc] - ((double)q->alpha * s + o));
            EXPECT(e <= tol && !is_nan(after[i * q->cr + j * q->cc]),
                   "%s isa %d m %zu n %zu k %zu a %zu,%zu b %zu,%zu c %zu,%zu [%zu %zu] error %g > %g", what, isa, q->m,
                   q->n, q->k, q->ar, q->ac, q->br, q->bc, q->cr, q->cc, i, j, e, tol);
        }
}

static void run(const problem *q, int isa, size_t row0, size_t row1, size_t col0, size_t col1, cn_real *c, int side) {
    const size_t want = cn__gemm_pack(row1 - row0, col1 - col0, q->k), bound = cn__gemm_pack(q->m, q->n, q->k);
    guard pack = guarded((want + 63) / 64 * 64, side); /* ends at the guard page: is a multiple of 64 bytes */
    EXPECT(want <= bound, "pack not monotone: %zu > %zu", want, bound);
    cn__gemm(isa, row1 - row0, col1 - col0, q->k, q->alpha, q->a + row0 * q->ar, q->ar, q->ac, q->b + col0 * q->bc,
             q->br, q->bc, q->beta, c + row0 * q->cr + col0 * q->cc, q->cr, q->cc, pack.p);
    drop(pack);
}

static void product(int isa, size_t m, size_t n, size_t k) {
    static const cn_real scale[] = {0, 1, (cn_real)-0.75, 2};
    problem q;
    guard a, b, c;
    cn_real *before, *whole, *ws;
    cn__matmul part;
    const int side = (int)draw(2), poison = !FAST && draw(2);
    size_t i, j, r0, r1, bytes;
    q.m = m, q.n = n, q.k = k;
    q.alpha = scale[draw(4)], q.beta = scale[draw(4)];
    q.an = layout((int)draw(8), m, k, &q.ar, &q.ac), q.bn = layout((int)draw(8), k, n, &q.br, &q.bc);
    q.cn = layout((int)draw(5), m, n, &q.cr, &q.cc);
    a = guarded(q.an, side), b = guarded(q.bn, side), c = guarded(q.cn, side);
    q.a = a.p, q.b = b.p, q.c = c.p;
    for (i = 0; i < q.an; i++) q.a[i] = uniform();
    for (i = 0; i < q.bn; i++) q.b[i] = uniform();
    for (i = 0; i < q.cn; i++) q.c[i] = uniform();
    if (q.beta == 0 && poison)
        for (i = 0; i < q.cn; i++) q.c[i] = (cn_real)NAN;
    bytes = q.cn * sizeof(cn_real);
    ws = (cn_real *)aligned((cn__gemm_pack(m, n, k) * sizeof *ws + 127) & ~(size_t)63);
    before = (cn_real *)malloc(bytes + 1), whole = (cn_real *)malloc(bytes + 1);
    memcpy(before, q.c, bytes);
    run(&q, isa, 0, m, 0, n, q.c, side);
    memcpy(whole, q.c, bytes);
    compare(&q, before, whole, isa, "product");
    /* what lies between the elements is untouched */
    for (i = 0; i < m; i++)
        for (j = 0; j < n; j++) q.c[i * q.cr + j * q.cc] = before[i * q.cr + j * q.cc];
    EXPECT(same(q.c, before, bytes), "isa %d writes between elements", isa);
    /* any split of rows, of columns: same bits */
    for (r0 = 0; r0 < m; r0 = r1) {
        r1 = r0 + 1 + draw(m - r0);
        run(&q, isa, r0, r1, 0, n, q.c, side);
    }
    EXPECT(same(q.c, whole, bytes), "isa %d m %zu n %zu k %zu: rows split, other bits", isa, m, n, k);
    memcpy(q.c, before, bytes);
    for (r0 = 0; r0 < n; r0 = r1) {
        r1 = r0 + 1 + draw(n - r0);
        run(&q, isa, 0, m, r0, r1, q.c, side);
    }
    EXPECT(same(q.c, whole, bytes), "isa %d m %zu n %zu k %zu: columns split, other bits", isa, m, n, k);
    memcpy(q.c, before, bytes);
    for (r0 = 0; r0 < m; r0 = r1) {
        r1 = r0 + 1 + draw(m - r0);
        part.m = m, part.n = n, part.k = k, part.alpha = q.alpha, part.beta = q.beta, part.a = q.a, part.a_row = q.ar,
        part.a_col = q.ac;
        part.b = q.b, part.b_row = q.br, part.b_col = q.bc, part.out = q.c, part.o_row = q.cr, part.o_col = q.cc;
        cn__gemm_part(isa, &part, ws, r0, r1);
    }
    EXPECT(same(q.c, whole, bytes), "isa %d m %zu n %zu k %zu: parts, other bits", isa, m, n, k);
    free(before), free(whole), free_aligned(ws);
    drop(a), drop(b), drop(c);
}

/* One NaN or infinity in A or B reaches exactly the elements that IEEE says. */
static void specials(int isa) {
    size_t m = 1 + draw(40), n = 1 + draw(70), k = 1 + draw(40), i, j, pi = draw(m), pk = draw(k), pj = draw(n);
    cn_real *a = (cn_real *)calloc(m * k, sizeof *a), *b = (cn_real *)calloc(k * n, sizeof *b),
            *c = (cn_real *)calloc(m * n, sizeof *c);
    cn_real *pack = (cn_real *)aligned((cn__gemm_pack(m, n, k) * sizeof *a + 127) & ~(size_t)63);
    const int ta = (int)draw(2), tb = (int)draw(2);
    const size_t ar = ta ? 1 : k, ac = ta ? m : 1, br = tb ? 1 : n, bc = tb ? k : 1;
    /* times zeros: NaN in all of row pi, nowhere else */
    a[pi * ar + pk * ac] = draw(2) ? (cn_real)NAN : (cn_real)INFINITY;
    cn__gemm(isa, m, n, k, 1, a, ar, ac, b, br, bc, 0, c, n, 1, pack);
    for (i = 0; i < m; i++)
        for (j = 0; j < n; j++)
            EXPECT(is_nan(c[i * n + j]) == (i == pi), "isa %d NaN in A at %zu: row %zu", isa, pi, i);
    a[pi * ar + pk * ac] = 0;
    b[pk * br + pj * bc] = (cn_real)NAN;
    cn__gemm(isa, m, n, k, 1, a, ar, ac, b, br, bc, 0, c, n, 1, pack);
    for (i = 0; i < m; i++)
        for (j = 0; j < n; j++)
            EXPECT(is_nan(c[i * n + j]) == (j == pj), "isa %d NaN in B at %zu: column %zu", isa, pj, j);
    /* the smallest denormal */
    b[pk * br + pj * bc] = (cn_real)(CN__DOUBLE ? 4.9406564584124654e-324 : 1.4012984643e-45);
    a[pi * ar + pk * ac] = 3;
    cn__gemm(isa, m, n, k, 1, a, ar, ac, b, br, bc, 0, c, n, 1, pack);
    EXPECT(c[pi * n + pj] == 3 * b[pk * br + pj * bc] && c[pi * n + pj] > 0, "isa %d denormal lost", isa);
    cn__gemm(isa, m, n, k, 0, a, ar, ac, b, br, bc, 0, c, n, 1, pack);
    EXPECT(c[0] == 0, "alpha 0");
    free(a), free(b), free(c), free_aligned(pack);
}

static void level1(int isa) {
    const size_t n = draw(3) ? extent() : draw(1000);
    const int side = (int)draw(2);
    guard x = guarded(n, side), y = guarded(n, side);
    double *sum = (double *)malloc((n + 1) * sizeof *sum), s = 0, t = 0, alpha = (double)uniform(), d;
    cn_real *z = (cn_real *)malloc((n + 1) * sizeof *z);
    size_t i;
    for (i = 0; i < n; i++) {
        x.p[i] = uniform(), y.p[i] = z[i] = uniform(), sum[i] = (double)uniform();
        s += (double)x.p[i] * (double)y.p[i], t += fabs((double)x.p[i] * (double)y.p[i]);
    }
    d = cn__dot(isa, n, x.p, y.p);
    /* both sums have at most n roundings of eps/2 each */
    EXPECT(fabs(d - s) <= ((double)n + 1) * DBL_EPSILON * t, "isa %d dot n %zu: %g, not %g", isa, n, d, s);
#if !CN__DOUBLE
    if (!FAST)
        EXPECT(d == cn__dot(CN_ISA_C, n, x.p, y.p), "isa %d dot n %zu: float products are exact, all sets must agree",
               isa, n);
#endif
    cn__axpy(isa, n, alpha, x.p, y.p);
    for (i = 0; i < n; i++) {
        const double w = (double)z[i] + alpha * (double)x.p[i];
        EXPECT(fabs((double)y.p[i] - w) <= 2 * (CN__DOUBLE ? DBL_EPSILON : (double)FLT_EPSILON) *
                                               (fabs((double)z[i]) + fabs(alpha * (double)x.p[i])),
               "isa %d axpy", isa);
    }
    memcpy(z, sum, 0);
    {
        double *old = (double *)malloc((n + 1) * sizeof *old);
        memcpy(old, sum, n * sizeof *sum);
        cn__accumulate(isa, n, x.p, sum);
        for (i = 0; i < n; i++) EXPECT(sum[i] == old[i] + (double)x.p[i], "isa %d accumulate", isa);
        free(old);
    }
    free(sum), free(z), drop(x), drop(y);
}

static void sweeps(int isa) {
    const size_t rows = draw(20), cols = draw(2) ? extent() : draw(70), n = rows * cols;
    const int side = (int)draw(2);
    guard x = guarded(n, side), y = guarded(n, side), v = guarded(cols, side);
    size_t i;
    for (i = 0; i < n; i++) x.p[i] = y.p[i] = draw(9) ? uniform() : draw(3) || FAST ? 0 : (cn_real)NAN;
    for (i = 0; i < cols; i++) v.p[i] = uniform();
    cn__bias(isa, rows, cols, v.p, x.p);
    for (i = 0; i < n; i++)
        EXPECT(is_nan(y.p[i]) ? is_nan(x.p[i]) : x.p[i] == (cn_real)(y.p[i] + v.p[i % cols]), "isa %d bias", isa);
    memcpy(x.p, y.p, n * sizeof(cn_real));
    cn__bias_relu(isa, rows, cols, v.p, x.p);
    for (i = 0; i < n; i++) {
        const cn_real w = (cn_real)(y.p[i] + v.p[i % cols]);
        EXPECT(is_nan(y.p[i]) ? is_nan(x.p[i]) : x.p[i] == (w < 0 ? 0 : w), "isa %d bias and relu", isa);
    }
    memcpy(x.p, y.p, n * sizeof(cn_real));
    cn__relu(isa, n, x.p);
    for (i = 0; i < n; i++)
        EXPECT(is_nan(y.p[i]) ? is_nan(x.p[i]) : x.p[i] == (y.p[i] < 0 ? 0 : y.p[i]), "isa %d relu", isa);
    for (i = 0; i < n; i++) x.p[i] = uniform();
    memcpy(y.p, x.p, n * sizeof(cn_real));
    for (i = 0; i < n; i++)
        if (!draw(5)) y.p[i] = draw(2) || FAST ? 0 : (cn_real)NAN;
    {
        cn_real *g = (cn_real *)malloc((n + 1) * sizeof *g);
        memcpy(g, x.p, n * sizeof *g);
        cn__relu_back(isa, n, y.p, x.p);
        for (i = 0; i < n; i++)
            EXPECT(x.p[i] == (is_nan(y.p[i]) || y.p[i] > 0 ? g[i] : 0), "isa %d relu back %g %g %g", isa,
                   (double)y.p[i], (double)g[i], (double)x.p[i]);
        free(g);
    }
    drop(x), drop(y), drop(v);
}

/* one count for a whole problem */
#define ONE(call)                                 \
    do {                                          \
        int before = test_failed;                 \
        call;                                     \
        if (test_failed == before) test_passed++; \
    } while (0)

TEST_MAIN {
    const int rounds = TEST_SIZE(300, 15), cpu = cn__cpu();
    int isa, i, tried = 0;
    for (isa = CN_ISA_C; isa < 32; isa++) { /* more than there are */
        if (!cn__isa_ok(isa, cpu)) continue;
        tried++;
        for (i = 0; i < rounds; i++) {
            ONE(product(isa, extent(), extent(), extent()));
            if (!FAST) ONE(specials(isa));
            ONE(level1(isa));
            ONE(sweeps(isa));
        }
        for (i = 0; i < rounds / 50; i++) { /* several blocks of each kind */
            ONE(product(isa, 1 + draw(9), 1 + draw(60), 1000 + draw(300)));
            ONE(product(isa, 300 + draw(300), 1000 + draw(200), 1 + draw(60)));
            ONE(product(isa, 1000 + draw(200), 200 + draw(300), 1 + draw(60)));
            ONE(product(isa, 200 + draw(60), 250 + draw(60), 500 + draw(60)));
        }
    }
    EXPECT(cn__gemm_pack(SIZE_MAX / 2, SIZE_MAX / 2, SIZE_MAX / 2) * sizeof(cn_real) < ((size_t)16 << 20),
           "pack has a bound");
    CHECK(tried >= 1);
}
