//! UFLDL's exercises on MNIST with UFLDL's settings, to compare the results with those that it states.
//!
//! | exercise | task | rows |
//! | --- | --- | --- |
//! | `softmax` | softmax regression on the pixels of all images | `accuracy` |
//! | `sparse` | a sparse autoencoder with 196 units on the first 10000 images | `cost` |
//! | `self-taught` | classify 0 to 4 by pixels, and by features of 5 to 9 | `raw-accuracy`, `learned-accuracy` |
//! | `stacked` | 784-200-200-10, or [denoising](super::stacked_denoising) | `before-accuracy`, `after-accuracy` |
//! | `conv` | a convolutional network ([`image_network`]); not UFLDL's | `accuracy` |
//!
//! Accuracies are those of the test images; but `self-taught` splits the training images of 0 to 4 into halves, as
//! UFLDL does. One setting is not UFLDL's: self-taught learning chooses the weight decay of its regressions on
//! held-out training images.
//!
//! Source: UFLDL, "Vectorization", "Softmax Regression", "Self-Taught Learning", "Implement deep networks for digit
//! classification".

use super::error::TutorialError;
use super::examples::LabeledExamples;
use super::exercise::context::{Arrangement, ExerciseContext, check_size};
use super::exercise::{Exercise, exercise};
use super::figures::FigureWriter;
use super::image_network::{self, TRAINING};
use super::progress::Progress;
use super::settings::{PipelineSettings, ufldl};
use super::stacked_denoising::{StackedDenoising, train_softmax};
use super::training::{Batches, TrainedClassifier, with_best_decay};
use crate::dataset::idx::Mnist;
use crate::model::Softmax;
use crate::number::Real;
use crate::picture::tiles::SheetOptions;
use std::format;
use std::time::Instant;

/// The exercises in UFLDL's order; the last one is not UFLDL's.
pub const EXERCISES: [Exercise; 5] = [
    exercise("sparse", "a sparse autoencoder", &["mnist-sparse.png"], sparse),
    exercise("softmax", "softmax regression", &[], softmax),
    exercise("self-taught", "self-taught learning", &["mnist-self-taught.png"], self_taught),
    exercise("stacked", "stacked autoencoders, fine-tuned", &["mnist-stacked.png"], stacked),
    exercise("conv", "a convolutional network", &["mnist-conv.png"], conv),
];

/// The exercise `stacked` with denoising autoencoders, dropout, and shifted images.
pub const STACKED_DENOISING: Exercise =
    exercise("stacked", "stacked denoising autoencoders", &["mnist-stacked.png"], stacked_denoising);

/// The same with images as they are.
pub const STACKED_DENOISING_UNSHIFTED: Exercise =
    exercise("stacked", "stacked denoising autoencoders, images as they are", &["mnist-stacked.png"], unshifted);

/// The number of images for the exercise `sparse`, and its units.
const SPARSE_IMAGES: usize = 10_000;
const SPARSE_UNITS: usize = 196;

/// Units of the exercise `self-taught`, and of each layer of `stacked`.
const UNITS: usize = 200;

/// λ of softmax regressions; the largest of the candidates of self-taught learning.
const DECAY: f64 = 1e-4;

/// The candidates of self-taught learning, as fractions of UFLDL's weight decay.
const DECAYS: [f64; 3] = [1.0, 0.3, 0.1];

const FIRST_LAYER: &str = "the weights of the first layer before fine-tuning";

/// UFLDL's settings; `quick` takes at most 10000 images and fewer iterations.
///
/// # Errors
/// If there are no images, or not enough memory for them.
pub fn context<'a>(
    mnist: &Mnist,
    quick: bool,
    seed: u64,
    figures: Option<&'a FigureWriter>,
    progress: &'a mut dyn Progress,
) -> Result<ExerciseContext<'a>, TutorialError> {
    let (most_windows, iterations, softmax_iterations) = if quick { (10_000, 80, 50) } else { (usize::MAX, 400, 100) };
    let settings = PipelineSettings {
        most_windows,
        iterations,
        softmax_iterations,
        tuning_iterations: iterations,
        tuning_decay: 3e-3,
        seed,
        ..PipelineSettings::default()
    };
    ExerciseContext::of_digits(mnist, settings, usize::MAX, quick, figures, progress)
}

fn softmax(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let start = Instant::now();
    let model = without_bias(context.train.matrix.rows(), 10, DECAY);
    let regression = context.run.regression("softmax", model, context.settings.softmax_iterations, &context.train);
    context.run.learned(&regression.theta);
    context.measured("softmax", "accuracy", regression.accuracy(&context.test), start);
    Ok(())
}

fn sparse(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let train = context.train.first(SPARSE_IMAGES).matrix;
    let start = Instant::now();
    let trained = context.train_autoencoder("sparse autoencoder", ufldl(train.rows(), SPARSE_UNITS), &train);
    context.measured("sparse", "cost", trained.outcome.cost.to_f64(), start);
    draw(context, "the weights of the units", "mnist-sparse.png", trained.encoder().weights.elements());
    Ok(())
}

