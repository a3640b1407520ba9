//! The cost and the gradient of softmax regression.

use crate::model::Softmax;
use crate::model::softmax::by_definition;
use crate::tutorial::workbook::judge::accept;
use crate::tutorial::workbook::mutants::stacked::{LABELS, SOFTMAX, softmax};
use crate::tutorial::workbook::mutants::{Gallery, columns, diagnose, draw, theta};
use std::vec;
use std::vec::Vec;

/// J and its gradient at θ, with another weight decay.
fn decayed(weight_decay: f64, theta: &[f64]) -> (f64, Vec<f64>) {
    by_definition(&Softmax { weight_decay, ..SOFTMAX }, theta, &draw(5, 7), &LABELS)
}

/// J and its gradient without b in the scores.
fn without_bias(theta: &[f64]) -> (f64, Vec<f64>) {
    let mut without = theta.to_vec();
    without[20..].fill(0.0);
    decayed(SOFTMAX.weight_decay, &without)
}

/// J and its gradient where Θ_kj is at j·classes + k.
fn by_columns(theta: &[f64]) -> (f64, Vec<f64>) {
    let Softmax { features, classes, .. } = SOFTMAX;
    let (mut turned, mut gradient) = (theta.to_vec(), vec![0.0; theta.len()]);
    (0..20).for_each(|i| turned[i] = theta[i % features * classes + i / features]);
    let (cost, turned_gradient) = decayed(SOFTMAX.weight_decay, &turned);
    (0..20).for_each(|i| gradient[i % features * classes + i / features] = turned_gradient[i]);
    gradient[20..].copy_from_slice(&turned_gradient[20..]);
    (cost, gradient)
}

/// The regression's gallery, with what students get wrong when they put the terms together.
fn gallery() -> Gallery {
    let (x, theta) = (draw(5, 7), theta(SOFTMAX.dimension()));
    let lambda = SOFTMAX.weight_decay;
    // What a decay of this size would give in place of the right one.
    let gradient = |weight_decay: f64| decayed(weight_decay, &theta).1;
    let times = |factor: f64, gradient: Vec<f64>| gradient.iter().map(|g| factor * g).collect::<Vec<f64>>();
    let cost = |weight_decay: f64, more: f64| {
        move |theta: &[f64]| decayed(weight_decay, theta).0 + more * decayed(0.0, theta).0
    };
    let (both, weights) = (["Theta", "b"], ["Theta"]);
    softmax()
        .changed("δ is p in place of p - 1{k = y}", &both, |g| {
            for (n, y) in LABELS.iter().enumerate() {
                (0..5).for_each(|j| g[y * 5 + j] += x.row(j)[n] / 7.0);
                g[20 + y] += 1.0 / 7.0;
            }
        })
        .mutant("δ has the wrong sign, 1{k = y} - p", &both, times(-1.0, gradient(-lambda)))
        .mutant("the sums over the examples are not divided by their number", &both, times(7.0, gradient(lambda / 7.0)))
        .mutant("the sum over the examples is not divided by their number in ∂J/∂Θ", &weights, {
            let mut gradient = gradient(lambda);
            let sums = times(7.0, self::decayed(lambda / 7.0, &theta).1);
            gradient[..20].copy_from_slice(&sums[..20]);
            gradient
        })
        .changed("the sum over the examples is not divided by their number in ∂J/∂b", &["b"], |g| {
            g[20..].iter_mut().for_each(|g| *g *= 7.0);
        })
        .changed("the gradient of b is missing", &["b"], |g| g[20..].fill(0.0))
        .changed("the gradient of Θ is stored column by column: ∂J/∂Θ_kj at j·classes + k", &weights, |g| {
            let rows = g.to_vec();
            (0..20).for_each(|i| g[i % 5 * 4 + i / 5] = rows[i]);
        })
        .changed("δ contains 1{k + 1 = y} in place of 1{k = y}: labels count from 0", &both, |g| {
            for (n, &y) in LABELS.iter().enumerate() {
                let mut add = |k: usize, sign: f64| {
                    (0..5).for_each(|j| g[k * 5 + j] += sign * x.row(j)[n] / 7.0);
                    g[20 + k] += sign / 7.0;
                };
                add(y, 1.0);
                if y > 0 {
                    add(y - 1, -1.0);
                }
            }
        })
        .mutant("the gradient of the weight decay is (λ/2) Θ in place of λ Θ", &weights, gradient(0.5 * lambda))
        .mutant("λ Θ is divided by the number of examples", &weights, gradient(lambda / 7.0))
        .mutant("λ Θ is added once for every example", &weights, gradient(7.0 * lambda))
        .mutant("b is missing from the scores", &both, without_bias(&theta).1)
        .mutant("Θ is read column by column", &both, by_columns(&theta).1)
        .wrong_cost("b is missing from the scores", &both, |theta| without_bias(theta).0)
        .wrong_cost("Θ is read column by column", &both, |theta| by_columns(theta).0)
        .wrong_cost("the cost contains ln p_y in place of -ln p_y", &both, cost(lambda, -2.0))
        .wrong_cost("the costs of the examples are added up, but not divided by their number", &both, cost(lambda, 6.0))
        .wrong_cost("λ in place of λ/2 in the cost", &weights, cost(2.0 * lambda, 0.0))
        .wrong_cost("the weight decay is missing from the cost", &weights, cost(0.0, 0.0))
        .wrong_cost("the weight decay in the cost includes b", &["b"], move |theta| {
            theta[20..].iter().fold(decayed(lambda, theta).0, |sum, b| sum + 0.5 * lambda * b * b)
        })
}

/// J and ∇J from θ, the examples, their labels, the number of classes, and λ.
pub type CostAndGradient = fn(&[f64], &[Vec<f64>], &[usize], usize, f64) -> (f64, Vec<f64>);

/// Checks the cost and the gradient of softmax regression.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(cost_and_gradient: CostAndGradient) {
    let x = columns(&draw(SOFTMAX.features, LABELS.len()));
    let yours = |theta: &[f64]| cost_and_gradient(theta, &x, &LABELS, SOFTMAX.classes, SOFTMAX.weight_decay);
    accept(diagnose(&gallery(), yours));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::gallery().check_itself();
    }
}
