//! Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations: the plain definition.
//!
//! Why: a symmetric matrix stretches space along perpendicular axes, its eigenvectors, by its eigenvalues. In the
//! coordinates of these axes it is diagonal. Jacobi's method finds them by rotating two axes at a time, each time
//! making one element off the diagonal zero. It is short and slow; [`symmetric`](super::symmetric) is fast, and its
//! tests compare with it.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | A, a_kl | the matrix and its elements |
//! | k < l | the two axes of the present rotation |
//! | c, s, t | cosine, sine, and tangent of its angle |
//! | θ | the cotangent of twice the angle |
//! | λ, Q | the eigenvalues; the eigenvectors as rows, A = Qᵀ·diag(λ)·Q |
//!
//! The angle, and the corner where the two axes meet:
//!
//! ```text
//! (JA.1)  θ = (a_ll - a_kk) / (2·a_kl)
//! (JA.2)  t = sign(θ) / (|θ| + √(θ² + 1)),  c = 1/√(t² + 1),  s = t·c
//! (JA.3)  a_kk ← a_kk - t·a_kl,  a_ll ← a_ll + t·a_kl,  a_kl ← 0
//! ```
//!
//! The rest of rows k and l, for every other i (columns k and l likewise), and rows k and l of Q:
//!
//! ```text
//! (JA.4)  (a_ki, a_li) ← (c·a_ki - s·a_li, s·a_ki + c·a_li)
//! (JA.5)  (q_ki, q_li) ← (c·q_ki - s·q_li, s·q_ki + c·q_li)
//! ```
//!
//! Derivation: with the rotation G, rows k and l of G·A are those of (JA.4), and so are the columns of A·Gᵀ. Both
//! applied to the corner (a_kk, a_kl; a_kl, a_ll) give
//!
//! ```text
//! (G·A·Gᵀ)_kl = (c² - s²)·a_kl + c·s·(a_kk - a_ll).
//! ```
//!
//! Set to zero and divided by c²·a_kl, this is 1 - t² - 2·θ·t = 0, with the roots t = -θ ± √(θ² + 1). (JA.2) is the
//! root of smaller size, an angle of at most 45°, written without cancellation. For the diagonal,
//!
//! ```text
//! (G·A·Gᵀ)_kk = c²·a_kk - 2·c·s·a_kl + s²·a_ll = a_kk - 2·c·s·a_kl + s²·2·θ·a_kl
//!             = a_kk + c²·(-2·t + t²·(1 - t²)/t)·a_kl = a_kk - c²·t·(1 + t²)·a_kl = a_kk - t·a_kl,
//! ```
//!
//! since 2·θ = (1 - t²)/t and c²·(1 + t²) = 1; the trace stays, so a_ll grows by as much. A rotation does not change Σ
//! a_ij² over all elements, nor over the other elements of the two rows together, so it moves 2·a_kl² from off the
//! diagonal onto it. Sweeps over all pairs repeat until the sum off the diagonal is negligible. Then A is diag(λ), and
//! Q, the product of all rotations, has the eigenvectors as rows.
//!
//! By hand: A = (2, 1; 1, 2) has θ = 0, t = 1 and c = s = 1/√2, so λ = 2 - 1 and 2 + 1, with the rows (1, -1)/√2 and
//! (1, 1)/√2.
//!
//! Sources: C. G. J. Jacobi, 1846; G. H. Golub and C. F. Van Loan, "Matrix Computations", §8.5.

use super::dense::Matrix;
use super::symmetric::{Eigen, in_order};
use crate::machine::Element;
use crate::number::Real;
use crate::number::sum::{norm_inf, sum_of_squares};
use alloc::vec::Vec;

/// A bound on the sweeps; convergence is quadratic, and ten sweeps are unusual.
const MOST_SWEEPS: usize = 60;

/// The eigenvalues and eigenvectors of a finite symmetric matrix.
///
/// # Panics
/// If the matrix is not square.
pub fn by_definition(a: &Matrix<f64>) -> Eigen<f64> {
    let n = a.rows();
    assert_eq!(n, a.columns(), "rows and columns of a symmetric matrix");
    let mut a = a.clone();
    let mut q = Matrix::from_function(n, n, |i, j| if i == j { 1.0 } else { 0.0 });
    let largest = norm_inf(a.elements());
    // Elements of size 1 have squares that neither overflow nor vanish.
    let scale = if largest > 0.0 { largest } else { 1.0 };
    a.elements_mut().iter_mut().for_each(|x| *x /= scale);
    let all = sum_of_squares(a.elements());
    for _ in 0..MOST_SWEEPS {
        let off_diagonal = (0..n).fold(0.0, |sum, k| sum + sum_of_squares(&a.row(k)[k + 1..]));
        if off_diagonal <= all * f64::EPSILON * f64::EPSILON * 1e-4 {
            break;
        }
        for k in 0..n {
            for l in k + 1..n {
                rotate(&mut a, &mut q, k, l);
            }
        }
    }
    let diagonal: Vec<f64> = (0..n).map(|i| scale * a.row(i)[i]).collect();
    in_order(&diagonal, &q)
}

/// Makes a_kl zero.
fn rotate(a: &mut Matrix<f64>, q: &mut Matrix<f64>, k: usize, l: usize) {
    let (a_kk, a_ll, a_kl) = (a.row(k)[k], a.row(l)[l], a.row(k)[l]);
    if a_kl == 0.0 {
        return;
    }
    let theta = (a_ll - a_kk) / (2.0 * a_kl); // (JA.1)
    let size = Real::abs(theta) + Element::sqrt(theta * theta + 1.0);
    let t = if theta < 0.0 { -1.0 / size } else { 1.0 / size };
    let c = 1.0 / Element::sqrt(t * t + 1.0);
    let s = t * c; // (JA.2)
    for i in 0..a.rows() {
        let (a_ki, a_li) = (a.row(k)[i], a.row(l)[i]);
        (a.row_mut(k)[i], a.row_mut(l)[i]) = (c * a_ki - s * a_li, s * a_ki + c * a_li); // (JA.4)
        (a.row_mut(i)[k], a.row_mut(i)[l]) = (a.row(k)[i], a.row(l)[i]);
        let (q_ki, q_li) = (q.row(k)[i], q.row(l)[i]);
        (q.row_mut(k)[i], q.row_mut(l)[i]) = (c * q_ki - s * q_li, s * q_ki + c * q_li); // (JA.5)
    }
    (a.row_mut(k)[k], a.row_mut(l)[l]) = (a_kk - t * a_kl, a_ll + t * a_kl); // (JA.3)
    (a.row_mut(k)[l], a.row_mut(l)[k]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_by_two_by_hand() {
        let Eigen { values, vectors } = by_definition(&Matrix::from_rows(2, 2, [2.0, 1.0, 1.0, 2.0].to_vec()));
        assert!((values[0] - 3.0).abs() < 1e-15 && (values[1] - 1.0).abs() < 1e-15);
        let half = core::f64::consts::FRAC_1_SQRT_2;
        for (x, expected) in vectors.elements().iter().zip([half, half, half, -half]) {
            assert!((x.abs() - expected.abs()).abs() < 1e-15);
        }
    }
}
