//! Whitening by principal components: examples made uncorrelated and of equal variance.
//!
//! Why. Neighboring bands rise and fall together, so most of the squared distance |x - x'|² between two context windows
//! is loudness. An autoencoder, which minimizes such a distance, would spend its units on it. Gradient steps suffer
//! too: along a direction the curvature of a squared error grows with the variance of the examples, and the largest
//! curvature limits the step. Along a direction with a hundredth of that variance, the descent then advances a hundred
//! times more slowly. After whitening all directions count equally.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_j, m | example j, a column of n elements x_ij; the number of examples |
//! | μ, C | the mean of the examples, n elements; their covariance, n x n |
//! | V | the eigenvectors of C as columns, n x n, VᵀV = I |
//! | λ_k, Λ | the eigenvalues of C, largest first; diag(λ) |
//! | Λ^(½), Λ^(-½) | diag(√λ_k) and diag(1/√λ_k); the second one needs all λ_k > 0 |
//! | ε, ε_rel | the number added to each eigenvalue, and [`WhiteningSettings::epsilon`] |
//! | retained | [`WhiteningSettings::retained`], the fraction of the variance to keep |
//! | K | the number of components kept |
//! | y_kj, z_ij | the whitened examples: K components of each (PCA), n elements of each (ZCA) |
//!
//! Measured on the examples:
//!
//! ```text
//! (WN.1)  μ = 1/m·Σ_j x_j
//! (WN.2)  C = 1/m·Σ_j (x_j - μ)(x_j - μ)ᵀ
//! (WN.3)  C = V·Λ·Vᵀ
//! (WN.4)  ε = ε_rel·(1/n)·Σ_k λ_k
//! (WN.5)  K = the least number, at least 1, with Σ_(k<K) λ_k >= retained·(1 - n·2⁻⁵²)·Σ_k λ_k
//! ```
//!
//! PCA whitening, ZCA whitening, and the inverse:
//!
//! ```text
//! (WN.6)  y_kj = 1/√(λ_k + ε)·Σ_i V_ik·(x_ij - μ_i),  k < K
//! (WN.7)  z_ij = Σ_(k<K) V_ik·y_kj
//! (WN.8)  x_ij ≈ μ_i + Σ_(k<K) V_ik·√(λ_k + ε)·y_kj
//! ```
//!
//! In (WN.5), n·2⁻⁵² is the rounding error of the sums. With `retained` = 1, components with less than this part of the
//! variance are left out: they hold rounding errors only.
//!
//! Why the covariance becomes I, with ε = 0 and K = n. In matrices, (WN.6) is y = Λ^(-½)·Vᵀ·(x - μ). The mean of y is
//! 0, and
//!
//! ```text
//! 1/m·Σ_j y_j·y_jᵀ = Λ^(-½)·Vᵀ·C·V·Λ^(-½) = Λ^(-½)·Vᵀ·(V·Λ·Vᵀ)·V·Λ^(-½) = Λ^(-½)·Λ·Λ^(-½) = I
//! ```
//!
//! With ε > 0 the variance of component k is λ_k/(λ_k + ε) instead of 1. With K < n the y are the first K components,
//! and their covariance is a corner of this matrix, K x K. A rotation keeps I: (R·y)(R·y)ᵀ averages to R·I·Rᵀ = I.
//! So every R·Λ^(-½)·Vᵀ with orthogonal R whitens, R = I in (WN.6), R = V in (WN.7). There are no others: if M whitens,
//! I = M·C·Mᵀ = (M·V·Λ^(½))·(M·V·Λ^(½))ᵀ, so R = M·V·Λ^(½) is orthogonal, and M = R·Λ^(-½)·Vᵀ. With K < n the z of
//! (WN.7) still have n elements, but their covariance is not I: they vary along the first K columns of V, each as y_k,
//! and not at all along the others.
//!
//! Why ZCA (zero-phase component analysis) stays nearest to the examples. The mean squared distance of R·y from x - μ
//! has three parts. The mean of |R·y|² = |y|² is n, the sum of n variances of 1; that of |x - μ|² is trace C. For the
//! middle part, aᵀb = trace(a·bᵀ) and trace(A·B) = trace(B·A):
//!
//! ```text
//! 1/m·Σ_j y_j·(x_j - μ)ᵀ = Λ^(-½)·Vᵀ·C = Λ^(-½)·Vᵀ·V·Λ·Vᵀ = Λ^(½)·Vᵀ
//! 1/m·Σ_j (R·y_j)ᵀ(x_j - μ) = trace(R·Λ^(½)·Vᵀ) = trace(Vᵀ·R·Λ^(½)) = Σ_k Q_kk·√λ_k,   Q = VᵀR
//! 1/m·Σ_j |R·y_j - (x_j - μ)|² = n - 2·Σ_k Q_kk·√λ_k + trace C
//! ```
//!
//! Q is orthogonal: its columns have length 1, so no Q_kk is above 1; all are 1 for Q = I, that is R = V. A whitened
//! spectrogram or image remains recognizable.
//!
//! Why both ε and K. Components with a small λ are mostly noise, and 1/√λ would raise it to the level of all others. K
//! leaves the weakest out, but K alone would raise the last component kept to full size; ε damps smoothly but saves no
//! work. UFLDL retains 99% for images. ε_rel = 0.01 changes little where λ is large: a component of average variance
//! loses 0.5% of its size, one of a hundredth of it is damped by √½, and none is multiplied by more than about 10 times
//! the factor of the average. The mean square of component k of x - μ is λ_k. So leaving out the components from K on
//! costs Σ_(k>=K) λ_k of the mean |x - μ|², and no more: 99% of the variance retained is an error of at most 1%. In a
//! context window of mel bands, more than half of the components together hold this 1%. PCA saves the same fraction of
//! the work of a first layer; ZCA, with n elements as before, saves nothing.
//!
//! By hand, four examples in two dimensions: (3, 1), (1, 3), (-3, -1), (-1, -3), with ε = 0. They have
//!
//! ```text
//! μ = (0, 0)
//! C = 1/4·[20 12; 12 20] = [5 3; 3 5]
//! V = [1 1; 1 -1]/√2 and λ = 8, 2, since C·(1, 1) = 8·(1, 1) and C·(1, -1) = 2·(1, -1)
//! ```
//!
//! and the first two become
//!
//! | x | Vᵀx | y | z = V·y |
//! | --- | --- | --- | --- |
//! | (3, 1) | (4, 2)/√2 = (2.83, 1.41) | (2.83/√8, 1.41/√2) = (1, 1) | (1.41, 0) |
//! | (1, 3) | (4, -2)/√2 = (2.83, -1.41) | (1, -1) | (0, 1.41) |
//!
//! The four y are the corners of a square, their covariance is I; the z are another square, rotated toward the
//! examples.
//!
//! Conventions: the signs of eigenvectors are arbitrary, and so are those of the y_k. A λ_k that rounding has made
//! negative counts as 0. A component without any variance, with ε = 0, becomes 0. `measure` computes in f64, with the
//! blocked product, whose rounding differs from [`by_definition`]'s. Sources: UFLDL, "Whitening"; the tutorial's
//! pcaWhitening (source A, 8.1); A. Bell and T. Sejnowski 1997 (ZCA).

