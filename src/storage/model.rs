//! Model files: a trained model on disk, as named settings and named tensors.
//!
//! Why names: a model of eight methods, six transforms and two precisions has no one list of fields. With names, each
//! method writes what it needs, an older program can say what it misses, and other formats with named tensors
//! (safetensors, a folder of .npy files) hold the same contents.
//!
//! | field | type |
//! | --- | --- |
//! | name of the format | `OSSICLE`, 7 bytes |
//! | version, 2 | 1 byte |
//! | number of settings, number of tensors | 2 integers of 4 bytes |
//! | each setting: length of its name, its name, length of its value, its value | 4 bytes, UTF-8, 4 bytes, UTF-8 |
//! | each tensor: length of its name, its name | 4 bytes, UTF-8 |
//! | ... bytes of one of its floats, 4 or 8; number of its dimensions, 0 to 8 | 2 integers of 4 bytes |
//! | ... each dimension | 4 bytes |
//! | ... its elements, the last dimension running fastest | floats |
//! | CRC-32 of all bytes before it | 4 bytes |
//!
//! Everything is little-endian. Names are unique, settings and tensors each for themselves. A damaged file cannot do
//! harm: the checksum is compared first, and no memory is allocated for a length unless the file has that many bytes.
//!
//! **Version 1** held the method sparse-pooled of log-mel windows alone, in f32. [`decode`] reads it as a file of
//! version 2:
//!
//! | field | type |
//! | --- | --- |
//! | name of the format, version 1 | 7 bytes and 1 byte |
//! | rate, frame, hop | 3 integers of 4 bytes |
//! | mel scale (0 Slaney, 1 HTK), mel norm (0 peak, 1 area), bands | 3 integers of 4 bytes |
//! | frames in a window, window step, components, features, regions, labels | 6 integers of 4 bytes |
//! | lowest and highest frequency | 2 floats of 8 bytes |
//! | floor | 1 float of 4 bytes |
//! | each label: its length, its UTF-8 | an integer of 4 bytes, and bytes |
//! | μ, whitening, W1, b1, means, deviations, Θ, b | floats of 4 bytes, matrices row by row |
//! | CRC-32 of all bytes before it | 4 bytes |

use crate::bytes::checksum::crc32;
use crate::bytes::endian::{Reader, put_u32_le};
use crate::bytes::escape::shown;
use crate::bytes::limits::{Exceeded, MODEL_FILE};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// The first bytes of a model file.
pub const MAGIC: &[u8; 7] = b"OSSICLE";
const VERSION: u8 = 2;
/// The most dimensions of a tensor.
const MOST_DIMENSIONS: u32 = 8;

/// The contents of a model file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelFile {
    /// Names and values, in the order in which they were written.
    pub settings: Vec<(String, String)>,
    /// The learned parameters, and what was measured.
    pub tensors: Vec<Tensor>,
}

/// A named array of floats.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name, such as `sparse-pooled.encoder.1.weight`.
    pub name: String,
    /// Its dimensions; none for a single number.
    pub shape: Vec<usize>,
    /// Its elements, the last dimension running fastest.
    pub values: Values,
}

/// Floats of one precision.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

impl Values {
    /// Floats of their own precision.
    pub fn of<T: Real>(values: &[T]) -> Self {
        // Conversion to f64 and back leaves every f32 unchanged.
        let wide = || values.iter().map(|x| x.to_f64());
        if size_of::<T>() == 4 {
            Values::F32(wide().map(|x| x as f32).collect())
        } else {
            Values::F64(wide().collect())
        }
    }

    /// The number of floats.
    pub fn len(&self) -> usize {
        match self {
            Values::F32(values) => values.len(),
            Values::F64(values) => values.len(),
        }
    }

    /// Whether there is no float.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The floats in double precision.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Values::F32(values) => values.iter().map(|&x| x.into()).collect(),
            Values::F64(values) => values.clone(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Values::F32(_) => "f32",
            Values::F64(_) => "f64",
        }
    }
}

