//! .npy: NumPy's file of one array.
//!
//! Why: most of what is published about sound is computed in Python. `np.load` opens a file of this format as an array,
//! and `np.save` writes one, with every bit of every number. Text would lose bits or need three times the space.
//!
//! | byte | size | field |
//! | --- | --- | --- |
//! | 0 | 6 | the byte 0x93 and `NUMPY` |
//! | 6 | 2 | the version: 1 0, 2 0 or 3 0 |
//! | 8 | 2 or 4 | the length h of the header, little-endian: 2 bytes in version 1.0, 4 in the others |
//! | 10 or 12 | h | the header: a dictionary in Python's notation, spaces, and a line feed |
//! | 10 + h or 12 + h | | the elements |
//!
//! The dictionary of an array of 2 x 3 floats is
//!
//! ```text
//! {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }
//! ```
//!
//! | key | value |
//! | --- | --- |
//! | `descr` | the type: `<` (little-endian), `>` (big-endian) or <code>&#124;</code> (one byte); a letter; a number |
//! | `fortran_order` | whether the first index varies fastest, not the last (see [`array`](super::array)) |
//! | `shape` | the size of each dimension; a tuple of one size has a comma, `(3,)` |
//!
//! | type | read | written |
//! | --- | --- | --- |
//! | `b1` | bytes 0 or 1 | the same |
//! | `i1`, `i2`, `i4`, `i8`; `u1`, `u2`, `u4`, `u8` | signed and unsigned integers of that many bytes | the same |
//! | `f4`, `f8` | floats | the same |
//! | `Un` | texts of n characters or fewer, each a number of 4 bytes; zeros follow the last | n of the longest |
//!
//! Floats of 2 or 16 bytes, complex numbers, dates, byte strings, structures and Python objects are errors. Objects
//! would be the worst: they are pickled, and to unpickle a foreign file is to run a foreign program.
//!
//! **The start of the elements.** Spaces after the dictionary make it a multiple of 64, so that a program can map the
//! file into memory and use the elements where they are. By hand: the dictionary above has 59 characters. NumPy appends
//! spaces so that the first size could grow to 21 digits, here 20. With the 10 bytes before the header and the line
//! feed that makes 59 + 20 + 10 + 1 = 90; 38 more spaces make 128, and h = 128 - 10 = 118. Version 2.0 is written if h
//! would not fit in 2 bytes, which takes thousands of dimensions. Version 3.0 allows any characters in names of
//! structures.
//!
//! [`encode`] writes the bytes that `np.save` writes for an array in C order. [`decode`] accepts the keys in any order,
//! with any spaces, quotes of both kinds and a comma after the last entry; anything else that Python's notation allows
//! is an error, as are missing or surplus bytes after the header. NaN and infinities keep their bits. No memory is
//! allocated for a shape unless the file has its elements.
//!
//! ```
//! use ossicle::matrix::Matrix;
//! use ossicle::storage::array::Array;
//! use ossicle::storage::npy::{self, NpyError};
//!
//! let matrix = Matrix::from_rows(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, f64::INFINITY]);
//! let file = npy::encode(&Array::from_matrix(&matrix));
//! assert_eq!(file.len(), 128 + 6 * 8);
//! assert!(file[10..].starts_with(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"));
//! assert!(npy::decode(&file)?.to_matrix::<f64>().unwrap() == matrix);
//!
//! let error = npy::decode(&file[..150]).unwrap_err();
//! assert_eq!(error.to_string(), "the shape and the type need 48 bytes from byte 128 on, but the file has 22");
//! # Ok::<(), NpyError>(())
//! ```
//!
//! Sources: R. Kern, NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays", 2007; the format's
//! description in NumPy's manual (`numpy.lib.format`).

use super::array::{Array, ElementType, Elements, count};
use crate::bytes::endian::{Order, Reader, put_u16_le, put_u32_le};
use crate::bytes::escape::shown;
use crate::bytes::limits::{Exceeded, NPY_HEADER};
use crate::number::decimal::Count;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The first bytes of a file.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The elements start at a multiple of this.
const ALIGNMENT: usize = 64;
/// The digits to which the first size can grow without a new header.
const GROWTH_DIGITS: usize = 21;
/// The bytes of a character of a text.
const CHARACTER: usize = 4;

