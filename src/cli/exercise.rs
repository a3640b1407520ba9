//! `ossicle exercise`: one exercise of the tutorial by its number.

use super::arguments::{Arguments, Flag, brief};
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::bytes::path::shown_path;
use crate::dataset::idx::{self, Mnist};
use crate::dataset::recordings::Collection;
use crate::tutorial::book::chapter::{predict, see};
use crate::tutorial::error::TutorialError;
use crate::tutorial::exercise::context::{ExerciseContext, Images, small};
use crate::tutorial::exercise::output::SEED;
use crate::tutorial::exercise::photographs::photographs;
use crate::tutorial::exercise::{EXERCISES, Exercise};
use crate::tutorial::report::filled;
use crate::tutorial::settings::PipelineSettings;
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "exercise",
    summary: "run exercises: 8.1.1 to 8.5.5, or B.1 to E.12",
    help: "\
Runs one exercise: of the tutorial's chapter 8 (8.x.y), on local connections (B.1), on the
autoencoder's training (C.n), or of the lectures (D.n, E.n). Says what to predict, prints the
results, and draws the exercise's pictures if it has any. With --ask it waits for your prediction.

usage: ossicle exercise NUMBER [DIR] [OPTIONS]
       ossicle exercise 8.1 | D | all ...         runs all exercises of a chapter, or all
       ossicle exercise                           lists the exercises

DIR holds WAV files, as for ossicle tutorial (default: the bundled spoken digits), or the four
files of MNIST, as for ossicle mnist. Exercises use at most 5000 examples (--quick: 1000) and small
models, so that each takes seconds; --all lifts the first limit, but not smaller ones that an
exercise states. With --quick on the bundled digits, a last paragraph says what you should see, and
why. C.3, D.11, D.12, E.4 and E.5 do not use the examples in DIR.

examples:
  ossicle exercise 8.1.7 --quick --ask
  ossicle exercise 8.2.2 mnist --quick
  ossicle exercise D.5
  ossicle exercise all --quick --out pictures",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--quick", value: "", help: "use fewer examples, units and iterations" },
    Flag { name: "--ask", value: "", help: "wait for Enter after saying what to predict" },
    Flag { name: "--all", value: "", help: "use all examples" },
    Flag { name: "--images", value: "DIR", help: "for C.3: PNG files, at most 100; for D.10: MNIST's four files" },
    Flag { name: "--out", value: "DIR", help: "write the pictures to DIR (default: out)" },
    Flag { name: "--no-pictures", value: "", help: "draw nothing" },
    Flag { name: "--seed", value: "N", help: "the random seed (default: 1)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let seed = super::seed(&arguments)?;
    let (number, folder) = match &arguments.others[..] {
        [] => return super::print(&list()),
        [number] => (number, None),
        [number, folder] => (number, Some(PathBuf::from(folder))),
        [_, _, other, ..] => return Err(super::unexpected(other)),
    };
    let exercises = selected(number);
    if exercises.is_empty() {
        return Err(Failure::Usage(format!(
            "there is no exercise '{}'; `ossicle exercise` lists the exercises",
            brief(number)
        )));
    }
    let of_images = |exercise: &&Exercise| ["C.3", "D.10"].contains(&exercise.number);
    if arguments.has("--images") && !exercises.iter().all(of_images) {
        return Err(Failure::Usage("--images is for the exercises C.3 and D.10 only".into()));
    }
    if let (Some(images), Some(out)) = (arguments.text("--images"), arguments.text("--out"))
        && let (Ok(images), Ok(out)) = (Path::new(images).canonicalize(), Path::new(out).canonicalize())
        && images == out
    {
        return Err(Failure::Usage("--images and --out are the same folder: pictures would be added to yours".into()));
    }
    // The book says what to see in this run.
    let others = ["--all", "--images"].iter().any(|flag| arguments.has(flag));
    let is_of_book = folder.is_none() && arguments.has("--quick") && seed == SEED && !others;
    let folder = match folder {
        Some(folder) => folder,
        None => super::tutorial::bundled_data()?,
    };
    let mut settings = small(arguments.has("--quick"), seed);
    if arguments.has("--all") {
        settings.most_windows = usize::MAX;
    }
    let source = Source::read(&folder, arguments.has("--quiet"))?;
    let run = Run { arguments: &arguments, settings, folder: &folder, source, is_of_book };
    if let [exercise] = exercises[..] {
        return run.exercise(exercise);
    }
    // One that fails does not keep the others from running.
    let mut result = Ok(());
    for (i, exercise) in exercises.iter().enumerate() {
        let done = super::print(if i > 0 { "\n" } else { "" }).and_then(|()| run.exercise(exercise));
        result = match done {
            Err(Failure::Failed(message)) => {
                super::remark(&format!("ossicle: {}: {message}", exercise.number));
                Err(Failure::Bad)
            }
            Err(Failure::Bad) => Err(Failure::Bad),
            Err(failure) => return Err(failure),
            Ok(()) => result,
        };
    }
    result
}

