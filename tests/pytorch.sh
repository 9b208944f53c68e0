#!/bin/sh
# examples/pytorch.md, tried for real: its Python blocks and its shell block are cut out of the page and run; then loss,
# tr H and TIC are computed again with PyTorch's double-precision differentiation. Needs Python 3 with torch and numpy
# (PYTHON names it), and build/curvnoise. The last line is "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
repository=$(pwd) BUILD=${BUILD:-build} PYTHON=${PYTHON:-/usr/bin/python3}
case $BUILD in /*) ;; *) BUILD=$repository/$BUILD ;; esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$repository/examples/pytorch.md" | grep -v '^```'; }
"$PYTHON" -c 'import torch, numpy' || { echo "$PYTHON has no torch"; echo "0 passed, 1 failed"; exit 1; }
cd "$work" || exit 1
block python > page.py
block sh > page.sh
[ -s page.py ] && [ -s page.sh ] || { echo "the page has no blocks"; echo "0 passed, 1 failed"; exit 1; }
cat > compare.py <<'END'
import json
exec(open("page.py").read())
import subprocess
subprocess.run(["sh", "page.sh"], check=True)
got = json.load(open("numbers.json"))

model, x = model.double(), x.double()
n, P = len(x), sum(p.numel() for p in model.parameters())


def flat(grads):
    return torch.cat([g.reshape(-1) for g in grads])


def gradient(value, graph=False):
    return flat(torch.autograd.grad(value, list(model.parameters()), create_graph=graph))


value = loss(model(x), y)
first = gradient(value, True)
H = torch.stack([flat(torch.autograd.grad(g, list(model.parameters()), retain_graph=True)) for g in first]).numpy()
C = sum(torch.outer(g, g) for g in (gradient(loss(model(x[i:i + 1]), y[i:i + 1])) for i in range(n))).numpy() / n
lam, vec = np.linalg.eigh((H + H.T) / 2)
kept = lam > 1e-3 * lam[-1]
tic = (np.einsum("ij,ij->j", vec[:, kept], C @ vec[:, kept]) / lam[kept]).sum() / n

passed = failed = 0
# 1e-6: double on both sides; TIC divides by eigenvalues down to 1e-3 of the largest, which amplifies rounding to 1e-12
for key, wanted in (("n", n), ("params", P), ("loss", value.item()), ("trace_h", np.trace(H)),
                    ("trace_c", np.trace(C)), ("tic", tic), ("tic_kept", kept.sum()),
                    ("lambda_max_h", lam[-1]), ("lambda_min_h", lam[0]), ("grad_norm", first.norm().item())):
    good = abs(got[key] - wanted) <= 1e-6 * abs(wanted)
    passed, failed = passed + good, failed + (not good)
    print("%-14s curvnoise %.12g   PyTorch %.12g%s" % (key, got[key], wanted, "" if good else "   FAILED"))
print("%d passed, %d failed" % (passed, failed))
END
PATH="$BUILD:$PATH" "$PYTHON" compare.py || { echo "0 passed, 1 failed"; exit 1; }
