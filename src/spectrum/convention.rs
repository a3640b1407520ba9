//! Conventions: the choices that programs make silently, by name.
//!
//! Why: different choices give different numbers for the same recording, and a model that was trained with one
//! program's spectra fails on those of another.
//!
//! | | MATLAB | librosa | HTK |
//! | --- | --- | --- | --- |
//! | frame, hop | 25 ms, 10 ms | 2048, 512 samples | 25 ms, 10 ms |
//! | transform | next power of two | the frame's length | next power of two |
//! | window | Hann, both zeros left out | Hann, periodic | Hamming, symmetric |
//! | edges | whole frames | centered, zeros beyond | whole frames |
//! | mel scale | Slaney's | Slaney's | HTK's |
//! | mel bands | 40, equal areas | 128, equal areas | 20, peak 1 |
//!
//! MATLAB stands for D. Ellis's rastamat (`powspec`, `fft2melmx`, 2005), which the tutorial's code contains; librosa is
//! that of B. McFee et al. 2015, from version 0.10 on; HTK is that of S. Young et al., "The HTK book", 2006, section 5.
//!
//! These are their defaults for spectra and mel bands. The choices on the way to cepstral coefficients, such as
//! pre-emphasis and the logarithm, are in [`mfcc`](super::mfcc). HTK weights magnitudes, the others weight power; its
//! triangles are straight in mel ([`Bank::mel_straight_in_mel`](super::bank::Bank::mel_straight_in_mel)), those of the
//! others in Hz.

use super::mel::{MelSettings, Norm, Scale};
use super::stft::{Edges, StftSettings};
use crate::audio::window::{Ends, Window};

/// The program whose defaults are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// The tutorial's: rastamat in MATLAB.
    Matlab,
    /// librosa in Python.
    Librosa,
    /// The Hidden Markov Model Toolkit.
    Htk,
}

impl Convention {
    /// The short-time transform of recordings at `rate` Hz.
    ///
    /// ```
    /// use ossicle::spectrum::convention::Convention;
    ///
    /// let settings = Convention::Htk.stft(16_000);
    /// assert_eq!((settings.frame, settings.hop, settings.transform), (400, 160, 512));
    /// ```
    pub fn stft(self, rate: u32) -> StftSettings {
        // 25 ms and 10 ms, rounded to whole samples, halves upward.
        let rounded = |parts: u64| ((2 * u64::from(rate) + parts) / (2 * parts)).max(1) as usize;
        let (frame, hop) = if self == Convention::Librosa { (2048, 512) } else { (rounded(40), rounded(100)) };
        StftSettings {
            frame,
            hop,
            transform: frame.next_power_of_two(),
            window: if self == Convention::Htk { Window::Hamming } else { Window::Hann },
            ends: match self {
                Convention::Matlab => Ends::Open,
                Convention::Librosa => Ends::Periodic,
                Convention::Htk => Ends::Symmetric,
            },
            edges: if self == Convention::Librosa { Edges::Zero } else { Edges::Whole },
        }
    }

    /// The mel bands, from 0 to half of `rate` Hz.
    pub fn mel(self, rate: u32) -> MelSettings {
        let (scale, norm, bands) = match self {
            Convention::Matlab => (Scale::Slaney, Norm::Area, 40),
            Convention::Librosa => (Scale::Slaney, Norm::Area, 128),
            Convention::Htk => (Scale::Htk, Norm::Peak, 20),
        };
        MelSettings { scale, norm, bands, lowest: 0.0, highest: f64::from(rate) / 2.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::bank::Bank;
    use crate::spectrum::stft::Stft;
    use alloc::vec;

    const ALL: [Convention; 3] = [Convention::Matlab, Convention::Librosa, Convention::Htk];

    #[test]
    fn at_usual_rates_no_band_is_empty_and_bank_and_transform_fit() {
        for convention in ALL {
            for rate in [8000, 11_025, 16_000, 22_050, 44_100] {
                let mut stft = Stft::<f32>::new(convention.stft(rate));
                let bank = Bank::<f32>::mel(&convention.mel(rate), stft.settings().transform, f64::from(rate));
                let bank = bank.unwrap_or_else(|error| panic!("{convention:?} at {rate} Hz: {error}"));
                assert_eq!(bank.bins(), stft.bins());
                let mut bands = vec![f32::NAN; bank.bands()];
                bank.apply(&stft.power(&vec![0.5; 4096]).column(0), &mut bands);
                assert!(bands.iter().all(|band| *band >= 0.0) && bands[0] > 0.0);
            }
        }
    }

    #[test]
    fn lengths_are_rounded_to_whole_samples_and_never_zero() {
        let lengths = |rate| {
            let settings = Convention::Matlab.stft(rate);
            (settings.frame, settings.hop, settings.transform)
        };
        // 275.625 and 110.25; 551.25 and 220.5
        assert_eq!(
            [lengths(8000), lengths(11_025), lengths(22_050)],
            [(200, 80, 256), (276, 110, 512), (551, 221, 1024)]
        );
        for convention in ALL {
            for rate in [0, 1, 30, u32::MAX] {
                let settings = convention.stft(rate);
                assert!(settings.frame > 0 && settings.hop > 0 && settings.transform >= settings.frame);
            }
        }
    }
}
