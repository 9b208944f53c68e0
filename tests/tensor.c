/* Floor 2, tensor: views, counts, rows, and conversion of every type to every other. */
#include "../curvnoise.h"
#include "test.h"

static const size_t type_size[] = {sizeof(cn_real), 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
/* smallest and largest number of each */
static const double low[] = {0, 0, -128, 0, -32768, 0, -2147483648.0, 0, -9223372036854775808.0};
/* integer type that a double holds */
static const double high[] = {
    0, 255, 127, 65535, 32767, 4294967295.0, 2147483647.0, 18446744073709549568.0, 9223372036854774784.0};
#define BIG 4503599627370496.0 /* 2^52: from here on doubles are whole */

static int is_integer(int type) { return type >= CN_TYPE_U8 && type <= CN_TYPE_I64; }

static void put(void *at, int type, double v) /* plain C casts; v must fit */
{
    switch (type) {
    case CN_TYPE_U8:
        *(uint8_t *)at = (uint8_t)v;
        break;
    case CN_TYPE_I8:
        *(int8_t *)at = (int8_t)v;
        break;
    case CN_TYPE_U16:
        *(uint16_t *)at = (uint16_t)v;
        break;
    case CN_TYPE_I16:
        *(int16_t *)at = (int16_t)v;
        break;
    case CN_TYPE_U32:
        *(uint32_t *)at = (uint32_t)v;
        break;
    case CN_TYPE_I32:
        *(int32_t *)at = (int32_t)v;
        break;
    case CN_TYPE_U64:
        *(uint64_t *)at = (uint64_t)v;
        break;
    case CN_TYPE_I64:
        *(int64_t *)at = (int64_t)v;
        break;
    case CN_TYPE_F32:
        *(float *)at = (float)v;
        break;
    case CN_TYPE_F64:
        *(double *)at = v;
        break;
    default:
        *(cn_real *)at = (cn_real)v;
        break;
    }
}

static double get(const void *at, int type) {
    switch (type) {
    case CN_TYPE_U8:
        return *(const uint8_t *)at;
    case CN_TYPE_I8:
        return *(const int8_t *)at;
    case CN_TYPE_U16:
        return *(const uint16_t *)at;
    case CN_TYPE_I16:
        return *(const int16_t *)at;
    case CN_TYPE_U32:
        return *(const uint32_t *)at;
    case CN_TYPE_I32:
        return *(const int32_t *)at;
    case CN_TYPE_U64:
        return (double)*(const uint64_t *)at;
    case CN_TYPE_I64:
        return (double)*(const int64_t *)at;
    case CN_TYPE_F32:
        return (double)*(const float *)at;
    case CN_TYPE_F64:
        return *(const double *)at;
    default:
        return (double)*(const cn_real *)at;
    }
}

static int narrow(int type) { return type == CN_TYPE_F32 || (type == CN_TYPE_REAL && sizeof(cn_real) == 4); }
static int holds(int type, double v) /* can this type hold v exactly? */
{
    if (is_integer(type)) return v == floor(v) && v >= low[type] && v <= high[type];
    return narrow(type) ? (double)(float)v == v : 1;
}

/* What conversion should give: the nearest number of the type; *fits = 0 when there is none. */
static double expected(int type, double v, int *fits) {
    double r = v;
    *fits = 1;
    if (is_integer(type)) {
        if (fabs(v) < BIG) r = v - floor(v) < 0.5 ? floor(v) : ceil(v); /* halves: upwards, as floor(v + 1/2) */
        *fits = r >= low[type] && r <= high[type];
    } else if (narrow(type)) {
        *fits = fabs(v) < 3.4028235677973366e38; /* half a unit beyond FLT_MAX rounds to infinity */
        if (*fits) r = (double)(float)v;
    }
    return r;
}

static cn_tensor one(void *data, int type) { return cn_tensor_of(data, type, 1, 1, 0, 0, 0); }

static int convert_one(cn_ctx *c, int from, double value, double scale, int to, double *result) {
    union {
        double align;
        uint64_t word;
        unsigned char byte[16];
    } a, b;
    int status;
    memset(&b, 0x5A, sizeof b);
    put(&a, from, value);
    status = cn_convert(c, one(&a, from), scale, one(&b, to));
    cn_clear(c);
    *result = get(&b, to);
    if (status) {
        size_t i;
        for (i = 0; i < 16; i++)
            if (b.byte[i] != 0x5A) return -1;
    } /* refused: untouched */
    else if (b.byte[type_size[to]] != 0x5A)
        return -2; /* wrote beyond the element */
    return status;
}

static void pairs(void) {
    static const double values[] = {0,
                                    1,
                                    -1,
                                    0.5,
                                    -0.5,
                                    1.5,
                                    2.5,
                                    -1.5,
                                    -2.5,
                                    0.49999999999999994,
                                    -0.49999999999999994,
                                    2.4,
                                    2.6,
                                    -2.4,
                                    -2.6,
                                    100,
                                    126.5,
                                    127,
                                    127.4,
                                    127.5,
                                    128,
                                    -128,
                                    -128.5,
                                    -128.6,
                                    -129,
                                    254.4,
                                    255,
                                    255.4,
                                    255.5,
                                    256,
                                    32767,
                                    32768,
                                    -32768,
                                    -32769,
                                    65535,
                                    65536,
                                    16777216,
                                    16777217,
                                    2147483647.0,
                                    2147483648.0,
                                    -2147483648.0,
                                    -2147483649.0,
                                    4294967295.0,
                                    4294967296.0,
                                    BIG - 1,
                                    BIG,
                                    BIG + 1,
                                    BIG + 3,
                                    2 * BIG - 1,
                                    -BIG - 1,
                                    9223372036854774784.0,
                                    9223372036854775808.0,
                                    -9223372036854775808.0,
                                    18446744073709549568.0,
                                    18446744073709551616.0,
                                    3.4028234663852886e38,
                                    3.5e38,
                                    -3.5e38,
                                    1e-40,
                                    1e300,
                                    0.1,
                                    1.0 / 3};
    static const double scales[] = {1, 2, 0.5, 1.0 / 255, -1, 0};
    cn_ctx c = CN_ZERO;
    int from, to, status, fits, wrong, tried;
    size_t i, s;
    double got, want;
    for (from = CN_TYPE_REAL; from <= CN_TYPE_F64; from++)
        for (to = CN_TYPE_REAL; to <= CN_TYPE_F64; to++) {
            for (wrong = tried = 0, i = 0; i < sizeof values / sizeof *values; i++)
                for (s = 0; s < sizeof scales / sizeof *scales && holds(from, values[i]); s++) {
                    want = expected(to, scales[s] * values[i], &fits);
                    status = convert_one(&c, from, values[i], scales[s], to, &got);
                    tried++;
                    if (fits ? status == CN_OK && got == want : status == CN_E_DATA) continue;
                    if (!wrong++)
                        printf("       %.17g of type %d times %g to type %d: status %d, %.17g instead of %.17g\n",
                               values[i], from, scales[s], to, status, got, want);
                }
            CHECK(tried >= 18 && wrong == 0);
        }
}

static void whole_arrays(void) {
    enum { N = 300 };
    static double f64[N];
    static float f32[N];
    static cn_real reals[N];
    static uint8_t u8[N], before[N];
    static int8_t i8[N];
    static int64_t i64[N];
    cn_ctx c = CN_ZERO;
    size_t i;
    int bad;
    for (i = 0; i < N; i++) u8[i] = (uint8_t)(i * 7);
    /* same count, other shape */
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(u8, CN_TYPE_U8, 2, 30, 10, 0, 0), 1.0 / 255,
                            cn_tensor_of(reals, CN_TYPE_REAL, 3, 3, 10, 10, 0)),
                 CN_OK);
    for (bad = 0, i = 0; i < N; i++) bad += reals[i] != (cn_real)(1.0 / 255 * u8[i]);
    CHECK(bad == 0);
    memset(before, 0, sizeof before);
    /* and back */
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(reals, CN_TYPE_REAL, 1, N, 0, 0, 0), 255,
                            cn_tensor_of(before, CN_TYPE_U8, 1, N, 0, 0, 0)),
                 CN_OK);
    CHECK(memcmp(before, u8, N) == 0);
    for (i = 0; i < N; i++) {
        f64[i] = (double)i - 150.25;
        i64[i] = -1;
    }
    CHECK_STATUS(
        cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 4, cn_tensor_of(i64, CN_TYPE_I64, 1, N, 0, 0, 0)),
        CN_OK);
    for (bad = 0, i = 0; i < N; i++) bad += i64[i] != 4 * (int64_t)i - 601;
    CHECK(bad == 0);
    CHECK_STATUS(
        cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1, cn_tensor_of(f32, CN_TYPE_F32, 1, N, 0, 0, 0)),
        CN_OK);
    for (bad = 0, i = 0; i < N; i++) bad += f32[i] != (float)f64[i];
    CHECK(bad == 0);
    /* A refusal at the very last element leaves the first ones as they were, and names the element and its value. */
    for (i = 0; i < N; i++) {
        f64[i] = 1;
        i8[i] = 33;
        f32[i] = 44;
    }
    f64[N - 1] = 128;
    CHECK_STATUS(
        cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1, cn_tensor_of(i8, CN_TYPE_I8, 1, N, 0, 0, 0)),
        CN_E_DATA);
    CHECK_SENTENCE(&c, CN_E_DATA, "element 299, 128,");
    for (bad = 0, i = 0; i < N; i++) bad += i8[i] != 33;
    CHECK(bad == 0);
    cn_clear(&c);
    f64[N - 1] = HUGE_VAL;
    /* infinite */
    CHECK_STATUS(
        cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1, cn_tensor_of(f32, CN_TYPE_F32, 1, N, 0, 0, 0)),
        CN_E_DATA);
    cn_clear(&c);
    f64[N - 1] = HUGE_VAL - HUGE_VAL;
    /* NaN */
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1,
                            cn_tensor_of(reals, CN_TYPE_REAL, 1, N, 0, 0, 0)),
                 CN_E_DATA);
    CHECK_SENTENCE(&c, CN_E_DATA, "NaN");
    cn_clear(&c);
    CHECK_STATUS(
        cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1, cn_tensor_of(i64, CN_TYPE_I64, 1, N, 0, 0, 0)),
        CN_E_DATA);
    cn_clear(&c);
    f64[N - 1] = 1e308;
    /* the product is infinite */
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1e10,
                            cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0)),
                 CN_E_DATA);
    cn_clear(&c);
    CHECK(f64[0] == 1);
    f64[N - 1] = 1;
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), HUGE_VAL,
                            cn_tensor_of(f32, CN_TYPE_F32, 1, N, 0, 0, 0)),
                 CN_E_DATA);
    cn_clear(&c);
    for (bad = 0, i = 0; i < N; i++) bad += f32[i] != 44;
    CHECK(bad == 0);
    /* arguments */
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1,
                            cn_tensor_of(f32, CN_TYPE_F32, 1, N - 1, 0, 0, 0)),
                 CN_E_SHAPE);
    CHECK_SENTENCE(&c, CN_E_SHAPE, "300 elements do not fit 299");
    cn_clear(&c);
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(NULL, CN_TYPE_F64, 1, N, 0, 0, 0), 1,
                            cn_tensor_of(f32, CN_TYPE_F32, 1, N, 0, 0, 0)),
                 CN_E_SHAPE);
    cn_clear(&c);
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1,
                            cn_tensor_of(NULL, CN_TYPE_F32, 1, N, 0, 0, 0)),
                 CN_E_SHAPE);
    cn_clear(&c);
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, 99, 1, N, 0, 0, 0), 1, cn_tensor_of(f32, CN_TYPE_F32, 1, N, 0, 0, 0)),
                 CN_E_SHAPE);
    cn_clear(&c);
    CHECK_STATUS(cn_convert(&c, cn_tensor_of(f64, CN_TYPE_F64, 1, N, 0, 0, 0), 1, cn_tensor_of(f32, -1, 1, N, 0, 0, 0)),
                 CN_E_SHAPE);
    cn_clear(&c);
    { /* elements at any address: bytes of a file are not aligned */
        unsigned char file[1 + 4 * 5], out[1 + 8 * 5];
        int32_t v;
        double d;
        int j;
        for (j = 0; j < 5; j++) {
            v = 1000000 * j - 7;
            memcpy(file + 1 + 4 * j, &v, 4);
        }
        CHECK_STATUS(cn_convert(&c, cn_tensor_of(file + 1, CN_TYPE_I32, 1, 5, 0, 0, 0), 1,
                                cn_tensor_of(out + 1, CN_TYPE_F64, 1, 5, 0, 0, 0)),
                     CN_OK);
        for (j = 0; j < 5; j++) {
            memcpy(&d, out + 1 + 8 * j, 8);
            CHECK(d == 1e6 * j - 7);
        }
    }
}

