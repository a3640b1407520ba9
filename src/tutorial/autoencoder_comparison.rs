//! The autoencoders of the lectures in one table: what each regularizer does, on the same examples and at the same
//! size.
//!
//! Each model is a variant of the plain autoencoder (sigmoid units, squared errors, a little weight decay), or sparse
//! coding with or without an encoder. All learn from the same unlabeled examples, the dictionaries of sparse coding
//! from the first 10,000. Adam trains the denoising, the contractive and the variational autoencoder, with the same
//! number of epochs; L-BFGS trains the other autoencoders, with the same number of iterations (for the deep and the
//! multimodal one, in each of three trainings). Then each model is measured in the same way:
//!
//! | metric | meaning |
//! | --- | --- |
//! | `error` | squared error of the reconstruction of test examples, as a fraction of their variance |
//! | `active` | the mean value of a feature on test examples |
//! | `dead` | the number of features whose values on the test examples differ by less than a hundredth |
//! | `jacobian` | root mean square of \|∂h/∂x\|_F on test examples, with features and inputs scaled to variance 1 |
//! | `accuracy-N` | test accuracy of softmax regression on the features, with N labels of each class (see below) |
//! | `accuracy-all` | the same with all labels |
//! | `seconds` | of training |
//!
//! `raw` is softmax regression on the examples themselves. Features are scaled by one number, so that their mean
//! variance on training examples is 1 and the same weight decays suit every model; of three decays, the regression
//! takes the one that does best on a fifth of its training examples, which the other four fifths did not see. The
//! accuracy with N labels is the mean of up to five trainings, each with other labels, since few labels give accuracies
//! that depend on which these are.
//!
//! Sources: source D; source E, "Sparse coding"; P. Vincent et al., 2010, tables 1 and 2, for such comparisons.

use super::error::TutorialError;
use super::examples::LabeledExamples;
use super::exercise::autoencoder::DEAD;
use super::exercise::context::{Arrangement, ExerciseContext, half_distance};
use super::report::{Table, percent, tsv};
use super::settings::PipelineSettings;
use super::training::{Batches, TrainedClassifier, with_best_decay};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::contractive::Contractive;
use crate::model::deep_autoencoder::DeepAutoencoder;
use crate::model::denoising::{Corruption, Denoising};
use crate::model::greedy::{TrainedAutoencoder, pretrain};
use crate::model::network::InMemory;
use crate::model::parameters::Block;
use crate::model::predictive::Predictive;
use crate::model::sparse_coding::Dictionary;
use crate::model::variational::Decoder;
use crate::model::visualization::{dead_units, mean_activations};
use crate::model::{Activation, Autoencoder, Loss, Multimodal, Softmax, SparseCoding, Variational};
use crate::number::sum::{sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::{Batched, Reason};
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;

/// Numbers of labels of each class; then all.
pub const LABELS: [usize; 3] = [10, 100, 1000];

/// The trainings with a number of labels, at most: with few labels, the accuracy depends on which these are.
const TRAININGS: usize = 5;

/// The candidates for the weight decay of a softmax regression.
const DECAYS: [f64; 3] = [1e-4, 1e-3, 1e-2];

/// λ of all autoencoders but the sparse one.
const DECAY: f64 = 1e-4;

/// The test examples whose Jacobian is measured, and the step of its difference quotient, in deviations of an input.
const JACOBIAN_EXAMPLES: usize = 200;
const JACOBIAN_STEP: f64 = 0.03;

/// The file of the sheet.
pub const PICTURE: &str = "autoencoders.png";

/// The filters of each model on the sheet.
const FILTERS: usize = 24;

/// A function of examples, such as an encoder: the columns of a matrix to those of another.
pub type Map<'m> = Box<dyn Fn(&Matrix<f32>) -> Matrix<f32> + 'm>;

/// A trained model.
pub struct Trained<'m> {
    /// Features of examples.
    pub encode: Map<'m>,
    /// Reconstructions from features.
    pub decode: Map<'m>,
    /// A picture of each feature, one in each row: the weights of its unit or, where the encoder's weights show little,
    /// the change that it makes to the reconstruction.
    pub filters: Matrix<f32>,
}

