//! Descriptors: a frame in a few numbers, as a first look at a sound.
//!
//! Why: brightness, noisiness and the like are audible, and one number for each can be plotted against time. A
//! classifier with little data, too, may do better with ten meaningful numbers than with all bins.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | a_k, K | the amplitude of bin k = 0, ..., K - 1, not negative; the number of bins |
//! | b_k | the amplitude of bin k in the next frame |
//! | f_k | the frequency of bin k in Hz, k·Δ |
//! | p_k | a_k/Σa, the fraction of bin k in the sum |
//! | ρ | a fraction, usually 0.95 |
//! | x_n | the samples of the frame |
//!
//! Sums, the product Π, and the maximum run over all bins unless noted; n runs over the samples.
//!
//! | | descriptor | definition | unit or range |
//! | --- | --- | --- | --- |
//! | (DE.1) | centroid (brightness) | μ = Σ f_k·p_k | Hz |
//! | (DE.2) | spread | σ = √(Σ (f_k - μ)²·p_k) | Hz |
//! | (DE.3) | skewness | γ₁ = Σ (f_k - μ)³·p_k / σ³ | below 0: more lies above μ |
//! | (DE.4) | kurtosis | γ₂ = Σ (f_k - μ)⁴·p_k / σ⁴ | 3 for a normal distribution |
//! | (DE.5) | rolloff | the lowest f_c with Σ_(k≤c) a_k² ≥ ρ·Σ a_k² | Hz |
//! | (DE.6) | flatness | (Π a_k)^(1/K) / (1/K·Σ a_k) | 0 (tones) to 1 (noise) |
//! | (DE.7) | crest | max a_k / (1/K·Σ a_k) | 1 (noise) to K (one tone) |
//! | (DE.8) | slope of the line through a_k | 1/Σa·(K·Σ f_k·a_k - Σf·Σa) / (K·Σf² - (Σf)²) | 1/Hz |
//! | (DE.9) | decrease | Σ_(k≥1) (a_k - a_0)/k / Σ_(k≥1) a_k | |
//! | (DE.10) | flux to the next frame | 1 - Σ a_k·b_k / (√Σa²·√Σb²) | 0 (same shape) to 1 (no bin in common) |
//! | (DE.11) | zero crossings | the number of n with x_n < 0 ≠ x_(n+1) < 0 | |
//! | (DE.12) | energy | Σ x_n² | |
//!
//! Why (DE.8): it is the least squares slope, Σ (f - f̄)·a / Σ (f - f̄)², expanded with f̄ = Σf/K and multiplied above
//! and below by K, then divided by Σa, so that loudness does not count.
//!
//! By hand, a = (0, 2, 1, 1), Δ = 100 Hz: p = (0, ½, ¼, ¼), so μ = 50 + 50 + 75 = 175 Hz. The deviations are -75, 25
//! and 125 Hz, σ² = ½·5625 + ¼·625 + ¼·15625 = 6875, σ = 82.9 Hz. The energies are 4, 1, 1: the rolloff at ρ = 0.7 is
//! 200 Hz. The crest is 2/1.
//!
//! Edge cases. Silence, all a_k = 0, and no bins: all descriptors are 0. (Flux is 0 from silence to silence, 1 from or
//! to it.) If all is in one bin, σ = 0; then γ₁ and γ₂, which would be 0/0, are 0. The slope of one bin is 0, and so is
//! the decrease if nothing lies above bin 0. A bin of 0 makes the flatness 0. NaN stays NaN.
//!
//! Source: G. Peeters, "A large set of audio features for sound description", CUIDADO report, 2004, sections 4 (zero
//! crossings), 5 (energy), 6 (spectral shape, variation) and 9 (flatness, crest). Sums are those of `number::sum`.

use crate::machine::Element;
use crate::number::Real;
use crate::number::sum::{dot, sum, sum_of_squares};
use alloc::vec::Vec;

/// The first four moments of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments<T> {
    /// μ, in Hz.
    pub centroid: T,
    /// σ, in Hz.
    pub spread: T,
    /// γ₁.
    pub skewness: T,
    /// γ₂.
    pub kurtosis: T,
}

