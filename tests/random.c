/* Floor 3, random: known answers, independence of where drawing starts, distributions, shuffles. A private copy of
   floors 1 to 3 under another name, for the bits of the generator itself. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#define CN_NAMESPACE known_
#define CN_FLOOR_MAX 3
#define CURVNOISE_IMPLEMENTATION
#include "../curvnoise.h"
#include "test.h"
#include "golden_random.h"

enum { N = TEST_SIZE(1 << 18, 1 << 14) };
static cn_real draw[N], again[N];
static double sorted[N];
static const char *const kind_name[] = {"normal", "uniform", "Laplace", "sign"};

/* kat_vectors of Random123 (Salmon et al. 2011), philox4x32 10: counter c0 c1 c2 c3, key k0 k1. Ours: c = (block,
   stream), k = seed. */
static void known_answers(void) {
    static const uint32_t kat[3][10] = {{0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                                         0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
                                         0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
    int i, j;
    uint64_t out[2];
    for (i = 0; i < 3; i++) {
        const uint32_t *k = kat[i];
        cn__philox((uint64_t)k[5] << 32 | k[4], (uint64_t)k[3] << 32 | k[2], (uint64_t)k[1] << 32 | k[0], out);
        for (j = 0; j < 4; j++) CHECK((uint32_t)(out[j / 2] >> j % 2 * 32) == k[6 + j]);
    }
    CHECK(cn__odd(0) == 1 && cn__odd((uint64_t)-1) == ((uint64_t)1 << 53) - 1); /* never the ends: log 0 is infinite */
}

/* ---- what is made of the bits */

static double standard(int64_t value) { return (double)value / 288230376151711744.0; } /* Q58 */

/* In fixed point most errors are absolute; the promise is 1e-15 of the largest, which is 8.57, sqrt(3) and 25.5.
   Normals have up to 2^-51 = 4.5e-16 near u = 1, where the root of 2^-31 magnifies what is dropped below 2^-67, and the
   rounding of a double's sum and root; the others are good to 2^-56. `reference`: the relative error of what is
   compared. */
static void pairs_made(const uint64_t n[2], const double *normal, const double *uniform, const double *laplace,
                       double reference) {
    int64_t got[2];
    int j;
    cn__normal_pair(n, got);
    for (j = 0; j < 2; j++) { /* 1.2e-16: the conversion's rounding, here */
        CHECK_NEAR(standard(got[j]), normal[j], 4.5e-16 + (2.4e-16 + reference) * fabs(normal[j]));
        CHECK_NEAR(standard(cn__of_uniform(CN_NOISE_UNIFORM, n[j])), uniform[j],
                   1.4e-17 + (1.2e-16 + reference) * fabs(uniform[j]));
        CHECK_NEAR(standard(cn__of_uniform(CN_NOISE_LAPLACE, n[j])), laplace[j],
                   1.4e-17 + (1.2e-16 + reference) * fabs(laplace[j]));
        CHECK(standard(cn__of_uniform(CN_NOISE_SIGN, n[j])) == (uniform[j] < 0 ? -1 : 1));
    }
}

static void golden(void) {
    size_t i;
    int j;
    cn_real v[2];
    for (i = 0; i < sizeof golden_pair / sizeof *golden_pair; i++)
        pairs_made(golden_pair[i].n, golden_pair[i].normal, golden_pair[i].uniform, golden_pair[i].laplace, 1.2e-16);
    for (i = 0; i < sizeof golden_stream / sizeof *golden_stream; i++) {
        const struct golden_stream *g = golden_stream + i;
        const double *const wanted[] = {g->normal, g->uniform, g->laplace};
        int kind;
        for (kind = CN_NOISE_NORMAL; kind <= CN_NOISE_LAPLACE; kind++) {
            cn_random(g->seed, g->stream, 2 * g->block, kind, 1, 2, v);
            /* as above, and a float's rounding */
            for (j = 0; j < 2; j++)
                CHECK_NEAR(v[j], wanted[kind - CN_NOISE_NORMAL][j],
                           1e-15 + TEST_EPS * fabs(wanted[kind - CN_NOISE_NORMAL][j]));
        }
    }
}

/* Against libm, which is given exactly reduced angles. */
static void against_libm(void) {
    const double turn = 8 * atan(1.0);
    uint64_t word[2], n[2], block;
    for (block = 0; block < TEST_SIZE(20000, 1000); block++) {
        double u[2], part, r, s, c, normal[2], uniform[2], laplace[2];
        int j, quarter, shift = (int)(block % 52);
        cn__philox(9, 9, block, word);
        for (j = 0; j < 2; j++) n[j] = cn__odd(word[j]);
        if (block % 4 == 0) n[0] = n[0] >> shift | 1;                           /* near 0 */
        if (block % 4 == 1) n[0] = (((uint64_t)1 << 53) - (n[0] >> shift)) | 1; /* near 1 */
        if (block % 4 == 2) n[1] = (((block & 7) << 50) + (n[1] >> shift)) | 1; /* near eighths of a turn */
        if (block % 8 == 3) n[1] = (((uint64_t)1 << 52) - (n[1] >> (shift > 1 ? shift : 2))) | 1; /* near a half */
        for (j = 0; j < 2; j++) u[j] = (double)n[j] / 9007199254740992.0;
        quarter = (int)floor(4 * u[1] + 0.5);
        part = turn * (u[1] - quarter / 4.0);
        r = sqrt(-2 * (n[0] >> 52 ? log1p(u[0] - 1) : log(u[0])));
        s = sin(part);
        c = cos(part);
        normal[0] = r * (quarter % 4 == 0 ? c : quarter % 4 == 1 ? -s : quarter % 4 == 2 ? -c : s);
        normal[1] = r * (quarter % 4 == 0 ? s : quarter % 4 == 1 ? c : quarter % 4 == 2 ? -s : -c);
        for (j = 0; j < 2; j++) {
            uniform[j] = (u[j] - 0.5) * sqrt(12.0);
            laplace[j] = (u[j] < 0.5 ? log(2 * u[j]) : -log(2 * (1 - u[j]))) / sqrt(2.0);
        }
        pairs_made(n, normal, uniform, laplace, 4.5e-16); /* four roundings */
    }
}

/* The upper half of a product, by parts of 16 bits. */
static void halves(void) {
    uint64_t word[2], block;
    int i, j, bad = 0;
    for (block = 0; block < 2000; block++) {
        uint64_t digit[9] = {0};
        cn__philox(1, 2, block, word);
        if (block % 3 == 1) word[0] |= (uint64_t)-1 << block % 64;
        if (block % 5 == 1) word[1] = (uint64_t)-1 >> block % 64;
        for (i = 0; i < 4; i++)
            for (j = 0; j < 4; j++) {
                uint64_t p = (word[0] >> 16 * i & 0xffff) * (word[1] >> 16 * j & 0xffff);
                digit[i + j] += p & 0xffff;
                digit[i + j + 1] += p >> 16;
            }
        for (i = 0; i < 8; i++) {
            digit[i + 1] += digit[i] >> 16;
            digit[i] &= 0xffff;
        }
        bad += cn__high(word[0], word[1]) != (digit[7] << 48 | digit[6] << 32 | digit[5] << 16 | digit[4]);
    }
    CHECK(bad == 0);
}

/* One number for the bits of many values. It is the same on every target and under every flag; made by this program. */
static void fixed_bits(void) {
    static const uint64_t wanted[2][4] = {
        {0xf5ff9ebdf0b21869u, 0xa1cd5d5dd7db3b16u, 0x69fb76a6960a5f9du, 0xa471529475fb2325u},
        {0x7d947588f75357fbu, 0x49c0e22d723a43f7u, 0x33449c085189749du, 0x82672162c48f6325u}};
    int kind;
    size_t i;
    for (kind = CN_NOISE_NORMAL; kind <= CN_NOISE_SIGN; kind++) {
        uint64_t sum = 14695981039346656037u, bits;
        cn_random(3, 4, 1, kind, 0.7, 1 << 14, draw);
        for (i = 0; i < 1 << 14; i++) {
            uint32_t half;
            memcpy(&bits, draw + i, sizeof bits < sizeof *draw ? sizeof bits : sizeof *draw);
            memcpy(&half, draw + i, sizeof half);
            if (sizeof *draw == 4) bits = half;
            sum = (sum ^ bits) * 1099511628211u;
        }
        if (sum != wanted[sizeof *draw == 4][kind - CN_NOISE_NORMAL])
            printf("%s: %lx%08lx\n", kind_name[kind - CN_NOISE_NORMAL], (unsigned long)(sum >> 32),
                   (unsigned long)(sum & 0xffffffff));
        CHECK(sum == wanted[sizeof *draw == 4][kind - CN_NOISE_NORMAL]);
    }
}

/* Value i of (seed, stream) is the same wherever drawing starts and however it is cut. */
static void any_start(int kind) {
    size_t n = 1000, first, i, count;
    uint32_t r = 7;
    int bad = 0;
    cn_random(11, 22, 0, kind, 1.5, n, draw);
    for (first = 0; first < 40; first++) {
        cn_random(11, 22, first, kind, 1.5, n - first, again);
        bad += memcmp(again, draw + first, (n - first) * sizeof *draw) != 0;
    }
    for (i = 0; i < n; i += count) { /* chunks of random sizes, empty ones too */
        r = r * 1664525u + 1013904223u;
        count = (r >> 16) % 7;
        if (count > n - i) count = n - i;
        cn_random(11, 22, i, kind, 1.5, count, again + i);
    }
    bad += memcmp(again, draw, n * sizeof *draw) != 0;
    for (i = n; i-- > 0;) cn_random(11, 22, i, kind, 1.5, 1, again + i); /* backwards, one at a time */
    bad += memcmp(again, draw, n * sizeof *draw) != 0;
    cn_random(11, 22, (uint64_t)1 << 40, kind, 1.5, 10, draw); /* far out: more than 32 bits of value number */
    cn_random(11, 22, ((uint64_t)1 << 40) + 5, kind, 1.5, 5, again);
    bad += memcmp(again, draw + 5, 5 * sizeof *draw) != 0;
    cn_random(11, 22, 0, kind, 1.5, 10, again);
    bad += memcmp(again, draw, 10 * sizeof *draw) == 0;
    again[0] = 77;
    cn_random(11, 22, 5, kind, 1.5, 0, again);
    bad += again[0] != 77;
    cn_random(11, 22, 5, kind, 0, 4, again); /* sd 0 */
    for (i = 0; i < 4; i++) bad += again[i] != 0;
    cn_random(11, 22, 0, kind, 1, 100, draw); /* sd scales */
    cn_random(11, 22, 0, kind, 3, 100, again);
    /* one rounding each, and the product */
    for (i = 0; i < 100; i++)
        bad += fabs((double)again[i] - 3 * (double)draw[i]) > 4 * TEST_EPS * fabs((double)again[i]);
    CHECK(bad == 0);
}

static double ideal_cdf(int kind, double x) {
    if (kind == CN_NOISE_NORMAL) return 0.5 * erfc(-x / sqrt(2.0));
    if (kind == CN_NOISE_UNIFORM) return x < -sqrt(3.0) ? 0 : x > sqrt(3.0) ? 1 : 0.5 + x / sqrt(12.0);
    return x < 0 ? 0.5 * exp(x * sqrt(2.0)) : 1 - 0.5 * exp(-x * sqrt(2.0));
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Moments up to the 4th of n draws lie within 4.5 standard errors of the law's (its moments up to the 8th give them):
   with 4 kinds x 4 moments x 3 streams a false alarm has probability 48 * 7e-6 = 3e-4, and the streams are fixed. */
static void moments(int kind) {
    static const double m[4][9] = {/* E x^j at sd 1 */
                                   {1, 0, 1, 0, 3, 0, 15, 0, 105},
                                   {1, 0, 1, 0, 1.8, 0, 27.0 / 7, 0, 9},
                                   {1, 0, 1, 0, 6, 0, 90, 0, 2520},
                                   {1, 0, 1, 0, 1, 0, 1, 0, 1}};
    double sum, x, power, error;
    size_t i;
    int order, j;
    uint64_t stream;
    for (stream = 0; stream < 3; stream++) {
        cn_random(2024, stream, 0, kind, 1, N, draw);
        for (order = 1; order <= 4; order++) {
            for (sum = 0, i = 0; i < N; i++) {
                x = (double)draw[i];
                for (power = 1, j = 0; j < order; j++) power *= x;
                sum += power;
            }
            error = sqrt((m[kind - CN_NOISE_NORMAL][2 * order] -
                          m[kind - CN_NOISE_NORMAL][order] * m[kind - CN_NOISE_NORMAL][order]) /
                         N);
            /* + rounding, for the sign's even moments, which have no error */
            CHECK_NEAR(sum / N, m[kind - CN_NOISE_NORMAL][order], 4.5 * error + 4 * TEST_EPS);
        }
    }
}

/* Kolmogorov and Smirnov: sqrt(n) sup |F_n - F| is below 1.95 with probability 0.999 under the law. */
static void ks(int kind) {
    size_t i;
    double d = 0, f, below, above;
    uint64_t stream;
    for (stream = 5; stream < 8; stream++) {
        cn_random(77, stream, 3, kind, 2, N, draw);
        for (i = 0; i < N; i++) sorted[i] = (double)draw[i] / 2;
        qsort(sorted, N, sizeof *sorted, by_value);
        for (d = 0, i = 0; i < N; i++) {
            f = ideal_cdf(kind, sorted[i]);
            below = f - (double)i / N;
            above = ((double)i + 1) / N - f;
            d = below > d ? below : d;
            d = above > d ? above : d;
        }
        CHECK_NEAR(d * sqrt((double)N), 0, 1.95);
    }
}

/* The correlation of two arrays of independent draws has mean 0 and standard error 1/sqrt(n), whatever the law with a
   variance. */
static double correlation(size_t n, const cn_real *a, const cn_real *b) {
    double ab = 0, aa = 0, bb = 0;
    size_t i;
    for (i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb) * sqrt((double)n);
}

static void uncorrelated(int kind) {
    enum { M = 1 << 14 };
    static const uint64_t other[][2] = {
        {1, 2}, {2, 1}, {1, 3}, {3, 1}, {0, 0}, {1, (uint64_t)1 << 32}, {(uint64_t)1 << 32, 1}, {1, (uint64_t)-1},
        {0, 1}};
    size_t i, lag;
    static cn_real squares[M], others[M];
    cn_random(1, 1, 0, kind, 1, M, draw);
    /* 4 errors: 6e-5 each; 4 kinds x 9 pairs are 36 of them, fixed seeds */
    for (i = 0; i < sizeof other / sizeof *other; i++) {
        size_t j;
        cn_random(other[i][0], other[i][1], 0, kind, 1, M, again);
        CHECK_NEAR(correlation(M, draw, again), 0, 4);
        CHECK(memcmp(draw, again, 8 * sizeof *draw) != 0 || kind == CN_NOISE_SIGN);
        /* nor are their sizes */
        for (j = 0; j < M; j++) {
            squares[j] = draw[j] * draw[j] - 1;
            others[j] = again[j] * again[j] - 1;
        }
        /* heavy tails: the error itself is rough */
        if (kind != CN_NOISE_SIGN) CHECK_NEAR(correlation(M, squares, others), 0, kind == CN_NOISE_LAPLACE ? 6 : 4.5);
    }
    for (lag = 1; lag <= 4; lag++) { /* nor is a stream with itself, later; lag 1 holds the pairs of Box and Muller */
        CHECK_NEAR(correlation(M - lag, draw, draw + lag), 0, 4);
    }
    cn_random(1, 1, 0, kind, 1, M, again);
    CHECK(memcmp(draw, again, M * sizeof *draw) == 0); /* and the same again is the same */
}

/* Streams of all purposes and of indices as samples, items, steps and pairs make them, equal seeds: none is like
   another, and in double no value occurs twice (among 2^18 of 2^52 by chance 1e-5 times). */
static void purposes(int kind) {
    enum { M = 4096, INDICES = 6, STREAMS = CN_PURPOSE_COUNT * INDICES };
    static const uint64_t index[INDICES] = {0, 1, 2, 65536, (uint64_t)1 << 32, ((uint64_t)1 << 56) - 1};
    static cn_real value[STREAMS * M];
    static double all[STREAMS * M];
    size_t i, j, equal = 0;
    for (i = 0; i < STREAMS; i++)
        cn_random(1, cn_stream((int)(i / INDICES), index[i % INDICES]), 0, kind, 1, M, value + i * M);
    /* pairs of purposes at one index, 330 in all: 4 errors. All 2145 pairs: 5, a false alarm of 1e-3 */
    for (i = 0; i < STREAMS; i++)
        for (j = 0; j < i; j++)
            CHECK_NEAR(correlation(M, value + i * M, value + j * M), 0, i % INDICES == j % INDICES ? 4 : 5);
    for (i = 0; i < STREAMS * M; i++) all[i] = (double)value[i];
    qsort(all, STREAMS * M, sizeof *all, by_value);
    for (i = 1; i < STREAMS * M; i++) equal += all[i] == all[i - 1];
    CHECK(equal == 0 || sizeof(cn_real) == 4);
    CHECK(cn_stream(CN_FOR_USER, 7) == 7 && cn_stream(CN_FOR_PERTURBATION, (uint64_t)-1) >> 56 == CN_FOR_PERTURBATION);
}

/* What a shuffle draws, read off the permutation, is not like the values of the same stream. */
static void shuffle_apart(void) {
    enum { M = 1 << 12 };
    static uint32_t index[M], at[M], where[M];
    static cn_real drawn[M], even[M], odd[M];
    uint32_t i, j, t;
    cn_random(3, 5, 0, CN_NOISE_UNIFORM, 1, 2 * M, draw);
    for (i = 0; i < M; i++) {
        index[i] = at[i] = where[i] = i;
        even[i] = draw[2 * i];
        odd[i] = draw[2 * i + 1];
    }
    cn_shuffle(3, 5, M, index);
    for (i = M; i > 1; i--) { /* element index[i - 1] lay at place j and was swapped with that at i - 1 */
        j = where[index[i - 1]];
        drawn[i - 1] = (cn_real)((j + 0.5) / i - 0.5);
        t = at[i - 1];
        at[j] = t;
        where[t] = j;
    }
    CHECK_NEAR(correlation(M - 2, drawn + 1, even + 2), 0, 4);
    CHECK_NEAR(correlation(M - 2, drawn + 1, odd + 2), 0, 4);
    CHECK_NEAR(correlation(M - 1, drawn + 1, draw + 2), 0, 4);
}

static void extremes(void) /* tails reach as far as the law's do, and no further than 52 bits can */
{
    size_t i;
    double most = 0, least = 0;
    uint64_t stream;
    for (stream = 0; stream < 4; stream++) {
        cn_random(9, stream, 0, CN_NOISE_NORMAL, 1, N, draw);
        for (i = 0; i < N; i++) {
            if ((double)draw[i] > most) most = (double)draw[i];
            if ((double)draw[i] < least) least = (double)draw[i];
        }
    }
    /* the largest of 4 N = 1e6 normals is between 4.2 and 6.3 with probability 0.999 (of the quick 65,536: from 3.5) */
    CHECK(most > TEST_SIZE(4.2, 3.5) && most < 6.3 && least < -TEST_SIZE(4.2, 3.5) && least > -6.3);
    cn_random(9, 0, 0, CN_NOISE_UNIFORM, 1, N, draw);
    for (most = 0, i = 0; i < N; i++)
        if (fabs((double)draw[i]) > most) most = fabs((double)draw[i]);
    CHECK(most <= sqrt(3.0) * (1 + TEST_EPS) && most > sqrt(3.0) * TEST_SIZE(0.9999, 0.999));
    cn_random(9, 0, 0, CN_NOISE_SIGN, 1, N, draw);
    for (i = 0; i < N; i++)
        if (draw[i] != 1 && draw[i] != -1) break;
    CHECK(i == N);
}

/* ---- shuffles */

static void shuffles(void) {
    static uint32_t index[5000], copy[5000];
    static unsigned char there[5000];
    size_t n, i;
    int orders[24], o, seeds = TEST_SIZE(48000, 4800);
    uint32_t seed;
    double chi, expected;
    long first[50], last[50];
    for (n = 0; n < 5000; n = n < 20 ? n + 1 : n * 3) {
        for (i = 0; i < n; i++) index[i] = (uint32_t)i;
        index[n] = 4242;
        memset(there, 0, sizeof there);
        cn_shuffle(5, n, n, index);
        for (i = 0; i < n; i++)
            if (index[i] < n) there[index[i]]++;
        for (i = 0; i < n && there[i] == 1; i++) {
        }
        CHECK(i == n && index[n] == 4242); /* a permutation, and nothing beyond it */
        for (i = 0; i < n; i++) copy[i] = (uint32_t)i;
        cn_shuffle(5, n, n, copy);
        CHECK(memcmp(copy, index, n * sizeof *index) == 0);
        if (n < 12) continue; /* 12! = 5e8: another order, or a chance of 2e-9 */
        for (i = 0; i < n; i++) copy[i] = (uint32_t)i;
        CHECK(memcmp(copy, index, n * sizeof *index) != 0);
        cn_shuffle(6, n, n, copy);
        CHECK(memcmp(copy, index, n * sizeof *index) != 0);
        for (i = 0; i < n; i++) copy[i] = (uint32_t)i;
        cn_shuffle(5, n + 1, n, copy);
        CHECK(memcmp(copy, index, n * sizeof *index) != 0);
    }
    index[0] = 30;
    index[1] = 10;
    index[2] = 20; /* what is there is permuted */
    cn_shuffle(1, 1, 3, index);
    CHECK(index[0] + index[1] + index[2] == 60 && index[0] * index[1] * index[2] == 6000);
    /* all 24 orders of four equally often: chi-square with 23 degrees of freedom is below 49.7 with probability 0.999;
       over seeds and over streams */
    for (o = 0; o < 2; o++) {
        memset(orders, 0, sizeof orders);
        for (seed = 0; seed < (uint32_t)seeds; seed++) {
            uint32_t p[4] = {0, 1, 2, 3};
            size_t code = 0, j, k;
            cn_shuffle(o ? 3 : seed, o ? seed : 3, 4, p);
            /* Lehmer's code */
            for (j = 0; j < 4; j++) {
                size_t less = 0;
                for (k = j + 1; k < 4; k++) less += p[k] < p[j];
                code = code * (4 - j) + less;
            }
            orders[code]++;
        }
        for (chi = 0, i = 0; i < 24; i++) {
            expected = seeds / 24.0;
            chi += (orders[i] - expected) * (orders[i] - expected) / expected;
        }
        CHECK_NEAR(chi, 23, 26.7);
    }
    /* of fifty: who comes first, who comes last, where number 0 goes: chi-square with 49 degrees of freedom, 0.999 at
       85.4 */
    memset(first, 0, sizeof first);
    memset(last, 0, sizeof last);
    for (seed = 0; seed < (uint32_t)seeds / 4; seed++) {
        for (i = 0; i < 50; i++) index[i] = (uint32_t)i;
        cn_shuffle(seed, 0, 50, index);
        first[index[0]]++;
        last[index[49]]++;
    }
    for (chi = 0, i = 0; i < 50; i++) {
        expected = seeds / 200.0;
        chi += ((double)first[i] - expected) * ((double)first[i] - expected) / expected;
    }
    CHECK_NEAR(chi, 49, 36.4);
    for (chi = 0, i = 0; i < 50; i++) {
        expected = seeds / 200.0;
        chi += ((double)last[i] - expected) * ((double)last[i] - expected) / expected;
    }
    CHECK_NEAR(chi, 49, 36.4);
}

TEST_MAIN {
    int kind;
    CASE("known answers") known_answers();
    CASE("products") halves();
    CASE("golden values") golden();
    CASE("against libm") against_libm();
    CASE("fixed bits") fixed_bits();
    for (kind = CN_NOISE_NORMAL; kind <= CN_NOISE_SIGN; kind++) {
        CASE(kind_name[kind - CN_NOISE_NORMAL]) {
            any_start(kind);
            moments(kind);
            if (kind != CN_NOISE_SIGN) ks(kind);
            uncorrelated(kind);
        }
    }
    CASE("the default") {
        cn_random(1, 2, 3, 0, 1, 64, draw);
        cn_random(1, 2, 3, CN_NOISE_NORMAL, 1, 64, again);
        CHECK(memcmp(draw, again, 64 * sizeof *draw) == 0);
    }
    CASE("purposes") {
        purposes(CN_NOISE_NORMAL);
        purposes(CN_NOISE_UNIFORM);
    }
    CASE("shuffles and values") shuffle_apart();
    CASE("extremes") extremes();
    CASE("shuffle") shuffles();
}
