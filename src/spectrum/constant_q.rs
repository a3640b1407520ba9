//! Constant-Q: a spectrum whose bins are as far apart as notes, each through a window of its own length.
//!
//! Why: the bins of a Fourier transform are equally far apart in Hz, notes in ratios. From A1 to A#1 it is 3 Hz, from
//! A7 to A#7 209 Hz. A window short enough to follow a melody mixes low notes; one long enough to separate them blurs
//! high ones. The idea: give each bin a window as long as its neighbors require, so that the quotient of frequency and
//! bandwidth, Q, is the same for all.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, r | the samples, 0 beyond the recording; the sampling rate in Hz |
//! | f_0, b | the lowest frequency in Hz; the number of bins per octave |
//! | f_k | the frequency of bin k, in Hz |
//! | B_k, γ | the bandwidth of bin k, from the bin below to the bin above and γ more, in Hz |
//! | w_k, L_k | the window of bin k, and its length in samples |
//! | X_kt | bin k of frame t, which is centered at sample t·hop |
//!
//! ```text
//! (CQ.1)  f_k = f_0·2^(k/b)
//! (CQ.2)  B_k = (2^(1/b) - 2^(-1/b))·f_k + γ                              bandwidth in Hz
//! (CQ.3)  L_k = 4r/B_k                                                    length of the window in samples
//! (CQ.4)  w_k(n) = cos²(π·n/L_k),  |n| < L_k/2                            Hann's window around 0
//! (CQ.5)  X_kt = 2/(Σ_n w_k(n))·Σ_n w_k(n)·x(t·hop + n)·e^(-2πi·f_k·n/r)
//! ```
//!
//! Why (CQ.3): the transform of Hann's window of L samples falls to 0 at ±2r/L Hz, so its main lobe is 4r/L Hz wide.
//! Setting that to B_k gives L_k.
//!
//! Why the factor 2 in (CQ.5): a sine of amplitude 1 at f_k is half the difference of two waves, e^(±2πi·f_k·n/r). One
//! of them cancels the factor e^(-2πi·f_k·n/r), so that its terms add up to ½·Σ_n w_k(n) in size; the other one
//! oscillates and almost cancels. So |X_kt| = 1.
//!
//! Why γ: with γ = 0 all bins have the same Q = f_k/B_k; γ > 0 shortens the windows of low notes, for a finer
//! resolution in time where that of pitch need not be as fine.
//!
//! By hand, the tutorial's settings, b = 24 and γ = 20 Hz, at r = 8000 Hz: 2^(1/24) - 2^(-1/24) = 0.0578. At f_k = 440
//! Hz, B_k = 25.4 + 20 = 45.4 Hz and L_k = 32000/45.4 = 705 samples, 88 ms.
//!
//! A bin is left out if B_k reaches below 0 Hz or above r/2, or if its window is longer than the shortest recording.
//! Then the lowest frequency is raised, and [`ConstantQ::raised`] reports it.
//!
//! Each sum is that of `number::sum`, computed directly in time. With γ = 20 Hz no window is longer than 1/5 s; the
//! fast method over a Fourier transform (Brown and Puckette 1992) would leave out small terms.
//!
//! Sources: J. C. Brown, "Calculation of a constant Q spectral transform", 1991; C. Schörkhuber, A. Klapuri, N.
//! Holighaus and M. Dörfler, "A Matlab toolbox for efficient perfect reconstruction time-frequency transforms", 2014,
//! for B_k and γ (their windows are Hann's in frequency, ours in time).

use super::fourier::Complex64;
use crate::bytes::limits::CONSTANT_Q_WEIGHTS;
use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::number::sum::{dot, sum};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// The largest b: a bin for each cent.
const MAX_BINS: usize = 1200;

/// The parameters of the transform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantQSettings {
    /// The number of bins per octave, b, 1 to 1200.
    pub bins_per_octave: usize,
    /// The lowest frequency f_0, in Hz, above 0.
    pub lowest: f64,
    /// An upper bound of all f_k, in Hz.
    pub highest: f64,
    /// γ, in Hz; 0 for a constant Q.
    pub gamma: f64,
    /// Samples from frame to frame, at least 1.
    pub hop: usize,
}

