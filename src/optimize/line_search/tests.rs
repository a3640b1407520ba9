//! Tests of the line searches: thresholds calculated by hand, the tables of Moré and Thuente, and costs without an
//! acceptable step.

use super::*;
use alloc::vec::Vec;
use core::f64::consts::PI;

/// The three searches with the same constants.
fn searches(decrease: f64, curvature: f64, evaluations: usize) -> [LineSearch; 3] {
    let wolfe = Wolfe { decrease, curvature, evaluations };
    [LineSearch::MoreThuente(wolfe), LineSearch::Zoom(wolfe), LineSearch::Backtracking(wolfe)]
}

fn along(f: impl Fn(f64) -> (f64, f64)) -> impl Fn(f64) -> Point<f64> {
    move |step| {
        let (cost, slope) = f(step);
        Point { step, cost, slope }
    }
}

/// The result of a search, and the steps that were tried.
fn run(
    search: LineSearch,
    first: f64,
    phi: impl Fn(f64) -> Point<f64>,
) -> (Result<Point<f64>, Failure<f64>>, Vec<f64>) {
    let mut tried = Vec::new();
    let found = search.search(phi(0.0), first, |step| {
        tried.push(step);
        phi(step)
    });
    (found, tried)
}

/// The six test functions of Moré and Thuente, section 5; the last three are Yanai, Ozawa and Kaneko's.
fn function(number: usize, a: f64) -> (f64, f64) {
    let yanai = |b1: f64, b2: f64| {
        let gamma = |b: f64| (1.0 + b * b).sqrt() - b;
        let (r1, r2) = (((1.0 - a) * (1.0 - a) + b2 * b2).sqrt(), (a * a + b1 * b1).sqrt());
        (gamma(b1) * r1 + gamma(b2) * r2, gamma(b1) * (a - 1.0) / r1 + gamma(b2) * a / r2)
    };
    match number {
        1 => (-a / (a * a + 2.0), (a * a - 2.0) / ((a * a + 2.0) * (a * a + 2.0))),
        2 => {
            let b = a + 0.004;
            ((b * b - 2.0 * b) * b * b * b, (5.0 * b - 8.0) * b * b * b)
        }
        3 => {
            let (beta, l) = (0.01, 39.0);
            let (phi, slope) = match a {
                _ if a <= 1.0 - beta => (1.0 - a, -1.0),
                _ if a >= 1.0 + beta => (a - 1.0, 1.0),
                _ => ((a - 1.0) * (a - 1.0) / (2.0 * beta) + beta / 2.0, (a - 1.0) / beta),
            };
            let angle = l * PI / 2.0 * a;
            (phi + 2.0 * (1.0 - beta) / (l * PI) * angle.sin(), slope + (1.0 - beta) * angle.cos())
        }
        4 => yanai(0.001, 0.001),
        5 => yanai(0.01, 0.001),
        _ => yanai(0.001, 0.01),
    }
}

const MU_AND_ETA: [(f64, f64); 6] = [(1e-3, 0.1), (0.1, 0.1), (0.1, 0.1), (1e-3, 1e-3), (1e-3, 1e-3), (1e-3, 1e-3)];
const FIRST: [f64; 4] = [1e-3, 0.1, 10.0, 1e3];

#[test]
fn an_accepted_step_meets_the_conditions_of_its_search() {
    for (number, (decrease, curvature)) in (1..).zip(MU_AND_ETA) {
        for first in FIRST {
            for search in searches(decrease, curvature, 60) {
                let phi = along(|a| function(number, a));
                let (start, (found, tried)) = (phi(0.0), run(search, first, &phi));
                let point = found.unwrap_or_else(|failure| panic!("function {number} from {first}: {failure:?}"));
                assert_eq!((point, tried.last()), (phi(point.step), Some(&point.step)));
                assert!(
                    point.cost <= start.cost + decrease * point.step * start.slope,
                    "function {number} from {first}"
                );
                let both = !matches!(search, LineSearch::Backtracking(_));
                assert!(!both || point.slope.abs() <= curvature * start.slope.abs(), "function {number} from {first}");
            }
        }
    }
}

/// Tables I to VI of the paper: evaluations, and the step to the digits that are printed there.
#[test]
fn more_and_thuentes_tables_are_reproduced() {
    const TABLES: [[(usize, f64, f64); 4]; 6] = [
        [(6, 1.4, 0.05), (3, 1.4, 0.05), (1, 10.0, 0.5), (4, 37.0, 0.5)],
        [(12, 1.6, 0.05), (8, 1.6, 0.05), (8, 1.6, 0.05), (11, 1.6, 0.05)],
        [(12, 1.0, 0.05), (12, 1.0, 0.05), (10, 1.0, 0.05), (13, 1.0, 0.05)],
        [(4, 0.08, 0.0051), (1, 0.10, 0.0051), (3, 0.35, 0.0051), (4, 0.83, 0.0051)],
        [(6, 0.075, 5.1e-4), (3, 0.078, 5.1e-4), (7, 0.073, 5.1e-4), (8, 0.076, 5.1e-4)],
        [(13, 0.93, 0.0051), (11, 0.93, 0.0051), (8, 0.92, 0.0051), (11, 0.92, 0.0051)],
    ];
    for ((number, (decrease, curvature)), table) in (1..).zip(MU_AND_ETA).zip(TABLES) {
        for (first, (evaluations, step, digits)) in FIRST.into_iter().zip(table) {
            let [search, ..] = searches(decrease, curvature, 60);
            let (found, tried) = run(search, first, along(|a| function(number, a)));
            assert_eq!(tried.len(), evaluations, "function {number} from {first}");
            assert!((found.unwrap().step - step).abs() <= digits, "function {number} from {first}: {found:?}");
        }
    }
}

