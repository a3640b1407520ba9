//! Reflections in blocks: a symmetric matrix becomes tridiagonal mostly by matrix products.
//!
//! Why: [`symmetric`](super::symmetric), which is the definition, updates the whole matrix after each reflection,
//! (QL.3). That is little arithmetic for each element that memory delivers. Here the matrix stays as it is for a panel
//! of 32 reflections, and is then updated by all of them in one product. Only the product A·v of each reflection still
//! reads it. The product of many reflections, applied to Q, is a product of matrices too.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | A | the matrix as it was before the panel |
//! | j | the number of a reflection in the panel; it makes row k zero beyond the neighbor of the diagonal |
//! | v_j, β_j | its vector and factor, H_j = I - β_j·v_j·v_jᵀ |
//! | w_j | the other vector of its update, -w of (QL.2) |
//! | V, b | the rows v_j of a block; their number |
//! | F | the block's lower triangular factor, with the rows F_j; I_j is row j of I |
//!
//! Reflection j of a panel needs row k as updated by those before it, and then u:
//!
//! ```text
//! (RE.1)  a_k ← a_k + Σ (w_ik·v_i + v_ik·w_i)             over i < j
//! (RE.2)  u = A·v + Σ ((w_i·v)·v_i + (v_i·v)·w_i)         over i < j
//! (RE.3)  w = ½·β²·(u·v)·v - β·u
//! (RE.4)  A ← A + Σ (v_i·w_iᵀ + w_i·v_iᵀ)                 after the panel, over all its i
//! ```
//!
//! Derivation: (QL.2) and (QL.3) with w of the opposite sign, and β moved from u into w; in (RE.1) and (RE.2) the
//! updates that A has not had yet are added where A is read. The reflections of a block are applied together:
//!
//! ```text
//! (RE.5)  H_(b-1)· ... ·H_1·H_0 = I + Vᵀ·F·V,  F_j = -β_j·(I_j + Σ (v_j·v_l)·F_l)   over l < j
//! (RE.6)  X ← X + ((X·Vᵀ)·F)·V
//! ```
//!
//! Derivation: let P = I + Σ v_l·(F_l·V) over l < j be the product of the first j. Then H_j·P = P - β_j·v_j·(v_jᵀ·P),
//! where v_jᵀ·P = v_jᵀ + Σ (v_j·v_l)·F_l·V = (I_j + Σ (v_j·v_l)·F_l)·V. So H_j·P = P + v_j·(F_j·V).
//!
//! Of A the elements above the diagonal are stored, and d holds the diagonal: A·v takes half of A from memory, using
//! each element for its row and for its column. The rows are dealt to four parts of fixed sizes, whatever the number of
//! threads, and a sum within a row has the order of a line of 64 bytes, whatever the registers. So every machine has
//! the same bits.
//!
//! Sources: J. J. Dongarra, S. J. Hammarling, and D. C. Sorensen, "Block reduction of matrices to condensed forms for
//! eigenvalue computations", 1989; R. Schreiber and C. Van Loan, "A storage-efficient WY representation", 1989.

use super::blocked::Product;
use super::dense::Matrix;
use super::symmetric::reflection;
use crate::machine::lanes::MOST_LANES;
use crate::machine::{Lanes, Operation, run, threads};
use crate::number::Real;
use crate::number::sum::{axpy, dot};
use alloc::vec;
use alloc::vec::Vec;

/// The reflections between two updates of A.
const PANEL: usize = 32;
/// The reflections that are applied to X together.
const BLOCK: usize = 64;
/// The bytes of a line of memory.
const LINE: usize = 64;
/// The rows that share the loads of a vector.
const HEIGHT: usize = 4;
/// The rows of A that one product updates. It starts at their diagonal, so few rows waste little below it.
const UPDATE_ROWS: usize = 96;

/// The tridiagonal matrix, and the reflections that made it.
#[derive(Clone, Debug)]
pub struct Tridiagonal<T> {
    /// The diagonal.
    pub d: Vec<T>,
    /// Its neighbors; the last element is 0.
    pub e: Vec<T>,
    /// H_0, H_1, ...
    pub reflections: Reflections<T>,
}

/// All reflections, in the order in which they are applied to the matrix.
#[derive(Clone, Debug)]
pub struct Reflections<T> {
    vectors: Matrix<T>,
    betas: Vec<T>,
}

