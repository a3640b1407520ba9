//! The command line: arguments in, text and an exit status out.
//!
//! 1. [`arguments`]: parsing of arguments;
//! 2. [`progress`]: a progress line on a terminal;
//! 3. [`tutorial`], [`compare`], [`exercise`], [`mnist`], [`autoencoders`], [`predict`], [`report`], [`inspect`],
//!    [`export`], [`import`], [`features`], [`train`], [`wav`], [`spectrogram`], [`resynthesize`], [`listen`],
//!    [`gradients`], [`optimize`], [`book`], [`workbook`], [`bench`](mod@bench), [`manual`]: the commands.
//!
//! Results go to standard output; progress, warnings and errors go to standard error. The exit status is 0 for success,
//! 1 if the work failed, and 2 if the arguments are wrong. If the reader of standard output closes it early, the
//! program ends quietly.

// The head lists the modules that only the crate sees, too.
#![allow(rustdoc::private_intra_doc_links)]

pub mod arguments;
pub(crate) mod autoencoders;
pub(crate) mod bench;
pub(crate) mod book;
pub(crate) mod compare;
pub(crate) mod exercise;
pub(crate) mod export;
pub(crate) mod features;
pub(crate) mod gradients;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod listen;
pub(crate) mod manual;
pub(crate) mod mnist;
pub(crate) mod optimize;
pub(crate) mod predict;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod resynthesize;
pub(crate) mod spectrogram;
pub(crate) mod train;
pub(crate) mod tutorial;
pub(crate) mod wav;
pub(crate) mod workbook;

use crate::bytes::escape::shown;
use crate::bytes::limits::MODEL_FILE;
use crate::bytes::path::shown_path;
use crate::bytes::read;
use crate::dataset::folder::{self, FolderContents, SkippedFile};
use crate::dataset::recordings::Collection;
use crate::number::decimal::Count;
use crate::predictor::deployed::DeployedModel;
use crate::storage::model::ModelFile;
use crate::storage::{atomic, model};
use crate::tutorial::error::ExportError;
use crate::tutorial::figures::{Figure, FigureWriter};
use crate::tutorial::settings::PipelineSettings;
use crate::tutorial::{classifier_file, save};
use arguments::{Arguments, Flag, brief, suggestion};
use std::format;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

/// Why a command ended without its result.
#[derive(Debug)]
pub enum Failure {
    /// The arguments are wrong: status 2.
    Usage(String),
    /// The work failed: status 1.
    Failed(String),
    /// The work failed, and that was already reported: status 1.
    Bad,
    /// The reader of standard output closed it: status 0.
    ClosedPipe,
}

impl Failure {
    /// The cause; empty if it was reported, or if nobody reads it.
    fn message(self) -> String {
        match self {
            Failure::Usage(message) | Failure::Failed(message) => message,
            Failure::Bad | Failure::ClosedPipe => String::new(),
        }
    }
}

impl From<io::Error> for Failure {
    /// An error of standard output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Failed(format!("standard output: {error}")),
        }
    }
}

/// A command: its name, its help, its options, and the function that runs it.
struct Command {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    flags: &'static [Flag],
    run: fn(&[String]) -> Result<(), Failure>,
}

const COMMANDS: [Command; 22] = [
    tutorial::COMMAND,
    compare::COMMAND,
    exercise::COMMAND,
    mnist::COMMAND,
    autoencoders::COMMAND,
    predict::COMMAND,
    report::COMMAND,
    inspect::COMMAND,
    export::COMMAND,
    import::COMMAND,
    features::COMMAND,
    train::COMMAND,
    gradients::COMMAND,
    wav::COMMAND,
    spectrogram::COMMAND,
    resynthesize::COMMAND,
    listen::COMMAND,
    optimize::COMMAND,
    book::COMMAND,
    workbook::COMMAND,
    bench::COMMAND,
    manual::COMMAND,
];

