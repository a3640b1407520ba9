//! The radix-2 fast Fourier transform: a transform of N numbers from two transforms of N/2 (J. Cooley and J. Tukey
//! 1965).
//!
//! Why: the definition X_k = Σ_n x_n·w^(kn), (FT.1), takes N² products of complex numbers, 65,536 for a frame of 256
//! samples. The idea: the even-numbered and the odd-numbered samples are two signals of half the length. Their
//! transforms, combined, are the transform of the whole; and each of them is computed the same way, down to transforms
//! of one number, which is its own transform.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | N | the number of samples, a power of two |
//! | x_n, X_k, w | samples, coefficients, and e^(-2πi/N) as in [`fourier`](super) |
//! | v | w² = e^(-2πi/(N/2)), the root of unity of the half-length transforms |
//! | E_k, O_k | the transforms of the even-numbered and of the odd-numbered samples |
//! | m, k | in (R2.1) to (R2.4), indices from 0 to N/2 - 1 |
//!
//! ```text
//! (R2.1)  E_k = Σ_m x_(2m)·v^(km)
//! (R2.2)  O_k = Σ_m x_(2m+1)·v^(km)
//! (R2.3)  X_k = E_k + wᵏ·O_k
//! (R2.4)  X_(k+N/2) = E_k - wᵏ·O_k
//! ```
//!
//! Drawn, this is a butterfly, with the twiddle factor wᵏ on one wing:
//!
//! ```text
//! E_k ────────────┬───── + ───── X_k
//!                  ╲   ╱
//!                    ╳
//!                  ╱   ╲
//! O_k ── · wᵏ ────┴───── - ───── X_(k+N/2)
//! ```
//!
//! Derivation. Split (FT.1) into its terms with even n = 2m and with odd n = 2m + 1:
//!
//! ```text
//! X_k = Σ_m x_(2m)·w^(2km) + Σ_m x_(2m+1)·w^(2km+k) = Σ_m x_(2m)·v^(km) + wᵏ·Σ_m x_(2m+1)·v^(km) = E_k + wᵏ·O_k
//! ```
//!
//! This holds for all N values of k, but E and O repeat after N/2, since v^(N/2) = 1: E_(k+N/2) = E_k, O_(k+N/2) = O_k.
//! And w^(k+N/2) = wᵏ·e^(-πi) = -wᵏ, which gives (R2.4).
//!
//! `fft` is this derivation as a program. It returns a single number unchanged. Given more, it copies the even-numbered
//! and the odd-numbered ones into two rows, calls itself for each row, and joins the two results by N/2 butterflies,
//! one for each k. The butterflies that make transforms of one length form a stage, and there are log₂N stages. The
//! first stage receives the samples sorted by the last binary digit of their indices, then by the digit before it, and
//! so on: for N = 8 in the order 0, 4, 2, 6, 1, 5, 3, 7, which is 0 to 7 with the three binary digits reversed
//! (bit-reversed order).
//!
//! Cost, in operations with complex numbers: with T(N) additions and subtractions for N numbers, and T(1) = 0,
//!
//! ```text
//! T(N) = 2·T(N/2) + N = 4·T(N/4) + N + N = ... = N·log₂N
//! ```
//!
//! since N can be halved log₂N times, and each halving merges by N/2 butterflies of two additions or subtractions each.
//! There is one product with wᵏ for every two of these, so ½·N·log₂N products in all. For N = 256 that is 2048
//! additions instead of N² - N = 65,280, and 1024 products instead of 65,536. For real samples the definition needs
//! only N/2 + 1 = 129 coefficients, and a term of (FT.3) takes two real products: 129·256·2 = 66,048. A complex product
//! takes four real ones, so radix 2 takes 4096, still 16 times fewer.
//!
//! By hand, x = (1, 2, 3, 4), w = -i, so w⁰ = 1, w¹ = -i and v = -1. The even-numbered samples are (1, 3), the
//! odd-numbered ones (2, 4):
//!
//! ```text
//! E_0 = 1 + 3 = 4     E_1 = 1 - 3 = -2
//! O_0 = 2 + 4 = 6     O_1 = 2 - 4 = -2
//! ```
//!
//! By (R2.3) and (R2.4):
//!
//! ```text
//! X_0 = 4 + 6 = 10    X_1 = -2 - i·(-2) = -2 + 2i
//! X_2 = 4 - 6 = -2    X_3 = -2 + i·(-2) = -2 - 2i
//! ```
//!
//! The program itself computes its spectra with [`complex`](super::complex), the same idea with R parts instead of two,
//! R a factor of N, for any length and without a call for each part.

use super::{Complex64, root_of_unity};
use alloc::vec;
use alloc::vec::Vec;

/// The transform of N complex numbers, N a power of two.
///
/// # Panics
/// If N is not a power of two.
pub fn fft(x: &[Complex64]) -> Vec<Complex64> {
    let length = x.len();
    assert!(length.is_power_of_two(), "{length} numbers; expected a power of two");
    if length == 1 {
        return x.to_vec();
    }
    let every_second = |from: usize| x[from..].iter().step_by(2).copied().collect::<Vec<_>>();
    let even = fft(&every_second(0)); // (R2.1)
    let odd = fft(&every_second(1)); // (R2.2)
    let mut spectrum = vec![Complex64::default(); length];
    for k in 0..length / 2 {
        let (re, im) = root_of_unity(k, length);
        let twiddled = Complex64 { re, im } * odd[k];
        spectrum[k] = even[k] + twiddled; // (R2.3)
        spectrum[k + length / 2] = even[k] - twiddled; // (R2.4)
    }
    spectrum
}

#[cfg(test)]
mod tests {
    use super::super::by_definition;
    use super::*;
    use crate::number::Random;

    #[test]
    fn four_samples_by_hand() {
        let spectrum = fft(&[1.0, 2.0, 3.0, 4.0].map(|x| Complex64::new(x, 0.0)));
        assert_eq!(spectrum, [(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0), (-2.0, -2.0)].map(|x| Complex64::new(x.0, x.1)));
    }

    #[test]
    fn it_is_the_definition_for_every_power_of_two() {
        let mut random = Random::new(2);
        for power in 0..10 {
            let length = 1 << power;
            let x: Vec<Complex64> =
                (0..length).map(|_| Complex64::new(random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0))).collect();
            for (fast, slow) in fft(&x).into_iter().zip(by_definition(&x)) {
                let gap = fast - slow;
                assert!(gap.re.abs().max(gap.im.abs()) <= 2e-15 * length as f64, "{length}: {gap:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "expected a power of two")]
    fn other_lengths_are_refused() {
        fft(&[Complex64::default(); 6]);
    }
}
