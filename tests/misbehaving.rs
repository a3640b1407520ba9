//! L-BFGS on costs that are not finite, not bounded, not smooth or not consistent with their gradients: it claims no
//! minimum where there is none, returns no NaN, exceeds no limit, and gives the right reason for its end.

#[path = "common/tolerances.rs"]
mod tolerances;

use ossicle::number::Real;
use ossicle::optimize::line_search::{LineSearch, Wolfe};
use ossicle::optimize::objective::FromFunction;
use ossicle::optimize::{Lbfgs, Objective, Outcome, Reason};

/// The limit of evaluations.
const MOST: usize = 300;

/// Minimizes a function of one or two variables with each line search. Asserts that the reason is among `right`, that
/// counts and cost are those of the run, and that the returned point is the lowest that was evaluated.
#[track_caller]
fn ends(start: &[f64], right: &[Reason], cost: impl Fn(&[f64], &mut [f64]) -> f64) -> Vec<(Outcome<f64>, Vec<f64>)> {
    let wolfe = Wolfe::default();
    let searches = [LineSearch::MoreThuente(wolfe), LineSearch::Zoom(wolfe), LineSearch::Backtracking(wolfe)];
    let run = |search| {
        let settings = Lbfgs { evaluations: MOST, iterations: 200, search, ..Lbfgs::default() };
        let (mut evaluations, mut lowest) = (0, f64::INFINITY);
        let mut counted = FromFunction::new(start.len(), |x: &[f64], g: &mut [f64]| {
            evaluations += 1;
            let cost = cost(x, g);
            if cost.is_finite() && g.iter().all(|g| g.is_finite()) {
                lowest = Real::min(cost, lowest);
            }
            cost
        });
        let mut x = start.to_vec();
        let outcome = settings.minimize(&mut counted, &mut x, |_| true);
        assert!(right.contains(&outcome.reason), "{search:?} at {x:?}: {outcome:?}");
        assert!(outcome.evaluations == evaluations && evaluations <= MOST, "{evaluations} evaluations, {outcome:?}");
        assert!(outcome.iterations <= 200 && x.iter().all(|x| x.is_finite()), "{x:?}");
        let mut g = vec![f64::NAN; x.len()];
        let there = cost(&x, &mut g);
        assert_eq!(there.to_bits(), outcome.cost.to_bits(), "{search:?}: the cost is not that of the point");
        assert!(lowest == f64::INFINITY || there == lowest, "{search:?}: {there} is not the lowest, {lowest}");
        (outcome, x)
    };
    searches.into_iter().map(run).collect()
}

const MINIMUM: &[Reason] = &[Reason::GradientSmall, Reason::CostFlat];

fn one(f: impl Fn(f64) -> (f64, f64)) -> impl Fn(&[f64], &mut [f64]) -> f64 {
    move |x, g| {
        let (cost, slope) = f(x[0]);
        g[0] = slope;
        cost
    }
}

#[test]
fn a_cost_that_is_nan_infinite_or_minus_infinite_outside_its_domain_is_minimized_inside() {
    for outside in [f64::NAN, f64::INFINITY, -f64::INFINITY] {
        // x - ln x has its minimum at 1.
        let cost = one(|x| if x > 0.0 { (x - Real::ln(x), 1.0 - 1.0 / x) } else { (outside, 1.0) });
        for start in [15.0, 1e-3, 1e3] {
            for (_, x) in ends(&[start], MINIMUM, &cost) {
                assert!((x[0] - 1.0).abs() <= tolerances::MINIMUM, "from {start}: {x:?}");
            }
        }
    }
}

#[test]
fn a_step_to_a_finite_cost_with_a_nan_gradient_is_shortened() {
    // Beyond 2 the gradient is NaN although the cost falls again; the minimum is at 1.
    let cost = one(|x| if x < 2.0 { ((x - 1.0) * (x - 1.0), 2.0 * (x - 1.0)) } else { (-x, f64::NAN) });
    for (_, x) in ends(&[-30.0], MINIMUM, cost) {
        assert!((x[0] - 1.0).abs() <= tolerances::MINIMUM, "{x:?}");
    }
}

