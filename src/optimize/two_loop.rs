//! The two-loop recursion: the direction of L-BFGS, d = -H·g, without the matrix H.
//!
//! **Why.** In a long valley the steepest direction points across the valley, not along it. Newton's method corrects
//! this: d = -B⁻¹·g, with the Hessian B, the matrix of the second derivatives of J. On a quadratic cost the gradient at
//! θ + d is g + B·d = 0, so one such step reaches the minimum: it divides the gradient by the curvature. But B has n²
//! elements, 10¹⁰ for 10⁵ parameters. Quasi-Newton methods estimate H ≈ B⁻¹ from the gradients that a minimization
//! computes anyway. L-BFGS stores the last m steps, 2·m·n elements, and multiplies by H without forming it.
//!
//! **Legend.** a·b is the inner product of two vectors, a·bᵀ the matrix of all products a_j·b_k. The pairs are counted
//! from the oldest, i = 0, to the newest, i = m - 1; a pair without an index is any one of them, with H before its
//! update and H' after it.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | J, θ | the cost and its n parameters; θ' is the point after a step |
//! | g, \|g\| | ∇J at the current point, n elements; its length |
//! | s_i | θ' - θ, the step from one point to the next, n elements |
//! | y_i | ∇J(θ') - ∇J(θ), the gradient's change over it, n elements |
//! | ρ_i | 1/(s_i·y_i), a positive number |
//! | H_i | the inverse Hessian as estimated before pair i; H_m is the final one |
//! | V_i | I - ρ_i·y_i·s_iᵀ, with I the identity |
//! | γ | the scale of H_0 |
//! | q | a vector that starts as -g and ends as d, n elements |
//! | α_i, β | numbers of the two loops; α_i is not the step length α |
//! | r_i | q before pair i in the second loop, n elements |
//! | B, τ | the Hessian, n x n; a fraction of a step, from 0 to 1 |
//! | C, M | an invertible matrix with CᵀC·s = y; one choice of CᵀC |
//! | ŝ, ŷ, ĝ, Ĥ | s, y, g and H in the variables C·θ |
//! | P | the projection that sets the coordinate along ŝ to 0 |
//! | u | the distance from 1 to the next larger number of the type |
//! | ← | the left side takes the value of the right one |
//!
//! **Equations.** The condition on H, its update by one pair, and the matrix that the updates start from:
//!
//! ```text
//! (QN.1)  H_(i+1)·y_i = s_i                              the secant condition
//! (QN.2)  H_(i+1) = V_iᵀ·H_i·V_i + ρ_i·s_i·s_iᵀ          BFGS in product form
//! (QN.3)  H_0 = γ·I,  γ = (s·y)/(y·y)                    of the newest pair
//! ```
//!
//! The H_i belong to one direction. Every new pair changes γ, so the next direction starts from a new H_0; and if the
//! memory is full (10 pairs by default), the oldest is dropped, and the others are counted from 0 again.
//!
//! The product H_m·q is computed in two loops. The first takes the pairs from the newest to the oldest:
//!
//! ```text
//! (QN.4)  α_i = ρ_i·(s_i·q)
//! (QN.5)  q ← q - α_i·y_i
//! ```
//!
//! then H_0 is applied, and the second loop takes the pairs from the oldest to the newest:
//!
//! ```text
//! (QN.6)  q ← γ·q
//! (QN.7)  β = ρ_i·(y_i·q)
//! (QN.8)  q ← q + (α_i - β)·s_i
//! ```
//!
//! Without any pair the curvature is unknown. Then d points along -g and is no longer than 1, so that the first trial
//! of the line search, the step length 1, does not go far, however long the gradient is:
//!
//! ```text
//! (QN.9)  d = -g·min(1, 1/|g|)
//! ```
//!
//! **The secant condition.** On a quadratic cost the gradient is B·θ plus a constant, so y = B·s, and B⁻¹ maps y to s.
//! On any cost this holds with the mean of the Hessian along the step: the gradient's change y is the integral of its
//! rate of change, y = ∫₀¹ B(θ + τ·s)·s dτ. (QN.1) asks that, for the step just made, H do the same as the inverse of
//! that mean. It holds for H_(i+1), and later updates may undo it: only the newest y is certain to be mapped to its s
//! by H_m.
//!
//! **The product form.** Many symmetric matrices comply. BFGS takes the one nearest to the last H. Nearness depends on
//! the variables, since the elements of H change with the units of the parameters. So BFGS measures in its own
//! variables C·θ, in which the gradient's change and the step are the same vector, ŷ = ŝ. In these, the curvature along
//! the step, ŝ·ŷ/(ŝ·ŝ), is 1 for any original units. A step becomes ŝ = C·s. A gradient becomes ĝ = C⁻ᵀ·g, since its
//! product with a step is a change of J in any variables: g·s = (C⁻ᵀ·g)·(C·s). So ŷ = C⁻ᵀ·y, and ŷ = ŝ requires CᵀC·s =
//! y.
//!
//! Such an invertible C exists if s·y > 0: the symmetric matrix M = I - s·sᵀ/(s·s) + ρ·y·yᵀ maps s to s - s + y = y,
//! and x·Mx = |x|² - (s·x)²/(s·s) + ρ·(y·x)² is positive for x ≠ 0. (By the Cauchy-Schwarz inequality, (s·x)²
//! <= |s|²·|x|², the first two terms are together not negative, and they are 0 only for an x along s; then the last is
//! positive.) So the eigenvalues of M are positive, and the symmetric matrix C with their square roots and the same
//! eigenvectors has CᵀC = M.
//!
//! H takes gradients to steps: s = H·g gives ŝ = C·H·g = C·H·Cᵀ·ĝ. So H becomes Ĥ = C·H·Cᵀ, and (QN.1) requires Ĥ'·ŝ =
//! ŝ. Take orthonormal axes, the first of them along ŝ. Then the first column of Ĥ' has to be (1, 0, ..., 0)ᵀ and, by
//! symmetry, its first row (1, 0, ..., 0). All other elements are free, so the Ĥ' with the least sum of squared
//! differences from Ĥ keeps them. With the projection P = I - ŝ·ŝᵀ/(ŝ·ŝ), which sets the first coordinate to 0, and
//! with ŝ·ŝ = s·CᵀC·s = s·y = 1/ρ, this is
//!
//! ```text
//! Ĥ' = P·Ĥ·P + ρ·ŝ·ŝᵀ
//! ```
//!
//! Back in θ, H' = C⁻¹·Ĥ'·C⁻ᵀ. Since Cᵀ·ŝ = y, C⁻¹·P·C = I - ρ·s·yᵀ = Vᵀ and Cᵀ·P·C⁻ᵀ = I - ρ·y·sᵀ = V, so that
//!
//! ```text
//! H' = (C⁻¹·P·C)·(C⁻¹·Ĥ·C⁻ᵀ)·(Cᵀ·P·C⁻ᵀ) + ρ·s·sᵀ = Vᵀ·H·V + ρ·s·sᵀ
//! ```
//!
//! which is (QN.2), and does not depend on the choice of C. Check: V·y = y - ρ·y·(s·y) = y - y = 0, and therefore
//!
//! ```text
//! H'·y = Vᵀ·H·(V·y) + ρ·s·(s·y) = 0 + s
//! ```
//!
//! H' is positive definite, x·H'x > 0 for any x ≠ 0, if H is and s·y > 0: x·H'x = (V·x)·H·(V·x) + ρ·(s·x)². Neither
//! term is negative. If the second is 0, so is s·x; then V·x = x, and the first is positive. With γ > 0 and g ≠ 0,
//! therefore g·d = -g·H·g < 0: d descends. A line search that meets the [Wolfe conditions](super::line_search), which
//! require the slope to flatten along the step, guarantees s·y > 0. Pairs that fail the test under Conventions are
//! dropped.
//!
//! **The two loops.** Write q_(i+1) for q before pair i in the first loop, so that q_m = -g, and q_i for q after it:
//!
//! ```text
//! q_i = q_(i+1) - α_i·y_i = q_(i+1) - ρ_i·y_i·(s_i·q_(i+1)) = V_i·q_(i+1)
//! ```
//!
//! by (QN.4) and (QN.5). So the first loop multiplies by the right factors of (QN.2). With ρ_i·(s_i·q_(i+1)) = α_i, two
//! pairs give
//!
//! ```text
//! H_2·q_2 = V_1ᵀ·H_1·V_1·q_2 + ρ_1·s_1·(s_1·q_2) = V_1ᵀ·(H_1·q_1) + α_1·s_1
//! H_1·q_1 = V_0ᵀ·H_0·V_0·q_1 + ρ_0·s_0·(s_0·q_1) = V_0ᵀ·(H_0·q_0) + α_0·s_0
//! H_2·q_2 = V_1ᵀ·(V_0ᵀ·(γ·V_0·V_1·q_2) + α_0·s_0) + α_1·s_1
//! ```
//!
//! Read the last line from the inside out: V_1 of the newest pair acts first, then V_0, and then γ; V_0ᵀ and the term
//! α_0·s_0 of the oldest pair follow, and those of the newest pair come last. For any m, let r_i = H_i·q_i. Then r_0 =
//! γ·q_0 is (QN.6), and
//!
//! ```text
//! r_(i+1) = H_(i+1)·q_(i+1) = V_iᵀ·H_i·(V_i·q_(i+1)) + ρ_i·s_i·(s_i·q_(i+1))
//! r_(i+1) = V_iᵀ·r_i + α_i·s_i = r_i - ρ_i·s_i·(y_i·r_i) + α_i·s_i = r_i + (α_i - β)·s_i
//! ```
//!
//! is (QN.7) and (QN.8): r_i is q before pair i in the second loop, from the oldest pair to the newest. At the end
//! r_m = H_m·q_m = -H·g.
//!
//! **The scale γ.** The pairs do not determine H_0. We choose a multiple of the identity, which treats all directions
//! alike, and let it suit the newest step, whose curvature was measured closest to the current point: γ·y ≈ s. The
//! least-squares fit |γ·y - s|² has the derivative 2·(γ·(y·y) - s·y) in γ, which is 0 for (QN.3). (It measures the
//! error of γ·y, because γ is to multiply gradients. The fit |y - s/γ|² gives (s·s)/(s·y), which is never smaller, by
//! Cauchy-Schwarz.) On a quadratic, s = B⁻¹·y, so γ = (y·B⁻¹·y)/(y·y) is a weighted mean of 1/λ over the eigenvalues λ
//! of B (the weights are the squared coordinates of y along the eigenvectors): it has the scale of an inverse
//! curvature. Usually d is then scaled well enough for the step length 1 of Newton's method, and the line search tries
//! 1 first.
//!
//! **By hand.** J = (θ_1² + 4·θ_2²)/2 has B = diag(1, 4). Two steps, (-1, -1) and (-1, 0), lead from (4, 3) to (2, 2),
//! where g = (2, 8). Pair 0 has s = (-1, -1), y = (-1, -4), and ρ = 1/5. Pair 1 has s = y = (-1, 0) and ρ = 1, and
//! gives γ = 1.
//!
//! | line | number | q |
//! | --- | --- | --- |
//! | start | | (-2, -8) |
//! | loop 1, pair 1 | α_1 = 1·2 = 2 | (-2, -8) - 2·(-1, 0) = (0, -8) |
//! | loop 1, pair 0 | α_0 = (0 + 8)/5 = 1.6 | (0, -8) - 1.6·(-1, -4) = (1.6, -1.6) |
//! | scale | γ = 1 | (1.6, -1.6) |
//! | loop 2, pair 0 | β = (-1.6 + 6.4)/5 = 0.96, α_0 - β = 0.64 | (1.6, -1.6) + 0.64·(-1, -1) = (0.96, -2.24) |
//! | loop 2, pair 1 | β = 1·(-0.96), α_1 - β = 2 + 0.96 = 2.96 | (0.96, -2.24) + 2.96·(-1, 0) = (-2, -2.24) |
//!
//! Newton's direction is -B⁻¹·g = (-2, -2). Two pairs almost reach it, whereas -g = (-2, -8) points across the valley.
//! [`by_definition`] computes these numbers. In this example H_2 = diag(1, 0.28), while B⁻¹ = diag(1, 0.25). H_2 maps
//! y_1 to s_1, but y_0 to (-1, -1.12), no longer to s_0 as H_1 did.
//!
//! **Conventions.** A pair is accepted if s·y > u·(y·y), so that γ > u. The limit is not 0, because an s·y that is only
//! rounding error may be positive too. With a γ no larger than u, a step -γ·g for a gradient of length 1 would hardly
//! change parameters of size 1. The comparison refuses NaN, and a y so large that y·y overflows.
//!
//! **Speed.** With many parameters, the time goes into reading the pairs and q from memory. Line by line, q is read
//! twice for each pair and loop: to change it, as in (QN.5), and for the inner product with the next pair, as in
//! (QN.4). [`replace_and_dot`] changes a chunk of q and multiplies it by the same chunk of the next vector while it is
//! still in the cache. So q is read once, and the result has the same bits.
//!
//! Sources: J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; J. Nocedal and S. Wright,
//! "Numerical Optimization", 2006, formulas 6.17 (QN.2) and 7.20 (QN.3), algorithm 7.4 (the loops); D. Liu and
//! J. Nocedal, "On the limited memory BFGS method", 1989.

