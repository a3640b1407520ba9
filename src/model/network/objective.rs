//! The cost of a network and its gradient.
//!
//! Why: training compares the network's output with a target. A network that ends in a softmax layer predicts labels,
//! and its cost is their negative log-likelihood. A network without one predicts values. If they are given with each
//! example, this is regression, and the error is squared. If the target is the input itself, the network is an
//! autoencoder: its error is squared, or, for values between 0 and 1, the cross-entropy of a linear output's sigmoid.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, y, m | an example, its label, the number of examples |
//! | 1{k = y} | 1 if k is the label, else 0 |
//! | σ, δ | the sigmoid, whose slope is σ·(1 - σ); the derivative of J_x by a unit's score |
//! | t | the target values: those given with the example, or x itself |
//! | L, a_L, z_L | the last layer, its output, its scores |
//! | p_k | the probability of class k |
//! | W_l, b_l | weights and biases of layer l; \|W_l\|² is the sum of the squares of all weights |
//! | w | a single weight, an element of a W_l |
//! | λ, λ₁ | the weight decay and the weight of the L1 penalty, >= 0 |
//! | Ω | the L1 norm of all weights |
//!
//! The cost, whose two penalties are those of source E, "Parameter norm penalization", with (NN.2) for classification,
//! (NN.3) for values with squared errors (source E, "Back-propagation"), and (NN.4) for reconstruction with the
//! cross-entropy:
//!
//! ```text
//! (NN.1)  J = (1/m)·Σ_x J_x + (λ/2)·Σ_l |W_l|² + λ₁·Ω
//! (NN.2)  J_x = -ln p_y,  p_k = e^(z_Lk) / Σ_c e^(z_Lc)
//! (NN.3)  J_x = ½·|a_L - t|²
//! (NN.4)  J_x = Σ_i ( max(z_Li, 0) - x_i·z_Li + ln(1 + e^(-|z_Li|)) )
//! ```
//!
//! In training, each Gaussian layer adds its κ·D, (NB.5), to J_x.
//!
//! The derivatives, with (NN.5) for classification, (NN.6) for squared errors and (NN.7) for the cross-entropy:
//!
//! ```text
//! (NN.5)  ∂J_x/∂z_Lk = p_k - 1{k = y}
//! (NN.6)  ∂J_x/∂a_L = a_L - t
//! (NN.7)  ∂J_x/∂z_L = σ(z_L) - x
//! (NN.8)  ∂J/∂W_l = (1/m)·Σ_x ∂J_x/∂W_l + λ·W_l + λ₁·∂Ω/∂W_l,  ∂J/∂b_l = (1/m)·Σ_x ∂J_x/∂b_l
//! ```
//!
//! The L1 norm of the weights, without the biases, and its derivative:
//!
//! ```text
//! (NN.9)  Ω = Σ_w |w|
//! (NN.10) ∂Ω/∂w = sign(w):  1 if w > 0,  -1 if w < 0,  0 if w = 0
//! ```
//!
//! Derivation: J_x = -z_Ly + ln Σ_c e^(z_Lc) by (NN.2). The derivative of the first term by z_Lk is -1{k = y}, that of
//! the second e^(z_Lk) / Σ_c e^(z_Lc) = p_k. (NN.4) is AE.5 of the [autoencoder](crate::model::autoencoder) for the
//! reconstruction σ(z_L), written so that nothing overflows, and (NN.7) is AE.9 there. (NN.6) is the derivative of
//! ½·Σ_k (a_Lk - t_k)² by a_Lk. From there [`pass`] goes back through the layers. For sigmoid units its first step
//! makes of (NN.6) source E's δ_k = (σ(z_Lk) - t_k)·σ'(z_Lk).
//!
//! Why two penalties: weight decay pulls a weight toward 0 in proportion to its size, so that large weights shrink and
//! small ones hardly change. The L1 penalty pulls with the same force λ₁ at any size. A weight that lowers the error by
//! less than λ₁ per unit of its size ends near 0, and often many weights do.
//!
//! Derivation of (NN.10): |w| is w above 0 and -w below, so its slope is 1 or -1. At w = 0 it has a kink and no
//! derivative, but a line through the kink with any slope from -1 to 1 stays below |w|. Such a slope is a subgradient.
//! We take 0, the middle: then the penalty does not move a weight that is 0. (J can be least at w = 0, too: if the
//! slope of the error there lies between -λ₁ and λ₁.) The alternative, √(w² + ε) as in DL.2 of
//! [`sparse_coding`](crate::model::sparse_coding), is smooth. A line search needs that, but steps on batches do not:
//! rectified units have kinks too. And ε would be one more number to choose. With a subgradient, steps rarely end at
//! exactly 0: a weight near 0 moves back and forth by about the size of a step. Exact zeros need the soft threshold of
//! [`fista`](crate::optimize::fista), PG.3.
//!
//! By hand, in the unit tests. Values: one sigmoid unit with W = 2, b = -1 sees x = ½, and its target is t = 1. Then
//! z = 0, a = ½, and J = ½·(½ - 1)² = 0.125. ∂J/∂a = -½, δ = -½·¼ = -0.125, ∂J/∂W = δ·x = -0.0625, and ∂J/∂b = δ.
//! With λ₁ = 0.125, J is 0.125·|2| = 0.25 larger and ∂J/∂W is 0.125 larger; ∂J/∂b is the same.
//! Labels: scores z = (ln 2, 0) give p = (⅔, ⅓). For y = 1, counted from 0, the cost is -ln ⅓ = ln 3, and its
//! derivative by z is (⅔, -⅔).
//!
//! Micro-batches: a few examples go through all layers together, so that a layer's output stays in cache. Each
//! micro-batch gives a sum of costs and a sum of gradients, and these are added in ascending order. Its size depends
//! only on the network's shape, so the number of threads does not change a bit of the result. The mask of dropout or
//! masking is drawn from the seed, the number of the draw, the layer, and the example's index.
//!
//! Groups: a dense layer after convolutions has many weights, each of which is used once for each example, whereas a
//! filter is used at each position. For a few examples it would take longer to read the weights, and to add up their
//! gradients, than to multiply. So such layers wait for the micro-batches of a group of 64 examples, and compute their
//! outputs and their gradients in products on all threads. Then the micro-batches go back through the other layers.
//!
//! Sources: source B, 8.3 and 8.4; source A, 8.1; source E, "Back-propagation" and "Parameter norm penalization".

