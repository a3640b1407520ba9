//! The dense matrix, stored row by row, and its views.
//!
//! Examples are columns (features x examples), as in the tutorial. A [`View`] is a shared borrow of elements in memory,
//! read as a matrix: a whole matrix, a part of one, its transpose, or a block of a parameter vector. None of these
//! copies an element. A [`ViewMut`] is the exclusive borrow.

use super::aligned::Aligned;
use crate::machine::{ViewMut, size};
use crate::number::Real;
use crate::number::decimal::Count;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Index, IndexMut};

/// `rows` x `columns` elements; element (i, j) has the index i·columns + j.
///
/// ```
/// use ossicle::matrix::Matrix;
///
/// let mut m = Matrix::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// m[[1, 2]] = 0.25;
/// assert_eq!((m.rows(), m.columns(), m.row(1), m.column(2)), (2, 3, &[4.0, 5.0, 0.25][..], vec![3.0, 0.25]));
/// assert_eq!(m.transpose()[[2, 1]], 0.25);
/// assert_eq!(m.row_iter().map(|row| row[0]).collect::<Vec<_>>(), [1.0, 4.0]);
/// assert_eq!(m.to_string(), "[[1.00 2.00 3.00]\n [4.00 5.00 0.25]]");
/// assert_eq!(m.into_vec(), [1.0, 2.0, 3.0, 4.0, 5.0, 0.25]);
///
/// // Rows whose lengths are known only when the program runs:
/// assert_eq!(Matrix::try_from(vec![vec![1.0, 2.0], vec![3.0, 4.0]]), Ok(Matrix::from([[1.0, 2.0], [3.0, 4.0]])));
/// assert!(Matrix::try_from(vec![vec![1.0, 2.0], vec![3.0]]).is_err());
/// ```
#[derive(Clone, PartialEq)]
pub struct Matrix<T> {
    rows: usize,
    columns: usize,
    elements: Aligned<T>,
}

