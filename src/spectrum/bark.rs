//! Bark bands: bands shaped like the ear's critical bands, with slopes like those of masking.
//!
//! Why: a loud tone masks softer ones near it, more of those above it than of those below. Masking is strongest within
//! a critical band, 1 Bark, over which the ear adds up power. A bank whose bands overlap in the same way responds as
//! the ear does: the bands' flat tops are one critical band wide, and their slopes are those of the masking. Seen from
//! a band, the slopes are mirrored: a tone reaches far up to bands above it, so a band's gentle slope is below its
//! center.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | f, z | a frequency in Hz, and its pitch in Bark |
//! | z_k, B | the center of band k = 0, ..., B - 1 in Bark (k counts bands here, not bins); the number of bands |
//! | r | the sampling rate in Hz |
//! | w_k(z) | the weight of a bin at the pitch z in band k |
//!
//! ```text
//! (BA.1)  z = 6·asinh(f/600)
//! (BA.2)  f = 600·sinh(z/6)
//! (BA.3)  z_k = k·z(r/2)/(B - 1)                               centers from 0 to half the rate
//! (BA.4)  w_k(z) = 10^min(0, z - z_k + ½, -2.5·(z - z_k - ½))
//! ```
//!
//! (BA.4) is 1 within half a Bark of the center. Below, it falls by a factor of 10 per Bark (10 dB of power), above by
//! 10^2.5 (25 dB): a factor of 10^x is 10·x decibels.
//!
//! By hand, z - z_k = 1: 10^(-2.5·0.5) = 0.056. And z - z_k = -1: 10^(-0.5) = 0.32.
//!
//! The slopes reach everywhere: at a rate of 8000 Hz the smallest weight is 10⁻³⁸, and no weight of the bank is 0 (at
//! higher rates the smallest vanish in f32). None is cut off: when a tone is loud, a band far from it contains what its
//! slope lets through.
//!
//! Sources: M. R. Schroeder, B. S. Atal and J. L. Hall 1979 (scale); H. Hermansky 1990 (PLP), as `fft2barkmx` of D.
//! Ellis's rastamat computes it, which the tutorial's MATLAB code contains.

use super::bank::Bank;
use crate::machine::size;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;

/// Pitch in Bark of a frequency in Hz, f >= 0.
pub fn bark(hertz: f64) -> f64 {
    // asinh x = ln(x + √(x² + 1))
    let x = hertz / 600.0;
    6.0 * Real::ln(x + crate::machine::Element::sqrt(x * x + 1.0)) // (BA.1)
}

/// Frequency in Hz of a pitch in Bark.
pub fn hertz(bark: f64) -> f64 {
    // sinh x = (e^x - e^-x)/2
    let x = bark / 6.0;
    300.0 * (Real::exp(x) - Real::exp(-x)) // (BA.2)
}

/// The default number of bands: the highest pitch in Bark, rounded up, and one more.
pub fn default_bands(rate: f64) -> usize {
    let highest = bark(rate / 2.0);
    let whole = highest as usize;
    whole.saturating_add(1 + usize::from(highest > whole as f64))
}

/// z_k, in Bark.
fn center(band: usize, bands: usize, rate: f64) -> f64 {
    band as f64 * (bark(rate / 2.0) / (bands - 1) as f64) // (BA.3)
}

/// The center frequencies of the bands, in Hz.
///
/// # Panics
/// If there are fewer than two bands, or there is no memory for them.
pub fn centers(bands: usize, rate: f64) -> Vec<f64> {
    assert!(bands >= 2, "{bands} bands");
    size::claim::<f64>(bands);
    (0..bands).map(|band| hertz(center(band, bands, rate))).collect()
}

impl<T: Real> Bank<T> {
    /// Bark bands over the bins 0, ..., ⌊length/2⌋ of a transform of `length` samples at `rate` Hz; computed in f64.
    ///
    /// # Panics
    /// If there are fewer than two bands, if `rate` is not above 0, or if there is no memory for bands x bins weights.
    pub fn bark(bands: usize, length: usize, rate: f64) -> Self {
        assert!(bands >= 2 && rate > 0.0, "{bands} bands at {rate} Hz");
        size::claim::<f64>(length / 2 + 1);
        let pitch: Vec<f64> = (0..=length / 2).map(|bin| bark(bin as f64 * rate / length as f64)).collect();
        Bank::from_matrix(&Matrix::from_function(bands, pitch.len(), |band, bin| {
            let distance = pitch[bin] - center(band, bands, rate);
            let slope = Real::min(distance + 0.5, -2.5 * (distance - 0.5));
            T::from_f64(Real::exp(Real::min(0.0, slope) * core::f64::consts::LN_10)) // (BA.4)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_band_peaks_at_its_center_and_none_is_empty() {
        let (length, rate) = (1024, 16_000.0);
        let bands = default_bands(rate);
        let weights = Bank::<f64>::bark(bands, length, rate).matrix();
        for (band, center) in centers(bands, rate).into_iter().map(bark).enumerate() {
            let nearest = (0..=length / 2).min_by(|&a, &b| {
                let away = |bin: usize| (bark(bin as f64 * rate / length as f64) - center).abs();
                away(a).total_cmp(&away(b))
            });
            assert_eq!(weights.row(band)[nearest.unwrap()], 1.0, "band {band}");
            assert!(weights.row(band).iter().all(|w| (0.0..=1.0).contains(w)));
        }
    }

    #[test]
    fn landmarks_of_the_scale() {
        assert_eq!((bark(0.0), hertz(0.0)), (0.0, 0.0));
        assert!([50.0, 440.0, 7000.0].iter().all(|f| (hertz(bark(*f)) / f - 1.0).abs() < 1e-14));
        assert!((bark(600.0) - 6.0 * 0.881_373_587_019_543).abs() < 1e-12);
        assert_eq!((default_bands(8000.0), default_bands(16_000.0)), (17, 21));
    }
}
