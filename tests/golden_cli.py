#!/usr/bin/env python3
"""golden_cli.py: writes golden_cli.txt, what `curvnoise measure` should print for the small networks that tests/cli_files.c makes.

What   One line per key: CASE KEY VALUE RULE. RULE is 0 where both sides are exact (compared to 1e-6 relative: double on both sides,
       rounding amplified by TIC's small eigenvalues to 1e-9 at most, Lanczos to 1e-8), else the standard error of VALUE: kink_share
       is sampled, here with numpy's normals (4,000 pairs), there with the library's.
Cases  smooth    tanh, cross-entropy, a test set; block: the same with --block 2.weight --cut 0.01; kinked: relu, --loss mse with labels, bytes / 255
       Data and weights are whole numbers over 256 or 255 (cli_files.c has the same formulas).
How    dense H, G, F, C, S, J of golden.py (float64, automatic differentiation straight from the definitions), numpy for the rest.
Run    /usr/bin/python3 golden_cli.py [--out golden_cli.txt]     some seconds; exit code 1 if a cut lies within 0.1 % of an eigenvalue
Versions  as golden.py.
"""
import argparse
import sys

import numpy as np
import torch

import golden_layers
from golden import CE, SQUARED, Net, measure, sample_loss, ZERO
from golden_measures import sensitivities, similar, takeuchi
from golden_mls import family

SIGMA, PAIRS = 0.01, 4000


def x_of(i, j):
    return ((37 * i + 101 * j + 53 * i * j) % 509 - 254) / 256


def theta_of(k):
    return ((31 * k * k + 97 * k + 11) % 401 - 200) / 256


def smooth():
    net = Net("input 3; dense 5; tanh; dense 3")
    x = torch.tensor([[x_of(i, j) for j in range(3)] for i in range(12)])
    y = torch.tensor([(7 * i * i + 3 * i + 1) % 3 for i in range(12)])
    xt = torch.tensor([[x_of(i + 100, j) for j in range(3)] for i in range(8)])
    yt = torch.tensor([(5 * i * i + i + 2) % 3 for i in range(8)])
    return net, CE, torch.tensor([theta_of(k) for k in range(net.params)]), x, y, xt, yt


def kinked():
    net = Net("input 4; dense 6; relu; dense 3")
    x = torch.tensor([[((37 * i + 101 * j + 53 * i * j + 19) % 256) / 255 for j in range(4)] for i in range(16)])
    y = torch.tensor([(7 * i * i + 3 * i + 1) % 3 for i in range(16)])
    kinks = []
    theta = torch.tensor([theta_of(k + 7) for k in range(net.params)])
    net.run(theta, x, kinks)
    assert min(kinks) > 1e-4, kinks
    return net, SQUARED, theta, x, y, None, None


def target(loss, y):
    return torch.nn.functional.one_hot(y, 3).double() if loss == SQUARED else y


def kink_share(net, loss, theta, x, y, trace, block):
    rng = np.random.RandomState(1)
    value = lambda t: sample_loss(loss, net.run(t, x), y).mean().item()
    middle, draws = value(theta), np.zeros(PAIRS)
    for k in range(PAIRS):
        u = torch.zeros(len(theta))
        u[block] = torch.tensor(rng.normal(0, SIGMA, len(theta[block])))
        draws[k] = 0.5 * (value(theta + u) + value(theta - u)) - middle
    scale = 2 / SIGMA ** 2 / trace
    return scale * draws.mean() - 1, abs(scale) * draws.std(ddof=1) / PAIRS ** 0.5


