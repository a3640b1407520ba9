//! E.12: the noisy path of stochastic gradient descent, and schedules of the learning rate.
//!
//! **The path.** A line w·x + b is fitted to points by its squared errors: two parameters, so that the path of a
//! training can be drawn on the contours of its cost. The model is a network of one linear unit, and the training that
//! of [`training`](crate::optimize::training).
//!
//! **The noise at the end.** At the minimum the mean gradient is 0, but that of one example is not. So with the rate ε
//! the steps never stop: they wander around the minimum, at a distance that grows with ε. With one parameter, let J =
//! ½·a·θ², and let each gradient be a·θ + ν, where the noise ν has the mean 0 and the variance σ², and does not depend
//! on θ. After many steps the variance V of θ no longer changes:
//!
//! ```text
//! θ' = θ - ε·(a·θ + ν) = (1 - ε·a)·θ - ε·ν
//! V = (1 - ε·a)²·V + ε²·σ²                        variances of independent terms add up
//! ε²·σ² = V·(1 - (1 - ε·a)²) = V·ε·a·(2 - ε·a)
//! V = ε·σ²/(a·(2 - ε·a))                          about ε·σ²/(2a) for a small rate
//! ```
//!
//! So the distance √V grows with √ε, and with σ, which is smaller for a larger batch. A falling rate lets the steps
//! settle, but one that falls too fast stops them on the way.
//!
//! Source: source E, "Optimization".

use super::context::ExerciseContext;
use super::minibatches::{Problem, convolutional, course};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::convolution::MapShape;
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::number::{Random, Real};
use crate::optimize::{Batched, Lbfgs, Objective, Schedule, Training, UpdateRule};
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Marker, Series, Style};
use crate::picture::image::Rgb;
use crate::tutorial::error::TutorialError;
use crate::tutorial::optimizer_comparison::contours;
use crate::tutorial::report::Table;
use std::format;
use std::vec;
use std::vec::Vec;

/// The points that a line is fitted to, and the deviation of their noise.
const POINTS: usize = 100;
const NOISE: f64 = 0.5;

/// The slope and the offset that they were drawn with, and the start of each training.
const LINE: [f64; 2] = [2.0, -1.0];
const START: [f64; 2] = [-1.5, 1.5];

/// The passes over the points.
const PASSES: usize = 5;

/// A cost of batches, and the points at which it was evaluated.
struct Recorded<'o> {
    objective: &'o mut dyn Batched<f64>,
    path: Vec<[f64; 2]>,
}

impl Objective<f64> for Recorded<'_> {
    fn dimension(&self) -> usize {
        self.objective.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        self.objective.cost_and_gradient(theta, gradient)
    }
}

impl Batched<f64> for Recorded<'_> {
    fn examples(&self) -> usize {
        self.objective.examples()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[f64], gradient: &mut [f64]) -> f64 {
        self.path.push([theta[0], theta[1]]);
        self.objective.cost_and_gradient_on(columns, theta, gradient)
    }
}

/// The points of a line with noise: x, and y as columns.
fn points(seed: u64) -> [Matrix<f64>; 2] {
    let mut random = Random::new(seed);
    let x = Matrix::from_function(1, POINTS, |_, _| random.uniform(-1.0, 1.0));
    let y = Matrix::from_function(1, POINTS, |_, j| LINE[0] * x.row(0)[j] + LINE[1] + NOISE * random.normal::<f64>());
    [x, y]
}

/// A training on the points, and its path.
struct Trip {
    name: &'static str,
    batch: usize,
    path: Vec<[f64; 2]>,
}

impl Trip {
    /// The points before the steps of the last pass.
    fn last_pass(&self) -> &[[f64; 2]] {
        &self.path[self.path.len() - POINTS / self.batch..]
    }
}

/// The root mean square of the distances of points to another one.
fn distance(points: &[[f64; 2]], [w, b]: [f64; 2]) -> f64 {
    let squares = points.iter().fold(0.0, |sum, [x, y]| sum + (x - w) * (x - w) + (y - b) * (y - b));
    Element::sqrt(squares / points.len() as f64)
}

/// The trainings on the points, and what is drawn behind their paths.
struct Landscape {
    trips: Vec<Trip>,
    minimum: [f64; 2],
    axes: [Axis; 2],
    contours: Vec<(Rgb, Vec<[f64; 2]>)>,
}

