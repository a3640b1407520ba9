//! A model for deployment: the settings of its front end, and the parameters learned by one of three methods,
//! `sparse-pooled`, `stacked-pooled` or a single network of `convolutional`; and the tables that a predictor needs,
//! computed from them.
//!
//! A model holds the parameters and the settings alone. The Hann window, the twiddle factors and the mel bands are
//! computed when they are needed: they have the same bits on every machine.

use super::fourier::Complex;
use super::model::{Band, Classifier, ConvolutionalTables, Layer, Model, PooledTables};
use super::sizes::{ClassifierSizes, ConvolutionalSizes, MOST_LAYERS, PooledSizes, PredictorError, PredictorSizes};
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::bytes::limits::{OVERLAP, PREDICTOR, REGIONS, SAMPLING_RATE, SOUND, WINDOW};
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::normalize::StandardScaler;
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::stacked::DenseWeights;
use crate::number::Real;
use crate::spectrum::bank::Bank;
use crate::spectrum::mel::{MelSettings, Norm, Scale};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A trained sound classifier.
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
    /// The labels, one for each class.
    pub labels: Vec<String>,
    /// The classifier of frames, without its softmax.
    pub classifier: DeployedClassifier,
    /// The weights Θ of the softmax, classes x features.
    pub class_weights: Matrix<f32>,
    /// The biases b of the softmax.
    pub class_biases: Vec<f32>,
}

/// A classifier of frames, without its softmax.
#[derive(Clone, Debug, PartialEq)]
pub enum DeployedClassifier {
    /// Features of windows, averaged over regions of time.
    Pooled(PooledClassifier),
    /// Convolutions of the spectrogram image.
    Convolutional(ConvolutionalClassifier),
}

/// The methods `sparse-pooled` (one encoder) and `stacked-pooled` (more): see [`pooled`](super::pooled).
#[derive(Clone, Debug, PartialEq)]
pub struct PooledClassifier {
    /// Frames in a window, and from one window to the next.
    pub context_window: ContextFraming,
    /// The mean window μ.
    pub mean: Vec<f32>,
    /// The whitening matrix, components x elements of a window.
    pub basis: Matrix<f32>,
    /// The encoders, at most [`MOST_LAYERS`]: weights, features x inputs, and biases.
    pub layers: Vec<DenseWeights<f32>>,
    /// Regions of time over which features are averaged.
    pub regions: usize,
    /// Mean and deviation of each pooled feature.
    pub scaling: StandardScaler<f32>,
}

/// One network of the method `convolutional`: see [`convolutional`](super::convolutional).
#[derive(Clone, Debug, PartialEq)]
pub struct ConvolutionalClassifier {
    /// Rows and columns of the spectrogram image.
    pub image: [usize; 2],
    /// Levels are clipped at this distance below the sound's largest, in natural logarithms.
    pub range: f32,
    /// The layers, at most [`MOST_LAYERS`]: filters x 9·channels weights (channel, row, column), and biases.
    pub layers: Vec<DenseWeights<f32>>,
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
    layers: Vec<Layer<'t>>,
    class_weights: Vec<f32>,
}

impl DeployedClassifier {
    /// The layers below the softmax.
    pub fn layers(&self) -> &[DenseWeights<f32>] {
        match self {
            DeployedClassifier::Pooled(pooled) => &pooled.layers,
            DeployedClassifier::Convolutional(convolutional) => &convolutional.layers,
        }
    }

    /// Its sizes.
    ///
    /// # Errors
    /// If it has more layers than [`MOST_LAYERS`].
    fn sizes(&self) -> Result<ClassifierSizes, PredictorError> {
        let mut layers = [0; MOST_LAYERS];
        let found = self.layers().len();
        let used = layers.get_mut(..found).ok_or(PredictorError::Layers { expected: MOST_LAYERS, found })?;
        for (size, layer) in used.iter_mut().zip(self.layers()) {
            *size = layer.weights.rows();
        }
        Ok(match self {
            DeployedClassifier::Pooled(PooledClassifier { context_window, basis, regions, .. }) => {
                let ContextFraming { width, step } = *context_window;
                ClassifierSizes::Pooled(PooledSizes {
                    width,
                    step,
                    components: basis.rows(),
                    layers,
                    regions: *regions,
                })
            }
            DeployedClassifier::Convolutional(ConvolutionalClassifier { image: [rows, columns], .. }) => {
                let (rows, columns) = (*rows, *columns);
                ClassifierSizes::Convolutional(ConvolutionalSizes { rows, columns, filters: layers })
            }
        })
    }
}

impl DeployedModel {
    /// The number of samples in the shortest sound that can be classified: those of one window, or of one frame.
    pub fn shortest(&self) -> usize {
        let Framing { length, hop } = self.framing;
        match &self.classifier {
            DeployedClassifier::Pooled(pooled) => {
                length.saturating_add(hop.saturating_mul(pooled.context_window.width.saturating_sub(1)))
            }
            DeployedClassifier::Convolutional(_) => length,
        }
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
            classifier: self.classifier.sizes()?,
            classes: self.class_weights.rows(),
        };
        let regions = match &self.classifier {
            DeployedClassifier::Pooled(pooled) => pooled.regions,
            DeployedClassifier::Convolutional(_) => 0,
        };
        // Sizes from a file may be wrong: they are checked before anything is allocated.
        for (limit, size) in [
            (SAMPLING_RATE, u64::from(self.rate)),
            (OVERLAP, length.div_ceil(hop.max(1)) as u64),
            (WINDOW, self.shortest() as u64),
            (REGIONS, regions as u64),
            (SOUND, (samples as u64).div_ceil(u64::from(self.rate.max(1)))),
        ] {
            limit.check(size).map_err(PredictorError::Limit)?;
        }
        shape.check()?;
        PREDICTOR.check(shape.memory() as u64).map_err(PredictorError::Limit)?;
        if let (DeployedClassifier::Pooled(pooled), ClassifierSizes::Pooled(sizes)) =
            (&self.classifier, &shape.classifier)
        {
            let (expected, found) = (sizes.window(shape.bands), pooled.mean.len());
            if expected != found {
                return Err(PredictorError::Table { name: "mean", expected, found });
            }
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
        let layers = self.classifier.layers().iter();
        let layers = layers.map(|layer| Layer { weights: layer.weights.elements(), biases: &layer.bias }).collect();
        let hann = Window::Hann.weights(Ends::Periodic, length);
        let tables = PredictorTables {
            deployed: self,
            sizes: shape,
            hann,
            twiddles,
            bands,
            band_weights,
            layers,
            class_weights,
        };
        tables.model().check()?;
        Ok(tables)
    }
}

