//! The whole sparse autoencoder, with weight decay
//!
//! The error, the penalty, δ3, and δ2 of the earlier tasks now combine into one cost and one
//! gradient, with one new term: weight decay. It keeps the weights small. So the network fits less
//! noise, and one escape no longer pays: activations all near ρ, whose small differences a large W2
//! would amplify.
//!
//!   J = (1/m) Σ_x E(x) + (λ/2) (|W1|² + |W2|²) + β Σ_j KL(ρ‖ρ̂_j)      (AE.7)
//!   δ3 = (y - x) ∘ f'(z3),  δ2 = (W2ᵀ δ3 + s) ∘ g'(z2)                (AE.8), (AE.11)
//!   ∂J/∂W2 = (1/m) Σ_x δ3 a2ᵀ + λ W2,   ∂J/∂b2 = (1/m) Σ_x δ3         (AE.12)
//!   ∂J/∂W1 = (1/m) Σ_x δ2 xᵀ + λ W1,    ∂J/∂b1 = (1/m) Σ_x δ2         (AE.13)
//!
//! E(x) = ½ Σ_i (y_i - x_i)² is the error, and |W|² is the sum of the squares of W's elements.
//! Biases are not decayed; f and g are the sigmoid. θ is one vector (W1, W2, b1, b2), with matrices
//! stored row by row, and the gradient has the same order. The forward pass, KL, and s, the slope
//! of the whole penalty, are given. Write J and its gradient.

use ossicle::tutorial::workbook::tutor;

/// KL(ρ‖ρ̂) of one unit.
fn divergence(rho: f64, rho_hat: f64) -> f64 {
    rho * (rho / rho_hat).ln() + (1.0 - rho) * ((1.0 - rho) / (1.0 - rho_hat)).ln() // (AE.6)
}

/// s of one unit.
fn penalty_slope(rho: f64, rho_hat: f64, beta: f64) -> f64 {
    beta * ((1.0 - rho) / (1.0 - rho_hat) - rho / rho_hat) // (AE.10)
}

/// The sigmoid of W x + b: w is W row by row.
fn layer(w: &[f64], b: &[f64], x: &[f64]) -> Vec<f64> {
    let mut a = vec![0.0; b.len()];
    for j in 0..b.len() {
        let mut z = b[j];
        for i in 0..x.len() {
            z += w[j * x.len() + i] * x[i];
        }
        a[j] = 1.0 / (1.0 + (-z).exp());
    }
    a
}

/// J and ∇J, which is as long as θ. θ is W1 (n_h rows of n_v values), W2 (n_v rows of n_h values), b1 and b2; x is m
/// rows of n_v values. λ is `lambda`, ρ is `rho`, and β is `beta`.
pub fn cost_and_gradient(
    theta: &[f64],
    x: &[Vec<f64>],
    n_h: usize,
    lambda: f64,
    rho: f64,
    beta: f64,
) -> (f64, Vec<f64>) {
    let (m, n_v) = (x.len(), x[0].len());
    // Where W1, W2, b1 and b2 start in θ.
    let (w1, w2, b1, b2) = (0, n_h * n_v, 2 * n_h * n_v, 2 * n_h * n_v + n_h);
    let (mut a2, mut y) = (Vec::new(), Vec::new());
    for n in 0..m {
        a2.push(layer(&theta[w1..w2], &theta[b1..b2], &x[n])); // (AE.1)
        y.push(layer(&theta[w2..b1], &theta[b2..], &a2[n])); // (AE.2)
    }
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    // solution
    let mut rho_hat = vec![0.0; n_h];
    for n in 0..m {
        for i in 0..n_v {
            cost += 0.5 * (y[n][i] - x[n][i]) * (y[n][i] - x[n][i]) / m as f64; // (AE.7)
        }
        for j in 0..n_h {
            rho_hat[j] += a2[n][j] / m as f64; // (AE.3)
        }
    }
    for j in 0..n_h {
        cost += beta * divergence(rho, rho_hat[j]); // (AE.7)
    }
    for i in w1..b1 {
        cost += 0.5 * lambda * theta[i] * theta[i]; // (AE.7)
        gradient[i] += lambda * theta[i]; // (AE.12), (AE.13)
    }
    for n in 0..m {
        let mut delta3 = vec![0.0; n_v];
        for i in 0..n_v {
            delta3[i] = (y[n][i] - x[n][i]) * y[n][i] * (1.0 - y[n][i]); // (AE.8)
            gradient[b2 + i] += delta3[i] / m as f64; // (AE.12)
        }
        for j in 0..n_h {
            let mut back = penalty_slope(rho, rho_hat[j], beta); // (AE.11)
            for i in 0..n_v {
                back += theta[w2 + i * n_h + j] * delta3[i]; // (AE.11)
                gradient[w2 + i * n_h + j] += delta3[i] * a2[n][j] / m as f64; // (AE.12)
            }
            let delta2 = back * a2[n][j] * (1.0 - a2[n][j]); // (AE.11)
            for i in 0..n_v {
                gradient[w1 + j * n_v + i] += delta2 * x[n][i] / m as f64; // (AE.13)
            }
            gradient[b1 + j] += delta2 / m as f64; // (AE.13)
        }
    }
    (cost, gradient)
    // end
}

