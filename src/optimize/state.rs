//! The state of a minimization as plain data: to be kept, and continued from.
//!
//! A step depends on where the minimization is, with cost and gradient; on the remembered steps; and on three counters.
//! (Its products s·y and y·y are computed again: they have one value.) So 2N steps equal N steps, the state kept and
//! taken up, and N more, bit for bit. As bytes: see `storage::checkpoint`.

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
    /// How many steps in a row the cost hardly fell.
    pub flat_steps: usize,
    /// Where it is.
    pub current: Iterate<T>,
    /// The lowest point seen, if that is not the current one.
    pub lowest: Option<Iterate<T>>,
    /// The remembered steps with the changes of the gradient, the oldest first.
    pub pairs: Vec<(Vec<T>, Vec<T>)>,
}

/// Why a state cannot be that of a minimization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    /// A vector has another length than θ.
    Length {
        /// The length of θ.
        expected: usize,
        /// The other.
        found: usize,
    },
    /// A remembered step whose curvature s·y is not positive.
    Curvature {
        /// Which one, counted from the oldest.
        step: usize,
    },
    /// A parameter that is infinite or not a number: no minimization accepts such a point.
    NotFinite,
}

impl core::fmt::Display for StateError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            StateError::Length { expected, found } => {
                write!(f, "a vector of {found} numbers, where there are {expected} parameters")
            }
            StateError::Curvature { step } => write!(f, "the curvature of remembered step {step} is not positive"),
            StateError::NotFinite => write!(f, "a parameter is infinite or NaN"),
        }
    }
}

impl core::error::Error for StateError {}

impl<T: Real> State<T> {
    /// Returns the number of parameters.
    ///
    /// # Errors
    /// As [`StateError`] tells.
    pub fn check(&self) -> Result<usize, StateError> {
        let expected = self.current.theta.len();
        let places = self.lowest.iter().chain([&self.current]).flat_map(|place| [&place.theta, &place.gradient]);
        let steps = self.pairs.iter().flat_map(|(s, y)| [s, y]);
        if let Some(found) = places.chain(steps).map(Vec::len).find(|&found| found != expected) {
            return Err(StateError::Length { expected, found });
        }
        let places = self.lowest.iter().chain([&self.current]);
        if places.flat_map(|place| &place.theta).any(|x| !x.is_finite()) {
            return Err(StateError::NotFinite);
        }
        match self.pairs.iter().position(|(s, y)| !(dot(s, y) > T::ZERO)) {
            Some(step) => Err(StateError::Curvature { step }),
            None => Ok(expected),
        }
    }
}
