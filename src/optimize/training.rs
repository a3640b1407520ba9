//! Training on minibatches with early stopping: a step after a few examples instead of all of them, and an end before
//! the model overfits.
//!
//! **Minibatches.** An epoch passes once through the m examples, in a random order, b examples (a batch) at a time.
//! Each batch's gradient makes a step of the [rule](super::rule): many cheap, noisy steps instead of one exact one. If
//! J is the mean of one cost for each example, a batch drawn at random has the gradient ∇J on average:
//!
//! ```text
//! (TR.1)  J_B(θ) = (1/b)·Σ_(x in B) J_x(θ)      the cost of a batch B, which objectives compute
//! (TR.2)  θ ← rule(θ, ∇J_B(θ), ε_t)             a step t at the rate of the schedule
//! ```
//!
//! Every example is in B with the same probability b/m, so the mean of ∇J_B over all B is
//! (1/b)·Σ_x (b/m)·∇J_x = (1/m)·Σ_x ∇J_x = ∇J. (Source E writes J itself in the formula of stochastic gradient descent,
//! the same formula as that of gradient descent: see NOTES.md.)
//!
//! The noise of a batch's gradient falls as 1/√b. If σ² is the mean of |∇J_x - ∇J|² over the examples, and the b
//! examples are drawn independently, the squared deviations add up and are divided by b²:
//!
//! ```text
//! mean of |∇J_B - ∇J|² = (1/b²)·b·σ² = σ²/b
//! ```
//!
//! since the products of different deviations are 0 on average. So four times the examples halve the noise. (Without
//! repetitions, as in an epoch, the noise is a little smaller, and 0 for b = m.)
//!
//! **Overfitting.** A model with enough parameters ends up memorizing the training examples, noise included; the cost
//! of other examples then rises while that of the training examples still falls. So after each epoch the parameters are
//! evaluated on a validation set, none of whose examples makes a step. (Without one, the mean cost of the epoch's
//! batches is used.)
//!
//! **Early stopping.** The training ends when `patience` epochs in a row were no better than the best before, and the
//! parameters returned are those of the best epoch. The validation set has then been used for a choice, so it must not
//! serve as test set.
//!
//! **Reproducibility.** The order of an epoch depends only on the seed and the number of the epoch. After the first
//! step nothing is allocated.
//!
//! Source: L. Prechelt, "Early stopping - but when?", 1998.

use super::Batched;
use super::first_order::{check_rate, not_finite};
use super::outcome::Reason;
use super::rule::{OptimizerState, UpdateRule};
use super::schedule::Schedule;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// The settings of a training.
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::model::Softmax;
/// use ossicle::model::softmax::most_likely;
/// use ossicle::optimize::{Objective, Training, UpdateRule};
///
/// // 200 examples of two classes: points above and below a line.
/// let x = Matrix::from_function(2, 200, |i, j| f64::from((7 * j + 13 * i * j) as u32 % 32) / 16.0 - 1.0);
/// let y: Vec<usize> = (0..200).map(|j| usize::from(x[[0, j]] > x[[1, j]] + 0.1)).collect();
/// let (train, test): (Vec<usize>, Vec<usize>) = (0..200).partition(|j| j % 4 > 0);
/// let part = |chosen: &[usize]| (x.select_columns(chosen), chosen.iter().map(|&j| y[j]).collect::<Vec<_>>());
/// let ((train_x, train_y), (test_x, test_y)) = (part(&train), part(&test));
///
/// let model = Softmax::new(2, 2);
/// let (mut theta, mut unused) = (vec![0.0; model.dimension()], vec![0.0; model.dimension()]);
/// let mut test_cost = model.cost(&test_x, &test_y);
/// let mut validation = |theta: &[f64]| test_cost.cost_and_gradient(theta, &mut unused);
/// let mut objective = model.cost(&train_x, &train_y);
/// let training = Training { batch: 16, ..Training::new(UpdateRule::ADAM, 0.05) };
/// let outcome = training.run(&mut objective, Some(&mut validation), &mut theta, |epoch, state| {
///     assert_eq!((epoch.epoch, state.theta.len()), (state.epoch, 6));
///     true // continue
/// });
/// assert!(outcome.best.validation < Some(0.2), "{outcome:?}");
/// let found = most_likely(&model.log_probabilities(&theta, &test_x));
/// assert!(found.iter().zip(&test_y).filter(|(found, label)| found == label).count() >= 47);
/// ```
#[doc(alias = "minibatch")]
#[doc(alias = "SGD")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// The rule that computes a step from a batch's gradient.
    pub rule: UpdateRule,
    /// The learning rate, ε > 0.
    pub rate: f64,
    /// The schedule of the rate, by steps; an epoch has ⌈m/b⌉ steps.
    pub schedule: Schedule,
    /// b > 0: the number of examples in a batch; the last batch of an epoch may have fewer.
    pub batch: usize,
    /// The maximum number of epochs.
    pub epochs: usize,
    /// The number of epochs in a row without improvement after which the training ends, at least 1.
    pub patience: usize,
    /// The seed of the random orders.
    pub seed: u64,
}

