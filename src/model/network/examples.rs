//! What a network is shown: examples that stay, or that are drawn anew each time they are asked for.
//!
//! A recording may be shown a little earlier, a little faster, a little louder each time: then a network cannot learn
//! it by heart. So it asks for an example by its number and that of the draw; equal numbers give equal examples, on any
//! thread.

use crate::matrix::Matrix;
use crate::number::Real;

/// Where examples come from.
pub trait Examples<T>: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Writes example i, as the draw has it, in the order channel, row, column.
    ///
    /// # Panics
    /// If there is no such example, or `to` has another length than examples have.
    fn write(&self, i: usize, draw: u64, to: &mut [T]);
}

/// Examples that stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct InMemory<T> {
    /// One in each row, so that an example's numbers lie side by side.
    rows: Matrix<T>,
}

impl<T: Real> InMemory<T> {
    /// The columns of a matrix.
    pub fn from_columns(examples: &Matrix<T>) -> Self {
        // Square by square, so that neither side is read across the whole of memory.
        const SIDE: usize = 32;
        let mut rows = Matrix::zeros(examples.columns(), examples.rows());
        for left in (0..examples.columns()).step_by(SIDE) {
            for top in (0..examples.rows()).step_by(SIDE) {
                for j in left..examples.columns().min(left + SIDE) {
                    for i in top..examples.rows().min(top + SIDE) {
                        rows.row_mut(j)[i] = examples.row(i)[j];
                    }
                }
            }
        }
        InMemory { rows }
    }

    /// The rows of a matrix.
    pub fn from_rows(rows: Matrix<T>) -> Self {
        InMemory { rows }
    }
}

impl<T: Real> Examples<T> for InMemory<T> {
    fn count(&self) -> usize {
        self.rows.rows()
    }

    fn write(&self, i: usize, _: u64, to: &mut [T]) {
        to.copy_from_slice(self.rows.row(i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_examples() {
        let x = Matrix::from_function(40, 70, |i, j| (100 * i + j) as f64);
        let fixed = InMemory::from_columns(&x);
        let mut example = [0.0; 40];
        fixed.write(69, 3, &mut example);
        assert_eq!(
            (fixed.count(), &example[..], InMemory::from_rows(fixed.rows.clone())),
            (70, &x.column(69)[..], fixed)
        );
    }
}
