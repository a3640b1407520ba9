//! Whitening by principal components: examples made uncorrelated and of equal variance.
//!
//! With the mean μ of the examples and their covariance Σ = (1/m)·Σ_x (x - μ)(x - μ)ᵀ = V·diag(λ)·Vᵀ,
//!
//! x ← diag(1/√(λ + ε))·Vᵀ·(x - μ),
//!
//! keeping the components with the largest λ until they hold a given share of the variance. ε keeps components that are
//! almost constant from being blown up. These are the coordinates of PCA whitening; ZCA whitening turns them back by V,
//!
//! x ← V·diag(1/√(λ + ε))·Vᵀ·(x - μ),
//!
//! to numbers that are uncorrelated too (where all components are kept) and as near to the original ones as such
//! numbers can be: an image stays one. Sources: UFLDL, "Whitening"; the tutorial's pcaWhitening (source A, 8.1); A. Bell
//! and T. Sejnowski, 1997 (ZCA).

use super::normalize::mean as row_mean;
use crate::matrix::symmetric::eigen;
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use crate::number::sum::sum;
use alloc::vec::Vec;

/// The coordinates of whitened examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhiteningForm {
    /// Components, the one with the largest variance first.
    Pca,
    /// The original numbers, as many as there were.
    Zca,
}

/// How much is kept, what is added, and the coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhiteningSettings {
    /// The share of the variance to keep, between 0 and 1.
    pub retained: f64,
    /// ε as a share of the mean λ, so that it means the same on every scale.
    pub epsilon: f64,
    /// Components or original numbers.
    pub form: WhiteningForm,
}

/// The whitening of examples like those measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening<T> {
    /// μ.
    pub mean: Vec<T>,
    /// diag(1/√(λ + ε))·Vᵀ: kept components x numbers of an example (for ZCA, V times that).
    pub basis: Matrix<T>,
    /// V·diag(√(λ + ε)): how a component looks among the original numbers, as columns (for ZCA, that times Vᵀ).
    pub inverse: Matrix<T>,
}

impl<T: Real> Whitening<T> {
    /// Measures the principal components of examples (columns), in f64.
    ///
    /// # Panics
    /// If there is no example.
    /// Also if there is no memory for the covariance.
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
        Product::new().store(centered.view(), centered.view().transposed(), covariance.view_mut());
        covariance.elements_mut().iter_mut().for_each(|c| *c /= m as f64);
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
        let scaled =
            |factor: &dyn Fn(usize) -> f64| Matrix::from_function(kept, n, |i, j| eigen.vectors.row(i)[j] * factor(i));
        let (shrunk, stretched) = (scaled(&scale), scaled(&root));
        let turned_back = |scaled: &Matrix<f64>| {
            let mut turned = Matrix::zeros(n, n);
            let v = eigen.vectors.view().part_rows(0, kept).transposed();
            Product::new().store(v, scaled.view(), turned.view_mut());
            turned
        };
        let rounded = |m: Matrix<f64>| Matrix::from_function(m.rows(), m.columns(), |i, j| T::from_f64(m.row(i)[j]));
        let (basis, inverse) = match settings.form {
            WhiteningForm::Pca => (shrunk, Matrix::from_function(n, kept, |j, i| stretched.row(i)[j])),
            WhiteningForm::Zca => (turned_back(&shrunk), turned_back(&stretched)),
        };
        Whitening {
            mean: mean.into_iter().map(T::from_f64).collect(),
            basis: rounded(basis),
            inverse: rounded(inverse),
        }
    }

    /// The whitened examples: kept components (for ZCA, numbers) x examples.
    ///
    /// # Panics
    /// If the examples have another length than those measured.
    pub fn apply(&self, mut examples: Matrix<T>) -> Matrix<T> {
        assert_eq!(examples.rows(), self.mean.len(), "numbers of an example");
        for (i, &mu) in self.mean.iter().enumerate() {
            examples.row_mut(i).iter_mut().for_each(|x| *x -= mu);
        }
        let mut white = Matrix::zeros(self.basis.rows(), examples.columns());
        Product::new().store(self.basis.view(), examples.view(), white.view_mut());
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

    fn settings(retained: f64, epsilon: f64, form: WhiteningForm) -> WhiteningSettings {
        WhiteningSettings { retained, epsilon, form }
    }

    #[test]
    fn whitened_examples_have_the_identity_as_covariance() {
        let x = correlated(6, 400);
        for form in [WhiteningForm::Pca, WhiteningForm::Zca] {
            let whitening = Whitening::measure(&settings(1.0, 0.0, form), &x);
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
                    let back = (0..6).fold(0.0, |s, k| s + whitening.inverse.row(i)[k] * white.row(k)[j]);
                    assert!((whitening.mean[i] + back - x.row(i)[j]).abs() < 1e-11);
                }
            }
        }
    }

    #[test]
    fn zca_stays_nearer_to_the_examples_than_pca() {
        let x = correlated(6, 400);
        let centered = Matrix::from_function(6, 400, |i, j| x.row(i)[j] - row_mean(x.row(i)));
        let [pca, zca] = [WhiteningForm::Pca, WhiteningForm::Zca].map(|form| {
            let white = Whitening::measure(&settings(1.0, 0.0, form), &x).apply(x.clone());
            crate::number::sum::squared_distance(white.elements(), centered.elements())
        });
        assert!(zca < pca, "{zca} {pca}");
        // Its matrix is symmetric.
        let basis = Whitening::measure(&settings(0.9, 0.01, WhiteningForm::Zca), &x).basis;
        assert_eq!((basis.rows(), basis.columns()), (6, 6));
        assert!((0..36).all(|k| (basis.row(k / 6)[k % 6] - basis.row(k % 6)[k / 6]).abs() < 1e-13));
    }

    #[test]
    fn components_are_kept_until_they_hold_enough() {
        let x = correlated(6, 400);
        let kept = |retained| Whitening::measure(&settings(retained, 0.01, WhiteningForm::Pca), &x).basis.rows();
        assert!(kept(0.0) == 1 && kept(1.0) == 6 && (2..6).contains(&kept(0.99)));
    }

    #[test]
    fn constant_examples_become_zero() {
        let x = Matrix::from_rows(2, 3, [0.1f32; 6].to_vec());
        let white = Whitening::measure(&settings(0.99, 0.01, WhiteningForm::Pca), &x).apply(x);
        assert!(white.elements().iter().all(|&x| x == 0.0));
    }
}
