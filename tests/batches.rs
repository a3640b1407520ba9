//! Mini-batches: the cost and gradient of some columns are those of an objective made from these columns alone, bit for
//! bit, and a step of training allocates nothing.

#[path = "common/tolerances.rs"]
mod tolerances;

use ossicle::machine::threads;
use ossicle::matrix::Matrix;
use ossicle::model::{Activation, Autoencoder, Softmax};
use ossicle::number::Random;
use ossicle::optimize::{Batched, FirstOrder, Objective, Training, UpdateRule};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts the calls of each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const AUTOENCODER: Autoencoder = Autoencoder {
    decoder: Activation::Linear,
    weight_decay: 3e-3,
    sparsity: 0.1,
    sparsity_weight: 3.0,
    ..Autoencoder::new(5, 3)
};
const SOFTMAX: Softmax = Softmax { features: 5, classes: 4, bias: true, weight_decay: 0.01 };

/// More examples than a strip of the product has columns.
const EXAMPLES: usize = 700;

fn examples() -> (Matrix<f64>, Vec<usize>) {
    let mut random = Random::new(1);
    let x = Matrix::from_function(5, EXAMPLES, |_, _| random.uniform(0.1, 0.9));
    (x, (0..EXAMPLES).map(|i| i * i % 7 % 4).collect())
}

fn draw(dimension: usize) -> Vec<f64> {
    let mut random = Random::new(2);
    (0..dimension).map(|_| random.uniform(-1.0, 1.0)).collect()
}

/// Batches that grow, shrink, repeat an example, and contain all examples.
fn batches() -> [Vec<usize>; 5] {
    let all: Vec<usize> = (0..EXAMPLES).collect();
    [vec![3], vec![600, 2, 9, 9, 0], all[50..].to_vec(), vec![1, 699], all]
}

fn evaluate(f: impl FnOnce(&mut [f64]) -> f64, dimension: usize) -> (f64, Vec<f64>) {
    let mut gradient = vec![f64::NAN; dimension];
    (f(&mut gradient), gradient)
}

#[test]
fn the_cost_of_a_batch_is_that_of_its_columns_alone() {
    let (x, labels) = examples();
    let theta = draw(AUTOENCODER.dimension());
    let mut all = AUTOENCODER.cost(&x);
    for columns in batches() {
        let alone = x.select_columns(&columns);
        let expected = evaluate(|g| AUTOENCODER.cost(&alone).cost_and_gradient(&theta, g), theta.len());
        assert_eq!(evaluate(|g| all.cost_and_gradient_on(&columns, &theta, g), theta.len()), expected);
    }
    let whole = evaluate(|g| AUTOENCODER.cost(&x).cost_and_gradient(&theta, g), theta.len());
    all.cost_and_gradient_on(&[1], &theta, &mut vec![0.0; theta.len()]);
    assert_eq!(evaluate(|g| all.cost_and_gradient(&theta, g), theta.len()), whole);

    let theta = draw(SOFTMAX.dimension());
    let mut all = SOFTMAX.cost(&x, &labels);
    for columns in batches() {
        let (alone, of) = (x.select_columns(&columns), columns.iter().map(|&j| labels[j]).collect::<Vec<_>>());
        let expected = evaluate(|g| SOFTMAX.cost(&alone, &of).cost_and_gradient(&theta, g), theta.len());
        assert_eq!(evaluate(|g| all.cost_and_gradient_on(&columns, &theta, g), theta.len()), expected);
    }
    let whole = evaluate(|g| SOFTMAX.cost(&x, &labels).cost_and_gradient(&theta, g), theta.len());
    all.cost_and_gradient_on(&[1], &theta, &mut vec![0.0; theta.len()]);
    assert_eq!(evaluate(|g| all.cost_and_gradient(&theta, g), theta.len()), whole);
}

