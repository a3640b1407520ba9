//! Convolution at the speed of the product: forward, and back to filters and input.
//!
//! With P the [patches](super::patches) of the maps x and δ the derivative of the cost by z = W·P + b, a row for each filter:
//!
//! a = f(W·P + b),  ∂W = δ·Pᵀ,  ∂x = Pᵀ(Wᵀ·δ),  ∂b = the sums of δ's rows.
//!
//! P is never whole: some hundred columns of it are made at a time, and multiplied while they are in cache. Forward any
//! number will do; for ∂W they are whole blocks of the product's inner index, so that the sums are those of one
//! product. For ∂x, Wᵀ·δ is made for one example at a time, or for some small ones, so that the order in which taps are
//! added does not depend on the cut. So the work space is taps x 400 numbers or some 100,000, or taps x the places of
//! an example, if those are more. A filter of one number needs no patches: P is x.

use super::definition::{Convolution, MapShape};
use crate::machine::{ViewMut, size, threads};
use crate::matrix::blocked::NC;
use crate::matrix::{Matrix, Product, View};
use crate::model::Activation;
use crate::model::layer::Forward;
use crate::number::Real;
use core::ops::Range;

/// Places at a time going forward: whole registers, so that for few filters the product takes P as it is.
const FORWARD: usize = 384;

/// Numbers of P at a time for ∂W, if a strip of its columns has not more.
const BACKWARD: usize = 100_000;

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

/// Convolves on one thread; keeps the memory that it needs.
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
    /// a = f(z) of each filter (a row of `weights`) at some places, counted over all examples of `maps`.
    ///
    /// # Panics
    /// If the shapes do not fit; `a` is filters x places.
    pub fn forward(
        &mut self,
        shape: &Convolution,
        filters: Filters<T>,
        maps: &Matrix<T>,
        places: Range<usize>,
        mut a: ViewMut<T>,
    ) {
        let Filters { weights, bias, activation } = filters;
        let rows = a.rows();
        assert_eq!((rows, a.columns(), bias.len()), (shape.filters, places.len(), rows), "filters and places");
        if rows == 0 {
            return; // of however many places
        }
        let finish = Forward { activation, bias, least: T::ZERO, summed: false };
        for from in places.clone().step_by(FORWARD) {
            let to = places.end.min(from + FORWARD);
            let part = a.part([0, from - places.start], [rows, to - from]);
            self.product.store_with(weights, patches(shape, maps, from..to, &mut self.patches), part, &finish);
        }
    }

    /// ∂W = δ·Pᵀ over all places of all examples; δ is filters x places.
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
        let places = size::product([shape.examples(maps), shape.output().plane()]);
        assert_eq!((delta.rows(), delta.columns()), (shape.filters, places), "filters and places");
        if shape.filters == 0 {
            return; // of however many places
        }
        let many = NC * (BACKWARD / NC.saturating_mul(shape.taps()).max(1)).max(1);
        for from in (0..places.max(1)).step_by(many) {
            let to = places.min(from + many);
            let delta = delta.part_columns(from, to - from);
            let patches = patches(shape, maps, from..to, &mut self.patches).transposed();
            match from {
                0 => self.product.store(delta, patches, d_weights.reborrow()),
                _ => self.product.accumulate(delta, patches, d_weights.reborrow()),
            }
        }
    }

    /// ∂x = Pᵀ(Wᵀ·δ), written over `d_maps`.
    ///
    /// # Panics
    /// If the shapes do not fit; `d_maps` has the shape of the maps, δ is filters x their places. Also if there is no memory for
    /// the patches of an example.
    pub fn maps_gradient(&mut self, shape: &Convolution, weights: View<T>, delta: View<T>, d_maps: &mut Matrix<T>) {
        let (examples, plane) = (shape.examples(d_maps), shape.output().plane());
        assert_eq!(
            (delta.rows(), delta.columns()),
            (shape.filters, size::product([examples, plane])),
            "filters and places"
        );
        if one_number(shape) {
            self.product.store(weights.transposed(), delta, d_maps.view_mut());
            return;
        }
        d_maps.elements_mut().fill(T::ZERO);
        if shape.filters == 0 {
            return; // of however many examples
        }
        let few = (NC / plane).max(1);
        for from in (0..examples).step_by(few) {
            let to = examples.min(from + few);
            let delta = delta.part_columns(from * plane, (to - from) * plane);
            self.patches.reshape(shape.taps(), delta.columns());
            self.product.store(weights.transposed(), delta, self.patches.view_mut());
            shape.add_adjoint(&self.patches, from..to, d_maps);
        }
    }
}

