//! Windows: weights that let a frame fade in and out, so that its edges are not heard as clicks.
//!
//! With the phase φ = π·i/N:
//!
//! ```text
//! rectangular  w_i = 1
//! Hann         w_i = sin²φ                              = ½ - ½·cos 2φ
//! Hamming      w_i = 0.08 + 0.92·sin²φ                  = 0.54 - 0.46·cos 2φ
//! Blackman     w_i = 0.42 - 0.5·cos 2φ + 0.08·cos 4φ
//! ```
//!
//! Which N and i there are for a length is [`Ends`]. Periodic windows of overlapping frames add up to a constant, as a
//! spectrogram wants; symmetric ones are alike at both ends, as a filter wants.
//!
//! Source: F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", 1978.

use crate::machine::size;
use crate::number::Real;
use alloc::vec::Vec;

/// The shape of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// All weights 1: the frame as it is.
    Rectangular,
    /// Falls to 0.
    Hann,
    /// Falls to 0.08, with lower side lobes near the main one.
    Hamming,
    /// Falls to 0, with lower side lobes and a wider main one.
    Blackman,
}

/// What is kept of a window's two ends, which are its lowest values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The first; N is the length.
    Periodic,
    /// Both; N is the length less one. (MATLAB's `hann` and `hamming` by default, HTK's.)
    Symmetric,
    /// None; N is the length and one more, and i starts at 1. (MATLAB's `hanning`.)
    Open,
}

impl Window {
    /// The weights, computed in f64 and rounded once. A window of length 1 is 1.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn weights<T: Real>(self, ends: Ends, length: usize) -> Vec<T> {
        size::claim::<T>(length);
        if length == 1 {
            return alloc::vec![T::ONE];
        }
        let (first, period) = match ends {
            Ends::Periodic => (0, length),
            Ends::Symmetric => (0, length.saturating_sub(1)),
            Ends::Open => (1, length + 1),
        };
        (first..first + length).map(|i| T::from_f64(self.weight(i as f64 / period as f64))).collect()
    }

    /// The weight at φ/π, from 0 to 1.
    fn weight(self, phase: f64) -> f64 {
        let (sine, _) = phase.sin_cos_pi();
        match self {
            Window::Rectangular => 1.0,
            Window::Hann => sine * sine,
            Window::Hamming => 0.08 + 0.92 * (sine * sine),
            Window::Blackman => {
                let [second, fourth] = [2.0, 4.0].map(|times| (times * phase).sin_cos_pi().1);
                // Rounding would make its zeros -1.4e-17.
                Real::max(0.0, 0.42 - 0.5 * second + 0.08 * fourth)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Window; 4] = [Window::Rectangular, Window::Hann, Window::Hamming, Window::Blackman];

    #[test]
    fn three_to_five_weights_by_hand() {
        assert_eq!(Window::Hann.weights::<f32>(Ends::Periodic, 4), [0.0, 0.5, 1.0, 0.5]);
        assert_eq!(Window::Hann.weights::<f32>(Ends::Symmetric, 5), [0.0, 0.5, 1.0, 0.5, 0.0]);
        assert_eq!(Window::Hann.weights::<f32>(Ends::Open, 3), [0.5, 1.0, 0.5]);
        assert_eq!(Window::Hamming.weights::<f32>(Ends::Symmetric, 5), [0.08, 0.54, 1.0, 0.54, 0.08]);
        assert_eq!(Window::Blackman.weights::<f32>(Ends::Symmetric, 5), [0.0, 0.34, 1.0, 0.34, 0.0]);
        assert_eq!(Window::Rectangular.weights::<f32>(Ends::Open, 2), [1.0, 1.0]);
        for window in ALL {
            assert_eq!(window.weights::<f64>(Ends::Symmetric, 1), [1.0]);
            assert!(window.weights::<f64>(Ends::Periodic, 0).is_empty());
        }
    }

    #[test]
    fn weights_are_the_cosines_as_written() {
        for (ends, first, period) in [(Ends::Periodic, 0, 64), (Ends::Symmetric, 0, 63), (Ends::Open, 1, 65)] {
            for (window, [a, b, c]) in
                ALL.into_iter().zip([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.54, 0.46, 0.0], [0.42, 0.5, 0.08]])
            {
                for (i, w) in window.weights::<f64>(ends, 64).into_iter().enumerate() {
                    let angle = 2.0 * (i + first) as f64 / f64::from(period);
                    let expected = a - b * angle.sin_cos_pi().1 + c * (2.0 * angle).sin_cos_pi().1;
                    assert!((w - expected).abs() < 1e-15, "{window:?}, {ends:?}, {i}");
                    assert!((0.0..=1.0 + 1e-15).contains(&w));
                }
            }
        }
    }

    #[test]
    fn overlapping_periodic_windows_add_up_to_a_constant() {
        for (window, total) in ALL.into_iter().zip([2.0, 1.0, 1.08, 0.84]) {
            let w = window.weights::<f64>(Ends::Periodic, 256);
            let overlap = if window == Window::Blackman { [64, 128, 192].as_slice() } else { &[128] };
            for i in 0..256 - overlap[overlap.len() - 1] {
                let sum = overlap.iter().fold(w[i], |sum, step| sum + w[i + step]);
                let expected = if window == Window::Blackman { 2.0 * total } else { total };
                assert!((sum - expected).abs() < 1e-14, "{window:?}, {i}: {sum}");
            }
        }
    }
}
