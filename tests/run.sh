#!/bin/sh
# Runs test programs, adds up their counts; the last line is "N passed, N failed". A program without counts is one failure.
# TEST_RUN may name an emulator. Usage: tests/run.sh PROGRAM ...
passed=0 failed=0
for program in "$@"; do
    output=$(${TEST_RUN:-} "$program" 2>&1)
    status=$?
    counts=$(printf '%s\n' "$output" | grep -aE '^[0-9]+ passed, [0-9]+ failed' | tail -n 1)
    p=${counts%% passed*}
    f=${counts##*passed, }; f=${f%% failed*}
    if [ -z "$counts" ] || { [ $status -ne 0 ] && [ "$f" = 0 ]; }; then
        counts="ended with status $status"; p=${p:-0}; f=1
    fi
    if [ "$f" != 0 ]; then printf '%s\n' "$output"; fi
    echo "$program: $counts"
    passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
