//! What a unit deep inside looks for: the input that excites it most, and what of real examples did.
//!
//! Of a unit of the first layer, the input no longer than 1 that excites it most is w/|w|
//! ([`visualization`](crate::model::visualization)). Deeper down there is no formula, so the input is found by gradient ascent on the
//! sphere of that length, from a random start:
//!
//! x ← r·(x + ε·g/|g|) / |x + ε·g/|g||,  g = ∂a(k, i, j)/∂x,
//!
//! which ends at a local maximum; another start may end at another. Beside it, the patches of real examples at which
//! the unit answered most show what of such inputs there is.
//!
//! Sources: D. Erhan, Y. Bengio, A. Courville and P. Vincent, "Visualizing higher-layer features of a deep network",
//! 2009; M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2013 (source D's figure).

use super::examples::{Examples, InMemory};
use super::pass::Pass;
use super::shape::{Network, Step};
use crate::machine::size;
use crate::matrix::Matrix;
use crate::model::convolution::Convolution;
use crate::model::convolution::MapShape;
use crate::number::sum::sum_of_squares;
use crate::number::{Random, Real};
use alloc::vec::Vec;
use core::ops::Range;

/// A number among those that layer `layers`, counted from 1, gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The layer.
    pub layer: usize,
    /// Its map.
    pub channel: usize,
    /// Its row and column there.
    pub position: [usize; 2],
}

/// How the ascent goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ascent {
    /// r > 0: the length of the input.
    pub length: f64,
    /// ε > 0: how far a step goes, as a share of the length.
    pub step: f64,
    /// How many.
    pub steps: usize,
}

/// An answer of a unit to an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response<T> {
    /// The example.
    pub example: usize,
    /// The row and column of the map where it was largest.
    pub position: [usize; 2],
    /// How large.
    pub a: T,
}

impl Network {
    /// The input, of the ascent's length, that a unit was excited by most on the way, and how much; its numbers in the
    /// order channel, row, column.
    ///
    /// # Panics
    /// If there is no such unit, or `theta` has another length than the dimension.
    /// Also if there is no memory for an input.
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
        let mut pass = Pass::new(unit.layer);
        size::claim::<T>(self.input.elements());
        let mut x: Vec<T> = (0..self.input.elements()).map(|_| random.uniform(-1.0, 1.0)).collect();
        scale_to(&mut x, ascent.length);
        let mut best = (x.clone(), -T::INFINITY);
        for _ in 0..ascent.steps {
            let shown = InMemory::from_rows(Matrix::from_rows(1, x.len(), x.clone()));
            pass.load(self.input, &shown, 0, 0..1);
            pass.forward(stages, theta, None, &|at| at);
            let at = row * shape.columns + column;
            let a = pass.a.last().unwrap_or(&pass.x).row(channel)[at];
            if a > best.1 {
                best = (x.clone(), a);
            }
            pass.delta.reshape(shape.channels, shape.plane());
            pass.delta.elements_mut().fill(T::ZERO);
            pass.delta.row_mut(channel)[at] = T::ONE;
            pass.backward(stages, theta, None, true, false);
            let size = sum_of_squares(pass.delta.elements()).sqrt();
            if !(size > T::ZERO && size.is_finite()) {
                break; // no way up, as where a rectified unit is silent
            }
            let step = T::from_f64(ascent.step * ascent.length) / size;
            x.iter_mut().zip(pass.delta.elements()).for_each(|(x, &g)| *x += step * g);
            scale_to(&mut x, ascent.length);
        }
        best
    }

    /// The examples to which a map answered most, the largest answer first, one answer of each example; of equal ones
    /// the first example first.
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
        let mut answers: Vec<Response<T>> = (0..outputs.columns())
            .map(|example| {
                let mut best = Response { example, position: [0, 0], a: -T::INFINITY };
                for at in 0..shape.plane() {
                    let a = outputs.row(channel * shape.plane() + at)[example];
                    if a > best.a {
                        best = Response { example, position: [at / shape.columns, at % shape.columns], a };
                    }
                }
                best
            })
            .collect();
        answers.sort_by(|one, other| other.a.partial_cmp(&one.a).unwrap_or(core::cmp::Ordering::Equal));
        answers.truncate(count);
        answers
    }

    /// The rows and columns of the input that a unit at `place` of layer `layers` sees, without what is padding.
    ///
    /// # Panics
    /// If there is no such layer, or no such place in its maps. Also if the places of regions are more than a size can count.
    pub fn receptive_field(&self, layers: usize, place: [usize; 2]) -> [Range<usize>; 2] {
        let MapShape { rows, columns, .. } = self.shape(layers);
        assert!(place[0] < rows && place[1] < columns, "{place:?} of {rows} x {columns}");
        let mut seen = [place[0]..place[0] + 1, place[1]..place[1] + 1];
        for stage in self.stages()[..layers].iter().rev() {
            let MapShape { rows, columns, .. } = stage.input;
            for (axis, length) in [rows, columns].into_iter().enumerate() {
                let Range { start, end } = seen[axis].clone();
                let (from, to) = match &stage.step {
                    Step::Convolve(Convolution { size, stride, padding, .. }, _) => {
                        let [size, stride, padding] = [size[axis], stride[axis], padding[axis]];
                        ((start * stride).saturating_sub(padding), ((end - 1) * stride + size).saturating_sub(padding))
                    }
                    Step::TransposedConvolve(Convolution { size, stride, padding, .. }, _) => {
                        let [size, stride, padding] = [size[axis], stride[axis], padding[axis]];
                        // Place q of what comes in is spread over q·t - p to q·t - p + h - 1.
                        ((start + padding + 1).saturating_sub(size).div_ceil(stride), (end - 1 + padding) / stride + 1)
                    }
                    Step::Pool(pooling) => {
                        let region = |r| pooling.regions[axis].region(r, length);
                        (region(start).start, region(end - 1).end)
                    }
                    Step::Drop(_) => (start, end),
                };
                seen[axis] = from.min(length)..to.min(length);
            }
        }
        seen
    }
}

