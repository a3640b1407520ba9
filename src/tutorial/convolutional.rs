//! The most accurate listener: a convolutional network on whole recordings, trained through, shown each one a little different every time.
//!
//! 1. A recording's spectrum is evened out and laid on a picture of as many rows as it has bands, at most [`MOST_ROWS`], and as many columns as the
//!    recordings to train on have frames (the median, between 32 and 128).
//! 2. Three times: 3 x 3 filters that keep the size, rectified, and the largest of each 2 x 2.
//! 3. Half of what is left is dropped in training; softmax regression on it.
//!
//! So a filter's find counts wherever it is, within a few frames and bands; but what is found at the end of a word and what at its start stay
//! two things, as do low and high. What the variations are for: of a thousand recordings of five people, a network learns the five by heart,
//! and then does not know a sixth. See [`vary`](crate::dataset::vary).

use super::hearing::digest_numbers;
use super::listener::{Heard, Judged};
use super::score::Confusion;
use super::settings::Settings;
use super::watch::Watch;
use crate::bytes::digest::Digest;
use crate::dataset::recordings::Collection;
use crate::dataset::split::Part;
use crate::dataset::vary::{Mask, Picture, Variation, Varied, even_out};
use crate::model::Activation;
use crate::model::convolution::pooling::Cut;
use crate::model::convolution::{Kind, Shape};
use crate::model::network::{Examples, Fixed, Layer, Network, NetworkSettings};
use crate::model::softmax::most_likely;
use crate::number::{Random, Real};
use crate::optimize::{Rule, Schedule, Training};
use crate::picture::bands::Bands;
use std::format;
use std::time::Instant;
use std::vec::Vec;

/// Rows of a picture at most; more bands are brought to so many.
pub const MOST_ROWS: usize = 64;

/// Fewer recordings to train on are shown more often: as many steps are made as so many would have.
const LIKE_RECORDINGS: usize = 640;

/// The choices of the convolutional network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolutionalSettings {
    /// Filters of each layer.
    pub filters: [usize; 3],
    /// The share dropped before the softmax regression.
    pub dropped: f64,
    /// How often each recording is shown, if there are 640 or more.
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

impl<T: Real> Examples<T> for Varied<T> {
    fn count(&self) -> usize {
        self.recordings.len()
    }

    fn write(&self, i: usize, draw: u64, to: &mut [T]) {
        Varied::write(self, i, draw, to);
    }
}

/// The network for pictures of a size.
pub fn network(settings: &ConvolutionalSettings, [rows, columns]: [usize; 2], classes: usize) -> NetworkSettings {
    let input = Shape { channels: 1, rows, columns };
    let mut network = NetworkSettings { input, layers: Vec::new(), weight_decay: settings.weight_decay };
    let mut size = [rows, columns];
    for filters in settings.filters {
        network.layers.push(Layer::same(filters, [3, 3], Activation::Rectified));
        // Few bands are not halved away.
        let by = size.map(|length| if length < 4 { 1 } else { 2 });
        network.layers.push(Layer::Pooling { kind: Kind::Max, cuts: by.map(Cut::by) });
        size = [size[0] / by[0], size[1] / by[1]];
    }
    network.layers.push(Layer::Dropout { share: settings.dropped });
    network.layers.push(Layer::Softmax { classes });
    network
}

/// Trains the network on the part's training recordings, and judges it on its test recordings.
///
/// # Panics
/// If a recording has no frame, or a side of the part is empty.
pub fn convolutional<T: Real>(
    settings: &Settings,
    collection: &Collection,
    heard: &Heard<T>,
    part: &Part,
    digest: &mut Digest,
    watch: &mut dyn Watch,
) -> Judged {
    let start = Instant::now();
    let choices = &settings.convolutional;
    let bands = heard.bands.count();
    let varied = |chosen: &[usize], columns: usize| {
        let centers = match &heard.bands {
            Bands::Hertz(centers) => &centers[..],
            _ => &[],
        };
        let picture = Picture::new(bands, centers, bands.min(MOST_ROWS), columns);
        let even = |&r: &usize| {
            let mut frames = heard.frames[r].clone();
            even_out(&mut frames, choices.range);
            frames
        };
        let recordings = chosen.iter().map(even).collect();
        Varied { picture, recordings, variation: choices.variation, seed: settings.seed }
    };
    let labels = |chosen: &[usize]| -> Vec<usize> { chosen.iter().map(|&r| collection.recordings[r].label).collect() };

    let mut lengths: Vec<usize> = part.train.iter().map(|&r| heard.frames[r].len() / bands).collect();
    lengths.sort_unstable();
    let columns = lengths[lengths.len() / 2].next_multiple_of(8).clamp(32, 128);
    let (train, classes) = (varied(&part.train, columns), labels(&part.train));
    let shape = network(choices, train.picture.size(), collection.labels.len());
    let mut theta: Vec<T> = shape.draw(&mut Random::new(settings.seed));
    let mut objective = Network::new(&shape, &train, Some(&classes));
    objective.seed = settings.seed;

    let epochs = choices.epochs * LIKE_RECORDINGS.max(classes.len()) / classes.len();
    let steps = epochs * classes.len().div_ceil(choices.batch);
    let training = Training {
        schedule: Schedule::Cosine { warmup: steps / 10, steps, last: 0.0 },
        batch: choices.batch,
        epochs,
        patience: epochs.max(1),
        seed: settings.seed,
        ..Training::new(Rule::ADAM, choices.rate)
    };
    let stage = format!("convolutional network, {} parameters", theta.len());
    watch.stage(&stage, epochs);
    let trained = training.run(&mut objective, None, &mut theta, |epoch| {
        watch.step(epoch.epoch, epoch.cost.to_f64());
        true
    });
    watch.ended(&stage, trained.reason);
    digest_numbers(digest, &theta);

    let test = Fixed::rows(varied(&part.test, columns).plain());
    let mut files = Confusion::new(collection.labels.len());
    for (label, answer) in labels(&part.test).into_iter().zip(most_likely(&shape.log_probabilities(&theta, &test))) {
        files.count(label, answer);
    }
    let seconds = start.elapsed().as_secs_f64();
    Judged { method: "convolutional", windows: None, files, parameters: theta.len(), seconds }
}
