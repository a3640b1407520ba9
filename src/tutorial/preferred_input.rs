//! Preferred inputs: what excites a hidden unit most, as frames and as sound, and where it occurs in recordings.
//!
//! Why: a tile of a picture shows the shape of a feature, but few readers hear a spectrum when they see one. A sound
//! can be compared with the recordings that excite the unit: does it respond to a vowel, to an onset, or to noise?
//!
//! Two answers, as in [`visualization`](crate::model::visualization) and
//! [`activation_maximization`](crate::model::network::activation_maximization). The input of a given length that a unit
//! prefers is computed from the weights alone. It may be unlike any sound. The recordings that excite the unit most
//! show what does occur.
//!
//! Which length. The weights say which direction a unit prefers, and a logarithm of power doubled is not the same sound
//! twice as loud: the peaks become sharper. So the input is as long as a typical one. A whitened window has elements of
//! variance 1, so its squared length is about their number. A squashed window has the deviation that was measured. The
//! patches of `convolved-pooled` and the images of `convolutional` do not keep the deviation of the logarithms; theirs
//! is [`DEVIATION`].
//!
//! | method | units | computed by | frames |
//! | --- | --- | --- | --- |
//! | on windows, layer 1 | features | w/\|w\| | μ plus the unwhitened window |
//! | on windows, deeper | features | gradient ascent on the normalized window | the same |
//! | convolved-pooled | features | w/\|w\| | the patch, in the middle of the bands |
//! | convolutional, layer 1 | filters | w/\|w\| | the filter, in the middle of the bands |
//! | convolutional, deeper | maps | gradient ascent on the image | the receptive field of the middle of the map |
//!
//! Bands outside a patch or a receptive field are silent. A layer of a network is one with weights, without the softmax
//! regression. Of several networks, the first one is used. Units and layers are counted from 1, as on the page of the
//! report.
//!
//! A window lasts some 60 ms, too short to listen to. Each frame is held, so that the sound lasts [`SECONDS`]. Time
//! within the window becomes slow, while frequencies stay.

use super::classifier::{Member, NetworkModel, PatchModel, SoundClassifier, TrainedModel, WindowModel, input};
use super::front_end::FrontEndError;
use super::methods::Method;
use super::preprocessing::Normalizer;
use super::resynthesis::{FrameSynthesis, stretched};
use super::settings::Transform;
use crate::bytes::limits::{Exceeded, RESYNTHESIZED};
use crate::machine::{Element, size, threads};
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::{Convolution, Convolver, MapShape};
use crate::model::network::activation_maximization::{Ascent, Unit};
use crate::model::network::{InMemory, Layer, Network};
use crate::model::stacked::DenseWeights;
use crate::model::visualization::maximal_inputs;
use crate::number::decimal::Count;
use crate::number::sum::{dot, norm_inf, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use crate::spectrum::griffin_lim::{GriffinLim, Start};
use core::cmp::Ordering;
use core::fmt;
use std::vec;
use std::vec::Vec;

/// The standard deviation of the logarithms of power within a recording: the median of the bundled digits.
const DEVIATION: f64 = 3.8;
/// The level of bands outside a patch below its lowest level, in natural logarithms of power: 39 dB.
const SILENCE: f64 = 9.0;
/// The length of the sound of a preferred input.
const SECONDS: f64 = 0.6;
/// The most frames of that sound, so that no rate that a file claims makes it expensive.
const MOST_FRAMES: usize = 1000;
/// The gradient ascents, of which the best one is used, and the random starts from which they are tried: some may end
/// where the unit is inactive.
const ASCENTS: usize = 2;
const STARTS: usize = 16;
/// The largest sample of a sound: -1 dB.
const PEAK: f64 = 0.891;
/// The least fade of a sound, and the context of an excerpt, over which it is faded, in seconds.
const FADE: f64 = 0.01;
const CONTEXT: f64 = 0.1;

/// A hidden unit of a trained classifier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HiddenUnit<'a, T> {
    classifier: &'a SoundClassifier<T>,
    member: &'a Member<T>,
    /// Counted from 0, among layers with weights.
    layer: usize,
    /// Counted from 0.
    unit: usize,
}

/// The input that a unit prefers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PreferredInput {
    /// Frames of the front end, one after the other.
    pub frames: Vec<f64>,
    /// The activation of the unit.
    pub activation: f64,
}

/// The part of a recording that excites a unit most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Excerpt {
    /// The index of the recording.
    pub recording: usize,
    /// Its first frame.
    pub first: usize,
    /// Its number of frames.
    pub frames: usize,
    /// The activation of the unit.
    pub activation: f64,
}

