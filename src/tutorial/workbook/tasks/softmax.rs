//! Softmax regression: the cost and its gradient
//!
//! Features alone do not name a class. Softmax regression turns them into a score for each class,
//! and training lowers the mean of -ln p_y, where p_y is the probability of the label:
//!
//!   z = Θ x + b                                      (SM.1)
//!   J = (1/m) Σ_x (-ln p_y) + (λ/2) |Θ|²             (SM.4)
//!   δ_k = p_k - 1{k = y}                             (SM.5)
//!
//! δ is m·∂J/∂z for one example, and 1{k = y} is 1 for the label's class and 0 for the others. Θ_kj
//! and b_k act on J through the score z_k of every example; Θ_kj also acts through the decay.
//! Write J with its gradient, (SM.6) and (SM.7), without looking at the listing of the chapter. The
//! parameters are one vector θ: Θ row by row, then b. `log_sum_exp` of an earlier task is given.

use ossicle::tutorial::workbook::tutor;

/// ln Σ_l e^(z_l), without overflow: -ln p_y is this number minus z_y, and ln p_k is z_k minus this number.
fn log_sum_exp(z: &[f64]) -> f64 {
    let mut c = z[0];
    for l in 1..z.len() {
        c = c.max(z[l]);
    }
    let mut sum = 0.0;
    for l in 0..z.len() {
        sum += (z[l] - c).exp();
    }
    c + sum.ln() // (SM.3)
}

/// J and ∇J, which is as long as θ. θ is Θ (a row of weights for each class) and b (a value for each class); x is m
/// rows of features, and `labels` has m labels, counted from 0. λ is `lambda`.
pub fn cost_and_gradient(
    theta: &[f64],
    x: &[Vec<f64>],
    labels: &[usize],
    classes: usize,
    lambda: f64,
) -> (f64, Vec<f64>) {
    let (m, features) = (x.len(), x[0].len());
    let b = classes * features; // where b starts in θ
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    // solution
    for n in 0..m {
        let mut z = vec![0.0; classes];
        for k in 0..classes {
            z[k] = theta[b + k]; // (SM.1)
            for j in 0..features {
                z[k] += theta[k * features + j] * x[n][j]; // (SM.1)
            }
        }
        let log_sum = log_sum_exp(&z);
        cost += (log_sum - z[labels[n]]) / m as f64; // (SM.4)
        for k in 0..classes {
            let mut delta = (z[k] - log_sum).exp(); // (SM.2)
            if k == labels[n] {
                delta -= 1.0; // (SM.5)
            }
            for j in 0..features {
                gradient[k * features + j] += delta * x[n][j] / m as f64; // (SM.6)
            }
            gradient[b + k] += delta / m as f64; // (SM.7)
        }
    }
    for i in 0..b {
        cost += 0.5 * lambda * theta[i] * theta[i]; // (SM.4)
        gradient[i] += lambda * theta[i]; // (SM.6)
    }
    (cost, gradient)
    // end
}

/// The chapter's example, with b = 0: p = (3/4, 1/4), so J = ln 4 + ½·0.1·(ln 3)², and δ = (0.75, -0.75).
#[test]
fn one_example_gives_the_numbers_of_the_chapter() {
    let ln3 = 3.0_f64.ln();
    let (cost, gradient) = cost_and_gradient(&[ln3, 0.0, 0.0, 0.0], &[vec![1.0]], &[1], 2, 0.1);
    tutor::near(cost, 1.4466, 1e-4);
    tutor::all_near(&gradient, &[0.75 + 0.1 * ln3, -0.75, 0.75, -0.75], 1e-12);
}

/// All p are ⅓, so J = ln 3. δ is (-⅔, ⅓, ⅓) for x = (1, 0) and (⅓, ⅓, -⅔) for x = (0, 2); the gradient is
/// their sum, each δ times its x, divided by m = 2.
#[test]
fn without_weights_every_class_is_equally_likely() {
    let x = [vec![1.0, 0.0], vec![0.0, 2.0]];
    let (cost, gradient) = cost_and_gradient(&[0.0; 9], &x, &[0, 2], 3, 0.1);
    tutor::near(cost, 3.0_f64.ln(), 1e-12);
    let sixths = [-2.0, 2.0, 1.0, 2.0, 1.0, -4.0, -1.0, 2.0, -1.0];
    tutor::all_near(&gradient, &sixths.map(|s| s / 6.0), 1e-12);
}

/// x = 0, and both scores are 2: J = ln 2 + ½·0.5·3², and the gradient of Θ is 0.5·3 for the weight that is not 0.
#[test]
fn the_weights_are_decayed_in_the_cost_and_in_the_gradient_but_b_is_not() {
    let (cost, gradient) = cost_and_gradient(&[3.0, 0.0, 2.0, 2.0], &[vec![0.0]], &[0], 2, 0.5);
    tutor::near(cost, 2.0_f64.ln() + 2.25, 1e-12);
    tutor::all_near(&gradient, &[1.5, 0.0, -0.5, 0.5], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::softmax::check(cost_and_gradient);
}

// hint: You need two loops, one after the other: over the examples for the mean and its gradient, and over the weights
//   for the decay. In the first loop, compute the scores of the example, then its part of the cost, then δ.
// hint: z_k = Σ_j Θ_kj x_j + b_k, so ∂z_k/∂Θ_kj = x_j and ∂z_k/∂b_k = 1. Each example adds δ_k·x_j/m to the gradient at
//   `k * features + j`, and δ_k/m at `b + k`. The decay adds λ·Θ_kj.
// hint: With `let log_sum = log_sum_exp(&z);` the example adds `(log_sum - z[labels[n]]) / m as f64` to the cost, and
//   p_k is `(z[k] - log_sum).exp()`. Subtract 1.0 from it if `k == labels[n]`. The second loop is `for i in 0..b`.
