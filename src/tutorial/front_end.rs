//! Front ends: from the samples of a recording to frames, by one of the tutorial's transforms.
//!
//! Why a choice: a front end decides which differences between sounds a model can see. Mel and Bark bands keep the
//! shape of the spectrum, which distinguishes vowels, and smooth away the pitch. Chroma keeps the pitch and discards
//! the shape.
//!
//! | transform | a frame holds |
//! | --- | --- |
//! | fft | ln(P_k + floor) of the bins up to [`FrontEndSettings::highest_bin`], P the power spectrum |
//! | mel | ln(power + floor) of mel bands |
//! | bark | ln(power + floor) of Bark bands, one a Bark |
//! | cepstrum | the first cosine coefficients of the log-mel frame (MFCC), c₀ included |
//! | chroma | ln(power + floor) of the twelve pitch classes |
//! | constant-q | ln(power + floor) of quarter tones from 27.5 Hz, γ 20 Hz |
//!
//! From every logarithm the recording's mean is subtracted, so that its level does not matter; of a cepstrum this moves
//! c₀ alone. Frames are those of [`FrontEndSettings::framing`]: chroma's are longer, or neighboring semitones would
//! fall into one bin. Those of constant-Q have the same hop; each bin has its own length. Its magnitude, 1 for a sine
//! of amplitude 1, is multiplied by a quarter of the frame's length, as much as Hann's window gives the others, so that
//! one floor is right for all.
//!
//! Source: A, §8.1, "Inputs", which lets the student choose between the transforms.

use super::settings::{FrontEndSettings, Transform};
use crate::audio::frames::Framing;
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use crate::number::logarithm::ln_each;
use crate::number::sum::sum;
use crate::picture::bands::Bands;
use crate::spectrum::bank::{Bank, LogBands};
use crate::spectrum::constant_q::{ConstantQ, ConstantQError, ConstantQSettings};
use crate::spectrum::mel::{MelError, MelSettings};
use crate::spectrum::spectrogram::Spectrogram;
use crate::spectrum::{bark, cepstrum, chroma};
use core::fmt;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A front end with its tables and work space.
#[derive(Clone, Debug)]
pub struct FrontEnd<T> {
    kind: Kind<T>,
    bands: Bands,
    floor: T,
    remark: Option<String>,
}

/// Why there is no front end.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FrontEndError {
    /// The mel bands do not fit the sampling rate.
    Mel(MelError),
    /// No constant-Q transform fits the rate and the shortest recording.
    ConstantQ(ConstantQError),
}

