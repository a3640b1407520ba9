//! `ossicle wav`: description and conversion of WAV files.

use super::arguments::{Arguments, Flag};
use super::{Command, Failure};
use crate::audio::resample::Resampler;
use crate::audio::wav::{self, Input, SampleType, Stream};
use crate::bytes::escape::shown;
use crate::bytes::limits::{Exceeded, Limit, RECORDING, RESAMPLED};
use crate::storage::atomic;
use crate::tutorial::report::{Table, tsv};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

pub(super) const COMMAND: Command = Command {
    name: "wav",
    summary: "describe or convert WAV files",
    help: "\
Prints the path of each file, its sampling rate in Hz, channels, frames, bits per sample, encoding,
and length in seconds. With --to, converts one file to a new WAV file. With --raw, writes the
samples of one file to standard output: 64-bit floats, little-endian, channels interleaved. Integer
samples are divided by 2^(bits - 1), after the offset of 8-bit samples is subtracted.

Supported are PCM of 8 to 32 bits, floats of 32 and 64 bits, A-law and mu-law, in RIFF, RIFX, RF64
and BW64 files. Describing a file and --raw take a constant amount of memory, for files of any
length. /dev/stdin is standard input.

usage: ossicle wav FILE... [--tsv]
       ossicle wav FILE --raw
       ossicle wav FILE --to FILE [--type TYPE] [--rate HZ]

examples:
  ossicle wav *.wav
  ossicle wav speech.wav --raw > speech.f64
  ossicle wav speech.wav --to small.wav --rate 8000",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--tsv", value: "", help: "print rows: PATH RATE CHANNELS FRAMES BITS ENCODING SECONDS" },
    Flag { name: "--raw", value: "", help: "write the samples to standard output, as little-endian f64" },
    Flag { name: "--to", value: "FILE", help: "convert to this WAV file; an existing file is replaced" },
    Flag { name: "--type", value: "TYPE", help: "pcm16, pcm24, pcm32, float32 or float64 (default: pcm16)" },
    Flag { name: "--rate", value: "HZ", help: "sampling rate of the new file (default: unchanged)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let files = &arguments.others;
    if files.is_empty() {
        return Err(Failure::Usage("a WAV file was expected".into()));
    }
    let given: Vec<&str> = ["--raw", "--tsv", "--to"].into_iter().filter(|name| arguments.has(name)).collect();
    if let [one, other, ..] = given[..] {
        return Err(Failure::Usage(format!("{one} and {other} cannot be used together")));
    }
    if !arguments.has("--to")
        && let Some(name) = ["--type", "--rate"].into_iter().find(|name| arguments.has(name))
    {
        return Err(Failure::Usage(format!("{name} requires --to FILE")));
    }
    if let ["--raw" | "--to"] = given[..] {
        return match &files[..] {
            [file] if arguments.has("--raw") => raw(file),
            [file] => convert(file, &arguments),
            _ => Err(Failure::Usage(format!("{} takes one file, but there are {}", given[0], files.len()))),
        };
    }

    let mut rows = Vec::new();
    let mut broken = false;
    for file in files {
        match describe(file) {
            Ok(row) => rows.push(row),
            Err(cause) => {
                super::remark(&format!("ossicle: {}: {cause}", shown(file)));
                broken = true;
            }
        }
    }
    let printed = if arguments.has("--tsv") {
        super::print(&rows.iter().map(|row| tsv(row)).collect::<String>())
    } else if !rows.is_empty() {
        let mut table = Table::new(&["path", "rate", "channels", "frames", "bits", "encoding", "seconds"]);
        rows.iter().for_each(|row| table.row(row));
        super::print(&super::with_bold_heading(&table.text()))
    } else {
        Ok(())
    };
    super::both(printed, if broken { Err(Failure::Bad) } else { Ok(()) })
}

