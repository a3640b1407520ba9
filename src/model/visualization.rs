//! Visualization: the input that excites a unit most, and how often a unit responds at all.
//!
//! **Why.** A weight matrix shows nothing by itself. But for each unit there is an input to which it responds most, and
//! that input can be drawn.
//!
//! **Derivation.** A unit is a = f(w·x + b), f rises, and b does not depend on x, so the unit responds most where w·x
//! is largest. Without a limit on x there is no such input: 2x excites the unit more than x. With |x| <= 1 the
//! Cauchy-Schwarz inequality gives the answer:
//!
//! ```text
//! w·x <= |w| |x| <= |w|,  with equality for x = w/|w|
//! ```
//!
//! (It follows from 0 <= | w/|w| - x/|x| |² = 2 - 2·w·x/(|w| |x|). Equality needs x to have the direction of w.)
//!
//! **By hand.** w = (3, 4) has the length 5, so the best input of length 1 is (0.6, 0.8), with w·x = 1.8 + 3.2 = 5. The
//! input (1, 0) of the same length gives 3. The longer input (2, 0) gives 6, although it fits w less well than (0.6,
//! 0.8).
//!
//! So the row w of W1, drawn as an image, shows the input of length 1 that excites its unit most, up to a factor. A
//! picture has a small image, a tile, for each unit. Each tile is scaled by its largest value, so it shows the shape
//! and not the factor. Real inputs differ in length: one with more contrast may excite a unit more than one that fits
//! it better.
//!
//! **How often.** The best input may never occur. The activations on the examples show what does occur: their mean ρ̂,
//! which the penalty of the [autoencoder](super::autoencoder) pulls toward ρ, and their range. A unit whose activations
//! on all examples differ by 0.01 at most is dead.
//!
//! **Whitened inputs.** On sounds, this chapter's autoencoders see whitened inputs x' = B (x - μ).
//! [Whitening](crate::dataset::whiten), the subject of a later chapter, subtracts the mean μ of the examples and
//! multiplies by a matrix B, computed from their covariance, that makes their components uncorrelated, with variance 1.
//! So w has one weight per whitened component and is not a picture. Two inputs x could be drawn, and they differ:
//!
//! ```text
//! μ + B⁻¹ w/|w|        best among inputs for which x' has length 1: w·x' <= |w|, and here x' = w/|w|
//! μ + Bᵀw/|Bᵀw|        best among inputs for which x - μ has length 1, since w·B (x - μ) = (Bᵀw)·(x - μ)
//! ```
//!
//! The pictures of this crate show the first, without μ. (Components of little variance are left out, so B has fewer
//! rows than columns. B⁻¹ then means the whitening's `inverse`: B B⁻¹ = I, and components left out stay at their mean.)
//! It shows a typical input that excites the unit, since after whitening all directions vary equally; a component that
//! varies much is drawn strongly. The second exaggerates components that hardly occur. With variances 100 and 1, B is
//! diagonal, with 1/√100 = 0.1 and 1. For μ = 0 and w = (1, 1) the two inputs are (10, 1) and (0.1, 1), up to a factor,
//! and the cosine of the angle between them is only (1 + 1)/(√101·√1.01) = 0.198.
//!
//! Sources: source C, "Visualizing"; UFLDL, "Visualizing a Trained Autoencoder"; A. Ng, CS294A lecture notes "Sparse
//! autoencoder", 2011, section 3; source A, 8.2.

use super::stacked::DenseWeights;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use alloc::vec::Vec;

/// w/|w| of each unit, in the space of its inputs (whitened ones, if so): units x inputs. A unit without weights (|w| =
/// 0) is left at zero.
pub fn maximal_inputs<T: Real>(layer: &DenseWeights<T>) -> Matrix<T> {
    let mut inputs = layer.weights.clone();
    for i in 0..inputs.rows() {
        let length = sum_of_squares(inputs.row(i)).sqrt();
        if length > T::ZERO {
            inputs.row_mut(i).iter_mut().for_each(|w| *w /= length);
        }
    }
    inputs
}

/// Each unit's mean activation, ρ̂, from activations (units x examples); NaN without examples.
pub fn mean_activations<T: Real>(activations: &Matrix<T>) -> Vec<T> {
    let m = T::from_usize(activations.columns());
    (0..activations.rows()).map(|i| sum(activations.row(i)) / m).collect()
}

/// The units that never respond: whose activations, from the smallest to the largest, differ by no more than `span`.
pub fn dead_units<T: Real>(activations: &Matrix<T>, span: f64) -> Vec<usize> {
    let responds = |i: &usize| {
        let ends = activations.row(*i).iter().fold((T::INFINITY, -T::INFINITY), |(l, h), &a| (l.min(a), h.max(a)));
        (ends.1 - ends.0).to_f64() > span
    };
    (0..activations.rows()).filter(|i| !responds(i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::dot;
    use alloc::vec;

    #[test]
    fn no_input_as_long_excites_a_unit_more() {
        let mut random = Random::new(1);
        let mut draw = |rows, columns| Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0));
        let layer: DenseWeights<f64> = DenseWeights { weights: draw(3, 5), bias: vec![0.0; 3] };
        let best = maximal_inputs(&layer);
        let others = draw(1000, 5);
        for i in 0..3 {
            assert!((sum_of_squares(best.row(i)) - 1.0).abs() < 1e-15);
            let most = dot(layer.weights.row(i), best.row(i));
            for k in 0..1000 {
                let x = others.row(k);
                assert!(dot(layer.weights.row(i), x) / sum_of_squares(x).sqrt() <= most);
            }
        }
        let silent = DenseWeights { weights: Matrix::<f32>::zeros(1, 2), bias: vec![1.0] };
        assert_eq!(maximal_inputs(&silent).elements(), [0.0, 0.0]);
    }

    #[test]
    fn two_best_inputs_of_a_unit_on_whitened_inputs() {
        // λ = (100, 1), so B = diag(0.1, 1) and its inverse is diag(10, 1).
        let (drawn, raw): ([f64; 2], [f64; 2]) = ([10.0, 1.0], [0.1, 1.0]);
        let cosine = dot(&drawn, &raw) / (sum_of_squares(&drawn) * sum_of_squares(&raw)).sqrt();
        assert!((cosine - 0.198).abs() < 5e-4, "{cosine}");
    }

    #[test]
    fn means_and_dead_units_of_given_activations() {
        let a = Matrix::from_rows(3, 2, vec![0.5, 0.25, 0.001, 0.0011, 0.9, f64::NAN]);
        assert_eq!(mean_activations(&a)[0], 0.375);
        assert_eq!(dead_units(&a, 0.01), [1, 2]);
    }
}
