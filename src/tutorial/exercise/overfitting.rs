//! Overfitting against the number of examples, its cures, and why dropout is an average of networks: exercise E.11.
//!
//! **Why.** A network with many weights and few examples memorizes them ([`split`](crate::dataset::split)). Source E
//! lists cures. Each of them either adds examples or limits what the weights can do with the existing ones. This
//! exercise lets a network overfit, and then compares the cures on the same examples.
//!
//! **How to see it.** Evaluate the cost on the training examples and on examples that are not used for any step.
//! Underfitting: both are high, and close to each other; the model is too small, or was trained too little.
//! Overfitting: the training cost is low; the other is far higher and, after some epoch, rises. The distance between
//! the two is the gap.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | m, d | the number of training examples, and of parameters |
//! | y, σ² | the value to predict; the variance of noise, of y or of an input |
//! | E | the mean over all possible values of the noise |
//! | w, w₀ | a weight; its value at the minimum of the error without a cure |
//! | h | the second derivative of the error with respect to that weight: how firmly the examples determine it |
//! | λ, λ₁ | the weight decay; the weight of the L1 penalty |
//! | a, μ, p | the inputs of a linear unit; a mask of zeros and ones; the probability of 1 |
//! | ε, t | the learning rate, the number of steps |
//!
//! **The size of the gap**, for the smallest model: one parameter c predicts y, which is a constant plus independent
//! noise. The least squared error has c = the mean of the m training values, whose own variance is σ²/m. On a new value
//! the two variances add. On the training values, c has followed their noise: the mean square distance of m values from
//! their own mean is smaller by σ²/m than from the true constant.
//!
//! ```text
//! E (new y - c)² = σ²·(1 + 1/m),    E (training y - c)² = σ²·(1 - 1/m),    gap 2σ²/m
//! ```
//!
//! By hand, m = 2: the training values are at ±(y_1 - y_2)/2 from their mean, and E (y_1 - y_2)²/4 = 2σ²/4 = σ²/2. A
//! linear model with d parameters has the gap 2σ²·d/m, if the new values are at the same inputs: in proportion to the
//! parameters and to the noise, and inversely to the examples. The cures lower d, hold the weights back, or raise m.
//!
//! **More examples** make m larger. **Augmentation** does so with changed copies that keep their label
//! ([`affine`](crate::dataset::affine)); since such copies depend on one another, they count for less than new
//! examples. **Fewer units** make d smaller, with one danger: a network that is too small cannot represent the classes,
//! and underfits.
//!
//! **Weight decay and L1.** Near w₀, the error is ½·h·(w - w₀)² plus a constant. With a penalty, the minimum moves to
//!
//! ```text
//! ½·h·(w - w₀)² + ½·λ·w²:     h·(w - w₀) + λ·w = 0,             w = w₀·h/(h + λ)
//! ½·h·(w - w₀)² + λ₁·|w|:     h·(w - w₀) + λ₁·sign(w) = 0,      w = w₀ - λ₁/h for w₀ > λ₁/h;  0 for |w₀| <= λ₁/h
//! ```
//!
//! and for negative w₀ in the same way. Weight decay leaves the weights that the examples determine firmly (h much
//! larger than λ) nearly unchanged, and reduces the others, which follow the noise. No weight becomes 0. L1 moves all
//! weights of equal h by the same amount, and weights smaller than this amount to exactly 0. By hand, h = 1, λ = λ₁ =
//! 0.5: w₀ = 2 becomes 1.33 and 1.5; w₀ = 0.4 becomes 0.27 and 0.
//!
//! **Early stopping** is weight decay in time. A step of gradient descent takes w - w₀ to (1 - ε·h)·(w - w₀), so from w
//! = 0,
//!
//! ```text
//! w = w₀·(1 - (1 - ε·h)^t),    about w₀·ε·h·t as long as ε·h·t is small
//! ```
//!
//! Weights of large h arrive early, and those of small h, which the examples hardly determine, after the end of the
//! training. For small h this is the factor h/λ of weight decay, with λ = 1/(ε·t).
//!
//! **Noise and dropout.** A network that receives different values in every epoch cannot memorize any of them. Take a
//! linear unit with the error (y - w·a)². Add noise of mean 0 and variance σ² to each input, or apply dropout in the
//! inverted form, which replaces a_i with a_i·μ_i/p. The mean error is then
//!
//! ```text
//! E (y - w·(a + noise))² = (y - w·a)² + σ²·Σ_i w_i²
//! E (y - w·(a ∘ μ)/p)²   = (y - w·a)² + (1 - p)/p·Σ_i w_i²·a_i²
//! ```
//!
//! since the mean of a square is the square of the mean plus the variance, and the variance of μ_i/p is p·(1 - p)/p².
//! So both act as weight decay, and that of dropout is stronger for the weights of large inputs. (Masking does not
//! divide by p: the mean of w·(a ∘ μ) is p·w·a in training, and the unit gives w·a in use.) Dropout makes a unit
//! distribute its weight over several inputs instead of relying on one. By hand, p = ½ and a = (1, 1): w = (1, 0) costs
//! 1, w = (½, ½) costs ½, and both give the same output. In a network of n units that can be dropped, dropout trains 2ⁿ
//! thinned networks that share their weights, and the complete network approximates their average, as the last table
//! shows for one unit. An average has less variance than its members.
//!
//! **What this exercise compares.** λ, λ₁ and the epoch of early stopping are chosen on a fifth of the training
//! examples, never on test examples. The test examples are evaluated in every row; so picking the best row means
//! choosing by them.
//!
//! Sources: source E, "Overfitting", "Regularization", "Parameter norm penalization", "Data augmentation", "Dropout";
//! A. Krogh and J. Hertz, "A simple weight decay can improve generalization", 1992; R. Tibshirani, "Regression
//! shrinkage and selection via the lasso", 1996; C. Bishop, "Training with noise is equivalent to Tikhonov
//! regularization", 1995; N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout", 2014;
//! I. Goodfellow, Y. Bengio and A. Courville, "Deep learning", 2016, chapter 7.

