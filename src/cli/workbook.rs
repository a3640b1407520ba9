//! `ossicle workbook`: tasks in a crate of the reader's own, and a tutor that checks them.

use super::arguments::{Arguments, Flag, brief, suggestion};
use super::progress::ProgressLine;
use super::{Command, Failure, print, remark};
use crate::bytes::escape::shown;
use crate::bytes::path::shown_path;
use crate::number::decimal::Count;
use crate::storage::atomic;
use crate::tutorial::progress::Progress;
use crate::tutorial::report::{Table, filled, tsv};
use crate::tutorial::workbook::record::{self, Record};
use crate::tutorial::workbook::runner::{self, Outcome, TestEnd, TestResult};
use crate::tutorial::workbook::{Numbered, files, overview, tasks};
use std::collections::BTreeSet;
use std::format;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "workbook",
    summary: "tasks to solve in Rust, with a tutor that finds mistakes",
    help: "\
Writes the workbook: a small crate in a folder of yours, with tasks in the order of the book. In a
task you write a function or two, in plain loops. The tutor checks them with numbers worked by hand,
with the chapter's own definition, and with the gradient check. If your values are those of a known
mistake, it names the mistake. Nothing is downloaded.

usage: ossicle workbook DIR                 write the workbook, or show the progress in it
       ossicle workbook DIR check [N ...]   check these tasks, or all of them
       ossicle workbook DIR hint N          show the next of three hints
       ossicle workbook DIR solution N      show our solution, and the chapter's definition
       ossicle workbook DIR watch [N ...]   check a task whenever its file is saved

The tasks are the files in DIR/tests; N is a task's number (7), or d and the number of a detective
task (d2). Files that you have changed are kept; to start a task again, delete its file and run
ossicle workbook DIR. See DIR/README.md for how to begin, and DIR/TEACHERS.md for courses. The exit
status of check is 1 unless every task that it checked is solved.

examples:
  ossicle workbook my-workbook
  ossicle workbook my-workbook check 1
  ossicle workbook my-workbook check --tsv",
    flags: FLAGS,
    run,
};

/// The first line of a workbook's manifest.
const MARK: &str = "# The workbook of Ossicle\n";

const FLAGS: &[Flag] = &[
    Flag { name: "--tsv", value: "", help: "print rows: TASK FILE STATE PASSED TESTS CHECKS HINTS SOLUTION MESSAGE" },
    Flag { name: "--limit", value: "SECONDS", help: "stop a test that takes longer (default: 10)" },
    Flag { name: "--crate", value: "DIR", help: "the folder of Ossicle's sources (default: where it was built)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let Some((folder, rest)) = arguments.others.split_first() else {
        return Err(Failure::Usage("name the folder of the workbook".into()));
    };
    let mut limit = 10;
    let range = |&n: &u64| (1..=3600).contains(&n);
    arguments.number("--limit", "a number of seconds from 1 to 3600", range, &mut limit).map_err(Failure::Usage)?;
    let name = folder.as_str();
    let folder = PathBuf::from(folder);
    let action = rest.first().map(String::as_str);
    if arguments.has("--tsv") && action != Some("check") {
        return Err(Failure::Usage("--tsv is for check only".into()));
    }
    if arguments.has("--crate") && action.is_some() {
        return Err(Failure::Usage("--crate is for writing the workbook only".into()));
    }
    let workbook = Workbook { name, folder, limit, is_quiet: arguments.has("--quiet") };
    let chosen = || -> Result<Vec<Numbered>, Failure> {
        let mut chosen = rest[1..].iter().map(|id| find(id)).collect::<Result<Vec<Numbered>, Failure>>()?;
        let mut seen = BTreeSet::new();
        chosen.retain(|n| seen.insert(n.id.clone()));
        Ok(chosen)
    };
    match action {
        None => write(&workbook, &arguments),
        Some("check") => workbook.check(&chosen()?, arguments.has("--tsv")),
        Some("watch") => workbook.watch(chosen()?),
        Some("hint") => workbook.hint(&one(&chosen()?, "hint")?),
        Some("solution") => workbook.solution(&one(&chosen()?, "solution")?),
        Some(other) => {
            let hint = suggestion(other, &["check", "hint", "solution", "watch"]);
            Err(Failure::Usage(format!("'{}' is none of check, hint, solution, watch{hint}", brief(other))))
        }
    }
}

