//! The deep autoencoder.

use super::{Gallery, draw, theta};
use crate::matrix::Matrix;
use crate::model::layer::{backward_by_definition, forward_by_definition, gradient_by_definition};
use crate::model::stacked::DenseWeights;
use crate::model::{Activation, DeepAutoencoder};
use crate::optimize::Objective;
use std::vec::Vec;

/// Two encoders and two decoders; the code is linear.
pub fn model() -> DeepAutoencoder {
    DeepAutoencoder { weight_decay: 3e-3, ..DeepAutoencoder::new(5, &[4, 2]) }
}

/// One mistake in the gradient of a deep autoencoder.
#[derive(Clone, Copy, PartialEq)]
enum Error {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// ε_1 with the slope of a_1, the encoder's output, where that of y_1 belongs.
    EncoderSlope,
    /// δ_2 with the slope of a sigmoid, where the code is linear.
    CodeSlope,
    /// ∂V_1 with a_1 where y_1 belongs: exact features, as in pretraining.
    DecoderInput,
    /// The decoders' decay dropped.
    NoDecay,
}

/// The gradient of [`model`] on 7 examples, from the steps of its definition, with a mistake or without.
fn gradient(error: Error) -> Vec<f64> {
    use Activation::{Linear, Sigmoid};
    let (model, x) = (model(), draw(5, 7));
    let (blocks, theta) = (model.blocks(), theta(model.dimension()));
    let layers: Vec<DenseWeights<f64>> = blocks
        .chunks(2)
        .map(|pair| DenseWeights {
            weights: Matrix::from_rows(pair[0].rows, pair[0].columns, pair[0].values(&theta).to_vec()),
            bias: pair[1].values(&theta).to_vec(),
        })
        .collect();
    let mut gradients = layers.clone();
    for (l, layer) in gradients.iter_mut().enumerate() {
        let decay = if error == Error::NoDecay && l >= 2 { 0.0 } else { model.weight_decay };
        layer.weights.elements_mut().iter_mut().for_each(|w| *w *= decay);
        layer.bias.fill(0.0);
    }
    let [w1, w2, v2, v1] = &layers[..] else { panic!("two encoders and two decoders") };
    for n in 0..x.columns() {
        let x = x.column(n);
        let a1 = forward_by_definition(w1, Sigmoid, &x);
        let a2 = forward_by_definition(w2, Linear, &a1);
        let y1 = forward_by_definition(v2, Sigmoid, &a2);
        let y0 = forward_by_definition(v1, Sigmoid, &y1);
        let epsilon0: Vec<f64> = y0.iter().zip(&x).map(|(y, x)| (y - x) * y * (1.0 - y)).collect();
        let slope = if error == Error::EncoderSlope { &a1 } else { &y1 };
        let epsilon1 = backward_by_definition(&v1.weights, &epsilon0, &[], Sigmoid, slope);
        let code = if error == Error::CodeSlope { Sigmoid } else { Linear };
        let delta2 = backward_by_definition(&v2.weights, &epsilon1, &[], code, &a2);
        let delta1 = backward_by_definition(&w2.weights, &delta2, &[], Sigmoid, &a1);
        let input = if error == Error::DecoderInput { &a1 } else { &y1 };
        for (l, (delta, input)) in
            [(delta1, &x), (delta2, &a1), (epsilon1.clone(), &a2), (epsilon0, input)].iter().enumerate()
        {
            gradient_by_definition(delta, input, 7, &mut gradients[l]);
        }
    }
    gradients.iter().flat_map(|layer| [layer.weights.elements(), &layer.bias].concat()).collect()
}

/// The mutants of [`model`].
pub fn deep_autoencoder() -> Gallery {
    let (model, x) = (model(), draw(5, 7));
    Gallery::new("a deep autoencoder, 5-4-2-4-5, 7 examples", &model.blocks(), move |theta, gradient| {
        model.cost(&x).cost_and_gradient(theta, gradient)
    })
    .mutant(
        "ε_1 contains the slope of a_1, the encoder's output, in place of that of y_1",
        &["W1", "b1", "W2", "b2", "V2", "c2"],
        gradient(Error::EncoderSlope),
    )
    .mutant(
        "δ_2 contains the slope of a sigmoid, where the code is linear",
        &["W1", "b1", "W2", "b2"],
        gradient(Error::CodeSlope),
    )
    .mutant("∂J/∂V_1 contains a_1 in place of y_1", &["V1"], gradient(Error::DecoderInput))
    .mutant("the weight decay of the decoders is forgotten", &["V2", "V1"], gradient(Error::NoDecay))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::workbook::mutants::same;

    #[test]
    fn the_steps_without_a_mistake_are_right() {
        assert!(same(&gradient(Error::None), &deep_autoencoder().gradient));
    }
}
