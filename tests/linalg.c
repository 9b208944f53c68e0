/* linalg.c: eigen, Cholesky and SVD against their definitions, from guarded workspaces filled with NaN. */
#define CN_STATIC
#define CN_FLOOR_MAX 5
#define CURVNOISE_IMPLEMENTATION
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../curvnoise.h"
#include "test.h"
#define EPS CN__EPS
#ifdef __FAST_MATH__
#define FTZ 1
#else
#define FTZ 0
#endif
static unsigned long long seed_state = 88172645463325252ULL;
static double uniform(void) {
    seed_state ^= seed_state << 13;
    seed_state ^= seed_state >> 7;
    seed_state ^= seed_state << 17;
    return (double)(seed_state >> 11) * (1.0 / 9007199254740992.0);
}
static double normal(void) { return sqrt(-2 * log(uniform() + 1e-300)) * cos(6.283185307179586 * uniform()); }
static int isa = CN_ISA_C;
static double worst[8];
static void check(int ok, const char *what, size_t n, double value, double bound) {
    if (!ok || !test_finite(value)) test_note(0, __FILE__, (int)n, what, value, bound, 1); /* the "line" is the size */
}
/* the larger, or what is not finite, which -ffast-math would drop */
static double worse(double a, double b) { return !test_finite(a) || (test_finite(b) && a > b) ? a : b; }
static double ratio(double a, double b) { return b > 0 ? a / b : a; }
static void *need(size_t count, size_t size) {
    void *p = malloc(count * size + 64);
    if (!p) {
        exit(3);
    }
    return p;
}
/* guard bytes behind the measured workspace */
static unsigned char *raw;
static cn__ws workspace(size_t bytes) {
    cn__ws w;
    size_t i;
    memset(&w, 0, sizeof w);
    raw = (unsigned char *)need(bytes + 128, 1);
    w.base = w.memory = (unsigned char *)(((uintptr_t)raw + 63) & ~(uintptr_t)63);
    w.room = bytes;
    for (i = 0; i < 64; i++) {
        w.base[bytes + i] = (unsigned char)(i * 7);
    }
    memset(w.base, 0xFF, bytes); /* NaN everywhere: nothing may be read before it is written */
    return w;
}
static void release(cn__ws *w, size_t bytes, const char *what) {
    size_t i;
    int ok = w->peak <= bytes && w->at == 0;
    for (i = 0; i < 64; i++) {
        ok = ok && w->memory[bytes + i] == (unsigned char)(i * 7);
    }
    check(ok, what, bytes, (double)w->peak, (double)bytes);
    free(raw);
}
static int eigen(size_t n, cn_real *a, size_t top, double cut, double *values, cn_real *vectors, size_t *found) {
    cn__ws w;
    size_t bytes;
    int status;
    memset(&w, 0, sizeof w);
    status = cn__eigen(&w, isa, n, NULL, vectors ? top : CN__NO_VECTORS, cut, NULL, NULL, NULL);
    check(status == CN_OK && w.at == 0, "measure", n, status, 0);
    bytes = w.peak;
    w = workspace(bytes);
    status = cn__eigen(&w, isa, n, a, vectors ? top : CN__NO_VECTORS, cut, values, vectors, found);
    release(&w, bytes, "eigen workspace");
    return status;
}
enum {
    RANDOM,
    CLUSTERED,
    GRADED,
    RANK,
    POSITIVE,
    DIAGONAL,
    ZERO,
    IDENTITY,
    WILKINSON,
    SECOND,
    TINY,
    HUGE_,
    TWO_VALUES,
    ARROW,
    KINDS
};
static const char *kind_name[] = {"random",   "clustered", "graded",     "rank-deficient", "positive",
                                  "diagonal", "zero",      "identity",   "wilkinson",      "second difference",
                                  "tiny",     "huge",      "two values", "arrow"};
