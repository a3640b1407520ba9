//! Training: the one loop over L-BFGS, the one loop over batches, and the models that they train.
//!
//! A [`Run`] holds the observer of both loops and the digest of the parameters learned.

use super::examples::LabeledExamples;
use super::preprocessing::digest_numbers;
use super::progress::Progress;
use crate::bytes::digest::Digest;
use crate::matrix::Matrix;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::network::{Examples, InMemory, Network, Target};
use crate::model::softmax::most_likely;
use crate::model::{Autoencoder, Softmax, Stacked};
use crate::number::{Random, Real};
use crate::optimize::outcome::Iterate;
use crate::optimize::state::State;
use crate::optimize::{Batched, Lbfgs, Minimization, Objective, Outcome, Reason, Schedule, Training, UpdateRule};
use crate::storage::checkpoint;
use std::format;
use std::vec;
use std::vec::Vec;

/// A run of the pipeline or of exercises.
pub struct Run<'a> {
    /// Observes the training.
    pub progress: &'a mut dyn Progress,
    /// The digest of the parameters learned.
    pub digest: Digest,
}

/// The epochs of training on batches by Adam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batches {
    /// Passes over the examples.
    pub epochs: usize,
    /// Examples in a batch.
    pub batch: usize,
    /// Adam's largest rate: it rises over a tenth of the steps and then falls to 0 as a cosine.
    pub rate: f64,
}

impl<'a> Run<'a> {
    /// A run of which nothing is learned yet.
    pub fn new(progress: &'a mut dyn Progress) -> Self {
        Run { progress, digest: Digest::new() }
    }

    /// Feeds learned parameters to the digest.
    pub fn learned<T: Real>(&mut self, parameters: &[T]) {
        digest_numbers(&mut self.digest, parameters);
    }

    /// Minimizes by L-BFGS with at most `iterations` iterations, from `theta` or from the state that the observer
    /// saved.
    pub fn minimize<T: Real>(
        &mut self,
        stage: &str,
        iterations: usize,
        objective: &mut dyn Objective<T>,
        theta: &mut [T],
    ) -> Outcome<T> {
        self.progress.stage(&format!("{stage}, {} parameters", theta.len()), iterations);
        let settings = Lbfgs { iterations, ..Lbfgs::default() };
        let saved = self.progress.saved_state().and_then(|bytes| checkpoint::decode::<T>(&bytes).ok());
        let fitting = saved.filter(|state| state.current.theta.len() == theta.len());
        let mut minimization = match fitting.map(|state| Minimization::resume(settings, state)) {
            Some(Ok(minimization)) => minimization,
            _ => Minimization::new(settings, objective, theta),
        };
        let reason = minimization.run(objective, |minimization, report| {
            self.progress.step(report.iteration, report.cost.to_f64());
            self.progress.state(false, &|| checkpoint::encode(&minimization.state()));
            true
        });
        self.progress.state(true, &|| {
            let mut state = minimization.state();
            // These reasons follow from the iterate and the counters alone.
            if matches!(reason, Reason::GradientSmall | Reason::CostFlat | Reason::Iterations) {
                state.pairs.clear();
            }
            checkpoint::encode(&state)
        });
        theta.copy_from_slice(&minimization.best().theta);
        self.progress.ended(stage, reason);
        minimization.outcome(reason)
    }

    /// Minimizes on batches by Adam, unless the observer saved the result; `seed` is that of the order of the examples.
    pub fn minimize_batches<T: Real>(
        &mut self,
        stage: &str,
        Batches { epochs, batch, rate }: Batches,
        seed: u64,
        objective: &mut dyn Batched<T>,
        theta: &mut [T],
    ) {
        let steps = epochs * objective.examples().div_ceil(batch);
        let schedule = Schedule::Cosine { warmup: steps / 10, steps, last: 0.0 };
        let patience = epochs.max(1);
        let training = Training { schedule, batch, epochs, patience, seed, ..Training::new(UpdateRule::ADAM, rate) };
        let stage = format!("{stage}, {} parameters", theta.len());
        self.progress.stage(&stage, epochs);
        let saved = self.progress.saved_state().and_then(|bytes| checkpoint::decode::<T>(&bytes).ok());
        match saved.filter(|state| state.iterations == epochs && state.current.theta.len() == theta.len()) {
            Some(state) => theta.copy_from_slice(&state.current.theta),
            None => {
                let trained = training.run(objective, None, theta, |epoch, _| {
                    self.progress.step(epoch.epoch, epoch.cost.to_f64());
                    true
                });
                self.progress.ended(&stage, trained.reason);
            }
        }
        self.progress.state(true, &|| trained_on_batches(epochs, theta));
    }

