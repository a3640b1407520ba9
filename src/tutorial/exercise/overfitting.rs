//! E.11: overfitting against the number of examples, its cures, and why dropout is an average of networks.
//!
//! Source: source E, "Overfitting", "Regularization", "Dropout".

use super::context::ExerciseContext;
use super::minibatches::{fit, mean_cost, network};
use crate::model::Activation;
use crate::model::network::{Layer, Network};
use crate::number::Random;
use crate::number::sum::dot;
use crate::optimize::{Training, UpdateRule};
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
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

/// λ of the weight decay, and the rates of dropout and of masking, usual values.
const DECAY: f64 = 0.02;
const DROPPED: f64 = 0.5;
const MASKED: f64 = 0.2;

/// The most test examples.
const TESTS: usize = 2000;

/// Two hidden layers below softmax, with layers in front of the first and of each later one.
fn hidden(values: usize, units: usize, classes: usize, first: Option<Layer>, later: Option<Layer>) -> Network {
    let dense = Layer::Dense { units, activation: Activation::Rectified };
    let layers = [first, Some(dense), later, Some(dense), later, Some(Layer::Softmax { classes })];
    network(values, layers.into_iter().flatten().collect())
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
        let [training, testing] = [&some, &test].map(|set| fitted.last.accuracy(set));
        sizes.cells(&[
            &some.count(),
            &percent(training),
            &percent(testing),
            &format_args!("{:.3}", mean_cost(&fitted.last, &some)),
            &format_args!("{:.3}", mean_cost(&fitted.last, &test)),
        ]);
        training_errors.push([some.count() as f64, 1.0 - training]);
        test_errors.push([some.count() as f64, 1.0 - testing]);
        plain_fits.push(fitted);
    }

    let (dropout, masking) = (Layer::Dropout { rate: DROPPED }, Layer::Masking { rate: MASKED });
    let cures = [
        ("weight decay", Network { weight_decay: DECAY, ..plain.clone() }),
        ("dropout", hidden(values, UNITS, classes, None, Some(dropout))),
        ("noise: inputs masked", hidden(values, UNITS, classes, Some(masking), None)),
        ("fewer units", hidden(values, FEWER_UNITS, classes, None, None)),
    ];
    let mut table = Table::new(&["cure", "parameters", "epochs", "training accuracy", "test accuracy", "test cost"]);
    let mut row =
        |name: &str, epochs: usize, fitted: &TrainedClassifier<Network, f32>, train: &LabeledExamples<f32>| {
            table.cells(&[
                &name,
                &fitted.model.dimension(),
                &epochs,
                &percent(fitted.accuracy(train)),
                &percent(fitted.accuracy(&test)),
                &format_args!("{:.3}", mean_cost(fitted, &test)),
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
    let [most, held_out] = train.split(|j| j % 5 == 4);
    if most.count() > 0 && held_out.count() > 0 {
        let fitted = fit(context, "early stopping", plain, settings(epochs), &most, &held_out);
        row("early stopping", fitted.best_epoch, &fitted.best, &most);
    }

    context.say(&format!(
        "A network with two hidden layers of {UNITS} rectified units, trained by Adam on few examples and on more, with \
         as many steps; {} test examples.\n",
        test.count()
    ));
    context.table(&sizes);
    context.say(&format!(
        "Cures, with {} training examples: weight decay of λ = {DECAY}; dropout of {DROPPED} in each hidden layer; \
         inputs masked with probability {MASKED}; {FEWER_UNITS} units instead of {UNITS}; early stopping, at the least \
         cost on a fifth of the training examples, which make no step.\n",
        train.count()
    ));
    context.table(&table);
    context.say(
        "What to see: with few examples the network learns all of them, and the test accuracy is far lower: it has \
         memorized. More examples are the best cure. The others change the test cost more than the test accuracy: a \
         network that overfits is sure of its errors. The first chart shows when it begins: the test cost rises while \
         the training cost still falls.",
    );
    dropout_averages(context);
    let axes = ["epochs", "mean of -ln p"];
    let scales = [Scale::Linear, Scale::Logarithmic];
    let chart = Chart::new("overfitting, without a cure and with dropout", axes, scales, curves);
    context.put_chart("cost against epochs", "E.11-epochs.svg", &chart);
    let curve = |name: &str, points| Series { name: name.into(), points, style: Style::Path };
    let curves = vec![curve("training", training_errors), curve("test", test_errors)];
    let axes = ["training examples", "fraction of errors"];
    let chart =
        Chart::new("errors against the number of training examples", axes, [Scale::Logarithmic, Scale::Linear], curves);
    context.put_chart("errors against size", "E.11-size.svg", &chart);
    Ok(())
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
        "\nDropout trains thinned networks, in which each input of a layer is kept with probability p. Of a linear unit \
         with {INPUTS} inputs there are {}; these are means over all of them, weighted by their probabilities. The \
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
}
