"""Makes a folder of recordings of one second at 8000 Hz, to measure how time and memory grow with their number.

usage: python3 tests/recordings.py DIR N

Each of ten labels is a harmonic sound with its own spectrum, each of twenty groups a pitch. A recording is ten pieces of
a tenth of a second, drawn from those of its label and its group, so that no two recordings are alike. The same N gives
the same bytes.
"""

import array
import math
import pathlib
import random
import struct
import sys

RATE, PIECE, PIECES, DRAWN, LABELS, GROUPS = 8000, 800, 10, 16, 10, 20


def piece(label, group, number):
    """A tenth of a second of a sound with ten harmonics and noise, as 16-bit samples."""
    stream = random.Random(f"{label} {group} {number}")
    pitch = (90 + 12 * group) * stream.uniform(0.95, 1.05)
    center = 300 + 300 * label
    levels = [math.exp(-(((k * pitch - center) / 400) ** 2)) + 0.02 for k in range(1, 11)]
    loudness = stream.uniform(1000, 6000) / sum(levels)
    steps = [2 * math.pi * k * pitch / RATE for k in range(1, 11)]
    samples = array.array("h")
    for n in range(PIECE):
        tone = sum(level * math.sin(step * n) for level, step in zip(levels, steps))
        samples.append(int(loudness * tone + stream.gauss(0, 60)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def main(folder, count):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    size = 2 * PIECE * PIECES
    head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    head += b"data" + struct.pack("<I", size)
    pieces = {}
    for i in range(count):
        label, group, take = i % LABELS, i // LABELS % GROUPS, i // (LABELS * GROUPS)
        if (label, group) not in pieces:
            pieces[label, group] = [piece(label, group, number) for number in range(DRAWN)]
        stream = random.Random(i)
        body = b"".join(stream.choices(pieces[label, group], k=PIECES))
        (folder / f"{label}_g{group}_{take}.wav").write_bytes(head + body)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
