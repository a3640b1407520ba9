//! Sums in a fixed order, so that they have the same bits everywhere.
//!
//! Rounding makes a sum depend on its order. Adding one element after another, as Σ suggests, leaves wide registers
//! idle, and the bound of the rounding error grows like n. The order in this file suits all registers, and its bound
//! grows like n/32 up to 4096 elements, and like n/4096 beyond.
//!
//! The elements are cut into chunks of [`CHUNK`]. Within a chunk, [`LANES`] running sums start at +0, and element i is
//! added to sum i mod LANES. The running sums are added as a tree: sum l + d is added to sum l, for all l < d, with d =
//! 16, 8, 4, 2, 1. The sums of the chunks are added in ascending order, starting at +0. Products are rounded before
//! they are added.

use super::Real;
use crate::machine::{Lanes, Operation, run};

/// The number of running sums.
pub const LANES: usize = 32;
/// The length of a chunk.
pub const CHUNK: usize = 4096;

/// Σ x.
pub fn sum<T: Real>(x: &[T]) -> T {
    run(Reduce { x, y: x, term: |x, _| x })
}

/// Σ x·y.
///
/// # Panics
/// If the lengths differ.
pub fn dot<T: Real>(x: &[T], y: &[T]) -> T {
    run(Reduce { x, y, term: |x, y| x * y })
}

/// Σ x².
pub fn sum_of_squares<T: Real>(x: &[T]) -> T {
    dot(x, x)
}

/// Σ (x - y)².
///
/// # Panics
/// If the lengths differ.
pub fn squared_distance<T: Real>(x: &[T], y: &[T]) -> T {
    run(Reduce { x, y, term: |x, y| (x - y) * (x - y) })
}

/// The largest |x|; 0 for no elements; NaN if one is NaN.
pub fn norm_inf<T: Real>(x: &[T]) -> T {
    x.iter().fold(T::ZERO, |most, &x| if x.abs() > most || x.is_nan() { x.abs() } else { most })
}

/// y ← y + a·x, each product rounded, then each sum.
///
/// # Panics
/// If the lengths differ.
pub fn axpy<T: Real>(a: T, x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len(), "elements to add");
    for (y, &x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

/// q ← f(q, x) for each element, then Σ z·q: one pass with the results of two.
///
/// # Panics
/// If the lengths differ.
pub fn replace_and_dot<T: Real>(q: &mut [T], x: &[T], z: &[T], f: impl Fn(T, T) -> T) -> T {
    assert_eq!([x.len(), z.len()], [q.len(); 2], "elements to add");
    run(ReplaceAndDot { q, x, z, f })
}

/// s ← b - a and y ← d - c, then [Σ s·y, Σ y²]: one pass with the results of four.
///
/// # Panics
/// If the lengths differ.
pub fn difference_and_products<T: Real>([a, b]: [&[T]; 2], s: &mut [T], [c, d]: [&[T]; 2], y: &mut [T]) -> [T; 2] {
    assert_eq!([a.len(), b.len(), c.len(), d.len(), y.len()], [s.len(); 5], "elements to subtract");
    run(DifferenceAndProducts { a, b, s, c, d, y })
}

struct ReplaceAndDot<'a, T, F> {
    q: &'a mut [T],
    x: &'a [T],
    z: &'a [T],
    f: F,
}

impl<T: Real, F: Fn(T, T) -> T> Operation<T> for ReplaceAndDot<'_, T, F> {
    type Output = T;

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _lanes: L) -> T {
        let ReplaceAndDot { q, x, z, f } = self;
        let mut total = T::ZERO;
        for start in (0..q.len()).step_by(CHUNK) {
            let range = start..q.len().min(start + CHUNK);
            let mut sums = [T::ZERO; LANES];
            let (q, q_tail) = q[range.clone()].as_chunks_mut::<LANES>();
            let ((x, x_tail), (z, z_tail)) = (x[range.clone()].as_chunks::<LANES>(), z[range].as_chunks::<LANES>());
            for i in 0..q.len() {
                for l in 0..LANES {
                    q[i][l] = f(q[i][l], x[i][l]);
                    sums[l] += z[i][l] * q[i][l];
                }
            }
            for l in 0..q_tail.len() {
                q_tail[l] = f(q_tail[l], x_tail[l]);
                sums[l] += z_tail[l] * q_tail[l];
            }
            total += tree(sums);
        }
        total
    }
}

struct DifferenceAndProducts<'a, T> {
    a: &'a [T],
    b: &'a [T],
    s: &'a mut [T],
    c: &'a [T],
    d: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Operation<T> for DifferenceAndProducts<'_, T> {
    type Output = [T; 2];

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _lanes: L) -> [T; 2] {
        let DifferenceAndProducts { a, b, s, c, d, y } = self;
        let mut totals = [T::ZERO; 2];
        for start in (0..s.len()).step_by(CHUNK) {
            // A chunk of six vectors stays in the cache between these passes.
            let range = start..s.len().min(start + CHUNK);
            let (s, y) = (&mut s[range.clone()], &mut y[range.clone()]);
            subtract(&b[range.clone()], &a[range.clone()], s);
            subtract(&d[range.clone()], &c[range], y);
            totals[0] += reduce(s, y, |s, y| s * y);
            totals[1] += reduce(y, y, |y, _| y * y);
        }
        totals
    }
}

