//! Who is told how far the work is: the command line's progress, or nobody.

use crate::optimize::Reason;
use std::vec::Vec;

/// Told of stages and of steps within them.
pub trait Progress {
    /// A stage begins; it has at most so many steps (0 if that is not known).
    fn stage(&mut self, name: &str, steps: usize);

    /// A step was done, at which the cost is this.
    fn step(&mut self, done: usize, cost: f64);

    /// A minimization ended.
    fn ended(&mut self, stage: &str, reason: Reason);

    /// Something failed that the work goes on without. It is said when it happens.
    fn warn(&mut self, what: &str) {
        let _ = what;
    }

    /// A minimization begins: the state, as bytes, that it shall go on from, if one was kept.
    fn kept(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// The minimization under way has this state, to be kept perhaps; `is_last` once it ended.
    fn keep(&mut self, is_last: bool, state: &dyn Fn() -> Vec<u8>) {
        let _ = (is_last, state);
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&mut self, _: &str, _: usize) {}
    fn step(&mut self, _: usize, _: f64) {}
    fn ended(&mut self, _: &str, _: Reason) {}
}
