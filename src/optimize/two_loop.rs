//! The remembered steps of L-BFGS, and the two loops that make a direction of them.
//!
//! With s = θ' - θ and y = ∇J' - ∇J of the last steps, i counting from the oldest, ρ_i = 1/(s_i·y_i), and q = -∇J to
//! begin with:
//!
//! for each pair from the newest: α_i = ρ_i·s_i·q,  q ← q - α_i·y_i;
//! initial scaling: q ← γ·q,  γ = s·y / y·y of the newest pair;
//! for each pair from the oldest: β = ρ_i·y_i·q,  q ← q + (α_i - β)·s_i.
//!
//! Then q = -H·∇J with H the inverse Hessian that BFGS would build from these pairs on γ·I.
//!
//! Every line changes q and the next one asks for a dot product with it: both are done while a piece of q is at hand
//! ([`replace_and_dot`]), so that memory is read once. The bits are those of the lines one after the other. The pairs lie in
//! one block of memory, which is written in a circle.
//!
//! Sources: J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; Nocedal and Wright, algorithm 7.4.

use crate::machine::size;
use crate::number::Real;
use crate::number::sum::{difference_and_products, dot, norm_inf, replace_and_dot};
use alloc::vec;
use alloc::vec::Vec;

/// The pairs. One place more than is remembered, so that a new pair can be computed before it is known to be good.
#[derive(Clone, Debug)]
pub(super) struct Pairs<T> {
    n: usize,
    s: Vec<T>,
    y: Vec<T>,
    rho: Vec<T>,
    /// α_i, kept from the first loop for the second.
    alpha: Vec<T>,
    /// γ of the newest pair.
    gamma: T,
    oldest: usize,
    count: usize,
}

