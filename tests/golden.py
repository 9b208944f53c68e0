#!/usr/bin/env python3
"""golden.py: writes golden.h, expected values for the tests of curvnoise.h.

What   Small dense networks with their data, parameters and every basic number that the library computes for them,
       computed in float64 by PyTorch's automatic differentiation straight from the definitions and independently of
       the C code. No identity that the C code uses (or that its tests assert) enters a value; the identities are
       checked afterwards, here too. The full definitions stand in the comment on top of golden.h.
How    H    torch.autograd.functional.hessian (reverse over reverse) of the whole mean loss
       G    (1/n) sum J_i' L_i J_i, J_i by torch.autograd.functional.jacobian of one sample's outputs, L_i the
            hessian of the loss in f, by autograd as well
       F    exact expectation over the model's own labels. Cross-entropy: sum over y of p_y grad(-log p_y) grad',
            one reverse pass for each sample and label (never smoothed labels). Squared error, y ~ N(f, I): the 2K
            points f +- sqrt(K) e_k with equal weights, exact because the integrand is quadratic in y
       C, S from one reverse pass per sample of that sample's loss
Run    python3 golden.py [--out golden.h] [--check]        about 5 seconds, one core; writes no other file
       --check adds finite differences and forward mode (functorch) to the identities that are always checked
       /usr/bin/python3 with Debian 12's python3-torch and python3-numpy; exit code 1 if a check fails.
Versions  made with Python 3.11.2, torch 1.13.0a0 (Debian), numpy 1.24.2. Runs on torch >= 1.13 (--check needs
       functorch or torch.func). Other versions may move the last digits, not more than about 1e-13 relative.
Data   numpy RandomState with a fixed seed per network; x, targets, theta and v are rounded to multiples of 1/256, which
       print short and are exact in float as well (CN_REAL=float sees the same point). Seeds count up from the start value
       until: TIC's cut is at least 1 % away from any eigenvalue, no relu or leaky pre-activation is within 1e-3 of 0,
       lambda_max leads by 2 % and in modulus, and the number of negative eigenvalues is beyond doubt.
"""
import argparse
import datetime
import platform
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch.autograd.functional import hessian, jacobian

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

CE, SQUARED = 0, 1
CUT = 1e-3
ZERO = 1e-10   # an eigenvalue counts as negative below -ZERO * lambda_max (the null space is +-1e-17)
DIGITS = 10    # of the largest value of a computed array; the others to the same decimal place


# ---- networks -------------------------------------------------------------------------------------------------------

