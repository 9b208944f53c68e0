/* operators.c: H G F C S J of a point: identities, traces, dense forms, spectra. */
#include "../curvnoise.h"
#include "test.h"
#include "golden.h"
#include "nets.h"

/* Two orders of the same few hundred additions of terms no larger than `size`. */
#define ORDER (1000 * TEST_EPS)
/* Against golden.h: as in derivatives.c, eps times the additions in double with room for other math libraries, 1e3 eps
   in float. */
#define GOLDEN TEST_REAL(1e-9, 1e-4)

static double golden_trace(const golden_net *net, int kind) {
    const double traces[] = {net->trace_h, net->trace_g, net->trace_f, net->trace_c, net->trace_s, net->trace_j};
    return traces[kind];
}

static int piecewise_linear(const char *text) /* nothing but dense, relu, leaky, and the tests' gain */
{
    static const char *const smooth[] = {"tanh",    "sigmoid", "softplus", "gelu", "silu",
                                         "softmax", "sine",    "square",   "bend"};
    size_t i;
    for (i = 0; i < sizeof smooth / sizeof *smooth; i++)
        if (strstr(text, smooth[i])) return 0;
    return 1;
}

#define KINDS (CN_OP_JACOBIAN_MOMENT + 1) /* H G F C S J; the sampled Fisher is in layers.c */

/* ---- every identity on one scene: canonical says that F exists */

