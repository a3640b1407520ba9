//! Decibels: a power as a level, ten times the logarithm of its ratio to a reference.
//!
//! Why: the power of a loud sound is a billion times that of a quiet one which we still hear. Drawn on a linear scale,
//! a spectrogram would show its loudest points alone. Hearing follows ratios, and a logarithm makes equal ratios equal
//! steps: a factor of 10 is 10 dB, and a factor of 2 is 3 dB.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | P | a power, such as a bin of a spectrogram |
//! | R | the reference, the power whose level is 0 dB |
//! | a | the least power, > 0: the level of a lower one is that of a |
//! | L, r | a level, and the range of levels, in dB |
//!
//! ```text
//! (DB.1)  L = 10·log₁₀(max(P, a)) - 10·log₁₀(max(R, a))
//! (DB.2)  L ← max(L, max L - r)
//! ```
//!
//! Why a least power: the logarithm of 0 is -∞. Why a range: what lies 80 dB below the loudest point is not heard
//! beside it, but as a logarithm it is a large number, and the noise down there would take most of a picture's colors
//! or most of a cepstrum. The maximum of (DB.2) is over all levels that are converted together, so it depends on the
//! recording.
//!
//! By hand, R = 1, a = 10⁻¹⁰, r = 80: the powers 1, 0.1 and 0 have the levels 0, -10 and -100; (DB.2) makes the last
//! one -80.
//!
//! An amplitude A has the power A², and the level 20·log₁₀ A.
//!
//! Source: the defaults are those of `power_to_db` in librosa (B. McFee et al. 2015).

use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::logarithm::ln_each;

/// 10/ln 10: decibels of a natural logarithm of power.
const DECIBELS: f64 = 10.0 / core::f64::consts::LN_10;

/// The power whose level is 0 dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reference {
    /// This power.
    Power(f64),
    /// The largest of the powers that are converted together, so that no level is above 0 dB.
    Largest,
}

/// A conversion of powers to levels.
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::spectrum::decibel::{Decibels, Reference};
///
/// let power = Matrix::from([[100.0, 1.0], [0.01, 0.0]]);
/// let levels = Decibels::default().levels(&power);
/// assert_eq!(levels.map(|x: f64| (x * 1e9).round() / 1e9), Matrix::from([[20.0, 0.0], [-20.0, -60.0]]));
/// let below_the_largest = Decibels { reference: Reference::Largest, ..Decibels::default() };
/// assert_eq!(below_the_largest.levels(&power)[[0, 0]], 0.0);
/// ```
#[doc(alias = "power_to_db")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decibels {
    /// R. (librosa: `ref`.)
    pub reference: Reference,
    /// a > 0. (librosa: `amin`.)
    pub least: f64,
    /// r >= 0; `None` for any range. (librosa: `top_db`.)
    pub range: Option<f64>,
}

impl Default for Decibels {
    /// Those of librosa's `power_to_db`: the reference 1, the least power 10⁻¹⁰, a range of 80 dB.
    fn default() -> Self {
        Decibels { reference: Reference::Power(1.0), least: 1e-10, range: Some(80.0) }
    }
}

impl Decibels {
    /// Replaces each power with its level. NaN stays NaN, and no level depends on it.
    ///
    /// # Panics
    /// If the least power is not positive as a number of type T, or the range is negative.
    pub fn apply<T: Real>(&self, powers: &mut [T]) {
        let least = T::from_f64(self.least);
        assert!(least > T::ZERO, "a least power of {}", self.least);
        assert!(self.range.is_none_or(|range| range >= 0.0), "a range of {:?} dB", self.range);
        let raised = |power: T| if power < least { least } else { power };
        let reference = match self.reference {
            Reference::Power(power) => T::from_f64(power),
            Reference::Largest => powers.iter().fold(T::ZERO, |largest, &power| Real::max(power, largest)),
        };
        let scale = T::from_f64(DECIBELS);
        let zero = scale * raised(reference).ln();
        powers.iter_mut().for_each(|power| *power = raised(*power));
        ln_each(powers);
        powers.iter_mut().for_each(|level| *level = scale * *level - zero); // (DB.1)
        if let Some(range) = self.range {
            let loudest = powers.iter().fold(-T::INFINITY, |loudest, &level| Real::max(level, loudest));
            let lowest = loudest - T::from_f64(range);
            powers.iter_mut().filter(|level| **level < lowest).for_each(|level| *level = lowest); // (DB.2)
        }
    }

    /// The levels of powers, a matrix of the same shape.
    ///
    /// # Panics
    /// As [`apply`](Self::apply), or if there is no memory for the levels.
    pub fn levels<T: Real>(&self, powers: &Matrix<T>) -> Matrix<T> {
        let mut levels = powers.clone();
        self.apply(levels.elements_mut());
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POWERS: [f64; 7] = [3.0, 0.25, 1e-4, 2e-9, 1e-10, 1e-11, 0.0];

    #[track_caller]
    fn assert_levels(settings: Decibels, powers: &[f64], expected: &[f64]) {
        let mut levels = powers.to_vec();
        settings.apply(&mut levels);
        for (level, expected) in levels.iter().zip(expected) {
            assert!((level - expected).abs() < 1e-13, "{levels:?}, not {expected}");
        }
    }

    #[test]
    fn levels_are_those_of_librosa() {
        // librosa.power_to_db(POWERS), with ref = numpy.max, with amin = 1e-5 and top_db = None, with ref = 0.
        let default = Decibels::default();
        assert_levels(
            default,
            &POWERS,
            &[
                4.771212547196624,
                -6.020599913279624,
                -40.0,
                -75.22878745280337,
                -75.22878745280337,
                -75.22878745280337,
                -75.22878745280337,
            ],
        );
        let largest = Decibels { reference: Reference::Largest, ..default };
        assert_levels(largest, &POWERS, &[0.0, -10.791812460476248, -44.771212547196626, -80.0, -80.0, -80.0, -80.0]);
        let unlimited = Decibels { least: 1e-5, range: None, ..default };
        assert_levels(unlimited, &POWERS, &[4.771212547196624, -6.020599913279624, -40.0, -50.0, -50.0, -50.0, -50.0]);
        let silent = Decibels { reference: Reference::Power(0.0), ..default };
        assert_levels(
            silent,
            &POWERS,
            &[
                104.77121254719663,
                93.97940008672037,
                60.0,
                24.771212547196626,
                24.771212547196626,
                24.771212547196626,
                24.771212547196626,
            ],
        );
    }

    #[test]
    fn three_powers_by_hand() {
        assert_levels(Decibels::default(), &[1.0, 0.1, 0.0], &[0.0, -10.0, -80.0]);
        assert_levels(Decibels { range: None, ..Decibels::default() }, &[1.0, 0.1, 0.0], &[0.0, -10.0, -100.0]);
    }

    #[test]
    fn silence_and_nothing_have_levels_and_nan_stays() {
        assert_levels(Decibels { reference: Reference::Largest, ..Decibels::default() }, &[0.0; 3], &[0.0; 3]);
        Decibels::default().apply::<f32>(&mut []);
        let mut levels = [f32::NAN, 1.0, 1e-9];
        Decibels::default().apply(&mut levels);
        assert!(levels[0].is_nan() && levels[1] == 0.0 && levels[2] == -80.0, "{levels:?}");
    }

    #[test]
    #[should_panic(expected = "a least power of")]
    fn a_least_power_that_rounds_to_zero_panics() {
        Decibels { least: 1e-60, ..Decibels::default() }.apply::<f32>(&mut [1.0]);
    }
}
