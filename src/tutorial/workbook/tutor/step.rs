//! The best step of a difference.

use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// x, and the steps.
type Point = (f64, Vec<f64>);

/// Steps, and their errors.
type Measured = (Vec<f64>, Vec<f64>);

/// The slope of eˣ from two points.
fn slope(x: f64, h: f64) -> f64 {
    (Real::exp(x + h) - Real::exp(x - h)) / (2.0 * h)
}

/// The first index at which no value is smaller.
fn least(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |least, k| if values[k] < values[least] { k } else { least })
}

/// The steps are large, so that rounding is within the tolerance. One is so small that x ± h round to x, and the slope
/// is 0 on every machine: it shows a forgotten absolute value, since errors of truncation are positive without it.
fn errors() -> Judge<Point> {
    let part = |(x, steps): &Point, error: fn(f64, f64) -> f64| -> Vec<Part> {
        vec![("errors", steps.iter().map(|&h| error(*x, h)).collect())]
    };
    let inputs = vec![
        ("x = 0, steps (1, 0.5)".to_string(), (0.0, vec![1.0, 0.5])),
        ("x = 0.4, steps (0.2, 0.1, 1e-18)".to_string(), (0.4, vec![0.2, 0.1, 1e-18])),
        ("x = -0.75, steps (0.25, 0.5, 0.75, 0.125)".to_string(), (-0.75, vec![0.25, 0.5, 0.75, 0.125])),
    ];
    Judge::new(inputs, move |input| part(input, |x, h| (slope(x, h) - Real::exp(x)).abs()))
        .mistake("the absolute value is forgotten", move |input| part(input, |x, h| slope(x, h) - Real::exp(x)))
        .mistake("eˣ minus the slope, without the absolute value", move |input| {
            part(input, |x, h| Real::exp(x) - slope(x, h))
        })
        .mistake("the slope itself, without subtracting eˣ", move |input| part(input, slope))
        .mistake("the error relative to eˣ", move |input| part(input, |x, h| (slope(x, h) / Real::exp(x) - 1.0).abs()))
        .mistake("(e^(x + h) - eˣ)/h, the one-sided difference", move |input| {
            part(input, |x, h| ((Real::exp(x + h) - Real::exp(x)) / h - Real::exp(x)).abs())
        })
        .mistake("division by h in place of 2h", move |input| {
            part(input, |x, h| (2.0 * slope(x, h) - Real::exp(x)).abs())
        })
        .mistake("the denominator 2h lacks its parentheses, so `/ 2.0 * h` multiplies by h", move |input| {
            part(input, |x, h| (slope(x, h) * h * h - Real::exp(x)).abs())
        })
        .mistake("both costs are computed at x + h, so their difference is 0", move |input| {
            part(input, |x, _| Real::exp(x))
        })
        .mistake("x + h and x - h lack their parentheses, so `x + h.exp()` is x + e^h", move |input| {
            part(input, |x, h| (Real::exp(h) / h - Real::exp(x)).abs())
        })
        .mistake("the first step in the list is used for all errors", move |(x, steps)| {
            vec![("errors", steps.iter().map(|_| (slope(*x, steps[0]) - Real::exp(*x)).abs()).collect())]
        })
}

