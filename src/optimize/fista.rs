//! FISTA: a smooth cost plus λ·Σ|z_i|, minimized to exact zeros.
//!
//! **Why.** The penalty λ·Σ|z_i|, the L1 norm, makes parameters zero, not only small: the pull toward 0 stays λ however
//! small z_i is, whereas the slope of a square vanishes there. But |z| has a kink at 0, exactly where the solutions
//! lie. The slope jumps from -λ to λ, so a gradient step almost never ends at 0. A line search fails too: it demands a
//! fraction of the decrease that the slope predicts, but the slope changes at the kink. Near the kink, where some z_i
//! is small, only steps about as short as |z_i| pass.
//!
//! **Idea.** Replace only the smooth part by a parabola that touches it at the current point and is nowhere below it.
//! The parabola plus the penalty is minimized exactly, coordinate by coordinate, and the minimum is often at 0.
//! Repeating this gives ISTA, the proximal gradient method; adding momentum gives FISTA.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | f | the smooth part of the cost, convex, with gradient ∇f |
//! | L | a bound on how fast ∇f changes, \|∇f(y) - ∇f(z)\| <= L·\|y - z\|; of a quadratic, its largest curvature |
//! | λ | weight of the penalty, >= 0 |
//! | z, p | a point, and the next one; z = z_0 at the start |
//! | y, g | where ∇f is evaluated, ahead of z in the direction of the last step (y = z at the start); ∇f(y) |
//! | u, c | the number that shrink moves, and the distance; in a step, u = y - g/L and c = λ/L |
//! | t | the number that sets the momentum: 1, 1.62, 2.19, ..., about k/2 after k steps |
//! | F, v_i | the cost; how far coordinate i is from an optimum |
//!
//! The cost, and a step. shrink(u, c) is the p that minimizes ½(p - u)² + c|p|, as derived below: it moves u toward 0
//! by c, and to 0 if |u| <= c.
//!
//! ```text
//! (PG.1)  F(z) = f(z) + λ Σ_i |z_i|                        Beck and Teboulle, 2009, problem (P)
//!
//! (PG.2)  shrink(u, c) = max(u - c, 0) - max(-u - c, 0)    the soft threshold, section 1
//! (PG.3)  p_i = shrink( y_i - ∂f/∂z_i(y)/L, λ/L )          (4.1)
//!
//! (PG.4)  if (y - p)·(p - z) > 0:  t ← 1                   O'Donoghue and Candès, 2015, gradient scheme
//! (PG.5)  t' = (1 + √(1 + 4t²))/2                          Beck and Teboulle, (4.2)
//! (PG.6)  y' = p + (t - 1)/t' · (p - z)                    (4.3)
//! ```
//!
//! Then p, y' and t' take the places of z, y and t. After a restart (PG.4), t = 1, so the step has no momentum: y' = p.
//!
//! The violation of the optimality conditions, which decides when the minimization ends:
//!
//! ```text
//! (PG.7)  v_i = |∂f/∂z_i + λ sign(z_i)|                    where z_i ≠ 0
//! (PG.8)  v_i = max(|∂f/∂z_i| - λ, 0)                      where z_i = 0
//! ```
//!
//! **Derivation.** Let g = ∇f(y), and z any point. At y + r(z - y), the gradient differs from g by at most L r|z - y|.
//! The slope of f with respect to r is its product with z - y, so it exceeds g·(z - y) by at most L r|z - y|²:
//!
//! ```text
//! f(z) - f(y) - g·(z - y) = ∫₀¹ (∇f(y + r(z - y)) - g)·(z - y) dr <= ∫₀¹ L r |z - y|² dr = ½L|z - y|²
//! ```
//!
//! So f is nowhere above the parabola f(y) + g·(z - y) + ½L|z - y|², and touches it at y. Let Q be the parabola plus
//! the penalty λ Σ_i |z_i|, and p the point that minimizes it:
//!
//! ```text
//! F(p) <= Q(p) <= Q(y) = F(y)
//! ```
//!
//! The first step holds because the parabola is nowhere below f, the second because p minimizes Q, the third because
//! they touch at y. So from y = z, without momentum, F never rises. Completing the square with u = y - g/L leaves, up
//! to a constant, a sum over coordinates, ½L (p_i - u_i)² + λ|p_i|. Its minimum:
//!
//! ```text
//! p_i > 0:  L (p_i - u_i) + λ = 0,  p_i = u_i - λ/L,  which is positive if u_i > λ/L
//!
//! p_i < 0:  L (p_i - u_i) - λ = 0,  p_i = u_i + λ/L,  which is negative if u_i < -λ/L
//!
//! otherwise the function falls toward 0 from both sides, and p_i = 0: together (PG.3)
//! ```
//!
//! At a kink, the *slopes* of a convex function (subgradients) are those of all lines that meet its graph there and are
//! nowhere above it. Where the function is smooth there is only one, the derivative; for λ|z_i| at 0, they are all
//! numbers from -λ to λ. Since each kink involves a single coordinate, z is a minimum exactly when, in each coordinate,
//! 0 (the level line) is a slope of F. Where z_i ≠ 0, the slope ∂f/∂z_i ± λ must vanish (PG.7). At z_i = 0 the slopes
//! of F lie between ∂f/∂z_i - λ and ∂f/∂z_i + λ, so |∂f/∂z_i| <= λ is enough (PG.8). The largest v_i is the
//! *violation*. It is 0 at a minimum and nowhere else, and the minimization ends when it is small.
//!
//! **Why momentum.** L is set by the steepest direction. Along a flat one, a step without momentum is short, and the
//! following ones point the same way. With momentum they add up: under a constant slope, the length of step k grows
//! about in proportion to k, and the distance covered in k steps grows like k², not k. The bounds of the paper (not
//! derived here) have the same powers. Without momentum, F(z_k) - F* <= L|z_0 - z*|²/(2k), where z* is a minimum, F* =
//! F(z*), and z_k is the point after k steps. With (PG.5) and (PG.6) the bound is 2L|z_0 - z*|²/(k+1)² (theorem 4.4):
//! its value after 1,000 steps is that of the other after 250,000. The proof needs t'² - t' = t², which (PG.5) solves.
//! For large t, t' ≈ t + ½, so the factor (t - 1)/t' rises toward 1.
//!
//! The momentum can overshoot, and then the cost oscillates. At p, 0 is a slope of Q:
//!
//! ```text
//! 0 = ∇f(y) + L(p - y) + w,   so   L(y - p) = ∇f(y) + w,   where w is a slope of the penalty at p
//! ```
//!
//! L(y - p) is almost a slope of F at p, except that ∇f is taken at y, nearby. If its product with the step p - z is
//! positive, the step climbs, and (PG.4) restarts the momentum. Near a minimum with positive curvature, F - F* then
//! falls on average by a constant factor per step (O'Donoghue and Candès; not derived here). The steps after a restart
//! are those of FISTA started at the y of that step. So, until the next restart, the bound above holds for the program
//! with this y as z_0 and with k counted from there.
//!
//! **By hand.** f = ½(z_1 - 1)² + ½(z_2 - 0.4)², λ = ½, from z = (0, 0), with L = 2. (L = 1 is also a bound, and with
//! it one step would reach the minimum, (½, 0).) The first coordinate:
//!
//! ```text
//! y = 0:  u = 0 + 1/2 = ½,    p = ½ - ¼ = ¼,  t' = 1.618,  y' = ¼ + 0
//!
//! y = ¼:  u = ¼ + ¾/2 = ⅝,    p = ⅝ - ¼ = ⅜,  t' = 2.194,  y' = ⅜ + (0.618/2.194)·⅛ = 0.4102
//! at z = ⅜:  v = |(⅜ - 1) + ½| = ⅛
//! ```
//!
//! The second stays at 0: u = 0.4/2 is less than λ/L = ¼, so p = 0, and v = max(0.4 - ½, 0) = 0.
//!
//! **Conventions.** ∇f is evaluated at y; every tenth step also at z, for the violation. With momentum, F need not fall
//! at each step. If f is a sum over examples, each with coordinates of its own, then so is F, and one run minimizes all
//! of them: examples affect each other only through the restart (PG.4) and the decision to stop.
//!
//! Sources: A. Beck and M. Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems",
//! 2009; B. O'Donoghue and E. Candès, "Adaptive restart for accelerated gradient schemes", 2015; source E,
//! "Regularization" (the L1 norm).

