//! `ossicle import`: a model file of the arrays that `ossicle export` wrote, and NumPy or PyTorch may have changed.

use super::arguments::Flag;
use super::{Command, Failure, inspect};
use crate::bytes::escape::shown;
use crate::bytes::limits::{MODEL_FILE, SAFETENSORS_HEADER};
use crate::bytes::path::shown_path;
use crate::bytes::read::{self, ReadError};
use crate::storage::exchange::{self, Description, ExchangeError, SETTINGS_FILE};
use crate::storage::model::ModelFile;
use crate::storage::{atomic, model, npy};
use crate::tutorial::classifier_file;
use crate::tutorial::export_torch::WEIGHTS_FILE;
use std::format;
use std::fs::File;
use std::io;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "import",
    summary: "make a model file of exported arrays",
    help: "\
Makes a model file of what ossicle export wrote for NumPy or PyTorch.

usage: ossicle import DIR|FILE -o MODEL [--changed]

DIR is a folder written by ossicle export with --npy or --torch, FILE one written with
--safetensors. Every tensor and every setting is checked. If nothing was changed, MODEL is identical
to the exported model, byte for byte (a model file of version 1 becomes one of version 2). With -o
-, it goes to standard output, alone.

Arrays that were changed, for example by further training, are accepted only with --changed. MODEL
then omits what no longer holds: the accuracy, and the limits that ossicle predict --reject uses.

examples:
  ossicle export digits.model --torch digits-torch
  ossicle import digits-torch -o same.model
  ossicle import digits-torch --changed -o retrained.model",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "-o", value: "MODEL", help: "write the model file" },
    Flag { name: "--changed", value: "", help: "accept changes, and omit what no longer holds" },
    Flag { name: "--tsv", value: "", help: "print rows: tensors N; parameters N; digest HEX" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let source = match &arguments.others[..] {
        [source] => Path::new(source),
        [] => return Err(Failure::Usage("a folder or a safetensors file was expected".into())),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    let target = arguments.text("-o").map(Path::new);
    let target = target.ok_or_else(|| Failure::Usage("-o MODEL was expected".into()))?;
    if is_read(source, target) {
        let message = format!("{}: these are the arrays; write to another file", shown_path(target));
        return Err(Failure::Usage(message));
    }
    super::probe(&[target])?;
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown_path(source)));
    let model = read_arrays(source, arguments.has("--changed")).map_err(|error| failed(error.to_string()))?;
    let bytes = model::encode(&model).map_err(|error| failed(error.to_string()))?;
    atomic::write(target, &bytes).map_err(|error| Failure::Failed(error.to_string()))?;
    if target == Path::new("/dev/stdout") {
        return Ok(());
    }
    let (tensors, parameters) = (model.tensors.len(), inspect::learned(&model));
    let digest = inspect::digest(&model);
    super::print(&match arguments.has("--tsv") {
        true => format!("tensors\t{tensors}\nparameters\t{parameters}\ndigest\t{digest}\n"),
        false => format!("{}\ndigest of the parameters: {digest}\n", inspect::counted(&model)),
    })
}

/// Whether a file is the source, or one of the arrays or settings in the source's folder.
fn is_read(source: &Path, file: &Path) -> bool {
    let is_array =
        file.extension().is_some_and(|extension| ["npy", "json", "safetensors", "py"].iter().any(|e| extension == *e));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    super::is_same(source, file)
        || super::is_same(&source.join(WEIGHTS_FILE), file)
        || is_array && super::is_same(source, folder)
}

/// Why arrays were not read.
#[derive(Debug)]
enum ImportError {
    Read(String, ReadError),
    /// The file does not begin with a header of possible length.
    NotSafetensors,
    /// The folder has neither of the files that the settings stand in.
    NoSettings,
    /// The folder has both.
    Ambiguous,
    Exchange(ExchangeError),
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ImportError::Read(name, error) if name.is_empty() => error.fmt(f),
            ImportError::Read(name, error) => write!(f, "{}: {error}", shown(name)),
            ImportError::NotSafetensors => write!(f, "this is not a safetensors file"),
            ImportError::NoSettings => {
                write!(f, "the folder has neither {SETTINGS_FILE} nor {WEIGHTS_FILE}; see ossicle export --help")
            }
            ImportError::Ambiguous => {
                write!(f, "the folder has both {SETTINGS_FILE} and {WEIGHTS_FILE}; remove one, or name the file")
            }
            ImportError::Exchange(error) => error.fmt(f),
        }
    }
}

impl From<ExchangeError> for ImportError {
    fn from(error: ExchangeError) -> Self {
        ImportError::Exchange(error)
    }
}

/// The model of a folder or a file, checked.
fn read_arrays(source: &Path, is_changed: bool) -> Result<ModelFile, ImportError> {
    let file = match source.is_dir() {
        false => source.to_path_buf(),
        true => match [SETTINGS_FILE, WEIGHTS_FILE].map(|name| source.join(name).exists()) {
            [true, true] => return Err(ImportError::Ambiguous),
            [false, false] => return Err(ImportError::NoSettings),
            [false, true] => source.join(WEIGHTS_FILE),
            [true, false] => {
                let in_file = |name: &str| {
                    let name = name.to_string();
                    move |error| ImportError::Read(name, error)
                };
                let text = read::file(&source.join(SETTINGS_FILE), b"", SAFETENSORS_HEADER);
                let description = Description::parse(&text.map_err(in_file(SETTINGS_FILE))?)?;
                return classifier_file::import(description, is_changed, |name| {
                    let bytes = match read::file(&source.join(exchange::npy_name(name)), npy::MAGIC, MODEL_FILE) {
                        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                            return Err(ExchangeError::Missing(name.into()).into());
                        }
                        bytes => bytes.map_err(in_file(name))?,
                    };
                    Ok(exchange::from_npy(name, &bytes)?)
                });
            }
        },
    };
    let (description, mut arrays) = exchange::from_safetensors(&read_safetensors(&file)?)?;
    classifier_file::import(description, is_changed, |name| {
        arrays.remove(name).ok_or_else(|| ExchangeError::Missing(name.into()).into())
    })
}

/// The bytes of a safetensors file. Files of another kind are not read to their end.
fn read_safetensors(path: &Path) -> Result<Vec<u8>, ImportError> {
    let failed = |error: ReadError| ImportError::Read(String::new(), error);
    let mut file = File::open(path).map_err(|error| failed(error.into()))?;
    let mut bytes = Vec::new();
    read::up_to(&mut file, 9, &mut bytes).map_err(|error| failed(error.into()))?;
    let length = bytes.first_chunk().map_or(u64::MAX, |length| u64::from_le_bytes(*length));
    if SAFETENSORS_HEADER.check(length).is_err() || bytes.get(8) != Some(&b'{') {
        return Err(ImportError::NotSafetensors);
    }
    read::rest(&mut file, &mut bytes, MODEL_FILE).map_err(failed)?;
    Ok(bytes)
}
