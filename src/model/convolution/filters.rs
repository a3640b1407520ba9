//! Convolution at the speed of the matrix product, forward and backward.
//!
//! Why: the loops of the definition wait for memory. As a product with the matrix of all patches, a convolution and its
//! three gradients run at the speed of the product.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | the input maps |
//! | P, Pᵀ | the [matrix P(x) of all patches](super::patches), taps x positions, and its transpose |
//! | Pᵀ(D) | the adjoint of the map from x to P(x), (PA.2): maps of the shape of x |
//! | W, b | the weights, filters x taps; one bias per filter |
//! | f, a | the activation function; the output, filters x positions |
//! | δ | ∂J/∂z, filters x positions |
//! | k, e, n | a filter; a tap, (c, r, s) in (PA.1); a position, (n, i, j) in (PA.1), counted over all examples |
//! | ∘, · | product element by element, matrix product |
//! | <A, B> | Σ A ∘ B over all elements |
//!
//! ```text
//! (FI.1)  a = f(z),  z = W·P + b
//! (FI.2)  ∂J/∂W = δ·Pᵀ
//! (FI.3)  ∂J/∂b = the sums of δ's rows
//! (FI.4)  ∂J/∂x = Pᵀ(Wᵀ·δ)
//! ```
//!
//! Derivation: element by element, z(k, n) = b(k) + Σ_e W(k, e)·P(e, n). By the chain rule,
//!
//! ```text
//! ∂J/∂W(k, e) = Σ_n δ(k, n)·∂z(k, n)/∂W(k, e) = Σ_n δ(k, n)·P(e, n)
//! ∂J/∂b(k)    = Σ_n δ(k, n)·∂z(k, n)/∂b(k)    = Σ_n δ(k, n)
//! ∂J/∂P(e, n) = Σ_k δ(k, n)·∂z(k, n)/∂P(e, n) = Σ_k W(k, e)·δ(k, n)
//! ```
//!
//! A weight of filter k acts at every position of the row z(k, ·), and on no other row, so the first line, (FI.2), and
//! the second, (FI.3), are sums over n. In (FI.2), Pᵀ is the transpose. An element of P acts at one position, but on
//! every filter: the third line is Wᵀ·δ, the derivative with respect to the patches. In (FI.4), Pᵀ(·) is the adjoint.
//! It takes Wᵀ·δ to x, since a change dx changes J by <Wᵀ·δ, P(dx)> = <Pᵀ(Wᵀ·δ), dx>.
//!
//! By hand: x = (1, 2, 4) under one filter W = (3, 5) has the patches (1, 2) and (2, 4). For δ = (1, 10), ∂J/∂W = 1·(1,
//! 2) + 10·(2, 4) = (21, 42), ∂J/∂b = 11, and ∂J/∂x = (3·1, 5·1 + 3·10, 5·10) = (3, 35, 50).
//!
//! Work space: P is never stored as a whole. Some of its columns are copied, multiplied while they are in cache, and
//! overwritten by the next. (FI.1) takes 384 at a time; any other number would give the same bits, since each column of
//! P gives one column of z. (FI.2) sums over the columns, so its pieces consist of whole blocks of 200 columns. A
//! [product](crate::matrix::product) sums in such blocks anyway, so the order of the sums stays the same. A piece has
//! at most 100,000 elements, or 400 columns if these are more. For (FI.4), Wᵀ·δ is computed for one example at a time,
//! or for a few small ones, so each element of x gets all its taps at once, in ascending order. Filters of 1 x 1 with
//! stride 1 and no padding need no patches: P is x.

use super::definition::{Convolution, MapShape};
use super::patches;
use crate::machine::{ViewMut, size, threads};
use crate::matrix::blocked::NC;
use crate::matrix::{Matrix, Product, View};
use crate::model::Activation;
use crate::model::layer::{Forward, Summed};
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Positions at a time in the forward pass: whole registers, so that for few filters the product uses P in place.
const FORWARD_POSITIONS: usize = 384;

