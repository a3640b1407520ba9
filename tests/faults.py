#!/usr/bin/env python3
"""Fault injection: when something fails while Ossicle writes, each file is whole, old or new, and the error is reported.

    python3 tests/faults.py target/release/ossicle

It needs Linux and gcc. As root it also drops its privileges, and fills a small disk that it mounts. Every command that writes a
file runs on a few spoken digits, and is killed, or refused a system call, disk space, threads, memory or a reader. Each row of
the table counts the outcomes; the exit status is 1 if a run broke a promise. It takes most of an hour on two cores, and is not
part of `cargo test`.

The promises, after each run:
  - each file that the command writes is the old one or the new one, whole; a checkpoint can be resumed, and the run ends with the
    digest of an uninterrupted run;
  - no temporary file is left, unless the program was killed or could not remove it;
  - the status is 0 and all files are new, or it is 1 and an error names a file, or the signal that was sent ended the program;
    it never hangs and never panics;
  - if the work started, its table is printed.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DIGITS = Path(__file__).resolve().parent.parent / "data" / "digits"
TEMPORARY = re.compile(r"\.ossicle-[0-9a-f]{16}\.tmp")
OLD = b"an old file\n" * 500
ERRORS = {"ENOSPC": 28, "EIO": 5, "EINTR": 4, "EDQUOT": 122}
NOBODY = 65534
LONGEST = 120  # seconds that a run may take before it counts as hung

# Fails, kills or shortens the n-th call of one kind that touches the folder of the results.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { OPEN, READ, WRITE, FSYNC, FCHMOD, FCHOWN, RENAME, UNLINK, MKDIR, THREAD, KINDS };
static const char *const names[KINDS] = {
    "open", "read", "write", "fsync", "fchmod", "fchown", "rename", "unlink", "mkdir", "pthread_create"};
enum { KILL_BEFORE = -1, KILL_AFTER = -2, SHORTEN = -3 };
static int counts[KINDS], chosen = -1, nth, action;
static const char *folder = "/nowhere";

__attribute__((constructor)) static void begin(void) {
    const char *kind = getenv("FAULT_KIND");
    if (getenv("FAULT_FOLDER")) folder = getenv("FAULT_FOLDER");
    for (int k = 0; k < KINDS; k++)
        if (kind && !strcmp(kind, names[k])) chosen = k;
    if (chosen >= 0) nth = atoi(getenv("FAULT_NTH")), action = atoi(getenv("FAULT_ACTION"));
}

__attribute__((destructor)) static void end(void) {
    FILE *file = getenv("FAULT_COUNTS") ? fopen(getenv("FAULT_COUNTS"), "w") : NULL;
    for (int k = 0; file && k < KINDS; k++) fprintf(file, "%s %d\n", names[k], counts[k]);
    if (file) fclose(file);
}

static int is_inside(const char *path) { return path && !strncmp(path, folder, strlen(folder)); }

static int is_open_inside(int fd) {
    char link[64], path[4096] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, path, sizeof path - 1) > 0 && is_inside(path);
}

static int struck(enum kind kind) {
    int count = __atomic_fetch_add(&counts[kind], 1, __ATOMIC_SEQ_CST);
    if ((int)kind != chosen || count != nth) return 0;
    if (action == KILL_BEFORE) raise(SIGKILL);
    if (action > 0) errno = action;
    return action;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRAP(kind, inside, fails, call)                    \
    int hit = (inside) ? struck(kind) : 0;                 \
    if (hit > 0) return fails;                             \
    __typeof__(call) result = call;                        \
    if (hit == KILL_AFTER) raise(SIGKILL);                 \
    return result;

static int mode_of(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, int) : 0; }

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = mode_of(flags, list);
    va_end(list);
    WRAP(OPEN, is_inside(path), -1, REAL(open)(path, flags, mode))
}
int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = mode_of(flags, list);
    va_end(list);
    WRAP(OPEN, is_inside(path), -1, REAL(open64)(path, flags, mode))
}
ssize_t write(int fd, const void *bytes, size_t count) {
    int hit = is_open_inside(fd) ? struck(WRITE) : 0;
    if (hit > 0) return -1;
    // A part of the bytes is there when the kill comes.
    if (hit == SHORTEN || hit == KILL_AFTER) count = (count + 1) / 2;
    ssize_t result = REAL(write)(fd, bytes, count);
    if (hit == KILL_AFTER) raise(SIGKILL);
    return result;
}
ssize_t read(int fd, void *bytes, size_t count) { WRAP(READ, is_open_inside(fd), -1, REAL(read)(fd, bytes, count)) }
int fsync(int fd) { WRAP(FSYNC, is_open_inside(fd), -1, REAL(fsync)(fd)) }
int fchmod(int fd, mode_t mode) { WRAP(FCHMOD, is_open_inside(fd), -1, REAL(fchmod)(fd, mode)) }
int fchown(int fd, uid_t user, gid_t group) { WRAP(FCHOWN, is_open_inside(fd), -1, REAL(fchown)(fd, user, group)) }
int rename(const char *from, const char *to) { WRAP(RENAME, is_inside(from), -1, REAL(rename)(from, to)) }
int unlink(const char *path) { WRAP(UNLINK, is_inside(path), -1, REAL(unlink)(path)) }
int mkdir(const char *path, mode_t mode) { WRAP(MKDIR, is_inside(path), -1, REAL(mkdir)(path, mode)) }
int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x) {
    WRAP(THREAD, 1, hit, REAL(pthread_create)(t, a, f, x))
}
"""
KILL_BEFORE, KILL_AFTER, SHORTEN = -1, -2, -3


