//! The discrete Fourier transform: the strength of each frequency in a row of samples.
//!
//! Why: a vowel differs from another by the strength of its frequencies, and no single sample shows one. The idea:
//! multiply the samples by a wave of a known frequency and add the products. If the sound contains that frequency in
//! step with the wave, the products agree and their sum is large; at other frequencies they cancel. A cosine and a sine
//! of one frequency cancel too, being a quarter of a cycle apart. So the wave is complex, a cosine and a sine at once:
//! each part finds the sound that the other misses, and the size of the sum is the same wherever the sound's own wave
//! starts.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_n, N | sample n; the number of samples |
//! | X_k | the coefficient of the wave with k cycles in N samples |
//! | i | the imaginary unit, i² = -1 |
//! | w | e^(-2πi/N), a root of unity: wᴺ = 1, and w^(kn) = cos(2π·kn/N) - i·sin(2π·kn/N) |
//! | X* | the complex conjugate of X |
//! | m, d | another index of a sample; a number of samples |
//!
//! ```text
//! (FT.1)  X_k = Σ_n x_n·w^(kn)                                            k = 0, ..., N - 1
//! (FT.2)  x_n = 1/N·Σ_k X_k·w^(-kn)                                       the inverse
//! (FT.3)  X_k = Σ_n x_n·cos(2π·kn/N) - i·Σ_n x_n·sin(2π·kn/N)             real samples; k = 0, ..., ⌊N/2⌋
//! ```
//!
//! Why (FT.2) is the inverse: put (FT.1) into its right side and collect the terms of each x_m.
//!
//! ```text
//! 1/N·Σ_k (Σ_m x_m·w^(km))·w^(-kn) = Σ_m x_m·(1/N·Σ_k w^(k(m-n)))
//! m = n:  every power is 1, and 1/N·Σ_k 1 = 1
//! m ≠ n:  r = w^(m-n) is not 1, since 0 < |m - n| < N; but rᴺ = 1, so Σ_k rᵏ = (rᴺ - 1)/(r - 1) = 0
//! ```
//!
//! Only x_n is left. Why half of the coefficients of real samples are enough: w^((N-k)n) = w^(-kn) is the conjugate of
//! w^(kn), so X_(N-k) = X*_k. (FT.3) is (FT.1) with the wave written as its two parts.
//!
//! Why the power |X_k|² does not depend on where in the frame the sound starts: shift all samples by d, and let those
//! that leave at the end come back in at the start. Sample n is then x_(n-d), where index -1 means N - 1 and so on, and
//! the powers of w have the same period N:
//!
//! ```text
//! Σ_n x_(n-d)·w^(kn) = w^(kd)·Σ_n x_(n-d)·w^(k(n-d)) = w^(kd)·X_k,   |w^(kd)| = 1
//! ```
//!
//! In a recording other samples come in at the start, so there this holds only approximately.
//!
//! Why the transform keeps the energy Σ_n |x_n|², up to the factor N (Parseval's theorem): as above, the sum over k is
//! N for m = n and 0 for all others.
//!
//! ```text
//! Σ_k |X_k|² = Σ_k (Σ_m x_m·w^(km))·(Σ_n x_n·w^(kn))* = Σ_m Σ_n x_m·x*_n·Σ_k w^(k(m-n)) = N·Σ_n |x_n|²
//! ```
//!
//! Why one program computes both directions: z = a + b·i with its parts exchanged is b + a·i = i·(a - b·i) = i·z*, and
//! a second exchange gives z again. Exchange the parts of all X_k, transform, and exchange the parts of the result.
//! With the sum of (FT.2), s = Σ_k X_k·w^(-kn), and since w^(kn) is the conjugate of w^(-kn):
//!
//! ```text
//! exchanged:        i·X*_k
//! transformed:      Σ_k i·X*_k·w^(kn) = i·(Σ_k X_k·w^(-kn))* = i·s*, which is s with its parts exchanged
//! exchanged again:  s = N·x_n
//! ```
//!
//! By hand, N = 4, w = -i, x = (1, 2, 3, 4):
//!
//! | k | the terms of (FT.1) | X_k |
//! | --- | --- | --- |
//! | 0 | 1 + 2 + 3 + 4 | 10 |
//! | 1 | 1 - 2i - 3 + 4i | -2 + 2i |
//! | 2 | 1 - 2 + 3 - 4 | -2 |
//! | 3 | 1 + 2i - 3 - 4i | -2 - 2i, the conjugate of X_1 |
//!
//! Conventions: the transform is unscaled and its exponent negative, as in MATLAB, NumPy and FFTW; the inverse has the
//! factor 1/N. The transform of no samples is empty.
//!
//! [`by_definition`], [`inverse_by_definition`] and [`real_by_definition`] are these sums, and the tests compare the
//! fast transforms with them. In reading order:
//!
//! 1. [`radix2`]: the textbook's fast transform, for powers of two;
//! 2. [`butterfly`]: transforms of 2, 3, 4, 5, 8 and 16 numbers, written out;
//! 3. [`complex`]: long transforms as passes of short ones;
//! 4. [`chirp`]: lengths with other prime factors, as a convolution;
//! 5. [`real`]: real samples to spectra and back.
//!
//! The order of all operations depends on the length and the type alone. Products and sums are rounded one by one; the
//! powers of w are computed in f64 and rounded once. Errors, measured: NOTES.md.

