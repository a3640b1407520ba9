//! Weight transfer
//!
//! Pretraining gives two autoencoders and a softmax regression. Fine-tuning needs one network that
//! starts with their weights: layer l is the encoder of autoencoder l, the softmax regression is
//! the top, and the decoders are not needed. Each model keeps its parameters in one flat vector,
//! every matrix row by row, but the blocks come in different orders:
//!
//!   autoencoder:          θ = (W1, W2, b1, b2)     W1: n_h x n_v,  W2: n_v x n_h
//!   softmax regression:   θ = (Θ, b)
//!   stacked network:      θ = (W_1, b_1, W_2, b_2, Θ, b),   W_l = W1⁽ˡ⁾,  b_l = b1⁽ˡ⁾
//!
//! An autoencoder has n_v inputs and n_h hidden units, so b1 has n_h values and b2 has n_v. Write
//! the encoder of one autoencoder, then the transfer. `x[2..5].to_vec()` copies a part of x, and
//! `theta.extend_from_slice(&x)` appends x to a vector theta.

use ossicle::tutorial::workbook::tutor;

/// W1 and b1 of an autoencoder with n_v inputs and n_h hidden units, from its parameters (W1, W2, b1, b2).
pub fn encoder(theta: &[f64], n_v: usize, n_h: usize) -> (Vec<f64>, Vec<f64>) {
    // solution
    let weights = n_h * n_v;
    let start = 2 * weights; // b1 follows W1 and W2, which are of equal length
    (theta[..weights].to_vec(), theta[start..start + n_h].to_vec())
    // end
}

/// The parameters (W_1, b_1, W_2, b_2, Θ, b) of the stacked network. `first` and `second` are the parameters of the
/// two autoencoders, and `softmax` is (Θ, b). The first autoencoder has n_v inputs and n_1 hidden units, the second
/// has n_1 inputs and n_2 hidden units.
pub fn transfer(first: &[f64], second: &[f64], softmax: &[f64], n_v: usize, n_1: usize, n_2: usize) -> Vec<f64> {
    // solution
    let (w_1, b_1) = encoder(first, n_v, n_1);
    let (w_2, b_2) = encoder(second, n_1, n_2);
    let mut theta = w_1;
    theta.extend_from_slice(&b_1);
    theta.extend_from_slice(&w_2);
    theta.extend_from_slice(&b_2);
    theta.extend_from_slice(softmax);
    theta
    // end
}

/// With two inputs and one hidden unit: W1 is the row (1, 2), W2 the column (3, 4), b1 = 5, b2 = (6, 7). With one input
/// and two hidden units: W1 is the column (1, 2), W2 the row (3, 4), b1 = (5, 6), b2 = 7.
#[test]
fn an_encoder_is_w1_and_b1() {
    let theta = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    assert_eq!(encoder(&theta, 2, 1), (vec![1.0, 2.0], vec![5.0]));
    assert_eq!(encoder(&theta, 1, 2), (vec![1.0, 2.0], vec![5.0, 6.0]));
}

/// The second autoencoder has one input and one hidden unit: W1 = 8, W2 = 9, b1 = 10, b2 = 11. The softmax regression
/// has two classes: Θ is the column (12, 13), b = (14, 15).
#[test]
fn the_network_is_the_encoders_and_the_softmax() {
    let first = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let theta = transfer(&first, &[8.0, 9.0, 10.0, 11.0], &[12.0, 13.0, 14.0, 15.0], 2, 1, 1);
    assert_eq!(theta, [1.0, 2.0, 5.0, 8.0, 10.0, 12.0, 13.0, 14.0, 15.0]);
}

/// Three inputs, layers of two units and one unit, and two classes make 2·3 + 2 + 1·2 + 1 + 2·1 + 2 = 15 values. All
/// values of the decoders are NaN.
#[test]
fn nothing_from_a_decoder_is_transferred() {
    let nan = f64::NAN;
    let first = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, nan, nan, nan, nan, nan, nan, 0.7, 0.8, nan, nan, nan];
    let theta = transfer(&first, &[0.1, 0.2, nan, nan, 0.3, nan, nan], &[0.1, 0.2, 0.3, 0.4], 3, 2, 1);
    assert_eq!(theta.len(), 15, "the length of the result (left) and the right one");
    assert!(theta.iter().all(|value| !value.is_nan()), "a value of a decoder (NaN here) is in the result: {theta:?}");
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::transfer::check(encoder, transfer);
}

// hint: Draw the vector of an autoencoder as a strip of four pieces and write the length of each piece below it. Where
//   does b1 begin, and where does it end?
// hint: For `encoder`: W1 is the first n_h·n_v values, and W2 has as many, so b1 begins at 2·n_h·n_v. For `transfer`:
//   call `encoder` once for each autoencoder. The second one has the hidden units of the first as its inputs.
// hint: `encoder` returns `theta[..n_h * n_v].to_vec()` and `theta[start..start + n_h].to_vec()`. In `transfer`, `let
//   (w_1, b_1) = encoder(first, n_v, n_1);` takes a pair apart, and the second is `encoder(second, n_1, n_2)`. Begin
//   with `let mut theta = w_1;`, append &b_1, &w_2 and &b_2 in this order, and finally softmax, unchanged.