class Command:
    """A command that writes: its words, with {} for the folder of its results, and the names of its files in it."""

    def __init__(self, name, words, files, *, checkpoint=None, begun=None, group=False):
        self.name, self.words, self.files, self.checkpoint, self.group = name, words, files, checkpoint, group
        # The old file at the checkpoint's place, if the command resumes.
        self.begun = begun
        self.new, self.table, self.seconds = {}, b"", 0.0


class Run:
    """What came of a run."""

    def __init__(self, status, out, error):
        self.status, self.out, self.error = status, out, error


class Table:
    """Counts of outcomes, and the runs that broke a promise."""

    def __init__(self):
        self.rows, self.broken, self.lock = {}, [], threading.Lock()

    def add(self, fault, command, outcome, broken):
        with self.lock:
            self.rows.setdefault((fault, command.name), Counter())[outcome] += 1
            if broken:
                self.broken.append(f"{fault}, {command.name}: {broken}")
                print("BROKEN", self.broken[-1], flush=True)

    def print(self):
        outcomes = ["done", "error", "killed", "aborted"]
        print(f"\n{'fault':<32}{'commands':>10}{'runs':>8}" + "".join(f"{name:>9}" for name in [*outcomes, "left"]))
        faults, commands = {}, {}
        for (fault, command), row in self.rows.items():
            faults.setdefault(fault, Counter()).update(row)
            commands.setdefault(fault, set()).add(command)
        for fault, row in faults.items():
            cells = [len(commands[fault]), sum(row[name] for name in outcomes), *(row[name] for name in outcomes)]
            print(f"{fault:<32}{cells[0]:>10}{cells[1]:>8}" + "".join(f"{cell:>9}" for cell in cells[2:]) + f"{row['left']:>9}")
        total = sum(faults.values(), Counter())
        cells = [sum(total[name] for name in outcomes), *(total[name] for name in [*outcomes, "left"])]
        print(f"{'all':<42}{cells[0]:>8}" + "".join(f"{cell:>9}" for cell in cells[1:]))
        print(f"{len(self.broken)} broken promises" if self.broken else "no broken promise")