const KEYS: [&str; 3] = ["descr", "fortran_order", "shape"];

/// What is wrong with a file. Positions count the bytes of the file from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NpyError {
    /// It does not begin with [`MAGIC`].
    NotNpy,
    /// It has another version of the format.
    Version {
        /// The version, bytes 6 and 7.
        found: [u8; 2],
    },
    /// It ends within its header.
    ShortHeader {
        /// The bytes up to the elements, as far as they are known.
        expected: usize,
        /// The bytes of the file.
        found: usize,
    },
    /// The header is too long.
    Limit(Exceeded),
    /// The header is not the expected dictionary.
    Unexpected {
        /// Where.
        at: usize,
        /// What was expected.
        expected: &'static str,
        /// The byte found; `None` at the header's end.
        found: Option<u8>,
    },
    /// The dictionary has a key that is unknown, or a second time.
    Key {
        /// Where.
        at: usize,
        /// The key.
        found: String,
    },
    /// The dictionary lacks a key.
    Missing {
        /// The key.
        key: &'static str,
    },
    /// The elements are of a type that is not read.
    Type {
        /// Where.
        at: usize,
        /// The type.
        found: String,
    },
    /// The sizes other than 0 multiply to more than memory could hold.
    TooLarge {
        /// Where the shape is.
        at: usize,
    },
    /// There are more or fewer bytes than the shape and the type need.
    Length {
        /// Where the elements begin.
        offset: usize,
        /// The bytes of the elements.
        expected: usize,
        /// The bytes found.
        found: usize,
    },
    /// A byte of type `b1` is neither 0 nor 1.
    Bool {
        /// Where.
        at: usize,
        /// The byte.
        found: u8,
    },
    /// A number in a text is that of no character.
    Character {
        /// Where.
        at: usize,
        /// The number.
        found: u32,
    },
}

impl fmt::Display for NpyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NpyError::NotNpy => write!(f, "this is not a .npy file: it does not begin with the byte 0x93 and NUMPY"),
            NpyError::Version { found: [major, minor] } => {
                write!(f, "the .npy file has version {major}.{minor}, but only 1.0, 2.0 and 3.0 are read")
            }
            NpyError::ShortHeader { expected, found } => {
                write!(f, "the file ends after {}, within the {expected} bytes of its header", Count(*found, "byte"))
            }
            NpyError::Limit(error) => error.fmt(f),
            NpyError::Unexpected { at, expected, found: Some(found) } => {
                write!(f, "byte {at}: {expected} was expected, but `{}` was found", shown(&[*found]))
            }
            NpyError::Unexpected { at, expected, found: None } => {
                write!(f, "byte {at}: {expected} was expected, but the header ends")
            }
            NpyError::Key { at, found } if KEYS.contains(&found.as_str()) => {
                write!(f, "byte {at}: the header has the key '{found}' twice")
            }
            NpyError::Key { at, found } => {
                write!(f, "byte {at}: the header has the key '{}', but only ", shown(found))?;
                write!(f, "'descr', 'fortran_order' and 'shape' were expected")
            }
            NpyError::Missing { key } => write!(f, "the header has no key '{key}'"),
            NpyError::Type { at, found } => {
                write!(f, "byte {at}: elements of type '{}' are not read, only b1, i1, i2, i4, i8, ", shown(found))?;
                write!(f, "u1, u2, u4, u8, f4, f8 and U, each with its byte order")
            }
            NpyError::TooLarge { at } => {
                write!(f, "byte {at}: an array of this shape has more elements than memory can hold")
            }
            NpyError::Length { offset, expected, found } => {
                write!(f, "the shape and the type need {} from byte {offset} on, ", Count(*expected, "byte"))?;
                write!(f, "but the file has {found}")
            }
            NpyError::Bool { at, found } => {
                write!(f, "byte {at} is {found}, but 0 (false) or 1 (true) was expected")
            }
            NpyError::Character { at, found } => {
                write!(f, "byte {at}: the number {found:#x} in a text is that of no character")
            }
        }
    }
}

impl core::error::Error for NpyError {}

// Writing.

