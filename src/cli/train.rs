//! `ossicle train`: models of tables.

use super::arguments::{Arguments, Flag, not_among};
use super::progress::ProgressLine;
use super::{Command, Failure, tutorial};
use crate::bytes::escape::shown;
use crate::bytes::json::quoted;
use crate::bytes::limits::TABLE;
use crate::bytes::path::shown_path;
use crate::bytes::read;
use crate::dataset::split::Split;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::array::{Array, Scalar};
use crate::storage::exchange::npy_name;
use crate::storage::safetensors::{self, Tensors};
use crate::storage::{atomic, npy};
use crate::tutorial::report::tsv;
use crate::tutorial::row_table::{RowError, RowLabels, RowTable, read_recordings, shown_classes};
use crate::tutorial::table_model::{Kind, RowFold, TableModel, TableResult, TableSettings};
use crate::tutorial::table_model::{folds, results_text, results_tsv, together};
use crate::tutorial::training::Run;
use core::ops::Range;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;
use std::{format, fs};

pub(super) const COMMAND: Command = Command {
    name: "train",
    summary: "train a model on rows of numbers, from a .npy or .csv table",
    help: "\
Trains a model on the rows of a table of any origin, tests it on rows that were held out, prints the
costs and accuracies, and writes the weights for NumPy and PyTorch.

usage: ossicle train autoencoder TABLE -o DIR|FILE.safetensors [OPTIONS]
       ossicle train softmax|network TABLE --labels FILE -o DIR|FILE.safetensors [OPTIONS]
       ossicle train softmax|network TABLE.csv --label-column NAME -o ... [OPTIONS]

TABLE is a .npy array, rows x values, or a CSV file with numbers in all columns but that of the
labels. Labels are whole numbers or texts, one for each row: a .npy array, a CSV file of one column,
or a column of the CSV table, named with --label-column ('last' means the last column). ossicle
features writes such files.

  autoencoder   a sparse autoencoder with a linear decoder; it needs no labels
  softmax       softmax regression
  network       rectified dense layers and softmax, trained on batches by Adam

With --shape ROWSxCOLUMNS, the rows of the table are images, and network begins with layers of 3 x 3
filters and 2 x 2 max pooling.

SPLIT selects the test rows: random:F (a fraction F), folds:K (each of K folds in turn), or none.
With --recordings FILE, for example the x.files.csv that ossicle features writes, all rows of a
recording go either to the test or to the training. Without it, rows of one recording can be in
both, and the printed accuracy is then higher than new recordings will reach.

Values are scaled to mean 0 and standard deviation 1 by the training rows, unless --no-scaling is
given. DIR gets one .npy file for each array: scaler.mean, scaler.deviation, softmax.weight and so
on, in PyTorch's shapes, and classes.npy. With folds:K, these are from one more training on all
rows. Existing files are replaced.

examples:
  ossicle features my-sounds -o x.npy --windows
  ossicle train softmax x.npy --labels x.labels.npy --recordings x.files.csv -o weights
  ossicle train autoencoder x.npy --hidden 200 -o features.safetensors
  ossicle train network iris.csv --label-column last --split folds:5 -o iris",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "-o", value: "PATH", help: "write the weights to a folder, or to a .safetensors file" },
    Flag { name: "--labels", value: "FILE", help: "the label of each row" },
    Flag { name: "--label-column", value: "NAME", help: "the column of the table with the labels" },
    Flag { name: "--recordings", value: "FILE", help: "the rows of each recording, which stay together" },
    Flag { name: "--split", value: "SPLIT", help: "the rows to test on (see above; default: random:0.2)" },
    Flag { name: "--hidden", value: "N,...", help: "units of each dense layer; one for autoencoder (default: 100)" },
    Flag { name: "--iterations", value: "N", help: "L-BFGS iterations of autoencoder and softmax (default: 200)" },
    Flag { name: "--epochs", value: "N", help: "passes of network over the rows (default: 30)" },
    Flag { name: "--batch", value: "N", help: "rows in a batch of network (default: 64)" },
    Flag { name: "--learning-rate", value: "X", help: "largest rate of network's Adam (default: 0.002)" },
    Flag { name: "--dropout", value: "Q", help: "dropout rate of network before its softmax layer (default: 0)" },
    Flag { name: "--shape", value: "RxC", help: "rows and columns of the image that a row is, for network" },
    Flag { name: "--filters", value: "N,...", help: "with --shape, filters of each layer (default: 16,32)" },
    Flag {
        name: "--weight-decay",
        value: "LAMBDA",
        help: "λ (default: 0.0003 for autoencoder, 0.0001 for softmax, 0 for network)",
    },
    Flag { name: "--sparsity", value: "RHO", help: "ρ, target mean activation of autoencoder (default: 0.035)" },
    Flag { name: "--sparsity-weight", value: "BETA", help: "β, weight of its sparsity penalty (default: 5)" },
    Flag { name: "--no-scaling", value: "", help: "do not scale the values" },
    Flag { name: "--f64", value: "", help: "compute and write 64-bit floats (default: 32-bit)" },
    Flag { name: "--seed", value: "N", help: "the random seed (default: 1)" },
    Flag { name: "--tsv", value: "", help: "print rows, with a heading; then parameters N; digest HEX" },
];

