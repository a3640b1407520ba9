//! Mutants: gradients with one mistake each, which the gradient check must find in the right blocks.
//!
//! A mutant has the right cost. Its gradient comes from other settings, is changed afterwards, or is computed by a
//! definition with one wrong line.

use ossicle::matrix::Matrix;
use ossicle::model::autoencoder::reconstruction_by_definition;
use ossicle::model::convolution::pooling::Regions;
use ossicle::model::convolution::{Convolution, ConvolutionCost, MapShape, Pooling, PoolingMode};
use ossicle::model::layer::{backward_by_definition, forward_by_definition, gradient_by_definition};
use ossicle::model::network::{InMemory, Layer, Network, Target};
use ossicle::model::parameters::{Block, named_ranges};
use ossicle::model::softmax::log_probabilities_by_definition;
use ossicle::model::stacked::DenseWeights;
use ossicle::model::variational::Decoder;
use ossicle::model::{
    Activation, Autoencoder, Contractive, Corruption, DeepAutoencoder, Denoising, Loss, Multimodal, Predictive,
    Softmax, SparseCoding, Stacked, Variational,
};
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

const RIGHT: Autoencoder =
    Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(5, 3) };

fn draw(rows: usize, columns: usize) -> Matrix<f64> {
    let mut random = Random::new(1);
    Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
}

fn theta(dimension: usize) -> Vec<f64> {
    let mut random = Random::new(2);
    (0..dimension).map(|_| random.uniform(-1.0, 1.0)).collect()
}

/// The names of the blocks in which a mutant is caught.
fn blocks_caught<C: Objective<f64>, G: Objective<f64>>(mut mutant: Mutant<C, G>, blocks: &[Block]) -> Vec<String> {
    let blocks: Vec<_> = named_ranges(blocks).into_iter().filter(|(_, range)| !range.is_empty()).collect();
    let theta = theta(mutant.dimension());
    let found = check(&mut mutant, &theta, &blocks);
    found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
}

/// The names of the blocks in which an autoencoder's mutant is caught.
fn caught(right: Autoencoder, wrong: Autoencoder, change: fn(&mut [f64])) -> Vec<String> {
    let x = draw(5, 7);
    blocks_caught(Mutant { cost: right.cost(&x), gradient: wrong.cost(&x), change }, &right.blocks())
}

#[test]
fn every_mutant_of_the_autoencoder_is_caught_where_it_is_wrong() {
    let caught = |wrong: Autoencoder, change: fn(&mut [f64])| caught(RIGHT, wrong, change);
    assert_eq!(caught(RIGHT, |_| {}), [""; 0]);
    assert_eq!(caught(Autoencoder { sparsity_weight: 0.0, ..RIGHT }, |_| {}), ["W1", "b1"]);
    assert_eq!(caught(Autoencoder { sparsity: 0.1001, ..RIGHT }, |_| {}), ["W1", "b1"]);
    assert_eq!(caught(Autoencoder { weight_decay: 0.0, ..RIGHT }, |_| {}), ["W1", "W2"]);
    // The decay applied to a bias too, which starts at 0.68.
    assert_eq!(caught(RIGHT, |g| g[30] += 3e-3 * 0.68), ["b1"]);
    // A decoder taken for linear forgets y·(1 - y).
    assert_eq!(caught(Autoencoder { decoder: Activation::Linear, ..RIGHT }, |_| {}), ["W1", "W2", "b1", "b2"]);
    // Two elements of W1 exchanged, as by a swapped index.
    assert_eq!(caught(RIGHT, |g| g.swap(0, 1)), ["W1"]);
    // The sum over examples not divided by their number.
    assert_eq!(caught(RIGHT, |g| g[33..].iter_mut().for_each(|g| *g *= 7.0)), ["b2"]);
    // The bias of a unit forgotten.
    assert_eq!(caught(RIGHT, |g| g[31] = 0.0), ["b1"]);
    assert_eq!(caught(RIGHT, |g| g[20] = f64::NAN), ["W2"]);
}

#[test]
fn every_mutant_of_the_autoencoders_choices_is_caught_where_it_is_wrong() {
    let (encoder, loss) = (Activation::Tanh, Loss::CrossEntropy);
    let right = Autoencoder { sparsity_weight: 0.0, encoder, loss, tied: true, ..RIGHT };
    assert_eq!(caught(right, right, |_| {}), [""; 0]);
    // The slope of another activation of the hidden units, and the forward pass with it.
    let wrong = Autoencoder { encoder: Activation::Sigmoid, ..right };
    assert_eq!(caught(right, wrong, |_| {}), ["W1", "b1", "b2"]);
    // The cross-entropy's δ3 with the squared error's f'.
    assert_eq!(caught(right, Autoencoder { loss: Loss::Squared, ..right }, |_| {}), ["W1", "b1", "b2"]);
    // Tied weights decayed twice, or not at all.
    assert_eq!(caught(right, Autoencoder { weight_decay: 6e-3, ..right }, |_| {}), ["W1"]);
    assert_eq!(caught(right, Autoencoder { weight_decay: 0.0, ..right }, |_| {}), ["W1"]);
    // Weights that are not tied: their gradient is not the tied one's, whichever half is forgotten.
    let free = Autoencoder { tied: false, ..right };
    assert_eq!(caught(free, free, |g| g[..15].fill(0.0)), ["W1"]);
    assert_eq!(caught(free, free, |g| g.swap(15, 16)), ["W2"]);
    let x = draw(5, 7);
    let half = |keep_encoder: bool| -> Vec<String> {
        let gradient = FromFunction::new(right.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            // θ with W2 = W1ᵀ written out, and only one of the two gradients of the weights.
            let mut wide = theta[..15].to_vec();
            wide.extend((0..15).map(|k| theta[k % 3 * 5 + k / 3]));
            wide.extend(&theta[15..]);
            let mut g = vec![0.0; wide.len()];
            let cost = free.cost(&x).cost_and_gradient(&wide, &mut g);
            for k in 0..15 {
                gradient[k] = if keep_encoder { g[k] } else { g[15 + k % 5 * 3 + k / 5] };
            }
            gradient[15..].copy_from_slice(&g[30..]);
            cost
        });
        blocks_caught(Mutant { cost: right.cost(&x), gradient, change: |_| {} }, &right.blocks())
    };
    assert_eq!((half(true), half(false)), (vec!["W1".to_string()], vec!["W1".to_string()]));
}