use super::examples::Examples;
use super::pass::{self, MaskStream, Pass, Until, Workspace};
use super::shape::{Network, Stage, Step};
use crate::machine::lanes::Pointwise;
use crate::machine::{Lanes, Operation, ViewMut, run, size, threads};
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::dense::cross_entropy;
use crate::model::parameters::Block;
use crate::model::softmax::{NegativeLogLikelihood, log_softmax, most_likely};
use crate::model::{Activation, Loss};
use crate::number::Real;
use crate::number::sum::{reduce, sum, sum_of_squares};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Batched, Objective};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// The target size of a micro-batch's largest layer output, in elements.
const MICROBATCH_ELEMENTS: usize = 1 << 18;

/// The examples that go through dense layers together, after convolutional ones.
const GROUP: usize = 64;

/// The cost of a network on given examples.
pub struct NetworkCost<'x, T> {
    network: &'x Network,
    /// The layers that a micro-batch goes through, and the dense layers after them that a group goes through.
    stages: [Vec<Stage>; 2],
    weights: Vec<Block>,
    dimension: usize,
    microbatch: usize,
    most_workers: usize,
    examples: &'x dyn Examples<T>,
    target: Target<'x, T>,
    workers: Vec<Worker<T>>,
    microbatches: Vec<Microbatch<T>>,
    group: Option<Group<T>>,
    /// The micro-batches of the last evaluation's last group.
    in_use: usize,
    seed: u64,
    draw: u64,
}