static double range(void) { return CN__DOUBLE ? 300 : 30; }
/* a <- (I - 2 h h'/h'h) a (...) : keeps the spectrum */
static void mix(size_t n, double *a, int times) {
    double *h = (double *)need(n, sizeof *h), *p = (double *)need(n, sizeof *p);
    size_t i, j;
    while (times--) {
        double hh = 0, hp = 0;
        for (i = 0; i < n; i++) {
            h[i] = normal();
            hh += h[i] * h[i];
        }
        for (i = 0; i < n; i++) {
            p[i] = 0;
            for (j = 0; j < n; j++) {
                p[i] += a[i * n + j] * h[j];
            }
            p[i] *= 2 / hh;
            hp += h[i] * p[i];
        }
        for (i = 0; i < n; i++) {
            p[i] -= hp / hh * h[i];
        }
        for (i = 0; i < n; i++) {
            for (j = 0; j < n; j++) {
                a[i * n + j] -= h[i] * p[j] + p[i] * h[j];
            }
        }
    }
    free(h);
    free(p);
}
static void fill(int kind, size_t n, cn_real *out) {
    double *a = (double *)need(n * n, sizeof *a);
    size_t i, j;
    memset(a, 0, n * n * sizeof *a);
    for (i = 0; i < n; i++) {
        for (j = 0; j <= i; j++) {
            double x = 0, t = i == j;
            switch (kind) {
            case RANDOM:
                x = normal();
                break;
            case GRADED:
                x = normal() * pow(10.0, (range() * (1 - (double)(i + j) / (double)n)) * 0.99);
                break;
            case DIAGONAL:
                x = t * normal();
                break;
            case IDENTITY:
                x = t;
                break;
            case WILKINSON:
                x = i == j ? fabs((double)(i % 21) - 10) : i == j + 1 ? (i % 21 ? 1 : 1e-8) : 0;
                break;
            case SECOND:
                x = i == j ? 2 : i == j + 1 ? -1 : 0;
                break;
            case TINY:
                x = normal() * pow(10.0, -range());
                break;
            case HUGE_:
                x = normal() * pow(10.0, range());
                break;
            case CLUSTERED:
                x = t * (1 + (double)(i % 3) * 1e-12 * (double)i + (double)(i % 5));
                break;
            case TWO_VALUES:
                x = t * (i % 2 ? 1 : -1);
                break;
            case RANK:
                x = t * (i % 7 == 0 ? 1 + (double)i : 0);
                break;
            case POSITIVE:
                x = t * pow(10.0, -12.0 * (double)i / (double)n);
                break;
            case ARROW:
                x = i == j ? (double)i : i + 1 == n ? 1e-3 : 0;
                break;
            default:
                break;
            }
            a[i * n + j] = a[j * n + i] = x;
        }
    }
    if (kind == CLUSTERED || kind == TWO_VALUES || kind == RANK || kind == POSITIVE) {
        mix(n, a, 3);
    }
    for (i = 0; i < n * n; i++) {
        out[i] = (cn_real)a[i];
    }
    for (i = 0; i < n; i++) {
        for (j = 0; j < i; j++) {
            out[j * n + i] = out[i * n + j];
        }
    }
    free(a);
}
/* residual and orthogonality of found rows; a is the symmetric original */
static void verify(const char *what, size_t n, const cn_real *a, size_t found, const double *values, const cn_real *v) {
    double scale = 0, norm = 0, res = 0, orth = 0, *x = (double *)need(n + 1, sizeof *x),
           *b = (double *)need(n * n, sizeof *b);
    size_t i, j, k;
    for (i = 0; i < n * n; i++) {
        scale = fabs((double)a[i]) > scale ? fabs((double)a[i]) : scale;
    }
    scale = scale > 0 ? scale : 1;
    for (i = 0; i < n * n; i++) { /* a copy: inside the loops -ffast-math would make v / scale, a denormal, of it */
        b[i] = (double)a[i] / scale;
        norm += b[i] * b[i];
    }
    for (j = 0; j<found; j += n> 200 ? 1 + n / 48 : 1) { /* of large ones some rows, each against all before it */
        memset(x, 0, n * sizeof *x);
        for (i = 0; i < n; i++) {
            double f = (double)v[j * n + i];
            for (k = 0; k < n; k++) {
                x[k] += f * b[i * n + k];
            }
        }
        x[n] = values[j] / scale;
        for (k = 0; k < n; k++) {
            double r = x[k] - x[n] * (double)v[j * n + k];
            res += r * r;
        }
        for (k = 0; k <= j; k++) {
            double r = k == j ? -1 : 0;
            for (i = 0; i < n; i++) {
                r += (double)v[j * n + i] * (double)v[k * n + i];
            }
            orth += k == j ? r * r : 2 * r * r;
        }
    }
    res = sqrt(res) / (sqrt(norm) > 0 ? sqrt(norm) : 1);
    orth = sqrt(orth);
    check(res <= 50 * EPS, what, n, res / EPS, 50);
    check(orth <= 50 * EPS * (double)n, "orthogonality", n, orth / EPS / (double)(n + !n), 50);
    worst[0] = worse(worst[0], res / EPS);
    worst[1] = n ? worse(worst[1], orth / EPS / (double)n) : worst[1];
    for (j = 0; j + 1 < n; j++) {
        check(values[j] >= values[j + 1], "descending", n, values[j], values[j + 1]);
    }
    free(x);
    free(b);
}
static void test_eigen(int kind, size_t n, int variants) {
    cn_real *a = (cn_real *)need(n * n, sizeof *a), *b = (cn_real *)need(n * n, sizeof *b),
            *v = (cn_real *)need(n * n, sizeof *v);
    double *values = (double *)need(n, sizeof(double)), *again = (double *)need(n, sizeof(double)), diff = 0, big = 0;
    size_t found = 99999, i, j;
    fill(kind, n, a);
    memcpy(b, a, n * n * sizeof *a);
    for (i = 0; i < n; i++) {
        for (j = i + 1; j < n; j++) {
            b[i * n + j] = (cn_real)(0.5 + (double)(i * j)); /* must not be read */
        }
    }
    check(eigen(n, b, 0, 0, values, v, &found) == CN_OK, "status", n, 0, 0);
    check(found == n, "found", n, (double)found, (double)n);
    verify(kind_name[kind], n, a, found, values, v);
    if (kind == SECOND) {
        for (i = 0; i < n; i++) {
            double exact = 2 - 2 * cos(3.141592653589793 * (double)(n - i) / (double)(n + 1));
            diff = worse(diff, fabs(values[i] - exact));
        }
        check(diff <= 20 * EPS * 4, "closed form", n, diff / EPS, 80);
    }
    if (variants) {
        size_t top = n / 3 + 1;
        double cut = 0.5;
        memcpy(b, a, n * n * sizeof *a);
        check(eigen(n, b, 0, 0, again, NULL, NULL) == CN_OK, "status values", n, kind, 0);
        for (i = 0, diff = 0; i < n; i++) {
            big = worse(big, fabs(values[i]));
            diff = worse(diff, fabs(values[i] - again[i]));
        }
        check(diff <= 50 * EPS * big || n == 0, "values only", n, diff / EPS, big);
        memcpy(b, a, n * n * sizeof *a);
        for (i = 0; i < n * n; i++) {
            v[i] = 777;
        }
        check(eigen(n, b, top, 0, again, v, &found) == CN_OK, "status top", n, 0, 0);
        check(found == (top < n ? top : n), "found top", n, (double)found, (double)top);
        for (i = 0; i < n; i++) {
            check(memcmp(values + i, again + i, sizeof *values) == 0, "same values", n, values[i], again[i]);
        }
        for (i = found * n; i < n * n; i++) {
            check(v[i] == 777, "beyond found", n, (double)i, 0);
        }
        verify("top", n, a, found, again, v);
        memcpy(b, a, n * n * sizeof *a);
        check(eigen(n, b, 0, cut, again, v, &found) == CN_OK, "status cut", n, 0, 0);
        for (i = 0; i < n; i++) {
            check((again[i] > cut * again[0]) == (i < found), "cut", n, again[i], cut * again[0]);
        }
        verify("cut", n, a, found, again, v);
    }
    free(a);
    free(b);
    free(v);
    free(values);
    free(again);
}
static void test_bad_input(void) {
    size_t n = 40, bytes;
    cn_real *a = (cn_real *)need(n * n, sizeof *a), *v = (cn_real *)need(n * n, sizeof *v);
    double *s = (double *)need(n, sizeof *s), *small = (double *)need(n * n, sizeof *small);
    cn__ws w;
    unsigned char bits[8];
    const cn_real far = (cn_real)(sizeof(cn_real) == 8 ? 1e300 : 1e30);
    memset(bits, 0xFF, sizeof bits);
    fill(RANDOM, n, a);
    memcpy(a + 20 * n + 3, bits, sizeof *a);
    check(eigen(n, a, 0, 0, s, v, NULL) == CN_E_NUMERIC, "NaN", n, 0, 0);
    memset(&w, 0, sizeof w);
    cn__svd(&w, isa, n, n, NULL, NULL, NULL, NULL);
    bytes = w.peak;
    w = workspace(bytes);
    check(cn__svd(&w, isa, n, n, a, s, NULL, NULL) == CN_E_NUMERIC, "NaN svd", n, 0, 0);
    release(&w, bytes, "svd workspace");
    fill(RANDOM, n, a);
    memcpy(a + 3 * n + 20, bits, sizeof *a); /* upper triangle is not read */
    check(eigen(n, a, 0, 0, s, v, NULL) == CN_OK, "NaN above", n, 0, 0);
    memset(a, 0, n * n * sizeof *a);
    for (bytes = 0; bytes < n; bytes++) a[bytes * n + bytes] = far * (cn_real)(n - bytes);
    a[5 * n + 4] = 1 / far; /* the diagonal counts in the scale: 1 / far alone would carry it beyond all numbers */
    check(eigen(n, a, 0, 0, s, v, NULL) == CN_OK && fabs(s[0] / ((double)far * (double)n) - 1) <= 10 * EPS,
          "far diagonal", n, s[0], 0);
    memcpy(a + 7 * n + 7, bits, sizeof *a);
    check(eigen(n, a, 0, 0, s, v, NULL) == CN_E_NUMERIC, "NaN on the diagonal", n, 0, 0);
    memset(small, 0, n * n * sizeof *small);
    memcpy(small + 20 * n + 3, bits, sizeof *small);
    memset(&w, 0, sizeof w);
    cn__eigen_small(&w, isa, 1, n, NULL, NULL, NULL);
    bytes = w.peak;
    w = workspace(bytes);
    check(cn__eigen_small(&w, isa, 1, n, small, s, NULL) == CN_E_NUMERIC, "NaN small", n, 0, 0);
    release(&w, bytes, "small workspace");
    memcpy(s, bits, sizeof *s);
    check(cn__tridiagonal(1, s, NULL, 0, NULL) == CN_E_NUMERIC, "NaN tridiagonal", n, 0, 0);
    free(a);
    free(v);
    free(s);
    free(small);
}
static void test_small(size_t k, size_t count, double scale) {
    size_t i, c, j, l, bytes, kk = k * k;
    double *a = (double *)need(count * kk, 8), *o = (double *)need(count * kk, 8), *s = (double *)need(count * k, 8);
    double *v = (double *)need(count * kk, 8), *s2 = (double *)need(count * k, 8), res = 0, orth = 0;
    cn__ws w;
    for (c = 0; c < count; c++) {
        for (i = 0; i < k; i++) {
            for (j = 0; j <= i; j++) {
                double x = c % 4 == 0 ? (double)(i == j) : c % 4 == 1 ? (double)((i + j) % 3) : normal();
                a[c * kk + i * k + j] = a[c * kk + j * k + i] = x * scale;
            }
        }
    }
    memcpy(o, a, count * kk * 8);
    memset(&w, 0, sizeof w);
    cn__eigen_small(&w, isa, count, k, NULL, NULL, NULL);
    bytes = w.peak;
    w = workspace(bytes);
    check(cn__eigen_small(&w, isa, count, k, a, s, v) == CN_OK, "small", k, 0, 0);
    memcpy(a, o, count * kk * 8);
    check(cn__eigen_small(&w, isa, count, k, a, s2, NULL) == CN_OK, "small", k, 0, 0);
    release(&w, bytes, "small workspace");
    for (i = 0; i < count * kk; i++) o[i] /= scale; /* before the loops, as in verify */
    for (i = 0; i < count * k; i++) {
        s[i] /= scale;
        s2[i] /= scale;
    }
    for (c = 0; c < count; c++) {
        double norm = 0, r2 = 0, o2 = 0;
        for (i = 0; i < kk; i++) norm += o[c * kk + i] * o[c * kk + i];
        for (j = 0; j < k; j++) {
            for (i = 0; i < k; i++) {
                double r = -s[c * k + j] * v[c * kk + j * k + i], t = -(double)(i == j);
                for (l = 0; l < k; l++) {
                    r += o[c * kk + i * k + l] * v[c * kk + j * k + l];
                    t += v[c * kk + i * k + l] * v[c * kk + j * k + l];
                }
                r2 += r * r;
                o2 += t * t;
            }
            check(fabs(s[c * k + j] - s2[c * k + j]) <= 1e-14 * sqrt(norm), "small values only", k, s[c * k + j],
                  s2[c * k + j]);
            check(!j || s[c * k + j] <= s[c * k + j - 1], "small order", k, 0, 0);
        }
        r2 = sqrt(r2) / (norm > 0 ? sqrt(norm) : 1);
        res = worse(res, r2);
        orth = worse(orth, sqrt(o2));
    }
    check(res <= 50 * 2.3e-16, "small residual", k, res / 2.3e-16, 50);
    check(orth <= 50 * 2.3e-16 * (double)k, "small orthogonality", k, orth / 2.3e-16 / (double)(k + !k), 50);
    free(a);
    free(o);
    free(s);
    free(v);
    free(s2);
}
static void test_tridiagonal(size_t n, double scale) {
    double *d = (double *)need(n, 8), *e = (double *)need(n, 8), *d0 = (double *)need(n, 8), *e0 = (double *)need(n, 8);
    double *z = (double *)need(n * n, 8), *first = (double *)need(n, 8), *c = (double *)need(n, 8);
    double res = 0, orth = 0, norm = 0;
    size_t i, j, k;
    for (i = 0; i < n; i++) {
        d[i] = d0[i] = normal() * scale;
        e[i] = e0[i] = normal() * scale;
        first[i] = i == 0;
    }
    cn__identity(n, z);
    check(cn__tridiagonal(n, d, e, n, z) == CN_OK, "tridiagonal", n, 0, 0);
    for (i = 0; i < n; i++) { /* copies, as in verify */
        d[i] /= scale;
        c[i] = d0[i] / scale;
        e[i] = e0[i] / scale;
    }
    for (j = 0; j < n; j++) {
        for (i = 0; i < n; i++) {
            double r = (c[i] - d[j]) * z[j * n + i];
            r += i ? e[i - 1] * z[j * n + i - 1] : 0;
            r += i + 1 < n ? e[i] * z[j * n + i + 1] : 0;
            res += r * r;
            for (k = 0, r = -(double)(i == j); k < n; k++) {
                r += z[i * n + k] * z[j * n + k];
            }
            orth += r * r;
        }
        norm += c[j] * c[j];
    }
    check(sqrt(res) <= 1e-14 * sqrt(norm) * 2, "tridiagonal residual", n, sqrt(ratio(res, norm)), 2e-14);
    check(sqrt(orth) <= 1e-14 * (double)n, "tridiagonal orthogonality", n, sqrt(orth), 1e-14 * (double)n);
    memcpy(d, d0, n * 8);
    memcpy(e, e0, n * 8);
    check(cn__tridiagonal(n, d, e, 1, first) == CN_OK, "tridiagonal", n, 0, 0);
    for (j = 0; j < n; j++) {
        check(fabs(first[j] - z[j * n]) <= 1e-13, "first entries", n, first[j], z[j * n]);
    }
    free(d);
    free(e);
    free(d0);
    free(e0);
    free(z);
    free(first);
    free(c);
}
static void test_cholesky(size_t n, size_t rhs) {
    size_t i, j, k, bytes;
    cn_real *a = (cn_real *)need(n * n, sizeof *a), *o = (cn_real *)need(n * n, sizeof *o),
            *b = (cn_real *)need(n * rhs, sizeof *b);
    double *x = (double *)need(n * rhs, 8), err = 0, norm = 0;
    cn__ws w;
    for (i = 0; i < n; i++) {
        for (j = 0; j <= i; j++) {
            a[i * n + j] = a[j * n + i] = (cn_real)(i == j ? 2 * sqrt((double)n) + 1 + uniform() : normal());
        }
    }
    memcpy(o, a, n * n * sizeof *a);
    for (i = 0; i < n * rhs; i++) {
        x[i] = normal();
    }
    for (i = 0; i < n; i++) {
        for (j = 0; j < rhs; j++) {
            double s = 0;
            for (k = 0; k < n; k++) {
                s += (double)o[i * n + k] * x[k * rhs + j];
            }
            b[i * rhs + j] = (cn_real)s;
        }
    }
    memset(&w, 0, sizeof w);
    cn__cholesky(&w, isa, n, NULL, rhs, NULL);
    bytes = w.peak;
    w = workspace(bytes);
    check(cn__cholesky(&w, isa, n, a, rhs, b) == CN_OK, "cholesky", n, 0, 0);
    for (i = 0; i < n; i++) {
        for (j = 0; j <= i; j++) {
            double s = -(double)o[i * n + j];
            for (k = 0; k <= j; k++) {
                s += (double)a[i * n + k] * (double)a[j * n + k];
            }
            err += s * s;
            norm += (double)o[i * n + j] * (double)o[i * n + j];
        }
    }
    check(sqrt(err) <= 20 * EPS * sqrt(norm) || n == 0, "cholesky rebuilt", n, sqrt(ratio(err, norm)) / EPS, 20);
    for (i = 0, err = 0, norm = 0; i < n * rhs; i++) {
        err += ((double)b[i] - x[i]) * ((double)b[i] - x[i]);
        norm += x[i] * x[i];
    }
    check(sqrt(err) <= 500 * EPS * sqrt(norm) || n * rhs == 0, "cholesky solved", n, sqrt(ratio(err, norm)) / EPS, 500);
    if (n > 2) {
        memcpy(a, o, n * n * sizeof *a);
        a[(n - 2) * n + n - 2] = -1;
        check(cn__cholesky(&w, isa, n, a, 0, NULL) == CN_E_NUMERIC, "cholesky indefinite", n, 0, 0);
        memcpy(a, o, n * n * sizeof *a);
        memset(&a[(n / 2) * n + n / 2], 0xFF, sizeof *a);
        check(cn__cholesky(&w, isa, n, a, 0, NULL) == CN_E_NUMERIC, "cholesky NaN", n, 0, 0);
    }
    release(&w, bytes, "cholesky workspace");
    free(a);
    free(o);
    free(b);
    free(x);
}
static void test_svd(int kind, size_t m, size_t n) {
    size_t r = m < n ? m : n, i, j, k, bytes;
    cn_real *a = (cn_real *)need(m * n, sizeof *a), *o = (cn_real *)need(m * n, sizeof *o);
    cn_real *u = (cn_real *)need(m * r, sizeof *u), *vt = (cn_real *)need(n * r, sizeof *vt);
    double *s = (double *)need(r, 8), scale = 1, err = 0, norm = 0, orth = 0;
    cn__ws w;
    for (i = 0; i < m; i++) {
        for (j = 0; j < n; j++) {
            double x = normal();
            if (kind == 1) {
                /* scaled columns or rows */
                x *= pow(10.0, range() * 0.95 * (1 - 2.0 * (double)(m < n ? i : j) / (double)r));
                scale = pow(10.0, range() * 0.95);
            } else if (kind == 2) {
                x = (double)((i % 3) * (j % 2)) + (double)(i % 2); /* rank 2 or 3 */
            } else if (kind == 3) {
                x = 0;
            } else if (kind == 4) {
                x = i == j;
            }
            a[i * n + j] = (cn_real)x;
        }
    }
    memcpy(o, a, m * n * sizeof *a);
    memset(&w, 0, sizeof w);
    cn__svd(&w, isa, m, n, NULL, NULL, NULL, NULL);
    bytes = w.peak;
    w = workspace(bytes);
    check(cn__svd(&w, isa, m, n, a, s, u, vt) == CN_OK, "svd", m, 0, 0);
    release(&w, bytes, "svd workspace");
    for (i = 0; i < m; i++) {
        for (j = 0; j < n; j++) {
            double x = -(double)o[i * n + j] / scale;
            norm += x * x;
            for (k = 0; k < r; k++) {
                x += (double)u[i * r + k] * (s[k] / scale) * (double)vt[k * n + j];
            }
            err += x * x;
        }
    }
    check(sqrt(err) <= 50 * EPS * sqrt(norm), "svd rebuilt", m * 1000 + n, sqrt(ratio(err, norm)) / EPS, 50);
    for (i = 0; i < r; i++) {
        for (j = 0; j < r; j++) {
            double x = -(double)(i == j), y = x;
            for (k = 0; k < m; k++) {
                x += (double)u[k * r + i] * (double)u[k * r + j];
            }
            for (k = 0; k < n; k++) {
                y += (double)vt[i * n + k] * (double)vt[j * n + k];
            }
            orth += x * x + y * y;
        }
        check(i == 0 || s[i] <= s[i - 1], "svd order", n, s[i], 0);
    }
    check(sqrt(orth) <= 50 * EPS * (double)(m + n), "svd orthogonality", m * 1000 + n, sqrt(orth) / EPS,
          50 * (double)(m + n));
    if (kind == 1) { /* small ones relatively right: row norms bound the product of rotations */
        for (k = 0; k < r; k++) {
            double expect = range() * 0.95 * (1 - 2.0 * (double)k / (double)r), spread = 10;
            if (expect - range() * 0.95 > (CN__DOUBLE ? -120 : -25)) {
                check(fabs(log10(s[k]) - expect) < spread, "svd graded", n, log10(s[k]), expect);
            }
        }
    }
    free(a);
    free(o);
    free(u);
    free(vt);
    free(s);
}
/* the small singular value of a badly scaled matrix, known in closed form, whichever column comes first */
static void test_svd_relative(size_t large) {
    double h = CN__DOUBLE ? 1e-100 : 1e-20, s[2];
    cn_real a[4], u[4], vt[4];
    size_t bytes;
    cn__ws w;
    a[large] = 3;
    a[1 - large] = (cn_real)(1 * h);
    a[2 + large] = 4;
    a[3 - large] = (cn_real)(2 * h); /* columns (3,4), h (1,2): s1 = 5, s2 = |det| / 5 = 2h / 5 */
    memset(&w, 0, sizeof w);
    cn__svd(&w, isa, 2, 2, NULL, NULL, NULL, NULL);
    bytes = w.peak;
    w = workspace(bytes);
    cn__svd(&w, isa, 2, 2, a, s, u, vt);
    release(&w, bytes, "svd workspace");
    check(fabs(s[0] - 5) < 20 * EPS && fabs(s[1] / (0.4 * h) - 1) < 20 * EPS, "svd relative", 2, s[1] / (0.4 * h) - 1,
          EPS);
}
/* element (row, col) of sum_i w_i X_i (x) a_i a_i', and the sum of its terms' sizes */
static double kronecker_entry(size_t n, size_t p, size_t q, const cn_real *weight, const cn_real *x, const cn_real *a,
                              size_t row, size_t col, double *size) {
    size_t i, r = row / q, s = col / q;
    double sum = 0, term;
    for (*size = 0, i = 0; i < n; i++) {
        term = (weight ? (double)weight[i] : 1) * (double)x[(i * p + (r > s ? r : s)) * p + (r > s ? s : r)] *
               (double)a[i * q + row % q] * (double)a[i * q + col % q];
        sum += term;
        *size += fabs(term);
    }
    return sum;
}
static void test_kronecker(size_t n, size_t p, size_t q, int weighted) {
    size_t side = p * q, i, j, bytes, step = 1 + side / 300;
    cn_real *x = (cn_real *)need(n * p * p + 1, sizeof *x), *a = (cn_real *)need(n * q + 1, sizeof *a);
    cn_real *out = (cn_real *)need(side * side + 1, sizeof *out), *weight = (cn_real *)need(n + 1, sizeof *weight);
    double wanted, size, off, most = 0;
    cn_ctx c = CN_ZERO;
    cn__ws w;
    c.isa = isa;
    for (i = 0; i < n * p * p; i++) x[i] = (cn_real)normal();
    for (i = 0; i < n * p * p; i++) /* above the diagonal: not read */
        if (i % p > i / p % p) memset(x + i, 0xFF, sizeof *x);
    for (i = 0; i < n * q; i++) a[i] = (cn_real)normal();
    for (i = 0; i < n; i++) weight[i] = (cn_real)normal();
    memset(out, 0xFF, side * side * sizeof *out);
    out[side * side] = 7;
    memset(&w, 0, sizeof w);
    w.ctx = &c;
    check(cn__kronecker_call(&w, n, p, q, weighted ? weight : NULL, x, a, out) == CN_OK, "measure", n, 0, 0);
    bytes = w.peak;
    w = workspace(bytes);
    w.ctx = &c;
    check(cn__kronecker_call(&w, n, p, q, weighted ? weight : NULL, x, a, out) == CN_OK, "kronecker", n, 0, 0);
    w.at = 0;
    release(&w, bytes, "kronecker workspace");
    check(out[side * side] == 7, "kronecker end", n, 0, 0);
    for (i = 0; i < side; i += step)
        for (j = 0; j < side; j++) {
            wanted = kronecker_entry(n, p, q, weighted ? weight : NULL, x, a, i, j, &size);
            off = fabs((double)out[i * side + j] - wanted);
            if (!(off <= most * (size + 1e-30))) most = off / (size + 1e-30);
            if (memcmp(out + i * side + j, out + j * side + i, sizeof *out)) most = 1; /* exactly symmetric */
        }
    /* three roundings a term, and its additions: up to 256 one after another, in the mean their square root of them */
    check(most <= 20 * EPS, "kronecker", p * 1000 + q, most / EPS, 20);
    free(x);
    free(a);
    free(out);
    free(weight);
}
static void test_kronecker_calls(void) {
    cn_ctx c = CN_ZERO;
    cn_real x[4] = {1, 2, 2, 3}, a[2] = {5, 7}, out[16] = {0}, w[1] = {2};
    size_t huge = (size_t)1 << (4 * sizeof huge);
    cn_ctx other = CN_ZERO;
    check(cn_kronecker(&c, 1, 2, 2, w, x, a, out) == CN_OK && out[0] == 50 && out[1] == 70 && out[2] == 100 &&
              out[7] == 2 * 2 * 49 && out[15] == 2 * 3 * 49,
          "kronecker by hand", 0, out[0], 50);
    check(cn_kronecker(&c, 0, 2, 2, NULL, NULL, NULL, out) == CN_OK && out[0] == 0 && out[15] == 0, "no samples", 0, 0,
          0);
    check(cn_kronecker(&c, 1, 0, 2, NULL, NULL, NULL, NULL) == CN_OK, "nothing", 0, 0, 0);
    check(cn_kronecker(&c, 1, 2, 2, NULL, NULL, a, out) == CN_E_ARGUMENT && strstr(c.message, "missing"), "no x", 0, 0,
          0);
    cn_clear(&c);
    check(cn_kronecker(&c, 1, 2, 2, NULL, x, NULL, out) == CN_E_ARGUMENT, "no a", 0, 0, 0);
    cn_clear(&c);
    check(cn_kronecker(&c, 1, 2, 2, NULL, x, a, NULL) == CN_E_ARGUMENT, "no out", 0, 0, 0);
    cn_clear(&c);
    check(cn_kronecker(&c, 1, huge, 2, NULL, x, a, out) == CN_E_SIZE && strstr(c.message, "overflows"), "overflow", 0,
          0, 0);
    cn_clear(&c);
    check(cn_kronecker(&c, 1, 3, huge, NULL, x, a, out) == CN_E_SIZE, "overflow", 0, 0, 0);
    other.isa = isa == CN_ISA_NEON ? CN_ISA_AVX2 : CN_ISA_NEON;
    out[0] = 77;
    if (!cn__isa_ok(other.isa, isa))
        check(cn_kronecker(&other, 1, 2, 2, NULL, x, a, out) == CN_E_ARGUMENT && out[0] == 77, "wrong isa", 0, 0, 0);
}
enum { FULL, TWICE, LOW_RANK, NEARLY, GRADED_ROWS, LAEUCHLI, HILBERT, NOTHING, ROW_KINDS };
/* rows [k][n]; returns their rank, k + 1 where it is not known */
static size_t fill_rows(int kind, size_t k, size_t n, cn_real *x) {
    size_t i, j, l;
    double y, scale;
    for (i = 0; i < k; i++)
        for (j = 0; j < n; j++) {
            y = normal();
            if (kind == TWICE && i % 3 == 2) y = -2 * (double)x[(i - 1) * n + j];
            if (kind == LOW_RANK && i >= 5) /* sums of the first five rows */
                for (y = 0, l = 0; l < 5; l++) y += cos((double)(i * (l + 1))) * (double)x[l * n + j];
            if (kind == NEARLY && i) /* parallel to the first but for up to 1e-12, in float 2e-4 */
                y = (double)x[j] + y * pow(EPS, 0.1 + TEST_REAL(0.68, 0.45) * (double)i / (double)k);
            scale = kind == GRADED_ROWS ? pow(10, range() * 0.95 * (1 - 2.0 * (double)((7 * i) % k) / (double)k)) : 1;
            if (kind == LAEUCHLI) y = j == 0 ? 1 : j == i + 1 ? sqrt(EPS) / 4 : 0;
            if (kind == HILBERT) y = 1.0 / (double)(i + j + 1);
            if (kind == NOTHING) y = 0;
            x[i * n + j] = (cn_real)(y * scale);
        }
    /* of as many rows as elements the last one is nearly parallel by chance, once in 200 times */
    if (kind == HILBERT || (kind == NEARLY && k >= n)) return k + 1;
    if (kind == NOTHING) return 0;
    if (kind == LOW_RANK) return k < 5 ? (k < n ? k : n) : n < 5 ? n : 5;
    l = kind == TWICE ? k - k / 3 : k;
    return l < n ? l : n;
}
static void test_orthonormal(int kind, size_t k, size_t n) {
    cn_real *x = (cn_real *)need(k * n + 1, sizeof *x), *o = (cn_real *)need(k * n, sizeof *o),
            *t = (cn_real *)need(k * k, sizeof *t), *q = (cn_real *)need(k * n, sizeof *q);
    size_t wanted = fill_rows(kind, k, n, x), rank = 999, i, j, l, count = 0, bytes;
    double most = 0, rebuilt = 0, dot, size, e, row;
    cn_ctx c = CN_ZERO;
    cn__ws w;
    c.isa = isa;
    memcpy(o, x, k * n * sizeof *x);
    memset(t, 0xFF, k * k * sizeof *t);
    x[k * n] = 7;
    memset(&w, 0, sizeof w);
    w.ctx = &c;
    check(cn__orthonormal_call(&w, k, n, x, t, &rank) == CN_OK && rank == 999, "measure", n, 0, 0);
    bytes = w.peak;
    w = workspace(bytes);
    w.ctx = &c;
    check(cn__orthonormal_call(&w, k, n, x, t, &rank) == CN_OK, "orthonormal", n, 0, 0);
    w.at = 0;
    release(&w, bytes, "orthonormal workspace");
    check(x[k * n] == 7, "orthonormal end", n, 0, 0);
    for (i = 0; i < k; i++) {
        check(t[i * k + i] >= 0, "triangle's diagonal", i, (double)t[i * k + i], 0);
        for (j = i + 1; j < k; j++) check(t[i * k + j] == 0, "triangle", i, (double)t[i * k + j], 0);
        count += t[i * k + i] > 0;
        for (j = 0; j <= i; j++) {
            for (dot = 0, l = 0; l < n; l++) dot += (double)x[i * n + l] * (double)x[j * n + l];
            e = fabs(dot - (i == j && t[i * k + i] > 0)); /* dependent rows are 0 */
            if (!(e <= most)) most = e;
        }
        for (size = 0, l = 0; l < n; l++) size = fmax(size, fabs((double)o[i * n + l]));
        for (row = 0, l = 0; l < n; l++) {
            for (e = (double)o[i * n + l] / (size + 1e-300), j = 0; j <= i; j++)
                e -= (double)t[i * k + j] / (size + 1e-300) * (double)x[j * n + l];
            row += e * e;
        }
        row = sqrt(row / (double)(n ? n : 1)) / sqrt(4 + (double)i);
        if (!(row <= rebuilt)) rebuilt = row;
    }
    check(rank == count && (wanted > k || rank == wanted), "orthonormal rank", (size_t)kind * 100000000 + k * 10000 + n,
          (double)rank, (double)wanted);
    /* entries are rounded once or twice in the end; sums of n products in double, here one after another */
    e = (4 + TEST_REAL(0.5, 0) * sqrt((double)n)) * EPS;
    check(most <= e, "orthonormal", k * 10000 + n, most / EPS, e / EPS);
    /* what is taken away in i steps is rounded as often; a dependent row loses 4 sqrt(4 + i) roundings of its length */
    check(rebuilt <= 4 * EPS, "orthonormal rebuilt", k * 10000 + n, rebuilt / EPS, 4);
    memcpy(q, o, k * n * sizeof *q); /* without the triangle the same bits */
    w = workspace(bytes);
    w.ctx = &c;
    check(cn__orthonormal_call(&w, k, n, q, NULL, NULL) == CN_OK && memcmp(q, x, k * n * sizeof *q) == 0, "alone", n, 0,
          0);
    w.at = 0;
    release(&w, bytes, "orthonormal workspace");
    free(x);
    free(o);
    free(t);
    free(q);
}
/* beside rows that are there already; with a seed dependent ones are replaced */
static void test_orthonormal_beside(size_t from, size_t k, size_t n) {
    cn_real *q = (cn_real *)need((from + k) * n, sizeof *q), *o = (cn_real *)need(k * n, sizeof *o);
    double *along = (double *)need(k * (from + k), sizeof *along), *left = (double *)need(k, sizeof *left), most = 0, e,
           rebuilt = 0;
    uint64_t seed = 3;
    size_t i, j, l, lost = 0;
    fill_rows(FULL, from, n, q);
    cn__orthonormal(isa, 0, from, n, q, NULL, NULL, NULL, 0);
    fill_rows(TWICE, k, n, o);
    for (l = 0; l < n && from && k; l++) o[l] = 5 * q[l] - 3 * q[(from - 1) * n + l]; /* in their span */
    memcpy(q + from * n, o, k * n * sizeof *q);
    for (i = 0; i < k * (from + k); i++) along[i] = 1e9;
    cn__orthonormal(isa, from, k, n, q, &seed, left, along, from + k);
    for (i = 0; i < from + k; i++)
        for (j = 0; j <= i; j++) {
            for (e = -(double)(i == j), l = 0; l < n; l++) e += (double)q[i * n + l] * (double)q[j * n + l];
            if (!(fabs(e) <= most)) most = fabs(e);
        }
    for (i = 0; i < k; i++) {
        lost += left[i] <= 0;
        for (l = 0; l < n; l++) {
            for (e = (double)o[i * n + l] - left[i] * (double)q[(from + i) * n + l], j = 0; j < from + i; j++)
                e -= along[i * (from + k) + j] * (double)q[j * n + l];
            if (!(fabs(e) <= rebuilt)) rebuilt = fabs(e);
        }
    }
    check(lost == k / 3 + (from && k), "orthonormal beside, lost", k, (double)lost, (double)(k / 3));
    e = (4 + TEST_REAL(0.5, 0) * sqrt((double)n)) * EPS;
    check(most <= e, "orthonormal beside", from * 10000 + k, most / EPS, e / EPS);
    /* entries of up to 30, rounded as often as there are rows, in the mean its square root */
    check(rebuilt <= 30 * EPS * sqrt(4 + (double)(from + k)), "orthonormal beside, rebuilt", from * 10000 + k,
          rebuilt / EPS, 30);
    free(q);
    free(o);
    free(along);
    free(left);
}
static void test_orthonormal_calls(void) {
    cn_ctx c = CN_ZERO;
    cn_real x[4] = {3, 4, 0, 5}, t[4];
    size_t huge = (size_t)1 << (4 * sizeof huge), rank = 9;
    check(cn_orthonormal(&c, 2, 2, x, t, &rank) == CN_OK && rank == 2 && fabs((double)x[0] - 0.6) < 2 * EPS &&
              fabs((double)x[2] + 0.8) < 2 * EPS && fabs((double)x[3] - 0.6) < 2 * EPS &&
              fabs((double)t[0] - 5) < 8 * EPS && t[1] == 0 && fabs((double)t[2] - 4) < 8 * EPS &&
              fabs((double)t[3] - 3) < 8 * EPS,
          "orthonormal by hand", 0, (double)x[0], 0.6);
    check(cn_orthonormal(&c, 0, 5, NULL, NULL, &rank) == CN_OK && rank == 0, "no rows", 0, 0, 0);
    check(cn_orthonormal(&c, 1, 0, NULL, t, &rank) == CN_OK && rank == 0 && t[0] == 0, "rows of nothing", 0, 0, 0);
    check(cn_orthonormal(&c, 2, 2, NULL, t, NULL) == CN_E_ARGUMENT && strstr(c.message, "missing"), "none", 0, 0, 0);
    cn_clear(&c);
    check(cn_orthonormal(&c, huge, huge, x, NULL, NULL) == CN_E_SIZE && strstr(c.message, "overflows"), "huge", 0, 0,
          0);
    cn_clear(&c);
}

