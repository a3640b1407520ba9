#!/usr/bin/env python3
"""Files exchanged with NumPy, safetensors, and Python's json and csv: both sides read the same, and write the same bytes.

    python3 tests/exchange.py               writes files, lets `cargo test --test exchange` rewrite them, and compares
    python3 tests/exchange.py --reference   writes tests/reference/exchange.txt

It needs numpy, safetensors, torch (for floats of 16 bits) and cargo. It prints one line for each difference, and the number of
files; the exit status is 1 if one differs. It is not part of `cargo test`, which needs nothing but cargo.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parent.parent
warnings.filterwarnings("ignore", message="Stored array in format")  # versions 2.0 and 3.0
random = np.random.default_rng(1)


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version)
    return file.getvalue()


def plain(array):
    """What Ossicle writes for an array: C order, little-endian, texts as wide as the longest."""
    if array.dtype.kind == "U":
        array = array.astype(f"<U{max([len(text) for text in array.ravel()] + [1])}")
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)


def an_array(dtype, shape):
    if dtype.kind == "U":
        letters = ["", "a", "né", "日本", "🎵b", "a\0b"]
        return np.array(random.choice(letters, shape), dtype=dtype) if shape else np.array("né", dtype)
    bits = random.integers(0, 256, (int(np.prod(shape)) * dtype.itemsize,), np.uint8)
    if dtype.kind == "b":
        bits &= 1
    return np.frombuffer(bits.tobytes(), dtype).reshape(shape)


def npy_files(small):
    """(name, file, what Ossicle writes for it)"""
    dtypes = ["|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f4", "<f8", "<U3", ">i2", ">u4", ">f4", ">f8", ">U2"]
    shapes = [(), (0,), (1,), (7,), (2, 3), (3, 1), (1, 3), (0, 4), (4, 0), (2, 3, 4), (1, 2, 1, 3), (2, 0, 2), (2, 1, 2, 1, 2), (1000, 3)]
    shapes = [(2, 3)] if small else shapes
    for dtype in map(np.dtype, dtypes):
        for shape in shapes:
            array = an_array(dtype, shape)
            name = f"{dtype.kind}{dtype.itemsize}-{'be' if dtype.byteorder == '>' else 'le'}-{'x'.join(map(str, shape))}"
            yield f"{name}.npy", npy(array), npy(plain(array))
            if not small or dtype.str in ("<f4", ">f8", "<U3"):
                fortran = np.asfortranarray(array).reshape(shape, order="F")
                yield f"{name}-fortran.npy", npy(fortran), npy(plain(fortran))
    for version in [(1, 0), (2, 0), (3, 0)][1:]:
        array = an_array(np.dtype("<f8"), (2,))
        yield f"version-{version[0]}.npy", npy(array, version), npy(array)
    for bits in [0x7FF0000000000001, 0xFFF8000000001234, 0x8000000000000000, 1]:
        array = np.array([bits], np.uint64).view(np.float64)
        yield f"bits-{bits:x}.npy", npy(array), npy(array)


def tensor_files(small):
    names = ["bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "float32", "float64", "int64", "uint64"]
    types = [getattr(torch, name) for name in names]
    halves = [torch.float16, torch.bfloat16]

    def tensor(dtype, shape):
        size = torch.empty((), dtype=dtype).element_size()
        bits = random.integers(0, 2 if dtype == torch.bool else 256, int(np.prod(shape)) * size, np.uint8)
        return torch.frombuffer(bytearray(bits.tobytes()) + b"\0" * size, dtype=dtype)[: int(np.prod(shape))].reshape(shape).clone()

    yield "empty.safetensors", safetensors.torch.save({}), None
    for dtype in types:
        tensors = {"a": tensor(dtype, (2, 3)), "é 🎵": tensor(dtype, ()), "\"\\\n\t\u007f": tensor(dtype, (0, 3))}
        if small:
            tensors = {"a": tensor(dtype, (3,))}
        yield f"{str(dtype)[6:]}.safetensors", safetensors.torch.save(tensors), None
    for dtype in halves:
        # Every value but those that are not numbers, whose quiet bit PyTorch may set.
        values = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(dtype)
        values = values[~values.isnan()]
        values = (values[:: len(values) // 8] if small else values).contiguous()
        yield f"{str(dtype)[6:]}.safetensors", safetensors.torch.save({"a": values}), safetensors.torch.save({"a": values.float()})
    for i in range(1 if small else 50):
        tensors = {}
        for j in range(8):
            shape = tuple(random.integers(0, 4, random.integers(4)))
            tensors[f"layer{random.integers(1000)}.{j}"] = tensor(types[random.integers(len(types))], shape)
        file = safetensors.torch.save(tensors, {"format": "pt"} if i % 2 else None)
        yield f"mixed-{i}.safetensors", file, None


DOCUMENTS = [
    {"label": "café 🎵", "scores": [0.25, 1e-3, -17, 2**63, 1e300, 5e-324], "next": None, "deep": [[[]], {}, True, False]},
    ["\"\\/\b\f\n\r\t\0\u007f\u2028\u202e", {"": ""}],
    "",
    -0.0,
]

TABLES = [
    [["x", "y", "kind"], ["1", "2.5", "snare"], ["-3", "4e1", "kick"]],
    [["a,b", 'say "ah"', ""], ["line\nbreak", "carriage\r\nreturn", " spaces "]],
    [[""], ["é🎵"]],
]


def text_files(small):
    for i, document in enumerate(DOCUMENTS):
        for j, options in enumerate([{}, {"ensure_ascii": False}, {"indent": 2}]):
            yield f"{i}-{j}.json", json.dumps(document, **options).encode(), None
    for i, table in enumerate(TABLES):
        for j, options in enumerate([{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"}]):
            file = io.StringIO(newline="")
            csv.writer(file, **options).writerows(table)
            yield f"{i}-{j}.csv", file.getvalue().encode("utf-8-sig" if j == 0 else "utf-8"), None


def all_files(small):
    yield from npy_files(small)
    yield from tensor_files(small)
    yield from text_files(small)


def write_reference():
    lines = ["## Files written by NumPy, safetensors, json and csv (tests/exchange.py): name, hexadecimal digits of the file, and of"]
    lines += ["## the file that Ossicle writes for the same contents, or = if it is the same file."]
    for name, file, expected in all_files(True):
        if name.endswith((".json", ".csv")):
            continue
        expected = expected or file
        lines.append(f"{name} {file.hex()} {'=' if file == expected else expected.hex()}")
    (ROOT / "tests/reference/exchange.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(lines) - 2} files")


def same(name, file, expected, ours):
    """None, or what differs."""
    if name.endswith(".npy"):
        a, b = np.load(io.BytesIO(file)), np.load(io.BytesIO(ours))
        if a.shape != b.shape or plain(a).dtype != b.dtype or plain(a).tobytes() != b.tobytes():
            return "the arrays differ"
        return None if ours == expected else "np.save writes other bytes"
    if name.endswith(".safetensors"):
        a, b = safetensors.torch.load(expected or file), safetensors.torch.load(ours)
        if a.keys() != b.keys() or any(a[k].dtype != b[k].dtype or a[k].shape != b[k].shape for k in a):
            return "names, types or shapes differ"
        if any(a[k].numpy().tobytes() != b[k].numpy().tobytes() for k in a):
            return "the elements differ"
        # Names that act on a terminal are escaped, so the bytes may differ then.
        return None if b"\\" in file or ours == (expected or file) else "safetensors writes other bytes"
    if name.endswith(".json"):
        return None if repr(json.loads(file)) == repr(json.loads(ours)) else "the values differ"
    index, delimiter = name.split(".")[0].split("-")
    rows = list(csv.reader(io.StringIO(ours.decode(), newline=""), delimiter=",;\t,"[int(delimiter)]))
    return None if rows == TABLES[int(index)] else f"the tables differ: {rows}"


def main():
    if sys.argv[1:] == ["--reference"]:
        return write_reference()
    failures = 0
    files = list(all_files(False))
    with tempfile.TemporaryDirectory() as folder:
        for name, file, _ in files:
            (Path(folder) / name).write_bytes(file)
        command = ["cargo", "test", "--offline", "--test", "exchange", "--", "--ignored"]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"OSSICLE_EXCHANGE": folder}, check=True, stdout=subprocess.DEVNULL)
        for name, file, expected in files:
            ours = Path(folder) / "ours" / name
            error = ours.with_name(name + ".error")
            problem = same(name, file, expected, ours.read_bytes()) if ours.exists() else error.read_text()
            if problem:
                failures += 1
                print(f"{name}: {problem}")
    print(f"{len(files)} files, {failures} different" if failures else f"{len(files)} files, all the same")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