#[inline(always)]
fn subtract<T: Real>(a: &[T], b: &[T], to: &mut [T]) {
    for i in 0..to.len() {
        to[i] = a[i] - b[i];
    }
}

struct Reduce<'a, T, F> {
    x: &'a [T],
    y: &'a [T],
    term: F,
}

impl<T: Real, F: Fn(T, T) -> T> Operation<T> for Reduce<'_, T, F> {
    type Output = T;

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _lanes: L) -> T {
        reduce(self.x, self.y, self.term)
    }
}

/// Σ term(x, y) in the order above, for use inside an operation.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn reduce<T: Real>(x: &[T], y: &[T], term: impl Fn(T, T) -> T) -> T {
    assert_eq!(x.len(), y.len(), "elements to add");
    let mut total = T::ZERO;
    for start in (0..x.len()).step_by(CHUNK) {
        let end = x.len().min(start + CHUNK);
        let mut sums = [T::ZERO; LANES];
        let ((x, x_tail), (y, y_tail)) = (x[start..end].as_chunks::<LANES>(), y[start..end].as_chunks::<LANES>());
        for i in 0..x.len() {
            for l in 0..LANES {
                sums[l] += term(x[i][l], y[i][l]);
            }
        }
        for l in 0..x_tail.len() {
            sums[l] += term(x_tail[l], y_tail[l]);
        }
        total += tree(sums);
    }
    total
}

#[inline(always)]
fn tree<T: Real>(mut sums: [T; LANES]) -> T {
    let mut width = LANES / 2;
    while width > 0 {
        for l in 0..width {
            sums[l] += sums[l + width];
        }
        width /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Isa, run_on};
    use crate::number::Random;
    use alloc::vec::Vec;

    /// The order in the head of this file, step by step.
    fn definition(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for chunk in x.chunks(CHUNK) {
            let mut sums: Vec<f64> =
                (0..LANES).map(|l| chunk.iter().skip(l).step_by(LANES).fold(0.0, |sum, &x| sum + x)).collect();
            for half in [16, 8, 4, 2, 1] {
                sums = (0..half).map(|l| sums[l] + sums[l + half]).collect();
            }
            total += sums[0];
        }
        total
    }

    #[test]
    fn every_instruction_set_has_the_bits_of_the_definition() {
        let mut random = Random::new(7);
        for n in [0, 1, 2, 31, 32, 33, 63, 64, 4095, 4096, 4097, 10_000] {
            let x: Vec<f64> = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
            for isa in Isa::here() {
                let sum = run_on(isa, Reduce { x: &x, y: &x, term: |x, _| x });
                assert_eq!(sum.to_bits(), definition(&x).to_bits(), "{n} elements, {}", isa.name());
            }
        }
    }

    #[test]
    fn fused_passes_have_the_bits_of_separate_passes() {
        let mut random = Random::new(8);
        for n in [0, 1, 31, 32, 33, 4096, 4097, 10_000] {
            let mut draw = || (0..n).map(|_| random.uniform(-1.0, 1.0)).collect::<Vec<f64>>();
            let [a, b, c, d] = [draw(), draw(), draw(), draw()];
            let expected: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a - 0.3 * b) * 1.7).collect();
            let [s, y] = [(&a, &b), (&c, &d)].map(|(a, b)| a.iter().zip(b).map(|(a, b)| b - a).collect::<Vec<f64>>());
            for isa in Isa::here() {
                let mut q = a.clone();
                let product = run_on(isa, ReplaceAndDot { q: &mut q, x: &b, z: &c, f: |q, x| (q - 0.3 * x) * 1.7 });
                assert_eq!((&q, product), (&expected, dot(&expected, &c)), "{n} elements, {}", isa.name());
                let (mut to_s, mut to_y) = (d.clone(), a.clone());
                let passes = DifferenceAndProducts { a: &a, b: &b, s: &mut to_s, c: &c, d: &d, y: &mut to_y };
                let products = run_on(isa, passes);
                assert_eq!((&to_s, &to_y), (&s, &y), "{n} elements, {}", isa.name());
                assert_eq!(products, [dot(&s, &y), dot(&y, &y)], "{n} elements, {}", isa.name());
            }
        }
    }

    #[test]
    fn an_empty_sum_is_plus_zero_and_nan_is_not_lost() {
        assert_eq!(sum::<f32>(&[]).to_bits(), 0);
        assert!(sum(&[1.0, f64::NAN, 2.0]).is_nan());
        assert!(norm_inf(&[1.0, f64::NAN, 2.0]).is_nan());
        assert_eq!((dot(&[1.0, 2.0], &[3.0, 4.0]), squared_distance(&[1.0f32, 5.0], &[3.0, 4.0])), (11.0, 5.0));
    }
}
