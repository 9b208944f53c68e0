#!/bin/sh
# The rules of the house that no C test can see: floors, warnings, linking, no writable globals, the words on the doors.
# CC is the compiler for what needs one; gcc, clang, g++, clang++ and tcc are used where they are installed.
# HOUSE_HEADER may name another header.
# The last line is "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
header=${HOUSE_HEADER:-$(pwd)/curvnoise.h}
CC=${CC:-cc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    echo "FAILED $1"
    [ ! -s "$work/log" ] || grep -aE "error|warning|undefined" "$work/log" | sort -u | head -n 3
    : > "$work/log"
}
# a command that must succeed, and one that must not
check() { name=$1; shift; if "$@" > "$work/log" 2>&1; then pass; else fail "$name"; fi; }
refuse() { name=$1; shift; if "$@" > "$work/log" 2>&1; then : > "$work/log"; fail "$name"; else pass; fi; }
empty() { if [ -z "$2" ]; then pass; else : > "$work/log"; fail "$1: $(echo "$2" | tr '\n' ' ' | cut -c 1-300)"; fi; }
have() { command -v "$1" > /dev/null 2>&1; }
for tool in gcc clang g++ clang++ tcc; do
    have $tool || echo "house: $tool is not installed; its checks were not made"
done

printf '#define CURVNOISE_IMPLEMENTATION\n#include "%s"\n' "$header" > "$work/lib.c"
printf '#include "%s"\nint cn_unit_is_not_empty(void);\n' "$header" > "$work/declarations.c"
for source in lib declarations; do cp "$work/$source.c" "$work/$source.cpp"; done

# ---- 1. floors: each prefix compiles and misses nothing, so that no floor calls one below it
keep=-fkeep-static-functions                         # also what nobody calls yet
$CC $keep -c -o "$work/keep.o" "$work/declarations.c" 2> /dev/null || keep=
k=1
while [ $k -le 14 ]; do
    simd=-DCN_NO_SIMD; [ $k -eq 4 ] && simd=         # intrinsics are on floor 4 alone and compile slowly
    if $CC -std=c99 -O0 $keep $simd -Werror=implicit-function-declaration -DCN_FLOOR_MAX=$k -c -o "$work/floor.o" \
        "$work/lib.c" > "$work/log" 2>&1; then
        empty "floor $k calls below itself" "$(nm -u "$work/floor.o" | grep -E ' (my_)?cn_')"
        [ $k -ne 3 ] || empty "floor 3 takes logarithms or sines from libm" \
            "$(nm -u "$work/floor.o" | grep -E ' (log|sin|cos)[a-z0-9]*$')"
        [ $k -ne 1 ] || empty "floor 1 holds more than itself" \
            "$(nm "$work/floor.o" | grep -E ' T cn_(random|gemm|convert)')"
    else fail "floor $k does not compile"; fi
    k=$((k + 1))
done

# ---- every public call stands in tests/base.c, whose table runs each dry, real, refused and in a dry chain
without="cn_count cn_tensor_row cn_shuffle cn_stream cn_net_item cn_layers cn_problem_describe cn_point_describe"
without="$without cn_opt_reset cn_tensor_write"      # these take no memory and cannot fail
without="$without cn_batch_size cn_file_read cn_file_write" # network.c, files.c
empty "not in tests/base.c" "$(sed -n 's/^#define \(cn_[a-z_]*\) CN__NAME.*/\1/p' "$header" | while read -r name; do
    case " $without " in *" $name "*) ;; *) grep -q "$name(" tests/base.c || echo "$name" ;; esac
done)"

# ---- every layer stands in the grammar and in the command line's help
grammar=$(sed -n '/^\/\* Items, one or more blanks/,/\*\/$/p' "$header")
empty "layers that the grammar or the help lacks" "$(sed -n 's/^#define CN__ROW_\([a-z]*\) .*/\1/p' "$header" |
    while read -r name; do
        echo "$grammar" | grep -qw "$name" && grep -qw "$name" examples/curvnoise/main.c || echo "$name"
    done)"

