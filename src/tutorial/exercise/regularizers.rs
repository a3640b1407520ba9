//! Regularizers compared: exercises D.4 to D.7 on denoising, sparse and contractive autoencoders and a plain one, and
//! the training that they share. (The book shows D.4 and D.5 in the chapter on denoising.)
//!
//! **Examples.** A denoising autoencoder reconstructs an element from the others, so its examples must have elements
//! that depend on one another. Whitening removes this dependence. So these exercises use windows with whitening undone,
//! scaled to variance 1, and images as they are.
//!
//! **Fairness.** A corruption that is drawn anew in each step needs an optimizer for noisy costs. So Adam trains every
//! model of a comparison, with the same number of passes, from the same initial weights. All have a sigmoid encoder and
//! a linear decoder, and differ in their `Regularizer` alone.
//!
//! Sources: source D (L. Huang's slides); the chapters [`denoising`](crate::model::denoising) and
//! [`contractive`](crate::model::contractive).

use super::context::{Arrangement, ExerciseContext};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::contractive::Contractive;
use crate::model::denoising::{Corruption, Denoising};
use crate::model::{Activation, Autoencoder};
use crate::number::Random;
use crate::number::sum::sum;
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::autoencoder_comparison::{accuracy, error_fraction, regression, root_mean_variance, scaled};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::Batches;
use std::format;
use std::string::String;
use std::vec::Vec;

/// The term or the procedure that keeps an autoencoder from copying.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Regularizer {
    /// None.
    None,
    /// [`DECAY`].
    Decay,
    /// [`SPARSITY`] and [`SPARSITY_WEIGHT`].
    Sparsity,
    /// Corrupted inputs.
    Denoising(Corruption),
    /// [`CONTRACTION`], and [`DECAY`], without which small W1 and large W2 would evade it.
    Contraction,
}

/// λ.
const DECAY: f64 = 1e-2;

/// ρ, the mean activation to aim at, and β, its weight.
const SPARSITY: f64 = 0.05;
const SPARSITY_WEIGHT: f64 = 0.5;

/// γ.
const CONTRACTION: f64 = 0.5;

/// q.
const MASKED: f64 = 0.3;

/// The regularizers, with names for tables.
pub(super) const REGULARIZERS: [(&str, Regularizer); 5] = [
    ("none", Regularizer::None),
    ("decay", Regularizer::Decay),
    ("sparsity", Regularizer::Sparsity),
    ("denoising", Regularizer::Denoising(Corruption::Masking { rate: MASKED })),
    ("contractive", Regularizer::Contraction),
];

/// The settings of the regularizers, for a page.
pub(super) fn settings_text() -> String {
    format!(
        "Decay: λ = {DECAY}. Sparsity: ρ = {SPARSITY}, β = {SPARSITY_WEIGHT}. Denoising: each value is 0 with \
         probability q = {MASKED}. Contractive: γ = {CONTRACTION}, plus the decay; otherwise W1 could shrink and W2 \
         grow, which lowers the penalty and hardly changes the reconstruction.\n"
    )
}

/// An autoencoder and its learned parameters.
pub(super) struct Learned {
    pub model: Autoencoder,
    pub theta: Vec<f32>,
}

impl Learned {
    /// The features of examples.
    pub fn encode(&self, examples: &Matrix<f32>) -> Matrix<f32> {
        self.model.encode(&self.theta, examples)
    }

    /// The reconstructions of examples.
    pub fn reconstruct(&self, inputs: &Matrix<f32>) -> Matrix<f32> {
        self.model.decode(&self.theta, &self.encode(inputs))
    }

    /// The squared error of the reconstruction from the inputs, as a fraction of the examples' variance.
    pub fn error(&self, inputs: &Matrix<f32>, examples: &Matrix<f32>) -> f64 {
        error_fraction(&self.reconstruct(inputs), examples)
    }
}

