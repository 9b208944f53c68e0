/* files.c, floor 14: npy, safetensors, IDX, CIFAR-10 and networks as text. What is read against bytes made by numpy,
   PyTorch and a plain writer (golden_files.py); what is written against the same bytes; then everything that a file may
   be instead of what it claims. */
#if defined(__linux__)
#define _XOPEN_SOURCE 600
#endif
#include "../curvnoise.h"
#include "test.h"
#include "nets.h"
#include "golden.h"
#include "golden_layers.h"
#include "golden_files.h"
#if defined(__linux__)
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#endif
#include <limits.h>
#include <time.h>
#ifdef _WIN32
#include <wchar.h>
#endif

#define GOLDEN_FILES (sizeof golden_files / sizeof *golden_files)
#define LABEL(...) (sprintf(label, __VA_ARGS__), test_case = label)
static char label[2200];

/* A copy that ends where its memory ends, so that reading behind it is seen by tools that watch for it, `off` bytes off
   alignment. */
typedef struct tight {
    unsigned char *memory, *at;
} tight;
static tight tighten(const void *from, size_t n, size_t off) {
    tight t;
    t.memory = (unsigned char *)malloc(n + off + (n + off == 0));
    if (!t.memory) exit(1);
    t.at = t.memory + off;
    if (n) memcpy(t.at, from, n);
    return t;
}

static void open_ctx(cn_ctx *c, test_heap *heap) {
    memset(c, 0, sizeof *c);
    memset(heap, 0, sizeof *heap);
    c->alloc = test_alloc;
    c->release = test_release;
    c->alloc_user = heap;
}

static double element(const cn_tensor *t, size_t i) /* by cn_convert: independent of how the file was read */
{
    cn_ctx c = CN_ZERO;
    double v = -12345;
    size_t size = t->type <= CN_TYPE_I8 && t->type                                             ? 1
                  : t->type <= CN_TYPE_I16 && t->type                                          ? 2
                  : t->type == CN_TYPE_U32 || t->type == CN_TYPE_I32 || t->type == CN_TYPE_F32 ? 4
                                                                                               : 8;
    cn_convert(&c, cn_tensor_of((const unsigned char *)t->data + i * size, t->type, 1, 1, 0, 0, 0), 1,
               cn_tensor_of(&v, CN_TYPE_F64, 1, 1, 0, 0, 0));
    return v;
}

static int inside(const void *p, const void *from, size_t n) {
    return (const unsigned char *)p >= (const unsigned char *)from &&
           (const unsigned char *)p < (const unsigned char *)from + n;
}

/* ---- reading what others wrote */

static void read_golden(void) {
    size_t g, off, i;
    cn_ctx c;
    test_heap heap;
    cn_tensor t;
    int views = 0, copies = 0;
    for (g = 0; g < GOLDEN_FILES; g++) {
        const golden_file *f = golden_files + g;
        LABEL("%s", f->what);
        for (off = 0; off < 9; off++) {
            tight file = tighten(f->bytes, f->length, off);
            open_ctx(&c, &heap);
            memset(&t, 0, sizeof t);
            CHECK_STATUS(cn_tensor_read(&c, file.at, f->length, f->tensor, &t), CN_OK);
            if (c.status)
                printf("       %s\n", c.message);
            else {
                CHECK(t.type == f->type && t.dims == f->dims && memcmp(t.shape, f->shape, sizeof t.shape) == 0);
                CHECK((uintptr_t)t.data % (t.type <= CN_TYPE_I8                             ? 1
                                           : t.type <= CN_TYPE_I16                          ? 2
                                           : t.type <= CN_TYPE_I32 || t.type == CN_TYPE_F32 ? 4
                                                                                            : 8) ==
                      0);
                for (i = 0; i < cn_count(t); i++) CHECK(element(&t, i) == f->held[i]);
                CHECK(memcmp(file.at, f->bytes, f->length) == 0);
                if (inside(t.data, file.at, f->length)) {
                    views++;
                    CHECK(heap.now == 0);
                } else {
                    copies++;
                    CHECK(heap.calls == 1 && (uintptr_t)t.data % 64 == 0);
                    cn_free(&c, t.data);
                }
            }
            CHECK(heap.now == 0);
            free(file.memory);
        }
    }
    test_case = "views and copies";
    CHECK(views > 100 && copies > 100);
}

/* Where the bytes are as the machine wants them there is no copy: little-endian and aligned, and any file of single
   bytes. */
static void no_copies(void) {
    const uint16_t one = 1;
    int little = *(const unsigned char *)&one == 1;
    size_t g, seen = 0;
    cn_ctx c;
    test_heap heap;
    cn_tensor t;
    double aligned[256];
    for (g = 0; g < GOLDEN_FILES; g++) {
        const golden_file *f = golden_files + g;
        int bytes_only = f->type == CN_TYPE_U8 || f->type == CN_TYPE_I8, native;
        LABEL("%s", f->what);
        if (f->length > sizeof aligned) continue;
        native = (strstr(f->what, "npy <") && strstr(f->what, " C") && !strstr(f->what, "f2")) ||
                 strncmp(f->what, "npy version", 11) == 0 ||
                 (strncmp(f->what, "safetensors", 11) == 0 && !strstr(f->what, "F16") && !strstr(f->what, "off its"));
        native = native                                                                                 ? little
                 : strncmp(f->what, "npy >", 5) == 0 && strstr(f->what, " C") && !strstr(f->what, "f2") ? !little
                                                                                                        : 0;
        if (bytes_only && !strstr(f->what, " F")) native = 1;
        if (!native || strstr(f->what, "escape")) continue;
        seen++;
        open_ctx(&c, &heap);
        memcpy(aligned, f->bytes, f->length);
        CHECK_STATUS(cn_tensor_read(&c, aligned, f->length, f->tensor, &t), CN_OK);
        CHECK(inside(t.data, aligned, f->length) && heap.now == 0);
        if (strncmp(f->what, "safe", 4)) CHECK(heap.calls == 0);
    }
    test_case = "no copies";
    CHECK(seen > 15);
}

/* Every bit of the widest types, beyond what a double holds; half precision in all its 65536 patterns. */
static void every_bit(void) {
    static const char head[] = "{'descr': '<f2', 'fortran_order': False, 'shape': (65536,), }";
    static unsigned char half[65536 * 2 + 200];
    cn_ctx c = CN_ZERO;
    cn_tensor t;
    size_t i, n = sizeof head - 1, bad = 0;
    float v;
    uint64_t w[3];
    static const unsigned char wide[] = "\x93NUMPY\1\0\x3e\0{'descr': '>u8', 'fortran_order': False, 'shape': (3,), }  "
                                        "   \xff\xff\xff\xff\xff\xff\xff\xff\x80\0\0\0\0\0\0\1\1\2\3\4\5\6\7\x08";
    CHECK_STATUS(cn_tensor_read(&c, wide, sizeof wide - 1, NULL, &t), CN_OK);
    CHECK(t.type == CN_TYPE_U64 && t.shape[0] == 3);
    if (c.status == CN_OK) {
        memcpy(w, t.data, 24);
        CHECK(w[0] == (uint64_t)-1 && w[1] == ((uint64_t)1 << 63) + 1 &&
              w[2] == ((uint64_t)0x01020304 << 32) + 0x05060708);
    }
    memcpy(half, "\x93NUMPY\1\0", 8);
    half[8] = (unsigned char)n;
    half[9] = 0;
    memcpy(half + 10, head, n);
    for (i = 0; i < 65536; i++) {
        half[10 + n + 2 * i] = (unsigned char)(i & 255);
        half[11 + n + 2 * i] = (unsigned char)(i >> 8);
    }
    CHECK_STATUS(cn_tensor_read(&c, half, 10 + n + 2 * 65536, NULL, &t), CN_OK);
    CHECK(t.type == CN_TYPE_F32 && cn_count(t) == 65536);
    for (i = 0; c.status == CN_OK && i < 65536; i++) {
        int sign = (int)(i >> 15), e = (int)(i >> 10 & 31), m = (int)(i & 1023);
        uint32_t bits;
        memcpy(&bits, (const unsigned char *)t.data + 4 * i, 4);
        memcpy(&v, &bits, 4);
        if (e == 31)
            bad += !((bits & 0x7F800000) == 0x7F800000 && (int)(bits >> 31) == sign &&
                     ((bits & 0x7FFFFF) != 0) == (m != 0));
        /* IEEE 754 binary16 */
        else
            bad += !((double)v == (sign ? -1 : 1) * (e ? ldexp(1024 + m, e - 25) : ldexp(m, -24)) &&
                     (int)(bits >> 31) == sign);
    }
    CHECK(bad == 0);
    cn_free_all(&c);
}

