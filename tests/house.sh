#!/bin/sh
# The rules of the house that no C test can see: floors, warnings, linking, no writable globals, the words on the doors.
# CC is the compiler for what needs one; gcc, clang, g++, clang++ and tcc are used where they are installed. HOUSE_HEADER may name another header.
# The last line is "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
header=${HOUSE_HEADER:-$(pwd)/curvnoise.h}
CC=${CC:-cc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED $1"; [ ! -s "$work/log" ] || grep -aE "error|warning|undefined" "$work/log" | sort -u | head -n 3; : > "$work/log"; }
check() { name=$1; shift; if "$@" > "$work/log" 2>&1; then pass; else fail "$name"; fi; }       # a command that must succeed
refuse() { name=$1; shift; if "$@" > "$work/log" 2>&1; then : > "$work/log"; fail "$name"; else pass; fi; } # one that must not
empty() { if [ -z "$2" ]; then pass; else : > "$work/log"; fail "$1: $(echo "$2" | tr '\n' ' ' | cut -c 1-300)"; fi; }
have() { command -v "$1" > /dev/null 2>&1; }
for tool in gcc clang g++ clang++ tcc; do have $tool || echo "house: $tool is not installed; its checks were not made"; done

printf '#define CURVNOISE_IMPLEMENTATION\n#include "%s"\n' "$header" > "$work/lib.c"
printf '#include "%s"\nint cn_unit_is_not_empty(void);\n' "$header" > "$work/declarations.c"
for source in lib declarations; do cp "$work/$source.c" "$work/$source.cpp"; done

# ---- 1. floors: each prefix compiles and misses nothing, so that no floor calls one below it
keep=-fkeep-static-functions                         # also what nobody calls yet
$CC $keep -c -o "$work/keep.o" "$work/declarations.c" 2> /dev/null || keep=
k=1
while [ $k -le 14 ]; do
    simd=-DCN_NO_SIMD; [ $k -eq 4 ] && simd=         # intrinsics are on floor 4 alone and compile slowly
    if $CC -std=c99 -O0 $keep $simd -Werror=implicit-function-declaration -DCN_FLOOR_MAX=$k -c -o "$work/floor.o" "$work/lib.c" > "$work/log" 2>&1; then
        empty "floor $k calls below itself" "$(nm -u "$work/floor.o" | grep -E ' (my_)?cn_')"
        [ $k -ne 3 ] || empty "floor 3 takes logarithms or sines from libm" "$(nm -u "$work/floor.o" | grep -E ' (log|sin|cos)[a-z0-9]*$')"
        [ $k -ne 1 ] || empty "floor 1 holds more than itself" "$(nm "$work/floor.o" | grep -E ' T cn_(random|gemm|convert)')"
    else fail "floor $k does not compile"; fi
    k=$((k + 1))
done

# ---- 2. no warning
strict="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
for compiler in gcc clang; do
    have $compiler || continue
    for real in float double; do
        for std in c99 c11 c17 c2x; do
            check "$compiler -std=$std $real, declarations" $compiler -std=$std $strict -fsyntax-only -DCN_REAL=$real "$work/declarations.c"
            case $std$real in c11double|c17float) continue ;; esac
            check "$compiler -std=$std $real" $compiler -std=$std $strict -fsyntax-only -DCN_REAL=$real "$work/lib.c"
        done
    done
    # the parts that can be left out; the real alternates, the standard is the oldest
    check "$compiler CN_STATIC" $compiler -std=c99 $strict -fsyntax-only -DCN_STATIC "$work/lib.c"
    check "$compiler CN_NO_MESSAGES" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_MESSAGES -DCN_REAL=double "$work/lib.c"
    check "$compiler CN_NO_SIMD" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_SIMD "$work/lib.c"
    check "$compiler CN_NO_SIMD double" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_SIMD -DCN_REAL=double "$work/lib.c"
    check "$compiler CN_NO_MALLOC" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_MALLOC "$work/lib.c"
    check "$compiler CN_NO_FILES" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_FILES -DCN_NO_SIMD "$work/lib.c"
    check "$compiler CN_NO_STDIO" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_STDIO -DCN_NO_SIMD -DCN_REAL=double "$work/lib.c"
    check "$compiler CN_NO_FILES, declarations" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_FILES "$work/declarations.c"
    check "$compiler CN_NO_STDIO, declarations" $compiler -std=c99 $strict -fsyntax-only -DCN_NO_STDIO -DCN_REAL=double "$work/declarations.c"
    check "$compiler CN_NAMESPACE" $compiler -std=c99 $strict -fsyntax-only -DCN_NAMESPACE=my_ "$work/lib.c"
    check "$compiler all left out" $compiler -std=c99 $strict -fsyntax-only -DCN_STATIC -DCN_NO_MESSAGES -DCN_NO_SIMD -DCN_NO_MALLOC -DCN_NO_FILES -DCN_REAL=double "$work/lib.c"