class Net:
    """A network in the project's text form: dense N [bias=0] and pointwise layers, softmax."""

    def __init__(self, text):
        self.text, self.items = text, []
        width = None
        self.params = 0
        for item in text.replace("\n", ";").split(";"):
            word = item.split("#")[0].split()
            if not word:
                continue
            if word[0] == "input":
                width = self.inputs = int(word[1])
            elif word[0] == "dense":
                options = word[2:]
                assert options in ([], ["bias=0"], ["bias=1"]), item
                bias = "bias=0" not in options
                out = int(word[1])
                self.items.append(("dense", width, out, bias, self.params))
                self.params += out * width + (out if bias else 0)
                width = out
            elif word[0] == "leaky":
                self.items.append(("leaky", float(word[1])))
            else:
                assert word[0] in ("relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "softmax") and len(word) == 1, item
                self.items.append((word[0],))
        self.outputs = width

    def run(self, theta, x, kinks=None):
        """x [n][in] or [in] -> f [n][K] or [K]; kinks, if given, collects the inputs of relu and leaky."""
        a = x
        for item in self.items:
            kind = item[0]
            if kind == "dense":
                _, fan_in, out, bias, at = item
                a = a @ theta[at:at + out * fan_in].reshape(out, fan_in).t()
                if bias:
                    a = a + theta[at + out * fan_in:at + out * fan_in + out]
                continue
            if kinks is not None and kind in ("relu", "leaky"):
                kinks.append(a.detach().abs().min().item())
            if kind == "relu":
                a = F.relu(a)
            elif kind == "leaky":
                a = F.leaky_relu(a, item[1])
            elif kind == "tanh":
                a = torch.tanh(a)
            elif kind == "sigmoid":
                a = torch.sigmoid(a)
            elif kind == "softplus":
                a = F.softplus(a, beta=1, threshold=500)  # torch's default threshold, 20, costs 2e-9
            elif kind == "gelu":
                a = a * 0.5 * (1 + torch.erf(a / 2 ** 0.5))
            elif kind == "silu":
                a = a * torch.sigmoid(a)
            elif kind == "softmax":
                a = torch.exp(a - torch.logsumexp(a, -1, keepdim=True))  # torch 1.13's softmax: no forward over reverse
        return a


def sample_loss(loss, f, y, smoothing=0.0):
    """Loss of each sample: f [..][K], y class index [..] or float targets [..][K] -> [..]."""
    if loss == SQUARED:
        return 0.5 * ((f - y) ** 2).sum(-1)
    log_p = f - torch.logsumexp(f, -1, keepdim=True)
    hot = F.one_hot(y, f.shape[-1]).to(f.dtype)
    return -((1 - smoothing) * hot + smoothing / f.shape[-1]).mul(log_p).sum(-1)


# ---- the numbers ----------------------------------------------------------------------------------------------------

def tic_of(h, c, train_n, cut=CUT):
    """TIC [TIC eq. 15, App. B.1]: (1/N) sum over lambda_j > cut lambda_max of v_j' C v_j / lambda_j."""
    lam, vec = np.linalg.eigh(h)
    keep = lam > cut * lam[-1]
    value = sum(vec[:, j] @ c @ vec[:, j] / lam[j] for j in np.flatnonzero(keep)) / train_n
    return dict(tic=value, tic_kept=int(keep.sum()), tic_negative=int((lam < -ZERO * lam[-1]).sum()),
                tic_gap_to_cut=float(np.min(np.abs(lam - cut * lam[-1])) / (cut * lam[-1]))), lam


def measure(net, loss, smoothing, x, y, theta, v):
    n, K, P = x.shape[0], net.outputs, net.params
    r = {}

    def whole(t):
        return sample_loss(loss, net.run(t, x), y, smoothing).mean()

    def gradient(scalar, t):
        return torch.autograd.grad(scalar, t)[0]

    t = theta.clone().requires_grad_(True)
    value = whole(t)
    r["loss_value"], r["gradient"] = value.item(), gradient(value, t)
    r["outputs"] = net.run(theta, x)
    H = hessian(whole, theta)

    G, Fi, C, JJ = (torch.zeros(P, P) for _ in range(4))
    jv = torch.zeros(n, K)
    mean_g, g_norms, spectral = torch.zeros(P), 0.0, 0.0
    for i in range(n):
        xi, yi = x[i], y[i]
        fi = net.run(theta, xi)
        J = jacobian(lambda s: net.run(s, xi), theta)
        L = hessian(lambda f: sample_loss(loss, f, yi, smoothing), fi)
        G += J.t() @ L @ J / n
        JJ += J.t() @ J / n
        jv[i] = J @ v
        if loss == CE:
            own = [(p.item(), torch.tensor(k)) for k, p in enumerate(torch.softmax(fi, -1))]
        else:
            own = [(0.5 / K, fi + s * K ** 0.5 * torch.eye(K)[k]) for k in range(K) for s in (-1, 1)]
        for weight, label in own:
            u = gradient(sample_loss(loss, net.run(t, xi), label), t)
            Fi += weight * torch.outer(u, u) / n
        g = gradient(sample_loss(loss, net.run(t, xi), yi, smoothing), t)
        C += torch.outer(g, g) / n
        mean_g += g / n
        g_norms += (g @ g).item() / n
        A = jacobian(lambda z: net.run(theta, z), xi)
        spectral += np.linalg.svd(A.numpy(), compute_uv=False)[0] / n
    S = C - torch.outer(mean_g, mean_g)

    ops = dict(h=H, g=G, f=Fi, c=C, s=S, j=JJ)
    for key, m in ops.items():
        r[("jj" if key == "j" else key) + "v"] = m @ v
        r["trace_" + key] = torch.trace(m).item()
    r["jv"] = jv
    r["tic_n"] = 2 * n
    r["tic_cut"] = CUT
    tic, lam = tic_of(H.numpy(), C.numpy(), 2 * n)
    r.update(tic)
    r["eigenvalues_h"], r["lambda_max_h"], r["lambda_min_h"] = lam, lam[-1], lam[0]
    r["mls"], r["tpv_iso"] = spectral, r["trace_j"]
    r["ops"], r["mean_g"], r["g_norms"] = ops, mean_g, g_norms
    return r


# ---- the list -------------------------------------------------------------------------------------------------------
# name, text, loss, label smoothing, n, gradient-descent steps before measuring, first seed

CASES = [
    ("tanh_relu_ce", "input 5; dense 7; tanh; dense 4; relu; dense 3", CE, 0.0, 18, 0, 100),
    ("relu_ce", "input 5; dense 7; relu; dense 4", CE, 0.0, 24, 300, 200),
    ("softmax_regression", "input 5; dense 4", CE, 0.0, 30, 0, 300),
    ("leaky_smoothing", "input 4; dense 5; leaky 0.1; dense 4; leaky 0.1; dense 3", CE, 0.1, 16, 0, 400),
    ("sigmoid_softplus_nobias", "input 5; dense 5 bias=0; sigmoid; dense 4; softplus; dense 3 bias=0", CE, 0.0, 20, 0, 500),
    ("gelu_silu_squared", "input 4; dense 5; gelu; dense 4; silu; dense 2", SQUARED, 0.0, 20, 0, 600),
    ("tanh_regression", "input 3; dense 8; tanh; dense 1", SQUARED, 0.0, 24, 300, 700),
    ("softmax_last_squared", "input 5; dense 5; tanh; dense 4; softmax", SQUARED, 0.0, 16, 0, 800),
    ("softmax_hidden_ce", "input 4; dense 5; softmax; dense 3", CE, 0.0, 20, 0, 900),
    ("relu_nobias_squared", "input 4; dense 7 bias=0; relu; dense 3 bias=0", SQUARED, 0.0, 16, 0, 1000),
    ("linear_squared", "input 3; dense 2", SQUARED, 0.0, 12, 0, 1100),
    ("deep_smooth_ce", "input 3; dense 4; gelu; dense 4; sigmoid; dense 3; softplus; dense 3; silu; dense 2", CE, 0.0, 16, 0, 1200),
    ("single_sample", "input 3; dense 4; silu; dense 2", CE, 0.0, 1, 0, 1300),
]


def grid(a):
    return np.round(a * 256) / 256 + 0.0  # no -0


def make(net, loss, smoothing, n, steps, seed):
    """Data, parameters and direction of one seed, every value a multiple of 1/256."""
    rs = np.random.RandomState(seed)
    K = net.outputs
    x = grid(rs.randn(n, net.inputs))
    if loss == CE:
        y = torch.tensor(rs.randint(0, K, n))
    else:
        y = rs.randn(n, K)
        if net.items[-1][0] == "softmax":  # one-hot plus a little, so that the targets are not class labels
            y = np.eye(K)[rs.randint(0, K, n)] + 0.05 * y
        y = torch.tensor(grid(y))
    theta = np.concatenate([rs.randn(out * fan_in + (out if bias else 0)) * 1.2 / np.sqrt(fan_in)
                            for _, fan_in, out, bias, _ in (d for d in net.items if d[0] == "dense")])
    v = torch.tensor(grid(rs.randn(net.params)))
    x, theta = torch.tensor(x), torch.tensor(theta)
    for _ in range(steps):
        t = theta.clone().requires_grad_(True)
        theta = theta - 0.1 * torch.autograd.grad(sample_loss(loss, net.run(t, x), y, smoothing).mean(), t)[0]
    return x, y, torch.tensor(grid(theta.numpy())), v


def find(case):
    name, text, loss, smoothing, n, steps, seed = case
    net = Net(text)
    for seed in range(seed, seed + 100):
        x, y, theta, v = make(net, loss, smoothing, n, steps, seed)
        kinks = []
        net.run(theta, x, kinks)
        if kinks and min(kinks) < 1e-3:
            continue
        h = hessian(lambda t: sample_loss(loss, net.run(t, x), y, smoothing).mean(), theta).numpy()
        lam = np.linalg.eigvalsh(h)
        top = lam[-1]
        size = np.abs(lam) / top
        repeated = loss == SQUARED and len(net.items) == 1  # linear: every eigenvalue K times, by definition
        if top <= 0 or -lam[0] > 0.98 * top or (lam[-2] > 0.98 * top and not repeated):
            continue
        if np.min(np.abs(lam - CUT * top)) < 0.01 * CUT * top or np.any((size > 1e-13) & (size < 1e-8)):
            continue
        r = measure(net, loss, smoothing, x, y, theta, v)
        r.update(name=name, text=text, loss=loss, smoothing=smoothing, n=n, steps=steps, seed=seed, net=net,
                 x=x, y=y, theta=theta, v=v, kink=min(kinks) if kinks else float("inf"))
        return r
    raise SystemExit("no seed for " + name)


# ---- checks ---------------------------------------------------------------------------------------------------------

failed = []


def near(what, name, a, b, tolerance=1e-12):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    error = np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.max(np.abs(b)), 1e-300)
    if not error <= tolerance:
        failed.append((name, what, error))
        print("FAILED %-24s %s: %.2e" % (name, what, error))
    near.worst[what] = max(near.worst.get(what, 0), error)
    near.count[what] = near.count.get(what, 0) + 1


