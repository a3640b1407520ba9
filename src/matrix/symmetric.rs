//! Eigenvalues and eigenvectors of a symmetric matrix: first to a tridiagonal matrix, then to a diagonal one.
//!
//! Why: [Jacobi's rotations](super::jacobi) make elements zero that later rotations fill again. Reflections first make
//! the matrix tridiagonal, once and for all; a step on a tridiagonal matrix then costs n rotations instead of n²/2.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | A, n | the matrix, n x n |
//! | λ, Q | the eigenvalues; the eigenvectors as rows, A = Qᵀ·diag(λ)·Q |
//! | x, v, β | part 1: row k to the right of the diagonal; its reflection is H = I - β·v·vᵀ |
//! | d_i, e_i | part 2: the diagonal of the tridiagonal matrix; the element between d_i and d_(i+1) |
//! | c, s | part 2: cosine and sine of a rotation |
//!
//! **1. Householder's reflections**, A ← H·A·H for k = 0, 1, ..., make row and column k zero beyond the neighbor of the
//! diagonal:
//!
//! ```text
//! (QL.1)  v = x - α·(1, 0, ..., 0),  α = -sign(x_1)·|x|,  β = 2/(v·v)
//! (QL.2)  u = β·A·v,  w = u - ½·β·(u·v)·v
//! (QL.3)  A ← A - v·wᵀ - w·vᵀ
//! ```
//!
//! Derivation: x·v = |x|² - α·x_1 = ½·v·v, so that H·x = x - v = α·(1, 0, ..., 0). And H·A·H = A - v·uᵀ - u·vᵀ +
//! β·(u·v)·v·vᵀ, where each of the two middle terms takes half of the last one: (QL.3).
//!
//! **2. Implicit QL steps** drive e_l to zero. A step is a chain of rotations in the planes (m - 1, m), ..., (l, l +
//! 1), where m is the end of the block that holds d_l. The first one is chosen as if to make the last column of the
//! matrix less σ zero above its diagonal; the shift σ is an estimate of an eigenvalue. It fills an element f outside
//! the three diagonals, the bulge. Each next rotation makes that f zero and a new one one row further up, until the
//! bulge leaves at the top:
//!
//! ```text
//! d e . .        d e . .        d h f .        d e . .
//! e d e .   ->   e d h f   ->   h d g .   ->   e d e .
//! . e d e        . h d g        f g d e        . e d e
//! . . e d        . f g d        . . e d        . . e d
//! ```
//!
//! A step begins with c = s = 1, p = 0, and
//!
//! ```text
//! (QL.4)  σ = d_l - e_l/(τ ± √(τ² + 1)),  τ = (d_(l+1) - d_l)/(2·e_l),  the sign that of τ;  g = d_m - σ
//! ```
//!
//! Then, for i = m - 1 down to l:
//!
//! ```text
//! (QL.5)  h = c·e_i,  f = s·e_i
//! (QL.6)  r = √(f² + g²),  s = f/r,  c = g/r,  e_(i+1) = r
//!
//! (QL.7)  D = d_(i+1) - p,  z = (d_i - D)·s + 2·c·h,  p = s·z,  d_(i+1) = D + p
//! (QL.8)  g = c·z - h
//!
//! (QL.9)  rows i and i + 1 of Q: (x, y) ← (c·x - s·y, s·x + c·y)
//! ```
//!
//! At the end d_l ← d_l - p, e_l ← g, and e_m ← 0.
//!
//! Derivation: σ is the eigenvalue of the corner (d_l, e_l; e_l, d_(l+1)) that is nearer to d_l. (QL.5) is the previous
//! rotation's effect on e_i: its neighbor h and the bulge f. (QL.6) makes (f, g), which stand above each other, (c·f -
//! s·g, s·f + c·g) = (0, r). Rotating rows and columns of the corner (d_i, h; h, D) gives
//!
//! ```text
//! s²·d_i + 2·s·c·h + c²·D = D + s·((d_i - D)·s + 2·c·h) = D + s·z = D + p
//! c·s·(d_i - D) + (c² - s²)·h = c·((d_i - D)·s + 2·c·h) - (c² + s²)·h = c·z - h
//! ```
//!
//! as the lower diagonal and the neighbor; the trace stays, so d_i loses p, which the next rotation subtracts as D. e_l
//! falls cubically; once it is negligible next to its diagonal, d_l is an eigenvalue.
//!
//! By hand: A = (2, 1; 1, 2) is tridiagonal. (QL.4) has τ = 0, so σ = 2 - 1 = 1 and g = 1. There is one rotation: h = f
//! = 1, so r = √2 and c = s = 1/√2. Then D = 2, z = 2·c·h = √2 and p = 1. The diagonal becomes 2 - 1 and 2 + 1, the
//! eigenvalues, and g = c·z - h = 0.
//!
//! **Large matrices** spend their time waiting for memory, because each reflection and each chain of rotations passes
//! over a whole matrix. From 128 rows on, both parts are matrix products: [`reflections`] takes 32
//! reflections together, and [`divide`] computes Q from those of two halves.
//!
//! Q is the product of all reflections and rotations; the rotations of a step are applied to it together. The errors
//! are some roundings of the largest eigenvalue. The tests compare with Jacobi's rotations.
//!
//! Sources: G. H. Golub and C. F. Van Loan, "Matrix Computations", §8.3; J. H. Wilkinson and C. Reinsch, "Handbook for
//! Automatic Computation", II/2 and II/3 (tred2, imtql2).