pub mod butterfly;
pub mod chirp;
pub mod complex;
pub mod radix2;
pub mod real;

pub use complex::ComplexFft;
pub use real::RealFft;

use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Add, Mul, Sub};

/// A complex number, for the definitions. The fast transforms store real and imaginary parts in separate rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex64 {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Complex64 {
    /// re + i·im.
    pub const fn new(re: f64, im: f64) -> Self {
        Complex64 { re, im }
    }

    /// re - i·im.
    pub const fn conjugate(self) -> Self {
        Complex64 { re: self.re, im: -self.im }
    }
}

impl Add for Complex64 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Complex64::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex64 {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Complex64::new(self.re - other.re, self.im - other.im)
    }
}

impl Mul for Complex64 {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Complex64::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

/// The transform of N complex numbers, term by term.
///
/// ```
/// use ossicle::spectrum::fourier::{Complex64, by_definition};
///
/// let x = [1.0, 2.0, 3.0, 4.0].map(|x| Complex64::new(x, 0.0));
/// let spectrum = by_definition(&x).into_iter().map(|x| (x.re, x.im)).collect::<Vec<_>>();
/// assert_eq!(spectrum, [(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0), (-2.0, -2.0)]);
/// ```
pub fn by_definition(x: &[Complex64]) -> Vec<Complex64> {
    let length = x.len();
    let mut spectrum = vec![Complex64::default(); length];
    for k in 0..length {
        for n in 0..length {
            spectrum[k] = spectrum[k] + x[n] * wave(k, n, length); // (FT.1)
        }
    }
    spectrum
}

/// The numbers of which this is the transform, term by term.
pub fn inverse_by_definition(spectrum: &[Complex64]) -> Vec<Complex64> {
    let length = spectrum.len();
    let scale = Complex64::new(1.0 / length as f64, 0.0);
    let mut x = vec![Complex64::default(); length];
    for n in 0..length {
        for k in 0..length {
            x[n] = x[n] + scale * spectrum[k] * wave(k, n, length).conjugate(); // (FT.2)
        }
    }
    x
}

/// X_0, ..., X_⌊N/2⌋ of N real samples, term by term.
pub fn real_by_definition(x: &[f64]) -> Vec<Complex64> {
    let length = x.len();
    let mut spectrum = vec![Complex64::default(); length / 2 + 1];
    for k in 0..spectrum.len() {
        for n in 0..length {
            let wave = wave(k, n, length);
            spectrum[k].re += x[n] * wave.re; // (FT.3)
            spectrum[k].im += x[n] * wave.im; // (FT.3)
        }
    }
    spectrum
}

/// w^(kn).
fn wave(k: usize, n: usize, length: usize) -> Complex64 {
    // The product may be longer than a size.
    let (re, im) = root_of_unity((k as u64 * n as u64 % length as u64) as usize, length);
    Complex64 { re, im }
}

/// The parts of e^(-2πi·k/n); the angle is reduced before it is rounded.
fn root_of_unity(k: usize, n: usize) -> (f64, f64) {
    let (sine, cosine) = (-2.0 * (k % n) as f64 / n as f64).sin_cos_pi();
    (cosine, sine)
}

/// Complex numbers, their real parts in one row and their imaginary parts in another.
type Parts<T> = [Vec<T>; 2];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn four_samples_by_hand() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let expected = [(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0), (-2.0, -2.0)].map(|(re, im)| Complex64::new(re, im));
        assert_eq!(by_definition(&x.map(|x| Complex64::new(x, 0.0))), expected);
        assert_eq!(real_by_definition(&x), expected[..3]);
        assert_eq!(inverse_by_definition(&expected), x.map(|x| Complex64::new(x, 0.0)));
    }

    #[test]
    fn the_inverse_leads_back_and_real_samples_have_conjugate_halves() {
        let mut random = Random::new(1);
        for length in 1..40 {
            let x: Vec<Complex64> =
                (0..length).map(|_| Complex64::new(random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0))).collect();
            for (back, x) in inverse_by_definition(&by_definition(&x)).into_iter().zip(&x) {
                assert!((back.re - x.re).abs().max((back.im - x.im).abs()) < 1e-14, "{length}");
            }
            let samples: Vec<f64> = x.iter().map(|x| x.re).collect();
            let whole = by_definition(&samples.iter().map(|&x| Complex64::new(x, 0.0)).collect::<Vec<_>>());
            assert!(real_by_definition(&samples).iter().zip(&whole).all(|(a, b)| a == b), "{length}");
            for k in 1..length {
                let gap = whole[length - k] - whole[k].conjugate();
                assert!(gap.re.abs().max(gap.im.abs()) < 1e-13, "{length}, {k}");
            }
        }
        assert!(by_definition(&[]).is_empty() && inverse_by_definition(&[]).is_empty());
    }
}