def keys(case, block, cut):
    net, loss, theta, x, y, xt, yt = case
    n, P = len(x), net.params
    r = measure(net, loss, 0.0, x, target(loss, y), theta, torch.ones(P))
    o = {k: m.numpy()[block, block] for k, m in r["ops"].items()}
    test = measure(net, loss, 0.0, xt, target(loss, yt), theta, torch.ones(P)) if xt is not None else r
    ot = {k: m.numpy()[block, block] for k, m in test["ops"].items()}
    right = lambda s, u, v: (net.run(theta, u).argmax(-1) == v).double().mean().item()
    k = {"n": n, "params": P, "loss": r["loss_value"], "accuracy": right(net, x, y), "grad_norm": r["gradient"].norm().item()}
    k["loss_test"], k["accuracy_test"], k["gap"] = (test["loss_value"], right(net, xt, yt), test["loss_value"] - r["loss_value"]) if xt is not None else (None,) * 3
    for op in "hgfcsj":
        k["trace_" + op] = np.trace(o[op])
    for op in "hgfc":
        k["lambda_max_" + op] = np.linalg.eigvalsh(o[op])[-1]
    k["lambda_min_h"] = np.linalg.eigvalsh(o["h"])[0]
    k["eff_rank_h"] = np.trace(o["h"]) ** 2 / np.sum(o["h"] ** 2)
    for a, b in ("hc", "hf", "fc"):
        k["r_" + a + b], k["s_" + a + b], k["frob2_" + a + b], commutator = similar(o[a], o[b])
        if a + b == "hc":
            k["commutator_hc"] = commutator
    lam = np.linalg.eigvalsh(ot["h"])
    k["tic"], k["tic_kept"], k["tic_dropped"], k["tic_gap_to_cut"] = takeuchi(ot["h"], ot["c"], n, cut)
    k["tic_cut"], k["tic_negative"], k["tic_share"] = cut, int((lam < -ZERO * lam[-1]).sum()), 1
    k["tic_fisher"], k["tic_fisher_kept"], _, fisher_gap = takeuchi(ot["f"], ot["c"], n, cut)
    assert k["tic_gap_to_cut"] > 0.001 and fisher_gap > 0.001, (k["tic_gap_to_cut"], fisher_gap)
    k["trace_ratio_cf"] = np.trace(ot["c"]) / np.trace(ot["f"])
    k["aic"] = P / n
    k["sensitivity"] = sensitivities(net, loss, 0.0, xt if xt is not None else x, target(loss, yt if xt is not None else y), theta)[0]
    k["tpv_iso"] = np.trace(ot["j"])
    m = family(golden_layers.Net(net.text), theta, torch.zeros(0), x, r["ops"])
    for key, own in (("sharpness_interp", "sharpness"), ("mls", "mls"), ("nmls", "nmls"), ("mls_normalized", "normalized"),
                     ("mls_input_invariant", "input_invariant"), ("log_volume", "log_volume"), ("volume", "volume"),
                     ("network_volume", "network_volume"), ("local_dim", "local_dim"), ("bound_a", "a"), ("bound_b", "b"), ("bound_c", "c"),
                     ("bound_d", "d"), ("nmls_bound", "nmls_bound"), ("adaptive_sharpness", "adaptive_h"),
                     ("adaptive_sharpness_interp", "adaptive"), ("matrix_normalized_sharpness", "matrix_h"), ("relative_flatness", "flatness")):
        k[key] = m[own]
    if m["deficient"]:
        k["log_volume"] = None
    if m["matrix_h"] < 0:
        k["matrix_normalized_sharpness"] = None
    k["noise_scale"] = np.trace(o["s"]) / np.sum(r["gradient"].numpy()[block] ** 2)
    k["kink_share"] = kink_share(net, loss, theta, x, target(loss, y), k["trace_h"], block)
    return k


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default="golden_cli.txt")
    arguments = parser.parse_args()
    lines = []
    for name, case, block, cut in (("smooth", smooth(), slice(None), 1e-3), ("block", smooth(), slice(20, 35), 1e-2), ("kinked", kinked(), slice(None), 1e-3)):
        for key, value in keys(case, block, cut).items():
            value, error = value if isinstance(value, tuple) else (value, 0)
            lines.append("%s %s %s %s\n" % (name, key, "null" if value is None else "%.17g" % value, "%.3g" % error))
    with open(arguments.out, "w") as file:
        file.writelines(lines)
    return 0


if __name__ == "__main__":
    torch.manual_seed(0)
    sys.exit(main())
