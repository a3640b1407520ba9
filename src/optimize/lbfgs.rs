//! L-BFGS: Newton's method with a curvature that is remembered from the last few steps instead of computed.
//!
//! With s_k = θ_(k+1) - θ_k and y_k = ∇J_(k+1) - ∇J_k of the last `memory` steps, the direction is d = -H·∇J, where H is the
//! inverse Hessian that BFGS would build from these pairs on γ·I. H is never formed:
//!
//! 1. initial scaling: γ = s·y / y·y of the newest pair;
//! 2. two-loop recursion: for each pair from the newest, α_i = ρ_i·s_i·q, q ← q - α_i·y_i; q ← γ·q;
//!    for each from the oldest, β = ρ_i·y_i·q, q ← q + (α_i - β)·s_i, with ρ_i = 1/(s_i·y_i);
//! 3. line search along d = -q (see [`line_search`](super::line_search));
//! 4. update: the new pair replaces the oldest, unless s·y is too small for a positive curvature.
//!
//! Sources: J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; D. Liu and J. Nocedal, "On the limited
//! memory BFGS method", 1989; J. Nocedal and S. Wright, 2006, algorithms 7.4 and 7.5. The first step's length, 1/|∇J|₁, and the
//! default tolerances are those of minFunc, the optimizer of the tutorial.

use super::Objective;
use super::line_search::{Failure, Point, Wolfe, search};
use crate::number::Real;
use crate::number::sum::{add_scaled, dot, largest_size, sum_of_squares};
use alloc::vec;
use alloc::vec::Vec;

/// The settings of a minimization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lbfgs {
    /// How many pairs are remembered, at least 1.
    pub memory: usize,
    /// No more steps than this.
    pub iterations: usize,
    /// Small enough for the largest |∂J/∂θ_i|.
    pub gradient_tolerance: f64,
    /// Small enough for the fall of the cost in one step, relative to the cost or 1, whichever is larger.
    pub cost_tolerance: f64,
    /// The conditions on each step.
    pub wolfe: Wolfe,
}

impl Default for Lbfgs {
    /// 10 pairs, 400 iterations, tolerances 10⁻⁵ and 10⁻⁹.
    fn default() -> Self {
        Lbfgs { memory: 10, iterations: 400, gradient_tolerance: 1e-5, cost_tolerance: 1e-9, wolfe: Wolfe::default() }
    }
}

/// Why a minimization ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The gradient is small.
    GradientSmall,
    /// The cost hardly falls anymore.
    CostFlat,
    /// The iterations ran out.
    Iterations,
    /// The line search found no acceptable step: the digits of the cost or its evaluations ran out.
    LineSearch,
    /// The direction does not descend, even that of the gradient.
    NotDescent,
    /// The cost or the gradient is not finite: at the start, or where no step is taken back.
    NotFinite,
    /// The cost falls without end.
    Unbounded,
    /// A training's epochs got no better for a while.
    NoBetter,
    /// The observer asked to stop.
    Stopped,
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Reason::GradientSmall => "the gradient is small",
            Reason::CostFlat => "the cost hardly falls anymore",
            Reason::Iterations => "the iterations ran out",
            Reason::LineSearch => "the line search found no acceptable step",
            Reason::NotDescent => "the direction does not descend",
            Reason::NotFinite => "the cost or gradient is not finite",
            Reason::Unbounded => "the cost falls without end",
            Reason::NoBetter => "no epoch was better for a while",
            Reason::Stopped => "stopped by the observer",
        })
    }
}

/// How a minimization ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome<T> {
    /// Why.
    pub reason: Reason,
    /// The cost at the returned parameters.
    pub cost: T,
    /// The largest |∂J/∂θ_i| there.
    pub gradient: T,
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of the objective.
    pub evaluations: usize,
}

/// What an observer is told after each accepted step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report<T> {
    /// Accepted steps so far.
    pub iteration: usize,
    /// The cost now.
    pub cost: T,
    /// The largest |∂J/∂θ_i| now.
    pub gradient: T,
    /// The step's length in units of the direction.
    pub step: T,
    /// Evaluations so far.
    pub evaluations: usize,
}

/// A remembered step.
struct Pair<T> {
    s: Vec<T>,
    y: Vec<T>,
    /// 1/(s·y)
    rho: T,
    /// ρ·s·q, kept from the first of the two loops for the second.
    alpha: T,
}