/// A model of the table.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its difference from the plain autoencoder.
    pub difference: &'static str,
    /// Trains it.
    pub train: fn(&mut ExerciseContext, &Matrix<f32>) -> Trained<'static>,
}

/// The models, in the order of the table.
pub const MODELS: [Entry; 11] = [
    Entry { name: "sparse", difference: "mean activations pulled toward ρ", train: sparse },
    Entry { name: "denoising", difference: "tied weights, inputs with noise, targets clean", train: denoising },
    Entry { name: "contractive", difference: "tied weights, and a penalty on the Jacobian", train: contractive },
    Entry { name: "variational", difference: "codes drawn from a normal distribution", train: variational },
    Entry { name: "tied", difference: "the decoder's weights are the encoder's, transposed", train: tied },
    Entry { name: "linear", difference: "linear units: the subspace of PCA", train: linear },
    Entry { name: "cross-entropy", difference: "examples as probabilities", train: cross_entropy },
    Entry { name: "sparse-coding", difference: "codes found by a minimization, no encoder", train: sparse_coding },
    Entry { name: "predictive", difference: "sparse codes, predicted by an encoder", train: predictive },
    Entry {
        name: "multimodal",
        difference: "one code of two halves, each with its own autoencoder",
        train: multimodal,
    },
    Entry { name: "deep", difference: "two encoders and two decoders, tuned together", train: deep },
];

/// The measurements of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The model's name; `raw` for the examples themselves.
    pub model: &'static str,
    /// Names and values, in the order of the table; NaN where there is none.
    pub metrics: Vec<(String, f64)>,
}

/// Settings of a comparison: more examples and units than an exercise has. `quick` takes fewer.
pub fn settings(of_images: bool, quick: bool, seed: u64) -> PipelineSettings {
    let (most_windows, hidden, iterations, epochs) = match (of_images, quick) {
        (true, false) => (usize::MAX, 196, 120, 30),
        (true, true) => (3000, 64, 40, 10),
        (false, false) => (20_000, 100, 150, 40),
        (false, true) => (2000, 36, 40, 10),
    };
    let mut settings = PipelineSettings { most_windows, hidden, iterations, seed, ..PipelineSettings::default() };
    settings.convolutional.epochs = epochs;
    settings
}

/// Trains and measures the models with these names, in the order of the table, after the examples themselves; draws
/// filters of each.
///
/// # Errors
/// If there are fewer than two examples to train on.
pub fn compare(context: &mut ExerciseContext, names: &[&str]) -> Result<Vec<Measured>, TutorialError> {
    let examples = context.train.matrix.clone();
    let raw = Trained {
        encode: Box::new(Matrix::clone),
        decode: Box::new(Matrix::clone),
        filters: Matrix::zeros(0, examples.rows()),
    };
    let mut rows = Vec::from([Measured { model: "raw", metrics: measure(context, "raw", &raw, f64::NAN) }]);
    let mut sheet: Vec<f32> = Vec::new();
    for entry in MODELS.iter().filter(|entry| names.contains(&entry.name)) {
        let start = Instant::now();
        let trained = (entry.train)(context, &examples);
        let seconds = start.elapsed().as_secs_f64();
        rows.push(Measured { model: entry.name, metrics: measure(context, entry.name, &trained, seconds) });
        let shown = FILTERS.min(trained.filters.rows());
        (0..shown).for_each(|k| sheet.extend(trained.filters.row(k)));
        sheet.resize(sheet.len() + (FILTERS - shown) * examples.rows(), 0.0);
    }
    let filters = Matrix::from_rows(sheet.len() / examples.rows(), examples.rows(), sheet);
    let labels: Vec<&str> = rows[1..].iter().map(|row| row.model).collect();
    if !labels.is_empty() {
        let caption = "The first filters of each model, in their order. Models with fewer units have gray tiles.";
        let arranged = Arrangement::rows(&labels, filters.rows());
        context.draw_tiles("filters of each model", PICTURE, caption, &filters, arranged);
    }
    Ok(rows)
}

