//! `ossicle predict`: labels of WAV files, by a saved model.

use super::arguments::{Arguments, Flag};
use super::{Command, Failure};
use crate::audio::resample::Resampler;
use crate::bytes::escape::shown;
use crate::bytes::json::quoted;
use crate::bytes::limits::{RESAMPLED, SOUND};
use crate::bytes::path::shown_path;
use crate::dataset::folder::{self, FoundSound};
use crate::machine::threads;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::model::ModelFile;
use crate::tutorial::classifier::{Prediction, SoundClassifier};
use crate::tutorial::classifier_file;
use crate::tutorial::front_end::FrontEnd;
use crate::tutorial::report::{self, Table, percent, tsv};
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "predict",
    summary: "classify WAV files with a saved model",
    help: "\
Prints the most likely label of each WAV file, and its probability. Where the names of files or
folders state the label, the accuracy is printed, too.

usage: ossicle predict MODEL FILE|DIR|-... [OPTIONS]

MODEL is a file written by ossicle tutorial --save. DIR stands for all WAV files in a folder and in
the folders within it, - for one WAV file on standard input. Files are resampled to the sampling
rate of the recordings that the model was trained on.

The probabilities of the model's labels add up to 100%, so even a sound to which no label applies
gets a label, often with 100%. The column 'distance' says how unlike the training recordings a file
is, in a unit that comes from them: 99 of 100 training recordings are closer than 1.00 to the
others. With --reject, a file gets the label '-' in two cases: its distance is more than 1.00, or
its label is less likely than those of 99 of 100 test files that were classified correctly (a model
of --split none has no test files: only the distance counts). This finds some of the sounds to which
no label applies, and misses those that resemble a label. --farthest D sets another limit than 1.00;
a smaller one is stricter. If you have recordings of such sounds, it is better to train with them as
one more label. A silent file is an error.

With --tsv, rows have the columns file, label (as the name states it), predicted, probability (none
if the file was rejected), distance, rejected, and the probability of each label. With --bits, ln p
of each label follows as the bits of a float in hexadecimal, to compare machines. --json prints one
array of objects.

examples:
  ossicle tutorial --save digits.model
  ossicle predict digits.model data/digits
  ossicle predict digits.model speech.wav --top 3
  sox in.flac -t wav - | ossicle predict digits.model - --json",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--top", value: "K", help: "print the K most likely labels (default: 1)" },
    Flag { name: "--reject", value: "", help: "print '-' for files that seem to have none of the labels" },
    Flag { name: "--farthest", value: "D", help: "the largest distance that --reject accepts (default: 1)" },
    Flag { name: "--tsv", value: "", help: "print rows (see above)" },
    Flag { name: "--bits", value: "", help: "with --tsv, print the bits of ln p, too" },
    Flag { name: "--json", value: "", help: "print JSON" },
];

/// Files that are classified before their results are printed.
const BATCH: usize = 64;

/// The options.
struct Options {
    top: usize,
    rejects: bool,
    farthest: f64,
    format: Format,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Table,
    Tsv { bits: bool },
    Json,
}

/// A file's result.
struct Classified {
    /// The index of the label that the name states.
    label: Option<usize>,
    /// The prediction, in f64.
    prediction: Prediction<f64>,
    /// The bits of ln p, in the precision of the model.
    bits: Vec<String>,
    /// The distance from the training recordings, divided by the largest that is accepted.
    distance: Option<f64>,
    is_rejected: bool,
}

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let [file, sounds @ ..] = &arguments.others[..] else {
        return Err(Failure::Usage("a model file and WAV files were expected".into()));
    };
    if sounds.is_empty() {
        return Err(Failure::Usage("a WAV file, a folder or - was expected after the model".into()));
    }
    let options = options(&arguments)?;
    let model = super::read_model(file)?;
    match model.find("precision") {
        Some("f64") => run_in::<f64>(file, &model, sounds, &options),
        _ => run_in::<f32>(file, &model, sounds, &options),
    }
}

fn options(arguments: &Arguments) -> Result<Options, Failure> {
    let mut top = 1;
    let range = |&k: &usize| (1..=1024).contains(&k);
    arguments.number("--top", "a number from 1 to 1024", range, &mut top).map_err(Failure::Usage)?;
    let given = |name| arguments.has(name);
    let format = match (given("--tsv"), given("--json"), given("--bits")) {
        (true, true, _) => return Err(Failure::Usage("--tsv and --json cannot be used together".into())),
        (false, _, true) => return Err(Failure::Usage("--bits requires --tsv".into())),
        (true, false, bits) => Format::Tsv { bits },
        (false, true, false) => Format::Json,
        (false, false, false) => Format::Table,
    };
    let mut farthest = 1.0;
    let range = |&d: &f64| d > 0.0 && d.is_finite();
    arguments.number("--farthest", "a number above 0", range, &mut farthest).map_err(Failure::Usage)?;
    if given("--farthest") && !given("--reject") {
        return Err(Failure::Usage("--farthest requires --reject".into()));
    }
    Ok(Options { top, rejects: given("--reject"), farthest, format })
}

