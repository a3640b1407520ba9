//! The results: the table of methods with their intervals, confusion matrices, and the recall of each class.
//!
//! The recall of a class is the fraction of its files that were classified correctly: the diagonal of a row of the
//! confusion matrix, divided by the row's sum.

use super::html::{Cell, HtmlTable, figure, section, short};
use crate::picture::axis::{Axis, Scale};
use crate::picture::svg::{Svg, number};
use crate::tutorial::metrics::wilson_interval;
use crate::tutorial::report::{Summary, best, interval, percent};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The most classes of a matrix in full, the confusions that are listed instead, and the classes of the table of
/// recall.
const MOST_CLASSES: usize = 20;
const MOST_CONFUSIONS: usize = 20;
const MOST_RECALLS: usize = 40;

/// The section with the table of methods; `are_held_out` says whether no recording was trained on.
pub fn methods(summaries: &[Summary], are_held_out: bool) -> String {
    let headings = ["method", "windows", "files", "95% interval", "parameters", "seconds"].map(String::from);
    let title = match are_held_out {
        true => "Accuracy of each method on recordings that it was not trained on.",
        false => "Accuracy of the model on these recordings.",
    };
    let mut table = HtmlTable::new(title, &headings);
    let best = best(summaries).map(|best| best.method);
    let or_dash = |fraction: f64| if fraction.is_nan() { "-".into() } else { percent(fraction) };
    for summary in summaries {
        let is_best = best == Some(summary.method);
        let cells = [
            or_dash(summary.windows),
            or_dash(summary.files),
            interval(summary.files, summary.confusion.total()),
            summary.parameters.to_string(),
            format!("{:.1}", summary.seconds),
        ];
        let cells = cells.map(|text| Cell::html(text).bold(is_best));
        let name = summary.method.name();
        table.row(&if is_best { format!("<b>{name}</b>") } else { name.into() }, &cells);
    }
    let tested: Vec<&Summary> = summaries.iter().filter(|summary| summary.files.is_finite()).collect();
    let chart = match tested.is_empty() {
        true => String::new(),
        false => figure(
            "intervals",
            &intervals(&tested),
            "The accuracy on files (dot) and its 95% interval (line). If two lines overlap, these files do not show \
             which method is better.",
        ),
    };
    let text = "<p>The accuracy on windows is that on single windows of a few frames; the accuracy on files is the one \
                that counts. The best method is bold; of \
                several with the same accuracy, it is the one with the fewest parameters.</p>\n";
    section("results", "Results", &format!("{text}{}{chart}", table.finish()))
}

/// A line with the interval of each method, and a dot at its accuracy.
fn intervals(summaries: &[&Summary]) -> String {
    const LEFT: f64 = 112.0;
    const WIDTH: f64 = 240.0;
    const ROW: f64 = 22.0;
    let ends = |summary: &Summary| wilson_interval(summary.files, summary.confusion.total());
    let axis = Axis::over(summaries.iter().flat_map(|s| ends(s)).map(|x| 100.0 * x), Scale::Linear, 0.03);
    let x = |fraction: f64| LEFT + axis.fraction(100.0 * fraction) * WIDTH;
    let height = summaries.len() as f64 * ROW;
    let mut svg = Svg::inline("Accuracy of each method with its interval", LEFT + WIDTH + 20.0, height + 42.0);
    for tick in axis.ticks(5) {
        let (at, end) = (number(LEFT + axis.fraction(tick.value) * WIDTH), number(height + 8.0));
        svg.element("line", &[("class", "grid"), ("x1", &at), ("x2", &at), ("y1", "4"), ("y2", &end)]);
        svg.text(&tick.text, &[("x", &at), ("y", &number(height + 22.0)), ("text-anchor", "middle")]);
    }
    let end = number(LEFT + WIDTH);
    svg.text("accuracy on files (%)", &[("x", &end), ("y", &number(height + 38.0)), ("text-anchor", "end")]);
    for (i, summary) in summaries.iter().enumerate() {
        let [low, high] = ends(summary);
        let middle = (i as f64 + 0.5) * ROW + 4.0;
        let y = number(middle);
        let text = format!("{}: {} ({})", summary.method.name(), percent(summary.files), percent_range(low, high));
        svg.text(
            summary.method.name(),
            &[("x", &number(LEFT - 8.0)), ("y", &number(middle + 4.0)), ("text-anchor", "end")],
        );
        svg.group("g", &[("class", "interval")], |svg| {
            svg.tooltip(&text);
            svg.element("line", &[("x1", &number(x(low))), ("x2", &number(x(high))), ("y1", &y), ("y2", &y)]);
            svg.element("circle", &[("cx", &number(x(summary.files))), ("cy", &y), ("r", "4")]);
        });
    }
    svg.finish()
}

