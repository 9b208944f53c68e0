/* mls.c: the MLS family: local sensitivities, volumes and dimensionality, their bounds, sharpness that rescaling does
   not change, relative flatness. */
#include "../curvnoise.h"
#include "test.h"
#include "golden.h"
#include "golden_layers.h"
#include "golden_mls.h"
#include "nets.h"
#include "../examples/measures.h"

/* As in layers.c: 1e-9 in double. In float a number is a mean of norms and products of a handful of layers: 1e-4, of
   their powers and products of singular values up to the 4th: 1e-3. */
#define GOLDEN TEST_REAL(1e-9, 1e-4)
#define GOLDEN_POWERS TEST_REAL(1e-9, 1e-3)
enum { MOST_LAYERS = 8 };

static cn_mls_result mls_of(scene *s, cn_mls_desc d, cn_mls_layer *layers) {
    cn_mls_result r;
    d.layers = layers;
    d.room = layers ? MOST_LAYERS : 0;
    r = cn_mls(s->at, &d);
    CHECK_STATUS(r.status, CN_OK);
    if (r.status) printf("       %s\n", s->c.message);
    return r;
}

static double normalized(scene *s, const cn_real *diagonal) /* over all layers */
{
    cn_mls_layer l[MOST_LAYERS];
    cn_mls_desc d = CN_ZERO;
    cn_item_info item;
    cn_mls_result r;
    double sum = 0;
    size_t i;
    d.want = CN_MLS_LAYERS;
    r = mls_of(s, d, l);
    for (i = 0; i < r.layers; i++) {
        CHECK_STATUS(cn_net_item(s->net, l[i].item, &item), CN_OK);
        sum += normalized_sharpness(item.affine.rows, item.affine.cols, diagonal + item.params.first,
                                    s->theta + item.params.first);
    }
    return sum;
}

