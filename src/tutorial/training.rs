//! Training, watched: a minimization, a training by batches, a softmax regression, a stack of autoencoders, a network
//! tuned as a whole.

use super::progress::Progress;
use super::run_checkpoint;
use crate::matrix::Matrix;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::softmax::most_likely;
use crate::model::{Autoencoder, DenseCost, Softmax, Stacked};
use crate::number::{Random, Real};
use crate::optimize::lbfgs::Outcome;
use crate::optimize::{Batched, Lbfgs, Objective, Schedule, Training, UpdateRule};
use std::format;
use std::vec;
use std::vec::Vec;

/// Minimizes by L-BFGS, at most so many iterations, and tells the watch; goes on from the state that it has kept, if any.
pub fn minimize<T: Real>(
    stage: &str,
    iterations: usize,
    objective: &mut dyn Objective<T>,
    theta: &mut [T],
    progress: &mut dyn Progress,
) -> Outcome<T> {
    progress.stage(&format!("{stage}, {} parameters", theta.len()), iterations);
    let outcome = run_checkpoint::minimize(&Lbfgs { iterations, ..Lbfgs::default() }, objective, theta, progress);
    progress.ended(stage, outcome.reason);
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
    progress: &mut dyn Progress,
) {
    let steps = epochs * objective.examples().div_ceil(batch);
    let schedule = Schedule::Cosine { warmup: steps / 10, steps, last: 0.0 };
    let training =
        Training { schedule, batch, epochs, patience: epochs.max(1), seed, ..Training::new(UpdateRule::ADAM, rate) };
    let stage = format!("{stage}, {} parameters", theta.len());
    progress.stage(&stage, epochs);
    let trained = training.run(objective, None, theta, |epoch| {
        progress.step(epoch.epoch, epoch.cost.to_f64());
        true
    });
    progress.ended(&stage, trained.reason);
}

/// A trained softmax regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression<T> {
    /// Its shape.
    pub model: Softmax,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<T: Real> Regression<T> {
    /// Trains on examples (columns) and their classes. The cost is convex: it starts from zero, and any start leads to
    /// the same minimum.
    ///
    /// # Panics
    /// As [`Softmax::cost`].
    pub fn train(
        stage: &str,
        settings: Softmax,
        iterations: usize,
        (examples, classes): (&Matrix<T>, &[usize]),
        progress: &mut dyn Progress,
    ) -> Self {
        let mut theta = vec![T::ZERO; settings.dimension()];
        minimize(stage, iterations, &mut settings.cost(examples, classes), &mut theta, progress);
        Regression { model: settings, theta }
    }

    /// The most likely class of each example.
    pub fn answers(&self, examples: &Matrix<T>) -> Vec<usize> {
        most_likely(&self.model.log_probabilities(&self.theta, examples))
    }
}

/// Trains an autoencoder on examples (columns).
///
/// # Panics
/// As [`Autoencoder::cost`].
pub fn autoencoder<T: Real>(
    stage: &str,
    settings: Autoencoder,
    iterations: usize,
    examples: &Matrix<T>,
    random: &mut Random,
    progress: &mut dyn Progress,
) -> TrainedAutoencoder<T> {
    let train = |cost: &mut DenseCost<T>, theta: &mut [T]| minimize(stage, iterations, cost, theta, progress);
    TrainedAutoencoder::train(settings, examples, random, train)
}

/// A stacked network: its shape and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct FineTuned<T> {
    /// Its shape.
    pub settings: Stacked,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<T: Real> FineTuned<T> {
    /// The encoders of trained autoencoders under a regression on their deepest features: the transfer of weights.
    ///
    /// # Panics
    /// If there is no autoencoder, or the regression is of another number of features.
    pub fn transfer(stack: &[TrainedAutoencoder<T>], top: &Regression<T>) -> Self {
        let Softmax { classes, bias, weight_decay, .. } = top.model;
        let layers = stack.iter().map(|layer| layer.model.hidden).collect();
        let visible = stack.first().map_or(top.model.features, |first| first.model.visible);
        let settings = Stacked { visible, layers, classes, bias, weight_decay };
        let encoders: Vec<_> = stack.iter().map(TrainedAutoencoder::encoder).collect();
        let theta = settings.pack(&encoders, &top.theta);
        FineTuned { settings, theta }
    }

    /// Tunes all layers together, by back-propagation and L-BFGS.
    ///
    /// # Panics
    /// As [`Stacked::cost`].
    pub fn tune(
        &mut self,
        iterations: usize,
        (examples, classes): (&Matrix<T>, &[usize]),
        progress: &mut dyn Progress,
    ) -> Outcome<T> {
        let mut objective = self.settings.cost(examples, classes);
        minimize("fine-tuning", iterations, &mut objective, &mut self.theta, progress)
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
