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

use super::classifier::{Member, Scores, TrainedModel, WindowModel, WindowTop, activations};
use super::convolved_features::{convolved, half};
use super::error::TutorialError;
use super::evaluation::{Evaluator, MethodResult};
use super::examples::LabeledExamples;
use super::frame_source::{FrameSource, HELD};
use super::front_end::FrontEnd;
use super::methods::{ENSEMBLE, Method};
use super::preprocessing::Normalizer;
use super::progress::Progress;
use super::settings::PipelineSettings;
use super::sound_network::convolutional;
use super::time_pooling::averaged;
use super::training::{Run, TrainedClassifier};
use crate::dataset::recordings::{Collection, Recording, RereadError};
use crate::dataset::reservoir::Item;
use crate::dataset::split::Fold;
use crate::matrix::Matrix;
use crate::model::Autoencoder;
use crate::model::greedy::{TrainedAutoencoder, encoder};
use crate::model::stacked::DenseWeights;
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

/// The recordings as frames.
#[derive(Clone, Debug)]
pub struct Prepared<T> {
    /// The labeled recordings.
    pub labeled: FrameSource<T>,
    /// The unlabeled recordings.
    pub unlabeled: FrameSource<T>,
    /// The frequency bands of a frame's values.
    pub bands: Bands,
    /// The samples of the shortest recording.
    pub shortest: usize,
    /// A remark on the transform for the user.
    pub remark: Option<String>,
}

/// Computes the frames of a collection, and of unlabeled recordings at the same rate.
///
/// # Errors
/// If the bands do not fit the sampling rate or the shortest recording, or a recording cannot be read.
pub fn prepare<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    unlabeled: &[Recording],
    progress: &mut dyn Progress,
) -> Result<Prepared<T>, TutorialError> {
    prepare_within(settings, collection, unlabeled, HELD, progress)
}

/// As [`prepare`], with about `most` bytes of frames in memory, on which no result depends.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_within<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    unlabeled: &[Recording],
    most: usize,
    progress: &mut dyn Progress,
) -> Result<Prepared<T>, TutorialError> {
    progress.stage("spectra", 0);
    let lengths = collection.recordings.iter().chain(unlabeled).map(|recording| recording.samples.count());
    let shortest = lengths.min().unwrap_or(0);
    let framing = settings.front_end.framing(collection.rate);
    let front = FrontEnd::new(&settings.front_end, framing, collection.rate, shortest)?;
    let bands = front.bands().clone();
    let source = |recordings| FrameSource::new(&front, recordings, most).map_err(TutorialError::Recording);
    let (labeled, unlabeled) = (source(&collection.recordings)?, source(unlabeled)?);
    let remark = front.remark().map(Into::into);
    Ok(Prepared { labeled, unlabeled, bands, shortest, remark })
}

