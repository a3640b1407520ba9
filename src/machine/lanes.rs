//! Vectors and lanes: the two traits over which an operation is written once for all instruction sets.
//!
//! A [`Vector`] is a register of elements with the usual operators, element by element. A value of type [`Lanes`]
//! creates vectors, and it proves that the machine has the instruction set: only [`run`](super::run) and its siblings
//! make one, after detection. So an [`Operation`](super::Operation) is safe code.
//!
//! For example, this operation computes y ← a·x + y, each element rounded once:
//!
//! ```text
//! fn run<L: Lanes<T>>(self, lanes: L) {
//!     let a = lanes.splat(self.a);                       // a register with a in each element
//!     for i in (0..self.x.len()).step_by(L::WIDTH) {
//!         let sum = a.mul_add(lanes.load_any(&self.x[i..]), lanes.load_any(&self.y[i..]));
//!         lanes.store_any(sum, &mut self.y[i..]);
//!     }
//! }
//! ```
//!
//! In f32, one pass of the loop handles 16 elements with AVX-512, 8 with AVX2 and plain arrays, and 4 with NEON. Each
//! element goes through the same operations with all of them. The last chunk may be shorter than a register: it is
//! padded with zeros when it is loaded, and only its own elements are stored. Lanes cannot branch individually, so a
//! conditional computes both results and selects one ([`select_less`](Vector::select_less)).
//!
//! Each method is defined here, with its rule for NaN and zeros, and every instruction set produces the same bits.

use super::Element;
use super::size::fits;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// A register of [`Lanes::WIDTH`] elements. The operators act on each element and round once.
pub trait Vector<T>:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// a·b + c, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// √x, correctly rounded.
    fn sqrt(self) -> Self;

    /// |x|, NaN included: the sign bit is cleared.
    fn abs(self) -> Self;

    /// The bits of |x| with the sign bit of `sign`.
    fn copysign(self, sign: Self) -> Self;

    /// `if x < bound { yes } else { no }`: a NaN in x or bound selects `no`.
    fn select_less(self, bound: Self, yes: Self, no: Self) -> Self;

    /// `if self > other { self } else { other }`: `other` if one of them is NaN or both are zeros.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        other.select_less(self, self, other)
    }

    /// 2^k for an integer k whose result is a normal number.
    fn exp2i(k: Self) -> Self;

    /// The sequence a0 b0 a1 b1 ... of the elements of both: its first half and its second half.
    fn interleave(self, other: Self) -> (Self, Self);

    /// The inverse of [`interleave`](Self::interleave): the elements at even indices of a0 a1 ... b0 b1 ..., and those
    /// at odd indices.
    fn deinterleave(self, other: Self) -> (Self, Self);

    /// The elements from the last to the first.
    fn reverse(self) -> Self;

    /// (k, m) with x = m·2^k and √½ <= m < √2 (to within the last bits of the bound), for positive normal x. For other
    /// x both are arbitrary.
    fn frexp(self) -> (Self, Self);
}

/// An instruction set with registers of elements of type T.
pub trait Lanes<T: Element>: Copy {
    /// A register of elements.
    type Vector: Vector<T>;

    /// The number of elements in a register.
    const WIDTH: usize;

    /// The number of registers; 0 for plain arrays, whose place the compiler chooses.
    const REGISTERS: usize;

    /// A register with x in each element.
    fn splat(self, x: T) -> Self::Vector;

    /// Loads the first `WIDTH` elements of a slice.
    ///
    /// # Panics
    /// If the slice is shorter.
    fn load(self, from: &[T]) -> Self::Vector;

    /// Loads a register from memory.
    ///
    /// # Safety
    /// At the address must lie `WIDTH` readable elements. It needs no alignment beyond that of an element.
    unsafe fn load_at(self, from: *const T) -> Self::Vector;

    /// Prefetches the cache line at an address into the L1 cache, if the instruction set has such an instruction. Any
    /// address is allowed.
    #[inline(always)]
    fn prefetch(self, address: *const T) {
        let _ = address;
    }

    /// Like [`prefetch`](Self::prefetch), into the L2 cache.
    #[inline(always)]
    fn prefetch_l2(self, address: *const T) {
        let _ = address;
    }

    /// Stores a register to the first `WIDTH` elements of a slice.
    ///
    /// # Panics
    /// If the slice is shorter.
    fn store(self, v: Self::Vector, to: &mut [T]);

    /// Stores a register to memory.
    ///
    /// # Safety
    /// At the address must lie `WIDTH` writable elements. It needs no alignment beyond that of an element.
    unsafe fn store_at(self, v: Self::Vector, to: *mut T);

    /// x·2^k, rounded once, for x between ½ and 2 and an integer k between -1100 and 1100 (-200 and 200 in f32).
    #[inline(always)]
    fn ldexp(self, x: Self::Vector, k: Self::Vector) -> Self::Vector {
        // In two steps, since 2^k may be subnormal or infinite; the first step is exact.
        let shifter = self.splat(T::SHIFTER);
        let half = (k * self.splat(T::HALF) + shifter) - shifter;
        x * Self::Vector::exp2i(half) * Self::Vector::exp2i(k - half)
    }

    /// Loads a slice shorter than a register, padded with +0.
    #[inline(always)]
    fn load_part(self, from: &[T]) -> Self::Vector {
        let mut padded = [T::ZERO; MOST_LANES];
        padded[..from.len()].copy_from_slice(from);
        self.load(&padded)
    }

