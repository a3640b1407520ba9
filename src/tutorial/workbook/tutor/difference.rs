//! The central difference.

use crate::number::{Random, Real};
use crate::optimize::check::by_definition;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// What a student writes: the slope of a cost at θ with respect to parameter i, with the step h.
pub type Difference = fn(&dyn Fn(&[f64]) -> f64, &[f64], usize, f64) -> f64;

/// A cost, θ, i, and h.
type Input = (fn(&[f64]) -> f64, Vec<f64>, usize, f64);

/// UFLDL's test.
fn quadratic(x: &[f64]) -> f64 {
    x[0] * x[0] + 3.0 * x[0] * x[1]
}

/// Σ_k θ_k⁵/(k + 1) + e^(Σ_k θ_k/(k + 1)): every derivative of every parameter differs from those of the others.
fn mixture(theta: &[f64]) -> f64 {
    let over = |k: usize| 1.0 / (k + 1) as f64;
    let powers =
        (0..theta.len()).fold(0.0, |sum, k| sum + over(k) * theta[k] * theta[k] * theta[k] * theta[k] * theta[k]);
    powers + Real::exp((0..theta.len()).fold(0.0, |sum, k| sum + over(k) * theta[k]))
}

fn inputs() -> Vec<(String, Input)> {
    let mut random = Random::new(2);
    // With h = 2, a forgotten h shows even here.
    let mut inputs: Vec<(String, Input)> =
        vec![("x1² + 3·x1·x2 at (4, 10), i = 0, h = 2".to_string(), (quadratic, vec![4.0, 10.0], 0, 2.0))];
    for (n, i, h) in [(3, 1, 0.5), (5, 4, 0.25), (2, 1, 0.125)] {
        let theta = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        inputs.push((format!("a cost of {n} random parameters, i = {i}, h = {h}"), (mixture, theta, i, h)));
    }
    inputs
}

/// J with θ_i moved by k·h.
fn at((cost, theta, i, h): &Input, k: f64) -> f64 {
    let mut moved = theta.clone();
    moved[*i] += k * h;
    cost(&moved)
}

/// J with θ_i set to k·h.
fn set_to((cost, theta, i, h): &Input, k: f64) -> f64 {
    let mut moved = theta.clone();
    moved[*i] = k * h;
    cost(&moved)
}

/// J with every parameter moved by k·h.
fn all_at((cost, theta, _, h): &Input, k: f64) -> f64 {
    cost(&theta.iter().map(|x| x + k * h).collect::<Vec<f64>>())
}

/// J(θ + h·e_i) - J(θ - h·e_i).
fn between(input: &Input) -> f64 {
    at(input, 1.0) - at(input, -1.0)
}

/// The sum of (GC.1), from the costs at distances of k·h.
fn weighted(at: impl Fn(f64) -> f64) -> f64 {
    at(-2.0) - 8.0 * at(-1.0) + 8.0 * at(1.0) - at(2.0)
}

fn two_points() -> Judge<Input> {
    let part = |value: f64| -> Vec<Part> { vec![("two_points", vec![value])] };
    Judge::new(inputs(), move |input| part(between(input) / (2.0 * input.3)))
        .mistake("the denominator 2h lacks its parentheses, so `/ 2.0 * h` multiplies by h", move |input| {
            part(between(input) / 2.0 * input.3)
        })
        .mistake("division by h in place of 2h", move |input| part(between(input) / input.3))
        .mistake("the division by 2h is forgotten", move |input| part(between(input)))
        .mistake("division by 2, without h", move |input| part(between(input) / 2.0))
        .mistake("the cost of θ + h·e_i is subtracted from that of θ - h·e_i", move |input| {
            part(-between(input) / (2.0 * input.3))
        })
        .mistake("the two costs are added, not subtracted", move |input| {
            part((at(input, 1.0) + at(input, -1.0)) / (2.0 * input.3))
        })
        .mistake("(J(θ + h·e_i) - J(θ))/h, the one-sided difference", move |input| {
            part((at(input, 1.0) - at(input, 0.0)) / input.3)
        })
        .mistake(
            "J(θ) in place of J(θ - h·e_i), as with a single copy that is moved by h and then by -h",
            move |input| part((at(input, 1.0) - at(input, 0.0)) / (2.0 * input.3)),
        )
        .mistake("every parameter is moved, not just θ_i", move |input| {
            part((all_at(input, 1.0) - all_at(input, -1.0)) / (2.0 * input.3))
        })
        .mistake("θ_i is set to h and to -h, as with = in place of += and -=", move |input| {
            part((set_to(input, 1.0) - set_to(input, -1.0)) / (2.0 * input.3))
        })
        .mistake("parameter 0 is moved, whatever i is", move |(cost, theta, _, h)| {
            part(between(&(*cost, theta.clone(), 0, *h)) / (2.0 * h))
        })
}

