//! Divide and conquer: eigenvalues and eigenvectors of a symmetric tridiagonal matrix, from those of its halves.
//!
//! Why: the rotations of [`symmetric`](super::symmetric), which are the definition, pass over Q about 1.5·n times. Here
//! Q is computed by matrix products. And where the halves share eigenvalues, or an eigenvector of one half does not
//! reach the other, nothing is left to compute.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | T, e | the tridiagonal matrix; its element between the halves |
//! | T', T'' | the halves, the last and the first diagonal element diminished by \|e\| |
//! | D, Q | their eigenvalues δ_j; their eigenvectors as rows |
//! | ρ, u, z | the matrix of rank one that joins them, ρ·u·uᵀ; u in the coordinates of Q |
//! | λ_i, X | the eigenvalues of D + ρ·z·zᵀ, and its eigenvectors as rows |
//! | c, s | cosine and sine of a rotation |
//!
//! ```text
//! (DQ.1)  T = (T', 0; 0, T'') + ρ·u·uᵀ,  ρ = 2·|e|,  u = (0, ..., 0, 1, sign(e), 0, ..., 0)/√2
//! (DQ.2)  z = Q·u
//! ```
//!
//! Derivation: ρ·u·uᵀ has |e| at the two diagonal elements and e between them. With Qᵀ·D·Q for the halves, T =
//! Qᵀ·(D + ρ·z·zᵀ)·Q. So T has the eigenvalues of D + ρ·z·zᵀ, the roots of the [secular equation](super::secular), and
//! the eigenvectors X·Q.
//!
//! **Deflation.** If ρ·z_j is negligible, δ_j and row j of Q are an eigenvalue and its eigenvector already. If δ_i and
//! δ_j are almost equal, a rotation of their rows makes z_i zero, and couples them by (δ_j - δ_i)·c·s, which is
//! negligible:
//!
//! ```text
//! (DQ.3)  c = z_j/r,  s = z_i/r,  r = √(z_i² + z_j²)
//!         (q_i, q_j) ← (c·q_i - s·q_j, s·q_i + c·q_j),  (z_i, z_j) ← (0, r)
//! (DQ.4)  (δ_i, δ_j) ← (c²·δ_i + s²·δ_j, s²·δ_i + c²·δ_j)
//! ```
//!
//! The other poles are distinct, as the secular equation requires.
//!
//! **Eigenvectors.** X has the rows (z_j/(δ_j - λ_i)) over j. If λ_i has an error, rows of close roots are not
//! orthogonal. But the roots, as they are, are the exact ones for another ẑ, which differs from z by roundings:
//!
//! ```text
//! (DQ.5)  ẑ_j² = (λ_j - δ_j)·Π (δ_j - λ_i)/(δ_j - δ_i)   over i ≠ j, but for a common factor
//! (DQ.6)  x_ij = ẑ_j/(δ_j - λ_i), divided by the row's length
//! (DQ.7)  Q ← X·Q
//! ```
//!
//! Derivation: det(D + ρ·z·zᵀ - λ) = Π (λ_i - λ), and equals Π (δ_i - λ)·(1 + ρ·Σ z_i²/(δ_i - λ)). At λ = δ_j only one
//! term of the latter is left, ρ·z_j²·Π (δ_i - δ_j) over i ≠ j. (DQ.5) omits 1/ρ. The eigenvectors of a symmetric
//! matrix are orthogonal, so those of D + ρ·ẑ·ẑᵀ are, however close the roots.
//!
//! Rows of Q from one half are zero in the columns of the other; only rotated rows are in both. So the columns of X
//! are put in the order left, both, right, and (DQ.7) is two products, each with half of the columns.
//!
//! A half of at most 32 rows is left to the rotations.
//!
//! Sources: J. J. M. Cuppen 1981; M. Gu and S. C. Eisenstat, "A divide-and-conquer algorithm for the symmetric
//! tridiagonal eigenproblem", 1995; J. D. Rutter, "A serial implementation of Cuppen's divide and conquer algorithm for
//! the symmetric eigenvalue problem", 1994.

use super::blocked::Product;
use super::dense::Matrix;
use super::secular::{self, Root};
use super::symmetric::diagonal;
use crate::machine::{Lanes, Operation, run};
use crate::number::Real;
use crate::number::sum::{norm_inf, reduce};
use alloc::vec;
use alloc::vec::Vec;

/// The most rows that are not divided.
const LEAF: usize = 32;

/// The eigenvalues, in any order, and the eigenvectors as rows, of the tridiagonal matrix with the diagonal d, e_i
/// between d_i and d_(i+1), and a largest element of size 1.
///
/// # Panics
/// If e has not as many elements as d, or there is no memory.
pub fn eigen<T: Real>(mut d: Vec<T>, e: &[T]) -> (Vec<T>, Matrix<T>) {
    let n = d.len();
    assert_eq!(n, e.len(), "elements of the diagonal and between them");
    let mut q = Matrix::zeros(n, n);
    let mut work = Work {
        product: Product::new(),
        left: Matrix::empty(),
        right: Matrix::empty(),
        factor: Matrix::empty(),
        deflated: Matrix::empty(),
    };
    solve(&mut d, e, &mut q, 0, &mut work);
    (d, q)
}