use super::dense::Matrix;
use super::{divide, reflections};
use crate::machine::{Lanes, Operation, run};
use crate::number::Real;
use crate::number::sum::{axpy, dot, norm_inf, sum_of_squares};
use alloc::vec;
use alloc::vec::Vec;

/// A = Qᵀ·diag(λ)·Q.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen<T> {
    /// λ, the largest first.
    pub values: Vec<T>,
    /// Q: row i is the eigenvector of `values[i]`, of length 1, its largest component positive.
    pub vectors: Matrix<T>,
}

/// A bound on the steps for one eigenvalue; two are usual.
const MOST_STEPS: usize = 60;

/// The rows from which on the two parts are matrix products. At 64 rows that takes as long, at 128 about half as long.
const LARGE: usize = 128;

/// The eigenvalues and eigenvectors of a symmetric matrix, of which only the upper triangle is read.
///
/// A matrix with NaN or an infinity gives NaN.
///
/// # Panics
/// If the matrix is not square, or there is no memory for another such matrix.
pub fn eigen<T: Real>(a: &Matrix<T>) -> Eigen<T> {
    let n = a.rows();
    assert_eq!(n, a.columns(), "rows and columns of a symmetric matrix");
    let mut a = Matrix::from_function(n, n, |i, j| a.row(i.min(j))[i.max(j)]);
    let largest = norm_inf(a.elements());
    if !largest.is_finite() {
        a.elements_mut().fill(T::NAN);
        return Eigen { values: vec![T::NAN; n], vectors: a };
    }
    // Elements of size 1 have squares that neither overflow nor vanish.
    let scale = if largest > T::ZERO { largest } else { T::ONE };
    a.elements_mut().iter_mut().for_each(|x| *x /= scale);
    let (mut d, q) = if n < LARGE {
        let Tridiagonal { mut d, mut e, mut q } = tridiagonal(a);
        diagonal(&mut d, &mut e, &mut q);
        (d, q)
    } else {
        let reflections::Tridiagonal { d, e, reflections } = reflections::tridiagonal(&a);
        let (d, mut q) = divide::eigen(d, &e);
        reflections.apply(&mut q);
        (d, q)
    };
    d.iter_mut().for_each(|d| *d = scale * *d);
    in_order(&d, &q)
}

/// Q·A·Qᵀ, and Q.
pub(super) struct Tridiagonal<T> {
    /// The diagonal.
    pub(super) d: Vec<T>,
    /// Its neighbors; the last element is 0.
    pub(super) e: Vec<T>,
    pub(super) q: Matrix<T>,
}

