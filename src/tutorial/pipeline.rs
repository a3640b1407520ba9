//! The road of the tutorial: features learned without labels, classes learned with them, judged on recordings not heard
//! before.
//!
//! For each part of a split:
//!
//! 1. windows of the recordings to train on are normalized, and the normalization kept;
//! 2. `raw-windows`: softmax regression on them tells a window's class; a file's class is the one with the largest sum of its
//!    windows' log-probabilities;
//! 3. a sparse autoencoder learns features from the windows alone (self-taught learning), more unlabeled ones included;
//! 4. `sparse-windows`: as 2, on the features;
//! 5. `sparse-pooled`: softmax regression on a file's features averaged over regions of time;
//! 6. `stacked`: a second autoencoder learns from the features of the first; both encoders and a softmax regression become one
//!    network, which is tuned on the windows' classes as a whole; windows and files are judged as in 2;
//! 7. `stacked-pooled`: as 5, on the tuned network's deepest features;
//! 8. `convolved-pooled`: features of small patches, at every place of a recording ([`convolved_features`](super::convolved_features));
//! 9. `convolutional`: a convolutional network on whole recordings ([`sound_network`](super::sound_network));
//! 10. `ensemble`: the class with the largest sum of the log-probabilities of 7, 8 and 9, which err on different recordings.

use super::convolved_features::{convolved, half};
use super::evaluation::{Evaluator, Pooled};
use super::front_end::{FrontEnd, FrontEndError};
use super::metrics::Confusion;
use super::preprocessing::{Normalizer, digest_numbers, frames};
use super::progress::Progress;
use super::settings::PipelineSettings;
use super::sound_network::convolutional;
use super::training::{FineTuned, autoencoder, minimize};
use crate::bytes::digest::Digest;
use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::Fold;
use crate::dataset::windows::Windows;
use crate::matrix::Matrix;
use crate::model::Autoencoder;
use crate::model::greedy::TrainedAutoencoder;
use crate::number::sum::axpy;
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// How a method did.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodResult {
    /// `raw-windows`, `sparse-windows`, `sparse-pooled`, `stacked`, `stacked-pooled`, `convolved-pooled`,
    /// `convolutional` or `ensemble`.
    pub method: &'static str,
    /// Windows told right; none for a method that sees whole files only.
    pub windows: Option<Confusion>,
    /// Files told right.
    pub files: Confusion,
    /// Numbers learned.
    pub parameters: usize,
    /// Seconds to learn all that the method needs, and to judge it.
    pub seconds: f64,
}

/// What was learned on one part of a split, and how it did.
#[derive(Clone, Debug)]
pub struct Learned<T> {
    /// What the part tests.
    pub part: std::string::String,
    /// The shape of the autoencoder.
    pub autoencoder: Autoencoder,
    /// Its parameters.
    pub theta: Vec<T>,
    /// How windows were normalized.
    pub normalizer: Normalizer<T>,
    /// What `sparse-pooled` learned on their features.
    pub pooled: Pooled<T>,
    /// The methods.
    pub judged: Vec<MethodResult>,
}

/// Everything heard: the windows of all recordings.
#[derive(Clone, Debug)]
pub struct Prepared<T> {
    /// The frames of each labeled recording, one after the other.
    pub frames: Vec<Vec<T>>,
    /// Their windows.
    pub labeled: Windows<T>,
    /// Those for the autoencoder alone.
    pub unlabeled: Option<Windows<T>>,
    /// And their frames.
    pub unlabeled_frames: Vec<Vec<T>>,
    /// What the numbers of a frame are of.
    pub bands: Bands,
    /// What a user should know about the transform.
    pub remark: Option<std::string::String>,
}

/// The windows of a collection, and of unlabeled recordings at the same rate.
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
    let windows = |frames: &[Vec<T>]| settings.windowing.sample(frames, bands.count());
    let prepared = frames(&front, &collection.recordings);
    let labeled = windows(&prepared);
    let unlabeled_frames = frames(&front, unlabeled);
    let unlabeled = (!unlabeled.is_empty()).then(|| windows(&unlabeled_frames));
    let remark = front.remark().map(Into::into);
    Ok(Prepared { frames: prepared, labeled, unlabeled, unlabeled_frames, bands, remark })
}