use crate::machine::{Element, size};
use crate::number::Real;
use crate::number::sum::{difference_and_products, dot, norm_inf, replace_and_dot};
use alloc::vec;
use alloc::vec::Vec;

/// The direction -H·g from the pairs `s[i]`, `y[i]`, oldest first: the two loops, line by line.
///
/// ```
/// use ossicle::optimize::two_loop::by_definition;
///
/// let (s, y) = ([vec![-1.0, -1.0], vec![-1.0, 0.0]], [vec![-1.0, -4.0], vec![-1.0, 0.0]]);
/// let d = by_definition(&s, &y, &[2.0, 8.0]);
/// assert!((d[0] + 2.0).abs() < 1e-15 && (d[1] + 2.24).abs() < 1e-15);
/// ```
///
/// # Panics
/// If there are fewer `y` than `s`, or a vector is shorter or longer than `gradient`.
pub fn by_definition(s: &[Vec<f64>], y: &[Vec<f64>], gradient: &[f64]) -> Vec<f64> {
    let (m, n) = (s.len(), gradient.len());
    let rho = |i: usize| 1.0 / dot(&s[i], &y[i]);
    let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
    if m == 0 {
        let scale = f64::min(1.0, 1.0 / Element::sqrt(dot(gradient, gradient)));
        for j in 0..n {
            q[j] *= scale; // (QN.9)
        }
        return q;
    }
    let mut alpha = vec![0.0; m];
    for i in (0..m).rev() {
        alpha[i] = rho(i) * dot(&s[i], &q); // (QN.4)
        for j in 0..n {
            q[j] -= alpha[i] * y[i][j]; // (QN.5)
        }
    }
    let gamma = dot(&s[m - 1], &y[m - 1]) / dot(&y[m - 1], &y[m - 1]); // (QN.3)
    for j in 0..n {
        q[j] *= gamma; // (QN.6)
    }
    for i in 0..m {
        let beta = rho(i) * dot(&y[i], &q); // (QN.7)
        for j in 0..n {
            q[j] += (alpha[i] - beta) * s[i][j]; // (QN.8)
        }
    }
    q
}

