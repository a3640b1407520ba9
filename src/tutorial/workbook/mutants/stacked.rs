//! Softmax regression, and the stacked network that ends with one.

use super::{Gallery, draw, theta};
use crate::matrix::Matrix;
use crate::model::layer::{backward_by_definition, forward_by_definition, gradient_by_definition};
use crate::model::softmax::log_probabilities_by_definition;
use crate::model::stacked::DenseWeights;
use crate::model::{Activation, Softmax, Stacked};
use crate::optimize::Objective;
use std::vec;
use std::vec::Vec;

/// The regression.
pub const SOFTMAX: Softmax = Softmax { features: 5, classes: 4, bias: true, weight_decay: 0.01 };

/// The labels of the 7 examples, `draw(5, 7)`.
pub const LABELS: [usize; 7] = [0, 1, 2, 3, 2, 1, 1];

/// The network: two layers, and a regression on the second one.
pub fn model() -> Stacked {
    Stacked { visible: 5, layers: vec![4, 3], classes: 4, bias: true, weight_decay: 0.01 }
}

/// The mutants of [`SOFTMAX`].
pub fn softmax() -> Gallery {
    let (x, theta) = (draw(5, 7), theta(SOFTMAX.dimension()));
    let examples = draw(5, 7);
    Gallery::new("softmax regression, 5 features, 4 classes, 7 examples", &SOFTMAX.blocks(), move |theta, gradient| {
        SOFTMAX.cost(&examples, &LABELS).cost_and_gradient(theta, gradient)
    })
    // The gradient that source A prints.
    .other("the weight decay is forgotten", &["Theta"], Softmax { weight_decay: 0.0, ..SOFTMAX }.cost(&x, &LABELS))
    .other(
        "the labels are counted from 1 in place of 0",
        &["Theta", "b"],
        SOFTMAX.cost(&x, &LABELS.map(|y| (y + 1) % SOFTMAX.classes)),
    )
    .changed("the weight decay is applied to b too", &["b"], |g| {
        (20..24).for_each(|k| g[k] += SOFTMAX.weight_decay * theta[k]);
    })
}

/// One mistake in the gradient of a stacked network.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// δ_1 without a_1·(1 - a_1).
    NoSlope,
    /// a_2·(1 - a_2) of the layer above taken where δ_1 needs that of a_1: unit j mod 3 stands for unit j.
    SlopeAbove,
    /// W2 read as if it lay by columns.
    Transposed,
    /// δ_2 multiplied by x instead of a_1 (a layer skipped), as far as a_1 is long.
    Skipped,
    /// The sum over examples of ∂W2 not divided by their number.
    NotMean,
    /// p where p - 1{k = y} belongs.
    NoTruth,
    /// Θ's decay dropped.
    NoDecay,
    /// W1 decayed too, which the cost does not say.
    Decayed,
}

/// The gradient of [`model`], from the steps of its definition, with a mistake or without.
fn gradient(mistake: Mistake) -> Vec<f64> {
    let (model, x) = (model(), draw(5, 7));
    let theta = theta(model.dimension());
    let (layers, top) = model.unpack(&theta);
    let top = model.top_layer(&top);
    let (mut d_layers, d_top) = model.unpack(&vec![0.0; theta.len()]);
    let mut d_top = model.top_layer(&d_top);
    let m = LABELS.len();
    for (n, &y) in LABELS.iter().enumerate() {
        let x = x.column(n);
        let a1 = forward_by_definition(&layers[0], Activation::Sigmoid, &x);
        let a2 = forward_by_definition(&layers[1], Activation::Sigmoid, &a1);
        let (_, mut delta_z) = log_probabilities_by_definition(&forward_by_definition(&top, Activation::Linear, &a2));
        delta_z[y] -= if mistake == Mistake::NoTruth { 0.0 } else { 1.0 };
        let delta2 = backward_by_definition(&top.weights, &delta_z, &[], Activation::Sigmoid, &a2);
        let w2 = &layers[1].weights;
        let w2 = match mistake {
            Mistake::Transposed => {
                let (rows, elements) = (w2.rows(), w2.elements());
                &Matrix::from_function(rows, w2.columns(), |j, i| elements[i * rows + j])
            }
            _ => w2,
        };
        let (f, a) = match mistake {
            Mistake::NoSlope => (Activation::Linear, a1.clone()),
            Mistake::SlopeAbove => (Activation::Sigmoid, (0..a1.len()).map(|j| a2[j % a2.len()]).collect()),
            _ => (Activation::Sigmoid, a1.clone()),
        };
        let delta1 = backward_by_definition(w2, &delta2, &[], f, &a);
        gradient_by_definition(&delta1, &x, m, &mut d_layers[0]);
        let mut d_w2 = DenseWeights { weights: Matrix::zeros(w2.rows(), w2.columns()), bias: vec![0.0; w2.rows()] };
        gradient_by_definition(&delta2, if mistake == Mistake::Skipped { &x } else { &a1 }, m, &mut d_w2);
        let m2 = if mistake == Mistake::NotMean { m as f64 } else { 1.0 };
        let sum = d_layers[1].weights.elements_mut().iter_mut().zip(d_w2.weights.elements());
        sum.for_each(|(sum, g)| *sum += m2 * g);
        d_layers[1].bias.iter_mut().zip(&d_w2.bias).for_each(|(sum, g)| *sum += g);
        gradient_by_definition(&delta_z, &a2, m, &mut d_top);
    }
    let decay = |gradient: &mut Matrix<f64>, weights: &Matrix<f64>| {
        let pairs = gradient.elements_mut().iter_mut().zip(weights.elements());
        pairs.for_each(|(g, w)| *g += model.weight_decay * w);
    };
    if mistake != Mistake::NoDecay {
        decay(&mut d_top.weights, &top.weights);
    }
    if mistake == Mistake::Decayed {
        decay(&mut d_layers[0].weights, &layers[0].weights);
    }
    model.pack(&d_layers, &[d_top.weights.elements(), &d_top.bias].concat())
}

/// The mutants of [`model`].
pub fn stacked() -> Gallery {
    let first = ["W1", "b1"];
    let (model, x) = (model(), draw(5, 7));
    Gallery::new("a stacked network, 5-4-3, 4 classes, 7 examples", &model.blocks(), move |theta, gradient| {
        model.cost(&x, &LABELS).cost_and_gradient(theta, gradient)
    })
    .mutant("a_1·(1 - a_1) is forgotten in δ_1", &first, gradient(Mistake::NoSlope))
    .mutant("δ_1 contains the slope of a_2 in place of that of a_1", &first, gradient(Mistake::SlopeAbove))
    .mutant("W2 is read column by column in δ_1", &first, gradient(Mistake::Transposed))
    .mutant("∂J/∂W2 contains x in place of a_1: a layer is skipped", &["W2"], gradient(Mistake::Skipped))
    .mutant("the sum over the examples is not divided by their number in ∂J/∂W2", &["W2"], gradient(Mistake::NotMean))
    .mutant("δ_z is p in place of p - 1{k = y}", &["W1", "b1", "W2", "b2", "Theta", "b"], gradient(Mistake::NoTruth))
    .mutant("the weight decay of Θ is forgotten", &["Theta"], gradient(Mistake::NoDecay))
    .mutant("the weight decay is applied to W1 too", &["W1"], gradient(Mistake::Decayed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::workbook::mutants::same;

    #[test]
    fn the_steps_without_a_mistake_are_right() {
        assert!(same(&gradient(Mistake::None), &stacked().gradient));
    }
}
