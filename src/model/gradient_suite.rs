//! The gradient suite: a small instance of every objective, at odd and unequal sizes, for the gradient check.
//!
//! Each cost is checked with its error alone, with each other term, and with all terms, on seven examples and on one.
//! The biases are random and not zero. Hardly any weight matrix is square, so that a matrix in place of its transpose
//! cannot pass.
//!
//! A cost with kinks (a rectified unit, a maximum, an L1 penalty) has no derivative at a kink, and a difference across
//! a kink does not approximate one. So such a cost is checked at a point from which no step of the check reaches a
//! kink: points are drawn at random until one is found.

use super::convolution::pooling::Regions;
use super::convolution::{Convolution, ConvolutionCost, MapShape, Pooling, PoolingMode};
use super::network::{InMemory, Layer, Network, Target};
use super::parameters::{Block, blocks, named_ranges};
use super::sparse_coding::CodesCost;
use super::variational::Decoder;
use super::{
    Activation, Autoencoder, Contractive, Corruption, DeepAutoencoder, Denoising, Loss, MirrorLayer, Multimodal,
    Predictive, Softmax, SparseCoding, Stacked, Variational,
};
use crate::matrix::Matrix;
use crate::number::Random;
use crate::optimize::Objective;
use crate::optimize::check::{BlockError, check};
use crate::optimize::objective::FromFunction;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Result of the gradient check of one objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The objective and its terms.
    pub objective: String,
    /// Its sizes, such as "5-3 x7": five visible, three hidden, seven examples.
    pub shape: String,
    /// Each block of its parameters.
    pub blocks: Vec<BlockError>,
}

/// An objective of the suite.
struct Case {
    /// The model and its terms.
    name: String,
    model: Model,
}

/// A model of any kind.
enum Model {
    Autoencoder(Autoencoder),
    Denoising(Denoising),
    Contractive(Contractive),
    Softmax(Softmax),
    Stacked(Stacked),
    Deep(DeepAutoencoder),
    Multimodal(Multimodal),
    Convolution(Convolution, Pooling),
    /// With labels, or the input, as its target.
    Network(Network),
    /// With given values as its target.
    Regression(Network),
    Variational(Variational),
    /// The dictionary and the codes.
    SparseCoding(SparseCoding),
    /// The codes at a given dictionary.
    Codes(SparseCoding),
    /// The encoder at given codes.
    Encoder(Predictive),
}