fn run_in<T: Real>(file: &str, model: &ModelFile, sounds: &[String], options: &Options) -> Result<(), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    let classifier = classifier_file::decode::<T>(model).map_err(|error| failed(error.to_string()))?;
    if options.rejects && classifier.rejection.is_none() {
        return Err(failed("this model has no limits for --reject; train and save it again".into()));
    }
    let front = classifier.front_end().map_err(|error| failed(error.to_string()))?;
    let mut workers: Vec<Worker<T>> =
        (0..threads::count()).map(|_| Worker { front: front.clone(), resampler: None }).collect();
    let (files, mut broken) = found(sounds);
    let mut printer = Printer::new(&classifier, options);
    let mut printed = printer.begin();
    for batch in files.chunks(BATCH) {
        if printed.is_err() {
            break;
        }
        let mut results: Vec<Option<Result<Classified, String>>> = batch.iter().map(|_| None).collect();
        threads::for_each(&mut workers, batch.iter().zip(&mut results), |worker, (sound, result)| {
            *result = Some(worker.classify(&classifier, sound, options));
        });
        for (sound, result) in batch.iter().zip(results.into_iter().flatten()) {
            match result {
                Ok(classified) => printed = printed.and_then(|()| printer.row(&sound.path, classified)),
                Err(cause) => {
                    super::remark(&format!("ossicle: {}: {cause}", shown_path(&sound.path)));
                    broken = true;
                }
            }
        }
    }
    let printed = printed.and_then(|()| printer.end());
    super::both(printed, if broken { Err(Failure::Bad) } else { Ok(()) })
}

/// The files that are named, and those in the folders that are named; and whether one cannot be used.
fn found(sounds: &[String]) -> (Vec<FoundSound>, bool) {
    let (mut files, mut broken) = (Vec::new(), false);
    for sound in sounds {
        let path = Path::new(sound);
        if !path.is_dir() {
            files.push(FoundSound::of_file(PathBuf::from(path)));
            continue;
        }
        match folder::find(path) {
            Ok((found, skipped)) => {
                files.extend(found);
                for skipped in skipped {
                    super::remark(&format!("ossicle: {}: {}", shown_path(&skipped.path), skipped.cause));
                    broken = true;
                }
            }
            Err(error) => {
                super::remark(&format!("ossicle: {error}"));
                broken = true;
            }
        }
    }
    (files, broken)
}

/// The front end of a thread, and the resampler that it used last.
struct Worker<T> {
    front: FrontEnd<T>,
    resampler: Option<(u32, Resampler<f64>)>,
}

impl<T: Real> Worker<T> {
    fn classify(
        &mut self,
        classifier: &SoundClassifier<T>,
        sound: &FoundSound,
        options: &Options,
    ) -> Result<Classified, String> {
        let (rate, mut samples) = folder::read_mono(&sound.path)?;
        SOUND.check((samples.len() as u64).div_ceil(rate.into())).map_err(|error| error.to_string())?;
        if rate != classifier.rate {
            let resampler = match self.resampler.take() {
                Some((of, resampler)) if of == rate => resampler,
                _ => Resampler::new(rate, classifier.rate).map_err(|error| error.to_string())?,
            };
            RESAMPLED.check(resampler.length(samples.len())).map_err(|error| error.to_string())?;
            samples = resampler.resample(&samples);
            self.resampler = Some((rate, resampler));
        }
        if let Some(cause) = folder::too_short(samples.len(), classifier.rate, classifier.shortest) {
            return Err(cause);
        }
        let samples: Vec<T> = samples.into_iter().map(T::from_f64).collect();
        let (frames, bands) = (self.front.frames(&samples), self.front.bands().count());
        let prediction = classifier.scores(&frames, bands).prediction().checked();
        let prediction = prediction.map_err(|error| error.to_string())?;
        let bits = match options.format {
            Format::Tsv { bits: true } => prediction.log_probabilities.iter().map(hexadecimal).collect(),
            _ => Vec::new(),
        };
        let prediction = prediction.to_f64();
        let rejection = classifier.rejection.as_ref().map(|rejection| {
            let distance = rejection.distance(&frames, bands);
            let is_rejected = rejection.rejects(distance / options.farthest, prediction.probability(prediction.class));
            (distance / rejection.farthest, is_rejected)
        });
        let label = sound.labels.iter().find_map(|label| classifier.labels.iter().position(|l| l == label));
        Ok(Classified {
            label,
            prediction,
            bits,
            distance: rejection.map(|(distance, _)| distance),
            is_rejected: options.rejects && rejection.is_some_and(|(_, is_rejected)| is_rejected),
        })
    }
}

/// The bits of a float, in hexadecimal.
fn hexadecimal<T: Real>(x: &T) -> String {
    match size_of::<T>() {
        4 => format!("{:08x}", (x.to_f64() as f32).to_bits()),
        _ => format!("{:016x}", x.to_f64().to_bits()),
    }
}

