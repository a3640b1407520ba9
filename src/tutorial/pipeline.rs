//! The pipeline: features are learned without labels, classifiers on top of them with labels, and both are evaluated
//! on recordings that were not used in training.
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

use super::convolved_features::{convolved, half};
use super::evaluation::{Evaluator, Pooled};
use super::examples::LabeledExamples;
use super::front_end::{FrontEnd, FrontEndError};
use super::methods::Method;
use super::metrics::Confusion;
use super::preprocessing::{Normalizer, frames};
use super::progress::Progress;
use super::settings::PipelineSettings;
use super::sound_network::convolutional;
use super::training::{FineTuned, Run};
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::Fold;
use crate::matrix::Matrix;
use crate::model::Autoencoder;
use crate::model::greedy::TrainedAutoencoder;
use crate::number::sum::axpy;
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use std::string::String;
use std::time::Instant;
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
    /// The number of learned parameters.
    pub parameters: usize,
    /// Seconds for training, with all steps that the method needs, and for evaluation.
    pub seconds: f64,
}

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

/// The models trained on a fold, and the results of the methods.
#[derive(Clone, Debug)]
pub struct Learned<T> {
    /// The fold's name.
    pub fold: String,
    /// The sparse autoencoder, if a method needed it.
    pub sparse: Option<SparseModel<T>>,
    /// The classifier of `sparse-pooled`, if that method ran.
    pub pooled: Option<Pooled<T>>,
    /// The results of the methods in [`PipelineSettings::methods`].
    pub results: Vec<MethodResult>,
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
    let shortest = collection.recordings.iter().chain(unlabeled).map(|recording| recording.samples.len()).min();
    let framing = settings.framing(collection.rate);
    let front = FrontEnd::new(settings, framing, collection.rate, shortest.unwrap_or(0))?;
    let bands = front.bands().clone();
    let windows = |frames: &[Vec<T>]| settings.context_window.sample(frames, bands.count());
    let prepared = frames(&front, &collection.recordings);
    let labeled = windows(&prepared);
    let unlabeled_frames = frames(&front, unlabeled);
    let unlabeled = (!unlabeled.is_empty()).then(|| windows(&unlabeled_frames));
    let remark = front.remark().map(Into::into);
    Ok(Prepared { frames: prepared, labeled, unlabeled, unlabeled_frames, bands, remark })
}

/// Trains the methods on the fold's training recordings, evaluates them on its test recordings, and feeds all learned
/// parameters to the run's digest.
///
/// # Panics
/// If a recording is shorter than one window ([`PipelineSettings::shortest`]), or a side of the fold is empty.
pub fn run_split<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    fold: &Fold,
    run: &mut Run,
) -> Learned<T> {
    let evaluator = Evaluator { settings, collection, ranges: &prepared.labeled.ranges, fold };
    let methods = settings.methods.with_members();
    let mut learned = Learned { fold: fold.name.clone(), sparse: None, pooled: None, results: Vec::new() };
    let mut members = Vec::new();
    if methods.contains(Method::RawWindows) || methods.need_features() {
        let mut random = Random::new(settings.seed);
        let windows = NormalizedWindows::new(&evaluator, prepared, &mut random, run);
        if methods.contains(Method::RawWindows) {
            learned.results.push(raw_windows(&evaluator, &windows, run));
        }
        if methods.need_features() {
            let sparse = sparse_autoencoder(&evaluator, prepared, &windows, &mut random, run);
            if methods.contains(Method::SparseWindows) {
                learned.results.push(sparse_windows(&evaluator, &sparse, run));
            }
            if methods.contains(Method::SparsePooled) {
                let (result, pooled) = sparse_pooled(&evaluator, &sparse, run);
                learned.results.push(result);
                learned.pooled = Some(pooled);
            }
            let Features { trained: TrainedAutoencoder { model: autoencoder, theta, .. }, .. } = &sparse;
            let normalizer = windows.normalizer.clone();
            learned.sparse = Some(SparseModel { normalizer, autoencoder: *autoencoder, theta: theta.clone() });
            if methods.any(&[Method::Stacked, Method::StackedPooled]) {
                let (stacked, network) = stacked(&evaluator, &windows, sparse, &mut random, run);
                if methods.contains(Method::StackedPooled) {
                    members.push(stacked_pooled(&evaluator, &windows, &stacked, &network, run));
                }
                learned.results.push(stacked);
            }
        }
    }
    if methods.contains(Method::ConvolvedPooled) {
        members.push(convolved(&evaluator, prepared, run));
    }
    if methods.contains(Method::Convolutional) {
        members.push(convolutional(&evaluator, prepared, run));
    }
    let ensemble = methods.contains(Method::Ensemble).then(|| ensemble(&evaluator, &members));
    learned.results.extend(members.into_iter().map(|(result, _)| result).chain(ensemble));
    learned.results.retain(|result| settings.methods.contains(result.method));
    learned
}

