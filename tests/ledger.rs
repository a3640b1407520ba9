//! The ledger of the sources, `tests/ledger.md`, against the crate: each chapter, label, test, and command that a row
//! names exists, and the counts in its head are those of its tables.
//!
//! The checker reads the text of the ledger, the source text of the crate, and the help of the program. It returns
//! findings, each of which begins with the id of its row. It is tested twice: it finds nothing in the ledger, and it
//! finds every fault in a few made-up rows. A second checker does the same for the table "Errors in the tutorial" of
//! `NOTES.md`, whose last column names modules and tests.

#[path = "common/source_files.rs"]
mod source_files;

use ossicle::tutorial::exercise::EXERCISES;
use source_files::{Source, files, root};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The sources: the letters of the ids, in the order of the tables.
const SOURCES: [char; 5] = ['A', 'B', 'C', 'D', 'E'];

/// A row of a table: an item of a source.
struct Row<'a> {
    id: &'a str,
    what: &'a str,
    /// Separated by `;`, each a path below `src/`, and after it labels that stand in that file.
    chapter: &'a str,
    /// The names of test functions, separated by `,`.
    test: &'a str,
    /// Command lines without the program's name, separated by `;`.
    command: &'a str,
    remark: &'a str,
}

impl Row<'_> {
    /// The paths of its chapters, below `src/`.
    fn paths(&self) -> impl Iterator<Item = &str> {
        parts(self.chapter, ';').filter_map(|entry| entry.split_whitespace().next())
    }
}

/// The parts of a cell.
fn parts(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    cell.split(separator).map(str::trim).filter(|part| !part.is_empty())
}

/// The numbers of rows of a table, and of those with a chapter, with a test, and with a command.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    items: usize,
    chapters: usize,
    tests: usize,
    commands: usize,
}

impl Counts {
    /// Those of the rows whose id begins with the letter.
    fn of(rows: &[Row], letter: char) -> Self {
        let count = |cell: fn(&Row) -> bool| rows.iter().filter(|row| row.id.starts_with(letter) && cell(row)).count();
        Counts {
            items: count(|_| true),
            chapters: count(|row| !row.chapter.is_empty()),
            tests: count(|row| !row.test.is_empty()),
            commands: count(|row| !row.command.is_empty()),
        }
    }

    fn plus(self, other: Self) -> Self {
        Counts {
            items: self.items + other.items,
            chapters: self.chapters + other.chapters,
            tests: self.tests + other.tests,
            commands: self.commands + other.commands,
        }
    }

    /// The row of the head's table.
    fn line(self, name: &str) -> String {
        let Counts { items, chapters, tests, commands } = self;
        format!("| {name} | {items} | {chapters} | {tests} | {commands} |")
    }
}

/// The crate as the ledger refers to it.
struct Crate {
    /// Of `src/`, and of `tests/` with that folder's name.
    files: Vec<Source>,
    /// The names of the tests, each with the paths of the files that have a test of this name.
    tests: BTreeMap<String, Vec<String>>,
    /// The help of a command, empty if there is no such command.
    help: fn(&str) -> String,
}

impl Crate {
    fn new(files: Vec<Source>, help: fn(&str) -> String) -> Self {
        let mut tests = BTreeMap::<String, Vec<String>>::new();
        for file in &files {
            for name in tests_of(&file.text) {
                tests.entry(name.into()).or_default().push(file.path.clone());
            }
        }
        Crate { files, tests, help }
    }

    fn here() -> Self {
        let mut all = files("src");
        all.extend(files("tests").into_iter().map(|file| Source { path: format!("tests/{}", file.path), ..file }));
        Crate::new(all, help)
    }
}

/// Runs `ossicle COMMAND --help`.
fn help(command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ossicle")).args([command, "--help"]).output().unwrap();
    if output.status.success() { String::from_utf8(output.stdout).unwrap() } else { String::new() }
}

/// The names of the functions below `#[test]`; attributes such as `#[ignore]` may stand between them.
fn tests_of(text: &str) -> Vec<&str> {
    let (mut names, mut is_test) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line == "#[test]";
            continue;
        }
        let name = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next());
        names.extend(name.filter(|_| is_test));
        is_test = false;
    }
    names
}

/// The rows of the tables, and the lines of tables that are not rows.
fn rows(ledger: &str) -> (Vec<Row<'_>>, Vec<String>) {
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    let tables = ledger.lines().skip_while(|line| !line.starts_with("## A"));
    for line in tables.filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells[..] {
            ["id", "what", "chapter", "test", "command", "remark"] => {}
            [rule, ..] if rule.starts_with("---") => {}
            [id, what, chapter, test, command, remark] => rows.push(Row { id, what, chapter, test, command, remark }),
            _ => findings.push(format!("{}: {} cells instead of 6", cells[0], cells.len())),
        }
    }
    (rows, findings)
}

