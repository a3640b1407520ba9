//! The progress line: one line on standard error that is overwritten, if standard error is a terminal.

use crate::number::decimal::Fixed;
use crate::optimize::Reason;
use crate::tutorial::progress::Progress;
use std::format;
use std::io::{self, IsTerminal, Write};
use std::string::String;
use std::time::{Duration, Instant};

/// The current stage, its step, and an estimate of the time left.
#[derive(Debug)]
pub struct ProgressLine {
    shown: bool,
    quiet: bool,
    /// Printed before the stage, such as the part of a split.
    pub prefix: String,
    stage: String,
    steps: usize,
    begun: Instant,
    written: Option<Instant>,
}

impl ProgressLine {
    /// Shows progress if standard error is a terminal, unless `quiet`.
    pub fn new(quiet: bool) -> Self {
        ProgressLine {
            quiet,
            shown: !quiet && io::stderr().is_terminal(),
            prefix: String::new(),
            stage: String::new(),
            steps: 0,
            begun: Instant::now(),
            written: None,
        }
    }

    /// Clears the line.
    pub fn done(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    fn line(&mut self, text: &str) {
        if self.shown {
            // A line longer than the terminal is cut, not wrapped, so that it can be overwritten.
            let _ = write!(io::stderr(), "\r\x1b[K\x1b[?7l{}{text}\x1b[?7h", self.prefix);
            let _ = io::stderr().flush();
            self.written = Some(Instant::now());
        }
    }
}

impl Progress for ProgressLine {
    fn ended(&mut self, stage: &str, reason: Reason) {
        // All other reasons are normal; in f32, so is a cost that no longer changes in its last digits.
        if !self.quiet && matches!(reason, Reason::NotFinite | Reason::NotDescent | Reason::Unbounded) {
            self.done();
            super::remark(&format!("{stage}: {reason}; treat the result with caution"));
        }
    }

    fn warn(&mut self, what: &str) {
        self.done();
        super::remark(&format!("ossicle: {what}"));
    }

    fn stage(&mut self, name: &str, steps: usize) {
        self.stage = name.into();
        (self.steps, self.begun) = (steps, Instant::now());
        self.line(name);
    }

    fn step(&mut self, done: usize, cost: f64) {
        // Ten updates a second are enough.
        if self.written.is_some_and(|at| at.elapsed() < Duration::from_millis(100)) {
            return;
        }
        let left = self.begun.elapsed().as_secs_f64() / done.max(1) as f64 * self.steps.saturating_sub(done) as f64;
        let (stage, steps, cost) = (&self.stage, self.steps, Fixed(cost, 4));
        let text = format!("{stage}: iteration {done} of {steps}, cost {cost}, at most {left:.0} s left");
        self.line(&text);
    }
}
