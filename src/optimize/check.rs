//! The gradient check: is ∇J, as programmed, the derivative of J?
//!
//! **Why.** A wrong gradient rarely crashes. The minimizer still lowers the cost somewhat, the features look plausible,
//! and nothing shows that a term is missing. But a derivative is a limit of differences of the cost, and the cost is
//! simpler than its gradient. So the check moves each parameter a little, measures the slope, and compares.
//!
//! **Legend.**
//!
//! | symbol | meaning |
//! | --- | --- |
//! | J, g | the cost, and its gradient as programmed (analytic) |
//! | ĝ_i | the derivative of J with respect to θ_i, as measured (numerical) |
//! | h, e_i | the step, and the unit vector of parameter i |
//! | J⁽ⁿ⁾ | the n-th derivative of J with respect to θ_i |
//! | u | 2⁻⁵³ = 1.1·10⁻¹⁶, the relative error of one rounding in f64 |
//! | ε | 2u, the distance from 1 to the next larger number |
//!
//! **Equations.** The five-point central difference and its step:
//!
//! ```text
//! (GC.1)  ĝ_i = ( J(θ - 2h·e_i) - 8·J(θ - h·e_i) + 8·J(θ + h·e_i) - J(θ + 2h·e_i) ) / 12h
//! (GC.2)  h = 3·10⁻³·max(1, |θ_i|)
//! ```
//!
//! For a large θ_i the step grows with it; "Rounding", below, says why.
//!
//! The error of a block of parameters, such as W1, with both maxima over the block; and the part of a difference that
//! rounding alone explains:
//!
//! ```text
//! (GC.3)  error = max |g_i - ĝ_i| / max(|g_i|, |ĝ_i|)
//! (GC.4)  rounding = 18·4ε·max |J| / 12h
//! ```
//!
//! In the code, `largest` is the first maximum of (GC.3) and `scale` the second. In (GC.4), 18 is the sum of the
//! weights of (GC.1) without their signs, 1 + 8 + 8 + 1, and 4ε·|J| is the assumed error of a cost. The maximum is over
//! all costs computed for the block, four for each parameter. The block was measured with h = 3·10⁻³, or with a half or
//! a quarter of it; `largest_cost` is the maximum divided by that fraction.
//!
//! A block passes if its error is below 10⁻⁸, or the largest difference is below the rounding (GC.4). The error is
//! relative to the largest element of the block, not to each element: all ĝ_i have about the same rounding error, so a
//! small element of a correct gradient has few correct digits.
//!
//! **Truncation.** For one parameter, Taylor's theorem gives J(θ + k·h) = J + k·h·J' + (k·h)²/2·J'' + (k·h)³/6·J''' +
//! ...; replacing k with -k changes the sign of the odd terms only. So the even terms cancel in a difference:
//!
//! ```text
//! D_k = J(θ + k·h) - J(θ - k·h) = 2·( k·h·J' + (k·h)³/6·J''' + (k·h)⁵/120·J⁽⁵⁾ + ... )
//! 8·D_1 - D_2 = 2·( (8 - 2)·h·J' + (8 - 8)·h³/6·J''' + (8 - 32)·h⁵/120·J⁽⁵⁾ + ... )
//! ĝ = (8·D_1 - D_2)/12h = J' - h⁴/30·J⁽⁵⁾ + ...
//! ```
//!
//! The weights 8 and -1 are chosen so that h³ cancels. With two points, D_1/2h = J' + h²/6·J''' + ...: the choice of
//! UFLDL, Stanford's tutorial.
//!
//! **By hand.** J = θ⁵ at θ = 1, with the derivative 5, and h = 0.1:
//!
//! ```text
//! D_1 = 1.1⁵ - 0.9⁵ = 1.61051 - 0.59049 = 1.02002
//! D_2 = 1.2⁵ - 0.8⁵ = 2.48832 - 0.32768 = 2.16064
//! two points:   D_1/2h = 5.1001                       h²/6·J''' = 0.01/6·60 = 0.1
//! five points:  (8·D_1 - D_2)/12h = 4.9996            -h⁴/30·J⁽⁵⁾ = -0.0001/30·120 = -0.0004
//! ```
//!
//! If 4·θ⁴ were programmed instead of 5·θ⁴, the error (GC.3) would be |4 - 4.9996|/4.9996 = 0.2.
//!
//! **Rounding.** A smaller h is not always better. Even if all else were exact, each cost is rounded once, by up to
//! u·|J|, and the weighted sum is divided by 12h: together up to (1 + 8 + 8 + 1)·u·|J|/12h = 1.5·u·|J|/h. The
//! truncation error grows with h and the rounding error falls, so there is a best h. For J = eˣ, whose derivatives are
//! all J, the sum is J times 1.5·u/h + h⁴/30. The derivative of this factor with respect to h, 4·h³/30 - 1.5·u/h², is 0
//! at h⁵ = 45·u/4, that is, at h = 1.0·10⁻³. The table shows the largest absolute errors at 200 points x from 0.3 to
//! 0.5; its last two columns take J = e^0.5 = 1.65, the largest cost. Plotted on logarithmic axes, the errors form a V:
//!
//! | h | two points | five points | 1.5·u·J/h | h⁴/30·J |
//! | --- | --- | --- | --- | --- |
//! | 10⁻⁶ | 1·10⁻¹⁰ | 2·10⁻¹⁰ | 3·10⁻¹⁰ | 5·10⁻²⁶ |
//! | 10⁻⁵ | 4·10⁻¹¹ | 2·10⁻¹¹ | 3·10⁻¹¹ | 5·10⁻²² |
//! | 10⁻⁴ | 3·10⁻⁹ | 2·10⁻¹² | 3·10⁻¹² | 5·10⁻¹⁸ |
//! | 10⁻³ | 3·10⁻⁷ | 2·10⁻¹³ | 3·10⁻¹³ | 5·10⁻¹⁴ |
//! | 3·10⁻³ | 2·10⁻⁶ | 4·10⁻¹² | 9·10⁻¹⁴ | 4·10⁻¹² |
//! | 10⁻² | 3·10⁻⁵ | 5·10⁻¹⁰ | 3·10⁻¹⁴ | 5·10⁻¹⁰ |
//! | 10⁻¹ | 3·10⁻³ | 5·10⁻⁶ | 3·10⁻¹⁵ | 5·10⁻⁶ |
//!
//! **Why 3·10⁻³.** For eˣ, the error at this step is twenty times that at 10⁻³. It is harmless, since 4·10⁻¹² is far
//! below the tolerance of 10⁻⁸. And for a model, the step is close to the best. A model's cost is the result of many
//! operations, so its error is larger than that of one rounding, say eight times: 8u·|J| = 4ε·|J|, as in (GC.4). Its
//! slope is often smaller than the cost itself. If J' and J⁽⁵⁾ are a thirtieth of J, rounding weighs 8·30 = 240 times
//! as much as for eˣ. The best h grows as the fifth root of this number, which is 3.
//!
//! θ_i + h is also rounded, by up to u·|θ_i|, which changes the cost by that amount times J'. So the slope has a
//! relative error of up to 1.5·u·|θ_i|/h. With h = 3·10⁻³ and θ_i = 10⁶ that would be 5.6·10⁻⁸, above the tolerance;
//! with (GC.2) it is 5.6·10⁻¹⁴ for every large θ_i.
//!
//! **Sharp bends.** A truncation error can be recognized: each halving of h divides it by 16, whereas the error of a
//! wrong gradient stays. So a block that fails is measured again with h/2, and if it fails again, with h/4. It passes
//! as soon as one measurement does. (Half the step doubles (GC.4).) For example, J = tanh(9θ) has at θ = 0 the slope 9,
//! and its fifth derivative is 10⁵ times that. The errors (GC.3) with the three steps are 2.8·10⁻⁷, 1.8·10⁻⁸ and
//! 1.1·10⁻⁹: it passes with the third.
//!
//! **Why 10⁻⁸.** The crate's correct gradients have some 650 blocks; `ossicle check-gradients` lists the error of each
//! block's last measurement. Half of the errors are about 2·10⁻¹² or less, nine in ten below 10⁻¹⁰, and the worst is
//! 5·10⁻⁹. The smallest error of a wrong block in `tests/mutants.rs`, where terms are dropped and indices swapped, is
//! 10⁻⁴. The tolerance is only twice the worst correct error, so that small mistakes fail too: the tests of this file
//! have a slope that is wrong by a factor of 1 + 5·10⁻⁸.
//!
//! **Slopes near zero.** With h = 3·10⁻³, (GC.4) is about 4·10⁻¹³ of the cost. A slope below it cannot be resolved, so
//! a difference below it passes. This is needed for parameters that do not affect the cost, so that their slope is 0:
//! for example, the weights of a classifier with only one class.
//!
//! **Limits.** The check cannot detect a cost that is wrong in the same way as its gradient. Therefore the tests also
//! compare each cost with a value calculated by hand.
//!
//! Sources: A. Ng et al., UFLDL tutorial, "Gradient checking and advanced optimization" (two points, h = 10⁻⁴);
//! M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions", 1964, section 25.3 (GC.1).