class Bench:
    """The program, its sounds and its commands in a folder."""

    def __init__(self, program, root, chosen=()):
        self.root, self.table = root, Table()
        self.program = root / "ossicle"
        shutil.copy(program, self.program)
        self.sounds = root / "sounds"
        self.sounds.mkdir()
        for label in "01":
            for path in sorted(DIGITS.glob(f"{label}_*.wav"))[:3]:
                shutil.copy(path, self.sounds)
        root.chmod(0o755)
        self.shim = root / "shim.so"
        (root / "shim.c").write_text(SHIM)
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", self.shim, root / "shim.c", "-ldl"], check=True)
        self.serial, self.lock = 0, threading.Lock()
        self.commands = self.prepared(chosen)

    def prepared(self, chosen):
        """The commands, or those whose names begin with a chosen word."""
        sound = str(next(self.sounds.iterdir()))
        small = "--tsv --hidden 4 --iterations 25 --deep 3 --tuning 30 --epochs 1 --regions 1 --bands 8 --threads 2"
        learn = ["tutorial", str(self.sounds), *small.split(), "--split", "random:0.4", "--checkpoint", "{}/work"]
        kept = ["--save", "{}/a.model", "--method", "sparse-pooled", "--out", "{}/out"]
        pictures = [*(f"out/{name}.png" for name in ("filters", "windows", "confusion")), "out/report.html"]
        tutorial = Command("tutorial", [*learn, *kept, "--replace"], ["work", "a.model", *pictures], checkpoint="work")
        self.measure(tutorial)
        model = self.root / "a.model"
        model.write_bytes(tutorial.new["a.model"])
        # Work that a kill interrupted in the middle of its checkpoints.
        folder = self.folder(tutorial)
        environment = self.environment(folder, "rename", 6, KILL_AFTER)
        assert self.run(tutorial, folder, env=environment).status == -signal.SIGKILL
        resumed = Command("tutorial --resume", [*learn, *kept, "--resume"], tutorial.files, checkpoint="work")
        resumed.begun = (folder / "work").read_bytes()
        images = ["mnist", str(self.images())]
        rows, layers, unit = self.root / "x.npy", ["weight", "bias"], ["listen", str(model), "--unit", "1"]
        for words in (["features", str(self.sounds), "-o", str(rows)], ["export", str(model), "--torch", str(self.root / "torch")]):
            subprocess.run([self.program, *words], check=True, capture_output=True)
        tensors = tensor_names((self.root / "torch" / "weights.safetensors").read_bytes())
        arrays = ["npy/settings.json", *(f"npy/{name}.npy" for name in tensors)]
        arrays += ["a.safetensors", "torch/model.py", "torch/weights.safetensors"]
        weights = [f"w/{name}.npy" for name in ("scaler.mean", "scaler.deviation", "classes", *(f"softmax.{x}" for x in layers))]
        softmax = ["train", "softmax", str(rows), "--labels", str(rows.with_suffix(".labels.npy")), "--iterations", "5"]
        autoencoder = ["train", "autoencoder", str(rows), "--hidden", "3", "--iterations", "5"]
        predictions = ["--methods", "raw-windows", "--no-pictures", "--predictions", "{}/a.tsv"]
        forms = ["--npy", "{}/npy", "--safetensors", "{}/a.safetensors", "--torch", "{}/torch"]
        tables = ["a.npy", "a.labels.npy", "a.files.csv"]
        sounds = ["a.wav", *(f"a-{rank}.wav" for rank in range(1, 6))]
        commands = [
            tutorial,
            resumed,
            Command("export", ["export", str(model), "--c", "{}/a.c", "--rust", "{}/a.rs"], ["a.c", "a.h", "a.rs"], group=True),
            Command("wav --to", ["wav", sound, "--to", "{}/a.wav", "--rate", "16000"], ["a.wav"]),
            Command("spectrogram png", ["spectrogram", sound, "-o", "{}/a.png"], ["a.png"]),
            Command("spectrogram svg", ["spectrogram", sound, "-o", "{}/a.svg"], ["a.svg"]),
            Command("optimize --plot", ["optimize", "--plot", "{}/a.svg"], ["a.svg"]),
            Command("mnist", [*images, "--exercise", "sparse", "--quick", "--out", "{}/out"], ["out/mnist-sparse.png"]),
            Command("exercise", ["exercise", "8.1.1", str(self.sounds), "--quick", "--out", "{}/out"], ["out/8.1.1-windows.png"]),
            Command("tutorial --predictions", [*learn[:-2], *predictions], ["a.tsv"]),
            Command("features", ["features", str(self.sounds), "-o", "{}/a.npy"], tables, group=True),
            Command("train DIR", [*softmax, "-o", "{}/w"], weights, group=True),
            Command("train safetensors", [*autoencoder, "-o", "{}/a.safetensors"], ["a.safetensors"]),
            Command("export arrays", ["export", str(model), *forms], arrays, group=True),
            Command("import", ["import", str(self.root / "torch"), "-o", "{}/b.model"], ["b.model"]),
            Command("listen", [*unit, "-o", "{}/a.wav"], ["a.wav"]),
            Command("listen --data", [*unit, "-o", "{}/a.wav", "--data", str(self.sounds)], sounds, group=True),
            Command("resynthesize", ["resynthesize", sound, "--iterations", "5", "-o", "{}/a.wav"], ["a.wav"]),
            Command("report", ["report", str(model), str(self.sounds), "-o", "{}/a.html"], ["a.html"]),
        ]
        commands = [command for command in commands if not chosen or command.name.split()[0] in chosen or command.name in chosen]
        for command in commands:
            if command is not tutorial:
                self.measure(command)
        if resumed in commands:
            same = all(is_new(resumed, name, tutorial.new[name]) for name in resumed.files if name != "work")
            same = same and resumed.new["work"] == tutorial.new["work"]
            assert resumed.table == tutorial.table and same, "work that was resumed ends otherwise"
        return commands

    def images(self):
        """The four files of MNIST, with a few images of random dots."""
        folder, chance = self.root / "images", random.Random(1)
        folder.mkdir()
        for part, count in (("train", 120), ("t10k", 40)):
            dots = bytes(chance.choice((0, 0, 0, 255)) for _ in range(count * 28 * 28))
            (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, count, 28, 28) + dots)
            labels = bytes(i % 10 for i in range(count))
            (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, count) + labels)
        return folder

    def measure(self, command):
        """Runs a command undisturbed."""
        folder = self.folder(command)
        begun = time.monotonic()
        run = self.run(command, folder)
        command.seconds = time.monotonic() - begun
        assert run.status == 0, run.error
        command.new = {name: (folder / name).read_bytes() for name in command.files}
        command.table = digest(run.out) if command.checkpoint else run.out
        shutil.rmtree(folder)

    def folder(self, command, at=None):
        """A folder with an old file at each place."""
        with self.lock:
            self.serial += 1
            folder = at or self.root / f"run-{self.serial}"
        for name in command.files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(old(command, name))
        return folder

    def environment(self, folder, kind, nth, action):
        return {
            **os.environ, "LD_PRELOAD": str(self.shim), "FAULT_FOLDER": str(folder), "FAULT_KIND": kind,
            "FAULT_NTH": str(nth), "FAULT_ACTION": str(action),
        }  # fmt: skip

    def run(self, command, folder, *, words=None, **options):
        words = [word.replace("{}", str(folder)) for word in words or command.words]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        with subprocess.Popen([self.program, *words], **options) as child:
            try:
                out, error = child.communicate(timeout=LONGEST)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                return Run("hung", b"", b"")
        return Run(child.returncode, out or b"", error or b"")

    def assess(self, fault, command, folder, run, *, signals=(), remains=False, silent=False, mixed=False, partial=False):
        """Counts a run and checks the promises. `signals` may end it; `remains`: a temporary file may stay; `silent`: its output
        is not seen; `mixed`: of a group some may be new; `partial`: it may end with 0 and old files."""
        broken = []
        error = run.error.decode(errors="replace")
        killed = isinstance(run.status, int) and run.status < 0
        if run.status not in (0, 1) and -run.status not in signals if run.status != "hung" else True:
            broken.append(f"status {run.status}")
        if "panicked" in error and not killed:
            broken.append("a panic")
        fresh = {}
        for name in command.files:
            path = folder / name
            found = path.read_bytes() if path.exists() else None
            fresh[name] = is_new(command, name, found)
            if found is None:
                broken.append(f"{name} is lost")
            elif not fresh[name] and found != old(command, name):
                broken.append(f"{name} is neither old nor new")
        if run.status == 0 and not partial and not all(fresh.values()):
            broken.append(f"status 0, and old are {[name for name in fresh if not fresh[name]]}")
        if run.status == 1 and not silent and not re.search(rf"^ossicle: .*({folder}|standard output)", error, re.M):
            broken.append(f"no file is named: {error!r}")
        if command.group and not mixed and len(set(fresh.values())) == 2:
            broken.append(f"some are new: {fresh}")
        if command.checkpoint and not killed and not silent:
            # The first checkpoint of work that begins holds no state.
            kept = (folder / command.checkpoint).read_bytes()
            begun = kept != old(command, command.checkpoint) and kept[12:16] != bytes(4)
            begun = begun or any(new for name, new in fresh.items() if name != command.checkpoint)
            if digest(run.out) != command.table and (begun or run.out):
                broken.append(f"the table is missing: {error!r}")
        places = {folder, *((folder / name).parent for name in command.files)}
        strange = [path for place in places for path in place.iterdir() if path.is_file() and
                   str(path.relative_to(folder)) not in command.files]  # fmt: skip
        left = [path for path in strange if TEMPORARY.fullmatch(path.name)]
        if len(left) < len(strange) or (left and not killed and not remains):
            broken.append(f"left: {[path.name for path in strange]}")
        outcome = "done" if run.status == 0 else "error" if run.status == 1 else "killed"
        outcome = "aborted" if run.status == -signal.SIGABRT else outcome
        self.table.add(fault, command, outcome, "; ".join(broken))
        if left:
            self.table.rows[fault, command.name]["left"] += len(left)
        return not broken

    def resume(self, fault, command, folder):
        """Continues work from the checkpoint that is there, to its end."""
        if (folder / command.checkpoint).read_bytes() == OLD:
            return
        words = [word for word in command.words if word not in ("--replace", "--resume")] + ["--resume"]
        run = self.run(command, folder, words=words)
        fresh = all(is_new(command, name, (folder / name).read_bytes()) for name in command.files)
        if run.status != 0 or digest(run.out) != command.table or not fresh:
            self.table.add(fault, command, "resumed", f"it was not resumed: {run.status} {run.error!r}")


