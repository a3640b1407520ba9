//! The dense executor: cost and gradient of any stack of dense layers, at the speed of the machine.
//!
//! **Why one.** The sparse autoencoder, softmax regression, and the stacked network differ in depth, output, and
//! penalties, and in nothing else. Their chapters define those; this file computes all of them.
//!
//! | model | layers | output | penalties |
//! | --- | --- | --- | --- |
//! | [`autoencoder`](super::autoencoder) | encoder, decoder | the example, by one of two errors | decay, sparsity |
//! | [`denoising`](super::denoising) | the same, on corrupted examples | the clean example | the same |
//! | [`contractive`](super::contractive) | encoder, decoder | the example | the same, and the encoder's Jacobian |
//! | [`deep_autoencoder`](super::deep_autoencoder) | encoders, decoders | the example | decay |
//! | [`softmax`](super::softmax) | Θ | a label | decay of Θ |
//! | [`stacked`](super::stacked) | encoders, Θ | a label | decay of Θ |
//!
//! **Order of the work.**
//!
//! 1. Forward, for all examples at once: the activations of every hidden layer, with their sums, since the sparsity
//!    penalty needs each unit's mean before any δ. The sums of g'² of the first layer give the penalty on its Jacobian.
//!    A softmax output is computed here too.
//! 2. Backward, for [`NC`] examples per thread at a time: δ of each layer from the last to the first, and from each δ,
//!    at once, its contribution to m·∂J/∂W. So every δ is still in cache when it is used, twice.
//! 3. The sums of δ become ∂J/∂b; all gradients are divided by m; decay and penalties are added.
//!
//! A batch is a whole number of the product's inner blocks and of its blocks of [`NC`] columns. So the sums, and with
//! them the bits, do not depend on the number of threads. After the first evaluation nothing is allocated on one
//! thread.

use super::denoising::Corrupted;
use super::layer::{Backward, Forward, Summed};
use super::parameters::Block;
use super::softmax::{NegativeLogLikelihood, scores};
use super::{Activation, Loss};
use crate::machine::lanes::{Pointwise, Vector};
use crate::machine::{Lanes, threads};
use crate::matrix::blocked::{Epilogue, NC};
use crate::matrix::{Matrix, Product, View};
use crate::number::Real;
use crate::number::exponential::Exp;
use crate::number::logarithm::Ln;
use crate::number::sum::{axpy, reduce, sum, sum_of_squares};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Batched, Objective};
use alloc::vec::Vec;
use core::ops::Range;

/// A layer a = f(W·x + b), and where its parameters lie in θ.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub weights: Block,
    /// Whether W is the transpose of the block, which a layer below owns.
    pub is_tied: bool,
    pub bias: Block,
    pub activation: Activation,
    /// Whether the weight decay counts W.
    pub is_decayed: bool,
}

impl Layer {
    fn units(&self) -> usize {
        if self.is_tied { self.weights.columns } else { self.weights.rows }
    }

    /// W.
    fn matrix<'a, T: Real>(&self, theta: &'a [T]) -> View<'a, T> {
        let block = self.weights.view(theta);
        if self.is_tied { block.transposed() } else { block }
    }
}

/// The output that the last layer is trained for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Output {
    /// The example itself.
    Reconstruction(Loss),
    /// The label of each example, by softmax regression.
    Labels,
}

/// The sparsity penalty of the last hidden layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sparsity {
    /// ρ.
    pub target: f64,
    /// β > 0.
    pub weight: f64,
}

/// The difference between one dense model and another.
#[derive(Clone, Debug)]
pub(super) struct Architecture {
    /// From the input on; the last is the output.
    pub layers: Vec<Layer>,
    pub output: Output,
    /// λ.
    pub weight_decay: f64,
    pub sparsity: Option<Sparsity>,
    /// γ, the weight of the penalty on the Jacobian of the first layer; 0 leaves it out.
    pub contraction: f64,
    /// Activations below it become 0 in training, since products with subnormal numbers are slow; 0 keeps all.
    pub negligible: f64,
}

/// What the first layer reads.
#[derive(Debug)]
enum Source<'x, T> {
    /// The examples.
    Examples,
    /// Corrupted copies of the examples.
    Corrupted(Corrupted<T>),
    /// An input for each example, and those of a batch.
    Given(&'x Matrix<T>, Matrix<T>),
}