/// Elements of P at a time for ∂J/∂W, but at least [`NC`] columns.
const BACKWARD_ELEMENTS: usize = 100_000;

/// W, b and f of a convolutional layer.
#[derive(Clone, Copy, Debug)]
pub struct Filters<'a, T> {
    /// W: filters x taps.
    pub weights: View<'a, T>,
    /// b: an element for each filter.
    pub bias: &'a [T],
    /// f.
    pub activation: Activation,
}

/// The gradients of a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    /// ∂J/∂W: filters x taps.
    pub weights: Matrix<f64>,
    /// ∂J/∂b: an element for each filter.
    pub bias: Vec<f64>,
    /// ∂J/∂x: the shape of the maps.
    pub maps: Matrix<f64>,
}

/// The gradients from δ (filters x positions), element by element. The forward pass is defined in
/// [`definition::by_definition`](super::definition::by_definition).
///
/// # Panics
/// If the shapes do not fit.
pub fn gradients_by_definition(
    shape: &Convolution,
    weights: View<f64>,
    delta: &Matrix<f64>,
    maps: &Matrix<f64>,
) -> Gradients {
    let p = patches::by_definition(shape, maps);
    assert_eq!((delta.rows(), delta.columns()), (shape.filters, p.columns()), "filters and positions");
    let mut d_weights = Matrix::zeros(shape.filters, shape.taps());
    let (mut d_bias, mut d_p) = (vec![0.0; shape.filters], Matrix::zeros(p.rows(), p.columns()));
    for k in 0..shape.filters {
        for n in 0..p.columns() {
            d_bias[k] += delta.row(k)[n]; // (FI.3)
            for e in 0..shape.taps() {
                d_weights.row_mut(k)[e] += delta.row(k)[n] * p.row(e)[n]; // (FI.2)
                d_p.row_mut(e)[n] += weights.at(k, e) * delta.row(k)[n];
            }
        }
    }
    let d_maps = patches::adjoint_by_definition(shape, &d_p); // (FI.4)
    Gradients { weights: d_weights, bias: d_bias, maps: d_maps }
}

/// Convolves on one thread; owns its work space.
#[derive(Clone, Debug)]
pub struct Convolver<T> {
    product: Product<T>,
    patches: Matrix<T>,
}

impl<T: Real> Default for Convolver<T> {
    fn default() -> Self {
        Convolver { product: Product::single_threaded(), patches: Matrix::empty() }
    }
}

impl<T: Real> Convolver<T> {
    /// a = f(z) of each filter at a range of positions, counted over all examples of `maps`.
    ///
    /// # Panics
    /// If the shapes do not fit; `a` is filters x positions.
    pub fn forward(
        &mut self,
        shape: &Convolution,
        filters: Filters<T>,
        maps: &Matrix<T>,
        positions: Range<usize>,
        mut a: ViewMut<T>,
    ) {
        let Filters { weights, bias, activation } = filters;
        let rows = a.rows();
        assert_eq!((rows, a.columns(), bias.len()), (shape.filters, positions.len(), rows), "filters and positions");
        if rows == 0 {
            return; // at any number of positions
        }
        let epilogue = Forward { activation, bias, least: T::ZERO, summed: Summed::Nothing };
        for from in positions.clone().step_by(FORWARD_POSITIONS) {
            let to = positions.end.min(from + FORWARD_POSITIONS);
            let part = a.part([0, from - positions.start], [rows, to - from]);
            let p = patches_of(shape, maps, from..to, &mut self.patches);
            self.product.store_with(weights, p, part, &epilogue); // (FI.1)
        }
    }

