//! The best step
//!
//! A derivative is a limit for h → 0, but the smallest step is not the best: each cost is rounded,
//! and the division by 2h magnifies the rounding. Measure it for J = eˣ, whose derivative is known:
//!
//!   error(h) = | ( e^(x + h) - e^(x - h) ) / 2h - eˣ |
//!
//! Compute the error for a list of steps, and find the step with the smallest. A gradient check has
//! to choose its step without knowing the derivative. For five points and the cost of a model,
//!
//!   h = 3·10⁻³·max(1, |θ_i|)                                                             (GC.2)
//!
//! is a good step: it grows with a large θ_i, whose sum θ_i + h is rounded more coarsely.

use ossicle::tutorial::workbook::tutor;

/// The errors of the two-point slope of eˣ at x: one for each of the steps, in their order.
pub fn errors(x: f64, steps: &[f64]) -> Vec<f64> {
    // solution
    let mut errors = vec![0.0; steps.len()];
    for k in 0..steps.len() {
        let h = steps[k];
        let slope = ((x + h).exp() - (x - h).exp()) / (2.0 * h);
        errors[k] = (slope - x.exp()).abs();
    }
    errors
    // end
}

/// The step with the smallest error. `errors` is as long as `steps`, at least 1; `errors[k]` is that of `steps[k]`.
pub fn best(steps: &[f64], errors: &[f64]) -> f64 {
    // solution
    let mut least = 0;
    for k in 1..steps.len() {
        if errors[k] < errors[least] {
            least = k;
        }
    }
    steps[least]
    // end
}

/// The step (GC.2) for a parameter with the value theta.
pub fn step(theta: f64) -> f64 {
    // solution
    3e-3 * theta.abs().max(1.0) // (GC.2)
    // end
}

/// At x = 0, J''' = 1 and the truncation error h²/6·J''' is 0.01/6 for h = 0.1, and 0.0001/6 for h = 0.01.
#[test]
fn a_tenth_of_the_step_has_a_hundredth_of_the_error() {
    let errors = errors(0.0, &[0.1, 0.01]);
    tutor::near(errors[0], 0.01 / 6.0, 1e-6);
    tutor::near(errors[1], 0.0001 / 6.0, 1e-9);
}

/// The least of 3, 5, 1 and 2 is the third, the error of the step 0.3.
#[test]
fn the_best_step_has_the_smallest_error() {
    assert_eq!(best(&[0.1, 0.2, 0.3, 0.4], &[3.0, 5.0, 1.0, 2.0]), 0.3);
}

/// At x = 0.4, h²/6·J is 2.5·10⁻¹¹ for h = 10⁻⁵. Rounding is up to u·J/h: 1.7·10⁻¹¹ for 10⁻⁵, 1.7·10⁻⁹ for 10⁻⁷.
#[test]
fn a_smaller_step_is_not_always_better() {
    let steps = [1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11];
    let errors = errors(0.4, &steps);
    assert!(errors[0] > errors[1] && errors[1] > errors[2], "the errors should fall up to h = 1e-5: {errors:?}");
    assert!(errors[2] < errors[3] && errors[3] < errors[4], "the errors should rise from h = 1e-5 on: {errors:?}");
    assert_eq!(best(&steps, &errors), 1e-5);
}

/// 3·10⁻³ for small parameters of either sign; 3·10⁻³·2 and 3·10⁻³·1000 for large ones.
#[test]
fn the_step_grows_with_a_large_parameter() {
    tutor::all_near(&[step(0.0), step(0.5), step(-0.5)], &[0.003, 0.003, 0.003], 1e-15);
    tutor::all_near(&[step(-2.0), step(1000.0)], &[0.006, 3.0], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::step::check(errors, best, step);
}

// hint: `x.exp()` is eˣ and `x.abs()` is |x|; `(x + h).exp()` needs its parentheses, and so does the denominator 2h.
//   Start with a vector of zeros as long as `steps`, and write each error into its place.
// hint: For `best`, keep the index of the smallest error so far. It starts at 0, and each error that is smaller than
//   `errors[least]` replaces it. The result is a step, not an index and not an error.
// hint: One error is `(((x + h).exp() - (x - h).exp()) / (2.0 * h) - x.exp()).abs()`. The larger of two numbers is
//   `a.max(b)`, so (GC.2) is 3e-3 times `theta.abs().max(1.0)`.
