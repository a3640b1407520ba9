//! Detective: dropout, forward and back.

use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::layer::{backward_by_definition, forward_by_definition};
use crate::model::stacked::DenseWeights;
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// W2, a, t, q, and the random numbers.
type Input = (Vec<Vec<f64>>, Vec<f64>, Vec<f64>, f64, Vec<f64>);

/// ∂J/∂W2 and δ1.
pub type Answer = (Vec<Vec<f64>>, Vec<f64>);

fn parts(d_w2: Vec<f64>, delta1: Vec<f64>) -> Vec<Part> {
    vec![("∂J/∂W2", d_w2), ("δ1", delta1)]
}

/// The elements of a mask from random number `from` on.
fn mask((_, a, _, q, uniform): &Input, from: usize) -> Vec<f64> {
    let element = |j: usize| if uniform[(from + j) % uniform.len()] < *q { 0.0 } else { 1.0 / (1.0 - q) };
    (0..a.len()).map(element).collect()
}

/// The right ∂J/∂W2, and δ1 with a mask of its own: as a factor of the columns of W2, through which δ comes back.
fn with(input: &Input, mask_back: &[f64], f: Activation) -> Vec<Part> {
    let (w2, a, t, ..) = input;
    let kept: Vec<f64> = mask(input, 0).iter().zip(a).map(|(mu, a)| mu * a).collect();
    let matrix = |factors: &[f64]| Matrix::from_function(w2.len(), a.len(), |k, j| w2[k][j] * factors[j]);
    let layer = DenseWeights { weights: matrix(&vec![1.0; a.len()]), bias: vec![0.0; t.len()] };
    let y = forward_by_definition(&layer, Activation::Linear, &kept);
    let delta2: Vec<f64> = y.iter().zip(t).map(|(y, t)| y - t).collect();
    let d_w2 = delta2.iter().flat_map(|d| kept.iter().map(move |a| d * a)).collect();
    parts(d_w2, backward_by_definition(&matrix(mask_back), &delta2, &[], f, a))
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let first = (vec![vec![1.0, 2.0]], vec![0.5, 0.5], vec![1.0], 0.5, vec![0.2, 0.7, 0.9, 0.1]);
    let first_name = "W2 = (1, 2), a = (½, ½), t = 1, q = ½, and the random numbers 0.2, 0.7, 0.9, 0.1";
    let mut inputs = vec![(first_name.to_string(), first)];
    for (units, outputs, q) in [(5, 3, 0.3), (7, 2, 0.5), (4, 6, 0.2)] {
        let mut row = |n: usize, low: f64| -> Vec<f64> { (0..n).map(|_| random.uniform(low, 1.0)).collect() };
        let w2 = (0..outputs).map(|_| row(units, -1.0)).collect();
        let input = (w2, row(units, 0.0), row(outputs, -1.0), q, row(3 * units, 0.0));
        inputs.push((format!("{units} random hidden units, {outputs} outputs, and q = {q}"), input));
    }
    let sigmoid = Activation::Sigmoid;
    let changed = move |input: &Input, change: fn(f64, f64) -> f64| -> Vec<Part> {
        let back: Vec<f64> = mask(input, 0).iter().map(|&mu| change(mu, input.3)).collect();
        with(input, &back, sigmoid)
    };
    Judge::new(inputs, move |input| with(input, &mask(input, 0), sigmoid))
        .mistake("the code as it was handed out", move |input| with(input, &mask(input, input.1.len()), sigmoid))
        .mistake("there is no mask in the backward pass", move |input| changed(input, |_, _| 1.0))
        .mistake("the mask in the backward pass lacks the factor 1/(1 - q)", move |input| {
            changed(input, |mu, q| mu * (1.0 - q))
        })
        .mistake("δ1 has the factor μ twice", move |input| changed(input, |mu, _| mu * mu))
        .mistake("δ1 lacks the slope of the sigmoid", |input| with(input, &mask(input, 0), Activation::Linear))
        .mistake("the slope of the sigmoid is computed from μ·a in place of a", |input| {
            let mu = mask(input, 0);
            let back: Vec<f64> = mu.iter().zip(&input.1).map(|(mu, a)| mu * mu * a * (1.0 - mu * a)).collect();
            with(input, &back, Activation::Linear)
        })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 7] = [
    Some("Line A is right: J is computed with this mask, and ∂J/∂W2, which depends on it, passes."),
    Some("Line B is right: ∂J/∂W2 consists of products with these values, and it passes."),
    Some("Line C is right: a wrong y would make δ2 wrong, and with it ∂J/∂W2."),
    Some("Line D is right: ∂J/∂W2 consists of products with δ2, and it passes."),
    Some("Line E is right: it computes ∂J/∂W2, which passes with every q."),
    Some("Line F contains no mask, and with q = 0 ∂J/∂W1 passes: it is right."),
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

/// Checks ∂J/∂W2 and δ1 from W2, a, t, q, and the random numbers.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(yours: fn(&[Vec<f64>], &[f64], &[f64], f64, &[f64]) -> Answer) {
    judge().check(|(w2, a, t, q, uniform)| {
        let (d_w2, delta1) = yours(w2, a, t, *q, uniform);
        parts(d_w2.concat(), delta1)
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
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'G')));
    }
}