impl ConstantQSettings {
    /// The tutorial's: quarter tones from 27.5 Hz (A0) to half the rate, γ = 20 Hz; a frame every 10 ms.
    pub fn tutorial(rate: u32) -> Self {
        ConstantQSettings {
            bins_per_octave: 24,
            lowest: 27.5,
            highest: f64::from(rate) / 2.0,
            gamma: 20.0,
            hop: (rate / 100).max(1) as usize,
        }
    }

    /// f_k in Hz, B_k in Hz.
    fn bin(&self, k: usize) -> (f64, f64) {
        let octaves = |x: f64| Real::exp(x / self.bins_per_octave as f64 * core::f64::consts::LN_2);
        let frequency = self.lowest * octaves(k as f64); // (CQ.1)
        (frequency, (octaves(1.0) - octaves(-1.0)) * frequency + self.gamma) // (CQ.2)
    }
}

/// Why a transform cannot be made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConstantQError {
    /// The bins per octave are not 1 to 1200, γ is negative or not finite, or the hop is 0.
    Settings(ConstantQSettings),
    /// The frequencies do not ascend from above 0 to at most half the rate.
    Range {
        /// As given, in Hz.
        lowest: f64,
        /// As given, in Hz.
        highest: f64,
        /// Half the sampling rate, in Hz.
        half_rate: f64,
    },
    /// No bin fits between 0 and half the rate with a window within the shortest recording.
    NoBin {
        /// The shortest recording, in samples.
        shortest: usize,
    },
    /// The windows would have more than 2²⁴ weights.
    TooLarge,
}

impl fmt::Display for ConstantQError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConstantQError::Settings(ConstantQSettings { bins_per_octave, gamma, hop, .. }) => write!(
                f,
                "constant-Q with {bins_per_octave} bins an octave, gamma {gamma} Hz, hop {hop}; \
                 expected 1 to {MAX_BINS}, at least 0 and at least 1"
            ),
            ConstantQError::Range { lowest, highest, half_rate } => {
                write!(f, "constant-Q from {lowest} to {highest} Hz; expected 0 < lowest <= highest <= {half_rate} Hz")
            }
            ConstantQError::NoBin { shortest } => write!(
                f,
                "no bin of constant-Q has a window within the shortest recording, which has {}",
                Count(*shortest, "sample")
            ),
            ConstantQError::TooLarge => write!(f, "the windows of constant-Q would have more than 2^24 weights"),
        }
    }
}

impl core::error::Error for ConstantQError {}

/// 2·w_k(n)/Σw·e^(-2πi·f_k·n/r) for -half <= n <= half, its real and its imaginary part.
#[derive(Clone, Debug)]
pub(super) struct Kernel<T> {
    pub(super) half: usize,
    pub(super) real: Vec<T>,
    pub(super) imaginary: Vec<T>,
}

impl<T: Real> Kernel<T> {
    /// For `cycles` = f_k/r cycles per sample; computed in f64, each weight rounded once.
    fn new(cycles: f64, length: f64) -> Self {
        let half = half(length);
        let n = |i: usize| i as f64 - half as f64;
        let window: Vec<f64> = (0..2 * half + 1)
            .map(|i| {
                let (_, cosine) = (n(i) / length).sin_cos_pi();
                cosine * cosine // (CQ.4)
            })
            .collect();
        let scale = 2.0 / sum(&window);
        let (real, imaginary) = window
            .iter()
            .enumerate()
            .map(|(i, w)| {
                let (sine, cosine) = (-2.0 * cycles * n(i)).sin_cos_pi();
                (T::from_f64(scale * w * cosine), T::from_f64(scale * w * sine)) // (CQ.5)
            })
            .unzip();
        Kernel { half, real, imaginary }
    }

    /// X_kt of all frames: calls `use_coefficient` with t and its parts.
    pub(super) fn each(
        &self,
        padded: &Padded<T>,
        hop: usize,
        frames: usize,
        mut use_coefficient: impl FnMut(usize, [T; 2]),
    ) {
        let Kernel { half, real, imaginary } = self;
        for t in 0..frames {
            let stretch = &padded.samples[padded.margin + t * hop - half..][..2 * half + 1];
            use_coefficient(t, [dot(real, stretch), dot(imaginary, stretch)]);
        }
    }
}

