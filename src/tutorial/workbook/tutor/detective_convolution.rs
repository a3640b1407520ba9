//! Detective: a filter in the backward pass.

use crate::matrix::Matrix;
use crate::model::convolution::filters::gradients_by_definition;
use crate::model::convolution::{Convolution, MapShape};
use crate::number::Random;
use crate::tutorial::workbook::HANDED_OUT;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Rows of numbers.
type Map = Vec<Vec<f64>>;

/// w, x, and δ.
type Input = (Map, Map, Map);

/// ∂J/∂w, ∂J/∂b, and ∂J/∂x.
pub type Gradients = (Vec<Vec<f64>>, f64, Vec<Vec<f64>>);

fn parts(w: Vec<f64>, b: f64, x: Vec<f64>) -> Vec<Part> {
    vec![("∂J/∂w", w), ("∂J/∂b", vec![b]), ("∂J/∂x", x)]
}

/// The chapter's gradients, ∂J/∂x by another filter.
fn with((w, x, delta): &Input, filter: fn(&[Vec<f64>]) -> Map) -> [Vec<f64>; 3] {
    let input = MapShape { channels: 1, rows: x.len(), columns: x[0].len() };
    let shape = Convolution::new(input, 1, [w.len(), w[0].len()]);
    let row = |map: &[Vec<f64>]| Matrix::from_rows(1, map.len() * map[0].len(), map.concat());
    let found = gradients_by_definition(&shape, row(&filter(w)).view(), &row(delta), &row(x));
    [found.weights.elements().to_vec(), found.bias, found.maps.elements().to_vec()]
}

fn of([w, b, x]: [Vec<f64>; 3]) -> Vec<Part> {
    parts(w, b[0], x)
}

fn as_it_is(w: &[Vec<f64>]) -> Map {
    w.to_vec()
}

fn rows_turned(w: &[Vec<f64>]) -> Map {
    w.iter().rev().cloned().collect()
}

fn columns_turned(w: &[Vec<f64>]) -> Map {
    w.iter().map(|row| row.iter().rev().copied().collect()).collect()
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let first = (vec![vec![3.0, 5.0]], vec![vec![1.0, 2.0, 4.0]], vec![vec![1.0, 10.0]]);
    let mut inputs = vec![("w = (3, 5), x = (1, 2, 4), and δ = (1, 10)".to_string(), first)];
    for (h, v, rows, columns) in [(2, 3, 5, 4), (3, 2, 4, 7), (3, 1, 6, 2)] {
        let mut map = |rows: usize, columns: usize| -> Map {
            (0..rows).map(|_| (0..columns).map(|_| random.uniform(-1.0, 1.0)).collect()).collect()
        };
        let input = (map(h, v), map(rows, columns), map(rows - h + 1, columns - v + 1));
        inputs.push((format!("a random filter of {h} x {v} on a map of {rows} x {columns}"), input));
    }
    Judge::new(inputs, |input| of(with(input, as_it_is)))
        .mistake(HANDED_OUT, |input| of(with(input, |w| columns_turned(&rows_turned(w)))))
        .mistake("the rows of the filter are still reversed", |input| of(with(input, rows_turned)))
        .mistake("the columns of the filter are still reversed", |input| of(with(input, columns_turned)))
        .mistake("∂J/∂w is also rotated", |input| {
            let [w, b, x] = with(input, as_it_is);
            parts(w.into_iter().rev().collect(), b[0], x)
        })
        .mistake("δ is read at (i + r, j + s) in place of (i - r, j - s)", |input| {
            let (filter, map, delta) = input;
            let [w, b, mut x] = with(input, as_it_is);
            for (at, x) in x.iter_mut().enumerate() {
                let (i, j) = (at / map[0].len(), at % map[0].len());
                *x = 0.0;
                for (r, row) in filter.iter().enumerate() {
                    for (s, w) in row.iter().enumerate() {
                        *x += w * delta.get(i + r).and_then(|row| row.get(j + s)).copied().unwrap_or(0.0);
                    }
                }
            }
            parts(w, b[0], x)
        })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 5] = [
    Some("Line A is right: it computes ∂J/∂b, which passes with every filter."),
    Some("Line B is right: it computes ∂J/∂w, which passes with every filter."),
    Some(
        "Line C is right: the rows of δ are 0 to delta.len() - 1. This line does not use the values of w. A \
             mistake here would show with every filter.",
    ),
    Some(
        "Line D is right: the columns of δ are 0 to delta[0].len() - 1. This line does not use the values of w. A \
             mistake here would show with every filter.",
    ),
    None,
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks ∂J/∂w, ∂J/∂b, and ∂J/∂x from w, x, and δ.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(gradients: fn(&[Vec<f64>], &[Vec<f64>], &[Vec<f64>]) -> Gradients) {
    judge().check(|(w, x, delta)| {
        let (d_w, d_b, d_x) = gradients(w, x, delta);
        parts(d_w.concat(), d_b, d_x.concat())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn one_letter_is_accepted() {
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'E')));
    }
}
