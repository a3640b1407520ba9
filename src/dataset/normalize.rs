//! The tutorial's normalization: examples brought between 0.1 and 0.9, where a sigmoid decoder can reproduce them.
//!
//! Why: a sigmoid unit gives values between 0 and 1, and reaches 0 and 1 only in the limit. Inputs that it is to
//! reproduce must lie inside that range.
//!
//! Why three steps: the mean of an example is mostly its level, which does not matter for its class (NO.1). A few
//! extreme elements would squeeze all others into a small part of the range. In a normal distribution, 0.3% of the
//! elements lie beyond 3σ; these are clipped (NO.2), and the others have the range to themselves (NO.3).
//!
//! Why the standard scaler: weight decay punishes all weights alike. A feature that varies little needs a large weight
//! to count, which the decay forbids. With a deviation of 1 each, features differ only in their relation to the class.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, x̄ | an example, and the mean of its elements |
//! | σ² | the mean square of all elements of the examples measured, each example's mean removed first |
//! | μ_i, s_i | mean and standard deviation of row i over the examples |
//!
//! ```text
//! (NO.1)  x ← x - x̄
//! (NO.2)  x ← max(-3σ, min(3σ, x))                     what lies beyond 3σ is clipped
//! (NO.3)  x ← 0.4·(x/3σ + 1) + 0.1                     [-3σ, 3σ] becomes [0.1, 0.9]
//! (NO.4)  x_i ← (x_i - μ_i)/s_i                        the standard scaler: mean 0, deviation 1
//! ```
//!
//! By hand, σ = 1: an element of 3 or more becomes 0.4·2 + 0.1 = 0.9, one of 0 becomes 0.5, one of -1.5 becomes 0.3.
//!
//! σ, μ_i and s_i are measured on the training examples and used for all: test examples must not influence what is
//! learned. Source: UFLDL's sampleIMAGES.m, after which the tutorial's sampleSpectrums is modeled (source A, 8.1).

use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use alloc::vec;

/// The normalization (NO.1) to (NO.3), with the measured σ. The name is UFLDL's: "Squash data to \[0.1, 0.9\]"
/// (`normalizeData` in sampleIMAGES.m).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Squash<T> {
    /// σ of the examples measured, their means removed.
    pub deviation: T,
}

impl<T: Real> Squash<T> {
    /// Measures σ on examples (columns).
    pub fn measure(examples: &Matrix<T>) -> Self {
        let mut centered = examples.clone();
        remove_means(&mut centered);
        let count = T::from_usize(centered.elements().len().max(1));
        Squash { deviation: (sum_of_squares(centered.elements()) / count).sqrt() }
    }

    /// Normalizes examples in place. If all examples measured were constant (σ = 0), every element becomes 0.5.
    pub fn apply(&self, examples: &mut Matrix<T>) {
        remove_means(examples);
        let limit = T::from_f64(3.0) * self.deviation;
        let [tenth, two_fifths] = [0.1, 0.4].map(T::from_f64);
        for x in examples.elements_mut() {
            let clipped = match *x {
                x if x > limit => limit,
                x if x < -limit => -limit,
                x => x, // (NO.2)
            };
            let scaled = if limit == T::ZERO { T::ZERO } else { clipped / limit };
            *x = two_fifths * (scaled + T::ONE) + tenth; // (NO.3)
        }
    }
}

/// Subtracts each column's mean from it.
fn remove_means<T: Real>(m: &mut Matrix<T>) {
    let rows = T::from_usize(m.rows().max(1));
    let mut means = vec![T::ZERO; m.columns()];
    for i in 0..m.rows() {
        means.iter_mut().zip(m.row(i)).for_each(|(mean, &x)| *mean += x);
    }
    means.iter_mut().for_each(|mean| *mean /= rows);
    for i in 0..m.rows() {
        m.row_mut(i).iter_mut().zip(&means).for_each(|(x, &mean)| *x -= mean); // (NO.1)
    }
}

/// The mean of a row. If all elements are equal, it is exactly that value, so that the deviation is exactly 0.
pub(super) fn mean<T: Real>(row: &[T]) -> T {
    match row {
        [first, others @ ..] if others.iter().all(|x| x == first) => *first,
        _ => sum(row) / T::from_usize(row.len()),
    }
}

/// (NO.4): the mean and the standard deviation of each row, which bring features to one scale.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardScaler<T> {
    /// The mean of each row.
    pub means: alloc::vec::Vec<T>,
    /// The standard deviation of each row, or 1 where a row does not vary.
    pub deviations: alloc::vec::Vec<T>,
}

impl<T: Real> StandardScaler<T> {
    /// Measures each row of the examples.
    pub fn measure(examples: &Matrix<T>) -> Self {
        let count = T::from_usize(examples.columns().max(1));
        let (mut means, mut deviations) = (vec![], vec![]);
        let mut centered = vec![T::ZERO; examples.columns()];
        for i in 0..examples.rows() {
            let mean = mean(examples.row(i));
            centered.iter_mut().zip(examples.row(i)).for_each(|(c, &x)| *c = x - mean);
            let deviation = (sum_of_squares(&centered) / count).sqrt();
            means.push(mean);
            deviations.push(if deviation > T::ZERO { deviation } else { T::ONE });
        }
        StandardScaler { means, deviations }
    }

    /// Scales each row by its measured mean and deviation.
    ///
    /// # Panics
    /// If the number of rows is not that of the examples measured.
    pub fn apply(&self, examples: &mut Matrix<T>) {
        assert_eq!(examples.rows(), self.means.len(), "rows to scale");
        for i in 0..examples.rows() {
            let (mean, deviation) = (self.means[i], self.deviations[i]);
            examples.row_mut(i).iter_mut().for_each(|x| *x = (*x - mean) / deviation); // (NO.4)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_deviations_become_a_tenth_and_nine_tenths() {
        // Columns with mean 5 and differences ±1, one of them ±100.
        let mut rows = vec![6.0; 200];
        rows.extend(vec![4.0; 200]);
        (rows[0], rows[200]) = (105.0, -95.0);
        let mut x = Matrix::from_rows(2, 200, rows);
        let squash = Squash::measure(&x);
        let sigma: f64 = ((2.0 * 10_000.0 + 398.0f64) / 400.0).sqrt();
        assert!((squash.deviation - sigma).abs() < 1e-12);
        squash.apply(&mut x);
        assert_eq!(x.column(0), [0.9, 0.1]);
        assert!((x.column(1)[0] - (0.5 + 0.4 / (3.0 * sigma))).abs() < 1e-15);
    }

    #[test]
    fn constant_examples_become_a_half() {
        let mut x = Matrix::from_rows(2, 2, vec![3.0f32, 1.0, 3.0, 1.0]);
        let squash = Squash::measure(&x);
        squash.apply(&mut x);
        assert_eq!(x.elements(), [0.5; 4]);
    }

    #[test]
    fn nan_is_not_hidden() {
        let mut x = Matrix::from_rows(2, 2, vec![3.0, f64::NAN, 1.0, 2.0]);
        Squash { deviation: 1.0 }.apply(&mut x);
        assert!(x.column(1)[0].is_nan() && x.column(0)[0] == 0.5 + 0.4 / 3.0);
    }

    #[test]
    fn standard_rows_have_mean_0_and_deviation_1() {
        let mut x = Matrix::from_rows(2, 4, vec![1.0, 3.0, 1.0, 3.0, 0.7, 0.7, 0.7, 0.7]);
        StandardScaler::measure(&x).apply(&mut x);
        assert_eq!(x.elements(), [-1.0, 1.0, -1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