/// Why there is no such unit, or no sound of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum UnitError {
    /// The model has no hidden layer.
    NoLayers(Method),
    /// There is no layer of this number.
    Layer { layer: usize, layers: usize, method: Method },
    /// There is no unit of this number.
    Unit { unit: usize, layer: usize, units: usize },
    /// All inputs that were tried leave the unit at zero, or its weights are all zero.
    Inactive { unit: usize, layer: usize },
    /// The weights lead to a number that is not finite.
    NotFinite { unit: usize, layer: usize },
    /// The front end does not fit its rate.
    FrontEnd(FrontEndError),
    /// The frames are too many.
    Limit(Exceeded),
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnitError::NoLayers(method) => {
                write!(f, "{} has no hidden layer; a model of sparse-windows or deeper was expected", method.name())
            }
            UnitError::Layer { layer, layers, method } => {
                let count = Count(*layers, "hidden layer");
                write!(f, "there is no layer {layer}: {} has {count}, counted from 1", method.name())
            }
            UnitError::Unit { unit, layer, units } => {
                write!(f, "there is no unit {unit}: layer {layer} has {}, counted from 1", Count(*units, "unit"))
            }
            UnitError::Inactive { unit, layer } => write!(f, "no input excites unit {unit} of layer {layer}"),
            UnitError::NotFinite { unit, layer } => {
                write!(f, "the preferred input of unit {unit} of layer {layer} has a value that is not finite")
            }
            UnitError::FrontEnd(error) => error.fmt(f),
            UnitError::Limit(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for UnitError {}

impl<'a, T: Real> HiddenUnit<'a, T> {
    /// Unit `unit` of layer `layer`, both counted from 1, of the first method of an ensemble that has hidden units.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn find(classifier: &'a SoundClassifier<T>, layer: usize, unit: usize) -> Result<Self, UnitError> {
        let members = classifier.members.iter().map(|member| (member, units(&member.model)));
        let Some((member, units)) = members.into_iter().find(|(_, units)| !units.is_empty()) else {
            return Err(UnitError::NoLayers(classifier.method));
        };
        let error = UnitError::Layer { layer, layers: units.len(), method: member.method };
        let at = layer.checked_sub(1).filter(|&at| at < units.len()).ok_or(error)?;
        let error = UnitError::Unit { unit, layer, units: units[at] };
        let unit = unit.checked_sub(1).filter(|&unit| unit < units[at]).ok_or(error)?;
        Ok(HiddenUnit { classifier, member, layer: at, unit })
    }

    /// The method that the unit belongs to.
    pub(crate) fn method(&self) -> Method {
        self.member.method
    }

    /// The input that the unit prefers, in frames of these bands.
    ///
    /// # Errors
    /// If nothing excites the unit, or its weights are not finite.
    ///
    /// # Panics
    /// If the model has other bands.
    pub(crate) fn preferred_input(&self, bands: &Bands) -> Result<PreferredInput, UnitError> {
        let (layer, unit) = (self.layer + 1, self.unit + 1);
        let found = match &self.member.model {
            TrainedModel::Windows(model) => self.of_windows(model),
            TrainedModel::Patches(model) => self.of_patches(model, bands),
            TrainedModel::Networks(model) => self.of_network(model, bands),
        };
        let found = found.ok_or(UnitError::Inactive { unit, layer })?;
        let is_finite = found.activation.is_finite() && found.frames.iter().all(|x| x.is_finite());
        if is_finite { Ok(found) } else { Err(UnitError::NotFinite { unit, layer }) }
    }

    fn of_windows(&self, model: &WindowModel<T>) -> Option<PreferredInput> {
        let mut layers: Vec<DenseWeights<f64>> = model.layers[..=self.layer].iter().map(wide).collect();
        if let Normalizer::Squash(_) = model.normalizer {
            squash_to_standard(&mut layers[0]);
        }
        let inputs = layers[0].weights.columns();
        let length = Element::sqrt(inputs as f64);
        let x = if self.layer == 0 {
            best(&layers[0], self.unit, length)?
        } else {
            let dense =
                |layer: &DenseWeights<f64>| Layer::Dense { units: layer.bias.len(), activation: Activation::Sigmoid };
            let shape = MapShape { channels: inputs, rows: 1, columns: 1 };
            let network = Network::new(shape, layers.iter().map(dense).collect());
            let theta: Vec<f64> =
                layers.iter().flat_map(|l| l.weights.elements().iter().chain(&l.bias).copied()).collect();
            let unit = Unit { layer: layers.len(), channel: self.unit, position: [0, 0] };
            ascended(&network, &theta, unit, length)?
        };
        let frames = match &model.normalizer {
            Normalizer::Squash(squash) => x.iter().map(|x| x * squash.deviation.to_f64()).collect(),
            Normalizer::Whiten(whitening) => {
                let inverse = whitening.inverse.map(Real::to_f64);
                let value = |(i, mu): (usize, &T)| mu.to_f64() + dot(inverse.row(i), &x);
                whitening.mean.iter().enumerate().map(value).collect()
            }
        };
        let x = Matrix::from_rows(x.len(), 1, x);
        let outputs = layers.iter().fold(x, |below, layer| layer.outputs(Activation::Sigmoid, &below));
        Some(PreferredInput { frames, activation: outputs.row(self.unit)[0] })
    }

    fn of_patches(&self, model: &PatchModel<T>, bands: &Bands) -> Option<PreferredInput> {
        let ([frames, height], layer) = (model.features.size, wide(&model.features.layer));
        let patch = best(&layer, self.unit, DEVIATION * Element::sqrt(layer.weights.columns() as f64))?;
        let first = (bands.count() - height) / 2;
        let level = |t: usize, band: usize| {
            let inside = (first..first + height).contains(&band);
            inside.then(|| patch[t * height + band - first])
        };
        let x = Matrix::from_rows(patch.len(), 1, patch.clone());
        let activation = layer.outputs(Activation::Sigmoid, &x).row(self.unit)[0];
        Some(PreferredInput { frames: surrounded(frames, bands, level), activation })
    }

    fn of_network(&self, model: &NetworkModel<T>, bands: &Bands) -> Option<PreferredInput> {
        let network = &model.network;
        let theta: Vec<f64> = model.thetas.first()?.iter().map(|&x| x.to_f64()).collect();
        let layer = hidden_layers(network)[self.layer];
        let shape = network.shape(layer);
        let position = [shape.rows / 2, shape.columns / 2];
        let [rows, columns] = network.receptive_field(layer, position);
        let (width, size) = (network.input.columns, rows.len() * columns.len());
        let weights = wide_first_layer(network, &theta);
        let mut patch = if self.layer == 0 && weights.weights.columns() == size {
            best(&weights, self.unit, 1.0)?
        } else {
            // The start is a whole image. The ascent moves its length into the receptive field.
            let all = Element::sqrt(network.input.elements() as f64);
            let x = ascended(network, &theta, Unit { layer, channel: self.unit, position }, all)?;
            rows.clone().flat_map(|row| x[row * width + columns.start..][..columns.len()].to_vec()).collect()
        };
        let by = Element::sqrt(size as f64 / sum_of_squares(&patch));
        patch.iter_mut().for_each(|x| *x *= by);
        let mut x = vec![0.0; network.input.elements()];
        for (row, values) in rows.clone().zip(patch.chunks(columns.len())) {
            x[row * width + columns.start..][..values.len()].copy_from_slice(values);
        }
        // Rows are resampled bands.
        let level = |t: usize, band: usize| {
            let row = ((band as f64 + 0.5) * network.input.rows as f64 / bands.count() as f64) as usize;
            rows.contains(&row).then(|| DEVIATION * x[row * width + columns.start + t])
        };
        let frames = surrounded(columns.len(), bands, level);
        let example = InMemory::from_rows(Matrix::from_rows(1, x.len(), x));
        let outputs = network.outputs(&theta, &example, layer);
        let element = (self.unit * shape.rows + position[0]) * shape.columns + position[1];
        Some(PreferredInput { frames, activation: outputs.row(element)[0] })
    }

    /// The parts of recordings that excite the unit most, at most one of each and `count` of all, the strongest first.
    /// Recordings are given as frames of these bands, and are not too short for the model.
    pub(crate) fn strongest(&self, recordings: &[Vec<T>], bands: &Bands, count: usize) -> Vec<Excerpt> {
        let mut found: Vec<Option<Excerpt>> = vec![None; recordings.len()];
        let mut workers = vec![(); threads::count()];
        let each = recordings.iter().enumerate().zip(&mut found);
        threads::for_each(&mut workers, each, |(), ((recording, frames), found)| {
            *found = self.response(recording, frames, bands.count());
        });
        let mut found: Vec<Excerpt> = found.into_iter().flatten().collect();
        found.sort_by(|a, b| b.activation.total_cmp(&a.activation));
        found.truncate(count);
        found
    }

    /// The part of a recording that excites the unit most; `None` without a finite activation.
    fn response(&self, recording: usize, frames: &[T], bands: usize) -> Option<Excerpt> {
        let excerpt =
            |first, frames, activation: T| Excerpt { recording, first, frames, activation: activation.to_f64() };
        match &self.member.model {
            TrainedModel::Windows(model) => {
                let outputs = model.activations(frames, bands, self.layer + 1);
                let (window, activation) = largest(outputs.row(self.unit))?;
                Some(excerpt(window * model.context.step, model.context.width, activation))
            }
            TrainedModel::Patches(model) => {
                let (features, mut outputs) = (&model.features, Matrix::empty());
                let input = input(frames, bands, features.size);
                features.features(&input, &mut Convolver::default(), &mut outputs);
                let columns = Convolution::new(input.shape(), outputs.rows(), features.size).output().columns;
                let (at, activation) = largest(outputs.row(self.unit))?;
                Some(excerpt(at / columns, features.size[0], activation))
            }
            TrainedModel::Networks(model) => {
                let (network, layer) = (&model.network, hidden_layers(&model.network)[self.layer]);
                let image = InMemory::from_rows(model.image(frames));
                let found = network.strongest_responses(model.thetas.first()?, &image, layer, self.unit, 1);
                let found = found.first().filter(|found| found.a.to_f64().is_finite())?;
                let [_, columns] = network.receptive_field(layer, found.position);
                let scale = |column: usize| size::product([column, frames.len() / bands]);
                let first = scale(columns.start) / network.input.columns;
                let end = scale(columns.end).div_ceil(network.input.columns);
                Some(excerpt(first, end - first, found.a))
            }
        }
    }

    /// The sound of frames: each is held, and the largest sample is at -1 dB.
    ///
    /// # Errors
    /// If the front end does not fit the rate, or there are too many frames.
    pub(crate) fn sound(&self, frames: &[f64], bands: &Bands) -> Result<Vec<f64>, UnitError> {
        let SoundClassifier { front_end, framing, rate, front_end_shortest, .. } = self.classifier;
        let (count, hop) = (frames.len() / bands.count(), framing.hop as f64 / f64::from(*rate));
        let wanted = SECONDS / (hop * count.max(1) as f64) + 0.5;
        let times = (wanted as usize).min(MOST_FRAMES / count.max(1)).max(1);
        let samples = (count as u64).saturating_mul(times as u64).saturating_mul(framing.hop as u64);
        RESYNTHESIZED.check(samples).map_err(UnitError::Limit)?;
        let mut synthesis =
            FrameSynthesis::new(front_end, *framing, *rate, *front_end_shortest).map_err(UnitError::FrontEnd)?;
        let phases = GriffinLim { start: Start::Peaks, ..GriffinLim::accelerated(1) };
        let mut samples = synthesis.sound(&stretched(frames, bands.count(), times), &phases).samples;
        let length = (FADE * f64::from(*rate)) as usize;
        fade(&mut samples, [length; 2]);
        level(&mut samples);
        Ok(samples)
    }

    /// A part of a recording, with up to 100 ms before and after it, over which it is faded in and out.
    pub(crate) fn cut(&self, samples: &[f64], excerpt: &Excerpt) -> Vec<f64> {
        let (start, end) = self.range(samples.len(), excerpt);
        let context = (CONTEXT * f64::from(self.classifier.rate)) as usize;
        let (from, to) = (start.saturating_sub(context), end.saturating_add(context).min(samples.len()));
        let mut cut = samples[from..to].to_vec();
        let least = (FADE * f64::from(self.classifier.rate)) as usize;
        fade(&mut cut, [start - from, to - end].map(|length| length.max(least)));
        level(&mut cut);
        cut
    }

    /// The first sample of a part of a recording of `samples` samples, and the one after its last.
    fn range(&self, samples: usize, excerpt: &Excerpt) -> (usize, usize) {
        let SoundClassifier { framing, front_end, .. } = self.classifier;
        // Frames of notes are centered at multiples of the hop.
        let before = if front_end.transform == Transform::ConstantQ { framing.length / 2 } else { 0 };
        let at = |frame: usize| frame.saturating_mul(framing.hop);
        let start = at(excerpt.first).saturating_sub(before).min(samples);
        let last = at((excerpt.first + excerpt.frames).saturating_sub(1));
        (start, last.saturating_sub(before).saturating_add(framing.length).clamp(start, samples))
    }

    /// The time at which a part of a recording starts.
    pub(crate) fn seconds(&self, samples: &[f64], excerpt: &Excerpt) -> f64 {
        self.range(samples.len(), excerpt).0 as f64 / f64::from(self.classifier.rate)
    }
}

