//! Activation maximization: the input, and the examples, that excite a unit of any layer most.
//!
//! Why: the input of length 1 that excites a unit of the first layer most is w/|w|
//! ([`visualization`](crate::model::visualization)). A unit of a deeper layer depends on the input through all layers
//! below it, and no formula gives its best input. Gradient ascent finds one.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, r | the input, and its length, > 0 |
//! | ε | the size of a step as a fraction of r, > 0 |
//! | a(k, i, j) | the output of the unit in map k at position (i, j) |
//! | g | its gradient by the input |
//!
//! ```text
//! (AM.1)  g = ∂a(k, i, j)/∂x
//! (AM.2)  x' = x + ε·r·g/|g|
//! (AM.3)  x ← r·x'/|x'|
//! ```
//!
//! The start is random. (AM.1) is the backward pass with the derivative 1 at the unit and 0 elsewhere. For small ε,
//! (AM.2) is the step of its length that raises a most, and (AM.3) returns to the sphere |x| = r; without that bound, x
//! could grow forever. The ascent ends near a local maximum, and another start may end near another. The patches of
//! real examples that excite the unit most show which of such inputs occur.
//!
//! For a convolutional unit of the first layer, g is a multiple of w, positive if the activation function rises. Each
//! step adds the same multiple of w to x, and nothing orthogonal to w. (AM.3) scales both parts of x alike, so the
//! ascent ends at r·w/|w|, as the unit test asserts.
//!
//! Sources: D. Erhan, Y. Bengio, A. Courville and P. Vincent, "Visualizing higher-layer features of a deep network",
//! 2009; M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2013 (source D's figure).

use super::examples::{Examples, InMemory};
use super::pass::{Pass, Until, Workspace};
use super::shape::{Network, Step};
use crate::machine::size;
use crate::matrix::Matrix;
use crate::model::convolution::Convolution;
use crate::model::convolution::MapShape;
use crate::number::sum::sum_of_squares;
use crate::number::{Random, Real};
use alloc::vec::Vec;
use core::ops::Range;

/// A unit: an element of a layer's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The layer, counted from 1.
    pub layer: usize,
    /// Its map.
    pub channel: usize,
    /// Its row and column there.
    pub position: [usize; 2],
}

/// The options of the ascent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ascent {
    /// r > 0: the length of the input.
    pub length: f64,
    /// ε > 0: the length of a step as a fraction of r.
    pub step: f64,
    /// The number of steps.
    pub steps: usize,
}

/// The largest output of a map for an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response<T> {
    /// The example.
    pub example: usize,
    /// Its row and column in the map.
    pub position: [usize; 2],
    /// The output.
    pub a: T,
}

impl Network {
    /// The input of length r with the largest output of a unit during the ascent, in the order channel, row, column,
    /// and that output.
    ///
    /// # Panics
    /// If there is no such unit, `theta` has another length than the dimension, or there is no memory for an input.
    pub fn activation_maximization<T: Real>(
        &self,
        theta: &[T],
        unit: Unit,
        ascent: &Ascent,
        random: &mut Random,
    ) -> (Vec<T>, T) {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let stages = &self.stages()[..unit.layer];
        let shape = self.shape(unit.layer);
        let Unit { channel, position: [row, column], .. } = unit;
        assert!(channel < shape.channels && row < shape.rows && column < shape.columns, "{unit:?} of {shape:?}");
        let (mut pass, mut work) = (Pass::new(0, unit.layer), Workspace::default());
        size::claim::<T>(self.input.elements());
        let mut x: Vec<T> = (0..self.input.elements()).map(|_| random.uniform(-1.0, 1.0)).collect();
        scale_to(&mut x, ascent.length);
        let mut best = (x.clone(), -T::INFINITY);
        for _ in 0..ascent.steps {
            let example = InMemory::from_rows(Matrix::from_rows(1, x.len(), x.clone()));
            pass.load(&mut work, self.input, &example, 0, 0..1);
            pass.forward(&mut work, stages, theta, None, &|n| n);
            let position = row * shape.columns + column;
            let a = pass.a.last().unwrap_or(&pass.x).row(channel)[position];
            if a > best.1 {
                best = (x.clone(), a);
            }
            work.delta.reshape(shape.channels, shape.plane());
            work.delta.elements_mut().fill(T::ZERO);
            work.delta.row_mut(channel)[position] = T::ONE;
            pass.backward(&mut work, stages, theta, None, Until::Input); // (AM.1)
            let length = sum_of_squares(work.delta.elements()).sqrt();
            if !(length > T::ZERO && length.is_finite()) {
                break; // no direction, as where a rectified unit is inactive
            }
            let step = T::from_f64(ascent.step * ascent.length) / length;
            x.iter_mut().zip(work.delta.elements()).for_each(|(x, &g)| *x += step * g); // (AM.2)
            scale_to(&mut x, ascent.length); // (AM.3)
        }
        best
    }

