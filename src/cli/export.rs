//! `ossicle export`: a trained model as source code for a board, or as arrays for NumPy and PyTorch.

use super::arguments::{Arguments, Flag};
use super::progress::ProgressLine;
use super::{Command, Failure, inspect};
use crate::bytes::escape::shown;
use crate::bytes::path::shown_path;
use crate::dataset::folder::{self, FolderContents};
use crate::dataset::split::Split;
use crate::number::decimal::Count;
use crate::predictor::PredictorSizes;
use crate::predictor::deployed::{DeployedModel, PredictorTables};
use crate::storage::exchange::{self, ExchangeError};
use crate::storage::export_c::CError;
use crate::storage::self_test::SelfTest;
use crate::storage::{atomic, export_c, export_rust};
use crate::tutorial::methods::{Method, Methods};
use crate::tutorial::pipeline::{prepare, run_split};
use crate::tutorial::settings::PipelineSettings;
use crate::tutorial::training::Run;
use crate::tutorial::{classifier_file, export_torch, save};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, fs};

pub(super) const COMMAND: Command = Command {
    name: "export",
    summary: "write a model as C, Rust, NumPy or PyTorch",
    help: "\
Writes a trained model for other programs: as the source code of a predictor for a board, or as
arrays for NumPy and PyTorch.

usage: ossicle export MODEL [--rust FILE] [--c FILE.c] [--seconds S]
       ossicle export DIR   [--rust FILE] [--c FILE.c] [--seconds S]
       ossicle export MODEL [--npy DIR] [--safetensors FILE] [--torch DIR]

MODEL is a file written by ossicle tutorial --save. DIR is a folder of recordings (see ossicle
tutorial --help): a model is trained on it first, with the default settings, on all recordings
except the test set. Existing files are replaced.

--rust and --c write a predictor, which maps the samples of a sound to a label. They accept a model
of sparse-pooled, of stacked-pooled, or of convolutional with one network (ossicle tutorial
--networks 1). Tables and parameters are constants, the size of its memory is known at compile time,
and nothing is allocated. A self-test is included: a sound, and the exact bits of the expected
result. Prints the memory and flash that the predictor needs. The Rust module needs this crate,
without its default features. The C source needs a C99 compiler and stdint.h; its header is written
next to it, with .h for .c. Labels may contain any character, except NUL in C. A predictor gives
every sound one of the labels: the distances of ossicle predict --reject are not part of it.

--npy, --safetensors and --torch write the tensors of a model of any method, with the names that
ossicle inspect prints. --npy writes each as a .npy file, and settings.json. --safetensors writes
one file; its metadata have the same settings. --torch writes the same file and model.py, which
loads it as a PyTorch module and needs only torch and numpy. The module maps the frames of a
recording (ossicle features --model) to the logarithms of the probabilities. ossicle import reads
all three back.

examples:
  ossicle export digits.model --rust digits.rs
  ossicle export my-sounds --c sounds.c --seconds 1.5
  ossicle export digits.model --npy digits-npy --torch digits-torch",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--rust", value: "FILE", help: "write a Rust module" },
    Flag { name: "--c", value: "FILE.c", help: "write C99 source code, and its header FILE.h" },
    Flag { name: "--seconds", value: "S", help: "length of the longest sound, in seconds (default: 2.5)" },
    Flag { name: "--npy", value: "DIR", help: "write a .npy file for each tensor, and settings.json, to DIR" },
    Flag { name: "--safetensors", value: "FILE", help: "write the tensors and the settings as one safetensors file" },
    Flag { name: "--torch", value: "DIR", help: "write model.py and weights.safetensors, for PyTorch, to DIR" },
    Flag {
        name: "--tsv",
        value: "",
        help: "print rows: memory BYTES; flash BYTES; frames N; seconds S; tensors N; parameters N",
    },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let source = match &arguments.others[..] {
        [source] => source,
        [] => return Err(Failure::Usage("a model file or a folder was expected".into())),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    let mut seconds = 2.5;
    let range = |&s: &f64| (0.01..=3600.0).contains(&s);
    arguments.number("--seconds", "a number from 0.01 to 3600", range, &mut seconds).map_err(Failure::Usage)?;
    let (rust, c) = (arguments.text("--rust"), arguments.text("--c"));
    let has_arrays = ARRAYS.iter().any(|name| arguments.has(name));
    let is_for_board = rust.is_some() || c.is_some();
    if !is_for_board && !has_arrays {
        let expected = "--rust FILE, --c FILE, --npy DIR, --safetensors FILE or --torch DIR was expected";
        return Err(Failure::Usage(expected.into()));
    }
    if !is_for_board && arguments.has("--seconds") {
        return Err(Failure::Usage("--seconds is an option of --rust and --c".into()));
    }
    if has_arrays && Path::new(source).is_dir() {
        let expected = "this is a folder; NumPy and PyTorch need a model that ossicle tutorial --save has written";
        return Err(Failure::Usage(format!("{}: {expected}", shown(source))));
    }
    if let Some(c) = c
        && !c.ends_with(".c")
    {
        let expected = "a name that ends with .c was expected; the header gets .h";
        return Err(Failure::Usage(format!("--c {}: {expected}", shown(c))));
    }
    let header = c.map(header);
    if let Some(header) = &header {
        export_c::check_header(name(header))
            .map_err(|error| Failure::Usage(format!("--c {}: {error}", shown(c.unwrap_or_default()))))?;
    }
    let safetensors = arguments.text("--safetensors");
    let paths: Vec<&Path> = [rust, c, header.as_deref(), safetensors].into_iter().flatten().map(Path::new).collect();
    super::probe(&paths)?;
    if let Some(path) = paths.iter().copied().find(|path| super::is_same(path, Path::new(source))) {
        return Err(Failure::Usage(format!("{}: this is the model; write to another file", shown_path(path))));
    }
    let board = if is_for_board { export_for_board(source, seconds, &arguments) } else { Ok(()) };
    if has_arrays && !matches!(board, Err(Failure::Failed(_))) {
        return super::both(board, export_arrays(source, &arguments));
    }
    board
}