static void golden_values(scene *s, const golden_mls *g) {
    cn_mls_layer layer[MOST_LAYERS];
    cn_mls_desc d = CN_ZERO;
    cn_mls_result r, again;
    layer_sums sums;
    cn_est sharp;
    cn_op *op;
    cn_real *diagonal;
    size_t i, deficient = (size_t)g->deficient;
    unsigned bit;
    d.power = golden_power;
    r = mls_of(s, d, layer);
    sums = sum_layers(&r, layer, (double)s->K, (double)s->n);
    CHECK_RELATIVE(r.mls, g->mls, GOLDEN);
    CHECK_RELATIVE(r.normalized, g->normalized, GOLDEN);
    CHECK_RELATIVE(r.input_invariant, g->input_invariant, GOLDEN);
    CHECK_RELATIVE(r.local_dim, g->local_dim, GOLDEN);
    CHECK(r.deficient == deficient);
    CHECK_RELATIVE(r.volume, g->volume, GOLDEN_POWERS);
    CHECK_NEAR(r.log_volume, g->log_volume, GOLDEN_POWERS * (1 + fabs(g->log_volume)));
    CHECK_RELATIVE(r.nmls, g->nmls, GOLDEN);
    CHECK_RELATIVE(r.network_volume, g->network_volume, GOLDEN_POWERS);
    CHECK_RELATIVE(r.sharpness, g->sharpness, GOLDEN);
    CHECK_RELATIVE(r.adaptive, g->adaptive, GOLDEN);
    CHECK_RELATIVE(r.bound_a, g->a, GOLDEN);
    CHECK_RELATIVE(r.bound_b, g->b, GOLDEN);
    CHECK_RELATIVE(r.bound_c, g->c, GOLDEN);
    CHECK_RELATIVE(r.bound_d, g->d, GOLDEN);
    CHECK_RELATIVE(r.nmls_bound, g->nmls_bound, GOLDEN);
    CHECK_RELATIVE(sums.weighted_mls, g->weighted_mls, GOLDEN);
    CHECK_RELATIVE(sums.matrix, g->matrix, GOLDEN);
    CHECK_RELATIVE(sums.frobenius, g->matrix_frobenius, GOLDEN);
    CHECK_RELATIVE(sums.residual, g->residual, GOLDEN);
    CHECK_RELATIVE(sums.middle, g->volume_middle, GOLDEN_POWERS);
    CHECK_RELATIVE(sums.bound, g->volume_bound, GOLDEN_POWERS);
    CHECK_RELATIVE(sums.network_middle, g->network_volume_middle, GOLDEN_POWERS);
    CHECK_RELATIVE(sums.network_bound, g->network_volume_bound, GOLDEN_POWERS);
    CHECK(r.layers == (size_t)g->layers && r.zeros == (size_t)g->zeros);
    for (i = 0; i < r.layers; i++) {
        const golden_mls_layer *l = g->layer + i;
        CHECK(!strcmp(layer[i].name, l->name));
        CHECK_RELATIVE(layer[i].norm, l->norm, GOLDEN);
        CHECK_RELATIVE(layer[i].frobenius, l->frobenius, GOLDEN);
        CHECK_RELATIVE(layer[i].mls, l->mls, GOLDEN);
        CHECK_RELATIVE(layer[i].volume, l->volume, GOLDEN_POWERS);
        CHECK_RELATIVE(layer[i].ratio, l->ratio, GOLDEN);
        CHECK_RELATIVE(layer[i].signal, l->signal, GOLDEN);
        CHECK_RELATIVE(layer[i].jacobian2, l->jacobian2, GOLDEN);
        CHECK_RELATIVE(layer[i].inverse2, l->inverse2, GOLDEN);
        CHECK_RELATIVE(layer[i].least, l->least, GOLDEN);
        CHECK_RELATIVE(layer[i].mls_power, l->mls_power, GOLDEN_POWERS);
        CHECK_RELATIVE(layer[i].ratio_power, l->ratio_power, GOLDEN_POWERS);
        CHECK_RELATIVE(layer[i].jacobian_power, l->jacobian_power, GOLDEN_POWERS);
        CHECK_RELATIVE(layer[i].adaptive, l->adaptive, GOLDEN);
        CHECK(layer[i].zeros == (size_t)l->zeros);
        CHECK(layer[i].beyond == (size_t)l->beyond);
    }
    for (bit = 1; bit <= CN_MLS_ADAPTIVE; bit *= 2) { /* one at a time: the same numbers, and no others */
        d.want = bit;
        again = mls_of(s, d, NULL);
        CHECK(again.mls == (bit == CN_MLS_INPUT ? r.mls : 0) &&
              again.local_dim == (bit == CN_MLS_INPUT ? r.local_dim : 0));
        CHECK(again.input_invariant == (bit == CN_MLS_INVARIANT ? r.input_invariant : 0));
        CHECK(again.nmls == (bit & (CN_MLS_LAYERS | CN_MLS_BOUNDS) ? r.nmls : 0));
        CHECK(again.volume == (bit == CN_MLS_VOLUMES ? r.volume : 0));
        CHECK(again.log_volume == (bit == CN_MLS_VOLUMES ? r.log_volume : 0));
        CHECK(again.sharpness == (bit & (CN_MLS_SHARPNESS | CN_MLS_BOUNDS) ? r.sharpness : 0));
        CHECK(again.adaptive == (bit == CN_MLS_ADAPTIVE ? r.adaptive : 0));
        CHECK(again.bound_d == (bit == CN_MLS_BOUNDS ? r.bound_d : 0));
    }
    d.want = 0;
    d.nonzero = 1;
    again = mls_of(s, d, NULL);
    CHECK_RELATIVE(again.volume, g->volume_nonzero, GOLDEN_POWERS);
    CHECK(again.deficient == r.deficient && again.mls == r.mls);
    d.nonzero = 0;
    d.total = 1; /* through all that takes x^l */
    again = mls_of(s, d, layer);
    for (i = 0; i < r.layers; i++) CHECK_RELATIVE(layer[i].mls, g->layer[i].total, GOLDEN);
    CHECK_RELATIVE(again.mls, g->mls, GOLDEN);
    CHECK(again.sharpness == r.sharpness && again.adaptive == r.adaptive);

    /* sharpness: of H, and with J's diagonal the interpolation forms */
    sharp = cn_adaptive_sharpness(s->at, NULL, NULL);
    CHECK(sharp.status == CN_OK && sharp.exact);
    /* a sum with cancellation: see golden_values of layers.c */
    CHECK_NEAR(sharp.value, g->adaptive_h, GOLDEN * (fabs(g->adaptive_h) + g->adaptive));
    sharp = matrix_sharpness(&s->c, s->at, NULL, NULL);
    CHECK_STATUS(sharp.status, g->matrix_h < 0 ? CN_E_UNSUITED : CN_OK);
    if (g->matrix_h >= 0) CHECK_RELATIVE(sharp.value, g->matrix_h, 10 * GOLDEN); /* and roots of such sums */
    diagonal = cn_vector(&s->c, s->P);
    op = cn_op_of(s->at, CN_OP_JACOBIAN_MOMENT, block_all());
    cn_diagonal(op, NULL, diagonal);
    sharp = cn_adaptive_sharpness(s->at, diagonal, NULL);
    CHECK(sharp.status == CN_OK && sharp.exact);
    CHECK_RELATIVE(sharp.value, g->adaptive, GOLDEN);
    CHECK_RELATIVE(matrix_sharpness(&s->c, s->at, diagonal, NULL).value, g->matrix, GOLDEN);
    CHECK_RELATIVE(normalized(s, diagonal), g->normalized_j, GOLDEN);
    CHECK_NEAR(relative_flatness(s->at).value, g->flatness,
               10 * GOLDEN * (fabs(g->flatness) + layer[r.layers - 1].adaptive));
    CHECK_STATUS(s->c.status, CN_OK);
}

