//! `ossicle tutorial`, which `ossicle` alone runs too: the pipeline on a folder of recordings.

use super::arguments::{Arguments, Flag, not_among};
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::audio::wav;
use crate::bytes::digest::Digest;
use crate::bytes::escape::shown;
use crate::bytes::limits::{BANDS, MEMORY, NETWORKS, REGIONS};
use crate::bytes::path::shown_path;
use crate::bytes::read;
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::folder::{self, FolderContents, FolderError};
use crate::dataset::recordings::{Collection, Recording, RereadError};
use crate::dataset::split::{Fold, Split};
use crate::model::Activation;
use crate::number::Real;
use crate::number::decimal::{Count, Fixed};
use crate::spectrum::mel::SCALES;
use crate::storage::model::ModelFile;
use crate::storage::{atomic, model};
use crate::tutorial::classifier::SoundClassifier;
use crate::tutorial::classifier_file;
use crate::tutorial::evaluation::MethodResult;
use crate::tutorial::figures::{DRAWN, FigureWriter, REPORT, SHOWN, drawn};
use crate::tutorial::frame_source::FrameSource;
use crate::tutorial::learning_curves::{Curve, CurveRecorder};
use crate::tutorial::methods::{METHODS, Method, Methods, UnknownMethod};
use crate::tutorial::pipeline::{self, Prepared, SparseModel, prepare, run_split};
use crate::tutorial::report::Summary;
use crate::tutorial::report_page::ReportPage;
use crate::tutorial::report_page::features::{LearnedFeatures, SearchedWindows};
use crate::tutorial::run_checkpoint::{self, CheckpointWriter, Found, RunCheckpointError};
use crate::tutorial::settings::{Normalization, PipelineSettings, TRANSFORMS, Transform};
use crate::tutorial::training::Run;
use crate::tutorial::{report, save, work_plan};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, format};

