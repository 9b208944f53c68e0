#!/bin/sh
# The same tests on other compilers and machines, quick sizes. Says which targets ran; the last line is "N passed,
# N failed". A target whose compiler or emulator is absent counts as a failure with --all (continuous integration),
# else it is only named.
# Usage: tests/targets.sh [--all] [TARGET ...]
cd "$(dirname "$0")/.." || exit 1
all=0
[ "${1:-}" = --all ] && { all=1; shift; }
wanted=${*:-gcc-O0 gcc-native gcc-Ofast openmp cblas tcc gxx sanitize m32 mingw wasm aarch64 s390x cortex-m4f}
build=${BUILD:-build}/targets
here=$(pwd)
passed=0 failed=0 ran="" absent=""
floors=$(echo $(sed -n 's/^FLOORS +*= //p' Makefile))
slow_first="spectrum measures operators faults derivatives linalg layers visit costs graphs" # so that none is alone at the end
for floor in $floors; do case " $slow_first " in *" $floor "*) ;; *) slow_first="$slow_first $floor" ;; esac; done
sanitizers="-fsanitize=address,undefined,pointer-overflow,float-cast-overflow -fno-sanitize-recover=all"
double_only=""       # tests that a target runs in double alone
built=""

have() { for tool in "$@"; do command -v "$tool" >/dev/null 2>&1 || return 1; done; }

now() { date +%s.%N | sed 's/N$/0/'; } # with fractions where date has them
since() { echo "$1 $(now)" | awk '{ printf "%.0f", $2 - $1 }'; }

# The counts of a log's last line, the target's seconds and its slowest program. A target shall take less than a minute
# (quick sizes: TEST_SIZE in tests/test.h), but machines differ: nothing fails by its time. The log names every
# program's seconds.
add() {
    line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1)
    if [ -z "$line" ]; then failed=$((failed + 1)); echo "$name: no counts"; tail -n 20 "$1"; return; fi
    p=${line%% passed*}; f=${line##*passed, }; f=${f%% failed*}
    passed=$((passed + p)) failed=$((failed + f))
    [ "$f" = 0 ] || grep -aE 'FAILED|: ended with status|^ +status' "$1" | head -n 20
    ran="$ran $name"
    slowest=$(sed -n 's/^.*\/\([^/]*\): .* in \([0-9.]*\) s$/\2 \1/p' "$1" | sort -rn | head -n 1)
    took="in $(since "$started") s${built:+, $built of them to build}"
    echo "$name: $line $took${slowest:+ (slowest: ${slowest#* } ${slowest%% *} s)}"
}

jobs=${TEST_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}

# unit NAME RUNNER COMPILER...: every test in float and double, built as many at a time as there are processors. The
# library is compiled as the target says, and so are tests that contain it; the others, which only call it or count its
# multiply-adds, without optimisation (most of a target's time would go into optimising them) and with the flags
# harness_too. Only what was built runs,
# and nothing of an earlier run: a program that does not build is a failure. RUNNER "none": nothing runs, and every
# program that was built counts.
unit() {
    name=$1 runner=$2; shift 2
    started=$(now)
    rm -rf "$build/$name"
    mkdir -p "$build/$name"
    compiler="$* -DTEST_QUICK"
    export compiler harness_too link_first link_between link_last
    for real in double float; do echo "$real"; done | xargs -P "$jobs" -I '{}' sh -c '
        $compiler -DCN_REAL=$1 -c tests/lib.c -o "$0/lib_$1.o" || rm -f "$0/lib_$1.o"' "$build/$name" '{}'
    for floor in $slow_first; do
        case " $floors " in *" $floor "*) echo "$floor double" ;; *) continue ;; esac
        case " $double_only " in *" $floor "*) ;; *) echo "$floor float" ;; esac
    done > "$build/$name/list"
    xargs -P "$jobs" -L 1 sh -c '
        [ -f "$0/lib_$2.o" ] || exit 0
        harness="-O0 $harness_too"
        grep -q "define CURVNOISE_IMPLEMENTATION" "tests/$1.c" && ! grep -q "define CN_COUNT" "tests/$1.c" && harness=
        out=$0/$1_$2
        $compiler $harness -DCN_REAL=$2 $link_first "tests/$1.c" $link_between "$0/lib_$2.o" -lm $link_last -o "$out" ||
            rm -f "$out"
        [ ! -f "$out.exe" ] || mv "$out.exe" "$out"
        exit 0' "$build/$name" < "$build/$name/list"
    built=$(since "$started") programs="" count=0
    for real in double float; do
        [ -f "$build/$name/lib_$real.o" ] || missing "the library does not compile ($real)"
    done
    while read -r floor real; do
        out=$build/$name/${floor}_$real
        [ -f "$build/$name/lib_$real.o" ] || continue
        if [ -f "$out" ]; then
            programs="$programs $out" count=$((count + 1))
        else
            missing "tests/$floor.c does not build ($real)"
        fi
    done < "$build/$name/list"
    if [ "$runner" = none ]; then
        echo "$count passed, 0 failed" > "$build/$name/log"
    else
        TEST_RUN=$runner tests/run.sh $programs > "$build/$name/log" 2>&1
    fi
    add "$build/$name/log"
    built=""
}
missing() { failed=$((failed + 1)); echo "$name: $1"; }