#[test]
fn a_start_without_a_finite_cost_and_gradient_ends_with_not_finite() {
    ends(&[1.0], &[Reason::NotFinite], one(|_| (f64::NAN, 1.0)));
    ends(&[1.0], &[Reason::NotFinite], one(|_| (1.0, f64::NAN)));
    ends(&[1.0], &[Reason::NotFinite], one(|_| (f64::INFINITY, 1.0)));
    ends(&[1.0], &[Reason::NotFinite], one(|_| (-f64::INFINITY, 1.0)));
    // Only the start is finite: the line search shortens its step until it is 0.
    let right = [Reason::NotFinite, Reason::LineSearch];
    for (outcome, x) in ends(&[1.0], &right, one(|x| if x == 1.0 { (5.0, 1.0) } else { (f64::NAN, 0.0) })) {
        assert_eq!((outcome.iterations, x), (0, vec![1.0]));
    }
}

#[test]
fn a_cost_without_a_lower_bound_ends_as_unbounded_or_at_a_limit() {
    let without_end = [Reason::Unbounded, Reason::Iterations, Reason::Evaluations];
    ends(&[1.0], &without_end, one(|x| (-x, -1.0)));
    ends(&[1.0], &without_end, one(|x| (-x * x, -2.0 * x)));
    // Overflows to -∞, the slope before the cost.
    ends(&[1.0], &[&without_end[..], &[Reason::NotFinite]].concat(), one(|x| (-Real::exp(x), -Real::exp(x))));
    ends(&[3.0, 1.0], &without_end, |x, g| {
        (g[0], g[1]) = (2.0 * x[0], -2.0 * x[1]);
        x[0] * x[0] - x[1] * x[1]
    });
}

#[test]
fn a_step_to_an_overflowing_cost_is_shortened() {
    // e^(x²) is infinite beyond 27.
    for (_, x) in ends(&[20.0], MINIMUM, one(|x| (Real::exp(x * x), 2.0 * x * Real::exp(x * x)))) {
        assert!(x[0].abs() <= tolerances::MINIMUM, "{x:?}");
    }
}

#[test]
fn a_gradient_of_the_wrong_sign_ends_the_line_search_without_a_step() {
    for (outcome, x) in ends(&[3.0], &[Reason::LineSearch], one(|x| (x * x, -2.0 * x))) {
        assert_eq!((outcome.iterations, x), (0, vec![3.0]));
    }
}

#[test]
fn a_gradient_of_the_wrong_size_leads_to_the_minimum_or_to_a_failed_line_search() {
    for scale in [0.1, 0.5, 2.0, 10.0] {
        let right = [Reason::GradientSmall, Reason::CostFlat, Reason::LineSearch];
        for (outcome, x) in ends(&[3.0], &right, one(|x| (x * x, 2.0 * scale * x))) {
            assert!(outcome.reason == Reason::LineSearch || x[0].abs() <= tolerances::MINIMUM, "{scale}: {x:?}");
        }
    }
}

#[test]
fn a_constant_and_a_saddle_end_with_a_small_gradient() {
    ends(&[3.0], &[Reason::GradientSmall], one(|_| (7.0, 0.0)));
    for (outcome, _) in ends(&[0.0, 0.0], &[Reason::GradientSmall], |x, g| {
        (g[0], g[1]) = (2.0 * x[0], -2.0 * x[1]);
        x[0] * x[0] - x[1] * x[1]
    }) {
        assert_eq!(outcome.gradient, 0.0);
    }
}

#[test]
fn a_kink_does_not_end_with_a_small_gradient() {
    // The gradient is ±1 everywhere, so that only steps without effect can end the run.
    let right = [Reason::LineSearch, Reason::CostFlat, Reason::Iterations, Reason::Evaluations];
    for (outcome, x) in ends(&[3.3], &right, one(|x| (x.abs(), if x < 0.0 { -1.0 } else { 1.0 }))) {
        assert!(outcome.reason != Reason::CostFlat || x[0].abs() <= tolerances::MINIMUM, "{x:?}: {outcome:?}");
        assert!(x[0].abs() < 3.3);
    }
}

#[test]
fn a_discontinuity_is_approached_but_not_called_a_minimum() {
    // The cost jumps up by 100 left of 1, where its gradient is still positive. Backtracking alone approaches the edge
    // in small steps.
    let right = [Reason::LineSearch, Reason::Evaluations];
    for (_, x) in ends(&[4.0], &right, one(|x| (x * x + if x < 1.0 { 100.0 } else { 0.0 }, 2.0 * x))) {
        assert!((1.0..1.1).contains(&x[0]), "{x:?}");
    }
}

