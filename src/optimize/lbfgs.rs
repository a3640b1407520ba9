//! L-BFGS: Newton's method with a curvature that is estimated from the last few steps instead of computed.
//!
//! **Why.** The costs of this crate have 10³ to 10⁶ parameters, and each evaluation passes over all examples. Gradient
//! descent needs thousands of evaluations, and a learning rate. The Hessian would save them, but it has n² elements.
//! L-BFGS estimates its effect from the last m steps and needs neither; the tutorial uses it through minFunc.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | θ, θ' | the point before and after a step |
//! | g, g' | the gradients there, g = ∇J(θ) |
//! | H | an estimate of the inverse Hessian from the last m pairs s, y ([`two_loop`](super::two_loop)) |
//! | d | the direction of the step |
//! | α, φ'(α) | the step length, 1 in the first trial of the [line search](super::line_search); the slope there |
//! | s, y | the newest pair, stored if s·y is safely positive |
//!
//! **A step:**
//!
//! ```text
//! (LB.1)  d = -H·g
//! (LB.2)  φ'(α) = ∇J(θ + α·d)·d
//! (LB.3)  θ' = θ + α·d
//! (LB.4)  s = θ' - θ,  y = g' - g
//! ```
//!
//! **If the search fails**, old pairs may have misled it: they are discarded, and the gradient's own direction is tried
//! once. The lowest point evaluated is stored with its cost and gradient, and is the result.
//!
//! Sources: D. Liu and J. Nocedal, "On the limited memory BFGS method", 1989; J. Nocedal and S. Wright, "Numerical
//! Optimization", 2006, algorithm 7.5. The default tolerances are those of minFunc, the optimizer of the tutorial.

use super::Objective;
use super::line_search::{Failure, LineSearch, Point};
pub use super::outcome::{Iterate, Outcome, Reason, Report};
use super::state::{State, StateError};
use super::two_loop::Pairs;
use crate::number::Real;
use crate::number::sum::{dot, norm_inf};
use alloc::vec;
use alloc::vec::Vec;

/// The number of successive steps that hardly lower the cost after which it counts as flat.
///
/// One such step is no evidence of a minimum: a short step in a curved valley lowers the cost as little as the last one
/// before the minimum. (Meyer's problem has five in a row, with most of the way still ahead.) The decrease is compared
/// with the cost alone, so that a cost in small units does not count as flat from the start.
const FLAT_STEPS: usize = 10;

/// The settings of a minimization.
///
/// ```
/// use ossicle::optimize::objective::FromFunction;
/// use ossicle::optimize::{Lbfgs, Reason};
///
/// // A valley, J = (x - 1)² + 10·(y - x²)², and its gradient.
/// let mut valley = FromFunction::new(2, |theta: &[f64], gradient: &mut [f64]| {
///     let (across, along) = (theta[1] - theta[0] * theta[0], theta[0] - 1.0);
///     (gradient[0], gradient[1]) = (2.0 * along - 40.0 * across * theta[0], 20.0 * across);
///     along * along + 10.0 * across * across
/// });
///
/// let (mut theta, mut path) = ([-1.0, 2.0], Vec::new());
/// let outcome = Lbfgs { iterations: 100, ..Lbfgs::default() }.minimize(&mut valley, &mut theta, |report| {
///     path.push(report.theta.to_vec());
///     true // continue
/// });
/// assert_eq!((outcome.reason, outcome.iterations), (Reason::GradientSmall, path.len()));
/// assert!((theta[0] - 1.0).abs() < 1e-5 && (theta[1] - 1.0).abs() < 1e-5);
/// ```
#[doc(alias = "BFGS")]
#[doc(alias = "minFunc")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lbfgs {
    /// m: the maximum number of pairs, at least 1.
    pub memory: usize,
    /// The maximum number of steps.
    pub iterations: usize,
    /// The maximum number of evaluations of the objective, at least 1.
    pub evaluations: usize,
    /// The minimization ends if the largest |∂J/∂θ_i| is at most this.
    pub gradient_tolerance: f64,
    /// The minimization ends if ten successive steps lower the cost by at most this fraction of it.
    pub cost_tolerance: f64,
    /// The line search.
    pub search: LineSearch,
}

