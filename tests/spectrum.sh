#!/bin/sh
# The example that draws spectra, on small networks: exit codes, one sentence for bad input, JSON, numbers that must fit
# together, the picture. BUILD: where `spectrum` lies (default build); it must be there: make build/spectrum. The last
# line is "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
spectrum=${BUILD:-build}/spectrum
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED $1"; }
check() { name=$1; shift; if "$@" > "$work/log" 2>&1; then pass; else fail "$name: $(head -n 3 "$work/log")"; fi; }
refuse() { name=$1; shift; if "$@" > "$work/log" 2>&1; then fail "$name"; else pass; fi; }

# Each line is one JSON object, all of RFC 8259 but \u; numbers must be finite, which JSON's all are.
cat > "$work/json.awk" << 'END'
function blank() { sub(/^[ \t\r]+/, "", s) }
function token(re) { blank(); if (match(s, "^" re)) { s = substr(s, RLENGTH + 1); return 1 } return 0 }
function string() { return token("\"([^\"\\\\]|\\\\[\"\\\\/bfnrt])*\"") }
function value() {
    blank()
    if (token("\\{")) {
        if (token("\\}")) return 1
        do { if (!string() || !token(":") || !value()) return 0 } while (token(","))
        return token("\\}")
    }
    if (token("\\[")) {
        if (token("\\]")) return 1
        do { if (!value()) return 0 } while (token(","))
        return token("\\]")
    }
    return string() || token("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?") || token("(true|false|null)")
}
{
    s = $0
    if ($0 !~ /^\{/ || !value() || s !~ /^[ \t\r]*$/) {
        print "line " NR " is no JSON object near: " substr(s, 1, 40)
        bad = 1
    }
}
END { exit bad || NR == 0 }
END

# Numbers that must fit together, whatever network. Line 1 is the whole. 1e-8 of the largest eigenvalue is what cn_eigs
# converges to.
cat > "$work/numbers.awk" << 'END'
function text(key,   t) { t = $0; if (!sub(".*\"" key "\":", "", t)) { wrong(key " is missing"); return "" } return t }
function number(key,   t) { t = text(key); sub(/[,}].*/, "", t); return t + 0 }
function list(key, out,   t) {
    t = text(key); sub(/^\[/, "", t); sub(/\].*/, "", t)
    return t == "" ? 0 : split(t, out, ",")
}
function wrong(why) { print "line " NR ": " why; bad = 1 }
function integral(side,   n, i, x, d, sum) {
    n = list(side "_log10", x); list(side "_density", d)
    for (i = 1; i < n; i++) sum += (d[i] + d[i + 1]) / 2 * (x[i + 1] - x[i])
    return sum
}
{
    top = list("largest", high); n = list("largest_residual", left)
    bottom = list("smallest", low); m = list("smallest_residual", under)
    if (top != n || bottom != m || !top) wrong("as many residuals as eigenvalues")
    if (NR == 1) { first = top; lowest = low[1]; for (j = 1; j <= top; j++) whole[j] = high[j] }
    size = high[1] > -low[1] ? high[1] : -low[1]; slack = 1e-8 * size; params = number("params")
    if (number("converged") != 1) wrong("not converged")
    for (j = 1; j <= top; j++) if (left[j] < 0 || left[j] > slack) wrong("residual " left[j])
    for (j = 1; j <= bottom; j++) if (under[j] < 0 || under[j] > slack) wrong("residual " under[j])
    for (j = 2; j <= top; j++) if (high[j] + 0 > high[j - 1] + 0) wrong("the largest do not descend")
    for (j = 2; j <= bottom; j++) if (low[j] + 0 < low[j - 1] + 0) wrong("the smallest do not ascend")
    if (bottom && low[bottom] > high[top] + slack) wrong("the smallest are above the largest")
    for (j = 1; j <= top && j <= first; j++)
        if (high[j] > whole[j] + slack) wrong("a block cannot curve more than the whole (Cauchy)")
    if (low[1] < lowest - slack) wrong("a block cannot curve down more than the whole (Cauchy)")
    trace = number("trace_h")
    if (trace > params * (high[1] + slack) || trace < params * (low[1] - slack))
        wrong("the trace is no sum of eigenvalues")
    below = number("share_below"); near = number("share_near"); above = 1 - below - near
    if (below < 0 || near < 0 || above < -1e-12 || number("share_below_se") < 0 || number("share_near_se") < 0)
        wrong("shares outside [0, 1]")
    if (low[1] >= -number("near") && below != 0) wrong("a share is below, but no eigenvalue")
    # the abscissae end 4 widths beyond the last node: 3e-5 of a Gaussian is outside
    a = integral("above"); b = integral("below")
    if (a - above > 1e-6 || above - a > 2e-4 * above + 1e-6) wrong("the density above integrates to " a ", not " above)
    if (b - below > 1e-6 || below - b > 2e-4 * below + 1e-6) wrong("the density below integrates to " b ", not " below)
}
END { exit bad || NR == 0 }
END