static void identities(scene *s, const char *text, int canonical, int squared) {
    cn_block blocks[40];
    size_t count = scene_blocks(s, blocks, 40), b, i, j, k, n = 0, P = s->P;
    cn_real *m[KINDS], *g, *gi, *second, *x;
    cn_batch one;
    uint32_t index;
    double size, squares = 0, q[3], *values, whole[KINDS] = {0};
    memset(&one, 0, sizeof one);
    one.index = &index;
    one.n = 1;
    g = cn_vector(&s->c, P);
    gi = cn_vector(&s->c, P);
    second = cn_vector(&s->c, P * P);
    x = cn_vector(&s->c, 3 * P);
    values = (double *)(void *)cn_vector(&s->c, 2 * P);
    cn_evaluate(s->p, s->theta, NULL, g);
    for (i = 0; i < s->n; i++) { /* C from its definition */
        index = (uint32_t)i;
        cn_evaluate(s->p, s->theta, &one, gi);
        squares += dot_of(P, gi, gi) / (double)s->n;
        for (j = 0; j < P; j++)
            for (k = 0; k < P; k++) second[j * P + k] += gi[j] * gi[k] / (cn_real)s->n;
    }
    for (b = 0; b < count; b++) {
        size_t first = blocks[b].first;
        for (k = 0; k < KINDS; k++) {
            cn_est e;
            cn_op *op;
            cn_real *dense, *copy;
            double slack, skew;
            m[k] = NULL;
            if (k == CN_OP_FISHER && !canonical) continue;
            m[k] = scene_matrix(s, (int)k, blocks[b], &n);
            /* S = C - gg' may vanish; so may a block */
            if (b == 0) whole[k] = most_of(n * n, k == CN_OP_COVARIANCE ? m[CN_OP_SECOND_MOMENT] : m[k]);
            size = whole[k];
            for (skew = 0, i = 0; i < n; i++)
                for (j = 0; j < i; j++) skew = fmax(skew, fabs((double)m[k][i * n + j] - (double)m[k][j * n + i]));
            CHECK(skew <= ORDER * size); /* symmetric, column by column */
            op = cn_op_of(s->at, (int)k, blocks[b]);
            e = cn_trace(op, NULL); /* fast where there is a closed form; against the diagonal */
            slack = ORDER * size * sqrt((double)n) +
                    ORDER * fabs(trace_of(k == CN_OP_COVARIANCE ? m[CN_OP_SECOND_MOMENT] : m[k], n));
            CHECK(e.status == CN_OK && e.exact && e.error == 0 && e.probes == 0);
            CHECK_NEAR(e.value, trace_of(m[k], n), slack);
            dense = cn_vector(&s->c, n * n);
            CHECK_STATUS(cn_op_dense(op, dense), CN_OK);
            CHECK_NEAR(gap_of(n * n, dense, m[k]), 0, ORDER * size);
            for (skew = 0, i = 0; i < n; i++)
                for (j = 0; j < i; j++) skew += dense[i * n + j] != dense[j * n + i];
            CHECK(skew == 0);
            cn_random(17, b, 0, CN_NOISE_NORMAL, 1, 3 * n, x);
            CHECK_STATUS(cn_op_quadratic(op, 3, x, q), CN_OK);
            for (j = 0; j < 3; j++) { /* x'Ax by one forward pass against the dense matrix */
                double wanted = 0;
                for (i = 0; i < n; i++) wanted += (double)x[j * n + i] * dot_of(n, m[k] + i * n, x + j * n);
                CHECK_NEAR(q[j], wanted, ORDER * size * dot_of(n, x + j * n, x + j * n) * sqrt((double)n));
            }
            CHECK(cn_op_describe(op).size == n);
            /* G of an own loss: loss.c */
            if (canonical || k == CN_OP_HESSIAN || k > CN_OP_FISHER)
                CHECK(cn_op_describe(op).positive == (k != CN_OP_HESSIAN));
            CHECK(cn_op_describe(op).convention[0] == "HGFCSJ"[k] && cn_op_describe(op).convention[1] == ':');
            if (k != CN_OP_HESSIAN && b == 0) { /* positive semi-definite: no eigenvalue below rounding */
                copy = cn_vector(&s->c, n * n);
                memcpy(copy, dense, n * n * sizeof *copy);
                CHECK_STATUS(cn_eigen(&s->c, n, copy, 1, 0, values, NULL, NULL), CN_OK);
                CHECK(values[n - 1] >= -ORDER * size * (double)n);
                cn_free(&s->c, copy);
            }
            cn_free(&s->c, dense);
            cn_free(&s->c, op);
        }
        /* F = G */
        if (canonical)
            CHECK_NEAR(gap_of(n * n, m[CN_OP_FISHER], m[CN_OP_GAUSS_NEWTON]), 0,
                       ORDER * most_of(n * n, m[CN_OP_FISHER]));
        if (squared)
            CHECK_NEAR(gap_of(n * n, m[CN_OP_JACOBIAN_MOMENT], m[CN_OP_GAUSS_NEWTON]), 0,
                       ORDER * most_of(n * n, m[CN_OP_GAUSS_NEWTON]));
        if (piecewise_linear(text)) { /* H and G have the same diagonal blocks */
            size = trace_of(m[CN_OP_GAUSS_NEWTON], n);
            CHECK_NEAR(trace_of(m[CN_OP_HESSIAN], n), size,
                       ORDER * fabs(size) + ORDER * most_of(n * n, m[CN_OP_HESSIAN]));
            CHECK_NEAR(cn_trace(cn_op_of(s->at, CN_OP_HESSIAN, blocks[b]), NULL).value, size,
                       ORDER * fabs(size) + ORDER * most_of(n * n, m[CN_OP_HESSIAN]));
        }
        size = most_of(P * P, second);
        for (i = 0; i < n; i++)
            for (j = 0; j < n; j++) { /* C = mean g g'; S = C - gg' */
                double c = (double)second[(first + i) * P + first + j],
                       gg = (double)g[first + i] * (double)g[first + j];
                if (fabs((double)m[CN_OP_SECOND_MOMENT][i * n + j] - c) > ORDER * size ||
                    fabs((double)m[CN_OP_COVARIANCE][i * n + j] - (c - gg)) > ORDER * size) {
                    CHECK(0);
                    i = n;
                    break;
                }
            }
        CHECK(i == n);
        for (k = KINDS; k-- > 0;) cn_free(&s->c, m[k]);
    }
    /* tr C = mean ||g_i||^2 */
    CHECK_NEAR(cn_trace(cn_op_of(s->at, CN_OP_SECOND_MOMENT, block_all()), NULL).value, squares, ORDER * squares);
    CHECK_NEAR(cn_trace(cn_op_of(s->at, CN_OP_COVARIANCE, block_all()), NULL).value, squares - dot_of(P, g, g),
               ORDER * squares);
    CHECK_STATUS(s->c.status, CN_OK);
}

