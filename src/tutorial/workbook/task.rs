//! A task: its title and story, the stub that a student completes, our solution, and three hints, all from one file.
//!
//! The file is Rust that compiles: the story is its head, the solution stands between the lines `// solution` and
//! `// end`, and the hints follow at the end, each after `// hint: `. In the stub, a solution becomes `todo!()`; if the
//! solution is followed by a line `// instead`, the comment lines after it become the stub's code. So a detective task
//! hands out code with a mistake. A test compiles every file with its solution.

use crate::tutorial::book::contents::{Chapter, chapters};
use crate::tutorial::book::listing::{Listing, functions, statements};
use std::collections::BTreeSet;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A task of the workbook.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The name of its file, and of its module in [`tutor`](super::tutor).
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
    /// The chapter that it belongs to.
    pub chapter: &'static str,
    /// The crate's own definition: a path below `src/`, and the names of functions in that file.
    pub ours: (&'static str, &'static [&'static str]),
    /// How long it takes, in minutes, after its chapter.
    pub minutes: u32,
    /// What it teaches, as a noun phrase.
    pub teaches: &'static str,
}

/// Starts the line of a hint.
const HINT: &str = "// hint: ";

impl Task {
    /// Whether it hands out code with a mistake.
    pub fn is_detective(&self) -> bool {
        self.name.starts_with("detective_")
    }

    /// Its title: the first line of its file.
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or("").trim_start_matches("//! ")
    }

    /// Its chapter in the book.
    ///
    /// # Panics
    /// If there is no such chapter; a test checks that there is.
    pub fn chapter(&self) -> &'static Chapter {
        chapters().find(|chapter| chapter.slug == self.chapter).expect("a chapter of the book")
    }

    /// The file without its hints.
    fn code(&self) -> &'static str {
        let start = self.text.find(&format!("\n{HINT}")).unwrap_or(self.text.len());
        self.text[..start].trim_end()
    }

    /// The file that a student completes. `id` is the task's number, such as "7".
    pub fn stub(&self, id: &str) -> String {
        let mut stub = self.opening(id);
        let mut lines = self.code().lines().skip(1);
        while let Some(line) = lines.next() {
            let Some(indent) = line.strip_suffix("// solution") else {
                stub += &format!("{line}\n");
                continue;
            };
            let inner: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "// end").collect();
            match inner.iter().position(|line| line.trim() == "// instead") {
                Some(at) => inner[at + 1..].iter().for_each(|line| stub += &format!("{}\n", uncommented(line))),
                None => stub += &format!("{indent}todo!()\n"),
            }
        }
        stub
    }

    /// The file with our solution, as a student would have written it.
    pub fn solved(&self, id: &str) -> String {
        let mut solved = self.opening(id);
        let mut is_instead = false;
        for line in self.code().lines().skip(1) {
            match line.trim() {
                "// solution" => {}
                "// instead" => is_instead = true,
                "// end" => is_instead = false,
                _ if !is_instead => solved += &format!("{line}\n"),
                _ => {}
            }
        }
        solved
    }

    /// The first lines of a student's file: the title and the chapter.
    fn opening(&self, id: &str) -> String {
        let chapter = self.chapter();
        format!(
            "//! Task {id}. {}\n//!\n//! Chapter: \"{}\", {}.html of the book.\n//! The task takes about {} minutes.\n",
            self.title(),
            chapter.title,
            chapter.slug,
            self.minutes
        )
    }

    /// The functions of our solution, without the story and the tests.
    pub fn solution(&self) -> String {
        let solved = self.solved("");
        let lines = solved.lines().filter(|line| !line.starts_with("//!") && !line.starts_with("use ossicle"));
        let lines: Vec<&str> = lines.collect();
        let end = lines.iter().position(|line| line.trim() == "#[test]").unwrap_or(lines.len());
        let last = (0..end).rev().find(|&k| !lines[k].starts_with("///") && !lines[k].trim().is_empty());
        lines[..last.map_or(0, |k| k + 1)].join("\n").trim().to_string()
    }

    /// The names of its tests.
    pub fn test_names(&self) -> Vec<&'static str> {
        let after = |part: &'static str| part.split_once("fn ").and_then(|(_, rest)| rest.split('(').next());
        self.code().split("#[test]").skip(1).filter_map(after).collect()
    }

    /// Whether a student's file still has all tests of the task, whatever their white space, and no attribute before
    /// them.
    pub fn has_its_tests(&self, text: &str) -> bool {
        let dense = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let text = dense(text);
        self.code()
            .split("\n\n")
            .filter(|part| part.contains("#[test]"))
            .all(|test| text.find(&dense(test)).is_some_and(|at| !text[..at].ends_with(']')))
    }

    /// The crate's own definitions of what the task asks for; of long ones, the statements with the labels of our
    /// solution.
    pub fn definitions(&self) -> Vec<Listing> {
        const MOST_LINES: usize = 50;
        let (path, names) = self.ours;
        let source = chapters().flat_map(|chapter| chapter.sources).find(|source| source.path == path);
        let Some(source) = source else { return Vec::new() };
        let whole = functions(source.text, |name| names.contains(&name));
        if whole.iter().map(|listing| listing.lines.len()).sum::<usize>() <= MOST_LINES {
            return whole;
        }
        let solution = self.solution();
        let comments =
            solution.lines().filter_map(|line| line.split_once("// (")).flat_map(|(_, rest)| rest.split("), ("));
        let mut labels: Vec<&str> = comments.map(|label| label.trim_end_matches(')')).collect();
        let mut seen = BTreeSet::new();
        labels.retain(|label| seen.insert(*label));
        let parts: Vec<Listing> = labels.iter().flat_map(|label| statements(source.text, label)).collect();
        if parts.is_empty() { whole } else { parts }
    }

    /// The hints, the first one the vaguest.
    pub fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = Vec::new();
        for line in self.text[self.code().len()..].lines() {
            match (line.strip_prefix(HINT), line.strip_prefix("//"), hints.last_mut()) {
                (Some(hint), ..) => hints.push(hint.trim().to_string()),
                (None, Some(more), Some(hint)) => *hint += &format!(" {}", more.trim()),
                _ => {}
            }
        }
        hints
    }
}

