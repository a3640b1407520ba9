//! The command line: words in, text and an exit status out.
//!
//! 1. [`arguments`]: the words, taken apart;
//! 2. [`progress`]: how far the work is, on a terminal;
//! 3. [`tutorial`], [`exercise`], [`mnist`], [`predict`], [`export`], [`wav`], [`spectrogram`], [`gradients`], [`optimize`],
//!    [`bench`](mod@bench): the commands.
//!
//! Results go to standard output; progress, warnings and errors to standard error. The exit status is 0, or 1 if the work
//! failed, or 2 if the words made no sense. A reader that closes the pipe early ends the program quietly.

pub mod arguments;
pub mod bench;
pub mod exercise;
pub mod export;
pub mod gradients;
pub mod mnist;
pub mod optimize;
pub mod predict;
pub mod progress;
pub mod spectrogram;
pub mod tutorial;
pub mod wav;

use crate::bytes::escape::shown;
use crate::bytes::limits::MODEL_FILE;
use crate::bytes::path::shown_path;
use crate::bytes::read;
use crate::predictor::deployed::DeployedModel;
use crate::storage::{atomic, model};
use crate::tutorial::figures::Figure;
use arguments::{Flag, suggestion};
use std::format;
use std::io::{self, Write};
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

/// Why a command ended without its result.
#[derive(Debug)]
pub enum Failure {
    /// The words made no sense: status 2.
    Usage(String),
    /// The work failed: status 1.
    Failed(String),
    /// The result is there, but bad: status 1, and nothing more to say.
    Bad,
    /// Nobody reads the output anymore: status 0.
    ClosedPipe,
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

/// A command: what it is called, what its help says, and what it does.
struct Command {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    flags: &'static [Flag],
    run: fn(&[String]) -> Result<(), Failure>,
}

const COMMANDS: [Command; 10] = [
    tutorial::COMMAND,
    exercise::COMMAND,
    mnist::COMMAND,
    predict::COMMAND,
    export::COMMAND,
    gradients::COMMAND,
    wav::COMMAND,
    spectrogram::COMMAND,
    optimize::COMMAND,
    bench::COMMAND,
];

const ABOUT: &str = "\
Ossicle learns features of sounds without labels, and classes with them: the deep-learning tutorial for sound.

usage: ossicle                      the tutorial on the spoken digits that come with it
       ossicle COMMAND [OPTIONS]    see ossicle COMMAND --help
";

const EXAMPLES: &str = "
examples:
  ossicle                                    learn the digits in the box; some ten seconds
  ossicle tutorial my-sounds                 a folder of your own: one folder a label, or LABEL_SPEAKER_NUMBER.wav
  ossicle tutorial --save digits.model       keep what was learned in a file
  ossicle predict digits.model *.wav         what is said in these files?
  ossicle export digits.model --c digits.c   the same for a board, in C
  ossicle exercise 8.1.7                     one exercise of the tutorial, by its number
  ossicle check-gradients                    does every gradient agree with its numerical derivative?
  ossicle wav my-sounds/*.wav                what is in these files?
  ossicle spectrogram speech.wav             what does it look like?
  ossicle optimize --plot paths.svg          how do minimizers find their way?

options of every command:
  --help       what the command does and takes
  --quiet      no progress and no remarks on standard error; errors only
  --threads N  at most so many threads (default: as many as there are processors)

environment:
  OSSICLE_ISA=portable|neon|avx2|avx512   force an instruction set; results are the same bits with each
  NO_COLOR                                   no bold letters
";

/// Options of every command.
const COMMON: &[Flag] = &[
    Flag { name: "--help", value: "", help: "print this help" },
    Flag { name: "--quiet", value: "", help: "no progress and no remarks on standard error; errors only" },
    Flag { name: "--threads", value: "N", help: "at most so many threads (default: all processors)" },
];

/// Of commands with rows for machines: what a [`field`](crate::bytes::escape::field) is.
const ROWS: &str = r"
Rows for machines are lines of cells with tabs between them. In a cell, a character that would end it, move a cursor,
or not be seen is written as \t \n \r \0 or \u{1b}, a byte that is not UTF-8 as \xff, and a backslash as \\; so a
program can read names back.
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
            Some(command) if name == "help" => print(&help(find(command)?)),
            _ => print(&about()),
        },
        "--version" | "-V" | "version" => print(concat!("ossicle ", env!("CARGO_PKG_VERSION"), "\n")),
        // Options alone are options of the tutorial.
        _ if name.starts_with('-') => execute(&tutorial::COMMAND, args),
        _ => execute(find(name)?, args.get(1..).unwrap_or_default()),
    }
}

fn find(name: &str) -> Result<&'static Command, Failure> {
    const ALL: &[Command] = &COMMANDS;
    ALL.iter().find(|command| command.name == name).ok_or_else(|| {
        let word = shown(name);
        let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
        let hint = suggestion(name, &names);
        let path = std::path::Path::new(name);
        let hint = if path.is_dir() {
            format!("; for the tutorial on that folder: ossicle tutorial {word}")
        } else if path.exists() {
            format!("; to see what is in that file: ossicle wav {word}")
        } else {
            hint
        };
        Failure::Usage(format!("there is no command '{word}'{hint} (see ossicle --help)"))
    })
}

fn execute(command: &Command, args: &[String]) -> Result<(), Failure> {
    // Help is given whatever else is wrong.
    if args.iter().take_while(|word| *word != "--").any(|word| word == "--help" || word == "-h") {
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
    let mut text = String::from(ABOUT) + "\ncommands:\n";
    for command in COMMANDS {
        text += &format!("  {:<16} {}\n", command.name, command.summary);
    }
    text + EXAMPLES
}

fn help(command: &Command) -> String {
    let mut text = format!("{}\n\noptions:\n", command.help.trim_end());
    for flag in command.flags.iter().chain(COMMON) {
        text += &format!("  {:<24} {}\n", format!("{} {}", flag.name, flag.value).trim_end(), flag.help);
    }
    if command.flags.iter().any(|flag| flag.name == "--tsv") {
        text += ROWS;
    }
    text
}

/// Takes a command's words apart, and sets the number of threads.
fn parse(args: &[String], flags: &[Flag]) -> Result<arguments::Arguments, Failure> {
    let arguments = arguments::parse(args, &[flags, COMMON]).map_err(Failure::Usage)?;
    let mut threads = 0;
    let range = |&n: &usize| (1..=1024).contains(&n);
    arguments.number("--threads", "a number from 1 to 1024", range, &mut threads).map_err(Failure::Usage)?;
    if threads > 0 {
        crate::machine::threads::set_count(threads);
    }
    Ok(arguments)
}

/// Reads a model file.
fn read_model(file: &str) -> Result<DeployedModel, Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    let bytes = read::file(file.as_ref(), model::MAGIC, MODEL_FILE).map_err(|error| failed(error.to_string()))?;
    model::decode(&bytes).map_err(|error| failed(error.to_string()))
}

/// Takes a whole command line apart, makes the tutorial's settings of it, and does nothing with them: any line may be tried.
///
/// # Errors
/// What is wrong with the line.
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
    if command.name == tutorial::COMMAND.name {
        tutorial::settings(&arguments)?;
    }
    Ok(())
}

/// Writes a result to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// What came of two pieces of work that were both done.
fn both(first: Result<(), Failure>, second: Result<(), Failure>) -> Result<(), Failure> {
    match (first, second) {
        // That nobody reads is no failure, and does not hide one.
        (Err(Failure::ClosedPipe), Err(failure)) => Err(failure),
        (first, second) => first.and(second),
    }
}

/// Says where pictures are, and which could not be written.
fn say_pictures(pictures: &[Figure], quiet: bool) -> Result<(), Failure> {
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
    result
}

/// Tries beforehand, before what may take hours, whether files can be written.
fn probe(paths: &[&Path]) -> Result<(), Failure> {
    atomic::probe(paths).map_err(|error| Failure::Failed(format!("{error}")))
}

/// Writes a remark to standard error. Names in it are [`shown`] where they are put into it, for a newline in one is not
/// to be told from the end of a line; whatever else would reach a terminal is escaped here.
pub fn remark(text: &str) {
    // In one piece: standard error has no buffer, and other programs may write to it as well.
    let lines: String = text.split('\n').map(|line| format!("{}\n", shown(line))).collect();
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// The first line in bold letters, where standard output is a terminal that wants them.
fn with_bold_heading(text: &str) -> String {
    use io::IsTerminal;
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !io::stdout().is_terminal();
    match text.split_once('\n') {
        Some((heading, rest)) if !plain => format!("\x1b[1m{heading}\x1b[0m\n{rest}"),
        _ => text.into(),
    }
}
