//! One layer: a = f(W·x + b), and back through it.
//!
//! Backward, with δ the derivative of an example's cost by z = W·x + b: if the layer above has weights W⁺ and δ⁺, then
//!
//! δ = (W⁺ᵀ·δ⁺)·f'(z),  ∂W = (1/m)·Σ_x δ·xᵀ,  ∂b = (1/m)·Σ_x δ.
//!
//! What follows a product is done to each strip of it while it is in cache, and the backward pass goes batch by batch.
//! Source: seed A, 8.4; D. Rumelhart, G. Hinton and R. Williams,
//! "Learning representations by back-propagating errors", 1986.

use super::Activation;
use crate::machine::Lanes;
use crate::matrix::blocked::{Finish, STRIP};
use crate::matrix::{Matrix, Product, View};
use crate::number::Real;
use crate::number::sum::reduce;

/// Room for two sums of each row's part of each strip.
pub(super) fn sums_of<T: Real>(m: &Matrix<T>) -> Matrix<T> {
    Matrix::zeros(m.rows(), 2 * m.columns().div_ceil(STRIP))
}

/// One of the two sums over row i, strip after strip.
pub(super) fn row_sum<T: Real>(sums: &Matrix<T>, i: usize, which: usize) -> T {
    sums.row(i).iter().skip(which).step_by(2).fold(T::ZERO, |total, &part| total + part)
}

/// Examples in a batch for each worker: whole blocks of the gradients' inner index, and whole strips, so that sums do not change.
pub(super) const BATCH: usize = STRIP;

/// a ← f(W·x + b); the sums of its rows beside.
pub(super) fn forward<T: Real>(
    product: &mut Product<T>,
    activation: Activation,
    weights: View<T>,
    bias: &[T],
    x: &Matrix<T>,
    a: &mut Matrix<T>,
    sums: &mut Matrix<T>,
) {
    product.store_and(weights, x.view(), a.rectangle(), &Forward { activation, bias, summed: true }, sums.rectangle());
}

/// a = f(z + b); returns its sum, or 0 if it is not wanted.
pub(super) struct Forward<'a, T> {
    pub activation: Activation,
    pub bias: &'a [T],
    pub summed: bool,
}

impl<T: Real> Finish<T> for Forward<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, _: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        for z in part.chunks_mut(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(z) + bias);
            lanes.store_any(a, z);
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
    pub pull: Option<&'a [T]>,
}

impl<T: Real> Finish<T> for Backward<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let pull = lanes.splat(self.pull.map_or(T::ZERO, |pull| pull[i]));
        let a = &self.outputs.row(i)[self.from + j..][..part.len()];
        for (d, a) in part.chunks_mut(L::WIDTH).zip(a.chunks(L::WIDTH)) {
            let back = lanes.load_any(d) + pull;
            lanes.store_any(self.activation.times_slope(lanes, back, lanes.load_any(a)), d);
        }
        [reduce(part, part, |d, _| d), T::ZERO]
    }
}