fn landscape(seed: u64) -> Landscape {
    let unit = Layer::Dense { units: 1, activation: Activation::Linear };
    let network = Network::new(MapShape::vector(1), vec![unit]);
    let [x, y] = points(seed);
    let examples = InMemory::from_columns(&x);
    let mut cost = network.cost(&examples, Target::Values(&y));
    let compared = [
        ("all points, rate 1", POINTS, 1.0, Schedule::Constant),
        ("10 points, rate 0.5", 10, 0.5, Schedule::Constant),
        ("1 point, rate 0.3", 1, 0.3, Schedule::Constant),
        ("1 point, rate 0.3/(1 + 0.1·t)", 1, 0.3, Schedule::Inverse { decay: 0.1 }),
    ];
    let trips = compared.map(|(name, batch, rate, schedule)| {
        let mut recorded = Recorded { objective: &mut cost, path: Vec::new() };
        let rule = UpdateRule::GradientDescent;
        let settings =
            Training { schedule, batch, epochs: PASSES, patience: PASSES, seed, ..Training::new(rule, rate) };
        settings.run(&mut recorded, None, &mut START.to_vec(), |_, _| true);
        Trip { name, batch, path: recorded.path }
    });
    let mut minimum = START;
    Lbfgs::default().minimize(&mut cost, &mut minimum, |_| true);
    let error = |w: f64, b: f64| {
        (0..POINTS).fold(0.0, |sum, j| {
            let difference = w * x.row(0)[j] + b - y.row(0)[j];
            sum + 0.5 * difference * difference / POINTS as f64
        })
    };
    let least = error(minimum[0], minimum[1]);
    let axes = [[-2.0, 3.0], [-2.0, 2.0]].map(|[low, high]| Axis::new(low, high, Scale::Linear));
    let contours = contours(&axes, |w, b| error(w, b) - least);
    Landscape { trips: trips.into(), minimum, axes, contours }
}

/// The examples of a batch when schedules are compared; the passes, and the most examples.
const BATCH: usize = 16;
const EPOCHS: usize = 30;
const MOST: usize = 2000;

/// The first rate of all schedules but the low one, for softmax regression and for the network: so high that constant
/// steps jump back and forth, and not so high that a training diverges.
const RATES: [f64; 2] = [0.5, 0.1];

/// A name, and the training that it stands for.
struct Compared {
    name: &'static str,
    rate: f64,
    schedule: Schedule,
}

/// The schedules from a rate, for a training with this number of steps. The falling ones end at a hundredth of it or
/// less, except the inverse, which ends at a twentieth.
fn schedules(rate: f64, steps: usize) -> [Compared; 6] {
    let n = steps as f64;
    let row = |name, rate, schedule| Compared { name, rate, schedule };
    [
        row("constant, high", rate, Schedule::Constant),
        row("constant, low", rate / 50.0, Schedule::Constant),
        row("step decay", rate, Schedule::StepDecay { every: steps.div_ceil(5), factor: 0.316 }),
        row("exponential", rate, Schedule::Exponential { factor: Real::exp(Real::ln(0.01) / n) }),
        row("inverse", rate, Schedule::Inverse { decay: 19.0 / n }),
        row("cosine with warmup", rate, Schedule::Cosine { warmup: steps / 20, steps, last: 0.0 }),
    ]
}

