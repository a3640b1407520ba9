//! δ through the layers of a stacked network, and the gradients of all its blocks.

use crate::model::Activation::{Linear, Sigmoid};
use crate::model::layer::forward_by_definition;
use crate::model::softmax::log_probabilities_by_definition;
use crate::optimize::Objective;
use crate::tutorial::workbook::judge::accept;
use crate::tutorial::workbook::mutants::stacked::{LABELS, model};
use crate::tutorial::workbook::mutants::{Gallery, columns, diagnose, draw, theta};
use std::vec;
use std::vec::Vec;

/// One mistake in the task's functions, or in how they are called.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// `step_down` reads its matrix by columns.
    StepColumns,
    /// `step_down` without a·(1 - a).
    StepNoSlope,
    /// `step_down` with a in place of a·(1 - a).
    StepHalfSlope,
    /// `add` writes the gradient of W by columns.
    AddColumns,
    /// `add` without the bias.
    AddNoBias,
    /// `add` adds to the bias in the inner loop, over the weights.
    AddInnerBias,
    /// `add` does not divide by m: the weights, the bias.
    AddSum(bool, bool),
    /// `add` writes = in place of +=.
    AddLast,
    /// δ_1 through Θ, as far as it reaches.
    ThetaBelow,
    /// δ_1 with a_2: of as many values as a_2.
    SlopeAbove,
    /// ∂W2 with x in place of a_1.
    InputForFirst,
    /// ∂W2 with a_2 in place of a_1.
    SecondForFirst,
    /// ∂Θ with a_1 in place of a_2.
    FirstForSecond,
    /// ∂W1 with a_1 in place of x.
    FirstForInput,
    /// p where p - 1{k = y} belongs.
    NoTruth,
    /// 1{k = y} - p.
    Sign,
}

/// `step_down` of the task.
fn step_down(slip: Slip, w: &[f64], above: &[f64], a: &[f64]) -> Vec<f64> {
    let (n, rows) = (a.len(), above.len());
    let weight = |k: usize, j: usize| w[if slip == Slip::StepColumns { j * rows + k } else { k * n + j }];
    let slope = |a: f64| match slip {
        Slip::StepNoSlope => 1.0,
        Slip::StepHalfSlope => a,
        _ => Sigmoid.slope(a),
    };
    let sum = |j: usize| (0..rows).fold(0.0, |sum, k| sum + weight(k, j) * above[k]);
    (0..n).map(|j| sum(j) * slope(a[j])).collect()
}

/// `add` of the task.
fn add(slip: Slip, gradient: &mut [f64], [w, b]: [usize; 2], delta: &[f64], below: &[f64]) {
    let m = LABELS.len() as f64;
    let (for_weights, for_bias) = match slip {
        Slip::AddSum(weights, bias) => (if weights { 1.0 } else { m }, if bias { 1.0 } else { m }),
        _ => (m, m),
    };
    let mut put = |at: usize, value: f64| {
        gradient[at] = if slip == Slip::AddLast { value } else { gradient[at] + value };
    };
    for (k, d) in delta.iter().enumerate() {
        for (j, a) in below.iter().enumerate() {
            put(
                w + if slip == Slip::AddColumns { j * delta.len() + k } else { k * below.len() + j },
                d * a / for_weights,
            );
        }
        let times = match slip {
            Slip::AddNoBias => 0,
            Slip::AddInnerBias => below.len(),
            _ => 1,
        };
        (0..times).for_each(|_| put(b + k, d / for_bias));
    }
}

/// The gradient of the stacked network on the examples of its gallery, with a slip or without.
fn gradient(slip: Slip) -> Vec<f64> {
    let (model, x) = (model(), draw(5, 7));
    let theta = theta(model.dimension());
    let (layers, top) = model.unpack(&theta);
    let top = model.top_layer(&top);
    let starts: Vec<usize> = model.blocks().iter().map(|block| block.range.start).collect();
    let mut gradient = vec![0.0; theta.len()];
    for (n, &y) in LABELS.iter().enumerate() {
        let x = x.column(n);
        let a1 = forward_by_definition(&layers[0], Sigmoid, &x);
        let a2 = forward_by_definition(&layers[1], Sigmoid, &a1);
        let (_, mut delta_z) = log_probabilities_by_definition(&forward_by_definition(&top, Linear, &a2));
        delta_z[y] -= if slip == Slip::NoTruth { 0.0 } else { 1.0 };
        if slip == Slip::Sign {
            delta_z.iter_mut().for_each(|d| *d = -*d);
        }
        let (w2, flat) = (layers[1].weights.elements(), top.weights.elements());
        let delta2 = step_down(slip, flat, &delta_z, &a2);
        let a = if slip == Slip::SlopeAbove { &a2 } else { &a1 };
        let delta1 = step_down(slip, if slip == Slip::ThetaBelow { flat } else { w2 }, &delta2, a);
        let below_top = if slip == Slip::FirstForSecond { &a1 } else { &a2 };
        add(slip, &mut gradient, [starts[4], starts[5]], &delta_z, below_top);
        let below_second = match slip {
            Slip::InputForFirst => &x,
            Slip::SecondForFirst => &a2,
            _ => &a1,
        };
        add(slip, &mut gradient, [starts[2], starts[3]], &delta2, below_second);
        let below_first = if slip == Slip::FirstForInput { &a1 } else { &x };
        add(slip, &mut gradient, [starts[0], starts[1]], &delta1, below_first);
    }
    for (i, weight) in (starts[4]..).zip(top.weights.elements()) {
        gradient[i] += model.weight_decay * weight;
    }
    gradient
}

