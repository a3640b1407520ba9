//! The tile: a few rows and registers of a matrix product, summed over a block of the inner index without leaving the
//! registers. All of the product's time is spent here.
//!
//! s_ij ← fma(a_ik, b_kj, s_ij) for k = 0, ..., depth - 1, from +0.
//!
//! A and B may lie packed or as they are: the tile is told how far apart rows and steps of k lie. That all loads stay within
//! their slices is checked once, before the loop, which then does nothing but load and multiply.

use super::Element;
use super::lanes::{Lanes, Vector};

/// Numbers of A or B in memory: the one at (i, k) is `numbers[i·along + k·deep]`.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a, T> {
    /// The slice, from the first number used on.
    pub numbers: &'a [T],
    /// From one row of A to the next; within B, whose rows are registers of neighbors, it is 1.
    pub along: usize,
    /// From one k to the next.
    pub deep: usize,
}

/// The sums of `HIGH` rows and `WIDE` registers. Rows of A from `high` on repeat row `high` - 1; their sums are to be dropped.
///
/// # Panics
/// If A or B reaches beyond its slice, or `high` is 0 or more than `HIGH`.
#[inline(always)]
pub fn tile<T: Element, L: Lanes<T>, const HIGH: usize, const WIDE: usize>(
    lanes: L,
    depth: usize,
    high: usize,
    a: Steps<T>,
    b: Steps<T>,
) -> [[L::Vector; WIDE]; HIGH] {
    let mut s = [[lanes.splat(T::ZERO); WIDE]; HIGH];
    if depth == 0 {
        return s;
    }
    assert!(0 < high && high <= HIGH && b.along == 1, "a tile of {high} rows");
    let last_a = (high - 1) * a.along + (depth - 1) * a.deep;
    let last_b = (depth - 1) * b.deep + WIDE * L::WIDTH - 1;
    assert!(last_a < a.numbers.len() && last_b < b.numbers.len(), "a tile beyond its numbers");
    let from_a: [*const T; HIGH] =
        // SAFETY: row high - 1 starts before its last number, which was checked.
        core::array::from_fn(|i| unsafe { a.numbers.as_ptr().add(i.min(high - 1) * a.along) });
    let from_b = b.numbers.as_ptr();
    for k in 0..depth {
        // SAFETY: k < depth, so the largest offsets are those checked above.
        unsafe {
            let b: [L::Vector; WIDE] = core::array::from_fn(|j| lanes.load_at(from_b.add(k * b.deep + j * L::WIDTH)));
            for i in 0..HIGH {
                let a = lanes.splat(*from_a[i].add(k * a.deep));
                for j in 0..WIDE {
                    s[i][j] = a.mul_add(b[j], s[i][j]);
                }
            }
        }
    }
    s
}