/// The moments (DE.1) to (DE.4) of amplitudes `step` Hz apart.
///
/// ```
/// use ossicle::spectrum::descriptors::moments;
///
/// // Two equal tones at 100 and 300 Hz.
/// let m = moments(&[0.0, 1.0, 0.0, 1.0], 100.0);
/// assert_eq!((m.centroid, m.spread, m.skewness, m.kurtosis), (200.0, 100.0, 0.0, 1.0));
/// ```
pub fn moments<T: Real>(amplitudes: &[T], step: T) -> Moments<T> {
    let total = sum(amplitudes);
    if total == T::ZERO {
        return Moments { centroid: T::ZERO, spread: T::ZERO, skewness: T::ZERO, kurtosis: T::ZERO };
    }
    // The fractions first: that of a single bin is exactly 1, and μ exactly its frequency.
    let mut fractions: Vec<T> = amplitudes.iter().map(|&a| a / total).collect();
    let mut deviations = frequencies(amplitudes.len(), step);
    let centroid = dot(&deviations, &fractions); // (DE.1)
    deviations.iter_mut().for_each(|f| *f -= centroid);
    let mut next = || {
        fractions.iter_mut().zip(&deviations).for_each(|(p, &d)| *p *= d);
        dot(&deviations, &fractions)
    };
    let (second, third, fourth) = (next(), next(), next());
    if second == T::ZERO {
        return Moments { centroid, spread: T::ZERO, skewness: T::ZERO, kurtosis: T::ZERO };
    }
    let spread = Element::sqrt(second); // (DE.2)
    let skewness = third / (second * spread); // (DE.3)
    let kurtosis = fourth / (second * second); // (DE.4)
    Moments { centroid, spread, skewness, kurtosis }
}

/// f_k.
fn frequencies<T: Real>(bins: usize, step: T) -> Vec<T> {
    (0..bins).map(|k| T::from_usize(k) * step).collect()
}

/// The lowest frequency in Hz up to which the fraction ρ of the energy lies, 0 < ρ <= 1, summed from bin 0: (DE.5).
///
/// # Panics
/// If `fraction`, ρ, is out of range.
pub fn rolloff<T: Real>(amplitudes: &[T], step: T, fraction: T) -> T {
    assert!(T::ZERO < fraction && fraction <= T::ONE, "a rolloff at {fraction} of the energy");
    // All sums in one order, so that the last of them is the total.
    let running = || {
        amplitudes.iter().scan(T::ZERO, |energy, &a| {
            *energy += a * a;
            Some(*energy)
        })
    };
    let total = running().last().unwrap_or(T::ZERO);
    if total.is_nan() {
        return total;
    }
    let bin = running().position(|energy| energy >= fraction * total).unwrap_or(0); // (DE.5)
    T::from_usize(bin) * step
}

/// The geometric mean divided by the arithmetic mean: (DE.6).
pub fn flatness<T: Real>(amplitudes: &[T]) -> T {
    let total = sum(amplitudes);
    if total == T::ZERO || amplitudes.contains(&T::ZERO) {
        return T::ZERO;
    }
    // By logarithms, as the product would overflow or underflow.
    let logarithms: Vec<T> = amplitudes.iter().map(|&a| a.ln()).collect();
    let count = T::from_usize(amplitudes.len());
    (sum(&logarithms) / count).exp() / (total / count) // (DE.6)
}

/// The largest amplitude divided by their mean: (DE.7).
pub fn crest<T: Real>(amplitudes: &[T]) -> T {
    let total = sum(amplitudes);
    if total == T::ZERO {
        return T::ZERO;
    }
    crate::number::sum::norm_inf(amplitudes) / (total / T::from_usize(amplitudes.len())) // (DE.7)
}

/// The slope of the line through the amplitudes, divided by their sum, in 1/Hz: (DE.8).
pub fn slope<T: Real>(amplitudes: &[T], step: T) -> T {
    let (total, count) = (sum(amplitudes), T::from_usize(amplitudes.len()));
    if total == T::ZERO || amplitudes.len() < 2 {
        return T::ZERO;
    }
    let f = frequencies(amplitudes.len(), step);
    let sum_f = sum(&f);
    (count * dot(&f, amplitudes) - sum_f * total) / (count * sum_of_squares(&f) - sum_f * sum_f) / total // (DE.8)
}

/// The mean fall of the amplitudes from that of bin 0, divided by their sum above it: (DE.9).
pub fn decrease<T: Real>(amplitudes: &[T]) -> T {
    let Some((&first, above)) = amplitudes.split_first() else { return T::ZERO };
    let total = sum(above);
    if total == T::ZERO {
        return T::ZERO;
    }
    let falls: Vec<T> = above.iter().enumerate().map(|(i, &a)| (a - first) / T::from_usize(i + 1)).collect();
    sum(&falls) / total // (DE.9)
}

