//! The line search: how far to go from θ in a descent direction d.
//!
//! **Why.** The direction of a minimizer says where the cost falls, not for how long. A step that is too long can raise
//! the cost; one that is too short wastes an evaluation of cost and gradient, the expensive part of a step. The exact
//! minimum along d is not worth its evaluations either, since the next direction is a different one. So a search looks
//! for any step that is good enough, by two conditions.
//!
//! **Legend.**
//!
//! | symbol | meaning |
//! | --- | --- |
//! | α | the step, in units of d |
//! | φ(α) | J(θ + α·d), the cost along the direction |
//! | φ'(α) | ∇J(θ + α·d)·d, its slope; φ'(0) < 0, since d descends |
//! | c₁, c₂ | constants, 0 < c₁ < c₂ < 1; 10⁻⁴ and 0.9 by default |
//!
//! **Equations.** The strong Wolfe conditions:
//!
//! ```text
//! (WO.1)  φ(α) <= φ(0) + c₁·α·φ'(0)        sufficient decrease (Armijo)
//! (WO.2)  |φ'(α)| <= c₂·|φ'(0)|            curvature
//! ```
//!
//! **Why two.** (WO.1) excludes steps that gain too little for their length, such as those that leap across a valley to
//! the same height. But it accepts every step that is short enough, so a search with (WO.1) alone may creep. (WO.2)
//! excludes steps so short that the slope is still as steep as at the start.
//!
//! **Why strong.** The plain condition φ'(α) >= c₂·φ'(0) would suffice against short steps. But far beyond the minimum,
//! where the slope is steep upward, the cost may be almost as high as at the start, and the next direction has to lead
//! back across the valley. With |φ'(α)|, (WO.2) excludes such steps too.
//!
//! **Why the second helps quasi-Newton methods.** These, such as L-BFGS of the next chapter, measure the curvature by s
//! = α·d and y = ∇J(θ + s) - ∇J(θ). Since φ' = ∇J·d, s·y = α·(φ'(α) - φ'(0)). (WO.2) gives φ'(α) >= -c₂·|φ'(0)| =
//! c₂·φ'(0), the plain condition, which is all that the proof uses:
//!
//! ```text
//! s·y = α·(φ'(α) - φ'(0)) >= α·(c₂ - 1)·φ'(0) > 0
//! ```
//!
//! since c₂ - 1 and φ'(0) are both negative. A positive s·y keeps their estimate H of the inverse curvature positive
//! definite, x·H x > 0 for every x ≠ 0 (see [`two_loop`](super::two_loop)), so that the next direction d = -H·∇J
//! descends as well. After a search with (WO.1) alone, s·y may be negative. L-BFGS then drops the pair s, y and learns
//! nothing from the step.
//!
//! **Such a step exists** if J is smooth and bounded below along d. At first φ lies below the line φ(0) + c₁·α·φ'(0),
//! since c₁ < 1. The line falls without bound, so φ crosses it; let α* be the first crossing. All steps up to α* meet
//! (WO.1). By the mean value theorem a step between 0 and α* has the slope (φ(α*) - φ(0))/α* = c₁·φ'(0), and (WO.2)
//! holds there because c₁ < c₂.
//!
//! **By hand.** φ(α) = ½·(α - 1)², so φ(0) = ½ and φ'(0) = -1; c₁ = 0.1 and c₂ = 0.3. (WO.1) reads
//! ½·(α - 1)² <= ½ - 0.1·α, which is α <= 2·(1 - c₁) = 1.8. (WO.2) reads |α - 1| <= 0.3, which is 0.7 <= α <= 1.3. With
//! the defaults the steps from 0.1 to 1.9 are accepted. L-BFGS tries α = 1 first, which is usually acceptable at once.
//!
//! **Interpolation.** Costs f and slopes g at two steps p and q define a cubic. Its minimum is the natural next trial:
//!
//! ```text
//! (WO.3)  e₁ = g_p + g_q - 3·(f_p - f_q)/(p - q)
//! (WO.4)  e₂ = √(e₁² - g_p·g_q), with the sign of q - p
//! (WO.5)  α = q - (q - p)·(g_q + e₂ - e₁)/(g_q - g_p + 2·e₂)
//! ```
//!
//! If the root has no real value, there is no minimum. Derivation: let u = (α - q)/(q - p), which is -1 at p and 0 at
//! q. The slope of a cubic is a parabola, g_q + b·u + a·u². It is g_p at u = -1, and its mean from u = -1 to 0 is
//! (f_p - f_q)/(p - q) = (g_p + g_q - e₁)/3:
//!
//! ```text
//! g_q - b + a = g_p  and  g_q - b/2 + a/3 = (g_p + g_q - e₁)/3,  so  b = 2·(e₁ + g_q)  and  a = g_p + g_q + 2·e₁
//! ```
//!
//! A zero of the slope, multiplied by a, is (a·u)² + b·(a·u) + a·g_q = 0. So a·u + b/2 = ±√(b²/4 - a·g_q), where
//! b²/4 - a·g_q = (e₁ + g_q)² - a·g_q = e₁² - g_p·g_q. At a minimum the slope rises with α: its derivative by u,
//! 2·(a·u + b/2), has the sign of q - p. This is the root e₂, so a·u = e₂ - b/2 = e₂ - e₁ - g_q. To avoid a division by
//! a, which is 0 if φ is a parabola, multiply by e₂ + e₁ + g_q, and insert e₂² = e₁² - g_p·g_q:
//!
//! ```text
//! a·u·(e₂ + e₁ + g_q) = e₂² - (e₁ + g_q)² = -g_q·(g_p + g_q + 2·e₁) = -a·g_q
//! (g_q + e₂ - e₁)·(e₂ + e₁ + g_q) = (g_q + e₂)² - e₁² = g_q·(g_q - g_p + 2·e₂)
//! ```
//!
//! The first line, without the factor a, is u = -g_q/(e₂ + e₁ + g_q). (For a = 0, e₂ = b/2, and this is -g_q/b, the
//! zero of g_q + b·u.) By the second line, the same u is -(g_q + e₂ - e₁)/(g_q - g_p + 2·e₂), and α = q + u·(q - p) is
//! (WO.5). By hand, from p = 0 and q = 3 of the φ above: f_p = ½ and g_p = -1, f_q = g_q = 2. So e₁ = -1 + 2 - 3·½ = -½
//! and e₂ = √(¼ + 2) = 1.5. The trial is α = 3 - 3·(2 + 1.5 + 0.5)/(2 + 1 + 3) = 1, the minimum.
//!
//! **The searches.**
//!
//! 1. [`backtracking`]: (WO.1) alone, by shortening the step;
//! 2. [`zoom`]: both conditions, by an interval that must contain such a step ("bracket") and is narrowed;
//! 3. [`more_thuente`]: both conditions, the same idea with more careful trial steps: the default.
//!
//! A cost or slope that is not finite counts as too high, so that every search steps back from it.
//!
//! Source: J. Nocedal and S. Wright, "Numerical Optimization", 2006, chapter 3: formula 3.7 (WO.1 and WO.2), lemma 3.1
//! (existence), formula 3.59 (WO.3 to WO.5), formula 6.7 (s·y > 0).