/// All metrics of a model.
fn measure(context: &mut ExerciseContext, name: &str, model: &Trained, seconds: f64) -> Vec<(String, f64)> {
    let [train, test] = [&context.train, &context.test].map(|set| set.map(|examples| (model.encode)(examples)));
    let mut metrics: Vec<(String, f64)> = Vec::new();
    let mut metric = |name: &str, value: f64| metrics.push((name.into(), value));
    let is_model = model.filters.rows() > 0;
    let or_none = |value: f64| if is_model { value } else { f64::NAN };
    let x = &context.test.matrix;
    metric("error", or_none(error_fraction(&(model.decode)(&test.matrix), x)));
    let means = mean_activations(&test.matrix);
    metric("active", or_none(sum(&means).to_f64() / means.len() as f64));
    metric("dead", or_none(dead_units(&test.matrix, DEAD).len() as f64));
    metric("jacobian", or_none(jacobian(model, &context.test.first(JACOBIAN_EXAMPLES).matrix, context.settings.seed)));

    let [train, test] = scaled([train, test]);
    for labels in LABELS {
        let parts = parts_of_each_class(&train, labels, context.labels.len());
        let total = parts.iter().fold(0.0, |total, part| total + accuracy(context, name, part, &test));
        metrics.push((format!("accuracy-{labels}"), total / parts.len() as f64));
    }
    metrics.push(("accuracy-all".into(), regression(context, name, &train).accuracy(&test)));
    metrics.push(("seconds".into(), seconds));
    metrics
}

/// Sets of features, times the factor that makes the mean variance of the first set, of training examples, 1.
pub(super) fn scaled<const N: usize>(sets: [LabeledExamples<f32>; N]) -> [LabeledExamples<f32>; N] {
    let scale = 1.0 / root_mean_variance(&sets[0].matrix);
    sets.map(|set| set.map(|x| x.map(|x| scale * x)))
}

/// The accuracy on test examples of softmax regression on training examples.
pub(super) fn accuracy(
    context: &mut ExerciseContext,
    name: &str,
    train: &LabeledExamples<f32>,
    test: &LabeledExamples<f32>,
) -> f64 {
    regression(context, name, train).accuracy(test)
}

/// Softmax regression on training examples, with the weight decay chosen on a fifth of them.
pub(super) fn regression(
    context: &mut ExerciseContext,
    name: &str,
    train: &LabeledExamples<f32>,
) -> TrainedClassifier<Softmax, f32> {
    let (stage, iterations) = (format!("softmax on {name}"), context.settings.softmax_iterations);
    with_best_decay(&DECAYS, train, |decay, train| {
        let model = context.softmax(train.matrix.rows(), decay);
        context.run.regression(&stage, model, iterations, train)
    })
}

/// The first `count` examples of each class, the next ones, and so on: at most [`TRAININGS`] parts, fewer if a class
/// has too few examples.
fn parts_of_each_class(examples: &LabeledExamples<f32>, count: usize, classes: usize) -> Vec<LabeledExamples<f32>> {
    let mut of_class: Vec<Vec<usize>> = std::vec![Vec::new(); classes];
    (0..examples.count()).for_each(|j| of_class[examples.labels[j]].push(j));
    let parts = of_class.iter().map(|all| all.len() / count).min().unwrap_or(0).min(TRAININGS);
    let part = |k: usize| {
        let mut chosen: Vec<usize> = of_class.iter().flat_map(|all| &all[k * count..][..count]).copied().collect();
        chosen.sort_unstable();
        examples.select(&chosen)
    };
    (0..parts).map(part).collect()
}

