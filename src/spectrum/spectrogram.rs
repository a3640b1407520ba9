//! The power spectrogram: P_kt = |X_k|² of frame t, weighted by a window.
//!
//! Frames are not padded and not centered; the window is Hann's, periodic.

use super::fourier::RealFft;
use super::fourier::real::SpectrumOutput;
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::machine::isa::isa;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// A spectrogram's settings with its tables and work space.
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
    /// If the length of a frame or the hop is 0.
    /// Also if there is no memory for a frame.
    pub fn new(framing: Framing) -> Self {
        assert!(framing.hop > 0, "a hop of 0 samples");
        Spectrogram {
            framing,
            window: Window::Hann.weights(Ends::Periodic, framing.length),
            fft: RealFft::new(framing.length),
        }
    }

    /// How recordings are cut.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Frequencies of a frame: length/2 + 1, bin k at k·rate/length Hz.
    pub fn bins(&self) -> usize {
        self.fft.bins()
    }

    /// The power of one frame, into `power`, of [`bins`](Self::bins) numbers.
    ///
    /// # Panics
    /// If the frame has another length than the framing's, or `power` another than `bins`.
    pub fn frame_power(&mut self, frame: &[T], power: &mut [T]) {
        assert_eq!((frame.len(), power.len()), (self.window.len(), self.bins()), "samples and bins of a frame");
        self.fft.transform_on(isa(), frame, Some(&self.window), SpectrumOutput::Power(power));
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