/// The cost of a dense model on given examples.
///
/// Where the sparsity counts and a unit's mean activation rounds to 0 or 1, the cost is ∞ and the gradient NaN: an
/// optimizer has to step back.
#[derive(Debug)]
pub struct DenseCost<'x, T> {
    examples: &'x Matrix<T>,
    labels: &'x [usize],
    chosen: Matrix<T>,
    chosen_labels: Vec<usize>,
    source: Source<'x, T>,
    executor: Executor<T>,
}

impl<'x, T: Real> DenseCost<'x, T> {
    /// The cost on the columns of `examples`, with a label for each if the output is one.
    ///
    /// # Panics
    /// If there is no example or no memory for the activations.
    pub(super) fn new(architecture: Architecture, examples: &'x Matrix<T>, labels: &'x [usize]) -> Self {
        assert!(examples.columns() > 0, "a cost needs an example");
        let mut executor = Executor::new(architecture);
        executor.reserve(examples.columns());
        let (chosen, chosen_labels) = (Matrix::empty(), Vec::new());
        DenseCost { examples, labels, chosen, chosen_labels, source: Source::Examples, executor }
    }

    /// The same cost with a first layer that reads corrupted examples; the errors are those of the clean ones.
    pub(super) fn with_corruption(self, corrupted: Corrupted<T>) -> Self {
        DenseCost { source: Source::Corrupted(corrupted), ..self }
    }

    /// The same cost with a first layer that reads the columns of `inputs`; the errors are those of the examples.
    ///
    /// # Panics
    /// If there is not one input of an example's length for each example.
    pub(super) fn with_inputs(self, inputs: &'x Matrix<T>) -> Self {
        let [given, wanted] = [inputs, self.examples].map(|matrix| (matrix.rows(), matrix.columns()));
        assert_eq!(given, wanted, "inputs of examples");
        DenseCost { source: Source::Given(inputs, Matrix::empty()), ..self }
    }
}

impl<T: Real> Objective<T> for DenseCost<'_, T> {
    fn dimension(&self) -> usize {
        self.executor.dimension
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        let inputs = match &mut self.source {
            Source::Examples => self.examples,
            Source::Corrupted(corrupted) => corrupted.draw(self.examples, |j| j),
            Source::Given(inputs, _) => inputs,
        };
        self.executor.cost_and_gradient(inputs, self.examples, self.labels, theta, gradient)
    }
}

/// The sparsity penalty depends on the mean activation in the batch, so with it the costs of batches do not average to
/// the cost of all examples.
impl<T: Real> Batched<T> for DenseCost<'_, T> {
    fn examples(&self) -> usize {
        self.examples.columns()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        assert!(!columns.is_empty(), "a batch of no examples");
        self.chosen.gather_columns(self.examples, columns);
        self.chosen_labels.clear();
        if self.executor.architecture.output == Output::Labels {
            self.chosen_labels.extend(columns.iter().map(|&j| self.labels[j]));
        }
        let inputs = match &mut self.source {
            Source::Examples => &self.chosen,
            Source::Corrupted(corrupted) => corrupted.draw(&self.chosen, |j| columns[j]),
            Source::Given(inputs, chosen) => {
                chosen.gather_columns(inputs, columns);
                chosen
            }
        };
        self.executor.cost_and_gradient(inputs, &self.chosen, &self.chosen_labels, theta, gradient)
    }
}

/// The work space of one layer.
#[derive(Debug)]
struct Work<T> {
    /// Activations of all examples; none of the last layer.
    a: Matrix<T>,
    /// δ of a batch; of a softmax output, of all examples.
    delta: Matrix<T>,
    /// Two sums of each part of [`NC`] columns of each row: of a and g'² (or nothing), then of δ and the error.
    sums: Matrix<T>,
}

#[derive(Debug)]
struct Executor<T> {
    architecture: Architecture,
    dimension: usize,
    product: Product<T>,
    work: Vec<Work<T>>,
    likelihood: NegativeLogLikelihood<T>,
    /// The error of each output.
    errors: Vec<T>,
    /// s of each unit of the last hidden layer.
    direct: Vec<T>,
    /// For each unit of the first layer, 2γ·|w|²: the contraction's factor of g'' in δ.
    curvature: Vec<T>,
    /// For each unit of the first layer, (2γ/m)·Σ g'²: the contraction's factor of w in ∂J/∂w.
    stiffness: Vec<T>,
}