const KINDS: [(&str, Kind); 3] =
    [("autoencoder", Kind::Autoencoder), ("softmax", Kind::Softmax), ("network", Kind::Network)];

/// The options that only some models have.
const OPTIONS: [(&str, &[Kind]); 9] = [
    ("--hidden", &[Kind::Autoencoder, Kind::Network]),
    ("--iterations", &[Kind::Autoencoder, Kind::Softmax]),
    ("--epochs", &[Kind::Network]),
    ("--batch", &[Kind::Network]),
    ("--learning-rate", &[Kind::Network]),
    ("--dropout", &[Kind::Network]),
    ("--shape", &[Kind::Network]),
    ("--sparsity", &[Kind::Autoencoder]),
    ("--sparsity-weight", &[Kind::Autoencoder]),
];

/// The table and the settings of a command line.
pub(super) fn parsed(arguments: &Arguments) -> Result<(&Path, TableSettings), Failure> {
    let (kind, table) = match &arguments.others[..] {
        [word, rest @ ..] => {
            let Some((_, kind)) = KINDS.into_iter().find(|(name, _)| name == word) else {
                return Err(Failure::Usage(not_among("MODEL", word, &KINDS.map(|(name, _)| name))));
            };
            match rest {
                [table] => (kind, Path::new(table)),
                [] => return Err(Failure::Usage("a table was expected, .npy or .csv".into())),
                [_, other, ..] => return Err(super::unexpected(other)),
            }
        }
        [] => return Err(Failure::Usage("a model was expected: autoencoder, softmax or network".into())),
    };
    Ok((table, settings(kind, arguments).map_err(Failure::Usage)?))
}

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let (table, settings) = parsed(&arguments)?;
    let split = match tutorial::split(&arguments)? {
        None => Split::Random(0.2),
        Some(split @ (Split::Random(_) | Split::Folds(_) | Split::None)) => split,
        Some(other) => {
            let expected = "random:F, folds:K or none was expected for rows";
            return Err(Failure::Usage(format!("--split {other}: {expected}")));
        }
    };
    let Some(to) = arguments.text("-o") else {
        return Err(Failure::Usage("-o DIR or -o FILE.safetensors was expected".into()));
    };
    let task = Task { arguments: &arguments, table, to: Path::new(to), settings, split };
    task.check_outputs()?;
    match arguments.has("--f64") {
        true => task.run::<f64>(),
        false => task.run::<f32>(),
    }
}

