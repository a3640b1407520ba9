//! E.1 to E.3: sparse coding, the bound on its atoms, and codes predicted by an encoder.

use super::context::{Arrangement, ExerciseContext};
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::parameters::Block;
use crate::model::predictive::relative_error;
use crate::model::sparse_coding::Dictionary;
use crate::model::{Predictive, SparseCoding};
use crate::number::Random;
use crate::number::sum::{sum, sum_of_squares};
use crate::optimize::{Lbfgs, Minimization};
use crate::tutorial::autoencoder_comparison::{
    accuracy, coding_model, error_fraction, scaled, train_dictionary, train_predictive,
};
use crate::tutorial::error::TutorialError;
use crate::tutorial::report::{Table, percent};
use std::format;
use std::time::Instant;
use std::vec::Vec;

/// The most test examples of E.1, and the most training examples of E.2.
const CODED: usize = 1000;
const FEW: usize = 300;

/// E.1 also counts the values of codes that are larger than this.
const LARGE: f32 = 0.01;

/// ε of E.2.
const SMOOTHING: f64 = 1e-4;

/// Iterations of L-BFGS after which E.2 prints a row; with `--quick` the last one is left out.
const SHOWN: [usize; 4] = [10, 30, 100, 400];

/// Rounds of the training with the bound in E.2.
const ROUNDS: usize = 10;

/// Atoms in the picture of E.3.
const ABREAST: usize = 20;

/// E.1: a dictionary, and the codes of test examples by different penalties.
pub fn penalties(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let learned = coding_model(context, context.settings.hidden);
    let dictionary = train_dictionary(context, &learned);
    let (x, lambda) = (context.test.first(CODED).matrix, learned.penalty);
    let heading = format!("above {LARGE}");
    let mut table = Table::new(&["λ", "ε", "error", "not 0", &heading, "mean of abs(s)", "seconds"]);
    let l1 = [lambda / 4.0, lambda, 4.0 * lambda].map(|penalty| (penalty, 0.0));
    let smooth = [1e-4, 1e-2].map(|smoothing| (lambda, smoothing));
    for (penalty, smoothing) in l1.into_iter().chain(smooth) {
        let model = SparseCoding { smoothing, ..SparseCoding::new(learned.visible, learned.atoms, penalty) };
        let start = Instant::now();
        let codes = model.encode(&dictionary, &x);
        let seconds = start.elapsed().as_secs_f64();
        let magnitudes: Vec<f32> = codes.elements().iter().map(|s| s.abs()).collect();
        let above = |least: f32| {
            let count = magnitudes.iter().filter(|&&s| s > least).count();
            percent(count as f64 / magnitudes.len() as f64)
        };
        table.cells(&[
            &penalty,
            &smoothing,
            &percent(error_fraction(&dictionary.decode(&codes), &x)),
            &above(0.0),
            &above(LARGE),
            &format_args!("{:.4}", sum(&magnitudes) / magnitudes.len() as f32),
            &format_args!("{seconds:.2}"),
        ]);
    }
    context.say(&format!(
        "{} atoms, learned with λ = {lambda} and ε = 0. Codes of {} test examples with this and with other penalties; the\n\
         error is a fraction of the examples' variance:\n",
        learned.atoms,
        x.columns()
    ));
    context.table(&table);
    context.say(
        "λ is the weight of the penalty. A larger λ leaves fewer nonzero values, and a larger error. With ε = 0 the \
         penalty has a kink at 0: a value stays exactly 0 where moving it away from 0 would lower ½|x - Φ s|² at a \
         rate below λ. With ε > 0 the kink is rounded off, and no value is exactly 0. The smaller ε is, the smaller \
         these values are, and the closer error and mean are to those with ε = 0. In the picture, each tile is an \
         atom.",
    );
    let caption =
        "An example is a sum of few atoms, each times a value of its code. An atom and its negative serve alike.";
    context.draw("atoms of the dictionary", "E.1-atoms.png", caption, &dictionary.atoms);
    Ok(())
}