done
have gcc && check "gcc -O2" gcc -std=c99 -O2 $strict -DCN_NO_SIMD -c -o "$work/o2.o" "$work/lib.c" # some warnings come only with the optimiser; with intrinsics: g++ below, and make test
for compiler in g++ clang++; do
    have $compiler || continue
    for real in float double; do
        check "$compiler $real" $compiler -std=c++11 -Wall -Wextra -Werror -fsyntax-only -DCN_REAL=$real "$work/lib.cpp"
        check "$compiler $real, declarations" $compiler -std=c++11 -Wall -Wextra -Werror -fsyntax-only -DCN_REAL=$real "$work/declarations.cpp"
    done
done
have g++ && check "g++ -O1" g++ -std=c++11 -O1 -Wall -Wextra -Werror -c -o "$work/o1.o" "$work/lib.cpp"
have arm-none-eabi-gcc && check "arm-none-eabi-gcc, 32 bits" arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c99 $strict -fsyntax-only "$work/lib.c"
if have tcc; then
    check "tcc float" tcc -Wall -Werror -c -o "$work/tcc.o" "$work/lib.c"
    check "tcc double" tcc -Wall -Werror -DCN_REAL=double -c -o "$work/tcc.o" "$work/lib.c"
fi

# ---- 3. linking
cat > "$work/use.c" << END
#include "$header"
double NAME(void); double NAME(void)
{
    static const cn_real x[] = { 0, 0,  0, 1,  1, 0,  1, 1 };
    static const int32_t y[] = { 0, 1, 1, 0 };
    cn_ctx c = CN_ZERO; cn_data data = CN_ZERO; cn_problem *p; cn_net *net; cn_real *theta; double loss;
    c.isa = CN_ISA_C; /* some of the copies have no other kernels */
    data.x = cn_tensor_of(x, CN_REALS, 2, 4, 2, 0, 0);
    data.y = cn_tensor_of(y, CN_I32, 1, 4, 0, 0, 0);
    net = cn_net_create(&c, "input 2; dense 8; tanh; dense 2");
    p = cn_problem_create(&c, net, &data, NULL);
    theta = cn_vector(&c, cn_net_describe(net).size);
    cn_net_init(net, CN_INIT_AUTO, 1, theta);
    loss = cn_evaluate(p, theta, NULL, NULL).loss;
    loss = c.status ? -1 : loss;
    cn_free_all(&c);
    return loss;
}
END
cat > "$work/main.c" << 'END'
#include <stdio.h>
double use_float(void); double use_double(void); double use_static1(void); double use_static2(void); double use_my(void);
int main(void) /* float and double losses agree to 1e-4 and are not the same; copies of one real agree in every bit */
{
    double f = use_float(), d = use_double(), apart = f > d ? f - d : d - f;
    int good = d > 0.1 && d < 10 && apart > 0 && apart < 1e-4 && use_static1() == d && use_static2() == f && use_my() == f;
    printf("float %.17g double %.17g static %.17g %.17g my %.17g\n", f, d, use_static1(), use_static2(), use_my());
    return !good;
}
END
cat > "$work/main_alone.c" << 'END'
double use_double(void);
int main(void) { return !(use_double() > 0); }
END
build() { $CC -std=c99 -O0 -c -o "$work/$1.o" "$2" $3 > "$work/log" 2>&1 || { fail "$1 does not compile"; return 1; }; }
pie=-fno-pie; $CC -fno-pie -c -o "$work/keep.o" "$work/declarations.c" 2> /dev/null || pie=
build lib_float "$work/lib.c" "$pie"
build lib_double "$work/lib.c" "$pie -DCN_REAL=double -DCN_NO_SIMD"
build lib_my "$work/lib.c" "-DCN_NAMESPACE=my_ -DCN_NO_SIMD"
build use_float "$work/use.c" "-DNAME=use_float"
build use_double "$work/use.c" "-DNAME=use_double -DCN_REAL=double"
build use_my "$work/use.c" "-DNAME=use_my -DCN_NAMESPACE=my_"
build use_static1 "$work/use.c" "-DNAME=use_static1 -DCN_REAL=double -DCN_STATIC -DCURVNOISE_IMPLEMENTATION -DCN_NO_SIMD"
build use_static2 "$work/use.c" "-DNAME=use_static2 -DCN_STATIC -DCURVNOISE_IMPLEMENTATION -DCN_NO_SIMD"
nopie=-no-pie; $CC -no-pie -o "$work/keep" "$work/main_alone.c" "$work/use_double.o" "$work/lib_double.o" -lm 2> /dev/null || nopie=
(
    cd "$work" || exit 1
    $CC $nopie -o all main.c use_float.o use_double.o use_my.o use_static1.o use_static2.o lib_float.o lib_double.o lib_my.o -lm
) > "$work/log" 2>&1 && pass || fail "float, double, another name and two private copies do not link into one program"
check "each copy gives its own results" "$work/all"
check "a double caller with a double library" $CC $nopie -o "$work/alone" "$work/main_alone.c" "$work/use_double.o" "$work/lib_double.o" -lm
check "it runs" "$work/alone"
refuse "a double caller links with a float library" $CC $nopie -o "$work/mixed" "$work/main_alone.c" "$work/use_double.o" "$work/lib_float.o" -lm
sed 's/use_double/use_float/' "$work/main_alone.c" > "$work/main_float.c"
refuse "a float caller links with a double library" $CC $nopie -o "$work/mixed" "$work/main_float.c" "$work/use_float.o" "$work/lib_double.o" -lm
refuse "a caller of another name links with the plain library" $CC $nopie -o "$work/mixed" -Duse_double=use_my "$work/main_alone.c" "$work/use_my.o" "$work/lib_float.o" -lm
empty "CN_NAMESPACE: names without it" "$(nm -g --defined-only "$work/lib_my.o" | awk '{print $3}' | grep -v '^_*my_cn_')"
empty "public names that are not cn_" "$(nm -g --defined-only "$work/lib_float.o" "$work/lib_double.o" | awk 'NF == 3 {print $3}' | grep -v '^_*cn_[a-z]')"
empty "a double library with a float name" "$(nm -g --defined-only "$work/lib_double.o" | awk 'NF == 3 {print $3}' | grep -v '_double$')"
empty "CN_STATIC: public names" "$(nm -g --defined-only "$work/use_static1.o" | awk '{print $3}' | grep -v 'use_static1$')"
declared=$(sed -n '/^#ifndef CURVNOISE_H/,/^#endif \/\* CURVNOISE_H/p' "$header" | grep -E '^CN_API' | grep -oE '\bcn_[a-z_]+\(' | sort -u | tr -d '(')
defined=$(nm -g --defined-only "$work/lib_float.o" | awk '{print $3}' | sed 's/^_*//' | sort -u)
empty "declared but not defined, or the other way round" "$( (echo "$declared"; echo "$defined") | sort | uniq -u)"
renamed=$(grep -oE '^#define cn_[a-z_]+ CN__NAME' "$header" | awk '{print $2}' | sort -u)
empty "declared but not renamed with double" "$( (echo "$declared"; echo "$renamed") | sort | uniq -u)"