/// The number of units of each hidden layer.
fn units<T: Real>(model: &TrainedModel<T>) -> Vec<usize> {
    match model {
        TrainedModel::Windows(model) => model.layers.iter().map(|layer| layer.bias.len()).collect(),
        TrainedModel::Patches(model) => vec![model.features.layer.bias.len()],
        TrainedModel::Networks(NetworkModel { network, .. }) => {
            hidden_layers(network).into_iter().map(|layer| network.shape(layer).channels).collect()
        }
    }
}

/// The layers of a network with weights, counted from 1 among all layers, without the softmax regression.
fn hidden_layers(network: &Network) -> Vec<usize> {
    let has_units = |layer: &Layer| matches!(layer, Layer::Convolution { .. } | Layer::Dense { .. });
    (1..=network.layers.len()).filter(|&layer| has_units(&network.layers[layer - 1])).collect()
}

/// The layer in f64.
fn wide<T: Real>(layer: &DenseWeights<T>) -> DenseWeights<f64> {
    let bias = layer.bias.iter().map(|&b| b.to_f64()).collect();
    DenseWeights { weights: layer.weights.map(Real::to_f64), bias }
}

/// The filters of a network's first layer with weights.
fn wide_first_layer(network: &Network, theta: &[f64]) -> DenseWeights<f64> {
    let blocks = network.blocks();
    let [weights, bias, ..] = &blocks[..] else { return DenseWeights { weights: Matrix::empty(), bias: Vec::new() } };
    let values = weights.values(theta).to_vec();
    DenseWeights {
        weights: Matrix::from_rows(weights.rows, weights.columns, values),
        bias: bias.values(theta).to_vec(),
    }
}