use super::context::{Arrangement, ExerciseContext};
use super::minibatches::{Fitted, Score, fit, fit_on, network};
use crate::dataset::affine::RandomAffine;
use crate::model::Activation;
use crate::model::network::{Examples, InMemory, Layer, Network};
use crate::number::sum::dot;
use crate::number::{Random, Real};
use crate::optimize::{Training, UpdateRule};
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::image_network::AugmentedImages;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::TrainedClassifier;
use std::format;
use std::vec;
use std::vec::Vec;

/// The few training examples that a network overfits, and the sizes that are compared, as multiples of them.
const FEW: usize = 200;
const MULTIPLES: [usize; 4] = [1, 2, 5, 10];

/// The units of each of two hidden layers; those of a smaller network.
const UNITS: usize = 100;
const FEWER_UNITS: usize = 10;

/// The epochs with few examples, and the examples in a batch.
const EPOCHS: usize = 60;
const BATCH: usize = 20;

/// The candidates for λ of the weight decay and for λ₁ of the L1 penalty.
const DECAYS: [f64; 3] = [0.005, 0.02, 0.08];
const L1_PENALTIES: [f64; 3] = [0.0003, 0.001, 0.003];

/// The magnitude below which a weight counts as zero. A step of the training changes a weight by up to about 0.002.
const NEGLIGIBLE: f64 = 1e-3;

/// The rates of dropout and of masking, usual values.
const DROPPED: f64 = 0.5;
const MASKED: f64 = 0.2;

/// The changes of augmented images, and how many of them are drawn.
const CHANGES: RandomAffine = RandomAffine { degrees: 15.0, log_scale: 0.15, shift: 2 };
const DRAWINGS: usize = 6;

/// The most test examples.
const TESTS: usize = 2000;

/// Two hidden layers below softmax, with layers in front of the first and of each later one.
fn hidden(values: usize, units: usize, classes: usize, first: Option<Layer>, later: Option<Layer>) -> Network {
    let dense = Layer::Dense { units, activation: Activation::Rectified };
    let layers = [first, Some(dense), later, Some(dense), later, Some(Layer::Softmax { classes })];
    network(values, layers.into_iter().flatten().collect())
}

/// The fraction of the weights, without biases, that are nearly zero.
fn negligible(trained: &TrainedClassifier<Network, f32>) -> f64 {
    // W and b of the layers alternate.
    let blocks = trained.model.blocks();
    let weights = blocks.iter().step_by(2).flat_map(|block| block.values(&trained.theta));
    let (mut all, mut small) = (0usize, 0usize);
    for w in weights {
        all += 1;
        small += usize::from(f64::from(w.abs()) < NEGLIGIBLE);
    }
    small as f64 / all as f64
}