/* ---- closed forms */

/* rounding of sums and products of numbers around 1 */
#define CLOSE (100 * TEST_EPS)

static void scene_of(scene *s, const char *text, size_t n, const double *theta, const double *x) {
    size_t i;
    scene_net(s, text);
    scene_random(s, n, 0, 7);
    for (i = 0; theta && i < s->P; i++) s->theta[i] = (cn_real)theta[i];
    for (i = 0; x && i < n * s->M; i++) s->x[i] = (cn_real)x[i];
}

static void squared(scene *s) {
    cn_problem_desc d = CN_ZERO;
    d.loss = CN_LOSS_SQUARED;
    scene_point(s, &d, 0);
}

static void closed_forms(void) {
    static const double stretch[] = {3, 0, 0, 2, 3, 0, 0, 1}, w[] = {4}, sides[] = {1, -1}, flat[] = {1, 2, 2, 4, 5, 7};
    cn_mls_desc d = CN_ZERO;
    cn_mls_layer l[MOST_LAYERS];
    cn_mls_result r;
    scene s;
    size_t i, j, k;
    int g;
    double norm2 = 0, a2 = 0;
    test_case = "an orthogonal map";
    scene_of(&s, "input 5; dense 3 bias=0", 6, NULL, NULL);
    CHECK_STATUS(cn_orthonormal(&s.c, 3, 5, s.theta, NULL, NULL), CN_OK);
    squared(&s);
    r = mls_of(&s, d, l);
    CHECK_NEAR(r.volume, 1, CLOSE);
    CHECK_NEAR(r.log_volume, 0, CLOSE);
    CHECK_NEAR(r.mls, 1, CLOSE);
    CHECK_NEAR(r.local_dim, 3, 3 * CLOSE);
    CHECK(r.deficient == 0 && r.layers == 1 && r.nmls == r.mls);
    CHECK_NEAR(l[0].norm, 1, CLOSE);
    CHECK_NEAR(sum_layers(&r, l, 3, 6).middle, 1, CLOSE); /* all singular values are equal: eq. 8 is an equality */
    scene_free(&s);

    test_case = "a known Jacobian"; /* diag(3, 2) and then diag(3, 1): singular values 9, 2 */
    scene_of(&s, "input 2; dense 2 bias=0; dense 2 bias=0", 4, stretch, NULL);
    squared(&s);
    r = mls_of(&s, d, l);
    CHECK_NEAR(r.mls, 9, 9 * CLOSE);
    CHECK_NEAR(r.local_dim, 85.0 * 85 / (81 * 81 + 16), CLOSE);
    CHECK_NEAR(r.volume, 18, 18 * CLOSE);
    CHECK_NEAR(r.log_volume, log(18), 3 * CLOSE);
    CHECK_NEAR(r.nmls, 9 + 3, 12 * CLOSE);
    CHECK_NEAR(r.network_volume, 18 + 3, 21 * CLOSE);
    CHECK_NEAR(l[0].signal, sqrt(9 + 1), 4 * CLOSE);
    scene_free(&s);

    test_case = "more outputs than inputs";
    scene_of(&s, "input 2; dense 3; tanh; dense 4", 7, NULL, NULL);
    squared(&s);
    r = mls_of(&s, d, NULL);
    CHECK(r.deficient == 7 && r.volume == 0 && r.log_volume == 0 && r.network_volume == 0 && r.mls > 0);
    d.nonzero = 1;
    CHECK(mls_of(&s, d, NULL).volume > 0);
    d.nonzero = 0;
    scene_free(&s);

    test_case = "nothing";
    scene_of(&s, "input 2; dense 3; relu; dense 2", 5, NULL, NULL);
    memset(s.theta, 0, s.P * sizeof *s.theta);
    squared(&s);
    r = mls_of(&s, d, NULL);
    CHECK(r.mls == 0 && r.volume == 0 && r.local_dim == 0 && r.nmls == 0 && r.adaptive == 0 && r.deficient == 5);
    CHECK(r.zeros == 5 && r.nmls_bound == 0 && r.bound_d == 0); /* every hidden activity is 0 */
    CHECK_NEAR(r.sharpness, 2, CLOSE);                          /* the last bias alone: 1 for each output */
    scene_free(&s);

    test_case = "eq. 44 needs a dense first layer"; /* f = w (x1 + x2)/2 at (1, -1) */
    scene_of(&s, "input 1 1 2; conv 1 1 bias=0; gap", 1, w, sides);
    squared(&s);
    r = mls_of(&s, d, NULL);
    CHECK_NEAR(r.input_invariant, 8, CLOSE);
    CHECK(r.adaptive == 0 && r.invariant_bound == 0);
    scene_free(&s);

    test_case = "relative flatness of least squares"; /* B = I: ||W||^2 times the mean of ||a||^2 */
    scene_of(&s, "input 3; dense 2 bias=0", 5, flat, NULL);
    squared(&s);
    for (i = 0; i < 6; i++) norm2 += flat[i] * flat[i];
    a2 = dot_of(5 * 3, s.x, s.x) / 5;
    CHECK_RELATIVE(relative_flatness(s.at).value, norm2 * a2, CLOSE);
    scene_free(&s);

    for (g = 0; g < 2; g++) { /* from the dense block; with one position and with more */
        cn_block block;
        cn_real *h;
        size_t cols;
        double sum = 0, size = 0, inner, one;
        test_case = "relative flatness of a grouped convolution";
        scene_of(&s,
                 g ? "input 2 2 2; conv 4 2 groups=2; softplus; flatten"
                   : "input 2 3 2; conv 4 2 groups=2 pad=1; softplus; gap",
                 5, NULL, NULL);
        squared(&s);
        block = cn_net_block(&s.c, s.net, "0.weight");
        h = scene_matrix(&s, CN_OP_HESSIAN, block, NULL);
        cols = block.count / 4;
        for (i = 0; i < 4; i++)
            for (j = 0; j < 4; j++) {
                inner = dot_of(cols, s.theta + i * cols, s.theta + j * cols);
                for (k = 0; k < cols; k++) {
                    one = inner * (double)h[(i * cols + k) * block.count + j * cols + k];
                    sum += one;
                    size += fabs(one);
                }
            }
        CHECK_NEAR(relative_flatness(s.at).value, sum, size * CLOSE);
        scene_free(&s);
    }
}