/// A sigmoid encoder and a linear decoder, without any other term.
pub(super) fn shape(visible: usize, hidden: usize) -> Autoencoder {
    Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(visible, hidden) }
}

/// The examples in a batch, and Adam's largest rate.
const BATCH: usize = 50;
const RATE: f64 = 5e-3;

/// Trains by Adam.
pub(super) fn learn(
    context: &mut ExerciseContext,
    stage: &str,
    regularizer: Regularizer,
    shape: Autoencoder,
    examples: &Matrix<f32>,
) -> Learned {
    let (seed, epochs) = (context.settings.seed, if context.quick { 60 } else { 20 });
    let model = match regularizer {
        Regularizer::Decay | Regularizer::Contraction => Autoencoder { weight_decay: DECAY, ..shape },
        Regularizer::Sparsity => Autoencoder { sparsity: SPARSITY, sparsity_weight: SPARSITY_WEIGHT, ..shape },
        Regularizer::None | Regularizer::Denoising(_) => shape,
    };
    let mut cost = match regularizer {
        Regularizer::Denoising(corruption) => Denoising { seed, ..Denoising::new(model, corruption) }.cost(examples),
        Regularizer::Contraction => Contractive { autoencoder: model, contraction: CONTRACTION }.cost(examples),
        _ => model.cost(examples),
    };
    let mut theta = model.draw(&mut Random::new(seed));
    let batches = Batches { epochs, batch: BATCH, rate: RATE };
    context.run.minimize_batches(stage, batches, seed, &mut cost, &mut theta);
    context.run.learned(&theta);
    Learned { model, theta }
}

/// The training and the test examples: windows before whitening, with elements of variance 1, or images as they are.
pub(super) fn unwhitened(context: &ExerciseContext) -> [LabeledExamples<f32>; 2] {
    let [train, test] = [&context.train, &context.test].map(|set| set.map(|x| context.unwhitened(x)));
    if context.sounds.is_some() { scaled([train, test]) } else { [train, test] }
}

/// The test accuracy of softmax regression on the features of a model.
pub(super) fn feature_accuracy(
    context: &mut ExerciseContext,
    learned: &Learned,
    train: &LabeledExamples<f32>,
    test: &LabeledExamples<f32>,
) -> f64 {
    let [train, test] = [train, test].map(|set| set.map(|x| learned.encode(x)));
    let [train, test] = scaled([train, test]);
    accuracy(context, "the features", &train, &test)
}

/// The examples in the picture of D.4.
const DRAWN: usize = 12;

