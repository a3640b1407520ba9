//! The secular equation: the eigenvalues of a diagonal matrix plus a matrix of rank one.
//!
//! Why: [divide and conquer](super::divide) joins two halves of an eigenproblem by such a matrix. Its eigenvalues are
//! the roots of one rational function, each in an interval that is known in advance, and independent of the others.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | δ_1 < ... < δ_k | the poles: the elements of the diagonal matrix D |
//! | z, ρ | the matrix is D + ρ·z·zᵀ, ρ > 0, no z_j zero |
//! | λ, f | a root; the function |
//! | ψ, φ | the part of the sum with poles up to δ_i; the part with the others |
//! | Δ, Δ' | δ_i - λ and δ_(i+1) - λ at the present λ |
//! | η | the step |
//!
//! ```text
//! (SE.1)  f(λ) = 1/ρ + Σ z_j²/(δ_j - λ) = 0
//! ```
//!
//! Derivation: if (D + ρ·z·zᵀ)·x = λ·x, then (D - λ)·x = -ρ·(z·x)·z, so x_j is proportional to z_j/(δ_j - λ). The
//! product with z gives z·x = -ρ·(z·x)·Σ z_j²/(δ_j - λ), and z·x ≠ 0 cancels: (SE.1). The derivative of f is positive,
//! so f rises from -∞ to ∞ between two poles: λ_i is the only root between δ_i and δ_(i+1). The last one is between
//! δ_k and δ_k + ρ·|z|², the trace's growth.
//!
//! Newton's method would approximate f by a line, which near a pole is useless. Instead, ψ is approximated by r +
//! s/(δ_i - λ) and φ by R + S/(δ_(i+1) - λ), with the same values and slopes at the present λ. The root of the
//! approximation is the next λ:
//!
//! ```text
//! (SE.2)  c = f - Δ·ψ' - Δ'·φ',  a = (Δ + Δ')·f - Δ·Δ'·(ψ' + φ'),  b = Δ·Δ'·f
//! (SE.3)  c·η² - a·η + b = 0,  η the root of smaller size
//! (SE.4)  c = f - Δ·ψ',  η = Δ·f/c   for i = k, where φ = 0
//! ```
//!
//! Derivation: equal slopes need s = Δ²·ψ', equal values r = ψ - Δ·ψ'; S and R likewise. So c + Δ²·ψ'/(Δ - η) +
//! Δ'²·φ'/(Δ' - η) = 0; times both denominators, this is (SE.3). Without φ it is linear: (SE.4).
//!
//! A step that leaves the interval in which f has changed its sign is replaced by half of that interval. The iteration
//! ends when |f| is a few roundings of its terms; four to six steps are usual. An eigenvector needs δ_j - λ to all
//! digits even if λ almost equals δ_j, so a root is stored as the nearer of its two poles and the distance from it.
//!
//! By hand: one pole δ = 1 with z = 3 and ρ = 2. ½ + 9/(1 - λ) = 0 has the root λ = 19, which is 1 + ρ·z².
//!
//! Sources: R.-C. Li, "Solving secular equations stably and efficiently", LAPACK Working Note 89, 1993; G. H. Golub and
//! C. F. Van Loan, "Matrix Computations", §8.4.3.

use crate::machine::{Lanes, Operation, run};
use crate::number::Real;
use crate::number::sum::reduce;
use alloc::vec;
use alloc::vec::Vec;

/// A bound on the steps for one root; halving alone would need about as many.
const MOST_STEPS: usize = 100;

/// λ as the nearer pole and the distance from it.
#[derive(Clone, Copy, Debug)]
pub struct Root<T> {
    /// The pole.
    pub pole: T,
    /// λ less the pole.
    pub shift: T,
}

impl<T: Real> Root<T> {
    /// λ.
    pub fn value(&self) -> T {
        self.pole + self.shift
    }

    /// δ - λ.
    #[inline(always)]
    pub fn distance(&self, pole: T) -> T {
        (pole - self.pole) - self.shift
    }
}

/// The roots of (SE.1) in ascending order, by halving intervals.
///
/// # Panics
/// If the lengths differ.
pub fn by_definition(poles: &[f64], z: &[f64], rho: f64) -> Vec<f64> {
    assert_eq!(poles.len(), z.len(), "poles and elements of z");
    let k = poles.len();
    let mut roots = vec![0.0; k];
    for i in 0..k {
        let mut low = poles[i];
        let mut high = if i + 1 < k { poles[i + 1] } else { low };
        if i + 1 == k {
            for j in 0..k {
                high += rho * z[j] * z[j];
            }
        }
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            let mut f = 1.0 / rho;
            for j in 0..k {
                f += z[j] * z[j] / (poles[j] - middle); // (SE.1)
            }
            if f < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        roots[i] = 0.5 * (low + high);
    }
    roots
}

/// The roots of (SE.1) in ascending order. The poles ascend strictly, ρ is positive, and no z_j is zero.
///
/// # Panics
/// If the lengths differ.
pub fn roots<T: Real>(poles: &[T], z: &[T], rho: T) -> Vec<Root<T>> {
    assert_eq!(poles.len(), z.len(), "poles and elements of z");
    run(Roots { poles, z, constant: T::ONE / rho })
}