#[test]
fn every_mutant_of_the_denoising_autoencoder_is_caught_where_it_is_wrong() {
    // Without the sparsity penalty, which couples examples.
    let base = Autoencoder { sparsity_weight: 0.0, ..RIGHT };
    let corruption = Corruption::Masking { rate: 0.3 };
    let right = Denoising { is_frozen: true, ..Denoising::new(base, corruption) };
    let x = draw(5, 7);
    let masked = right.corrupt(0, &x);
    let plain = |wrong: Denoising| -> Vec<String> {
        blocks_caught(Mutant { cost: right.cost(&x), gradient: wrong.cost(&x), change: |_| {} }, &base.blocks())
    };
    let all = ["W1", "W2", "b1", "b2"];
    assert_eq!(plain(right), [""; 0]);
    // The mask of another seed, and none.
    assert_eq!(plain(Denoising { seed: 1, ..right }), all);
    assert_eq!(plain(Denoising { corruption: Corruption::Masking { rate: 0.0 }, ..right }), all);
    // A mask drawn anew for each of the costs that are compared.
    let cost = Denoising { is_frozen: false, ..right }.cost(&x);
    assert_eq!(blocks_caught(Mutant { cost, gradient: right.cost(&x), change: |_| {} }, &base.blocks()), all);

    let by_definition = |inputs: &Matrix<f64>, targets: &Matrix<f64>, theta: &[f64]| -> Vec<f64> {
        reconstruction_by_definition(&base, theta, inputs, targets).1
    };
    let caught = |wrong: &dyn Fn(&[f64]) -> Vec<f64>| -> Vec<String> {
        let gradient = FromFunction::new(base.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&wrong(theta));
            f64::NAN
        });
        blocks_caught(Mutant { cost: right.cost(&x), gradient, change: |_| {} }, &base.blocks())
    };
    assert_eq!(caught(&|theta| by_definition(&masked, &x, theta)), [""; 0]);
    // Kept values divided by 1 - q, as in dropout.
    let scaled = Matrix::from_function(5, 7, |i, j| masked.row(i)[j] / 0.7);
    assert_eq!(caught(&|theta| by_definition(&scaled, &x, theta)), all);
    // The masked example as the target.
    assert_eq!(caught(&|theta| by_definition(&masked, &masked, theta)), all);
    // ∂W1 = (1/m)·Σ δ2·xᵀ + λ·W1 with the clean x, where δ2 of an example is the gradient by b1 of its cost alone.
    let clean = |theta: &[f64]| {
        let mut gradient = by_definition(&masked, &x, theta);
        (0..15).for_each(|k| gradient[k] = base.weight_decay * theta[k]);
        for n in 0..7 {
            let alone = by_definition(&masked.select_columns(&[n]), &x.select_columns(&[n]), theta);
            (0..15).for_each(|k| gradient[k] += alone[30 + k / 5] * x.row(k % 5)[n] / 7.0);
        }
        gradient
    };
    assert_eq!(caught(&clean), ["W1"]);
}

#[test]
fn every_mutant_of_the_multimodal_autoencoder_is_caught_where_it_is_wrong() {
    let mut right = Multimodal::new([3, 2], 4);
    right.joint.weight_decay = 3e-3;
    let x = draw(5, 7);
    let view = |from: usize, rows: usize| Matrix::from_function(rows, 7, |i, j| x.row(from + i)[j]);
    let pairs = right.pairs([&view(0, 3), &view(3, 2)]);
    let caught = |inputs: &Matrix<f64>, targets: &Matrix<f64>| -> Vec<String> {
        let gradient = FromFunction::new(right.joint.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&reconstruction_by_definition(&right.joint, theta, inputs, targets).1);
            f64::NAN
        });
        blocks_caught(Mutant { cost: right.cost(&pairs), gradient, change: |_| {} }, &right.joint.blocks())
    };
    let all = ["W1", "W2", "b1", "b2"];
    assert_eq!(caught(&pairs.inputs, &pairs.targets), [""; 0]);
    // Each view alone has to reconstruct itself alone.
    assert_eq!(caught(&pairs.inputs, &pairs.inputs), all);
    // Both views are always shown.
    assert_eq!(caught(&pairs.targets, &pairs.targets), all);
    // A view alone has to reconstruct another pair.
    let shifted: Vec<usize> = (0..7).chain((7..21).map(|n| 7 + (n - 6) % 14)).collect();
    assert_eq!(caught(&pairs.inputs.select_columns(&shifted), &pairs.targets), all);
    // The second view is never shown alone.
    let without: Vec<usize> = (0..14).collect();
    assert_eq!(caught(&pairs.inputs.select_columns(&without), &pairs.targets.select_columns(&without)), all);
}