/// Trains the methods on the fold's training recordings, evaluates them on its test recordings, and feeds all learned
/// parameters to the run's digest.
///
/// # Errors
/// If a recording cannot be read again.
///
/// # Panics
/// If a recording is shorter than one window ([`PipelineSettings::shortest`]), or there is no training recording.
pub fn run_split<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    fold: &Fold,
    run: &mut Run,
) -> Result<Learned<T>, RereadError> {
    let evaluator = Evaluator { settings, collection, prepared, fold };
    let methods = settings.methods.with_members();
    let mut sparse = None;
    let mut trained: Vec<Trained<T>> = Vec::new();
    if methods.contains(Method::RawWindows) || methods.need_features() {
        let mut random = Random::new(settings.seed);
        let windows = NormalizedWindows::new(&evaluator, run)?;
        if methods.contains(Method::RawWindows) {
            let (method, stage) = (Method::RawWindows, "softmax on windows");
            trained.push(windows.classified(method, stage, &windows.below, &windows.train, run)?);
        }
        if methods.need_features() {
            let (autoencoder, features) = sparse_autoencoder(&windows, &mut random, run)?;
            if methods.contains(Method::SparseWindows) {
                let (method, stage) = (Method::SparseWindows, "softmax on features");
                let train = windows.train.map(|windows| autoencoder.encode(windows));
                trained.push(windows.classified(method, stage, &features, &train, run)?);
            }
            if methods.contains(Method::SparsePooled) {
                let (method, stage) = (Method::SparsePooled, "softmax on pooled features");
                trained.push(windows.pooled(method, stage, &features, run)?);
            }
            sparse = Some(SparseModel {
                normalizer: windows.normalizer.clone(),
                autoencoder: autoencoder.model,
                theta: autoencoder.theta.clone(),
            });
            if methods.any(&[Method::Stacked, Method::StackedPooled]) {
                let (stack, deepest) = stacked(&windows, autoencoder, &features, &mut random, run)?;
                trained.push(stack);
                if methods.contains(Method::StackedPooled) {
                    let (method, stage) = (Method::StackedPooled, "softmax on pooled deep features");
                    trained.push(windows.pooled(method, stage, &deepest, run)?);
                }
            }
        }
    }
    if methods.contains(Method::ConvolvedPooled) {
        trained.push(convolved(&evaluator, run)?);
    }
    if methods.contains(Method::Convolutional) {
        trained.push(convolutional(&evaluator, run)?);
    }
    let ensemble = methods.contains(Method::Ensemble).then(|| ensemble(&evaluator, &trained));
    let (mut results, mut members) = (Vec::new(), Vec::new());
    for Trained { result, model, .. } in trained {
        members.push(Member { method: result.method, model });
        results.push(result);
    }
    results.extend(ensemble);
    results.retain(|result| settings.methods.contains(result.method));
    Ok(Learned { fold: fold.name.clone(), sparse, results, members })
}

/// Features of windows: their normalized values, or the outputs of a layer.
struct Features<T> {
    /// Sigmoid layers, from the input on; none for the values themselves.
    layers: Vec<DenseWeights<T>>,
    /// The number of parameters learned for them.
    parameters: usize,
    /// Seconds of all the work for them.
    seconds: f64,
}

/// Windows, normalized as measured on a random choice of training windows.
struct NormalizedWindows<'a, T> {
    evaluator: &'a Evaluator<'a, T>,
    normalizer: Normalizer<T>,
    /// The normalized values as features.
    below: Features<T>,
    /// The chosen training windows.
    train: LabeledExamples<T>,
}

impl<'a, T: Real> NormalizedWindows<'a, T> {
    fn new(evaluator: &'a Evaluator<'a, T>, run: &mut Run) -> Result<Self, RereadError> {
        run.progress.stage("normalization", 0);
        let (start, settings) = (Instant::now(), evaluator.settings);
        let chosen: Vec<Item> = evaluator.choose(&evaluator.fold.train);
        let windows = evaluator.prepared.labeled.select(&chosen, settings.context_window)?;
        let normalizer = Normalizer::measure(&settings.normalization, &windows);
        normalizer.digest(&mut run.digest);
        let train = LabeledExamples { matrix: normalizer.apply(windows), labels: evaluator.labels_of_windows(&chosen) };
        let (parameters, seconds) = (normalizer.parameters(), start.elapsed().as_secs_f64());
        let below = Features { layers: Vec::new(), parameters, seconds };
        Ok(NormalizedWindows { evaluator, normalizer, below, train })
    }

    /// `raw-windows` and `sparse-windows`: softmax regression on features of windows. That on the windows themselves is
    /// the baseline for learned features. `train` are the features of the training windows.
    fn classified(
        &self,
        method: Method,
        stage: &str,
        features: &Features<T>,
        train: &LabeledExamples<T>,
        run: &mut Run,
    ) -> Result<Trained<T>, RereadError> {
        let start = Instant::now();
        let regression = self.evaluator.regression(stage, self.evaluator.settings.window_decay, train, run);
        let parameters = features.parameters + regression.theta.len();
        let model = self.model(&features.layers, WindowTop::Each(regression));
        self.evaluated(method, model, parameters, features.seconds, start)
    }

