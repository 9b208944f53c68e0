/* keys.c: the table of keys. */
#include "keys.h"

const char *const group_names[GROUPS] = {"basics", "traces", "spectrum", "similarity", "TIC",
                                         "TPV",    "MLS",    "AWD",      "noise"};

const key keys[] = {
    {"n", BASICS, PLAIN, 0, FREE, basic, N_SAMPLES, 0, "samples of the training set"},
    {"params", BASICS, PLAIN, 0, FREE, basic, N_PARAMS, 0, "parameters of the network, P"},
    {"loss", BASICS, PLAIN, GRADIENT, FREE, basic, LOSS, 0, "mean over samples"},
    {"accuracy", BASICS, PLAIN, GRADIENT | LABELS, FREE, basic, ACCURACY, 0,
     "share of samples whose largest output is the label's"},
    {"grad_norm", BASICS, PLAIN, GRADIENT, FREE, basic, GRAD_NORM, 0, "norm of the gradient of the loss"},
    {"loss_test", BASICS, PLAIN, TEST_SET | TEST_LOSS, FREE, basic, LOSS, 1, "loss over the test set"},
    {"accuracy_test", BASICS, PLAIN, TEST_SET | LABELS | TEST_LOSS, FREE, basic, ACCURACY, 1,
     "accuracy over the test set"},
    {"gap", BASICS, PLAIN, TEST_SET | GRADIENT | TEST_LOSS, FREE, basic, GAP, 0, "loss_test - loss"},

    {"trace_h", TRACES, SAMPLED, TRACE_H, FREE, trace, CN_OP_HESSIAN, 0, "tr H, Hessian of the mean loss"},
    {"trace_g", TRACES, SAMPLED, 0, A_TRACE, trace, CN_OP_GAUSS_NEWTON, 0, "tr G, Gauss-Newton"},
    {"trace_f", TRACES, SAMPLED, 0, A_TRACE, trace, CN_OP_FISHER, 0,
     "tr F, true Fisher, exact expectation over the model's labels"},
    {"trace_c", TRACES, SAMPLED, 0, PASS, trace, CN_OP_SECOND_MOMENT, 0,
     "tr C, second moment of per-sample gradients, uncentred"},
    {"trace_s", TRACES, SAMPLED, TRACE_S, FREE, trace, CN_OP_COVARIANCE, 0, "tr S, covariance of per-sample gradients"},
    {"trace_j", TRACES, SAMPLED, 0, OUTPUT_PASSES, trace, CN_OP_JACOBIAN_MOMENT, 0,
     "tr J, second moment of the output Jacobian"},

    {"lambda_max_h", SPECTRA, ITERATED, 0, EIGENPAIR, lambda, CN_OP_HESSIAN, 0, "largest eigenvalue of H"},
    {"lambda_min_h", SPECTRA, ITERATED, 0, EIGENPAIR, lambda, CN_OP_HESSIAN, 1, "smallest eigenvalue of H"},
    {"lambda_max_g", SPECTRA, ITERATED, 0, EIGENPAIR, lambda, CN_OP_GAUSS_NEWTON, 0, "largest eigenvalue of G"},
    {"lambda_max_f", SPECTRA, ITERATED, 0, EIGENPAIR, lambda, CN_OP_FISHER, 0, "largest eigenvalue of F"},
    {"lambda_max_c", SPECTRA, ITERATED, 0, EIGENPAIR, lambda, CN_OP_SECOND_MOMENT, 0, "largest eigenvalue of C"},
    {"eff_rank_h", SPECTRA, SAMPLED, MATRIX_H | COMPARISON, FREE, effective_rank, 0, 0, "(tr H)^2 / ||H||_F^2"},

    {"r_hc", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_C | COMPARISON, FREE, similarity, H_C, RATIO, "tr H / tr C"},
    {"r_hf", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_F | COMPARISON, FREE, similarity, H_F, RATIO, "tr H / tr F"},
    {"r_fc", SIMILARITY, SAMPLED, MATRIX_F | MATRIX_C | COMPARISON, FREE, similarity, F_C, RATIO, "tr F / tr C"},
    {"s_hc", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_C | COMPARISON, FREE, similarity, H_C, ANGLE,
     "tr(HC) / (||H||_F ||C||_F): 1 = the same up to a factor"},
    {"s_hf", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_F | COMPARISON, FREE, similarity, H_F, ANGLE,
     "the same of H and F"},
    {"s_fc", SIMILARITY, SAMPLED, MATRIX_F | MATRIX_C | COMPARISON, FREE, similarity, F_C, ANGLE,
     "the same of F and C"},
    {"frob2_hc", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_C | COMPARISON, FREE, similarity, H_C, DISTANCE,
     "||H - C||_F^2"},
    {"frob2_hf", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_F | COMPARISON, FREE, similarity, H_F, DISTANCE,
     "||H - F||_F^2"},
    {"frob2_fc", SIMILARITY, SAMPLED, MATRIX_F | MATRIX_C | COMPARISON, FREE, similarity, F_C, DISTANCE,
     "||F - C||_F^2"},
    {"commutator_hc", SIMILARITY, SAMPLED, MATRIX_H | MATRIX_C, COMMUTES, similarity, H_C, COMMUTATOR,
     "||HC - CH||_F / (2 ||H||_F ||C||_F): 0 = the same eigenvectors"},

    {"tic", TIC, SAMPLED, TIC_H, FREE, takeuchi, 0, TAKEUCHI,
     "tr(H^-1 C)/N over the kept eigenvalues, N = n; predicts gap near a minimum"},
    {"tic_half_steps", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, HALF_STEPS,
     "tic by half the steps, where it is taken by quadrature (P > 5000): the difference is no part of tic_se"},
    {"tic_half_cut", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, HALF_CUT, "tic at half the cut"},
    {"tic_double_cut", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, DOUBLE_CUT, "tic at twice the cut"},
    {"tic_kept", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, KEPT, "eigenvalues of H above tic_cut times the largest"},
    {"tic_cut", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, CUT, "the relative cut"},
    {"tic_gap_to_cut", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, GAP_TO_CUT,
     "relative distance of the nearest eigenvalue; near 0 the cut is a coin toss"},
    {"tic_negative", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, NEGATIVE, "eigenvalues of H below zero"},
    {"tic_dropped", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, DROPPED, "share of sum |eigenvalue| outside the kept ones"},
    {"tic_share", TIC, PLAIN, TIC_H, FREE, takeuchi, 0, EXAMINED,
     "share of sum |eigenvalue| that was examined; 1 = the whole spectrum"},
    {"tic_fisher", TIC, SAMPLED, TIC_F, FREE, takeuchi, 1, TAKEUCHI, "tr(F^+ C)/N with the same cut on F"},
    {"tic_fisher_kept", TIC, PLAIN, TIC_F, FREE, takeuchi, 1, KEPT, "eigenvalues of F above the cut"},
    {"trace_ratio_cf", TIC, SAMPLED, 0, OUTPUT_PASSES, trace_ratio, 0, 0,
     "tr C / tr F, where tic is taken; over N the cheapest form of TIC"},
    {"aic", TIC, PLAIN, 0, FREE, basic, AIC, 0, "params / n"},
    {"sensitivity", TIC, PLAIN, 0, OUTPUT_PASSES, sensitivity, CN_SENSITIVITY_LOGITS, 0,
     "mean over samples of ||df/dx||_F of the outputs"},

    {"tpv_iso", TPV, SAMPLED, 0, OUTPUT_PASSES, variance_isotropic, 0, 0,
     "test prediction variance under weight noise of sd 1, first order: tr J"},

    {"sharpness_interp", MLS, PLAIN, OF_SHARPNESS, FREE, local_sensitivity, INTERPOLATION, 0,
     "S, mean over samples of ||df/dtheta||_F^2: tr H where the loss is 0"},
    {"mls", MLS, PLAIN, OF_INPUT, FREE, local_sensitivity, SENSITIVITY, 0,
     "maximum local sensitivity, mean over samples of ||df/dx||_2"},
    {"nmls", MLS, PLAIN, OF_LAYERS, FREE, local_sensitivity, NETWORK, 0,
     "the same by the input of each dense and conv layer, summed over layers"},
    {"mls_normalized", MLS, PLAIN, OF_INPUT, FREE, local_sensitivity, NORMALIZED, 0, "mean of ||x||^2 ||df/dx||_2^2"},
    {"mls_input_invariant", MLS, PLAIN, OF_INVARIANT, FREE, local_sensitivity, INVARIANT, 0,
     "mean of sum over inputs p of ||df/dx_p||^2 x_p^2"},
    {"log_volume", MLS, PLAIN, OF_VOLUMES, FREE, local_sensitivity, LOG_VOLUME, 0,
     "mean of the log of the product of df/dx's singular values, one for each output"},
    {"volume", MLS, PLAIN, OF_VOLUMES, FREE, local_sensitivity, VOLUME, 0,
     "mean of that product; a sample of lower rank counts 0"},
    {"network_volume", MLS, PLAIN, OF_VOLUMES, FREE, local_sensitivity, NETWORK_VOLUME, 0,
     "the same by the input of each layer, summed over layers"},
    {"local_dim", MLS, PLAIN, OF_INPUT, FREE, local_sensitivity, LOCAL_DIM, 0,
     "mean of tr(AA')^2 / tr((AA')^2), A = df/dx: how many directions the outputs move in"},
    {"bound_a", MLS, PLAIN, OF_BOUNDS, FREE, local_sensitivity, BOUND_A, 0,
     "of the first layer's weight W and input x: mean of ||df/dx||_2; a <= b <= c <= d for dense layers"},
    {"bound_b", MLS, PLAIN, OF_BOUNDS, FREE, local_sensitivity, BOUND_B, 0,
     "||W||_2 times mean of ||df/dW||_F / ||x||"},
    {"bound_c", MLS, PLAIN, OF_BOUNDS, FREE, local_sensitivity, BOUND_C, 0,
     "||W||_2 sqrt(mean of 1/||x||^2) sqrt(mean of ||df/dW||_F^2)"},
    {"bound_d", MLS, PLAIN, OF_BOUNDS, FREE, local_sensitivity, BOUND_D, 0,
     "||W||_2 sqrt(mean of 1/||x||^2) sqrt(sharpness_interp)"},
    {"nmls_bound", MLS, PLAIN, OF_BOUNDS, FREE, local_sensitivity, NETWORK_BOUND, 0,
     "sqrt(mean of sum over layers of ||W||_2^2/||x||^2) sqrt(sharpness_interp): nmls is at most that"},
    {"adaptive_sharpness", MLS, SAMPLED, SHARP, FREE, rescaled_sharpness, 0, 0,
     "sum of theta_j^2 H_jj: does not change when layers are rescaled"},
    {"adaptive_sharpness_interp", MLS, PLAIN, OF_ADAPTIVE, FREE, local_sensitivity, ADAPTIVE, 0,
     "the same with mean of ||df/dtheta_j||^2 for H_jj"},
    {"matrix_normalized_sharpness", MLS, SAMPLED, SHARP, FREE, rescaled_sharpness, 1, 0,
     "sum over layers of ||W||_2 sqrt(trace of W's block of H)"},
    {"relative_flatness", MLS, PLAIN, 0, PASS, flatness_of_last, 0, 0,
     "of the last layer: sum over rows of <w_s, w_t> tr H_st"},

    {"noise_scale", NOISE, SAMPLED, TRACE_S | GRADIENT, FREE, noise_scale, 0, 0,
     "tr S / ||gradient||^2, over the block: the batch size where noise equals signal"},
    {"kink_share", NOISE, SAMPLED, TRACE_H, LOSSES, kink_share, 0, 0,
     "curvature that noise of sd --sigma sees beyond tr H, as a share of it"},
};
const int key_count = sizeof keys / sizeof keys[0];
typedef char table_fits[sizeof keys / sizeof keys[0] <= KEY_MOST ? 1 : -1];