/* ---- bounds, on random networks; rounding beside them as above */

static void random_text(char *text, uint64_t seed, int residual) {
    static const char *const bends[] = {"relu", "tanh", "leaky 0.1", "softplus", "sigmoid", "gelu"};
    cn_real draw[8];
    size_t depth, i, m;
    cn_random(99, seed, 0, CN_NOISE_UNIFORM, 0.28867513459481287, 8, draw); /* within +-0.5 */
    for (i = 0; i < 8; i++) draw[i] += (cn_real)0.5;
    m = 2 + (size_t)(4 * draw[2]);
    text += sprintf(text, "input %d", residual ? (int)m : 2 + (int)(6 * draw[0]));
    depth = 1 + (size_t)(3 * draw[1]);
    for (i = 0; i < depth; i++)
        text += residual ? sprintf(text, "; residual { dense %d; %s }", (int)m, bends[(int)(3 * draw[4])])
                         : sprintf(text, "; dense %d%s; %s", 2 + (int)(6 * draw[(2 + i) % 8]),
                                   draw[5] > (cn_real)0.5 ? " bias=0" : "", bends[(int)(5.99 * (double)draw[6])]);
    sprintf(text, "; dense %d", 1 + (int)(4.99 * (double)draw[7]));
}

static void bounds(void) {
    const double more = 1 + TEST_REAL(1e-12, 1e-4), k = 3;
    char text[400];
    uint64_t seed;
    int residual;
    for (residual = 0; residual < 2; residual++)
        for (seed = 0; seed < TEST_SIZE(200, 40); seed++) {
            scene s;
            cn_mls_desc d = CN_ZERO;
            cn_mls_layer l[MOST_LAYERS];
            cn_mls_result r;
            layer_sums sums;
            size_t i;
            double parts = 0;
            int zeros;
            random_text(text, seed, residual);
            test_case = text;
            scene_net(&s, text);
            scene_random(&s, 9, 1, seed);
            cn_net_init(s.net, CN_INIT_TORCH, seed, s.theta);
            scene_point(&s, NULL, 0);
            d.power = k;
            r = mls_of(&s, d, l);
            sums = sum_layers(&r, l, (double)s.K, (double)s.n);
            zeros = r.zeros > 0;
            CHECK(l[0].beyond == 0);
            CHECK(zeros || r.nmls <= r.nmls_bound * more); /* eq. 12 */
            CHECK(zeros || (sums.weighted_mls <= sums.matrix * more && sums.matrix <= sums.frobenius * more));
            CHECK(r.network_volume <= sums.network_middle * more);
            CHECK(zeros || sums.network_middle <= sums.network_bound * more); /* eq. 10 */
            for (i = 0; i < r.layers; i++) {
                parts += l[i].jacobian2;
                CHECK(l[i].beyond == 0 && l[i].mls <= l[i].norm * l[i].ratio * more);
                CHECK_RELATIVE(l[i].ratio, l[i].signal, TEST_REAL(1e-12, 1e-5));      /* all are dense */
                CHECK(l[i].mls_power <= pow(l[i].norm, k) * l[i].ratio_power * more); /* eq. 6 */
                CHECK(zeros || l[i].ratio_power <= l[i].jacobian_power / pow(l[i].least, k) * more);
            }
            CHECK(parts <= r.sharpness * more);
            if (residual) { /* after eq. 17 */
                CHECK(r.mls - l[r.layers - 1].norm <= sums.residual * more);
                scene_free(&s);
                continue;
            }
            CHECK(r.bound_a == r.mls && r.bound_a <= r.bound_b * more && r.bound_b <= r.bound_c * more);
            CHECK(r.bound_c <= r.bound_d * more);                                      /* eqs 48, 11 */
            CHECK(r.volume <= sums.middle * more && sums.middle <= sums.bound * more); /* eq. 9 */
            CHECK(r.invariant_bound > 0 && r.invariant_bound <= l[0].adaptive * more &&
                  l[0].adaptive <= r.adaptive * more);
            scene_free(&s);
        }
}

