//! `ossicle tutorial`, and `ossicle` alone.

use super::arguments::{Arguments, Flag};
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::bytes::digest::Digest;
use crate::bytes::escape::shown;
use crate::bytes::limits::MEMORY;
use crate::bytes::path::shown_path;
use crate::dataset::folder::{self, FolderError, PassedOver, Reading};
use crate::dataset::recordings::Collection;
use crate::dataset::split::{Fold, Split};
use crate::model::Activation;
use crate::number::Real;
use crate::spectrum::mel::Scale;
use crate::storage::{atomic, model};
use crate::tutorial::pipeline::{self, Learned, Prepared, prepare, run_split};
use crate::tutorial::preprocessing::digest_numbers;
use crate::tutorial::run_checkpoint::{self, Found, Keeper, RunCheckpointError};
use crate::tutorial::settings::{Normalization, PipelineSettings, TRANSFORMS, Transform};
use crate::tutorial::{figures, report, save};
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "tutorial",
    summary: "learn features without labels, then classes with them, from recordings",
    help: "\
Turns recordings into windows of spectra (log-mel, or as --transform says), learns features of them without labels (sparse
autoencoder), and learns their classes eight ways: softmax regression on the windows, on the features of windows, and on the features
averaged over regions of time; then a network of two layers, tuned as a whole, on the windows, and its deepest features averaged; then
features of small patches, looked for at every place of a recording and pooled over regions of time and of bands; then
convolutional networks on whole recordings; and what the last three kinds say together.
Prints how many windows and files are told right, and draws the features, ten windows and the confusions.

usage: ossicle tutorial [DIR] [OPTIONS]

DIR holds WAV files: either in one folder for each label, or named {label}_{group}_{index}.wav, where group
is the speaker (or instrument, or place) and index the take. Without DIR, the spoken digits that come with Ossicle are taken.
Files of other rates than the most frequent are resampled to it.

SPLIT says which recordings are kept back to test on:
  official      takes 0 to 4 (the default where every label has takes on both sides)
  group:NAME    all recordings of that group
  groups        each group in turn; the mean is printed
  folds:K       each of K parts in turn (the default otherwise, with K = 5)
  random:F      that share of each label

TRANSFORM says what the models hear, every 10 ms:
  fft           the logarithm of the power spectrum up to 4000 Hz
  mel           the logarithm of 40 mel bands
  bark          the logarithm of Bark bands, one a Bark
  cepstrum      the first 20 cosine coefficients of 40 log-mel bands (MFCC)
  chroma        the logarithm of the twelve pitch classes
  constant-q    the logarithm of 24 bins an octave from 27.5 Hz, higher if a recording is short
Only what was learned from mel bands can be kept with --save.

examples:
  ossicle tutorial
  ossicle tutorial my-sounds --split groups
  ossicle tutorial my-sounds --checkpoint work.ossicle             and, when it was interrupted:
  ossicle tutorial my-sounds --checkpoint work.ossicle --resume
  ossicle tutorial my-sounds --save my-sounds.model
  ossicle tutorial my-sounds --unlabeled more-sounds --hidden 200 --out pictures",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--split", value: "SPLIT", help: "what to test on (see above)" },
    Flag { name: "--unlabeled", value: "DIR", help: "more recordings, for the autoencoder alone" },
    Flag { name: "--rate", value: "HZ", help: "resample to this rate (default: the most frequent of the files)" },
    Flag { name: "--out", value: "DIR", help: "where the pictures go (default: out)" },
    Flag { name: "--no-pictures", value: "", help: "draw nothing" },
    Flag { name: "--save", value: "FILE", help: "keep sparse-pooled in a file, for ossicle predict and export" },
    Flag {
        name: "--checkpoint",
        value: "FILE",
        help: "keep in FILE what is needed to continue if this is interrupted",
    },
    Flag { name: "--resume", value: "", help: "continue from the --checkpoint, with the same options" },
    Flag { name: "--replace", value: "", help: "start over, and replace the file that is there as --checkpoint" },
    Flag {
        name: "--tsv",
        value: "",
        help: "rows for machines: METHOD WINDOW_ACCURACY FILE_ACCURACY SECONDS; digest HEX",
    },
    Flag { name: "--precision", value: "f32|f64", help: "the type of all numbers (default: f32)" },
    Flag { name: "--seed", value: "N", help: "the seed of all that is drawn at random (default: 1)" },
    Flag { name: "--hidden", value: "N", help: "the number of features, half as many of patches (default: 400)" },
    Flag {
        name: "--iterations",
        value: "N",
        help: "L-BFGS iterations of the autoencoder, half as many on patches (default: 200)",
    },
    Flag { name: "--deep", value: "N", help: "the features of the second layer (default: 200)" },
    Flag { name: "--tuning", value: "N", help: "L-BFGS iterations of fine-tuning (default: 80)" },
    Flag { name: "--tuning-decay", value: "LAMBDA", help: "weight decay of its softmax weights (default: 0.0001)" },
    Flag {
        name: "--epochs",
        value: "N",
        help: "how often the convolutional network is shown each recording (default: 30)",
    },
    Flag { name: "--normalize", value: "WORD", help: "whiten, or squash as the tutorial does (default: whiten)" },
    Flag { name: "--decoder", value: "WORD", help: "linear or sigmoid (default: linear, sigmoid with squash)" },
    Flag { name: "--sparsity", value: "RHO", help: "mean activation to aim at (default: 0.035)" },
    Flag { name: "--sparsity-weight", value: "BETA", help: "how much that counts (default: 5)" },
    Flag { name: "--weight-decay", value: "LAMBDA", help: "how much large weights cost (default: 0.0003)" },
    Flag { name: "--transform", value: "TRANSFORM", help: "what the models hear (see above; default: mel)" },
    Flag { name: "--bands", value: "N", help: "mel bands, of mel and cepstrum (default: 40)" },
    Flag { name: "--coefficients", value: "N", help: "coefficients of a cepstrum (default: 20)" },
    Flag { name: "--scale", value: "WORD", help: "mel scale: slaney or htk (default: slaney)" },
    Flag { name: "--regions", value: "N", help: "regions of time to average over (default: 10)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let settings = settings(&arguments).map_err(Failure::Usage)?;
    let mut double = false;
    let precisions = [("f32", false), ("f64", true)];
    arguments.choice("--precision", &precisions, &mut double).map_err(Failure::Usage)?;
    let job = Job { settings, arguments: &arguments };
    if double { job.run::<f64>() } else { job.run::<f32>() }
}

