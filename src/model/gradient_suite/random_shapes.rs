//! Gradient checks of every objective in the gradient suite, at random sizes and settings.
//!
//! The terms in an objective's name and its number of layers are fixed. All else is random: sizes (1 included), the
//! number of examples, the weights of the terms in use, activations that the name leaves open, filters, strides,
//! padding, regions, the rates of dropout and noise. The random numbers of a cost, such as those of a mask, stay the
//! same while parameters are perturbed.
//!
//! `cargo test --lib random_shapes -- --ignored` checks 500 shapes of each objective. A failure names the shape's seed;
//! `OSSICLE_SHAPE=seed` checks only that seed, in every objective.

use super::*;
use crate::number::Real;
use crate::optimize::check::TOLERANCE;
use alloc::vec;
use core::fmt;
use std::println;

/// Draws a shape of the objective and checks it there; `None` if it has a kink wherever it was tried.
fn check_at_random_shape(Case { name, model }: &Case, random: &mut Random) -> Option<Checked> {
    let name = name.clone();
    match model {
        Model::Autoencoder(model) => {
            let model = autoencoder(*model, random);
            Some(check_autoencoder(name, model, &examples(model.visible, random), random))
        }
        Model::Denoising(model) => {
            let model = Denoising { autoencoder: autoencoder(model.autoencoder, random), ..*model };
            Some(check_denoising(name, model, &examples(model.autoencoder.visible, random), random))
        }
        Model::Contractive(model) => {
            let autoencoder = autoencoder(model.autoencoder, random);
            let model = Contractive { autoencoder, contraction: weight(model.contraction, 1.0, random) };
            Some(check_contractive(name, model, &examples(autoencoder.visible, random), random))
        }
        Model::Softmax(model) => {
            let model = softmax(*model, random);
            Some(check_softmax(name, model, &examples(model.features, random), random))
        }
        Model::Stacked(model) => {
            let model = stacked(model, random);
            Some(check_stacked(name, &model, &examples(model.visible, random), random))
        }
        Model::Deep(model) => {
            let layers = model.layers.iter().map(|layer| MirrorLayer { units: size(7, random), ..*layer }).collect();
            let (visible, weight_decay) = (size(9, random), weight(model.weight_decay, 1.0, random));
            let model = DeepAutoencoder { visible, layers, weight_decay, ..*model };
            Some(check_deep(name, &model, &examples(visible, random), random))
        }
        Model::Multimodal(model) => {
            let features = [size(5, random), size(5, random)];
            let joint = Autoencoder { visible: features[0] + features[1], ..autoencoder(model.joint, random) };
            let model = Multimodal { features, joint };
            Some(check_multimodal(name, model, &examples(joint.visible, random), random))
        }
        Model::Convolution(shape, Pooling { mode, regions, .. }) => {
            let shape = convolution(*shape, *mode, random);
            let input = shape.output();
            let regions = [cut(regions[0], input.rows, random), cut(regions[1], input.columns, random)];
            let examples = 1 + random.index(3);
            check_convolution(name, shape, Pooling { mode: *mode, input, regions }, examples, random)
        }
        Model::Network(model) => {
            let model = network(model, random);
            let seed = random.next_u64() % (1 << 40);
            check_network(name, &model, 1 + random.index(5), seed, usual_target)
        }
        Model::Regression(model) => {
            let model = network(model, random);
            let seed = random.next_u64() % (1 << 40);
            check_network(name, &model, 1 + random.index(5), seed, given_values)
        }
        Model::Variational(Variational { decoder, .. }) => {
            let decoder = match decoder {
                Decoder::Binary => Decoder::Binary,
                Decoder::Real { .. } => Decoder::Real { variance: weight(1.0, 1.0, random) },
            };
            let model = Variational::new(size(6, random), size(6, random), size(4, random));
            let model = Variational { decoder, weight_decay: weight(1.0, 1.0, random), ..model };
            Some(check_variational(name, model, &examples(model.visible, random), random))
        }
        Model::SparseCoding(model) => {
            let model = sparse_coding(*model, random);
            Some(check_sparse_coding(name, model, &examples(model.visible, random), random))
        }
        Model::Encoder(model) => {
            let model = Predictive { coding: sparse_coding(model.coding, random), ..*model };
            Some(check_encoder(name, model, &examples(model.coding.visible, random), random))
        }
        Model::Codes(model) => {
            let model = sparse_coding(*model, random);
            Some(check_codes(name, model, &examples(model.visible, random), random))
        }
    }
}

/// 1 to `most`.
fn size(most: usize, random: &mut Random) -> usize {
    1 + random.index(most)
}

