//! δ through a stack of layers
//!
//! Two encoders and a softmax regression on their features become one network. Fine-tuning uses the
//! labels to improve all its weights, so it needs δ for every layer. The step from one layer down
//! to the next is the same in a network of any depth:
//!
//!   δ_z = p - 1{k = y},   δ_2 = (Θᵀ δ_z) ∘ a_2 ∘ (1 - a_2)           (ST.4), (ST.5)
//!   ∂J/∂Θ = (1/m) Σ_x δ_z a_2ᵀ + λ Θ,   ∂J/∂b = (1/m) Σ_x δ_z        (ST.7)
//!   ∂J/∂W_l = (1/m) Σ_x δ_l a_(l-1)ᵀ,   ∂J/∂b_l = (1/m) Σ_x δ_l      (ST.8)
//!
//! a_0 is the example x. Which weights and activations take you from δ_2 to δ_1? The parameters are
//! one vector θ = (W_1, b_1, W_2, b_2, Θ, b), matrices row by row; so is the gradient. The
//! forward pass and the cost are given. Write `step_down`, `add`, and the missing parts of the
//! gradient.

use ossicle::tutorial::workbook::tutor;

/// W a + b: w is W row by row.
fn weighted(w: &[f64], b: &[f64], a: &[f64]) -> Vec<f64> {
    let mut z = b.to_vec();
    for k in 0..b.len() {
        for j in 0..a.len() {
            z[k] += w[k * a.len() + j] * a[j];
        }
    }
    z
}

/// The sigmoid of each element.
fn sigmoid(z: &[f64]) -> Vec<f64> {
    z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect()
}

/// ln Σ_l e^(z_l), without overflow: -ln p_y is this number minus z_y, and ln p_k is z_k minus this number.
fn log_sum_exp(z: &[f64]) -> f64 {
    let c = z.iter().fold(z[0], |c, z| c.max(*z));
    let sum: f64 = z.iter().map(|z| (z - c).exp()).sum();
    c + sum.ln()
}

/// δ of a layer with the activations a, n values: w is the matrix above it, row by row, with n values in each row, and
/// `above` is δ of the layer above, with a value for each row.
pub fn step_down(w: &[f64], above: &[f64], a: &[f64]) -> Vec<f64> {
    let n = a.len();
    let mut delta = vec![0.0; n];
    // solution
    for j in 0..n {
        for k in 0..above.len() {
            delta[j] += w[k * n + j] * above[k]; // (ST.5)
        }
        delta[j] *= a[j] * (1.0 - a[j]); // (ST.5)
    }
    delta
    // end
}

/// Adds what one of m examples contributes to the gradient of a layer: W starts at position w of the gradient, and b at
/// position b. δ of the layer is `delta`, and the activations below it are `below`.
pub fn add(gradient: &mut [f64], w: usize, b: usize, delta: &[f64], below: &[f64], m: usize) {
    // solution
    for k in 0..delta.len() {
        for j in 0..below.len() {
            gradient[w + k * below.len() + j] += delta[k] * below[j] / m as f64; // (ST.8)
        }
        gradient[b + k] += delta[k] / m as f64; // (ST.8)
    }
    // end
}

