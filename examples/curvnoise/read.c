/* read.c: files in memory, gzip unpacked where zlib is there; formats that are not read are named. */
#include "cli.h"
#ifdef CN_CLI_ZLIB
#include <zlib.h>
#endif

/* FNV-1a, enough to tell one data set from another */
uint64_t hash_of(uint64_t h, const void *data, size_t bytes) {
    const unsigned char *at = (const unsigned char *)data;
    size_t i;
    for (i = 0; i < bytes; i++) h = (h ^ at[i]) * 0x100000001B3u;
    return h;
}

#ifdef CN_CLI_ZLIB
enum { PIECE = 1 << 30 }; /* zlib counts in 32 bits */

/* Are there more members? Zeros after the last one are padding. */
static int another_member(const char *path, const unsigned char *at, size_t left) {
    size_t i;
    if (left > 1 && at[0] == 0x1F && at[1] == 0x8B) return 1;
    for (i = 0; i < left; i++)
        if (at[i]) stop(2, "%s: after the gzip data come %zu bytes that are none", path, left);
    return 0;
}

static void *unzip(run *r, const char *path, unsigned char *packed, size_t bytes, size_t *out_bytes) {
    z_stream z;
    unsigned char *out = NULL, *more;
    const unsigned char *end = packed + bytes;
    size_t room = 0, done = 0;
    int status = Z_OK;
    memset(&z, 0, sizeof z);
    if (inflateInit2(&z, 15 + 16) != Z_OK) stop(1, "%s: no memory to unzip", path);
    z.next_in = packed;
    for (;;) {
        if (status == Z_STREAM_END) {
            if (!another_member(path, z.next_in, (size_t)(end - z.next_in))) break;
            inflateReset(&z);
        }
        if (done + 1 >= room) {
            room = room ? 2 * room : 1 << 16;
            if (!(more = (unsigned char *)realloc(out, room))) stop(1, "%s: no memory to unzip %zu bytes", path, room);
            out = more;
        }
        z.avail_in = (uInt)(end - z.next_in > PIECE ? PIECE : end - z.next_in);
        z.next_out = out + done;
        z.avail_out = (uInt)(room - 1 - done > PIECE ? PIECE : room - 1 - done);
        status = inflate(&z, Z_NO_FLUSH);
        done = (size_t)(z.next_out - out);
        if (status != Z_OK && status != Z_STREAM_END)
            stop(2, "%s: the gzip file cannot be unzipped: %s", path,
                 status == Z_BUF_ERROR ? "it ends too early"
                 : z.msg               ? z.msg
                                       : "it is damaged");
    }
    inflateEnd(&z);
    cn_free(&r->ctx, packed);
    out[done] = 0; /* as cn_file_read: a text is a string */
    *out_bytes = done;
    return out;
}
#else
static void *unzip(run *r, const char *path, unsigned char *packed, size_t bytes, size_t *out_bytes) {
    (void)r;
    (void)packed;
    (void)bytes;
    (void)out_bytes;
    stop(2, "%s: a gzip file; this program was built without zlib, so unzip it first", path);
    return NULL;
}
#endif

void *read_file(run *r, const char *path, size_t *bytes) {
    int kind = what_is(path);
    unsigned char *file;
    doing("reading %s", path);
    if (kind == A_DIRECTORY || kind == SOMETHING_ELSE) /* opening a pipe would wait for its other end */
        stop(2, "%s: this is %s; expected an ordinary file", path,
             kind == A_DIRECTORY ? "a directory" : "no ordinary file");
    file = (unsigned char *)cn_file_read(&r->ctx, path, bytes);
    check(&r->ctx, strstr(r->ctx.message, path) ? NULL : path);
    return *bytes > 2 && file[0] == 0x1F && file[1] == 0x8B ? unzip(r, path, file, *bytes, bytes) : file;
}

static int holds(const unsigned char *file, size_t bytes, const char *words) {
    size_t n = strlen(words), i;
    for (i = 0; i + n <= bytes; i++)
        if (!memcmp(file + i, words, n)) return 1;
    return 0;
}

static const char *foreign_format(const unsigned char *file, size_t bytes) {
    static const struct {
        const char *magic, *says;
    } formats[] = {
        {"\x89HDF", "an HDF5 file (Keras weights?); save the arrays as .npy or .safetensors"},
        {"\x89PNG", "a PNG picture; save the pixels as .npy"},
        {"\xFF\xD8\xFF", "a JPEG picture; save the pixels as .npy"},
        {"PAR1", "a Parquet file; save the columns as .npy"},
        {"MATLAB", "a MATLAB file; save the arrays as .npy"},
        {"GGUF", "a GGUF file; save the weights as .safetensors"},
        {"\x28\xB5\x2F\xFD", "compressed by zstd; unpack it first"},
        {"\xFD\x37zXZ", "compressed by xz; unpack it first"},
        {"BZh", "compressed by bzip2; unpack it first"},
    };
    static const char torch[] = "a PyTorch file (.pt); save_file(model.state_dict(), FILE) of safetensors writes "
                                "weights, np.save an array";
    size_t i, n;
    if (bytes > 9 && !memcmp(file, "PK\3\4", 4))
        return holds(file, bytes, "data.pkl") ? torch
               : holds(file, bytes, ".npy")   ? "an .npz archive, which may hold several arrays; np.save writes one "
                                                "as .npy"
                                              : "a zip archive; unpack it first";
    if (bytes > 9 && !memcmp(file, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9", 9)) return torch;
    if (bytes > 2 && file[0] == 0x80 && file[1] >= 2 && file[1] <= 5)
        return "a Python pickle; save arrays as .npy, weights as .safetensors";
    for (i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (n = strlen(formats[i].magic), bytes > n && !memcmp(file, formats[i].magic, n)) return formats[i].says;
    for (i = 0; i < bytes && i < 200; i++)
        if (file[i] > 126 || (file[i] < 32 && !strchr("\t\r\n", file[i]))) return NULL;
    return bytes ? "a text; save numbers as .npy" : NULL;
}

void check_file(run *r, const char *path, const void *file, size_t bytes) {
    const char *format = r->ctx.status == CN_E_FILE ? foreign_format((const unsigned char *)file, bytes) : NULL;
    if (format) stop(2, "%s: this is %s", path, format);
    check(&r->ctx, path);
}
