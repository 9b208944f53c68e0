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
                      double tolerance) {
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

/* by the bits, through memory: -ffast-math takes NaN out of comparisons */
static inline int test_finite(double x) {
    volatile double v = x;
    unsigned long long bits;
    x = v;
    memcpy(&bits, &x, sizeof bits);
    return (bits >> 52 & 0x7FF) != 0x7FF;
}

static inline void test_near(double got, double wanted, double tolerance, const char *file, int line,
                             const char *what) {
    test_note(test_finite(got) && fabs(got - wanted) <= tolerance, file, line, what, got, wanted, tolerance);
}

static inline void test_status(int got, int wanted, const char *file, int line, const char *what) {
    test_note(got == wanted, file, line, what, got, wanted, 0);
}

static inline void test_sentence(cn_ctx *c, int wanted, const char *words, const char *file, int line) {
    int good = c->status == wanted && strstr(c->message, words) != NULL;
    test_note(good, file, line, words, 0, 0, 0);
    if (!good) printf("       status %d, wanted %d; sentence \"%s\"\n", c->status, wanted, c->message);
}

/* largest |a - b| over the largest |b| */
static inline double test_error(size_t n, const cn_real *a, const double *b) {
    double error = 0, size = 0, e;
    size_t i;
    for (i = 0; i < n; i++) {
        e = fabs((double)a[i] - b[i]);
        if (!test_finite(e)) e = 1e300;
        if (e > error) error = e;
        if (fabs(b[i]) > size) size = fabs(b[i]);
    }
    return size > 0 ? error / size : error;
}

/* the same for two arrays of ours */
static inline double test_difference(size_t n, const cn_real *a, const cn_real *b) {
    double error = 0, size = 0, e;
    size_t i;
    for (i = 0; i < n; i++) {
        e = fabs((double)a[i] - (double)b[i]);
        if (!test_finite(e)) e = 1e300;
        if (e > error) error = e;
        if (fabs((double)b[i]) > size) size = fabs((double)b[i]);
    }
    return size > 0 ? error / size : error;
}

/* An allocator that counts, remembers the most and refuses call number `refuse` (from 1; 0 = none). What it hands out
   ends 8 bytes beyond the last that the library may use, the least that its alignment leaves. Guards follow, which
   AddressSanitizer lets nobody touch. */
typedef struct test_heap {
    size_t calls, now, peak, last, refuse;
} test_heap;
enum { TEST_GUARDS = 64 };
#if defined(__SANITIZE_ADDRESS__)
#define TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_ASAN 1
#endif
#endif
#ifdef TEST_ASAN
void __asan_poison_memory_region(void const volatile *memory, size_t bytes);
void __asan_unpoison_memory_region(void const volatile *memory, size_t bytes);
#endif
typedef struct test_chunk {
    void *raw;
    size_t bytes;
} test_chunk;
static inline void *test_alloc(void *user, size_t bytes) {
    test_heap *h = (test_heap *)user;
    test_chunk chunk;
    char *p;
    size_t i;
    h->calls++;
    h->last = bytes;
    if (h->calls == h->refuse) return NULL;
    chunk.bytes = bytes;
    chunk.raw = malloc(bytes + 128 + TEST_GUARDS);
    if (!chunk.raw) return NULL;
    p = (char *)chunk.raw + 64;
    p += (72 - (size_t)((uintptr_t)p % 64)) % 64;
    memcpy(p - sizeof chunk, &chunk, sizeof chunk);
    for (i = 0; i < TEST_GUARDS; i++) p[bytes + i] = (char)(i * 7);
#ifdef TEST_ASAN
    __asan_poison_memory_region(p + bytes, TEST_GUARDS);
#endif
    h->now += bytes;
    if (h->now > h->peak) h->peak = h->now;
    return p;
}
static inline void test_release(void *user, void *memory) {
    char *p = (char *)memory;
    test_chunk chunk;
    int broken = 0;
    size_t i;
    memcpy(&chunk, p - sizeof chunk, sizeof chunk);
#ifdef TEST_ASAN
    __asan_unpoison_memory_region(p + chunk.bytes, TEST_GUARDS);
#endif
    for (i = 0; i < TEST_GUARDS; i++) broken += p[chunk.bytes + i] != (char)(i * 7);
    if (broken) test_note(0, __FILE__, __LINE__, "written beyond the bytes asked for", broken, 0, 0);
    ((test_heap *)user)->now -= chunk.bytes;
    free(chunk.raw);
}

static void test_body(void);
#define TEST_MAIN                                                   \
    int main(void) {                                                \
        test_body();                                                \
        printf("%d passed, %d failed\n", test_passed, test_failed); \
        return test_failed != 0;                                    \
    }                                                               \
    static void test_body(void)
#endif