/* The public solvers name what is NaN or infinite before anything is allocated or changed, and say where a result is
   too large for its numbers. */
enum { EIGEN, CHOLESKY, RIGHT_SIDES, SVD, ROWS, SOLVERS };
static int solver(cn_ctx *c, int which, cn_real *a, cn_real *b, double *values) {
    return which == EIGEN  ? cn_eigen(c, 3, a, 0, 0, values, b, NULL)
           : which == SVD  ? cn_svd(c, 3, 3, a, values, b, NULL)
           : which == ROWS ? cn_orthonormal(c, 3, 3, a, b, NULL)
                           : cn_cholesky(c, 3, which == CHOLESKY ? a : b, 3, which == CHOLESKY ? b : a);
}

static void test_not_finite(void) {
    static const unsigned long long bits[] = {0x7FF8000000000000u, 0x7FF0000000000000u, 0xFFF0000000000000u};
    static const cn_real good[9] = {4, 1, 0, 1, 5, 1, 0, 1, 6};
    const double most = TEST_REAL(1.7e308, 3e38), least = TEST_REAL(1e-300, 1e-37);
    cn_ctx c = CN_ZERO;
    test_heap heap;
    cn_real a[9], b[9], before[9];
    double values[3], bad;
    char where[40];
    int which, k, i;
    memset(&heap, 0, sizeof heap);
    c.alloc = test_alloc;
    c.release = test_release;
    c.alloc_user = &heap;
    for (which = 0; which < SOLVERS; which++)
        for (k = 0; k < 3; k++)
            for (i = 0; i < 9; i++) {
                int read = which >= RIGHT_SIDES || i % 3 <= i / 3; /* of the others the lower triangle alone */
                memcpy(a, good, sizeof a);
                memcpy(b, good, sizeof b);
                memcpy(&bad, bits + k, sizeof bad);
                a[i] = (cn_real)bad;
                memcpy(before, a, sizeof a);
                heap.calls = 0;
                values[0] = 77;
                sprintf(where, "element %d of row %d is ", i % 3, i / 3);
                if (read)
                    check(solver(&c, which, a, b, values) == CN_E_DATA && strstr(c.message, where) && !heap.calls &&
                              !memcmp(a, before, sizeof a) && !memcmp(b, good, sizeof b) && values[0] == 77,
                          "not finite", (size_t)which, k, i);
                else
                    check(solver(&c, which, a, b, values) == CN_OK, "not finite, not read", (size_t)which, k, i);
                cn_clear(&c);
            }
    for (which = 0; which < SOLVERS; which++) {
        for (i = 0; i < 9; i++) a[i] = which >= RIGHT_SIDES || which == EIGEN ? (cn_real)most : good[i];
        for (i = 0; i < 9; i++) b[i] = which == RIGHT_SIDES ? (cn_real)(i % 4 ? 0 : least) : (cn_real)most;
        if (which == CHOLESKY) {
            a[0] = (cn_real)least;
            a[3] = 0;
        }
        if ((which == EIGEN || which == SVD) && sizeof(cn_real) == 4) continue; /* these values are doubles */
        check(solver(&c, which, a, b, values) == CN_E_NUMERIC &&
                  strstr(c.message, which == ROWS ? "too long" : "large"),
              "too large", (size_t)which, 0, 0);
        cn_clear(&c);
    }
}

