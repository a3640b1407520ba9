//! Trained classifiers of sounds: from the samples of a recording to the probability of each label, by any method.
//!
//! **Why.** The pipeline computes the features of all recordings at once, since it trains on them. A user has one
//! recording, later another one. A [`SoundClassifier`] holds what the pipeline has learned, and classifies recordings
//! one by one, with the same bits.
//!
//! **One probability for a recording.** A method may have several log-probabilities of class k for one recording: one
//! of each window, of each network, or of each method of the ensemble. The class is that of the largest sum
//! ([`methods`](super::methods) says why). The sum itself is no probability that one can trust: overlapping windows
//! repeat one another, so a recording of twice the length would seem twice as sure. The geometric mean does not depend
//! on their number n:
//!
//! ```text
//! (CL.1)  s_k = Σ_i ln p_ik                               i = 1, ..., n: windows, networks or methods
//! (CL.2)  ln p_k = s_k/n - ln Σ_c e^(s_c/n)
//! ```
//!
//! By hand, two windows of two classes, with p = (0.9, 0.1) and (0.6, 0.4): the geometric means are √0.54 = 0.735 and
//! √0.04 = 0.2, and divided by their sum 0.786 and 0.214. The product would be 0.54/0.58 = 0.931.
//!
//! With n = 1, ln p_k is the classifier's own, and (CL.2) is left out, since it would only round once more.
//!
//! Source of the geometric mean: G. Hinton, "Products of experts", 1999 (the logarithmic opinion pool).

use super::evaluation::Pooled;
use super::front_end::{FrontEnd, FrontEndError};
use super::methods::Method;
use super::preprocessing::Normalizer;
use super::rejection::Rejection;
use super::settings::FrontEndSettings;
use super::time_pooling::averaged;
use super::training::TrainedClassifier;
use crate::audio::frames::Framing;
use crate::dataset::augment::{Augmentation, SpectrogramImage};
use crate::dataset::context_windows::{ContextFraming, ContextWindows};
use crate::matrix::Matrix;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::convolved_features::{ConvolvedFeatures, Input};
use crate::model::network::{InMemory, Network};
use crate::model::softmax::{log_softmax, most_likely};
use crate::model::stacked::DenseWeights;
use crate::model::{Activation, Softmax};
use crate::number::sum::{axpy, sum};
use crate::number::{Random, Real};
use core::ops::Range;
use core::slice::from_ref;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// A trained classifier of sounds.
#[derive(Clone, Debug)]
pub struct SoundClassifier<T> {
    /// The method.
    pub method: Method,
    /// The sampling rate of the sounds, in Hz.
    pub rate: u32,
    /// The front end.
    pub front_end: FrontEndSettings,
    /// Samples in a frame, and from one frame to the next.
    pub framing: Framing,
    /// The least number of samples that can be classified.
    pub shortest: usize,
    /// The samples of the shortest recording that the front end was made for: constant-Q's lowest bin depends on it.
    pub front_end_shortest: usize,
    /// The labels, one for each class.
    pub labels: Vec<String>,
    /// The method itself, or the members of the ensemble.
    pub members: Vec<Member<T>>,
    /// When a recording has none of the labels, if that was measured.
    pub rejection: Option<Rejection>,
}

/// A method and what it learned.
#[derive(Clone, Debug)]
pub struct Member<T> {
    /// The method.
    pub method: Method,
    /// What it learned.
    pub model: TrainedModel<T>,
}

/// What a method learned.
#[derive(Clone, Debug)]
pub enum TrainedModel<T> {
    /// Layers on context windows.
    Windows(WindowModel<T>),
    /// Convolved features of patches.
    Patches(PatchModel<T>),
    /// Convolutional networks.
    Networks(NetworkModel<T>),
}

/// Layers on normalized context windows, and a softmax regression.
#[derive(Clone, Debug)]
pub struct WindowModel<T> {
    /// The windows.
    pub context: ContextFraming,
    /// Their normalization.
    pub normalizer: Normalizer<T>,
    /// Sigmoid layers, from the input on; none for `raw-windows`.
    pub layers: Vec<DenseWeights<T>>,
    /// The regression.
    pub top: WindowTop<T>,
}

/// A regression on features of windows.
#[derive(Clone, Debug)]
pub enum WindowTop<T> {
    /// On each window; log-probabilities are summed over the recording.
    Each(TrainedClassifier<Softmax, T>),
    /// On the features averaged over this number of regions of time.
    Pooled(usize, Pooled<T>),
}

/// Convolved features of patches, pooled, and a softmax regression.
#[derive(Clone, Debug)]
pub struct PatchModel<T> {
    /// The features.
    pub features: ConvolvedFeatures<T>,
    /// The value that pooling keeps of a region.
    pub kind: PoolingMode,
    /// Regions of time and of bands.
    pub regions: [usize; 2],
    /// The regression.
    pub pooled: Pooled<T>,
}