pub(super) const COMMAND: Command = Command {
    name: "tutorial",
    summary: "learn audio features without labels, and train classifiers on them",
    help: "\
Computes windows of spectra (log-mel by default) from recordings, learns features of them without
labels, trains classifiers, and evaluates them on recordings that were not used in training. Prints
the accuracies on windows and on files, and draws the features, ten windows, and the confusion
matrix of the best method.

Also writes report.html, which shows the run in a browser: the recordings, what was learned, learning
curves, confusions, and the misclassified files with a player for each.

usage: ossicle tutorial [DIR] [OPTIONS]

DIR holds WAV files: either in one folder for each label, or named {label}_{group}_{index}.wav,
where group is the speaker (or instrument, or place) and index the take. Without DIR, the bundled
spoken digits are used. Files are resampled to the most frequent rate.

METHODS is a comma-separated list (default: all):
  raw-windows       softmax regression on windows; a file has the label with the largest sum of
                    log-probabilities
  sparse-windows    the same on features of windows, learned by a sparse autoencoder
  sparse-pooled     softmax regression on these features, averaged over regions of time
  stacked           a second autoencoder on top of the first; both are fine-tuned with softmax
  stacked-pooled    softmax regression on the deepest features, averaged over regions of time
  convolved-pooled  features of small patches at every position, pooled over time and bands
  convolutional     convolutional networks on whole recordings
  ensemble          sum of the log-probabilities of the three methods before it
A method gives the same results with and without the others. The steps that it needs are trained,
but only the methods in the list are printed. The digest covers all parameters that were learned,
so it depends on the list.

SPLIT selects the test recordings:
  official      takes 0 to 4 (the default where every label has takes on both sides)
  group:NAME    all recordings of that group
  groups        each group in turn; the mean is printed. Where a group is a
                speaker, a room or a session, this alone says how well new ones
                are classified
  folds:K       each of K random folds in turn (the default otherwise, with
                K = 5)
  random:F      a fraction F of each label
  none          nothing: trains on all recordings, to save a model

TRANSFORM selects the spectrum, every 10 ms:
  fft           the logarithm of the power spectrum up to 4000 Hz
  mel           the logarithm of 40 mel bands
  bark          the logarithm of Bark bands, one per Bark
  cepstrum      the first 20 cosine coefficients of 40 log-mel bands (MFCC)
  chroma        the logarithm of the twelve pitch classes
  constant-q    the logarithm of 24 bins per octave from 27.5 Hz, higher if a recording is short

--save writes the model of the best method, or of --method, for ossicle predict, inspect and export.
Of a split with one test set, it is the model that was tested. Of a split with several, it is
trained once more, on all recordings. It replaces an existing model, but no other file. Files are
first written as .ossicle-*.tmp in the same folder; if a run is killed, such a file may stay, and
can be deleted.

Memory does not grow with the length of the recordings: they stay in their files, and are read once
more where it is needed. Autoencoders and classifiers of windows learn from 20000 windows, chosen at
random, classifiers of whole recordings from --most-recordings.

With --tsv, an accuracy is a fraction from 0 to 1, or empty where a method has none.

examples:
  ossicle tutorial
  ossicle tutorial my-sounds --split groups
  ossicle tutorial my-sounds --methods raw-windows,convolutional
  ossicle tutorial my-sounds --checkpoint work.ossicle             and, after an interruption:
  ossicle tutorial my-sounds --checkpoint work.ossicle --resume
  ossicle tutorial my-sounds --save my-sounds.model --predictions files.tsv
  ossicle tutorial my-sounds --split none --methods ensemble --save my-sounds.model
  ossicle tutorial my-sounds --unlabeled more-sounds --hidden 200 --out pictures",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--split", value: "SPLIT", help: "the test recordings (see above)" },
    Flag { name: "--methods", value: "METHODS", help: "the methods to run (see above; default: all)" },
    Flag { name: "--unlabeled", value: "DIR", help: "more recordings, for the autoencoder alone" },
    Flag { name: "--rate", value: "HZ", help: "resample to this rate (default: the most frequent of the files)" },
    Flag { name: "--out", value: "DIR", help: "write the pictures and report.html to DIR (default: out)" },
    Flag { name: "--no-pictures", value: "", help: "draw nothing, and write no report.html" },
    Flag { name: "--save", value: "FILE", help: "save the best model, for ossicle predict (see above)" },
    Flag { name: "--method", value: "METHOD", help: "save the model of this method" },
    Flag { name: "--predictions", value: "FILE", help: "write the prediction for each test file, as rows" },
    Flag {
        name: "--checkpoint",
        value: "FILE",
        help: "write the state of the training, to resume after an interruption",
    },
    Flag {
        name: "--resume",
        value: "",
        help: "resume from --checkpoint, with the same recordings and training options",
    },
    Flag { name: "--replace", value: "", help: "start over and overwrite the --checkpoint" },
    Flag { name: "--tsv", value: "", help: "print rows: method windows files seconds; digest HEX" },
    Flag { name: "--precision", value: "f32|f64", help: "the type of all computations (default: f32)" },
    Flag { name: "--seed", value: "N", help: "the random seed (default: 1)" },
    Flag { name: "--hidden", value: "N", help: "the number of features; half of it for patches (default: 400)" },
    Flag {
        name: "--iterations",
        value: "N",
        help: "L-BFGS iterations of the autoencoder; half for patches (default: 200)",
    },
    Flag { name: "--deep", value: "N", help: "the features of the second layer (default: 200)" },
    Flag { name: "--tuning", value: "N", help: "L-BFGS iterations of fine-tuning (default: 80)" },
    Flag {
        name: "--tuning-decay",
        value: "LAMBDA",
        help: "weight decay of the softmax layer in fine-tuning (default: 0.0001)",
    },
    Flag {
        name: "--epochs",
        value: "N",
        help: "passes of convolutional over the recordings (default: 30, and more if there are fewer than 400, in proportion)",
    },
    Flag { name: "--networks", value: "N", help: "the number of convolutional networks (default: 3)" },
    Flag { name: "--normalize", value: "WORD", help: "whiten, or squash as the tutorial does (default: whiten)" },
    Flag { name: "--decoder", value: "WORD", help: "linear or sigmoid (default: linear, sigmoid with squash)" },
    Flag { name: "--sparsity", value: "RHO", help: "target mean activation of the features, ρ (default: 0.035)" },
    Flag { name: "--sparsity-weight", value: "BETA", help: "weight of the sparsity penalty, β (default: 5)" },
    Flag { name: "--weight-decay", value: "LAMBDA", help: "weight decay of the autoencoders, λ (default: 0.0003)" },
    Flag { name: "--transform", value: "TRANSFORM", help: "the spectrum (see above; default: mel)" },
    Flag { name: "--bands", value: "N", help: "mel bands, of mel and cepstrum (default: 40)" },
    Flag { name: "--coefficients", value: "N", help: "coefficients of a cepstrum (default: 20)" },
    Flag { name: "--scale", value: "WORD", help: "mel scale: slaney or htk (default: slaney)" },
    Flag {
        name: "--most-recordings",
        value: "N",
        help: "the most recordings, chosen at random, that train classifiers of whole recordings (default: 5000)",
    },
    Flag { name: "--regions", value: "N", help: "regions of time for averaging (default: 10)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let settings = settings(&arguments).map_err(Failure::Usage)?;
    let mut double = false;
    let precisions = [("f32", false), ("f64", true)];
    arguments.choice("--precision", &precisions, &mut double).map_err(Failure::Usage)?;
    let command = super::command_line(&COMMAND, args);
    match double {
        true => run_in::<f64>(settings, &arguments, command),
        false => run_in::<f32>(settings, &arguments, command),
    }
}

fn run_in<T: Real>(settings: PipelineSettings, arguments: &Arguments, command: String) -> Result<(), Failure> {
    let task = Task::parse(settings, arguments, command)?;
    let data = task.split()?;
    let outputs = task.outputs(&data)?;
    let trained = task.train::<T>(&data, &outputs)?;
    task.report(&data, &outputs, &trained)
}