fn open(file: &str) -> Result<Stream<Input<File>>, String> {
    super::check_file(file, "a file")?;
    let input = File::open(file).map_err(|error| error.to_string())?;
    Stream::open(Input(input)).map_err(|error| error.to_string())
}

fn describe(file: &str) -> Result<Vec<String>, String> {
    let stream = open(file)?;
    let format = *stream.format();
    // Counted by reading all samples: the number in the header may be wrong or left open.
    let frames = stream.count().map_err(|error| error.to_string())?;
    Ok(vec![
        file.to_string(),
        format.rate().to_string(),
        format.channels().to_string(),
        frames.to_string(),
        format.bits().to_string(),
        format.encoding().to_string(),
        format!("{:.6}", frames as f64 / f64::from(format.rate())),
    ])
}

fn raw(file: &str) -> Result<(), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    let mut stream = open(file).map_err(failed)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    while let Some(block) = stream.block().map_err(|error| failed(error.to_string()))? {
        for sample in block.samples() {
            out.write_all(&sample.to_le_bytes())?;
        }
    }
    Ok(out.flush()?)
}

fn convert(file: &str, arguments: &Arguments) -> Result<(), Failure> {
    let mut kind = SampleType::Pcm16;
    let kinds = [
        ("pcm16", SampleType::Pcm16),
        ("pcm24", SampleType::Pcm24),
        ("pcm32", SampleType::Pcm32),
        ("float32", SampleType::Float32),
        ("float64", SampleType::Float64),
    ];
    arguments.choice("--type", &kinds, &mut kind).map_err(Failure::Usage)?;
    let mut rate = 0;
    let range = |&rate: &u32| rate > 0;
    arguments.number("--rate", "a number from 1 to 4294967295", range, &mut rate).map_err(Failure::Usage)?;

    let to = Path::new(arguments.text("--to").unwrap_or_default());
    super::probe(&[to])?;
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    // The limits leave room for 64 bits per sample in a WAV file.
    let fits = |limit: Limit, count: u64| limit.check(count).map_err(|error: Exceeded| failed(error.to_string()));
    let mut stream = open(file).map_err(failed)?;
    let format = *stream.format();
    let channels = format.channels();
    let rate = if rate == 0 { format.rate() } else { rate };
    let resampler = match rate == format.rate() {
        true => None,
        false => Some(Resampler::new(format.rate(), rate).map_err(|error| failed(error.to_string()))?),
    };
    let fit = |frames: u64| {
        fits(RECORDING, frames.saturating_mul(channels as u64))?;
        let Some(resampler) = &resampler else { return Ok(()) };
        let resampled = resampler.length(usize::try_from(frames).unwrap_or(usize::MAX));
        fits(RESAMPLED, resampled.saturating_mul(channels as u64))
    };
    fit(stream.frames().unwrap_or(0))?;
    let mut samples = Vec::new();
    while let Some(block) = stream.block().map_err(|error| failed(error.to_string()))? {
        fit((samples.len() / channels + block.frames()) as u64)?;
        samples.extend(block.samples());
    }
    if let Some(resampler) = resampler {
        let frames = resampler.length(samples.len() / channels) as usize;
        let mut resampled = vec![0.0; frames * channels];
        for c in 0..channels {
            let channel: Vec<f64> = samples.iter().skip(c).step_by(channels).copied().collect();
            let to = resampled.iter_mut().skip(c).step_by(channels);
            to.zip(resampler.resample(&channel)).for_each(|(to, x)| *to = x);
        }
        samples = resampled;
    }
    let bits = kind.encoding().1;
    let most = u16::MAX / (bits / 8);
    let Some(channels) = u16::try_from(channels).ok().filter(|&channels| channels <= most) else {
        return Err(failed(format!(
            "a file with {bits} bits per sample has at most {most} channels, but there are {channels}"
        )));
    };
    let bytes = wav::write(kind, rate, channels, &samples);
    atomic::write(to, &bytes).map_err(|error| Failure::Failed(error.to_string()))
}