impl<T: Real> Matrix<T> {
    /// A matrix of zeros.
    ///
    /// # Panics
    /// If there is no memory for rows·columns elements.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Matrix { rows, columns, elements: Aligned::zeros(size::product([rows, columns])) }
    }

    /// A matrix of 0 x 0 elements, which owns no memory.
    pub fn empty() -> Self {
        Matrix { rows: 0, columns: 0, elements: Aligned::default() }
    }

    /// The matrix whose elements, row by row, are those of a vector.
    ///
    /// # Panics
    /// If the vector does not have rows·columns elements.
    pub fn from_rows(rows: usize, columns: usize, elements: Vec<T>) -> Self {
        check_count(elements.len(), rows, columns);
        Matrix { rows, columns, elements: elements.into() }
    }

    /// The matrix whose element (i, j) is `at(i, j)`.
    ///
    /// # Panics
    /// If there is no memory for rows·columns elements.
    pub fn from_function(rows: usize, columns: usize, mut at: impl FnMut(usize, usize) -> T) -> Self {
        let mut matrix = Self::zeros(rows, columns);
        for (i, row) in matrix.elements_mut().chunks_exact_mut(columns.max(1)).enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x = at(i, j);
            }
        }
        matrix
    }

    /// A function of each element.
    ///
    /// # Panics
    /// If there is no memory for the result.
    pub fn map<U: Real>(&self, f: impl Fn(T) -> U) -> Matrix<U> {
        Matrix::from_function(self.rows, self.columns, |i, j| f(self.row(i)[j]))
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The rows, one after the other.
    pub fn row_iter(&self) -> impl ExactSizeIterator<Item = &[T]> + DoubleEndedIterator {
        (0..self.rows).map(|i| self.row(i))
    }

    /// The elements, row by row. They are moved within their memory, not to another.
    pub fn into_vec(self) -> Vec<T> {
        self.elements.into_vec()
    }

    /// All elements, row by row.
    pub fn elements(&self) -> &[T] {
        &self.elements
    }

    /// All elements, row by row, mutable.
    pub fn elements_mut(&mut self) -> &mut [T] {
        &mut self.elements
    }

    /// Row i.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, i: usize) -> &[T] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        &self.elements[i * self.columns..][..self.columns]
    }

    /// Row i, mutable.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row_mut(&mut self, i: usize) -> &mut [T] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        &mut self.elements[i * self.columns..][..self.columns]
    }

    /// Column j as a new vector.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn column(&self, j: usize) -> Vec<T> {
        assert!(j < self.columns, "column {j} of {}", self.columns);
        (0..self.rows).map(|i| self.row(i)[j]).collect()
    }

    /// The transpose Aᵀ as a new matrix; [`View::transposed`] copies nothing.
    ///
    /// # Panics
    /// If there is no memory for it.
    pub fn transpose(&self) -> Self {
        // Square by square: reading or writing whole columns would touch a new cache line for each element.
        const SIDE: usize = 32;
        let mut transpose = Self::zeros(self.columns, self.rows);
        if self.elements.is_empty() {
            return transpose;
        }
        for left in (0..self.columns).step_by(SIDE) {
            for top in (0..self.rows).step_by(SIDE) {
                for j in left..self.columns.min(left + SIDE) {
                    for i in top..self.rows.min(top + SIDE) {
                        transpose.row_mut(j)[i] = self.row(i)[j];
                    }
                }
            }
        }
        transpose
    }

    /// A new matrix of the chosen columns, in that order.
    ///
    /// # Panics
    /// If there is no such column, or no memory.
    pub fn select_columns(&self, chosen: &[usize]) -> Self {
        let mut selected = Self::zeros(self.rows, chosen.len());
        selected.gather_columns(self, chosen);
        selected
    }

    /// Changes the shape and keeps the memory, which grows if necessary. The elements are then arbitrary.
    ///
    /// # Panics
    /// If there is no memory for rows·columns elements.
    pub fn reshape(&mut self, rows: usize, columns: usize) {
        self.elements.resize(size::product([rows, columns]));
        (self.rows, self.columns) = (rows, columns);
    }

    /// Becomes the chosen columns of another matrix, in that order.
    ///
    /// # Panics
    /// If there is no such column, or no memory.
    pub fn gather_columns(&mut self, from: &Self, chosen: &[usize]) {
        if let Some(j) = chosen.iter().find(|&&j| j >= from.columns) {
            panic!("column {j} of {}", from.columns);
        }
        self.reshape(from.rows, chosen.len());
        if chosen.is_empty() {
            return;
        }
        for i in 0..from.rows {
            let row = from.row(i);
            for (x, &j) in self.row_mut(i).iter_mut().zip(chosen) {
                *x = row[j];
            }
        }
    }

    /// A view of the whole matrix.
    pub fn view(&self) -> View<'_, T> {
        View::new(&self.elements, self.rows, self.columns)
    }

    /// A mutable view of the whole matrix.
    pub fn view_mut(&mut self) -> ViewMut<'_, T> {
        ViewMut::new(&mut self.elements, self.rows, self.columns, self.columns)
    }
}

impl<T> Matrix<T> {
    /// [rows, columns].
    pub(super) fn shape(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// The index of element (i, j) in the row-major order.
    #[inline]
    #[track_caller]
    fn position(&self, [i, j]: [usize; 2]) -> usize {
        assert!(i < self.rows && j < self.columns, "element ({i}, {j}) of {} x {}", self.rows, self.columns);
        i * self.columns + j
    }
}

/// Element (i, j) is `m[[i, j]]`; an element that does not exist panics.
impl<T> Index<[usize; 2]> for Matrix<T> {
    type Output = T;

    #[inline]
    #[track_caller]
    fn index(&self, at: [usize; 2]) -> &T {
        &self.elements[self.position(at)]
    }
}

impl<T> IndexMut<[usize; 2]> for Matrix<T> {
    #[inline]
    #[track_caller]
    fn index_mut(&mut self, at: [usize; 2]) -> &mut T {
        let position = self.position(at);
        &mut self.elements[position]
    }
}

/// An array of rows.
impl<T: Real, const ROWS: usize, const COLUMNS: usize> From<[[T; COLUMNS]; ROWS]> for Matrix<T> {
    fn from(rows: [[T; COLUMNS]; ROWS]) -> Self {
        Matrix::from_rows(ROWS, COLUMNS, rows.concat())
    }
}

/// A vector of rows. Without a row, the matrix is [empty](Matrix::empty).
impl<T: Real> TryFrom<Vec<Vec<T>>> for Matrix<T> {
    type Error = UnequalRows;