/// The exercises with a number, or of a chapter, or all.
fn selected(number: &str) -> Vec<&'static Exercise> {
    const ALL: &[Exercise] = &EXERCISES;
    let number = number.to_uppercase();
    if let Some(one) = ALL.iter().find(|exercise| exercise.number == number) {
        return Vec::from([one]);
    }
    let chapter = format!("{}.", number.trim_end_matches('.'));
    let is_of = |exercise: &&Exercise| number == "ALL" || exercise.number.starts_with(&chapter);
    ALL.iter().filter(is_of).collect()
}

/// The data of the exercises.
enum Source {
    Images(Mnist),
    Sounds(Collection),
}

impl Source {
    fn read(folder: &Path, quiet: bool) -> Result<Self, Failure> {
        match idx::mnist(folder) {
            Ok(mnist) => Ok(Source::Images(mnist)),
            // A folder with some of the four files is meant for images.
            Err(idx::MnistError::Missing(_, names)) if names.len() < 4 => {
                Err(Failure::Failed(idx::MnistError::Missing(folder.into(), names).to_string()))
            }
            Err(idx::MnistError::Missing(..) | idx::MnistError::NotAFolder(_)) => {
                super::recordings(folder, quiet).map(Source::Sounds)
            }
            Err(error) => Err(Failure::Failed(format!("{error}"))),
        }
    }
}

/// What the exercises of one command have in common.
struct Run<'a> {
    arguments: &'a Arguments,
    settings: PipelineSettings,
    folder: &'a Path,
    source: Source,
    is_of_book: bool,
}

impl Run<'_> {
    fn exercise(&self, exercise: &Exercise) -> Result<(), Failure> {
        let Run { arguments, settings, folder, is_of_book, .. } = *self;
        let (quick, quiet) = (arguments.has("--quick"), arguments.has("--quiet"));
        let figures = super::figures(arguments, exercise.pictures)?;
        let figures = figures.as_ref();
        let mut progress = ProgressLine::new(quiet);
        let named = |error: TutorialError| match error {
            // The path of the file is in the error.
            TutorialError::Photograph(error) => Failure::Failed(error.to_string()),
            error => Failure::Failed(format!("{}: {error}", shown_path(folder))),
        };
        let mut context = match &self.source {
            Source::Images(mnist) => ExerciseContext::of_images(mnist, settings, quick, figures, &mut progress),
            Source::Sounds(collection) => {
                ExerciseContext::of_recordings(collection.clone(), settings, quick, figures, &mut progress)
            }
        }
        .map_err(named)?;
        if let Some(folder) = arguments.text("--images") {
            let folder = Path::new(folder);
            if exercise.number == "C.3" {
                let paths = photographs(folder).map_err(|error| Failure::Failed(error.to_string()))?;
                context.photographs = Some(paths);
            } else {
                context.images = Some(images(folder)?);
            }
        }
        let predict = predict(exercise.number).map_or(String::new(), |text| {
            let sizes = if is_of_book { "" } else { " (the sizes are those of --quick on the bundled digits)" };
            format!("{}\n\n", filled(&format!("Predict{sizes}: {text}")))
        });
        super::print(&format!("{}  {}\n\n{predict}", exercise.number, exercise.asks))?;
        if arguments.has("--ask") {
            super::remark("Write down what you expect, then press Enter.");
            // At the end of the input there is nobody to wait for.
            let _ = std::io::stdin().lines().next();
        }
        (exercise.run)(&mut context).map_err(named)?;
        let (mut page, pictures) = (context.page, context.pictures);
        if is_of_book && let Some(see) = see(exercise.number) {
            page = format!("{}\n\n{see}", page.trim_end());
        }
        progress.done();
        let printed = super::print(&format!("{}\n", page.trim_end()));
        super::both(printed, super::say_pictures(figures, exercise.pictures, &pictures, quiet))
    }
}

/// All images of a folder with MNIST's four files.
fn images(folder: &Path) -> Result<Images, Failure> {
    let images = idx::mnist(folder).map_err(|error| Failure::Failed(error.to_string()))?;
    Images::of(&images).map_err(|error| Failure::Failed(format!("{}: {error}", shown_path(folder))))
}

/// The chapters of the exercises: what their numbers begin with, and their titles.
const CHAPTERS: [(&str, &str); 9] = [
    ("8.1", "the sparse autoencoder"),
    ("8.2", "features and their visualization"),
    ("8.3", "softmax regression"),
    ("8.4", "stacked autoencoders"),
    ("8.5", "convolutional networks"),
    ("B.", "local connections and pooling"),
    ("C.", "training the autoencoder, and patches of natural images"),
    ("D.", "the autoencoders of the lectures, and composed functions"),
    ("E.", "sparse coding, networks by hand and in pictures, and training on minibatches"),
];

/// The list of the exercises.
fn list() -> String {
    let of_chapter = |(prefix, title): &(&str, &str)| {
        let exercises = EXERCISES.iter().filter(|exercise| exercise.number.starts_with(prefix));
        let line = |Exercise { number, asks, .. }: &Exercise| format!("  {number:<5}  {asks}\n");
        format!("{title}\n{}", exercises.map(line).collect::<String>())
    };
    CHAPTERS.iter().map(of_chapter).collect::<Vec<_>>().join("\n")
}
