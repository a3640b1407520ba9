//! Model files as .npy files or as one safetensors file, and back.
//!
//! Why: weights that stay in one program can neither be checked nor trained further by another one. A
//! [model file](super::model) is named settings and named tensors, so each tensor becomes an array with the same name,
//! and the settings become a JSON text:
//!
//! ```text
//! {"format": "ossicle model 1", "digest": "...", "settings": {"method": "...", ...}, "tensors": ["...", ...]}
//! ```
//!
//! In a folder of .npy files it is the file `settings.json`. In a safetensors file it is one text of the metadata,
//! because other programs keep the texts there, but not their order.
//!
//! The order of settings and tensors is that of the model file, so reading back gives the same bytes. The digest is
//! that of the model file's bytes: a reader knows whether anything has been changed since.
//!
//! A name of a tensor is a part of a file's name, so only `a` to `z`, `0` to `9`, `.` and `-` are allowed in it, and it
//! starts with a letter: no list of tensors leads a reader out of its folder.

use super::array::{Array, Elements};
use super::model::{self, ModelError, ModelFile, Tensor, Values};
use super::npy::{self, NpyError};
use super::safetensors::{self, SafetensorsError, Tensors};
use crate::bytes::digest::Digest;
use crate::bytes::escape::shown;
use crate::bytes::json::{Json, JsonError, quoted};
use crate::bytes::limits::MODEL_FILE;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The file of the settings in a folder of .npy files.
pub const SETTINGS_FILE: &str = "settings.json";
/// The name of the settings in the metadata of a safetensors file.
const SETTINGS_TEXT: &str = "ossicle";
const FORMAT: &str = "ossicle model 1";

/// Why arrays are not a model.
#[derive(Clone, Debug, PartialEq)]
pub enum ExchangeError {
    /// The settings are not JSON.
    Json(JsonError),
    /// A member of the settings' JSON is not as expected.
    Member {
        /// Its name.
        name: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The metadata of a safetensors file have no settings.
    NoSettings,
    /// A tensor has a name that cannot be that of a file, or that of an earlier tensor.
    Name(String),
    /// There is no array for this tensor.
    Missing(String),
    /// There is an array that the list of tensors does not name.
    Unlisted(String),
    /// The elements are no floats.
    Type {
        /// The array's name.
        name: String,
        /// The type of its elements.
        found: &'static str,
    },
    /// An array's file is damaged.
    Npy {
        /// The array's name.
        name: String,
        /// What is wrong.
        error: NpyError,
    },
    /// The safetensors file is damaged.
    Safetensors(SafetensorsError),
    /// The model cannot be written as a file.
    Model(ModelError),
    /// Settings or tensors are not those that were written.
    Changed,
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExchangeError::Json(error) => write!(f, "the settings are not valid: {error}"),
            ExchangeError::Member { name, expected } => {
                write!(f, "\"{name}\" in the settings: {expected} was expected")
            }
            ExchangeError::NoSettings => write!(f, "the metadata lack \"{SETTINGS_TEXT}\", the settings of the model"),
            ExchangeError::Name(name) => {
                write!(f, "the tensor '{}' occurs twice or has a name that no tensor has", shown(name))
            }
            ExchangeError::Missing(name) => write!(f, "the tensor '{}' is missing", shown(name)),
            ExchangeError::Unlisted(name) => write!(f, "there is a tensor '{}' that no model has", shown(name)),
            ExchangeError::Type { name, found } => {
                write!(f, "the tensor '{}' has elements of type {found}, but f32 or f64 was expected", shown(name))
            }
            ExchangeError::Npy { name, error } => write!(f, "the tensor '{}': {error}", shown(name)),
            ExchangeError::Safetensors(error) => error.fmt(f),
            ExchangeError::Model(error) => error.fmt(f),
            ExchangeError::Changed => {
                write!(f, "settings or tensors were changed after the export; to accept that, add --changed")
            }
        }
    }
}

impl core::error::Error for ExchangeError {}

impl From<ModelError> for ExchangeError {
    fn from(error: ModelError) -> Self {
        ExchangeError::Model(error)
    }
}