/// A comment line as code, with its indentation.
fn uncommented(line: &str) -> String {
    let code = line.trim_start();
    let indent = &line[..line.len() - code.len()];
    let code = code.strip_prefix("// ").or(code.strip_prefix("//")).unwrap_or(code);
    format!("{indent}{code}").trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = concat!(
        "//! Twice\n//!\n//! Story.\n\nuse ossicle::x;\n\n",
        "/// 2x.\npub fn twice(x: f64) -> f64 {\n    // solution\n    let y = x;\n    y + x\n    // end\n}\n\n",
        "// A line to mend.\npub const LINE: f64 =\n",
        "    // solution\n    2.0;\n    // instead\n    // 3.0; // A\n    // end\n\n",
        "/// One.\n#[test]\nfn one() {}\n\n",
        "// hint: a\n//   b\n// hint: c\n",
    );

    fn task() -> Task {
        let ours = ("optimize/check.rs", &["by_definition"][..]);
        Task { name: "twice", text: TEXT, chapter: "unit", ours, minutes: 5, teaches: "two" }
    }

    #[test]
    fn a_stub_has_no_solution_and_no_hints() {
        let stub = task().stub("3");
        assert!(stub.starts_with("//! Task 3. Twice\n//!\n//! Chapter: \"A unit, and a layer of units\", unit.html"));
        assert!(stub.contains("-> f64 {\n    todo!()\n}\n") && stub.contains("f64 =\n    3.0; // A\n\n/// One."));
        assert!(stub.ends_with("fn one() {}\n") && !stub.contains("solution") && !stub.contains("2.0"));
    }

    #[test]
    fn a_solution_has_the_functions_alone() {
        let expected = "/// 2x.\npub fn twice(x: f64) -> f64 {\n    let y = x;\n    y + x\n}\n\n\
            // A line to mend.\npub const LINE: f64 =\n    2.0;";
        assert_eq!(task().solution(), expected);
        assert!(task().solved("3").ends_with("fn one() {}\n"));
    }

    #[test]
    fn a_changed_test_is_noticed() {
        let stub = task().stub("3");
        assert!(task().has_its_tests(&stub) && task().has_its_tests(&stub.replace('\n', "\r\n")));
        assert!(task().has_its_tests(&stub.replace("fn one() {}", "fn one() {\n}")));
        assert!(!task().has_its_tests(&stub.replace("fn one() {}", "fn one() { x }")));
        assert!(!task().has_its_tests(&stub.replace("/// One.", "#[should_panic]\n/// One.")));
        assert_eq!(task().test_names(), ["one"]);
        assert!(!task().has_its_tests(""));
    }

    #[test]
    fn hints_may_have_several_lines_and_definitions_come_from_the_chapter() {
        assert_eq!(task().hints(), ["a b", "c"]);
        assert!(task().definitions()[0].lines.iter().any(|line| line.contains("(GC.1)")));
    }
}
