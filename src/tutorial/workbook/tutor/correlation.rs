//! Correlation and convolution.

use crate::matrix::Matrix;
use crate::model::convolution::definition;
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept, wrong_shape};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The rows of a filter, a map, or an output.
type Rows = Vec<Vec<f64>>;

/// Applies a filter to a map.
pub type Filtering = fn(&[Vec<f64>], &[Vec<f64>]) -> Rows;

fn rows(m: &Matrix<f64>) -> Rows {
    (0..m.rows()).map(|i| m.row(i).to_vec()).collect()
}

fn matrix(rows: &[Vec<f64>]) -> Matrix<f64> {
    Matrix::from_function(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

fn correlation(w: &[Vec<f64>], x: &[Vec<f64>]) -> Rows {
    rows(&definition::correlate(matrix(w).view(), matrix(x).view()))
}

fn convolution(w: &[Vec<f64>], x: &[Vec<f64>]) -> Rows {
    rows(&definition::convolve(matrix(w).view(), matrix(x).view()))
}

/// Σ_r Σ_s w(r, s)·x(i, j).
fn unshifted(w: &[Vec<f64>], x: &[Vec<f64>]) -> Rows {
    let total = w.iter().flatten().fold(0.0, |sum, w| sum + w);
    let mut z = correlation(w, x);
    for i in 0..z.len() {
        for j in 0..z[i].len() {
            z[i][j] = total * x[i][j];
        }
    }
    z
}

/// Σ_r Σ_s w(r, s)·x(r, s), the same at every position.
fn first_patch(w: &[Vec<f64>], x: &[Vec<f64>]) -> Rows {
    let z = correlation(w, x);
    vec![vec![z[0][0]; z[0].len()]; z.len()]
}

/// The last tap's product alone.
fn last_product(w: &[Vec<f64>], x: &[Vec<f64>]) -> Rows {
    let mut last = vec![vec![0.0; w[0].len()]; w.len()];
    last[w.len() - 1][w[0].len() - 1] = w[w.len() - 1][w[0].len() - 1];
    correlation(&last, x)
}

/// The filter with its rows, its columns, or both in reverse order.
fn reversed(w: &[Vec<f64>], [of_rows, of_columns]: [bool; 2]) -> Rows {
    let mut w = w.to_vec();
    if of_rows {
        w.reverse();
    }
    if of_columns {
        w.iter_mut().for_each(|row| row.reverse());
    }
    w
}

/// All but the last row.
fn without_row(mut z: Rows) -> Rows {
    z.pop();
    z
}

/// All but the last column.
fn without_column(mut z: Rows) -> Rows {
    z.iter_mut().for_each(|row| {
        row.pop();
    });
    z
}

/// The elements of `z` at the positions of `shape`, 0 where it has none: so an output of another shape can be compared.
fn elements(z: &[Vec<f64>], shape: &[Vec<f64>]) -> Vec<f64> {
    let at = |i: usize, j: usize| z.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0.0);
    (0..shape.len()).flat_map(|i| (0..shape[i].len()).map(move |j| at(i, j))).collect()
}

/// The lengths of all rows.
fn lengths(z: &[Vec<f64>]) -> Vec<usize> {
    z.iter().map(Vec::len).collect()
}

/// The two outputs. One of another shape than ours gives another part: so it differs from a mistake of our shape.
fn parts((w, x): &(Rows, Rows), correlated: &[Vec<f64>], convolved: &[Vec<f64>]) -> Vec<Part> {
    let ours = correlation(w, x);
    let mut parts = vec![("correlate", elements(correlated, &ours)), ("convolve", elements(convolved, &ours))];
    for (name, z) in [("correlate's shape", correlated), ("convolve's shape", convolved)] {
        if lengths(z) != lengths(&ours) {
            parts.push((name, lengths(z).iter().map(|&length| length as f64).collect()));
        }
    }
    parts
}

fn verdict(correlate: Filtering, convolve: Filtering) -> Option<String> {
    judge().verdict_with_shape(|input| {
        let [correlated, convolved] = [correlate, convolve].map(|f| f(&input.0, &input.1));
        let expected = lengths(&correlation(&input.0, &input.1));
        let wrong = |function: &str, found: &[Vec<f64>]| {
            let size = |rows: &[Vec<f64>]| format!("{} x {}", rows.len(), rows[0].len());
            let with = format!("With a filter of {} and a map of {}", size(&input.0), size(&input.1));
            wrong_shape(function, found, expected.len(), expected[0]).map(|wrong| format!("{with}, {wrong}."))
        };
        let wrong = wrong("correlate", &correlated).or_else(|| wrong("convolve", &convolved));
        (parts(input, &correlated, &convolved), wrong)
    })
}

fn judge() -> Judge<(Rows, Rows)> {
    let by_hand = (vec![vec![10.0, 1.0]], vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]]);
    let mut inputs = vec![("w = (10, 1), x = (1, 2, 3; 4, 5, 6)".to_string(), by_hand)];
    let mut random = Random::new(1);
    for ([h, v], [height, width]) in [([2, 3], [5, 4]), ([3, 2], [4, 7]), ([1, 3], [3, 5])] {
        let [w, x] = [[h, v], [height, width]]
            .map(|[rows, columns]| vec![vec![0.0; columns]; rows])
            .map(|zeros| zeros.iter().map(|row| row.iter().map(|_| random.uniform(-1.0, 1.0)).collect()).collect());
        inputs.push((format!("a random filter of {h} x {v} and map of {height} x {width}"), (w, x)));
    }
    let convolved = |f: Filtering| {
        move |input: &(Rows, Rows)| parts(input, &correlation(&input.0, &input.1), &f(&input.0, &input.1))
    };
    let both = |f: Filtering| {
        move |input: &(Rows, Rows)| {
            let (w, x) = input;
            parts(input, &f(w, x), &f(&reversed(w, [true, true]), x))
        }
    };
    Judge::new(inputs, convolved(convolution))
        .mistake("the two are swapped: the correlation has the rotated filter", both(convolution))
        .mistake("the filter of the convolution is not rotated", convolved(correlation))
        .mistake(
            "only the rows of the filter are in reverse order, not its columns",
            convolved(|w, x| correlation(&reversed(w, [true, false]), x)),
        )
        .mistake(
            "only the columns of the filter are in reverse order, not its rows",
            convolved(|w, x| correlation(&reversed(w, [false, true]), x)),
        )
        .mistake(
            "the output of the correlation is rotated, not the filter",
            convolved(|w, x| reversed(&correlation(w, x), [true, true])),
        )
        .mistake(
            "the last row and the last column are missing: H - h in place of H - h + 1, W - v in place of W - v + 1",
            both(|w, x| without_row(without_column(correlation(w, x)))),
        )
        .mistake("the last row is missing: H - h in place of H - h + 1", both(|w, x| without_row(correlation(w, x))))
        .mistake(
            "the last column is missing: W - v in place of W - v + 1",
            both(|w, x| without_column(correlation(w, x))),
        )
        .mistake("= in place of +=, so only the last product is left", both(last_product))
        .mistake("x(i, j) in place of x(i + r, j + s)", both(unshifted))
        .mistake("x(r, s) in place of x(i + r, j + s)", both(first_patch))
}

/// Checks the correlation and the convolution of a filter and a map.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(correlate: Filtering, convolve: Filtering) {
    accept(verdict(correlate, convolve));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn a_wrong_shape_is_reported_without_values() {
        let zeros = |_: &[Vec<f64>], _: &[Vec<f64>]| vec![vec![0.0]; 2];
        let expected = "With a filter of 1 x 2 and a map of 2 x 3, correlate returns 2 rows of 1 value; \
            2 rows of 2 values expected.";
        assert_eq!(verdict(zeros, zeros).unwrap(), expected);
        let short = |w: &[Vec<f64>], x: &[Vec<f64>]| without_row(correlation(w, x));
        let short_too = |w: &[Vec<f64>], x: &[Vec<f64>]| without_row(convolution(w, x));
        let verdict = verdict(short, short_too).unwrap();
        assert!(verdict.contains("a known mistake: the last row is missing") && verdict.ends_with("expected."));
    }
}
