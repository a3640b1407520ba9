//! Autoencoders: the sparse one, and two with other activations and errors.

use super::{Gallery, draw, theta};
use crate::model::{Activation, Autoencoder, Loss};
use crate::optimize::Objective;
use std::vec;
use std::vec::Vec;

/// The sparse autoencoder, with all terms of its cost.
pub const RIGHT: Autoencoder =
    Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(5, 3) };

/// The mutant of [`RIGHT`] with the smallest error.
pub const NEARLY_RIGHT: &str = "ρ is 0.1001 in place of 0.1";

/// Other choices: tanh units, the cross-entropy, tied weights; no sparsity.
pub const TIED: Autoencoder =
    Autoencoder { sparsity_weight: 0.0, encoder: Activation::Tanh, loss: Loss::CrossEntropy, tied: true, ..RIGHT };

fn gallery(name: &'static str, model: Autoencoder) -> Gallery {
    let x = draw(5, 7);
    Gallery::new(name, &model.blocks(), move |theta, gradient| model.cost(&x).cost_and_gradient(theta, gradient))
}

/// The mutants of [`RIGHT`] on 7 examples, `draw(5, 7)`.
pub fn autoencoder() -> Gallery {
    let (x, theta) = (draw(5, 7), theta(RIGHT.dimension()));
    let [w2, b1, b2] = [15, 30, 33];
    gallery("a sparse autoencoder, 5-3, 7 examples", RIGHT)
        .other("the sparsity term is forgotten", &["W1", "b1"], Autoencoder { sparsity_weight: 0.0, ..RIGHT }.cost(&x))
        .other(NEARLY_RIGHT, &["W1", "b1"], Autoencoder { sparsity: 0.1001, ..RIGHT }.cost(&x))
        .other("the weight decay is forgotten", &["W1", "W2"], Autoencoder { weight_decay: 0.0, ..RIGHT }.cost(&x))
        .changed("the weight decay is applied to a bias too, the first one of b1", &["b1"], |g| {
            g[b1] += RIGHT.weight_decay * theta[b1];
        })
        .other(
            "the decoder is taken for linear: y is z3, and y·(1 - y) is missing from δ3",
            &["W1", "W2", "b1", "b2"],
            Autoencoder { decoder: Activation::Linear, ..RIGHT }.cost(&x),
        )
        .changed("two elements of W1 are exchanged, as by a swapped index", &["W1"], |g| g.swap(0, 1))
        .changed("the sum over the examples is not divided by their number in ∂J/∂b2", &["b2"], |g| {
            g[b2..].iter_mut().for_each(|g| *g *= 7.0);
        })
        .changed("a unit is left out of ∂J/∂b1, the second one", &["b1"], |g| g[b1 + 1] = 0.0)
        .changed("an element of W2 is NaN", &["W2"], |g| g[w2 + 5] = f64::NAN)
}

/// The mutants of [`TIED`].
pub fn tied_autoencoder() -> Gallery {
    let x = draw(5, 7);
    let [w1, all] = [&["W1"], &["W1", "b1", "b2"][..]].map(<[&str]>::to_vec);
    gallery("a tied autoencoder, tanh and cross-entropy, 5-3, 7 examples", TIED)
        .other(
            "the hidden units are taken for sigmoids, in their values and in their slope",
            &all,
            Autoencoder { encoder: Activation::Sigmoid, ..TIED }.cost(&x),
        )
        .other(
            "δ3 contains f', as for the squared error, where the cross-entropy has cancelled it",
            &all,
            Autoencoder { loss: Loss::Squared, ..TIED }.cost(&x),
        )
        .other("the tied weights are decayed twice", &w1, Autoencoder { weight_decay: 6e-3, ..TIED }.cost(&x))
        .other("the weight decay is forgotten", &w1, Autoencoder { weight_decay: 0.0, ..TIED }.cost(&x))
        .mutant("the decoder's part of the gradient of the tied weights is forgotten", &w1, half(true))
        .mutant("the encoder's part of the gradient of the tied weights is forgotten", &w1, half(false))
}

/// [`TIED`]'s gradient with one of the two gradients of its weights. It is that of weights that are not tied, where W2
/// happens to be W1ᵀ.
fn half(keeps_encoder: bool) -> Vec<f64> {
    let (x, theta) = (draw(5, 7), theta(TIED.dimension()));
    let mut wide = theta[..15].to_vec();
    wide.extend((0..15).map(|k| theta[k % 3 * 5 + k / 3]));
    wide.extend(&theta[15..]);
    let mut g = vec![0.0; wide.len()];
    Autoencoder { tied: false, ..TIED }.cost(&x).cost_and_gradient(&wide, &mut g);
    let weights = (0..15).map(|k| if keeps_encoder { g[k] } else { g[15 + k % 5 * 3 + k / 5] });
    weights.chain(g[30..].iter().copied()).collect()
}

/// The mutants of [`TIED`] with weights that are not tied.
pub fn untied_autoencoder() -> Gallery {
    let model = Autoencoder { tied: false, ..TIED };
    gallery("an autoencoder, tanh and cross-entropy, 5-3, 7 examples", model)
        .changed("∂J/∂W1 is forgotten", &["W1"], |g| g[..15].fill(0.0))
        .changed("two elements of W2 are exchanged, as by a swapped index", &["W2"], |g| g.swap(15, 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_of_the_gradient_of_tied_weights_and_one_decay_are_the_whole() {
        let (theta, right) = (theta(TIED.dimension()), tied_autoencoder().gradient);
        let [encoder, decoder] = [half(true), half(false)];
        for k in 0..15 {
            // Each part contains the decay of its weights.
            let both = encoder[k] + decoder[k] - TIED.weight_decay * theta[k];
            assert!((both - right[k]).abs() < 1e-12, "{both} {}", right[k]);
        }
    }
}
