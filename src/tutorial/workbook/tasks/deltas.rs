//! The two δ of an autoencoder
//!
//! The derivative of J with respect to a weight follows from the δ of its unit: m times the
//! derivative of J with respect to the unit's pre-activation z on one example. Without the sparsity
//! penalty (s = 0), that is the derivative of the example's error. So back-propagation first
//! computes two vectors for each example x: δ3 at the outputs, and from it δ2 at the hidden units:
//!
//!   δ3 = (y - x) ∘ f'(z3)                 (AE.8)
//!   δ2 = (W2ᵀ δ3) ∘ g'(z2)                (AE.11), (BP.3)
//!
//! y is the reconstruction, a2 holds the activations of the hidden units, and ∘ multiplies element
//! by element. Both f and g are the sigmoid. z3 and z2 are not given, but the slope of the sigmoid
//! can be computed from its value, y or a2. Write both functions.

use ossicle::tutorial::workbook::tutor;

/// δ3, n_v values, from the reconstruction y and the example x, n_v values each.
pub fn delta3(y: &[f64], x: &[f64]) -> Vec<f64> {
    let mut delta = vec![0.0; y.len()];
    // solution
    for i in 0..y.len() {
        delta[i] = (y[i] - x[i]) * y[i] * (1.0 - y[i]); // (AE.8)
    }
    delta
    // end
}

/// δ2, n_h values: W2 is n_v rows of n_h values, so that `w2[i][j]` leads from hidden unit j to output i; δ3 has n_v
/// values, and a2 has n_h values.
pub fn delta2(w2: &[Vec<f64>], delta3: &[f64], a2: &[f64]) -> Vec<f64> {
    let mut delta = vec![0.0; a2.len()];
    // solution
    for j in 0..a2.len() {
        let mut back = 0.0;
        for i in 0..delta3.len() {
            back += w2[i][j] * delta3[i]; // (BP.3)
        }
        delta[j] = back * a2[j] * (1.0 - a2[j]); // (AE.11)
    }
    delta
    // end
}

/// (0.5 - 0.3)·½·½ = 0.05, the chapter's example, and (0.2 - 0.7)·0.2·0.8 = -0.08.
#[test]
fn an_output_above_its_example_has_a_positive_delta() {
    tutor::all_near(&delta3(&[0.5, 0.2], &[0.3, 0.7]), &[0.05, -0.08], 1e-12);
}

/// One hidden unit and one output, with a2 = ½: 3·0.4·¼ = 0.3.
#[test]
fn delta_flows_back_through_the_weight_and_the_slope() {
    tutor::all_near(&delta2(&[vec![3.0]], &[0.4], &[0.5]), &[0.3], 1e-12);
}

/// 1·2 + 3·1 = 5, 2·2 + 0·1 = 4, and -1·2 + 1·1 = -1; the slopes are ¼, ¼, and 0.2·0.8 = 0.16.
#[test]
fn a_hidden_unit_collects_the_delta_of_all_outputs() {
    let w2 = [vec![1.0, 2.0, -1.0], vec![3.0, 0.0, 1.0]];
    tutor::all_near(&delta2(&w2, &[2.0, 1.0], &[0.5, 0.5, 0.2]), &[1.25, 1.0, -0.16], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::deltas::check(delta3, delta2);
}

// hint: Take δ3 first: it has one value for each output, and needs no sum. The slope of the sigmoid is a·(1 - a), where
//   a is its value, so f'(z3) needs only y.
// hint: For δ2, think of hidden unit j: which weights lead from it to the outputs? They are `w2[0][j]`, `w2[1][j]`, and
//   so on: column j of W2, which is row j of W2ᵀ. Multiply each of them by the δ3 of its output, and add.
// hint: In `delta3`: `delta[i] = (y[i] - x[i]) * y[i] * (1.0 - y[i])`. In `delta2`: for each j, start `back` at 0.0,
//   add `w2[i][j] * delta3[i]` for every i, and after that loop multiply by `a2[j] * (1.0 - a2[j])`.
