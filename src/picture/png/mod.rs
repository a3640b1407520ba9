//! PNG: an image as a losslessly compressed file, written and read.
//!
//! A PNG file is a signature of eight bytes and then chunks. A chunk is
//!
//! ```text
//! length of the data      4 bytes, highest first
//! type                    4 letters
//! data
//! CRC-32 of type and data 4 bytes
//! ```
//!
//! Four types are enough. `IHDR` opens: width, height, bits a sample, color type, and a byte each for the compression,
//! the family of filters, and interlacing. `PLTE` holds the colors of an image whose pixels are indices of colors.
//! `IDAT` holds the pixels as a zlib stream, which may be split into chunks anywhere. `IEND` closes and is empty.
//!
//! Before compression each row is **filtered**: a byte is replaced by its difference from a prediction, modulo 256, so
//! that smooth regions become small numbers and flat ones runs of zeros. A byte in front of the row names the filter.
//!
//! In reading order:
//!
//! 1. [`write`](mod@write): an [`Image`](super::image::Image) as a file, with three of the five filters;
//! 2. [`read`]: a file of any other program as a matrix of shades of gray, with all filters;
//! 3. [`error`]: what can be wrong with a file.
//!
//! Reader and writer are neighbors because they share the format's numbers, and because each tests the other.
//!
//! Source: Portable Network Graphics, second edition (W3C and ISO/IEC 15948, 2003): §5 chunks, §9 filters.

pub mod error;
pub mod read;
pub mod write;

pub use error::{PngCause, PngError};
pub use read::read_gray;
pub use write::png;

/// The first bytes of every PNG file. The first byte reveals a transfer that drops the eighth bit; the line ends reveal
/// one that changes line ends.
pub const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];