/// The bytes of a file, as `np.save` writes them.
///
/// NumPy drops characters U+0000 at the end of a text, and so does [`decode`].
pub fn encode(array: &Array) -> Vec<u8> {
    let width = match array.elements() {
        Elements::Text(texts) => texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1),
        _ => 0,
    };
    let mut out = header(&type_name(array.elements(), width), array.shape());
    match array.elements() {
        Elements::Text(texts) => {
            for text in texts {
                let padded = text.chars().map(u32::from).chain(core::iter::repeat(0));
                padded.take(width).for_each(|number| put_u32_le(&mut out, number));
            }
        }
        numbers => numbers.put_little(&mut out),
    }
    out
}

/// The value of `descr` for elements that are stored little-endian.
fn type_name(elements: &Elements, width: usize) -> String {
    let name = match elements.element_type() {
        None => return format!("<U{width}"),
        Some(ElementType::Bool) => "|b1",
        Some(ElementType::I8) => "|i1",
        Some(ElementType::I16) => "<i2",
        Some(ElementType::I32) => "<i4",
        Some(ElementType::I64) => "<i8",
        Some(ElementType::U8) => "|u1",
        Some(ElementType::U16) => "<u2",
        Some(ElementType::U32) => "<u4",
        Some(ElementType::U64) => "<u8",
        Some(ElementType::F32) => "<f4",
        Some(ElementType::F64) => "<f8",
    };
    name.to_string()
}

/// All bytes before the elements.
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if sizes.len() == 1 { "," } else { "" };
    let sizes_text = sizes.join(", ");
    let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes_text}{comma}), }}");
    let growth = sizes.first().map_or(0, |size| GROWTH_DIGITS.saturating_sub(size.len()));
    let used = dictionary.len() + growth + 1;
    // There is always a space or more, as in NumPy.
    let padded = |before: usize| (before + used) / ALIGNMENT * ALIGNMENT + ALIGNMENT - before;
    let mut out = MAGIC.to_vec();
    let length = match u16::try_from(padded(10)) {
        Ok(length) => {
            out.extend([1, 0]);
            put_u16_le(&mut out, length);
            usize::from(length)
        }
        Err(_) => {
            let length = padded(12);
            out.extend([2, 0]);
            put_u32_le(&mut out, length as u32);
            length
        }
    };
    out.extend_from_slice(dictionary.as_bytes());
    out.resize(out.len() + length - 1 - dictionary.len(), b' ');
    out.push(b'\n');
    out
}

// Reading.

/// How an element is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    Number(ElementType, Order),
    /// A text of this many characters.
    Text(usize, Order),
}

/// The dictionary's values, each with its position.
#[derive(Default)]
struct Dictionary {
    descr: Option<(usize, String)>,
    is_fortran: Option<bool>,
    shape: Option<(usize, Vec<usize>)>,
}

/// The array of a file.
///
/// # Errors
/// If the bytes are not, from the first to the last, a file of a type that is read: see [`NpyError`].
pub fn decode(bytes: &[u8]) -> Result<Array, NpyError> {
    let mut reader = Reader::new(bytes);
    if reader.array() != Some(*MAGIC) {
        return Err(NpyError::NotNpy);
    }
    let short = |expected| NpyError::ShortHeader { expected, found: bytes.len() };
    let length = match reader.array().ok_or(short(10))? {
        [1, 0] => u32::from(reader.u16_le().ok_or(short(10))?),
        [2 | 3, 0] => reader.u32_le().ok_or(short(12))?,
        found => return Err(NpyError::Version { found }),
    };
    NPY_HEADER.check(length.into()).map_err(NpyError::Limit)?;
    let start = reader.position();
    let offset = start + length as usize;
    let header = reader.take(length as usize).ok_or(short(offset))?;
    let dictionary = Parser { bytes: header, at: 0, start }.dictionary()?;
    let missing = |key| NpyError::Missing { key };
    let (at, descr) = dictionary.descr.ok_or(missing("descr"))?;
    let is_fortran = dictionary.is_fortran.ok_or(missing("fortran_order"))?;
    let (shape_at, shape) = dictionary.shape.ok_or(missing("shape"))?;
    let Some(stored) = stored(&descr) else { return Err(NpyError::Type { at, found: descr }) };

    let size = match stored {
        Stored::Number(element_type, _) => Some(element_type.size()),
        Stored::Text(width, _) => width.checked_mul(CHARACTER),
    };
    let too_large = NpyError::TooLarge { at: shape_at };
    let expected = count(&shape).and_then(|count| count.checked_mul(size?)).ok_or(too_large)?;
    let found = reader.remaining();
    let data = if expected == found { reader.take(found) } else { None };
    let data = data.ok_or(NpyError::Length { offset, expected, found })?;
    let elements = match stored {
        Stored::Number(element_type, order) => Elements::read(element_type, order, data)
            .map_err(|wrong| NpyError::Bool { at: offset + wrong, found: data[wrong] })?,
        Stored::Text(width, order) => {
            let texts = data.chunks(CHARACTER * width).enumerate();
            let text = |(i, bytes)| text(bytes, order, offset + i * CHARACTER * width);
            Elements::Text(texts.map(text).collect::<Result<_, _>>()?)
        }
    };
    Ok(Array::new(&shape, if is_fortran { elements.fortran_to_c(&shape) } else { elements }))
}

