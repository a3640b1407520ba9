//! A comparison of optimizers on a test function, as a table and as contour charts with their paths.

use super::report::{self, Table};
use super::test_functions::{Rates, TestFunction};
use crate::number::Real;
use crate::number::decimal::{Count, Short};
use crate::optimize::line_search::Wolfe;
use crate::optimize::objective::FromFunction;
use crate::optimize::{FirstOrder, Lbfgs, LineSearch, Minimization, Outcome, UpdateRule};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Marker, Series, Style};
use crate::picture::contour::Grid;
use crate::picture::image::Rgb;
use crate::picture::small_multiples::SmallMultiples;
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

/// A contour chart of the function for each path: several paths through one valley would cover each other.
///
/// The axes cover all paths, up to half of the function's own bounds beyond them; a path that goes farther has a ring
/// on the border.
pub fn contour_charts(function: &TestFunction, start: [f64; 2], runs: &[MethodRun]) -> SmallMultiples {
    let range = |k: usize| {
        let [from, to] = function.bounds[k];
        // A start outside the bounds widens the charts.
        let (low, high) = (Real::min(from, start[k]), Real::max(to, start[k]));
        let low = low - if low < from { 0.1 * (to - low) } else { 0.0 };
        let high = high + if high > to { 0.1 * (high - from) } else { 0.0 };
        // Room for the paths, and for a marker at their farthest points.
        let (most, margin) = (0.5 * (high - low), 0.03 * (high - low));
        let path = || runs.iter().flat_map(|run| &run.path).map(|point| point[k]).filter(|x| x.is_finite());
        let (lowest, highest) = (path().fold(high, Real::min), path().fold(low, Real::max));
        let low = Real::max(Real::min(low, lowest - margin), low - most);
        Axis::new(low, Real::min(Real::max(high, highest + margin), high + most), Scale::Linear)
    };
    let axes = [range(0), range(1)];
    let background = contours(&axes, |x, y| (function.cost)(x, y).0 - function.minimum);
    let mark =
        |points: &[[f64; 2]], shape| Series { name: String::new(), points: points.to_vec(), style: Style::Mark(shape) };
    let panels = runs.iter().map(|run| {
        let name = format!("{}: {}", run.method, Count(run.outcome.evaluations, "evaluation"));
        let path = Series { name: String::new(), points: run.path.clone(), style: Style::Path };
        let mut series = Vec::from([path, mark(function.minima, Marker::Star), mark(&[start], Marker::Square)]);
        if !function.local_minima.is_empty() {
            series.push(mark(function.local_minima, Marker::Wedge));
        }
        (name, series)
    });
    let panels: Vec<_> = panels.collect();
    let is_outside = |point: &[f64; 2]| (0..2).any(|k| point[k] < axes[k].low() || point[k] > axes[k].high());
    let leaves = runs.iter().flat_map(|run| &run.path).any(is_outside);
    let caption = format!(
        "Each chart has the path of one method from the black square. {} at a star.{}{} Gray lines are contours of \
         the cost: from each to the next lower one, the height above the minimum is halved.",
        if function.minima.len() > 1 { "The minima are" } else { "The minimum is" },
        if function.local_minima.is_empty() { "" } else { " The wedge is a minimum that is only local." },
        if leaves { " A ring on the border means that the path goes beyond it." } else { "" },
    );
    SmallMultiples {
        title: format!("{}: {}", function.name, function.formula),
        caption,
        labels: ["x".into(), "y".into()],
        axes,
        background,
        columns: if panels.len() <= 4 { 2 } else { 3 },
        panels,
        area: [280.0, 230.0],
    }
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
        for function in &TEST_FUNCTIONS {
            let runs: Vec<MethodRun> =
                METHODS.iter().map(|&method| run_method(function, method, function.start, 1000, None)).collect();
            let charts = contour_charts(function, function.start, &runs);
            let svg = charts.svg();
            for Method { name, .. } in METHODS {
                assert!(svg.contains(&format!(">{name}: ")), "{name}");
            }
            assert!(svg.len() < 200_000, "{}: {}", function.name, svg.len());
            // A path that leaves the charts is marked, and the caption says so.
            let is_marked = svg.contains("r=\"4\"");
            assert_eq!(is_marked, charts.caption.contains("ring"), "{}", function.name);
        }
    }

    #[test]
    fn charts_are_widened_for_the_start_and_for_paths_up_to_a_limit() {
        let function = &TEST_FUNCTIONS[0];
        // A start outside the bounds is on the chart.
        let wide = contour_charts(function, [7.0, -9.0], &[]);
        assert!(wide.axes[0].high() > 7.0 && wide.axes[1].low() < -9.0);
        let [low, high] = function.bounds[1];
        let mut run = run_method(function, METHODS[0], function.start, 5, None);
        for (farthest, leaves) in [(high + 0.2 * (high - low), false), (high + 40.0, true)] {
            run.path.push([0.0, farthest]);
            let charts = contour_charts(function, function.start, core::slice::from_ref(&run));
            assert_eq!(charts.axes[1].high() < farthest, leaves);
            assert_eq!(charts.caption.contains("ring"), leaves);
            assert!(charts.axes[1].high() <= high + 0.5 * (high - low) + 1e-9 && charts.axes[1].low() == low);
        }
    }
}