/// What is wrong with the ids: the rows of each source are numbered from 1, and the sources follow one another.
fn wrong_ids(rows: &[Row]) -> Vec<String> {
    let expected = SOURCES.iter().flat_map(|letter| {
        let count = rows.iter().filter(|row| row.id.starts_with(*letter)).count();
        (1..=count).map(move |number| format!("{letter}{number}"))
    });
    let expected: Vec<String> = expected.collect();
    let differ = rows.iter().zip(&expected).find(|(row, id)| row.id != id.as_str());
    let mut findings: Vec<String> =
        differ.map(|(row, id)| format!("{}: {id} was expected", row.id)).into_iter().collect();
    let unknown = rows.iter().filter(|row| !row.id.starts_with(SOURCES));
    findings.extend(unknown.map(|row| format!("{}: no source has this letter", row.id)));
    findings
}

/// What is wrong with a row's chapters and labels.
fn wrong_chapters(row: &Row, here: &Crate) -> Vec<String> {
    let mut findings = Vec::new();
    for entry in parts(row.chapter, ';') {
        let (path, labels) = entry.split_once(' ').unwrap_or((entry, ""));
        let Some(file) = here.files.iter().find(|file| file.path == path) else {
            findings.push(format!("{}: there is no src/{path}", row.id));
            continue;
        };
        let missing = parts(labels, ',').filter(|label| !file.text.contains(&format!("({label})")));
        findings.extend(missing.map(|label| format!("{}: src/{path} has no ({label})", row.id)));
    }
    findings
}

/// What is wrong with a row's tests. A name that several files have is that of a chapter of the row.
fn wrong_tests(row: &Row, here: &Crate) -> Vec<String> {
    let wrong = |name: &str| match here.tests.get(name).map_or(&[][..], Vec::as_slice) {
        [] => Some(format!("{}: there is no test {name}", row.id)),
        [_] => None,
        several if row.paths().any(|path| several.iter().any(|other| other == path)) => None,
        several => Some(format!("{}: {name} is a test of {}", row.id, several.join(", "))),
    };
    parts(row.test, ',').filter_map(wrong).collect()
}

/// The help of each command that a row names.
fn helps<'a>(rows: &[Row<'a>], here: &Crate) -> BTreeMap<&'a str, String> {
    let lines = rows.iter().flat_map(|row| parts(row.command, ';'));
    let names: BTreeSet<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    names.into_iter().map(|name| (name, (here.help)(name))).collect()
}

/// What is wrong with a row's commands. Each word after the command's name stands in its help.
fn wrong_commands(row: &Row, helps: &BTreeMap<&str, String>) -> Vec<String> {
    let mut findings = Vec::new();
    for line in parts(row.command, ';') {
        let (name, words) = line.split_once(' ').unwrap_or((line, ""));
        let known: Vec<&str> = helps[name].split(|c: char| c.is_whitespace() || ",:()".contains(c)).collect();
        if helps[name].is_empty() {
            findings.push(format!("{}: there is no command {name}", row.id));
            continue;
        }
        for word in words.split_whitespace() {
            let is_exercise = name == "exercise" && EXERCISES.iter().any(|exercise| exercise.number == word);
            if !is_exercise && !word.split(',').all(|choice| known.contains(&choice)) {
                findings.push(format!("{}: ossicle {name} has no {word}", row.id));
            }
        }
    }
    findings
}

/// Everything that is wrong with the ledger.
fn findings(ledger: &str, here: &Crate) -> Vec<String> {
    let (rows, mut findings) = rows(ledger);
    findings.extend(wrong_ids(&rows));
    let helps = helps(&rows, here);
    for row in &rows {
        findings.extend(wrong_chapters(row, here));
        findings.extend(wrong_tests(row, here));
        findings.extend(wrong_commands(row, &helps));
        if row.what.is_empty() {
            findings.push(format!("{}: the row does not say what it is about", row.id));
        }
        if [row.chapter, row.test, row.command, row.remark].iter().all(|cell| cell.is_empty()) {
            findings.push(format!("{}: a remark must say why all other cells are empty", row.id));
        }
    }
    let counts = SOURCES.map(|letter| (letter.to_string(), Counts::of(&rows, letter)));
    let all = counts.iter().fold(Counts::default(), |all, (_, counts)| all.plus(*counts));
    for (name, counts) in counts.into_iter().chain([("all".into(), all)]) {
        let line = counts.line(&name);
        if !ledger.lines().any(|other| other == line) {
            findings.push(format!("head: the line `{line}` is missing"));
        }
    }
    findings
}

