//! L-BFGS: Newton's method with a curvature that is remembered from the last few steps instead of computed.
//!
//! One step, from θ with its gradient ∇J:
//!
//! 1. direction: d = -H·∇J, H from the last `memory` steps; without any, a multiple of the identity (see [`two_loop`](super::two_loop));
//! 2. line search along d (see [`line_search`](super::line_search)), the first step tried being 1;
//! 3. update: the step and the change of the gradient become the newest pair, if their curvature s·y is safely positive.
//!
//! If the search fails, old pairs may have misled it: they are forgotten, and the gradient itself is tried once. The
//! lowest point evaluated is kept with its cost and gradient, and is what is returned.
//!
//! Sources: D. Liu and J. Nocedal, "On the limited memory BFGS method", 1989; J. Nocedal and S. Wright, 2006, algorithm
//! 7.5. The default tolerances are those of minFunc, the optimizer of the tutorial.

use super::Objective;
use super::line_search::{Failure, LineSearch, Point};
pub use super::outcome::{Iterate, Outcome, Reason, Report};
use super::state::{State, StateError};
use super::two_loop::Pairs;
use crate::number::Real;
use crate::number::sum::norm_inf;
use alloc::vec;
use alloc::vec::Vec;

/// The cost is flat after so many steps in a row that hardly lower it.
///
/// One such step says little: a single short step in a curved valley (Meyer's problem: five in a row, with most of the
/// way still to go) lowers the cost as little as the last one before the minimum. And what is little is measured by the cost
/// alone, so that a cost in small units is not called flat from the start.
const FLAT_STEPS: usize = 10;

/// The settings of a minimization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lbfgs {
    /// How many pairs are remembered, at least 1.
    pub memory: usize,
    /// No more steps than this.
    pub iterations: usize,
    /// No more evaluations of the objective than this, at least 1.
    pub evaluations: usize,
    /// Small enough for the largest |∂J/∂θ_i|.
    pub gradient_tolerance: f64,
    /// Small enough for the fall of the cost in a step, relative to the cost, if ten steps in a row fall no more.
    pub cost_tolerance: f64,
    /// How steps are found.
    pub search: LineSearch,
}

impl Default for Lbfgs {
    /// 10 pairs, 400 iterations, tolerances 10⁻⁵ and 10⁻⁹; as many evaluations as it takes.
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
    /// Minimizes from `theta`, which ends as the lowest point found. The observer hears of each step and returns
    /// whether to go on. [`Minimization`] does the same step by step.
    ///
    /// # Panics
    /// If `theta` has another length than the objective's dimension, or `memory` or `evaluations` is 0.
    pub fn minimize<T: Real, O: Objective<T> + ?Sized>(
        &self,
        objective: &mut O,
        theta: &mut [T],
        mut observer: impl FnMut(&Report<T>) -> bool,
    ) -> Outcome<T> {
        let mut run = Minimization::new(*self, objective, theta);
        let reason = loop {
            match run.step(objective) {
                Ok(report) if observer(&report) => {}
                Ok(_) => break Reason::Stopped,
                Err(reason) => break reason,
            }
        };
        theta.copy_from_slice(&run.best().theta);
        run.outcome(reason)
    }
}

/// A minimization under way. A step allocates nothing.
#[derive(Clone, Debug)]
pub struct Minimization<T> {
    settings: Lbfgs,
    /// Where the minimization is.
    current: Iterate<T>,
    /// The lowest point, unless that is the current one.
    lowest: Iterate<T>,
    pairs: Pairs<T>,
    iterations: usize,
    evaluations: usize,
    /// How many steps in a row the cost hardly fell.
    flat_steps: usize,
    // Work space.
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

    /// All that the further steps depend on, but for the settings and the objective.
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

    /// Goes on from a state, to the bit as the minimization would have that it was taken from, if settings and objective
    /// are the same. (Of more steps than `memory` the oldest are forgotten.)
    ///
    /// # Errors
    /// If the state cannot be that of a minimization.
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

    /// What to say of the minimization if it ends now, for this reason.
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

    /// Takes one step.
    ///
    /// # Errors
    /// The reason why there is no further step.
    pub fn step<O: Objective<T> + ?Sized>(&mut self, objective: &mut O) -> Result<Report<T>, Reason> {
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
        Ok(Report {
            iteration: self.iterations,
            cost: self.current.cost,
            gradient: norm_inf(&self.current.gradient),
            step,
            evaluations: self.evaluations,
        })
    }

    /// Searches along the direction and goes where the search ends.
    fn search<O: Objective<T> + ?Sized>(&mut self, objective: &mut O) -> Result<T, Reason> {
        let Minimization { settings, current, lowest, pairs, evaluations, trial, direction, .. } = self;
        let slope = pairs.direction(&current.gradient, direction);
        if !(lowest.cost < current.cost) {
            lowest.cost = current.cost;
        }
        // The trial that is accepted, or the best of a failed search, is in one of two places: no trial is copied.
        let (mut improved, mut last_is_lowest) = (None, false);
        let start = Point { step: T::ZERO, cost: current.cost, slope };
        let found =
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
        let (step, at_lowest) = match (found, improved) {
            (Ok(point), _) => (point.step, last_is_lowest),
            (Err(Failure::Exhausted(_)), Some(step)) => (step, true),
            (Err(Failure::Exhausted(_)), None) => return Err(Reason::LineSearch),
            (Err(Failure::NotDescent), _) => return Err(Reason::NotDescent),
            (Err(Failure::Unbounded(_)), _) => return Err(Reason::Unbounded),
            (Err(Failure::NotFinite), _) => return Err(Reason::NotFinite),
        };
        let next = if at_lowest { lowest } else { trial };
        pairs.push([&current.theta, &next.theta], [&current.gradient, &next.gradient]);
        core::mem::swap(current, next);
        let fall = next.cost - current.cost;
        let scale = current.cost.abs().max(next.cost.abs());
        let is_flat = fall <= T::from_f64(settings.cost_tolerance) * scale;
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
        *next = x + step * d;
    }
    trial.cost = objective.cost_and_gradient(&trial.theta, &mut trial.gradient);
    crate::number::sum::dot(&trial.gradient, direction)
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