    /// [`load`](Self::load), or [`load_part`](Self::load_part) if the slice is shorter than a register.
    #[inline(always)]
    fn load_any(self, from: &[T]) -> Self::Vector {
        if from.len() >= Self::WIDTH { self.load(from) } else { self.load_part(from) }
    }

    /// [`store`](Self::store), or [`store_part`](Self::store_part) if the slice is shorter than a register.
    #[inline(always)]
    fn store_any(self, v: Self::Vector, to: &mut [T]) {
        if to.len() >= Self::WIDTH { self.store(v, to) } else { self.store_part(v, to) }
    }

    /// Stores the first elements of a register to a slice shorter than the register.
    #[inline(always)]
    fn store_part(self, v: Self::Vector, to: &mut [T]) {
        let mut padded = [T::ZERO; MOST_LANES];
        self.store(v, &mut padded);
        to.copy_from_slice(&padded[..to.len()]);
    }
}

/// The largest [`Lanes::WIDTH`].
pub const MOST_LANES: usize = 16;

/// Transposes a square block of `WIDTH` rows, one in each register.
///
/// Let an element's index be the bits of its row followed by the bits of its column. Interleaving rows i and i +
/// WIDTH/2 for all i rotates these bits by one: the first bit of the row becomes the last bit of the column. After
/// log2(WIDTH) rounds, rows and columns are exchanged.
#[inline(always)]
pub(crate) fn transpose<T: Element, L: Lanes<T>>(_: L, rows: &mut [L::Vector; MOST_LANES]) {
    let half = L::WIDTH / 2;
    let mut round = 1;
    while round < L::WIDTH {
        let before = *rows;
        for i in 0..half {
            (rows[2 * i], rows[2 * i + 1]) = before[i].interleave(before[i + half]);
        }
        round *= 2;
    }
}

/// Transposes a block of `WIDTH` x `WIDTH` elements from one slice to another: `from[j·from_step + i]` goes to
/// `to[i·to_step + j]`. For j beyond `last`, column `last` is read again.
///
/// # Panics
/// If the block reaches beyond a slice.
#[inline(always)]
pub(crate) fn transpose_block<T: Element, L: Lanes<T>>(
    lanes: L,
    from: &[T],
    from_step: usize,
    last: usize,
    to: &mut [T],
    to_step: usize,
) {
    assert!(fits(last.min(L::WIDTH - 1) + 1, from_step, L::WIDTH, from.len()), "a block beyond what is read");
    assert!(fits(L::WIDTH, to_step, L::WIDTH, to.len()), "a block beyond what is written");
    let mut block = [lanes.splat(T::ZERO); MOST_LANES];
    for j in 0..L::WIDTH {
        // SAFETY: the column's end was checked.
        block[j] = unsafe { lanes.load_at(from.as_ptr().add(j.min(last) * from_step)) };
    }
    transpose(lanes, &mut block);
    for i in 0..L::WIDTH {
        // SAFETY: the row's end was checked.
        unsafe { lanes.store_at(block[i], to.as_mut_ptr().add(i * to_step)) };
    }
}

/// A function of one variable, written over lanes.
pub trait Pointwise<T: Element>: Copy {
    /// The function's value at each element.
    fn at<L: Lanes<T>>(self, lanes: L, x: L::Vector) -> L::Vector;
}

/// The function's value at a single x.
#[inline(always)]
pub fn at_one<T: Element, L: Lanes<T>>(lanes: L, function: impl Pointwise<T>, x: T) -> T {
    let mut y = [T::ZERO];
    lanes.store_any(function.at(lanes, lanes.splat(x)), &mut y);
    y[0]
}

/// Replaces each element of a slice with the function's value there. The tail runs the same code, padded.
#[inline(always)]
pub fn replace_each<T: Element, L: Lanes<T>>(lanes: L, elements: &mut [T], function: impl Pointwise<T>) {
    for i in (0..elements.len()).step_by(L::WIDTH) {
        let v = function.at(lanes, lanes.load_any(&elements[i..]));
        lanes.store_any(v, &mut elements[i..]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Operation, run};
    use super::*;

    /// A block whose steps between columns read, and between rows written, depend on the width of a register.
    #[derive(Clone, Copy)]
    struct Block {
        from_step: fn(usize) -> usize,
        to_step: fn(usize) -> usize,
    }

    impl Operation<f64> for Block {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes<f64>>(self, lanes: L) {
            let (from, mut to) = ([1.0; 256], [0.0; 256]);
            transpose_block(lanes, &from, (self.from_step)(L::WIDTH), L::WIDTH - 1, &mut to, (self.to_step)(L::WIDTH));
            assert_eq!(to[..L::WIDTH * L::WIDTH], from[..L::WIDTH * L::WIDTH]);
        }
    }

    /// The inverse of WIDTH - 1, which is odd, modulo 2^(bits of a size), by Newton's method: their product wraps to 1.
    fn inverse(width: usize) -> usize {
        let odd = width - 1;
        let inverse = (0..6).fold(1_usize, |x, _| x.wrapping_mul(2_usize.wrapping_sub(odd.wrapping_mul(x))));
        assert_eq!(odd.wrapping_mul(inverse), 1);
        inverse
    }

    #[test]
    fn a_block_within_the_slices_is_transposed() {
        run(Block { from_step: |width| width, to_step: |width| width });
    }

    #[test]
    #[should_panic(expected = "a block beyond what is read")]
    fn columns_whose_distance_wraps_panic() {
        run(Block { from_step: inverse, to_step: |width| width });
    }

    #[test]
    #[should_panic(expected = "a block beyond what is written")]
    fn rows_whose_distance_wraps_panic() {
        run(Block { from_step: |width| width, to_step: inverse });
    }
}
