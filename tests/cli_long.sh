#!/bin/bash
# Long runs of the command line: what they say about themselves, and that SIGINT and SIGTERM print what is finished
# within a second.
# The last line is "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
. tests/cli_common.sh
# 4,510 parameters: matrices of that size, and eigenproblems without a pause for seconds
big="input 64; dense 60; relu; dense 10"
huge="input 64; dense 200; tanh; dense 200; tanh; dense 10" # 55,210 parameters: Lanczos
wide="input 64; dense 400; tanh; dense 400; tanh; dense 10" # 190,410: an exact trace of H takes 10 s
"$cli" train --net "$big" $digits --epochs 1 --out big --quiet > /dev/null
"$cli" train --net "$huge" $digits --epochs 1 --out huge --quiet > /dev/null
"$cli" train --net "$wide" $digits --epochs 1 --out wide --quiet > /dev/null
now() { local t=${EPOCHREALTIME/[.,]/}; echo $t; }

# interrupted SIGNAL MILLISECONDS ARGUMENTS...: the program is sent the signal after so long; its output in `stdout` and
# `stderr`, its exit code in $code, in $late the milliseconds it went on. On a machine that is busy with other work, a
# second may pass for a process that wants none of it: the best of three counts.
interrupted() {
    local signal=$1 after=$2 begin try best=999999; shift 2
    for try in 1 2 3; do
        "$cli" "$@" > stdout.$try 2> stderr.$try & local pid=$!
        sleep "$((after / 1000)).$(printf %03d $((after % 1000)))"
        begin=$(now)
        kill -$signal $pid
        wait $pid
        code=$?
        late=$((($(now) - begin) / 1000))
        if [ $late -lt $best ]; then best=$late; cp stdout.$try stdout; cp stderr.$try stderr; fi
        [ $best -lt 1000 ] && break
    done
    late=$best
}
marked() { # NAME: exit 1, within a second at rest (three here: other tests share the processors), one sentence
    check "$1: exit 1, not $code" [ $code = 1 ]
    check "$1: within a second ($late ms)" [ $late -lt 3000 ]
    check "$1: one sentence ($(cat stderr))" [ "$(wc -l < stderr) $(grep -c '^curvnoise: interrupted' stderr)" = "1 1" ]
}

# ---- 1. measure: at different moments, in different forms
printf '%s' "$big" > big.txt
measure="measure --net @big.txt $digits --params big"
for moment in 150 1500 3000 5000; do
    for signal in INT TERM; do
        interrupted $signal $moment $measure --json
        marked "measure, SIG$signal after $moment ms"
        json=$(cat stdout)
        check "... one object, marked: $json" eval \
            "[[ '$json' == '{\"n\": '*', \"interrupted\": true}' && $(wc -l < stdout) = 1 ]]"
        for key in n loss trace_h lambda_max_h tic tic_kept kink_share kink_share_se noise_scale; do check \
            "... $key is there" has "$json" "\"$key\": "; done
        check "... the last key is null" has "$json" \
            '"kink_share": null, "kink_share_se": null, "kink_share_probes": null, "interrupted"'
    done
done
check "... what was finished has its value: $json" eval \
    "[[ '$json' == '{\"n\": 1797, \"params\": 4510, \"loss\": '[0-9]* ]]"
interrupted TERM 2500 $measure --csv
marked "measure --csv"
check "... marked" [ "$(tail -n 1 stdout)" = "interrupted,1,," ]
check "... begins as ever" [ "$(head -n 2 stdout | tail -n 1)" = "n,1797,," ]
interrupted TERM 2500 $measure
marked "measure as a table"
check "... marked" [ "$(tail -n 1 stdout)" = "interrupted: not everything was computed" ]
check "... each missing key says why" [ "$(grep -c 'null: interrupted' stdout)" -gt 5 ]
interrupted TERM 2500 $measure --only tic,tic_kept --json
check "nothing was finished ($(cat stdout))" [ "$(cat stdout)" = \
    '{"tic": null, "tic_se": null, "tic_probes": null, "tic_kept": null, "interrupted": true}' ]
marked "measure --only"
interrupted TERM 1500 $measure --only trace_h --probes 100000 --json
marked "measure, probes"
drawn='"trace_h": [0-9.]+, "trace_h_se": [0-9.]+, "trace_h_probes": [0-9]{2,5}, "interrupted": true'
check "probes that were drawn stand with their error: $(cat stdout)" grep -qE "$drawn" stdout
interrupted TERM 2000 measure --net "$wide" $digits --params wide --only trace_h --exact --json
marked "measure, a sweep"
check "half a sweep is no number: $(cat stdout)" has "$(cat stdout)" '"trace_h": null, "trace_h_se": null'

# ---- 2. spectrum
interrupted INT 2500 spectrum --net @big.txt $digits --params big --json
marked "spectrum of a matrix"
check "... marked: $(cut -c 1-300 stdout)" eval \
    "[[ '$(cat stdout)' == '{\"operator\": \"h\"'*', \"interrupted\": true}' ]]"