/// The network with the penalty, among the candidates, that has the least cost on held-out examples after a training on
/// the others; the first candidate if no example is held out.
fn with_best_penalty(
    context: &mut ExerciseContext,
    name: &str,
    candidates: [Network; 3],
    settings: Training,
    [train, held_out]: &[LabeledExamples<f32>; 2],
) -> Network {
    let [mut best, ..] = candidates.clone();
    let mut least = f64::INFINITY;
    for candidate in candidates.into_iter().filter(|_| held_out.count() > 0) {
        let fitted = fit(context, &format!("{name}, a candidate"), candidate.clone(), settings, train, held_out);
        if fitted.watched_cost() < least {
            (best, least) = (candidate, fitted.watched_cost());
        }
    }
    best
}

/// E.11: overfitting, seen and cured.
pub fn overfitting(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (few, epochs) = if context.quick { (FEW / 2, EPOCHS / 2) } else { (FEW, EPOCHS) };
    let (train, test) = (context.train.first(few), context.test.first(TESTS));
    let (values, classes, seed) = (train.matrix.rows(), context.labels.len(), context.settings.seed);
    let settings = |epochs: usize| Training {
        batch: BATCH,
        epochs,
        patience: epochs,
        seed,
        ..Training::new(UpdateRule::ADAM, 2e-3)
    };
    let plain = hidden(values, UNITS, classes, None, None);

    let mut sizes =
        Table::new(&["training examples", "training accuracy", "test accuracy", "training cost", "test cost"]);
    let (mut training_errors, mut test_errors, mut plain_fits) = (Vec::new(), Vec::new(), Vec::new());
    for multiple in MULTIPLES {
        let some = context.train.first(few * multiple);
        // As many steps with more examples.
        let fitted = fit(
            context,
            &format!("{} examples", some.count()),
            plain.clone(),
            settings(epochs / multiple),
            &some,
            &test,
        );
        let [training, testing] = [&some, &test].map(|set| Score::of(&fitted.last, set));
        sizes.cells(&[
            &some.count(),
            &percent(training.accuracy),
            &percent(testing.accuracy),
            &format_args!("{:.3}", training.cost),
            &format_args!("{:.3}", testing.cost),
        ]);
        training_errors.push([some.count() as f64, 1.0 - training.accuracy]);
        test_errors.push([some.count() as f64, 1.0 - testing.accuracy]);
        plain_fits.push(fitted);
    }

    let (dropout, masking) = (Layer::Dropout { rate: DROPPED }, Layer::Masking { rate: MASKED });
    let parts = train.split(|j| j % 5 == 4);
    let decayed = DECAYS.map(|weight_decay| Network { weight_decay, ..plain.clone() });
    let decayed = with_best_penalty(context, "weight decay", decayed, settings(epochs), &parts);
    let sparse = L1_PENALTIES.map(|l1_penalty| Network { l1_penalty, ..plain.clone() });
    let sparse = with_best_penalty(context, "L1 penalty", sparse, settings(epochs), &parts);
    let (lambda, lambda1) = (decayed.weight_decay, sparse.l1_penalty);
    let cures = [
        ("weight decay (L2)", decayed),
        ("L1 penalty", sparse),
        ("dropout", hidden(values, UNITS, classes, None, Some(dropout))),
        ("noise: inputs masked", hidden(values, UNITS, classes, Some(masking), None)),
        ("fewer units", hidden(values, FEWER_UNITS, classes, None, None)),
    ];
    let mut table = Table::new(&["cure", "parameters", "epochs", "training", "test", "test cost", "weights near 0"]);
    let mut row =
        |name: &str, epochs: usize, fitted: &TrainedClassifier<Network, f32>, train: &LabeledExamples<f32>| {
            let Score { cost, accuracy } = Score::of(fitted, &test);
            table.cells(&[
                &name,
                &fitted.model.dimension(),
                &epochs,
                &percent(fitted.accuracy(train)),
                &percent(accuracy),
                &format_args!("{cost:.3}"),
                &percent(negligible(fitted)),
            ]);
        };
    // The first size is that of the cures.
    let without_cure = &plain_fits[0];
    row("none", epochs, &without_cure.last, &train);
    let mut curves = Vec::from(without_cure.curves("none", "test"));
    for (name, network) in cures {
        let fitted = fit(context, name, network, settings(epochs), &train, &test);
        row(name, epochs, &fitted.last, &train);
        if name == "dropout" {
            curves.extend(fitted.curves(name, "test"));
        }
    }
    let [most, held_out] = &parts;
    if most.count() > 0 && held_out.count() > 0 {
        let fitted = fit(context, "early stopping", plain.clone(), settings(epochs), most, held_out);
        row("early stopping", fitted.best_epoch, &fitted.best, most);
    }
    let is_image = context.sounds.is_none();
    if is_image {
        let fitted = augmented(context, plain, settings(epochs), &train, &test);
        row("augmentation", epochs, &fitted.last, &train);
    }
    let (most_examples, multiple) = (&plain_fits[MULTIPLES.len() - 1], MULTIPLES[MULTIPLES.len() - 1]);
    let more = context.train.first(few * multiple);
    row(&format!("{} examples", more.count()), epochs / multiple, &most_examples.last, &more);

    context.say(&format!(
        "A network with two hidden layers of {UNITS} rectified units, trained by Adam on training sets of increasing \
         size, with the same number of steps; {} test examples.\n",
        test.count()
    ));
    context.table(&sizes);
    let on_images = match is_image {
        true => format!(
            "Augmentation changes each image anew in every epoch: it is rotated by up to {}°, scaled by a factor of \
             up to {:.2}, and moved by up to {} pixels in each direction (see the picture).",
            CHANGES.degrees,
            Real::exp(CHANGES.log_scale),
            CHANGES.shift
        ),
        false => {
            "Augmentation by rotation, scaling and translation applies to images only: run this exercise on MNIST to \
             see that row."
                .into()
        }
    };
    context.say(&format!(
        "Cures, with {} training examples: weight decay, (λ/2)·Σw², with λ = {lambda}; an L1 penalty, λ₁·Σ|w|, with \
         λ₁ = {lambda1}; dropout of {DROPPED} in each hidden layer; inputs masked with probability {MASKED}; \
         {FEWER_UNITS} units instead of {UNITS}; early stopping: a fifth of the training examples is held out, and \
         the parameters with the lowest cost on it are kept. {on_images} The last row repeats one of the table \
         above.\n\n\
         λ and λ₁ are chosen among three candidates each, {DECAYS:?} and {L1_PENALTIES:?}: for each candidate a \
         network is trained on four fifths of the training examples, and the one with the lowest cost on the \
         remaining fifth is used. `training` and `test` are accuracies. The last column is the fraction of the \
         weights, without biases, with |w| < {NEGLIGIBLE}.\n",
        train.count()
    ));
    context.table(&table);
    context.say(
        "What to see: with few examples the network learns all or nearly all of them, and the test accuracy is far \
         lower: it has memorized. More examples are the best cure. On images, augmentation is the next best: changed \
         images stand in for the examples that are missing. Of the other cures, some help on one data set and not on \
         another. Some lower the test cost without raising the test accuracy: a network that overfits is surer of its \
         wrong predictions than a regularized one. Too strong a cure, such as too few units, lowers both accuracies. \
         The first chart shows when overfitting begins: the test cost rises while the training cost still \
         falls.\n\n\
         The last column shows what distinguishes the two penalties. Weight decay pulls a weight less and less as it \
         shrinks. The L1 penalty pulls with the same force at any size, and many weights end near 0: the network is \
         sparse. (On MNIST, weight decay does so too for the pixels that are dark in all training images: their \
         weights do not affect the error, so nothing opposes the decay.)\n",
    );
    dropout_averages(context);
    let axes = ["epochs", "mean of -ln p"];
    let scales = [Scale::Linear, Scale::Logarithmic];
    let chart = Chart::new("overfitting, without a cure and with dropout", axes, scales, curves);
    let caption = "Overfitting begins where the test cost rises while the training cost still falls.";
    context.put_chart("cost against epochs", "E.11-epochs.svg", caption, chart);
    let curve = |name: &str, points| Series { name: name.into(), points, style: Style::Path };
    let curves = vec![curve("training", training_errors), curve("test", test_errors)];
    let axes = ["training examples", "fraction of errors"];
    let chart =
        Chart::new("errors against the number of training examples", axes, [Scale::Logarithmic, Scale::Linear], curves);
    let caption = "The distance between the curves is overfitting. More examples bring them closer together.";
    context.put_chart("errors against size", "E.11-size.svg", caption, chart);
    Ok(())
}