impl Training {
    /// A rule at a constant rate: batches of 64, 100 epochs, a patience of 10, seed 1.
    pub fn new(rule: UpdateRule, rate: f64) -> Self {
        Training { rule, rate, schedule: Schedule::Constant, batch: 64, epochs: 100, patience: 10, seed: 1 }
    }
}

impl Default for Training {
    /// Adam at its authors' rate of 0.001; otherwise [`Training::new`].
    fn default() -> Self {
        Training::new(UpdateRule::ADAM, 1e-3)
    }
}

/// Returns the cost of parameters on the validation set.
pub type Validation<'a, T> = &'a mut dyn FnMut(&[T]) -> T;

/// A report to an observer after each epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch<T> {
    /// Its number, from 1; 0 for the parameters that the training started from.
    pub epoch: usize,
    /// The mean of its costs, each batch's before its step; NaN for epoch 0.
    pub cost: T,
    /// The cost on the validation set after it, if there is one.
    pub validation: Option<T>,
    /// The rate of its last step.
    pub rate: f64,
    /// Steps so far.
    pub iterations: usize,
}

impl<T: Real> Epoch<T> {
    /// The cost that epochs are compared by.
    pub fn validation_or_training_cost(&self) -> T {
        self.validation.unwrap_or(self.cost)
    }
}

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingOutcome<T> {
    /// The reason.
    pub reason: Reason,
    /// The best epoch, whose parameters are returned.
    pub best: Epoch<T>,
    /// Steps in all.
    pub iterations: usize,
}

/// A training between two epochs: everything that later epochs depend on, except the settings, the objective and the
/// validation set. So 2N epochs equal N epochs, a saved and resumed state, and N more epochs, bit for bit.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingState<T> {
    /// The parameters.
    pub theta: Vec<T>,
    /// The state of the rule.
    pub optimizer: OptimizerState<T>,
    /// Epochs so far.
    pub epoch: usize,
    /// Steps so far.
    pub iterations: usize,
    /// The best epoch.
    pub best: Epoch<T>,
    /// The parameters after the best epoch.
    pub best_theta: Vec<T>,
}

impl Training {
    /// Trains from `theta`, which ends as the parameters after the best epoch. `validation` returns the cost on the
    /// validation set. The observer receives a report after each epoch and the [state](TrainingState), which holds the
    /// parameters, and returns whether to continue.
    ///
    /// # Panics
    /// If `theta` has another length than the objective's dimension, there is no example, or a setting is out of its
    /// range.
    pub fn run<T: Real, B: Batched<T> + ?Sized>(
        &self,
        objective: &mut B,
        mut validation: Option<Validation<T>>,
        theta: &mut [T],
        observer: impl FnMut(&Epoch<T>, &TrainingState<T>) -> bool,
    ) -> TrainingOutcome<T> {
        let mut state = self.start(theta);
        state.best.validation = validation.as_mut().map(|cost| cost(theta));
        let outcome = self.resume(objective, validation, &mut state, observer);
        theta.copy_from_slice(&state.best_theta);
        outcome
    }

    /// The state of a training that starts from `theta`, without a validation cost.
    ///
    /// # Panics
    /// If a setting is out of its range.
    pub fn start<T: Real>(&self, theta: &[T]) -> TrainingState<T> {
        let rate = self.rate * self.schedule.at(0);
        TrainingState {
            theta: theta.to_vec(),
            optimizer: self.rule.state(theta.len()),
            epoch: 0,
            iterations: 0,
            best: Epoch { epoch: 0, cost: T::NAN, validation: None, rate, iterations: 0 },
            best_theta: theta.to_vec(),
        }
    }

