//! The error of a reconstruction
//!
//! Training needs one number that says how far the reconstructions y are from the examples x. For
//! one example, it is the squared error; for m examples, it is the mean of their errors, the first
//! term of the cost:
//!
//!   E(x) = ½ Σ_i (y_i - x_i)²                                                   (AE.4)
//!   J = (1/m) Σ_x E(x) + ...                                                    (AE.7)
//!
//! The ½ cancels the 2 of the derivative with respect to y_i, which is y_i - x_i. The mean does not
//! grow with m, so it can be compared between sets of different sizes. Note the difference: the
//! values of an example are summed, but the examples are averaged. Write both functions.

use ossicle::tutorial::workbook::tutor;

/// The squared error of one example x with the reconstruction y, which is as long as x.
pub fn error(x: &[f64], y: &[f64]) -> f64 {
    // solution
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += (y[i] - x[i]) * (y[i] - x[i]);
    }
    0.5 * sum // (AE.4)
    // end
}

/// The mean of the errors of m examples; if it calls `error`, a mistake there makes both wrong. x is m examples of n_v
/// values, and y[n] is the reconstruction of x[n].
pub fn mean_error(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
    // solution
    let mut sum = 0.0;
    for n in 0..x.len() {
        sum += error(&x[n], &y[n]);
    }
    sum / x.len() as f64 // (AE.7)
    // end
}

/// The chapter's example is ½·0.2² = 0.02. The other error is ½·(1² + 2²) = 2.5: signs do not matter.
#[test]
fn the_error_is_half_the_sum_of_the_squares() {
    tutor::near(error(&[0.3], &[0.5]), 0.02, 1e-12);
    tutor::near(error(&[1.0, 0.0, 4.0], &[0.0, 2.0, 4.0]), 2.5, 1e-12);
}

/// The errors of the three examples are ½·4 = 2, ½·(1 + 1) = 1 and 0. Their mean is 1.
#[test]
fn the_values_are_summed_and_the_examples_averaged() {
    let (x, y) = ([vec![1.0, 0.0], vec![2.0, 2.0], vec![0.0, 3.0]], [vec![1.0, 2.0], vec![3.0, 1.0], vec![0.0, 3.0]]);
    tutor::near(mean_error(&x, &y), 1.0, 1e-12);
}

/// The mean example is (2, 2). The first value always differs from it by 1 and the second by 2, so the variances are 1
/// and 4, and the error is ½·(1 + 4). A useful reconstruction has a smaller error.
#[test]
fn reconstructing_the_mean_leaves_half_the_sum_of_the_variances() {
    let mean = vec![2.0, 2.0];
    tutor::near(mean_error(&[vec![1.0, 0.0], vec![3.0, 4.0]], &[mean.clone(), mean]), 2.5, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::error::check(error, mean_error);
}

// hint: Both functions add up numbers in a loop: write `let mut sum = 0.0;` before it. The factor, ½ in one function
//   and 1/m in the other, comes after the loop.
// hint: A square is a product, `d * d`, of the difference d = y[i] - x[i]. In `mean_error`, example n is `&x[n]` and
//   its reconstruction `&y[n]`, and `error` takes both.
// hint: `mean_error` adds `error(&x[n], &y[n])` for n in `0..x.len()`, and divides by `x.len() as f64`, since a usize
//   cannot divide an f64.