/// D.4: denoising autoencoders, for three kinds of noise.
pub fn denoising(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let [train, test] = unwhitened(context).map(|set| set.matrix);
    // The range of a value: of sounds, two deviations around the mean.
    let [low, high] = if context.sounds.is_some() { [-2.0, 2.0] } else { [0.0, 1.0] };
    let deviation = f64::from(root_mean_variance(&train));
    let noises = [
        ("masking", Corruption::Masking { rate: MASKED }),
        ("Gaussian", Corruption::Gaussian { deviation }),
        ("salt, pepper", Corruption::SaltAndPepper { rate: MASKED, low, high }),
    ];
    let shape = shape(train.rows(), context.settings.hidden);
    let plain = learn(context, "plain", Regularizer::None, shape, &train);
    let mut table = Table::new(&["noise", "autoencoder", "error, clean input", "error, corrupted input"]);
    let (mut labels, mut rows) = (Vec::from(["clean"]), first(&test));
    for (name, corruption) in noises {
        let learned = learn(context, name, Regularizer::Denoising(corruption), shape, &train);
        let corrupted = Denoising::new(shape, corruption).corrupt(0, &test);
        let itself = error_fraction(&corrupted, &test);
        table.cells(&[&name, &"none", &percent(0.0), &percent(itself)]);
        for (kind, learned) in [("plain", &plain), ("denoising", &learned)] {
            let [clean, noisy] = [&test, &corrupted].map(|inputs| percent(learned.error(inputs, &test)));
            table.cells(&[&"", &kind, &clean, &noisy]);
        }
        labels.extend([name, "plain", "denoising"]);
        rows.extend(first(&corrupted));
        rows.extend(first(&plain.reconstruct(&corrupted)));
        rows.extend(first(&learned.reconstruct(&corrupted)));
    }
    context.say(&format!(
        "Errors are squared distances from the clean test example, as fractions of the variance; `none` is the input \
         itself. Masking and salt-and-pepper noise destroy a value with probability {MASKED}; Gaussian noise has the \
         standard deviation of a value, {deviation:.2}.\n"
    ));
    context.table(&table);
    context.say(
        "What to see: from a corrupted input, the denoising autoencoder reconstructs the example better than the \
         plain one. It has learned to infer a value from the others; the plain one relies on each. From a clean \
         input, the plain one usually does better: it was trained on clean inputs.",
    );
    if context.sounds.is_none() {
        rows.iter_mut().for_each(|x| *x = 2.0 * *x - 1.0);
    }
    let rows = Matrix::from_rows(rows.len() / test.rows(), test.rows(), rows);
    let what = "test examples, corrupted, and reconstructed";
    let caption = "Compare each reconstruction with the clean example on top: the denoising autoencoder restores more \
                   of it than the plain one.";
    let arranged = Arrangement::rows(&labels, rows.rows());
    context.draw_unwhitened(what, "D.4-denoised.png", caption, &rows, arranged);
    Ok(())
}

/// The first examples, one after the other.
fn first(examples: &Matrix<f32>) -> Vec<f32> {
    (0..DRAWN.min(examples.columns())).flat_map(|j| examples.column(j)).collect()
}

/// The values of q in D.5.
const RATES: [f64; 6] = [0.0, 0.1, 0.2, 0.3, 0.5, 0.7];

/// D.5: the accuracy on features of denoising autoencoders against q.
pub fn noise_helps(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let [train, test] = unwhitened(context);
    let [most, held_out] = train.split(|j| j % 5 == 4);
    let shape = shape(train.matrix.rows(), context.settings.hidden);
    let mut table = Table::new(&["q", "validation accuracy", "test accuracy"]);
    let (mut validations, mut tests) = (Vec::new(), Vec::new());
    for rate in RATES {
        let corruption = Corruption::Masking { rate };
        let learned = learn(context, &format!("q = {rate}"), Regularizer::Denoising(corruption), shape, &most.matrix);
        let [most, held_out, test] = [&most, &held_out, &test].map(|set| set.map(|x| learned.encode(x)));
        let [most, held_out, test] = scaled([most, held_out, test]);
        let regression = regression(context, "the features", &most);
        let [validation, testing] = [held_out, test].map(|set| regression.accuracy(&set));
        table.cells(&[&rate, &percent(validation), &percent(testing)]);
        validations.push([rate, validation]);
        tests.push([rate, testing]);
    }
    let best = validations.iter().fold([0.0, -1.0], |best, &point| if point[1] > best[1] { point } else { best });
    let testing = tests.iter().find(|point| point[0] == best[0]).map_or(f64::NAN, |point| point[1]);
    let deviation = Element::sqrt(testing * (1.0 - testing) / test.count() as f64);
    context.say(
        "An autoencoder learns from four fifths of the training examples, without labels, with each value masked with \
         probability q. Softmax regression is trained on its features of the same examples, with a weight decay that \
         is chosen on a fifth of these. The fifth of the training examples that the autoencoder has not seen gives \
         the validation accuracy, which chooses q.\n",
    );
    context.table(&table);
    context.say(&format!(
        "Validation chooses q = {}: test accuracy {}, and {} at q = 0.\n\n\
         What to see: does masking help? Compare the test accuracy at the chosen q with that at q = 0. The standard \
         error of a test accuracy is {}; differences of less than twice that may be chance, and with --quick they \
         usually are. The idea: with masking, a feature has to combine many values, so it should represent a pattern \
         of whole examples.",
        best[0],
        percent(testing),
        percent(tests[0][1]),
        percent(deviation),
    ));
    let curve = |name: &str, points| Series { name: name.into(), points, style: Style::Path };
    let curves = [curve("validation", validations), curve("test", tests)];
    let axes = ["q, the fraction of the elements that become 0", "accuracy"];
    let chart = Chart::new("accuracy on features learned with noise", axes, [Scale::Linear; 2], curves.into());
    let caption = "The highest point of the validation curve chooses q; the test accuracy at this q is the result.";
    context.put_chart("accuracy against q", "D.5-noise.svg", caption, chart);
    Ok(())
}