/// A layer on squashed windows as one on windows without mean and of variance 1: squashing brings them to 0.5, and
/// three deviations to 0.4 more. Clipping is left out.
fn squash_to_standard(layer: &mut DenseWeights<f64>) {
    for (i, bias) in layer.bias.iter_mut().enumerate() {
        let row = layer.weights.row_mut(i);
        let total = sum(row);
        let mean = total / row.len().max(1) as f64;
        *bias += 0.5 * total;
        row.iter_mut().for_each(|w| *w = 0.4 / 3.0 * (*w - mean));
    }
}

/// The input of this length that a unit of a layer prefers; `None` if all its weights are 0.
fn best(layer: &DenseWeights<f64>, unit: usize, length: f64) -> Option<Vec<f64>> {
    let one = Matrix::from_rows(1, layer.weights.columns(), layer.weights.row(unit).to_vec());
    let best = maximal_inputs(&DenseWeights { weights: one, bias: vec![0.0] });
    // A weight that is NaN is reported as such.
    let is_silent = best.elements().iter().all(|&x| x == 0.0);
    (!is_silent).then(|| best.elements().iter().map(|x| length * x).collect())
}

/// The best end of several gradient ascents; `None` if none of them excites the unit.
///
/// A rectified unit has no gradient where it is inactive, and few random inputs excite a deep one. So its weighted sum
/// z rises instead of max(0, z): both are largest for the same input if any input excites the unit.
fn ascended(network: &Network, theta: &[f64], unit: Unit, length: f64) -> Option<Vec<f64>> {
    let (mut random, ascent) = (Random::new(1), Ascent { length, step: 0.1, steps: 100 });
    let mut layers = network.layers[..unit.layer].to_vec();
    if let Some(Layer::Convolution { activation, .. } | Layer::Dense { activation, .. }) = layers.last_mut()
        && *activation == Activation::Rectified
    {
        *activation = Activation::Linear;
    }
    let network = Network::new(network.input, layers);
    let theta = &theta[..network.dimension()];
    let ends = (0..STARTS).map(|_| network.activation_maximization(theta, unit, &ascent, &mut random));
    let active = ends.filter(|(_, activation)| *activation > 0.0).take(ASCENTS);
    Some(active.reduce(|best, end| if end.1 > best.1 { end } else { best })?.0)
}

