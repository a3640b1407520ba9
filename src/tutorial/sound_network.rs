//! `convolutional`: convolutional networks on whole recordings, trained on randomly varied spectrograms.
//!
//! Why: a window of four frames is shorter than a word, and the features of an autoencoder were learned without labels.
//! A convolutional network reads the whole recording, and learns features of several sizes for the labels.
//!
//! 1. Silence at the ends of a recording is left out, the levels of its spectrum are clipped and standardized, and the
//!    spectrum is resampled to a spectrogram image. The image has a row for each band, at most 64 ([`MOST_ROWS`]), and
//!    a column for each frame of a training recording of median length, rounded up to a multiple of 8, but at least 32
//!    and at most 128.
//! 2. Three times: 3 x 3 filters that keep the size, rectified, and max pooling over 2 x 2.
//! 3. Dropout of a half, and softmax.
//! 4. Three such networks are trained from different starts on different variations. A recording's class is the one
//!    with the largest sum of their log-probabilities, the logarithms of the softmax outputs.
//!
//! Pooling makes a feature insensitive to shifts by a few frames and bands, while the softmax layer still distinguishes
//! the start of a word from its end and low bands from high ones. The variations reduce overfitting: given hundreds of
//! recordings of a few speakers, a network memorizes these speakers and does not generalize to others.
//! [`augment`](crate::dataset::augment) lists the accuracies with and without the variations.

use super::classifier::{NetworkModel, TrainedModel};
use super::evaluation::Evaluator;
use super::methods::Method;
use super::pipeline::{Prepared, Trained};
use super::settings::PipelineSettings;
use super::training::{Batches, Run};
use crate::dataset::augment::{Augmentation, Augmented, Mask, SpectrogramImage};
use crate::dataset::recordings::RereadError;
use crate::model::Activation;
use crate::model::convolution::pooling::Regions;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::{Examples, Layer, Network, Target};
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use std::format;
use std::time::Instant;
use std::vec::Vec;

/// The most rows of a spectrogram image; a spectrum of more bands is resampled to it.
pub const MOST_ROWS: usize = 64;

/// The settings of the convolutional networks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolutionalSettings {
    /// The number of networks, whose log-probabilities are averaged.
    pub networks: usize,
    /// Filters of each layer.
    pub filters: [usize; LAYERS],
    /// Dropout rate before the softmax layer.
    pub dropped: f64,
    /// Passes over the recordings, if there are `like_recordings` or more.
    pub epochs: usize,
    /// A smaller training set gets more epochs, so that the number of steps is that for this number of recordings.
    pub like_recordings: usize,
    /// Recordings in a batch.
    pub batch: usize,
    /// Adam's largest rate.
    pub rate: f64,
    /// λ.
    pub weight_decay: f64,
    /// Levels are clipped at this distance below the recording's largest, in natural logarithms.
    pub range: f64,
    /// The random variations of a recording.
    pub variation: Augmentation,
}

impl Default for ConvolutionalSettings {
    fn default() -> Self {
        ConvolutionalSettings {
            networks: 3,
            filters: [24, 48, 64],
            dropped: 0.5,
            epochs: 30,
            like_recordings: 400,
            batch: 64,
            rate: 0.002,
            weight_decay: 0.0,
            range: 9.0,
            variation: Augmentation {
                ends: 0.1,
                warp: 0.15,
                tilt: 0.5,
                gain: 0.0,
                noise: 0.0,
                masks: [Mask { stripes: 0, max_width: 0 }; 2],
            },
        }
    }
}

impl ConvolutionalSettings {
    /// The epochs on this number of training recordings: few recordings are shown as often as `like_recordings` are.
    ///
    /// # Panics
    /// If the number is 0.
    pub(super) fn epochs_on(&self, recordings: usize) -> usize {
        self.epochs * self.like_recordings.max(recordings) / recordings
    }
}

impl<T: Real> Examples<T> for Augmented<T> {
    fn count(&self) -> usize {
        self.recordings.len()
    }

    fn write(&self, i: usize, draw: u64, to: &mut [T]) {
        Augmented::write(self, i, draw, to);
    }
}

/// The number of convolutional layers.
pub const LAYERS: usize = 3;

/// The image of frames of these bands, with this many rows and columns.
///
/// # Panics
/// If there is no band, or a size is 0.
pub fn spectrogram_image(bands: &Bands, [rows, columns]: [usize; 2]) -> SpectrogramImage {
    let centers = match bands {
        Bands::Hertz(centers) => &centers[..],
        _ => &[],
    };
    SpectrogramImage::new(bands.count(), centers, rows, columns)
}