pub mod backtracking;
pub mod more_thuente;
pub mod zoom;

use crate::number::Real;

/// The constants of the Wolfe conditions, 0 < c₁ < c₂ < 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wolfe {
    /// c₁: the fraction of the decrease predicted by the first slope that a step must achieve.
    pub decrease: f64,
    /// c₂: the fraction of the first slope that may remain.
    pub curvature: f64,
    /// The maximum number of evaluations in one search.
    pub evaluations: usize,
}

impl Default for Wolfe {
    /// c₁ = 10⁻⁴, c₂ = 0.9, 25 evaluations: usual for quasi-Newton directions.
    fn default() -> Self {
        Wolfe { decrease: 1e-4, curvature: 0.9, evaluations: 25 }
    }
}

impl Wolfe {
    /// Whether a point meets the condition of sufficient decrease (WO.1), and is finite.
    pub fn satisfies_armijo<T: Real>(&self, start: &Point<T>, point: &Point<T>) -> bool {
        let c1 = T::from_f64(self.decrease);
        point.cost <= start.cost + c1 * point.step * start.slope && point.is_finite() // (WO.1)
    }

    /// Whether a point meets the curvature condition (WO.2).
    pub fn satisfies_curvature<T: Real>(&self, start: &Point<T>, point: &Point<T>) -> bool {
        point.slope.abs() <= -T::from_f64(self.curvature) * start.slope // (WO.2)
    }
}

