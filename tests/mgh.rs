//! L-BFGS on the problems of Moré, Garbow and Hillstrom, beside SciPy's.

mod problems;

use ossicle::optimize::line_search::{LineSearch, Wolfe};
use ossicle::optimize::{Lbfgs, Objective, Outcome, Reason};
use problems::Problem;

/// A line of tests/reference/mgh.txt.
struct Known {
    number: usize,
    n: usize,
    start_cost: f64,
    start_gradient: f64,
    minimum: f64,
    other_minimum: f64,
    /// What SciPy needs with 10 and with 100 pairs, and whether it solves.
    scipy: [(usize, bool); 2],
}

fn known() -> Vec<Known> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/mgh.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("##"));
    let number = |word: &str| word.parse::<f64>().unwrap();
    lines
        .map(|line| {
            let [a, _, b, c, d, e, f, g, h, i, j] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let count = |word: &str| word.parse::<usize>().unwrap();
            Known {
                number: count(a),
                n: count(b),
                start_cost: number(c),
                start_gradient: number(d),
                minimum: number(e),
                other_minimum: number(f),
                scipy: [(count(g), h == "1"), (count(i), j == "1")],
            }
        })
        .collect()
}

#[test]
fn every_problem_starts_as_published() {
    let (problems, known) = (problems::all(), known());
    assert_eq!((problems.len(), known.len()), (45, 45));
    for (mut problem, known) in problems.into_iter().zip(known) {
        let name = format!("{} {} n = {}", problem.number, problem.name, known.n);
        assert_eq!((problem.number, problem.dimension()), (known.number, known.n));
        let mut gradient = vec![f64::NAN; known.n];
        let cost = problem.cost_and_gradient(&problem.start.clone(), &mut gradient);
        let size = ossicle::machine::Element::sqrt(gradient.iter().fold(0.0, |sum, g| sum + g * g));
        assert!((cost / known.start_cost - 1.0).abs() < 1e-12, "{name}: {cost:e}");
        assert!((size / known.start_gradient - 1.0).abs() < 1e-12, "{name}: {size:e}, {:e}", known.start_gradient);
    }
}

/// How a run ended, judged by the known minimum.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    /// f - f* <= 1e-8 (f(start) - f*).
    Solved,
    /// At another minimum that descents are known to end at.
    Other,
    Unsolved,
}

struct Run {
    known: Known,
    name: &'static str,
    outcome: Outcome<f64>,
    verdict: Verdict,
}

fn tight(memory: usize) -> Lbfgs {
    Lbfgs {
        memory,
        iterations: 20_000,
        evaluations: 50_000,
        gradient_tolerance: 1e-10,
        cost_tolerance: 0.0,
        ..Lbfgs::default()
    }
}

fn run_all(settings: &Lbfgs) -> Vec<Run> {
    let judge = |(mut problem, known): (Problem, Known)| {
        let mut x = problem.start.clone();
        let outcome = settings.minimize(&mut problem, &mut x, |_| true);
        // What is reported is what is there.
        let mut gradient = vec![f64::NAN; x.len()];
        assert_eq!(outcome.cost, problem.cost_and_gradient(&x, &mut gradient), "{}", problem.name);
        assert_eq!(outcome.gradient, ossicle::number::sum::norm_inf(&gradient), "{}", problem.name);
        let left = outcome.cost - known.minimum;
        let other = (outcome.cost - known.other_minimum).abs() <= 1e-4 * known.other_minimum;
        let verdict = match left <= 1e-8 * (known.start_cost - known.minimum) {
            true => Verdict::Solved,
            false if other => Verdict::Other,
            false => Verdict::Unsolved,
        };
        Run { known, name: problem.name, outcome, verdict }
    };
    problems::all().into_iter().zip(known()).map(judge).collect()
}

fn claims_a_minimum(outcome: &Outcome<f64>) -> bool {
    matches!(outcome.reason, Reason::GradientSmall | Reason::CostFlat)
}

/// Evaluations over the instances that SciPy solves: ours, and SciPy's.
fn evaluations(runs: &[Run], column: usize) -> (usize, usize) {
    runs.iter()
        .filter(|run| run.known.scipy[column].1)
        .fold((0, 0), |(ours, theirs), run| (ours + run.outcome.evaluations, theirs + run.known.scipy[column].0))
}

#[test]
fn at_least_41_of_45_are_solved_with_no_more_evaluations_than_scipys() {
    for (column, memory) in [10, 100].into_iter().enumerate() {
        let runs = run_all(&tight(memory));
        let solved = runs.iter().filter(|run| run.verdict == Verdict::Solved).count();
        assert!(solved >= 41, "{solved} solved with {memory} pairs");
        let (ours, theirs) = evaluations(&runs, column);
        assert!(ours <= theirs, "{ours} evaluations with {memory} pairs, SciPy {theirs}");
    }
}

#[test]
fn none_is_called_solved_far_from_a_minimum() {
    let wolfe = Wolfe::default();
    for search in [LineSearch::MoreThuente(wolfe), LineSearch::Zoom(wolfe), LineSearch::Backtracking(wolfe)] {
        for memory in [10, 100] {
            // With the default for a flat cost too; a small gradient is what a user makes of it.
            for cost_tolerance in [0.0, Lbfgs::default().cost_tolerance] {
                let settings = Lbfgs { search, cost_tolerance, iterations: 2000, ..tight(memory) };
                for run in run_all(&settings) {
                    let lies = claims_a_minimum(&run.outcome) && run.verdict == Verdict::Unsolved;
                    assert!(!lies, "{} n = {}, {settings:?}: {:?}", run.name, run.known.n, run.outcome);
                }
            }
        }
    }
}

/// `cargo test --test mgh -- --ignored --nocapture` prints the table of NOTES.md.
#[test]
#[ignore = "prints a table"]
fn table() {
    let (with_10, with_100) = (run_all(&tight(10)), run_all(&tight(100)));
    println!("| problem | n | m = 10 | SciPy | m = 100 | SciPy |\n| --- | --- | --- | --- | --- | --- |");
    for (a, b) in with_10.iter().zip(&with_100) {
        let ours = |run: &Run| match run.verdict {
            Verdict::Solved => run.outcome.evaluations.to_string(),
            Verdict::Other => format!("({} other)", run.outcome.evaluations),
            Verdict::Unsolved => format!("({})", run.outcome.evaluations),
        };
        let theirs = |(count, solved): (usize, bool)| if solved { count.to_string() } else { format!("({count})") };
        let [scipy_10, scipy_100] = a.known.scipy.map(theirs);
        let name = a.name.replace('_', " ");
        println!(
            "| {} {name} | {} | {} | {scipy_10} | {} | {scipy_100} |",
            a.known.number,
            a.known.n,
            ours(a),
            ours(b)
        );
    }
    for (column, runs) in [with_10, with_100].iter().enumerate() {
        let solved = runs.iter().filter(|run| run.verdict == Verdict::Solved).count();
        let by_scipy = runs.iter().filter(|run| run.known.scipy[column].1).count();
        println!("solved {solved}, SciPy {by_scipy}; evaluations {:?}", evaluations(runs, column));
    }
}
