//! MFCC: the mel-frequency cepstral coefficients of a recording, as MATLAB, librosa and HTK compute them.
//!
//! Why: the [cepstrum](super::cepstrum) of one log-mel frame is defined by one equation. On the way from the samples to
//! that frame, a program makes ten more choices, and it rarely states them. The coefficients of two programs for the
//! same recording differ by factors and offsets, so that a model trained on those of one fails on those of the other.
//! Here each choice is a field of [`MfccSettings`], and a [`Convention`] is a set of them.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_i | the samples of the recording, or of a frame, times the amplitude |
//! | α | the pre-emphasis |
//! | S_k, X_k | what the bands add up; the transform of a frame |
//! | w_bk, Y_b, L_b | the weights of band b, the band, and its logarithm |
//! | a | the least band |
//! | c_k, s_k, l_k, B | coefficient k, its scale, its weight in liftering; the number of bands |
//! | p | the exponent of a lifter |
//!
//! ```text
//! (MF.1)  x_i ← x_i - α·x_(i-1);  of a frame, x_0 ← (1 - α)·x_0
//! (MF.2)  Y_b = Σ_k w_bk·S_k,  S_k = |X_k|² or |X_k|
//! (MF.3)  L_b = ln max(Y_b, a), or decibels
//! (MF.4)  c_k = l_k·s_k·Σ_b L_b·cos(π·k·(2b + 1)/2B)
//! (MF.5)  l_0 = 1,  l_k = k^p
//! ```
//!
//! | | MATLAB | librosa | HTK |
//! | --- | --- | --- | --- |
//! | amplitude | 32768 | 1 | 32768 |
//! | pre-emphasis | 0.97, of the recording | none | 0.97, of each frame |
//! | S | power | power | magnitude |
//! | triangles straight in | Hz | Hz | mel |
//! | logarithm | natural | decibels, range 80 | natural |
//! | least band | none | 10⁻¹⁰ | 1 |
//! | coefficients | 13 | 20 | 13 |
//! | s_0 | √(1/B) | √(1/B) | √(2/B) |
//! | lifter | p = 0.6 | none | L = 22, CE.3 |
//!
//! [`convention`](super::convention) has their frames, windows and bands, which reach up to half the rate (MATLAB's
//! `melfcc` stops at 4000 Hz unless told otherwise). All other s_k are √(2/B). 32768 makes the samples of a file with
//! 16 bits integers again. Decibels are those of DB.1 and DB.2.
//!
//! Why pre-emphasis: the spectrum of a voice falls by about 6 dB per octave, and a difference of neighboring samples
//! rises by as much: (MF.1) multiplies a wave e^(iωt), t = 0, 1, ..., by 1 - α·e^(-iω), which is 1 - α = 0.03 at ω = 0
//! and 1 + α = 1.97 at half the rate, ω = π. The formants, which distinguish vowels, are then about equally strong.
//!
//! Why a least band: the logarithm of a silent band is -∞. MATLAB has none and returns that. Here it is then the
//! smallest normal number of the type, whose logarithm is -708 (f64) or -87 (f32).
//!
//! By hand, HTK with two bands. A silent frame: both are below a = 1, so L = (0, 0) and all c_k are 0. Bands of e² and
//! e⁴: L = (2, 4), s_0 = s_1 = 1, c_0 = 6, and c_1 = (1 + 11·sin(π/22))·(2·cos 45° + 4·cos 135°) = 2.57·(-1.41) =
//! -3.63.
//!
//! Conventions: HTK writes c_0 last; here it is row 0. HTK's energy and its subtraction of means are not included. The
//! differences over time are [`deltas`](super::cepstrum::deltas).
//!
//! Sources: S. Davis and P. Mermelstein 1980; D. Ellis, "PLP and RASTA (and MFCC, and inversion) in Matlab", 2005
//! (`melfcc`); B. McFee et al. 2015 (librosa's `mfcc`); S. Young et al., "The HTK book", 2006 (`MFCC_0`).

use super::bank::Bank;
use super::cepstrum::{dct, lifter};
use super::convention::Convention;
use super::decibel::Decibels;
use super::mel::{MelError, MelSettings};
use super::stft::{Stft, StftSettings};
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use crate::number::logarithm::ln_each;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

