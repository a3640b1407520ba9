//! The digests that every machine must agree on: of a small training run, a spectrogram, and a prediction of the
//! exported predictor.

use ossicle::audio::frames::Framing;
use ossicle::bytes::digest::Digest;
use ossicle::matrix::Matrix;
use ossicle::model::Autoencoder;
use ossicle::number::{Random, Real};
use ossicle::optimize::Lbfgs;
use ossicle::predictor::Predictor;
use ossicle::spectrum::bank::{Bank, LogBands};
use ossicle::spectrum::mel::{MelSettings, Norm, Scale};
use ossicle::spectrum::spectrogram::Spectrogram;

fn digest<T: Real>(numbers: &[T]) -> u64 {
    let mut digest = Digest::new();
    numbers.iter().for_each(|x| digest.bytes(&x.canonical_bits().to_le_bytes()));
    digest.finish()
}

/// Reports each computation's name and digest.
pub fn all(say: &mut dyn FnMut(&str, u64)) {
    say("training f32", training::<f32>());
    say("training f64", training::<f64>());
    say("spectrogram f32", spectrogram::<f32>());
    say("spectrogram f64", spectrogram::<f64>());
    say("prediction f32", prediction());
}

/// A sparse autoencoder, trained by L-BFGS.
fn training<T: Real>() -> u64 {
    let settings = Autoencoder {
        weight_decay: 1e-4,
        sparsity: 0.1,
        sparsity_weight: 0.5,
        ..Autoencoder::new(20, 9)
    };
    let mut random = Random::new(1);
    let examples: Matrix<T> = Matrix::from_function(20, 60, |_, _| random.uniform(0.1, 0.9));
    let mut theta: Vec<T> = settings.draw(&mut random);
    let lbfgs = Lbfgs { iterations: 15, ..Lbfgs::default() };
    lbfgs.minimize(&mut settings.cost(&examples), &mut theta, |_| true);
    digest(&theta)
}

/// Log-mel frames of noise.
fn spectrogram<T: Real>() -> u64 {
    let mut random = Random::new(2);
    let samples: Vec<T> = (0..1600).map(|_| random.uniform(-1.0, 1.0)).collect();
    let settings = MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 40, lowest: 0.0, highest: 4000.0 };
    let Ok(bank) = Bank::mel(&settings, 256, 8000.0) else { return 0 };
    let mut front = LogBands::new(Spectrogram::new(Framing { length: 256, hop: 80 }), bank, T::from_f64(1e-6));
    digest(&front.frames(&samples))
}

/// The exported predictor's log-probabilities for the self-test's sound; 0 if the self-test fails.
fn prediction() -> u64 {
    let mut memory = vec![f32::NAN; digits::MEMORY];
    if !digits::self_test(&mut memory) {
        return 0;
    }
    let Ok(mut predictor) = Predictor::new(&digits::MODEL, &mut memory) else { return 0 };
    let pushed = predictor.push_samples(digits::SAMPLES.iter().map(|&sample| f32::from(sample) / 32768.0));
    pushed.and(predictor.classify()).map_or(0, |result| digest(result.log_probabilities))
}

#[allow(dead_code)]
mod digits {
    include!(env!("OSSICLE_EXPORT"));
}

use alloc::vec;
use alloc::vec::Vec;
