//! Detective: one block of two
//!
//! A layer of sigmoid units learns to match targets t. For an example x, with a = σ(W·x + b),
//!
//!   J = (1/m) Σ_x ½ Σ_k (a_k - t_k)²      δ_k = (a_k - t_k)·a_k·(1 - a_k)
//!
//! The gradient check compares each block of ∇J with the slopes of J. A block passes if its
//! relative error, (GC.3) of the chapter "Is the gradient right?", is below 10⁻⁸:
//!
//!   examples m    error of W    error of b
//!            1      3·10⁻¹²       3·10⁻¹¹
//!            4      3·10⁻¹²       0.750
//!            7      3·10⁻¹²       0.857
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line: a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'F';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// ∂J/∂W and ∂J/∂b. W is a row of weights for each unit; x and t are the examples and their targets.
pub fn gradient(w: &[Vec<f64>], b: &[f64], x: &[Vec<f64>], t: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let m = x.len() as f64; // A
    let mut d_w = vec![vec![0.0; x[0].len()]; b.len()];
    let mut d_b = vec![0.0; b.len()];
    for n in 0..x.len() {
        for k in 0..b.len() {
            let mut z = b[k]; // B
            for i in 0..x[n].len() {
                z += w[k][i] * x[n][i]; // C
            }
            let a = 1.0 / (1.0 + (-z).exp());
            let delta = (a - t[n][k]) * a * (1.0 - a); // D
            for i in 0..x[n].len() {
                d_w[k][i] += delta * x[n][i] / m; // E
            }
            // solution
            d_b[k] += delta / m; // F
            // instead
            // d_b[k] += delta; // F
            // end
        }
    }
    (d_w, d_b)
}

#[test]
fn the_letter_is_right() {
    tutor::detective_layer::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_layer::check(gradient);
}

// hint: The error of W is only rounding, with any number of examples. Which lines does ∂J/∂W depend on? They are not
//   suspects.
// hint: The error of b depends only on the number of examples m: only rounding for 1, ¾ for 4, and 6/7 for 7. By which
//   factor is ∂J/∂b too large, if |wrong - right|/|wrong| is ¾?
// hint: By the factor m: J is a mean over the examples. ∂J/∂W is divided by m in line E; ∂J/∂b is not divided anywhere.
//   Line F has to be `d_b[k] += delta / m;`.