    /// ∂J/∂W over all positions of all examples; δ is filters x positions.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn weights_gradient(
        &mut self,
        shape: &Convolution,
        delta: View<T>,
        maps: &Matrix<T>,
        mut d_weights: ViewMut<T>,
    ) {
        const { assert!(NC.is_multiple_of(T::KC)) };
        let positions = size::product([shape.examples(maps), shape.output().plane()]);
        assert_eq!((delta.rows(), delta.columns()), (shape.filters, positions), "filters and positions");
        if shape.filters == 0 {
            return; // at any number of positions
        }
        let columns = NC * (BACKWARD_ELEMENTS / NC.saturating_mul(shape.taps()).max(1)).max(1);
        for from in (0..positions.max(1)).step_by(columns) {
            let to = positions.min(from + columns);
            let delta = delta.part_columns(from, to - from);
            let p = patches_of(shape, maps, from..to, &mut self.patches).transposed();
            match from {
                0 => self.product.store(delta, p, d_weights.reborrow()), // (FI.2)
                _ => self.product.accumulate(delta, p, d_weights.reborrow()),
            }
        }
    }

    /// ∂J/∂x, written over `d_maps`.
    ///
    /// # Panics
    /// If the shapes do not fit; `d_maps` has the shape of the maps, δ is filters x their positions. Also if there is
    /// no memory for the patches of an example.
    pub fn maps_gradient(&mut self, shape: &Convolution, weights: View<T>, delta: View<T>, d_maps: &mut Matrix<T>) {
        let (examples, plane) = (shape.examples(d_maps), shape.output().plane());
        assert_eq!(
            (delta.rows(), delta.columns()),
            (shape.filters, size::product([examples, plane])),
            "filters and positions"
        );
        if patches_are_maps(shape) {
            self.product.store(weights.transposed(), delta, d_maps.view_mut());
            return;
        }
        d_maps.elements_mut().fill(T::ZERO);
        if shape.filters == 0 {
            return; // in any number of examples
        }
        let group = (NC / plane).max(1);
        for from in (0..examples).step_by(group) {
            let to = examples.min(from + group);
            let delta = delta.part_columns(from * plane, (to - from) * plane);
            self.patches.reshape(shape.taps(), delta.columns());
            self.product.store(weights.transposed(), delta, self.patches.view_mut());
            shape.add_adjoint(&self.patches, from..to, d_maps); // (FI.4)
        }
    }
}

/// Columns `positions` of P, in `space` unless P is x.
fn patches_of<'a, T: Real>(
    shape: &Convolution,
    maps: &'a Matrix<T>,
    positions: Range<usize>,
    space: &'a mut Matrix<T>,
) -> View<'a, T> {
    if patches_are_maps(shape) {
        return maps.view().part_columns(positions.start, positions.len());
    }
    space.reshape(shape.taps(), positions.len());
    shape.patches(maps, positions, space.view_mut());
    space.view()
}

/// Whether P is x: a filter has one weight for each channel and meets each element once.
fn patches_are_maps(shape: &Convolution) -> bool {
    (shape.size, shape.stride, shape.padding) == ([1, 1], [1, 1], [0, 0])
}

/// a = f(W·P + b) on all examples of `maps`, on all threads: filters x positions.
///
/// # Panics
/// If the shapes do not fit, or there is no memory for a.
pub fn apply_filters<T: Real>(shape: &Convolution, filters: Filters<T>, maps: &Matrix<T>) -> Matrix<T> {
    let MapShape { channels, .. } = shape.output();
    let positions = size::product([shape.examples(maps), shape.output().plane()]);
    let mut a = Matrix::zeros(channels, positions);
    let workers = threads::count().min(positions.div_ceil(FORWARD_POSITIONS)).max(1);
    apply_filters_into(shape, filters, maps, &mut a, &mut vec![Convolver::default(); workers]);
    a
}

/// [`apply_filters`] into an existing matrix, on one thread for each of the `workers`.
///
/// # Panics
/// If the shapes do not fit, or there is no worker.
pub fn apply_filters_into<T: Real>(
    shape: &Convolution,
    filters: Filters<T>,
    maps: &Matrix<T>,
    a: &mut Matrix<T>,
    workers: &mut [Convolver<T>],
) {
    let positions = size::product([shape.examples(maps), shape.output().plane()]);
    assert_eq!(a.columns(), positions, "positions");
    let found = (filters.weights.rows(), filters.weights.columns(), filters.bias.len());
    assert_eq!(found, (shape.filters, shape.taps(), shape.filters), "filters");
    if shape.filters == 0 {
        return; // at any number of positions
    }
    let parts = (0..positions).step_by(FORWARD_POSITIONS).zip(a.view_mut().column_chunks(FORWARD_POSITIONS));
    threads::for_each(workers, parts, |convolver: &mut Convolver<T>, (from, part)| {
        convolver.forward(shape, filters, maps, from..from + part.columns(), part);
    });
}

