//! The front end: samples arrive in pieces of any length and become log-mel frames.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_n, y_n | the samples of a frame, before and after the window |
//! | w_n | the Hann window |
//! | X_k | the Fourier transform of y |
//! | v_k | the weights of a mel band |
//! | ε | the floor, below whose logarithm no value falls |
//! | b | the log-mel value of the band |
//!
//! ```text
//! (PF.1)  y_n = w_n·x_n
//! (PF.2)  b = ln(Σ_k v_k·|X_k|² + ε)
//! ```
//!
//! A frame is transformed as soon as its last sample arrives; then its first `hop` samples are dropped. So only frames
//! are stored, never the whole sound. Operations have the order of [`LogBands`](crate::spectrum::bank::LogBands).

use super::fourier::{Complex, power};
use super::model::Model;
use super::sizes::PredictorError;
use crate::machine::lanes::at_one;
use crate::machine::run_single;
use crate::machine::{Lanes, Operation};
use crate::number::logarithm::Ln;

/// A model and its state in the caller's memory.
#[derive(Debug)]
pub struct Predictor<'a> {
    pub(super) model: &'a Model<'a>,
    /// The number of samples in `frame`.
    filled: usize,
    /// The number of frames in `log_mel`.
    pub(super) frames: usize,
    /// The frame that is being filled.
    frame: &'a mut [f32],
    pub(super) log_mel: &'a mut [f32],
    /// The result of [`classify`](Predictor::classify).
    pub(super) log_probabilities: &'a mut [f32],
    /// Work space of a frame's transform, and of a classification.
    pub(super) work: &'a mut [f32],
}

impl<'a> Predictor<'a> {
    /// A predictor without samples. It uses the first [`memory`](super::PredictorSizes::memory) elements of `memory`,
    /// whose contents do not matter.
    ///
    /// # Errors
    /// If a table of the model does not fit its sizes, or the memory is too small.
    pub fn new(model: &'a Model<'a>, memory: &'a mut [f32]) -> Result<Self, PredictorError> {
        model.check()?;
        let shape = &model.sizes;
        let too_small = PredictorError::Memory { expected: shape.memory(), found: memory.len() };
        if memory.len() < shape.memory() {
            return Err(too_small);
        }
        let (frame, memory) = memory.split_at_mut_checked(shape.frame).ok_or(too_small)?;
        let (log_mel, memory) = memory.split_at_mut_checked(shape.max_frames * shape.bands).ok_or(too_small)?;
        let (log_probabilities, memory) = memory.split_at_mut_checked(shape.classes).ok_or(too_small)?;
        let work = memory.get_mut(..shape.work()).ok_or(too_small)?;
        Ok(Predictor { model, filled: 0, frames: 0, frame, log_mel, log_probabilities, work })
    }

    /// The number of complete frames so far.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Discards all samples: a new sound begins.
    pub fn reset(&mut self) {
        (self.filled, self.frames) = (0, 0);
    }

    /// Appends samples between -1 and 1 to those pushed before.
    ///
    /// # Errors
    /// [`PredictorError::TooLong`] if there is no memory for another frame. The samples so far can still be classified;
    /// those beyond them are lost.
    pub fn push_samples(&mut self, samples: impl IntoIterator<Item = f32>) -> Result<(), PredictorError> {
        for sample in samples {
            if let Some(next) = self.frame.get_mut(self.filled) {
                *next = sample;
                self.filled += 1;
            }
            if self.filled == self.frame.len() {
                self.frame_is_full()?;
            }
        }
        Ok(())
    }

    fn frame_is_full(&mut self) -> Result<(), PredictorError> {
        let shape = &self.model.sizes;
        let bands = self.log_mel.get_mut(self.frames * shape.bands..).and_then(|rest| rest.get_mut(..shape.bands));
        let Some(bands) = bands else {
            return Err(PredictorError::TooLong { max_frames: shape.max_frames });
        };
        let (spectrum, work) = self.work.split_at_mut_checked(shape.frame).ok_or(PredictorError::Unchecked)?;
        let work = work.get_mut(..shape.frame).ok_or(PredictorError::Unchecked)?;
        let ((spectrum, _), (work, _)) = (spectrum.as_chunks_mut(), work.as_chunks_mut());
        let (model, frame) = (self.model, &*self.frame);
        run_single(Frame { model, frame, spectrum, work, bands }).ok_or(PredictorError::Unchecked)?;
        self.frames += 1;
        for i in shape.hop..shape.frame {
            if let Some(&sample) = self.frame.get(i)
                && let Some(moved) = self.frame.get_mut(i - shape.hop)
            {
                *moved = sample;
            }
        }
        self.filled = shape.frame - shape.hop;
        Ok(())
    }
}

