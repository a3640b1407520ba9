//! Minimizing by a first-order rule with the whole gradient: the simple alternatives to L-BFGS, for comparison.
//!
//! **Why.** The gradient shows the [direction of steepest descent](super::objective), but not how far to go. Gradient
//! descent, the simplest rule, subtracts a fixed multiple of the gradient, again and again:
//!
//! ```text
//! θ ← θ - ε·∇J(θ)
//! ```
//!
//! | symbol | meaning |
//! | --- | --- |
//! | θ, J, ∇J | the parameters, the cost, and its gradient |
//! | ε | the learning rate, or step size, > 0 |
//! | x, c | the parameter of a parabola ½·c·x², and its curvature, > 0 |
//! | t | the number of steps so far |
//! | c_1, ..., c_n | curvatures of a bowl along its axes; c_min and c_max are the smallest and the largest |
//! | κ | the condition number of the bowl, c_max/c_min |
//!
//! In the code this is (FO.1) of the [rules](super::rule), `*x -= rate * g`, for each parameter and its slope g. By
//! hand, on J = ½·θ_1² + 2·θ_2² from (2, 1), with ε = 0.1; each row's θ is that of the row above minus 0.1·∇J:
//!
//! | t | θ | ∇J = (θ_1, 4·θ_2) | J |
//! | --- | --- | --- | --- |
//! | 0 | (2, 1) | (2, 4) | 4 |
//! | 1 | (1.8, 0.6) | (1.8, 2.4) | 2.34 |
//! | 2 | (1.62, 0.36) | (1.62, 1.44) | 1.571 |
//! | 3 | (1.458, 0.216) | (1.458, 0.864) | 1.156 |
//!
//! In direction d = -∇J/|∇J| the slope is -|∇J|, and the step has the length ε·|∇J|, so J falls by about ε·|∇J|² if the
//! step is short. For the first step this predicts 0.1·20 = 2; the actual fall is 1.66. The slope changes on the way,
//! and the curvature decides which steps count as short.
//!
//! **The step size on a parabola.** J = ½·c·x² has the slope c·x, and its minimum at x = 0. A step multiplies x by a
//! fixed number:
//!
//! ```text
//! x ← x - ε·c·x = (1 - ε·c)·x,   so after t steps   x_t = (1 - ε·c)ᵗ·x_0
//! ```
//!
//! The powers of a number shrink if it lies between -1 and 1. So the course depends on ε·c alone. By hand, c = 4, from
//! x = 1:
//!
//! | ε·c | factor 1 - ε·c | course | ε | x after one, two and three steps |
//! | --- | --- | --- | --- | --- |
//! | below 1 | from 0 to 1 | converges from one side | 0.1 | 0.6, 0.36, 0.216 |
//! | 1 | 0 | reaches the minimum in one step | 0.25 | 0, 0, 0 |
//! | from 1 to 2 | from -1 to 0 | oscillates across the minimum, and converges | 0.4 | -0.6, 0.36, -0.216 |
//! | 2 | -1 | jumps from side to side forever | 0.5 | -1, 1, -1 |
//! | above 2 | below -1 | oscillates and diverges | 0.6 | -1.4, 1.96, -2.744 |
//!
//! The cost shows the same, since J = 2·x²: at ε = 0.6 it is 2, 3.92, 7.68, 15.06. A cost that rises at every step is a
//! sign of too high a rate.
//!
//! **Many parameters.** Near a minimum a smooth cost is a bowl: its Taylor series has no linear term there, and the
//! symmetric matrix of second derivatives has perpendicular axes. With coordinates x_i along these axes, J = ½·Σ_i
//! c_i·x_i² plus a constant. Each coordinate has its own parabola, but all share one ε. Convergence needs ε < 2/c_max.
//! Then the coordinate with c_min is slow, since its factor 1 - ε·c_min is close to 1. The best rate makes the two
//! worst factors equal in size:
//!
//! ```text
//! 1 - ε·c_min = -(1 - ε·c_max),   ε = 2/(c_min + c_max),   factor 1 - ε·c_min = (κ - 1)/(κ + 1)
//! ```
//!
//! With c = (1, 20), ε = 2/21 = 0.095, and each step multiplies the distance by 19/21 = 0.905: a factor of 10⁻⁵ takes
//! 116 steps. With c = (1, 1000) it takes 5757. There are two cures: the other [rules](super::rule), and measuring the
//! curvature, as [`lbfgs`](super::lbfgs) does.
//!
//! **In this file** a step may also follow another [rule](super::rule), and ε may change from step to step by a
//! [schedule](super::schedule); both have chapters of their own. No step is rejected or retried, so costs may rise, and
//! at too high a rate they do. The result is the best point seen.
//!
//! Only a small gradient counts as convergence. A small change of the cost does not, since a low rate also makes steps
//! small.
//!
//! Sources: source E, "Gradient-based approach"; A. Cauchy, "Méthode générale pour la résolution des systèmes
//! d'équations simultanées", 1847; B. Polyak, "Introduction to optimization", 1987, chapter 1 (the rate of
//! convergence).