    /// A classifier of windows with its results.
    fn evaluated(
        &self,
        method: Method,
        model: WindowModel<T>,
        parameters: usize,
        before: f64,
        start: Instant,
    ) -> Result<Trained<T>, RereadError> {
        let (by_window, scores) = self.evaluator.windows(&model)?;
        let seconds = before + start.elapsed().as_secs_f64();
        let result = self.evaluator.result(method, Some(by_window), &scores, parameters, seconds);
        Ok(Trained { result, scores, model: TrainedModel::Windows(model) })
    }

    /// `sparse-pooled` and `stacked-pooled`: softmax regression on a recording's features averaged over regions of
    /// time, which keeps their order.
    fn pooled(
        &self,
        method: Method,
        stage: &str,
        features: &Features<T>,
        run: &mut Run,
    ) -> Result<Trained<T>, RereadError> {
        let (start, evaluator) = (Instant::now(), self.evaluator);
        let PipelineSettings { context_window, regions, pooled_decay, .. } = *evaluator.settings;
        let (bands, layers) = (evaluator.prepared.bands.count(), &features.layers);
        let rows = regions * layers.last().map_or(self.train.matrix.rows(), |layer| layer.bias.len());
        let pool =
            |group: &[&[T]]| averaged(&activations(context_window, &self.normalizer, layers, group, bands), regions);
        let pooled = evaluator.files(stage, pooled_decay, rows, pool, run)?;
        let parameters = features.parameters + pooled.parameters();
        let model = TrainedModel::Windows(self.model(layers, WindowTop::Pooled(regions, pooled)));
        let scores = evaluator.scores(&model)?;
        let seconds = features.seconds + start.elapsed().as_secs_f64();
        let result = evaluator.result(method, None, &scores, parameters, seconds);
        Ok(Trained { result, scores, model })
    }

    /// Layers on these windows and a regression, as a model.
    fn model(&self, layers: &[DenseWeights<T>], top: WindowTop<T>) -> WindowModel<T> {
        let (context, normalizer) = (self.evaluator.settings.context_window, self.normalizer.clone());
        WindowModel { context, normalizer, layers: layers.to_vec(), top }
    }
}

/// Trains the sparse autoencoder on windows without their labels (self-taught learning), on unlabeled recordings too;
/// also returns its features.
fn sparse_autoencoder<T: Real>(
    windows: &NormalizedWindows<T>,
    random: &mut Random,
    run: &mut Run,
) -> Result<(TrainedAutoencoder<T>, Features<T>), RereadError> {
    let (start, settings, below) = (Instant::now(), windows.evaluator.settings, &windows.below);
    let model = settings.autoencoder(windows.train.matrix.rows());
    let mut theta = model.draw::<T>(random);
    let unlabeled = &windows.evaluator.prepared.unlabeled;
    let mut more = None;
    if unlabeled.recordings() > 0 {
        let (context, seed) = (settings.context_window, Random::stream(settings.seed, &[1]).next_u64());
        let chosen = unlabeled.choose(0..unlabeled.recordings(), context, seed, settings.most_windows);
        let normalized = windows.normalizer.apply(unlabeled.select(&chosen, context)?);
        more = Some(side_by_side(&windows.train.matrix, &normalized));
    }
    let examples = more.as_ref().unwrap_or(&windows.train.matrix);
    let outcome = run.minimize("sparse autoencoder", settings.iterations, &mut model.cost(examples), &mut theta);
    run.learned(&theta);
    let trained = TrainedAutoencoder { model, theta, outcome };
    let layers = Vec::from([trained.encoder()]);
    let parameters = below.parameters + model.hidden * (model.visible + 1);
    let seconds = below.seconds + start.elapsed().as_secs_f64();
    Ok((trained, Features { layers, parameters, seconds }))
}

