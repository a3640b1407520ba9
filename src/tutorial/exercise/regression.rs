//! 8.3: softmax regression.

use super::context::ExerciseContext;
use super::features::softmax;
use crate::matrix::Matrix;
use crate::model::gradient_suite::{Checked, check_all};
use crate::model::{Autoencoder, Softmax};
use crate::number::Real;
use crate::optimize::Objective;
use crate::tutorial::report::{Table, gradients};
use crate::tutorial::training::{Regression, accuracy};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// 8.3.1: softmaxCost.
pub fn cost(context: &mut ExerciseContext) -> Result<(), String> {
    let classes = context.labels.len();
    let some = context.train.first(10);
    let mut headings = vec!["example is".to_string()];
    headings.extend(some.labels.iter().map(|&y| context.labels[y].clone()));
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for k in 0..classes {
        let mut cells = vec![context.labels[k].clone()];
        cells.extend(some.labels.iter().map(|&y| if y == k { "1".to_string() } else { "0".to_string() }));
        table.row(&cells);
    }
    context.say("The ground truth matrix M of the first examples, 1 where the row is the example's class:\n");
    context.table(&table);

    let settings = Softmax { features: context.shape.visible, classes, bias: true, weight_decay: 1e-4 };
    let (theta, mut gradient) = (vec![0.0; settings.dimension()], vec![0.0; settings.dimension()]);
    let (examples, labels) = context.train.data();
    let cost: f32 = settings.cost(examples, labels).cost_and_gradient(&theta, &mut gradient);
    let guess = Real::ln(classes as f64);
    let huge = Softmax { features: 1, classes: 2, bias: false, weight_decay: 0.0 };
    let log_p = huge.log_probabilities(&[1e4f32, 0.0], &Matrix::from_rows(1, 1, vec![1.0]));
    context.say(&format!(
        "With Θ = 0 all classes are equally likely: the cost is {cost:.6}, ln {classes} = {guess:.6}.\n\
         Scores 10000 and 0, of which e¹⁰⁰⁰⁰ overflows: ln p = {} and {}, since the largest score is subtracted first.\n",
        log_p.row(0)[0],
        log_p.row(1)[0]
    ));
    let rows: Vec<Checked> = check_all().into_iter().filter(|c| c.objective.starts_with("softmax")).collect();
    context.say(&gradients(&rows));
    Ok(())
}

/// The decays that are tried.
const DECAYS: [f64; 5] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

/// Parts that cross-validation leaves out in turn.
const FOLDS: usize = 5;

/// 8.3.2: softmaxTrain, with cross-validation over the decay.
pub fn train(context: &mut ExerciseContext) -> Result<(), String> {
    let mut table = Table::new(&["decay", "right on its own", "right on parts left out", "right on test"]);
    let mut best = (-1.0, 0.0, 0.0);
    for weight_decay in DECAYS {
        let shape =
            Softmax { features: context.shape.visible, classes: context.labels.len(), bias: true, weight_decay };
        let mut left_out = 0.0;
        for fold in 0..FOLDS {
            let side = |tests: bool| -> Vec<usize> {
                (0..context.train.labels.len()).filter(|j| (j % FOLDS == fold) == tests).collect()
            };
            let (train, test) = (context.train.part(&side(false)), context.train.part(&side(true)));
            let regression = Regression::train("a fold", shape, 100, train.data(), context.progress);
            left_out += accuracy(&regression.answers(&test.matrix), &test.labels) / FOLDS as f64;
        }
        let all = Regression::train("all", shape, 100, context.train.data(), context.progress);
        let own = accuracy(&all.answers(&context.train.matrix), &context.train.labels);
        let test = accuracy(&all.answers(&context.test.matrix), &context.test.labels);
        if left_out > best.0 {
            best = (left_out, weight_decay, test);
        }
        table.row(&[weight_decay.to_string(), percent(own), percent(left_out), percent(test)]);
    }
    context.table(&table);
    context.say(&format!(
        "Cross-validation chooses a decay of {}: {} of the test examples are told right.",
        best.1,
        percent(best.2)
    ));
    Ok(())
}

/// 8.3.3: different architectures below the softmax regression.
pub fn architectures(context: &mut ExerciseContext) -> Result<(), String> {
    let mut table = Table::new(&["below the softmax", "features", "right in training", "right on test"]);
    let mut row = |context: &mut ExerciseContext,
                   name: String,
                   train: &super::context::LabeledExamples,
                   test: &super::context::LabeledExamples| {
        let regression = softmax(context, train);
        let share = |examples: &super::context::LabeledExamples| {
            percent(accuracy(&regression.answers(&examples.matrix), &examples.labels))
        };
        table.row(&[name, train.matrix.rows().to_string(), share(train), share(test)]);
    };
    let (train, test) = (context.train.clone(), context.test.clone());
    row(context, "nothing: the examples".into(), &train, &test);
    let hidden = context.settings.hidden;
    for units in [hidden / 4, hidden / 2, hidden, 2 * hidden] {
        let random = context.untrained(Autoencoder { hidden: units, ..context.shape });
        row(context, format!("{units} random units"), &train.through(&random), &test.through(&random));
        let trained = context.teach("features", Autoencoder { hidden: units, ..context.shape }, &train.matrix);
        row(context, format!("{units} sparse units"), &train.through(&trained), &test.through(&trained));
    }
    context.table(&table);
    Ok(())
}

/// A share as a percentage.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
