//! Evaluation on a fold of a split: regressions on its training recordings, predictions of its test recordings.

use super::classifier::{Prediction, Scores};
use super::examples::LabeledExamples;
use super::methods::Method;
use super::metrics::Confusion;
use super::settings::PipelineSettings;
use super::time_pooling::average;
use super::training::{Run, TrainedClassifier};
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

/// The result of a method on a fold.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodResult {
    /// The method.
    pub method: Method,
    /// The confusion matrix of the test windows; `None` for a method that classifies whole files only.
    pub windows: Option<Confusion>,
    /// The confusion matrix of the test files.
    pub files: Confusion,
    /// The prediction for each test file, in the order of the fold.
    pub predictions: Vec<Prediction<f64>>,
    /// The number of learned parameters.
    pub parameters: usize,
    /// Seconds for training, with all steps that the method needs, and for evaluation.
    pub seconds: f64,
}

/// A softmax regression on pooled features and their scaling.
#[derive(Clone, Debug)]
pub struct Pooled<T> {
    /// The scaling of the features.
    pub standard: StandardScaler<T>,
    /// The regression.
    pub regression: TrainedClassifier<Softmax, T>,
}

impl<T: Real> Pooled<T> {
    /// ln p of each class for each recording, given as columns of pooled features, which are scaled here.
    ///
    /// # Panics
    /// If the recordings have another number of features.
    pub fn log_probabilities(&self, mut pooled: Matrix<T>) -> Matrix<T> {
        self.standard.apply(&mut pooled);
        self.regression.log_probabilities(&pooled)
    }

    /// The number of learned parameters.
    pub fn parameters(&self) -> usize {
        2 * self.standard.means.len() + self.regression.theta.len()
    }
}

/// The recordings of a fold, and the windows (columns) of each.
#[derive(Clone, Copy, Debug)]
pub struct Evaluator<'a> {
    /// The settings of the regressions, and the number of regions.
    pub settings: &'a PipelineSettings,
    /// All recordings.
    pub collection: &'a Collection,
    /// The windows of each recording.
    pub ranges: &'a [Range<usize>],
    /// The training and the test recordings.
    pub fold: &'a Fold,
}