use super::normalize::mean as row_mean;
use crate::machine::Element;
use crate::matrix::symmetric::eigen;
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use alloc::vec;
use alloc::vec::Vec;

/// The coordinates of whitened examples: components, or elements as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhiteningForm {
    /// (WN.6): components, the one with the largest variance first.
    Pca,
    /// (WN.7): the elements of an example, n as before.
    Zca,
}

/// The variance to retain, ε, and the coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhiteningSettings {
    /// The fraction of the variance to retain, between 0 and 1.
    pub retained: f64,
    /// ε as a fraction of the mean λ, so that it does not depend on the scale of the examples.
    pub epsilon: f64,
    /// PCA or ZCA.
    pub form: WhiteningForm,
}

impl Default for WhiteningSettings {
    /// For log-mel windows: 99% of the variance, ε a hundredth of the mean λ, coordinates along the components.
    fn default() -> Self {
        WhiteningSettings { retained: 0.99, epsilon: 0.01, form: WhiteningForm::Pca }
    }
}

/// A whitening, measured on examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening<T> {
    /// μ.
    pub mean: Vec<T>,
    /// diag(1/√(λ + ε))·Vᵀ: kept components x elements of an example (for ZCA, V times that).
    pub basis: Matrix<T>,
    /// V·diag(√(λ + ε)): the components in the coordinates of the examples, as columns (for ZCA, that times Vᵀ).
    pub inverse: Matrix<T>,
}

