#!/usr/bin/env python3
"""golden_mls.py: writes golden_mls.h, expected values for the MLS family of curvnoise.h.

What   For every network of golden.py and golden_layers.py, at the same parameters and data: the numbers of cn_mls with
       those of its layers, of cn_sharpness and cn_relative_flatness, in float64, straight from the definitions.
How    df/dx, df/dx^l   torch.autograd.grad of every output of a sample by x, by an alias of the layer's input that the layer
                        alone takes, and (total) by that input itself; singular values by numpy's svd
       df/dtheta        torch.autograd.functional.jacobian of one sample's outputs
       ||W||_2          of a convolution: numpy's svd of the Jacobian of z by the layer's input
       normalized       Newton's method on the logarithms of s and t, whose Hessian is autograd's
       the rest         sums of the formulas' terms; relative flatness from the dense Hessian
Run    /usr/bin/python3 golden_mls.py [--out golden_mls.h]     a minute or two, one core; exit code 1 if a check fails
Versions  as golden.py.
"""
import argparse
import sys

import numpy as np
import torch
from torch.autograd.functional import hessian, jacobian

import golden
import golden_layers
from golden import brief, near, provenance

POWER = 3.0


def singular(a):
    return np.linalg.svd(a, compute_uv=False)


def volume(sigma, K):
    """The product of K singular values; 0 below rank K. And that of the nonzero ones, and its logarithm."""
    kept = sigma[sigma > 1e-7 * sigma[0]]
    product = float(np.prod(kept)) if len(kept) and kept[0] > 0 else 0.0
    return (product if len(kept) == K else 0.0), product, float(np.log(kept).sum()) if product > 0 else 0.0, len(kept) == K


def normalized(h, w):
    """min over s, t of sum h s t + w^2/(4 s t), rows and columns of zeros taken away"""
    while True:
        rows, cols = ((h * 1.0).sum(1) > 0) & ((w ** 2).sum(1) > 0), (h.sum(0) > 0) & ((w ** 2).sum(0) > 0)
        if rows.all() and cols.all():
            break
        h, w = h[rows][:, cols], w[rows][:, cols]
    if h.size == 0:
        return 0.0
    h, w2, m = torch.tensor(h), torch.tensor(w) ** 2, h.shape[0]

    def value(z):
        st = torch.exp(z[:m, None] + z[None, m:])
        return (h * st + w2 / (4 * st)).sum()
    z = torch.zeros(sum(h.shape))
    for _ in range(200):
        g = torch.autograd.functional.jacobian(value, z)
        step = torch.tensor(np.linalg.lstsq(hessian(value, z).numpy(), -g.numpy(), rcond=1e-12)[0])
        size = 1.0
        while size > 1e-9 and value(z + size * step) > value(z):
            size /= 2
        z = z + size * step
        if (size * step).abs().max() < 1e-9:
            break
    return value(z).item()


