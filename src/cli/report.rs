//! `ossicle report`: how a saved model classifies the recordings of a folder, as a web page.

use super::arguments::{Arguments, Flag};
use super::inspect::{digest, learned};
use super::{Command, Failure};
use crate::bytes::escape::shown;
use crate::bytes::path::shown_path;
use crate::dataset::recordings::Collection;
use crate::dataset::split::Fold;
use crate::machine::threads;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::atomic;
use crate::storage::model::ModelFile;
use crate::tutorial::classifier::{ImpossibleProbabilities, Prediction, SoundClassifier, TrainedModel};
use crate::tutorial::classifier_file;
use crate::tutorial::evaluation::MethodResult;
use crate::tutorial::front_end::FrontEnd;
use crate::tutorial::metrics::Confusion;
use crate::tutorial::preprocessing::frames;
use crate::tutorial::report::{interval, percent, summarize};
use crate::tutorial::report_page::ReportPage;
use crate::tutorial::report_page::features::{LearnedFeatures, SearchedWindows};
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "report",
    summary: "show how a saved model classifies recordings, as a web page",
    help: "\
Classifies the recordings of a folder with a saved model, and writes a page for a browser: accuracy
and confusions, the misclassified files with their spectrograms, probabilities and a player for
each, examples of each label, and the features that the model learned.

usage: ossicle report MODEL DIR [-o FILE]

MODEL is a file written by ossicle tutorial --save. DIR holds WAV files as ossicle tutorial expects
them: in one folder for each label, or named {label}_{group}_{index}.wav. Files are resampled to the
sampling rate of the recordings that the model was trained on. Files with a label that the model
does not know are left out.

The accuracy on recordings that the model was trained on says little about other recordings. ossicle
tutorial writes the same page for its test files, with learning curves. For recordings without
labels, use ossicle predict.

examples:
  ossicle tutorial --save digits.model --methods sparse-pooled
  ossicle report digits.model data/digits
  ossicle report digits.model my-digits -o my-digits.html",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] =
    &[Flag { name: "-o", value: "FILE", help: "the page, .html (default: report.html); replaced if it exists" }];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let [model, folder] = match &arguments.others[..] {
        [] => return Err(Failure::Usage("a model file and a folder were expected".into())),
        [_] => return Err(Failure::Usage("a folder was expected after the model".into())),
        [model, folder] => [model, folder],
        [_, _, other, ..] => return Err(super::unexpected(other)),
    };
    let page = arguments.text("-o").unwrap_or("report.html");
    if Path::new(page).extension().is_none_or(|extension| extension != "html") {
        return Err(Failure::Usage(format!("-o {}: a name that ends with .html was expected", shown(page))));
    }
    super::refuse_inputs(&[Path::new(model)], &[Path::new(page)])?;
    super::probe(&[Path::new(page)])?;
    let command = super::command_line(&COMMAND, args);
    let file = super::read_model(model)?;
    let (html, accuracy) = match file.find("precision") {
        Some("f64") => html::<f64>(model, &file, Path::new(folder), &arguments, command)?,
        _ => html::<f32>(model, &file, Path::new(folder), &arguments, command)?,
    };
    let written = atomic::write(Path::new(page), html.as_bytes()).map_err(|error| Failure::Failed(error.to_string()));
    // The accuracy is printed even if the page could not be written, and the other way round.
    let printed = super::print(&accuracy);
    if written.is_ok() && !arguments.has("--quiet") {
        super::remark(&format!("the report: {}", shown_path(Path::new(page))));
    }
    super::both(printed, written)
}