#[test]
fn every_mutant_of_the_contractive_autoencoder_is_caught_where_it_is_wrong() {
    let right = Contractive { autoencoder: RIGHT, contraction: 0.3 };
    let x = draw(5, 7);
    let plain = |wrong: Contractive| -> Vec<String> {
        blocks_caught(Mutant { cost: right.cost(&x), gradient: wrong.cost(&x), change: |_| {} }, &RIGHT.blocks())
    };
    assert_eq!(plain(right), [""; 0]);
    assert_eq!(plain(Contractive { contraction: 0.0, ..right }), ["W1", "b1"]);
    // The 2 of the derivative of a square forgotten.
    assert_eq!(plain(Contractive { contraction: 0.15, ..right }), ["W1", "b1"]);

    /// One mistake in the gradient of the penalty.
    #[derive(Clone, Copy, PartialEq)]
    enum Miss {
        None,
        /// The way of W1 and b1 through z2.
        ThroughZ,
        /// The way of W1 through |w_j|².
        Direct,
        /// g'' = g'·(1 - 2a) taken for 1 - 2a.
        SlopeInCurvature,
        /// |w_j|² of the next unit.
        Length,
        /// The mean over examples.
        Mean,
    }
    let caught = |miss: Miss| -> Vec<String> {
        let gradient = FromFunction::new(RIGHT.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            RIGHT.cost(&x).cost_and_gradient(theta, gradient);
            let a = RIGHT.encode(theta, &x);
            for (n, j) in (0..21).map(|k| (k / 3, k % 3)) {
                let a = a.row(j)[n];
                let over_m = if miss == Miss::Mean { 1.0 } else { 1.0 / 7.0 };
                let row = if miss == Miss::Length { (j + 1) % 3 } else { j };
                let length = theta[5 * row..][..5].iter().map(|w| w * w).sum::<f64>();
                let slope = a * (1.0 - a);
                let curvature = if miss == Miss::SlopeInCurvature { 1.0 } else { slope } * (1.0 - 2.0 * a);
                let through = if miss == Miss::ThroughZ { 0.0 } else { over_m * 0.6 * slope * curvature * length };
                let direct = if miss == Miss::Direct { 0.0 } else { over_m * 0.6 * slope * slope };
                for i in 0..5 {
                    gradient[5 * j + i] += through * x.row(i)[n] + direct * theta[5 * j + i];
                }
                gradient[30 + j] += through;
            }
            f64::NAN
        });
        blocks_caught(Mutant { cost: right.cost(&x), gradient, change: |_| {} }, &RIGHT.blocks())
    };
    assert_eq!(caught(Miss::None), [""; 0]);
    assert_eq!(caught(Miss::Direct), ["W1"]);
    for miss in [Miss::ThroughZ, Miss::SlopeInCurvature, Miss::Length, Miss::Mean] {
        assert_eq!(caught(miss), ["W1", "b1"]);
    }
}

#[test]
fn every_mutant_of_softmax_is_caught_where_it_is_wrong() {
    let right = Softmax { features: 5, classes: 4, bias: true, weight_decay: 0.01 };
    let x = draw(5, 7);
    let labels = [0, 1, 2, 3, 2, 1, 1];
    let caught = |model: Softmax, labels: &[usize], change: fn(&mut [f64])| -> Vec<String> {
        let (cost, gradient) = (right.cost(&x, &[0, 1, 2, 3, 2, 1, 1]), model.cost(&x, labels));
        blocks_caught(Mutant { cost, gradient, change }, &right.blocks())
    };
    assert_eq!(caught(right, &labels, |_| {}), [""; 0]);
    // The tutorial's printed gradient lacks the decay.
    assert_eq!(caught(Softmax { weight_decay: 0.0, ..right }, &labels, |_| {}), ["Theta"]);
    // Labels counted from 1 instead of 0.
    assert_eq!(caught(right, &[1, 2, 3, 0, 3, 2, 2], |_| {}), ["Theta", "b"]);
    // The decay applied to the bias too.
    assert_eq!(caught(right, &labels, |g| g[20] += 0.01), ["b"]);
}

#[test]
fn every_mutant_of_sparse_coding_is_caught_where_it_is_wrong() {
    let right = SparseCoding { smoothing: 0.25, ..SparseCoding::new(5, 3, 0.3) };
    let x = draw(5, 7);
    let caught = |wrong: SparseCoding, change: fn(&mut [f64])| -> Vec<String> {
        blocks_caught(Mutant { cost: right.cost(&x), gradient: wrong.cost(&x), change }, &right.blocks(7))
    };
    assert_eq!(caught(right, |_| {}), [""; 0]);
    // The penalty forgotten, and one with another smoothing.
    assert_eq!(caught(SparseCoding { penalty: 0.0, ..right }, |_| {}), ["S"]);
    assert_eq!(caught(SparseCoding { smoothing: 0.2501, ..right }, |_| {}), ["S"]);
    // The factor of source E: no ½ of the squared error, in one of the gradients.
    assert_eq!(caught(right, |g| g[..15].iter_mut().for_each(|g| *g *= 2.0)), ["Phi"]);
    // The codes' gradient of the sum over examples instead of their mean.
    assert_eq!(caught(right, |g| g[15..].iter_mut().for_each(|g| *g *= 7.0)), ["S"]);
    // Two elements exchanged, as by a transposed dictionary.
    assert_eq!(caught(right, |g| g.swap(1, 5)), ["Phi"]);
}