def family(net, theta, state, x, ops):
    n, K, P = len(x), net.outputs, net.params
    weights = [item for item in net.every if item.weight is not None and item.kind in ("dense", "conv")]
    weights.sort(key=lambda item: item.weight[0])
    r, layers = {}, [dict(name=item.name) for item in weights]
    squares = theta.numpy() ** 2

    def add(d, key, value):
        d[key] = d.get(key, 0.0) + value / n

    for item, layer in zip(weights, layers):
        first, shape = item.weight
        W = theta[first:first + int(np.prod(shape))].reshape(shape[0], -1).numpy()
        if item.kind == "conv":
            options = "stride=%d pad=%d groups=%d bias=0" % (item.stride, item.pad, item.groups)
            one = golden_layers.Net("input %d %d %d; conv %d %d %s" % (item.before + (shape[0], item.side, options)))
            T = jacobian(lambda a: one.run(theta[first:first + one.params], state, a)[0], torch.zeros(1, one.inputs))
            layer["norm"] = singular(T.reshape(-1, one.inputs).numpy())[0]
        else:
            layer["norm"] = singular(W)[0]
        layer["frobenius"] = np.linalg.norm(W)
        layer["W"], layer["x2"], layer["frob"] = W, [], []
    for i in range(n):
        xi, inputs, seen = x[i:i + 1].clone().requires_grad_(True), {}, {}
        f = net.run(theta, state, xi, inputs=inputs)[0]
        by = lambda a: torch.stack([torch.autograd.grad(f[k], a, retain_graph=True)[0].reshape(-1) for k in range(K)]).numpy()
        J = jacobian(lambda t: net.run(t, state, x[i:i + 1])[0], theta).numpy()
        A = by(xi)
        sigma, gram = singular(A), A @ A.T
        add(r, "mls", sigma[0])
        add(r, "normalized", (xi ** 2).sum().item() * sigma[0] ** 2)
        add(r, "input_invariant", ((A * xi.detach().numpy()) ** 2).sum())
        add(r, "local_dim", np.trace(gram) ** 2 / (gram ** 2).sum() if gram.any() else 0.0)
        v, nonzero, logs, full = volume(sigma, K)
        add(r, "volume", v)
        add(r, "volume_nonzero", nonzero)
        add(r, "log_volume", logs)
        r["deficient"] = r.get("deficient", 0) + (not full)
        add(r, "sharpness", (J ** 2).sum())
        add(r, "adaptive", (squares * J ** 2).sum())
        for item, layer in zip(weights, layers):
            first, shape = item.weight
            own = slice(first, first + int(np.prod(shape)))
            whole, alias = inputs[item.name]
            a = alias.detach().numpy().reshape(-1)
            B, JW = by(alias), J[:, own]
            s, x2, jw = singular(B), (a ** 2).sum(), np.linalg.norm(JW)
            M = jacobian(lambda e: net.run(theta, state, x[i:i + 1], name=item.name, push=e)[0], torch.zeros(int(np.prod(item.after))))
            add(layer, "mls", s[0])
            add(layer, "total", singular(by(whole))[0])
            add(layer, "volume", volume(s, K)[0])
            m = np.linalg.norm(M.numpy())
            ratio = jw / x2 ** 0.5 if x2 > 0 else m if item.kind == "dense" else 0.0  # dense: ||delta a'|| / ||a|| = ||delta||
            add(layer, "ratio", ratio)
            add(layer, "signal", m)
            add(layer, "jacobian2", jw ** 2)
            add(layer, "inverse2", 1 / x2 if x2 > 0 else 0.0)
            add(layer, "mls_power", s[0] ** POWER)
            add(layer, "ratio_power", ratio ** POWER)
            add(layer, "jacobian_power", jw ** POWER)
            add(layer, "adaptive", (squares[own] * JW ** 2).sum())
            layer["beyond"] = layer.get("beyond", 0) + (s[0] > layer["norm"] * ratio * (1 + 1e-12))
            layer["zeros"] = layer.get("zeros", 0) + (x2 == 0)
            layer["x2"].append(x2)
            layer["frob"].append(np.linalg.norm(B))
    S, first = r["sharpness"], layers[0]
    for l in layers:
        l["least"] = min(l["x2"]) ** 0.5
    if r["deficient"]:
        r["log_volume"] = 0.0
    r["nmls"] = sum(l["mls"] for l in layers)
    r["network_volume"] = sum(l["volume"] for l in layers)
    r["a"], r["b"] = first["mls"], first["norm"] * first["ratio"]
    r["c"] = first["norm"] * (first["inverse2"] * first["jacobian2"]) ** 0.5
    r["d"] = first["norm"] * (first["inverse2"] * S) ** 0.5
    r["nmls_bound"] = sum(l["norm"] ** 2 * l["inverse2"] for l in layers) ** 0.5 * S ** 0.5
    r["weighted_mls"] = sum(l["mls"] * l["inverse2"] ** -0.5 for l in layers)
    r["matrix"] = sum(l["norm"] * l["jacobian2"] ** 0.5 for l in layers)
    r["matrix_frobenius"] = sum(l["frobenius"] * l["jacobian2"] ** 0.5 for l in layers)
    r["residual"] = sum(l["norm"] * l["ratio"] for l in layers[:-1])
    middle = [K ** (-K / 2) / n * sum(a ** K for a in l["frob"]) for l in layers]
    inverse = [sum((l["norm"] ** 2 / b) ** K for b in l["x2"] if b > 0) for l in layers]
    r["volume_middle"], r["network_volume_middle"] = middle[0], sum(middle)
    r["volume_bound"] = inverse[0] ** 0.5 / n * (n * S / K) ** (K / 2)
    r["network_volume_bound"] = sum(inverse) ** 0.5 / n * (n * S / K) ** (K / 2)
    r["zeros"] = sum(l["zeros"] for l in layers)
    for key in ("c", "d", "volume_bound") if first["zeros"] else ():  # infinite
        r[key] = 0.0
    for key in ("nmls_bound", "weighted_mls", "network_volume_bound") if r["zeros"] else ():
        r[key] = 0.0
    h, j = (np.diagonal(ops[k].numpy()) for k in ("h", "j"))
    of = lambda d, l, item: d[item.weight[0]:item.weight[0] + l["W"].size].reshape(l["W"].shape)
    traces = [[of(d, l, i).sum() for l, i in zip(layers, weights)] for d in (h, j)]
    r["adaptive_h"] = (squares * h).sum()
    r["matrix_h"] = -1.0 if min(traces[0]) < 0 else sum(l["norm"] * t ** 0.5 for l, t in zip(layers, traces[0]))
    r["normalized_j"] = sum(normalized(of(j, l, i), l["W"]) for l, i in zip(layers, weights))
    near("eq. 35's right side from tr J", net.text, sum(l["norm"] * t ** 0.5 for l, t in zip(layers, traces[1])), r["matrix"], 1e-11)
    near("adaptive of J = eq. 41", net.text, (squares * j).sum(), r["adaptive"], 1e-11)
    item, W = weights[-1], layers[-1]["W"]
    at, (rows, cols) = item.weight[0], W.shape
    H = ops["h"].numpy()[at:at + W.size, at:at + W.size].reshape(rows, cols, rows, cols)
    r["flatness"] = float(np.einsum("st,sctc->", W @ W.T, H))
    r["layers"] = layers
    return r


