//! The cost and the gradient of the sparse autoencoder, with weight decay.

use crate::model::Autoencoder;
use crate::model::autoencoder::by_definition;
use crate::optimize::Objective;
use crate::tutorial::workbook::judge::accept;
use crate::tutorial::workbook::mutants::autoencoder::{NEARLY_RIGHT, RIGHT, autoencoder};
use crate::tutorial::workbook::mutants::{Gallery, columns, diagnose, draw, theta};
use std::vec;
use std::vec::Vec;

/// One mistake in δ3 or δ2.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// x - y in δ3.
    Sign,
    /// y·(1 - y) forgotten.
    NoOutputSlope,
    /// a2·(1 - a2) forgotten.
    NoHiddenSlope,
    /// s added after the slope.
    PenaltyLast,
    /// s with the wrong sign.
    PenaltySign,
    /// W2 read as if it lay by columns.
    Columns,
    /// ∂W1 and ∂W2 written as if they lay by columns.
    Stored,
    /// ∂W1 with y where x belongs.
    OutputForInput,
    /// ∂W2 with x where a2 belongs.
    InputForActivation,
    /// s from the example's own activation.
    OwnActivation,
    /// s from a ρ̂ that is not divided by m.
    SumForMean,
    /// s from a ρ̂ that is divided by n_h.
    DividedByUnits,
    /// s from a ρ̂ that is not set to 0 before each unit.
    MeansAddUp,
    /// s divided by m.
    PenaltyDivided,
    /// s added once for each output.
    PenaltyInSum,
    /// s multiplied by β again.
    PenaltyTwice,
    /// 1 - y in place of y·(1 - y).
    HalfOutputSlope,
    /// 1 - a2 in place of a2·(1 - a2).
    HalfHiddenSlope,
}

/// The gradient of [`RIGHT`] on the examples of its gallery, with a slip or without.
fn gradient(slip: Slip) -> Vec<f64> {
    let (x, theta) = (draw(5, 7), theta(RIGHT.dimension()));
    let (n_v, n_h, m) = (RIGHT.visible, RIGHT.hidden, 7.0);
    let Autoencoder { weight_decay: lambda, sparsity: rho, sparsity_weight: beta, .. } = RIGHT;
    let [w1, w2, b1, b2] = RIGHT.blocks().map(|block| block.range.start);
    let a2 = RIGHT.encode(&theta, &x);
    let y = RIGHT.decode(&theta, &a2);
    let mean = |j: usize| a2.row(j).iter().fold(0.0, |sum, a| sum + a / m);
    let penalty_slope = |rho_hat: f64| beta * ((1.0 - rho) / (1.0 - rho_hat) - rho / rho_hat);
    let decayed = |(i, w): (usize, &f64)| if i < b1 { lambda * w } else { 0.0 };
    let mut gradient: Vec<f64> = theta.iter().enumerate().map(decayed).collect();
    let slope = |a: f64| a * (1.0 - a);
    for n in 0..7 {
        let (x, a2, y) = (x.column(n), a2.column(n), y.column(n));
        let delta3 = |i: usize| {
            let error = if slip == Slip::Sign { x[i] - y[i] } else { y[i] - x[i] };
            error
                * match slip {
                    Slip::NoOutputSlope => 1.0,
                    Slip::HalfOutputSlope => 1.0 - y[i],
                    _ => slope(y[i]),
                }
        };
        for j in 0..n_h {
            let s = penalty_slope(match slip {
                Slip::OwnActivation => a2[j],
                Slip::SumForMean => mean(j) * m,
                Slip::DividedByUnits => mean(j) * m / n_h as f64,
                Slip::MeansAddUp => (0..=j).fold(0.0, |sum, k| sum + mean(k)),
                _ => mean(j),
            });
            let s = match slip {
                Slip::PenaltySign => -s,
                Slip::PenaltyDivided => s / m,
                Slip::PenaltyInSum => s * n_v as f64,
                Slip::PenaltyTwice => s * beta,
                _ => s,
            };
            let w2_at = |i: usize| w2 + if slip == Slip::Columns { j * n_v + i } else { i * n_h + j };
            let back = (0..n_v).fold(0.0, |sum, i| sum + theta[w2_at(i)] * delta3(i));
            let delta2 = match slip {
                Slip::NoHiddenSlope => back + s,
                Slip::HalfHiddenSlope => (back + s) * (1.0 - a2[j]),
                Slip::PenaltyLast => back * slope(a2[j]) + s,
                _ => (back + s) * slope(a2[j]),
            };
            for i in 0..n_v {
                let (of_w1, of_w2) = (j * n_v + i, i * n_h + j);
                let (of_w1, of_w2) = if slip == Slip::Stored { (of_w2, of_w1) } else { (of_w1, of_w2) };
                let input = if slip == Slip::OutputForInput { y[i] } else { x[i] };
                gradient[w1 + of_w1] += delta2 * input / m;
                let activation = if slip == Slip::InputForActivation { x[j] } else { a2[j] };
                gradient[w2 + of_w2] += delta3(i) * activation / m;
            }
            gradient[b1 + j] += delta2 / m;
        }
        (0..n_v).for_each(|i| gradient[b2 + i] += delta3(i) / m);
    }
    gradient
}