# Every tag is closed in its order; nothing but what this program writes: no comments, no > within attributes.
cat > "$work/tags.awk" << 'END'
{ all = all $0 "\n" }
END {
    while (match(all, /<[^>]*>/)) {
        before = substr(all, 1, RSTART - 1); tag = substr(all, RSTART + 1, RLENGTH - 2)
        all = substr(all, RSTART + RLENGTH)
        if (before ~ /[<>]/ || before ~ /&([^#a-z]|$)/) { print "loose < or > or &"; exit 1 }
        name = tag; sub(/^\//, "", name); sub(/[ \/].*/, "", name)
        if (tag ~ /^\//) { if (!depth || open[depth--] != name) { print "</" name "> closes nothing"; exit 1 } }
        else if (tag !~ /\/$/) { open[++depth] = name; if (depth == 1) roots++ }
        quotes = tag; if (gsub(/"/, "", quotes) % 2) { print "odd quotes in <" tag; exit 1 }
    }
    if (depth || roots != 1 || all ~ /[<>]/) { print "not one closed root"; exit 1 }
}
END

run() { "$spectrum" "$@" > "$work/out" 2> "$work/err"; }
json() {
    title=$1; shift
    check "$title runs" run --json "$@"
    check "$title: nothing on stderr" test ! -s "$work/err"
    check "$title: JSON" awk -f "$work/json.awk" "$work/out"
    check "$title: numbers" awk -f "$work/numbers.awk" "$work/out"
}
# sees CHECK SED WHAT: the check finds the fault that this edit makes in good output
sees() { sed "$2" "$work/good" > "$work/bad"; refuse "the check of $1 sees $3" awk -f "$work/$1.awk" "$work/bad"; }

# ---- the numbers
json "tanh" --net "input 64; dense 8; tanh; dense 10" --epochs 2 --steps 40 --svg "$work/a.svg"
check "three blocks" [ "$(wc -l < "$work/out")" = 3 ]
for block in whole 2.weight; do check "block $block" grep -q "\"block\":\"$block\"" "$work/out"; done
check "a tanh network curves down somewhere" sh -c "head -n 1 '$work/out' | grep -q '\"smallest\":\\[-'"
cp "$work/out" "$work/good"
sees numbers 's/"largest":\[/"largest":[9e9,/' "a wrong eigenvalue"
sees numbers 's/"share_near":/"share_near":0.5/' "a wrong share"
sees json 's/\],/,],/' "a stray comma"
sees json 's/"trace_h":/"trace_h":nan,"x":/' "a nan"
check "the same run" run --json --net "input 64; dense 8; tanh; dense 10" --epochs 2 --steps 40 --svg "$work/b.svg"
check "the same numbers" cmp "$work/out" "$work/good"
check "the same picture" cmp "$work/a.svg" "$work/b.svg"
# logistic regression: no eigenvalue below zero
json "convex" --net "input 64; dense 10" --epochs 0 --seed 3 --steps 30 --svg "$work/convex.svg"
check "a convex loss has none below" sh -c "! grep -vq '\"share_below\":0,' '$work/out'"
check "the table" run --net "input 64; dense 10" --epochs 1 --steps 20
check "is a table" grep -q '^tr H, exact  *[0-9.]*  *[0-9.]*$' "$work/out"
check "says how to read it" grep -q '^How to read it: ' "$work/out"
refuse "a table with nan or inf" grep -qiE '(nan|inf)\b' "$work/out"

# ---- the pictures
for picture in a convex; do
    svg=$work/$picture.svg
    check "$picture: tags" awk -f "$work/tags.awk" "$svg"
    if command -v xmllint > /dev/null; then
        check "$picture: XML" xmllint --noout "$svg"
    elif command -v python3 > /dev/null; then
        check "$picture: XML" python3 -c "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])" "$svg"
    fi
    for word in viewBox= '<title>' '<desc>' 'mean loss' 'n = 1400' 'input 64; dense' 'standard error'; do
        check "$picture: complete, $word" grep -q "$word" "$svg"
    done
    refuse "$picture: numbers that are none" grep -qiE '"[^"]*\b-?(nan|inf)\b' "$svg"
    check "$picture: letters of 11 px and more" \
        sh -c "! grep -oE 'font-size=\"[0-9.]+' '$svg' | grep -vE '\"(1[1-9]|[2-9][0-9])'"
done
sed 's,</defs>,,' "$work/a.svg" > "$work/bad.svg"
refuse "the check of tags sees an open one" awk -f "$work/tags.awk" "$work/bad.svg"
check "no partial file stays" sh -c "! ls '$work' | grep -q partial"

# ---- bad input: exit code 2, one sentence, nothing printed, no file
bad() {
    title=$1; shift
    run "$@"; code=$?
    check "$title: exit code 2, not $code" test $code = 2
    check "$title: one line" [ "$(wc -l < "$work/err")" = 1 ]
    check "$title: a sentence" grep -q '^spectrum: .' "$work/err"
    check "$title: nothing printed" [ ! -s "$work/out" ]
}
bad "unknown option" --nets
bad "no value" --net
bad "epochs" --epochs -1
bad "epochs, rubbish" --epochs 3x
bad "too many epochs" --epochs 99999999999999999999
bad "seed" --seed ""
bad "steps" --steps 1
bad "network" --net "input 64; dance 10"
bad "network's inputs" --net "input 63; dense 10"
bad "network's outputs" --net "input 64; dense 9"
bad "no such folder" --svg "$work/none/x.svg" --epochs 0 --net "input 64; dense 10" --steps 5
check "no such folder: no file" test ! -e "$work/none"
mkdir "$work/folder"
bad "a folder" --svg "$work/folder" --epochs 0 --net "input 64; dense 10" --steps 5
check "a folder: no partial file" test ! -e "$work/folder.partial"
bad "bad network, picture asked for" --svg "$work/never.svg" --net "dense"
check "bad network: no picture" sh -c "! ls '$work' | grep -q never"
check "--help" run --help
check "--help on stdout" grep -q '^usage: spectrum' "$work/out"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
