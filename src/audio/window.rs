//! Windows: weights that fade a frame in and out.
//!
//! Why: a Fourier transform continues a frame periodically, so the jump from its last sample to its first counts as
//! part of the sound, and spreads over all frequencies. Weights that fall toward 0 at both ends remove the jump. The
//! price is a wider peak for each tone.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | w_i | the weight of sample i |
//! | φ | the phase of sample i, from 0 at the start of a window to π at its end |
//! | i, N | the sample's index and the window's length, which depend on the kind of ends ([`Ends`]) |
//!
//! ```text
//! (WI.1)  φ = π·i/N
//! (WI.2)  w_i = 1                                       rectangular
//! (WI.3)  w_i = sin²φ                                   Hann
//! (WI.4)  w_i = 0.08 + 0.92·sin²φ                       Hamming
//! (WI.5)  w_i = 0.42 - 0.5·cos 2φ + 0.08·cos 4φ         Blackman
//! ```
//!
//! Since cos 2φ = 1 - 2·sin²φ, Hann's window is also ½ - ½·cos 2φ, and Hamming's 0.54 - 0.46·cos 2φ. The forms with
//! sin² are exactly 0 where they should be.
//!
//! Why periodic windows for spectrograms: with N the length and frames every N/2, the weights of Hann's window at a
//! sample are sin²φ and sin²(φ + π/2) = cos²φ, and their sum is 1. Symmetric windows are alike at both ends, as a
//! filter needs.
//!
//! By hand, Hann, length 4: periodic, N = 4, gives 0, ½, 1, ½; open, N = 5 from i = 1 on, gives 0.35, 0.90, 0.90, 0.35.
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

/// Which of a window's two ends, its lowest values, are weights.
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
        (first..first + length).map(|i| T::from_f64(self.weight(i as f64 / period as f64))).collect() // (WI.1)
    }

    /// The weight at φ/π, from 0 to 1.
    fn weight(self, phase: f64) -> f64 {
        let (sine, _) = phase.sin_cos_pi();
        match self {
            Window::Rectangular => 1.0,                     // (WI.2)
            Window::Hann => sine * sine,                    // (WI.3)
            Window::Hamming => 0.08 + 0.92 * (sine * sine), // (WI.4)
            Window::Blackman => {
                let [second, fourth] = [2.0, 4.0].map(|times| (times * phase).sin_cos_pi().1);
                // Rounding would make its zeros -1.4e-17.
                Real::max(0.0, 0.42 - 0.5 * second + 0.08 * fourth) // (WI.5)
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
