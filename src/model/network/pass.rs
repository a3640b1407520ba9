//! Forward and back through all layers, for a few examples on one thread.
//!
//! Forward, each layer makes its a of the one below. Backward, with δ the derivative of an example's cost by what a
//! layer gave, · element by element:
//!
//! | layer | δ by z | gradient | δ for the layer below |
//! | --- | --- | --- | --- |
//! | convolution, dense | δ·f'(z) | ∂W = δ·P(x)ᵀ, ∂b = sums of δ's rows | Pᵀ(Wᵀ·δ) |
//! | spread | δ·f'(z) | ∂W = x·P(δ)ᵀ, ∂b likewise | W·P(δ) |
//! | pooling | | | shared out, or given to the largest |
//! | dropout | | | times the same 0 or 1/(1 - q) |
//!
//! Few examples at a time, all layers in turn: so what a layer made is still in cache when the next one wants it.

use super::examples::Examples;
use super::shape::{Stage, Step};
use crate::machine::{Lanes, Operation, run, size};
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::{Convolver, Filters, MapShape};
use crate::number::sum::sum;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// The work space of one thread.
#[derive(Clone, Debug)]
pub(super) struct Pass<T> {
    convolver: Convolver<T>,
    /// What came in: channels x examples·plane.
    pub x: Matrix<T>,
    /// What each layer gave.
    pub a: Vec<Matrix<T>>,
    /// For each layer, the places that a maximum was taken from.
    places: Vec<Vec<u32>>,
    /// For each layer, what dropout multiplied by.
    masks: Vec<Matrix<T>>,
    /// The derivative by what the present layer gave.
    pub delta: Matrix<T>,
    below: Matrix<T>,
    example: Vec<T>,
}

/// What is dropped in training: the seed, and the number of the draw.
pub(super) type Drops = Option<(u64, u64)>;

impl<T: Real> Pass<T> {
    /// A work space for so many layers.
    pub fn new(layers: usize) -> Self {
        Pass {
            convolver: Convolver::default(),
            x: Matrix::empty(),
            a: vec![Matrix::empty(); layers],
            places: vec![Vec::new(); layers],
            masks: vec![Matrix::empty(); layers],
            delta: Matrix::empty(),
            below: Matrix::empty(),
            example: Vec::new(),
        }
    }

    /// Takes in the examples chosen.
    pub fn load(
        &mut self,
        input: MapShape,
        examples: &dyn Examples<T>,
        draw: u64,
        chosen: impl ExactSizeIterator<Item = usize>,
    ) {
        let plane = input.plane();
        self.x.reshape(input.channels, size::product([chosen.len(), plane]));
        self.example.resize(input.elements(), T::ZERO);
        for (at, i) in chosen.enumerate() {
            examples.write(i, draw, &mut self.example);
            for (c, map) in self.example.chunks_exact(plane).enumerate() {
                self.x.row_mut(c)[at * plane..][..plane].copy_from_slice(map);
            }
        }
    }

    /// Forward through all stages; `chosen` numbers the examples for dropout.
    pub fn forward(&mut self, stages: &[Stage], theta: &[T], drops: Drops, chosen: &dyn Fn(usize) -> usize) {
        let count = self.x.columns() / stages.first().map_or(1, |first| first.input.plane());
        for (l, stage) in stages.iter().enumerate() {
            let (below, rest) = self.a.split_at_mut(l);
            let (x, a) = (below.last().unwrap_or(&self.x), &mut rest[0]);
            match (&stage.step, &stage.parameters) {
                (Step::Convolve(shape, activation), Some([w, b])) => {
                    a.reshape(stage.output.channels, count * stage.output.plane());
                    let filters = Filters { weights: w.view(theta), bias: b.values(theta), activation: *activation };
                    self.convolver.forward(shape, filters, x, 0..a.columns(), a.view_mut());
                }
                (Step::TransposedConvolve(shape, activation), Some([w, b])) => {
                    a.reshape(stage.output.channels, count * stage.output.plane());
                    self.convolver.maps_gradient(shape, w.view(theta), x.view(), a);
                    for (c, &bias) in b.values(theta).iter().enumerate() {
                        run(Activate { activation: *activation, bias, z: a.row_mut(c) });
                    }
                }
                (Step::Pool(pooling), _) => pooling.forward(x, a, &mut self.places[l]),
                (&Step::Drop(share), _) => {
                    a.reshape(x.rows(), x.columns());
                    a.elements_mut().copy_from_slice(x.elements());
                    if let Some((seed, draw)) = drops {
                        let mask = &mut self.masks[l];
                        fill_mask(mask, stage.output, count, share, |at| [seed, draw, l as u64, chosen(at) as u64]);
                        multiply(a, mask);
                    }
                }
                _ => unreachable!("a layer with weights has them"),
            }
        }
    }

