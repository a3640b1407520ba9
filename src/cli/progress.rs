//! Progress on standard error: on a terminal, one line that is overwritten; elsewhere, a line every few seconds.

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
    /// When the first stage began, and when a line was last logged.
    started: Instant,
    logged: Instant,
}

/// The time between two lines of a log.
const BETWEEN: Duration = Duration::from_secs(10);

impl ProgressLine {
    /// Shows progress, unless `quiet`.
    pub fn new(quiet: bool) -> Self {
        ProgressLine {
            quiet,
            shown: !quiet && io::stderr().is_terminal(),
            prefix: String::new(),
            stage: String::new(),
            steps: 0,
            begun: Instant::now(),
            written: None,
            started: Instant::now(),
            logged: Instant::now(),
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
        } else if !self.quiet && self.logged.elapsed() >= BETWEEN {
            self.logged = Instant::now();
            super::remark(&format!("{:.0} s: {}{text}", self.started.elapsed().as_secs_f64(), self.prefix));
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
        let is_early = match self.shown {
            true => self.written.is_some_and(|at| at.elapsed() < Duration::from_millis(100)),
            false => self.quiet || self.logged.elapsed() < BETWEEN,
        };
        if is_early {
            return;
        }
        let left = self.begun.elapsed().as_secs_f64() / done.max(1) as f64 * self.steps.saturating_sub(done) as f64;
        let (stage, steps, cost) = (&self.stage, self.steps, Fixed(cost, 4));
        let text = format!("{stage}: iteration {done} of {steps}, cost {cost}, at most {left:.0} s left");
        self.line(&text);
    }
}
