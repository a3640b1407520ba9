//! A model for deployment: the parameters learned by the method `sparse-pooled` and the settings of its front end; and
//! the tables that a predictor needs, computed from them.
//!
//! A model file holds the parameters and the settings alone. The Hann window, the twiddle factors and the mel bands are
//! computed when they are needed: they have the same bits on every machine.

use super::fourier::Complex;
use super::model::{Band, Model};
use super::sizes::{PredictorError, PredictorSizes};
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::bytes::limits::{OVERLAP, PREDICTOR, REGIONS, SAMPLING_RATE, SOUND, WINDOW};
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::normalize::StandardScaler;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::spectrum::bank::Bank;
use crate::spectrum::mel::{MelSettings, Norm, Scale};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A trained sound classifier, the method `sparse-pooled`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeployedModel {
    /// The sampling rate, in Hz.
    pub rate: u32,
    /// Samples in a frame, and from one frame to the next.
    pub framing: Framing,
    /// The mel bands.
    pub mel: MelSettings,
    /// Added to the power in a band before the logarithm.
    pub floor: f32,
    /// Frames in a window, and from one window to the next.
    pub context_window: ContextFraming,
    /// The labels, one for each class.
    pub labels: Vec<String>,
    /// The mean window μ.
    pub mean: Vec<f32>,
    /// The whitening matrix, components x elements of a window.
    pub basis: Matrix<f32>,
    /// The weights W1 of the encoder, features x components.
    pub weights: Matrix<f32>,
    /// The biases b1 of the encoder.
    pub biases: Vec<f32>,
    /// Regions of time over which features are averaged.
    pub regions: usize,
    /// Mean and deviation of each pooled feature.
    pub pooled: StandardScaler<f32>,
    /// The weights Θ of the softmax, classes x pooled features.
    pub class_weights: Matrix<f32>,
    /// The biases b of the softmax.
    pub class_biases: Vec<f32>,
}

/// The tables of a predictor, computed from a [`DeployedModel`].
#[derive(Clone, Debug)]
pub struct PredictorTables<'t> {
    deployed: &'t DeployedModel,
    sizes: PredictorSizes,
    hann: Vec<f32>,
    twiddles: Vec<Complex>,
    bands: Vec<Band>,
    band_weights: Vec<f32>,
    class_weights: Vec<f32>,
}

impl DeployedModel {
    /// The number of samples in one window: the shortest sound that can be classified.
    pub fn shortest(&self) -> usize {
        let Framing { length, hop } = self.framing;
        length.saturating_add(hop.saturating_mul(self.context_window.width.saturating_sub(1)))
    }

