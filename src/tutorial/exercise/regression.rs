//! 8.3: softmax regression.

use super::context::ExerciseContext;
use super::features::softmax;
use crate::matrix::Matrix;
use crate::model::{Autoencoder, Softmax};
use crate::number::Real;
use crate::optimize::Objective;
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// 8.3.1: softmaxCost.
pub fn cost(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (classes, some) = (context.labels.len(), context.train.first(10));
    let names = some.labels.iter().map(|&y| context.labels[y].as_str());
    let mut table = Table::new(&["label"].into_iter().chain(names).collect::<Vec<_>>());
    for (k, label) in context.labels.iter().enumerate() {
        let ones = some.labels.iter().map(|&y| String::from(if y == k { "1" } else { "0" }));
        table.row(&[label.clone()].into_iter().chain(ones).collect::<Vec<_>>());
    }
    context.say("The ground truth matrix M of the first examples: 1 in the row of the example's label, else 0.\n");
    context.table(&table);

    let model = context.softmax(context.autoencoder.visible, 1e-4);
    let (theta, mut gradient) = (vec![0.0; model.dimension()], vec![0.0; model.dimension()]);
    let mut objective = model.cost(&context.train.matrix, &context.train.labels);
    let cost: f32 = objective.cost_and_gradient(&theta, &mut gradient);
    let uniform = Real::ln(classes as f64);
    let huge = Softmax { features: 1, classes: 2, bias: false, weight_decay: 0.0 };
    let log_p = huge.log_probabilities(&[1e4f32, 0.0], &Matrix::from_rows(1, 1, vec![1.0]));
    context.say(&format!(
        "With Θ = 0 all classes are equally likely: the cost is {cost:.6}, and ln {classes} = {uniform:.6}.\n\
         For scores of 10000 and 0, e¹⁰⁰⁰⁰ overflows; with the largest score subtracted first, ln p = {} and {}.\n",
        log_p.row(0)[0],
        log_p.row(1)[0]
    ));
    context.gradient_check(|objective| objective.starts_with("softmax"));
    Ok(())
}

/// The candidates for the weight decay.
const DECAYS: [f64; 5] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

/// The folds of cross-validation.
const FOLDS: usize = 5;

/// 8.3.2: softmaxTrain, with cross-validation over the weight decay.
pub fn train(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let mut table = Table::new(&["decay", "training accuracy", "validation accuracy", "test accuracy"]);
    let mut best = (-1.0, 0.0, 0.0);
    for weight_decay in DECAYS {
        let model = context.softmax(context.autoencoder.visible, weight_decay);
        let mut validation = 0.0;
        for fold in 0..FOLDS {
            let [train, held_out] = context.train.split(|j| j % FOLDS == fold);
            let regression = context.run.regression("a fold", model, 100, &train);
            validation += regression.accuracy(&held_out) / FOLDS as f64;
        }
        let all = context.run.regression("all", model, 100, &context.train);
        let test = all.accuracy(&context.test);
        if validation > best.0 {
            best = (validation, weight_decay, test);
        }
        let training = percent(all.accuracy(&context.train));
        table.cells(&[&weight_decay, &training, &percent(validation), &percent(test)]);
    }
    context.table(&table);
    context.say(
        "Too small a decay overfits: the training accuracy exceeds the validation accuracy. Too large a decay lowers both.",
    );
    context.say(&format!("Cross-validation chooses a decay of {}: test accuracy {}.", best.1, percent(best.2)));
    Ok(())
}

/// 8.3.3: softmax regression on different features.
pub fn architectures(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let mut table = Table::new(&["input of the softmax", "features", "training accuracy", "test accuracy"]);
    let mut row = |context: &mut ExerciseContext, name: &str, features: &dyn Fn(&Matrix<f32>) -> Matrix<f32>| {
        let [train, test]: [LabeledExamples<f32>; 2] = [&context.train, &context.test].map(|set| set.map(features));
        let regression = softmax(context, &train);
        let [training, testing] = [&train, &test].map(|examples| percent(regression.accuracy(examples)));
        table.cells(&[&name, &train.matrix.rows(), &training, &testing]);
    };
    row(context, "the examples", &Matrix::clone);
    let size = context.settings.hidden;
    for hidden in [size / 4, size / 2, size, 2 * size] {
        let model = Autoencoder { hidden, ..context.autoencoder };
        let random = context.untrained(model);
        row(context, &format!("{hidden} random units"), &|x| random.encode(x));
        let trained = context.train_autoencoder("features", model, &context.train.matrix.clone());
        row(context, &format!("{hidden} sparse units"), &|x| trained.encode(x));
    }
    context.table(&table);
    context.say(
        "Random units show the effect of a nonlinear layer by itself; sparse units, that of learning its weights.",
    );
    Ok(())
}