/// Trains a network on images that are rotated, scaled, and moved anew in every epoch, and draws some of them.
fn augmented(
    context: &mut ExerciseContext,
    network: Network,
    settings: Training,
    train: &LabeledExamples<f32>,
    test: &LabeledExamples<f32>,
) -> Fitted {
    let size = [context.tile.bands, context.tile.frames];
    let images = InMemory::from_columns(&train.matrix);
    let drawings = AugmentedImages { images, size, changes: CHANGES, seed: settings.seed };
    let mut values = train.matrix.column(0);
    let mut drawing = values.clone();
    for draw in 0..DRAWINGS {
        drawings.write(0, draw as u64, &mut drawing);
        values.extend(&drawing);
    }
    let caption = "The first tile is the image itself. In the others it is rotated, scaled and shifted at random: the \
                   label stays.";
    let (what, arranged) = ("a digit, then six drawings of it", Arrangement::abreast(1 + DRAWINGS));
    context.draw_images(what, "E.11-augmented.png", caption, &values, size, arranged);
    fit_on(context, "augmentation", network, settings, &drawings, &train.labels, test)
}

/// The inputs of the unit whose thinned forms are averaged.
const INPUTS: usize = 8;

/// Two means over all 2ⁿ thinned forms of a linear unit, whose inputs are each kept with probability p: of w·(a ∘ μ),
/// the source's form, and of w·(a ∘ μ)/p, the inverted form.
fn thinned_means(w: &[f64], a: &[f64], p: f64) -> [f64; 2] {
    let mut mean = 0.0;
    for mask in 0..1usize << w.len() {
        let kept: Vec<f64> = a.iter().enumerate().map(|(i, &a)| if mask >> i & 1 == 1 { a } else { 0.0 }).collect();
        let probability = (0..w.len()).fold(1.0, |product, i| product * if mask >> i & 1 == 1 { p } else { 1.0 - p });
        mean += probability * dot(w, &kept);
    }
    [mean, mean / p]
}

