//! Progress on standard error: on a terminal, one line that is overwritten; elsewhere, a line every few seconds.

use crate::number::decimal::Fixed;
use crate::number::sum::sum;
use crate::optimize::Reason;
use crate::tutorial::progress::Progress;
use std::format;
use std::io::{self, IsTerminal, Write};
use std::string::String;
use std::time::{Duration, Instant};
use std::vec::Vec;

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
    /// What is known of the whole run.
    plan: Option<Plan>,
}

/// The work of a whole run, stage by stage.
#[derive(Debug)]
struct Plan {
    /// The work of each stage that counts its steps.
    stages: Vec<f64>,
    /// The stages that have begun.
    begun: usize,
    /// When the first of them began.
    since: Option<Instant>,
}

impl Plan {
    /// The time left in seconds, when the last stage that began has done this fraction of its steps: if all work takes
    /// as long as that of so far. None before a two-hundredth of the work is done.
    fn left(&self, fraction: f64, now: Instant) -> Option<f64> {
        let (current, before) = self.stages.get(..self.begun)?.split_last()?;
        let total = sum(&self.stages);
        let done = sum(before) + fraction * current;
        let elapsed = now.duration_since(self.since?).as_secs_f64();
        (done >= 0.005 * total).then(|| elapsed * (total - done).max(0.0) / done)
    }
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
            plan: None,
        }
    }

    /// Says the work of each stage to come that counts its steps, so that the time left of all of them is shown.
    pub fn plan(&mut self, stages: Vec<f64>) {
        self.plan = Some(Plan { stages, begun: 0, since: None });
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
        if let Some(plan) = self.plan.as_mut().filter(|_| steps > 0) {
            plan.begun += 1;
            plan.since = plan.since.or(Some(self.begun));
        }
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
        let all = self.plan.as_ref().and_then(|plan| plan.left(done as f64 / steps.max(1) as f64, Instant::now()));
        let all = all.map_or(String::new(), |all| format!(", {} to the end of the run", duration(all)));
        let text = format!(
            "{stage}: iteration {done} of {steps}, cost {cost}, at most {} left of this stage{all}",
            duration(left)
        );
        self.line(&text);
    }
}

/// Seconds as people say them: `45 s`, `12 min`, `3.5 h`.
fn duration(seconds: f64) -> String {
    match seconds {
        ..99.5 => format!("{seconds:.0} s"),
        ..5940.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_work_done_so_far() {
        let since = Instant::now();
        let mut plan = Plan { stages: Vec::from([1.0, 3.0, 6.0]), begun: 0, since: Some(since) };
        let at = |seconds: u64| since + Duration::from_secs(seconds);
        assert_eq!(plan.left(0.0, at(5)), None);
        plan.begun = 1;
        // Too early to tell.
        assert_eq!(plan.left(0.04, at(1)), None);
        assert_eq!(plan.left(0.5, at(10)), Some(190.0));
        plan.begun = 3;
        assert_eq!(plan.left(1.0, at(10)), Some(0.0));
        assert_eq!(plan.left(0.5, at(14)), Some(6.0));
        // More stages than planned: nothing is said.
        plan.begun = 4;
        assert_eq!(plan.left(0.5, at(14)), None);
        assert_eq!([45.0, 720.0, 12600.0].map(duration), ["45 s", "12 min", "3.5 h"]);
    }
}
