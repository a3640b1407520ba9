//! Preprocessing: from recordings to the normalized context windows that the models receive.
//!
//! 1. [`FrontEnd`] makes frames of each recording, with the recording's mean removed.
//! 2. [`context_windows`](crate::dataset::context_windows) joins consecutive frames into columns.
//! 3. A [`Normalizer`] brings the columns to one scale: the tutorial's [`Squash`] to 0.1 to 0.9, or [`Whitening`], the
//!    default.
//!
//! **Why whitening is the default.** Squashing keeps the large correlations between neighboring bands and frames, so an
//! autoencoder spends its units on them. NOTES.md has the accuracies with both. Whitened elements have no bounds, so
//! their autoencoder has a linear decoder; squashed ones lie where a sigmoid decoder can reach them.
//!
//! **Why a normalizer is measured first.** σ, or the mean and the principal components, are learned, like weights. So
//! they are measured on training windows, counted among the parameters, and applied to test windows unchanged.

use super::front_end::FrontEnd;
use super::settings::Normalization;
use crate::bytes::digest::Digest;
use crate::dataset::normalize::Squash;
use crate::dataset::recordings::{Recording, RereadError, Samples};
use crate::dataset::whiten::Whitening;
use crate::machine::threads;
use crate::matrix::Matrix;
use crate::number::Real;
use std::vec;
use std::vec::Vec;

/// The frames of each recording.
///
/// # Errors
/// If a recording cannot be read.
pub fn frames<T: Real>(front: &FrontEnd<T>, recordings: &[Recording]) -> Result<Vec<Vec<T>>, RereadError> {
    frames_of(front, &mut Vec::new(), &recordings.iter().map(|recording| &recording.samples).collect::<Vec<_>>())
}

/// The frames of each recording, given by its samples, computed by as many copies of the front end as there are
/// workers. The first error in the order of the recordings, if there is one.
pub(super) fn frames_of<T: Real>(
    front: &FrontEnd<T>,
    fronts: &mut Vec<FrontEnd<T>>,
    recordings: &[&Samples],
) -> Result<Vec<Vec<T>>, RereadError> {
    if recordings.is_empty() {
        return Ok(Vec::new());
    }
    fronts.resize(threads::count(), front.clone());
    let mut all: Vec<Result<Vec<T>, RereadError>> = vec![Ok(Vec::new()); recordings.len()];
    threads::for_each(fronts, recordings.iter().zip(&mut all), |front, (samples, frames)| {
        *frames = samples.read().map(|samples| {
            let samples: Vec<T> = samples.iter().map(|&x| T::from_f64(x)).collect();
            front.frames(&samples)
        });
    });
    all.into_iter().collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::fixture;

    #[test]
    fn frames_are_in_the_order_of_the_recordings() {
        let settings = fixture::settings();
        let collection = fixture::collection(&settings);
        let mut front =
            FrontEnd::<f64>::new(&settings.front_end, settings.front_end.framing(8000), 8000, 1000).unwrap();
        let all = frames(&front, &collection.recordings).unwrap();
        for (recording, frames) in collection.recordings.iter().zip(&all) {
            assert_eq!(*frames, front.frames(&recording.samples.read().unwrap()), "{}", recording.name);
        }
    }

    #[test]
    fn squashed_windows_are_between_0_1_and_0_9_and_every_nan_has_one_digest() {
        let windows = Matrix::from_function(3, 20, |i, j| (7 * i + j * j) as f64 - 100.0);
        let normalizer = Normalizer::measure(&Normalization::Squash, &windows);
        assert!(normalizer.apply(windows).elements().iter().all(|x| (0.1..=0.9).contains(x)));
        assert_eq!(normalizer.parameters(), 1);
        let digest = |x: f64| {
            let mut digest = Digest::new();
            digest_numbers(&mut digest, &[x]);
            digest.finish()
        };
        assert!(digest(f64::NAN) == digest(-f64::NAN) && digest(0.0) != digest(-0.0));
    }
}