/// The target of a network's output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target<'x, T> {
    /// Classification: the label of each example.
    Labels(&'x [usize]),
    /// Regression: given values, with squared errors. Examples are columns, whose elements have the order channel, row,
    /// column of the output.
    Values(&'x Matrix<T>),
    /// Reconstruction: the example itself. The cross-entropy is that of the sigmoid of a linear output.
    Input(Loss),
}

/// J and ∇J, element by element, without masks. Examples are columns in the order channel, row, column.
///
/// # Panics
/// If the shapes do not fit, or labels are the target of a network without a softmax layer.
pub fn by_definition(network: &Network, theta: &[f64], examples: &Matrix<f64>, target: Target<f64>) -> (f64, Vec<f64>) {
    let m = examples.columns();
    let as_maps = |columns: &Matrix<f64>, MapShape { channels, rows, columns: width }: MapShape| {
        let plane = rows * width;
        Matrix::from_function(channels, m * plane, |c, e| columns.row(c * plane + e % plane)[e / plane])
    };
    let x = as_maps(examples, network.input);
    let outputs = pass::by_definition(network, theta, &x);
    let mut d = outputs.last().map_or(&x, |last| &last.a).clone();
    let mut cost = 0.0;
    match target {
        Target::Labels(labels) => {
            let classes = network.classes().expect("a softmax layer");
            for (n, &y) in labels.iter().enumerate() {
                let z: Vec<f64> = (0..classes).map(|k| d.row(k)[n]).collect();
                let total = z.iter().fold(0.0, |total, &z| total + Real::exp(z));
                cost -= Real::ln(Real::exp(z[y]) / total); // (NN.2)
                for k in 0..classes {
                    let is_label = f64::from(u8::from(k == y));
                    d.row_mut(k)[n] = Real::exp(z[k]) / total - is_label; // (NN.5)
                }
            }
        }
        Target::Values(_) | Target::Input(Loss::Squared) => {
            let t = match target {
                Target::Values(values) => &as_maps(values, network.shape(network.layers.len())),
                _ => &x,
            };
            for (d, &t) in d.elements_mut().iter_mut().zip(t.elements()) {
                *d -= t; // (NN.6)
                cost += 0.5 * *d * *d; // (NN.3)
            }
        }
        Target::Input(Loss::CrossEntropy) => {
            for (d, &x) in d.elements_mut().iter_mut().zip(x.elements()) {
                cost += Real::max(*d, 0.0) - x * *d + Real::ln(1.0 + Real::exp(-Real::abs(*d))); // (NN.4)
                *d = 1.0 / (1.0 + Real::exp(-*d)) - x; // (NN.7)
            }
        }
    }
    let mut gradient = pass::backward_by_definition(network, theta, &x, &outputs, d);
    gradient.iter_mut().for_each(|g| *g /= m as f64);
    cost /= m as f64;
    for [w, _] in network.stages().iter().filter_map(|stage| stage.parameters.as_ref()) {
        for i in w.range.clone() {
            cost += 0.5 * network.weight_decay * theta[i] * theta[i]; // (NN.1)
            cost += network.l1_penalty * theta[i].abs(); // (NN.1), (NN.9)
            gradient[i] += network.weight_decay * theta[i]; // (NN.8)
            gradient[i] += network.l1_penalty * sign(theta[i]); // (NN.8)
        }
    }
    (cost, gradient)
}

/// The derivative of |w|; 0 at 0.
fn sign<T: Real>(w: T) -> T {
    let [is_above, is_below] = [w > T::ZERO, w < T::ZERO].map(|is| if is { T::ONE } else { T::ZERO });
    is_above - is_below // (NN.10)
}

/// The work space of one thread.
#[derive(Clone)]
struct Worker<T> {
    work: Workspace<T>,
    likelihood: NegativeLogLikelihood<T>,
    labels: Vec<usize>,
    errors: Vec<T>,
}

impl<T: Real> Worker<T> {
    fn new(work: Workspace<T>) -> Self {
        Worker { work, likelihood: NegativeLogLikelihood::default(), labels: Vec::new(), errors: Vec::new() }
    }
}

/// A few examples, the sum of their costs, and that of their gradients.
#[derive(Clone)]
struct Microbatch<T> {
    pass: Pass<T>,
    cost: T,
    gradient: Vec<T>,
}

/// The examples that go through dense layers together.
#[derive(Clone)]
struct Group<T> {
    worker: Worker<T>,
    pass: Pass<T>,
    gradient: Vec<T>,
}

impl Network {
    /// The number of examples in a micro-batch.
    fn microbatch(&self) -> usize {
        let largest = self.stages().iter().map(|stage| stage.output.elements()).max().unwrap_or(1);
        let count = (MICROBATCH_ELEMENTS / largest.max(1)).clamp(4, 32);
        1 << count.ilog2()
    }

    /// The output of layer `layers`, counted from 1, for each example, in the order channel, row, column: elements x
    /// examples. Without masks.
    ///
    /// # Panics
    /// If there is no such layer, or `theta` has another length than [`dimension`](Self::dimension).
    pub fn outputs<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>, layers: usize) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let stages = &self.stages()[..layers];
        let (count, microbatch, shape) = (examples.count(), self.microbatch(), self.shape(layers));
        let mut outputs = Matrix::zeros(shape.elements(), count);
        let worker = (Pass::new(0, layers), Workspace::default());
        let mut workers = vec![worker; threads::count().min(count.div_ceil(microbatch)).max(1)];
        let pieces = (0..count).step_by(microbatch).zip(outputs.view_mut().column_chunks(microbatch));
        threads::for_each(&mut workers, pieces, |(pass, work), (from, piece)| {
            pass.load(work, self.input, examples, 0, from..from + piece.columns());
            pass.forward(work, stages, theta, None, &|n| n);
            flatten(shape, pass.a.last().unwrap_or(&pass.x), piece);
        });
        outputs
    }

    /// ln p_k for each class of each example: classes x examples.
    ///
    /// # Panics
    /// As [`outputs`](Self::outputs), or if the last layer is not softmax.
    pub fn log_probabilities<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>) -> Matrix<T> {
        assert!(self.classes().is_some(), "a network without a softmax layer");
        log_softmax(self.outputs(theta, examples, self.layers.len()))
    }

    /// The most likely class of each example.
    ///
    /// # Panics
    /// As [`log_probabilities`](Self::log_probabilities).
    pub fn predict<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>) -> Vec<usize> {
        most_likely(&self.log_probabilities(theta, examples))
    }

    /// The cost on examples. A network that ends in a softmax layer has labels as its target, counted from 0; any other
    /// network has given values, or its input if the output has the same shape.
    ///
    /// # Panics
    /// If there is no example, the target is not the network's, or there is not one label in range, or one column of
    /// values, for each example. Also if the target is the input with the cross-entropy, and the last layer has an
    /// activation that is not linear.
    pub fn cost<'x, T: Real>(&'x self, examples: &'x dyn Examples<T>, target: Target<'x, T>) -> NetworkCost<'x, T> {
        assert!(examples.count() > 0, "a network needs an example");
        let stages = self.stages();
        match (target, self.classes()) {
            (Target::Labels(labels), Some(classes)) => {
                assert_eq!(labels.len(), examples.count(), "labels of examples");
                assert!(labels.iter().all(|&y| y < classes), "a label beyond the {classes} classes");
            }
            (Target::Values(values), None) => {
                let expected = (self.shape(self.layers.len()).elements(), examples.count());
                assert_eq!((values.rows(), values.columns()), expected, "values of the output and examples");
            }
            (Target::Input(loss), None) => {
                assert_eq!(self.shape(self.layers.len()), self.input, "an autoencoder's output and input");
                let (last, linear) = (stages.last().map(|stage| stage.step), Activation::Linear);
                let is_linear =
                    matches!(last, Some(Step::Convolve(_, f) | Step::TransposedConvolve(_, f)) if f == linear);
                assert!(is_linear || loss == Loss::Squared, "the cross-entropy of scores");
            }
            (Target::Labels(_), None) => panic!("labels for a network without a softmax layer"),
            (Target::Values(_), Some(_)) => panic!("values for a network with a softmax layer"),
            (Target::Input(_), Some(_)) => panic!("an autoencoder has no softmax layer"),
        }
        NetworkCost {
            network: self,
            in_use: 0,
            weights: stages.iter().filter_map(|stage| stage.parameters.as_ref()).map(|[w, _]| w.clone()).collect(),
            stages: divide(stages, target),
            dimension: self.dimension(),
            microbatch: self.microbatch(),
            most_workers: threads::count(),
            examples,
            target,
            workers: Vec::new(),
            microbatches: Vec::new(),
            group: None,
            seed: 0,
            draw: 0,
        }
    }
}