#[test]
fn noise_ends_the_line_search_near_the_minimum() {
    // Noise of at most ½ in size, a hash of the position's bits, times 10⁻³: a claimed minimum lies within twice its
    // amplitude, and no run ends above twenty times its amplitude.
    const AMPLITUDE: f64 = 0.5e-3;
    let noise = |x: f64| (x.to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / 1.7e7 - 0.5;
    let right = [Reason::GradientSmall, Reason::CostFlat, Reason::LineSearch];
    for (outcome, x) in ends(&[3.0, -2.0], &right, |x, g| {
        (g[0], g[1]) = (2.0 * x[0], 20.0 * x[1]);
        x[0] * x[0] + 10.0 * x[1] * x[1] + 2.0 * AMPLITUDE * noise(x[0] + 3.0 * x[1])
    }) {
        assert!(!MINIMUM.contains(&outcome.reason) || outcome.cost < 2.0 * AMPLITUDE, "{x:?}: {outcome:?}");
        assert!(outcome.cost < 20.0 * AMPLITUDE, "{outcome:?}");
    }
}

#[test]
fn a_minimum_at_infinity_ends_with_a_small_gradient() {
    for (outcome, _) in ends(&[0.0], &[Reason::GradientSmall], one(|x| (Real::exp(-x), -Real::exp(-x)))) {
        // Here the cost is the size of the gradient.
        assert!(outcome.cost <= tolerances::GRADIENT);
    }
}

#[test]
fn a_very_flat_minimum_ends_with_a_small_gradient() {
    let power = |x: f64, n: usize| (0..n).fold(1.0, |product, _| product * x);
    for (outcome, _) in ends(&[2.0], &[Reason::GradientSmall], one(|x| (power(x, 10), 10.0 * power(x, 9)))) {
        // 10·x⁹ <= 10⁻⁵ gives x <= 0.22 and x¹⁰ <= 0.22·10⁻⁶.
        assert!(outcome.cost <= 0.22 * tolerances::GRADIENT / 10.0);
    }
}

#[test]
fn a_cost_in_small_units_is_not_called_flat() {
    // The valley in units of 10¹²: all costs are below 10⁻⁹.
    let settings = Lbfgs { gradient_tolerance: 1e-25, ..Lbfgs::default() };
    let mut valley = FromFunction::new(2, |x: &[f64], g: &mut [f64]| {
        let (a, b) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        (g[0], g[1]) = (1e-12 * (-400.0 * a * x[0] - 2.0 * b), 1e-12 * (200.0 * a));
        1e-12 * (100.0 * a * a + b * b)
    });
    let mut x = [-1.2, 1.0];
    let outcome = settings.minimize(&mut valley, &mut x, |_| true);
    assert!(
        MINIMUM.contains(&outcome.reason) && (x[0] - 1.0).abs() <= tolerances::MINIMUM_OF_VALLEY,
        "{x:?}: {outcome:?}"
    );
}

#[test]
fn limits_of_evaluations_and_iterations_are_exact() {
    struct Counted(usize);
    impl Objective<f64> for Counted {
        fn dimension(&self) -> usize {
            1
        }
        fn cost_and_gradient(&mut self, x: &[f64], g: &mut [f64]) -> f64 {
            self.0 += 1;
            g[0] = 4.0 * x[0] * x[0] * x[0] - 1.0;
            x[0] * x[0] * x[0] * x[0] - x[0]
        }
    }
    for evaluations in 1..12 {
        let (mut objective, mut x) = (Counted(0), [40.0]);
        let settings = Lbfgs { evaluations, gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() };
        let outcome = settings.minimize(&mut objective, &mut x, |_| true);
        assert_eq!((objective.0, outcome.evaluations, outcome.reason), (evaluations, evaluations, Reason::Evaluations));
    }
    for iterations in 0..5 {
        let settings = Lbfgs { iterations, gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() };
        let outcome = settings.minimize(&mut Counted(0), &mut [40.0], |_| true);
        assert_eq!((outcome.iterations, outcome.reason), (iterations, Reason::Iterations));
    }
}
