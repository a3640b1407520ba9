//! Preprocessing: from recordings to the normalized context windows that the models receive.

use super::front_end::FrontEnd;
use super::settings::Normalization;
use crate::bytes::digest::Digest;
use crate::dataset::normalize::Squash;
use crate::dataset::recordings::Recording;
use crate::dataset::whiten::Whitening;
use crate::machine::threads;
use crate::matrix::Matrix;
use crate::number::Real;
use std::vec;
use std::vec::Vec;

/// The frames of each recording.
pub fn frames<T: Real>(front: &FrontEnd<T>, recordings: &[Recording]) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = vec![Vec::new(); recordings.len()];
    let mut fronts = vec![front.clone(); threads::count()];
    threads::for_each(&mut fronts, recordings.iter().zip(&mut all), |front, (recording, frames)| {
        let samples: Vec<T> = recording.samples.iter().map(|&x| T::from_f64(x)).collect();
        *frames = front.frames(&samples);
    });
    all
}

/// A normalization measured on windows to train on.
#[derive(Clone, Debug, PartialEq)]
pub enum Normalizer<T> {
    /// The tutorial's.
    Squash(Squash<T>),
    /// By principal components.
    Whiten(Whitening<T>),
}

impl<T: Real> Normalizer<T> {
    /// Measures windows (columns).
    ///
    /// # Panics
    /// If there is none.
    pub fn measure(settings: &Normalization, windows: &Matrix<T>) -> Self {
        match settings {
            Normalization::Squash => Normalizer::Squash(Squash::measure(windows)),
            Normalization::Whiten(settings) => Normalizer::Whiten(Whitening::measure(settings, windows)),
        }
    }

    /// The normalized windows.
    pub fn apply(&self, mut windows: Matrix<T>) -> Matrix<T> {
        match self {
            Normalizer::Squash(squash) => {
                squash.apply(&mut windows);
                windows
            }
            Normalizer::Whiten(whitening) => whitening.apply(windows),
        }
    }

    /// Feeds what was measured to a digest.
    pub fn digest(&self, digest: &mut Digest) {
        match self {
            Normalizer::Squash(squash) => digest_numbers(digest, &[squash.deviation]),
            Normalizer::Whiten(whitening) => {
                digest_numbers(digest, &whitening.mean);
                digest_numbers(digest, whitening.basis.elements());
            }
        }
    }

    /// How many numbers were measured.
    pub fn parameters(&self) -> usize {
        match self {
            Normalizer::Squash(_) => 1,
            Normalizer::Whiten(whitening) => whitening.mean.len() + whitening.basis.elements().len(),
        }
    }
}

/// Feeds the bits of numbers to a digest, every NaN as the same one.
pub fn digest_numbers<T: Real>(digest: &mut Digest, numbers: &[T]) {
    for &x in numbers {
        digest.bytes(&x.canonical_bits().to_le_bytes());
    }
}
