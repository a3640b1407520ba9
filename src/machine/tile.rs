//! The tile, or micro-kernel: MR rows x NR registers of a matrix product, summed over a block of the inner index
//! without leaving the registers. Nearly all of the product's time is spent here.
//!
//! ```text
//! s_ij <- fma(a_ik, b_kj, s_ij)    for k = 0, ..., depth - 1, from s_ij = +0
//! c_ij <- s_ij                     or c_ij <- c_ij + s_ij
//! ```
//!
//! i counts the MR rows and j the NR registers. `matrix::macro_kernel` says how MR and NR are chosen.
//!
//! **Packed operands.** The elements of A and B for step k are contiguous, and those for step k + 1 lie a constant
//! distance further. So each address is a moving pointer plus a constant. An unpacked A would need an address for each
//! of its MR rows, and the processor has fewer address registers than the tile needs. One check before the loop proves
//! that all loads and stores stay within their slices; the loop itself only loads, multiplies and prefetches.
//!
//! **Prefetching.** A load that waits for memory delays everything behind it. A prefetch brings a cache line nearer and
//! delays nothing, as long as few are under way. While a tile multiplies, it prefetches its rows of C, which it needs
//! at the end; A, some steps ahead; and what the caller will need next ([`Prefetch`]). The loop is unrolled by four, so
//! that counting and prefetching cost little compared with the multiplications.

use super::indirect::Indirect;
use super::lanes::{Lanes, Vector};
use super::size::fits;
use super::{Element, ViewMut};

/// Steps in one round of the unrolled loop.
const STEPS: usize = 4;

/// The distance, in steps, at which A is prefetched.
const A_AHEAD: usize = 16;

/// Elements that the caller needs after this tile: each round of the loop prefetches one, from the `first` on, `step`
/// elements apart.
#[derive(Clone, Copy, Debug)]
pub struct Prefetch<'a, T> {
    /// The slice that holds them.
    pub elements: &'a [T],
    /// The index of the first; it may be beyond the end.
    pub first: usize,
    /// The distance from one to the next.
    pub step: usize,
}

/// The operands of a tile.
#[derive(Clone, Copy, Debug)]
pub struct Panels<'a, T> {
    /// The number of steps k.
    pub depth: usize,
    /// For each k, elements of A, of which the tile uses the first MR.
    pub a: &'a [T],
    /// The distance from one k to the next in A.
    pub a_step: usize,
    /// For each k, registers of B, of which the tile uses the first NR.
    pub b: &'a [T],
    /// The distance from one k to the next in B.
    pub b_step: usize,
    /// What the caller needs next.
    pub prefetch: Option<Prefetch<'a, T>>,
}

/// Computes a tile: the sums overwrite the first MR rows and NR registers of C, or are added to them.
///
/// # Panics
/// If A, B or C is too small.
#[inline(always)]
pub fn tile<T: Element, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    panels: Panels<T>,
    accumulate: bool,
    c: ViewMut<T>,
) {
    let (Panels { depth, a, a_step, b, b_step, prefetch }, width) = (panels, NR * L::WIDTH);
    assert!(depth == 0 || fits(depth, a_step, MR, a.len()), "a tile beyond A");
    assert!(depth == 0 || fits(depth, b_step, width, b.len()), "a tile beyond B");
    assert!(MR <= c.rows() && width <= c.columns(), "a tile beyond C");
    let (to, stride) = c.into_parts();
    let mut s = [[lanes.splat(T::ZERO); NR]; MR];
    let (mut a_k, mut b_k) = (a.as_ptr(), b.as_ptr());
    // Without a request from the caller, A is prefetched once more: a prefetch of an unmapped address is slow.
    let (mut next, next_step) = match prefetch {
        Some(Prefetch { elements, first, step }) => (elements.as_ptr().wrapping_add(first), step),
        None => (a_k, 0),
    };
    for round in 0..depth / STEPS {
        // A row of C every other round: all rows at once would be more prefetches than the processor can track.
        if round % 2 == 0 && round < 2 * MR {
            for j in 0..NR {
                lanes.prefetch(to.wrapping_add(round / 2 * stride + j * L::WIDTH));
            }
        }
        lanes.prefetch_l2(next);
        next = next.wrapping_add(next_step);
        for k in 0..STEPS {
            lanes.prefetch(a_k.wrapping_add((k + A_AHEAD).wrapping_mul(a_step)));
            // SAFETY: the assertions checked the last of the `depth` steps, and no step reads more than was checked.
            unsafe { add_products(lanes, a_k.add(k * a_step), b_k.add(k * b_step), &mut s) };
        }
        (a_k, b_k) = (a_k.wrapping_add(STEPS * a_step), b_k.wrapping_add(STEPS * b_step));
    }
    for _ in 0..depth % STEPS {
        // SAFETY: as above.
        unsafe { add_products(lanes, a_k, b_k, &mut s) };
        (a_k, b_k) = (a_k.wrapping_add(a_step), b_k.wrapping_add(b_step));
    }
    // SAFETY: C has MR rows of at least NR registers, as was checked.
    unsafe { store_sums(lanes, &s, accumulate, to, stride) };
}