static void cifar(void) {
    static unsigned char file[3 * 3073];
    size_t n, i, j, bad;
    cn_ctx c;
    test_heap heap;
    cn_tensor x, y;
    for (n = 1; n <= 3; n++) {
        for (i = 0; i < n * 3073; i++)
            file[i] = (unsigned char)(i % 3073 ? (i * 7 + i / 3073 + i / 256) & 255 : (3 * (i / 3073) + 4) % 10);
        open_ctx(&c, &heap);
        CHECK_STATUS(cn_tensor_read(&c, file, n * 3073, "x", &x), CN_OK);
        CHECK_STATUS(cn_tensor_read(&c, file, n * 3073, "y", &y), CN_OK);
        CHECK(x.type == CN_TYPE_U8 && x.dims == 4 && x.shape[0] == n && x.shape[1] == 3 && x.shape[2] == 32 &&
              x.shape[3] == 32);
        CHECK(y.type == CN_TYPE_U8 && y.dims == 1 && y.shape[0] == n && y.shape[1] == 1);
        for (i = bad = 0; i < n; i++) {
            bad += ((const unsigned char *)y.data)[i] != file[i * 3073];
            for (j = 0; j < 3072; j++) bad += ((const unsigned char *)x.data)[i * 3072 + j] != file[i * 3073 + 1 + j];
        }
        CHECK(bad == 0);
        CHECK_STATUS(cn_tensor_read(&c, file, n * 3073, NULL, &y), CN_OK);
        CHECK(memcmp(y.data, x.data, n * 3072) == 0);
        cn_free_all(&c);
        CHECK(heap.now == 0);
        CHECK_STATUS(cn_tensor_read(&c, file, n * 3073, "z", &y), CN_E_FILE);
        CHECK_SENTENCE(&c, CN_E_FILE, "'z'");
        cn_clear(&c);
        file[(n - 1) * 3073] = 10;
        memset(&y, 77, sizeof y);
        x = y;
        CHECK_STATUS(cn_tensor_read(&c, file, n * 3073, "y", &y), CN_E_FILE);
        CHECK_SENTENCE(&c, CN_E_FILE, n == 3 ? "image 2 should be from 0 to 9, not 10" : "not 10");
        CHECK(memcmp(&x, &y, sizeof x) == 0);
    }
    /* images that begin as other formats do: labels and pixels say what they are */
    for (i = 0; i < 3 * 3073; i++) file[i] = (unsigned char)(i % 3073 ? 200 : 3);
    file[0] = file[1] = 0;
    file[2] = 8;
    file[3] = 3;
    memset(&c, 0, sizeof c);
    CHECK_STATUS(cn_tensor_read(&c, file, 3 * 3073, "y", &y), CN_OK);
    CHECK(y.shape[0] == 3);
    file[8] = '{';
    CHECK_STATUS(cn_tensor_read(&c, file, 3 * 3073, "y", &y), CN_OK);
    CHECK(y.shape[0] == 3);
    cn_free_all(&c);
    { /* and an IDX file that happens to be a multiple of 3073 bytes long is IDX: 16 + 3057 = 3073 */
        static const unsigned char head[16] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 3, 251}; /* 1 x 3 x 1019 */
        memset(file, 1, 3073);
        memcpy(file, head, 16);
        CHECK_STATUS(cn_tensor_read(&c, file, 3073, "y", &y), CN_OK);
        CHECK(y.dims == 3 && y.shape[2] == 1019);
        cn_free_all(&c);
    }
}

/* ---- writing */

static const char *const parts_names[] = {"f", "u\"\\", "d", "i"};
static void some_parts(cn_part part[4], float *f, unsigned char *u, double *d, int64_t *i) {
    size_t k;
    for (k = 0; k < 6; k++) f[k] = (float)written_f32[k];
    for (k = 0; k < 5; k++) u[k] = (unsigned char)written_u8[k];
    for (k = 0; k < 6; k++) d[k] = written_f64[k];
    for (k = 0; k < 8; k++) i[k] = (int64_t)written_i64[k];
    memset(part, 0, 4 * sizeof *part);
    part[0].value = cn_tensor_of(f, CN_TYPE_F32, 2, 2, 3, 0, 0);
    part[1].value = cn_tensor_of(u, CN_TYPE_U8, 1, 5, 0, 0, 0);
    part[2].value = cn_tensor_of(d, CN_TYPE_F64, 3, 2, 1, 3, 0);
    part[3].value = cn_tensor_of(i, CN_TYPE_I64, 4, 2, 2, 1, 2);
    for (k = 0; k < 4; k++) strcpy(part[k].name, parts_names[k]);
}

/* What a writer gives: its length with and without room, nothing where there is none, and just these bytes. */
typedef size_t (*writer)(const void *what, void *out, size_t capacity);
static void check_written(writer write, const void *what, const unsigned char *wanted, size_t n) {
    size_t room, i, k;
    unsigned char *out = (unsigned char *)malloc(n + 64);
    if (!out) exit(1);
    CHECK(write(what, NULL, 0) == n);
    CHECK(write(what, NULL, n) == n);
    for (k = 0; k < 6; k++) {
        room = k == 0 ? 0 : k == 1 ? n / 2 : n + k - 3; /* 0, half, one too few, just enough, more */
        memset(out, 99, n + 64);
        CHECK(write(what, out, room) == n);
        for (i = 0; i < n + 64; i++)
            if (out[i] != (room >= n && i < n ? wanted[i] : 99)) break;
        CHECK(i == n + 64);
    }
    free(out);
}

static size_t write_tensor(const void *t, void *out, size_t capacity) {
    return cn_tensor_write(*(const cn_tensor *)t, out, capacity);
}
static size_t write_parts(const void *parts, void *out, size_t capacity) {
    return cn_parts_write((const cn_part *)parts, 4, out, capacity);
}
typedef struct pair {
    const cn_net *net;
    const cn_real *theta;
} pair;
static size_t write_theta(const void *p, void *out, size_t capacity) {
    return cn_theta_write(((const pair *)p)->net, ((const pair *)p)->theta, out, capacity);
}
static size_t write_text(const void *net, void *out, size_t capacity) {
    size_t n = cn_net_text((const cn_net *)net, (char *)out, capacity);
    return n ? n + 1 : 0;
}

static void writing(void) {
    cn_part part[4], wrong[4];
    float f[6];
    unsigned char u[5];
    double d[6];
    int64_t i[8];
    cn_tensor t;
    size_t k;
    unsigned char out[2000];
    some_parts(part, f, u, d, i);
    check_written(write_tensor, &part[0].value, npy_written_f32, npy_written_f32_bytes);
    check_written(write_tensor, &part[1].value, npy_written_u8, npy_written_u8_bytes);
    check_written(write_tensor, &part[2].value, npy_written_f64, npy_written_f64_bytes);
    check_written(write_tensor, &part[3].value, npy_written_i64, npy_written_i64_bytes);
    check_written(write_parts, part, parts_written, parts_written_bytes);
    for (k = 0; k < 8; k++) { /* what is no tensor, and no name */
        memcpy(wrong, part, sizeof part);
        t = part[0].value;
        if (k == 0) t.data = NULL;
        if (k == 1) t.shape[1] = 0;
        if (k == 2) t.type = 99;
        if (k == 3) t.dims = 5;
        if (k == 4) t.shape[0] = (size_t)-1 / 2;
        if (k < 5) {
            wrong[1].value = t;
            CHECK(cn_tensor_write(t, out, sizeof out) == 0);
        }
        if (k == 5) wrong[2].name[0] = 0;
        if (k == 6) strcpy(wrong[2].name, "f");
        if (k == 7) wrong[2].name[0] = '\n';
        CHECK(cn_parts_write(wrong, 4, out, sizeof out) == 0);
    }
    memset(wrong[2].name, 'a', sizeof wrong[2].name); /* without end */
    CHECK(cn_parts_write(wrong, 4, out, sizeof out) == 0);
    strcpy(wrong[2].name, "__metadata__");
    CHECK(cn_parts_write(wrong, 4, out, sizeof out) == 0);
    CHECK(cn_parts_write(NULL, 4, out, sizeof out) == 0 && cn_parts_write(part, 0, out, sizeof out) == 0);
}