/// Convolutional networks on spectrogram images.
#[derive(Clone, Debug)]
pub struct NetworkModel<T> {
    /// The image.
    pub image: SpectrogramImage,
    /// Levels are clipped at this distance below the recording's largest, in natural logarithms.
    pub range: f64,
    /// The networks' shape.
    pub network: Network,
    /// The parameters of each network.
    pub thetas: Vec<Vec<T>>,
}

/// Log-probabilities of each class, summed: s of (CL.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Scores<T> {
    /// s_k.
    pub sums: Vec<T>,
    /// n, the number of terms of each sum.
    pub terms: usize,
}

/// The class of a recording, and the probability of each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction<T> {
    /// The index of the most likely class; the first one if several are equally likely.
    pub class: usize,
    /// ln p of each class.
    pub log_probabilities: Vec<T>,
}

/// Probabilities that do not sum to 1: an operation overflowed, since the parameters of the model are too large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImpossibleProbabilities {
    /// Their sum; possibly NaN.
    pub sum: f64,
}

impl core::fmt::Display for ImpossibleProbabilities {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let sum = self.sum;
        write!(f, "the probabilities of its labels sum to {sum}, not to 1: the parameters of the model are too large")
    }
}

impl core::error::Error for ImpossibleProbabilities {}

impl<T: Real> Prediction<T> {
    /// The prediction, if its probabilities can be probabilities. Those of a model that was trained are; a file may
    /// hold parameters so large that they overflow.
    ///
    /// # Errors
    /// If their sum differs from 1 by more than 0.1.
    pub fn checked(self) -> Result<Self, ImpossibleProbabilities> {
        let p: Vec<f64> = (0..self.log_probabilities.len()).map(|class| self.probability(class)).collect();
        let sum = sum(&p);
        if (0.9..=1.1).contains(&sum) { Ok(self) } else { Err(ImpossibleProbabilities { sum }) }
    }

    /// The same in f64.
    pub fn to_f64(&self) -> Prediction<f64> {
        let log_probabilities = self.log_probabilities.iter().map(|x| x.to_f64()).collect();
        Prediction { class: self.class, log_probabilities }
    }

    /// The probability of a class.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn probability(&self, class: usize) -> f64 {
        Real::exp(self.log_probabilities[class].to_f64())
    }

    /// The classes, the most likely one first, equally likely ones in their order.
    pub fn ranking(&self) -> Vec<usize> {
        let p = |k: usize| self.log_probabilities[k].to_f64();
        let mut classes: Vec<usize> = (0..self.log_probabilities.len()).collect();
        classes.sort_by(|&a, &b| (a != self.class).cmp(&(b != self.class)).then(p(b).total_cmp(&p(a))));
        classes
    }
}

impl<T: Real> Scores<T> {
    /// The means over the terms.
    fn means(&self) -> Vec<T> {
        let weight = T::ONE / T::from_usize(self.terms);
        self.sums.iter().map(|&s| s * weight).collect()
    }

    /// The prediction.
    pub fn prediction(&self) -> Prediction<T> {
        let column = |values: Vec<T>| Matrix::from_rows(values.len(), 1, values);
        let class = most_likely(&column(self.sums.clone()))[0];
        let log_probabilities = match self.terms {
            1 => self.sums.clone(),
            _ => log_softmax(column(self.means())).elements().to_vec(), // (CL.2)
        };
        Prediction { class, log_probabilities }
    }

    /// The scores of an ensemble: the sum of the members' means.
    ///
    /// # Panics
    /// If there is no member, or they have different numbers of classes.
    pub fn ensemble(members: &[Scores<T>]) -> Self {
        let mut sums = members[0].means();
        members[1..].iter().for_each(|member| axpy(T::ONE, &member.means(), &mut sums));
        Scores { sums, terms: members.len() }
    }
}

impl<T: Real> SoundClassifier<T> {
    /// The front end, with its tables and work space.
    ///
    /// # Errors
    /// If the bands do not fit the sampling rate.
    pub fn front_end(&self) -> Result<FrontEnd<T>, FrontEndError> {
        FrontEnd::new(&self.front_end, self.framing, self.rate, self.front_end_shortest)
    }

    /// The scores of a recording, given as frames of `bands` elements by [`front_end`](Self::front_end).
    ///
    /// # Panics
    /// If the frames are those of fewer than [`shortest`](Self::shortest) samples, or of another front end.
    pub fn scores(&self, frames: &[T], bands: usize) -> Scores<T> {
        let scores: Vec<Scores<T>> = self.members.iter().map(|member| member.model.scores(frames, bands)).collect();
        match &scores[..] {
            [one] => one.clone(),
            several => Scores::ensemble(several),
        }
    }
}

impl<T: Real> TrainedModel<T> {
    /// The scores of a recording, given as frames of `bands` elements.
    ///
    /// # Panics
    /// If the recording is too short, or the frames are those of another front end.
    pub fn scores(&self, frames: &[T], bands: usize) -> Scores<T> {
        self.scores_of(from_ref(&frames), bands).remove(0)
    }