/* The nonzero spectrum of J is that of the Gram J J'/n, whose rows come from cn_jtu with unit signals. */
static void neural_tangent_kernel(scene *s) {
    size_t K = s->K, rows = s->n * K, P = s->P, i, j, least = rows < P ? rows : P;
    double *gram_value, *moment_value;
    cn_real *u = cn_vector(&s->c, s->n * rows * K), *jacobian = cn_vector(&s->c, rows * P),
            *gram = cn_vector(&s->c, rows * rows), *moment = cn_vector(&s->c, P * P);
    gram_value = (double *)(void *)cn_vector(&s->c, 2 * rows);
    moment_value = (double *)(void *)cn_vector(&s->c, 2 * P);
    /* [n][k][K]: vector i is output i%K of sample i/K */
    for (i = 0; i < rows; i++) u[(i / K * rows + i) * K + i % K] = 1;
    CHECK_STATUS(cn_jtu(s->at, block_all(), rows, u, jacobian), CN_OK);
    for (i = 0; i < rows; i++)
        for (j = 0; j < rows; j++)
            gram[i * rows + j] = (cn_real)(dot_of(P, jacobian + i * P, jacobian + j * P) / (double)s->n);
    cn_op_dense(cn_op_of(s->at, CN_OP_JACOBIAN_MOMENT, block_all()), moment);
    CHECK_STATUS(cn_eigen(&s->c, rows, gram, 1, 0, gram_value, NULL, NULL), CN_OK);
    CHECK_STATUS(cn_eigen(&s->c, P, moment, 1, 0, moment_value, NULL, NULL), CN_OK);
    for (i = 0; i < least; i++) CHECK_NEAR(moment_value[i], gram_value[i], ORDER * gram_value[0]);
    for (; i < P; i++) CHECK_NEAR(moment_value[i], 0, ORDER * gram_value[0]);
}

static void golden(int g) {
    const golden_net *net = golden_nets + g;
    scene s;
    int kind;
    size_t i;
    cn_real *dense;
    double *value;
    test_case = net->name;
    scene_golden(&s, g, NULL, 0);
    identities(&s, net->text, 1, net->loss == 1);
    neural_tangent_kernel(&s);
    for (kind = 0; kind < KINDS; kind++) /* S of one sample is 0: by the size of C */
        CHECK_NEAR(cn_trace(cn_op_of(s.at, kind, block_all()), NULL).value, golden_trace(net, kind),
                   GOLDEN * (kind == CN_OP_COVARIANCE ? net->trace_c : fabs(golden_trace(net, kind))));
    dense = cn_vector(&s.c, s.P * s.P);
    value = (double *)(void *)cn_vector(&s.c, 2 * s.P);
    cn_op_dense(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), dense);
    CHECK_STATUS(cn_eigen(&s.c, s.P, dense, 1, 0, value, NULL, NULL), CN_OK);
    for (i = 0; i < s.P; i++) CHECK_NEAR(value[i], net->eigenvalues_h[s.P - 1 - i], GOLDEN * net->lambda_max_h);
    scene_free(&s);
}

static void others(const char *text, int labels, const cn_loss *custom, size_t chunk) {
    scene s;
    cn_problem_desc how = CN_ZERO;
    test_case = text;
    how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.custom = custom;
    how.chunk = chunk;
    scene_net(&s, text);
    scene_random(&s, 9, labels, 13);
    scene_point(&s, &how, 3000);
    identities(&s, text, custom == NULL, !labels && !custom);
    neural_tangent_kernel(&s);
    scene_free(&s);
}

/* H = G for a network linear in theta; = F too for softmax regression; both = X'X/n, once for each output, for the
   squared error. */
static void linear_networks(void) {
    scene s;
    size_t n, i, j, a;
    cn_real *h, *g;
    cn_problem_desc how = CN_ZERO;
    int l;
    for (l = 0; l < 5; l++) {
        if (l < 2)
            how.loss = l;
        else
            how.custom = own_losses + (l - 2);
        scene_net(&s, "input 4; dense 3");
        scene_random(&s, 14, l == 0, 41);
        scene_point(&s, &how, 0);
        h = scene_matrix(&s, CN_OP_HESSIAN, block_all(), &n);
        g = scene_matrix(&s, CN_OP_GAUSS_NEWTON, block_all(), &n);
        CHECK_NEAR(gap_of(n * n, h, g), 0, ORDER * most_of(n * n, g));
        if (l < 2)
            CHECK_NEAR(gap_of(n * n, h, scene_matrix(&s, CN_OP_FISHER, block_all(), &n)), 0, ORDER * most_of(n * n, g));
        if (l == 1) {
            double sum, error = 0;
            for (i = 0; i < n; i++)
                for (j = 0; j < n; j++) { /* theta = W [3][4], b [3]; x with a 1 behind */
                    size_t oi = i < 12 ? i / 4 : i - 12, oj = j < 12 ? j / 4 : j - 12;
                    for (sum = 0, a = 0; a < s.n && oi == oj; a++)
                        sum += (i < 12 ? (double)s.x[a * 4 + i % 4] : 1) * (j < 12 ? (double)s.x[a * 4 + j % 4] : 1) /
                               (double)s.n;
                    error = fmax(error, fabs((double)h[i * n + j] - sum));
                }
            CHECK_NEAR(error, 0, 100 * TEST_EPS * most_of(n * n, h)); /* 14 additions */
        }
        scene_free(&s);
    }
}

