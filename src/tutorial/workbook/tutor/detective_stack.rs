//! Detective: two layers of the same size.

use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::layer::backward_by_definition;
use crate::model::softmax::log_probabilities_by_definition;
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// W_2, Θ, a_1, a_2, p, and the label.
type Input = (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<f64>, Vec<f64>, Vec<f64>, usize);

fn parts(delta1: &[f64], delta2: &[f64]) -> Vec<Part> {
    vec![("δ_1", delta1.to_vec()), ("δ_2", delta2.to_vec())]
}

fn matrix(rows: &[Vec<f64>]) -> Matrix<f64> {
    Matrix::from_function(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

fn delta2((_, theta, _, a2, p, y): &Input) -> Vec<f64> {
    let mut delta = p.clone();
    delta[*y] -= 1.0;
    backward_by_definition(&matrix(theta), &delta, &[], Activation::Sigmoid, a2)
}

/// The right δ_2, and δ_1 through a matrix that is made of W_2, with an activation and its values.
fn through(input: &Input, weights: fn(&Matrix<f64>) -> Matrix<f64>, f: Activation, a: &[f64]) -> Vec<Part> {
    let delta2 = delta2(input);
    parts(&backward_by_definition(&weights(&matrix(&input.0)), &delta2, &[], f, a), &delta2)
}

/// W_2 transposed, as far as it reaches.
fn transposed(m: &Matrix<f64>) -> Matrix<f64> {
    Matrix::from_function(m.rows(), m.columns(), |i, j| if j < m.rows() && i < m.columns() { m.row(j)[i] } else { 0.0 })
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let half = vec![0.5, 0.5];
    let w2 = vec![vec![1.0, 2.0], vec![3.0, 4.0]];
    let theta = vec![vec![8.0, 0.0], vec![0.0, 8.0]];
    let first = "W_2 with the rows (1, 2) and (3, 4), Θ with (8, 0) and (0, 8), all a = ½, p = (¾, ¼), and y = 1";
    let mut inputs = vec![(first.to_string(), (w2, theta, half.clone(), half, vec![0.75, 0.25], 1))];
    // The code as it was handed out stops with unequal layers, so these come last.
    for (first, second, classes) in [(3, 3, 2), (5, 5, 4), (2, 3, 4), (3, 2, 4)] {
        let mut rows = |rows: usize, columns: usize, low: f64| -> Vec<Vec<f64>> {
            (0..rows).map(|_| (0..columns).map(|_| random.uniform(low, 1.0)).collect()).collect()
        };
        let (w2, theta) = (rows(second, first, -1.0), rows(classes, second, -1.0));
        let (a1, a2, z) =
            (rows(1, first, 0.0).concat(), rows(1, second, 0.0).concat(), rows(1, classes, -1.0).concat());
        let (_, p) = log_probabilities_by_definition(&z);
        inputs.push((format!("{first} and {second} random units and {classes} classes"), (w2, theta, a1, a2, p, 1)));
    }
    let same = |m: &Matrix<f64>| m.clone();
    Judge::new(inputs, move |input| through(input, same, Activation::Sigmoid, &input.2))
        .mistake("the code as it was handed out", |input| through(input, transposed, Activation::Sigmoid, &input.2))
        .mistake("δ_1 has the slope of a_2 in place of a_1", move |input| {
            let mut a = input.3.clone();
            a.resize(input.2.len(), 0.0);
            through(input, same, Activation::Sigmoid, &a)
        })
        .mistake("the sum of line D runs over the units of the first layer, not of the second", |input| {
            let delta2 = delta2(input);
            let mut summed = delta2.clone();
            summed.iter_mut().skip(input.2.len()).for_each(|d| *d = 0.0);
            let delta1 = backward_by_definition(&matrix(&input.0), &summed, &[], Activation::Sigmoid, &input.2);
            parts(&delta1, &delta2)
        })
        .mistake("δ_1 lacks the slope of a_1", move |input| through(input, same, Activation::Linear, &input.2))
        .mistake("δ_1 is computed from δ_z in place of δ_2", |input| {
            let delta2 = delta2(input);
            let mut delta_z = input.4.clone();
            delta_z[input.5] -= 1.0;
            delta_z.resize(input.3.len(), 0.0);
            let delta1 = backward_by_definition(&matrix(&input.0), &delta_z, &[], Activation::Sigmoid, &input.2);
            parts(&delta1, &delta2)
        })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 5] = [
    Some("Line A is right: ∂J/∂Θ and ∂J/∂b are computed from δ_z, and they pass."),
    Some("Line B is right: δ_2 contains this sum, and ∂J/∂W_2 and ∂J/∂b_2, computed from δ_2, pass."),
    Some("Line C is right: ∂J/∂W_2 and ∂J/∂b_2 are computed from this δ_2, and they pass."),
    None,
    Some("Line E is right: it does the same thing with a symmetric W_2, and then ∂J/∂W_1 and ∂J/∂b_1 pass."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks δ_1 and δ_2 from W_2, Θ, a_1, a_2, p, and the label.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(deltas: fn(&[Vec<f64>], &[Vec<f64>], &[f64], &[f64], &[f64], usize) -> (Vec<f64>, Vec<f64>)) {
    judge().check(|(w2, theta, a1, a2, p, y)| {
        let (delta1, delta2) = deltas(w2, theta, a1, a2, p, *y);
        parts(&delta1, &delta2)
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
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'D')));
    }
}