#[test]
fn every_mutant_of_the_predictive_encoder_is_caught_where_it_is_wrong() {
    let right = Predictive::new(SparseCoding::new(5, 3, 0.3));
    let (x, codes) = (draw(5, 7), draw(3, 7));
    let negative = Matrix::from_function(3, 7, |k, n| -codes.row(k)[n]);
    let caught = |wrong: Predictive, codes_of_gradient: &Matrix<f64>, change: fn(&mut [f64])| -> Vec<String> {
        let gradient = wrong.encoder_cost(&x, codes_of_gradient);
        blocks_caught(Mutant { cost: right.encoder_cost(&x, &codes), gradient, change }, &right.blocks())
    };
    assert_eq!(caught(right, &codes, |_| {}), [""; 0]);
    // s̃ + s in place of s̃ - s, and the activation of source E.
    assert_eq!(caught(right, &negative, |_| {}), ["W", "b", "g"]);
    assert_eq!(caught(Predictive { activation: Activation::Sigmoid, ..right }, &codes, |_| {}), ["W", "b", "g"]);
    // The bias of a unit forgotten; the sum over examples not divided by their number.
    assert_eq!(caught(right, &codes, |g| g[16] = 0.0), ["b"]);
    assert_eq!(caught(right, &codes, |g| g[18..].iter_mut().for_each(|g| *g *= 7.0)), ["g"]);
}

#[test]
fn at_real_size_the_slopes_along_random_directions_agree() {
    let model = Autoencoder { visible: 64, hidden: 25, ..RIGHT };
    let x = draw(64, 1000);
    let mut random = Random::new(3);
    let start: Vec<f64> = model.draw(&mut random);
    let directions: Vec<Vec<f64>> = (0..5).map(|_| start.iter().map(|_| random.uniform(-0.1, 0.1)).collect()).collect();
    let found = check_directions(&mut model.cost(&x), &start, &directions);
    assert!(found.passes(), "{found:?}");
    let wrong = Autoencoder { sparsity: 0.1001, ..model };
    let (cost, gradient) = (model.cost(&x), wrong.cost(&x));
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
    Transposed,
    /// δ_2 multiplied by x instead of a_1 (a layer skipped), as far as a_1 is long.
    Skipped,
    /// The sum over examples of ∂W2 not divided by their number.
    NotMean,
    /// p where p - 1{k = y} belongs.
    NoTruth,
    /// Θ's decay dropped.
    NoDecay,
    /// W1 decayed too, which the cost does not say.
    Decayed,
}

/// The gradient of a network of two encoders, from the steps of its definition, with a mistake or without.
fn stacked_gradient(mistake: Mistake, model: &Stacked, x: &Matrix<f64>, labels: &[usize], theta: &[f64]) -> Vec<f64> {
    let (layers, top) = model.unpack(theta);
    let top = model.top_layer(&top);
    let (mut d_layers, d_top) = model.unpack(&vec![0.0; theta.len()]);
    let mut d_top = model.top_layer(&d_top);
    let m = labels.len();
    for (n, &y) in labels.iter().enumerate() {
        let x = x.column(n);
        let a1 = forward_by_definition(&layers[0], Activation::Sigmoid, &x);
        let a2 = forward_by_definition(&layers[1], Activation::Sigmoid, &a1);
        let (_, mut delta_z) = log_probabilities_by_definition(&forward_by_definition(&top, Activation::Linear, &a2));
        delta_z[y] -= if mistake == Mistake::NoTruth { 0.0 } else { 1.0 };
        let delta2 = backward_by_definition(&top.weights, &delta_z, &[], Activation::Sigmoid, &a2);
        let w2 = &layers[1].weights;
        let w2 = match mistake {
            Mistake::Transposed => {
                let (rows, elements) = (w2.rows(), w2.elements());
                &Matrix::from_function(rows, w2.columns(), |j, i| elements[i * rows + j])
            }
            _ => w2,
        };
        let (f, a) = match mistake {
            Mistake::NoSlope => (Activation::Linear, a1.clone()),
            Mistake::SlopeAbove => (Activation::Sigmoid, (0..a1.len()).map(|j| a2[j % a2.len()]).collect()),
            _ => (Activation::Sigmoid, a1.clone()),
        };
        let delta1 = backward_by_definition(w2, &delta2, &[], f, &a);
        gradient_by_definition(&delta1, &x, m, &mut d_layers[0]);
        let mut d_w2 = DenseWeights { weights: Matrix::zeros(w2.rows(), w2.columns()), bias: vec![0.0; w2.rows()] };
        gradient_by_definition(&delta2, if mistake == Mistake::Skipped { &x } else { &a1 }, m, &mut d_w2);
        let m2 = if mistake == Mistake::NotMean { m as f64 } else { 1.0 };
        let sum = d_layers[1].weights.elements_mut().iter_mut().zip(d_w2.weights.elements());
        sum.for_each(|(sum, g)| *sum += m2 * g);
        d_layers[1].bias.iter_mut().zip(&d_w2.bias).for_each(|(sum, g)| *sum += g);
        gradient_by_definition(&delta_z, &a2, m, &mut d_top);
    }
    let decay = |gradient: &mut Matrix<f64>, weights: &Matrix<f64>| {
        let pairs = gradient.elements_mut().iter_mut().zip(weights.elements());
        pairs.for_each(|(g, w)| *g += model.weight_decay * w);
    };
    if mistake != Mistake::NoDecay {
        decay(&mut d_top.weights, &top.weights);
    }
    if mistake == Mistake::Decayed {
        decay(&mut d_layers[0].weights, &layers[0].weights);
    }
    model.pack(&d_layers, &[d_top.weights.elements(), &d_top.bias].concat())
}

/// A mistake in the gradient of a residual layer.
#[derive(Clone, Copy, PartialEq)]
enum ResidualSlip {
    None,
    /// ∂J/∂x without the path around the layer.
    NoSkip,
    /// ∂J/∂x without the path through the layer.
    SkipAlone,
    /// The slope of tanh from a = x + f(z) instead of f(z).
    SlopeOfOutput,
}

