#!/bin/sh
# Runs test programs, as many at a time as there are processors (or TEST_JOBS), and adds up their counts; the last line
# is "N passed, N failed". A program without counts is one failure; every program's line ends with its seconds. TEST_RUN
# may name an emulator. Usage: tests/run.sh PROGRAM ...
logs=$(mktemp -d) || exit 1
trap 'rm -rf "$logs"' EXIT
number=0 passed=0 failed=0
for program in "$@"; do
    number=$((number + 1))
    printf '%s "%s"\n' $number "$program"
done | xargs -P "${TEST_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}" -L 1 sh -c '
    from=$(date +%s.%N); ${TEST_RUN:-} "$2" > "$0/$1" 2>&1; echo $? > "$0/$1.status"
    echo "$from $(date +%s.%N)" | awk "{ printf \"%.1f\", \$2 - \$1 }" > "$0/$1.seconds"
    exit 0' "$logs"
number=0
for program in "$@"; do
    number=$((number + 1))
    status=$(cat "$logs/$number.status" 2>/dev/null || echo unknown)
    counts=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$logs/$number" | tail -n 1)
    p=${counts%% passed*}
    f=${counts##*passed, }; f=${f%% failed*}
    if [ -z "$counts" ] || { [ "$status" != 0 ] && [ "$f" = 0 ]; }; then
        counts="ended with status $status"; p=${p:-0}; f=1
    fi
    if [ "$f" != 0 ]; then cat "$logs/$number"; fi
    echo "$program: $counts in $(cat "$logs/$number.seconds" 2>/dev/null) s"
    passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