/// D.6: the activations of one example, with and without sparsity.
pub fn sparse_or_not(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let [train, test] = unwhitened(context);
    let shape = shape(train.matrix.rows(), context.settings.hidden);
    let mut table = Table::new(&[
        "autoencoder",
        "largest",
        "5th",
        "10th",
        "median",
        "mean",
        "units for half the sum",
        "error",
        "accuracy",
    ]);
    let mut curves = Vec::new();
    for (name, regularizer) in [("without sparsity", Regularizer::None), ("with sparsity", Regularizer::Sparsity)] {
        let learned = learn(context, name, regularizer, shape, &train.matrix);
        let mut activations = learned.encode(&test.first(1).matrix).elements().to_vec();
        activations.sort_by(|a, b| b.total_cmp(a));
        let at = |k: usize| format!("{:.2}", activations[k.min(activations.len() - 1)]);
        let total = sum(&activations);
        let half = (1..=activations.len()).find(|&k| sum(&activations[..k]) >= 0.5 * total).unwrap_or(0);
        table.cells(&[
            &name,
            &at(0),
            &at(4),
            &at(9),
            &at(activations.len() / 2),
            &format_args!("{:.3}", total / activations.len() as f32),
            &half,
            &percent(learned.error(&test.matrix, &test.matrix)),
            &percent(feature_accuracy(context, &learned, &train, &test)),
        ]);
        let points = activations.iter().enumerate().map(|(k, &a)| [(k + 1) as f64, f64::from(a)]).collect();
        curves.push(Series { name: name.into(), points, style: Style::Line });
    }
    context.say(&format!(
        "The lectures show two codes, 0.4 0.5 0.5 0.4 0.6 0.5 and 0.01 0.02 0.8 0.01 0.9 0.01, and ask which one is \
         better. Here are the activations of one test example, in descending order, under an autoencoder without and \
         with sparsity (ρ = {SPARSITY}, β = {SPARSITY_WEIGHT}); error and accuracy are those of all test examples.\n"
    ));
    context.table(&table);
    context.say(
        "What to see: without sparsity, nearly every unit is active. With it, most activations are closer to 0, and \
         fewer units make up half of the sum: which units these are describes the example. Which code is better? The \
         one without sparsity reconstructs better. For classification, compare the accuracies of softmax regression. \
         A sparse code is better only with enough units and examples, more than --quick has.",
    );
    let axes = ["rank of the unit", "activation"];
    let chart = Chart::new("the activations of one example, sorted", axes, [Scale::Linear; 2], curves);
    let caption = "The faster a curve falls toward 0, the fewer units describe the example.";
    context.put_chart("activations of one example", "D.6-activations.svg", caption, chart);
    Ok(())
}

/// The test examples whose Jacobians are decomposed.
const DECOMPOSED: usize = 50;