fn settings(kind: Kind, arguments: &Arguments) -> Result<TableSettings, String> {
    let mut s = TableSettings::new(kind);
    let name = KINDS.iter().find(|(_, other)| *other == kind).map_or("", |(name, _)| name);
    if let Some((option, _)) = OPTIONS.iter().find(|(option, kinds)| arguments.has(option) && !kinds.contains(&kind)) {
        return Err(format!("{option} is no option of {name}"));
    }
    let has_labels = arguments.has("--labels") || arguments.has("--label-column");
    if arguments.has("--labels") && (kind == Kind::Autoencoder || arguments.has("--label-column")) {
        return Err(match kind {
            Kind::Autoencoder => "--labels: an autoencoder learns without labels".into(),
            _ => "--labels and --label-column cannot be used together".into(),
        });
    }
    if kind != Kind::Autoencoder && !has_labels {
        return Err(format!("{name} needs labels: --labels FILE or --label-column NAME was expected"));
    }
    let count = |name, most: usize, to: &mut usize| {
        arguments.number(name, &format!("a number from 1 to {most}"), |&n| (1..=most).contains(&n), to)
    };
    count("--iterations", 100_000, &mut s.iterations)?;
    count("--epochs", 100_000, &mut s.batches.epochs)?;
    count("--batch", 1_000_000, &mut s.batches.batch)?;
    let counts = |name: &str, separator, least: usize, most: usize, to: &mut Vec<usize>| {
        let Some(text) = arguments.text(name) else { return Ok(()) };
        let number = |text: &str| text.parse().ok().filter(|n| (1..=10_000).contains(n));
        let found: Option<Vec<usize>> = text.split(separator).map(number).collect();
        *to = found.filter(|found| (least..=most).contains(&found.len())).ok_or_else(|| {
            let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let numbers = if most == 1 { "number" } else { "numbers" };
            format!(
                "{name} {}: {range} {numbers} from 1 to 10000, separated by '{separator}', were expected",
                shown(text)
            )
        })?;
        Ok::<(), String>(())
    };
    counts("--hidden", ',', 1, if kind == Kind::Autoencoder { 1 } else { 10 }, &mut s.hidden)?;
    counts("--filters", ',', 1, 10, &mut s.filters)?;
    let mut shape = Vec::new();
    counts("--shape", 'x', 2, 2, &mut shape)?;
    s.shape = shape.try_into().ok();
    if arguments.has("--filters") && s.shape.is_none() {
        return Err("--filters requires --shape".into());
    }
    let weight = |&x: &f64| (0.0..=1e6).contains(&x);
    arguments.number("--weight-decay", "a number from 0 to 1e6", weight, &mut s.weight_decay)?;
    arguments.number("--sparsity-weight", "a number from 0 to 1e6", weight, &mut s.sparsity_weight)?;
    let fraction = |&x: &f64| (1e-6..=1.0 - 1e-6).contains(&x);
    arguments.number("--sparsity", "a number between 0 and 1 (not nearer than 1e-6)", fraction, &mut s.sparsity)?;
    let rate = |&x: &f64| x > 0.0 && x <= 1e3;
    arguments.number("--learning-rate", "a number above 0, up to 1000", rate, &mut s.batches.rate)?;
    arguments.number("--dropout", "a number from 0 to 0.99", |x| (0.0..=0.99).contains(x), &mut s.dropout)?;
    s.is_scaled = !arguments.has("--no-scaling");
    s.seed = super::seed(arguments).map_err(Failure::message)?;
    Ok(s)
}

/// The name of the array of labels.
const CLASSES: &str = "classes";