/* tr H has a closed form for piecewise linear nets only: on a smooth one it must differ from tr G, and be right. */
static void smooth_trace(void) {
    scene s;
    cn_real *h;
    double h_trace, g_trace;
    scene_net(&s, "input 3; dense 5; tanh; dense 3");
    scene_random(&s, 9, 0, 7);
    {
        cn_problem_desc how = CN_ZERO;
        how.loss = CN_LOSS_SQUARED;
        scene_point(&s, &how, 0);
    }
    h = scene_matrix(&s, CN_OP_HESSIAN, block_all(), NULL);
    h_trace = cn_trace(cn_op_of(s.at, CN_OP_HESSIAN, block_all()), NULL).value;
    g_trace = cn_trace(cn_op_of(s.at, CN_OP_GAUSS_NEWTON, block_all()), NULL).value;
    CHECK_NEAR(h_trace, trace_of(h, s.P), ORDER * fabs(h_trace));
    CHECK(fabs(h_trace - g_trace) > 0.01 * g_trace);
    scene_free(&s);
}

/* A layer without affine and with one parameter, alone in the network. */
static void one_parameter(void) {
    scene s;
    cn_real *m;
    int kind;
    cn_problem_desc how = CN_ZERO;
    how.loss = CN_LOSS_SQUARED;
    scene_net(&s, "input 1; gain");
    scene_random(&s, 5, 0, 7);
    scene_point(&s, &how, 0);
    for (kind = 0; kind < KINDS; kind++) {
        m = scene_matrix(&s, kind, block_all(), NULL);
        CHECK_NEAR(cn_trace(cn_op_of(s.at, kind, block_all()), NULL).value, m[0], ORDER * fabs((double)m[0]));
    }
    scene_free(&s);
}

#define REFUSED(call, wanted, words)             \
    do {                                         \
        CHECK((call) == NULL);                   \
        CHECK_SENTENCE(&s.c, (wanted), (words)); \
        cn_clear(&s.c);                          \
    } while (0)

static void bad_input(void) {
    scene s;
    cn_block wrong;
    cn_op *op;
    double q;
    cn_real *v;
    scene_net(&s, "input 3; dense 2; relu");
    scene_random(&s, 4, 1, 7);
    scene_point(&s, NULL, 0);
    REFUSED(cn_op_of(s.at, -1, block_all()), CN_E_ARGUMENT, "-1 is not a kind");
    REFUSED(cn_op_of(s.at, CN_OP_COUNT, block_all()), CN_E_ARGUMENT, "is not a kind");
    REFUSED(cn_op_of(s.at, CN_OP_HESSIAN, block_of(8, 1)), CN_E_ARGUMENT, "block");
    REFUSED(cn_op_of(s.at, CN_OP_HESSIAN, block_of(2, 7)), CN_E_ARGUMENT, "block");
    REFUSED(cn_op_of(s.at, CN_OP_HESSIAN, block_of(2, (size_t)-1)), CN_E_ARGUMENT, "block");
    REFUSED(cn_op_of(s.at, CN_OP_HESSIAN, block_of(2, 0)), CN_E_ARGUMENT, "block");
    wrong = cn_net_block(&s.c, s.net, "1.weight");
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "1.weight");
    CHECK(cn_op_of(s.at, CN_OP_HESSIAN, wrong) == NULL);
    cn_clear(&s.c);
    REFUSED(cn_op_of(s.at, CN_OP_HESSIAN, wrong), CN_E_ARGUMENT, "block");
    CHECK(cn_op_of(NULL, CN_OP_HESSIAN, block_all()) == NULL);
    CHECK(cn_op_describe(NULL).size == 0 && cn_op_describe(NULL).convention != NULL);
    op = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    v = cn_vector(&s.c, s.P);
    CHECK_STATUS(cn_op_apply(op, 1, NULL, v), CN_E_ARGUMENT);
    cn_clear(&s.c);
    CHECK_STATUS(cn_op_quadratic(op, 1, NULL, &q), CN_E_ARGUMENT);
    cn_clear(&s.c);
    CHECK_STATUS(cn_op_dense(op, NULL), CN_E_ARGUMENT);
    cn_clear(&s.c);
    CHECK_STATUS(cn_trace(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_op_apply(op, 1, v, v + 0 == v ? s.theta : v), CN_OK);
    scene_free(&s);
}

/* ---- A = R'R by rows, and the tangent kernel */

