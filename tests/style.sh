#!/bin/sh
# The rules of the text: at most 120 columns (shell scripts too), one statement a line, .clang-format really applied.
# Generated tables (golden*.h, digits.h) are left out, and so are tables between `clang-format off` and `on`, at most ten
# in the header. The last line is "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
empty() { # NAME FINDINGS
    if [ -z "$2" ]; then passed=$((passed + 1)); return; fi
    failed=$((failed + 1))
    echo "FAILED $1:"
    echo "$2" | cut -c 1-160 | head -n 10
}
sources=$(ls curvnoise.h examples/*.[ch] examples/*/*.[ch] tests/*.[ch] tests/target/*.[ch] bench/*.c 2> /dev/null |
    grep -vE '/(golden[a-z_]*|digits)\.h$')
scripts=$(ls Makefile .ci/run tests/*.sh tests/*.awk bench/*.sh 2> /dev/null)
empty "lines over 120 columns" "$(awk '
    /clang-format off/ { table = 1 }
    /clang-format on/ { table = 0 }
    length > 120 && !table { print FILENAME ":" FNR ": " length " columns" }' $sources $scripts)"
empty "lines with several statements" "$(awk -f tests/statements.awk $sources)"
empty "trailing blanks and tabs" "$(grep -nE "[ $(printf '\t')]+\$|$(printf '\t')" $sources)"
tables=$(grep -c 'clang-format off' curvnoise.h)
empty "tables left out of the formatter" "$([ "$tables" -le 10 ] || echo "$tables in the header, 10 are allowed")"
lines=$(wc -l < curvnoise.h)
empty "length of the header" "$([ "$lines" -le 15000 ] || echo "$lines lines, 15,000 are allowed")"
formatter=""
for name in clang-format-14 clang-format; do # other versions break lines elsewhere
    [ -n "$formatter" ] || ! $name --version 2> /dev/null | grep -q 'version 14\.' || formatter=$name
done
if [ -n "$formatter" ]; then
    for source in $sources; do
        empty "clang-format $source" "$($formatter --dry-run -Werror "$source" 2>&1 | grep error)"
    done
else
    echo "style: clang-format 14 is not installed; whether the sources are formatted was not checked"
    [ -z "${CI:-}" ] || empty "clang-format 14 in CI" "is not installed"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
