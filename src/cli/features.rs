//! `ossicle features`: frames, windows and activations of recordings as a table.

use super::arguments::{Arguments, Flag};
use super::progress::ProgressLine;
use super::{Command, Failure, tutorial};
use crate::bytes::escape::shown;
use crate::bytes::path::shown_path;
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::folder::{self, FolderContents, FolderError};
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::array::Scalar;
use crate::storage::model::ModelFile;
use crate::storage::{atomic, npy};
use crate::tutorial::classifier::SoundClassifier;
use crate::tutorial::classifier_file;
use crate::tutorial::feature_table::{FeatureTable, Rows, window_model};
use crate::tutorial::progress::Progress;
use crate::tutorial::report::tsv;
use crate::tutorial::settings::FrontEndSettings;
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "features",
    summary: "write the frames of recordings, or their features, as a .npy or .csv table",
    help: "\
Computes the spectra of recordings, and writes a table with one row for each frame, for NumPy, a
spreadsheet, or ossicle train. With --windows, a row is a context window of several frames. With
--model, frames and windows are computed exactly as that model receives them. With --layer N as
well, a row holds the activations of the model's N-th hidden layer for one window; layer 0 is the
window itself, normalized as in the model.

usage: ossicle features FILE|DIR -o FILE.npy [OPTIONS]
       ossicle features FILE|DIR -o FILE.csv [OPTIONS]
       ossicle features FILE|DIR -o FILE --model MODEL [--windows | --layer N]

FILE is a WAV file. DIR holds WAV files in one folder for each label, or with names of the form
{label}_{group}_{index}.wav; if neither is the case, there are no labels. MODEL is a file written by
ossicle tutorial --save. Files that cannot be read are listed and skipped.

With -o x.npy, two more files are written: x.labels.npy with the label of each row as text, and
x.files.csv with the columns 'file', 'first row', 'rows' (their number) and 'label'. A .csv table
has a header, and the labels in the column 'label'. Existing files are replaced. With -o -, the .npy
array alone goes to standard output.

TRANSFORM is one of fft, mel, bark, cepstrum, chroma and constant-q (see ossicle tutorial --help).
Values are 32-bit floats, unless --f64 is given or the model computes in 64 bits.

examples:
  ossicle features data/digits -o digits.npy
  ossicle features speech.wav -o speech.csv --transform cepstrum
  ossicle features my-sounds -o hidden.npy --model my-sounds.model --layer 1
  ossicle features speech.wav -o - --quiet > speech.npy",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "-o", value: "FILE", help: "the table, .npy or .csv (see above)" },
    Flag { name: "--windows", value: "", help: "a row for each context window" },
    Flag { name: "--width", value: "N", help: "with --windows, the frames of a window (default: 4)" },
    Flag { name: "--model", value: "MODEL", help: "the front end of a saved model, at its sampling rate" },
    Flag { name: "--layer", value: "N", help: "with --model, the activations of layer N" },
    Flag { name: "--transform", value: "TRANSFORM", help: "the spectrum (see above; default: mel)" },
    Flag { name: "--bands", value: "N", help: "mel bands, of mel and cepstrum (default: 40)" },
    Flag { name: "--coefficients", value: "N", help: "coefficients of a cepstrum (default: 20)" },
    Flag { name: "--scale", value: "WORD", help: "mel scale: slaney or htk (default: slaney)" },
    Flag { name: "--rate", value: "HZ", help: "resample to this rate (default: the most frequent of the files)" },
    Flag { name: "--unlabeled", value: "", help: "read all WAV files within DIR, and no labels" },
    Flag { name: "--f64", value: "", help: "compute and write 64-bit floats" },
    Flag { name: "--tsv", value: "", help: "print rows: rows N; values N; recordings N; labels N; skipped N; rate HZ" },
];

/// The form of the table.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Npy,
    Csv,
    /// .npy without labels and files.
    Stream,
}

