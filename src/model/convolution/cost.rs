//! The smallest cost with filters and pooling, to check their gradients.
//!
//! Why: a network needs the gradients of convolution and pooling with respect to weights, bias and input. The gradient
//! check differentiates a cost with respect to its parameters θ; so this cost has the input among its parameters, θ =
//! (W, b, x), and nothing else on top.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, P(x), Pᵀ | the input maps; their [patches](super::patches), and the adjoint |
//! | W, b, a | filters, biases, and activations of the layer |
//! | σ | the sigmoid |
//! | pool | [means or maxima of regions](super::pooling) |
//! | poolᵀ | the adjoint, which takes derivatives back; for maxima, to the positions (i*, j*) that pool found in a |
//! | p, J | the pooled elements and the cost |
//! | δ | ∂J/∂z, with z = W·P(x) + b; what pooling calls δ(R), ∂J/∂p(R), is p here |
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
//! Derivation: ∂J/∂p = p by (CC.3). The adjoint of pooling takes it to a, and the factor σ'(z) = a·(1 - a) takes it to
//! z = W·P(x) + b, which gives δ. The rest are the [gradients of filters](super::filters).
//!
//! By hand, in the unit test: x = (0, 4, 0) under the filter (ln 3, 0) gives z = (0, 4·ln 3) and a = (1/2, 81/82).
//! Their maximum is p = 81/82, and J = p²/2. Backward, poolᵀ(p) = (0, 81/82), so δ = (0, δ1) with δ1 =
//! (81/82)·(81/82)·(1/82) = 0.0119. The patches are (0, 4) and (4, 0), so ∂J/∂W = δ1·(4, 0) and ∂J/∂b = δ1. The second
//! patch gets δ1·(ln 3, 0), and ∂J/∂x = (0, δ1·ln 3, 0). With the mean, p = 61/82, poolᵀ(p) = (61/164, 61/164), and δ =
//! (61/164·1/4, 61/164·81/82²).
//!
//! Where another element of a region becomes the maximum, the cost has a kink and no derivative.
//! [`ConvolutionCost::smallest_margin`] is the least amount by which a maximum exceeds another element of its region.
//! The gradient check draws θ anew until this margin is above 0.003: a step of the check changes an element by at most
//! 0.0015, so every maximum stays where it is.

use super::{Convolution, Convolver, Filters, Pooling, PoolingMode, definition, filters, pooling};
use crate::machine::size;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::parameters::{Block, block_after};
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use crate::optimize::Objective;
use crate::optimize::objective::check_lengths;
use alloc::vec::Vec;

/// The cost: its shapes, and the number of its examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolutionCost {
    shape: Convolution,
    pooling: Pooling,
    examples: usize,
}

/// The values that the forward pass leaves for the backward pass.
#[derive(Clone, Debug)]
pub struct Forward {
    /// x: channels x elements of all examples' maps.
    pub x: Matrix<f64>,
    /// a: filters x positions.
    pub a: Matrix<f64>,
    /// p: filters x regions.
    pub p: Matrix<f64>,
    /// The positions of the maxima.
    pub argmax: Vec<u32>,
}

impl ConvolutionCost {
    /// The cost on a number of examples.
    ///
    /// # Panics
    /// If there is no example, the pooling's input is not the convolution's output, or there are more parameters than a
    /// size can count.
    pub fn new(shape: Convolution, pooling: Pooling, examples: usize) -> Self {
        assert!(examples > 0, "a cost needs an example");
        assert_eq!(pooling.input, shape.output(), "the pooling's input");
        let cost = ConvolutionCost { shape, pooling, examples };
        cost.blocks();
        cost
    }

    /// W (filters x taps), b, and x (channels x elements of all examples' maps).
    pub fn blocks(&self) -> [Block; 3] {
        let Convolution { input, filters, .. } = self.shape;
        let w = block_after(None, "W", filters, self.shape.taps());
        let b = block_after(Some(&w), "b", filters, 1);
        let x = block_after(Some(&b), "x", input.channels, size::product([self.examples, input.plane()]));
        [w, b, x]
    }

