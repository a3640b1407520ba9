//! The gradient check: is ∇J, as programmed, the derivative of J?
//!
//! Each parameter is moved by ±h and ±2h, and the slope of the cost is estimated by the five-point central difference
//!
//! ĝ_i = ( J(θ - 2h·e_i) - 8·J(θ - h·e_i) + 8·J(θ + h·e_i) - J(θ + 2h·e_i) ) / 12h,  h = 3·10⁻³·max(1, |θ_i|),
//!
//! whose error is h⁴/30 times the fifth derivative: about 10⁻¹¹ of the block's largest slope. (The two-point difference
//! of UFLDL, with ε = 10⁻⁴, has an error of about 10⁻⁹.) A block's error is the largest |g - ĝ| divided by the block's
//! largest |g| or |ĝ|.
//!
//! Where the cost bends sharply, the fifth derivative is larger: that of tanh(9θ) at θ = 0 is 10⁵ times its slope. A
//! block that fails is therefore estimated again with h/2, and with h/4. Each halving divides the truncation error by
//! 16, but leaves the error of a wrong gradient as it is.
//!
//! A cost is accurate to a few units in the last place, say 4ε·|J|. The weights of the four costs add up to 18, so
//! rounding alone moves ĝ by up to 18·4ε·|J| / 12h: about 4·10⁻¹³ of the cost. A smaller slope (of a block without
//! effect, as in a softmax with one class) cannot be resolved, so a difference below this bound passes.
//!
//! The check cannot detect a cost that is wrong in the same way as its gradient, so tests also compare each cost with a
//! value calculated by hand.

use super::Objective;
use crate::number::Real;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Errors below this pass, in f64.
pub const TOLERANCE: f64 = 1e-8;

/// How well a block of the gradient agrees with the numerical one.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockError {
    /// The block's name.
    pub name: String,
    /// The largest difference, relative to the block's largest element; NaN if anything was.
    pub error: f64,
    /// The parameter, counted within the block, where the difference is largest.
    pub worst: usize,
    /// The gradient there as programmed.
    pub analytic: f64,
    /// The gradient there as estimated.
    pub numerical: f64,
    /// By how much rounding of the cost alone may move the estimate.
    pub rounding: f64,
}

impl BlockError {
    /// Whether the error is below [`TOLERANCE`], or the largest difference within rounding; NaN is neither.
    pub fn passes(&self) -> bool {
        self.error < TOLERANCE || (self.analytic - self.numerical).abs() < self.rounding
    }
}

/// Compares all parameters of each named block.
///
/// # Panics
/// If a block reaches beyond `theta`, or `theta` has another length than the objective's dimension.
pub fn check<O: Objective<f64> + ?Sized>(
    objective: &mut O,
    theta: &[f64],
    blocks: &[(String, Range<usize>)],
) -> Vec<BlockError> {
    let mut gradient = vec![f64::NAN; theta.len()];
    objective.cost_and_gradient(theta, &mut gradient);
    let mut moved = theta.to_vec();
    let mut unused = vec![0.0; theta.len()];
    let mut compare_with_step = |name: &str, range: &Range<usize>, of_step: f64| {
        let mut largest = 0.0;
        let numerical: Vec<f64> = range
            .clone()
            .map(|i| {
                let slope = five_point(of_step * step(theta[i]), |distance| {
                    moved[i] = theta[i] + distance;
                    let cost = objective.cost_and_gradient(&moved, &mut unused);
                    largest = Real::max(largest, cost.abs());
                    cost
                });
                moved[i] = theta[i];
                slope
            })
            .collect();
        compare(name, &gradient[range.clone()], &numerical, largest / of_step)
    };
    blocks
        .iter()
        .map(|(name, range)| {
            let mut found = compare_with_step(name, range, 1.0);
            for of_step in [0.5, 0.25] {
                if !found.passes() {
                    found = compare_with_step(name, range, of_step);
                }
            }
            found
        })
        .collect()
}

