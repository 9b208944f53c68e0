/* cli_files.c: what tests/cli.sh cannot do in a shell.
       cli_files make DIR                  good and malformed data, weights and networks
       cli_files digits DIR                digits-x, digits-y: the 1,797 digits of examples/data as IDX files
       cli_files compare GOLDEN CASE       numbers of `measure --json` on standard input against the lines of CASE
                                           (tests/golden_cli.txt)
       cli_files sampled GOLDEN CASE       the same for --probes: within six standard errors
       cli_files spectrum TRACE            of `spectrum --json`: eigenvalues add up to TRACE, the density to 1
   The last line is "N passed, N failed" (compare, sampled, spectrum). The library is linked in: tests/lib.c. */
#include "../curvnoise.h"
#include "../examples/data/digits.h"
#include "test.h"

static const char *folder;
static cn_ctx ctx;

static void put(const char *name, const void *data, size_t bytes) {
    char path[1000];
    FILE *f;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "wb");
    if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f)) {
        perror(path);
        exit(1);
    }
}

static void put_npy(const char *name, cn_tensor t) {
    size_t bytes = cn_tensor_write(t, NULL, 0);
    void *room = malloc(bytes + 1);
    cn_tensor_write(t, room, bytes);
    put(name, room, bytes);
    free(room);
}

/* An npy with this header text (padded to a multiple of 64 and 118 at least) and these bytes after it. */
static void put_header(const char *name, const char *header, const void *data, size_t bytes) {
    unsigned char file[4096];
    size_t length = strlen(header);
    memset(file, ' ', sizeof file);
    memcpy(file, "\x93NUMPY\1\0\x76\0", 10);
    memcpy(file + 10, header, length);
    file[127] = '\n';
    memcpy(file + 128, data, bytes);
    put(name, file, 128 + bytes);
}

static void put_idx(const char *name, const unsigned char *data, int dims, size_t s0, size_t s1, size_t s2) {
    size_t shape[3], bytes = s0 * (dims > 1 ? s1 : 1) * (dims > 2 ? s2 : 1);
    int i;
    unsigned char *file = (unsigned char *)calloc(16 + bytes, 1);
    shape[0] = s0;
    shape[1] = s1;
    shape[2] = s2;
    file[2] = 8;
    file[3] = (unsigned char)dims;
    for (i = 0; i < dims; i++) {
        file[6 + 4 * i] = (unsigned char)(shape[i] >> 8);
        file[7 + 4 * i] = (unsigned char)shape[i];
    }
    memcpy(file + 4 + 4 * dims, data, bytes);
    put(name, file, 4 + 4 * (size_t)dims + bytes);
    free(file);
}

/* A safetensors file with any header and data. */
static void put_tensors(const char *name, const char *header, uint64_t claimed, const void *data, size_t bytes) {
    unsigned char file[8192];
    size_t length = strlen(header);
    int i;
    for (i = 0; i < 8; i++) file[i] = (unsigned char)(claimed >> (8 * i));
    memcpy(file + 8, header, length);
    memcpy(file + 8 + length, data, bytes);
    put(name, file, 8 + length + bytes);
}

/* ---- the numbers of golden_cli.py: whole numbers over 256 or 255, so that both languages see the same */

static double x_of(long i, long j) { return (double)((37 * i + 101 * j + 53 * i * j) % 509 - 254) / 256; }
static double theta_of(long k) { return (double)((31 * k * k + 97 * k + 11) % 401 - 200) / 256; }

enum {
    N = 12,
    M = 3,
    TEST_N = 8,
    P = 3 * 5 + 5 + 5 * 3 + 3,
    KINKED_N = 16,
    KINKED_M = 4,
    KINKED_P = 4 * 6 + 6 + 6 * 3 + 3
};
static cn_real x[N * M], x_test[TEST_N * M], theta[P], kinked[KINKED_P], flat[M * N];
static int64_t y[N], y_test[TEST_N];
static unsigned char bytes_x[KINKED_N * KINKED_M], bytes_y[KINKED_N];

