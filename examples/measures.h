/* measures.h: more of the MLS family, made of the public API alone (include curvnoise.h first): sharpness by layers,
   relative flatness, bounds summed over layers, three norms of a convolution, MLS by ascent, correlations. The command
   line, the tests and the papers' programs share it. Paper: Chen et al., see SOURCES in curvnoise.h. */
#ifndef MEASURES_H
#define MEASURES_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What holds of the layers of cn_mls (bits CN_MLS_BOUNDS, CN_MLS_VOLUMES), in rising order in each line. */
typedef struct layer_sums {
    double weighted_mls, matrix, frobenius; /* sums of mls/sqrt(inverse2), norm sqrt(jacobian2), ||W||_F sqrt(jacobian2)
                                               [eq. 35] */
    double residual; /* sum of norm ratio over all but the last: at least mls less the last one's norm, for dense layers
                        each with a skip around it and slopes of at most 1 [after eq. 17] */
    double middle, bound, network_middle, network_bound; /* of volume [eq. 9] and of network_volume [eq. 10] */
} layer_sums;

static inline double volume_bound(double outputs, double n, double inverse,
                                  double sharpness) /* large and small terms */
{
    return inverse > 0 && sharpness > 0
               ? exp(0.5 * (log(n * inverse) + outputs * log(n * sharpness / outputs)) - log(n))
               : 0;
}

/* n samples; where an input is 0 (zeros), what is infinite is 0 */
static inline layer_sums sum_layers(const cn_mls_result *r, const cn_mls_layer *l, double outputs, double n) {
    layer_sums s = CN_ZERO;
    double inverse = 0;
    size_t i;
    for (i = 0; i < r->layers; i++) {
        if (l[i].inverse2 > 0) s.weighted_mls += l[i].mls / sqrt(l[i].inverse2);
        s.matrix += l[i].norm * sqrt(l[i].jacobian2);
        s.frobenius += l[i].frobenius * sqrt(l[i].jacobian2);
        if (i + 1 < r->layers) s.residual += l[i].norm * l[i].ratio;
        s.network_middle += l[i].frobenius_k;
        inverse += l[i].inverse_k;
        if (i == 0) s.middle = l[i].frobenius_k;
        if (i == 0 && !l[i].zeros) s.bound = volume_bound(outputs, n, inverse, r->sharpness);
    }
    if (!r->zeros) s.network_bound = volume_bound(outputs, n, inverse, r->sharpness);
    if (r->zeros) s.weighted_mls = 0;
    return s;
}

/* Matrix-normalised sharpness, sum over layers of ||W||_2 sqrt(tr H_W) [eq. 35]. diagonal [params]: of H, else NULL: by
   cn_trace of each block, its error to first order. CN_E_UNSUITED: a trace is negative. */
static inline cn_est matrix_sharpness(cn_ctx *c, cn_point *at, const cn_real *diagonal, const cn_probe_desc *d) {
    cn_net_info net = cn_net_describe(cn_problem_describe(cn_point_describe(at).problem).net);
    cn_est e = CN_ZERO, trace;
    cn_probe_desc how = CN_ZERO;
    cn_item_info item;
    double norm2, error2 = 0;
    size_t i, j;
    if (d) how = *d;
    e.exact = 1;
    for (i = 0; i < net.items && !c->status; i++) {
        cn_op *t, *h;
        cn_block block;
        cn_net_item(cn_problem_describe(cn_point_describe(at).problem).net, i, &item);
        if (!item.row || !item.is_affine || item.item.state) continue;
        block.first = item.params.first;
        block.count = item.affine.rows * item.affine.cols;
        t = cn_op_item(at, item.name);
        cn_eigs(t, NULL, &norm2, NULL, NULL);
        cn_free(c, t);
        memset(&trace, 0, sizeof trace);
        trace.exact = 1;
        for (j = 0; diagonal && j < block.count; j++) trace.value += (double)diagonal[block.first + j];
        how.seed++; /* probes of their own */
        if (!diagonal) {
            h = cn_op_of(at, CN_OP_HESSIAN, block);
            trace = cn_trace(h, &how);
            cn_free(c, h);
        }
        if (trace.value < 0) {
            memset(&e, 0, sizeof e);
            e.status = CN_E_UNSUITED;
            return e;
        }
        e.value += sqrt(norm2 * trace.value);
        if (trace.error > 0 && trace.value > 0) error2 += norm2 * trace.error * trace.error / (4 * trace.value);
        e.probes = trace.probes > e.probes ? trace.probes : e.probes;
        e.exact &= trace.exact;
    }
    e.error = sqrt(error2);
    e.status = c->status;
    return e;
}

