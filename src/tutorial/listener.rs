//! The road of the tutorial: features learned without labels, classes learned with them, judged on recordings not heard before.
//!
//! For each part of a split:
//!
//! 1. windows of the recordings to train on are normalized, and the normalization kept;
//! 2. `raw-windows`: softmax regression on them tells a window's class; a file's class is the one with the largest sum of its
//!    windows' log-probabilities;
//! 3. a sparse autoencoder learns features from the windows alone (self-taught learning), more unlabeled ones included;
//! 4. `sparse-windows`: as 2, on the features;
//! 5. `sparse-pooled`: softmax regression on a file's features averaged over regions of time.

use super::bookmark;
use super::front::{Front, FrontError};
use super::hearing::{Normalizer, digest_numbers, frames};
use super::regions::average;
use super::score::Confusion;
use super::settings::Settings;
use super::watch::Watch;
use crate::bytes::digest::Digest;
use crate::dataset::normalize::Standard;
use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::Part;
use crate::dataset::windows::Windows;
use crate::matrix::Matrix;
use crate::model::softmax::most_likely;
use crate::model::{Autoencoder, AutoencoderSettings, Softmax, SoftmaxSettings};
use crate::number::{Random, Real};
use crate::optimize::{Lbfgs, Objective};
use crate::picture::bands::Bands;
use std::format;
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// How a method did.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// `raw-windows`, `sparse-windows` or `sparse-pooled`.
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
    pub autoencoder: AutoencoderSettings,
    /// Its parameters.
    pub theta: Vec<T>,
    /// How windows were normalized.
    pub normalizer: Normalizer<T>,
    /// The classes of pooled features.
    pub pooled: Pooled<T>,
    /// The methods.
    pub judged: Vec<Judged>,
}

/// The softmax regression of `sparse-pooled`, and the scale that its features are put on.
#[derive(Clone, Debug)]
pub struct Pooled<T> {
    /// The scale.
    pub standard: Standard<T>,
    /// The shape of the regression.
    pub settings: SoftmaxSettings,
    /// Its parameters.
    pub theta: Vec<T>,
}

/// Everything heard: the windows of all recordings.
#[derive(Clone, Debug)]
pub struct Heard<T> {
    /// The labeled ones.
    pub labeled: Windows<T>,
    /// Those for the autoencoder alone.
    pub unlabeled: Option<Windows<T>>,
    /// What the numbers of a frame are of.
    pub bands: Bands,
    /// What a user should know about the transform.
    pub remark: Option<std::string::String>,
}

/// The windows of a collection, and of unlabeled recordings at the same rate.
///
/// # Errors
/// If the bands do not fit the sampling rate or the shortest recording.
pub fn hear<T: Real>(
    settings: &Settings,
    collection: &Collection,
    unlabeled: &[Recording],
    watch: &mut dyn Watch,
) -> Result<Heard<T>, FrontError> {
    watch.stage("spectra", 0);
    let shortest = collection.recordings.iter().chain(unlabeled).map(|recording| recording.samples.len()).min();
    let framing = settings.framing(collection.rate);
    let front = Front::new(settings, framing, collection.rate, shortest.unwrap_or(0))?;
    let bands = front.bands().clone();
    let windows = |recordings: &[Recording]| settings.windowing.sample(&frames(&front, recordings), bands.count());
    let labeled = windows(&collection.recordings);
    let unlabeled = (!unlabeled.is_empty()).then(|| windows(unlabeled));
    Ok(Heard { labeled, unlabeled, bands, remark: front.remark().map(Into::into) })
}