static void numbers(void) {
    long i, j;
    for (i = 0; i < N; i++) {
        y[i] = (7 * i * i + 3 * i + 1) % 3;
        for (j = 0; j < M; j++) x[i * M + j] = x_of(i, j);
    }
    for (i = 0; i < TEST_N; i++) {
        y_test[i] = (5 * i * i + i + 2) % 3;
        for (j = 0; j < M; j++) x_test[i * M + j] = x_of(i + 100, j);
    }
    for (i = 0; i < KINKED_N; i++) {
        bytes_y[i] = (unsigned char)((7 * i * i + 3 * i + 1) % 3);
        for (j = 0; j < KINKED_M; j++)
            bytes_x[i * KINKED_M + j] = (unsigned char)((37 * i + 101 * j + 53 * i * j + 19) % 256);
    }
    for (i = 0; i < P; i++) theta[i] = theta_of(i);
    for (i = 0; i < KINKED_P; i++) kinked[i] = theta_of(i + 7);
}

static void make_good(void) {
    cn_net *net = cn_net_create(&ctx, "input 3; dense 5; tanh; dense 3");
    size_t bytes = cn_theta_write(net, theta, NULL, 0), i, j;
    void *room = malloc(bytes);
    double mean, sd;
    cn_real targets[N], blank[N * M];
    unsigned char *cifar = (unsigned char *)calloc(2, 3073);
    cn_theta_write(net, theta, room, bytes);
    put("good.safetensors", room, bytes);
    put("cut.safetensors", room, bytes - 5);
    put("cut_header.safetensors", room, 60);
    free(room);
    put_npy("x.npy", cn_tensor_of(x, CN_TYPE_REAL, 2, N, M, 0, 0));
    memcpy(blank, x, sizeof blank);
    for (j = 0; j < M; j++) blank[j] = 0; /* sample 0 */
    put_npy("blank.npy", cn_tensor_of(blank, CN_TYPE_REAL, 2, N, M, 0, 0));
    put_npy("y.npy", cn_tensor_of(y, CN_TYPE_I64, 1, N, 0, 0, 0));
    put_npy("x_test.npy", cn_tensor_of(x_test, CN_TYPE_REAL, 2, TEST_N, M, 0, 0));
    put_npy("y_test.npy", cn_tensor_of(y_test, CN_TYPE_I64, 1, TEST_N, 0, 0, 0));
    put_npy("theta.npy", cn_tensor_of(theta, CN_TYPE_REAL, 1, P, 0, 0, 0));
    put_npy("kinked.npy", cn_tensor_of(kinked, CN_TYPE_REAL, 1, KINKED_P, 0, 0, 0));
    put_idx("kinked-x", bytes_x, 3, KINKED_N, 2, 2);
    put_idx("kinked-y", bytes_y, 1, KINKED_N, 0, 0);
    put("net.txt", "# a network in lines\ninput 3\ndense 5\ntanh\ndense 3\n", 50);
    for (i = 0; i < N; i++) targets[i] = x_of((long)i, 7);
    put_npy("targets.npy", cn_tensor_of(targets, CN_TYPE_REAL, 1, N, 0, 0, 0));
    for (j = 0; j < M; j++) { /* what --standardise makes of x */
        for (mean = 0, i = 0; i < N; i++) mean += x[i * M + j] / N;
        for (sd = 0, i = 0; i < N; i++) sd += (x[i * M + j] - mean) * (x[i * M + j] - mean) / N;
        for (i = 0; i < N; i++) flat[i * M + j] = (x[i * M + j] - mean) / sqrt(sd);
    }
    put_npy("standard.npy", cn_tensor_of(flat, CN_TYPE_REAL, 2, N, M, 0, 0));
    for (i = 0; i < 2 * 3073; i++) cifar[i] = (unsigned char)(i % 3073 ? i * 7 % 256 : i / 3073);
    put("cifar.bin", cifar, 2 * 3073);
    put("cut_cifar.bin", cifar, 2 * 3073 - 1);
    cifar[3073] = 200;
    put("label_cifar.bin", cifar, 2 * 3073);
    free(cifar);
}