/// J and ∇J, which is as long as θ: x is m rows of n_0 values, `labels` has m labels, `units` are n_1 and n_2, and λ is
/// `lambda`. W_1 is n_1 rows of n_0 values, W_2 is n_2 rows of n_1 values, and Θ is a row of n_2 values for each class.
/// The tutor calls the blocks W1, b1, W2, b2, Theta, and b.
pub fn cost_and_gradient(
    theta: &[f64],
    x: &[Vec<f64>],
    labels: &[usize],
    units: [usize; 2],
    classes: usize,
    lambda: f64,
) -> (f64, Vec<f64>) {
    let (m, n_0, [n_1, n_2]) = (x.len(), x[0].len(), units);
    // Where W_1, b_1, W_2, b_2, Θ and b start in θ.
    let (start_w1, start_b1) = (0, n_1 * n_0);
    let (start_w2, start_b2) = (start_b1 + n_1, start_b1 + n_1 + n_2 * n_1);
    let (start_top, start_b) = (start_b2 + n_2, start_b2 + n_2 + classes * n_2);
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    for n in 0..m {
        let a1 = sigmoid(&weighted(&theta[start_w1..start_b1], &theta[start_b1..start_w2], &x[n])); // (ST.1)
        let a2 = sigmoid(&weighted(&theta[start_w2..start_b2], &theta[start_b2..start_top], &a1)); // (ST.1)
        let z = weighted(&theta[start_top..start_b], &theta[start_b..], &a2); // (ST.2)
        let log_sum = log_sum_exp(&z);
        let p: Vec<f64> = z.iter().map(|z| (z - log_sum).exp()).collect();
        cost += (log_sum - z[labels[n]]) / m as f64; // (ST.3)
        // The three δ, and what they add to the gradient of the three layers.
        // solution
        let mut delta_z = p;
        delta_z[labels[n]] -= 1.0; // (ST.4)
        let delta2 = step_down(&theta[start_top..start_b], &delta_z, &a2); // (ST.5)
        let delta1 = step_down(&theta[start_w2..start_b2], &delta2, &a1); // (ST.6)
        add(&mut gradient, start_top, start_b, &delta_z, &a2, m); // (ST.7)
        add(&mut gradient, start_w2, start_b2, &delta2, &a1, m); // (ST.8)
        add(&mut gradient, start_w1, start_b1, &delta1, &x[n], m); // (ST.8)
        // instead
        // todo!();
        // end
    }
    for i in start_top..start_b {
        cost += 0.5 * lambda * theta[i] * theta[i]; // (ST.3)
        // The decay's part of the gradient.
        // solution
        gradient[i] += lambda * theta[i]; // (ST.7)
        // instead
        // todo!();
        // end
    }
    (cost, gradient)
}

/// Unit 0: 1·2 + 3·1 = 5, times ½·½. Unit 1: 2·2 - 1·1 = 3, times 0.2·0.8.
#[test]
fn a_unit_collects_delta_through_its_column() {
    tutor::all_near(&step_down(&[1.0, 2.0, 3.0, -1.0], &[2.0, 1.0], &[0.5, 0.2]), &[1.25, 0.48], 1e-12);
}

/// All values of the gradient start as 1. δ = 4 and the activations are (½, 3), for one of two examples. The weights
/// get (4·½/2, 4·3/2) added, and the bias after them gets 4/2.
#[test]
fn an_example_adds_to_what_is_there() {
    let mut gradient = [1.0; 4];
    add(&mut gradient, 1, 3, &[4.0], &[0.5, 3.0], 2);
    tutor::all_near(&gradient, &[1.0, 2.0, 7.0, 3.0], 1e-12);
}

/// The chapter's example with a layer below: W_1 and b_1 are 0, so a_1 = (½, ½); W_2 = (2, 4) and b_2 = -3, so a_2 =
/// σ(1 + 2 - 3) = ½. δ_2 is 0.4120, the chapter's δ_1, and δ_1 = (2, 4)·0.4120·¼ = (0.2060, 0.4120).
#[test]
fn a_layer_below_that_of_the_chapter_gets_its_delta() {
    let theta = [0.0, 0.0, 0.0, 0.0, 2.0, 4.0, -3.0, 9.0_f64.ln(), 0.0, 0.0, 0.0];
    let (cost, gradient) = cost_and_gradient(&theta, &[vec![0.5]], &[1], [2, 1], 2, 0.1);
    tutor::near(cost, 1.6277, 1e-4);
    tutor::all_near(&gradient[..4], &[0.1030, 0.2060, 0.2060, 0.4120], 1e-4); // W_1, b_1
    tutor::all_near(&gradient[4..7], &[0.2060, 0.2060, 0.4120], 1e-4); // W_2, b_2
    tutor::all_near(&gradient[7..], &[0.5947, -0.375, 0.75, -0.75], 1e-4); // Θ, b
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::stack::check(cost_and_gradient);
}

// hint: Begin with `step_down`. Unit j acts on every unit k above it: which elements of the flat matrix are its
//   weights? The slope needs the activations of the layer to which you go down. `add` is (ST.8) for one example.
// hint: In `step_down`, the weight from unit j to the unit k above is `w[k * n + j]`. In `cost_and_gradient`, call it
//   twice: from δ_z to δ_2 with Θ, `&theta[start_top..start_b]`, and a2, then from δ_2 to δ_1 with W_2 and a1. Then
//   call `add` once for each layer.
// hint: In `cost_and_gradient`: `let mut delta_z = p;` and `delta_z[labels[n]] -= 1.0;`. The top layer's call is
//   `add(&mut gradient, start_top, start_b, &delta_z, &a2, m);`, the others take δ_2 with a1 and δ_1 with `&x[n]`. The
//   decay's line adds λ·Θ, with no 1/m, to `gradient[i]`.
