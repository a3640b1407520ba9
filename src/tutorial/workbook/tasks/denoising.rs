//! The cost of a denoising autoencoder
//!
//! An autoencoder with enough hidden units can copy its input and learn nothing. A denoising
//! autoencoder cannot: it reads a copy of the example in which some elements are erased, and has to
//! restore the example. So it must infer what is missing from what is left. For one example, with a
//! given mask that says which elements are erased:
//!
//!   x̃_i = 0 if element i is erased, else x_i           (DN.1)
//!   a2 = σ(W1 x̃ + b1),  y = W2 a2 + b2                 (AE.1), (AE.2)
//!   E = ½ Σ_i (y_i - ?)²                               (AE.4)
//!
//! The cost J is the mean of E over the m examples. Should y be compared with x or with x̃? Write
//! the corruption and the cost. `sums` is given.

use ossicle::tutorial::workbook::tutor;

/// W x + b: W has one row, and b one value, for each element of the result.
pub fn sums(w: &[Vec<f64>], b: &[f64], x: &[f64]) -> Vec<f64> {
    let mut z = b.to_vec();
    for j in 0..z.len() {
        for i in 0..x.len() {
            z[j] += w[j][i] * x[i];
        }
    }
    z
}

/// x̃ of one example x; the mask is as long as x, 0 where an element is erased and 1 where it is kept.
pub fn corrupted(x: &[f64], mask: &[f64]) -> Vec<f64> {
    // solution
    let mut result = vec![0.0; x.len()];
    for i in 0..x.len() {
        result[i] = mask[i] * x[i]; // (DN.1)
    }
    result
    // end
}

/// J of m examples, rows of n_v values, with a mask for each. W1 is n_h rows of n_v values, and W2 n_v rows of n_h
/// values; b1 has n_h values, and b2 n_v values.
pub fn cost(
    examples: &[Vec<f64>],
    masks: &[Vec<f64>],
    w1: &[Vec<f64>],
    b1: &[f64],
    w2: &[Vec<f64>],
    b2: &[f64],
) -> f64 {
    let m = examples.len();
    // solution
    let mut cost = 0.0;
    for n in 0..m {
        let x = &examples[n];
        let mut a2 = sums(w1, b1, &corrupted(x, &masks[n])); // (DN.4)
        for j in 0..a2.len() {
            a2[j] = 1.0 / (1.0 + (-a2[j]).exp()); // (AE.1)
        }
        let y = sums(w2, b2, &a2); // (AE.2)
        for i in 0..x.len() {
            cost += 0.5 * (y[i] - x[i]) * (y[i] - x[i]) / m as f64; // (AE.4)
        }
    }
    cost
    // end
}

/// An erased element is 0, and the others keep their values.
#[test]
fn what_is_kept_is_unchanged() {
    tutor::all_near(&corrupted(&[0.6, 0.2, -0.4], &[1.0, 0.0, 1.0]), &[0.6, 0.0, -0.4], 1e-12);
}

/// The chapter's example: x̃ = (0.6, 0), z2 = 0, a2 = ½, y = (½, 1), and ½·(0.1² + 0.8²) = 0.325.
#[test]
fn an_erased_element_has_to_be_restored() {
    let found =
        cost(&[vec![0.6, 0.2]], &[vec![1.0, 0.0]], &[vec![0.0, 1.0]], &[0.0], &[vec![1.0], vec![2.0]], &[0.0, 0.0]);
    tutor::near(found, 0.325, 1e-12);
}

/// W1 = 0 and b1 = ln 3, so a2 = 1/(1 + ⅓) = ¾ and y = 4·¾ = 3 for both examples: (½·(3 - 5)² + ½·(3 - 2)²)/2 = 1.25.
#[test]
fn the_cost_is_a_mean_over_the_examples() {
    let found =
        cost(&[vec![5.0], vec![2.0]], &[vec![0.0], vec![1.0]], &[vec![0.0]], &[3.0_f64.ln()], &[vec![4.0]], &[0.0]);
    tutor::near(found, 1.25, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::denoising::check(corrupted, cost);
}

// hint: The network reads x̃ in one place, its first layer. Restoring x means that y has to come close to x itself,
//   including the elements that the network did not see.
// hint: For each example, compute `sums(w1, b1, ...)` of the corrupted copy, the sigmoid of each element, and `sums(w2,
//   b2, ...)` of the result. The decoder is linear, so this is y. Then add ½·(y_i - x_i)² over i, with the clean x.
// hint: x̃_i is `mask[i] * x[i]`. In the loop over the examples n, call `corrupted(&examples[n], &masks[n])` for x̃,
//   and compare y with `examples[n]`. Divide the sum of all errors by m as f64.
