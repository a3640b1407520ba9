//! Labeled examples: the columns of a matrix, each with its class.

use crate::matrix::Matrix;
use crate::number::Real;
use std::vec::Vec;

/// Examples with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct LabeledExamples<T> {
    /// Features x examples.
    pub matrix: Matrix<T>,
    /// The class of each example, counted from 0.
    pub labels: Vec<usize>,
}

impl<T: Real> LabeledExamples<T> {
    /// The number of examples.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The examples with these indices.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn select(&self, chosen: &[usize]) -> Self {
        let labels = chosen.iter().map(|&j| self.labels[j]).collect();
        LabeledExamples { matrix: self.matrix.select_columns(chosen), labels }
    }

    /// The first examples, at most `most`.
    pub fn first(&self, most: usize) -> Self {
        self.select(&(0..self.count().min(most)).collect::<Vec<_>>())
    }

    /// Splits by index: the examples that are not held out, and those that are.
    pub fn split(&self, is_held_out: impl Fn(usize) -> bool) -> [Self; 2] {
        let (held_out, rest): (Vec<_>, Vec<_>) = (0..self.count()).partition(|&j| is_held_out(j));
        [self.select(&rest), self.select(&held_out)]
    }

    /// The same labels with other features.
    pub fn map(&self, features: impl FnOnce(&Matrix<T>) -> Matrix<T>) -> Self {
        LabeledExamples { matrix: features(&self.matrix), labels: self.labels.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_has_each_example_once_and_in_order() {
        let examples = LabeledExamples {
            matrix: Matrix::from_function(2, 5, |i, j| (10 * i + j) as f64),
            labels: (0..5).collect(),
        };
        let [train, test] = examples.split(|j| j % 2 == 1);
        assert_eq!(
            (train.labels, test.labels, test.matrix.row(1)),
            ([0, 2, 4].into(), [1, 3].into(), &[11.0, 13.0][..])
        );
        assert_eq!((examples.first(3).count(), examples.first(9)), (3, examples));
    }
}