/// Shows that both forms of dropout compute the average of all thinned units.
fn dropout_averages(context: &mut ExerciseContext) {
    let mut random = Random::new(context.settings.seed);
    let [w, a] = [(); 2].map(|()| (0..INPUTS).map(|_| random.uniform(0.0, 1.0)).collect::<Vec<f64>>());
    let mut table = Table::new(&["p", "mean of w·(a ∘ μ)", "(p w)·a", "mean of w·(a ∘ μ)/p", "w·a"]);
    for p in [0.5, 0.8] {
        let [source, inverted] = thinned_means(&w, &a, p);
        let scaled: Vec<f64> = w.iter().map(|w| p * w).collect();
        let cells = [source, dot(&scaled, &a), inverted, dot(&w, &a)].map(|x| format!("{x:.6}"));
        table.cells(&[&p, &cells[0], &cells[1], &cells[2], &cells[3]]);
    }
    context.say(&format!(
        "\nDropout trains thinned networks, in which each input of a layer is kept with probability p. A linear unit \
         with {INPUTS} inputs has {} thinned versions, one for each mask μ of zeros and ones; the table holds means \
         over all of them, weighted by their probabilities. w are its weights, a its inputs. The \
         lectures multiply the weights by p after training; we divide the inputs by p in training (the inverted \
         form), and leave the weights. Both give the mean of the thinned units. Through nonlinear layers that holds \
         only approximately.\n",
        1 << INPUTS
    ));
    context.table(&table);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::picture::tiles::TileShape;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn both_forms_of_dropout_are_the_mean_of_all_thinned_units() {
        let (w, a) = ([0.3, -1.2, 0.7], [1.0, 0.5, 2.0]);
        let [source, inverted] = thinned_means(&w, &a, 0.8);
        assert!((inverted - dot(&w, &a)).abs() < 1e-15 && (source - 0.8 * dot(&w, &a)).abs() < 1e-15);
    }

    #[test]
    fn a_network_overfits_few_examples_and_more_examples_help() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let test = context.test.clone();
        let plain = hidden(context.train.matrix.rows(), 50, 2, None, None);
        let settings = Training { batch: 10, epochs: 60, patience: 60, ..Training::new(UpdateRule::ADAM, 5e-3) };
        let [few, more] = [20, 400].map(|count| {
            let train = context.train.first(count);
            let settings = Training { epochs: settings.epochs * 20 / count.max(20) + 3, ..settings };
            let fitted = fit(&mut context, "test", plain.clone(), settings, &train, &test);
            (fitted.last.accuracy(&train), fitted.last.accuracy(&test))
        });
        assert!(few.0 == 1.0 && few.1 < 0.95 && more.1 > few.1, "{few:?} {more:?}");
    }

    #[test]
    fn l1_leaves_more_weights_near_zero_than_l2_at_the_same_accuracy() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let (train, test) = (context.train.first(20), context.test.clone());
        let plain = hidden(train.matrix.rows(), 50, 2, None, None);
        let decayed = Network { weight_decay: 0.02, ..plain.clone() };
        let sparse = Network { l1_penalty: 0.003, ..plain.clone() };
        let settings = Training { batch: 10, epochs: 60, patience: 60, ..Training::new(UpdateRule::ADAM, 2e-3) };
        let [none, l2, l1] = [plain, decayed, sparse].map(|network| {
            let fitted = fit(&mut context, "test", network, settings, &train, &test).last;
            (fitted.accuracy(&test), negligible(&fitted))
        });
        assert!((l1.0 - l2.0).abs() < 0.03 && (l1.0 - none.0).abs() < 0.03, "{l1:?} {l2:?} {none:?}");
        assert!(l1.1 > 1.5 * l2.1 && l2.1 > 10.0 * none.1, "{l1:?} {l2:?} {none:?}");
    }

    #[test]
    fn dropout_raises_the_test_accuracy_on_many_noisy_values() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        for seed in 1..=3 {
            // Each of 100 values depends on the label a little.
            let mut random = Random::new(seed);
            let mut set = |count: usize| LabeledExamples {
                matrix: Matrix::from_function(100, count, |_, j| {
                    random.normal::<f32>() + if j % 2 == 0 { 0.2 } else { -0.2 }
                }),
                labels: (0..count).map(|j| j % 2).collect(),
            };
            let (train, test, watched) = (set(60), set(1000), set(5));
            let settings =
                Training { batch: 10, epochs: 40, patience: 40, seed, ..Training::new(UpdateRule::ADAM, 2e-3) };
            let [none, dropped] = [None, Some(Layer::Dropout { rate: DROPPED })].map(|later| {
                let network = hidden(100, 50, 2, None, later);
                fit(&mut context, "test", network, settings, &train, &watched).last.accuracy(&test)
            });
            assert!(dropped > none + 0.01, "{seed}: {dropped} {none}");
        }
    }

    #[test]
    fn augmentation_raises_the_test_accuracy_on_moved_images() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        context.tile = TileShape { bands: 8, frames: 8 };
        for seed in 1..=3 {
            // A row or a column of 8 x 8 pixels is bright.
            let mut random = Random::new(seed);
            let mut set = |count: usize| {
                let places: Vec<usize> = (0..count).map(|_| random.index(8)).collect();
                let matrix = Matrix::from_function(64, count, |i, j| {
                    let along = if j % 2 == 0 { i / 8 } else { i % 8 };
                    random.uniform::<f32>(0.0, 0.5) + if along == places[j] { 1.0 } else { 0.0 }
                });
                LabeledExamples { matrix, labels: (0..count).map(|j| j % 2).collect() }
            };
            let (train, test, watched) = (set(12), set(500), set(5));
            let settings =
                Training { batch: 6, epochs: 200, patience: 200, seed, ..Training::new(UpdateRule::ADAM, 2e-3) };
            let network = hidden(64, 50, 2, None, None);
            let none = fit(&mut context, "test", network.clone(), settings, &train, &watched).last.accuracy(&test);
            let fitted = augmented(&mut context, network, settings, &train, &watched).last.accuracy(&test);
            assert!(fitted > none + 0.2, "{seed}: {fitted} {none}");
        }
    }
}
