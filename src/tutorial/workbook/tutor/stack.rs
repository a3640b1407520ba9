//! δ through the layers of a stacked network, and the gradients of all its blocks.

use crate::matrix::Matrix;
use crate::model::Activation::{Linear, Sigmoid};
use crate::model::layer::{backward_by_definition, forward_by_definition, gradient_by_definition};
use crate::model::softmax::log_probabilities_by_definition;
use crate::tutorial::workbook::mutants::stacked::{LABELS, model, stacked};
use crate::tutorial::workbook::mutants::{Gallery, columns, diagnose, draw, theta};
use std::vec;
use std::vec::Vec;

/// One mistake in a layer's δ or in what it is multiplied by.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// a_2·(1 - a_2) forgotten.
    NoSlope,
    /// Θ read as if it lay by columns.
    Columns,
    /// ∂Θ with a_1 where a_2 belongs, as far as a_2 is long.
    Skipped,
    /// Θ again where W2 belongs, as far as it reaches.
    SameWeights,
}

/// The gradient of the stacked network on the examples of its gallery, with a slip or without.
fn gradient(slip: Slip) -> Vec<f64> {
    let (model, x, m) = (model(), draw(5, 7), LABELS.len());
    let theta = theta(model.dimension());
    let (layers, top) = model.unpack(&theta);
    let top = model.top_layer(&top);
    let (mut d_layers, d_top) = model.unpack(&vec![0.0; theta.len()]);
    let mut d_top = model.top_layer(&d_top);
    let flat = top.weights.elements();
    let turned = Matrix::from_function(4, 3, |k, j| flat[j * 4 + k]);
    // Three rows of four values, as W2 has, from Θ's elements.
    let of_top = Matrix::from_function(3, 4, |k, j| flat[k * 4 + j]);
    for (n, &y) in LABELS.iter().enumerate() {
        let x = x.column(n);
        let a1 = forward_by_definition(&layers[0], Sigmoid, &x);
        let a2 = forward_by_definition(&layers[1], Sigmoid, &a1);
        let (_, mut delta_z) = log_probabilities_by_definition(&forward_by_definition(&top, Linear, &a2));
        delta_z[y] -= 1.0;
        let weights = if slip == Slip::Columns { &turned } else { &top.weights };
        let slope = if slip == Slip::NoSlope { Linear } else { Sigmoid };
        let delta2 = backward_by_definition(weights, &delta_z, &[], slope, &a2);
        let weights = if slip == Slip::SameWeights { &of_top } else { &layers[1].weights };
        let delta1 = backward_by_definition(weights, &delta2, &[], Sigmoid, &a1);
        gradient_by_definition(&delta_z, if slip == Slip::Skipped { &a1 } else { &a2 }, m, &mut d_top);
        gradient_by_definition(&delta2, &a1, m, &mut d_layers[1]);
        gradient_by_definition(&delta1, &x, m, &mut d_layers[0]);
    }
    let pairs = d_top.weights.elements_mut().iter_mut().zip(flat);
    pairs.for_each(|(g, w)| *g += model.weight_decay * w);
    model.pack(&d_layers, &[d_top.weights.elements(), &d_top.bias].concat())
}

/// The stacked network's gallery, with what students get wrong in a stack.
fn gallery() -> Gallery {
    let model = model();
    let (lambda, theta, blocks) = (model.weight_decay, theta(model.dimension()), model.blocks());
    let [w1, _, w2, _, top, b] = [0, 1, 2, 3, 4, 5].map(|k: usize| blocks[k].range.clone());
    let all = ["W1", "b1", "W2", "b2", "Theta", "b"];
    let decay_of_top = || top.clone().map(|i| (i, lambda * theta[i]));
    stacked()
        .mutant("a_2·(1 - a_2) is forgotten in δ_2", &all[..4], gradient(Slip::NoSlope))
        .mutant("Θ is read column by column in δ_2", &all[..4], gradient(Slip::Columns))
        .mutant("δ_1 contains Θ in place of W2", &all[..2], gradient(Slip::SameWeights))
        .mutant("∂J/∂Θ contains a_1 in place of a_2: a layer is skipped", &["Theta"], gradient(Slip::Skipped))
        .changed("δ_z has the wrong sign, 1{k = y} - p", &all, |g| {
            g.iter_mut().for_each(|g| *g = -*g);
            decay_of_top().for_each(|(i, decay)| g[i] += 2.0 * decay);
        })
        .changed("no sum over the examples is divided by their number", &all, |g| {
            g.iter_mut().for_each(|g| *g *= 7.0);
            decay_of_top().for_each(|(i, decay)| g[i] -= 6.0 * decay);
        })
        .changed("λ Θ is added once for every example", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] += 6.0 * decay);
        })
        .changed("λ Θ is divided by the number of examples", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] -= 6.0 / 7.0 * decay);
        })
        .changed("the gradient of the weight decay is (λ/2) Θ in place of λ Θ", &["Theta"], |g| {
            decay_of_top().for_each(|(i, decay)| g[i] -= 0.5 * decay);
        })
        .changed("the weight decay is applied to b too", &["b"], |g| {
            b.for_each(|i| g[i] += lambda * theta[i]);
        })
        .changed("the weight decay is applied to W1 and W2 too", &["W1", "W2"], |g| {
            w1.chain(w2).for_each(|i| g[i] += lambda * theta[i]);
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
    if let Some(diagnosis) = diagnose(&gallery(), yours) {
        panic!("{diagnosis}");
    }
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
