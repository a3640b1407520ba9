//! `ossicle optimize`: a comparison of optimizers on a test function.

use super::arguments::{Arguments, Flag, brief, not_among};
use super::{Command, Failure};
use crate::bytes::path::shown_path;
use crate::number::decimal::Short;
use crate::storage::atomic;
use crate::tutorial::optimizer_comparison::{METHODS, Method, Optimizer, contour_charts, run_method, table, tsv};
use crate::tutorial::test_functions::{TEST_FUNCTIONS, TestFunction};
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "optimize",
    summary: "compare optimizers on test functions with known minima",
    help: "\
Minimizes a test function of two parameters, whose minima are known, by each method. For each
method, prints the learning rate, the evaluations of cost and gradient, the steps, the lowest cost,
the distance of that point to the nearest minimum, and the reason to stop: both derivatives are
below 1e-6, or there is no further progress.

usage: ossicle optimize [PROBLEM] [OPTIONS]

PROBLEM (default: rosenbrock):
  rosenbrock    100·(y - x²)² + (1 - x)²: a curved valley
  quadratic     x²/2 + 25·y²: a long valley
  beale         a flat valley behind a steep slope
  himmelblau    (x² + y - 11)² + (x + y² - 7)²: four minima
  saddle        x²/2 - y²/2 + y⁴/4: a saddle point close to the path
  monkey        x³ - 3·x·y² + (x² + y²)²/4: a monkey saddle, flat in the middle
  two-wells     (x² - 1)² + x/2 + y²: a minimum that is only local, on the way to a lower one
  logarithm     x - ln x + y - ln y: undefined where x or y is negative

METHODS is a comma-separated list (default: all):
  lbfgs                 L-BFGS, line search by Moré and Thuente
  lbfgs-zoom            L-BFGS, line search by bracket and zoom
  lbfgs-backtracking    L-BFGS, line search by backtracking
  gradient-descent, momentum, nesterov, adagrad, rmsprop, adam

examples:
  ossicle optimize
  ossicle optimize himmelblau --method lbfgs,adam --plot himmelblau.svg
  ossicle optimize two-wells --plot two-wells.svg   which methods end in the higher well?
  ossicle optimize quadratic --method gradient-descent --rate 0.041   too high: diverges above 2/50",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--method", value: "METHODS", help: "the methods to compare (see above; default: all)" },
    Flag { name: "--start", value: "X,Y", help: "starting point (default: the problem's own)" },
    Flag { name: "--rate", value: "R", help: "learning rate of the first-order rules (default: the problem's own)" },
    Flag { name: "--iterations", value: "N", help: "maximum number of steps (default: 1000)" },
    Flag { name: "--plot", value: "FILE", help: "write contour charts with the paths, as SVG" },
    Flag { name: "--tsv", value: "", help: "print rows: METHOD RATE EVALUATIONS ITERATIONS COST DISTANCE REASON" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let function = test_function(&arguments.others)?;
    let methods = methods(arguments.text("--method").unwrap_or("all")).map_err(Failure::Usage)?;
    let start = start(&arguments).map_err(Failure::Usage)?.unwrap_or(function.start);
    let (mut rate, mut iterations) = (f64::NAN, 1000);
    let number = arguments.number("--rate", "a positive number", |&r: &f64| r > 0.0 && r.is_finite(), &mut rate);
    number.map_err(Failure::Usage)?;
    let number = arguments.number(
        "--iterations",
        "a number from 1 to 1000000",
        |n| (1..=1_000_000).contains(n),
        &mut iterations,
    );
    number.map_err(Failure::Usage)?;
    let rate = (!rate.is_nan()).then_some(rate);
    if rate.is_some() && !methods.iter().any(|method| matches!(method.optimizer, Optimizer::FirstOrder(..))) {
        return Err(Failure::Usage(
            "--rate: only the first-order rules have one, and none is among the methods".into(),
        ));
    }

    let plot = arguments.text("--plot").map(Path::new);
    super::probe(plot.as_slice())?;
    let runs: Vec<_> =
        methods.into_iter().map(|method| run_method(function, method, start, iterations, rate)).collect();
    let printed = if arguments.has("--tsv") {
        super::print(&tsv(&runs))
    } else {
        let TestFunction { name, formula, difficulty, minima, minimum, .. } = function;
        let [x, y] = start.map(Short);
        let points: Vec<String> = minima.iter().map(|[x, y]| format!("({x:.4}, {y:.4})")).collect();
        super::print(&format!(
            "{name}: {formula}; {difficulty}\nfrom ({x}, {y}); minimum {minimum} at {}\n\n{}",
            points.join(", "),
            super::with_bold_heading(&table(&runs))
        ))
    };
    let drawn = plot.map_or(Ok(()), |path| {
        let svg = contour_charts(function, start, &runs).svg();
        atomic::write(path, svg.as_bytes()).map_err(|error| Failure::Failed(error.to_string()))?;
        if !arguments.has("--quiet") {
            super::remark(&format!("the paths: {}", shown_path(path)));
        }
        Ok(())
    });
    super::both(printed, drawn)
}

fn test_function(args: &[String]) -> Result<&'static TestFunction, Failure> {
    const ALL: &[TestFunction] = &TEST_FUNCTIONS;
    let name = match args {
        [] => return Ok(&ALL[0]),
        [name] => name,
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    ALL.iter().find(|function| function.name == *name).ok_or_else(|| {
        let names = TEST_FUNCTIONS.map(|function| function.name);
        Failure::Usage(not_among("PROBLEM", name, &names))
    })
}

fn methods(list: &str) -> Result<Vec<Method>, String> {
    if list == "all" {
        return Ok(METHODS.to_vec());
    }
    let mut methods: Vec<Method> = Vec::new();
    for name in list.split(',') {
        let Some(&method) = METHODS.iter().find(|method| method.name == name) else {
            let names: Vec<&str> = ["all"].into_iter().chain(METHODS.map(|method| method.name)).collect();
            return Err(not_among("--method", name, &names));
        };
        if methods.iter().any(|earlier| earlier.name == name) {
            return Err(format!("--method: '{name}' is given twice"));
        }
        methods.push(method);
    }
    Ok(methods)
}

fn start(arguments: &Arguments) -> Result<Option<[f64; 2]>, String> {
    let Some(text) = arguments.text("--start") else { return Ok(None) };
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.abs() <= 1e6);
    let pair = text.split_once(',').and_then(|(x, y)| Some([number(x)?, number(y)?]));
    let expected = "two numbers between -1e6 and 1e6 were expected, as in -1.2,1";
    pair.map(Some).ok_or_else(|| format!("--start {}: {expected}", brief(text)))
}
