//! The pipeline: features are learned without labels, classifiers on top of them with labels, and both are evaluated on
//! recordings that were not used in training.
//!
//! **Why.** A recording has a thousand numbers or more and no fixed length, and labels are few. The tutorial's answer
//! has four steps: frames of a spectrum, windows of frames, features of windows, and a classifier. An error in any step
//! may go unnoticed: a network learns something even from badly prepared windows. The table shows the contribution of
//! each step, because every row changes one or two steps of an earlier row ([`methods`](super::methods)).
//!
//! **What is learned from what.** Nothing is learned from a test recording: the normalization is measured on training
//! recordings, and the autoencoders and classifiers are trained on them. The autoencoders see no labels, so they may
//! also learn from recordings that nobody has labeled (`--unlabeled`). This is self-taught learning.
//!
//! [`METHODS`](super::methods::METHODS) are compared on the same fold of a split. The first five share the windows of
//! spectra and what is learned from them:
//!
//! ```text
//! windows -> normalization -> raw-windows
//!                          -> sparse autoencoder -> sparse-windows
//!                                                -> sparse-pooled
//!                                                -> second autoencoder, fine-tuning -> stacked
//!                                                                                   -> stacked-pooled
//! frames  -> convolved-pooled, convolutional
//! stacked-pooled + convolved-pooled + convolutional -> ensemble
//! ```
//!
//! A method gives the same numbers in each run that includes it, since the random numbers that it draws do not depend
//! on the other methods.

use super::classifier::{Member, Scores, TrainedModel, WindowModel, WindowTop};
use super::convolved_features::{convolved, half};
use super::evaluation::{Evaluator, MethodResult};
use super::examples::LabeledExamples;
use super::front_end::{FrontEnd, FrontEndError};
use super::methods::{ENSEMBLE, Method};
use super::preprocessing::{Normalizer, frames};
use super::progress::Progress;
use super::settings::PipelineSettings;
use super::sound_network::convolutional;
use super::training::{Run, TrainedClassifier};
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::Fold;
use crate::matrix::Matrix;
use crate::model::greedy::{TrainedAutoencoder, encoder};
use crate::model::stacked::DenseWeights;
use crate::model::{Autoencoder, Stacked};
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use std::string::String;
use std::time::Instant;
use std::vec::Vec;

/// The sparse autoencoder and the normalization of its examples.
#[derive(Clone, Debug)]
pub struct SparseModel<T> {
    /// The normalization of windows.
    pub normalizer: Normalizer<T>,
    /// The autoencoder.
    pub autoencoder: Autoencoder,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<T: Real> SparseModel<T> {
    /// The autoencoder's encoder as a layer.
    pub fn encoder(&self) -> DenseWeights<T> {
        encoder(&self.autoencoder, &self.theta)
    }
}

/// The models trained on a fold, and the results of the methods.
#[derive(Clone, Debug)]
pub struct Learned<T> {
    /// The fold's name.
    pub fold: String,
    /// The sparse autoencoder, if a method needed it.
    pub sparse: Option<SparseModel<T>>,
    /// The results of the methods in [`PipelineSettings::methods`].
    pub results: Vec<MethodResult>,
    /// The trained methods, the members of an ensemble included.
    pub members: Vec<Member<T>>,
}

/// A trained method: its result, the scores of the test files, and what it learned.
#[derive(Clone, Debug)]
pub struct Trained<T> {
    /// The result.
    pub result: MethodResult,
    /// The scores of each test file.
    pub scores: Vec<Scores<T>>,
    /// What it learned.
    pub model: TrainedModel<T>,
}

/// The recordings as frames, and as windows of consecutive frames.
#[derive(Clone, Debug)]
pub struct Prepared<T> {
    /// The frames of each labeled recording, one after the other.
    pub frames: Vec<Vec<T>>,
    /// Their windows.
    pub labeled: ContextWindows<T>,
    /// The windows of the unlabeled recordings.
    pub unlabeled: Option<ContextWindows<T>>,
    /// The frames of the unlabeled recordings.
    pub unlabeled_frames: Vec<Vec<T>>,
    /// The frequency bands of a frame's values.
    pub bands: Bands,
    /// The samples of the shortest recording.
    pub shortest: usize,
    /// A remark on the transform for the user.
    pub remark: Option<String>,
}

/// Computes the frames and windows of a collection, and of unlabeled recordings at the same rate.
///
/// # Errors
/// If the bands do not fit the sampling rate or the shortest recording.
pub fn prepare<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    unlabeled: &[Recording],
    progress: &mut dyn Progress,
) -> Result<Prepared<T>, FrontEndError> {
    progress.stage("spectra", 0);
    let lengths = collection.recordings.iter().chain(unlabeled).map(|recording| recording.samples.len());
    let shortest = lengths.min().unwrap_or(0);
    let framing = settings.front_end.framing(collection.rate);
    let front = FrontEnd::new(&settings.front_end, framing, collection.rate, shortest)?;
    let bands = front.bands().clone();
    let windows = |frames: &[Vec<T>]| settings.context_window.sample(frames, bands.count());
    let prepared = frames(&front, &collection.recordings);
    let labeled = windows(&prepared);
    let unlabeled_frames = frames(&front, unlabeled);
    let unlabeled = (!unlabeled.is_empty()).then(|| windows(&unlabeled_frames));
    let remark = front.remark().map(Into::into);
    Ok(Prepared { frames: prepared, labeled, unlabeled, unlabeled_frames, bands, shortest, remark })
}

