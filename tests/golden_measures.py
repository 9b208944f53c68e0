#!/usr/bin/env python3
"""golden_measures.py: writes golden_measures.h, expected values for the measures of curvnoise.h beyond those of golden.h.

What   For every network of golden.py, at the same parameters and data: TIC with H and with F, with and without negative
       eigenvalues, over a list of cuts, from the first few eigenpairs only; the same on a test set; similarities of
       H, F, C; sensitivity in three forms; perturbation gaps. In float64 by PyTorch's automatic differentiation,
       straight from the definitions: dense H, F, C as in golden.py, numpy's eigh and pinv, no identity of the C code.
How    tic_fisher    (1/N) tr(F^+ C), F^+ by eigh of the dense F, the cut as for H
       similarities  numpy on the dense matrices; commutator = ||AB - BA|| / (2 ||A|| ||B||)
       sensitivity   torch.autograd.functional.jacobian of f, of softmax(f), of the loss, by x, one sample at a time
       gap_one       one parameter moved by +-sd: nothing random; gap_mean, gap_sd: mean and standard deviation over all
                     2^8 sign patterns of noise on 8 parameters
Run    /usr/bin/python3 golden_measures.py [--out golden_measures.h]    about 15 seconds, one core
       reads golden.py beside it; exit code 1 if an identity fails or a cut lies near an eigenvalue
Versions  as golden.py.
"""
import argparse
import itertools
import sys

import numpy as np
import torch
from torch.autograd.functional import jacobian

import golden
from golden import CASES, CE, CUT, SQUARED, brief, near, provenance, sample_loss, table, tic_of

CUTS = [0.5, 0.2, 0.1, 0.03, 0.01]
PAIRS = 6       # of the partial form
BLOCK = 8       # parameters that gap_mean perturbs, the last ones
SD = 0.25


def clear(lam, cut, signed, least):
    size = np.abs(lam) if signed else lam
    return np.min(np.abs(size - cut * lam[-1])) >= least * cut * lam[-1]


def takeuchi(m, c, N, cut, signed=False):
    """(1/N) sum over kept v'Cv / lambda, how many, the share of sum |lambda| left out, the distance to the cut."""
    lam, vec = np.linalg.eigh(m)
    size = np.abs(lam) if signed else lam
    keep = size > cut * lam[-1]
    value = np.trace(vec[:, keep] @ np.diag(1 / lam[keep]) @ vec[:, keep].T @ c) / N
    return value, int(keep.sum()), 1 - size[keep].sum() / np.abs(lam).sum(), np.min(np.abs(size - cut * lam[-1])) / (cut * lam[-1])


def partial(m, c, N, cut, top, bottom):
    """The same from the first eigenpairs at either end: value, kept, share seen, dropped."""
    lam, vec = np.linalg.eigh(m)
    index = list(range(len(lam) - top, len(lam))) + list(range(bottom))
    kept = [j for j in index if (abs(lam[j]) if bottom else lam[j]) > cut * lam[-1]]
    value = sum(vec[:, j] @ c @ vec[:, j] / lam[j] for j in kept) / N
    seen = np.abs(lam[index]).sum()
    whole = seen + abs(np.trace(m) - lam[index].sum())
    return value, len(kept), seen / whole, 1 - np.abs(lam[kept]).sum() / whole


def similar(a, b):
    na, nb = np.linalg.norm(a), np.linalg.norm(b)
    return np.trace(a) / np.trace(b), np.sum(a * b) / na / nb, np.linalg.norm(a - b) ** 2, np.linalg.norm(a @ b - b @ a) / (2 * na * nb)


def sensitivities(net, loss, smoothing, x, y, theta):
    out = np.zeros(3)
    for xi, yi in zip(x, y):
        out[0] += jacobian(lambda z: net.run(theta, z), xi).norm().item()
        out[1] += jacobian(lambda z: torch.exp(net.run(theta, z) - torch.logsumexp(net.run(theta, z), -1)), xi).norm().item()
        out[2] += (jacobian(lambda z: sample_loss(loss, net.run(theta, z), yi, smoothing), xi) ** 2).sum().item()
    return out / len(x)


