//! The sparsity penalty.

use crate::matrix::Matrix;
use crate::model::autoencoder::by_definition;
use crate::model::visualization;
use crate::model::{Activation, Autoencoder};
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Activations and the penalty's constants.
#[derive(Clone, Debug)]
struct Input {
    /// A row for each example.
    a2: Vec<Vec<f64>>,
    rho: f64,
    beta: f64,
}

impl Input {
    /// ρ̂ of each unit, by the chapter on visualization, where an example is a column.
    fn means(&self) -> Vec<f64> {
        let a2 = Matrix::from_function(self.a2[0].len(), self.a2.len(), |j, n| self.a2[n][j]);
        visualization::mean_activations(&a2)
    }

    /// ρ̂, and KL and s of each unit, by the given functions.
    fn parts(
        &self,
        means: Vec<f64>,
        divergence: impl Fn(f64, f64) -> f64,
        slope: impl Fn(f64, f64, f64) -> f64,
    ) -> Vec<Part> {
        let right = self.means();
        let divergences = right.iter().map(|&mean| divergence(self.rho, mean)).collect();
        let slopes = right.iter().map(|&mean| slope(self.rho, mean, self.beta)).collect();
        vec![("mean_activations", means), ("divergence", divergences), ("slope", slopes)]
    }
}

/// β KL and s, by the definition of the autoencoder: J and ∂J/∂b1 of one unit without weights, whose bias leads to the
/// activation ρ̂, for the one example x = 0, which a linear output of 0 reconstructs.
fn penalty(rho: f64, mean: f64, beta: f64) -> (f64, f64) {
    let linear = Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(1, 1) };
    let model = Autoencoder { sparsity: rho, sparsity_weight: beta, ..linear };
    let theta = [0.0, 0.0, Real::ln(mean / (1.0 - mean)), 0.0];
    let (cost, gradient) = by_definition(&model, &theta, &Matrix::zeros(1, 1));
    (cost, gradient[2] / Activation::Sigmoid.slope(mean))
}

fn divergence(rho: f64, mean: f64) -> f64 {
    penalty(rho, mean, 1.0).0
}

fn slope(rho: f64, mean: f64, beta: f64) -> f64 {
    penalty(rho, mean, beta).1
}

/// A mistake in ρ̂ alone: the means by a factor that depends on the numbers of examples and of units.
fn with_factor(input: &Input, factor: impl Fn(f64, f64) -> f64) -> Vec<Part> {
    let factor = factor(input.a2.len() as f64, input.a2[0].len() as f64);
    input.parts(input.means().iter().map(|mean| factor * mean).collect(), divergence, slope)
}

fn judge() -> Judge<Input> {
    let by_hand = Input { a2: vec![vec![0.2], vec![0.4]], rho: 0.1, beta: 3.0 };
    let mut inputs = vec![("a2 = 0.2 and 0.4 (so ρ̂ = 0.3), ρ = 0.1, β = 3".to_string(), by_hand)];
    let mut random = Random::new(3);
    for [m, h] in [[7, 3], [2, 5]] {
        let a2 = (0..m).map(|_| (0..h).map(|_| random.uniform(0.05, 0.95)).collect()).collect();
        let (rho, beta) = (random.uniform(0.05, 0.4), random.uniform(1.5, 5.0));
        inputs.push((format!("{m} random examples, {h} hidden units"), Input { a2, rho, beta }));
    }
    Judge::new(inputs, |input: &Input| input.parts(input.means(), divergence, slope))
        .mistake("ρ̂ is a sum over the examples, not divided by m", |input| with_factor(input, |m, _| m))
        .mistake("ρ̂ is divided by the number of units in place of the number of examples", |input| {
            with_factor(input, |m, h| m / h)
        })
        .mistake("ρ and ρ̂ are swapped in KL", |input| {
            input.parts(input.means(), |rho, mean| divergence(mean, rho), slope)
        })
        .mistake("KL has only its first term, ρ ln(ρ/ρ̂)", |input| {
            input.parts(input.means(), |rho, mean| rho * Real::ln(rho / mean), slope)
        })
        .mistake("the first quotient of KL is inverted, ρ̂/ρ in place of ρ/ρ̂", |input| {
            let kl =
                |rho: f64, mean: f64| rho * Real::ln(mean / rho) + (1.0 - rho) * Real::ln((1.0 - rho) / (1.0 - mean));
            input.parts(input.means(), kl, slope)
        })
        .mistake("the second quotient of KL is inverted, (1-ρ̂)/(1-ρ) in place of (1-ρ)/(1-ρ̂)", |input| {
            let kl =
                |rho: f64, mean: f64| rho * Real::ln(rho / mean) + (1.0 - rho) * Real::ln((1.0 - mean) / (1.0 - rho));
            input.parts(input.means(), kl, slope)
        })
        .mistake("both quotients of KL are inverted, which changes its sign", |input| {
            input.parts(input.means(), |rho, mean| -divergence(rho, mean), slope)
        })
        .mistake("log10 in place of ln in KL", |input| {
            input.parts(input.means(), |rho, mean| divergence(rho, mean) / Real::ln(10.0), slope)
        })
        .mistake("β multiplies only the first term of s: brackets are missing", |input| {
            let first = |rho: f64, mean: f64, beta: f64| beta * (1.0 - rho) / (1.0 - mean) - rho / mean;
            input.parts(input.means(), divergence, first)
        })
        .mistake("β multiplies only the term ρ/ρ̂ of s: brackets are missing", |input| {
            let second = |rho: f64, mean: f64, beta: f64| (1.0 - rho) / (1.0 - mean) - beta * rho / mean;
            input.parts(input.means(), divergence, second)
        })
        .mistake("β is forgotten in s", |input| {
            input.parts(input.means(), divergence, |rho, mean, _| slope(rho, mean, 1.0))
        })
        .mistake("-s in place of s", |input| {
            input.parts(input.means(), divergence, |rho, mean, beta| -slope(rho, mean, beta))
        })
        .mistake(
            "the two terms of s have the same sign: the derivative of ln(1-ρ̂) brings its own minus sign",
            |input| {
                let sum = |rho: f64, mean: f64, beta: f64| beta * ((1.0 - rho) / (1.0 - mean) + rho / mean);
                input.parts(input.means(), divergence, sum)
            },
        )
        .mistake("s is the derivative with respect to ρ in place of ρ̂", |input| {
            let other =
                |rho: f64, mean: f64, beta: f64| beta * (Real::ln(rho / mean) - Real::ln((1.0 - rho) / (1.0 - mean)));
            input.parts(input.means(), divergence, other)
        })
}

/// Checks the mean activations from a2, KL from (ρ, ρ̂), and s from (ρ, ρ̂, β).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(
    mean_activations: fn(&[Vec<f64>]) -> Vec<f64>,
    divergence: fn(f64, f64) -> f64,
    slope: fn(f64, f64, f64) -> f64,
) {
    judge().check(|input| input.parts(mean_activations(&input.a2), divergence, slope));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
