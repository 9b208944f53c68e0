#!/usr/bin/env python3
"""golden_demo.py: writes golden_demo.h, the demo's numbers recomputed in PyTorch from the demo's own weights.

What   The demo trains one small network on the 8x8 digits with several optimisers (sgd, momentum, sam, nso) and dumps
       each final theta. This script reads the dumps and recomputes the table in float64 by automatic differentiation,
       independently of the C code: see the comment of golden_demo_row for each value and the set it is taken over.
Data   the digits the demo compiles in (examples/data/digits.h, read as text), bytes 0..16 divided by 16; the first 1,400
       samples train, the last 397 test. Dumps: dumps/digits-NAME.theta.txt (made by build/digits --dump), first line `# net: TEXT`, then one hexadecimal float (C's %a) a line: the
       flat theta, layers in order, weight [out][in] before bias. dense (bias=0 too) and every pointwise layer of golden.py.
How    Hessians are P columns of reverse over reverse on the whole set's mean loss; nothing piecewise-linear is assumed.
       C from each sample's gradient; tr F from each sample's gradient for each of the K labels, weighted with p_y;
       tr JJ and MLS from per-sample Jacobians in theta and in x (vmap of a Jacobian, functorch).
Run    python3 golden_demo.py [--dumps DIR] [--data digits.h] [--out golden_demo.h] [--names sgd,momentum,sam,nso]
       needs golden.py beside it (the network parser, the loss and TIC); --train makes stand-in dumps in DIR by a few epochs of plain torch
       training (to try this script, not a golden value). Writes golden_demo.h and nothing else (with --train: the dumps).
       Four dumps of a 64-16-10 relu network (P = 1,210) take about 25 seconds on two cores, most of it the 8 Hessians; exit code 1 if a check fails.
Versions  made with /usr/bin/python3 3.11.2, torch 1.13.0a0 (Debian, with functorch), numpy 1.24.2; also runs on torch >= 2.0.
"""
import argparse
import os
import re
import sys
import time

import numpy as np
import torch

from golden import CE, Net, number, provenance, sample_loss, tic_of

try:
    from functorch import grad, jacrev, jvp, vmap
except ImportError:
    from torch.func import grad, jacrev, jvp, vmap

TRAIN = 1400
failed = []


def read_table(text, name):
    body = re.search(r"%s\[[^]]*\] = \{([^}]*)\}" % name, text).group(1)
    return np.array([int(v) for v in body.replace("\n", "").rstrip(",").split(",")], np.uint8)


def read_digits(path):
    with open(path) as file:
        text = file.read()
    images, labels = read_table(text, "digits_x").reshape(-1, 64), read_table(text, "digits_y")
    assert len(images) == len(labels) == 1797
    x = torch.tensor(images / 16.0)
    y = torch.tensor(labels.astype(np.int64))
    return (x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])


def read_dump(path):
    with open(path) as file:
        lines = file.read().split("\n")
    assert lines[0].startswith("# net:"), path + ": the first line is no `# net: TEXT`"
    net = Net(lines[0][len("# net:"):].strip())
    theta = [float.fromhex(line.strip()) for line in lines[1:] if line.strip() and not line.startswith("#")]
    assert len(theta) == net.params, "%s: %d numbers, the network has %d" % (path, len(theta), net.params)
    return net, torch.tensor(theta)


def dense_hessian(net, theta, x, y):
    t = theta.clone().requires_grad_(True)
    g = torch.autograd.grad(sample_loss(CE, net.run(t, x), y).mean(), t, create_graph=True)[0]
    eye = torch.eye(net.params)
    return torch.stack([torch.autograd.grad(g, t, e, retain_graph=True)[0] for e in eye])


def near(what, a, b, tolerance):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    error = float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-300))
    print("    %-44s %.1e" % (what, error))
    if not error <= tolerance:
        failed.append(what)


