//! The 35 problems of Moré, Garbow and Hillstrom, f(x) = Σ r_i(x)², in 45 instances with their standard starts, for
//! tests of optimizers. `tests/reference/mgh.txt` has, for each, the cost and the gradient's norm at the start, the
//! minimum, and the evaluations of SciPy's L-BFGS-B.
//!
//! Source: J. Moré, B. Garbow and K. Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7, 1981. The
//! numbers of the problems, the data and the starts are the paper's.

#![allow(dead_code)] // each test uses a part

pub mod dual;
pub mod residuals;

use dual::Dual;
use ossicle::optimize::Objective;
use residuals as r;

/// A problem at one size.
#[derive(Clone)]
pub struct Problem {
    /// Its number in the paper.
    pub number: usize,
    pub name: &'static str,
    pub start: Vec<f64>,
    residuals: fn(&[Dual], &mut Vec<Dual>),
    x: Vec<Dual>,
    space: Vec<Dual>,
}

/// All instances, in the paper's order.
pub fn all() -> Vec<Problem> {
    let tile = |n: usize, of: &[f64]| -> Vec<f64> { of.iter().copied().cycle().take(n).collect() };
    let by = |n: usize, rule: fn(f64) -> f64| -> Vec<f64> { (1..=n).map(|j| rule(j as f64)).collect() };
    let grid = |n: usize| -> Vec<f64> { (1..=n).map(|j| j as f64 / (n as f64 + 1.0)).collect() };
    let arch = || grid(10).into_iter().map(|t| t * (t - 1.0)).collect::<Vec<f64>>();
    let mut problems = Vec::new();
    let mut add = |number, name, residuals: fn(&[Dual], &mut Vec<Dual>), start: Vec<f64>| {
        let (x, space) = (Vec::new(), Vec::new());
        problems.push(Problem { number, name, start, residuals, x, space });
    };
    add(1, "rosenbrock", r::rosenbrock, tile(2, &[-1.2, 1.0]));
    add(2, "freudenstein_roth", r::freudenstein_roth, tile(2, &[0.5, -2.0]));
    add(3, "powell_badly_scaled", r::powell_badly_scaled, tile(2, &[0.0, 1.0]));
    add(4, "brown_badly_scaled", r::brown_badly_scaled, tile(2, &[1.0]));
    add(5, "beale", r::beale, tile(2, &[1.0]));
    add(6, "jennrich_sampson", r::jennrich_sampson, tile(2, &[0.3, 0.4]));
    add(7, "helical_valley", r::helical_valley, tile(3, &[-1.0, 0.0, 0.0]));
    add(8, "bard", r::bard, tile(3, &[1.0]));
    add(9, "gaussian", r::gaussian, tile(3, &[0.4, 1.0, 0.0]));
    add(10, "meyer", r::meyer, tile(3, &[0.02, 4000.0, 250.0]));
    add(11, "gulf", r::gulf, tile(3, &[5.0, 2.5, 0.15]));
    add(12, "box_3d", r::box_3d, tile(3, &[0.0, 10.0, 20.0]));
    add(13, "powell_singular", r::powell_singular, tile(4, &[3.0, -1.0, 0.0, 1.0]));
    add(14, "wood", r::wood, tile(4, &[-3.0, -1.0]));
    add(15, "kowalik_osborne", r::kowalik_osborne, tile(4, &[0.25, 0.39, 0.415, 0.39]));
    add(16, "brown_dennis", r::brown_dennis, tile(4, &[25.0, 5.0, -5.0, -1.0]));
    add(17, "osborne_1", r::osborne_1, tile(5, &[0.5, 1.5, -1.0, 0.01, 0.02]));
    add(18, "biggs_exp6", r::biggs_exp6, tile(6, &[1.0, 2.0, 1.0, 1.0, 1.0, 1.0]));
    add(19, "osborne_2", r::osborne_2, tile(11, &[1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5]));
    for n in [6, 9, 12] {
        add(20, "watson", r::watson, tile(n, &[0.0]));
    }
    for n in [10, 100, 1000] {
        add(21, "extended_rosenbrock", r::rosenbrock, tile(n, &[-1.2, 1.0]));
    }
    for n in [12, 100] {
        add(22, "extended_powell_singular", r::powell_singular, tile(n, &[3.0, -1.0, 0.0, 1.0]));
    }
    for n in [4, 10] {
        add(23, "penalty_1", r::penalty_1, by(n, |j| j));
    }
    for n in [4, 10] {
        add(24, "penalty_2", r::penalty_2, tile(n, &[0.5]));
    }
    add(25, "variably_dimensioned", r::variably_dimensioned, by(10, |j| 1.0 - j / 10.0));
    add(26, "trigonometric", r::trigonometric, tile(10, &[0.1]));
    add(27, "brown_almost_linear", r::brown_almost_linear, tile(10, &[0.5]));
    add(28, "boundary_value", r::boundary_value, arch());
    add(29, "integral_equation", r::integral_equation, arch());
    add(30, "broyden_tridiagonal", r::broyden_tridiagonal, tile(10, &[-1.0]));
    add(31, "broyden_banded", r::broyden_banded, tile(10, &[-1.0]));
    add(32, "linear_full_rank", r::linear_full_rank, tile(10, &[1.0]));
    add(33, "linear_rank_1", r::linear_rank_1, tile(10, &[1.0]));
    add(34, "linear_rank_1_zeros", r::linear_rank_1_zeros, tile(10, &[1.0]));
    for n in [7, 8, 9, 10] {
        add(35, "chebyquad", r::chebyquad, grid(n));
    }
    problems
}

impl Objective<f64> for Problem {
    fn dimension(&self) -> usize {
        self.start.len()
    }

    /// One pass over the residuals for each variable: ∂f/∂x_j = 2·Σ r_i·∂r_i/∂x_j.
    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let mut cost = f64::NAN;
        self.x.clear();
        self.x.extend(theta.iter().map(|&value| dual::c(value)));
        for j in 0..theta.len() {
            self.x[j].slope = 1.0;
            self.space.clear();
            (self.residuals)(&self.x, &mut self.space);
            self.x[j].slope = 0.0;
            let sum = self.space.iter().fold(dual::c(0.0), |sum, &r| sum + r * r);
            (cost, gradient[j]) = (sum.value, sum.slope);
        }
        cost
    }
}