/* Normalised sharpness of one layer: min over s, t > 0 of sum_ij h_ij s_i t_j + w_ij^2/(4 s_i t_j), h the diagonal of H
   at its weight w, both [rows][cols] [eq. 36 at lambda = 1; it goes with 1/lambda]. Alternates between s and t: with t
   given the best s_i is sqrt(b_i/a_i)/2, a_i = sum_j h_ij t_j, b_i = sum_j w_ij^2/t_j, and the value sum_i sqrt(a_i
   b_i). Convex in log s, log t. A row or column whose h or w is 0 adds nothing: s 0 stands for it. -1: an h is below
   0, or no memory. */
static inline double normalized_sharpness(size_t rows, size_t cols, const cn_real *h, const cn_real *w) {
    double *room = (double *)malloc((rows + cols) * sizeof *room), a, b, least = 0, before = -1;
    size_t i, j, e, k;
    for (i = 0; i < rows * cols; i++)
        if (!room || h[i] < 0) {
            free(room);
            return -1;
        }
    for (i = 0; i < rows + cols; i++) room[i] = 1;
    for (k = 0; k < 20000; k++) {
        size_t mine = k % 2 ? cols : rows, others = k % 2 ? rows : cols;
        double *own = k % 2 ? room + rows : room, *other = k % 2 ? room : room + rows;
        for (least = 0, i = 0; i < mine; i++) {
            for (a = b = 0, j = 0; j < others; j++) {
                e = k % 2 ? j * cols + i : i * cols + j;
                if (!(other[j] > 0)) continue;
                a += (double)h[e] * other[j];
                b += (double)w[e] * (double)w[e] / other[j];
            }
            own[i] = a > 0 && b > 0 ? 0.5 * sqrt(b / a) : 0;
            least += sqrt(a * b);
        }
        if (k > 1 && fabs(before - least) <= 1e-14 * least) break;
        before = least;
    }
    free(room);
    return least;
}

typedef struct flatness {
    double *gram, sum; /* W W' [rows][rows] */
} flatness;

/* For sample after sample: sum over rows s, t and positions p, q of B_(sp)(tq) <w_s, w_t> <a_p, a_q> */
static inline int add_flatness(void *user, const cn_view *v) {
    flatness *f = (flatness *)user;
    size_t P = v->affine.positions, rows = v->affine.rows, cols = v->affine.cols,
           own = rows / (v->affine.groups ? v->affine.groups : 1), g, h, s, t, p, q, c;
    double inner, sum;
    for (g = 0; g < rows; g += own) /* first rows of two groups */
        for (h = 0; h < rows; h += own)
            for (p = 0; p < P; p++)
                for (q = 0; q < P; q++) {
                    const cn_real *a = v->patches + g / own * cols * P, *b = v->patches + h / own * cols * P;
                    for (inner = 0, c = 0; c < cols; c++) inner += (double)a[c * P + p] * (double)b[c * P + q];
                    for (sum = 0, s = g; s < g + own; s++)
                        for (t = h; t < h + own; t++)
                            sum += f->gram[s * rows + t] * (double)v->z_hessian[(s * P + p) * v->out + t * P + q];
                    f->sum += inner * sum;
                }
    return 0;
}