/// The tridiagonal form of a symmetric matrix with elements of size 1, of which only the upper triangle is read.
///
/// # Panics
/// If the matrix is not square, or there is no memory for another such matrix.
pub fn tridiagonal<T: Real>(a: &Matrix<T>) -> Tridiagonal<T> {
    let n = a.rows();
    assert_eq!(n, a.columns(), "rows and columns of a symmetric matrix");
    // Rows and columns of zeros fill the last register.
    let padded = n.next_multiple_of(MOST_LANES);
    let mut d = vec![T::ZERO; padded];
    for i in 0..n {
        d[i] = a.row(i)[i];
    }
    let mut a = Matrix::from_function(padded, padded, |i, j| if i < j && j < n { a.row(i)[j] } else { T::ZERO });
    let (mut e, mut betas) = (vec![T::ZERO; n], vec![T::ZERO; n]);
    // The v of the panel, its w, and its v again, so that (V; W) and (W; V) are both parts of it.
    let mut panel = Matrix::zeros(3 * PANEL, padded);
    let mut coefficients = [T::ZERO; PANEL];
    let mut u = vec![T::ZERO; padded];
    let mut parts = vec![T::ZERO; PARTS.len() * padded];
    let mut product = Product::new();
    for start in (0..n).step_by(PANEL) {
        let width = PANEL.min(n - start);
        panel.elements_mut().fill(T::ZERO);
        for j in 0..width {
            let k = start + j;
            let chunk = k / MOST_LANES * MOST_LANES;
            let (vs, rest) = panel.elements_mut().split_at_mut(PANEL * padded);
            let (ws, again) = rest.split_at_mut(PANEL * padded);
            for i in 0..j {
                coefficients[i] = ws[i * padded + k];
            }
            run(AddRows { rows: &vs[..j * padded], coefficients: &coefficients, from: chunk, y: a.row_mut(k) });
            let mut twice = T::ZERO;
            for i in 0..j {
                twice += coefficients[i] * vs[i * padded + k];
                coefficients[i] = vs[i * padded + k];
            }
            let row = a.row_mut(k);
            run(AddRows { rows: &ws[..j * padded], coefficients: &coefficients, from: chunk, y: row }); // (RE.1)
            d[k] += twice + twice;
            row[..=k].fill(T::ZERO);
            let (beta, alpha) = reflection(&mut row[k + 1..n]);
            (betas[k], e[k]) = (beta, alpha);
            if beta == T::ZERO {
                row.fill(T::ZERO);
                continue;
            }
            vs[j * padded..][..padded].copy_from_slice(row);
            again[j * padded..][..padded].copy_from_slice(row);
            let v = &vs[j * padded..][..padded];
            times(&a, &d, v, k + 1, &mut parts, &mut u);
            run(DotRows { rows: &ws[..j * padded], x: v, from: chunk, coefficients: &mut coefficients });
            run(AddRows { rows: &vs[..j * padded], coefficients: &coefficients, from: chunk, y: &mut u });
            run(DotRows { rows: &vs[..j * padded], x: v, from: chunk, coefficients: &mut coefficients });
            run(AddRows { rows: &ws[..j * padded], coefficients: &coefficients, from: chunk, y: &mut u }); // (RE.2)
            let w = &mut ws[j * padded + k + 1..][..padded - k - 1];
            let (u, v) = (&u[k + 1..], &v[k + 1..]);
            let half = T::HALF * beta * beta * dot(u, v);
            for i in 0..w.len() {
                w[i] = half * v[i] - beta * u[i]; // (RE.3)
            }
        }
        let left = panel.view().part_rows(0, 2 * PANEL);
        let right = panel.view().part_rows(PANEL, 2 * PANEL);
        for top in (start + width..n).step_by(UPDATE_ROWS) {
            let rows = UPDATE_ROWS.min(padded - top);
            let columns = padded - top;
            product.accumulate(
                left.part_columns(top, rows).transposed(),
                right.part_columns(top, columns),
                a.view_mut().part([top, top], [rows, columns]),
            ); // (RE.4)
            for i in top..top + rows {
                let row = a.row_mut(i);
                d[i] += row[i];
                row[top..=i].fill(T::ZERO);
            }
        }
    }
    d.truncate(n);
    Tridiagonal { d, e, reflections: Reflections { vectors: a, betas } }
}