static void make_bad(void) {
    static const char weights[] = "{\"0.weight\":{\"dtype\":\"F64\",\"shape\":[5,3],\"data_offsets\":[0,120]},\"0."
                                  "bias\":{\"dtype\":\"F64\",\"shape\":[5],\"data_offsets\":[120,160]},"
                                  "\"2.weight\":{\"dtype\":\"F64\",\"shape\":[3,5],\"data_offsets\":[160,280]},\"2."
                                  "bias\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%s]}%s}";
    static const char npy[] = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }";
    static const struct {
        const char *name, *type, *shape, *offsets, *more;
    } tensors[] = {{"type.safetensors", "F7", "3", "280,304", ""},
                   {"integers.safetensors", "I64", "3", "280,304", ""},
                   {"shape.safetensors", "F64", "1,3", "280,304", ""},
                   {"beyond.safetensors", "F64", "3", "280,99999", ""},
                   {"backwards.safetensors", "F64", "3", "304,280", ""},
                   {"overflow.safetensors", "F64", "4294967296,4294967296,4294967296", "280,304", ""},
                   {"negative.safetensors", "F64", "-3", "280,304", ""},
                   {"overlap.safetensors", "F64", "3", "272,296", ""},
                   {"extra.safetensors", "F64", "3", "280,304",
                    ",\"9.weight\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[304,304]}"},
                   {"unclosed.safetensors", "F64", "3", "280,304", ",\"9"}};
    static const struct {
        const char *name, *type, *shape;
    } arrays[] = {{"complex.npy", "<c16", "(12, 3)"},
                  {"object.npy", "|O", "(12, 3)"},
                  {"overflow.npy", "<f8", "(4294967296, 4294967296, 4294967296)"},
                  {"huge.npy", "<f8", "(1000000000000, 3)"},
                  {"five.npy", "<f8", "(12, 3, 1, 1, 1)"},
                  {"none.npy", "<f8", "(0, 3)"},
                  {"negative.npy", "<f8", "(-12, 3)"},
                  {"no_shape.npy", "<f8", "twelve"},
                  {"unclosed.npy", "<f8", "(12, 3"},
                  {"wide.npy", "<f8", "(9, 4)"}};
    char text[2000];
    cn_real bad[N * M], w[P];
    int64_t labels[N];
    size_t i;
    unsigned char idx[32];
    double nan = (double)NAN;
    for (i = 0; i < sizeof tensors / sizeof tensors[0]; i++) {
        snprintf(text, sizeof text, weights, tensors[i].type, tensors[i].shape, tensors[i].offsets, tensors[i].more);
        put_tensors(tensors[i].name, text, strlen(text), theta, sizeof theta);
    }
    snprintf(text, sizeof text, weights, "F64", "3", "280,304", "");
    memcpy(w, theta, sizeof w);
    w[P - 2] = nan;
    put_tensors("nan.safetensors", text, strlen(text), w, sizeof w);
    w[P - 2] = HUGE_VAL;
    put_tensors("inf.safetensors", text, strlen(text), w, sizeof w);
    put_tensors("huge_header.safetensors", text, (uint64_t)1 << 62, theta, sizeof theta);
    put_tensors("long_header.safetensors", text, strlen(text) + 5000, theta, sizeof theta);
    put_tensors("not_json.safetensors", "{this is no json}", 17, theta, sizeof theta);
    put_tensors("missing.safetensors", "{\"0.weight\":{\"dtype\":\"F64\",\"shape\":[5,3],\"data_offsets\":[0,120]}}",
                65, theta, 120);
    for (i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        snprintf(text, sizeof text, npy, arrays[i].type, arrays[i].shape);
        put_header(arrays[i].name, text, x, sizeof x);
    }
    put_header("no_dict.npy", "[1, 2, 3]", x, sizeof x);
    put_header("cut.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (12, 3), }", x, sizeof x - 3);
    put("header.npy", "\x93NUMPY\1\0\x76\0{'des", 15);
    put("long_header.npy", "\x93NUMPY\2\0\xff\xff\xff\xff{'descr'", 20);
    put("version.npy", "\x93NUMPY\7\0\x76\0{'descr'", 20);
    put("empty", "", 0);
    put("text.txt", "1,2,3\n4,5,6\n", 12);
    put("zero_byte.txt", "input 3\0; dense 3", 17);
    memcpy(bad, x, sizeof bad);
    bad[7] = nan;
    put_npy("nan.npy", cn_tensor_of(bad, CN_TYPE_REAL, 2, N, M, 0, 0));
    bad[7] = -HUGE_VAL;
    put_npy("inf.npy", cn_tensor_of(bad, CN_TYPE_REAL, 2, N, M, 0, 0));
    memcpy(labels, y, sizeof labels);
    labels[4] = 3;
    put_npy("label.npy", cn_tensor_of(labels, CN_TYPE_I64, 1, N, 0, 0, 0));
    labels[4] = -1;
    put_npy("negative_label.npy", cn_tensor_of(labels, CN_TYPE_I64, 1, N, 0, 0, 0));
    put_npy("short.npy", cn_tensor_of(y, CN_TYPE_I64, 1, N - 1, 0, 0, 0));
    bad[7] = 2;
    put_npy("targets3.npy", cn_tensor_of(bad, CN_TYPE_REAL, 2, N, M, 0, 0));
    w[P - 2] = nan;
    put_npy("nan_theta.npy", cn_tensor_of(w, CN_TYPE_REAL, 1, P, 0, 0, 0));
    put_npy("short_theta.npy", cn_tensor_of(w, CN_TYPE_REAL, 1, P - 5, 0, 0, 0));
    put_npy("square_theta.npy", cn_tensor_of(w, CN_TYPE_REAL, 2, 19, 2, 0, 0));
    put_npy("integer_theta.npy", cn_tensor_of(y, CN_TYPE_I64, 1, N, 0, 0, 0));
    memset(idx, 0, sizeof idx);
    idx[2] = 8;
    idx[3] = 2;
    idx[7] = 4;
    idx[11] = 3;
    put("cut.idx", idx, 20);
    put("header.idx", idx, 9);
    idx[2] = 7;
    put("type.idx", idx, 24);
    idx[2] = 8;
    idx[4] = idx[8] = 255;
    put("huge.idx", idx, 24);
    idx[4] = idx[7] = idx[8] = 0;
    put("none.idx", idx, 12);
    put("junk.gz", "\x1f\x8b\x08\0\0\0\0\0\0\3junk that is no deflate", 33);
}