/// The computation of one frame's log-mel bands.
struct Frame<'a> {
    model: &'a Model<'a>,
    frame: &'a [f32],
    spectrum: &'a mut [Complex],
    work: &'a mut [Complex],
    bands: &'a mut [f32],
}

impl Operation<f32> for Frame<'_> {
    /// `None` if a length does not fit, which `Model::check` rules out.
    type Output = Option<()>;

    #[inline(always)]
    fn run<L: Lanes<f32>>(self, lanes: L) -> Option<()> {
        let Frame { model, frame, spectrum, work, bands } = self;
        let (pairs, _) = frame.as_chunks();
        let (weights, _) = model.hann.as_chunks();
        for ((z, [a, b]), [wa, wb]) in spectrum.iter_mut().zip(pairs).zip(weights) {
            *z = [a * wa, b * wb]; // (PF.1)
        }
        let power = power(lanes, model.twiddles, spectrum, work)?;
        let mut weights = model.band_weights;
        for (out, band) in bands.iter_mut().zip(model.bands) {
            let (these, others) = weights.split_at_checked(usize::from(band.length))?;
            let mut sum = 0.0;
            for (power, weight) in power.get(usize::from(band.first)..)?.iter().zip(these) {
                sum += weight * power;
            }
            *out = at_one(lanes, Ln, sum + model.floor); // (PF.2)
            weights = others;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::deployed::example;
    use super::*;
    use crate::audio::frames::Framing;
    use crate::number::Random;
    use crate::spectrum::bank::{Bank, LogBands};
    use crate::spectrum::spectrogram::Spectrogram;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn frames_are_those_of_the_library_to_the_bit_however_the_samples_come() {
        let trained = example();
        let tables = trained.tables(0.5).unwrap();
        let model = tables.model();
        let mut random = Random::new(9);
        let samples: Vec<f32> = (0..3000).map(|_| random.uniform(-1.0, 1.0)).collect();
        let framing = Framing { length: trained.framing.length, hop: trained.framing.hop };
        let bank = Bank::mel(&trained.mel, framing.length, f64::from(trained.rate)).unwrap();
        let expected = LogBands::new(Spectrogram::new(framing), bank, trained.floor).frames(&samples);
        for piece in [1, 79, 1000, 3000] {
            let mut memory = vec![f32::NAN; model.sizes.memory()];
            let mut predictor = Predictor::new(&model, &mut memory).unwrap();
            samples.chunks(piece).for_each(|piece| predictor.push_samples(piece.iter().copied()).unwrap());
            assert_eq!(predictor.frames() * model.sizes.bands, expected.len());
            assert_eq!(predictor.log_mel[..expected.len()], expected[..], "pieces of {piece}");
        }
    }

    #[test]
    fn a_sound_too_long_is_an_error_and_what_fits_is_kept() {
        let trained = example();
        let tables = trained.tables(0.2).unwrap();
        let model = tables.model();
        let mut memory = vec![f32::NAN; model.sizes.memory()];
        let mut predictor = Predictor::new(&model, &mut memory).unwrap();
        let max_frames = model.sizes.max_frames;
        assert_eq!(predictor.push_samples([0.25; 4000]), Err(PredictorError::TooLong { max_frames }));
        assert_eq!(predictor.frames(), max_frames);
        predictor.classify().unwrap();
        predictor.reset();
        assert_eq!(predictor.frames(), 0);
        assert_eq!(predictor.classify(), Err(PredictorError::TooShort { min_frames: 3, frames: 0 }));
    }

    #[test]
    fn memory_too_small_is_an_error() {
        let trained = example();
        let tables = trained.tables(0.5).unwrap();
        let model = tables.model();
        let expected = model.sizes.memory();
        let mut memory = vec![0.0; expected - 1];
        assert_eq!(
            Predictor::new(&model, &mut memory).map(|_| ()),
            Err(PredictorError::Memory { expected, found: expected - 1 })
        );
    }
}
