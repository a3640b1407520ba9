//! safetensors: named arrays in one file, the form in which most trained models are published.
//!
//! Why: the older form is a pickle, a program that rebuilds the model when it is run. A foreign pickle may do anything.
//! A safetensors file is nothing but numbers with a table of contents. The table has the position of every array, so a
//! reader can check all of them before it reads one, and can read one without the others.
//!
//! | byte | size | field |
//! | --- | --- | --- |
//! | 0 | 8 | the length h of the header, little-endian |
//! | 8 | h | the header: a [JSON](crate::bytes::json) object that begins with `{`; spaces may follow it |
//! | 8 + h | | the data: the elements of all arrays, little-endian, in C order |
//!
//! Each member of the header describes the array of that name, except `__metadata__`, whose members are texts about the
//! file. Positions count from the start of the data; the end is the position after the last byte.
//!
//! ```text
//! {"__metadata__":{"format":"pt"},"W1":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
//! ```
//!
//! | `dtype` | read as | written |
//! | --- | --- | --- |
//! | `BOOL` | true or false, from a byte 1 or 0 | the same |
//! | `I8`, `I16`, `I32`, `I64`; `U8`, `U16`, `U32`, `U64` | integers | the same |
//! | `F32`, `F64` | floats | the same |
//! | `F16`, `BF16` | floats of 4 bytes with the same value | no |
//!
//! Floats of 1 byte, complex numbers and other types are errors.
//!
//! **Two ways to halve a float.** Both have a sign bit s. `F16` has 5 bits of exponent e and 10 of fraction f:
//!
//! ```text
//! x = (-1)ˢ · 2^(e-15) · (1 + f/1024)          0 < e < 31
//! x = (-1)ˢ · 2^(-14) · f/1024                 e = 0
//! x = (-1)ˢ · ∞, or not a number if f ≠ 0      e = 31
//! ```
//!
//! `BF16` is the upper half of a float of 4 bytes: it keeps the range, 8 bits of exponent, and gives up digits, of
//! which 7 bits remain. Every value of both is a value of f32, so nothing is rounded. By hand: the bits 0x3555 as `F16`
//! have s = 0, e = 13, f = 341, and 2⁻²·(1 + 341/1024) = 0.333251953125. As `BF16` they are 0x35550000, and so have the
//! exponent 106: 2^(106-127)·(1 + 85/128) ≈ 7.9·10⁻⁷.
//!
//! **Rules.** The arrays fill the data without a hole and without an overlap, so that no byte is hidden from a reader
//! that checks the arrays, and two names never mean the same bytes. The positions agree with shape and type. Names are
//! unique. [`decode`] rejects a file that breaks a rule, or whose header is longer than [`SAFETENSORS_HEADER`]. It
//! allocates no memory for a shape unless the file has its elements.
//!
//! **Order.** [`encode`] writes the arrays as the package in Python does: the largest elements first, equal types by
//! name, and spaces after the header up to a multiple of 8. So each array starts at a multiple of its elements' size,
//! and can be used where it is. [`decode`] returns the arrays in the order of their positions.
//!
//! ```
//! use ossicle::matrix::Matrix;
//! use ossicle::storage::array::Array;
//! use ossicle::storage::safetensors::{self, SafetensorsError, Tensors};
//!
//! let weights = Matrix::from_rows(2, 3, vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
//! let tensors = Tensors {
//!     metadata: vec![("layers".into(), "1".into())],
//!     arrays: vec![("b1".into(), Array::from_slice(&[0.5_f32, -0.5])), ("W1".into(), Array::from_matrix(&weights))],
//! };
//! let file = safetensors::encode(&tensors)?;
//! let read = safetensors::decode(&file)?;
//! assert!(read.get("W1").unwrap().to_matrix::<f32>().unwrap() == weights);
//! assert_eq!(read.metadata, tensors.metadata);
//!
//! let error = safetensors::decode(&file[..file.len() - 4]).unwrap_err();
//! assert_eq!(error.to_string(), "the arrays have 32 bytes, but 28 bytes follow the header");
//! # Ok::<(), SafetensorsError>(())
//! ```
//!
//! Sources: the README of huggingface/safetensors (the format); IEEE 754-2019, §3.6 (binary16); S. Wang and P. Kanwar,
//! "BFloat16: the secret to high performance on Cloud TPUs", 2019.