fn percent_range(low: f64, high: f64) -> String {
    format!("95% interval {} - {}", percent(low), percent(high))
}

/// The section with the confusion matrix of each method, and the recall of each class.
pub fn confusions(labels: &[String], summaries: &[Summary]) -> String {
    let tested: Vec<&Summary> = summaries.iter().filter(|summary| summary.confusion.total() > 0).collect();
    if tested.is_empty() {
        return String::new();
    }
    let write = if labels.len() <= MOST_CLASSES { matrix } else { largest };
    let matrices: String = tested.iter().map(|summary| write(labels, summary)).collect();
    let text = "<p>A row of a matrix is a true label, a column a predicted one. Correct files are on the diagonal; the \
                darker a cell, the larger its fraction of the row. Two labels that are often confused sound alike to \
                the method.</p>\n";
    let body = format!("{text}<div class=\"matrices\">\n{matrices}</div>\n{}", recall(labels, &tested));
    section("confusions", "Confusions", &body)
}

/// A confusion matrix.
fn matrix(labels: &[String], summary: &Summary) -> String {
    let mut headings = Vec::from(["true \\ predicted".to_string()]);
    headings.extend(labels.iter().map(|label| short(label)));
    let caption = format!(
        "{}: {} of {} files correct",
        summary.method.name(),
        summary.confusion.correct(),
        summary.confusion.total()
    );
    let mut table = HtmlTable::new(&caption, &headings);
    for (label, row) in labels.iter().zip(summary.confusion.counts().chunks_exact(labels.len())) {
        let total = row.iter().sum::<usize>().max(1) as f64;
        // Zeros are left blank, so that the confusions stand out.
        let cell = |&n: &usize| match n {
            0 => Cell::html("").shaded(0.0),
            n => Cell::html(n.to_string()).shaded(n as f64 / total),
        };
        table.row(&short(label), &row.iter().map(cell).collect::<Vec<_>>());
    }
    table.finish()
}

/// The most frequent confusions, for more classes than a matrix has room for.
fn largest(labels: &[String], summary: &Summary) -> String {
    let classes = labels.len();
    let counts = summary.confusion.counts();
    let mut wrong: Vec<usize> = (0..counts.len()).filter(|i| counts[*i] > 0 && i / classes != i % classes).collect();
    wrong.sort_by_key(|&i| core::cmp::Reverse(counts[i]));
    let [correct, total] = [summary.confusion.correct(), summary.confusion.total()];
    let caption =
        format!("{}: {correct} of {total} files correct; the most frequent confusions", summary.method.name());
    let mut table = HtmlTable::new(&caption, &["true", "predicted", "files"].map(String::from));
    for i in wrong.into_iter().take(MOST_CONFUSIONS) {
        table.row(
            &short(&labels[i / classes]),
            &[Cell::html(short(&labels[i % classes])), Cell::html(counts[i].to_string())],
        );
    }
    table.finish()
}