/// Σ (y - x)², averaged over the examples.
fn squared_error(y: &Matrix<f32>, x: &Matrix<f32>) -> f64 {
    2.0 * half_distance(y, x)
}

/// The squared error of reconstructions, as a fraction of the examples' variance.
pub(super) fn error_fraction(y: &Matrix<f32>, x: &Matrix<f32>) -> f64 {
    squared_error(y, x) / variance(x)
}

/// The sum of the variances of all elements.
pub(super) fn variance(x: &Matrix<f32>) -> f64 {
    let m = x.columns() as f64;
    (0..x.rows()).fold(0.0, |total, i| {
        let mean = sum(x.row(i)).to_f64() / m;
        total + sum_of_squares(x.row(i)).to_f64() / m - mean * mean
    })
}

/// The square root of the mean variance of an element; 1 if nothing varies.
pub(super) fn root_mean_variance(x: &Matrix<f32>) -> f32 {
    let mean = variance(x) / x.rows() as f64;
    if mean > 0.0 { Element::sqrt(mean) as f32 } else { 1.0 }
}

/// The root mean square of |∂h/∂x|_F, with features and inputs scaled to variance 1.
///
/// For a direction v of independent draws from N(0, 1), the mean of |J v|² is Σ_jk (JᵀJ)_jk·E[v_j v_k] = |J|²_F. One
/// direction for each example is enough, since the squares are averaged over the examples. J v is a central difference
/// of the features.
fn jacobian(model: &Trained, x: &Matrix<f32>, seed: u64) -> f64 {
    let (inputs, features) = (root_mean_variance(x), root_mean_variance(&(model.encode)(x)));
    let mut random = Random::new(seed);
    let directions = Matrix::from_function(x.rows(), x.columns(), |_, _| random.normal::<f32>());
    let step = inputs * JACOBIAN_STEP as f32;
    let moved = |sign: f32| {
        let element = |i: usize, j: usize| x.row(i)[j] + sign * step * directions.row(i)[j];
        (model.encode)(&Matrix::from_function(x.rows(), x.columns(), element))
    };
    let squares = squared_error(&moved(1.0), &moved(-1.0));
    Element::sqrt(squares) / (2.0 * JACOBIAN_STEP) / f64::from(features)
}

/// The plain autoencoder, for examples of these rows.
fn plain(context: &ExerciseContext, rows: usize) -> Autoencoder {
    let decoder = context.autoencoder.decoder;
    Autoencoder { decoder, weight_decay: DECAY, ..Autoencoder::new(rows, context.settings.hidden) }
}

/// An autoencoder, trained by L-BFGS.
fn by_lbfgs(context: &mut ExerciseContext, name: &str, model: Autoencoder, examples: &Matrix<f32>) -> Trained<'static> {
    let trained = context.train_autoencoder(name, model, examples);
    of_autoencoder(model, trained.theta)
}

fn sparse(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    by_lbfgs(context, "sparse", Autoencoder { hidden: context.settings.hidden, ..context.autoencoder }, examples)
}

fn tied(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    by_lbfgs(context, "tied", Autoencoder { tied: true, ..plain(context, examples.rows()) }, examples)
}

/// γ of the contractive autoencoder, on sounds and on images. Of 0.1, 0.3, 1, 3 and 10 (images: 0.1 to 0.4, and 1), the
/// one with the best accuracy with all labels on held-out training examples: of sounds every fifth one, of images the
/// last 10,000.
const CONTRACTION: [f64; 2] = [1.0, 0.3];

/// With tied weights: else a small W1 and a large W2 would avoid the penalty.
fn contractive(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    let autoencoder = Autoencoder { tied: true, ..plain(context, examples.rows()) };
    let model = Contractive { autoencoder, contraction: for_examples(context, CONTRACTION) };
    by_adam(context, "contractive", autoencoder, &mut model.cost(examples))
}