use super::array::{Array, ElementType, Elements, count};
use crate::bytes::endian::{Order, Reader, put_u64_le};
use crate::bytes::escape::shown;
use crate::bytes::json::{Json, JsonError};
use crate::bytes::limits::{Exceeded, SAFETENSORS_HEADER};
use crate::number::decimal::Count;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The member of the header that describes no array.
const METADATA: &str = "__metadata__";
/// The header is padded to a multiple of this, the size of the largest elements.
const ALIGNMENT: usize = 8;

/// The types that are written, in the reverse of their order in a file.
const TYPES: [(&str, ElementType); 11] = [
    ("BOOL", ElementType::Bool),
    ("U8", ElementType::U8),
    ("I8", ElementType::I8),
    ("I16", ElementType::I16),
    ("U16", ElementType::U16),
    ("I32", ElementType::I32),
    ("U32", ElementType::U32),
    ("F32", ElementType::F32),
    ("F64", ElementType::F64),
    ("I64", ElementType::I64),
    ("U64", ElementType::U64),
];

/// The contents of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// Texts about the file: names and values.
    pub metadata: Vec<(String, String)>,
    /// Arrays and their names.
    pub arrays: Vec<(String, Array)>,
}

impl Tensors {
    /// The array of this name.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.arrays.iter().find(|(other, _)| other == name).map(|(_, array)| array)
    }
}

/// What is wrong with a file, or with what a file is to be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SafetensorsError {
    /// The file ends within its header.
    ShortHeader {
        /// The bytes up to the data, as far as they are known.
        expected: u64,
        /// The bytes of the file.
        found: usize,
    },
    /// The header is too long.
    Limit(Exceeded),
    /// The header does not begin with `{`.
    Start {
        /// Its first byte; `None` if it is empty.
        found: Option<u8>,
    },
    /// The header is not JSON. Its lines and columns count from byte 8 of the file.
    Json(JsonError),
    /// A member of the header is not as expected.
    Member {
        /// The member's name.
        name: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The elements are of a type that is not read, or not written.
    Type {
        /// The array's name.
        name: String,
        /// The type.
        found: String,
    },
    /// The sizes other than 0 multiply to more than memory could hold.
    TooLarge {
        /// The array's name.
        name: String,
    },
    /// The positions do not agree with the shape and the type.
    Size {
        /// The array's name.
        name: String,
        /// The bytes that the shape and the type need.
        expected: usize,
        /// The bytes from its start to its end.
        found: u64,
    },
    /// An array does not start where the one before it ends.
    Position {
        /// The array's name.
        name: String,
        /// The end of the array before it.
        expected: u64,
        /// Its start.
        found: u64,
    },
    /// There are more or fewer bytes of data than the arrays have.
    Length {
        /// The bytes of all arrays.
        expected: u64,
        /// The bytes that follow the header.
        found: usize,
    },
    /// A byte of type `BOOL` is neither 0 nor 1.
    Bool {
        /// The array's name.
        name: String,
        /// The index of the element.
        index: usize,
    },
    /// Two arrays, or two texts, of a file to be written have the same name, or an array's name is `__metadata__`.
    Name(String),
}

impl fmt::Display for SafetensorsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SafetensorsError::ShortHeader { expected, found } => {
                write!(f, "the file ends after {}, within the {expected} bytes of its header", Count(*found, "byte"))
            }
            SafetensorsError::Limit(error) => error.fmt(f),
            SafetensorsError::Start { found: Some(found) } => {
                write!(f, "the header begins with `{}`, but `{{` was expected", shown(&[*found]))
            }
            SafetensorsError::Start { found: None } => write!(f, "the header is empty, but `{{` was expected"),
            SafetensorsError::Json(error) => write!(f, "the header, from byte 8 on, is not valid: {error}"),
            SafetensorsError::Member { name, expected } => {
                write!(f, "\"{}\" in the header: {expected} was expected", shown(name))
            }
            SafetensorsError::Type { name, found } => {
                write!(f, "\"{}\" has elements of type {}, which are not supported", shown(name), shown(found))
            }
            SafetensorsError::TooLarge { name } => {
                write!(f, "the shape of \"{}\" has more elements than memory can hold", shown(name))
            }
            SafetensorsError::Size { name, expected, found } => {
                let expected = Count(*expected, "byte");
                write!(f, "the shape and the type of \"{}\" need {expected}, but it has {found}", shown(name))
            }
            SafetensorsError::Position { name, expected, found } => {
                let what = if found < expected { "overlap the array before it" } else { "leave a hole before it" };
                write!(f, "the positions of \"{}\" {what}: it starts at {found}, not at {expected}", shown(name))
            }
            SafetensorsError::Length { expected, found } => {
                write!(f, "the arrays have {expected} bytes, but {found} bytes follow the header")
            }
            SafetensorsError::Bool { name, index } => {
                write!(f, "element {index} of \"{}\" is neither 0 (false) nor 1 (true)", shown(name))
            }
            SafetensorsError::Name(name) => {
                write!(f, "the name \"{}\" occurs twice or belongs to the format", shown(name))
            }
        }
    }
}

