//! Checkpoints of a run: an interrupted run resumes and ends in the same bits.
//!
//! A resumed run repeats all computations but the minimizations, which take nearly all of the time. A checkpoint holds
//! the last state of each minimization that has ended, and a recent state of the one under way, in their order.
//! Training on batches (the convolutional networks) is saved when it has ended: of three networks, at most one is
//! trained again.
//!
//! ```text
//! "OSSLBOOK"  version u32  states u32
//! length u64, text    the run: its settings and data, one item per line
//! length u64, bytes   of each state (see storage::checkpoint); 0 if its parameters are not finite
//! CRC-32 of all that u32
//! ```
//!
//! The file is written atomically. A checkpoint of a different run is refused; the error quotes the first line that
//! differs.

use super::progress::Progress;
use crate::bytes::checksum::crc32;
use crate::bytes::endian::{Reader, put_u32_le, put_u64_le};
use crate::bytes::escape::shown;
use crate::bytes::limits::CHECKPOINT_FILE;
use crate::bytes::read::{self, ReadError};
use crate::number::Real;
use crate::optimize::Reason;
use crate::storage::atomic::{self, WriteError};
use crate::storage::checkpoint::{self, CheckpointError};
use std::collections::VecDeque;
use std::format;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{fmt, fs, io};

const NAME: &[u8; 8] = b"OSSLBOOK";
const VERSION: u32 = 2;

/// The most characters of a line that an error quotes: a crafted file's may have millions.
const LONGEST_QUOTE: usize = 200;

/// Steps of a minimization between two checkpoints.
pub const EVERY: usize = 20;

/// The reason that a checkpoint cannot be written or resumed from.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunCheckpointError {
    /// The file cannot be read, or is longer than the limit.
    Read(ReadError),
    /// The file cannot be written.
    Write(WriteError),
    /// It is not a checkpoint.
    NotACheckpoint,
    /// It has this version of the format; the program reads 2.
    Version(u32),
    /// It is truncated, or has extra bytes.
    Length,
    /// It is damaged.
    Checksum,
    /// It belongs to a different run.
    OtherWork {
        /// The first line that differs, in the file.
        kept: String,
        /// The same line of this run.
        here: String,
    },
    /// The state of one of its minimizations (counted from 1) cannot be decoded.
    State(usize, CheckpointError),
}

impl fmt::Display for RunCheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunCheckpointError::Read(error) => error.fmt(f),
            RunCheckpointError::Write(error) => error.fmt(f),
            RunCheckpointError::NotACheckpoint => write!(f, "this is not a checkpoint of `ossicle tutorial`"),
            RunCheckpointError::Version(found) => {
                write!(f, "the checkpoint has version {found}; this program reads {VERSION}")
            }
            RunCheckpointError::Length => write!(f, "the checkpoint is cut off, or has too many bytes"),
            RunCheckpointError::Checksum => write!(f, "the checkpoint is damaged: its checksum is wrong"),
            RunCheckpointError::OtherWork { kept, here } => {
                let (kept, here) = (shown(kept), shown(here));
                write!(f, "the checkpoint belongs to a different run: it has '{kept}', this run has '{here}'")
            }
            RunCheckpointError::State(which, error) => write!(f, "minimization {which} of the checkpoint: {error}"),
        }
    }
}

impl std::error::Error for RunCheckpointError {}

/// The kind of file at the checkpoint's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing that writing could destroy: no file, or a device.
    Nothing,
    /// An empty file.
    Empty,
    /// A file that begins as a checkpoint does.
    Checkpoint,
    /// Some other file.
    Other,
}

/// Examines the checkpoint's path; only the first bytes of a file are read.
///
/// # Errors
/// If the file cannot be read.
pub fn look(file: &Path) -> io::Result<Found> {
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
        Ok(data) if !data.is_file() => return Ok(Found::Nothing),
        Ok(_) => {}
    }
    let mut first = Vec::new();
    fs::File::open(file)?.take(NAME.len() as u64).read_to_end(&mut first)?;
    Ok(match &first[..] {
        [] => Found::Empty,
        first if first == NAME => Found::Checkpoint,
        _ => Found::Other,
    })
}

/// An observer that writes the states of minimizations to a file, and restores those of an earlier run.
#[derive(Debug)]
pub struct CheckpointWriter<P> {
    /// The observer of everything else.
    pub inner: P,
    /// The first write error, of which `inner` was warned. The run continues, and later states are still written.
    pub error: Option<WriteError>,
    file: Option<PathBuf>,
    about: String,
    /// States to resume from.
    saved: VecDeque<Vec<u8>>,
    /// Last states of the minimizations that ended.
    ended: Vec<Vec<u8>>,
    steps: usize,
}

impl<P> CheckpointWriter<P> {
    /// Writes nothing.
    pub fn idle(inner: P) -> Self {
        let (saved, ended) = (VecDeque::new(), Vec::new());
        CheckpointWriter { inner, error: None, file: None, about: String::new(), saved, ended, steps: 0 }
    }