    /// a and p.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn forward(&self, theta: &[f64]) -> Forward {
        let [w, b, x] = self.blocks();
        let x = Matrix::from_rows(x.rows, x.columns, x.values(theta).to_vec());
        let filters = Filters { weights: w.view(theta), bias: b.values(theta), activation: Activation::Sigmoid };
        let positions = size::product([self.examples, self.pooling.input.plane()]);
        let mut a = Matrix::zeros(self.shape.filters, positions);
        Convolver::default().forward(&self.shape, filters, &x, 0..positions, a.view_mut()); // (CC.1)
        let (mut p, mut argmax) = (Matrix::empty(), Vec::new());
        self.pooling.forward(&a, &mut p, &mut argmax); // (CC.2)
        Forward { x, a, p, argmax }
    }

    /// The smallest margin, over all regions, by which the maximum of a region exceeds its other elements; infinite for
    /// means. While no element changes by half of it, every maximum stays where it is.
    pub fn smallest_margin(&self, theta: &[f64]) -> f64 {
        let mut smallest = f64::INFINITY;
        if self.pooling.mode == PoolingMode::Mean {
            return smallest;
        }
        let Forward { a, p, argmax, .. } = self.forward(theta);
        let (plane, regions) = (self.pooling.input.plane(), self.pooling.output().plane());
        let members = self.pooling.region_map();
        for (index, (&position, &largest)) in argmax.iter().zip(p.elements()).enumerate() {
            let map = &a.elements()[index / regions * plane..][..plane];
            for (other, &a) in map.iter().enumerate() {
                if other != position as usize && members[other].contains(&(index % regions)) {
                    smallest = Real::min(smallest, largest - a);
                }
            }
        }
        smallest
    }
}

/// J and ∇J, element by element, from θ = (W, b, x).
///
/// # Panics
/// If θ has another length than the cost's dimension.
pub fn by_definition(cost: &ConvolutionCost, theta: &[f64]) -> (f64, Vec<f64>) {
    let ConvolutionCost { shape, pooling, .. } = cost;
    let [w, b, x] = cost.blocks();
    let maps = Matrix::from_rows(x.rows, x.columns, x.values(theta).to_vec());
    let mut a = definition::by_definition(shape, w.view(theta), b.values(theta), &maps);
    a.elements_mut().iter_mut().for_each(|a| *a = 1.0 / (1.0 + Real::exp(-*a)));
    let p = pooling::by_definition(pooling, &a);
    let mut delta = pooling::backward_by_definition(pooling, &p.values, &p.argmax);
    for (d, a) in delta.elements_mut().iter_mut().zip(a.elements()) {
        *d *= a * (1.0 - a);
    }
    let gradients = filters::gradients_by_definition(shape, w.view(theta), &delta, &maps);
    let gradient = [gradients.weights.elements(), &gradients.bias, gradients.maps.elements()].concat();
    (p.values.elements().iter().fold(0.0, |sum, p| sum + 0.5 * p * p), gradient)
}

impl Objective<f64> for ConvolutionCost {
    fn dimension(&self) -> usize {
        self.blocks()[2].range.end
    }

    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        check_lengths(self.dimension(), theta, gradient);
        let [w, b, x] = self.blocks();
        let Forward { x: maps, a, p, argmax } = self.forward(theta);
        let mut delta = Matrix::empty();
        self.pooling.backward(&p, &argmax, &mut delta);
        for (d, &a) in delta.elements_mut().iter_mut().zip(a.elements()) {
            *d *= a * (1.0 - a); // (CC.4)
        }
        let mut convolver = Convolver::default();
        convolver.weights_gradient(&self.shape, delta.view(), &maps, w.view_mut(gradient)); // (CC.5)
        for (k, d_b) in b.values_mut(gradient).iter_mut().enumerate() {
            *d_b = sum(delta.row(k)); // (CC.6)
        }
        let mut d_maps = maps;
        convolver.maps_gradient(&self.shape, w.view(theta), delta.view(), &mut d_maps); // (CC.7)
        x.values_mut(gradient).copy_from_slice(d_maps.elements());
        0.5 * sum_of_squares(p.elements()) // (CC.3)
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
            let (defined_cost, defined) = by_definition(&objective, &theta);
            assert!((defined_cost - cost).abs() < 1e-15);
            assert!(gradient.iter().zip(&defined).all(|(g, e)| (g - e).abs() < 1e-15), "{gradient:?} {defined:?}");
            let margin = objective.smallest_margin(&theta);
            assert!(if mode == PoolingMode::Max {
                (margin - 40.0 / 82.0).abs() < 1e-15
            } else {
                margin == f64::INFINITY
            });
        }
    }
}
