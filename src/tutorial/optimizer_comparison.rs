//! A race: several minimizers over one landscape, as a table and as a map with their paths.

use super::report::{self, Table};
use super::test_functions::TestFunction;
use crate::number::Real;
use crate::number::decimal::Short;
use crate::optimize::line_search::Wolfe;
use crate::optimize::objective::FromFunction;
use crate::optimize::{FirstOrder, Lbfgs, LineSearch, Minimization, Outcome, UpdateRule};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Marker, Series, Style};
use crate::picture::contour::Grid;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A minimizer.
#[derive(Clone, Copy, Debug)]
pub enum Method {
    /// L-BFGS with one of the line searches.
    Lbfgs(fn(Wolfe) -> LineSearch),
    /// A first-order rule, and where its rate stands among a landscape's.
    FirstOrder(UpdateRule, usize),
}

/// All minimizers by name.
pub const METHODS: [(&str, Method); 9] = [
    ("lbfgs", Method::Lbfgs(LineSearch::MoreThuente)),
    ("lbfgs-zoom", Method::Lbfgs(LineSearch::Zoom)),
    ("lbfgs-backtracking", Method::Lbfgs(LineSearch::Backtracking)),
    ("gradient-descent", Method::FirstOrder(UpdateRule::GradientDescent, 0)),
    ("momentum", Method::FirstOrder(UpdateRule::MOMENTUM, 1)),
    ("nesterov", Method::FirstOrder(UpdateRule::NESTEROV, 2)),
    ("adagrad", Method::FirstOrder(UpdateRule::ADAGRAD, 3)),
    ("rmsprop", Method::FirstOrder(UpdateRule::RMSPROP, 4)),
    ("adam", Method::FirstOrder(UpdateRule::ADAM, 5)),
];

/// The largest derivative that counts as a minimum.
pub const TOLERANCE: f64 = 1e-6;

/// How a minimizer did.
#[derive(Clone, Debug)]
pub struct MethodRun {
    /// Its name.
    pub method: &'static str,
    /// The rate, of a first-order rule.
    pub rate: Option<f64>,
    /// How it ended.
    pub outcome: Outcome<f64>,
    /// The start and the points after each step.
    pub path: Vec<[f64; 2]>,
    /// How far its best point is from the nearest minimum.
    pub distance: f64,
}

