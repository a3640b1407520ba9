//! A unit and its slope.

use crate::model::Activation;
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Weights, bias and input of a unit.
type Input = (Vec<f64>, f64, Vec<f64>);

/// b + Σ_i w_i·x_i.
fn sum((w, b, x): &Input) -> f64 {
    w.iter().zip(x).fold(*b, |sum, (w, x)| sum + w * x)
}

/// The activation, computed from z by some formula.
fn activation(z: f64, formula: fn(f64) -> f64) -> Vec<Part> {
    vec![("activation", vec![formula(z)])]
}

fn sigmoid(z: f64) -> f64 {
    Activation::Sigmoid.value(z)
}

fn activations() -> Judge<Input> {
    let mut random = Random::new(1);
    let mut inputs = vec![("w = (1, 2), b = -1, x = (3, 0.5)".to_string(), (vec![1.0, 2.0], -1.0, vec![3.0, 0.5]))];
    for n in [1, 3] {
        let [w, x] = [(); 2].map(|()| (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>());
        inputs.push((format!("{n} random weights"), (w, random.uniform(-1.0, 1.0), x)));
    }
    let without = |(w, _, x): &Input| sum(&(w.clone(), 0.0, x.clone()));
    let last = |(w, _, x): &Input| w[w.len() - 1] * x[w.len() - 1];
    Judge::new(inputs, |input| activation(sum(input), sigmoid))
        .mistake("the bias is forgotten", move |input| activation(without(input), sigmoid))
        .mistake("the bias is subtracted", move |input| activation(without(input) - input.1, sigmoid))
        .mistake("the bias is added inside the loop, once for each input", move |input| {
            activation(without(input) + input.1 * input.0.len() as f64, sigmoid)
        })
        .mistake("the bias is added at the start, and again inside the loop", move |input| {
            activation(without(input) + input.1 * (input.0.len() + 1) as f64, sigmoid)
        })
        .mistake("the bias is added after the sigmoid, not before", move |input| {
            vec![("activation", vec![sigmoid(without(input)) + input.1])]
        })
        .mistake("= in place of += in the loop, so only the last product is left", move |input| {
            activation(last(input), sigmoid)
        })
        .mistake("each turn of the loop starts at b again, so only the last product is added", move |input| {
            activation(input.1 + last(input), sigmoid)
        })
        .mistake("e^z in place of e^(-z)", |input| activation(sum(input), |z| sigmoid(-z)))
        .mistake("e^z with a minus before it: write `(-z).exp()`, since a method binds tighter than a minus", |input| {
            activation(sum(input), |z| 1.0 / (1.0 - Real::exp(z)))
        })
        .mistake("the denominator lacks its parentheses, so `1.0 / 1.0 + (-z).exp()` is 1 + e^(-z)", |input| {
            activation(sum(input), |z| 1.0 + Real::exp(-z))
        })
        .mistake("z itself, without the sigmoid", |input| activation(sum(input), |z| z))
        .mistake("tanh in place of the sigmoid", |input| activation(sum(input), Real::tanh))
}

fn slopes() -> Judge<f64> {
    let part = |slope: f64| -> Vec<Part> { vec![("slope", vec![slope])] };
    let inputs = [0.25, 0.8, 0.5].map(|a| (format!("a = {a}"), a)).to_vec();
    Judge::new(inputs, move |&a| part(Activation::Sigmoid.slope(a)))
        .mistake("1 - a in place of a·(1 - a)", move |a| part(1.0 - a))
        .mistake("the slope of tanh, 1 - a²", move |a| part(1.0 - a * a))
        .mistake("a·a in place of a·(1 - a)", move |a| part(a * a))
        .mistake("`a * 1.0 - a`, which lacks its parentheses and is 0", move |_| part(0.0))
        .mistake("σ is applied to a again: the argument of `slope` is already a, not z", move |&a| {
            part(Activation::Sigmoid.slope(sigmoid(a)))
        })
}

/// Checks a unit's activation from (w, b, x), and then the slope from an activation.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(your_activation: fn(&[f64], f64, &[f64]) -> f64, your_slope: fn(f64) -> f64) {
    activations().check(|(w, b, x)| vec![("activation", vec![your_activation(w, *b, x)])]);
    slopes().check(|&a| vec![("slope", vec![your_slope(a)])]);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::activations().check_itself();
        super::slopes().check_itself();
    }
}