# ---- 4. no writable globals; nothing of libc but memory, strings, mathematics and, for two functions, files
stdio='fopen(64)?|fclose|fread|fwrite|fgetc|getc|fseeko?(64)?|ftello?(64)?|ferror|remove|rename|errno_location|error|strerror'
for real in float double; do
    empty "writable globals ($real)" "$(nm "$work/lib_$real.o" | awk '$2 ~ /^[DdBbCGgSs]$/ {print $3}')"
    empty "sections with writable bytes ($real)" "$(size "$work/lib_$real.o" | awk 'NR == 2 && ($2 || $3) {print "data " $2 " bss " $3}')"
    empty "calls beyond memory, strings, mathematics and files ($real)" "$(nm -u "$work/lib_$real.o" | awk '{print $2}' | sed 's/^_*//' |
        grep -vE '^(malloc|free|mem(cpy|set|cmp|move)|str(len|cmp|ncmp|chr|cpy|cat)|(sqrt|log|log10|exp|sin|cos|tanh|fabs|floor|erf|erfc|log1p|ldexp|frexp|pow|hypot|copysign|nearbyint)f?|GLOBAL_OFFSET_TABLE_|stack_chk_fail|'"$stdio"')$')"
done
for without in CN_NO_FILES CN_NO_STDIO; do
    if $CC -std=c99 -O0 -DCN_NO_SIMD -D$without -c -o "$work/without.o" "$work/lib.c" > "$work/log" 2>&1; then
        empty "$without: stdio all the same" "$(nm -u "$work/without.o" | grep -E " _*($stdio)\$")"
        empty "$without: files on a disk all the same" "$(nm -g --defined-only "$work/without.o" | grep -E ' _*cn_file_')"
        check "$without: files in memory" [ "$(nm -g --defined-only "$work/without.o" | grep -cE ' _*cn_(tensor|theta)_(read|write)$')" = "$(case $without in *STDIO) echo 4 ;; *) echo 0 ;; esac)" ]
    else fail "$without does not compile"; fi
