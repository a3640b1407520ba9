//! The model that a predictor reads: its sizes, tables and parameters, all borrowed. They may be constants of the
//! program, which stay in flash, or vectors.

use super::sizes::{ClassifierSizes, PredictorError, PredictorSizes};

/// A mel band: the bins that it sums. Its weights follow those of the band before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The first bin.
    pub first: u16,
    /// The number of bins.
    pub length: u16,
}

/// Everything a predictor reads. The letters in brackets are the lengths, with the symbols of [`sizes`](super::sizes).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model<'a> {
    /// The sizes.
    pub sizes: PredictorSizes,
    /// Added to the power in a band before the logarithm is taken.
    pub floor: f32,
    /// The Hann window (L).
    pub hann: &'a [f32],
    /// The twiddle factors e^(-2πi·k/L) for k < L/2, real and imaginary part.
    pub twiddles: &'a [[f32; 2]],
    /// The mel bands, from low to high (B).
    pub bands: &'a [Band],
    /// Their weights, band after band.
    pub band_weights: &'a [f32],
    /// The tables of the classifier of frames.
    pub classifier: Classifier<'a>,
    /// The weights Θ of the softmax, transposed into the order in which they are read: a row of K for each element that
    /// the softmax reads (R·H_N, or M·P·Q).
    pub class_weights: &'a [f32],
    /// The biases b of the softmax (K).
    pub class_biases: &'a [f32],
}

/// The tables of a classifier of frames, without its softmax.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Classifier<'a> {
    /// Features of windows, averaged over regions of time.
    Pooled(PooledTables<'a>),
    /// Convolutions of the spectrogram image.
    Convolutional(ConvolutionalTables<'a>),
}

/// The tables of a [pooled](super::pooled) classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PooledTables<'a> {
    /// The mean window μ (W·B).
    pub mean: &'a [f32],
    /// The whitening matrix: C rows of W·B.
    pub basis: &'a [f32],
    /// The encoders: H_n rows of H_(n-1), and H_n biases.
    pub layers: &'a [Layer<'a>],
    /// The mean of each pooled feature (R·H_N).
    pub means: &'a [f32],
    /// Its standard deviation (R·H_N).
    pub deviations: &'a [f32],
}

/// The tables of a [convolutional](super::convolutional) classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolutionalTables<'a> {
    /// Levels are clipped at this distance below the sound's largest, in natural logarithms.
    pub range: f32,
    /// The layers: M_(n+1) filters of 9·M_n weights (channel, row, column), and M_(n+1) biases.
    pub layers: &'a [Layer<'a>],
}

/// The weights and biases of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer<'a> {
    /// W: a row for each unit, or filter.
    pub weights: &'a [f32],
    /// b: an element for each unit, or filter.
    pub biases: &'a [f32],
}

/// Checks the length of a table.
const fn fits(name: &'static str, expected: usize, table: &[f32]) -> Result<(), PredictorError> {
    let found = table.len();
    if expected == found { Ok(()) } else { Err(PredictorError::Table { name, expected, found }) }
}

/// Returns the error of a check from a constant function, where `?` is not available.
macro_rules! check {
    ($check:expr) => {
        if let Err(error) = $check {
            return Err(error);
        }
    };
}

/// Checks the weights and biases of a layer of `units` units with `inputs` inputs each.
const fn layer_fits(layer: &Layer, units: usize, inputs: usize) -> Result<(), PredictorError> {
    check!(fits("weights", units.saturating_mul(inputs), layer.weights));
    fits("biases", units, layer.biases)
}