static const char *const planned[GROUPS] = {
    [TPV] = "tpv_label tpv_label_rank tpv_label_train",
    [AWD] = "gamma gamma_se gamma_awd1 gamma_awd12 gamma_iso corr_offdiag corr_offdiag_random corr_offdiag_theory "
            "term_ratio top_m gamma_r2 neg_mass",
};

/* In multiply-adds, counted on the digits for networks of 1,000 to 5,000 parameters; good to a factor of some. */
double cost_of(const run *r, unsigned needs, int cost) {
    double n = (double)r->train.n, P = (double)(r->block.count ? r->block.count : r->info.params),
           K = (double)r->info.outputs, gradient = 3 * n * (r->info.macs + 100), test = (double)r->test.n / n,
           at = r->test.n ? test : 1, sum = 0;
    int held = P <= EXACT_MOST && !r->o.probes; /* matrices */
    double probes = r->o.probes ? (double)r->o.probes : 100, sampled = probes * 2 * gradient;
    double lanczos = (r->o.probes ? (double)r->o.probes : 32) * (r->o.steps ? (double)r->o.steps : 80);
    double quadrature = lanczos * 2 * gradient * at; /* TIC */
    double matrix = fmin(2 * P * gradient, n * K * P * P), eigen = 6 * P * P * P;
    if (needs & GRADIENT) sum += gradient;
    if (needs & TEST_LOSS) sum += test * gradient / 3;
    if (needs & TRACE_H) sum += fmin(K * gradient, held ? matrix : sampled);
    if (needs & TRACE_S) sum += gradient;
    if (held && (needs & MATRIX_H)) sum += matrix;
    if (held && (needs & MATRIX_F)) sum += matrix;
    if (held && (needs & MATRIX_C)) sum += 3 * n * P * P;
    if (needs & COMPARISON) sum += held ? P * P * P : 3 * sampled;
    if (needs & TIC_H) sum += P <= EXACT_MOST ? eigen + at * matrix : quadrature;
    if (needs & TIC_F) sum += P <= EXACT_MOST ? eigen + at * matrix : quadrature;
    if (needs & SHARP) sum += fmin(K * gradient, held ? matrix : sampled);
    for (needs &= OF_MLS; needs; needs &= needs - 1) sum += K * gradient / 8;
    switch (cost) {
    case PASS:
        return sum + gradient;
    case OUTPUT_PASSES:
        return sum + K * gradient;
    case A_TRACE:
        return sum + fmin(K * gradient, held ? matrix : sampled);
    case COMMUTES:
        return sum + (held ? 3 * P * P * P : 2 * sampled);
    case EIGENPAIR:
        return sum + 100 * 2 * gradient;
    case LOSSES:
        return sum + 2 * probes * gradient / 3;
    default:
        return sum;
    }
}