def digest(out):
    """The last line of the tutorial's rows: the digest of all learned parameters. The others hold times."""
    lines = out.splitlines()
    return lines[-1] if lines and lines[-1].startswith(b"digest\t") else b""


def is_new(command, name, bytes):
    """Whether a file is the new one. Of a checkpoint there is one after each state: each is whole by its checksum. A page states
    its command and times: it is whole from its first line to its last. A model states its command, too."""
    if name.endswith(".html") and bytes is not None:
        return bytes.startswith(b"<!") and bytes.rstrip().endswith(b"</html>")
    if name.endswith(".model") and bytes is not None:
        return model_parts(bytes) == model_parts(command.new[name])
    if name != command.checkpoint or bytes is None:
        return bytes == command.new[name]
    return bytes.startswith(b"OSSLBOOK") and zlib.crc32(bytes[:-4]) == int.from_bytes(bytes[-4:], "little")


def model_parts(bytes):
    """The settings of a model except those of its run, and the bytes of its tensors; nothing if it is not whole."""
    if zlib.crc32(bytes[:-4]) != int.from_bytes(bytes[-4:], "little"):
        return None
    settings, at = [], 16

    def text():
        nonlocal at
        end = at + 4 + int.from_bytes(bytes[at : at + 4], "little")
        found, at = bytes[at + 4 : end], end
        return found

    for _ in range(int.from_bytes(bytes[8:12], "little")):
        settings.append((text(), text()))
    return [setting for setting in settings if not setting[0].startswith(b"run.")], bytes[at:-4]


