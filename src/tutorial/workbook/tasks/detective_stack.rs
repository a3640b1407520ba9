//! Detective: two layers of the same size
//!
//! A network with two hidden layers of three sigmoid units each, and softmax regression on top,
//! sends δ back in three steps:
//!
//!   δ_z = p - 1{k = y}      δ_2 = (Θᵀ·δ_z) ∘ a_2 ∘ (1 - a_2)                      (ST.4), (ST.5)
//!   δ_1 = (W_2ᵀ·δ_2) ∘ a_1 ∘ (1 - a_1)                                            (ST.6)
//!
//! The gradient check prints these errors, which should be below 10⁻⁸:
//!
//!                      W_1       b_1       W_2       b_2        Θ         b
//!   random weights    1.36      1.44     1·10⁻¹²   4·10⁻¹²   4·10⁻¹³   6·10⁻¹³
//!   W_2 symmetric    6·10⁻¹²   3·10⁻¹²   1·10⁻¹²   3·10⁻¹²   3·10⁻¹³   1·10⁻¹²
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line: a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'D';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// δ_1 and δ_2 of an example with the label y. `w2` has a row of weights for each unit of the second hidden layer,
/// `theta` one for each class; a1 and a2 are the activations of the hidden layers, p the probabilities.
pub fn deltas(
    w2: &[Vec<f64>],
    theta: &[Vec<f64>],
    a1: &[f64],
    a2: &[f64],
    p: &[f64],
    y: usize,
) -> (Vec<f64>, Vec<f64>) {
    let mut delta_z = p.to_vec();
    delta_z[y] -= 1.0; // A
    let mut delta2 = vec![0.0; a2.len()];
    for j in 0..a2.len() {
        let mut back = 0.0;
        for k in 0..delta_z.len() {
            back += theta[k][j] * delta_z[k]; // B
        }
        delta2[j] = back * a2[j] * (1.0 - a2[j]); // C
    }
    let mut delta1 = vec![0.0; a1.len()];
    for i in 0..a1.len() {
        let mut back = 0.0;
        for j in 0..a2.len() {
            // solution
            back += w2[j][i] * delta2[j]; // D
            // instead
            // back += w2[i][j] * delta2[j]; // D
            // end
        }
        delta1[i] = back * a1[i] * (1.0 - a1[i]); // E
    }
    (delta1, delta2)
}

#[test]
fn the_letter_is_right() {
    tutor::detective_stack::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_stack::check(deltas);
}

// hint: Which lines act on ∂J/∂W_1 and ∂J/∂b_1, but not on ∂J/∂W_2 and ∂J/∂b_2? Then look at the second row of the
//   table: what is special about a symmetric matrix?
// hint: A symmetric matrix is its own transpose, so it hides a wrong order of two indices. Compare the indices of lines
//   B and D with (ST.5) and (ST.6). With 3 and 4 units, the wrong line would stop: an index would be out of bounds.
// hint: W_2 has a row for each unit j of the second layer and a column for each unit i of the first. The sum of
//   (W_2ᵀ·δ_2)_i runs over j, down column i.
