//! The most accurate listener: a convolutional network on whole recordings, trained through, shown each one a little
//! different every time.
//!
//! 1. A recording's spectrum is evened out and laid on a picture of as many rows as it has bands, at most [`MOST_ROWS`], and as many columns as the
//!    recordings to train on have frames (the median, between 32 and 128).
//! 2. Three times: 3 x 3 filters that keep the size, rectified, and the largest of each 2 x 2.
//! 3. Half of what is left is dropped in training; softmax regression on it.
//! 4. Three such networks, each from its own start and shown its own variations; a recording's class is the one with the largest sum of
//!    their log-probabilities.
//!
//! So a filter's find counts wherever it is, within a few frames and bands; but what is found at the end of a word and
//! what at its start stay two things, as do low and high. What the variations are for: of a thousand recordings of five
//! people, a network learns the five by heart, and then does not know a sixth. See [`vary`](crate::dataset::augment).

use super::evaluation::Evaluator;
use super::pipeline::{MethodResult, Prepared};
use super::preprocessing::digest_numbers;
use super::progress::Progress;
use super::settings::PipelineSettings;
use super::training::{Batches, by_batches};
use crate::bytes::digest::Digest;
use crate::dataset::augment::{Augmented, Mask, SpectrogramImage, Variation, clip_and_standardize};
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::pooling::Regions;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::{Examples, InMemory, Layer, Network, NetworkCost};
use crate::number::sum::axpy;
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use std::format;
use std::time::Instant;
use std::vec::Vec;

/// Rows of a picture at most; more bands are brought to so many.
pub const MOST_ROWS: usize = 64;

/// Fewer recordings to train on are shown more often: as many steps are made as so many would have.
const LIKE_RECORDINGS: usize = 400;

/// The choices of the convolutional network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolutionalSettings {
    /// How many networks, each from its own start, are trained; their answers are averaged.
    pub networks: usize,
    /// Filters of each layer.
    pub filters: [usize; 3],
    /// The share dropped before the softmax regression.
    pub dropped: f64,
    /// How often each recording is shown, if there are 400 or more.
    pub epochs: usize,
    /// Recordings in a batch.
    pub batch: usize,
    /// Adam's rate, which rises for a tenth of the steps and then falls to nothing.
    pub rate: f64,
    /// λ.
    pub weight_decay: f64,
    /// What lies so much below a recording's loudest number, as a natural logarithm, is raised to that.
    pub range: f64,
    /// How recordings are varied.
    pub variation: Variation,
}