/// Part 1.
pub(super) fn tridiagonal<T: Real>(mut a: Matrix<T>) -> Tridiagonal<T> {
    let n = a.rows();
    let (mut d, mut e, mut betas) = (vec![T::ZERO; n], vec![T::ZERO; n], vec![T::ZERO; n]);
    let mut w = vec![T::ZERO; n];
    for k in 0..n {
        d[k] = a.row(k)[k];
        // v overwrites the part of the row that it makes zero.
        let (beta, alpha) = reflection(&mut a.row_mut(k)[k + 1..]); // (QL.1)
        (betas[k], e[k]) = (beta, alpha);
        if beta == T::ZERO {
            continue;
        }
        let (upper, lower) = a.elements_mut().split_at_mut((k + 1) * n);
        let v = &upper[k * n + k + 1..];
        let w = &mut w[k + 1..];
        for (w, row) in w.iter_mut().zip(lower.chunks_exact(n)) {
            *w = beta * dot(&row[k + 1..], v); // u
        }
        let half = T::HALF * beta * dot(w, v);
        axpy(-half, v, w); // (QL.2)
        for (i, row) in lower.chunks_exact_mut(n).enumerate() {
            let (v_i, w_i) = (v[i], w[i]);
            for ((a, &v), &w) in row[k + 1..].iter_mut().zip(v).zip(w.iter()) {
                *a -= v_i * w + w_i * v; // (QL.3)
            }
        }
    }

    // Q = ... H_1·H_0, from the last reflection to the first, so that each meets only rows and columns that already
    // differ from those of I.
    let mut q = Matrix::from_function(n, n, |i, j| if i == j { T::ONE } else { T::ZERO });
    for k in (0..n).rev().filter(|&k| betas[k] != T::ZERO) {
        let v = &a.row(k)[k + 1..];
        for i in k + 1..n {
            let row = &mut q.row_mut(i)[k + 1..];
            let length = betas[k] * dot(row, v);
            axpy(-length, v, row);
        }
    }
    Tridiagonal { d, e, q }
}

/// Overwrites x by v; returns β and α. β is 0 if all elements of x but the first are zero already.
pub(super) fn reflection<T: Real>(x: &mut [T]) -> (T, T) {
    let Some((&mut first, others)) = x.split_first_mut() else { return (T::ZERO, T::ZERO) };
    // The matrix has elements of size 1, next to which ε² is negligible.
    let negligible = T::EPSILON * T::EPSILON;
    if sum_of_squares(others) <= negligible * negligible {
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

/// Part 2: makes e zero, d the eigenvalues, and the rows of Q their eigenvectors.
pub(super) fn diagonal<T: Real>(d: &mut [T], e: &mut [T], q: &mut Matrix<T>) {
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
            let tau = (d[l + 1] - d[l]) / (two * e[l]);
            let root = (tau * tau + T::ONE).sqrt();
            let mut g = d[m] - d[l] + e[l] / if tau < T::ZERO { tau - root } else { tau + root }; // (QL.4)
            let (mut c, mut s, mut p) = (T::ONE, T::ONE, T::ZERO);
            let mut split = false;
            rotations.clear();
            for i in (l..m).rev() {
                let (f, h) = (s * e[i], c * e[i]); // (QL.5)
                let r = (f * f + g * g).sqrt();
                e[i + 1] = r;
                if r == T::ZERO {
                    // The matrix splits into two blocks here.
                    d[i + 1] -= p;
                    e[m] = T::ZERO;
                    split = true;
                    break;
                }
                (s, c) = (f / r, g / r); // (QL.6)
                let lower = d[i + 1] - p;
                let z = (d[i] - lower) * s + two * c * h;
                p = s * z;
                d[i + 1] = lower + p; // (QL.7)
                g = c * z - h; // (QL.8)
                rotations.push(Rotation { c, s });
            }
            run(ApplyRotations { q, bottom: m, rotations: &rotations });
            if !split {
                d[l] -= p;
                e[l] = g;
                e[m] = T::ZERO;
            }
        }
    }
}

/// Applies (QL.9): rotation k is that of rows bottom - k - 1 and bottom - k.
struct ApplyRotations<'a, T> {
    q: &'a mut Matrix<T>,
    bottom: usize,
    rotations: &'a [Rotation<T>],
}