/// Trains the methods on the fold's training recordings, evaluates them on its test recordings, and feeds all learned
/// parameters to the run's digest.
///
/// # Panics
/// If a recording is shorter than one window ([`PipelineSettings::shortest`]), or there is no training recording.
pub fn run_split<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    fold: &Fold,
    run: &mut Run,
) -> Learned<T> {
    let evaluator = Evaluator { settings, collection, ranges: &prepared.labeled.ranges, fold };
    let methods = settings.methods.with_members();
    let mut sparse = None;
    let mut trained: Vec<Trained<T>> = Vec::new();
    if methods.contains(Method::RawWindows) || methods.need_features() {
        let mut random = Random::new(settings.seed);
        let windows = NormalizedWindows::new(&evaluator, prepared, &mut random, run);
        if methods.contains(Method::RawWindows) {
            let (method, stage) = (Method::RawWindows, "softmax on windows");
            trained.push(windows.classified(&evaluator, method, stage, &[], &windows.features, run));
        }
        if methods.need_features() {
            let (autoencoder, features) = sparse_autoencoder(&evaluator, prepared, &windows, &mut random, run);
            let layers = [autoencoder.encoder()];
            if methods.contains(Method::SparseWindows) {
                let (method, stage) = (Method::SparseWindows, "softmax on features");
                trained.push(windows.classified(&evaluator, method, stage, &layers, &features, run));
            }
            if methods.contains(Method::SparsePooled) {
                let (method, stage) = (Method::SparsePooled, "softmax on pooled features");
                trained.push(windows.pooled(&evaluator, method, stage, &layers, &features, run));
            }
            sparse = Some(SparseModel {
                normalizer: windows.normalizer.clone(),
                autoencoder: autoencoder.model,
                theta: autoencoder.theta.clone(),
            });
            if methods.any(&[Method::Stacked, Method::StackedPooled]) {
                let (stack, network) = stacked(&evaluator, &windows, autoencoder, features, &mut random, run);
                if methods.contains(Method::StackedPooled) {
                    let deepest = Features {
                        all: network.model.features(&network.theta, &windows.features.all),
                        parameters: stack.result.parameters - network.model.top().dimension(),
                        seconds: stack.result.seconds,
                    };
                    let (layers, _) = network.model.unpack(&network.theta);
                    let (method, stage) = (Method::StackedPooled, "softmax on pooled deep features");
                    let pooled = windows.pooled(&evaluator, method, stage, &layers, &deepest, run);
                    trained.extend([stack, pooled]);
                } else {
                    trained.push(stack);
                }
            }
        }
    }
    if methods.contains(Method::ConvolvedPooled) {
        trained.push(convolved(&evaluator, prepared, run));
    }
    if methods.contains(Method::Convolutional) {
        trained.push(convolutional(&evaluator, prepared, run));
    }
    let ensemble = methods.contains(Method::Ensemble).then(|| ensemble(&evaluator, &trained));
    let (mut results, mut members) = (Vec::new(), Vec::new());
    for Trained { result, model, .. } in trained {
        members.push(Member { method: result.method, model });
        results.push(result);
    }
    results.extend(ensemble);
    results.retain(|result| settings.methods.contains(result.method));
    Learned { fold: fold.name.clone(), sparse, results, members }
}