impl fmt::Display for FrontEndError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrontEndError::Mel(error) => error.fmt(f),
            FrontEndError::ConstantQ(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FrontEndError {}

#[derive(Clone, Debug)]
enum Kind<T> {
    /// A number of the lowest bins.
    Bins(Spectrogram<T>, usize),
    Banded(LogBands<T>),
    /// coefficients x bands.
    Cepstrum(LogBands<T>, Matrix<T>),
    /// With the factor of its power.
    ConstantQ(ConstantQ<T>, T),
}

impl<T: Real> FrontEnd<T> {
    /// The front end of these settings, for sounds at `rate` Hz, of at least `shortest` samples, cut into frames by
    /// `framing`.
    ///
    /// # Errors
    /// If the mel bands do not fit the sampling rate, or no bin of constant-Q fits the shortest sound.
    ///
    /// # Panics
    /// If there are more coefficients than mel bands.
    pub fn new(
        settings: &FrontEndSettings,
        framing: Framing,
        rate: u32,
        shortest: usize,
    ) -> Result<Self, FrontEndError> {
        let hertz = f64::from(rate);
        let floor = T::from_f64(settings.floor);
        let banded = |bank| LogBands::new(Spectrogram::new(framing), bank, floor);
        let mel = || Bank::mel(&settings.mel(rate), framing.length, hertz).map_err(FrontEndError::Mel);
        let mut remark = None;
        let (kind, bands) = match settings.transform {
            Transform::Fft => {
                let (spectrogram, step) = (Spectrogram::new(framing), hertz / framing.length as f64);
                let kept = (0..spectrogram.bins()).take_while(|&k| k as f64 * step <= settings.highest_bin).count();
                (Kind::Bins(spectrogram, kept), Bands::Hertz((0..kept).map(|k| k as f64 * step).collect()))
            }
            Transform::Mel => (Kind::Banded(banded(mel()?)), Bands::Hertz(mel_peaks(&settings.mel(rate)))),
            Transform::Bark => {
                let bands = bark::default_bands(hertz);
                let kind = Kind::Banded(banded(Bank::bark(bands, framing.length, hertz)));
                (kind, Bands::Hertz(bark::centers(bands, hertz)))
            }
            Transform::Cepstrum => {
                let dct = cepstrum::dct(settings.coefficients, settings.bands);
                (Kind::Cepstrum(banded(mel()?), dct), Bands::Numbered(0..settings.coefficients))
            }
            Transform::Chroma => {
                let names = chroma::NAMES.map(|name| name.to_string()).to_vec();
                (Kind::Banded(banded(Bank::chroma(framing.length, hertz))), Bands::Named(names))
            }
            Transform::ConstantQ => {
                let tutorial = ConstantQSettings { hop: framing.hop, ..ConstantQSettings::tutorial(rate) };
                let transform = ConstantQ::new(&tutorial, rate, shortest).map_err(FrontEndError::ConstantQ)?;
                remark = transform.raised().map(|lowest| {
                    format!(
                        "constant-Q begins at {lowest:.1} Hz instead of {} Hz: windows of lower bins are longer than \
                         {shortest} samples",
                        tutorial.lowest
                    )
                });
                let bands = Bands::Hertz(transform.frequencies().to_vec());
                let quarter = framing.length as f64 / 4.0;
                (Kind::ConstantQ(transform, T::from_f64(quarter * quarter)), bands)
            }
        };
        Ok(FrontEnd { kind, bands, floor, remark })
    }

    /// A remark for the user, as a sentence.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// The bands of a frame's elements, from the first on.
    pub fn bands(&self) -> &Bands {
        &self.bands
    }

    /// The frames of a recording, one after the other, the recording's mean removed.
    pub fn frames(&mut self, samples: &[T]) -> Vec<T> {
        let floor = self.floor;
        match &mut self.kind {
            Kind::Banded(log_bands) => without_mean(log_bands.frames(samples)),
            Kind::Cepstrum(log_mel, dct) => product(dct, without_mean(log_mel.frames(samples))),
            Kind::Bins(spectrogram, kept) => {
                let power = spectrogram.power(samples);
                without_mean(logarithms(by_frames(&power, *kept), floor))
            }
            Kind::ConstantQ(transform, factor) => {
                let magnitudes = transform.magnitudes(samples);
                let mut power = by_frames(&magnitudes, magnitudes.rows());
                power.iter_mut().for_each(|x| *x = *factor * (*x * *x));
                without_mean(logarithms(power, floor))
            }
        }
    }
}

/// Where each triangle peaks, in Hz.
fn mel_peaks(settings: &MelSettings) -> Vec<f64> {
    let MelSettings { scale, bands, lowest, highest, .. } = *settings;
    let [low, high] = [lowest, highest].map(|hertz| scale.mel(hertz));
    (1..=bands).map(|peak| scale.hertz(low + (high - low) * peak as f64 / (bands + 1) as f64)).collect()
}

/// The first `rows` numbers of each column, one column after the other.
fn by_frames<T: Real>(spectrogram: &Matrix<T>, rows: usize) -> Vec<T> {
    let mut frames = Matrix::zeros(spectrogram.columns(), rows);
    for k in 0..rows {
        for (t, &x) in spectrogram.row(k).iter().enumerate() {
            frames.row_mut(t)[k] = x;
        }
    }
    frames.elements().to_vec()
}

/// `weights` times each frame.
fn product<T: Real>(weights: &Matrix<T>, frames: Vec<T>) -> Vec<T> {
    let count = frames.len() / weights.columns();
    let frames = Matrix::from_rows(count, weights.columns(), frames);
    let mut products = Matrix::zeros(count, weights.rows());
    Product::new().store(frames.view(), weights.view().transposed(), products.view_mut());
    products.elements().to_vec()
}

fn logarithms<T: Real>(mut power: Vec<T>, floor: T) -> Vec<T> {
    power.iter_mut().for_each(|x| *x += floor);
    ln_each(&mut power);
    power
}

fn without_mean<T: Real>(mut numbers: Vec<T>) -> Vec<T> {
    let mean = sum(&numbers) / T::from_usize(numbers.len().max(1));
    numbers.iter_mut().for_each(|x| *x -= mean);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::settings::TRANSFORMS;
    use std::vec;

    const RATE: u32 = 8000;

    fn front(transform: Transform) -> FrontEnd<f64> {
        let settings = FrontEndSettings { transform, ..FrontEndSettings::default() };
        FrontEnd::new(&settings, settings.framing(RATE), RATE, 2000).unwrap()
    }

    fn sine(hertz: f64) -> Vec<f64> {
        (0..2000).map(|i| 0.3 * (2.0 * hertz * f64::from(i) / f64::from(RATE)).sin_cos_pi().0).collect()
    }

    #[test]
    fn a_tone_is_loudest_where_the_bands_say_it_is() {
        for (_, transform) in TRANSFORMS {
            let mut front = front(transform);
            let frames = front.frames(&sine(880.0));
            let loudest = |frame: &[f64]| (0..frame.len()).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap();
            let count = front.bands().count();
            for frame in frames.chunks_exact(count) {
                match front.bands() {
                    Bands::Hertz(centers) => {
                        let nearest = (0..count)
                            .min_by(|&a, &b| (centers[a] - 880.0).abs().total_cmp(&(centers[b] - 880.0).abs()))
                            .unwrap();
                        assert!(loudest(frame).abs_diff(nearest) <= 1, "{transform:?}: {}", loudest(frame));
                    }
                    Bands::Named(names) => assert_eq!(names[loudest(frame)], "A"),
                    Bands::Numbered(n) => assert_eq!(n.len(), frame.len()),
                }
            }
        }
    }

    #[test]
    fn a_recordings_level_does_not_matter() {
        let mut random = crate::number::Random::new(1);
        let loud: Vec<f64> = (0..2000).map(|_| random.uniform(-0.9, 0.9)).collect();
        let soft: Vec<f64> = loud.iter().map(|x| x / 4.0).collect();
        for (name, transform) in TRANSFORMS {
            let mut front = front(transform);
            let (a, b) = (front.frames(&loud), front.frames(&soft));
            assert!(a.len() > front.bands().count());
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 0.1), "{name}");
        }
    }

    #[test]
    fn silence_is_a_number_and_nothing_is_no_frame() {
        for (name, transform) in TRANSFORMS {
            let mut front = front(transform);
            let frames = front.frames(&vec![0.0; 1000]);
            assert!(!frames.is_empty() && frames.iter().all(|x| x.is_finite()), "{name}");
            assert!(front.frames(&[]).is_empty(), "{name}");
        }
    }

    #[test]
    fn the_cepstrum_is_the_cosine_transform_of_the_mel_frames() {
        let sound = sine(300.0);
        let (mel, cepstrum) = (front(Transform::Mel).frames(&sound), front(Transform::Cepstrum).frames(&sound));
        let (bands, coefficients) = (FrontEndSettings::default().bands, FrontEndSettings::default().coefficients);
        let dct = cepstrum::dct::<f64>(coefficients, bands);
        for (mel, cepstrum) in mel.chunks_exact(bands).zip(cepstrum.chunks_exact(coefficients)) {
            for (k, c) in cepstrum.iter().enumerate() {
                let sum = dct.row(k).iter().zip(mel).fold(0.0, |sum, (w, x)| sum + w * x);
                assert!((c - sum).abs() < 1e-12, "{c}, {sum}");
            }
        }
    }
}