/* ---- what is no error, or one with a reason of its own: tests/cli_input.sh */

static void put_features(void) /* for --standardise: constant up to rounding, constant, tiny, huge; and by hand */
{
    enum { ROWS = 10, FEATURES = 4 };
    double raw[ROWS * FEATURES], made[ROWS * FEATURES], raw_test[2 * FEATURES], made_test[2 * FEATURES], mean = 0,
                                                                                                         sd = 0;
    int64_t labels[ROWS];
    size_t i;
    for (i = 0; i < ROWS; i++) mean += (double)(i * i % 7) / ROWS;
    for (i = 0; i < ROWS; i++) sd += ((double)(i * i % 7) - mean) * ((double)(i * i % 7) - mean) / ROWS;
    sd = sqrt(sd);
    for (i = 0; i < ROWS + 2; i++) {
        double v = i < ROWS ? (double)(i * i % 7) : 9 - (double)i;
        double *to = i < ROWS ? raw + i * FEATURES : raw_test + (i - ROWS) * FEATURES;
        double *by_hand = i < ROWS ? made + i * FEATURES : made_test + (i - ROWS) * FEATURES;
        to[0] = i < ROWS ? 0.1 : 0.3; /* ten times 0.1 add up to less than 1 */
        to[1] = i < ROWS ? 7 : 8;
        to[2] = 1e-200 * v;
        to[3] = 1e300 * v;
        by_hand[0] = by_hand[1] = 0;
        by_hand[2] = by_hand[3] = (v - mean) / sd;
        if (i < ROWS) labels[i] = (int64_t)(i % 3);
    }
    put_npy("features.npy", cn_tensor_of(raw, CN_TYPE_F64, 2, ROWS, FEATURES, 0, 0));
    put_npy("features_test.npy", cn_tensor_of(raw_test, CN_TYPE_F64, 2, 2, FEATURES, 0, 0));
    put_npy("by_hand.npy", cn_tensor_of(made, CN_TYPE_F64, 2, ROWS, FEATURES, 0, 0));
    put_npy("by_hand_test.npy", cn_tensor_of(made_test, CN_TYPE_F64, 2, 2, FEATURES, 0, 0));
    put_npy("features_y.npy", cn_tensor_of(labels, CN_TYPE_I64, 1, ROWS, 0, 0, 0));
    put_npy("features_test_y.npy", cn_tensor_of(labels, CN_TYPE_I64, 1, 2, 0, 0, 0));
    raw_test[3] = 1e308;
    raw_test[2] = 1e200; /* 1e400 standard deviations */
    put_npy("features_far.npy", cn_tensor_of(raw_test, CN_TYPE_F64, 2, 2, FEATURES, 0, 0));
}

