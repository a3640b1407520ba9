//! Learning curves: an observer that records the cost of each step of each stage.
//!
//! A curve shows what a final accuracy hides. A cost that still falls at the last step asks for more iterations; one
//! that has been flat for half of them, for fewer. A cost that jumps, or that ends higher than it began, is that of a
//! step too large or of a wrong gradient.
//!
//! A run that resumes from a checkpoint repeats no step, so its curves begin where it resumed.

use super::progress::Progress;
use crate::optimize::Reason;
use std::string::String;
use std::vec::Vec;

/// The costs of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The part of the run: the name of the fold.
    pub part: String,
    /// The stage's name.
    pub stage: String,
    /// Its steps, each with its cost.
    pub points: Vec<(usize, f64)>,
}

/// An observer that records curves, and passes on everything that it observes.
#[derive(Clone, Debug)]
pub struct CurveRecorder<P> {
    /// The observer to whom everything is passed on.
    pub inner: P,
    /// The part of the run that is under way.
    pub part: String,
    /// The curves of the stages so far; a stage without a step has none.
    pub curves: Vec<Curve>,
    stage: String,
    is_new: bool,
}

impl<P> CurveRecorder<P> {
    /// Nothing is recorded yet.
    pub fn new(inner: P) -> Self {
        CurveRecorder { inner, part: String::new(), curves: Vec::new(), stage: String::new(), is_new: true }
    }
}

impl<P: Progress> Progress for CurveRecorder<P> {
    fn stage(&mut self, name: &str, steps: usize) {
        (self.stage, self.is_new) = (name.into(), true);
        self.inner.stage(name, steps);
    }

    fn step(&mut self, done: usize, cost: f64) {
        if self.is_new {
            self.curves.push(Curve { part: self.part.clone(), stage: self.stage.clone(), points: Vec::new() });
            self.is_new = false;
        }
        if let Some(curve) = self.curves.last_mut() {
            curve.points.push((done, cost));
        }
        self.inner.step(done, cost);
    }

    fn ended(&mut self, stage: &str, reason: Reason) {
        self.inner.ended(stage, reason);
    }

    fn warn(&mut self, what: &str) {
        self.inner.warn(what);
    }

    fn saved_state(&mut self) -> Option<Vec<u8>> {
        self.inner.saved_state()
    }

    fn state(&mut self, is_last: bool, encode: &dyn Fn() -> Vec<u8>) {
        self.inner.state(is_last, encode);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::ToString;

    /// Writes down what it observes.
    #[derive(Default)]
    struct Log(Vec<String>);

    impl Progress for Log {
        fn stage(&mut self, name: &str, steps: usize) {
            self.0.push(format!("{name} {steps}"));
        }
        fn step(&mut self, done: usize, cost: f64) {
            self.0.push(format!("{done} {cost}"));
        }
        fn ended(&mut self, stage: &str, reason: Reason) {
            self.0.push(format!("{stage}: {reason:?}"));
        }
        fn warn(&mut self, what: &str) {
            self.0.push(what.into());
        }
        fn saved_state(&mut self) -> Option<Vec<u8>> {
            Some(Vec::from([7]))
        }
        fn state(&mut self, is_last: bool, encode: &dyn Fn() -> Vec<u8>) {
            self.0.push(format!("{is_last} {:?}", encode()));
        }
    }

    #[test]
    fn every_step_is_recorded_and_everything_is_passed_on() {
        let mut recorder = CurveRecorder::new(Log::default());
        recorder.stage("spectra", 0);
        for part in ["one", "two"] {
            recorder.part = part.to_string();
            recorder.stage("softmax", 2);
            assert_eq!(recorder.saved_state(), Some(Vec::from([7])));
            recorder.step(1, 0.5);
            recorder.state(false, &|| Vec::from([1]));
            recorder.step(2, 0.25);
            recorder.ended("softmax", Reason::Iterations);
        }
        recorder.warn("careful");
        let curve =
            |part: &str| Curve { part: part.into(), stage: "softmax".into(), points: Vec::from([(1, 0.5), (2, 0.25)]) };
        assert_eq!(recorder.curves, [curve("one"), curve("two")]);
        let stage = ["softmax 2", "1 0.5", "false [1]", "2 0.25", "softmax: Iterations"];
        assert_eq!(recorder.inner.0, [&["spectra 0"][..], &stage, &stage, &["careful"]].concat());
    }
}
