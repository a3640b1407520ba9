//! IDX: the format of the handwritten digits of MNIST.
//!
//! A file is a block of values with one to four dimensions. Integers are big-endian.
//!
//! | byte | size | field |
//! | --- | --- | --- |
//! | 0 | 2 | 0 |
//! | 2 | 1 | the type of the values; only 8, bytes from 0 to 255, is read here |
//! | 3 | 1 | the number of dimensions, d |
//! | 4 | 4·d | the size of each dimension |
//! | 4 + 4·d | | the values; the index of the last dimension varies fastest |
//!
//! Labels have one dimension. Images have three: image, row, column. An element p of an image is the
//! darkness of a point, and becomes
//!
//! ```text
//! x = p / 255                                0 ≤ x ≤ 1
//! ```
//!
//! and an image, row after row, becomes one column of a matrix.
//!
//! The product of the sizes must equal the number of values. A size may be 0, and then there are no values.
//!
//! ```
//! use ossicle::dataset::idx::{Idx, IdxError};
//!
//! let images = Idx::parse(&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102])?;
//! assert_eq!(images.sizes(), [2, 1, 2]);
//! let matrix = images.images::<f64>()?;
//! assert_eq!((matrix.column(0), matrix.column(1)), (vec![0.0, 1.0], vec![0.2, 0.4]));
//!
//! let labels = Idx::parse(&[0, 0, 8, 1, 0, 0, 0, 2, 5, 0])?;
//! assert_eq!(labels.labels()?, [5, 0]);
//! assert_eq!(labels.images::<f64>().unwrap_err(), IdxError::Dimensions { expected: 3, found: 1 });
//! # Ok::<(), IdxError>(())
//! ```
//!
//! Reading order: this page is for bytes that are there; `files` finds and reads them.
//!
//! Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

#[cfg(feature = "std")]
mod files;

#[cfg(feature = "std")]
pub use files::{IdxFileError, Mnist, MnistError, mnist, read};

use crate::bytes::endian::Reader;
use crate::bytes::inflate::GZIP;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::decimal::Count;
use alloc::vec::Vec;
use core::fmt;

/// The type of the values that are read.
const UNSIGNED_BYTE: u8 = 8;
/// The most dimensions.
const MOST_DIMENSIONS: u8 = 4;
/// Images that are transposed together: their bytes, and their columns of the matrix, stay in the cache.
const IMAGES_AT_ONCE: usize = 64;

/// Bytes in one to four dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    sizes: Vec<usize>,
    values: Vec<u8>,
}