/// The page, and the accuracy as a line.
fn html<T: Real>(
    model: &str,
    file: &ModelFile,
    folder: &Path,
    arguments: &Arguments,
    command: String,
) -> Result<(String, String), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(model)));
    let classifier = classifier_file::decode::<T>(file).map_err(|error| failed(error.to_string()))?;
    let front = classifier.front_end().map_err(|error| failed(error.to_string()))?;
    let quiet = arguments.has("--quiet");
    let shortest = |_| classifier.shortest;
    let found = super::recordings_at(folder, Some(classifier.rate), &shortest, quiet)?;
    let all = found.recordings.len();
    let collection = known(found, &classifier.labels);
    let unknown = all - collection.recordings.len();
    if collection.recordings.is_empty() {
        let labels: Vec<String> = classifier.labels.iter().map(|label| shown(label).to_string()).collect();
        let cause = format!("no recording has a label of the model, which knows {}", labels.join(", "));
        return Err(Failure::Failed(format!("{}: {cause}", shown_path(folder))));
    }
    if unknown > 0 && !quiet {
        super::remark(&format!("left out {} with a label that the model does not know", Count(unknown, "recording")));
    }

    let start = Instant::now();
    let frames = frames(&front, &collection.recordings).map_err(|error| Failure::Failed(error.to_string()))?;
    let bands = front.bands().count();
    let mut classified: Vec<Option<Classified>> = frames.iter().map(|_| None).collect();
    let mut workers: Vec<()> = (0..threads::count()).map(|_| ()).collect();
    threads::for_each(&mut workers, frames.iter().zip(&mut classified), |(), (frames, result)| {
        *result = Some(classify(&classifier, frames, bands));
    });
    let mut files = Confusion::new(classifier.labels.len());
    let (mut predictions, mut rejected) = (Vec::new(), 0);
    for (recording, result) in collection.recordings.iter().zip(classified.into_iter().flatten()) {
        let cause = |error| Failure::Failed(format!("{}: {error}", recording.name));
        let (prediction, is_rejected) = result.map_err(cause)?;
        files.count(recording.label, prediction.class);
        rejected += usize::from(is_rejected);
        predictions.push(prediction);
    }
    let (seconds, method) = (start.elapsed().as_secs_f64(), classifier.method);
    let result = MethodResult { method, windows: None, files, predictions, parameters: learned(file), seconds };
    let results = [Vec::from([result])];
    let summaries = summarize(&results, false);
    let tested = collection.recordings.len();
    let fold = Fold { name: "all".into(), train: Vec::new(), test: (0..tested).collect() };

    let mut run =
        Vec::from([("command", shown(&command).to_string()), ("digest of the model's parameters", digest(file))]);
    run.push(("program", concat!("ossicle ", env!("CARGO_PKG_VERSION")).into()));
    let kept = Count(tested, "recording");
    let others = if unknown > 0 { format!("; {unknown} with other labels left out") } else { String::new() };
    run.push(("data", format!("{}: {kept}{others}", shown_path(folder))));
    run.push(("caution", super::CAUTION.into()));
    if classifier.rejection.is_some() {
        run.push(("unlike the training recordings", format!("{rejected} of {kept}, which --reject would reject")));
    }
    let of_training = [("the model was trained by", "run.command"), ("it was trained on", "run.trained-on")];
    run.extend(of_training.into_iter().filter_map(|(item, key)| Some((item, shown(file.find(key)?).to_string()))));
    run.extend(file.parsed("run.accuracy").ok().map(|accuracy| ("accuracy when it was trained", percent(accuracy))));
    let page = ReportPage {
        run,
        collection: &collection,
        folds: &[fold],
        transform: classifier.front_end.transform,
        features: features(&classifier, &front, &frames),
        curves: &[],
        results: &results,
        summaries: &summaries,
    };
    let accuracy = summaries[0].files;
    let correct = summaries[0].confusion.correct();
    let line = format!(
        "{correct} of {} correct: {}, 95% interval {}\n{}\n",
        Count(tested, "file"),
        percent(accuracy),
        interval(accuracy, tested),
        super::CAUTION
    );
    Ok((page.html(), line))
}

/// The recordings with a label of the model, in the model's order of labels.
fn known(found: Collection, labels: &[String]) -> Collection {
    let classes: Vec<Option<usize>> =
        found.labels.iter().map(|label| labels.iter().position(|known| known == label)).collect();
    let recordings = found.recordings.into_iter().filter_map(|mut recording| {
        recording.label = classes[recording.label]?;
        Some(recording)
    });
    Collection { rate: found.rate, labels: labels.to_vec(), recordings: recordings.collect() }
}

/// The prediction for a recording, and whether it is unlike the training recordings.
type Classified = Result<(Prediction<f64>, bool), ImpossibleProbabilities>;

/// Classifies the recording with these frames.
fn classify<T: Real>(classifier: &SoundClassifier<T>, frames: &[T], bands: usize) -> Classified {
    let prediction = classifier.scores(frames, bands).prediction().checked()?.to_f64();
    let probability = prediction.probability(prediction.class);
    let rejection = classifier.rejection.as_ref();
    let is_rejected =
        rejection.is_some_and(|rejection| rejection.rejects(rejection.distance(frames, bands), probability));
    Ok((prediction, is_rejected))
}

/// The features of the first layer on windows, if the model has one.
fn features<T: Real>(
    classifier: &SoundClassifier<T>,
    front: &FrontEnd<T>,
    frames: &[Vec<T>],
) -> Option<LearnedFeatures> {
    let (model, encoder) = classifier.members.iter().find_map(|member| match &member.model {
        TrainedModel::Windows(model) => Some((model, model.layers.first()?)),
        _ => None,
    })?;
    let windows = model.context.sample(frames, front.bands().count());
    let step = classifier.framing.hop as f64 / f64::from(classifier.rate);
    let searched = SearchedWindows { windows: &windows, context: model.context, step };
    Some(LearnedFeatures::measure(&model.normalizer, encoder, front.bands(), searched))
}