impl<T: Real> NetworkCost<'_, T> {
    /// The same cost with dropout masks from this seed; without, the seed is 0.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same cost with the draws of examples and masks counted from `draw`; without, from 0. Networks of an ensemble
    /// start at different draws to train on different augmentations of the same examples.
    #[must_use]
    pub fn with_first_draw(mut self, draw: u64) -> Self {
        self.draw = draw;
        self
    }

    /// The branch of each rectified unit and each maximum, for the last group of micro-batches.
    pub(in crate::model) fn branches(&self) -> Vec<u32> {
        let [spatial, dense] = &self.stages;
        let mut branches = Vec::new();
        for microbatch in &self.microbatches[..self.in_use] {
            branches.extend(microbatch.pass.branches(spatial));
        }
        if let Some(group) = &self.group {
            branches.extend(group.pass.branches(dense));
        }
        branches
    }

    /// The cost and its gradient on the examples `index(0)` to `index(count - 1)`.
    fn evaluate(
        &mut self,
        count: usize,
        index: &(dyn Fn(usize) -> usize + Sync),
        theta: &[T],
        gradient: &mut [T],
    ) -> T {
        check_lengths(self.dimension, theta, gradient);
        assert!(count > 0, "a batch of no examples");
        let (size, [spatial, dense]) = (self.microbatch, &self.stages);
        let workers = self.most_workers.min(count.div_ceil(size));
        let least = self.workers.len().max(workers);
        self.workers.resize_with(least, || Worker::new(Workspace::default()));
        // The gradient of a micro-batch has those of the spatial layers, which come first.
        let dimension = parameters(spatial).max(if dense.is_empty() { self.dimension } else { 0 });
        // Two micro-batches for each worker, so that a slow worker does not hold up the others for long; with dense
        // layers, which sum over a whole group, a number that does not depend on the workers.
        let together = if dense.is_empty() { 2 * workers } else { GROUP / size }.min(count.div_ceil(size));
        let least = self.microbatches.len().max(together);
        self.microbatches.resize_with(least, || Microbatch {
            pass: Pass::new(0, spatial.len()),
            cost: T::ZERO,
            gradient: vec![T::ZERO; dimension],
        });
        if !dense.is_empty() && self.group.is_none() {
            self.group = Some(Group {
                worker: Worker::new(Workspace::on_all_threads()),
                pass: Pass::new(spatial.len(), dense.len()),
                gradient: vec![T::ZERO; self.dimension],
            });
        }
        let mut cost = T::ZERO;
        gradient.fill(T::ZERO);
        let mut spaces = core::mem::take(&mut self.workers);
        let mut microbatches = core::mem::take(&mut self.microbatches);
        let mut group = self.group.take();
        for from in (0..count).step_by(together * size) {
            let all = from..count.min(from + together * size);
            let ranges = || all.clone().step_by(size).map(|from| from..all.end.min(from + size));
            self.in_use = ranges().len();
            let (here, spaces) = (&mut microbatches[..self.in_use], &mut spaces[..workers.min(self.in_use)]);
            match &mut group {
                None => threads::for_each(spaces, here.iter_mut().zip(ranges()), |worker, (microbatch, range)| {
                    let Microbatch { pass, gradient, .. } = microbatch;
                    self.forward(worker, pass, range.clone(), index, theta);
                    let divergence = pass.divergence;
                    microbatch.cost = self.error(worker, pass, range, index) + divergence;
                    pass.backward(&mut worker.work, &self.stages[0], theta, Some(gradient), Until::Parameters);
                }),
                Some(group) => {
                    cost += self.evaluate_group(spaces, here, group, all.clone(), index, theta);
                    let weights = parameters(&self.stages[0])..;
                    add(&mut gradient[weights.clone()], &group.gradient[weights]);
                }
            }
            for microbatch in here {
                cost += microbatch.cost;
                add(gradient, &microbatch.gradient);
            }
        }
        (self.workers, self.microbatches, self.group) = (spaces, microbatches, group);

        let m = T::from_usize(count);
        gradient.iter_mut().for_each(|g| *g /= m);
        cost /= m;
        if self.network.weight_decay != 0.0 {
            let lambda = T::from_f64(self.network.weight_decay);
            for w in &self.weights {
                let w = w.range.clone();
                cost += T::HALF * lambda * sum_of_squares(&theta[w.clone()]); // (NN.1)
                gradient[w.clone()].iter_mut().zip(&theta[w]).for_each(|(g, &w)| *g += lambda * w); // (NN.8)
            }
        }
        if self.network.l1_penalty != 0.0 {
            let lambda = T::from_f64(self.network.l1_penalty);
            for w in &self.weights {
                let (g, w) = (w.values_mut(gradient), w.values(theta));
                cost += lambda * reduce(w, w, |w, _| w.abs()); // (NN.1), (NN.9)
                g.iter_mut().zip(w).for_each(|(g, &w)| *g += lambda * sign(w)); // (NN.8)
            }
        }
        cost
    }

    /// The sum of the costs of a group's examples. Writes the gradient of the dense layers to the group, and those of
    /// the spatial layers to the micro-batches, whose costs are then those of their layers alone.
    fn evaluate_group(
        &self,
        spaces: &mut [Worker<T>],
        microbatches: &mut [Microbatch<T>],
        Group { worker, pass, gradient }: &mut Group<T>,
        all: Range<usize>,
        index: &(dyn Fn(usize) -> usize + Sync),
        theta: &[T],
    ) -> T {
        let [spatial, dense] = &self.stages;
        let (size, shape) = (self.microbatch, spatial.last().map_or(self.network.input, |last| last.output));
        let ranges = || all.clone().step_by(size).map(|from| from..all.end.min(from + size));
        pass.x.reshape(shape.elements(), all.len());
        let items = microbatches.iter_mut().zip(ranges()).zip(pass.x.view_mut().column_chunks(size));
        threads::for_each(spaces, items, |worker, ((microbatch, range), piece)| {
            self.forward(worker, &mut microbatch.pass, range, index, theta);
            microbatch.cost = microbatch.pass.divergence;
            flatten(shape, microbatch.pass.a.last().unwrap_or(&microbatch.pass.x), piece);
        });
        let masks = MaskStream { seed: self.seed, draw: self.draw };
        pass.forward(&mut worker.work, dense, theta, Some(masks), &|n| index(all.start + n));
        let cost = self.error(worker, pass, all.clone(), index) + pass.divergence;
        pass.backward(&mut worker.work, dense, theta, Some(gradient), Until::Input);
        let delta = &worker.work.delta;
        let items = microbatches.iter_mut().zip(ranges());
        threads::for_each(spaces, items, |worker, (Microbatch { pass, gradient, .. }, range)| {
            let columns = range.start - all.start..range.end - all.start;
            let to = &mut worker.work.delta;
            to.reshape(shape.channels, size::product([range.len(), shape.plane()]));
            let plane = shape.plane();
            for c in 0..shape.channels {
                let to = to.row_mut(c);
                for position in 0..plane {
                    let from = &delta.row(c * plane + position)[columns.clone()];
                    for n in 0..from.len() {
                        to[n * plane + position] = from[n];
                    }
                }
            }
            pass.backward(&mut worker.work, spatial, theta, Some(gradient), Until::Parameters);
        });
        cost
    }

    /// Loads a micro-batch, and passes it through its layers.
    fn forward(
        &self,
        Worker { work, .. }: &mut Worker<T>,
        pass: &mut Pass<T>,
        range: Range<usize>,
        index: &dyn Fn(usize) -> usize,
        theta: &[T],
    ) {
        pass.load(work, self.network.input, self.examples, self.draw, range.clone().map(index));
        let masks = MaskStream { seed: self.seed, draw: self.draw };
        pass.forward(work, &self.stages[0], theta, Some(masks), &|n| index(range.start + n));
    }

    /// The sum of the errors of the last layer's outputs. Writes their derivatives over `delta` of the work space.
    fn error(
        &self,
        Worker { work, likelihood, labels, errors }: &mut Worker<T>,
        pass: &Pass<T>,
        range: Range<usize>,
        index: &dyn Fn(usize) -> usize,
    ) -> T {
        let output = pass.a.last().unwrap_or(&pass.x);
        let delta = &mut work.delta;
        delta.reshape(output.rows(), output.columns());
        delta.elements_mut().copy_from_slice(output.elements());
        match self.target {
            Target::Labels(all) => {
                labels.clear();
                labels.extend(range.map(|n| all[index(n)]));
                likelihood.of(delta, labels); // (NN.2), (NN.5)
                sum(&likelihood.costs)
            }
            Target::Values(values) => {
                let plane = delta.columns() / range.len();
                for e in 0..values.rows() {
                    let (to, t) = (delta.row_mut(e / plane), values.row(e));
                    let positions = to[e % plane..].iter_mut().step_by(plane);
                    positions.zip(range.clone()).for_each(|(d, n)| *d -= t[index(n)]); // (NN.6)
                }
                T::HALF * sum_of_squares(delta.elements()) // (NN.3)
            }
            Target::Input(Loss::CrossEntropy) => {
                errors.resize(pass.x.elements().len(), T::ZERO);
                run(CrossEntropy { scores: delta.elements_mut(), x: pass.x.elements(), errors });
                sum(errors)
            }
            Target::Input(Loss::Squared) => {
                delta.elements_mut().iter_mut().zip(pass.x.elements()).for_each(|(d, &x)| *d -= x); // (NN.6)
                T::HALF * sum_of_squares(delta.elements()) // (NN.3)
            }
        }
    }
}