/* Relative flatness of the last dense or conv layer, sum over rows s, t of W of <w_s, w_t> tr H_st [Petzka et al.
   2021]. Cost: the second derivatives by its z, [out][out] a sample. CN_E_UNSUITED: there is no such layer. */
static inline cn_est relative_flatness(cn_point *at) {
    cn_point_info info = cn_point_describe(at);
    const cn_net *net = cn_problem_describe(info.problem).net;
    cn_item_info item;
    cn_visit_desc d = CN_ZERO;
    cn_est e = CN_ZERO;
    flatness f = CN_ZERO;
    size_t i = cn_net_describe(net).items, j, c, rows, cols;
    e.status = CN_E_UNSUITED;
    do {
        if (i == 0) return e;
        cn_net_item(net, --i, &item);
    } while (!item.row || !item.is_affine || item.item.state);
    rows = item.affine.rows;
    cols = item.affine.cols;
    f.gram = (double *)calloc(rows * rows, sizeof *f.gram);
    for (i = 0; f.gram && i < rows; i++)
        for (j = 0; j < rows; j++)
            for (c = 0; c < cols; c++)
                f.gram[i * rows + j] += (double)info.theta[item.params.first + i * cols + c] *
                                        (double)info.theta[item.params.first + j * cols + c];
    d.want = CN_WANT_Z_HESSIAN | CN_WANT_PATCHES;
    d.item = item.name;
    e.status = f.gram ? cn_visit(at, &d, add_flatness, &f) : CN_E_MEMORY;
    free(f.gram);
    e.value = f.sum / (double)info.n;
    e.exact = 1;
    return e;
}

/* Two more norms of a convolution's weight: sqrt(||W||_F^2 Hout Wout), which the paper's code takes, and that of the
   matrix [rows][cols]. (cn_mls_layer.norm is that of its map at its input size.) */
enum { NORM_POSITIONS, NORM_MATRIX };
static inline double conv_norm(cn_ctx *c, cn_point *at, const cn_mls_layer *l, int form) {
    cn_point_info info = cn_point_describe(at);
    cn_item_info item;
    cn_op *op;
    double norm2 = 0;
    cn_net_item(cn_problem_describe(info.problem).net, l->item, &item);
    if (form == NORM_POSITIONS) return l->frobenius * sqrt((double)item.affine.positions);
    op = cn_op_factor(c, item.affine.rows, item.affine.cols, info.theta + item.params.first);
    cn_eigs(op, NULL, &norm2, NULL, NULL);
    cn_free(c, op);
    return sqrt(norm2);
}

/* MLS as the paper's appendix takes it [eq. 47]: for every sample max over d of ||f(x + d) - f(x)|| / ||d||, by `steps`
   steps of ascent from random d of length `radius`: d goes along the gradient of ||f(x + d) - f(x)||^2, A'(f(x + d) -
   f(x)), and is scaled to the radius again, which for small radii is the power method on A'A. theta [params + state], x
   [n][inputs]. It tends to cn_mls's mls from below as the radius goes to 0 and steps grow. Cost: 5/3 gradients a
   step. */
