//! The tile: a few rows and registers of a matrix product, summed over a block of the inner index without leaving the
//! registers. All of the product's time is spent here.
//!
//! s_ij ← fma(a_ik, b_kj, s_ij) for k = 0, ..., depth - 1, from +0; then c_ij ← s_ij, or c_ij ← c_ij + s_ij.
//!
//! A and B are packed: what step k needs of them lies side by side, k after k, so that every address is one that moves
//! along plus a constant. (With A where the matrix has it, the addresses of its rows outnumber the processor's registers for
//! addresses.) That all loads and stores stay within their slices is checked once, before the loop, which then does nothing but
//! load and multiply.

use super::lanes::{Lanes, Vector};
use super::{Element, Rectangle};

/// `HIGH` rows and `WIDE` registers of C. A holds `a_wide` numbers for each k, of which the first `HIGH` are used; B's next k is
/// `b_wide` numbers further, and the first `WIDE` registers of each are used. The sums are added to C, or overwrite it.
///
/// # Panics
/// If A, B or C is too small.
#[inline(always)]
pub fn tile<T: Element, L: Lanes<T>, const HIGH: usize, const WIDE: usize>(
    lanes: L,
    depth: usize,
    (a, a_wide): (&[T], usize),
    (b, b_wide): (&[T], usize),
    add: bool,
    c: Rectangle<T>,
) {
    let wide = WIDE * L::WIDTH;
    assert!(HIGH <= a_wide && depth * a_wide <= a.len(), "a tile beyond A");
    assert!(depth == 0 || (depth - 1) * b_wide + wide <= b.len(), "a tile beyond B");
    assert!(HIGH <= c.rows() && wide <= c.columns(), "a tile beyond C");
    let mut s = [[lanes.splat(T::ZERO); WIDE]; HIGH];
    let (mut a_k, mut b_k) = (a.as_ptr(), b.as_ptr());
    for _ in 0..depth {
        // SAFETY: steps 0 to depth - 1 of A and B lie within their slices, and of each step no more is read than it holds.
        unsafe {
            let b: [L::Vector; WIDE] = core::array::from_fn(|j| lanes.load_at(b_k.add(j * L::WIDTH)));
            for i in 0..HIGH {
                let a = lanes.splat(*a_k.add(i));
                for j in 0..WIDE {
                    s[i][j] = a.mul_add(b[j], s[i][j]);
                }
            }
        }
        (a_k, b_k) = (a_k.wrapping_add(a_wide), b_k.wrapping_add(b_wide));
    }
    // Without a branch or a check in between, the sums go from the registers to C and nowhere else.
    let (to, stride) = c.parts();
    for i in 0..HIGH {
        for j in 0..WIDE {
            // SAFETY: C has `HIGH` rows of at least `WIDE` registers, as was checked.
            unsafe {
                let to = to.add(i * stride + j * L::WIDTH);
                let sum = if add { lanes.load_at(to) + s[i][j] } else { s[i][j] };
                lanes.store_at(sum, to);
            }
        }
    }
}