int find_key(const char *name, size_t length) {
    static const struct {
        const char *tail;
        int print;
    } tails[] = {{"", PLAIN},      {"", SAMPLED},        {"", ITERATED},
                 {"_se", SAMPLED}, {"_probes", SAMPLED}, {"_residual", ITERATED}};
    size_t own, i;
    int k;
    for (k = 0; k < key_count; k++) {
        own = strlen(keys[k].name);
        if (length < own || strncmp(name, keys[k].name, own)) continue;
        for (i = 0; i < sizeof tails / sizeof tails[0]; i++)
            if (keys[k].print == tails[i].print && length == own + strlen(tails[i].tail) &&
                !strncmp(name + own, tails[i].tail, length - own))
                return k;
    }
    return -1;
}

int is_planned(const char *name, size_t length) {
    const char *at;
    size_t own;
    int group;
    for (group = 0; group < GROUPS; group++)
        for (at = planned[group]; at && *at; at += own, at += *at == ' ')
            if ((own = strcspn(at, " ")) == length && !strncmp(name, at, length)) return 1;
    return 0;
}

void say_keys(text *t) {
    int k, group;
    for (group = 0; group < GROUPS; group++) {
        for (k = 0; k < key_count && keys[k].group != group; k++) continue;
        if (k < key_count) say(t, "\nkeys: %s\n", group_names[group]);
        for (; k < key_count; k++)
            if (keys[k].group == group)
                say(t, "  %-16s %s%s\n", keys[k].name, keys[k].says,
                    keys[k].print == SAMPLED    ? " [_se, _probes]"
                    : keys[k].print == ITERATED ? " [_residual]"
                                                : "");
    }
}