impl core::error::Error for SafetensorsError {}

// Writing.

/// The bytes of a file.
///
/// # Errors
/// If an array has texts; if two arrays or two texts have the same name, or an array has the name `__metadata__`; if
/// the header is longer than can be read.
pub fn encode(tensors: &Tensors) -> Result<Vec<u8>, SafetensorsError> {
    unique(tensors.metadata.iter().map(|(name, _)| &**name).collect())?;
    unique(tensors.arrays.iter().map(|(name, _)| &**name).chain([METADATA]).collect())?;
    let mut arrays = Vec::new();
    for (name, array) in &tensors.arrays {
        let rank = TYPES.iter().position(|(_, found)| Some(*found) == array.elements().element_type());
        let text = || SafetensorsError::Type { name: name.clone(), found: array.elements().name().to_string() };
        arrays.push((rank.ok_or_else(text)?, name, array));
    }
    arrays.sort_by(|(a_rank, a, _), (b_rank, b, _)| b_rank.cmp(a_rank).then(a.cmp(b)));

    let mut members = Vec::new();
    if !tensors.metadata.is_empty() {
        let texts = tensors.metadata.iter().map(|(name, text)| (name.clone(), Json::from(&**text)));
        members.push((METADATA.to_string(), Json::Object(texts.collect())));
    }
    let mut data = Vec::new();
    for (rank, name, array) in arrays {
        let start = data.len();
        array.elements().put_little(&mut data);
        let list = |numbers: &[usize]| numbers.iter().map(|&number| Json::from(number)).collect::<Json>();
        let fields = [
            ("dtype", Json::from(TYPES[rank].0)),
            ("shape", list(array.shape())),
            ("data_offsets", list(&[start, data.len()])),
        ];
        members.push((name.clone(), Json::Object(fields.map(|(field, value)| (field.to_string(), value)).into())));
    }
    let mut header = Json::Object(members).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(ALIGNMENT), b' ');
    SAFETENSORS_HEADER.check(header.len() as u64).map_err(SafetensorsError::Limit)?;
    let mut out = Vec::with_capacity(8 + header.len() + data.len());
    put_u64_le(&mut out, header.len() as u64);
    out.extend(header);
    out.extend(data);
    Ok(out)
}

/// # Errors
/// If two names are the same.
fn unique(mut names: Vec<&str>) -> Result<(), SafetensorsError> {
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(SafetensorsError::Name(pair[0].to_string())),
        None => Ok(()),
    }
}

// Reading.

/// How elements are stored.
#[derive(Clone, Copy)]
enum Stored {
    Plain(ElementType),
    F16,
    Bf16,
}

/// A member of the header that describes an array.
struct Entry {
    name: String,
    stored: Stored,
    shape: Vec<usize>,
    /// Start and end in the data.
    positions: [u64; 2],
}