static void rows_of(const char *text, size_t n, int labels, const char *block_name) {
    static const int kinds[] = {CN_OP_SECOND_MOMENT,   CN_OP_COVARIANCE,   CN_OP_FISHER_SAMPLED,
                                CN_OP_JACOBIAN_MOMENT, CN_OP_GAUSS_NEWTON, CN_OP_FISHER};
    scene s;
    size_t k, i, j, l, P, N, K;
    cn_block block = block_all();
    cn_problem_desc how = CN_ZERO;
    scene_net(&s, text);
    scene_random(&s, n, labels, 11);
    how.loss = labels ? CN_LOSS_CROSS_ENTROPY : CN_LOSS_SQUARED;
    how.chunk = 4; /* more than one */
    scene_point(&s, &how, 0);
    if (block_name) block = cn_net_block(&s.c, s.net, block_name);
    P = block.count ? block.count : s.P;
    K = cn_net_describe(s.net).outputs;
    for (k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        cn_op *op = cn_op_of(s.at, kinds[k], block);
        cn_real *rows, *dense, *gram, *units;
        double *inner, size = 0, off = 0, more = 0, third = 0, v[2], w[2], sum;
        cn_eigs_desc d = CN_ZERO;
        N = n * (kinds[k] == CN_OP_SECOND_MOMENT || kinds[k] == CN_OP_COVARIANCE || kinds[k] == CN_OP_FISHER_SAMPLED
                     ? 1
                     : K);
        CHECK(op && cn_op_describe(op).rows == N);
        rows = cn_vector(&s.c, N * P);
        dense = cn_vector(&s.c, P * P);
        gram = cn_vector(&s.c, N * N);
        units = cn_vector(&s.c, N * N);
        inner = (double *)(void *)cn_vector(&s.c, 2 * N * N);
        for (i = 0; i < N; i++) units[i * N + i] = 1;
        CHECK_STATUS(cn_op_spread(op, N, units, rows), CN_OK);
        CHECK_STATUS(cn_op_gram(op, gram), CN_OK);
        CHECK_STATUS(cn_op_dense(op, dense), CN_OK);
        CHECK_STATUS(cn_gram(s.at, NULL, kinds[k], block, inner), CN_OK);
        for (i = 0; i < P * P; i++) size = fmax(size, fabs((double)dense[i]));
        for (i = 0; i < P; i++)
            for (j = 0; j < P; j++) {
                for (sum = 0, l = 0; l < N; l++) sum += (double)rows[l * P + i] * (double)rows[l * P + j];
                off = fmax(off, fabs(sum - (double)dense[i * P + j]));
            }
        for (i = 0; i < N; i++)
            for (j = 0; j < N; j++) {
                for (sum = 0, l = 0; l < P; l++) sum += (double)rows[i * P + l] * (double)rows[j * P + l];
                more = fmax(more, fabs(sum - (double)gram[i * N + j]));
                third = fmax(third, fabs(inner[i * N + j] / (double)n - (double)gram[i * N + j]));
            }
        CHECK_NEAR(off, 0, ORDER * size);
        CHECK_NEAR(more, 0, ORDER * size * (double)P);
        CHECK_NEAR(third, 0, ORDER * size * (double)P);
        d.top = 2;
        d.method = CN_METHOD_EXACT;
        CHECK(cn_eigs(op, &d, v, NULL, NULL).converged);
        d.method = CN_METHOD_LANCZOS;
        CHECK(cn_eigs(op, &d, w, NULL, NULL).converged);
        for (i = 0; i < 2; i++) CHECK_NEAR(v[i], w[i], TEST_REAL(1e-8, 2e-4) * v[0]); /* Lanczos' tolerance */
    }
    { /* K: its product, its dense form from cn_gram, its trace n times that of J, and J's nonzero spectrum times n */
        cn_op *op = cn_op_of(s.at, CN_OP_NTK, block), *j_op = cn_op_of(s.at, CN_OP_JACOBIAN_MOMENT, block);
        cn_real *x, *y, *dense;
        double off = 0, size = 0, sum, v[2], w[2];
        cn_eigs_desc d = CN_ZERO;
        N = n * K;
        CHECK(cn_op_describe(op).size == N && cn_op_describe(op).positive && cn_op_describe(op).symmetric);
        x = cn_vector(&s.c, 3 * N);
        y = cn_vector(&s.c, 3 * N);
        dense = cn_vector(&s.c, N * N);
        cn_random(3, 3, 0, CN_NOISE_NORMAL, 1, 3 * N, x);
        CHECK_STATUS(cn_op_apply(op, 3, x, y), CN_OK);
        CHECK_STATUS(cn_op_dense(op, dense), CN_OK);
        for (l = 0; l < 3; l++)
            for (i = 0; i < N; i++) {
                for (sum = 0, j = 0; j < N; j++) sum += (double)dense[i * N + j] * (double)x[l * N + j];
                off = fmax(off, fabs(sum - (double)y[l * N + i]));
                size = fmax(size, fabs(sum));
            }
        CHECK_NEAR(off, 0, ORDER * size);
        CHECK_RELATIVE(cn_trace(op, NULL).value, (double)n * cn_trace(j_op, NULL).value, ORDER);
        d.top = 2;
        d.method = CN_METHOD_LANCZOS;
        CHECK(cn_eigs(op, &d, v, NULL, NULL).converged && cn_eigs(j_op, &d, w, NULL, NULL).converged);
        for (i = 0; i < 2; i++) CHECK_NEAR(v[i], (double)n * w[i], TEST_REAL(1e-7, 2e-3) * v[0]);
    }
    CHECK_STATUS(s.c.status, CN_OK);
    cn_free_all(&s.c);
}

