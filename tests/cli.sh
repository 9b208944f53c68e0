#!/bin/bash
# The command line from outside: its numbers against golden_cli.txt, 100 malformed inputs, interruption and resumption
# bit for bit, pictures,
# full disks, speed. Needs bash, coreutils, the program and tests/cli_files.c. The last line is "N passed, N failed".
# BUILD: where `curvnoise` and `tests/cli_files` lie (default build); make them first: make cli build/tests/cli_files.
# CC: the compiler.
cd "$(dirname "$0")/.." || exit 1
. tests/cli_common.sh
for zlib in "" -DCN_CLI_ZLIB; do
    [ "$zlib" ] && ! echo '#include <zlib.h>' | $CC -x c -fsyntax-only - 2> /dev/null && continue
    check "the program compiles without a warning $zlib" $CC -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
        -Werror -fsyntax-only $zlib "$repository"/examples/curvnoise/[a-z]*.c
done
# ---- 1. numbers, and the ways of printing them
"$cli" measure $with_test --json | "$files" compare "$golden" smooth | counts "smooth"
"$cli" measure $with_test --block 2.weight --cut 0.01 --json | "$files" compare "$golden" block | counts "block"
"$cli" measure --net "input 4; dense 6; relu; dense 3" --loss mse --params kinked.npy --x kinked-x --y kinked-y \
    --json | "$files" compare "$golden" kinked | counts "kinked"
"$cli" measure $with_test --probes 400 --json | "$files" sampled "$golden" smooth | counts "sampled"
trace=$(while read -r name key value _; do [ "$name $key" = "smooth trace_h" ] && echo "$value"; done < "$golden")
"$cli" spectrum $trained --json | "$files" spectrum "$trace" | counts "spectrum"
json=$("$cli" measure $with_test --json)
check "measure --json is one line" [ "$(echo "$json" | wc -l)" = 1 ]
first=1
while IFS=, read -r key value se probes; do
    if [ $first = 1 ]; then first=0; check "the head of the CSV" [ "$key,$value,$se,$probes" = key,value,se,probes ]; \
        continue; fi
    check "$key in CSV and JSON" has "$json" "\"$key\": ${value:-null}"
    [ -z "$se" ] || check "${key}_se in CSV and JSON" has "$json" "\"${key}_se\": $se, \"${key}_probes\": $probes"
done < <("$cli" measure $with_test --csv)
table=$("$cli" measure $with_test)
while read -r name key _; do [ "$name" != smooth ] || check "$key in the table" has "$table" "  $key "; done < "$golden"
only=$("$cli" measure $trained --json --only loss,gap,trace_h)
check "--only gives these keys and no others" has "$only" '{"loss": 0.890635'
check "--only gives null where a key has no meaning" has "$only" '"gap": null, "trace_h": 1.622093'
check "--only ends there" [ "${only##*, }" = '"trace_h_probes": 0}' ]
check "a key that comes with another" has "$("$cli" measure $trained --json --only lambda_max_h_residual)" \
    '{"lambda_max_h": 0.735533'
for key in mls nmls log_volume bound_d adaptive_sharpness_interp; do # alone as among the others
    check "$key alone" [ "$("$cli" measure $trained --json --only $key)" = \
        "{$(grep -o "\"$key\": [^,]*" <<< "$json")}" ]; done
same=$("$cli" measure --net "input 3; dense 5; tanh; dense 3" --x x.npy --y y.npy --params theta.npy --json --only \
    loss,tic)
check "theta.npy and the network as text are the same network" [ "$same" = \
    "$("$cli" measure $trained --json --only loss,tic)" ]
near=$("$cli" measure --net @net.txt --params good.safetensors --x standard.npy --y y.npy --only loss,trace_h)
check "--standardise is mean 0 and deviation 1" [ "$near" = \
    "$("$cli" measure $trained --standardise --only loss,trace_h)" ]
check "CIFAR-10" "$cli" train --net "input 3 32 32; gap; dense 10" --x cifar.bin --y cifar.bin --epochs 1 --out \
    out/cifar --json > /dev/null
check "float targets have no accuracy" has \
    "$("$cli" train --net "input 3; dense 1" --loss mse --x x.npy --y targets.npy --out out/mse --json)" \
    '"accuracy": null'
normed="input 3; dense 5; batchnorm; tanh; dense 3" # 12 samples in batches of 11: a last single one joins them
check "batches of 11" "$cli" train --net "$normed" --x x.npy --y y.npy --epochs 3 --batch 11 --out out/joined --json \
    > /dev/null
