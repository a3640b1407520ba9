//! Bracket and zoom: find an interval that must contain an acceptable step, then narrow it.
//!
//! **Bracket.** The step is lengthened while the cost falls enough and the slope is still steep downward. The search
//! returns if a step is acceptable. It has an interval as soon as a step fails (WO.1) of the [line search](super),
//! costs more than the one before, or has an upward slope: between the last two steps the cost has a minimum, and near
//! the minimum both conditions hold.
//!
//! **Zoom.** The end `low` has the lowest cost of all steps that meet (WO.1), and its slope leads toward the end
//! `high`. A trial between them replaces one end so that this stays true. The trial is the minimum of the cubic (WO.5),
//! or the middle if that minimum lies within a tenth of the width of an end.
//!
//! Source: J. Nocedal and S. Wright, "Numerical Optimization", 2006, algorithms 3.5 (bracket) and 3.6 (zoom).

use super::{Failure, MAX_STEP, Point, Wolfe, cubic_minimum};
use crate::number::Real;

/// See [`LineSearch::search`](super::LineSearch::search); `start.slope` is negative.
pub(super) fn search<T: Real>(
    wolfe: &Wolfe,
    start: Point<T>,
    first: T,
    mut evaluate: impl FnMut(T) -> Point<T>,
) -> Result<Point<T>, Failure<T>> {
    let mut evaluations_left = wolfe.evaluations;
    let mut previous = start;
    let mut step = first;
    // Algorithm 3.5, bracket.
    let (mut low, mut high) = loop {
        if evaluations_left == 0 {
            return Err(Failure::Exhausted(previous));
        }
        evaluations_left -= 1;
        let point = evaluate(step);
        if !wolfe.satisfies_armijo(&start, &point) || previous.step > T::ZERO && point.cost > previous.cost {
            break (previous, point);
        }
        if wolfe.satisfies_curvature(&start, &point) {
            return Ok(point);
        }
        if point.slope >= T::ZERO {
            break (point, previous);
        }
        if step >= first * T::from_f64(MAX_STEP) {
            return Err(Failure::Unbounded(point));
        }
        // An extrapolated minimum is clamped to between twice and ten times the step.
        let (least, most) = (step + step, step * T::from_f64(10.0));
        step = cubic_minimum(&previous, &point).max(least).min(most);
        previous = point;
    };

    // Algorithm 3.6, zoom.
    while evaluations_left > 0 {
        evaluations_left -= 1;
        let width = high.step - low.step;
        let margin = width * T::from_f64(0.1);
        let cubic = if high.is_finite() { cubic_minimum(&low, &high) } else { T::NAN };
        let (a, b) = (low.step + margin, high.step - margin);
        let is_inside = cubic > a.min(b) && cubic < a.max(b);
        let step = if is_inside { cubic } else { low.step + width * T::HALF };
        if step == low.step || step == high.step || !low.can_fall_within(width) {
            break;
        }
        let point = evaluate(step);
        // Of two points with equal costs the slopes decide, which resolve finer differences near the minimum.
        if !wolfe.satisfies_armijo(&start, &point) || point.cost > low.cost {
            high = point;
        } else {
            if wolfe.satisfies_curvature(&start, &point) {
                return Ok(point);
            }
            if (point.slope >= T::ZERO) == (width >= T::ZERO) {
                high = low;
            }
            low = point;
        }
    }
    Err(Failure::Exhausted(low))
}