/// E.12: the path of stochastic gradient descent, and schedules.
pub fn path_and_schedules(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let Landscape { trips, minimum, axes, contours } = landscape(context.settings.seed);
    let mut table = Table::new(&["batch size, learning rate", "steps", "distance after 1 step", "in the last epoch"]);
    for trip in &trips {
        let steps = trip.path.len();
        let [first, last] = [&trip.path[1..2], trip.last_pass()].map(|part| distance(part, minimum));
        table.cells(&[&trip.name, &steps, &format_args!("{first:.3}"), &format_args!("{last:.3}")]);
    }
    context.say(&format!(
        "A line w·x + b is fitted to {POINTS} points by gradient descent, {PASSES} epochs from the same start, with \
         batches of all points, of 10, and of one. The distance is that of (w, b) to the minimum, at the start {:.3}; \
         in the last epoch it is a root mean square. t counts the steps.\n",
        distance(&[START], minimum)
    ));
    context.table(&table);
    context.say(
        "What to see: gradient descent on all points takes one step per epoch, and is still on its way. Batches take \
         many steps per epoch, and arrive. But each step follows the gradient of its own points, which is not 0 at \
         the minimum, so the path wanders around it: farther with single points than with batches of 10, although the \
         rate of these is higher. A falling rate makes the wandering fade.\n",
    );
    let mut series: Vec<Series> = Vec::new();
    for Trip { name, path, .. } in trips {
        series.push(Series { name: name.into(), points: path, style: Style::Line });
    }
    for (name, point, marker) in [("start", START, Marker::Square), ("minimum", minimum, Marker::Star)] {
        series.push(Series { name: name.into(), points: vec![point], style: Style::Mark(marker) });
    }
    let chart = Chart::new("paths of gradient descent on batches", ["w", "b"], [Scale::Linear; 2], series);
    let chart = Chart { axes, background: contours, area: [480.0, 400.0], ..chart };
    let caption = "Gray lines are contours of the cost. With a constant rate, batches wander around the minimum, the \
                   farther the smaller they are; with a falling rate, they settle.";
    context.put_chart("paths of gradient descent on batches", "E.12-path.svg", caption, chart);

    let few = context.train.first(MOST);
    let epochs = if context.quick { EPOCHS / 3 } else { EPOCHS };
    let regression = context.softmax(few.matrix.rows(), 1e-3);
    let network = convolutional(context, few.matrix.rows());
    let images = InMemory::from_columns(&few.matrix);
    let zero = vec![0.0; regression.dimension()];
    let drawn = network.draw(&mut Random::new(context.settings.seed));
    let mut costs = (regression.cost(&few.matrix, &few.labels), network.cost(&images, Target::Labels(&few.labels)));
    let problems: [Problem; 2] =
        [("softmax regression", &mut costs.0, zero), ("convolutional network", &mut costs.1, drawn)];
    context.say(&format!(
        "Schedules of the learning rate: {epochs} epochs of gradient descent with batches of {BATCH}, on {} training \
         examples. With rate ε, and n steps in all, step t has the rate ε (constant), ε·0.316^⌊5t/n⌋ (step decay), \
         ε·0.01^(t/n) (exponential), ε/(1 + 19·t/n) (inverse), or half a wave of a cosine from ε down to 0, after a \
         warmup: a twentieth of the steps from 0 up to ε. Only the low constant rate has a lower ε. The costs are \
         those of all examples.\n",
        few.count()
    ));
    let pictures = ["E.12-softmax.svg", "E.12-network.svg"];
    for (((name, objective, start), rate), picture) in problems.into_iter().zip(RATES).zip(pictures) {
        let early = epochs / 5;
        let headings = [name, "ε", "last rate", "1 epoch", &format!("{early} epochs"), &format!("{epochs} epochs")];
        let (mut table, mut curves) = (Table::new(&headings), Vec::new());
        let steps = epochs * few.count().div_ceil(BATCH);
        for Compared { name, rate, schedule } in schedules(rate, steps) {
            let settings = Training {
                schedule,
                batch: BATCH,
                epochs,
                seed: context.settings.seed,
                ..Training::new(UpdateRule::GradientDescent, rate)
            };
            let course = course(context, name, settings, objective, &start);
            let last = rate * schedule.at(steps - 1);
            let [first, before, after] = [1, early, epochs].map(|pass| course.cost(pass));
            table.cells(&[&name, &rate, &format_args!("{last:.4}"), &first, &before, &after]);
            curves.push(course.curve(name));
        }
        context.table(&table);
        let axes = ["epochs", "cost"];
        let chart = Chart::new(&format!("{name}: schedules"), axes, [Scale::Linear, Scale::Logarithmic], curves);
        let caption =
            "A curve that jumps has a rate too high to settle; one that falls slowly and evenly, one too low.";
        context.put_chart(&format!("{name}: schedules of the rate"), picture, caption, chart);
    }
    context.say(
        "What to see: on softmax regression, the high constant rate is ahead of the low one only at first: then its \
         cost jumps up and down and stays high. The low constant rate has no such noise, but is late. Falling rates \
         combine the advantages of both: in the end all have about the same cost, below both constant rates. On the \
         network the schedule matters more: of the falling rates, the cosine, which stays high for long, ends with \
         the lowest cost, and the inverse, which falls early, with the highest.",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_arrive_earlier_and_wander_the_more_the_smaller_they_are() {
        for seed in 1..4 {
            let Landscape { trips, minimum, .. } = landscape(seed);
            // The line that the points were drawn around, but for their noise.
            assert!(distance(&[minimum], LINE) < 0.4, "{minimum:?}");
            let last: Vec<f64> = trips.iter().map(|trip| distance(trip.last_pass(), minimum)).collect();
            let steps: Vec<usize> = trips.iter().map(|trip| trip.path.len()).collect();
            assert_eq!(steps, [PASSES, 10 * PASSES, 100 * PASSES, 100 * PASSES]);
            assert!(last[1] < last[0] && last[1] < last[2] && last[3] < last[2], "{last:?}");
        }
    }

    #[test]
    fn schedules_start_high_and_fall() {
        for Compared { name, rate, schedule } in &schedules(0.5, 1000)[2..] {
            let [first, last] = [50, 999].map(|t| rate * schedule.at(t));
            assert!(first > 0.2 && last < 0.0251, "{name}: {first} {last}");
        }
    }
}