impl<T: Real> Reflections<T> {
    /// X ← X·...·H_1·H_0.
    ///
    /// # Panics
    /// If X has not as many columns as the matrix.
    pub fn apply(&self, x: &mut Matrix<T>) {
        let n = x.columns();
        assert_eq!(n, self.betas.len(), "columns");
        let rows = x.rows();
        let mut product = Product::new();
        let (mut w, mut w2) = (Matrix::empty(), Matrix::empty());
        for start in (0..n).step_by(BLOCK).rev() {
            let width = BLOCK.min(n - start);
            let columns = n - start - 1;
            let v = self.vectors.view().part_rows(start, width).part_columns(start + 1, columns);
            let mut gram = Matrix::zeros(width, width);
            product.store(v, v.transposed(), gram.view_mut());
            let mut factor = Matrix::zeros(width, width);
            for j in 0..width {
                let beta = self.betas[start + j];
                let (done, rest) = factor.elements_mut().split_at_mut(j * width);
                let row = &mut rest[..width];
                for l in 0..j {
                    axpy(-beta * gram.row(j)[l], &done[l * width..][..width], row);
                }
                row[j] = -beta; // (RE.5)
            }
            w.reshape(rows, width);
            w2.reshape(rows, width);
            product.store(x.view().part_columns(start + 1, columns), v.transposed(), w.view_mut());
            product.store(w.view(), factor.view(), w2.view_mut());
            product.accumulate(w2.view(), v, x.view_mut().part([0, start + 1], [rows, columns])); // (RE.6)
        }
    }
}

/// The percentage of the rows after which each part ends: the triangle's upper rows are longer.
const PARTS: [usize; 4] = [13, 29, 50, 100];

/// y ← A·v from index `from` on, where v is zero before it.
fn times<T: Real>(a: &Matrix<T>, d: &[T], v: &[T], from: usize, parts: &mut [T], y: &mut [T]) {
    let n = a.rows();
    let from = from.min(n - 1) / HEIGHT * HEIGHT;
    let length = n - from;
    let bounds = |p: usize| (from + PARTS[p] * length / 100).next_multiple_of(HEIGHT).min(n);
    let count = PARTS.len();
    let items = parts.chunks_exact_mut(n).enumerate();
    let job = |(): &mut (), (p, y): (usize, &mut [T])| {
        let first = if p == 0 { from } else { bounds(p - 1) };
        y[from / MOST_LANES * MOST_LANES..].fill(T::ZERO);
        run(TimesRows { a, rows: first..bounds(p), v, y });
    };
    // A short product takes less time than waking the threads.
    if length < 256 {
        threads::for_each(&mut [()], items, job);
    } else {
        threads::for_each(&mut vec![(); threads::count().min(count)], items, job);
    }
    for i in from..n {
        let mut sum = d[i] * v[i];
        for part in parts.chunks_exact(n) {
            sum += part[i];
        }
        y[i] = sum;
    }
}

/// y ← y + the part of A·v that the elements of some rows, above the diagonal, contribute.
struct TimesRows<'a, T> {
    a: &'a Matrix<T>,
    rows: core::ops::Range<usize>,
    v: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Operation<T> for TimesRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let TimesRows { a, rows, v, y } = self;
        let n = v.len();
        let registers = LINE / size_of::<T>() / L::WIDTH;
        let line = LINE / size_of::<T>();
        for i in rows.step_by(HEIGHT) {
            let start = i / line * line;
            let above = &a.elements()[i * n..][..HEIGHT * n];
            let mut sums = [[lanes.splat(T::ZERO); MOST_LANES]; HEIGHT];
            let mut factors = [lanes.splat(T::ZERO); HEIGHT];
            for h in 0..HEIGHT {
                factors[h] = lanes.splat(v[i + h]);
            }
            for j in (start..n).step_by(line) {
                for r in 0..registers {
                    let at = j + r * L::WIDTH;
                    let x = lanes.load(&v[at..]);
                    let mut sum = lanes.load(&y[at..]);
                    for h in 0..HEIGHT {
                        let a = lanes.load(&above[h * n + at..]);
                        sum = sum + a * factors[h];
                        sums[h][r] = sums[h][r] + a * x;
                    }
                    lanes.store(sum, &mut y[at..]);
                }
            }
            for h in 0..HEIGHT {
                y[i + h] += total(lanes, sums[h]);
            }
        }
    }
}

