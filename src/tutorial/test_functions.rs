//! Test functions: costs of two parameters with known minima, for comparing optimizers.
//!
//! With two parameters the path of an optimizer can be drawn, and a known minimum shows whether it arrived. Each
//! function is difficult in one way: a curved valley, a long valley, flat regions, several minima, saddle points, or an
//! edge beyond which the cost is undefined.
//!
//! Sources: H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960; E. Beale,
//! "On an iterative method for finding a local minimum", 1958; D. Himmelblau, "Applied nonlinear programming", 1972.
//! The others are specific to this chapter; comments derive their minima.

use crate::number::Real;

/// A cost of two parameters.
#[derive(Clone, Copy, Debug)]
pub struct TestFunction {
    /// Its name.
    pub name: &'static str,
    /// Its formula.
    pub formula: &'static str,
    /// Its difficulty for an optimizer.
    pub difficulty: &'static str,
    /// The default starting point.
    pub start: [f64; 2],
    /// The points at which the cost is least.
    pub minima: &'static [[f64; 2]],
    /// The points at which the cost is less than all around, but not least: an optimizer can end there.
    pub local_minima: &'static [[f64; 2]],
    /// The cost at the minima.
    pub minimum: f64,
    /// The region that a contour chart shows: lower and upper bound of x, then of y.
    pub bounds: [[f64; 2]; 2],
    /// The default learning rates.
    pub rates: Rates,
    /// The cost at x and y, and its two derivatives.
    pub cost: fn(f64, f64) -> (f64, [f64; 2]),
}

/// The learning rates of the first-order rules on a test function: each is 1, 2 or 5 times a power of ten. At this rate
/// and at half of it, the rule reduces the cost, less its minimum, to a tenth within a thousand steps.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Of gradient descent.
    pub gradient_descent: f64,
    /// Of momentum.
    pub momentum: f64,
    /// Of Nesterov's momentum.
    pub nesterov: f64,
    /// Of Adagrad.
    pub adagrad: f64,
    /// Of RMSProp.
    pub rmsprop: f64,
    /// Of Adam.
    pub adam: f64,
}

/// √3·3/2.
const MONKEY: f64 = 2.598_076_211_353_316;

/// Two roots of 4·x³ - 4·x + ½, and (x² - 1)² + x/2 at the first one.
const LEFT_WELL: f64 = -1.057_453_770_738_377_8;
const RIGHT_WELL: f64 = 0.930_402_926_555_851_6;
const LOWEST: f64 = -0.514_753_641_275_705_5;

