//! The cost of a network and its gradient.
//!
//! With a softmax layer at the end, the classes y of the examples are to be told; without, the examples themselves (an
//! autoencoder):
//!
//! J = (1/m)·Σ_x J_x + (λ/2)·Σ_l |W_l|²,  J_x = -ln p_y  or  J_x = ½·|a_L - x|².
//!
//! Examples go through all layers a few at a time (`pass`): each few are a whole of their own, with its sum of costs
//! and its gradient, and these are added in ascending order. How many they are depends on the network's shape alone, so
//! neither threads nor batches change a bit of what they share. What dropout leaves out is drawn from the seed, the
//! number of the evaluation on a batch, and the example's number.

use super::examples::Examples;
use super::pass::Pass;
use super::shape::{Network, Stage};
use crate::machine::threads;
use crate::matrix::Matrix;
use crate::model::parameters::Block;
use crate::model::softmax::{NegativeLogLikelihood, log_softmax, most_likely};
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Batched, Objective};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Numbers that a layer may give for the examples that go through the layers together, if that are not too few or too many.
const MICROBATCH: usize = 1 << 18;

/// The cost of a network on given examples.
pub struct NetworkCost<'x, T> {
    network: &'x Network,
    stages: Vec<Stage>,
    weights: Vec<Block>,
    dimension: usize,
    microbatch: usize,
    most_workers: usize,
    examples: &'x dyn Examples<T>,
    target: Target<'x>,
    workers: Vec<Worker<T>>,
    parts: Vec<Microbatch<T>>,
    seed: u64,
    draw: u64,
}

/// What the output is compared with.
#[derive(Clone, Copy)]
enum Target<'x> {
    Labels(&'x [usize]),
    Input,
}

#[derive(Clone)]
struct Worker<T> {
    pass: Pass<T>,
    likelihood: NegativeLogLikelihood<T>,
    labels: Vec<usize>,
}

/// The sum of the costs of a few examples, and of their gradients.
#[derive(Clone, Default)]
struct Microbatch<T> {
    cost: T,
    gradient: Vec<T>,
}

impl Network {
    /// How many examples go through the layers together.
    fn microbatch(&self) -> usize {
        let most = self.stages().iter().map(|stage| stage.output.elements()).max().unwrap_or(1);
        (MICROBATCH / most.max(1)).clamp(4, 32)
    }

    /// What layer `layers`, counted from 1, gives for each example, in the order channel, row, column: numbers x
    /// examples. Nothing is dropped.
    ///
    /// # Panics
    /// If there is no such layer, or `theta` has not [`dimension`](Self::dimension) numbers.
    pub fn outputs<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>, layers: usize) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let stages = &self.stages()[..layers];
        let (count, few, shape) = (examples.count(), self.microbatch(), self.shape(layers));
        let mut outputs = Matrix::zeros(shape.elements(), count);
        let mut workers = vec![Pass::new(layers); threads::count().min(count.div_ceil(few)).max(1)];
        let mut rest = Some(outputs.view_mut());
        let pieces = (0..count).step_by(few).map_while(|from| {
            let (piece, others) = rest.take()?.split_columns(few.min(count - from));
            rest = Some(others);
            Some((from..from + piece.columns(), piece))
        });
        threads::for_each(&mut workers, pieces, |pass, (range, mut piece)| {
            pass.load(self.input, examples, 0, range.clone());
            pass.forward(stages, theta, None, &|at| at);
            let a = pass.a.last().unwrap_or(&pass.x);
            for i in 0..shape.elements() {
                let (c, place) = (i / shape.plane(), i % shape.plane());
                let places = a.row(c)[place..].iter().step_by(shape.plane());
                piece.row(i).iter_mut().zip(places).for_each(|(to, &a)| *to = a);
            }
        });
        outputs
    }

    /// ln p_k for each class of each example: classes x examples.
    ///
    /// # Panics
    /// As [`outputs`](Self::outputs), or if the last layer tells no classes.
    pub fn log_probabilities<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>) -> Matrix<T> {
        assert!(self.classes().is_some(), "a network without a softmax layer");
        log_softmax(self.outputs(theta, examples, self.layers.len()))
    }

    /// The most likely class of each example.
    ///
    /// # Panics
    /// As [`log_probabilities`](Self::log_probabilities).
    pub fn predict<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>) -> Vec<usize> {
        most_likely(&self.log_probabilities(theta, examples))
    }
}