/// The first value for sounds, the second for images.
fn for_examples<T: Copy>(context: &ExerciseContext, [sounds, images]: [T; 2]) -> T {
    if context.sounds.is_some() { sounds } else { images }
}

/// The change of the reconstruction by each feature, a row for each: from all features 0 to this one 1.
fn effects(features: usize, decode: impl Fn(&Matrix<f32>) -> Matrix<f32>) -> Matrix<f32> {
    // Column 0 has no feature, column k + 1 feature k alone.
    let decoded = decode(&Matrix::from_function(features, features + 1, |k, j| f32::from(u8::from(j == k + 1))));
    Matrix::from_function(features, decoded.rows(), |k, i| decoded.row(i)[k + 1] - decoded.row(i)[0])
}

fn linear(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    let (encoder, decoder) = (Activation::Linear, Activation::Linear);
    let model = Autoencoder { encoder, decoder, ..plain(context, examples.rows()) };
    let trained = context.train_autoencoder("linear", model, examples);
    let filters = effects(model.hidden, |codes| trained.decode(codes));
    Trained { filters, ..of_autoencoder(model, trained.theta) }
}

/// An affine map of all elements to 0.1 ... 0.9, for models of probabilities; the identity for images.
#[derive(Clone, Copy, Debug)]
struct Range {
    scale: f32,
    offset: f32,
}

impl Range {
    /// Three deviations around 0 become 0.1 to 0.9; elements beyond are clamped.
    fn of(context: &ExerciseContext, examples: &Matrix<f32>) -> Self {
        match context.sounds {
            None => Range { scale: 1.0, offset: 0.0 },
            Some(_) => Range { scale: 0.4 / (3.0 * root_mean_variance(examples)), offset: 0.5 },
        }
    }

    fn apply(self, x: &Matrix<f32>) -> Matrix<f32> {
        x.map(|x| Real::min(Real::max(self.scale * x + self.offset, 0.0), 1.0))
    }

    fn undo(self, y: &Matrix<f32>) -> Matrix<f32> {
        y.map(|y| (y - self.offset) / self.scale)
    }
}

fn cross_entropy(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    let range = Range::of(context, examples);
    let (decoder, loss) = (Activation::Sigmoid, Loss::CrossEntropy);
    let model = Autoencoder { decoder, loss, ..plain(context, examples.rows()) };
    let Trained { encode, decode, filters } = by_lbfgs(context, "cross-entropy", model, &range.apply(examples));
    Trained {
        encode: Box::new(move |x| encode(&range.apply(x))),
        decode: Box::new(move |features| range.undo(&decode(features))),
        filters,
    }
}

/// Adam's largest rate, and the examples in a batch.
const RATE: f64 = 5e-3;
const BATCH: usize = 100;

/// The training by Adam.
pub(super) fn batches(context: &ExerciseContext) -> Batches {
    Batches { epochs: context.settings.convolutional.epochs, batch: BATCH, rate: RATE }
}

/// An autoencoder, trained by Adam on a cost of its parameters.
fn by_adam(
    context: &mut ExerciseContext,
    name: &str,
    model: Autoencoder,
    cost: &mut dyn Batched<f32>,
) -> Trained<'static> {
    let (seed, batches) = (context.settings.seed, batches(context));
    let mut theta: Vec<f32> = model.draw(&mut Random::new(seed));
    context.run.minimize_batches(name, batches, seed, cost, &mut theta);
    context.run.learned(&theta);
    of_autoencoder(model, theta)
}

/// ν, the standard deviation of the noise that is added to examples. Chosen like γ, with the kind of corruption and
/// with weights that are tied or not: masking of a quarter and of half of an example, and ν of ½, 1 and 2 (images: 0.3,
/// 1 and 1.5).
const DEVIATION: f64 = 1.0;