/// Computes a tile whose operand A is the transpose of an [indirect](Indirect) matrix: row i of the tile is column i of
/// `p`, and the last column stands for those that `p` does not have. Otherwise like [`tile`].
///
/// # Panics
/// If P has no column, or B or C is too small.
#[inline(always)]
pub fn indirect_tile<T: Element, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    p: Indirect<T>,
    b: &[T],
    b_step: usize,
    accumulate: bool,
    c: ViewMut<T>,
) {
    let (depth, width, last) = (p.rows().len(), NR * L::WIDTH, p.columns().len() - 1);
    assert!(depth == 0 || fits(depth, b_step, width, b.len()), "a tile beyond B");
    assert!(MR <= c.rows() && width <= c.columns(), "a tile beyond C");
    let (to, stride) = c.into_parts();
    let mut s = [[lanes.splat(T::ZERO); NR]; MR];
    let mut starts = [p.elements().as_ptr(); MR];
    for i in 0..MR {
        starts[i] = starts[i].wrapping_add(p.columns()[i.min(last)]);
    }
    let mut b_k = b.as_ptr();
    for &row in p.rows() {
        let mut b_row = [lanes.splat(T::ZERO); NR];
        for j in 0..NR {
            // SAFETY: the assertion checked the last of the `depth` steps.
            b_row[j] = unsafe { lanes.load_at(b_k.add(j * L::WIDTH)) };
        }
        b_k = b_k.wrapping_add(b_step);
        for i in 0..MR {
            // SAFETY: an `Indirect` has an element for the sum of any of its rows' and its columns' offsets.
            let a_ik = lanes.splat(unsafe { *starts[i].add(row) });
            for j in 0..NR {
                s[i][j] = a_ik.mul_add(b_row[j], s[i][j]);
            }
        }
    }
    // SAFETY: C has MR rows of at least NR registers, as was checked.
    unsafe { store_sums(lanes, &s, accumulate, to, stride) };
}

/// Stores the sums to C, or adds them to it: no branch and no check in between, straight from the registers.
///
/// # Safety
/// At `to` must lie MR rows of NR registers each, `stride` elements apart.
#[inline(always)]
unsafe fn store_sums<T: Element, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    s: &[[L::Vector; NR]; MR],
    accumulate: bool,
    to: *mut T,
    stride: usize,
) {
    for i in 0..MR {
        for j in 0..NR {
            // SAFETY: the caller's promise.
            unsafe {
                let to = to.add(i * stride + j * L::WIDTH);
                let sum = if accumulate { lanes.load_at(to) + s[i][j] } else { s[i][j] };
                lanes.store_at(sum, to);
            }
        }
    }
}

/// Step k: s_ij ← fma(a_ik, b_kj, s_ij).
///
/// # Safety
/// At `a` must lie MR readable elements, and at `b` NR readable registers.
#[inline(always)]
unsafe fn add_products<T: Element, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    a: *const T,
    b: *const T,
    s: &mut [[L::Vector; NR]; MR],
) {
    let mut b_k = [lanes.splat(T::ZERO); NR];
    for j in 0..NR {
        // SAFETY: the caller's promise.
        b_k[j] = unsafe { lanes.load_at(b.add(j * L::WIDTH)) };
    }
    for i in 0..MR {
        // SAFETY: as above.
        let a_ik = lanes.splat(unsafe { *a.add(i) });
        for j in 0..NR {
            s[i][j] = a_ik.mul_add(b_k[j], s[i][j]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Operation, run};
    use super::*;

    /// A tile of one row and one register over four steps, with these distances between steps in A and in B.
    struct Tile {
        a_step: usize,
        b_step: usize,
    }

    impl Operation<f64> for Tile {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes<f64>>(self, lanes: L) {
            let (a, b, mut c) = ([1.0; 4], [1.0; 64], [0.0; 16]);
            let Tile { a_step, b_step } = self;
            let panels = Panels { depth: 4, a: &a, a_step, b: &b, b_step, prefetch: None };
            tile::<f64, L, 1, 1>(lanes, panels, false, ViewMut::new(&mut c, 1, L::WIDTH, L::WIDTH));
            assert_eq!(c[..L::WIDTH], [4.0; 16][..L::WIDTH]);
        }
    }

    /// The inverse of 3 modulo 2^(bits of a size): products with it wrap to small values.
    const THIRD: usize = usize::MAX / 3 * 2 + 1;

    #[test]
    fn steps_within_the_panels_are_summed() {
        assert_eq!(THIRD.wrapping_mul(3), 1);
        run(Tile { a_step: 1, b_step: 16 });
        run(Tile { a_step: 0, b_step: 0 });
    }

    #[test]
    #[should_panic(expected = "a tile beyond A")]
    fn steps_in_a_whose_product_wraps_panic() {
        run(Tile { a_step: THIRD, b_step: 16 });
    }

    #[test]
    #[should_panic(expected = "a tile beyond B")]
    fn steps_in_b_whose_product_wraps_panic() {
        run(Tile { a_step: 1, b_step: THIRD });
    }
}
