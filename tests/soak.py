#!/usr/bin/env python3
"""Soak test: repeated runs of the tutorial on varying threads, instruction sets and processors end with one digest.

    python3 tests/soak.py target/release/ossicle             200 runs with small settings
    python3 tests/soak.py target/release/ossicle 50 --whole  50 runs with the tutorial's own settings

Each run trains all eight methods on the bundled digits, with 1, 2, 3, 5, 8 or 64 threads, and with an instruction set
that the machine has, or none forced; a third of the runs are confined to one processor. The table has a row for each
pair of instruction set and thread count. The exit status is 1 if digests or accuracies differ, if a run fails, or if it
times out: after ten times the median of the runs before it, but never before two minutes (half an hour with --whole).
It is not part of `cargo test`, which takes minutes, not an hour.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time

THREADS = [1, 2, 3, 5, 8, 64]
SMALL = "--hidden 60 --iterations 15 --deep 20 --tuning 5 --epochs 1".split()

parser = argparse.ArgumentParser()
parser.add_argument("program", nargs="?", default="target/release/ossicle")
parser.add_argument("runs", nargs="?", type=int, default=200)
parser.add_argument("--whole", action="store_true", help="the tutorial's own settings")
options = parser.parse_args()


def environment(isa):
    """The environment in which one instruction set is forced, or none."""
    variables = {name: value for name, value in os.environ.items() if name != "OSSICLE_ISA"}
    return variables | ({"OSSICLE_ISA": isa} if isa else {})


def is_here(isa):
    """Whether the machine has an instruction set: else the command line is refused, with status 2."""
    command = [options.program, "wav", "/nonexistent"]
    return subprocess.run(command, env=environment(isa), capture_output=True).returncode == 1


def run(isa, threads, processors, patience):
    """Returns the rows without their seconds, the digest, and the seconds of the run."""
    command = [options.program, "tutorial", "--quiet", "--no-pictures", "--tsv", "--threads", str(threads)]
    command += [] if options.whole else SMALL
    start = time.monotonic()
    done = subprocess.run(
        command,
        env=environment(isa),
        capture_output=True,
        text=True,
        timeout=patience,
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )
    seconds = time.monotonic() - start
    if done.returncode != 0 or done.stderr:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.strip()}")
    *rows, last = [line.split("\t") for line in done.stdout.splitlines()]
    assert last[0] == "digest" and len(rows) == 8, done.stdout
    return tuple(tuple(row[:3]) for row in rows), last[1], seconds


everything = sorted(os.sched_getaffinity(0))
sets = [""] + [isa for isa in ["portable", "neon", "avx2", "avx512"] if is_here(isa)]
pairs = list(itertools.product(sets, THREADS))
results, table, failures, times = {}, {}, [], []
least = 1800 if options.whole else 120
for i in range(options.runs):
    isa, threads = pairs[i % len(pairs)]
    # A third of a pair's runs are confined to one processor, alternately to each.
    number = i // len(pairs) + i % len(pairs)
    alone = number % 3 == 2
    processors = {everything[i % len(everything)]} if alone else set(everything)
    name = f"run {i + 1}: {isa or 'any'}, {threads} threads, processors {sorted(processors)}"
    patience = max(least, 10 * statistics.median(times)) if times else least
    try:
        rows, digest, seconds = run(isa, threads, processors, patience)
    except subprocess.TimeoutExpired:
        failures.append(f"{name}: no end after {patience:.0f} s")
        continue
    except (RuntimeError, AssertionError) as error:
        failures.append(f"{name}: {error}")
        continue
    times.append(seconds)
    results.setdefault((digest, rows), name)
    table.setdefault((isa or "any", threads), []).append((seconds, alone, digest))
    if sys.stderr.isatty():
        print(f"\r{i + 1} of {options.runs}", end="", file=sys.stderr)

print("isa       threads  runs  one processor  shortest  longest  digest")
for (isa, threads), runs in table.items():
    seconds = [second for second, _, _ in runs]
    digests = " ".join(sorted({digest for _, _, digest in runs}))
    alone = sum(alone for _, alone, _ in runs)
    print(f"{isa:<8} {threads:>8} {len(runs):>5} {alone:>14} {min(seconds):>8.2f}s {max(seconds):>7.2f}s  {digests}")
for (digest, rows), name in results.items():
    print(f"\n{digest}, first of {name}")
    for row in rows:
        print("  " + "\t".join(row))
for failure in failures:
    print(f"\n{failure}")
same = len(results) == 1 and not failures
print(f"\n{len(times)} of {options.runs} runs ended well, with {len(results)} result{'s' if len(results) != 1 else ''}")
sys.exit(0 if same else 1)
