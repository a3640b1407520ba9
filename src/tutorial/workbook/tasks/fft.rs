//! The fast Fourier transform
//!
//! The definition X_k = Σ_n x_n·w^(kn), w = e^(-2πi/N), takes N² products of complex numbers. Let E
//! and O be the transforms of the even-numbered samples x_0, x_2, ... and of the odd-numbered ones
//! x_1, x_3, ..., each of length N/2. One product for every two coefficients joins E and O into the
//! transform X of all N samples:
//!
//!   X_k = E_k + wᵏ·O_k                    k = 0, ..., N/2 - 1      (R2.3)
//!   X_(k+N/2) = E_k - wᵏ·O_k                                       (R2.4)
//!
//! E and O are computed in the same way, down to transforms of a single number, which is its own
//! transform: ½·N·log₂N products, for N = 256 only 1024, not 65,536. Write `join`, where N is twice
//! the length of E, then the transform. (re, im) is re + i·im; wᵏ = cos(2πk/N) - i·sin(2πk/N). In
//! Rust, `+` does not add pairs: add their parts, (a.0 + b.0, a.1 + b.1).

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::PI;

/// The product of two complex numbers, each (re, im). (Given.)
pub fn times(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// X_0, ..., X_(N-1) from E and O, each N/2 complex numbers (re, im).
pub fn join(e: &[(f64, f64)], o: &[(f64, f64)]) -> Vec<(f64, f64)> {
    // solution
    let half = e.len();
    let mut x = vec![(0.0, 0.0); 2 * half];
    for k in 0..half {
        let angle = 2.0 * PI * k as f64 / (2 * half) as f64;
        let turned = times((angle.cos(), -angle.sin()), o[k]);
        x[k] = (e[k].0 + turned.0, e[k].1 + turned.1); // (R2.3)
        x[k + half] = (e[k].0 - turned.0, e[k].1 - turned.1); // (R2.4)
    }
    x
    // end
}

/// The transform of x: N complex numbers (re, im), N a power of two, at least 1.
pub fn transform(x: &[(f64, f64)]) -> Vec<(f64, f64)> {
    // solution
    if x.len() == 1 {
        return x.to_vec();
    }
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for m in 0..x.len() / 2 {
        even.push(x[2 * m]);
        odd.push(x[2 * m + 1]);
    }
    join(&transform(&even), &transform(&odd)) // (R2.1), (R2.2)
    // end
}

/// N = 2, so w⁰ = 1: X_0 = 1 + 3 and X_1 = 1 - 3.
#[test]
fn two_numbers_become_their_sum_and_their_difference() {
    are_near(&join(&[(1.0, 0.0)], &[(3.0, 0.0)]), &[(4.0, 0.0), (-2.0, 0.0)]);
}

/// The samples (1, 2, 3, 4) have E = (1 + 3, 1 - 3) and O = (2 + 4, 2 - 4), and w = -i turns O_1 = -2 into 2i.
#[test]
fn two_transforms_of_two_join_into_one_of_four() {
    let found = join(&[(4.0, 0.0), (-2.0, 0.0)], &[(6.0, 0.0), (-2.0, 0.0)]);
    are_near(&found, &[(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0), (-2.0, -2.0)]);
}

/// The same four samples. A single number stays as it is.
#[test]
fn the_transform_halves_down_to_single_numbers() {
    are_near(&transform(&[(5.0, -1.0)]), &[(5.0, -1.0)]);
    let found = transform(&[(1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0)]);
    are_near(&found, &[(10.0, 0.0), (-2.0, 2.0), (-2.0, 0.0), (-2.0, -2.0)]);
}

#[track_caller]
fn are_near(found: &[(f64, f64)], expected: &[(f64, f64)]) {
    assert_eq!(found.len(), expected.len(), "number of pairs");
    for k in 0..found.len() {
        let distance = (found[k].0 - expected[k].0).abs() + (found[k].1 - expected[k].1).abs();
        assert!(distance <= 1e-12, "element {k}: found {:?}; expected {:?}", found[k], expected[k]);
    }
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::fft::check(join, transform);
}

// hint: In `join`, N is the number of all samples, which is twice the length of E. In `transform`, first ask: is there
//   only one number? If nothing stops the halving, the calls go on until their memory runs out.
// hint: In `join`, compute wᵏ·O_k once for each k, with `times`. It is added to E_k for X_k and subtracted for
//   X_(k+N/2); `e[k].0` is the real part and `e[k].1` the imaginary part. In `transform`, copy the numbers with even
//   indices to one vector and those with odd indices to another, call `transform` for each, and join the results.
// hint: In `join`, wᵏ is `(angle.cos(), -angle.sin())` with the angle 2π·k/N. `transform` returns `x.to_vec()` for one
//   number, and `join(&transform(&even), &transform(&odd))` otherwise, with `even.push(x[2 * m]); odd.push(x[2 * m +
//   1]);` for m from 0 to N/2 - 1.