use super::Objective;
use crate::number::Real;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Errors below this pass, in f64.
pub const TOLERANCE: f64 = 1e-8;

/// The agreement of a block of the gradient with the numerical one.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockError {
    /// The block's name.
    pub name: String,
    /// The largest difference, relative to the block's largest element (GC.3); NaN if any element was.
    pub error: f64,
    /// The index within the block of the parameter with the largest difference.
    pub worst: usize,
    /// The gradient there as programmed.
    pub analytic: f64,
    /// The gradient there as measured.
    pub numerical: f64,
    /// The largest difference that rounding of the cost alone explains (GC.4).
    pub rounding: f64,
}

impl BlockError {
    /// Whether the error is below [`TOLERANCE`], or the largest difference within rounding; NaN is neither.
    pub fn passes(&self) -> bool {
        self.error < TOLERANCE || (self.analytic - self.numerical).abs() < self.rounding
    }
}

/// The five-point derivative of `cost` by parameter `i`, with the step `h`: the four evaluations one by one.
///
/// ```
/// use ossicle::optimize::check::by_definition;
///
/// // UFLDL's test: the derivatives of x² + 3·x·y at (4, 10) are 2·4 + 3·10 and 3·4. (A parabola has no fifth one.)
/// let cost = |theta: &[f64]| theta[0] * theta[0] + 3.0 * theta[0] * theta[1];
/// assert!((by_definition(cost, &[4.0, 10.0], 0, 1e-3) - 38.0).abs() < 1e-10);
/// assert!((by_definition(cost, &[4.0, 10.0], 1, 1e-3) - 12.0).abs() < 1e-10);
/// ```
///
/// # Panics
/// If there is no parameter `i`.
pub fn by_definition(mut cost: impl FnMut(&[f64]) -> f64, theta: &[f64], i: usize, h: f64) -> f64 {
    let mut at = |distance: f64| {
        let mut moved = theta.to_vec();
        moved[i] += distance;
        cost(&moved)
    };
    (at(-2.0 * h) - 8.0 * at(-h) + 8.0 * at(h) - at(2.0 * h)) / (12.0 * h) // (GC.1)
}