/// The modules and tests, in backticks in the last column of the table of errors, that do not exist.
fn wrong_proofs(notes: &str, here: &Crate) -> Vec<String> {
    let section = notes.lines().skip_while(|line| *line != "## Errors in the tutorial").skip(1);
    let rows = section.take_while(|line| !line.starts_with("## ")).filter_map(|line| line.strip_prefix("| "));
    let mut findings = Vec::new();
    for row in rows {
        let (source, proofs) = (row.split(" |").next().unwrap_or(row), row.trim_end_matches('|').rsplit('|').next());
        for name in proofs.unwrap_or("").split('`').skip(1).step_by(2) {
            let path = name.replace("::", "/");
            let is_module = |file: &Source| file.path == format!("{path}.rs") || file.path == format!("{path}/mod.rs");
            if !here.tests.contains_key(name) && !here.files.iter().any(is_module) {
                findings.push(format!("{source}: there is neither a test nor a module {name}"));
            }
        }
    }
    findings
}

#[test]
fn the_ledger_agrees_with_the_crate() {
    let ledger = std::fs::read_to_string(root().join("tests/ledger.md")).unwrap();
    let findings = findings(&ledger, &Crate::here());
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn the_table_of_errors_names_tests_and_modules_that_exist() {
    let notes = std::fs::read_to_string(root().join("NOTES.md")).unwrap();
    assert!(notes.contains("\n## Errors in the tutorial\n"));
    let findings = wrong_proofs(&notes, &Crate::here());
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn a_wrong_proof_is_found() {
    let file = Source { path: "model/a.rs".into(), text: "#[test]\nfn own() {}\n".into() };
    let here = Crate::new(vec![file], |_| String::new());
    let notes = "## Errors in the tutorial\n| where | it says | shown by |\n| --- | --- | --- |\n\
        | A 8.1 | `x` | `model::a`, `own` |\n| D | y | `model::b`, `other` |\n| E | z | |\n## Results\n| F | | `c` |\n";
    let missing = ["model::b", "other"].map(|name| format!("D: there is neither a test nor a module {name}"));
    assert_eq!(wrong_proofs(notes, &here), missing);
}

#[test]
fn a_wrong_row_is_found() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let tests =
        "//! (AA.1)\n    #[test]\n    #[ignore = \"long\"]\n    fn shared() {}\n#[test]\nfn own() {}\nfn helper() {}\n";
    let files = vec![source("a.rs", tests), source("b.rs", "#[test]\nfn shared() {}\n"), source("tests/c.rs", "")];
    let here = Crate::new(files, |name| match name {
        "mnist" => "mnist DIR\n  sparse, stacked\n  --exercise EXERCISE".into(),
        _ => String::new(),
    });
    let head = "| A | 2 | 1 | 1 | 1 |\n| B | 1 | 1 | 1 | 0 |\n| C | 0 | 0 | 0 | 0 |\n| D | 0 | 0 | 0 | 0 |\n\
        | E | 0 | 0 | 0 | 0 |\n| all | 3 | 2 | 2 | 1 |\n";
    let columns = "| id | what | chapter | test | command | remark |\n| --- | --- | --- | --- | --- | --- |\n";
    let right = "| A1 | x | a.rs AA.1; b.rs | own, shared | mnist --exercise stacked; mnist | |\n\
        | A2 | y | | | | left out |\n";
    let ledger = format!("{head}## A\n{columns}{right}## B\n{columns}| B1 | z | b.rs | shared | | |\n");
    assert_eq!(findings(&ledger, &here), [""; 0]);

    let wrong = "| A1 | x | a.rs AA.2; c.rs | helper | mnist --exercise stakced; train | |\n\
        | A3 | y | | shared | | |\n| B1 | | | | | |\n| B2 | f(x|y) | b.rs | own | | |\n| F1 | u | | own | | |\n";
    assert_eq!(
        findings(&format!("{head}## A\n{columns}{wrong}"), &here),
        [
            "B2: 7 cells instead of 6",
            "A3: A2 was expected",
            "F1: no source has this letter",
            "A1: src/a.rs has no (AA.2)",
            "A1: there is no src/c.rs",
            "A1: there is no test helper",
            "A1: ossicle mnist has no stakced",
            "A1: there is no command train",
            "A3: shared is a test of a.rs, b.rs",
            "B1: the row does not say what it is about",
            "B1: a remark must say why all other cells are empty",
            "head: the line `| A | 2 | 1 | 2 | 1 |` is missing",
            "head: the line `| B | 1 | 0 | 0 | 0 |` is missing",
            "head: the line `| all | 3 | 1 | 2 | 1 |` is missing",
        ]
    );
}