impl<T: Real> Pairs<T> {
    /// No pairs yet, with memory for them.
    ///
    /// # Panics
    /// If `memory` is 0, or there is no memory for them.
    pub fn new(memory: usize, n: usize) -> Self {
        assert!(memory > 0, "a memory of 0 pairs");
        let places = size::sum([memory, 1]);
        let numbers = size::product([places, n]);
        size::claim::<T>(numbers.max(places));
        Pairs {
            n,
            s: vec![T::ZERO; numbers],
            y: vec![T::ZERO; numbers],
            rho: vec![T::ZERO; places],
            alpha: vec![T::ZERO; places],
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

    /// The place of the pair that came `i`-th after the oldest.
    fn index(&self, i: usize) -> usize {
        (self.oldest + i) % self.rho.len()
    }

    /// The steps and changes of the gradient, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&[T], &[T])> {
        (0..self.count).map(|i| {
            let start = self.index(i) * self.n;
            (&self.s[start..start + self.n], &self.y[start..start + self.n])
        })
    }

    /// Remembers the step from one point and its gradient to another, unless its curvature s·y is not safely positive.
    pub fn push(&mut self, [theta, theta_next]: [&[T]; 2], [gradient, gradient_next]: [&[T]; 2]) {
        let (s, y) = self.spare();
        let products = difference_and_products([theta, theta_next], s, [gradient, gradient_next], y);
        self.accept(products);
    }

    /// Remembers a step as [`remember`](Self::remember) does, given itself.
    pub fn push_pair(&mut self, step: &[T], change: &[T]) {
        let (s, y) = self.spare();
        s.copy_from_slice(step);
        y.copy_from_slice(change);
        let products = [dot(s, y), dot(y, y)];
        self.accept(products);
    }

    /// The place that is not in use.
    fn spare(&mut self) -> (&mut [T], &mut [T]) {
        let start = self.index(self.count) * self.n;
        (&mut self.s[start..start + self.n], &mut self.y[start..start + self.n])
    }

    /// Takes the pair in the free place for the newest, given s·y and y·y.
    fn accept(&mut self, [curvature, size]: [T; 2]) {
        if !(curvature > T::EPSILON * size && curvature.is_finite()) {
            return;
        }
        let place = self.index(self.count);
        self.rho[place] = T::ONE / curvature;
        self.gamma = curvature / size;
        if self.count + 1 < self.rho.len() {
            self.count += 1;
        } else {
            self.oldest = self.index(1);
        }
    }

    /// Writes d = -H·∇J; returns its slope ∇J·d. Without pairs, d is as long as ∇J, but at most 1.
    pub fn direction(&mut self, gradient: &[T], direction: &mut [T]) -> T {
        if self.count == 0 {
            let length = dot(gradient, gradient).sqrt();
            // Where the squares overflow, the largest element will do.
            let length = if length.is_finite() { length } else { norm_inf(gradient) };
            let scale = T::ONE.min(T::ONE / length);
            direction.iter_mut().zip(gradient).for_each(|(d, &g)| *d = -g * scale);
            return dot(gradient, direction);
        }
        direction.iter_mut().zip(gradient).for_each(|(d, &g)| *d = -g);
        let n = self.n;
        let of = |place: usize| place * n..(place + 1) * n;
        let newest = self.index(self.count - 1);
        let mut product = dot(&self.s[of(newest)], direction);
        for i in (0..self.count).rev() {
            let place = self.index(i);
            let alpha = self.rho[place] * product;
            self.alpha[place] = alpha;
            let y = &self.y[of(place)];
            product = match i {
                0 => {
                    let gamma = self.gamma;
                    replace_and_dot(direction, y, y, |q, y| (q - alpha * y) * gamma)
                }
                _ => replace_and_dot(direction, y, &self.s[of(self.index(i - 1))], |q, y| q - alpha * y),
            };
        }
        for i in 0..self.count {
            let place = self.index(i);
            let rest = self.alpha[place] - self.rho[place] * product;
            let next = if i + 1 < self.count { &self.y[of(self.index(i + 1))] } else { gradient };
            product = replace_and_dot(direction, &self.s[of(place)], next, |q, s| q + rest * s);
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::{axpy, sum_of_squares};

    /// The equations at the head, line by line.
    fn literally(pairs: &[(Vec<f64>, Vec<f64>)], gradient: &[f64]) -> Vec<f64> {
        let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let rho: Vec<f64> = pairs.iter().map(|(s, y)| 1.0 / dot(s, y)).collect();
        let mut alpha = vec![0.0; pairs.len()];
        for i in (0..pairs.len()).rev() {
            alpha[i] = rho[i] * dot(&pairs[i].0, &q);
            axpy(-alpha[i], &pairs[i].1, &mut q);
        }
        if pairs.is_empty() {
            let scale = Real::min(1.0, 1.0 / sum_of_squares(gradient).sqrt());
            q.iter_mut().for_each(|q| *q *= scale);
        }
        if let Some((s, y)) = pairs.last() {
            let gamma = dot(s, y) / sum_of_squares(y);
            q.iter_mut().for_each(|q| *q *= gamma);
        }
        for i in 0..pairs.len() {
            let beta = rho[i] * dot(&pairs[i].1, &q);
            axpy(alpha[i] - beta, &pairs[i].0, &mut q);
        }
        q
    }

    #[test]
    fn the_direction_has_the_bits_of_the_equations() {
        let mut random = Random::new(5);
        for n in [1, 31, 33, 4097] {
            let mut draw = || (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>();
            let (mut pairs, mut all) = (Pairs::new(3, n), Vec::new());
            let (mut theta, mut gradient) = (draw(), draw());
            for step in 0..8 {
                let (last, mut direction) = (all.len().saturating_sub(3), vec![f64::NAN; n]);
                let slope = pairs.direction(&gradient, &mut direction);
                assert_eq!(direction, literally(&all[last..], &gradient), "{n} numbers, step {step}");
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
                    all.push((s, y));
                }
                (theta, gradient) = (next, next_gradient);
            }
            let kept: Vec<_> = pairs.iter().map(|(s, y)| (s.to_vec(), y.to_vec())).collect();
            assert_eq!(kept, all[all.len() - 3..]);
        }
    }
}