pub(super) fn settings(arguments: &Arguments) -> Result<PipelineSettings, String> {
    let mut s = PipelineSettings::default();
    if let Some(names) = arguments.text("--methods") {
        let all = METHODS.map(|(name, _)| name);
        s.methods = names.parse().map_err(|error: UnknownMethod| not_among("--methods", error.name(), &all))?;
    }
    let count = |name, most: usize, to: &mut usize| {
        arguments.number(name, &format!("a number from 1 to {most}"), |&n| (1..=most).contains(&n), to)
    };
    count("--hidden", 10_000, &mut s.hidden)?;
    count("--iterations", 100_000, &mut s.iterations)?;
    count("--deep", 10_000, &mut s.deep)?;
    count("--tuning", 100_000, &mut s.tuning_iterations)?;
    count("--epochs", 100_000, &mut s.convolutional.epochs)?;
    count("--networks", NETWORKS.length(), &mut s.convolutional.networks)?;
    if arguments.has("--epochs") {
        s.convolutional.like_recordings = 1;
    }
    count("--most-recordings", 10_000_000, &mut s.most_recordings)?;
    count("--bands", BANDS.length(), &mut s.front_end.bands)?;
    count("--regions", REGIONS.length(), &mut s.regions)?;
    arguments.number("--seed", "a number from 0 to 18446744073709551615", |_| true, &mut s.seed)?;
    let fraction = |&x: &f64| (1e-6..=1.0 - 1e-6).contains(&x);
    arguments.number("--sparsity", "a number between 0 and 1 (not nearer than 1e-6)", fraction, &mut s.sparsity)?;
    let weight = |&x: &f64| (0.0..=1e6).contains(&x);
    arguments.number("--sparsity-weight", "a number from 0 to 1e6", weight, &mut s.sparsity_weight)?;
    arguments.number("--weight-decay", "a number from 0 to 1e6", weight, &mut s.weight_decay)?;
    arguments.number("--tuning-decay", "a number from 0 to 1e6", weight, &mut s.tuning_decay)?;
    let normalizations = [("whiten", s.normalization), ("squash", Normalization::Squash)];
    arguments.choice("--normalize", &normalizations, &mut s.normalization)?;
    if s.normalization == Normalization::Squash {
        s.decoder = Activation::Sigmoid;
    }
    let decoders = [("linear", Activation::Linear), ("sigmoid", Activation::Sigmoid)];
    arguments.choice("--decoder", &decoders, &mut s.decoder)?;
    arguments.choice("--scale", &SCALES, &mut s.front_end.scale)?;
    arguments.choice("--transform", &TRANSFORMS, &mut s.front_end.transform)?;
    let name = s.front_end.transform.name();
    if !matches!(s.front_end.transform, Transform::Mel | Transform::Cepstrum)
        && let Some(option) = ["--bands", "--scale"].into_iter().find(|option| arguments.has(option))
    {
        return Err(format!("{option} is an option of mel bands, but --transform {name} has none"));
    }
    if s.front_end.transform != Transform::Cepstrum && arguments.has("--coefficients") {
        return Err(format!("--coefficients is an option of the cepstrum, not of --transform {name}"));
    }
    let bands = s.front_end.bands;
    s.front_end.coefficients = s.front_end.coefficients.min(bands);
    let expected = format!("a number from 1 to the {bands} mel bands");
    arguments.number("--coefficients", &expected, |&n| (1..=bands).contains(&n), &mut s.front_end.coefficients)?;
    Ok(s)
}

/// The value of `--split`.
pub(super) fn split(arguments: &Arguments) -> Result<Option<Split>, Failure> {
    let parsed = arguments.text("--split").map(|word| word.parse());
    parsed.transpose().map_err(|error| Failure::Usage(format!("--split: {error}")))
}

/// The folder of recordings, which is that of the bundled ones unless an argument names it.
pub(super) fn folder(arguments: &Arguments) -> Result<PathBuf, Failure> {
    match &arguments.others[..] {
        [] => bundled_data(),
        [folder] => Ok(PathBuf::from(folder)),
        [_, other, ..] => Err(super::unexpected(other)),
    }
}

/// The value of `--rate`, in Hz.
pub(super) fn rate(arguments: &Arguments) -> Result<Option<u32>, Failure> {
    let mut rate = 0;
    let range = |&rate: &u32| (1000..=384_000).contains(&rate);
    arguments.number("--rate", "a number from 1000 to 384000", range, &mut rate).map_err(Failure::Usage)?;
    Ok((rate > 0).then_some(rate))
}

/// The command line.
struct Task<'a> {
    settings: PipelineSettings,
    arguments: &'a Arguments,
    folder: PathBuf,
    split: Option<Split>,
    rate: Option<u32>,
    /// The line that repeats the run.
    command: String,
}

