//! Mel bands: the power of neighboring frequencies, summed by triangles that are evenly spaced in pitch.
//!
//! Why mel. The ear separates 100 Hz from 200 Hz easily, and 4000 Hz from 4100 Hz hardly. On the mel scale equal
//! distances sound equally large (S. Stevens, J. Volkmann and E. Newman 1937), so bands that are evenly spaced on it
//! are narrow where the ear is precise and wide where it is not. A few dozen bands hold the shape of the spectrum,
//! which distinguishes vowels, and smooth the fine structure, which moves with the pitch of the voice.
//!
//! Why a logarithm follows ([`LogBands`](super::bank::LogBands)). Loudness follows the ratio of powers, not their
//! difference. Besides, a gain, a microphone or a room multiplies the power Y of a band by a constant c; after the
//! logarithm, ln(c·Y) = ln c + ln Y, it adds a constant, and subtracting the mean over time removes that. This holds
//! while both powers are far above the floor of (BK.2).
//!
//! Two formulas for the scale are common, both fitted to experiments: that of HTK, a toolkit for speech recognition,
//! and M. Slaney's, the tutorial's default. HTK's is nearly linear far below 700 Hz and nearly logarithmic far above;
//! 2595 makes 1000 Hz 1000 mel. Slaney's is linear up to 1000 Hz, with 200/3 Hz per mel, and logarithmic above: 27 mel
//! from 1000 Hz to 6400 Hz, each multiplying the frequency by 6.4^(1/27) = 1.071.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | f, m | a frequency in Hz, and its pitch in mel |
//! | b, B | a band, 0, ..., B - 1; the number of bands |
//! | f_i | the corners of the triangles in Hz: band b rises from f_b to its peak at f_(b+1) and falls to f_(b+2) |
//! | m_low, m_high | the pitches of f_0 and f_(B+1), the lowest and the highest frequency, in mel |
//! | hertz(m) | the frequency of the pitch m, (ME.3) or (ME.4) |
//! | h_b | the height of triangle b: 1 for peaks of 1, the other value for areas of 1 |
//! | w_bk | the weight of bin k in band b |
//! | N, r | the samples of a transform, and the sampling rate in Hz: bin k is at f = k·r/N |
//! | P | the power of white noise, on average the same in all bins |
//!
//! From Hz to mel by HTK and by Slaney, then back:
//!
//! ```text
//! (ME.1)  m = 2595·log₁₀(1 + f/700)
//! (ME.2)  m = 3f/200 for f < 1000;  15 + 27·ln(f/1000)/ln 6.4 from there
//!
//! (ME.3)  f = 700·(10^(m/2595) - 1)
//! (ME.4)  f = 200m/3 for m < 15;  1000·e^((m-15)·ln 6.4/27) from there
//! ```
//!
//! The triangles. Neighbors share their corners, so B peaks and the two outer feet are B + 2 corners, B + 1 steps
//! apart: i = 0, ..., B + 1.
//!
//! ```text
//! (ME.5)  f_i = hertz(m_low + (m_high - m_low)·i/(B + 1))
//! (ME.6)  h_b = 1, or 2/(f_(b+2) - f_b)
//! (ME.7)  w_bk = h_b·max(0, min((f - f_b)/(f_(b+1) - f_b), (f_(b+2) - f)/(f_(b+2) - f_(b+1))))
//! ```
//!
//! HTK's own triangles are straight on the scale instead. With m_i the pitch of f_i, and m that of f:
//!
//! ```text
//! (ME.8)  w_bk = h_b·max(0, min((m - m_b)/(m_(b+1) - m_b), (m_(b+2) - m)/(m_(b+2) - m_(b+1))))
//! ```
//!
//! The two lines of (ME.7) meet at the peak; below it the rising one is smaller, above it the falling one, and outside
//! the triangle one of them is negative. Its area is half of base times height, ½·(f_(b+2) - f_b)·h_b, which (ME.6)
//! sets to 1.
//!
//! Why equal areas: so that bands can be compared. The bins are r/N Hz apart, so Σ_k w_bk·r/N approximates the area,
//! and for area 1 each band of white noise has about the same power, P·Σ_k w_bk = P·N/r. For 40 bands from 0 to 4000
//! Hz, N = 256 and r = 8000, the sums are within 8% of this (HTK) or 4% (Slaney). Noise then looks flat in a picture,
//! and the floor acts alike in all bands. With peaks of 1, wider bands are stronger. A model that subtracts each band's
//! mean hardly notices the choice: after the logarithm the two differ by a constant in each band, ln h_b. The tutorial
//! takes equal areas.
//!
//! The two scales differ, so the choice is always explicit. The numbers differ by a factor of 60 to 107: 100 Hz is 150
//! mel (HTK) or 1.5 (Slaney), 1000 Hz is 1000 or 15, 4000 Hz is 2146 or 35.2. The bands differ most at low frequencies.
//! For 40 bands from 0 to 4000 Hz, the peaks are, in Hz:
//!
//! | band | 0 | 7 | 15 | 19 | 23 | 26 | 32 | 39 |
//! | --- | --- | --- | --- | --- | --- | --- | --- | --- |
//! | HTK | 33 | 315 | 772 | 1072 | 1434 | 1753 | 2541 | 3787 |
//! | Slaney | 57 | 457 | 915 | 1160 | 1468 | 1752 | 2496 | 3771 |
//! | Slaney is higher by | 72% | 45% | 19% | 8% | 2% | 0% | -2% | 0% |
//!
//! Slaney's bands are equally wide up to 1000 Hz, 114 Hz from foot to foot here, where HTK's grow from 68 Hz. HTK's are
//! narrower below 500 Hz, Slaney's between 600 Hz and 2500 Hz.
//!
//! By hand, a triangle from 100 Hz over 200 Hz to 300 Hz, bins 31.25 Hz apart:
//!
//! ```text
//! bin 5, 156.25 Hz:  (156.25 - 100)/100 = 0.5625
//! bin 8, 250 Hz:     (300 - 250)/100 = 0.5          for area 1, both times 2/200 = 0.01
//! ```
//!
//! Sources: S. Young et al., "The HTK book", after D. O'Shaughnessy 1987; M. Slaney, Auditory Toolbox, 1998. The
//! triangles of [`Bank::mel`] are straight in Hz, as librosa's; those of [`Bank::mel_straight_in_mel`] are HTK's.

