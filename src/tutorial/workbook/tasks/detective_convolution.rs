//! Detective: a filter in the backward pass
//!
//! A filter w of h x v taps slides over a map x, and its output passes through a sigmoid:
//!
//!   z(i, j) = b + Σ_r Σ_s w(r, s)·x(i + r, j + s)      (CO.3)
//!   J = ½·Σ σ(z)²
//!   δ = ∂J/∂z
//!
//! The gradient check also treats x as parameters. Its errors should be below 10⁻⁸:
//!
//!   filter                                     ∂J/∂w     ∂J/∂b     ∂J/∂x
//!   random                                    2·10⁻¹²   2·10⁻¹²    0.081
//!   random, unchanged by a 180° rotation      2·10⁻¹²   2·10⁻¹²   2·10⁻¹²
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line, a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'E';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// Rows of numbers.
pub type Map = Vec<Vec<f64>>;

/// ∂J/∂w, ∂J/∂b, and ∂J/∂x from the filter w (h rows, v columns), the map x, and δ = ∂J/∂z, which has an element for
/// each position of the filter on x.
pub fn gradients(w: &[Vec<f64>], x: &[Vec<f64>], delta: &[Vec<f64>]) -> (Map, f64, Map) {
    let (h, v) = (w.len(), w[0].len());
    let (mut d_w, mut d_b) = (vec![vec![0.0; v]; h], 0.0);
    for i in 0..delta.len() {
        for j in 0..delta[0].len() {
            d_b += delta[i][j]; // A
            for r in 0..h {
                for s in 0..v {
                    d_w[r][s] += delta[i][j] * x[i + r][j + s]; // B
                }
            }
        }
    }
    let mut d_x = vec![vec![0.0; x[0].len()]; x.len()];
    for i in 0..x.len() {
        for j in 0..x[0].len() {
            for r in 0..h {
                for s in 0..v {
                    let row_exists = i >= r && i - r < delta.len(); // C
                    let column_exists = j >= s && j - s < delta[0].len(); // D
                    if row_exists && column_exists {
                        // solution
                        d_x[i][j] += w[r][s] * delta[i - r][j - s]; // E
                        // instead
                        // d_x[i][j] += w[h - 1 - r][v - 1 - s] * delta[i - r][j - s]; // E
                        // end
                    }
                }
            }
        }
    }
    (d_w, d_b, d_x)
}

#[test]
fn the_letter_is_right() {
    tutor::detective_convolution::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_convolution::check(gradients);
}

// hint: Only ∂J/∂x is wrong. By (CO.3), which elements of z does the element x(i, j) enter, and with which taps?
// hint: x(i, j) enters z(i - r, j - s) through the tap w(r, s), for all r and s. As r grows, does i - r grow or fall?
//   In which order, then, do the rows of the filter meet those of δ?
// hint: As r grows, i - r falls: the minus signs already rotate the filter by 180°. Rotating w as well would rotate it
//   twice, so the factor is w[r][s].
