/* demo.c: reads the demo's `--json` lines from standard input and compares every number with golden_demo.h.
   tests/demo.sh runs it. */
#include <stdint.h>
typedef double cn_real; /* test.h wants to know the type and the context; this file needs no library */
typedef struct cn_ctx {
    int status;
    char message[200];
} cn_ctx;
#include "test.h"
#include "golden_demo.h"

static double value_of(const char *line, const char *key) /* NaN where the key is missing */
{
    char pattern[64];
    const char *at;
    snprintf(pattern, sizeof pattern, "\"%s\":", key);
    at = strstr(line, pattern);
    return at ? strtod(at + strlen(pattern), NULL) : NAN;
}

/* 1e-6 relative: both sides are double; what separates them is rounding, which TIC's small eigenvalues amplify to at
   most about 1e-9. */
#define SAME(key, wanted) CHECK_RELATIVE(value_of(line, key), wanted, 1e-6)

TEST_MAIN {
    char line[4096], name[64];
    int i, lines = 0;
    for (i = 0; i < GOLDEN_DEMO_ROWS && fgets(line, sizeof line, stdin); i++, lines++) {
        const golden_demo_row *g = &golden_demo_rows[i];
        CASE(g->name) {
            snprintf(name, sizeof name, "{\"optimiser\":\"%s\",", g->name);
            CHECK(!strncmp(line, name, strlen(name)));
            SAME("loss", g->loss_train);
            SAME("accuracy", g->accuracy_train);
            SAME("loss_test", g->loss_test);
            SAME("accuracy_test", g->accuracy_test);
            SAME("gap", g->gap);
            SAME("trace_h", g->trace_h);
            SAME("lambda_max_h", g->lambda_max_h);
            SAME("trace_c", g->trace_c);
            SAME("trace_f", g->trace_f);
            SAME("tic", g->tic);
            SAME("tic_kept", g->tic_kept);
            SAME("tic_negative", g->tic_negative); /* both count below -1e-10 of the largest */
            SAME("tic_gap_to_cut", g->tic_gap_to_cut);
            SAME("mls", g->mls);
            SAME("tpv_iso", g->tpv_iso);
        }
    }
    CHECK(lines == GOLDEN_DEMO_ROWS && !fgets(line, sizeof line, stdin));
}
