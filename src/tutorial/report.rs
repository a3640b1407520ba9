//! Results as tables: aligned columns for people, tab-separated values for programs.

use super::evaluation::MethodResult;
use super::exercise::context::Row;
use super::methods::Method;
use super::metrics::{Confusion, wilson_interval};
use crate::bytes::escape::{field, shown, width};
use crate::dataset::recordings::Collection;
use crate::dataset::split::Fold;
use crate::model::gradient_suite::Checked;
use crate::number::decimal::Fixed;
use core::fmt;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The results of a method on all folds of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The method.
    pub method: Method,
    /// The mean of the folds' accuracies on windows; NaN for a method that classifies whole files only.
    pub windows: f64,
    /// The accuracy on files, of all folds together or as the mean of the folds' accuracies.
    pub files: f64,
    /// The confusion matrix of all files.
    pub confusion: Confusion,
    /// The number of parameters learned in the first fold.
    pub parameters: usize,
    /// Seconds, in all folds together.
    pub seconds: f64,
}

/// Summarizes the folds, method by method. The accuracy on files weights folds equally, or else files.
pub fn summarize(folds: &[Vec<MethodResult>], weights_folds_equally: bool) -> Vec<Summary> {
    let Some(first) = folds.first() else { return Vec::new() };
    let mean = |sum: f64| sum / folds.len() as f64;
    (0..first.len())
        .map(|i| {
            let same = || folds.iter().map(|fold| &fold[i]);
            let mut confusion = first[i].files.clone();
            same().skip(1).for_each(|result| confusion.add(&result.files));
            Summary {
                method: first[i].method,
                windows: mean(
                    same().fold(0.0, |sum, result| sum + result.windows.as_ref().map_or(f64::NAN, Confusion::accuracy)),
                ),
                files: match weights_folds_equally {
                    true => mean(same().fold(0.0, |sum, result| sum + result.files.accuracy())),
                    false => confusion.accuracy(),
                },
                confusion,
                parameters: first[i].parameters,
                seconds: same().fold(0.0, |sum, result| sum + result.seconds),
            }
        })
        .collect()
}

/// Text with its paragraphs, which empty lines separate, broken into lines of at most 100 columns.
pub fn filled(text: &str) -> String {
    const COLUMNS: usize = 100;
    let mut filled = String::new();
    for (k, paragraph) in text.split("\n\n").enumerate() {
        filled += if k == 0 { "" } else { "\n\n" };
        let mut column = 0;
        for word in paragraph.split_whitespace() {
            let end = column + 1 + width(word);
            match column {
                0 => column = width(word),
                _ if end <= COLUMNS => (filled, column) = (filled + " ", end),
                _ => (filled, column) = (filled + "\n", width(word)),
            }
            filled += word;
        }
    }
    filled + if text.ends_with('\n') { "\n" } else { "" }
}

/// The methods as a table for people.
pub fn methods(summaries: &[Summary]) -> String {
    let mut table = Table::new(&["method", "windows", "files", "95% interval", "parameters", "seconds"]);
    let or_dash = |fraction: f64| if fraction.is_nan() { "-".into() } else { percent(fraction) };
    for s in summaries {
        let (windows, files, interval) = (or_dash(s.windows), or_dash(s.files), interval(s.files, s.confusion.total()));
        let seconds = format!("{:.1}", s.seconds);
        table.cells(&[&s.method.name(), &windows, &files, &interval, &s.parameters, &seconds]);
    }
    table.text()
}

/// The 95% interval of an accuracy on `n` examples, "97.1% - 99.7%", or "-" without examples.
pub fn interval(accuracy: f64, n: usize) -> String {
    let [low, high] = wilson_interval(accuracy, n);
    if n == 0 { "-".into() } else { format!("{} - {}", percent(low), percent(high)) }
}

/// The method of the best accuracy on files; of several, the one with the fewest parameters. `None` without test files.
pub fn best(summaries: &[Summary]) -> Option<&Summary> {
    let tested = summaries.iter().filter(|summary| summary.files.is_finite());
    tested.min_by(|a, b| b.files.total_cmp(&a.files).then(a.parameters.cmp(&b.parameters)))
}