impl Lbfgs {
    /// Minimizes from `theta`, which ends as the last accepted point; accepted costs never rise. The observer hears of each step and returns whether to go on.
    ///
    /// # Panics
    /// If `theta` has another length than the objective's dimension, or `memory` is 0.
    pub fn minimize<T: Real, O: Objective<T> + ?Sized>(
        &self,
        objective: &mut O,
        theta: &mut [T],
        mut observer: impl FnMut(&Report<T>) -> bool,
    ) -> Outcome<T> {
        assert!(self.memory > 0, "a memory of 0 pairs");
        let n = theta.len();
        let (mut gradient, mut direction) = (vec![T::ZERO; n], vec![T::ZERO; n]);
        let (mut trial, mut trial_gradient) = (vec![T::ZERO; n], vec![T::ZERO; n]);
        let mut pairs: Vec<Pair<T>> = Vec::with_capacity(self.memory);
        let mut newest = 0;
        let mut cost = objective.cost_and_gradient(theta, &mut gradient);
        let (mut evaluations, mut iterations) = (1, 0);

        let reason = loop {
            let size = largest_size(&gradient);
            if iterations == 0 && !(cost.is_finite() && size.is_finite()) {
                break Reason::NotFinite;
            }
            if size <= T::from_f64(self.gradient_tolerance) {
                break Reason::GradientSmall;
            }
            if iterations == self.iterations {
                break Reason::Iterations;
            }

            direction.copy_from_slice(&gradient);
            two_loops(&mut pairs, newest, &mut direction);
            direction.iter_mut().for_each(|d| *d = -*d);
            let first = match pairs.is_empty() {
                true => T::ONE.min(T::ONE / direction.iter().fold(T::ZERO, |sum, d| sum + d.abs())),
                false => T::ONE,
            };

            let start = Point { step: T::ZERO, cost, slope: dot(&gradient, &direction) };
            let mut evaluate = |step: T| {
                trial.copy_from_slice(theta);
                add_scaled(step, &direction, &mut trial);
                let cost = objective.cost_and_gradient(&trial, &mut trial_gradient);
                evaluations += 1;
                Point { step, cost, slope: dot(&trial_gradient, &direction) }
            };
            let (point, failed) = match search(&self.wolfe, start, first, &mut evaluate) {
                Ok(point) => (point, None),
                Err(Failure::NotDescent) => (start, Some(Reason::NotDescent)),
                Err(Failure::Unbounded(point)) => (point, Some(Reason::Unbounded)),
                // The best point may not be the last one evaluated: its gradient is computed once more.
                Err(Failure::Exhausted(point)) if point.step > T::ZERO && point.cost < cost => {
                    (evaluate(point.step), None)
                }
                Err(Failure::Exhausted(_)) => (start, Some(Reason::LineSearch)),
            };
            match failed {
                // Old pairs may mislead; the gradient itself is tried before giving up.
                Some(Reason::NotDescent | Reason::LineSearch) if !pairs.is_empty() => {
                    pairs.clear();
                    continue;
                }
                Some(reason) if reason != Reason::Unbounded => break reason,
                _ => {}
            }

            remember(&mut pairs, &mut newest, self.memory, [theta, &trial], [&gradient, &trial_gradient]);
            let fall = cost - point.cost;
            let scale = cost.abs().max(point.cost.abs()).max(T::ONE);
            theta.copy_from_slice(&trial);
            core::mem::swap(&mut gradient, &mut trial_gradient);
            cost = point.cost;
            iterations += 1;
            let gradient = largest_size(&gradient);
            if !observer(&Report { iteration: iterations, cost, gradient, step: point.step, evaluations }) {
                break Reason::Stopped;
            }
            if failed.is_some() {
                break Reason::Unbounded;
            }
            if fall <= T::from_f64(self.cost_tolerance) * scale {
                break Reason::CostFlat;
            }
        };
        Outcome { reason, cost, gradient: largest_size(&gradient), iterations, evaluations }
    }
}

/// q ← H·q.
fn two_loops<T: Real>(pairs: &mut [Pair<T>], newest: usize, q: &mut [T]) {
    let count = pairs.len();
    let from_newest = (0..count).map(|age| (newest + count - age) % count);
    for i in from_newest.clone() {
        let Pair { s, y, rho, alpha } = &mut pairs[i];
        *alpha = *rho * dot(s, q);
        add_scaled(-*alpha, y, q);
    }
    if let Some(Pair { y, rho, .. }) = pairs.get(newest) {
        let gamma = T::ONE / (*rho * sum_of_squares(y)); // s·y / y·y
        q.iter_mut().for_each(|q| *q *= gamma);
    }
    for i in from_newest.rev() {
        let Pair { s, y, rho, alpha } = &pairs[i];
        let beta = *rho * dot(y, q);
        add_scaled(*alpha - beta, s, q);
    }
}

