//! None of these: recordings that are unlike all training recordings.
//!
//! **Why.** Softmax divides a probability of 1 among the labels that it knows. A doorbell, classified by a model of
//! spoken digits, gets a digit, and often with 100%: far from all training examples one score exceeds the others by
//! much, as the scores are linear in the features. So the probability says which label is likely *if* the recording has
//! one of them. Whether it has is another question, and the training recordings answer it.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_bt, B, T | the value of band b in frame t of a recording, b = 1 to B, t = 1 to T |
//! | v | the 3B values that describe the recording |
//! | μ, C, ε | the mean and the covariance of v over the training recordings; the mean of C's eigenvalues |
//! | d, d_max | the distance of a recording from them; the largest that is accepted |
//!
//! **Idea.** Describe a recording by the mean of each band, by its variance over time, and by its change from frame to
//! frame, the last two as logarithms, because a steady tone has a hundred times less of them than speech. Whatever a
//! recording holds, its v should lie where those of the training recordings lie. They fill a long and flat cloud: loud
//! low bands go with loud neighbors. The Mahalanobis distance measures in standard deviations of that cloud, along its
//! axes:
//!
//! ```text
//! (RJ.1)  v_b = Σ_t x_bt/T
//! (RJ.2)  v_(B+b) = ln( Σ_t (x_bt - v_b)²/T + 0.01 )
//! (RJ.3)  v_(2B+b) = ln( Σ_t (x_b(t+1) - x_bt)²/(T - 1) + 0.01 )
//! (RJ.4)  d = √( (v - μ)ᵀ·(C + εI)⁻¹·(v - μ) / 3B )
//! ```
//!
//! [Whitening](crate::dataset::whiten) computes (RJ.4): y = whitened v has the covariance I, up to ε, and d² is the
//! mean of the squares of y. Why ε, and so large: a few speakers fill few directions of the cloud, and without ε a new
//! speaker would seem far away in all others. By hand, one band, v = (2, 0, 0), (4, 0, 0), (6, 0, 0): μ = (4, 0, 0),
//! and the variances are 8/3, 0 and 0, so ε = 8/9. A recording with v = (4, 2, 0) has d = √(2²/(8/9)/3) = 1.22, and one
//! with v = (7, 0, 0) only √(3²/(8/3 + 8/9)/3) = 0.92: of the two, a mean of 7 is less news than a variance of e².
//!
//! **The limit.** Distances of the training recordings from themselves are too small: each has pulled μ and C toward
//! itself. So each is held out once: recordings are divided into folds by their groups (without groups, every fifth),
//! and the distances of a fold are measured with μ and C of the others. d_max is the distance that 99% of the
//! recordings do not exceed. So about one recording in a hundred of the same kind is rejected wrongly.
//!
//! **A second limit.** A recording may be of the right kind and still have none of the labels: a word that is no digit.
//! Its distance is small, but its probability is divided between digits. So a recording is also rejected if the
//! probability of its label is below that of 99% of the held-out recordings that were classified correctly. This limit
//! needs a test set.
//!
//! **Silence.** A recording whose frames are all the same, as those of silence are, has nothing to compare; its d is ∞.
//!
//! **Limits of both.** Only means, variances and changes are compared: a word played backward has the same, and a hiss
//! resembles an "s". A recording with a long silence before it may be rejected. NOTES.md has measurements.
//!
//! Sources: P. C. Mahalanobis, "On the generalised distance in statistics", 1936; K. Lee, K. Lee, H. Lee and J. Shin,
//! "A simple unified framework for detecting out-of-distribution samples and adversarial attacks", 2018; D. Hendrycks
//! and K. Gimpel, "A baseline for detecting misclassified and out-of-distribution examples in neural networks", 2017
//! (the probability of the label).

use crate::dataset::recordings::Recording;
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use std::vec;
use std::vec::Vec;