    /// The `count` examples with the largest outputs of a map of layer `layer`, counted from 1: one response of each
    /// example, the largest first, and among equal ones the first example first.
    ///
    /// # Panics
    /// If there is no such layer or map.
    pub fn strongest_responses<T: Real>(
        &self,
        theta: &[T],
        examples: &dyn Examples<T>,
        layer: usize,
        channel: usize,
        count: usize,
    ) -> Vec<Response<T>> {
        let shape = self.shape(layer);
        assert!(channel < shape.channels, "map {channel} of {shape:?}");
        let outputs = self.outputs(theta, examples, layer);
        let mut responses: Vec<Response<T>> = (0..outputs.columns())
            .map(|example| {
                let mut best = Response { example, position: [0, 0], a: -T::INFINITY };
                for e in 0..shape.plane() {
                    let a = outputs.row(channel * shape.plane() + e)[example];
                    if a > best.a {
                        best = Response { example, position: [e / shape.columns, e % shape.columns], a };
                    }
                }
                best
            })
            .collect();
        responses.sort_by(|one, other| other.a.partial_cmp(&one.a).unwrap_or(core::cmp::Ordering::Equal));
        responses.truncate(count);
        responses
    }

    /// The receptive field of a unit: the rows and columns of the input, without padding, on which the output of layer
    /// `layer`, counted from 1, depends at a position.
    ///
    /// # Panics
    /// If there is no such layer, or no such position in its maps. Also if the ends of regions are more than a size can
    /// count.
    pub fn receptive_field(&self, layer: usize, position: [usize; 2]) -> [Range<usize>; 2] {
        let MapShape { rows, columns, .. } = self.shape(layer);
        assert!(position[0] < rows && position[1] < columns, "{position:?} of {rows} x {columns}");
        let mut field = [position[0]..position[0] + 1, position[1]..position[1] + 1];
        for stage in self.stages()[..layer].iter().rev() {
            let MapShape { rows, columns, .. } = stage.input;
            for (axis, length) in [rows, columns].into_iter().enumerate() {
                let Range { start, end } = field[axis].clone();
                let (from, to) = match &stage.step {
                    Step::Convolve(Convolution { size, stride, padding, .. }, _) => {
                        let [size, stride, padding] = [size[axis], stride[axis], padding[axis]];
                        ((start * stride).saturating_sub(padding), ((end - 1) * stride + size).saturating_sub(padding))
                    }
                    Step::TransposedConvolve(Convolution { size, stride, padding, .. }, _) => {
                        let [size, stride, padding] = [size[axis], stride[axis], padding[axis]];
                        // Position i of the input is added to rows i·t - p to i·t - p + h - 1 of the output.
                        ((start + padding + 1).saturating_sub(size).div_ceil(stride), (end - 1 + padding) / stride + 1)
                    }
                    Step::Pool(pooling) => {
                        let region = |r| pooling.regions[axis].region(r, length);
                        (region(start).start, region(end - 1).end)
                    }
                    Step::Residual(..) | Step::Mask { .. } | Step::Gaussian(_) => (start, end),
                };
                field[axis] = from.min(length)..to.min(length);
            }
        }
        field
    }
}