/// A weight between 10⁻⁴ and `most`, each order of magnitude as likely; 0 stays 0.
fn weight(weight: f64, most: f64, random: &mut Random) -> f64 {
    let exponent: f64 = random.uniform(Real::ln(1e-4), Real::ln(most));
    if weight == 0.0 { 0.0 } else { exponent.exp() }
}

/// Usually a few examples; at times more than a register, or more than a part of a row that is computed at once.
fn examples(rows: usize, random: &mut Random) -> Matrix<f64> {
    let count = match random.index(20) {
        0 if rows < 5 => 398 + size(5, random),
        1..5 => size(40, random),
        _ => size(9, random),
    };
    Matrix::from_function(rows, count, |_, _| random.uniform(0.0, 1.0))
}

fn autoencoder(model: Autoencoder, random: &mut Random) -> Autoencoder {
    Autoencoder {
        visible: size(9, random),
        hidden: size(9, random),
        weight_decay: weight(model.weight_decay, 1.0, random),
        sparsity: random.uniform(0.01, 0.99),
        sparsity_weight: weight(model.sparsity_weight, 10.0, random),
        ..model
    }
}

fn softmax(model: Softmax, random: &mut Random) -> Softmax {
    Softmax {
        features: size(17, random),
        classes: size(10, random),
        bias: model.bias,
        weight_decay: weight(model.weight_decay, 1.0, random),
    }
}

fn sparse_coding(model: SparseCoding, random: &mut Random) -> SparseCoding {
    let (visible, atoms) = (size(6, random), size(8, random));
    SparseCoding { visible, atoms, penalty: weight(model.penalty, 1.0, random), ..model }
}

fn stacked(model: &Stacked, random: &mut Random) -> Stacked {
    Stacked {
        visible: size(9, random),
        layers: model.layers.iter().map(|_| size(7, random)).collect(),
        classes: size(6, random),
        bias: model.bias,
        weight_decay: weight(model.weight_decay, 1.0, random),
    }
}

/// Valid filters stay valid. Those with zeros around meet a number of the maps at every place where maxima are taken:
/// of two places with zeros alone, neither is the larger.
fn convolution(shape: Convolution, kind: PoolingMode, random: &mut Random) -> Convolution {
    let input = MapShape { channels: size(3, random), rows: size(6, random), columns: size(6, random) };
    let filters = size(3, random);
    if shape.padding == [0, 0] {
        return Convolution::new(input, filters, [size(input.rows, random), size(input.columns, random)]);
    }
    let most = usize::from(kind == PoolingMode::Mean);
    let mut axis = |length: usize| {
        let size = size(length.min(4), random);
        [size, self::size(3, random), random.index(size + most)]
    };
    let [rows, columns] = [axis(input.rows), axis(input.columns)];
    let [size, stride, padding] = [0, 1, 2].map(|i| [rows[i], columns[i]]);
    Convolution { input, filters, size, stride, padding }
}

/// Regions of the same kind: side by side, overlapping, or parts, of which there may be more than rows.
fn cut(cut: Regions, length: usize, random: &mut Random) -> Regions {
    match cut {
        Regions::Sliding { size: old, step } if old == step => Regions::by(size(length, random)),
        Regions::Sliding { .. } => Regions::Sliding { size: size(length, random), step: size(3, random) },
        Regions::Adaptive(_) => Regions::Adaptive(size(length + 1, random)),
    }
}