/// `stacked`: a second autoencoder learns from the features of the first; both encoders and a softmax layer become one
/// network, which is fine-tuned on the windows' labels. Also returns its deepest features.
fn stacked<T: Real>(
    windows: &NormalizedWindows<T>,
    first: TrainedAutoencoder<T>,
    features: &Features<T>,
    random: &mut Random,
    run: &mut Run,
) -> Result<(Trained<T>, Features<T>), RereadError> {
    let (start, settings, before) = (Instant::now(), windows.evaluator.settings, features.seconds);
    let train = windows.train.map(|windows| first.encode(windows));
    let second = run.autoencoder("second layer", settings.deep(), settings.deep_iterations, &train.matrix, random);
    let deepest = train.map(|features| second.encode(features));
    drop(train);
    let top = windows.evaluator.regression("softmax on deep features", settings.tuning_decay, &deepest, run);
    drop(deepest);
    let mut network = TrainedClassifier::transfer(&[first, second], &top);
    run.fine_tune(&mut network, settings.tuning_iterations, &windows.train);
    run.learned(&network.theta);
    let parameters = windows.below.parameters + network.theta.len();
    let (layers, theta) = network.model.unpack(&network.theta);
    let regression = TrainedClassifier { model: network.model.top(), theta };
    let model = windows.model(&layers, WindowTop::Each(regression));
    let stack = windows.evaluated(Method::Stacked, model, parameters, before, start)?;
    let (parameters, seconds) = (parameters - network.model.top().dimension(), stack.result.seconds);
    Ok((stack, Features { layers, parameters, seconds }))
}

/// `ensemble`: the class with the largest sum of the members' log-probabilities. The members misclassify different
/// recordings, so that some of their errors cancel.
fn ensemble<T: Real>(evaluator: &Evaluator<T>, trained: &[Trained<T>]) -> MethodResult {
    let members: Vec<&Trained<T>> = trained.iter().filter(|one| ENSEMBLE.contains(&one.result.method)).collect();
    let of_file = |j: usize| -> Vec<Scores<T>> { members.iter().map(|member| member.scores[j].clone()).collect() };
    let scores: Vec<_> = (0..evaluator.fold.test.len()).map(|j| Scores::ensemble(&of_file(j))).collect();
    let parameters = members.iter().fold(0, |sum, member| sum + member.result.parameters);
    let seconds = members.iter().fold(0.0, |sum, member| sum + member.result.seconds);
    evaluator.result(Method::Ensemble, None, &scores, parameters, seconds)
}