impl Model<'_> {
    /// Checks the length of every table against the sizes. In a constant, the check is made when the program is built.
    ///
    /// # Errors
    /// The first table that does not fit.
    pub const fn check(&self) -> Result<(), PredictorError> {
        let s = &self.sizes;
        check!(s.check());
        let (mut weights, mut band) = (0, 0);
        while band < self.bands.len() {
            let Band { first, length } = self.bands[band];
            let (bins, found) = (s.frame / 2 + 1, first as usize + length as usize);
            if found > bins {
                return Err(PredictorError::Band { band, bins, found });
            }
            weights += length as usize;
            band += 1;
        }
        let tables = [("twiddles", s.frame / 2, self.twiddles.len()), ("bands", s.bands, self.bands.len())];
        let mut i = 0;
        while i < tables.len() {
            let (name, expected, found) = tables[i];
            if expected != found {
                return Err(PredictorError::Table { name, expected, found });
            }
            i += 1;
        }
        check!(fits("hann", s.frame, self.hann));
        check!(fits("band_weights", weights, self.band_weights));
        check!(self.check_classifier());
        check!(fits("class_weights", s.features().saturating_mul(s.classes), self.class_weights));
        fits("class_biases", s.classes, self.class_biases)
    }

    const fn check_classifier(&self) -> Result<(), PredictorError> {
        let (layers, depth) = match (&self.sizes.classifier, &self.classifier) {
            (ClassifierSizes::Pooled(sizes), Classifier::Pooled(tables)) => {
                let window = sizes.window(self.sizes.bands);
                check!(fits("mean", window, tables.mean));
                check!(fits("basis", sizes.components.saturating_mul(window), tables.basis));
                check!(fits("means", sizes.pooled(), tables.means));
                check!(fits("deviations", sizes.pooled(), tables.deviations));
                (tables.layers, sizes.depth())
            }
            (ClassifierSizes::Convolutional(sizes), Classifier::Convolutional(tables)) => {
                if !(tables.range > 0.0 && tables.range <= f32::MAX) {
                    return Err(PredictorError::Range { found: tables.range });
                }
                (tables.layers, sizes.depth())
            }
            _ => return Err(PredictorError::Classifier),
        };
        if layers.len() != depth {
            return Err(PredictorError::Layers { expected: depth, found: layers.len() });
        }
        let mut i = 0;
        while i < layers.len() {
            let (units, inputs) = match &self.sizes.classifier {
                ClassifierSizes::Pooled(sizes) => (sizes.inputs(i + 1), sizes.inputs(i)),
                ClassifierSizes::Convolutional(sizes) => (sizes.maps(i + 1).channels, sizes.taps(i)),
            };
            check!(layer_fits(&layers[i], units, inputs));
            i += 1;
        }
        Ok(())
    }

    /// Bytes of flash for the tables, without the code.
    pub const fn flash(&self) -> usize {
        let tables = self.band_weights.len() + self.bands.len();
        self.sizes
            .frame
            .saturating_mul(2)
            .saturating_add(self.sizes.parameters())
            .saturating_add(tables)
            .saturating_mul(4)
    }
}

#[cfg(test)]
mod tests {
    use super::super::deployed::{convolutional_example, example};
    use super::*;

    /// The first error of a model with other layers.
    fn error_of(model: Model, layers: &[Layer]) -> Option<PredictorError> {
        let classifier = match model.classifier {
            Classifier::Pooled(tables) => Classifier::Pooled(PooledTables { layers, ..tables }),
            Classifier::Convolutional(tables) => Classifier::Convolutional(ConvolutionalTables { layers, ..tables }),
        };
        Model { classifier, ..model }.check().err()
    }

    #[test]
    fn every_table_of_another_length_is_found() {
        for trained in [example(), convolutional_example()] {
            let tables = trained.tables(1.0).unwrap();
            let model = tables.model();
            assert_eq!(model.check(), Ok(()));
            let layers = match model.classifier {
                Classifier::Pooled(tables) => tables.layers,
                Classifier::Convolutional(tables) => tables.layers,
            };
            let is_table =
                |error, expected: &str| matches!(error, Some(PredictorError::Table { name, .. }) if name == expected);
            let (first, last) = layers.split_first().unwrap();
            let shorter = |table: &'static str| {
                let mut first = *first;
                match table {
                    "weights" => first.weights = &first.weights[1..],
                    _ => first.biases = &first.biases[1..],
                }
                error_of(model, &[&[first], last].concat())
            };
            assert!(is_table(shorter("weights"), "weights") && is_table(shorter("biases"), "biases"));
            let expected = layers.len();
            assert_eq!(error_of(model, last), Some(PredictorError::Layers { expected, found: expected - 1 }));
            let class_weights = &model.class_weights[1..];
            assert!(is_table(Model { class_weights, ..model }.check().err(), "class_weights"));
            let hann = &model.hann[1..];
            assert!(is_table(Model { hann, ..model }.check().err(), "hann"));
            let twiddles = &model.twiddles[1..];
            assert!(is_table(Model { twiddles, ..model }.check().err(), "twiddles"));
        }
    }

    #[test]
    fn tables_of_the_other_classifier_and_a_range_of_none_are_found() {
        let (pooled, convolutional) = (example(), convolutional_example());
        let (pooled, convolutional) = (pooled.tables(1.0).unwrap(), convolutional.tables(1.0).unwrap());
        let (pooled, convolutional) = (pooled.model(), convolutional.model());
        let mixed = Model { classifier: pooled.classifier, ..convolutional };
        assert_eq!(mixed.check(), Err(PredictorError::Classifier));
        let Classifier::Convolutional(tables) = convolutional.classifier else { unreachable!() };
        for range in [0.0, -1.0, f32::INFINITY, f32::NAN] {
            let classifier = Classifier::Convolutional(ConvolutionalTables { range, ..tables });
            let error = Model { classifier, ..convolutional }.check().unwrap_err();
            assert!(matches!(error, PredictorError::Range { found } if found.to_bits() == range.to_bits()));
        }
    }
}
