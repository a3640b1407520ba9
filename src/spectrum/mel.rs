//! Mel bands: the power of neighboring frequencies gathered by triangles that are evenly spaced in pitch as it is heard.
//!
//! Two scales are in use and differ by a few percent; the choice is never silent:
//!
//! - HTK's (S. Young et al., after D. O'Shaughnessy 1987): m = 2595·log₁₀(1 + f/700);
//! - Slaney's (Auditory Toolbox, 1998): m = 3f/200 below 1000 Hz, 15 + 27·ln(f/1000)/ln 6.4 above.
//!
//! Band b of B is a triangle that rises from f_b to its peak at f_(b+1) and falls to f_(b+2), where f_0, ..., f_(B+1) are
//! evenly spaced in mel. Its peak is 1, or 2/(f_(b+2) - f_b), which makes all triangles' areas equal.

use super::bank::Bank;
use crate::machine::size;
use crate::number::Real;
use crate::number::decimal::Short;
use alloc::vec::Vec;

/// Which mel scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Linear below 1000 Hz, logarithmic above.
    Slaney,
    /// Logarithmic throughout.
    Htk,
}

/// How high a triangle is.
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
            Scale::Htk => 2595.0 * Real::ln(1.0 + hertz / 700.0) / core::f64::consts::LN_10,
            Scale::Slaney if hertz < 1000.0 => hertz * 3.0 / 200.0,
            Scale::Slaney => 15.0 + 27.0 * Real::ln(hertz / 1000.0) / LN_6_4,
        }
    }

    /// Frequency in Hz of a pitch in mel.
    pub fn hertz(self, mel: f64) -> f64 {
        match self {
            Scale::Htk => 700.0 * (Real::exp(mel * core::f64::consts::LN_10 / 2595.0) - 1.0),
            Scale::Slaney if mel < 15.0 => mel * 200.0 / 3.0,
            Scale::Slaney => 1000.0 * Real::exp((mel - 15.0) * LN_6_4 / 27.0),
        }
    }
}

/// What a bank of triangles is made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MelSettings {
    /// The spacing of the bands.
    pub scale: Scale,
    /// Their height.
    pub norm: Norm,
    /// Their number B.
    pub bands: usize,
    /// The lowest frequency f_0, in Hz.
    pub lowest: f64,
    /// The highest frequency f_(B+1), in Hz; usually half the sampling rate.
    pub highest: f64,
}

/// Why a bank cannot be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MelError {
    /// The frequencies do not ascend from 0 on to at most half the rate.
    Range {
        /// As given, in Hz.
        lowest: f64,
        /// As given, in Hz.
        highest: f64,
        /// Half the sampling rate, in Hz.
        half_rate: f64,
    },
    /// A triangle lies between two bins and would never see anything.
    Empty {
        /// The band, from 0.
        band: usize,
        /// Where it begins and ends, in Hz.
        between: [f64; 2],
        /// The distance of bins, in Hz.
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

impl<T: Real> Bank<T> {
    /// Mel bands: the triangles over the bins 0, ..., length/2 of a transform of `length` samples at `rate` Hz,
    /// computed in f64.
    ///
    /// # Errors
    /// If the frequencies are out of range, or a triangle holds no bin.
    ///
    /// # Panics
    /// If there is no memory for so many bands or bins.
    pub fn mel(settings: &MelSettings, length: usize, rate: f64) -> Result<Self, MelError> {
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
            let weight = |bin: usize| {
                let f = bin as f64 * rate / length as f64;
                Real::max(0.0, Real::min((f - left) / (peak - left), (right - f) / (right - peak))) * height
            };
            // A triangle begins behind the one before it, and so does its first bin.
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
