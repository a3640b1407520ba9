//! How a minimization goes and how it ended: what an observer is told, and the outcome as a type.

use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// A point with what was evaluated there.
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
    /// θ = 0, where nothing was evaluated yet.
    pub(super) fn new(n: usize) -> Self {
        Iterate { theta: vec![T::ZERO; n], gradient: vec![T::ZERO; n], cost: T::NAN }
    }
}

/// Why a minimization ended. Only the first two claim a minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The gradient is small.
    GradientSmall,
    /// The cost hardly falls anymore.
    CostFlat,
    /// The iterations ran out.
    Iterations,
    /// The evaluations ran out.
    Evaluations,
    /// The line search found no acceptable step: the digits of the cost ran out, the cost has a kink, or the gradient
    /// is not the cost's.
    LineSearch,
    /// The direction does not descend, even that of the gradient.
    NotDescent,
    /// The cost or the gradient is not finite: at the start, or at every step that was tried.
    NotFinite,
    /// The cost falls without end.
    Unbounded,
    /// A training's epochs got no better for a while.
    EarlyStopped,
    /// The observer asked to stop.
    Stopped,
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Reason::GradientSmall => "the gradient is small",
            Reason::CostFlat => "the cost hardly falls anymore",
            Reason::Iterations => "the iterations ran out",
            Reason::Evaluations => "the evaluations ran out",
            Reason::LineSearch => "the line search found no acceptable step",
            Reason::NotDescent => "the direction does not descend",
            Reason::NotFinite => "the cost or gradient is not finite",
            Reason::Unbounded => "the cost falls without end",
            Reason::EarlyStopped => "no epoch was better for a while",
            Reason::Stopped => "stopped by the observer",
        })
    }
}

/// How a minimization ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome<T> {
    /// Why.
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

/// What an observer is told after each accepted step. (Not the time: `core` has no clock; an observer may look at its own.)
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
