//! The central difference
//!
//! A program with a wrong gradient rarely crashes, so a gradient needs a test, one that uses no
//! formula for the derivative. Move one parameter a little to each side, compute both costs, and
//! take the slope:
//!
//!   two points:   ĝ_i = ( J(θ + h·e_i) - J(θ - h·e_i) ) / 2h
//!   five points:  ĝ_i = ( J(θ - 2h·e_i) - 8·J(θ - h·e_i)
//!                         + 8·J(θ + h·e_i) - J(θ + 2h·e_i) ) / 12h                         (GC.1)
//!
//! With two points, the error is of order h². With five points (θ itself has weight 0), it is of
//! order h⁴. e_i is the unit vector of parameter i: θ + h·e_i is θ with h added only to θ[i]. The
//! argument `cost: &dyn Fn(&[f64]) -> f64` is any function from a slice to a number; call it as
//! `cost(&moved)`. `theta.to_vec()` is a copy of θ that you can change. Write both differences.

use ossicle::tutorial::workbook::tutor;

/// The slope of the cost with respect to parameter i (counted from 0) at theta, from two points with the step h.
pub fn two_points(cost: &dyn Fn(&[f64]) -> f64, theta: &[f64], i: usize, h: f64) -> f64 {
    // solution
    let mut above = theta.to_vec();
    let mut below = theta.to_vec();
    above[i] += h;
    below[i] -= h;
    (cost(&above) - cost(&below)) / (2.0 * h)
    // end
}

/// The same slope from five points, with the arguments of `two_points`.
pub fn five_points(cost: &dyn Fn(&[f64]) -> f64, theta: &[f64], i: usize, h: f64) -> f64 {
    // solution
    let mut sum = 0.0;
    for (k, weight) in [(-2.0, 1.0), (-1.0, -8.0), (1.0, 8.0), (2.0, -1.0)] {
        let mut moved = theta.to_vec();
        moved[i] += k * h;
        sum += weight * cost(&moved);
    }
    sum / (12.0 * h) // (GC.1)
    // end
}

/// The test in the UFLDL tutorial: J = x1² + 3·x1·x2, with the derivatives 2·x1 + 3·x2 and 3·x1. At (4, 10) they are 38
/// and 12.
fn quadratic(x: &[f64]) -> f64 {
    x[0] * x[0] + 3.0 * x[0] * x[1]
}

/// J(6, 10) = 216 and J(2, 10) = 64, so (216 - 64)/4 = 152/4 = 38 with h = 2.
/// J(4, 12) = 160 and J(4, 8) = 112, so (160 - 112)/4 = 48/4 = 12.
#[test]
fn two_points_find_the_slopes_of_a_quadratic() {
    tutor::near(two_points(&quadratic, &[4.0, 10.0], 0, 2.0), 38.0, 1e-12);
    tutor::near(two_points(&quadratic, &[4.0, 10.0], 1, 2.0), 12.0, 1e-12);
}

/// J(0, 10) = 0 and J(8, 10) = 304, so (0 - 8·64 + 8·216 - 304)/24 = 912/24 = 38.
/// J(4, 6) = 88 and J(4, 14) = 184, so (88 - 8·112 + 8·160 - 184)/24 = 288/24 = 12.
#[test]
fn five_points_find_the_slopes_of_a_quadratic() {
    tutor::near(five_points(&quadratic, &[4.0, 10.0], 0, 2.0), 38.0, 1e-12);
    tutor::near(five_points(&quadratic, &[4.0, 10.0], 1, 2.0), 12.0, 1e-12);
}

/// J = θ⁵ has the slope 5 at 1. With h = 0.1, D_1 = 1.1⁵ - 0.9⁵ = 1.02002 and D_2 = 1.2⁵ - 0.8⁵ = 2.16064. Two points
/// give 1.02002/0.2 = 5.1001, five points (8·1.02002 - 2.16064)/1.2 = 5.99952/1.2 = 4.9996.
#[test]
fn five_points_are_closer_than_two() {
    let power = |theta: &[f64]| theta[0].powi(5);
    tutor::near(two_points(&power, &[1.0], 0, 0.1), 5.1001, 1e-12);
    tutor::near(five_points(&power, &[1.0], 0, 0.1), 4.9996, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::difference::check(two_points, five_points);
}

// hint: Both functions: theta is borrowed for reading only, so change a copy of it. Make a new copy for each point, so
//   that no point inherits the change made for another.
// hint: `two_points`: make one copy with h added to element i and one with h subtracted from it, and compute the cost
//   of each. Watch the denominator: in Rust, as in Python, `a / 2.0 * h` is (a/2)·h. `five_points`: loop over the pairs
//   (distance, weight), which are (-2, 1), (-1, -8), (1, 8), and (2, -1), and add up the weighted costs.
// hint: `two_points`: `let mut above = theta.to_vec();` and `above[i] += h;`, the same for `below` with `-=`, and the
//   result is `(cost(&above) - cost(&below)) / (2.0 * h)`. `five_points`: in `for (k, weight) in [(-2.0, 1.0), ...]`,
//   move a new copy with `moved[i] += k * h;` and add `weight * cost(&moved)` to a sum; the result is the sum divided
//   by `(12.0 * h)`.