// Writing.

/// The digest of a model file's bytes.
fn digest(model: &ModelFile) -> Result<String, ModelError> {
    let mut digest = Digest::new();
    digest.bytes(&model::encode(model)?);
    Ok(digest.hex())
}

/// The settings, and the names of the tensors, as JSON with a setting in each line.
fn settings_text(model: &ModelFile) -> Result<String, ExchangeError> {
    let list = |items: Vec<String>| items.join(",\n");
    let settings = model.settings.iter().map(|(name, value)| format!("{}: {}", quoted(name), quoted(value))).collect();
    let mut names = BTreeSet::new();
    for Tensor { name, .. } in &model.tensors {
        if !(is_file_name(name) && names.insert(name)) {
            return Err(ExchangeError::Name(name.clone()));
        }
    }
    let tensors = model.tensors.iter().map(|tensor| quoted(&tensor.name).to_string()).collect();
    Ok(format!(
        "{{\n\"format\": \"{FORMAT}\",\n\"digest\": \"{}\",\n\"settings\": {{\n{}\n}},\n\"tensors\": [\n{}\n]\n}}\n",
        digest(model)?,
        list(settings),
        list(tensors)
    ))
}

/// Whether a tensor of this name can be a file.
fn is_file_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-')
}

fn array(tensor: &Tensor) -> Array {
    let elements = match &tensor.values {
        Values::F32(values) => Elements::F32(values.clone()),
        Values::F64(values) => Elements::F64(values.clone()),
    };
    Array::new(&tensor.shape, elements)
}

/// The name of a tensor's .npy file.
pub fn npy_name(tensor: &str) -> String {
    format!("{tensor}.npy")
}

/// The files of a folder: names and bytes.
///
/// # Errors
/// If a tensor has a name that no tensor has, or the model is too large.
pub fn to_npy(model: &ModelFile) -> Result<Vec<(String, Vec<u8>)>, ExchangeError> {
    let mut files = Vec::from([(SETTINGS_FILE.to_string(), settings_text(model)?.into_bytes())]);
    files.extend(model.tensors.iter().map(|tensor| (npy_name(&tensor.name), npy::encode(&array(tensor)))));
    Ok(files)
}

/// The bytes of a safetensors file.
///
/// # Errors
/// As [`to_npy`].
pub fn to_safetensors(model: &ModelFile) -> Result<Vec<u8>, ExchangeError> {
    // Other programs ask the format for the library that made the arrays.
    let metadata = Vec::from([("format".into(), "pt".into()), (SETTINGS_TEXT.into(), settings_text(model)?)]);
    let arrays = model.tensors.iter().map(|tensor| (tensor.name.clone(), array(tensor))).collect();
    safetensors::encode(&Tensors { metadata, arrays }).map_err(ExchangeError::Safetensors)
}

// Reading.

/// What the settings' JSON says of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    digest: String,
    /// The settings in their order.
    pub settings: Vec<(String, String)>,
    /// The names of the tensors in their order.
    pub tensors: Vec<String>,
}

impl Description {
    /// Reads the JSON.
    ///
    /// # Errors
    /// If it is none, or not that of a model.
    pub fn parse(text: &[u8]) -> Result<Self, ExchangeError> {
        let json = Json::parse(text).map_err(ExchangeError::Json)?;
        let text = |json: &Json| json.as_str().map(String::from);
        let wrong = |name, expected| ExchangeError::Member { name, expected };
        if json.get("format").and_then(Json::as_str) != Some(FORMAT) {
            return Err(wrong("format", "\"ossicle model 1\""));
        }
        let digest = json.get("digest").and_then(text).ok_or(wrong("digest", "a text"))?;
        let pair = |(name, value): &(String, Json)| Some((name.clone(), text(value)?));
        let settings = json.get("settings").and_then(Json::as_object);
        let settings = settings.and_then(|members| members.iter().map(pair).collect());
        let settings = settings.ok_or(wrong("settings", "an object of texts"))?;
        let tensors = json.get("tensors").and_then(Json::as_array);
        let tensors = tensors.and_then(|names| names.iter().map(text).collect::<Option<Vec<_>>>());
        let tensors = tensors.ok_or(wrong("tensors", "an array of texts"))?;
        let mut names = BTreeSet::new();
        match tensors.iter().find(|name| !(is_file_name(name) && names.insert(*name))) {
            Some(name) => Err(ExchangeError::Name(name.clone())),
            None => Ok(Description { digest, settings, tensors }),
        }
    }