def row(name, path, train, test):
    net, theta = read_dump(path)
    start = time.time()
    r = dict(name=name, net=net.text, params=net.params, n_train=len(train[1]), n_test=len(test[1]),
             theta_sum=theta.sum().item(), theta_norm2=(theta @ theta).item())
    kinks = []
    for part, (x, y) in (("train", train), ("test", test)):
        f = net.run(theta, x, kinks)
        r["loss_" + part] = sample_loss(CE, f, y).mean().item()
        r["accuracy_" + part] = (f.argmax(-1) == y).double().mean().item()
        top = f.sort(-1).values
        r["margin"] = min(r.get("margin", np.inf), (top[:, -1] - top[:, -2]).min().item())
    r["gap"] = r["loss_test"] - r["loss_train"]
    r["kink_distance"] = min(kinks) if kinks else -1.0

    def one_loss(t, x, y):
        return sample_loss(CE, net.run(t, x), y)

    def label_loss(t, x, k):    # minus the log-probability of output k, k a one-hot vector (an index does not vmap)
        f = net.run(t, x)
        return torch.logsumexp(f, -1) - f @ k

    # training set: tr H, lambda_max, tr C, tr F, MLS
    x, y = train
    h = dense_hessian(net, theta, x, y)
    near("training Hessian symmetric", h, h.t(), 1e-10)
    v = torch.randn(net.params, generator=torch.Generator().manual_seed(1))
    hv = jvp(grad(lambda t: one_loss(t, x, y).mean()), (theta,), (v,))[1]
    near("Hv by forward over reverse", h @ v, hv, 1e-11)
    r["trace_h"] = torch.trace(h).item()
    lam = np.linalg.eigvalsh(h.numpy())
    r["lambda_max_h"], r["lambda_2_h"] = lam[-1], lam[-2]
    hot = torch.nn.functional.one_hot
    g = vmap(grad(label_loss), (None, 0, 0))(theta, x, hot(y, net.outputs).double())
    r["trace_c"] = torch.trace(g.t() @ g / len(y)).item()
    p = torch.softmax(net.run(theta, x), -1)
    r["trace_f"] = 0.0
    for k in range(net.outputs):
        u = vmap(grad(label_loss), (None, 0, None))(theta, x, torch.eye(net.outputs)[k])
        r["trace_f"] += (p[:, k] * (u ** 2).sum(-1)).mean().item()
    if {item[0] for item in net.items} <= {"dense", "relu", "leaky"}:
        near("tr H = tr F (piecewise linear)", r["trace_h"], r["trace_f"], 1e-10)
    near("mean of g_i = gradient", g.mean(0), grad(lambda t: one_loss(t, x, y).mean())(theta), 1e-10)
    a = vmap(jacrev(lambda z: net.run(theta, z)))(x)
    r["mls"] = float(np.mean([np.linalg.svd(m, compute_uv=False)[0] for m in a.detach().numpy()]))

    # test set: TIC with N = the number of training samples, tpv_iso
    x, y = test
    h = dense_hessian(net, theta, x, y)
    near("test Hessian symmetric", h, h.t(), 1e-10)
    h = (h + h.t()) / 2
    g = vmap(grad(label_loss), (None, 0, 0))(theta, x, hot(y, net.outputs).double())
    c = g.t() @ g / len(y)
    tic, lam = tic_of(h.numpy(), c.numpy(), len(train[1]))
    r.update(tic)
    size = np.abs(lam) / lam[-1]
    r["tic_negative_doubtful"] = doubtful = int(np.sum((size > 1e-13) & (size < 1e-8)))
    j = vmap(jacrev(lambda t, z: net.run(t, z)), (None, 0))(theta, x)
    r["tpv_iso"] = ((j ** 2).sum() / len(y)).item()
    sweep = 0.0
    for block in torch.eye(net.params).split(64):   # the same by its meaning: mean of |J e|^2, summed over unit vectors e
        d = vmap(lambda e: jvp(lambda t: net.run(t, x), (theta,), (e,))[1])(block)
        sweep += (d ** 2).sum().item() / len(y)
    near("tpv_iso by forward mode", r["tpv_iso"], sweep, 1e-11)
    r["seconds"] = time.time() - start
    print("%-10s %s: P %d, %.0f s" % (name, net.text, net.params, r["seconds"]))
    for key in ("loss_train", "loss_test", "accuracy_train", "accuracy_test", "gap", "trace_h", "lambda_max_h", "lambda_2_h", "trace_c",
                "trace_f", "tic", "tic_kept", "tic_negative", "tic_gap_to_cut", "mls", "tpv_iso", "kink_distance", "margin"):
        print("    %-16s %.10g" % (key, r[key]))
    if doubtful:
        print("    note: %d eigenvalues of the test Hessian between 1e-13 and 1e-8 lambda_max: tic_negative depends on its threshold" % doubtful)
    if r["tic_gap_to_cut"] < 1e-6:
        print("    note: an eigenvalue within 1e-6 of the cut: tic_kept may differ by one in other arithmetic")
    return r