/// The matrix H itself, n x n: what the loops multiply by. It costs n⁴ operations for each pair, so n should be small.
///
/// # Panics
/// If there is no pair, there are fewer `y` than `s`, or the vectors differ in length.
pub fn inverse_hessian(s: &[Vec<f64>], y: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (m, n) = (s.len(), s[0].len());
    let identity = |j: usize, k: usize| if j == k { 1.0 } else { 0.0 };
    let gamma = dot(&s[m - 1], &y[m - 1]) / dot(&y[m - 1], &y[m - 1]);
    let mut h: Vec<Vec<f64>> = (0..n).map(|j| (0..n).map(|k| gamma * identity(j, k)).collect()).collect(); // (QN.3)
    for i in 0..m {
        let rho = 1.0 / dot(&s[i], &y[i]);
        let v = |j: usize, k: usize| identity(j, k) - rho * y[i][j] * s[i][k];
        let mut next = vec![vec![0.0; n]; n];
        for j in 0..n {
            for k in 0..n {
                for a in 0..n {
                    for b in 0..n {
                        next[j][k] += v(a, j) * h[a][b] * v(b, k); // (QN.2)
                    }
                }
                next[j][k] += rho * s[i][j] * s[i][k]; // (QN.2)
            }
        }
        h = next;
    }
    h
}