use super::{Objective, Outcome, Reason};
use crate::machine::{Element, Lanes, Operation, run};
use crate::number::Real;
use crate::number::sum::{dot, norm_inf, reduce};
use alloc::vec;
use alloc::vec::Vec;

/// The violation is evaluated after this number of steps: each evaluation costs as much as a step.
const STEPS_PER_CHECK: usize = 10;

/// The settings of a minimization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fista {
    /// λ >= 0.
    pub penalty: f64,
    /// L > 0.
    pub lipschitz: f64,
    /// The maximum number of steps.
    pub iterations: usize,
    /// The minimization ends if the violation (PG.7), (PG.8) is at most this.
    pub tolerance: f64,
}

impl Fista {
    /// Minimizes f + λ·Σ|z_i|, where `smooth` is f. `z` holds the start, and receives the last point. The outcome's
    /// `cost` is F there, and its `gradient` the violation.
    ///
    /// # Panics
    /// If `z` has another length than the objective's dimension, λ is negative, or L is not positive.
    pub fn minimize<T: Real, O: Objective<T> + ?Sized>(&self, smooth: &mut O, z: &mut [T]) -> Outcome<T> {
        assert!(self.penalty >= 0.0 && self.lipschitz > 0.0, "{self:?}");
        let (lambda, rate) = (T::from_f64(self.penalty), T::from_f64(1.0 / self.lipschitz));
        let threshold = T::from_f64(self.penalty / self.lipschitz);
        let (mut y, mut g) = (z.to_vec(), vec![T::ZERO; z.len()]);
        let (mut t, mut iterations, mut evaluations) = (1.0, 0, 0);
        loop {
            if iterations % STEPS_PER_CHECK == 0 || iterations == self.iterations {
                let cost = smooth.cost_and_gradient(z, &mut g) + lambda * reduce(z, z, |z, _| z.abs()); // (PG.1)
                evaluations += 1;
                g.iter_mut().zip(&*z).for_each(|(g, &z)| *g = violation(*g, z, lambda));
                let gradient = norm_inf(&g);
                let reason = match () {
                    () if !(cost.is_finite() && gradient.is_finite()) => Some(Reason::NotFinite),
                    () if gradient.to_f64() <= self.tolerance => Some(Reason::GradientSmall),
                    () => (iterations == self.iterations).then_some(Reason::Iterations),
                };
                if let Some(reason) = reason {
                    return Outcome { reason, cost, gradient, iterations, evaluations };
                }
            }
            smooth.cost_and_gradient(&y, &mut g);
            evaluations += 1;
            run(Proximal { g: &mut g, y: &mut y, z, rate, threshold });
            // Now g is p, y is y - p, and z is p - z.
            if dot(&y, z) > T::ZERO {
                t = 1.0; // (PG.4)
            }
            let next = 0.5 * (1.0 + Element::sqrt(1.0 + 4.0 * t * t)); // (PG.5)
            run(Momentum { p: &g, y: &mut y, z, factor: T::from_f64((t - 1.0) / next) });
            t = next;
            iterations += 1;
        }
    }
}

