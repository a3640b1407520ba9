//! `ossicle compare`: methods with each transform, on the same split.

use super::arguments::{Arguments, Flag, not_among};
use super::progress::ProgressLine;
use super::tutorial::{folder, rate, settings, split};
use super::{Command, Failure};
use crate::bytes::escape::shown;
use crate::bytes::limits::MEMORY;
use crate::bytes::path::shown_path;
use crate::dataset::recordings::Collection;
use crate::dataset::split::{Fold, Split};
use crate::number::Real;
use crate::number::decimal::Count;
use crate::tutorial::methods::{Method, Methods};
use crate::tutorial::metrics::wilson_interval;
use crate::tutorial::pipeline::{memory, prepare, run_split};
use crate::tutorial::report::{Summary, Table, interval, percent, summarize, tsv};
use crate::tutorial::settings::{FrontEndSettings, PipelineSettings, TRANSFORMS, Transform};
use crate::tutorial::training::Run;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "compare",
    summary: "compare the transforms: methods with each of them, on the same split",
    help: "\
Runs one or a few methods with each transform on the same training and test recordings, and prints
one table: a row for each transform, a column for each method, with the accuracy on files and its
95% interval. On a terminal, the best accuracy of each method is bold.

usage: ossicle compare [DIR] [OPTIONS]

DIR holds WAV files as ossicle tutorial expects them; without it, the bundled spoken digits are
used. ossicle tutorial --help describes the methods, the splits and the transforms.

If two intervals overlap, the table does not show which transform is better. The best of several
accuracies on the same files is likely to be higher than the accuracy of the same transform on other
files.

With --tsv, rows have the columns transform, method, windows, files, low, high (the interval) and
seconds; where a method has no such accuracy, the field is empty.

examples:
  ossicle compare
  ossicle compare my-sounds --transforms mel,cepstrum --split groups
  ossicle compare my-sounds --methods sparse-pooled,convolutional --tsv",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--transforms", value: "NAMES", help: "the transforms to compare, with commas (default: all)" },
    Flag { name: "--methods", value: "METHODS", help: "the methods (default: raw-windows,sparse-pooled)" },
    Flag { name: "--split", value: "SPLIT", help: "the test recordings (default: as ossicle tutorial)" },
    Flag { name: "--rate", value: "HZ", help: "resample to this rate (default: the most frequent of the files)" },
    Flag { name: "--seed", value: "N", help: "the random seed (default: 1)" },
    Flag { name: "--hidden", value: "N", help: "the number of features; half of it for patches (default: 400)" },
    Flag { name: "--iterations", value: "N", help: "L-BFGS iterations of the autoencoder (default: 200)" },
    Flag { name: "--epochs", value: "N", help: "passes of convolutional over the recordings (default: 30)" },
    Flag { name: "--tsv", value: "", help: "print rows (see above)" },
];

/// The methods that are run without --methods: the baseline, and one with learned features.
const DEFAULT: [Method; 2] = [Method::RawWindows, Method::SparsePooled];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let mut settings = settings(&arguments).map_err(Failure::Usage)?;
    if !arguments.has("--methods") {
        settings.methods = Methods::of(&DEFAULT);
    }
    let transforms = transforms(&arguments)?;
    let (split, folder, rate) = (split(&arguments)?, folder(&arguments)?, rate(&arguments)?);
    if split == Some(Split::None) {
        return Err(Failure::Usage("--split none has no test files, so there is nothing to compare".into()));
    }
    let quiet = arguments.has("--quiet");
    // A recording must be long enough for all transforms, so that all are tested on the same ones.
    let shortest = |rate| {
        let of_transform = |&transform: &Transform| with(settings, transform).shortest(rate);
        transforms.iter().map(of_transform).max().unwrap_or(0)
    };
    let collection = super::recordings_at(&folder, rate, &shortest, quiet)?;
    let split = split.unwrap_or_else(|| Split::default_for(&collection));
    let folds = split
        .folds(&collection, settings.seed)
        .map_err(|error| Failure::Failed(format!("{}: {error}", shown_path(&folder))))?;

    let mut progress = ProgressLine::new(quiet);
    let mut rows = Vec::new();
    for (i, &transform) in transforms.iter().enumerate() {
        let prefix = format!("{} of {}, {}: ", i + 1, transforms.len(), transform.name());
        let found = summaries(with(settings, transform), &collection, &split, &folds, &mut progress, &prefix);
        progress.done();
        if let Err(cause) = &found {
            super::remark(&format!("ossicle: {}: {cause}", transform.name()));
        }
        rows.push((transform, found));
    }
    let heading = format!(
        "{}: {} of {} at {} Hz; split {split}, {}\n\n",
        shown_path(&folder),
        Count(collection.recordings.len(), "recording"),
        Count(collection.labels.len(), "label"),
        collection.rate,
        Count(folds.iter().map(|fold| fold.test.len()).sum::<usize>(), "test file"),
    );
    let printed = match arguments.has("--tsv") {
        true => super::print(&rows_for_programs(&rows)),
        false => super::print(&(heading + &super::with_bold_heading(&table(&settings.methods, &rows)))),
    };
    let failed = rows.iter().any(|(_, found)| found.is_err());
    super::both(printed, if failed { Err(Failure::Bad) } else { Ok(()) })
}

/// A transform, and the summaries of the methods with it or the cause that there are none.
type Compared = (Transform, Result<Vec<Summary>, String>);