static void views(void) {
    static cn_real a[2 * 3 * 4 * 5];
    static const uint16_t h[6] = {0, 1, 2, 3, 4, 5};
    cn_tensor t, r;
    size_t i, big = (size_t)1 << (sizeof(size_t) * 8 - 2);
    int type;
    t = cn_tensor_of(a, CN_TYPE_REAL, 4, 2, 3, 4, 5);
    CHECK(t.data == a && t.dims == 4 && t.type == CN_TYPE_REAL && t.shape[0] == 2 && t.shape[1] == 3 &&
          t.shape[2] == 4 && t.shape[3] == 5);
    CHECK(cn_count(t) == 120);
    r = cn_tensor_row(t, 1);
    CHECK(r.dims == 3 && r.shape[0] == 3 && r.shape[1] == 4 && r.shape[2] == 5 && r.data == a + 60 &&
          r.type == CN_TYPE_REAL && cn_count(r) == 60);
    r = cn_tensor_row(r, 2);
    CHECK(r.dims == 2 && r.data == a + 60 + 40 && cn_count(r) == 20);
    r = cn_tensor_row(r, 3);
    CHECK(r.dims == 1 && r.data == a + 60 + 40 + 15 && cn_count(r) == 5);
    r = cn_tensor_row(r, 4);
    CHECK(r.data == a + 119 && cn_count(r) == 1);                                         /* one element */
    CHECK(cn_tensor_row(t, 2).data == NULL && cn_tensor_row(t, (size_t)-1).data == NULL); /* no such row */
    CHECK(cn_tensor_row(cn_tensor_of(NULL, CN_TYPE_REAL, 2, 3, 4, 0, 0), 0).data == NULL);
    CHECK(cn_tensor_row(cn_tensor_of(a, CN_TYPE_REAL, 2, 0, 4, 0, 0), 0).data == NULL);
    CHECK(cn_tensor_row(cn_tensor_of(a, CN_TYPE_REAL, 2, 4, 0, 0, 0), 1).data == NULL); /* empty rows */
    CHECK(cn_tensor_row(cn_tensor_of(a, CN_TYPE_REAL, 0, 4, 0, 0, 0), 1).data == NULL);
    CHECK(cn_tensor_row(cn_tensor_of(a, 55, 2, 4, 4, 0, 0), 1).data == NULL);
    CHECK(cn_tensor_row(cn_tensor_of(a, CN_TYPE_REAL, 3, big, big, 4, 0), 1).data == NULL); /* overflowing */
    r = cn_tensor_row(cn_tensor_of(h, CN_TYPE_U16, 2, 3, 2, 0, 0), 2);
    CHECK(r.data == (const void *)(h + 4));             /* strides are of the type */
    t = cn_tensor_of(a, CN_TYPE_F64, 1, 7, 99, 99, 99); /* sizes beyond dims are ignored */
    CHECK(cn_count(t) == 7 && t.shape[1] == 1 && t.shape[2] == 1 && t.shape[3] == 1);
    t = cn_tensor_of(a, CN_TYPE_F64, 2, 7, 5, 99, 99);
    CHECK(t.shape[1] == 5 && t.shape[2] == 1 && t.shape[3] == 1);
    CHECK(cn_count(cn_tensor_of(a, CN_TYPE_F64, 2, 7, 3, 99, 99)) == 21 &&
          cn_count(cn_tensor_of(a, CN_TYPE_F64, 3, 7, 3, 2, 99)) == 42);
    /* one size is 0 */
    for (i = 0; i < 4; i++) CHECK(cn_count(cn_tensor_of(a, CN_TYPE_F64, 4, i != 0, i != 1, i != 2, i != 3)) == 0);
    CHECK(cn_count(cn_tensor_of(a, CN_TYPE_F64, 4, 0, (size_t)-1, (size_t)-1, 3)) == 0 &&
          cn_count(cn_tensor_of(a, CN_TYPE_F64, 4, (size_t)-1, (size_t)-1, 0, 3)) == 0);
    CHECK(cn_count(cn_tensor_of(a, CN_TYPE_F64, 0, 1, 1, 1, 1)) == 0 &&
          cn_count(cn_tensor_of(a, CN_TYPE_F64, 5, 1, 1, 1, 1)) == 0 &&
          cn_count(cn_tensor_of(a, CN_TYPE_F64, -1, 1, 1, 1, 1)) == 0);
    CHECK(cn_count(cn_tensor_of(a, -1, 1, 1, 1, 1, 1)) == 0 &&
          cn_count(cn_tensor_of(a, CN_TYPE_F64 + 1, 1, 1, 1, 1, 1)) == 0);
    CHECK(cn_count(cn_tensor_of(NULL, CN_TYPE_F64, 1, 5, 0, 0, 0)) == 5); /* a count needs no data */
    for (type = CN_TYPE_REAL; type <= CN_TYPE_F64;
         type++) { /* the most elements whose bytes can be counted, and one more */
        size_t most = (size_t)-1 / type_size[type];
        CHECK(cn_count(cn_tensor_of(a, type, 1, most, 0, 0, 0)) == most);
        if (type_size[type] > 1) CHECK(cn_count(cn_tensor_of(a, type, 1, most + 1, 0, 0, 0)) == 0);
    }
    CHECK(cn_count(cn_tensor_of(a, CN_TYPE_U8, 2, big, 3, 0, 0)) == 3 * big &&
          cn_count(cn_tensor_of(a, CN_TYPE_U8, 2, big, 4, 0, 0)) == 0);
    CHECK(cn_count(cn_tensor_of(a, CN_TYPE_U8, 3, big, 4, 4, 0)) == 0 &&
          cn_count(cn_tensor_of(a, CN_TYPE_U8, 4, 5, big, 1, 1)) == 0);
}

TEST_MAIN {
    CASE("views") views();
    CASE("every type to every type") pairs();
    CASE("arrays") whole_arrays();
}