done
if $CC -std=c99 -Os -DCN_NO_MALLOC -DCN_NO_MESSAGES -DCN_NO_SIMD -c -o "$work/bare.o" "$work/lib.c" > "$work/log" 2>&1; then
    empty "CN_NO_MALLOC: malloc all the same" "$(nm -u "$work/bare.o" | grep -E ' _*(malloc|free|calloc|realloc)$')"
    empty "CN_NO_MESSAGES: sentences all the same" "$(grep -ac 'is not a known layer' "$work/bare.o" | grep -v '^0$')"
else fail "CN_NO_MALLOC CN_NO_MESSAGES CN_NO_SIMD -Os does not compile"; fi

# ---- 5. the words on the doors
banners=$(grep -oE '^/\* ==== FLOOR [0-9]+:' "$header" | grep -oE '[0-9]+' | tr '\n' ' ')
[ "$banners" = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 " ]; check "the banners stand in order ($banners)" [ $? -eq 0 ]
k=1
while [ $k -le 14 ]; do # each floor's name in the contents is the one on its banner; its guard opens right below it and closes
    word=$(sed -n "s,^/\* ==== FLOOR $k: \([a-z]*\).*,\1,p" "$header")
    check "floor $k ($word) in the contents" sh -c "sed -n '/CONTENTS/,/THE WAY OF/p' '$header' | grep -qE '(^| )$k $word '"
    check "the guard of floor $k" sh -c "grep -A 1 '^/\* ==== FLOOR $k:' '$header' | grep -q '^#if CN_FLOOR_MAX >= $k\$' && [ \$(grep -c '^#endif /\* FLOOR $k \*/' '$header') = 1 ]"
    k=$((k + 1))
done
sed -n '/^#if defined(CURVNOISE_IMPLEMENTATION)/,/^#endif \/\* CURVNOISE_IMPLEMENTATION/p' "$header" > "$work/body"
check "the implementation was found" [ "$(wc -l < "$work/body")" -gt 3000 ]
empty "malloc in more places than one" "$(grep -nE '(^|[^_A-Za-z])malloc *\(' "$work/body" | tail -n +2)"
empty "free in more places than one" "$(grep -nE '(^|[^_A-Za-z])free *\(' "$work/body" | tail -n +2)"
empty "CN_MALLOC used in more places than one" "$(grep -nE 'CN_MALLOC *\(' "$work/body" | grep -v define | tail -n +2)"
empty "printing, ending, waiting, allocating on the stack" "$(grep -nE '(^|[^_A-Za-z])(calloc|realloc|alloca|printf|fprintf|puts|abort|exit|assert|strtod|atof|setlocale|rand|time|getenv|longjmp) *\(' "$work/body")"
empty "tabs" "$(grep -n "$(printf '\t')" "$header" | head -n 3)"
empty "trailing blanks" "$(grep -nE ' +$' "$header" | head -n 3)"
version=$(sed -n '1s/.* - v\([0-9.]*\) - .*/\1/p' "$header")
check "the version of the first line stands in the changelog" grep -qE "^   $version " "$header"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