impl Evaluator<'_> {
    /// The windows of these recordings.
    pub fn columns(&self, recordings: &[usize]) -> Vec<usize> {
        recordings.iter().flat_map(|&r| self.ranges[r].clone()).collect()
    }

    /// The labels of these windows.
    pub fn labels_of_windows(&self, windows: &[usize]) -> Vec<usize> {
        let recording = |w: usize| self.ranges.partition_point(|range| range.end <= w);
        windows.iter().map(|&w| self.label(recording(w))).collect()
    }

    /// The label of a recording.
    pub fn label(&self, recording: usize) -> usize {
        self.collection.recordings[recording].label
    }

    /// Trains a softmax regression and feeds its parameters to the digest.
    pub fn regression<T: Real>(
        &self,
        stage: &str,
        weight_decay: f64,
        examples: &LabeledExamples<T>,
        run: &mut Run,
    ) -> TrainedClassifier<Softmax, T> {
        let classes = self.collection.labels.len();
        let model = Softmax { features: examples.matrix.rows(), classes, bias: true, weight_decay };
        let regression = run.regression(stage, model, self.settings.softmax_iterations, examples);
        run.learned(&regression.theta);
        regression
    }

    /// From the log-probabilities of all windows (classes x windows): the confusion matrix of the test windows, and
    /// the scores of each test file, the sums over its windows.
    pub fn windows<T: Real>(&self, log_p: &Matrix<T>) -> (Confusion, Vec<Scores<T>>) {
        let classes = self.collection.labels.len();
        let predicted = most_likely(log_p);
        let mut by_window = Confusion::new(classes);
        let mut scores = Vec::new();
        for &r in &self.fold.test {
            let range = self.ranges[r].clone();
            for w in range.clone() {
                by_window.count(self.label(r), predicted[w]);
            }
            let sums = (0..classes).map(|k| sum(&log_p.row(k)[range.clone()])).collect();
            scores.push(Scores { sums, terms: range.len() });
        }
        (by_window, scores)
    }

    /// Trains a softmax regression on the windows' features averaged over regions of time; also returns the scores of
    /// the test files.
    pub fn pooled<T: Real>(&self, stage: &str, features: &Matrix<T>, run: &mut Run) -> (Vec<Scores<T>>, Pooled<T>) {
        let pool = |recordings: &[usize]| {
            let mut pooled = Matrix::zeros(self.settings.regions * features.rows(), recordings.len());
            for (j, &r) in recordings.iter().enumerate() {
                average(features, self.ranges[r].clone(), &mut pooled, j);
            }
            pooled
        };
        self.files(stage, self.settings.pooled_decay, pool, run)
    }

    /// Trains a softmax regression on standardized examples that are whole recordings: `pool` gives the columns for
    /// recordings. Also returns the scores of the test files.
    pub fn files<T: Real>(
        &self,
        stage: &str,
        weight_decay: f64,
        pool: impl Fn(&[usize]) -> Matrix<T>,
        run: &mut Run,
    ) -> (Vec<Scores<T>>, Pooled<T>) {
        let labels = self.fold.train.iter().map(|&r| self.label(r)).collect();
        let mut train = LabeledExamples { matrix: pool(&self.fold.train), labels };
        let standard = StandardScaler::measure(&train.matrix);
        standard.apply(&mut train.matrix);
        run.learned(&standard.means);
        run.learned(&standard.deviations);
        let regression = self.regression(stage, weight_decay, &train, run);
        let pooled = Pooled { standard, regression };
        if self.fold.test.is_empty() {
            return (Vec::new(), pooled);
        }
        let log_p = pooled.log_probabilities(pool(&self.fold.test));
        let scores = (0..log_p.columns()).map(|j| Scores { sums: log_p.column(j), terms: 1 }).collect();
        (scores, pooled)
    }

    /// The confusion matrix of the test files, from their scores.
    pub fn confusion<T: Real>(&self, scores: &[Scores<T>]) -> Confusion {
        let mut files = Confusion::new(self.collection.labels.len());
        for (&r, scores) in self.fold.test.iter().zip(scores) {
            files.count(self.label(r), scores.prediction().class);
        }
        files
    }

    /// The result of a method, from the test files' scores.
    pub fn result<T: Real>(
        &self,
        method: Method,
        windows: Option<Confusion>,
        scores: &[Scores<T>],
        parameters: usize,
        seconds: f64,
    ) -> MethodResult {
        let predictions = scores.iter().map(|scores| scores.prediction().to_f64());
        let (files, predictions) = (self.confusion(scores), predictions.collect());
        MethodResult { method, windows, files, predictions, parameters, seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::fixture;

    #[test]
    fn a_file_is_classified_by_the_sum_over_its_windows() {
        let settings = fixture::settings();
        let collection = fixture::collection(&settings);
        // Recordings 0 and 2 have label 0, recording 1 has label 1.
        let (ranges, fold) = ([0..2, 2..5, 5..6], Fold { name: "some".into(), train: [0].into(), test: [1, 2].into() });
        let evaluator = Evaluator { settings: &settings, collection: &collection, ranges: &ranges, fold: &fold };
        assert_eq!(
            (evaluator.columns(&[0, 2]), evaluator.labels_of_windows(&[1, 2, 5])),
            ([0, 1, 5].into(), [0, 1, 0].into())
        );
        // Two of recording 1's windows are taken for label 0, but the third is clear.
        let scores = [[9.0, 9.0, -0.5, -0.6, -9.0, -0.1], [0.0, 0.0, -0.8, -0.9, 0.0, -2.0]];
        let log_p = Matrix::from_rows(2, 6, scores.concat());
        let (windows, scores) = evaluator.windows::<f64>(&log_p);
        let result = evaluator.result(Method::RawWindows, Some(windows.clone()), &scores, 0, 0.0);
        assert_eq!((windows.counts(), result.files.counts()), (&[1, 0, 2, 1][..], &[1, 0, 0, 1][..]));
        assert_eq!((scores[0].terms, result.predictions.len()), (3, 2));
    }
}
