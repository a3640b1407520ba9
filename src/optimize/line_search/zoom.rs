//! Bracket and zoom: find an interval that must contain an acceptable step, then narrow it.
//!
//! **Bracket.** The step is lengthened while the cost falls enough and the slope is still steep downward: to the
//! minimum of the cubic (WO.5) through the last two steps, but at least to twice and at most to ten times the step. The
//! search returns if a step is acceptable. The last two steps form an interval as soon as the newer one fails (WO.1) of
//! the [line search](super), costs more than the older, or has an upward slope. In the last case the newer step is
//! `low`, otherwise the older.
//!
//! **Zoom.** The end `low` has the lowest cost of all steps that meet (WO.1), and its slope leads toward the end
//! `high`, which fails (WO.1) or costs at least as much. A trial between them replaces one end so that this stays true:
//! it becomes `high` if it fails (WO.1) or costs more than `low`, otherwise `low`. If the slope of the new `low` leads
//! away from `high`, the old `low` becomes `high`. The trial is the minimum of the cubic (WO.5), or the middle if that
//! minimum lies within a tenth of the width of an end.
//!
//! **Why such an interval holds an acceptable step.** Let ψ(α) = φ(α) - φ(0) - c₁·α·φ'(0), with the slope
//! ψ' = φ' - c₁·φ'(0). (WO.1) says ψ(α) <= 0.
//!
//! 1. `high` is the longer step and fails (WO.1). The slope at `low` leads toward `high`, so it is negative. As `low`
//!    meets (WO.1) and is not acceptable, it fails (WO.2): φ' < c₂·φ'(0) < c₁·φ'(0). So ψ' < 0 at `low`, where ψ <= 0,
//!    and ψ > 0 at `high`. The lowest ψ in between is therefore at neither end; there ψ < 0 and ψ' = 0, which is
//!    φ' = c₁·φ'(0). Both conditions hold there, since c₁ < c₂.
//! 2. Otherwise `high` costs at least as much as `low`: either by the choice of `high`, or since it fails (WO.1) at a
//!    shorter step, where the bound of (WO.1) is higher. As φ falls from `low` into the interval, it has a minimum
//!    inside, where φ' = 0. The longer of the two steps meets (WO.1) and costs more than that minimum. The bound is
//!    higher at the minimum, a shorter step, which therefore meets (WO.1) too.
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
