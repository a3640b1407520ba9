//! `ossicle mnist`.

use super::arguments::Flag;
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::bytes::escape::shown;
use crate::bytes::path::shown_path;
use crate::dataset::idx;
use crate::tutorial::figures::FigureWriter;
use crate::tutorial::mnist::{EXERCISES, Lesson, MnistSettings};
use crate::tutorial::report;
use std::format;
use std::path::Path;
use std::string::String;

pub(super) const COMMAND: Command = Command {
    name: "mnist",
    summary: "UFLDL's exercises on images of digits, with UFLDL's settings",
    help: "\
Does UFLDL's exercises on MNIST, and prints what was measured: shares of images told right, and a cost.

usage: ossicle mnist DIR [OPTIONS]

DIR holds the four files of MNIST, train-images-idx3-ubyte and so on, plain or gzipped.

  sparse        a sparse autoencoder with 196 units learns from 10000 images: its cost
  softmax       softmax regression on the points of the images (UFLDL: 92.6%)
  self-taught   the digits 0 to 4 from points, and from features of the digits 5 to 9 (UFLDL: 96%, 98.3%)
  stacked       784-200-200-10 before and after all layers are tuned together (UFLDL: 87.7%, 97.6%)
  conv          a convolutional network, only if it is asked for

examples:
  ossicle mnist mnist --quick
  ossicle mnist mnist --exercise stacked --tuned",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag {
        name: "--exercise",
        value: "WORD",
        help: "sparse, softmax, self-taught, stacked or conv (default: all but conv)",
    },
    Flag {
        name: "--tuned",
        value: "",
        help: "stacked by all means of the lectures: 784-500-500-10, denoising, dropout, images moved",
    },
    Flag { name: "--quick", value: "", help: "10000 images and fewer iterations: less than a minute" },
    Flag { name: "--tsv", value: "", help: "rows for machines: EXERCISE METRIC VALUE SECONDS" },
    Flag { name: "--out", value: "DIR", help: "where the pictures go (default: out)" },
    Flag { name: "--no-pictures", value: "", help: "draw nothing" },
    Flag { name: "--seed", value: "N", help: "the seed of all that is drawn at random (default: 1)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let folder = match &arguments.others[..] {
        [folder] => Path::new(folder),
        [] => return Err(Failure::Usage("a folder is needed: ossicle mnist DIR".into())),
        [_, other, ..] => {
            return Err(Failure::Usage(format!("one folder was expected, and '{}' is a second", shown(other))));
        }
    };
    let mut only = "";
    let choices = EXERCISES.map(|name| (name, name));
    arguments.choice("--exercise", &choices, &mut only).map_err(Failure::Usage)?;
    let mut settings = if arguments.has("--tuned") { MnistSettings::tuned() } else { MnistSettings::default() };
    if arguments.has("--quick") {
        settings = settings.quick();
    }
    let expected = "a number from 0 to 18446744073709551615";
    arguments.number("--seed", expected, |_| true, &mut settings.seed).map_err(Failure::Usage)?;

    let named = |error: &dyn core::fmt::Display| Failure::Failed(format!("{}: {error}", shown_path(folder)));
    let mnist = idx::mnist(folder).map_err(|error| Failure::Failed(format!("{error}")))?;
    let figures = match arguments.has("--no-pictures") {
        true => None,
        false => Some(
            FigureWriter::open(Path::new(arguments.text("--out").unwrap_or("out")), &[]).map_err(Failure::Failed)?,
        ),
    };
    let mut progress = ProgressLine::new(arguments.has("--quiet"));
    let mut lesson = Lesson::new(settings, &mnist, figures.as_ref(), &mut progress).map_err(|error| named(&error))?;
    for exercise in EXERCISES.into_iter().filter(|&name| if only.is_empty() { name != "conv" } else { name == only }) {
        lesson.exercise(exercise).map_err(|error| named(&error))?;
    }
    let (rows, digest, pictures) = (lesson.rows, lesson.digest.hex(), lesson.pictures);
    progress.done();
    let printed = if arguments.has("--tsv") {
        super::print(&report::mnist_tsv(&rows))
    } else {
        let table = super::with_bold_heading(&report::mnist(&rows));
        super::print(&format!("{table}\ndigest of all learned numbers: {digest}\n"))
    };
    super::both(printed, super::say_pictures(&pictures, arguments.has("--quiet")))
}