static void put_labels(void) {
    cn_real wide[N], hot[N * M], twice[N * M];
    int64_t whole[N], hot_whole[N * M], large[N * M];
    unsigned char truth[N * M];
    size_t i;
    for (i = 0; i < N; i++) wide[i] = (cn_real)y[i];
    put_npy("float_labels.npy", cn_tensor_of(wide, CN_TYPE_REAL, 1, N, 0, 0, 0));
    for (i = 0; i < N; i++) {
        whole[i] = (int64_t)(37 * i % 11) - 4;
        wide[i] = (cn_real)whole[i];
    }
    put_npy("whole.npy", cn_tensor_of(whole, CN_TYPE_I64, 1, N, 0, 0, 0));
    put_npy("wide.npy", cn_tensor_of(wide, CN_TYPE_REAL, 1, N, 0, 0, 0));
    for (i = 0; i < N * M; i++) {
        hot[i] = (size_t)y[i / M] == i % M;
        hot_whole[i] = (size_t)y[i / M] == i % M;
        twice[i] = (cn_real)0.5 + hot[i] / 2;
        large[i] = (int64_t)1 << 60;
        truth[i] = (unsigned char)(x[i] > 0);
    }
    put_npy("hot.npy", cn_tensor_of(hot, CN_TYPE_REAL, 2, N, M, 0, 0));
    put_npy("hot_whole.npy", cn_tensor_of(hot_whole, CN_TYPE_I64, 2, N, M, 0, 0));
    put_npy("twice.npy", cn_tensor_of(twice, CN_TYPE_REAL, 2, N, M, 0, 0));
    put_npy("large.npy", cn_tensor_of(large, CN_TYPE_I64, 2, N, M, 0, 0));
    put_header("truth.npy", "{'descr': '|b1', 'fortran_order': False, 'shape': (12, 3), }", truth, sizeof truth);
    put_tensors("truth.safetensors", "{\"x\":{\"dtype\":\"BOOL\",\"shape\":[12,3],\"data_offsets\":[0,36]}}",
                sizeof "{\"x\":{\"dtype\":\"BOOL\",\"shape\":[12,3],\"data_offsets\":[0,36]}}" - 1, truth, 36);
    for (i = 0; i < N * M; i++) hot[i] = truth[i];
    put_npy("truth_floats.npy", cn_tensor_of(hot, CN_TYPE_REAL, 2, N, M, 0, 0));
}

#define PUT(name, bytes) put(name, bytes, sizeof(bytes) - 1)

static void put_inputs(void) {
    unsigned char pixels[N * 12];
    cn_real image[N * 12];
    size_t i;
    for (i = 0; i < N * 12; i++) {
        pixels[i] = (unsigned char)(i * 89 % 256);
        image[i] = (cn_real)pixels[i];
    }
    put_npy("bytes.npy", cn_tensor_of(pixels, CN_TYPE_U8, 2, N, M, 0, 0));
    put_tensors("bytes.safetensors", "{\"x\":{\"dtype\":\"U8\",\"shape\":[12,3],\"data_offsets\":[0,36]}}",
                sizeof "{\"x\":{\"dtype\":\"U8\",\"shape\":[12,3],\"data_offsets\":[0,36]}}" - 1, pixels, 36);
    put_idx("bytes.idx", pixels, 2, N, M, 0);
    put_npy("byte_floats.npy", cn_tensor_of(image, CN_TYPE_REAL, 2, N, M, 0, 0));
    put_npy("column.npy", cn_tensor_of(x, CN_TYPE_REAL, 1, N, 0, 0, 0));
    put_npy("column2.npy", cn_tensor_of(x, CN_TYPE_REAL, 2, N, 1, 0, 0));
    put_npy("channels_first.npy", cn_tensor_of(image, CN_TYPE_REAL, 4, N, 3, 2, 2));
    put_npy("channels_last.npy", cn_tensor_of(image, CN_TYPE_REAL, 4, N, 2, 2, 3));
    put_npy("rows.npy", cn_tensor_of(image, CN_TYPE_REAL, 3, N, 3, 4, 0));
    PUT("mark.txt", "\xEF\xBB\xBFinput 3\r\ndense 5\r\ntanh\r\ndense 3\r\n");
    PUT("mark16.txt", "\xFF\xFEi\0n\0p\0u\0t\0 \0003\0");
    PUT("arrays.npz", "PK\3\4\24\0\0\0\0\0\0\0!\0abcdefghijklx.npy");
    PUT("model.pt", "PK\3\4\0\0\10\10\0\0\0\0\0\0abcdefghijklmodel/data.pkl");
    PUT("old.pt", "\x80\2\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.");
    PUT("pickle", "\x80\4\x95\7\0\0\0\0\0\0\0]");
    PUT("weights.h5", "\x89HDF\r\n\x1A\n\0\0\0\0\0\0\0\0");
    PUT("other.zip", "PK\3\4\24\0\0\0\0\0\0\0!\0abcdefghijklx.txt");
}