near.worst, near.count = {}, {}


def check(r, more):
    name, net, loss, o = r["name"], r["net"], r["loss"], r["ops"]
    kinds = {item[0] for item in net.items}
    last_softmax = net.items[-1][0] == "softmax"
    near("F = G (cross-entropy, squared error)", name, o["f"], o["g"])
    if kinds <= {"dense", "relu", "leaky"}:
        near("tr H = tr G (piecewise linear)", name, r["trace_h"], r["trace_g"])
        if loss == CE:
            near("tr H = tr F (piecewise linear, cross-entropy)", name, r["trace_h"], r["trace_f"])
    if len(net.items) == 1:
        near("H = G = F (linear in theta)", name, o["h"], o["g"])
        near("H = G = F (linear in theta)", name, o["h"], o["f"])
    if loss == SQUARED:
        near("G = JJ (squared error)", name, o["g"], o["j"])
    near("tr C = mean of |g_i|^2", name, r["trace_c"], r["g_norms"])
    near("tr S = tr C - |g|^2", name, r["trace_s"] + (r["gradient"] @ r["gradient"]).item(), r["trace_c"])
    near("gradient = mean of g_i", name, r["mean_g"], r["gradient"])
    near("sum of eigenvalues = tr H", name, np.sum(r["eigenvalues_h"]), r["trace_h"], 1e-11)
    near("v'JJv = mean of |J_i v|^2", name, r["v"] @ r["jjv"], (r["jv"] ** 2).sum() / r["n"])
    for key, m in o.items():
        near("symmetric", name, m, m.t())
        if key != "h":
            low = np.linalg.eigvalsh(m.numpy())
            near("G F C S JJ positive semi-definite", name, min(low[0], 0) / max(low[-1], 1e-12) + 1, 1)
    if loss == CE:
        near("loss = torch's cross_entropy", name, r["loss_value"],
             F.cross_entropy(r["outputs"], r["y"], label_smoothing=r["smoothing"]).item())
    else:
        near("loss = K/2 torch's mse_loss", name, r["loss_value"], F.mse_loss(r["outputs"], r["y"]).item() * net.outputs / 2)
    if last_softmax:
        near("probabilities sum to 1", name, r["outputs"].sum(-1), np.ones(r["n"]))
    if not more:
        return
    try:
        from functorch import grad, jvp
    except ImportError:
        from torch.func import grad, jvp
    x, y, theta, v = r["x"], r["y"], r["theta"], r["v"]

    def whole(t):
        return sample_loss(loss, net.run(t, x), y, r["smoothing"]).mean()
    near("Hv by forward over reverse", name, jvp(grad(whole), (theta,), (v,))[1], r["hv"])
    near("Jv by forward mode", name, jvp(lambda t: net.run(t, x), (theta,), (v,))[1], r["jv"])
    iso = sum((jvp(lambda t: net.run(t, x), (theta,), (e,))[1] ** 2).sum() for e in torch.eye(net.params)) / r["n"]
    near("tpv_iso by forward mode", name, iso, r["tpv_iso"])
    step = 1e-5 / float(v.norm())
    near("Hv by central differences", name, (grad(whole)(theta + step * v) - grad(whole)(theta - step * v)) / (2 * step),
         r["hv"], 1e-6)
    near("gradient'v by central differences", name, (whole(theta + step * v) - whole(theta - step * v)) / (2 * step),
         r["gradient"] @ v, 1e-6)
    # the same layers from torch.nn, parameters read in the order of an nn.Sequential
    layers, at = [], 0
    for item in net.items:
        if item[0] == "dense":
            linear = torch.nn.Linear(item[1], item[2], bias=item[3])
            for p in linear.parameters():
                p.data = theta[at:at + p.numel()].reshape(p.shape)
                at += p.numel()
            layers.append(linear)
        else:
            layers.append({"relu": torch.nn.ReLU, "leaky": torch.nn.LeakyReLU, "tanh": torch.nn.Tanh,
                           "sigmoid": torch.nn.Sigmoid, "softplus": torch.nn.Softplus, "gelu": torch.nn.GELU,
                           "silu": torch.nn.SiLU, "softmax": lambda: torch.nn.Softmax(-1)}[item[0]](*item[1:]))
    near("outputs = torch.nn.Sequential", name, torch.nn.Sequential(*layers)(x).detach(), r["outputs"])


