//! The line search: how far to go from θ in a descent direction d.
//!
//! With φ(α) = J(θ + α·d), a step α meets the strong Wolfe conditions if
//!
//! φ(α) <= φ(0) + c₁·α·φ'(0)  (the cost falls enough),  |φ'(α)| <= c₂·|φ'(0)|  (and has stopped falling).
//!
//! 1. [`backtracking`]: the first condition alone, by stepping back;
//! 2. [`zoom`]: both, by an interval that must hold such a step ("bracket") and is narrowed;
//! 3. [`more_thuente`]: both, the same idea with more care about where to try next: the default.
//!
//! A cost or slope that is not finite counts as too high, so that every search steps back from it.
//!
//! Source: J. Nocedal and S. Wright, "Numerical Optimization", 2006, chapter 3.

pub mod backtracking;
pub mod more_thuente;
pub mod zoom;

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

impl Wolfe {
    /// Whether the cost at a point has fallen enough.
    pub fn satisfies_armijo<T: Real>(&self, start: &Point<T>, point: &Point<T>) -> bool {
        point.cost <= start.cost + T::from_f64(self.decrease) * point.step * start.slope && point.is_finite()
    }

    /// Whether the slope at a point is flat enough.
    pub fn satisfies_curvature<T: Real>(&self, start: &Point<T>, point: &Point<T>) -> bool {
        point.slope.abs() <= -T::from_f64(self.curvature) * start.slope
    }
}

/// Which line search, and its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineSearch {
    /// Strong Wolfe conditions, by Moré and Thuente: see [`more_thuente`].
    MoreThuente(Wolfe),
    /// Strong Wolfe conditions, by bracket and zoom: see [`zoom`].
    Zoom(Wolfe),
    /// The first condition alone, by stepping back; c₂ is not looked at: see [`backtracking`].
    Backtracking(Wolfe),
}

impl Default for LineSearch {
    fn default() -> Self {
        LineSearch::MoreThuente(Wolfe::default())
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

impl<T: Real> Point<T> {
    /// Whether cost and slope are finite.
    pub fn is_finite(&self) -> bool {
        self.cost.is_finite() && self.slope.is_finite()
    }

    /// Whether a fall along the slope, so far, would change the last digit of the cost: below that, which of two points is
    /// lower is chance, and every search ends.
    fn can_fall_within(&self, width: T) -> bool {
        (self.slope * width).abs() > T::EPSILON * self.cost.abs()
    }
}

/// Why no step is acceptable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure<T> {
    /// φ'(0) is not negative.
    NotDescent,
    /// The evaluations or the digits ran out; the best point found that falls enough, else the start.
    Exhausted(Point<T>),
    /// The cost falls without end, or to -∞; the farthest point at which it is finite.
    Unbounded(Point<T>),
    /// Cost or slope was finite at no step.
    NotFinite,
}

/// The longest step, in units of the first one tried.
pub const MAX_STEP: f64 = 1e10;

impl LineSearch {
    /// Searches from `start` (step 0) with `first` as the first step to try. On success the last point evaluated is the one
    /// returned.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn search<T: Real>(
        &self,
        start: Point<T>,
        first: T,
        mut evaluate: impl FnMut(T) -> Point<T>,
    ) -> Result<Point<T>, Failure<T>> {
        if !(start.slope < T::ZERO) {
            return Err(Failure::NotDescent);
        }
        let (mut finite, mut nearest) = (false, Point { step: T::INFINITY, cost: T::ZERO, slope: T::ZERO });
        let watched = |step| {
            let point = evaluate(step);
            finite |= point.is_finite();
            if !point.is_finite() && step < nearest.step {
                nearest = point;
            }
            point
        };
        let found = match self {
            LineSearch::MoreThuente(wolfe) => more_thuente::search(wolfe, start, first, watched),
            LineSearch::Zoom(wolfe) => zoom::search(wolfe, start, first, watched),
            LineSearch::Backtracking(wolfe) => backtracking::search(wolfe, start, first, watched),
        };
        match found {
            // Nothing was acceptable on the way to -∞: there is no minimum on this side of it.
            Err(Failure::Exhausted(point)) if nearest.cost == -T::INFINITY => Err(Failure::Unbounded(point)),
            Err(Failure::Exhausted(_)) if !finite => Err(Failure::NotFinite),
            found => found,
        }
    }

    /// Searches with no more evaluations than `most`, whatever the settings allow.
    #[must_use]
    pub fn within(mut self, most: usize) -> Self {
        let (LineSearch::MoreThuente(wolfe) | LineSearch::Zoom(wolfe) | LineSearch::Backtracking(wolfe)) = &mut self;
        wolfe.evaluations = wolfe.evaluations.min(most);
        self
    }
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
mod tests;
