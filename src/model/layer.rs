//! One layer: a = f(W·x + b), and back through it.
//!
//! Backward, with δ the derivative of an example's cost by z = W·x + b: if the layer above has weights W⁺ and δ⁺, then
//!
//! δ = (W⁺ᵀ·δ⁺)·f'(z),  ∂W = (1/m)·Σ_x δ·xᵀ,  ∂b = (1/m)·Σ_x δ.
//!
//! What follows a product is done to each strip of it while it is in cache, and the backward pass goes batch by batch.
//! Source: source A, 8.4; D. Rumelhart, G. Hinton and R. Williams,
//! "Learning representations by back-propagating errors", 1986.

use super::Activation;
use crate::machine::{Lanes, Vector};
use crate::matrix::blocked::{Epilogue, NC};
use crate::matrix::{Matrix, Product, View};
use crate::number::Real;
use crate::number::sum::reduce;

/// Room for two sums of each row's part of each strip.
pub(super) fn sums_of<T: Real>(m: &Matrix<T>) -> Matrix<T> {
    Matrix::zeros(m.rows(), 2 * m.columns().div_ceil(NC))
}

/// One of the two sums over row i, strip after strip.
pub(super) fn row_sum<T: Real>(sums: &Matrix<T>, i: usize, which: usize) -> T {
    sums.row(i).iter().skip(which).step_by(2).fold(T::ZERO, |total, &part| total + part)
}

/// Examples in a batch for each worker: whole blocks of the gradients' inner index, and whole strips, so that sums do
/// not change.
pub(super) const BATCH: usize = NC;

/// a ← f(W·x + b), where what is smaller than `least` becomes 0; the sums of its rows beside.
pub(super) fn forward<T: Real>(
    product: &mut Product<T>,
    (activation, least): (Activation, T),
    weights: View<T>,
    bias: &[T],
    x: &Matrix<T>,
    a: &mut Matrix<T>,
    sums: &mut Matrix<T>,
) {
    let finish = Forward { activation, bias, least, summed: true };
    product.store_with_sums(weights, x.view(), a.view_mut(), &finish, sums.view_mut());
}

/// a = f(z + b), or 0 where that is smaller than `least`; returns its sum, or 0 if it is not wanted.
pub(super) struct Forward<'a, T> {
    pub activation: Activation,
    pub bias: &'a [T],
    pub least: T,
    pub summed: bool,
}

impl<T: Real> Epilogue<T> for Forward<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, _: usize, part: &mut [T]) -> [T; 2] {
        let (bias, least, zero) = (lanes.splat(self.bias[i]), lanes.splat(self.least), lanes.splat(T::ZERO));
        for z in part.chunks_mut(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(z) + bias);
            lanes.store_any(a.abs().select_less(least, zero, a), z);
        }
        [if self.summed { reduce(part, part, |a, _| a) } else { T::ZERO }, T::ZERO]
    }
}

/// d ← (d + pull_j)·f'(z) for row j of d = W⁺ᵀ·δ⁺, from a = f(z); returns its sum.
pub(super) struct Backward<'a, T> {
    pub activation: Activation,
    /// a, of all examples.
    pub outputs: &'a Matrix<T>,
    /// The batch's first example.
    pub from: usize,
    /// The slope of what else the cost says of a unit's mean, or nothing.
    pub sparsity_delta: Option<&'a [T]>,
}

impl<T: Real> Epilogue<T> for Backward<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let sparsity_delta = lanes.splat(self.sparsity_delta.map_or(T::ZERO, |sparsity_delta| sparsity_delta[i]));
        let a = &self.outputs.row(i)[self.from + j..][..part.len()];
        for (d, a) in part.chunks_mut(L::WIDTH).zip(a.chunks(L::WIDTH)) {
            let back = lanes.load_any(d) + sparsity_delta;
            lanes.store_any(self.activation.times_slope(lanes, back, lanes.load_any(a)), d);
        }
        [reduce(part, part, |d, _| d), T::ZERO]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// a of one unit with weight 1 for each z.
    fn outputs(least: f32, z: &[f32]) -> Vec<f32> {
        let (one, x) = (Matrix::from_rows(1, 1, [1.0].to_vec()), Matrix::from_rows(1, z.len(), z.to_vec()));
        let mut a = Matrix::zeros(1, z.len());
        let mut sums = sums_of(&a);
        forward(&mut Product::new(), (Activation::Sigmoid, least), one.view(), &[0.0], &x, &mut a, &mut sums);
        a.elements().to_vec()
    }

    #[test]
    fn silent_units_are_zero_in_training_and_what_they_are_elsewhere() {
        let z = [0.0, -10.0, -43.0, -44.0, -60.0, -90.0, -200.0, f32::NAN];
        let (kept, trained) = (outputs(0.0, &z), outputs(f32::NEGLIGIBLE, &z));
        for (k, &z) in z.iter().enumerate() {
            let exact = 1.0 / (1.0 + (-f64::from(z)).exp());
            if z.is_nan() {
                assert!(kept[k].is_nan() && trained[k].is_nan());
                continue;
            }
            assert!((f64::from(kept[k]) - exact).abs() < 1e-6 * exact + 1e-44, "{z}: {}", kept[k]);
            assert_eq!(trained[k], if exact < 1.08e-19 { 0.0 } else { kept[k] }, "{z}");
        }
    }
}