/// What is wrong with an IDX file, or with what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdxError {
    /// The file ends within its header.
    ShortHeader {
        /// The bytes of the header, as far as it is known.
        expected: usize,
        /// The bytes of the file.
        found: usize,
    },
    /// The first two bytes are not 0.
    Magic {
        /// The two bytes.
        found: [u8; 2],
    },
    /// The values are of another type than unsigned bytes. The message names the usual ones.
    Type {
        /// The type's number, byte 2.
        found: u8,
    },
    /// The number of dimensions is not among 1 to 4.
    DimensionCount {
        /// The number of dimensions, byte 3.
        found: u8,
    },
    /// The sizes other than 0 multiply to more than memory could hold.
    TooLarge {
        /// The sizes, which begin at byte 4.
        sizes: Vec<u32>,
    },
    /// There are more or fewer values than the sizes say.
    Length {
        /// Where the values begin.
        offset: usize,
        /// The sizes, which begin at byte 4.
        sizes: Vec<u32>,
        /// Their product.
        expected: usize,
        /// The number of values found.
        found: usize,
    },
    /// More values follow in a file than the sizes say; their number was not counted.
    Longer {
        /// Where the values begin.
        offset: usize,
        /// The sizes, which begin at byte 4.
        sizes: Vec<u32>,
        /// Their product.
        expected: usize,
    },
    /// The block does not have the dimensions of images or of labels.
    Dimensions {
        /// How many dimensions are needed: 3 for images, 1 for labels.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

/// What stands before the values.
struct Header {
    sizes: Vec<usize>,
    /// The sizes as they are stored.
    claimed: Vec<u32>,
    /// Where the values begin.
    offset: usize,
    /// The number of values that the sizes require.
    expected: usize,
}

impl Header {
    /// The header that the bytes begin with.
    fn parse(bytes: &[u8]) -> Result<Header, IdxError> {
        let short = |expected| IdxError::ShortHeader { expected, found: bytes.len() };
        let mut reader = Reader::new(bytes);
        let found = reader.array().ok_or(short(4))?;
        if found != [0, 0] {
            return Err(IdxError::Magic { found });
        }
        let [kind, dimensions] = reader.array().ok_or(short(4))?;
        if kind != UNSIGNED_BYTE {
            return Err(IdxError::Type { found: kind });
        }
        if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
            return Err(IdxError::DimensionCount { found: dimensions });
        }
        let mut claimed = Vec::new();
        for _ in 0..dimensions {
            let size = reader.array().map(u32::from_be_bytes);
            claimed.push(size.ok_or(short(4 + 4 * usize::from(dimensions)))?);
        }

        // Zeros aside, so that no product of some of the sizes can overflow later.
        let mut sizes = Vec::new();
        let mut product = 1_usize;
        for &size in &claimed {
            let size = usize::try_from(size).ok();
            let larger = size.and_then(|size| product.checked_mul(size.max(1)));
            let (Some(size), Some(larger)) = (size, larger) else { return Err(IdxError::TooLarge { sizes: claimed }) };
            sizes.push(size);
            product = larger;
        }
        let expected = if sizes.contains(&0) { 0 } else { product };
        Ok(Header { sizes, claimed, offset: reader.position(), expected })
    }

    /// The error of a number of elements that is not the header's.
    fn wrong_length(self, found: usize) -> IdxError {
        IdxError::Length { offset: self.offset, sizes: self.claimed, expected: self.expected, found }
    }

    /// The error of more elements than the header's.
    #[cfg(feature = "std")]
    fn longer(self) -> IdxError {
        IdxError::Longer { offset: self.offset, sizes: self.claimed, expected: self.expected }
    }
}

impl Idx {
    /// The values of a file.
    ///
    /// # Errors
    /// If the bytes are not, from the first to the last, an IDX file of unsigned bytes in one to four dimensions.
    pub fn parse(bytes: &[u8]) -> Result<Idx, IdxError> {
        let header = Header::parse(bytes)?;
        let values = &bytes[header.offset..];
        if values.len() != header.expected {
            return Err(header.wrong_length(values.len()));
        }
        Ok(Idx { sizes: header.sizes, values: values.to_vec() })
    }

    /// The size of each dimension.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// All values; the index of the last dimension varies fastest.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// All images as the columns of a matrix, points x images, with values from 0 to 1.
    ///
    /// # Errors
    /// If there are not three dimensions.
    pub fn images<T: Real>(&self) -> Result<Matrix<T>, IdxError> {
        self.first_images(usize::MAX)
    }

    /// The first n images as the columns of a matrix, or all if they are fewer.
    ///
    /// # Errors
    /// If there are not three dimensions.
    pub fn first_images<T: Real>(&self, n: usize) -> Result<Matrix<T>, IdxError> {
        let [images, rows, columns] = self.dimensions()?;
        let (images, points) = (images.min(n), rows * columns);
        let shade: Vec<T> = (0..=255).map(|p| T::from_usize(p) / T::from_usize(255)).collect();
        let mut matrix = Matrix::zeros(points, images);
        let values = &self.values[..points * images];
        for (group, some) in values.chunks(points.saturating_mul(IMAGES_AT_ONCE).max(1)).enumerate() {
            for i in 0..points {
                let row = &mut matrix.row_mut(i)[group * IMAGES_AT_ONCE..];
                for (x, image) in row.iter_mut().zip(some.chunks_exact(points)) {
                    *x = shade[usize::from(image[i])];
                }
            }
        }
        Ok(matrix)
    }

    /// All labels.
    ///
    /// # Errors
    /// If there is not just one dimension.
    pub fn labels(&self) -> Result<Vec<usize>, IdxError> {
        let [_] = self.dimensions()?;
        Ok(self.values.iter().map(|&label| usize::from(label)).collect())
    }

    /// The sizes, which are to be D.
    fn dimensions<const D: usize>(&self) -> Result<[usize; D], IdxError> {
        let found = self.sizes.len();
        self.sizes.as_slice().try_into().map_err(|_| IdxError::Dimensions { expected: D, found })
    }
}

impl core::error::Error for IdxError {}