impl<'x, T: Real> NetworkCost<'x, T> {
    /// The cost of a network that ends in a softmax layer: the labels are counted from 0.
    ///
    /// # Panics
    /// If there is no example, the last layer is not softmax, or there is not one label in range for each example.
    pub fn classification(network: &'x Network, examples: &'x dyn Examples<T>, labels: &'x [usize]) -> Self {
        let Some(classes) = network.classes() else { panic!("a classifier without a softmax layer") };
        assert_eq!(labels.len(), examples.count(), "labels of examples");
        assert!(labels.iter().all(|&y| y < classes), "a label beyond the {classes} classes");
        Self::new(network, examples, Target::Labels(labels))
    }

    /// The cost of an autoencoder: the target is the example itself.
    ///
    /// # Panics
    /// If there is no example, the last layer is softmax, or the output has another shape than the input.
    pub fn reconstruction(network: &'x Network, examples: &'x dyn Examples<T>) -> Self {
        assert_eq!(network.classes(), None, "an autoencoder has no softmax layer");
        assert_eq!(network.shape(network.layers.len()), network.input, "an autoencoder's output and input");
        Self::new(network, examples, Target::Input)
    }

    fn new(network: &'x Network, examples: &'x dyn Examples<T>, target: Target<'x>) -> Self {
        assert!(examples.count() > 0, "a network needs an example");
        let stages = network.stages();
        NetworkCost {
            network,
            weights: stages.iter().filter_map(|stage| stage.parameters.as_ref()).map(|[w, _]| w.clone()).collect(),
            stages,
            dimension: network.dimension(),
            microbatch: network.microbatch(),
            most_workers: threads::count(),
            examples,
            target,
            workers: Vec::new(),
            parts: Vec::new(),
            seed: 0,
            draw: 0,
        }
    }

    /// The same cost with dropout masks from this seed; without, the seed is 0.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same cost with the draws of examples and masks counted from `draw`; without, from 0. Networks of an ensemble start
    /// at different draws to train on different augmentations of the same examples.
    #[must_use]
    pub fn with_first_draw(mut self, draw: u64) -> Self {
        self.draw = draw;
        self
    }

    /// Which side of its kink each rectified unit and each maximum was on, for the examples that went through last.
    pub(in crate::model) fn branches(&self) -> Vec<u32> {
        self.workers.first().map_or(Vec::new(), |worker| worker.pass.branches(&self.stages))
    }

    /// The cost and its gradient on examples `which` names, from 0 to `count` - 1.
    fn evaluate(
        &mut self,
        count: usize,
        which: &(dyn Fn(usize) -> usize + Sync),
        theta: &[T],
        gradient: &mut [T],
    ) -> T {
        check_lengths(self.dimension, theta, gradient);
        assert!(count > 0, "a batch of no examples");
        let few = self.microbatch;
        // Two parts for each worker, so that one that is late does not keep the others waiting long.
        let workers = self.most_workers.min(count.div_ceil(few));
        let (layers, dimension) = (self.stages.len(), self.dimension);
        let worker =
            || Worker { pass: Pass::new(layers), likelihood: NegativeLogLikelihood::default(), labels: Vec::new() };
        if self.workers.len() < workers {
            self.workers.resize_with(workers, worker);
        }
        let parts = (2 * workers).min(count.div_ceil(few));
        if self.parts.len() < parts {
            self.parts.resize_with(parts, || Microbatch { cost: T::ZERO, gradient: vec![T::ZERO; dimension] });
        }
        let mut cost = T::ZERO;
        gradient.fill(T::ZERO);
        let (mut spaces, mut parts) = (core::mem::take(&mut self.workers), core::mem::take(&mut self.parts));
        for from in (0..count).step_by(parts.len() * few) {
            let items = parts
                .iter_mut()
                .zip((from..count).step_by(few))
                .map(|(part, from)| (part, from..count.min(from + few)));
            let done = items.len();
            let job = |worker: &mut Worker<T>, (part, range): (&mut Microbatch<T>, Range<usize>)| {
                part.cost = self.few_examples(worker, range, which, theta, &mut part.gradient);
            };
            threads::for_each(&mut spaces[..workers.min(done)], items, job);
            for part in &parts[..done] {
                cost += part.cost;
                gradient.iter_mut().zip(&part.gradient).for_each(|(sum, &g)| *sum += g);
            }
        }
        (self.workers, self.parts) = (spaces, parts);

        let m = T::from_usize(count);
        gradient.iter_mut().for_each(|g| *g /= m);
        cost /= m;
        if self.network.weight_decay != 0.0 {
            let lambda = T::from_f64(self.network.weight_decay);
            for w in &self.weights {
                let w = w.range.clone();
                cost += T::HALF * lambda * sum_of_squares(&theta[w.clone()]);
                gradient[w.clone()].iter_mut().zip(&theta[w]).for_each(|(g, &w)| *g += lambda * w);
            }
        }
        cost
    }

