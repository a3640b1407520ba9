//! Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations.
//!
//! A rotation in the plane of axes p and q, A ← Jᵀ·A·J, makes a_pq zero when
//!
//! θ = (a_qq - a_pp) / (2 a_pq),  t = sign θ / (|θ| + √(θ² + 1)),  c = 1/√(t² + 1),  s = t·c;
//!
//! t is the tangent of the smaller of the two angles that do. Sweeps over all pairs repeat until what is off the diagonal no
//! longer counts beside the whole; then the diagonal holds the eigenvalues and the product of the rotations the
//! eigenvectors. It is short, and slower than the methods of large libraries. The errors are some roundings of the largest
//! eigenvalue.
//!
//! Sources: C. G. J. Jacobi, 1846; G. H. Golub and C. F. Van Loan, "Matrix Computations", §8.5.

use super::dense::Matrix;
use crate::number::Real;
use crate::number::sum::{largest_size, sum_of_squares};
use alloc::vec::Vec;

/// A = V·diag(λ)·Vᵀ.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen<T> {
    /// λ, the largest first.
    pub values: Vec<T>,
    /// Row i is the eigenvector of `values[i]`, of length 1, its largest component positive.
    pub vectors: Matrix<T>,
}

/// More sweeps than any matrix needs: convergence is quadratic, and ten are many.
const MOST_SWEEPS: usize = 60;

/// The eigenvalues and eigenvectors of a symmetric matrix; what is below the diagonal is not read.
///
/// A matrix with NaN or an infinity gives NaN.
///
/// # Panics
/// If the matrix is not square.
pub fn eigen<T: Real>(a: &Matrix<T>) -> Eigen<T> {
    let n = a.rows();
    assert_eq!(n, a.columns(), "rows and columns of a symmetric matrix");
    let mut a = Matrix::from_function(n, n, |i, j| a.row(i.min(j))[i.max(j)]);
    // Row i of v is column i of the product of the rotations.
    let mut v = Matrix::from_function(n, n, |i, j| if i == j { T::ONE } else { T::ZERO });
    let largest = largest_size(a.numbers());
    if !largest.is_finite() {
        v.numbers_mut().fill(T::NAN);
        return Eigen { values: alloc::vec![T::NAN; n], vectors: v };
    }
    // Numbers of size 1 have squares that neither overflow nor vanish.
    let scale = if largest > T::ZERO { largest } else { T::ONE };
    a.numbers_mut().iter_mut().for_each(|x| *x /= scale);
    let whole = sum_of_squares(a.numbers());
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
    let mut order: Vec<usize> = (0..n).collect();
    let diagonal = |i: usize| a.row(i)[i];
    order.sort_by(|&i, &j| diagonal(j).partial_cmp(&diagonal(i)).unwrap_or(core::cmp::Ordering::Equal));
    let mut vectors = Matrix::zeros(n, n);
    for (place, &i) in order.iter().enumerate() {
        let largest = v.row(i).iter().fold(T::ZERO, |most, &x| if x.abs() > most.abs() { x } else { most });
        let sign = if largest < T::ZERO { -T::ONE } else { T::ONE };
        for (to, &x) in vectors.row_mut(place).iter_mut().zip(v.row(i)) {
            *to = sign * x;
        }
    }
    Eigen { values: order.iter().map(|&i| scale * diagonal(i)).collect(), vectors }
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
    turn(a, p, q, c, s);
    turn(v, p, q, c, s);
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
fn turn<T: Real>(m: &mut Matrix<T>, p: usize, q: usize, c: T, s: T) {
    let columns = m.columns();
    let (upper, lower) = m.numbers_mut().split_at_mut(q * columns);
    let (row_p, row_q) = (&mut upper[p * columns..][..columns], &mut lower[..columns]);
    for (x, y) in row_p.iter_mut().zip(row_q) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn two_by_two_by_hand() {
        let eigen = eigen(&Matrix::from_rows(2, 2, [2.0, 1.0, 1.0, 2.0].to_vec()));
        let half = core::f64::consts::FRAC_1_SQRT_2;
        assert!((eigen.values[0] - 3.0).abs() < 1e-15 && (eigen.values[1] - 1.0).abs() < 1e-15);
        for (x, expected) in eigen.vectors.numbers().iter().zip([half, half, half, -half]) {
            assert!((x.abs() - expected.abs()).abs() < 1e-15);
        }
    }

    #[test]
    fn vectors_are_orthonormal_and_rebuild_the_matrix() {
        let n = 17;
        let mut random = Random::new(2);
        let x: Matrix<f64> = Matrix::from_function(n, n, |_, _| random.uniform(-1.0, 1.0));
        let a = Matrix::from_function(n, n, |i, j| x.row(i)[j] + x.row(j)[i]);
        let Eigen { values, vectors: v } = eigen(&a);
        assert!(values.is_sorted_by(|a, b| a >= b));
        for i in 0..n {
            for j in 0..n {
                let rebuilt: f64 = (0..n).map(|k| values[k] * v.row(k)[i] * v.row(k)[j]).sum();
                assert!((rebuilt - a.row(i)[j]).abs() < 1e-13, "A({i}, {j})");
                let product: f64 = (0..n).map(|k| v.row(i)[k] * v.row(j)[k]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-14, "V·Vᵀ({i}, {j})");
            }
        }
    }

    #[test]
    fn any_scale_will_do_and_bad_numbers_are_nan() {
        for scale in [1e-30f32, 1.0, 1e30] {
            let a = Matrix::from_rows(2, 2, [2.0, 1.0, 1.0, 2.0].map(|x| x * scale).to_vec());
            let values = eigen(&a).values;
            assert!((values[0] / scale - 3.0).abs() < 1e-6 && (values[1] / scale - 1.0).abs() < 1e-6);
        }
        assert!(eigen(&Matrix::from_rows(1, 1, [f64::NAN].to_vec())).values[0].is_nan());
        assert!(eigen::<f32>(&Matrix::zeros(0, 0)).values.is_empty());
    }
}