/* Every type: written as npy and as safetensors, read back, the same bits. */
static void round_trips(void) {
    static const size_t size[] = {sizeof(cn_real), 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    int type, dims;
    size_t i, n;
    cn_ctx c;
    test_heap heap;
    cn_tensor t, back;
    double data[12];
    unsigned char file[1000];
    cn_part part;
    for (type = CN_TYPE_REAL; type <= CN_TYPE_F64; type++)
        for (dims = 1; dims <= 4; dims++) {
            LABEL("type %d of %d dimensions", type, dims);
            for (i = 0; i < sizeof data; i++) ((unsigned char *)data)[i] = (unsigned char)((i * 37 + 11) & 255);
            t = cn_tensor_of(data, type, dims, 2, 3, 1, 2);
            open_ctx(&c, &heap);
            n = cn_tensor_write(t, file, sizeof file);
            CHECK(n && n <= sizeof file && n % 64 == cn_count(t) * size[type] % 64);
            CHECK_STATUS(cn_tensor_read(&c, file, n, NULL, &back), CN_OK);
            CHECK(back.type == (type                   ? type
                                : sizeof(cn_real) == 8 ? CN_TYPE_F64
                                                       : CN_TYPE_F32) &&
                  back.dims == dims && memcmp(back.shape, t.shape, sizeof t.shape) == 0);
            CHECK(c.status == CN_OK && memcmp(back.data, data, cn_count(t) * size[type]) == 0);
            memset(&part, 0, sizeof part);
            strcpy(part.name, "some.name");
            part.value = t;
            n = cn_parts_write(&part, 1, file, sizeof file);
            CHECK(n && n <= sizeof file && (n - cn_count(t) * size[type]) % 8 == 0);
            CHECK_STATUS(cn_tensor_read(&c, file, n, "some.name", &back), CN_OK);
            CHECK(c.status == CN_OK && back.dims == dims && memcmp(back.shape, t.shape, sizeof t.shape) == 0 &&
                  memcmp(back.data, data, cn_count(t) * size[type]) == 0);
            cn_free_all(&c);
            CHECK(heap.now == 0);
        }
}

/* ---- theta */

static int near_theta(const cn_real *theta, size_t from, size_t to) {
    size_t i;
    /* multiples of 1/128: exact in every type */
    for (i = from; i < to; i++)
        if (theta[i] != (cn_real)state_theta[i]) return 0;
    return 1;
}

static void theta(void) {
    static const struct {
        const char *what;
        const unsigned char *file;
        size_t n;
        int state;
    } files[] = {{"PyTorch's state", state_file, state_file_bytes, 1},
                 {"in half precision, by name", state_half, state_half_bytes, 1},
                 {"npy", state_npy, state_npy_bytes, 0},
                 {"npy with the state, big-endian", state_all_npy, state_all_npy_bytes, 1},
                 {"floats", state_written_float, state_written_float_bytes, 1},
                 {"doubles", state_written_double, state_written_double_bytes, 1}};
    cn_ctx c;
    test_heap heap;
    cn_net *net;
    cn_net_info info;
    cn_real *values;
    size_t i, k, off, now;
    cn_part part;
    pair p;
    open_ctx(&c, &heap);
    net = cn_net_create(&c, state_text);
    info = cn_net_describe(net);
    CHECK(info.size == sizeof state_theta / sizeof *state_theta && info.state == 14);
    values = cn_vector(&c, info.size);
    now = heap.now;
    for (k = 0; k < sizeof files / sizeof *files; k++)
        for (off = 0; off < 5; off++) {
            tight file = tighten(files[k].file, files[k].n, off);
            LABEL("theta: %s", files[k].what);
            for (i = 0; i < info.size; i++) values[i] = -77;
            CHECK_STATUS(cn_theta_read(&c, net, file.at, files[k].n, values), CN_OK);
            if (c.status) {
                printf("       %s\n", c.message);
                cn_clear(&c);
            }
            CHECK(near_theta(values, 0, info.params));
            if (files[k].state)
                CHECK(near_theta(values, info.params, info.size));
            else
                for (i = 0; i < info.parts; i++) { /* mean 0, variance 1 */
                    size_t j;
                    cn_net_part(net, values, i, &part);
                    for (j = 0; part.is_state && j < part.block.count; j++)
                        CHECK(values[part.block.first + j] == (strstr(part.name, "var") ? 1 : 0));
                }
            CHECK(heap.now == now);
            free(file.memory);
        }
    test_case = "theta written";
    for (i = 0; i < info.size; i++) values[i] = (cn_real)state_theta[i];
    p.net = net;
    p.theta = values;
    if (sizeof(cn_real) == 8)
        check_written(write_theta, &p, state_written_double, state_written_double_bytes);
    else
        check_written(write_theta, &p, state_written_float, state_written_float_bytes);
    CHECK(cn_theta_write(NULL, values, NULL, 0) == 0 && cn_theta_write(net, NULL, NULL, 0) == 0);
    test_case = "PyTorch's outputs";
    {
        static const unsigned char zero[3] = {0, 0, 0};
        cn_real x[3 * 32], y[9];
        cn_data data = CN_ZERO;
        cn_problem *problem;
        for (i = 0; i < 3 * 32; i++) x[i] = (cn_real)state_x[i];
        data.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 3, 32, 0, 0);
        data.y = cn_tensor_of(zero, CN_TYPE_U8, 1, 3, 0, 0, 0);
        problem = cn_problem_create(&c, net, &data, NULL);
        CHECK_STATUS(cn_predict(problem, values, NULL, y), CN_OK);
        CHECK(test_error(9, y, state_y) < 100 * TEST_EPS); /* sums of 36 products, four layers deep */
    }
    cn_free_all(&c);
    CHECK(heap.now == 0);
}

/* ---- what is not what it claims */

/* Reading this is refused with a sentence that has the words; nothing is changed, nothing is kept. */
static int refused_count;
static void refused(const void *from, size_t n, const char *name, int status, const char *words) {
    cn_ctx c;
    test_heap heap;
    cn_tensor t, before;
    size_t off;
    int got;
    for (off = 0; off < 2; off++) {
        tight file = tighten(from, n, off);
        open_ctx(&c, &heap);
        memset(&t, 77, sizeof t);
        before = t;
        got = cn_tensor_read(&c, file.at, n, name, &t);
        CHECK(got == status && c.status == status);
        CHECK(c.message[0] && strlen(c.message) < sizeof c.message);
        CHECK(memcmp(&t, &before, sizeof t) == 0 && heap.now == 0 && c.bytes_now == 0);
        CHECK(heap.peak <= 4 * n + 1024); /* no more memory than the file justifies */
        CHECK(strstr(c.message, words) != NULL);
        if (got != status || !strstr(c.message, words))
            printf("       status %d, \"%s\" without \"%s\"\n", got, c.message, words);
        free(file.memory);
    }
    refused_count++;
}

static struct {
    unsigned char *at;
    size_t n;
} made; /* the file that the next ones make */
static unsigned char made_room[6000];
static void append(const void *from, size_t n) {
    memcpy(made.at + made.n, from, n);
    made.n += n;
}
static void start_file(void) {
    made.at = made_room;
    made.n = 0;
}
static void data_bytes(size_t n) {
    memset(made.at + made.n, 1, n);
    made.n += n;
}

static void make_safe(const char *json, size_t data) /* the header's length is right */
{
    unsigned char length[8];
    size_t i, n = strlen(json);
    start_file();
    for (i = 0; i < 8; i++) length[i] = (unsigned char)(i < 2 ? n >> 8 * i & 255 : 0);
    append(length, 8);
    append(json, n);
    data_bytes(data);
}

static void make_npy(const char *dict, size_t data) {
    size_t n = strlen(dict);
    unsigned char length[2];
    start_file();
    length[0] = (unsigned char)(n & 255);
    length[1] = (unsigned char)(n >> 8);
    append("\x93NUMPY\1\0", 8);
    append(length, 2);
    append(dict, n);
    data_bytes(data);
}

