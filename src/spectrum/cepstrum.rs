//! The cepstrum: the spectrum of a spectrum's logarithm, in which the shape of the mouth lies low and the pitch high.
//!
//! The orthonormal discrete cosine transform of type II of B numbers (N. Ahmed, T. Natarajan and K. R. Rao 1974):
//!
//! c_k = s_k·Σ_b x_b·cos(π·k·(2b + 1)/2B), s_0 = √(1/B), s_k = √(2/B).
//!
//! Of a log-mel spectrum these are the mel-frequency cepstral coefficients, MFCC (S. Davis and P. Mermelstein 1980).
//! Liftering gives the higher ones weight, 1 + L/2·sin(π·k/L) (HTK's, L = 22); deltas are the slope of a line through
//! 2w + 1 frames,
//!
//! d_t = Σ_n n·(c_(t+n) - c_(t-n)) / 2·Σ_n n², n = 1, ..., w, the first and the last frame repeated beyond the ends.

use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;

/// The most frames to each side that a delta is over: the sum of their squares fits in 32 bits.
const MOST_DELTAS: usize = 1000;

/// The transform as a matrix, coefficients x bands: its first rows; computed in f64.
///
/// # Panics
/// If there are more coefficients than bands.
/// Also if there is no memory for it.
pub fn dct<T: Real>(coefficients: usize, bands: usize) -> Matrix<T> {
    assert!(coefficients <= bands, "{coefficients} coefficients of {bands} bands");
    let scale = |k: usize| Element::sqrt(if k == 0 { 1.0 } else { 2.0 } / bands as f64);
    Matrix::from_function(coefficients, bands, |k, b| {
        // The angle is reduced before it is rounded: it is a multiple of π/2B.
        let angle = k * (2 * b + 1) % (4 * bands);
        T::from_f64(scale(k) * (angle as f64 / (2 * bands) as f64).sin_cos_pi().1)
    })
}

/// The weights of liftering, L >= 1, for coefficients 0, 1, ...
///
/// # Panics
/// If L is 0.
/// Also if there is no memory for them.
pub fn lifter<T: Real>(coefficients: usize, l: usize) -> Vec<T> {
    assert!(l > 0, "a lifter of 0");
    let weight = |k: usize| 1.0 + l as f64 / 2.0 * (k as f64 / l as f64).sin_cos_pi().0;
    size::claim::<T>(coefficients);
    (0..coefficients).map(|k| T::from_f64(weight(k))).collect()
}

/// The deltas of coefficients, coefficients x frames, over w frames to each side.
///
/// # Panics
/// If w is 0 or above 1000.
pub fn deltas<T: Real>(cepstrum: &Matrix<T>, w: usize) -> Matrix<T> {
    assert!((1..=MOST_DELTAS).contains(&w), "deltas over {w} frames to each side; expected 1 to {MOST_DELTAS}");
    let squares: usize = (1..=w).map(|n| n * n).sum::<usize>();
    let last = cepstrum.columns().saturating_sub(1);
    Matrix::from_function(cepstrum.rows(), cepstrum.columns(), |k, t| {
        let row = cepstrum.row(k);
        let slope = (1..=w)
            .fold(T::ZERO, |sum, n| sum + T::from_usize(n) * (row[(t + n).min(last)] - row[t.saturating_sub(n)]));
        slope / T::from_usize(2 * squares)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_orthonormal() {
        let dct = dct::<f64>(20, 20);
        for i in 0..20 {
            for j in 0..20 {
                let dot = dct.row(i).iter().zip(dct.row(j)).fold(0.0, |sum, (a, b)| sum + a * b);
                assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-14, "{i}, {j}");
            }
        }
    }

    #[test]
    fn the_delta_of_a_line_is_its_slope_but_at_the_ends() {
        let line = Matrix::from_function(1, 9, |_, t| 3.0 * t as f64);
        let deltas = deltas(&line, 2);
        assert!(deltas.row(0)[2..7].iter().all(|&d| d == 3.0), "{deltas:?}");
        // (1·3 + 2·6)/10
        assert_eq!(deltas.row(0)[0], 1.5);
    }

    #[test]
    fn liftering_leaves_the_first_coefficient_and_raises_the_middle() {
        let weights = lifter::<f64>(13, 22);
        assert_eq!((weights[0], weights[11]), (1.0, 12.0));
    }
}
