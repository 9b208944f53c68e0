#!/bin/sh
# The demo's numbers for the weights in tests/dumps against golden_demo.h (PyTorch, float64). The last line is
# "N passed, N failed".
# BUILD: where `digits` lies (default build); it must be there: make build/digits. CC: the compiler (default cc).
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
mkdir -p "$BUILD/tests"
${CC:-cc} -std=c99 -Wall -Wextra tests/demo.c -lm -o "$BUILD/tests/demo" || { echo "0 passed, 1 failed"; exit 1; }
"$BUILD/digits" --load tests/dumps/digits --json | "$BUILD/tests/demo"