impl fmt::Display for IdxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdxError::ShortHeader { expected, found } => {
                write!(f, "the file ends after {}, within the {expected} bytes of an IDX header", Count(*found, "byte"))
            }
            IdxError::Magic { found: [a, b] } => {
                let kind = if [*a, *b] == GZIP { "a gzip file, not an IDX file" } else { "not an IDX file" };
                write!(f, "this is {kind}: it begins with the bytes {a:02x} {b:02x}, and an IDX file with 00 00")
            }
            IdxError::Type { found } => {
                let name = type_name(*found).unwrap_or("something unknown");
                write!(f, "the values are stored as {name} (type {found:#04x} at byte 2), not as unsigned bytes (0x08)")
            }
            IdxError::DimensionCount { found } => {
                write!(f, "the number of dimensions at byte 3 is {found}, but only 1 to {MOST_DIMENSIONS} are read")
            }
            IdxError::TooLarge { sizes } => {
                write!(f, "the sizes at byte 4, {}, make more values than memory can hold", Product(sizes))
            }
            IdxError::Length { offset, sizes, expected, found } => write!(
                f,
                "the sizes at byte 4, {}, make {expected} values, but from byte {offset} on there are {found}",
                Product(sizes)
            ),
            IdxError::Longer { offset, sizes, expected } => write!(
                f,
                "the sizes at byte 4, {}, make {expected} values, but from byte {offset} on there are more",
                Product(sizes)
            ),
            IdxError::Dimensions { expected: 3, found } => {
                write!(f, "images have 3 dimensions, but the block has {found}")
            }
            IdxError::Dimensions { expected: 1, found } => {
                write!(f, "labels have 1 dimension, but the block has {found}")
            }
            IdxError::Dimensions { expected, found } => {
                write!(f, "{expected} dimensions are needed, but the block has {found}")
            }
        }
    }
}

/// Sizes as "60000 x 28 x 28".
struct Product<'a>(&'a [u32]);

impl fmt::Display for Product<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, size) in self.0.iter().enumerate() {
            write!(f, "{}{size}", if i > 0 { " x " } else { "" })?;
        }
        Ok(())
    }
}