    fn try_from(rows: Vec<Vec<T>>) -> Result<Self, UnequalRows> {
        let expected = rows.first().map_or(0, Vec::len);
        if let Some(row) = rows.iter().position(|row| row.len() != expected) {
            return Err(UnequalRows { row, expected, found: rows[row].len() });
        }
        Ok(Matrix::from_rows(rows.len(), expected, rows.concat()))
    }
}

/// Rows of different lengths are no matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnequalRows {
    /// The first row, counted from 0, whose length differs from that of row 0.
    pub row: usize,
    /// The length of row 0.
    pub expected: usize,
    /// The length of that row.
    pub found: usize,
}

impl fmt::Display for UnequalRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnequalRows { row, expected, found } = self;
        write!(f, "row {row} has {}; expected {expected}, as in row 0", Count(*found, "element"))
    }
}

impl core::error::Error for UnequalRows {}

/// # Panics
/// If a matrix of that shape has another number of elements.
#[track_caller]
fn check_count(found: usize, rows: usize, columns: usize) {
    assert!(rows.checked_mul(columns) == Some(found), "{found} elements for {rows} x {columns}");
}

/// A shared view of a matrix: element (i, j) has the index i·row_step + j·column_step in a slice.
#[derive(Clone, Copy)]
pub struct View<'a, T> {
    elements: &'a [T],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<T> View<'_, T> {
    /// [rows, columns].
    pub(super) fn shape(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// Element (i, j), which exists.
    pub(super) fn get(&self, i: usize, j: usize) -> &T {
        &self.elements[i * self.row_step + j * self.column_step]
    }
}

impl<'a, T: Copy> View<'a, T> {
    /// A slice as a row-major matrix.
    ///
    /// # Panics
    /// If the slice does not have rows·columns elements.
    pub fn new(elements: &'a [T], rows: usize, columns: usize) -> Self {
        check_count(elements.len(), rows, columns);
        View { elements, rows, columns, row_step: columns, column_step: 1 }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Element (i, j).
    ///
    /// # Panics
    /// If there is no such element.
    #[inline]
    pub fn at(&self, i: usize, j: usize) -> T {
        assert!(i < self.rows && j < self.columns, "element ({i}, {j}) of {} x {}", self.rows, self.columns);
        self.elements[i * self.row_step + j * self.column_step]
    }

    /// The transpose Aᵀ: the same elements, with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        View { rows: self.columns, columns: self.rows, row_step: self.column_step, column_step: self.row_step, ..self }
    }

    /// Rows `from` to `from + count`.
    ///
    /// # Panics
    /// If there are no such rows.
    pub fn part_rows(self, from: usize, count: usize) -> Self {
        assert!(from <= self.rows && count <= self.rows - from, "{count} rows from {from} on of {}", self.rows);
        let start = from.saturating_mul(self.row_step).min(self.elements.len());
        View { elements: &self.elements[start..], rows: count, ..self }
    }

    /// Columns `from` to `from + count`.
    ///
    /// # Panics
    /// If there are no such columns.
    pub fn part_columns(self, from: usize, count: usize) -> Self {
        self.transposed().part_rows(from, count).transposed()
    }

    /// The slice from element (i, j) on and the distance between rows, if each row is contiguous.
    #[inline(always)]
    pub(crate) fn rows_from(&self, i: usize, j: usize) -> Option<(&'a [T], usize)> {
        let start = (i * self.row_step + j).min(self.elements.len());
        (self.column_step == 1).then(|| (&self.elements[start..], self.row_step))
    }

    /// The slice from element (i, j) on and the distance between columns, if each column is contiguous.
    #[inline(always)]
    pub(super) fn columns_from(&self, i: usize, j: usize) -> Option<(&'a [T], usize)> {
        (self.row_step == 1).then(|| (&self.elements[i + j * self.column_step..], self.column_step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_parts_and_transposes() {
        let m = Matrix::from_function(3, 4, |i, j| (10 * i + j) as f64);
        let part = m.view().part_rows(1, 2).part_columns(1, 3).transposed();
        assert_eq!((part.rows(), part.columns()), (3, 2));
        assert_eq!((part.at(0, 0), part.at(2, 1)), (11.0, 23.0));
        assert_eq!(m.column(2), [2.0, 12.0, 22.0]);
        assert_eq!(m.select_columns(&[3, 0]).elements(), [3.0, 0.0, 13.0, 10.0, 23.0, 20.0]);
        assert_eq!(m.view().part_rows(3, 0).part_columns(4, 0).rows(), 0);
    }

    #[test]
    fn elements_have_indices() {
        let mut m = Matrix::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        m[[1, 0]] += 10.0;
        assert_eq!((m[[0, 2]], m[[1, 0]]), (3.0, 14.0));
        assert_eq!(m.row_iter().rev().map(<[f64]>::to_vec).collect::<Vec<_>>(), [[14.0, 5.0, 6.0], [1.0, 2.0, 3.0]]);
    }

    #[test]
    #[should_panic(expected = "element (0, 3) of 2 x 3")]
    fn an_index_beyond_the_row_is_not_one_of_the_next_row() {
        let _ = Matrix::<f64>::zeros(2, 3)[[0, 3]];
    }

    #[test]
    fn nested_rows_must_have_one_length() {
        let error = Matrix::try_from(alloc::vec![alloc::vec![1.0; 3], alloc::vec![1.0; 3], alloc::vec![1.0]]);
        assert_eq!(error, Err(UnequalRows { row: 2, expected: 3, found: 1 }));
        let text = alloc::string::ToString::to_string(&error.unwrap_err());
        assert_eq!(text, "row 2 has 1 element; expected 3, as in row 0");
        assert_eq!(Matrix::<f64>::try_from(Vec::new()), Ok(Matrix::empty()));
        assert_eq!(Matrix::from([[0.0; 0]; 2]), Matrix::zeros(2, 0));
    }

    #[test]
    fn the_transpose_is_that_of_the_view_at_every_shape() {
        for (rows, columns) in [(1, 1), (1, 70), (31, 33), (32, 64), (65, 40), (0, 5), (5, 0), (usize::MAX, 0)] {
            let m = Matrix::from_function(rows, columns, |i, j| (100 * i + j) as f64);
            let (transpose, view) = (m.transpose(), m.view().transposed());
            assert_eq!((transpose.rows(), transpose.columns()), (columns, rows));
            let is_same = |k: usize| transpose.elements()[k] == view.at(k / rows, k % rows);
            assert!((0..m.elements().len()).all(is_same), "{rows} x {columns}");
        }
    }

    #[test]
    fn elements_come_out_as_they_went_in() {
        // Memory of our own starts at a cache line, that of a vector where the vector starts.
        let elements: Vec<f64> = (0..12).map(f64::from).collect();
        let mut own = Matrix::zeros(3, 4);
        own.elements_mut().copy_from_slice(&elements);
        own.reshape(2, 4);
        assert_eq!(own.clone().into_vec(), elements[..8]);
        assert_eq!(own.into_vec(), elements[..8]);
        let address = elements.as_ptr();
        let back = Matrix::from_rows(3, 4, elements).into_vec();
        assert_eq!((back.as_ptr(), back[11]), (address, 11.0));
        assert!(Matrix::<f32>::empty().into_vec().is_empty());
    }

    /// The inverse of 7 modulo 2^(bits of a size).
    const SEVENTH: usize = if usize::BITS == 64 { 0x6db6_db6d_b6db_6db7_u64 as usize } else { 0xb6db_6db7 };

    #[test]
    #[should_panic(expected = "7 elements for 49 x")]
    fn a_view_whose_size_wraps_panics() {
        assert_eq!(SEVENTH.wrapping_mul(49), 7);
        View::new(&[1.0; 7], 49, SEVENTH);
    }

    #[test]
    #[should_panic(expected = "1 elements for")]
    fn rows_whose_count_wraps_panic() {
        Matrix::from_rows(SEVENTH, 7, [1.0].to_vec());
    }

    #[test]
    #[should_panic(expected = "is too large")]
    fn zeros_whose_count_wraps_panic() {
        Matrix::<f64>::zeros(SEVENTH, 7);
    }

    #[test]
    #[should_panic(expected = "rows from 1 on of 3")]
    fn parts_whose_end_wraps_panic() {
        Matrix::<f64>::zeros(3, 4).view().part_rows(1, usize::MAX);
    }

    #[test]
    fn a_matrix_with_an_empty_side_may_have_any_other_side() {
        for (rows, columns) in [(usize::MAX, 0), (0, usize::MAX)] {
            let mut m = Matrix::from_function(rows, columns, |_, _| 1.0);
            assert_eq!((m.rows(), m.columns(), m.elements().len()), (rows, columns, 0));
            assert_eq!(m.view().transposed().part_rows(columns / 2, columns / 3).columns(), rows);
            assert_eq!(m.view_mut().part([rows / 2, columns / 2], [rows / 3, 0]).rows(), rows / 3);
            assert_eq!(m.select_columns(&[]).rows(), rows);
        }
    }
}