/// D.7: the singular values of the encoder's Jacobian.
pub fn contraction(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let [train, test] = unwhitened(context);
    let shape = shape(train.matrix.rows(), context.settings.hidden);
    let some = test.first(DECOMPOSED).matrix;
    let mut table = Table::new(&["regularizer", "|H|", "largest factor", "factors > 1/10", "test error", "accuracy"]);
    let mut curves = Vec::new();
    for (name, regularizer) in REGULARIZERS {
        let learned = learn(context, name, regularizer, shape, &train.matrix);
        let values = mean_singular_values(&learned, &some);
        let directions = values.iter().filter(|&&value| value > 0.1 * values[0]).count();
        table.cells(&[
            &name,
            &format_args!("{:.2}", learned.model.jacobian_norm(&learned.theta, &some)),
            &format_args!("{:.2}", values[0]),
            &directions,
            &percent(learned.error(&test.matrix, &test.matrix)),
            &percent(feature_accuracy(context, &learned, &train, &test)),
        ]);
        let points = values.iter().enumerate().map(|(k, &value)| [(k + 1) as f64, value]).collect();
        curves.push(Series { name: name.into(), points, style: Style::Line });
    }
    context.say(&settings_text());
    context.say(&format!(
        "H is the Jacobian of the encoder at a test example. Its singular values are the factors by which a small \
         change of the example is stretched, in orthogonal directions; |H| is the root of the sum of their squares. \
         (Features are not rescaled here, as they are in `ossicle autoencoders`.) Norms and factors are averaged over \
         {DECOMPOSED} test examples. The column `factors > 1/10` counts those above a tenth of the largest.\n",
    ));
    context.table(&table);
    context.say(
        "What to see: compare the contractive autoencoder with `decay`, which it includes: its largest factor is \
         smaller. The price is a larger error: the reconstruction needs the changes that occur among examples, and \
         the penalty lowers the response to all changes. Sparsity lowers |H| as well: a unit with activation a near 0 \
         has the slope a·(1 - a), which is small. The weights of the penalties were set so that each shows its \
         effect: the table illustrates them, and does not rank them.",
    );
    let axes = ["k", "singular value k of the Jacobian"];
    let scales = [Scale::Linear, Scale::Logarithmic];
    let chart = Chart::new("how features follow changes of an example", axes, scales, curves);
    let caption = "The lower a curve, the less the features follow changes of the example; the steeper its fall, the \
                   fewer the directions of change that they follow.";
    context.put_chart("singular values of the Jacobian, averaged", "D.7-singular-values.svg", caption, chart);
    Ok(())
}