/// The same layers in other sizes and with other activations; an autoencoder's last ones undo its first ones.
fn network(model: &Network, random: &mut Random) -> Network {
    use Activation::{Linear, Rectified, Sigmoid, Softplus, Tanh};
    let mut input = MapShape { channels: size(3, random), rows: size(6, random), columns: size(6, random) };
    let [weight_decay, l1_penalty] =
        [(); 2].map(|()| if random.index(4) == 0 { 0.0 } else { weight(1.0, 1.0, random) });
    let activation = |random: &mut Random| [Sigmoid, Tanh, Linear, Rectified, Softplus][random.index(5)];
    let mut layers = Vec::new();
    let is_transposed = |layer: &&Layer| matches!(layer, Layer::TransposedConvolution { .. });
    let pairs = model.layers.iter().filter(is_transposed).count();
    if pairs > 0 {
        // From the innermost shape outward, so that each size fits.
        input = MapShape { channels: size(3, random), rows: size(3, random), columns: size(3, random) };
        for _ in 0..pairs {
            let mut axis = |length: usize| {
                let (size, stride) = (size(3, random), size(2, random));
                let whole = (length - 1) * stride + size;
                let padding = random.index((whole - 1) / 2 + 1).min(2);
                [size, stride, padding, whole - 2 * padding]
            };
            let [rows, columns] = [axis(input.rows), axis(input.columns)];
            let [size, stride, padding, [height, width]] = [0, 1, 2, 3].map(|i| [rows[i], columns[i]]);
            let (filters, channels) = (input.channels, self::size(3, random));
            let [there, back] = [activation(random), activation(random)];
            layers.insert(0, Layer::Convolution { filters, size, stride, padding, activation: there });
            layers.push(Layer::TransposedConvolution { channels, size, stride, padding, activation: back });
            input = MapShape { channels, rows: height, columns: width };
        }
        if model.layers.iter().any(|layer| matches!(layer, Layer::Masking { .. })) {
            layers.insert(0, Layer::Masking { rate: random.uniform(0.0, 0.6) });
        }
        return Network { weight_decay, l1_penalty, ..Network::new(input, layers) };
    }
    for layer in &model.layers {
        let MapShape { rows, columns, .. } = Network::new(input, layers.clone()).shape(layers.len());
        layers.push(match *layer {
            Layer::Convolution { padding, stride, .. } => {
                let mut axis = |length: usize, old: [usize; 2]| {
                    let padding = if old[1] == 0 { 0 } else { random.index(3) };
                    let size = size((length + 2 * padding).min(3), random);
                    [size, if old[0] == 1 { 1 } else { self::size(3, random) }, padding]
                };
                let [rows, columns] = [axis(rows, [stride[0], padding[0]]), axis(columns, [stride[1], padding[1]])];
                let [size, stride, padding] = [0, 1, 2].map(|i| [rows[i], columns[i]]);
                let (filters, activation) = (self::size(3, random), activation(random));
                Layer::Convolution { filters, size, stride, padding, activation }
            }
            Layer::Pooling { mode: kind, regions: cuts } => {
                Layer::Pooling { mode: kind, regions: [cut(cuts[0], rows, random), cut(cuts[1], columns, random)] }
            }
            Layer::Dense { .. } => Layer::Dense { units: size(6, random), activation: activation(random) },
            Layer::Residual { .. } => Layer::Residual { activation: activation(random) },
            Layer::Dropout { .. } => Layer::Dropout { rate: random.uniform(0.0, 0.6) },
            Layer::Softmax { .. } => Layer::Softmax { classes: size(5, random) },
            Layer::Masking { .. } | Layer::TransposedConvolution { .. } | Layer::Gaussian { .. } => {
                unreachable!("a part of an autoencoder")
            }
        });
    }
    Network { weight_decay, l1_penalty, ..Network::new(input, layers) }
}