/// All test functions.
pub const TEST_FUNCTIONS: [TestFunction; 8] = [
    TestFunction {
        name: "rosenbrock",
        formula: "100·(y - x²)² + (1 - x)²",
        difficulty: "a curved valley",
        start: [-1.2, 1.0],
        minima: &[[1.0, 1.0]],
        local_minima: &[],
        minimum: 0.0,
        bounds: [[-1.6, 1.6], [-0.6, 2.0]],
        rates: Rates {
            gradient_descent: 0.001,
            momentum: 0.002,
            nesterov: 0.001,
            adagrad: 1.0,
            rmsprop: 0.01,
            adam: 0.2,
        },
        cost: |x, y| {
            let (a, b) = (y - x * x, 1.0 - x);
            (100.0 * a * a + b * b, [-400.0 * a * x - 2.0 * b, 200.0 * a])
        },
    },
    TestFunction {
        name: "quadratic",
        formula: "x²/2 + 25·y²",
        difficulty: "a long valley: curvatures 1 and 50",
        start: [-4.0, 1.5],
        minima: &[[0.0, 0.0]],
        local_minima: &[],
        minimum: 0.0,
        bounds: [[-5.0, 3.0], [-2.0, 2.0]],
        rates: Rates { gradient_descent: 0.02, momentum: 0.02, nesterov: 0.02, adagrad: 2.0, rmsprop: 0.1, adam: 0.2 },
        cost: |x, y| (0.5 * x * x + 25.0 * y * y, [x, 50.0 * y]),
    },
    TestFunction {
        name: "beale",
        formula: "(1.5 - x + x·y)² + (2.25 - x + x·y²)² + (2.625 - x + x·y³)²",
        difficulty: "a flat valley behind a steep slope",
        start: [1.0, 1.5],
        minima: &[[3.0, 0.5]],
        local_minima: &[],
        minimum: 0.0,
        bounds: [[-0.5, 4.0], [-1.0, 2.0]],
        rates: Rates {
            gradient_descent: 0.01,
            momentum: 0.005,
            nesterov: 0.005,
            adagrad: 1.0,
            rmsprop: 0.02,
            adam: 0.2,
        },
        cost: |x, y| {
            let powers = [y, y * y, y * y * y];
            let errors = [1.5 - x + x * powers[0], 2.25 - x + x * powers[1], 2.625 - x + x * powers[2]];
            let slopes = [1.0, 2.0 * y, 3.0 * y * y];
            let (mut cost, mut by_x, mut by_y) = (0.0, 0.0, 0.0);
            for k in 0..3 {
                cost += errors[k] * errors[k];
                by_x += 2.0 * errors[k] * (powers[k] - 1.0);
                by_y += 2.0 * errors[k] * x * slopes[k];
            }
            (cost, [by_x, by_y])
        },
    },
    TestFunction {
        name: "himmelblau",
        formula: "(x² + y - 11)² + (x + y² - 7)²",
        difficulty: "four minima",
        start: [0.0, 0.0],
        minima: &[
            [3.0, 2.0],
            [-2.805_118_086_952_745, 3.131_312_518_250_573],
            [-3.779_310_253_377_747, -3.283_185_991_286_17],
            [3.584_428_340_330_492, -1.848_126_526_964_404],
        ],
        local_minima: &[],
        minimum: 0.0,
        bounds: [[-5.0, 5.0], [-5.0, 5.0]],
        rates: Rates { gradient_descent: 0.01, momentum: 0.005, nesterov: 0.01, adagrad: 1.0, rmsprop: 0.1, adam: 0.5 },
        cost: |x, y| {
            let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
            (a * a + b * b, [4.0 * a * x + 2.0 * b, 2.0 * a + 4.0 * b * y])
        },
    },
    TestFunction {
        // ∂/∂y = y³ - y: minima at y = ±1, where the cost is ¼ - ½.
        name: "saddle",
        formula: "x²/2 - y²/2 + y⁴/4",
        difficulty: "a saddle point close to the path",
        start: [1.5, 0.001],
        minima: &[[0.0, 1.0], [0.0, -1.0]],
        local_minima: &[],
        minimum: -0.25,
        bounds: [[-1.0, 2.0], [-1.5, 1.5]],
        rates: Rates { gradient_descent: 0.2, momentum: 0.1, nesterov: 0.2, adagrad: 0.5, rmsprop: 0.05, adam: 0.1 },
        cost: |x, y| (0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y, [x, y * y * y - y]),
    },
    TestFunction {
        // r³·cos 3φ + r⁴/4: minima where cos 3φ = -1 and -3·r² + r³ = 0, so at r = 3, where the cost is -27 + 81/4.
        name: "monkey",
        formula: "x³ - 3·x·y² + (x² + y²)²/4",
        difficulty: "a monkey saddle, flat in the middle",
        start: [1.5, 0.1],
        minima: &[[-3.0, 0.0], [1.5, MONKEY], [1.5, -MONKEY]],
        local_minima: &[],
        minimum: -6.75,
        bounds: [[-4.0, 4.0], [-4.0, 4.0]],
        rates: Rates { gradient_descent: 0.05, momentum: 0.02, nesterov: 0.02, adagrad: 0.5, rmsprop: 0.05, adam: 0.1 },
        cost: |x, y| {
            let square = x * x + y * y;
            let cost = x * x * x - 3.0 * x * y * y + 0.25 * square * square;
            (cost, [3.0 * (x * x - y * y) + square * x, -6.0 * x * y + square * y])
        },
    },
    TestFunction {
        // ∂/∂x = 4·x³ - 4·x + ½ has three roots: two minima, and the ridge between them. The tilt x/2 makes the left
        // minimum the lower one, by almost 1.
        name: "two-wells",
        formula: "(x² - 1)² + x/2 + y²",
        difficulty: "a minimum that is only local, on the way to a lower one",
        start: [2.0, 2.0],
        minima: &[[LEFT_WELL, 0.0]],
        local_minima: &[[RIGHT_WELL, 0.0]],
        minimum: LOWEST,
        bounds: [[-2.0, 2.5], [-2.0, 2.5]],
        rates: Rates { gradient_descent: 0.05, momentum: 0.02, nesterov: 0.02, adagrad: 0.5, rmsprop: 0.05, adam: 0.1 },
        cost: |x, y| {
            let square = x * x - 1.0;
            (square * square + 0.5 * x + y * y, [4.0 * x * square + 0.5, 2.0 * y])
        },
    },
    TestFunction {
        name: "logarithm",
        formula: "x - ln x + y - ln y",
        difficulty: "undefined where x or y is negative",
        start: [15.0, 0.1],
        minima: &[[1.0, 1.0]],
        local_minima: &[],
        minimum: 2.0,
        bounds: [[-1.0, 16.0], [-1.0, 6.0]],
        rates: Rates { gradient_descent: 0.5, momentum: 0.05, nesterov: 0.1, adagrad: 1.0, rmsprop: 0.2, adam: 0.5 },
        cost: |x, y| (x - Real::ln(x) + y - Real::ln(y), [1.0 - 1.0 / x, 1.0 - 1.0 / y]),
    },
];