static void put_weights(void) {
    cn_net *norm = cn_net_create(&ctx, "input 3; batchnorm; dense 3");
    cn_net_info info = cn_net_describe(norm);
    cn_real *w = cn_vector(&ctx, info.size);
    static const struct {
        const char *name;
        size_t at;
        double value;
    } bad[] = {{"norm", 18, 1},
               {"negative_var", 22, -0.5},
               {"nan_var", 22, (double)NAN},
               {"inf_mean", 19, HUGE_VAL},
               {"zero_var", 22, 0}};
    char name[60];
    static char text[1000];
    unsigned char room[4096];
    size_t i, bytes;
    cn_net_init(norm, CN_INIT_AUTO, 1, w);
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cn_real kept = w[bad[i].at];
        if (i) w[bad[i].at] = (cn_real)bad[i].value;
        bytes = cn_theta_write(norm, w, room, sizeof room);
        snprintf(name, sizeof name, "%s.st", bad[i].name);
        put(name, room, bytes);
        snprintf(name, sizeof name, "%s.theta.npy", bad[i].name);
        put_npy(name, cn_tensor_of(w, CN_TYPE_REAL, 1, info.size, 0, 0, 0));
        w[bad[i].at] = kept;
    }
    memset(room, 1, sizeof room);
    put_header("whole_theta.npy", "{'descr': '|i1', 'fortran_order': False, 'shape': (38,), }", room, P);
    snprintf(text, sizeof text,
             "{\"0.weight\":{\"dtype\":\"I8\",\"shape\":[5,3],\"data_offsets\":[0,15]},\"0.bias\":{\"dtype\":\"I8\","
             "\"shape\":[5],\"data_offsets\":[15,20]},\"2.weight\":{\"dtype\":\"I8\",\"shape\":[3,5],\"data_offsets\":"
             "[20,35]},\"2.bias\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[35,38]}}");
    put_tensors("whole.safetensors", text, strlen(text), room, P);
}

/* ---- comparing */

static const char *find(const char *json, const char *key) /* where its value stands; NULL */
{
    char pattern[200];
    const char *at;
    snprintf(pattern, sizeof pattern, "\"%s\": ", key);
    at = strstr(json, pattern);
    return at ? at + strlen(pattern) : NULL;
}

static double number(const char *json, const char *key, const char *tail) {
    char name[100];
    const char *at;
    snprintf(name, sizeof name, "%s%s", key, tail);
    at = find(json, name);
    return at && strncmp(at, "null", 4) ? strtod(at, NULL) : (double)NAN;
}

