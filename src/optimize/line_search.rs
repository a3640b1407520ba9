//! The line search: how far to go from θ in a descent direction d.
//!
//! With φ(α) = J(θ + α·d), a step α is accepted when it meets the strong Wolfe conditions
//!
//! φ(α) <= φ(0) + c₁·α·φ'(0)  (the cost falls enough),  |φ'(α)| <= c₂·|φ'(0)|  (and has stopped falling).
//!
//! The search first lengthens the step until an interval must hold such a point ("bracket"), then narrows the interval by
//! the minimum of the cubic through its ends' costs and slopes ("zoom"). A cost that is not finite counts as too high, so the
//! search steps back from it. Source: J. Nocedal and S. Wright, "Numerical Optimization", 2006, algorithms 3.5 and 3.6 and
//! formula 3.59.

use crate::number::Real;

/// The constants of the Wolfe conditions, 0 < c₁ < c₂ < 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wolfe {
    /// c₁: how much of the first slope's promise the cost must keep.
    pub decrease: f64,
    /// c₂: how much of the first slope may be left.
    pub curvature: f64,
    /// No more evaluations than this in one search.
    pub evaluations: usize,
}

impl Default for Wolfe {
    /// c₁ = 10⁻⁴, c₂ = 0.9, 25 evaluations: usual for quasi-Newton directions.
    fn default() -> Self {
        Wolfe { decrease: 1e-4, curvature: 0.9, evaluations: 25 }
    }
}

/// φ at a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point<T> {
    /// α.
    pub step: T,
    /// φ(α).
    pub cost: T,
    /// φ'(α).
    pub slope: T,
}

/// Why no step meets both conditions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure<T> {
    /// φ'(0) is not negative.
    NotDescent,
    /// The evaluations or the digits ran out; the best point found, which may be the start.
    Exhausted(Point<T>),
    /// The cost falls without end, or to -∞.
    Unbounded(Point<T>),
}

/// The longest step, in units of the first one tried.
const LONGEST: f64 = 1e10;

/// Searches from `start` (step 0) with `first` as the first step to try. On success the
/// last point evaluated is the one returned.
///
/// # Errors
/// As [`Failure`] tells.
pub fn search<T: Real>(
    wolfe: &Wolfe,
    start: Point<T>,
    first: T,
    mut evaluate: impl FnMut(T) -> Point<T>,
) -> Result<Point<T>, Failure<T>> {
    if !(start.slope < T::ZERO) {
        return Err(Failure::NotDescent);
    }
    let low_enough =
        |p: &Point<T>| p.cost <= start.cost + T::from_f64(wolfe.decrease) * p.step * start.slope && is_finite(p);
    let flat_enough = |p: &Point<T>| p.slope.abs() <= -T::from_f64(wolfe.curvature) * start.slope;

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
        if point.cost == -T::INFINITY {
            return Err(Failure::Unbounded(point));
        }
        if !low_enough(&point) || previous.step > T::ZERO && point.cost > previous.cost {
            break (previous, point);
        }
        if flat_enough(&point) {
            return Ok(point);
        }
        if point.slope >= T::ZERO {
            break (point, previous);
        }
        if step >= first * T::from_f64(LONGEST) {
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
        let between = if is_finite(&high) { cubic_minimum(&low, &high) } else { T::NAN };
        // Outside the middle, or where there is no minimum, the interval is halved.
        let (a, b) = (low.step + margin, high.step - margin);
        let inside = between > a.min(b) && between < a.max(b);
        let step = if inside { between } else { low.step + width * T::HALF };
        if step == low.step || step == high.step {
            break;
        }
        let point = evaluate(step);
        // Equal costs are left to the slopes, which see finer differences near the minimum.
        if !low_enough(&point) || point.cost > low.cost {
            high = point;
        } else {
            if flat_enough(&point) {
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

fn is_finite<T: Real>(p: &Point<T>) -> bool {
    p.cost.is_finite() && p.slope.is_finite()
}

/// Where the cubic with the costs and slopes of two points has its minimum; NaN if it has none.
fn cubic_minimum<T: Real>(p: &Point<T>, q: &Point<T>) -> T {
    let three = T::from_f64(3.0);
    let d1 = p.slope + q.slope - three * (p.cost - q.cost) / (p.step - q.step);
    let inside = d1 * d1 - p.slope * q.slope;
    if !(inside >= T::ZERO) {
        return T::NAN;
    }
    let root = inside.sqrt();
    let d2 = if q.step > p.step { root } else { -root };
    q.step - (q.step - p.step) * ((q.slope + d2 - d1) / (q.slope - p.slope + d2 + d2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn along(f: impl Fn(f64) -> (f64, f64)) -> impl Fn(f64) -> Point<f64> {
        move |step| {
            let (cost, slope) = f(step);
            Point { step, cost, slope }
        }
    }

    #[test]
    fn accepted_steps_meet_both_conditions() {
        // Two functions of Moré and Thuente 1994 and a parabola, with steps to start from on both sides of the minimum.
        let functions: [fn(f64) -> (f64, f64); 3] = [
            |a| (-a / (a * a + 2.0), (a * a - 2.0) / ((a * a + 2.0) * (a * a + 2.0))),
            |a| {
                let b = a + 0.004;
                ((b * b - 2.0 * b) * b * b * b, (5.0 * b - 8.0) * b * b * b)
            },
            |a| ((a - 3.0) * (a - 3.0), 2.0 * (a - 3.0)),
        ];
        for (f, function) in functions.iter().enumerate() {
            for first in [1e-3, 0.1, 10.0, 1e3] {
                for curvature in [0.1, 0.9] {
                    let wolfe = Wolfe { curvature, evaluations: 60, ..Wolfe::default() };
                    let phi = along(function);
                    let start = phi(0.0);
                    let point = search(&wolfe, start, first, &phi).unwrap();
                    assert!(point.cost <= start.cost + 1e-4 * point.step * start.slope, "function {f} from {first}");
                    assert!(point.slope.abs() <= curvature * start.slope.abs(), "function {f} from {first}");
                }
            }
        }
    }

    #[test]
    fn costs_that_are_not_finite_are_stepped_back_from() {
        // -ln(1 - a) - 2a is NaN beyond 1 (and infinite at it), with its minimum at ½.
        let phi =
            along(|a| if a < 1.0 { (-(1.0 - a).ln() - 2.0 * a, 1.0 / (1.0 - a) - 2.0) } else { (f64::NAN, f64::NAN) });
        let point = search(&Wolfe { curvature: 0.1, ..Wolfe::default() }, phi(0.0), 64.0, &phi).unwrap();
        assert!((point.step - 0.5).abs() < 0.1, "{point:?}");
    }

    #[test]
    fn what_cannot_be_searched_is_said() {
        let up = along(|a| (a, 1.0));
        assert_eq!(search(&Wolfe::default(), up(0.0), 1.0, &up), Err(Failure::NotDescent));
        let down = along(|a| (-a, -1.0));
        assert!(matches!(search(&Wolfe::default(), down(0.0), 1.0, &down), Err(Failure::Unbounded(_))));
        let mut seen = Vec::new();
        let flat = search(&Wolfe::default(), Point { step: 0.0, cost: 1.0, slope: -1.0 }, 1.0, |step| {
            seen.push(step);
            Point { step, cost: 1.0, slope: -1.0 }
        });
        // The slope lies: nothing is lower than the start.
        assert!(matches!(flat, Err(Failure::Exhausted(point)) if point.cost == 1.0));
        assert!(seen.len() <= Wolfe::default().evaluations);
    }
}