/// Frames of all bands: the given levels, and silence where there is none. Of a cepstrum, coefficients that are not
/// given are 0.
fn surrounded(frames: usize, bands: &Bands, level: impl Fn(usize, usize) -> Option<f64>) -> Vec<f64> {
    let all = || (0..frames).flat_map(|t| (0..bands.count()).map(move |band| (t, band)));
    let lowest = all().filter_map(|(t, band)| level(t, band)).fold(f64::INFINITY, Real::min);
    let outside = if matches!(bands, Bands::Numbered(_)) { 0.0 } else { lowest - SILENCE };
    all().map(|(t, band)| level(t, band).unwrap_or(outside)).collect()
}

/// The position of the largest finite value, the first one of equal values.
fn largest<T: Real>(values: &[T]) -> Option<(usize, T)> {
    let finite = values.iter().copied().enumerate().filter(|(_, x)| x.to_f64().is_finite());
    finite.reduce(|best, next| if next.1.partial_cmp(&best.1) == Some(Ordering::Greater) { next } else { best })
}

/// Fades the beginning and the end over these numbers of samples, each at most half of all.
fn fade(samples: &mut [f64], lengths: [usize; 2]) {
    let half = samples.len() / 2;
    let [first, last] = lengths.map(|length| length.min(half));
    let gain = |i: usize, length: usize| {
        let (sine, _) = (0.5 * (i as f64 + 0.5) / length as f64).sin_cos_pi();
        sine * sine
    };
    samples.iter_mut().take(first).enumerate().for_each(|(i, x)| *x *= gain(i, first));
    samples.iter_mut().rev().take(last).enumerate().for_each(|(i, x)| *x *= gain(i, last));
}

