# What the tests of the command line share; tests/cli*.sh begin with it: . tests/cli_common.sh. Needs bash, coreutils,
# the program and
# tests/cli_files.c. BUILD: where `curvnoise` and `tests/cli_files` lie (default build); make them first: make cli
# build/tests/cli_files.
# CC: the compiler. Afterwards the folder is a new one, $work, with the files of cli_files.c and an empty folder `out`.
cd "$(dirname "$0")/.." || exit 1
repository=$(pwd) BUILD=${BUILD:-build} CC=${CC:-cc}
case $BUILD in /*) ;; *) BUILD=$repository/$BUILD ;; esac
cli=$BUILD/curvnoise files=$BUILD/tests/cli_files golden=$repository/tests/golden_cli.txt
work=$(mktemp -d) || exit 1
trap 'umount "$work/disk" 2> /dev/null; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
shopt -s lastpipe # else counts at the end of a pipe would be lost
passed=0 failed=0
fail() { failed=$((failed + 1)); echo "FAILED $*"; }
check() { local name=$1; shift; if "$@"; then passed=$((passed + 1)); else fail "$name"; fi; }
counts() { # NAME: adds what cli_files counted in its last line on standard input
    local line; line=$(tee "$work/log" | tail -n 1)
    case $line in *" passed, "*" failed") passed=$((passed + ${line%% passed*})); line=${line##*passed, }; \
        failed=$((failed + ${line%% failed*})) ;; *) fail "$1: no counts" ;; esac
    case $line in "0 failed") ;; *) echo "in $1:"; head -n 20 "$work/log" ;; esac
}
has() { case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac }
finish() { echo "$passed passed, $failed failed"; [ $failed -eq 0 ]; exit; }
[ -x "$cli" ] && [ -x "$files" ] || { fail "$cli or $files is not there"; finish; }
"$files" make "$work" || { fail "cli_files make"; finish; }
cd "$work" || exit 1
mkdir out

smooth="--net @net.txt --x x.npy --y y.npy"
trained="$smooth --params good.safetensors"
with_test="$trained --x-test x_test.npy --y-test y_test.npy"
digits="--x digits-x --y digits-y --scale 16"
net="input 3; dense 5; tanh; dense 3"

# bad input: exit code 2, one sentence that holds the words, nothing on standard output, nothing left behind
row() { # WORDS ARGUMENTS...
    local words=$1 status message; shift
    "$cli" "$@" > stdout 2> stderr < /dev/null
    status=$?
    message=$(cat stderr)
    if [ $status -eq 2 ] && [ "$(wc -l < stderr)" -eq 1 ] && has "$message" "$words" && [ ! -s stdout ] && [ -z \
        "$(ls -A out)" ]; then passed=$((passed + 1))
    else fail "[$words] $*: exit $status, '$message', $(wc -c < stdout) bytes, left: $(ls -A out)"; rm -rf out; mkdir \
        out; fi
    rows=$((rows + 1))
}
measure() { local words=$1; shift; row "$words" measure "$@"; }
train() { local words=$1; shift; row "$words" train "$@" --out out/model; }
