#!/usr/bin/env python3
"""golden_layers.py: writes golden_layers.h, expected values for the layers of curvnoise.h beyond dense ones.

What   Small networks with convolutions, pooling, batchnorm, dropout and residual blocks, their data, parameters, gradients,
       operators, diagonals, norms and one own-block Hessian each, computed in float64 by PyTorch's automatic differentiation
       straight from the definitions and independently of the C code. No identity that the C code uses (or that its tests
       assert) enters a value; the identities are checked afterwards, here too. The full definitions stand in the comment on
       top of golden_layers.h.
How    run        the layers are written out: a convolution is a sum over the kernel's places of shifted inputs, a max-pool
                  a running maximum that keeps the first of equals, batchnorm the formula. torch.nn is only used to check
       H          torch.autograd.functional.hessian (reverse over reverse) of the whole mean loss; diag, trace, Hv from it
       G, JJ      sums over samples of J_i' L_i J_i and J_i' J_i, J_i by torch.autograd.functional.jacobian of one sample's
                  outputs, L_i the hessian of the loss in f, by autograd as well
       C          from one reverse pass per sample of that sample's loss
       block      hessian of the mean loss as a function of one weight alone
       z          a zero vector added to one item's output; jacobian and hessian in it
Run    python3 golden_layers.py [--out golden_layers.h] [--check]     about 20 seconds, one core; writes no other file
       --check adds finite differences and forward mode (functorch) to the identities and the comparison with torch.nn that
       are always made. /usr/bin/python3 with Debian 12's python3-torch and python3-numpy; exit code 1 if a check fails.
Versions  as golden.py, whose helpers this script imports.
Data   numpy RandomState with a fixed seed per network; x, targets, theta and v are rounded to multiples of 1/256 or of coarser
       powers of 2. Seeds count up from the start value until no relu or leaky input is within 1e-3 of 0 and no max-pool's two
       largest within 1e-3 of each other (but for windows full of the zeros of a relu, where nothing moves), in eval and in
       train mode; until at most a fifth of the gradient is 0 and a quarter of sample 0's gradient in z is not (dead relus, what
       no max-pool chose); and until lambda_max leads by 2 % and in modulus.
"""
import argparse
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch.autograd.functional import hessian, jacobian

from golden import CE, SQUARED, Tables, brief, failed, fold, grid, near, provenance, sample_loss

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

EPS = 1e-5      # batchnorm
KINK = 1e-3

SIMPLE = ("relu", "tanh", "sigmoid", "softplus", "gelu", "silu", "softmax")


# ---- networks -------------------------------------------------------------------------------------------------------

class Item:
    """kind, name ("3.body.0"), options, shape of the input and of the output; weight, bias: (offset, shape) in theta;
    stats: offset of running_mean in the state, running_var follows it; body, skip: lists of items (skip may be None)."""

    def __init__(self, kind, name, before):
        self.kind, self.name, self.before, self.after = kind, name, before, before
        self.weight = self.bias = self.stats = self.body = self.skip = None