/// J at θ with other weights of its terms; with an error as well, that many more times the mean error.
fn cost(weight_decay: f64, sparsity_weight: f64, more_errors: f64) -> impl Fn(&[f64]) -> f64 {
    move |theta| {
        let j = |weight_decay, sparsity_weight| {
            by_definition(&Autoencoder { weight_decay, sparsity_weight, ..RIGHT }, theta, &draw(5, 7)).0
        };
        j(weight_decay, sparsity_weight) + more_errors * j(0.0, 0.0)
    }
}

/// The sparse autoencoder's gallery, with what students get wrong when they put the terms together.
fn gallery() -> Gallery {
    let (x, theta) = (draw(5, 7), theta(RIGHT.dimension()));
    let (lambda, beta) = (RIGHT.weight_decay, RIGHT.sparsity_weight);
    let decayed = |weight_decay: f64| {
        let mut gradient = vec![0.0; theta.len()];
        Autoencoder { weight_decay, ..RIGHT }.cost(&x).cost_and_gradient(&theta, &mut gradient);
        gradient
    };
    let summed: Vec<f64> = decayed(lambda / 7.0).iter().map(|g| 7.0 * g).collect();
    let stored = gradient(Slip::Stored);
    let mut gallery = autoencoder();
    // It is there for the gradient check, and so close to the right gradient that every other mistake resembles it.
    gallery.mutants.retain(|mutant| mutant.cause != NEARLY_RIGHT);
    let (all, weights, first, biases) = (["W1", "W2", "b1", "b2"], ["W1", "W2"], ["W1", "b1"], ["b1", "b2"]);
    gallery
        .changed("the weight decay is applied to the biases too", &biases, |g| {
            (30..38).for_each(|k| g[k] += lambda * theta[k]);
        })
        .mutant("the gradient of the weight decay is (λ/2)W in place of λW", &weights, decayed(0.5 * lambda))
        .mutant("the weight decay is subtracted from the gradient", &weights, decayed(-lambda))
        .mutant("λ W is divided by the number of examples", &weights, decayed(lambda / 7.0))
        .mutant("λ W is added once for every example", &weights, decayed(7.0 * lambda))
        .mutant("the gradient of the weight decay is 2λW in place of λW", &weights, decayed(2.0 * lambda))
        .changed("the sum over the examples in ∂J/∂W1 is not divided by m", &["W1"], |g| {
            g[..15].copy_from_slice(&summed[..15]);
        })
        .changed("the sum over the examples in ∂J/∂W2 is not divided by m", &["W2"], |g| {
            g[15..30].copy_from_slice(&summed[15..30]);
        })
        .changed("the sum over the examples in ∂J/∂b1 is not divided by m", &["b1"], |g| {
            g[30..33].copy_from_slice(&summed[30..33]);
        })
        .changed("the sums over the examples in ∂J/∂W1 and ∂J/∂b1 are not divided by m", &first, |g| {
            g[..15].copy_from_slice(&summed[..15]);
            g[30..33].copy_from_slice(&summed[30..33]);
        })
        .mutant("no sum over the examples in the gradient is divided by m", &all, summed.clone())
        .mutant("δ3 contains x - y in place of y - x", &all, gradient(Slip::Sign))
        .mutant("y·(1 - y) is forgotten in δ3", &all, gradient(Slip::NoOutputSlope))
        .mutant("a2·(1 - a2) is forgotten in δ2", &first, gradient(Slip::NoHiddenSlope))
        .mutant("s is added to δ2 after the multiplication by a2·(1 - a2)", &first, gradient(Slip::PenaltyLast))
        .mutant("-s in place of s", &first, gradient(Slip::PenaltySign))
        .mutant("1 - y in place of y·(1 - y) in δ3", &all, gradient(Slip::HalfOutputSlope))
        .mutant("1 - a2 in place of a2·(1 - a2) in δ2", &first, gradient(Slip::HalfHiddenSlope))
        .mutant("ρ̂ is not divided by m in s", &first, gradient(Slip::SumForMean))
        .mutant("ρ̂ is divided by n_h in place of m in s", &first, gradient(Slip::DividedByUnits))
        .mutant("ρ̂ is not set to 0 again before each unit, so the means add up", &first, gradient(Slip::MeansAddUp))
        .mutant("s has the example's own activation in place of ρ̂", &first, gradient(Slip::OwnActivation))
        .mutant("s is divided by m", &first, gradient(Slip::PenaltyDivided))
        .mutant("s is added inside the sum over i, once for each output", &first, gradient(Slip::PenaltyInSum))
        .mutant("s is multiplied by β again", &first, gradient(Slip::PenaltyTwice))
        .mutant("W2 is read column by column in δ2", &first, gradient(Slip::Columns))
        .mutant("∂J/∂W1 contains y in place of x", &["W1"], gradient(Slip::OutputForInput))
        .mutant("∂J/∂W2 contains x in place of a2", &["W2"], gradient(Slip::InputForActivation))
        .changed("∂J/∂W1 is stored column by column", &["W1"], |g| g[..15].copy_from_slice(&stored[..15]))
        .changed("∂J/∂W2 is stored column by column", &["W2"], |g| g[15..30].copy_from_slice(&stored[15..30]))
        .wrong_cost("λ in place of λ/2 in the cost", &weights, cost(2.0 * lambda, beta, 0.0))
        .wrong_cost("the weight decay is missing from the cost", &weights, cost(0.0, beta, 0.0))
        .wrong_cost("the sparsity term is missing from the cost", &first, cost(lambda, 0.0, 0.0))
        .wrong_cost("KL is not multiplied by β in the cost", &first, cost(lambda, 1.0, 0.0))
        .wrong_cost("KL is multiplied by β again in the cost", &first, cost(lambda, beta * beta, 0.0))
        .wrong_cost(
            "KL is inside the loop over the examples: it is added m times",
            &first,
            cost(lambda, 7.0 * beta, 0.0),
        )
        .wrong_cost("KL is divided by m in the cost", &first, cost(lambda, beta / 7.0, 0.0))
        .wrong_cost(
            "the weight decay is inside the loop over the examples: it is added to the cost m times",
            &weights,
            cost(7.0 * lambda, beta, 0.0),
        )
        .wrong_cost("the weight decay in the cost is divided by m", &weights, cost(lambda / 7.0, beta, 0.0))
        .wrong_cost("the errors are divided by n_v as well as by m", &all, cost(lambda, beta, 0.2 - 1.0))
        .wrong_cost("the errors are divided by n_v in place of m", &all, cost(lambda, beta, 7.0 / 5.0 - 1.0))
        .wrong_cost("the ½ of the squared error is missing from the cost", &all, cost(lambda, beta, 1.0))
        .wrong_cost("the errors are added up, but not divided by the number of examples", &all, cost(lambda, beta, 6.0))
        .wrong_cost("the weight decay in the cost includes the biases", &biases, move |theta| {
            theta[30..].iter().fold(cost(lambda, beta, 0.0)(theta), |sum, b| sum + 0.5 * lambda * b * b)
        })
}

/// J and ∇J from θ, the examples, n_h, λ, ρ, and β.
pub type CostAndGradient = fn(&[f64], &[Vec<f64>], usize, f64, f64, f64) -> (f64, Vec<f64>);

/// Checks the cost and the gradient of a sparse autoencoder.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(cost_and_gradient: CostAndGradient) {
    let x = columns(&draw(RIGHT.visible, 7));
    let Autoencoder { hidden, weight_decay, sparsity, sparsity_weight, .. } = RIGHT;
    let yours = |theta: &[f64]| cost_and_gradient(theta, &x, hidden, weight_decay, sparsity, sparsity_weight);
    accept(diagnose(&gallery(), yours));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        gallery().check_itself();
    }

    #[test]
    fn the_loops_without_a_slip_are_right() {
        let right = gallery().gradient;
        assert!(gradient(Slip::None).iter().zip(&right).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