# ---- golden.h -------------------------------------------------------------------------------------------------------

def number(a, digits=17):
    text = "%.*g" % (digits, a)
    return text if any(c in text for c in ".en") else text + ".0"


def brief(a):
    """A single number of a row: tests compare to 1e-9."""
    return number(a, 12)


def table(kind, name, values):
    """kind "double": to DIGITS digits of the largest; "short": data, parameters, directions, in units of 1/256; "int"."""
    values = np.asarray(values).ravel()
    if kind == "double":
        most = np.max(np.abs(values))
        places = DIGITS - 1 - int(np.floor(np.log10(most))) if most > 0 else 0
        texts = [repr(float(a)) for a in np.round(values, places) + 0.0]
        texts = [t[:-2] if t.endswith(".0") else t.replace("0.", ".", 1) if t.lstrip("-").startswith("0.") else t for t in texts]
    else:
        texts = ["%d" % a for a in (values * 256 if kind == "short" else values)]
        assert kind == "int" or np.array_equal([int(t) / 256 for t in texts], values)
    lines, line = [], ""
    for text in texts:
        if len(line) + len(text) + 1 > 118:
            lines.append(line)
            line = ""
        line += text + ","
    lines.append(line[:-1])
    return "static const %s %s[%d] = {\n%s};\n" % (kind, name, len(texts), "\n".join(lines))