/// The stacked network's gallery, with what students get wrong in this task.
fn gallery() -> Gallery {
    let (network, x) = (model(), draw(5, 7));
    let (lambda, theta, blocks) = (network.weight_decay, theta(network.dimension()), network.blocks());
    let top = blocks[4].range.clone();
    let decay_of_top = || top.clone().map(|i| (i, lambda * theta[i]));
    let all = ["W1", "b1", "W2", "b2", "Theta", "b"];
    let (weights, biases) = (["W1", "W2", "Theta"], ["b1", "b2", "b"]);
    let right = Gallery::new("a stacked network, 5-4-3, 4 classes, 7 examples", &blocks, move |theta, gradient| {
        network.cost(&x, &LABELS).cost_and_gradient(theta, gradient)
    });
    right
        .mutant("step_down reads its matrix column by column", &all[..4], gradient(Slip::StepColumns))
        .mutant("a·(1 - a) is forgotten in step_down", &all[..4], gradient(Slip::StepNoSlope))
        .mutant("step_down multiplies by a in place of a·(1 - a)", &all[..4], gradient(Slip::StepHalfSlope))
        .mutant("add stores the gradient of W column by column", &weights, gradient(Slip::AddColumns))
        .mutant("add leaves out the gradient of the bias", &biases, gradient(Slip::AddNoBias))
        .mutant("add adds to the bias once for each weight of the unit", &biases, gradient(Slip::AddInnerBias))
        .mutant("add does not divide by m", &all, gradient(Slip::AddSum(true, true)))
        .mutant("add does not divide by m for W", &weights, gradient(Slip::AddSum(true, false)))
        .mutant("add does not divide by m for b", &biases, gradient(Slip::AddSum(false, true)))
        .mutant("add overwrites what the other examples contributed: = in place of +=", &all, gradient(Slip::AddLast))
        .mutant("δ_1 is computed with Θ in place of W_2", &all[..2], gradient(Slip::ThetaBelow))
        .mutant("δ_1 is computed with a_2 in place of a_1", &all[..2], gradient(Slip::SlopeAbove))
        .mutant("∂J/∂W_2 contains x in place of a_1: a layer is skipped", &["W2", "b2"], gradient(Slip::InputForFirst))
        .mutant("∂J/∂W_2 contains a_2 in place of a_1", &["W2"], gradient(Slip::SecondForFirst))
        .mutant(
            "∂J/∂Θ contains a_1 in place of a_2: a layer is skipped",
            &["Theta", "b"],
            gradient(Slip::FirstForSecond),
        )
        .mutant("∂J/∂W_1 contains a_1 in place of x", &["W1"], gradient(Slip::FirstForInput))
        .mutant("δ_z is p in place of p - 1{k = y}", &all, gradient(Slip::NoTruth))
        .mutant("δ_z has the wrong sign, 1{k = y} - p", &all, gradient(Slip::Sign))
        .changed("the weight decay is missing from the gradient of Θ", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] -= decay);
        })
        .changed("λ Θ replaces the gradient of Θ in place of being added", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] = decay);
        })
        .changed("λ Θ is divided by the number of examples", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] -= 6.0 / 7.0 * decay);
        })
        .changed("the gradient of the weight decay is (λ/2) Θ in place of λ Θ", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] -= 0.5 * decay);
        })
        .changed("the cost of the weight decay is added to the gradient, in place of its derivative", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] += 0.5 * decay * theta[i] - decay);
        })
}

/// J and ∇J from θ, the examples, their labels, n_1 and n_2, the number of classes, and λ.
pub type CostAndGradient = fn(&[f64], &[Vec<f64>], &[usize], [usize; 2], usize, f64) -> (f64, Vec<f64>);

/// Checks the cost and the gradient of a stacked network of two layers.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(cost_and_gradient: CostAndGradient) {
    let (model, x) = (model(), columns(&draw(5, 7)));
    let units = [model.layers[0], model.layers[1]];
    let yours = |theta: &[f64]| cost_and_gradient(theta, &x, &LABELS, units, model.classes, model.weight_decay);
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
    fn the_steps_without_a_slip_are_right() {
        let right = gallery().gradient;
        assert!(gradient(Slip::None).iter().zip(&right).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
