//! The line search of Moré and Thuente: an interval that always holds an acceptable step, and a careful choice of where
//! to try next.
//!
//! **What is narrowed.** With the auxiliary function
//!
//! ψ(α) = φ(α) - φ(0) - c₁·φ'(0)·α,
//!
//! the steps that fall enough are those with ψ <= 0. The interval has an end α_x where ψ is lowest of all steps tried,
//! with ψ(α_x) <= 0 and the slope there leading into the interval, toward the other end α_y: then ψ has a minimum
//! inside, and c₁ < c₂ makes it acceptable. Once a step with ψ <= 0 and φ' >= 0 is known, φ itself takes the place of ψ
//! (section 3 of the paper).
//!
//! **Where to try next.** From the costs f and slopes g at α_x and at the trial α_t, three candidates: the minimum α_c
//! of the cubic through both costs and both slopes; α_q, of the parabola through f_x, f_t, g_x; α_s, of the parabola
//! with slopes g_x and g_t. Then (section 4):
//!
//! 1. f_t > f_x: a minimum lies between. α_c if it is closer to α_x than α_q, else halfway between them.
//! 2. f_t <= f_x, slopes of opposite sign: a minimum lies between. α_c or α_s, whichever is farther from α_t.
//! 3. f_t <= f_x, same sign, the slope has become smaller: α_c where it has a minimum beyond α_t, else as far as allowed; α_c or α_s,
//!    whichever is closer to α_t within an interval, farther without; within an interval, no farther than 0.66 of the way to α_y.
//! 4. f_t <= f_x, same sign, the slope has not become smaller: the minimum of the cubic through α_t and α_y, else as far as allowed.
//!
//! An interval that was not narrowed by a third in two steps is halved. Without an interval, steps lengthen by 1.1 to 4
//! times the last stride.
//!
//! Source: J. Moré and D. Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20, 1994.
//! What is ours: steps where the cost is not finite bound the search like a wall.

use super::{Failure, MAX_STEP, Point, Wolfe, cubic_minimum};
use crate::number::Real;

/// The interval of uncertainty.
struct Interval<T> {
    /// The lowest point.
    x: Point<T>,
    /// The other end; the start as long as there is no interval.
    y: Point<T>,
    /// Whether there is an interval, else the search still lengthens.
    bracketed: bool,
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
    let expected_decrease = T::from_f64(wolfe.decrease) * start.slope;
    let mut interval = Interval { x: start, y: start, bracketed: false };
    let mut uses_psi = true;
    // The nearest step at which the cost was not finite.
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
        let falls_enough = wolfe.satisfies_armijo(&start, &point);
        if falls_enough && wolfe.satisfies_curvature(&start, &point) {
            return Ok(point);
        }
        if falls_enough && step >= longest {
            return Err(Failure::Unbounded(point));
        }
        uses_psi &= !(falls_enough && point.slope >= T::ZERO);

        // ψ where no step is known yet that falls enough with a slope upward; it matters where the trial is lower than
        // x and still not low enough.
        let tilt = if uses_psi && point.cost <= interval.x.cost && !falls_enough { expected_decrease } else { T::ZERO };
        let stride = step - interval.x.step;
        // Lengthening: between 1.1 and 4 strides beyond the trial, and at most halfway to the wall.
        let most = (step + four * stride).min(longest).min(step + (max_step - step) * T::HALF);
        let least = (step + T::from_f64(1.1) * stride).min(most);
        step = interval.take(point, tilt, [least, most]);

        if interval.bracketed {
            let width = (interval.y.step - interval.x.step).abs();
            let (low, high) = (interval.x.step.min(interval.y.step), interval.x.step.max(interval.y.step));
            // A candidate that overflowed is NaN, and outside.
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
    /// Takes in a trial point, costs and slopes less `tilt`·α, and says which step to try next: within the interval,
    /// or, where there is none yet, within `bounds`.
    fn take(&mut self, trial: Point<T>, tilt: T, bounds: [T; 2]) -> T {
        let tilted = |p: &Point<T>| Point { step: p.step, cost: p.cost - tilt * p.step, slope: p.slope - tilt };
        let (x, y, t) = (tilted(&self.x), tilted(&self.y), tilted(&trial));
        let next = next_step(&x, &y, &t, &mut self.bracketed, bounds);
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
fn next_step<T: Real>(x: &Point<T>, y: &Point<T>, t: &Point<T>, bracketed: &mut bool, [least, most]: [T; 2]) -> T {
    let closer = |a: T, b: T, to: T| if (a - to).abs() < (b - to).abs() { a } else { b };
    let farther = |a: T, b: T, from: T| if (a - from).abs() > (b - from).abs() { a } else { b };
    // The minimum of the parabola with the slopes of x and t.
    let by_slopes = || t.step + t.slope / (t.slope - x.slope) * (x.step - t.step);
    if t.cost > x.cost {
        // 1.
        *bracketed = true;
        let cubic = cubic_minimum(x, t);
        let width = t.step - x.step;
        let parabola = x.step + x.slope / ((x.cost - t.cost) / width + x.slope) * T::HALF * width;
        if (cubic - x.step).abs() < (parabola - x.step).abs() { cubic } else { cubic + (parabola - cubic) * T::HALF }
    } else if opposite(t, x) {
        // 2.
        *bracketed = true;
        farther(cubic_minimum(x, t), by_slopes(), t.step)
    } else if t.slope.abs() < x.slope.abs() {
        // 3.
        let bound = if *bracketed { y.step } else { most };
        let cubic = cubic_minimum(x, t);
        // Beyond the trial, as seen from x; NaN is not.
        let beyond = (cubic - t.step) * (t.step - x.step) > T::ZERO;
        let cubic = if beyond { cubic } else { bound };
        if *bracketed {
            let next = closer(cubic, by_slopes(), t.step);
            let limit = t.step + T::from_f64(0.66) * (y.step - t.step);
            if t.step > x.step { next.min(limit) } else { next.max(limit) }
        } else {
            farther(cubic, by_slopes(), t.step).max(least).min(most)
        }
    } else if *bracketed {
        // 4.
        cubic_minimum(t, y)
    } else {
        most
    }
}