# can_compile LINE COMMAND...: COMMAND compiles a file of this line
can_compile() { line=$1; shift; echo "$line" | "$@" -x c - > /dev/null 2>&1; }
runs() { "$1" > /dev/null 2>&1; } # 32-bit programs need not be known to the kernel
present() { # TARGET: is what it needs installed?
    case $1 in
    gcc-O0 | gcc-native | gcc-Ofast | openmp) have gcc ;;
    cblas) have gcc && can_compile '#include <cblas.h>' gcc -fsyntax-only ;;
    tcc) have tcc ;;
    gxx) have g++ ;;
    sanitize)
        have clang && mkdir -p "$build" &&
            can_compile 'int main(void) { return 0; }' clang $sanitizers -o "$build/probe" ;;
    m32)
        have gcc && mkdir -p "$build" && can_compile 'int main(void) { return 0; }' gcc -m32 -o "$build/probe" &&
            { runs "$build/probe" || have qemu-i386-static; } ;;
    mingw) have x86_64-w64-mingw32-gcc ;; # wine is asked for below
    wasm) have clang node wasm-ld && can_compile '#include <math.h>' clang --target=wasm32-wasi -fsyntax-only ;;
    aarch64) have aarch64-linux-gnu-gcc qemu-aarch64-static ;;
    s390x) have s390x-linux-gnu-gcc qemu-s390x-static ;;
    cortex-m4f) have arm-none-eabi-gcc qemu-system-arm ;;
    *) echo "$1 is no target"; exit 2 ;;
    esac
}

