//! A few numbers side by side: what a kernel is written over.
//!
//! A [`Vector`] is a register of numbers with the usual operators, element by element. A value of type [`Lanes`] is the
//! proof that the instruction set is there: only [`run`](super::run) and [`run_on`](super::run_on) make one, after
//! detection, and only from it do
//! vectors come. So kernels are safe code, written once, and compiled for every instruction set.
//!
//! Every method has one meaning, stated here with its rule for NaN and zeros; every implementation gives its bits.

use super::Element;
use super::size::fits;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// A register of [`Lanes::WIDTH`] numbers. The operators act on each element and round once.
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

    /// The elements of both by turns, a0 b0 a1 b1 ...: the first half of that row, and the second.
    fn interleave(self, other: Self) -> (Self, Self);

    /// The inverse of [`interleave`](Self::interleave): of both in a row, the elements at even places, and those at odd ones.
    fn deinterleave(self, other: Self) -> (Self, Self);

    /// The elements from the last to the first.
    fn reverse(self) -> Self;

    /// (k, m) with x = m·2^k and √½ <= m < √2 (to within the last bits of the bound), for positive normal x.
    /// For other x both are arbitrary.
    fn frexp(self) -> (Self, Self);
}

/// An instruction set at work on numbers of type T.
pub trait Lanes<T: Element>: Copy {
    /// The register.
    type Vector: Vector<T>;

    /// How many numbers are side by side.
    const WIDTH: usize;

    /// How many registers there are; 0 for plain arrays, of which the compiler makes what it can.
    const REGISTERS: usize;

    /// The same number in each element.
    fn splat(self, x: T) -> Self::Vector;

    /// The first `WIDTH` numbers of a slice.
    ///
    /// # Panics
    /// If there are fewer.
    fn load(self, from: &[T]) -> Self::Vector;

    /// A register from memory.
    ///
    /// # Safety
    /// `WIDTH` numbers must lie there, readable; no alignment is needed.
    unsafe fn load_at(self, from: *const T) -> Self::Vector;

    /// Asks memory to bring what lies at an address into the first cache, where an instruction for that is known. The
    /// address may be any.
    #[inline(always)]
    fn prefetch(self, address: *const T) {
        let _ = address;
    }

    /// [`prefetch`](Self::prefetch), into the second cache.
    #[inline(always)]
    fn prefetch_l2(self, address: *const T) {
        let _ = address;
    }

    /// Writes the register over the first `WIDTH` numbers of a slice.
    ///
    /// # Panics
    /// If there are fewer.
    fn store(self, v: Self::Vector, to: &mut [T]);

    /// Writes the register to memory.
    ///
    /// # Safety
    /// `WIDTH` numbers must lie there, writable; no alignment is needed.
    unsafe fn store_at(self, v: Self::Vector, to: *mut T);

    /// x·2^k, rounded once, for x between ½ and 2 and an integer k between -1100 and 1100 (-200 and 200 in f32).
    #[inline(always)]
    fn ldexp(self, x: Self::Vector, k: Self::Vector) -> Self::Vector {
        // In two steps, since 2^k may be no normal number; the first step is exact.
        let shifter = self.splat(T::SHIFTER);
        let half = (k * self.splat(T::HALF) + shifter) - shifter;
        x * Self::Vector::exp2i(half) * Self::Vector::exp2i(k - half)
    }

    /// The numbers of a slice shorter than a register, followed by +0.
    #[inline(always)]
    fn load_part(self, from: &[T]) -> Self::Vector {
        let mut padded = [T::ZERO; MOST_LANES];
        padded[..from.len()].copy_from_slice(from);
        self.load(&padded)
    }

    /// [`load`](Self::load), or [`load_part`](Self::load_part) of a slice that is shorter.
    #[inline(always)]
    fn load_any(self, from: &[T]) -> Self::Vector {
        if from.len() >= Self::WIDTH { self.load(from) } else { self.load_part(from) }
    }

    /// [`store`](Self::store), or [`store_part`](Self::store_part) to a slice that is shorter.
    #[inline(always)]
    fn store_any(self, v: Self::Vector, to: &mut [T]) {
        if to.len() >= Self::WIDTH { self.store(v, to) } else { self.store_part(v, to) }
    }

