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

fn sum(w: &[f64], b: f64, x: &[f64]) -> f64 {
    w.iter().zip(x).fold(b, |sum, (w, x)| sum + w * x)
}

fn parts(a: f64, slope: f64) -> Vec<Part> {
    vec![("activation", vec![a]), ("slope", vec![slope])]
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let mut inputs = vec![("w = (1, 2), b = -1, x = (3, 0.5)".to_string(), (vec![1.0, 2.0], -1.0, vec![3.0, 0.5]))];
    for n in [1, 3] {
        let [w, x] = [(); 2].map(|()| (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>());
        inputs.push((format!("{n} random weights"), (w, random.uniform(-1.0, 1.0), x)));
    }
    let sigmoid = |z: f64| Activation::Sigmoid.value(z);
    let right = move |(w, b, x): &Input| {
        let a = sigmoid(sum(w, *b, x));
        (a, Activation::Sigmoid.slope(a))
    };
    Judge::new(inputs, move |input| {
        let (a, slope) = right(input);
        parts(a, slope)
    })
    .mistake("the bias is forgotten", move |input| parts(sigmoid(sum(&input.0, 0.0, &input.2)), right(input).1))
    .mistake("e^z in place of e^(-z)", move |input| parts(1.0 - right(input).0, right(input).1))
    .mistake("z itself, without the sigmoid", move |input| parts(sum(&input.0, input.1, &input.2), right(input).1))
    .mistake("tanh in place of the sigmoid", move |input| {
        parts(Real::tanh(sum(&input.0, input.1, &input.2)), right(input).1)
    })
    .mistake("1 - a in place of a·(1 - a)", move |input| parts(right(input).0, 1.0 - right(input).0))
    .mistake("the slope of tanh, 1 - a²", move |input| parts(right(input).0, 1.0 - right(input).0 * right(input).0))
    .mistake("σ is applied to a once more before the slope", move |input| {
        let a = sigmoid(right(input).0);
        parts(right(input).0, a * (1.0 - a))
    })
}

/// Checks a unit's activation from (w, b, x), and the slope from its activation.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(activation: fn(&[f64], f64, &[f64]) -> f64, slope: fn(f64) -> f64) {
    judge().check(|(w, b, x)| parts(activation(w, *b, x), slope(Activation::Sigmoid.value(sum(w, *b, x)))));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