/* Of convolutions A <= B is no theorem; ||T|| mean ||M||_F is a bound all the same. */
static void convolutions(void) {
    uint64_t seed;
    size_t beyond = 0, below = 0;
    for (seed = 0; seed < 40; seed++) {
        scene s;
        cn_mls_desc d = CN_ZERO;
        cn_mls_layer l[MOST_LAYERS];
        cn_mls_result r;
        size_t i;
        scene_net(&s, "input 1 4 4; conv 2 3 pad=1; tanh; conv 2 3; relu; flatten; dense 3");
        scene_random(&s, 6, 1, seed);
        scene_point(&s, NULL, 0);
        d.want = CN_MLS_BOUNDS;
        r = mls_of(&s, d, l);
        for (i = 0; i < r.layers; i++) {
            CHECK(l[i].mls <= l[i].norm * l[i].signal * (1 + TEST_REAL(1e-12, 1e-4)));
            beyond += l[i].beyond;
            below += 6 - l[i].beyond;
        }
        CHECK(l[2].beyond == 0); /* dense */
        scene_free(&s);
    }
    CHECK(beyond > 20 && below > 20); /* both occur: the count sees something */
}

/* eq. 37: at one sample, min_s,t sum ||df/dW_ij||^2 s_i t_j + W_ij^2/(4 s_i t_j) >= sum_p ||df/dx_p|| |x_p| */
static int add_columns(void *user, const cn_view *v) {
    size_t j, k;
    double n2;
    for (j = 0; j < v->inputs; j++) {
        for (n2 = 0, k = 0; k < v->outputs; k++) n2 += pow((double)v->x_jacobian[k * v->inputs + j], 2);
        *(double *)user += sqrt(n2) * fabs((double)v->x[j]);
    }
    return 0;
}
static void normalized_bound(void) {
    uint64_t seed;
    for (seed = 0; seed < 30; seed++) {
        scene s;
        cn_visit_desc d = CN_ZERO;
        cn_real *diagonal;
        double sum = 0, whole;
        cn_block first;
        size_t i;
        scene_of(&s, "input 4; dense 5 bias=0; tanh; dense 3", 1, NULL, NULL);
        cn_random(seed, 0, 0, CN_NOISE_NORMAL, 1, s.P, s.theta);
        squared(&s);
        diagonal = cn_vector(&s.c, s.P);
        cn_diagonal(cn_op_of(s.at, CN_OP_JACOBIAN_MOMENT, block_all()), NULL, diagonal);
        first = cn_net_block(&s.c, s.net, "0.weight");
        for (i = first.count; i < s.P; i++) diagonal[i] = 0; /* of the first layer alone */
        whole = normalized(&s, diagonal);
        d.want = CN_WANT_X_JACOBIAN;
        d.item = "";
        CHECK_STATUS(cn_visit(s.at, &d, add_columns, &sum), CN_OK);
        CHECK(sum > 0 && sum <= whole * (1 + TEST_REAL(1e-10, 1e-5)));
        scene_free(&s);
    }
}

/* ---- rescaling two consecutive bias-free relu layers by (alpha, 1/alpha) */

