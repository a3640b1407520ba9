//! The line search of Moré and Thuente: an interval that always contains an acceptable step, and careful trial steps.
//!
//! **Idea.** As in [`zoom`](super::zoom), an interval is narrowed until a trial meets both [Wolfe conditions](super),
//! and its ends are replaced by the same rule. The trials are chosen with more care: among three candidates, by four
//! cases. Where a trial has a low cost and still fails (WO.1), an auxiliary function takes the place of the cost.
//!
//! **Legend.** φ, α, c₁ and c₂ as for the [line search](super).
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | the end of the interval with the lowest cost of all steps that meet (WO.1); at first the start |
//! | y | the other end; the start as long as there is no interval |
//! | t | the trial |
//! | f, g | cost and slope at a step: f_x, g_x, f_t, g_t, of φ or of ψ |
//! | α_c, α_q, α_s | the three candidates for the next trial: cubic, quadratic, secant |
//! | ← | the left side takes the value of the right one |
//!
//! **The interval.** A trial that is not acceptable replaces an end:
//!
//! | if | then |
//! | --- | --- |
//! | t fails (WO.1), or φ(t) > φ(x) | y ← t |
//! | else, if φ'(t) and φ'(x) differ in sign | y ← x, then x ← t |
//! | else | x ← t |
//!
//! The first two rows make x and y an interval if there was none; until then the third one lengthens the step. This is
//! the rule of zoom, with x for `low` and y for `high`, so the interval holds an acceptable step for the reasons given
//! there.
//!
//! **The auxiliary function.** A trial may cost no more than x and still fail (WO.1). Then φ may continue to fall
//! beyond t, where the interval ends, so that its minimum is of no use. But the function
//!
//! ```text
//! (MT.1)  ψ(α) = φ(α) - φ(0) - c₁·φ'(0)·α
//! ```
//!
//! is at most 0 where (WO.1) holds. So ψ(t) > 0 >= ψ(x), and ψ falls at x, as in zoom: it has a minimum between x and
//! t. For such a trial, f and g below are those of ψ, otherwise those of φ. After the first trial t₀ that meets (WO.1)
//! with φ' >= 0 no such trial occurs: x then costs no more than t₀, and the interval lies left of t₀, where the bound
//! of (WO.1) is higher. From there on φ alone is used (section 3 of the paper). The constant φ(0) cancels in all
//! formulas below.
//!
//! **The candidates.** α_c is the minimum (WO.5) of the cubic through f and g at x and t; α_q that of the parabola
//! through f_x, f_t and g_x; α_s that of the parabola with the slopes g_x and g_t:
//!
//! ```text
//! (MT.2)  α_q = x + ½·(t - x)·g_x / ((f_x - f_t)/(t - x) + g_x)
//! (MT.3)  α_s = t + (x - t)·g_t/(g_t - g_x)
//! ```
//!
//! Derivation: (MT.2) is the minimum (BT.2) of [`backtracking`](super::backtracking), with x as the start and a = t - x
//! as the step: x - ½·g_x·a²/(f_t - f_x - g_x·a), where numerator and denominator are divided by -a. For (MT.3), the
//! slope of a parabola is a line: it changes by g_t - g_x from x to t, so it is 0 at g_t/(g_t - g_x) of the way from t
//! back to x.
//!
//! **The cases** (section 4 of the paper), and the trial that each leads to:
//!
//! | case | if | meaning | next trial |
//! | --- | --- | --- | --- |
//! | (MT.4) | f_t > f_x | a minimum lies between x and t | α_c if closer to x than α_q, else (α_c + α_q)/2 |
//! | (MT.5) | else, if g_t and g_x differ in sign | a minimum lies between x and t | α_c or α_s, the farther from t |
//! | (MT.6) | else, if g_t is less steep than g_x | the minimum lies beyond t | α_c or α_s, see below |
//! | (MT.7) | else | no sign of a minimum yet | minimum of the cubic through t and y, else the bound |
//!
//! The bound is y, or without an interval the longest step allowed. In case (MT.6), α_c counts only if it lies beyond
//! t; otherwise the bound takes its place. With an interval the candidate closer to t is taken, but no farther than
//! 0.66 of the way from t to y; without one, the farther candidate.
//!
//! **Safeguards.** If two steps have not narrowed the interval by a third, or if the next trial would lie outside it,
//! its middle is tried. Without an interval, each step is longer than the last by 1.1 to 4 times the last stride.
//! Beyond the paper: a step at which the cost is not finite limits all later ones, which go at most halfway to it.
//!
//! Source: J. Moré and D. Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20, 1994.

use super::{Failure, MAX_STEP, Point, Wolfe, cubic_minimum};
use crate::number::Real;

/// The interval of uncertainty.
struct Interval<T> {
    /// The lowest point.
    x: Point<T>,
    /// The other end; the start as long as there is no interval.
    y: Point<T>,
    /// Whether there is an interval; if not, the search still lengthens the step.
    is_bracketed: bool,
}