/// What is subtracted from a sample before the transform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PreEmphasis {
    /// Nothing.
    None,
    /// α times the sample before it; the first sample has none.
    Recording(f64),
    /// The same within each frame, whose first sample is multiplied by 1 - α.
    Frame(f64),
}

/// The logarithm of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Logarithm {
    /// The natural logarithm; bands below this one are raised to it. 0 stands for the smallest normal number.
    Natural(f64),
    /// Levels in decibels.
    Decibels(Decibels),
}

/// The weights of the coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lifter {
    /// All 1.
    None,
    /// 1 + L/2·sin(π·k/L), with this L >= 1.
    Sine(usize),
    /// k to the power of this exponent; 1 for k = 0.
    Power(f64),
}

/// All choices between samples and coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MfccSettings {
    /// The factor of the samples.
    pub amplitude: f64,
    /// α.
    pub pre_emphasis: PreEmphasis,
    /// Frames, window and transform.
    pub stft: StftSettings,
    /// Whether bands add up magnitudes |X| instead of the power |X|².
    pub magnitudes: bool,
    /// The bands.
    pub mel: MelSettings,
    /// Whether triangles are straight in mel instead of Hz.
    pub straight_in_mel: bool,
    /// The logarithm of the bands.
    pub logarithm: Logarithm,
    /// The number of coefficients, c_0 included.
    pub coefficients: usize,
    /// Whether s_0 is √(1/B), so that the rows of the cosine transform are orthonormal, instead of √(2/B).
    pub orthonormal: bool,
    /// The weights of the coefficients.
    pub lifter: Lifter,
}

impl Convention {
    /// MFCC of recordings at `rate` Hz.
    pub fn mfcc(self, rate: u32) -> MfccSettings {
        let plain = MfccSettings {
            amplitude: 32768.0,
            pre_emphasis: PreEmphasis::None,
            stft: self.stft(rate),
            magnitudes: false,
            mel: self.mel(rate),
            straight_in_mel: false,
            logarithm: Logarithm::Natural(0.0),
            coefficients: 13,
            orthonormal: true,
            lifter: Lifter::None,
        };
        match self {
            Convention::Matlab => {
                MfccSettings { pre_emphasis: PreEmphasis::Recording(0.97), lifter: Lifter::Power(0.6), ..plain }
            }
            Convention::Librosa => MfccSettings {
                amplitude: 1.0,
                logarithm: Logarithm::Decibels(Decibels::default()),
                coefficients: 20,
                ..plain
            },
            Convention::Htk => MfccSettings {
                pre_emphasis: PreEmphasis::Frame(0.97),
                magnitudes: true,
                straight_in_mel: true,
                logarithm: Logarithm::Natural(1.0),
                orthonormal: false,
                lifter: Lifter::Sine(22),
                ..plain
            },
        }
    }
}

/// MFCC: the settings with tables and work space.
///
/// ```
/// use ossicle::spectrum::cepstrum::deltas;
/// use ossicle::spectrum::convention::Convention;
/// use ossicle::spectrum::mfcc::Mfcc;
///
/// // A second of a tone at 16 kHz.
/// let samples: Vec<f32> = (0..16_000).map(|i| 0.5 * (i as f32 * 0.2).sin()).collect();
/// let mfcc = Mfcc::new(Convention::Librosa, 16_000)?.frames(&samples);
/// assert_eq!((mfcc.rows(), mfcc.columns()), (20, 32));
/// assert_eq!(deltas(&mfcc, 2).columns(), 32);
///
/// // Other choices than those of a program:
/// let mut settings = Convention::Htk.mfcc(16_000);
/// settings.mel.bands = 26;
/// assert_eq!(Mfcc::with_settings(settings, 16_000)?.frames(&samples).columns(), 98);
/// # Ok::<(), ossicle::spectrum::mel::MelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mfcc<T> {
    settings: MfccSettings,
    stft: Stft<T>,
    bank: Bank<T>,
    /// l_k·s_k·cos(π·k·(2b + 1)/2B): coefficients x bands.
    weights: Matrix<T>,
}

impl<T: Real> Mfcc<T> {
    /// The coefficients of a program's defaults, for recordings at `rate` Hz.
    ///
    /// # Errors
    /// If a mel band holds none of the frequencies, at a low rate.
    ///
    /// # Panics
    /// If there is no memory for the tables.
    pub fn new(convention: Convention, rate: u32) -> Result<Self, MelError> {
        Self::with_settings(convention.mfcc(rate), rate)
    }