    /// Writes states to a file. `about` describes the run, one item per line.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(inner: P, file: &Path, about: &str) -> Result<Self, RunCheckpointError> {
        let writer = CheckpointWriter { file: Some(file.into()), about: about.into(), ..Self::idle(inner) };
        atomic::write(file, &writer.encode(None)).map_err(RunCheckpointError::Write)?;
        Ok(writer)
    }

    /// Resumes from a file, to which further states are written.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a checkpoint of this run.
    pub fn resume<T: Real>(inner: P, file: &Path, about: &str) -> Result<Self, RunCheckpointError> {
        let bytes = read::file(file, NAME, CHECKPOINT_FILE).map_err(RunCheckpointError::Read)?;
        let states = decode(&bytes, about)?;
        for (i, state) in states.iter().enumerate().filter(|(_, state)| !state.is_empty()) {
            checkpoint::decode::<T>(state).map_err(|error| RunCheckpointError::State(i + 1, error))?;
        }
        let (file, about, saved) = (Some(file.into()), about.into(), states.into());
        Ok(CheckpointWriter { file, about, saved, ..Self::idle(inner) })
    }

    fn encode(&self, last: Option<&[u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        let states = self.ended.iter().map(Vec::as_slice).chain(last);
        out.extend_from_slice(NAME);
        put_u32_le(&mut out, VERSION);
        put_u32_le(&mut out, states.clone().count() as u32);
        for bytes in [self.about.as_bytes()].into_iter().chain(states) {
            put_u64_le(&mut out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        let checksum = crc32(&out);
        put_u32_le(&mut out, checksum);
        out
    }
}

/// The encoded states in a checkpoint.
///
/// # Errors
/// If the bytes are not a checkpoint of this run. The states themselves are not decoded.
#[doc(hidden)]
pub fn decode(bytes: &[u8], about: &str) -> Result<Vec<Vec<u8>>, RunCheckpointError> {
    let mut reader = Reader::new(bytes);
    if reader.array::<8>() != Some(*NAME) {
        return Err(RunCheckpointError::NotACheckpoint);
    }
    match reader.u32_le().ok_or(RunCheckpointError::Length)? {
        VERSION => {}
        found => return Err(RunCheckpointError::Version(found)),
    }
    let (body, end) = bytes.split_last_chunk::<4>().ok_or(RunCheckpointError::Length)?;
    if crc32(body) != u32::from_le_bytes(*end) {
        return Err(RunCheckpointError::Checksum);
    }
    let count = reader.u32_le().ok_or(RunCheckpointError::Length)?;
    let mut part = || {
        let length = reader.u64_le().and_then(|length| usize::try_from(length).ok());
        length.and_then(|length| reader.take(length)).ok_or(RunCheckpointError::Length)
    };
    let kept = String::from_utf8_lossy(part()?);
    if kept != about {
        let (mut theirs, mut ours) = (kept.lines(), about.lines());
        loop {
            let (kept, here) = (theirs.next(), ours.next());
            if kept != here || kept.is_none() {
                let text = |line: Option<&str>| {
                    let line = line.unwrap_or("nothing").trim().trim_end_matches(',');
                    line.chars().take(LONGEST_QUOTE).collect()
                };
                return Err(RunCheckpointError::OtherWork { kept: text(kept), here: text(here) });
            }
        }
    }
    let mut states = Vec::new();
    for _ in 0..count {
        states.push(part()?.to_vec());
    }
    if reader.remaining() == 4 { Ok(states) } else { Err(RunCheckpointError::Length) }
}

impl<P: Progress> Progress for CheckpointWriter<P> {
    fn stage(&mut self, name: &str, steps: usize) {
        self.inner.stage(name, steps);
    }

    fn step(&mut self, done: usize, cost: f64) {
        self.inner.step(done, cost);
    }

    fn ended(&mut self, stage: &str, reason: Reason) {
        self.inner.ended(stage, reason);
    }

    fn warn(&mut self, what: &str) {
        self.inner.warn(what);
    }

    fn saved_state(&mut self) -> Option<Vec<u8>> {
        self.saved.pop_front()
    }

    fn state(&mut self, is_last: bool, encode: &dyn Fn() -> Vec<u8>) {
        let Some(file) = self.file.clone() else { return };
        self.steps += 1;
        if !is_last && self.steps < EVERY {
            return;
        }
        self.steps = 0;
        let state = encode();
        // As long as saved states remain, the file is ahead of this run.
        let written = if self.saved.is_empty() { atomic::write(&file, &self.encode(Some(&state))) } else { Ok(()) };
        if let Err(error) = written
            && self.error.is_none()
        {
            let text = "this state was not saved; the work continues, and later states are still saved";
            self.inner.warn(&format!("{error}; {text}"));
            self.error = Some(error);
        }
        if is_last {
            self.ended.push(state);
        }
    }
}

/// The description of a run for [`CheckpointWriter`]: the program's version, the precision, and these items.
pub fn about<T: Real>(items: &[(&str, String)]) -> String {
    let mut text = format!("ossicle {}\nprecision: {}\n", env!("CARGO_PKG_VERSION"), T::NAME);
    for (name, value) in items {
        text += &format!("{name}: {value}\n");
    }
    text
}

#[cfg(test)]
mod tests;