impl<T: Real> Executor<T> {
    fn new(architecture: Architecture) -> Self {
        const { assert!(NC.is_multiple_of(T::KC)) };
        let ends = architecture.layers.iter().map(|layer| layer.weights.range.end.max(layer.bias.range.end));
        let empty = |_: &Layer| Work { a: Matrix::empty(), delta: Matrix::empty(), sums: Matrix::empty() };
        Executor {
            dimension: ends.max().unwrap_or(0),
            product: Product::new(),
            work: architecture.layers.iter().map(empty).collect(),
            likelihood: NegativeLogLikelihood::default(),
            errors: Vec::new(),
            direct: Vec::new(),
            curvature: Vec::new(),
            stiffness: Vec::new(),
            architecture,
        }
    }

    /// Room for m examples.
    fn reserve(&mut self, m: usize) {
        let (batch, sum_columns, last) = (batch(m), 2 * m.div_ceil(NC), self.work.len() - 1);
        for (l, (layer, work)) in self.architecture.layers.iter().zip(&mut self.work).enumerate() {
            let units = layer.units();
            if l == last && self.architecture.output == Output::Labels {
                work.delta.reshape(units, m);
                continue;
            }
            work.delta.reshape(units, batch);
            work.sums.reshape(units, sum_columns);
            if l == 0 && self.architecture.contraction != 0.0 {
                self.curvature.resize(units, T::ZERO);
                self.stiffness.resize(units, T::ZERO);
            }
            if l < last {
                work.a.reshape(units, m);
                self.direct.resize(units, T::ZERO);
            } else {
                self.errors.resize(units, T::ZERO);
            }
        }
    }

    /// The cost of examples of which the first layer reads x, usually the examples themselves.
    fn cost_and_gradient(
        &mut self,
        x: &Matrix<T>,
        examples: &Matrix<T>,
        labels: &[usize],
        theta: &[T],
        gradient: &mut [T],
    ) -> T {
        check_lengths(self.dimension, theta, gradient);
        let count = x.columns();
        let (m, batch) = (T::from_usize(count), batch(count));
        self.reserve(count);
        self.forward(x, theta);
        let penalty = self.sparsity(count) + self.contraction(m, theta);
        let error = match self.architecture.output {
            Output::Reconstruction(_) => None,
            Output::Labels => Some(self.softmax(x, labels, theta, gradient)),
        };
        for from in (0..count).step_by(batch) {
            self.backward(x, examples, theta, gradient, from..count.min(from + batch));
        }
        let decay = self.means(m, theta, gradient);
        self.contract(theta, gradient);
        let error = error.unwrap_or_else(|| self.reconstruction_error());
        error / m + decay + penalty
    }

    /// a of the hidden layers, and its sums.
    fn forward(&mut self, x: &Matrix<T>, theta: &[T]) {
        let (hidden, least) = (self.work.len() - 1, T::from_f64(self.architecture.negligible));
        let is_contractive = self.architecture.contraction != 0.0;
        for (l, layer) in self.architecture.layers[..hidden].iter().enumerate() {
            let (below, rest) = self.work.split_at_mut(l);
            let inputs = below.last().map_or(x, |below| &below.a).view();
            let Work { a, sums, .. } = &mut rest[0];
            let bias = layer.bias.values(theta);
            let summed = if l == 0 && is_contractive { Summed::Slopes } else { Summed::Activations };
            let epilogue = Forward { activation: layer.activation, bias, least, summed };
            self.product.store_with_sums(layer.matrix(theta), inputs, a.view_mut(), &epilogue, sums.view_mut());
        }
    }

    /// β·Σ KL(ρ‖ρ̂_j) from the sums m·ρ̂; writes s, its slope by each activation times m.
    fn sparsity(&mut self, count: usize) -> T {
        let Some(Sparsity { target, weight }) = self.architecture.sparsity else { return T::ZERO };
        let [rho, beta] = [target, weight].map(T::from_f64);
        let sums = &self.work[self.work.len() - 2].sums;
        let (m, one, mut divergence) = (T::from_usize(count), T::ONE, T::ZERO);
        for (j, s) in self.direct.iter_mut().enumerate() {
            let mean = row_sum(sums, j, 0) / m; // ρ̂_j
            divergence += rho * (rho / mean).ln() + (one - rho) * ((one - rho) / (one - mean)).ln();
            *s = beta * ((one - rho) / (one - mean) - rho / mean);
        }
        beta * divergence
    }