    /// The coefficients with settings of one's own.
    ///
    /// # Errors
    /// If the frequencies of the bands are out of range, or a band holds none of the frequencies.
    ///
    /// # Panics
    /// If there are more coefficients than bands, the length of the lifter is 0, the frames are impossible (see
    /// [`Stft::new`]), or there is no memory for the tables.
    pub fn with_settings(settings: MfccSettings, rate: u32) -> Result<Self, MelError> {
        let MfccSettings { mel, coefficients, orthonormal, .. } = settings;
        let make = if settings.straight_in_mel { Bank::mel_straight_in_mel } else { Bank::mel };
        let bank = make(&mel, settings.stft.transform, f64::from(rate))?;
        let mut weights: Matrix<f64> = dct(coefficients, mel.bands);
        if !orthonormal && coefficients > 0 {
            weights.row_mut(0).fill(Element::sqrt(2.0 / mel.bands as f64));
        }
        let lifter: Vec<f64> = match settings.lifter {
            Lifter::None => vec![1.0; coefficients],
            Lifter::Sine(l) => lifter(coefficients, l),
            Lifter::Power(p) => {
                let weight = |k: usize| if k == 0 { 1.0 } else { Real::exp(p * Real::ln(k as f64)) }; // (MF.5)
                (0..coefficients).map(weight).collect()
            }
        };
        for (k, l) in lifter.into_iter().enumerate() {
            weights.row_mut(k).iter_mut().for_each(|w| *w *= l);
        }
        Ok(Mfcc { settings, stft: Stft::new(settings.stft), bank, weights: weights.map(T::from_f64) })
    }

    /// The settings.
    pub fn settings(&self) -> &MfccSettings {
        &self.settings
    }

    /// The logarithms L of the bands of a recording: bands x frames.
    ///
    /// # Panics
    /// If there is no memory for them, or the least band of decibels is not positive.
    pub fn log_mel(&mut self, samples: &[T]) -> Matrix<T> {
        let MfccSettings { amplitude, pre_emphasis, magnitudes, logarithm, .. } = self.settings;
        let samples = emphasized(samples, T::from_f64(amplitude), pre_emphasis);
        let mut bands = Matrix::zeros(self.bank.bands(), self.stft.count(samples.len()));
        let (mut spectrum, mut column) = (vec![T::ZERO; self.bank.bins()], vec![T::ZERO; self.bank.bands()]);
        let emphasize = |frame: &mut [T]| {
            if let PreEmphasis::Frame(alpha) = pre_emphasis {
                let alpha = T::from_f64(alpha);
                subtract_previous(frame, alpha);
                frame.iter_mut().take(1).for_each(|x| *x *= T::ONE - alpha); // (MF.1)
            }
        };
        self.stft.each_power(&samples, emphasize, |t, power| {
            for (s, &p) in spectrum.iter_mut().zip(power) {
                *s = if magnitudes { Element::sqrt(p) } else { p };
            }
            self.bank.apply(&spectrum, &mut column); // (MF.2)
            column.iter().enumerate().for_each(|(b, &y)| bands.row_mut(b)[t] = y);
        });
        match logarithm {
            Logarithm::Decibels(decibels) => decibels.apply(bands.elements_mut()),
            Logarithm::Natural(least) => {
                let least = Real::max(T::from_f64(least), T::MIN_POSITIVE);
                bands.elements_mut().iter_mut().for_each(|y| *y = if *y < least { least } else { *y });
                ln_each(bands.elements_mut()); // (MF.3)
            }
        }
        bands
    }

    /// The coefficients of each frame of a recording: coefficients x frames. Row 0 is c_0.
    ///
    /// # Panics
    /// As [`log_mel`](Self::log_mel).
    pub fn frames(&mut self, samples: &[T]) -> Matrix<T> {
        let log_mel = self.log_mel(samples);
        let mut coefficients = Matrix::zeros(self.weights.rows(), log_mel.columns());
        Product::new().store(self.weights.view(), log_mel.view(), coefficients.view_mut()); // (MF.4)
        coefficients
    }
}