    /// Trains a network with a softmax layer on batches of examples with these labels; `seed` is that of the order of
    /// the examples and of dropout.
    ///
    /// # Panics
    /// As [`Network::cost`].
    pub fn train<T: Real>(
        &mut self,
        stage: &str,
        TrainedClassifier { model, theta }: &mut TrainedClassifier<Network, T>,
        examples: &dyn Examples<T>,
        labels: &[usize],
        batches: Batches,
        seed: u64,
    ) {
        let mut objective = model.cost(examples, Target::Labels(labels)).with_seed(seed);
        self.minimize_batches(stage, batches, seed, &mut objective, theta);
    }

    /// Trains a softmax regression. Its cost is convex: it starts from zero, and any start leads to the same minimum.
    ///
    /// # Panics
    /// As [`Softmax::cost`].
    pub fn regression<T: Real>(
        &mut self,
        stage: &str,
        model: Softmax,
        iterations: usize,
        examples: &LabeledExamples<T>,
    ) -> TrainedClassifier<Softmax, T> {
        let mut theta = vec![T::ZERO; model.dimension()];
        let mut objective = model.cost(&examples.matrix, &examples.labels);
        self.minimize(stage, iterations, &mut objective, &mut theta);
        TrainedClassifier { model, theta }
    }

    /// Trains an autoencoder on examples (columns), from parameters drawn at random.
    ///
    /// # Panics
    /// As [`Autoencoder::cost`].
    pub fn autoencoder<T: Real>(
        &mut self,
        stage: &str,
        model: Autoencoder,
        iterations: usize,
        examples: &Matrix<T>,
        random: &mut Random,
    ) -> TrainedAutoencoder<T> {
        TrainedAutoencoder::train(model, examples, random, |cost, theta| self.minimize(stage, iterations, cost, theta))
    }

    /// Fine-tunes all layers of a stacked network by backpropagation and L-BFGS.
    ///
    /// # Panics
    /// As [`Stacked::cost`].
    pub fn fine_tune<T: Real>(
        &mut self,
        network: &mut TrainedClassifier<Stacked, T>,
        iterations: usize,
        examples: &LabeledExamples<T>,
    ) -> Outcome<T> {
        let mut objective = network.model.cost(&examples.matrix, &examples.labels);
        self.minimize("fine-tuning", iterations, &mut objective, &mut network.theta)
    }
}

/// The encoded state of parameters that were trained on batches for this number of epochs; empty if they are not
/// finite. Only finished training is saved: Adam's moments and the order of the examples would have to be saved, too.
fn trained_on_batches<T: Real>(epochs: usize, theta: &[T]) -> Vec<u8> {
    if theta.iter().any(|x| !x.is_finite()) {
        return Vec::new();
    }
    let current = Iterate { theta: theta.to_vec(), gradient: vec![T::ZERO; theta.len()], cost: T::ZERO };
    let (lowest, pairs) = (None, Vec::new());
    checkpoint::encode(&State { iterations: epochs, evaluations: 0, flat_steps: 0, current, lowest, pairs })
}

/// The classifier with the weight decay, among the candidates, of the best accuracy on every fifth example after
/// `train` on the others; of fewer than five examples, with the first candidate.
///
/// # Panics
/// If there is no candidate.
pub fn with_best_decay<M: Classifier<T>, T: Real>(
    decays: &[f64],
    examples: &LabeledExamples<T>,
    mut train: impl FnMut(f64, &LabeledExamples<T>) -> TrainedClassifier<M, T>,
) -> TrainedClassifier<M, T> {
    let [most, held_out] = examples.split(|j| j % 5 == 4);
    let (mut best, mut best_accuracy) = (decays[0], f64::NEG_INFINITY);
    if held_out.count() > 0 {
        for &decay in decays {
            let accuracy = train(decay, &most).accuracy(&held_out);
            if accuracy > best_accuracy {
                (best, best_accuracy) = (decay, accuracy);
            }
        }
    }
    train(best, examples)
}

