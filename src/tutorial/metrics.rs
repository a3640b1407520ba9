//! Confusion matrices, accuracy, and its confidence interval.
//!
//! **Why.** One number, the accuracy, says how often a model is right. It does not say which classes it confuses, nor
//! how much of the number is chance: other test recordings would have given a different number. The confusion matrix
//! answers the first question, the confidence interval the second.
//!
//! **Confusion matrix.** Row k counts the examples of class k, column l those that the model classifies as l. Correct
//! classifications stand on the diagonal, so the accuracy is the sum of the diagonal, divided by the sum of all. If 95
//! of 100 examples are of one class, always predicting that class gives an accuracy of 95%; the row of the rare class
//! shows that none of its examples was found.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | n, c, p | the number of test examples, the number classified correctly, and the accuracy c/n |
//! | q | the probability that the model classifies a new example correctly: what we want, and do not know |
//! | z | 1.96: a normal variable is within z standard deviations of its mean with probability 95% |
//!
//! **Idea of the interval.** Examples are drawn independently, and each is classified correctly with probability q. So
//! the correctness of an example is a variable that is 1 with probability q and 0 otherwise. Its mean is q, and its
//! variance q·(1 - q)² + (1 - q)·q² = q·(1 - q). The mean p of n such variables has the mean q and the variance q·(1 -
//! q)/n, and it is almost normal. So with probability 95%,
//!
//! ```text
//! |p - q| <= z·√(q·(1 - q)/n)
//! ```
//!
//! Wilson's interval holds all q for which this is true of the p that was measured: every accuracy that the result does
//! not contradict.
//!
//! **Derivation.** If both sides are squared, the ends of the interval are the roots of a quadratic equation in q:
//!
//! ```text
//! (p - q)² = (z²/n)·(q - q²)
//! (1 + z²/n)·q² - 2·(p + z²/2n)·q + p² = 0
//!
//! (p + z²/2n)² - (1 + z²/n)·p² = p·z²/n + z⁴/4n² - p²·z²/n = z²·( p·(1 - p)/n + z²/4n² )
//!
//! q = ( p + z²/2n ± z·√( p·(1 - p)/n + z²/4n² ) ) / (1 + z²/n)
//! ```
//!
//! The third line is a quarter of the discriminant; [`wilson_interval`] computes the last one.
//!
//! **Why not p ± z·√(p·(1 - p)/n)?** This simpler interval takes the variance at p instead of q. If all of 20 examples
//! are correct, the interval is 100% ± 0, as if no error were possible. Wilson's then goes from n/(n + z²) = 20/23.84 =
//! 83.9% to 100%, and with 400 of 400 from 99.0%.
//!
//! **By hand**, c = 8 of n = 10, z² = 3.84:
//!
//! ```text
//! p + z²/2n = 0.8 + 0.192 = 0.992
//! z·√(0.16/10 + 3.84/400) = 1.96·√0.0256 = 1.96·0.16 = 0.314
//! (0.992 ± 0.314)/1.384 = 0.49 and 0.94
//! ```
//!
//! Ten examples with eight correct are compatible with guessing between two classes. The width shrinks as 1/√n: four
//! times the examples halve it.
//!
//! **Comparing two models.** If their intervals do not overlap, the models differ, with little doubt. If they do
//! overlap, nothing follows: each interval allows for bad luck of its own model, but on the same test examples both
//! models share their luck. In that case, count only the examples on which the models differ. If they are equally good,
//! each model is the correct one on each of these with probability ½, as in tossing a coin. By hand: 9 examples are
//! classified correctly only by the first model, and 1 only by the second. A coin gives 9 or more equal tosses out of
//! 10 with probability 2·(10 + 1)/2¹⁰ = 2.1%. So the first model is better, with little doubt. (This is McNemar's test
//! in its exact form.)
//!
//! **Limits.** The interval covers the chance in drawing the test examples, and no other. It does not cover that of the
//! random start, which another seed shows, or that of the choice if the best of many models is reported
//! ([`split`](crate::dataset::split)). Recordings of one speaker are not independent. For new speakers, n is closer to
//! the number of speakers than to that of recordings, and the true interval is wider.
//!
//! Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927; R. G. Newcombe,
//! "Two-sided confidence intervals for the single proportion: comparison of seven methods", 1998; Q. McNemar, "Note on
//! the sampling error of the difference between correlated proportions or percentages", 1947; T. Dietterich,
//! "Approximate statistical tests for comparing supervised classification learning algorithms", 1998.

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