/* one count for a whole problem */
#define ONE(call)                                 \
    do {                                          \
        int before = test_failed;                 \
        call;                                     \
        if (test_failed == before) test_passed++; \
    } while (0)

TEST_MAIN {
/* one size of each path: one leaf (up to 32), two, four; in two stages (beyond 160) only random ones */
#ifdef TEST_QUICK
    static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 8, 17, 32, 33, 65}, small[] = {0, 1, 2, 3, 5, 10, 32, 46};
#else
    static const size_t sizes[] = {0,   1,   2,   3,   4,   5,   7,   8,   16,  31,  32,  33,  34,  35,  63,
                                   64,  65,  66,  67,  97,  127, 128, 129, 159, 160, 161, 162, 191, 193, 223,
                                   224, 225, 226, 227, 256, 257, 263, 300, 419, 512, 521, 640, 700};
    /* 8 and more side by side up to 45 */
    static const size_t small[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 24, 25, 32, 38, 45, 46, 51, 64};
#endif
    static const size_t shape[][2] = {{0, 0},
                                      {0, 3},
                                      {1, 1},
                                      {1, 5},
                                      {5, 1},
                                      {2, 2},
                                      {3, 7},
                                      {7, 3},
                                      {20, 20},
                                      {TEST_SIZE(50, 23), TEST_SIZE(33, 17)},
                                      {TEST_SIZE(33, 17), TEST_SIZE(50, 23)},
                                      {120, 10},
                                      {64, 64}};
    /* samples, p, q: small p; one strip; the last ones more of samples, of rows, of columns, and columns wider than a
       strip */
    static const size_t kronecker[][3] = {{3, 1, 1}, {0, 3, 3}, {5, 1, 9},   {4, 2, 7},   {1, 3, 1},   {6, 3, 4},
                                          {2, 8, 5}, {9, 5, 8}, {600, 4, 5}, {20, 50, 3}, {20, 3, 50}, {3, 3, 1030}};
    /* blocks of 16 rows, sections of 1024; more rows than elements */
    static const size_t rows[][2] = {{0, 4},   {1, 1},   {1, 9},    {5, 1},     {2, 2},    {15, 15}, {16, 20},
                                     {17, 17}, {30, 12}, {33, 200}, {40, 1025}, {100, 60}, {60, 60}, {200, 203}};
    const size_t shapes = sizeof shape / sizeof *shape - TEST_SIZE(0, 2);
    size_t i, k, limit = TEST_SIZE(700, 70);
    int kind, best;
    isa = cn__cpu();
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (kind = 0; kind < KINDS; kind += TEST_SIZE(1, sizes[i] > 64 ? 3 : 1)) {
            ONE(test_eigen(kind, sizes[i], sizes[i] < 300 || kind == RANDOM || kind == CLUSTERED));
        }
    }
    for (best = isa, isa = CN_ISA_C; isa <= CN_ISA_WASM; isa++) {
        if (!cn__isa_ok(isa, best)) continue;
        for (i = 0; i < sizeof small / sizeof *small; i++) {
            k = small[i];
            ONE(test_small(k, TEST_SIZE(40, k <= 5 ? 20 : 9), 1)); /* 8 and more: side by side */
            ONE(test_small(k, TEST_SIZE(3, k <= 24 ? 3 : 1), 1));  /* one by one */
            ONE(test_small(k, TEST_SIZE(8, k <= 24 ? 3 : 1), 1e300));
            /* -ffast-math flushes denormals: leave room for small eigenvalues */
            ONE(test_small(k, TEST_SIZE(8, k <= 24 ? 3 : 1), FTZ ? 1e-285 : 1e-300));
        }
    }
    isa = best;
    for (k = 0; k <= TEST_SIZE(300, 45); k = k < 5 ? k + 1 : 3 * k) {
        ONE(test_tridiagonal(k, 1));
        ONE(test_tridiagonal(k, 1e300));
        ONE(test_tridiagonal(k, 1e-290));
    }
    for (k = 0; k <= limit; k = k < 4 ? k + 1 : 2 * k + 1) {
        ONE(test_cholesky(k, 0));
        ONE(test_cholesky(k, 1));
        ONE(test_cholesky(k, 5));
    }
    for (kind = 0; kind < 5; kind++) {
        for (i = 0; i < shapes; i++) {
            ONE(test_svd(kind, shape[i][0], shape[i][1]));
        }
    }
    for (k = 0; k < sizeof kronecker / sizeof *kronecker - TEST_SIZE(0, 4); k++) {
        ONE(test_kronecker(kronecker[k][0], kronecker[k][1], kronecker[k][2], k % 2));
    }
    for (best = isa, isa = CN_ISA_C; isa <= CN_ISA_WASM; isa++) {
        if (cn__isa_ok(isa, best)) ONE(test_kronecker(7, 4, 11, 1));
    }
    isa = best;
    ONE(test_kronecker_calls());
    for (kind = 0; kind < ROW_KINDS; kind++)
        for (k = 0; k < sizeof rows / sizeof *rows - TEST_SIZE(0, 3); k++)
            if (kind != HILBERT || rows[k][1] < 100) ONE(test_orthonormal(kind, rows[k][0], rows[k][1]));
    for (k = 0; k < 40; k += k < 4 ? 1 : 9) {
        ONE(test_orthonormal_beside(0, k, 50 + k));
        ONE(test_orthonormal_beside(15, k, 2050));
        ONE(test_orthonormal_beside(21, k, 21 + k));
    }
    for (best = isa, isa = CN_ISA_C; isa <= CN_ISA_WASM; isa++) {
        if (cn__isa_ok(isa, best)) ONE(test_orthonormal(FULL, 20, 30));
    }
    isa = best;
    ONE(test_orthonormal_calls());
    ONE(test_not_finite());
    ONE(test_svd_relative(0));
    ONE(test_svd_relative(1));
    ONE(test_bad_input());
    ONE(test_eigen(RANDOM, TEST_SIZE(2500, 163), 0));
}