/// The methods and the digest as rows for programs, with a heading: `method windows files seconds`, then `digest
/// DIGITS`. An accuracy that there is not is empty.
pub fn methods_tsv(summaries: &[Summary], digest: &str) -> String {
    let mut text = tsv(&["method", "windows", "files", "seconds"]);
    let accuracy = |x: f64| if x.is_nan() { String::new() } else { format!("{x:.6}") };
    for s in summaries {
        text += &tsv(&[s.method.name().into(), accuracy(s.windows), accuracy(s.files), format!("{:.3}", s.seconds)]);
    }
    text + &format!("digest\t{digest}\n")
}

/// The predictions for all test files as rows for programs, with a heading: the name of the test set, the file, its
/// label, the method, the predicted label, and its probability.
pub fn predictions_tsv(collection: &Collection, folds: &[Fold], results: &[Vec<MethodResult>]) -> String {
    let mut text = tsv(&["test-set", "file", "label", "method", "predicted", "probability"]);
    for (fold, results) in folds.iter().zip(results) {
        for result in results {
            for (&r, prediction) in fold.test.iter().zip(&result.predictions) {
                let recording = &collection.recordings[r];
                let probability = format!("{:.6}", prediction.probability(prediction.class));
                text += &tsv(&[
                    &fold.name,
                    &recording.name,
                    &collection.labels[recording.label],
                    result.method.name(),
                    &collection.labels[prediction.class],
                    &probability,
                ]);
            }
        }
    }
    text
}

/// The exercises on MNIST as a table for people.
pub fn mnist(rows: &[Row]) -> String {
    let mut table = Table::new(&["exercise", "metric", "value", "seconds"]);
    for row in rows {
        let value =
            if row.metric == "cost" { Fixed(row.value, 4).to_string() } else { format!("{:.2}%", 100.0 * row.value) };
        table.row(&[row.exercise.into(), row.metric.into(), value, format!("{:.1}", row.seconds)]);
    }
    table.text()
}

/// The exercises on MNIST as rows for programs: `EXERCISE METRIC VALUE SECONDS`.
pub fn mnist_tsv(rows: &[Row]) -> String {
    let line = |row: &Row| format!("{}\t{}\t{}\t{:.3}\n", row.exercise, row.metric, Fixed(row.value, 6), row.seconds);
    rows.iter().map(line).collect()
}

/// A fraction as a percentage.
pub fn percent(fraction: f64) -> String {
    format!("{:.1}%", 100.0 * fraction)
}

/// The gradient check as a table for people.
pub fn gradients(checked: &[Checked]) -> String {
    let mut table = Table::new(&["objective", "shape", "block", "largest error", "at", "passes"]);
    for row in gradient_rows(checked) {
        table.row(&row);
    }
    table.text()
}

/// The gradient check as rows for programs: `OBJECTIVE SHAPE BLOCK ERROR WORST_INDEX pass|FAIL`.
pub fn gradients_tsv(checked: &[Checked]) -> String {
    gradient_rows(checked).fold(String::new(), |text, row| text + &tsv(&row))
}

fn gradient_rows(checked: &[Checked]) -> impl Iterator<Item = [String; 6]> {
    checked.iter().flat_map(|c| {
        c.blocks.iter().map(|block| {
            [
                c.objective.clone(),
                c.shape.clone(),
                block.name.clone(),
                format!("{:.1e}", block.error),
                block.worst.to_string(),
                if block.passes() { "pass".into() } else { "FAIL".into() },
            ]
        })
    })
}

/// A row for programs: its cells as [`field`]s with tabs between them.
pub fn tsv<C: AsRef<str>>(cells: &[C]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| field(cell.as_ref()).to_string()).collect();
    cells.join("\t") + "\n"
}

/// A table with aligned columns: the first to the left, numbers to the right. Cells are escaped by [`shown`].
#[derive(Clone, Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    /// The rows and columns of the cells in bold.
    bold: Vec<[usize; 2]>,
}

impl Table {
    /// A table with a row of headings.
    pub fn new(headings: &[&str]) -> Self {
        let rows = std::vec![headings.iter().map(|heading| shown(heading).to_string()).collect()];
        Table { rows, bold: Vec::new() }
    }