def gaps(net, loss, smoothing, x, y, theta):
    def value(t):
        return sample_loss(loss, net.run(t, x), y, smoothing).mean().item()
    P, middle = len(theta), value(theta)

    def pair(u):
        return 0.5 * (value(theta + u) + value(theta - u)) - middle
    one = torch.zeros(P)
    one[P // 2] = SD
    runs = []
    for signs in itertools.product((-1.0, 1.0), repeat=BLOCK):
        u = torch.zeros(P)
        u[P - BLOCK:] = SD * torch.tensor(signs)
        runs.append(pair(u))
    return pair(one), np.mean(runs), np.std(runs)


def numbers(net, loss, smoothing, x, y, theta, v, N):
    o = {k: m.numpy() for k, m in golden.measure(net, loss, smoothing, x, y, theta, v)["ops"].items()}
    h, f, c = o["h"], o["f"], o["c"]
    r = dict(o=o)
    r["tic"], r["tic_kept"], r["dropped"], r["gap_to_cut"] = takeuchi(h, c, N, CUT)
    r["fisher"], r["fisher_kept"], r["fisher_dropped"], r["fisher_gap"] = takeuchi(f, c, N, CUT)
    r["ratio"] = np.trace(c) / np.trace(f)
    r["sensitivity"] = sensitivities(net, loss, smoothing, x, y, theta)
    return r


def find(case):
    base = golden.find(case)
    net, loss, smoothing, theta, v, n = (base[k] for k in ("net", "loss", "smoothing", "theta", "v", "n"))
    train = numbers(net, loss, smoothing, base["x"], base["y"], theta, v, 2 * n)
    o, lam = train["o"], base["eigenvalues_h"]
    h, f, c = o["h"], o["f"], o["c"]
    for seed in range(base["seed"] + 50000, base["seed"] + 50100):  # a test set of another size, clear of kinks and cuts
        x, y, _, _ = golden.make(net, loss, smoothing, n + 5, 0, seed)
        kinks = []
        net.run(theta, x, kinks)
        if kinks and min(kinks) < 1e-3:
            continue
        test = numbers(net, loss, smoothing, x, y, theta, v, n)
        if min(test["gap_to_cut"], test["fisher_gap"]) > 0.01 and np.linalg.eigvalsh(test["o"]["h"])[-1] > 0:
            break
    else:
        raise SystemExit("no test set for " + case[0])
    r = dict(name=case[0], train=train, test=test, x=x, y=y, n=n + 5, loss=loss, net=net)
    r["fisher_cut"] = next(cut for cut in (1e-3, 2e-3, 5e-3, 1e-2) if clear(np.linalg.eigvalsh(f), cut, False, 0.01))
    r["fisher"], r["fisher_kept"], r["fisher_dropped"], r["fisher_gap"] = takeuchi(f, c, 2 * n, r["fisher_cut"])
    r["signed_cut"] = next(cut for cut in (1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2) if clear(lam, cut, True, 0.01))
    r["signed"], r["signed_kept"], r["signed_dropped"], r["signed_gap"] = takeuchi(h, c, 2 * n, r["signed_cut"], True)
    cuts = []
    for cut in CUTS:
        while not clear(lam, cut, False, 0.02):
            cut *= 0.96875
        cuts.append(cut)
    r["cuts"] = cuts
    r["curve"] = [takeuchi(h, c, 2 * n, cut)[0] for cut in cuts]
    r["curve_kept"] = [takeuchi(h, c, 2 * n, cut)[1] for cut in cuts]
    P = len(h)
    top = min(PAIRS, P)
    r["partial_h"] = partial(h, c, 2 * n, CUT, top, 0)
    r["partial_signed"] = partial(h, c, 2 * n, r["signed_cut"], top - top // 2, top // 2)
    r["partial_f"] = partial(f, c, 2 * n, r["fisher_cut"], top, 0)
    for key, a, b in (("hc", h, c), ("hf", h, f), ("fc", f, c)):
        r[key] = similar(a, b)
    r["gaps"] = gaps(net, loss, smoothing, base["x"], base["y"], theta)
    check(r, base, o)
    return r


def check(r, base, o):
    name, net = r["name"], r["net"]
    near("tic of golden.py", name, r["train"]["tic"], base["tic"], 1e-11)
    lam, keep = base["eigenvalues_h"], None
    near("tic by tic_of", name, tic_of(o["f"], o["c"], 2 * base["n"], r["fisher_cut"])[0]["tic"], r["fisher"], 1e-11)
    # pinv cuts by singular values: for F, positive semi-definite, the same matrix
    near("tr(F^+ C) by pinv", name, np.trace(np.linalg.pinv(o["f"], rcond=r["fisher_cut"], hermitian=True) @ o["c"]) / (2 * base["n"]), r["fisher"], 1e-10)
    near("signed by pinv", name, np.trace(np.linalg.pinv(o["h"], rcond=r["signed_cut"], hermitian=True) @ o["c"]) / (2 * base["n"]), r["signed"], 1e-10)
    if len(net.items) == 1:
        near("H = F: tic = tic_fisher", name, r["train"]["tic"], r["train"]["fisher"], 1e-10)
        near("H = F: s = 1", name, r["hf"][1], 1.0)
        near("H = F: frob2 = 0", name, 1 + r["hf"][2], 1.0)
    if net.outputs == 1:
        near("one output: sensitivity = mls", name, r["train"]["sensitivity"][0], base["mls"], 1e-11)


FIELDS = """\
/* Network g is golden_nets[g]; N = 2n there and n of the training set for the test set. H, F, C over the set in question. */
typedef struct golden_numbers {
    double tic, dropped, gap_to_cut, fisher, fisher_dropped, fisher_gap, ratio; /* cut golden_nets' tic_cut for H, F; ratio tr C / tr F */
    double sensitivity[3];       /* means of ||df/dx||, of ||d softmax(f)/dx||, of ||dl/dx||^2 */
    int tic_kept, fisher_kept;
} golden_numbers;
typedef struct golden_part { double tic, share, dropped; int kept; } golden_part; /* from the first golden_pairs eigenpairs */
typedef struct golden_pair { double r, s, frob2, commutator; } golden_pair;
typedef struct golden_measure {
    const char *name;
    int n; const short *x; const int *labels; const short *targets; /* the test set, in units of 1/256 */
    golden_numbers train, test;
    double fisher_cut, fisher, fisher_dropped, fisher_gap; int fisher_kept; /* with a cut at least 1 % away from any eigenvalue */
    double signed_cut, signed_tic, signed_dropped, signed_gap; int signed_kept; /* keeps |lambda| > cut lambda_max */
    double cuts[5], curve[5]; int curve_kept[5];
    golden_part part_h, part_signed, part_f;       /* signed: half of the pairs from below; f: with fisher_cut */
    golden_pair hc, hf, fc;
    double gap_one, gap_mean, gap_sd; /* parameter params/2 moved by golden_sd; signs times golden_sd on the last golden_block ones */
} golden_measure;
"""


def row(values):
    return ", ".join(("%d" % a) if isinstance(a, (int, np.integer)) else brief(float(a)) for a in values)


def write(path, results, command):
    out = ["/* golden_measures.h: expected values for the measures of curvnoise.h, from PyTorch in float64, independent of the C code.\n"
           " * %s\n"
           " * How each value was computed: the comment on top of golden_measures.py. */\n"
           "#ifndef GOLDEN_MEASURES_H\n#define GOLDEN_MEASURES_H\n\n#include <stddef.h>\n\n" % provenance(command),
           "enum { golden_pairs = %d, golden_block = %d };\n#define golden_sd %s\n\n" % (PAIRS, BLOCK, SD), FIELDS, "\n"]
    rows = []
    for i, r in enumerate(results):
        pre = "golden_measure_%d_" % i
        out.append(table("short", pre + "x", r["x"]))
        out.append(table("int" if r["loss"] == CE else "short", pre + "y", r["y"]))
        sides = ["{%s, {%s}, %s}" % (row(s[k] for k in ("tic", "dropped", "gap_to_cut", "fisher", "fisher_dropped", "fisher_gap", "ratio")),
                                     row(s["sensitivity"]), row((s["tic_kept"], s["fisher_kept"]))) for s in (r["train"], r["test"])]
        lines = ['    {"%s", %d, %sx, %s, %s' % (r["name"], r["n"], pre, pre + "y" if r["loss"] == CE else "NULL", pre + "y" if r["loss"] == SQUARED else "NULL")]
        lines += sides
        lines += [row(r[k] for k in ("fisher_cut", "fisher", "fisher_dropped", "fisher_gap", "fisher_kept")),
                  row(r[k] for k in ("signed_cut", "signed", "signed_dropped", "signed_gap", "signed_kept")),
                  "{%s}, {%s}, {%s}" % (row(r["cuts"]), row(r["curve"]), row(r["curve_kept"]))]
        lines += ["{%s}" % row((p[0], p[2], p[3], p[1])) for p in (r["partial_h"], r["partial_signed"], r["partial_f"])]
        lines += ["{%s}" % row(r[k]) for k in ("hc", "hf", "fc")] + [row(r["gaps"])]
        rows.append(",\n     ".join(lines) + "}")
    out.append("\nstatic const golden_measure golden_measures[] = {\n" + ",\n".join(rows) + "\n};\n\n#endif\n")
    with open(path, "w") as file:
        file.write("".join(out))


def main():
    parser = argparse.ArgumentParser(description="write golden_measures.h")
    parser.add_argument("--out", default="golden_measures.h")
    args = parser.parse_args()
    results = []
    for case in CASES:
        r = find(case)
        results.append(r)
        print("%-24s tic %.4f fisher %.4f (cut %g, kept %d, gap %.3f) signed %.4f (cut %g, kept %d) test %.4f %.4f part %.4f/%.3f hc %.3f %.3f comm %.3g gap %.4g %.4g +- %.2g sens %s"
              % (r["name"], r["train"]["tic"], r["fisher"], r["fisher_cut"], r["fisher_kept"], r["fisher_gap"], r["signed"], r["signed_cut"], r["signed_kept"],
                 r["test"]["tic"], r["test"]["fisher"], r["partial_h"][0], r["partial_h"][2], r["hc"][0], r["hc"][1], r["hc"][3], *r["gaps"],
                 np.round(r["train"]["sensitivity"], 4)))
    print("\nchecked (worst relative error, networks):")
    for what, error in near.worst.items():
        print("  %-46s %.1e  %d" % (what, error, near.count[what]))
    if golden.failed:
        sys.exit("%d checks failed, nothing written" % len(golden.failed))
    write(args.out, results, "python3 " + " ".join(sys.argv))
    print("wrote %s" % args.out)


if __name__ == "__main__":
    main()