fn self_taught(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let [labeled, unlabeled] = context.train.split(|j| context.train.labels[j] >= 5);
    if unlabeled.count() == 0 || labeled.count() < 2 {
        return Err(TutorialError::MissingDigits);
    }
    let half = labeled.count().div_ceil(2);
    let [train, test] = labeled.split(|j| j >= half);

    let start = Instant::now();
    let raw = chosen_regression(context, "softmax on pixels", &train);
    context.measured("self-taught", "raw-accuracy", raw.accuracy(&test), start);

    let start = Instant::now();
    let model = ufldl(unlabeled.matrix.rows(), UNITS);
    let features = context.train_autoencoder("features of 5 to 9", model, &unlabeled.matrix);
    let [train, test] = [train, test].map(|images| images.map(|images| features.encode(images)));
    let learned = chosen_regression(context, "softmax on features", &train);
    context.measured("self-taught", "learned-accuracy", learned.accuracy(&test), start);
    draw(context, "features of the digits 5 to 9", "mnist-self-taught.png", features.encoder().weights.elements());
    Ok(())
}

fn stacked(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let start = Instant::now();
    let stack = context.pretrained(&[ufldl(context.train.matrix.rows(), UNITS), ufldl(UNITS, UNITS)]);
    let mut network = context.transferred(&stack, without_bias(UNITS, 10, DECAY));
    context.measured("stacked", "before-accuracy", network.accuracy(&context.test), start);

    network.model.weight_decay = context.settings.tuning_decay;
    context.run.fine_tune(&mut network, context.settings.tuning_iterations, &context.train);
    context.run.learned(&network.theta);
    context.measured("stacked", "after-accuracy", network.accuracy(&context.test), start);
    draw(context, FIRST_LAYER, "mnist-stacked.png", stack[0].encoder().weights.elements());
    Ok(())
}

fn stacked_denoising(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    pretrained_and_tuned(context, StackedDenoising::default())
}

fn unshifted(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    pretrained_and_tuned(context, StackedDenoising::unshifted())
}

fn pretrained_and_tuned(context: &mut ExerciseContext, mut recipe: StackedDenoising) -> Result<(), TutorialError> {
    if context.quick {
        recipe.pretraining.epochs = 3;
        recipe.fine_tuning.epochs = 15;
    }
    let (start, size, seed) = (Instant::now(), size(context), context.settings.seed);
    let mut network = recipe.pretrain(&context.train.matrix, size, 10, seed, &mut context.run);
    train_softmax(&mut network, context.settings.softmax_iterations, DECAY, &context.train, &mut context.run);
    context.measured("stacked", "before-accuracy", network.accuracy(&context.test), start);
    let first = network.model.blocks()[0].values(&network.theta).to_vec();
    recipe.fine_tune(&mut network, &context.train, size, seed, &mut context.run);
    context.run.learned(&network.theta);
    context.measured("stacked", "after-accuracy", network.accuracy(&context.test), start);
    draw(context, FIRST_LAYER, "mnist-stacked.png", &first);
    Ok(())
}

fn conv(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let size = size(context);
    check_size(size)?;
    let start = Instant::now();
    let epochs = if context.quick { 5 } else { TRAINING.epochs };
    let batches = Batches { epochs, ..TRAINING };
    let trained = image_network::train(&context.train, size, 10, batches, context.settings.seed, &mut context.run);
    context.run.learned(&trained.theta);
    context.measured("conv", "accuracy", trained.accuracy(&context.test), start);
    let filters = trained.model.blocks()[0].values(&trained.theta);
    let (what, caption) = ("the filters of the first layer", "Each filter sees 5 x 5 pixels at a time.");
    context.draw_images(what, "mnist-conv.png", caption, filters, [5, 5], unstretched());
    Ok(())
}

/// Rows and columns of an image.
fn size(context: &ExerciseContext) -> [usize; 2] {
    [context.tile.bands, context.tile.frames]
}

/// Draws weights of units whose inputs are images.
fn draw(context: &mut ExerciseContext, what: &str, name: &str, weights: &[f32]) {
    let caption =
        "A unit responds most to an image that is bright where its tile is bright, and dark where it is dark.";
    context.draw_images(what, name, caption, weights, size(context), unstretched());
}

/// Square cells.
fn unstretched() -> Arrangement<'static> {
    Arrangement { options: SheetOptions { stretch: Some(1), ..SheetOptions::default() }, ..Arrangement::default() }
}

/// UFLDL's softmax regression, which has no bias.
fn without_bias(features: usize, classes: usize, weight_decay: f64) -> Softmax {
    Softmax { features, classes, bias: false, weight_decay }
}

/// Trains the regression on digits 0 to 4, with the weight decay of the best accuracy on a fifth of the images.
fn chosen_regression(
    context: &mut ExerciseContext,
    stage: &str,
    images: &LabeledExamples<f32>,
) -> TrainedClassifier<Softmax, f32> {
    let (features, iterations) = (images.matrix.rows(), context.settings.softmax_iterations);
    with_best_decay(&DECAYS.map(|fraction| fraction * DECAY), images, |decay, images| {
        let (stage, model) = (format!("{stage}, decay {decay}"), without_bias(features, 5, decay));
        let regression = context.run.regression(&stage, model, iterations, images);
        context.run.learned(&regression.theta);
        regression
    })
}