    /// Writes as many elements as the slice, shorter than a register, can take.
    #[inline(always)]
    fn store_part(self, v: Self::Vector, to: &mut [T]) {
        let mut padded = [T::ZERO; MOST_LANES];
        self.store(v, &mut padded);
        to.copy_from_slice(&padded[..to.len()]);
    }
}

/// No register holds more numbers than this.
pub const MOST_LANES: usize = 16;

/// Turns `WIDTH` rows of a square block, one in each register, into its columns.
///
/// Interleaving rows i and i + WIDTH/2 for all i moves the first bit of an element's row into its place within the row;
/// after as many rounds as an index has bits, rows and columns are exchanged.
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

/// A square block with a register on each side, turned: number i of column j, which is `from[j·apart + i]`, goes to
/// `to[i·wide + j]`. Columns after the `last` are not read; it is repeated.
///
/// # Panics
/// If the block reaches beyond a slice.
#[inline(always)]
pub(crate) fn transpose_block<T: Element, L: Lanes<T>>(
    lanes: L,
    from: &[T],
    apart: usize,
    last: usize,
    to: &mut [T],
    wide: usize,
) {
    assert!(fits(last.min(L::WIDTH - 1) + 1, apart, L::WIDTH, from.len()), "a block beyond what is read");
    assert!(fits(L::WIDTH, wide, L::WIDTH, to.len()), "a block beyond what is written");
    let mut block = [lanes.splat(T::ZERO); MOST_LANES];
    for j in 0..L::WIDTH {
        // SAFETY: the column's end was checked.
        block[j] = unsafe { lanes.load_at(from.as_ptr().add(j.min(last) * apart)) };
    }
    transpose(lanes, &mut block);
    for i in 0..L::WIDTH {
        // SAFETY: the row's end was checked.
        unsafe { lanes.store_at(block[i], to.as_mut_ptr().add(i * wide)) };
    }
}

/// A function of one number, written over lanes.
pub trait Pointwise<T: Element>: Copy {
    /// The function's value at each element.
    fn at<L: Lanes<T>>(self, lanes: L, x: L::Vector) -> L::Vector;
}

/// The function's value at one number.
#[inline(always)]
pub fn at_one<T: Element, L: Lanes<T>>(lanes: L, function: impl Pointwise<T>, x: T) -> T {
    let mut y = [T::ZERO];
    lanes.store_any(function.at(lanes, lanes.splat(x)), &mut y);
    y[0]
}

/// Replaces each number of a slice by the function's value there; the tail runs the same code, padded.
#[inline(always)]
pub fn replace_each<T: Element, L: Lanes<T>>(lanes: L, numbers: &mut [T], function: impl Pointwise<T>) {
    for chunk in numbers.chunks_mut(L::WIDTH) {
        let v = function.at(lanes, lanes.load_any(chunk));
        lanes.store_any(v, chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Operation, run};
    use super::*;

    /// A block from columns so far apart, to rows so far apart.
    #[derive(Clone, Copy)]
    struct Block {
        apart: fn(usize) -> usize,
        wide: fn(usize) -> usize,
    }

    impl Operation<f64> for Block {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes<f64>>(self, lanes: L) {
            let (from, mut to) = ([1.0; 256], [0.0; 256]);
            transpose_block(lanes, &from, (self.apart)(L::WIDTH), L::WIDTH - 1, &mut to, (self.wide)(L::WIDTH));
            assert_eq!(to[..L::WIDTH * L::WIDTH], from[..L::WIDTH * L::WIDTH]);
        }
    }

    /// The inverse of WIDTH - 1, which is odd, modulo the number of sizes (Newton): their product wraps to 1.
    fn inverse(width: usize) -> usize {
        let odd = width - 1;
        let inverse = (0..6).fold(1_usize, |x, _| x.wrapping_mul(2_usize.wrapping_sub(odd.wrapping_mul(x))));
        assert_eq!(odd.wrapping_mul(inverse), 1);
        inverse
    }

    #[test]
    fn a_block_within_the_slices_is_turned() {
        run(Block { apart: |width| width, wide: |width| width });
    }

    #[test]
    #[should_panic(expected = "a block beyond what is read")]
    fn columns_whose_distance_wraps_panic() {
        run(Block { apart: inverse, wide: |width| width });
    }

    #[test]
    #[should_panic(expected = "a block beyond what is written")]
    fn rows_whose_distance_wraps_panic() {
        run(Block { apart: |width| width, wide: inverse });
    }
}
