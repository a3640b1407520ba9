//! Detective: right for one example
//!
//! A sparse autoencoder of sigmoid units with the squared error, without weight decay:
//!
//!   J = (1/m) Σ_x ½·|y - x|² + β·Σ_j KL(ρ‖ρ̂_j),  with ρ̂_j = (1/m) Σ_x a2_j       (AE.3), (AE.7)
//!
//! The values of J are right. The code returns δ2; W1 and b1 of the gradient are computed from δ2,
//! W2 and b2 from δ3. The gradient check prints these errors, which should be below 10⁻⁸:
//!
//!   m   β       W1        W2        b1        b2
//!   7   0    2·10⁻¹²   3·10⁻¹²   2·10⁻¹²   1·10⁻¹¹
//!   1   3    3·10⁻¹³   2·10⁻¹²   6·10⁻¹³   6·10⁻¹²
//!   7   3    0.085     9·10⁻¹²   0.019     2·10⁻¹¹
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line, a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'E';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// β·Σ_j KL(ρ‖ρ̂_j), and δ2 of each example. W2 has a row for each output; a2, y, and x have a row for each example.
pub fn penalty_and_deltas(
    w2: &[Vec<f64>],
    a2: &[Vec<f64>],
    y: &[Vec<f64>],
    x: &[Vec<f64>],
    rho: f64,
    beta: f64,
) -> (f64, Vec<Vec<f64>>) {
    let mut mean = vec![0.0; a2[0].len()];
    let mut penalty = 0.0;
    for j in 0..mean.len() {
        for n in 0..x.len() {
            mean[j] += a2[n][j] / x.len() as f64; // A
        }
        let r = mean[j];
        penalty += beta * (rho * (rho / r).ln() + (1.0 - rho) * ((1.0 - rho) / (1.0 - r)).ln()); // B
    }
    let mut delta2 = a2.to_vec(); // of the same shape; to be overwritten
    for n in 0..x.len() {
        let mut delta3 = vec![0.0; y[n].len()];
        for i in 0..y[n].len() {
            delta3[i] = (y[n][i] - x[n][i]) * y[n][i] * (1.0 - y[n][i]); // C
        }
        for j in 0..mean.len() {
            let a = a2[n][j]; // D
            // solution
            let s = beta * ((1.0 - rho) / (1.0 - mean[j]) - rho / mean[j]); // E
            // instead
            // let s = beta * ((1.0 - rho) / (1.0 - a) - rho / a); // E
            // end
            let mut back = s; // F
            for i in 0..y[n].len() {
                back += w2[i][j] * delta3[i]; // G
            }
            delta2[n][j] = back * a * (1.0 - a); // H
        }
    }
    (penalty, delta2)
}

#[test]
fn the_letter_is_right() {
    tutor::detective_autoencoder::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_autoencoder::check(penalty_and_deltas);
}

// hint: β = 0 switches the penalty off, and everything passes. So the mistake is in what the penalty adds to δ2. With β
//   = 3 and a single example, everything passes, too. Which two quantities are equal with one example, but not with
//   seven?
// hint: With a single example, a unit's mean is its activation on that example, so the check cannot tell them apart.
//   Look at each line that uses a mean or an activation, and find in (AE.3), (AE.10), and (AE.11) which of the two it
//   should use.
// hint: The slope s_j of (AE.10) has ρ̂_j in both fractions: it is the same for all examples. In this code ρ̂_j is
//   mean[j].