/// The task with a number such as "7" or "d3"; the name of its file will do.
fn find(id: &str) -> Result<Numbered, Failure> {
    let tasks = tasks();
    let stem = id.rsplit(['/', '\\']).next().unwrap_or(id).trim_end_matches(".rs");
    // "07" and "t07" are 7, and "d02" is d2.
    let number = match stem.strip_prefix('d') {
        Some(number) => format!("d{}", number.trim_start_matches('0')),
        None => stem.trim_start_matches(['t', '0']).to_string(),
    };
    let is_it = |n: &&Numbered| n.id == stem || n.id == number || n.file == stem || n.task.name == stem;
    let found = tasks.iter().find(is_it).cloned();
    let [last, last_detective] = [false, true].map(|is_detective| {
        tasks.iter().rev().find(|n| n.task.is_detective() == is_detective).map_or(String::new(), |n| n.id.clone())
    });
    found.ok_or_else(|| {
        Failure::Usage(format!(
            "there is no task '{}'; the tasks are 1 to {last} and d1 to {last_detective}",
            brief(id)
        ))
    })
}

/// The only task chosen.
fn one(chosen: &[Numbered], action: &str) -> Result<Numbered, Failure> {
    match chosen {
        [one] => Ok(one.clone()),
        [] => Err(Failure::Usage(format!("name the task: ossicle workbook DIR {action} N"))),
        _ => Err(Failure::Usage(format!("{action} takes one task"))),
    }
}

/// Writes the workbook, and keeps the tasks that are there.
fn write(workbook: &Workbook, arguments: &Arguments) -> Result<(), Failure> {
    let folder = &workbook.folder;
    let is_new = !workbook.is_there();
    let mut root = PathBuf::from(arguments.text("--crate").unwrap_or(env!("CARGO_MANIFEST_DIR")));
    if is_new || arguments.has("--crate") {
        let found = root.canonicalize().ok().filter(|root| root.join("src/tutorial/workbook").is_dir());
        root = found.ok_or_else(|| {
            let root = shown_path(&root);
            Failure::Failed(format!("{root}: Ossicle's sources are not there; say where they are with --crate DIR"))
        })?;
    }
    if is_new {
        check_unused(folder)?;
    }
    for name in ["src", "tests"] {
        let path = folder.join(name);
        fs::create_dir_all(&path).map_err(|error| Failure::Failed(format!("{}: {error}", shown_path(&path))))?;
    }
    let files = files(&root);
    let named: Vec<(PathBuf, &str)> = files.iter().map(|file| (folder.join(&file.name), file.text.as_str())).collect();
    // A workbook's files are the student's; with --crate, the manifest is written anew.
    let is_written = |path: &Path| !path.exists() || arguments.has("--crate") && path.ends_with("Cargo.toml");
    let written: Vec<(&Path, &[u8])> = named
        .iter()
        .filter(|(path, _)| is_written(path))
        .map(|(path, text)| (path.as_path(), text.as_bytes()))
        .collect();
    atomic::write_all(&written).map_err(|error| Failure::Failed(format!("{error}")))?;
    let stubs = written.iter().filter(|(path, _)| path.parent().is_some_and(|p| p.ends_with("tests"))).count();
    if is_new {
        let first = &tasks()[0];
        return print(&format!(
            "{}: {}\n\nBegin with task 1: open {}, write its functions, and check them:\n\n  \
             ossicle workbook {} check 1\n\nThe first check builds Ossicle, which takes a minute; later ones take seconds.\n",
            shown_path(&folder.join("README.md")),
            Count(stubs, "task"),
            shown_path(&folder.join(first.path())),
            workbook.word(),
        ));
    }
    if stubs > 0 {
        remark(&format!("{} written anew", Count(stubs, "missing task")));
    }
    let record = workbook.record();
    print(&format!("{}\n{}\n", super::with_bold_heading(&overview(&record)), workbook.next(&record, "")))
}