fn denoising(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    let autoencoder = Autoencoder { tied: true, ..plain(context, examples.rows()) };
    let corruption = Corruption::Gaussian { deviation: DEVIATION };
    let model = Denoising { seed: context.settings.seed, ..Denoising::new(autoencoder, corruption) };
    by_adam(context, "denoising", autoencoder, &mut model.cost(examples))
}

/// The maps of a trained autoencoder.
fn of_autoencoder(model: Autoencoder, theta: Vec<f32>) -> Trained<'static> {
    let encoder = theta.clone();
    Trained {
        filters: filters(&model.blocks()[0], &theta),
        encode: Box::new(move |x| model.encode(&encoder, x)),
        decode: Box::new(move |features| model.decode(&theta, features)),
    }
}

/// The weights of units, one unit in each row.
fn filters(weights: &Block, theta: &[f32]) -> Matrix<f32> {
    Matrix::from_rows(weights.rows, weights.columns, weights.values(theta).to_vec())
}

/// The fraction of an example's variance that the variational autoencoder's decoder leaves as noise, of sounds.
const NOISE: f64 = 0.3;

/// A variational autoencoder for the context's examples.
pub(super) fn variational_model(context: &ExerciseContext, latent: usize) -> Variational {
    let examples = &context.train.matrix;
    let decoder = match context.sounds {
        None => Decoder::Binary,
        Some(_) => Decoder::Real { variance: NOISE * variance(examples) / examples.rows() as f64 },
    };
    Variational { decoder, ..Variational::new(examples.rows(), 2 * context.settings.hidden, latent) }
}

/// Adam's largest rate for the variational autoencoder: at [`RATE`], noisy draws of its codes leave it a larger error.
const VARIATIONAL_RATE: f64 = 2e-3;

/// Trains a variational autoencoder; all trainings of a model have the same start and the same draws.
pub(super) fn train_variational(context: &mut ExerciseContext, model: &Variational, epochs: usize) -> Vec<f32> {
    let (network, seed) = (model.network(), context.settings.seed);
    let examples = InMemory::from_columns(&context.train.matrix);
    let mut theta: Vec<f32> = network.draw(&mut Random::new(seed));
    let batches = Batches { epochs, rate: VARIATIONAL_RATE, ..batches(context) };
    let mut cost = model.cost(&network, &examples).with_seed(seed);
    context.run.minimize_batches(&format!("variational, {epochs} epochs"), batches, seed, &mut cost, &mut theta);
    context.run.learned(&theta);
    theta
}

fn variational(context: &mut ExerciseContext, _: &Matrix<f32>) -> Trained<'static> {
    let model = variational_model(context, context.settings.hidden);
    let theta = train_variational(context, &model, context.settings.convolutional.epochs);
    let filters = effects(model.latent, |codes| model.decode(&theta, codes));
    let encoder = theta.clone();
    Trained {
        encode: Box::new(move |x| model.encode(&encoder, x).means),
        decode: Box::new(move |means| model.decode(&theta, means)),
        filters,
    }
}

/// λ of sparse codes, on sounds and on images, chosen like γ, but among 0.25, 0.5 and 1 (images: 0.25 and 1).
const PENALTY: [f64; 2] = [0.5, 0.25];

/// The examples that a dictionary learns from, at most.
const DICTIONARY_EXAMPLES: usize = 10_000;

/// Sparse coding of the context's examples.
pub(super) fn coding_model(context: &ExerciseContext, atoms: usize) -> SparseCoding {
    SparseCoding::new(context.train.matrix.rows(), atoms, for_examples(context, PENALTY))
}

/// The most rounds of training of a dictionary; each finds all codes.
const ROUNDS: usize = 20;

/// The rounds of training of a dictionary.
pub(super) fn rounds(context: &ExerciseContext) -> usize {
    context.settings.convolutional.epochs.min(ROUNDS)
}

