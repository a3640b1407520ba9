//! Backtracking: a step that lowers the cost enough
//!
//! A descent direction does not say how far to go, and a long step α may raise the cost. So a
//! search tries a step, and shortens it until the cost φ(α) along the direction drops by at least a
//! fraction c₁ < 1 of the drop that the slope φ'(0) < 0 predicts:
//!
//!   φ(α) <= φ(0) + c₁·α·φ'(0)             (WO.1)
//!
//! If α fails, the next trial is the minimum of the parabola that matches φ(0), φ'(0), and φ(α):
//!
//!   h = φ(α) - φ(0) - φ'(0)·α             (BT.1)
//!   α ← -φ'(0)·α²/(2h)                    (BT.2)
//!
//! but at least a tenth and at most half of the α that failed. For such an α, h > 0, since φ(α) is
//! above the right side of (WO.1), and so above φ(0) + φ'(0)·α. Write both functions.

use ossicle::tutorial::workbook::tutor;

/// The next trial after the step `alpha`, which failed with the cost `phi_alpha` = φ(α); `phi_0` is φ(0), and `slope_0`
/// is φ'(0).
pub fn next_trial(phi_0: f64, slope_0: f64, alpha: f64, phi_alpha: f64) -> f64 {
    // solution
    let h = phi_alpha - phi_0 - slope_0 * alpha; // (BT.1)
    let next = -slope_0 * alpha * alpha / (2.0 * h); // (BT.2)
    let (least, most) = (alpha / 10.0, alpha / 2.0);
    if next < least {
        least
    } else if next > most {
        most
    } else {
        next
    }
    // end
}

/// The first step that meets (WO.1), where `phi(alpha)` is φ(α), a finite number. The first trial is `first`. If
/// `trials` trials have failed, the search gives up and returns the step 0.
pub fn search(phi: &dyn Fn(f64) -> f64, phi_0: f64, slope_0: f64, c1: f64, first: f64, trials: usize) -> f64 {
    // solution
    let mut alpha = first;
    for _ in 0..trials {
        let phi_alpha = phi(alpha);
        let enough = phi_0 + c1 * alpha * slope_0; // (WO.1)
        if phi_alpha <= enough {
            return alpha;
        }
        alpha = next_trial(phi_0, slope_0, alpha, phi_alpha);
    }
    0.0
    // end
}

/// φ(α) = ½·(α - 1)² has φ(0) = ½ and φ'(0) = -1. At α = 3, h = 2 - ½ + 3 = 4.5, and 9/9 = 1 is the minimum.
#[test]
fn the_next_trial_on_a_parabola_is_its_minimum() {
    tutor::near(next_trial(0.5, -1.0, 3.0, 2.0), 1.0, 1e-12);
}

/// At α = 1.9 the cost is 0.405; h = 1.805, and 3.61/3.61 = 1 is above half of 1.9. At α = 30 the cost is 420.5;
/// h = 450, and 900/900 = 1 is below a tenth of 30.
#[test]
fn a_trial_is_from_a_tenth_to_half_of_the_last() {
    tutor::near(next_trial(0.5, -1.0, 1.9, 0.405), 0.95, 1e-12);
    tutor::near(next_trial(0.5, -1.0, 30.0, 420.5), 3.0, 1e-12);
}

/// With c₁ = 0.1, (WO.1) reads ½·(α - 1)² <= ½ - 0.1·α, which is α <= 1.8. So 1.79 passes. 1.81 fails; the minimum 1 is
/// above half of it, so the next trial is 0.905, which passes. From 30 the trials are 30, 3, and 1. With c₁ = 0.5 the
/// step 1 meets (WO.1) with equality: 0 <= ½ - 0.5.
#[test]
fn steps_up_to_the_threshold_are_accepted() {
    let found = |first: f64, trials: usize| search(&|a| 0.5 * (a - 1.0) * (a - 1.0), 0.5, -1.0, 0.1, first, trials);
    tutor::near(found(1.79, 5), 1.79, 1e-12);
    tutor::near(found(1.81, 5), 0.905, 1e-12);
    tutor::near(found(30.0, 3), 1.0, 1e-12);
    tutor::near(found(30.0, 2), 0.0, 1e-12);
    tutor::near(search(&|a| 0.5 * (a - 1.0) * (a - 1.0), 0.5, -1.0, 0.5, 1.0, 5), 1.0, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::armijo::check(next_trial, search);
}

// hint: `next_trial` has no loop: which of the three numbers, the minimum and the two bounds, is the result, and when?
//   `search` is a loop over the trials: which values change from one trial to the next?
// hint: In `next_trial`, divide by (2.0 * h), in parentheses, and enforce the bounds with `if`. In `search`, begin with
//   `let mut alpha = first;`, since an argument cannot be changed. In the loop, compute φ(α) and test (WO.1):
//   `return alpha;` leaves the function with the step.
// hint: `next_trial` ends with `if next < least { least } else if next > most { most } else { next }`. In `search`, the
//   test is `phi_alpha <= phi_0 + c1 * alpha * slope_0`. If it fails, set
//   `alpha = next_trial(phi_0, slope_0, alpha, phi_alpha);`, without `let`. After the loop, the result is `0.0`.
