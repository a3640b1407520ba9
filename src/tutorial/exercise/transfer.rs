//! 8.4: what the layers have learned, transferred into one network and tuned.

use super::class::{Class, Examples, Sounds, Source};
use super::regression::percent;
use crate::model::greedy::{Trained, decode, encode};
use crate::model::{Activation, AutoencoderSettings, SoftmaxSettings};
use crate::number::Random;
use crate::number::Real;
use crate::number::sum::squared_distance;
use crate::picture::confusion::confusion;
use crate::tutorial::judge::Judge;
use crate::tutorial::report::Table;
use crate::tutorial::score::Confusion;
use crate::tutorial::training::{Network, Regression, accuracy, autoencoder};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The autoencoders of the target architecture. Sparse features vary little, so the second one's error is small: the
/// other terms of its cost are made small too, else they are all that it learns, and its decoder is linear, whose slope
/// does not vanish near 0.
fn stack(class: &Class) -> [AutoencoderSettings; 2] {
    let deep = AutoencoderSettings {
        decoder: Activation::Linear,
        weight_decay: 3e-6,
        sparsity_weight: 0.01,
        ..class.settings.deep()
    };
    [class.shape, deep]
}

/// 8.4.1: the architecture.
pub fn architecture(class: &mut Class) -> Result<(), String> {
    let mut table = Table::new(&["layer", "from", "to", "parameters"]);
    let (mut all, classes) = (0, class.labels.len());
    for (l, shape) in (1..).zip(stack(class)) {
        let count = shape.hidden * (shape.visible + 1);
        all += count;
        table.row(&[format!("{l}: sigmoid"), shape.visible.to_string(), shape.hidden.to_string(), count.to_string()]);
    }
    let count = classes * (class.settings.deep + 1);
    table.row(&["3: softmax".into(), class.settings.deep.to_string(), classes.to_string(), count.to_string()]);
    class.table(&table);
    class.say(&format!("{} parameters, to be learned from {} examples.", all + count, class.train.labels.len()));
    Ok(())
}

/// The layers, trained one after the other.
fn pretrained(class: &mut Class) -> Vec<Trained<f32>> {
    let mut random = Random::new(class.settings.seed);
    let [first, second] = stack(class);
    let (x, iterations) = (&class.train.matrix, class.settings.iterations);
    let first = autoencoder("layer 1", first, iterations, x, &mut random, class.watch);
    let second = autoencoder("layer 2", second, iterations, &first.encode(x), &mut random, class.watch);
    Vec::from([first, second])
}

/// 8.4.2: each layer by itself.
pub fn layers(class: &mut Class) -> Result<(), String> {
    let stack = pretrained(class);
    let mut table = Table::new(&["layers", "features", "cost", "error of the examples decoded from them"]);
    for depth in 1..=stack.len() {
        let layers = &stack[..depth];
        let y = decode(layers, &encode(layers, &class.test.matrix));
        let error = 0.5 * squared_distance(y.numbers(), class.test.matrix.numbers()).to_f64() / y.columns() as f64;
        let top = &layers[depth - 1];
        table.row(&[
            depth.to_string(),
            top.settings.hidden.to_string(),
            format!("{:.4}", top.outcome.cost),
            format!("{error:.3}"),
        ]);
    }
    class.say("Encoded by the layers in order, decoded in reverse order (test examples):\n");
    class.table(&table);
    let some: Vec<usize> = (0..class.test.labels.len().min(18)).collect();
    let x = class.test.matrix.select_columns(&some);
    let y = decode(&stack, &encode(&stack, &x));
    let rows = crate::matrix::Matrix::from_function(2 * some.len(), x.rows(), |i, j| {
        if i < some.len() { x.row(j)[i] } else { y.row(j)[i - some.len()] }
    });
    class.draw("examples, then the same from the deepest features", "8.4.2-decoded.png", &rows);
    Ok(())
}