interrupted TERM 4000 spectrum --net "$huge" $digits --params huge --top 400 --json --svg out/c.svg
marked "spectrum by Lanczos"
check "... marked: $(cut -c 1-300 stdout)" eval \
    "[[ '$(cat stdout)' == '{\"operator\": \"h\"'*', \"interrupted\": true}' ]]"
check "... no picture of it" [ -z "$(ls out)" ]
interrupted TERM 12000 spectrum --net "$huge" $digits --params huge --top 1 --bottom 0 --runs 10000 --json
marked "spectrum, density"
check "... eigenvalues that were finished are printed: $(cut -c 1-200 stdout)" eval \
    "[[ '$(cat stdout)' =~ '\"eigenvalues\": ['[0-9.]+'], \"residuals\": ['[0-9.e-]+'], '.*'\"interrupted\": true' ]]"
interrupted TERM 2000 spectrum --net "$huge" $digits --params huge --csv
check "spectrum --csv is marked" [ "$(tail -n 1 stdout)" = "interrupted,,1," ]

# ---- 3. train: OUT.state is ready, also where one step takes longer than a second
printf 'input 64; dense 3000; tanh; dense 3000; tanh; dense 10' > slow.txt
interrupted TERM 4000 train --net @slow.txt $digits --batch 1797 --opt nso --k 50 --epochs 3 --out out/m
marked "train, long steps"
check "... the state is ready ($(cat stderr), $(ls out))" eval \
    "grep -q 'out/m.state is ready for --resume' stderr && [ '$(echo $(ls out))' = m.state ]"
rm -f out/*
interrupted INT 100 train --net @slow.txt $digits --batch 1797 --opt nso --k 50 --epochs 3 --out out/m
marked "train, at its beginning"
check "... nothing is half written ($(ls out))" eval "[ -z '$(ls out | grep partial)' ]"
rm -f out/*
"$cli" train --net @big.txt $digits --epochs 100000 --out out/m > stdout 2> stderr & pid=$!
sleep 1; kill -INT $pid; kill -INT $pid; wait $pid
code=$?
check "a second SIGINT ends at once ($code)" eval "[ $code = 130 ] || [ $code = 1 ]"
rm -f out/*

# ---- 4. what it says while it works: nothing where standard error is no terminal, unless asked
watch() { # SECONDS ARGUMENTS...: its standard error in `stderr`
    local seconds=$1; shift
    "$cli" "$@" > stdout 2> stderr & local pid=$!
    sleep $seconds
    kill -9 $pid
    wait $pid 2> /dev/null
}
watch 4 train --net @big.txt $digits --epochs 1000000 --out out/m
check "a script sees nothing ($(cat stderr))" [ ! -s stderr ]
watch 4 train --net @big.txt $digits --epochs 1000000 --out out/m --progress
line='^curvnoise: train: epoch [0-9]+ of 1000000, loss [0-9.e-]+, 0 %, about [0-9.]+ (s|min|h) left$'
check "--progress: from 2 s on, whole lines ($(cat stderr))" [ "$(wc -l < stderr) $(grep -cE "$line" stderr)" = "1 1" ]
watch 1.5 train --net @big.txt $digits --epochs 1000000 --out out/m --progress
check "--progress: nothing in the first 2 s" [ ! -s stderr ]
watch 18 measure --net @big.txt $digits --params big --progress
line='^curvnoise: measure: [a-z_0-9]+, key [0-9]+ of [0-9]+, [0-9]+ %, about [0-9.]+ (s|min|h) left$'
lines=$(wc -l < stderr)
check "measure --progress: two to four lines ($(cat stderr))" [ $((lines >= 2 && lines <= 4)) = 1 ]
check "... what it does and how long that takes" eval "tail -n 1 stderr | grep -qE '$line'"
watch 8 spectrum --net "$huge" $digits --params huge --top 20 --progress
check "spectrum --progress ($(cat stderr))" grep -qE \
    '^curvnoise: spectrum: eigenvalues, [0-9]+ %, about [0-9.]+ (s|min|h) left$' stderr
rm -f out/*
row "--quiet and --progress exclude each other" measure $trained --quiet --progress
on_terminal() { # SECONDS OPTION: what a terminal sees of a long training, in `stderr`
    script -qec "'$cli' train --net @big.txt $digits --epochs 1000000 --out out/m $2 2>&1 > /dev/null &
        sleep $1; kill -9 \$!" /dev/null > stderr < /dev/null
}
if script -qec true /dev/null > /dev/null 2>&1; then
    on_terminal 5
    check "a terminal sees one line, rewritten" \
        [ "$(($(tr '\r' '\n' < stderr | grep -c 'train: epoch .* left') > 2)) $(wc -l < stderr)" = "1 0" ]
    on_terminal 4 --quiet
    check "--quiet: not even there" [ ! -s stderr ]
    script -qec "'$cli' measure $trained --only loss" /dev/null > stdout < /dev/null
    check "a short run says nothing about itself" eval "! grep -q 'measure:\|left' stdout"
else echo "cli_long: no script(1); the line on a terminal was not tested"; fi
finish
