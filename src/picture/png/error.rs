//! Errors of PNG files, and their messages.

use crate::bytes::inflate::InflateError;
use crate::bytes::limits::Exceeded;
use crate::number::decimal::Count;
use core::fmt;

/// An error in a PNG file, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PngError {
    /// The index of the byte of the file at which the error was found; for errors of the pixels, that of the first
    /// chunk `IDAT`.
    pub offset: usize,
    /// The error.
    pub cause: PngCause,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PngCause {
    /// The file begins with these bytes, not with the signature.
    Signature([u8; 8]),
    /// The file ends too early.
    Truncated {
        /// The number of bytes that the next part has.
        expected: usize,
        /// The number of bytes that remain.
        found: usize,
    },
    /// The data of a chunk does not match its checksum.
    Sum {
        /// The type of the chunk.
        kind: [u8; 4],
        /// The checksum in the file.
        expected: u32,
        /// The checksum of type and data.
        found: u32,
    },
    /// A chunk stands where its type may not: the first chunk is `IHDR` and no other, `PLTE` precedes `IDAT`, and the
    /// chunks `IDAT` follow one another.
    Place([u8; 4]),
    /// A chunk of an unknown type, which must not be ignored: the first letter of its type is a capital.
    Unknown([u8; 4]),
    /// A chunk has a length that its type does not have.
    Length {
        /// The type of the chunk.
        kind: [u8; 4],
        /// The number of bytes.
        found: usize,
    },
    /// The image has no pixels.
    Empty {
        /// The number of pixels in a row.
        width: u32,
        /// The number of rows.
        height: u32,
    },
    /// The image has more pixels than are accepted.
    Limit(Exceeded),
    /// A sample has this number of bits, not 8.
    Depth(u8),
    /// The color type is not 0, 2, 3, 4 or 6.
    Color(u8),
    /// The compression, the family of filters, or the interlacing has this number, not 0.
    Method {
        /// Which of the three.
        method: Method,
        /// Its number.
        found: u8,
    },
    /// The pixels are indices of colors, and there is no chunk `PLTE`.
    NoPalette,
    /// The file has no chunk `IDAT`.
    NoPixels,
    /// The chunks `IDAT`, one after the other, are not a sound zlib stream; the position is that in the stream.
    Stream(InflateError),
    /// The rows have fewer bytes than the header claims.
    Short {
        /// The number of bytes of all rows.
        expected: usize,
        /// The number in the stream.
        found: usize,
    },
    /// The rows have more bytes than the header claims, which is this number.
    Long(usize),
    /// A row has a filter of this number; there are 0 to 4.
    Filter {
        /// The row, counted from 0.
        row: usize,
        /// The number of its filter.
        found: u8,
    },
    /// A pixel is an index beyond the last color.
    Index {
        /// The number of colors.
        expected: usize,
        /// The index.
        found: u8,
    },
}

/// A part of the header that has only one accepted value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The compression, always Deflate.
    Compression,
    /// The family of filters, always that of five.
    Filters,
    /// The order of the pixels. The other one, Adam7, sends a coarse image first.
    Interlacing,
}

impl core::error::Error for PngError {}

impl fmt::Display for PngError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}, ", self.offset)?;
        match self.cause {
            PngCause::Signature(found) => {
                write!(f, "the file begins with the bytes")?;
                found.iter().try_for_each(|byte| write!(f, " {byte:02x}"))?;
                write!(f, ", and a PNG file with 89 50 4e 47 0d 0a 1a 0a")
            }
            PngCause::Truncated { expected, found } => {
                write!(f, "{} were expected, but the file ends after {found}", Count(expected, "byte"))
            }
            PngCause::Sum { kind, expected, found } => write!(
                f,
                "the checksum of the chunk {} is {expected:#010x}, but the chunk has {found:#010x}",
                kind.escape_ascii()
            ),
            PngCause::Place(kind) => write!(f, "a chunk {} may not stand there", kind.escape_ascii()),
            PngCause::Unknown(kind) => {
                write!(f, "the chunk {} is unknown, and is not marked as one to ignore", kind.escape_ascii())
            }
            PngCause::Length { kind, found } => {
                write!(f, "a chunk {} cannot have {}", kind.escape_ascii(), Count(found, "byte"))
            }
            PngCause::Empty { width, height } => write!(f, "the image is {width} pixels wide and {height} pixels high"),
            PngCause::Limit(error) => error.fmt(f),
            PngCause::Depth(found) => write!(f, "the samples have {}; only 8 are read", Count(found, "bit")),
            PngCause::Color(found) => write!(f, "the color type is {found}; there are only 0, 2, 3, 4 and 6"),
            PngCause::Method { method: Method::Interlacing, found: 1 } => {
                write!(f, "the image is interlaced (Adam7); only images that are not interlaced are read")
            }
            PngCause::Method { method, found } => write!(f, "{method} has the number {found}; only 0 is known"),
            PngCause::NoPalette => write!(f, "the pixels are indices of colors, but no chunk PLTE precedes them"),
            PngCause::NoPixels => write!(f, "the file ends without a chunk IDAT"),
            PngCause::Stream(error) => {
                write!(f, "the stream of pixels, all chunks IDAT together, is not sound: {error}")
            }
            PngCause::Short { expected, found } => {
                write!(f, "the rows of the image have {expected} bytes, but the stream of pixels has {found}")
            }
            PngCause::Long(expected) => {
                write!(f, "the rows of the image have {expected} bytes, but the stream of pixels has more")
            }
            PngCause::Filter { row, found } => {
                write!(f, "row {row}, counted from 0, has the filter {found}; there are only 0 to 4")
            }
            PngCause::Index { expected, found } => {
                write!(f, "a pixel is the color {found}, counted from 0, of {expected}")
            }
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Compression => "the compression",
            Method::Filters => "the family of filters",
            Method::Interlacing => "the interlacing",
        })
    }
}