/// The stages that micro-batches go through, and the dense ones after them that a group goes through, if there are
/// both. The first dense stage takes the elements of all maps as one column.
fn divide<T>(mut stages: Vec<Stage>, target: Target<T>) -> [Vec<Stage>; 2] {
    let is_dense = |stage: &Stage| matches!(stage.step, Step::Convolve(shape, _) if shape.is_dense());
    // A dense layer on maps is the first one of its part.
    let spatial = stages.iter().rposition(|stage| stage.input.plane() > 1);
    let spatial = spatial.map_or(0, |last| if is_dense(&stages[last]) { last } else { last + 1 });
    let ends_in_maps = stages.last().is_some_and(|last| last.output.plane() > 1);
    if spatial == 0 || spatial == stages.len() || ends_in_maps || matches!(target, Target::Input(_)) {
        return [stages, Vec::new()];
    }
    let mut dense = stages.split_off(spatial);
    if let Some(Stage { step: Step::Convolve(shape, _), input, .. }) = dense.first_mut() {
        let columns = MapShape { channels: shape.taps(), rows: 1, columns: 1 };
        (shape.input, shape.size, *input) = (columns, [1, 1], columns);
    }
    [stages, dense]
}

/// The number of parameters of the first stages.
fn parameters(stages: &[Stage]) -> usize {
    stages.iter().filter_map(|stage| stage.parameters.as_ref()).map(|[_, b]| b.range.end).max().unwrap_or(0)
}

