//! `ossicle mnist`: UFLDL's exercises on images of digits.

use super::arguments::Flag;
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::bytes::path::shown_path;
use crate::dataset::idx;
use crate::tutorial::error::TutorialError;
use crate::tutorial::exercise::Exercise;
use crate::tutorial::mnist::{self, EXERCISES, STACKED_DENOISING, STACKED_DENOISING_UNSHIFTED};
use crate::tutorial::report;
use std::format;
use std::path::Path;
use std::string::String;
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "mnist",
    summary: "run UFLDL's exercises on images of digits, with UFLDL's settings",
    help: "\
Runs UFLDL's exercises on MNIST and prints accuracies, and the cost of the sparse autoencoder.
UFLDL is Unsupervised Feature Learning and Deep Learning, Stanford's tutorial.

usage: ossicle mnist DIR [OPTIONS]

DIR holds the four files of MNIST, plain or gzipped (.gz):
  train-images-idx3-ubyte   train-labels-idx1-ubyte
  t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte

EXERCISE (default: all but conv):
  sparse        the cost of a sparse autoencoder with 196 units on 10000 images
  softmax       softmax regression on the pixels (UFLDL: 92.6%)
  self-taught   the digits 0 to 4 by pixels, and by features of the digits 5 to 9
                (UFLDL: 96%, 98.3%)
  stacked       784-200-200-10 before and after fine-tuning (UFLDL: 87.7%, 97.6%)
  conv          a convolutional network

With --tsv, an accuracy is a fraction from 0 to 1.

examples:
  ossicle mnist mnist --quick
  ossicle mnist mnist --exercise stacked --tuned",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--exercise", value: "EXERCISE", help: "the exercise to run (see above; default: all but conv)" },
    Flag { name: "--tuned", value: "", help: "stacked with denoising autoencoders, dropout, and shifted images" },
    Flag { name: "--unshifted", value: "", help: "with --tuned: images as they are, wider layers, more dropout" },
    Flag { name: "--quick", value: "", help: "10000 images and fewer iterations: less than a minute" },
    Flag { name: "--tsv", value: "", help: "print rows: EXERCISE METRIC VALUE SECONDS" },
    Flag { name: "--out", value: "DIR", help: "write the pictures to DIR (default: out)" },
    Flag { name: "--no-pictures", value: "", help: "draw nothing" },
    Flag { name: "--seed", value: "N", help: "the random seed (default: 1)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let folder = match &arguments.others[..] {
        [folder] => Path::new(folder),
        [] => return Err(Failure::Usage("a folder was expected: ossicle mnist DIR".into())),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    let mut only = "";
    let choices = EXERCISES.map(|exercise| (exercise.number, exercise.number));
    arguments.choice("--exercise", &choices, &mut only).map_err(Failure::Usage)?;
    if arguments.has("--tuned") && !["", STACKED_DENOISING.number].contains(&only) {
        return Err(Failure::Usage("--tuned is an option of the exercise stacked".into()));
    }
    if arguments.has("--unshifted") && !arguments.has("--tuned") {
        return Err(Failure::Usage("--unshifted is an option of --tuned".into()));
    }
    let seed = super::seed(&arguments)?;

    let named = |error: TutorialError| Failure::Failed(format!("{}: {error}", shown_path(folder)));
    let mnist = idx::mnist(folder).map_err(|error| Failure::Failed(format!("{error}")))?;
    let is_tuned = |exercise: &Exercise| exercise.number == STACKED_DENOISING.number && arguments.has("--tuned");
    let tuned = |exercise| match is_tuned(exercise) {
        true if arguments.has("--unshifted") => &STACKED_DENOISING_UNSHIFTED,
        true => &STACKED_DENOISING,
        false => exercise,
    };
    let is_wanted = |exercise: &&Exercise| exercise.number == only || (only.is_empty() && exercise.number != "conv");
    let wanted: Vec<&Exercise> = EXERCISES.iter().filter(is_wanted).map(tuned).collect();
    let figures = super::figures(&arguments, &pictures_of(&wanted))?;
    let mut progress = ProgressLine::new(arguments.has("--quiet"));
    let mut context =
        mnist::context(&mnist, arguments.has("--quick"), seed, figures.as_ref(), &mut progress).map_err(named)?;
    // The results are printed even if one exercise cannot be done with these images.
    let mut result = Ok(());
    for exercise in wanted {
        result = super::both(result, (exercise.run)(&mut context).map_err(named));
    }
    let (rows, digest, pictures) = (context.rows, context.run.digest.hex(), context.pictures);
    progress.done();
    if rows.is_empty() {
        return result;
    }
    let printed = if arguments.has("--tsv") {
        super::print(&report::mnist_tsv(&rows))
    } else {
        let table = super::with_bold_heading(&report::mnist(&rows));
        super::print(&format!("{table}\ndigest of all learned parameters: {digest}\n"))
    };
    let all: Vec<&Exercise> = EXERCISES.iter().collect();
    let said = super::say_pictures(figures.as_ref(), &pictures_of(&all), &pictures, arguments.has("--quiet"));
    super::both(printed, super::both(result, said))
}

/// The names of the exercises' pictures.
fn pictures_of(exercises: &[&Exercise]) -> Vec<&'static str> {
    exercises.iter().flat_map(|exercise| exercise.pictures).copied().collect()
}
