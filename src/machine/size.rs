//! Sizes: sums and products of lengths that panic where they would wrap, and memory that is asked for before it is used.
//!
//! A release build wraps silently, and a wrapped size passes a check that the true one would not. So every size that a
//! caller may choose and that is not yet known to be that of something in memory is computed here. All that is read or
//! written past a slice's own checks rests on [`fits`].

use alloc::vec::Vec;

/// Memory of fewer bytes than this is taken to be there.
const LARGE: usize = 16 << 20;

/// The product of lengths.
///
/// # Panics
/// If it is larger than any size.
#[inline]
#[track_caller]
pub(crate) fn product<const N: usize>(factors: [usize; N]) -> usize {
    let product = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor));
    match product {
        Some(product) => product,
        // A product with a 0 is 0, however large the others are.
        None if factors.contains(&0) => 0,
        None => panic!("the product of the sizes {factors:?} is too large"),
    }
}

/// The sum of lengths.
///
/// # Panics
/// If it is larger than any size.
#[inline]
#[track_caller]
pub(crate) fn sum<const N: usize>(terms: [usize; N]) -> usize {
    let sum = terms.iter().try_fold(0_usize, |sum, &term| sum.checked_add(term));
    sum.unwrap_or_else(|| panic!("the sum of the sizes {terms:?} is too large"))
}

/// Whether `rows` rows of `columns` numbers, `stride` apart, end within `length` numbers. There must be a row.
#[inline(always)]
pub(super) fn fits(rows: usize, stride: usize, columns: usize, length: usize) -> bool {
    let end = (rows - 1).checked_mul(stride).and_then(|start| start.checked_add(columns));
    end.is_some_and(|end| end <= length)
}

/// Asks whether there is memory for so many values, which are to be allocated next: an allocation that fails ends the
/// program, a panic can be caught.
///
/// # Panics
/// If there is not.
#[inline]
#[track_caller]
pub(crate) fn claim<T>(length: usize) {
    let is_small = length.checked_mul(size_of::<T>()).is_some_and(|bytes| bytes < LARGE);
    let is_there = is_small || Vec::<T>::new().try_reserve_exact(length).is_ok();
    assert!(is_there, "no memory for {length} values of {} bytes", size_of::<T>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_they_are() {
        assert_eq!((product([]), product([3, 4, 5]), product([usize::MAX, 2, 0])), (1, 60, 0));
        assert_eq!((sum([]), sum([usize::MAX - 3, 1, 2])), (0, usize::MAX));
        assert!(fits(3, 5, 2, 12) && !fits(3, 5, 3, 12) && fits(1, usize::MAX, 2, 2) && fits(usize::MAX, 0, 2, 2));
        assert!(!fits(2, usize::MAX, 2, 2) && !fits(4, usize::MAX / 3 + 1, 0, 9) && !fits(1, 0, usize::MAX, 9));
        claim::<u64>(0);
        claim::<u64>(LARGE / 4);
        claim::<()>(usize::MAX);
    }

    #[test]
    #[should_panic(expected = "too large")]
    fn a_product_that_would_wrap_panics() {
        product([usize::MAX / 3 + 1, 3]);
    }

    #[test]
    #[should_panic(expected = "too large")]
    fn a_sum_that_would_wrap_panics() {
        sum([usize::MAX, 1]);
    }

    #[test]
    #[should_panic(expected = "no memory for")]
    fn memory_that_cannot_be_there_panics() {
        claim::<u64>(usize::MAX);
    }
}
