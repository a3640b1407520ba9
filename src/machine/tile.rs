//! The tile: a few rows and registers of a matrix product, summed over a block of the inner index without leaving the
//! registers. All of the product's time is spent here.
//!
//! s_ij ← fma(a_ik, b_kj, s_ij) for k = 0, ..., depth - 1, from +0; then c_ij ← s_ij, or c_ij ← c_ij + s_ij.
//!
//! A and B are packed: what step k needs of them lies side by side, k after k, so that every address is one that moves
//! along plus a constant. (With A where the matrix has it, the addresses of its rows outnumber the processor's
//! registers for addresses.) That all loads and stores stay within their slices is checked once, before the loop, which
//! then does nothing but load, multiply and ask ahead.
//!
//! Asking ahead: a load that must wait for memory holds up everything behind it, but a request to bring a cache line
//! nearer holds up nothing, as long as not too many are under way. So while a tile multiplies, memory is asked for a
//! row of C from time to time, which is wanted at the end; for A some steps ahead; and for [something else](Ahead),
//! which the caller will want next. A few steps are written out in each round of the loop: of what counts and asks
//! there is then little beside the multiplications.

use super::lanes::{Lanes, Vector};
use super::size::fits;
use super::{Element, ViewMut};

/// Steps in one round of the loop.
const STEPS: usize = 4;

/// How many steps ahead A is asked for.
const A_AHEAD: usize = 16;

/// What will be wanted after this tile: every `step`-th of these numbers from the `first` on, one for each round of the loop.
#[derive(Clone, Copy, Debug)]
pub struct Prefetch<'a, T> {
    /// The numbers.
    pub elements: &'a [T],
    /// The place of the first; it may be beyond the end.
    pub first: usize,
    /// From one to the next.
    pub step: usize,
}

/// What a tile multiplies.
#[derive(Clone, Copy, Debug)]
pub struct Panels<'a, T> {
    /// The length of the inner index.
    pub depth: usize,
    /// For each k the numbers of A, of which the tile uses as many as it has rows.
    pub a: &'a [T],
    /// From one k to the next in A.
    pub a_wide: usize,
    /// For each k the registers of B, of which the tile uses as many as it is wide.
    pub b: &'a [T],
    /// From one k to the next in B.
    pub b_wide: usize,
    /// What else will be wanted.
    pub prefetch: Option<Prefetch<'a, T>>,
}

/// `HIGH` rows and `WIDE` registers of C: the sums are added to C, or overwrite it.
///
/// # Panics
/// If A, B or C is too small.
#[inline(always)]
pub fn tile<T: Element, L: Lanes<T>, const MR: usize, const NR: usize>(
    lanes: L,
    panels: Panels<T>,
    add: bool,
    c: ViewMut<T>,
) {
    let (Panels { depth, a, a_wide, b, b_wide, prefetch: ahead }, wide) = (panels, NR * L::WIDTH);
    assert!(depth == 0 || fits(depth, a_wide, MR, a.len()), "a tile beyond A");
    assert!(depth == 0 || fits(depth, b_wide, wide, b.len()), "a tile beyond B");
    assert!(MR <= c.rows() && wide <= c.columns(), "a tile beyond C");
    let (to, stride) = c.into_parts();
    let mut s = [[lanes.splat(T::ZERO); NR]; MR];
    let (mut a_k, mut b_k) = (a.as_ptr(), b.as_ptr());
    // Where nothing is wanted, A is asked for again: to ask for an address where there is no memory takes long.
    let (mut wanted, step) = match ahead {
        Some(Prefetch { elements: numbers, first, step }) => (numbers.as_ptr().wrapping_add(first), step),
        None => (a_k, 0),
    };
    for round in 0..depth / STEPS {
        // All at once, C's lines would be more than can be under way.
        if round % 2 == 0 && round < 2 * MR {
            for j in 0..NR {
                lanes.prefetch(to.wrapping_add(round / 2 * stride + j * L::WIDTH));
            }
        }
        lanes.prefetch_l2(wanted);
        wanted = wanted.wrapping_add(step);
        for k in 0..STEPS {
            lanes.prefetch(a_k.wrapping_add((k + A_AHEAD).wrapping_mul(a_wide)));
            // SAFETY: steps 0 to depth - 1 of A and B lie within their slices, and of each step no more is read than it holds.
            unsafe { add_products(lanes, a_k.add(k * a_wide), b_k.add(k * b_wide), &mut s) };
        }
        (a_k, b_k) = (a_k.wrapping_add(STEPS * a_wide), b_k.wrapping_add(STEPS * b_wide));
    }
    for _ in 0..depth % STEPS {
        // SAFETY: as above.
        unsafe { add_products(lanes, a_k, b_k, &mut s) };
        (a_k, b_k) = (a_k.wrapping_add(a_wide), b_k.wrapping_add(b_wide));
    }
    // Without a branch or a check in between, the sums go from the registers to C and nowhere else.
    for i in 0..MR {
        for j in 0..NR {
            // SAFETY: C has `HIGH` rows of at least `WIDE` registers, as was checked.
            unsafe {
                let to = to.add(i * stride + j * L::WIDTH);
                let sum = if add { lanes.load_at(to) + s[i][j] } else { s[i][j] };
                lanes.store_at(sum, to);
            }
        }
    }
}

/// Step k: s_ij ← fma(a_ik, b_kj, s_ij).
///
/// # Safety
/// `HIGH` numbers must lie at `a`, and `WIDE` registers at `b`.
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

    /// A tile of a row and a register over four steps, which lie so far apart in A or in B.
    struct Tile {
        a_wide: usize,
        b_wide: usize,
    }

    impl Operation<f64> for Tile {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes<f64>>(self, lanes: L) {
            let (a, b, mut c) = ([1.0; 4], [1.0; 64], [0.0; 16]);
            let Tile { a_wide, b_wide } = self;
            let panels = Panels { depth: 4, a: &a, a_wide, b: &b, b_wide, prefetch: None };
            tile::<f64, L, 1, 1>(lanes, panels, false, ViewMut::new(&mut c, 1, L::WIDTH, L::WIDTH));
            assert_eq!(c[..L::WIDTH], [4.0; 16][..L::WIDTH]);
        }
    }

    /// 3 times this is 1, modulo the number of sizes: a product with it that wraps is small.
    const THIRD: usize = usize::MAX / 3 * 2 + 1;

    #[test]
    fn steps_within_the_panels_are_summed() {
        assert_eq!(THIRD.wrapping_mul(3), 1);
        run(Tile { a_wide: 1, b_wide: 16 });
        run(Tile { a_wide: 0, b_wide: 0 });
    }

    #[test]
    #[should_panic(expected = "a tile beyond A")]
    fn steps_in_a_whose_product_wraps_panic() {
        run(Tile { a_wide: THIRD, b_wide: 16 });
    }

    #[test]
    #[should_panic(expected = "a tile beyond B")]
    fn steps_in_b_whose_product_wraps_panic() {
        run(Tile { a_wide: 1, b_wide: THIRD });
    }
}