typedef struct ascent {
    cn_real *d;
    size_t inputs;
} ascent;
static inline int take_gradient(void *user, const cn_view *v) {
    const ascent *a = (const ascent *)user;
    memcpy(a->d + v->sample * a->inputs, v->x_gradient, a->inputs * sizeof *a->d);
    return 0;
}
static inline cn_est mls_by_ascent(cn_ctx *c, const cn_net *net, const cn_real *theta, size_t n, const cn_real *x,
                                   double radius, size_t steps, uint64_t seed) {
    cn_net_info info = cn_net_describe(net);
    size_t M = info.inputs, K = info.outputs, i, j, k;
    cn_real *away = cn_vector(c, n * M), *f = cn_vector(c, n * K), *g = cn_vector(c, n * K), *d = cn_vector(c, n * M);
    cn_data data = CN_ZERO;
    cn_problem_desc how = CN_ZERO;
    cn_visit_desc want = CN_ZERO;
    cn_est e = CN_ZERO;
    ascent a;
    double length;
    data.x = cn_tensor_of(away, CN_TYPE_REAL, 2, n, M, 0, 0);
    data.y = cn_tensor_of(f, CN_TYPE_REAL, 2, n, K, 0, 0);
    how.loss = CN_LOSS_SQUARED;
    want.want = CN_WANT_X_GRADIENT;
    want.item = "";
    a.d = d;
    a.inputs = M;
    cn_forward(c, net, theta, cn_tensor_of(x, CN_TYPE_REAL, 2, n, M, 0, 0), f);
    if (!c->status) cn_random(seed, cn_stream(CN_FOR_USER, 0), 0, CN_NOISE_NORMAL, 1, n * M, d);
    for (k = 0; k <= steps && !c->status; k++) {
        cn_problem *p;
        cn_point *at;
        for (i = 0; i < n; i++) {
            for (length = 0, j = 0; j < M; j++) length += (double)d[i * M + j] * (double)d[i * M + j];
            length = length > 0 ? radius / sqrt(length) : 0;
            for (j = 0; j < M; j++) away[i * M + j] = (cn_real)((double)x[i * M + j] + length * (double)d[i * M + j]);
        }
        if (k == steps) break;
        p = cn_problem_create(c, net, &data, &how);
        at = cn_point_create(p, theta, 0);
        cn_visit(at, &want, take_gradient, &a);
        cn_free(c, at);
        cn_free(c, p);
    }
    cn_forward(c, net, theta, data.x, g);
    for (i = 0; i < n && !c->status; i++) {
        double change = 0;
        for (j = 0; j < K; j++) change += pow((double)g[i * K + j] - (double)f[i * K + j], 2);
        for (length = 0, j = 0; j < M; j++) length += pow((double)away[i * M + j] - (double)x[i * M + j], 2);
        e.value += length > 0 ? sqrt(change / length) / (double)n : 0;
    }
    e.status = c->status;
    cn_free(c, away);
    cn_free(c, f);
    cn_free(c, g);
    cn_free(c, d);
    return e;
}

/* Correlations of `columns` quantities over `rows` networks, table [rows][columns], out [columns][columns]: Pearson's;
   Kendall's tau-b, which knows ties. A constant column correlates with nothing: 0. */
static inline void pearson(size_t rows, size_t columns, const double *table, double *out) {
    size_t i, j, r;
    for (i = 0; i < columns; i++)
        for (j = 0; j < columns; j++) {
            double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
            for (r = 0; r < rows; r++) {
                x += table[r * columns + i] / (double)rows;
                y += table[r * columns + j] / (double)rows;
            }
            for (r = 0; r < rows; r++) {
                double u = table[r * columns + i] - x, v = table[r * columns + j] - y;
                xx += u * u;
                yy += v * v;
                xy += u * v;
            }
            out[i * columns + j] = xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
        }
}
static inline void kendall(size_t rows, size_t columns, const double *table, double *out) {
    size_t i, j, r, q;
    for (i = 0; i < columns; i++)
        for (j = 0; j < columns; j++) {
            double same = 0, x = 0, y = 0;
            for (r = 0; r < rows; r++)
                for (q = 0; q < r; q++) {
                    double u = table[r * columns + i] - table[q * columns + i],
                           v = table[r * columns + j] - table[q * columns + j];
                    same += (double)((u > 0) - (u < 0)) * (double)((v > 0) - (v < 0));
                    x += u > 0 || u < 0;
                    y += v > 0 || v < 0;
                }
            out[i * columns + j] = x > 0 && y > 0 ? same / sqrt(x * y) : 0;
        }
}
#endif