/// shrink(u, c): u moved toward 0 by c, and 0 where |u| <= c.
#[inline(always)]
pub fn shrink<T: Real>(u: T, c: T) -> T {
    (u - c).max(T::ZERO) - (-u - c).max(T::ZERO) // (PG.2)
}

/// The violation of the optimality condition of one coordinate z, from g = ∂f/∂z.
pub fn violation<T: Real>(g: T, z: T, lambda: T) -> T {
    if z > T::ZERO {
        (g + lambda).abs() // (PG.7)
    } else if z < T::ZERO {
        (g - lambda).abs() // (PG.7)
    } else if g.is_nan() {
        g
    } else {
        (g.abs() - lambda).max(T::ZERO) // (PG.8)
    }
}

/// g ← p, y ← y - p, z ← p - z: one pass, with all that the rest of a step needs.
struct Proximal<'a, T> {
    g: &'a mut [T],
    y: &'a mut [T],
    z: &'a mut [T],
    rate: T,
    threshold: T,
}

impl<T: Real> Operation<T> for Proximal<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _lanes: L) {
        for ((g, y), z) in self.g.iter_mut().zip(self.y).zip(self.z) {
            let p = shrink(*y - *g * self.rate, self.threshold); // (PG.3)
            (*g, *y, *z) = (p, *y - p, p - *z);
        }
    }
}

/// y ← p + factor·z, where z is p less the point before; then z ← p.
struct Momentum<'a, T> {
    p: &'a [T],
    y: &'a mut [T],
    z: &'a mut [T],
    factor: T,
}

impl<T: Real> Operation<T> for Momentum<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _lanes: L) {
        for ((&p, y), z) in self.p.iter().zip(self.y).zip(self.z) {
            *y = p + self.factor * *z; // (PG.6)
            *z = p;
        }
    }
}