/// Maps of some examples as columns, in the order channel, row, column.
fn flatten<T: Real>(shape: MapShape, maps: &Matrix<T>, mut columns: ViewMut<T>) {
    let plane = shape.plane();
    for c in 0..shape.channels {
        let maps = maps.row(c);
        for position in 0..plane {
            let to = columns.row(c * plane + position);
            for n in 0..to.len() {
                to[n] = maps[n * plane + position];
            }
        }
    }
}

fn add<T: Real>(to: &mut [T], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
}

/// The error of each score z and, in place of z, its derivative.
struct CrossEntropy<'a, T> {
    scores: &'a mut [T],
    x: &'a [T],
    errors: &'a mut [T],
}

impl<T: Real> Operation<T> for CrossEntropy<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        for j in (0..self.x.len()).step_by(L::WIDTH) {
            let (scores, x) = (lanes.load_any(&self.scores[j..]), lanes.load_any(&self.x[j..]));
            lanes.store_any(cross_entropy(lanes, scores, x), &mut self.errors[j..]); // (NN.4)
            lanes.store_any(Activation::Sigmoid.at(lanes, scores) - x, &mut self.scores[j..]); // (NN.7)
        }
    }
}

impl<T: Real> Objective<T> for NetworkCost<'_, T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        self.evaluate(self.examples.count(), &|i| i, theta, gradient)
    }
}