use super::bank::Bank;
use super::convention::Convention;
use crate::machine::size;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::decimal::Short;
use alloc::vec::Vec;

/// A mel scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Linear below 1000 Hz, logarithmic above.
    Slaney,
    /// Logarithmic throughout.
    Htk,
}

/// The scales by name.
pub const SCALES: [(&str, Scale); 2] = [("slaney", Scale::Slaney), ("htk", Scale::Htk)];

/// The height of a triangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Peak 1.
    Peak,
    /// Area 1 Hz: peak 2/(f_(b+2) - f_b).
    Area,
}

/// ln 6.4: Slaney's scale takes 27 steps from 1000 Hz to 6400 Hz.
const LN_6_4: f64 = 1.856_297_990_365_626_2;

impl Scale {
    /// Pitch in mel of a frequency in Hz, for f >= 0.
    pub fn mel(self, hertz: f64) -> f64 {
        match self {
            Scale::Htk => 2595.0 * Real::ln(1.0 + hertz / 700.0) / core::f64::consts::LN_10, // (ME.1)
            Scale::Slaney if hertz < 1000.0 => hertz * 3.0 / 200.0,
            Scale::Slaney => 15.0 + 27.0 * Real::ln(hertz / 1000.0) / LN_6_4, // (ME.2)
        }
    }

    /// Frequency in Hz of a pitch in mel.
    pub fn hertz(self, mel: f64) -> f64 {
        match self {
            Scale::Htk => 700.0 * (Real::exp(mel * core::f64::consts::LN_10 / 2595.0) - 1.0), // (ME.3)
            Scale::Slaney if mel < 15.0 => mel * 200.0 / 3.0,
            Scale::Slaney => 1000.0 * Real::exp((mel - 15.0) * LN_6_4 / 27.0), // (ME.4)
        }
    }
}

/// The parameters of a bank of triangles.
///
/// ```
/// use ossicle::audio::frames::Framing;
/// use ossicle::spectrum::bank::Bank;
/// use ossicle::spectrum::mel::MelSettings;
/// use ossicle::spectrum::spectrogram::Spectrogram;
///
/// // The mel spectrogram of a second of noise at 16 kHz: bands x frames.
/// let samples: Vec<f32> = (0..16_000).map(|i| (i * i % 7919) as f32 / 7919.0 - 0.5).collect();
/// let framing = Framing::default();
/// let bank = Bank::mel(&MelSettings::default(), framing.length, 16_000.0)?;
/// let bands = bank.apply_all(&Spectrogram::new(framing).power(&samples));
/// assert_eq!((bands.rows(), bands.columns()), (40, 98));
/// # Ok::<(), ossicle::spectrum::mel::MelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MelSettings {
    /// The scale on which the bands are evenly spaced.
    pub scale: Scale,
    /// The height of the triangles.
    pub norm: Norm,
    /// The number of bands, B.
    pub bands: usize,
    /// The lowest frequency f_0, in Hz.
    pub lowest: f64,
    /// The highest frequency f_(B+1), in Hz; usually half the sampling rate.
    pub highest: f64,
}

