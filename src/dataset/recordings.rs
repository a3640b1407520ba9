//! Recordings with their labels: the samples, the class, the group and the take.
//!
//! The samples of a hundred hours do not fit in memory. So a recording in a file has its samples there, and they are
//! read at each use; a recording that was made has them in memory.
//!
//! Why more than samples and a class: an accuracy means little unless we know which recordings are alike. The **group**
//! is the origin, over which a classifier may have to generalize: the speaker, the room, the instrument. The **take**
//! is the number of the repetition. [`split`](super::split) divides recordings by both.
//!
//! The name of a file may state all of these, `{label}_{group}_{index}.wav`. Names are read from the right, so that a
//! label may contain underscores: `7_theo_12` is take 12 of the label 7 by theo, and `snare_drum_kit1_0` take 0 of the
//! label snare_drum from kit1. Where each label has a folder, the label is the folder's name, and a file with a name of
//! another form has no group and no take.

#[cfg(feature = "std")]
use super::folder::SoundFile;
use alloc::borrow::Cow;
use alloc::string::String;
#[cfg(feature = "std")]
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// One sound: its label, its group and its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The name of its file as it is [shown](crate::bytes::escape), or another unique name.
    pub name: String,
    /// Its class, as an index into [`Collection::labels`].
    pub label: usize,
    /// Its origin, such as the speaker or the instrument. Empty if unknown.
    pub group: String,
    /// The number of the take. The official test set consists of takes 0 to 4.
    pub index: Option<u64>,
    /// One channel, between -1 and 1.
    pub samples: Samples,
}

/// The samples of a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// In memory.
    Held(Vec<f64>),
    /// In a file.
    #[cfg(feature = "std")]
    File(Arc<SoundFile>),
}

/// Why the samples of a recording cannot be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RereadError {
    /// The file as it is [shown](crate::bytes::escape).
    pub file: String,
    /// Why, as a sentence without a period.
    pub cause: String,
}

impl fmt::Display for RereadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.cause)
    }
}

impl core::error::Error for RereadError {}

impl Samples {
    /// Their number.
    pub fn count(&self) -> usize {
        match self {
            Samples::Held(samples) => samples.len(),
            #[cfg(feature = "std")]
            Samples::File(file) => file.count(),
        }
    }

    /// An error of reading them.
    pub(crate) fn error(&self, cause: &str) -> RereadError {
        let file = match self {
            Samples::Held(_) => String::new(),
            #[cfg(feature = "std")]
            Samples::File(file) => file.shown(),
        };
        RereadError { file, cause: cause.into() }
    }

    /// The samples.
    ///
    /// # Errors
    /// If the file cannot be read, or its samples are not as many as they were.
    pub fn read(&self) -> Result<Cow<'_, [f64]>, RereadError> {
        match self {
            Samples::Held(samples) => Ok(Cow::Borrowed(samples)),
            #[cfg(feature = "std")]
            Samples::File(file) => file.read().map(Cow::Owned),
        }
    }
}

impl From<Vec<f64>> for Samples {
    fn from(samples: Vec<f64>) -> Self {
        Samples::Held(samples)
    }
}

/// Recordings of one sampling rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    /// Sampling rate in Hz.
    pub rate: u32,
    /// The classes' names, in the order of their bytes.
    pub labels: Vec<String>,
    /// In the order of their files' names.
    pub recordings: Vec<Recording>,
}

/// The parts of a file's name of the pattern `{label}_{group}_{index}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The label; it may contain underscores.
    pub label: &'a str,
    /// The group.
    pub group: &'a str,
    /// The index.
    pub index: u64,
}

impl<'a> Name<'a> {
    /// Reads a file's name without its extension; `None` if it does not fit the pattern.
    pub fn parse(stem: &'a str) -> Option<Self> {
        let (rest, index) = stem.rsplit_once('_')?;
        let (label, group) = rest.rsplit_once('_')?;
        let digits = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
        let named = !label.is_empty() && !group.is_empty();
        (digits && named).then_some(Name { label, group, index: index.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn names_are_read_from_the_right() {
        assert_eq!(Name::parse("7_theo_12"), Some(Name { label: "7", group: "theo", index: 12 }));
        assert_eq!(Name::parse("snare_drum_kit1_0").map(|name| name.label), Some("snare_drum"));
        for odd in
            ["", "7", "7_theo", "7_theo_x", "7_theo_", "_theo_1", "7__1", "7_theo_-1", "7_theo_99999999999999999999"]
        {
            assert_eq!(Name::parse(odd), None, "{odd}");
        }
    }
}
