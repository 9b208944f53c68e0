#!/usr/bin/env python3
"""golden_files.py: writes golden_files.h, small files as numpy, PyTorch and a plain writer of safetensors make them.

What   npy files by numpy (every type, byte order, C and Fortran order, versions 1.0 to 3.0), IDX and safetensors by the few lines below,
       straight from their descriptions (yann.lecun.com/exdb/mnist; github.com/huggingface/safetensors), each with what it holds as float64;
       and the state of a torch.nn.Sequential with residuals as safetensors, its parameters as one flat vector, an input and its outputs.
Run    python3 golden_files.py [--out golden_files.h]    about 2 seconds; no other file is written
       /usr/bin/python3 with Debian 12's python3-torch and python3-numpy; made with Python 3.11, numpy 1.24.2, torch 1.13.0a0.
"""
import argparse
import io
import json
import os
import struct

import numpy as np
import torch

TYPES = {"u1": "U8", "i1": "I8", "u2": "U16", "i2": "I16", "u4": "U32", "i4": "I32", "u8": "U64", "i8": "I64", "f4": "F32", "f8": "F64", "f2": "F16", "b1": "BOOL"}
SHAPES = {0: (), 1: (5,), 2: (2, 3), 3: (2, 1, 3), 4: (2, 2, 1, 2)}