/// A recording with silence before and after, so that each window is whole.
pub(super) struct Padded<T> {
    margin: usize,
    samples: Vec<T>,
}

/// The largest n < L/2.
fn half(length: f64) -> usize {
    let whole = (length / 2.0) as usize;
    if whole as f64 == length / 2.0 { whole.saturating_sub(1) } else { whole }
}

/// |X_kt| of bin k at `rate` Hz, around sample `center` = t·hop, term by term. Neither the limits of frequency nor the
/// length of the recording are checked.
pub fn by_definition(settings: &ConstantQSettings, rate: f64, k: usize, x: &[f64], center: usize) -> f64 {
    let Complex64 { re, im } = coefficient_by_definition(settings, rate, k, x, center);
    Element::sqrt(re * re + im * im)
}

/// X_kt of bin k, as [`by_definition`] computes its size.
pub fn coefficient_by_definition(
    settings: &ConstantQSettings,
    rate: f64,
    k: usize,
    x: &[f64],
    center: usize,
) -> Complex64 {
    let power_of_two = |e: f64| Real::exp(e * core::f64::consts::LN_2);
    let b = settings.bins_per_octave as f64;
    let f = settings.lowest * power_of_two(k as f64 / b); // (CQ.1)
    let bandwidth = (power_of_two(1.0 / b) - power_of_two(-1.0 / b)) * f + settings.gamma; // (CQ.2)
    let length = 4.0 * rate / bandwidth; // (CQ.3)
    let (mut total, mut re, mut im) = (0.0, 0.0, 0.0);
    let most = length as i64;
    for n in -most..=most {
        if 2.0 * (n.unsigned_abs() as f64) < length {
            let (_, cosine) = (n as f64 / length).sin_cos_pi();
            let w = cosine * cosine; // (CQ.4)
            let position = center as i64 + n;
            let sample = if position < 0 { 0.0 } else { x.get(position as usize).copied().unwrap_or(0.0) };
            let (sine, cosine) = (-2.0 * f * n as f64 / rate).sin_cos_pi();
            total += w;
            re += w * sample * cosine;
            im += w * sample * sine;
        }
    }
    Complex64::new(2.0 / total * re, 2.0 / total * im) // (CQ.5)
}

/// A constant-Q transform: the settings with the kernels of all bins.
///
/// ```
/// use ossicle::number::Real;
/// use ossicle::spectrum::constant_q::{ConstantQ, ConstantQSettings};
///
/// // Half a second of 440 Hz: four octaves of 24 bins above 27.5 Hz.
/// let sine: Vec<f32> = (0..4000).map(|i| (2.0 * 440.0 * i as f32 / 8000.0).sin_cos_pi().0).collect();
/// let transform = ConstantQ::new(&ConstantQSettings::tutorial(8000), 8000, sine.len())?;
/// let magnitudes = transform.magnitudes(&sine);
/// let middle = magnitudes.column(25);
/// let loudest = (0..middle.len()).max_by(|&a, &b| middle[a].total_cmp(&middle[b]));
/// assert_eq!((loudest, transform.raised()), (Some(4 * 24), None));
/// # Ok::<(), ossicle::spectrum::constant_q::ConstantQError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ConstantQ<T> {
    hop: usize,
    raised: bool,
    frequencies: Vec<f64>,
    kernels: Vec<Kernel<T>>,
}