#define T "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}"
#define T2(name, offsets) "\"" name "\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":" offsets "}"
static const struct {
    const char *json;
    size_t data;
    const char *words;
} bad_safe[] =
    {/* all read as tensor "w" */
     {"{", 2, "end"},
     {"{\"w\"", 2, "':'"},
     {"{\"w\":", 2, "'{'"},
     {"{\"w\":{", 2, "a key"},
     {"{\"w\":" T, 2, "'}'"},
     {"{\"w\":" T ",", 2, "a name"},
     {"{\"w\":" T ",}", 2, "a name"},
     {"{\"w\":" T "}}", 2, "the header's end is expected at byte 61"},
     {"{\"w\":" T "} x", 2, "the header's end"},
     {"{\"w\":" T "}{", 2, "the header's end"},
     {"{w:" T "}", 2, "a name"},
     {"{'w':" T "}", 2, "a name"},
     {"{\"w:" T "}", 2, "':'"},
     {"{\"w\" " T "}", 2, "':'"},
     {"{\"w\":[]}", 2, "'{'"},
     {"{\"w\":3}", 2, "'{'"},
     {"{\"w\":null}", 2, "'{'"},
     {"{\"w\":{}}", 2, "a key"},
     {"{\"w\":{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{", 2, "a key"},
     {"{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{", 2, "a name"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[[[[[[[[[[[[2]]]]]]]]]]]],\"data_offsets\":[0,2]}}", 2, "whole number"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2]}}", 2, "'data_offsets' is missing"},
     {"{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,2]}}", 2, "'shape' is missing"},
     {"{\"w\":{\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "'dtype' is missing"},
     {"{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "'dtype' occurs twice"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "'shape' occurs twice"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"data_offsets\":[0,2]}}", 2,
      "'data_offsets' occurs twice"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"extra\":1}}", 2, "'extra'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],}}", 2, "a key"},
     {"{\"w\":{\"dtype\":\"U9\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "'U9'"},
     {"{\"w\":{\"dtype\":\"\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "not ''"},
     {"{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "F8_E4M3"},
     {"{\"w\":{\"dtype\":8,\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "the name of a type"},
     {"{\"w\":{\"dtype\":\"u8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "'u8'"},
     {"{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2,
      "tensor 'w': shape [2] of F32 takes 8 bytes; there are 2"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,2]}}", 2, "takes 3 bytes; there are 2"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,2]}}", 2, "takes 1 bytes; there are 2"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[-2],\"data_offsets\":[0,2]}}", 2,
      "tensor 'w', shape: a whole number from 0 that fits a size is expected at byte 36, not '-'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2.0],\"data_offsets\":[0,2]}}", 2, "not '.'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2e0],\"data_offsets\":[0,2]}}", 2, "not 'e'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[02],\"data_offsets\":[0,2]}}", 2, "whole number"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[+2],\"data_offsets\":[0,2]}}", 2, "not '+'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[0x2],\"data_offsets\":[0,2]}}", 2, "not 'x'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[\"2\"],\"data_offsets\":[0,2]}}", 2, "whole number"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2,],\"data_offsets\":[0,2]}}", 2, "not ']'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2 1],\"data_offsets\":[0,2]}}", 2, "','"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[,2],\"data_offsets\":[0,2]}}", 2, "not ','"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":(2),\"data_offsets\":[0,2]}}", 2, "a list"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":2,\"data_offsets\":[0,2]}}", 2, "a list"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2,\"data_offsets\":[0,2]}}", 2, "whole number"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,2],\"data_offsets\":[0,2]}}", 2, "tensor 'w', shape: at most 4"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[999999999999999999999999999999],\"data_offsets\":[0,2]}}", 2, "fits"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[18446744073709551616],\"data_offsets\":[0,2]}}", 2, "fits"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,4294967296,2],\"data_offsets\":[0,2]}}", 2, ""},
     {"{\"w\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0, ""},
     {"{\"w\":{\"dtype\":\"F64\",\"shape\":[536870912],\"data_offsets\":[0,0]}}", 0,
      "536870912"}, /* bytes wrap to 0 in 64 and 32 bits */
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, ""},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[65536,65536],\"data_offsets\":[0,0]}}", 0, "65536"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "tensor 'w': shape [0] has no elements"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2,0],\"data_offsets\":[0,0]}}", 0, "no elements"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,0]}}", 2, "rising"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,3]}}", 2, "'data_offsets'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 2, "they are [1, 3]"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[-1,1]}}", 2, "not '-'"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0]}}", 2, "should be two"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[]}}", 2, "should be two"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2,4]}}", 2, "tensor 'w', data_offsets: at most 2"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}", 2, "fits"},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[18446744073709551614,18446744073709551615]}}", 2, ""},
     {"{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4294967294,4294967295]}}", 2, "4294967295"},
     {"{\"w\":" T "}", 3, "the tensors take 2 bytes of data; there are 3"},
     {"{\"w\":" T "}", 1, "'data_offsets'"},
     {"{\"w\":" T "}", 0, "within the 0 bytes"},
     {"{" T2("w", "[0,2]") "," T2("v", "[0,2]") "}", 2, "should begin at 2"},
     {"{" T2("w", "[0,2]") "," T2("v", "[1,3]") "}", 3,
      "tensor 'v': its data should begin at 2, where those before it end, not at 1"},
     {"{" T2("w", "[0,2]") "," T2("v", "[3,5]") "}", 5, "tensor 'v'"},
     {"{" T2("w", "[1,3]") "}", 3, "tensor 'w': its data should begin at 0"},
     {"{" T2("w", "[2,4]") "," T2("v", "[1,3]") "}", 4, "should begin at 0"},
     {"{" T2("w", "[0,2]") ",\"e\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}", 2,
      "tensor 'e'"}, /* empty, but within another */
     {"{" T2("w", "[0,2]") "," T2("w", "[2,4]") "}", 4, "'w' occurs twice"},
     {"{" T2("w", "[0,2]") "," T2("v", "[2,4]") "," T2("\\u0077", "[4,6]") "}", 6, "'w' occurs twice"},
     {"{" T2("a", "[0,2]") "," T2("w", "[4,6]") "," T2("a", "[2,4]") "}", 6, "'a' occurs twice"},
     {"{" T2("v", "[0,2]") "}", 2, "no 'w'"},
     {"{}", 0, "no tensor 'w'"},
     {"{\"__metadata__\":{}}", 0, "no tensor 'w'"},
     {"{\"__metadata__\":{\"a\":\"b\"},\"__metadata__\":{},\"w\":" T "}", 2, "__metadata__"},
     {"{\"__metadata__\":{\"a\":1},\"w\":" T "}", 2, "__metadata__"},
     {"{\"__metadata__\":{\"a\":{\"b\":\"c\"}},\"w\":" T "}", 2, "__metadata__"},
     {"{\"__metadata__\":{\"a\":\"b\nc\"},\"w\":" T "}", 2, "__metadata__"},
     {"{\"__metadata__\":[],\"w\":" T "}", 2, "__metadata__"},
     {"{\"__metadata__\":{\"a\":\"b\",},\"w\":" T "}", 2, "__metadata__"},
     {"{\"__metadata__\":{\"a\":\"b\"", 2, "'}'"},
     {"{\"__metadata__\":{\"a\":\"b\\q\"},\"w\":" T "}", 2, "__metadata__"},
     {"{\"w\\u12g4\":" T "}", 2, "a name"},
     {"{\"w\\ud800\":" T "}", 2, "a name"},
     {"{\"w\\udc00\":" T "}", 2, "a name"},
     {"{\"w\\ud800\\ud800\":" T "}", 2, "a name"},
     {"{\"w\\ud8", 2, "a name"},
     {"{\"w\\", 2, "a name"},
     {"{\"w\\u0000\":" T "}", 2, "a name"},
     {"{\"w\\n\":" T "}", 2, "a name"},
     {"{\"w\n\":" T "}", 2, "a name"},
     {"{\"w\\x\":" T "}", 2, "a name"},
     {"{" T2("", "[0,2]") "}", 2, "no 'w'"},
     {"{\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
      "901234567890123456789\":" T "}",
      2, "at most 127 bytes"},
     {"{\"w\":{\"dtype\":"
      "\"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      "01234567890123456789\"}}",
      2, "the name of a type"}};

#define D(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape "}\n"
static const struct {
    const char *dict;
    size_t data;
    const char *words;
} bad_npy[] = {{"", 6, "'{'"},
               {"{", 6, "a key"},
               {"{'descr'", 6, "':'"},
               {"{'descr':", 6, "the name of a type"},
               {"{'descr': '<f4", 6, "the name of a type"},
               {"{'descr': '<f4',", 6, "a key"},
               {"{}", 6, "'descr' is missing"},
               {"[]", 6, "'{'"},
               {"{'descr': '|u1', 'fortran_order': False}", 6, "'shape' is missing"},
               {"{'shape': (6,), 'fortran_order': False}", 6, "'descr' is missing"},
               {"{'descr': '|u1', 'shape': (6,)}", 6, "'fortran_order' is missing"},
               {D("'|u1'", "False", "(6,)") "x", 6, "the header's end"},
               {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,)", 6, "',' or '}'"},
               {"{'descr': '|u1' 'fortran_order': False, 'shape': (6,)}", 6, "','"},
               {"{,'descr': '|u1', 'fortran_order': False, 'shape': (6,)}", 6, "a key"},
               {"{'descr': '|u1',, 'fortran_order': False, 'shape': (6,)}", 6, "a key"},
               {"{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (6,)}", 6, "'descr' occurs twice"},
               {"{'descr': '|u1', 'fortran_order': False, 'shape': (6,), 'more': 1}", 6, "'more'"},
               {D("'|u1'", "false", "(6,)"), 6, "True or False"},
               {D("'|u1'", "0", "(6,)"), 6, "True or False"},
               {"{'fortran_order': Fals", 6, "True or False"},
               {D("'|u3'", "False", "(6,)"), 18, "'|u3'"},
               {D("'<f1'", "False", "(6,)"), 6, "'<f1'"},
               {D("'<b2'", "False", "(6,)"), 12, "'<b2'"},
               {D("'<c8'", "False", "(6,)"), 48, "'<c8'"},
               {D("'|O'", "False", "(6,)"), 48, "'|O'"},
               {D("'<f16'", "False", "(6,)"), 96, "'<f16'"},
               {D("'<U5'", "False", "(6,)"), 120, "'<U5'"},
               {D("'u1'", "False", "(6,)"), 6, "'u1'"},
               {D("''", "False", "(6,)"), 6, "''"},
               {D("'<m8'", "False", "(6,)"), 48, "'<m8'"},
               {D("'xu1'", "False", "(6,)"), 6, "'xu1'"},
               {D("[('a', '<f4'), ('b', '<i4')]", "False", "(6,)"), 48, "the name of a type"},
               {D("'|u1'", "False", "6"), 6, "a list"},
               {D("'|u1'", "False", "[6]"), 6, "a list"},
               {D("'|u1'", "False", "(-6,)"), 6, "not '-'"},
               {D("'|u1'", "False", "(6.0,)"), 6, "not '.'"},
               {D("'|u1'", "False", "(2 3)"), 6, "','"},
               {D("'|u1'", "False", "(,6)"), 6, "not ','"},
               {D("'|u1'", "False", "(6,,)"), 6, "not ','"},
               {D("'|u1'", "False", "(6"), 6, "','"},
               {D("'|u1'", "False", "(06,)"), 6, "whole number"},
               {D("'|u1'", "False", "(999999999999999999999999999999,)"), 6, "fits"},
               {D("'|u1'", "False", "(1, 1, 1, 1, 6)"), 6, "npy, shape: at most 4"},
               {D("'|u1'", "False", "(4294967296, 4294967296)"), 0, ""},
               {D("'<f8'", "False", "(2305843009213693952,)"), 0, ""},
               {D("'<f8'", "True", "(536870912,)"), 0, "536870912"},
               {D("'|u1'", "False", "(65536, 65536)"), 0, "65536"},
               {D("'|u1'", "False", "(0,)"), 0, "no elements"},
               {D("'|u1'", "False", "(3, 0)"), 0, "no elements"},
               {D("'|u1'", "False", "(6,)"), 5, "npy: shape [6] of U8 takes 6 bytes; there are 5"},
               {D("'|u1'", "False", "(6,)"), 7, "there are 7"},
               {D("'<f4'", "True", "(2, 3)"), 6, "shape [2, 3] of F32 takes 24 bytes"},
               {D("'|u1'", "False", "()"), 6, "takes 1 bytes"},
               {D("'|u1'", "False", "(6,)"), 0, "there are 0"},
               {D("'\\u00", "False", "(6,)"), 6, "the name of a type"}};