/// Prints rows, and counts those whose label is known.
struct Printer<'a> {
    labels: &'a [String],
    options: &'a Options,
    table: Table,
    rows: usize,
    known: usize,
    correct: usize,
    rejected: usize,
}

impl<'a> Printer<'a> {
    fn new<T>(classifier: &'a SoundClassifier<T>, options: &'a Options) -> Self {
        let mut headings: Vec<String> = ["file", "label", "probability"].map(String::from).to_vec();
        for k in 2..=options.top.min(classifier.labels.len()) {
            headings.extend([format!("{k}."), "probability".into()]);
        }
        headings.push("distance".into());
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let (table, labels) = (Table::new(&headings), &classifier.labels[..]);
        Printer { labels, options, table, rows: 0, known: 0, correct: 0, rejected: 0 }
    }

    fn begin(&self) -> Result<(), Failure> {
        match self.options.format {
            Format::Table => Ok(()),
            Format::Json => super::print("["),
            Format::Tsv { bits } => {
                let mut cells: Vec<String> =
                    ["file", "label", "predicted", "probability", "distance", "rejected"].map(String::from).to_vec();
                cells.extend(self.labels.iter().map(|label| format!("p:{label}")));
                cells.extend(self.labels.iter().filter(|_| bits).map(|label| format!("ln-p:{label}")));
                super::print(&tsv(&cells))
            }
        }
    }

    fn row(&mut self, path: &Path, classified: Classified) -> Result<(), Failure> {
        let Classified { label, prediction, bits, distance, is_rejected } = classified;
        self.rows += 1;
        self.rejected += usize::from(is_rejected);
        if let Some(label) = label {
            self.known += 1;
            self.correct += usize::from(label == prediction.class && !is_rejected);
        }
        let p = |class: usize| prediction.probability(class);
        let predicted = if is_rejected { "-" } else { &self.labels[prediction.class] };
        let distance = distance.filter(|distance| distance.is_finite());
        match self.options.format {
            Format::Table => {
                let probability = if is_rejected { "-".into() } else { percent(p(prediction.class)) };
                let mut cells = Vec::from([path_text(path), predicted.to_string(), probability]);
                for &class in prediction.ranking().iter().take(self.options.top).skip(1) {
                    cells.extend([self.labels[class].clone(), percent(p(class))]);
                }
                cells.push(distance.map_or("-".into(), |distance| format!("{distance:.2}")));
                self.table.row(&cells);
                Ok(())
            }
            Format::Tsv { .. } => {
                let known = label.map_or(String::new(), |label| self.labels[label].clone());
                let rejected = if is_rejected { "yes" } else { "no" };
                let distance = distance.map_or(String::new(), |distance| format!("{distance:.4}"));
                let mut cells = Vec::from([path_text(path), known, predicted.to_string()]);
                let probability = if is_rejected { String::new() } else { format!("{:.6}", p(prediction.class)) };
                cells.extend([probability, distance, rejected.into()]);
                cells.extend((0..self.labels.len()).map(|class| format!("{:.6}", p(class))));
                cells.extend(bits);
                super::print(&tsv(&cells))
            }
            Format::Json => {
                let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".into());
                let name = |class: usize| quoted(&self.labels[class]).to_string();
                let top: Vec<String> = (prediction.ranking().iter().take(self.options.top))
                    .map(|&class| format!("{{\"label\": {}, \"probability\": {}}}", name(class), p(class)))
                    .collect();
                let all: Vec<String> =
                    (0..self.labels.len()).map(|class| format!("{}: {}", name(class), p(class))).collect();
                super::print(&format!(
                    "{}\n{{\"file\": {}, \"label\": {}, \"predicted\": {}, \"probability\": {}, \"distance\": {}, \
                     \"rejected\": {is_rejected}, \"top\": [{}], \"probabilities\": {{{}}}}}",
                    if self.rows > 1 { "," } else { "" },
                    quoted(&path_text(path)),
                    or_null(label.map(name)),
                    or_null((!is_rejected).then(|| name(prediction.class))),
                    or_null((!is_rejected).then(|| p(prediction.class).to_string())),
                    or_null(distance.map(|distance| distance.to_string())),
                    top.join(", "),
                    all.join(", "),
                ))
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match self.options.format {
            Format::Json => super::print("\n]\n"),
            Format::Tsv { .. } => Ok(()),
            Format::Table if self.rows == 0 => Ok(()),
            Format::Table => {
                let mut text = super::with_bold_heading(&self.table.text());
                if self.known > 0 {
                    let accuracy = self.correct as f64 / self.known as f64;
                    text += &format!(
                        "\n{} of {} with a known label correct: {}, 95% interval {}\n",
                        self.correct,
                        Count(self.known, "file"),
                        percent(accuracy),
                        report::interval(accuracy, self.known)
                    );
                    text += &format!("{}\n", super::CAUTION);
                }
                if self.options.rejects {
                    text += &format!("\n{} of {} rejected\n", self.rejected, Count(self.rows, "file"));
                }
                super::print(&text)
            }
        }
    }
}

/// A path as text, without the escapes that the output adds.
fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