/// The samples times the amplitude, with the pre-emphasis of a recording.
fn emphasized<T: Real>(samples: &[T], amplitude: T, pre_emphasis: PreEmphasis) -> Cow<'_, [T]> {
    let mut samples = Cow::Borrowed(samples);
    if amplitude != T::ONE {
        samples.to_mut().iter_mut().for_each(|x| *x *= amplitude);
    }
    if let PreEmphasis::Recording(alpha) = pre_emphasis {
        subtract_previous(samples.to_mut(), T::from_f64(alpha));
    }
    samples
}

/// Subtracts from each sample but the first α times the one before it.
fn subtract_previous<T: Real>(samples: &mut [T], alpha: T) {
    for i in (1..samples.len()).rev() {
        samples[i] -= alpha * samples[i - 1]; // (MF.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::spectrum::bank::LogBands;
    use crate::spectrum::cepstrum::by_definition;

    const ALL: [Convention; 3] = [Convention::Matlab, Convention::Librosa, Convention::Htk];

    fn noise(n: usize) -> Vec<f64> {
        let mut random = Random::new(8);
        (0..n).map(|_| random.uniform(-0.5, 0.5)).collect()
    }

    #[test]
    fn pre_emphasis_by_hand() {
        let mut x = [1.0, 2.0, 4.0];
        subtract_previous(&mut x, 0.5);
        assert_eq!(x, [1.0, 1.5, 3.0]);
        assert_eq!(emphasized(&[1.0, 2.0], 4.0, PreEmphasis::Recording(0.5)), [4.0, 6.0].as_slice());
        assert!(matches!(emphasized(&[1.0, 2.0], 1.0, PreEmphasis::Frame(0.5)), Cow::Borrowed(_)));
    }

    #[test]
    fn two_bands_by_hand() {
        let mut settings = Convention::Htk.mfcc(8000);
        (settings.mel.bands, settings.coefficients) = (2, 2);
        let weights = Mfcc::<f64>::with_settings(settings, 8000).unwrap().weights;
        let c = [0, 1].map(|k| 2.0 * weights.row(k)[0] + 4.0 * weights.row(k)[1]);
        assert!((c[0] - 6.0).abs() < 1e-12 && (c[1] + 3.63).abs() < 0.005, "{c:?}");
    }

    #[test]
    fn coefficients_are_the_cepstra_of_the_log_mel_frames() {
        let (x, mut mfcc) = (noise(6000), Mfcc::new(Convention::Librosa, 16_000).unwrap());
        let (log_mel, coefficients) = (mfcc.log_mel(&x), mfcc.frames(&x));
        assert_eq!((log_mel.rows(), coefficients.rows(), coefficients.columns()), (128, 20, 12));
        for t in 0..12 {
            for (k, expected) in by_definition(&log_mel.column(t), 20).into_iter().enumerate() {
                assert!((coefficients[[k, t]] - expected).abs() < 1e-10, "{k}, {t}");
            }
        }
    }

    #[test]
    fn without_extras_the_logarithms_are_those_of_the_bands() {
        let mut settings = Convention::Matlab.mfcc(16_000);
        (settings.amplitude, settings.pre_emphasis) = (1.0, PreEmphasis::None);
        let x = noise(3000);
        let bank = Bank::mel(&settings.mel, settings.stft.transform, 16_000.0).unwrap();
        let expected = LogBands::from_stft(Stft::new(settings.stft), bank, 0.0).frames(&x);
        let log_mel = Mfcc::with_settings(settings, 16_000).unwrap().log_mel(&x);
        assert_eq!(log_mel.transpose().elements(), expected);
    }

    #[test]
    fn silence_is_finite_and_nothing_is_no_frame() {
        for convention in ALL {
            for rate in [8000, 16_000, 44_100] {
                let mut mfcc = Mfcc::<f32>::new(convention, rate).unwrap();
                let frames = mfcc.frames(&[0.0; 5000]);
                assert!(frames.columns() > 1 && frames.elements().iter().all(|c| c.is_finite()), "{convention:?}");
                assert_eq!(mfcc.frames(&[]), Matrix::zeros(frames.rows(), 0));
            }
        }
        let error = Mfcc::<f32>::new(Convention::Htk, 300).unwrap_err();
        assert!(matches!(error, MelError::Empty { .. }), "{error}");
    }
}