/// Features of all windows: their normalized values, or the outputs of a layer.
struct Features<T> {
    /// Features x windows.
    all: Matrix<T>,
    /// The number of parameters learned for them.
    parameters: usize,
    /// Seconds of all the work for them.
    seconds: f64,
}

/// The windows of all recordings, normalized as measured on a random choice of training windows.
struct NormalizedWindows<T> {
    normalizer: Normalizer<T>,
    features: Features<T>,
    /// The chosen training windows.
    chosen: Vec<usize>,
    /// Their labels.
    labels: Vec<usize>,
}

impl<T: Real> NormalizedWindows<T> {
    fn new(evaluator: &Evaluator, prepared: &Prepared<T>, random: &mut Random, run: &mut Run) -> Self {
        run.progress.stage("normalization", 0);
        let (start, settings, windows) = (Instant::now(), evaluator.settings, &prepared.labeled.matrix);
        let chosen = choose(random, evaluator.columns(&evaluator.fold.train), settings.most_windows);
        let normalizer = Normalizer::measure(&settings.normalization, &windows.select_columns(&chosen));
        normalizer.digest(&mut run.digest);
        let (all, labels) = (normalizer.apply(windows.clone()), evaluator.labels_of_windows(&chosen));
        let (parameters, seconds) = (normalizer.parameters(), start.elapsed().as_secs_f64());
        NormalizedWindows { normalizer, features: Features { all, parameters, seconds }, chosen, labels }
    }

    /// The chosen training windows' features, with their labels.
    fn train(&self, features: &Features<T>) -> LabeledExamples<T> {
        LabeledExamples { matrix: features.all.select_columns(&self.chosen), labels: self.labels.clone() }
    }

    /// `raw-windows` and `sparse-windows`: softmax regression on features of windows. That on the windows themselves is
    /// the baseline for learned features.
    fn classified(
        &self,
        evaluator: &Evaluator,
        method: Method,
        stage: &str,
        layers: &[DenseWeights<T>],
        features: &Features<T>,
        run: &mut Run,
    ) -> Trained<T> {
        let start = Instant::now();
        let regression = evaluator.regression(stage, evaluator.settings.window_decay, &self.train(features), run);
        let (by_window, scores) = evaluator.windows(&regression.log_probabilities(&features.all));
        let parameters = features.parameters + regression.theta.len();
        let seconds = features.seconds + start.elapsed().as_secs_f64();
        let result = evaluator.result(method, Some(by_window), &scores, parameters, seconds);
        Trained { result, scores, model: self.model(evaluator, layers, WindowTop::Each(regression)) }
    }

    /// `sparse-pooled` and `stacked-pooled`: softmax regression on a recording's features averaged over regions of
    /// time, which keeps their order.
    fn pooled(
        &self,
        evaluator: &Evaluator,
        method: Method,
        stage: &str,
        layers: &[DenseWeights<T>],
        features: &Features<T>,
        run: &mut Run,
    ) -> Trained<T> {
        let start = Instant::now();
        let (scores, pooled) = evaluator.pooled(stage, &features.all, run);
        let parameters = features.parameters + pooled.parameters();
        let seconds = features.seconds + start.elapsed().as_secs_f64();
        let result = evaluator.result(method, None, &scores, parameters, seconds);
        Trained {
            result,
            scores,
            model: self.model(evaluator, layers, WindowTop::Pooled(evaluator.settings.regions, pooled)),
        }
    }

    /// Layers on these windows and a regression, as a model.
    fn model(&self, evaluator: &Evaluator, layers: &[DenseWeights<T>], top: WindowTop<T>) -> TrainedModel<T> {
        let (context, normalizer) = (evaluator.settings.context_window, self.normalizer.clone());
        TrainedModel::Windows(WindowModel { context, normalizer, layers: layers.to_vec(), top })
    }
}