impl Default for MelSettings {
    /// For speech at 16 kHz: the tutorial's bands ([`Convention::Matlab`]), 40 from 0 to 8000 Hz on Slaney's scale,
    /// with equal areas. [`Convention::mel`] has those for other rates and programs.
    fn default() -> Self {
        Convention::Matlab.mel(16_000)
    }
}

/// Why a bank cannot be made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MelError {
    /// The frequencies do not ascend within 0 Hz and half the rate.
    Range {
        /// As given, in Hz.
        lowest: f64,
        /// As given, in Hz.
        highest: f64,
        /// Half the sampling rate, in Hz.
        half_rate: f64,
    },
    /// A triangle lies between two bins, so that the band would always be 0.
    Empty {
        /// The band, from 0.
        band: usize,
        /// Its first and last frequency, in Hz.
        between: [f64; 2],
        /// The distance between bins, in Hz.
        step: f64,
    },
}

impl core::fmt::Display for MelError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            MelError::Range { lowest, highest, half_rate } => {
                // These may come from a file.
                let [lowest, highest, half_rate] = [*lowest, *highest, *half_rate].map(Short);
                write!(f, "mel bands from {lowest} to {highest} Hz; expected 0 <= lowest < highest <= {half_rate} Hz")
            }
            MelError::Empty { band, between: [from, to], step } => write!(
                f,
                "mel band {band} ({from:.1} to {to:.1} Hz) holds none of the frequencies, which are {step:.1} Hz apart; \
                 use fewer bands"
            ),
        }
    }
}

impl core::error::Error for MelError {}

/// The weights of the mel bands, bands x bins: (ME.5) to (ME.7), with the bins 0, ..., ⌊length/2⌋ of a transform of
/// `length` samples at `rate` Hz.
///
/// # Panics
/// If there is no memory for bands x bins weights.
pub fn by_definition(settings: &MelSettings, length: usize, rate: f64) -> Matrix<f64> {
    let MelSettings { scale, norm, bands, lowest, highest } = *settings;
    let (low, high) = (scale.mel(lowest), scale.mel(highest));
    let edge = |i: usize| scale.hertz(low + (high - low) * i as f64 / (bands + 1) as f64); // (ME.5)
    let mut weights = Matrix::zeros(bands, length / 2 + 1);
    for b in 0..bands {
        let height = if norm == Norm::Peak { 1.0 } else { 2.0 / (edge(b + 2) - edge(b)) }; // (ME.6)
        for k in 0..=length / 2 {
            let f = k as f64 * rate / length as f64;
            let rising = (f - edge(b)) / (edge(b + 1) - edge(b));
            let falling = (edge(b + 2) - f) / (edge(b + 2) - edge(b + 1));
            weights.row_mut(b)[k] = Real::max(0.0, Real::min(rising, falling)) * height; // (ME.7)
        }
    }
    weights
}

impl<T: Real> Bank<T> {
    /// Mel bands: the triangles over the bins 0, ..., ⌊length/2⌋ of a transform of `length` samples at `rate` Hz,
    /// computed in f64.
    ///
    /// # Errors
    /// If the frequencies are out of range, or a triangle holds no bin.
    ///
    /// # Panics
    /// If there is no memory for the bands or the bins.
    pub fn mel(settings: &MelSettings, length: usize, rate: f64) -> Result<Self, MelError> {
        Self::triangles(settings, length, rate, |f| f)
    }

    /// The same with triangles that are straight in mel, as HTK's. The corners are the same, and so are the heights
    /// (for equal areas in Hz only approximately).
    ///
    /// # Errors
    /// As [`mel`](Self::mel).
    ///
    /// # Panics
    /// As [`mel`](Self::mel).
    pub fn mel_straight_in_mel(settings: &MelSettings, length: usize, rate: f64) -> Result<Self, MelError> {
        Self::triangles(settings, length, rate, |f| settings.scale.mel(f)) // (ME.8)
    }

