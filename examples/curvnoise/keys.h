/* keys.h: what a key of `measure` is. A key is one row in keys.c. */
#ifndef KEYS_H
#define KEYS_H
#include "cli.h"

typedef struct value {
    double v, error, residual;
    size_t probes;
    int null;
    char why[sizeof((cn_ctx *)0)->message]; /* it is null */
    const char *note;                       /* beside the number in the table; NULL */
} value;

enum { BASICS, TRACES, SPECTRA, SIMILARITY, TIC, TPV, MLS, AWD, NOISE, GROUPS };
extern const char *const group_names[GROUPS];

enum { PLAIN, SAMPLED, ITERATED }; /* how it is printed: alone; with KEY_se and KEY_probes; with KEY_residual */

/* What a key needs: what must be there (else it is null), and results that keys share, computed once. */
enum {
    TEST_SET = 1,
    LABELS = 2,
    GRADIENT = 4, /* loss and gradient of the training set */
    TEST_LOSS = 8,
    MATRIX_H = 16, /* the operator, as a matrix where that is feasible and no probes are asked for */
    MATRIX_F = 32,
    MATRIX_C = 64,
    TRACE_H = 128,
    TRACE_S = 256,
    COMPARISON = 512, /* of H, F and C, those that are needed */
    TIC_H = 4096,
    TIC_F = 8192,
    SHARP = 1 << 19, /* the diagonal of H */
    MLS_SHIFT = 20,  /* parts of cn_mls, asked for together */
    OF_INPUT = CN_MLS_INPUT << MLS_SHIFT,
    OF_INVARIANT = CN_MLS_INVARIANT << MLS_SHIFT,
    OF_LAYERS = CN_MLS_LAYERS << MLS_SHIFT,
    OF_VOLUMES = CN_MLS_VOLUMES << MLS_SHIFT,
    OF_SHARPNESS = CN_MLS_SHARPNESS << MLS_SHIFT,
    OF_BOUNDS = CN_MLS_BOUNDS << MLS_SHIFT,
    OF_ADAPTIVE = CN_MLS_ADAPTIVE << MLS_SHIFT,
    OF_MLS = (2 * CN_MLS_ADAPTIVE - 1) << MLS_SHIFT
};
/* What it costs beside that: nothing; a gradient; one for each output; a trace; a commutator; some hundred
   products with an operator; losses of perturbed networks. */
enum { FREE, PASS, OUTPUT_PASSES, A_TRACE, COMMUTES, EIGENPAIR, LOSSES };

typedef struct key {
    const char *name;
    int group, print;
    unsigned needs;
    int cost;
    value (*of)(run *r, int a, int b);
    int a, b;
    const char *says;
} key;
extern const key keys[];
enum { KEY_MOST = 256 };
extern const int key_count;
double cost_of(const run *r, unsigned needs, int cost); /* in multiply-adds, for a forecast */
int find_key(const char *name, size_t length);          /* itself, or one of what comes with it; -1: none */
int is_planned(const char *name, size_t length);        /* a key of the contract that is not built yet */

enum { H_C, H_F, F_C };
enum { COMPARED = 3 };
/* what was once computed */
typedef struct memo {
    cn_op *op[KINDS], *held[KINDS];
    cn_real *matrix[KINDS];
    value trace[KINDS];
    int has_trace[KINDS];
    cn_eval eval[2];
    int has_eval[2];
    /* H, F, C as far as the keys asked for need them, from one set of probes; number in `place`, -1: not needed */
    unsigned needs;
    cn_est rank[COMPARED], ratio[COMPARED * COMPARED], angle[COMPARED * COMPARED], distance[COMPARED * COMPARED];
    int place[COMPARED], has_comparison;
    size_t compared;
    value comparison_why;
    cn_tic_result tic[2];
    value tic_why[2];
    int has_tic[2];
    cn_mls_result mls;
    cn_mls_layer first; /* layer */
    value mls_why, volume_why;
    cn_real *diagonal; /* of H, all parameters; NULL: not exact */
    int has_mls, has_diagonal;
} memo;

/* ---- values.c: the functions of the table, with what a and b choose ---- */

enum { N_SAMPLES, N_PARAMS, LOSS, ACCURACY, GRAD_NORM, GAP, AIC };
enum { RATIO, ANGLE, DISTANCE, COMMUTATOR };
enum {
    SENSITIVITY,
    NORMALIZED,
    INVARIANT,
    LOCAL_DIM,
    LOG_VOLUME,
    VOLUME,
    NETWORK,
    NETWORK_VOLUME,
    INTERPOLATION,
    ADAPTIVE,
    BOUND_A,
    BOUND_B,
    BOUND_C,
    BOUND_D,
    NETWORK_BOUND
};
enum { TAKEUCHI, HALF_STEPS, HALF_CUT, DOUBLE_CUT, KEPT, CUT, GAP_TO_CUT, NEGATIVE, DROPPED, EXAMINED };
value basic(run *r, int which, int test);
value trace(run *r, int kind, int unused);
value lambda(run *r, int kind, int smallest);
value effective_rank(run *r, int unused, int unused2);
value similarity(run *r, int pair, int which);
value takeuchi(run *r, int fisher, int which);
value trace_ratio(run *r, int unused, int unused2);
value sensitivity(run *r, int form, int unused);
value variance_isotropic(run *r, int unused, int unused2);
value local_sensitivity(run *r, int which, int unused);
value rescaled_sharpness(run *r, int matrix, int unused);
value flatness_of_last(run *r, int unused, int unused2);
value noise_scale(run *r, int unused, int unused2);
value kink_share(run *r, int unused, int unused2);
value null_for(const char *why);

#endif