impl PredictorTables<'_> {
    /// The model that a predictor reads.
    pub fn model(&self) -> Model<'_> {
        let deployed = self.deployed;
        let layers = &self.layers;
        let classifier = match &deployed.classifier {
            DeployedClassifier::Pooled(pooled) => Classifier::Pooled(PooledTables {
                mean: &pooled.mean,
                basis: pooled.basis.elements(),
                layers,
                means: &pooled.scaling.means,
                deviations: &pooled.scaling.deviations,
            }),
            DeployedClassifier::Convolutional(convolutional) => {
                Classifier::Convolutional(ConvolutionalTables { range: convolutional.range, layers })
            }
        };
        Model {
            sizes: self.sizes,
            floor: deployed.floor,
            hann: &self.hann,
            twiddles: &self.twiddles,
            bands: &self.bands,
            band_weights: &self.band_weights,
            classifier,
            class_weights: &self.class_weights,
            class_biases: &deployed.class_biases,
        }
    }
}

/// Random numbers of a seed, uniform in a range.
fn numbers(seed: u64) -> impl FnMut(usize, f32, f32) -> Vec<f32> {
    let mut random = crate::number::Random::new(seed);
    move |n, from, to| (0..n).map(|_| random.uniform(f64::from(from), f64::from(to))).collect()
}

/// A model for tests with the front end of the tutorial, three labels and this classifier.
fn example_of(
    bands: usize,
    classifier: DeployedClassifier,
    features: usize,
    mut numbers: impl FnMut(usize, f32, f32) -> Vec<f32>,
) -> DeployedModel {
    let labels = ["no", "yes", "perhaps"];
    DeployedModel {
        rate: 8000,
        framing: Framing { length: 256, hop: 80 },
        mel: MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands, lowest: 0.0, highest: 4000.0 },
        floor: 1e-6,
        labels: labels.iter().map(ToString::to_string).collect(),
        classifier,
        class_weights: Matrix::from_rows(labels.len(), features, numbers(labels.len() * features, -0.1, 0.1)),
        class_biases: numbers(labels.len(), -0.1, 0.1),
    }
}

/// A small pooled model with random parameters and encoders of these numbers of features, for tests.
#[doc(hidden)]
pub fn pooled_example(features: &[usize]) -> DeployedModel {
    let mut numbers = numbers(5);
    let (bands, width, components, regions) = (20, 3, 17, 9);
    let (mean, basis) = (numbers(width * bands, -0.5, 0.5), numbers(components * width * bands, -0.3, 0.3));
    let mut inputs = components;
    let layers = features.iter().map(|&units| {
        let weights = Matrix::from_rows(units, inputs, numbers(units * inputs, -0.5, 0.5));
        inputs = units;
        DenseWeights { weights, bias: numbers(units, -1.0, 0.0) }
    });
    let layers = layers.collect();
    // More pooled features than the product has in a block, so that chains are added.
    let pooled = regions * inputs;
    let classifier = DeployedClassifier::Pooled(PooledClassifier {
        context_window: ContextFraming { width, step: 1 },
        mean,
        basis: Matrix::from_rows(components, width * bands, basis),
        layers,
        regions,
        scaling: StandardScaler { means: numbers(pooled, 0.0, 0.5), deviations: numbers(pooled, 0.1, 0.5) },
    });
    example_of(bands, classifier, pooled, numbers)
}

/// [`pooled_example`] with one encoder of 50 features.
#[doc(hidden)]
pub fn example() -> DeployedModel {
    pooled_example(&[50])
}

/// A small convolutional model with random parameters, for tests: images of this size, and layers of these filters.
#[doc(hidden)]
pub fn convolutional_example_of(bands: usize, image: [usize; 2], filters: &[usize]) -> DeployedModel {
    let mut numbers = numbers(7);
    let mut channels = 1;
    let layers = filters.iter().map(|&units| {
        let taps = 9 * channels;
        let size = Element::sqrt(6.0 / taps as f32);
        channels = units;
        let weights = Matrix::from_rows(units, taps, numbers(units * taps, -size, size));
        DenseWeights { weights, bias: numbers(units, -0.1, 0.1) }
    });
    let layers = layers.collect();
    let classifier = DeployedClassifier::Convolutional(ConvolutionalClassifier { image, range: 9.0, layers });
    let features = match classifier.sizes() {
        Ok(ClassifierSizes::Convolutional(sizes)) => sizes.features(),
        _ => 0,
    };
    example_of(bands, classifier, features, numbers)
}

/// [`convolutional_example_of`] sides that 2 and 4 do not divide. A filter of the third layer has more weights than the
/// product has in a block, and so has the softmax.
#[doc(hidden)]
pub fn convolutional_example() -> DeployedModel {
    convolutional_example_of(20, [13, 11], &[5, 23, 40])
}
