//! Chroma: frequencies gathered by pitch class, all octaves of a note into one.
//!
//! A frequency's place on the scale of semitones is h = 12·log₂(f/27.5), so that every A is a multiple of 12. Pitch class c
//! weighs it by its distance d from c around the circle of 12, -6 <= d < 6, with
//!
//! w = e^(-½·(2d/b)²),
//!
//! where b is the distance of the next bin in semitones, at least 1: bins that are far apart reach several classes. The
//! weights of a bin are divided by their norm, √Σw². Bin 0, which has no pitch, is put 18 semitones below bin 1. Row 0
//! is A.
//!
//! Source: D. Ellis, chroma analysis (`fft2chromamx`, 2007), as the tutorial's code has it, without its weighting of
//! octaves; in librosa `filters.chroma(octwidth=None, base_c=False)`.
//!
//! A class gathers from every octave, and the bell never ends (6 semitones away it is e^(-72)): no weight of the bank
//! is 0, and none is cut off.

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
    /// If `length` is less than 2 or `rate` is not above 0.
    /// Also if there is no memory for so many bins.
    pub fn chroma(length: usize, rate: f64) -> Self {
        assert!(length >= 2 && rate > 0.0, "{length} samples at {rate} Hz");
        size::claim::<f64>(length / 2 + 2);
        let classes = CLASSES as f64;
        let semitone =
            |bin: usize| classes * Real::ln(bin as f64 * rate / length as f64 / 27.5) / core::f64::consts::LN_2;
        // One more than there are bins, for the distance of the last.
        let mut places: Vec<f64> = (0..length / 2 + 2).map(|bin| semitone(bin.max(1))).collect();
        places[0] -= 1.5 * classes;
        let mut weights = Matrix::zeros(CLASSES, length / 2 + 1);
        for bin in 0..=length / 2 {
            let width = Real::max(places[bin + 1] - places[bin], 1.0);
            let column: Vec<f64> = (0..CLASSES)
                .map(|class| {
                    let around = (places[bin] - class as f64 + classes / 2.0) % classes;
                    let away = if around < 0.0 { around + classes } else { around } - classes / 2.0;
                    let share = 2.0 * away / width;
                    Real::exp(-0.5 * (share * share))
                })
                .collect();
            let norm = Element::sqrt(column.iter().fold(0.0, |sum, w| sum + w * w));
            for (class, w) in column.into_iter().enumerate() {
                weights.row_mut(class)[bin] = T::from_f64(w / norm);
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