check "batches of 12" "$cli" train --net "$normed" --x x.npy --y y.npy --epochs 3 --batch 12 --out out/whole --json > \
    /dev/null
check "are the same where a batchnorm would see one value a channel" cmp out/joined out/whole
check "a network that ends in softmax" "$cli" train --net "input 3; dense 3; softmax" --loss mse --x x.npy --y y.npy \
    --out out/soft --json > /dev/null
few=$("$cli" measure --net "input 3; dense 3; softmax" --loss mse --x x.npy --y y.npy --params out/soft --json)
check "class probabilities have no log volume" has "$few" '"log_volume": null, "volume": 0, '
check "and their other numbers are there" [ "$(grep -oE '"(mls|local_dim|nmls_bound|bound_d)": [0-9]' <<< "$few" | \
    wc -l)" = 4 ]
few=$("$cli" measure --net @net.txt --params good.safetensors --x blank.npy --y y.npy --json)
check "where x is 0 there are no bounds by 1/||x||" has "$few" '"bound_c": null, "bound_d": null, "nmls_bound": null'
check "but the others" [ "$(grep -oE '"(bound_a|bound_b|nmls|log_volume)": [-0-9]' <<< "$few" | wc -l)" = 4 ]
for command in train measure spectrum; do
    text=$("$cli" $command --help)
    check "$command --help teaches by example" has "$text" "  curvnoise $command --net "
done
check "--help" has "$("$cli" --help)" "Exit code: 0"
for key in trace_h tic_kept kink_share; do check "$key in measure --help" has "$("$cli" measure --help)" " $key"; done
"$cli" train --net "input 3; dense 3" --loss mse --x x.npy --y y.npy --lr 1e200 --epochs 50 --out out/m > stdout 2> \
    stderr
check "divergence ends with 1, one sentence and no weights" [ \
    "$? $(wc -l < stderr) $(wc -c < stdout) $(ls out | grep -c 'm$') $(grep -c 'smaller --lr' stderr)" = "1 1 0 0 1" ]