# ---- 2. no warning
strict="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
syntax() { # COMPILER NAME SOURCE FLAGS...: no warning
    compiler=$1 title=$2 source=$3; shift 3
    check "$compiler $title" $compiler -std=c99 $strict -fsyntax-only "$@" "$work/$source.c"
}
for compiler in gcc clang; do
    have $compiler || continue
    for real in float double; do
        for std in c99 c11 c17 c2x; do
            syntax $compiler "-std=$std $real, declarations" declarations -std=$std -DCN_REAL=$real
            case $std$real in c11double|c17float) continue ;; esac
            syntax $compiler "-std=$std $real" lib -std=$std -DCN_REAL=$real
        done
    done
    # the parts that can be left out; the real alternates, the standard is the oldest
    syntax $compiler CN_STATIC lib -DCN_STATIC
    syntax $compiler CN_NO_MESSAGES lib -DCN_NO_MESSAGES -DCN_REAL=double
    syntax $compiler CN_NO_SIMD lib -DCN_NO_SIMD
    syntax $compiler "CN_NO_SIMD double" lib -DCN_NO_SIMD -DCN_REAL=double
    syntax $compiler CN_NO_MALLOC lib -DCN_NO_MALLOC
    syntax $compiler CN_NO_FILES lib -DCN_NO_FILES -DCN_NO_SIMD
    syntax $compiler CN_NO_STDIO lib -DCN_NO_STDIO -DCN_NO_SIMD -DCN_REAL=double
    syntax $compiler "CN_NO_FILES, declarations" declarations -DCN_NO_FILES
    syntax $compiler "CN_NO_STDIO, declarations" declarations -DCN_NO_STDIO -DCN_REAL=double
    syntax $compiler CN_NAMESPACE lib -DCN_NAMESPACE=my_
    syntax $compiler "all left out" lib -DCN_STATIC -DCN_NO_MESSAGES -DCN_NO_SIMD -DCN_NO_MALLOC -DCN_NO_FILES \
        -DCN_REAL=double
done
# some warnings come only with the optimiser; with intrinsics: g++ below, and make test
have gcc && check "gcc -O2" gcc -std=c99 -O2 $strict -DCN_NO_SIMD -c -o "$work/o2.o" "$work/lib.c"
for compiler in g++ clang++; do
    have $compiler || continue
    for real in float double; do
        for source in lib declarations; do
            check "$compiler $real, $source" $compiler -std=c++11 -Wall -Wextra -Werror -fsyntax-only -DCN_REAL=$real \
                "$work/$source.cpp"
        done
    done
done
have g++ && check "g++ -O1" g++ -std=c++11 -O1 -Wall -Wextra -Werror -c -o "$work/o1.o" "$work/lib.cpp"
have arm-none-eabi-gcc && syntax arm-none-eabi-gcc "32 bits" lib -mcpu=cortex-m4 -mthumb
if have tcc; then
    check "tcc float" tcc -Wall -Werror -c -o "$work/tcc.o" "$work/lib.c"
    check "tcc double" tcc -Wall -Werror -DCN_REAL=double -c -o "$work/tcc.o" "$work/lib.c"
fi

# MSVC: its headers are not here, so tests/target/msvc_libc.h stands for them. Once as clang-cl, once with no sign of
# gcc or clang, where extensions of theirs are errors.
mkdir "$work/msvc"
for name in stdio stdlib string math errno wchar; do cp tests/target/msvc_libc.h "$work/msvc/$name.h"; done
msvc="--target=x86_64-pc-windows-msvc -ffreestanding -nostdlibinc -isystem $work/msvc -DCN_REAL"
if have clang; then
    for real in float double; do
        syntax clang "as clang-cl, $real" lib $msvc=$real
        syntax clang "as MSVC, $real" lib $msvc=$real -U__clang__ -fgnuc-version=0
    done
fi
refuse "pcc compiles the header" $CC -D__PCC__ -fsyntax-only "$work/lib.c"
check "pcc is refused by a sentence" \
    sh -c "$CC -D__PCC__ -fsyntax-only '$work/lib.c' 2>&1 | grep -q 'curvnoise.h: pcc returns structs wrongly'"