/// The transforms of `--transforms`, each once, in the order in which they are named.
pub(super) fn transforms(arguments: &Arguments) -> Result<Vec<Transform>, Failure> {
    let names = TRANSFORMS.map(|(name, _)| name);
    let mut chosen = Vec::new();
    for word in arguments.text("--transforms").map_or(Vec::from(names), |words| words.split(',').collect()) {
        let found = TRANSFORMS.iter().find(|(name, _)| *name == word);
        let (_, transform) = found.ok_or_else(|| Failure::Usage(not_among("--transforms", word, &names)))?;
        if chosen.contains(transform) {
            return Err(Failure::Usage(format!("--transforms: '{word}' is given twice")));
        }
        chosen.push(*transform);
    }
    Ok(chosen)
}

/// The settings with another transform.
fn with(settings: PipelineSettings, transform: Transform) -> PipelineSettings {
    PipelineSettings { front_end: FrontEndSettings { transform, ..settings.front_end }, ..settings }
}

/// Runs the methods on all folds.
fn summaries(
    settings: PipelineSettings,
    collection: &Collection,
    split: &Split,
    folds: &[Fold],
    progress: &mut ProgressLine,
    prefix: &str,
) -> Result<Vec<Summary>, String> {
    progress.prefix = prefix.into();
    let prepared = prepare::<f32>(&settings, collection, &[], progress).map_err(|error| error.to_string())?;
    MEMORY.check(memory(&settings, collection, &prepared) as u64).map_err(|error| error.to_string())?;
    let mut results = Vec::new();
    for (i, fold) in folds.iter().enumerate() {
        if folds.len() > 1 {
            progress.prefix = format!("{prefix}{} of {} ({}): ", i + 1, folds.len(), shown(&fold.name));
        }
        let learned = run_split(&settings, collection, &prepared, fold, &mut Run::new(progress));
        results.push(learned.map_err(|error| error.to_string())?.results);
    }
    Ok(summarize(&results, *split == Split::Groups))
}

/// The table for people, with the best accuracies of each method in bold if the output can show it.
fn table(methods: &Methods, rows: &[Compared]) -> String {
    let names = methods.to_string();
    let headings: Vec<&str> = ["transform"].into_iter().chain(names.split(',')).collect();
    let mut table = Table::new(&headings);
    for (transform, found) in rows {
        let mut cells = Vec::from([transform.name().to_string()]);
        match found {
            Ok(summaries) => cells.extend(summaries.iter().map(|summary| {
                format!("{} ({})", percent(summary.files), interval(summary.files, summary.confusion.total()))
            })),
            Err(_) => cells.resize(headings.len(), "-".into()),
        }
        table.row(&cells);
    }
    if super::has_bold() {
        best(rows).into_iter().for_each(|[row, column]| table.bold(row + 1, column + 1));
    }
    table.text()
}

/// The row and the column of each accuracy that no other transform exceeds.
fn best(rows: &[Compared]) -> Vec<[usize; 2]> {
    let accuracy = |row: usize, column: usize| Some(rows[row].1.as_ref().ok()?.get(column)?.files);
    let columns = rows.iter().filter_map(|(_, found)| found.as_ref().ok()).map(Vec::len).max().unwrap_or(0);
    let mut best = Vec::new();
    for column in 0..columns {
        let most = (0..rows.len()).filter_map(|row| accuracy(row, column)).fold(f64::NEG_INFINITY, Real::max);
        best.extend((0..rows.len()).filter(|&row| accuracy(row, column) == Some(most)).map(|row| [row, column]));
    }
    best
}

/// The rows for programs.
fn rows_for_programs(rows: &[Compared]) -> String {
    let mut text = tsv(&["transform", "method", "windows", "files", "low", "high", "seconds"]);
    let accuracy = |x: f64| if x.is_nan() { String::new() } else { format!("{x:.6}") };
    for (transform, found) in rows {
        for summary in found.iter().flatten() {
            let [low, high] = wilson_interval(summary.files, summary.confusion.total());
            let mut cells = Vec::from([transform.name().to_string(), summary.method.name().into()]);
            cells.extend([summary.windows, summary.files, low, high].map(accuracy));
            cells.push(format!("{:.3}", summary.seconds));
            text += &tsv(&cells);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::metrics::Confusion;

    fn summary(method: Method, correct: usize) -> Summary {
        let mut confusion = Confusion::new(2);
        (0..10).for_each(|i| confusion.count(0, usize::from(i >= correct)));
        let files = confusion.accuracy();
        Summary { method, windows: f64::NAN, files, confusion, parameters: 1, seconds: 0.25 }
    }

    #[test]
    fn rows_are_transforms_and_the_best_of_each_method_is_found() {
        let of = |raw: usize, pooled: usize| {
            Ok(Vec::from([summary(Method::RawWindows, raw), summary(Method::SparsePooled, pooled)]))
        };
        let rows = [
            (Transform::Fft, of(8, 6)),
            (Transform::Mel, of(7, 9)),
            (Transform::ConstantQ, Err("too short".into())),
            (Transform::Bark, of(8, 5)),
        ];
        assert_eq!(best(&rows), [[0, 0], [3, 0], [1, 1]]);
        let expected = "\
transform             raw-windows          sparse-pooled
fft         80.0% (49.0% - 94.3%)  60.0% (31.3% - 83.2%)
mel         70.0% (39.7% - 89.2%)  90.0% (59.6% - 98.2%)
constant-q                      -                      -
bark        80.0% (49.0% - 94.3%)  50.0% (23.7% - 76.3%)
";
        assert_eq!(table(&Methods::of(&DEFAULT), &rows), expected);
        let text = rows_for_programs(&rows);
        assert_eq!(text.lines().count(), 7);
        assert!(text.contains("fft\traw-windows\t\t0.800000\t0.490162\t0.943318\t0.250\n"), "{text}");
    }
}