#[test]
fn the_mean_cost_of_equal_softmax_batches_is_the_whole_cost() {
    let (x, labels) = examples();
    let theta = draw(SOFTMAX.dimension());
    let mut softmax = SOFTMAX.cost(&x, &labels);
    let (cost, gradient) = evaluate(|g| softmax.cost_and_gradient(&theta, g), theta.len());
    let (mut mean, mut mean_gradient) = (0.0, vec![0.0; theta.len()]);
    let order: Vec<usize> = (0..EXAMPLES).map(|i| i * 3 % EXAMPLES).collect();
    for columns in order.chunks(70) {
        let (cost, gradient) = evaluate(|g| softmax.cost_and_gradient_on(columns, &theta, g), theta.len());
        mean += cost / 10.0;
        mean_gradient.iter_mut().zip(gradient).for_each(|(mean, g)| *mean += g / 10.0);
    }
    assert!((mean - cost).abs() <= tolerances::MEAN_OF_BATCHES * cost, "{mean} {cost}");
    for (mean, g) in mean_gradient.iter().zip(&gradient) {
        assert!((mean - g).abs() <= tolerances::MEAN_OF_BATCHES, "{mean} {g}");
    }
}

/// The number of allocations in `epochs` epochs of training.
fn calls(epochs: usize, rule: UpdateRule, objective: &mut impl Batched<f64>) -> usize {
    let mut theta = draw(objective.dimension());
    let settings = Training { epochs, patience: epochs, ..Training::new(rule, 1e-3) };
    let before = CALLS.get();
    settings.run(objective, None, &mut theta, |_, _| true);
    CALLS.get() - before
}

#[test]
fn a_training_step_allocates_nothing() {
    threads::set_count(1);
    let (x, labels) = examples();
    for rule in UpdateRule::ALL {
        let mut autoencoder = AUTOENCODER.cost(&x);
        let few = calls(1, rule, &mut autoencoder);
        assert!(few > 0);
        assert!(calls(9, rule, &mut autoencoder) <= few, "{rule:?}");
        let mut softmax = SOFTMAX.cost(&x, &labels);
        let few = calls(1, rule, &mut softmax);
        assert!(calls(9, rule, &mut softmax) <= few, "{rule:?}");

        let mut minimize = |iterations| {
            let mut theta = draw(SOFTMAX.dimension());
            let before = CALLS.get();
            FirstOrder { iterations, ..FirstOrder::new(rule, 1e-3) }.minimize(&mut softmax, &mut theta, |_| true);
            CALLS.get() - before
        };
        minimize(1); // All examples, after batches, need more memory.
        assert_eq!(minimize(50), minimize(1), "{rule:?}");
    }
}

#[test]
fn training_on_batches_classifies_all_validation_examples() {
    // Four clouds around the corners of a square, which a softmax regression separates.
    let mut random = Random::new(3);
    let corner = |i: usize| [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]][i % 4];
    let x: Matrix<f64> = Matrix::from_function(2, 400, |row, i| corner(i)[row] + random.uniform::<f64>(-0.3, 0.3));
    let labels: Vec<usize> = (0..400).map(|i| i % 4).collect();
    let (part, held): (Vec<usize>, Vec<usize>) = (0..400).partition(|i| i / 4 % 5 != 0);
    let of = |columns: &[usize]| columns.iter().map(|&i| labels[i]).collect::<Vec<_>>();
    let (train, train_labels) = (x.select_columns(&part), of(&part));
    let (validation, validation_labels) = (x.select_columns(&held), of(&held));
    let model = Softmax { features: 2, classes: 4, bias: true, weight_decay: 0.0 };
    for (rule, rate) in [(UpdateRule::GradientDescent, 2.0), (UpdateRule::NESTEROV, 0.5), (UpdateRule::ADAM, 0.1)] {
        let mut theta = vec![0.0; model.dimension()];
        let mut validated = model.cost(&validation, &validation_labels);
        let mut unused = theta.clone();
        let mut cost = |theta: &[f64]| validated.cost_and_gradient(theta, &mut unused);
        let training = Training { batch: 16, ..Training::new(rule, rate) };
        let mut objective = model.cost(&train, &train_labels);
        let trained = training.run(&mut objective, Some(&mut cost), &mut theta, |_, _| true);
        let found = ossicle::model::softmax::most_likely(&model.log_probabilities(&theta, &validation));
        assert_eq!(found, validation_labels, "{rule:?}: {trained:?}");
    }
}
