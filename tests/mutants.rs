//! A gallery of mutants: gradients with one mistake each, all of which the gradient check must catch.
//!
//! A mutant's cost is right; its gradient comes from other settings, or is changed after the fact.

use ossicle::matrix::Matrix;
use ossicle::model::parameters::named_ranges;
use ossicle::model::{
    Activation, Autoencoder, AutoencoderSettings, Softmax, SoftmaxSettings, Stacked, StackedSettings,
};
use ossicle::model::{Loss, Variant, VariantSettings};
use ossicle::number::Random;
use ossicle::optimize::Objective;
use ossicle::optimize::check::{check, check_directions};
use ossicle::optimize::objective::FromFunction;

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
fn every_mutant_of_the_variants_is_caught_where_it_is_wrong() {
    let x = draw(5, 7);
    let right = VariantSettings {
        base: AutoencoderSettings { sparsity_weight: 0.0, ..RIGHT },
        encoder: Activation::Tanh,
        loss: Loss::CrossEntropy,
        tied: true,
    };
    let caught = |right: VariantSettings, wrong: VariantSettings, change: fn(&mut [f64])| -> Vec<String> {
        let mut mutant = Mutant { cost: Variant::new(right, &x), gradient: Variant::new(wrong, &x), change };
        let found = check(&mut mutant, &theta(right.dimension()), &named_ranges(&right.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!(caught(right, right, |_| {}), [""; 0]);
    // The slope of another activation of the hidden units, and the forward pass with it.
    let wrong = VariantSettings { encoder: Activation::Sigmoid, ..right };
    assert_eq!(caught(right, wrong, |_| {}), ["W1", "b1", "b2"]);
    // The cross-entropy's δ3 with the squared error's f'.
    assert_eq!(caught(right, VariantSettings { loss: Loss::Squared, ..right }, |_| {}), ["W1", "b1", "b2"]);
    // Tied weights decayed twice, or not at all.
    let decay = |weight_decay| VariantSettings { base: AutoencoderSettings { weight_decay, ..right.base }, ..right };
    assert_eq!(caught(right, decay(6e-3), |_| {}), ["W1"]);
    assert_eq!(caught(right, decay(0.0), |_| {}), ["W1"]);
    // Weights that are not tied: their gradient is not the tied one's, whichever half is forgotten.
    let free = VariantSettings { tied: false, ..right };
    assert_eq!(caught(free, free, |g| g[..15].fill(0.0)), ["W1"]);
    assert_eq!(caught(free, free, |g| g.swap(15, 16)), ["W2"]);
    let half = |keep_encoder: bool| -> Vec<String> {
        let gradient = FromFunction::new(right.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            // θ with W2 = W1ᵀ written out, and only one of the two gradients of the weights.
            let mut wide = theta[..15].to_vec();
            wide.extend((0..15).map(|k| theta[k % 3 * 5 + k / 3]));
            wide.extend(&theta[15..]);
            let mut g = vec![0.0; wide.len()];
            let cost = Variant::new(free, &x).cost_and_gradient(&wide, &mut g);
            for k in 0..15 {
                gradient[k] = if keep_encoder { g[k] } else { g[15 + k % 5 * 3 + k / 5] };
            }
            gradient[15..].copy_from_slice(&g[30..]);
            cost
        });
        let mut mutant = Mutant { cost: Variant::new(right, &x), gradient, change: |_| {} };
        let found = check(&mut mutant, &theta(right.dimension()), &named_ranges(&right.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!((half(true), half(false)), (vec!["W1".to_string()], vec!["W1".to_string()]));
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

/// One mistake in the gradient of a stacked network.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    /// δ_1 without a_1·(1 - a_1).
    NoSlope,
    /// a_2·(1 - a_2) of the layer above taken where δ_1 needs that of a_1: unit j mod 3 stands for unit j.
    SlopeAbove,
    /// W2 read as if it lay by columns.
    Turned,
    /// δ_2 multiplied by x instead of a_1 (a layer skipped), index modulo the length.
    Skipped,
    /// The sum over examples of ∂W2 not divided by their number.
    NotMean,
    /// M forgotten: P where P - M belongs.
    NoTruth,
    /// Θ's decay dropped.
    NoDecay,
    /// W1 decayed too, which the cost does not say.
    Decayed,
}

const NETWORK: [usize; 4] = [5, 4, 3, 4];

/// The gradient of the network 5-4-3 with 4 classes as loops over single numbers, with a mistake or without.
fn by_loops(mistake: Mistake, x: &Matrix<f64>, classes: &[usize], theta: &[f64], gradient: &mut [f64]) {
    let [v, h1, h2, k] = NETWORK;
    let (b1, w2, b2, t, b) = (h1 * v, h1 * v + h1, h1 * v + h1 + h2 * h1, 39, 39 + k * h2);
    let m = classes.len() as f64;
    let sigmoid = |z: f64| 1.0 / (1.0 + ossicle::number::Real::exp(-z));
    let w2_at = |j: usize, i: usize| if mistake == Mistake::Turned { w2 + i * h2 + j } else { w2 + j * h1 + i };
    gradient.fill(0.0);
    for (n, &y) in classes.iter().enumerate() {
        let x = x.column(n);
        let a1: Vec<f64> =
            (0..h1).map(|j| sigmoid((0..v).fold(theta[b1 + j], |z, i| z + theta[j * v + i] * x[i]))).collect();
        let a2: Vec<f64> =
            (0..h2).map(|j| sigmoid((0..h1).fold(theta[b2 + j], |z, i| z + theta[w2 + j * h1 + i] * a1[i]))).collect();
        let e: Vec<f64> = (0..k)
            .map(|c| ossicle::number::Real::exp((0..h2).fold(theta[b + c], |z, j| z + theta[t + c * h2 + j] * a2[j])))
            .collect();
        let total = e.iter().fold(0.0, |sum, e| sum + e);
        let truth = |c: usize| if c == y && mistake != Mistake::NoTruth { 1.0 } else { 0.0 };
        let d3: Vec<f64> = (0..k).map(|c| e[c] / total - truth(c)).collect();
        let d2: Vec<f64> = (0..h2)
            .map(|j| (0..k).fold(0.0, |d, c| d + theta[t + c * h2 + j] * d3[c]) * a2[j] * (1.0 - a2[j]))
            .collect();
        let slope = |j: usize| match mistake {
            Mistake::NoSlope => 1.0,
            Mistake::SlopeAbove => a2[j % h2] * (1.0 - a2[j % h2]),
            _ => a1[j] * (1.0 - a1[j]),
        };
        let d1: Vec<f64> =
            (0..h1).map(|i| (0..h2).fold(0.0, |d, j| d + theta[w2_at(j, i)] * d2[j]) * slope(i)).collect();
        let below = |i: usize| if mistake == Mistake::Skipped { x[i] } else { a1[i] };
        let m2 = if mistake == Mistake::NotMean { 1.0 } else { m };
        for j in 0..h1 {
            (0..v).for_each(|i| gradient[j * v + i] += d1[j] * x[i] / m);
            gradient[b1 + j] += d1[j] / m;
        }
        for j in 0..h2 {
            (0..h1).for_each(|i| gradient[w2 + j * h1 + i] += d2[j] * below(i) / m2);
            gradient[b2 + j] += d2[j] / m;
        }
        for c in 0..k {
            (0..h2).for_each(|j| gradient[t + c * h2 + j] += d3[c] * a2[j] / m);
            gradient[b + c] += d3[c] / m;
        }
    }
    let decayed = match mistake {
        Mistake::NoDecay => 0..0,
        Mistake::Decayed => 0..20,
        _ => t..b,
    };
    decayed.for_each(|i| gradient[i] += 0.01 * theta[i]);
    if mistake == Mistake::Decayed {
        (t..b).for_each(|i| gradient[i] += 0.01 * theta[i]);
    }
}

#[test]
fn every_mutant_of_the_stacked_network_is_caught_where_it_is_wrong() {
    let [visible, h1, h2, classes] = NETWORK;
    let settings = StackedSettings { visible, layers: vec![h1, h2], classes, bias: true, weight_decay: 0.01 };
    let (x, y) = (draw(5, 7), [0, 1, 2, 3, 2, 1, 1]);
    let caught = |mistake: Mistake| -> Vec<String> {
        let gradient = FromFunction::new(settings.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            by_loops(mistake, &x, &y, theta, gradient);
            f64::NAN
        });
        let mut mutant = Mutant { cost: Stacked::new(&settings, &x, &y), gradient, change: |_| {} };
        let found = check(&mut mutant, &theta(settings.dimension()), &named_ranges(&settings.blocks()));
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    assert_eq!(caught(Mistake::None), [""; 0]);
    assert_eq!(caught(Mistake::NoSlope), ["W1", "b1"]);
    assert_eq!(caught(Mistake::SlopeAbove), ["W1", "b1"]);
    assert_eq!(caught(Mistake::Turned), ["W1", "b1"]);
    assert_eq!(caught(Mistake::Skipped), ["W2"]);
    assert_eq!(caught(Mistake::NotMean), ["W2"]);
    assert_eq!(caught(Mistake::NoTruth), ["W1", "b1", "W2", "b2", "Theta", "b"]);
    assert_eq!(caught(Mistake::NoDecay), ["Theta"]);
    assert_eq!(caught(Mistake::Decayed), ["W1"]);
}
