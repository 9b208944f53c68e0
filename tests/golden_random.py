#!/usr/bin/env python3
"""golden_random.py: writes golden_random.h, what the generator's laws make of given bits, to 60 digits rounded once.

What   normal (Box, Muller 1958), uniform and Laplace values of pairs u = n/2^53 at and beside the ends, eighths of a turn and steps of a
       64th, and of the first values of a few streams by Philox 4x32-10 written anew from Salmon et al. 2011.
Run    python3 golden_random.py > golden_random.h    under a second; needs mpmath (made with Python 3.11, mpmath 1.2).
"""
from mpmath import mp, mpf, cos, log, pi, sin, sqrt

mp.dps = 60
M = 0xFFFFFFFF


def philox(seed, stream, block):
    c, k = [block & M, block >> 32, stream & M, stream >> 32], [seed & M, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & M, a >> 32 ^ c[3] ^ k[1], a & M]
        k = [k[0] + 0x9E3779B9 & M, k[1] + 0xBB67AE85 & M]
    return [2 * ((c[2 * i + 1] << 32 | c[2 * i]) >> 12) + 1 for i in (0, 1)]


def laws(n):
    u = [mpf(k) / 2**53 for k in n]
    r = sqrt(-2 * log(u[0]))
    laplace = [(log(2 * v) if v < 0.5 else -log(2 * (1 - v))) / sqrt(mpf(2)) for v in u]
    return [r * cos(2 * pi * u[1]), r * sin(2 * pi * u[1])] + [(v - 0.5) * sqrt(mpf(12)) for v in u] + laplace


def numbers(values):
    return ", ".join(repr(float(v)) for v in values)


edges = [1, 3, 2**53 - 1, 2**53 - 3, 2**52 - 1, 2**52 + 1, 2**51 + 1, 2**51 - 1, 2**50 + 1, 2**50 - 1, 3 * 2**50 - 1, 3 * 2**50 + 1,
         7 * 2**50 + 1, 7 * 2**50 - 1, 2**53 - 2**47 - 1, 2**53 - 2**47 + 1, 2**53 - 2**19 + 1, 2**53 - 2**30 + 1, 2**52 + 5 * 2**46 - 1,
         2**52 + 5 * 2**46 + 1, 12345678901, 5 * 2**50 + 7, 2**40 + 2**20 + 1, 6004799503160661]
pairs = [(edges[i], edges[(7 * i + 3) % len(edges)]) for i in range(len(edges))]
streams = [(1, 0, 0), (1, 1 << 56, 0), (2**64 - 1, 5 << 56 | 77, 3), (2024, 2**63, 2**33 + 1), (0, 0, 2**55)]
print("""/* Made by golden_random.py. Do not edit.
   n: u = n/2^53; then two normals, two uniforms, two Laplace values of standard deviation 1, as doubles. */
#ifndef GOLDEN_RANDOM_H
#define GOLDEN_RANDOM_H
static const struct golden_pair {
    uint64_t n[2];
    double normal[2], uniform[2], laplace[2];
} golden_pair[] = {""")
for n in pairs:
    v = laws(n)
    print("    {{%du, %du}, {%s}, {%s}, {%s}}," % (*n, numbers(v[:2]), numbers(v[2:4]), numbers(v[4:])))
print("""};
/* Values 2 block and 2 block + 1 of a stream. */
static const struct golden_stream {
    uint64_t seed, stream, block;
    double normal[2], uniform[2], laplace[2];
} golden_stream[] = {""")
for s in streams:
    v = laws(philox(*s))
    print("    {%du, %du, %du, {%s}, {%s}, {%s}}," % (*s, numbers(v[:2]), numbers(v[2:4]), numbers(v[4:])))
print("};\n#endif")
