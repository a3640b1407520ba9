//! Detective: two layers of one size
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
//! Which line is wrong? Write its letter, then mend it.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line.
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
fn the_wrong_line_is_found() {
    tutor::detective_transpose::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_transpose::check(deltas);
}

// hint: ∂J/∂W_2 and ∂J/∂b_2 are computed from δ_2, and they pass; ∂J/∂W_1 and ∂J/∂b_1 are computed from δ_1, and they
//   fail. So δ_2 is right, and δ_1 is not.
// hint: What is special about a symmetric matrix? With 3 units in one layer and 4 in the other, this code would panic:
//   an index would be out of bounds.
// hint: W_2 has a row for each unit j of the second layer and a column for each unit i of the first. The sum of
//   (W_2ᵀ·δ_2)_i runs over j, down column i.
