//! Whitening by principal components: examples made uncorrelated and of equal variance.
//!
//! With the mean μ of the examples and their covariance Σ = (1/m)·Σ_x (x - μ)(x - μ)ᵀ = V·diag(λ)·Vᵀ,
//!
//! x ← diag(1/√(λ + ε))·Vᵀ·(x - μ),
//!
//! keeping the components with the largest λ until they hold a given share of the variance. ε keeps components that are
//! almost constant from being blown up. Source: UFLDL, "Whitening"; the tutorial's pcaWhitening (seed A, 8.1).

use super::normalize::mean as row_mean;
use crate::matrix::symmetric::eigen;
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use crate::number::sum::sum;
use alloc::vec::Vec;

/// How much is kept, and what is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhiteningSettings {
    /// The share of the variance to keep, between 0 and 1.
    pub retained: f64,
    /// ε as a share of the mean λ, so that it means the same on every scale.
    pub epsilon: f64,
}

/// The whitening of examples like those measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening<T> {
    /// μ.
    pub mean: Vec<T>,
    /// diag(1/√(λ + ε))·Vᵀ: kept components x numbers of an example.
    pub basis: Matrix<T>,
    /// V·diag(√(λ + ε)): how a component looks among the original numbers, as columns.
    pub inverse: Matrix<T>,
}

impl<T: Real> Whitening<T> {
    /// Measures the principal components of examples (columns), in f64.
    ///
    /// # Panics
    /// If there is no example.
    pub fn measure(settings: &WhiteningSettings, examples: &Matrix<T>) -> Self {
        let (n, m) = (examples.rows(), examples.columns());
        assert!(m > 0, "whitening needs an example");
        let mut centered = Matrix::from_function(n, m, |i, j| examples.row(i)[j].to_f64());
        let mut mean = Vec::with_capacity(n);
        for i in 0..n {
            let mu = row_mean(centered.row(i));
            centered.row_mut(i).iter_mut().for_each(|x| *x -= mu);
            mean.push(mu);
        }
        let mut covariance = Matrix::zeros(n, n);
        Product::new().store(centered.view(), centered.view().transposed(), covariance.rectangle());
        covariance.numbers_mut().iter_mut().for_each(|c| *c /= m as f64);
        let eigen = eigen(&covariance);

        let whole = sum(&eigen.values);
        let epsilon = settings.epsilon * whole / n as f64;
        let (mut kept, mut held) = (0, 0.0);
        while kept < n && (kept == 0 || held < settings.retained * whole) {
            held += eigen.values[kept];
            kept += 1;
        }
        // A component without any variance (constant examples) is left at zero.
        let root = |i: usize| crate::machine::Element::sqrt(Real::max(eigen.values[i], 0.0) + epsilon);
        let scale = |i: usize| if root(i) > 0.0 { 1.0 / root(i) } else { 0.0 };
        Whitening {
            mean: mean.into_iter().map(T::from_f64).collect(),
            basis: Matrix::from_function(kept, n, |i, j| T::from_f64(eigen.vectors.row(i)[j] * scale(i))),
            inverse: Matrix::from_function(n, kept, |j, i| T::from_f64(eigen.vectors.row(i)[j] * root(i))),
        }
    }

    /// The whitened examples: kept components x examples.
    ///
    /// # Panics
    /// If the examples have another length than those measured.
    pub fn apply(&self, mut examples: Matrix<T>) -> Matrix<T> {
        assert_eq!(examples.rows(), self.mean.len(), "numbers of an example");
        for (i, &mu) in self.mean.iter().enumerate() {
            examples.row_mut(i).iter_mut().for_each(|x| *x -= mu);
        }
        let mut white = Matrix::zeros(self.basis.rows(), examples.columns());
        Product::new().store(self.basis.view(), examples.view(), white.rectangle());
        white
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    fn correlated(n: usize, m: usize) -> Matrix<f64> {
        let mut random = Random::new(4);
        let mut x: Matrix<f64> = Matrix::from_function(n, m, |_, _| random.uniform(-1.0, 1.0));
        for i in 1..n {
            for j in 0..m {
                x.row_mut(i)[j] = 0.5 * x.row(i)[j] + x.row(i - 1)[j] + 3.0;
            }
        }
        x
    }

    #[test]
    fn whitened_examples_have_the_identity_as_covariance() {
        let x = correlated(6, 400);
        let whitening = Whitening::measure(&WhiteningSettings { retained: 1.0, epsilon: 0.0 }, &x);
        let white = whitening.apply(x.clone());
        for i in 0..6 {
            assert!(sum(white.row(i)).abs() < 1e-10);
            for j in 0..6 {
                let covariance = crate::number::sum::dot(white.row(i), white.row(j)) / 400.0;
                assert!((covariance - f64::from(u8::from(i == j))).abs() < 1e-12, "({i}, {j}): {covariance}");
            }
        }
        // The inverse leads back.
        for j in 0..400 {
            for i in 0..6 {
                let back =
                    whitening.mean[i] + (0..6).fold(0.0, |s, k| s + whitening.inverse.row(i)[k] * white.row(k)[j]);
                assert!((back - x.row(i)[j]).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn components_are_kept_until_they_hold_enough() {
        let x = correlated(6, 400);
        let kept = |retained| Whitening::measure(&WhiteningSettings { retained, epsilon: 0.01 }, &x).basis.rows();
        assert!(kept(0.0) == 1 && kept(1.0) == 6 && (2..6).contains(&kept(0.99)));
    }

    #[test]
    fn constant_examples_become_zero() {
        let x = Matrix::from_rows(2, 3, [0.1f32; 6].to_vec());
        let white = Whitening::measure(&WhiteningSettings { retained: 0.99, epsilon: 0.01 }, &x).apply(x);
        assert!(white.numbers().iter().all(|&x| x == 0.0));
    }
}