impl<T: Real> ConstantQ<T> {
    /// The kernels at `rate` Hz for recordings of at least `shortest` samples.
    ///
    /// # Errors
    /// If the settings are out of range, if no bin fits, or if there would be more than 2²⁴ weights.
    pub fn new(settings: &ConstantQSettings, rate: u32, shortest: usize) -> Result<Self, ConstantQError> {
        let ConstantQSettings { bins_per_octave, lowest, highest, gamma, hop } = *settings;
        if !((1..=MAX_BINS).contains(&bins_per_octave) && hop > 0 && gamma >= 0.0 && gamma.is_finite()) {
            return Err(ConstantQError::Settings(*settings));
        }
        let rate = f64::from(rate);
        if !(0.0 < lowest && lowest <= highest && highest <= rate / 2.0) {
            return Err(ConstantQError::Range { lowest, highest, half_rate: rate / 2.0 });
        }
        let length = |bandwidth: f64| 4.0 * rate / bandwidth; // (CQ.3)
        // B_k grows with k: the bins that fit are neighbors, and the lowest has the longest window.
        let fits = |f: f64, b: f64| f - b / 2.0 >= 0.0 && length(b) <= shortest as f64;
        let (mut frequencies, mut kernels) = (Vec::new(), Vec::new());
        let (mut raised, mut weights) = (false, 0.0);
        for k in 0.. {
            let (frequency, bandwidth) = settings.bin(k);
            if !(frequency <= highest && frequency + bandwidth / 2.0 <= rate / 2.0) {
                break;
            }
            if !fits(frequency, bandwidth) {
                raised = true;
                continue;
            }
            weights += length(bandwidth);
            if !(weights <= CONSTANT_Q_WEIGHTS as f64) {
                return Err(ConstantQError::TooLarge);
            }
            frequencies.push(frequency);
            kernels.push(Kernel::new(frequency / rate, length(bandwidth)));
        }
        if kernels.is_empty() {
            return Err(ConstantQError::NoBin { shortest });
        }
        Ok(ConstantQ { hop, raised, frequencies, kernels })
    }