/// The windows of all recordings, normalized as measured on a random choice of training windows.
struct NormalizedWindows<T> {
    normalizer: Normalizer<T>,
    all: Matrix<T>,
    /// The chosen columns of `all`.
    chosen: Vec<usize>,
    train: LabeledExamples<T>,
    seconds: f64,
}

impl<T: Real> NormalizedWindows<T> {
    fn new(evaluator: &Evaluator, prepared: &Prepared<T>, random: &mut Random, run: &mut Run) -> Self {
        run.progress.stage("normalization", 0);
        let (start, settings, windows) = (Instant::now(), evaluator.settings, &prepared.labeled.matrix);
        let chosen = choose(random, evaluator.columns(&evaluator.fold.train), settings.most_windows);
        let normalizer = Normalizer::measure(&settings.normalization, &windows.select_columns(&chosen));
        normalizer.digest(&mut run.digest);
        let all = normalizer.apply(windows.clone());
        let train =
            LabeledExamples { matrix: all.select_columns(&chosen), labels: evaluator.labels_of_windows(&chosen) };
        NormalizedWindows { normalizer, all, chosen, train, seconds: start.elapsed().as_secs_f64() }
    }
}

/// `raw-windows`: softmax regression on the windows themselves, the baseline for learned features.
fn raw_windows<T: Real>(evaluator: &Evaluator, windows: &NormalizedWindows<T>, run: &mut Run) -> MethodResult {
    let start = Instant::now();
    let decay = evaluator.settings.window_decay;
    let regression = evaluator.regression("softmax on windows", decay, &windows.train, run);
    let (by_window, files) = evaluator.windows(&regression.model.log_probabilities(&regression.theta, &windows.all));
    MethodResult {
        method: Method::RawWindows,
        windows: Some(by_window),
        files,
        parameters: windows.normalizer.parameters() + regression.theta.len(),
        seconds: windows.seconds + start.elapsed().as_secs_f64(),
    }
}

/// The sparse autoencoder and its features of the windows.
struct Features<T> {
    trained: TrainedAutoencoder<T>,
    /// Of all windows.
    all: Matrix<T>,
    /// Of the training windows.
    train: LabeledExamples<T>,
    /// Parameters of the normalization and of the encoder.
    parameters: usize,
    seconds: f64,
}

/// Trains the sparse autoencoder on windows without their labels (self-taught learning), on unlabeled recordings too.
fn sparse_autoencoder<T: Real>(
    evaluator: &Evaluator,
    prepared: &Prepared<T>,
    windows: &NormalizedWindows<T>,
    random: &mut Random,
    run: &mut Run,
) -> Features<T> {
    let (start, settings) = (Instant::now(), evaluator.settings);
    let model = settings.autoencoder(windows.all.rows());
    let mut theta = model.draw::<T>(random);
    let with_unlabeled = prepared.unlabeled.as_ref().map(|more| {
        let chosen = choose(random, (0..more.matrix.columns()).collect(), settings.most_windows);
        side_by_side(&windows.train.matrix, &windows.normalizer.apply(more.matrix.select_columns(&chosen)))
    });
    let examples = with_unlabeled.as_ref().unwrap_or(&windows.train.matrix);
    let mut objective = model.cost(examples);
    let outcome = run.minimize("sparse autoencoder", settings.iterations, &mut objective, &mut theta);
    drop(objective);
    drop(with_unlabeled);
    run.learned(&theta);
    let trained = TrainedAutoencoder { model, theta, outcome };
    let all = trained.encode(&windows.all);
    let train = LabeledExamples { matrix: all.select_columns(&windows.chosen), labels: windows.train.labels.clone() };
    let parameters = windows.normalizer.parameters() + model.hidden * (model.visible + 1);
    Features { trained, all, train, parameters, seconds: windows.seconds + start.elapsed().as_secs_f64() }
}

