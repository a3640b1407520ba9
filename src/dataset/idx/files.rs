//! The files of MNIST: found by their names, plain or gzipped, and compared with one another.
//!
//! | set | images | labels |
//! | --- | --- | --- |
//! | training | `train-images-idx3-ubyte` | `train-labels-idx1-ubyte` |
//! | test | `t10k-images-idx3-ubyte` | `t10k-labels-idx1-ubyte` |
//!
//! Some copies have a dot for the second hyphen, as in `train-images.idx3-ubyte`; any may end in `.gz`. The first two
//! bytes of a file show whether it is gzipped. Sets made after MNIST's model (Fashion-MNIST, Kuzushiji-MNIST) have the
//! same names.

use super::{Header, Idx, IdxError, MOST_DIMENSIONS};
use crate::bytes::inflate::{Cause, GZIP, InflateError, gunzip, gunzip_start};
use crate::bytes::limits::{Exceeded, IDX_FILE, IDX_NUMBERS, IMAGE};
use crate::bytes::path::shown_path;
use crate::bytes::read::{self, ReadError};
use crate::number::decimal::Count;
use core::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::vec::Vec;
use std::{fmt, format, io};

/// The bytes of the longest header.
const LONGEST_HEADER: usize = 4 + 4 * MOST_DIMENSIONS as usize;
/// The digits from 0 to 9.
const CLASSES: usize = 10;
/// The names of the files: images and labels, to train on and to test on.
const FILES: [[&str; 2]; 2] =
    [["train-images-idx3-ubyte", "train-labels-idx1-ubyte"], ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]];

/// Why a file cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum IdxFileError {
    /// It cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It begins as a gzip file, and is not a sound one.
    Gzip(PathBuf, InflateError),
    /// It is not the IDX file that it should be.
    Idx(PathBuf, IdxError),
    /// It is longer, or has more values, than is accepted.
    Limit(PathBuf, Exceeded),
}

/// Why a folder does not give MNIST.
#[derive(Debug)]
#[non_exhaustive]
pub enum MnistError {
    /// It is not a folder, or there is none.
    NotAFolder(PathBuf),
    /// The folder lacks these of the four files.
    Missing(PathBuf, Vec<&'static str>),
    /// A file gives no images or no labels.
    File(IdxFileError),
    /// The numbers of labels and of images differ.
    Count {
        /// The file of the images.
        images: PathBuf,
        /// How many it has.
        expected: usize,
        /// The file of the labels.
        labels: PathBuf,
        /// How many it has.
        found: usize,
    },
    /// A label is no digit.
    Label {
        /// The file of the labels.
        labels: PathBuf,
        /// Which label it is, counted from 0.
        index: usize,
        /// The label.
        found: usize,
    },
    /// The images of the test set have other rows and columns than those of the training set.
    ImageSize {
        /// The file of the test set's images.
        images: PathBuf,
        /// Rows and columns of the training set's images.
        expected: [usize; 2],
        /// Rows and columns of the test set's images.
        found: [usize; 2],
    },
}

impl fmt::Display for IdxFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdxFileError::Unreadable(path, error) => write!(f, "{}: {error}", shown_path(path)),
            IdxFileError::Gzip(path, error) => write!(f, "{}: {error}", shown_path(path)),
            IdxFileError::Idx(path, error) => write!(f, "{}: {error}", shown_path(path)),
            IdxFileError::Limit(path, error) => write!(f, "{}: {error}", shown_path(path)),
        }
    }
}