/// The network before tuning.
fn transferred(class: &mut Class) -> (Vec<Trained<f32>>, Network<f32>) {
    let stack = pretrained(class);
    let deepest = Examples { matrix: encode(&stack, &class.train.matrix), labels: class.train.labels.clone() };
    let shape = SoftmaxSettings {
        features: class.settings.deep,
        classes: class.labels.len(),
        bias: true,
        weight_decay: class.settings.tuning_decay,
    };
    let iterations = class.settings.softmax_iterations;
    let top = Regression::train("softmax on the deepest features", shape, iterations, deepest.data(), class.watch);
    let network = Network::transfer(&stack, &top);
    (stack, network)
}

fn right(network: &Network<f32>, examples: &Examples) -> String {
    percent(accuracy(&network.answers(&examples.matrix), &examples.labels))
}

/// 8.4.3: the transfer of weights.
pub fn weights(class: &mut Class) -> Result<(), String> {
    let (stack, network) = transferred(class);
    let same = network.settings.features(&network.theta, &class.test.matrix) == encode(&stack, &class.test.matrix);
    let (layers, top) = network.settings.unpack(&network.theta);
    let back = network.settings.pack(&layers, &top) == network.theta;
    let yes = |it: bool| if it { "yes" } else { "no" };
    class.say(&format!(
        "θ has {} numbers. params2stack and stack2params give it back exactly: {}.\n\
         The network's deepest features are those of the autoencoders, to the bit: {}.\n\
         Before tuning {} of the training examples and {} of the test examples are told right.",
        network.theta.len(),
        yes(back),
        yes(same),
        right(&network, &class.train),
        right(&network, &class.test)
    ));
    Ok(())
}

/// 8.4.4: fine-tuning.
pub fn tuning(class: &mut Class) -> Result<(), String> {
    let (_, mut network) = transferred(class);
    let mut table = Table::new(&["", "right in training", "right on test"]);
    table.row(&["before tuning".into(), right(&network, &class.train), right(&network, &class.test)]);
    let outcome = network.tune(class.settings.tuning_iterations, class.train.data(), class.watch);
    table.row(&["after tuning".into(), right(&network, &class.train), right(&network, &class.test)]);
    let mut untaught = network.clone();
    untaught.theta = untaught.settings.draw(&mut Random::new(class.settings.seed));
    untaught.tune(class.settings.tuning_iterations, class.train.data(), class.watch);
    table.row(&["tuned from a random start".into(), right(&untaught, &class.train), right(&untaught, &class.test)]);
    class.table(&table);
    class.say(&format!("{} iterations, cost {:.4}; {}.", outcome.iterations, outcome.cost, outcome.reason));
    let (layers, _) = network.settings.unpack(&network.theta);
    class.draw("the first layer's filters after tuning", "8.4.4-filters.png", &layers[0].weights);
    Ok(())
}

/// 8.4.5: the classifier on whole recordings (of images, on each).
pub fn judged(class: &mut Class) -> Result<(), String> {
    let (_, mut network) = transferred(class);
    network.tune(class.settings.tuning_iterations, class.train.data(), class.watch);
    let of_files = match &class.source {
        Source::Sounds(sounds) => {
            let Sounds { collection, heard, part, normalizer } = &**sounds;
            let ranges = &heard.labeled.of_recording;
            let judge = Judge { settings: &class.settings, collection, ranges, part };
            let windows = normalizer.apply(heard.labeled.matrix.clone());
            let (windows, files) = judge.windows(&network.settings.log_probabilities(&network.theta, &windows));
            Some((windows.accuracy(), files))
        }
        Source::Images => None,
    };
    let counts = match of_files {
        Some((windows, files)) => {
            class.say(&format!(
                "Of all test windows {} are told right; of {} recordings, by the sum of their windows, {}.",
                percent(windows),
                files.total(),
                percent(files.accuracy())
            ));
            files
        }
        None => {
            let mut images = Confusion::new(class.labels.len());
            let answers = network.answers(&class.test.matrix);
            class.test.labels.iter().zip(answers).for_each(|(&truth, answer)| images.count(truth, answer));
            class.say(&format!("Of {} images {} are told right.", images.total(), percent(images.accuracy())));
            images
        }
    };
    let picture = confusion(&class.labels, counts.counts());
    class.put("what was taken for what", "8.4.5-confusion.png", &picture);
    Ok(())
}
