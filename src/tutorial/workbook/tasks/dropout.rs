//! Dropout, forward and back
//!
//! A unit that cannot rely on any one input learns a pattern that survives the loss of one. So in
//! training, dropout sets each value of a layer to 0 with probability q. In use, it drops nothing.
//! The next layer should receive the same values on average, so the kept values are multiplied by
//! some c:
//!
//!   in training:  a = μ ∘ x,  where μ_i is c if x_i is kept, else 0     (NB.4)
//!                 ∂J/∂x = μ ∘ d,  where d = ∂J/∂a                       (NB.11)
//!   in use:       a = x
//!
//! First find c: averaged over all random masks, a_i has to be x_i. Then write both functions. The
//! argument `mask` is not yet μ: it holds 1 where μ holds c.

use ossicle::tutorial::workbook::tutor;

/// The output a of the layer for its input x. The mask is as long as x: 1 where a value is kept, and 0 where it is
/// dropped. It is used only in training. q is the probability that a value is dropped.
pub fn forward(x: &[f64], mask: &[f64], q: f64, is_training: bool) -> Vec<f64> {
    let mut a = vec![0.0; x.len()];
    // solution
    for i in 0..x.len() {
        a[i] = if is_training { mask[i] * x[i] / (1.0 - q) } else { x[i] }; // (NB.4)
    }
    a
    // end
}

/// ∂J/∂x in training, from d = ∂J/∂a, the mask, and q, as above.
pub fn backward(d: &[f64], mask: &[f64], q: f64) -> Vec<f64> {
    let mut result = vec![0.0; d.len()];
    // solution
    for i in 0..d.len() {
        result[i] = mask[i] * d[i] / (1.0 - q); // (NB.11)
    }
    result
    // end
}

/// The chapter's example, x = 3 and q = ¼: dropped with probability ¼, kept with probability ¾, and 3 on average.
#[test]
fn the_mean_over_the_masks_is_the_input() {
    let [dropped, kept] = [0.0, 1.0].map(|mask| forward(&[3.0], &[mask], 0.25, true)[0]);
    tutor::near(dropped, 0.0, 1e-12);
    tutor::near(0.25 * dropped + 0.75 * kept, 3.0, 1e-12);
}

/// A network in use gives the same output every time.
#[test]
fn in_use_the_layer_changes_nothing() {
    tutor::all_near(&forward(&[3.0, -2.0], &[0.0, 1.0], 0.25, false), &[3.0, -2.0], 1e-12);
}

/// With q = ¾, a kept value counts 4 times: if x_0 grows by 0.01, a_0 grows by 0.04, and J by 7·0.04. If x_1 grows, a_1
/// stays 0.
#[test]
fn the_derivative_passes_where_the_value_passed() {
    tutor::all_near(&backward(&[7.0, 7.0], &[1.0, 0.0], 0.75), &[28.0, 0.0], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::dropout::check(forward, backward);
}

// hint: A value x_i becomes 0 with probability q and c·x_i with probability 1 - q. Write down its mean, and make it
//   equal to x_i.
// hint: The mean is q·0 + (1 - q)·c·x_i: solve for the c with which it is x_i. In backward, a_i = μ_i·x_i has the
//   derivative μ_i with respect to x_i, so d_i is multiplied by the same μ_i.
// hint: μ_i is `mask[i] / (1.0 - q)`. In forward, multiply x[i] by it if is_training; if not, a[i] is x[i], whatever
//   the mask is. In backward, multiply d[i] by it.