    /// Resumes from a state of [`start`](Self::start), or one that an observer received, which ends as that of the last
    /// epoch and holds the best parameters. (If a cost was not finite, θ is the point of that cost, from which no
    /// training can continue.)
    ///
    /// # Panics
    /// As [`run`](Self::run) does, or if the state is that of another rule.
    pub fn resume<T: Real, B: Batched<T> + ?Sized>(
        &self,
        objective: &mut B,
        mut validation: Option<Validation<T>>,
        state: &mut TrainingState<T>,
        mut observer: impl FnMut(&Epoch<T>, &TrainingState<T>) -> bool,
    ) -> TrainingOutcome<T> {
        check_rate(self.rate);
        let examples = objective.examples();
        assert!(self.batch > 0 && self.patience > 0 && examples > 0, "{self:?} on {examples} examples");
        let mut gradient = vec![T::ZERO; state.theta.len()];
        let mut order: Vec<usize> = (0..examples).collect();
        let mut rate = state.best.rate;

        let reason = 'training: {
            if let Some(reason) = state.best.validation.and_then(not_finite) {
                break 'training reason;
            }
            while state.epoch < self.epochs {
                self.draw_order(state.epoch + 1, &mut order);
                let mut total = T::ZERO;
                for columns in order.chunks(self.batch) {
                    let cost = objective.cost_and_gradient_on(columns, &state.theta, &mut gradient); // (TR.1)
                    if let Some(reason) = not_finite(cost) {
                        break 'training reason;
                    }
                    total += cost * T::from_usize(columns.len());
                    rate = self.rate * self.schedule.at(state.iterations);
                    self.rule.step(rate, &gradient, &mut state.optimizer, &mut state.theta); // (TR.2)
                    state.iterations += 1;
                }
                // A gradient that was not finite has an effect here at the latest.
                if !state.theta.iter().all(|x| x.is_finite()) {
                    break 'training Reason::NotFinite;
                }
                state.epoch += 1;
                let cost = total / T::from_usize(examples);
                let validation_cost = validation.as_mut().map(|cost| cost(&state.theta));
                let TrainingState { epoch, iterations, .. } = *state;
                let report = Epoch { epoch, cost, validation: validation_cost, rate, iterations };
                if let Some(reason) = not_finite(report.validation_or_training_cost()) {
                    break 'training reason;
                }
                // Without a validation set, epoch 0 has no cost to compare with.
                if report.validation_or_training_cost() < state.best.validation_or_training_cost()
                    || state.best.validation_or_training_cost().is_nan()
                {
                    state.best_theta.copy_from_slice(&state.theta);
                    state.best = report;
                }
                if !observer(&report, state) {
                    break 'training Reason::Stopped;
                }
                if epoch - state.best.epoch >= self.patience {
                    break 'training Reason::EarlyStopped;
                }
            }
            Reason::Iterations
        };
        TrainingOutcome { reason, best: state.best, iterations: state.iterations }
    }

    /// The order of an epoch's examples.
    fn draw_order(&self, epoch: usize, order: &mut [usize]) {
        for (i, example) in order.iter_mut().enumerate() {
            *example = i;
        }
        // Consecutive seeds must not share the orders of their epochs: the epoch is added to bits drawn from the seed.
        let bits = Random::new(self.seed).next_u64();
        Random::new(bits.wrapping_add(epoch as u64)).shuffle(order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::Objective;
    use crate::optimize::objective::check_lengths;
    use core::cell::RefCell;

    /// Σ over the batch of ½·(θ - x)², by the batch's size: its minimum is the mean of the x.
    struct Mean<'a> {
        x: &'a [f64],
        batches: RefCell<Vec<Vec<usize>>>,
    }

    impl Objective<f64> for Mean<'_> {
        fn dimension(&self) -> usize {
            1
        }

        fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
            let all: Vec<usize> = (0..self.x.len()).collect();
            self.cost_and_gradient_on(&all, theta, gradient)
        }
    }

    impl Batched<f64> for Mean<'_> {
        fn examples(&self) -> usize {
            self.x.len()
        }

        fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[f64], gradient: &mut [f64]) -> f64 {
            check_lengths(1, theta, gradient);
            self.batches.borrow_mut().push(columns.to_vec());
            gradient[0] = 0.0;
            columns.iter().fold(0.0, |cost, &i| {
                let difference = theta[0] - self.x[i];
                gradient[0] += difference / columns.len() as f64;
                cost + 0.5 * difference * difference / columns.len() as f64
            })
        }
    }

    fn mean(x: &[f64]) -> Mean<'_> {
        Mean { x, batches: RefCell::new(Vec::new()) }
    }

    const X: [f64; 10] = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0];

    fn training(rate: f64) -> Training {
        Training { batch: 4, epochs: 5, ..Training::new(UpdateRule::GradientDescent, rate) }
    }

    #[test]
    fn an_epoch_takes_each_example_once_in_an_order_of_its_own() {
        let mut objective = mean(&X);
        let settings = Training { patience: 5, ..training(0.1) };
        let trained = settings.run(&mut objective, None, &mut [0.0], |_, _| true);
        assert_eq!((trained.reason, trained.iterations), (Reason::Iterations, 15));
        let batches = objective.batches.into_inner();
        let orders: Vec<Vec<usize>> = batches.chunks(3).map(|epoch| epoch.concat()).collect();
        for (e, order) in orders.iter().enumerate() {
            assert_eq!(batches[3 * e..][..3].iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
            let mut sorted = order.clone();
            sorted.sort();
            assert_eq!(sorted, (0..10).collect::<Vec<_>>());
            assert!(orders[..e].iter().all(|before| before != order), "{orders:?}");
        }
        let again = |seed| {
            let mut objective = mean(&X);
            Training { seed, ..settings }.run(&mut objective, None, &mut [0.0], |_, _| true);
            objective.batches.into_inner()
        };
        assert_eq!(again(1), batches);
        // Neither the seed's own orders nor, an epoch later, the neighbor's.
        assert_ne!(again(2), batches);
        assert_ne!(again(2)[..3], batches[3..6]);
    }

    #[test]
    fn batches_agree_with_the_whole_gradient_on_average() {
        // Batches of the same size at one θ: the rate is too small to move it.
        let mut slopes = Vec::new();
        let mut objective = mean(&X);
        let mut gradient = [0.0];
        for columns in [[7, 2], [0, 9], [3, 1], [8, 4], [6, 5]] {
            objective.cost_and_gradient_on(&columns, &[0.5], &mut gradient);
            slopes.push(gradient[0]);
        }
        objective.cost_and_gradient(&[0.5], &mut gradient);
        let average = slopes.iter().fold(0.0, |sum, slope| sum + slope / 5.0);
        assert!((average - gradient[0]).abs() < 1e-15, "{average} {gradient:?}");
        // Source E's formula would have them all alike.
        assert!(slopes.iter().any(|slope| (slope - average).abs() > 1.0), "{slopes:?}");
    }

    #[test]
    fn steps_are_the_rules_on_batches() {
        let mut objective = mean(&X);
        let mut theta = [0.0];
        Training { epochs: 1, ..training(0.25) }.run(&mut objective, None, &mut theta, |_, _| true);
        let expected = objective.batches.borrow().iter().fold(0.0, |theta, batch| {
            let slope = batch.iter().fold(0.0, |sum, &i| sum + (theta - X[i]) / batch.len() as f64);
            theta - 0.25 * slope
        });
        assert!((theta[0] - expected).abs() < 1e-14, "{theta:?} {expected}");
    }

    #[test]
    fn a_falling_rate_brings_batches_to_one_point() {
        // The mean is 3.9; at the rate 1/(1+t), batches of one average the examples seen.
        let schedule = Schedule::Inverse { decay: 1.0 };
        let settings = Training { schedule, batch: 1, epochs: 1, ..training(1.0) };
        let mut theta = [0.0];
        settings.run(&mut mean(&X), None, &mut theta, |_, _| true);
        assert!((theta[0] - 3.9).abs() < 1e-14, "{theta:?}");
    }

    #[test]
    fn training_ends_when_the_validation_cost_stops_improving_and_returns_the_best() {
        // Trained toward 3.9, validated on 2: best when passing by there.
        let mut theta = [0.0];
        let mut seen = Vec::new();
        let mut validation = |theta: &[f64]| (theta[0] - 2.0).abs();
        let settings = Training { batch: 10, epochs: 100, patience: 4, ..training(0.1) };
        let trained = settings.run(&mut mean(&X), Some(&mut validation), &mut theta, |epoch, _| {
            seen.push(epoch.validation.unwrap());
            true
        });
        // θ = 3.9·(1 - 0.9^k) is nearest to 2 for k = 7: 2.0346.
        assert_eq!((trained.reason, trained.best.epoch, trained.iterations), (Reason::EarlyStopped, 7, 11));
        assert!((theta[0] - 3.9 * (1.0 - 0.9f64.powi(7))).abs() < 1e-14, "{theta:?}");
        assert_eq!(seen.len(), 11);
        assert_eq!(trained.best.validation, Some(seen[6]));
    }

    #[test]
    fn a_start_that_nothing_improves_on_is_returned() {
        let mut theta = [2.0];
        let mut validation = |theta: &[f64]| (theta[0] - 2.0).abs();
        let trained = training(0.5).run(&mut mean(&X), Some(&mut validation), &mut theta, |_, _| true);
        assert_eq!((trained.best.epoch, theta), (0, [2.0]));
        assert_eq!(trained.best.validation, Some(0.0));
    }

    #[test]
    fn costs_that_are_not_finite_end_it_with_the_best_epoch() {
        // A rate above 2 doubles the distance again and again; the first epoch is the best.
        let mut theta = [0.0];
        let settings = Training { batch: 10, epochs: 10_000, patience: 10_000, ..training(3.0) };
        let trained = settings.run(&mut mean(&X), None, &mut theta, |_, _| true);
        assert_eq!((trained.reason, trained.best.epoch), (Reason::NotFinite, 1));
        assert!((theta[0] - 3.0 * 3.9).abs() < 1e-12, "{theta:?}");
        // A validation cost that is not finite.
        let mut validation = |theta: &[f64]| if theta[0] > 2.0 { f64::NAN } else { -theta[0] };
        let mut theta = [0.0];
        let settings = Training { batch: 10, ..training(0.4) };
        let trained = settings.run(&mut mean(&X), Some(&mut validation), &mut theta, |_, _| true);
        assert_eq!((trained.reason, trained.best.epoch), (Reason::NotFinite, 1));
        assert!((theta[0] - 0.4 * 3.9).abs() < 1e-14, "{theta:?}");
        // An example that is not a number.
        let x = [1.0, f64::NAN, 2.0];
        let mut theta = [0.5];
        let trained = training(0.1).run(&mut mean(&x), None, &mut theta, |_, _| true);
        assert_eq!((trained.reason, trained.best.epoch, theta), (Reason::NotFinite, 0, [0.5]));
    }

    #[test]
    fn a_training_continues_to_the_bit() {
        for rule in UpdateRule::ALL {
            let schedule = Schedule::Cosine { warmup: 3, steps: 40, last: 0.1 };
            let settings = Training { rule, schedule, batch: 3, epochs: 10, ..training(0.1) };
            let mut validation = |theta: &[f64]| (theta[0] - 3.0).abs();
            let mut theta = [0.0];
            let (mut whole, mut saved) = (Vec::new(), None);
            settings.run(&mut mean(&X), Some(&mut validation), &mut theta, |epoch, _| {
                whole.push(*epoch);
                true
            });
            let first = Training { epochs: 4, ..settings };
            let mut start = [0.0];
            let mut state = settings.start(&start);
            state.best.validation = Some(3.0);
            let mut halves = Vec::new();
            first.resume(&mut mean(&X), Some(&mut validation), &mut state, |epoch, state| {
                halves.push(*epoch);
                saved = Some(state.clone());
                true
            });
            let mut state = saved.unwrap();
            settings.resume(&mut mean(&X), Some(&mut validation), &mut state, |epoch, _| {
                halves.push(*epoch);
                true
            });
            start.copy_from_slice(&state.best_theta);
            assert_eq!((halves, start), (whole, theta), "{rule:?}");
        }
    }

    #[test]
    fn the_observer_can_stop() {
        let (mut theta, mut points) = ([0.0], Vec::new());
        let trained = training(0.1).run(&mut mean(&X), None, &mut theta, |epoch, state| {
            points.push(state.theta[0]);
            epoch.epoch < 2
        });
        assert_eq!((trained.reason, trained.iterations), (Reason::Stopped, 6));
        assert!(points.len() == 2 && points[0] != points[1] && points[trained.best.epoch - 1] == theta[0]);
    }
}