/// Learns on the part's training recordings, judges on its test recordings, and feeds all learned numbers to the digest.
///
/// # Panics
/// If a recording is shorter than one window ([`Settings::shortest`]), or a side of the part is empty.
pub fn learn<T: Real>(
    settings: &Settings,
    collection: &Collection,
    heard: &Heard<T>,
    part: &Part,
    digest: &mut Digest,
    watch: &mut dyn Watch,
) -> Learned<T> {
    let mut random = Random::new(settings.seed);
    let classes = collection.labels.len();
    let ranges = &heard.labeled.of_recording;
    let label = |recording: usize| collection.recordings[recording].label;
    let columns = |recordings: &[usize]| -> Vec<usize> { recordings.iter().flat_map(|&r| ranges[r].clone()).collect() };

    // 1. Normalization, measured on a random choice of windows to train on.
    watch.stage("normalization", 0);
    let start = Instant::now();
    let train_columns = choose(&mut random, columns(&part.train), settings.most_windows);
    let normalizer = Normalizer::measure(&settings.normalization, &heard.labeled.matrix.select_columns(&train_columns));
    normalizer.digest(digest);
    let windows = normalizer.apply(heard.labeled.matrix.clone());
    let recording_of: Vec<usize> =
        ranges.iter().enumerate().flat_map(|(r, range)| range.clone().map(move |_| r)).collect();
    let train = Chosen {
        examples: windows.select_columns(&train_columns),
        classes: train_columns.iter().map(|&w| label(recording_of[w])).collect(),
    };
    let normalized = start.elapsed().as_secs_f64();

    // 2. Softmax regression on the windows themselves.
    let start = Instant::now();
    let raw = train.softmax("softmax on windows", classes, settings.window_decay, settings, digest, watch);
    let (by_window, by_file) = judge_windows(&raw, &windows, collection, heard, part);
    let raw_windows = Judged {
        method: "raw-windows",
        windows: Some(by_window),
        files: by_file,
        parameters: normalizer.parameters() + raw.theta.len(),
        seconds: normalized + start.elapsed().as_secs_f64(),
    };

    // 3. The sparse autoencoder.
    let start = Instant::now();
    let autoencoder = AutoencoderSettings {
        visible: windows.rows(),
        hidden: settings.hidden,
        decoder: settings.decoder,
        weight_decay: settings.weight_decay,
        sparsity: settings.sparsity,
        sparsity_weight: settings.sparsity_weight,
    };
    let mut theta = autoencoder.draw::<T>(&mut random);
    let with_unlabeled = heard.unlabeled.as_ref().map(|more| {
        let chosen = choose(&mut random, (0..more.matrix.columns()).collect(), settings.most_windows);
        beside(&train.examples, &normalizer.apply(more.matrix.select_columns(&chosen)))
    });
    let examples = with_unlabeled.as_ref().unwrap_or(&train.examples);
    let mut objective = Autoencoder::new(autoencoder, examples);
    minimize("sparse autoencoder", settings.iterations, &mut objective, &mut theta, watch);
    drop(objective);
    digest_numbers(digest, &theta);
    let features = autoencoder.encode(&theta, &windows);
    let taught = normalized + start.elapsed().as_secs_f64();
    let features_parameters = normalizer.parameters() + autoencoder.hidden * (autoencoder.visible + 1);

    // 4. Softmax regression on the features of windows.
    let start = Instant::now();
    let train = Chosen { examples: features.select_columns(&train_columns), classes: train.classes };
    let sparse = train.softmax("softmax on features", classes, settings.window_decay, settings, digest, watch);
    let (by_window, by_file) = judge_windows(&sparse, &features, collection, heard, part);
    let sparse_windows = Judged {
        method: "sparse-windows",
        windows: Some(by_window),
        files: by_file,
        parameters: features_parameters + sparse.theta.len(),
        seconds: taught + start.elapsed().as_secs_f64(),
    };

    // 5. Softmax regression on features averaged over regions of time.
    let start = Instant::now();
    let pool = |recordings: &[usize]| {
        let mut pooled = Matrix::zeros(settings.regions * autoencoder.hidden, recordings.len());
        for (j, &r) in recordings.iter().enumerate() {
            average(&features, ranges[r].clone(), &mut pooled, j);
        }
        pooled
    };
    let mut train = Chosen { examples: pool(&part.train), classes: part.train.iter().map(|&r| label(r)).collect() };
    let standard = Standard::measure(&train.examples);
    standard.apply(&mut train.examples);
    digest_numbers(digest, &standard.means);
    digest_numbers(digest, &standard.deviations);
    let pooled = train.softmax("softmax on pooled features", classes, settings.pooled_decay, settings, digest, watch);
    let mut test = pool(&part.test);
    standard.apply(&mut test);
    let mut files = Confusion::new(classes);
    for (&r, answer) in part.test.iter().zip(most_likely(&pooled.settings.log_probabilities(&pooled.theta, &test))) {
        files.count(label(r), answer);
    }
    let sparse_pooled = Judged {
        method: "sparse-pooled",
        windows: None,
        files,
        parameters: features_parameters + 2 * standard.means.len() + pooled.theta.len(),
        seconds: taught + start.elapsed().as_secs_f64(),
    };

    let judged = vec![raw_windows, sparse_windows, sparse_pooled];
    let pooled = Pooled { standard, settings: pooled.settings, theta: pooled.theta };
    Learned { part: part.name.clone(), autoencoder, theta, normalizer, pooled, judged }
}

