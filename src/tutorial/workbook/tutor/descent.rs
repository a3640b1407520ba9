//! Gradient descent.

use crate::machine::Element;
use crate::number::sum::dot;
use crate::number::{Random, Real};
use crate::optimize::objective::FromFunction;
use crate::optimize::{FirstOrder, UpdateRule};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A bowl, J = ½·Σ_i c_i·u_i² + ½·κ·(Σ_i u_i)² with u = θ - its bottom, and a run on it.
#[derive(Clone, Debug)]
struct Input {
    curvatures: Vec<f64>,
    /// κ: couples the parameters, so that the slope in one depends on all others.
    coupling: f64,
    bottom: Vec<f64>,
    start: Vec<f64>,
    rate: f64,
    steps: usize,
}

impl Input {
    fn gradient(&self, theta: &[f64]) -> Vec<f64> {
        let u: Vec<f64> = theta.iter().zip(&self.bottom).map(|(x, b)| x - b).collect();
        let sum = u.iter().fold(0.0, |sum, u| sum + u);
        self.curvatures.iter().zip(&u).map(|(c, u)| c * u + self.coupling * sum).collect()
    }

    /// J, which on a bowl is half of ∇J·u.
    fn cost(&self, theta: &[f64]) -> f64 {
        let u: Vec<f64> = theta.iter().zip(&self.bottom).map(|(x, b)| x - b).collect();
        0.5 * dot(&self.gradient(theta), &u)
    }

    /// One step from the start, by the rule.
    fn step(&self) -> Vec<f64> {
        let (rule, mut theta) = (UpdateRule::GradientDescent, self.start.clone());
        rule.step(self.rate, &self.gradient(&theta), &mut rule.state(theta.len()), &mut theta);
        theta
    }

    /// The run. It ends at the best point, which is the last one, since all rates here lower the cost in every step.
    fn descent(&self) -> Vec<f64> {
        let mut bowl = FromFunction::new(self.start.len(), |theta: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&self.gradient(theta));
            self.cost(theta)
        });
        let mut theta = self.start.clone();
        let plain = FirstOrder::new(UpdateRule::GradientDescent, self.rate);
        let settings = FirstOrder { iterations: self.steps, gradient_tolerance: 0.0, ..plain };
        settings.minimize(&mut bowl, &mut theta, |_| true);
        theta
    }

    /// The point after a number of steps, each by some rule from θ, ∇J, and ε.
    fn descent_by(&self, step: Step, steps: usize) -> Vec<f64> {
        (0..steps).fold(self.start.clone(), |theta, _| step(&theta, &self.gradient(&theta), self.rate))
    }
}

fn parts(step: Vec<f64>, descent: Vec<f64>) -> Vec<Part> {
    vec![("step", step), ("descend", descent)]
}

/// Computes the next point from θ, ∇J, and ε.
pub type Step = fn(&[f64], &[f64], f64) -> Vec<f64>;

/// Computes the last point from ∇J, the start, ε, and the number of steps.
pub type Descend = fn(&dyn Fn(&[f64]) -> Vec<f64>, &[f64], f64, usize) -> Vec<f64>;

/// Computes the last point of the run of an input.
type Run = fn(&Input) -> Vec<f64>;

/// Computes a limit of ε from the curvatures of a bowl.
type Limit = fn(&[f64]) -> f64;

/// The limit of ε on a bowl, 2/c_max.
fn limit(curvatures: &[f64]) -> f64 {
    2.0 / curvatures.iter().fold(0.0, |largest, &c| Real::max(largest, c))
}

/// The smallest curvature of a bowl.
fn least(curvatures: &[f64]) -> f64 {
    curvatures.iter().fold(f64::INFINITY, |least, &c| Real::min(least, c))
}

/// θ + c·∇J.
fn moved(theta: &[f64], gradient: &[f64], c: f64) -> Vec<f64> {
    theta.iter().zip(gradient).map(|(x, g)| x + c * g).collect()
}

/// The right step.
fn downhill(theta: &[f64], gradient: &[f64], rate: f64) -> Vec<f64> {
    moved(theta, gradient, -rate)
}

