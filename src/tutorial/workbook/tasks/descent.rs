//! Gradient descent
//!
//! Nobody can try all values of the parameters θ. But the gradient ∇J points in the direction in
//! which the cost J rises most steeply, so a short step in the opposite direction lowers J:
//!
//!   θ ← θ - ε·∇J(θ)                       (FO.1)
//!
//! ε > 0 is the learning rate. The new point has a new gradient, which the next step needs. How
//! large can ε be? Close to a minimum, the cost is a bowl, with curvatures c_i > 0 along its axes:
//!
//!   J = ½·Σ_i c_i·x_i²
//!
//! Below some limit on ε, the steps converge to the bottom from every starting point; above it,
//! they diverge from almost every one. Write the step, the loop over steps, and the limit.
//! `start.to_vec()` is a copy of `start`, a vector of your own that you can change.

use ossicle::tutorial::workbook::tutor;

/// The point after one step at the given rate ε; the gradient ∇J has as many values as θ.
pub fn step(theta: &[f64], gradient: &[f64], rate: f64) -> Vec<f64> {
    // solution
    let mut next = vec![0.0; theta.len()];
    for i in 0..theta.len() {
        next[i] = theta[i] - rate * gradient[i]; // (FO.1)
    }
    next
    // end
}

/// The point after a number of steps from `start`. `gradient(&theta)` is ∇J at the point θ, and has as many values as
/// θ.
pub fn descend(gradient: &dyn Fn(&[f64]) -> Vec<f64>, start: &[f64], rate: f64, steps: usize) -> Vec<f64> {
    // solution
    let mut theta = start.to_vec();
    for _ in 0..steps {
        theta = step(&theta, &gradient(&theta), rate);
    }
    theta
    // end
}

/// The limit on ε for a bowl with the curvatures c, one or more, all positive, in any order.
pub fn limit_of_the_rate(c: &[f64]) -> f64 {
    // solution
    let mut largest = c[0];
    for i in 1..c.len() {
        if c[i] > largest {
            largest = c[i];
        }
    }
    2.0 / largest
    // end
}

/// J = ½·θ_1² + 2·θ_2² has ∇J = (θ_1, 4·θ_2), which is (2, 4) at (2, 1). So a step leads to (2 - 0.2, 1 - 0.4) = (1.8,
/// 0.6). Each step multiplies θ_1 by 0.9 and θ_2 by 0.6, so three steps lead to (2·0.729, 0.216).
#[test]
fn three_steps_go_down_the_bowl_of_the_chapter() {
    tutor::all_near(&step(&[2.0, 1.0], &[2.0, 4.0], 0.1), &[1.8, 0.6], 1e-12);
    let found = descend(&|theta| vec![theta[0], 4.0 * theta[1]], &[2.0, 1.0], 0.1, 3);
    tutor::all_near(&found, &[1.458, 0.216], 1e-12);
}

/// A step multiplies x_i by 1 - ε·c_i. At ε = 0.4 the factors are 0.6 and -0.6, and at ε = 0.6 they are 0.4 and -1.4.
#[test]
fn above_the_limit_the_steepest_axis_diverges() {
    tutor::near(limit_of_the_rate(&[1.0, 4.0]), 0.5, 1e-12);
    tutor::near(limit_of_the_rate(&[4.0, 1.0]), 0.5, 1e-12);
    let course = |rate: f64| descend(&|x| vec![x[0], 4.0 * x[1]], &[1.0, 1.0], rate, 3);
    tutor::all_near(&course(0.4), &[0.216, -0.216], 1e-12);
    tutor::all_near(&course(0.6), &[0.064, -2.744], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::descent::check(step, descend, limit_of_the_rate);
}

// hint: `step` is one loop over i. `descend` repeats `step`: what is different in the next step? For
//   `limit_of_the_rate`, take a bowl with one axis, J = ½·c·x², and find the number by which a step multiplies x.
// hint: `step`: subtract ε times element i of the gradient from θ_i. `descend`: start at a copy of `start`, and repeat:
//   compute the gradient at the current θ, and replace θ by the point after the step. `limit_of_the_rate`: the factor
//   is 1 - ε·c. Its powers shrink only if it lies between -1 and 1.
// hint: `step`: `next[i] = theta[i] - rate * gradient[i];`. `descend`: in the loop, `theta = step(&theta,
//   &gradient(&theta), rate);`, without `let`. `limit_of_the_rate`: the factor is above -1 if ε < 2/c. This must hold
//   for every axis, so the largest c decides. If you look for it with `max`, start with `let mut largest: f64 = 0.0;`,
//   since Rust needs the type here.