/// E.2: the atoms and the codes without the bound.
pub fn bound(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let model =
        SparseCoding { smoothing: SMOOTHING, iterations: 100, ..coding_model(context, context.settings.hidden) };
    let few = context.train.first(FEW).matrix;
    let x = few.map(f64::from);
    let mut dictionary: Dictionary<f64> = model.draw(&mut Random::new(context.settings.seed));
    let codes = model.encode(&dictionary, &x);
    let [phi, s] = model.blocks(x.columns());
    let theta = [dictionary.atoms.elements(), codes.elements()].concat();

    let mut table = Table::new(&["iterations", "mean length of φ", "mean of abs(s)", "penalty", "error"]);
    let mut row = |name: &str, atoms: &Matrix<f64>, codes: &Matrix<f64>| {
        let lengths: Vec<f64> = (0..atoms.rows()).map(|k| Element::sqrt(sum_of_squares(atoms.row(k)))).collect();
        let magnitudes: Vec<f64> = codes.elements().iter().map(|s| s.abs()).collect();
        let terms = SparseCoding { smoothing: 0.0, ..model }.evaluate(&Dictionary { atoms: atoms.clone() }, &x, codes);
        table.cells(&[
            &name,
            &format_args!("{:.2}", sum(&lengths) / lengths.len() as f64),
            &format_args!("{:.5}", sum(&magnitudes) / magnitudes.len() as f64),
            &format_args!("{:.3}", terms.penalty),
            &format_args!("{:.3}", terms.error),
        ]);
    };
    row("0", &dictionary.atoms, &codes);
    let iterations = SHOWN[if context.quick { SHOWN.len() - 2 } else { SHOWN.len() - 1 }];
    let settings = Lbfgs { iterations, gradient_tolerance: 1e-12, cost_tolerance: 0.0, ..Lbfgs::default() };
    let mut cost = model.cost(&x);
    let mut minimization = Minimization::new(settings, &mut cost, &theta);
    let (stage, progress) = ("without the bound", &mut context.run.progress);
    progress.stage(stage, iterations);
    let reason = minimization.run(&mut cost, |minimization, report| {
        progress.step(report.iteration, report.cost);
        if SHOWN.contains(&report.iteration) {
            let theta = &minimization.best().theta;
            let matrix = |block: &Block| Matrix::from_rows(block.rows, block.columns, block.values(theta).to_vec());
            row(&format!("{}", report.iteration), &matrix(&phi), &matrix(&s));
        }
        true
    });
    progress.ended(stage, reason);
    model.train(&x, &mut dictionary, ROUNDS, |_, _| true);
    row("with the bound", &dictionary.atoms, &model.encode(&dictionary, &x));
    context.run.learned(&minimization.best().theta);
    context.run.learned(dictionary.atoms.elements());
    context.say(&format!(
        "L-BFGS on atoms and codes together, without a bound on the atoms; {} training examples, λ = {}, ε = \
         {SMOOTHING}. The column `penalty` is the mean of λ Σ_k abs(s_k), `error` the mean of ½|x - Φ s|². The last \
         row is {ROUNDS} rounds of training with the bound, from the same start:\n",
        x.columns(),
        model.penalty
    ));
    context.table(&table);
    context.say(
        "Without the bound, atoms ten times as long and codes a tenth as large give the same reconstruction at a \
         tenth of the penalty. So the atoms keep growing, the codes keep shrinking, and the penalty approaches 0: λ \
         no longer limits the codes. Once the error has converged, only the lengths still change. With the bound, the \
         penalty stays in effect, and the error is larger.",
    );
    Ok(())
}

/// A function from examples to codes.
type Encoder<'a> = &'a dyn Fn(&Matrix<f32>) -> Matrix<f32>;

/// E.3: codes predicted by an encoder against exact ones.
pub fn predicted(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let coding = coding_model(context, context.settings.hidden);
    let (train, test) = (context.train.clone(), context.test.clone());
    let mut table = Table::new(&["α", "codes", "not 0", "relative error", "error", "accuracy", "seconds"]);
    let mut shown = Matrix::zeros(0, coding.visible);
    for prediction_weight in [0.0, 1.0] {
        let model = Predictive { prediction_weight, ..Predictive::new(coding) };
        let (dictionary, theta) = train_predictive(context, &model);
        let exact = |x: &Matrix<f32>| coding.encode(&dictionary, x);
        let fast = |x: &Matrix<f32>| model.encode_fast(&theta, x);
        let mut exact_codes: Option<Matrix<f32>> = None;
        let encoders: [(&str, Encoder); 2] = [("exact", &exact), ("predicted", &fast)];
        for (name, encode) in encoders {
            let start = Instant::now();
            let codes = test.map(encode);
            let seconds = start.elapsed().as_secs_f64();
            let values = codes.matrix.elements();
            let nonzero = values.iter().filter(|&&s| s != 0.0).count() as f64 / values.len() as f64;
            // The exact codes come first.
            let distance = relative_error(&codes.matrix, exact_codes.get_or_insert_with(|| codes.matrix.clone()));
            let error = error_fraction(&dictionary.decode(&codes.matrix), &test.matrix);
            let [train, test] = scaled([train.map(encode), codes]);
            let accuracy = accuracy(context, name, &train, &test);
            let (error, accuracy) = (percent(error), percent(accuracy));
            table.cells(&[
                &prediction_weight,
                &name,
                &percent(nonzero),
                &format_args!("{distance:.3}"),
                &error,
                &accuracy,
                &format_args!("{seconds:.4}"),
            ]);
        }
        // A filter with a negative gain responds to the opposite of its weights.
        let ([w, _, g], abreast) = (model.blocks(), ABREAST.min(coding.atoms));
        shown = Matrix::from_function(2 * abreast, coding.visible, |row, i| match row.checked_sub(abreast) {
            None => dictionary.atoms.row(row)[i],
            Some(k) => g.values(&theta)[k] * w.row(&theta, k)[i],
        });
    }
    context.say(
        "Codes of test examples: exact ones, found by FISTA, and those that the encoder predicts. The column `error` \
         is that of the reconstruction, as a fraction of the variance:\n",
    );
    context.table(&table);
    context.say(
        "α is the weight of the prediction error in the cost of the codes. With α = 0, the encoder follows the codes. \
         With α = 1, the codes also move toward the predictions, so the relative error, |predicted - exact|/|exact|, \
         is smaller. A prediction is one matrix product instead of a minimization. The encoder's units do not \
         compete, so almost no predicted value is exactly 0. The accuracy of the predicted codes can be lower or \
         higher. So can their reconstruction error: exact codes minimize the error plus the penalty, not the error \
         alone. In the picture, the encoder's filters resemble the atoms. On images, weights of pixels that hardly \
         vary keep their random initial values.",
    );
    let (what, labels) = ("atoms and encoder's filters", ["atoms", "encoder"]);
    let caption =
        "Below each atom is the filter of the encoder's unit that predicts its value: the two resemble each other.";
    let arranged = Arrangement::rows(&labels, shown.rows());
    context.draw_tiles(what, "E.3-filters.png", caption, &shown, arranged);
    Ok(())
}
