//! The short-time Fourier transform and its inverse.
//!
//! Why: a sound changes, and one spectrum of all of it does not show when. The idea: cut it into overlapping frames and
//! transform each. With enough overlap nothing is lost, so a changed transform can be made into a sound again.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | the samples of the recording |
//! | w | the window, `frame` weights |
//! | N | the transform's length, at least `frame`; zeros follow the frame |
//! | c | the number of samples before sample t·hop that belong to frame t |
//! | X_kt | bin k of frame t |
//! | y_t | the inverse transform of frame t |
//!
//! ```text
//! (SF.1)  X_kt = Σ_n w_n·x_(t·hop + n - c)·e^(-2πi·kn/N)                 n = 0, ..., frame - 1; k = 0, ..., ⌊N/2⌋
//! (SF.2)  x_i = Σ_t w_n·y_t(n) / Σ_t w_n²                                n = i - t·hop + c
//! ```
//!
//! In (SF.2) the sums run over the frames t that contain sample i: the frames are added where they overlap (weighted
//! overlap-add).
//!
//! Why (SF.2), if X is unchanged: the inverse transform returns the weighted frame. Weighted once more and summed, the
//! frames give each sample times a known number:
//!
//! ```text
//! y_t(n) = w_n·x_i    so    Σ_t w_n·y_t(n) = x_i·Σ_t w_n²
//! ```
//!
//! Why the second weight: if X was changed, its frames no longer agree where they overlap, and no recording has X as
//! its transform. (SF.2) is the recording with the nearest transform, in the sum of squares over both halves of the
//! bins (D. Griffin and J. Lim 1984). By Parseval's theorem ([`fourier`](super::fourier)) that sum equals a sum over
//! samples. After the frame's end w_n = 0, and the terms do not depend on x:
//!
//! ```text
//! Σ_t Σ_k |(transform of x)_kt - X_kt|² = N·Σ_t Σ_n (w_n·x_i - y_t(n))²
//! derivative by x_i:  2N·Σ_t w_n·(w_n·x_i - y_t(n)) = 0    so    x_i·Σ_t w_n² = Σ_t w_n·y_t(n)
//! ```
//!
//! Each x_i occurs only in its own terms, so one division finds it. A value has the weight w_n², which is less near a
//! frame's ends.
//!
//! By hand, frames of 2 every sample, w = (1, 1): each sample inside is in two frames, and (SF.2) is the mean of its
//! two values.
//!
//! Conventions ([`Edges`]). Whole frames start with the recording, c = 0, and none reaches beyond it. Centered frames
//! have c = ⌊frame/2⌋, so that frame t is centered at sample t·hop; beyond the ends are zeros, or the recording
//! mirrored at its first and last sample. The power is |X|², the magnitude |X|, both unscaled. Where no frame has a
//! weight, the inverse is 0.

use super::convention::Convention;
use super::fourier::RealFft;
use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// Where frames start, and how a recording continues beyond its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// Frames are not centered, and end within the recording.
    Whole,
    /// Frames are centered; zeros beyond.
    Zero,
    /// Frames are centered; beyond, the recording is mirrored, its first and last sample not repeated.
    Reflect,
}

/// The parameters of the transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StftSettings {
    /// The length of a frame, in samples, at least 1.
    pub frame: usize,
    /// Samples from frame to frame, at least 1.
    pub hop: usize,
    /// N, at least `frame`.
    pub transform: usize,
    /// The window's shape.
    pub window: Window,
    /// The ends of the window.
    pub ends: Ends,
    /// The ends of the recording.
    pub edges: Edges,
}

impl Default for StftSettings {
    /// For speech at 16 kHz, those of [`Convention::Matlab`]: frames of 400 samples every 160, transforms of 512,
    /// Hann's window. [`Convention::stft`] has those for other rates and programs.
    fn default() -> Self {
        Convention::Matlab.stft(16_000)
    }
}

