//! Resampling: from one sampling rate to another, through the continuous sound that the samples stand for.
//!
//! Why: files come at different rates, and a model's frames and bands assume one. Taking every third sample would fold
//! frequencies above half of the new rate into lower ones (aliasing): at 8000 samples per second, 5000 Hz has the same
//! samples as 3000 Hz, since cos(2π·5n/8) = cos(2πn - 2π·5n/8) = cos(2π·3n/8) for whole n. So these frequencies are
//! removed first.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_k, K | sample k of the recording, 0 beyond its ends; the number of samples |
//! | y_n | sample n of the result |
//! | r, L, M | x has the rate r in Hz, y the rate r·L/M; L and M are whole numbers without a common divisor |
//! | t | a time, in samples of x |
//! | h, H | the low-pass filter; half its length, in samples of x |
//! | f, ν | the cutoff of the filter, and any frequency, in cycles per sample of x |
//! | w, β | Kaiser's window on -1 < u < 1; its parameter, 10.5 |
//! | I₀ | the modified Bessel function of order 0 |
//!
//! ```text
//! (RS.1)  y_n = Σ_k x_k·h(k - n·M/L)         n = 0, ..., ⌈K·L/M⌉ - 1
//! (RS.2)  h(t) = 2f·sinc(2f·t)·w(t/H)        sinc t = sin(πt)/(πt)
//! (RS.3)  f = 0.475·min(1, L/M)
//! (RS.4)  H = 68·max(1, M/L)
//!
//! (RS.5)  w(u) = I₀(β·√(1 - u²))/I₀(β)
//! (RS.6)  I₀(x) = Σ_j ((x/2)ʲ/j!)²
//! ```
//!
//! Derivation. By the sampling theorem the x_k stand for the sound x(t) = Σ_k x_k·sinc(t - k), which has no frequency
//! above ½ cycle per sample. sinc contains all frequencies ν up to ½ equally, and a low-pass keeps those up to f:
//!
//! ```text
//! sinc t:            ∫ cos(2π·ν·t) dν from -½ to ½ = sin(πt)/(πt)
//! low-pass of it:    ∫ cos(2π·ν·t) dν from -f to f = sin(2π·f·t)/(πt) = 2f·sinc(2f·t)
//! ```
//!
//! So the low-pass changes each sinc(t - k) into 2f·sinc(2f·(t - k)). New sample n is that sound at t = n·M/L. sinc
//! never ends, so w fades it out within H; the cutoff lies 5% below half the lower rate, to leave room for the slope of
//! the filter.
//!
//! By hand, 3 to 2 (L = 2, M = 3): f = 0.475·2/3 = 0.317, H = 102; y_0 is around x_0, y_1 halfway between x_1 and x_2,
//! y_2 around x_3.
//!
//! Polyphase. n·M/L has only L different fractions, so h is needed at L sets of positions, the phases. Each is a row of
//! weights, computed once. y_n is the dot product of a row and a stretch of x (`number::sum`, which fixes the order of
//! its terms). Each row is divided by its sum, so that a constant stays constant. Beyond the recording x_k = 0.
//!
//! Accuracy, with F = half the lower of the two rates, and tones of amplitude 1. Below 0.9·F a tone is reproduced
//! within 6·10⁻⁶ (a ripple of 0.00006 dB). From F on, less than 10⁻⁵ (-100 dB) of it and of its mirror images remains.
//! In between the low-pass falls. The tests measure tones and a sweep.
//!
//! Sources: R. Crochiere and L. Rabiner, "Multirate digital signal processing", 1983; J. F. Kaiser, "Nonrecursive
//! digital filter design using the I₀-sinh window function", 1974: β and H for a stop-band of -100 dB.

use crate::bytes::limits::{RESAMPLING_RATIO, RESAMPLING_WEIGHTS};
use crate::machine::size;
use crate::number::Real;
use crate::number::sum::{dot, sum};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// f, as a fraction of the lower rate.
const CUTOFF: f64 = 0.475;
/// H, in samples at the lower rate.
const HALF_LENGTH: u64 = 68;
/// β.
const BETA: f64 = 10.5;

