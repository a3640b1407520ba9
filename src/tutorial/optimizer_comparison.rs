//! A comparison of optimizers on a test function, as a table and as a contour chart with their paths.

use super::report::{self, Table};
use super::test_functions::{Rates, TestFunction};
use crate::number::Real;
use crate::number::decimal::{Count, Short};
use crate::optimize::line_search::Wolfe;
use crate::optimize::objective::FromFunction;
use crate::optimize::{FirstOrder, Lbfgs, LineSearch, Minimization, Outcome, UpdateRule};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Marker, Series, Style};
use crate::picture::contour::Grid;
use crate::picture::image::Rgb;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// An optimizer with its name.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// The optimizer.
    pub optimizer: Optimizer,
}

/// An optimizer.
#[derive(Clone, Copy, Debug)]
pub enum Optimizer {
    /// L-BFGS with one of the line searches.
    Lbfgs(fn(Wolfe) -> LineSearch),
    /// A first-order rule, and its learning rate of a test function's.
    FirstOrder(UpdateRule, fn(&Rates) -> f64),
}

/// All methods.
pub const METHODS: [Method; 9] = [
    Method { name: "lbfgs", optimizer: Optimizer::Lbfgs(LineSearch::MoreThuente) },
    Method { name: "lbfgs-zoom", optimizer: Optimizer::Lbfgs(LineSearch::Zoom) },
    Method { name: "lbfgs-backtracking", optimizer: Optimizer::Lbfgs(LineSearch::Backtracking) },
    first_order("gradient-descent", UpdateRule::GradientDescent, |rates| rates.gradient_descent),
    first_order("momentum", UpdateRule::MOMENTUM, |rates| rates.momentum),
    first_order("nesterov", UpdateRule::NESTEROV, |rates| rates.nesterov),
    first_order("adagrad", UpdateRule::ADAGRAD, |rates| rates.adagrad),
    first_order("rmsprop", UpdateRule::RMSPROP, |rates| rates.rmsprop),
    first_order("adam", UpdateRule::ADAM, |rates| rates.adam),
];

const fn first_order(name: &'static str, rule: UpdateRule, rate: fn(&Rates) -> f64) -> Method {
    Method { name, optimizer: Optimizer::FirstOrder(rule, rate) }
}

/// An optimizer ends where both derivatives are at most this.
pub const TOLERANCE: f64 = 1e-6;

/// The result of one method.
#[derive(Clone, Debug)]
pub struct MethodRun {
    /// The method's name.
    pub method: &'static str,
    /// The learning rate, for a first-order rule.
    pub rate: Option<f64>,
    /// The outcome of the minimization.
    pub outcome: Outcome<f64>,
    /// The start and the points after each step.
    pub path: Vec<[f64; 2]>,
    /// The distance of the best point to the nearest minimum.
    pub distance: f64,
}

/// Minimizes a test function from `start` in at most `iterations` steps; `rate` replaces the function's default rate.
///
/// # Panics
/// If the rate is not positive.
pub fn run_method(
    function: &TestFunction,
    method: Method,
    start: [f64; 2],
    iterations: usize,
    rate: Option<f64>,
) -> MethodRun {
    let mut evaluated = Vec::new();
    let mut objective = FromFunction::new(2, |x: &[f64], gradient: &mut [f64]| {
        let (cost, slopes) = (function.cost)(x[0], x[1]);
        gradient.copy_from_slice(&slopes);
        evaluated.push([x[0], x[1]]);
        cost
    });
    let (rate, outcome, best, path) = match method.optimizer {
        Optimizer::Lbfgs(search) => {
            let search = search(Wolfe::default());
            let settings =
                Lbfgs { iterations, gradient_tolerance: TOLERANCE, cost_tolerance: 0.0, search, ..Lbfgs::default() };
            let mut path = Vec::from([start]);
            let point = |run: &Minimization<f64>| [run.best().theta[0], run.best().theta[1]];
            let mut minimization = Minimization::new(settings, &mut objective, &start);
            let reason = minimization.run(&mut objective, |run, _| {
                path.push(point(run));
                true
            });
            (None, minimization.outcome(reason), point(&minimization), path)
        }
        Optimizer::FirstOrder(rule, default_rate) => {
            let rate = rate.unwrap_or(default_rate(&function.rates));
            let settings = FirstOrder { iterations, gradient_tolerance: TOLERANCE, ..FirstOrder::new(rule, rate) };
            let mut best = start;
            let outcome = settings.minimize(&mut objective, &mut best, |_| true);
            (Some(rate), outcome, best, evaluated)
        }
    };
    MethodRun { method: method.name, rate, outcome, path, distance: function.distance(best) }
}

fn cells(run: &MethodRun, cost: impl Fn(f64) -> String) -> [String; 7] {
    let MethodRun { method, rate, outcome, distance, .. } = run;
    [
        method.to_string(),
        rate.map_or("-".into(), |rate| Short(rate).to_string()),
        outcome.evaluations.to_string(),
        outcome.iterations.to_string(),
        cost(outcome.cost),
        format!("{distance:.1e}"),
        outcome.reason.to_string(),
    ]
}

/// The results as a table.
pub fn table(runs: &[MethodRun]) -> String {
    let mut table = Table::new(&["method", "rate", "evaluations", "iterations", "cost", "distance", "reason"]);
    for run in runs {
        table.row(&cells(run, |cost| format!("{cost:.6e}")));
    }
    table.text()
}

/// The results as tab-separated rows: `METHOD RATE EVALUATIONS ITERATIONS COST DISTANCE REASON`.
pub fn tsv(runs: &[MethodRun]) -> String {
    runs.iter().map(|run| report::tsv(&cells(run, |cost| format!("{cost:e}")))).collect()
}

