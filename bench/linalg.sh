#!/bin/sh
# The linear algebra table: our products and eigensolver against OpenBLAS (Debian: libopenblas-dev) at its best kernel,
# one thread. OpenBLAS does not know every new processor and then falls back to an old kernel: unless OPENBLAS_KERNEL
# says otherwise, the best is named here.
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
mkdir -p "$build"
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
kernel=${OPENBLAS_KERNEL:-}
if [ -z "$kernel" ] && [ "$(uname -m)" = x86_64 ]; then
    if grep -q avx512f /proc/cpuinfo; then kernel=SKYLAKEX; elif grep -q avx2 /proc/cpuinfo; then kernel=HASWELL; fi
fi
[ -z "$kernel" ] || export OPENBLAS_CORETYPE="$kernel"
export OPENBLAS_NUM_THREADS=1
echo "machine: $(grep -m1 'model name' /proc/cpuinfo | sed 's/.*: //'), $(nproc) processors;" \
    "compiler: $(${CC:-cc} --version | head -n 1), -O2"
for real in float double; do
    ${CC:-cc} -std=c99 -O2 -DCN_REAL=$real bench/linalg.c -lopenblas -lm -o "$build/linalg_$real" || exit 1
    ${CC:-cc} -std=c99 -O3 -march=native -DCN_REAL=$real bench/linalg.c -lopenblas -lm \
        -o "$build/linalg_native_$real" || exit 1
    "$build/linalg_$real" "$@"
    : > "$build/plain"; : > "$build/native"
    for i in 1 2 3 4 5; do                          # builds in turn
        "$build/linalg_$real" rates | paste -sd' ' >> "$build/plain"
        "$build/linalg_native_$real" rates | paste -sd' ' >> "$build/native"
    done
    printf '\n%s, plain -O2 over -O3 -march=native, by shape: ' $real
    paste "$build/plain" "$build/native" | awk '{ n = NF / 2; for (i = 1; i <= n; i++) r[i] = r[i] " " $i / $(i + n) }
        END {
            for (i = 1; i <= n; i++) {
                m = split(r[i], v, " ")
                for (a = 1; a <= m; a++)
                    for (b = a + 1; b <= m; b++)
                        if (v[b] < v[a]) { t = v[a]; v[a] = v[b]; v[b] = t }
                printf "%.2f%s", v[int((m + 1) / 2)], i < n ? ", " : "\n"
            }
        }'
done
