#!/usr/bin/env python3
"""Writes digits.h from the two IDX files of the 8x8 digits. Needs Python 3 only.

    python3 make_digits.py digits-images-idx3-ubyte digits-labels-idx1-ubyte digits.h
"""
import struct
import sys

HEAD = """\
/* The 8x8 handwritten digits: 1,797 grey images, 64 pixels each (0 = white .. 16 = black, row by row, top row first), and their labels.
   Data: Optical Recognition of Handwritten Digits, test part (E. Alpaydin, C. Kaynak, 1998; UCI Machine Learning Repository), values
   unchanged, order unchanged, as distributed with scikit-learn (sklearn/datasets/data/digits.csv.gz, from Debian's python3-sklearn
   1.2.1+dfsg-1) under the BSD-3-Clause licence: LICENSE-digits.txt beside this file.
   Made by: python3 make_digits.py digits-images-idx3-ubyte digits-labels-idx1-ubyte digits.h          Do not edit. */
"""


def read_idx(path):
    with open(path, "rb") as file:
        raw = file.read()
    rank = raw[3]
    shape = struct.unpack(">%dI" % rank, raw[4:4 + 4 * rank])
    if raw[:3] != b"\0\0\x08" or len(raw) != 4 + 4 * rank + shape[0] * (64 if rank == 3 else 1):
        sys.exit(path + ": not the digits as IDX bytes")
    return raw[4 + 4 * rank:]


def main():
    images, labels = read_idx(sys.argv[1]), read_idx(sys.argv[2])
    n = len(labels)
    rows = [",".join("%d" % v for v in images[64 * i:64 * i + 64]) for i in range(n)]
    marks = [",".join("%d" % v for v in labels[i:i + 64]) for i in range(0, n, 64)]
    with open(sys.argv[3], "w") as file:
        file.write(HEAD)
        file.write("static const unsigned char digits_x[%d * 64] = {\n%s\n};\n" % (n, ",\n".join(rows)))
        file.write("static const unsigned char digits_y[%d] = {\n%s\n};\n" % (n, ",\n".join(marks)))


if __name__ == "__main__":
    main()