use super::Objective;
use super::outcome::{Outcome, Reason, Report};
use super::rule::UpdateRule;
use super::schedule::Schedule;
use crate::number::Real;
use crate::number::sum::norm_inf;
use alloc::vec;

/// The settings of a minimization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstOrder {
    /// The rule that computes a step from the gradient.
    pub rule: UpdateRule,
    /// The learning rate, ε > 0.
    pub rate: f64,
    /// The schedule of the rate.
    pub schedule: Schedule,
    /// The maximum number of steps.
    pub iterations: usize,
    /// The minimization ends if the largest |∂J/∂θ_i| is at most this.
    pub gradient_tolerance: f64,
}

impl FirstOrder {
    /// A rule at a constant rate: 400 iterations, tolerance 10⁻⁵, as [`Lbfgs`](super::Lbfgs) has by default.
    pub fn new(rule: UpdateRule, rate: f64) -> Self {
        FirstOrder { rule, rate, schedule: Schedule::Constant, iterations: 400, gradient_tolerance: 1e-5 }
    }

    /// Minimizes from `theta`, which ends as the best point seen. The observer receives a report after each step, which
    /// includes the current point, and returns whether to continue.
    ///
    /// ```
    /// use ossicle::optimize::objective::FromFunction;
    /// use ossicle::optimize::{FirstOrder, UpdateRule};
    ///
    /// let mut bowl = FromFunction::new(2, |x: &[f64], gradient: &mut [f64]| {
    ///     (gradient[0], gradient[1]) = (x[0] - 3.0, 4.0 * x[1]);
    ///     0.5 * (x[0] - 3.0) * (x[0] - 3.0) + 2.0 * x[1] * x[1]
    /// });
    ///
    /// let mut x = [0.0, 1.0];
    /// let outcome = FirstOrder::new(UpdateRule::NESTEROV, 0.1).minimize(&mut bowl, &mut x, |_| true);
    /// assert!(outcome.gradient <= 1e-5 && (x[0] - 3.0).abs() <= 1e-5 && x[1].abs() <= 1e-5);
    /// ```
    ///
    /// # Panics
    /// If `theta` has another length than the objective's dimension, or a constant of the rate, rule or schedule is out
    /// of its range.
    pub fn minimize<T: Real, O: Objective<T> + ?Sized>(
        &self,
        objective: &mut O,
        theta: &mut [T],
        mut observer: impl FnMut(&Report<'_, T>) -> bool,
    ) -> Outcome<T> {
        check_rate(self.rate);
        let mut state = self.rule.state(theta.len());
        let mut gradient = vec![T::ZERO; theta.len()];
        let mut best = theta.to_vec();
        let (mut best_cost, mut best_size) = (T::NAN, T::NAN);
        let (mut iterations, mut evaluations, mut rate) = (0, 0, 0.0);

        let reason = loop {
            let cost = objective.cost_and_gradient(theta, &mut gradient);
            let size = norm_inf(&gradient);
            evaluations += 1;
            let first = iterations == 0;
            if first || cost < best_cost {
                best.copy_from_slice(theta);
                (best_cost, best_size) = (cost, size);
            }
            if let Some(reason) = not_finite(cost).or(not_finite(size)) {
                break reason;
            }
            let step = T::from_f64(rate);
            let report = Report { iteration: iterations, theta: &*theta, cost, gradient: size, step, evaluations };
            if !first && !observer(&report) {
                break Reason::Stopped;
            }
            // A small gradient at a point worse than another is no convergence; a difference within rounding is not
            // worse.
            let rounding = T::from_f64(4.0) * T::EPSILON * best_cost.abs();
            if size <= T::from_f64(self.gradient_tolerance) && cost <= best_cost + rounding {
                best.copy_from_slice(theta);
                (best_cost, best_size) = (cost, size);
                break Reason::GradientSmall;
            }
            if iterations == self.iterations {
                break Reason::Iterations;
            }
            rate = self.rate * self.schedule.at(iterations);
            self.rule.step(rate, &gradient, &mut state, theta);
            iterations += 1;
        };
        theta.copy_from_slice(&best);
        Outcome { reason, cost: best_cost, gradient: best_size, iterations, evaluations }
    }
}

/// The reason to end a minimization at a cost that is not finite.
pub(super) fn not_finite<T: Real>(cost: T) -> Option<Reason> {
    match cost.is_finite() {
        true => None,
        false if cost == -T::INFINITY => Some(Reason::Unbounded),
        false => Some(Reason::NotFinite),
    }
}

pub(super) fn check_rate(rate: f64) {
    assert!(rate > 0.0 && rate.is_finite(), "a rate of {rate}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::objective::FromFunction;

    const ALL: [(UpdateRule, f64); 6] = [
        (UpdateRule::GradientDescent, 0.05),
        (UpdateRule::MOMENTUM, 0.02),
        (UpdateRule::NESTEROV, 0.02),
        (UpdateRule::ADAGRAD, 1.0),
        (UpdateRule::RMSPROP, 0.1),
        (UpdateRule::ADAM, 0.1),
    ];

    /// ½·(x - 1)² + 10·(y + 2)², curvatures 1 and 20.
    fn bowl(x: &[f64], g: &mut [f64]) -> f64 {
        let (a, b) = (x[0] - 1.0, x[1] + 2.0);
        (g[0], g[1]) = (a, 20.0 * b);
        0.5 * a * a + 10.0 * b * b
    }

    #[test]
    fn every_rule_reaches_the_bottom_of_a_bowl() {
        for (rule, rate) in ALL {
            // RMSProp's steps do not shrink with the gradient: its rate must.
            let schedule = Schedule::Exponential { factor: 0.98 };
            let settings = FirstOrder { schedule, iterations: 1000, ..FirstOrder::new(rule, rate) };
            let settings = if rule == UpdateRule::RMSPROP {
                settings
            } else {
                FirstOrder { schedule: Schedule::Constant, ..settings }
            };
            let mut x = [0.0, 0.0];
            let outcome = settings.minimize(&mut FromFunction::new(2, bowl), &mut x, |_| true);
            assert_eq!(outcome.reason, Reason::GradientSmall, "{rule:?}: {outcome:?} at {x:?}");
            assert!((x[0] - 1.0).abs() <= 1e-5 && (x[1] + 2.0).abs() <= 1e-5, "{rule:?}: {x:?}");
            assert_eq!(outcome.evaluations, outcome.iterations + 1);
        }
    }

    #[test]
    fn gradient_descent_converges_below_two_over_the_largest_curvature_alone() {
        let ends = |rate: f64| {
            let settings = FirstOrder { iterations: 20_000, ..FirstOrder::new(UpdateRule::GradientDescent, rate) };
            settings.minimize(&mut FromFunction::new(2, bowl), &mut [0.0, 0.0], |_| true).reason
        };
        assert_eq!(ends(0.0999), Reason::GradientSmall);
        assert_eq!(ends(0.1001), Reason::Iterations);
        assert_eq!(ends(0.2), Reason::NotFinite);
    }

    #[test]
    fn momentum_takes_fewer_steps_where_the_bowl_is_long() {
        // Curvatures 1 and 1000. Per step at best: 1 - 2/1001 without momentum, 1 - 2/(1 + √1000) with it (Polyak).
        let steps = |rule, rate| {
            let mut long = FromFunction::new(2, |x: &[f64], g: &mut [f64]| {
                (g[0], g[1]) = (x[0], 1000.0 * x[1]);
                0.5 * x[0] * x[0] + 500.0 * x[1] * x[1]
            });
            let settings = FirstOrder { iterations: 100_000, ..FirstOrder::new(rule, rate) };
            settings.minimize(&mut long, &mut [1.0, 1.0], |_| true).iterations
        };
        let plain = steps(UpdateRule::GradientDescent, 2.0 / 1001.0);
        let root = 1000.0f64.sqrt();
        let ratio = (root - 1.0) / (root + 1.0);
        let rolling = steps(UpdateRule::Momentum { momentum: ratio * ratio }, 4.0 / ((1.0 + root) * (1.0 + root)));
        // ln(10⁻⁸)/ln(999/1001) = 9210 for the steep direction to fall from 1000 to 10⁻⁵.
        assert!((9000..9400).contains(&plain), "{plain}");
        assert!(rolling < plain / 15, "{rolling}");
    }

    #[test]
    fn the_best_point_is_returned_with_its_cost_and_gradient() {
        // A ball that overshoots is stopped on the far side of the minimum.
        let mut costs = alloc::vec::Vec::new();
        let mut x = [0.0, -2.0];
        let settings = FirstOrder { iterations: 22, ..FirstOrder::new(UpdateRule::MOMENTUM, 0.02) };
        let outcome = settings.minimize(&mut FromFunction::new(2, bowl), &mut x, |report| {
            costs.push(report.cost);
            true
        });
        let least = costs.iter().fold(f64::INFINITY, |least, &cost| least.min(cost));
        assert!(least < costs[costs.len() - 1], "the last point is not the best: {costs:?}");
        let mut gradient = [0.0; 2];
        assert_eq!((outcome.cost, bowl(&x, &mut gradient)), (least, least));
        assert_eq!((outcome.gradient, outcome.reason), (norm_inf(&gradient), Reason::Iterations));
    }

    #[test]
    fn costs_that_are_not_finite_end_it_with_the_best_point() {
        let end = |f: fn(f64) -> (f64, f64), x: f64, rate: f64| {
            let mut objective = FromFunction::new(1, |x: &[f64], g: &mut [f64]| {
                let (cost, slope) = f(x[0]);
                g[0] = slope;
                cost
            });
            let mut x = [x];
            let outcome = FirstOrder::new(UpdateRule::GradientDescent, rate).minimize(&mut objective, &mut x, |_| true);
            (outcome.reason, outcome.iterations, x[0], outcome.cost)
        };
        // x - ln x is NaN left of 0, where a step of 20·14/15 from 15 leads.
        let (reason, steps, x, cost) = end(|x| (x - x.ln(), 1.0 - 1.0 / x), 15.0, 20.0);
        assert_eq!((reason, steps, x, cost), (Reason::NotFinite, 1, 15.0, 15.0 - 15.0f64.ln()));
        assert_eq!(end(|_| (f64::NAN, 1.0), 1.0, 1.0).0, Reason::NotFinite);
        assert_eq!(end(|x| (x, if x < 0.0 { f64::NAN } else { 1.0 }), 1.5, 1.0), (Reason::NotFinite, 2, -0.5, -0.5));
        assert_eq!(end(|x| (if x < -3.0 { f64::NEG_INFINITY } else { x }, 1.0), 0.0, 1.0).0, Reason::Unbounded);
        assert_eq!(end(|x| (-x, -1.0), 0.0, 1.0), (Reason::Iterations, 400, 400.0, -400.0));
        assert_eq!(end(|_| (1.0, 0.0), 0.0, 1.0), (Reason::GradientSmall, 0, 0.0, 1.0));
    }

    #[test]
    fn a_flat_region_above_the_best_point_is_no_convergence() {
        // A slope down to 0, a jump up at 0 to a plateau.
        let mut step = FromFunction::new(1, |x: &[f64], g: &mut [f64]| {
            g[0] = if x[0] > 0.0 { 1.0 } else { 0.0 };
            if x[0] > 0.0 { x[0] } else { 5.0 }
        });
        let mut x = [2.25];
        let outcome = FirstOrder::new(UpdateRule::GradientDescent, 0.5).minimize(&mut step, &mut x, |_| true);
        assert_eq!((outcome.reason, outcome.cost, x[0]), (Reason::Iterations, 0.25, 0.25));
    }

    #[test]
    fn the_observer_can_stop() {
        let outcome = FirstOrder::new(UpdateRule::ADAM, 0.1).minimize(
            &mut FromFunction::new(2, bowl),
            &mut [0.0, 0.0],
            |report| report.iteration < 3,
        );
        assert_eq!((outcome.reason, outcome.iterations), (Reason::Stopped, 3));
    }
}
