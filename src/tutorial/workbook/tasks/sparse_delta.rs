//! δ2 with the sparsity penalty
//!
//! The activation a2_j of an example enters the cost in two ways: through the outputs, and through
//! the unit's mean ρ̂_j, on which the sparsity penalty depends. So δ2 has two terms. For every
//! example,
//!
//!   ρ̂_j = (1/m) Σ_x a2_j                         (AE.3)
//!   s_j = β ( (1-ρ)/(1-ρ̂_j) - ρ/ρ̂_j )            (AE.10)
//!   δ2 = (W2ᵀ δ3 + s) ∘ g'(z2)                   (AE.11)
//!
//! with the sigmoid as g. a2 and δ3 of all m examples are given. Before you start, decide which of
//! these quantities are the same for all examples and which are not: the answer sets the order of
//! your loops.

use ossicle::tutorial::workbook::tutor;

/// δ2 of all examples, m rows of n_h values: W2 is n_v rows of n_h values, δ3 is m rows of n_v values, and a2 is m rows
/// of n_h values. ρ is the target, and β the weight of the penalty.
pub fn delta2(w2: &[Vec<f64>], delta3: &[Vec<f64>], a2: &[Vec<f64>], rho: f64, beta: f64) -> Vec<Vec<f64>> {
    let (m, n_h, n_v) = (a2.len(), a2[0].len(), w2.len());
    let mut delta = vec![vec![0.0; n_h]; m];
    // solution
    for j in 0..n_h {
        let mut rho_hat = 0.0;
        for n in 0..m {
            rho_hat += a2[n][j] / m as f64; // (AE.3)
        }
        let s = beta * ((1.0 - rho) / (1.0 - rho_hat) - rho / rho_hat); // (AE.10)
        for n in 0..m {
            let mut back = s;
            for i in 0..n_v {
                back += w2[i][j] * delta3[n][i]; // (AE.11)
            }
            delta[n][j] = back * a2[n][j] * (1.0 - a2[n][j]); // (AE.11)
        }
    }
    delta
    // end
}

/// The chapter's two examples: s = 3·(0.9/0.5 - 0.1/0.5) = 4.8, and (2·0.05 + 4.8)·¼ = 1.225, (-2·0.05 + 4.8)·¼ =
/// 1.175.
#[test]
fn the_penalty_is_added_before_the_slope() {
    let found = delta2(&[vec![2.0]], &[vec![0.05], vec![-0.05]], &[vec![0.5], vec![0.5]], 0.1, 3.0);
    tutor::all_near(&[found[0][0], found[1][0]], &[1.225, 1.175], 1e-12);
}

/// δ3 = 0. ρ̂ = (0.2 + 0.6)/2 = 0.4, so s = 6·(0.8/0.6 - 0.2/0.4) = 5 for both; the slopes are 0.2·0.8 and 0.6·0.4.
#[test]
fn every_example_gets_the_same_s_times_its_own_slope() {
    let found = delta2(&[vec![2.0]], &[vec![0.0], vec![0.0]], &[vec![0.2], vec![0.6]], 0.2, 6.0);
    tutor::all_near(&[found[0][0], found[1][0]], &[5.0 * 0.16, 5.0 * 0.24], 1e-12);
}

/// β = 0. One example, two hidden units: (1·2 + 3·1)·¼ = 1.25, and (2·2 - 1·1)·¼ = 0.75.
#[test]
fn without_the_penalty_only_the_outputs_count() {
    let found = delta2(&[vec![1.0, 2.0], vec![3.0, -1.0]], &[vec![2.0, 1.0]], &[vec![0.5, 0.5]], 0.1, 0.0);
    tutor::all_near(&found[0], &[1.25, 0.75], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::sparse_delta::check(delta2);
}

// hint: ρ̂_j and s_j belong to a unit, not to an example. You need all examples before you know the first δ2, so an
//   example's a2 is read twice: once for the mean, and once for the slope.
// hint: For each unit j: first a loop over the examples for ρ̂_j, then s_j in one line, then a second loop over the
//   examples. In the second loop, start a sum at s_j and add the terms of W2ᵀ δ3, which are `w2[i][j] * delta3[n][i]`.
// hint: After the sum over i, multiply the whole sum, including s_j, by `a2[n][j] * (1.0 - a2[n][j])`, and store it in
//   `delta[n][j]`.
