//! Chroma: bands that collect the octaves of each pitch class.
//!
//! Why: a chord keeps its name when its notes move by octaves. Twelve numbers, one for each pitch class, describe
//! harmony and leave the register, and most of the timbre, out.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | f_k | the frequency of bin k, in Hz |
//! | h_k | its position on the scale of semitones, in which every A is a multiple of 12 |
//! | b_k | the distance of bin k + 1 from it, in semitones, at least 1 |
//! | c | a pitch class, 0, ..., 11, with 0 for A |
//! | d_ck | the distance of h_k from c around the circle of 12 semitones, from -6 to below 6 |
//! | v_ck, w_ck | the weight of bin k in pitch class c, before and after normalization |
//!
//! ```text
//! (CH.1)  h_k = 12·log₂(f_k/27.5)
//! (CH.2)  b_k = max(1, h_(k+1) - h_k)
//! (CH.3)  d_ck = (h_k - c + 6 mod 12) - 6
//! (CH.4)  v_ck = e^(-½·(2·d_ck/b_k)²)
//! (CH.5)  w_ck = v_ck/√(Σ_c v_ck²)
//! ```
//!
//! (CH.2) gives low bins, which are many semitones apart, weight in several classes. (CH.5) gives all bins the same
//! norm.
//!
//! By hand: a bin at 220 Hz has h = 12·log₂8 = 36, d = 0 from A and 1 from A#. Where bins are close, b = 1, so v = 1
//! and e^(-2) = 0.14.
//!
//! Bin 0, which has no pitch, is placed 18 semitones below bin 1. Each class has weights in every octave, and the bell
//! never ends (6 semitones away it is e^(-72)): no weight of the bank is 0, and none is cut off.
//!
//! Source: D. Ellis, chroma analysis (`fft2chromamx`, 2007), as the tutorial's code has it, without its weighting of
//! octaves; in librosa `filters.chroma(octwidth=None, base_c=False)`.

use super::bank::Bank;
use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;

/// Pitch classes in an octave.
pub const CLASSES: usize = 12;

/// Their names, by row.
pub const NAMES: [&str; CLASSES] = ["A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#"];

impl<T: Real> Bank<T> {
    /// The twelve pitch classes over the bins 0, ..., ⌊length/2⌋ of a transform of `length` samples at `rate` Hz;
    /// computed in f64.
    ///
    /// # Panics
    /// If `length` is less than 2, if `rate` is not above 0, or if there is no memory for the bins.
    pub fn chroma(length: usize, rate: f64) -> Self {
        assert!(length >= 2 && rate > 0.0, "{length} samples at {rate} Hz");
        size::claim::<f64>(length / 2 + 2);
        let classes = CLASSES as f64;
        let ratio = |bin: usize| bin as f64 * rate / length as f64 / 27.5;
        let semitone = |bin: usize| classes * Real::ln(ratio(bin)) / core::f64::consts::LN_2; // (CH.1)
        // One more than there are bins, for the distance of the last.
        let mut positions: Vec<f64> = (0..length / 2 + 2).map(|bin| semitone(bin.max(1))).collect();
        positions[0] -= 1.5 * classes;
        let mut weights = Matrix::zeros(CLASSES, length / 2 + 1);
        for bin in 0..=length / 2 {
            let width = Real::max(positions[bin + 1] - positions[bin], 1.0); // (CH.2)
            let column: Vec<f64> = (0..CLASSES)
                .map(|class| {
                    let around = (positions[bin] - class as f64 + classes / 2.0) % classes;
                    let distance = if around < 0.0 { around + classes } else { around } - classes / 2.0; // (CH.3)
                    let ratio = 2.0 * distance / width;
                    Real::exp(-0.5 * (ratio * ratio)) // (CH.4)
                })
                .collect();
            let norm = Element::sqrt(column.iter().fold(0.0, |sum, w| sum + w * w));
            for (class, w) in column.into_iter().enumerate() {
                weights.row_mut(class)[bin] = T::from_f64(w / norm); // (CH.5)
            }
        }
        Bank::from_matrix(&weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::Framing;
    use crate::spectrum::spectrogram::Spectrogram;

    #[test]
    fn each_semitone_from_a2_to_a7_falls_into_its_class() {
        let (length, rate) = (4096, 22_050.0);
        let bank = Bank::<f64>::chroma(length, rate);
        let mut spectrogram = Spectrogram::new(Framing { length, hop: length });
        for semitone in 0..=60 {
            let f = 110.0 * Real::exp(f64::from(semitone) / 12.0 * core::f64::consts::LN_2);
            let sine: Vec<f64> = (0..length).map(|i| (2.0 * f * i as f64 / rate).sin_cos_pi().0).collect();
            let power = spectrogram.power(&sine).column(0);
            let mut classes = [f64::NAN; CLASSES];
            bank.apply(&power, &mut classes);
            let loudest = (0..CLASSES).max_by(|&a, &b| classes[a].total_cmp(&classes[b])).unwrap();
            assert_eq!(loudest, semitone as usize % 12, "{} at {f} Hz", NAMES[loudest]);
        }
    }

    #[test]
    fn every_bin_has_weights_of_norm_one() {
        let weights = Bank::<f64>::chroma(256, 8000.0).matrix();
        for bin in 0..=128 {
            let squares = weights.column(bin).iter().fold(0.0, |sum, w| sum + w * w);
            assert!((squares - 1.0).abs() < 1e-14, "bin {bin}");
        }
    }
}
