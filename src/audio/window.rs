//! Windows: weights that let a frame fade in and out, so that its edges are not heard as clicks.
//!
//! Hann's: w_i = sin²(π·i/N) = ½ - ½·cos(2π·i/N).
//!
//! Periodic, N is the length: the weights of overlapping frames add up to a constant, as a spectrogram wants. Symmetric,
//! N is the length less one: the first and the last weight are both 0, as a filter wants (and as MATLAB's `hann`
//! gives by default). Source: F. J. Harris, "On the use of windows for harmonic analysis", 1978.

use crate::number::Real;
use alloc::vec::Vec;

/// Which of the two Hann windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hann {
    /// One period, its last zero left out.
    Periodic,
    /// Both zeros kept.
    Symmetric,
}

impl Hann {
    /// The weights, computed in f64 and rounded once. A window of length 1 is 1.
    pub fn weights<T: Real>(self, length: usize) -> Vec<T> {
        let period = match self {
            Hann::Periodic => length,
            Hann::Symmetric => length.saturating_sub(1),
        };
        if length == 1 {
            return alloc::vec![T::ONE];
        }
        (0..length)
            .map(|i| {
                let (sine, _) = (i as f64 / period as f64).sin_cos_pi();
                T::from_f64(sine * sine)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Hann;

    #[test]
    fn four_and_five_weights_by_hand() {
        assert_eq!(Hann::Periodic.weights::<f32>(4), [0.0, 0.5, 1.0, 0.5]);
        assert_eq!(Hann::Symmetric.weights::<f32>(5), [0.0, 0.5, 1.0, 0.5, 0.0]);
        assert_eq!(Hann::Symmetric.weights::<f64>(1), [1.0]);
    }

    #[test]
    fn overlapping_periodic_windows_add_up_to_one() {
        let w = Hann::Periodic.weights::<f64>(256);
        assert!((0..128).all(|i| (w[i] + w[i + 128] - 1.0).abs() < 1e-15));
    }
}