fn best() -> Judge<Measured> {
    let part = |value: f64| -> Vec<Part> { vec![("best", vec![value])] };
    let mut random = Random::new(3);
    let mut inputs = vec![
        (
            "steps (0.1, 0.2, 0.3, 0.4, 0.5), errors (3, 5, 1, 2, 1.5)".to_string(),
            (vec![0.1, 0.2, 0.3, 0.4, 0.5], vec![3.0, 5.0, 1.0, 2.0, 1.5]),
        ),
        (
            "steps (0.8, 0.4, 0.2, 0.1, 0.05), errors (2, 1, 5, 3, 4)".to_string(),
            (vec![0.8, 0.4, 0.2, 0.1, 0.05], vec![2.0, 1.0, 5.0, 3.0, 4.0]),
        ),
    ];
    for n in [1, 7] {
        let [steps, errors] = [(); 2].map(|()| (0..n).map(|_| random.uniform(0.0, 1.0)).collect::<Vec<f64>>());
        inputs.push((format!("{n} random steps and errors"), (steps, errors)));
    }
    let negated = |values: &[f64]| values.iter().map(|x| -x).collect::<Vec<f64>>();
    Judge::new(inputs, move |(steps, errors)| part(steps[least(errors)]))
        .mistake("the smallest error itself, not its step", move |(_, errors)| part(errors[least(errors)]))
        .mistake("the index of the step, not the step", move |(_, errors)| part(least(errors) as f64))
        .mistake("0, since no error is below the least so far, which starts at 0", move |_| part(0.0))
        .mistake("the step with the largest error", move |(steps, errors)| part(steps[least(&negated(errors))]))
        .mistake("the smallest step, whatever the errors", move |(steps, _)| part(steps[least(steps)]))
        .mistake("the first step: the least error so far starts at 0, below every error", move |(steps, _)| {
            part(steps[0])
        })
        .mistake("the last step, as if every step replaced the one before", move |(steps, _)| {
            part(steps[steps.len() - 1])
        })
        .mistake(
            "every error is compared with the first one, so the last error below it counts",
            move |(steps, errors)| {
                part(steps[(1..errors.len()).fold(0, |found, k| if errors[k] < errors[0] { k } else { found })])
            },
        )
        .mistake("each error is compared with the one before, not with the least so far", move |(steps, errors)| {
            part(steps[(1..errors.len()).fold(0, |found, k| if errors[k] < errors[k - 1] { k } else { found })])
        })
}

/// (GC.2); a test compares it with the steps that the gradient check takes.
fn grown(theta: f64) -> f64 {
    3e-3 * Real::max(theta.abs(), 1.0)
}

fn step() -> Judge<f64> {
    let part = |value: f64| -> Vec<Part> { vec![("step", vec![value])] };
    let inputs = [-2.0, 0.5, 10.0, 0.0, -0.25].map(|theta| (format!("θ = {theta}"), theta)).to_vec();
    Judge::new(inputs, move |&theta| part(grown(theta)))
        .mistake("the absolute value is forgotten", move |&theta| part(3e-3 * Real::max(theta, 1.0)))
        .mistake("the smaller of 1 and |θ|, not the larger", move |theta| part(3e-3 * Real::min(theta.abs(), 1.0)))
        .mistake("3·10⁻³·|θ|, which is too small near θ = 0, and 0 at θ = 0", move |theta| {
            part(3e-3 * theta.abs())
        })
        .mistake("the larger of 3·10⁻³·|θ| and 1: the factor 3·10⁻³ belongs to both", move |theta| {
            part(Real::max(3e-3 * theta.abs(), 1.0))
        })
        .mistake("3·10⁻³ for every θ", move |_| part(3e-3))
        .mistake("the larger of 3·10⁻³ and |θ|", move |theta| part(Real::max(theta.abs(), 3e-3)))
        .mistake("1 + |θ| in place of the larger of the two", move |theta| part(3e-3 * (1.0 + theta.abs())))
        .mistake("3·10³ in place of 3·10⁻³", move |&theta| part(1e6 * grown(theta)))
}

/// Checks the errors at a point for a list of steps, then the step with the smallest error, then the step (GC.2).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(yours: fn(f64, &[f64]) -> Vec<f64>, your_best: fn(&[f64], &[f64]) -> f64, your_step: fn(f64) -> f64) {
    errors().check(|(x, steps)| vec![("errors", yours(*x, steps))]);
    best().check(|(steps, errors)| vec![("best", vec![your_best(steps, errors)])]);
    step().check(|&theta| vec![("step", vec![your_step(theta)])]);
}

#[cfg(test)]
mod tests {
    use crate::optimize::check::check;
    use crate::optimize::objective::FromFunction;
    use std::vec::Vec;

    #[test]
    fn the_step_is_that_of_the_gradient_check() {
        for theta in [-2.0, 0.5, 10.0, 0.0] {
            let mut moved = Vec::new();
            let mut flat = FromFunction::new(1, |theta: &[f64], gradient: &mut [f64]| {
                moved.push(theta[0]);
                gradient[0] = 0.0;
                0.0
            });
            check(&mut flat, &[theta], &[("θ", 0..1)]);
            // The gradient is computed at θ, and then the costs at θ - 2h, θ - h, θ + h, and θ + 2h.
            let h = (moved[4] - moved[1]) / 4.0;
            assert!((h - super::grown(theta)).abs() < 1e-14);
        }
    }

    #[test]
    fn every_mistake_is_named() {
        super::errors().check_itself();
        super::best().check_itself();
        super::step().check_itself();
    }
}
