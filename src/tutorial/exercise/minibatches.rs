//! E.8 to E.10: the lectures' lab, a network trained on minibatches with its validation history; the rules of first
//! order and L-BFGS on models; the noise of a batch's gradient.
//!
//! Source: source E, "Keras", "Optimization", "Regularization".

use super::context::{Arrangement, ExerciseContext};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::network::{Examples, InMemory, Layer, Network, Target};
use crate::number::sum::{squared_distance, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::{Batched, Lbfgs, Training, UpdateRule};
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::{TrainedClassifier, accuracy_of};
use std::format;
use std::string::String;
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// The lab's batch size, epochs and rate; the units of its hidden layers, and their dropout rate. The slides leave the
/// last two open; these are usual for the data.
const BATCH: usize = 128;
const EPOCHS: usize = 20;
const RATE: f64 = 1e-3;
const UNITS: usize = 512;
const DROPOUT: f64 = 0.2;

/// The examples in a row of the sheet, and the rows.
const SHEET: usize = 20;

/// A network on examples as vectors.
pub(super) fn network(values: usize, layers: Vec<Layer>) -> Network {
    Network::new(MapShape::vector(values), layers)
}

/// The lab's networks: a softmax layer alone, and above two hidden layers.
fn networks(values: usize, classes: usize, units: usize) -> [(&'static str, Network); 2] {
    let (dense, dropout) =
        (Layer::Dense { units, activation: Activation::Rectified }, Layer::Dropout { rate: DROPOUT });
    let softmax = Layer::Softmax { classes };
    [
        ("softmax alone", network(values, vec![softmax])),
        ("two hidden layers", network(values, vec![dense, dropout, dense, dropout, softmax])),
    ]
}

/// The parameters of each layer.
pub(super) fn parameters(network: &Network) -> Vec<usize> {
    let up_to = |layers: usize| Network { layers: network.layers[..layers].to_vec(), ..network.clone() }.dimension();
    (0..network.layers.len()).map(|layer| up_to(layer + 1) - up_to(layer)).collect()
}

/// How well a network predicts labels, without dropout.
pub(super) struct Score {
    /// The mean of -ln p of the labels.
    pub cost: f64,
    /// The fraction of the labels that are predicted.
    pub accuracy: f64,
}

impl Score {
    pub fn of(trained: &TrainedClassifier<Network, f32>, examples: &LabeledExamples<f32>) -> Self {
        let log_p = trained.log_probabilities(&examples.matrix);
        let total = (0..examples.count()).fold(0.0, |sum, j| sum - log_p.row(examples.labels[j])[j].to_f64());
        Score { cost: total / examples.count() as f64, accuracy: accuracy_of(&log_p, &examples.labels) }
    }
}

/// A network after a training.
pub(super) struct Fitted {
    /// With the parameters of the epoch with the least cost of the examples watched, and with the last ones.
    pub best: TrainedClassifier<Network, f32>,
    pub last: TrainedClassifier<Network, f32>,
    /// The number of that epoch; 0 is the start.
    pub best_epoch: usize,
    /// The training cost, and the cost and the accuracy of the examples watched, after each epoch from 0.
    pub history: Vec<[f64; 3]>,
    /// The seconds of the training, history included.
    pub seconds: f64,
}

impl Fitted {
    /// The cost of the examples watched, after the last epoch.
    pub fn watched_cost(&self) -> f64 {
        self.history.last().map_or(f64::NAN, |row| row[1])
    }

    /// The training cost and the cost of the examples watched, for a chart.
    pub fn curves(&self, name: &str, watched: &str) -> [Series; 2] {
        [("training", 0), (watched, 1)].map(|(set, column)| {
            let points = self.history.iter().enumerate().skip(1).map(|(epoch, row)| [epoch as f64, row[column]]);
            Series { name: format!("{name}, {set}"), points: points.collect(), style: Style::Path }
        })
    }
}

/// Trains a network, and watches its cost on other examples.
pub(super) fn fit(
    context: &mut ExerciseContext,
    name: &str,
    network: Network,
    settings: Training,
    train: &LabeledExamples<f32>,
    watched: &LabeledExamples<f32>,
) -> Fitted {
    fit_on(context, name, network, settings, &InMemory::from_columns(&train.matrix), &train.labels, watched)
}

/// The same on examples that may be augmented, and their labels.
pub(super) fn fit_on(
    context: &mut ExerciseContext,
    name: &str,
    network: Network,
    settings: Training,
    examples: &dyn Examples<f32>,
    labels: &[usize],
    watched: &LabeledExamples<f32>,
) -> Fitted {
    let start = Instant::now();
    let mut last = TrainedClassifier::draw(network.clone(), &mut Random::new(settings.seed));
    let mut theta = last.theta.clone();
    let mut objective = network.cost(examples, Target::Labels(labels)).with_seed(settings.seed);
    let stage = format!("{name}, {} parameters", network.dimension());
    context.run.progress.stage(&stage, settings.epochs);
    let (mut history, mut costs): (Vec<[f64; 3]>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut validation = |theta: &[f32]| {
        last.theta.copy_from_slice(theta);
        let Score { cost, accuracy } = Score::of(&last, watched);
        history.push([f64::NAN, cost, accuracy]);
        cost as f32
    };
    let outcome = settings.run(&mut objective, Some(&mut validation), &mut theta, |epoch, _| {
        costs.push(epoch.cost.to_f64());
        context.run.progress.step(epoch.epoch, epoch.cost.to_f64());
        true
    });
    context.run.progress.ended(&stage, outcome.reason);
    // Row 0 of the history is that of the start, before any training cost.
    history.iter_mut().skip(1).zip(&costs).for_each(|(row, &cost)| row[0] = cost);
    context.run.learned(&last.theta);
    let best = TrainedClassifier { model: network, theta };
    Fitted { best, last, best_epoch: outcome.best.epoch, history, seconds: start.elapsed().as_secs_f64() }
}

/// The training of the lab, to the last epoch.
fn lab_training(epochs: usize, seed: u64) -> Training {
    Training { batch: BATCH, epochs, patience: epochs, seed, ..Training::new(UpdateRule::RMSPROP, RATE) }
}

/// E.8: the lectures' lab.
pub fn lab(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (epochs, units) = if context.quick { (EPOCHS / 4, UNITS / 4) } else { (EPOCHS, UNITS) };
    // Not every second, fourth or sixth: MNIST's two sources of images alternate.
    let [train, held_out] = context.train.split(|j| j % 5 == 4);
    if held_out.count() == 0 {
        return Err(TutorialError::EmptySplit);
    }
    let (seed, test) = (context.settings.seed, context.test.clone());
    let shown = context.train.first(SHEET * SHEET).matrix;
    let tiles = Matrix::from_function(shown.columns(), shown.rows(), |j, i| shown.row(i)[j]);
    let caption = "The examples in their order, with the whitening undone.";
    let caption = if context.sounds.is_some() { caption } else { "The examples in their order." };
    context.draw_tiles("the first training examples", "E.8-examples.png", caption, &tiles, Arrangement::abreast(SHEET));
    let mut summary = Table::new(&["network", "layer", "outputs", "parameters"]);
    let mut table = Table::new(&[
        "network",
        "epoch",
        "training cost",
        "validation cost",
        "its accuracy",
        "test accuracy",
        "seconds",
    ]);
    let mut curves = Vec::new();
    for (name, network) in networks(train.matrix.rows(), context.labels.len(), units) {
        let counts = parameters(&network);
        for (layer, count) in network.layers.iter().zip(&counts) {
            let (kind, outputs) = match layer {
                Layer::Dense { units, .. } => ("dense, ReLU", *units),
                Layer::Dropout { .. } => ("dropout", units),
                _ => ("softmax", context.labels.len()),
            };
            summary.cells(&[&name, &kind, &outputs, count]);
        }
        summary.cells(&[&"", &"total", &"", &network.dimension()]);

        let fitted = fit(context, name, network, lab_training(epochs, seed), &train, &held_out);
        let Fitted { best, last, best_epoch, history, seconds } = &fitted;
        let best_epoch = *best_epoch;
        let ends = [(best_epoch, best), (history.len() - 1, last)];
        for (epoch, trained) in ends.into_iter().skip(usize::from(best_epoch + 1 == history.len())) {
            let [cost, validation, accuracy] = history[epoch];
            table.cells(&[
                &name,
                &format_args!("{epoch}{}", if epoch == best_epoch { " (best)" } else { "" }),
                &format_args!("{cost:.4}"),
                &format_args!("{validation:.4}"),
                &percent(accuracy),
                &percent(trained.accuracy(&test)),
                &format_args!("{seconds:.1}"),
            ]);
        }
        curves.extend(fitted.curves(name, "validation"));
    }
    context.say(&format!(
        "The lectures' lab: RMSProp at the learning rate {RATE}, batches of {BATCH}, {epochs} epochs. Of {} training \
         examples, {} are held out for validation, a fifth: after each epoch, the cost is computed on them. (The \
         slides validate on the test examples, which then no longer give an independent test.) The slides show a \
         softmax layer alone; a second network has two hidden layers with a dropout rate of {DROPOUT}.\n",
        train.count() + held_out.count(),
        held_out.count()
    ));
    context.table(&summary);
    context.say(
        "The history at the epoch with the lowest validation cost, and at the last one (one row if they are the \
         same). Costs are the mean of -ln p, where p is the predicted probability of the label; `its accuracy` is \
         that of the validation examples; the seconds are those of all epochs.\n",
    );
    context.table(&table);
    context.say(
        "What to see: both costs fall, and jump a little from epoch to epoch, since batches are noisy. If the \
         validation cost rises for several epochs while the training cost falls, the network overfits: it grows surer \
         of its wrong predictions. A single rise is no sign of it, and 20 epochs may be too few to see it. The \
         parameters of the best epoch are those to keep (early stopping). The training cost is averaged over the \
         batches of an epoch, each evaluated before its step and with dropout, so early on it may lie above the \
         validation cost. A cost above ln K, for K classes, is worse than that of guessing. The test accuracy can be \
         lower than that of the validation examples if the validation examples come from the same recordings as \
         training examples, and the test examples do not.",
    );
    let axes = ["epochs", "mean of -ln p"];
    let scales = [Scale::Linear, Scale::Logarithmic];
    let chart = Chart::new("cost against epochs, on training and on validation examples", axes, scales, curves);
    let caption = "The lowest point of a validation curve is the epoch whose parameters to keep. If the curve rises from \
                   there while the training cost falls, the network overfits.";
    context.put_chart("training and validation history", "E.8-history.svg", caption, chart);
    Ok(())
}

/// The candidates for the rate of each rule in E.9, and the passes over the examples.
const RATES: [f64; 4] = [1.0, 0.1, 0.01, 0.001];
const PASSES: usize = 20;

/// The name of gradient descent on all examples at once.
const ALL_EXAMPLES: &str = "gradient descent, full batch";

/// The most examples of E.9 and E.10.
const MOST: usize = 2000;

/// A small convolutional network for examples of these rows.
pub(super) fn convolutional(context: &ExerciseContext, rows: usize) -> Network {
    let square = context.tile.bands * context.tile.frames == rows;
    let input = match square {
        true => MapShape { channels: 1, rows: context.tile.bands, columns: context.tile.frames },
        false => MapShape { channels: 1, rows, columns: 1 },
    };
    let size = [input.rows.min(5), input.columns.min(3)];
    let pool = [2.min(input.rows + 1 - size[0]), 1];
    let layers = vec![
        Layer::convolution(8, size, Activation::Rectified),
        Layer::pooling(PoolingMode::Max, pool),
        Layer::Softmax { classes: context.labels.len() },
    ];
    Network { weight_decay: 1e-4, ..Network::new(input, layers) }
}

/// A name, the cost, and its start.
pub(super) type Problem<'x> = (&'static str, &'x mut dyn Batched<f32>, Vec<f32>);

/// E.9: rules of first order and L-BFGS on softmax regression, the sparse autoencoder and a convolutional network.
pub fn optimizers(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (passes, seed) = (if context.quick { PASSES / 2 } else { PASSES }, context.settings.seed);
    let few = context.train.first(MOST);
    let softmax = context.softmax(few.matrix.rows(), 1e-4);
    let autoencoder = context.autoencoder;
    let small = convolutional(context, few.matrix.rows());
    let images = InMemory::from_columns(&few.matrix);
    let mut random = Random::new(seed);
    let starts = [vec![0.0; softmax.dimension()], autoencoder.draw(&mut random), small.draw(&mut random)];
    let [zero, drawn, filters] = starts;
    let mut costs = (
        softmax.cost(&few.matrix, &few.labels),
        autoencoder.cost(&few.matrix),
        small.cost(&images, Target::Labels(&few.labels)),
    );
    let problems: [Problem; 3] = [
        ("softmax regression", &mut costs.0, zero),
        ("sparse autoencoder", &mut costs.1, drawn),
        ("convolutional network", &mut costs.2, filters),
    ];
    context.say(&format!(
        "Optimizers on {} training examples. First-order methods take a step for each batch of {BATCH}, at a constant \
         learning rate: of 1, 0.1, 0.01 and 0.001, the one with the lowest cost in the end. In the first row, \
         gradient descent takes one step in each epoch, on all examples at once. L-BFGS takes all examples at once \
         too: each of its evaluations counts as one epoch, and the first is that of the initial parameters. The \
         columns hold the cost of all examples after that number of epochs, and the seconds of all epochs.\n",
        few.count()
    ));
    let pictures = [
        ["E.9-softmax.svg", "E.9-softmax-seconds.svg"],
        ["E.9-autoencoder.svg", "E.9-autoencoder-seconds.svg"],
        ["E.9-network.svg", "E.9-network-seconds.svg"],
    ];
    for ((name, objective, start), pictures) in problems.into_iter().zip(pictures) {
        let early = passes / 5;
        let headings =
            [name, "learning rate", "1 epoch", &format!("{early} epochs"), &format!("{passes} epochs"), "seconds"];
        let (mut table, mut curves) = (Table::new(&headings), [Vec::new(), Vec::new()]);
        let on_batches = UpdateRule::ALL.map(|rule| (rule_name(rule), rule, BATCH));
        for (name, rule, batch) in
            [(ALL_EXAMPLES, UpdateRule::GradientDescent, usize::MAX)].into_iter().chain(on_batches)
        {
            let settings = Training { batch, epochs: passes, seed, ..Training::new(rule, 1.0) };
            let Some((rate, best)) = best_course(context, name, settings, objective, &start) else { continue };
            row(&mut table, &mut curves, name, &format!("{rate}"), early, best);
        }
        let begin = Instant::now();
        let mut found = Course { costs: Vec::new(), seconds: Vec::new() };
        let mut evaluated = |evaluations: usize, cost: f64| {
            found.costs.resize(evaluations, cost);
            found.seconds.resize(evaluations, begin.elapsed().as_secs_f64());
        };
        let all: Vec<usize> = (0..few.count()).collect();
        let mut known = objective.cost_and_gradient_on(&all, &start, &mut vec![0.0; start.len()]).to_f64();
        let settings = Lbfgs { iterations: passes, ..Lbfgs::default() };
        let mut theta = start.clone();
        context.run.progress.stage(&format!("{name}, L-BFGS"), passes);
        let outcome = settings.minimize(objective, &mut theta, |report| {
            // Until an iteration's last evaluation, the cost known is that of the iteration before.
            if report.evaluations <= passes {
                evaluated(report.evaluations - 1, known);
                known = report.cost.to_f64();
                evaluated(report.evaluations, known);
            }
            context.run.progress.step(report.iteration, report.cost.to_f64());
            report.evaluations < passes
        });
        context.run.progress.ended(&format!("{name}, L-BFGS"), outcome.reason);
        evaluated(passes, known);
        row(&mut table, &mut curves, "L-BFGS", "-", early, found);
        context.table(&table);
        for ((against, curves), picture) in ["epochs", "seconds"].into_iter().zip(curves).zip(pictures) {
            let chart = Chart::new(name, [against, "cost"], [Scale::Linear, Scale::Logarithmic], curves);
            let caption = match against {
                "epochs" => {
                    "At the same epoch, all methods have read the examples equally often: the lowest curve \
                             learned most from them."
                }
                _ => "The same costs against time, which depends on the machine.",
            };
            context.put_chart(&format!("{name}: cost against {against}"), picture, caption, chart);
        }
    }
    context.say(
        "What to see: batches lower the cost within the first epoch, before a minimizer that reads all examples has \
         taken its first step. After the same number of epochs, and so with nearly the same work, gradient descent on \
         batches has a lower cost than on all examples, since it takes a step for each batch. On softmax regression, \
         whose cost is convex, L-BFGS ends with the lowest cost. On the other models it starts slowly, and may not \
         have caught up. The cost of L-BFGS never rises. That of a first-order method at a constant learning rate \
         can, and the method that leads early need not end with the lowest cost. The best learning rate differs from \
         method to method and from model to model, and the training runs needed to find it are not counted here. \
         The second chart of each model has the same costs against seconds.",
    );
    Ok(())
}

/// The costs of all examples after each pass of a training, and the seconds of its passes until then.
pub(super) struct Course {
    costs: Vec<f64>,
    seconds: Vec<f64>,
}

impl Course {
    /// The cost after a pass, for a table; the last cost if the training ended before.
    pub fn cost(&self, pass: usize) -> String {
        self.costs.get(pass - 1).or(self.costs.last()).map_or("-".into(), |cost| format!("{cost:.4}"))
    }

    /// The costs against the passes.
    pub fn curve(&self, name: &str) -> Series {
        let points = (1..).zip(&self.costs).map(|(pass, &cost)| [f64::from(pass), cost]).collect();
        Series { name: name.into(), points, style: Style::Path }
    }

    /// The costs against the seconds.
    fn curve_of_seconds(&self, name: &str) -> Series {
        let points = self.seconds.iter().zip(&self.costs).map(|(&second, &cost)| [second, cost]).collect();
        Series { name: name.into(), points, style: Style::Path }
    }
}

/// The training at the rate among [`RATES`] with the least cost in the end, and that rate; none if no cost is finite.
fn best_course(
    context: &mut ExerciseContext,
    name: &str,
    settings: Training,
    objective: &mut dyn Batched<f32>,
    start: &[f32],
) -> Option<(f64, Course)> {
    let courses = RATES
        .map(|rate| course(context, &format!("{name}, rate {rate}"), Training { rate, ..settings }, objective, start));
    let last = |course: &Course| course.costs.last().copied().unwrap_or(f64::NAN);
    let finite = RATES.into_iter().zip(courses).filter(|(_, course)| last(course).is_finite());
    finite.min_by(|(_, a), (_, b)| last(a).total_cmp(&last(b)))
}

/// Trains from `start`, and evaluates the cost of all examples after each pass.
pub(super) fn course(
    context: &mut ExerciseContext,
    stage: &str,
    settings: Training,
    objective: &mut dyn Batched<f32>,
    start: &[f32],
) -> Course {
    let all: Vec<usize> = (0..objective.examples()).collect();
    let (mut state, mut gradient) = (settings.start(start), vec![0.0; start.len()]);
    let (mut course, mut seconds) = (Course { costs: Vec::new(), seconds: Vec::new() }, 0.0);
    context.run.progress.stage(stage, settings.epochs);
    for pass in 1..=settings.epochs {
        let begin = Instant::now();
        Training { epochs: pass, patience: settings.epochs, ..settings }
            .resume(objective, None, &mut state, |_, _| true);
        seconds += begin.elapsed().as_secs_f64();
        let cost = objective.cost_and_gradient_on(&all, &state.theta, &mut gradient).to_f64();
        context.run.progress.step(pass, cost);
        course.costs.push(cost);
        course.seconds.push(seconds);
        if !cost.is_finite() || state.epoch < pass {
            break;
        }
    }
    course
}

/// The names of the rules in [`UpdateRule::ALL`].
const NAMES: [&str; 6] = ["gradient descent", "momentum", "Nesterov", "Adagrad", "RMSProp", "Adam"];

fn rule_name(rule: UpdateRule) -> &'static str {
    UpdateRule::ALL.iter().zip(NAMES).find(|(other, _)| **other == rule).map_or("", |(_, name)| name)
}

/// Writes a training in the table and on both charts.
fn row(table: &mut Table, charts: &mut [Vec<Series>; 2], name: &str, rate: &str, early: usize, course: Course) {
    let [first, early, last] = [1, early, usize::MAX].map(|pass| course.cost(pass));
    let seconds = course.seconds.last().copied().unwrap_or(f64::NAN);
    table.cells(&[&name, &rate, &first, &early, &last, &format_args!("{seconds:.3}")]);
    charts[0].push(course.curve(name));
    charts[1].push(course.curve_of_seconds(name));
}

/// The batch sizes of E.10, and the batches that are drawn of each.
const SIZES: [usize; 5] = [1, 4, 16, 64, 256];
const DRAWN: usize = 100;

/// E.10: the noise of the gradient of a batch.
pub fn noise(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let few = context.train.first(MOST);
    let mut table = Table::new(&["batch size", "noise", "noise·√b", "microseconds per example"]);
    let points = batch_noise(context, &few.matrix);
    for &[b, noise, seconds] in &points {
        let scaled = noise * Element::sqrt(b);
        table.cells(&[
            &b,
            &format_args!("{noise:.3}"),
            &format_args!("{scaled:.3}"),
            &format_args!("{:.2}", 1e6 * seconds),
        ]);
    }
    context.say(&format!(
        "The gradient ∇J_B of a batch B of b examples, drawn at random from {}, differs from the full gradient ∇J, \
         that of all of them. The noise is the root mean square of |∇J_B - ∇J|/|∇J|, over {DRAWN} batches, for an \
         autoencoder without the sparsity penalty at its random initial weights.\n",
        few.count()
    ));
    context.table(&table);
    context.say(
        "What to see: the noise falls as 1/√b, so noise·√b hardly changes: four times the examples halve the noise. \
         Small batches take more steps in an epoch, and large ones surer steps: four times the examples give a \
         quarter of the steps, each with half of the noise. Four small steps average out as much noise as one large \
         step, and each starts from a newer gradient. But a product of matrices is efficient only with enough \
         examples: see the last column. Both together favor batches of tens to hundreds of examples. Near a minimum \
         ∇J is small, and the noise, relative to it, is larger: see E.12.",
    );
    let points = points.into_iter().map(|[b, noise, _]| [b, noise]).collect();
    let curves = vec![Series { name: "noise".into(), points, style: Style::Path }];
    let axes = ["batch size", "noise of the gradient"];
    let chart = Chart::new("noise against batch size", axes, [Scale::Logarithmic; 2], curves);
    let caption = "On logarithmic axes, 1/√b is a straight line: four times the batch size halves the noise.";
    context.put_chart("noise against batch size", "E.10-noise.svg", caption, chart);
    Ok(())
}

/// The batch size, the noise of a batch's gradient, and the seconds of an example, for each of [`SIZES`] that is less
/// than the number of examples. The model has no sparsity penalty, whose cost is no mean over examples.
fn batch_noise(context: &ExerciseContext, examples: &Matrix<f32>) -> Vec<[f64; 3]> {
    let model = crate::model::Autoencoder { sparsity_weight: 0.0, ..context.autoencoder };
    let mut random = Random::new(context.settings.seed);
    let theta: Vec<f32> = model.draw(&mut random);
    let mut cost = model.cost(examples);
    let (mut gradient, mut exact) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
    let all: Vec<usize> = (0..examples.columns()).collect();
    cost.cost_and_gradient_on(&all, &theta, &mut exact);
    let mut of_size = |b: usize| {
        let (mut total, mut seconds) = (0.0, 0.0);
        for _ in 0..DRAWN {
            let batch: Vec<usize> = (0..b).map(|_| random.index(examples.columns())).collect();
            let start = Instant::now();
            cost.cost_and_gradient_on(&batch, &theta, &mut gradient);
            seconds += start.elapsed().as_secs_f64();
            total += squared_distance(&gradient, &exact).to_f64();
        }
        let squared = total / DRAWN as f64 / sum_of_squares(&exact).to_f64();
        [b as f64, Element::sqrt(squared), seconds / (DRAWN * b) as f64]
    };
    SIZES.into_iter().filter(|&b| b < examples.columns()).map(&mut of_size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn the_noise_of_a_batch_falls_as_the_root_of_its_size() {
        let mut silent = Silent;
        let context = context(&mut silent);
        let model = crate::model::Autoencoder { visible: context.train.matrix.rows(), ..context.autoencoder };
        let context = ExerciseContext { autoencoder: model, ..context };
        let points = batch_noise(&context, &context.train.matrix);
        let scaled: Vec<f64> = points.iter().map(|[b, noise, _]| noise * Element::sqrt(*b)).collect();
        assert!(scaled.len() == SIZES.len() && scaled.iter().all(|s| (s / scaled[1] - 1.0).abs() < 0.25), "{scaled:?}");
    }

    #[test]
    fn the_lab_learns_in_twenty_epochs_and_keeps_the_history_of_its_validation() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let [train, held_out] = context.train.split(|j| j % 5 == 4);
        for (name, network) in networks(train.matrix.rows(), 2, 32) {
            let Fitted { best, best_epoch, history, .. } =
                fit(&mut context, name, network, lab_training(EPOCHS, 1), &train, &held_out);
            // The start, and 20 epochs.
            assert_eq!(history.len(), 21);
            let ([_, start, _], [first, ..], [last, validation, accuracy]) = (history[0], history[1], history[EPOCHS]);
            assert!(last < first && validation < start && accuracy > 0.6, "{name}: {history:?}");
            let least = history.iter().fold(f64::INFINITY, |least, row| Real::min(least, row[1]));
            assert!(
                history[best_epoch][1] == least && Score::of(&best, &held_out).cost == least,
                "{name}: {history:?}"
            );
        }
    }

    #[test]
    fn in_equal_passes_batches_bring_gradient_descent_lower_than_all_examples() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let train = context.train.clone();
        let model = context.softmax(train.matrix.rows(), 1e-4);
        let (mut cost, start) = (model.cost(&train.matrix, &train.labels), vec![0.0; model.dimension()]);
        let [of_batches, of_all] = [BATCH, usize::MAX].map(|batch| {
            let settings = Training { batch, epochs: 10, ..Training::new(UpdateRule::GradientDescent, 1.0) };
            best_course(&mut context, "test", settings, &mut cost, &start).unwrap().1.costs
        });
        assert_eq!((of_batches.len(), of_all.len()), (10, 10));
        assert!(of_batches.iter().zip(&of_all).all(|(batches, all)| batches < all), "{of_batches:?} {of_all:?}");
    }

    #[test]
    fn the_parameters_of_the_layers_are_counted() {
        let [(_, alone), (_, deep)] = networks(784, 10, 512);
        assert_eq!(parameters(&alone), [7850]);
        assert_eq!(parameters(&deep), [401_920, 0, 262_656, 0, 5130]);
    }
}