/// The options that write arrays.
const ARRAYS: [&str; 3] = ["--npy", "--safetensors", "--torch"];

/// Writes the predictor.
fn export_for_board(source: &str, seconds: f64, arguments: &Arguments) -> Result<(), Failure> {
    let (rust, c) = (arguments.text("--rust"), arguments.text("--c"));
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(source)));
    let trained = if Path::new(source).is_dir() {
        train(Path::new(source), arguments)?
    } else {
        super::read_board_model(source)?
    };
    let tables = trained.tables(seconds).map_err(|error| failed(error.to_string()))?;
    let test = SelfTest::new(&tables).map_err(|error| failed(error.to_string()))?;
    let files = files(&trained, &tables, &test, rust, c).map_err(|error| failed(error.to_string()))?;
    let files: Vec<_> = files.iter().map(|(path, text)| (Path::new(path), text.as_bytes())).collect();
    let written = atomic::write_all(&files).map_err(|error| Failure::Failed(error.to_string()));
    // The sizes are printed even if a file could not be written.
    super::both(super::print(&report(&tables, c.is_some(), arguments.has("--tsv"))), written)
}

/// Writes the arrays.
fn export_arrays(source: &str, arguments: &Arguments) -> Result<(), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(source)));
    let model = super::read_model(source)?;
    classifier_file::check(&model).map_err(|error| failed(error.to_string()))?;
    let wrong = |error: ExchangeError| failed(error.to_string());
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    if let Some(folder) = arguments.text("--npy").map(Path::new) {
        create(folder)?;
        files
            .extend(exchange::to_npy(&model).map_err(wrong)?.into_iter().map(|(name, file)| (folder.join(name), file)));
    }
    if let Some(path) = arguments.text("--safetensors") {
        files.push((path.into(), exchange::to_safetensors(&model).map_err(wrong)?));
    }
    if let Some(folder) = arguments.text("--torch").map(Path::new) {
        create(folder)?;
        let program = match model.find("precision") {
            Some("f64") => classifier_file::decode::<f64>(&model).map(|classifier| export_torch::program(&classifier)),
            _ => classifier_file::decode::<f32>(&model).map(|classifier| export_torch::program(&classifier)),
        };
        let program = program.map_err(|error| failed(error.to_string()))?;
        files.push((folder.join(export_torch::PROGRAM_FILE), program.into_bytes()));
        files.push((folder.join(export_torch::WEIGHTS_FILE), exchange::to_safetensors(&model).map_err(wrong)?));
    }
    let files: Vec<_> = files.iter().map(|(path, bytes)| (&**path, &bytes[..])).collect();
    atomic::write_all(&files).map_err(|error| Failure::Failed(error.to_string()))?;
    super::print(&match arguments.has("--tsv") {
        true => format!("tensors\t{}\nparameters\t{}\n", model.tensors.len(), inspect::learned(&model)),
        false => format!("{}\n", inspect::counted(&model)),
    })
}