/// Puts the pair of a step in the place of the oldest, unless its curvature s·y is not safely positive.
fn remember<T: Real>(
    pairs: &mut Vec<Pair<T>>,
    newest: &mut usize,
    memory: usize,
    [theta, theta_next]: [&[T]; 2],
    [gradient, gradient_next]: [&[T]; 2],
) {
    let n = theta.len();
    let place = if pairs.len() < memory { pairs.len() } else { (*newest + 1) % memory };
    let mut pair = match pairs.get_mut(place) {
        Some(pair) => Pair { s: core::mem::take(&mut pair.s), y: core::mem::take(&mut pair.y), ..*pair },
        None => Pair { s: vec![T::ZERO; n], y: vec![T::ZERO; n], rho: T::ZERO, alpha: T::ZERO },
    };
    for i in 0..n {
        pair.s[i] = theta_next[i] - theta[i];
        pair.y[i] = gradient_next[i] - gradient[i];
    }
    let curvature = dot(&pair.s, &pair.y);
    let keep = curvature > T::EPSILON * sum_of_squares(&pair.y) && curvature.is_finite();
    pair.rho = T::ONE / curvature;
    if keep {
        *newest = place;
        if place == pairs.len() {
            pairs.push(pair);
        } else {
            pairs[place] = pair;
        }
    } else if place < pairs.len() {
        // Its memory was overwritten: the oldest pair is forgotten, the order of the others kept.
        pairs.rotate_left(place);
        pairs.remove(0);
        *newest = pairs.len().saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::objective::FromFunction;

    fn rosenbrock(x: &[f64], g: &mut [f64]) -> f64 {
        let (a, b) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        (g[0], g[1]) = (-400.0 * a * x[0] - 2.0 * b, 200.0 * a);
        100.0 * a * a + b * b
    }

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        for curvature in [0.1, 0.9] {
            let settings = Lbfgs {
                gradient_tolerance: 1e-10,
                cost_tolerance: 0.0,
                wolfe: Wolfe { curvature, ..Wolfe::default() },
                ..Lbfgs::default()
            };
            let mut x = [-1.2, 1.0];
            let outcome = settings.minimize(&mut FromFunction::new(2, rosenbrock), &mut x, |_| true);
            assert_eq!(outcome.reason, Reason::GradientSmall, "{outcome:?}");
            assert!((x[0] - 1.0).abs() < 1e-9 && (x[1] - 1.0).abs() < 1e-9);
            assert!(outcome.evaluations < 80, "{outcome:?}");
        }
    }

    #[test]
    fn a_quadratic_ends_in_few_steps_and_costs_never_rise() {
        let n = 30;
        let mut quadratic = FromFunction::new(n, |x: &[f64], g: &mut [f64]| {
            (0..n).fold(0.0, |sum, i| {
                let scale = 1.0 + i as f64;
                g[i] = scale * (x[i] - 1.0);
                sum + 0.5 * scale * (x[i] - 1.0) * (x[i] - 1.0)
            })
        });
        let (mut x, mut before) = (vec![0.0; n], f64::INFINITY);
        let outcome = Lbfgs { cost_tolerance: 0.0, ..Lbfgs::default() }.minimize(&mut quadratic, &mut x, |report| {
            assert!(report.cost <= before);
            before = report.cost;
            true
        });
        assert_eq!(outcome.reason, Reason::GradientSmall);
        assert!(outcome.iterations < 40 && x.iter().all(|x| (x - 1.0).abs() < 1e-5));
    }

    #[test]
    fn the_returned_cost_and_gradient_are_those_of_the_returned_point() {
        let mut x = [-1.2, 1.0];
        let settings = Lbfgs { iterations: 7, memory: 2, ..Lbfgs::default() };
        let outcome = settings.minimize(&mut FromFunction::new(2, rosenbrock), &mut x, |_| true);
        let mut gradient = [0.0; 2];
        assert_eq!(outcome.cost, rosenbrock(&x, &mut gradient));
        assert_eq!((outcome.gradient, outcome.reason), (largest_size(&gradient), Reason::Iterations));
    }

    #[test]
    fn other_endings_are_told_apart() {
        let minimize = |f: fn(f64) -> (f64, f64), x: f64| {
            let mut objective = FromFunction::new(1, |x: &[f64], g: &mut [f64]| {
                let (cost, slope) = f(x[0]);
                g[0] = slope;
                cost
            });
            let mut x = [x];
            (Lbfgs::default().minimize(&mut objective, &mut x, |_| true).reason, x[0])
        };
        assert_eq!(minimize(|_| (f64::NAN, 1.0), 1.0).0, Reason::NotFinite);
        assert_eq!(minimize(|x| (-x, -1.0), 1.0).0, Reason::Unbounded);
        assert_eq!(minimize(|_| (1.0, 1.0), 1.0), (Reason::LineSearch, 1.0));
        // x - ln x is NaN left of 0; its minimum is at 1.
        let (reason, x) = minimize(|x| (x - x.ln(), 1.0 - 1.0 / x), 15.0);
        assert!(reason == Reason::GradientSmall || reason == Reason::CostFlat);
        assert!((x - 1.0).abs() < 1e-3, "{x}");
    }

    #[test]
    fn the_observer_can_stop() {
        let mut x = [-1.2, 1.0];
        let outcome =
            Lbfgs::default().minimize(&mut FromFunction::new(2, rosenbrock), &mut x, |report| report.iteration < 3);
        assert_eq!((outcome.reason, outcome.iterations), (Reason::Stopped, 3));
    }
}