static void rows_and_kernel(void) {
    scene s;
    cn_op *op;
    cn_real out[64];
    rows_of("input 3; dense 4; tanh; dense 3", TEST_SIZE(6, 5), 1, NULL);
    rows_of("input 3; dense 4; relu; dense 3", TEST_SIZE(6, 5), 0, NULL);
    /* 69 rows: more than a strip of 64, which ends within a sample */
    rows_of("input 2; dense 2; tanh; dense 3", 23, 1, NULL);
    rows_of("input 3; dense 4; relu; dense 3", TEST_SIZE(6, 5), 1, "0.weight");
    rows_of("input 3; dense 4; relu; dense 3", TEST_SIZE(6, 5), 1, "0.bias");
    rows_of("input 3; dense 4 bias=0; tanh; dense 3", TEST_SIZE(6, 5), 1, "0");
    rows_of("input 1 4 4; conv 2 3; relu; flatten; dense 2", TEST_SIZE(6, 5), 1, "0.weight");
    rows_of("input 1 4 4; conv 2 3; relu; flatten; dense 2", TEST_SIZE(6, 5), 1, "0.bias");
    rows_of("input 1 4 4; conv 2 3 pad=1; relu; gap; dense 2", TEST_SIZE(6, 5), 1, NULL);
    rows_of("input 1 4 4; conv 2 3; batchnorm; tanh; flatten; dense 2", TEST_SIZE(6, 5), 1, "0");
    scene_net(&s, "input 3; dense 4; tanh; dense 3");
    scene_random(&s, 4, 1, 7);
    scene_point(&s, NULL, 0);
    CHECK(cn_op_describe(cn_op_of(s.at, CN_OP_HESSIAN, block_all())).rows == 0);
    op =
        cn_op_of(s.at, CN_OP_SECOND_MOMENT, block_of(2, 5)); /* cuts through a layer: a product all the same, no rows */
    CHECK(op && cn_op_describe(op).rows == 0 && cn_op_dense(op, out) == CN_OK);
    op = cn_op_of(s.at, CN_OP_NTK, block_of(2, 5));
    CHECK_RELATIVE(cn_trace(op, NULL).value,
                   4 * cn_trace(cn_op_of(s.at, CN_OP_JACOBIAN_MOMENT, block_of(2, 5)), NULL).value, ORDER);
    cn_free_all(&s.c);
}

/* tr(AB) of all kinds in both orders, and with a diagonal, against their matrices: n samples, of which some kinds have
   fewer rows than parameters, or a sixteenth of them. */
static void inner_products(const char *text, size_t n, const char *block) {
    scene s;
    cn_op *op[CN_OP_NTK + 1];
    cn_real *m[CN_OP_NTK + 1], *d;
    double norm[CN_OP_NTK + 1], want;
    size_t a, b, P;
    cn_block range;
    cn_est e;
    scene_net(&s, text);
    scene_random(&s, n, 1, 11);
    scene_point(&s, NULL, 0);
    range = block ? cn_net_block(&s.c, s.net, block) : block_all();
    P = block ? range.count : s.P;
    d = cn_vector(&s.c, P);
    cn_random(12, 0, 0, CN_NOISE_NORMAL, 1, P, d);
    for (a = 0; a <= CN_OP_NTK; a++) {
        op[a] = a < CN_OP_NTK ? cn_op_of(s.at, (int)a, range) : cn_op_diagonal(&s.c, P, d);
        m[a] = cn_vector(&s.c, P * P);
        CHECK_STATUS(cn_op_dense(op[a], m[a]), CN_OK);
        norm[a] = sqrt(dot_of(P * P, m[a], m[a]));
    }
    for (a = 0; a <= CN_OP_NTK; a++)
        for (b = 0; b <= CN_OP_NTK; b++) {
            want = dot_of(P * P, m[a], m[b]);
            e = cn_inner(op[a], op[b], NULL);
            CHECK(e.status == CN_OK && e.exact && e.error == 0 && e.probes == 0);
            CHECK_NEAR(e.value, want, ORDER * norm[a] * norm[b]);
            e = cn_trace(cn_op_product(op[a], op[b]), NULL);
            CHECK(e.status == CN_OK && e.exact);
            CHECK_NEAR(e.value, want, ORDER * norm[a] * norm[b]);
        }
    CHECK_STATUS(s.c.status, CN_OK);
    cn_free_all(&s.c);
}

