//! The state of a minimization as plain data: saved to a checkpoint, and resumed from.
//!
//! A step depends on the current point with its cost and gradient, on the pairs, and on three counters. (The products
//! s·y and y·y are computed again, to the same bits.) So 2N steps equal N steps, a saved and resumed state, and N more
//! steps, bit for bit. The byte format is that of `storage::checkpoint`.

use super::outcome::Iterate;
use crate::number::Real;
use crate::number::sum::dot;
use alloc::vec::Vec;

/// A minimization between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct State<T> {
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of the objective.
    pub evaluations: usize,
    /// The number of successive steps that hardly lowered the cost.
    pub flat_steps: usize,
    /// The current point.
    pub current: Iterate<T>,
    /// The lowest point evaluated, if that is not the current one.
    pub lowest: Option<Iterate<T>>,
    /// The pairs s, y of the [two-loop recursion](super::two_loop), the oldest first.
    pub pairs: Vec<(Vec<T>, Vec<T>)>,
}

/// Why a state cannot be that of a minimization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// A vector has another length than θ.
    Length {
        /// The length of θ.
        expected: usize,
        /// The other.
        found: usize,
    },
    /// A pair whose curvature s·y is not positive.
    Curvature {
        /// The index of the pair, counted from the oldest.
        step: usize,
    },
    /// A parameter that is infinite or not a number: no minimization accepts such a point.
    NotFinite,
}

impl core::fmt::Display for StateError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            StateError::Length { expected, found } => {
                write!(f, "a vector of {found} elements for {expected} parameters")
            }
            StateError::Curvature { step } => write!(f, "the curvature of pair {step} is not positive"),
            StateError::NotFinite => write!(f, "a parameter is infinite or NaN"),
        }
    }
}

impl core::error::Error for StateError {}

impl<T: Real> State<T> {
    /// Returns the number of parameters.
    ///
    /// # Errors
    /// A [`StateError`] if it cannot be the state of a minimization.
    pub fn check(&self) -> Result<usize, StateError> {
        let expected = self.current.theta.len();
        let iterates = self.lowest.iter().chain([&self.current]);
        let vectors = iterates.clone().flat_map(|iterate| [&iterate.theta, &iterate.gradient]);
        let pairs = self.pairs.iter().flat_map(|(s, y)| [s, y]);
        if let Some(found) = vectors.chain(pairs).map(Vec::len).find(|&found| found != expected) {
            return Err(StateError::Length { expected, found });
        }
        if iterates.flat_map(|iterate| &iterate.theta).any(|x| !x.is_finite()) {
            return Err(StateError::NotFinite);
        }
        match self.pairs.iter().position(|(s, y)| !(dot(s, y) > T::ZERO)) {
            Some(step) => Err(StateError::Curvature { step }),
            None => Ok(expected),
        }
    }
}
