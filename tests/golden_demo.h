/* golden_demo.h: the demo's numbers, recomputed in PyTorch in float64 from the demo's dumped weights.
 * Made 2026-11-21 by `python3 golden_demo.py` with Python 3.11.2, torch 1.13.0a0, numpy 1.24.2. Do not edit.
 * How each value was computed: the comment on top of golden_demo.py. */
#ifndef GOLDEN_DEMO_H
#define GOLDEN_DEMO_H

/* One optimiser's final weights on the 8x8 digits: cross-entropy, no smoothing. Over the training set (first 1,400
 * samples): loss_train, accuracy_train, trace_h, lambda_max_h, trace_c, trace_f, mls. Over the test set (last 397):
 * loss_test, accuracy_test, tic* (H and C of the test set, N = n_train, cut 1e-3), tpv_iso. H: Hessian; C = mean of
 * g_i g_i', uncentred; F: exact Fisher. */
typedef struct golden_demo_row {
    const char *name, *net;      /* the dump is digits-NAME.theta.txt; net: the network's text */
    int params, n_train, n_test;
    double theta_sum, theta_norm2; /* to recognise the dump: sum of theta_j and of theta_j squared */
    double loss_train, loss_test, accuracy_train, accuracy_test; /* accuracies as shares, 0..1 */
    double gap;                  /* loss_test - loss_train */
    double trace_h, lambda_max_h, trace_c, trace_f;
    double tic;                  /* (1/n_train) sum over lambda_j > 1e-3 lambda_max of v_j'C v_j / lambda_j */
    double tic_gap_to_cut;       /* min over j of |lambda_j - cut lambda_max| / (cut lambda_max) */
    int tic_kept;
    int tic_negative;            /* eigenvalues of the test Hessian below -1e-10 lambda_max */
    int tic_negative_doubtful;   /* eigenvalues of either sign with a modulus between 1e-13 and 1e-8 lambda_max: by so much
                                    at most can tic_negative differ under another threshold */
    double mls;                  /* mean of the spectral norm of df/dx */
    double tpv_iso;              /* sigma 1: trace of the mean of J_i' J_i, J_i = df(x_i)/dtheta */
    double kink_distance;        /* smallest |input| of a relu over both sets: how safe the comparison is; -1 without any */
    double margin;               /* smallest difference of the two largest outputs: how safe the accuracies are */
} golden_demo_row;

static const golden_demo_row golden_demo_rows[] = {
    { "sgd", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      44.858538054734495, 240.54779618942041, 0.017291659658155809, 0.36595499674558785, 0.99857142857142855,
      0.91687657430730474, 0.34866333708743202, 6.7444689711797343, 1.5083747133536787, 1.2082580386192781,
      6.7444689711797432, 0.13427123724147355, 0.018250915956277668, 145, 113,
      92, 21.797861873460022, 2599.5743236042567, 0.00024740512677581816, 0.040596032707362006 },
    { "momentum", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      43.642481002084438, 387.85535904935006, 0.0019244626264388279, 0.48221172014608082, 1.0,
      0.91687657430730474, 0.48028725751964202, 1.3977933706210774, 0.34514955370516731, 0.029403658581454606,
      1.3977933706210672, 0.26633535171140676, 0.016168229771955436, 136, 108,
      131, 36.545485984812949, 3641.9874410295497, 1.3422017207497059e-05, 0.016248067221056317 },
    { "sam", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      6.8785683477804795, 306.07666224351328, 0.024593931741335454, 0.28868458320230683, 0.99571428571428566,
      0.91435768261964734, 0.26409065146097138, 3.1531933212424663, 0.44712943487257051, 0.80929337083813613,
      3.1531933212424694, 0.12363469093155136, 0.015649193030738737, 149, 102,
      52, 21.032844221009292, 1217.2931286774251, 3.3070977339511032e-05, 0.034860449070089672 },
    { "nso", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      13.321462193694984, 321.11519764616486, 0.015598818828236796, 0.35195541782971296, 0.99714285714285711,
      0.91183879093198994, 0.33635659900147619, 2.8926437064532715, 0.55350716652948106, 0.9751358196189257,
      2.8926437064532626, 0.18616497212393998, 0.019710276181874258, 157, 117,
      61, 23.710237702224315, 1662.9499621154789, 3.3491221376635849e-05, 0.041651638688103176 }
};

enum { GOLDEN_DEMO_ROWS = (int)(sizeof golden_demo_rows / sizeof golden_demo_rows[0]) };

#endif
