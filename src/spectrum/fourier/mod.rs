//! The discrete Fourier transform.
//!
//! X_k = Σ_n x_n·e^(-2πi·kn/N), unscaled; back again, x_n = 1/N·Σ_k X_k·e^(2πi·kn/N). Of real samples only X_0, ...,
//! X_⌊N/2⌋ are kept: the others are their conjugates.
//!
//! The sums as they stand are [`by_definition`], the oracle of the tests. The fast transforms, of any length, in
//! reading order:
//!
//! 1. [`butterfly`]: transforms of 2, 3, 4, 5, 8 and 16 numbers, written out;
//! 2. [`complex`]: long transforms as passes of short ones;
//! 3. [`chirp`]: lengths with other prime factors, as a convolution;
//! 4. [`real`]: real samples to spectra and back.
//!
//! The order of all operations depends on the length and the type alone. Products and sums are rounded one by one; the
//! factors e^(-2πi·k/N) are computed in f64 and rounded once. Errors, measured: NOTES.md.

pub mod butterfly;
pub mod chirp;
pub mod complex;
pub mod real;

pub use complex::ComplexFft;
pub use real::RealFft;

use crate::number::Real;
use alloc::vec::Vec;

/// The definition, term by term, in f64, of real samples: returns the real and the imaginary parts of X_0, ..., X_⌊N/2⌋.
pub fn by_definition(x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = x.len();
    (0..=n / 2)
        .map(|k| {
            x.iter().enumerate().fold((0.0, 0.0), |(re, im), (i, &x)| {
                // The product may be longer than a size.
                let turns = (k as u64 * i as u64 % n as u64) as usize;
                let (cosine, sine) = root_of_unity(turns, n);
                (re + x * cosine, im + x * sine)
            })
        })
        .unzip()
}

/// The parts of e^(-2πi·k/n); the angle is reduced before it is rounded.
fn root_of_unity(k: usize, n: usize) -> (f64, f64) {
    let (sine, cosine) = (-2.0 * (k % n) as f64 / n as f64).sin_cos_pi();
    (cosine, sine)
}

/// Complex numbers, their real parts in one row and their imaginary parts in another.
type Parts<T> = [Vec<T>; 2];
