//! The sound that an exported predictor is tested by, and the bits that it must answer.
//!
//! A machine on which every sum and function of the predictor has the right bits answers these; one whose compiler
//! joins a product and a sum where the source does not, or whose C library rounds otherwise, does not.

use crate::number::{Random, Real};
use crate::predictor::deployed::PredictorTables;
use crate::predictor::{Predictor, PredictorError};
use alloc::vec;
use alloc::vec::Vec;

/// A quarter of a second has some 25 frames; of a model whose frames are much closer together it is cut short.
const MOST_FRAMES: usize = 1000;

/// A sound and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTest {
    /// Samples, to be divided by 32768.
    pub samples: Vec<i16>,
    /// The most likely class.
    pub class: usize,
    /// ln p of each class.
    pub log_probabilities: Vec<f32>,
}

impl SelfTest {
    /// Makes the sound, a quarter of a second (or 1000 frames, or as much as the predictor can hear), and has it told.
    ///
    /// # Errors
    /// If the predictor is not made for sounds as long as its window.
    pub fn new(tables: &PredictorTables) -> Result<Self, PredictorError> {
        let model = tables.model();
        let shape = &model.sizes;
        let quarter = (shape.rate as usize / 4).min(shape.samples(MOST_FRAMES));
        let length = quarter.max(shape.samples(shape.width)).min(shape.samples(shape.max_frames));
        let samples = sound(length);
        let mut memory = vec![0.0; shape.memory()];
        let mut predictor = Predictor::new(&model, &mut memory)?;
        predictor.push_samples(samples.iter().map(|&x| f32::from(x) / 32768.0))?;
        let answer = predictor.classify()?;
        Ok(SelfTest { class: answer.class, log_probabilities: answer.log_probabilities.to_vec(), samples })
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
