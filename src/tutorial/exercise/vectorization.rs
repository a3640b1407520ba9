//! C.1 and C.2, after source C: the gradient in three stages of vectorization, and 400 iterations in eight parts.
//!
//! Source: source C (C. McCormick, "Deep Learning Tutorial - Sparse Autoencoder"), equations 2.1 and 2.2, and its
//! "Notes for Octave users".

use super::context::ExerciseContext;
use crate::matrix::Matrix;
use crate::model::Autoencoder;
use crate::model::autoencoder::by_definition;
use crate::number::sum::{axpy, dot, norm_inf, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::{Lbfgs, Minimization, Objective};
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::report::Table;
use std::format;
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// The cost and the gradient of an autoencoder with weights that are not tied and squared errors, one example after
/// another: a vector for each layer, and the outer product δ·aᵀ for the weights below it.
fn by_examples(model: &Autoencoder, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
    let [w1, w2, b1, b2] = model.blocks();
    let over_m = 1.0 / examples.columns() as f64;
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    let mut means = vec![0.0; model.hidden];
    let mut passes = Vec::new();
    for n in 0..examples.columns() {
        let x = examples.column(n);
        let a: Vec<f64> =
            (0..model.hidden).map(|j| model.encoder.value(dot(w1.row(theta, j), &x) + b1.values(theta)[j])).collect();
        let y: Vec<f64> =
            (0..model.visible).map(|i| model.decoder.value(dot(w2.row(theta, i), &a) + b2.values(theta)[i])).collect();
        axpy(over_m, &a, &mut means);
        passes.push((x, a, y));
    }
    let (rho, beta, lambda) = (model.sparsity, model.sparsity_weight, model.weight_decay);
    let sparsity: Vec<f64> = means.iter().map(|mean| beta * ((1.0 - rho) / (1.0 - mean) - rho / mean)).collect();
    for mean in &means {
        cost += beta * (rho * Real::ln(rho / mean) + (1.0 - rho) * Real::ln((1.0 - rho) / (1.0 - mean)));
    }
    for (x, a, y) in &passes {
        let error: Vec<f64> = y.iter().zip(x).map(|(y, x)| y - x).collect();
        cost += 0.5 * over_m * sum_of_squares(&error);
        let delta3: Vec<f64> = error.iter().zip(y).map(|(e, &y)| e * model.decoder.slope(y)).collect();
        let mut above = sparsity.clone();
        (0..model.visible).for_each(|i| axpy(delta3[i], w2.row(theta, i), &mut above));
        let delta2: Vec<f64> = above.iter().zip(a).map(|(d, &a)| d * model.encoder.slope(a)).collect();
        for (weights, bias, delta, input) in [(&w1, &b1, &delta2, x), (&w2, &b2, &delta3, a)] {
            for (row, &d) in weights.values_mut(&mut gradient).chunks_mut(input.len()).zip(delta) {
                axpy(over_m * d, input, row);
            }
            axpy(over_m, delta, bias.values_mut(&mut gradient));
        }
    }
    for weights in [&w1, &w2] {
        cost += 0.5 * lambda * sum_of_squares(weights.values(theta));
        axpy(lambda, weights.values(theta), weights.values_mut(&mut gradient));
    }
    (cost, gradient)
}

/// A computation of the cost and the gradient.
type Compute<'c> = &'c mut dyn FnMut() -> (f64, Vec<f64>);

/// The most examples of C.1: the loops over single numbers are slow.
const TIMED: usize = 500;

/// C.1: the cost and its gradient, with all terms, in three stages of vectorization.
pub fn stages(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (model, few) = (context.autoencoder, context.train.first(TIMED).matrix);
    let x = few.map(f64::from);
    let theta: Vec<f64> = model.draw(&mut Random::new(context.settings.seed));
    let mut objective = model.cost(&x);
    let mut whole = || {
        let mut gradient = vec![0.0; theta.len()];
        (objective.cost_and_gradient(&theta, &mut gradient), gradient)
    };
    whole(); // the first call includes the allocation of memory
    let (mut table, mut first) = (Table::new(&["program", "cost", "difference", "milliseconds", "speedup"]), None);
    let methods: [(&str, Compute); 3] = [
        ("single numbers: loops", &mut || by_definition(&model, &theta, &x)),
        ("one example: vectors, δ·aᵀ", &mut || by_examples(&model, &theta, &x)),
        ("all examples: matrices", &mut whole),
    ];
    for (name, compute) in methods {
        let start = Instant::now();
        let (cost, gradient) = compute();
        let seconds = start.elapsed().as_secs_f64();
        let (slowest, expected) = first.get_or_insert((seconds, gradient.clone()));
        let most = gradient.iter().zip(&*expected).fold(0.0, |most: f64, (g, e)| most.max((g - e).abs()));
        table.cells(&[
            &name,
            &format_args!("{cost:.10}"),
            &format_args!("{:.0e}", most / norm_inf(expected)),
            &format_args!("{:.2}", 1e3 * seconds),
            &format_args!("{:.1}", *slowest / seconds),
        ]);
    }
    context.say(&format!(
        "The cost and the gradient of the sparse autoencoder, with all terms (reconstruction error, decay, sparsity), \
         on {} examples in f64, at the random initial weights. The error's part of the gradient is the mean over the \
         examples of δ_j·a_i, where weight W_ji multiplies the activation a_i, and δ_j is the derivative with respect \
         to the sum that it enters. The first program multiplies single numbers in loops; the second multiplies \
         vectors, one example at a time (after one loop over all examples for their mean activations, which the \
         sparsity term needs); the third multiplies matrices that hold all examples. `difference` is the largest \
         difference from the first program's gradient, divided by that gradient's largest element.\n",
        x.columns()
    ));
    context.table(&table);
    context.say(
        "What to see: the same numbers, up to rounding, in less time. With one example at a time, each weight and \
         each element of the gradient is read from memory for a single multiplication. A product of matrices uses \
         each of them for many examples before it reads the next, and multiplies several numbers with one \
         instruction. Large products also use several threads.",
    );
    Ok(())
}

/// The number of parts in C.2, and the iterations of each.
const PARTS: usize = 8;
const ITERATIONS: usize = 50;

/// Costs after each iteration, and the number of evaluations so far after each part.
#[derive(Default)]
struct Course {
    costs: Vec<f64>,
    evaluations: Vec<usize>,
}

/// C.2: source C's eight times 50 iterations of L-BFGS, with its pairs of steps carried over and discarded.
pub fn restarts(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let iterations = if context.quick { ITERATIONS / 5 } else { ITERATIONS };
    let (model, x) = (context.autoencoder, context.train.matrix.clone());
    let mut objective = model.cost(&x);
    let start: Vec<f32> = model.draw(&mut Random::new(context.settings.seed));
    let settings = Lbfgs { iterations, gradient_tolerance: 0.0, cost_tolerance: -1.0, ..Lbfgs::default() };
    let (mut carried, mut discarded) = (Course::default(), Course::default());
    let (mut theta, mut state) = (start.clone(), None);
    context.run.progress.stage("pairs carried over", PARTS * iterations);
    for part in 1..=PARTS {
        let so_far = Lbfgs { iterations: part * iterations, ..settings };
        let mut minimization = match state.take().map(|state| Minimization::resume(so_far, state)) {
            Some(Ok(minimization)) => minimization,
            _ => Minimization::new(so_far, &mut objective, &start),
        };
        let reason = minimization.run(&mut objective, |_, report| {
            carried.costs.push(f64::from(report.cost));
            context.run.progress.step(report.iteration, f64::from(report.cost));
            true
        });
        carried.evaluations.push(minimization.outcome(reason).evaluations);
        state = Some(minimization.state());
        if part == PARTS {
            context.run.progress.ended("pairs carried over", reason);
            context.run.learned(&minimization.best().theta);
        }
    }
    for part in 0..PARTS {
        let stage = format!("pairs discarded, part {}", part + 1);
        context.run.progress.stage(&stage, iterations);
        let outcome = settings.minimize(&mut objective, &mut theta, |report| {
            discarded.costs.push(f64::from(report.cost));
            context.run.progress.step(report.iteration, f64::from(report.cost));
            true
        });
        context.run.progress.ended(&stage, outcome.reason);
        discarded.evaluations.push(discarded.evaluations.last().unwrap_or(&0) + outcome.evaluations);
    }
    context.run.learned(&theta);

    let mut table = Table::new(&[
        "iterations",
        "cost, carried",
        "evaluations, carried",
        "cost, discarded",
        "evaluations, discarded",
        "difference",
    ]);
    for part in 1..=PARTS {
        let at = |course: &Course| course.costs.get(part * iterations - 1).copied().unwrap_or(f64::NAN);
        let costs = [at(&carried), at(&discarded)];
        table.cells(&[
            &(part * iterations),
            &format_args!("{:.4}", costs[0]),
            &carried.evaluations[part - 1],
            &format_args!("{:.4}", costs[1]),
            &discarded.evaluations[part - 1],
            &format_args!("{:.4}", costs[1] - costs[0]),
        ]);
    }
    context.say(&format!(
        "In source C (McCormick's tutorial), 400 iterations of L-BFGS in one run exhaust the memory, so it runs eight \
         parts of 50 iterations, each from the final weights of the part before. But L-BFGS also stores correction \
         pairs: its most recent steps, and the change of the gradient along each. Here a sparse autoencoder is \
         trained in this way on {} examples, {PARTS} parts of {iterations} iterations, with the pairs carried over \
         from part to part or discarded. Evaluations of the cost and its gradient are counted from the start.\n",
        x.columns()
    ));
    context.table(&table);
    context.say(
        "What to see: the first part is the same in both. When the pairs are discarded, a part begins slowly, like \
         gradient descent, until new pairs describe the curvature; the chart, from part 2 on, shows it best at the \
         first restart. After it the two runs follow different paths, and either may have the lower cost for a while. \
         In the end the run that carries its pairs is usually ahead, with fewer evaluations. To resume a minimizer, \
         save its state, not only the weights.",
    );
    let curve = |name: &str, course: &Course| Series {
        name: name.into(),
        points: course.costs.iter().enumerate().skip(iterations).map(|(k, &cost)| [(k + 1) as f64, cost]).collect(),
        style: Style::Path,
    };
    let curves = vec![curve("carried over", &carried), curve("discarded", &discarded)];
    let scales = [Scale::Linear; 2];
    let chart = Chart::new(
        "eight parts of L-BFGS, its pairs carried over and discarded",
        ["iterations", "cost"],
        scales,
        curves,
    );
    let caption = "The first part, in which both are the same, is left out. At each restart, the run that discards its \
                   pairs has to learn the curvature again.";
    context.put_chart("cost against iterations", "C.2-restarts.svg", caption, chart);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Activation;

    #[test]
    fn one_example_after_another_gives_the_cost_and_gradient_of_the_definition() {
        let mut random = Random::new(1);
        for decoder in [Activation::Sigmoid, Activation::Linear] {
            let model = Autoencoder {
                decoder,
                weight_decay: 3e-3,
                sparsity: 0.1,
                sparsity_weight: 3.0,
                ..Autoencoder::new(7, 4)
            };
            let x = Matrix::from_function(7, 11, |_, _| random.uniform(0.1, 0.9));
            let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
            let (cost, gradient) = by_examples(&model, &theta, &x);
            let (expected, slopes) = by_definition(&model, &theta, &x);
            assert!((cost - expected).abs() < 1e-13 * expected, "{cost} {expected}");
            assert!(gradient.iter().zip(&slopes).all(|(g, e)| (g - e).abs() < 1e-13), "{gradient:?}");
        }
    }
}
