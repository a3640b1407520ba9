//! A unit and its slope
//!
//! A unit adds up its weighted inputs and a bias, and squeezes the sum into the range from 0 to 1:
//!
//!   z = b + Σ_i w_i·x_i        a = σ(z) = 1/(1 + e^(-z))
//!
//! To learn, a network must know how the activation a responds to a small change in z: the slope
//! σ'(z). For the sigmoid, it can be computed from the activation alone, without z and without
//! another exponential, so a network that has stored its activations has stored all it needs. The
//! chapter has that formula in a table. Derive it again, then write both functions.

use ossicle::tutorial::workbook::tutor;

/// The activation a of a unit with weights w and bias b, for the input x, which is as long as w.
pub fn activation(w: &[f64], b: f64, x: &[f64]) -> f64 {
    // solution
    let mut z = b;
    for i in 0..w.len() {
        z += w[i] * x[i];
    }
    1.0 / (1.0 + (-z).exp())
    // end
}

/// The slope da/dz, from the activation a.
pub fn slope(a: f64) -> f64 {
    // solution
    a * (1.0 - a)
    // end
}

/// 2·1 - 1·3 + 1 = 0, where the sigmoid is ½.
#[test]
fn a_sum_of_zero_gives_one_half() {
    tutor::near(activation(&[2.0, -1.0], 1.0, &[1.0, 3.0]), 0.5, 1e-12);
}

/// z = ln 3, so e^(-z) = ⅓ and a = ¾.
#[test]
fn a_sum_of_ln_3_gives_three_quarters() {
    tutor::near(activation(&[1.0], 0.0, &[3.0_f64.ln()]), 0.75, 1e-12);
}

/// The curve is steepest in its middle, and flat at its ends.
#[test]
fn the_slope_is_largest_at_one_half() {
    tutor::near(slope(0.5), 0.25, 1e-12);
    tutor::near(slope(0.75), 0.1875, 1e-12);
    tutor::near(slope(1.0), 0.0, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::unit::check(activation, slope);
}

// hint: `activation` is one loop for the sum z, and then the sigmoid of z. For `slope`, differentiate σ(z) = 1/(1 +
//   e^(-z)) by the chain rule, and look for a in the result.
// hint: `activation`: start z at b, and add w[i]·x[i] in a loop over i. In Rust e^(-z) is `(-z).exp()`; without the
//   parentheses it is -(e^z). `slope`: the chain rule gives e^(-z)/(1 + e^(-z))². This is a times another factor:
//   express that factor in terms of a, too.
// hint: `activation`: after the loop, the result is `1.0 / (1.0 + (-z).exp())`. `slope`: the other factor is e^(-z)/(1
//   + e^(-z)) = 1 - a, so the result is `a * (1.0 - a)`.