/// The examples (columns), whitened by their own mean and covariance: kept components (for ZCA, elements) x examples.
///
/// # Panics
/// If there is no example.
pub fn by_definition(settings: &WhiteningSettings, examples: &Matrix<f64>) -> Matrix<f64> {
    let (n, m) = (examples.rows(), examples.columns());
    assert!(m > 0, "whitening needs an example");
    let x = |i: usize, j: usize| examples.row(i)[j];
    let mut mu = vec![0.0; n];
    for i in 0..n {
        for j in 0..m {
            mu[i] += x(i, j) / m as f64; // (WN.1)
        }
    }
    let mut covariance = Matrix::zeros(n, n);
    for i in 0..n {
        for l in 0..n {
            for j in 0..m {
                covariance.row_mut(i)[l] += (x(i, j) - mu[i]) * (x(l, j) - mu[l]) / m as f64; // (WN.2)
            }
        }
    }
    let eigen = eigen(&covariance); // (WN.3)
    let lambda = |k: usize| Real::max(eigen.values[k], 0.0);
    let v = |i: usize, k: usize| eigen.vectors.row(k)[i];
    let total = (0..n).fold(0.0, |sum, k| sum + lambda(k));
    let epsilon = settings.epsilon * total / n as f64; // (WN.4)
    let rounding = 1.0 - n as f64 * f64::EPSILON;
    let (mut kept, mut held) = (0, 0.0);
    while kept < n && (kept == 0 || held < settings.retained * rounding * total) {
        held += lambda(kept);
        kept += 1; // (WN.5)
    }
    let mut y = Matrix::zeros(kept, m);
    for k in 0..kept {
        let root = Element::sqrt(lambda(k) + epsilon);
        for j in 0..m {
            for i in 0..n {
                y.row_mut(k)[j] += if root > 0.0 { v(i, k) * (x(i, j) - mu[i]) / root } else { 0.0 }; // (WN.6)
            }
        }
    }
    if settings.form == WhiteningForm::Pca {
        return y;
    }
    let mut z = Matrix::zeros(n, m);
    for i in 0..n {
        for j in 0..m {
            for k in 0..kept {
                z.row_mut(i)[j] += v(i, k) * y.row(k)[j]; // (WN.7)
            }
        }
    }
    z
}

impl<T: Real> Whitening<T> {
    /// A whitening by components from its mean and its basis, whose rows v_k/√(λ_k + ε) are orthogonal: row k divided
    /// by its squared norm 1/(λ_k + ε) is column k of the inverse.
    ///
    /// # Panics
    /// If the mean has another length than the rows of the basis.
    pub fn from_basis(mean: Vec<T>, basis: Matrix<T>) -> Self {
        assert_eq!(mean.len(), basis.columns(), "elements of an example");
        let squares: Vec<T> = (0..basis.rows()).map(|k| sum_of_squares(basis.row(k))).collect();
        let element = |i: usize, k: usize| if squares[k] > T::ZERO { basis.row(k)[i] / squares[k] } else { T::ZERO };
        let inverse = Matrix::from_function(basis.columns(), basis.rows(), element);
        Whitening { mean, basis, inverse }
    }