    /// The model with the tensors that `get` returns for their names.
    ///
    /// # Errors
    /// Those of `get`; if an array has no floats; if all are longer than a model file.
    pub fn model<E: From<ExchangeError>>(&self, mut get: impl FnMut(&str) -> Result<Array, E>) -> Result<ModelFile, E> {
        let mut model = ModelFile { settings: self.settings.clone(), tensors: Vec::new() };
        let mut bytes = 0;
        for name in &self.tensors {
            let array = get(name)?;
            let values = match array.elements() {
                Elements::F32(values) => Values::F32(values.clone()),
                Elements::F64(values) => Values::F64(values.clone()),
                other => return Err(ExchangeError::Type { name: name.clone(), found: other.name() }.into()),
            };
            bytes += 4 * values.len() as u64;
            MODEL_FILE.check(bytes).map_err(|error| ExchangeError::Model(error.into()))?;
            model.tensors.push(Tensor { name: name.clone(), shape: array.shape().to_vec(), values });
        }
        Ok(model)
    }

    /// Checks that a model is the one that was written, to the bit.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self, model: &ModelFile) -> Result<(), ExchangeError> {
        if digest(model)? == self.digest { Ok(()) } else { Err(ExchangeError::Changed) }
    }
}

/// The array of a .npy file.
///
/// # Errors
/// If it is damaged.
pub fn from_npy(name: &str, bytes: &[u8]) -> Result<Array, ExchangeError> {
    npy::decode(bytes).map_err(|error| ExchangeError::Npy { name: name.into(), error })
}