impl fmt::Display for MnistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MnistError::NotAFolder(path) if path.exists() => {
                write!(f, "{}: this is a file; a folder with the files of MNIST was expected", shown_path(path))
            }
            MnistError::NotAFolder(path) => write!(f, "{}: there is no such folder", shown_path(path)),
            MnistError::Missing(path, names) => {
                let names = names.join(", ");
                write!(f, "{}: this folder lacks files of MNIST (plain or .gz): {names}", shown_path(path))
            }
            MnistError::File(error) => error.fmt(f),
            MnistError::Count { images, expected, labels, found } => write!(
                f,
                "{}: there are {}, but {} in {}",
                shown_path(labels),
                Count(*found, "label"),
                Count(*expected, "image"),
                shown_path(images)
            ),
            MnistError::Label { labels, index, found } => {
                write!(f, "{}: label {index}, counted from 0, is {found}, not a digit from 0 to 9", shown_path(labels))
            }
            MnistError::ImageSize { images, expected: [rows, columns], found: [r, c] } => write!(
                f,
                "{}: the images have {r} x {c} points, but those of the training set {rows} x {columns}",
                shown_path(images)
            ),
        }
    }
}

impl std::error::Error for IdxFileError {}

impl std::error::Error for MnistError {}

/// Reads an IDX file, plain or gzipped. No more elements are read or unpacked than the header claims, and one byte
/// after them.
///
/// # Errors
/// [`IdxFileError`] lists the causes.
pub fn read(path: &Path) -> Result<Idx, IdxFileError> {
    let unreadable = |error| IdxFileError::Unreadable(path.into(), error);
    let limit = |error| IdxFileError::Limit(path.into(), error);
    let wrong = |error| IdxFileError::Idx(path.into(), error);
    let gzip = |error| IdxFileError::Gzip(path.into(), error);
    let fits = |header: &Header| IDX_NUMBERS.check(header.expected as u64).map_err(limit);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    read::up_to(&mut file, LONGEST_HEADER, &mut bytes).map_err(unreadable)?;
    let (header, values) = if bytes.starts_with(&GZIP) {
        read::rest(&mut file, &mut bytes, IDX_FILE).map_err(|error| match error {
            ReadError::Io(error) => unreadable(error),
            ReadError::Limit(error) => limit(error),
        })?;
        let header = Header::parse(&gunzip_start(&bytes, LONGEST_HEADER).map_err(gzip)?).map_err(wrong)?;
        fits(&header)?;
        let mut message = match gunzip(&bytes, header.offset + header.expected) {
            Ok(message) => message,
            Err(InflateError { cause: Cause::TooLong(_), .. }) => return Err(wrong(header.longer())),
            Err(error) => return Err(gzip(error)),
        };
        message.drain(..header.offset);
        (header, message)
    } else {
        let header = Header::parse(&bytes).map_err(wrong)?;
        fits(&header)?;
        let mut values = bytes.split_off(header.offset);
        let rest = (header.expected + 1).saturating_sub(values.len());
        read::up_to(&mut file, rest, &mut values).map_err(unreadable)?;
        (header, values)
    };
    match values.len().cmp(&header.expected) {
        Ordering::Less => Err(wrong(header.wrong_length(values.len()))),
        Ordering::Equal => Ok(Idx { sizes: header.sizes, values }),
        Ordering::Greater => Err(wrong(header.longer())),
    }
}

/// Images of handwritten digits, in three dimensions each, and which digit each shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mnist {
    /// Images to train on; for the first n as a matrix, see [`Idx::first_images`].
    pub train_images: Idx,
    /// Their digits, 0 to 9.
    pub train_labels: Vec<usize>,
    /// Images to test on, with the same numbers of rows and columns.
    pub test_images: Idx,
    /// Their digits, 0 to 9.
    pub test_labels: Vec<usize>,
}

/// Reads the four files of MNIST in a folder.
///
/// # Errors
/// [`MnistError`] lists the causes.
pub fn mnist(folder: &Path) -> Result<Mnist, MnistError> {
    if !folder.is_dir() {
        return Err(MnistError::NotAFolder(folder.into()));
    }
    let missing: Vec<&str> = FILES.into_iter().flatten().filter(|name| find(folder, name).is_none()).collect();
    if !missing.is_empty() {
        return Err(MnistError::Missing(folder.into(), missing));
    }
    let [train, test] = FILES;
    let (train_images, train_labels, _, expected) = set(folder, train)?;
    let (test_images, test_labels, images, found) = set(folder, test)?;
    if found != expected {
        return Err(MnistError::ImageSize { images, expected, found });
    }
    Ok(Mnist { train_images, train_labels, test_images, test_labels })
}