/// Why bytes or contents are not a model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// The bytes do not start with [`MAGIC`].
    NotAModel,
    /// Their version is neither 1 nor 2.
    Version(u8),
    /// Bytes were changed or are missing.
    Checksum {
        /// The checksum in the file.
        expected: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// They end within this field.
    Truncated(String),
    /// This number of bytes follows the model.
    Trailing(usize),
    /// This field has an impossible value.
    Value(String),
    /// A setting or tensor has the name of an earlier one.
    Twice(String),
    /// There is no setting or tensor of this name.
    Missing(String),
    /// There is a setting or tensor of this name, which no model has.
    Unknown(String),
    /// A tensor has another shape than the settings require.
    Shape {
        /// Its name.
        name: String,
        /// The required shape.
        expected: Vec<usize>,
        /// Its shape.
        found: Vec<usize>,
    },
    /// A tensor has another precision than the model.
    Precision {
        /// Its name.
        name: String,
        /// The precision of the model, `f32` or `f64`.
        expected: &'static str,
        /// That of the tensor.
        found: &'static str,
    },
    /// A size exceeds its limit.
    Limit(Exceeded),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelError::NotAModel => write!(f, "this is not a model file: it does not start with OSSICLE"),
            ModelError::Version(found) => {
                write!(f, "this is a model file of version {found}, but this program reads versions 1 and {VERSION}")
            }
            ModelError::Checksum { expected, found } => {
                write!(f, "the model file is damaged: its checksum is {found:08x}, but should be {expected:08x}")
            }
            ModelError::Truncated(what) => write!(f, "the model file is cut off within {}", shown(what)),
            ModelError::Trailing(bytes) => write!(f, "{bytes} extra bytes follow the model"),
            ModelError::Value(what) => write!(f, "the model file has an impossible value for {}", shown(what)),
            ModelError::Twice(name) => write!(f, "the model file has '{}' twice", shown(name)),
            ModelError::Missing(name) => write!(f, "the model file lacks '{}'", shown(name)),
            ModelError::Unknown(name) => write!(f, "the model file has '{}', which is unknown", shown(name)),
            ModelError::Shape { name, expected, found } => {
                write!(f, "the tensor '{}' has the shape {found:?}, but {expected:?} was expected", shown(name))
            }
            ModelError::Precision { name, expected, found } => {
                write!(f, "the tensor '{}' is {found}, but the model is {expected}", shown(name))
            }
            ModelError::Limit(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ModelError {}

impl From<Exceeded> for ModelError {
    fn from(error: Exceeded) -> Self {
        ModelError::Limit(error)
    }
}

impl ModelFile {
    /// Adds a setting.
    pub fn set(&mut self, name: impl Into<String>, value: impl fmt::Display) {
        self.settings.push((name.into(), value.to_string()));
    }

    /// Adds a tensor.
    ///
    /// # Panics
    /// If the dimensions do not multiply to the number of values.
    pub fn put<T: Real>(&mut self, name: impl Into<String>, shape: &[usize], values: &[T]) {
        assert_eq!(elements(shape), Some(values.len()), "elements of a tensor of shape {shape:?}");
        self.tensors.push(Tensor { name: name.into(), shape: shape.to_vec(), values: Values::of(values) });
    }

    /// Adds a matrix as a tensor of two dimensions.
    pub fn put_matrix<T: Real>(&mut self, name: impl Into<String>, matrix: &Matrix<T>) {
        self.put(name, &[matrix.rows(), matrix.columns()], matrix.elements());
    }

    /// The value of a setting, if there is one of this name.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of a setting.
    ///
    /// # Errors
    /// If there is none.
    pub fn text(&self, name: &str) -> Result<&str, ModelError> {
        self.find(name).ok_or_else(|| ModelError::Missing(name.into()))
    }

    /// The value of a setting, parsed.
    ///
    /// # Errors
    /// If there is none, or it cannot be parsed.
    pub fn parsed<V: FromStr>(&self, name: &str) -> Result<V, ModelError> {
        self.text(name)?.parse().map_err(|_| ModelError::Value(name.into()))
    }

    /// The value of a setting among named choices.
    ///
    /// # Errors
    /// If there is none, or it is no choice.
    pub fn choice<V: Clone>(&self, name: &str, choices: &[(&str, V)]) -> Result<V, ModelError> {
        let value = self.text(name)?;
        let found = choices.iter().find(|(choice, _)| *choice == value);
        found.map(|(_, choice)| choice.clone()).ok_or_else(|| ModelError::Value(name.into()))
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn tensor(&self, name: &str) -> Result<&Tensor, ModelError> {
        self.tensors.iter().find(|tensor| tensor.name == name).ok_or_else(|| ModelError::Missing(name.into()))
    }

    /// The elements of a tensor, which has to have this shape and precision and to be finite.
    ///
    /// # Errors
    /// If it has not, or there is none.
    pub fn values<T: Real>(&self, name: &str, shape: &[usize]) -> Result<Vec<T>, ModelError> {
        let tensor = self.tensor(name)?;
        if tensor.shape != shape || elements(shape) != Some(tensor.values.len()) {
            let (expected, found) = (shape.to_vec(), tensor.shape.clone());
            return Err(ModelError::Shape { name: name.into(), expected, found });
        }
        let values: Vec<T> = match (&tensor.values, T::NAME) {
            (Values::F32(values), "f32") => values.iter().map(|&x| T::from_f64(x.into())).collect(),
            (Values::F64(values), "f64") => values.iter().map(|&x| T::from_f64(x)).collect(),
            (other, expected) => {
                return Err(ModelError::Precision { name: name.into(), expected, found: other.name() });
            }
        };
        if values.iter().all(|x| x.is_finite()) { Ok(values) } else { Err(ModelError::Value(name.into())) }
    }

    /// The elements of a matrix.
    ///
    /// # Errors
    /// As [`values`](Self::values).
    pub fn matrix<T: Real>(&self, name: &str, [rows, columns]: [usize; 2]) -> Result<Matrix<T>, ModelError> {
        Ok(Matrix::from_rows(rows, columns, self.values(name, &[rows, columns])?))
    }

    /// The two dimensions of a matrix.
    ///
    /// # Errors
    /// If there is no tensor of this name, or it has not two dimensions.
    pub fn size(&self, name: &str) -> Result<[usize; 2], ModelError> {
        let shape = &self.tensor(name)?.shape;
        <[usize; 2]>::try_from(&shape[..]).map_err(|_| ModelError::Value(format!("the dimensions of '{name}'")))
    }
}

/// The product of the dimensions.
fn elements(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n))
}

/// The bytes of a model file.
///
/// # Errors
/// If a length needs more than four bytes, or the file would be longer than [`MODEL_FILE`].
pub fn encode(model: &ModelFile) -> Result<Vec<u8>, ModelError> {
    let mut out = MAGIC.to_vec();
    out.push(VERSION);
    let mut fits = true;
    let mut count = |out: &mut Vec<u8>, n: usize| match u32::try_from(n) {
        Ok(n) => put_u32_le(out, n),
        Err(_) => fits = false,
    };
    count(&mut out, model.settings.len());
    count(&mut out, model.tensors.len());
    for (name, value) in &model.settings {
        for text in [name, value] {
            count(&mut out, text.len());
            out.extend_from_slice(text.as_bytes());
        }
    }
    for Tensor { name, shape, values } in &model.tensors {
        count(&mut out, name.len());
        out.extend_from_slice(name.as_bytes());
        count(&mut out, if matches!(values, Values::F32(_)) { 4 } else { 8 });
        count(&mut out, shape.len());
        shape.iter().for_each(|&n| count(&mut out, n));
        match values {
            Values::F32(values) => values.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
            Values::F64(values) => values.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
        }
    }
    if !fits {
        return Err(MODEL_FILE.exceeded().into());
    }
    let checksum = crc32(&out);
    put_u32_le(&mut out, checksum);
    MODEL_FILE.check(out.len() as u64)?;
    Ok(out)
}

/// The contents of a model file of version 1 or 2.
///
/// # Errors
/// If the bytes are no model file, or were changed or cut off: see [`ModelError`].
pub fn decode(bytes: &[u8]) -> Result<ModelFile, ModelError> {
    let truncated = |what: &str| ModelError::Truncated(what.into());
    let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
    let version = *rest.first().ok_or_else(|| truncated("the version"))?;
    if !(1..=VERSION).contains(&version) {
        return Err(ModelError::Version(version));
    }
    let Some((body, checksum)) = bytes.split_last_chunk() else { return Err(truncated("the checksum")) };
    let (expected, found) = (u32::from_le_bytes(*checksum), crc32(body));
    if expected != found {
        return Err(ModelError::Checksum { expected, found });
    }
    let mut reader = Reader::new(body.get(MAGIC.len() + 1..).ok_or_else(|| truncated("the checksum"))?);
    let model = if version == 1 { version_1(&mut reader)? } else { version_2(&mut reader)? };
    match reader.remaining() {
        0 => Ok(model),
        more => Err(ModelError::Trailing(more)),
    }
}

fn version_2(reader: &mut Reader) -> Result<ModelFile, ModelError> {
    let mut model = ModelFile::default();
    let mut count = || reader.u32_le().ok_or_else(|| ModelError::Truncated("the counts".into()));
    let (settings, tensors) = (count()?, count()?);
    let mut names = BTreeSet::new();
    for _ in 0..settings {
        let name = text(reader, "the name of a setting")?;
        let value = text(reader, &name)?;
        if !names.insert(name.clone()) {
            return Err(ModelError::Twice(name));
        }
        model.settings.push((name, value));
    }
    names.clear();
    for _ in 0..tensors {
        let name = text(reader, "the name of a tensor")?;
        let truncated = || ModelError::Truncated(name.clone());
        let bytes = reader.u32_le().ok_or_else(truncated)?;
        let dimensions = reader.u32_le().ok_or_else(truncated)?;
        if dimensions > MOST_DIMENSIONS {
            return Err(ModelError::Value(format!("the number of dimensions of '{name}'")));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(reader.u32_le().ok_or_else(truncated)? as usize);
        }
        let count = elements(&shape).ok_or_else(|| ModelError::Value(format!("the dimensions of '{name}'")))?;
        let values = match bytes {
            4 => Values::F32(singles(reader, count).ok_or_else(truncated)?),
            8 => {
                let (chunks, _) = count.checked_mul(8).and_then(|n| reader.take(n)).ok_or_else(truncated)?.as_chunks();
                Values::F64(chunks.iter().map(|&x| f64::from_le_bytes(x)).collect())
            }
            _ => return Err(ModelError::Value(format!("the precision of '{name}'"))),
        };
        if !names.insert(name.clone()) {
            return Err(ModelError::Twice(name));
        }
        model.tensors.push(Tensor { name, shape, values });
    }
    Ok(model)
}

/// A length and UTF-8 of that length.
fn text(reader: &mut Reader, what: &str) -> Result<String, ModelError> {
    let bytes = reader.u32_le().and_then(|length| reader.take(usize::try_from(length).ok()?));
    let bytes = bytes.ok_or_else(|| ModelError::Truncated(what.into()))?;
    core::str::from_utf8(bytes).map(ToOwned::to_owned).map_err(|_| ModelError::Value(what.into()))
}

fn singles(reader: &mut Reader, count: usize) -> Option<Vec<f32>> {
    let (chunks, _) = reader.take(count.checked_mul(4)?)?.as_chunks();
    Some(chunks.iter().map(|&x| f32::from_le_bytes(x)).collect())
}

fn version_1(reader: &mut Reader) -> Result<ModelFile, ModelError> {
    let truncated = |what: &str| ModelError::Truncated(what.into());
    let mut sizes = [0; 12];
    for size in &mut sizes {
        *size = reader.u32_le().ok_or_else(|| truncated("the sizes"))?;
    }
    let [rate, frame, hop, scale, norm, bands, width, step, components, features, regions, labels] = sizes;
    let mut frequency = || reader.u64_le().map(f64::from_bits).ok_or_else(|| truncated("the frequencies"));
    let (lowest, highest) = (frequency()?, frequency()?);
    let named = |names: [&'static str; 2], index: u32, what: &str| {
        names.get(index as usize).copied().ok_or_else(|| ModelError::Value(what.into()))
    };
    let floor = f32::from_bits(reader.u32_le().ok_or_else(|| truncated("the floor"))?);
    let mut model = ModelFile::default();
    model.set("method", "sparse-pooled");
    model.set("precision", "f32");
    model.set("transform", "mel");
    for (name, size) in [("rate", rate), ("frame", frame), ("hop", hop), ("bands", bands)] {
        model.set(name, size);
    }
    model.set("scale", named(["slaney", "htk"], scale, "the mel scale")?);
    model.set("norm", named(["peak", "area"], norm, "the mel norm")?);
    model.set("lowest", lowest);
    model.set("highest", highest);
    model.set("floor", floor);
    for (name, size) in [("context.width", width), ("context.step", step), ("sparse-pooled.regions", regions)] {
        model.set(name, size);
    }
    for k in 0..labels {
        let label = text(reader, "the labels")?;
        model.set(format!("label.{k}"), label);
    }
    let product = |a: u32, b: u32| a.checked_mul(b).ok_or_else(|| ModelError::Value("the sizes".into()));
    let (window, pooled) = (product(width, bands)?, product(regions, features)?);
    let tensors: [(&str, &[u32]); 8] = [
        ("whitening.mean", &[window]),
        ("whitening.basis", &[components, window]),
        ("encoder.1.weight", &[features, components]),
        ("encoder.1.bias", &[features]),
        ("scaler.mean", &[pooled]),
        ("scaler.deviation", &[pooled]),
        ("softmax.weight", &[labels, pooled]),
        ("softmax.bias", &[labels]),
    ];
    for (name, shape) in tensors {
        let shape: Vec<usize> = shape.iter().map(|&n| n as usize).collect();
        let values = elements(&shape).and_then(|count| singles(reader, count)).ok_or_else(|| truncated(name))?;
        model.tensors.push(Tensor { name: format!("sparse-pooled.{name}"), shape, values: Values::F32(values) });
    }
    Ok(model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn example() -> ModelFile {
        let mut model = ModelFile::default();
        model.set("method", "sparse-pooled");
        model.set("label.0", "yes\n\u{202e}");
        model.set("empty", "");
        model.put("bias", &[3], &[1.0f32, f32::NAN, -0.0]);
        model.put("weight", &[2, 3], &[1.0f64, 2.0, 3.0, 4.0, f64::INFINITY, 6.0]);
        model.put("number", &[], &[0.1f64]);
        model.put::<f32>("nothing", &[0, 7], &[]);
        model
    }

    #[test]
    fn decoding_reverses_encoding_to_the_bit() {
        let bytes = encode(&example()).unwrap();
        let decoded = decode(&bytes).unwrap();
        assert_eq!((encode(&decoded), &decoded.settings), (Ok(bytes), &example().settings));
        assert_eq!(decoded.values::<f64>("number", &[]), Ok(vec![0.1]));
    }

    #[test]
    fn the_layout_is_that_of_the_table() {
        let mut model = ModelFile::default();
        model.set("a", "bc");
        model.put("w", &[1, 2], &[1.0f32, -2.0]);
        let bytes = encode(&model).unwrap();
        let expected = b"OSSICLE\x02\x01\0\0\0\x01\0\0\0\x01\0\0\0a\x02\0\0\0bc\x01\0\0\0w\x04\0\0\0\x02\0\0\0\
            \x01\0\0\0\x02\0\0\0\0\0\x80\x3f\0\0\0\xc0";
        assert_eq!(bytes[..bytes.len() - 4], expected[..]);
        assert_eq!(bytes[bytes.len() - 4..], crc32(expected).to_le_bytes());
    }

    #[test]
    fn every_prefix_and_every_changed_byte_is_an_error() {
        let mut bytes = encode(&example()).unwrap();
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        for place in 0..bytes.len() {
            bytes[place] ^= 0x10;
            let error = decode(&bytes).unwrap_err();
            match place {
                0..7 => assert_eq!(error, ModelError::NotAModel),
                7 => assert_eq!(error, ModelError::Version(0x12)),
                _ => assert!(matches!(error, ModelError::Checksum { .. }), "{place}: {error}"),
            }
            bytes[place] ^= 0x10;
        }
    }

    /// The bytes with a correct checksum.
    fn checked(mut body: Vec<u8>) -> Vec<u8> {
        let checksum = crc32(&body);
        put_u32_le(&mut body, checksum);
        body
    }

    #[test]
    fn lengths_that_lie_are_errors_even_with_the_right_checksum() {
        let good = encode(&example()).unwrap();
        let body = &good[..good.len() - 4];
        for place in 8..body.len() - 4 {
            for value in [0u32, 7, 1 << 20, u32::MAX] {
                let mut bytes = body.to_vec();
                bytes[place..place + 4].copy_from_slice(&value.to_le_bytes());
                if let Ok(model) = decode(&checked(bytes)) {
                    let elements = model.tensors.iter().fold(0, |sum, tensor| sum + tensor.values.len());
                    assert!(elements <= 10);
                }
            }
        }
        assert_eq!(decode(&checked([body, &[0; 3]].concat())), Err(ModelError::Trailing(3)));
    }

    #[test]
    fn names_are_unique_and_values_are_checked_when_they_are_used() {
        let mut model = example();
        model.set("method", "again");
        assert_eq!(decode(&encode(&model).unwrap()), Err(ModelError::Twice("method".into())));
        let mut model = example();
        model.put("bias", &[1], &[1.0f32]);
        assert_eq!(decode(&encode(&model).unwrap()), Err(ModelError::Twice("bias".into())));
        let model = example();
        assert_eq!(model.values::<f32>("bias", &[3]), Err(ModelError::Value("bias".into())));
        let (name, expected, found) = ("weight".to_string(), vec![3, 2], vec![2, 3]);
        assert_eq!(model.values::<f64>("weight", &[3, 2]), Err(ModelError::Shape { name, expected, found }));
        let name = "number".to_string();
        let error = ModelError::Precision { name, expected: "f32", found: "f64" };
        assert_eq!(model.values::<f32>("number", &[]), Err(error));
        assert_eq!(model.parsed::<usize>("method"), Err(ModelError::Value("method".into())));
        assert_eq!(model.text("other"), Err(ModelError::Missing("other".into())));
        assert_eq!((model.size("weight"), model.size("bias").is_err()), (Ok([2, 3]), true));
    }
}