/// The recall of each class by each method; of many classes, of those that the best method finds least.
fn recall(labels: &[String], summaries: &[&Summary]) -> String {
    let classes = labels.len();
    let row = |summary: &Summary, k: usize| {
        let counts = &summary.confusion.counts()[k * classes..][..classes];
        (counts[k], counts.iter().sum::<usize>())
    };
    let fraction = |(correct, total): (usize, usize)| correct as f64 / total as f64;
    let best = summaries.iter().copied().reduce(|best, other| if other.files > best.files { other } else { best });
    let mut shown: Vec<usize> = (0..classes).filter(|&k| row(summaries[0], k).1 > 0).collect();
    let few = shown.len() <= MOST_RECALLS;
    if let Some(best) = best.filter(|_| !few) {
        shown.sort_by(|&a, &b| fraction(row(best, a)).total_cmp(&fraction(row(best, b))));
        shown.truncate(MOST_RECALLS);
    }
    let caption = if few {
        "Recall: the fraction of each label's files that were classified correctly."
    } else {
        "Recall, the fraction of a label's files that were classified correctly, of the labels where it is least."
    };
    let mut headings = Vec::from(["label", "files"].map(String::from));
    headings.extend(summaries.iter().map(|summary| summary.method.name().to_string()));
    let mut table = HtmlTable::new(caption, &headings);
    for k in shown {
        let mut cells = Vec::from([Cell::html(row(summaries[0], k).1.to_string())]);
        cells.extend(summaries.iter().map(|summary| {
            let recall = fraction(row(summary, k));
            Cell::html(percent(recall)).shaded(1.0 - recall)
        }));
        table.row(&short(&labels[k]), &cells);
    }
    let text = "<p>The darker a cell of this table, the more files of the label were missed.</p>\n";
    format!("{text}{}", table.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::svg::check;
    use crate::tutorial::methods::Method;
    use crate::tutorial::metrics::Confusion;

    fn summary(method: Method, classes: usize, wrong: usize) -> Summary {
        let mut confusion = Confusion::new(classes);
        for k in 0..classes {
            (0..3).for_each(|_| confusion.count(k, k));
        }
        (0..wrong).for_each(|_| confusion.count(0, 1));
        Summary { method, windows: f64::NAN, files: confusion.accuracy(), confusion, parameters: 12, seconds: 1.25 }
    }

    #[test]
    fn the_best_method_is_bold_and_intervals_are_drawn() {
        let html = methods(&[summary(Method::RawWindows, 2, 4), summary(Method::SparsePooled, 2, 1)], true);
        assert!(
            html.contains("<th scope=\"row\">raw-windows</th><td>-</td><td>60.0%</td><td>31.3% - 83.2%</td>"),
            "{html}"
        );
        assert!(html.contains("<b>sparse-pooled</b></th><td><b>-</b></td><td><b>85.7%</b></td>"), "{html}");
        let svg = &html[html.find("<svg").unwrap()..html.find("</svg>").unwrap() + 6];
        assert_eq!(check(svg), Ok(()));
        assert!(svg.contains("<title>raw-windows: 60.0% (95% interval 31.3% - 83.2%)</title>"), "{svg}");
        // Without test files there is no accuracy.
        let untested = Summary { files: f64::NAN, confusion: Confusion::new(2), ..summary(Method::Stacked, 2, 0) };
        assert!(!methods(std::slice::from_ref(&untested), false).contains("<svg"));
        assert_eq!(confusions(&["a".into(), "b".into()], &[untested]), "");
    }

    #[test]
    fn confusions_and_recalls_are_those_of_the_rows() {
        let labels = ["<a>", "b"].map(String::from);
        let html = confusions(&labels, &[summary(Method::SparsePooled, 2, 1)]);
        assert!(html.contains("sparse-pooled: 6 of 7 files correct"), "{html}");
        let row = "<th scope=\"row\">&lt;a&gt;</th><td class=\"shade\" style=\"--f:0.75\">3</td>\
                   <td class=\"shade\" style=\"--f:0.25\">1</td>";
        assert!(html.contains(row), "{html}");
        assert!(html.contains("<td>4</td><td class=\"shade\" style=\"--f:0.25\">75.0%</td>"), "{html}");
    }

    #[test]
    fn of_many_classes_the_worst_are_listed() {
        let labels: Vec<String> = (0..200).map(|k| format!("c{k}")).collect();
        let html = confusions(&labels, &[summary(Method::SparsePooled, 200, 5)]);
        assert!(html.contains("<th scope=\"row\">c0</th><td>c1</td><td>5</td>"), "{html}");
        assert!(html.contains("<td>8</td><td class=\"shade\" style=\"--f:0.62\">37.5%</td>"), "{html}");
        assert!(html.len() < 10_000, "{}", html.len());
    }
}