    /// The sum of the costs of a few examples; writes that of their gradients over `gradient`.
    fn few_examples(
        &self,
        Worker { pass, likelihood, labels }: &mut Worker<T>,
        range: Range<usize>,
        which: &dyn Fn(usize) -> usize,
        theta: &[T],
        gradient: &mut [T],
    ) -> T {
        let chosen = |at: usize| which(range.start + at);
        pass.load(self.network.input, self.examples, self.draw, range.clone().map(which));
        pass.forward(&self.stages, theta, Some((self.seed, self.draw)), &chosen);
        let output = pass.a.last().unwrap_or(&pass.x);
        pass.delta.reshape(output.rows(), output.columns());
        pass.delta.elements_mut().copy_from_slice(output.elements());
        let cost = match self.target {
            Target::Labels(all) => {
                labels.clear();
                labels.extend(range.map(|at| all[which(at)]));
                likelihood.of(&mut pass.delta, labels);
                sum(&likelihood.costs)
            }
            Target::Input => {
                pass.delta.elements_mut().iter_mut().zip(pass.x.elements()).for_each(|(d, &x)| *d -= x);
                T::HALF * sum_of_squares(pass.delta.elements())
            }
        };
        pass.backward(&self.stages, theta, Some(gradient), false, true);
        cost
    }
}

impl<T: Real> Objective<T> for NetworkCost<'_, T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        self.evaluate(self.examples.count(), &|i| i, theta, gradient)
    }
}