/// See [`LineSearch::search`](super::LineSearch::search); `start.slope` is negative.
pub(super) fn search<T: Real>(
    wolfe: &Wolfe,
    start: Point<T>,
    first: T,
    mut evaluate: impl FnMut(T) -> Point<T>,
) -> Result<Point<T>, Failure<T>> {
    let [tenth, two_thirds, four] = [0.1, 0.66, 4.0].map(T::from_f64);
    let longest = first * T::from_f64(MAX_STEP);
    // c₁·φ'(0).
    let psi_slope = T::from_f64(wolfe.decrease) * start.slope;
    let mut interval = Interval { x: start, y: start, is_bracketed: false };
    let mut uses_psi = true;
    // The shortest step at which the cost was not finite.
    let mut max_step = T::INFINITY;
    let mut widths = [T::INFINITY; 2];
    let mut step = first;
    for _ in 0..wolfe.evaluations {
        let point = evaluate(step);
        if !point.is_finite() {
            max_step = step;
            step = interval.x.step + (step - interval.x.step) * tenth;
            if !interval.x.can_fall_within(step - interval.x.step) {
                break;
            }
            continue;
        }
        let satisfies_armijo = wolfe.satisfies_armijo(&start, &point);
        if satisfies_armijo && wolfe.satisfies_curvature(&start, &point) {
            return Ok(point);
        }
        if satisfies_armijo && step >= longest {
            return Err(Failure::Unbounded(point));
        }
        uses_psi &= !(satisfies_armijo && point.slope >= T::ZERO);

        // ψ makes a difference only if the trial is lower than x and still not low enough.
        let is_tilted = uses_psi && point.cost <= interval.x.cost && !satisfies_armijo;
        let tilt = if is_tilted { psi_slope } else { T::ZERO };
        let stride = step - interval.x.step;
        let most = (step + four * stride).min(longest).min(step + (max_step - step) * T::HALF);
        let least = (step + T::from_f64(1.1) * stride).min(most);
        step = interval.update(point, tilt, [least, most]);

        if interval.is_bracketed {
            let width = (interval.y.step - interval.x.step).abs();
            let (low, high) = (interval.x.step.min(interval.y.step), interval.x.step.max(interval.y.step));
            // A trial that overflowed is NaN, and so outside.
            if width >= two_thirds * widths[0] || !(step > low && step < high) {
                step = interval.x.step + (interval.y.step - interval.x.step) * T::HALF;
            }
            widths = [widths[1], width];
            if !(step > low && step < high && interval.x.can_fall_within(width)) {
                break;
            }
        }
    }
    let x = interval.x;
    Err(Failure::Exhausted(if x.step > T::ZERO && wolfe.satisfies_armijo(&start, &x) { x } else { start }))
}

impl<T: Real> Interval<T> {
    /// Replaces an end by the trial and returns the next trial: within the interval or, if there is none yet, within
    /// `bounds`. Costs and slopes are those of φ(α) - `tilt`·α: of ψ, up to a constant, or of φ for a tilt of 0.
    fn update(&mut self, trial: Point<T>, tilt: T, bounds: [T; 2]) -> T {
        let tilted = |p: &Point<T>| {
            let (cost, slope) = (p.cost - tilt * p.step, p.slope - tilt); // (MT.1)
            Point { step: p.step, cost, slope }
        };
        let (x, y, t) = (tilted(&self.x), tilted(&self.y), tilted(&trial));
        let next = next_trial(&x, &y, &t, &mut self.is_bracketed, bounds);
        if t.cost > x.cost {
            self.y = trial;
        } else {
            if opposite(&t, &x) {
                self.y = self.x;
            }
            self.x = trial;
        }
        next
    }
}

/// Whether the slopes have opposite signs.
fn opposite<T: Real>(a: &Point<T>, b: &Point<T>) -> bool {
    (a.slope < T::ZERO && b.slope > T::ZERO) || (a.slope > T::ZERO && b.slope < T::ZERO)
}

/// The four cases.
fn next_trial<T: Real>(x: &Point<T>, y: &Point<T>, t: &Point<T>, is_bracketed: &mut bool, bounds: [T; 2]) -> T {
    let [least, most] = bounds;
    let closer = |a: T, b: T, to: T| if (a - to).abs() < (b - to).abs() { a } else { b };
    let farther = |a: T, b: T, from: T| if (a - from).abs() > (b - from).abs() { a } else { b };
    let secant = || t.step + t.slope / (t.slope - x.slope) * (x.step - t.step); // (MT.3)
    if t.cost > x.cost {
        *is_bracketed = true;
        let width = t.step - x.step;
        let quadratic = x.step + x.slope / ((x.cost - t.cost) / width + x.slope) * T::HALF * width; // (MT.2)
        let cubic = cubic_minimum(x, t);
        let is_closer = (cubic - x.step).abs() < (quadratic - x.step).abs();
        if is_closer { cubic } else { cubic + (quadratic - cubic) * T::HALF } // (MT.4)
    } else if opposite(t, x) {
        *is_bracketed = true;
        farther(cubic_minimum(x, t), secant(), t.step) // (MT.5)
    } else if t.slope.abs() < x.slope.abs() {
        let bound = if *is_bracketed { y.step } else { most };
        let cubic = cubic_minimum(x, t);
        // Beyond the trial, as seen from x; NaN is not.
        let is_beyond = (cubic - t.step) * (t.step - x.step) > T::ZERO;
        let cubic = if is_beyond { cubic } else { bound };
        if *is_bracketed {
            let next = closer(cubic, secant(), t.step); // (MT.6)
            let limit = t.step + T::from_f64(0.66) * (y.step - t.step);
            if t.step > x.step { next.min(limit) } else { next.max(limit) }
        } else {
            farther(cubic, secant(), t.step).max(least).min(most) // (MT.6)
        }
    } else if *is_bracketed {
        cubic_minimum(t, y) // (MT.7)
    } else {
        most // (MT.7)
    }
}
