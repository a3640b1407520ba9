//! The discrete Fourier transform
//!
//! How much of the wave with k cycles do N samples contain? Multiply the samples by that wave and
//! add the products. If the sound contains the wave, in step with it, the products agree in sign
//! and add up; if not, they cancel. A cosine alone misses a sound in step with a sine, so both
//! are used, as the two parts of a complex number:
//!
//!   X_k = Σ_n x_n·cos(2π·kn/N) - i·Σ_n x_n·sin(2π·kn/N)     k = 0, ..., ⌊N/2⌋     (FT.3)
//!
//! i is the imaginary unit; the pair (re, im) stands for re + i·im. The squared length of X_k, the
//! power |X_k|², says how strong the wave is, wherever it starts. Write the transform and the
//! power. In Rust, π is `PI`, and cos a and sin a are a.cos() and a.sin().

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::PI;

/// The pairs (re, im) of X_0, X_1, ..., X_⌊N/2⌋, where x is N samples, N at least 1.
pub fn transform(x: &[f64]) -> Vec<(f64, f64)> {
    // solution
    let mut spectrum = Vec::new();
    for k in 0..=x.len() / 2 {
        let (mut re, mut im) = (0.0, 0.0);
        for n in 0..x.len() {
            let angle = 2.0 * PI * (k * n) as f64 / x.len() as f64;
            re += x[n] * angle.cos(); // (FT.3)
            im -= x[n] * angle.sin(); // (FT.3)
        }
        spectrum.push((re, im));
    }
    spectrum
    // end
}

/// The power |X_k|² of each coefficient; the spectrum is a list of pairs (re, im), and the result has one value for
/// each.
pub fn power(spectrum: &[(f64, f64)]) -> Vec<f64> {
    // solution
    let mut power = Vec::new();
    for k in 0..spectrum.len() {
        let (re, im) = spectrum[k];
        power.push(re * re + im * im);
    }
    power
    // end
}

/// 2π/4 is a quarter turn. X_0 = 1 + 2 + 3 + 4, X_1 = 1 - 2i - 3 + 4i, X_2 = 1 - 2 + 3 - 4.
#[test]
fn four_samples_have_three_coefficients() {
    let spectrum = transform(&[1.0, 2.0, 3.0, 4.0]);
    let expected = [(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0)];
    assert_eq!(spectrum.len(), 3);
    for k in 0..3 {
        tutor::near(spectrum[k].0, expected[k].0, 1e-12);
        tutor::near(spectrum[k].1, expected[k].1, 1e-12);
    }
}

/// cos(2πn/4) = 1, 0, -1, 0: X_1 = 1·1 + (-1)·(-1) = 2, and the sums for X_0 and X_2 are 0. The sine 0, 1, 0, -1 has
/// the same power, all of it in im.
#[test]
fn a_wave_is_found_only_at_its_own_frequency() {
    tutor::all_near(&power(&transform(&[1.0, 0.0, -1.0, 0.0])), &[0.0, 4.0, 0.0], 1e-12);
    tutor::all_near(&power(&transform(&[0.0, 1.0, 0.0, -1.0])), &[0.0, 4.0, 0.0], 1e-12);
}

/// (1, 2, 3, 4) has the powers 10², (-2)² + 2², (-2)². Shifted to (4, 1, 2, 3), X_1 = 4 - i - 2 + 3i = 2 + 2i.
#[test]
fn a_shift_changes_the_coefficients_but_not_the_power() {
    tutor::near(transform(&[4.0, 1.0, 2.0, 3.0])[1].0, 2.0, 1e-12);
    for x in [[1.0, 2.0, 3.0, 4.0], [4.0, 1.0, 2.0, 3.0]] {
        tutor::all_near(&power(&transform(&x)), &[100.0, 8.0, 4.0], 1e-12);
    }
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::dft::check(transform, power);
}

// hint: You need two loops: the outer one runs over the frequencies k and pushes a pair for each, and the inner one
//   runs over the samples n and adds to two sums. How many frequencies are there for 4 samples, and how many for 5?
// hint: For each k, start `re` and `im` at 0. For each n, compute the angle 2π·kn/N once; its cosine times x_n is added
//   to `re`, and its sine times x_n is subtracted from `im`. To turn a product of whole numbers into an f64, write `(k
//   * n) as f64`; convert before you divide, since `/` between whole numbers rounds down.
// hint: `for k in 0..=x.len() / 2`, inside `let angle = 2.0 * PI * (k * n) as f64 / x.len() as f64;`, then
//   `spectrum.push((re, im));` after the inner loop. The squared length of re + i·im is re² + im².