/// The meaning of `descr`; `None` if it is not read.
fn stored(descr: &str) -> Option<Stored> {
    let (order, name) = descr.split_at_checked(1)?;
    let element_type = match name {
        "b1" => ElementType::Bool,
        "i1" => ElementType::I8,
        "i2" => ElementType::I16,
        "i4" => ElementType::I32,
        "i8" => ElementType::I64,
        "u1" => ElementType::U8,
        "u2" => ElementType::U16,
        "u4" => ElementType::U32,
        "u8" => ElementType::U64,
        "f4" => ElementType::F32,
        "f8" => ElementType::F64,
        _ => {
            // A text of no characters would take no bytes, and so a few bytes could claim any number of texts.
            let width = name.strip_prefix('U').filter(|width| width.starts_with(|c| matches!(c, '1'..='9')))?;
            return Some(Stored::Text(width.parse().ok()?, byte_order(order)?));
        }
    };
    let order = if order == "|" && element_type.size() == 1 { Order::Little } else { byte_order(order)? };
    Some(Stored::Number(element_type, order))
}

fn byte_order(order: &str) -> Option<Order> {
    match order {
        "<" => Some(Order::Little),
        ">" => Some(Order::Big),
        _ => None,
    }
}

/// A text of an array, which is at byte `at` of the file.
fn text(bytes: &[u8], order: Order, at: usize) -> Result<String, NpyError> {
    let (numbers, _) = bytes.as_chunks();
    let number = |&bytes: &[u8; CHARACTER]| u32::from_le_bytes(order.to_little(bytes));
    let end = numbers.iter().rposition(|bytes| number(bytes) != 0).map_or(0, |last| last + 1);
    let character = |(i, bytes)| {
        let found = number(bytes);
        char::from_u32(found).ok_or(NpyError::Character { at: at + CHARACTER * i, found })
    };
    numbers[..end].iter().enumerate().map(character).collect()
}

