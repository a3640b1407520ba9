//! Looking at units: what each one answers to most, and how often it answers at all.
//!
//! Of all inputs x no longer than 1, the one that excites a unit a = f(w·x + b) most is w itself, scaled to that length:
//!
//! w·x <= |w|·|x| with equality for x = w/|w|  (f rises, b does not depend on x).
//!
//! So a picture of a row of W1 is a picture of what the unit looks for. The bound on |x| is the argument's caveat:
//! without it more contrast would always excite more, and real inputs differ in contrast. Sources: source C,
//! "Visualizing"; A. Ng, CS294A lecture notes "Sparse autoencoder", 2011, section 3; source A, 8.2.

use super::stacked::DenseWeights;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use alloc::vec::Vec;

/// w/|w| of each unit: units x inputs. A unit without weights (|w| = 0) is left at zero.
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

/// The units that never answer: whose activations, from the least to the largest, differ by no more than `span`.
pub fn dead_units<T: Real>(activations: &Matrix<T>, span: f64) -> Vec<usize> {
    let answers = |i: &usize| {
        let ends = activations.row(*i).iter().fold((T::INFINITY, -T::INFINITY), |(l, h), &a| (l.min(a), h.max(a)));
        (ends.1 - ends.0).to_f64() > span
    };
    (0..activations.rows()).filter(|i| !answers(i)).collect()
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
    fn means_and_dead_units_of_given_activations() {
        let a = Matrix::from_rows(3, 2, vec![0.5, 0.25, 0.001, 0.0011, 0.9, f64::NAN]);
        assert_eq!(mean_activations(&a)[0], 0.375);
        assert_eq!(dead_units(&a, 0.01), [1, 2]);
    }
}