rm -f out/*

# ---- 2. the picture
"$cli" spectrum $trained --operator c --block 0.weight --svg out/c.svg > /dev/null
svg=$(cat out/c.svg)
check "the picture begins" has "$svg" '<svg xmlns="http://www.w3.org/2000/svg" viewBox='
check "the picture ends" [ "${svg##*</text>}" = $'\n</svg>' ]
check "a tick for each of 15 eigenvalues" [ "$(grep -o 'v9' out/c.svg | wc -l)" = 15 ]
check "no number that is none" [ -z "$(grep -iE '(nan|inf)[^o]' out/c.svg)" ]
for words in "second moment" "input 3; dense 5; tanh; dense 3" "block 0.weight" "= 12" "per-sample gradients"; do \
    check "the picture names $words" has "$svg" "$words"; done
check "csv of a spectrum" [ "$("$cli" spectrum $trained --csv | grep -c '^eigenvalue,')" = 38 ]
check "--top and --bottom" [ "$("$cli" spectrum $trained --csv --top 3 --bottom 2 | grep -c '^eigenvalue,')" = 5 ]
rm -f out/*

# ---- 3. bad input: exit code 2, one sentence that holds the words, nothing on standard output, nothing left behind
rows=0
row "expected a command"
row "frobnicate: expected a command" frobnicate
row "prune is not built yet" prune
row "tpv is not built yet" tpv --runs 3
measure "--net is missing"
measure "--params is missing" $smooth
measure "--x is missing" --net "$net" --y y.npy --params theta.npy
measure "--y is missing" --net "$net" --x x.npy --params theta.npy
row "--out is missing" train $smooth
measure "its value (FILE) is missing" --net "$net" --x
measure "its value (KEYS) is missing" $trained --only
measure "unknown option --frob" $trained --frob 3
measure "expected an option" $trained stray
measure "--lr is no option of measure" $trained --lr 0.1
measure "--json is given twice" $trained --json --json
measure "--net is given twice" $trained --net "$net"
measure "exclude each other" $trained --json --csv
measure "exclude each other" $trained --exact --probes 30
measure "unknown key \`frob\`" $trained --only trace_h,frob
measure "unknown key \`\`" $trained --only trace_h,,loss
measure "unknown key \`trace_h_residual\`" $trained --only trace_h_residual
for key in gamma gamma_iso tpv_label top_m; do measure "key \`$key\` is not built yet" $trained \
    --only $key; done
measure "--probes 0: expected a whole number of at least 1" $trained --probes 0
measure "--probes -3" $trained --probes -3
measure "--probes 99999999999999999999" $trained --probes 99999999999999999999
measure "--cut 1: expected a number in (0, 1)" $trained --cut 1
measure "--cut 0: expected a number in (0, 1)" $trained --cut 0
measure "there is no block '7.weight'" $trained --block 7.weight
measure "--y-test is missing" $trained --x-test x_test.npy
measure "--loss l1: expected one of ce mse" $trained --loss l1
row "--operator k: expected one of" spectrum $trained --operator k
row "--width 0: expected a number above 0" spectrum $trained --width 0
for bad in abc -1 0 nan inf 0x10 "1 " "" 1,5; do train "--lr $bad: expected a number above 0" $smooth --lr "$bad"; done
for bad in 0 -2 3.5 x; do train "--batch $bad: expected a whole number" $smooth --batch $bad; done
train "--batch: batch: of one sample, item 1 'batchnorm' sees one value a channel" --net \
    "input 3; dense 5; batchnorm; tanh; dense 3" --x x.npy --y y.npy --batch 1
train "--momentum 1: expected a number in [0, 1)" $smooth --momentum 1
train "--seed -1" $smooth --seed -1
train "--scale 0" $smooth --scale 0
train "number of steps overflows" $smooth --epochs 18446744073709551615 --batch 1
for rule in wpsgd usam asam rsam bsam nesterov adam; do train "--opt $rule is not built yet" $smooth --opt $rule; done
train "--base adam is not built yet" $smooth --base adam
train "--opt newton: expected one of plain" $smooth --opt newton
for bad in linear step: step:0,1 step:3 step:3,-1 step:a,b "step:3,0.1,2"; do train \
    "--schedule $bad: expected constant, cosine or step:EPOCHS,FACTOR" $smooth --schedule "$bad"; done
train "65535" $smooth --opt nso --k 100000

data="--x x.npy --y y.npy --params theta.npy"
measure "--net: " --net "" $data
measure "'frob'" --net "input 3; frob; dense 3" $data
measure "dense" --net "input 3; dense x" $data
measure "}" --net "input 3; residual { dense 3; dense 3" $data
measure "{" --net "input 3; dense 3 }" $data
measure "--net: " --net "input 3; dense 99999999999999999999; dense 3" $data
measure "--net: " --net "input 4294967295; dense 4294967295; dense 4294967295; dense 3" $data
measure "--net: " --net "dense 3; relu" $data
measure "cannot be opened" --net @missing.txt $data
measure "directory" --net @out $data
measure "found a zero byte" --net @zero_byte.txt $data
measure "--net: item" --net "input 1 2 2; conv 3 5" $data

measure "file 'missing.npy' cannot be opened" --net "$net" --x missing.npy --y y.npy --params theta.npy
measure "directory" --net "$net" --x out --y y.npy --params theta.npy
for file in complex object overflow huge five none negative no_shape unclosed wide no_dict cut header long_header \
    version; do
    measure "$file.npy: " --net "$net" --x $file.npy --y y.npy --params theta.npy
done
for file in empty text.txt cut_cifar.bin cut.idx header.idx type.idx huge.idx none.idx junk.gz; do measure "$file: " \
    --net "$net" --x $file --y y.npy --params theta.npy; done
measure "nan.npy: data: x[2][1] is NaN" --net "$net" --x nan.npy --y y.npy --params theta.npy
measure "inf.npy: data: x[2][1] is -Inf" --net "$net" --x inf.npy --y y.npy --params theta.npy
measure "inf.npy: " --net "$net" --x inf.npy --y y.npy --params theta.npy --standardise
measure "label.npy: data: label 3 of sample 4; the network has classes 0 to 2" --net "$net" --x x.npy --y label.npy \
    --params theta.npy
measure "negative_label.npy: data: label -1 of sample 4" --net "$net" --x x.npy --y negative_label.npy --params \
    theta.npy
measure "short.npy: data: y has 11 rows; x has 12" --net "$net" --x x.npy --y short.npy --params theta.npy
measure "x.npy: data: x has 3 values a sample; the network's input is 4" --net "input 4; dense 3" --x x.npy --y y.npy \
    --params theta.npy
measure "targets3.npy: data: y[0]" --net "$net" --x x.npy --y targets3.npy --params theta.npy
measure "targets.npy: y holds one float a sample" --net "$net" --x x.npy --y targets.npy --params theta.npy --loss mse
measure "label_cifar.bin: CIFAR-10: the label of image 1 should be from 0 to 9, not 200" --net \
    "input 3 32 32; gap; dense 10" --x cifar.bin --y label_cifar.bin --params theta.npy
measure "nan.npy: data: x[2][1] is NaN" $trained --x-test nan.npy --y-test y.npy
measure "y.npy: data: y has 12 rows; x has 8" $trained --x-test x_test.npy --y-test y.npy

for file in cut cut_header type shape beyond backwards overflow negative overlap extra unclosed nan inf huge_header \
    long_header not_json missing; do
    measure "$file.safetensors: " $smooth --params $file.safetensors
done
for file in nan_theta.npy short_theta.npy square_theta.npy integer_theta.npy empty text.txt header.npy kinked.npy; do \
    measure "$file: " $smooth --params $file; done
measure "file 'missing.safetensors2' cannot be opened" $smooth --params missing.safetensors2
measure "directory" $smooth --params out

row "directory" train $smooth --out out
row "out/none/model" train $smooth --out out/none/model
row "no ordinary file" train $smooth --out /dev/full
row "no ordinary file" spectrum $trained --svg /dev/full
row "directory" spectrum $trained --svg out
row "out/none/c.svg" spectrum $trained --svg out/none/c.svg
row "--out: the name has more than" train $smooth --out "$(printf 'a%.0s' {1..5000})"
( ulimit -f 1; row "could not all be written" train --net "input 64; dense 24; relu; dense 10" $digits --epochs 1 \
    --out out/model
  row "could not all be written" spectrum $trained --svg out/h.svg
  echo "$passed $failed" > limited )
read -r passed failed < limited
rows=$((rows + 2))
for form in "" --json --csv; do
    "$cli" measure $trained $form > /dev/full 2> stderr
    check "standard output is full $form" [ "$? $(wc -l < stderr) $(grep -c 'standard output' stderr)" = "2 1 1" ]
done
if mkdir disk && mount -t tmpfs -o size=8k none disk 2> /dev/null; then
    "$cli" train --net "input 64; dense 24; relu; dense 10" $digits --epochs 1 --out disk/model > stdout 2> stderr
    check "a full disk" [ "$? $(wc -l < stderr) $(ls -A disk | wc -l)" = "2 1 0" ]
    umount disk
fi
check "at least 80 rows of bad input ($rows)" [ $rows -ge 80 ]

# ---- 4. killed at any moment, resumed, the same bits
run() { "$cli" train --net "input 64; dense 12; relu; dense 10" $digits --json "$@"; }
# in the background: the process is the program
exec_run() { exec "$cli" train --net "input 64; dense 12; relu; dense 10" $digits --json "$@"; }
nap() { sleep "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))"; } # microseconds
a="--lr 0.05 --seed 5 --opt nso --momentum 0.9 --sigma 0.02 --schedule cosine --epochs 60 --batch 64"
b="--lr 0.05 --seed 5 --opt sam --momentum 0.9 --weight-decay 0.001 --schedule step:5,0.9 --epochs 80 --batch 50"
before=${EPOCHREALTIME/[.,]/}
run $a --out a > a.json
long=$((${EPOCHREALTIME/[.,]/} - before))
run $b --out b > b.json
killed=0
for i in {1..20}; do
    which=a options=$a; [ $((i % 2)) = 0 ] && which=b options=$b
    rm -f out/*
    exec_run $options --out out/m > /dev/null 2>&1 & pid=$!
    micro=$(((RANDOM * 32768 + RANDOM) % long))
    nap $micro
    kill -9 $pid 2> /dev/null
    wait $pid 2> /dev/null
    # the machine is faster now than when it was measured
    if [ $? = 137 ]; then killed=$((killed + 1)); else long=$((micro + 1)); fi
    check "$which: resumed after a kill at $micro us" run $options --out out/m --resume > json 2> stderr
    check "$which: the same weights after a kill at $micro us" cmp -s $which out/m
    check "$which: the same report" cmp -s $which.json json
    check "$which: weights and state are all that is left" [ "$(echo $(ls out))" = "m m.state" ]
done
check "of 20 runs at least 10 were killed before their end ($killed)" [ $killed -ge 10 ]
for signal in INT TERM; do
    rm -f out/*
    exec_run $a --out out/m > stdout 2> stderr & pid=$!
    nap $((long / 3))
    kill -$signal $pid
    wait $pid
    check "SIG$signal: exit 1, one sentence, the state is ready" [ \
        "$? $(wc -l < stderr) $(grep -c 'ready for --resume' stderr) $(ls out)" = "1 1 1 m.state" ]
    run $a --out out/m --resume > /dev/null
    check "SIG$signal, resumed: the same weights" cmp -s a out/m
done
"$cli" train $smooth --epochs 4 --out four > /dev/null
"$cli" train $smooth --epochs 2 --out two > /dev/null
"$cli" train $smooth --epochs 4 --out two --resume > /dev/null
check "more epochs are a longer run" cmp -s four two
rm -f out/*
refused() { # WORDS OPTIONS...: a state that is not this run's; it stays as it is
    local words=$1 status; shift
    cp two.state out/m.state
    "$cli" train --net @net.txt --y y.npy "$@" --out out/m --resume > stdout 2> stderr
    status=$?
    check "refused: $* ($status, $(cat stderr))" [ "$status $(wc -l < stderr) $(ls out)" = "2 1 m.state" ]
    check "$*: it says $words" has "$(cat stderr)" "$words"
    check "$*: the state stays" cmp -s two.state out/m.state
}
refused 'with `lr 0.10000000000000001`, this run has `lr 0.2' --x x.npy --epochs 4 --lr 0.2
refused 'this run has `seed 2`' --x x.npy --epochs 4 --seed 2
refused 'with `rule plain`, this run has `rule sam`' --x x.npy --epochs 4 --opt sam
refused 'this run has `momentum 0.5`' --x x.npy --epochs 4 --momentum 0.5
refused 'this run has `batch 5`' --x x.npy --epochs 4 --batch 5
refused 'this run has `schedule cosine`' --x x.npy --epochs 4 --schedule cosine
refused 'with `data ' --x standard.npy --epochs 4
refused 'with `standardise 0`' --x x.npy --epochs 4 --standardise
refused 'with `loss ce`' --x x.npy --epochs 4 --loss mse
refused 'with `start ' --x x.npy --epochs 4 --params theta.npy
refused 'after 4 steps; this run ends after 3' --x x.npy --epochs 3
head -c 300 two.state > cut.state; cp good.safetensors other.state; printf 'no state' > no.state
for bad in cut other no; do
    cp $bad.state out/m.state
    "$cli" train $smooth --epochs 4 --out out/m --resume > stdout 2> stderr
    status=$?
    check "a state that is none: $bad ($(cat stderr))" [ "$status $(wc -l < stderr) $(ls out)" = "2 1 m.state" ]
    check "it names the state" has "$(cat stderr)" "out/m.state"
done
rm -f out/*

# ---- 5. gzip, where zlib and gzip are
if command -v gzip > /dev/null; then
    gzip -k digits-x digits-y
    head -c 5000 digits-x.gz > cut.gz
    plain=$("$cli" measure --net "input 64; dense 12; relu; dense 10" $digits --params a --only loss --json)
    packed=$("$cli" measure --net "input 64; dense 12; relu; dense 10" --x digits-x.gz --y digits-y.gz --scale 16 \
        --params a --only loss --json 2> stderr)
    if grep -q 'built without zlib' stderr; then check "without zlib a .gz is refused" [ -z "$packed" ]; else check \
        ".gz reads as what it holds" [ "$plain" = "$packed" ]; fi
    gzip -c net.txt > net.gz
    [ -z "$packed" ] || check "a zipped text" "$cli" measure --net @net.gz --x x.npy --y y.npy --params theta.npy \
        --only n > /dev/null
    row "cut.gz: " measure --net "input 64; dense 12; relu; dense 10" --x cut.gz --y digits-y --params a
fi

# ---- 6. speed: every key, exactly, of 64-24-10 (1,810 parameters) on the 1,797 digits: under 5 s on one core of a
# machine at rest. Checked
# is 20 s of processor time: continuous integration shares its cores, and not every processor has AVX-512.
"$cli" train --net "input 64; dense 24; relu; dense 10" $digits --epochs 10 --momentum 0.9 --out speed > /dev/null
TIMEFORMAT=%U
seconds=$( { time "$cli" measure --net "input 64; dense 24; relu; dense 10" $digits --params speed --json > json; } \
    2>&1 )
check "exact: no probes but kink_share's" [ "$(grep -o '_probes": [1-9]' json | wc -l)" = 1 ]
echo "all keys of 64-24-10 on 1797 digits: $seconds s of processor time (limit 5 at rest)"
check "it took $seconds s" [ "${seconds%[.,]*}" -lt 20 ]
finish