/// The singular values of the encoder's Jacobian, averaged over examples. (In f64: in f32, values below 10⁻⁴ of the
/// largest would be rounding.)
fn mean_singular_values(learned: &Learned, examples: &Matrix<f32>) -> Vec<f64> {
    let theta: Vec<f64> = learned.theta.iter().map(|&value| f64::from(value)).collect();
    let mut means = std::vec![0.0; learned.model.hidden.min(learned.model.visible)];
    for j in 0..examples.columns() {
        let x: Vec<f64> = examples.column(j).into_iter().map(f64::from).collect();
        let values = learned.model.singular_values(&theta, &x);
        means.iter_mut().zip(values).for_each(|(mean, value)| *mean += value / examples.columns() as f64);
    }
    means
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::number::sum::sum_of_squares;
    use crate::tutorial::exercise::context::small;
    use crate::tutorial::fixture;
    use crate::tutorial::progress::{Progress, Silent};

    const VALUES: usize = 12;

    /// A context with examples of values that depend on three causes, as if they were images.
    pub fn context(progress: &mut dyn Progress) -> ExerciseContext<'_> {
        let collection = fixture::collection(&fixture::settings());
        let mut context = ExerciseContext::of_recordings(collection, small(true, 1), true, None, progress).unwrap();
        let mut random = Random::new(2);
        let mut set = |count: usize| {
            let causes: Matrix<f32> = Matrix::from_function(3, count, |_, _| random.uniform(0.0, 1.0));
            let value = |i: usize, j: usize| {
                let [a, b] = [causes.row(i % 3)[j], causes.row((i + 1) % 3)[j]];
                (a * (1 + i) as f32 + b * (VALUES - i) as f32) / (VALUES + 1) as f32
            };
            let labels = (0..count).map(|j| usize::from(causes.row(0)[j] > 0.5)).collect();
            LabeledExamples { matrix: Matrix::from_function(VALUES, count, value), labels }
        };
        (context.train, context.test, context.sounds) = (set(600), set(200), None);
        context
    }

    fn learned(context: &mut ExerciseContext, regularizer: Regularizer, hidden: usize, x: &Matrix<f32>) -> Learned {
        learn(context, "test", regularizer, shape(VALUES, hidden), x)
    }

    #[test]
    fn an_overcomplete_code_copies_noise_and_a_small_one_cannot() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let mut random = Random::new(3);
        let [noise, other] =
            [600, 200].map(|count| Matrix::from_function(VALUES, count, |_, _| random.uniform(0.0, 1.0)));
        let [few, many] = [VALUES / 4, 2 * VALUES]
            .map(|hidden| learned(&mut context, Regularizer::None, hidden, &noise).error(&other, &other));
        // The decoder is linear: three units span three of twelve dimensions, and miss the variance of the others.
        let missed = 1.0 - (VALUES / 4) as f64 / VALUES as f64;
        assert!(few > 0.95 * missed && many < 0.5 * missed, "{few} {many}");
    }

    #[test]
    fn overcomplete_features_without_a_constraint_classify_better_than_guessing() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let [train, test] = [context.train.clone(), context.test.clone()];
        let overcomplete = learned(&mut context, Regularizer::None, 2 * VALUES, &train.matrix);
        let accuracy = feature_accuracy(&mut context, &overcomplete, &train, &test);
        assert!(accuracy > 0.9, "{accuracy}");
    }

    #[test]
    fn each_regularizer_acts_on_its_own_quantity() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let (train, test) = (context.train.matrix.clone(), context.test.matrix.clone());
        let corruption = Corruption::Masking { rate: MASKED };
        let corrupted = Denoising::new(shape(VALUES, 24), corruption).corrupt(0, &test);
        let models = REGULARIZERS.map(|(_, regularizer)| learned(&mut context, regularizer, 24, &train));
        let [plain, decay, sparse, denoising, contractive] = &models;
        let norm = |learned: &Learned| sum_of_squares(learned.model.blocks()[0].values(&learned.theta));
        let jacobian = |learned: &Learned| learned.model.jacobian_norm(&learned.theta, &test);
        let mean = |learned: &Learned| sum(learned.encode(&test).elements());
        assert!(norm(decay) < norm(plain), "{} {}", norm(decay), norm(plain));
        assert!(mean(sparse) < 0.7 * mean(plain), "{} {}", mean(sparse), mean(plain));
        assert!(jacobian(contractive) < 0.8 * jacobian(plain), "{} {}", jacobian(contractive), jacobian(plain));
        assert!(denoising.error(&corrupted, &test) < plain.error(&corrupted, &test));
        let values = mean_singular_values(plain, &test);
        assert!(values.len() == VALUES && values.is_sorted_by(|a, b| a >= b), "{values:?}");
    }

    #[test]
    fn examples_that_were_whitened_depend_on_one_another_again() {
        let mut silent = Silent;
        let collection = fixture::collection(&fixture::settings());
        let context = ExerciseContext::of_recordings(collection, small(true, 1), true, None, &mut silent).unwrap();
        let [train, test] = unwhitened(&context);
        assert_eq!(train.matrix.rows(), context.tile.bands * context.tile.frames);
        assert_eq!([train.count(), test.count()], [context.train.count(), context.test.count()]);
        assert!((root_mean_variance(&train.matrix) - 1.0).abs() < 1e-3);
    }
}