#[cfg(test)]
mod tests {
    use super::super::definition::by_definition;
    use super::super::patches::tests::{draw, shapes};
    use super::*;
    use crate::matrix::product;

    #[test]
    fn forward_equals_the_definition() {
        for shape in shapes() {
            let x = draw(1, shape.input.channels, 30 * shape.input.plane());
            let (w, b) = (draw(2, shape.filters, shape.taps()), draw(3, 1, shape.filters));
            let expected = by_definition(&shape, w.view(), b.elements(), &x);
            let filters = Filters { weights: w.view(), bias: b.elements(), activation: Activation::Linear };
            assert_eq!(apply_filters(&shape, filters, &x), expected, "{shape:?}");
            for workers in 1..4 {
                let mut a = Matrix::from_function(expected.rows(), expected.columns(), |_, _| f64::NAN);
                let mut workers = vec![Convolver::default(); workers];
                apply_filters_into(&shape, filters, &x, &mut a, &mut workers);
                assert_eq!(a, expected, "{shape:?}");
            }
        }
    }

    #[test]
    fn gradients_equal_their_definitions() {
        for shape in shapes() {
            let examples = 30;
            let positions = examples * shape.output().plane();
            let x = draw(4, shape.input.channels, examples * shape.input.plane());
            let (w, delta) = (draw(5, shape.filters, shape.taps()), draw(6, shape.filters, positions));
            let mut patches = Matrix::zeros(shape.taps(), positions);
            shape.patches(&x, 0..positions, patches.view_mut());
            let mut expected = Matrix::zeros(shape.filters, shape.taps());
            product::by_definition(delta.view(), patches.view().transposed(), expected.view_mut());

            let mut convolver = Convolver::default();
            let mut got = Matrix::from_function(shape.filters, shape.taps(), |_, _| f64::NAN);
            convolver.weights_gradient(&shape, delta.view(), &x, got.view_mut());
            assert_eq!(got, expected, "{shape:?}");
            let gradients = gradients_by_definition(&shape, w.view(), &delta, &x);
            agree(&got, &gradients.weights);

            product::by_definition(w.view().transposed(), delta.view(), patches.view_mut());
            let mut expected = Matrix::zeros(x.rows(), x.columns());
            shape.add_adjoint(&patches, 0..examples, &mut expected);
            let mut got = Matrix::from_function(x.rows(), x.columns(), |_, _| f64::NAN);
            convolver.maps_gradient(&shape, w.view(), delta.view(), &mut got);
            assert_eq!(got, expected, "{shape:?}");
            agree(&got, &gradients.maps);
        }
    }

    /// The definition adds in another order than the product.
    #[track_caller]
    fn agree(got: &Matrix<f64>, expected: &Matrix<f64>) {
        assert_eq!((got.rows(), got.columns()), (expected.rows(), expected.columns()));
        for (g, e) in got.elements().iter().zip(expected.elements()) {
            assert!((g - e).abs() < 1e-12, "{g} {e}");
        }
    }

    #[test]
    fn gradients_by_hand() {
        let shape = Convolution::new(MapShape { channels: 1, rows: 1, columns: 3 }, 1, [1, 2]);
        let row = |elements: &[f64]| Matrix::from_rows(1, elements.len(), elements.to_vec());
        let (w, delta, x) = (row(&[3.0, 5.0]), row(&[1.0, 10.0]), row(&[1.0, 2.0, 4.0]));
        let expected = Gradients { weights: row(&[21.0, 42.0]), bias: vec![11.0], maps: row(&[3.0, 35.0, 50.0]) };
        assert_eq!(gradients_by_definition(&shape, w.view(), &delta, &x), expected);
    }
}