/// Why one rate cannot be resampled to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResampleError {
    /// A rate is 0 Hz.
    NoRate,
    /// The rates in Hz differ by a factor above 64.
    TooFar(u32, u32),
    /// The common divisor of the rates in Hz is so small that the table of weights would be too large.
    TooOdd(u32, u32),
}

impl fmt::Display for ResampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResampleError::NoRate => write!(f, "a rate of 0 Hz cannot be resampled"),
            ResampleError::TooFar(from, to) => {
                write!(f, "{from} Hz are not resampled to {to} Hz: rates may differ by a factor of {RESAMPLING_RATIO}")
            }
            ResampleError::TooOdd(from, to) => {
                write!(
                    f,
                    "{from} Hz are not resampled to {to} Hz: their common divisor is too small, and the table would \
                     have more than {RESAMPLING_WEIGHTS} weights"
                )
            }
        }
    }
}

impl core::error::Error for ResampleError {}

/// A resampler: the weights for two rates.
///
/// ```
/// use ossicle::audio::resample::Resampler;
///
/// let resampler = Resampler::<f64>::new(44_100, 8000)?;
/// let second = resampler.resample(&vec![0.5; 44_100]);
/// assert_eq!(second.len(), 8000);
/// assert!((second[4000] - 0.5).abs() < 1e-12);
/// # Ok::<(), ossicle::audio::resample::ResampleError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Resampler<T> {
    /// L and M.
    up: u64,
    down: u64,
    /// ⌈H⌉.
    half: usize,
    /// L rows of 2·⌈H⌉ weights.
    weights: Vec<T>,
}

impl<T: Real> Resampler<T> {
    /// Computes the weights, in f64, each rounded once.
    ///
    /// # Errors
    /// If a rate (in Hz) is 0, if the rates differ by a factor above 64, or if their common divisor is so small that
    /// the table would have more than 2²³ weights.
    pub fn new(from: u32, to: u32) -> Result<Self, ResampleError> {
        if from == 0 || to == 0 {
            return Err(ResampleError::NoRate);
        }
        let divisor = common_divisor(from.into(), to.into());
        let (up, down) = (u64::from(to) / divisor, u64::from(from) / divisor);
        if up > RESAMPLING_RATIO * down || down > RESAMPLING_RATIO * up {
            return Err(ResampleError::TooFar(from, to));
        }
        let half = (HALF_LENGTH * down.max(up)).div_ceil(up);
        if up * 2 * half > RESAMPLING_WEIGHTS {
            return Err(ResampleError::TooOdd(from, to));
        }
        let mut weights = Vec::with_capacity((up * 2 * half) as usize);
        for phase in 0..up {
            let mut row: Vec<f64> = (0..2 * half).map(|j| low_pass(up, down, phase, j, half)).collect();
            let total = sum(&row);
            row.iter_mut().for_each(|weight| *weight /= total);
            weights.extend(row.into_iter().map(T::from_f64));
        }
        Ok(Resampler { up, down, half: half as usize, weights })
    }

    /// The number of samples at the new rate for n samples at the old one, ⌈n·L/M⌉.
    pub fn length(&self, samples: usize) -> u64 {
        // The factor is at most 64: where the product does not fit in 64 bits, memory could not hold the samples.
        (samples as u64).saturating_mul(self.up).div_ceil(self.down)
    }

    /// The [`length`](Self::length) samples at the new rate. If both rates are equal, they are the same samples.
    ///
    /// # Panics
    /// If there is no memory for the new samples.
    pub fn resample(&self, samples: &[T]) -> Vec<T> {
        if self.up == self.down {
            return samples.to_vec();
        }
        // Silence before and after, so that each stretch is as long as a row.
        let mut padded = vec![T::ZERO; samples.len() + 2 * self.half];
        padded[self.half..][..samples.len()].copy_from_slice(samples);
        let length = 2 * self.half;
        let count = self.length(samples.len());
        size::claim::<T>(usize::try_from(count).unwrap_or(usize::MAX));
        (0..count)
            .map(|n| {
                let (start, phase) = (n * self.down / self.up, n * self.down % self.up);
                // Sample `start` of the recording is `start + half` here; a row begins half - 1 before it.
                let weights = &self.weights[phase as usize * length..][..length];
                dot(weights, &padded[start as usize + 1..][..length]) // (RS.1)
            })
            .collect()
    }
}