impl<T: Real> Operation<T> for ApplyRotations<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let ApplyRotations { q, bottom, rotations } = self;
        let columns = q.columns();
        for (k, rotation) in rotations.iter().enumerate() {
            let (upper, lower) = q.elements_mut().split_at_mut((bottom - k) * columns);
            let (x, y) = (&mut upper[(bottom - k - 1) * columns..], &mut lower[..columns]);
            let (c, s) = (lanes.splat(rotation.c), lanes.splat(rotation.s));
            for j in (0..columns).step_by(L::WIDTH) {
                let (a, b) = (lanes.load_any(&x[j..]), lanes.load_any(&y[j..]));
                lanes.store_any(c * a - s * b, &mut x[j..]);
                lanes.store_any(s * a + c * b, &mut y[j..]); // (QL.9)
            }
        }
    }
}

/// Eigenvalues and the rows of Q, the largest eigenvalue first, the largest component of each row positive.
pub(super) fn in_order<T: Real>(values: &[T], q: &Matrix<T>) -> Eigen<T> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[j].partial_cmp(&values[i]).unwrap_or(core::cmp::Ordering::Equal));
    let mut vectors = Matrix::zeros(q.rows(), q.columns());
    for (rank, &i) in order.iter().enumerate() {
        let largest = q.row(i).iter().fold(T::ZERO, |most, &x| if x.abs() > most.abs() { x } else { most });
        let sign = if largest < T::ZERO { -T::ONE } else { T::ONE };
        for (to, &x) in vectors.row_mut(rank).iter_mut().zip(q.row(i)) {
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

    /// Q orthonormal, and Qᵀ·diag(λ)·Q the matrix again, to within `tolerance` of its largest element.
    #[track_caller]
    fn holds(a: &Matrix<f64>, tolerance: f64) -> Eigen<f64> {
        let n = a.rows();
        let found = eigen(a);
        let Eigen { values, vectors: q } = &found;
        let scale = Real::max(norm_inf(a.elements()), f64::MIN_POSITIVE);
        assert!(values.is_sorted_by(|a, b| a >= b));
        for i in 0..n {
            for j in 0..n {
                let rebuilt = (0..n).fold(0.0, |s, k| s + values[k] / scale * q.row(k)[i] * q.row(k)[j]);
                assert!((rebuilt - a.row(i)[j] / scale).abs() < tolerance, "A({i}, {j}): {rebuilt}");
                let product = dot(q.row(i), q.row(j));
                assert!((product - f64::from(u8::from(i == j))).abs() < tolerance, "Q·Qᵀ({i}, {j}): {product}");
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
        let (found, expected) = (eigen(&a), jacobi::by_definition(&a));
        for k in 0..40 {
            assert!((found.values[k] - expected.values[k]).abs() < 1e-13, "{k}");
            let cosine = dot(found.vectors.row(k), expected.vectors.row(k));
            assert!((cosine.abs() - 1.0).abs() < 1e-12, "{k}: {cosine}");
        }
    }

    #[test]
    fn matrices_that_split_into_blocks_hold_too() {
        let n = 12;
        let identity = Matrix::from_function(n, n, |i, j| f64::from(u8::from(i == j)));
        assert_eq!(holds(&identity, 1e-15).values, vec![1.0; n]);
        assert_eq!(holds(&Matrix::zeros(n, n), 1e-15).values, vec![0.0; n]);
        // Rank one, all eigenvalues but one zero.
        let ones = holds(&Matrix::from_function(n, n, |_, _| 1.0), 1e-14);
        assert!((ones.values[0] - n as f64).abs() < 1e-13 && ones.values[n - 1].abs() < 1e-13);
        // Two independent blocks; a zero diagonal; sizes from 1 to 1e-300.
        holds(&Matrix::from_function(n, n, |i, j| if i / 6 == j / 6 { (1 + i + j) as f64 } else { 0.0 }), 1e-14);
        holds(&Matrix::from_function(n, n, |i, j| f64::from(u8::from(i.abs_diff(j) == 1))), 1e-14);
        let tiny = [1.0, 1e-5, 1e-10, 1e-20, 1e-40, 1e-80, 1e-120, 1e-160, 1e-200, 1e-240, 1e-280, 1e-300];
        holds(&Matrix::from_function(n, n, |i, j| tiny[i.max(j)]), 1e-14);
    }

    #[test]
    fn large_matrices_hold_whatever_their_eigenvalues() {
        for n in [128, 131, 200] {
            holds(&symmetric(n, n as u64), 1e-13);
        }
        let n = 130;
        let identity = Matrix::from_function(n, n, |i, j| f64::from(u8::from(i == j)));
        assert_eq!(holds(&identity, 1e-15).values, vec![1.0; n]);
        assert_eq!(holds(&Matrix::zeros(n, n), 1e-15).values, vec![0.0; n]);
        holds(&Matrix::from_function(n, n, |_, _| 1.0), 1e-13);
        // Few distinct eigenvalues; graded down to 1e-300; two independent blocks; a zero diagonal.
        let x = eigen(&symmetric(n, 5)).vectors;
        let few = |i: usize, j: usize| (0..n).fold(0.0, |s, k| s + (k % 3) as f64 * x.row(k)[i] * x.row(k)[j]);
        holds(&Matrix::from_function(n, n, few), 1e-13);
        let ten: f64 = 10.0;
        holds(&Matrix::from_function(n, n, |i, j| ten.powf(-300.0 * i.max(j) as f64 / n as f64)), 1e-13);
        holds(&Matrix::from_function(n, n, |i, j| if i / 65 == j / 65 { (1 + i + j) as f64 } else { 0.0 }), 1e-13);
        holds(&Matrix::from_function(n, n, |i, j| f64::from(u8::from(i.abs_diff(j) == 1))), 1e-13);
        // Wilkinson's matrices of 21 rows, whose eigenvalues come in pairs that agree to 14 digits, glued weakly.
        for glue in [1e-3, 1e-8, 1e-14, 0.0] {
            let wilkinson = |i: usize, j: usize| match i.abs_diff(j) {
                0 => (i % 21).abs_diff(10) as f64,
                1 if i.max(j).is_multiple_of(21) => glue,
                1 => 1.0,
                _ => 0.0,
            };
            holds(&Matrix::from_function(168, 168, wilkinson), 1e-13);
        }
    }

    #[test]
    fn large_matrices_of_any_scale_are_right_and_nan_stays_nan() {
        let a = symmetric(140, 3);
        let expected = eigen(&a).values;
        for scale in [1e-30f32, 1.0, 1e30] {
            let values = eigen(&Matrix::from_function(140, 140, |i, j| scale * a.row(i)[j] as f32)).values;
            for k in 0..140 {
                assert!((f64::from(values[k] / scale) - expected[k]).abs() < 1e-5 * expected[0], "{k}");
            }
        }
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut a = a.clone();
            a.row_mut(3)[100] = bad;
            let Eigen { values, vectors } = eigen(&a);
            assert!(values.iter().chain(vectors.elements()).all(|x| x.is_nan()));
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let a = symmetric(300, 8);
        let threads = crate::machine::threads::count();
        let expected = eigen(&a);
        for count in [1, 2, 3] {
            crate::machine::threads::set_count(count);
            assert!(eigen(&a) == expected, "{count}");
        }
        crate::machine::threads::set_count(threads);
    }

    #[test]
    fn any_scale_is_right_and_nan_stays_nan() {
        for scale in [1e-30f32, 1.0, 1e30] {
            let a = Matrix::from_rows(2, 2, [2.0, 1.0, 1.0, 2.0].map(|x| x * scale).to_vec());
            let values = eigen(&a).values;
            assert!((values[0] / scale - 3.0).abs() < 1e-6 && (values[1] / scale - 1.0).abs() < 1e-6);
        }
        assert!(eigen(&Matrix::from_rows(1, 1, [f64::NAN].to_vec())).values[0].is_nan());
        assert!(eigen::<f32>(&Matrix::zeros(0, 0)).values.is_empty());
    }
}