/* On a network's Hessian too the error covers the truth as Student's t says; bounds as in spectrum.c. */
static void network_coverage(void) {
    enum { SEEDS = TEST_SIZE(400, 50) };
    static const struct {
        size_t probes;
        double one, two;
    } rows[] = {{TEST_SIZE(64, 16), TEST_SIZE(0.679, 0.667), TEST_SIZE(0.950, 0.936)},
                {TEST_SIZE(256, 32), TEST_SIZE(0.682, 0.675), TEST_SIZE(0.953, 0.946)}};
    scene s;
    cn_op *h;
    double truth, one, two;
    size_t r;
    uint64_t seed;
    cn_probe_desc d = CN_ZERO;
    cn_est e;
    scene_net(&s, "input 6; dense 8; tanh; dense 8; tanh; dense 3");
    scene_random(&s, TEST_SIZE(12, 4), 1, 5);
    scene_point(&s, NULL, (size_t)1 << 20);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    truth = cn_trace(h, NULL).value;
    d.method = CN_METHOD_HUTCHINSON;
    for (r = 0; r < 2; r++) {
        d.probes = rows[r].probes;
        for (one = two = 0, seed = 0; seed < SEEDS; seed++) {
            d.seed = seed;
            e = cn_trace(h, &d);
            one += fabs(e.value - truth) <= e.error;
            two += fabs(e.value - truth) <= 2 * e.error;
        }
        CHECK_NEAR(one, rows[r].one * SEEDS, 3.3 * sqrt(rows[r].one * (1 - rows[r].one) * SEEDS));
        CHECK_NEAR(two, rows[r].two * SEEDS, 3.3 * sqrt(rows[r].two * (1 - rows[r].two) * SEEDS));
    }
    cn_free_all(&s.c);
}

/* cn_op_item: T'T against the differences of the item's z along unit vectors, and the norm against the singular values
   of T. */
typedef struct item_look {
    size_t in, out;
    cn_affine affine;
    cn_real *t; /* [in][out]: columns of T by patches times weight */
} item_look;

static int look_at_weight(void *user, const cn_view *v) {
    item_look *l = (item_look *)user;
    size_t rows = v->affine.rows / v->affine.groups, cols = v->affine.cols, P = v->affine.positions, g, r, c, p;
    l->in = v->in;
    l->out = v->out;
    l->affine = v->affine;
    for (g = 0; g < v->affine.groups; g++)
        for (r = 0; r < rows; r++)
            for (p = 0; p < P; p++) {
                double sum = 0;
                for (c = 0; c < cols; c++)
                    sum += (double)v->weight[(g * rows + r) * cols + c] * (double)v->patches[(g * cols + c) * P + p];
                l->t[(g * rows + r) * P + p] = (cn_real)sum;
            }
    return 0;
}