fn five_points() -> Judge<Input> {
    let part = |value: f64| -> Vec<Part> { vec![("five_points", vec![value])] };
    let judge = Judge::new(inputs(), move |(cost, theta, i, h)| part(by_definition(cost, theta, *i, *h)))
        .mistake("the denominator 12h lacks its parentheses, so `/ 12.0 * h` multiplies by h", move |input| {
            part(weighted(|k| at(input, k)) / 12.0 * input.3)
        })
        .mistake("division by 12, without h", move |input| part(weighted(|k| at(input, k)) / 12.0))
        .mistake("division by 2h in place of 12h", move |input| part(weighted(|k| at(input, k)) / (2.0 * input.3)))
        .mistake("all four signs are reversed", move |input| part(-weighted(|k| at(input, k)) / (12.0 * input.3)))
        .mistake("the signs of the two outer points are reversed", move |input| {
            part((8.0 * between(input) + at(input, 2.0) - at(input, -2.0)) / (12.0 * input.3))
        })
        .mistake("the weights are swapped: 8 belongs to the inner points, 1 to the outer ones", move |input| {
            part((8.0 * at(input, -2.0) - at(input, -1.0) + at(input, 1.0) - 8.0 * at(input, 2.0)) / (12.0 * input.3))
        })
        .mistake("h in place of 2h at the outer points", move |input| part(7.0 * between(input) / (12.0 * input.3)))
        .mistake("two points in place of five", move |input| part(between(input) / (2.0 * input.3)))
        .mistake("J(θ) and J(θ + h·e_i) in place of J(θ + h·e_i) and J(θ + 2h·e_i)", move |input| {
            let [a, b, c, d] = [-2.0, -1.0, 0.0, 1.0].map(|k| at(input, k));
            part((a - 8.0 * b + 8.0 * c - d) / (12.0 * input.3))
        })
        .mistake("each point starts from the one before, not from θ", move |input| {
            let [a, b, c, d] = [-2.0, -3.0, -2.0, 0.0].map(|k| at(input, k));
            part((a - 8.0 * b + 8.0 * c - d) / (12.0 * input.3))
        })
        .mistake("every parameter is moved, not just θ_i", move |input| {
            part(weighted(|k| all_at(input, k)) / (12.0 * input.3))
        })
        .mistake("θ_i is set to the distance from θ_i, as with = in place of +=", move |input| {
            part(weighted(|k| set_to(input, k)) / (12.0 * input.3))
        })
        .mistake("the division by 12h is forgotten", move |input| part(weighted(|k| at(input, k))))
        .mistake("parameter 0 is moved, whatever i is", move |(cost, theta, _, h)| {
            part(by_definition(cost, theta, 0, *h))
        });
    let points = [("θ - 2h·e_i", -2.0), ("θ - h·e_i", -1.0), ("θ + h·e_i", 1.0), ("θ + 2h·e_i", 2.0)];
    points.into_iter().fold(judge, |judge, (point, reversed)| {
        judge.mistake(format!("the sign of J({point}) is reversed"), move |input| {
            part(weighted(|k| if k == reversed { -at(input, k) } else { at(input, k) }) / (12.0 * input.3))
        })
    })
}

/// Checks the difference of two points, and then that of five.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(two: Difference, five: Difference) {
    two_points().check(|(cost, theta, i, h)| vec![("two_points", vec![two(cost, theta, *i, *h)])]);
    five_points().check(|(cost, theta, i, h)| vec![("five_points", vec![five(cost, theta, *i, *h)])]);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::two_points().check_itself();
        super::five_points().check_itself();
    }
}
