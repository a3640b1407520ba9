//! The two loops of L-BFGS
//!
//! Newton's direction -B⁻¹·g corrects the gradient g for the curvature, but the Hessian B has n²
//! elements. L-BFGS estimates the product from its last m steps s_i and from the change y_i of the
//! gradient over each. With ρ_i = 1/(s_i·y_i), start at q = -g. The first loop takes the pairs from
//! the newest to the oldest; then q is scaled by γ of the newest pair; the second loop takes the
//! pairs from the oldest to the newest:
//!
//!   α_i = ρ_i·(s_i·q)      then  q ← q - α_i·y_i          (QN.4), (QN.5)
//!   γ = (s·y)/(y·y)        then  q ← γ·q                  (QN.3), (QN.6)
//!   β = ρ_i·(y_i·q)        then  q ← q + (α_i - β)·s_i    (QN.7), (QN.8)
//!
//! The last q is the direction d: two loops over vectors multiply by a matrix that is never formed.
//! Write both loops. Each line uses the q that the line before it left behind.

use ossicle::tutorial::workbook::tutor;

/// The inner product of two vectors.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The direction d from m pairs, at least one: `s[i]` and `y[i]` have n values each, and i = 0 is the oldest pair. The
/// gradient g has n values.
pub fn direction(s: &[Vec<f64>], y: &[Vec<f64>], g: &[f64]) -> Vec<f64> {
    // solution
    let (m, n) = (s.len(), g.len());
    let mut q = vec![0.0; n];
    for j in 0..n {
        q[j] = -g[j];
    }
    let mut alpha = vec![0.0; m];
    for i in (0..m).rev() {
        alpha[i] = dot(&s[i], &q) / dot(&s[i], &y[i]); // (QN.4)
        for j in 0..n {
            q[j] -= alpha[i] * y[i][j]; // (QN.5)
        }
    }
    let gamma = dot(&s[m - 1], &y[m - 1]) / dot(&y[m - 1], &y[m - 1]); // (QN.3)
    for j in 0..n {
        q[j] *= gamma; // (QN.6)
    }
    for i in 0..m {
        let beta = dot(&y[i], &q) / dot(&s[i], &y[i]); // (QN.7)
        for j in 0..n {
            q[j] += (alpha[i] - beta) * s[i][j]; // (QN.8)
        }
    }
    q
    // end
}

/// J = 2·θ² has the curvature 4, so the step 2 changes the gradient by 8. At g = 6 Newton's step is -6/4.
#[test]
fn one_pair_of_one_parameter_gives_newtons_step() {
    tutor::all_near(&direction(&[vec![2.0]], &[vec![8.0]], &[6.0]), &[-1.5], 1e-12);
}

/// J = (θ_1² + 4·θ_2²)/2. q becomes (-2, -8), (0, -8) with α_1 = 2, (1.6, -1.6) with α_0 = 1.6, the same with γ = 1,
/// (0.96, -2.24) with β = 0.96, and (-2, -2.24) with β = -0.96. Newton's direction is (-2, -2).
#[test]
fn two_pairs_almost_reach_newtons_direction() {
    let (s, y) = ([vec![-1.0, -1.0], vec![-1.0, 0.0]], [vec![-1.0, -4.0], vec![-1.0, 0.0]]);
    tutor::all_near(&direction(&s, &y, &[2.0, 8.0]), &[-2.0, -2.24], 1e-12);
}

/// With the pairs in the opposite order and g = y_1 = (-1, -4), α_1 = (-1 - 4)/5 = -1 makes q = 0, and q stays 0 until
/// the last line, where it becomes -1·s_1 = (1, 1).
#[test]
fn a_gradient_equal_to_the_newest_change_leads_back_along_its_step() {
    let (s, y) = ([vec![-1.0, 0.0], vec![-1.0, -1.0]], [vec![-1.0, 0.0], vec![-1.0, -4.0]]);
    tutor::all_near(&direction(&s, &y, &[-1.0, -4.0]), &[1.0, 1.0], 1e-12);
}

/// s = (1, 0) and y = (1, 1) have s·y = 1 and γ = 1/2. q becomes (-2, -3), (0, -1) with α = -2, (0, -0.5) with γ, and
/// (-1.5, -0.5) with β = -0.5.
#[test]
fn gamma_scales_what_the_first_loop_leaves() {
    tutor::all_near(&direction(&[vec![1.0, 0.0]], &[vec![1.0, 1.0]], &[2.0, 3.0]), &[-1.5, -0.5], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::two_loop::check(direction);
}

// hint: q is one vector that every line changes in place, and `dot` computes each inner product. `(0..m).rev()` runs
//   from the newest pair to the oldest. Which numbers of the first loop does the second one need?
// hint: The second loop needs every α_i, so keep them: `let mut alpha = vec![0.0; m];`. The newest pair has the index
//   m - 1. In each loop, compute the number first, then change all n elements of q.
// hint: First loop: `alpha[i] = dot(&s[i], &q) / dot(&s[i], &y[i]);`, then `q[j] -= alpha[i] * y[i][j];` for every j.
//   Then multiply q by γ. The second loop has the same form: β from y[i], then `q[j] += (alpha[i] - beta) * s[i][j];`.