    /// Triangles that are straight on the axis `axis(f)`.
    fn triangles(
        settings: &MelSettings,
        length: usize,
        rate: f64,
        axis: impl Fn(f64) -> f64,
    ) -> Result<Self, MelError> {
        let MelSettings { scale, norm, bands, lowest, highest } = *settings;
        if !(0.0 <= lowest && lowest < highest && highest <= rate / 2.0) {
            return Err(MelError::Range { lowest, highest, half_rate: rate / 2.0 });
        }
        let bins = length / 2 + 1;
        let [low, high] = [lowest, highest].map(|f| scale.mel(f));
        let edge = |i: usize| scale.hertz(low + (high - low) * i as f64 / (bands + 1) as f64);
        size::claim::<T>(size::product([2, bins]));
        size::claim::<(usize, Vec<T>)>(bands);
        let mut filters = Vec::with_capacity(bands);
        let mut from = 0;
        for band in 0..bands {
            let [left, peak, right] = [edge(band), edge(band + 1), edge(band + 2)];
            let height = match norm {
                Norm::Peak => 1.0,
                Norm::Area => 2.0 / (right - left),
            };
            let corners = [left, peak, right].map(&axis);
            let weight = |bin: usize| {
                let ([left, peak, right], f) = (corners, axis(bin as f64 * rate / length as f64));
                Real::max(0.0, Real::min((f - left) / (peak - left), (right - f) / (right - peak))) * height
            };
            // Triangles ascend, and so do their first bins.
            let Some(first) = (from..bins).find(|&bin| weight(bin) > 0.0) else {
                return Err(MelError::Empty { band, between: [left, right], step: rate / length as f64 });
            };
            from = first;
            let weights = (first..bins).map(weight).take_while(|&w| w > 0.0).map(T::from_f64).collect();
            filters.push((first, weights));
        }
        Ok(Bank::from_filters(bins, filters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    const SLANEY: MelSettings =
        MelSettings { scale: Scale::Slaney, norm: Norm::Peak, bands: 20, lowest: 0.0, highest: 4000.0 };

    #[test]
    fn both_scales_invert_and_meet_their_landmarks() {
        for scale in [Scale::Slaney, Scale::Htk] {
            for f in [0.0, 27.5, 440.0, 999.0, 1000.0, 8000.0] {
                assert!((scale.hertz(scale.mel(f)) - f).abs() < 1e-9);
            }
        }
        assert!((Scale::Htk.mel(1000.0) - 999.9855).abs() < 1e-3);
        assert!((Scale::Slaney.mel(6400.0) - 42.0).abs() < 1e-12);
    }

    #[test]
    fn triangles_peak_where_they_should_and_none_is_empty() {
        for scale in [Scale::Slaney, Scale::Htk] {
            let settings = MelSettings { scale, ..SLANEY };
            let bank = Bank::<f64>::mel(&settings, 256, 8000.0).unwrap();
            let step = 8000.0 / 256.0;
            for band in 0..bank.bands() {
                let (first, weights) = bank.filter(band);
                let peak = (0..weights.len()).max_by(|&a, &b| weights[a].total_cmp(&weights[b])).unwrap() + first;
                let m = scale.mel(4000.0) * (band + 1) as f64 / 21.0;
                assert!((peak as f64 * step - scale.hertz(m)).abs() <= step, "band {band}");
            }
        }
    }

    #[test]
    fn the_bank_is_the_definition() {
        for scale in [Scale::Slaney, Scale::Htk] {
            for norm in [Norm::Peak, Norm::Area] {
                for (bands, lowest, highest, length) in
                    [(20, 0.0, 4000.0, 256), (40, 100.0, 3900.0, 1024), (1, 0.0, 9.0, 4096)]
                {
                    let settings = MelSettings { scale, norm, bands, lowest, highest };
                    let bank = Bank::<f64>::mel(&settings, length, 8000.0).unwrap();
                    assert_eq!(bank.matrix(), by_definition(&settings, length, 8000.0), "{settings:?}");
                }
            }
        }
    }

    #[test]
    fn triangles_straight_in_mel_are_those_of_htk() {
        // The corners are evenly spaced in mel, and neighbors share the weight of a bin between their peaks.
        let settings = MelSettings { scale: Scale::Htk, ..SLANEY };
        let weights = Bank::<f64>::mel_straight_in_mel(&settings, 256, 8000.0).unwrap().matrix();
        let step = Scale::Htk.mel(4000.0) / 21.0;
        for k in 0..129 {
            let m = Scale::Htk.mel(k as f64 * 31.25) / step;
            for b in 0..20 {
                let expected = Real::max(0.0, 1.0 - (m - (b + 1) as f64).abs());
                assert!((weights.row(b)[k] - expected).abs() < 1e-12, "{b}, {k}");
            }
            let sum = weights.column(k).iter().fold(0.0, |sum, w| sum + w);
            assert!(!(1.0..=20.0).contains(&m) || (sum - 1.0).abs() < 1e-12, "{k}: {sum}");
        }
        // On Slaney's scale, which is linear up to 1000 Hz, both are the same there.
        let low = MelSettings { bands: 5, highest: 900.0, ..SLANEY };
        let [hertz, mel] = [Bank::<f64>::mel, Bank::mel_straight_in_mel].map(|make| make(&low, 256, 8000.0).unwrap());
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-13;
        assert!(hertz.matrix().elements().iter().zip(mel.matrix().elements()).all(near));
    }

    #[test]
    fn a_triangle_by_hand() {
        // Slaney's scale is linear up to 1000 Hz: one band from 100 to 300 Hz peaks at 200 Hz.
        let settings = MelSettings { bands: 1, lowest: 100.0, highest: 300.0, ..SLANEY };
        for (norm, height) in [(Norm::Peak, 1.0), (Norm::Area, 0.01)] {
            let weights = by_definition(&MelSettings { norm, ..settings }, 256, 8000.0);
            assert!(
                (weights.row(0)[5] - 0.5625 * height).abs() < 1e-15 && (weights.row(0)[8] - 0.5 * height).abs() < 1e-15
            );
            assert_eq!((weights.row(0)[3], weights.row(0)[10]), (0.0, 0.0));
        }
    }

    #[test]
    fn the_scales_differ_as_the_head_says() {
        let peaks = |scale: Scale| {
            [0, 7, 15, 19, 23, 26, 32, 39].map(|b| scale.hertz(scale.mel(4000.0) * f64::from(b + 1) / 41.0))
        };
        let (htk, slaney) = (peaks(Scale::Htk), peaks(Scale::Slaney));
        let rounded = |f: f64| (f + 0.5) as usize;
        assert_eq!(htk.map(rounded), [33, 315, 772, 1072, 1434, 1753, 2541, 3787]);
        assert_eq!(slaney.map(rounded), [57, 457, 915, 1160, 1468, 1752, 2496, 3771]);
        let percent: [i64; 8] = core::array::from_fn(|i| (100.0 * slaney[i] / htk[i] + 0.5) as i64 - 100);
        assert_eq!(percent, [72, 45, 19, 8, 2, 0, -2, 0]);
    }

    #[test]
    fn equal_areas_weigh_white_noise_alike() {
        let settings = MelSettings { norm: Norm::Area, bands: 10, ..SLANEY };
        let bank = Bank::<f64>::mel(&settings, 4096, 8000.0).unwrap();
        let mut bands = vec![0.0; 10];
        bank.apply(&vec![1.0; 2049], &mut bands);
        assert!(bands.iter().all(|&b| (b * 8000.0 / 4096.0 - 1.0).abs() < 1e-3), "{bands:?}");
    }

    #[test]
    fn an_empty_band_and_a_wrong_range_are_errors() {
        let narrow = MelSettings { bands: 200, ..SLANEY };
        assert!(matches!(Bank::<f32>::mel(&narrow, 256, 8000.0), Err(MelError::Empty { .. })));
        let high = MelSettings { highest: 5000.0, ..SLANEY };
        let error = Bank::<f32>::mel(&high, 256, 8000.0).unwrap_err();
        assert_eq!(
            alloc::string::ToString::to_string(&error),
            "mel bands from 0 to 5000 Hz; expected 0 <= lowest < highest <= 4000 Hz"
        );
        let nan = MelSettings { lowest: f64::NAN, ..SLANEY };
        assert!(matches!(Bank::<f32>::mel(&nan, 256, 8000.0), Err(MelError::Range { .. })));
        let far = MelError::Range { lowest: 0.0, highest: 1e308, half_rate: 4000.0 }.to_string();
        assert_eq!(far, "mel bands from 0 to 1e308 Hz; expected 0 <= lowest < highest <= 4000 Hz");
    }
}