/// Images and their labels; the file of the images, their rows and columns.
type Set = (Idx, Vec<usize>, PathBuf, [usize; 2]);

fn set(folder: &Path, names: [&'static str; 2]) -> Result<Set, MnistError> {
    let path = |name| find(folder, name).ok_or_else(|| MnistError::Missing(folder.into(), Vec::from([name])));
    let [images_path, labels_path] = [path(names[0])?, path(names[1])?];
    let images = read(&images_path).map_err(MnistError::File)?;
    let labels = read(&labels_path).map_err(MnistError::File)?;

    let of = |path: &PathBuf| {
        let path = path.clone();
        |error| MnistError::File(IdxFileError::Idx(path, error))
    };
    let [expected, rows, columns] = images.dimensions().map_err(of(&images_path))?;
    IMAGE
        .check(rows.saturating_mul(columns) as u64)
        .map_err(|error| MnistError::File(IdxFileError::Limit(images_path.clone(), error)))?;
    let labels = labels.labels().map_err(of(&labels_path))?;
    let found = labels.len();
    if found != expected {
        return Err(MnistError::Count { images: images_path, expected, labels: labels_path, found });
    }
    if let Some(index) = labels.iter().position(|&label| label >= CLASSES) {
        return Err(MnistError::Label { labels: labels_path, index, found: labels[index] });
    }
    Ok((images, labels, images_path, [rows, columns]))
}

/// The file in the folder with this name, or with a dot for the second hyphen; plain before gzipped.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let names = [name.into(), name.replace("-idx", ".idx")];
    let paths = ["", ".gz"].into_iter().flat_map(|gz| names.each_ref().map(|name| folder.join(format!("{name}{gz}"))));
    paths.into_iter().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::checksum::crc32;
    use crate::bytes::deflate::deflate;
    use std::fs;
    use std::string::ToString;
    use std::vec;

    /// A folder that is removed again.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str, files: &[(&str, Vec<u8>)]) -> Self {
            let path = std::env::temp_dir().join(format!("ossicle-idx-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            files.iter().for_each(|(name, bytes)| fs::write(path.join(name), bytes).unwrap());
            Temporary(path)
        }

        /// What is wrong with it once these files are there too.
        fn error(&self, files: &[(&str, Vec<u8>)]) -> MnistError {
            files.iter().for_each(|(name, bytes)| fs::write(self.0.join(name), bytes).unwrap());
            mnist(&self.0).unwrap_err()
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn idx(sizes: &[u8], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        sizes.iter().for_each(|&size| bytes.extend([0, 0, 0, size]));
        bytes.extend_from_slice(values);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        file.extend(deflate(bytes));
        file.extend(crc32(bytes).to_le_bytes());
        file.extend((bytes.len() as u32).to_le_bytes());
        file
    }

    /// Three images to learn from and two to be tested on, under all kinds of names.
    fn sound() -> [(&'static str, Vec<u8>); 4] {
        [
            ("train-images-idx3-ubyte.gz", gzip(&idx(&[3, 1, 2], &[0, 255, 51, 102, 0, 0]))),
            ("train-labels.idx1-ubyte", idx(&[3], &[5, 0, 9])),
            // The bytes of a file decide what it is, not its name.
            ("t10k-images-idx3-ubyte", gzip(&idx(&[2, 1, 2], &[1, 2, 3, 4]))),
            ("t10k-labels.idx1-ubyte.gz", idx(&[2], &[7, 2])),
        ]
    }

    #[test]
    fn four_files_are_found_and_read() {
        let folder = Temporary::new("sound", &sound());
        let mnist = mnist(&folder.0).unwrap();
        assert_eq!((mnist.train_images.sizes(), mnist.test_images.sizes()), (&[3, 1, 2][..], &[2, 1, 2][..]));
        assert_eq!((mnist.train_labels, mnist.test_labels), (vec![5, 0, 9], vec![7, 2]));
        assert_eq!(mnist.train_images.first_images::<f64>(2).unwrap().elements(), [0.0, 0.2, 1.0, 0.4]);
        assert_eq!(mnist.test_images.values(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let folder = Temporary::new("missing", &sound()[..3]);
        let error = folder.error(&[]);
        let MnistError::Missing(_, names) = &error else { panic!("{error}") };
        assert_eq!(names[..], ["t10k-labels-idx1-ubyte"]);
        assert!(error.to_string().ends_with("lacks files of MNIST (plain or .gz): t10k-labels-idx1-ubyte"), "{error}");
        let nowhere = folder.0.join("nowhere");
        assert!(matches!(mnist(&nowhere), Err(MnistError::NotAFolder(path)) if path == nowhere));
        assert!(matches!(read(&nowhere), Err(IdxFileError::Unreadable(path, _)) if path == nowhere));
    }

    #[test]
    fn a_file_that_is_not_sound_is_named_with_the_cause() {
        let folder = Temporary::new("unsound", &sound());
        let name = "train-images-idx3-ubyte.gz";
        let mut damaged = gzip(&idx(&[3, 1, 2], &[0; 6]));
        let end = damaged.len() - 5;
        damaged[end] ^= 1;
        let mut huge = idx(&[1, 1, 1], &[0]);
        huge[4] = 128;
        for (bytes, sentence) in [
            (damaged, "the checksum of the message is"),
            // One value too few, one too many, or many.
            (gzip(&idx(&[3, 1, 2], &[0; 5])), "3 x 1 x 2, make 6 values, but from byte 16 on there are 5"),
            (gzip(&idx(&[3, 1, 2], &[0; 7])), "3 x 1 x 2, make 6 values, but from byte 16 on there are more"),
            (idx(&[3, 1, 2], &[0; 5]), "3 x 1 x 2, make 6 values, but from byte 16 on there are 5"),
            (idx(&[3, 1, 2], &[0; 100]), "3 x 1 x 2, make 6 values, but from byte 16 on there are more"),
            // More bytes than the limit.
            (
                huge.clone(),
                "the number of bytes that the sizes multiply to is 2147483649; at most 1073741824 are accepted",
            ),
            (
                gzip(&huge),
                "the number of bytes that the sizes multiply to is 2147483649; at most 1073741824 are accepted",
            ),
            (gzip(&idx(&[6], &[0; 6])), "images have 3 dimensions, but the block has 1"),
            (b"<html>".to_vec(), "begins with the bytes 3c 68"),
            (Vec::new(), "ends after 0 bytes"),
        ] {
            let error = folder.error(&[(name, bytes)]).to_string();
            assert!(error.starts_with(&format!("{}: ", folder.0.join(name).display())), "{error}");
            assert!(error.contains(sentence), "{error}");
        }
    }

    #[test]
    fn sets_that_do_not_fit_together_are_errors() {
        let folder = Temporary::new("unfit", &sound());
        let error = folder.error(&[("train-labels.idx1-ubyte", idx(&[2], &[5, 0]))]);
        assert!(matches!(error, MnistError::Count { expected: 3, found: 2, .. }), "{error}");
        let error = folder.error(&[("train-labels.idx1-ubyte", idx(&[3], &[5, 10, 9]))]);
        assert!(matches!(error, MnistError::Label { index: 1, found: 10, .. }), "{error}");
        let sound = sound()[1].clone();
        let error = folder.error(&[sound, ("t10k-images-idx3-ubyte", idx(&[2, 2, 1], &[1, 2, 3, 4]))]);
        assert!(matches!(error, MnistError::ImageSize { expected: [1, 2], found: [2, 1], .. }), "{error}");
    }
}
