//! Filters, sigmoid and pooling as a whole, with the smallest cost that there is:
//!
//! a = σ(W·P + b),  p = the pooled a,  J = ½·Σ p²,
//!
//! as a function of θ = (W, b, x), the input included, so that each gradient that a network takes from convolution and
//! pooling can be checked against numerical differences. Backward:
//!
//! δ = (the δ of each place that pooling asks for, from ∂J/∂p = p) · a·(1 - a),  ∂W = δ·Pᵀ,  ∂b = the sums of δ's rows,  ∂x = Pᵀ(Wᵀ·δ).
//!
//! Where the maximum of a region changes its place the cost has a kink, and no derivative: see [`Whole::least_lead`].

use super::{Convolution, Convolver, Filters, Pooling, PoolingMode};
use crate::machine::size;
use crate::matrix::{Matrix, View};
use crate::model::Activation;
use crate::model::parameters::{Block, block_after};
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use crate::optimize::Objective;
use crate::optimize::objective::check_lengths;
use alloc::vec::Vec;

/// The cost, with its work space.
#[derive(Clone, Debug)]
pub struct Whole<T> {
    shape: Convolution,
    pooling: Pooling,
    examples: usize,
    convolver: Convolver<T>,
    maps: Matrix<T>,
    a: Matrix<T>,
    pooled: Matrix<T>,
    places: Vec<u32>,
    delta: Matrix<T>,
    d_maps: Matrix<T>,
}

impl<T: Real> Whole<T> {
    /// The cost on so many examples.
    ///
    /// # Panics
    /// If there is no example, the pooling's input is not the convolution's output, or there is no memory for the maps.
    pub fn new(shape: Convolution, pooling: Pooling, examples: usize) -> Self {
        assert!(examples > 0, "a cost needs an example");
        assert_eq!(pooling.input, shape.output(), "what is pooled");
        let maps = Matrix::zeros(shape.input.channels, size::product([examples, shape.input.plane()]));
        Whole {
            shape,
            pooling,
            examples,
            convolver: Convolver::default(),
            a: Matrix::zeros(shape.filters, size::product([examples, pooling.input.plane()])),
            pooled: Matrix::empty(),
            places: Vec::new(),
            delta: Matrix::empty(),
            d_maps: maps.clone(),
            maps,
        }
    }

    /// W (filters x taps), b, and x (channels x numbers of all examples' maps).
    pub fn blocks(&self) -> [Block; 3] {
        let Convolution { input, filters, .. } = self.shape;
        let w = block_after(None, "W", filters, self.shape.taps());
        let b = block_after(Some(&w), "b", filters, 1);
        let x = block_after(Some(&b), "x", input.channels, self.examples * input.plane());
        [w, b, x]
    }

    /// a and p.
    pub fn forward(&mut self, theta: &[T]) -> (&Matrix<T>, &Matrix<T>) {
        let [w, b, x] = self.blocks();
        self.maps.elements_mut().copy_from_slice(x.values(theta));
        let places = self.a.columns();
        let filters = Filters { weights: w.view(theta), bias: b.values(theta), activation: Activation::Sigmoid };
        self.convolver.forward(&self.shape, filters, &self.maps, 0..places, self.a.view_mut());
        self.pooling.forward(&self.a, &mut self.pooled, &mut self.places);
        (&self.a, &self.pooled)
    }

    /// By how much the largest number of a region exceeds all others of it, in the region where that is least; infinite for
    /// means. As long as no number changes by half as much, every maximum keeps its place.
    pub fn least_lead(&mut self, theta: &[T]) -> T {
        let mut least = T::INFINITY;
        if self.pooling.mode == PoolingMode::Mean {
            return least;
        }
        self.forward(theta);
        let (plane, regions) = (self.pooling.input.plane(), self.pooling.output().plane());
        let members = self.pooling.region_map();
        for (at, (&place, &largest)) in self.places.iter().zip(self.pooled.elements()).enumerate() {
            let map = &self.a.elements()[at / regions * plane..][..plane];
            for (other, &a) in map.iter().enumerate() {
                if other != place as usize && members[other].contains(&(at % regions)) {
                    least = least.min(largest - a);
                }
            }
        }
        least
    }
}

impl<T: Real> Objective<T> for Whole<T> {
    fn dimension(&self) -> usize {
        self.blocks()[2].range.end
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension(), theta, gradient);
        let [w, b, x] = self.blocks();
        self.forward(theta);
        self.pooling.backward(&self.pooled, &self.places, &mut self.delta);
        for (d, &a) in self.delta.elements_mut().iter_mut().zip(self.a.elements()) {
            *d *= a * (T::ONE - a);
        }
        let delta: View<T> = self.delta.view();
        self.convolver.weights_gradient(&self.shape, delta, &self.maps, w.view_mut(gradient));
        for (k, d_b) in b.values_mut(gradient).iter_mut().enumerate() {
            *d_b = sum(self.delta.row(k));
        }
        self.convolver.maps_gradient(&self.shape, w.view(theta), delta, &mut self.d_maps);
        x.values_mut(gradient).copy_from_slice(self.d_maps.elements());
        T::HALF * sum_of_squares(self.pooled.elements())
    }
}

#[cfg(test)]
mod tests {
    use super::super::MapShape;
    use super::super::pooling::Regions;
    use super::*;

    #[test]
    fn a_cost_by_hand() {
        // One row x = (0, 4, 0) under the filter (ln 3, 0): z = (0, 4·ln 3) and a = (1/2, 81/82), of which the mean is 61/82.
        let shape = Convolution::new(MapShape { channels: 1, rows: 1, columns: 3 }, 1, [1, 2]);
        let cuts = [Regions::by(1), Regions::by(2)];
        let ln3 = 1.0986122886681098;
        let theta: [f64; 6] = [ln3, 0.0, 0.0, 0.0, 4.0, 0.0];
        for (kind, p, d) in [(PoolingMode::Mean, 61.0 / 82.0, [0.5, 0.5]), (PoolingMode::Max, 81.0 / 82.0, [0.0, 1.0])]
        {
            let pooling = Pooling { mode: kind, input: shape.output(), regions: cuts };
            let mut whole = Whole::new(shape, pooling, 1);
            let mut gradient = [f64::NAN; 6];
            let cost = whole.cost_and_gradient(&theta, &mut gradient);
            assert!((cost - 0.5 * p * p).abs() < 1e-15, "{cost}");
            // δ = p·share·a·(1 - a); tap 0 meets x0 and x1, tap 1 meets x1 and x2.
            let delta = [p * d[0] * 0.25, p * d[1] * (81.0 / 82.0) * (1.0 / 82.0)];
            let expected = [4.0 * delta[1], 4.0 * delta[0], delta[0] + delta[1], ln3 * delta[0], ln3 * delta[1], 0.0];
            for (g, e) in gradient.iter().zip(expected) {
                assert!((g - e).abs() < 1e-15, "{gradient:?} {expected:?}");
            }
            let lead = whole.least_lead(&theta);
            assert!(if kind == PoolingMode::Max { (lead - 40.0 / 82.0).abs() < 1e-15 } else { lead == f64::INFINITY });
        }
    }
}