/// Learns on the part's training recordings, judges on its test recordings, and feeds all learned numbers to the digest.
///
/// # Panics
/// If a recording is shorter than one window ([`PipelineSettings::shortest`]), or a side of the part is empty.
pub fn run_split<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    part: &Fold,
    digest: &mut Digest,
    progress: &mut dyn Progress,
) -> Learned<T> {
    let mut random = Random::new(settings.seed);
    let evaluator = Evaluator { settings, collection, ranges: &prepared.labeled.of_recording, part };

    // 1. Normalization, measured on a random choice of windows to train on.
    progress.stage("normalization", 0);
    let start = Instant::now();
    let train_columns = choose(&mut random, evaluator.columns(&part.train), settings.most_windows);
    let normalizer =
        Normalizer::measure(&settings.normalization, &prepared.labeled.matrix.select_columns(&train_columns));
    normalizer.digest(digest);
    let windows = normalizer.apply(prepared.labeled.matrix.clone());
    let (examples, classes) = (windows.select_columns(&train_columns), evaluator.labels_of_windows(&train_columns));
    let normalized = start.elapsed().as_secs_f64();

    // 2. Softmax regression on the windows themselves.
    let start = Instant::now();
    let raw =
        evaluator.regression("softmax on windows", settings.window_decay, (&examples, &classes), digest, progress);
    let (by_window, by_file) = evaluator.windows(&raw.model.log_probabilities(&raw.theta, &windows));
    let raw_windows = MethodResult {
        method: "raw-windows",
        windows: Some(by_window),
        files: by_file,
        parameters: normalizer.parameters() + raw.theta.len(),
        seconds: normalized + start.elapsed().as_secs_f64(),
    };

    // 3. The sparse autoencoder.
    let start = Instant::now();
    let shape = settings.autoencoder(windows.rows());
    let mut begin = shape.draw::<T>(&mut random);
    let with_unlabeled = prepared.unlabeled.as_ref().map(|more| {
        let chosen = choose(&mut random, (0..more.matrix.columns()).collect(), settings.most_windows);
        beside(&examples, &normalizer.apply(more.matrix.select_columns(&chosen)))
    });
    let mut objective = shape.cost(with_unlabeled.as_ref().unwrap_or(&examples));
    let outcome = minimize("sparse autoencoder", settings.iterations, &mut objective, &mut begin, progress);
    drop(objective);
    let first = TrainedAutoencoder { model: shape, theta: begin, outcome };
    digest_numbers(digest, &first.theta);
    let features = first.encode(&windows);
    let taught = normalized + start.elapsed().as_secs_f64();
    let encoder = normalizer.parameters() + shape.hidden * (shape.visible + 1);

    // 4. Softmax regression on the features of windows.
    let start = Instant::now();
    let chosen = features.select_columns(&train_columns);
    let sparse =
        evaluator.regression("softmax on features", settings.window_decay, (&chosen, &classes), digest, progress);
    let (by_window, by_file) = evaluator.windows(&sparse.model.log_probabilities(&sparse.theta, &features));
    let sparse_windows = MethodResult {
        method: "sparse-windows",
        windows: Some(by_window),
        files: by_file,
        parameters: encoder + sparse.theta.len(),
        seconds: taught + start.elapsed().as_secs_f64(),
    };

    // 5. Softmax regression on features averaged over regions of time.
    let start = Instant::now();
    let (log_p, pooled) = evaluator.pooled("softmax on pooled features", &features, digest, progress);
    let files = evaluator.confusion_of(&log_p);
    let seconds = taught + start.elapsed().as_secs_f64();
    let parameters = encoder + pooled.parameters();
    let sparse_pooled = MethodResult { method: "sparse-pooled", windows: None, files, parameters, seconds };
    drop(features);

    // 6. A second layer, and all of it tuned as one network.
    let start = Instant::now();
    let second = autoencoder("second layer", settings.deep(), settings.deep_iterations, &chosen, &mut random, progress);
    let deepest = second.encode(&chosen);
    drop(chosen);
    let top =
        evaluator.regression("softmax on deep features", settings.tuning_decay, (&deepest, &classes), digest, progress);
    drop(deepest);
    let stack = [first, second];
    let mut network = FineTuned::transfer(&stack, &top);
    network.tune(settings.tuning_iterations, (&examples, &classes), progress);
    digest_numbers(digest, &network.theta);
    let (by_window, by_file) = evaluator.windows(&network.settings.log_probabilities(&network.theta, &windows));
    let tuned = taught + start.elapsed().as_secs_f64();
    let stacked = MethodResult {
        method: "stacked",
        windows: Some(by_window),
        files: by_file,
        parameters: normalizer.parameters() + network.theta.len(),
        seconds: tuned,
    };

    // 7. Its deepest features averaged over regions of time.
    let start = Instant::now();
    let features = network.settings.features(&network.theta, &windows);
    let (mut together, deep_pooled) = evaluator.pooled("softmax on pooled deep features", &features, digest, progress);
    let files = evaluator.confusion_of(&together);
    let parameters = stacked.parameters - network.settings.top().dimension() + deep_pooled.parameters();
    let seconds = tuned + start.elapsed().as_secs_f64();
    let stacked_pooled = MethodResult { method: "stacked-pooled", windows: None, files, parameters, seconds };

    drop((windows, features));

    // 8. Features of small patches, at every place.
    let (convolved_pooled, log_p) = convolved(&evaluator, prepared, digest, progress);
    axpy(T::ONE, log_p.elements(), together.elements_mut());

    // 9. Filters at every place, trained through.
    let (convolutional, log_p) = convolutional(&evaluator, prepared, digest, progress);
    axpy(T::ONE, log_p.elements(), together.elements_mut());

    // 10. What the three say together.
    let three = [&stacked_pooled, &convolved_pooled, &convolutional];
    let together = MethodResult {
        method: "ensemble",
        windows: None,
        files: evaluator.confusion_of(&together),
        parameters: three.iter().fold(0, |sum, judged| sum + judged.parameters),
        seconds: three.iter().fold(0.0, |sum, judged| sum + judged.seconds),
    };

    let judged = vec![
        raw_windows,
        sparse_windows,
        sparse_pooled,
        stacked,
        stacked_pooled,
        convolved_pooled,
        convolutional,
        together,
    ];
    let [TrainedAutoencoder { theta, .. }, _] = stack;
    Learned { part: part.name.clone(), autoencoder: shape, theta, normalizer, pooled, judged }
}

