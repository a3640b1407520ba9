//! The cost of a network and its gradient.
//!
//! With a softmax layer at the end, the classes y of the examples are to be told; without, the examples themselves (an autoencoder):
//!
//! J = (1/m)·Σ_x J_x + (λ/2)·Σ_l |W_l|²,  J_x = -ln p_y  or  J_x = ½·|a_L - x|².
//!
//! Examples go through all layers a few at a time ([`pass`](self)): each few are a whole of their own, with its sum of costs and its gradient, and
//! these are added in ascending order. How many they are depends on the network's shape alone, so neither threads nor batches
//! change a bit of what they share. What dropout leaves out is drawn from the seed, the number of the evaluation on a batch, and the
//! example's number.

use super::examples::Examples;
use super::pass::Pass;
use super::shape::{NetworkSettings, Stage};
use crate::machine::threads;
use crate::matrix::Matrix;
use crate::model::parameters::Block;
use crate::model::softmax::{Likelihood, log_softmax};
use crate::number::Real;
use crate::number::sum::{sum, sum_of_squares};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Batched, Objective};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Numbers that a layer may give for the examples that go through the layers together, if that are not too few or too many.
const TOGETHER: usize = 1 << 18;

/// The cost of a network on given examples.
pub struct Network<'x, T> {
    settings: &'x NetworkSettings,
    stages: Vec<Stage>,
    weights: Vec<Block>,
    dimension: usize,
    few: usize,
    examples: &'x dyn Examples<T>,
    classes: Option<&'x [usize]>,
    workers: Vec<Worker<T>>,
    parts: Vec<Part<T>>,
    /// The seed of what is drawn.
    pub seed: u64,
    /// The number of the next draw; an evaluation on a batch counts it up.
    pub draw: u64,
}

#[derive(Clone)]
struct Worker<T> {
    pass: Pass<T>,
    likelihood: Likelihood<T>,
    classes: Vec<usize>,
}

/// The sum of the costs of a few examples, and of their gradients.
#[derive(Clone, Default)]
struct Part<T> {
    cost: T,
    gradient: Vec<T>,
}

impl NetworkSettings {
    /// How many examples go through the layers together.
    fn few(&self) -> usize {
        let most = self.stages().iter().map(|stage| stage.output.numbers()).max().unwrap_or(1);
        (TOGETHER / most.max(1)).clamp(4, 32)
    }

