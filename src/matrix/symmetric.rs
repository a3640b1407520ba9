//! Eigenvalues and eigenvectors of a symmetric matrix: first a tridiagonal matrix, then a diagonal one.
//!
//! 1. **Householder's reflections**, A ← H·A·H with H = I - β·v·vᵀ, β = 2/(v·v), make row and column k zero beyond the
//!    neighbor of the diagonal. For the row's part x beyond the diagonal, v = x - α·e₁ with α = -sign(x₁)·|x|, and
//!
//!    p = β·A·v,  w = p - ½·β·(p·v)·v,  A ← A - v·wᵀ - w·vᵀ.
//!
//! 2. **Implicit QL steps** on what is left, diagonal d and neighbors e: a rotation at the lower end as if d_l - σ were made zero,
//!    with the eigenvalue of the upper 2 x 2 corner next to d_l as the shift σ, puts a number beside the diagonals, and
//!    rotations chase it up and out. e_l falls cubically; once it does not count beside its diagonal, d_l is an eigenvalue.
//!
//! The product of all reflections and rotations holds the eigenvectors; the rotations of a whole step are kept and then
//! applied together. The errors are some roundings of the largest eigenvalue. The tests compare with Jacobi's plain
//! way.
//!
//! Sources: G. H. Golub and C. F. Van Loan, "Matrix Computations", §8.3; J. H. Wilkinson and C. Reinsch, "Handbook for
//! Automatic Computation", II/2 and II/3 (tred2, imtql2).

use super::dense::Matrix;
use crate::machine::{Lanes, Operation, run};
use crate::number::Real;
use crate::number::sum::{axpy, dot, norm_inf, sum_of_squares};
use alloc::vec;
use alloc::vec::Vec;

/// A = V·diag(λ)·Vᵀ.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen<T> {
    /// λ, the largest first.
    pub values: Vec<T>,
    /// Row i is the eigenvector of `values[i]`, of length 1, its largest component positive.
    pub vectors: Matrix<T>,
}

/// More steps than any eigenvalue needs: two are usual.
const MOST_STEPS: usize = 60;

/// The eigenvalues and eigenvectors of a symmetric matrix; what is below the diagonal is not read.
///
/// A matrix with NaN or an infinity gives NaN.
///
/// # Panics
/// If the matrix is not square.
/// Also if there is no memory for another such matrix.
pub fn eigen<T: Real>(a: &Matrix<T>) -> Eigen<T> {
    let n = a.rows();
    assert_eq!(n, a.columns(), "rows and columns of a symmetric matrix");
    let mut a = Matrix::from_function(n, n, |i, j| a.row(i.min(j))[i.max(j)]);
    let largest = norm_inf(a.elements());
    if !largest.is_finite() {
        a.elements_mut().fill(T::NAN);
        return Eigen { values: vec![T::NAN; n], vectors: a };
    }
    // Numbers of size 1 have squares that neither overflow nor vanish.
    let scale = if largest > T::ZERO { largest } else { T::ONE };
    a.elements_mut().iter_mut().for_each(|x| *x /= scale);
    let (mut d, mut e, mut v) = tridiagonal(a);
    diagonal(&mut d, &mut e, &mut v);
    d.iter_mut().for_each(|d| *d = scale * *d);
    in_order(&d, &v)
}

/// The diagonal d and its neighbors e (the last one 0) of V·A·Vᵀ, and V.
fn tridiagonal<T: Real>(mut a: Matrix<T>) -> (Vec<T>, Vec<T>, Matrix<T>) {
    let n = a.rows();
    let (mut d, mut e, mut betas) = (vec![T::ZERO; n], vec![T::ZERO; n], vec![T::ZERO; n]);
    let mut w = vec![T::ZERO; n];
    for k in 0..n {
        d[k] = a.row(k)[k];
        // v takes the place of the row that it makes zero.
        let (beta, alpha) = reflection(&mut a.row_mut(k)[k + 1..]);
        (betas[k], e[k]) = (beta, alpha);
        if beta == T::ZERO {
            continue;
        }
        let (upper, lower) = a.elements_mut().split_at_mut((k + 1) * n);
        let v = &upper[k * n + k + 1..];
        let w = &mut w[k + 1..];
        for (w, row) in w.iter_mut().zip(lower.chunks_exact(n)) {
            *w = beta * dot(&row[k + 1..], v);
        }
        let half = T::HALF * beta * dot(w, v);
        axpy(-half, v, w);
        for (i, row) in lower.chunks_exact_mut(n).enumerate() {
            let (v_i, w_i) = (v[i], w[i]);
            for ((a, &v), &w) in row[k + 1..].iter_mut().zip(v).zip(w.iter()) {
                *a -= v_i * w + w_i * v;
            }
        }
    }

    // V = ... H_1·H_0, from the last reflection on, so that each meets only the rows and columns that are no longer
    // those of I.
    let mut q = Matrix::from_function(n, n, |i, j| if i == j { T::ONE } else { T::ZERO });
    for k in (0..n).rev().filter(|&k| betas[k] != T::ZERO) {
        let v = &a.row(k)[k + 1..];
        for i in k + 1..n {
            let row = &mut q.row_mut(i)[k + 1..];
            let share = betas[k] * dot(row, v);
            axpy(-share, v, row);
        }
    }
    (d, e, q)
}