impl Default for Lbfgs {
    /// 10 pairs, 400 iterations, any number of evaluations, tolerances 10⁻⁵ and 10⁻⁹.
    fn default() -> Self {
        Lbfgs {
            memory: 10,
            iterations: 400,
            evaluations: usize::MAX,
            gradient_tolerance: 1e-5,
            cost_tolerance: 1e-9,
            search: LineSearch::default(),
        }
    }
}

impl Lbfgs {
    /// Minimizes from `theta`, which ends as the lowest point found. The observer receives a report after each step,
    /// which includes the current point, and returns whether to continue. [`Minimization`] does the same step by step.
    ///
    /// # Panics
    /// If `theta` has another length than the objective's dimension, or `memory` or `evaluations` is 0.
    pub fn minimize<T: Real, O: Objective<T> + ?Sized>(
        &self,
        objective: &mut O,
        theta: &mut [T],
        mut observer: impl FnMut(&Report<'_, T>) -> bool,
    ) -> Outcome<T> {
        let mut minimization = Minimization::new(*self, objective, theta);
        let reason = minimization.run(objective, |_, report| observer(report));
        theta.copy_from_slice(&minimization.best().theta);
        minimization.outcome(reason)
    }
}

/// A minimization under way. A step allocates nothing.
#[derive(Clone, Debug)]
pub struct Minimization<T> {
    settings: Lbfgs,
    /// The current point.
    current: Iterate<T>,
    /// The lowest point, unless that is the current one.
    lowest: Iterate<T>,
    pairs: Pairs<T>,
    iterations: usize,
    evaluations: usize,
    /// The number of successive steps that hardly lowered the cost.
    flat_steps: usize,
    // Workspace.
    trial: Iterate<T>,
    direction: Vec<T>,
}

impl<T: Real> Minimization<T> {
    /// Evaluates the objective at the start.
    ///
    /// # Panics
    /// If `theta` has another length than the objective's dimension, or `memory` or `evaluations` is 0.
    pub fn new<O: Objective<T> + ?Sized>(settings: Lbfgs, objective: &mut O, theta: &[T]) -> Self {
        let mut run = Self::blank(settings, theta.len());
        run.evaluations = 1;
        run.current.theta.copy_from_slice(theta);
        run.current.cost = objective.cost_and_gradient(theta, &mut run.current.gradient);
        run
    }

    fn blank(settings: Lbfgs, n: usize) -> Self {
        assert!(settings.evaluations > 0, "no evaluation is allowed");
        Minimization {
            settings,
            current: Iterate::new(n),
            lowest: Iterate::new(n),
            pairs: Pairs::new(settings.memory, n),
            iterations: 0,
            evaluations: 0,
            flat_steps: 0,
            trial: Iterate::new(n),
            direction: vec![T::ZERO; n],
        }
    }

    /// Everything that later steps depend on, except the settings and the objective.
    pub fn state(&self) -> State<T> {
        State {
            iterations: self.iterations,
            evaluations: self.evaluations,
            flat_steps: self.flat_steps,
            current: self.current.clone(),
            lowest: (self.lowest.cost < self.current.cost).then(|| self.lowest.clone()),
            pairs: self.pairs.iter().map(|(s, y)| (s.to_vec(), y.to_vec())).collect(),
        }
    }

    /// Resumes from a state. With the same settings and objective, all further steps are bit-identical to those of the
    /// minimization that the state was taken from. (Of more than `memory` pairs, the oldest are discarded.)
    ///
    /// # Errors
    /// If the state cannot be that of a minimization: see [`StateError`].
    ///
    /// # Panics
    /// If `memory` or `evaluations` is 0.
    pub fn resume(settings: Lbfgs, state: State<T>) -> Result<Self, StateError> {
        let n = state.check()?;
        let mut run = Self::blank(settings, n);
        for (s, y) in state.pairs {
            run.pairs.push_pair(&s, &y);
        }
        (run.iterations, run.evaluations, run.flat_steps) = (state.iterations, state.evaluations, state.flat_steps);
        run.current = state.current;
        if let Some(lowest) = state.lowest {
            run.lowest = lowest;
        }
        Ok(run)
    }

