//! The smallest cost with filters and pooling, to check their gradients.
//!
//! Why: a network takes the gradients of convolution and pooling by weights, bias and input. The gradient check
//! differentiates a cost by its parameters θ; so this cost has the input among its parameters, θ = (W, b, x), and
//! nothing else on top.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, P(x), Pᵀ | the input maps; their [patches](super::patches), and the adjoint |
//! | W, b, a | filters, biases, and activations of the layer |
//! | σ | the sigmoid |
//! | pool, poolᵀ | [pooling], and its adjoint, which takes derivatives back through it |
//! | p, J | the pooled elements and the cost |
//! | δ | ∂J/∂z, with z = W·P(x) + b |
//! | ∘, · | product element by element, matrix product |
//!
//! Forward:
//!
//! ```text
//! (CC.1)  a = σ(W·P(x) + b)
//! (CC.2)  p = pool(a)
//! (CC.3)  J = ½·Σ p²
//! ```
//!
//! Backward:
//!
//! ```text
//! (CC.4)  δ = poolᵀ(p) ∘ a ∘ (1 - a)
//! (CC.5)  ∂J/∂W = δ·P(x)ᵀ
//! (CC.6)  ∂J/∂b = the sums of δ's rows
//! (CC.7)  ∂J/∂x = Pᵀ(Wᵀ·δ)
//! ```
//!
//! Derivation: ∂J/∂p = p by (CC.3); pooling takes it to a; σ'(z) = a·(1 - a) takes it to z = W·P(x) + b, which is δ;
//! the rest are the gradients of [filters].
//!
//! By hand, in the unit test: x = (0, 4, 0) under the filter (ln 3, 0) gives z = (0, 4·ln 3) and a = (1/2, 81/82).
//! Their mean is 61/82 and their maximum 81/82, each of which gives J = p²/2.
//!
//! Where another element of a region becomes the maximum the cost has a kink and no derivative: see
//! [`ConvolutionCost::smallest_margin`].

use super::{Convolution, Convolver, Filters, Pooling, PoolingMode, definition, filters, pooling};
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
pub struct ConvolutionCost<T> {
    shape: Convolution,
    pooling: Pooling,
    examples: usize,
    convolver: Convolver<T>,
    maps: Matrix<T>,
    a: Matrix<T>,
    pooled: Matrix<T>,
    argmax: Vec<u32>,
    delta: Matrix<T>,
    d_maps: Matrix<T>,
}

impl<T: Real> ConvolutionCost<T> {
    /// The cost on a number of examples.
    ///
    /// # Panics
    /// If there is no example, the pooling's input is not the convolution's output, or there is no memory for the maps.
    pub fn new(shape: Convolution, pooling: Pooling, examples: usize) -> Self {
        assert!(examples > 0, "a cost needs an example");
        assert_eq!(pooling.input, shape.output(), "the pooling's input");
        let maps = Matrix::zeros(shape.input.channels, size::product([examples, shape.input.plane()]));
        ConvolutionCost {
            shape,
            pooling,
            examples,
            convolver: Convolver::default(),
            a: Matrix::zeros(shape.filters, size::product([examples, pooling.input.plane()])),
            pooled: Matrix::empty(),
            argmax: Vec::new(),
            delta: Matrix::empty(),
            d_maps: maps.clone(),
            maps,
        }
    }

    /// W (filters x taps), b, and x (channels x elements of all examples' maps).
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
        let positions = self.a.columns();
        let filters = Filters { weights: w.view(theta), bias: b.values(theta), activation: Activation::Sigmoid };
        self.convolver.forward(&self.shape, filters, &self.maps, 0..positions, self.a.view_mut()); // (CC.1)
        self.pooling.forward(&self.a, &mut self.pooled, &mut self.argmax); // (CC.2)
        (&self.a, &self.pooled)
    }

    /// The smallest margin, over all regions, by which the maximum of a region exceeds its other elements; infinite for
    /// means. While no element changes by half of it, every maximum stays where it is.
    pub fn smallest_margin(&mut self, theta: &[T]) -> T {
        let mut smallest = T::INFINITY;
        if self.pooling.mode == PoolingMode::Mean {
            return smallest;
        }
        self.forward(theta);
        let (plane, regions) = (self.pooling.input.plane(), self.pooling.output().plane());
        let members = self.pooling.region_map();
        for (index, (&position, &largest)) in self.argmax.iter().zip(self.pooled.elements()).enumerate() {
            let map = &self.a.elements()[index / regions * plane..][..plane];
            for (other, &a) in map.iter().enumerate() {
                if other != position as usize && members[other].contains(&(index % regions)) {
                    smallest = smallest.min(largest - a);
                }
            }
        }
        smallest
    }
}