/// Compares all parameters of each named block.
///
/// ```
/// use ossicle::optimize::check::check;
/// use ossicle::optimize::objective::FromFunction;
///
/// // J = x²·y. Its derivatives are 2·x·y and x²; the second one is programmed as x.
/// let mut mistaken = FromFunction::new(2, |theta: &[f64], gradient: &mut [f64]| {
///     let [x, y] = [theta[0], theta[1]];
///     (gradient[0], gradient[1]) = (2.0 * x * y, x);
///     x * x * y
/// });
/// let blocks = check(&mut mistaken, &[3.0, -1.0], &[("x", 0..1), ("y", 1..2)]);
/// assert!(blocks[0].passes() && !blocks[1].passes());
/// assert!(blocks[1].analytic == 3.0 && (blocks[1].numerical - 9.0).abs() < 1e-9);
/// ```
///
/// # Panics
/// If a block reaches beyond `theta`, or `theta` has another length than the objective's dimension.
pub fn check<O: Objective<f64> + ?Sized, N: AsRef<str>>(
    objective: &mut O,
    theta: &[f64],
    blocks: &[(N, Range<usize>)],
) -> Vec<BlockError> {
    let mut gradient = vec![f64::NAN; theta.len()];
    objective.cost_and_gradient(theta, &mut gradient);
    let mut moved = theta.to_vec();
    let mut unused = vec![0.0; theta.len()];
    let mut check_block = |name: &str, range: &Range<usize>, fraction: f64| {
        let mut largest = 0.0;
        let numerical: Vec<f64> = range
            .clone()
            .map(|i| {
                let slope = five_point(fraction * step(theta[i]), |distance| {
                    moved[i] = theta[i] + distance;
                    let cost = objective.cost_and_gradient(&moved, &mut unused);
                    largest = Real::max(largest, cost.abs());
                    cost
                });
                moved[i] = theta[i];
                slope
            })
            .collect();
        compare(name, &gradient[range.clone()], &numerical, largest / fraction)
    };
    blocks
        .iter()
        .map(|(name, range)| {
            let name = name.as_ref();
            let mut result = check_block(name, range, 1.0);
            for fraction in [0.5, 0.25] {
                if !result.passes() {
                    result = check_block(name, range, fraction);
                }
            }
            result
        })
        .collect()
}