/// The recordings and their split.
struct Data {
    collection: Collection,
    /// The other rates, each with the number of files that were resampled from it.
    resampled: Vec<(u32, usize)>,
    unlabeled: Vec<Recording>,
    split: Split,
    folds: Vec<Fold>,
}

/// The files to be written.
struct Outputs<'a> {
    save: Option<&'a Path>,
    /// The method to save, if it is not the best.
    method: Option<Method>,
    predictions: Option<&'a Path>,
    figures: Option<FigureWriter>,
}

/// What was trained, and whether the heading and all checkpoints could be written.
struct Trained<T> {
    prepared: Prepared<T>,
    /// The sparse autoencoder of the first fold.
    sparse: Option<SparseModel<T>>,
    /// The results of each fold.
    results: Vec<Vec<MethodResult>>,
    summaries: Vec<Summary>,
    /// The model to save.
    saved: Option<SoundClassifier<T>>,
    digest: Digest,
    /// The learning curves of all folds.
    curves: Vec<Curve>,
    checkpointed: Result<(), Failure>,
}

/// The failure of a run whose recordings cannot be read again.
fn unreadable(error: RereadError) -> Failure {
    failed(error.to_string())
}

/// What the accuracies do not say of groups, which are speakers, rooms or sessions.
fn caution(data: &Data, results: &[Vec<MethodResult>], best: Option<&Summary>) -> Option<String> {
    let Data { collection, split, folds, .. } = data;
    let mut groups: Vec<&str> = collection.recordings.iter().map(|recording| &*recording.group).collect();
    groups.sort_unstable();
    groups.dedup();
    match split {
        Split::None => None,
        Split::Folds(_) | Split::Random(_) if groups == [""] => Some(
            "The files name no groups, such as speakers or sessions. If takes of one session are both in training and \
             in test, the accuracy is too high. With names of the form {label}_{group}_{index}.wav, --split groups \
             avoids this."
                .into(),
        ),
        Split::Groups => {
            let best = best?;
            let of_fold = |(fold, results): (&Fold, &Vec<MethodResult>)| {
                let result = results.iter().find(|result| result.method == best.method)?;
                Some((result.files.accuracy(), shown(&fold.name).to_string()))
            };
            let mut each: Vec<(f64, String)> = folds.iter().zip(results).filter_map(of_fold).collect();
            each.sort_by(|a, b| a.0.total_cmp(&b.0));
            let [(low, first), .., (high, last)] = &each[..] else { return None };
            Some(format!(
                "{}: from {} ({first}) to {} ({last}). A new group can differ from these as they do from one another, \
                 which the interval does not show.",
                best.method.name(),
                report::percent(*low),
                report::percent(*high)
            ))
        }
        Split::Group(_) => None,
        _ if groups.len() > 1 => Some(
            "Training and test have recordings of the same groups, such as speakers. --split groups says how a new \
             group is classified."
                .into(),
        ),
        _ => None,
    }
}

impl<'a> Task<'a> {
    /// Takes the command line apart.
    fn parse(settings: PipelineSettings, arguments: &'a Arguments, command: String) -> Result<Self, Failure> {
        let (split, folder, rate) = (split(arguments)?, folder(arguments)?, rate(arguments)?);
        Ok(Task { settings, arguments, folder, split, rate, command })
    }

    /// Reads the recordings and splits them.
    fn split(&self) -> Result<Data, Failure> {
        let FolderContents { collection, resampled, told_by_rate, .. } =
            self.read(&self.folder, folder::read, self.rate)?;
        if !self.arguments.has("--quiet") {
            for (label, rate) in told_by_rate {
                let label = shown(&label);
                let which = format!("only files of '{label}' have {rate} Hz, and all of them do");
                super::remark(&format!("{which}: a model may learn the rate, not the sound"));
            }
        }
        let unlabeled = match self.arguments.text("--unlabeled") {
            Some(more) => {
                self.read(Path::new(more), folder::read_unlabeled, Some(collection.rate))?.collection.recordings
            }
            None => Vec::new(),
        };
        let split = self.split.clone().unwrap_or_else(|| Split::default_for(&collection));
        let folds = split.folds(&collection, self.settings.seed).map_err(|error| self.failed(&error))?;
        Ok(Data { collection, resampled, unlabeled, split, folds })
    }

