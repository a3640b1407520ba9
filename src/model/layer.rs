//! One layer: a = f(W·x + b), and back through it.
//!
//! Backward, with δ the derivative of an example's cost by z = W·x + b: if the layer above has weights W⁺ and δ⁺, then
//!
//! δ = (W⁺ᵀ·δ⁺)·f'(z),  ∂W = (1/m)·Σ_x δ·xᵀ,  ∂b = (1/m)·Σ_x δ.
//!
//! What follows a product is done to each strip of it while it is in cache. Source: seed A, 8.4; D. Rumelhart, G. Hinton and
//! R. Williams, "Learning representations by back-propagating errors", 1986.

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

/// a ← f(W·x + b).
pub(super) fn forward<T: Real>(
    product: &mut Product<T>,
    activation: Activation,
    weights: View<T>,
    bias: &[T],
    x: &Matrix<T>,
    a: &mut Matrix<T>,
    sums: &mut Matrix<T>,
) {
    product.store_and(weights, x.view(), a.rectangle(), &Forward { activation, bias }, sums.rectangle());
}

/// a = f(z + b); returns its sum.
struct Forward<'a, T> {
    activation: Activation,
    bias: &'a [T],
}

impl<T: Real> Finish<T> for Forward<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, _: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        for z in part.chunks_mut(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(z) + bias);
            lanes.store_any(a, z);
        }
        [reduce(part, part, |a, _| a), T::ZERO]
    }
}

/// δ ← (W⁺ᵀ·δ⁺)·f'(z), from the layer's outputs a = f(z); the sums of its rows beside.
pub(super) fn backward<T: Real>(
    product: &mut Product<T>,
    activation: Activation,
    weights_above: View<T>,
    delta_above: &Matrix<T>,
    a: &Matrix<T>,
    delta: &mut Matrix<T>,
    sums: &mut Matrix<T>,
) {
    let finish = Backward { activation, outputs: a };
    product.store_and(weights_above.transposed(), delta_above.view(), delta.rectangle(), &finish, sums.rectangle());
}

/// d·f'(z), from a = f(z); returns its sum.
struct Backward<'a, T> {
    activation: Activation,
    outputs: &'a Matrix<T>,
}

impl<T: Real> Finish<T> for Backward<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let a = &self.outputs.row(i)[j..][..part.len()];
        for (d, a) in part.chunks_mut(L::WIDTH).zip(a.chunks(L::WIDTH)) {
            lanes.store_any(self.activation.times_slope(lanes, lanes.load_any(d), lanes.load_any(a)), d);
        }
        [reduce(part, part, |d, _| d), T::ZERO]
    }
}