impl TestFunction {
    /// The distance of a point to the nearest minimum.
    pub fn distance(&self, point: [f64; 2]) -> f64 {
        nearest(self.minima, point)
    }
}

/// The distance of a point to the nearest of some points, infinite if there is none.
pub(super) fn nearest(points: &[[f64; 2]], [x, y]: [f64; 2]) -> f64 {
    let squares = points.iter().map(|[a, b]| (x - a) * (x - a) + (y - b) * (y - b));
    crate::machine::Element::sqrt(squares.fold(f64::INFINITY, Real::min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::check::check;
    use crate::optimize::objective::FromFunction;

    #[test]
    fn gradients_are_the_derivatives_and_minima_are_minima() {
        for function in TEST_FUNCTIONS {
            let mut objective = FromFunction::new(2, |x: &[f64], gradient: &mut [f64]| {
                let (cost, slopes) = (function.cost)(x[0], x[1]);
                gradient.copy_from_slice(&slopes);
                cost
            });
            for theta in [[0.7, 0.4], [1.3, 2.1]] {
                let found = check(&mut objective, &theta, &[("both", 0..2)]);
                assert!(found[0].passes(), "{}: {found:?}", function.name);
            }
            for (k, &[x, y]) in function.minima.iter().chain(function.local_minima).enumerate() {
                let (cost, slopes) = (function.cost)(x, y);
                if k < function.minima.len() {
                    assert!((cost - function.minimum).abs() < 1e-14, "{}: {cost}", function.name);
                } else {
                    assert!(cost > function.minimum + 0.5, "{}: {cost}", function.name);
                }
                assert!(slopes.iter().all(|slope| slope.abs() < 1e-12), "{}: {slopes:?}", function.name);
                // The cost is higher all around.
                for (dx, dy) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01), (0.01, 0.01), (0.01, -0.01)] {
                    assert!((function.cost)(x + dx, y + dy).0 > cost, "{}", function.name);
                }
            }
        }
    }

    #[test]
    fn charts_contain_the_start_and_the_minima() {
        for function in TEST_FUNCTIONS {
            let inside = |[x, y]: [f64; 2]| {
                let [[left, right], [bottom, top]] = function.bounds;
                left < x && x < right && bottom < y && y < top
            };
            assert!(
                inside(function.start) && function.minima.iter().all(|&minimum| inside(minimum)),
                "{}",
                function.name
            );
            assert_eq!(function.distance(function.minima[0]), 0.0);
        }
        assert_eq!(TEST_FUNCTIONS[0].distance([4.0, 5.0]), 5.0);
    }
}