/// Compares the slopes along a few directions: for models with too many parameters to move one by one.
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
    let (mut analytic, mut numerical, mut largest) = (Vec::new(), Vec::new(), 0.0);
    for direction in directions {
        analytic.push(crate::number::sum::dot(&gradient, direction));
        numerical.push(five_point(step(0.0), |distance| {
            let moved: Vec<f64> = theta.iter().zip(direction).map(|(&x, &d)| x + distance * d).collect();
            let cost = objective.cost_and_gradient(&moved, &mut unused);
            largest = Real::max(largest, cost.abs());
            cost
        }));
    }
    compare("directions", &analytic, &numerical, largest)
}

fn step(theta: f64) -> f64 {
    3e-3 * Real::max(theta.abs(), 1.0) // (GC.2)
}

fn five_point(h: f64, mut cost: impl FnMut(f64) -> f64) -> f64 {
    (cost(-2.0 * h) - 8.0 * cost(-h) + 8.0 * cost(h) - cost(2.0 * h)) / (12.0 * h) // (GC.1)
}

/// `largest_cost` is the largest |J| of the evaluations, divided by the fraction of the step that was used.
fn compare(name: &str, analytic: &[f64], numerical: &[f64], largest_cost: f64) -> BlockError {
    let (mut worst, mut largest, mut scale) = (0, 0.0, 0.0);
    for (i, (&g, &estimate)) in analytic.iter().zip(numerical).enumerate() {
        let difference = (g - estimate).abs();
        // The first NaN stays.
        if !(difference <= largest) && !largest.is_nan() {
            (worst, largest) = (i, difference);
        }
        scale = Real::max(scale, Real::max(g.abs(), estimate.abs()));
    }
    BlockError {
        name: name.into(),
        // A block of zeros in both gradients agrees.
        error: if largest == 0.0 { 0.0 } else { largest / scale }, // (GC.3)
        worst,
        analytic: analytic.get(worst).copied().unwrap_or(0.0),
        numerical: numerical.get(worst).copied().unwrap_or(0.0),
        rounding: 18.0 * 4.0 * f64::EPSILON * largest_cost / (12.0 * step(0.0)), // (GC.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::objective::FromFunction;

    fn whole(n: usize) -> [(&'static str, Range<usize>); 1] {
        [("all", 0..n)]
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

    /// The largest error over 200 points from 0.3 to 0.5 of the slope of eˣ, by two points and by five.
    fn largest_errors(h: f64) -> [f64; 2] {
        let cost = |x: &[f64]| x[0].exp();
        (0..200).fold([0.0; 2], |[two, five], k| {
            let x = 0.3 + 1e-3 * k as f64;
            let by_two = (cost(&[x + h]) - cost(&[x - h])) / (2.0 * h);
            let by_five = by_definition(cost, &[x], 0, h);
            [f64::max(two, (by_two - x.exp()).abs()), f64::max(five, (by_five - x.exp()).abs())]
        })
    }

    #[test]
    fn errors_by_step_are_those_of_the_table() {
        let table = [
            (1e-6, 1e-10, 2e-10),
            (1e-5, 4e-11, 2e-11),
            (1e-4, 3e-9, 2e-12),
            (1e-3, 3e-7, 2e-13),
            (3e-3, 2e-6, 4e-12),
            (1e-2, 3e-5, 6e-10),
            (1e-1, 3e-3, 6e-6),
        ];
        for (h, two, five) in table {
            let found = largest_errors(h);
            for (found, expected) in found.into_iter().zip([two, five]) {
                assert!(found > 0.5 * expected && found < 2.0 * expected, "h = {h:e}: {found:e}, not {expected:e}");
            }
            // Truncation and rounding of the cost explain the error; a unit in the last place of the result is added.
            let j = 0.5f64.exp();
            let bound = h.powi(4) / 30.0 * j + 1.5 * f64::EPSILON * j / h + f64::EPSILON;
            assert!(found[1] < 1.1 * bound, "h = {h:e}: {:e}, not below {bound:e}", found[1]);
        }
    }

    #[test]
    fn the_check_uses_the_definition() {
        let cost = |theta: &[f64]| theta[0].exp() * theta[1] * theta[1];
        let mut objective = FromFunction::new(2, |theta: &[f64], g: &mut [f64]| {
            g.fill(0.0);
            cost(theta)
        });
        let theta = [0.3, -1.2];
        let blocks = [("first", 0..1), ("second", 1..2)];
        for (i, found) in check(&mut objective, &theta, &blocks).into_iter().enumerate() {
            // A wrong gradient is measured with a quarter of the step.
            assert_eq!(found.numerical, by_definition(cost, &theta, i, 0.25 * step(theta[i])));
        }
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
