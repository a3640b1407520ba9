//! The course of a minimization and its end: points, reports to an observer, and the outcome with its reason.

use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// A point with its cost and gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Iterate<T> {
    /// θ.
    pub theta: Vec<T>,
    /// ∇J(θ).
    pub gradient: Vec<T>,
    /// J(θ).
    pub cost: T,
}

impl<T: Real> Iterate<T> {
    /// θ = 0 with the cost NaN: nothing has been evaluated yet.
    pub(super) fn new(n: usize) -> Self {
        Iterate { theta: vec![T::ZERO; n], gradient: vec![T::ZERO; n], cost: T::NAN }
    }
}

/// Why a minimization ended. Only the first two claim a minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The gradient is small.
    GradientSmall,
    /// Ten successive steps hardly lowered the cost.
    CostFlat,
    /// The iterations ran out.
    Iterations,
    /// The evaluations ran out.
    Evaluations,
    /// The line search found no acceptable step: the cost is flat to its last digit, has a kink, or is not the function
    /// that the gradient belongs to.
    LineSearch,
    /// The direction does not descend, not even that of the gradient.
    NotDescent,
    /// The cost or the gradient is not finite: at the start, or at every step that was tried.
    NotFinite,
    /// The cost falls without end.
    Unbounded,
    /// Early stopping: no epoch of a training was better than the best for `patience` epochs.
    EarlyStopped,
    /// The observer asked to stop.
    Stopped,
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            // A minimum, within the tolerances.
            Reason::GradientSmall => "the gradient is small",
            Reason::CostFlat => "the cost hardly falls anymore",
            // A limit of the settings.
            Reason::Iterations => "the iterations ran out",
            Reason::Evaluations => "the evaluations ran out",
            // A failure.
            Reason::LineSearch => "the line search found no acceptable step",
            Reason::NotDescent => "the direction does not descend",
            Reason::NotFinite => "the cost or gradient is not finite",
            Reason::Unbounded => "the cost falls without end",
            // Stopped early.
            Reason::EarlyStopped => "no epoch was better for a while",
            Reason::Stopped => "stopped by the observer",
        })
    }
}

/// How a minimization ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome<T> {
    /// The reason.
    pub reason: Reason,
    /// The cost at the returned parameters, to the bit as it was evaluated there.
    pub cost: T,
    /// The largest |∂J/∂θ_i| there.
    pub gradient: T,
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of the objective.
    pub evaluations: usize,
}

/// A report to an observer after each accepted step. (It holds no time: `core` has no clock, but an observer may have
/// one.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report<'a, T> {
    /// Accepted steps so far.
    pub iteration: usize,
    /// The current point, θ.
    pub theta: &'a [T],
    /// The current cost.
    pub cost: T,
    /// The largest |∂J/∂θ_i| at the current point.
    pub gradient: T,
    /// The step's length in units of the direction.
    pub step: T,
    /// Evaluations so far.
    pub evaluations: usize,
}