/// Turns x into v; returns β and α, the first number of H·x, whose others are zero. β is 0 where they are already.
fn reflection<T: Real>(x: &mut [T]) -> (T, T) {
    let Some((&mut first, others)) = x.split_first_mut() else { return (T::ZERO, T::ZERO) };
    // Beside numbers of size 1, ε² is nothing.
    let nothing = T::EPSILON * T::EPSILON;
    if sum_of_squares(others) <= nothing * nothing {
        return (T::ZERO, first);
    }
    let length = sum_of_squares(x).sqrt();
    let alpha = if first < T::ZERO { length } else { -length };
    x[0] = first - alpha;
    ((T::ONE + T::ONE) / sum_of_squares(x), alpha)
}

/// A rotation of rows i and i + 1.
#[derive(Clone, Copy, Debug)]
struct Rotation<T> {
    c: T,
    s: T,
}

/// Makes e zero; d becomes the eigenvalues, and the rows of V their eigenvectors.
fn diagonal<T: Real>(d: &mut [T], e: &mut [T], v: &mut Matrix<T>) {
    let n = d.len();
    let two = T::ONE + T::ONE;
    let mut rotations: Vec<Rotation<T>> = Vec::with_capacity(n);
    for l in 0..n {
        for _ in 0..MOST_STEPS {
            let small = |i: usize| {
                e[i].abs() <= T::EPSILON * (d[i].abs() + d[i + 1].abs()) || e[i].abs() <= T::EPSILON * T::EPSILON
            };
            let m = (l..n - 1).find(|&i| small(i)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            // g = d_m - σ, σ the eigenvalue of the corner (d_l, e_l; e_l, d_(l+1)) that is nearer to d_l.
            let tau = (d[l + 1] - d[l]) / (two * e[l]);
            let root = (tau * tau + T::ONE).sqrt();
            let mut g = d[m] - d[l] + e[l] / if tau < T::ZERO { tau - root } else { tau + root };
            let (mut c, mut s, mut p) = (T::ONE, T::ONE, T::ZERO);
            let mut split = false;
            rotations.clear();
            for i in (l..m).rev() {
                let (f, b) = (s * e[i], c * e[i]);
                let r = (f * f + g * g).sqrt();
                e[i + 1] = r;
                if r == T::ZERO {
                    // The matrix falls apart here.
                    d[i + 1] -= p;
                    e[m] = T::ZERO;
                    split = true;
                    break;
                }
                (s, c) = (f / r, g / r);
                g = d[i + 1] - p;
                let r = (d[i] - g) * s + two * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                rotations.push(Rotation { c, s });
            }
            run(ApplyRotations { v, top: m, rotations: &rotations });
            if !split {
                d[l] -= p;
                e[l] = g;
                e[m] = T::ZERO;
            }
        }
    }
}

/// Rotation number k turns rows top - k - 1 and top - k: (x, y) ← (c·x - s·y, s·x + c·y).
struct ApplyRotations<'a, T> {
    v: &'a mut Matrix<T>,
    top: usize,
    rotations: &'a [Rotation<T>],
}

impl<T: Real> Operation<T> for ApplyRotations<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let ApplyRotations { v, top, rotations } = self;
        let columns = v.columns();
        for (k, rotation) in rotations.iter().enumerate() {
            let (upper, lower) = v.elements_mut().split_at_mut((top - k) * columns);
            let (x, y) = (&mut upper[(top - k - 1) * columns..], &mut lower[..columns]);
            let (c, s) = (lanes.splat(rotation.c), lanes.splat(rotation.s));
            for (x, y) in x.chunks_mut(L::WIDTH).zip(y.chunks_mut(L::WIDTH)) {
                let (a, b) = (lanes.load_any(x), lanes.load_any(y));
                lanes.store_any(c * a - s * b, x);
                lanes.store_any(s * a + c * b, y);
            }
        }
    }
}

