//! Bracket and zoom: an interval that must hold an acceptable step is found, then narrowed.
//!
//! The search first lengthens the step until an interval must hold a step that meets both Wolfe conditions ("bracket"), then
//! narrows the interval by the minimum of the cubic through its ends' costs and slopes ("zoom"). Source: Nocedal and Wright,
//! algorithms 3.5 and 3.6 and formula 3.59.

use super::{Failure, MAX_STEP, Point, Wolfe, cubic_minimum};
use crate::number::Real;

/// See [`LineSearch::search`](super::LineSearch::search); `start.slope` is negative.
pub(super) fn search<T: Real>(
    wolfe: &Wolfe,
    start: Point<T>,
    first: T,
    mut evaluate: impl FnMut(T) -> Point<T>,
) -> Result<Point<T>, Failure<T>> {
    let mut left = wolfe.evaluations;
    let mut previous = start;
    let mut step = first;
    // Bracket: steps grow while they are low enough and still descend.
    let (mut low, mut high) = loop {
        if left == 0 {
            return Err(Failure::Exhausted(previous));
        }
        left -= 1;
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
        // The cubic's minimum may lie anywhere beyond; it is trusted within a factor of ten.
        let (least, most) = (step + step, step * T::from_f64(10.0));
        step = cubic_minimum(&previous, &point).max(least).min(most);
        previous = point;
    };

    // Zoom: `low` is the lowest point so far that falls enough, and the slope there leads toward `high`.
    while left > 0 {
        left -= 1;
        let width = high.step - low.step;
        let margin = width * T::from_f64(0.1);
        let between = if high.is_finite() { cubic_minimum(&low, &high) } else { T::NAN };
        // Outside the middle, or where there is no minimum, the interval is halved.
        let (a, b) = (low.step + margin, high.step - margin);
        let inside = between > a.min(b) && between < a.max(b);
        let step = if inside { between } else { low.step + width * T::HALF };
        if step == low.step || step == high.step || !low.can_fall_within(width) {
            break;
        }
        let point = evaluate(step);
        // Equal costs are left to the slopes, which see finer differences near the minimum.
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