/// A short-time Fourier transform: the settings with tables and work space.
///
/// ```
/// use ossicle::spectrum::convention::Convention;
/// use ossicle::spectrum::stft::Stft;
///
/// let sound: Vec<f64> = (0..8000).map(|i| f64::from(i % 100) / 100.0 - 0.5).collect();
/// let mut stft = Stft::new(Convention::Librosa.stft(22_050));
/// let [re, im] = stft.parts(&sound);
/// assert_eq!((re.rows(), re.columns()), (1025, 16));
/// let back = stft.inverse(&re, &im, sound.len());
/// assert!(back.iter().zip(&sound).all(|(a, b)| (a - b).abs() < 1e-12));
/// ```
#[derive(Clone, Debug)]
pub struct Stft<T> {
    settings: StftSettings,
    window: Vec<T>,
    fft: RealFft<T>,
    /// A frame, followed by zeros.
    frame: Vec<T>,
    /// Its transform.
    re: Vec<T>,
    im: Vec<T>,
}

impl<T: Real> Stft<T> {
    /// Prepares transforms.
    ///
    /// # Panics
    /// If `frame` or `hop` is 0, if `transform` is less than `frame`, or if there is no memory for a frame.
    pub fn new(settings: StftSettings) -> Self {
        let StftSettings { frame, hop, transform, window, ends, .. } = settings;
        assert!(frame > 0 && hop > 0 && transform >= frame, "transforms of {transform} of {frame} every {hop}");
        let fft = RealFft::new(transform);
        let bins = fft.bins();
        Stft {
            settings,
            window: window.weights(ends, frame),
            fft,
            frame: vec![T::ZERO; transform],
            re: vec![T::ZERO; bins],
            im: vec![T::ZERO; bins],
        }
    }

    /// The settings as given.
    pub fn settings(&self) -> &StftSettings {
        &self.settings
    }

    /// The number of frequencies, ⌊N/2⌋ + 1; bin k is at k·rate/N Hz.
    pub fn bins(&self) -> usize {
        self.fft.bins()
    }

    /// The number of frames of a recording with this number of samples; 0 if it is empty.
    ///
    /// # Panics
    /// If the samples with the edges do not fit in a `usize`.
    pub fn count(&self, samples: usize) -> usize {
        if samples == 0 { 0 } else { self.framing().count(size::sum([samples, self.margin(), self.margin()])) }
    }

    fn framing(&self) -> Framing {
        Framing { length: self.settings.frame, hop: self.settings.hop }
    }

    /// c.
    fn margin(&self) -> usize {
        if self.settings.edges == Edges::Whole { 0 } else { self.settings.frame / 2 }
    }

    /// Calls `use_frame` with t and the parts of each frame's transform. `prepare` may change a frame before it is
    /// weighted.
    fn each(&mut self, samples: &[T], mut prepare: impl FnMut(&mut [T]), mut use_frame: impl FnMut(usize, &[T], &[T])) {
        if samples.is_empty() {
            return;
        }
        let padded = with_edges(samples, self.margin(), self.settings.edges);
        for (t, frame) in self.framing().frames(&padded).enumerate() {
            self.frame[..frame.len()].copy_from_slice(frame);
            prepare(&mut self.frame[..frame.len()]);
            self.frame.iter_mut().zip(&self.window).for_each(|(x, &w)| *x *= w);
            // The inverse leaves values after the frame.
            self.frame[frame.len()..].fill(T::ZERO);
            self.fft.transform(&self.frame, &mut self.re, &mut self.im); // (SF.1)
            use_frame(t, &self.re, &self.im);
        }
    }

    /// Calls `use_power` with t and |X|² of each frame, which `prepare` may change before it is weighted.
    pub(super) fn each_power(
        &mut self,
        samples: &[T],
        prepare: impl FnMut(&mut [T]),
        mut use_power: impl FnMut(usize, &[T]),
    ) {
        let mut power = vec![T::ZERO; self.bins()];
        self.each(samples, prepare, |t, re, im| {
            for (p, (&re, &im)) in power.iter_mut().zip(re.iter().zip(im)) {
                *p = re * re + im * im;
            }
            use_power(t, &power);
        });
    }

    /// The real and the imaginary parts of X, each bins x frames.
    ///
    /// # Panics
    /// If there is no memory for the transform.
    pub fn parts(&mut self, samples: &[T]) -> [Matrix<T>; 2] {
        let shape = (self.bins(), self.count(samples.len()));
        let mut parts = [Matrix::zeros(shape.0, shape.1), Matrix::zeros(shape.0, shape.1)];
        self.each(samples, no_change, |t, re, im| {
            for (part, column) in parts.iter_mut().zip([re, im]) {
                column.iter().enumerate().for_each(|(k, &x)| part.row_mut(k)[t] = x);
            }
        });
        parts
    }