/// Eigenvalues and the rows of V, the largest first, each row's sign chosen.
pub(super) fn in_order<T: Real>(values: &[T], v: &Matrix<T>) -> Eigen<T> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[j].partial_cmp(&values[i]).unwrap_or(core::cmp::Ordering::Equal));
    let mut vectors = Matrix::zeros(v.rows(), v.columns());
    for (place, &i) in order.iter().enumerate() {
        let largest = v.row(i).iter().fold(T::ZERO, |most, &x| if x.abs() > most.abs() { x } else { most });
        let sign = if largest < T::ZERO { -T::ONE } else { T::ONE };
        for (to, &x) in vectors.row_mut(place).iter_mut().zip(v.row(i)) {
            *to = sign * x;
        }
    }
    Eigen { values: order.iter().map(|&i| values[i]).collect(), vectors }
}

#[cfg(test)]
mod tests {
    use super::super::jacobi;
    use super::*;
    use crate::number::Random;

    /// V orthonormal, and V·diag(λ)·Vᵀ the matrix again, to within `tolerance` of its largest number.
    #[track_caller]
    fn holds(a: &Matrix<f64>, tolerance: f64) -> Eigen<f64> {
        let n = a.rows();
        let found = eigen(a);
        let Eigen { values, vectors: v } = &found;
        let scale = Real::max(norm_inf(a.elements()), f64::MIN_POSITIVE);
        assert!(values.is_sorted_by(|a, b| a >= b));
        for i in 0..n {
            for j in 0..n {
                let rebuilt = (0..n).fold(0.0, |s, k| s + values[k] / scale * v.row(k)[i] * v.row(k)[j]);
                assert!((rebuilt - a.row(i)[j] / scale).abs() < tolerance, "A({i}, {j}): {rebuilt}");
                let product = dot(v.row(i), v.row(j));
                assert!((product - f64::from(u8::from(i == j))).abs() < tolerance, "V·Vᵀ({i}, {j}): {product}");
            }
        }
        found
    }

    fn symmetric(n: usize, seed: u64) -> Matrix<f64> {
        let mut random = Random::new(seed);
        let x: Matrix<f64> = Matrix::from_function(n, n, |_, _| random.uniform(-1.0, 1.0));
        Matrix::from_function(n, n, |i, j| x.row(i)[j] + x.row(j)[i])
    }

    #[test]
    fn two_by_two_by_hand() {
        let eigen = eigen(&Matrix::from_rows(2, 2, [2.0, 1.0, 1.0, 2.0].to_vec()));
        let half = core::f64::consts::FRAC_1_SQRT_2;
        assert!((eigen.values[0] - 3.0).abs() < 1e-15 && (eigen.values[1] - 1.0).abs() < 1e-15);
        for (x, expected) in eigen.vectors.elements().iter().zip([half, half, half, -half]) {
            assert!((x.abs() - expected.abs()).abs() < 1e-15);
        }
    }

    #[test]
    fn vectors_are_orthonormal_and_rebuild_the_matrix() {
        for n in [1, 2, 3, 4, 17, 60] {
            holds(&symmetric(n, n as u64), 1e-13);
        }
    }

    #[test]
    fn values_and_vectors_are_those_of_jacobis_rotations() {
        let a = symmetric(40, 9);
        let (found, expected) = (eigen(&a), jacobi::eigen(&a));
        for k in 0..40 {
            assert!((found.values[k] - expected.values[k]).abs() < 1e-13, "{k}");
            let cosine = dot(found.vectors.row(k), expected.vectors.row(k));
            assert!((cosine.abs() - 1.0).abs() < 1e-12, "{k}: {cosine}");
        }
    }

    #[test]
    fn matrices_that_fall_apart_hold_too() {
        let n = 12;
        let identity = Matrix::from_function(n, n, |i, j| f64::from(u8::from(i == j)));
        assert_eq!(holds(&identity, 1e-15).values, vec![1.0; n]);
        assert_eq!(holds(&Matrix::zeros(n, n), 1e-15).values, vec![0.0; n]);
        // Rank one, all eigenvalues but one zero.
        let ones = holds(&Matrix::from_function(n, n, |_, _| 1.0), 1e-14);
        assert!((ones.values[0] - n as f64).abs() < 1e-13 && ones.values[n - 1].abs() < 1e-13);
        // Two blocks that do not know of each other; a zero diagonal; sizes from 1 to 1e-300.
        holds(&Matrix::from_function(n, n, |i, j| if i / 6 == j / 6 { (1 + i + j) as f64 } else { 0.0 }), 1e-14);
        holds(&Matrix::from_function(n, n, |i, j| f64::from(u8::from(i.abs_diff(j) == 1))), 1e-14);
        let tiny = [1.0, 1e-5, 1e-10, 1e-20, 1e-40, 1e-80, 1e-120, 1e-160, 1e-200, 1e-240, 1e-280, 1e-300];
        holds(&Matrix::from_function(n, n, |i, j| tiny[i.max(j)]), 1e-14);
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
