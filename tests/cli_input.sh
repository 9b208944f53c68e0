#!/bin/bash
# The command line and its files: outputs that are inputs, two processes with one output, pipes, constant features, what
# is said by a
# sentence instead of done silently or blamed on something else, lower bounds, versions. The last line is "N passed, N
# failed".
cd "$(dirname "$0")/.." || exit 1
. tests/cli_common.sh

said() { # WORDS ARGUMENTS...: done, with one sentence on standard error that holds the words; its numbers in $json
    local words=$1; shift
    json=$("$cli" "$@" --json 2> stderr)
    local status=$?
    check "[$words] is done: $* ($(cat stderr))" [ $status = 0 ]
    check "[$words] is said: $* ($(cat stderr))" has "$(cat stderr)" "$words"
    check "[$words] in one line: $*" [ "$(wc -l < stderr)" = 1 ]
    check "--quiet: nothing is said" [ -z "$("$cli" "$@" --json --quiet 2>&1 > /dev/null)" ]
}
silent() {
    json=$("$cli" "$@" --json 2> stderr)
    local status=$?
    check "nothing is said: $* ($(cat stderr))" [ "$status $(wc -c < stderr)" = "0 0" ]
}
same() { local name=$1 a; a=$json; shift; silent "$@"; check "$name: the same numbers ($a, $json)" [ "$a" = "$json" ]; }

# ---- 1. an output that is an input, by any name for it
mkdir -p deep
ln -s x.npy link.npy; ln -s ../x.npy deep/link.npy; ln x.npy hard.npy; ln -s "$work" deep/here
cp good.safetensors start.st
kept() { # FILE WORDS ARGUMENTS...: refused, and the file is what it was
    local file=$1 before after; shift
    before=$(cksum < "$file")
    row "$@"
    after=$(cksum < "$file")
    check "$file is what it was" [ "$before" = "$after" ]
}
read="this file is read"
for name in x.npy ./x.npy deep/../x.npy link.npy deep/link.npy hard.npy deep/here/x.npy "$work/x.npy" y.npy net.txt; do
    kept x.npy "$name: $read" train $smooth --out $name
    kept x.npy "$name: $read" spectrum $trained --svg $name
done
kept x.npy "x.npy: $read" train --net @net.txt --x link.npy --y y.npy --out x.npy
kept good.safetensors "good.safetensors: $read" spectrum $trained --svg ./good.safetensors
for name in x_test.npy y_test.npy; do kept $name "$name: $read" train $smooth --x-test x_test.npy --y-test y_test.npy \
    --out deep/../$name; done
cp x.npy m.state
kept m.state "m.state: $read" train --net @net.txt --x m.state --y y.npy --out m
kept m.state "m.state: $read" train --net @net.txt --x m.state --y y.npy --out ./deep/here/m --resume
check "nothing was trained" [ ! -e m ]
cp good.safetensors m.state
kept m.state "m.state: $read" train $smooth --params m.state --out m
rm m.state
check "--out may be --params" "$cli" train $smooth --params start.st --out deep/../start.st --epochs 1 --quiet > \
    /dev/null
check "it was replaced" [ "$(cmp start.st good.safetensors > /dev/null; echo $?) $(ls start.st*)" = \
    $'1 start.st\nstart.st.state' ]
check "OUT.state is read and written under --resume" "$cli" train $smooth --params good.safetensors --out one \
    --epochs 2 > /dev/null
check "... again" "$cli" train $smooth --params good.safetensors --out one --epochs 4 --resume > /dev/null
cp x.npy mm.partial; cp x.npy mm.state.partial
check "an input where the temporary file would be" "$cli" train --net @net.txt --x mm.partial --y y.npy --x-test \
    mm.state.partial --y-test y.npy --out mm --epochs 1 > /dev/null
check "... is what it was" cmp x.npy mm.partial
check "... and this one" cmp x.npy mm.state.partial
rm -rf out mm* one* start.st*; mkdir out