    /// |X|², bins x frames.
    ///
    /// # Panics
    /// If there is no memory for it.
    pub fn power(&mut self, samples: &[T]) -> Matrix<T> {
        let mut power = Matrix::zeros(self.bins(), self.count(samples.len()));
        self.each_power(samples, no_change, |t, column| {
            column.iter().enumerate().for_each(|(k, &p)| power.row_mut(k)[t] = p);
        });
        power
    }

    /// |X|, bins x frames.
    ///
    /// # Panics
    /// If there is no memory for it.
    pub fn magnitude(&mut self, samples: &[T]) -> Matrix<T> {
        let mut magnitude = self.power(samples);
        magnitude.elements_mut().iter_mut().for_each(|x| *x = Element::sqrt(*x));
        magnitude
    }

    /// The recording of `samples` samples with this transform, or the nearest one. The frames are added in ascending
    /// order.
    ///
    /// # Panics
    /// If the parts do not have the shape of the transform of `samples` samples, or there is no memory for the samples.
    pub fn inverse(&mut self, re: &Matrix<T>, im: &Matrix<T>, samples: usize) -> Vec<T> {
        let shape = (self.bins(), self.count(samples));
        let found = [re, im].map(|part| (part.rows(), part.columns()));
        assert_eq!(found, [shape; 2], "bins and frames of {samples} samples");
        let (margin, hop) = (self.margin(), self.settings.hop);
        size::claim::<T>(samples + 2 * margin);
        let mut sums = vec![T::ZERO; samples + 2 * margin];
        let mut squares = sums.clone();
        for t in 0..shape.1 {
            for k in 0..shape.0 {
                (self.re[k], self.im[k]) = (re.row(k)[t], im.row(k)[t]);
            }
            self.fft.inverse(&self.re, &self.im, &mut self.frame);
            for (n, (&w, &y)) in self.window.iter().zip(&self.frame).enumerate() {
                sums[t * hop + n] += w * y;
                squares[t * hop + n] += w * w;
            }
        }
        let quotient = |i: usize| if squares[i] > T::ZERO { sums[i] / squares[i] } else { T::ZERO }; // (SF.2)
        (margin..margin + samples).map(quotient).collect()
    }
}

/// Leaves a frame as it is.
pub(super) fn no_change<T>(_: &mut [T]) {}