def tensor_names(bytes):
    """The names of the tensors in a safetensors file."""
    return [name for name in json.loads(bytes[8 : 8 + int.from_bytes(bytes[:8], "little")]) if name != "__metadata__"]


def old(command, name):
    if command.begun and name == command.checkpoint:
        return command.begun
    # The tutorial replaces only what begins as a model does.
    return b"OSSICLE" + OLD if name.endswith(".model") else OLD


def kills(bench, count, seed, workers):
    """SIGKILL at random moments. Half of them hit the tutorial, which is resumed from what the kill left, and killed again, until
    it comes to its end. From kill to kill the moments get later, or a machine that has become busy would never come to it."""
    chance = random.Random(seed)
    tutorial = next((command for command in bench.commands if command.name == "tutorial"), None)
    others = [command for command in bench.commands if not command.checkpoint]

    def chain(seed):
        chance, folder, killed = random.Random(seed), bench.folder(tutorial), 0
        while True:
            is_old = (folder / "work").read_bytes() == OLD
            words = tutorial.words if is_old else [*tutorial.words[:-1], "--resume"]
            words = [word.replace("{}", str(folder)) for word in words]
            run = killed_run(bench, words, chance.uniform(0, 1.3 * 1.02**killed * tutorial.seconds))
            if run.status == -signal.SIGKILL:
                killed += 1
                bench.assess("killed at random", tutorial, folder, run, signals=[signal.SIGKILL])
                continue
            fresh = all(is_new(tutorial, name, (folder / name).read_bytes()) for name in tutorial.files)
            wrong = run.status != 0 or digest(run.out) != tutorial.table or not fresh
            broken = f"{killed} kills end in {run.status}, {run.error!r}" if wrong else ""
            bench.table.add("   chains of kills ended", tutorial, "done", broken)
            shutil.rmtree(folder)
            return killed

    def single(command, seed):
        folder = bench.folder(command)
        words = [word.replace("{}", str(folder)) for word in command.words]
        run = killed_run(bench, words, random.Random(seed).uniform(0, command.seconds))
        # The kill can come between two files of a group.
        bench.assess("killed at random", command, folder, run, signals=[signal.SIGKILL], mixed=True)
        shutil.rmtree(folder)
        return run.status == -signal.SIGKILL

    with ThreadPoolExecutor(workers) as pool:
        done = 0
        while tutorial and done < count // 2:
            done += sum(pool.map(chain, [chance.random() for _ in range(workers)]))
        while others and done < count:
            batch = [(others[i % len(others)], chance.random()) for i in range(count - done)]
            done += sum(pool.map(lambda pair: single(*pair), batch))