/// The gradient of two residual layers of three tanh units and a softmax layer of two classes, for examples of labels
/// 0, 1, 0, ..., as loops, with a slip or without.
fn residual_by_loops(slip: ResidualSlip, x: &Matrix<f64>, theta: &[f64], gradient: &mut [f64]) {
    const N: usize = 3;
    let layer = N * N + N;
    gradient.fill(0.0);
    for n in 0..x.columns() {
        let (mut a, mut f) = (vec![x.column(n)], Vec::new());
        for l in 0..2 {
            let (w, b) = (l * layer, l * layer + N * N);
            let z = |k: usize| (0..N).fold(theta[b + k], |z, i| z + theta[w + k * N + i] * a[l][i]);
            f.push((0..N).map(|k| Activation::Tanh.value(z(k))).collect::<Vec<_>>());
            a.push((0..N).map(|k| a[l][k] + f[l][k]).collect());
        }
        let (top, bias) = (2 * layer, 2 * layer + 2 * N);
        let z = |k: usize| (0..N).fold(theta[bias + k], |z, i| z + theta[top + k * N + i] * a[2][i]);
        let p = Activation::Sigmoid.value(z(1) - z(0));
        // ∂J/∂z_1, and with the other sign ∂J/∂z_0; p is the probability of class 1.
        let error = (p - (n % 2) as f64) / x.columns() as f64;
        let of_scores = [-error, error];
        for k in 0..2 {
            (0..N).for_each(|i| gradient[top + k * N + i] += of_scores[k] * a[2][i]);
            gradient[bias + k] += of_scores[k];
        }
        let mut d: Vec<f64> = (0..N).map(|i| error * (theta[top + N + i] - theta[top + i])).collect();
        for l in [1, 0] {
            let (w, b) = (l * layer, l * layer + N * N);
            let seen = if slip == ResidualSlip::SlopeOfOutput { &a[l + 1] } else { &f[l] };
            let delta: Vec<f64> = (0..N).map(|k| d[k] * Activation::Tanh.slope(seen[k])).collect();
            for k in 0..N {
                (0..N).for_each(|i| gradient[w + k * N + i] += delta[k] * a[l][i]);
                gradient[b + k] += delta[k];
            }
            let through = |i: usize| (0..N).fold(0.0, |sum, k| sum + theta[w + k * N + i] * delta[k]);
            d = (0..N)
                .map(|i| match slip {
                    ResidualSlip::NoSkip => through(i),
                    ResidualSlip::SkipAlone => d[i],
                    _ => d[i] + through(i),
                })
                .collect();
        }
    }
}

#[test]
fn every_mutant_of_the_residual_layer_is_caught_where_it_is_wrong() {
    let (x, layer) = (draw(3, 7), Layer::Residual { activation: Activation::Tanh });
    let network =
        Network::new(MapShape { channels: 3, rows: 1, columns: 1 }, vec![layer, layer, Layer::Softmax { classes: 2 }]);
    let (examples, labels) = (InMemory::from_columns(&x), [0, 1, 0, 1, 0, 1, 0]);
    let caught = |slip: ResidualSlip| {
        let gradient = FromFunction::new(network.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            residual_by_loops(slip, &x, theta, gradient);
            f64::NAN
        });
        let cost = network.cost(&examples, Target::Labels(&labels));
        blocks_caught(Mutant { cost, gradient, change: |_| {} }, &network.blocks())
    };
    assert_eq!(caught(ResidualSlip::None), [""; 0]);
    assert_eq!(caught(ResidualSlip::NoSkip), ["W1", "b1"]);
    assert_eq!(caught(ResidualSlip::SkipAlone), ["W1", "b1"]);
    assert_eq!(caught(ResidualSlip::SlopeOfOutput), ["W1", "b1", "W2", "b2"]);
}

#[test]
fn every_mutant_of_the_stacked_network_is_caught_where_it_is_wrong() {
    let model = Stacked { visible: 5, layers: vec![4, 3], classes: 4, bias: true, weight_decay: 0.01 };
    let (x, y) = (draw(5, 7), [0, 1, 2, 3, 2, 1, 1]);
    let caught = |mistake: Mistake| -> Vec<String> {
        let gradient = FromFunction::new(model.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&stacked_gradient(mistake, &model, &x, &y, theta));
            f64::NAN
        });
        blocks_caught(Mutant { cost: model.cost(&x, &y), gradient, change: |_| {} }, &model.blocks())
    };
    assert_eq!(caught(Mistake::None), [""; 0]);
    assert_eq!(caught(Mistake::NoSlope), ["W1", "b1"]);
    assert_eq!(caught(Mistake::SlopeAbove), ["W1", "b1"]);
    assert_eq!(caught(Mistake::Transposed), ["W1", "b1"]);
    assert_eq!(caught(Mistake::Skipped), ["W2"]);
    assert_eq!(caught(Mistake::NotMean), ["W2"]);
    assert_eq!(caught(Mistake::NoTruth), ["W1", "b1", "W2", "b2", "Theta", "b"]);
    assert_eq!(caught(Mistake::NoDecay), ["Theta"]);
    assert_eq!(caught(Mistake::Decayed), ["W1"]);
}