    /// Checks, before the training, that all files can be written.
    fn outputs(&self, data: &Data) -> Result<Outputs<'a>, Failure> {
        let file = |name| self.arguments.text(name).map(Path::new);
        let (save, predictions) = (file("--save"), file("--predictions"));
        let mut method = None;
        if let Some(name) = self.arguments.text("--method") {
            if save.is_none() {
                return Err(Failure::Usage("--method requires --save FILE, the file to save its model to".into()));
            }
            let names: Vec<&str> = METHODS.map(|(name, _)| name).to_vec();
            let found = METHODS.iter().find(|(known, _)| *known == name);
            let (_, found) = found.ok_or_else(|| Failure::Usage(not_among("--method", name, &names)))?;
            if !self.settings.methods.contains(*found) {
                return Err(Failure::Usage(format!("--method {name}: --methods leaves it out")));
            }
            method = Some(*found);
        }
        let is_tested = data.folds.iter().any(|fold| !fold.test.is_empty());
        if predictions.is_some() && !is_tested {
            return Err(Failure::Usage("--predictions: --split none has no test files".into()));
        }
        let figures = super::figures(self.arguments, &self.files())?;
        // After the folder of the pictures has been created, since another file may be in it.
        self.probe(figures.as_ref())?;
        Ok(Outputs { save, method, predictions, figures })
    }

    /// Trains the methods on each fold, with a checkpoint if one is wanted; then the model to save.
    fn train<T: Real>(&self, data: &Data, outputs: &Outputs) -> Result<Trained<T>, Failure> {
        let Data { collection, unlabeled, folds, split, .. } = data;
        let quiet = self.arguments.has("--quiet");
        let mut progress = ProgressLine::new(quiet);
        let prepared = prepare::<T>(&self.settings, collection, unlabeled, &mut progress);
        progress.done();
        let prepared = prepared.map_err(|error| self.failed(&error))?;
        if let Some(remark) = prepared.remark.as_ref().filter(|_| !quiet) {
            super::remark(remark);
        }
        MEMORY.check(pipeline::memory(&self.settings, collection, &prepared) as u64).map_err(|error| {
            let remedy = "use fewer --hidden or --regions, or recordings of fewer labels, or fewer recordings";
            failed(format!("{error}: {remedy}"))
        })?;
        let mut progress = CurveRecorder::new(self.checkpoint::<T>(progress, data, &prepared)?);
        if !quiet && self.arguments.has("--checkpoint") {
            let resume = if self.arguments.has("--resume") { "" } else { " --resume" };
            super::remark(&format!("after an interruption, continue with: {}{resume}", shown(&self.command)));
        }
        // People see what is being done before it is done; a closed output does not keep a model from being saved.
        let headed = if self.arguments.has("--tsv") { Ok(()) } else { super::print(&self.heading(data, &prepared)) };
        progress.inner.inner.plan(self.plan(data, outputs, &prepared));
        let (mut digest, mut learned, mut results, mut sparse) = (Digest::new(), None, Vec::new(), None);
        for (i, fold) in folds.iter().enumerate() {
            if folds.len() > 1 {
                progress.inner.inner.prefix = format!("{} of {} ({}): ", i + 1, folds.len(), shown(&fold.name));
            }
            progress.part.clone_from(&fold.name);
            let mut run = Run { progress: &mut progress, digest };
            let one = run_split(&self.settings, collection, &prepared, fold, &mut run).map_err(unreadable)?;
            digest = run.digest;
            if folds.len() > 1 && !quiet {
                let accuracy = |result: &MethodResult| {
                    format!("{} {}", result.method.name(), report::percent(result.files.accuracy()))
                };
                let accuracies: Vec<String> = one.results.iter().map(accuracy).collect();
                progress.inner.inner.done();
                super::remark(&format!(
                    "{} of {} ({}): {}",
                    i + 1,
                    folds.len(),
                    shown(&fold.name),
                    accuracies.join(", ")
                ));
            }
            results.push(one.results.clone());
            sparse = sparse.or_else(|| one.sparse.clone());
            learned = (folds.len() == 1).then_some(one);
        }
        let summaries = report::summarize(&results, *split == Split::Groups);
        let mut saved = None;
        if outputs.save.is_some() {
            let tested = report::best(&summaries).map(|best| best.method);
            let last = summaries.last().map(|last| last.method);
            if let Some(method) = outputs.method.or(tested).or(last) {
                let settings = PipelineSettings { methods: Methods::of(&[method]), ..self.settings };
                let all = Fold::of_all(collection.recordings.len());
                let mut fold = &folds[0];
                let learned = match learned {
                    Some(learned) => learned,
                    None => {
                        fold = &all;
                        progress.inner.inner.prefix = format!("{}, on all recordings: ", method.name());
                        run_split(&settings, collection, &prepared, fold, &mut Run::new(&mut progress.inner))
                            .map_err(unreadable)?
                    }
                };
                let tested: Vec<_> = folds.iter().zip(results.iter().map(Vec::as_slice)).collect();
                saved = save::classifier(&settings, collection, &prepared, fold, &learned, method, &tested)
                    .map_err(unreadable)?;
            }
        }
        let CurveRecorder { inner: mut progress, curves, .. } = progress;
        progress.inner.done();
        let checkpointed = if progress.error.is_some() { Err(Failure::Bad) } else { Ok(()) };
        let checkpointed = super::both(headed, checkpointed);
        Ok(Trained { prepared, sparse, results, summaries, saved, digest, curves, checkpointed })
    }

    /// The work of all stages: those of each fold, and those of the model that is trained once more.
    fn plan<T: Real>(&self, data: &Data, outputs: &Outputs, prepared: &Prepared<T>) -> Vec<f64> {
        let Data { collection, folds, .. } = data;
        let of_fold = |settings, fold| work_plan::stages(settings, collection, prepared, fold);
        let mut plan: Vec<f64> = folds.iter().flat_map(|fold| of_fold(&self.settings, fold)).collect();
        if outputs.save.is_some() && folds.len() > 1 {
            // The best method is not known yet: all of them take longest.
            let methods = outputs.method.map_or(self.settings.methods, |method| Methods::of(&[method]));
            let all = Fold::of_all(collection.recordings.len());
            plan.extend(of_fold(&PipelineSettings { methods, ..self.settings }, &all));
        }
        plan
    }

    /// Saves the model, draws the pictures and prints the table: each also if another one fails.
    fn report<T: Real>(&self, data: &Data, outputs: &Outputs, trained: &Trained<T>) -> Result<(), Failure> {
        let Data { collection, folds, .. } = data;
        let Trained { prepared, sparse, results, summaries, saved, digest, checkpointed, .. } = trained;
        let quiet = self.arguments.has("--quiet");
        let mut result = match checkpointed {
            Ok(()) => Ok(()),
            Err(Failure::ClosedPipe) => Err(Failure::ClosedPipe),
            Err(_) => Err(Failure::Bad),
        };
        let mut write = |path: &Path, bytes: Result<Vec<u8>, String>| {
            let written = bytes.and_then(|bytes| atomic::write(path, &bytes).map_err(|error| error.to_string()));
            if let Err(cause) = &written {
                super::remark(&format!("ossicle: {cause}"));
                result = Err(Failure::Bad);
            }
            written.is_ok()
        };
        if let (Some(path), Some(saved)) = (outputs.save, saved) {
            let mut file = classifier_file::encode(saved);
            self.describe(&mut file, data, trained);
            let is_written = write(path, model::encode(&file).map_err(|error| error.to_string()));
            if is_written && !quiet {
                let name = saved.method.name();
                let again = if data.folds.len() > 1 { ", trained once more, on all recordings" } else { "" };
                super::remark(&format!("the model of {name}{again}: {}", shown_path(path)));
            }
        }
        if let Some(path) = outputs.predictions {
            write(path, Ok(report::predictions_tsv(collection, folds, results).into_bytes()));
        }
        let best = report::best(summaries);
        let caution = caution(data, results, best);
        let pictures = match &outputs.figures {
            Some(figures) => {
                let (context, seed) = (self.settings.context_window, self.settings.seed);
                let windows = prepared.labeled.sample(context, seed, SHOWN).map_err(unreadable)?;
                let mut pictures = figures.draw(&self.settings, collection, prepared, &windows, sparse.as_ref(), best);
                pictures.push(figures.put_page(
                    "the report".into(),
                    REPORT,
                    &self.page(data, trained, &windows, caution.as_deref()),
                ));
                pictures
            }
            None => Vec::new(),
        };
        let printed = if self.arguments.has("--tsv") {
            super::print(&report::methods_tsv(summaries, &digest.hex()))
        } else {
            let mut text = super::with_bold_heading(&report::methods(summaries));
            if let Some(caution) = &caution {
                text += &format!("\n{}\n", report::filled(caution));
            }
            text += &format!("\ndigest of all learned parameters: {}\n", digest.hex());
            text += &format!("repeat with: {}\n", shown(&self.command));
            super::print(&text)
        };
        super::both(
            printed,
            super::both(
                result,
                super::say_pictures(outputs.figures.as_ref(), &[&DRAWN[..], &[REPORT]].concat(), &pictures, quiet),
            ),
        )
    }

    /// The pictures and the page that the run writes.
    fn files(&self) -> Vec<&'static str> {
        [drawn(&self.settings), &[REPORT]].concat()
    }

    /// The page that shows the run.
    fn page<T: Real>(
        &self,
        data: &Data,
        trained: &Trained<T>,
        windows: &ContextWindows<T>,
        caution: Option<&str>,
    ) -> String {
        let Data { collection, split, folds, .. } = data;
        let Trained { prepared, sparse, results, summaries, digest, curves, .. } = trained;
        let front_end = self.settings.front_end;
        let features = sparse.as_ref().map(|sparse| {
            let step = front_end.framing(collection.rate).hop as f64 / f64::from(collection.rate);
            let context = self.settings.context_window;
            let searched = SearchedWindows { windows, context, step };
            LearnedFeatures::measure(&sparse.normalizer, &sparse.encoder(), &prepared.bands, searched)
        });
        let sets = match &folds[..] {
            [fold] => format!("{split}: {} to train, {} to test", fold.train.len(), fold.test.len()),
            several => format!("{split}: {} test sets in turn", several.len()),
        };
        let mut run = Vec::from([
            ("command", shown(&self.command).to_string()),
            ("digest of all learned parameters", digest.hex()),
            ("program", concat!("ossicle ", env!("CARGO_PKG_VERSION")).into()),
            ("data", self.heading(data, &trained.prepared).trim().into()),
            ("split", sets),
            ("transform", front_end.transform.name().into()),
            ("random seed", self.settings.seed.to_string()),
        ]);
        run.extend(caution.map(|caution| ("caution", caution.into())));
        let transform = front_end.transform;
        ReportPage { run, collection, folds, transform, features, curves, results, summaries }.html()
    }

    /// Adds how a model was trained and tested.
    fn describe<T: Real>(&self, file: &mut ModelFile, data: &Data, trained: &Trained<T>) {
        let Data { collection, split, folds, .. } = data;
        let Some(saved) = &trained.saved else { return };
        file.set("run.program", concat!("ossicle ", env!("CARGO_PKG_VERSION")));
        file.set("run.command", &self.command);
        file.set("run.split", split);
        let trained_on = if folds.len() == 1 { folds[0].train.len() } else { collection.recordings.len() };
        file.set("run.trained-on", Count(trained_on, "recording"));
        if let Some(summary) = trained.summaries.iter().find(|summary| summary.method == saved.method)
            && summary.confusion.total() > 0
        {
            file.set("run.tested-on", Count(summary.confusion.total(), "recording"));
            file.set("run.accuracy", Fixed(summary.files, 6));
            if folds.len() > 1 {
                file.set("run.tested", format!("models with the same settings, each on one of {} folds", folds.len()));
            }
        }
        file.set("run.seed", self.settings.seed);
        file.set("run.digest", trained.digest.hex());
        let settings = format!("{:?}", self.settings);
        file.set("run.settings", settings.trim_start_matches("PipelineSettings "));
    }

    /// The line above the table.
    fn heading<T: Real>(&self, data: &Data, prepared: &Prepared<T>) -> String {
        let Data { collection: Collection { rate, labels, recordings }, resampled, unlabeled, split, .. } = data;
        let windows = |source: &FrameSource<T>| {
            Count(source.windows(0..source.recordings(), self.settings.context_window), "window")
        };
        let more = match unlabeled.len() {
            0 => String::new(),
            count => format!("; {}, {}", Count(count, "unlabeled recording"), windows(&prepared.unlabeled)),
        };
        let features = match self.settings.methods.need_features() {
            true => format!(", {}", Count(self.settings.hidden, "feature")),
            false => String::new(),
        };
        format!(
            "{}: {} of {} at {rate} Hz{}, {}{more}; split {split}{features}, {}\n\n",
            shown_path(&self.folder),
            Count(recordings.len(), "recording"),
            Count(labels.len(), "label"),
            from_other_rates(resampled),
            windows(&prepared.labeled),
            T::NAME
        )
    }

    /// A failure on the folder of recordings.
    fn failed(&self, error: &dyn core::fmt::Display) -> Failure {
        failed(format!("{}: {error}", shown_path(&self.folder)))
    }

    /// Checks the options of the checkpoint, and that all files can be written.
    fn probe(&self, figures: Option<&FigureWriter>) -> Result<(), Failure> {
        let given = |name| self.arguments.has(name);
        let checkpoint = self.arguments.text("--checkpoint");
        if let Some(name) = ["--resume", "--replace"].into_iter().find(|name| given(name) && checkpoint.is_none()) {
            let verb = if name == "--resume" { "resume from" } else { "replace" };
            return Err(Failure::Usage(format!("{name} requires --checkpoint FILE, the checkpoint to {verb}")));
        }
        if given("--resume") && given("--replace") {
            return Err(Failure::Usage("--resume and --replace cannot be used together".into()));
        }
        let names = self.files().into_iter();
        let pictures: Vec<PathBuf> =
            figures.map_or(Vec::new(), |figures| names.map(|name| figures.path(name)).collect());
        let mut paths: Vec<&Path> = pictures.iter().map(PathBuf::as_path).collect();
        let [save, predictions] = ["--save", "--predictions"].map(|name| self.arguments.text(name));
        paths.extend([save, predictions, checkpoint].into_iter().flatten().map(Path::new));
        super::probe(&paths)?;
        if let Some(model) = self.arguments.text("--save") {
            check_replaceable(model)?;
        }
        if let Some(rows) = predictions {
            check_rows(rows)?;
        }
        let Some(name) = checkpoint else { return Ok(()) };
        let found =
            run_checkpoint::look(Path::new(name)).map_err(|error| failed(format!("{}: {error}", shown(name))))?;
        let cause = match found {
            _ if given("--replace") => return Ok(()),
            Found::Checkpoint if !given("--resume") => {
                "a checkpoint already exists; --resume resumes from it, --replace starts over"
            }
            Found::Other if !given("--resume") => "this file exists and is not a checkpoint; --replace overwrites it",
            Found::Other => "this is not a checkpoint of `ossicle tutorial`",
            Found::Nothing if given("--resume") => "there is no checkpoint to resume from",
            Found::Empty if given("--resume") => "this file is empty, not a checkpoint; leave out --resume to start",
            Found::Nothing | Found::Empty | Found::Checkpoint => return Ok(()),
        };
        Err(failed(format!("{}: {cause}", shown(name))))
    }

    /// The observer that writes checkpoints, if they are wanted.
    fn checkpoint<T: Real>(
        &self,
        progress: ProgressLine,
        Data { collection, split, folds, .. }: &Data,
        prepared: &Prepared<T>,
    ) -> Result<CheckpointWriter<ProgressLine>, Failure> {
        let Some(name) = self.arguments.text("--checkpoint") else { return Ok(CheckpointWriter::idle(progress)) };
        let mut data = Digest::new();
        collection.labels.iter().for_each(|label| data.bytes(label.as_bytes()));
        collection.recordings.iter().for_each(|recording| data.bytes(&(recording.label as u64).to_le_bytes()));
        data.bytes(format!("{folds:?}").as_bytes());
        [&prepared.labeled, &prepared.unlabeled].into_iter().for_each(|source| source.digest(&mut data));
        let items = [
            ("settings", format!("{:#?}", self.settings)),
            ("split", split.to_string()),
            ("digest of labels, folds and frames", data.hex()),
        ];
        let (file, about) = (Path::new(name), run_checkpoint::about::<T>(&items));
        let writer = match self.arguments.has("--resume") {
            true => CheckpointWriter::resume::<T>(progress, file, &about),
            false => CheckpointWriter::begin(progress, file, &about),
        };
        writer.map_err(|error| match error {
            RunCheckpointError::Write(error) => failed(error.to_string()),
            error => failed(format!("{}: {error}", shown(name))),
        })
    }

    /// Reads a folder and reports the files that were skipped.
    fn read(
        &self,
        folder: &Path,
        read: impl Fn(&Path, Option<u32>, &dyn Fn(u32) -> usize) -> Result<FolderContents, FolderError>,
        rate: Option<u32>,
    ) -> Result<FolderContents, Failure> {
        let shortest = |rate| self.settings.shortest(rate);
        let reading = read(folder, rate, &shortest).map_err(|error| failed(error.to_string()))?;
        if !self.arguments.has("--quiet") {
            super::say_skipped(&reading);
        }
        Ok(reading)
    }
}