    /// The scores of each of a group of recordings, given as frames of `bands` elements.
    ///
    /// # Panics
    /// As [`scores`](Self::scores).
    pub fn scores_of(&self, recordings: &[&[T]], bands: usize) -> Vec<Scores<T>> {
        match self {
            TrainedModel::Windows(model) => model.scores(recordings, bands),
            TrainedModel::Patches(model) => model.scores(recordings, bands),
            TrainedModel::Networks(model) => model.scores(recordings),
        }
    }
}

/// Each column of a matrix, as scores of one term.
fn one_term<T: Real>(log_p: &Matrix<T>) -> Vec<Scores<T>> {
    (0..log_p.columns()).map(|j| Scores { sums: log_p.column(j), terms: 1 }).collect()
}

/// The outputs of sigmoid layers, or without one the normalized windows: units x windows.
pub(super) fn activations<T: Real, F: AsRef<[T]>>(
    context: ContextFraming,
    normalizer: &Normalizer<T>,
    layers: &[DenseWeights<T>],
    recordings: &[F],
    bands: usize,
) -> ContextWindows<T> {
    let ContextWindows { matrix, ranges } = context.sample(recordings, bands);
    let normalized = normalizer.apply(matrix);
    let matrix = layers.iter().fold(normalized, |below, layer| layer.outputs(Activation::Sigmoid, &below));
    ContextWindows { matrix, ranges }
}

impl<T: Real> WindowModel<T> {
    /// The activations of the n-th layer, counted from 1, or for 0 the normalized windows: units x windows.
    ///
    /// # Panics
    /// As [`TrainedModel::scores`], and if there are fewer layers.
    pub fn activations(&self, frames: &[T], bands: usize, n: usize) -> Matrix<T> {
        activations(self.context, &self.normalizer, &self.layers[..n], from_ref(&frames), bands).matrix
    }

    fn scores(&self, recordings: &[&[T]], bands: usize) -> Vec<Scores<T>> {
        let features = activations(self.context, &self.normalizer, &self.layers, recordings, bands);
        match &self.top {
            WindowTop::Each(regression) => {
                let matrix = regression.log_probabilities(&features.matrix);
                summed(&ContextWindows { matrix, ..features })
            }
            WindowTop::Pooled(regions, pooled) => one_term(&pooled.log_probabilities(averaged(&features, *regions))),
        }
    }
}

/// The log-probabilities of windows, summed over each recording.
pub(super) fn summed<T: Real>(log_p: &ContextWindows<T>) -> Vec<Scores<T>> {
    let ContextWindows { matrix, ranges } = log_p;
    let of_class = |k: usize, range: &Range<usize>| sum(&matrix.row(k)[range.clone()]); // (CL.1)
    let sums = |range| (0..matrix.rows()).map(|k| of_class(k, range)).collect();
    ranges.iter().map(|range| Scores { sums: sums(range), terms: range.len() }).collect()
}

impl<T: Real> PatchModel<T> {
    fn scores(&self, recordings: &[&[T]], bands: usize) -> Vec<Scores<T>> {
        let inputs = inputs(recordings, bands, self.features.size);
        one_term(&self.pooled.log_probabilities(self.features.pooled(&inputs, self.kind, self.regions)))
    }
}

/// The frames of recordings as inputs of convolved features of patches.
pub(super) fn inputs<T: Real>(recordings: &[&[T]], bands: usize, size: [usize; 2]) -> Vec<Input<T>> {
    recordings.iter().map(|frames| input(frames, bands, size)).collect()
}

/// A recording's frames as the input of convolved features of patches.
pub(super) fn input<T: Real>(frames: &[T], bands: usize, size: [usize; 2]) -> Input<T> {
    let shape = MapShape { channels: 1, rows: frames.len() / bands, columns: bands };
    Input::new(shape, Matrix::from_rows(1, frames.len(), frames.to_vec()), size)
}

impl<T: Real> NetworkModel<T> {
    /// The image of a recording: a row for each band, at most 64, and a column for each moment.
    pub fn image(&self, frames: &[T]) -> Matrix<T> {
        let [rows, columns] = self.image.size();
        let frames = self.image.standardized(frames, self.range);
        let mut image = Matrix::zeros(1, rows * columns);
        self.image.render(&frames, &Augmentation::NONE, &mut Random::new(0), image.row_mut(0));
        image
    }

    fn scores(&self, recordings: &[&[T]]) -> Vec<Scores<T>> {
        let [rows, columns] = self.image.size();
        let mut images = Matrix::zeros(recordings.len(), rows * columns);
        for (i, frames) in recordings.iter().enumerate() {
            images.row_mut(i).copy_from_slice(self.image(frames).elements());
        }
        let examples = InMemory::from_rows(images);
        let mut scores: Vec<Scores<T>> = Vec::new();
        for theta in &self.thetas {
            let log_p = self.network.log_probabilities(theta, &examples);
            let zeros = || Scores { sums: vec![T::ZERO; log_p.rows()], terms: self.thetas.len() };
            scores.resize_with(recordings.len(), zeros);
            for (j, scores) in scores.iter_mut().enumerate() {
                axpy(T::ONE, &log_p.column(j), &mut scores.sums); // (CL.1)
            }
        }
        scores
    }
}