const ABOUT: &str = "\
Ossicle trains a sound classifier from recordings, using features that it learns without labels.
It follows the deep-learning tutorials of ATIAM (the master's program at IRCAM; chapter 8 of its
tutorial numbers the exercises) and UFLDL (Unsupervised Feature Learning and Deep Learning,
Stanford's tutorial).

usage: ossicle                      run the tutorial on the bundled spoken digits
       ossicle COMMAND [OPTIONS]    run a command; ossicle COMMAND --help describes it
";

const EXAMPLES: &str = "
examples:
  ossicle                                    train on the bundled digits (half a minute on 2 cores)
  ossicle tutorial my-sounds                 train on your own recordings: one folder for each label
  ossicle tutorial --save digits.model       save the best model
  ossicle predict digits.model my-sounds     classify recordings with it
  ossicle report digits.model my-sounds      show how, in a browser
  ossicle compare my-sounds                  compare the transforms
  ossicle inspect digits.model               describe it
  ossicle export digits.model --c digits.c   generate a predictor for a board, in C
  ossicle export digits.model --torch DIR    make a PyTorch module of it; ossicle import reads it
  ossicle features my-sounds -o x.npy        write the frames of recordings for NumPy
  ossicle train autoencoder x.npy -o weights train on rows of numbers
  ossicle exercise 8.1.7                     run one exercise of the tutorial
  ossicle check-gradients                    compare every gradient with its numerical derivative
  ossicle wav my-sounds/*.wav                describe WAV files
  ossicle spectrogram speech.wav             draw a recording
  ossicle resynthesize speech.wav            listen to what mel bands keep of it
  ossicle listen digits.model --unit 17      listen to what a hidden unit prefers
  ossicle optimize --plot paths.svg          compare optimizers, and draw their paths
  ossicle book book                          write the textbook as web pages
  ossicle workbook my-workbook               write the tasks that go with it

- in place of a file is standard input, or, after -o and the like, standard output.

options of every command:
  --help       describe the command and its options
  --quiet      print errors only; no progress and no messages on standard error
  --threads N  maximum number of threads (default: the number of processors)

environment:
  OSSICLE_ISA=portable|neon|avx2|avx512   use this instruction set; results have the same bits
  NO_COLOR=1                              print no bold text

exit status: 0 success, 1 failure, 2 wrong usage
";

/// Options of every command.
const COMMON: &[Flag] = &[
    Flag { name: "--help", value: "", help: "describe the command and its options" },
    Flag { name: "--quiet", value: "", help: "print errors only; no progress and no messages on standard error" },
    Flag { name: "--threads", value: "N", help: "maximum number of threads (default: the number of processors)" },
];

/// The help of `--tsv`: the format of a [`field`](crate::bytes::escape::field).
const TSV_FORMAT: &str = r"
--tsv prints one row per line, with tabs between cells. In a cell, \t \n \r \0 and \u{1b} stand for
control and invisible characters, \xff for a byte that is not UTF-8, and \\ for a backslash.
";

/// Runs the command line; returns the exit status.
pub fn run(args: &[String]) -> u8 {
    let failure = match dispatch(args) {
        Ok(()) | Err(Failure::ClosedPipe) => return 0,
        Err(Failure::Bad) => return 1,
        Err(failure) => failure,
    };
    let (message, status) = match failure {
        Failure::Usage(message) => (message, 2),
        Failure::Failed(message) => (message, 1),
        Failure::Bad | Failure::ClosedPipe => return 1,
    };
    remark(&format!("ossicle: {message}"));
    status
}

fn dispatch(args: &[String]) -> Result<(), Failure> {
    let name = args.first().map_or("tutorial", String::as_str);
    match name {
        "--help" | "-h" | "help" => match args.get(1) {
            Some(command) if name == "help" && command != "help" => print(&help(find(command)?)),
            _ => print(&about()),
        },
        "--version" | "-V" | "version" => print(concat!("ossicle ", env!("CARGO_PKG_VERSION"), "\n")),
        // Without a command, options belong to the tutorial.
        _ if name.starts_with('-') => execute(&tutorial::COMMAND, args),
        _ => execute(find(name)?, args.get(1..).unwrap_or_default()),
    }
}

fn find(name: &str) -> Result<&'static Command, Failure> {
    const ALL: &[Command] = &COMMANDS;
    ALL.iter().find(|command| command.name == name).ok_or_else(|| {
        let shown_name = brief(name);
        let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
        let hint = suggestion(name, &names);
        let path = Path::new(name);
        let hint = if path.is_dir() {
            format!("; for the tutorial on that folder: ossicle tutorial {shown_name}")
        } else if path.exists() {
            format!("; to see what is in that file: ossicle wav {shown_name}")
        } else {
            hint
        };
        Failure::Usage(format!("there is no command '{shown_name}'{hint} (see ossicle --help)"))
    })
}

fn execute(command: &Command, args: &[String]) -> Result<(), Failure> {
    // Help is printed even if other arguments are wrong.
    if args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--help" || arg == "-h") {
        return print(&help(command));
    }
    if let Err(error) = crate::machine::isa::from_environment() {
        let value = std::env::var_os("OSSICLE_ISA").unwrap_or_default();
        return Err(Failure::Usage(format!("OSSICLE_ISA={}: {error}", shown(value.as_encoded_bytes()))));
    }
    (command.run)(args).map_err(|failure| match failure {
        Failure::Usage(message) => Failure::Usage(format!("{message} (see ossicle {} --help)", command.name)),
        other => other,
    })
}

fn about() -> String {
    let mut text = manual::fit(ABOUT) + "\ncommands:\n";
    for command in COMMANDS {
        text += &manual::fit(&format!("  {:<16}  {}", command.name, command.summary));
    }
    text + &manual::fit(EXAMPLES)
}

fn help(command: &Command) -> String {
    let mut text = format!("{}\noptions:\n", manual::fit(command.help.trim_end()));
    command.flags.iter().chain(COMMON).for_each(|flag| text += &manual::option(flag));
    if command.flags.iter().any(|flag| flag.name == "--tsv") {
        text += &manual::fit(TSV_FORMAT);
    }
    text
}

/// Parses the arguments of a command, and sets the number of threads. The file `-` is standard input, or, as the value
/// of an option that names an output, standard output.
fn parse(args: &[String], flags: &[Flag]) -> Result<arguments::Arguments, Failure> {
    let mut arguments = arguments::parse(args, &[flags, COMMON]).map_err(Failure::Usage)?;
    arguments.others.iter_mut().filter(|path| *path == "-").for_each(|path| *path = "/dev/stdin".into());
    for input in ["--model", "--labels", "--recordings"] {
        arguments.replace(input, "-", "/dev/stdin");
    }
    for output in ["-o", "--to", "--predictions"] {
        arguments.replace(output, "-", "/dev/stdout");
    }
    for output in ["--save", "--checkpoint", "--rust", "--c", "--npy", "--safetensors", "--torch"] {
        if arguments.text(output) == Some("-") {
            return Err(Failure::Usage(format!("{output} -: a name was expected; it cannot be standard output")));
        }
    }
    let mut threads = 0;
    let range = |&n: &usize| (1..=1024).contains(&n);
    arguments.number("--threads", "a number from 1 to 1024", range, &mut threads).map_err(Failure::Usage)?;
    if threads > 0 {
        crate::machine::threads::set_count(threads);
    }
    Ok(arguments)
}

/// What an accuracy of a saved model on files does not say.
const CAUTION: &str = "The accuracy on files that the model was trained on says little about other files.";

/// Reads a model file.
fn read_model(file: &str) -> Result<ModelFile, Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    check_file(file, "a model file of ossicle tutorial --save").map_err(failed)?;
    let bytes = read::file(file.as_ref(), model::MAGIC, MODEL_FILE).map_err(|error| failed(error.to_string()))?;
    model::decode(&bytes).map_err(|error| failed(error.to_string()))
}

/// Reads the model for a board in a model file.
fn read_board_model(file: &str) -> Result<DeployedModel, Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    let contents = read_model(file)?;
    match contents.find("precision") {
        Some("f64") => Err(failed(ExportError::Precision("f64").to_string())),
        _ => {
            let classifier = classifier_file::decode::<f32>(&contents).map_err(|error| failed(error.to_string()))?;
            save::deployed(&classifier).map_err(|error| failed(error.to_string()))
        }
    }
}

/// The line that repeats a command.
fn command_line(command: &Command, args: &[String]) -> String {
    let plain =
        |arg: &str| !arg.is_empty() && arg.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.,:/+%@".contains(c));
    let quoted =
        args.iter().map(|arg| if plain(arg) { arg.clone() } else { format!("'{}'", arg.replace('\'', "'\\''")) });
    let mut line = format!("ossicle {}", command.name);
    quoted.for_each(|arg| line += &format!(" {arg}"));
    line
}

/// Refuses a folder where a file is read; the system calls it a directory only when it is read.
fn check_file(path: &str, expected: &str) -> Result<(), String> {
    if Path::new(path).is_dir() { Err(format!("this is a folder; {expected} was expected")) } else { Ok(()) }
}

/// Parses a whole command line, the settings of a training included, and runs nothing: for tests with random lines.
///
/// # Errors
/// The first mistake in the line.
#[doc(hidden)]
pub fn sorted(args: &[String]) -> Result<(), String> {
    const ALL: &[Command] = &COMMANDS;
    let (command, args) = match args.split_first() {
        Some((name, rest)) if !name.starts_with('-') => {
            let names: Vec<&str> = ALL.iter().map(|command| command.name).collect();
            let found = ALL.iter().find(|command| command.name == name);
            (found.ok_or_else(|| format!("there is no such command{}", suggestion(name, &names)))?, rest)
        }
        _ => (&ALL[0], args),
    };
    let arguments = arguments::parse(args, &[command.flags, COMMON])?;
    if [tutorial::COMMAND, compare::COMMAND, features::COMMAND].map(|command| command.name).contains(&command.name) {
        tutorial::settings(&arguments)?;
    }
    if command.name == compare::COMMAND.name {
        compare::transforms(&arguments).map_err(Failure::message)?;
    }
    if command.name == train::COMMAND.name {
        train::parsed(&arguments).map_err(Failure::message)?;
    }
    Ok(())
}

/// Writes a result to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// The first failure of two steps that have both been done.
fn both(first: Result<(), Failure>, second: Result<(), Failure>) -> Result<(), Failure> {
    match (first, second) {
        // A closed pipe is not a failure, and must not hide one.
        (Err(Failure::ClosedPipe), Err(failure)) => Err(failure),
        (first, second) => first.and(second),
    }
}

/// The value of `--seed`.
fn seed(arguments: &Arguments) -> Result<u64, Failure> {
    let mut seed = 1;
    let expected = "a number from 0 to 18446744073709551615";
    arguments.number("--seed", expected, |_| true, &mut seed).map_err(Failure::Usage)?;
    Ok(seed)
}

/// The recordings in a folder, for commands that do not list the files that are skipped.
fn recordings(folder: &Path, quiet: bool) -> Result<Collection, Failure> {
    recordings_at(folder, None, &|rate| PipelineSettings::default().shortest(rate), quiet)
}

/// The same at a rate in Hz (`None`: the most frequent), of recordings of at least `shortest(rate)` samples.
fn recordings_at(
    folder: &Path,
    rate: Option<u32>,
    shortest: &dyn Fn(u32) -> usize,
    quiet: bool,
) -> Result<Collection, Failure> {
    let FolderContents { collection, skipped, .. } =
        folder::read(folder, rate, shortest).map_err(|error| Failure::Failed(error.to_string()))?;
    if !skipped.is_empty() && !quiet {
        remark(&format!("skipped {}; ossicle tutorial lists the reasons", Count(skipped.len(), "file")));
    }
    Ok(collection)
}

/// Lists the files of a folder that were skipped, and why.
fn say_skipped(FolderContents { collection, skipped, .. }: &FolderContents) {
    if skipped.is_empty() {
        return;
    }
    remark(&format!("skipped {} of {} files:", skipped.len(), skipped.len() + collection.recordings.len()));
    for SkippedFile { path, cause } in skipped.iter().take(20) {
        remark(&format!("  {}: {cause}", shown_path(path)));
    }
    if skipped.len() > 20 {
        remark(&format!("  and {} more", skipped.len() - 20));
    }
}

/// The writer of the pictures with these names to the folder `--out`; none with `--no-pictures`, or without names.
fn figures(arguments: &Arguments, names: &[&str]) -> Result<Option<FigureWriter>, Failure> {
    if arguments.has("--no-pictures") || names.is_empty() {
        return Ok(None);
    }
    let folder = Path::new(arguments.text("--out").unwrap_or("out"));
    FigureWriter::open(folder, names).map(Some).map_err(|error| Failure::Failed(error.to_string()))
}

/// Reports the path of each picture, the pictures that could not be written, and those of the command's names that an
/// earlier run left in the folder, for they look like pictures of this run.
fn say_pictures(
    figures: Option<&FigureWriter>,
    names: &[&str],
    pictures: &[Figure],
    quiet: bool,
) -> Result<(), Failure> {
    let Some(figures) = figures else { return Ok(()) };
    let mut result = Ok(());
    for Figure { what, path, written } in pictures {
        match written {
            Ok(()) if quiet => {}
            Ok(()) => remark(&format!("{what}: {}", shown_path(path))),
            Err(error) => {
                remark(&format!("ossicle: {error}"));
                result = Err(Failure::Bad);
            }
        }
    }
    let paths = names.iter().map(|name| figures.path(name));
    let is_earlier = |path: &PathBuf| path.is_file() && pictures.iter().all(|picture| picture.path != *path);
    let earlier: Vec<String> = paths.filter(is_earlier).map(|path| shown_path(&path).to_string()).collect();
    if !earlier.is_empty() && !quiet {
        remark(&format!("from an earlier run, not from this one: {}", earlier.join(", ")));
    }
    result
}

/// Checks that files can be written, before work that may take hours.
fn probe(paths: &[&Path]) -> Result<(), Failure> {
    atomic::probe(paths).map_err(|error| match error.cause {
        atomic::Cause::Twice => Failure::Usage(error.to_string()),
        _ => Failure::Failed(error.to_string()),
    })
}

/// Whether two names lead to one file or folder, which exists.
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Refuses to write to a file that the command reads, by whatever name or link.
fn refuse_inputs(inputs: &[&Path], outputs: &[&Path]) -> Result<(), Failure> {
    match outputs.iter().find(|output| inputs.iter().any(|input| input.is_file() && is_same(input, output))) {
        Some(path) => Err(Failure::Usage(format!("{}: this is read; write to another file", shown_path(path)))),
        None => Ok(()),
    }
}

/// The failure for an argument that a command does not take.
fn unexpected(argument: &str) -> Failure {
    Failure::Usage(format!("unexpected argument '{}'", brief(argument)))
}

/// Writes a message to standard error. All control characters but newlines are escaped here. Callers escape names with
/// [`shown`], because a newline in a name could not be distinguished here from the end of a line.
pub fn remark(text: &str) {
    // One call: standard error has no buffer, and other programs may write between two calls.
    let lines: String = text.split('\n').map(|line| format!("{}\n", shown(line))).collect();
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// The text with its first line in bold, if standard output is a terminal and NO_COLOR is not set.
fn with_bold_heading(text: &str) -> String {
    match text.split_once('\n') {
        Some((heading, rest)) if has_bold() => format!("\x1b[1m{heading}\x1b[0m\n{rest}"),
        _ => text.into(),
    }
}

/// Whether text may be bold: standard output is a terminal, and NO_COLOR is not set.
fn has_bold() -> bool {
    use io::IsTerminal;
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && io::stdout().is_terminal()
}
