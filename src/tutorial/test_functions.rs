//! Landscapes: costs of two parameters with known minima, on which minimizers are watched.
//!
//! Each is hard in one way: a curved valley, a long one, flat stretches, several minima, saddles, an edge beyond which
//! there is nothing.
//!
//! Sources: H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960; E. Beale,
//! "On an iterative method for finding a local minimum", 1958; D. Himmelblau, "Applied nonlinear programming", 1972.
//! The others are made for this chapter; their minima are computed beside them.

use crate::number::Real;

/// A cost of two parameters.
#[derive(Clone, Copy, Debug)]
pub struct TestFunction {
    /// Its name.
    pub name: &'static str,
    /// Its formula.
    pub formula: &'static str,
    /// What is hard about it.
    pub difficulty: &'static str,
    /// Where minimizers start.
    pub start: [f64; 2],
    /// Where it is least.
    pub minima: &'static [[f64; 2]],
    /// How low it is there.
    pub minimum: f64,
    /// What a map shows: from and to in x, from and to in y.
    pub bounds: [[f64; 2]; 2],
    /// The rates of gradient descent, momentum, Nesterov, Adagrad, RMSProp, and Adam: each 1, 2, or 5 times a power of
    /// ten at which the rule gets far in a thousand steps, and still does at half the rate.
    pub rates: [f64; 6],
    /// The cost at x and y, and its derivatives by both.
    pub cost: fn(f64, f64) -> (f64, [f64; 2]),
}

/// √3·3/2.
const MONKEY: f64 = 2.598_076_211_353_316;

/// All landscapes.
pub const TEST_FUNCTIONS: [TestFunction; 7] = [
    TestFunction {
        name: "rosenbrock",
        formula: "100·(y - x²)² + (1 - x)²",
        difficulty: "a curved valley",
        start: [-1.2, 1.0],
        minima: &[[1.0, 1.0]],
        minimum: 0.0,
        bounds: [[-1.6, 1.6], [-0.6, 2.0]],
        rates: [0.001, 0.002, 0.001, 1.0, 0.01, 0.2],
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
        minimum: 0.0,
        bounds: [[-5.0, 3.0], [-2.0, 2.0]],
        rates: [0.02, 0.02, 0.02, 2.0, 0.1, 0.2],
        cost: |x, y| (0.5 * x * x + 25.0 * y * y, [x, 50.0 * y]),
    },
    TestFunction {
        name: "beale",
        formula: "(1.5 - x + x·y)² + (2.25 - x + x·y²)² + (2.625 - x + x·y³)²",
        difficulty: "a flat valley behind a steep slope",
        start: [1.0, 1.5],
        minima: &[[3.0, 0.5]],
        minimum: 0.0,
        bounds: [[-0.5, 4.0], [-1.0, 2.0]],
        rates: [0.01, 0.005, 0.005, 1.0, 0.02, 0.2],
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
        minimum: 0.0,
        bounds: [[-5.0, 5.0], [-5.0, 5.0]],
        rates: [0.01, 0.005, 0.01, 1.0, 0.1, 0.5],
        cost: |x, y| {
            let (a, b) = (x * x + y - 11.0, x + y * y - 7.0);
            (a * a + b * b, [4.0 * a * x + 2.0 * b, 2.0 * a + 4.0 * b * y])
        },
    },
    TestFunction {
        // ∂/∂y = y³ - y: minima at y = ±1, where the cost is ¼ - ½.
        name: "saddle",
        formula: "x²/2 - y²/2 + y⁴/4",
        difficulty: "a saddle on the way, nearly hit",
        start: [1.5, 0.001],
        minima: &[[0.0, 1.0], [0.0, -1.0]],
        minimum: -0.25,
        bounds: [[-1.0, 2.0], [-1.5, 1.5]],
        rates: [0.2, 0.1, 0.2, 0.5, 0.05, 0.1],
        cost: |x, y| (0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y, [x, y * y * y - y]),
    },
    TestFunction {
        // r³·cos 3φ + r⁴/4: minima where cos 3φ = -1 and -3·r² + r³ = 0, so at r = 3, where the cost is -27 + 81/4.
        name: "monkey",
        formula: "x³ - 3·x·y² + (x² + y²)²/4",
        difficulty: "a saddle with a place for a tail, flat in the middle",
        start: [1.5, 0.1],
        minima: &[[-3.0, 0.0], [1.5, MONKEY], [1.5, -MONKEY]],
        minimum: -6.75,
        bounds: [[-4.0, 4.0], [-4.0, 4.0]],
        rates: [0.05, 0.02, 0.02, 0.5, 0.05, 0.1],
        cost: |x, y| {
            let square = x * x + y * y;
            let cost = x * x * x - 3.0 * x * y * y + 0.25 * square * square;
            (cost, [3.0 * (x * x - y * y) + square * x, -6.0 * x * y + square * y])
        },
    },
    TestFunction {
        name: "logarithm",
        formula: "x - ln x + y - ln y",
        difficulty: "no cost at all where x or y is negative",
        start: [15.0, 0.1],
        minima: &[[1.0, 1.0]],
        minimum: 2.0,
        bounds: [[-1.0, 16.0], [-1.0, 6.0]],
        rates: [0.5, 0.05, 0.1, 1.0, 0.2, 0.5],
        cost: |x, y| (x - Real::ln(x) + y - Real::ln(y), [1.0 - 1.0 / x, 1.0 - 1.0 / y]),
    },
];

impl TestFunction {
    /// How far a point is from the nearest minimum.
    pub fn distance(&self, [x, y]: [f64; 2]) -> f64 {
        let squares = self.minima.iter().map(|[a, b]| (x - a) * (x - a) + (y - b) * (y - b));
        crate::machine::Element::sqrt(squares.fold(f64::INFINITY, Real::min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::check::check;
    use crate::optimize::objective::FromFunction;

    #[test]
    fn gradients_are_the_derivatives_and_minima_are_minima() {
        for landscape in TEST_FUNCTIONS {
            let mut objective = FromFunction::new(2, |x: &[f64], gradient: &mut [f64]| {
                let (cost, slopes) = (landscape.cost)(x[0], x[1]);
                gradient.copy_from_slice(&slopes);
                cost
            });
            for at in [[0.7, 0.4], [1.3, 2.1]] {
                let found = check(&mut objective, &at, &[("both".into(), 0..2)]);
                assert!(found[0].passes(), "{}: {found:?}", landscape.name);
            }
            for &[x, y] in landscape.minima {
                let (cost, slopes) = (landscape.cost)(x, y);
                assert!((cost - landscape.minimum).abs() < 1e-14, "{}: {cost}", landscape.name);
                assert!(slopes.iter().all(|slope| slope.abs() < 1e-12), "{}: {slopes:?}", landscape.name);
                // Higher all around.
                for (dx, dy) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01), (0.01, 0.01), (0.01, -0.01)] {
                    assert!((landscape.cost)(x + dx, y + dy).0 > landscape.minimum, "{}", landscape.name);
                }
            }
        }
    }

    #[test]
    fn maps_hold_the_start_and_the_minima() {
        for landscape in TEST_FUNCTIONS {
            let inside = |[x, y]: [f64; 2]| {
                let [[left, right], [bottom, top]] = landscape.bounds;
                left < x && x < right && bottom < y && y < top
            };
            assert!(inside(landscape.start) && landscape.minima.iter().all(|&at| inside(at)), "{}", landscape.name);
            assert_eq!(landscape.distance(landscape.minima[0]), 0.0);
        }
        assert_eq!(TEST_FUNCTIONS[0].distance([4.0, 5.0]), 5.0);
    }
}