    /// The frequencies f_k of the bins, in Hz, ascending.
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }

    /// The lowest frequency in Hz, if it was raised above the requested one.
    pub fn raised(&self) -> Option<f64> {
        self.raised.then_some(self.frequencies[0])
    }

    /// The number of frames of n samples: 1 + ⌊n/hop⌋, or 0 if n is 0.
    ///
    /// # Panics
    /// If it does not fit in a `usize`.
    pub fn count(&self, samples: usize) -> usize {
        if samples == 0 { 0 } else { size::sum([1, samples / self.hop]) }
    }

    /// |X_kt|, bins x frames.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn magnitudes(&self, samples: &[T]) -> Matrix<T> {
        let padded = self.padded(samples);
        let mut magnitudes = Matrix::zeros(self.kernels.len(), self.count(samples.len()));
        let frames = magnitudes.columns();
        for (k, kernel) in self.kernels.iter().enumerate() {
            let row = magnitudes.row_mut(k);
            kernel.each(&padded, self.hop, frames, |t, [re, im]| row[t] = Element::sqrt(re * re + im * im));
        }
        magnitudes
    }

    /// The kernels by bin.
    pub(super) fn kernels(&self) -> &[Kernel<T>] {
        &self.kernels
    }

    /// The samples as the kernels need them.
    pub(super) fn padded(&self, samples: &[T]) -> Padded<T> {
        // The lowest bin has the longest window. A frame centered after the last sample needs one sample more.
        let margin = self.kernels[0].half;
        let mut padded = vec![T::ZERO; samples.len() + 2 * margin + 1];
        padded[margin..][..samples.len()].copy_from_slice(samples);
        Padded { margin, samples: padded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn kernels_are_the_definition_at_every_bin_and_beyond_both_ends() {
        let settings = ConstantQSettings { bins_per_octave: 5, lowest: 55.0, highest: 1000.0, gamma: 20.0, hop: 100 };
        let mut random = Random::new(3);
        let x: Vec<f64> = (0..400).map(|_| random.uniform(-1.0, 1.0)).collect();
        let transform = ConstantQ::new(&settings, 2000, 400).unwrap();
        let got = transform.magnitudes(&x);
        assert_eq!((got.rows(), got.columns()), (transform.frequencies().len(), 5));
        assert!(transform.raised().is_none() && got.rows() > 15);
        for k in 0..got.rows() {
            for t in 0..5 {
                let expected = by_definition(&settings, 2000.0, k, &x, t * 100);
                assert!((got.row(k)[t] - expected).abs() <= 1e-13, "bin {k}, frame {t}");
            }
        }
    }

    #[test]
    fn each_semitone_from_a2_to_a7_peaks_in_its_bin_with_its_amplitude() {
        let (rate, length) = (22_050, 4410);
        let settings = ConstantQSettings { hop: length / 2, ..ConstantQSettings::tutorial(rate) };
        let transform = ConstantQ::new(&settings, rate, length).unwrap();
        assert!(transform.raised().is_none());
        for semitone in 0..=60 {
            let f = 110.0 * Real::exp(f64::from(semitone) / 12.0 * core::f64::consts::LN_2);
            let sine: Vec<f64> =
                (0..length).map(|i| 0.5 * (2.0 * f * i as f64 / f64::from(rate)).sin_cos_pi().0).collect();
            let column = transform.magnitudes(&sine).column(1);
            let peak = (0..column.len()).max_by(|&a, &b| column[a].total_cmp(&column[b])).unwrap();
            // Two octaves above A0, and two bins a semitone.
            assert_eq!(peak, 48 + 2 * semitone as usize, "{f} Hz");
            assert!((column[peak] - 0.5).abs() < 1e-3 && (transform.frequencies()[peak] / f - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn short_recordings_raise_the_lowest_frequency_and_it_is_said() {
        let settings = ConstantQSettings::tutorial(8000);
        // 4·8000/1000 = 32 Hz = 0.0578·f + 20, so f is above 207.7 Hz.
        let transform = ConstantQ::<f32>::new(&settings, 8000, 1000).unwrap();
        let lowest = transform.raised().unwrap();
        assert!(lowest > 207.7 && lowest < 207.7 * 1.03, "{lowest}");
        assert!(transform.kernels[0].real.len() <= 1000);
        let magnitudes = transform.magnitudes(&[0.25; 10]);
        assert_eq!((magnitudes.rows(), magnitudes.columns()), (transform.frequencies().len(), 1));
        assert_eq!(transform.magnitudes(&[]).columns(), 0);
        let none = ConstantQ::<f32>::new(&settings, 8000, 10).unwrap_err();
        assert_eq!(none, ConstantQError::NoBin { shortest: 10 });
    }

    #[test]
    fn bins_stay_between_zero_and_half_the_rate() {
        let settings = ConstantQSettings { lowest: 5.0, ..ConstantQSettings::tutorial(8000) };
        let transform = ConstantQ::<f32>::new(&settings, 8000, 8000).unwrap();
        let (first, last) = (transform.raised().unwrap(), *transform.frequencies().last().unwrap());
        let width = |f: f64| 0.057_774_5 * f + 20.0;
        assert!(first >= width(first) / 2.0 && first / 1.03 < width(first / 1.03) / 2.0);
        assert!(last + width(last) / 2.0 <= 4000.0 && last * 1.03 + width(last * 1.03) / 2.0 > 4000.0);
    }

    #[test]
    fn impossible_settings_are_errors() {
        let good = ConstantQSettings::tutorial(8000);
        let error = |settings| ConstantQ::<f32>::new(&settings, 8000, usize::MAX).unwrap_err();
        for wrong in [
            ConstantQSettings { bins_per_octave: 0, ..good },
            ConstantQSettings { bins_per_octave: usize::MAX, ..good },
            ConstantQSettings { hop: 0, ..good },
            ConstantQSettings { gamma: f64::NAN, ..good },
            ConstantQSettings { gamma: -1.0, ..good },
        ] {
            assert!(matches!(error(wrong), ConstantQError::Settings(_)));
        }
        for (lowest, highest) in [(0.0, 4000.0), (f64::NAN, 4000.0), (100.0, 50.0), (27.5, 4001.0)] {
            let wrong = ConstantQSettings { lowest, highest, ..good };
            assert!(matches!(error(wrong), ConstantQError::Range { .. }));
        }
        let endless = ConstantQSettings { lowest: 1e-300, gamma: 0.0, ..good };
        assert_eq!(error(endless), ConstantQError::TooLarge);
        let silent = ConstantQSettings { lowest: 3999.0, ..good };
        assert_eq!(error(silent), ConstantQError::NoBin { shortest: usize::MAX });
    }
}
