//! Dropout.

use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::network::{Layer, Network, pass};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// What passes through the layer, forward and back.
#[derive(Clone, Debug)]
struct Input {
    x: Vec<f64>,
    /// ∂J/∂a.
    d: Vec<f64>,
    /// 1 where a value is kept, 0 where it is dropped.
    mask: Vec<f64>,
    /// The probability that a value is dropped.
    q: f64,
}

impl Input {
    /// The values multiplied by the mask, and by a factor.
    fn masked(&self, values: &[f64], factor: f64) -> Vec<f64> {
        values.iter().zip(&self.mask).map(|(v, mask)| if *mask == 0.0 { 0.0 } else { v * factor }).collect()
    }

    /// The factor of the values that are kept.
    fn scale(&self) -> f64 {
        1.0 / (1.0 - self.q)
    }

    /// The answer with a factor other than 1/(1 - q), forward and back.
    fn scaled(&self, factor: f64) -> Vec<Part> {
        parts(self.masked(&self.x, factor), self.x.clone(), self.masked(&self.d, factor))
    }

    /// The answer with another output in use.
    fn used(&self, a: Vec<f64>) -> Vec<Part> {
        parts(self.masked(&self.x, self.scale()), a, self.masked(&self.d, self.scale()))
    }

    /// The answer with another derivative.
    fn backward(&self, derivative: Vec<f64>) -> Vec<Part> {
        parts(self.masked(&self.x, self.scale()), self.x.clone(), derivative)
    }
}

fn times(values: &[f64], factor: f64) -> Vec<f64> {
    values.iter().map(|value| value * factor).collect()
}

fn parts(training: Vec<f64>, in_use: Vec<f64>, derivative: Vec<f64>) -> Vec<Part> {
    // A negative value times 0 is -0, which plus 0 is 0.
    let zeros = |values: Vec<f64>| values.into_iter().map(|value| value + 0.0).collect();
    vec![
        ("forward in training", zeros(training)),
        ("forward in use", zeros(in_use)),
        ("∂J/∂x of backward", zeros(derivative)),
    ]
}

/// A network of layers for examples of n values.
fn network(n: usize, layers: Vec<Layer>) -> Network {
    Network::new(MapShape { channels: n, rows: 1, columns: 1 }, layers)
}

/// (NB.4) and (NB.11) with the given mask; in use, by the definition of the network. The network draws its masks
/// itself, so a test compares both with it.
fn right(input: &Input) -> Vec<Part> {
    let (n, rate) = (input.x.len(), input.q);
    let x = Matrix::from_rows(n, 1, input.x.clone());
    let outputs = pass::by_definition(&network(n, vec![Layer::Dropout { rate }]), &[], &x);
    input.used(outputs[0].a.elements().to_vec())
}

fn judge() -> Judge<Input> {
    let by_hand = Input { x: vec![3.0, -2.0], d: vec![0.5, 1.0], mask: vec![1.0, 0.0], q: 0.25 };
    let mut inputs = vec![("x = (3, -2), d = (0.5, 1), mask (1, 0), q = 0.25".to_string(), by_hand)];
    let mut random = Random::new(6);
    for (n, q) in [(5, 0.6), (11, 0.3)] {
        let [x, d] = [(); 2].map(|()| (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>());
        // The first value is kept and the second is dropped; chance decides on the others.
        let mask = (0..n).map(|i| if i == 0 || i > 1 && random.uniform01() >= q { 1.0 } else { 0.0 }).collect();
        inputs.push((format!("{n} random values, q = {q}"), Input { x, d, mask, q }));
    }
    Judge::new(inputs, right)
        .mistake("the kept values are not scaled", |input| input.scaled(1.0))
        .mistake("the values are multiplied by 1 - q in use, not divided by it in training", |input| {
            parts(input.masked(&input.x, 1.0), times(&input.x, 1.0 - input.q), input.masked(&input.d, 1.0))
        })
        .mistake("the kept values are multiplied by 1 - q, not divided by it", |input| input.scaled(1.0 - input.q))
        .mistake("the kept values are divided by q, not by 1 - q", |input| input.scaled(1.0 / input.q))
        .mistake("the mask is also applied in use", |input| input.used(input.masked(&input.x, input.scale())))
        .mistake("the mask is also applied in use, without the factor 1/(1 - q)", |input| {
            input.used(input.masked(&input.x, 1.0))
        })
        .mistake("is_training is reversed: the mask is applied in use, and not in training", |input| {
            let answer = right(input);
            parts(answer[1].1.clone(), answer[0].1.clone(), answer[2].1.clone())
        })
        .mistake("the mask is inverted in forward: a value is dropped where the mask is 1", |input| {
            let inverted = Input { mask: input.mask.iter().map(|mask| 1.0 - mask).collect(), ..input.clone() };
            parts(inverted.masked(&input.x, input.scale()), input.x.clone(), input.masked(&input.d, input.scale()))
        })
        .mistake("backward returns d, without the mask and the factor", |input| input.backward(input.d.clone()))
        .mistake("the values are multiplied by 1 - q in use, although training divides by it already", |input| {
            input.used(times(&input.x, 1.0 - input.q))
        })
        .mistake("the derivative is multiplied by the mask, but not scaled", |input| {
            input.backward(input.masked(&input.d, 1.0))
        })
        .mistake("the derivative also passes where the value was dropped", |input| {
            input.backward(times(&input.d, input.scale()))
        })
}

/// Computes the output from (x, mask, q, whether this is training).
pub type Forward = fn(&[f64], &[f64], f64, bool) -> Vec<f64>;

/// Checks the output of dropout, in training and in use, and the derivative from (d, mask, q).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(forward: Forward, backward: fn(&[f64], &[f64], f64) -> Vec<f64>) {
    judge().check(|Input { x, d, mask, q }| {
        parts(forward(x, mask, *q, true), forward(x, mask, *q, false), backward(d, mask, *q))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::{InMemory, Target};
    use crate::model::{Activation, Loss};
    use crate::optimize::Objective;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn our_scale_is_that_of_the_network() {
        // A dense layer without weights has its biases as outputs, and they are the input x of dropout. The targets are
        // 0, so J = ½·|a|², d = a, and the gradient with respect to the biases is ∂J/∂x.
        let x = vec![0.7, -1.3, 2.0, 0.4, -0.9, 1.1, 0.3];
        let (n, q) = (x.len(), 0.3);
        let dense = Layer::Dense { units: n, activation: Activation::Linear };
        let network = network(n, vec![dense, Layer::Dropout { rate: q }]);
        let theta: Vec<f64> = vec![0.0; n * n].into_iter().chain(x.iter().copied()).collect();
        let zeros = InMemory::from_rows(Matrix::zeros(1, n));
        for seed in 0..5 {
            let mut gradient = vec![f64::NAN; theta.len()];
            let mut cost = network.cost(&zeros, Target::Input(Loss::Squared)).with_seed(seed);
            let cost: f64 = cost.cost_and_gradient(&theta, &mut gradient);
            let gradient = &gradient[n * n..];
            let mask = gradient.iter().map(|&g| if g == 0.0 { 0.0 } else { 1.0 }).collect();
            let mut input = Input { x: x.clone(), d: Vec::new(), mask, q };
            input.d = right(&input)[0].1.clone();
            let squares = input.d.iter().fold(0.0, |sum, a| sum + a * a);
            assert!((cost - 0.5 * squares).abs() < 1e-12, "{cost} {squares}");
            for (g, expected) in gradient.iter().zip(&right(&input)[2].1) {
                assert!((g - expected).abs() < 1e-12, "{g} {expected}");
            }
        }
    }
}