/// Creates a folder, if there is none.
fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::Failed(format!("{}: {error}", shown_path(folder))))
}

/// The path of a C source's header.
fn header(source: &str) -> String {
    format!("{}.h", source.strip_suffix(".c").unwrap_or(source))
}

/// The last part of a path.
fn name(path: &str) -> &str {
    Path::new(path).file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// The files to be written: their paths and contents.
fn files(
    trained: &DeployedModel,
    tables: &PredictorTables,
    test: &SelfTest,
    rust: Option<&str>,
    c: Option<&str>,
) -> Result<Vec<(String, String)>, CError> {
    let model = tables.model();
    let mut files = Vec::new();
    if let Some(path) = rust {
        files.push((path.to_string(), export_rust::rust(&model, &trained.labels, test)));
    }
    if let Some(path) = c {
        let header = header(path);
        files.push((path.to_string(), export_c::source(&model, &trained.labels, test, name(&header))?));
        files.push((header, export_c::header(&model, test)));
    }
    Ok(files)
}

/// The sizes; in C, the memory has two counters more.
fn report(tables: &PredictorTables, in_c: bool, tsv: bool) -> String {
    let model = tables.model();
    let PredictorSizes { max_frames, frame, hop, .. } = model.sizes;
    let memory = if in_c { export_c::memory(&model) } else { 4 * model.sizes.memory() };
    let (flash, seconds) = (model.flash(), model.sizes.seconds());
    if tsv {
        return format!("memory\t{memory}\nflash\t{flash}\nframes\t{max_frames}\nseconds\t{seconds}\n");
    }
    let kib = |bytes: usize| format!("{bytes} bytes ({:.1} KiB)", bytes as f64 / 1024.0);
    format!(
        "memory  {}, and the stack\nflash   {}, and the code\nsounds  of at most {seconds:.2} s: {max_frames} frames of {frame} \
         samples, every {hop}\n",
        kib(memory),
        kib(flash),
    )
}

/// Trains a model on the recordings of a folder, except those on which the default split tests first.
fn train(folder: &Path, arguments: &Arguments) -> Result<DeployedModel, Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown_path(folder)));
    let methods = Methods::of(&[Method::SparsePooled]);
    let settings = PipelineSettings { methods, ..PipelineSettings::default() };
    let quiet = arguments.has("--quiet");
    let FolderContents { collection, skipped: passed, .. } =
        folder::read(folder, None, &|rate| settings.shortest(rate))
            .map_err(|error| Failure::Failed(error.to_string()))?;
    if !quiet && !passed.is_empty() {
        super::remark(&format!("skipped {}; ossicle tutorial lists the reasons", Count(passed.len(), "file")));
    }
    let parts = Split::default_for(&collection).folds(&collection, settings.seed);
    let parts = parts.map_err(|error| failed(error.to_string()))?;
    let Some(part) = parts.first() else { return Err(failed("there is no recording to train on".into())) };
    let mut progress = ProgressLine::new(quiet);
    let prepared =
        prepare::<f32>(&settings, &collection, &[], &mut progress).map_err(|error| failed(error.to_string()))?;
    let learned = run_split(&settings, &collection, &prepared, part, &mut Run::new(&mut progress))
        .map_err(|error| failed(error.to_string()))?;
    progress.done();
    if let (Some(result), false) = (learned.results.first(), quiet) {
        let (percent, total) = (100.0 * result.files.accuracy(), result.files.total());
        super::remark(&format!(
            "{}: {percent:.1}% accuracy on {total} held-out recordings ({})",
            result.method.name(),
            shown(&part.name)
        ));
    }
    let saved = save::classifier(
        &settings,
        &collection,
        &prepared,
        part,
        &learned,
        Method::SparsePooled,
        &[(part, &learned.results)],
    );
    let saved =
        saved.map_err(|error| failed(error.to_string()))?.ok_or_else(|| failed("no model was trained".into()))?;
    save::deployed(&saved).map_err(|error| failed(error.to_string()))
}