# ---- 2. two processes with one --out: whole files at any time, nothing left over
a="--net @net.txt --x x.npy --y y.npy --seed 3 --epochs 1500 --quiet"
b="--net @net.txt --x x.npy --y y.npy --seed 4 --epochs 1500 --quiet"
"$cli" train $a --out a > /dev/null; "$cli" train $b --out b > /dev/null
for round in 1 2 3; do
    "$cli" train $a --out out/m > /dev/null 2> a.err & first=$!
    "$cli" train $b --out out/m > /dev/null 2> b.err & second=$!
    broken=0 looks=0
    while kill -0 $first 2> /dev/null && kill -0 $second 2> /dev/null; do
        [ -e out/m.state ] && { looks=$((looks + 1)); head -c 8 out/m.state | cmp -s -n 8 - a.state || \
            broken=$((broken + 1)); }
    done
    wait $first; status=$?; check "the first of two processes ends well ($(cat a.err))" [ $status = 0 ]
    wait $second; status=$?; check "the second, too ($(cat b.err))" [ $status = 0 ]
    check "the state was whole each time ($looks looks)" [ $broken = 0 ]
    check "the result is one of theirs" eval "cmp -s a out/m || cmp -s b out/m"
    check "weights and state are all that is left ($(echo $(ls out)))" [ "$(echo $(ls out))" = "m m.state" ]
    check "the state is one of theirs" eval "cmp -s a.state out/m.state || cmp -s b.state out/m.state"
    rm -f out/*
done
"$cli" train $a --out out/m > /dev/null 2>&1 & first=$!; "$cli" train $b --out out/m > /dev/null 2>&1 & second=$!
sleep 0.1; kill -9 $first $second 2> /dev/null; wait $first $second 2> /dev/null
printf old > out/m.state.partial; printf old > out/m.state.partial2; printf old > out/m.partial; printf old > \
    out/m.partial2
"$cli" train $a --out out/m > /dev/null
check "what killed processes leave is cleared away ($(echo $(ls out)))" [ "$(echo $(ls out))" = "m m.state" ]
rm -f out/*

# ---- 3. an input that is no ordinary file: refused at once
mkfifo pipe
for option in --x --y --params --net --x-test; do
    arguments=$(echo "$trained --x-test x_test.npy --y-test y_test.npy" | sed \
        "s/$option [^ ]*/$option pipe/; s/--net pipe/--net @pipe/")
    timeout 10 "$cli" measure $arguments > stdout 2> stderr < /dev/null
    status=$?
    check "$option of a pipe is refused at once ($(cat stderr))" [ \
        "$status $(wc -l < stderr) $(grep -c 'pipe: this is no ordinary file' stderr)" = "2 1 1" ]
done
mkfifo new.state
timeout 10 "$cli" train $smooth --out new --resume > stdout 2> stderr
status=$?
check "OUT.state that is a pipe ($(cat stderr))" [ "$status $(grep -c 'new.state: this is no ordinary file' stderr)" \
    = "2 1" ]
measure "/dev/null: this is no ordinary file" --net "$net" --x /dev/null --y y.npy --params theta.npy
measure "deep: this is a directory" --net "$net" --x deep --y y.npy --params theta.npy

# ---- 4. --standardise: a constant feature is 0 everywhere, a small or large one is not constant
f="--net @four.txt --y features_y.npy --y-test features_test_y.npy --params four.npy"
f="$f --only loss,loss_test,trace_h,sensitivity"
printf 'input 4; dense 3; tanh; dense 3' > four.txt
"$cli" train --net @four.txt --x by_hand.npy --y features_y.npy --epochs 3 --out four.npy > /dev/null
by_hand=$("$cli" measure $f --x by_hand.npy --x-test by_hand_test.npy)
made=$("$cli" measure $f --x features.npy --x-test features_test.npy --standardise)
check "--standardise is what is done by hand: $made" [ "$by_hand" = "$made" ]
measure "features_far.npy: x[0][2] is 1e+200, which --standardise takes beyond any number" $f --x features.npy \
    --x-test features_far.npy --standardise

# ---- 5. said by a sentence
measure "float_labels.npy: y holds one float a sample; class labels are integers" --net "$net" --x x.npy --y \
    float_labels.npy --params theta.npy
measure "float_labels.npy: y holds one float a sample" --net "$net" --x x.npy --y float_labels.npy --params theta.npy \
    --loss mse
said "whole.npy: the integers of y are taken as numbers" train --net "input 3; dense 1" --loss mse --x x.npy --epochs \
    2 --out o --y whole.npy