/// Learns a dictionary; all dictionaries of a model have the same start.
pub(super) fn train_dictionary(context: &mut ExerciseContext, model: &SparseCoding) -> Dictionary<f32> {
    let (stage, rounds) = ("sparse coding", rounds(context));
    let examples = context.train.first(DICTIONARY_EXAMPLES).matrix;
    let mut dictionary = model.draw(&mut Random::new(context.settings.seed));
    let progress = &mut context.run.progress;
    progress.stage(stage, rounds);
    model.train(&examples, &mut dictionary, rounds, |round, _| {
        progress.step(round.round, f64::from(round.terms.cost()));
        true
    });
    progress.ended(stage, Reason::Iterations);
    context.run.learned(dictionary.atoms.elements());
    dictionary
}

fn sparse_coding(context: &mut ExerciseContext, _: &Matrix<f32>) -> Trained<'static> {
    let model = coding_model(context, context.settings.hidden);
    let dictionary = train_dictionary(context, &model);
    let (filters, decoder) = (dictionary.atoms.clone(), dictionary.clone());
    Trained {
        encode: Box::new(move |x| model.encode(&dictionary, x)),
        decode: Box::new(move |codes| decoder.decode(codes)),
        filters,
    }
}

/// Learns a dictionary and an encoder; all start like those of [`train_dictionary`].
pub(super) fn train_predictive(context: &mut ExerciseContext, model: &Predictive) -> (Dictionary<f32>, Vec<f32>) {
    let (stage, rounds) = ("predictive", rounds(context));
    let examples = context.train.first(DICTIONARY_EXAMPLES).matrix;
    let mut random = Random::new(context.settings.seed);
    let (mut dictionary, mut theta) = (model.coding.draw(&mut random), model.draw(&mut random));
    let progress = &mut context.run.progress;
    progress.stage(stage, rounds);
    model.train(&examples, &mut dictionary, &mut theta, rounds, |round, _, _| {
        progress.step(round.round, f64::from(round.cost()));
        true
    });
    progress.ended(stage, Reason::Iterations);
    context.run.learned(dictionary.atoms.elements());
    context.run.learned(&theta);
    (dictionary, theta)
}

fn predictive(context: &mut ExerciseContext, _: &Matrix<f32>) -> Trained<'static> {
    let model = Predictive::new(coding_model(context, context.settings.hidden));
    let (dictionary, theta) = train_predictive(context, &model);
    let filters = dictionary.atoms.clone();
    Trained {
        encode: Box::new(move |x| model.encode_fast(&theta, x)),
        decode: Box::new(move |codes| dictionary.decode(codes)),
        filters,
    }
}

/// The two halves of examples; if they have an odd number of values, both halves contain the middle one.
fn halves(x: &Matrix<f32>) -> [Matrix<f32>; 2] {
    let half = x.rows().div_ceil(2);
    [0, x.rows() - half].map(|from| Matrix::from_function(half, x.columns(), |i, j| x.row(from + i)[j]))
}