/// Columns of P.
fn patches<'a, T: Real>(
    shape: &Convolution,
    maps: &'a Matrix<T>,
    places: Range<usize>,
    room: &'a mut Matrix<T>,
) -> View<'a, T> {
    if one_number(shape) {
        return maps.view().part_columns(places.start, places.len());
    }
    room.reshape(shape.taps(), places.len());
    shape.patches(maps, places, room.view_mut());
    room.view()
}

/// Whether a filter has one weight for each channel and meets each place once, so that P is x.
fn one_number(shape: &Convolution) -> bool {
    (shape.size, shape.stride, shape.padding) == ([1, 1], [1, 1], [0, 0])
}

/// a = f(W·P + b) on all examples of `maps`, on all threads: filters x places.
///
/// # Panics
/// If the shapes do not fit.
/// Also if there is no memory for the maps.
pub fn apply_filters<T: Real>(shape: &Convolution, filters: Filters<T>, maps: &Matrix<T>) -> Matrix<T> {
    let MapShape { channels, .. } = shape.output();
    let places = size::product([shape.examples(maps), shape.output().plane()]);
    let mut a = Matrix::zeros(channels, places);
    let mut workers = alloc::vec![Convolver::default(); threads::count().min(places.div_ceil(FORWARD)).max(1)];
    apply_filters_into(shape, filters, maps, &mut a, &mut workers);
    a
}

/// [`apply_filters`] into a matrix that there is, with one worker for each element of `workers`.
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
    let (mut rest, places) = (Some(a.view_mut()), size::product([shape.examples(maps), shape.output().plane()]));
    assert_eq!(rest.as_ref().map(ViewMut::columns), Some(places), "places");
    let found = (filters.weights.rows(), filters.weights.columns(), filters.bias.len());
    assert_eq!(found, (shape.filters, shape.taps(), shape.filters), "filters");
    if shape.filters == 0 {
        return; // of however many places
    }
    let pieces = (0..places).step_by(FORWARD).map_while(|from| {
        let whole = rest.take()?;
        let columns = FORWARD.min(whole.columns());
        let (part, others) = whole.split_columns(columns);
        rest = Some(others);
        Some((from..from + columns, part))
    });
    threads::for_each(workers, pieces, |convolver: &mut Convolver<T>, (places, part)| {
        convolver.forward(shape, filters, maps, places, part);
    });
}

#[cfg(test)]
mod tests {
    use super::super::definition::by_definition;
    use super::super::patches::tests::{draw, shapes};
    use super::*;
    use crate::matrix::product;
    use alloc::vec;

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
    fn gradients_equal_the_products_with_whole_patches() {
        for shape in shapes() {
            let examples = 30;
            let places = examples * shape.output().plane();
            let x = draw(4, shape.input.channels, examples * shape.input.plane());
            let (w, delta) = (draw(5, shape.filters, shape.taps()), draw(6, shape.filters, places));
            let mut patches = Matrix::zeros(shape.taps(), places);
            shape.patches(&x, 0..places, patches.view_mut());
            let mut expected = Matrix::zeros(shape.filters, shape.taps());
            product::by_definition(delta.view(), patches.view().transposed(), expected.view_mut());

            let mut convolver = Convolver::default();
            let mut got = Matrix::from_function(shape.filters, shape.taps(), |_, _| f64::NAN);
            convolver.weights_gradient(&shape, delta.view(), &x, got.view_mut());
            assert_eq!(got, expected, "{shape:?}");

            product::by_definition(w.view().transposed(), delta.view(), patches.view_mut());
            let mut expected = Matrix::zeros(x.rows(), x.columns());
            shape.add_adjoint(&patches, 0..examples, &mut expected);
            let mut got = Matrix::from_function(x.rows(), x.columns(), |_, _| f64::NAN);
            convolver.maps_gradient(&shape, w.view(), delta.view(), &mut got);
            assert_eq!(got, expected, "{shape:?}");
        }
    }
}