same "integer targets" train --net "input 3; dense 1" --loss mse --x x.npy --epochs 2 --out o --y wide.npy
check "integer targets have no accuracy" has "$json" '"accuracy": null'
train "--net: the network has one output, whose cross-entropy is always 0; --loss mse" --net "input 3; dense 1" --x \
    x.npy --y whole.npy
said "hot_whole.npy: the integers of y are taken as targets, one for each output" measure --net "$net" --params \
    theta.npy --x x.npy --y hot_whole.npy --only loss,trace_h
same "one-hot integers" measure --net "$net" --params theta.npy --x x.npy --y hot.npy --only loss,trace_h
said "hot_whole.npy: the integers of y are taken as targets" measure --net "$net" --params theta.npy --x x.npy --y \
    hot_whole.npy --loss mse --only loss,trace_h
same "one-hot integers, mse" measure --net "$net" --params theta.npy --x x.npy --y hot.npy --loss mse --only \
    loss,trace_h
said "column.npy: x of shape [12] is taken as 12 samples of one value" train --net "input 1; dense 3" --x column.npy \
    --y y.npy --epochs 2 --out o
same "x of shape [n]" train --net "input 1; dense 3" --x column2.npy --y y.npy --epochs 2 --out o
measure "column.npy: x has shape [12], one value a sample; the network's input is 3" --net "$net" --params theta.npy \
    --x column.npy --y y.npy
image="input 3 2 2; conv 2 2; flatten; dense 3"
silent train --net "$image" --x channels_first.npy --y y.npy --epochs 1 --out image
silent train --net "$image" --x rows.npy --y y.npy --epochs 1 --out o
train "channels_last.npy: x has shape [12][2][2][3]; the network's input is [n][3][2][2], channels before" \
    --net "$image" --x channels_last.npy --y y.npy
silent train --net "input 12; dense 3" --x channels_last.npy --y y.npy --epochs 1 --out o
for file in bytes.npy bytes.safetensors; do
    said "$file: bytes are divided by 255" measure --net "$net" --params theta.npy --x $file --y y.npy --only \
        loss,trace_h
    same "$file as IDX" measure --net "$net" --params theta.npy --x bytes.idx --y y.npy --only loss,trace_h
    silent measure --net "$net" --params theta.npy --x $file --y y.npy --only loss,trace_h --scale 1
done
same "--scale 1 takes bytes as they are" measure --net "$net" --params theta.npy --x bytes.idx --y y.npy --only \
    loss,trace_h --scale 1
for file in truth.npy truth.safetensors; do
    silent measure --net "$net" --params theta.npy --x $file --y y.npy --only loss,trace_h
    same "$file: truth values are 0 and 1" measure --net "$net" --params theta.npy --x truth_floats.npy --y y.npy \
        --only loss,trace_h
done
said "large.npy: element 0 is an integer beyond 2^53" measure --net "$net" --params theta.npy --x large.npy --y y.npy \
    --only n
for soft in "input 3; dense 3; softmax" "input 3; dense 3; softmax; flatten" \
    "input 3; dense 3; softmax; dropout 0.1"; do
    said "--net: the network ends in softmax" train --net "$soft" --x x.npy --y y.npy --epochs 1 --out o
    silent train --net "$soft" --x x.npy --y y.npy --epochs 1 --out o --loss mse
done
silent train --net "input 3; dense 3; softmax; dense 3" --x x.npy --y y.npy --epochs 1 --out o
said "--rho is not read by --opt plain" train $smooth --epochs 1 --out o --rho 0.1
said "--rho is not read by --opt nso" train $smooth --epochs 1 --out o --rho 0.1 --opt nso
said "--sigma is not read by --opt sam" train $smooth --epochs 1 --out o --sigma 0.1 --opt sam
said "--k is not read by --opt plain" train $smooth --epochs 1 --out o --k 2
said "--noise is not read by --opt plain" train $smooth --epochs 1 --out o --noise sign --opt momentum
said "--momentum is not read by --base sgd" train $smooth --epochs 1 --out o --base sgd --momentum 0.5
same "--base sgd has no momentum" train $smooth --epochs 1 --out o --base sgd
train "exclude each other" $smooth --opt momentum --base sgd
said "--init is not read: --params" train $smooth --epochs 1 --out o --params good.safetensors --init he
said "o.none.state is not there: training starts at the beginning" train $smooth --epochs 1 --out o.none --resume
rm -f o.none*
silent train $smooth --epochs 1 --out o --opt sam --rho 0.1
silent train $smooth --epochs 1 --out o --opt nso --sigma 0.1 --k 2 --noise sign
said "--sigma is not read by the keys asked for" measure $trained --only loss --sigma 0.1
for option in "--cut 0.1" "--form dense" "--pairs 3"; do said "${option% *} is not read by the keys asked for" \
    measure $trained --only loss $option; done
