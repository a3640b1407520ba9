#!/usr/bin/env python3
"""Models exchanged with NumPy and PyTorch: every method has the same probabilities there, and comes back with every bit.

    python3 tests/exchange/models.py target/release/ossicle [DIR]

DIR is a folder of recordings (default: every 20th of data/digits). It needs numpy, torch and safetensors. For each method, precision and
normalization, a small model is trained and exported in the three forms. Its probabilities are computed from the .npy files
alone, and by model.py. Then two processes train a network further; it is imported, compared, exported as C, and, if there is a C
compiler, compared bit by bit. It prints a table of the largest differences; the exit status is 1 if one is too large, a model file
has other bytes, or the C program other bits. It is not part of `cargo test`, which needs nothing but cargo.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from numpy.lib.stride_tricks import sliding_window_view

from train import program, recordings

ROOT = Path(__file__).resolve().parent.parent.parent
OSSICLE = Path(sys.argv[1]).resolve()
SOUNDS = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
SMALL = "--split none --no-pictures --quiet --hidden 30 --deep 20 --iterations 15 --tuning 5 --epochs 2 --networks 2".split()
METHODS = "raw-windows sparse-windows sparse-pooled stacked stacked-pooled convolved-pooled convolutional ensemble".split()
ENSEMBLE = "stacked-pooled convolved-pooled convolutional".split()
LIMITS = {"f32": 1e-6, "f64": 1e-12}
# The features of this small model vary by some 1e-6 around means of 0.1. The scaler divides by that, and so multiplies the
# rounding errors of f32, in Ossicle and here alike: both differ by 2e-5 from f64 arithmetic on the same weights.
ILL_CONDITIONED = {("stacked-pooled", "f32", "squash"): 1e-4}


def ossicle(*words):
    result = subprocess.run([OSSICLE, *map(str, words)], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"ossicle {' '.join(map(str, words))}: {result.stderr}")
    return result.stdout


def predictions(model, labels):
    """The probabilities of each file, by its name."""
    found = json.loads(ossicle("predict", model, SOUNDS, "--json"))
    return {Path(entry["file"]).name: [entry["probabilities"][label] for label in labels] for entry in found}


# From .npy files, with NumPy alone.


def log_softmax(z):
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def sigmoid(z):
    with np.errstate(over="ignore"):  # 1/(1 + inf) is 0
        return 1 / (1 + np.exp(-z))


def parts(length, count):
    return [slice(r * length // count, -(-(r + 1) * length // count)) for r in range(count)]


class FromNumbers:
    """A model of `ossicle export --npy`."""

    def __init__(self, folder):
        description = json.loads((folder / "settings.json").read_text())
        self.settings = description["settings"]
        self.tensors = {name: np.load(folder / f"{name}.npy") for name in description["tensors"]}
        self.labels = [value for name, value in self.settings.items() if name.startswith("label.")]

    def log_p(self, frames):
        method = self.settings["method"]
        members = ENSEMBLE if method == "ensemble" else [method]
        return log_softmax(np.mean([self.member(member, frames) for member in members], 0))

    def member(self, method, frames):
        w = lambda name: self.tensors[f"{method}.{name}"]
        setting = lambda name: self.settings[f"{method}.{name}"]
        top = lambda x: log_softmax(x @ w("softmax.weight").T + w("softmax.bias"))
        scaled = lambda x: (x - w("scaler.mean")) / w("scaler.deviation")
        if method == "convolutional":
            return np.mean([self.network(f"{method}.{n + 1}", frames) for n in range(int(setting("networks")))], 0)
        if method == "convolved-pooled":
            filters = w("patches.weight")[:, 0]
            frames = np.pad(frames, ((0, max(0, filters.shape[1] - len(frames))), (0, 0)))
            patches = sliding_window_view(frames, filters.shape[1:])
            a = sigmoid(np.tensordot(patches, filters, 2 * [(-2, -1)]) + w("patches.bias"))
            times, bands = [parts(n, int(count)) for n, count in zip(a.shape, setting("regions").split(","))]
            pool = {"mean": np.mean, "max": np.max}[setting("pooling")]
            pooled = np.array([[pool(a[t][:, b], (0, 1)) for b in bands] for t in times])
            return top(scaled(np.moveaxis(pooled, -1, 0).ravel()))
        width, step = int(self.settings["context.width"]), int(self.settings["context.step"])
        x = sliding_window_view(frames, width, 0)[::step].swapaxes(1, 2).reshape(-1, width * frames.shape[1])
        if setting("normalizer") == "squash":
            x = x - x.mean(1, keepdims=True)
            limit = 3 * w("squash.deviation")
            x = 0.4 * (x.clip(-limit, limit) / limit + 1) + 0.1
            x = x.astype(frames.dtype)
        else:
            x = (x - w("whitening.mean")) @ w("whitening.basis").T
        for l in range(int(setting("layers"))):
            x = sigmoid(x @ w(f"encoder.{l + 1}.weight").T + w(f"encoder.{l + 1}.bias"))
        if f"{method}.regions" in self.settings:
            return top(scaled(np.concatenate([x[part].mean(0) for part in parts(len(x), int(setting("regions")))])))
        return log_softmax(top(x).mean(0))

    def network(self, name, frames):
        method, _ = name.split(".")
        rows, columns = map(int, self.settings[f"{method}.image"].split(","))
        x = np.maximum(frames, frames.max() - float(self.settings[f"{method}.range"])).astype(frames.dtype)
        x = x - x.mean()
        x = x / np.sqrt((x * x).mean())

        def at(count, points):
            """The two values next to each point, and the fraction of the second."""
            position = ((np.arange(points) + 0.5) * count / points - 0.5).clip(0, count - 1)
            low = position.astype(int)
            return low, np.minimum(low + 1, count - 1), (position - low).astype(x.dtype)

        low, high, fraction = at(frames.shape[1], rows)
        x = x[:, low] + fraction * (x[:, high] - x[:, low])
        low, high, fraction = at(len(frames), columns)
        x = (x[low] + fraction[:, None] * (x[high] - x[low])).T[None]
        for l in range(3):
            filters, bias = self.tensors[f"{name}.conv.{l + 1}.weight"], self.tensors[f"{name}.conv.{l + 1}.bias"]
            patches = sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), (1, 2))
            x = np.maximum(np.tensordot(filters, patches, [(1, 2, 3), (0, 3, 4)]) + bias[:, None, None], 0)
            for axis in (1, 2):
                if x.shape[axis] >= 4:
                    x = np.moveaxis(x, axis, -1)
                    x = x[..., : x.shape[-1] // 2 * 2].reshape(*x.shape[:-1], -1, 2).max(-1)
                    x = np.moveaxis(x, -1, axis)
        return log_softmax(self.tensors[f"{name}.softmax.weight"] @ x.ravel() + self.tensors[f"{name}.softmax.bias"])


def by_readme(folder, frames):
    """The lines of README.md."""
    softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    w = lambda name: np.load(f"{folder}/sparse-pooled.{name}.npy")
    x = np.lib.stride_tricks.sliding_window_view(frames, 4, 0).swapaxes(1, 2).reshape(-1, 160) - w("whitening.mean")
    a = 1 / (1 + np.exp(-(x @ w("whitening.basis").T @ w("encoder.1.weight").T + w("encoder.1.bias"))))
    m = np.concatenate([a[r * len(a) // 10 : -(-(r + 1) * len(a) // 10)].mean(0) for r in range(10)])
    p = softmax((m - w("scaler.mean")) / w("scaler.deviation") @ w("softmax.weight").T + w("softmax.bias"))
    return p


def with_torch(folder, table):
    """The probabilities of each recording, by model.py."""
    net = program(folder).load()
    with torch.no_grad():
        return {Path(name).name: net(torch.from_numpy(frames)).exp().numpy() for name, frames, _ in recordings(table)}


def largest(expected, found):
    assert expected.keys() == found.keys() and expected, "other recordings"
    return max(np.abs(np.array(expected[name]) - found[name]).max() for name in expected)


def exchanged(model, folder):
    """Exports a model in the three forms, and imports it from each: whether all have its bytes."""
    npy, file, module = folder / "npy", folder / "a.safetensors", folder / "torch"
    ossicle("export", model, "--npy", npy, "--safetensors", file, "--torch", module)
    # What the Python package writes comes back as well.
    with safetensors.safe_open(file, "pt") as read:
        tensors, metadata = {name: read.get_tensor(name) for name in read.keys()}, read.metadata()
    again = folder / "again.safetensors"
    safetensors.torch.save_file(tensors, again, metadata)
    is_same = True
    for source in (npy, file, module, again):
        ossicle("import", source, "-o", folder / "back.model")
        is_same &= (folder / "back.model").read_bytes() == model.read_bytes()
    return npy, module, is_same


def main():
    global SOUNDS
    with tempfile.TemporaryDirectory() as folder:
        if SOUNDS is None:
            SOUNDS = Path(folder)
            for path in sorted((ROOT / "data/digits").glob("*.wav"))[::20]:
                shutil.copy(path, SOUNDS)
        sys.exit(0 if all([compared(), trained_further()]) else 1)


def compared():
    """Every method in NumPy and PyTorch, and back."""
    ok = True
    print(f"{'model':<46}  {'NumPy':>8}  {'PyTorch':>8}  {'limit':>6}  imported")
    variants = [(method, precision, "whiten") for precision in LIMITS for method in METHODS]
    variants += [(method, precision, "squash") for precision in LIMITS for method in ("raw-windows", "stacked-pooled")]
    variants += [("convolved-pooled", "f64", "whiten --transform cepstrum"), ("ensemble", "f64", "whiten --transform chroma")]
    for method, precision, normalization in variants:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            model, table = folder / "a.model", folder / "frames.npy"
            words = ["--precision", precision, "--normalize", *normalization.split()]
            ossicle("tutorial", SOUNDS, *SMALL, "--methods", method, "--method", method, "--save", model, *words)
            ossicle("features", SOUNDS, "--model", model, "-o", table, "--quiet")
            npy, module, is_same = exchanged(model, folder)
            numbers = FromNumbers(npy)
            expected = predictions(model, numbers.labels)
            found = {Path(name).name: np.exp(numbers.log_p(frames)) for name, frames, _ in recordings(table)}
            differences = [largest(expected, found), largest(expected, with_torch(module, table))]
            if (method, normalization) == ("sparse-pooled", "whiten"):
                found = {Path(name).name: by_readme(npy, frames) for name, frames, _ in recordings(table)}
                differences[0] = max(differences[0], largest(expected, found))
            name = f"{method} {precision} {normalization}"
            limit = ILL_CONDITIONED.get((method, precision, normalization), LIMITS[precision])
            said = "same bytes" if is_same else "OTHER BYTES"
            print(f"{name:<46}  {differences[0]:8.1e}  {differences[1]:8.1e}  {limit:6.0e}  {said}", flush=True)
            ok &= is_same and max(differences) <= limit
    return ok


def in_c(model, folder):
    """The recordings for which the model in C has the bits of `predict`, and all; None without a C compiler."""
    ossicle("export", model, "--c", folder / "sounds.c")
    if not shutil.which("cc"):
        return None
    build = ["cc", "-std=c99", "-O2", f"-I{folder}", '-DHEADER="sounds.h"', "-o", folder / "sounds"]
    subprocess.run([*build, ROOT / "tests/ports/main.c", folder / "sounds.c"], check=True)
    same, files = 0, sorted(SOUNDS.rglob("*.wav"))
    for file in files:
        samples = subprocess.run([OSSICLE, "wav", file, "--raw"], capture_output=True, check=True).stdout
        found = subprocess.run([folder / "sounds", file.name], input=samples, capture_output=True, check=True).stdout.decode()
        header, row = (line.split("\t") for line in ossicle("predict", model, file, "--tsv", "--bits").splitlines()[:2])
        bits = [cell for name, cell in zip(header, row) if name.startswith("ln-p:")]
        same += found.split() == [file.name, row[header.index("predicted")], *bits]
    return same, len(files)


def trained_further():
    """Two processes train a network; it is imported and exported for a board."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        model, table, module = folder / "a.model", folder / "frames.npy", folder / "torch"
        words = [*SMALL, "--networks", "1", "--methods", "convolutional"]
        words.remove("--networks")
        words.remove("2")
        ossicle("tutorial", SOUNDS, *words, "--save", model)
        ossicle("features", SOUNDS, "--model", model, "-o", table, "--quiet")
        ossicle("export", model, "--torch", module)
        launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29517"]
        line = [*launch, Path(__file__).with_name("train.py"), module, table, "--epochs", "3"]
        subprocess.run(line, check=True, stderr=subprocess.DEVNULL)
        refused = subprocess.run([OSSICLE, "import", module, "-o", folder / "no.model"], capture_output=True, text=True)
        changed = folder / "changed.model"
        ossicle("import", module, "--changed", "-o", changed)
        labels = program(module).load().labels
        before, after, found = predictions(model, labels), predictions(changed, labels), with_torch(module, table)
        same = in_c(changed, folder)
        difference = largest(after, found)
        is_correct = lambda p: np.mean([labels[np.argmax(row)] == name.split("_")[0] for name, row in p.items()])
        print(f"{'convolutional, trained by 2 processes':<46}  {'':8}  {difference:8.1e}  {1e-6:6.0e}  --changed")
        print(f"accuracy on the training recordings: {is_correct(before):.1%} before, {is_correct(after):.1%} after")
        print("in C: no compiler, cc, was found" if same is None else f"in C: {same[0]} of {same[1]} recordings have the same bits")
        is_refused = refused.returncode == 1 and "--changed" in refused.stderr
        return difference <= 1e-6 and is_refused and (same is None or 0 < same[0] == same[1])


if __name__ == "__main__":
    main()