/// The sum of a line of sums: halves are added until one element is left.
#[inline(always)]
fn total<T: Real, L: Lanes<T>>(lanes: L, mut sums: [L::Vector; MOST_LANES]) -> T {
    let mut half = LINE / size_of::<T>() / L::WIDTH / 2;
    while half > 0 {
        for r in 0..half {
            sums[r] = sums[r] + sums[r + half];
        }
        half /= 2;
    }
    let mut elements = [T::ZERO; MOST_LANES];
    lanes.store(sums[0], &mut elements);
    let mut half = L::WIDTH / 2;
    while half > 0 {
        for l in 0..half {
            elements[l] += elements[l + half];
        }
        half /= 2;
    }
    elements[0]
}

/// y ← y + Σ c_i·row_i, one row after the other.
struct AddRows<'a, T> {
    rows: &'a [T],
    coefficients: &'a [T],
    from: usize,
    y: &'a mut [T],
}

impl<T: Real> Operation<T> for AddRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let AddRows { rows, coefficients, from, y } = self;
        let n = y.len();
        let count = rows.len() / n;
        let whole = count / HEIGHT * HEIGHT;
        for i in (0..whole).step_by(HEIGHT) {
            let rows = &rows[i * n..][..HEIGHT * n];
            let mut factors = [lanes.splat(T::ZERO); HEIGHT];
            for h in 0..HEIGHT {
                factors[h] = lanes.splat(coefficients[i + h]);
            }
            for j in (from..n).step_by(L::WIDTH) {
                let mut sum = lanes.load(&y[j..]);
                for h in 0..HEIGHT {
                    sum = sum + factors[h] * lanes.load(&rows[h * n + j..]);
                }
                lanes.store(sum, &mut y[j..]);
            }
        }
        for i in whole..count {
            let factor = lanes.splat(coefficients[i]);
            for j in (from..n).step_by(L::WIDTH) {
                let sum = lanes.load(&y[j..]) + factor * lanes.load(&rows[i * n + j..]);
                lanes.store(sum, &mut y[j..]);
            }
        }
    }
}

/// c_i ← row_i·x.
struct DotRows<'a, T> {
    rows: &'a [T],
    x: &'a [T],
    from: usize,
    coefficients: &'a mut [T],
}

impl<T: Real> Operation<T> for DotRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let DotRows { rows, x, from, coefficients } = self;
        let n = x.len();
        let count = rows.len() / n;
        let registers = LINE / size_of::<T>() / L::WIDTH;
        let line = LINE / size_of::<T>();
        let whole = count / HEIGHT * HEIGHT;
        for i in (0..whole).step_by(HEIGHT) {
            let rows = &rows[i * n..][..HEIGHT * n];
            let mut sums = [[lanes.splat(T::ZERO); MOST_LANES]; HEIGHT];
            for j in (from..n).step_by(line) {
                for r in 0..registers {
                    let at = j + r * L::WIDTH;
                    let x = lanes.load(&x[at..]);
                    for h in 0..HEIGHT {
                        sums[h][r] = sums[h][r] + x * lanes.load(&rows[h * n + at..]);
                    }
                }
            }
            for h in 0..HEIGHT {
                coefficients[i + h] = total(lanes, sums[h]);
            }
        }
        for i in whole..count {
            let mut sums = [lanes.splat(T::ZERO); MOST_LANES];
            for j in (from..n).step_by(line) {
                for r in 0..registers {
                    let at = j + r * L::WIDTH;
                    sums[r] = sums[r] + lanes.load(&x[at..]) * lanes.load(&rows[i * n + at..]);
                }
            }
            coefficients[i] = total(lanes, sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::symmetric;
    use super::*;
    use crate::number::Random;

    #[test]
    fn blocks_give_the_tridiagonal_matrix_and_the_product_of_the_definition() {
        for n in [1, 2, 31, 32, 33, 64, 97, 130] {
            let mut random = Random::new(n as u64);
            let x: Matrix<f64> = Matrix::from_function(n, n, |_, _| random.uniform(-0.5, 0.5));
            let a = Matrix::from_function(n, n, |i, j| x.row(i.min(j))[i.max(j)]);
            let expected = symmetric::tridiagonal(a.clone());
            let Tridiagonal { d, e, reflections } = tridiagonal(&a);
            let mut q = Matrix::from_function(n, n, |i, j| f64::from(u8::from(i == j)));
            reflections.apply(&mut q);
            let found = d.iter().chain(&e).chain(q.elements());
            let expected = expected.d.iter().chain(&expected.e).chain(expected.q.elements());
            for (found, expected) in found.zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{n}: {found} {expected}");
            }
        }
    }
}