/// More than all of the variance: components without any are kept, since there news shows most.
const WHITENING: WhiteningSettings = WhiteningSettings { retained: 2.0, epsilon: 1.0, form: WhiteningForm::Pca };
/// Added to a variance, so that its logarithm is finite.
const FLOOR: f64 = 0.01;
/// The fraction of held-out recordings that a limit accepts.
pub const ACCEPTED: f64 = 0.99;
/// The most folds of the held-out recordings.
const MOST_FOLDS: usize = 10;

/// The limits beyond which a recording has none of the labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// μ.
    pub mean: Vec<f64>,
    /// The whitening of v: components x 3B.
    pub basis: Matrix<f64>,
    /// d_max.
    pub farthest: f64,
    /// The least probability of a label; `None` if there was no test set.
    pub least_probability: Option<f64>,
}

/// v of a recording, given as frames of `bands` elements, at least one.
pub fn description<T: Real>(frames: &[T], bands: usize) -> Vec<f64> {
    let count = frames.len() / bands;
    let logarithm = |squares: &[f64], n: usize| Real::ln(sum_of_squares(squares) / n.max(1) as f64 + FLOOR);
    let mut described = vec![0.0; 3 * bands];
    for b in 0..bands {
        let mut values: Vec<f64> = frames.iter().skip(b).step_by(bands).map(|x| x.to_f64()).collect();
        let changes: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = sum(&values) / count as f64;
        values.iter_mut().for_each(|x| *x -= mean);
        described[b] = mean; // (RJ.1)
        described[bands + b] = logarithm(&values, count); // (RJ.2)
        described[2 * bands + b] = logarithm(&changes, changes.len()); // (RJ.3)
    }
    described
}

impl Rejection {
    /// Measures training recordings, each given with its [`description`], and holds out each of them once.
    ///
    /// # Panics
    /// If there is none.
    pub fn measure(recordings: &[(&Recording, Vec<f64>)]) -> Self {
        let described = || recordings.iter().map(|(_, v)| v);
        let folds = folds(recordings);
        let count = folds.iter().max().map_or(1, |most| most + 1);
        let mut distances = Vec::new();
        for fold in 0..count {
            let chosen = |is_held_out: bool| {
                let of = described().zip(&folds).filter(move |(_, f)| (**f == fold) == is_held_out);
                of.map(|(v, _)| v)
            };
            // With one recording, or one group, there is nothing to hold out from.
            let others: Vec<&Vec<f64>> =
                if chosen(false).next().is_some() { chosen(false).collect() } else { chosen(true).collect() };
            let measured = Self::of(&others);
            distances.extend(chosen(true).map(|v| measured.distance_of(v)));
        }
        let farthest = quantile(&mut distances, ACCEPTED).unwrap_or(f64::INFINITY);
        Rejection { farthest, ..Self::of(&described().collect::<Vec<_>>()) }
    }

    fn of(described: &[&Vec<f64>]) -> Self {
        let examples = Matrix::from_function(described[0].len(), described.len(), |i, j| described[j][i]);
        let Whitening { mean, basis, .. } = Whitening::measure(&WHITENING, &examples);
        Rejection { mean, basis, farthest: f64::INFINITY, least_probability: None }
    }

    /// d of a recording, given as frames of `bands` elements.
    ///
    /// # Panics
    /// If it has no frame, or another number of bands was measured.
    pub fn distance<T: Real>(&self, frames: &[T], bands: usize) -> f64 {
        let is_silent = frames.len() > bands && frames.chunks_exact(bands).all(|frame| frame == &frames[..bands]);
        if is_silent { f64::INFINITY } else { self.distance_of(&description(frames, bands)) }
    }

    fn distance_of(&self, v: &[f64]) -> f64 {
        assert_eq!(v.len(), self.mean.len(), "values that describe a recording");
        let centered: Vec<f64> = v.iter().zip(&self.mean).map(|(v, mu)| v - mu).collect();
        let y: Vec<f64> = (0..self.basis.rows())
            .map(|k| {
                let products: Vec<f64> = self.basis.row(k).iter().zip(&centered).map(|(b, v)| b * v).collect();
                sum(&products)
            })
            .collect();
        Element::sqrt(sum_of_squares(&y) / v.len() as f64) // (RJ.4)
    }