/// Trains the sparse autoencoder on windows without their labels (self-taught learning), on unlabeled recordings too;
/// also returns its features of the windows.
fn sparse_autoencoder<T: Real>(
    evaluator: &Evaluator,
    prepared: &Prepared<T>,
    windows: &NormalizedWindows<T>,
    random: &mut Random,
    run: &mut Run,
) -> (TrainedAutoencoder<T>, Features<T>) {
    let (start, settings, normalized) = (Instant::now(), evaluator.settings, &windows.features);
    let model = settings.autoencoder(normalized.all.rows());
    let mut theta = model.draw::<T>(random);
    let mut examples = windows.train(normalized).matrix;
    if let Some(more) = &prepared.unlabeled {
        let chosen = choose(random, (0..more.matrix.columns()).collect(), settings.most_windows);
        examples = side_by_side(&examples, &windows.normalizer.apply(more.matrix.select_columns(&chosen)));
    }
    let outcome = run.minimize("sparse autoencoder", settings.iterations, &mut model.cost(&examples), &mut theta);
    drop(examples);
    run.learned(&theta);
    let trained = TrainedAutoencoder { model, theta, outcome };
    let all = trained.encode(&normalized.all);
    let parameters = normalized.parameters + model.hidden * (model.visible + 1);
    let seconds = normalized.seconds + start.elapsed().as_secs_f64();
    (trained, Features { all, parameters, seconds })
}

/// `stacked`: a second autoencoder learns from the features of the first; both encoders and a softmax layer become one
/// network, which is fine-tuned on the windows' labels.
fn stacked<T: Real>(
    evaluator: &Evaluator,
    windows: &NormalizedWindows<T>,
    first: TrainedAutoencoder<T>,
    features: Features<T>,
    random: &mut Random,
    run: &mut Run,
) -> (Trained<T>, TrainedClassifier<Stacked, T>) {
    let (start, settings, before) = (Instant::now(), evaluator.settings, features.seconds);
    let train = windows.train(&features);
    drop(features);
    let second = run.autoencoder("second layer", settings.deep(), settings.deep_iterations, &train.matrix, random);
    let deepest = train.map(|features| second.encode(features));
    drop(train);
    let top = evaluator.regression("softmax on deep features", settings.tuning_decay, &deepest, run);
    drop(deepest);
    let mut network = TrainedClassifier::transfer(&[first, second], &top);
    let normalized = &windows.features;
    run.fine_tune(&mut network, settings.tuning_iterations, &windows.train(normalized));
    run.learned(&network.theta);
    let (by_window, scores) = evaluator.windows(&network.log_probabilities(&normalized.all));
    let parameters = normalized.parameters + network.theta.len();
    let seconds = before + start.elapsed().as_secs_f64();
    let result = evaluator.result(Method::Stacked, Some(by_window), &scores, parameters, seconds);
    let (layers, theta) = network.model.unpack(&network.theta);
    let regression = TrainedClassifier { model: network.model.top(), theta };
    (Trained { result, scores, model: windows.model(evaluator, &layers, WindowTop::Each(regression)) }, network)
}

/// `ensemble`: the class with the largest sum of the members' log-probabilities. The members misclassify different
/// recordings, so that some of their errors cancel.
fn ensemble<T: Real>(evaluator: &Evaluator, trained: &[Trained<T>]) -> MethodResult {
    let members: Vec<&Trained<T>> = trained.iter().filter(|one| ENSEMBLE.contains(&one.result.method)).collect();
    let of_file = |j: usize| -> Vec<Scores<T>> { members.iter().map(|member| member.scores[j].clone()).collect() };
    let scores: Vec<_> = (0..evaluator.fold.test.len()).map(|j| Scores::ensemble(&of_file(j))).collect();
    let parameters = members.iter().fold(0, |sum, member| sum + member.result.parameters);
    let seconds = members.iter().fold(0.0, |sum, member| sum + member.result.seconds);
    evaluator.result(Method::Ensemble, None, &scores, parameters, seconds)
}

/// The peak memory of [`run_split`] in bytes, roughly.
pub fn memory<T: Real>(settings: &PipelineSettings, collection: &Collection, prepared: &Prepared<T>) -> f64 {
    let [hidden, deep, regions, visible, windows, recordings, classes] = [
        settings.hidden,
        settings.deep,
        settings.regions,
        prepared.labeled.matrix.rows(),
        prepared.labeled.matrix.columns(),
        collection.recordings.len(),
        collection.labels.len(),
    ]
    .map(|n| n as f64);
    let trained = Real::min(windows, 2.0 * settings.most_windows as f64);
    // L-BFGS has eleven pairs and seven vectors; there are two copies of the pooled examples while they are computed.
    let largest = Real::max(2.0 * hidden * (visible + deep), Real::max(hidden, deep) * regions * classes);
    let convolved = settings.convolved.regions.iter().fold(half(settings.hidden), |n, &regions| n * regions) as f64;
    let largest = Real::max(largest, convolved * classes);
    let pooled = 2.0 * Real::max(Real::max(hidden, deep) * regions, convolved) * recordings;
    let examples = windows * (2.0 * visible + Real::max(hidden, deep))
        + trained * (2.0 * visible + 3.0 * hidden + 2.0 * deep)
        // The scores of all windows, and those of the training windows with their probabilities.
        + classes * (windows + 2.0 * trained)
        + pooled;
    (29.0 * largest + examples) * size_of::<T>() as f64
}

