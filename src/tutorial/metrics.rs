//! Confusion matrices, accuracy, and its confidence interval.

use std::vec;
use std::vec::Vec;

/// A confusion matrix: the number of examples of each class that were classified as each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// Row: the label; column: the predicted class.
    counts: Vec<usize>,
}

impl Confusion {
    /// The matrix of no examples.
    pub fn new(classes: usize) -> Self {
        Confusion { classes, counts: vec![0; classes * classes] }
    }

    /// Counts an example.
    ///
    /// # Panics
    /// If a class is out of range.
    pub fn count(&mut self, label: usize, predicted: usize) {
        assert!(label < self.classes && predicted < self.classes, "class {label} or {predicted} of {}", self.classes);
        self.counts[label * self.classes + predicted] += 1;
    }

    /// Adds the counts of another matrix.
    ///
    /// # Panics
    /// If the numbers of classes differ.
    pub fn add(&mut self, other: &Confusion) {
        assert_eq!(self.classes, other.classes, "classes");
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// The counts, row by row.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The number of examples.
    pub fn total(&self) -> usize {
        self.counts.iter().sum::<usize>()
    }

    /// The number of examples classified correctly.
    pub fn correct(&self) -> usize {
        (0..self.classes).map(|k| self.counts[k * (self.classes + 1)]).sum::<usize>()
    }

    /// The accuracy; NaN if there are no examples.
    pub fn accuracy(&self) -> f64 {
        self.correct() as f64 / self.total() as f64
    }
}

/// Wilson's 95% score interval for an accuracy `p` measured on `n` examples.
///
/// ```text
/// (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n),  z = 1.96
/// ```
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
pub fn wilson_interval(p: f64, n: usize) -> [f64; 2] {
    let (n, z) = (n as f64, 1.959963984540054);
    let middle = p + z * z / (2.0 * n);
    let half = z * crate::machine::Element::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    [-half, half].map(|half| (middle + half) / (1.0 + z * z / n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correct_predictions_are_on_the_diagonal() {
        let mut confusion = Confusion::new(3);
        for (truth, answer) in [(0, 0), (1, 1), (1, 2), (2, 2)] {
            confusion.count(truth, answer);
        }
        let other = confusion.clone();
        confusion.add(&other);
        assert_eq!((confusion.correct(), confusion.total(), confusion.accuracy()), (6, 8, 0.75));
        assert_eq!(confusion.counts(), [2, 0, 0, 0, 2, 2, 0, 0, 2]);
    }

    #[test]
    fn wilsons_interval_for_published_cases() {
        // 81 of 263: 0.255 to 0.366 (R. G. Newcombe 1998, method 3).
        let [low, high] = wilson_interval(81.0 / 263.0, 263);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);
        let [low, high] = wilson_interval(1.0, 29);
        assert!((low - 0.8830).abs() < 5e-5 && (high - 1.0).abs() < 1e-12);
    }
}