    /// Whether a recording at this distance, whose label has this probability, has none of the labels.
    pub fn rejects(&self, distance: f64, probability: f64) -> bool {
        !(distance <= self.farthest) || self.least_probability.is_some_and(|least| !(probability >= least))
    }
}

/// The fold of each recording: by its group, or every fifth if there are fewer than two groups.
fn folds(recordings: &[(&Recording, Vec<f64>)]) -> Vec<usize> {
    let mut groups: Vec<&str> = recordings.iter().map(|(recording, _)| recording.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    let of_group = |group: &str| groups.binary_search(&group).unwrap_or(0) % MOST_FOLDS;
    let indexed = recordings.iter().enumerate();
    indexed.map(|(i, (recording, _))| if groups.len() < 2 { i % 5 } else { of_group(&recording.group) }).collect()
}

/// The value that this fraction of the values does not exceed.
pub fn quantile(values: &mut [f64], fraction: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (fraction * values.len() as f64) as usize;
    values.get(rank.min(values.len().checked_sub(1)?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use std::string::ToString;

    fn recording(group: &str) -> Recording {
        Recording { name: "a".into(), label: 0, group: group.to_string(), index: None, samples: Vec::new().into() }
    }

    #[test]
    fn a_description_is_the_mean_the_variance_and_the_change_of_each_band() {
        // Two bands, three frames.
        let ln = |x: f64| Real::ln(x + 0.01);
        let expected = [2.0, 5.0, ln(2.0 / 3.0), ln(0.0), ln(1.0), ln(0.0)];
        let found = description(&[1.0, 5.0, 2.0, 5.0, 3.0, 5.0], 2);
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?}");
    }

    #[test]
    fn the_distance_is_that_by_hand() {
        let described = [[2.0, 0.0, 0.0], [4.0, 0.0, 0.0], [6.0, 0.0, 0.0]].map(|v| v.to_vec());
        let measured = Rejection::of(&described.iter().collect::<Vec<_>>());
        assert!((measured.distance_of(&[4.0, 2.0, 0.0]) - 1.5f64.sqrt()).abs() < 1e-9);
        assert!((measured.distance_of(&[7.0, 0.0, 0.0]) - (27.0 / 32.0f64).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn one_in_a_hundred_of_the_same_kind_is_rejected_and_other_kinds_are() {
        let mut random = Random::new(3);
        let bands = 4;
        let sound = |random: &mut Random, level: f64| -> Vec<f64> {
            (0..bands * 20).map(|i| level * (i % bands) as f64 + random.normal::<f64>()).collect()
        };
        for groups in [["", ""], ["x", "y"]] {
            let known: Vec<Vec<f64>> = (0..400).map(|_| sound(&mut random, 1.0)).collect();
            let recordings = groups.map(recording);
            let described = |(i, frames): (usize, &Vec<f64>)| (&recordings[i % 2], description(frames, bands));
            let measured = Rejection::measure(&known.iter().enumerate().map(described).collect::<Vec<_>>());
            let rejected = |random: &mut Random, level: f64| {
                let all = (0..400).filter(|_| measured.rejects(measured.distance(&sound(random, level), bands), 1.0));
                all.count()
            };
            assert!(rejected(&mut random, 1.0) <= 16);
            assert_eq!(rejected(&mut random, 3.0), 400);
            assert!(measured.rejects(f64::NAN, 1.0));
            let unsure = Rejection { least_probability: Some(0.6), ..measured };
            assert_eq!([0.5, 0.7, f64::NAN].map(|p| unsure.rejects(0.0, p)), [true, false, true]);
        }
    }

    #[test]
    fn few_recordings_have_limits_too() {
        let (one, frames) = (recording("x"), [1.0, 2.0]);
        let measured = Rejection::measure(&[(&one, description(&frames, 1))]);
        assert!(!measured.rejects(measured.distance(&frames, 1), 1.0));
        assert_eq!((quantile(&mut [], 0.5), quantile(&mut [3.0, 1.0, 2.0], 0.99)), (None, Some(3.0)));
    }
}