/// Whether the file of an array of some model may have this name.
fn is_of_an_array(name: &OsStr) -> bool {
    const PREFIXES: [&str; 7] = ["classes.", "scaler.", "encoder.", "decoder.", "softmax.", "dense.", "convolution."];
    name.to_str().is_some_and(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

/// The command line.
struct Task<'a> {
    arguments: &'a Arguments,
    table: &'a Path,
    to: &'a Path,
    settings: TableSettings,
    split: Split,
}

impl Task<'_> {
    /// Whether the weights go to one file.
    fn is_file(&self) -> bool {
        self.to.extension().is_some_and(|extension| extension == "safetensors")
    }

    /// Checks, before the training, that the weights can be written. A folder is not created yet.
    fn check_outputs(&self) -> Result<(), Failure> {
        let given = ["--labels", "--recordings"].map(|name| self.arguments.text(name).map(Path::new));
        let inputs: Vec<&Path> = given.into_iter().flatten().chain([self.table]).collect();
        // The names of the arrays that a folder gets depend on the model.
        let outputs = inputs.iter().filter_map(|input| input.file_name()).filter(|name| is_of_an_array(name));
        let outputs: Vec<PathBuf> = outputs.map(|name| self.to.join(name)).chain([self.to.into()]).collect();
        super::refuse_inputs(&inputs, &outputs.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        if self.is_file() {
            return super::probe(&[self.to]);
        }
        if self.to.exists() && !self.to.is_dir() {
            let mistake = "this is a file; a folder or a name that ends with .safetensors was expected";
            return Err(Failure::Usage(format!("-o {}: {mistake}", shown_path(self.to))));
        }
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        if let Some(outermost) = self.to.ancestors().take_while(is_missing).last() {
            return super::probe(&[outermost]);
        }
        let has_labels = self.settings.kind != Kind::Autoencoder;
        let names = self.settings.array_names().into_iter().chain(has_labels.then(|| CLASSES.to_string()));
        let paths: Vec<PathBuf> = names.map(|name| self.to.join(npy_name(&name))).collect();
        super::probe(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    }

    fn read<T: Real + Scalar>(&self) -> Result<RowTable<T>, Failure> {
        let label_column = self.arguments.text("--label-column");
        let mut table: RowTable<T> = read_from(self.table, |bytes| RowTable::read(bytes, label_column))?;
        let rows = table.examples.columns();
        if let Some(file) = self.arguments.text("--labels") {
            table.labels = Some(read_from(Path::new(file), |bytes| RowLabels::read(bytes, rows))?);
        }
        if self.settings.kind == Kind::Autoencoder {
            table.labels = None;
        }
        Ok(table)
    }

    /// The rows of each recording, if they were given.
    fn recordings(&self, rows: usize) -> Result<Option<Vec<Range<usize>>>, Failure> {
        let file = self.arguments.text("--recordings").map(Path::new);
        file.map(|file| read_from(file, |bytes| read_recordings(bytes, rows))).transpose()
    }

    fn run<T: Real + Scalar>(&self) -> Result<(), Failure> {
        let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown_path(self.table)));
        let table = self.read::<T>()?;
        let (values, rows) = (table.examples.rows(), table.examples.columns());
        let recordings = self.recordings(rows)?;
        let classes = table.labels.as_ref().map_or(0, |labels| labels.classes.len());
        self.settings.check::<T>(values, rows, classes).map_err(|error| failed(error.to_string()))?;
        self.settings.check_scale(&table).map_err(|error| failed(error.to_string()))?;
        let folds = folds(&self.split, &table, rows, recordings.as_deref(), self.settings.seed)
            .map_err(|error| failed(error.to_string()))?;
        let (quiet, is_tsv) = (self.arguments.has("--quiet"), self.arguments.has("--tsv"));
        // A closed output does not keep the weights from being written.
        let headed = if is_tsv { Ok(()) } else { super::print(&self.heading(&table, recordings.as_deref())) };
        let mut progress = ProgressLine::new(quiet);
        let (mut results, mut model, mut digest) = (Vec::new(), None, String::new());
        let all = RowFold { name: "-".into(), train: (0..rows).collect(), test: Vec::new(), recordings: Vec::new() };
        let last = (folds.len() > 1).then_some(&all);
        for (i, fold) in folds.iter().chain(last).enumerate() {
            if folds.len() > 1 {
                progress.prefix = format!("training {} of {}: ", i + 1, folds.len() + 1);
            }
            let (start, mut run) = (Instant::now(), Run::new(&mut progress));
            let trained = self.settings.train(&table, &fold.train, &mut run);
            digest = run.digest.hex();
            if i < folds.len() {
                results.push(trained.evaluate(&table, fold, start));
            }
            model = Some(trained);
        }
        progress.done();
        if results.len() > 1 {
            results.push(together(&results));
        }
        let model = model.ok_or_else(|| failed("no model was trained".into()))?;
        if let Some(place) = model.theta().iter().position(|x| !x.is_finite()) {
            return Err(failed(format!("the training failed: parameter {place} is not finite")));
        }
        let labels = table.labels.as_ref().map(|labels| &labels.classes[..]);
        let written = self.write(&model, labels);
        // The results are printed even if the weights could not be written.
        let reported = self.report(&results, &model, &digest, written.as_deref().ok());
        super::both(super::both(headed, reported), written.map(|_| ()))
    }

    fn heading<T: Real>(&self, table: &RowTable<T>, recordings: Option<&[Range<usize>]>) -> String {
        let [rows, values] = [table.examples.columns(), table.examples.rows()];
        let mut text = format!("{}: {} of {}", shown_path(self.table), Count(rows, "row"), Count(values, "value"));
        if let Some(recordings) = recordings {
            text += &format!(", {}", Count(recordings.len(), "recording"));
        }
        if let Some(labels) = &table.labels {
            text += &format!(", {}: {}", Count(labels.classes.len(), "label"), shown_classes(&labels.classes));
        }
        text + &format!("; split {}\n\n", self.split)
    }

    /// Writes the weights; returns the names of the files in the folder.
    fn write<T: Real + Scalar>(
        &self,
        model: &TableModel<T>,
        classes: Option<&[String]>,
    ) -> Result<Vec<String>, Failure> {
        let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown_path(self.to)));
        let arrays = model.arrays();
        let files: Vec<(PathBuf, Vec<u8>)> = if self.is_file() {
            let names = |classes: &[String]| {
                let names: Vec<String> = classes.iter().map(|class| quoted(class).to_string()).collect();
                (CLASSES.to_string(), format!("[{}]", names.join(", ")))
            };
            let tensors = Tensors { metadata: classes.map(names).into_iter().collect(), arrays };
            let bytes = safetensors::encode(&tensors).map_err(|error| failed(error.to_string()))?;
            Vec::from([(self.to.to_path_buf(), bytes)])
        } else {
            fs::create_dir_all(self.to).map_err(|error| failed(error.to_string()))?;
            let classes = classes.map(|classes| (CLASSES.to_string(), Array::from_texts(classes)));
            let named = arrays.into_iter().chain(classes);
            named.map(|(name, array)| (self.to.join(npy_name(&name)), npy::encode(&array))).collect()
        };
        let parts: Vec<(&Path, &[u8])> = files.iter().map(|(path, bytes)| (path.as_path(), &bytes[..])).collect();
        atomic::write_all(&parts).map_err(|error| Failure::Failed(error.to_string()))?;
        let name = |path: &Path| path.strip_prefix(self.to).map_or_else(|_| shown_path(path), shown_path).to_string();
        Ok(if self.is_file() { Vec::new() } else { files.iter().map(|(path, _)| name(path)).collect() })
    }

    fn report<T: Real>(
        &self,
        results: &[TableResult],
        model: &TableModel<T>,
        digest: &str,
        written: Option<&[String]>,
    ) -> Result<(), Failure> {
        let parameters = model.parameters();
        if self.arguments.has("--tsv") {
            let parameters = tsv(&["parameters", &parameters.to_string()]);
            return super::print(&(results_tsv(results) + &parameters + &tsv(&["digest", digest])));
        }
        let counts = format!("{}; digest of the learned weights: {digest}", Count(parameters, "parameter"));
        let mut text = super::with_bold_heading(&results_text(results)) + &format!("\n{counts}\n");
        if let Some(written) = written {
            let names = if written.is_empty() { String::new() } else { format!(": {}", written.join(", ")) };
            text += &format!("written: {}{names}\n", shown_path(self.to));
        }
        super::print(&text)
    }
}

/// What a file holds.
fn read_from<R>(path: &Path, decode: impl FnOnce(&[u8]) -> Result<R, RowError>) -> Result<R, Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown_path(path)));
    if path.is_dir() {
        return Err(failed("this is a folder; a file was expected".into()));
    }
    let bytes = read::file(path, b"", TABLE).map_err(|error| failed(error.to_string()))?;
    decode(&bytes).map_err(|error| failed(error.to_string()))
}