    /// What layer `layers`, counted from 1, gives for each example, in the order channel, row, column: numbers x examples. Nothing is dropped.
    ///
    /// # Panics
    /// If there is no such layer, or `theta` has not [`dimension`](Self::dimension) numbers.
    pub fn outputs<T: Real>(&self, theta: &[T], examples: &dyn Examples<T>, layers: usize) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let stages = &self.stages()[..layers];
        let (count, few, shape) = (examples.count(), self.few(), self.shape(layers));
        let mut outputs = Matrix::zeros(shape.numbers(), count);
        let mut workers = vec![Pass::new(layers); threads::count().min(count.div_ceil(few)).max(1)];
        let mut rest = Some(outputs.rectangle());
        let pieces = (0..count).step_by(few).map_while(|from| {
            let (piece, others) = rest.take()?.split_columns(few.min(count - from));
            rest = Some(others);
            Some((from..from + piece.columns(), piece))
        });
        threads::share(&mut workers, pieces, |pass, (range, mut piece)| {
            pass.show(self.input, examples, 0, range.clone());
            pass.forward(stages, theta, None, &|at| at);
            let a = pass.a.last().unwrap_or(&pass.x);
            for i in 0..shape.numbers() {
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
}

impl<'x, T: Real> Network<'x, T> {
    /// The cost on examples, whose classes are counted from 0; without classes the examples are to be told.
    ///
    /// # Panics
    /// If there is no example, classes are given and the last layer is not softmax or the reverse, there is not one in range for each
    /// example, or an autoencoder gives another shape than it gets.
    pub fn new(settings: &'x NetworkSettings, examples: &'x dyn Examples<T>, classes: Option<&'x [usize]>) -> Self {
        assert!(examples.count() > 0, "a network needs an example");
        assert_eq!(classes.is_some(), settings.classes().is_some(), "classes, and a softmax layer to tell them");
        match (classes, settings.classes()) {
            (Some(classes), Some(count)) => {
                assert_eq!(classes.len(), examples.count(), "classes of examples");
                assert!(classes.iter().all(|&y| y < count), "a class beyond the {count}");
            }
            _ => assert_eq!(settings.shape(settings.layers.len()), settings.input, "what an autoencoder gives"),
        }
        let stages = settings.stages();
        Network {
            settings,
            weights: stages.iter().filter_map(|stage| stage.parameters.as_ref()).map(|[w, _]| w.clone()).collect(),
            stages,
            dimension: settings.dimension(),
            few: settings.few(),
            examples,
            classes,
            workers: Vec::new(),
            parts: Vec::new(),
            seed: 0,
            draw: 0,
        }
    }

    /// Which side of its kink each rectified unit and each maximum was on, for the examples that went through last.
    pub(in crate::model) fn sides(&self) -> Vec<u32> {
        self.workers.first().map_or(Vec::new(), |worker| worker.pass.sides(&self.stages))
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
        let few = self.few;
        // Two parts for each worker, so that one that is late does not keep the others waiting long.
        let workers = threads::count().min(count.div_ceil(few));
        let (layers, dimension) = (self.stages.len(), self.dimension);
        let worker = || Worker { pass: Pass::new(layers), likelihood: Likelihood::default(), classes: Vec::new() };
        if self.workers.len() < workers {
            self.workers.resize_with(workers, worker);
        }
        let parts = (2 * workers).min(count.div_ceil(few));
        if self.parts.len() < parts {
            self.parts.resize_with(parts, || Part { cost: T::ZERO, gradient: vec![T::ZERO; dimension] });
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
            let job = |worker: &mut Worker<T>, (part, range): (&mut Part<T>, Range<usize>)| {
                part.cost = self.few_examples(worker, range, which, theta, &mut part.gradient);
            };
            threads::share(&mut spaces[..workers.min(done)], items, job);
            for part in &parts[..done] {
                cost += part.cost;
                gradient.iter_mut().zip(&part.gradient).for_each(|(sum, &g)| *sum += g);
            }
        }
        (self.workers, self.parts) = (spaces, parts);

        let m = T::from_usize(count);
        gradient.iter_mut().for_each(|g| *g /= m);
        cost /= m;
        if self.settings.weight_decay != 0.0 {
            let lambda = T::from_f64(self.settings.weight_decay);
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
        Worker { pass, likelihood, classes }: &mut Worker<T>,
        range: Range<usize>,
        which: &dyn Fn(usize) -> usize,
        theta: &[T],
        gradient: &mut [T],
    ) -> T {
        let chosen = |at: usize| which(range.start + at);
        pass.show(self.settings.input, self.examples, self.draw, range.clone().map(which));
        pass.forward(&self.stages, theta, Some((self.seed, self.draw)), &chosen);
        let output = pass.a.last().unwrap_or(&pass.x);
        pass.delta.reshape(output.rows(), output.columns());
        pass.delta.numbers_mut().copy_from_slice(output.numbers());
        let cost = match self.classes {
            Some(all) => {
                classes.clear();
                classes.extend(range.map(|at| all[which(at)]));
                likelihood.of(&mut pass.delta, classes);
                sum(&likelihood.costs)
            }
            None => {
                pass.delta.numbers_mut().iter_mut().zip(pass.x.numbers()).for_each(|(d, &x)| *d -= x);
                T::HALF * sum_of_squares(pass.delta.numbers())
            }
        };
        pass.backward(&self.stages, theta, Some(gradient), false, true);
        cost
    }
}

impl<T: Real> Objective<T> for Network<'_, T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        self.evaluate(self.examples.count(), &|i| i, theta, gradient)
    }
}

impl<T: Real> Batched<T> for Network<'_, T> {
    fn examples(&self) -> usize {
        self.examples.count()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        let cost = self.evaluate(columns.len(), &|i| columns[i], theta, gradient);
        self.draw += 1;
        cost
    }
}