/// `sparse-windows`: softmax regression on the sparse autoencoder's features of windows.
fn sparse_windows<T: Real>(evaluator: &Evaluator, features: &Features<T>, run: &mut Run) -> MethodResult {
    let start = Instant::now();
    let decay = evaluator.settings.window_decay;
    let regression = evaluator.regression("softmax on features", decay, &features.train, run);
    let (by_window, files) = evaluator.windows(&regression.model.log_probabilities(&regression.theta, &features.all));
    MethodResult {
        method: Method::SparseWindows,
        windows: Some(by_window),
        files,
        parameters: features.parameters + regression.theta.len(),
        seconds: features.seconds + start.elapsed().as_secs_f64(),
    }
}

/// `sparse-pooled`: softmax regression on a recording's features averaged over regions of time, which keeps their
/// order.
fn sparse_pooled<T: Real>(evaluator: &Evaluator, features: &Features<T>, run: &mut Run) -> (MethodResult, Pooled<T>) {
    let start = Instant::now();
    let (log_p, pooled) = evaluator.pooled("softmax on pooled features", &features.all, run);
    let result = MethodResult {
        method: Method::SparsePooled,
        windows: None,
        files: evaluator.confusion_of(&log_p),
        parameters: features.parameters + pooled.parameters(),
        seconds: features.seconds + start.elapsed().as_secs_f64(),
    };
    (result, pooled)
}

/// `stacked`: a second autoencoder learns from the features of the first; both encoders and a softmax layer become one
/// network, which is fine-tuned on the windows' labels.
fn stacked<T: Real>(
    evaluator: &Evaluator,
    windows: &NormalizedWindows<T>,
    Features { trained: first, all, train, seconds, .. }: Features<T>,
    random: &mut Random,
    run: &mut Run,
) -> (MethodResult, FineTuned<T>) {
    drop(all);
    let (start, settings) = (Instant::now(), evaluator.settings);
    let second = run.autoencoder("second layer", settings.deep(), settings.deep_iterations, &train.matrix, random);
    let deepest = train.map(|features| second.encode(features));
    drop(train);
    let top = evaluator.regression("softmax on deep features", settings.tuning_decay, &deepest, run);
    drop(deepest);
    let mut network = FineTuned::transfer(&[first, second], &top);
    run.fine_tune(&mut network, settings.tuning_iterations, &windows.train);
    run.learned(&network.theta);
    let (by_window, files) = evaluator.windows(&network.model.log_probabilities(&network.theta, &windows.all));
    let result = MethodResult {
        method: Method::Stacked,
        windows: Some(by_window),
        files,
        parameters: windows.normalizer.parameters() + network.theta.len(),
        seconds: seconds + start.elapsed().as_secs_f64(),
    };
    (result, network)
}

/// `stacked-pooled`: as `sparse-pooled`, on the deepest features of the fine-tuned network; also returns the
/// log-probabilities of the test files.
fn stacked_pooled<T: Real>(
    evaluator: &Evaluator,
    windows: &NormalizedWindows<T>,
    stacked: &MethodResult,
    network: &FineTuned<T>,
    run: &mut Run,
) -> (MethodResult, Matrix<T>) {
    let start = Instant::now();
    let features = network.model.features(&network.theta, &windows.all);
    let (log_p, pooled) = evaluator.pooled("softmax on pooled deep features", &features, run);
    let result = MethodResult {
        method: Method::StackedPooled,
        windows: None,
        files: evaluator.confusion_of(&log_p),
        parameters: stacked.parameters - network.model.top().dimension() + pooled.parameters(),
        seconds: stacked.seconds + start.elapsed().as_secs_f64(),
    };
    (result, log_p)
}

/// `ensemble`: the class with the largest sum of the members' log-probabilities. The members misclassify different
/// recordings, so that some of their errors cancel.
fn ensemble<T: Real>(evaluator: &Evaluator, members: &[(MethodResult, Matrix<T>)]) -> MethodResult {
    let mut log_p: Matrix<T> = members[0].1.clone();
    members[1..].iter().for_each(|(_, more)| axpy(T::ONE, more.elements(), log_p.elements_mut()));
    MethodResult {
        method: Method::Ensemble,
        windows: None,
        files: evaluator.confusion_of(&log_p),
        parameters: members.iter().fold(0, |sum, (result, _)| sum + result.parameters),
        seconds: members.iter().fold(0.0, |sum, (result, _)| sum + result.seconds),
    }
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