typedef struct rescaled {
    cn_mls_result r;
    cn_est adaptive, matrix;
    double trace, largest, f, normalized;
} rescaled;
static void rescale(double alpha, rescaled *out) {
    scene s;
    cn_mls_desc d = CN_ZERO;
    cn_real f[12 * 3], *diagonal;
    cn_op *h;
    cn_block one, two;
    size_t i;
    scene_net(&s, "input 4; dense 6 bias=0; relu; dense 5 bias=0; relu; dense 3");
    scene_random(&s, 12, 1, 5);
    one = cn_net_block(&s.c, s.net, "0.weight");
    two = cn_net_block(&s.c, s.net, "2.weight");
    for (i = 0; i < one.count; i++) s.theta[one.first + i] *= (cn_real)alpha;
    for (i = 0; i < two.count; i++) s.theta[two.first + i] /= (cn_real)alpha;
    scene_point(&s, NULL, 0);
    h = cn_op_of(s.at, CN_OP_HESSIAN, block_all());
    out->r = mls_of(&s, d, NULL);
    out->adaptive = cn_adaptive_sharpness(s.at, NULL, NULL);
    out->matrix = matrix_sharpness(&s.c, s.at, NULL, NULL);
    diagonal = cn_vector(&s.c, s.P);
    cn_diagonal(h, NULL, diagonal);
    out->normalized = normalized(&s, diagonal);
    out->trace = cn_trace(h, NULL).value;
    cn_eigs(h, NULL, &out->largest, NULL, NULL);
    CHECK_STATUS(cn_predict(s.p, s.theta, NULL, f), CN_OK);
    out->f = norm_of(12 * 3, f);
    scene_free(&s);
}
static void rescaling(void) {
    static rescaled a, b;
    rescale(1, &a);
    rescale(4, &b); /* a power of 2 changes no bit of the network's function */
    CHECK(a.f == b.f);
    CHECK_RELATIVE(b.r.mls, a.r.mls, CLOSE);
    CHECK_RELATIVE(b.r.volume, a.r.volume, 10 * CLOSE);
    CHECK_RELATIVE(b.r.local_dim, a.r.local_dim, CLOSE);
    CHECK_RELATIVE(b.r.input_invariant, a.r.input_invariant, CLOSE);
    CHECK_RELATIVE(b.r.normalized, a.r.normalized, CLOSE);
    CHECK_RELATIVE(b.r.adaptive, a.r.adaptive, CLOSE);
    CHECK_RELATIVE(b.adaptive.value, a.adaptive.value, CLOSE);
    CHECK(a.matrix.exact && a.matrix.value > 0 && a.normalized > 0);
    CHECK_RELATIVE(b.matrix.value, a.matrix.value, TEST_REAL(1e-8, 1e-4)); /* cn_eigs' tolerance */
    CHECK_RELATIVE(b.normalized, a.normalized, TEST_REAL(1e-11, 1e-5));    /* where the alternation stops */
    CHECK(fabs(b.trace / a.trace - 1) > 0.1 && fabs(b.largest / a.largest - 1) > 0.1);
    CHECK(fabs(b.r.sharpness / a.r.sharpness - 1) > 0.1 && fabs(b.r.nmls / a.r.nmls - 1) > 0.1);
}

/* ---- what is drawn */

static void sampled(void) {
    scene s;
    cn_train_desc how = CN_ZERO;
    cn_probe_desc d = CN_ZERO;
    cn_noise_desc noise = CN_ZERO;
    cn_est exact, matrix, r;
    cn_est gap, tpv;
    cn_mls_desc interp = CN_ZERO;
    scene_net(&s, "input 4; dense 6; tanh; dense 3");
    scene_random(&s, 20, 1, 3);
    scene_point(&s, NULL, 0);
    how.epochs = 100; /* near a minimum all traces are above 0 */
    how.batch = 20;
    how.opt.lr = 0.2;
    CHECK_STATUS(cn_train(s.p, s.theta, &how).status, CN_OK);
    scene_point(&s, NULL, 0);
    exact = cn_adaptive_sharpness(s.at, NULL, NULL);
    matrix = matrix_sharpness(&s.c, s.at, NULL, NULL);
    CHECK(exact.exact && matrix.exact && exact.value > 0 && matrix.value > 0);
    d.method = CN_METHOD_HUTCHINSON;
    d.probes = 2000;
    r = cn_adaptive_sharpness(s.at, NULL, &d);
    /* 4 standard errors, which are themselves small */
    CHECK(!r.exact && r.probes == 2000 && r.error > 0 && r.error < 0.1 * exact.value);
    CHECK_NEAR(r.value, exact.value, 4 * r.error);
    r = matrix_sharpness(&s.c, s.at, NULL, &d);
    CHECK(!r.exact && r.probes == 2000 && r.error > 0 && r.error < 0.1 * matrix.value);
    CHECK_NEAR(r.value, matrix.value, 4 * r.error);
    { /* the error is that of repeated draws: 60 runs of 25, within 4 standard errors of a standard deviation, 37 % */
        double mean = 0, squares = 0, error = 0, v;
        d.probes = 25;
        for (d.seed = 1; d.seed <= 600; d.seed += 10) {
            r = matrix_sharpness(&s.c, s.at, NULL, &d);
            v = r.value - matrix.value;
            mean += v / 60;
            squares += v * v / 60;
            error += r.error / 60;
        }
        CHECK_RELATIVE(error, sqrt(squares - mean * mean), 0.37);
    }
    memset(&d, 0, sizeof d);
    d.probes = 3000;
    noise.sd = TEST_REAL(1e-2, 5e-2); /* float: the gap must stand clear of the losses' rounding */
    noise.relative = 1;
    gap = cn_perturbation_gap(s.at, &noise, &d);
    /* eq. 38; the next term is of order sd^2 */
    CHECK_NEAR(2 * gap.value / noise.sd / noise.sd, exact.value,
               4 * 2 * gap.error / noise.sd / noise.sd + 10 * noise.sd * noise.sd * exact.value);
    interp.want = CN_MLS_ADAPTIVE;
    tpv = cn_tpv(s.at, &noise, NULL);
    CHECK(tpv.exact);
    CHECK_RELATIVE(tpv.value, noise.sd * noise.sd * cn_mls(s.at, &interp).adaptive, TEST_REAL(1e-12, 1e-5));
    noise.block = cn_net_block(&s.c, s.net, "2.bias");
    CHECK(cn_tpv(s.at, &noise, NULL).value < tpv.value && cn_perturbation_gap(s.at, &noise, NULL).status == CN_OK);
    scene_free(&s);
}