/// The contents of a file.
///
/// # Errors
/// If the bytes are not, from the first to the last, a file by the rules: see [`SafetensorsError`].
pub fn decode(bytes: &[u8]) -> Result<Tensors, SafetensorsError> {
    let short = |expected| SafetensorsError::ShortHeader { expected, found: bytes.len() };
    let mut reader = Reader::new(bytes);
    let length = reader.u64_le().ok_or(short(8))?;
    SAFETENSORS_HEADER.check(length).map_err(SafetensorsError::Limit)?;
    let header = reader.take(length as usize).ok_or(short(8 + length))?;
    if header.first() != Some(&b'{') {
        return Err(SafetensorsError::Start { found: header.first().copied() });
    }
    let Json::Object(members) = Json::parse(header).map_err(SafetensorsError::Json)? else {
        return Err(SafetensorsError::Start { found: Some(header[0]) });
    };
    let (mut metadata, mut entries) = (Vec::new(), Vec::new());
    for (name, value) in members {
        if name == METADATA {
            metadata = texts(value).ok_or(SafetensorsError::Member { name, expected: "an object of texts" })?;
        } else {
            entries.push(Entry::parse(name, &value)?);
        }
    }
    // Those without elements have the position of the next one.
    entries.sort_by_key(|entry| entry.positions);

    let mut start = 0;
    for Entry { name, stored, shape, positions } in &entries {
        if positions[0] != start {
            return Err(SafetensorsError::Position { name: name.clone(), expected: start, found: positions[0] });
        }
        let size = count(shape).and_then(|count| count.checked_mul(stored.size()));
        let expected = size.ok_or(SafetensorsError::TooLarge { name: name.clone() })?;
        let found = positions[1] - start;
        if found != expected as u64 {
            return Err(SafetensorsError::Size { name: name.clone(), expected, found });
        }
        start = positions[1];
    }
    if start != reader.remaining() as u64 {
        return Err(SafetensorsError::Length { expected: start, found: reader.remaining() });
    }
    let mut arrays = Vec::new();
    for Entry { name, stored, shape, positions } in entries {
        // The positions are those of bytes in memory.
        let data = reader.take((positions[1] - positions[0]) as usize).unwrap_or(&[]);
        let elements = match stored {
            Stored::Plain(element_type) => Elements::read(element_type, Order::Little, data)
                .map_err(|index| SafetensorsError::Bool { name: name.clone(), index })?,
            Stored::F16 => widened(data, f16_to_f32),
            Stored::Bf16 => widened(data, bf16_to_f32),
        };
        arrays.push((name, Array::new(&shape, elements)));
    }
    Ok(Tensors { metadata, arrays })
}

/// The members of an object of texts.
fn texts(value: Json) -> Option<Vec<(String, String)>> {
    let Json::Object(members) = value else { return None };
    let text = |(name, value)| if let Json::String(text) = value { Some((name, text)) } else { None };
    members.into_iter().map(text).collect()
}

impl Entry {
    /// Reads a member of the header.
    fn parse(name: String, value: &Json) -> Result<Entry, SafetensorsError> {
        let wrong = |expected| SafetensorsError::Member { name: name.clone(), expected };
        let fields = value.as_object().filter(|fields| fields.len() == 3);
        let all_three = "an object of \"dtype\", \"shape\" and \"data_offsets\"";
        let field = |name: &str| fields.and(value.get(name)).ok_or(wrong(all_three));
        let numbers = |value: &Json| value.as_array()?.iter().map(Json::as_u64).collect::<Option<Vec<u64>>>();

        let found = field("dtype")?.as_str().ok_or(wrong("a text as \"dtype\""))?;
        let plain = TYPES.iter().find(|(type_name, _)| *type_name == found);
        let stored = match (plain, found) {
            (Some((_, element_type)), _) => Stored::Plain(*element_type),
            (None, "F16") => Stored::F16,
            (None, "BF16") => Stored::Bf16,
            _ => return Err(SafetensorsError::Type { name, found: found.to_string() }),
        };
        let sizes = numbers(field("shape")?).ok_or(wrong("an array of sizes as \"shape\""))?;
        let positions = numbers(field("data_offsets")?).and_then(|positions| positions.try_into().ok());
        let positions = positions.filter(|[start, end]: &[u64; 2]| start <= end);
        let positions = positions.ok_or(wrong("an array of two positions, ascending, as \"data_offsets\""))?;
        let shape = sizes.into_iter().map(|size| usize::try_from(size).ok()).collect::<Option<_>>();
        let Some(shape) = shape else { return Err(SafetensorsError::TooLarge { name }) };
        Ok(Entry { name, stored, shape, positions })
    }
}

impl Stored {
    /// The bytes of an element.
    fn size(self) -> usize {
        match self {
            Stored::Plain(element_type) => element_type.size(),
            Stored::F16 | Stored::Bf16 => 2,
        }
    }
}