# ---- 3. linking
cat > "$work/use.c" << END
#include "$header"
double NAME(void); double NAME(void)
{
    static const cn_real x[] = { 0, 0,  0, 1,  1, 0,  1, 1 };
    static const int32_t y[] = { 0, 1, 1, 0 };
    cn_ctx c = CN_ZERO; cn_data data = CN_ZERO; cn_problem *p; cn_net *net; cn_real *theta; double loss;
    c.isa = CN_ISA_C; /* some of the copies have no other kernels */
    data.x = cn_tensor_of(x, CN_TYPE_REAL, 2, 4, 2, 0, 0);
    data.y = cn_tensor_of(y, CN_TYPE_I32, 1, 4, 0, 0, 0);
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
double use_float(void);
double use_double(void);
double use_static1(void);
double use_static2(void);
double use_my(void);
int main(void) /* float and double losses agree to 1e-4 and are not the same; copies of one real agree in every bit */
{
    double f = use_float(), d = use_double(), apart = f > d ? f - d : d - f;
    int good = d > 0.1 && d < 10 && apart > 0 && apart < 1e-4;
    good = good && use_static1() == d && use_static2() == f && use_my() == f;
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
build use_static1 "$work/use.c" \
    "-DNAME=use_static1 -DCN_REAL=double -DCN_STATIC -DCURVNOISE_IMPLEMENTATION -DCN_NO_SIMD"
build use_static2 "$work/use.c" "-DNAME=use_static2 -DCN_STATIC -DCURVNOISE_IMPLEMENTATION -DCN_NO_SIMD"
sed 's/use_double/use_float/' "$work/main_alone.c" > "$work/main_float.c"
sed 's/use_double/use_my/' "$work/main_alone.c" > "$work/main_my.c"
nopie=-no-pie
link() { (cd "$work" && $CC $nopie -o "$@" -lm); } # PROGRAM FILES...
link keep main_alone.c use_double.o lib_double.o 2> /dev/null || nopie=
check "float, double, another name and two private copies link into one program" link all main.c use_float.o \
    use_double.o use_my.o use_static1.o use_static2.o lib_float.o lib_double.o lib_my.o
check "each copy gives its own results" "$work/all"
check "a double caller with a double library" link alone main_alone.c use_double.o lib_double.o
check "it runs" "$work/alone"
refuse "a double caller links with a float library" link mixed main_alone.c use_double.o lib_float.o
refuse "a float caller links with a double library" link mixed main_float.c use_float.o lib_double.o
refuse "a caller of another name links with the plain library" link mixed main_my.c use_my.o lib_float.o
publics() { (cd "$work" && nm -g --defined-only "$@") | awk 'NF == 3 {print $3}'; } # FILES...: what they define
empty "CN_NAMESPACE: names without it" "$(publics lib_my.o | grep -v '^_*my_cn_')"
empty "public names that are not cn_" "$(publics lib_float.o lib_double.o | grep -v '^_*cn_[a-z]')"
empty "a double library with a float name" "$(publics lib_double.o | grep -v '_double$')"
empty "CN_STATIC: public names" "$(publics use_static1.o | grep -v 'use_static1$')"
declared=$(sed -n '/^#ifndef CURVNOISE_H/,/^#endif \/\* CURVNOISE_H/p' "$header" | grep -E '^CN_API' |
    grep -oE '\bcn_[a-z_]+\(' | sort -u | tr -d '(')
defined=$(publics lib_float.o | sed 's/^_*//' | sort -u)
empty "declared but not defined, or the other way round" "$( (echo "$declared"; echo "$defined") | sort | uniq -u)"
renamed=$(grep -oE '^#define cn_[a-z_]+ CN__NAME' "$header" | awk '{print $2}' | sort -u)
empty "declared but not renamed with double" "$( (echo "$declared"; echo "$renamed") | sort | uniq -u)"

# ---- 4. no writable globals; nothing of libc but memory, strings, mathematics and, for two functions, files
stdio='fopen(64)?|fclose|fread|fwrite|fgetc|getc|fseeko?(64)?|ftello?(64)?|ferror|remove|rename'
stdio="$stdio|errno_location|error|strerror"
libc='malloc|free|mem(cpy|set|cmp|move)|str(len|cmp|ncmp|chr|cpy|cat)|GLOBAL_OFFSET_TABLE_|stack_chk_fail'
libm='(sqrt|log|log10|exp|sin|cos|tanh|fabs|floor|erf|erfc|log1p|ldexp|frexp|pow|hypot|copysign|nearbyint)f?'
for real in float double; do
    empty "writable globals ($real)" "$(nm "$work/lib_$real.o" | awk '$2 ~ /^[DdBbCGgSs]$/ {print $3}')"
    empty "sections with writable bytes ($real)" \
        "$(size "$work/lib_$real.o" | awk 'NR == 2 && ($2 || $3) {print "data " $2 " bss " $3}')"
    empty "calls beyond memory, strings, mathematics and files ($real)" \
        "$(nm -u "$work/lib_$real.o" | awk '{print $2}' | sed 's/^_*//' | grep -vE "^($libc|$libm|$stdio)\$")"
done
for without in CN_NO_FILES CN_NO_STDIO; do
    if $CC -std=c99 -O0 -DCN_NO_SIMD -D$without -c -o "$work/without.o" "$work/lib.c" > "$work/log" 2>&1; then
        empty "$without: stdio all the same" "$(nm -u "$work/without.o" | grep -E " _*($stdio)\$")"
        empty "$without: files on a disk all the same" "$(publics without.o | grep -E '^_*cn_file_')"
        check "$without: files in memory" [ "$(publics without.o | grep -cE '^_*cn_(tensor|theta)_(read|write)$')" = \
            "$(case $without in *STDIO) echo 4 ;; *) echo 0 ;; esac)" ]
    else fail "$without does not compile"; fi
done
if $CC -std=c99 -Os -DCN_NO_MALLOC -DCN_NO_MESSAGES -DCN_NO_SIMD -c -o "$work/bare.o" "$work/lib.c" \
    > "$work/log" 2>&1; then
    empty "CN_NO_MALLOC: malloc all the same" "$(nm -u "$work/bare.o" | grep -E ' _*(malloc|free|calloc|realloc)$')"
    empty "CN_NO_MESSAGES: sentences all the same" "$(grep -ac 'is not a known layer' "$work/bare.o" | grep -v '^0$')"
else fail "CN_NO_MALLOC CN_NO_MESSAGES CN_NO_SIMD -Os does not compile"; fi

# ---- 5. the words on the doors
banners=$(grep -oE '^/\* ==== FLOOR [0-9]+:' "$header" | grep -oE '[0-9]+' | tr '\n' ' ')
[ "$banners" = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 " ]; check "the banners stand in order ($banners)" [ $? -eq 0 ]
k=1
# each floor's name in the contents is the one on its banner; its guard opens right below it and closes
while [ $k -le 14 ]; do
    word=$(sed -n "s,^/\* ==== FLOOR $k: \([a-z]*\).*,\1,p" "$header")
    check "floor $k ($word) in the contents" \
        sh -c "sed -n '/CONTENTS/,/STEP BY STEP/p' '$header' | grep -qE '(^| )$k $word '"
    check "the guard of floor $k opens" \
        sh -c "grep -A 1 '^/\* ==== FLOOR $k:' '$header' | grep -q '^#if CN_FLOOR_MAX >= $k\$'"
    check "the guard of floor $k closes" [ "$(grep -c "^#endif /\* FLOOR $k \*/" "$header")" = 1 ]
    k=$((k + 1))
done
sed -n '/^#if defined(CURVNOISE_IMPLEMENTATION)/,/^#endif \/\* CURVNOISE_IMPLEMENTATION/p' "$header" > "$work/body"
check "the implementation was found" [ "$(wc -l < "$work/body")" -gt 3000 ]
empty "malloc in more places than one" "$(grep -nE '(^|[^_A-Za-z])malloc *\(' "$work/body" | tail -n +2)"
empty "free in more places than one" "$(grep -nE '(^|[^_A-Za-z])free *\(' "$work/body" | tail -n +2)"
empty "CN_MALLOC used in more places than one" "$(grep -nE 'CN_MALLOC *\(' "$work/body" | grep -v define | tail -n +2)"
never='calloc|realloc|alloca|printf|fprintf|puts|abort|exit|assert|strtod|atof|setlocale|rand|time|getenv|longjmp'
empty "printing, ending, waiting, allocating on the stack" "$(grep -nE "(^|[^_A-Za-z])($never) *\(" "$work/body")"
empty "tabs" "$(grep -n "$(printf '\t')" "$header" | head -n 3)"
empty "trailing blanks" "$(grep -nE ' +$' "$header" | head -n 3)"
version=$(sed -n '1s/.* - v\([0-9.]*\) - .*/\1/p' "$header")
check "the version of the first line stands in the changelog" grep -qE "^   $version " "$header"
number=$(echo "$version" | awk -F. '{ print 10000 * $1 + 100 * $2 + $3 }')
macros=$(printf '#include "%s"\nCN_VERSION CN_VERSION_NUMBER\n' "$header" | $CC -E - | tail -n 1)
check "CN_VERSION and CN_VERSION_NUMBER ($macros) are the version of the first line" \
    [ "$macros" = "\"$version\" $number" ]
check "the first pages say how to get threads" sh -c "sed '/^#ifndef CURVNOISE_H/q' '$header' | grep -q -e -fopenmp"
for page in *.md examples/*.md; do # a table has a head, and each of its rows a name of its own
    empty "$page: tables" "$(awk -F'|' '
        !/^\|/ { if (rows == 1) print "line " NR - 1 ": no head"; rows = 0; next }
        ++rows == 1 { split("", seen); next }
        rows == 2 && !/^\|( *:?-+:? *\|)+$/ { print "line " NR - 1 ": no head" }
        rows > 2 && seen[$2]++ { print "line " NR ":" $2 "again" }' "$page")"
done
empty "programs that are linked to /dev/null (tcc replaces it by a file)" \
    "$(grep -nE -e '-o */dev/null' Makefile .ci/run tests/targets.sh tests/cli.sh bench/*.sh)"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