/// The settings of a safetensors file, and its arrays by name.
///
/// # Errors
/// If the file is damaged, has no settings, or has an array that they do not name.
pub fn from_safetensors(bytes: &[u8]) -> Result<(Description, BTreeMap<String, Array>), ExchangeError> {
    let Tensors { metadata, arrays } = safetensors::decode(bytes).map_err(ExchangeError::Safetensors)?;
    let text = metadata.iter().find(|(name, _)| name == SETTINGS_TEXT);
    let description = Description::parse(text.ok_or(ExchangeError::NoSettings)?.1.as_bytes())?;
    let listed: BTreeSet<&String> = description.tensors.iter().collect();
    match arrays.iter().find(|(name, _)| !listed.contains(name)) {
        Some((name, _)) => Err(ExchangeError::Unlisted(name.clone())),
        None => Ok((description, arrays.into_iter().collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> ModelFile {
        let mut model = ModelFile::default();
        model.set("method", "sparse-pooled");
        model.set("label.0", "yes\n\u{202e}\"\\");
        model.set("empty", "");
        model.put("z.bias", &[3], &[1.0f32, f32::NAN, -0.0]);
        model.put("a.weight", &[2, 3], &[1.0f64, 2.0, 3.0, 4.0, f64::INFINITY, 6.0]);
        model.put("number", &[], &[0.1f64]);
        model.put::<f32>("nothing", &[0, 7], &[]);
        model
    }

    /// The model in these files.
    fn read(files: &[(String, Vec<u8>)]) -> Result<(Description, ModelFile), ExchangeError> {
        let description = Description::parse(&files[0].1)?;
        let model = description.model(|name| {
            let file = files.iter().find(|(file, _)| *file == npy_name(name));
            from_npy(name, &file.ok_or_else(|| ExchangeError::Missing(name.into()))?.1)
        })?;
        Ok((description, model))
    }

    #[test]
    fn reading_reverses_writing_to_the_bit() {
        let bytes = model::encode(&example()).unwrap();
        let (description, from_folder) = read(&to_npy(&example()).unwrap()).unwrap();
        assert_eq!(model::encode(&from_folder).as_ref(), Ok(&bytes));
        let (same, mut arrays) = from_safetensors(&to_safetensors(&example()).unwrap()).unwrap();
        assert_eq!(same, description);
        let get = |name: &str| arrays.remove(name).ok_or_else(|| ExchangeError::Missing(name.into()));
        let from_file = same.model(get).unwrap();
        assert_eq!(model::encode(&from_file).as_ref(), Ok(&bytes));
        assert_eq!(description.check(&from_file), Ok(()));
    }

    #[test]
    fn every_change_of_a_bit_is_noticed() {
        let files = to_npy(&example()).unwrap();
        let mut changed = example();
        changed.tensors[0].values = Values::F32(Vec::from([1.0, f32::NAN, 0.0]));
        let (description, _) = read(&files).unwrap();
        assert_eq!(description.check(&changed), Err(ExchangeError::Changed));
        let mut changed = example();
        changed.settings[2].1 = " ".into();
        assert_eq!(description.check(&changed), Err(ExchangeError::Changed));
    }

    #[test]
    fn names_cannot_lead_out_of_a_folder() {
        for name in ["../secret", "a/b", "", ".a", "a\\b", "A", "a\0", "C:a"] {
            let mut model = example();
            model.put(name, &[1], &[1.0f32]);
            assert_eq!(to_npy(&model), Err(ExchangeError::Name(name.into())));
            let text = settings_text(&example()).unwrap().replace("\"number\"", &quoted(name).to_string());
            assert_eq!(Description::parse(text.as_bytes()), Err(ExchangeError::Name(name.into())));
        }
        let text = settings_text(&example()).unwrap().replace("\"number\"", "\"nothing\"");
        assert_eq!(Description::parse(text.as_bytes()), Err(ExchangeError::Name("nothing".into())));
    }

    #[test]
    fn damaged_files_are_errors() {
        let files = to_npy(&example()).unwrap();
        for i in 1..files.len() {
            let name = example().tensors[i - 1].name.clone();
            let mut missing = files.clone();
            missing.remove(i);
            assert_eq!(read(&missing), Err(ExchangeError::Missing(name.clone())));
            let mut short = files.clone();
            short[i].1.truncate(100);
            assert!(matches!(read(&short), Err(ExchangeError::Npy { name: found, .. }) if found == name));
            let mut integers = files.clone();
            integers[i].1 = npy::encode(&Array::from_slice(&[1_i64]));
            assert_eq!(read(&integers), Err(ExchangeError::Type { name, found: "i64" }));
        }
        let text = String::from_utf8(files[0].1.clone()).unwrap();
        for (from, to, name) in [
            (FORMAT, "ossicle model 9", "format"),
            ("\"digest\"", "\"digits\"", "digest"),
            ("\"sparse-pooled\"", "5", "settings"),
            ("\"settings\": {", "\"settings\": [], \"others\": {", "settings"),
            ("\"number\"", "null", "tensors"),
            ("\"tensors\"", "\"arrays\"", "tensors"),
        ] {
            let error = Description::parse(text.replace(from, to).as_bytes()).unwrap_err();
            assert!(matches!(error, ExchangeError::Member { name: found, .. } if found == name), "{error}");
        }
        for length in 0..text.len() - 1 {
            assert!(Description::parse(&text.as_bytes()[..length]).is_err(), "{length}");
        }
        let file = to_safetensors(&example()).unwrap();
        for length in 0..file.len() {
            assert!(from_safetensors(&file[..length]).is_err(), "{length}");
        }
        let mut tensors = safetensors::decode(&file).unwrap();
        tensors.arrays.push(("other".into(), Array::from_slice(&[1.0f32])));
        let found = from_safetensors(&safetensors::encode(&tensors).unwrap());
        assert_eq!(found, Err(ExchangeError::Unlisted("other".into())));
        tensors.metadata.clear();
        let found = from_safetensors(&safetensors::encode(&tensors).unwrap());
        assert_eq!(found, Err(ExchangeError::NoSettings));
    }
}