/// A line search with its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineSearch {
    /// Strong Wolfe conditions, by Moré and Thuente: see [`more_thuente`].
    MoreThuente(Wolfe),
    /// Strong Wolfe conditions, by bracket and zoom: see [`zoom`].
    Zoom(Wolfe),
    /// Sufficient decrease alone, by shortening the step; c₂ is not used: see [`backtracking`].
    Backtracking(Wolfe),
}

impl Default for LineSearch {
    fn default() -> Self {
        LineSearch::MoreThuente(Wolfe::default())
    }
}

/// Cost and slope at a step.
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

    /// Whether following the slope over this width would change the last digit of the cost. If not, rounding decides
    /// which of two points is lower, and every search ends.
    fn can_fall_within(&self, width: T) -> bool {
        (self.slope * width).abs() > T::EPSILON * self.cost.abs()
    }
}

/// Why no step is acceptable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure<T> {
    /// φ'(0) is not negative.
    NotDescent,
    /// The maximum number of evaluations, or the precision of the cost, is exhausted. Holds the best point that meets
    /// (WO.1), or else the start.
    Exhausted(Point<T>),
    /// The cost falls without end, or to -∞. Holds the farthest point at which it is finite.
    Unbounded(Point<T>),
    /// Cost or slope was finite at no step.
    NotFinite,
}

/// The longest step, in units of the first one tried.
pub const MAX_STEP: f64 = 1e10;

impl LineSearch {
    /// Searches from `start` (step 0) with `first` as the first step to try. On success the last point evaluated is the
    /// one returned.
    ///
    /// # Errors
    /// A [`Failure`] if no step tried is acceptable.
    pub fn search<T: Real>(
        &self,
        start: Point<T>,
        first: T,
        mut evaluate: impl FnMut(T) -> Point<T>,
    ) -> Result<Point<T>, Failure<T>> {
        if !(start.slope < T::ZERO) {
            return Err(Failure::NotDescent);
        }
        // The shortest step at which the cost was not finite.
        let mut shortest = Point { step: T::INFINITY, cost: T::ZERO, slope: T::ZERO };
        let mut any_finite = false;
        let observed = |step| {
            let point = evaluate(step);
            any_finite |= point.is_finite();
            if !point.is_finite() && step < shortest.step {
                shortest = point;
            }
            point
        };
        let result = match self {
            LineSearch::MoreThuente(wolfe) => more_thuente::search(wolfe, start, first, observed),
            LineSearch::Zoom(wolfe) => zoom::search(wolfe, start, first, observed),
            LineSearch::Backtracking(wolfe) => backtracking::search(wolfe, start, first, observed),
        };
        match result {
            // No step on the way to -∞ was acceptable: there is no minimum before it.
            Err(Failure::Exhausted(point)) if shortest.cost == -T::INFINITY => Err(Failure::Unbounded(point)),
            Err(Failure::Exhausted(_)) if !any_finite => Err(Failure::NotFinite),
            result => result,
        }
    }

    /// The same search with no more than `most` evaluations.
    #[must_use]
    pub fn within(mut self, most: usize) -> Self {
        let (LineSearch::MoreThuente(wolfe) | LineSearch::Zoom(wolfe) | LineSearch::Backtracking(wolfe)) = &mut self;
        wolfe.evaluations = wolfe.evaluations.min(most);
        self
    }
}

/// The minimum of the cubic with the costs and slopes of two points; NaN if it has none.
fn cubic_minimum<T: Real>(p: &Point<T>, q: &Point<T>) -> T {
    let three = T::from_f64(3.0);
    let e1 = p.slope + q.slope - three * (p.cost - q.cost) / (p.step - q.step); // (WO.3)
    let radicand = e1 * e1 - p.slope * q.slope;
    if !(radicand >= T::ZERO) {
        return T::NAN;
    }
    let root = radicand.sqrt();
    let e2 = if q.step > p.step { root } else { -root }; // (WO.4)
    q.step - (q.step - p.step) * ((q.slope + e2 - e1) / (q.slope - p.slope + e2 + e2)) // (WO.5)
}

#[cfg(test)]
mod tests;
