//! Detective: a cost of -∞.

use crate::matrix::Matrix;
use crate::model::Softmax;
use crate::model::softmax::by_definition;
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// The search starts at some number, such as -1e9, and not at 0.
const TOO_LARGE: &str = "the search for c does not start at a score, so c is too large if all scores are far below it";

/// Θ, b, the examples, and their labels.
type Input = (Vec<Vec<f64>>, Vec<f64>, Vec<Vec<f64>>, Vec<usize>);

fn part(cost: f64) -> Vec<Part> {
    vec![("cost", vec![cost])]
}

/// The cost with another c, computed from z and b, and with an addition to each example's cost that depends on c.
fn with((theta, b, examples, labels): &Input, c: fn(&[f64], &[f64]) -> f64, addition: fn(f64) -> f64) -> Vec<Part> {
    let mut cost = 0.0;
    for (x, &y) in examples.iter().zip(labels) {
        let score = |(row, b): (&Vec<f64>, &f64)| row.iter().zip(x).fold(*b, |z, (w, x)| z + w * x);
        let z: Vec<f64> = theta.iter().zip(b).map(score).collect();
        let c = c(&z, b);
        cost += c + Real::ln(z.iter().fold(0.0, |sum, z| sum + Real::exp(z - c))) - z[y] + addition(c);
    }
    part(cost / labels.len() as f64)
}

fn largest(z: &[f64]) -> f64 {
    z.iter().fold(z[0], |c, &z| Real::max(c, z))
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    // With x = 1, the scores are Θ + b.
    let one = |theta: [f64; 3], b: [f64; 3]| {
        (theta.map(|weight| vec![weight]).to_vec(), b.to_vec(), vec![vec![1.0]], vec![0])
    };
    let same = |b: f64| one([1.0, 2.0, 3.0], [b; 3]);
    let mut inputs = vec![
        ("the scores (1, 2, 3)".to_string(), same(0.0)),
        ("the scores (801, 802, 803)".to_string(), same(800.0)),
        ("the scores (-799, -798, -797)".to_string(), same(-800.0)),
        // With c = 0, the sum is not 0 here, but has few correct digits: this tells the search from 0 from others.
        ("the scores (-739, -738, -737)".to_string(), same(-740.0)),
        ("b = 0 and the scores (-799, -798, -797)".to_string(), one([-799.0, -798.0, -797.0], [0.0; 3])),
        ("b = 0 and the scores (-801, -802, -804)".to_string(), one([-801.0, -802.0, -804.0], [0.0; 3])),
        // The sum is 1, so the cost is exactly 1000.
        ("the scores (-10^15 - 1000, -10^15, -10^15 - 2000)".to_string(), one([-1000.0, 0.0, -2000.0], [-1e15; 3])),
    ];
    for (classes, elements, m) in [(4, 3, 5), (2, 5, 7)] {
        let mut rows = |rows: usize, columns: usize, size: f64| -> Vec<Vec<f64>> {
            (0..rows).map(|_| (0..columns).map(|_| random.uniform(-size, size)).collect()).collect()
        };
        let (theta, b, examples) =
            (rows(classes, elements, 800.0), rows(1, classes, 800.0).concat(), rows(m, elements, 1.0));
        let name = format!("{m} random examples of {elements} elements and {classes} classes");
        inputs.push((name, (theta, b, examples, (0..m).map(|n| n % classes).collect())));
    }
    Judge::new(inputs, |(theta, b, examples, labels)| {
        let (classes, features) = (b.len(), examples[0].len());
        let model = Softmax { features, classes, bias: true, weight_decay: 0.0 };
        let x = Matrix::from_function(features, examples.len(), |i, n| examples[n][i]);
        part(by_definition(&model, &[theta.concat(), b.clone()].concat(), &x, labels).0)
    })
    .mistake("the code as it was handed out", |input| with(input, |z, _| Real::max(largest(z), 0.0), |_| 0.0))
    .mistake("nothing is subtracted from the scores: c is 0", |input| with(input, |_, _| 0.0, |_| 0.0))
    .mistake("c is the smallest score", |input| {
        with(input, |z, _| z.iter().fold(z[0], |c, &z| Real::min(c, z)), |_| 0.0)
    })
    .mistake("c is the first score, not the largest", |input| with(input, |z, _| z[0], |_| 0.0))
    .mistake("c is the last score, not the largest", |input| with(input, |z, _| z[z.len() - 1], |_| 0.0))
    .mistake(
        "the search for c starts at b_0, which is no score, so c is too large if all scores are far below it",
        |input| with(input, |z, b| Real::max(largest(z), b[0]), |_| 0.0),
    )
    .mistake(TOO_LARGE, |input| with(input, |z, _| Real::max(largest(z), -40.0), |_| 0.0))
    .mistake(TOO_LARGE, |input| with(input, |z, _| Real::max(largest(z), -1e9), |_| 0.0))
    .mistake("c is subtracted from the scores, but not added back", |input| with(input, |z, _| largest(z), |c| -c))
    .mistake("c is the largest absolute value of the scores", |input| {
        with(input, |z, _| z.iter().fold(0.0, |c, z| Real::max(c, z.abs())), |_| 0.0)
    })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 7] = [
    Some("Line A is right: the scores of the table are all finite, so the -∞ arises after the scores."),
    Some("Line B is right: the table's z are what lines A and B compute, and they are finite."),
    None,
    Some("Line D is right: whenever a larger score turns up, c becomes that score."),
    Some("Line E is the sum of (SM.3), term by term: it gives the right cost in three columns of the table."),
    Some("Line F is (SM.3): like line E, it gives the right cost in three columns of the table."),
    Some("Line G is right: the mean of finite costs is finite, and here the cost of a single example is -∞."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the cost from Θ, b, the examples, and their labels.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(cost: fn(&[Vec<f64>], &[f64], &[Vec<f64>], &[usize]) -> f64) {
    judge().check(|(theta, b, examples, labels)| part(cost(theta, b, examples, labels)));
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
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'C')));
    }
}