    /// Back from the last of the stages, whose derivative stands in `delta`, to the first; writes the sums over the examples
    /// over `gradient`, if there is one. With `to_input`, `delta` ends as the derivative by what came in.
    pub fn backward(
        &mut self,
        stages: &[Stage],
        theta: &[T],
        mut gradient: Option<&mut [T]>,
        to_input: bool,
        dropped: bool,
    ) {
        for (l, stage) in stages.iter().enumerate().rev() {
            let (x, a) = (if l == 0 { &self.x } else { &self.a[l - 1] }, &self.a[l]);
            let wanted = l > 0 || to_input;
            match (&stage.step, &stage.parameters) {
                (Step::Convolve(shape, activation), Some([w, b])) => {
                    times_slope(*activation, &mut self.delta, a);
                    if let Some(gradient) = gradient.as_deref_mut() {
                        self.convolver.weights_gradient(shape, self.delta.view(), x, w.view_mut(gradient));
                        row_sums(&self.delta, b.values_mut(gradient));
                    }
                    if wanted {
                        self.below.reshape(x.rows(), x.columns());
                        self.convolver.maps_gradient(shape, w.view(theta), self.delta.view(), &mut self.below);
                    }
                }
                (Step::TransposedConvolve(shape, activation), Some([w, b])) => {
                    times_slope(*activation, &mut self.delta, a);
                    if let Some(gradient) = gradient.as_deref_mut() {
                        self.convolver.weights_gradient(shape, x.view(), &self.delta, w.view_mut(gradient));
                        row_sums(&self.delta, b.values_mut(gradient));
                    }
                    if wanted {
                        self.below.reshape(x.rows(), x.columns());
                        let bias = vec![T::ZERO; x.rows()];
                        let filters = Filters { weights: w.view(theta), bias: &bias, activation: Activation::Linear };
                        self.convolver.forward(shape, filters, &self.delta, 0..x.columns(), self.below.view_mut());
                    }
                }
                (Step::Pool(pooling), _) => pooling.backward(&self.delta, &self.places[l], &mut self.below),
                (Step::Drop(_), _) => {
                    if dropped {
                        multiply(&mut self.delta, &self.masks[l]);
                    }
                    continue;
                }
                _ => unreachable!("a layer with weights has them"),
            }
            if wanted {
                core::mem::swap(&mut self.delta, &mut self.below);
            }
        }
    }

    /// Which side of its kink each rectified unit and each maximum was on.
    pub fn branches(&self, stages: &[Stage]) -> Vec<u32> {
        let mut sides = Vec::new();
        for ((stage, a), places) in stages.iter().zip(&self.a).zip(&self.places) {
            if let Step::Convolve(_, Activation::Rectified) | Step::TransposedConvolve(_, Activation::Rectified) =
                stage.step
            {
                sides.extend(a.elements().iter().map(|&a| u32::from(a > T::ZERO)));
            }
            sides.extend(places);
        }
        sides
    }
}

/// What numbers are multiplied by: 0 with probability q, else 1/(1 - q), drawn for each example by itself.
fn fill_mask<T: Real>(mask: &mut Matrix<T>, shape: MapShape, count: usize, q: f64, name: impl Fn(usize) -> [u64; 4]) {
    let plane = shape.plane();
    mask.reshape(shape.channels, count * plane);
    let kept = T::from_f64(1.0 / (1.0 - q));
    for at in 0..count {
        let mut random = Random::stream(0, &name(at));
        for c in 0..shape.channels {
            for m in &mut mask.row_mut(c)[at * plane..][..plane] {
                *m = if random.uniform01() < q { T::ZERO } else { kept };
            }
        }
    }
}

fn multiply<T: Real>(a: &mut Matrix<T>, by: &Matrix<T>) {
    a.elements_mut().iter_mut().zip(by.elements()).for_each(|(a, &by)| *a *= by);
}

fn row_sums<T: Real>(delta: &Matrix<T>, to: &mut [T]) {
    for (k, to) in to.iter_mut().enumerate() {
        *to = sum(delta.row(k));
    }
}

/// δ ← δ·f'(z), from a = f(z).
fn times_slope<T: Real>(activation: Activation, delta: &mut Matrix<T>, a: &Matrix<T>) {
    if activation != Activation::Linear {
        run(Slope { activation, delta: delta.elements_mut(), a: a.elements() });
    }
}

struct Slope<'a, T> {
    activation: Activation,
    delta: &'a mut [T],
    a: &'a [T],
}

impl<T: Real> Operation<T> for Slope<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        for (d, a) in self.delta.chunks_mut(L::WIDTH).zip(self.a.chunks(L::WIDTH)) {
            let slope = self.activation.times_slope(lanes, lanes.load_any(d), lanes.load_any(a));
            lanes.store_any(slope, d);
        }
    }
}

/// z ← f(z + b).
struct Activate<'a, T> {
    activation: Activation,
    bias: T,
    z: &'a mut [T],
}

impl<T: Real> Operation<T> for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let bias = lanes.splat(self.bias);
        for z in self.z.chunks_mut(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(z) + bias);
            lanes.store_any(a, z);
        }
    }
}
