//! Reading: whole files, up to a limit.
//!
//! A path may name an endless device, a pipe, or a file of the wrong kind. So the first bytes are checked before the
//! rest is read, and the length is counted while reading; the length that the system reports is not used.

use super::limits::{Exceeded, Limit};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::vec::Vec;

/// Why a file was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// It cannot be read.
    Io(io::Error),
    /// It is longer than the limit.
    Limit(Exceeded),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => error.fmt(f),
            ReadError::Limit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        ReadError::Io(error)
    }
}

/// Reads a file that starts with `magic`. If the file starts differently, only its first `magic.len()` bytes are read
/// and returned, for the format's parser to reject.
///
/// # Errors
/// See [`ReadError`].
pub fn file(path: &Path, magic: &[u8], limit: Limit) -> Result<Vec<u8>, ReadError> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    up_to(&mut file, magic.len(), &mut bytes)?;
    if bytes == magic {
        rest(&mut file, &mut bytes, limit)?;
    }
    Ok(bytes)
}

/// Appends the next `n` bytes, or all that remain if they are fewer.
///
/// # Errors
/// Those of the source.
pub fn up_to(source: &mut impl Read, n: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
    source.take(n as u64).read_to_end(bytes).map(|_| ())
}

/// Appends the remaining bytes, and fails if `bytes` then exceeds the limit; at most one byte beyond the limit is read.
///
/// # Errors
/// See [`ReadError`].
pub fn rest(source: &mut impl Read, bytes: &mut Vec<u8>, limit: Limit) -> Result<(), ReadError> {
    up_to(source, limit.length().saturating_add(1).saturating_sub(bytes.len()), bytes)?;
    if bytes.len() as u64 > limit.most { Err(ReadError::Limit(limit.exceeded())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: Limit = Limit { what: "the length", most: 4, unit: "bytes" };

    #[test]
    fn no_more_is_read_than_the_limit_and_one_byte() {
        for (length, fits) in [(0, true), (3, true), (4, true), (5, false), (100, false)] {
            let (mut source, mut bytes) = (&[7_u8; 100][..length], Vec::new());
            let result = rest(&mut source, &mut bytes, FOUR);
            assert_eq!((result.is_ok(), bytes.len()), (fits, length.min(5)));
        }
        let mut endless = io::repeat(0);
        let error = rest(&mut endless, &mut Vec::new(), FOUR).unwrap_err();
        assert!(matches!(error, ReadError::Limit(error) if error == FOUR.exceeded()), "{error}");
    }

    #[test]
    fn a_file_of_another_kind_is_not_read() {
        let path = std::env::temp_dir().join(std::format!("ossicle-read-{}", std::process::id()));
        for (content, read) in [("MAGI", "MAGI"), ("MA", "MA"), ("M", "M"), ("", ""), ("other", "ot")] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(file(&path, b"MA", FOUR).unwrap(), read.as_bytes());
        }
        std::fs::write(&path, b"MAGIC").unwrap();
        assert!(matches!(file(&path, b"MA", FOUR), Err(ReadError::Limit(_))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(file(&path, b"MA", FOUR), Err(ReadError::Io(_))));
    }
}
