//! 8.4: what the layers have learned, transferred into one network and tuned.

use super::context::{ExerciseContext, LabeledExamples, Sounds, Source};
use super::regression::percent;
use crate::model::greedy::{TrainedAutoencoder, decode, encode, pretrain};
use crate::model::{Activation, Autoencoder, Softmax};
use crate::number::Random;
use crate::number::Real;
use crate::number::sum::squared_distance;
use crate::picture::confusion::confusion;
use crate::tutorial::evaluation::Evaluator;
use crate::tutorial::metrics::Confusion;
use crate::tutorial::report::Table;
use crate::tutorial::training::{FineTuned, Regression, accuracy, minimize};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The autoencoders of the target architecture. Sparse features vary little, so the second one's error is small: the
/// other terms of its cost are made small too, else they are all that it learns, and its decoder is linear, whose slope
/// does not vanish near 0.
fn stack(context: &ExerciseContext) -> [Autoencoder; 2] {
    let deep = Autoencoder {
        decoder: Activation::Linear,
        weight_decay: 3e-6,
        sparsity_weight: 0.01,
        ..context.settings.deep()
    };
    [context.shape, deep]
}

/// 8.4.1: the architecture.
pub fn architecture(context: &mut ExerciseContext) -> Result<(), String> {
    let mut table = Table::new(&["layer", "from", "to", "parameters"]);
    let (mut all, classes) = (0, context.labels.len());
    for (l, shape) in (1..).zip(stack(context)) {
        let count = shape.hidden * (shape.visible + 1);
        all += count;
        table.row(&[format!("{l}: sigmoid"), shape.visible.to_string(), shape.hidden.to_string(), count.to_string()]);
    }
    let count = classes * (context.settings.deep + 1);
    table.row(&["3: softmax".into(), context.settings.deep.to_string(), classes.to_string(), count.to_string()]);
    context.table(&table);
    context.say(&format!("{} parameters, to be learned from {} examples.", all + count, context.train.labels.len()));
    Ok(())
}

/// The layers, trained one after the other.
fn pretrained(context: &mut ExerciseContext) -> Vec<TrainedAutoencoder<f32>> {
    let mut random = Random::new(context.settings.seed);
    let (stack, iterations) = (stack(context), context.settings.iterations);
    pretrain(&stack, &context.train.matrix, &mut random, |l, cost, theta| {
        minimize(&format!("layer {}", l + 1), iterations, cost, theta, context.progress)
    })
}

/// 8.4.2: each layer by itself.
pub fn layers(context: &mut ExerciseContext) -> Result<(), String> {
    let stack = pretrained(context);
    let mut table = Table::new(&["layers", "features", "cost", "error of the examples decoded from them"]);
    for depth in 1..=stack.len() {
        let layers = &stack[..depth];
        let y = decode(layers, &encode(layers, &context.test.matrix));
        let error = 0.5 * squared_distance(y.elements(), context.test.matrix.elements()).to_f64() / y.columns() as f64;
        let top = &layers[depth - 1];
        table.row(&[
            depth.to_string(),
            top.model.hidden.to_string(),
            format!("{:.4}", top.outcome.cost),
            format!("{error:.3}"),
        ]);
    }
    context.say("Encoded by the layers in order, decoded in reverse order (test examples):\n");
    context.table(&table);
    let some: Vec<usize> = (0..context.test.labels.len().min(18)).collect();
    let x = context.test.matrix.select_columns(&some);
    let y = decode(&stack, &encode(&stack, &x));
    let rows = crate::matrix::Matrix::from_function(2 * some.len(), x.rows(), |i, j| {
        if i < some.len() { x.row(j)[i] } else { y.row(j)[i - some.len()] }
    });
    context.draw("examples, then the same from the deepest features", "8.4.2-decoded.png", &rows);
    Ok(())
}