said "--pairs is not read: tic comes from the whole spectrum" measure $trained --only tic --pairs 3
silent measure $trained --only kink_share,tic --sigma 0.1 --cut 0.1
for option in --runs --steps; do said "$option is not read: up to 5000 parameters" spectrum $trained $option 3; done
measure "twice.npy: data: the probabilities y[0] add up to 2, not 1; targets that are no probabilities want --loss" \
    --net "$net" --x x.npy --y twice.npy --params theta.npy
measure "targets3.npy: data: y[0][0] is -0.992188; it should be a probability; targets" --net "$net" --x x.npy --y \
    targets3.npy --params theta.npy
measure "want --loss mse" --net "$net" --x x.npy --y targets3.npy --params theta.npy
for file in arrays.npz:"an .npz archive" model.pt:"a PyTorch file (.pt); save_file" old.pt:"a PyTorch file" \
    pickle:"a Python pickle" weights.h5:"an HDF5 file" \
    other.zip:"a zip archive" text.txt:"a text; save numbers as .npy"; do
    measure "${file%%:*}: this is ${file#*:}" --net "$net" --x ${file%%:*} --y y.npy --params theta.npy
    measure "${file%%:*}: this is ${file#*:}" $smooth --params ${file%%:*}
done
said "mark.txt: the byte-order mark" measure --net @mark.txt --x x.npy --y y.npy --params theta.npy --only loss,tic
same "a network with a byte-order mark" measure --net "$net" --x x.npy --y y.npy --params theta.npy --only loss,tic
said "--net: the byte-order mark" measure --net $'\xEF\xBB\xBFinput 3; dense 5; tanh; dense 3' --x x.npy --y y.npy \
    --params theta.npy --only loss
measure "mark16.txt: the byte-order mark says UTF-16" --net @mark16.txt --x x.npy --y y.npy --params theta.npy
norm() { local words=$1; shift; measure "$words" --net "input 3; batchnorm; dense 3" --x x.npy --y y.npy "$@"; }
norm "negative_var.st: 0.running_var: element 1 is -0.5; a variance is at least 0" --params negative_var.st
norm "negative_var.theta.npy: 0.running_var: element 1 is -0.5" --params negative_var.theta.npy
for file in nan_var inf_mean; do norm "$file.st: " --params $file.st; norm "$file.theta.npy: " --params \
    $file.theta.npy; done
for file in norm zero_var; do silent measure --net "input 3; batchnorm; dense 3" --x x.npy --y y.npy --only loss \
    --params $file.st; done
measure "whole_theta.npy: the weights are integers" $smooth --params whole_theta.npy
measure "whole.safetensors: 0.weight: the weights are integers" $smooth --params whole.safetensors
measure "integers.safetensors: 2.bias: the weights are integers" $smooth --params integers.safetensors
if command -v gzip > /dev/null && ! "$cli" measure --net "$net" --x <(:) --y y.npy --params theta.npy 2>&1 | grep -q \
    zlib; then
    head -c 200 x.npy | gzip > members.gz; tail -c +201 x.npy | gzip >> members.gz
    cp members.gz padded.gz; head -c 100 /dev/zero >> padded.gz
    cp members.gz trailing.gz; printf 'more' >> trailing.gz
    head -c 210 x.npy | gzip > cut_member.gz; tail -c +211 x.npy | gzip | head -c 60 >> cut_member.gz
    if "$cli" measure --net "$net" --x members.gz --y y.npy --params theta.npy 2>&1 | grep -q 'without zlib'; then \
        echo "cli_input: built without zlib; gzip was not tested"
    else
        for file in members padded; do
            silent measure --net "$net" --x $file.gz --y y.npy --params theta.npy --only loss,tic
            same "$file.gz: all members are read" measure --net "$net" --x x.npy --y y.npy --params theta.npy --only \
                loss,tic
        done
        measure "trailing.gz: after the gzip data come 4 bytes that are none" --net "$net" --x trailing.gz --y y.npy \
            --params theta.npy
        measure "cut_member.gz: the gzip file cannot be unzipped: it ends too early" --net "$net" --x cut_member.gz \
            --y y.npy --params theta.npy
    fi