for target in $wanted; do
    link_first="" link_between="" link_last="" harness_too=""
    if ! present $target; then
        absent="$absent $target"
        [ $all = 0 ] || failed=$((failed + 1))
        continue
    fi
    case $target in
    gcc-O0) unit gcc-O0 "" gcc -std=c99 -O0 ;;
    cblas) # bits, NaN and splits are then the BLAS's own: the floors above
        all_floors=$floors floors="linalg network loss derivatives optimisers operators measures layers graphs"
        link_last=-lopenblas
        unit cblas "" gcc -std=c99 -O2 -DCURVNOISE_USE_CBLAS
        floors=$all_floors ;;
    gcc-Ofast) # the flags that a user may set: what they may not change
        all_floors=$floors floors="base kernels linalg spectrum layers derivatives optimisers measures files"
        unit gcc-Ofast-native "" gcc -std=c99 -Ofast -march=native
        floors=$all_floors ;;
    gcc-native) unit gcc-O3-native "" gcc -std=c99 -O3 -march=native -ffp-contract=fast ;;
    openmp) # more threads than processors
        unit openmp "env OMP_NUM_THREADS=3" gcc -std=c99 -O2 -fopenmp ;;
    tcc) unit tcc "" tcc -std=c99 ;;
    gxx)
        link_first="-x c++" link_between="-x none"
        unit gxx-c++11 "" g++ -std=c++11 -O1 ;;
    sanitize) # -O0: instrumented kernels take minutes to optimise. The two slowest programs run in double
        double_only="visit faults"
        unit sanitize "env ASAN_OPTIONS=allocator_may_return_null=1" clang -std=c99 -O0 $sanitizers
        double_only="" ;;
    m32)
        # QEMU's masked loads touch what is masked out: no guard pages there
        runs "$build/probe" && runner="" guard="" || runner=qemu-i386-static guard=-DNO_MMAP
        unit m32 "$runner" gcc -m32 -isystem /usr/include/x86_64-linux-gnu -msse2 -mfpmath=sse -std=c99 -O2 $guard ;;
    mingw) # Windows; without wine the tests are only compiled and linked
        wine=$(command -v wine64 || ls /usr/lib/wine/wine64 2> /dev/null || echo none)
        if [ $wine = none ] && [ $all = 1 ]; then name=mingw; missing "wine64 is absent: nothing was run"; fi
        if [ $wine != none ]; then # file names are Unicode in a UTF-8 locale alone; the first start makes a prefix
            mkdir -p "$build"
            wine="env WINEPREFIX=$(cd "$build" && pwd)/wine WINEDEBUG=-all LC_ALL=C.UTF-8 $wine"
            $wine cmd /c exit > /dev/null 2>&1
        fi
        unit mingw64 "$wine" x86_64-w64-mingw32-gcc -std=c99 -O1 -Wall -Wextra -Werror ;;
    wasm)
        harness_too=-fno-sanitize=all
        unit wasm32-simd "node --no-warnings $here/tests/target/run_wasi.mjs" clang --target=wasm32-wasi -msimd128 \
            -std=c99 -O2 -Wl,-z,stack-size=1048576 -Wno-unused-command-line-argument \
            -fsanitize=undefined -fsanitize-trap=undefined ;;
    # -O1: compiles in half of -O2's time and runs no slower, as an emulator spends its time in software floating point;
    # gcc 12 for aarch64 has an internal error in its vectoriser
    aarch64) # the checks that are left out cost most under an emulator; the target sanitize makes them
        harness_too=-fno-sanitize=all
        unit aarch64-neon qemu-aarch64-static aarch64-linux-gnu-gcc -std=c99 -O1 -fno-tree-vectorize -static \
            -fsanitize=undefined -fsanitize-undefined-trap-on-error -fno-sanitize=null,alignment,object-size ;;
    s390x) # here for the order of its bytes; its emulated arithmetic is the slowest: what only computes runs in double
        double_only="spectrum measures operators faults derivatives linalg layers visit costs graphs tic mls stability"
        unit s390x-big-endian qemu-s390x-static s390x-linux-gnu-gcc -std=c99 -O1 -static
        double_only="" ;;
    cortex-m4f) # the two smallest examples, bare metal
        name=cortex-m4f started=$(now)
        mkdir -p "$build/$name"
        good=0 bad=0
        for example in hello chip; do
            out=$build/$name/$example
            arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -std=c99 -O2 \
                -ffunction-sections -fdata-sections -Wl,--gc-sections -nostartfiles -T tests/target/cortex_m.ld \
                --specs=rdimon.specs tests/target/cortex_m.c examples/$example.c -lm -o "$out.elf" &&
                timeout 120 qemu-system-arm -M mps2-an386 -nographic -monitor none \
                    -semihosting-config enable=on,target=native -kernel "$out.elf" \
                    > "$out.out" 2> /dev/null < /dev/null &&
                grep -q 'right' "$out.out" && good=$((good + 1)) || bad=$((bad + 1))
            cat "$out.out" 2>/dev/null
        done
        echo "$good passed, $bad failed" > "$build/$name/log"
        add "$build/$name/log" ;;
    esac
done
echo "targets that ran: $(echo $ran | wc -w):$ran${absent:+; absent:$absent}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