/// h(j - (half - 1) - phase/up), weight j of a row. The distance is a fraction of integers until it is rounded.
fn low_pass(up: u64, down: u64, phase: u64, j: u64, half: u64) -> f64 {
    let numerator = (j as i64 - (half as i64 - 1)) * up as i64 - phase as i64;
    let t = numerator as f64 / up as f64;
    let slower = up.max(down) as f64 / up as f64;
    let u = t / (HALF_LENGTH as f64 * slower); // (RS.4)
    if !(u.abs() < 1.0) {
        return 0.0;
    }
    let cycles = 2.0 * CUTOFF / slower * t; // (RS.3)
    let sinc = if numerator == 0 { 1.0 } else { cycles.sin_cos_pi().0 / (core::f64::consts::PI * cycles) };
    2.0 * CUTOFF / slower * sinc * kaiser(u) // (RS.2)
}

/// w(u) for |u| < 1.
fn kaiser(u: f64) -> f64 {
    bessel(BETA * crate::machine::Element::sqrt((1.0 - u) * (1.0 + u))) / bessel(BETA) // (RS.5)
}

/// I₀(x), summed until the terms no longer change the sum.
fn bessel(x: f64) -> f64 {
    let (mut term, mut total, mut j) = (1.0, 1.0, 1.0);
    while term > 1e-17 * total {
        let ratio = 0.5 * x / j;
        term *= ratio * ratio;
        total += term; // (RS.6)
        j += 1.0;
    }
    total
}