NETWORK = ["mls", "normalized", "input_invariant", "local_dim", "volume", "volume_nonzero", "log_volume", "nmls", "network_volume",
           "sharpness", "adaptive", "a", "b", "c", "d", "nmls_bound", "weighted_mls", "matrix", "matrix_frobenius", "residual",
           "volume_middle", "volume_bound", "network_volume_middle", "network_volume_bound", "adaptive_h", "matrix_h", "normalized_j",
           "flatness"]
LAYER = ["norm", "frobenius", "mls", "total", "volume", "ratio", "signal", "jacobian2", "inverse2", "least", "mls_power", "ratio_power",
         "jacobian_power", "adaptive"]


def fields(names):
    lines = ["    double"]
    for name in names:
        if len(lines[-1]) + len(name) > 110:
            lines.append("       ")
        lines[-1] += " " + name + ("," if name != names[-1] else ";")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description="write golden_mls.h")
    parser.add_argument("--out", default="golden_mls.h")
    args = parser.parse_args()
    sets = {"dense": [], "layers": []}
    for case in golden.CASES:
        b = golden.find(case)
        net = golden_layers.Net(b["net"].text)
        sets["dense"].append((case[0], family(net, b["theta"], torch.zeros(0), b["x"], b["ops"])))
    for case in golden_layers.CASES:
        b = golden_layers.find(case)
        sets["layers"].append((case[0], family(b["net"], b["theta"], b["state"], b["x"], b["ops"])))
    for what, error in near.worst.items():
        print("  %-40s %.1e  %d" % (what, error, near.count[what]))
    if golden.failed:
        sys.exit("%d checks failed, nothing written" % len(golden.failed))
    out = ["/* golden_mls.h: expected values for the MLS family of curvnoise.h, from PyTorch in float64, independent of the C code.\n"
           " * %s\n * How each value was computed: the comment on top of golden_mls.py. */\n#ifndef GOLDEN_MLS_H\n#define GOLDEN_MLS_H\n\n"
           % provenance("python3 " + " ".join(sys.argv)),
           "#define golden_power %g /* of mls_power, ratio_power, jacobian_power */\n" % POWER,
           "typedef struct golden_mls_layer {\n    const char *name;\n", fields(LAYER), "    int beyond, zeros;\n} golden_mls_layer;\n"
           "/* volume_nonzero: of the nonzero singular values; a .. d: bounds; adaptive_h, matrix_h, normalized_j: of the diagonals of H "
           "and J,\n   matrix_h -1 where a trace is negative; total: mls through all that takes x^l */\n"
           "typedef struct golden_mls {\n    const char *name;\n    int layers, deficient, zeros;\n    const golden_mls_layer *layer;\n",
           fields(NETWORK), "} golden_mls;\n\n"]
    for name, results in sets.items():
        rows = []
        for g, (case, r) in enumerate(results):
            out.append("static const golden_mls_layer golden_mls_%s_%d[] = {\n" % (name, g))
            out += ['    {"%s", %s, %d, %d},\n' % (l["name"], ", ".join(brief(float(l[k])) for k in LAYER), l["beyond"], l["zeros"]) for l in r["layers"]]
            out.append("};\n")
            rows.append('    {"%s", %d, %d, %d, golden_mls_%s_%d, %s}' % (case, len(r["layers"]), r["deficient"], r["zeros"], name, g,
                                                                    ", ".join(brief(float(r[k])) for k in NETWORK)))
        out.append("static const golden_mls golden_mls_%s[] = {\n%s\n};\n\n" % (name, ",\n".join(rows)))
    with open(args.out, "w") as file:
        file.write("".join(out) + "#endif\n")


if __name__ == "__main__":
    main()