impl Default for ConvolutionalSettings {
    fn default() -> Self {
        ConvolutionalSettings {
            networks: 3,
            filters: [24, 48, 64],
            dropped: 0.5,
            epochs: 30,
            batch: 64,
            rate: 0.002,
            weight_decay: 0.0,
            range: 9.0,
            variation: Variation {
                ends: 0.1,
                warp: 0.15,
                tilt: 0.5,
                gain: 0.0,
                noise: 0.0,
                masks: [Mask { stripes: 0, most: 0 }; 2],
            },
        }
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

/// The network for pictures of a size.
pub fn network(settings: &ConvolutionalSettings, [rows, columns]: [usize; 2], classes: usize) -> Network {
    let input = MapShape { channels: 1, rows, columns };
    let mut network = Network { input, layers: Vec::new(), weight_decay: settings.weight_decay };
    let mut size = [rows, columns];
    for filters in settings.filters {
        network.layers.push(Layer::same_convolution(filters, [3, 3], Activation::Rectified));
        // Few bands are not halved away.
        let by = size.map(|length| if length < 4 { 1 } else { 2 });
        network.layers.push(Layer::Pooling { mode: PoolingMode::Max, regions: by.map(Regions::by) });
        size = [size[0] / by[0], size[1] / by[1]];
    }
    network.layers.push(Layer::Dropout { rate: settings.dropped });
    network.layers.push(Layer::Softmax { classes });
    network
}

/// The pictures that recordings are laid on, and how they are varied.
#[derive(Clone, Debug, PartialEq)]
pub struct Pictures {
    picture: SpectrogramImage,
    range: f64,
    variation: Variation,
    seed: u64,
}

impl Pictures {
    /// Pictures as long as the median of these recordings.
    ///
    /// # Panics
    /// If there is none.
    pub fn of<T: Real>(settings: &PipelineSettings, prepared: &Prepared<T>, train: &[usize]) -> Self {
        let bands = prepared.bands.count();
        let mut lengths: Vec<usize> = train.iter().map(|&r| prepared.frames[r].len() / bands).collect();
        lengths.sort_unstable();
        let columns = lengths[lengths.len() / 2].next_multiple_of(8).clamp(32, 128);
        let centers = match &prepared.bands {
            Bands::Hertz(centers) => &centers[..],
            _ => &[],
        };
        let picture = SpectrogramImage::new(bands, centers, bands.min(MOST_ROWS), columns);
        let ConvolutionalSettings { range, variation, .. } = settings.convolutional;
        // Coefficients are no levels.
        let range = if matches!(prepared.bands, Bands::Numbered(_)) { f64::INFINITY } else { range };
        Pictures { picture, range, variation, seed: settings.seed }
    }

    /// Their rows and columns.
    pub fn size(&self) -> [usize; 2] {
        self.picture.size()
    }

    /// Some of the recordings, evened out.
    pub fn recordings<T: Real>(&self, prepared: &Prepared<T>, chosen: &[usize]) -> Augmented<T> {
        let even = |&r: &usize| {
            let mut frames = prepared.frames[r].clone();
            clip_and_standardize(&mut frames, self.range);
            frames
        };
        let recordings = chosen.iter().map(even).collect();
        Augmented { picture: self.picture.clone(), recordings, variation: self.variation, seed: self.seed }
    }
}

/// Trains the networks on the part's training recordings, and judges them on its test recordings; the means of their
/// log-probabilities besides, classes x files.
///
/// # Panics
/// If a recording has no frame, or a side of the part is empty.
pub fn convolutional<T: Real>(
    evaluator: &Evaluator,
    prepared: &Prepared<T>,
    digest: &mut Digest,
    progress: &mut dyn Progress,
) -> (MethodResult, Matrix<T>) {
    let start = Instant::now();
    let Evaluator { settings, collection, part, .. } = *evaluator;
    let choices = &settings.convolutional;
    let pictures = Pictures::of(settings, prepared, &part.train);
    let train = pictures.recordings(prepared, &part.train);
    let classes: Vec<usize> = part.train.iter().map(|&r| collection.recordings[r].label).collect();
    let shape = network(choices, train.picture.size(), collection.labels.len());
    let epochs = choices.epochs * LIKE_RECORDINGS.max(classes.len()) / classes.len();
    let test = InMemory::from_rows(pictures.recordings(prepared, &part.test).plain());
    let mut log_p: Matrix<T> = Matrix::zeros(collection.labels.len(), part.test.len());
    let mut seeds = Random::new(settings.seed);
    for number in 1..=choices.networks {
        let seed = seeds.next_u64();
        let mut theta: Vec<T> = shape.draw(&mut Random::new(seed));
        let objective = NetworkCost::classification(&shape, &train, &classes);
        let mut objective = objective.with_seed(seed).with_first_draw(seed);
        let stage = format!("convolutional network {number} of {}", choices.networks);
        let batches = Batches { epochs, batch: choices.batch, rate: choices.rate, seed };
        by_batches(&stage, batches, &mut objective, &mut theta, progress);
        digest_numbers(digest, &theta);
        axpy(T::ONE, shape.log_probabilities(&theta, &test).elements(), log_p.elements_mut());
    }
    let share = T::ONE / T::from_usize(choices.networks);
    log_p.elements_mut().iter_mut().for_each(|x| *x *= share);
    let (parameters, seconds) = (choices.networks * shape.dimension(), start.elapsed().as_secs_f64());
    (
        MethodResult {
            method: "convolutional",
            windows: None,
            files: evaluator.confusion_of(&log_p),
            parameters,
            seconds,
        },
        log_p,
    )
}