/// Memory for all merges.
struct Work<T> {
    product: Product<T>,
    /// The left part of the rows of Q that are zero on the right, or in both parts.
    left: Matrix<T>,
    right: Matrix<T>,
    /// X.
    factor: Matrix<T>,
    deflated: Matrix<T>,
}

/// Makes d the eigenvalues, and the block of Q that starts at (start, start) the eigenvectors.
fn solve<T: Real>(d: &mut [T], e: &[T], q: &mut Matrix<T>, start: usize, work: &mut Work<T>) {
    let n = d.len();
    if n <= LEAF {
        let mut small = Matrix::from_function(n, n, |i, j| if i == j { T::ONE } else { T::ZERO });
        let mut e = e.to_vec();
        if let Some(last) = e.last_mut() {
            *last = T::ZERO;
        }
        diagonal(d, &mut e, &mut small);
        for i in 0..n {
            q.row_mut(start + i)[start..start + n].copy_from_slice(small.row(i));
        }
        return;
    }
    let middle = n / 2;
    let tear = e[middle - 1];
    // T has elements of size 1, next to which ε is one rounding.
    let joined = tear.abs() > T::EPSILON;
    if joined {
        d[middle - 1] -= tear.abs();
        d[middle] -= tear.abs(); // (DQ.1)
    }
    let (upper, lower) = d.split_at_mut(middle);
    solve(upper, &e[..middle], q, start, work);
    solve(lower, &e[middle..], q, start + middle, work);
    if joined {
        merge(d, tear, middle, q, start, work);
    }
}

/// Where a row of Q is not zero.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Part {
    Left,
    Both,
    Right,
}

/// Joins the halves: d is D, then λ.
fn merge<T: Real>(d: &mut [T], tear: T, middle: usize, q: &mut Matrix<T>, start: usize, work: &mut Work<T>) {
    let n = d.len();
    let two = T::ONE + T::ONE;
    let rho = two * tear.abs();
    let norm = T::HALF.sqrt();
    let mut z: Vec<T> = (0..n)
        .map(|i| {
            let row = q.row(start + i);
            let x = if i < middle { row[start + middle - 1] } else { row[start + middle] };
            norm * if i >= middle && tear < T::ZERO { -x } else { x } // (DQ.2)
        })
        .collect();
    let mut parts: Vec<Part> = (0..n).map(|i| if i < middle { Part::Left } else { Part::Right }).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| d[i].partial_cmp(&d[j]).unwrap_or(core::cmp::Ordering::Equal));
    let tolerance = T::from_f64(8.0) * T::EPSILON * norm_inf(d).max(rho);
    let (mut kept, mut deflated): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for &j in &order {
        if rho * z[j].abs() <= tolerance {
            deflated.push(j);
            continue;
        }
        if let Some(&i) = kept.last() {
            let r = (z[i] * z[i] + z[j] * z[j]).sqrt();
            let (c, s) = (z[j] / r, z[i] / r);
            if (d[j] - d[i]) * (c * s).abs() <= tolerance {
                let columns = q.columns();
                let (first, second) = (start + i.min(j), start + i.max(j));
                let (upper, lower) = q.elements_mut().split_at_mut(second * columns);
                let (a, b) = (&mut upper[first * columns..][start..start + n], &mut lower[start..start + n]);
                let (a, b) = if i < j { (a, b) } else { (b, a) };
                for (a, b) in a.iter_mut().zip(b) {
                    (*a, *b) = (c * *a - s * *b, s * *a + c * *b); // (DQ.3)
                }
                (d[i], d[j]) = (c * c * d[i] + s * s * d[j], s * s * d[i] + c * c * d[j]); // (DQ.4)
                z[j] = r;
                if parts[i] != parts[j] {
                    (parts[i], parts[j]) = (Part::Both, Part::Both);
                }
                kept.pop();
                deflated.push(i);
            }
        }
        kept.push(j);
    }
    let k = kept.len();
    if k == 0 {
        return;
    }
    let poles: Vec<T> = kept.iter().map(|&i| d[i]).collect();
    let weights: Vec<T> = kept.iter().map(|&i| z[i]).collect();
    let roots = secular::roots(&poles, &weights, rho);
    let mut modified: Vec<T> = vec![T::ONE; k];
    run(Weights { poles: &poles, roots: &roots, squares: &mut modified });
    for j in 0..k {
        let size = modified[j].max(T::ZERO).sqrt();
        modified[j] = if weights[j] < T::ZERO { -size } else { size };
    }
    // The poles in the order left, both, right.
    let mut gathered: Vec<usize> = (0..k).collect();
    gathered.sort_by(|&i, &j| parts[kept[i]].partial_cmp(&parts[kept[j]]).unwrap_or(core::cmp::Ordering::Equal));
    let lefts = kept.iter().filter(|&&i| parts[i] != Part::Right).count();
    let rights = kept.iter().filter(|&&i| parts[i] != Part::Left).count();
    work.left.reshape(lefts, middle);
    work.right.reshape(rights, n - middle);
    work.deflated.reshape(n - k, n);
    work.factor.reshape(k, k);
    for (to, &i) in gathered.iter().enumerate() {
        let row = &q.row(start + kept[i])[start..start + n];
        if to < lefts {
            work.left.row_mut(to).copy_from_slice(&row[..middle]);
        }
        if to >= k - rights {
            work.right.row_mut(to + rights - k).copy_from_slice(&row[middle..]);
        }
    }
    for (to, &i) in deflated.iter().enumerate() {
        work.deflated.row_mut(to).copy_from_slice(&q.row(start + i)[start..start + n]);
    }
    let gathered_poles: Vec<T> = gathered.iter().map(|&i| poles[i]).collect();
    let gathered_weights: Vec<T> = gathered.iter().map(|&i| modified[i]).collect();
    run(Vectors { poles: &gathered_poles, weights: &gathered_weights, roots: &roots, vectors: &mut work.factor });
    let values: Vec<T> = roots.iter().map(Root::value).chain(deflated.iter().map(|&i| d[i])).collect();
    d.copy_from_slice(&values);
    let u = work.factor.view();
    work.product.store(u.part_columns(0, lefts), work.left.view(), q.view_mut().part([start, start], [k, middle]));
    work.product.store(
        u.part_columns(k - rights, rights),
        work.right.view(),
        q.view_mut().part([start, start + middle], [k, n - middle]),
    ); // (DQ.7)
    for i in 0..n - k {
        q.row_mut(start + k + i)[start..start + n].copy_from_slice(work.deflated.row(i));
    }
}