/// Euclid's algorithm.
fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [(u32, u32); 6] =
        [(44_100, 8000), (8000, 44_100), (48_000, 44_100), (16_000, 8000), (8000, 16_000), (22_050, 16_000)];

    /// A cosine of `frequency` Hz, a second long.
    fn tone(rate: u32, frequency: f64) -> Vec<f64> {
        (0..rate).map(|i| (2.0 * frequency * f64::from(i) / f64::from(rate)).sin_cos_pi().1).collect()
    }

    /// The middle half, which the silence before and after does not reach.
    fn middle(samples: &[f64]) -> &[f64] {
        &samples[samples.len() / 4..samples.len() * 3 / 4]
    }

    fn largest(samples: &[f64]) -> f64 {
        crate::number::sum::norm_inf(samples)
    }

    #[test]
    fn tones_in_the_pass_band_keep_their_level_and_phase() {
        let mut worst = 0.0;
        for (from, to) in PAIRS {
            let resampler = Resampler::new(from, to).unwrap();
            for part in [0.0, 0.01, 0.2, 0.5, 0.8, 0.9] {
                let frequency = part * 0.5 * f64::from(from.min(to));
                let (found, expected) = (resampler.resample(&tone(from, frequency)), tone(to, frequency));
                assert_eq!(found.len(), expected.len());
                let errors: Vec<f64> = middle(&found).iter().zip(middle(&expected)).map(|(a, b)| a - b).collect();
                let error = largest(&errors);
                assert!(error < 1e-5, "{from} to {to} Hz, {frequency} Hz: {error:e}");
                worst = Real::max(error, worst);
            }
        }
        std::println!("pass band: largest error {worst:e}");
    }

    #[test]
    fn tones_in_the_stop_band_are_gone() {
        let mut worst = 0.0;
        for (from, to) in PAIRS.into_iter().filter(|(from, to)| from > to) {
            let resampler = Resampler::new(from, to).unwrap();
            let (lowest, highest) = (0.5 * f64::from(to), 0.5 * f64::from(from));
            for part in [0.0, 0.01, 0.03, 0.1, 0.3, 0.7, 1.0] {
                let frequency = lowest + part * (highest - lowest);
                let left = largest(middle(&resampler.resample(&tone(from, frequency))));
                assert!(left < 1e-5, "{from} to {to} Hz, {frequency} Hz: {left:e}");
                worst = Real::max(left, worst);
            }
        }
        std::println!("stop band: largest remainder {worst:e}");
    }

    #[test]
    fn a_sweep_is_passed_up_to_its_limit_and_gone_beyond() {
        let (from, to, seconds) = (44_100_u32, 8000_u32, 4.0);
        // 0 to 22050 Hz in four seconds: the frequency at t is slope·t, the phase half of slope·t².
        let slope = 0.5 * f64::from(from) / seconds;
        let sweep = |rate: u32| -> Vec<f64> {
            let cycles = |t: f64| 0.5 * slope * t * t;
            (0..4 * rate).map(|i| (2.0 * cycles(f64::from(i) / f64::from(rate)) % 2.0).sin_cos_pi().0).collect()
        };
        let found = Resampler::new(from, to).unwrap().resample(&sweep(from));
        let at = |frequency: f64| (frequency / slope * f64::from(to)) as usize;
        let expected = sweep(to);
        let error = (at(200.0)..at(3400.0)).map(|i| found[i] - expected[i]).collect::<Vec<f64>>();
        assert!(largest(&error) < 5e-5, "{:e}", largest(&error));
        assert!(largest(&found[at(4200.0)..at(21_000.0)]) < 1e-5, "{:e}", largest(&found[at(4200.0)..at(21_000.0)]));
    }

    #[test]
    fn a_sum_over_all_samples_gives_the_same() {
        let mut random = crate::number::Random::new(1);
        let samples: Vec<f64> = (0..200).map(|_| random.uniform(-1.0, 1.0)).collect();
        for (from, to) in [(5, 3), (3, 5), (7, 2)] {
            let found = Resampler::new(from, to).unwrap().resample(&samples);
            let (ratio, slower) = (f64::from(from) / f64::from(to), Real::max(f64::from(from) / f64::from(to), 1.0));
            for (n, found) in found.iter().enumerate() {
                let mut expected = 0.0;
                for (k, x) in samples.iter().enumerate() {
                    let t = k as f64 - n as f64 * ratio;
                    let u = t / (68.0 * slower);
                    if u.abs() < 1.0 {
                        let z = core::f64::consts::PI * 0.95 / slower * t;
                        let sinc = if t.abs() < 1e-9 { 1.0 } else { z.sin() / z };
                        expected += x * 0.95 / slower * sinc * kaiser(u);
                    }
                }
                // The rows' sums, which are divided out, are within 2e-5 of 1.
                assert!((found - expected).abs() < 1e-4, "{from} to {to}, {n}: {found}, {expected}");
            }
        }
    }

    #[test]
    fn lengths_are_rounded_up_and_one_rate_changes_nothing() {
        let count = |from, to, n| Resampler::<f32>::new(from, to).unwrap().resample(&vec![0.5; n]).len();
        assert_eq!(Resampler::<f32>::new(8000, 512_000).unwrap().length(57_600_000), 3_686_400_000);
        assert_eq!([count(3, 2, 0), count(3, 2, 1), count(3, 2, 3), count(3, 2, 4), count(2, 3, 1)], [0, 1, 2, 3, 2]);
        let x = [0.1, -0.0, f64::MAX];
        let same = Resampler::new(8000, 8000).unwrap().resample(&x);
        assert_eq!(same.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), x.map(f64::to_bits));
    }

    #[test]
    fn bessels_function_has_its_known_values() {
        for (x, expected) in [(0.0, 1.0), (1.0, 1.266_065_877_752_008_4), (10.0, 2_815.716_628_466_254)] {
            assert!((bessel(x) - expected).abs() <= 1e-15 * expected, "{x}: {}", bessel(x));
        }
    }

    #[test]
    fn rates_too_far_apart_are_errors() {
        assert_eq!(Resampler::<f32>::new(0, 8000).unwrap_err(), ResampleError::NoRate);
        assert_eq!(Resampler::<f32>::new(1, 8000).unwrap_err(), ResampleError::TooFar(1, 8000));
        assert_eq!(Resampler::<f32>::new(u32::MAX, 8000).unwrap_err(), ResampleError::TooFar(u32::MAX, 8000));
        let odd = Resampler::<f32>::new(u32::MAX, u32::MAX - 1).unwrap_err();
        assert_eq!(odd, ResampleError::TooOdd(u32::MAX, u32::MAX - 1));
    }
}
