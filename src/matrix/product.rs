//! The matrix product: its definition, which every fast form must equal to the bit.
//!
//! Rounding makes the value of a sum depend on its order. So the definition fixes the order:
//!
//! ```text
//! c_ij = s_0 + s_1 + s_2 + ...             added from left to right, one s_n for each block of KC values of k
//! s_n:   s <- +0, then s <- fma(a_ik, b_kj, s)   for k = n·KC, n·KC + 1, ..., n·KC + KC - 1
//! ```
//!
//! The inner index k is cut into blocks of [`KC`](Real::KC) = 200 values, in f32 and in f64, on every machine; the last
//! block may be shorter. Each fused multiply-add fma(a, b, s) is a·b + s, rounded once. The first block's s is stored
//! in c_ij, and each later one is added to it. With an empty inner index c_ij = +0. NaN and infinities propagate as
//! IEEE 754 says. In the listing, `element` computes c_ij by the two lines above.
//!
//! **Why blocks.** A fast product works on the parts of A and B that are in the cache, stores the partial c_ij, and
//! returns later with the next parts. A single chain over all K values of k would allow that, too: storing s and
//! loading it again does not round, so KC would not even matter. A new chain for each block has two advantages. The
//! next block's sums start from zeros in registers and need not wait for c_ij, which arrives from memory meanwhile and
//! is added at the end. And fewer roundings follow one another: instead of K in a single chain, at most KC in a block
//! and K/KC - 1 between the blocks. That lowers the error bound. The price is that KC belongs to the definition.
//!
//! [`Product::store`] is C ← A·B. [`Product::accumulate`] is C ← C + A·B, and adds the first block's s to c_ij too. So
//! the inner index may be cut into pieces of whole blocks: if the first piece is stored and the others are accumulated,
//! the result has the same bits as one product.

#[cfg(doc)]
use super::blocked::Product;
use super::dense::View;
use crate::machine::ViewMut;
use crate::number::Real;

/// C ← A·B, element by element: the definition. Correct, and slow.
///
/// # Panics
/// If the shapes do not fit.
pub fn by_definition<T: Real>(a: View<T>, b: View<T>, mut c: ViewMut<T>) {
    check_shapes(&a, &b, &c);
    if c.columns() == 0 {
        return;
    }
    for i in 0..c.rows() {
        for j in 0..c.columns() {
            c.row(i)[j] = element(&a, &b, i, j);
        }
    }
}

fn element<T: Real>(a: &View<T>, b: &View<T>, i: usize, j: usize) -> T {
    let mut c = T::ZERO;
    for start in (0..a.columns()).step_by(T::KC) {
        let end = a.columns().min(start + T::KC);
        let mut s = T::ZERO;
        for k in start..end {
            s = a.at(i, k).mul_add(b.at(k, j), s);
        }
        c = if start == 0 { s } else { c + s };
    }
    c
}

pub(super) fn check_shapes<T: Real>(a: &View<T>, b: &View<T>, c: &ViewMut<T>) {
    assert!(
        a.columns() == b.rows() && c.rows() == a.rows() && c.columns() == b.columns(),
        "{} x {} times {} x {} does not fit {} x {}",
        a.rows(),
        a.columns(),
        b.rows(),
        b.columns(),
        c.rows(),
        c.columns()
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    #[test]
    fn a_product_computed_by_hand() {
        let a = Matrix::from_rows(2, 3, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].to_vec());
        let b = Matrix::from_rows(3, 1, [1.0, -1.0, 0.5].to_vec());
        let mut c = Matrix::from_rows(2, 1, [f64::NAN; 2].to_vec());
        by_definition(a.view(), b.view(), c.view_mut());
        assert_eq!(c.elements(), [0.5, 2.0]);
    }

    #[test]
    fn no_inner_index_gives_plus_zero() {
        let mut c = Matrix::from_rows(1, 1, [f64::NAN].to_vec());
        by_definition(View::new(&[], 1, 0), View::new(&[], 0, 1), c.view_mut());
        assert_eq!(c.elements()[0].to_bits(), 0);
    }

    #[test]
    #[should_panic(expected = "2 x 3 times 2 x 3 does not fit 2 x 3")]
    fn shapes_that_do_not_fit_panic() {
        let a = Matrix::<f32>::zeros(2, 3);
        by_definition(a.view(), a.view(), Matrix::zeros(2, 3).view_mut());
    }
}