/// The network before tuning.
fn transferred(context: &mut ExerciseContext) -> (Vec<TrainedAutoencoder<f32>>, FineTuned<f32>) {
    let stack = pretrained(context);
    let deepest =
        LabeledExamples { matrix: encode(&stack, &context.train.matrix), labels: context.train.labels.clone() };
    let shape = Softmax {
        features: context.settings.deep,
        classes: context.labels.len(),
        bias: true,
        weight_decay: context.settings.tuning_decay,
    };
    let iterations = context.settings.softmax_iterations;
    let top = Regression::train("softmax on the deepest features", shape, iterations, deepest.data(), context.progress);
    let network = FineTuned::transfer(&stack, &top);
    (stack, network)
}

fn right(network: &FineTuned<f32>, examples: &LabeledExamples) -> String {
    percent(accuracy(&network.answers(&examples.matrix), &examples.labels))
}

/// 8.4.3: the transfer of weights.
pub fn weights(context: &mut ExerciseContext) -> Result<(), String> {
    let (stack, network) = transferred(context);
    let same = network.settings.features(&network.theta, &context.test.matrix) == encode(&stack, &context.test.matrix);
    let (layers, top) = network.settings.unpack(&network.theta);
    let back = network.settings.pack(&layers, &top) == network.theta;
    let yes = |it: bool| if it { "yes" } else { "no" };
    context.say(&format!(
        "θ has {} numbers. params2stack and stack2params give it back exactly: {}.\n\
         The network's deepest features are those of the autoencoders, to the bit: {}.\n\
         Before tuning {} of the training examples and {} of the test examples are told right.",
        network.theta.len(),
        yes(back),
        yes(same),
        right(&network, &context.train),
        right(&network, &context.test)
    ));
    Ok(())
}

/// 8.4.4: fine-tuning.
pub fn tuning(context: &mut ExerciseContext) -> Result<(), String> {
    let (_, mut network) = transferred(context);
    let mut table = Table::new(&["", "right in training", "right on test"]);
    table.row(&["before tuning".into(), right(&network, &context.train), right(&network, &context.test)]);
    let outcome = network.tune(context.settings.tuning_iterations, context.train.data(), context.progress);
    table.row(&["after tuning".into(), right(&network, &context.train), right(&network, &context.test)]);
    let mut untaught = network.clone();
    untaught.theta = untaught.settings.draw(&mut Random::new(context.settings.seed));
    untaught.tune(context.settings.tuning_iterations, context.train.data(), context.progress);
    table.row(&["tuned from a random start".into(), right(&untaught, &context.train), right(&untaught, &context.test)]);
    context.table(&table);
    context.say(&format!("{} iterations, cost {:.4}; {}.", outcome.iterations, outcome.cost, outcome.reason));
    let (layers, _) = network.settings.unpack(&network.theta);
    context.draw("the first layer's filters after tuning", "8.4.4-filters.png", &layers[0].weights);
    Ok(())
}

/// 8.4.5: the classifier on whole recordings (of images, on each).
pub fn judged(context: &mut ExerciseContext) -> Result<(), String> {
    let (_, mut network) = transferred(context);
    network.tune(context.settings.tuning_iterations, context.train.data(), context.progress);
    let of_files = match &context.source {
        Source::Sounds(sounds) => {
            let Sounds { collection, prepared, part, normalizer } = &**sounds;
            let ranges = &prepared.labeled.of_recording;
            let evaluator = Evaluator { settings: &context.settings, collection, ranges, part };
            let windows = normalizer.apply(prepared.labeled.matrix.clone());
            let (windows, files) = evaluator.windows(&network.settings.log_probabilities(&network.theta, &windows));
            Some((windows.accuracy(), files))
        }
        Source::Images => None,
    };
    let counts = match of_files {
        Some((windows, files)) => {
            context.say(&format!(
                "Of all test windows {} are told right; of {} recordings, by the sum of their windows, {}.",
                percent(windows),
                files.total(),
                percent(files.accuracy())
            ));
            files
        }
        None => {
            let mut images = Confusion::new(context.labels.len());
            let answers = network.answers(&context.test.matrix);
            context.test.labels.iter().zip(answers).for_each(|(&truth, answer)| images.count(truth, answer));
            context.say(&format!("Of {} images {} are told right.", images.total(), percent(images.accuracy())));
            images
        }
    };
    let picture = confusion(&context.labels, counts.counts());
    context.put("what was taken for what", "8.4.5-confusion.png", &picture);
    Ok(())
}