/// Refuses a folder with files; what a write that failed has left counts as nothing.
fn check_unused(folder: &Path) -> Result<(), Failure> {
    let failed = |cause: &str| Failure::Failed(format!("{}: {cause}", shown_path(folder)));
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(failed("this is a file; name a new folder"));
    }
    let is_left = |entry: &fs::DirEntry| {
        let (name, path) = (entry.file_name(), entry.path());
        let is_empty = || fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
        ["src", "tests"].iter().any(|folder| name == *folder) && is_empty()
            || name.as_encoded_bytes().starts_with(b".ossicle-")
    };
    for entry in fs::read_dir(folder).map_err(|error| failed(&error.to_string()))? {
        if !is_left(&entry.map_err(|error| failed(&error.to_string()))?) {
            return Err(failed("this folder has files but no workbook; name a new folder"));
        }
    }
    Ok(())
}

/// A workbook's folder, as it was named, and how it is checked.
struct Workbook<'a> {
    name: &'a str,
    folder: PathBuf,
    limit: u64,
    is_quiet: bool,
}

/// What a check found, in a word.
fn state(outcome: &Outcome) -> &'static str {
    let results = match outcome {
        Outcome::Missing => return "missing",
        Outcome::NotCompiled(_) => return "does not compile",
        Outcome::TestsChanged => return "tests changed",
        Outcome::Tests(results) => results,
    };
    let has = |is: fn(&TestEnd) -> bool| results.iter().any(|result| is(&result.end));
    if results.iter().all(|result| result.end == TestEnd::Passed) {
        "solved"
    } else if has(|end| matches!(end, TestEnd::Endless(_))) {
        "does not end"
    } else if has(|end| matches!(end, TestEnd::Failed(..) | TestEnd::Crashed(_))) {
        "wrong"
    } else if has(|end| *end == TestEnd::Passed) {
        "begun"
    } else {
        "not begun"
    }
}

/// The number of tests that pass.
fn passed(outcome: &Outcome) -> (usize, usize) {
    let Outcome::Tests(results) = outcome else { return (0, 0) };
    (results.iter().filter(|result| result.end == TestEnd::Passed).count(), results.len())
}

/// The most telling message: the tutor's, or that of a test by hand.
fn message(outcome: &Outcome) -> String {
    let text = |end: &TestEnd| match end {
        TestEnd::Failed(_, message) => Some(message.clone()),
        TestEnd::Endless(seconds) => Some(format!("stopped after {}", Count(*seconds as usize, "second"))),
        TestEnd::Crashed(how) => Some(how.clone()),
        TestEnd::Passed | TestEnd::Unwritten | TestEnd::NotRun => None,
    };
    match outcome {
        Outcome::Missing => "the file is not there".into(),
        Outcome::NotCompiled(error) => error.clone(),
        Outcome::TestsChanged => "the tests in this file are not those of the workbook".into(),
        Outcome::Tests(results) => {
            let tutors = results.iter().filter(|result| is_tutors(&result.name)).find_map(|result| text(&result.end));
            tutors.or_else(|| results.iter().find_map(|result| text(&result.end))).unwrap_or_default()
        }
    }
}

/// Whether a test asks the tutor.
fn is_tutors(name: &str) -> bool {
    ["it_agrees_with_the_chapter", "the_letter_is_right", "the_mended_code_agrees_with_the_chapter"].contains(&name)
}

/// Lines for a terminal, escaped and indented.
fn indented(text: &str, indent: &str) -> String {
    text.lines().map(|line| format!("{indent}{}", shown(line)).trim_end().to_string() + "\n").collect()
}

