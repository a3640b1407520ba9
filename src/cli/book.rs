//! `ossicle book`: the crate as a book of web pages.

use super::arguments::Flag;
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::bytes::path::shown_path;
use crate::number::decimal::Count;
use crate::storage::atomic;
use crate::tutorial::book::{File, files};
use crate::tutorial::exercise::EXERCISES;
use crate::tutorial::exercise::output::{self, Output};
use crate::tutorial::figures::FigureWriter;
use crate::tutorial::progress::Progress;
use std::format;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::string::String;
use std::sync::Mutex;
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "book",
    summary: "write the crate as a book of web pages",
    help: "\
Writes the book: the text of the crate's files as web pages, in a learner's order. Each chapter has
its equations next to the lines of code that compute them, the output and pictures of its exercises,
and questions with answers. The pages need no scripts and no network: open DIR/index.html in a
browser.

usage: ossicle book DIR [OPTIONS]

DIR is created if necessary; an existing book in it is replaced. The exercises run with --quick on
the bundled spoken digits, which takes most of the time (less than a minute on two cores).

examples:
  ossicle book book
  ossicle book book --no-exercises",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] =
    &[Flag { name: "--no-exercises", value: "", help: "leave out the output of the exercises (takes a second)" }];

/// The title of a book's first page, by which a folder with a book is recognized.
const MARK: &str = "<title>Ossicle: the book";

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let folder = match &arguments.others[..] {
        [] => return Err(Failure::Usage("name the folder to write the book to".into())),
        [folder] => PathBuf::from(folder),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    check(&folder)?;
    // The pages come first: they can be read while the exercises run, and an interrupted book can be replaced.
    let mut pages = write(&folder, &[])?;
    if !arguments.has("--no-exercises") {
        pages = write(&folder, &exercises(&folder, arguments.has("--quiet"))?)?;
    }
    super::print(&format!("{}: {}\n", shown_path(&folder.join("index.html")), Count(pages, "page")))
}

/// Writes all pages; returns their number.
fn write(folder: &Path, outputs: &[Output]) -> Result<usize, Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::Failed(format!("{}: {error}", shown_path(folder))))?;
    let files = files(outputs);
    let named: Vec<(PathBuf, &File)> = files.iter().map(|file| (folder.join(&file.name), file)).collect();
    let named: Vec<(&Path, &[u8])> = named.iter().map(|(path, file)| (path.as_path(), file.text.as_bytes())).collect();
    atomic::write_all(&named).map_err(|error| Failure::Failed(format!("{error}")))?;
    Ok(files.iter().filter(|file| file.name.ends_with(".html")).count())
}

/// Refuses a folder with files that are not a book's.
fn check(folder: &Path) -> Result<(), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown_path(folder)));
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(failed("this is a file; a folder was expected".into()));
    }
    let mut entries = fs::read_dir(folder).map_err(|error| failed(format!("{error}")))?;
    let is_book = || {
        let mut start = Vec::new();
        let read = fs::File::open(folder.join("index.html")).and_then(|file| file.take(1000).read_to_end(&mut start));
        read.is_ok() && String::from_utf8_lossy(&start).contains(MARK)
    };
    if entries.next().is_some() && !is_book() {
        return Err(failed("this folder has files but no book; name a new folder".into()));
    }
    Ok(())
}

/// The outputs of the exercises, their pictures written to the folder `pictures`.
fn exercises(folder: &Path, quiet: bool) -> Result<Vec<Output>, Failure> {
    let data = super::tutorial::bundled_data()?;
    let collection = super::recordings(&data, quiet)?;
    let names: Vec<&str> = EXERCISES.iter().flat_map(|exercise| exercise.pictures).copied().collect();
    let failed = |error| Failure::Failed(format!("{error}"));
    let figures = FigureWriter::open(&folder.join("pictures"), &names).map_err(failed)?;
    let mut progress = ProgressLine::new(quiet);
    let shown = |done: usize| format!("exercises: {done} of {} done", EXERCISES.len());
    progress.stage(&shown(0), 0);
    let state = Mutex::new((&mut progress, 0));
    let ended = || {
        if let Ok(mut state) = state.lock() {
            state.1 += 1;
            let line = shown(state.1);
            state.0.stage(&line, 0);
        }
    };
    let outputs = output::all(&collection, Some(&figures), ended).map_err(failed)?;
    progress.done();
    Ok(outputs)
}