/// The peak memory of [`run_split`] in bytes, roughly.
pub fn memory<T: Real>(settings: &PipelineSettings, collection: &Collection, prepared: &Prepared<T>) -> f64 {
    let all = 0..prepared.labeled.recordings();
    let [hidden, deep, regions, visible, windows, recordings, classes] = [
        settings.hidden,
        settings.deep,
        settings.regions,
        prepared.bands.count() * settings.context_window.width,
        prepared.labeled.windows(all, settings.context_window),
        collection.recordings.len().min(settings.most_recordings),
        collection.labels.len(),
    ]
    .map(|n| n as f64);
    let trained = Real::min(windows, 2.0 * settings.most_windows as f64);
    // L-BFGS has eleven pairs and seven vectors.
    let largest = Real::max(2.0 * hidden * (visible + deep), Real::max(hidden, deep) * regions * classes);
    let convolved = settings.convolved.regions.iter().fold(half(settings.hidden), |n, &regions| n * regions) as f64;
    let largest = Real::max(largest, convolved * classes);
    let pooled = Real::max(Real::max(hidden, deep) * regions, convolved) * recordings;
    let examples = trained * (3.0 * visible + 3.0 * hidden + 2.0 * deep)
        // The scores of the training windows with their probabilities.
        + classes * 2.0 * trained
        + pooled;
    (29.0 * largest + examples) * size_of::<T>() as f64
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
    use crate::audio::wav::write_pcm16;
    use crate::dataset::folder::{self, CHANGED};
    use crate::number::sum::squared_distance;
    use crate::tutorial::fixture;
    use crate::tutorial::methods::{METHODS, Methods};
    use crate::tutorial::metrics::Confusion;
    use crate::tutorial::progress::Silent;

    #[test]
    fn a_method_gives_the_same_numbers_alone_as_among_all() {
        let settings = fixture::settings();
        let (collection, fold) = (fixture::collection(&settings), fixture::fold());
        let prepared = fixture::prepared::<f32>(&settings, &collection);
        let results = |methods| {
            let settings = PipelineSettings { methods, ..settings };
            run_split(&settings, &collection, &prepared, &fold, &mut Run::new(&mut Silent)).unwrap().results
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
    fn the_number_of_recordings_in_memory_changes_no_bit_and_a_changed_file_is_an_error() {
        let settings = PipelineSettings { most_windows: 30, most_recordings: 6, ..fixture::settings() };
        let folder = std::env::temp_dir().join(std::format!("ossicle-frames-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = |i: usize| folder.join(std::format!("{}_x_{i}.wav", i % 2));
        for (i, recording) in fixture::collection(&settings).recordings.iter().enumerate() {
            let bytes = write_pcm16(8000, 1, &recording.samples.read().unwrap());
            std::fs::write(path(i), bytes).unwrap();
        }
        let collection = folder::read(&folder, None, &|_| 1).unwrap().collection;
        let prepared = |most| {
            let unlabeled = &collection.recordings[..5];
            prepare_within::<f32>(&settings, &collection, unlabeled, most, &mut Silent).unwrap()
        };
        let run = |prepared: &Prepared<f32>| {
            let mut silent = Silent;
            let mut run = Run::new(&mut silent);
            run_split(&settings, &collection, prepared, &fixture::fold(), &mut run)
                .map(|learned| (run.digest.hex(), learned.results.into_iter().map(|result| result.files).collect()))
        };
        let all: (String, Vec<Confusion>) = run(&prepared(usize::MAX)).unwrap();
        assert_eq!((run(&prepared(0)), run(&prepared(5000))), (Ok(all.clone()), Ok(all)));
        let none = prepared(0);
        // As many samples, but others.
        let sound = write_pcm16(8000, 1, &std::vec![0.1; collection.recordings[3].samples.count()]);
        std::fs::write(folder.join(&collection.recordings[3].name), sound).unwrap();
        assert_eq!(run(&none).unwrap_err().cause, CHANGED);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(run(&none).is_err());
    }

    #[test]
    fn the_autoencoder_learns_from_unlabeled_recordings_too() {
        let methods = Methods::of(&[Method::SparseWindows]);
        let settings = PipelineSettings { methods, iterations: 40, ..fixture::settings() };
        let (collection, fold) = (fixture::collection(&settings), fixture::fold());
        // Tones, which are unlike the noise of the labeled recordings.
        let tones = (0..4).map(|i| {
            let sample = |n: usize| 0.3 * f64::sin_cos_pi(0.05 * (i + 1) as f64 * n as f64).0;
            let samples: Vec<f64> = (0..settings.shortest(8000) + 2000).map(sample).collect();
            Recording { name: "tone".into(), label: 0, group: "x".into(), index: None, samples: samples.into() }
        });
        let prepared = prepare::<f32>(&settings, &collection, &tones.collect::<Vec<_>>(), &mut Silent).unwrap();
        let learned = |prepared: &Prepared<f32>| {
            run_split(&settings, &collection, prepared, &fold, &mut Run::new(&mut Silent)).unwrap().sparse.unwrap()
        };
        let none = FrameSource::held(Vec::new(), prepared.bands.count());
        let models = [learned(&Prepared { unlabeled: none, ..prepared.clone() }), learned(&prepared)];
        // The normalization is measured on labeled windows alone.
        let tones = models[0]
            .normalizer
            .apply(prepared.unlabeled.sample(settings.context_window, 1, usize::MAX).unwrap().matrix);
        let [without, with] = models.map(|SparseModel { autoencoder, theta, .. }| {
            let reconstructed = autoencoder.decode(&theta, &autoencoder.encode(&theta, &tones));
            squared_distance(reconstructed.elements(), tones.elements())
        });
        assert!(with < 0.9 * without, "{without} {with}");
    }
}