/// The largest element of |H·y - s|: how far H is from the secant condition for a pair.
///
/// # Panics
/// If `h` has no row for an element of `s`, or its rows have another length than `y`.
pub fn secant_error(h: &[Vec<f64>], s: &[f64], y: &[f64]) -> f64 {
    let errors: Vec<f64> = (0..s.len()).map(|j| dot(&h[j], y) - s[j]).collect(); // (QN.1)
    norm_inf(&errors)
}

/// The pairs, in a ring buffer. It has one slot more than pairs are stored, so that a new pair can be computed before
/// its curvature is known.
#[derive(Clone, Debug)]
pub(super) struct Pairs<T> {
    n: usize,
    /// Slots of n elements: the steps.
    s: Vec<T>,
    /// Slots of n elements: the changes of the gradient.
    y: Vec<T>,
    /// ρ of each slot.
    rho: Vec<T>,
    /// α of each slot, from the first loop to the second.
    alpha: Vec<T>,
    /// γ of the newest pair.
    gamma: T,
    /// The slot of the oldest pair.
    oldest: usize,
    /// The number of pairs.
    count: usize,
}

impl<T: Real> Pairs<T> {
    /// No pairs yet, with room for `memory` pairs of `n` elements.
    ///
    /// # Panics
    /// If `memory` is 0, or there is no memory for them.
    pub fn new(memory: usize, n: usize) -> Self {
        assert!(memory > 0, "a memory of 0 pairs");
        let slots = size::sum([memory, 1]);
        let elements = size::product([slots, n]);
        size::claim::<T>(elements.max(slots));
        Pairs {
            n,
            s: vec![T::ZERO; elements],
            y: vec![T::ZERO; elements],
            rho: vec![T::ZERO; slots],
            alpha: vec![T::ZERO; slots],
            gamma: T::ONE,
            oldest: 0,
            count: 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn clear(&mut self) {
        (self.count, self.oldest) = (0, 0);
    }

    /// The slot of pair `i`, counted from the oldest.
    fn slot(&self, i: usize) -> usize {
        (self.oldest + i) % self.rho.len()
    }

    /// s and y of each pair, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&[T], &[T])> {
        (0..self.count).map(|i| {
            let start = self.slot(i) * self.n;
            (&self.s[start..start + self.n], &self.y[start..start + self.n])
        })
    }

    /// Adds the pair of a step from one point and its gradient to the next, if its curvature s·y is safely positive.
    pub fn push(&mut self, [theta, theta_next]: [&[T]; 2], [gradient, gradient_next]: [&[T]; 2]) {
        let (s, y) = self.spare();
        let [s_y, y_y] = difference_and_products([theta, theta_next], s, [gradient, gradient_next], y);
        self.accept(s_y, y_y);
    }

    /// Adds a pair as [`push`](Self::push) does.
    pub fn push_pair(&mut self, step: &[T], change: &[T]) {
        let (s, y) = self.spare();
        s.copy_from_slice(step);
        y.copy_from_slice(change);
        let (s_y, y_y) = (dot(s, y), dot(y, y));
        self.accept(s_y, y_y);
    }

    /// The slot that is not in use.
    fn spare(&mut self) -> (&mut [T], &mut [T]) {
        let start = self.slot(self.count) * self.n;
        (&mut self.s[start..start + self.n], &mut self.y[start..start + self.n])
    }

    /// Makes the pair in the spare slot the newest, unless its curvature s·y is too small compared with y·y.
    fn accept(&mut self, s_y: T, y_y: T) {
        if !(s_y > T::EPSILON * y_y && s_y.is_finite()) {
            return;
        }
        let slot = self.slot(self.count);
        self.rho[slot] = T::ONE / s_y;
        self.gamma = s_y / y_y; // (QN.3)
        if self.count + 1 < self.rho.len() {
            self.count += 1;
        } else {
            self.oldest = self.slot(1);
        }
    }

    /// Writes d = -H·g; returns its slope g·d. The bits are those of [`by_definition`]: `product` is the inner product
    /// that the next line needs, computed in the same pass that changes q.
    pub fn direction(&mut self, gradient: &[T], direction: &mut [T]) -> T {
        if self.count == 0 {
            let length = dot(gradient, gradient).sqrt();
            // If the squares overflow, the largest element stands for the length.
            let length = if length.is_finite() { length } else { norm_inf(gradient) };
            let scale = T::ONE.min(T::ONE / length);
            direction.iter_mut().zip(gradient).for_each(|(d, &g)| *d = -g * scale); // (QN.9)
            return dot(gradient, direction);
        }
        direction.iter_mut().zip(gradient).for_each(|(q, &g)| *q = -g);
        let n = self.n;
        let range = |slot: usize| slot * n..(slot + 1) * n;
        let newest = self.slot(self.count - 1);
        let mut product = dot(&self.s[range(newest)], direction);
        for i in (0..self.count).rev() {
            let slot = self.slot(i);
            let alpha = self.rho[slot] * product; // (QN.4)
            self.alpha[slot] = alpha;
            let y = &self.y[range(slot)];
            product = if i > 0 {
                let s = &self.s[range(self.slot(i - 1))];
                replace_and_dot(direction, y, s, |q, y| q - alpha * y) // (QN.5)
            } else {
                let gamma = self.gamma;
                replace_and_dot(direction, y, y, |q, y| (q - alpha * y) * gamma) // (QN.5), (QN.6)
            };
        }
        for i in 0..self.count {
            let slot = self.slot(i);
            let beta = self.rho[slot] * product; // (QN.7)
            let weight = self.alpha[slot] - beta;
            let s = &self.s[range(slot)];
            let next = if i + 1 < self.count { &self.y[range(self.slot(i + 1))] } else { gradient };
            product = replace_and_dot(direction, s, next, |q, s| q + weight * s); // (QN.8)
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn the_direction_has_the_bits_of_the_definition() {
        let mut random = Random::new(5);
        for n in [1, 31, 33, 4097] {
            let mut draw = || (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>();
            let (mut pairs, mut all_s, mut all_y) = (Pairs::new(3, n), Vec::new(), Vec::new());
            let (mut theta, mut gradient) = (draw(), draw());
            for step in 0..8 {
                let (oldest, mut direction) = (all_s.len().saturating_sub(3), vec![f64::NAN; n]);
                let slope = pairs.direction(&gradient, &mut direction);
                let expected = by_definition(&all_s[oldest..], &all_y[oldest..], &gradient);
                assert_eq!(direction, expected, "{n} parameters, step {step}");
                assert_eq!(slope, dot(&gradient, &direction));

                let next = draw();
                let s: Vec<f64> = next.iter().zip(&theta).map(|(b, a)| b - a).collect();
                // The gradient of a cost with curvatures 1 and 2, or, in one step, of one that curves down.
                let sign = if step == 4 { -1.0 } else { 1.0 };
                let next_gradient: Vec<f64> =
                    (0..n).map(|i| gradient[i] + sign * (1.0 + (i % 2) as f64) * s[i]).collect();
                let y: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(b, a)| b - a).collect();
                pairs.push([&theta, &next], [&gradient, &next_gradient]);
                if sign > 0.0 {
                    all_s.push(s);
                    all_y.push(y);
                }
                (theta, gradient) = (next, next_gradient);
            }
            let (last_s, last_y) = (&all_s[all_s.len() - 3..], &all_y[all_y.len() - 3..]);
            assert!(pairs.iter().map(|(s, _)| s).eq(last_s) && pairs.iter().map(|(_, y)| y).eq(last_y));
        }
    }

    #[test]
    fn the_loops_multiply_by_the_matrix_of_bfgs() {
        let mut random = Random::new(6);
        let n = 5;
        let mut draw = || (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>();
        // y = B·s with the curvatures 1 to 5 and a coupling of neighbors.
        let change = |s: &Vec<f64>| -> Vec<f64> {
            (0..n).map(|j| (1.0 + j as f64) * s[j] + 0.3 * (s[(j + 1) % n] + s[(j + 4) % n])).collect()
        };
        let s: Vec<Vec<f64>> = (0..3).map(|_| draw()).collect();
        let (y, gradient): (Vec<Vec<f64>>, Vec<f64>) = (s.iter().map(change).collect(), draw());
        let (h, direction) = (inverse_hessian(&s, &y), by_definition(&s, &y, &gradient));
        for j in 0..n {
            assert!((direction[j] + dot(&h[j], &gradient)).abs() < 1e-14, "{direction:?}");
        }
        // Each update makes the condition hold for its own pair; a later one may disturb that of an earlier pair.
        assert!(secant_error(&h, &s[2], &y[2]) < 1e-15);
        assert!(secant_error(&h, &s[0], &y[0]) > 1e-3);
    }

    #[test]
    fn the_worked_example_by_hand() {
        let (s, y) = ([vec![1.0, 1.0], vec![1.0, 0.0]], [vec![1.0, 4.0], vec![1.0, 0.0]]);
        let (mut pairs, mut direction) = (Pairs::new(2, 2), [f64::NAN; 2]);
        s.iter().zip(&y).for_each(|(s, y)| pairs.push_pair(s, y));
        // g·d = 2·(-2) + 8·(-2.24).
        let slope = pairs.direction(&[2.0, 8.0], &mut direction);
        assert!((direction[0] + 2.0).abs() < 1e-15 && (direction[1] + 2.24).abs() < 1e-15, "{direction:?}");
        assert!((slope + 21.92).abs() < 1e-14, "{slope}");
    }
}
