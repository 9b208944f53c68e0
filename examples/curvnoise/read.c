/* read.c: files in memory, gzip unpacked where zlib is there. */
#include "cli.h"
#ifdef CN_CLI_ZLIB
#include <zlib.h>
#endif

/* FNV-1a, enough to tell one data set from another */
uint64_t hash_of(uint64_t h, const void *data, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)data;
    size_t i;
    for (i = 0; i < bytes; i++) h = (h ^ at[i]) * 0x100000001B3u;
    return h;
}

#ifdef CN_CLI_ZLIB
static void *unzip(run *r, const char *path, unsigned char *packed, size_t bytes, size_t *out_bytes)
{
    z_stream z;
    unsigned char *out = NULL, *more;
    size_t room = 0, done = 0;
    int status = Z_OK;
    const char *why = "it ends too early";
    memset(&z, 0, sizeof z);
    if (bytes > 0x7FFFFFFF) stop(2, "%s: gzip files beyond 2 GB are not read", path);
    if (inflateInit2(&z, 15 + 16) != Z_OK) stop(1, "%s: no memory to unzip", path);
    z.next_in = packed;
    z.avail_in = (uInt)bytes;
    do {
        if (done + 1 >= room) {
            room = room ? 2 * room : 1 << 16;
            if (!(more = (unsigned char *)realloc(out, room))) stop(1, "%s: no memory to unzip %zu bytes", path, room);
            out = more;
        }
        z.next_out = out + done;
        z.avail_out = (uInt)(room - 1 - done > 1u << 30 ? 1u << 30 : room - 1 - done);
        status = inflate(&z, Z_NO_FLUSH);
        done = (size_t)(z.next_out - out);
    } while (status == Z_OK);
    if (status != Z_STREAM_END && status != Z_BUF_ERROR) why = z.msg ? z.msg : "it is damaged";
    inflateEnd(&z);
    if (status != Z_STREAM_END) stop(2, "%s: the gzip file cannot be unzipped: %s", path, why);
    cn_free(&r->ctx, packed);
    out[done] = 0; /* as cn_file_read: a text is a string */
    *out_bytes = done;
    return out;
}
#else
static void *unzip(run *r, const char *path, unsigned char *packed, size_t bytes, size_t *out_bytes)
{
    (void)r;
    (void)packed;
    (void)bytes;
    (void)out_bytes;
    stop(2, "%s: a gzip file; this program was built without zlib, so unzip it first", path);
    return NULL;
}
#endif

void *read_file(run *r, const char *path, size_t *bytes)
{
    unsigned char *file = (unsigned char *)cn_file_read(&r->ctx, path, bytes);
    check(&r->ctx, strstr(r->ctx.message, path) ? NULL : path);
    return *bytes > 2 && file[0] == 0x1F && file[1] == 0x8B ? unzip(r, path, file, *bytes, bytes) : file;
}
