//! The best step
//!
//! A derivative is a limit for h → 0, but the smallest step is not the best: each cost is rounded,
//! and dividing by 2h magnifies the rounding. Measure this for J = eˣ, whose derivative is known:
//!
//!   error(h) = | ( e^(x + h) - e^(x - h) ) / 2h - eˣ |
//!
//! Compute the error for a list of steps, and find the step with the smallest error. A gradient
//! check has to choose its step without knowing the derivative. For five points and a model's cost,
//!
//!   h = 3·10⁻³·max(1, |θ_i|)                                                             (GC.2)
//!
//! is a good step. It grows with |θ_i|, because θ_i + h of a large θ_i is rounded more coarsely.

use ossicle::tutorial::workbook::tutor;

/// The errors of the two-point slope of eˣ at x: one for each step, in the same order.
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

/// The step with the smallest error. `errors` and `steps` have the same length, at least 1, and `errors[k]` is the
/// error of `steps[k]`.
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
    let found = errors(0.0, &[0.1, 0.01]);
    tutor::near(found[0], 0.01 / 6.0, 1e-6);
    tutor::near(found[1], 0.0001 / 6.0, 1e-9);
}

/// The least of 3, 5, 1 and 2 is the third, the error of the step 0.3.
#[test]
fn the_best_step_has_the_smallest_error() {
    assert_eq!(best(&[0.1, 0.2, 0.3, 0.4], &[3.0, 5.0, 1.0, 2.0]), 0.3);
}

/// Measured at x = 0.4, the error falls by 10⁴ from 10⁻¹ to 10⁻³, as h² does, and from there to 2·10⁻¹¹ at 10⁻⁵. Then
/// it rises, to 6·10⁻¹⁰ at 10⁻⁷ and 3·10⁻⁸ at 10⁻⁹. With h = 10⁻²⁰, both costs at x = 0 are 1, so the slope is 0 and
/// the error |0 - 1| is 1.
#[test]
fn a_smaller_step_is_not_always_better() {
    let steps = [1e-1, 1e-3, 1e-5, 1e-7, 1e-9];
    let found = errors(0.4, &steps);
    let turns = "the errors should fall from h = 1e-1 to 1e-5, then rise";
    assert!(found[0] > found[1] && found[1] > found[2], "{turns}: {found:?}");
    assert!(found[2] < found[3] && found[3] < found[4], "{turns}: {found:?}");
    assert_eq!(best(&steps, &found), 1e-5);
    tutor::all_near(&errors(0.0, &[1e-20]), &[1.0], 1e-12);
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

// hint: `errors` is one loop over the steps: start with a vector of zeros as long as `steps`, and write each error to
//   its place. `best` is a loop that remembers where the smallest error so far was. `step` is one line: the larger of
//   two numbers is `a.max(b)`.
// hint: `errors`: `x.exp()` is eˣ and `x.abs()` is |x|; `(x + h).exp()` needs its parentheses, and so does the
//   denominator 2h. `best`: keep the index of the smallest error so far. It starts at 0, and the index of each error
//   that is smaller replaces it. The result is a step, not an index and not an error. `step`: take |θ| first, then the
//   larger of that and 1, then multiply.
// hint: `errors`: one error is `(((x + h).exp() - (x - h).exp()) / (2.0 * h) - x.exp()).abs()`. `best`: `if errors[k] <
//   errors[least] { least = k; }` in the loop, and `steps[least]` at the end. `step`: `3e-3 * theta.abs().max(1.0)`.
