//! Long work that is interrupted, and continued to the bit.
//!
//! All work of the tutorial is computed again in the same way, but for its minimizations: of each that ended the last
//! state is kept, and of the one under way the state of some steps ago. So a file of these states, in their order, is
//! enough:
//!
//! ```text
//! "OSSLBOOK"  version u32  states u32
//! length u64, text    what the work is: settings and data, one thing a line
//! length u64, bytes   of each state (see storage::checkpoint)
//! CRC-32 of all that u32
//! ```
//!
//! The file is written whole or not at all. A checkpoint of a different run is refused; the error quotes the first line
//! that differs.

use super::progress::Progress;
use crate::bytes::checksum::crc32;
use crate::bytes::endian::{Reader, put_u32_le, put_u64_le};
use crate::bytes::escape::shown;
use crate::bytes::limits::{CHECKPOINT_FILE, Exceeded};
use crate::bytes::read::{self, ReadError};
use crate::number::Real;
use crate::optimize::{Lbfgs, Minimization, Objective, Outcome, Reason};
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
const VERSION: u32 = 1;

/// Characters of a line that an error quotes: a crafted file's may have millions.
const LONGEST_QUOTE: usize = 200;

/// The state of a minimization under way is kept after so many steps.
pub const EVERY: usize = 20;

/// Why a bookmark cannot be continued from.
#[derive(Debug)]
pub enum RunCheckpointError {
    /// The file cannot be read.
    Io(io::Error),
    /// The file cannot be written.
    Write(WriteError),
    /// It is longer than is accepted.
    Limit(Exceeded),
    /// It is no bookmark.
    NotACheckpoint,
    /// Another version of the format; this program reads 1.
    Version(u32),
    /// It is truncated, or has extra bytes.
    Length,
    /// It is damaged.
    Checksum,
    /// It belongs to a different run.
    OtherWork {
        /// The first line that differs, in the file.
        kept: String,
        /// The same line of this work.
        here: String,
    },
    /// The state of one of its minimizations (counted from 1) cannot be decoded.
    State(usize, CheckpointError),
}

impl fmt::Display for RunCheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunCheckpointError::Io(error) => write!(f, "{error}"),
            RunCheckpointError::Write(error) => write!(f, "{error}"),
            RunCheckpointError::Limit(error) => write!(f, "{error}"),
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

impl From<io::Error> for RunCheckpointError {
    fn from(error: io::Error) -> Self {
        RunCheckpointError::Io(error)
    }
}

/// The kind of file that is found at the checkpoint's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing that could be lost: no file, an empty one, or a device.
    Nothing,
    /// A bookmark, to judge by its first bytes.
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
        [] => Found::Nothing,
        first if first == NAME => Found::Checkpoint,
        _ => Found::Other,
    })
}

/// A watch that keeps the states of minimizations in a file, and hands out those kept before.
#[derive(Debug)]
pub struct Keeper<W> {
    /// Who is told all else.
    pub inner: W,
    /// The first write error, of which `inner` was warned. The work continues, and later states are still written.
    pub error: Option<WriteError>,
    file: Option<PathBuf>,
    about: String,
    /// States to go on from.
    kept: VecDeque<Vec<u8>>,
    /// Last states of the minimizations that ended.
    ended: Vec<Vec<u8>>,
    steps: usize,
}

impl<W> Keeper<W> {
    /// Keeps nothing.
    pub fn idle(inner: W) -> Self {
        let (kept, ended) = (VecDeque::new(), Vec::new());
        Keeper { inner, error: None, file: None, about: String::new(), kept, ended, steps: 0 }
    }

    /// Keeps states in a file. `about` says what the work is, one thing a line.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(inner: W, file: &Path, about: &str) -> Result<Self, RunCheckpointError> {
        let mut keeper = Self::idle(inner);
        (keeper.file, keeper.about) = (Some(file.into()), about.into());
        atomic::write(file, &keeper.encode(None)).map_err(RunCheckpointError::Write)?;
        Ok(keeper)
    }

    /// Goes on from a file, in which further states are kept.
    ///
    /// # Errors
    /// As [`RunCheckpointError`] tells.
    pub fn resume<T: Real>(inner: W, file: &Path, about: &str) -> Result<Self, RunCheckpointError> {
        let bytes = read::file(file, NAME, CHECKPOINT_FILE).map_err(|error| match error {
            ReadError::Io(error) => RunCheckpointError::Io(error),
            ReadError::Limit(error) => RunCheckpointError::Limit(error),
        })?;
        let states = decode(&bytes, about)?;
        for (i, state) in states.iter().enumerate() {
            checkpoint::decode::<T>(state).map_err(|error| RunCheckpointError::State(i + 1, error))?;
        }
        let mut keeper = Self::idle(inner);
        (keeper.file, keeper.about, keeper.kept) = (Some(file.into()), about.into(), states.into());
        Ok(keeper)
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

/// The states of a bookmark.
///
/// # Errors
/// As [`RunCheckpointError`] tells, but for the states themselves.
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

impl<W: Progress> Progress for Keeper<W> {
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

    fn kept(&mut self) -> Option<Vec<u8>> {
        self.kept.pop_front()
    }

    fn keep(&mut self, is_last: bool, state: &dyn Fn() -> Vec<u8>) {
        let Some(file) = self.file.clone() else { return };
        self.steps += 1;
        if !is_last && self.steps < EVERY {
            return;
        }
        self.steps = 0;
        let state = state();
        // As long as older work is repeated, the file knows more than we do.
        let written = match self.kept.is_empty() {
            true => atomic::write(&file, &self.encode(Some(&state))),
            false => Ok(()),
        };
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

/// Minimizes from `theta`, or goes on from the state that the watch has kept, as [`Lbfgs::minimize`] would without it.
pub fn minimize<T: Real>(
    settings: &Lbfgs,
    objective: &mut dyn Objective<T>,
    theta: &mut [T],
    progress: &mut dyn Progress,
) -> Outcome<T> {
    let kept = progress.kept().and_then(|bytes| checkpoint::decode::<T>(&bytes).ok());
    let fitting = kept.filter(|state| state.current.theta.len() == theta.len());
    let mut run = match fitting.map(|state| Minimization::resume(*settings, state)) {
        Some(Ok(run)) => run,
        _ => Minimization::new(*settings, objective, theta),
    };
    let reason = loop {
        match run.step(objective) {
            Ok(report) => {
                progress.step(report.iteration, report.cost.to_f64());
                progress.keep(false, &|| checkpoint::encode(&run.state()));
            }
            Err(reason) => break reason,
        }
    };
    progress.keep(true, &|| {
        let mut state = run.state();
        // That these ended can be told from the point and the counters alone.
        if matches!(reason, Reason::GradientSmall | Reason::CostFlat | Reason::Iterations) {
            state.pairs.clear();
        }
        checkpoint::encode(&state)
    });
    theta.copy_from_slice(&run.best().theta);
    run.outcome(reason)
}

/// What the work is, for [`Keeper`]: the program's version, the precision, and whatever else is given, one thing a
/// line.
pub fn about<T: Real>(things: &[(&str, String)]) -> String {
    let mut text = format!("ossicle {}\nprecision: {}\n", env!("CARGO_PKG_VERSION"), T::NAME);
    for (name, value) in things {
        text += &format!("{name}: {value}\n");
    }
    text
}

#[cfg(test)]
mod tests;