FIELDS = """\
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
"""


def write(path, rows, command):
    keys = ["params", "n_train", "n_test", "theta_sum", "theta_norm2", "loss_train", "loss_test", "accuracy_train", "accuracy_test",
            "gap", "trace_h", "lambda_max_h", "trace_c", "trace_f", "tic", "tic_gap_to_cut", "tic_kept", "tic_negative",
            "tic_negative_doubtful", "mls", "tpv_iso", "kink_distance", "margin"]
    out = ["/* golden_demo.h: the demo's numbers, recomputed in PyTorch in float64 from the demo's dumped weights.\n"
           " * %s\n"
           " * How each value was computed: the comment on top of golden_demo.py. */\n"
           "#ifndef GOLDEN_DEMO_H\n#define GOLDEN_DEMO_H\n\n" % provenance(command), FIELDS,
           "\nstatic const golden_demo_row golden_demo_rows[] = {\n"]
    lines = []
    for r in rows:
        texts = ['"%s"' % r["name"], '"%s"' % r["net"]]
        texts += ["%d" % r[k] if isinstance(r[k], int) else number(r[k]) for k in keys]
        lines.append("    { " + ",\n      ".join(", ".join(texts[i:i + 5]) for i in range(0, len(texts), 5)) + " }")
    out.append(",\n".join(lines) + "\n};\n\n"
               "enum { GOLDEN_DEMO_ROWS = (int)(sizeof golden_demo_rows / sizeof golden_demo_rows[0]) };\n\n#endif\n")
    with open(path, "w") as file:
        file.write("".join(out))


def train_dumps(folder, names, train):
    """Stand-ins: a few epochs of PyTorch; SAM and NSO in their plainest form. Only to try this script."""
    net = Net("input 64; dense 16; relu; dense 10")
    x, y = train
    for name in names:
        rng = torch.Generator().manual_seed(7)
        parts = []
        for _, fan_in, out, bias, _ in (i for i in net.items if i[0] == "dense"):
            parts += [torch.randn(out * fan_in, generator=rng) * (2 / fan_in) ** 0.5] + [torch.zeros(out)] * bias
        theta = torch.cat(parts)
        speed = torch.zeros_like(theta)

        def gradient(t, rows):
            t = t.clone().requires_grad_(True)
            return torch.autograd.grad(sample_loss(CE, net.run(t, x[rows]), y[rows]).mean(), t)[0]
        for _ in range(20):
            for rows in torch.randperm(len(y), generator=rng).split(50):
                if name == "sam":
                    g = gradient(theta, rows)
                    g = gradient(theta + 0.05 * g / g.norm(), rows)
                elif name == "nso":
                    e = 0.02 * torch.randn(net.params, generator=rng)
                    g = (gradient(theta + e, rows) + gradient(theta - e, rows)) / 2
                else:
                    g = gradient(theta, rows)
                speed = (0.9 if name == "momentum" else 0.0) * speed + g
                theta = theta - 0.1 * speed
        with open(os.path.join(folder, "digits-%s.theta.txt" % name), "w") as file:
            file.write("# net: %s\n" % net.text + "".join(float(t).hex() + "\n" for t in theta))


def main():
    parser = argparse.ArgumentParser(description="write golden_demo.h")
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--dumps", default=os.path.join(here, "dumps"), help="folder of digits-NAME.theta.txt")
    parser.add_argument("--data", default=os.path.join(here, "../examples/data/digits.h"))
    parser.add_argument("--out", default=os.path.join(here, "golden_demo.h"))
    parser.add_argument("--names", default="sgd,momentum,sam,nso")
    parser.add_argument("--train", action="store_true", help="first make stand-in dumps")
    args = parser.parse_args()
    names = args.names.split(",")
    start = time.time()
    train, test = read_digits(args.data)
    if args.train:
        os.makedirs(args.dumps, exist_ok=True)
        train_dumps(args.dumps, names, train)
        print("made stand-in dumps in %.0f s" % (time.time() - start))
    rows = [row(name, os.path.join(args.dumps, "digits-%s.theta.txt" % name), train, test) for name in names]
    if failed:
        sys.exit("failed: " + ", ".join(failed) + "; nothing written")
    write(args.out, rows, "python3 " + " ".join(sys.argv))
    print("wrote %s in %.0f s" % (args.out, time.time() - start))


if __name__ == "__main__":
    main()