/// Checks `count` shapes of each objective; a shape with too many kinks is drawn anew.
fn check_shapes(count: usize) {
    let seeds = match std::env::var("OSSICLE_SHAPE") {
        Ok(seed) => vec![seed.parse().expect("OSSICLE_SHAPE is a number")],
        Err(_) => (0..count).collect::<Vec<_>>(),
    };
    let (mut blocks, mut rounded, mut failures, mut largest) = (0, 0, Vec::new(), 0.0);
    for case in suite() {
        for &seed in &seeds {
            let mut random = Random::stream(seed as u64, &[0]);
            let checked =
                (0..TRIES).find_map(|_| check_at_random_shape(&case, &mut random)).expect("a shape without kinks");
            for block in &checked.blocks {
                blocks += 1;
                if block.error < TOLERANCE {
                    largest = Real::max(largest, block.error);
                } else {
                    rounded += 1;
                }
                if !block.passes() {
                    failures.push(format!("OSSICLE_SHAPE={seed}: {} {}: {block:?}", case.name, checked.shape));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {blocks} blocks:\n{}", failures.len(), failures.join("\n"));
    println!("{blocks} blocks, {rounded} of them 0 but for rounding; the largest error of the others is {largest:e}");
}

#[test]
fn every_gradient_agrees_at_random_shapes() {
    check_shapes(10);
}

#[test]
#[ignore = "minutes: 500 shapes of each objective"]
fn every_gradient_agrees_at_500_random_shapes() {
    check_shapes(500);
}

/// Asserts that the gradient of `wrong` is caught under the cost of `right`; `what` describes both.
#[track_caller]
fn assert_caught(
    right: &mut dyn Objective<f64>,
    wrong: &mut dyn Objective<f64>,
    blocks: &[Block],
    random: &mut Random,
    what: &dyn fmt::Debug,
) {
    let mut mutant = FromFunction::new(right.dimension(), |theta: &[f64], gradient: &mut [f64]| {
        let cost = right.cost_and_gradient(theta, gradient);
        wrong.cost_and_gradient(theta, gradient);
        cost
    });
    let checked = run(String::new(), String::new(), blocks, &mut mutant, random);
    assert!(checked.blocks.iter().any(|block| !block.passes()), "{what:?}");
}

#[test]
fn mutants_are_caught_at_every_random_shape() {
    for seed in 0..20 {
        let random = &mut Random::stream(seed, &[1]);
        let all_terms = Autoencoder { weight_decay: 1.0, sparsity_weight: 1.0, ..Autoencoder::new(5, 3) };
        let right = autoencoder(all_terms, random);
        let x = examples(right.visible, random);
        for wrong in [
            Autoencoder { weight_decay: 0.0, ..right },
            Autoencoder { sparsity_weight: 0.0, ..right },
            Autoencoder { sparsity: 0.9 * right.sparsity, ..right },
            Autoencoder { decoder: Activation::Linear, ..right },
        ] {
            assert_caught(&mut right.cost(&x), &mut wrong.cost(&x), &right.blocks(), random, &(seed, &right, &wrong));
        }
        for tied in [false, true] {
            let (encoder, loss) = (Activation::Tanh, Loss::CrossEntropy);
            let right = Autoencoder { sparsity_weight: 0.0, encoder, loss, tied, ..right };
            for wrong in [
                Autoencoder { loss: Loss::Squared, ..right },
                Autoencoder { encoder: Activation::Sigmoid, ..right },
                Autoencoder { weight_decay: 0.0, ..right },
            ] {
                assert_caught(
                    &mut right.cost(&x),
                    &mut wrong.cost(&x),
                    &right.blocks(),
                    random,
                    &(seed, &right, &wrong),
                );
            }
        }

        let right = softmax(Softmax { features: 5, classes: 4, bias: true, weight_decay: 1.0 }, random);
        let right = Softmax { classes: right.classes + 1, ..right };
        let x = examples(right.features, random);
        let classes = labels(x.columns(), right.classes);
        let shifted: Vec<usize> = classes.iter().map(|y| (y + 1) % right.classes).collect();
        for (wrong, y) in [(Softmax { weight_decay: 0.0, ..right }, &classes), (right, &shifted)] {
            assert_caught(
                &mut right.cost(&x, &classes),
                &mut wrong.cost(&x, y),
                &right.blocks(),
                random,
                &(seed, &right, &wrong),
            );
        }

        let all_terms = Stacked { visible: 5, layers: vec![3, 6, 2], classes: 4, bias: true, weight_decay: 1.0 };
        let right = stacked(&all_terms, random);
        let x = examples(right.visible, random);
        let classes = labels(x.columns(), right.classes);
        let wrong = Stacked { weight_decay: 0.0, ..right.clone() };
        assert_caught(
            &mut right.cost(&x, &classes),
            &mut wrong.cost(&x, &classes),
            &right.blocks(),
            random,
            &(seed, &right, &wrong),
        );

        // One region of several places, whose mean is taken for their maximum.
        let shape =
            Convolution::new(MapShape { channels: size(3, random), rows: 2 + size(4, random), columns: 3 }, 2, [2, 2]);
        let mean = Pooling { mode: PoolingMode::Mean, input: shape.output(), regions: [Regions::Adaptive(1); 2] };
        let mut right = ConvolutionCost::new(shape, mean, 2);
        let mut wrong = ConvolutionCost::new(shape, Pooling { mode: PoolingMode::Max, ..mean }, 2);
        let blocks = right.blocks();
        assert_caught(&mut right, &mut wrong, &blocks, random, &(seed, shape));

        // The decay dropped, and the masks of another seed.
        let Model::Network(strided) = &networks()[3].model else { panic!("a network") };
        let right = network(strided, random);
        let smooth = |layer: &Layer| match *layer {
            Layer::Convolution { filters, size, stride, padding, .. } => {
                Layer::Convolution { filters, size, stride, padding, activation: Activation::Tanh }
            }
            Layer::Dropout { .. } => Layer::Dropout { rate: 0.5 },
            Layer::Softmax { .. } => Layer::Softmax { classes: 3 },
            other => other,
        };
        let layers = right.layers.iter().map(smooth).collect();
        let right = Network { weight_decay: weight(1.0, 1.0, random), ..Network::new(right.input, layers) };
        let fixed =
            InMemory::from_columns(&Matrix::from_function(right.input.elements(), 8, |_, _| random.uniform(0.1, 0.9)));
        let classes = labels(8, 3);
        for (weight_decay, seed_of_masks) in [(0.0, 0), (right.weight_decay, 1)] {
            let wrong = Network { weight_decay, ..right.clone() };
            let cost = |model| Network::cost(model, &fixed, Target::Labels(&classes));
            let (mut a, mut b) = (cost(&right), cost(&wrong).with_seed(seed_of_masks));
            assert_caught(&mut a, &mut b, &right.blocks(), random, &(seed, &right, &wrong));
        }
    }
}