pub(super) fn settings(arguments: &Arguments) -> Result<PipelineSettings, String> {
    let mut s = PipelineSettings::default();
    let count = |name, most: usize, to: &mut usize| {
        arguments.number(name, &format!("a number from 1 to {most}"), |&n| (1..=most).contains(&n), to)
    };
    count("--hidden", 10_000, &mut s.hidden)?;
    count("--iterations", 100_000, &mut s.iterations)?;
    count("--deep", 10_000, &mut s.deep)?;
    count("--tuning", 100_000, &mut s.tuning_iterations)?;
    count("--epochs", 100_000, &mut s.convolutional.epochs)?;
    count("--bands", 128, &mut s.bands)?;
    count("--regions", 1000, &mut s.regions)?;
    arguments.number("--seed", "a number from 0 to 18446744073709551615", |_| true, &mut s.seed)?;
    let share = |&x: &f64| (1e-6..=1.0 - 1e-6).contains(&x);
    arguments.number("--sparsity", "a number between 0 and 1 (not nearer than 1e-6)", share, &mut s.sparsity)?;
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
    arguments.choice("--scale", &[("slaney", Scale::Slaney), ("htk", Scale::Htk)], &mut s.scale)?;
    arguments.choice("--transform", &TRANSFORMS, &mut s.transform)?;
    let name = s.transform.name();
    if !matches!(s.transform, Transform::Mel | Transform::Cepstrum)
        && let Some(option) = ["--bands", "--scale"].into_iter().find(|option| arguments.has(option))
    {
        return Err(format!("{option} is a choice of mel bands, and --transform {name} has none"));
    }
    if s.transform != Transform::Cepstrum && arguments.has("--coefficients") {
        return Err(format!("--coefficients is a choice of the cepstrum, and not of --transform {name}"));
    }
    let bands = s.bands;
    s.coefficients = s.coefficients.min(bands);
    let expected = format!("a number from 1 to the {bands} mel bands");
    arguments.number("--coefficients", &expected, |&n| (1..=bands).contains(&n), &mut s.coefficients)?;
    Ok(s)
}

struct Job<'a> {
    settings: PipelineSettings,
    arguments: &'a Arguments,
}