    /// The tables of a predictor for sounds of at most `seconds`.
    ///
    /// # Errors
    /// As [`tables_for`](Self::tables_for).
    pub fn tables(&self, seconds: f64) -> Result<PredictorTables<'_>, PredictorError> {
        self.tables_for((seconds * f64::from(self.rate)) as usize)
    }

    /// The tables of a predictor for sounds of at most `samples`: its memory holds every frame that ends within them.
    ///
    /// # Errors
    /// If the sizes do not fit together or exceed their limits, the bands do not fit the sampling rate, or the sound is
    /// shorter than a window.
    pub fn tables_for(&self, samples: usize) -> Result<PredictorTables<'_>, PredictorError> {
        let Framing { length, hop } = self.framing;
        let shape = PredictorSizes {
            rate: self.rate,
            frame: length,
            hop,
            max_frames: if length > 0 && hop > 0 { self.framing.count(samples) } else { 0 },
            bands: self.mel.bands,
            width: self.context_window.width,
            step: self.context_window.step,
            components: self.basis.rows(),
            features: self.weights.rows(),
            regions: self.regions,
            classes: self.class_weights.rows(),
        };
        // Sizes from a file may be wrong: they are checked before anything is allocated.
        for (limit, size) in [
            (SAMPLING_RATE, u64::from(self.rate)),
            (OVERLAP, length.div_ceil(hop.max(1)) as u64),
            (WINDOW, self.shortest() as u64),
            (REGIONS, self.regions as u64),
            (SOUND, (samples as u64).div_ceil(u64::from(self.rate.max(1)))),
        ] {
            limit.check(size).map_err(PredictorError::Limit)?;
        }
        shape.check()?;
        PREDICTOR.check(shape.memory() as u64).map_err(PredictorError::Limit)?;
        let (expected, found) = (shape.window(), self.mean.len());
        if expected != found {
            return Err(PredictorError::Table { name: "mean", expected, found });
        }
        let bank = Bank::mel(&self.mel, length, f64::from(self.rate)).map_err(PredictorError::Mel)?;
        let (mut bands, mut band_weights) = (Vec::new(), Vec::new());
        for band in 0..bank.bands() {
            let (first, weights) = bank.filter(band);
            // The check allowed at most 2^16 samples in a frame: the bins, 2^15 + 1 of them, fit in a u16.
            bands.push(Band { first: first as u16, length: weights.len() as u16 });
            band_weights.extend_from_slice(weights);
        }
        let twiddles = (0..length / 2)
            .map(|k| {
                let (sine, cosine) = (-2.0 * k as f64 / length as f64).sin_cos_pi();
                [cosine as f32, sine as f32]
            })
            .collect();
        let class_weights = (0..self.class_weights.columns()).flat_map(|j| self.class_weights.column(j)).collect();
        let hann = Window::Hann.weights(Ends::Periodic, length);
        let tables =
            PredictorTables { deployed: self, sizes: shape, hann, twiddles, bands, band_weights, class_weights };
        tables.model().check()?;
        Ok(tables)
    }
}

impl PredictorTables<'_> {
    /// The model that a predictor reads.
    pub fn model(&self) -> Model<'_> {
        let model = self.deployed;
        Model {
            sizes: self.sizes,
            floor: model.floor,
            hann: &self.hann,
            twiddles: &self.twiddles,
            bands: &self.bands,
            band_weights: &self.band_weights,
            mean: &model.mean,
            basis: model.basis.elements(),
            weights: model.weights.elements(),
            biases: &model.biases,
            pooled_means: &model.pooled.means,
            pooled_deviations: &model.pooled.deviations,
            class_weights: &self.class_weights,
            class_biases: &model.class_biases,
        }
    }
}

/// A small model with random parameters, for tests.
#[doc(hidden)]
pub fn example() -> DeployedModel {
    let mut random = crate::number::Random::new(5);
    let mut numbers = |n: usize, from: f32, to: f32| -> Vec<f32> {
        (0..n).map(|_| random.uniform(f64::from(from), f64::from(to))).collect()
    };
    let (bands, width, components, features, regions, labels) = (20, 3, 17, 50, 9, ["no", "yes", "perhaps"]);
    DeployedModel {
        rate: 8000,
        framing: Framing { length: 256, hop: 80 },
        mel: MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands, lowest: 0.0, highest: 4000.0 },
        floor: 1e-6,
        context_window: ContextFraming { width, step: 1 },
        labels: labels.iter().map(ToString::to_string).collect(),
        mean: numbers(width * bands, -0.5, 0.5),
        basis: Matrix::from_rows(components, width * bands, numbers(components * width * bands, -0.3, 0.3)),
        weights: Matrix::from_rows(features, components, numbers(features * components, -0.5, 0.5)),
        biases: numbers(features, -1.0, 0.0),
        regions,
        pooled: StandardScaler {
            means: numbers(regions * features, 0.0, 0.5),
            deviations: numbers(regions * features, 0.1, 0.5),
        },
        // More pooled features than the product has in a block, so that chains are added.
        class_weights: Matrix::from_rows(
            labels.len(),
            regions * features,
            numbers(labels.len() * regions * features, -0.1, 0.1),
        ),
        class_biases: numbers(labels.len(), -0.1, 0.1),
    }
}
