//! Evaluation on a fold of a split: regressions on its training recordings, predictions of its test recordings.

use super::classifier::{Prediction, Scores, TrainedModel, WindowModel, WindowTop, activations, summed};
use super::examples::LabeledExamples;
use super::frame_source::choose;
use super::methods::Method;
use super::metrics::Confusion;
use super::pipeline::Prepared;
use super::settings::PipelineSettings;
use super::training::{Run, TrainedClassifier};
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::normalize::StandardScaler;
use crate::dataset::recordings::{Collection, RereadError};
use crate::dataset::reservoir::Item;
use crate::dataset::split::Fold;
use crate::matrix::Matrix;
use crate::model::Softmax;
use crate::model::softmax::most_likely;
use crate::number::Real;
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

/// The recordings of a fold.
#[derive(Clone, Copy, Debug)]
pub struct Evaluator<'a, T> {
    /// The settings of the regressions, and the number of regions.
    pub settings: &'a PipelineSettings,
    /// All recordings.
    pub collection: &'a Collection,
    /// Their frames.
    pub prepared: &'a Prepared<T>,
    /// The training and the test recordings.
    pub fold: &'a Fold,
}

impl<T: Real> Evaluator<'_, T> {
    /// A random choice of the windows of these recordings.
    pub fn choose(&self, recordings: &[usize]) -> Vec<Item> {
        let PipelineSettings { context_window, seed, most_windows, .. } = *self.settings;
        self.prepared.labeled.choose(recordings.iter().copied(), context_window, seed, most_windows)
    }

    /// The labels of these windows.
    pub fn labels_of_windows(&self, windows: &[Item]) -> Vec<usize> {
        windows.iter().map(|(r, _)| self.label(*r)).collect()
    }

    /// The label of a recording.
    pub fn label(&self, recording: usize) -> usize {
        self.collection.recordings[recording].label
    }

    /// Trains a softmax regression and feeds its parameters to the digest.
    pub fn regression(
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

    /// The confusion matrix of the test windows, and the scores of each test file, the sums over its windows.
    ///
    /// # Errors
    /// If a recording cannot be read again.
    ///
    /// # Panics
    /// If the model's top is not a regression on windows.
    pub fn windows(&self, model: &WindowModel<T>) -> Result<(Confusion, Vec<Scores<T>>), RereadError> {
        let WindowTop::Each(regression) = &model.top else { panic!("a regression on windows was expected") };
        let mut by_window = Confusion::new(self.collection.labels.len());
        let mut scores = Vec::new();
        let bands = self.prepared.bands.count();
        self.prepared.labeled.each_group(&self.fold.test, |first, group| {
            let features = activations(model.context, &model.normalizer, &model.layers, group, bands);
            let matrix = regression.log_probabilities(&features.matrix);
            let log_p = ContextWindows { matrix, ..features };
            self.count(&mut by_window, &self.fold.test[first..], &log_p);
            scores.extend(summed(&log_p));
        })?;
        Ok((by_window, scores))
    }

    /// Counts the windows of these recordings.
    fn count(&self, by_window: &mut Confusion, recordings: &[usize], log_p: &ContextWindows<T>) {
        let predicted = most_likely(&log_p.matrix);
        for (&r, range) in recordings.iter().zip(&log_p.ranges) {
            predicted[range.clone()].iter().for_each(|&class| by_window.count(self.label(r), class));
        }
    }

    /// The scores of each test file.
    ///
    /// # Errors
    /// If a recording cannot be read again.
    pub fn scores(&self, model: &TrainedModel<T>) -> Result<Vec<Scores<T>>, RereadError> {
        let (mut scores, bands) = (Vec::new(), self.prepared.bands.count());
        self.prepared.labeled.each_group(&self.fold.test, |_, group| scores.extend(model.scores_of(group, bands)))?;
        Ok(scores)
    }

    /// The training recordings that train classifiers of whole recordings: a random choice if they are many.
    pub fn train(&self) -> Vec<usize> {
        choose(&self.fold.train, self.settings.seed, self.settings.most_recordings)
    }

    /// Trains a softmax regression on standardized examples that are [training recordings](Self::train): `pool` gives
    /// the columns of `rows` values for a group of them.
    ///
    /// # Errors
    /// If a recording cannot be read again.
    pub fn files(
        &self,
        stage: &str,
        weight_decay: f64,
        rows: usize,
        pool: impl FnMut(&[&[T]]) -> Matrix<T>,
        run: &mut Run,
    ) -> Result<Pooled<T>, RereadError> {
        let chosen = self.train();
        let labels = chosen.iter().map(|&r| self.label(r)).collect();
        let matrix = self.prepared.labeled.columns(&chosen, rows, pool)?;
        let mut train = LabeledExamples { matrix, labels };
        let standard = StandardScaler::measure(&train.matrix);
        standard.apply(&mut train.matrix);
        run.learned(&standard.means);
        run.learned(&standard.deviations);
        let regression = self.regression(stage, weight_decay, &train, run);
        Ok(Pooled { standard, regression })
    }

    /// The confusion matrix of the test files, from their scores.
    pub fn confusion(&self, scores: &[Scores<T>]) -> Confusion {
        let mut files = Confusion::new(self.collection.labels.len());
        for (&r, scores) in self.fold.test.iter().zip(scores) {
            files.count(self.label(r), scores.prediction().class);
        }
        files
    }

    /// The result of a method, from the test files' scores.
    pub fn result(
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
        let fold = Fold { name: "some".into(), train: [0].into(), test: [1, 2].into() };
        let prepared = fixture::prepared::<f64>(&settings, &collection);
        let evaluator = Evaluator { settings: &settings, collection: &collection, prepared: &prepared, fold: &fold };
        assert_eq!(evaluator.labels_of_windows(&[(0, 1), (1, 0), (2, 5)]), [0, 1, 0]);
        // Two of recording 1's windows are taken for label 0, but the third is clear.
        let log_p = [[-0.5, -0.6, -9.0, -0.1], [-0.8, -0.9, 0.0, -2.0]];
        let log_p = ContextWindows { matrix: Matrix::from_rows(2, 4, log_p.concat()), ranges: [0..3, 3..4].into() };
        let (mut windows, scores) = (Confusion::new(2), summed(&log_p));
        evaluator.count(&mut windows, &fold.test, &log_p);
        let result = evaluator.result(Method::RawWindows, Some(windows.clone()), &scores, 0, 0.0);
        assert_eq!((windows.counts(), result.files.counts()), (&[1, 0, 2, 1][..], &[1, 0, 0, 1][..]));
        assert_eq!((scores[0].terms, result.predictions.len()), (3, 2));
    }
}
