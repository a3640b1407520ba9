//! The input that excites a unit most.

use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::layer::forward_by_definition;
use crate::model::stacked::DenseWeights;
use crate::model::visualization::maximal_inputs;
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Weights and bias of a unit.
type Input = (Vec<f64>, f64);

fn parts(x: Vec<f64>, a: f64) -> Vec<Part> {
    vec![("best_input", x), ("best_activation", vec![a])]
}

fn sigmoid(z: f64) -> f64 {
    Activation::Sigmoid.value(z)
}

fn layer((w, b): &Input) -> DenseWeights<f64> {
    DenseWeights { weights: Matrix::from_rows(1, w.len(), w.clone()), bias: vec![*b] }
}

/// The best input, by the chapter.
fn best(input: &Input) -> Vec<f64> {
    maximal_inputs(&layer(input)).row(0).to_vec()
}

/// The activation for an input, by the definition of a layer.
fn reached(input: &Input, x: &[f64]) -> f64 {
    forward_by_definition(&layer(input), Activation::Sigmoid, x)[0]
}

/// The length of the weights.
fn length(w: &[f64]) -> f64 {
    Element::sqrt(w.iter().fold(0.0, |sum, w| sum + w * w))
}

/// w divided by a number.
fn divided(w: &[f64], by: f64) -> Vec<f64> {
    w.iter().map(|w| w / by).collect()
}

/// The sum of |w_i|.
fn sum_of_sizes(w: &[f64]) -> f64 {
    w.iter().fold(0.0, |sum, w| sum + w.abs())
}

/// 1 for the weight of the largest size, with its sign, and 0 for all others.
fn largest_alone(w: &[f64]) -> Vec<f64> {
    let largest = w.iter().fold(0.0, |largest: f64, w| Real::max(largest, w.abs()));
    w.iter().map(|w| if w.abs() == largest { w.signum() } else { 0.0 }).collect()
}

/// What is wrong, and the input that it computes from the weights.
type WrongInput = (&'static str, fn(&[f64]) -> Vec<f64>);

const WRONG_INPUTS: [WrongInput; 6] = [
    ("best_input is w itself, not divided by its length", |w| w.to_vec()),
    ("w is divided by |w|², the sum of the squares, without the square root", |w| divided(w, length(w) * length(w))),
    ("w is divided by the sum of its elements", |w| divided(w, w.iter().fold(0.0, |sum, w| sum + w))),
    ("w is divided by the sum of |w_i|", |w| divided(w, sum_of_sizes(w))),
    ("the signs of the weights are lost", |w| w.iter().map(|v| v.abs() / length(w)).collect()),
    ("the largest weight gets all of the length", largest_alone),
];

/// What is wrong, and the activation that it computes from |w| and the bias.
type WrongActivation = (&'static str, fn(f64, f64) -> f64);

const WRONG_ACTIVATIONS: [WrongActivation; 4] = [
    ("z is w·w + b in place of w·x + b", |length, b| sigmoid(length * length + b)),
    ("e^z in place of e^-z", |length, b| sigmoid(-length - b)),
    ("the bias is forgotten in the activation", |length, _| sigmoid(length)),
    ("the activation is w·x + b, without the sigmoid", |length, b| length + b),
];

fn judge() -> Judge<Input> {
    let mut random = Random::new(5);
    let mut inputs = vec![("w = (3, 4), b = -4".to_string(), (vec![3.0, 4.0], -4.0))];
    for n in [3, 7] {
        let w = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        inputs.push((format!("{n} random weights"), (w, random.uniform(-1.0, 1.0))));
    }
    let mut judge = Judge::new(inputs, |input: &Input| {
        let x = best(input);
        let a = reached(input, &x);
        parts(x, a)
    });
    for (what, wrong) in WRONG_INPUTS {
        // The activation of the wrong input, or the right one, σ(|w| + b), if it is computed apart from the input.
        judge = judge
            .mistake(what, move |input| parts(wrong(&input.0), reached(input, &wrong(&input.0))))
            .mistake(what, move |input| parts(wrong(&input.0), reached(input, &best(input))));
    }
    for (what, wrong) in WRONG_ACTIVATIONS {
        judge = judge.mistake(what, move |input| parts(best(input), wrong(length(&input.0), input.1)));
    }
    judge
}

/// Checks the best input from w, and the activation that it reaches from (w, b).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(best_input: fn(&[f64]) -> Vec<f64>, best_activation: fn(&[f64], f64) -> f64) {
    judge().check(|(w, b)| parts(best_input(w), best_activation(w, *b)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
