//! Detective: a filter on its way back
//!
//! A filter w of h x v taps slides over a map x, and its output passes a sigmoid:
//!
//!   z(i, j) = b + Σ_r Σ_s w(r, s)·x(i + r, j + s)      J = ½·Σ σ(z)²      δ = ∂J/∂z         (CO.3)
//!
//! The gradient check takes x for parameters, too. Its errors should be below 10⁻⁸:
//!
//!   filter                                       w         b         x
//!   random                                    2·10⁻¹²   2·10⁻¹²    0.081
//!   random, and unchanged by a turn of 180°   2·10⁻¹²   2·10⁻¹²   2·10⁻¹²
//!
//! Which line is wrong? Write its letter, then mend it.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line.
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
fn the_wrong_line_is_found() {
    tutor::detective_filter::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_filter::check(gradients);
}

// hint: Only x is wrong. By (CO.3), which elements of z does the element x(i, j) enter, and with which taps?
// hint: x(i, j) enters z(i - r, j - s) through the tap w(r, s), for all r and s. What do the minus signs do to the
//   order in which the filter meets δ?
// hint: The minus signs turn the filter by 180° already. To turn w as well is to turn it twice: the factor is w[r][s].