/// Scales to the level of -1 dB; silence stays silent.
fn level(samples: &mut [f64]) {
    let largest = norm_inf(samples);
    if largest > 0.0 {
        samples.iter_mut().for_each(|x| *x *= PEAK / largest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::normalize::Squash;
    use crate::dataset::whiten::Whitening;
    use crate::model::convolution::PoolingMode;
    use crate::model::convolved_features::ConvolvedFeatures;
    use crate::tutorial::classifier::WindowTop;
    use crate::tutorial::preprocessing::frames;
    use crate::tutorial::sound_network::{ConvolutionalSettings, network, spectrogram_image};
    use crate::tutorial::{classifier_file, fixture};
    use std::format;
    use std::string::ToString;

    /// Bands and frames of a window.
    const SIZE: [usize; 2] = [20, 3];

    /// A model of 20 mel bands, which are not whitened, with these layers; without weights for its labels.
    fn classifier(layers: Vec<DenseWeights<f32>>) -> SoundClassifier<f32> {
        let mut classifier: SoundClassifier<f32> =
            classifier_file::decode(&classifier_file::example(&["no", "yes"])).unwrap();
        let one = Matrix::from_function(60, 60, |i, j| if i == j { 1.0 } else { 0.0 });
        let TrainedModel::Windows(model) = &mut classifier.members[0].model else { panic!("no windows") };
        let whitening = Whitening { mean: vec![0.0; 60], basis: one.clone(), inverse: one };
        (model.normalizer, model.layers) = (Normalizer::Whiten(whitening), layers);
        classifier
    }

    /// Units, each of which responds to one band.
    fn band_detectors(bands: &[usize]) -> DenseWeights<f32> {
        let weight = |i: usize, j: usize| if j % SIZE[0] == bands[i] { 0.1 } else { 0.0 };
        DenseWeights { weights: Matrix::from_function(bands.len(), 60, weight), bias: vec![-1.0; bands.len()] }
    }

    fn loudest(frame: &[f64]) -> usize {
        (0..frame.len()).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap()
    }

    /// The preferred input of a unit, and the loudest band of its sound.
    fn heard(classifier: &SoundClassifier<f32>, layer: usize, unit: usize) -> (PreferredInput, usize) {
        let unit = HiddenUnit::find(classifier, layer, unit).unwrap();
        let front = classifier.front_end().unwrap();
        let found = unit.preferred_input(front.bands()).unwrap();
        let sound = unit.sound(&found.frames, front.bands()).unwrap();
        assert!((norm_inf(&sound) - PEAK).abs() < 1e-12 && sound.len() > 4000 && sound.len() < 6000);
        let samples: Vec<f32> = sound.iter().map(|&x| x as f32).collect();
        let frames: Vec<f64> = classifier.front_end().unwrap().frames(&samples).into_iter().map(f64::from).collect();
        let middle = frames.len() / SIZE[0] / 2 * SIZE[0];
        (found, loudest(&frames[middle..][..SIZE[0]]))
    }

    #[test]
    fn a_unit_of_one_band_prefers_a_sound_in_that_band() {
        for band in [4, 11, 17] {
            let mut classifier = classifier(vec![band_detectors(&[2, band])]);
            let (found, heard_band) = heard(&classifier, 1, 2);
            assert!(heard_band.abs_diff(band) <= 1 && loudest(&found.frames[..SIZE[0]]) == band, "{heard_band}");
            // Three weights of 0.1; the length is that of 60 elements of variance 1.
            let z = 0.1 * Element::sqrt(3.0) * Element::sqrt(60.0) - 1.0;
            assert!((found.activation - 1.0 / (1.0 + Real::exp(-z))).abs() < 1e-6, "{}", found.activation);

            let TrainedModel::Windows(model) = &mut classifier.members[0].model else { panic!("no windows") };
            model.normalizer = Normalizer::Squash(Squash { deviation: 2.0 });
            let (squashed, heard_band) = heard(&classifier, 1, 2);
            assert!(heard_band.abs_diff(band) <= 1, "{heard_band}");
            // The model itself clips at three deviations.
            let TrainedModel::Windows(model) = &mut classifier.members[0].model else { panic!("no windows") };
            let small: Vec<f32> = squashed.frames.iter().map(|&x| x as f32).collect();
            let activation = f64::from(model.activations(&small, SIZE[0], 1).row(1)[0]);
            assert!(activation <= squashed.activation + 1e-6 && activation > 0.5 * squashed.activation);
        }
    }

    #[test]
    fn no_input_as_long_excites_a_deeper_unit_more() {
        let top = DenseWeights { weights: Matrix::from_rows(1, 2, vec![3.0, -3.0]), bias: vec![0.5] };
        let classifier = classifier(vec![band_detectors(&[4, 12]), top]);
        let (found, heard_band) = heard(&classifier, 2, 1);
        assert!(heard_band.abs_diff(4) <= 1 && found.frames[4] > 1.0 && found.frames[12] < -1.0, "{found:?}");
        let TrainedModel::Windows(model) = &classifier.members[0].model else { panic!("no windows") };
        let mut random = Random::new(2);
        for _ in 0..200 {
            let x: Vec<f64> = (0..60).map(|_| random.normal()).collect();
            let by = Element::sqrt(60.0 / sum_of_squares(&x));
            let window: Vec<f32> = x.iter().map(|x| (by * x) as f32).collect();
            assert!(f64::from(model.activations(&window, SIZE[0], 2).row(0)[0]) < found.activation);
        }
    }

    #[test]
    fn patches_and_filters_sound_in_the_middle_of_the_bands() {
        let mut classifier = classifier(vec![band_detectors(&[3])]);
        let front = classifier.front_end().unwrap();
        let recordings = fixture::collection(&fixture::settings()).recordings;
        let frames = frames(&front, &recordings).unwrap();
        let TrainedModel::Windows(model) = &classifier.members[0].model else { panic!("no windows") };
        let WindowTop::Pooled(_, pooled) = model.top.clone() else { panic!("no pooling") };
        // A patch of two frames and four bands, the third of which is heard: bands 8 to 11 of 20.
        let weights = Matrix::from_function(1, 8, |_, j| if j % 4 == 2 { 1.0 } else { 0.0 });
        let features = ConvolvedFeatures { size: [2, 4], layer: DenseWeights { weights, bias: vec![0.0] } };
        classifier.members[0].model =
            TrainedModel::Patches(PatchModel { features, kind: PoolingMode::Max, regions: [1, 1], pooled });
        let (found, heard_band) = heard(&classifier, 1, 1);
        assert!(heard_band.abs_diff(10) <= 1 && found.frames.len() == 40, "{heard_band}");
        let unit = HiddenUnit::find(&classifier, 1, 1).unwrap();
        assert!(unit.strongest(&frames, front.bands(), 3).iter().all(|found| found.frames == 2));

        let settings = ConvolutionalSettings { filters: [2, 3, 2], ..ConvolutionalSettings::default() };
        let network = network(&settings, [20, 32], 2);
        let mut theta: Vec<f32> = network.draw(&mut Random::new(1));
        // The second filter responds to its highest row.
        theta[9..18].copy_from_slice(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        let image = spectrogram_image(front.bands(), [20, 32]);
        classifier.members[0].model =
            TrainedModel::Networks(NetworkModel { image, range: 9.0, network, thetas: vec![theta] });
        let (found, heard_band) = heard(&classifier, 1, 2);
        assert!(heard_band.abs_diff(11) <= 1 && found.frames.len() == 60, "{heard_band}");
        assert!((found.activation - Element::sqrt(27.0)).abs() < 1e-5, "{}", found.activation);
        for (layer, units) in [(2, 3), (3, 2)] {
            for unit in 1..=units {
                let unit = HiddenUnit::find(&classifier, layer, unit).unwrap();
                match unit.preferred_input(front.bands()) {
                    Ok(found) => assert!(found.activation >= 0.0 && found.frames.len() > 60),
                    Err(error) => assert!(matches!(error, UnitError::Inactive { .. }), "{error}"),
                }
                let strongest = unit.strongest(&frames, front.bands(), 5);
                assert!(strongest.iter().all(|found| found.frames > 0 && found.activation >= 0.0), "{strongest:?}");
            }
        }
    }

    #[test]
    fn excerpts_are_of_different_recordings_and_contain_their_windows() {
        let classifier = classifier(vec![band_detectors(&[3, 15])]);
        let front = classifier.front_end().unwrap();
        let recordings = fixture::collection(&fixture::settings()).recordings;
        let frames = frames(&front, &recordings).unwrap();
        let unit = HiddenUnit::find(&classifier, 1, 2).unwrap();
        let found = unit.strongest(&frames, front.bands(), 5);
        assert!(found.len() == 5 && found.windows(2).all(|pair| pair[0].activation >= pair[1].activation));
        let TrainedModel::Windows(model) = &classifier.members[0].model else { panic!("no windows") };
        for (i, excerpt) in found.iter().enumerate() {
            assert!(found[..i].iter().all(|other| other.recording != excerpt.recording));
            let outputs = model.activations(&frames[excerpt.recording], SIZE[0], 1);
            assert_eq!(f64::from(outputs.row(1)[excerpt.first]), excerpt.activation);
            assert!(outputs.row(1).iter().all(|&a| f64::from(a) <= excerpt.activation));
            // High noise excites a unit of a high band.
            assert_eq!(recordings[excerpt.recording].label, 1);
        }
        // 416 samples from the fifth frame on, with 800 before, of which there are 400, and 800 after.
        let samples: Vec<f64> = (0..2000).map(|i| if i % 2 == 0 { 0.25 } else { -0.25 }).collect();
        let excerpt = Excerpt { recording: 0, first: 5, frames: 3, activation: 1.0 };
        let cut = unit.cut(&samples, &excerpt);
        assert_eq!((cut.len(), unit.seconds(&samples, &excerpt)), (400 + 416 + 800, 0.05));
        assert!(cut[0].abs() < 1e-4 && cut[1615].abs() < 1e-4 && (cut[400] - PEAK).abs() < 1e-12);
        assert!(cut[400..816].iter().all(|x| (x.abs() - PEAK).abs() < 1e-12));
        let late = Excerpt { first: usize::MAX / 2, ..excerpt };
        assert!(unit.cut(&samples, &late).len() <= 800 && unit.cut(&[0.0; 500], &excerpt).iter().all(|&x| x == 0.0));
    }

    #[test]
    fn units_that_are_not_there_and_weights_without_a_direction_are_errors() {
        let mut layer = band_detectors(&[1, 2, 3]);
        layer.weights.row_mut(0).fill(0.0);
        layer.weights.row_mut(1)[7] = f32::NAN;
        let model = classifier(vec![layer]);
        let front = model.front_end().unwrap();
        let message = |layer, unit| match HiddenUnit::find(&model, layer, unit) {
            Ok(unit) => unit.preferred_input(front.bands()).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(message(1, 1), "no input excites unit 1 of layer 1");
        assert_eq!(message(1, 2), "the preferred input of unit 2 of layer 1 has a value that is not finite");
        for unit in [0, 4, usize::MAX] {
            assert_eq!(message(1, unit), format!("there is no unit {unit}: layer 1 has 3 units, counted from 1"));
        }
        for layer in [0, 2] {
            let expected = "sparse-pooled has 1 hidden layer, counted from 1";
            assert_eq!(message(layer, 1), format!("there is no layer {layer}: {expected}"));
        }
        let raw = classifier(Vec::new());
        assert!(matches!(HiddenUnit::find(&raw, 1, 1), Err(UnitError::NoLayers(_))));
        let unit = HiddenUnit::find(&model, 1, 3).unwrap();
        assert!(unit.strongest(&[vec![f32::NAN; 60]], front.bands(), 5).is_empty());
    }
}