fn runs() -> Judge<Input> {
    let by_hand = Input {
        curvatures: vec![1.0, 4.0],
        coupling: 0.0,
        bottom: vec![0.0; 2],
        start: vec![2.0, 1.0],
        rate: 0.1,
        steps: 3,
    };
    let mut inputs = vec![("J = ½·θ_1² + 2·θ_2², θ = (2, 1), ε = 0.1, 3 steps".to_string(), by_hand)];
    let mut random = Random::new(1);
    for (n, rate, steps) in [(3, 0.3, 5), (5, 0.2, 2), (2, 0.4, 0)] {
        let mut draw = |low, high| (0..n).map(|_| random.uniform(low, high)).collect::<Vec<f64>>();
        let [curvatures, bottom, start] = [draw(0.5, 3.0), draw(-1.0, 1.0), draw(-3.0, 3.0)];
        let name = format!("a random bowl of {n} dimensions, ε = {rate}, {steps} steps");
        inputs.push((name, Input { curvatures, coupling: 0.5, bottom, start, rate, steps }));
    }
    let mut judge = Judge::new(inputs, |input: &Input| parts(input.step(), input.descent()));
    let steps: [(&str, Step); 4] = [
        ("a step uphill, + in place of -", |theta, gradient, rate| moved(theta, gradient, rate)),
        ("the learning rate is forgotten", |theta, gradient, _| moved(theta, gradient, -1.0)),
        ("only the change, -ε·∇J, without θ", |_, gradient, rate| gradient.iter().map(|g| -rate * g).collect()),
        ("the gradient is divided by its length", |theta, gradient, rate| {
            moved(theta, gradient, -rate / Element::sqrt(dot(gradient, gradient)))
        }),
    ];
    for (what, step) in steps {
        judge = judge.mistake(what, move |input| {
            let first = step(&input.start, &input.gradient(&input.start), input.rate);
            parts(first, input.descent_by(step, input.steps))
        });
    }
    let runs: [(&str, Run); 7] = [
        ("the gradient at the start is used in every step", |input| {
            let gradient = input.gradient(&input.start);
            (0..input.steps).fold(input.start.clone(), |theta, _| downhill(&theta, &gradient, input.rate))
        }),
        ("every step begins at the start", |input| {
            let step = |theta: &[f64]| downhill(&input.start, &input.gradient(theta), input.rate);
            (0..input.steps).fold(input.start.clone(), |theta, _| step(&theta))
        }),
        ("every step is the first one again, from the start with its gradient", |input| {
            if input.steps == 0 { input.start.clone() } else { input.step() }
        }),
        ("the steps are lost, as with `let theta = ...` inside the loop", |input| input.start.clone()),
        ("one step too many", |input| input.descent_by(downhill, input.steps + 1)),
        ("one step too few", |input| input.descent_by(downhill, input.steps.saturating_sub(1))),
        ("the gradient is computed anew after each parameter, not after each step", |input| {
            let mut theta = input.start.clone();
            for i in (0..input.steps).flat_map(|_| 0..input.start.len()) {
                theta[i] = downhill(&theta, &input.gradient(&theta), input.rate)[i];
            }
            theta
        }),
    ];
    for (what, run) in runs {
        judge = judge.mistake(what, move |input| parts(input.step(), run(input)));
    }
    judge
}

fn limits() -> Judge<Vec<f64>> {
    let part = |limit: f64| -> Vec<Part> { vec![("limit_of_the_rate", vec![limit])] };
    let inputs = [vec![1.0, 4.0], vec![4.0, 1.0], vec![2.0, 5.0, 3.0], vec![3.0, 0.5, 8.0, 2.0], vec![0.25]];
    let name = |c: &[f64]| c.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ");
    let inputs = inputs.map(|c| (format!("c = ({})", name(&c)), c)).to_vec();
    let mut judge = Judge::new(inputs, move |c: &Vec<f64>| part(limit(c)));
    let limits: [(&str, Limit); 8] = [
        ("1/c, the rate that reaches the bottom of an axis in one step", |c| 0.5 * limit(c)),
        ("the smallest curvature in place of the largest", |c| 2.0 / least(c)),
        ("the first curvature in place of the largest", |c| 2.0 / c[0]),
        ("the last curvature in place of the largest", |c| 2.0 / c[c.len() - 1]),
        ("the sum of the curvatures in place of the largest", |c| 2.0 / c.iter().fold(0.0, |sum, c| sum + c)),
        ("the best rate, 2/(c_min + c_max), in place of the limit", |c| 2.0 / (least(c) + 2.0 / limit(c))),
        ("c/2 in place of 2/c", |c| 1.0 / limit(c)),
        ("the largest curvature itself, not the limit 2/c", |c| 2.0 / limit(c)),
    ];
    for (what, limit) in limits {
        judge = judge.mistake(what, move |c| part(limit(c)));
    }
    judge
}

/// Checks a step from (θ, ∇J, ε) and a descent of some steps, and then the limit of the rate from the curvatures of a
/// bowl.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(step: Step, descend: Descend, limit: fn(&[f64]) -> f64) {
    runs().check(|input| {
        let first = step(&input.start, &input.gradient(&input.start), input.rate);
        let last = descend(&|theta| input.gradient(theta), &input.start, input.rate, input.steps);
        parts(first, last)
    });
    limits().check(|c| vec![("limit_of_the_rate", vec![limit(c)])]);
}

#[cfg(test)]
mod tests {
    use crate::optimize::objective::FromFunction;
    use crate::optimize::{FirstOrder, Reason, UpdateRule};

    #[test]
    fn every_mistake_is_named() {
        super::runs().check_itself();
        super::limits().check_itself();
    }

    #[test]
    fn the_limit_separates_rates_that_converge_from_those_that_diverge() {
        let (curvatures, mut ends) = ([3.0, 1.0, 4.0], [Reason::Stopped; 2]);
        for (end, rate) in ends.iter_mut().zip([0.499, 0.501]) {
            let mut bowl = FromFunction::new(3, |x: &[f64], gradient: &mut [f64]| {
                (0..3).for_each(|i| gradient[i] = curvatures[i] * x[i]);
                (0..3).fold(0.0, |cost, i| cost + 0.5 * gradient[i] * x[i])
            });
            let settings = FirstOrder { iterations: 5000, ..FirstOrder::new(UpdateRule::GradientDescent, rate) };
            *end = settings.minimize(&mut bowl, &mut [1.0; 3], |_| true).reason;
        }
        assert_eq!(ends, [Reason::GradientSmall, Reason::Iterations]);
        assert_eq!(super::limit(&curvatures), 0.5);
    }
}