class Tables:
    """The arrays of one network. What was written before under another name is not written again: F's products are G's, and
    H's where the network is piecewise linear."""

    def __init__(self, out, prefix):
        self.out, self.prefix, self.names = out, prefix, {}

    def put(self, key, values, kind="double"):
        if values is None:
            return "NULL"
        body = table(kind, "%s", values)
        if body not in self.names:
            self.names[body] = self.prefix + key
            self.out.append(table(kind, self.prefix + key, values))
        return self.names[body]


def fold(texts, width=118):
    """A row of a table of structs: texts separated by commas, in lines."""
    line, lines = "    {", []
    for k, text in enumerate(texts):
        text += "," if k + 1 < len(texts) else ""
        if len(line) + len(text) + 1 > width:
            lines.append(line)
            line = "    "
        line += " " + text
    return "\n".join(lines + [line + " }"])


def provenance(command):
    return ("Made %s by `%s` with Python %s, torch %s, numpy %s. Do not edit."
            % (datetime.date.today().isoformat(), command, platform.python_version(), torch.__version__, np.__version__))


FIELDS = """\
/* One network, its data and its numbers. n samples, in inputs, out = K outputs, params = P. Matrices are row-major.
 * L is the mean over samples of the loss, g_i the gradient of sample i's loss, g their mean, J_i = df(x_i)/dtheta.
 * short: in units of 1/256. Computed arrays have 10 digits of their largest value, single numbers 12. Pointers of one
 * network may be equal where the values are. */
typedef struct golden_net {
    const char *name, *text;     /* text: the network in the project's grammar */
    int loss;                    /* 0: cross-entropy on logits; 1: squared error, half the sum over outputs */
    double smoothing;            /* label smoothing e: the target is (1-e) one-hot + e/K */
    int n, in, out, params;
    const short *x;              /* [n][in] */
    const int *labels;           /* [n], or NULL where loss is 1 */
    const short *targets;        /* [n][out], or NULL where loss is 0 */
    const short *theta;          /* [params]: layers in order, weight [out][in] before bias */
    double loss_value;
    const double *gradient;      /* [params]: g */
    const double *outputs;       /* [n][out]: f, probabilities where the last item is softmax */
    const short *v;              /* [params]: a direction, not of unit length */
    const double *hv;            /* [params]: Hv, H the Hessian of L */
    const double *gv;            /* [params]: Gv, G = mean of J_i' (d2 loss/df2) J_i */
    const double *fv;            /* [params]: Fv, exact Fisher: labels drawn from the model, not smoothed; unit Gaussian
                                    around f for the squared error */
    const double *cv;            /* [params]: Cv, C = mean of g_i g_i', uncentred; S = C - g g' */
    const double *jjv;           /* [params]: mean of J_i' J_i v, the jacobian moment */
    const double *jv;            /* [n][out]: J_i v */
    double trace_h, trace_g, trace_f, trace_c, trace_s, trace_j; /* one sample: S = 0 up to rounding, 1e-16 */
    double lambda_max_h, lambda_min_h;
    const double *eigenvalues_h; /* [params], ascending; those that are 0 by symmetry come as +-1e-17 */
    double tic, tic_cut;         /* (1/tic_n) sum over lambda_j > tic_cut lambda_max of v_j'C v_j / lambda_j; H, C of this set */
    int tic_n, tic_kept;         /* N = 2n here; kept eigenpairs */
    int tic_negative;            /* eigenvalues of H below -1e-10 lambda_max, so that rounding in the null space does not
                                    count; none has a modulus between 1e-13 and 1e-8 lambda_max, so any threshold there will do */
    double tic_gap_to_cut;       /* min over j of |lambda_j - cut lambda_max| / (cut lambda_max), at least 0.01 */
    double mls;                  /* mean over samples of the spectral norm of df(x_i)/dx */
    double tpv_iso;              /* sigma 1: trace_j */
    double kink_distance;        /* smallest |input| of a relu or leaky over the data, at least 1e-3; -1 without any */
} golden_net;
"""


