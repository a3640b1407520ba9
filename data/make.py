#!/usr/bin/env python3
"""Make the spoken digits in data/digits: 8 voices x 10 digits x 10 takes.

Two speech synthesizers say "zero" to "nine", every take at its own rate,
pitch, and level. The files are 8 kHz, 16-bit, mono WAV, and their names are
{digit}_{voice}_{index}.wav.

Needs Python 3 and the Debian packages flite, espeak-ng, and sox.
Run from the root of the repository:

    python3 data/make.py

The script is deterministic: with the versions that data/README.md names, it
writes the same bytes every time.
"""

import random
import struct
import subprocess
import tempfile
import wave
from pathlib import Path

WORDS = "zero one two three four five six seven eight nine".split()
TAKES = 10
SAMPLE_RATE = 8000
OUT = Path(__file__).resolve().parent / "digits"

THRESHOLD = 0.01  # silence is what stays 40 dB below the peak
MARGIN = 0.010  # seconds of silence kept on either side of the word
LEVEL = (-9.0, -1.0)  # peak of a take, in dB below full scale

# The range of every parameter. `stretch` multiplies durations, so small is
# fast; `mean` and `spread` are those of the pitch, in Hz.
FLITE = {
    "kal": {"stretch": (0.75, 1.15), "mean": (80, 130), "spread": (6, 18)},
    "awb": {"stretch": (0.63, 0.97), "mean": (95, 150), "spread": (8, 25)},
    "slt": {"stretch": (0.66, 1.02), "mean": (140, 215), "spread": (8, 25)},
    # rms ignores flite's pitch settings, so sox plays it slower or faster.
    "rms": {"stretch": (0.58, 0.88), "speed": (0.90, 1.15)},
}
FLITE_FEATURES = {
    "stretch": "duration_stretch",
    "mean": "int_f0_target_mean",
    "spread": "int_f0_target_stddev",
}

# `rate` is in words per minute, `pitch` on espeak-ng's scale of 0 to 99.
ESPEAK = {
    "espeak-m1": {"rate": (135, 220), "pitch": (25, 75)},
    "espeak-m3": {"rate": (140, 230), "pitch": (25, 75)},
    "espeak-f1": {"rate": (160, 250), "pitch": (25, 75)},
    "espeak-belinda": {"rate": (145, 230), "pitch": (20, 65)},
}
ESPEAK_VOICES = {
    "espeak-m1": "en-gb-scotland+m1",
    "espeak-m3": "en-us+m3",
    "espeak-f1": "en-us+f1",
    # Not en-gb+belinda: espeak-ng 1.51 silently drops a variant of plain en-gb.
    "espeak-belinda": "en-gb-x-rp+belinda",
}


def spaced(rng, low, high):
    """Draw one value from each of TAKES equal parts of a range, shuffled.

    Independent draws would leave some takes nearly the same.
    """
    step = (high - low) / TAKES
    values = [low + (part + rng.random()) * step for part in range(TAKES)]
    rng.shuffle(values)
    return values


def speak(voice, word, take, path):
    """Say a word into a WAV file, at the synthesizer's own sample rate."""
    if voice in FLITE:
        command = ["flite", "-voice", voice, "-t", word, "-o", path]
        for name, feature in FLITE_FEATURES.items():
            if name in take:
                command += ["--setf", f"{feature}={take[name]:.3f}"]
    else:
        command = ["espeak-ng", "-v", ESPEAK_VOICES[voice], "-w", path]
        command += ["-s", f"{take['rate']:.0f}", "-p", f"{take['pitch']:.0f}", word]
    subprocess.run(command, check=True)


def trim(path):
    """Return the rate and the samples of a file without the silence at its ends.

    This comes before resampling: at 8 kHz too little is left of an "s" or an
    "f" to tell it from silence.
    """
    with wave.open(path) as file:
        rate = file.getframerate()
        samples = unpack(file.readframes(file.getnframes()))
    floor = THRESHOLD * max(map(abs, samples))
    loud = [i for i, sample in enumerate(samples) if abs(sample) > floor]
    # espeak-ng may start at full strength: pad, so that there is a margin to keep.
    margin = [0] * int(MARGIN * rate)
    padded = (*margin, *samples, *margin)
    return rate, padded[loud[0] : loud[-1] + 1 + 2 * len(margin)]


def resample(rate, samples, speed, level):
    """Return the samples at 8 kHz, with their peak at `level` dB."""
    raw = ["-t", "raw", "-L", "-e", "signed", "-b", "16", "-c", "1"]
    # -D turns the dither off, which would be noise.
    command = ["sox", "-D", *raw, "-r", str(rate), "-", *raw, "-"]
    # The first gain leaves room for the overshoot of the filter.
    command += ["gain", "-6", "speed", f"{speed:.4f}", "rate", "-v", str(SAMPLE_RATE)]
    command += ["gain", "-n", f"{level:.2f}"]
    run = subprocess.run(command, check=True, input=pack(samples), stdout=subprocess.PIPE)
    return unpack(run.stdout)


def save(path, samples):
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(pack(samples))


def pack(samples):
    return struct.pack(f"<{len(samples)}h", *samples)


def unpack(data):
    return struct.unpack(f"<{len(data) // 2}h", data)


def main():
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        spoken = f"{folder}/spoken.wav"
        for voice, ranges in {**FLITE, **ESPEAK}.items():
            for digit, word in enumerate(WORDS):
                rng = random.Random(f"{voice} {digit}")
                drawn = {name: spaced(rng, *ends) for name, ends in ranges.items()}
                levels = spaced(rng, *LEVEL)
                for index in range(TAKES):
                    take = {name: values[index] for name, values in drawn.items()}
                    speak(voice, word, take, spoken)
                    speed = take.get("speed", 1.0)
                    samples = resample(*trim(spoken), speed, levels[index])
                    save(f"{OUT}/{digit}_{voice}_{index}.wav", samples)


if __name__ == "__main__":
    main()