fn widened(data: &[u8], to_f32: fn(u16) -> f32) -> Elements {
    let (halves, _) = data.as_chunks();
    Elements::F32(halves.iter().map(|&half| to_f32(u16::from_le_bytes(half))).collect())
}

/// The float whose upper half these bits are. Not a number keeps its bits.
pub fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The value of a float of 16 bits as in IEEE 754 (binary16), exactly. Not a number keeps its sign and its fraction.
///
/// ```
/// use ossicle::storage::safetensors::f16_to_f32;
///
/// assert_eq!(f16_to_f32(0x3555), 0.333251953125);
/// ```
pub fn f16_to_f32(bits: u16) -> f32 {
    /// 2⁻²⁴ = 2⁻¹⁴/1024.
    const STEP: f32 = f32::from_bits((127 - 24) << 23);
    let (sign, exponent, fraction) = (u32::from(bits >> 15) << 31, u32::from(bits >> 10 & 31), bits & 1023);
    let magnitude = match exponent {
        0 => (f32::from(fraction) * STEP).to_bits(),
        31 => 255 << 23 | u32::from(fraction) << 13,
        _ => (exponent + 127 - 15) << 23 | u32::from(fraction) << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.bytes());
        bytes.extend(data);
        bytes
    }

    fn error(header: &str, data: &[u8]) -> String {
        decode(&file(header, data)).unwrap_err().to_string()
    }

    fn example() -> Tensors {
        Tensors {
            metadata: vec![("k".into(), "v".into()), ("caf\u{e9}".into(), "\"\n".into())],
            arrays: vec![
                ("c".into(), Array::new(&[], Elements::I64(vec![-5]))),
                ("a".into(), Array::from_slice(&[0.0, 1.0, -2.0])),
                ("b".into(), Array::new(&[2, 3], Elements::F32(vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))),
                ("e".into(), Array::new(&[0, 4], Elements::F32(vec![]))),
                ("z".into(), Array::from_slice(&[7_u8, 8, 9])),
                ("t".into(), Array::from_slice(&[true])),
            ],
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_format() {
        let array = Array::new(&[2, 1], Elements::F32(vec![1.0, -2.0]));
        let tensors = Tensors { metadata: vec![("k".into(), "v".into())], arrays: vec![("b".into(), array)] };
        let mut expected = vec![0x58, 0, 0, 0, 0, 0, 0, 0];
        expected.extend(
            b"{\"__metadata__\":{\"k\":\"v\"},\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}",
        );
        expected.resize(8 + 0x58, b' ');
        expected.extend([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
        assert_eq!(encode(&tensors).as_ref(), Ok(&expected));
        assert_eq!(decode(&expected), Ok(tensors));
        assert_eq!(encode(&Tensors::default()), Ok(b"\x08\0\0\0\0\0\0\0{}      ".to_vec()));
    }

    #[test]
    fn decoding_reverses_encoding_in_the_order_of_the_file() {
        let mut tensors = example();
        let sorted = encode(&tensors).unwrap();
        assert_eq!(decode(&sorted).as_ref(), Ok(&tensors));
        tensors.arrays.reverse();
        assert_eq!(encode(&tensors), Ok(sorted));
        assert_eq!(tensors.get("z"), Some(&Array::from_slice(&[7_u8, 8, 9])));
        assert_eq!(tensors.get("y"), None);
    }

    #[test]
    fn every_type_is_written_and_read_at_a_multiple_of_its_size() {
        let arrays = [
            Array::from_slice(&[true, false, true]),
            Array::from_slice(&[i8::MIN, 3, 4]),
            Array::from_slice(&[i16::MIN, 3, 4]),
            Array::from_slice(&[i32::MIN, 3, 4]),
            Array::from_slice(&[i64::MIN, 3, 4]),
            Array::from_slice(&[u8::MAX, 3, 4]),
            Array::from_slice(&[u16::MAX, 3, 4]),
            Array::from_slice(&[u32::MAX, 3, 4]),
            Array::from_slice(&[u64::MAX, 3, 4]),
            Array::from_slice(&[f32::MIN_POSITIVE, 3.0, 4.0]),
            Array::from_slice(&[f64::MIN_POSITIVE, 3.0, 4.0]),
        ];
        let arrays = arrays.into_iter().map(|array| (array.elements().name().to_string(), array)).collect();
        let tensors = Tensors { metadata: vec![], arrays };
        let read = decode(&encode(&tensors).unwrap()).unwrap();
        let names: Vec<&str> = read.arrays.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["u64", "i64", "f64", "f32", "u32", "i32", "u16", "i16", "i8", "u8", "bool"]);
        assert!(tensors.arrays.iter().all(|(name, array)| read.get(name) == Some(array)));
    }

    /// The formulas of the head.
    fn f16_by_definition(bits: u16) -> f64 {
        let power = |exponent: i64| f64::from_bits(((1023 + exponent) as u64) << 52);
        let (s, e, f) = (bits >> 15, i64::from(bits >> 10 & 31), f64::from(bits & 1023));
        let magnitude = match e {
            0 => power(-14) * f / 1024.0,
            31 if f > 0.0 => f64::NAN,
            31 => f64::INFINITY,
            _ => power(e - 15) * (1.0 + f / 1024.0),
        };
        if s == 1 { -magnitude } else { magnitude }
    }

    #[test]
    fn halves_of_a_float_are_widened_exactly() {
        for bits in 0..=u16::MAX {
            let (found, expected) = (f16_to_f32(bits), f16_by_definition(bits));
            let same = f64::from(found).to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
            assert!(same, "{bits:#x}: {found} {expected}");
            assert_eq!(bf16_to_f32(bits).to_bits() >> 16, u32::from(bits));
        }
        assert_eq!([0x3c00, 0xc000, 0x7bff, 0x0001].map(f16_to_f32), [1.0, -2.0, 65504.0, 5.960_464_5e-8]);
        assert_eq!([0x3f80, 0xc000, 0x3555].map(bf16_to_f32), [1.0, -2.0, 7.934_868_3e-7]);
        let header = "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},\
                      \"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[4,6]}}";
        let read = decode(&file(header, &[0x55, 0x35, 0, 0x3c, 0x80, 0x3f])).unwrap();
        assert_eq!(read.get("a"), Some(&Array::from_slice(&[0.333_251_95_f32, 1.0])));
        assert_eq!(read.get("b"), Some(&Array::from_slice(&[1.0_f32])));
    }

    #[test]
    fn what_is_not_stored_is_an_error() {
        let of = |name: &str, array| Tensors { metadata: vec![], arrays: vec![(name.into(), array)] };
        let text = Array::from_texts(&["a"]);
        let expected = SafetensorsError::Type { name: "x".into(), found: "text".into() };
        assert_eq!(encode(&of("x", text)), Err(expected));
        let number = Array::from_slice(&[1_u8]);
        assert_eq!(encode(&of(METADATA, number)), Err(SafetensorsError::Name(METADATA.into())));
        let mut twice = example();
        twice.arrays.push(twice.arrays[0].clone());
        assert_eq!(encode(&twice), Err(SafetensorsError::Name("c".into())));
        let mut twice = example();
        twice.metadata.push(("k".into(), "w".into()));
        assert_eq!(encode(&twice), Err(SafetensorsError::Name("k".into())));
        let long = Tensors { metadata: vec![("k".into(), "x".repeat(1 << 22))], arrays: vec![] };
        assert!(matches!(encode(&long), Err(SafetensorsError::Limit(error)) if error.limit == SAFETENSORS_HEADER));
    }

    #[test]
    fn headers_against_the_rules_are_errors() {
        for (header, expected) in [
            ("", "the header is empty, but `{` was expected"),
            (" {}", "the header begins with ` `, but `{` was expected"),
            ("[]", "the header begins with `[`, but `{` was expected"),
            (
                "{",
                "the header, from byte 8 on, is not valid: \
                 line 1, column 2: a name in quotes was expected, but the text ends",
            ),
            (
                "{\"a\":1,\"a\":2}",
                "the header, from byte 8 on, is not valid: \
                 line 1, column 8: a second member has the name \"a\"",
            ),
            ("{\"__metadata__\":{\"a\":1}}", "\"__metadata__\" in the header: an object of texts was expected"),
            ("{\"__metadata__\":null}", "\"__metadata__\" in the header: an object of texts was expected"),
            ("{\"a\":{}}", "\"a\" in the header: an object of \"dtype\", \"shape\" and \"data_offsets\" was expected"),
            (
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offset\":[0,1]}}",
                "\"a\" in the header: an object of \"dtype\", \"shape\" and \"data_offsets\" was expected",
            ),
            (
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1],\"x\":0}}",
                "\"a\" in the header: an object of \"dtype\", \"shape\" and \"data_offsets\" was expected",
            ),
            (
                "{\"a\":{\"dtype\":8,\"shape\":[],\"data_offsets\":[0,1]}}",
                "\"a\" in the header: a text as \"dtype\" was expected",
            ),
            (
                "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[],\"data_offsets\":[0,1]}}",
                "\"a\" has elements of type F8_E4M3, which are not supported",
            ),
            (
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}",
                "\"a\" in the header: an array of sizes as \"shape\" was expected",
            ),
            (
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0]}}",
                "\"a\" in the header: an array of two positions, ascending, as \"data_offsets\" was expected",
            ),
            (
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1.0]}}",
                "\"a\" in the header: an array of two positions, ascending, as \"data_offsets\" was expected",
            ),
            (
                "{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}",
                "the shape of \"a\" has more elements than memory can hold",
            ),
            (
                "{\"a\":{\"dtype\":\"F64\",\"shape\":[100000000],\"data_offsets\":[0,4]}}",
                "the shape and the type of \"a\" need 800000000 bytes, but it has 4",
            ),
            (
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[100000000],\"data_offsets\":[0,400000000]}}",
                "the arrays have 400000000 bytes, but 4 bytes follow the header",
            ),
        ] {
            assert_eq!(error(header, &[0; 4]), expected);
        }
        let header = "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[0,4]}}";
        assert_eq!(error(header, &[0, 1, 2, 1]), "element 2 of \"a\" is neither 0 (false) nor 1 (true)");
    }

    #[test]
    fn holes_and_overlaps_are_errors() {
        let header = |a: [u64; 2], b: [u64; 2]| {
            let entry = |name, [start, end]: [u64; 2]| {
                let n = end.saturating_sub(start);
                format!("\"{name}\":{{\"dtype\":\"U8\",\"shape\":[{n}],\"data_offsets\":[{start},{end}]}}")
            };
            format!("{{{},{}}}", entry("a", a), entry("b", b))
        };
        for (a, b) in [([0, 2], [2, 4]), ([1, 4], [0, 1]), ([0, 0], [0, 4]), ([4, 4], [0, 4])] {
            assert!(decode(&file(&header(a, b), &[0; 4])).is_ok(), "{a:?} {b:?}");
        }
        for (a, b, expected) in [
            ([0, 2], [3, 4], "the positions of \"b\" leave a hole before it: it starts at 3, not at 2"),
            ([0, 3], [2, 4], "the positions of \"b\" overlap the array before it: it starts at 2, not at 3"),
            ([0, 4], [0, 4], "the positions of \"b\" overlap the array before it: it starts at 0, not at 4"),
            ([1, 2], [2, 4], "the positions of \"a\" leave a hole before it: it starts at 1, not at 0"),
            ([0, 4], [2, 2], "the positions of \"b\" overlap the array before it: it starts at 2, not at 4"),
            (
                [0, 2],
                [2, 1],
                "\"b\" in the header: an array of two positions, ascending, as \"data_offsets\" was expected",
            ),
            ([0, 2], [2, 3], "the arrays have 3 bytes, but 4 bytes follow the header"),
            ([0, 2], [2, 5], "the arrays have 5 bytes, but 4 bytes follow the header"),
        ] {
            assert_eq!(error(&header(a, b), &[0; 4]), expected);
        }
    }

    #[test]
    fn lengths_that_lie_are_errors() {
        for (length, expected) in [
            (1 << 22, "the file ends after 10 bytes, within the 4194312 bytes of its header"),
            ((1 << 22) + 1, "the length of the header is 4194305 bytes; at most 4194304 bytes are accepted"),
            (u64::MAX, "the length of the header is 18446744073709551615 bytes; at most 4194304 bytes are accepted"),
        ] {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend(b"{}");
            assert_eq!(decode(&bytes).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn every_prefix_is_an_error_and_a_changed_byte_never_panics() {
        let mut bytes = encode(&example()).unwrap();
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        for place in 0..bytes.len() {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                if let Ok(tensors) = decode(&bytes) {
                    let again = encode(&tensors).unwrap();
                    assert!(decode(&again).and_then(|tensors| encode(&tensors)) == Ok(again));
                }
                bytes[place] ^= 1 << bit;
            }
        }
    }
}
