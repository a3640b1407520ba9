//! Backtracking: a step that lowers the cost enough.

use crate::number::{Random, Real};
use crate::optimize::LineSearch;
use crate::optimize::line_search::{Point, Wolfe};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::vec;
use std::vec::Vec;

/// φ(α) = a·(α - b)² + q·α⁴, and a search along it.
#[derive(Clone, Copy, Debug)]
struct Input {
    a: f64,
    b: f64,
    q: f64,
    c1: f64,
    first: f64,
    trials: usize,
    /// A step that fails, for the next trial alone.
    failed: f64,
}

impl Input {
    fn phi(&self, alpha: f64) -> f64 {
        let d = alpha - self.b;
        self.a * d * d + self.q * alpha * alpha * alpha * alpha
    }

    /// φ'(0).
    fn slope(&self) -> f64 {
        -2.0 * self.a * self.b
    }

    /// The steps that the crate's backtracking tries, and the one that it accepts.
    fn backtracking(&self, first: f64, trials: usize) -> (Vec<f64>, Option<f64>) {
        let wolfe = Wolfe { decrease: self.c1, evaluations: trials, ..Wolfe::default() };
        let point = |step| Point { step, cost: self.phi(step), slope: self.slope() };
        let mut tried = Vec::new();
        let found = LineSearch::Backtracking(wolfe).search(point(0.0), first, |step| {
            tried.push(step);
            point(step)
        });
        (tried, found.ok().map(|point| point.step))
    }

    /// The trial after `failed`, which is the second one of a search from there.
    fn next(&self) -> f64 {
        self.backtracking(self.failed, 2).0[1]
    }

    fn step(&self) -> f64 {
        self.backtracking(self.first, self.trials).1.unwrap_or(0.0)
    }

    /// The answer with parts of it replaced.
    fn answer(&self, wrong: &Wrong) -> Vec<Part> {
        let next = |alpha, phi| (wrong.next)(self.phi(0.0), self.slope(), alpha, phi);
        let next_trial = next(self.failed, self.phi(self.failed));
        let mut alpha = self.first;
        for _ in 0..(wrong.trials)(self.trials) {
            let phi = self.phi((wrong.tried)(self.first, alpha));
            if (wrong.accepts)(self, alpha, phi) {
                return parts(next_trial, alpha);
            }
            alpha = (wrong.changed)(self.first, next((wrong.failed)(self.first, alpha), phi));
        }
        parts(next_trial, (wrong.otherwise)(alpha))
    }
}

/// Computes the next trial from φ(0), φ'(0), α, and φ(α).
pub type NextTrial = fn(f64, f64, f64, f64) -> f64;

/// Computes the step from φ, φ(0), φ'(0), c₁, the first trial, and the number of trials.
pub type Search = fn(&dyn Fn(f64) -> f64, f64, f64, f64, f64, usize) -> f64;

/// The pieces of a search that a mistake can change.
#[derive(Clone, Copy)]
struct Wrong {
    next: NextTrial,
    /// The step at which φ is computed, from the first step and α.
    tried: fn(f64, f64) -> f64,
    /// Whether (WO.1) holds, from α and φ.
    accepts: fn(&Input, f64, f64) -> bool,
    /// The step from which the next trial is computed, from the first step and α.
    failed: fn(f64, f64) -> f64,
    /// α of the next trial, from the first step and the result of `next`.
    changed: fn(f64, f64) -> f64,
    trials: fn(usize) -> usize,
    /// The result if no trial is accepted, from the trial that would come next.
    otherwise: fn(f64) -> f64,
}

/// Nothing wrong yet.
const RIGHT: Wrong = Wrong {
    next: |phi_0, slope, alpha, phi| bounded(parabola(phi_0, slope, alpha, phi), alpha),
    tried: |_, alpha| alpha,
    accepts: |input, alpha, phi| phi <= input.phi(0.0) + input.c1 * alpha * input.slope(),
    failed: |_, alpha| alpha,
    changed: |_, next| next,
    trials: |trials| trials,
    otherwise: |_| 0.0,
};

fn parabola(phi_0: f64, slope: f64, alpha: f64, phi: f64) -> f64 {
    -slope * alpha * alpha / (2.0 * (phi - phi_0 - slope * alpha))
}

fn bounded(next: f64, alpha: f64) -> f64 {
    Real::min(Real::max(next, alpha / 10.0), alpha / 2.0)
}

fn parts(next: f64, step: f64) -> Vec<Part> {
    vec![("next_trial", vec![next]), ("search", vec![step])]
}