def killed_run(bench, words, seconds):
    """A run that is killed after `seconds`, unless it ends before."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    with subprocess.Popen([bench.program, *words], **pipes) as child:
        try:
            out, error = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            out, error = child.communicate()
    return Run(child.returncode, out, error)


def system_calls(bench, workers):
    """Each system call on the results fails once, with each error, and is the last before and the last after a kill."""

    def strike(command, kind, nth, name, action):
        folder = bench.folder(command)
        fault = f"{kind} {'killed' if 'kill' in name else 'shortened' if action == SHORTEN else 'fails'}"
        run = bench.run(command, folder, env=bench.environment(folder, kind, nth, action))
        killed = action in (KILL_BEFORE, KILL_AFTER)
        # Only a temporary file is ever removed: if that fails, it stays. A reading may be tried again.
        bench.assess(
            fault, command, folder, run, signals=[signal.SIGKILL] if killed else [], remains=kind == "unlink",
            mixed=kind == "rename" or killed,
        )  # fmt: skip
        if action == SHORTEN and run.status != 0:
            bench.table.add(fault, command, "broken", "bytes were not written in two parts")
        if command.checkpoint:
            bench.resume(fault, command, folder)
        shutil.rmtree(folder)

    strikes = []
    for command in bench.commands:
        folder = bench.folder(command)
        counts = bench.root / "counts"
        environment = {**bench.environment(folder, "", 0, 0), "FAULT_COUNTS": str(counts)}
        assert bench.run(command, folder, env=environment).status == 0
        for line in counts.read_text().splitlines():
            kind, count = line.split()
            for nth in range(int(count)):
                if kind == "pthread_create":
                    strikes.append((command, kind, nth, "EAGAIN", 11))
                    continue
                strikes += [(command, kind, nth, name, action) for name, action in ERRORS.items()]
                strikes += [(command, kind, nth, "kill", KILL_BEFORE), (command, kind, nth, "kill", KILL_AFTER)]
                strikes += [(command, kind, nth, "part", SHORTEN)] if kind == "write" else []
        shutil.rmtree(folder)
    print(f"{len(strikes)} system calls to strike", flush=True)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda strike_: strike(*strike_), strikes))


def file_sizes(bench):
    """A limit on the size of files, with the signal that it sends, and without."""
    for command in bench.commands:
        most = max(len(bytes) for bytes in command.new.values())
        for limit in sorted({0, 1, 100, 1000, 4096, most // 2, most - 1, most}):
            for ignored in (True, False):

                def limited(limit=limit, ignored=ignored):
                    signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
                    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

                folder = bench.folder(command)
                run = bench.run(command, folder, preexec_fn=limited)
                fault = "file size limited" + (", no signal" if ignored else "")
                # The signal can come between two files of a group, as any kill.
                bench.assess(fault, command, folder, run, signals=[] if ignored else [signal.SIGXFSZ])
                if command.checkpoint:
                    bench.resume(fault, command, folder)
                shutil.rmtree(folder)


def full_disks(bench):
    """A small disk with a few KiB left."""
    disk = bench.root / "disk"
    disk.mkdir()
    for command in bench.commands:
        for free in (0, 4, 8, 12, 16, 20, 24, 32, 48, 64, 96, 128):
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", disk], capture_output=True)
            if mounted.returncode != 0:
                print("skipped: a full disk, for none can be mounted")
                return
            try:
                folder = bench.folder(command, disk / "run")
                with open(disk / "filler", "wb") as filler:
                    left = os.statvfs(disk)
                    filler.write(b"x" * max(0, left.f_bavail * left.f_frsize - free * 1024))
                run = bench.run(command, folder)
                good = bench.assess("disk full", command, folder, run)
                if command.checkpoint and good:
                    (disk / "filler").unlink()
                    bench.resume("disk full", command, folder)
            finally:
                subprocess.run(["umount", disk], check=True)


def as_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def closed_folders(bench):
    """A folder, then files, that may not be written."""
    for command in bench.commands:
        for fault in ("folder read-only", "file read-only"):
            folder = bench.folder(command)
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o555 if path.is_dir() and fault == "folder read-only" else 0o777 if path.is_dir() else
                           0o666 if fault == "folder read-only" else 0o444)  # fmt: skip
            if os.getuid() == 0 and fault == "file read-only":
                for path in folder.rglob("*"):
                    os.chown(path, NOBODY, NOBODY)
            run = bench.run(command, folder, preexec_fn=as_nobody)
            bench.assess(fault, command, folder, run)
            if run.status != 1:
                bench.table.add(fault, command, "broken", f"it was written: {run.status}")
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o777)
            shutil.rmtree(folder)


def broken_pipes(bench):
    """Nobody reads the output, or it cannot be written; standard input, output and error are closed."""
    sound = str(next(bench.sounds.iterdir()))
    readers = [
        Command("wav --raw", ["wav", sound, "--raw"], []),
        Command("wav", ["wav", sound], []),
        Command("predict", ["predict", str(bench.root / "a.model"), sound], []),
        Command("check-gradients", ["check-gradients"], []),
    ]
    for command in bench.commands + readers:
        prints = command in readers or command.table != b""

        def trial(fault, statuses, *, command=command, **options):
            folder = bench.folder(command)
            folder.mkdir(exist_ok=True)
            run = bench.run(command, folder, **options)
            bench.assess(fault, command, folder, run, silent=True, partial=False)
            if run.status not in statuses:
                bench.table.add(fault, command, "broken", f"status {run.status}: {run.error!r}")
            if not all(is_new(command, name, (folder / name).read_bytes()) for name in command.files):
                bench.table.add(fault, command, "broken", "files are missing")
            shutil.rmtree(folder)

        read, write = os.pipe()
        os.close(read)
        # A reader that went away is no failure.
        trial("output: nobody reads", [0], stdout=write)
        trial("error: nobody reads", [0], stderr=write)
        os.close(write)
        with open("/dev/full", "wb") as full:
            trial("output: full", [1 if prints else 0], stdout=full)
            trial("error: full", [0], stderr=full)
            trial("both: full", [1 if prints else 0], stdout=full, stderr=full)
        for closed in ([0], [1], [2], [0, 1, 2]):
            def close(closed=closed):
                for fd in closed:
                    os.close(fd)
            trial(f"closed: {closed}", [0], preexec_fn=close)
        folder = bench.folder(command)
        folder.mkdir(exist_ok=True)
        words = [word.replace("{}", str(folder)) for word in command.words]
        with subprocess.Popen([bench.program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            child.stdout.read(1)
            child.stdout.close()
            error = child.stderr.read()
            status = child.wait(LONGEST)
        bench.assess("output: one byte read", command, folder, Run(status, b"", error), silent=True)
        shutil.rmtree(folder)


def no_threads(bench):
    """A user who may have one process cannot start threads; the work is done without, to the same digest."""
    if os.getuid() != 0:
        print("skipped: a limit on threads, which takes a user of its own for each run")
        return
    for command in bench.commands:
        for limit in (1, 2):

            def limited(limit=limit):
                resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
                os.setgroups([])
                os.setgid(NOBODY)
                # A user without other processes.
                os.setuid(200_000 + bench.serial)

            folder = bench.folder(command)
            user = 200_000 + bench.serial
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, user, NOBODY)
            run = bench.run(command, folder, preexec_fn=limited)
            bench.assess("threads refused", command, folder, run)
            if run.status != 0:
                bench.table.add("threads refused", command, "broken", f"status {run.status}: {run.error!r}")
            shutil.rmtree(folder)


def no_memory(bench):
    """Memory refused: Rust ends a program that is refused memory by SIGABRT."""
    sound = str(next(bench.sounds.iterdir()))
    readers = [
        Command("wav", ["wav", sound], []),
        Command("predict", ["predict", str(bench.root / "a.model"), sound], []),
        Command("check-gradients", ["check-gradients"], []),
    ]
    for command in bench.commands + readers:
        for step in range(40):
            limit = int(4e6 * 1.1**step)

            def limited(limit=limit):
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

            folder = bench.folder(command)
            folder.mkdir(exist_ok=True)
            run = bench.run(command, folder, preexec_fn=limited)
            # Without room for its own code the program is not even begun: the loader says so (127), or the system ends it.
            if run.status == 127 or (run.status == -signal.SIGSEGV and not run.error) or run.status == -signal.SIGKILL:
                bench.table.add("memory: not begun", command, "error", "")
            else:
                bench.assess("memory refused", command, folder, run, signals=[signal.SIGABRT], silent=True)
            if command.checkpoint:
                bench.resume("memory refused", command, folder)
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default="target/release/ossicle")
    parser.add_argument("--kills", type=int, default=1000, help="kills at random moments (default: 1000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument("--commands", nargs="+", default=[], help="these commands only, as 'features' or 'wav --to'")
    parser.add_argument("--only", help="one of kills, calls, sizes, disks, folders, pipes, threads, memory")
    arguments = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="ossicle-faults-") as root:
        bench = Bench(arguments.program, Path(root).resolve(), arguments.commands)
        sections = {
            "sizes": lambda: file_sizes(bench),
            "disks": lambda: full_disks(bench),
            "folders": lambda: closed_folders(bench),
            "pipes": lambda: broken_pipes(bench),
            "threads": lambda: no_threads(bench),
            "memory": lambda: no_memory(bench),
            "calls": lambda: system_calls(bench, arguments.workers),
            "kills": lambda: kills(bench, arguments.kills, arguments.seed, arguments.workers),
        }
        for name, section in sections.items():
            if arguments.only in (None, name):
                begun = time.monotonic()
                section()
                print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
        bench.table.print()
        return 1 if bench.table.broken else 0


if __name__ == "__main__":
    sys.exit(main())
