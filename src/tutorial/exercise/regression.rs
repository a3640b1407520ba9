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
        "Too small a decay overfits: the training accuracy exceeds the validation accuracy. Too large a decay lowers \
         both.",
    );
    context.say(&format!("Cross-validation chooses a decay of {}: test accuracy {}.", best.1, percent(best.2)));
    Ok(())
}

/// The training and the test accuracy of softmax regression on features of the examples.
fn accuracies(context: &mut ExerciseContext, features: impl Fn(&Matrix<f32>) -> Matrix<f32>) -> [f64; 2] {
    let [train, test]: [LabeledExamples<f32>; 2] = [&context.train, &context.test].map(|set| set.map(&features));
    let regression = softmax(context, &train);
    [&train, &test].map(|examples| regression.accuracy(examples))
}

/// The accuracies on random units, and on the units of a sparse autoencoder, `hidden` of each.
fn of_units(context: &mut ExerciseContext, hidden: usize) -> [[f64; 2]; 2] {
    let model = Autoencoder { hidden, ..context.autoencoder };
    let random = context.untrained(model);
    let of_random = accuracies(context, |x| random.encode(x));
    let trained = context.train_autoencoder("features", model, &context.train.matrix.clone());
    [of_random, accuracies(context, |x| trained.encode(x))]
}

/// 8.3.3: softmax regression on different features.
pub fn architectures(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let mut table = Table::new(&["input of the softmax", "features", "training accuracy", "test accuracy"]);
    let mut row = |name: &str, features: usize, [training, test]: [f64; 2]| {
        table.cells(&[&name, &features, &percent(training), &percent(test)]);
    };
    row("the examples", context.train.matrix.rows(), accuracies(context, Matrix::clone));
    let size = context.settings.hidden;
    for hidden in [size / 4, size / 2, size, 2 * size] {
        for (kind, accuracies) in ["random", "sparse"].into_iter().zip(of_units(context, hidden)) {
            row(&format!("{hidden} {kind} units"), hidden, accuracies);
        }
    }
    context.table(&table);
    context.say(
        "Random units show the effect of a nonlinear layer by itself; sparse units, that of learning its weights.\n\n\
         What to see: the accuracy rises with the number of units, of both kinds. A few units lose much of an \
         example, so softmax regression on the example itself is more accurate. Compare equal numbers of random and \
         sparse units: whether learned weights are better than random ones depends on the number of units and of \
         examples. With --quick they may not be.",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn more_units_classify_better_and_all_better_than_guessing() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        context.autoencoder = Autoencoder { visible: context.train.matrix.rows(), ..context.autoencoder };
        let [few, many] = [1, 16].map(|hidden| of_units(&mut context, hidden).map(|[_, test]| test));
        // Of two labels, guessing finds one half.
        assert!(few.iter().all(|&accuracy| accuracy > 0.55), "{few:?}");
        assert!(many.iter().zip(few).all(|(&many, few)| many > few && many > 0.8), "{few:?} {many:?}");
    }
}
