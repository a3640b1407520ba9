//! Examples: the input of a network, in memory or augmented anew for each draw.
//!
//! Why: a recording may be presented a little earlier, faster or louder each time, so that a network cannot memorize
//! it. A network therefore requests an example by its index and by the number of the draw. Equal numbers give equal
//! examples, on any thread.

use crate::matrix::Matrix;
use crate::number::Real;

/// A source of examples.
pub trait Examples<T>: Sync {
    /// The number of examples.
    fn count(&self) -> usize;

    /// Writes example i of a draw, in the order channel, row, column.
    ///
    /// # Panics
    /// If there is no such example, or `to` has another length than an example.
    fn write(&self, i: usize, draw: u64, to: &mut [T]);
}

/// Examples in memory, the same in every draw.
#[derive(Clone, Debug, PartialEq)]
pub struct InMemory<T> {
    /// One in each row, so that an example is contiguous.
    rows: Matrix<T>,
}

impl<T: Real> InMemory<T> {
    /// The columns of a matrix as examples. They are copied, so that each is contiguous.
    pub fn from_columns(examples: &Matrix<T>) -> Self {
        InMemory { rows: examples.transpose() }
    }

    /// The rows of a matrix as examples. The matrix is taken as it is; `matrix.clone()` keeps another.
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
        let examples = InMemory::from_columns(&x);
        let mut example = [0.0; 40];
        examples.write(69, 3, &mut example);
        assert_eq!(
            (examples.count(), &example[..], InMemory::from_rows(examples.rows.clone())),
            (70, &x.column(69)[..], examples)
        );
    }
}