impl Job<'_> {
    fn run<T: Real>(&self) -> Result<(), Failure> {
        let Job { settings, arguments } = self;
        let split: Option<Split> = match arguments.text("--split") {
            Some(word) => Some(word.parse().map_err(|error| Failure::Usage(format!("--split: {error}")))?),
            None => None,
        };
        let folder = match &arguments.others[..] {
            [] => data_in_the_box()?,
            [folder] => PathBuf::from(folder),
            [_, other, ..] => {
                return Err(Failure::Usage(format!("one folder was expected, and '{}' is a second", shown(other))));
            }
        };
        let quiet = arguments.has("--quiet");
        let mut rate = 0;
        let range = |&rate: &u32| (1000..=384_000).contains(&rate);
        arguments.number("--rate", "a number from 1000 to 384000", range, &mut rate).map_err(Failure::Usage)?;
        let rate = (rate > 0).then_some(rate);
        let Reading { collection, resampled, .. } = self.read(&folder, folder::read, rate, quiet)?;
        let unlabeled = match arguments.text("--unlabeled") {
            Some(more) => {
                let more = PathBuf::from(more);
                self.read(&more, folder::read_unlabeled, Some(collection.rate), quiet)?.collection.recordings
            }
            None => Vec::new(),
        };
        let split = split.unwrap_or_else(|| Split::default_for(&collection));
        let parts = split
            .folds(&collection, settings.seed)
            .map_err(|error| failed(format!("{}: {error}", shown_path(&folder))))?;
        let save = arguments.text("--save").map(Path::new);
        if save.is_some() {
            save::check_exportable::<T>(settings, parts.len())
                .map_err(|cause| Failure::Usage(format!("--save: {cause}")))?;
        }
        let out = match arguments.has("--no-pictures") {
            true => None,
            false => Some(
                figures::FigureWriter::open(Path::new(arguments.text("--out").unwrap_or("out")), &figures::DRAWN)
                    .map_err(failed)?,
            ),
        };
        // After the folder of the pictures is there, for a file may go into it as well.
        self.probe(out.as_ref())?;

        let mut progress = ProgressLine::new(quiet);
        let prepared = prepare::<T>(settings, &collection, &unlabeled, &mut progress);
        progress.done();
        let prepared = prepared.map_err(|error| failed(format!("{}: {error}", shown_path(&folder))))?;
        if let Some(remark) = prepared.remark.as_ref().filter(|_| !quiet) {
            super::remark(remark);
        }
        let needed = pipeline::memory(settings, &collection, &prepared);
        MEMORY.check(needed as u64).map_err(|error| {
            failed(format!(
                "{error}: use fewer --hidden or --regions, or recordings of fewer labels, or fewer recordings"
            ))
        })?;
        let mut progress = self.keeper::<T>(progress, (&split, &parts), &collection, &prepared)?;
        let mut digest = Digest::new();
        let mut learned: Vec<Learned<T>> = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            if parts.len() > 1 {
                progress.inner.prefix = format!("{} of {} ({}): ", i + 1, parts.len(), shown(&part.name));
            }
            learned.push(run_split(settings, &collection, &prepared, part, &mut digest, &mut progress));
        }
        progress.inner.done();

        // What was learned is shown and kept as far as possible, whatever cannot be written.
        let mut result = if progress.error.is_some() { Err(Failure::Bad) } else { Ok(()) };
        if let (Some(path), Some(first)) = (save, learned.first()) {
            let saved = save::deployed(settings, &collection, first)
                .and_then(|trained| atomic::write(path, &model::encode(&trained)).map_err(|error| error.to_string()));
            if let Err(cause) = saved {
                super::remark(&format!("ossicle: {cause}"));
                result = Err(Failure::Bad);
            }
        }
        let judged: Vec<_> = learned.iter().map(|learned| learned.judged.clone()).collect();
        let summaries = report::summarize(&judged, split == Split::Groups);
        let best = summaries.iter().max_by(|a, b| a.files.total_cmp(&b.files));
        let pictures = match (&out, learned.first()) {
            (Some(out), Some(first)) => out.draw(settings, &collection, &prepared, first, best),
            _ => Vec::new(),
        };
        let printed = if arguments.has("--tsv") {
            super::print(&report::methods_tsv(&summaries, &digest.hex()))
        } else {
            let windows = prepared.labeled.matrix.columns();
            let unlabeled = match &prepared.unlabeled {
                Some(more) => format!("; {} unlabeled recordings, {} windows", unlabeled.len(), more.matrix.columns()),
                None => String::new(),
            };
            let mut text = format!(
                "{}: {} recordings of {} labels at {} Hz{}, {windows} windows{unlabeled}; split {split}, {} features, {}\n\n",
                shown_path(&folder),
                collection.recordings.len(),
                collection.labels.len(),
                collection.rate,
                from_other_rates(&resampled),
                settings.hidden,
                T::NAME
            );
            text += &super::with_bold_heading(&report::methods(&summaries));
            text += &format!("\ndigest of all learned numbers: {}\n", digest.hex());
            super::print(&text)
        };
        super::both(printed, super::both(result, super::say_pictures(&pictures, quiet)))
    }

    /// Tries the files that will be written, before anything is learned.
    fn probe(&self, out: Option<&figures::FigureWriter>) -> Result<(), Failure> {
        let given = |name| self.arguments.has(name);
        let checkpoint = self.arguments.text("--checkpoint");
        if let Some(name) = ["--resume", "--replace"].into_iter().find(|name| given(name) && checkpoint.is_none()) {
            let verb = if name == "--resume" { "continue from" } else { "replace" };
            return Err(Failure::Usage(format!("{name} requires --checkpoint FILE, the checkpoint to {verb}")));
        }
        if given("--resume") && given("--replace") {
            return Err(Failure::Usage("--resume and --replace cannot be used together".into()));
        }
        let drawn = out.map(figures::FigureWriter::drawn);
        let mut paths: Vec<&Path> = drawn.iter().flatten().map(PathBuf::as_path).collect();
        paths.extend([self.arguments.text("--save"), checkpoint].into_iter().flatten().map(Path::new));
        super::probe(&paths)?;
        let Some(name) = checkpoint else { return Ok(()) };
        let found =
            run_checkpoint::look(Path::new(name)).map_err(|error| failed(format!("{}: {error}", shown(name))))?;
        let cause = match found {
            _ if given("--replace") => return Ok(()),
            Found::Checkpoint if !given("--resume") => {
                "a checkpoint already exists; --resume continues from it, --replace starts over"
            }
            Found::Other if !given("--resume") => "this file exists and is not a checkpoint; --replace overwrites it",
            Found::Other => "this is not a checkpoint of `ossicle tutorial`",
            Found::Nothing if given("--resume") => "there is no checkpoint to continue from",
            Found::Nothing | Found::Checkpoint => return Ok(()),
        };
        Err(failed(format!("{}: {cause}", shown(name))))
    }

    /// Who keeps the states of the minimizations, if anybody does.
    fn keeper<T: Real>(
        &self,
        progress: ProgressLine,
        (split, parts): (&Split, &[Fold]),
        collection: &Collection,
        prepared: &Prepared<T>,
    ) -> Result<Keeper<ProgressLine>, Failure> {
        let Some(name) = self.arguments.text("--checkpoint") else { return Ok(Keeper::idle(progress)) };
        let mut data = Digest::new();
        collection.labels.iter().for_each(|label| data.bytes(label.as_bytes()));
        collection.recordings.iter().for_each(|recording| data.bytes(&(recording.label as u64).to_le_bytes()));
        data.bytes(format!("{parts:?}").as_bytes());
        for windows in [&prepared.labeled].into_iter().chain(&prepared.unlabeled) {
            digest_numbers(&mut data, windows.matrix.elements());
        }
        let things = [
            ("settings", format!("{:#?}", self.settings)),
            ("split", split.to_string()),
            ("digest of labels, parts and windows", data.hex()),
        ];
        let (file, about) = (Path::new(name), run_checkpoint::about::<T>(&things));
        let keeper = match self.arguments.has("--resume") {
            true => Keeper::resume::<T>(progress, file, &about),
            false => Keeper::begin(progress, file, &about),
        };
        keeper.map_err(|error| match error {
            RunCheckpointError::Write(error) => failed(error.to_string()),
            error => failed(format!("{}: {error}", shown(name))),
        })
    }

    fn read(
        &self,
        folder: &Path,
        read: impl Fn(&Path, Option<u32>, &dyn Fn(u32) -> usize) -> Result<Reading, FolderError>,
        rate: Option<u32>,
        quiet: bool,
    ) -> Result<Reading, Failure> {
        let shortest = |rate| self.settings.shortest(rate);
        let reading = read(folder, rate, &shortest).map_err(|error| failed(error.to_string()))?;
        let passed = &reading.passed;
        if !quiet && !passed.is_empty() {
            super::remark(&format!(
                "passed over {} of {} files:",
                passed.len(),
                passed.len() + reading.collection.recordings.len()
            ));
            for PassedOver { path, cause } in passed.iter().take(20) {
                super::remark(&format!("  {}: {cause}", shown_path(path)));
            }
            if passed.len() > 20 {
                super::remark(&format!("  and {} more", passed.len() - 20));
            }
        }
        Ok(reading)
    }
}

/// " (resampled: 3 from 16000 Hz, 1 from 44100 Hz)", or nothing.
fn from_other_rates(resampled: &[(u32, usize)]) -> String {
    let parts: Vec<String> = resampled.iter().map(|(rate, files)| format!("{files} from {rate} Hz")).collect();
    if parts.is_empty() { String::new() } else { format!(" (resampled: {})", parts.join(", ")) }
}

fn failed(message: String) -> Failure {
    Failure::Failed(message)
}

/// The spoken digits that come with Ossicle: in the working directory, else beside the source it was built from.
pub(super) fn data_in_the_box() -> Result<PathBuf, Failure> {
    let places = [PathBuf::from("data/digits"), Path::new(env!("CARGO_MANIFEST_DIR")).join("data/digits")];
    let found = places.iter().find(|place| place.is_dir());
    found.cloned().ok_or_else(|| {
        let looked: Vec<String> = places.iter().map(|place| shown_path(place).to_string()).collect();
        failed(format!("the spoken digits are at none of {}; give a folder: ossicle tutorial DIR", looked.join(", ")))
    })
}