/// The number of nodes along each side of the grid from which contours are drawn.
const NODES: usize = 161;
/// The number of contours, each at twice the height of the next lower one.
const CONTOURS: i32 = 12;

/// Contours of a height above a minimum, where axes cross: levels at 1/2, 1/4, 1/8, ... of the greatest height, darker
/// the lower they are.
pub(super) fn contours(axes: &[Axis; 2], height: impl Fn(f64, f64) -> f64) -> Vec<(Rgb, Vec<[f64; 2]>)> {
    let at = |k: usize, node: f64| axes[k].at(node / (NODES - 1) as f64);
    let heights = Grid::from_function(NODES, NODES, |i, j| height(at(0, i as f64), at(1, j as f64)));
    let finite = heights.values().iter().copied().filter(|height| height.is_finite());
    let mut level = finite.fold(0.0, Real::max);
    let mut lines = Vec::new();
    for k in 0..CONTOURS {
        level *= 0.5;
        let grey = 222 - (8 * k) as u8;
        for line in heights.contours(level) {
            lines.push(([grey; 3], line.iter().map(|&[i, j]| [at(0, i), at(1, j)]).collect()));
        }
    }
    lines
}

/// A contour chart of the function with the paths.
pub fn contour_chart(function: &TestFunction, start: [f64; 2], runs: &[MethodRun]) -> Chart {
    let range = |k: usize| {
        let [from, to] = function.bounds[k];
        // A start outside the bounds widens the chart.
        let (low, high) = (Real::min(from, start[k]), Real::max(to, start[k]));
        Axis::new(
            low - if low < from { 0.1 * (to - low) } else { 0.0 },
            high + if high > to { 0.1 * (high - from) } else { 0.0 },
            Scale::Linear,
        )
    };
    let axes = [range(0), range(1)];
    let background = contours(&axes, |x, y| (function.cost)(x, y).0 - function.minimum);
    let paths = runs.iter().map(|run| {
        let name = format!("{}: {}", run.method, Count(run.outcome.evaluations, "evaluation"));
        Series { name, points: run.path.clone(), style: Style::Path }
    });
    let mark = |name: &str, points: &[[f64; 2]], shape| Series {
        name: name.into(),
        points: points.to_vec(),
        style: Style::Mark(shape),
    };
    let minima = if function.minima.len() > 1 { "minima" } else { "minimum" };
    let mut marks = Vec::from([mark(minima, function.minima, Marker::Star), mark("start", &[start], Marker::Square)]);
    if !function.local_minima.is_empty() {
        marks.push(mark("local minimum", function.local_minima, Marker::Wedge));
    }
    let series = paths.chain(marks).collect();
    let title = format!("{}: {}", function.name, function.formula);
    Chart { axes, background, area: [480.0, 400.0], ..Chart::new(&title, ["x", "y"], [Scale::Linear; 2], series) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::Reason;
    use crate::tutorial::test_functions::{TEST_FUNCTIONS, nearest};

    /// The distance of the best or the last point to the nearest minimum, be it local.
    fn distance_to_any_minimum(function: &TestFunction, run: &MethodRun) -> f64 {
        Real::min(run.distance, nearest(function.local_minima, *run.path.last().unwrap()))
    }

    #[test]
    fn every_lbfgs_finds_a_minimum_of_every_test_function() {
        for function in TEST_FUNCTIONS {
            for method in &METHODS[..3] {
                let run = run_method(&function, *method, function.start, 1000, None);
                assert_eq!(run.outcome.reason, Reason::GradientSmall, "{}, {}", function.name, run.method);
                let distance = distance_to_any_minimum(&function, &run);
                assert!(distance < 1e-4, "{}, {}: {distance}", function.name, run.method);
                assert!(run.outcome.evaluations < 100, "{}, {}", function.name, run.method);
            }
        }
    }

    #[test]
    fn the_default_rates_bring_every_rule_far_down() {
        for function in TEST_FUNCTIONS {
            let height = |cost: f64| cost - function.minimum;
            let start = height((function.cost)(function.start[0], function.start[1]).0);
            for method in &METHODS[3..] {
                for fraction in [1.0, 0.5] {
                    let Optimizer::FirstOrder(_, default_rate) = method.optimizer else { panic!("{method:?}") };
                    let rate = Some(fraction * default_rate(&function.rates));
                    let run = run_method(&function, *method, function.start, 1000, rate);
                    let end = height(run.outcome.cost);
                    assert!(end <= 0.1 * start, "{}, {} at {rate:?}: {end}", function.name, run.method);
                    // A point that claims to be a minimum is near one.
                    let claims = run.outcome.reason == Reason::GradientSmall;
                    assert!(!claims || distance_to_any_minimum(&function, &run) < 1e-4, "{}, {run:?}", function.name);
                    assert_eq!(run.path.len(), run.outcome.evaluations);
                }
            }
        }
    }

    #[test]
    fn charts_show_every_path() {
        let function = &TEST_FUNCTIONS[0];
        let runs: Vec<MethodRun> =
            METHODS.iter().map(|&method| run_method(function, method, function.start, 50, None)).collect();
        let svg = contour_chart(function, function.start, &runs).svg();
        for Method { name, .. } in METHODS {
            assert!(svg.contains(&format!(">{name}: ")), "{name}");
        }
        assert!(svg.len() < 150_000, "{}", svg.len());
        // A start outside the bounds is on the chart.
        let wide = contour_chart(function, [7.0, -9.0], &[]);
        assert!(wide.axes[0].high() > 7.0 && wide.axes[1].low() < -9.0);
    }
}