/// A random choice of at most `most` of the columns, in ascending order.
pub(super) fn choose(random: &mut Random, mut columns: Vec<usize>, most: usize) -> Vec<usize> {
    if columns.len() > most {
        random.shuffle(&mut columns);
        columns.truncate(most);
        columns.sort_unstable();
    }
    columns
}

/// The columns of both matrices.
fn side_by_side<T: Real>(left: &Matrix<T>, right: &Matrix<T>) -> Matrix<T> {
    let split = left.columns();
    Matrix::from_function(left.rows(), split + right.columns(), |i, j| {
        if j < split { left.row(i)[j] } else { right.row(i)[j - split] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::sum::squared_distance;
    use crate::tutorial::fixture;
    use crate::tutorial::methods::{METHODS, Methods};
    use crate::tutorial::progress::Silent;

    #[test]
    fn a_method_gives_the_same_numbers_alone_as_among_all() {
        let settings = fixture::settings();
        let (collection, fold) = (fixture::collection(&settings), fixture::fold());
        let prepared = fixture::prepared::<f32>(&settings, &collection);
        let results = |methods| {
            let settings = PipelineSettings { methods, ..settings };
            run_split(&settings, &collection, &prepared, &fold, &mut Run::new(&mut Silent)).results
        };
        let all = results(Methods::ALL);
        for ((_, method), among_all) in METHODS.into_iter().zip(&all) {
            let alone = results(Methods::of(&[method]));
            assert_eq!((alone.len(), alone[0].method, among_all.method), (1, method, method));
            let numbers = |result: &MethodResult| (result.windows.clone(), result.files.clone(), result.parameters);
            assert_eq!(numbers(&alone[0]), numbers(among_all));
            assert_eq!(alone[0].files.total(), 4);
        }
        assert_eq!(all[7].parameters, all[4..7].iter().map(|member| member.parameters).sum::<usize>());
    }

    #[test]
    fn the_autoencoder_learns_from_unlabeled_recordings_too() {
        let methods = Methods::of(&[Method::SparseWindows]);
        let settings = PipelineSettings { methods, iterations: 40, ..fixture::settings() };
        let (collection, fold) = (fixture::collection(&settings), fixture::fold());
        // Tones, which are unlike the noise of the labeled recordings.
        let tones = (0..4).map(|i| {
            let sample = |n: usize| 0.3 * f64::sin_cos_pi(0.05 * (i + 1) as f64 * n as f64).0;
            let samples = (0..settings.shortest(8000) + 2000).map(sample).collect();
            Recording { name: "tone".into(), label: 0, group: "x".into(), index: None, samples }
        });
        let prepared = prepare::<f32>(&settings, &collection, &tones.collect::<Vec<_>>(), &mut Silent).unwrap();
        let learned = |prepared: &Prepared<f32>| {
            run_split(&settings, &collection, prepared, &fold, &mut Run::new(&mut Silent)).sparse.unwrap()
        };
        let models = [learned(&Prepared { unlabeled: None, ..prepared.clone() }), learned(&prepared)];
        // The normalization is measured on labeled windows alone.
        let tones = models[0].normalizer.apply(prepared.unlabeled.unwrap().matrix);
        let [without, with] = models.map(|SparseModel { autoencoder, theta, .. }| {
            let reconstructed = autoencoder.decode(&theta, &autoencoder.encode(&theta, &tones));
            squared_distance(reconstructed.elements(), tones.elements())
        });
        assert!(with < 0.9 * without, "{without} {with}");
    }

    #[test]
    fn a_choice_of_columns_is_ascending_and_has_no_column_twice() {
        let mut random = Random::new(1);
        assert_eq!(choose(&mut random, [7, 9].into(), 2), [7, 9]);
        let chosen = choose(&mut random, (0..100).collect(), 30);
        assert!(chosen.len() == 30 && chosen.is_sorted_by(|a, b| a < b), "{chosen:?}");
    }
}
