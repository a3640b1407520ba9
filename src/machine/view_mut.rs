//! The mutable view of a matrix, which splits into disjoint views that several workers can write at once.
//!
//! The left and the right half of a matrix are interleaved in memory, row by row, so `split_at_mut` cannot separate
//! them. This type can, because a part of a row is borrowed only through the view that it belongs to.

use super::size::fits;
use core::marker::PhantomData;

/// Exclusive access to `rows` x `columns` elements. Row i starts `stride`·i elements after the first element.
#[derive(Debug)]
pub struct ViewMut<'a, T> {
    first: *mut T,
    rows: usize,
    columns: usize,
    stride: usize,
    elements: PhantomData<&'a mut [T]>,
}

// SAFETY: a view is an exclusive borrow of its elements, like `&mut [T]`.
unsafe impl<T: Send> Send for ViewMut<'_, T> {}

impl<'a, T> ViewMut<'a, T> {
    /// The view of `rows` x `columns` elements at the start of a slice.
    ///
    /// # Panics
    /// If a row is longer than the stride, or the slice is too short.
    pub fn new(elements: &'a mut [T], rows: usize, columns: usize, stride: usize) -> Self {
        assert!(columns <= stride || rows <= 1, "rows of {columns} do not fit a stride of {stride}");
        assert!(
            rows == 0 || fits(rows, stride, columns, elements.len()),
            "{rows} x {columns} with stride {stride} does not fit {} elements",
            elements.len()
        );
        ViewMut { first: elements.as_mut_ptr(), rows, columns, stride, elements: PhantomData }
    }

    /// The number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Row i.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row(&mut self, i: usize) -> &mut [T] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        // SAFETY: `new` and the splits ensure that this row's elements lie in the slice and belong to no other view.
        // The borrow of `self` keeps the row exclusive.
        unsafe { core::slice::from_raw_parts_mut(self.first.add(i * self.stride), self.columns) }
    }

    /// The address of the first element, and the stride.
    #[inline(always)]
    pub(super) fn into_parts(self) -> (*mut T, usize) {
        (self.first, self.stride)
    }

    /// The same view with a shorter lifetime.
    #[inline(always)]
    pub fn reborrow(&mut self) -> ViewMut<'_, T> {
        ViewMut { elements: PhantomData, ..*self }
    }

    /// The part of `rows` x `columns` elements from row i and column j on, with a shorter lifetime.
    ///
    /// # Panics
    /// If it reaches beyond the view.
    #[inline(always)]
    pub fn part(&mut self, [i, j]: [usize; 2], [rows, columns]: [usize; 2]) -> ViewMut<'_, T> {
        let (_, below) = self.reborrow().split_rows(i);
        let (_, right) = below.split_columns(j);
        right.split_rows(rows).0.split_columns(columns).0
    }

    /// Splits into the first `at` rows and the others.
    ///
    /// # Panics
    /// If there are fewer rows.
    #[inline(always)]
    pub fn split_rows(self, at: usize) -> (ViewMut<'a, T>, ViewMut<'a, T>) {
        assert!(at <= self.rows, "{at} of {} rows", self.rows);
        // If no rows are below, their address is not computed: it could lie beyond the slice. SAFETY: if rows are
        // below, their first element lies in the slice.
        let below = if at == self.rows { self.first } else { unsafe { self.first.add(at * self.stride) } };
        (ViewMut { rows: at, ..self }, ViewMut { first: below, rows: self.rows - at, ..self })
    }

    /// Splits into the first `at` columns and the others.
    ///
    /// # Panics
    /// If there are fewer columns.
    #[inline(always)]
    pub fn split_columns(self, at: usize) -> (ViewMut<'a, T>, ViewMut<'a, T>) {
        assert!(at <= self.columns, "{at} of {} columns", self.columns);
        // SAFETY: if there is a row, `at` elements after its start is in the slice or at its end.
        let right = if self.rows == 0 { self.first } else { unsafe { self.first.add(at) } };
        (ViewMut { columns: at, ..self }, ViewMut { first: right, columns: self.columns - at, ..self })
    }

    /// Pieces of `size` columns from left to right; the last one may have fewer.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn column_chunks(self, size: usize) -> impl Iterator<Item = ViewMut<'a, T>> {
        assert!(size > 0, "pieces of no columns");
        let mut rest = Some(self);
        core::iter::from_fn(move || {
            let whole = rest.take().filter(|whole| whole.columns > 0)?;
            let columns = size.min(whole.columns);
            let (piece, right) = whole.split_columns(columns);
            rest = Some(right);
            Some(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ViewMut;
    use alloc::vec;

    #[test]
    fn parts_are_disjoint_and_cover_the_whole() {
        let mut elements = vec![0; 4 * 7];
        let whole = ViewMut::new(&mut elements, 4, 6, 7);
        let (top, bottom) = whole.split_rows(1);
        let (left, right) = bottom.split_columns(2);
        for (mark, mut part) in [top, left, right].into_iter().enumerate() {
            for i in 0..part.rows() {
                part.row(i).iter_mut().for_each(|x| *x += mark + 1);
            }
        }
        let rows: vec::Vec<_> = elements.chunks(7).collect();
        assert_eq!(rows, [[1, 1, 1, 1, 1, 1, 0], [2, 2, 3, 3, 3, 3, 0], [2, 2, 3, 3, 3, 3, 0], [2, 2, 3, 3, 3, 3, 0]]);
        for (mark, mut piece) in ViewMut::new(&mut elements, 4, 6, 7).column_chunks(4).enumerate() {
            (0..4).for_each(|i| piece.row(i).fill(mark));
        }
        assert!(elements.chunks(7).all(|row| row == [0, 0, 0, 0, 1, 1, 0]), "{elements:?}");
    }

    #[test]
    fn empty_parts_are_allowed() {
        let mut elements = [1, 2];
        let (none, all) = ViewMut::new(&mut elements, 1, 2, 2).split_rows(0);
        let (left, mut right) = all.split_columns(2);
        assert_eq!((none.rows(), left.columns(), right.row(0).len()), (0, 2, 0));
        assert_eq!(ViewMut::<u8>::new(&mut [], 0, 5, 5).split_columns(3).1.columns(), 2);
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn a_slice_too_short_panics() {
        ViewMut::new(&mut [0; 10], 3, 4, 4);
    }
}