impl<T: Real> Batched<T> for NetworkCost<'_, T> {
    fn examples(&self) -> usize {
        self.examples.count()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        let cost = self.evaluate(columns.len(), &|i| columns[i], theta, gradient);
        self.draw = self.draw.wrapping_add(1);
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::InMemory;
    use super::super::shape::Layer;
    use super::*;
    use crate::model::convolution::pooling::Regions;
    use crate::model::convolution::{MapShape, PoolingMode};
    use crate::model::{Activation, Stacked};
    use crate::number::Random;
    use crate::optimize::training::Training;
    use crate::optimize::{UpdateRule, training};

    fn draw(seed: u64, rows: usize, columns: usize) -> Matrix<f64> {
        let mut random = Random::new(seed);
        Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0))
    }

    fn settings() -> Network {
        Network {
            input: MapShape { channels: 2, rows: 6, columns: 5 },
            layers: vec![
                Layer::same_convolution(3, [3, 3], Activation::Rectified),
                Layer::Pooling { mode: PoolingMode::Max, regions: [Regions::by(2), Regions::Adaptive(2)] },
                Layer::Dropout { rate: 0.25 },
                Layer::Softmax { classes: 3 },
            ],
            weight_decay: 0.01,
        }
    }

    #[test]
    fn a_cost_by_hand() {
        // x = (1, 2, -1), one filter (1, 1), rectified: (3, 1). The largest is 3. W = (ln 2 / 3, 0): z = (ln 2, 0),
        // p = (⅔, ⅓).
        let input = MapShape { channels: 1, rows: 1, columns: 3 };
        let layers = vec![
            Layer::convolution(1, [1, 2], Activation::Rectified),
            Layer::pooling(PoolingMode::Max, [1, 2]),
            Layer::Softmax { classes: 2 },
        ];
        let settings = Network { input, layers, weight_decay: 0.0 };
        let fixed = InMemory::from_rows(Matrix::from_rows(1, 3, vec![1.0, 2.0, -1.0]));
        let ln2 = core::f64::consts::LN_2;
        let theta = [1.0, 1.0, 0.0, ln2 / 3.0, 0.0, 0.0, 0.0];
        let mut gradient = [f64::NAN; 7];
        let cost = NetworkCost::classification(&settings, &fixed, &[1]).cost_and_gradient(&theta, &mut gradient);
        assert!((cost - 1.0986122886681098).abs() < 1e-15, "{cost}");
        // P - M = (⅔, -⅔); δ of the pooled number = ln 2 / 3·⅔, which goes to the first place, whose patch is (1, 2).
        let delta = ln2 / 3.0 * 2.0 / 3.0;
        for (g, expected) in gradient.iter().zip([delta, 2.0 * delta, delta, 2.0, -2.0, 2.0 / 3.0, -2.0 / 3.0]) {
            assert!((g - expected).abs() < 1e-15, "{gradient:?}");
        }
    }

    #[test]
    fn dense_layers_are_the_stacked_network() {
        let stacked = Stacked { visible: 12, layers: vec![5, 4], classes: 3, bias: true, weight_decay: 0.0 };
        let dense = |units| Layer::Dense { units, activation: Activation::Sigmoid };
        let settings = Network {
            input: MapShape { channels: 3, rows: 2, columns: 2 },
            layers: vec![dense(5), dense(4), Layer::Softmax { classes: 3 }],
            weight_decay: 0.0,
        };
        assert_eq!(settings.blocks()[..4], stacked.blocks()[..4]);
        let (x, theta) = (draw(1, 12, 50), draw(2, 1, settings.dimension()));
        let classes: Vec<usize> = (0..50).map(|i| i % 3).collect();
        let (mut g, mut expected) = (vec![0.0; theta.columns()], vec![0.0; theta.columns()]);
        let fixed = InMemory::from_columns(&x);
        let cost = NetworkCost::classification(&settings, &fixed, &classes).cost_and_gradient(theta.elements(), &mut g);
        let same = stacked.cost(&x, &classes).cost_and_gradient(theta.elements(), &mut expected);
        assert!((cost - same).abs() < 1e-15, "{cost} {same}");
        for (g, e) in g.iter().zip(&expected) {
            assert!((g - e).abs() < 1e-15, "{g} {e}");
        }
        // Forward, no sum is cut: the same bits.
        let (p, q) =
            (settings.log_probabilities(theta.elements(), &fixed), stacked.log_probabilities(theta.elements(), &x));
        assert_eq!(p, q);
    }

    #[test]
    fn a_batch_of_all_is_the_whole_and_its_order_matters_little() {
        let settings = Network { layers: [&settings().layers[..2], &settings().layers[3..]].concat(), ..settings() };
        let (fixed, theta) = (InMemory::from_columns(&draw(3, 60, 100)), draw(4, 1, settings.dimension()));
        let classes: Vec<usize> = (0..100).map(|i| i * i % 3).collect();
        let mut network = NetworkCost::classification(&settings, &fixed, &classes);
        let mut evaluate = |columns: Option<&[usize]>| {
            let mut gradient = vec![f64::NAN; theta.columns() + 1];
            let (g, cost) = gradient.split_at_mut(theta.columns());
            cost[0] = match columns {
                Some(columns) => network.cost_and_gradient_on(columns, theta.elements(), g),
                None => network.cost_and_gradient(theta.elements(), g),
            };
            gradient
        };
        let whole = evaluate(None);
        let forward: Vec<usize> = (0..100).collect();
        let backward: Vec<usize> = (0..100).rev().collect();
        assert_eq!(evaluate(Some(&forward)), whole);
        for (g, e) in evaluate(Some(&backward)).iter().zip(&whole) {
            assert!((g - e).abs() < 1e-14, "{g} {e}");
        }
    }

    #[test]
    fn what_is_dropped_depends_on_seed_draw_and_example_alone() {
        let settings = settings();
        let (fixed, theta) = (InMemory::from_columns(&draw(5, 60, 40)), draw(6, 1, settings.dimension()));
        let classes = vec![1; 40];
        let cost = |seed, draw, columns: &[usize]| {
            let network = NetworkCost::classification(&settings, &fixed, &classes);
            let mut network = network.with_seed(seed).with_first_draw(draw);
            network.cost_and_gradient_on(columns, theta.elements(), &mut vec![0.0; theta.columns()])
        };
        let usual = cost(1, 1, &[7, 8, 9]);
        assert_eq!(cost(1, 1, &[7, 8, 9]), usual);
        assert!([cost(2, 1, &[7, 8, 9]), cost(1, 2, &[7, 8, 9])].iter().all(|&other| other != usual));
        // Alone or among others, an example loses the same numbers.
        let mean = (cost(1, 1, &[7]) + cost(1, 1, &[8]) + cost(1, 1, &[9])) / 3.0;
        assert!((usual - mean).abs() < 1e-14, "{usual} {mean}");
    }

    #[test]
    fn the_share_that_is_dropped_is_the_one_asked_for() {
        let settings = Network {
            input: MapShape { channels: 1, rows: 50, columns: 50 },
            layers: vec![Layer::Dropout { rate: 0.3 }],
            weight_decay: 0.0,
        };
        // With x = 1, J = ½·(0.3·1² + 0.7·(1/0.7 - 1)²) for each number: that of an autoencoder which drops and does
        // nothing else.
        let fixed = InMemory::from_rows(Matrix::from_function(8, 2500, |_, _| 1.0));
        let mut network = NetworkCost::reconstruction(&settings, &fixed);
        let cost: f64 = network.cost_and_gradient(&[], &mut []) / 2500.0;
        assert!((cost - 0.5 * (0.3 + 0.7 * (1.0 / 0.7 - 1.0f64).powi(2))).abs() < 3e-3, "{cost}");
    }

    #[test]
    fn it_learns_where_a_stripe_is_horizontal() {
        // 1 x 8 x 8: a horizontal or a vertical stripe anywhere, in noise; a dense layer alone has as many numbers of
        // each kind at each place.
        let mut random = Random::new(7);
        let mut shown = |count: usize| {
            let classes: Vec<usize> = (0..count).map(|i| i % 2).collect();
            let places: Vec<usize> = (0..count).map(|_| random.index(8)).collect();
            let rows = Matrix::from_function(count, 64, |i, at| {
                let along = if classes[i] == 0 { at / 8 } else { at % 8 };
                random.uniform::<f64>(-0.3, 0.3) + if along == places[i] { 1.0 } else { 0.0 }
            });
            (InMemory::from_rows(rows), classes)
        };
        let ((x, y), (unseen, truth)) = (shown(200), shown(200));
        let settings = Network {
            input: MapShape { channels: 1, rows: 8, columns: 8 },
            layers: vec![
                Layer::convolution(4, [3, 3], Activation::Rectified),
                Layer::Pooling { mode: PoolingMode::Mean, regions: [Regions::Adaptive(1), Regions::Adaptive(1)] },
                Layer::Softmax { classes: 2 },
            ],
            weight_decay: 1e-4,
        };
        let mut theta: Vec<f64> = settings.draw(&mut Random::new(8));
        let training = Training { batch: 20, epochs: 30, ..Training::new(UpdateRule::ADAM, 0.02) };
        let trained: training::TrainingOutcome<f64> =
            training.run(&mut NetworkCost::classification(&settings, &x, &y), None, &mut theta, |_| true);
        assert!(trained.best.cost < 0.2, "{trained:?}");
        let answers = crate::model::softmax::most_likely(&settings.log_probabilities(&theta, &unseen));
        let right = answers.iter().zip(&truth).filter(|(a, y)| a == y).count();
        assert!(right >= 190, "{right} of 200");
    }

    #[test]
    fn the_number_of_workers_does_not_matter() {
        let settings = settings();
        let (fixed, theta) = (InMemory::from_columns(&draw(9, 60, 150)), draw(10, 1, settings.dimension()));
        let classes: Vec<usize> = (0..150).map(|i| i % 3).collect();
        let mut results = Vec::new();
        for workers in [1, 2, 3, 5] {
            // In this network's own hands: the tests beside this one share the machine's number.
            let mut network = NetworkCost::classification(&settings, &fixed, &classes);
            network.most_workers = workers;
            let mut gradient = vec![f64::NAN; theta.columns()];
            let cost = network.cost_and_gradient(theta.elements(), &mut gradient);
            results.push((cost, gradient));
        }
        assert!(results.iter().all(|result| *result == results[0]));
    }
}
