//! Observers of training: the command line's progress line, a checkpoint of the run, or nothing.

use crate::optimize::Reason;
use std::vec::Vec;

/// Observes the stages of a run and the steps within them; a checkpoint also restores the state of a minimization.
pub trait Progress {
    /// A stage begins. It has at most `steps` steps; 0 if the number is unknown.
    fn stage(&mut self, name: &str, steps: usize);

    /// Step `done` of the stage ended at this cost.
    fn step(&mut self, done: usize, cost: f64);

    /// A minimization ended.
    fn ended(&mut self, stage: &str, reason: Reason);

    /// Something failed that the run continues without.
    fn warn(&mut self, what: &str) {
        let _ = what;
    }

    /// A minimization begins: its encoded state, if one was saved to resume from.
    fn saved_state(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// The minimization has reached a state, which `encode` gives as bytes; `is_last` when it has ended.
    fn state(&mut self, is_last: bool, encode: &dyn Fn() -> Vec<u8>) {
        let _ = (is_last, encode);
    }
}

/// Observes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&mut self, _: &str, _: usize) {}
    fn step(&mut self, _: usize, _: f64) {}
    fn ended(&mut self, _: &str, _: Reason) {}
}
