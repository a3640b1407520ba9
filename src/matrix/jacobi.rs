//! Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations: the plain way, for comparison.
//!
//! A rotation in the plane of axes p and q, A ← Jᵀ·A·J, makes a_pq zero when
//!
//! θ = (a_qq - a_pp) / (2 a_pq),  t = sign θ / (|θ| + √(θ² + 1)),  c = 1/√(t² + 1),  s = t·c;
//!
//! t is the tangent of the smaller of the two angles that do. Sweeps over all pairs repeat until what is off the diagonal no
//! longer counts beside the whole; then the diagonal holds the eigenvalues and the product of the rotations the
//! eigenvectors. It is short and slow; the tests of [`symmetric`](super::symmetric) compare with it.
//!
//! Sources: C. G. J. Jacobi, 1846; G. H. Golub and C. F. Van Loan, "Matrix Computations", §8.5.

use super::dense::Matrix;
use super::symmetric::{Eigen, in_order};
use crate::number::Real;
use crate::number::sum::{norm_inf, sum_of_squares};
use alloc::vec::Vec;

/// More sweeps than any matrix needs: convergence is quadratic, and ten are many.
const MOST_SWEEPS: usize = 60;

/// The eigenvalues and eigenvectors of a finite symmetric matrix.
pub fn eigen<T: Real>(a: &Matrix<T>) -> Eigen<T> {
    let n = a.rows();
    let mut a = a.clone();
    // Row i of v is column i of the product of the rotations.
    let mut v = Matrix::from_function(n, n, |i, j| if i == j { T::ONE } else { T::ZERO });
    let largest = norm_inf(a.elements());
    // Numbers of size 1 have squares that neither overflow nor vanish.
    let scale = if largest > T::ZERO { largest } else { T::ONE };
    a.elements_mut().iter_mut().for_each(|x| *x /= scale);
    let whole = sum_of_squares(a.elements());
    for _ in 0..MOST_SWEEPS {
        let mut off = T::ZERO;
        for p in 0..n {
            off += sum_of_squares(&a.row(p)[p + 1..]);
        }
        if off <= whole * T::EPSILON * T::EPSILON * T::from_f64(1e-4) {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let diagonal: Vec<T> = (0..n).map(|i| scale * a.row(i)[i]).collect();
    in_order(&diagonal, &v)
}

/// Makes a_pq zero. `a` is kept whole and symmetric, so that rows can stand for columns.
fn rotate<T: Real>(a: &mut Matrix<T>, v: &mut Matrix<T>, p: usize, q: usize) {
    let (a_pp, a_qq, a_pq) = (a.row(p)[p], a.row(q)[q], a.row(p)[q]);
    if a_pq == T::ZERO {
        return;
    }
    let theta = (a_qq - a_pp) / (a_pq + a_pq);
    let size = theta.abs() + (theta * theta + T::ONE).sqrt();
    let t = if theta < T::ZERO { -T::ONE / size } else { T::ONE / size };
    let c = T::ONE / (t * t + T::ONE).sqrt();
    let s = t * c;
    rotate_pair(a, p, q, c, s);
    rotate_pair(v, p, q, c, s);
    let n = a.rows();
    for i in 0..n {
        let (ip, iq) = (a.row(p)[i], a.row(q)[i]);
        a.row_mut(i)[p] = ip;
        a.row_mut(i)[q] = iq;
    }
    a.row_mut(p)[p] = a_pp - t * a_pq;
    a.row_mut(q)[q] = a_qq + t * a_pq;
    a.row_mut(p)[q] = T::ZERO;
    a.row_mut(q)[p] = T::ZERO;
}

/// Rows p and q ← c·(row p) - s·(row q) and s·(row p) + c·(row q).
fn rotate_pair<T: Real>(m: &mut Matrix<T>, p: usize, q: usize, c: T, s: T) {
    let columns = m.columns();
    let (upper, lower) = m.elements_mut().split_at_mut(q * columns);
    let (row_p, row_q) = (&mut upper[p * columns..][..columns], &mut lower[..columns]);
    for (x, y) in row_p.iter_mut().zip(row_q) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}