impl Workbook<'_> {
    /// The folder's name as a word of a command line.
    fn word(&self) -> String {
        let name = shown(self.name).to_string();
        let is_plain = |c: char| c.is_alphanumeric() || "._-/\\:~".contains(c);
        if name.chars().all(is_plain) { name } else { format!("'{}'", name.replace('\'', r"'\''")) }
    }

    /// The first bytes of a file of the folder; none if it is not a regular file.
    fn text(&self, name: &str) -> String {
        const MOST: u64 = 1 << 20;
        let (path, mut bytes) = (self.folder.join(name), Vec::new());
        if path.is_file() {
            let _ = fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
        }
        String::from_utf8_lossy(&bytes).to_string()
    }

    /// Whether there is a workbook in the folder.
    fn is_there(&self) -> bool {
        self.text("Cargo.toml").starts_with(MARK)
    }

    /// Refuses a folder without a workbook.
    fn must_be_there(&self) -> Result<(), Failure> {
        if self.is_there() {
            return Ok(());
        }
        let (folder, name) = (shown_path(&self.folder), self.word());
        Err(Failure::Failed(format!("{folder}: there is no workbook here; write one with: ossicle workbook {name}")))
    }

    /// The progress; none if there is no file of it.
    fn record(&self) -> Record {
        Record::parse(&self.text(record::FILE))
    }

    fn save(&self, record: &Record) -> Result<(), Failure> {
        let path = self.folder.join(record::FILE);
        atomic::write(&path, record.text().as_bytes()).map_err(|error| Failure::Failed(error.to_string()))
    }

    /// How many tasks are solved, and the next that is not: after the task `after`, or else from the beginning.
    fn next(&self, record: &Record, after: &str) -> String {
        let tasks = tasks();
        let begin = tasks.iter().position(|n| n.id == after).unwrap_or(0);
        let solved = tasks.iter().filter(|n| record.entry(n.task.name).is_solved).count();
        let count = format!("{solved} of {} solved.", Count(tasks.len(), "task"));
        match tasks[begin..].iter().chain(&tasks).find(|n| !record.entry(n.task.name).is_solved) {
            None => format!("{count} That is the whole workbook."),
            Some(n) => {
                let (title, minutes) = (n.task.title(), n.task.minutes);
                format!("{count} Next: task {}, {title} ({}), about {minutes} minutes.", n.id, n.path())
            }
        }
    }

    /// Runs tasks, and keeps the progress.
    fn outcomes(&self, chosen: &[Numbered]) -> Result<(Vec<Outcome>, Record), Failure> {
        self.must_be_there()?;
        let names: Vec<String> = chosen.iter().map(|n| n.file.clone()).collect();
        let mut progress = ProgressLine::new(self.is_quiet);
        progress.stage(if self.folder.join("target").is_dir() { "compiling" } else { "building Ossicle" }, 0);
        let shared = Mutex::new(&mut progress);
        let ended = |name: &str| {
            if let Ok(mut progress) = shared.lock() {
                progress.stage(name, 0);
            }
        };
        // As they are before the tests run.
        let texts: Vec<String> = chosen.iter().map(|n| self.text(&n.path())).collect();
        let outcomes = runner::run(&self.folder, &names, self.limit, ended);
        progress.done();
        let mut outcomes = outcomes.map_err(|error| {
            let lines: Vec<String> = error.to_string().lines().map(|line| shown(line).to_string()).collect();
            Failure::Failed(lines.join("\n"))
        })?;
        for ((n, outcome), text) in chosen.iter().zip(&mut outcomes).zip(&texts) {
            let Outcome::Tests(results) = outcome else { continue };
            let is_listed = |name: &&str| results.iter().any(|result| result.name == *name);
            if !n.task.has_its_tests(text) || !n.task.test_names().iter().all(is_listed) {
                *outcome = Outcome::TestsChanged;
            }
        }
        let mut record = self.record();
        for (Numbered { task, .. }, outcome) in chosen.iter().zip(&outcomes) {
            let (entry, state) = (record.entry_mut(task.name), state(outcome));
            if !entry.is_solved && !["missing", "not begun"].contains(&state) {
                entry.checks = entry.checks.saturating_add(1);
            }
            // What has once been solved is solved, whatever is tried in its file afterwards.
            entry.is_solved |= state == "solved";
        }
        Ok((outcomes, record))
    }

    fn check(&self, chosen: &[Numbered], is_tsv: bool) -> Result<(), Failure> {
        let all = tasks();
        let chosen = if chosen.is_empty() { &all } else { chosen };
        let (outcomes, record) = self.outcomes(chosen)?;
        let pairs = || chosen.iter().zip(&outcomes);
        let text = match (is_tsv, chosen) {
            (true, _) => pairs().map(|(numbered, outcome)| row(numbered, outcome, &record)).collect(),
            (false, [one]) => self.report(one, &outcomes[0], &record),
            (false, _) => self.summary(chosen, &outcomes, &record),
        };
        let is_solved = outcomes.iter().all(|outcome| state(outcome) == "solved");
        let printed = super::both(print(&text), self.save(&record));
        super::both(printed, if is_solved { Ok(()) } else { Err(Failure::Bad) })
    }

    /// Several tasks in a line each, and what to do next.
    fn summary(&self, chosen: &[Numbered], outcomes: &[Outcome], record: &Record) -> String {
        let mut table = Table::new(&["task", "title", "tests", "state", ""]);
        for (Numbered { id, task, .. }, outcome) in chosen.iter().zip(outcomes) {
            let (passed, tests) = passed(outcome);
            let tests = if tests == 0 { String::new() } else { format!("{passed} of {tests}") };
            let first: String = message(outcome).lines().next().unwrap_or("").chars().take(60).collect();
            let state = if state(outcome) == "not begun" { "" } else { state(outcome) };
            table.row(&[id.clone(), task.title().into(), tests, state.into(), first]);
        }
        format!("{}\n{}\n", super::with_bold_heading(&table.text()), self.next(record, ""))
    }

    /// One task in full.
    fn report(&self, numbered: &Numbered, outcome: &Outcome, record: &Record) -> String {
        let Numbered { id, task, .. } = numbered;
        let mut text = format!("Task {id}. {}\n", task.title());
        text += &format!("{}, chapter \"{}\"\n\n", numbered.path(), task.chapter().title);
        let path = shown_path(&self.folder.join(numbered.path())).to_string();
        match outcome {
            Outcome::Missing => {
                text += &format!("{path} is not there. To write it anew:\n  ossicle workbook {}\n", self.word());
                return text;
            }
            Outcome::NotCompiled(error) => {
                text += "It does not compile. The compiler's first error:\n\n";
                text += &indented(error.trim_end(), "  ");
                return text + "\nCorrect it, and check again.\n";
            }
            Outcome::TestsChanged => {
                text += "The tests in this file are not those of the workbook. To have them back, move the file elsewhere, ";
                text += &format!(
                    "run this command for a fresh file, and copy your functions into it:\n  ossicle workbook {}\n",
                    self.word()
                );
                return text;
            }
            Outcome::Tests(results) => text += &self.tests(results, &numbered.path()),
        }
        let entry = record.entry(task.name);
        let command = format!("ossicle workbook {}", self.word());
        match state(outcome) {
            "solved" => {
                text += &format!(
                    "\n{}\n",
                    filled(&format!("Solved. The point: {}. {}", task.teaches, self.next(record, id)))
                );
                text += &format!("Compare with our solution: {command} solution {id}\n");
            }
            "not begun" => text += &format!("\nNothing is written yet. The story is at the top of {path}.\n"),
            _ if entry.hints < 3 => text += &format!("\nFor a hint: {command} hint {id}\n"),
            _ => text += &format!("\nTo see our solution: {command} solution {id}\n"),
        }
        text
    }

    /// What the tutor says, and then each test, in the order of the file.
    fn tests(&self, results: &[TestResult], path: &str) -> String {
        let source = self.text(path);
        let mut ordered: Vec<&TestResult> = results.iter().collect();
        ordered.sort_by_key(|result| source.find(&format!("fn {}(", result.name)).unwrap_or(usize::MAX));
        let (mut lines, mut tutors) = (String::new(), String::new());
        for TestResult { name, end } in ordered {
            let (word, detail) = match end {
                TestEnd::Passed => ("right", String::new()),
                TestEnd::Unwritten => ("to do", String::new()),
                TestEnd::NotRun => ("not run", String::new()),
                TestEnd::Endless(seconds) => {
                    let after = Count(*seconds as usize, "second");
                    let detail = format!("no result after {after}: a loop that does not end, or a slow one?");
                    ("stopped", format!("{detail}\n--limit {} waits longer", seconds.saturating_mul(6).min(3600)))
                }
                TestEnd::Crashed(how) => ("wrong", how.clone()),
                TestEnd::Failed(line, message) if is_tutors(name) => {
                    tutors += &indented(message, "");
                    // Where the student's code stops is worth knowing; where the tutor is called is not.
                    let stops = line.filter(|_| message.contains("the code stops"));
                    tutors += &stops.map_or(String::new(), |line| format!("It stops in line {line}.\n"));
                    ("wrong", String::new())
                }
                TestEnd::Failed(Some(line), message) => ("wrong", format!("line {line}: {message}")),
                TestEnd::Failed(None, message) => ("wrong", message.clone()),
            };
            lines += &format!("  {word:<8}{}\n", shown(&name.replace('_', " ")));
            lines += &indented(&detail, "          ");
        }
        if tutors.is_empty() { lines } else { format!("{tutors}\n{lines}") }
    }

    fn hint(&self, Numbered { id, task, .. }: &Numbered) -> Result<(), Failure> {
        self.must_be_there()?;
        let mut record = self.record();
        let hints = task.hints();
        let entry = record.entry_mut(task.name);
        let is_last = entry.hints as usize >= hints.len();
        entry.hints = entry.hints.saturating_add(1).min(hints.len() as u32);
        let number = entry.hints as usize;
        let mut text = format!("Task {id}. {}\n\n", task.title());
        if is_last {
            // All of them once more.
            for (k, hint) in hints.iter().enumerate() {
                text += &format!("{}\n", filled(&format!("Hint {} of {}. {hint}", k + 1, hints.len())));
            }
            text += &format!("\nThere are no more. Our solution: ossicle workbook {} solution {id}\n", self.word());
        } else {
            text += &format!("{}\n", filled(&format!("Hint {number} of {}. {}", hints.len(), hints[number - 1])));
        }
        super::both(print(&text), if is_last { Ok(()) } else { self.save(&record) })
    }

    fn solution(&self, Numbered { id, task, .. }: &Numbered) -> Result<(), Failure> {
        self.must_be_there()?;
        let mut record = self.record();
        let entry = record.entry_mut(task.name);
        let is_new = !entry.is_solved && !entry.has_seen_solution;
        entry.has_seen_solution |= is_new;
        let mut text =
            format!("Task {id}. {}\n\nOur solution:\n\n{}\n", task.title(), indented(&task.solution(), "    "));
        let definitions = task.definitions();
        if !definitions.is_empty() {
            text += &format!("The lines of the chapter, in src/{}:\n", task.ours.0);
        }
        for listing in definitions {
            text += &format!("\n{}", indented(&listing.lines.join("\n"), "    "));
        }
        super::both(print(&text), if is_new { self.save(&record) } else { Ok(()) })
    }

    /// Checks each task whose file changes, until the program is stopped.
    fn watch(&self, chosen: Vec<Numbered>) -> Result<(), Failure> {
        self.must_be_there()?;
        let chosen = if chosen.is_empty() { tasks() } else { chosen };
        let modified = |n: &Numbered| fs::metadata(self.folder.join(n.path())).and_then(|m| m.modified()).ok();
        let mut seen: Vec<Option<SystemTime>> = chosen.iter().map(modified).collect();
        print(&format!("Watching {}. Save a file to check it; Ctrl-C ends.\n", Count(chosen.len(), "task")))?;
        loop {
            std::thread::sleep(Duration::from_millis(300));
            for (n, seen) in chosen.iter().zip(&mut seen) {
                // An editor may replace a file: it is not there for a moment.
                let now = modified(n);
                if now.is_none() || now == *seen {
                    continue;
                }
                *seen = now;
                match self.outcomes(std::slice::from_ref(n)) {
                    Ok((outcomes, record)) => {
                        print(&format!("\n{}", self.report(n, &outcomes[0], &record)))?;
                        if let Err(Failure::Failed(message)) = self.save(&record) {
                            remark(&format!("ossicle: {message}"));
                        }
                    }
                    Err(Failure::Failed(message)) => remark(&format!("ossicle: {message}")),
                    Err(other) => return Err(other),
                }
            }
        }
    }
}

/// A task as a row for machines.
fn row(Numbered { id, file, task }: &Numbered, outcome: &Outcome, record: &Record) -> String {
    let (entry, (passed, tests)) = (record.entry(task.name), passed(outcome));
    let [passed, tests] = [passed, tests].map(|n| n.to_string());
    let [checks, hints] = [entry.checks, entry.hints].map(|n| n.to_string());
    let solution = if entry.has_seen_solution { "seen" } else { "not seen" };
    let message = message(outcome);
    tsv(&[id, &format!("{file}.rs"), state(outcome), &passed, &tests, &checks, &hints, solution, &message])
}
