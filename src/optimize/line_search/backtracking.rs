//! Backtracking: the cost must fall enough; if it does not, the step was too long.
//!
//! Armijo's condition φ(α) <= φ(0) + c₁·α·φ'(0) holds for every step short enough, so a step that fails is shortened: to
//! the minimum of the parabola through φ(0), φ'(0) and φ(α),
//!
//! α ← -φ'(0)·α² / 2(φ(α) - φ(0) - φ'(0)·α),
//!
//! kept between a tenth and a half of α. It looks at no slope but the first and never lengthens a step, so a step that
//! is far too short is accepted, and s·y > 0 is not promised to L-BFGS. Sources: L. Armijo, "Minimization of functions
//! having Lipschitz continuous first partial derivatives", 1966; Nocedal and Wright, algorithm 3.1 and formula 3.58.

use super::{Failure, Point, Wolfe};
use crate::number::Real;

/// See [`LineSearch::search`](super::LineSearch::search); `start.slope` is negative.
pub(super) fn search<T: Real>(
    wolfe: &Wolfe,
    start: Point<T>,
    first: T,
    mut evaluate: impl FnMut(T) -> Point<T>,
) -> Result<Point<T>, Failure<T>> {
    let mut step = first;
    for _ in 0..wolfe.evaluations {
        let point = evaluate(step);
        if wolfe.satisfies_armijo(&start, &point) {
            return Ok(point);
        }
        let rejected = point.cost - start.cost - start.slope * step;
        let parabola = -start.slope * step * step * T::HALF / rejected;
        let (least, most) = (step * T::from_f64(0.1), step * T::HALF);
        // A cost that is not finite tells nothing but to be careful; so does a parabola without a minimum.
        step = if parabola > least { parabola.min(most) } else { least };
        if !start.can_fall_within(step) {
            break;
        }
    }
    Err(Failure::Exhausted(start))
}
