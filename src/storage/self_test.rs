//! The self-test of an exported predictor: a sound, and the expected log-probabilities, bit for bit.
//!
//! Why bits: a compiler that fuses a product and a sum where the source does not, or that rounds differently, changes
//! the last digits of the result. Then the figures measured on the host no longer hold on the board. A board that
//! passes the test computes what the host computed.

use crate::number::{Random, Real};
use crate::predictor::deployed::PredictorTables;
use crate::predictor::{Predictor, PredictorError};
use alloc::vec;
use alloc::vec::Vec;

/// The longest sound. A quarter of a second has about 25 frames; this limit matters only to models with a tiny hop.
const MOST_FRAMES: usize = 1000;

/// A sound and the expected result.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTest {
    /// Samples, to be divided by 32768.
    pub samples: Vec<i16>,
    /// The index of the most likely class.
    pub class: usize,
    /// ln p of each class.
    pub log_probabilities: Vec<f32>,
}

impl SelfTest {
    /// Makes the sound and classifies it. It lasts a quarter of a second, at most 1000 frames, and always fits in the
    /// predictor's memory.
    ///
    /// # Errors
    /// If the memory is too small for the shortest sound.
    pub fn new(tables: &PredictorTables) -> Result<Self, PredictorError> {
        let model = tables.model();
        let sizes = &model.sizes;
        let quarter = (sizes.rate as usize / 4).min(sizes.samples(MOST_FRAMES));
        let length = quarter.max(sizes.samples(sizes.min_frames())).min(sizes.samples(sizes.max_frames));
        let samples = sound(length);
        let mut memory = vec![0.0; sizes.memory()];
        let mut predictor = Predictor::new(&model, &mut memory)?;
        predictor.push_samples(samples.iter().map(|&x| f32::from(x) / 32768.0))?;
        let result = predictor.classify()?;
        Ok(SelfTest { class: result.class, log_probabilities: result.log_probabilities.to_vec(), samples })
    }
}

/// A rising tone that fades in and out, with noise.
fn sound(length: usize) -> Vec<i16> {
    let mut random = Random::new(1);
    let sample = |i: usize| {
        let t = i as f64 / length as f64;
        let (fade, _) = t.sin_cos_pi();
        let (tone, _) = (length as f64 * t * (0.05 + 0.2 * t)).sin_cos_pi();
        (32000.0 * fade * (0.8 * tone + random.uniform::<f64>(-0.2, 0.2))) as i16
    };
    (0..length).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predictor::deployed::example;

    #[test]
    fn the_sound_is_long_enough_and_loud() {
        let trained = example();
        for (seconds, samples) in [(1.0, 2000), (0.06, 416), (0.2, 1536)] {
            let tables = trained.tables(seconds).unwrap();
            let test = SelfTest::new(&tables).unwrap();
            assert_eq!(test.samples.len(), samples);
            assert!(test.samples.iter().any(|&x| x > 10_000) && test.samples.iter().any(|&x| x < -10_000));
            assert!(test.log_probabilities.iter().all(|p| *p <= test.log_probabilities[test.class]));
        }
    }
}