/// One code of two views: an autoencoder of each half of an example, and a joint one of their features.
fn multimodal(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    let PipelineSettings { hidden, iterations, seed, .. } = context.settings;
    let (views, rows) = (halves(examples), examples.rows());
    let parts = [("multimodal, first half", &views[0]), ("multimodal, second half", &views[1])].map(|(stage, view)| {
        let model = plain(context, view.rows());
        context.run.autoencoder(stage, model, iterations, view, &mut Random::new(seed))
    });
    let features = move |parts: &[TrainedAutoencoder<f32>; 2], x: &Matrix<f32>| {
        let [first, second] = halves(x);
        [parts[0].encode(&first), parts[1].encode(&second)]
    };
    let mut model = Multimodal::new([hidden; 2], hidden);
    model.joint.weight_decay = DECAY;
    let [first, second] = features(&parts, examples);
    let pairs = model.pairs([&first, &second]);
    let mut theta: Vec<f32> = model.joint.draw(&mut Random::new(seed));
    context.run.minimize("multimodal, both halves", iterations, &mut model.cost(&pairs), &mut theta);
    context.run.learned(&theta);
    let (encoder, weights) = (parts.clone(), theta.clone());
    let decode = move |codes: &Matrix<f32>| {
        let [first, second] = model.decode(&theta, codes);
        let [first, second] = [parts[0].decode(&first), parts[1].decode(&second)];
        let half = first.rows();
        let element =
            |i: usize, j: usize| if i < half { first.row(i)[j] } else { second.row(2 * half - rows + i - half)[j] };
        Matrix::from_function(rows, codes.columns(), element)
    };
    Trained {
        filters: effects(hidden, &decode),
        encode: Box::new(move |x| {
            let [first, second] = features(&encoder, x);
            model.encode(&weights, [Some(&first), Some(&second)])
        }),
        decode: Box::new(decode),
    }
}

/// Units of the deep autoencoder's first layer, for each of its code.
const WIDER: usize = 2;

/// A stack of two autoencoders, pretrained one after the other, and tuned as one network: three trainings.
fn deep(context: &mut ExerciseContext, examples: &Matrix<f32>) -> Trained<'static> {
    let PipelineSettings { hidden: code, iterations, seed, .. } = context.settings;
    let first = Autoencoder { hidden: WIDER * code, ..plain(context, examples.rows()) };
    let second =
        Autoencoder { encoder: Activation::Linear, weight_decay: DECAY, ..Autoencoder::new(WIDER * code, code) };
    let stack = pretrain(&[first, second], examples, &mut Random::new(seed), |l, cost, theta| {
        context.run.minimize(&format!("deep, layer {}", l + 1), iterations, cost, theta)
    });
    let model = DeepAutoencoder { weight_decay: DECAY, ..DeepAutoencoder::of_stack(&[first, second]) };
    let mut theta = DeepAutoencoder::transfer(&stack);
    context.run.minimize("deep, all layers", iterations, &mut model.cost(examples), &mut theta);
    context.run.learned(&theta);
    let filters = effects(code, |codes| model.decode(&theta, codes));
    let (encoder, weights) = (model.clone(), theta.clone());
    Trained {
        encode: Box::new(move |x| encoder.encode(&weights, x)),
        decode: Box::new(move |features| model.decode(&theta, features)),
        filters,
    }
}

/// The measurements as a table for people.
pub fn table(rows: &[Measured]) -> String {
    let names: Vec<&str> = rows.first().map_or(Vec::new(), |row| row.metrics.iter().map(|(n, _)| &n[..]).collect());
    let mut headings = Vec::from(["model"]);
    headings.extend(names.iter().map(|name| name.strip_prefix("accuracy-").unwrap_or(name)));
    let mut table = Table::new(&headings);
    for row in rows {
        let mut cells = Vec::from([row.model.to_string()]);
        cells.extend(row.metrics.iter().map(|(name, value)| match &name[..] {
            _ if value.is_nan() => "-".into(),
            "dead" => format!("{value}"),
            "active" => format!("{value:.3}"),
            "jacobian" => format!("{value:.2}"),
            "seconds" => format!("{value:.1}"),
            _ => percent(*value),
        }));
        table.row(&cells);
    }
    table.text()
}

/// The measurements as rows for programs: `MODEL METRIC VALUE`.
pub fn table_tsv(rows: &[Measured]) -> String {
    let of_row = |row: &Measured| -> String {
        let cell = |value: f64| if value.is_nan() { "nan".to_string() } else { format!("{value:.6}") };
        row.metrics.iter().map(|(name, value)| tsv(&[row.model, name, &cell(*value)])).collect()
    };
    rows.iter().map(of_row).collect()
}
