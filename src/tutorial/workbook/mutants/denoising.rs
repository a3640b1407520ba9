//! Autoencoders that read something else than they reconstruct: denoising and multimodal ones.

use super::autoencoder::RIGHT;
use super::{Gallery, REDRAWN, draw, theta};
use crate::matrix::Matrix;
use crate::model::autoencoder::reconstruction_by_definition;
use crate::model::multimodal::Pairs;
use crate::model::{Autoencoder, Corruption, Denoising, Multimodal};
use crate::optimize::Objective;
use core::cell::Cell;
use std::vec::Vec;

const ALL: [&str; 4] = ["W1", "W2", "b1", "b2"];

/// The autoencoder, without the sparsity penalty, which couples examples.
const BASE: Autoencoder = Autoencoder { sparsity_weight: 0.0, ..RIGHT };

/// Its masks are the same in every evaluation.
const MASKED: Denoising = Denoising { is_frozen: true, ..Denoising::new(BASE, Corruption::Masking { rate: 0.3 }) };

/// The gradient of an autoencoder that reads `inputs` and reconstructs `targets`.
fn reconstruction(model: &Autoencoder, inputs: &Matrix<f64>, targets: &Matrix<f64>) -> Vec<f64> {
    reconstruction_by_definition(model, &theta(model.dimension()), inputs, targets).1
}

/// The mutants of a denoising autoencoder with masks.
pub fn denoising() -> Gallery {
    let x = draw(5, 7);
    let masked = MASKED.corrupt(0, &x);
    let scaled = Matrix::from_function(5, 7, |i, n| masked.row(i)[n] / 0.7);
    let (examples, evaluation) = (draw(5, 7), Cell::new(0));
    let redrawn = move |theta: &[f64]| {
        let inputs = MASKED.corrupt(evaluation.replace(evaluation.get() + 1), &examples);
        reconstruction_by_definition(&BASE, theta, &inputs, &examples).0
    };
    let examples = draw(5, 7);
    Gallery::new("a denoising autoencoder, 5-3, 7 examples", &BASE.blocks(), move |theta, gradient| {
        MASKED.cost(&examples).cost_and_gradient(theta, gradient)
    })
    .other("the masks are those of another seed", &ALL, Denoising { seed: 1, ..MASKED }.cost(&x))
    .other(
        "the clean example is read in place of the masked one",
        &ALL,
        Denoising { corruption: Corruption::Masking { rate: 0.0 }, ..MASKED }.cost(&x),
    )
    .wrong_cost(REDRAWN, &ALL, redrawn)
    .mutant("the values that are kept are divided by 1 - q, as in dropout", &ALL, reconstruction(&BASE, &scaled, &x))
    .mutant("the masked example is the target", &ALL, reconstruction(&BASE, &masked, &masked))
    .mutant("∂J/∂W1 contains the clean x in place of the masked one", &["W1"], with_clean_input(&masked, &x))
}

/// ∂W1 = (1/m)·Σ δ2·xᵀ + λ·W1 with the clean x, where δ2 of an example is the gradient by b1 of its cost alone.
fn with_clean_input(masked: &Matrix<f64>, x: &Matrix<f64>) -> Vec<f64> {
    let theta = theta(BASE.dimension());
    let mut gradient = reconstruction(&BASE, masked, x);
    (0..15).for_each(|k| gradient[k] = BASE.weight_decay * theta[k]);
    for n in 0..7 {
        let alone = reconstruction(&BASE, &masked.select_columns(&[n]), &x.select_columns(&[n]));
        (0..15).for_each(|k| gradient[k] += alone[30 + k / 5] * x.row(k % 5)[n] / 7.0);
    }
    gradient
}

/// Features of two views, 3 and 2 of them.
fn views() -> (Multimodal, Pairs<f64>) {
    let mut model = Multimodal::new([3, 2], 4);
    model.joint.weight_decay = 3e-3;
    let x = draw(5, 7);
    let view = |from: usize, rows: usize| Matrix::from_function(rows, 7, |i, n| x.row(from + i)[n]);
    let pairs = model.pairs([&view(0, 3), &view(3, 2)]);
    (model, pairs)
}

/// The mutants of a multimodal autoencoder.
pub fn multimodal() -> Gallery {
    let (model, pairs) = views();
    let gradient = |inputs: &Matrix<f64>, targets: &Matrix<f64>| reconstruction(&model.joint, inputs, targets);
    // Each view alone has the target of the next pair that shows it.
    let shifted: Vec<usize> = (0..7).chain((7..21).map(|n| 7 + (n - 6) % 14)).collect();
    let without: Vec<usize> = (0..14).collect();
    let [fewer_inputs, fewer_targets] = [&pairs.inputs, &pairs.targets].map(|all| all.select_columns(&without));
    let own = views().1;
    Gallery::new("a multimodal autoencoder, 3 and 2 features, 4 units, 7 pairs", &model.joint.blocks(), {
        move |theta, gradient| model.cost(&own).cost_and_gradient(theta, gradient)
    })
    .mutant("each view alone has to reconstruct itself alone", &ALL, gradient(&pairs.inputs, &pairs.inputs))
    .mutant("both views are always shown", &ALL, gradient(&pairs.targets, &pairs.targets))
    .mutant(
        "a view alone has to reconstruct another pair",
        &ALL,
        gradient(&pairs.inputs.select_columns(&shifted), &pairs.targets),
    )
    .mutant("the second view is never shown alone", &ALL, gradient(&fewer_inputs, &fewer_targets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::workbook::mutants::same;

    #[test]
    fn the_definition_without_a_mistake_is_right() {
        let x = draw(5, 7);
        assert!(same(&reconstruction(&BASE, &MASKED.corrupt(0, &x), &x), &denoising().gradient));
        let (model, pairs) = views();
        assert!(same(&reconstruction(&model.joint, &pairs.inputs, &pairs.targets), &multimodal().gradient));
    }
}
