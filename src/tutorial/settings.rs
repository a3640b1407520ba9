//! The settings of the pipeline.
//!
//! The defaults are for sound. With the tutorial's settings for images (squashed windows, sigmoid decoder, ρ 0.1, λ
//! 0.003, β 3), the features of log-mel windows give a lower accuracy than the windows themselves; NOTES.md has the
//! measurements.

use super::convolved_features::ConvolvedSettings;
use super::methods::Methods;
use super::sound_network::ConvolutionalSettings;
use crate::audio::frames::Framing;
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::whiten::WhiteningSettings;
use crate::model::{Activation, Autoencoder};
use crate::picture::tiles::TileShape;
use crate::spectrum::mel::{MelSettings, Norm, Scale};

/// The normalization of windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normalization {
    /// The tutorial's: see [`normalize`](crate::dataset::normalize).
    Squash,
    /// By principal components: see [`whiten`](crate::dataset::whiten).
    Whiten(WhiteningSettings),
}

/// The transform from samples to frames of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// The power spectrum.
    Fft,
    /// Mel bands.
    Mel,
    /// Bark bands.
    Bark,
    /// The cosine transform of mel bands.
    Cepstrum,
    /// Pitch classes.
    Chroma,
    /// Quarter tones, each with a window of its own length.
    ConstantQ,
}

/// The transforms by name.
pub const TRANSFORMS: [(&str, Transform); 6] = [
    ("fft", Transform::Fft),
    ("mel", Transform::Mel),
    ("bark", Transform::Bark),
    ("cepstrum", Transform::Cepstrum),
    ("chroma", Transform::Chroma),
    ("constant-q", Transform::ConstantQ),
];

impl Transform {
    /// Its name.
    pub fn name(self) -> &'static str {
        TRANSFORMS.iter().find(|(_, transform)| *transform == self).map_or("", |(name, _)| name)
    }
}

/// The settings of the front end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrontEndSettings {
    /// The transform of the [`front_end`](super::front_end).
    pub transform: Transform,
    /// The mel scale.
    pub scale: Scale,
    /// The number of mel bands.
    pub bands: usize,
    /// The highest frequency of the power spectrum's bins, in Hz. Higher bins carry little information about speech.
    pub highest_bin: f64,
    /// The number of coefficients of a cepstrum, at most the number of mel bands.
    pub coefficients: usize,
    /// Added to the power before the logarithm is taken.
    pub floor: f64,
}

impl Default for FrontEndSettings {
    fn default() -> Self {
        FrontEndSettings {
            transform: Transform::Mel,
            scale: Scale::Slaney,
            bands: 40,
            highest_bin: 4000.0,
            coefficients: 20,
            floor: 1e-6,
        }
    }
}

impl FrontEndSettings {
    /// Frames of 25 to 50 ms (of chroma 50 to 100 ms), the least power of two of samples, every 10 ms.
    pub fn framing(&self, rate: u32) -> Framing {
        let rate = rate as usize;
        let least = if self.transform == Transform::Chroma { rate / 20 } else { rate / 40 };
        Framing { length: least.max(2).next_power_of_two(), hop: (rate / 100).max(1) }
    }

    /// The mel bands up to half the sampling rate.
    pub fn mel(&self, rate: u32) -> MelSettings {
        MelSettings {
            scale: self.scale,
            norm: Norm::Area,
            bands: self.bands,
            lowest: 0.0,
            highest: f64::from(rate) / 2.0,
        }
    }
}