/// The samples, at least one, with `margin` more at each end.
fn with_edges<T: Real>(samples: &[T], margin: usize, edges: Edges) -> Cow<'_, [T]> {
    let last = samples.len() as i64 - 1;
    let beyond = |i: i64| match edges {
        Edges::Reflect if last > 0 => {
            // Forward and backward: the period is twice the length.
            let phase = i.rem_euclid(2 * last);
            samples[phase.min(2 * last - phase) as usize]
        }
        Edges::Reflect => samples[0],
        Edges::Zero | Edges::Whole => T::ZERO,
    };
    if margin == 0 {
        return Cow::Borrowed(samples);
    }
    let margin = margin as i64;
    let mut padded: Vec<T> = (-margin..0).map(beyond).collect();
    padded.extend_from_slice(samples);
    padded.extend((last + 1..=last + margin).map(beyond));
    Cow::Owned(padded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::spectrum::spectrogram::Spectrogram;

    const SMALL: StftSettings = StftSettings {
        frame: 12,
        hop: 5,
        transform: 16,
        window: Window::Hamming,
        ends: Ends::Symmetric,
        edges: Edges::Zero,
    };

    fn noise(n: usize) -> Vec<f64> {
        let mut random = Random::new(6);
        (0..n).map(|_| random.uniform(-1.0, 1.0)).collect()
    }

    /// x_i for any i.
    fn sample(x: &[f64], i: i64, edges: Edges) -> f64 {
        let last = x.len() as i64 - 1;
        match edges {
            _ if (0..=last).contains(&i) => x[i as usize],
            Edges::Reflect if last == 0 => x[0],
            Edges::Reflect if i < 0 => sample(x, -i, edges),
            Edges::Reflect => sample(x, 2 * last - i, edges),
            _ => 0.0,
        }
    }

    #[test]
    fn frames_are_the_definition_at_every_edge() {
        for edges in [Edges::Whole, Edges::Zero, Edges::Reflect] {
            for (frame, transform, length) in [(12, 16, 40), (11, 15, 37), (12, 12, 3), (8, 8, 1), (12, 16, 12)] {
                let settings = StftSettings { frame, transform, edges, ..SMALL };
                let (x, mut stft) = (noise(length), Stft::new(settings));
                let [re, im] = stft.parts(&x);
                let weights: Vec<f64> = Window::Hamming.weights(Ends::Symmetric, frame);
                let c = if edges == Edges::Whole { 0 } else { (frame / 2) as i64 };
                let expected = (length as i64 + 2 * c - frame as i64).div_euclid(5) + 1;
                assert_eq!((re.rows(), re.columns() as i64), (transform / 2 + 1, expected.max(0)));
                for t in 0..re.columns() {
                    for k in 0..re.rows() {
                        let (mut a, mut b) = (0.0, 0.0);
                        for (n, w) in weights.iter().enumerate() {
                            let x = sample(&x, (t * 5 + n) as i64 - c, edges);
                            let (sine, cosine) = (-2.0 * (k * n) as f64 / transform as f64).sin_cos_pi();
                            (a, b) = (a + w * x * cosine, b + w * x * sine);
                        }
                        let away = (re.row(k)[t] - a).abs() + (im.row(k)[t] - b).abs();
                        assert!(away < 1e-13, "{edges:?}, {frame}, {transform}, {length}: {k}, {t}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_inverse_is_the_recording_wherever_a_window_has_weight() {
        for window in [Window::Rectangular, Window::Hann, Window::Hamming, Window::Blackman] {
            for ends in [Ends::Periodic, Ends::Symmetric, Ends::Open] {
                for edges in [Edges::Whole, Edges::Zero, Edges::Reflect] {
                    for (frame, hop, transform) in [(64, 16, 64), (64, 32, 128), (51, 13, 75), (64, 1, 64)] {
                        let mut stft = Stft::new(StftSettings { frame, hop, transform, window, ends, edges });
                        let x = noise(500);
                        let [re, im] = stft.parts(&x);
                        let back = stft.inverse(&re, &im, 500);
                        // Whole frames may begin with a weight of 0, and end before the recording does.
                        let covered = match edges {
                            Edges::Whole => 1..(re.columns() - 1) * hop + frame - 1,
                            _ => 0..500 - hop,
                        };
                        assert_eq!(back.len(), 500);
                        for i in covered {
                            let away = (back[i] - x[i]).abs();
                            assert!(away < 1e-9, "{window:?}, {ends:?}, {edges:?}, {frame}, {hop}: {i}, {away:e}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_changed_transform_gives_the_nearest_recording() {
        // Twice the transform of one recording and once that of another is that of their sum.
        let (x, y) = (noise(200), noise(400)[200..].to_vec());
        let mut stft = Stft::new(StftSettings { hop: 3, ..SMALL });
        let ([a, b], [c, d]) = (stft.parts(&x), stft.parts(&y));
        let sum = |p: &Matrix<f64>, q: &Matrix<f64>| {
            Matrix::from_function(p.rows(), p.columns(), |k, t| 2.0 * p.row(k)[t] + q.row(k)[t])
        };
        let back = stft.inverse(&sum(&a, &c), &sum(&b, &d), 200);
        assert!((0..197).all(|i| (back[i] - 2.0 * x[i] - y[i]).abs() < 1e-12));
    }

    #[test]
    fn with_the_spectrograms_settings_it_has_the_spectrograms_bits() {
        let framing = Framing { length: 256, hop: 80 };
        let settings = StftSettings {
            frame: 256,
            hop: 80,
            transform: 256,
            window: Window::Hann,
            ends: Ends::Periodic,
            edges: Edges::Whole,
        };
        let x: Vec<f32> = noise(2000).into_iter().map(|x| x as f32).collect();
        let (power, magnitude) = (Stft::new(settings).power(&x), Stft::new(settings).magnitude(&x));
        assert_eq!(power, Spectrogram::new(framing).power(&x));
        assert!(power.elements().iter().zip(magnitude.elements()).all(|(&p, &m)| Element::sqrt(p) == m));
    }

    #[test]
    fn of_no_samples_there_is_no_frame() {
        for edges in [Edges::Whole, Edges::Zero, Edges::Reflect] {
            let mut stft = Stft::<f32>::new(StftSettings { edges, ..SMALL });
            let [re, im] = stft.parts(&[]);
            assert_eq!((re.rows(), re.columns()), (9, 0));
            assert!(stft.inverse(&re, &im, 0).is_empty());
        }
    }
}
