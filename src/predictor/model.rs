//! The model that a predictor reads: its sizes, tables and parameters, all borrowed. They may be constants of the
//! program, which stay in flash, or vectors.

use super::sizes::{PredictorError, PredictorSizes};

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
    /// The mean window μ (W·B).
    pub mean: &'a [f32],
    /// The whitening matrix: C rows of W·B.
    pub basis: &'a [f32],
    /// The encoder W1: H rows of C.
    pub weights: &'a [f32],
    /// The encoder's b1 (H).
    pub biases: &'a [f32],
    /// The mean of each pooled feature (R·H).
    pub pooled_means: &'a [f32],
    /// Its standard deviation (R·H).
    pub pooled_deviations: &'a [f32],
    /// The weights Θ of the softmax, transposed into the order in which they are read: R·H rows of K.
    pub class_weights: &'a [f32],
    /// The biases b of the softmax (K).
    pub class_biases: &'a [f32],
}

impl<'a> Model<'a> {
    /// The tables that an export writes as plain lists, each with the name of its field.
    pub fn named_tables(&self) -> [(&'static str, &'a [f32]); 9] {
        [
            ("band_weights", self.band_weights),
            ("mean", self.mean),
            ("basis", self.basis),
            ("weights", self.weights),
            ("biases", self.biases),
            ("pooled_means", self.pooled_means),
            ("pooled_deviations", self.pooled_deviations),
            ("class_weights", self.class_weights),
            ("class_biases", self.class_biases),
        ]
    }

    /// Checks the length of every table against the sizes. In a constant, the check is made when the program is built.
    ///
    /// # Errors
    /// The first table that does not fit.
    pub const fn check(&self) -> Result<(), PredictorError> {
        let s = &self.sizes;
        if let Err(error) = s.check() {
            return Err(error);
        }
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
        let tables = [
            ("hann", s.frame, self.hann.len()),
            ("twiddles", s.frame / 2, self.twiddles.len()),
            ("bands", s.bands, self.bands.len()),
            ("band_weights", weights, self.band_weights.len()),
            ("mean", s.window(), self.mean.len()),
            ("basis", s.components.saturating_mul(s.window()), self.basis.len()),
            ("weights", s.features.saturating_mul(s.components), self.weights.len()),
            ("biases", s.features, self.biases.len()),
            ("pooled_means", s.pooled(), self.pooled_means.len()),
            ("pooled_deviations", s.pooled(), self.pooled_deviations.len()),
            ("class_weights", s.pooled().saturating_mul(s.classes), self.class_weights.len()),
            ("class_biases", s.classes, self.class_biases.len()),
        ];
        let mut i = 0;
        while i < tables.len() {
            let (name, expected, found) = tables[i];
            if expected != found {
                return Err(PredictorError::Table { name, expected, found });
            }
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
