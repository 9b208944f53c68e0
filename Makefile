# make alone lists what there is. CC, CFLAGS and BUILD may be set; everything that is made goes to $(BUILD).
CC ?= cc
CFLAGS ?= -O2
BUILD ?= build
STRICT = -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow
FLOORS = base tensor random kernels linalg spectrum network loss derivatives optimisers operators measures files
FLOORS += layers visit tic stability graphs costs faults mls

list:
	@echo "make cli           build/curvnoise: the library as a program; build/curvnoise --help"
	@echo "make demo          train on digits four ways, print one table, draw build/digits.svg"
	@echo "make spectrum      the Hessian's spectrum of a network trained on digits, as a table and as build/spectrum.svg"
	@echo "make test          all tests; the last line counts them"
	@echo "make check-all     the tests on other compilers and machines, as far as they are installed"
	@echo "make bench         what derivatives cost, in gradients"
	@echo "make bench-spectrum  eigenpairs and traces: products, passes, and what their errors are worth"
	@echo "make bench-linalg  products and eigenproblems against OpenBLAS (needs libopenblas-dev)"
	@echo "make format        .clang-format applied to every source (clang-format 14)"
	@echo "make clean"

demo: $(BUILD)/digits
	$(BUILD)/digits --svg $(BUILD)/digits.svg

$(BUILD)/digits: examples/digits.c examples/data/digits.h examples/plot.h curvnoise.h
	@mkdir -p $(BUILD)
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=double examples/digits.c -lm -o $@

spectrum: $(BUILD)/spectrum
	$(BUILD)/spectrum --svg $(BUILD)/spectrum.svg

$(BUILD)/spectrum: examples/spectrum.c examples/data/digits.h examples/plot.h curvnoise.h
	@mkdir -p $(BUILD)
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=double examples/spectrum.c -lm -o $@

# The command line, one object a file, curvnoise.h compiled once (library.c). It unpacks .gz where zlib is there.
CLI = $(patsubst examples/curvnoise/%.c,$(BUILD)/cli/%.o,$(wildcard examples/curvnoise/*.c))
ZLIB = $(shell mkdir -p $(BUILD) && \
	printf '\043include <zlib.h>\nint main(void) { return !zlibVersion(); }\n' > $(BUILD)/zlib_probe.c && \
	$(CC) $(BUILD)/zlib_probe.c -lz -o $(BUILD)/zlib_probe 2> /dev/null && echo yes)

cli: $(BUILD)/curvnoise

$(BUILD)/curvnoise: $(CLI)
	$(CC) $(CFLAGS) $(CLI) -lm $(if $(ZLIB),-lz) -o $@

CLI_HEADERS = $(wildcard examples/curvnoise/*.h) examples/plot.h examples/measures.h curvnoise.h
$(BUILD)/cli/%.o: examples/curvnoise/%.c $(CLI_HEADERS)
	@mkdir -p $(BUILD)/cli
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=double $(if $(filter %/read.o,$@),$(if $(ZLIB),-DCN_CLI_ZLIB)) -c $< -o $@

GOLDEN = tests/golden.h tests/golden_mls.h tests/golden_random.h tests/golden_layers.h
GOLDEN += tests/golden_measures.h tests/golden_files.h

# Every test file is built for both reals and linked with the library, compiled once for each.
TESTS = $(FLOORS:%=$(BUILD)/tests/%_double) $(FLOORS:%=$(BUILD)/tests/%_float)
SCRIPTS = tests/demo.sh tests/spectrum.sh tests/cli.sh tests/cli_input.sh tests/cli_long.sh
SCRIPTS += tests/style.sh tests/house.sh

test: $(TESTS) $(BUILD)/digits $(BUILD)/spectrum $(BUILD)/curvnoise $(BUILD)/tests/cli_files
	@BUILD=$(BUILD) CC="$(CC)" tests/run.sh $(TESTS) $(SCRIPTS)

$(BUILD)/tests/cli_files: tests/cli_files.c $(BUILD)/tests/lib_double.o tests/test.h
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=double $< $(BUILD)/tests/lib_double.o -lm -o $@

$(BUILD)/tests/lib_%.o: tests/lib.c curvnoise.h
	@mkdir -p $(BUILD)/tests
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=$* -c tests/lib.c -o $@

$(BUILD)/tests/%_double: tests/%.c $(BUILD)/tests/lib_double.o tests/test.h tests/nets.h examples/measures.h $(GOLDEN)
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=double $< $(BUILD)/tests/lib_double.o -lm -o $@

$(BUILD)/tests/%_float: tests/%.c $(BUILD)/tests/lib_float.o tests/test.h tests/nets.h examples/measures.h $(GOLDEN)
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=float $< $(BUILD)/tests/lib_float.o -lm -o $@

.PRECIOUS: $(BUILD)/tests/lib_%.o

check-all: test
	BUILD=$(BUILD) tests/targets.sh

bench: bench/derivatives.c curvnoise.h
	@mkdir -p $(BUILD)
	$(CC) $(STRICT) $(CFLAGS) bench/derivatives.c -lm -o $(BUILD)/derivatives
	$(BUILD)/derivatives

bench-spectrum: bench/spectrum.c examples/data/digits.h curvnoise.h
	@mkdir -p $(BUILD)
	$(CC) $(STRICT) $(CFLAGS) -DCN_REAL=double bench/spectrum.c -lm -o $(BUILD)/bench_spectrum
	$(BUILD)/bench_spectrum

bench-linalg:
	CC="$(CC)" BUILD=$(BUILD) bench/linalg.sh

format:
	clang-format -i $$(ls curvnoise.h examples/*.[ch] examples/curvnoise/*.[ch] tests/*.[ch] tests/target/*.[ch] \
	    bench/*.c | grep -v /golden)

clean:
	rm -rf $(BUILD)

.PHONY: list demo spectrum cli test check-all bench bench-spectrum bench-linalg format clean