/// The point after all `iterations` of the settings, from `z`, equation by equation. `gradient` returns ∇f.
pub fn by_definition(settings: &Fista, mut gradient: impl FnMut(&[f64]) -> Vec<f64>, z: &[f64]) -> Vec<f64> {
    let (rate, threshold) = (1.0 / settings.lipschitz, settings.penalty / settings.lipschitz);
    let (mut z, mut y, mut t) = (z.to_vec(), z.to_vec(), 1.0);
    for _ in 0..settings.iterations {
        let g = gradient(&y);
        let p: Vec<f64> = (0..z.len()).map(|i| shrink(y[i] - g[i] * rate, threshold)).collect(); // (PG.2), (PG.3)
        if (0..z.len()).fold(0.0, |sum, i| sum + (y[i] - p[i]) * (p[i] - z[i])) > 0.0 {
            t = 1.0; // (PG.4)
        }
        let next = 0.5 * (1.0 + Element::sqrt(1.0 + 4.0 * t * t)); // (PG.5)
        for i in 0..z.len() {
            y[i] = p[i] + (t - 1.0) / next * (p[i] - z[i]); // (PG.6)
        }
        (z, t) = (p, next);
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::optimize::objective::FromFunction;

    /// ½|B·z - x|² for a drawn B (rows x n) and x, with a bound L: the squared length of B.
    struct LeastSquares {
        b: Vec<Vec<f64>>,
        x: Vec<f64>,
    }

    impl LeastSquares {
        fn draw(rows: usize, n: usize, seed: u64) -> Self {
            let mut random = Random::new(seed);
            let b = (0..rows).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
            LeastSquares { b, x: (0..rows).map(|_| random.normal()).collect() }
        }

        fn at(&self, z: &[f64], g: &mut [f64]) -> f64 {
            g.fill(0.0);
            self.b.iter().zip(&self.x).fold(0.0, |cost, (row, x)| {
                let r = dot(row, z) - x;
                g.iter_mut().zip(row).for_each(|(g, b)| *g += r * b);
                cost + 0.5 * r * r
            })
        }

        fn minimize(&self, settings: Fista) -> (Vec<f64>, Outcome<f64>) {
            let mut z = vec![0.0; self.b[0].len()];
            let mut smooth = FromFunction::new(z.len(), |z: &[f64], g: &mut [f64]| self.at(z, g));
            let outcome = settings.minimize(&mut smooth, &mut z);
            (z, outcome)
        }

        fn settings(&self, iterations: usize) -> Fista {
            let lipschitz = self.b.iter().fold(0.0, |sum, row| sum + dot(row, row));
            Fista { penalty: 2.0, lipschitz, iterations, tolerance: 1e-12 }
        }
    }

    #[test]
    fn two_steps_by_hand() {
        let slopes = |z: &[f64]| vec![z[0] - 1.0, z[1] - 0.4];
        let mut smooth = FromFunction::new(2, |z: &[f64], g: &mut [f64]| {
            g.copy_from_slice(&slopes(z));
            0.5 * (g[0] * g[0] + g[1] * g[1])
        });
        let settings = Fista { penalty: 0.5, lipschitz: 2.0, iterations: 2, tolerance: 0.0 };
        let mut z = [0.0; 2];
        let outcome = settings.minimize(&mut smooth, &mut z);
        assert_eq!((z, outcome.gradient, outcome.reason), ([0.375, 0.0], 0.125, Reason::Iterations));
        assert_eq!(outcome.cost, 0.5 * (0.625 * 0.625 + 0.4 * 0.4) + 0.5 * 0.375);
        assert_eq!(by_definition(&settings, slopes, &[0.0; 2]), [0.375, 0.0]);
        let exact = Fista { lipschitz: 1.0, iterations: 10, ..settings };
        assert_eq!(exact.minimize(&mut smooth, &mut z).iterations, 10);
        assert_eq!((z, shrink(-0.3, 0.5), shrink(-0.75, 0.5)), ([0.5, 0.0], 0.0, -0.25));
    }

    #[test]
    fn every_step_is_that_of_the_definition() {
        let problem = LeastSquares::draw(20, 37, 1);
        for iterations in [0, 1, 7, 60] {
            let settings = problem.settings(iterations);
            let gradient = |z: &[f64]| {
                let mut g = vec![0.0; z.len()];
                problem.at(z, &mut g);
                g
            };
            assert_eq!(problem.minimize(settings).0, by_definition(&settings, gradient, &[0.0; 37]));
        }
    }

    #[test]
    fn the_minimum_is_sparse_and_reached_as_fast_as_the_theorem_says() {
        let problem = LeastSquares::draw(20, 37, 2);
        let (best, outcome) = problem.minimize(problem.settings(100_000));
        assert_eq!(outcome.reason, Reason::GradientSmall, "{outcome:?}");
        let zeros = best.iter().filter(|z| **z == 0.0).count();
        assert!((15..37).contains(&zeros), "{zeros} zeros");
        let distance = dot(&best, &best);
        for k in 1..100 {
            let settings = problem.settings(k);
            let error = problem.minimize(settings).1.cost - outcome.cost;
            let bound = 2.0 * settings.lipschitz * distance / ((k + 1) * (k + 1)) as f64;
            assert!((0.0..=bound).contains(&error), "{k}: {error} {bound}");
        }
    }

    #[test]
    fn costs_that_are_not_finite_end_the_minimization() {
        let mut smooth = FromFunction::new(1, |_: &[f32], g: &mut [f32]| {
            g[0] = f32::NAN;
            0.0
        });
        let settings = Fista { penalty: 1.0, lipschitz: 1.0, iterations: 5, tolerance: 1.0 };
        assert_eq!(settings.minimize(&mut smooth, &mut [0.0]).reason, Reason::NotFinite);
    }
}