    /// Sets a cell in bold, for a terminal: in row `row`, the row of headings being row 0, and column `column`.
    pub fn bold(&mut self, row: usize, column: usize) {
        self.bold.push([row, column]);
    }

    /// Adds a row, with a cell for each heading.
    pub fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|cell| shown(cell).to_string()).collect());
    }

    /// Adds a row of any values that can be displayed.
    pub fn cells(&mut self, cells: &[&dyn fmt::Display]) {
        self.row(&cells.iter().map(ToString::to_string).collect::<Vec<_>>());
    }

    /// The lines, each with a newline. A column whose cells all begin with a digit or a dash is set to the right.
    pub fn text(&self) -> String {
        let columns = self.rows[0].len();
        let widest = |j: usize| self.rows.iter().map(|row| width(&row[j])).max().unwrap_or(0);
        let numeric = |cell: &String| cell.starts_with(|c: char| c.is_ascii_digit() || c == '-') || cell == "NaN";
        let layout: Vec<(usize, bool)> =
            (0..columns).map(|j| (widest(j), j > 0 && self.rows[1..].iter().all(|row| numeric(&row[j])))).collect();
        let mut text = String::new();
        for (i, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (j, (cell, &(widest, right))) in row.iter().zip(&layout).enumerate() {
                let room = " ".repeat(widest - width(cell));
                let is_bold = self.bold.contains(&[i, j]);
                let cell = if is_bold { format!("\x1b[1m{cell}\x1b[0m") } else { cell.clone() };
                line += &if right { format!("{room}{cell}  ") } else { format!("{cell}{room}  ") };
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(correct: usize, wrong: usize) -> MethodResult {
        let mut files = Confusion::new(2);
        (0..correct).for_each(|_| files.count(1, 1));
        (0..wrong).for_each(|_| files.count(0, 1));
        let predictions = Vec::new();
        MethodResult { method: Method::SparsePooled, windows: None, files, predictions, parameters: 12, seconds: 1.5 }
    }

    #[test]
    fn folds_are_averaged_and_their_confusion_matrices_added() {
        let folds = [std::vec![result(3, 1)], std::vec![result(1, 1)]];
        assert_eq!(summarize(&folds, false)[0].files, 4.0 / 6.0);
        let summary = summarize(&folds, true);
        assert_eq!(summary[0].files, 0.625);
        assert_eq!((summary[0].confusion.total(), summary[0].seconds), (6, 3.0));
        assert_eq!(methods_tsv(&summary, "00ff").lines().last(), Some("digest\t00ff"));
    }

    #[test]
    fn paragraphs_fill_lines_of_at_most_100_columns() {
        assert_eq!(filled("one\ntwo\n\nthree\n"), "one two\n\nthree\n");
        let word = "μ".repeat(33);
        let line = [&*word; 2].join(" ") + " ";
        assert_eq!(
            filled(&format!("{line}{word}a")),
            format!("{line}{word}a").replace(&format!(" {word}a"), &format!("\n{word}a"))
        );
        assert_eq!(filled(&format!("{line}{}", "b".repeat(32))), format!("{line}{}", "b".repeat(32)));
        assert_eq!(filled(""), "");
    }

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["name", "n", "why"]);
        table.row(&["a".into(), "5".into(), "x".into()]);
        table.row(&["long".into(), "123".into(), "yy".into()]);
        assert_eq!(table.text(), "name    n  why\na       5  x\nlong  123  yy\n");
        table.bold(1, 1);
        assert_eq!(table.text(), "name    n  why\na       \x1b[1m5\x1b[0m  x\nlong  123  yy\n");
    }

    #[test]
    fn no_cell_forges_a_row_or_a_column() {
        let mut table = Table::new(&["na\tme", "n"]);
        table.row(&["a\nb 100%".into(), "5".into()]);
        table.row(&["\x1b[2J".into(), "12".into()]);
        table.row(&["日本".into(), "3".into()]);
        assert_eq!(table.text(), "na\\tme      n\na\\nb 100%   5\n\\u{1b}[2J  12\n日本        3\n");
        assert_eq!(tsv(&["a\tb", "c\\d\n", ""]), "a\\tb\tc\\\\d\\n\t\n");
    }
}