/* ---- no bit depends on threads; chunks change rounding alone */

static void same_everywhere(void) {
    static const char *const texts[] = {"input 3; dense 6; relu; dense 4",
                                        "input 2 3 3; conv 3 2; tanh; flatten; dense 2"};
    int t, threads;
    for (t = 0; t < 2; t++) {
        cn_mls_result r[4];
        cn_mls_layer l[4][MOST_LAYERS];
        size_t i;
        for (threads = 0; threads < 4; threads++) {
            scene s;
            cn_problem_desc how = CN_ZERO;
            cn_mls_desc d = CN_ZERO;
            how.chunk = threads == 3 ? 50 : 7;
            scene_net(&s, texts[t]);
            s.c.threads = 1 + threads % 3;
            scene_random(&s, 50, 1, 11);
            scene_point(&s, &how, 0);
            r[threads] = mls_of(&s, d, l[threads]);
            scene_free(&s);
        }
        for (i = 0; i < r[0].layers; i++) {
            CHECK(!memcmp(&l[0][i], &l[1][i], sizeof l[0][i]));
            CHECK_RELATIVE(l[3][i].least, l[0][i].least, CLOSE);
            CHECK_RELATIVE(l[3][i].inverse_k, l[0][i].inverse_k, 10 * CLOSE);
            CHECK_RELATIVE(l[3][i].frobenius_k, l[0][i].frobenius_k, 10 * CLOSE);
        }
        CHECK(!memcmp(&r[0], &r[1], sizeof r[0]) && !memcmp(&r[0], &r[2], sizeof r[0]));
        CHECK_RELATIVE(r[3].network_volume, r[0].network_volume, 10 * CLOSE);
        CHECK_RELATIVE(r[3].nmls_bound, r[0].nmls_bound, CLOSE);
    }
}

/* ---- bad input */

static void bad_input(void) {
    scene s;
    cn_mls_desc d = CN_ZERO;
    cn_mls_result r;
    cn_real *diagonal;
    size_t i;
    scene_net(&s, "input 3; dense 4; relu; dense 2");
    scene_random(&s, 6, 1, 2);
    scene_point(&s, NULL, 0);
    CHECK_STATUS(cn_mls(NULL, NULL).status, CN_E_ARGUMENT);
    CHECK_STATUS(cn_adaptive_sharpness(NULL, NULL, NULL).status, CN_E_ARGUMENT);
    d.want = 128;
    CHECK_STATUS(cn_mls(s.at, &d).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "unknown bits");
    cn_clear(&s.c);
    d.want = 0;
    d.power = -1;
    CHECK_STATUS(cn_mls(s.at, &d).status, CN_E_ARGUMENT);
    CHECK_SENTENCE(&s.c, CN_E_ARGUMENT, "power -1");
    cn_clear(&s.c);
    d.power = 1e300; /* too large for a double */
    r = cn_mls(s.at, &d);
    CHECK_STATUS(r.status, CN_E_NUMERIC);
    CHECK(r.mls == 0 && r.layers == 0);
    cn_clear(&s.c);
    diagonal = cn_vector(&s.c, s.P);
    for (i = 0; i < s.P; i++) diagonal[i] = -1;
    CHECK_STATUS(matrix_sharpness(&s.c, s.at, diagonal, NULL).status, CN_E_UNSUITED);
    CHECK(normalized_sharpness(4, 3, diagonal, s.theta) < 0);
    diagonal[2] = (cn_real)HUGE_VAL;
    CHECK_STATUS(cn_adaptive_sharpness(s.at, diagonal, NULL).status, CN_E_DATA);
    CHECK_SENTENCE(&s.c, CN_E_DATA, "element 2");
    cn_clear(&s.c);
    scene_free(&s);
    scene_net(&s, "input 3; gain; tanh"); /* no dense or conv layer */
    scene_random(&s, 6, 1, 2);
    scene_point(&s, NULL, 0);
    d.power = 0;
    r = mls_of(&s, d, NULL);
    CHECK(r.layers == 0 && r.mls > 0 && r.sharpness > 0 && r.nmls == 0 && r.adaptive > 0);
    CHECK_STATUS(relative_flatness(s.at).status, CN_E_UNSUITED);
    scene_free(&s);
}

