//! What was learned, with the choices it was learned with; and the tables that a predictor reads, made of it.
//!
//! Only the learned numbers and the choices are kept in a file: the window, the table of the Fourier transform and the
//! mel bands are the same bits wherever they are computed.

use super::fourier::Complex;
use super::model::{Band, Model};
use super::sizes::{PredictorError, PredictorSizes};
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::bytes::limits::{OVERLAP, PREDICTOR, REGIONS, SAMPLING_RATE, SOUND, WINDOW};
use crate::dataset::normalize::StandardScaler;
use crate::dataset::windows::Windowing;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::spectrum::bank::Bank;
use crate::spectrum::mel::{MelSettings, Norm, Scale};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A recognizer of sounds: the road of `sparse-pooled`, learned.
#[derive(Clone, Debug, PartialEq)]
pub struct DeployedModel {
    /// The sampling rate, in Hz.
    pub rate: u32,
    /// Samples of a frame and between frames.
    pub framing: Framing,
    /// The mel bands.
    pub mel: MelSettings,
    /// Added to the power in a band.
    pub floor: f32,
    /// Frames of a window and between windows.
    pub windowing: Windowing,
    /// The classes' names.
    pub labels: Vec<String>,
    /// The mean window μ.
    pub mean: Vec<f32>,
    /// The whitening, components x numbers of a window.
    pub basis: Matrix<f32>,
    /// The encoder W1, features x components.
    pub weights: Matrix<f32>,
    /// The encoder's b1.
    pub biases: Vec<f32>,
    /// Regions of time.
    pub regions: usize,
    /// The scale of each pooled feature.
    pub pooled: StandardScaler<f32>,
    /// The softmax's Θ, classes x pooled features.
    pub class_weights: Matrix<f32>,
    /// The softmax's b.
    pub class_biases: Vec<f32>,
}

/// The tables of a predictor, in vectors.
#[derive(Clone, Debug)]
pub struct PredictorTables<'t> {
    trained: &'t DeployedModel,
    sizes: PredictorSizes,
    hann: Vec<f32>,
    twiddles: Vec<Complex>,
    bands: Vec<Band>,
    band_weights: Vec<f32>,
    class_weights: Vec<f32>,
}

impl DeployedModel {
    /// The samples of one window: the least that can be classified.
    pub fn shortest(&self) -> usize {
        let Framing { length, hop } = self.framing;
        length.saturating_add(hop.saturating_mul(self.windowing.width.saturating_sub(1)))
    }

    /// The tables of a predictor for sounds of at most so many seconds: as many frames as end within them.
    ///
    /// # Errors
    /// As [`tables_for`](Self::tables_for).
    pub fn tables(&self, seconds: f64) -> Result<PredictorTables<'_>, PredictorError> {
        self.tables_for((seconds * f64::from(self.rate)) as usize)
    }

    /// The tables of a predictor for sounds of at most so many samples.
    ///
    /// # Errors
    /// If the sizes do not fit together or are above their limits, the bands do not fit the rate, or the sound is shorter
    /// than a window.
    pub fn tables_for(&self, samples: usize) -> Result<PredictorTables<'_>, PredictorError> {
        let Framing { length, hop } = self.framing;
        let shape = PredictorSizes {
            rate: self.rate,
            frame: length,
            hop,
            max_frames: if length > 0 && hop > 0 { self.framing.count(samples) } else { 0 },
            bands: self.mel.bands,
            width: self.windowing.width,
            step: self.windowing.step,
            components: self.basis.rows(),
            features: self.weights.rows(),
            regions: self.regions,
            classes: self.class_weights.rows(),
        };
        // Sizes from a file may lie: nothing is made of them before they are known to be possible.
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
            // A frame has at most 2^16 samples, as was checked, and so 2^15 + 1 bins.
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
            PredictorTables { trained: self, sizes: shape, hann, twiddles, bands, band_weights, class_weights };
        tables.model().check()?;
        Ok(tables)
    }
}

impl PredictorTables<'_> {
    /// What a predictor reads.
    pub fn model(&self) -> Model<'_> {
        let t = self.trained;
        Model {
            sizes: self.sizes,
            floor: t.floor,
            hann: &self.hann,
            twiddles: &self.twiddles,
            bands: &self.bands,
            band_weights: &self.band_weights,
            mean: &t.mean,
            basis: t.basis.elements(),
            weights: t.weights.elements(),
            biases: &t.biases,
            pooled_means: &t.pooled.means,
            pooled_deviations: &t.pooled.deviations,
            class_weights: &self.class_weights,
            class_biases: &t.class_biases,
        }
    }
}

/// A small recognizer of made-up numbers, for tests.
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
        windowing: Windowing { width, step: 1 },
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
        // More pooled features than a block of a product.
        class_weights: Matrix::from_rows(
            labels.len(),
            regions * features,
            numbers(labels.len() * regions * features, -0.1, 0.1),
        ),
        class_biases: numbers(labels.len(), -0.1, 0.1),
    }
}