/// The settings of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipelineSettings {
    /// The methods to compare.
    pub methods: Methods,
    /// The front end, from samples to frames.
    pub front_end: FrontEndSettings,
    /// The number of frames in a window, and the step between windows.
    pub context_window: ContextFraming,
    /// The normalization of windows.
    pub normalization: Normalization,
    /// The number of features, the autoencoder's hidden units.
    pub hidden: usize,
    /// The decoder of the autoencoder; linear for whitened windows, whose values are unbounded.
    pub decoder: Activation,
    /// λ of the autoencoder.
    pub weight_decay: f64,
    /// ρ.
    pub sparsity: f64,
    /// β.
    pub sparsity_weight: f64,
    /// L-BFGS iterations for the autoencoder.
    pub iterations: usize,
    /// L-BFGS iterations for each softmax regression.
    pub softmax_iterations: usize,
    /// The number of deep features, the hidden units of the second autoencoder.
    pub deep: usize,
    /// L-BFGS iterations for the second autoencoder.
    pub deep_iterations: usize,
    /// L-BFGS iterations for tuning the stacked network.
    pub tuning_iterations: usize,
    /// λ of the stacked network's softmax weights.
    pub tuning_decay: f64,
    /// λ of the softmax regressions on windows.
    pub window_decay: f64,
    /// λ of the softmax regression on pooled features.
    pub pooled_decay: f64,
    /// The number of regions of time over which features are averaged.
    pub regions: usize,
    /// The most windows, chosen at random, that train the autoencoder and the regressions on windows.
    pub most_windows: usize,
    /// The most recordings, chosen at random, that train the classifiers of whole recordings.
    pub most_recordings: usize,
    /// The settings of `convolved-pooled`.
    pub convolved: ConvolvedSettings,
    /// The settings of `convolutional`.
    pub convolutional: ConvolutionalSettings,
    /// The random seed.
    pub seed: u64,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        PipelineSettings {
            methods: Methods::ALL,
            front_end: FrontEndSettings::default(),
            context_window: ContextFraming::default(),
            normalization: Normalization::Whiten(WhiteningSettings::default()),
            hidden: 400,
            decoder: Activation::Linear,
            weight_decay: 3e-4,
            sparsity: 0.035,
            sparsity_weight: 5.0,
            iterations: 200,
            softmax_iterations: 100,
            deep: 200,
            deep_iterations: 40,
            tuning_iterations: 80,
            tuning_decay: 1e-4,
            window_decay: 1e-4,
            pooled_decay: 1e-3,
            regions: 10,
            most_windows: 20_000,
            most_recordings: 5000,
            convolved: ConvolvedSettings::default(),
            convolutional: ConvolutionalSettings::default(),
            seed: 1,
        }
    }
}

impl PipelineSettings {
    /// The shape of a context window of spectra with this number of bands, as a tile.
    pub fn tile(&self, bands: usize) -> TileShape {
        TileShape { bands, frames: self.context_window.width }
    }

    /// The time from a frame to the next at this sampling rate, in seconds.
    pub fn step(&self, rate: u32) -> f64 {
        self.front_end.framing(rate).hop as f64 / f64::from(rate)
    }

    /// The autoencoder on windows of `visible` values.
    pub fn autoencoder(&self, visible: usize) -> Autoencoder {
        Autoencoder {
            decoder: self.decoder,
            weight_decay: self.weight_decay,
            sparsity: self.sparsity,
            sparsity_weight: self.sparsity_weight,
            ..Autoencoder::new(visible, self.hidden)
        }
    }

    /// The second autoencoder, on features between 0 and 1: UFLDL's ρ and β, and the first one's λ. (With UFLDL's λ of
    /// 0.003 the deep features hardly vary, and fine-tuning takes twice as long.)
    pub fn deep(&self) -> Autoencoder {
        Autoencoder { weight_decay: self.weight_decay, ..ufldl(self.hidden, self.deep) }
    }

    /// The number of samples in one window: shorter recordings cannot be classified.
    pub fn shortest(&self, rate: u32) -> usize {
        let Framing { length, hop } = self.front_end.framing(rate);
        length.saturating_add(hop.saturating_mul(self.context_window.width - 1))
    }
}

/// UFLDL's autoencoder on inputs between 0 and 1.
pub fn ufldl(visible: usize, hidden: usize) -> Autoencoder {
    Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(visible, hidden) }
}