/// J, and ∇J over `gradient`, element by element, from θ = (W, b, x) of a number of examples.
///
/// # Panics
/// If the shapes do not fit.
pub fn by_definition(
    shape: &Convolution,
    pooling: &Pooling,
    examples: usize,
    theta: &[f64],
    gradient: &mut [f64],
) -> f64 {
    let [w, b, x] = ConvolutionCost::<f64>::new(*shape, *pooling, examples).blocks();
    let maps = Matrix::from_rows(x.rows, x.columns, x.values(theta).to_vec());
    let mut a = definition::by_definition(shape, w.view(theta), b.values(theta), &maps);
    a.elements_mut().iter_mut().for_each(|a| *a = 1.0 / (1.0 + Real::exp(-*a)));
    let p = pooling::by_definition(pooling, &a);
    let mut delta = pooling::backward_by_definition(pooling, &p.values, &p.argmax);
    for (d, a) in delta.elements_mut().iter_mut().zip(a.elements()) {
        *d *= a * (1.0 - a);
    }
    let gradients = filters::gradients_by_definition(shape, w.view(theta), &delta, &maps);
    w.values_mut(gradient).copy_from_slice(gradients.weights.elements());
    b.values_mut(gradient).copy_from_slice(&gradients.bias);
    x.values_mut(gradient).copy_from_slice(gradients.maps.elements());
    p.values.elements().iter().fold(0.0, |sum, p| sum + 0.5 * p * p)
}

impl<T: Real> Objective<T> for ConvolutionCost<T> {
    fn dimension(&self) -> usize {
        self.blocks()[2].range.end
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension(), theta, gradient);
        let [w, b, x] = self.blocks();
        self.forward(theta);
        self.pooling.backward(&self.pooled, &self.argmax, &mut self.delta);
        for (d, &a) in self.delta.elements_mut().iter_mut().zip(self.a.elements()) {
            *d *= a * (T::ONE - a); // (CC.4)
        }
        let delta: View<T> = self.delta.view();
        self.convolver.weights_gradient(&self.shape, delta, &self.maps, w.view_mut(gradient)); // (CC.5)
        for (k, d_b) in b.values_mut(gradient).iter_mut().enumerate() {
            *d_b = sum(self.delta.row(k)); // (CC.6)
        }
        self.convolver.maps_gradient(&self.shape, w.view(theta), delta, &mut self.d_maps); // (CC.7)
        x.values_mut(gradient).copy_from_slice(self.d_maps.elements());
        T::HALF * sum_of_squares(self.pooled.elements()) // (CC.3)
    }
}

#[cfg(test)]
mod tests {
    use super::super::MapShape;
    use super::super::pooling::Regions;
    use super::*;

    #[test]
    fn a_cost_by_hand() {
        let shape = Convolution::new(MapShape { channels: 1, rows: 1, columns: 3 }, 1, [1, 2]);
        let regions = [Regions::by(1), Regions::by(2)];
        let ln3 = 1.0986122886681098;
        let theta: [f64; 6] = [ln3, 0.0, 0.0, 0.0, 4.0, 0.0];
        for (mode, p, d) in [(PoolingMode::Mean, 61.0 / 82.0, [0.5, 0.5]), (PoolingMode::Max, 81.0 / 82.0, [0.0, 1.0])]
        {
            let pooling = Pooling { mode, input: shape.output(), regions };
            let mut objective = ConvolutionCost::new(shape, pooling, 1);
            let mut gradient = [f64::NAN; 6];
            let cost = objective.cost_and_gradient(&theta, &mut gradient);
            assert!((cost - 0.5 * p * p).abs() < 1e-15, "{cost}");
            // δ = (p/2)·a·(1 - a) or p·a·(1 - a); tap 0 meets x0 and x1, tap 1 meets x1 and x2.
            let delta = [p * d[0] * 0.25, p * d[1] * (81.0 / 82.0) * (1.0 / 82.0)];
            let expected = [4.0 * delta[1], 4.0 * delta[0], delta[0] + delta[1], ln3 * delta[0], ln3 * delta[1], 0.0];
            for (g, e) in gradient.iter().zip(expected) {
                assert!((g - e).abs() < 1e-15, "{gradient:?} {expected:?}");
            }
            let mut defined = [f64::NAN; 6];
            assert!((by_definition(&shape, &pooling, 1, &theta, &mut defined) - cost).abs() < 1e-15);
            assert!(gradient.iter().zip(defined).all(|(g, e)| (g - e).abs() < 1e-15), "{gradient:?} {defined:?}");
            let margin = objective.smallest_margin(&theta);
            assert!(if mode == PoolingMode::Max {
                (margin - 40.0 / 82.0).abs() < 1e-15
            } else {
                margin == f64::INFINITY
            });
        }
    }
}