#[test]
fn every_mutant_of_the_variational_autoencoder_is_caught_where_it_is_wrong() {
    let right =
        Variational { decoder: Decoder::Real { variance: 0.3 }, weight_decay: 0.01, ..Variational::new(5, 3, 2) };
    let (x, blocks) = (draw(5, 7), right.network().blocks());
    let caught = |wrong: Variational, seed: u64, change: fn(&mut [f64])| -> Vec<String> {
        let (examples, networks) = (InMemory::from_columns(&x), [right.network(), wrong.network()]);
        let cost = right.cost(&networks[0], &examples);
        let gradient = wrong.cost(&networks[1], &examples).with_seed(seed);
        blocks_caught(Mutant { cost, gradient, change }, &blocks)
    };
    let encoder = ["W1", "b1", "W2", "b2"];
    let all = ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"];
    assert_eq!(caught(right, 0, |_| {}), [""; 0]);
    // The divergence with another weight, or not at all.
    assert_eq!(caught(Variational { decoder: Decoder::Real { variance: 0.301 }, ..right }, 0, |_| {}), encoder);
    // Other draws of ε than the cost's.
    assert_eq!(caught(right, 1, |_| {}), all);
    // The slope of binary values.
    assert_eq!(caught(Variational { decoder: Decoder::Binary, ..right }, 0, |_| {}), all);
    assert_eq!(caught(Variational { weight_decay: 0.0, ..right }, 0, |_| {}), ["W1", "W2", "W3", "W4"]);
    // z differentiated by the deviation e^(s/2) instead of s: the factor ½ forgotten.
    assert_eq!(caught(right, 0, |g| g[32..34].iter_mut().for_each(|g| *g *= 2.0)), ["b2"]);
}

#[test]
fn every_mutant_of_the_regression_is_caught_where_it_is_wrong() {
    let network = |[first, second]: [Activation; 2], weight_decay: f64| {
        let layers = vec![Layer::convolution(2, [2, 2], first), Layer::convolution(2, [1, 2], second)];
        Network { weight_decay, ..Network::new(MapShape { channels: 1, rows: 3, columns: 3 }, layers) }
    };
    let right = network([Activation::Softplus, Activation::Sigmoid], 3e-3);
    let x = draw(9, 7);
    // Two channels of two positions for each example.
    let values = Matrix::from_function(4, 7, |i, n| x.row(8 - i)[6 - n]);
    let examples = InMemory::from_columns(&x);
    let caught = |wrong: &Network, values_of_wrong: &Matrix<f64>, change: fn(&mut [f64])| -> Vec<String> {
        let cost = right.cost(&examples, Target::Values(&values));
        let gradient = wrong.cost(&examples, Target::Values(values_of_wrong));
        blocks_caught(Mutant { cost, gradient, change }, &right.blocks())
    };
    let all = ["W1", "b1", "W2", "b2"];
    assert_eq!(caught(&right, &values, |_| {}), [""; 0]);
    // a_L where a_L - t belongs.
    assert_eq!(caught(&right, &Matrix::zeros(4, 7), |_| {}), all);
    // The values of another example, and those of another channel or position.
    assert_eq!(caught(&right, &Matrix::from_function(4, 7, |i, n| values.row(i)[(n + 1) % 7]), |_| {}), all);
    assert_eq!(caught(&right, &Matrix::from_function(4, 7, |i, n| values.row(i % 2 * 2 + i / 2)[n]), |_| {}), all);
    // The 2 of the derivative of a square, without the cost's ½.
    assert_eq!(caught(&right, &values, |g| g.iter_mut().for_each(|g| *g *= 2.0)), all);
    // The slope of the last layer forgotten, and the rectifier's where the softplus's belongs.
    let (linear, rectified) =
        ([Activation::Softplus, Activation::Linear], [Activation::Rectified, Activation::Sigmoid]);
    assert_eq!(caught(&network(linear, 3e-3), &values, |_| {}), all);
    assert_eq!(caught(&network(rectified, 3e-3), &values, |_| {}), all);
    assert_eq!(caught(&network([Activation::Softplus, Activation::Sigmoid], 0.0), &values, |_| {}), ["W1", "W2"]);
}

#[test]
fn every_mutant_of_the_l1_penalty_is_caught_where_it_is_wrong() {
    let layers = vec![Layer::Dense { units: 3, activation: Activation::Tanh }, Layer::Softmax { classes: 2 }];
    let right = Network { l1_penalty: 0.01, ..Network::new(MapShape { channels: 4, rows: 1, columns: 1 }, layers) };
    let (x, labels) = (draw(4, 7), [0, 1, 0, 1, 0, 1, 0]);
    let examples = InMemory::from_columns(&x);
    // No weight is at a kink within the steps of the check.
    assert!(theta(right.dimension()).iter().all(|w| w.abs() > 0.006));
    let caught = |wrong: &Network, change: fn(&mut [f64])| -> Vec<String> {
        let [cost, gradient] = [&right, wrong].map(|network| network.cost(&examples, Target::Labels(&labels)));
        blocks_caught(Mutant { cost, gradient, change }, &right.blocks())
    };
    let weights = ["W1", "W2"];
    assert_eq!(caught(&right, |_| {}), [""; 0]);
    // The penalty forgotten, and weight decay in its place.
    assert_eq!(caught(&Network { l1_penalty: 0.0, ..right.clone() }, |_| {}), weights);
    assert_eq!(caught(&Network { l1_penalty: 0.0, weight_decay: 0.01, ..right.clone() }, |_| {}), weights);
    // The sign reversed.
    assert_eq!(caught(&Network { l1_penalty: -0.01, ..right.clone() }, |_| {}), weights);
    // The penalty applied to a bias too.
    assert_eq!(caught(&right, |g| g[12] += 0.01), ["b1"]);
}

/// One mistake in the gradient of a deep autoencoder.
#[derive(Clone, Copy, PartialEq)]
enum Error {
    None,
    /// ε_1 with the slope of a_1, the encoder's output, where that of y_1 belongs.
    EncoderSlope,
    /// δ_2 with the slope of a sigmoid, where the code is linear.
    CodeSlope,
    /// ∂V_1 with a_1 where y_1 belongs: exact features, as in pretraining.
    DecoderInput,
    /// The decoders' decay dropped.
    NoDecay,
}