def values(kind, shape):
    """Numbers that tell the types, signs, bytes and places apart."""
    n = int(np.prod(shape))
    i = np.arange(n)
    if kind[0] == "b":
        return (i % 3 != 1).reshape(shape)
    if kind[0] == "f":
        v = (i * 1.375 - 2.5) * (1.0 if kind == "f2" else 1.001953125)
        if kind == "f2":
            v[-1] = 2.0 ** -24 * 3   # below the normal numbers of a half
        return v.astype(kind).reshape(shape)
    info = np.iinfo(kind)
    v = [int(info.max) // (k + 2) + k if k % 2 else int(info.min) // (k + 1) + 7 * k for k in range(n)]
    return np.array([int(float(x)) >> 12 << 12 if info.bits == 64 else x for x in v], dtype=kind).reshape(shape)  # exact as float64


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


def safe(tensors, metadata=None, spaces=False):
    """name -> (dtype, shape, bytes), in order."""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, indent=1 if spaces else None, separators=(" , ", " : ") if spaces else (",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def idx(array):
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    big = array.astype(array.dtype.newbyteorder(">"))
    return bytes([0, 0, code, array.ndim]) + b"".join(struct.pack(">I", s) for s in array.shape) + big.tobytes()


def bf16(array):
    return (array.astype("<f4").view("<u4") >> 16).astype("<u2")


class Residual(torch.nn.Module):
    def __init__(self, body, skip=None):
        super().__init__()
        self.body = body
        if skip is not None:
            self.skip = skip

    def forward(self, x):
        return self.body(x) + (self.skip(x) if hasattr(self, "skip") else x)


def sequential():
    """The network, its text, and its state as the library orders it."""
    nn = torch.nn
    torch.manual_seed(7)
    net = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(),
                        Residual(nn.Sequential(nn.Conv2d(2, 2, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(2), nn.Tanh())),
                        Residual(nn.Sequential(nn.Conv2d(2, 3, 2, stride=2)), nn.Sequential(nn.Conv2d(2, 3, 1, stride=2), nn.BatchNorm2d(3))),
                        nn.Flatten(), nn.Linear(3 * 2 * 2, 3))
    text = ("input 2 4 4; conv 2 3 pad=1; batchnorm; relu; residual { conv 2 3 pad=1 groups=2 bias=0; batchnorm; tanh }; "
            "residual { conv 3 2 stride=2 } skip { conv 3 1 stride=2; batchnorm }; flatten; dense 3")
    with torch.no_grad():
        for name, t in net.state_dict().items():
            if t.dtype != torch.float32:
                t.fill_(123)
                continue
            t.copy_((torch.randn(t.shape) * 64).round() / 128 + (1 if "var" in name else 0))
            if "var" in name:
                t.abs_().add_(0.25)
    net.eval()
    x = (torch.randn(3, 2, 4, 4) * 64).round() / 64
    state = net.state_dict()
    stats = [k for k in state if "running" in k]
    params = [k for k in state if "running" not in k and "tracked" not in k]
    theta = np.concatenate([state[k].numpy().reshape(-1) for k in params + stats])
    with torch.no_grad():
        y = net.double()(x.double()).numpy()
    state = {k: v.float() if v.dtype == torch.float64 else v for k, v in state.items()}
    tensors = {k: ({torch.float32: "F32", torch.int64: "I64"}[v.dtype], v.shape, v.numpy().tobytes()) for k, v in state.items()}
    return text, tensors, [k for k in params], stats, theta, x.numpy(), y


def strings(data, width=110):
    """C string literals, each at most about width columns: printable characters as they are, else octal."""
    lines, line = [], ""
    for k, b in enumerate(data):
        c = chr(b)
        if c in '"\\?':
            c = "\\" + c
        elif not 32 <= b < 127:
            digit = k + 1 < len(data) and chr(data[k + 1]).isdigit()
            c = "\\%03o" % b if digit else "\\%o" % b
        line += c
        if len(line) >= width:
            lines.append('"%s"' % line)
            line = ""
    return lines + ['"%s"' % line] if line or not lines else lines


class Header:
    def __init__(self):
        self.bytes, self.rows = [], []

    def raw(self, name, data):
        """As a string, which prints short; its last byte, a 0, is not of the file: NAME_bytes are."""
        assert len(data) < 4095  # C99's longest
        self.bytes.append("static const unsigned char %s[] =\n%s;" % (name, "\n".join(strings(data))))
        self.bytes.append("enum { %s_bytes = %d };" % (name, len(data)))

    def doubles(self, name, array):
        flat = [repr(float(v)).removesuffix(".0") for v in np.asarray(array, dtype=np.float64).reshape(-1)]
        lines = [", ".join(flat[i:i + 12]) for i in range(0, len(flat), 12)]
        self.bytes.append("static const double %s[%d] = {\n    %s\n};" % (name, len(flat), ",\n    ".join(lines)))

    def file(self, what, data, array, memory, tensor=None):
        """memory: the type in memory, as our enumeration calls it"""
        k = len(self.rows)
        shape = array.shape if array.ndim else (1,)
        self.raw("file_%d" % k, data)
        self.doubles("held_%d" % k, array)
        shape4 = list(shape) + [1] * (4 - len(shape))
        self.rows.append('    { "%s", %s, CN_%s, %d, { %s }, file_%d, file_%d_bytes, held_%d },' % (
            what, '"%s"' % tensor if tensor else "NULL", memory, len(shape), ", ".join(map(str, shape4)), k, k, k))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden_files.h"))
    out = Header()
    in_memory = lambda kind: {"f2": "F32", "b1": "U8"}.get(kind, TYPES[kind])

    for kind in TYPES:                                    # npy: types, byte orders, layouts
        for order in "<>" if kind[1] != "1" else "|":
            for layout in "CF":
                a = np.array(values(kind, (2, 3)), dtype=order + kind, order=layout)
                assert np.lib.format.dtype_to_descr(a.dtype) == order + kind
                out.file("npy %s%s %s" % (order, kind, layout), npy(a), a, in_memory(kind))
    for dims, shape in SHAPES.items():                    # dimensions and versions
        for layout in "CF":
            a = np.array(values("i2", shape), order=layout)
            out.file("npy %d-dimensional %s" % (dims, layout), npy(a), a, "I16")
    for version in (2, 0), (3, 0):
        out.file("npy version %d" % version[0], npy(values("f4", (2, 3)), version), values("f4", (2, 3)), "F32")
    for kind in "u1", "i1", "i2", "i4", "f4", "f8":
        for shape in (5,), (2, 3), (2, 2, 1, 2):
            out.file("IDX %s of %d dimensions" % (kind, len(shape)), idx(values(kind, shape)), values(kind, shape), TYPES[kind])
    for kind, dtype in TYPES.items():                     # safetensors: alone; and all in one file, as one of three tensors of odd sizes
        a = values(kind, (2, 3))
        out.file("safetensors " + dtype, safe({"a": (dtype, a.shape, a.tobytes())}), a, in_memory(kind))
        odd = {"before": ("U8", (3,), b"abc"), "w": (dtype, a.shape, a.tobytes()), "behind": ("BOOL", (), b"\1")}
        out.file("safetensors %s off its place" % dtype, safe(odd, {"format": "pt"}), a, in_memory(kind), "w")
    a = np.array([1.0, -2.5, 3.0e38, 1e-40, 0.0, -1.0 / 3], dtype="<f4").reshape(3, 2)
    b = bf16(a)
    out.file("safetensors BF16", safe({"a": ("BF16", a.shape, b.tobytes())}), (b.astype("<u4") << 16).view("<f4"), "F32")
    a = values("f4", (2, 1, 3))
    named = {'a "quoted" \\ back': ("F32", a.shape, a.tobytes()), "\u00e4\u20ac\U0001f600": ("F32", (), a.tobytes()[:4])}
    text = safe(named, {"note": "line\nend \u0000 \ud83d\ude00", "": ""}, spaces=True)
    out.file("safetensors, names in need of escapes", text, a, "F32", r'a \"quoted\" \\ back')
    out.file("safetensors, names beyond ASCII", text, a.reshape(-1)[:1], "F32", "".join("\\%03o" % c for c in "\u00e4\u20ac\U0001f600".encode()))
    a = values("i4", ())
    out.file("safetensors of no dimension", safe({"a": ("I32", (), a.tobytes())}), a, "I32")

    text, tensors, params, stats, theta, x, y = sequential()
    out.raw("state_file", safe(tensors))                  # as save_file(model.state_dict()) orders it is not promised: any order will do
    out.raw("state_half", safe({k: ("F16", v[1], np.frombuffer(v[2], "<f4").astype("<f2").tobytes()) if v[0] == "F32" else v for k, v in sorted(tensors.items())}))
    out.raw("state_npy", npy(theta[:sum(int(np.prod(tensors[k][1])) for k in params)]))
    out.raw("state_all_npy", npy(theta.astype(">f8")))
    ordered = {}                                          # as the library writes it: item after item
    for k in tensors:
        if "tracked" not in k:
            ordered[k] = tensors[k]
    out.raw("state_written_float", safe(ordered))
    out.raw("state_written_double", safe({k: ("F64", v[1], np.frombuffer(v[2], "<f4").astype("<f8").tobytes()) for k, v in ordered.items()}))
    for name, array in ("state_theta", theta), ("state_x", x), ("state_y", y):
        out.doubles(name, array)
    f = values("f4", (2, 3))
    u = values("u1", (5,))
    i = values("i8", (2, 2, 1, 2))
    d = values("f8", (2, 1, 3))
    mixed = {"d": ("F64", d.shape, d.tobytes()), "i": ("I64", i.shape, i.tobytes()), "f": ("F32", f.shape, f.tobytes()), 'u"\\': ("U8", u.shape, u.tobytes())}
    out.raw("parts_written", safe(mixed))
    for name, array in ("u8", u), ("f32", f), ("f64", d), ("i64", i):
        out.raw("npy_written_" + name, npy(array))
        out.doubles("written_" + name, array)

    with open(parser.parse_args().out, "w") as f:
        f.write("/* golden_files.h: small files as numpy, PyTorch and a plain writer of safetensors make them. Made by golden_files.py; do not edit. */\n")
        f.write("#ifndef GOLDEN_FILES_H\n#define GOLDEN_FILES_H\n\n" + "\n".join(out.bytes) + "\n\n")
        f.write('static const char state_text[] = "%s";\n' % text)
        f.write("typedef struct golden_file { const char *what, *tensor; int type, dims; size_t shape[4]; const unsigned char *bytes; size_t length; const double *held; } golden_file;\n")
        f.write("static const golden_file golden_files[] = {\n" + "\n".join(out.rows).rstrip(",") + "\n};\n#endif\n")


main()
