//! 8.4: stacked networks: the weights of autoencoders transferred into one network and fine-tuned.

use super::autoencoder::FILTERS;
use super::context::{Arrangement, ExerciseContext, Sounds, half_distance};
use super::features::softmax;
use crate::matrix::Matrix;
use crate::model::greedy::{TrainedAutoencoder, decode, encode};
use crate::model::{Activation, Autoencoder, Stacked};
use crate::number::Random;
use crate::number::decimal::Count;
use crate::optimize::Outcome;
use crate::picture::confusion::confusion;
use crate::picture::tile_sheet::captioned;
use crate::tutorial::classifier::{WindowModel, WindowTop};
use crate::tutorial::error::TutorialError;
use crate::tutorial::evaluation::Evaluator;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::figures::CONFUSION;
use crate::tutorial::metrics::Confusion;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::TrainedClassifier;
use std::format;
use std::vec::Vec;

/// The autoencoders of the target architecture. Sparse features vary little, so the second autoencoder's error is
/// small. The other terms of its cost are made small too, since they would outweigh it, and its decoder is linear,
/// since the slope of the sigmoid vanishes near 0.
fn stack(context: &ExerciseContext) -> [Autoencoder; 2] {
    let deep = Autoencoder {
        decoder: Activation::Linear,
        weight_decay: 3e-6,
        sparsity_weight: 0.01,
        ..context.settings.deep()
    };
    [context.autoencoder, deep]
}

/// 8.4.1: the architecture.
pub fn architecture(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let mut table = Table::new(&["layer", "from", "to", "parameters"]);
    let (deep, classes) = (context.settings.deep, context.labels.len());
    let [first, second] = stack(context);
    let layers = [("1: sigmoid", first.visible, first.hidden), ("2: sigmoid", second.visible, second.hidden)];
    let mut all = 0;
    for (name, from, to) in layers.into_iter().chain([("3: softmax", deep, classes)]) {
        all += to * (from + 1);
        table.cells(&[&name, &from, &to, &(to * (from + 1))]);
    }
    context.table(&table);
    context.say(&format!("{all} parameters, to be learned from {} examples.", context.train.count()));
    Ok(())
}

/// 8.4.2: each layer by itself.
pub fn layers(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let stack = context.pretrained(&stack(context));
    let mut table = Table::new(&["layers", "features", "cost", "reconstruction error"]);
    let reconstruct = |layers: &[_], x: &Matrix<f32>| decode(layers, &encode(layers, x));
    for (depth, top) in (1..).zip(&stack) {
        let error = half_distance(&reconstruct(&stack[..depth], &context.test.matrix), &context.test.matrix);
        let cost = top.outcome.cost;
        table.cells(&[&depth, &top.model.hidden, &format_args!("{cost:.4}"), &format_args!("{error:.3}")]);
    }
    let second = &stack[stack.len() - 1].model;
    context.say(&format!(
        "Test examples, encoded by the layers in order and decoded in reverse order. The second autoencoder has a {} \
         decoder, λ = {} and β = {}: sparse features vary little, so its error is small, and larger terms would \
         outweigh it. `ossicle tutorial`, where only the accuracy after fine-tuning counts, has the sources' λ, ρ and \
         β for both.\n",
        second.decoder.name(),
        second.weight_decay,
        second.sparsity_weight
    ));
    context.table(&table);
    // Pairs: two rows of examples, each above its reconstructions.
    let x = context.test.first(18).matrix;
    let (y, half) = (reconstruct(&stack, &x), x.columns() / 2);
    let rows = Matrix::from_function(4 * half, x.rows(), |tile, j| {
        let (pair, k) = (tile / (2 * half), tile % (2 * half));
        if k < half { x.row(j)[pair * half + k] } else { y.row(j)[pair * half + k - half] }
    });
    let (what, labels) = ("examples and their reconstructions", ["example", "decoded", "example", "decoded"]);
    let caption = format!(
        "Below each example is its reconstruction from the {} deepest features. Most keep in broad strokes where the \
         example is bright and dark, and lose the details.",
        second.hidden
    );
    if half > 0 {
        context.draw_tiles(what, "8.4.2-decoded.png", &caption, &rows, Arrangement::rows(&labels, 4 * half));
    }
    Ok(())
}

/// The network before fine-tuning.
fn transferred(context: &mut ExerciseContext) -> (Vec<TrainedAutoencoder<f32>>, TrainedClassifier<Stacked, f32>) {
    let stack = context.pretrained(&stack(context));
    let top = context.softmax(context.settings.deep, context.settings.tuning_decay);
    let network = context.transferred(&stack, top);
    (stack, network)
}

/// The accuracies on the training and on the test examples.
fn accuracies(context: &ExerciseContext, network: &TrainedClassifier<Stacked, f32>) -> [f64; 2] {
    [&context.train, &context.test].map(|examples: &LabeledExamples<f32>| network.accuracy(examples))
}

/// 8.4.3: the transfer of weights.
pub fn weights(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (stack, network) = transferred(context);
    let same = network.model.features(&network.theta, &context.test.matrix) == encode(&stack, &context.test.matrix);
    let (layers, top) = network.model.unpack(&network.theta);
    let is_inverse = network.model.pack(&layers, &top) == network.theta;
    let yes = |it: bool| if it { "yes" } else { "no" };
    let [training, test] = accuracies(context, &network).map(percent);
    context.say(&format!(
        "θ has {} parameters. stack2params(params2stack(θ)) = θ: {}.\n\
         The network's deepest features are bit-identical to those of the autoencoders: {}.\n\
         Accuracy before fine-tuning: {training} on the training examples, {test} on the test examples.",
        network.theta.len(),
        yes(is_inverse),
        yes(same),
    ));
    Ok(())
}

