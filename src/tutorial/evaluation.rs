//! Judging: what a classifier makes of windows and of files that it has not heard before.

use super::metrics::Confusion;
use super::preprocessing::digest_numbers;
use super::progress::Progress;
use super::settings::PipelineSettings;
use super::time_pooling::average;
use super::training::Regression;
use crate::bytes::digest::Digest;
use crate::dataset::normalize::StandardScaler;
use crate::dataset::recordings::Collection;
use crate::dataset::split::Fold;
use crate::matrix::Matrix;
use crate::model::Softmax;
use crate::model::softmax::most_likely;
use crate::number::Real;
use crate::number::sum::sum;
use core::ops::Range;
use std::vec::Vec;

/// A softmax regression on pooled features, and the scale that they are put on.
#[derive(Clone, Debug)]
pub struct Pooled<T> {
    /// The scale.
    pub standard: StandardScaler<T>,
    /// The regression.
    pub regression: Regression<T>,
}

impl<T> Pooled<T> {
    /// The numbers learned.
    pub fn parameters(&self) -> usize {
        2 * self.standard.means.len() + self.regression.theta.len()
    }
}

/// The recordings of a part, and which windows (columns) belong to each.
#[derive(Clone, Copy, Debug)]
pub struct Evaluator<'a> {
    /// The settings of the regressions and the number of regions.
    pub settings: &'a PipelineSettings,
    /// All recordings.
    pub collection: &'a Collection,
    /// The windows of each recording.
    pub ranges: &'a [Range<usize>],
    /// Which recordings train and which test.
    pub part: &'a Fold,
}

impl Evaluator<'_> {
    /// The windows of some recordings.
    pub fn columns(&self, recordings: &[usize]) -> Vec<usize> {
        recordings.iter().flat_map(|&r| self.ranges[r].clone()).collect()
    }

    /// The label of each of some windows.
    pub fn labels_of_windows(&self, windows: &[usize]) -> Vec<usize> {
        let recording = |w: usize| self.ranges.partition_point(|range| range.end <= w);
        windows.iter().map(|&w| self.label(recording(w))).collect()
    }

    fn label(&self, recording: usize) -> usize {
        self.collection.recordings[recording].label
    }

    /// A softmax regression on examples and their labels; its parameters are fed to the digest.
    pub fn regression<T: Real>(
        &self,
        stage: &str,
        weight_decay: f64,
        (examples, labels): (&Matrix<T>, &[usize]),
        digest: &mut Digest,
        progress: &mut dyn Progress,
    ) -> Regression<T> {
        let classes = self.collection.labels.len();
        let shape = Softmax { features: examples.rows(), classes, bias: true, weight_decay };
        let iterations = self.settings.softmax_iterations;
        let regression = Regression::train(stage, shape, iterations, (examples, labels), progress);
        digest_numbers(digest, &regression.theta);
        regression
    }

    /// From the log-probabilities of all windows: each test window's class, and each test file's by the sum of its windows'.
    pub fn windows<T: Real>(&self, log_p: &Matrix<T>) -> (Confusion, Confusion) {
        let classes = self.collection.labels.len();
        let answers = most_likely(log_p);
        let mut by_window = Confusion::new(classes);
        let mut sums = Matrix::zeros(classes, self.part.test.len());
        for (j, &r) in self.part.test.iter().enumerate() {
            let range = self.ranges[r].clone();
            for w in range.clone() {
                by_window.count(self.label(r), answers[w]);
            }
            for k in 0..classes {
                sums.row_mut(k)[j] = sum(&log_p.row(k)[range.clone()]);
            }
        }
        (by_window, self.confusion_of(&sums))
    }

    /// A softmax regression on all windows' features, averaged over regions of time: the log-probabilities of the test files
    /// (classes x files), and what was learned.
    pub fn pooled<T: Real>(
        &self,
        stage: &str,
        features: &Matrix<T>,
        digest: &mut Digest,
        progress: &mut dyn Progress,
    ) -> (Matrix<T>, Pooled<T>) {
        let pool = |recordings: &[usize]| {
            let mut pooled = Matrix::zeros(self.settings.regions * features.rows(), recordings.len());
            for (j, &r) in recordings.iter().enumerate() {
                average(features, self.ranges[r].clone(), &mut pooled, j);
            }
            pooled
        };
        self.files(stage, self.settings.pooled_decay, pool, digest, progress)
    }

    /// A softmax regression on examples that are whole recordings, as `pool` makes them (columns), put on one scale: the
    /// log-probabilities of the test files (classes x files), and what was learned.
    pub fn files<T: Real>(
        &self,
        stage: &str,
        weight_decay: f64,
        pool: impl Fn(&[usize]) -> Matrix<T>,
        digest: &mut Digest,
        progress: &mut dyn Progress,
    ) -> (Matrix<T>, Pooled<T>) {
        let mut train = pool(&self.part.train);
        let labels: Vec<usize> = self.part.train.iter().map(|&r| self.label(r)).collect();
        let standard = StandardScaler::measure(&train);
        standard.apply(&mut train);
        digest_numbers(digest, &standard.means);
        digest_numbers(digest, &standard.deviations);
        let regression = self.regression(stage, weight_decay, (&train, &labels), digest, progress);
        let mut test = pool(&self.part.test);
        standard.apply(&mut test);
        let log_p = regression.model.log_probabilities(&regression.theta, &test);
        (log_p, Pooled { standard, regression })
    }

    /// From the log-probabilities of the test files, which were told right.
    pub fn confusion_of<T: Real>(&self, log_p: &Matrix<T>) -> Confusion {
        let mut files = Confusion::new(self.collection.labels.len());
        for (&r, answer) in self.part.test.iter().zip(most_likely(log_p)) {
            files.count(self.label(r), answer);
        }
        files
    }
}
