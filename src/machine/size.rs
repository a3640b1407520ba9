//! Sizes: sums and products of lengths that panic instead of wrapping, and a test for available memory.
//!
//! A release build wraps silently, and a wrapped size can pass a check that the true size would fail. So a size that a
//! caller chooses is computed here, unless something of that size is already in memory. All unchecked reads and writes
//! of slices rely on [`fits`].

use alloc::vec::Vec;

/// Fewer bytes than this are assumed to be available.
const LARGE: usize = 16 << 20;

/// The product of lengths.
///
/// # Panics
/// If it exceeds `usize::MAX`.
#[inline]
#[track_caller]
pub(crate) fn product<const N: usize>(factors: [usize; N]) -> usize {
    let product = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor));
    match product {
        Some(product) => product,
        // A product with a factor 0 is 0, even if the other factors overflow.
        None if factors.contains(&0) => 0,
        None => panic!("the product of the sizes {factors:?} is too large"),
    }
}

/// The sum of lengths.
///
/// # Panics
/// If it exceeds `usize::MAX`.
#[inline]
#[track_caller]
pub(crate) fn sum<const N: usize>(terms: [usize; N]) -> usize {
    let sum = terms.iter().try_fold(0_usize, |sum, &term| sum.checked_add(term));
    sum.unwrap_or_else(|| panic!("the sum of the sizes {terms:?} is too large"))
}

/// Whether `rows` rows of `columns` elements, `stride` apart, end within `length` elements. `rows` is at least 1.
#[inline(always)]
pub(super) fn fits(rows: usize, stride: usize, columns: usize, length: usize) -> bool {
    let end = (rows - 1).checked_mul(stride).and_then(|start| start.checked_add(columns));
    end.is_some_and(|end| end <= length)
}

/// Checks that memory for `length` values is available before the caller allocates it: a failed allocation aborts the
/// program, whereas a panic can be caught.
///
/// # Panics
/// If it is not available.
#[inline]
#[track_caller]
pub(crate) fn claim<T>(length: usize) {
    let is_small = length.checked_mul(size_of::<T>()).is_some_and(|bytes| bytes < LARGE);
    let is_available = is_small || Vec::<T>::new().try_reserve_exact(length).is_ok();
    assert!(is_available, "no memory for {length} values of {} bytes", size_of::<T>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_products_and_bounds_are_exact() {
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