/// The gradient of two encoders and two decoders, from the steps of its definition, with a mistake or without.
fn deep_gradient(error: Error, model: &DeepAutoencoder, x: &Matrix<f64>, theta: &[f64]) -> Vec<f64> {
    use Activation::{Linear, Sigmoid};
    let blocks = model.blocks();
    let layers: Vec<DenseWeights<f64>> = blocks
        .chunks(2)
        .map(|pair| DenseWeights {
            weights: Matrix::from_rows(pair[0].rows, pair[0].columns, pair[0].values(theta).to_vec()),
            bias: pair[1].values(theta).to_vec(),
        })
        .collect();
    let mut gradients = layers.clone();
    for (l, layer) in gradients.iter_mut().enumerate() {
        let decay = if error == Error::NoDecay && l >= 2 { 0.0 } else { model.weight_decay };
        layer.weights.elements_mut().iter_mut().for_each(|w| *w *= decay);
        layer.bias.fill(0.0);
    }
    let [w1, w2, v2, v1] = &layers[..] else { panic!("two encoders and two decoders") };
    for n in 0..x.columns() {
        let x = x.column(n);
        let a1 = forward_by_definition(w1, Sigmoid, &x);
        let a2 = forward_by_definition(w2, Linear, &a1);
        let y1 = forward_by_definition(v2, Sigmoid, &a2);
        let y0 = forward_by_definition(v1, Sigmoid, &y1);
        let epsilon0: Vec<f64> = y0.iter().zip(&x).map(|(y, x)| (y - x) * y * (1.0 - y)).collect();
        let slope = if error == Error::EncoderSlope { &a1 } else { &y1 };
        let epsilon1 = backward_by_definition(&v1.weights, &epsilon0, &[], Sigmoid, slope);
        let code = if error == Error::CodeSlope { Sigmoid } else { Linear };
        let delta2 = backward_by_definition(&v2.weights, &epsilon1, &[], code, &a2);
        let delta1 = backward_by_definition(&w2.weights, &delta2, &[], Sigmoid, &a1);
        let input = if error == Error::DecoderInput { &a1 } else { &y1 };
        for (l, (delta, input)) in
            [(delta1, &x), (delta2, &a1), (epsilon1.clone(), &a2), (epsilon0, input)].iter().enumerate()
        {
            gradient_by_definition(delta, input, 7, &mut gradients[l]);
        }
    }
    gradients.iter().flat_map(|layer| [layer.weights.elements(), &layer.bias].concat()).collect()
}

#[test]
fn every_mutant_of_the_deep_autoencoder_is_caught_where_it_is_wrong() {
    let model = DeepAutoencoder { weight_decay: 3e-3, ..DeepAutoencoder::new(5, &[4, 2]) };
    let x = draw(5, 7);
    let caught = |error: Error| -> Vec<String> {
        let gradient = FromFunction::new(model.dimension(), |theta: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&deep_gradient(error, &model, &x, theta));
            f64::NAN
        });
        blocks_caught(Mutant { cost: model.cost(&x), gradient, change: |_| {} }, &model.blocks())
    };
    assert_eq!(caught(Error::None), [""; 0]);
    assert_eq!(caught(Error::EncoderSlope), ["W1", "b1", "W2", "b2", "V2", "c2"]);
    assert_eq!(caught(Error::CodeSlope), ["W1", "b1", "W2", "b2"]);
    assert_eq!(caught(Error::DecoderInput), ["V1"]);
    assert_eq!(caught(Error::NoDecay), ["V2", "V1"]);
}

/// One mistake in the gradient of a convolution with pooling.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    None,
    /// ∂W written as if the filter had been flipped.
    Flipped,
    /// ∂x through the filter as it is, not flipped: tap (r, s) where (h - 1 - r, v - 1 - s) belongs.
    Unturned,
    /// The strides of rows and columns exchanged.
    Stride,
    /// Their paddings exchanged.
    Padding,
    /// The channels of the input met in reverse order.
    Channel,
    /// a·(1 - a) forgotten.
    NoSlope,
    /// The bias forgotten.
    NoBias,
    /// The maximum taken to stand one place later.
    MaximumOff,
    /// The maximum of equal shares: every place of a region gets its δ.
    MaximumShared,
    /// The mean's δ not divided by the region's size.
    NotMean,
    /// Of overlapping regions the last one alone counts.
    NotAdded,
}

/// Two maps of 6 x 7 under three filters of 3 x 2; rows in steps of 2 with a row of zeros, columns in steps of 1 with
/// two of them.
const SLID: Convolution = Convolution {
    input: MapShape { channels: 2, rows: 6, columns: 7 },
    filters: 3,
    size: [3, 2],
    stride: [2, 1],
    padding: [1, 2],
};

const SLID_EXAMPLES: usize = 2;

fn slid_pooling(kind: PoolingMode) -> Pooling {
    Pooling { mode: kind, input: SLID.output(), regions: [Regions::by(2), Regions::Sliding { size: 4, step: 3 }] }
}