def write(path, results, command):
    out = ["/* golden.h: expected values for the tests of curvnoise.h, from PyTorch in float64, independent of the C code.\n"
           " * %s\n"
           " * How each value was computed: the comment on top of golden.py. */\n"
           "#ifndef GOLDEN_H\n#define GOLDEN_H\n\n#include <stddef.h>\n\n" % provenance(command), FIELDS, "\n"]
    rows = []
    for i, r in enumerate(results):
        tables = Tables(out, "golden_%d_" % i)
        out.append("/* %s: %s (seed %d%s) */\n" % (r["name"], r["text"], r["seed"],
                   ", after %d steps of gradient descent" % r["steps"] if r["steps"] else ""))

        def put(key, kind="double"):
            return tables.put(key, r[key], kind)
        net, hot = r["net"], r["loss"] == CE
        row = ['"%s"' % r["name"], '"%s"' % r["text"], "%d" % r["loss"], brief(r["smoothing"]),
               "%d" % r["n"], "%d" % net.inputs, "%d" % net.outputs, "%d" % net.params, put("x", "short"),
               tables.put("labels", r["y"] if hot else None, "int"), tables.put("targets", None if hot else r["y"], "short"),
               put("theta", "short"), brief(r["loss_value"]), put("gradient"), put("outputs"), put("v", "short")]
        row += [put(k) for k in ("hv", "gv", "fv", "cv", "jjv", "jv")]
        row += [brief(r["trace_" + k]) for k in "hgfcsj"] + [brief(r["lambda_max_h"]), brief(r["lambda_min_h"]), put("eigenvalues_h")]
        row += [brief(r["tic"]), brief(r["tic_cut"])] + ["%d" % r[k] for k in ("tic_n", "tic_kept", "tic_negative")]
        row += [brief(r[k]) for k in ("tic_gap_to_cut", "mls", "tpv_iso")]
        row += [brief(r["kink"] if r["kink"] < float("inf") else -1.0)]
        rows.append(fold(row))
        out.append("\n")
    out.append("static const golden_net golden_nets[] = {\n" + ",\n".join(rows) + "\n};\n\n")
    out.append("enum { GOLDEN_NETS = (int)(sizeof golden_nets / sizeof golden_nets[0]) };\n\n#endif\n")
    with open(path, "w") as file:
        file.write("".join(out))


def main():
    parser = argparse.ArgumentParser(description="write golden.h")
    parser.add_argument("--out", default="golden.h")
    parser.add_argument("--check", action="store_true", help="also finite differences and forward mode")
    args = parser.parse_args()
    results = []
    for case in CASES:
        r = find(case)
        check(r, args.check)
        results.append(r)
        print("%-24s P %3d n %2d seed %4d loss %.4f tr H %8.4f lmax %8.4f lmin %8.4f tic %9.4f kept %2d negative %2d gap %.3f kink %.1e"
              % (r["name"], r["net"].params, r["n"], r["seed"], r["loss_value"], r["trace_h"], r["lambda_max_h"], r["lambda_min_h"],
                 r["tic"], r["tic_kept"], r["tic_negative"], r["tic_gap_to_cut"], r["kink"]))
    print("\nchecked (worst relative error, networks):")
    for what, error in near.worst.items():
        print("  %-46s %.1e  %d" % (what, error, near.count[what]))
    if failed:
        sys.exit("%d checks failed, nothing written" % len(failed))
    write(args.out, results, "python3 " + " ".join(sys.argv))
    print("wrote %s" % args.out)


if __name__ == "__main__":
    main()
