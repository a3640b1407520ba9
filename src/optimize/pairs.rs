//! The remembered steps of L-BFGS, and the two loops that make a direction of them.
//!
//! With s = θ' - θ and y = ∇J' - ∇J of the last steps, i counting from the oldest, ρ_i = 1/(s_i·y_i), and q = -∇J to begin with:
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

use crate::number::Real;
use crate::number::sum::{difference_and_products, dot, replace_and_dot};
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
    /// If `memory` is 0.
    pub fn new(memory: usize, n: usize) -> Self {
        assert!(memory > 0, "a memory of 0 pairs");
        let places = memory + 1;
        Pairs {
            n,
            s: vec![T::ZERO; places * n],
            y: vec![T::ZERO; places * n],
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
    fn place(&self, i: usize) -> usize {
        (self.oldest + i) % self.rho.len()
    }

    /// Remembers the step from one point and its gradient to another, unless its curvature s·y is not safely positive.
    pub fn remember(&mut self, [theta, theta_next]: [&[T]; 2], [gradient, gradient_next]: [&[T]; 2]) {
        let place = self.place(self.count);
        let range = place * self.n..(place + 1) * self.n;
        let (s, y) = (&mut self.s[range.clone()], &mut self.y[range]);
        let [curvature, size] = difference_and_products([theta, theta_next], s, [gradient, gradient_next], y);
        if !(curvature > T::EPSILON * size && curvature.is_finite()) {
            return;
        }
        self.rho[place] = T::ONE / curvature;
        self.gamma = curvature / size;
        if self.count + 1 < self.rho.len() {
            self.count += 1;
        } else {
            self.oldest = self.place(1);
        }
    }

    /// Writes d = -H·∇J; returns its slope ∇J·d.
    pub fn direction(&mut self, gradient: &[T], direction: &mut [T]) -> T {
        direction.iter_mut().zip(gradient).for_each(|(d, &g)| *d = -g);
        if self.count == 0 {
            return dot(gradient, direction);
        }
        let n = self.n;
        let of = |place: usize| place * n..(place + 1) * n;
        let newest = self.place(self.count - 1);
        let mut product = dot(&self.s[of(newest)], direction);
        for i in (0..self.count).rev() {
            let place = self.place(i);
            let alpha = self.rho[place] * product;
            self.alpha[place] = alpha;
            let y = &self.y[of(place)];
            product = match i {
                0 => {
                    let gamma = self.gamma;
                    replace_and_dot(direction, y, y, |q, y| (q - alpha * y) * gamma)
                }
                _ => replace_and_dot(direction, y, &self.s[of(self.place(i - 1))], |q, y| q - alpha * y),
            };
        }
        for i in 0..self.count {
            let place = self.place(i);
            let rest = self.alpha[place] - self.rho[place] * product;
            let next = if i + 1 < self.count { &self.y[of(self.place(i + 1))] } else { gradient };
            product = replace_and_dot(direction, &self.s[of(place)], next, |q, s| q + rest * s);
        }
        product
    }
}