/// Bytes that [`learn`] takes at its peak, roughly.
pub fn memory<T: Real>(settings: &Settings, collection: &Collection, heard: &Heard<T>) -> f64 {
    let [hidden, visible, windows, recordings, classes] = [
        settings.hidden,
        heard.labeled.matrix.rows(),
        heard.labeled.matrix.columns(),
        collection.recordings.len(),
        collection.labels.len(),
    ]
    .map(|n| n as f64);
    let trained = Real::min(windows, 2.0 * settings.most_windows as f64);
    let pooled = hidden * settings.regions as f64;
    // L-BFGS has eleven pairs and seven vectors; the pooled examples are kept twice while they are made.
    let minimizing = 29.0 * Real::max(2.0 * hidden * visible, pooled * classes);
    let examples =
        windows * (2.0 * visible + hidden) + trained * (2.0 * visible + 3.0 * hidden) + 2.0 * pooled * recordings;
    (minimizing + examples) * size_of::<T>() as f64
}

/// At most so many of the columns, at random, in ascending order.
fn choose(random: &mut Random, mut columns: Vec<usize>, most: usize) -> Vec<usize> {
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

/// Examples to train a classifier on.
struct Chosen<T> {
    examples: Matrix<T>,
    classes: Vec<usize>,
}

/// A trained softmax regression.
struct Regression<T> {
    settings: SoftmaxSettings,
    theta: Vec<T>,
}

impl<T: Real> Chosen<T> {
    fn softmax(
        &self,
        stage: &str,
        classes: usize,
        weight_decay: f64,
        settings: &Settings,
        digest: &mut Digest,
        watch: &mut dyn Watch,
    ) -> Regression<T> {
        let shape = SoftmaxSettings { features: self.examples.rows(), classes, bias: true, weight_decay };
        // The cost is convex: any start leads to the same minimum.
        let mut theta = vec![T::ZERO; shape.dimension()];
        let mut objective = Softmax::new(shape, &self.examples, &self.classes);
        minimize(stage, settings.softmax_iterations, &mut objective, &mut theta, watch);
        digest_numbers(digest, &theta);
        Regression { settings: shape, theta }
    }
}

fn minimize<T: Real>(
    stage: &str,
    iterations: usize,
    objective: &mut dyn Objective<T>,
    theta: &mut [T],
    watch: &mut dyn Watch,
) {
    watch.stage(&format!("{stage}, {} parameters", theta.len()), iterations);
    let outcome = bookmark::minimize(&Lbfgs { iterations, ..Lbfgs::default() }, objective, theta, watch);
    watch.ended(stage, outcome.reason);
}

/// Each test window's class, and each test file's by the sum of its windows' log-probabilities.
fn judge_windows<T: Real>(
    regression: &Regression<T>,
    windows: &Matrix<T>,
    collection: &Collection,
    heard: &Heard<T>,
    part: &Part,
) -> (Confusion, Confusion) {
    let classes = collection.labels.len();
    let log_p = regression.settings.log_probabilities(&regression.theta, windows);
    let answers = most_likely(&log_p);
    let (mut by_window, mut by_file) = (Confusion::new(classes), Confusion::new(classes));
    let mut sums = Matrix::zeros(classes, part.test.len());
    for (j, &r) in part.test.iter().enumerate() {
        let range = heard.labeled.of_recording[r].clone();
        for w in range.clone() {
            by_window.count(collection.recordings[r].label, answers[w]);
        }
        for k in 0..classes {
            sums.row_mut(k)[j] = crate::number::sum::sum(&log_p.row(k)[range.clone()]);
        }
    }
    for (&r, answer) in part.test.iter().zip(most_likely(&sums)) {
        by_file.count(collection.recordings[r].label, answer);
    }
    (by_window, by_file)
}