static void item_maps(void) {
    static const char *const nets[][2] = {
        {"input 5; dense 7; relu; dense 2", "0"},
        {"input 2 5 4; conv 4 3 stride=2 pad=1 groups=2; relu; flatten; dense 2", "0"},
        {"input 3 4 4; conv 4 2; batchnorm; relu; conv 3 3 pad=1; gap; dense 2", "3"},
        {"input 3 4 4; conv 4 2; residual { conv 4 3 pad=1 bias=0 }; gap; dense 2", "1.body.0"}};
    size_t t, i, j, k;
    for (t = 0; t < sizeof nets / sizeof nets[0]; t++) {
        scene s;
        cn_visit_desc d = CN_ZERO;
        item_look l;
        cn_op *a;
        cn_net *one;
        cn_item_info item;
        cn_real *columns, *x, *y, *dense;
        char text[200];
        double largest = 0, sum, norm;
        size_t in, out;
        test_case = nets[t][0];
        scene_net(&s, nets[t][0]);
        scene_random(&s, 5, 1, 7);
        scene_point(&s, NULL, 0);
        a = cn_op_item(s.at, nets[t][1]);
        for (i = 0; cn_net_item(s.net, i, &item) == CN_OK && strcmp(item.name, nets[t][1]) != 0;) i++;
        in = item.item.in.c * item.item.in.h * item.item.in.w;
        out = item.item.out.c * item.item.out.h * item.item.out.w;
        CHECK(a && cn_op_describe(a).size == in);
        /* the item alone, as a network: its outputs for unit vectors are the columns of T */
        sprintf(text, "input %d %d %d; %s %d", (int)item.item.in.c, (int)item.item.in.h, (int)item.item.in.w,
                item.row->name, (int)item.item.arg[0]);
        if (strcmp(item.row->name, "conv") == 0)
            sprintf(text + strlen(text), " %d stride=%d pad=%d groups=%d bias=0", (int)item.item.arg[1],
                    (int)item.item.arg[2], (int)item.item.arg[3], (int)item.item.arg[4]);
        else
            strcat(text, " bias=0");
        one = cn_net_create(&s.c, text);
        columns = cn_vector(&s.c, in * out);
        x = cn_vector(&s.c, in * in);
        y = cn_vector(&s.c, in * in);
        dense = cn_vector(&s.c, in * in);
        for (i = 0; i < in; i++) x[i * in + i] = 1;
        CHECK_STATUS(
            cn_forward(&s.c, one, s.theta + item.params.first, cn_tensor_of(x, CN_TYPE_REAL, 2, in, in, 0, 0), columns),
            CN_OK);
        CHECK_STATUS(cn_op_apply(a, in, x, y), CN_OK);
        for (i = 0; i < in; i++)
            for (j = 0; j < in; j++) {
                for (sum = 0, k = 0; k < out; k++) sum += (double)columns[i * out + k] * (double)columns[j * out + k];
                dense[i * in + j] = (cn_real)sum;
                if (!(fabs(sum) <= largest)) largest = fabs(sum);
            }
        /* two chains of products of at most 40 numbers of size 1 */
        for (i = 0; i < in * in; i++) CHECK_NEAR(y[i], dense[i], 100 * TEST_EPS * largest);
        CHECK_STATUS(cn_eigs(a, NULL, &norm, NULL, NULL).status, CN_OK);
        CHECK_STATUS(cn_eigs(cn_op_matrix(&s.c, in, y), NULL, &largest, NULL, NULL).status, CN_OK);
        CHECK_RELATIVE(norm, largest, TEST_REAL(1e-7, 1e-3)); /* tolerance of the eigenvalue, 1e-8 and 1e-4 */
        /* and by what visit shows: patches times weight is T a */
        d.want = CN_WANT_PATCHES;
        d.item = nets[t][1];
        l.t = cn_vector(&s.c, out);
        CHECK_STATUS(cn_visit(s.at, &d, look_at_weight, &l), CN_OK);
        CHECK(l.in == in && l.out == out);
        for (sum = 0, i = 0; i < out; i++) sum += fabs((double)l.t[i]);
        CHECK(sum > 0);
        CHECK(cn_op_item(s.at, "9") == NULL);
        CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "'9' is no dense");
        cn_clear(&s.c);
        CHECK(cn_op_item(NULL, "0") == NULL);
        scene_free(&s);
    }
}

TEST_MAIN {
    int g;
    size_t i;
    CASE("golden networks") for (g = 0; g < GOLDEN_NETS; g += TEST_SIZE(1, 12)) golden(g);
    CASE("other networks") {
        static const char *const texts[] = {"input 3; dense 4; leaky 0.2; dense 4; relu; dense 2",
                                            "input 3; gain; dense 4; relu; gain; dense 3 bias=0; gain",
                                            "input 2 2 1; relu; gain; softmax",
                                            "input 3; dense 4 bias=0; sine w=2; dense 2"};
        for (i = TEST_SIZE(0, 1); i < TEST_SIZE(4, 2); i++) {
            others(texts[i], 1, NULL, 4);
            others(texts[i], 0, NULL, 0);
            others(texts[i], 0, own_losses, 2);
        }
    }
    CASE("linear networks") linear_networks();
    CASE("tr H of a smooth network") smooth_trace();
    CASE("rows and the tangent kernel") rows_and_kernel();
    CASE("inner products") {
        inner_products("input 6; dense 6; tanh; dense 6; tanh; dense 3", 4, NULL); /* P = 105; rows 4 of C, 12 of G */
        inner_products("input 6; dense 6; relu; dense 3", 40, NULL);               /* P = 63; rows 40 and 120 */
        inner_products("input 6; dense 6; relu; dense 3", 2, "0.weight");
        inner_products("input 1 4 4; conv 2 3; tanh; flatten; dense 2", 5, "0.weight");
    }
    CASE("coverage on a network") network_coverage();
    CASE("bad input") bad_input();
    CASE("one parameter") one_parameter();
    item_maps();
}