/// The other types of the format.
fn type_name(kind: u8) -> Option<&'static str> {
    match kind {
        0x09 => Some("signed bytes"),
        0x0b => Some("integers of 2 bytes"),
        0x0c => Some("integers of 4 bytes"),
        0x0d => Some("floats of 4 bytes"),
        0x0e => Some("floats of 8 bytes"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    /// A file with these sizes.
    fn file(sizes: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
        bytes.extend_from_slice(values);
        bytes
    }

    #[test]
    fn one_to_four_dimensions_are_read() {
        let values: Vec<u8> = (0..24).collect();
        for sizes in [&[24][..], &[4, 6], &[2, 3, 4], &[1, 2, 3, 4]] {
            let idx = Idx::parse(&file(sizes, &values)).unwrap();
            assert_eq!(idx.values(), values);
            assert!(idx.sizes().iter().zip(sizes).all(|(&a, &b)| a == b as usize));
        }
    }

    #[test]
    fn an_image_is_a_column_of_numbers_from_0_to_1() {
        let (images, points) = (IMAGES_AT_ONCE * 2 + 3, 6);
        let values: Vec<u8> = (0..images * points).map(|i| (i * 37 % 256) as u8).collect();
        let idx = Idx::parse(&file(&[images as u32, 2, 3], &values)).unwrap();
        let expected = Matrix::from_function(points, images, |i, j| f64::from(values[j * points + i]) / 255.0);
        assert!(idx.images::<f64>().unwrap() == expected);
        let expected = Matrix::from_function(points, images, |i, j| f32::from(values[j * points + i]) / 255.0);
        assert!(idx.images::<f32>().unwrap() == expected);
        for n in [0, 1, 63, 64, 65, 128, 130, 131, 132] {
            let first: Vec<usize> = (0..n.min(images)).collect();
            assert!(idx.first_images::<f32>(n).unwrap() == expected.select_columns(&first), "{n}");
        }
    }

    #[test]
    fn labels_are_whole_numbers() {
        assert_eq!(Idx::parse(&file(&[4], &[5, 0, 255, 9])).unwrap().labels().unwrap(), [5, 0, 255, 9]);
    }

    #[test]
    fn a_size_may_be_zero() {
        for sizes in [[0, 28, 28], [5, 0, 28], [5, 28, 0], [0, 0, 0], [0, u32::MAX, 1], [u32::MAX, 0, 0]] {
            let idx = Idx::parse(&file(&sizes, &[])).unwrap();
            let matrix = idx.images::<f64>().unwrap();
            let [images, rows, columns] = sizes.map(|size| size as usize);
            assert_eq!((matrix.rows(), matrix.columns()), (rows * columns, images));
            assert!(matches!(Idx::parse(&file(&sizes, &[1])), Err(IdxError::Length { expected: 0, found: 1, .. })));
        }
        assert_eq!(Idx::parse(&file(&[0], &[])).unwrap().labels().unwrap(), []);
    }

    #[test]
    fn headers_that_lie_are_errors() {
        let sizes = vec![2, 3];
        for found in [0, 5, 7, 100] {
            let length = IdxError::Length { offset: 12, sizes: sizes.clone(), expected: 6, found };
            assert_eq!(Idx::parse(&file(&sizes, &vec![1; found])), Err(length));
        }
        let huge = vec![u32::MAX; 4];
        assert_eq!(Idx::parse(&file(&huge, &[1])), Err(IdxError::TooLarge { sizes: huge }));
        let hidden = vec![0, u32::MAX, u32::MAX, u32::MAX];
        assert_eq!(Idx::parse(&file(&hidden, &[])), Err(IdxError::TooLarge { sizes: hidden }));
    }

    #[test]
    fn other_files_are_errors() {
        let with = |at: usize, byte| {
            let mut bytes = file(&[2, 3], &[0; 6]);
            bytes[at] = byte;
            Idx::parse(&bytes).unwrap_err()
        };
        assert_eq!(with(0, 1), IdxError::Magic { found: [1, 0] });
        assert_eq!(with(1, 1), IdxError::Magic { found: [0, 1] });
        assert_eq!(with(2, 9), IdxError::Type { found: 9 });
        assert_eq!(with(3, 0), IdxError::DimensionCount { found: 0 });
        assert_eq!(with(3, 5), IdxError::DimensionCount { found: 5 });
        // With one dimension instead of two, the second size is read as values.
        let length = IdxError::Length { offset: 8, sizes: vec![2], expected: 2, found: 10 };
        assert_eq!(with(3, 1), length);
    }

    #[test]
    fn every_prefix_is_an_error() {
        let whole = file(&[2, 3], &[0; 6]);
        for end in 0..whole.len() {
            let error = Idx::parse(&whole[..end]).unwrap_err();
            match end {
                0..4 => assert_eq!(error, IdxError::ShortHeader { expected: 4, found: end }),
                4..12 => assert_eq!(error, IdxError::ShortHeader { expected: 12, found: end }),
                _ => assert!(matches!(error, IdxError::Length { .. })),
            }
        }
    }

    #[test]
    fn images_and_labels_need_their_dimensions() {
        for sizes in [&[1][..], &[1, 1], &[1, 1, 1], &[1, 1, 1, 1]] {
            let idx = Idx::parse(&file(sizes, &[7])).unwrap();
            let found = sizes.len();
            let images = (found != 3).then_some(IdxError::Dimensions { expected: 3, found });
            let labels = (found != 1).then_some(IdxError::Dimensions { expected: 1, found });
            assert_eq!((idx.images::<f32>().err(), idx.labels().err()), (images, labels));
        }
    }

    #[test]
    fn errors_are_sentences() {
        for (error, sentence) in [
            (
                IdxError::Magic { found: GZIP },
                "this is a gzip file, not an IDX file: it begins with the bytes 1f 8b, and an IDX file with 00 00",
            ),
            (
                IdxError::Type { found: 13 },
                "the values are stored as floats of 4 bytes (type 0x0d at byte 2), not as unsigned bytes (0x08)",
            ),
            (
                IdxError::Length { offset: 16, sizes: vec![60000, 28, 28], expected: 47_040_000, found: 5 },
                "the sizes at byte 4, 60000 x 28 x 28, make 47040000 values, but from byte 16 on there are 5",
            ),
            (IdxError::Dimensions { expected: 3, found: 1 }, "images have 3 dimensions, but the block has 1"),
        ] {
            assert_eq!(error.to_string(), sentence);
        }
    }
}