/// Lets a minimizer run from a point, for so many steps at most; `rate` replaces the landscape's own.
///
/// # Panics
/// If the rate is not positive.
pub fn run_method(
    landscape: &TestFunction,
    (name, method): (&'static str, Method),
    start: [f64; 2],
    iterations: usize,
    rate: Option<f64>,
) -> MethodRun {
    let mut evaluated = Vec::new();
    let mut objective = FromFunction::new(2, |x: &[f64], gradient: &mut [f64]| {
        let (cost, slopes) = (landscape.cost)(x[0], x[1]);
        gradient.copy_from_slice(&slopes);
        evaluated.push([x[0], x[1]]);
        cost
    });
    let (rate, outcome, best, path) = match method {
        Method::Lbfgs(search) => {
            let search = search(Wolfe::default());
            let settings =
                Lbfgs { iterations, gradient_tolerance: TOLERANCE, cost_tolerance: 0.0, search, ..Lbfgs::default() };
            let mut run = Minimization::new(settings, &mut objective, &start);
            let mut path = Vec::from([start]);
            let reason = loop {
                match run.step(&mut objective) {
                    Ok(_) => path.push([run.best().theta[0], run.best().theta[1]]),
                    Err(reason) => break reason,
                }
            };
            let best = [run.best().theta[0], run.best().theta[1]];
            (None, run.outcome(reason), best, path)
        }
        Method::FirstOrder(rule, place) => {
            let rate = rate.unwrap_or(landscape.rates[place]);
            let settings = FirstOrder { iterations, gradient_tolerance: TOLERANCE, ..FirstOrder::new(rule, rate) };
            let mut best = start;
            let outcome = settings.minimize(&mut objective, &mut best, |_| true);
            (Some(rate), outcome, best, evaluated)
        }
    };
    MethodRun { method: name, rate, outcome, path, distance: landscape.distance(best) }
}

fn cells(finish: &MethodRun, cost: impl Fn(f64) -> String) -> [String; 7] {
    let MethodRun { method, rate, outcome, distance, .. } = finish;
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

/// The results as a table for people.
pub fn table(finishes: &[MethodRun]) -> String {
    let mut table = Table::new(&["method", "rate", "evaluations", "iterations", "cost", "distance", "why it ended"]);
    for finish in finishes {
        table.row(&cells(finish, |cost| format!("{cost:.6e}")));
    }
    table.text()
}

/// The results as rows for machines: `METHOD RATE EVALUATIONS ITERATIONS COST DISTANCE REASON`.
pub fn tsv(finishes: &[MethodRun]) -> String {
    finishes.iter().map(|finish| report::tsv(&cells(finish, |cost| format!("{cost:e}")))).collect()
}

/// Nodes along each side of the grid that contours are drawn from.
const NODES: usize = 161;
/// Contours, each at twice the height of the one below.
const CONTOURS: i32 = 12;

/// A map of the landscape with the paths over it: levels at 1/2, 1/4, 1/8, ... of its height on the map, darker downward.
pub fn contour_chart(landscape: &TestFunction, start: [f64; 2], finishes: &[MethodRun]) -> Chart {
    let range = |k: usize| {
        let [from, to] = landscape.bounds[k];
        // A start beyond the map widens it.
        let (low, high) = (Real::min(from, start[k]), Real::max(to, start[k]));
        Axis::new(
            low - if low < from { 0.1 * (to - low) } else { 0.0 },
            high + if high > to { 0.1 * (high - from) } else { 0.0 },
            Scale::Linear,
        )
    };
    let axes = [range(0), range(1)];
    let at = |k: usize, node: f64| axes[k].at(node / (NODES - 1) as f64);
    let heights = Grid::from_function(NODES, NODES, |i, j| {
        (landscape.cost)(at(0, i as f64), at(1, j as f64)).0 - landscape.minimum
    });
    let finite = heights.values().iter().copied().filter(|height| height.is_finite());
    let mut level = finite.fold(0.0, Real::max);
    let mut background = Vec::new();
    for k in 0..CONTOURS {
        level *= 0.5;
        let grey = 222 - (8 * k) as u8;
        for line in heights.contours(level) {
            background.push(([grey; 3], line.iter().map(|&[i, j]| [at(0, i), at(1, j)]).collect()));
        }
    }
    let paths = finishes.iter().map(|finish| {
        let name = format!("{}: {} evaluations", finish.method, finish.outcome.evaluations);
        Series { name, points: finish.path.clone(), style: Style::Path }
    });
    let mark = |name: &str, points: &[[f64; 2]], shape| Series {
        name: name.into(),
        points: points.to_vec(),
        style: Style::Mark(shape),
    };
    let minima = if landscape.minima.len() > 1 { "minima" } else { "minimum" };
    let marks = [mark(minima, landscape.minima, Marker::Star), mark("start", &[start], Marker::Square)];
    let series = paths.chain(marks).collect();
    let title = format!("{}: {}", landscape.name, landscape.formula);
    Chart { axes, background, area: [480.0, 400.0], ..Chart::new(&title, ["x", "y"], [Scale::Linear; 2], series) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::Reason;
    use crate::tutorial::test_functions::TEST_FUNCTIONS;

    #[test]
    fn every_lbfgs_finds_a_minimum_of_every_landscape() {
        for landscape in TEST_FUNCTIONS {
            for method in &METHODS[..3] {
                let finish = run_method(&landscape, *method, landscape.start, 1000, None);
                assert_eq!(finish.outcome.reason, Reason::GradientSmall, "{}, {}", landscape.name, finish.method);
                assert!(finish.distance < 1e-4, "{}, {}: {}", landscape.name, finish.method, finish.distance);
                assert!(finish.outcome.evaluations < 100, "{}, {}", landscape.name, finish.method);
            }
        }
    }

    #[test]
    fn the_default_rates_bring_every_rule_far_down() {
        for landscape in TEST_FUNCTIONS {
            let height = |cost: f64| cost - landscape.minimum;
            let start = height((landscape.cost)(landscape.start[0], landscape.start[1]).0);
            for method in &METHODS[3..] {
                for share in [1.0, 0.5] {
                    let Method::FirstOrder(_, place) = method.1 else { panic!("{method:?}") };
                    let rate = Some(share * landscape.rates[place]);
                    let finish = run_method(&landscape, *method, landscape.start, 1000, rate);
                    let end = height(finish.outcome.cost);
                    assert!(end <= 0.1 * start, "{}, {} at {rate:?}: {end}", landscape.name, finish.method);
                    // What claims to be a minimum is near one.
                    let claims = finish.outcome.reason == Reason::GradientSmall;
                    assert!(!claims || finish.distance < 1e-4, "{}, {finish:?}", landscape.name);
                    assert_eq!(finish.path.len(), finish.outcome.evaluations);
                }
            }
        }
    }

    #[test]
    fn maps_show_every_path() {
        let landscape = &TEST_FUNCTIONS[0];
        let finishes: Vec<MethodRun> =
            METHODS.iter().map(|&method| run_method(landscape, method, landscape.start, 50, None)).collect();
        let svg = contour_chart(landscape, landscape.start, &finishes).svg();
        for (name, _) in METHODS {
            assert!(svg.contains(&format!(">{name}: ")), "{name}");
        }
        assert!(svg.len() < 150_000, "{}", svg.len());
        // A start beyond the map is on it.
        let wide = contour_chart(landscape, [7.0, -9.0], &[]);
        assert!(wide.axes[0].high() > 7.0 && wide.axes[1].low() < -9.0);
    }
}