class Net:
    """A network in text form. All features have a shape (c, h, w); a flat vector has h = w = 1."""

    def __init__(self, text):
        self.text, self.params, self.state, self.every = text, 0, 0, []
        words = [w for line in re.split("[;\n]", text) for w in re.findall(r"[{}]|[^\s{}]+", line.split("#")[0]) + [";"]]
        shape, at = [], 1
        assert words[0] == "input"
        while words[at] != ";":
            shape.append(int(words[at]))
            at += 1
        self.shape = tuple(shape) if len(shape) == 3 else (shape[0], 1, 1)
        self.inputs = int(np.prod(self.shape))
        self.items, self.shape_out, end = self.parse(words, at, "", self.shape)
        assert end == len(words)
        self.outputs = int(np.prod(self.shape_out))

    def parse(self, words, at, prefix, shape):
        items = []
        while at < len(words) and words[at] != "}":
            if words[at] == ";":
                at += 1
                continue
            item = Item(words[at], prefix + str(len(items)), shape)
            at += 1
            if item.kind == "residual":
                assert words[at] == "{"
                item.body, item.after, at = self.parse(words, at + 1, item.name + ".body.", shape)
                at += 1
                other = shape
                if at < len(words) and words[at] == "skip":
                    assert words[at + 1] == "{"
                    item.skip, other, at = self.parse(words, at + 2, item.name + ".skip.", shape)
                    at += 1
                assert other == item.after, (item.name, other, item.after)
            else:
                plain, options = [], {}
                while at < len(words) and words[at] not in (";", "}"):
                    key, _, value = words[at].partition("=")
                    if value:
                        options[key] = int(value)
                    else:
                        plain.append(float(key))
                    at += 1
                self.shapes(item, plain, options)
            shape = item.after
            items.append(item)
            self.every.append(item)
        return items, shape, at

    def take(self, *shape):
        first = self.params
        self.params += int(np.prod(shape))
        return first, shape

    def shapes(self, item, plain, options):
        c, h, w = item.before
        kind = item.kind
        if kind in ("conv", "maxpool", "avgpool"):
            item.side = side = int(plain[-1])
            item.stride = options.pop("stride", 1 if kind == "conv" else side)
            item.pad, item.groups = options.pop("pad", 0), options.pop("groups", 1)
            rows, columns = ((s + 2 * item.pad - side) // item.stride + 1 for s in (h, w))
            item.after = (int(plain[0]) if kind == "conv" else c, rows, columns)
            assert rows > 0 and columns > 0 and c % item.groups == 0 and item.after[0] % item.groups == 0
        if kind == "conv":
            item.weight = self.take(item.after[0], c // item.groups, side, side)
        elif kind == "dense":
            item.after = (int(plain[0]), 1, 1)
            item.weight = self.take(item.after[0], c * h * w)
        elif kind == "batchnorm":
            item.weight, item.stats = self.take(c), self.state
            item.bias = self.take(c)
            self.state += 2 * c
        elif kind == "gap":
            item.after = (c, 1, 1)
        elif kind == "flatten":
            item.after = (c * h * w, 1, 1)
        elif kind in ("leaky", "dropout"):
            item.value = plain[0]
        else:
            assert kind in ("maxpool", "avgpool") or (kind in SIMPLE and not plain), kind
        if kind in ("conv", "dense") and options.pop("bias", 1):
            item.bias = self.take(item.after[0])
        assert not options, options

    def find(self, name):
        return next(item for item in self.every if item.name == name)

    def run(self, theta, state, x, batch=None, kinks=None, name=None, push=None, seen=None, inputs=None):
        """x [n][in] -> f [n][K]. batch: a list, then batchnorm is in train mode and appends its batch's mean and unbiased
        variance; otherwise eval mode. kinks: a list that collects distances. The item `name` gets push [z] added to its
        output z, and seen (a list) collects that z [n][z]. inputs (a dictionary) collects of every dense and conv item the
        tensor that it takes, and an alias that it alone takes."""

        def get(part):
            first, shape = part
            return theta[first:first + int(np.prod(shape))].reshape(shape)

        def places(a, item):
            """The input seen by each place of the kernel, row-major: side * side tensors [n][c][rows][columns]."""
            a = F.pad(a, (item.pad,) * 4)
            _, rows, columns = item.after
            s = item.stride
            return [a[:, :, i:i + s * (rows - 1) + 1:s, j:j + s * (columns - 1) + 1:s]
                    for i in range(item.side) for j in range(item.side)]

        def one(item, a):
            n, kind = a.shape[0], item.kind
            if inputs is not None and kind in ("dense", "conv"):
                inputs[item.name] = a, a.clone()
                a = inputs[item.name][1]
            if kind == "residual":
                body = several(item.body, a)
                return body + (a if item.skip is None else several(item.skip, a))
            if kind == "dense":
                a = (a.reshape(n, -1) @ get(item.weight).t()).reshape(n, -1, 1, 1)
            elif kind == "conv":
                weight = get(item.weight)
                g = item.groups
                weight = weight.reshape(g, weight.shape[0] // g, weight.shape[1], -1)
                z = 0
                for k, p in enumerate(places(a, item)):
                    z = z + torch.einsum("ngihw,goi->ngohw", p.reshape(n, g, -1, *p.shape[2:]), weight[..., k])
                a = z.reshape(n, *item.after)
            elif kind == "batchnorm":
                c = item.before[0]
                if batch is None:
                    mean, var = state[item.stats:item.stats + c], state[item.stats + c:item.stats + 2 * c]
                else:
                    mean = a.mean((0, 2, 3))
                    var = ((a - mean.reshape(1, c, 1, 1)) ** 2).mean((0, 2, 3))
                    count = a.numel() // c
                    batch.append(torch.cat((mean, var * count / (count - 1))).detach())
                a = (a - mean.reshape(1, c, 1, 1)) / torch.sqrt(var + EPS).reshape(1, c, 1, 1) * get(item.weight).reshape(1, c, 1, 1)
            elif kind == "maxpool":
                ps = places(a, item)
                if kinks is not None and len(ps) > 1:
                    top = torch.stack([p.detach() for p in ps]).topk(2, 0).values
                    moves = ~((top[0] == 0) & (top[1] == 0))
                    kinks.append((top[0] - top[1])[moves].min().item() if moves.any() else float("inf"))
                a = ps[0]
                for p in ps[1:]:
                    a = torch.where(p > a, p, a)
            elif kind == "avgpool":
                a = sum(places(a, item)) / item.side ** 2
            elif kind == "gap":
                a = a.mean((2, 3), keepdim=True)
            elif kind == "flatten":
                a = a.reshape(n, -1, 1, 1)
            elif kind in ("relu", "leaky"):
                if kinks is not None:
                    kinks.append(a.detach().abs().min().item())
                a = torch.where(a > 0, a, a * (item.value if kind == "leaky" else 0.0))
            elif kind == "tanh":
                a = torch.tanh(a)
            elif kind == "sigmoid":
                a = torch.sigmoid(a)
            elif kind == "softplus":
                a = F.softplus(a, beta=1, threshold=500)
            elif kind == "gelu":
                a = a * 0.5 * (1 + torch.erf(a / 2 ** 0.5))
            elif kind == "silu":
                a = a * torch.sigmoid(a)
            elif kind == "softmax":
                a = torch.exp(a - torch.logsumexp(a, (1, 2, 3), keepdim=True))
            else:
                assert kind == "dropout"  # eval: identity
            if item.bias is not None:
                a = a + get(item.bias).reshape(1, -1, 1, 1)
            if item.name == name:
                if push is not None:
                    a = a + push.reshape(1, *item.after)
                if seen is not None:
                    seen.append(a.reshape(n, -1))
                    a = seen[-1].reshape(n, *item.after)
            return a

        def several(items, a):
            for item in items:
                a = one(item, a)
            return a

        return several(self.items, x.reshape(x.shape[0], *self.shape)).reshape(x.shape[0], -1)


# ---- the numbers ----------------------------------------------------------------------------------------------------

def gradient(scalar, t):
    return torch.autograd.grad(scalar, t)[0]


def measure(r):
    net, loss, x, y, theta, state, v = (r[k] for k in ("net", "loss", "x", "y", "theta", "state", "v"))
    n, K, P = x.shape[0], net.outputs, net.params

    def whole(t):
        return sample_loss(loss, net.run(t, state, x), y).mean()

    t = theta.clone().requires_grad_(True)
    value = whole(t)
    r["loss_value"], r["gradient"] = value.item(), gradient(value, t)
    r["outputs"] = net.run(theta, state, x)

    G, C, JJ = (torch.zeros(P, P) for _ in range(3))
    jv, norms, spectral, mean_g = torch.zeros(n, K), torch.zeros(n), 0.0, torch.zeros(P)
    for i in range(n):
        xi, yi = x[i:i + 1], y[i]
        fi = net.run(theta, state, xi)[0]
        J = jacobian(lambda s: net.run(s, state, xi)[0], theta)
        L = hessian(lambda f: sample_loss(loss, f, yi), fi)
        G += J.t() @ L @ J / n
        JJ += J.t() @ J / n
        jv[i] = J @ v
        g = gradient(sample_loss(loss, net.run(t, state, xi)[0], yi), t)
        C += torch.outer(g, g) / n
        mean_g += g / n
        norms[i] = (g ** 2).sum()
        A = jacobian(lambda a: net.run(theta, state, a)[0], xi).reshape(K, -1)
        spectral += np.linalg.svd(A.numpy(), compute_uv=False)[0] / n
    r["ops"] = ops = dict(h=r.pop("H"), g=G, c=C, j=JJ)
    for key, m in ops.items():
        r[("jj" if key == "j" else key) + "v"] = m @ v
        r["trace_" + key] = torch.trace(m).item()
    r["jv"], r["grad_norms2"], r["mls"], r["mean_g"] = jv, norms, spectral, mean_g
    r["diag_h"], r["diag_g"] = torch.diagonal(ops["h"]), torch.diagonal(G)

    # batchnorm in train mode, all n samples as one batch
    r["train_loss"], r["train_gradient"], r["train_state"] = 0.0, None, None
    if net.state:
        batch = []
        value = sample_loss(loss, net.run(t, state, x, batch=batch), y).mean()
        r["train_loss"], r["train_gradient"] = value.item(), gradient(value, t)
        r["train_state"] = torch.cat(batch)

    # one item: its weight's own block, and sample 0 as a function of its output z
    item = net.find(r["item"])
    first, shape = item.weight
    w, Z = int(np.prod(shape)), int(np.prod(item.after))
    assert w <= 60 and Z <= 48, (r["name"], w, Z)

    def of_weight(u):
        return whole(torch.cat((theta[:first], u, theta[first + w:])))

    def of_z(e):
        return net.run(theta, state, x[:1], name=r["item"], push=e)[0]

    r["first"], r["w"], r["z"] = first, w, Z
    r["block_hessian"] = hessian(of_weight, theta[first:first + w])
    r["z_jacobian"] = jacobian(of_z, torch.zeros(Z))
    r["z_hessian"] = hessian(lambda e: sample_loss(loss, of_z(e), y[0]), torch.zeros(Z))
    return r


# ---- the list -------------------------------------------------------------------------------------------------------
# name, text, loss, n, item of the own-block Hessian, first seed

# Each network is the only one, or one of two or three, that turns red when one line of a layer is wrong: a convolution's
# padding, stride, groups, bias, a window's stride and overlap, batchnorm's terms, each activation's derivatives.
CASES = [
    ("conv_1x1_nobias", "input 3 4 5; conv 4 1 bias=0; gelu; conv 2 1 stride=2; softplus; flatten; dense 2", SQUARED, 6, "2", 2300),
    ("conv_wide_pad", "input 1 3 2; conv 2 2 pad=2 stride=2; sigmoid; conv 2 3 pad=2; leaky 0.1; avgpool 2; flatten; dense 3", CE, 10, "0", 2400),
    ("maxpool_overlap_dropout", "input 2 6 5; conv 2 3 pad=1 bias=0; leaky 0.05; maxpool 3 stride=2; flatten; dropout 0.25; dense 2", CE, 6, "5", 2500),
    ("maxpool_gaps_conv_last", "input 1 7 8; conv 2 2; maxpool 2 stride=3; sigmoid; conv 1 2 pad=1", SQUARED, 6, "3", 2600),
    ("avgpool_overlap_gap_last", "input 2 6 5; conv 4 3 pad=1 groups=2; silu; avgpool 3 stride=2; conv 3 1; gap", CE, 6, "3", 2700),
    ("softmax_last_squared", "input 2 4 3; conv 2 3; softplus; flatten; dense 3; softmax", SQUARED, 8, "3", 2800),
    ("vgg", "input 1 6 6; conv 2 3 pad=1; relu; conv 2 3 pad=1; relu; maxpool 2; conv 2 3 pad=1; relu; maxpool 3; flatten; dropout 0.5; "
     "dense 4; relu; dropout 0.5; dense 3", CE, 8, "10", 3000),
    ("resnet", "input 1 5 4; conv 2 3 pad=1 bias=0; batchnorm; relu; residual { conv 2 3 pad=1 bias=0; batchnorm; relu; "
     "conv 2 1 bias=0; batchnorm }; relu; residual { conv 3 3 stride=2 pad=1 bias=0; batchnorm; relu; conv 3 1 bias=0; batchnorm } "
     "skip { conv 3 1 stride=2 bias=0; batchnorm }; relu; gap; flatten; dense 3", CE, 8, "5.skip.0", 3100),
    ("residual_projected_squared", "input 2 3 5; residual { conv 2 2 stride=2 pad=1; batchnorm; silu } skip { conv 2 1 stride=2; batchnorm }; "
     "flatten; dense 2", SQUARED, 8, "0.body.0", 3400),
    ("residual_nested_dense", "input 5; dense 3; tanh; residual { dense 4; residual { dense 4; gelu; dense 4 }; sigmoid; dense 3 }; dense 3", CE, 10,
     "2.body.1.body.0", 3500),
    ("residual_nested_preactivation", "input 2 3 4; conv 2 3 pad=1; residual { relu; conv 2 3 pad=1; residual { leaky 0.2; conv 1 1 bias=0 } "
     "skip { conv 1 1 }; relu; conv 2 1 }; maxpool 2 stride=1; flatten; dense 2", CE, 8, "1.body.2.body.1", 3600),
    ("batchnorm_dense", "input 5; dense 6 bias=0; batchnorm; relu; dense 3; batchnorm; tanh; dense 3", CE, 16, "3", 3700),
    ("batchnorm_first_and_flat", "input 2 5 5; batchnorm; conv 4 2 stride=2 groups=2; flatten; batchnorm; silu; dense 2", SQUARED, 6, "1", 3800),
]


def coarse(a, parts):
    """Multiples of 1/parts, so of 1/256 too, that print shorter still."""
    return grid(np.round(a * parts) / parts)


def make(net, loss, n, seed):
    """Data, parameters, state and direction of one seed, every value a multiple of 1/256 (of 1/16 to 1/64 where there are many)."""
    rs = np.random.RandomState(seed)
    K = net.outputs
    x = coarse(rs.randn(n, net.inputs), 32)
    if loss == CE:
        y = torch.tensor(rs.randint(0, K, n))
    else:
        y = rs.randn(n, K)
        if net.items[-1].kind == "softmax":  # one-hot plus a little, so that the targets are not class labels
            y = np.eye(K)[rs.randint(0, K, n)] + 0.05 * y
        y = torch.tensor(grid(y))
    theta, state = np.zeros(net.params), np.zeros(net.state)
    for item in net.every:
        for part in (item.weight, item.bias):
            if part is not None:
                first, shape = part
                count = int(np.prod(shape))
                if item.kind == "batchnorm":
                    values = (1.0 if part is item.weight else 0.0) + 0.5 * rs.randn(count)
                else:
                    values = rs.randn(count) * 1.2 / np.sqrt(np.prod(item.weight[1][1:]))
                theta[first:first + count] = values
        if item.stats is not None:
            c = item.before[0]
            state[item.stats:item.stats + c] = 0.5 * rs.randn(c)
            state[item.stats + c:item.stats + 2 * c] = np.exp(0.5 * rs.randn(c))
    v = coarse(rs.randn(net.params), 16)
    return torch.tensor(x), y, torch.tensor(coarse(theta, 64)), torch.tensor(coarse(state, 64)), torch.tensor(v)


def find(case):
    name, text, loss, n, item, seed = case
    net = Net(text)
    for seed in range(seed, seed + 1000):
        x, y, theta, state, v = make(net, loss, n, seed)
        kinks = []
        net.run(theta, state, x, kinks=kinks)
        if net.state:
            net.run(theta, state, x, batch=[], kinks=kinks)
        if kinks and min(kinks) < KINK:
            continue
        t = theta.clone().requires_grad_(True)
        g = gradient(sample_loss(loss, net.run(t, state, x), y).mean(), t)
        if (g == 0).sum() > 0.2 * net.params:
            continue
        seen = []
        value = sample_loss(loss, net.run(t, state, x[:1], name=item, seen=seen)[0], y[0])
        if (gradient(value, seen[0]) != 0).sum() < 0.25 * seen[0].numel():
            continue
        H = hessian(lambda t: sample_loss(loss, net.run(t, state, x), y).mean(), theta)
        lam = np.linalg.eigvalsh(H.numpy())
        if lam[-1] <= 0 or -lam[0] > 0.98 * lam[-1] or lam[-2] > 0.98 * lam[-1]:
            continue
        return measure(dict(name=name, text=text, loss=loss, n=n, item=item, seed=seed, net=net, x=x, y=y, theta=theta, state=state,
                            v=v, H=H, lambda_max_h=lam[-1], lam=lam, kink=min(kinks) if kinks else -1.0))
    raise SystemExit("no seed for " + name)


# ---- checks ---------------------------------------------------------------------------------------------------------

class Residual(torch.nn.Module):
    def __init__(self, body, skip):
        super().__init__()
        self.body = body
        self.skip = skip

    def forward(self, a):
        return self.body(a) + (a if self.skip is None else self.skip(a))


def module(items):
    """The same items from torch.nn, with its own order of parameters and its own convolutions."""
    nn, out = torch.nn, []
    for i in items:
        c, h, w = i.before
        out.append({
            "dense": lambda: nn.Linear(c * h * w, i.after[0], bias=i.bias is not None),
            "conv": lambda: nn.Conv2d(c, i.after[0], i.side, i.stride, i.pad, groups=i.groups, bias=i.bias is not None),
            # what is flat in the text is [n][features] in torch, so batchnorm is of one dimension there; momentum 1 keeps the batch's
            "batchnorm": lambda: (nn.BatchNorm1d if h * w == 1 else nn.BatchNorm2d)(c, momentum=1.0),
            "maxpool": lambda: nn.MaxPool2d(i.side, i.stride),
            "avgpool": lambda: nn.AvgPool2d(i.side, i.stride),
            "gap": lambda: nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten,
            "relu": nn.ReLU, "leaky": lambda: nn.LeakyReLU(i.value), "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "softplus": nn.Softplus,
            "gelu": nn.GELU, "silu": nn.SiLU, "softmax": lambda: nn.Softmax(-1), "dropout": lambda: nn.Dropout(i.value),
            "residual": lambda: Residual(module(i.body), None if i.skip is None else module(i.skip))}[i.kind]())
    return nn.Sequential(*out)


def compare_with_torch(r):
    net, x, y, name = r["net"], r["x"], r["y"], r["name"]
    flat = net.shape[1:] == (1, 1)
    model = module(net.items)
    at = 0
    for p in model.parameters():
        p.data = r["theta"][at:at + p.numel()].reshape(p.shape).clone()
        at += p.numel()
    at_state = 0
    for key, b in model.named_buffers():
        if "running" in key:
            b.copy_(r["state"][at_state:at_state + b.numel()])
            at_state += b.numel()
    near("parameters and state of torch.nn", name, [at, at_state], [net.params, net.state])
    # the names and order of parameters, as torch.nn says them
    mine = {}
    for item in net.every:
        for key, part in (("weight", item.weight), ("bias", item.bias)):
            if part is not None:
                mine[item.name + "." + key] = part
    theirs, at = {}, 0
    for key, p in model.named_parameters():
        theirs[key] = (at, tuple(p.shape))
        at += p.numel()
    near("names, offsets and shapes = named_parameters", name, mine == theirs, True)
    inputs = x if flat else x.reshape(r["n"], *net.shape)

    def loss_of(f):
        f = f.reshape(r["n"], -1)
        if r["loss"] == CE:
            return F.cross_entropy(f, y)
        return F.mse_loss(f, y) * net.outputs / 2

    model.eval()
    f = model(inputs)
    near("outputs = torch.nn", name, f.detach().reshape(r["n"], -1), r["outputs"])
    value = loss_of(f)
    near("loss = torch's cross_entropy, K/2 mse_loss", name, value.item(), r["loss_value"])
    norms = [torch.linalg.matrix_norm(jacobian(model, inputs[i:i + 1]).reshape(net.outputs, -1), 2).item() for i in range(r["n"])]
    near("mls = torch.nn, matrix_norm", name, np.mean(norms), r["mls"], 1e-11)
    near("gradient = torch.nn", name, torch.cat([g.reshape(-1) for g in torch.autograd.grad(value, list(model.parameters()))]), r["gradient"])
    if net.state:
        assert not any(item.kind == "dropout" for item in net.every)
        model.train()
        value = loss_of(model(inputs))
        near("train loss = torch.nn", name, value.item(), r["train_loss"])
        near("train gradient = torch.nn", name, torch.cat([g.reshape(-1) for g in torch.autograd.grad(value, list(model.parameters()))]),
             r["train_gradient"], 1e-11)
        near("train statistics = torch.nn, momentum 1", name, torch.cat([b for k, b in model.named_buffers() if "running" in k]), r["train_state"])


def check(r, more):
    name, net, loss, o = r["name"], r["net"], r["loss"], r["ops"]
    x, y, theta, state, v = r["x"], r["y"], r["theta"], r["state"], r["v"]
    first, w = r["first"], r["w"]
    compare_with_torch(r)
    if not {i.kind for i in net.every} & {"tanh", "sigmoid", "softplus", "gelu", "silu", "softmax"}:
        near("tr H = tr G (piecewise linear)", name, r["trace_h"], r["trace_g"])
        near("diag H = diag G (piecewise linear)", name, r["diag_h"], r["diag_g"])
        near("own block of H = that of G (piecewise linear)", name, r["block_hessian"], o["g"][first:first + w, first:first + w])
    if loss == SQUARED:
        near("G = JJ (squared error)", name, o["g"], o["j"])
    near("tr C = mean of |g_i|^2", name, r["trace_c"], r["grad_norms2"].mean())
    near("gradient = mean of g_i", name, r["mean_g"], r["gradient"])
    near("sum of diag = trace", name, r["diag_h"].sum(), r["trace_h"])
    near("sum of diag = trace", name, r["diag_g"].sum(), r["trace_g"])
    near("sum of eigenvalues = tr H", name, np.sum(r["lam"]), r["trace_h"], 1e-11)
    near("v'JJv = mean of |J_i v|^2", name, v @ r["jjv"], (r["jv"] ** 2).sum() / r["n"])
    near("own block = that part of H", name, r["block_hessian"], o["h"][first:first + w, first:first + w])
    for key, m in o.items():
        near("symmetric", name, m, m.t())
        if key != "h":
            low = np.linalg.eigvalsh(m.numpy())
            near("G C JJ positive semi-definite", name, min(low[0], 0) / max(low[-1], 1e-12) + 1, 1)
    near("symmetric", name, r["z_hessian"], r["z_hessian"].t())
    # z is linear in its own weight: U = dz/dw of sample 0 carries z's numbers to the weight's

    def z_of(t):
        seen = []
        net.run(t, state, x[:1], name=r["item"], seen=seen)
        return seen[0][0]

    U = jacobian(z_of, theta)[:, first:first + w]
    J = jacobian(lambda t: net.run(t, state, x[:1])[0], theta)[:, first:first + w]
    own = hessian(lambda u: sample_loss(loss, net.run(torch.cat((theta[:first], u, theta[first + w:])), state, x[:1])[0], y[0]),
                  theta[first:first + w])
    near("J of the weight = (df/dz)(dz/dw), sample 0", name, r["z_jacobian"] @ U, J)
    near("own block = U' (d2 loss/dz2) U, sample 0", name, U.t() @ r["z_hessian"] @ U, own)
    if net.items[-1].kind == "softmax":
        near("probabilities sum to 1", name, r["outputs"].sum(-1), np.ones(r["n"]))
    if not more:
        return
    try:
        from functorch import grad, jvp, vjp
    except ImportError:
        from torch.func import grad, jvp, vjp

    def whole(t):
        return sample_loss(loss, net.run(t, state, x), y).mean()

    def outputs(t):
        return net.run(t, state, x)
    near("Hv by forward over reverse", name, jvp(grad(whole), (theta,), (v,))[1], r["hv"])
    near("Jv by forward mode", name, jvp(outputs, (theta,), (v,))[1], r["jv"])
    # Gv: forward, the loss's own Hessian, backward, for all samples at once
    f, Jv = jvp(outputs, (theta,), (v,))
    LJv = jvp(grad(lambda a: sample_loss(loss, a, y).mean()), (f,), (Jv,))[1]
    near("Gv by forward mode and back", name, vjp(outputs, theta)[1](LJv)[0], r["gv"])
    near("mean of J_i' J_i v by forward mode and back", name, vjp(outputs, theta)[1](Jv / r["n"])[0], r["jjv"])
    near("Cv = mean of (g_i.v) g_i", name, sum(
        g * (g @ v) for g in (grad(lambda t: sample_loss(loss, net.run(t, state, x[i:i + 1])[0], y[i]))(theta) for i in range(r["n"]))) / r["n"],
        r["cv"])
    step = 1e-5 / float(v.norm())
    near("Hv by central differences", name, (grad(whole)(theta + step * v) - grad(whole)(theta - step * v)) / (2 * step), r["hv"], 1e-6)
    near("gradient'v by central differences", name, (whole(theta + step * v) - whole(theta - step * v)) / (2 * step), r["gradient"] @ v, 1e-6)
    near("Jv by central differences", name, (outputs(theta + step * v) - outputs(theta - step * v)) / (2 * step), r["jv"], 1e-6)
    if net.state:
        def train(t):
            return sample_loss(loss, net.run(t, state, x, batch=[]), y).mean()
        near("train gradient'v by central differences", name, (train(theta + step * v) - train(theta - step * v)) / (2 * step),
             r["train_gradient"] @ v, 1e-6)


# ---- golden_layers.h ------------------------------------------------------------------------------------------------

def lower(m):
    """The lower triangle of a symmetric matrix, by rows."""
    return np.asarray(m)[np.tril_indices(len(m))]


FIELDS = """\
/* One network, its data and its numbers. n samples, in inputs, out = K outputs, params = P. Matrices are row-major.
 * L is the mean over samples of the loss, g_i the gradient of sample i's loss, J_i = df(x_i)/dtheta; d/dtheta is by the
 * parameters only. Everything is in eval mode (batchnorm with the running statistics, dropout the identity) but train_*.
 * Layers: PyTorch's. Features are [c][h][w]. conv weight [out][in/groups][side][side], zero padding, sizes rounded down;
 * dense weight [out][in] over the flattened features; pooling without padding; batchnorm (a - mean)/sqrt(var + 1e-5)*weight + bias
 * per channel, of a flat vector per feature; gelu with erf; residual: body + skip, or body + input.
 * Order of theta: items in order, weight before bias, a residual's body before its skip; then the state.
 * short: in units of 1/256. Computed arrays have 10 digits of their largest value, single numbers 12. Pointers of one network may be
 * equal where the values are. */
typedef struct golden_layers_net {
    const char *name, *text;     /* text: the network in the library's text form */
    int loss;                    /* 0: cross-entropy on logits; 1: squared error, half the sum over outputs */
    int n, in, out, params, state;
    const short *x;              /* [n][in] */
    const int *labels;           /* [n], or NULL where loss is 1 */
    const short *targets;        /* [n][out], or NULL where loss is 0 */
    const short *theta;          /* [params + state]; state: running_mean, running_var of each batchnorm in order of appearance */
    double loss_value;
    const double *gradient;      /* [params]: of L */
    const double *outputs;       /* [n][out]: f, probabilities where the last item is softmax */
    const short *v;              /* [params]: a direction, not of unit length */
    const double *hv;            /* [params]: Hv, H the Hessian of L */
    const double *gv;            /* [params]: Gv, G = mean of J_i' (d2 loss/df2) J_i */
    const double *cv;            /* [params]: Cv, C = mean of g_i g_i', uncentred */
    const double *jjv;           /* [params]: mean of J_i' J_i v */
    const double *jv;            /* [n][out]: J_i v */
    double trace_h, trace_g, trace_c, trace_j; /* of H, G, C, mean of J_i' J_i */
    const double *grad_norms2;   /* [n]: |g_i|^2 */
    const double *diag_h;        /* [params]: diagonal of H */
    const double *diag_g;        /* [params]: diagonal of G */
    double mls;                  /* mean over samples of the spectral norm of df(x_i)/dx */
    double lambda_max_h;         /* H's largest eigenvalue; the next one is 2 % smaller at least, and so is any modulus below 0 */
    double train_loss;           /* L with every batchnorm in train mode, all n samples one batch; 0 where state is 0 */
    const double *train_gradient; /* [params]: of train_loss, through the batch's statistics; NULL where state is 0 */
    const double *train_state;   /* [state]: of that batch, per batchnorm mean[], unbiased variance[] (not mixed with the old ones) */
    const char *hessian_item;    /* a dense or conv item; names as those of an nn.Sequential: "2", "0.body.1", "0.skip.0" */
    int first, w, z;             /* its weight, without bias, is theta[first .. first + w); z features in its output */
    const double *block_hessian; /* d2 L / dweight2 [w][w], its lower triangle by rows */
    const double *z_jacobian;    /* [out][z]: df/dz of sample 0; z is the item's output, before what follows it */
    const double *z_hessian;     /* d2 loss / dz2 of sample 0 [z][z], its lower triangle by rows */
    double kink_distance;        /* smallest |input| of a relu or leaky and smallest lead of a max-pool's maximum over its data, eval and
                                    train mode, at least 1e-3; windows full of a relu's zeros excepted; -1 without any */
} golden_layers_net;
"""


def write(path, results, command):
    out = ["/* golden_layers.h: expected values for the tests of curvnoise.h, from PyTorch in float64, independent of the C code.\n"
           " * %s\n"
           " * How each value was computed: the comment on top of golden_layers.py. */\n"
           "#ifndef GOLDEN_LAYERS_H\n#define GOLDEN_LAYERS_H\n\n#include <stddef.h>\n\n" % provenance(command), FIELDS, "\n"]
    rows = []
    for i, r in enumerate(results):
        tables, net, hot = Tables(out, "golden_layers_%d_" % i), r["net"], r["loss"] == CE
        out.append("/* %s (seed %d) */\n" % (r["name"], r["seed"]))

        def put(key, kind="double"):
            return tables.put(key, r[key], kind)
        row = ['"%s"' % r["name"], '"%s"' % r["text"]] + ["%d" % k for k in (r["loss"], r["n"], net.inputs, net.outputs, net.params, net.state)]
        row += [put("x", "short"), tables.put("labels", r["y"] if hot else None, "int"), tables.put("targets", None if hot else r["y"], "short"),
                tables.put("theta", torch.cat((r["theta"], r["state"])), "short"), brief(r["loss_value"]), put("gradient"), put("outputs"),
                put("v", "short")]
        row += [put(k) for k in ("hv", "gv", "cv", "jjv", "jv")] + [brief(r["trace_" + k]) for k in "hgcj"]
        row += [put(k) for k in ("grad_norms2", "diag_h", "diag_g")] + [brief(r[k]) for k in ("mls", "lambda_max_h", "train_loss")]
        row += [put("train_gradient"), put("train_state"), '"%s"' % r["item"]] + ["%d" % r[k] for k in ("first", "w", "z")]
        row += [tables.put("block_hessian", lower(r["block_hessian"])), put("z_jacobian"), tables.put("z_hessian", lower(r["z_hessian"])),
                brief(r["kink"])]
        rows.append(fold(row))
        out.append("\n")
    out.append("static const golden_layers_net golden_layers_nets[] = {\n" + ",\n".join(rows) + "\n};\n\n")
    out.append("enum { GOLDEN_LAYERS_NETS = (int)(sizeof golden_layers_nets / sizeof golden_layers_nets[0]) };\n\n#endif\n")
    with open(path, "w") as file:
        file.write("".join(out))


def main():
    parser = argparse.ArgumentParser(description="write golden_layers.h")
    parser.add_argument("--out", default="golden_layers.h")
    parser.add_argument("--check", action="store_true", help="also finite differences and forward mode")
    args = parser.parse_args()
    results = []
    for case in CASES:
        r = find(case)
        check(r, args.check)
        results.append(r)
        print("%-30s P %3d state %2d n %2d in %2d K %2d seed %4d loss %.4f tr H %9.4f lmax %9.4f mls %7.4f kink %7.1e block %s w %2d z %2d"
              % (r["name"], r["net"].params, r["net"].state, r["n"], r["net"].inputs, r["net"].outputs, r["seed"], r["loss_value"],
                 r["trace_h"], r["lambda_max_h"], r["mls"], r["kink"], r["item"], r["w"], r["z"]), flush=True)
    print("\nchecked (worst relative error, networks):")
    for what, error in near.worst.items():
        print("  %-52s %.1e  %d" % (what, error, near.count[what]))
    if failed:
        sys.exit("%d checks failed, nothing written" % len(failed))
    write(args.out, results, "python3 " + " ".join(sys.argv))
    print("wrote %s" % args.out)


if __name__ == "__main__":
    main()