    /// (γ/m)·Σ_x |H|² from the sums of g'²; writes the factors of its slopes.
    fn contraction(&mut self, m: T, theta: &[T]) -> T {
        let Architecture { layers, contraction, .. } = &self.architecture;
        if *contraction == 0.0 {
            return T::ZERO;
        }
        let (gamma, weights) = (T::from_f64(*contraction), &layers[0].weights);
        let mut sum = T::ZERO;
        for (j, (c, k)) in self.curvature.iter_mut().zip(&mut self.stiffness).enumerate() {
            let squared_slopes = row_sum(&self.work[0].sums, j, 1) / m;
            let squared_length = sum_of_squares(weights.row(theta, j));
            sum += squared_slopes * squared_length;
            *c = (gamma + gamma) * squared_length;
            *k = (gamma + gamma) * squared_slopes;
        }
        gamma * sum
    }

    /// Adds the contraction's direct part to ∂J/∂W1.
    fn contract(&self, theta: &[T], gradient: &mut [T]) {
        let Architecture { layers, contraction, .. } = &self.architecture;
        if *contraction == 0.0 {
            return;
        }
        let (weights, mut d_weights) = (&layers[0].weights, layers[0].weights.view_mut(gradient));
        for (j, &k) in self.stiffness.iter().enumerate() {
            axpy(k, weights.row(theta, j), d_weights.row(j));
        }
    }

    /// δ of the softmax output and m·∂J/∂Θ, of all examples; returns Σ_x -ln p_y.
    fn softmax(&mut self, x: &Matrix<T>, labels: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        let last = self.work.len() - 1;
        let (below, rest) = self.work.split_at_mut(last);
        let (layer, delta) = (&self.architecture.layers[last], &mut rest[0].delta);
        let inputs = below.last().map_or(x, |below| &below.a);
        scores(layer.matrix(theta), layer.bias.values(theta), inputs, &mut self.product, delta);
        self.likelihood.of(delta, labels);
        self.product.store(delta.view(), inputs.view().transposed(), layer.weights.view_mut(gradient));
        sum(&self.likelihood.costs)
    }

    /// δ of a range of examples, from the last layer to the first, and the contributions to m·∂J/∂W.
    fn backward(
        &mut self,
        x: &Matrix<T>,
        examples: &Matrix<T>,
        theta: &[T],
        gradient: &mut [T],
        Range { start: from, end }: Range<usize>,
    ) {
        let count = end - from;
        let Executor { architecture, product, work, direct, curvature, .. } = self;
        let Architecture { layers, output, sparsity, contraction, .. } = architecture;
        let (first_sum, sum_columns, last) = (2 * (from / NC), 2 * count.div_ceil(NC), layers.len() - 1);
        let has_labels = *output == Output::Labels;
        for (l, layer) in layers.iter().enumerate().rev().skip(usize::from(has_labels)) {
            let (below, rest) = work.split_at_mut(l);
            let (this, above) = rest.split_at_mut(1);
            let Work { a, delta, sums } = &mut this[0];
            let units = layer.units();
            let inputs = below.last().map_or(x, |below| &below.a).view().part_columns(from, count);
            let (mut c, mut sums) = (delta.view_mut(), sums.view_mut());
            let (c, sums) = (c.part([0, 0], [units, count]), sums.part([0, first_sum], [units, sum_columns]));
            match *output {
                Output::Reconstruction(loss) if l == last => {
                    let bias = layer.bias.values(theta);
                    let epilogue = OutputDelta { bias, examples, from, activation: layer.activation, loss };
                    product.store_with_sums(layer.matrix(theta), inputs, c, &epilogue, sums);
                }
                _ => {
                    let is_whole = has_labels && l + 1 == last;
                    let delta_above = above[0].delta.view().part_columns(if is_whole { from } else { 0 }, count);
                    let direct = (l + 1 == last && sparsity.is_some()).then_some(&direct[..]);
                    let curvature = (l == 0 && *contraction != 0.0).then_some(&curvature[..]);
                    let epilogue = Backward { activation: layer.activation, outputs: a, from, direct, curvature };
                    product.store_with_sums(layers[l + 1].matrix(theta).transposed(), delta_above, c, &epilogue, sums);
                }
            }
            let delta = delta.view().part_columns(0, count);
            let (left, right) = if layer.is_tied { (inputs, delta) } else { (delta, inputs) };
            let is_begun = layers[l + 1..].iter().any(|above| above.is_tied && above.weights == layer.weights);
            let sum = layer.weights.view_mut(gradient);
            match from == 0 && !is_begun {
                true => product.store(left, right.transposed(), sum),
                false => product.accumulate(left, right.transposed(), sum),
            }
        }
    }

