//! Backtracking: a step is shortened until the cost falls enough.
//!
//! Every step that is short enough meets the condition of sufficient decrease (WO.1) of the
//! [line search](super), so a step that fails was too long. The next trial is the minimum of the parabola through φ(0),
//! φ'(0) and φ(α), clamped to between a tenth and a half of α:
//!
//! ```text
//! (BT.1)  h = φ(α) - φ(0) - φ'(0)·α           the cost's excess over its tangent at 0
//! (BT.2)  α ← -φ'(0)·α² / 2h
//! ```
//!
//! The parabola is P(a) = φ(0) + φ'(0)·a + (h/α²)·a², since P(α) = φ(α). Its slope φ'(0) + 2·(h/α²)·a is zero at
//! (BT.2). For φ(α) = ½·(α - 1)² a trial at α = 3 has h = 2 - ½ + 3 = 4.5 and leads to 9/9 = 1, the minimum.
//!
//! The search uses no slope but φ'(0) and never lengthens a step. So it may accept a step that is far too short, and it
//! does not guarantee s·y > 0: L-BFGS drops the pairs that lack it.
//!
//! Sources: L. Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", 1966;
//! J. Nocedal and S. Wright, "Numerical Optimization", 2006, algorithm 3.1 and formula 3.58 (BT.2).

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
        let excess = point.cost - start.cost - start.slope * step; // (BT.1)
        let parabola = -start.slope * step * step * T::HALF / excess; // (BT.2)
        let (least, most) = (step * T::from_f64(0.1), step * T::HALF);
        // Without a minimum of the parabola, or a finite cost, the shortest step allowed is the safe choice.
        step = if parabola > least { parabola.min(most) } else { least };
        if !start.can_fall_within(step) {
            break;
        }
    }
    Err(Failure::Exhausted(start))
}