/// The gradient of ½·Σ p² by W, b and x as loops over single numbers, with a slip or without.
fn slid_by_loops(slip: Slip, pooling: &Pooling, theta: &[f64], gradient: &mut [f64]) {
    let Convolution { input, filters, size: [h, v], .. } = SLID;
    let (plane, taps) = (input.plane(), SLID.taps());
    let (b, x) = (filters * taps, filters * taps + filters);
    let MapShape { rows, columns, .. } = SLID.output();
    let regions = pooling.output();
    // The number of x that tap (c, r, s) meets at place (i, j) of an example.
    let met = |n: usize, [c, r, s]: [usize; 3], [i, j]: [usize; 2], slip: Slip| -> Option<usize> {
        let ([down, across], [above, left]) = (SLID.stride, SLID.padding);
        let [down, across] = if slip == Slip::Stride { [across, down] } else { [down, across] };
        let [above, left] = if slip == Slip::Padding { [left, above] } else { [above, left] };
        let (y, u) = ((i * down + r).checked_sub(above)?, (j * across + s).checked_sub(left)?);
        let c = if slip == Slip::Channel { input.channels - 1 - c } else { c };
        let inside = y < input.rows && u < input.columns;
        inside.then_some(x + (c * SLID_EXAMPLES + n) * plane + y * input.columns + u)
    };
    let all_taps = || (0..taps).map(|t| [t / (h * v), t / v % h, t % v]);
    let all_places = || (0..rows * columns).map(|p| [p / columns, p % columns]);
    let number = |[c, r, s]: [usize; 3]| (c * h + r) * v + s;
    gradient.fill(0.0);
    for n in 0..SLID_EXAMPLES {
        for k in 0..filters {
            let a: Vec<f64> = all_places()
                .map(|place| {
                    let z = all_taps().fold(theta[b + k], |z, tap| {
                        z + theta[k * taps + number(tap)] * met(n, tap, place, Slip::None).map_or(0.0, |at| theta[at])
                    });
                    1.0 / (1.0 + ossicle::number::Real::exp(-z))
                })
                .collect();
            let mut delta = vec![0.0; a.len()];
            for region in 0..regions.rows * regions.columns {
                let (i, j) = (region / regions.columns, region % regions.columns);
                let (down, across) = (pooling.regions[0].region(i, rows), pooling.regions[1].region(j, columns));
                let members: Vec<usize> = down.flat_map(|i| across.clone().map(move |j| i * columns + j)).collect();
                let best = *members.iter().max_by(|&&p, &&q| a[p].total_cmp(&a[q])).unwrap();
                let mean = members.iter().fold(0.0, |sum, &p| sum + a[p]) / members.len() as f64;
                let later = if slip == Slip::MaximumOff { (best + 1) % a.len() } else { best };
                for &p in members.iter().chain([&later].into_iter().filter(|later| !members.contains(later))) {
                    let d = match pooling.mode {
                        PoolingMode::Mean if slip == Slip::NotMean => mean,
                        PoolingMode::Mean => mean / members.len() as f64,
                        PoolingMode::Max if slip == Slip::MaximumShared || p == later => a[best],
                        PoolingMode::Max => 0.0,
                    };
                    delta[p] = if slip == Slip::NotAdded { d } else { delta[p] + d };
                }
            }
            for (place, (d, a)) in all_places().zip(delta.iter().zip(&a)) {
                let d = if slip == Slip::NoSlope { *d } else { d * a * (1.0 - a) };
                gradient[b + k] += if slip == Slip::NoBias { 0.0 } else { d };
                for tap in all_taps() {
                    let Some(at) = met(n, tap, place, slip) else { continue };
                    let turned = number([tap[0], h - 1 - tap[1], v - 1 - tap[2]]);
                    let (of_w, of_x) = match slip {
                        Slip::Flipped => (turned, number(tap)),
                        Slip::Unturned => (number(tap), turned),
                        _ => (number(tap), number(tap)),
                    };
                    gradient[k * taps + of_w] += d * theta[at];
                    gradient[at] += d * theta[k * taps + of_x];
                }
            }
        }
    }
}

#[test]
fn every_mutant_of_convolution_and_pooling_is_caught_where_it_is_wrong() {
    let caught = |kind: PoolingMode, slip: Slip| -> Vec<String> {
        let pooling = slid_pooling(kind);
        let cost = ConvolutionCost::new(SLID, pooling, SLID_EXAMPLES);
        let theta = theta(cost.dimension());
        assert!(cost.smallest_margin(&theta) > 0.003, "a maximum is about to change its position");
        let blocks = named_ranges(&cost.blocks());
        let gradient = FromFunction::new(theta.len(), |theta: &[f64], gradient: &mut [f64]| {
            slid_by_loops(slip, &pooling, theta, gradient);
            f64::NAN
        });
        let found = check(&mut Mutant { cost, gradient, change: |_| {} }, &theta, &blocks);
        found.into_iter().filter(|block| !block.passes()).map(|block| block.name).collect()
    };
    for kind in [PoolingMode::Mean, PoolingMode::Max] {
        assert_eq!(caught(kind, Slip::None), [""; 0]);
        assert_eq!(caught(kind, Slip::Flipped), ["W"]);
        assert_eq!(caught(kind, Slip::Unturned), ["x"]);
        assert_eq!(caught(kind, Slip::Stride), ["W", "x"]);
        assert_eq!(caught(kind, Slip::Padding), ["W", "x"]);
        assert_eq!(caught(kind, Slip::Channel), ["W", "x"]);
        assert_eq!(caught(kind, Slip::NoSlope), ["W", "b", "x"]);
        assert_eq!(caught(kind, Slip::NoBias), ["b"]);
        assert_eq!(caught(kind, Slip::NotAdded), ["W", "b", "x"]);
    }
    assert_eq!(caught(PoolingMode::Mean, Slip::NotMean), ["W", "b", "x"]);
    assert_eq!(caught(PoolingMode::Max, Slip::MaximumOff), ["W", "b", "x"]);
    assert_eq!(caught(PoolingMode::Max, Slip::MaximumShared), ["W", "b", "x"]);
}
