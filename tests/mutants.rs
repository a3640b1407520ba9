//! A gallery of mutants: gradients with one mistake each, all of which the gradient check must catch.
//!
//! A mutant's cost is right; its gradient comes from other settings, or is changed after the fact.

use ossicle::matrix::Matrix;
use ossicle::model::parameters::named_ranges;
use ossicle::model::{Activation, Autoencoder, AutoencoderSettings, Softmax, SoftmaxSettings};
use ossicle::number::Random;
use ossicle::optimize::Objective;
use ossicle::optimize::check::{check, check_directions};

struct Mutant<C, G> {
    cost: C,
    gradient: G,
    change: fn(&mut [f64]),
}

impl<C: Objective<f64>, G: Objective<f64>> Objective<f64> for Mutant<C, G> {
    fn dimension(&self) -> usize {
        self.cost.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let cost = self.cost.cost_and_gradient(theta, gradient);
        self.gradient.cost_and_gradient(theta, gradient);
        (self.change)(gradient);
        cost
    }
}

const RIGHT: AutoencoderSettings = AutoencoderSettings {
    visible: 5,
    hidden: 3,
    decoder: Activation::Sigmoid,
    weight_decay: 3e-3,
    sparsity: 0.1,
    sparsity_weight: 3.0,
};

fn draw(rows: usize, columns: usize) -> Matrix<f64> {
    let mut random = Random::new(1);
    Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
}

fn theta(dimension: usize) -> Vec<f64> {
    let mut random = Random::new(2);
    (0..dimension).map(|_| random.uniform(-1.0, 1.0)).collect()
}

/// The names of the blocks in which an autoencoder's mutant is caught.
fn caught(settings: AutoencoderSettings, change: fn(&mut [f64])) -> Vec<String> {
    let x = draw(5, 7);
    let mut mutant = Mutant { cost: Autoencoder::new(RIGHT, &x), gradient: Autoencoder::new(settings, &x), change };
    let found = check(&mut mutant, &theta(RIGHT.dimension()), &named_ranges(&RIGHT.blocks()));
    found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
}

#[test]
fn every_mutant_of_the_autoencoder_is_caught_where_it_is_wrong() {
    assert_eq!(caught(RIGHT, |_| {}), [""; 0]);
    assert_eq!(caught(AutoencoderSettings { sparsity_weight: 0.0, ..RIGHT }, |_| {}), ["W1", "b1"]);
    assert_eq!(caught(AutoencoderSettings { sparsity: 0.1001, ..RIGHT }, |_| {}), ["W1", "b1"]);
    assert_eq!(caught(AutoencoderSettings { weight_decay: 0.0, ..RIGHT }, |_| {}), ["W1", "W2"]);
    // The decay applied to a bias too, which starts at 0.68.
    assert_eq!(caught(RIGHT, |g| g[30] += 3e-3 * 0.68), ["b1"]);
    // A decoder taken for linear forgets y·(1 - y).
    assert_eq!(caught(AutoencoderSettings { decoder: Activation::Linear, ..RIGHT }, |_| {}), ["W1", "W2", "b1", "b2"]);
    // Two elements of W1 exchanged, as by a swapped index.
    assert_eq!(caught(RIGHT, |g| g.swap(0, 1)), ["W1"]);
    // The sum over examples not divided by their number.
    assert_eq!(caught(RIGHT, |g| g[33..].iter_mut().for_each(|g| *g *= 7.0)), ["b2"]);
    // The bias of a unit forgotten.
    assert_eq!(caught(RIGHT, |g| g[31] = 0.0), ["b1"]);
    assert_eq!(caught(RIGHT, |g| g[20] = f64::NAN), ["W2"]);
}

#[test]
fn every_mutant_of_softmax_is_caught_where_it_is_wrong() {
    let right = SoftmaxSettings { features: 5, classes: 4, bias: true, weight_decay: 0.01 };
    let x = draw(5, 7);
    let classes = [0, 1, 2, 3, 2, 1, 1];
    let caught = |settings, classes: &[usize], change: fn(&mut [f64])| -> Vec<String> {
        let (cost, gradient) = (Softmax::new(right, &x, &[0, 1, 2, 3, 2, 1, 1]), Softmax::new(settings, &x, classes));
        let found = check(&mut Mutant { cost, gradient, change }, &theta(24), &named_ranges(&right.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!(caught(right, &classes, |_| {}), [""; 0]);
    // The tutorial's printed gradient lacks the decay.
    assert_eq!(caught(SoftmaxSettings { weight_decay: 0.0, ..right }, &classes, |_| {}), ["Theta"]);
    // Labels counted from 1 instead of 0.
    assert_eq!(caught(right, &[1, 2, 3, 0, 3, 2, 2], |_| {}), ["Theta", "b"]);
    // The decay applied to the bias too.
    assert_eq!(caught(right, &classes, |g| g[20] += 0.01), ["b"]);
}

#[test]
fn at_real_size_the_slopes_along_random_directions_agree() {
    let settings = AutoencoderSettings { visible: 64, hidden: 25, ..RIGHT };
    let x = draw(64, 1000);
    let mut random = Random::new(3);
    let start: Vec<f64> = settings.draw(&mut random);
    let directions: Vec<Vec<f64>> = (0..5).map(|_| start.iter().map(|_| random.uniform(-0.1, 0.1)).collect()).collect();
    let found = check_directions(&mut Autoencoder::new(settings, &x), &start, &directions);
    assert!(found.passes(), "{found:?}");
    let wrong = AutoencoderSettings { sparsity: 0.1001, ..settings };
    let (cost, gradient) = (Autoencoder::new(settings, &x), Autoencoder::new(wrong, &x));
    let mut mutant = Mutant { cost, gradient, change: |_| {} };
    assert!(!check_directions(&mut mutant, &start, &directions).passes());
}