/// Multiplies the factors of (DQ.5); `squares` are 1 before.
struct Weights<'a, T> {
    poles: &'a [T],
    roots: &'a [Root<T>],
    squares: &'a mut [T],
}

impl<T: Real> Operation<T> for Weights<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _: L) {
        let Weights { poles, roots, squares } = self;
        for (i, root) in roots.iter().enumerate() {
            let pole = poles[i];
            for j in 0..i {
                squares[j] *= root.distance(poles[j]) / (poles[j] - pole);
            }
            squares[i] *= -root.distance(pole); // (DQ.5)
            for j in i + 1..poles.len() {
                squares[j] *= root.distance(poles[j]) / (poles[j] - pole);
            }
        }
    }
}

/// The rows of X.
struct Vectors<'a, T> {
    poles: &'a [T],
    weights: &'a [T],
    roots: &'a [Root<T>],
    vectors: &'a mut Matrix<T>,
}

impl<T: Real> Operation<T> for Vectors<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, _: L) {
        let Vectors { poles, weights, roots, vectors } = self;
        for (i, root) in roots.iter().enumerate() {
            let row = vectors.row_mut(i);
            for j in 0..row.len() {
                row[j] = weights[j] / root.distance(poles[j]);
            }
            let length = reduce(row, row, |x, _| x * x).sqrt();
            for j in 0..row.len() {
                row[j] /= length; // (DQ.6)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::number::sum::dot;

    /// The same eigenvalues as by rotations, and orthonormal eigenvectors.
    #[track_caller]
    fn agrees(d: &[f64], e: &[f64]) {
        let n = d.len();
        let (mut expected, mut rest) = (d.to_vec(), e.to_vec());
        diagonal(&mut expected, &mut rest, &mut Matrix::zeros(n, n));
        expected.sort_by(f64::total_cmp);
        let (values, q) = eigen(d.to_vec(), e);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for i in 0..n {
            assert!((sorted[i] - expected[i]).abs() < 1e-13, "{i}: {} {}", sorted[i], expected[i]);
            let x = q.row(i);
            for j in 0..n {
                assert!((dot(x, q.row(j)) - f64::from(u8::from(i == j))).abs() < 1e-13, "{i} {j}");
                let before = if j > 0 { e[j - 1] * x[j - 1] } else { 0.0 };
                let after = if j + 1 < n { e[j] * x[j + 1] } else { 0.0 };
                assert!((before + d[j] * x[j] + after - values[i] * x[j]).abs() < 1e-13, "{i} {j}");
            }
        }
    }

    #[test]
    fn eigenvalues_are_those_of_the_rotations() {
        let mut random = Random::new(4);
        for n in [0, 1, 2, 32, 33, 64, 65, 130, 200] {
            let mut draw = |scale: f64| -> Vec<f64> {
                let mut x: Vec<f64> = (0..n).map(|_| scale * random.uniform::<f64>(-1.0, 1.0)).collect();
                if let Some(last) = x.last_mut() {
                    *last = 0.0;
                }
                x
            };
            let (d, zero) = (draw(1.0), draw(0.0));
            agrees(&d, &draw(1.0));
            agrees(&zero, &draw(1.0));
            agrees(&d, &draw(1e-6));
            agrees(&d, &draw(1e-15));
            agrees(&d, &zero);
            agrees(&vec![1.0; n], &draw(1e-8));
        }
    }
}