    /// Makes means of the sums in the gradient, writes ∂J/∂b and adds the decay's gradient; returns the decay.
    fn means(&mut self, m: T, theta: &[T], gradient: &mut [T]) -> T {
        let Architecture { layers, output, weight_decay, .. } = &self.architecture;
        let (lambda, last) = (T::from_f64(*weight_decay), layers.len() - 1);
        let mut squares = T::ZERO;
        for (l, (layer, work)) in layers.iter().zip(&self.work).enumerate() {
            let weights = layer.weights.values(theta);
            let d_weights = layer.weights.values_mut(gradient);
            if layer.is_decayed && *weight_decay != 0.0 {
                d_weights.iter_mut().zip(weights).for_each(|(g, &w)| *g = *g / m + lambda * w);
                squares += sum_of_squares(weights);
            } else if !layer.is_tied {
                d_weights.iter_mut().for_each(|g| *g /= m);
            }
            for (j, d_b) in layer.bias.values_mut(gradient).iter_mut().enumerate() {
                let is_whole = l == last && *output == Output::Labels;
                *d_b = if is_whole { sum(work.delta.row(j)) } else { row_sum(&work.sums, j, 0) } / m;
            }
        }
        T::HALF * lambda * squares
    }

    /// The sum of the errors of all examples.
    fn reconstruction_error(&mut self) -> T {
        let sums = &self.work[self.work.len() - 1].sums;
        self.errors.iter_mut().enumerate().for_each(|(i, error)| *error = row_sum(sums, i, 1));
        let half = self.architecture.output == Output::Reconstruction(Loss::Squared);
        if half { T::HALF * sum(&self.errors) } else { sum(&self.errors) }
    }
}

/// Examples in a batch, of m.
fn batch(m: usize) -> usize {
    m.min(NC.saturating_mul(threads::count()))
}

/// One of the two sums over row i, part after part.
pub(super) fn row_sum<T: Real>(sums: &Matrix<T>, i: usize, which: usize) -> T {
    sums.row(i).iter().skip(which).step_by(2).fold(T::ZERO, |total, &part| total + part)
}

/// δ of a reconstruction y = f(z + b), in place of z; returns the sums of δ and of the error (of (y - x)² where the
/// error is squared).
struct OutputDelta<'a, T> {
    bias: &'a [T],
    examples: &'a Matrix<T>,
    /// The batch's first example.
    from: usize,
    activation: Activation,
    loss: Loss,
}

impl<T: Real> Epilogue<T> for OutputDelta<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        let x = &self.examples.row(i)[self.from + j..][..part.len()];
        let mut errors = [T::ZERO; NC];
        let errors = &mut errors[..part.len()];
        match self.loss {
            Loss::Squared => {
                for n in (0..part.len()).step_by(L::WIDTH) {
                    let y = self.activation.at(lanes, lanes.load_any(&part[n..]) + bias);
                    let difference = y - lanes.load_any(&x[n..]);
                    lanes.store_any(difference * difference, &mut errors[n..]);
                    lanes.store_any(self.activation.times_slope(lanes, difference, y), &mut part[n..]);
                }
            }
            Loss::CrossEntropy => {
                for n in (0..part.len()).step_by(L::WIDTH) {
                    let (x, sum) = (lanes.load_any(&x[n..]), lanes.load_any(&part[n..]) + bias);
                    lanes.store_any(cross_entropy(lanes, sum, x), &mut errors[n..]);
                    lanes.store_any(self.activation.at(lanes, sum) - x, &mut part[n..]);
                }
            }
        }
        [reduce(part, part, |d, _| d), reduce(errors, errors, |e, _| e)]
    }
}

/// -x·ln y - (1 - x)·ln(1 - y) of y = σ(z), as max(z, 0) - x·z + ln(1 + e^(-|z|)), in which nothing overflows.
#[inline(always)]
pub(super) fn cross_entropy<T: Real, L: Lanes<T>>(lanes: L, z: L::Vector, x: L::Vector) -> L::Vector {
    z.max(lanes.splat(T::ZERO)) - x * z + Ln.at(lanes, lanes.splat(T::ONE) + Exp.at(lanes, -z.abs()))
}