fi
large="this number is too large for its type" small="this number is too small for its type"
train "--seed 99999999999999999999: $large" $smooth --seed 99999999999999999999
train "--epochs 18446744073709551616: $large" $smooth --epochs 18446744073709551616
train "--lr 1e999: $large" $smooth --lr 1e999
train "--lr 1e-999: $small" $smooth --lr 1e-999
measure "--probes 99999999999999999999: $large" $trained --probes 99999999999999999999
measure "--cut 1e-400: $small" $trained --cut 1e-400
silent train $smooth --epochs 1 --out o --lr 1e-310 --momentum 0e-999 --save-every 18446744073709551615 --seed \
    18446744073709551615
rm -f o o.state image image.state

# ---- 6. TIC in part: a lower bound, and null for what was not examined
exact=$("$cli" measure $trained --only tic,tic_kept,tic_fisher --json)
part=$("$cli" measure $trained --only \
    tic,tic_kept,tic_gap_to_cut,tic_negative,tic_dropped,tic_share,tic_fisher,tic_fisher_kept --form partial --pairs \
    5 --json)
for key in tic_kept tic_gap_to_cut tic_negative tic_dropped tic_fisher_kept; do check \
    "$key is null where not all were examined: $part" has "$part" "\"$key\": null"; done
value() { local rest=${1#*\"$2\": }; echo "${rest%%[,\}]*}"; } # JSON KEY
check "a part is less than the whole" eval \
    "awk 'BEGIN { exit !($(value "$part" tic) < $(value "$exact" tic) && $(value "$part" tic_share) < 1) }'"
table=$("$cli" measure $trained --only tic,tic_kept,tic_fisher --form partial --pairs 5)
check "the table says lower bound: $table" [ "$(grep -c 'lower bound' <<< "$table")" = 2 ]
check "... and why there is no count" has "$table" "eigenvalues that were not examined may change it"
check "... not where all were seen" eval "! '$cli' measure $trained --only tic,tic_kept | grep -q 'lower bound'"
part=$("$cli" measure $trained --only tic,tic_kept --form partial --pairs 30 --json)
check "the cut was reached: the count is known: $part" [ "$(value "$part" tic_kept)" = "$(value "$exact" tic_kept)" ]
# Lanczos stops at 1e-8
check "... and the sum" eval \
"awk 'BEGIN { d = $(value "$part" tic) - $(value "$exact" tic); exit !(d < 1e-6 && d > -1e-6) }'"
measure "--form frob: expected one of auto dense gram partial quadrature diagonal layers" $trained --form frob
big="input 64; dense 69; relu; dense 10" # 5,185 parameters
"$cli" train --net "$big" $digits --epochs 1 --momentum 0.9 --out big > /dev/null
part=$("$cli" measure --net "$big" $digits --params big --only tic,tic_kept,tic_negative --pairs 3 --json)
check "beyond 5,000 parameters: $part" eval "[[ '$part' == *'\"tic_kept\": null, \"tic_negative\": null'* ]]"
beyond="measure --net @big.txt $digits --params big --only tic,tic_half_steps,tic_kept,tic_share"
printf '%s' "$big" > big.txt
part=$("$cli" $beyond --probes 3 --steps 10 --json)
sampled='"tic": 0[.][0-9]+, "tic_se": 0[.][0-9]+, "tic_probes": 3, "tic_half_steps": 0[.][0-9]+, "tic_kept": null, '
check "by quadrature: $part" grep -qE "$sampled\"tic_share\": null" <<< "$part"
json=$part
same "... the same by name" $beyond --probes 3 --steps 10 --form quadrature
check "... says why" eval "'$cli' $beyond --probes 2 --steps 5 | grep -q 'null: quadrature examines no eigenvalues'"
said "--pairs is not read: tic comes by quadrature" $beyond --probes 2 --steps 5 --form quadrature --pairs 3
json=$("$cli" measure $trained --only tic,tic_half_cut,tic_double_cut --json)
other=$("$cli" measure $trained --only tic --cut 0.0005 --json)
check "half the cut: $json" [ "$(value "$json" tic_half_cut)" = "$(value "$other" tic)" ]
other=$("$cli" measure $trained --only tic --cut 0.002 --json)
check "twice the cut: $json" [ "$(value "$json" tic_double_cut)" = "$(value "$other" tic)" ]
for form in diagonal layers; do check "--form $form" grep -qE '^\{"tic": [0-9.]+, ' <<< \
    "$("$cli" measure $trained --only tic --form $form --json)"; done

# ---- 7. a few eigenvalues of many: no density that nobody asked for
few=$("$cli" spectrum --net "$big" $digits --params big --top 5 --bottom 2 --json)
check "seven eigenvalues ($(grep -o 'eigenvalues": [^]]*' <<< "$few"))" [ \
    "$(grep -o 'eigenvalues": [^]]*' <<< "$few" | tr -cd , | wc -c)" = 6 ]