/// " (resampled: 3 from 16000 Hz, 1 from 44100 Hz)", or nothing.
fn from_other_rates(resampled: &[(u32, usize)]) -> String {
    let parts: Vec<String> = resampled.iter().map(|(rate, files)| format!("{files} from {rate} Hz")).collect();
    if parts.is_empty() { String::new() } else { format!(" (resampled: {})", parts.join(", ")) }
}

/// The first bytes of a file, as many as a model's [`MAGIC`](model::MAGIC); none of what is no file.
fn first_bytes(name: &str) -> Result<Vec<u8>, Failure> {
    let mut first = Vec::new();
    if Path::new(name).is_file() {
        let found = File::open(name).and_then(|mut file| read::up_to(&mut file, model::MAGIC.len(), &mut first));
        found.map_err(|error| failed(format!("{}: {error}", shown(name))))?;
    }
    Ok(first)
}

/// Refuses to replace a recording or a model by rows.
fn check_rows(name: &str) -> Result<(), Failure> {
    let first = first_bytes(name)?;
    if wav::is_container(&first) || first == model::MAGIC {
        return Err(failed(format!("{}: this file is a recording or a model; write to another file", shown(name))));
    }
    Ok(())
}

/// Refuses to replace a file that is not a model: it could be a recording. An empty file holds nothing to lose.
fn check_replaceable(name: &str) -> Result<(), Failure> {
    let first = first_bytes(name)?;
    if first.is_empty() || first == model::MAGIC {
        return Ok(());
    }
    let remedy = "remove this file first, or save to another file";
    Err(failed(format!("{}: this file is not a model, and --save replaces only models; {remedy}", shown(name))))
}

fn failed(message: String) -> Failure {
    Failure::Failed(message)
}

/// The bundled spoken digits: in the working directory, in a folder above the program (as `target/release` is below the
/// source), or with the source that the program was built from.
pub(super) fn bundled_data() -> Result<PathBuf, Failure> {
    let program = env::current_exe().and_then(|program| program.canonicalize()).ok();
    let above = program.iter().flat_map(|program| program.ancestors().skip(1).take(4));
    let mut folders = Vec::from([PathBuf::from("data/digits")]);
    folders.extend(above.map(|folder| folder.join("data/digits")));
    folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/digits"));
    let found = folders.iter().find(|folder| folder.is_dir());
    found.cloned().ok_or_else(|| {
        failed(
            "the bundled spoken digits were not found: give a folder of recordings (ossicle tutorial DIR), or copy \
             data/digits of the source into the working directory or beside the program"
                .into(),
        )
    })
}