/// A position in the header, which starts at byte `start` of the file.
struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    start: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The position in the file.
    fn position(&self) -> usize {
        self.start + self.at
    }

    fn unexpected(&self, expected: &'static str) -> NpyError {
        NpyError::Unexpected { at: self.position(), expected, found: self.peek() }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips the byte, which may stand after space, if it is next.
    fn skip(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), NpyError> {
        if self.skip(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// The whole header.
    fn dictionary(mut self) -> Result<Dictionary, NpyError> {
        let mut found = Dictionary::default();
        self.expect(b'{', "`{`")?;
        while !self.skip(b'}') {
            self.skip_space();
            let at = self.position();
            let key = self.string("a key in quotes or `}`")?;
            self.expect(b':', "`:`")?;
            self.skip_space();
            let value_at = self.position();
            match key.as_str() {
                "descr" if found.descr.is_none() => {
                    found.descr = Some((value_at, self.string("a type in quotes, such as '<f8',")?));
                }
                "fortran_order" if found.is_fortran.is_none() => found.is_fortran = Some(self.truth()?),
                "shape" if found.shape.is_none() => found.shape = Some((value_at, self.shape()?)),
                _ => return Err(NpyError::Key { at, found: key }),
            }
            if !self.skip(b',') {
                self.expect(b'}', "`,` or `}`")?;
                break;
            }
        }
        self.skip_space();
        if self.at < self.bytes.len() { Err(self.unexpected("the end of the header")) } else { Ok(found) }
    }

    /// A string in quotes of either kind, without escapes.
    fn string(&mut self, expected: &'static str) -> Result<String, NpyError> {
        let quote = self.peek().filter(|byte| matches!(byte, b'\'' | b'"')).ok_or(self.unexpected(expected))?;
        self.at += 1;
        let start = self.at;
        while matches!(self.peek(), Some(b' '..=b'~')) && !matches!(self.peek(), Some(b'\'' | b'"' | b'\\')) {
            self.at += 1;
        }
        if self.peek() != Some(quote) {
            return Err(self.unexpected("the end of the string"));
        }
        let string = self.bytes[start..self.at].iter().map(|&byte| char::from(byte)).collect();
        self.at += 1;
        Ok(string)
    }

    fn truth(&mut self) -> Result<bool, NpyError> {
        for (word, truth) in [("True", true), ("False", false)] {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(truth);
            }
        }
        Err(self.unexpected("True or False"))
    }

    /// A tuple of sizes.
    fn shape(&mut self) -> Result<Vec<usize>, NpyError> {
        let start = self.position();
        self.expect(b'(', "`(`")?;
        let mut sizes = Vec::new();
        let mut has_comma = true;
        while !self.skip(b')') {
            if !has_comma {
                return Err(self.unexpected("`,` or `)`"));
            }
            sizes.push(self.size()?.ok_or(NpyError::TooLarge { at: start })?);
            has_comma = self.skip(b',');
            if !has_comma && sizes.len() == 1 {
                return Err(self.unexpected("`,` after the only size"));
            }
        }
        Ok(sizes)
    }

    /// A size; `None` if it exceeds `usize::MAX`.
    fn size(&mut self) -> Result<Option<usize>, NpyError> {
        self.skip_space();
        let start = self.at;
        let mut size = Some(0_usize);
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if self.at > start && self.bytes[start] == b'0' {
                return Err(self.unexpected("no digit after a leading 0"));
            }
            size = size.and_then(|size| size.checked_mul(10)?.checked_add(usize::from(digit - b'0')));
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a size")) } else { Ok(size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use alloc::vec;

    /// A file of version 1.0 with this dictionary.
    fn file(dictionary: &str, elements: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        put_u16_le(&mut bytes, dictionary.len() as u16);
        bytes.extend(dictionary.bytes());
        bytes.extend(elements);
        bytes
    }

    fn error(dictionary: &str) -> String {
        decode(&file(dictionary, &[])).unwrap_err().to_string()
    }

    #[test]
    fn the_bytes_are_those_of_the_format() {
        let array = Array::new(&[2, 3], Elements::F64(vec![1.0, -2.0, 0.5, 0.0, -0.0, f64::INFINITY]));
        let mut expected = b"\x93NUMPY\x01\0\x76\0{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }".to_vec();
        expected.resize(127, b' ');
        expected.push(b'\n');
        for high in [[0xf0, 0x3f], [0, 0xc0], [0xe0, 0x3f], [0, 0], [0, 0x80], [0xf0, 0x7f]] {
            expected.extend([0, 0, 0, 0, 0, 0]);
            expected.extend(high);
        }
        assert_eq!(encode(&array), expected);
        assert_eq!(decode(&expected), Ok(array));

        let texts = Array::from_texts(&["a", "né🎵", ""]);
        let mut expected = b"\x93NUMPY\x01\0\x76\0{'descr': '<U3', 'fortran_order': False, 'shape': (3,), }".to_vec();
        expected.resize(127, b' ');
        expected.push(b'\n');
        for number in [0x61, 0, 0, 0x6e, 0xe9, 0x1_f3b5, 0, 0, 0] {
            put_u32_le(&mut expected, number);
        }
        assert_eq!(encode(&texts), expected);
        assert_eq!(decode(&expected), Ok(texts));
    }

    /// An array of each type.
    fn arrays() -> Vec<Array> {
        vec![
            Array::new(&[], Elements::F64(vec![-0.5])),
            Array::new(&[0], Elements::F32(vec![])),
            Array::new(&[3, 0, 2], Elements::Bool(vec![])),
            Array::new(&[2, 1, 1, 2], Elements::I8(vec![-128, -1, 0, 127])),
            Array::new(&[2], Elements::I16(vec![i16::MIN, 258])),
            Array::new(&[1, 2], Elements::I32(vec![i32::MIN, 0x0102_0304])),
            Array::new(&[2], Elements::I64(vec![i64::MIN, 0x0102_0304_0506_0708])),
            Array::new(&[2], Elements::U8(vec![0, 255])),
            Array::new(&[2], Elements::U16(vec![0, u16::MAX])),
            Array::new(&[2], Elements::U32(vec![0, u32::MAX])),
            Array::new(&[2], Elements::U64(vec![0, u64::MAX])),
            Array::new(&[2, 1], Elements::F32(vec![f32::MIN_POSITIVE, f32::MAX])),
            Array::new(&[3], Elements::Bool(vec![true, false, true])),
            Array::new(&[2, 2], Elements::Text(vec!["".into(), "日本".into(), "a\0b".into(), "🎵".into()])),
            Array::new(&[0], Elements::Text(vec![])),
        ]
    }

    #[test]
    fn decoding_reverses_encoding() {
        for array in arrays() {
            let bytes = encode(&array);
            assert_eq!((10 + usize::from(bytes[8])) % 64, 0);
            assert_eq!(decode(&bytes), Ok(array));
        }
    }

    #[test]
    fn not_a_number_keeps_its_bits() {
        let bits = [0x7ff0_0000_0000_0001, 0xffff_ffff_ffff_ffff, 0x7ff8_0000_0000_0000, 0xfff0_0000_0000_0000];
        let bytes = encode(&Array::from_slice(&bits.map(f64::from_bits)));
        let array = decode(&bytes).unwrap();
        let found: Vec<u64> = array.scalars::<f64>().unwrap().iter().map(|x| x.to_bits()).collect();
        assert_eq!(found, bits);
        let bits = [0x7f80_0001, 0xffff_ffff];
        let matrix = Matrix::from_rows(1, 2, bits.map(f32::from_bits).to_vec());
        let back = decode(&encode(&Array::from_matrix(&matrix))).unwrap().to_matrix::<f32>().unwrap();
        assert_eq!([back.elements()[0].to_bits(), back.elements()[1].to_bits()], bits);
    }

    #[test]
    fn big_endian_and_fortran_order_are_read() {
        let elements: Vec<u8> = [1_u16, 4, 2, 5, 3, 6].iter().flat_map(|x| x.to_be_bytes()).collect();
        let bytes = file("{'descr': '>u2', 'fortran_order': True, 'shape': (2, 3), }\n", &elements);
        assert_eq!(decode(&bytes), Ok(Array::new(&[2, 3], Elements::U16(vec![1, 2, 3, 4, 5, 6]))));
        let elements: Vec<u8> = [0x61, 0x62, 0, 0x1f3b5_u32].iter().flat_map(|x| x.to_be_bytes()).collect();
        let bytes = file("{'descr': '>U2', 'fortran_order': False, 'shape': (2,)}", &elements);
        assert_eq!(decode(&bytes), Ok(Array::new(&[2], Elements::Text(vec!["ab".into(), "\0🎵".into()]))));
    }

    #[test]
    fn versions_two_and_three_have_a_longer_length() {
        let dictionary = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n";
        for major in [2, 3] {
            let mut bytes = MAGIC.to_vec();
            bytes.extend([major, 0]);
            put_u32_le(&mut bytes, dictionary.len() as u32);
            bytes.extend(dictionary);
            bytes.push(7);
            assert_eq!(decode(&bytes), Ok(Array::from_slice(&[7_u8])));
        }
        // The writer needs the longer length only for thousands of dimensions.
        let array = Array::new(&vec![1; 30_000], Elements::U8(vec![7]));
        let bytes = encode(&array);
        assert_eq!((bytes[6], (bytes.len() - 1) % 64), (2, 0));
        assert_eq!(decode(&bytes), Ok(array));
    }

    #[test]
    fn the_last_header_of_two_bytes_and_the_first_of_four_are_aligned() {
        for rank in 21_800..21_850 {
            let bytes = header("<f8", &vec![1; rank]);
            let length = usize::from(bytes[8]) + 256 * usize::from(bytes[9]);
            assert_eq!(bytes.len() % 64, 0);
            match bytes[6] {
                1 => assert_eq!(bytes.len(), 10 + length),
                _ => assert_eq!(bytes.len(), 12 + length + 65536 * usize::from(bytes[10])),
            }
        }
        assert_eq!((header("<f8", &vec![1; 21_800])[6], header("<f8", &vec![1; 21_850])[6]), (1, 2));
    }

    #[test]
    fn the_dictionary_may_be_written_in_other_ways() {
        for dictionary in [
            "{'descr':'|u1','fortran_order':False,'shape':(2,)}",
            " {\t\"shape\" : ( 2 , ) ,\n\"fortran_order\" : True , \"descr\":\"<u1\" , }   \n",
            "{'shape': (2,), 'descr': '>u1', 'fortran_order': False}",
        ] {
            assert_eq!(decode(&file(dictionary, &[3, 4])), Ok(Array::from_slice(&[3_u8, 4])));
        }
        let dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,1,), }";
        assert_eq!(decode(&file(dictionary, &[3, 4])).unwrap().shape(), [2, 1]);
    }

    #[test]
    fn other_dictionaries_are_errors() {
        for (dictionary, expected) in [
            ("", "byte 10: `{` was expected, but the header ends"),
            ("[]", "byte 10: `{` was expected, but `[` was found"),
            ("{}", "the header has no key 'descr'"),
            ("{'descr': '<f8', 'shape': ()}", "the header has no key 'fortran_order'"),
            ("{'descr': '<f8', 'fortran_order': True}", "the header has no key 'shape'"),
            ("{,}", "byte 11: a key in quotes or `}` was expected, but `,` was found"),
            ("{'shape' ()", "byte 19: `:` was expected, but `(` was found"),
            ("{'shape': 3}", "byte 20: `(` was expected, but `3` was found"),
            ("{'shape': (3)}", "byte 22: `,` after the only size was expected, but `)` was found"),
            ("{'shape': (,)}", "byte 21: a size was expected, but `,` was found"),
            ("{'shape': (3 4)}", "byte 23: `,` after the only size was expected, but `4` was found"),
            ("{'shape': (3, 4 5)}", "byte 26: `,` or `)` was expected, but `5` was found"),
            ("{'shape': (-3,)}", "byte 21: a size was expected, but `-` was found"),
            ("{'shape': (3L,)}", "byte 22: `,` after the only size was expected, but `L` was found"),
            ("{'shape': (03,)}", "byte 22: no digit after a leading 0 was expected, but `3` was found"),
            ("{'fortran_order': 0}", "byte 28: True or False was expected, but `0` was found"),
            ("{'fortran_order': Truely}", "byte 32: `,` or `}` was expected, but `l` was found"),
            ("{'shape': (3,) 'descr'", "byte 25: `,` or `}` was expected, but `'` was found"),
            ("{'shape': (3,), 'shape': (3,)}", "byte 26: the header has the key 'shape' twice"),
            (
                "{'size': (3,)}",
                "byte 11: the header has the key 'size', but only 'descr', 'fortran_order' and 'shape' were expected",
            ),
            ("{'descr': [('a', '<f8')]}", "byte 20: a type in quotes, such as '<f8', was expected, but `[` was found"),
            ("{'descr\\x41'", "byte 17: the end of the string was expected, but `\\` was found"),
            ("{'descr\"", "byte 17: the end of the string was expected, but `\"` was found"),
            ("{'desc\u{e9}'", "byte 16: the end of the string was expected, but `\\xc3` was found"),
            (
                "{'shape': (99999999999999999999,)}",
                "byte 20: an array of this shape has more elements than memory can hold",
            ),
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (0,)} x",
                "byte 66: the end of the header was expected, but `x` was found",
            ),
        ] {
            assert_eq!(error(dictionary), expected, "{dictionary}");
        }
    }

    #[test]
    fn other_types_are_errors() {
        let is_read = |descr: &str| {
            let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (0,), }}");
            match decode(&file(&dictionary, &[])) {
                Ok(_) => true,
                Err(NpyError::Type { at: 20, found }) if found == descr => false,
                Err(error) => panic!("{error}"),
            }
        };
        for descr in ["|b1", "<b1", "|i1", ">u1", "<i2", ">u4", "<f4", ">f8", "<U1", ">U12"] {
            assert!(is_read(descr), "{descr}");
        }
        for descr in ["", "<", "f8", "=f8", "|f8", "|i2", "<f2", "<f16", "<c8", "|S3", "|O", "<M8[ns]", "|V4", "<i3"] {
            assert!(!is_read(descr), "{descr}");
        }
        for descr in ["<U", "<U0", "<U01", "|U1", "<U-1", "<U+1", "<U99999999999999999999", "<f8 ", "<F8"] {
            assert!(!is_read(descr), "{descr}");
        }
        let expected = "byte 20: elements of type '<f2' are not read, only b1, i1, i2, i4, i8, u1, u2, u4, u8, f4, f8 \
                        and U, each with its byte order";
        assert_eq!(error("{'descr': '<f2', 'fortran_order': False, 'shape': (0,), }"), expected);
    }

    #[test]
    fn shapes_that_lie_are_errors() {
        for (shape, expected) in [
            ("(4,)", "the shape and the type need 32 bytes from byte 67 on, but the file has 0"),
            ("(100000000,)", "the shape and the type need 800000000 bytes from byte 75 on, but the file has 0"),
            ("(4294967296, 4294967296)", "byte 60: an array of this shape has more elements than memory can hold"),
            ("(2305843009213693952,)", "byte 60: an array of this shape has more elements than memory can hold"),
            ("(0, 4294967296, 4294967296)", "byte 60: an array of this shape has more elements than memory can hold"),
        ] {
            let dictionary = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
            assert_eq!(error(&dictionary), expected);
        }
        let mut bytes = file("{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", &[]);
        assert_eq!(decode(&bytes), Ok(Array::new(&[0], Elements::F64(vec![]))));
        bytes.push(0);
        assert_eq!(decode(&bytes), Err(NpyError::Length { offset: 67, expected: 0, found: 1 }));
    }

    #[test]
    fn wrong_elements_are_errors() {
        let bytes = file("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", &[1, 0, 2]);
        assert_eq!(decode(&bytes), Err(NpyError::Bool { at: 69, found: 2 }));
        for number in [0xd800, 0x0011_0000, u32::MAX] {
            let mut bytes = file("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }", &[65, 0, 0, 0]);
            put_u32_le(&mut bytes, number);
            assert_eq!(decode(&bytes), Err(NpyError::Character { at: 71, found: number }));
        }
    }

    #[test]
    fn other_files_are_errors() {
        let good = encode(&Array::from_slice(&[1.0_f32]));
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            decode(&bytes).unwrap_err()
        };
        assert_eq!(with(0, b'x'), NpyError::NotNpy);
        assert_eq!(with(6, 4), NpyError::Version { found: [4, 0] });
        assert_eq!(with(7, 1), NpyError::Version { found: [1, 1] });
        assert_eq!(with(9, 1), NpyError::ShortHeader { expected: 10 + 256 + 118, found: 132 });
        let mut long = MAGIC.to_vec();
        long.extend([2, 0, 1, 0, 0x10, 0]);
        let error = "the length of the header is 1048577 bytes; at most 1048576 bytes are accepted";
        assert_eq!(decode(&long).unwrap_err().to_string(), error);
    }

    #[test]
    fn every_prefix_is_an_error_and_a_changed_byte_never_panics() {
        for array in arrays() {
            let mut bytes = encode(&array);
            for length in 0..bytes.len() {
                assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
            }
            for place in 0..bytes.len() {
                for bit in 0..8 {
                    bytes[place] ^= 1 << bit;
                    if let Ok(array) = decode(&bytes) {
                        let again = encode(&array);
                        assert!(decode(&again).map(|array| encode(&array)).as_deref() == Ok(&again[..]));
                    }
                    bytes[place] ^= 1 << bit;
                }
            }
        }
    }
}