    /// Measures the principal components of examples (columns), in f64.
    ///
    /// # Panics
    /// If there is no example, or no memory for the covariance.
    pub fn measure(settings: &WhiteningSettings, examples: &Matrix<T>) -> Self {
        let (n, m) = (examples.rows(), examples.columns());
        assert!(m > 0, "whitening needs an example");
        let mut centered = Matrix::from_function(n, m, |i, j| examples.row(i)[j].to_f64());
        let mut mean = Vec::with_capacity(n);
        for i in 0..n {
            let mu = row_mean(centered.row(i)); // (WN.1)
            centered.row_mut(i).iter_mut().for_each(|x| *x -= mu);
            mean.push(mu);
        }
        let mut covariance = Matrix::zeros(n, n);
        Product::new().store(centered.view(), centered.view().transposed(), covariance.view_mut()); // (WN.2)
        covariance.elements_mut().iter_mut().for_each(|c| *c /= m as f64);
        let eigen = eigen(&covariance); // (WN.3)

        let total = sum(&eigen.values);
        let epsilon = settings.epsilon * total / n as f64; // (WN.4)
        let rounding = 1.0 - n as f64 * f64::EPSILON;
        let (mut kept, mut held) = (0, 0.0);
        while kept < n && (kept == 0 || held < settings.retained * rounding * total) {
            held += eigen.values[kept];
            kept += 1; // (WN.5)
        }
        // A component without any variance (constant examples) becomes 0.
        let root = |k: usize| Element::sqrt(Real::max(eigen.values[k], 0.0) + epsilon);
        let inverse_root = |k: usize| if root(k) > 0.0 { 1.0 / root(k) } else { 0.0 };
        let scaled =
            |factor: &dyn Fn(usize) -> f64| Matrix::from_function(kept, n, |k, i| eigen.vectors.row(k)[i] * factor(k));
        let whitening = scaled(&inverse_root); // (WN.6)
        let coloring = scaled(&root); // (WN.8)
        let v_times = |scaled: &Matrix<f64>| {
            let mut product = Matrix::zeros(n, n);
            let v = eigen.vectors.view().part_rows(0, kept).transposed();
            Product::new().store(v, scaled.view(), product.view_mut());
            product
        };
        let rounded = |m: Matrix<f64>| m.map(T::from_f64);
        let (basis, inverse) = match settings.form {
            WhiteningForm::Pca => (whitening, Matrix::from_function(n, kept, |i, k| coloring.row(k)[i])),
            WhiteningForm::Zca => (v_times(&whitening), v_times(&coloring)), // (WN.7)
        };
        Whitening {
            mean: mean.into_iter().map(T::from_f64).collect(),
            basis: rounded(basis),
            inverse: rounded(inverse),
        }
    }

    /// The whitened examples: kept components (for ZCA, elements) x examples.
    ///
    /// # Panics
    /// If the examples do not have the length of those measured.
    pub fn apply(&self, mut examples: Matrix<T>) -> Matrix<T> {
        assert_eq!(examples.rows(), self.mean.len(), "elements of an example");
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
    fn four_examples_by_hand() {
        let x = Matrix::from_rows(2, 4, vec![3.0, 1.0, -3.0, -1.0, 1.0, 3.0, -1.0, -3.0]);
        let zca = by_definition(&settings(1.0, 0.0, WhiteningForm::Zca), &x);
        let root = Element::sqrt(2.0);
        let expected = [root, 0.0, -root, 0.0, 0.0, root, 0.0, -root];
        assert!(zca.elements().iter().zip(expected).all(|(z, expected)| (z - expected).abs() < 1e-14), "{zca:?}");
        let pca = by_definition(&settings(1.0, 0.0, WhiteningForm::Pca), &x);
        assert!(pca.elements().iter().all(|y| (y.abs() - 1.0).abs() < 1e-14), "{pca:?}");
    }

    #[test]
    fn the_fast_form_is_the_definition() {
        let x = correlated(6, 50);
        for form in [WhiteningForm::Pca, WhiteningForm::Zca] {
            for (retained, epsilon) in [(1.0, 0.0), (0.99, 0.01), (0.9, 0.1), (0.0, 1.0)] {
                let settings = settings(retained, epsilon, form);
                let fast = Whitening::measure(&settings, &x).apply(x.clone());
                let slow = by_definition(&settings, &x);
                assert_eq!((fast.rows(), fast.columns()), (slow.rows(), slow.columns()));
                let gap = fast
                    .elements()
                    .iter()
                    .zip(slow.elements())
                    .fold(0.0, |most, (a, b)| Real::max(most, (a - b).abs()));
                assert!(gap < 1e-12, "{form:?}, {retained}, {epsilon}: {gap:e}");
            }
        }
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