static void malformed(void) {
    static const unsigned char idx[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    unsigned char f[64];
    size_t i, k;
    static const struct {
        size_t at;
        int value;
        const char *words;
    } bad_idx[] = {{2, 10, "type 10"},
                   {3, 5, "5 dimensions"},
                   {3, 255, "255 dimensions"},
                   {7, 3, "takes 9 bytes; there are 6"},
                   {4, 255, "there are 6"},
                   {7, 0, "takes 0"},
                   {3, 1, "there are 10"},
                   {3, 3, "there are 2"},
                   {3, 4, "IDX"},
                   {2, 14, "of F64 takes 48 bytes"},
                   {2, 13, "of F32"},
                   {0, 1, "none of"},
                   {2, 7, "none of"},
                   {2, 15, "none of"}};
    for (i = 0; i < sizeof bad_safe / sizeof *bad_safe; i++) {
        LABEL("safetensors %.2000s", bad_safe[i].json);
        make_safe(bad_safe[i].json, bad_safe[i].data);
        refused(made.at, made.n, "w", CN_E_FILE, bad_safe[i].words);
    }
    for (i = 0; i < sizeof bad_npy / sizeof *bad_npy; i++) {
        LABEL("npy %.2000s", bad_npy[i].dict);
        make_npy(bad_npy[i].dict, bad_npy[i].data);
        refused(made.at, made.n, NULL, CN_E_FILE, bad_npy[i].words);
    }
    for (i = 0; i < sizeof bad_idx / sizeof *bad_idx; i++) {
        LABEL("IDX, byte %d = %d", (int)bad_idx[i].at, bad_idx[i].value);
        memcpy(f, idx, sizeof idx);
        f[bad_idx[i].at] = (unsigned char)bad_idx[i].value;
        refused(f, sizeof idx, NULL, CN_E_FILE, bad_idx[i].words);
    }
    test_case = "npy, version and length";
    make_npy(D("'|u1'", "False", "(6,)"), 6);
    for (k = 0; k < 256; k++) {
        unsigned char was = made.at[6];
        made.at[6] = (unsigned char)k;
        if (k != 1) refused(made.at, made.n, NULL, CN_E_FILE, "npy");
        made.at[6] = was;
    }
    made.at[7] = 1;
    refused(made.at, made.n, NULL, CN_E_FILE, "not 1.1");
    made.at[7] = 0;
    made.at[9] = 255;
    refused(made.at, made.n, NULL, CN_E_FILE, "the header should have");
    made.at[9] = 0;
    test_case = "safetensors, length";
    for (k = 0; k < 8; k++) { /* every byte of the header's length set high */
        make_safe("{\"w\":" T "}", 2);
        made.at[k] = 255;
        refused(made.at, made.n, "w", CN_E_FILE, "safetensors: the header should have");
    }
    make_safe("{\"w\":" T "}", 2);
    for (k = 0; k < 8; k++) made.at[k] = 255;
    refused(made.at, made.n, "w", CN_E_FILE, "safetensors: the header should have");
    test_case = "safetensors, no name";
    make_safe("{" T2("a", "[0,2]") "," T2("b", "[2,4]") "}", 4);
    refused(made.at, made.n, NULL, CN_E_FILE, "there are 2 tensors");
    refused(made.at, made.n, "", CN_E_FILE, "there are 2 tensors");
    refused(made.at, made.n, "ab", CN_E_FILE, "no 'ab'");
    make_safe("{}", 0);
    refused(made.at, made.n, NULL, CN_E_FILE, "no tensor 'of any name', and no other");
    test_case = "nothing of all";
    refused("", 0, NULL, CN_E_FILE, "none of");
    refused("hello, world", 12, NULL, CN_E_FILE, "the 12 bytes are none of npy, safetensors, IDX and CIFAR-10");
    refused("PK\3\4 an archive, as np.savez makes", 33, NULL, CN_E_FILE, "none of");
    test_case = "names of 127 and 128 bytes";
    {
        char json[300];
        cn_ctx c = CN_ZERO;
        cn_tensor t;
        for (k = 127; k <= 128; k++) {
            memset(json, 0, sizeof json);
            strcpy(json, "{\"");
            memset(json + 2, 'n', k);
            strcat(json, "\":" T "}");
            make_safe(json, 2);
            if (k == 128)
                refused(made.at, made.n, NULL, CN_E_FILE, "at most 127 bytes");
            else
                CHECK_STATUS(cn_tensor_read(&c, made.at, made.n, NULL, &t), CN_OK);
            cn_free_all(&c);
        }
    }
    test_case = "how many";
    CHECK(refused_count > 100 + 256);
}

/* Every file cut off at every byte. CIFAR-10 has no header: it is what has the right length. */
static void truncated(void) {
    size_t g, n;
    cn_ctx c;
    test_heap heap;
    cn_net *net;
    cn_real *values, *before;
    for (g = 0; g < GOLDEN_FILES; g++) {
        LABEL("%s, cut off", golden_files[g].what);
        for (n = 0; n < golden_files[g].length; n++)
            refused(golden_files[g].bytes, n, golden_files[g].tensor, CN_E_FILE, "");
        memcpy(made_room, golden_files[g].bytes, golden_files[g].length); /* and with a byte too many */
        made_room[golden_files[g].length] = 0;
        refused(made_room, golden_files[g].length + 1, golden_files[g].tensor, CN_E_FILE, "");
    }
    test_case = "theta, cut off";
    open_ctx(&c, &heap);
    net = cn_net_create(&c, state_text);
    values = cn_vector(&c, cn_net_describe(net).size);
    before = cn_vector(&c, cn_net_describe(net).size);
    for (g = 0; g < 2; g++)
        for (n = 0; n < (g ? state_all_npy_bytes : state_half_bytes); n += TEST_SIZE(1, 7)) {
            tight file = tighten(g ? state_all_npy : state_half, n, 0);
            size_t now = heap.now;
            CHECK_STATUS(cn_theta_read(&c, net, file.at, n, values), CN_E_FILE);
            CHECK(c.message[0] != 0 && heap.now == now);
            cn_clear(&c);
            free(file.memory);
        }
    CHECK(same_bits(cn_net_describe(net).size, values, before));
    cn_free_all(&c);
}

/* Files that are in order, but not this network's. */
static void make_theta(const char *w, const char *w_shape, const char *b, const char *more, size_t extra,
                       const float *values) {
    char json[600];
    sprintf(json,
            "{\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,24]},\"%s\":{\"dtype\":\"F32\",\"shape\":[2],"
            "\"data_offsets\":[24,32]}%s}",
            w, w_shape, b, more);
    make_safe(json, 32 + extra);
    if (values) { /* little-endian, whatever the machine */
        size_t i, k;
        uint32_t bits;
        for (i = 0; i < 8; i++) {
            memcpy(&bits, values + i, 4);
            for (k = 0; k < 4; k++) made.at[made.n - 32 - extra + 4 * i + k] = (unsigned char)(bits >> 8 * k & 255);
        }
    }
}

static void not_theta(const cn_net *net, int status, const char *words) {
    cn_ctx c;
    test_heap heap;
    cn_real values[8], before[8];
    tight file = tighten(made.at, made.n, 3);
    int i;
    open_ctx(&c, &heap);
    for (i = 0; i < 8; i++) before[i] = values[i] = (cn_real)i;
    CHECK_STATUS(cn_theta_read(&c, net, file.at, made.n, values), status);
    CHECK(c.message[0] != 0 && heap.now == 0 && same_bits(8, values, before));
    CHECK_SENTENCE(&c, status, words);
    free(file.memory);
}

static void wrong_theta(void) {
    static const float fine[8] = {1, -2, 3, 4, 5, 6, 7, 8};
    float v[8];
    cn_ctx c = CN_ZERO;
    cn_net *net = cn_net_create(&c, "input 3; dense 2");
    cn_real values[8];
    int i;
    const char *const W = "0.weight", *const B = "0.bias", *const S = "[2,3]";
    double huge[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    size_t n;
    cn_tensor t;
    make_theta(W, S, B, "", 0, fine);
    CHECK_STATUS(cn_theta_read(&c, net, made.at, made.n, values), CN_OK);
    for (i = 0; i < 8; i++) CHECK(values[i] == (cn_real)fine[i]);
    make_theta("0.Weight", S, B, "", 0, fine);
    not_theta(net, CN_E_FILE, "tensor '0.weight', shape [2, 3], is missing");
    make_theta(W, S, "1.bias", "", 0, fine);
    not_theta(net, CN_E_FILE, "tensor '0.bias', shape [2], is missing");
    make_theta(W, "[3,2]", B, "", 0, fine);
    not_theta(net, CN_E_SHAPE, "tensor '0.weight': its shape should be [2, 3], not [3, 2]");
    make_theta(W, "[6]", B, "", 0, fine);
    not_theta(net, CN_E_SHAPE, "not [6]");
    make_theta(W, "[2,3,1]", B, "", 0, fine);
    not_theta(net, CN_E_SHAPE, "not [2, 3, 1]");
    make_theta(W, S, B, ",\"2.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[32,36]}", 4, fine);
    not_theta(net, CN_E_FILE, "tensor '2.weight': the network has no such part");
    make_theta(W, S, B, ",\"racked\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[32,33]}", 1, fine);
    not_theta(net, CN_E_FILE, "'racked'");
    make_theta(W, S, B, ",\"1.num_batches_tracked\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[32,33]}", 1, fine);
    CHECK_STATUS(cn_theta_read(&c, net, made.at, made.n, values), CN_OK);
    make_theta(W, S, W, "", 0, fine);
    not_theta(net, CN_E_FILE, "'0.weight' occurs twice");
    for (i = 0; i < 3; i++) {
        memcpy(v, fine, sizeof v);
        v[i == 2 ? 6 : 4] = i ? (float)(i == 1 ? HUGE_VAL : -HUGE_VAL) : (float)nan("");
        make_theta(W, S, B, "", 0, v);
        not_theta(net, CN_E_DATA,
                  i == 2 ? "tensor '0.bias': element 0 should be a finite number, and is -Inf"
                  : i    ? "tensor '0.weight': element 4 should be a finite number, and is Inf"
                         : "tensor '0.weight': element 4 should be a finite number, and is NaN");
    }
    made.at = made_room; /* flat vectors */
    t = cn_tensor_of(fine, CN_TYPE_F32, 1, 8, 0, 0, 0);
    made.n = cn_tensor_write(t, made.at, sizeof made_room);
    CHECK_STATUS(cn_theta_read(&c, net, made.at, made.n, values), CN_OK);
    t = cn_tensor_of(fine, CN_TYPE_F32, 1, 7, 0, 0, 0);
    made.n = cn_tensor_write(t, made.at, sizeof made_room);
    not_theta(net, CN_E_SHAPE, "8 parameters");
    t = cn_tensor_of(fine, CN_TYPE_F32, 2, 2, 4, 0, 0);
    made.n = cn_tensor_write(t, made.at, sizeof made_room);
    not_theta(net, CN_E_SHAPE, "not shape [2, 4]");
    t = cn_tensor_of(v, CN_TYPE_F32, 1, 8, 0, 0, 0);
    made.n = cn_tensor_write(t, made.at, sizeof made_room);
    not_theta(net, CN_E_DATA, "npy: element 6 should be a finite number, and is -Inf");
    huge[3] = 1e300;
    t = cn_tensor_of(huge, CN_TYPE_F64, 1, 8, 0, 0, 0);
    made.n = cn_tensor_write(t, made.at, sizeof made_room);
    /* beyond a float */
    if (sizeof(cn_real) == 4)
        not_theta(net, CN_E_DATA, "element 3 should be a finite number, and is 1e300");
    else
        CHECK_STATUS(cn_theta_read(&c, net, made.at, made.n, values), CN_OK);
    start_file();
    append("\0\0\10\1\0\0\0\10abcdefgh", 16);
    not_theta(net, CN_E_FILE, "neither safetensors nor npy");
    start_file();
    not_theta(net, CN_E_FILE, "the 0 bytes are neither");
    n = made.n;
    CHECK(n == 0);
    CHECK_STATUS(cn_theta_read(&c, NULL, made.at, 0, values), CN_E_ARGUMENT);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "the network is missing");
    cn_clear(&c);
    CHECK_STATUS(cn_theta_read(&c, net, NULL, 0, values), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_theta_read(&c, net, made.at, 0, NULL), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_theta_read(NULL, net, made.at, 0, values), CN_E_ARGUMENT);
    CHECK_STATUS(cn_tensor_read(NULL, made.at, 0, NULL, &t), CN_E_ARGUMENT);
    CHECK_STATUS(cn_tensor_read(&c, NULL, 0, NULL, &t), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_tensor_read(&c, made.at, 0, NULL, NULL), CN_E_ARGUMENT);
    cn_free_all(&c);
}

/* Names of 127 bytes, many tensors in any order, deep bodies. */
static void large_headers(void) {
    enum { MANY = 300 };
    static cn_part part[MANY];
    static unsigned char file[60000];
    static float value[MANY];
    size_t i, n;
    cn_ctx c = CN_ZERO;
    cn_tensor t;
    char name[16];
    for (i = 0; i < MANY; i++) {
        size_t k = (i * 97) % MANY; /* 97 and 300 have no common divisor: every number once */
        memset(part + i, 0, sizeof *part);
        sprintf(part[i].name, "t%d", (int)k);
        value[i] = (float)k;
        part[i].value = cn_tensor_of(value + i, CN_TYPE_F32, 1, 1, 0, 0, 0);
    }
    n = cn_parts_write(part, MANY, file, sizeof file);
    CHECK(n > 0 && n <= sizeof file);
    for (i = 0; i < MANY; i += TEST_SIZE(7, 43)) {
        sprintf(name, "t%d", (int)i);
        CHECK_STATUS(cn_tensor_read(&c, file, n, name, &t), CN_OK);
        CHECK(c.status == CN_OK && *(const float *)t.data == (float)i);
    }
    cn_free_all(&c);
}

/* ---- random damage: 1 to 4 bytes of a file changed. Whatever comes out is an error with a sentence or a tensor that
   can be read throughout. */

static void fuzz(void) {
    /* more, for those who look for trouble */
    const char *more = getenv("FUZZ");
    size_t rounds = more ? (size_t)atol(more) : TEST_SIZE(20000, 1000), round, i, flips, n, good = 0, checked = 0;
    cn_ctx c, other = CN_ZERO;
    test_heap heap;
    cn_tensor t;
    uint64_t dice = 1;
    double sum = 0;
    cn_net *net = cn_net_create(&other, state_text);
    size_t size = cn_net_describe(net).size;
    cn_real *values = cn_vector(&other, size), *before = cn_vector(&other, size);
#define DICE(m) (dice = dice * 6364136223846793005u + 1442695040888963407u, (size_t)(dice >> 33) % (m))
    for (round = 0; round < rounds; round++) {
        const golden_file *f = golden_files + DICE(GOLDEN_FILES);
        int whole = round % 8 == 0, npy = whole && DICE(2);
        tight file;
        int status;
        n = whole ? npy ? state_all_npy_bytes : state_file_bytes : f->length;
        if (DICE(16) == 0) n = 1 + DICE(n);
        file = tighten(whole ? npy ? state_all_npy : state_file : f->bytes, n, DICE(8));
        LABEL("fuzz %lu", (unsigned long)round);
        for (flips = 1 + DICE(4); flips > 0; flips--) {
            size_t at = DICE(3) ? DICE(n < 200 ? n : 200) : DICE(n); /* mostly the headers */
            if (DICE(2))
                file.at[at] = (unsigned char)(file.at[at] ^ 1u << DICE(8));
            else
                file.at[at] = (unsigned char)"{}[]()\",:'0189-\\u\x80"[DICE(18)];
        }
        open_ctx(&c, &heap);
        memset(&t, 77, sizeof t);
        if (whole) {
            status = cn_theta_read(&c, net, file.at, n, values);
            CHECK(heap.now == 0);
            if (status) CHECK(same_bits(size, values, before));
            memset(values, 0, size * sizeof *values);
        } else {
            status = cn_tensor_read(&c, file.at, n, f->tensor, &t);
            if (status == CN_OK) {
                for (i = 0; i < cn_count(t); i++) {
                    double v = element(&t, i);
                    sum += v < 0 ? 1 : 0;
                }
                CHECK(cn_count(t) > 0 && t.dims >= 1 && t.dims <= 4);
                good++;
            }
            cn_free_all(&c);
            CHECK(heap.now == 0 && heap.peak <= 4 * n + 1024);
        }
        CHECK(status == c.status &&
              (status == CN_OK || status == CN_E_FILE || (whole && (status == CN_E_SHAPE || status == CN_E_DATA))));
        CHECK(status == CN_OK || c.message[0]);
        checked++;
        free(file.memory);
    }
    test_case = "fuzz";
    CHECK(checked == rounds && good > rounds / 20 && good < rounds && sum > 0);
    cn_free_all(&other);
#undef DICE
}

/* ---- networks as text */

static void same_net(const cn_net *a, const cn_net *b) {
    cn_net_info i = cn_net_describe(a), j = cn_net_describe(b);
    cn_part p, q;
    size_t k;
    CHECK(i.inputs == j.inputs && i.outputs == j.outputs && i.params == j.params && i.state == j.state &&
          i.parts == j.parts && i.macs == j.macs);
    for (k = 0; k < i.parts && k < j.parts; k++) {
        cn_net_part(a, NULL, k, &p);
        cn_net_part(b, NULL, k, &q);
        CHECK(strcmp(p.name, q.name) == 0 && p.block.first == q.block.first && p.block.count == q.block.count &&
              memcmp(p.value.shape, q.value.shape, sizeof p.value.shape) == 0);
    }
}

static void text_of(const char *text, const char *wanted) {
    cn_ctx c = CN_ZERO;
    cn_net *net, *back;
    char out[3000], again[3000];
    size_t n;
    c.layers = own_rows;
    c.layer_count = OWN_ROWS;
    net = cn_net_create(&c, text);
    n = cn_net_text(net, out, sizeof out);
    LABEL("text of: %.2000s", text);
    CHECK(net && n && strlen(out) == n);
    if (!net) {
        printf("       %s\n", c.message);
        return;
    }
    if (wanted) {
        CHECK(strcmp(out, wanted) == 0);
        if (strcmp(out, wanted)) printf("       it is \"%s\"\n", out);
    }
    back = cn_net_create(&c, out);
    if (!back) printf("       \"%s\": %s\n", out, c.message);
    same_net(net, back);
    CHECK(cn_net_text(back, again, sizeof again) == n && strcmp(again, out) == 0);
    check_written(write_text, net, (const unsigned char *)out, n + 1);
    cn_free_all(&c);
}

static double seen_number; /* a row of our own sees numbers as doubles */
static int see(cn_item *item, const char **why) {
    (void)why;
    seen_number = item->arg[1];
    item->out = item->in;
    return CN_OK;
}
static void see_nothing(cn_io *io) { (void)io; }

static void numbers_in_texts(void) {
    static const char *const args[] = {"a b=2", "a b_is_a_rather_long_name=2", "a=1 b", "a=-3 b=2 c=7"};
    size_t i, k;
    cn_layer row;
    int lost = 0;
    memset(&row, 0, sizeof row);
    row.name = "probe";
    row.shape = see;
    row.forward = row.tangent = row.backward = row.second = see_nothing;
    for (k = 0; k < 4; k++) {
        uint32_t r = 7;
        row.args = args[k];
        for (i = 0; i < TEST_SIZE(2000, 100); i++) { /* what a text can say, a text says again, to the last bit */
            char text[200], out[200];
            double was;
            cn_ctx c = CN_ZERO;
            cn_net *net;
            c.layers = &row;
            c.layer_count = 1;
            r = r * 1664525u + 1013904223u;
            if (i % 4 == 0)
                sprintf(text, "input 1; probe %d %.*g", (int)(i % 3), (int)(i / 4 % 2 + 16),
                        ldexp(1 + (double)r / 4294967296.0 + 1e-11 * (double)i, (int)(r >> 8) % 16));
            else
                sprintf(
                    text, "input 1; probe %d %.*g", (int)(i % 3), (int)(i % 15 + 1),
                    ldexp(1 + (double)r / 4294967296.0, i % 2 ? (int)(r >> 8) % 40 - 20 : (int)(r >> 8) % 300 - 150) *
                        (r & 64 ? -1 : 1));
            LABEL("%s", text);
            net = cn_net_create(&c, text);
            was = seen_number;
            CHECK(net != NULL && cn_net_text(net, out, sizeof out) > 0);
            CHECK(cn_net_create(&c, out) != NULL);
            if (c.status) printf("       \"%s\": %s\n", out, c.message);
            lost += !(seen_number == was && signbit(seen_number) == signbit(was));
            if (seen_number != was && lost < 5) printf("       \"%s\" became \"%s\"\n", text, out);
            cn_free_all(&c);
        }
    }
    test_case = "numbers in texts";
    CHECK(lost == 0);
}

static void texts(void) {
    size_t i;
    text_of("input 784 # digits\n\n dense out=50\n relu;;dense 10 bias=0",
            "input 784; dense 50; relu; dense 10 bias=0");
    text_of("input 1 28 28; conv 16 3 1 1; relu; maxpool 2; conv 8 3 stride=2 pad=0 groups=4 bias=1; avgpool 2 "
            "stride=1; gap; dense 3",
            "input 1 28 28; conv 16 3 pad=1; relu; maxpool 2 stride=2; conv 8 3 stride=2 groups=4; avgpool 2 stride=1; "
            "gap; dense 3");
    text_of("input 3 1 1; leaky; leaky 0.3; leaky -0; dropout; dropout 0.1; softmax; sine 0.7; gain",
            "input 3; leaky; leaky 0.3; leaky -0; dropout; dropout 0.1; softmax; sine 0.7; gain");
    text_of("input 3; leaky 1e-7; leaky 0.001; leaky 12345; leaky -2.5e20; leaky 0.1234567890123; leaky 1.7e300; leaky "
            "2.25e-300",
            "input 3; leaky 1e-7; leaky 0.001; leaky 12345; leaky -25e19; leaky 0.1234567890123; leaky 17e299; leaky "
            "225e-302");
    text_of("input 3 1 2; relu", "input 3 1 2; relu");
    text_of("input 3 2 1; relu", "input 3 2 1; relu");
    text_of("input 4; residual{dense 4;tanh}; dense 2", "input 4; residual { dense 4; tanh }; dense 2");
    text_of("input 4; residual { dense 3 } skip { dense 3; tanh }",
            "input 4; residual { dense 3 } skip { dense 3; tanh }");
    text_of("input 4; tanh; residual { residual { tanh; residual { tanh } }; relu } skip { residual { relu } skip { "
            "tanh; dense 4 }; residual { tanh } }; residual { relu }",
            "input 4; tanh; residual { residual { tanh; residual { tanh } }; relu } skip { residual { relu } skip { "
            "tanh; dense 4 }; residual { tanh } }; residual { relu }");
    text_of("input 2; residual { residual { residual { tanh } } }",
            "input 2; residual { residual { residual { tanh } } }");
    text_of("input 2; residual { tanh; tanh; tanh; tanh; tanh; tanh; tanh; tanh; tanh; tanh; residual { tanh }; tanh } "
            "skip { tanh }",
            "input 2; residual { tanh; tanh; tanh; tanh; tanh; tanh; tanh; tanh; tanh; tanh; residual { tanh }; tanh } "
            "skip { tanh }");
    for (i = 0; i < sizeof golden_nets / sizeof *golden_nets; i++) text_of(golden_nets[i].text, NULL);
    for (i = 0; i < sizeof golden_layers_nets / sizeof *golden_layers_nets; i++)
        text_of(golden_layers_nets[i].text, NULL);
    text_of(state_text, state_text);
    CHECK(cn_net_text(NULL, NULL, 0) == 0);
}

/* ---- dry runs */

static void dry(void) {
    cn_ctx c;
    test_heap heap;
    cn_net *net;
    cn_real *values;
    unsigned char file[4000];
    size_t n, calls;
    cn_tensor t = cn_tensor_of(NULL, CN_TYPE_U8, 0, 0, 0, 0, 0);
    open_ctx(&c, &heap);
    net = cn_net_create(&c, "input 3; dense 2");
    values = cn_vector(&c, 8);
    n = cn_theta_write(net, values, file, sizeof file);
    calls = heap.calls;
    c.dry = 1;
    CHECK_STATUS(cn_tensor_read(&c, file, n, "0.bias", &t), CN_DRY);
    CHECK(t.data == NULL && c.bytes_needed > 0 && c.bytes_needed < 400 && heap.calls == calls);
    CHECK_STATUS(cn_theta_read(&c, net, file, n, values), CN_DRY);
    CHECK_STATUS(cn_tensor_read(&c, file, n, "1.bias", &t), CN_E_FILE); /* arguments are checked all the same */
    c.dry = 0;
    cn_free_all(&c);
}

/* ---- files on a disk: not in a sandbox without one */

#if !defined(CN_NO_STDIO) && !defined(__wasi__)
static char folder[300];
static const char *path_of(const char *name) {
    static char path[600];
    sprintf(path, "%s-%s", folder, name);
    return path;
}

static int there(const char *path) {
    FILE *f = fopen(path, "rb");
    if (f) fclose(f);
    return f != NULL;
}

static void no_file(cn_ctx *c, const char *path, const char *words) {
    size_t n = 4321, now = c->bytes_now;
    CHECK(cn_file_read(c, path, &n) == NULL && n == 4321 && c->bytes_now == now);
    CHECK_SENTENCE(c, CN_E_FILE, words);
    CHECK_SENTENCE(c, CN_E_FILE, "file '");
    cn_clear(c);
}

/* A path in UTF-8 names the same file everywhere: on Windows the one of this UTF-16 name. Bytes that are not UTF-8 name
   some file too (not on macOS). */
static void names(cn_ctx *c) {
    static const char *const name[] = {"\xC3\xBC \xE6\x96\x87 \xF0\x9F\x8D\x8E", "\xE9t\xE9", "\xC0\xAF", "\xE6\x96"};
    char path[600];
    size_t i, n, count = sizeof name / sizeof *name;
#ifdef __APPLE__
    count = 1;
#endif
    for (i = 0; i < count; i++) {
        strcpy(path, path_of(name[i]));
        CHECK_STATUS(cn_file_write(c, path, "named", 5), CN_OK);
        CHECK_STATUS(cn_file_write(c, path, "again", 5), CN_OK); /* replaced */
        CHECK(cn_file_read(c, path, &n) != NULL && n == 5);
#ifdef _WIN32
        if (i == 0) {
            wchar_t wide[600];
            for (n = 0; folder[n]; n++) wide[n] = (unsigned char)folder[n];
            wcscpy(wide + n, L"-\x00FC \x6587 \xD83C\xDF4E");
            CHECK(_wremove(wide) == 0);
            continue;
        }
#endif
        CHECK(remove(path) == 0);
    }
}

/* A file beyond 2^31 and 2^32 bytes (sparse: it takes no room) is sized right; where size_t has 32 bits, refused. */
static void beyond_4_gb(cn_ctx *c) {
    const char *path = path_of("long");
    FILE *f = fopen(path, "wb");
    int ready = 0;
    if (f) {
#ifdef _WIN32
        ready = !_fseeki64(f, 4294967300, SEEK_SET) && fputc(1, f) != EOF;
#elif LONG_MAX > 2147483647
        ready = !fseek(f, 4294967300, SEEK_SET) && fputc(1, f) != EOF;
#endif
        ready = !fclose(f) && ready;
    }
    if (ready) {
        c->dry = 1;
        CHECK(cn_file_read(c, path, NULL) == NULL);
        if (sizeof(size_t) == 8)
            CHECK(c->status == CN_DRY && (double)c->bytes_needed > 4294967301.0 &&
                  (double)c->bytes_needed < 4294967600.0);
        else
            CHECK_SENTENCE(c, CN_E_SIZE, "");
        c->dry = 0;
        cn_clear(c);
    }
    remove(path);
}

static void disk(void) {
    static unsigned char data[70000];
    size_t i, n, k;
    cn_ctx c;
    test_heap heap;
    unsigned char *back;
    char path[600];
    const char *dir = getenv("TMPDIR");
    FILE *f;
    static const size_t sizes[] = {0, 1, 2, 4096, 65536, 70000};
    sprintf(folder, "%.200s/curvnoise-%lx-%lx", dir ? dir : "/tmp", (unsigned long)time(NULL),
            (unsigned long)((uintptr_t)&heap >> 4 ^ (uintptr_t)clock() << 20));
    for (i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 7 + i / 256);
    open_ctx(&c, &heap);
    strcpy(path, path_of("one"));
    for (k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        CHECK_STATUS(cn_file_write(&c, path, data, sizes[k]), CN_OK);
        CHECK(heap.now == 0 && !there(path_of("one.partial")));
        n = 99;
        back = (unsigned char *)cn_file_read(&c, path, &n);
        CHECK(back && n == sizes[k] && memcmp(back, data, n) == 0 && back[n] == 0 && (uintptr_t)back % 64 == 0);
        if (c.status) printf("       %s\n", c.message);
        CHECK(cn_file_read(&c, path, NULL) != NULL);
        cn_free_all(&c);
    }
    CHECK_STATUS(cn_file_write(&c, path, NULL, 0), CN_OK);
    CHECK_STATUS(cn_file_write(&c, path, "old", 3), CN_OK);
    no_file(&c, path_of("none"), "none' cannot be opened");
    no_file(&c, ".", "file '.'");
    no_file(&c, "", "cannot be opened");
    no_file(&c, path_of("one/below"), "cannot be opened");
    CHECK(cn_file_read(&c, NULL, &n) == NULL);
    CHECK_SENTENCE(&c, CN_E_ARGUMENT, "the path is missing");
    cn_clear(&c);
    CHECK_STATUS(cn_file_write(&c, NULL, data, 3), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_file_write(&c, path, NULL, 3), CN_E_ARGUMENT);
    cn_clear(&c);
    CHECK_STATUS(cn_file_write(NULL, path, data, 3), CN_E_ARGUMENT);
    CHECK(cn_file_read(NULL, path, &n) == NULL);
    CHECK_STATUS(cn_file_write(&c, path_of("none/below"), data, 3), CN_E_FILE);
    CHECK_SENTENCE(&c, CN_E_FILE, "cannot be written");
    cn_clear(&c);
    /* a dry run says what is needed; out of memory changes nothing; a blocked context does nothing */
    c.dry = 1;
    CHECK(cn_file_read(&c, path, &n) == NULL && c.status == CN_DRY && c.bytes_needed >= 4 && heap.now == 0);
    CHECK_STATUS(cn_file_write(&c, path, data, 4), CN_DRY);
    c.dry = 0;
    cn_clear(&c);
    heap.refuse = heap.calls + 1;
    CHECK(cn_file_read(&c, path, &n) == NULL && c.status == CN_E_MEMORY);
    heap.refuse = heap.calls + 1;
    CHECK_STATUS(cn_file_write(&c, path, data, 4), CN_E_MEMORY);
    CHECK_STATUS(cn_tensor_read(&c, NULL, 0, NULL, NULL), CN_E_MEMORY); /* a chain */
    cn_net_create(&c, "none");
    CHECK(cn_file_read(&c, path, &n) == NULL && c.status == CN_E_TEXT);
    CHECK_STATUS(cn_file_write(&c, path, data, 4), CN_E_TEXT);
    cn_clear(&c);
    back = (unsigned char *)cn_file_read(&c, path, &n);
    CHECK(back && n == 3 && memcmp(back, "old", 4) == 0);
    f = fopen(path_of("one.partial"), "wb"); /* one left behind is no obstacle */
    if (f) {
        fputs("left behind", f);
        fclose(f);
    }
    CHECK_STATUS(cn_file_write(&c, path, "new", 3), CN_OK);
    CHECK(!there(path_of("one.partial")));
    back = (unsigned char *)cn_file_read(&c, path, &n);
    CHECK(back && strcmp((char *)back, "new") == 0);
#if defined(__linux__)
    {
        char blocked[600];
        struct rlimit was, small;
        void (*old)(int);
        strcpy(blocked, path_of("folder")); /* a folder in the way: of the file, and of the temporary one */
        CHECK(mkdir(blocked, 0700) == 0);
        no_file(&c, blocked, "cannot be read: ");
        CHECK_STATUS(cn_file_write(&c, blocked, data, 10), CN_E_FILE);
        CHECK_SENTENCE(&c, CN_E_FILE, "cannot be replaced: ");
        cn_clear(&c);
        CHECK(!there(path_of("folder.partial")));
        rename(blocked, path_of("one.partial"));
        CHECK_STATUS(cn_file_write(&c, path, data, 10), CN_E_FILE);
        CHECK_SENTENCE(&c, CN_E_FILE, "cannot be written");
        cn_clear(&c);
        remove(path_of("one.partial"));
        no_file(&c, "/dev/zero", "an ordinary file is expected");
        if (getrlimit(RLIMIT_FSIZE, &was) == 0) { /* a full disk: the old file stays, nothing is left behind */
            old = signal(SIGXFSZ, SIG_IGN);
            small = was;
            small.rlim_cur = 20000;
            CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
            CHECK_STATUS(cn_file_write(&c, path, data, sizeof data), CN_E_FILE);
            CHECK_SENTENCE(&c, CN_E_FILE, "its 70000 bytes could not all be written");
            cn_clear(&c);
            CHECK(setrlimit(RLIMIT_FSIZE, &was) == 0);
            signal(SIGXFSZ, old);
            CHECK(!there(path_of("one.partial")));
            back = (unsigned char *)cn_file_read(&c, path, &n);
            CHECK(back && n == 3 && strcmp((char *)back, "new") == 0);
        }
    }
#endif
    CHECK(remove(path) == 0);
    names(&c);
    beyond_4_gb(&c);
    cn_free_all(&c);
    CHECK(heap.now == 0);
}
#endif

TEST_MAIN {
    read_golden();
    no_copies();
    CASE("every bit") every_bit();
    CASE("CIFAR-10") cifar();
    CASE("writing") writing();
    round_trips();
    theta();
    malformed();
    truncated();
    CASE("theta of another network") wrong_theta();
    CASE("large headers") large_headers();
    fuzz();
    texts();
    numbers_in_texts();
    CASE("dry runs") dry();
#if !defined(CN_NO_STDIO) && !defined(__wasi__)
    CASE("disk") disk();
#endif
}