check "no density: $few" has "$few" '"density_at": null, "density": null, "density_se": null, "density_width": null}'
check "none in the table" eval "! '$cli' spectrum $trained --top 5 | grep -q density"
check "none as CSV" eval "! '$cli' spectrum $trained --top 5 --csv | grep -q density"
for asked in "--points 50" "--width 0.1" "--svg c.svg"; do check "a density with $asked" has \
    "$("$cli" spectrum $trained --top 5 --csv $asked)" "density,"; done
row "--top and --bottom: expected 1 to 38 eigenvalues together" spectrum $trained --top 39
row "--top and --bottom: expected 1 to 38 eigenvalues together" spectrum $trained --top 0 --bottom 0
row "--points 1: a picture needs more" spectrum $trained --points 1 --svg out/c.svg

# ---- 8. help and version; what is not built yet exits 2 by name and is in no help
version=$(sed -n '1s/.* - v\([0-9.]*\) - .*/\1/p' "$repository/curvnoise.h")
check "--version" [ "$("$cli" --version)" = "curvnoise $version" ]
for command in "" train measure spectrum; do check "help of '$command' lists nothing that is not built" eval \
    "! '$cli' $command --help | grep -iE 'not built|prune|tpv_label|gamma'"; done
keys=$("$cli" measure --help | sed -n '/^keys: /,$p' | sed -n 's/^  \([a-z0-9_]*\) .*/\1/p')
check "every key of the help is one ($(wc -w <<< "$keys"))" "$cli" measure $trained --only "$(echo $keys | tr ' ' ,)" \
    > /dev/null
check "there are all keys in the help" [ "$(wc -w <<< "$keys")" = \
    "$("$cli" measure $trained --csv | grep -vc 'residual\|^key')" ]
json=$("$cli" measure $trained --only loss,trace_h,tic --json --quiet --threads 1)
same "any number of threads" measure $trained --only loss,trace_h,tic --quiet --threads 3
for command in prune tpv predict describe; do row "$command is not built yet" $command --net "$net"; done
for option in clip pull radius label-smoothing val-x patience no-decay beta2 mix; do train \
    "--$option is not built yet" $smooth --$option 1; done
for option in all map first; do measure "--$option is not built yet" $trained --$option; done
measure "--loss bce is not built yet" $smooth --params theta.npy --loss bce
for word in "--opt adamw" "--base amsgrad" "--noise binomial4"; do train "$word is not built yet" $smooth $word; done

# ---- 9. the build: no probe replaces a device, and the program compiles for Windows
printf '#!/bin/sh\necho "$@" >> "%s/cc.log"\n' "$work" > cc; chmod +x cc
make -s -n -C "$repository" cli CC="$work/cc" BUILD="$work/build" > /dev/null
check "the probe for zlib links into the build folder ($(cat cc.log))" eval \
    "grep -q -- '-o $work/build/' cc.log && ! grep -q /dev/ cc.log"
probes=$(cd "$repository" && grep -nE -- '-o */dev/null' Makefile tests/*.sh .ci/run | grep -v cli_input.sh)
check "no other probe writes to a device: $probes" [ -z "$probes" ]
if command -v x86_64-w64-mingw32-gcc > /dev/null; then
    for source in "$repository"/examples/curvnoise/[a-z]*.c; do
        case $source in */library.c) continue ;; esac
        check "Windows: $source" x86_64-w64-mingw32-gcc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
            -Werror -fsyntax-only "$source"
    done
else echo "cli_input: x86_64-w64-mingw32-gcc is not installed; the build for Windows was not tested"; fi
finish
