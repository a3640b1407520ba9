//! The flat parameter vector θ, its blocks, and the initial weights.
//!
//! The method that trains a model, an [optimizer](crate::optimize), sees one long vector; a model sees matrices in it.
//! The blocks lie one after the other, each row-major: θ = (W1, W2, b1, b2), for example. (The tutorial's MATLAB code
//! unrolls matrices by columns; only the order within a block differs.)
//!
//! **Why weights start at random.** Suppose that two units of a layer have the same weights to their inputs, the same
//! bias, and the same weights to the units above. Then they have the same activation, and training changes both in the
//! same way. They stay equal forever: two units do the work of one. Random weights break this symmetry. Biases may
//! start at 0.
//!
//! **How large.** The size matters because layers are stacked. If each of ten layers halves the size of its signal, a
//! thousandth of it arrives. If each doubles it, sigmoids saturate: their slope vanishes, and training, which needs the
//! slope, stalls. In between, signals keep their size. A unit has n_in inputs x_i of mean square v = (1/n_in) Σ_i x_i²,
//! and independent weights of mean 0. So z = Σ_i w_i x_i has the mean 0, and its variance is the mean of z²:
//!
//! ```text
//! Var(z) = mean of Σ_i Σ_k w_i w_k x_i x_k     z² multiplied out
//!        = Σ_i Var(w) x_i²                     where i ≠ k, the mean of w_i w_k is 0·0; where i = k, it is Var(w)
//!        = n_in Var(w) v
//! ```
//!
//! So z is as large as the inputs, Var(z) = v, if Var(w) = 1/n_in. On the way back through the layer (the subject of
//! [back-propagation](super::layer), three chapters on), each input receives a sum over the n_out units, and the same
//! calculation requires Var(w) = 1/n_out.
//!
//! Both hold only if n_in = n_out. The compromise is one over the mean of the two numbers, Var(w) = 2/(n_in + n_out). A
//! uniform draw from [-r, r] has the density 1/(2r), hence the variance ∫ w²/(2r) dw = r²/3. So
//!
//! ```text
//! r = √(6/(n_in + n_out))
//! ```
//!
//! The tutorial counts the bias as one more input: r = √(6/(n_in + n_out + 1)). With 160 inputs and 439 units, r =
//! √(6/600) = 0.1. The derivation takes f as linear with slope 1, as tanh is near 0. The sigmoid's slope is at most ¼,
//! so for sigmoids r errs on the small side, away from saturation. If z of a rectified unit is symmetric about 0, half
//! of its z² is lost on average, so the variance has to be twice 1/n_in: r²/3 = 2/n_in, r = √(6/n_in).
//!
//! Sources: source A, 8.2; X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
//! networks", 2010; K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", 2015.

use crate::machine::{Element, size};
use crate::matrix::{View, ViewMut};
use crate::number::{Random, Real};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// A matrix within θ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name in the tutorial, such as "W1".
    pub name: Cow<'static, str>,
    /// The number of rows.
    pub rows: usize,
    /// The number of columns; 1 for a bias.
    pub columns: usize,
    /// Its position in θ.
    pub range: Range<usize>,
}

impl Block {
    /// The block of `theta`, to be read.
    ///
    /// # Panics
    /// If `theta` is too short.
    pub fn view<'a, T: Real>(&self, theta: &'a [T]) -> View<'a, T> {
        View::new(&theta[self.range.clone()], self.rows, self.columns)
    }

    /// The elements of the block.
    ///
    /// # Panics
    /// If `theta` is too short.
    pub fn values<'a, T>(&self, theta: &'a [T]) -> &'a [T] {
        &theta[self.range.clone()]
    }

    /// Row i of the block.
    ///
    /// # Panics
    /// If there is no such row, or `theta` is too short.
    pub fn row<'a, T>(&self, theta: &'a [T], i: usize) -> &'a [T] {
        &self.values(theta)[i * self.columns..][..self.columns]
    }

    /// The elements of the block, to be written.
    ///
    /// # Panics
    /// If `theta` is too short.
    pub fn values_mut<'a, T>(&self, theta: &'a mut [T]) -> &'a mut [T] {
        &mut theta[self.range.clone()]
    }

    /// The block of `theta`, to be written as a matrix.
    ///
    /// # Panics
    /// If `theta` is too short.
    pub fn view_mut<'a, T>(&self, theta: &'a mut [T]) -> ViewMut<'a, T> {
        ViewMut::new(&mut theta[self.range.clone()], self.rows, self.columns, self.columns)
    }
}

/// Blocks of the given names and shapes, one after the other.
///
/// # Panics
/// If they hold more values than a size can count.
pub fn blocks<const N: usize>(shapes: [(&'static str, usize, usize); N]) -> [Block; N] {
    let mut start = 0;
    shapes.map(|(name, rows, columns)| {
        let range = start..size::sum([start, size::product([rows, columns])]);
        start = range.end;
        Block { name: name.into(), rows, columns, range }
    })
}

/// The block that follows another one, or begins θ.
///
/// # Panics
/// As [`blocks`].
pub fn block_after(before: Option<&Block>, name: impl Into<Cow<'static, str>>, rows: usize, columns: usize) -> Block {
    let start = before.map_or(0, |before| before.range.end);
    Block { name: name.into(), rows, columns, range: start..size::sum([start, size::product([rows, columns])]) }
}

/// θ with all parameters zero.
///
/// # Panics
/// If there is no memory for it.
pub(super) fn zeros<T: Real>(dimension: usize) -> Vec<T> {
    size::claim::<T>(dimension);
    vec![T::ZERO; dimension]
}

/// Names and ranges, for the gradient check.
pub fn named_ranges(blocks: &[Block]) -> Vec<(String, Range<usize>)> {
    blocks.iter().map(|block| (block.name.as_ref().into(), block.range.clone())).collect()
}

/// Draws weights uniformly from ±√(6 / (n_in + n_out + 1)), row by row.
pub fn draw_weights<T: Real>(random: &mut Random, inputs: usize, outputs: usize, weights: &mut [T]) {
    let bound = Element::sqrt(6.0 / (inputs as f64 + outputs as f64 + 1.0));
    weights.iter_mut().for_each(|w| *w = random.uniform(-bound, bound));
}

/// Draws weights uniformly from ±√(6 / n_in), row by row, for rectified units.
pub fn draw_rectified_weights<T: Real>(random: &mut Random, inputs: usize, weights: &mut [T]) {
    let bound = Element::sqrt(6.0 / inputs as f64);
    weights.iter_mut().for_each(|w| *w = random.uniform(-bound, bound));
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn blocks_follow_one_another() {
        let [w, b] = blocks([("W", 2, 3), ("b", 2, 1)]);
        assert_eq!((w.range.clone(), b.range.clone()), (0..6, 6..8));
        let theta: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!((w.view(&theta).at(1, 0), b.view(&theta).at(1, 0)), (3.0, 7.0));
    }

    #[test]
    fn weights_fill_their_interval() {
        let mut weights = vec![0.0f64; 10_000];
        draw_weights(&mut Random::new(1), 160, 439, &mut weights); // the bound is 0.1
        let (least, most) = weights.iter().fold((1.0, -1.0), |(a, b): (f64, f64), &w| (a.min(w), b.max(w)));
        assert!((-0.1..-0.0999).contains(&least) && (0.0999..0.1).contains(&most));
        assert!(weights.iter().fold(0.0, |sum, w| sum + w).abs() / 1e4 < 2e-3);
    }
}