static void compare(const char *json, const char *golden, const char *wanted, int sampled) {
    char name[40], key[60], value[60], rule[60];
    FILE *f = fopen(golden, "r");
    int lines = 0;
    double v, w, se, own;
    if (!f) {
        perror(golden);
        exit(1);
    }
    while (fscanf(f, " %39s %59s %59s %59s", name, key, value, rule) == 4) {
        if (strcmp(name, wanted)) continue;
        lines++;
        test_case = key;
        CHECK(find(json, key) != NULL);
        if (!find(json, key)) continue;
        if (!strcmp(value, "null")) {
            CHECK(!strncmp(find(json, key), "null", 4));
            continue;
        }
        v = number(json, key, "");
        w = strtod(value, NULL);
        se = find(json, key) ? number(json, key, "_se") : 0;
        own = strtod(rule, NULL); /* the standard error of the golden value itself, or exactly: 0 */
        if (own > 0) CHECK_NEAR(v, w, 5 * sqrt(se * se + own * own)); /* both are sampled; 5: one in 10^6 */
        /* ratios of means have a bias of order 1/400; TIC of so few parameters is exact all the same */
        else if (sampled && se >= 0 && strncmp(key, "tic", 3)) {
            CHECK(se > 0 && number(json, key, "_probes") == 400);
            CHECK_NEAR(v, w, 6 * se + 0.01 * fabs(w));
        } else {
            /* double on both sides; TIC's small eigenvalues amplify rounding to 1e-9, Lanczos stops at 1e-8 (eigenvalue
            error: its square).
               1e-12: what is zero in exact arithmetic, next to numbers near 1 */
            CHECK_NEAR(v, w, 1e-6 * fabs(w) + 1e-12);
            if (!(se != se)) CHECK(se == 0 && number(json, key, "_probes") == 0);
            if (!strncmp(key, "lambda", 6))
                CHECK(number(json, key, "_residual") >= 0 && number(json, key, "_residual") < 1e-6);
        }
    }
    fclose(f);
    CHECK(lines > 30);
}

static size_t read_numbers(const char *at, double *out, size_t most) {
    size_t n = 0;
    char *end;
    if (!at || *at != '[') return 0;
    for (at++; n < most && *at != ']'; at = end + strspn(end, ", ")) {
        out[n++] = strtod(at, &end);
        if (end == at) return 0;
    }
    return n;
}

static void spectrum(const char *json, double trace) {
    static double value[10000], at[10000], density[10000];
    size_t n = read_numbers(find(json, "eigenvalues"), value, 10000), m, i;
    double sum = 0, integral = 0;
    m = read_numbers(find(json, "density_at"), at, 10000);
    test_case = "spectrum";
    CHECK(n == P && (double)n == number(json, "size", "") && number(json, "complete", "") == 1 && m > 100 &&
          read_numbers(find(json, "density"), density, 10000) == m);
    for (i = 0; i < n; i++) {
        sum += value[i];
        CHECK(i == 0 || value[i] <= value[i - 1]);
    }
    for (i = 1; i < m; i++) integral += (at[i] - at[i - 1]) * (density[i] + density[i - 1]) / 2;
    CHECK_RELATIVE(sum, trace, 1e-10); /* 38 eigenvalues, each to rounding */
    CHECK_NEAR(integral, 1, 1e-3);     /* four standard deviations on each side hold 1 - 6e-5 */
}

static int words;
static char **word;

static void test_body(void) {
    static char json[1 << 20];
    json[fread(json, 1, sizeof json - 1, stdin)] = 0;
    if (words == 4 && !strcmp(word[1], "compare"))
        compare(json, word[2], word[3], 0);
    else if (words == 4 && !strcmp(word[1], "sampled"))
        compare(json, word[2], word[3], 1);
    else if (words == 3 && !strcmp(word[1], "spectrum"))
        spectrum(json, strtod(word[2], NULL));
    else
        CHECK(words < 0); /* no such command */
}

int main(int argc, char **argv) {
    words = argc;
    word = argv;
    if (argc == 3 && (!strcmp(argv[1], "make") || !strcmp(argv[1], "digits"))) {
        folder = argv[2];
        put_idx("digits-x", digits_x, 3, 1797, 8, 8);
        put_idx("digits-y", digits_y, 1, 1797, 0, 0);
    }
    if (argc == 3 && !strcmp(argv[1], "digits")) return 0;
    if (argc == 3 && !strcmp(argv[1], "make")) {
        numbers();
        make_good();
        make_bad();
        put_features();
        put_labels();
        put_inputs();
        put_weights();
        cn_free_all(&ctx);
        return ctx.status != CN_OK;
    }
    test_body();
    printf("%d passed, %d failed\n", test_passed, test_failed);
    return test_failed != 0;
}