/// The command line.
struct Task<'a> {
    arguments: &'a Arguments,
    source: &'a Path,
    to: &'a Path,
    form: Form,
    rows: Rows,
}

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let task = Task::parse(&arguments)?;
    let settings = tutorial::settings(&arguments).map_err(Failure::Usage)?.front_end;
    let rate = tutorial::rate(&arguments)?;
    let Some(file) = arguments.text("--model") else {
        super::probe(&task.paths().iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        let framing = |rate| settings.framing(rate);
        let shortest = |rate| task.samples(framing(rate).length, framing(rate).hop);
        let contents = task.read(rate, &shortest)?;
        return match arguments.has("--f64") {
            true => task.run_settings::<f64>(&settings, &contents),
            false => task.run_settings::<f32>(&settings, &contents),
        };
    };
    let options = ["--transform", "--bands", "--coefficients", "--scale", "--rate", "--width", "--f64"];
    if let Some(option) = options.into_iter().find(|option| arguments.has(option)) {
        return Err(Failure::Usage(format!("{option} cannot be used with --model, which has its own front end")));
    }
    let model = super::read_model(file)?;
    super::probe(&task.paths().iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    match model.find("precision") {
        Some("f64") => task.run_model::<f64>(file, &model),
        _ => task.run_model::<f32>(file, &model),
    }
}

impl<'a> Task<'a> {
    fn parse(arguments: &'a Arguments) -> Result<Self, Failure> {
        let source = match &arguments.others[..] {
            [source] => Path::new(source),
            [] => return Err(Failure::Usage("a WAV file or a folder of WAV files was expected".into())),
            [_, other, ..] => return Err(super::unexpected(other)),
        };
        let Some(name) = arguments.text("-o") else {
            return Err(Failure::Usage("-o FILE was expected: the table, .npy or .csv".into()));
        };
        let to = Path::new(name);
        let form = match to.extension().and_then(|extension| extension.to_str()) {
            Some("npy") => Form::Npy,
            Some("csv") => Form::Csv,
            None if name == "/dev/stdout" => Form::Stream,
            _ => {
                let expected = "a name that ends with .npy or .csv was expected";
                return Err(Failure::Usage(format!("-o {}: {expected}", shown(name))));
            }
        };
        if form == Form::Stream && arguments.has("--tsv") {
            return Err(Failure::Usage("--tsv cannot be used with -o -: both are for standard output".into()));
        }
        let (mut layer, mut width) = (0, ContextFraming::default().width);
        arguments.number("--layer", "a number from 0 to 100", |&n| n <= 100, &mut layer).map_err(Failure::Usage)?;
        let range = |&n: &usize| (1..=1000).contains(&n);
        arguments.number("--width", "a number from 1 to 1000", range, &mut width).map_err(Failure::Usage)?;
        let rows = match (arguments.has("--layer"), arguments.has("--windows")) {
            (true, _) if !arguments.has("--model") => return Err(Failure::Usage("--layer requires --model".into())),
            (true, true) => return Err(Failure::Usage("--windows and --layer cannot be used together".into())),
            (true, false) => Rows::Layer(layer),
            (false, true) => Rows::Windows(ContextFraming { width, ..ContextFraming::default() }),
            (false, false) if arguments.has("--width") => {
                return Err(Failure::Usage("--width requires --windows".into()));
            }
            (false, false) => Rows::Frames,
        };
        let task = Task { arguments, source, to, form, rows };
        let inputs: Vec<&Path> =
            [Some(source), arguments.text("--model").map(Path::new)].into_iter().flatten().collect();
        super::refuse_inputs(&inputs, &task.paths().iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        Ok(task)
    }

    /// The files that may be written.
    fn paths(&self) -> Vec<PathBuf> {
        let beside = |extension| self.to.with_extension(extension);
        match self.form {
            Form::Npy => Vec::from([self.to.into(), beside("labels.npy"), beside("files.csv")]),
            Form::Csv => Vec::from([self.to.into(), beside("files.csv")]),
            Form::Stream => Vec::from([self.to.into()]),
        }
    }

    /// The samples of one row.
    fn samples(&self, length: usize, hop: usize) -> usize {
        match self.rows {
            Rows::Windows(ContextFraming { width, .. }) => length.saturating_add(hop.saturating_mul(width - 1)),
            Rows::Frames | Rows::Layer(_) => length,
        }
    }

    fn run_settings<T: Real + Scalar>(
        &self,
        settings: &FrontEndSettings,
        contents: &FolderContents,
    ) -> Result<(), Failure> {
        let table = FeatureTable::<T>::of_settings(settings, &contents.collection, self.rows)
            .map_err(|error| Failure::Failed(format!("{}: {error}", shown_path(self.source))))?;
        self.write(contents, &table)
    }

    fn run_model<T: Real + Scalar>(&self, file: &str, model: &ModelFile) -> Result<(), Failure> {
        let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
        let classifier: SoundClassifier<T> =
            classifier_file::decode(model).map_err(|error| failed(error.to_string()))?;
        let rows = match self.rows {
            Rows::Windows(_) => {
                Rows::Windows(window_model(&classifier).map_err(|error| failed(error.to_string()))?.context)
            }
            rows => rows,
        };
        let contents = self.read(Some(classifier.rate), &|_| classifier.shortest)?;
        let table = FeatureTable::of_model(&classifier, &contents.collection, rows);
        self.write(&contents, &table.map_err(|error| failed(error.to_string()))?)
    }

    /// The recordings, at a rate in Hz (`None`: the most frequent).
    fn read(&self, rate: Option<u32>, shortest: &dyn Fn(u32) -> usize) -> Result<FolderContents, Failure> {
        let quiet = self.arguments.has("--quiet");
        let mut progress = ProgressLine::new(quiet);
        progress.stage("reading the recordings", 0);
        let contents = if !self.source.is_dir() {
            folder::read_one(self.source, rate, shortest)
                .map_err(|cause| Failure::Failed(format!("{}: {cause}", shown_path(self.source))))
        } else {
            let unlabeled = || folder::read_unlabeled(self.source, rate, shortest);
            match self.arguments.has("--unlabeled") {
                true => unlabeled(),
                // Without a usable labeled file, the files may have no labels.
                false => match folder::read(self.source, rate, shortest) {
                    Err(error @ (FolderError::NoneUsable(..) | FolderError::NoWav(_))) => {
                        unlabeled().map_err(|_| error)
                    }
                    contents => contents,
                },
            }
            .map_err(|error| Failure::Failed(error.to_string()))
        };
        progress.done();
        let contents = contents?;
        if !quiet {
            super::say_skipped(&contents);
        }
        Ok(contents)
    }

    fn write<T: Real + Scalar>(&self, contents: &FolderContents, table: &FeatureTable<T>) -> Result<(), Failure> {
        let quiet = self.arguments.has("--quiet");
        if let Some(remark) = table.remark.as_ref().filter(|_| !quiet) {
            super::remark(remark);
        }
        let paths = self.paths();
        let mut files: Vec<(&Path, Vec<u8>)> = Vec::new();
        match self.form {
            Form::Csv => {
                files.push((&paths[0], table.csv().into_bytes()));
                files.push((&paths[1], table.files_csv().into_bytes()));
            }
            Form::Npy | Form::Stream => {
                let (values, labels) = table.arrays();
                files.push((&paths[0], npy::encode(&values)));
                if self.form == Form::Npy {
                    files.extend(labels.map(|labels| (paths[1].as_path(), npy::encode(&labels))));
                    files.push((&paths[2], table.files_csv().into_bytes()));
                }
            }
        }
        let files: Vec<(&Path, &[u8])> = files.iter().map(|(path, bytes)| (*path, &bytes[..])).collect();
        atomic::write_all(&files).map_err(|error| Failure::Failed(error.to_string()))?;
        let names: Vec<String> = files.iter().map(|(path, _)| shown_path(path).to_string()).collect();
        self.report(contents, table, &names)
    }

    fn report<T: Real>(
        &self,
        contents: &FolderContents,
        table: &FeatureTable<T>,
        names: &[String],
    ) -> Result<(), Failure> {
        let FolderContents { collection, skipped, .. } = contents;
        let labels = if table.labels().is_some() { collection.labels.len() } else { 0 };
        let (rows, values, recordings) = (table.rows.rows(), table.rows.columns(), table.recordings.len());
        if self.arguments.has("--tsv") {
            let rate = collection.rate as usize;
            let counts = [("rows", rows), ("values", values), ("recordings", recordings), ("labels", labels)];
            let rest = [("skipped", skipped.len()), ("rate", rate)];
            return super::print(
                &counts
                    .iter()
                    .chain(&rest)
                    .map(|(name, n)| tsv(&[name.to_string(), n.to_string()]))
                    .collect::<String>(),
            );
        }
        let labels = if labels == 0 { "no labels".into() } else { Count(labels, "label").to_string() };
        let counts = format!("{} of {}", Count(rows, "row"), Count(values, "value"));
        let from = format!("{} at {} Hz, {labels}", Count(recordings, "recording"), collection.rate);
        match self.form {
            Form::Stream if self.arguments.has("--quiet") => Ok(()),
            Form::Stream => {
                super::remark(&format!("{counts}; {from}"));
                Ok(())
            }
            _ => super::print(&format!("{counts}; {from}\nwritten: {}\n", names.join(", "))),
        }
    }
}
