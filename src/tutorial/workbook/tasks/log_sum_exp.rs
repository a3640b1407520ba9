//! Softmax without overflow
//!
//! The softmax turns scores into probabilities, and scores can have any size. But e^1000 is ∞ in an
//! f64, ∞/∞ is NaN, and ln 0 is -∞: one such example makes the whole cost useless. Subtracting the
//! same number c from all scores of an example does not change the probabilities:
//!
//!   p_k = e^(z_k - c) / Σ_l e^(z_l - c)            (SM.2)
//!   -ln p_y = c + ln Σ_l e^(z_l - c) - z_y         (SM.3)
//!
//! The first two terms of (SM.3) add up to ln Σ_l e^(z_l), whatever c is. Choose c so that no
//! exponential overflows and the sum is never 0, for scores near 1000 and near -1000 alike, and
//! write this logarithm. Then write the probabilities: (SM.3) holds for every class k in place of
//! y, so all you need is the scores, the logarithm, and one exponential for each class.

use ossicle::tutorial::workbook::tutor;

/// ln Σ_l e^(z_l) of the scores z, one for each class.
pub fn log_sum_exp(z: &[f64]) -> f64 {
    // solution
    let mut c = z[0];
    for l in 1..z.len() {
        if z[l] > c {
            c = z[l];
        }
    }
    let mut sum = 0.0;
    for l in 0..z.len() {
        sum += (z[l] - c).exp();
    }
    c + sum.ln() // (SM.3)
    // end
}

/// The probability of each class, from the scores z and their `log_sum`, which is ln Σ_l e^(z_l).
pub fn probabilities(z: &[f64], log_sum: f64) -> Vec<f64> {
    // solution
    let mut p = vec![0.0; z.len()];
    for k in 0..z.len() {
        p[k] = (z[k] - log_sum).exp(); // (SM.3)
    }
    p
    // end
}

/// The exponentials are 1, 2, and 5, and their sum is 8.
#[test]
fn small_scores_give_the_logarithm_of_the_sum() {
    let z = [0.0, 2.0_f64.ln(), 5.0_f64.ln()];
    tutor::near(log_sum_exp(&z), 8.0_f64.ln(), 1e-12);
    tutor::all_near(&probabilities(&z, 8.0_f64.ln()), &[0.125, 0.25, 0.625], 1e-12);
}

/// Relative to the largest score, the exponentials are 0 and 1 in some order (e^-2000 rounds to 0), or 1 and 1; the
/// logarithm of their sum is 0, or ln 2.
#[test]
fn scores_of_1000_do_not_overflow() {
    tutor::near(log_sum_exp(&[-1000.0, 1000.0]), 1000.0, 1e-9);
    tutor::all_near(&probabilities(&[-1000.0, 1000.0], 1000.0), &[0.0, 1.0], 1e-9);
    tutor::near(log_sum_exp(&[1000.0, -1000.0]), 1000.0, 1e-9);
    tutor::near(log_sum_exp(&[1000.0, 1000.0]), 1000.0 + 2.0_f64.ln(), 1e-9);
    tutor::all_near(&probabilities(&[1000.0, 1000.0], 1000.0 + 2.0_f64.ln()), &[0.5, 0.5], 1e-9);
}

/// Relative to the largest score, all three exponentials are 1: their sum is 3, not 0.
#[test]
fn scores_of_minus_1000_do_not_vanish() {
    let log_sum = -1000.0 + 3.0_f64.ln();
    tutor::near(log_sum_exp(&[-1000.0, -1000.0, -1000.0]), log_sum, 1e-9);
    tutor::all_near(&probabilities(&[-1000.0, -1000.0, -1000.0], log_sum), &[1.0 / 3.0; 3], 1e-9);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::log_sum_exp::check(log_sum_exp, probabilities);
}

// hint: For `log_sum_exp`: an exponential overflows when its exponent is large, and the sum is 0 when all exponents are
//   far below 0. Which c makes the largest exponent exactly 0? The chapter has a section on this.
// hint: For `log_sum_exp`: c is the largest score. Find it in a loop that starts with one of the scores, so that it
//   also works if all of them are negative. A second loop adds up the exponentials. For `probabilities`: (SM.3) holds
//   for every class k, and its first two terms are log_sum, so you know ln p_k.
// hint: `log_sum_exp` starts with `let mut c = z[0];`, adds up `(z[l] - c).exp()` in the second loop, and returns
//   `c + sum.ln()`. In `probabilities`, (SM.3) says ln p_k = z_k - log_sum, so p_k is `(z[k] - log_sum).exp()`.