/* ---- correlations; norms of convolutions */

static void correlations(void) {
    static const double table[] = {1, 10, 1, 7, 2, 8, 4, 7, 3, 9, 9, 7, 4, 1, 16, 7}; /* rows of 4 */
    double p[16], k[16];
    size_t i;
    pearson(4, 4, table, p);
    kendall(4, 4, table, k);
    for (i = 0; i < 3; i++) {
        CHECK_NEAR(p[5 * i], 1, 1e-15);
        CHECK_NEAR(k[5 * i], 1, 1e-15);
    }
    CHECK_NEAR(p[1], -13 / sqrt(5 * 50), 1e-14); /* by hand: means 2.5 and 7 */
    CHECK_NEAR(k[1], (1 - 5) / 6.0, 1e-15);      /* one pair of six agrees: 8 and 9 */
    CHECK_NEAR(k[2], 1, 1e-15);
    CHECK(p[1] == p[4] && k[1] == k[4] && p[3] == 0 && k[15] == 0);
}

static void norms_of_convolutions(void) {
    cn_mls_desc d = CN_ZERO;
    cn_mls_layer l[MOST_LAYERS];
    scene s;
    scene_of(&s, "input 2 5 4; conv 3 2; relu; flatten; dense 4", 3, NULL, NULL);
    squared(&s);
    mls_of(&s, d, l);
    CHECK_RELATIVE(conv_norm(&s.c, s.at, l, NORM_POSITIONS), norm_of(24, s.theta) * sqrt(12), CLOSE);
    CHECK(l[0].norm <= conv_norm(&s.c, s.at, l, NORM_POSITIONS));
    CHECK(conv_norm(&s.c, s.at, l, NORM_MATRIX) <= l[0].frobenius);
    CHECK_RELATIVE(conv_norm(&s.c, s.at, l + 1, NORM_MATRIX), l[1].norm, TEST_REAL(1e-8, 1e-4)); /* dense: one norm */
    {
        cn_real a[24];
        double sv[3];
        memcpy(a, s.theta, sizeof a);
        CHECK_STATUS(cn_svd(&s.c, 3, 8, a, sv, NULL, NULL), CN_OK);
        CHECK_RELATIVE(conv_norm(&s.c, s.at, l, NORM_MATRIX), sv[0], TEST_REAL(1e-8, 1e-4));
    }
    scene_free(&s);
}

/* eq. 47 against the exact norm */
static void by_ascent(void) {
    cn_mls_desc d = CN_ZERO;
    cn_est one, many;
    double mls;
    scene s;
    d.want = CN_MLS_INPUT;
    scene_of(&s, "input 5; dense 6; tanh; dense 3", 10, NULL, NULL);
    squared(&s);
    mls = cn_mls(s.at, &d).mls;
    /* radius r: second derivatives add about r; float: rounding of f over r. 300 steps: (sigma_2/sigma_1)^600 */
    one = mls_by_ascent(&s.c, s.net, s.theta, s.n, s.x, TEST_REAL(1e-5, 1e-2), 1, 3);
    many = mls_by_ascent(&s.c, s.net, s.theta, s.n, s.x, TEST_REAL(1e-5, 1e-2), 300, 3);
    CHECK(one.status == CN_OK && many.status == CN_OK && one.value < many.value);
    CHECK_RELATIVE(many.value, mls, TEST_REAL(1e-4, 1e-2));
    CHECK(many.value < mls * (1 + TEST_REAL(1e-5, 1e-2)));
    scene_free(&s);
}

TEST_MAIN {
    int g;
    for (g = 0; g < (int)(sizeof golden_mls_dense / sizeof *golden_mls_dense); g++) {
        scene s;
        scene_golden(&s, g, NULL, g % 2 ? 1 << 16 : 0);
        test_case = golden_mls_dense[g].name;
        CHECK(!strcmp(test_case, golden_nets[g].name));
        golden_values(&s, golden_mls_dense + g);
        scene_free(&s);
    }
    for (g = 0; g < (int)(sizeof golden_mls_layers / sizeof *golden_mls_layers); g++) {
        scene s;
        scene_layers(&s, g, NULL, g % 2 ? 1 << 16 : 0);
        test_case = golden_mls_layers[g].name;
        CHECK(!strcmp(test_case, golden_layers_nets[g].name));
        golden_values(&s, golden_mls_layers + g);
        scene_free(&s);
    }
    CASE("closed forms") closed_forms();
    CASE("bounds") bounds();
    CASE("convolutions") convolutions();
    CASE("the bound of normalised sharpness") normalized_bound();
    CASE("rescaling") rescaling();
    CASE("sampled") sampled();
    CASE("threads and chunks") same_everywhere();
    CASE("ascent") by_ascent();
    CASE("correlations") correlations();
    CASE("norms of convolutions") norms_of_convolutions();
    CASE("bad input") bad_input();
}
