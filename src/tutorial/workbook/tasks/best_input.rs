//! The input that excites a unit most
//!
//! What has a hidden unit learned to look for? One answer is the input to which it responds most,
//! which can be drawn next to the examples. A unit computes
//!
//!   a = σ(w·x + b)
//!
//! and if w·x > 0, 2x excites it more than x does. So only inputs of length 1 are compared:
//!
//!   |x| = 1,  where |x|² = Σ_i x_i²
//!
//! Among these, find the x for which a is largest. (The Cauchy-Schwarz inequality, w·x <= |w| |x|,
//! says how large w·x can get. Which x reaches that bound?) Write x, and the activation that the
//! unit reaches with it.

use ossicle::tutorial::workbook::tutor;

/// The input of length 1 that most excites the unit with weights w. It has as many values as w, which is not all zeros.
pub fn best_input(w: &[f64]) -> Vec<f64> {
    // solution
    let mut squares = 0.0;
    for i in 0..w.len() {
        squares += w[i] * w[i];
    }
    let mut x = vec![0.0; w.len()];
    for i in 0..w.len() {
        x[i] = w[i] / squares.sqrt();
    }
    x
    // end
}

/// The activation a that the unit with weights w and bias b reaches with its best input.
pub fn best_activation(w: &[f64], b: f64) -> f64 {
    // solution
    let x = best_input(w);
    let mut z = b;
    for i in 0..w.len() {
        z += w[i] * x[i];
    }
    1.0 / (1.0 + (-z).exp())
    // end
}

/// The chapter's example: |w| = √(9 + 16) = 5, and w·x = 3·0.6 + 4·0.8 = 5. With b = -5, z is 0.
#[test]
fn weights_of_length_5_reach_a_sum_of_5() {
    tutor::all_near(&best_input(&[3.0, 4.0]), &[0.6, 0.8], 1e-12);
    tutor::near(best_activation(&[3.0, 4.0], -5.0), 0.5, 1e-12);
}

/// A negative weight asks for a negative input: -1·(-1) = 1, and σ(1 + ln 3 - 1) = ¾.
#[test]
fn a_negative_weight_asks_for_a_negative_input() {
    tutor::all_near(&best_input(&[0.0, -1.0, 0.0]), &[0.0, -1.0, 0.0], 1e-12);
    tutor::near(best_activation(&[0.0, -1.0, 0.0], 3.0_f64.ln() - 1.0), 0.75, 1e-12);
}

/// The inputs with two values and length 1 are (cos t, sin t); here t is 0, 1, 2, ..., 359 degrees.
#[test]
fn no_other_input_of_length_1_does_better() {
    let (w, b) = ([3.0, 4.0], -4.5);
    let best = best_activation(&w, b);
    for degrees in 0..360 {
        let t = (degrees as f64).to_radians();
        let z = w[0] * t.cos() + w[1] * t.sin() + b;
        let a = 1.0 / (1.0 + (-z).exp());
        assert!(a <= best, "{degrees} degrees reach {a}; yours reaches {best}");
    }
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::best_input::check(best_input, best_activation);
}

// hint: σ rises, and b does not depend on x, so only w·x matters. It is |w| |x| times the cosine of the angle between w
//   and x. |x| is fixed at 1, so which angle is best?
// hint: For `best_input`: the best angle is 0, so x has the direction of w. By which number must w be divided, so that
//   its length becomes 1? For `best_activation`: what is w·x for this x?
// hint: In `best_input`, add the squares of all w[i] in a first loop, and set x[i] to w[i] divided by the root of that
//   sum (`sum.sqrt()` in Rust) in a second one. Then w·x = |w|, so `best_activation` is σ(|w| + b).