/// x ← length·x/|x|.
fn scale_to<T: Real>(x: &mut [T], length: f64) {
    let present = sum_of_squares(x).sqrt();
    if present > T::ZERO {
        let by = T::from_f64(length) / present;
        x.iter_mut().for_each(|x| *x *= by);
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::Layer;
    use super::*;
    use crate::model::Activation;
    use crate::model::convolution::PoolingMode;
    use alloc::vec;

    fn network(layers: Vec<Layer>) -> Network {
        Network::new(MapShape { channels: 1, rows: 5, columns: 6 }, layers)
    }

    #[test]
    fn a_filter_of_the_first_layer_is_excited_most_by_itself() {
        let network = network(vec![Layer::convolution(2, [3, 2], Activation::Sigmoid)]);
        let mut random = Random::new(1);
        let theta: Vec<f64> = (0..14).map(|_| random.uniform(-1.0, 1.0)).collect();
        let unit = Unit { layer: 1, channel: 1, position: [2, 3] };
        assert_eq!(network.receptive_field(1, unit.position), [2..5, 3..5]);
        let ascent = Ascent { length: 2.0, step: 0.2, steps: 100 };
        let (x, a) = network.activation_maximization(&theta, unit, &ascent, &mut random);
        let w = &theta[6..12];
        let length = sum_of_squares(w).sqrt();
        for i in 0..5 {
            for j in 0..6 {
                let inside = (2..5).contains(&i) && (3..5).contains(&j);
                let expected = if inside { 2.0 * w[(i - 2) * 2 + j - 3] / length } else { 0.0 };
                assert!((x[i * 6 + j] - expected).abs() < 1e-3, "({i}, {j}): {} {expected}", x[i * 6 + j]);
            }
        }
        let best = 1.0 / (1.0 + (-(2.0 * length + theta[13])).exp());
        assert!((a - best).abs() < 1e-6, "{a} {best}");
    }

    #[test]
    fn a_unit_depends_on_its_receptive_field_and_on_nothing_else() {
        let network = network(vec![
            Layer::Convolution {
                filters: 2,
                size: [3, 3],
                stride: [2, 1],
                padding: [1, 1],
                activation: Activation::Tanh,
            },
            Layer::pooling(PoolingMode::Mean, [1, 2]),
            Layer::TransposedConvolution {
                channels: 1,
                size: [2, 2],
                stride: [1, 2],
                padding: [0, 0],
                activation: Activation::Tanh,
            },
        ]);
        let mut random = Random::new(2);
        let theta: Vec<f64> = (0..network.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let x: Vec<f64> = (0..30).map(|_| random.uniform(-1.0, 1.0)).collect();
        let give = |x: &[f64], layers| {
            network.outputs(&theta, &InMemory::from_rows(Matrix::from_rows(1, 30, x.to_vec())), layers)
        };
        for layers in 1..=3 {
            let (shape, before) = (network.shape(layers), give(&x, layers));
            for position in 0..shape.plane() {
                let field = network.receptive_field(layers, [position / shape.columns, position % shape.columns]);
                for i in 0..30 {
                    let mut moved = x.clone();
                    moved[i] += 0.1;
                    let matters = give(&moved, layers).row(position)[0] != before.row(position)[0];
                    let inside = field[0].contains(&(i / 6)) && field[1].contains(&(i % 6));
                    assert_eq!(matters, inside, "element {i} for position {position} of layer {layers}: {field:?}");
                }
            }
        }
    }

    #[test]
    fn the_strongest_responses_come_first() {
        let network = network(vec![Layer::convolution(1, [1, 1], Activation::Linear)]);
        let x = Matrix::from_function(3, 30, |example, i| if i == 7 * example { 10.0 + example as f64 } else { 0.0 });
        let responses = network.strongest_responses(&[1.0, 0.0], &InMemory::from_rows(x), 1, 0, 2);
        assert_eq!(
            responses,
            [Response { example: 2, position: [2, 2], a: 12.0 }, Response { example: 1, position: [1, 1], a: 11.0 }]
        );
    }
}