/// Bytes that [`run_split`] takes at its peak, roughly.
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
    // L-BFGS has eleven pairs and seven vectors; the pooled examples are kept twice while they are made.
    let largest = Real::max(2.0 * hidden * (visible + deep), Real::max(hidden, deep) * regions * classes);
    let convolved = settings.convolved.regions.iter().fold(half(settings.hidden), |n, &regions| n * regions) as f64;
    let largest = Real::max(largest, convolved * classes);
    let pooled = 2.0 * Real::max(Real::max(hidden, deep) * regions, convolved) * recordings;
    let examples = windows * (2.0 * visible + Real::max(hidden, deep))
        + trained * (2.0 * visible + 3.0 * hidden + 2.0 * deep)
        // The scores of all windows, and those of the windows trained on with their probabilities.
        + classes * (windows + 2.0 * trained)
        + pooled;
    (29.0 * largest + examples) * size_of::<T>() as f64
}

/// At most so many of the columns, at random, in ascending order.
pub(super) fn choose(random: &mut Random, mut columns: Vec<usize>, most: usize) -> Vec<usize> {
    if columns.len() > most {
        random.shuffle(&mut columns);
        columns.truncate(most);
        columns.sort_unstable();
    }
    columns
}

/// Two matrices side by side.
fn beside<T: Real>(left: &Matrix<T>, right: &Matrix<T>) -> Matrix<T> {
    let split = left.columns();
    Matrix::from_function(left.rows(), split + right.columns(), |i, j| {
        if j < split { left.row(i)[j] } else { right.row(i)[j - split] }
    })
}
