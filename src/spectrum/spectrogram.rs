//! The power spectrogram: how the spectrum of a recording changes from frame to frame.
//!
//! Why: the phase of a bin depends on where in a wave the frame starts, which says nothing about the sound. The power
//! discards the phase, and bands add up powers.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | the samples of the recording |
//! | w, N | the window, N weights |
//! | t, hop | a frame, and the number of samples from one frame to the next |
//! | k | a bin, 0, ..., ⌊N/2⌋ |
//! | P_kt | the power of bin k in frame t |
//!
//! ```text
//! (SP.1)  P_kt = |Σ_n w_n·x_(t·hop + n)·e^(-2πi·kn/N)|²
//! ```
//!
//! By hand: a sine of amplitude 1 in the center of a bin is half a wave of each sign. The weights of Hann's window sum
//! to N/2, so P = (N/4)² there.
//!
//! Frames are neither padded nor centered; the window is Hann's, periodic. Other choices: [`stft`](super::stft).

use super::fourier::RealFft;
use super::fourier::real::SpectrumOutput;
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::machine::isa::isa;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// Power spectrograms: the settings with tables and work space.
#[derive(Clone, Debug)]
pub struct Spectrogram<T> {
    framing: Framing,
    window: Vec<T>,
    fft: RealFft<T>,
}

impl<T: Real> Spectrogram<T> {
    /// Prepares spectrograms of frames as `framing` cuts them.
    ///
    /// # Panics
    /// If the length of a frame or the hop is 0, or there is no memory for a frame.
    pub fn new(framing: Framing) -> Self {
        assert!(framing.hop > 0, "a hop of 0 samples");
        Spectrogram {
            framing,
            window: Window::Hann.weights(Ends::Periodic, framing.length),
            fft: RealFft::new(framing.length),
        }
    }

    /// How recordings are cut into frames.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The number of frequencies, ⌊length/2⌋ + 1; bin k is at k·rate/length Hz.
    pub fn bins(&self) -> usize {
        self.fft.bins()
    }

    /// Writes the power of one frame.
    ///
    /// # Panics
    /// If the frame does not have the framing's length, or `power` not [`bins`](Self::bins) elements.
    pub fn frame_power(&mut self, frame: &[T], power: &mut [T]) {
        assert_eq!((frame.len(), power.len()), (self.window.len(), self.bins()), "samples and bins of a frame");
        self.fft.transform_on(isa(), frame, Some(&self.window), SpectrumOutput::Power(power)); // (SP.1)
    }

    /// The power spectrogram of a recording: bins x frames.
    ///
    /// # Panics
    /// If there is no memory for the spectrogram.
    pub fn power(&mut self, samples: &[T]) -> Matrix<T> {
        let framing = self.framing;
        let mut spectrogram = Matrix::zeros(self.bins(), framing.count(samples.len()));
        let mut power = vec![T::ZERO; self.bins()];
        for (t, frame) in framing.frames(samples).enumerate() {
            self.frame_power(frame, &mut power);
            for (k, &p) in power.iter().enumerate() {
                spectrogram.row_mut(k)[t] = p;
            }
        }
        spectrogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_peaks_in_its_bin() {
        // 1000 Hz at 8000 Hz with frames of 256 is bin 32.
        let sine: Vec<f64> = (0..1000).map(|i| (0.25 * i as f64).sin_cos_pi().0).collect();
        let power = Spectrogram::new(Framing { length: 256, hop: 100 }).power(&sine);
        assert_eq!((power.rows(), power.columns()), (129, 8));
        for t in 0..power.columns() {
            let column = power.column(t);
            let peak = (0..129).max_by(|&a, &b| column[a].total_cmp(&column[b]));
            assert_eq!(peak, Some(32));
            // A Hann window spreads a sine of amplitude 1 to (N/4)² in its bin.
            assert!((column[32] / (64.0 * 64.0) - 1.0).abs() < 1e-12);
        }
    }
}