/// φ = ½(α - 1)², c₁ = 0.1 and c₂ = 0.3: (WO.1) holds up to α = 2(1 - c₁) = 1.8, (WO.2) from 0.7 to 1.3.
#[test]
fn the_thresholds_of_a_parabola_are_those_calculated_by_hand() {
    let phi = |a: f64| Point { step: a, cost: 0.5 * (a - 1.0) * (a - 1.0), slope: a - 1.0 };
    let [more_thuente, zoom, backtracking] = searches(0.1, 0.3, 20);
    for search in [more_thuente, zoom] {
        for (first, accepted) in [(0.699, false), (0.701, true), (1.299, true), (1.301, false), (1e-4, false)] {
            let (found, tried) = run(search, first, phi);
            assert_eq!(tried.len() == 1, accepted, "{search:?} from {first}");
            assert!((found.unwrap().step - 1.0).abs() <= 0.3);
        }
    }
    // From 3 the parabola's minimum, 1, is allowed; from 30 first a tenth is.
    for (first, expected) in [(1.799, 1.799), (1e-4, 1e-4), (1.801, 0.9005), (3.0, 1.0), (30.0, 1.0)] {
        let (found, _) = run(backtracking, first, phi);
        assert!((found.unwrap().step - expected).abs() < 1e-12, "from {first}: {found:?}");
    }
}

#[test]
fn costs_that_are_not_finite_are_stepped_back_from() {
    // -ln(1 - a) - 2a is NaN beyond 1 (and infinite at it), with its minimum at ½.
    for (outside, first) in [f64::NAN, f64::INFINITY, -f64::INFINITY].into_iter().flat_map(|x| [(x, 64.0), (x, 1e6)]) {
        let phi =
            along(|a: f64| if a < 1.0 { (-(1.0 - a).ln() - 2.0 * a, 1.0 / (1.0 - a) - 2.0) } else { (outside, 1.0) });
        let [more_thuente, zoom, backtracking] = searches(1e-4, 0.1, 60);
        for search in [more_thuente, zoom] {
            let (found, _) = run(search, first, &phi);
            assert!((found.unwrap().step - 0.5).abs() < 0.1, "{search:?}: {found:?}");
        }
        assert!(run(backtracking, first, &phi).0.unwrap().cost < 0.0);
    }
}

#[test]
fn costs_without_an_acceptable_step_have_their_failures() {
    for search in searches(1e-4, 0.9, 25) {
        let up = run(search, 1.0, along(|a| (a, 1.0)));
        assert_eq!(up, (Err(Failure::NotDescent), Vec::new()));
        let nowhere = run(search, 1.0, along(|a| if a == 0.0 { (0.0, -1.0) } else { (f64::NAN, -1.0) }));
        assert_eq!(nowhere.0, Err(Failure::NotFinite));
        // The slope is wrong: no step is lower than the start.
        let (lie, tried) = run(search, 1.0, along(|a| (1.0 + a, -1.0)));
        assert!(matches!(lie, Err(Failure::Exhausted(point)) if point.cost == 1.0), "{search:?}: {lie:?}");
        assert!(tried.len() <= 25);
    }
    let [more_thuente, zoom, _] = searches(1e-4, 0.9, 60);
    for search in [more_thuente, zoom] {
        let (down, _) = run(search, 1.0, along(|a| (-a, -1.0)));
        assert!(matches!(down, Err(Failure::Unbounded(_))), "{down:?}");
        // The slope does not flatten before the cost is -∞.
        let (fall, _) = run(search, 1.0, along(|a| if a < 3.0 { (-a, -1.0) } else { (-f64::INFINITY, -1.0) }));
        assert!(matches!(fall, Err(Failure::Unbounded(point)) if point.step < 3.0), "{fall:?}");
    }
}

#[test]
fn no_search_exceeds_its_evaluations() {
    for most in 0..6 {
        for search in searches(0.1, 0.1, 25) {
            let (found, tried) = run(search.within(most), 1e3, along(|a| function(2, a)));
            assert!(tried.len() <= most && (found.is_ok() || tried.len() == most), "{search:?}: {found:?}");
        }
    }
}