struct Roots<'a, T> {
    poles: &'a [T],
    z: &'a [T],
    /// 1/ρ.
    constant: T,
}

impl<T: Real> Operation<T> for Roots<'_, T> {
    type Output = Vec<Root<T>>;

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _: L) -> Vec<Root<T>> {
        let Roots { poles, z, constant } = self;
        let mut function = Function { poles, z, constant, quotients: vec![T::ZERO; poles.len()] };
        let mut roots = Vec::with_capacity(poles.len());
        for i in 0..poles.len() {
            roots.push(function.root(i));
        }
        roots
    }
}

struct Function<'a, T> {
    poles: &'a [T],
    z: &'a [T],
    constant: T,
    /// z_j/(δ_j - λ).
    quotients: Vec<T>,
}

/// ψ, φ, and their derivatives.
struct Sums<T> {
    low: T,
    low_slope: T,
    high: T,
    high_slope: T,
}

impl<T: Real> Function<'_, T> {
    /// The parts of f at a λ between δ_i and δ_(i+1).
    #[inline(always)]
    fn at(&mut self, i: usize, root: Root<T>) -> Sums<T> {
        let Function { poles, z, quotients, .. } = self;
        for j in 0..poles.len() {
            quotients[j] = z[j] / root.distance(poles[j]);
        }
        let (low, high) = quotients.split_at(i + 1);
        let (z_low, z_high) = z.split_at(i + 1);
        Sums {
            low: reduce(z_low, low, |z, q| z * q),
            low_slope: reduce(low, low, |q, _| q * q),
            high: reduce(z_high, high, |z, q| z * q),
            high_slope: reduce(high, high, |q, _| q * q),
        }
    }

    /// λ_i.
    #[inline(always)]
    fn root(&mut self, i: usize) -> Root<T> {
        let count = self.poles.len();
        let last = i + 1 == count;
        let pole = self.poles[i];
        let width = if last { reduce(self.z, self.z, |z, _| z * z) / self.constant } else { self.poles[i + 1] - pole };
        let middle = width * T::HALF;
        let mut root = Root { pole, shift: middle };
        let mut sums = self.at(i, root);
        let mut value = self.constant + sums.low + sums.high; // (SE.1)
        // The sign of f at the middle of the interval tells which pole is nearer.
        let (mut low, mut high) = (T::ZERO, width);
        if !last && value < T::ZERO {
            root = Root { pole: self.poles[i + 1], shift: -middle };
            (low, high) = (-middle, T::ZERO);
        } else if value < T::ZERO {
            low = middle;
        } else {
            high = middle;
        }
        for _ in 0..MOST_STEPS {
            let size = self.constant + sums.low.abs() + sums.high.abs();
            if value.abs() <= T::from_f64(4.0) * T::EPSILON * size {
                break;
            }
            let left = root.distance(pole);
            let step = if last {
                let c = value - left * sums.low_slope;
                left * value / c // (SE.4)
            } else {
                let right = root.distance(self.poles[i + 1]);
                let c = value - left * sums.low_slope - right * sums.high_slope;
                let a = (left + right) * value - left * right * (sums.low_slope + sums.high_slope);
                let b = left * right * value; // (SE.2)
                let discriminant = (a * a - T::from_f64(4.0) * b * c).max(T::ZERO).sqrt();
                let two = T::ONE + T::ONE;
                if a <= T::ZERO { (a - discriminant) / (two * c) } else { two * b / (a + discriminant) } // (SE.3)
            };
            let mut shift = root.shift + step;
            if !(low < shift && shift < high) {
                shift = (low + high) * T::HALF;
            }
            if shift == root.shift || shift == low || shift == high {
                break;
            }
            root.shift = shift;
            sums = self.at(i, root);
            value = self.constant + sums.low + sums.high;
            if value < T::ZERO {
                low = shift;
            } else {
                high = shift;
            }
        }
        root
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn one_pole_by_hand() {
        // 1/2 + 9/(1 - λ) = 0.
        assert!((roots(&[1.0], &[3.0], 2.0)[0].value() - 19.0).abs() < 1e-13);
    }

    #[test]
    fn roots_are_those_of_the_definition_and_between_their_poles() {
        let mut random = Random::new(2);
        for k in [1, 2, 3, 10, 100] {
            let mut poles: Vec<f64> = (0..k).map(|_| random.uniform(-1.0, 1.0)).collect();
            poles.sort_by(f64::total_cmp);
            let sizes = [1.0, 1e-6, 1e-12];
            let z: Vec<f64> = (0..k).map(|j| sizes[j % 3] * random.uniform::<f64>(0.1, 1.0)).collect();
            let expected = by_definition(&poles, &z, 0.7);
            let found = roots(&poles, &z, 0.7);
            for i in 0..k {
                assert!((found[i].value() - expected[i]).abs() < 1e-14, "{k} {i}");
                assert!(found[i].distance(poles[i]) < 0.0);
                assert!(i + 1 == k || found[i].distance(poles[i + 1]) > 0.0);
            }
        }
    }
}