    /// The lowest point evaluated.
    pub fn best(&self) -> &Iterate<T> {
        if self.lowest.cost < self.current.cost { &self.lowest } else { &self.current }
    }

    /// The outcome of the minimization if it ends now, for this reason.
    pub fn outcome(&self, reason: Reason) -> Outcome<T> {
        let best = self.best();
        Outcome {
            reason,
            cost: best.cost,
            gradient: norm_inf(&best.gradient),
            iterations: self.iterations,
            evaluations: self.evaluations,
        }
    }

    /// Takes steps until there is a reason to end, which is returned. After each step the observer receives the
    /// minimization and a report, and returns whether to continue. See [`state`](Self::state), [`best`](Self::best).
    pub fn run<O: Objective<T> + ?Sized>(
        &mut self,
        objective: &mut O,
        mut observer: impl FnMut(&Self, &Report<'_, T>) -> bool,
    ) -> Reason {
        loop {
            match self.advance(objective) {
                Ok(step) if observer(self, &self.report(step)) => {}
                Ok(_) => return Reason::Stopped,
                Err(reason) => return reason,
            }
        }
    }

    /// Takes one step.
    ///
    /// # Errors
    /// The reason why there is no further step.
    pub fn step<O: Objective<T> + ?Sized>(&mut self, objective: &mut O) -> Result<Report<'_, T>, Reason> {
        let step = self.advance(objective)?;
        Ok(self.report(step))
    }

    /// The report on the current point, which a step of this length led to.
    fn report(&self, step: T) -> Report<'_, T> {
        Report {
            iteration: self.iterations,
            theta: &self.current.theta,
            cost: self.current.cost,
            gradient: norm_inf(&self.current.gradient),
            step,
            evaluations: self.evaluations,
        }
    }

    /// Takes one step and returns its length, or the reason why there is none.
    fn advance<O: Objective<T> + ?Sized>(&mut self, objective: &mut O) -> Result<T, Reason> {
        let size = norm_inf(&self.current.gradient);
        if !(self.current.cost.is_finite() && size.is_finite()) {
            return Err(Reason::NotFinite);
        }
        if size <= T::from_f64(self.settings.gradient_tolerance) {
            return Err(Reason::GradientSmall);
        }
        if self.flat_steps >= FLAT_STEPS {
            return Err(Reason::CostFlat);
        }
        if self.iterations >= self.settings.iterations {
            return Err(Reason::Iterations);
        }
        let step = loop {
            match self.search(objective) {
                Ok(step) => break step,
                Err(_) if self.evaluations >= self.settings.evaluations => return Err(Reason::Evaluations),
                Err(Reason::LineSearch | Reason::NotDescent) if !self.pairs.is_empty() => self.pairs.clear(),
                Err(reason) => return Err(reason),
            }
        };
        self.iterations += 1;
        Ok(step)
    }

    /// Searches along the direction and moves to the point found; returns the step.
    fn search<O: Objective<T> + ?Sized>(&mut self, objective: &mut O) -> Result<T, Reason> {
        let Minimization { settings, current, lowest, pairs, evaluations, trial, direction, .. } = self;
        let slope = pairs.direction(&current.gradient, direction); // (LB.1)
        if !(lowest.cost < current.cost) {
            lowest.cost = current.cost;
        }
        // The accepted trial, or the best one of a failed search, is either `trial` or `lowest`: no trial is copied.
        let (mut improved, mut last_is_lowest) = (None, false);
        let start = Point { step: T::ZERO, cost: current.cost, slope };
        let result =
            settings.search.within(settings.evaluations.saturating_sub(*evaluations)).search(start, T::ONE, |step| {
                *evaluations += 1;
                let slope = try_step(objective, current, step, direction, trial);
                let point = Point { step, cost: trial.cost, slope };
                last_is_lowest = point.is_finite() && point.cost < lowest.cost;
                if last_is_lowest {
                    improved = Some(step);
                    core::mem::swap(trial, lowest);
                }
                point
            });
        let (step, at_lowest) = match (result, improved) {
            (Ok(point), _) => (point.step, last_is_lowest),
            (Err(Failure::Exhausted(_)), Some(step)) => (step, true),
            (Err(Failure::Exhausted(_)), None) => return Err(Reason::LineSearch),
            (Err(Failure::NotDescent), _) => return Err(Reason::NotDescent),
            (Err(Failure::Unbounded(_)), _) => return Err(Reason::Unbounded),
            (Err(Failure::NotFinite), _) => return Err(Reason::NotFinite),
        };
        let next = if at_lowest { lowest } else { trial };
        pairs.push([&current.theta, &next.theta], [&current.gradient, &next.gradient]); // (LB.4)
        core::mem::swap(current, next);
        let decrease = next.cost - current.cost;
        let scale = current.cost.abs().max(next.cost.abs());
        let is_flat = decrease <= T::from_f64(settings.cost_tolerance) * scale;
        self.flat_steps = if is_flat { self.flat_steps + 1 } else { 0 };
        Ok(step)
    }
}

