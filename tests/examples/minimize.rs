//! L-BFGS on a function of one's own, with a gradient check first: `cargo run --example minimize`.

use ossicle::number::Real;
use ossicle::optimize::check::check;
use ossicle::optimize::{Lbfgs, Objective};

/// Measurements y at times t, fitted with a·e^(-b·t): J = ½·Σ (a·e^(-b·t) - y)².
struct Decay(Vec<(f64, f64)>);

impl Objective<f64> for Decay {
    fn dimension(&self) -> usize {
        2
    }

    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, b) = (theta[0], theta[1]);
        gradient.fill(0.0);
        self.0.iter().fold(0.0, |cost, (t, y)| {
            // `f64::exp` would do; this one has the same bits on every machine.
            let e = Real::exp(-b * t);
            gradient[0] += (a * e - y) * e; // ∂J/∂a
            gradient[1] -= (a * e - y) * a * t * e; // ∂J/∂b
            cost + 0.5 * (a * e - y) * (a * e - y)
        })
    }
}

fn main() {
    let at = |i: u32, t: f64| (t, 2.0 * Real::exp(-1.5 * t) + f64::from(i * 37 % 11) / 500.0 - 0.01);
    let mut decay = Decay((0..30).map(|i| at(i, f64::from(i) / 10.0)).collect());
    for block in check(&mut decay, &[1.0, 0.7], &[("a", 0..1), ("b", 1..2)]) {
        println!("∂J/∂{}: {:.9}, measured {:.9}", block.name, block.analytic, block.numerical);
        assert!(block.passes());
    }
    let mut theta = [1.0, 0.7];
    let outcome = Lbfgs::default().minimize(&mut decay, &mut theta, |_| true);
    println!("a = {:.3}, b = {:.3}, {} after {} steps", theta[0], theta[1], outcome.reason, outcome.iterations);
    assert!((theta[0] - 2.0).abs() < 0.02 && (theta[1] - 1.5).abs() < 0.02);
}