/// Every objective.
fn suite() -> Vec<Case> {
    [
        autoencoders(),
        variants(),
        denoising(),
        contractive(),
        softmaxes(),
        stacks(),
        deep(),
        multimodal(),
        convolutions(),
        networks(),
        regressions(),
        variational(),
        sparse_coding(),
        encoders(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Checks the gradient of every objective of the suite.
pub fn check_all() -> Vec<Checked> {
    let mut checked = Vec::new();
    for examples in [7, 1] {
        for Case { name, model } in suite() {
            let mut random = Random::new(3);
            checked.extend(match model {
                Model::Autoencoder(model) => {
                    Some(check_autoencoder(name, model, &draw(1, model.visible, examples), &mut random))
                }
                Model::Denoising(model) => {
                    Some(check_denoising(name, model, &draw(1, model.autoencoder.visible, examples), &mut random))
                }
                Model::Contractive(model) => {
                    Some(check_contractive(name, model, &draw(1, model.autoencoder.visible, examples), &mut random))
                }
                Model::Softmax(model) => {
                    Some(check_softmax(name, model, &draw(2, model.features, examples), &mut random))
                }
                Model::Stacked(model) => {
                    Some(check_stacked(name, &model, &draw(4, model.visible, examples), &mut random))
                }
                Model::Deep(model) => Some(check_deep(name, &model, &draw(1, model.visible, examples), &mut random)),
                Model::Multimodal(model) => {
                    Some(check_multimodal(name, model, &draw(1, model.joint.visible, examples), &mut random))
                }
                Model::Convolution(shape, pooling) => check_convolution(name, shape, pooling, examples, &mut random),
                Model::Network(model) => check_network(name, &model, examples, 5, usual_target),
                Model::Regression(model) => check_network(name, &model, examples, 5, given_values),
                Model::Variational(model) => {
                    Some(check_variational(name, model, &draw(6, model.visible, examples), &mut random))
                }
                Model::SparseCoding(model) => {
                    Some(check_sparse_coding(name, model, &draw(7, model.visible, examples), &mut random))
                }
                Model::Encoder(model) => {
                    Some(check_encoder(name, model, &draw(8, model.coding.visible, examples), &mut random))
                }
                Model::Codes(model) => Some(check_codes(name, model, &draw(7, model.visible, examples), &mut random)),
            });
        }
    }
    checked
}

fn check_autoencoder(name: String, model: Autoencoder, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let shape = format!("{}-{} x{}", model.visible, model.hidden, x.columns());
    run(name, shape, &model.blocks(), &mut model.cost(x), random)
}

fn check_denoising(name: String, model: Denoising, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let Autoencoder { visible, hidden, .. } = model.autoencoder;
    let shape = format!("{visible}-{hidden} x{}", x.columns());
    run(name, shape, &model.autoencoder.blocks(), &mut model.cost(x), random)
}

fn check_contractive(name: String, model: Contractive, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let Autoencoder { visible, hidden, .. } = model.autoencoder;
    let shape = format!("{visible}-{hidden} x{}", x.columns());
    run(name, shape, &model.autoencoder.blocks(), &mut model.cost(x), random)
}

fn check_softmax(name: String, model: Softmax, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let labels = labels(x.columns(), model.classes);
    let shape = format!("{}-{} x{}", model.features, model.classes, x.columns());
    run(name, shape, &model.blocks(), &mut model.cost(x, &labels), random)
}

fn check_stacked(name: String, model: &Stacked, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let labels = labels(x.columns(), model.classes);
    let sizes: String = model.layers.iter().map(|units| format!("-{units}")).collect();
    let shape = format!("{}{sizes}-{} x{}", model.visible, model.classes, x.columns());
    run(name, shape, &model.blocks(), &mut model.cost(x, &labels), random)
}

fn check_deep(name: String, model: &DeepAutoencoder, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let sizes: String = model.layers.iter().map(|layer| format!("-{}", layer.units)).collect();
    let shape = format!("{}{sizes} x{}", model.visible, x.columns());
    run(name, shape, &model.blocks(), &mut model.cost(x), random)
}

/// The features of the first view are the first rows of x.
fn check_multimodal(name: String, model: Multimodal, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let ([first, second], m) = (model.features, x.columns());
    let shape = format!("{first}+{second}-{} x{m}", model.joint.hidden);
    let view = |from: usize, rows: usize| Matrix::from_function(rows, m, |i, j| x.row(from + i)[j]);
    let pairs = model.pairs([&view(0, first), &view(first, second)]);
    run(name, shape, &model.joint.blocks(), &mut model.cost(&pairs), random)
}

fn check_variational(name: String, model: Variational, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let (network, examples) = (model.network(), InMemory::from_columns(x));
    let shape = format!("{}-{}-{} x{}", model.visible, model.hidden, model.latent, x.columns());
    run(name, shape, &network.blocks(), &mut model.cost(&network, &examples), random)
}

fn check_sparse_coding(name: String, model: SparseCoding, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let shape = format!("{}-{} x{}", model.visible, model.atoms, x.columns());
    run(name, shape, &model.blocks(x.columns()), &mut model.cost(x), random)
}

fn check_codes(name: String, model: SparseCoding, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let shape = format!("{}-{} x{}", model.visible, model.atoms, x.columns());
    let quadratic = model.quadratic(&model.draw(random), x);
    let mut cost = CodesCost::new(&model, &quadratic, 0, x.columns());
    run(name, shape, &blocks([("S", model.atoms, x.columns())]), &mut cost, random)
}

fn check_encoder(name: String, model: Predictive, x: &Matrix<f64>, random: &mut Random) -> Checked {
    let shape = format!("{}-{} x{}", model.coding.visible, model.coding.atoms, x.columns());
    let codes = Matrix::from_function(model.coding.atoms, x.columns(), |_, _| random.uniform(-1.0, 1.0));
    run(name, shape, &model.blocks(), &mut model.encoder_cost(x, &codes), random)
}

/// A label for each example.
fn labels(examples: usize, classes: usize) -> Vec<usize> {
    (0..examples).map(|i| (3 * i + 1) % classes).collect()
}

/// The autoencoder's terms, alone and together.
fn autoencoders() -> Vec<Case> {
    let mut all = Vec::new();
    for decoder in [Activation::Sigmoid, Activation::Linear] {
        for (terms, weight_decay, sparsity_weight) in
            [("error", 0.0, 0.0), ("error, decay", 3e-3, 0.0), ("error, sparsity", 0.0, 3.0), ("all terms", 3e-3, 3.0)]
        {
            let model = Autoencoder { decoder, weight_decay, sparsity: 0.1, sparsity_weight, ..Autoencoder::new(5, 3) };
            let name = format!("autoencoder: {} decoder, {terms}", decoder.name());
            all.push(Case { name, model: Model::Autoencoder(model) });
        }
    }
    all
}

/// Every pair of activations with squared errors, the cross-entropy, both with tied weights and without, all terms but
/// the sparsity of units that are not sigmoid.
fn variants() -> Vec<Case> {
    use Activation::{Linear, Sigmoid, Tanh};
    let mut all = Vec::new();
    for tied in [false, true] {
        for encoder in [Sigmoid, Tanh, Linear] {
            for (decoder, loss, error) in [
                (Sigmoid, Loss::Squared, "squared"),
                (Tanh, Loss::Squared, "squared"),
                (Linear, Loss::Squared, "squared"),
                (Sigmoid, Loss::CrossEntropy, "cross-entropy"),
            ] {
                let sparsity_weight = if encoder == Sigmoid { 3.0 } else { 0.0 };
                let terms =
                    Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight, ..Autoencoder::new(5, 3) };
                let weights = if tied { ", tied" } else { "" };
                let name = format!("autoencoder variant: {} to {}, {error}{weights}", encoder.name(), decoder.name());
                let model = Model::Autoencoder(Autoencoder { encoder, decoder, loss, tied, ..terms });
                all.push(Case { name, model });
            }
        }
    }
    all
}

/// Every corruption, frozen, with all terms of the autoencoder.
fn denoising() -> Vec<Case> {
    let mut all = Vec::new();
    for (terms, corruption, tied) in [
        ("masking", Corruption::Masking { rate: 0.3 }, false),
        ("masking, tied", Corruption::Masking { rate: 0.3 }, true),
        ("Gaussian noise", Corruption::Gaussian { deviation: 0.2 }, false),
        ("salt and pepper", Corruption::SaltAndPepper { rate: 0.4, low: 0.0, high: 1.0 }, false),
    ] {
        let all_terms =
            Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(5, 3) };
        let model = Denoising::new(Autoencoder { tied, ..all_terms }, corruption);
        let model = Model::Denoising(Denoising { is_frozen: true, ..model });
        all.push(Case { name: format!("denoising: {terms}"), model });
    }
    all
}

/// Every smooth encoder, with tied weights and without, with all terms but the sparsity of units that are not sigmoid.
fn contractive() -> Vec<Case> {
    use Activation::{Linear, Sigmoid, Tanh};
    let mut all = Vec::new();
    for (encoder, tied) in [false, true].into_iter().flat_map(|tied| [Sigmoid, Tanh, Linear].map(|f| (f, tied))) {
        let sparsity_weight = if encoder == Sigmoid { 3.0 } else { 0.0 };
        let terms = Autoencoder { weight_decay: 3e-3, sparsity: 0.1, sparsity_weight, ..Autoencoder::new(5, 3) };
        let model = Contractive { autoencoder: Autoencoder { encoder, tied, ..terms }, contraction: 0.3 };
        let name = format!("contractive: {} encoder{}", encoder.name(), if tied { ", tied" } else { "" });
        all.push(Case { name, model: Model::Contractive(model) });
    }
    all
}

fn softmaxes() -> Vec<Case> {
    let mut all = Vec::new();
    for (terms, bias, weight_decay) in [
        ("likelihood", false, 0.0),
        ("likelihood, decay", false, 0.01),
        ("likelihood, bias", true, 0.0),
        ("all terms", true, 0.01),
    ] {
        let model = Model::Softmax(Softmax { features: 5, classes: 4, bias, weight_decay });
        all.push(Case { name: format!("softmax: {terms}"), model });
    }
    all
}

fn sparse_coding() -> Vec<Case> {
    let mut all = Vec::new();
    for (terms, penalty, smoothing) in [("error", 0.0, 0.0), ("all terms", 0.3, 0.25)] {
        let model = SparseCoding { smoothing, ..SparseCoding::new(5, 7, penalty) };
        all.push(Case { name: format!("sparse coding: {terms}"), model: Model::SparseCoding(model) });
        all.push(Case { name: format!("codes: {terms}"), model: Model::Codes(model) });
    }
    all
}

fn encoders() -> Vec<Case> {
    let case = |activation: Activation| {
        let model = Predictive { activation, ..Predictive::new(SparseCoding::new(5, 7, 0.1)) };
        Case { name: format!("predictive encoder: {}", activation.name()), model: Model::Encoder(model) }
    };
    [Activation::Tanh, Activation::Sigmoid].map(case).into()
}

/// One layer and several, of sizes that fall and rise.
fn stacks() -> Vec<Case> {
    let mut all = Vec::new();
    for layers in [&[3][..], &[4, 3], &[3, 6, 2]] {
        for (terms, bias, weight_decay) in [("likelihood", false, 0.0), ("all terms", true, 0.01)] {
            let model = Stacked { visible: 5, layers: layers.to_vec(), classes: 4, bias, weight_decay };
            all.push(Case { name: format!("stacked: {terms}"), model: Model::Stacked(model) });
        }
    }
    all
}

/// One pair of layers and two or three, sizes that fall and rise, each activation at each place, both errors.
fn deep() -> Vec<Case> {
    use Activation::{Linear, Sigmoid, Tanh};
    let layer = |units, encoder, decoder| MirrorLayer { units, encoder, decoder };
    let mut all = Vec::new();
    for (terms, loss, layers) in [
        ("squared", Loss::Squared, vec![layer(3, Sigmoid, Linear)]),
        ("cross-entropy", Loss::CrossEntropy, vec![layer(4, Tanh, Sigmoid), layer(2, Linear, Sigmoid)]),
        ("squared", Loss::Squared, vec![layer(3, Sigmoid, Tanh), layer(6, Tanh, Sigmoid), layer(2, Linear, Linear)]),
    ] {
        let name = format!("deep autoencoder: {terms}, {} layers each way", layers.len());
        let model = Model::Deep(DeepAutoencoder { visible: 5, layers, loss, weight_decay: 3e-3 });
        all.push(Case { name, model });
    }
    all
}

/// The joint autoencoder, with all its terms.
fn multimodal() -> Vec<Case> {
    let case = |decoder: Activation| {
        let mut model = Multimodal::new([3, 2], 4);
        model.joint = Autoencoder { decoder, weight_decay: 3e-3, sparsity_weight: 3.0, ..model.joint };
        Case { name: format!("multimodal: {} decoder", decoder.name()), model: Model::Multimodal(model) }
    };
    [Activation::Sigmoid, Activation::Linear].map(case).into()
}

/// Valid filters, and filters with stride and padding; mean and maximum; regions side by side and overlapping.
fn convolutions() -> Vec<Case> {
    let valid = Convolution::new(MapShape { channels: 2, rows: 7, columns: 6 }, 3, [3, 2]);
    let input = MapShape { channels: 3, rows: 7, columns: 9 };
    let padded = Convolution { input, filters: 2, size: [2, 3], stride: [2, 1], padding: [1, 2] };
    let overlapping = [Regions::Sliding { size: 3, step: 2 }, Regions::Adaptive(3)];
    let mut all = Vec::new();
    for (name, mode) in [("mean", PoolingMode::Mean), ("maximum", PoolingMode::Max)] {
        for (how, shape, regions) in
            [("valid", valid, [Regions::by(2), Regions::by(3)]), ("steps and zeros, overlapping", padded, overlapping)]
        {
            let pooling = Pooling { mode, input: shape.output(), regions };
            all.push(Case { name: format!("convolution: {name}, {how}"), model: Model::Convolution(shape, pooling) });
        }
    }
    all
}

/// Points that a check tries before it gives up on a shape that has a kink near each of them.
const TRIES: usize = 200;

/// Checks a convolution with its pooling at a point where every maximum keeps its position: the check changes no unit's
/// output by more than 2h/4 <= 0.0015. `None` if no such point was found.
fn check_convolution(
    name: String,
    shape: Convolution,
    pooling: Pooling,
    examples: usize,
    random: &mut Random,
) -> Option<Checked> {
    let mut cost = ConvolutionCost::new(shape, pooling, examples);
    let theta = (0..TRIES).find_map(|_| {
        let theta: Vec<f64> = (0..cost.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        (cost.smallest_margin(&theta) > 0.003).then_some(theta)
    })?;
    let MapShape { channels, rows, columns } = shape.input;
    let sizes = format!("{channels}x{rows}x{columns}-{} x{examples}", shape.filters);
    let ranges = named_ranges(&cost.blocks());
    let blocks = check(&mut cost, &theta, &ranges);
    Some(Checked { objective: name, shape: sizes, blocks })
}

/// Each layer, with strides, zeros around, regions that overlap, and both costs.
fn networks() -> Vec<Case> {
    use Activation::{Linear, Rectified, Sigmoid, Tanh};
    let softmax = Layer::Softmax { classes: 4 };
    let pooling = |mode, rows, columns| Layer::Pooling { mode, regions: [rows, columns] };
    let dense_tanh = Layer::Dense { units: 3, activation: Tanh };
    let strided =
        |filters, activation| Layer::Convolution { filters, size: [3, 2], stride: [2, 1], padding: [1, 2], activation };
    let transposed = |channels, activation| Layer::TransposedConvolution {
        channels,
        size: [3, 2],
        stride: [2, 1],
        padding: [1, 2],
        activation,
    };
    let all: [(&str, &[Layer]); 9] = [
        ("softmax", &[softmax]),
        ("dense tanh, sigmoid", &[dense_tanh, Layer::Dense { units: 5, activation: Sigmoid }, softmax]),
        (
            "convolution, mean",
            &[Layer::convolution(3, [2, 3], Sigmoid), Layer::pooling(PoolingMode::Mean, [2, 2]), softmax],
        ),
        (
            "strides and zeros, overlapping means",
            &[
                strided(3, Tanh),
                pooling(PoolingMode::Mean, Regions::Sliding { size: 2, step: 1 }, Regions::Adaptive(3)),
                Layer::Dropout { rate: 0.3 },
                softmax,
            ],
        ),
        (
            "overlapping maxima, two convolutions",
            &[
                Layer::same_convolution(2, [3, 3], Tanh),
                pooling(PoolingMode::Max, Regions::Sliding { size: 3, step: 1 }, Regions::Adaptive(2)),
                Layer::convolution(3, [2, 1], Sigmoid),
                softmax,
            ],
        ),
        (
            "rectified",
            &[Layer::convolution(3, [2, 2], Rectified), Layer::Dense { units: 3, activation: Rectified }, softmax],
        ),
        (
            "dense, two residual",
            &[
                Layer::Dense { units: 4, activation: Sigmoid },
                Layer::Residual { activation: Tanh },
                Layer::Residual { activation: Rectified },
                softmax,
            ],
        ),
        ("autoencoder", &[strided(3, Sigmoid), transposed(2, Linear)]),
        (
            "autoencoder of two, with noise",
            &[
                Layer::Masking { rate: 0.2 },
                strided(3, Tanh),
                Layer::convolution(2, [2, 2], Sigmoid),
                Layer::TransposedConvolution {
                    channels: 3,
                    size: [2, 2],
                    stride: [1, 1],
                    padding: [0, 0],
                    activation: Tanh,
                },
                transposed(2, Sigmoid),
            ],
        ),
    ];
    let input = MapShape { channels: 2, rows: 5, columns: 4 };
    all.into_iter()
        .map(|(terms, layers)| Case {
            name: format!("network: {terms}"),
            model: Model::Network(Network { weight_decay: 0.01, ..Network::new(input, layers.to_vec()) }),
        })
        .chain([Case {
            name: "network: dense tanh, softmax, L1 penalty".into(),
            model: Model::Network(Network { l1_penalty: 0.02, ..Network::new(input, vec![dense_tanh, softmax]) }),
        }])
        .collect()
}

/// Networks of values, with outputs of one position and of several.
fn regressions() -> Vec<Case> {
    use Activation::{Linear, Sigmoid, Softplus, Tanh};
    let dense = |units, activation| Layer::Dense { units, activation };
    let all: [(&str, &[Layer]); 2] = [
        ("dense softplus, sigmoid", &[dense(3, Softplus), dense(2, Sigmoid)]),
        ("convolutions", &[Layer::convolution(2, [3, 2], Tanh), Layer::convolution(3, [2, 2], Linear)]),
    ];
    let input = MapShape { channels: 2, rows: 5, columns: 4 };
    all.into_iter()
        .map(|(terms, layers)| Case {
            name: format!("regression: {terms}"),
            model: Model::Regression(Network { weight_decay: 0.01, ..Network::new(input, layers.to_vec()) }),
        })
        .collect()
}

/// What a network of the suite has to predict.
enum Truth {
    Labels(Vec<usize>),
    Input,
    Values(Matrix<f64>),
}

impl Truth {
    fn target(&self) -> Target<'_, f64> {
        match self {
            Truth::Labels(labels) => Target::Labels(labels),
            Truth::Input => Target::Input(Loss::Squared),
            Truth::Values(values) => Target::Values(values),
        }
    }
}

/// Labels for a softmax layer, and the input for an autoencoder.
fn usual_target(network: &Network, examples: usize) -> Truth {
    network.classes().map_or(Truth::Input, |classes| Truth::Labels(labels(examples, classes)))
}

/// A value for each element of the output.
fn given_values(network: &Network, examples: usize) -> Truth {
    Truth::Values(draw(9, network.shape(network.layers.len()).elements(), examples))
}

/// Variational autoencoders with either decoder.
fn variational() -> Vec<Case> {
    [("binary", Decoder::Binary), ("real", Decoder::Real { variance: 0.3 })]
        .into_iter()
        .map(|(terms, decoder)| Case {
            name: format!("variational autoencoder: {terms}"),
            model: Model::Variational(Variational { decoder, weight_decay: 3e-3, ..Variational::new(5, 3, 2) }),
        })
        .collect()
}

/// Added to the magnitudes of parameters whose L1 norm is in the cost: the check moves them by at most 0.006, so that
/// none reaches the kink at 0.
const MARGIN: f64 = 0.01;

/// Checks a network at a point where no rectified unit and no maximum changes its branch within the steps, and with an
/// L1 penalty no parameter changes its sign, so that the cost is differentiable there. `None` if no such point was
/// found.
fn check_network(
    name: String,
    model: &Network,
    count: usize,
    seed: u64,
    truth: fn(&Network, usize) -> Truth,
) -> Option<Checked> {
    let MapShape { channels, rows, columns } = model.input;
    let truth = truth(model, count);
    (seed..).step_by(2).take(TRIES).find_map(|seed| {
        let examples = InMemory::from_columns(&draw(seed, model.input.elements(), count));
        let mut network = model.cost(&examples, truth.target());
        let mut random = Random::new(seed + 1);
        let margin = if model.l1_penalty > 0.0 { MARGIN } else { 0.0 };
        let mut parameter = || {
            let x: f64 = random.uniform(-1.0, 1.0);
            if x < 0.0 { x - margin } else { x + margin }
        };
        let theta: Vec<f64> = (0..model.dimension()).map(|_| parameter()).collect();
        network.cost_and_gradient(&theta, &mut alloc::vec![0.0; theta.len()]);
        let branches = network.branches();
        let mut smooth = true;
        let mut watched = FromFunction::new(theta.len(), |theta: &[f64], gradient: &mut [f64]| {
            // One kink disqualifies the point.
            if !smooth {
                return f64::NAN;
            }
            let cost = network.cost_and_gradient(theta, gradient);
            smooth = network.branches() == branches;
            cost
        });
        let blocks = check(&mut watched, &theta, &named_ranges(&model.blocks()));
        let shape = format!("{channels}x{rows}x{columns} x{count}");
        smooth.then(|| Checked { objective: name.clone(), shape, blocks })
    })
}

/// Examples between 0.1 and 0.9.
pub(crate) fn draw(seed: u64, rows: usize, columns: usize) -> Matrix<f64> {
    let mut random = Random::new(seed);
    Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
}

fn run(
    objective: String,
    shape: String,
    blocks: &[Block],
    cost: &mut dyn Objective<f64>,
    random: &mut Random,
) -> Checked {
    let theta: Vec<f64> = (0..cost.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
    let ranges: Vec<_> = named_ranges(blocks).into_iter().filter(|(_, range)| !range.is_empty()).collect();
    Checked { objective, shape, blocks: check(cost, &theta, &ranges) }
}

#[cfg(test)]
mod random_shapes;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::objective::by_definition;
    use crate::number::sum::norm_inf;
    use alloc::vec;

    #[test]
    fn every_gradient_agrees_with_its_numerical_derivative() {
        let checked = check_all();
        assert_eq!(checked.len(), 2 * (8 + 24 + 4 + 6 + 4 + 6 + 3 + 2 + 4 + 10 + 2 + 2 + 4 + 2));
        for objective in &checked {
            for block in &objective.blocks {
                assert!(block.passes(), "{} {}: {block:?}", objective.objective, objective.shape);
            }
        }
    }

    #[test]
    fn networks_are_their_definitions() {
        for Case { name, model } in networks().into_iter().chain(regressions()) {
            let (network, truth): (_, fn(&Network, usize) -> Truth) = match model {
                Model::Network(network) => (network, usual_target),
                Model::Regression(network) => (network, given_values),
                _ => panic!("{name}"),
            };
            // The definition has no masks.
            let is_mask = |layer: &&Layer| matches!(layer, Layer::Dropout { .. } | Layer::Masking { .. });
            let layers = network.layers.iter().filter(|layer| !is_mask(layer)).copied().collect();
            let network = Network { layers, ..network };
            let x = draw(1, network.input.elements(), 40);
            let (examples, truth) = (InMemory::from_columns(&x), truth(&network, 40));
            let target = truth.target();
            let theta = draw(2, 1, network.dimension());
            let mut g = vec![f64::NAN; theta.columns()];
            let j = network.cost(&examples, target).cost_and_gradient(theta.elements(), &mut g);
            let (defined, expected) = by_definition(&network, theta.elements(), &x, target);
            assert!((j - defined).abs() < 1e-13 * defined.max(1.0), "{name}: {j} {defined}");
            let largest = norm_inf(&expected).max(1.0);
            for (g, e) in g.iter().zip(&expected) {
                assert!((g - e).abs() < 1e-13 * largest, "{name}: {g} {e}");
            }
        }
    }
}
