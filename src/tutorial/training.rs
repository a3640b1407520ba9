//! Training, watched: a minimization, a training by batches, a softmax regression, a stack of autoencoders, a network
//! tuned as a whole.

use super::bookmark;
use super::watch::Watch;
use crate::matrix::Matrix;
use crate::model::greedy::Trained;
use crate::model::softmax::most_likely;
use crate::model::{Autoencoder, AutoencoderSettings, Softmax, SoftmaxSettings, Stacked, StackedSettings};
use crate::number::{Random, Real};
use crate::optimize::lbfgs::Outcome;
use crate::optimize::{Batched, Lbfgs, Objective, Rule, Schedule, Training};
use std::format;
use std::vec;
use std::vec::Vec;

/// Minimizes by L-BFGS, at most so many iterations, and tells the watch; goes on from the state that it has kept, if any.
pub fn minimize<T: Real>(
    stage: &str,
    iterations: usize,
    objective: &mut dyn Objective<T>,
    theta: &mut [T],
    watch: &mut dyn Watch,
) -> Outcome<T> {
    watch.stage(&format!("{stage}, {} parameters", theta.len()), iterations);
    let outcome = bookmark::minimize(&Lbfgs { iterations, ..Lbfgs::default() }, objective, theta, watch);
    watch.ended(stage, outcome.reason);
    outcome
}

/// How a network is trained on batches by [`by_batches`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batches {
    /// How often each example is shown.
    pub epochs: usize,
    /// Examples in a batch.
    pub batch: usize,
    /// Adam's rate, which rises for a tenth of the steps and then falls to nothing.
    pub rate: f64,
    /// The seed of the orders.
    pub seed: u64,
}

/// Trains by Adam, all epochs, and tells the watch.
pub fn by_batches<T: Real>(
    stage: &str,
    Batches { epochs, batch, rate, seed }: Batches,
    objective: &mut dyn Batched<T>,
    theta: &mut [T],
    watch: &mut dyn Watch,
) {
    let steps = epochs * objective.examples().div_ceil(batch);
    let schedule = Schedule::Cosine { warmup: steps / 10, steps, last: 0.0 };
    let training =
        Training { schedule, batch, epochs, patience: epochs.max(1), seed, ..Training::new(Rule::ADAM, rate) };
    let stage = format!("{stage}, {} parameters", theta.len());
    watch.stage(&stage, epochs);
    let trained = training.run(objective, None, theta, |epoch| {
        watch.step(epoch.epoch, epoch.cost.to_f64());
        true
    });
    watch.ended(&stage, trained.reason);
}

/// A trained softmax regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression<T> {
    /// Its shape.
    pub settings: SoftmaxSettings,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<T: Real> Regression<T> {
    /// Trains on examples (columns) and their classes. The cost is convex: it starts from zero, and any start leads to
    /// the same minimum.
    ///
    /// # Panics
    /// As [`Softmax::new`].
    pub fn train(
        stage: &str,
        settings: SoftmaxSettings,
        iterations: usize,
        (examples, classes): (&Matrix<T>, &[usize]),
        watch: &mut dyn Watch,
    ) -> Self {
        let mut theta = vec![T::ZERO; settings.dimension()];
        minimize(stage, iterations, &mut Softmax::new(settings, examples, classes), &mut theta, watch);
        Regression { settings, theta }
    }

    /// The most likely class of each example.
    pub fn answers(&self, examples: &Matrix<T>) -> Vec<usize> {
        most_likely(&self.settings.log_probabilities(&self.theta, examples))
    }
}

/// Trains an autoencoder on examples (columns).
///
/// # Panics
/// As [`Autoencoder::new`].
pub fn autoencoder<T: Real>(
    stage: &str,
    settings: AutoencoderSettings,
    iterations: usize,
    examples: &Matrix<T>,
    random: &mut Random,
    watch: &mut dyn Watch,
) -> Trained<T> {
    let mut theta = settings.draw(random);
    let outcome = minimize(stage, iterations, &mut Autoencoder::new(settings, examples), &mut theta, watch);
    Trained { settings, theta, outcome }
}

/// A stacked network: its shape and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network<T> {
    /// Its shape.
    pub settings: StackedSettings,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<T: Real> Network<T> {
    /// The encoders of trained autoencoders under a regression on their deepest features: the transfer of weights.
    ///
    /// # Panics
    /// If there is no autoencoder, or the regression is of another number of features.
    pub fn transfer(stack: &[Trained<T>], top: &Regression<T>) -> Self {
        let SoftmaxSettings { classes, bias, weight_decay, .. } = top.settings;
        let layers = stack.iter().map(|layer| layer.settings.hidden).collect();
        let visible = stack.first().map_or(top.settings.features, |first| first.settings.visible);
        let settings = StackedSettings { visible, layers, classes, bias, weight_decay };
        let encoders: Vec<_> = stack.iter().map(Trained::encoder).collect();
        let theta = settings.pack(&encoders, &top.theta);
        Network { settings, theta }
    }

    /// Tunes all layers together, by back-propagation and L-BFGS.
    ///
    /// # Panics
    /// As [`Stacked::new`].
    pub fn tune(
        &mut self,
        iterations: usize,
        (examples, classes): (&Matrix<T>, &[usize]),
        watch: &mut dyn Watch,
    ) -> Outcome<T> {
        let mut objective = Stacked::new(&self.settings, examples, classes);
        minimize("fine-tuning", iterations, &mut objective, &mut self.theta, watch)
    }

    /// The most likely class of each example.
    pub fn answers(&self, examples: &Matrix<T>) -> Vec<usize> {
        most_likely(&self.settings.log_probabilities(&self.theta, examples))
    }
}

/// The share of answers that are right; NaN of none.
pub fn accuracy(answers: &[usize], truth: &[usize]) -> f64 {
    let right = answers.iter().zip(truth).filter(|(answer, truth)| answer == truth).count();
    right as f64 / truth.len() as f64
}
