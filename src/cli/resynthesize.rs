//! `ossicle resynthesize`: what a transform keeps of a recording, as sound.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::audio::wav::{self, SampleType};
use crate::bytes::escape::shown;
use crate::bytes::limits::RESYNTHESIZED;
use crate::bytes::path::shown_path;
use crate::dataset::folder;
use crate::number::decimal::Fixed;
use crate::spectrum::griffin_lim::{GriffinLim, Start};
use crate::storage::atomic;
use crate::tutorial::report::{Table, filled};
use crate::tutorial::resynthesis::resynthesize;
use crate::tutorial::settings::{TRANSFORMS, Transform};
use std::path::Path;
use std::string::String;
use std::{format, fs};

pub(super) const COMMAND: Command = Command {
    name: "resynthesize",
    summary: "make a sound from what a transform keeps of a recording",
    help: "\
Computes the frames of a transform, as the models of ossicle tutorial receive them, and makes a
sound from these frames alone: the phases are forgotten, and, for a transform with bands, so is how
the energy is distributed within each band. The sound has the level of the recording, one channel,
and 16 bits. If it would clip at that level, it is made softer instead.

Two differences between spectrograms are printed, in dB relative to the spectrogram's norm; lower is
better. 'convergence' compares the new sound with the magnitudes from which it was made, 'distance'
compares it with the recording.

usage: ossicle resynthesize FILE [-o FILE] [--transform TRANSFORM] [--iterations N] [--plain]
                            [--seed N]

TRANSFORM is one of
  fft           the power spectrum, up to half the sampling rate
  mel           40 mel bands
  bark          Bark bands, one for each Bark
  cepstrum      the first 20 cosine coefficients of 40 log-mel bands (MFCC)
  chroma        the twelve pitch classes
  constant-q    24 bins per octave, from 27.5 Hz (higher for a short recording); takes longest

examples:
  ossicle resynthesize speech.wav
  ossicle resynthesize speech.wav --transform chroma -o chroma.wav
  ossicle resynthesize speech.wav --transform fft --plain --iterations 10 --seed 2 -o rough.wav",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--transform", value: "TRANSFORM", help: "the transform (default: mel)" },
    Flag { name: "--iterations", value: "N", help: "iterations that find phases, 1 to 10000 (default: 100)" },
    Flag { name: "--plain", value: "", help: "Griffin and Lim's iteration of 1984, not the accelerated one" },
    Flag { name: "--seed", value: "N", help: "random first phases (default: those of continued peaks)" },
    Flag { name: "-o", value: "FILE", help: "the sound, .wav (default: resynthesized.wav); replaced if it exists" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let [file] = &arguments.others[..] else {
        return Err(Failure::Usage(match arguments.others.len() {
            0 => "a WAV file was expected".into(),
            count => format!("one WAV file was expected, but there are {count}"),
        }));
    };
    let mut transform = Transform::Mel;
    arguments.choice("--transform", &TRANSFORMS, &mut transform).map_err(Failure::Usage)?;
    let mut phases = GriffinLim { start: Start::Peaks, ..GriffinLim::accelerated(1) };
    let range = |n: &usize| (1..=10_000).contains(n);
    arguments
        .number("--iterations", "a number from 1 to 10000", range, &mut phases.iterations)
        .map_err(Failure::Usage)?;
    if arguments.has("--plain") {
        phases.momentum = 0.0;
    }
    let seed = super::seed(&arguments)?;
    if arguments.has("--seed") {
        phases.start = Start::Random(seed);
    }
    let to = arguments.text("-o").unwrap_or("resynthesized.wav");
    let path = Path::new(to);
    if to != "/dev/stdout" && path.extension().is_none_or(|extension| extension != "wav") {
        return Err(Failure::Usage(format!("-o {}: a name that ends with .wav was expected", shown(to))));
    }
    if is_same(Path::new(file), path) {
        return Err(Failure::Usage(format!("-o {}: this is the recording itself", shown(to))));
    }

    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    super::check_file(file, "a file").map_err(failed)?;
    super::probe(&[path])?;
    let (rate, samples) = folder::read_mono(Path::new(file)).map_err(failed)?;
    RESYNTHESIZED.check(samples.len() as u64).map_err(|error| failed(format!("{error}")))?;
    if samples.is_empty() {
        return Err(failed("the file has no samples".into()));
    }
    let found = resynthesize(transform, rate, &samples, &phases).map_err(|error| failed(format!("{error}")))?;
    let bytes = wav::write(SampleType::Pcm16, rate, 1, &found.samples);
    atomic::write(path, &bytes).map_err(|error| Failure::Failed(format!("{error}")))?;
    if !arguments.has("--quiet") {
        if let Some(remark) = &found.remark {
            super::remark(&format!("{}: {remark}", shown(file)));
        }
        if found.softer < 1.0 {
            super::remark(&format!(
                "the sound is softer by a factor of {:.3}, so that it is not clipped",
                found.softer
            ));
        }
        super::remark(&format!("the sound: {}", shown_path(path)));
    }
    let mut table = Table::new(&["transform", "first phases", "momentum", "iterations", "convergence", "distance"]);
    let start = match phases.start {
        Start::Peaks => "peaks".into(),
        Start::Zero => "zero".into(),
        Start::Random(seed) => format!("seed {seed}"),
    };
    let convergence = found.convergence.last().copied().unwrap_or(f64::NAN);
    let decibels = |x: f64| format!("{} dB", Fixed(x, 1));
    table.cells(&[
        &transform.name(),
        &start,
        &phases.momentum,
        &phases.iterations,
        &decibels(convergence),
        &decibels(found.distance),
    ]);
    super::print(&format!("{}\n{}\n", super::with_bold_heading(&table.text()), filled(advice(transform))))
}

/// Whether two names lead to one file.
fn is_same(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// What to listen for.
fn advice(transform: Transform) -> &'static str {
    match transform {
        Transform::Fft => {
            "Listen for roughness in steady vowels and for soft onsets: only the phases are lost, and pitch, speaker \
             and word should be as in the recording."
        }
        Transform::Mel => {
            "Listen for hoarseness: low harmonics are partly kept, higher ones are smeared within their bands. The \
             word should be clear, the pitch weaker."
        }
        Transform::Bark => {
            "Listen for the pitch: the bands are wider than the distance of harmonics, so a voice becomes a whisper. \
             The vowels should remain."
        }
        Transform::Cepstrum => {
            "Listen for the vowels: the first coefficients are the smooth shape of the spectrum, and the pitch is \
             mostly gone. Compare with mel, from which they are computed."
        }
        Transform::Chroma => {
            "Listen for the melody: each pitch class sounds in all octaves at once, like an organ with all its stops. \
             The word is gone, the steps of the pitch remain."
        }
        Transform::ConstantQ => {
            "Listen for low notes and for onsets: notes are kept, low ones with long windows that smear onsets. The \
             highest frequencies are softer, since frames are too few for them."
        }
    }
}