/// A model that predicts classes.
pub trait Classifier<T> {
    /// ln p of each class for each example (column): classes x examples.
    fn log_probabilities(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T>;
}

impl<T: Real> Classifier<T> for Softmax {
    fn log_probabilities(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        Softmax::log_probabilities(self, theta, examples)
    }
}

impl<T: Real> Classifier<T> for Stacked {
    fn log_probabilities(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        Stacked::log_probabilities(self, theta, examples)
    }
}

impl<T: Real> Classifier<T> for Network {
    fn log_probabilities(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        Network::log_probabilities(self, theta, &InMemory::from_columns(examples))
    }
}

/// A model and its learned parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedClassifier<M, T> {
    /// The model.
    pub model: M,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<M: Classifier<T>, T: Real> TrainedClassifier<M, T> {
    /// ln p of each class for each example (column): classes x examples.
    pub fn log_probabilities(&self, examples: &Matrix<T>) -> Matrix<T> {
        self.model.log_probabilities(&self.theta, examples)
    }

    /// The most likely class of each example (column).
    pub fn predict(&self, examples: &Matrix<T>) -> Vec<usize> {
        most_likely(&self.log_probabilities(examples))
    }

    /// The fraction of the examples that are classified correctly; NaN if there are none.
    pub fn accuracy(&self, examples: &LabeledExamples<T>) -> f64 {
        accuracy_of(&self.log_probabilities(&examples.matrix), &examples.labels)
    }
}

/// The fraction of the examples (columns of log-probabilities) whose most likely class is their label.
pub(super) fn accuracy_of<T: Real>(log_probabilities: &Matrix<T>, labels: &[usize]) -> f64 {
    let correct = most_likely(log_probabilities).iter().zip(labels).filter(|(class, label)| class == label).count();
    correct as f64 / labels.len() as f64
}

impl<T: Real> TrainedClassifier<Stacked, T> {
    /// Transfers weights: the encoders of trained autoencoders below a regression on their deepest features.
    ///
    /// # Panics
    /// If there is no autoencoder, or the regression has another number of features.
    pub fn transfer(stack: &[TrainedAutoencoder<T>], top: &TrainedClassifier<Softmax, T>) -> Self {
        let Softmax { classes, bias, weight_decay, .. } = top.model;
        let layers = stack.iter().map(|layer| layer.model.hidden).collect();
        let visible = stack.first().map_or(top.model.features, |first| first.model.visible);
        let model = Stacked { visible, layers, classes, bias, weight_decay };
        let encoders: Vec<_> = stack.iter().map(TrainedAutoencoder::encoder).collect();
        let theta = model.pack(&encoders, &top.theta);
        TrainedClassifier { model, theta }
    }
}

impl<T: Real> TrainedClassifier<Network, T> {
    /// The network with parameters drawn at random.
    pub fn draw(model: Network, random: &mut Random) -> Self {
        let theta = model.draw(random);
        TrainedClassifier { model, theta }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::progress::Silent;

    #[test]
    fn a_transferred_network_is_the_encoders_and_the_regression() {
        let mut random = Random::new(1);
        let matrix: Matrix<f64> = Matrix::from_function(6, 40, |_, _| random.uniform(0.1, 0.9));
        let examples = LabeledExamples { labels: (0..40).map(|j| j % 3).collect(), matrix };
        let mut silent = Silent;
        let mut run = Run::new(&mut silent);
        let first = run.autoencoder("first", Autoencoder::new(6, 5), 3, &examples.matrix, &mut random);
        let features = examples.map(|x| first.encode(x));
        let model = Softmax { features: 5, classes: 3, bias: true, weight_decay: 1e-3 };
        let top = run.regression("softmax", model, 20, &features);
        let mut network = TrainedClassifier::transfer(&[first], &top);
        assert_eq!(network.log_probabilities(&examples.matrix), top.log_probabilities(&features.matrix));
        assert_eq!(network.accuracy(&examples), top.accuracy(&features));
        let transferred = network.theta.clone();
        run.fine_tune(&mut network, 30, &examples);
        let mut cost = network.model.cost(&examples.matrix, &examples.labels);
        let mut gradient = vec![0.0; transferred.len()];
        let [before, after] = [&transferred, &network.theta].map(|theta| cost.cost_and_gradient(theta, &mut gradient));
        assert!(after < before, "{before} {after}");
    }
}