/// A shallow classifier and deep ones on the same examples, each with its training and its test accuracy.
struct Depths {
    /// Softmax regression on the examples.
    shallow: [f64; 2],
    /// The pretrained network before fine-tuning, and after it.
    pretrained: [f64; 2],
    tuned: [f64; 2],
    /// The same network, fine-tuned from random parameters.
    from_random: [f64; 2],
    /// The network that was pretrained and fine-tuned, and the outcome of the fine-tuning.
    network: TrainedClassifier<Stacked, f32>,
    outcome: Outcome<f32>,
}

impl Depths {
    fn compare(context: &mut ExerciseContext) -> Self {
        let regression = softmax(context, &context.train.clone());
        let shallow = [&context.train, &context.test].map(|set| regression.accuracy(set));
        let (_, mut network) = transferred(context);
        let pretrained = accuracies(context, &network);
        let iterations = context.settings.tuning_iterations;
        let outcome = context.run.fine_tune(&mut network, iterations, &context.train);
        let theta = network.model.draw(&mut Random::new(context.settings.seed));
        let mut control = TrainedClassifier { model: network.model.clone(), theta };
        context.run.fine_tune(&mut control, iterations, &context.train);
        let [tuned, from_random] = [&network, &control].map(|network| accuracies(context, network));
        Depths { shallow, pretrained, tuned, from_random, network, outcome }
    }
}

/// 8.4.4: fine-tuning.
pub fn tuning(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let Depths { shallow, pretrained, tuned, from_random, network, outcome } = Depths::compare(context);
    let mut table = Table::new(&["", "training accuracy", "test accuracy"]);
    for (name, [training, test]) in [
        ("softmax regression on the examples", shallow),
        ("before fine-tuning", pretrained),
        ("after fine-tuning", tuned),
        ("fine-tuned from random parameters", from_random),
    ] {
        table.cells(&[&name, &percent(training), &percent(test)]);
    }
    context.table(&table);
    context.say(&format!(
        "The first row is a shallow model, whose boundaries between classes are linear. The last row is the control: \
         the same network and number of iterations without pretraining. Fine-tuning took {} to a cost of {:.4}; {}.\n\n\
         What to see: fine-tuning raises both accuracies. The deep network then fits the training examples at least \
         as well as the shallow model. Whether it also classifies test examples better depends on the examples: \
         spoken digits need nonlinear boundaries, and the deep network is far ahead; handwritten digits are almost \
         linearly separable, and with few of them the deep network may gain nothing. The last row shows the part of \
         pretraining.",
        Count(outcome.iterations, "iteration"),
        outcome.cost,
        outcome.reason
    ));
    let (layers, _) = network.model.unpack(&network.theta);
    context.draw("the first layer's filters after fine-tuning", "8.4.4-filters.png", FILTERS, &layers[0].weights);
    Ok(())
}

/// 8.4.5: the classifier on whole recordings, or on images.
pub fn evaluation(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (_, mut network) = transferred(context);
    context.run.fine_tune(&mut network, context.settings.tuning_iterations, &context.train);
    let (counts, text) = match &context.sounds {
        Some(Sounds { collection, prepared, fold, normalizer, .. }) => {
            let evaluator = Evaluator { settings: &context.settings, collection, prepared, fold };
            let (layers, theta) = network.model.unpack(&network.theta);
            let top = WindowTop::Each(TrainedClassifier { model: network.model.top(), theta });
            let (context, normalizer) = (context.settings.context_window, normalizer.clone());
            let (windows, scores) = evaluator.windows(&WindowModel { context, normalizer, layers, top })?;
            let files = evaluator.confusion(&scores);
            let text = format!(
                "Test accuracy: {} of the windows; {} of {} recordings, by the sum over their windows.",
                percent(windows.accuracy()),
                percent(files.accuracy()),
                files.total(),
            );
            (files, text)
        }
        None => {
            let mut images = Confusion::new(context.labels.len());
            let predicted = network.predict(&context.test.matrix);
            context.test.labels.iter().zip(predicted).for_each(|(&label, class)| images.count(label, class));
            let text = format!("Test accuracy: {} of {} images.", percent(images.accuracy()), images.total());
            (images, text)
        }
    };
    context.say(&text);
    let what = "the confusion matrix";
    let picture = captioned(&confusion(&context.labels, counts.counts()), what, CONFUSION);
    context.put(what, "8.4.5-confusion.png", &picture);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn a_deep_network_separates_what_a_shallow_model_cannot() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        let mut random = Random::new(4);
        // The label says whether the two values have different signs (exclusive or).
        let mut set = |count: usize| {
            let matrix: Matrix<f32> = Matrix::from_function(2, count, |_, _| random.uniform(-1.0, 1.0));
            let labels =
                (0..count).map(|j| usize::from((matrix.row(0)[j] > 0.0) != (matrix.row(1)[j] > 0.0))).collect();
            LabeledExamples { matrix, labels }
        };
        (context.train, context.test) = (set(400), set(400));
        context.autoencoder = Autoencoder { visible: 2, ..context.autoencoder };
        context.settings.tuning_iterations = 100;
        let depths = Depths::compare(&mut context);
        let [shallow, pretrained, tuned] = [depths.shallow, depths.pretrained, depths.tuned].map(|[_, test]| test);
        assert!(shallow < 0.65 && tuned > 0.9 && tuned > pretrained, "{shallow} {pretrained} {tuned}");
        assert!(depths.tuned[0] > depths.pretrained[0]);
    }
}