fn judge() -> Judge<Input> {
    let by_hand = Input { a: 0.5, b: 1.0, q: 0.0, c1: 0.1, first: 3.0, trials: 5, failed: 3.0 };
    let mut inputs = Vec::new();
    for (first, trials) in [(3.0, 5), (5.0, 5), (1.85, 5), (2.1, 5), (1.7, 1), (30.0, 1), (30.0, 2), (30.0, 3)] {
        let failed = if first > 1.8 { first } else { by_hand.failed };
        let plural = if trials == 1 { "trial" } else { "trials" };
        let name = format!("φ = ½·(α - 1)², c₁ = 0.1, {failed} failed, first step {first}, {trials} {plural}");
        inputs.push((name, Input { first, trials, failed, ..by_hand }));
    }
    let mut random = Random::new(1);
    for first in [1.0, 2.5, 6.0] {
        let [a, b, q, c1] =
            [(0.5, 2.0), (0.3, 0.7), (1.0, 3.0), (0.1, 0.3)].map(|(low, high)| random.uniform(low, high));
        let input = Input { a, b, q, c1, first, trials: 9, failed: first };
        inputs.push((format!("a random φ, {first} failed, first step {first}, 9 trials"), input));
    }
    let mistakes = [
        (
            "α is missing on the right of (WO.1)",
            Wrong { accepts: |i, _, phi| phi <= i.phi(0.0) + i.c1 * i.slope(), ..RIGHT },
        ),
        ("c₁ is missing in (WO.1)", Wrong { accepts: |i, alpha, phi| phi <= i.phi(0.0) + alpha * i.slope(), ..RIGHT }),
        ("any decrease, φ(α) < φ(0), is accepted", Wrong { accepts: |i, _, phi| phi < i.phi(0.0), ..RIGHT }),
        (
            "a minus sign in place of the plus sign in (WO.1)",
            Wrong { accepts: |i, alpha, phi| phi <= i.phi(0.0) - i.c1 * alpha * i.slope(), ..RIGHT },
        ),
        (
            "the first step in place of α in (WO.1)",
            Wrong { accepts: |i, _, phi| phi <= i.phi(0.0) + i.c1 * i.first * i.slope(), ..RIGHT },
        ),
        ("φ is computed at the first step in every trial", Wrong { tried: |first, _| first, ..RIGHT }),
        (
            "the next trial is computed from the first step in place of the α that failed",
            Wrong { failed: |first, _| first, ..RIGHT },
        ),
        (
            "α never changes: every trial is at the first step (a `let` in the loop makes a new variable)",
            Wrong { changed: |first, _| first, ..RIGHT },
        ),
        // The bounds hide the cause of these two.
        (
            "the next trial is always half of α: the parabola is not used, or the two bounds are exchanged",
            Wrong { next: |_, _, alpha, _| alpha / 2.0, ..RIGHT },
        ),
        (
            "the next trial is always a tenth of α: a wrong sign in (BT.1) or (BT.2), or the two bounds are exchanged",
            Wrong { next: |_, _, alpha, _| alpha / 10.0, ..RIGHT },
        ),
        ("the next trial has no bounds", Wrong { next: parabola, ..RIGHT }),
        (
            "the lower bound, a tenth of α, is missing",
            Wrong { next: |f, s, alpha, phi| Real::min(parabola(f, s, alpha, phi), alpha / 2.0), ..RIGHT },
        ),
        (
            "the upper bound, half of α, is missing",
            Wrong { next: |f, s, alpha, phi| Real::max(parabola(f, s, alpha, phi), alpha / 10.0), ..RIGHT },
        ),
        (
            "(BT.2) with / 2.0 * h, which multiplies by h, in place of / (2.0 * h)",
            Wrong {
                next: |f, s, alpha, phi| bounded(-s * alpha * alpha / 2.0 * (phi - f - s * alpha), alpha),
                ..RIGHT
            },
        ),
        (
            "+ φ'(0)·α in place of - φ'(0)·α in (BT.1)",
            Wrong {
                next: |f, s, alpha, phi| bounded(-s * alpha * alpha / (2.0 * (phi - f + s * alpha)), alpha),
                ..RIGHT
            },
        ),
        (
            "α in place of α² in (BT.2)",
            Wrong { next: |f, s, alpha, phi| bounded(parabola(f, s, alpha, phi) / alpha, alpha), ..RIGHT },
        ),
        (
            "h in place of 2h in (BT.2)",
            Wrong { next: |f, s, alpha, phi| bounded(2.0 * parabola(f, s, alpha, phi), alpha), ..RIGHT },
        ),
        (
            "h is φ(α) - φ(0), without the term of the slope",
            Wrong { next: |f, s, alpha, phi| bounded(-s * alpha * alpha / (2.0 * (phi - f)), alpha), ..RIGHT },
        ),
        ("the last trial is returned, although all trials failed", Wrong { otherwise: |alpha| alpha, ..RIGHT }),
        ("one trial too many", Wrong { trials: |trials| trials + 1, ..RIGHT }),
        ("one trial too few", Wrong { trials: |trials| trials - 1, ..RIGHT }),
    ];
    let ours = |input: &Input| parts(input.next(), input.step());
    mistakes.into_iter().fold(Judge::new(inputs, ours), |judge, (what, wrong)| {
        judge.mistake(what, move |input: &Input| input.answer(&wrong))
    })
}

/// Checks the next trial after one that failed, and the step that a search accepts.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(next_trial: NextTrial, search: Search) {
    judge().check(|input| {
        let (phi_0, slope) = (input.phi(0.0), input.slope());
        let next = next_trial(phi_0, slope, input.failed, input.phi(input.failed));
        parts(next, search(&|alpha| input.phi(alpha), phi_0, slope, input.c1, input.first, input.trials))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }
}
