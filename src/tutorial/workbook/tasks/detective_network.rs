//! Detective: dropout, forward and back
//!
//! A network with one hidden layer of sigmoid units, dropout on it, linear outputs, and no biases:
//!
//!   a = σ(W1·x)      y = W2·(μ ∘ a)      J_x = ½·|y - t|²      μ_j is 0 or 1/(1 - q)        (NB.4)
//!
//! Trained on the spoken digits with q = ½, it reaches a test accuracy of 0.90, and all seems well.
//! A gradient check needs a J that does not change from call to call, so every evaluation gets the
//! same list of random numbers. The check prints (∂J_x/∂W1 is δ1·xᵀ; J is the mean of J_x):
//!
//!    q    error of ∂J/∂W1    error of ∂J/∂W2
//!   0         2·10⁻¹²            1·10⁻¹³
//!   0.2        0.64              1·10⁻¹³
//!   0.5        0.83              1·10⁻¹³
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line, a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'G';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// ∂J_x/∂W2 and δ1 of an example with the hidden activations a and the targets t. W2 has a row of weights for each
/// output. `uniform` is a list of random numbers from 0 to 1, which are taken one after another.
pub fn forward_and_back(w2: &[Vec<f64>], a: &[f64], t: &[f64], q: f64, uniform: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut taken = 0;
    // An element of a mask, 0 with probability q, and 1/(1 - q) otherwise. Every call takes the next random number.
    let mut draw = || {
        taken += 1;
        if uniform[(taken - 1) % uniform.len()] < q { 0.0 } else { 1.0 / (1.0 - q) }
    };
    let (mut mu, mut kept) = (vec![0.0; a.len()], vec![0.0; a.len()]);
    for j in 0..a.len() {
        mu[j] = draw(); // A
        kept[j] = mu[j] * a[j]; // B
    }
    let (mut d_w2, mut back) = (w2.to_vec(), vec![0.0; a.len()]); // d_w2 will be overwritten
    for k in 0..t.len() {
        let mut y = 0.0;
        for j in 0..a.len() {
            y += w2[k][j] * kept[j]; // C
        }
        let delta2 = y - t[k]; // D
        for j in 0..a.len() {
            d_w2[k][j] = delta2 * kept[j]; // E
            back[j] += w2[k][j] * delta2; // F
        }
    }
    let mut delta1 = vec![0.0; a.len()];
    for j in 0..a.len() {
        // solution
        delta1[j] = mu[j] * back[j] * a[j] * (1.0 - a[j]); // G
        // instead
        // delta1[j] = draw() * back[j] * a[j] * (1.0 - a[j]); // G
        // end
    }
    (d_w2, delta1)
}

#[test]
fn the_letter_is_right() {
    tutor::detective_network::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_network::check(forward_and_back);
}

// hint: Without dropout (q = 0) both gradients pass. With dropout ∂J/∂W2 passes, so the mask of the forward pass is
//   right. Where does a mask enter ∂J/∂W1?
// hint: A mask gives each hidden unit a constant factor: y depends on a_j through μ_j·a_j. So ∂J/∂a_j has a factor that
//   the forward pass has already used.
// hint: Each call of draw() gives a new number. Line G needs the μ_j of line A: the one that is stored in mu[j].
