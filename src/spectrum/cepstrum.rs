//! The cepstrum: the spectrum of a spectrum's logarithm, in which the shape of the mouth lies low and the pitch high.
//!
//! Why: the mouth strengthens and weakens the frequencies of the vocal cords, so a voice's spectrum is a product of two
//! curves: a smooth one from the shape of the mouth and a wavy one from the pitch. Its logarithm is their sum, and a
//! Fourier transform along the frequency separates slow curves from fast ones. A spectrum mirrored at its edges is real
//! and even, so cosines are enough. As neighboring mel bands rise and fall together, a few coefficients say almost as
//! much as all bands.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x_b | the value of band b = 0, ..., B - 1 |
//! | c_k | cepstral coefficient k = 0, ..., B - 1; c_t is one coefficient in frame t |
//! | s_k | the scale of row k |
//! | l_k, L | the weight of coefficient k in liftering; the lifter's length |
//! | d_t, v | the delta of a coefficient in frame t; the number of frames to each side |
//!
//! (CE.2) is the discrete cosine transform, type II, orthonormal. (CE.3) is liftering, and (CE.4) the delta, with n =
//! 1, ..., v.
//!
//! ```text
//! (CE.1)  s_0 = √(1/B),  s_k = √(2/B) for k > 0
//! (CE.2)  c_k = s_k·Σ_b x_b·cos(π·k·(2b + 1)/2B)
//! (CE.3)  l_k = 1 + L/2·sin(π·k/L)
//! (CE.4)  d_t = Σ_n n·(c_(t+n) - c_(t-n)) / (2·Σ_n n²)
//! ```
//!
//! Of a log-mel spectrum the c_k are the mel-frequency cepstral coefficients, MFCC.
//!
//! Why the rows of (CE.2) are orthonormal. With α = π·j/2B, the sum C_j = Σ_b cos(α·(2b + 1)) is the real part of a
//! geometric series, for j = 1, ..., 2B - 1:
//!
//! ```text
//! Σ_b e^(iα(2b+1)) = e^(iα)·(1 - e^(2iαB))/(1 - e^(2iα)) = (1 - e^(iπj))/(e^(-iα) - e^(iα)) = i·(1 - (-1)ʲ)/(2·sin α)
//! ```
//!
//! It is imaginary, so C_j = 0; and C_0 = B. By 2·cos x·cos y = cos(x - y) + cos(x + y), the product of rows k and l is
//! s_k·s_l·½·(C_(k-l) + C_(k+l)). That is 0 for k ≠ l, s_k²·B/2 = 1 for k = l > 0, and s_0²·B = 1 for k = l = 0.
//!
//! Why liftering: higher coefficients are smaller by an order of magnitude; weights that grow with k bring them to one
//! scale.
//!
//! Why (CE.4) is a slope: the line a + d·n through the 2v + 1 values c_(t+n) with the least squared error has 0 as the
//! derivative by d of Σ_n (c_(t+n) - a - d·n)². So Σ_n n·c_(t+n) = d·Σ_n n², since Σ_n n = 0 over n = -v, ..., v; pairs
//! of n and -n give (CE.4). Beyond the ends the first and the last frame are repeated.
//!
//! By hand, B = 2 and x = (1, 3): c_0 = (1 + 3)/√2 = 2.83, c_1 = 1·cos 45° + 3·cos 135° = -2/√2 = -1.41. The sum of
//! squares is 10, as that of x.
//!
//! Sources: N. Ahmed, T. Natarajan and K. R. Rao 1974 (transform); S. Davis and P. Mermelstein 1980 (MFCC); S. Young et
//! al., "The HTK book", 2006 (liftering with L = 22, deltas).

use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec;
use alloc::vec::Vec;

/// The largest v: the sum of squares fits in 32 bits.
const MAX_DELTA_FRAMES: usize = 1000;

/// The first coefficients of x, term by term.
///
/// # Panics
/// If there are more coefficients than bands.
pub fn by_definition(x: &[f64], coefficients: usize) -> Vec<f64> {
    let bands = x.len();
    assert!(coefficients <= bands, "{coefficients} coefficients of {bands} bands");
    let mut c = vec![0.0; coefficients];
    for k in 0..coefficients {
        let scale = Element::sqrt(if k == 0 { 1.0 } else { 2.0 } / bands as f64); // (CE.1)
        for b in 0..bands {
            let (_, cosine) = ((k * (2 * b + 1)) as f64 / (2 * bands) as f64).sin_cos_pi();
            c[k] += scale * x[b] * cosine; // (CE.2)
        }
    }
    c
}

/// The first rows of the transform as a matrix, coefficients x bands; computed in f64.
///
/// # Panics
/// If there are more coefficients than bands, or there is no memory for the matrix.
pub fn dct<T: Real>(coefficients: usize, bands: usize) -> Matrix<T> {
    assert!(coefficients <= bands, "{coefficients} coefficients of {bands} bands");
    let scale = |k: usize| Element::sqrt(if k == 0 { 1.0 } else { 2.0 } / bands as f64); // (CE.1)
    Matrix::from_function(coefficients, bands, |k, b| {
        // The angle is reduced before it is rounded: it is a multiple of π/2B.
        let angle = k * (2 * b + 1) % (4 * bands);
        T::from_f64(scale(k) * (angle as f64 / (2 * bands) as f64).sin_cos_pi().1) // (CE.2)
    })
}

/// The weights of liftering, L >= 1, for coefficients 0, 1, ...
///
/// # Panics
/// If L is 0, or there is no memory for the weights.
pub fn lifter<T: Real>(coefficients: usize, l: usize) -> Vec<T> {
    assert!(l > 0, "a lifter of 0");
    let weight = |k: usize| 1.0 + l as f64 / 2.0 * (k as f64 / l as f64).sin_cos_pi().0; // (CE.3)
    size::claim::<T>(coefficients);
    (0..coefficients).map(|k| T::from_f64(weight(k))).collect()
}

/// The deltas of coefficients, coefficients x frames, over v frames to each side.
///
/// # Panics
/// If v is 0 or above 1000.
pub fn deltas<T: Real>(cepstrum: &Matrix<T>, v: usize) -> Matrix<T> {
    assert!(
        (1..=MAX_DELTA_FRAMES).contains(&v),
        "deltas over {v} frames to each side; expected 1 to {MAX_DELTA_FRAMES}"
    );
    let squares: usize = (1..=v).map(|n| n * n).sum::<usize>();
    let last = cepstrum.columns().saturating_sub(1);
    Matrix::from_function(cepstrum.rows(), cepstrum.columns(), |k, t| {
        let row = cepstrum.row(k);
        let slope = (1..=v)
            .fold(T::ZERO, |sum, n| sum + T::from_usize(n) * (row[(t + n).min(last)] - row[t.saturating_sub(n)]));
        slope / T::from_usize(2 * squares) // (CE.4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_the_definition() {
        let x: Vec<f64> = (0..20).map(|b| f64::from(b * b % 7) - 2.5).collect();
        let (matrix, expected) = (dct::<f64>(13, 20), by_definition(&x, 13));
        for k in 0..13 {
            let c = matrix.row(k).iter().zip(&x).fold(0.0, |sum, (w, x)| sum + w * x);
            assert!((c - expected[k]).abs() < 1e-13, "{k}: {c}, {}", expected[k]);
        }
    }

    #[test]
    fn two_bands_by_hand() {
        let c = by_definition(&[1.0, 3.0], 2);
        assert!((c[0] - Element::sqrt(8.0)).abs() < 1e-15 && (c[1] + Element::sqrt(2.0)).abs() < 1e-15, "{c:?}");
    }

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
