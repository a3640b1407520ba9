//! Forward through two layers
//!
//! A layer applies all its units to the same input, and the next layer reads their activations. Two
//! layers make an autoencoder, which the chapter "The sparse autoencoder" trains: from an example x
//! of n_v values, n_h hidden units compute activations a2, and from these, n_v output units compute
//! y, a reconstruction of x. (The input counts as layer 1, and the hidden layer as layer 2: hence
//! a2, and z3 at the output.) With the sigmoid σ:
//!
//!   z = W x + b,  a = σ(z) = 1/(1 + e^(-z))                                     (BP.1), (BP.2)
//!   z2 = W1 x + b1,  a2 = σ(z2)                                                 (AE.1)
//!   z3 = W2 a2 + b2,  y = σ(z3)                                                 (AE.2)
//!
//! Row j of W holds the weights of unit j, so z_j = b_j + Σ_i W_ji x_i. A matrix is a list of its
//! rows, and W_ji is w[j][i]. Write one layer, of any number of units and inputs, then both.

use ossicle::tutorial::workbook::tutor;

/// The activations of a layer for the input x: one for each unit. w is n_units rows of n_inputs values, b has n_units
/// values, and x has n_inputs values.
pub fn layer(w: &[Vec<f64>], b: &[f64], x: &[f64]) -> Vec<f64> {
    // solution
    let mut a = vec![0.0; b.len()];
    for j in 0..b.len() {
        let mut z = b[j];
        for i in 0..x.len() {
            z += w[j][i] * x[i]; // (BP.1)
        }
        a[j] = 1.0 / (1.0 + (-z).exp()); // (BP.2)
    }
    a
    // end
}

/// The pair (a2, y) for the example x, which has n_v values. w1 is n_h rows of n_v values, b1 has n_h values, w2 is n_v
/// rows of n_h values, and b2 has n_v values.
pub fn forward(w1: &[Vec<f64>], b1: &[f64], w2: &[Vec<f64>], b2: &[f64], x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    // solution
    let a2 = layer(w1, b1, x); // (AE.1)
    let y = layer(w2, b2, &a2); // (AE.2)
    (a2, y)
    // end
}

/// z = (2·1 - 1·3 + 1, 3·1 - 1·3 + ln 3, 0 - ln 3) = (0, ln 3, -ln 3), where the sigmoid is ½, ¾ and ¼.
#[test]
fn three_units_read_two_inputs() {
    let (w, b) = ([vec![2.0, -1.0], vec![3.0, -1.0], vec![0.0, 0.0]], [1.0, 3.0_f64.ln(), -3.0_f64.ln()]);
    tutor::all_near(&layer(&w, &b, &[1.0, 3.0]), &[0.5, 0.75, 0.25], 1e-12);
}

/// z2 = 2·4 - 8 = 0 and a2 = ½. Then z3 = 6·½ + ln 3 - 3 = ln 3, and y = ¾.
#[test]
fn one_hidden_unit_and_one_output() {
    let (a2, y) = forward(&[vec![2.0]], &[-8.0], &[vec![6.0]], &[3.0_f64.ln() - 3.0], &[4.0]);
    tutor::all_near(&a2, &[0.5], 1e-12);
    tutor::all_near(&y, &[0.75], 1e-12);
}

/// a2 = (½, ¾, ¼) as above. Then z3 = (2·½ - 4·¼, 4·¾ + 4·¼ - 4 + ln 3) = (0, ln 3), and y = (½, ¾).
#[test]
fn the_second_layer_reads_the_activations_of_the_first() {
    let (w1, b1) = ([vec![2.0, -1.0], vec![3.0, -1.0], vec![0.0, 0.0]], [1.0, 3.0_f64.ln(), -3.0_f64.ln()]);
    let (w2, b2) = ([vec![2.0, 0.0, -4.0], vec![0.0, 4.0, 4.0]], [0.0, 3.0_f64.ln() - 4.0]);
    let (a2, y) = forward(&w1, &b1, &w2, &b2, &[1.0, 3.0]);
    tutor::all_near(&a2, &[0.5, 0.75, 0.25], 1e-12);
    tutor::all_near(&y, &[0.5, 0.75], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::forward::check(layer, forward);
}

// hint: `layer` needs two loops, one inside the other: the outer one over the units j, of which there are `b.len()`,
//   the inner one over the inputs i, of which there are `x.len()`. In which of the two loops does z start over?
//   `forward` needs no loop: it uses `layer`.
// hint: `layer`: make a vector a of zeros before the loops. In the outer loop, start z at b[j]; in the inner one, add
//   w[j][i]·x[i]; after the inner one, write the sigmoid of z into a[j]. `forward`: the first layer reads x, and the
//   second one reads what the first one gives.
// hint: `layer`: `z += w[j][i] * x[i];` in the inner loop, `a[j] = 1.0 / (1.0 + (-z).exp());` after it. `forward`: call
//   `layer` with w1, b1, and x, which gives a2, and again with w2, b2, and `&a2`, which gives y. Its last line is `(a2,
//   y)`.
