/* test.h: the harness. A test file includes curvnoise.h, then this; main() is `TEST_MAIN { CASE("...") { CHECK(...); }
   }`. */
#ifndef TEST_H
#define TEST_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_passed, test_failed;
static const char *test_case = "";

/* one unit in the last place of cn_real at 1 */
#define TEST_EPS (sizeof(cn_real) == 8 ? 2.220446049250313e-16 : 1.1920928955078125e-07)
#define TEST_REAL(in_double, in_float) (sizeof(cn_real) == 8 ? (in_double) : (in_float))
#ifdef TEST_QUICK
#define TEST_SIZE(full, quick) (quick) /* targets that run under emulation */
#else
#define TEST_SIZE(full, quick) (full)
#endif

#ifdef TEST_TIMES /* what every case takes, for those who look for what is slow */
#include <time.h>
static clock_t test_start;
#define CASE(name)                                               \
    for (test_case = (name), test_start = clock(); test_case[0]; \
         printf("%7.2f s  %s\n", (double)(clock() - test_start) / CLOCKS_PER_SEC, test_case), test_case = "")
#else
#define CASE(name) for (test_case = (name); test_case[0]; test_case = "")
#endif
#define CHECK(condition) test_note((condition) != 0, __FILE__, __LINE__, #condition, 0, 0, 0)
#define CHECK_STATUS(call, status) test_status((int)(call), (status), __FILE__, __LINE__, #call)
/* |got - wanted| <= tolerance; every use says beside it why this tolerance */
#define CHECK_NEAR(got, wanted, tolerance) \
    test_near((double)(got), (double)(wanted), (double)(tolerance), __FILE__, __LINE__, #got)
#define CHECK_RELATIVE(got, wanted, tolerance) \
    test_near((double)(got), (double)(wanted), (double)(tolerance)*fabs((double)(wanted)), __FILE__, __LINE__, #got)
/* the context holds this status and a sentence that contains the words */
#define CHECK_SENTENCE(c, wanted, words) test_sentence((c), (wanted), (words), __FILE__, __LINE__)

static void test_note(int good, const char *file, int line, const char *what, double got, double wanted,
                      double tolerance)
{
    if (good) {
        test_passed++;
        return;
    }
    test_failed++;
    if (test_failed > 40) return;
    printf("FAILED %s:%d [%s] %s", file, line, test_case, what);
    if (tolerance != 0 || got != wanted)
        printf(": got %.17g, wanted %.17g within %g (off by %g)", got, wanted, tolerance, got - wanted);
    printf("\n");
}

static inline void test_near(double got, double wanted, double tolerance, const char *file, int line, const char *what)
{
    test_note(fabs(got - wanted) <= tolerance, file, line, what, got, wanted, tolerance);
}

static inline void test_status(int got, int wanted, const char *file, int line, const char *what)
{
    test_note(got == wanted, file, line, what, got, wanted, 0);
}

static inline void test_sentence(cn_ctx *c, int wanted, const char *words, const char *file, int line)
{
    int good = c->status == wanted && strstr(c->message, words) != NULL;
    test_note(good, file, line, words, 0, 0, 0);
    if (!good) printf("       status %d, wanted %d; sentence \"%s\"\n", c->status, wanted, c->message);
}

/* largest |a - b| over the largest |b| */
static inline double test_error(size_t n, const cn_real *a, const double *b)
{
    double error = 0, size = 0, e;
    size_t i;
    for (i = 0; i < n; i++) {
        e = fabs((double)a[i] - b[i]);
        if (!(e <= error)) error = e;
        if (fabs(b[i]) > size) size = fabs(b[i]);
    }
    return size > 0 ? error / size : error;
}

/* the same for two arrays of ours */
static inline double test_difference(size_t n, const cn_real *a, const cn_real *b)
{
    double error = 0, size = 0, e;
    size_t i;
    for (i = 0; i < n; i++) {
        e = fabs((double)a[i] - (double)b[i]);
        if (!(e <= error)) error = e;
        if (fabs((double)b[i]) > size) size = fabs((double)b[i]);
    }
    return size > 0 ? error / size : error;
}

/* An allocator that counts, remembers the most and refuses call number `refuse` (from 1; 0 = none). */
typedef struct test_heap {
    size_t calls, now, peak, last, refuse;
} test_heap;
static inline void *test_alloc(void *user, size_t bytes)
{
    test_heap *h = (test_heap *)user;
    size_t *p;
    h->calls++;
    h->last = bytes;
    if (h->calls == h->refuse) return NULL;
    p = (size_t *)malloc(bytes + 64);
    if (!p) return NULL;
    *p = bytes;
    h->now += bytes;
    if (h->now > h->peak) h->peak = h->now;
    return (char *)p + 64;
}
static inline void test_release(void *user, void *memory)
{
    size_t *p = (size_t *)(void *)((char *)memory - 64);
    ((test_heap *)user)->now -= *p;
    free(p);
}

static void test_body(void);
#define TEST_MAIN                                                   \
    int main(void)                                                  \
    {                                                               \
        test_body();                                                \
        printf("%d passed, %d failed\n", test_passed, test_failed); \
        return test_failed != 0;                                    \
    }                                                               \
    static void test_body(void)
#endif