/// Compares the slopes along a few directions: for models whose parameters are too many to be moved one by one.
///
/// # Panics
/// If a direction has another length than `theta`.
pub fn check_directions<O: Objective<f64> + ?Sized>(
    objective: &mut O,
    theta: &[f64],
    directions: &[Vec<f64>],
) -> BlockError {
    let mut gradient = vec![f64::NAN; theta.len()];
    objective.cost_and_gradient(theta, &mut gradient);
    let mut unused = vec![0.0; theta.len()];
    let (mut derived, mut numerical, mut largest) = (Vec::new(), Vec::new(), 0.0);
    for direction in directions {
        derived.push(crate::number::sum::dot(&gradient, direction));
        numerical.push(five_point(step(0.0), |distance| {
            let moved: Vec<f64> = theta.iter().zip(direction).map(|(&x, &d)| x + distance * d).collect();
            let cost = objective.cost_and_gradient(&moved, &mut unused);
            largest = Real::max(largest, cost.abs());
            cost
        }));
    }
    compare("directions", &derived, &numerical, largest)
}

fn step(theta: f64) -> f64 {
    3e-3 * Real::max(theta.abs(), 1.0)
}

fn five_point(h: f64, mut cost: impl FnMut(f64) -> f64) -> f64 {
    (cost(-2.0 * h) - 8.0 * cost(-h) + 8.0 * cost(h) - cost(2.0 * h)) / (12.0 * h)
}

/// `cost` is the largest of those that the estimates are made of; twice as large for half the step.
fn compare(name: &str, derived: &[f64], numerical: &[f64], cost: f64) -> BlockError {
    let (mut worst, mut difference, mut scale) = (0, 0.0, 0.0);
    for (i, (&g, &estimate)) in derived.iter().zip(numerical).enumerate() {
        let this = (g - estimate).abs();
        // The first NaN stays.
        if !(this <= difference) && !difference.is_nan() {
            (worst, difference) = (i, this);
        }
        scale = Real::max(scale, Real::max(g.abs(), estimate.abs()));
    }
    BlockError {
        name: name.into(),
        // A block that is zero both ways agrees.
        error: if difference == 0.0 { 0.0 } else { difference / scale },
        worst,
        analytic: derived.get(worst).copied().unwrap_or(0.0),
        numerical: numerical.get(worst).copied().unwrap_or(0.0),
        rounding: 18.0 * 4.0 * f64::EPSILON * cost / (12.0 * step(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::objective::FromFunction;

    fn whole(n: usize) -> [(String, Range<usize>); 1] {
        [("all".into(), 0..n)]
    }

    #[test]
    fn a_right_gradient_passes_and_a_wrong_one_does_not() {
        let theta = [0.3, -1.2];
        let cost = |theta: &[f64]| theta[0].exp() * theta[1] * theta[1];
        let mut right = FromFunction::new(2, |theta: &[f64], g: &mut [f64]| {
            (g[0], g[1]) = (cost(theta), 2.0 * theta[0].exp() * theta[1]);
            cost(theta)
        });
        assert!(check(&mut right, &theta, &whole(2))[0].passes());
        let mut wrong = FromFunction::new(2, |theta: &[f64], g: &mut [f64]| {
            (g[0], g[1]) = (cost(theta), 2.0000001 * theta[0].exp() * theta[1]);
            cost(theta)
        });
        let found = &check(&mut wrong, &theta, &whole(2))[0];
        assert!(!found.passes() && found.worst == 1, "{found:?}");
    }

    #[test]
    fn a_sharp_bend_is_no_mistake_and_does_not_hide_one() {
        for (slope, passes) in [(8.0, true), (8.0000002, false)] {
            let mut bend = FromFunction::new(1, |theta: &[f64], g: &mut [f64]| {
                let y = (8.0 * theta[0]).tanh();
                g[0] = slope * (1.0 - y * y);
                y
            });
            let found = &check(&mut bend, &[0.1], &whole(1))[0];
            assert_eq!(found.passes(), passes, "{found:?}");
        }
    }

    #[test]
    fn rounding_of_the_cost_is_no_error_of_the_gradient() {
        // A cost that does not depend on θ, and whose weighted sum is not 0 in floating point; and a slope of 10⁻¹¹
        // more.
        for (slope, passes) in [(0.0, true), (1e-11, false)] {
            let mut flat = FromFunction::new(1, |_: &[f64], g: &mut [f64]| {
                g[0] = slope;
                0.7
            });
            let found = &check(&mut flat, &[0.3], &whole(1))[0];
            assert!(found.error > 0.99 && found.passes() == passes, "{found:?}");
        }
    }

    #[test]
    fn nan_fails() {
        let mut objective = FromFunction::new(1, |_: &[f64], g: &mut [f64]| {
            g[0] = f64::NAN;
            1.0
        });
        assert!(!check(&mut objective, &[1.0], &whole(1))[0].passes());
    }
}