impl<T: Real> Batched<T> for NetworkCost<'_, T> {
    fn examples(&self) -> usize {
        self.examples.count()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        let cost = self.evaluate(columns.len(), &|i| columns[i], theta, gradient);
        self.draw = self.draw.wrapping_add(1);
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::InMemory;
    use super::super::shape::Layer;
    use super::*;
    use crate::model::convolution::PoolingMode;
    use crate::model::convolution::pooling::Regions;
    use crate::model::{Activation, Stacked};
    use crate::number::Random;
    use crate::optimize::training::Training;
    use crate::optimize::{UpdateRule, training};

    fn draw(seed: u64, rows: usize, columns: usize) -> Matrix<f64> {
        let mut random = Random::new(seed);
        Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0))
    }

    fn network() -> Network {
        let input = MapShape { channels: 2, rows: 6, columns: 5 };
        let layers = vec![
            Layer::same_convolution(3, [3, 3], Activation::Rectified),
            Layer::Pooling { mode: PoolingMode::Max, regions: [Regions::by(2), Regions::Adaptive(2)] },
            Layer::Dropout { rate: 0.25 },
            Layer::Softmax { classes: 3 },
        ];
        Network { weight_decay: 0.01, ..Network::new(input, layers) }
    }

    #[test]
    fn a_cost_by_hand() {
        // x = (1, 2, -1), one filter (1, 1), rectified: (3, 1). The largest is 3. W = (ln 2 / 3, 0): z = (ln 2, 0),
        // p = (⅔, ⅓).
        let input = MapShape { channels: 1, rows: 1, columns: 3 };
        let layers = vec![
            Layer::convolution(1, [1, 2], Activation::Rectified),
            Layer::pooling(PoolingMode::Max, [1, 2]),
            Layer::Softmax { classes: 2 },
        ];
        let network = Network::new(input, layers);
        let examples = InMemory::from_rows(Matrix::from_rows(1, 3, vec![1.0, 2.0, -1.0]));
        let ln2 = core::f64::consts::LN_2;
        let theta = [1.0, 1.0, 0.0, ln2 / 3.0, 0.0, 0.0, 0.0];
        let mut gradient = [f64::NAN; 7];
        let cost = network.cost(&examples, Target::Labels(&[1])).cost_and_gradient(&theta, &mut gradient);
        assert!((cost - 1.0986122886681098).abs() < 1e-15, "{cost}");
        // P - M = (⅔, -⅔); δ of the maximum = ln 2 / 3·⅔, which goes to the first position, whose patch is (1, 2).
        let delta = ln2 / 3.0 * 2.0 / 3.0;
        for (g, expected) in gradient.iter().zip([delta, 2.0 * delta, delta, 2.0, -2.0, 2.0 / 3.0, -2.0 / 3.0]) {
            assert!((g - expected).abs() < 1e-15, "{gradient:?}");
        }
    }

    #[test]
    fn a_regression_by_hand() {
        let input = MapShape { channels: 1, rows: 1, columns: 1 };
        let layers = vec![Layer::Dense { units: 1, activation: Activation::Sigmoid }];
        let network = Network::new(input, layers);
        let (x, t) = (Matrix::from_rows(1, 1, vec![0.5]), Matrix::from_rows(1, 1, vec![1.0]));
        let (examples, theta, mut gradient) = (InMemory::from_columns(&x), [2.0, -1.0], [f64::NAN; 2]);
        let cost = network.cost(&examples, Target::Values(&t)).cost_and_gradient(&theta, &mut gradient);
        assert_eq!((cost, gradient), (0.125, [-0.0625, -0.125]));
        // The L1 penalty: at W = 2, at W = -2, and at the kink.
        let penalized = Network { l1_penalty: 0.125, ..network.clone() };
        for (w, magnitude, slope) in [(2.0, 0.25, 0.125), (-2.0, 0.25, -0.125), (0.0, 0.0, 0.0)] {
            let [(j, g), (with, penalized)] = [&network, &penalized].map(|network| {
                let mut gradient = [f64::NAN; 2];
                let cost = network.cost(&examples, Target::Values(&t)).cost_and_gradient(&[w, -1.0], &mut gradient);
                (cost, gradient)
            });
            assert_eq!((with, penalized), (j + magnitude, [g[0] + slope, g[1]]));
        }
        // Its own input as the given value: an autoencoder.
        let mut expected = [f64::NAN; 2];
        let same = network.cost(&examples, Target::Input(Loss::Squared)).cost_and_gradient(&theta, &mut expected);
        let cost = network.cost(&examples, Target::Values(&x)).cost_and_gradient(&theta, &mut gradient);
        assert_eq!((cost, gradient), (same, expected));
    }

    #[test]
    #[should_panic(expected = "values of the output and examples")]
    fn values_must_have_the_shape_of_the_output() {
        let input = MapShape { channels: 1, rows: 1, columns: 3 };
        let layers = vec![Layer::Dense { units: 2, activation: Activation::Tanh }];
        let network = Network::new(input, layers);
        let examples = InMemory::from_columns(&draw(1, 3, 4));
        network.cost(&examples, Target::Values(&draw(2, 3, 4)));
    }

    #[test]
    fn dense_layers_are_the_stacked_network() {
        let stacked = Stacked { visible: 12, layers: vec![5, 4], classes: 3, bias: true, weight_decay: 0.0 };
        let dense = |units| Layer::Dense { units, activation: Activation::Sigmoid };
        let network = Network::new(
            MapShape { channels: 3, rows: 2, columns: 2 },
            vec![dense(5), dense(4), Layer::Softmax { classes: 3 }],
        );
        assert_eq!(network.blocks()[..4], stacked.blocks()[..4]);
        let (x, theta) = (draw(1, 12, 50), draw(2, 1, network.dimension()));
        let labels: Vec<usize> = (0..50).map(|i| i % 3).collect();
        let (mut g, mut expected) = (vec![0.0; theta.columns()], vec![0.0; theta.columns()]);
        let examples = InMemory::from_columns(&x);
        let cost = network.cost(&examples, Target::Labels(&labels)).cost_and_gradient(theta.elements(), &mut g);
        let same = stacked.cost(&x, &labels).cost_and_gradient(theta.elements(), &mut expected);
        assert!((cost - same).abs() < 1e-15, "{cost} {same}");
        for (g, e) in g.iter().zip(&expected) {
            assert!((g - e).abs() < 1e-15, "{g} {e}");
        }
        // Forward, no sum is cut: the same bits.
        let (p, q) =
            (network.log_probabilities(theta.elements(), &examples), stacked.log_probabilities(theta.elements(), &x));
        assert_eq!(p, q);
    }

    #[test]
    fn a_batch_of_all_is_the_whole_and_its_order_matters_little() {
        let network = Network { layers: [&network().layers[..2], &network().layers[3..]].concat(), ..network() };
        let (examples, theta) = (InMemory::from_columns(&draw(3, 60, 100)), draw(4, 1, network.dimension()));
        let labels: Vec<usize> = (0..100).map(|i| i * i % 3).collect();
        let mut network = network.cost(&examples, Target::Labels(&labels));
        let mut evaluate = |columns: Option<&[usize]>| {
            let mut gradient = vec![f64::NAN; theta.columns() + 1];
            let (g, cost) = gradient.split_at_mut(theta.columns());
            cost[0] = match columns {
                Some(columns) => network.cost_and_gradient_on(columns, theta.elements(), g),
                None => network.cost_and_gradient(theta.elements(), g),
            };
            gradient
        };
        let whole = evaluate(None);
        let forward: Vec<usize> = (0..100).collect();
        let backward: Vec<usize> = (0..100).rev().collect();
        assert_eq!(evaluate(Some(&forward)), whole);
        for (g, e) in evaluate(Some(&backward)).iter().zip(&whole) {
            assert!((g - e).abs() < 1e-14, "{g} {e}");
        }
    }

    #[test]
    fn what_is_dropped_depends_on_seed_draw_and_example_alone() {
        let network = network();
        let (examples, theta) = (InMemory::from_columns(&draw(5, 60, 40)), draw(6, 1, network.dimension()));
        let labels = vec![1; 40];
        let cost = |seed, draw, columns: &[usize]| {
            let network = network.cost(&examples, Target::Labels(&labels));
            let mut network = network.with_seed(seed).with_first_draw(draw);
            network.cost_and_gradient_on(columns, theta.elements(), &mut vec![0.0; theta.columns()])
        };
        let usual = cost(1, 1, &[7, 8, 9]);
        assert_eq!(cost(1, 1, &[7, 8, 9]), usual);
        assert!([cost(2, 1, &[7, 8, 9]), cost(1, 2, &[7, 8, 9])].iter().all(|&other| other != usual));
        // Alone or among others, an example loses the same elements.
        let mean = (cost(1, 1, &[7]) + cost(1, 1, &[8]) + cost(1, 1, &[9])) / 3.0;
        assert!((usual - mean).abs() < 1e-14, "{usual} {mean}");
    }

    #[test]
    fn the_fraction_that_is_dropped_is_the_rate() {
        // With x = 1, J = ½·(0.3·1² + 0.7·(kept - 1)²) for each element: an autoencoder of dropout or masking alone.
        for (layer, kept) in [(Layer::Dropout { rate: 0.3 }, 1.0 / 0.7), (Layer::Masking { rate: 0.3 }, 1.0)] {
            let input = MapShape { channels: 1, rows: 50, columns: 50 };
            let network = Network::new(input, vec![layer]);
            let examples = InMemory::from_rows(Matrix::from_function(8, 2500, |_, _| 1.0));
            let mut cost = network.cost(&examples, Target::Input(Loss::Squared));
            let cost: f64 = cost.cost_and_gradient(&[], &mut []) / 2500.0;
            let expected = 0.5 * (0.3 + 0.7 * (kept - 1.0f64).powi(2));
            assert!((cost - expected).abs() < 3e-3, "{layer:?}: {cost} {expected}");
        }
    }

    #[test]
    fn it_learns_where_a_stripe_is_horizontal() {
        // 1 x 8 x 8: a horizontal or a vertical stripe anywhere, in noise. At each position both labels have the same
        // distribution, so no dense layer alone can separate them.
        let mut random = Random::new(7);
        let mut shown = |count: usize| {
            let labels: Vec<usize> = (0..count).map(|i| i % 2).collect();
            let places: Vec<usize> = (0..count).map(|_| random.index(8)).collect();
            let rows = Matrix::from_function(count, 64, |i, at| {
                let along = if labels[i] == 0 { at / 8 } else { at % 8 };
                random.uniform::<f64>(-0.3, 0.3) + if along == places[i] { 1.0 } else { 0.0 }
            });
            (InMemory::from_rows(rows), labels)
        };
        let ((x, y), (unseen, truth)) = (shown(200), shown(200));
        let layers = vec![
            Layer::convolution(4, [3, 3], Activation::Rectified),
            Layer::Pooling { mode: PoolingMode::Mean, regions: [Regions::Adaptive(1), Regions::Adaptive(1)] },
            Layer::Softmax { classes: 2 },
        ];
        let input = MapShape { channels: 1, rows: 8, columns: 8 };
        let network = Network { weight_decay: 1e-4, ..Network::new(input, layers) };
        let mut theta: Vec<f64> = network.draw(&mut Random::new(8));
        let training = Training { batch: 20, epochs: 30, ..Training::new(UpdateRule::ADAM, 0.02) };
        let trained: training::TrainingOutcome<f64> =
            training.run(&mut network.cost(&x, Target::Labels(&y)), None, &mut theta, |_, _| true);
        assert!(trained.best.cost < 0.2, "{trained:?}");
        let predicted = crate::model::softmax::most_likely(&network.log_probabilities(&theta, &unseen));
        let correct = predicted.iter().zip(&truth).filter(|(a, y)| a == y).count();
        assert!(correct >= 190, "{correct} of 200");
    }

    #[test]
    fn the_number_of_workers_does_not_matter() {
        let network = network();
        let (examples, theta) = (InMemory::from_columns(&draw(9, 60, 150)), draw(10, 1, network.dimension()));
        let labels: Vec<usize> = (0..150).map(|i| i % 3).collect();
        let mut results = Vec::new();
        for workers in [1, 2, 3, 5] {
            // Set for this cost alone: other tests share the machine's number of threads.
            let mut network = network.cost(&examples, Target::Labels(&labels));
            network.most_workers = workers;
            let mut gradient = vec![f64::NAN; theta.columns()];
            let cost = network.cost_and_gradient(theta.elements(), &mut gradient);
            results.push((cost, gradient));
        }
        assert!(results.iter().all(|result| *result == results[0]));
    }
}
