//! A matrix that is not stored: the offset of a row plus the offset of a column is the index of an element in a slice.
//!
//! The matrix of a convolution's patches is such a matrix (`model::convolution::filters` says why). Its elements repeat
//! those of the input many times, so a product reads them where they are.

/// K x M elements of a slice: element (k, n) has the index `rows[k] + columns[n]`.
#[derive(Clone, Copy, Debug)]
pub struct Indirect<'a, T> {
    elements: &'a [T],
    rows: &'a [usize],
    columns: &'a [usize],
}

impl<'a, T> Indirect<'a, T> {
    /// The matrix of these elements and offsets.
    ///
    /// # Panics
    /// If the sum of a row's and a column's offset is not the index of an element.
    pub fn new(elements: &'a [T], rows: &'a [usize], columns: &'a [usize]) -> Self {
        if !rows.is_empty() && !columns.is_empty() {
            let (row, column) = (largest(rows), largest(columns));
            let fits = row.checked_add(column).is_some_and(|last| last < elements.len());
            assert!(fits, "offsets {row} and {column} in {} elements", elements.len());
        }
        Indirect { elements, rows, columns }
    }

    /// The offsets of the rows.
    #[inline(always)]
    pub fn rows(&self) -> &'a [usize] {
        self.rows
    }

    /// The offsets of the columns.
    #[inline(always)]
    pub fn columns(&self) -> &'a [usize] {
        self.columns
    }

    /// The elements.
    #[inline(always)]
    pub fn elements(&self) -> &'a [T] {
        self.elements
    }

    /// The matrix of some of the rows, and of some of the columns.
    ///
    /// # Panics
    /// If there are no such rows or columns.
    #[inline(always)]
    pub fn part(&self, rows: core::ops::Range<usize>, columns: core::ops::Range<usize>) -> Self {
        Indirect { elements: self.elements, rows: &self.rows[rows], columns: &self.columns[columns] }
    }
}

fn largest(offsets: &[usize]) -> usize {
    let mut largest = 0;
    for &offset in offsets {
        largest = if offset > largest { offset } else { largest };
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::Indirect;

    #[test]
    fn parts_are_parts() {
        let p = Indirect::new(&[1, 2, 3, 4, 5, 6], &[0, 1, 3], &[2, 0]);
        let part = p.part(1..3, 0..1);
        assert_eq!((part.rows(), part.columns()), (&[1, 3][..], &[2][..]));
        Indirect::<u8>::new(&[], &[], &[7]);
    }

    #[test]
    #[should_panic(expected = "offsets 4 and 2 in 6 elements")]
    fn an_offset_beyond_the_end_panics() {
        Indirect::new(&[0; 6], &[0, 4], &[2, 0]);
    }

    #[test]
    #[should_panic(expected = "offsets")]
    fn offsets_whose_sum_wraps_panic() {
        Indirect::new(&[0; 6], &[usize::MAX], &[2]);
    }
}
