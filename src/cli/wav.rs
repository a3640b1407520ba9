//! `ossicle wav`.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::audio::wav::Wav;
use crate::tutorial::report::Table;
use std::fs;
use std::io::{self, Write};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

pub(super) const COMMAND: Command = Command {
    name: "wav",
    summary: "what is in a WAV file, or its samples",
    help: "\
Prints each file's path, rate in Hz, channels, frames, bits of a sample, encoding and length in seconds. With --raw, writes the
samples of one file to standard output instead: interleaved little-endian 64-bit floating-point numbers, integers divided by
2^(bits - 1), the offset of 8-bit samples removed.

usage: ossicle wav FILE... [--tsv]
       ossicle wav FILE --raw

examples:
  ossicle wav *.wav
  ossicle wav speech.wav --raw > speech.f64",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--tsv", value: "", help: "rows for machines: PATH RATE CHANNELS FRAMES BITS ENCODING SECONDS" },
    Flag { name: "--raw", value: "", help: "the samples, as f64, little-endian" },
];

fn run(words: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(words, FLAGS)?;
    let files = &arguments.others;
    if files.is_empty() {
        return Err(Failure::Usage("a WAV file was expected".into()));
    }
    if arguments.has("--raw") {
        return match &files[..] {
            [_] if arguments.has("--tsv") => Err(Failure::Usage("--raw and --tsv exclude each other".into())),
            [file] => raw(file),
            _ => Err(Failure::Usage(format!("--raw takes one file, and there are {}", files.len()))),
        };
    }

    let mut rows = Vec::new();
    let mut broken = false;
    for file in files {
        match fs::read(file).map_err(|error| error.to_string()).and_then(|bytes| describe(file, &bytes)) {
            Ok(row) => rows.push(row),
            Err(cause) => {
                super::remark(&format!("ossicle: {}: {cause}", super::shown(file.as_ref())));
                broken = true;
            }
        }
    }
    if arguments.has("--tsv") {
        super::print(&rows.iter().fold(String::new(), |text, row| text + &row.join("\t") + "\n"))?;
    } else if !rows.is_empty() {
        let mut table = Table::new(&["path", "rate", "channels", "frames", "bits", "encoding", "seconds"]);
        rows.iter().for_each(|row| table.row(row));
        super::print(&super::with_bold_heading(&table.text()))?;
    }
    if broken { Err(Failure::Bad) } else { Ok(()) }
}

fn describe(file: &str, bytes: &[u8]) -> Result<Vec<String>, String> {
    let wav = Wav::parse(bytes).map_err(|error| error.to_string())?;
    Ok(vec![
        super::shown(file.as_ref()),
        wav.rate().to_string(),
        wav.channels().to_string(),
        wav.frames().to_string(),
        wav.bits().to_string(),
        wav.encoding().to_string(),
        format!("{:.6}", wav.seconds()),
    ])
}

fn raw(file: &str) -> Result<(), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{file}: {cause}"));
    let bytes = fs::read(file).map_err(|error| failed(error.to_string()))?;
    let wav = Wav::parse(&bytes).map_err(|error| failed(error.to_string()))?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for sample in wav.samples() {
        out.write_all(&sample.to_le_bytes())?;
    }
    Ok(out.flush()?)
}