/// The change from the amplitudes of one frame to those of the next: 0 if they differ by a factor, 1 if they have no
/// bin in common: (DE.10).
///
/// # Panics
/// If the numbers of bins differ.
pub fn flux<T: Real>(before: &[T], after: &[T]) -> T {
    let product = dot(before, after);
    let norms = [before, after].map(|a| Element::sqrt(sum_of_squares(a)));
    match norms.map(|norm| norm == T::ZERO) {
        [true, true] => T::ZERO,
        [false, false] => T::ONE - product / (norms[0] * norms[1]), // (DE.10)
        _ => T::ONE,
    }
}

/// The number of sign changes from one sample to the next; 0 counts as positive: (DE.11).
pub fn zero_crossings<T: Real>(samples: &[T]) -> usize {
    samples.windows(2).filter(|pair| (pair[0] < T::ZERO) != (pair[1] < T::ZERO)).count() // (DE.11)
}

/// The energy of samples: (DE.12).
pub fn energy<T: Real>(samples: &[T]) -> T {
    sum_of_squares(samples) // (DE.12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    fn close(name: &str, got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{name}: {got}, expected {expected}");
    }

    #[test]
    fn a_small_spectrum_by_hand() {
        // 100 Hz apart; Σa = 4, p = 0, ½, ¼, ¼.
        let a = [0.0, 2.0, 1.0, 1.0];
        let m = moments(&a, 100.0);
        close("centroid", m.centroid, 175.0);
        // Deviations -75, 25, 125.
        let variance = 0.5 * 5625.0 + 0.25 * 625.0 + 0.25 * 15_625.0;
        close("spread", m.spread, Element::sqrt(variance));
        let third = 0.5 * -421_875.0 + 0.25 * 15_625.0 + 0.25 * 1_953_125.0;
        close("skewness", m.skewness, third / (variance * Element::sqrt(variance)));
        let fourth = 0.5 * 31_640_625.0 + 0.25 * 390_625.0 + 0.25 * 244_140_625.0;
        close("kurtosis", m.kurtosis, fourth / (variance * variance));
        // Energies 4, 1, 1: two thirds lie at 100 Hz, five sixths up to 200 Hz.
        assert_eq!([0.6, 0.7, 0.9, 1.0].map(|part| rolloff(&a, 100.0, part)), [100.0, 200.0, 300.0, 300.0]);
        assert_eq!((flatness(&a), crest(&a)), (0.0, 2.0));
        // (4·700 - 600·4)/(4·140000 - 360000)/4
        close("slope", slope(&a, 100.0), 400.0 / 200_000.0 / 4.0);
        // (2/1 + 1/2 + 1/3)/4
        close("decrease", decrease(&a), 17.0 / 24.0);
        close("flatness", flatness(&[1.0, 2.0, 4.0]), 2.0 / (7.0 / 3.0));
        // 1 - 3·1/(5·1)
        close("flux", flux(&[3.0, 4.0], &[1.0, 0.0]), 0.4);
        assert_eq!(zero_crossings(&[1.0, -1.0, 0.0, 2.0, -0.5, -0.5, 0.5]), 4);
        assert_eq!(energy(&[1.0, -2.0, 3.0]), 14.0);
    }

    #[test]
    fn a_large_spectrum_equals_the_sums_as_written() {
        let mut random = Random::new(8);
        let a: Vec<f64> = (0..129).map(|_| random.uniform(0.01, 1.0)).collect();
        let b: Vec<f64> = (0..129).map(|_| random.uniform(0.01, 1.0)).collect();
        let step = 31.25;
        let of = |term: &dyn Fn(f64, f64) -> f64| {
            a.iter().enumerate().fold(0.0, |sum, (k, &a)| sum + term(k as f64 * step, a))
        };
        let total = of(&|_, a| a);
        let centroid = of(&|f, a| f * a) / total;
        let central = |power: i32| of(&|f, a| (0..power).fold(a, |x, _| x * (f - centroid))) / total;
        let spread = Element::sqrt(central(2));
        let m = moments(&a, step);
        close("centroid", m.centroid, centroid);
        close("spread", m.spread, spread);
        close("skewness", m.skewness, central(3) / (spread * spread * spread));
        close("kurtosis", m.kurtosis, central(4) / (spread * spread * spread * spread));
        let half = of(&|_, a| a * a) * 0.95;
        let at = rolloff(&a, step, 0.95);
        assert!(of(&|f, a| if f <= at { a * a } else { 0.0 }) >= half);
        assert!(of(&|f, a| if f < at { a * a } else { 0.0 }) < half);
        let product = a.iter().fold(1.0, |product, &a| product * a);
        close("flatness", flatness(&a), Real::exp(Real::ln(product) / 129.0) / (total / 129.0));
        close("crest", crest(&a), a.iter().fold(0.0, |most: f64, &a| most.max(a)) * 129.0 / total);
        // The least squares' slope: Σ (f - f̄)·a / Σ (f - f̄)².
        let mean = 64.0 * step;
        let line = of(&|f, a| (f - mean) * a) / of(&|f, _| (f - mean) * (f - mean));
        assert!((slope(&a, step) / (line / total) - 1.0).abs() < 1e-9);
        let falls = of(&|f, x| if f > 0.0 { (x - a[0]) / (f / step) } else { 0.0 });
        close("decrease", decrease(&a), falls / (total - a[0]));
        let pair = a.iter().zip(&b).fold([0.0; 3], |[x, y, z], (a, b)| [x + a * b, y + a * a, z + b * b]);
        close("flux", flux(&a, &b), 1.0 - pair[0] / Element::sqrt(pair[1] * pair[2]));
    }

    #[test]
    fn silence_single_bins_and_no_bins_have_finite_descriptors() {
        let none: [f64; 0] = [];
        for silence in [&none[..], &[0.0], &[0.0; 7]] {
            let m = moments(silence, 50.0);
            assert_eq!([m.centroid, m.spread, m.skewness, m.kurtosis], [0.0; 4]);
            assert_eq!([rolloff(silence, 50.0, 0.95), flatness(silence), crest(silence)], [0.0; 3]);
            assert_eq!([slope(silence, 50.0), decrease(silence), flux(silence, silence)], [0.0; 3]);
            assert_eq!((energy(silence), zero_crossings(silence)), (0.0, 0));
        }
        // No rounding may give a single bin a spread.
        for (bin, a) in [(0, 0.1), (3, 0.3), (5, 1.0 / 3.0), (6, 1e-30)] {
            let mut tone = [0.0; 7];
            tone[bin] = a;
            let m = moments(&tone, 31.7);
            assert_eq!([m.centroid, m.spread, m.skewness, m.kurtosis], [bin as f64 * 31.7, 0.0, 0.0, 0.0]);
            assert_eq!((rolloff(&tone, 31.7, 0.95), flatness(&tone)), (bin as f64 * 31.7, 0.0));
            close("crest", crest(&tone), 7.0);
            assert_eq!((flux(&tone, &[0.0; 7]), flux(&[0.0; 7], &tone)), (1.0, 1.0));
            close("flux", flux(&tone, &tone), 0.0);
        }
        assert_eq!((slope(&[2.0], 50.0), decrease(&[2.0]), flatness(&[2.0])), (0.0, 0.0, 1.0));
    }

    #[test]
    fn nan_is_not_lost() {
        let a = [1.0, f64::NAN, 2.0];
        let m = moments(&a, 1.0);
        let all = [m.centroid, m.spread, m.skewness, m.kurtosis, rolloff(&a, 1.0, 0.95), flatness(&a), crest(&a)];
        assert!(all.iter().chain(&[slope(&a, 1.0), decrease(&a), flux(&a, &a), energy(&a)]).all(|x| x.is_nan()));
    }

    #[test]
    fn known_shapes_have_their_descriptors() {
        let flat = [0.5; 64];
        close("flatness", flatness(&flat), 1.0);
        close("crest", crest(&flat), 1.0);
        assert!(slope(&flat, 10.0).abs() < 1e-15 && decrease(&flat) == 0.0);
        // A normal distribution has no skewness, and a kurtosis of 3.
        let normal: Vec<f64> = (0..400).map(|k| Real::exp(-0.5 * (f64::from(k - 200) / 20.0).powi(2))).collect();
        let m = moments(&normal, 1.0);
        assert!((m.centroid - 200.0).abs() < 1e-9 && (m.spread - 20.0).abs() < 1e-6, "{m:?}");
        assert!(m.skewness.abs() < 1e-9 && (m.kurtosis - 3.0).abs() < 1e-6, "{m:?}");
        // 100 Hz for a second: 200 crossings, but for the ends.
        let sine: Vec<f64> = (0..8000).map(|i| (0.025 * (f64::from(i) + 0.5)).sin_cos_pi().0).collect();
        assert_eq!(zero_crossings(&sine), 199);
    }
}
