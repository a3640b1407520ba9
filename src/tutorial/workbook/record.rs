//! The record of a student's progress: which tasks are solved, and how many checks and hints each one took.
//!
//! It is a table with tabs, `progress.tsv` in the workbook's folder. A line that cannot be read counts as no line.

use std::collections::BTreeMap;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The name of its file.
pub const FILE: &str = "progress.tsv";

/// The progress on one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Whether a check has passed.
    pub is_solved: bool,
    /// How often it was checked until it was solved first.
    pub checks: u32,
    /// How many hints were shown.
    pub hints: u32,
    /// Whether our solution was shown before it was solved.
    pub has_seen_solution: bool,
}

/// The progress on all tasks, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    entries: BTreeMap<String, Entry>,
}

impl Record {
    /// A record from the text of its file.
    pub fn parse(text: &str) -> Self {
        let mut record = Record::default();
        for line in text.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            if let [name, state, checks, hints, solution] = cells[..]
                && let (Ok(checks), Ok(hints)) = (checks.parse(), hints.parse())
                && ["solved", "open"].contains(&state)
            {
                let (is_solved, has_seen_solution) = (state == "solved", solution == "seen");
                record.entries.insert(name.to_string(), Entry { is_solved, checks, hints, has_seen_solution });
            }
        }
        record
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        let mut text = String::from("task\tstate\tchecks\thints\tsolution\n");
        for (name, entry) in &self.entries {
            let state = if entry.is_solved { "solved" } else { "open" };
            let solution = if entry.has_seen_solution { "seen" } else { "not seen" };
            text += &format!("{name}\t{state}\t{}\t{}\t{solution}\n", entry.checks, entry.hints);
        }
        text
    }

    /// The progress on a task.
    pub fn entry(&self, name: &str) -> Entry {
        self.entries.get(name).copied().unwrap_or_default()
    }

    /// The progress on a task, to be changed.
    pub fn entry_mut(&mut self, name: &str) -> &mut Entry {
        self.entries.entry(name.to_string()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut record = Record::default();
        *record.entry_mut("unit") = Entry { is_solved: true, checks: 3, hints: 1, has_seen_solution: false };
        record.entry_mut("dft").has_seen_solution = true;
        assert_eq!(Record::parse(&record.text()), record);
    }

    #[test]
    fn damaged_lines_count_as_none() {
        let text = "unit\tsolved\t3\t1\tnot seen\nunit2\tsolved\t-3\t1\tseen\nx\n\ny\tz\t1\t1\tseen\n\u{0}\t\t\t\t\n";
        let record = Record::parse(text);
        assert_eq!(record.entry("unit").checks, 3);
        assert_eq!(record.entries.len(), 1);
    }
}
