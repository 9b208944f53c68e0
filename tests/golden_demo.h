/* golden_demo.h: the demo's numbers, recomputed in PyTorch in float64 from the demo's dumped weights.
 * Made 2026-11-28 by `python3 golden_demo.py` with Python 3.11.2, torch 1.13.0a0, numpy 1.24.2. Do not edit.
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
      22.617094582978869, 251.80574180192127, 0.023553474214114516, 0.39588784677664091, 0.99857142857142855,
      0.91183879093198994, 0.37233437256252638, 8.1257326753866117, 1.7746137995675828, 1.7010604216537637,
      8.1257326753866117, 0.13340528098466953, 0.019761722471125696, 128, 91,
      57, 29.075657019381694, 2625.3516646026678, 0.00037965392573065943, 0.015061866748520281 },
    { "momentum", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      20.291189081540601, 440.69084063620329, 0.0026922166287153271, 0.54768950486346291, 1.0,
      0.91435768261964734, 0.54499728823474758, 1.9403504149169848, 0.43276410308185287, 0.065722119574820728,
      1.9403504149169843, 0.2840159691640522, 0.02544475808038698, 114, 82,
      74, 50.560696941028183, 4199.2926497194294, 0.00024437083306008689, 0.11331257896740965 },
    { "sam", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      -7.1169692108655394, 317.12200967711595, 0.051948041757040299, 0.39255554445409691, 0.98571428571428577,
      0.88916876574307302, 0.34060750269705659, 4.6891057588701281, 0.67403207137643861, 1.7907208618667096,
      4.6891057588701335, 0.1367526292814365, 0.01761810054713343, 152, 96,
      38, 26.305857812815873, 1265.8101894747044, 0.00026678632698652009, 7.2456923954966612e-05 },
    { "nso", "input 64; dense 16; relu; dense 10", 1210, 1400, 397,
      -0.29735388436754806, 314.6585803549479, 0.025356163410785025, 0.43735232919522748, 0.995,
      0.90176322418136023, 0.41199616578444248, 4.3437328983205923, 0.86876045748170472, 1.8423860079036567,
      4.3437328983205941, 0.1698284433941834, 0.017637307599596912, 135, 89,
      36, 28.58517303422914, 1895.4292697964743, 5.1482904066868507e-05, 0.032582731874915005 }
};

enum { GOLDEN_DEMO_ROWS = (int)(sizeof golden_demo_rows / sizeof golden_demo_rows[0]) };

#endif