/// Evaluates the objective at θ + α·d; returns the slope along d.
fn try_step<T: Real, O: Objective<T> + ?Sized>(
    objective: &mut O,
    current: &Iterate<T>,
    step: T,
    direction: &[T],
    trial: &mut Iterate<T>,
) -> T {
    for ((next, &x), &d) in trial.theta.iter_mut().zip(&current.theta).zip(direction) {
        *next = x + step * d; // (LB.3)
    }
    trial.cost = objective.cost_and_gradient(&trial.theta, &mut trial.gradient);
    dot(&trial.gradient, direction) // (LB.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::line_search::Wolfe;
    use crate::optimize::objective::FromFunction;

    fn rosenbrock(x: &[f64], g: &mut [f64]) -> f64 {
        let (a, b) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        (g[0], g[1]) = (-400.0 * a * x[0] - 2.0 * b, 200.0 * a);
        100.0 * a * a + b * b
    }

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        for curvature in [0.1, 0.9] {
            let wolfe = Wolfe { curvature, ..Wolfe::default() };
            for search in [LineSearch::MoreThuente(wolfe), LineSearch::Zoom(wolfe), LineSearch::Backtracking(wolfe)] {
                let settings = Lbfgs { gradient_tolerance: 1e-10, cost_tolerance: 0.0, search, ..Lbfgs::default() };
                let mut x = [-1.2, 1.0];
                let outcome = settings.minimize(&mut FromFunction::new(2, rosenbrock), &mut x, |_| true);
                assert_eq!(outcome.reason, Reason::GradientSmall, "{search:?}: {outcome:?}");
                assert!((x[0] - 1.0).abs() < 1e-9 && (x[1] - 1.0).abs() < 1e-9);
                assert!(outcome.evaluations < 80, "{search:?}: {outcome:?}");
            }
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
        assert_eq!((outcome.gradient, outcome.reason), (norm_inf(&gradient), Reason::Iterations));
    }

    #[test]
    fn each_ending_has_its_reason() {
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
    fn the_observer_sees_the_point_of_each_report() {
        let (mut x, mut last) = ([-1.2, 1.0], (Vec::new(), f64::NAN));
        let settings = Lbfgs { iterations: 9, ..Lbfgs::default() };
        let outcome = settings.minimize(&mut FromFunction::new(2, rosenbrock), &mut x, |report| {
            let mut gradient = [0.0; 2];
            assert_eq!(report.cost, rosenbrock(report.theta, &mut gradient));
            assert_eq!(report.gradient, norm_inf(&gradient));
            last = (report.theta.to_vec(), report.cost);
            true
        });
        assert_eq!(last, (x.to_vec(), outcome.cost));
    }

    #[test]
    fn the_observer_can_stop() {
        let mut x = [-1.2, 1.0];
        let outcome =
            Lbfgs::default().minimize(&mut FromFunction::new(2, rosenbrock), &mut x, |report| report.iteration < 3);
        assert_eq!((outcome.reason, outcome.iterations), (Reason::Stopped, 3));
    }
}