fn scale_to<T: Real>(x: &mut [T], length: f64) {
    let size = sum_of_squares(x).sqrt();
    if size > T::ZERO {
        let by = T::from_f64(length) / size;
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

    fn settings(layers: Vec<Layer>) -> Network {
        Network { input: MapShape { channels: 1, rows: 5, columns: 6 }, layers, weight_decay: 0.0 }
    }

    #[test]
    fn a_filter_of_the_first_layer_is_excited_most_by_itself() {
        let settings = settings(vec![Layer::convolution(2, [3, 2], Activation::Sigmoid)]);
        let mut random = Random::new(1);
        let theta: Vec<f64> = (0..14).map(|_| random.uniform(-1.0, 1.0)).collect();
        let unit = Unit { layer: 1, channel: 1, position: [2, 3] };
        assert_eq!(settings.receptive_field(1, unit.position), [2..5, 3..5]);
        let ascent = Ascent { length: 2.0, step: 0.2, steps: 100 };
        let (x, a) = settings.activation_maximization(&theta, unit, &ascent, &mut random);
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
    fn what_is_seen_is_what_matters() {
        let settings = settings(vec![
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
        let theta: Vec<f64> = (0..settings.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let x: Vec<f64> = (0..30).map(|_| random.uniform(-1.0, 1.0)).collect();
        let give = |x: &[f64], layers| {
            settings.outputs(&theta, &InMemory::from_rows(Matrix::from_rows(1, 30, x.to_vec())), layers)
        };
        for layers in 1..=3 {
            let (shape, before) = (settings.shape(layers), give(&x, layers));
            for place in 0..shape.plane() {
                let seen = settings.receptive_field(layers, [place / shape.columns, place % shape.columns]);
                for i in 0..30 {
                    let mut moved = x.clone();
                    moved[i] += 0.1;
                    let matters = give(&moved, layers).row(place)[0] != before.row(place)[0];
                    let inside = seen[0].contains(&(i / 6)) && seen[1].contains(&(i % 6));
                    assert_eq!(matters, inside, "number {i} for place {place} of layer {layers}: {seen:?}");
                }
            }
        }
    }

    #[test]
    fn the_strongest_answers_come_first() {
        let settings = settings(vec![Layer::convolution(1, [1, 1], Activation::Linear)]);
        let x = Matrix::from_function(3, 30, |example, i| if i == 7 * example { 10.0 + example as f64 } else { 0.0 });
        let answers = settings.strongest_responses(&[1.0, 0.0], &InMemory::from_rows(x), 1, 0, 2);
        assert_eq!(
            answers,
            [Response { example: 2, position: [2, 2], a: 12.0 }, Response { example: 1, position: [1, 1], a: 11.0 }]
        );
    }
}