/// The network for images of this many rows and columns.
pub fn network(settings: &ConvolutionalSettings, [rows, columns]: [usize; 2], classes: usize) -> Network {
    let input = MapShape { channels: 1, rows, columns };
    let mut network = Network { weight_decay: settings.weight_decay, ..Network::new(input, Vec::new()) };
    network.layers = rectified_convolutions(&settings.filters, [rows, columns]);
    network.layers.push(Layer::Dropout { rate: settings.dropped });
    network.layers.push(Layer::Softmax { classes });
    network
}

/// Layers of 3 x 3 filters on images of this many rows and columns, each with max pooling over 2 x 2.
pub(super) fn rectified_convolutions(filters: &[usize], mut size: [usize; 2]) -> Vec<Layer> {
    let mut layers = Vec::new();
    for &filters in filters {
        layers.push(Layer::same_convolution(filters, [3, 3], Activation::Rectified));
        // Fewer than four rows or columns are not pooled.
        let by = size.map(|length| if length < 4 { 1 } else { 2 });
        layers.push(Layer::Pooling { mode: PoolingMode::Max, regions: by.map(Regions::by) });
        size = [size[0] / by[0], size[1] / by[1]];
    }
    layers
}

/// The spectrogram images of recordings, and their variations.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrograms {
    image: SpectrogramImage,
    range: f64,
    variation: Augmentation,
    seed: u64,
}

impl Spectrograms {
    /// Images whose number of columns is the median number of frames of the training recordings,
    /// rounded up to a multiple of 8, within 32 and 128.
    ///
    /// # Panics
    /// If there is no training recording.
    pub fn of<T: Real>(settings: &PipelineSettings, prepared: &Prepared<T>, train: &[usize]) -> Self {
        let bands = prepared.bands.count();
        let mut lengths: Vec<usize> = train.iter().map(|&r| prepared.labeled.frames(r)).collect();
        lengths.sort_unstable();
        let columns = lengths[lengths.len() / 2].next_multiple_of(8).clamp(32, 128);
        let image = spectrogram_image(&prepared.bands, [bands.min(MOST_ROWS), columns]);
        let ConvolutionalSettings { range, variation, .. } = settings.convolutional;
        // Cepstral coefficients are not levels.
        let range = if matches!(prepared.bands, Bands::Numbered(_)) { f64::INFINITY } else { range };
        Spectrograms { image, range, variation, seed: settings.seed }
    }

    /// Rows and columns of an image.
    pub fn size(&self) -> [usize; 2] {
        self.image.size()
    }

    /// The images of the chosen recordings.
    ///
    /// # Errors
    /// If a recording cannot be read again.
    pub fn recordings<T: Real>(&self, prepared: &Prepared<T>, chosen: &[usize]) -> Result<Augmented<T>, RereadError> {
        let recordings = prepared.labeled.copied(chosen)?;
        let recordings = recordings.iter().map(|frames| self.image.standardized(frames, self.range)).collect();
        Ok(Augmented { image: self.image.clone(), recordings, augmentation: self.variation, seed: self.seed })
    }
}

/// Trains the networks on the fold's training recordings and evaluates them on its test recordings.
///
/// # Errors
/// If a recording cannot be read again.
///
/// # Panics
/// If a recording has no frame, or a side of the fold is empty.
pub fn convolutional<T: Real>(evaluator: &Evaluator<T>, run: &mut Run) -> Result<Trained<T>, RereadError> {
    let start = Instant::now();
    let Evaluator { settings, collection, fold, prepared } = *evaluator;
    let choices = &settings.convolutional;
    let spectrograms = Spectrograms::of(settings, prepared, &fold.train);
    let chosen = evaluator.train();
    let train = spectrograms.recordings(prepared, &chosen)?;
    let labels: Vec<usize> = chosen.iter().map(|&r| evaluator.label(r)).collect();
    let network = network(choices, spectrograms.size(), collection.labels.len());
    let batches = Batches { epochs: choices.epochs_on(labels.len()), batch: choices.batch, rate: choices.rate };
    let mut thetas = Vec::new();
    let mut seeds = Random::new(settings.seed);
    for number in 1..=choices.networks {
        let seed = seeds.next_u64();
        let mut theta: Vec<T> = network.draw(&mut Random::new(seed));
        let objective = network.cost(&train, Target::Labels(&labels)).with_seed(seed);
        // Each network trains on variations of its own.
        let mut objective = objective.with_first_draw(seed);
        let stage = format!("convolutional network {number} of {}", choices.networks);
        run.minimize_batches(&stage, batches, seed, &mut objective, &mut theta);
        run.learned(&theta);
        thetas.push(theta);
    }
    drop(train);
    let parameters = choices.networks * network.dimension();
    let Spectrograms { image, range, .. } = spectrograms;
    let model = TrainedModel::Networks(NetworkModel { image, range, network, thetas });
    let scores = evaluator.scores(&model)?;
    let seconds = start.elapsed().as_secs_f64();
    let result = evaluator.result(Method::Convolutional, None, &scores, parameters, seconds);
    Ok(Trained { result, scores, model })
}
