#!/usr/bin/env python3
"""WAV files exchanged with libsndfile, SciPy and sox: all programs read the same numbers from the same file.

    python3 tests/wav_readers.py target/release/ossicle

It needs numpy, scipy, soundfile (libsndfile) and the program sox. It prints one line for each writer, reader and format; the exit
status is 1 if one differs. It is not part of `cargo test`, which needs nothing but cargo.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import scipy.io.wavfile
import soundfile

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/ossicle"
failures = 0


def compare(what, found, expected, tolerance=0.0):
    """Prints one line: whether two arrays of samples are the same."""
    global failures
    same = found.shape == expected.shape and bool(np.all(np.abs(found - expected) <= tolerance))
    failures += not same
    worst = np.max(np.abs(found - expected), initial=0.0) if found.shape == expected.shape else "shapes differ"
    print(f"{'same' if same else 'DIFFERENT':<10}{what:<58}{worst}")


def ossicle_reads(path, channels):
    raw = subprocess.run([PROGRAM, "wav", path, "--raw"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<f8").reshape(-1, channels)


def sndfile_reads(path):
    return soundfile.read(path, dtype="float64", always_2d=True)[0]


def scipy_reads(path):
    samples = scipy.io.wavfile.read(path)[1]
    samples = samples.reshape(len(samples), -1)
    if samples.dtype == np.uint8:
        return (samples.astype("f8") - 128) / 128
    if samples.dtype.kind == "i":
        # 24 bits are moved to the upper end of 32.
        return samples / 2.0 ** (8 * samples.dtype.itemsize - 1)
    return samples.astype("f8")


def sox_reads(path, channels):
    """sox holds samples in 32 bits."""
    raw = subprocess.run(["sox", "-D", path, "-t", "raw", "-e", "signed", "-b", "32", "-L", "-"], check=True, capture_output=True)
    return np.frombuffer(raw.stdout, "<i4").reshape(-1, channels) / 2.0**31


def main():
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for channels in (1, 2, 5):
            # An odd number of frames, so that 24 bits of one channel need a pad byte.
            samples = random.uniform(-0.999, 0.999, (1001, channels))
            original = folder / "original.wav"
            soundfile.write(original, samples, 22050, subtype="DOUBLE")

            for kind in ("pcm16", "pcm24", "pcm32", "float32", "float64"):
                path = folder / f"ossicle-{kind}.wav"
                subprocess.run([PROGRAM, "wav", original, "--to", path, "--type", kind], check=True)
                bits = int(kind[-2:])
                if kind.startswith("pcm"):
                    scaled = samples * 2.0 ** (bits - 1)
                    expected = np.trunc(scaled + np.copysign(0.5, scaled)) / 2.0 ** (bits - 1)
                else:
                    expected = samples.astype(f"f{bits // 8}").astype("f8")
                name = f"{kind}, {channels} channels, written by ossicle, read by "
                compare(name + "ossicle", ossicle_reads(path, channels), expected)
                compare(name + "libsndfile", sndfile_reads(path), expected)
                compare(name + "scipy", scipy_reads(path), expected)
                # Floating-point numbers are rounded to sox's 32 bits.
                compare(name + "sox", sox_reads(path, channels), expected, 0.0 if kind.startswith("pcm") else 2.0**-31)

            for file_format, endian in (("WAV", "FILE"), ("WAVEX", "FILE"), ("RF64", "FILE"), ("WAV", "BIG")):
                for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"):
                    path = folder / "sndfile.wav"
                    try:
                        soundfile.write(path, samples, 22050, subtype=subtype, endian=endian, format=file_format)
                    except (soundfile.LibsndfileError, ValueError):
                        continue  # libsndfile does not write this pair
                    name = f"{subtype} in {file_format} {endian}, {channels} channels, by libsndfile"
                    compare(name, ossicle_reads(path, channels), sndfile_reads(path))

            for options in (
                ["-e", "unsigned", "-b", "8"], ["-e", "signed", "-b", "16"], ["-e", "signed", "-b", "24"],
                ["-e", "signed", "-b", "32"], ["-e", "float", "-b", "32"], ["-e", "float", "-b", "64"],
                ["-e", "mu-law"], ["-e", "a-law"], ["-B", "-e", "signed", "-b", "16"], ["-B", "-e", "signed", "-b", "24"],
            ):  # fmt: skip
                path = folder / "sox.wav"
                subprocess.run(["sox", "-D", original, *options, path], check=True)
                name = f"{' '.join(options)}, {channels} channels, by sox"
                tolerance = 2.0**-31 if "float" in options else 0.0
                compare(name, ossicle_reads(path, channels), sox_reads(path, channels), tolerance)
                # From a pipe to a pipe, sox writes no valid length.
                numbers = ["-t", "raw", "-e", "float", "-b", "64", "-r", "22050", "-c", str(channels), "-"]
                words = ["sox", "-D", *numbers, *options, "-t", "wav", "-"]
                piped = subprocess.run(words, check=True, capture_output=True, input=samples.tobytes())
                path.write_bytes(piped.stdout)
                compare(name + " to a pipe", ossicle_reads(path, channels), sox_reads(path, channels), tolerance)

            for dtype in ("uint8", "int16", "int32", "float32", "float64"):
                path = folder / "scipy.wav"
                scale = {"uint8": lambda x: np.round(x * 127 + 128), "int16": lambda x: x * 32767, "int32": lambda x: x * 2147483647}
                stored = scale.get(dtype, lambda x: x)(samples).astype(dtype)
                scipy.io.wavfile.write(path, 22050, stored)
                compare(f"{dtype}, {channels} channels, by scipy", ossicle_reads(path, channels), scipy_reads(path))
    print(f"{failures} different" if failures else "all the same")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