/// The chapter's example: J = 0.02 + ½·½·2² + 3·0.36806. ∂J/∂W1 = 1.225·0.3, since W1 = 0, ∂J/∂W2 = 0.05·½ + ½·2,
/// ∂J/∂b1 = δ2 = 1.225, and ∂J/∂b2 = δ3 = 0.05.
#[test]
fn one_example_gives_the_numbers_of_the_chapter() {
    let (cost, gradient) = cost_and_gradient(&[0.0, 2.0, 0.0, -1.0], &[vec![0.3]], 1, 0.5, 0.1, 3.0);
    tutor::near(cost, 2.1242, 1e-4);
    tutor::all_near(&gradient, &[0.3675, 1.025, 1.225, 0.05], 1e-12);
}

/// The chapter's second example, 0.7, has δ3 = -0.05 and δ2 = 1.175. E is 0.02 again, so J stays the same.
#[test]
fn two_examples_are_averaged_but_the_decay_is_added_once() {
    let (cost, gradient) = cost_and_gradient(&[0.0, 2.0, 0.0, -1.0], &[vec![0.3], vec![0.7]], 1, 0.5, 0.1, 3.0);
    tutor::near(cost, 2.1242, 1e-4);
    tutor::all_near(&gradient, &[0.595, 1.0, 1.2, 0.0], 1e-12);
}

/// z2 = 0.4 - 2·0.7 + 1 = 0 and z3 = (0, 0), so a2 = ½, y = (½, ½), δ3 = (0.1·¼, -0.2·¼) = (0.025, -0.05), and s = 4.8.
/// δ2 = (2·0.025 + 4·0.05 + 4.8)·¼ = 1.2625. J = 0.025 + ½·½·(1² + 2² + 2² + 4²) + 3·0.36806. ∂J/∂W1 =
/// 1.2625·(0.4, 0.7) + ½·(1, -2), and ∂J/∂W2 = ½·(0.025, -0.05) + ½·(2, -4). ∂J/∂b1 = δ2 and ∂J/∂b2 = δ3
/// contain no decay.
#[test]
fn only_the_weights_are_decayed() {
    let theta = [1.0, -2.0, 2.0, -4.0, 1.0, -1.0, 2.0];
    let (cost, gradient) = cost_and_gradient(&theta, &[vec![0.4, 0.7]], 1, 0.5, 0.1, 3.0);
    tutor::near(cost, 7.3792, 1e-4);
    tutor::all_near(&gradient, &[1.005, -0.11625, 1.0125, -2.025, 1.2625, 0.025, -0.05], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::decay::check(cost_and_gradient);
}

// hint: Four loops, one after the other, will do: over the examples for E and ρ̂; over the hidden units for KL; over
//   the weights for the decay; and over the examples again for the gradient, because δ2 needs ρ̂. The decay belongs in
//   neither loop over the examples, since it has no 1/m.
// hint: W1_ji is `theta[w1 + j * n_v + i]`, and W2_ij is `theta[w2 + i * n_h + j]`; the gradient has the same
//   positions. W1 and W2 lie next to each other, so `for i in w1..b1` runs over all weights and no bias.
// hint: In the last loop, compute `delta3` first, and add each of its values, divided by m, to `gradient[b2 + i]`.
//   `delta3[i]` is `(y[n][i] - x[n][i]) * y[n][i] * (1.0 - y[n][i])`. Then, for each j, start at
//   `penalty_slope(rho, rho_hat[j], beta)`, add `theta[w2 + i * n_h + j] * delta3[i]` for all i, and multiply by
//   `a2[n][j] * (1.0 - a2[n][j])`: that is δ2_j. Add δ3_i·a2_j/m at W2_ij's position, δ2_j·x_i/m at W1_ji's, and
//   δ2_j/m at b1_j's.
