//! 8.1: examples, and the terms of the autoencoder's cost, one after the other.

use super::context::{Arrangement, ExerciseContext, Sounds, extremes, norm, reconstruction_error, shuffled_values};
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::normalize::Squash;
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::matrix::Matrix;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::visualization::{dead_units, mean_activations};
use crate::model::{Activation, Autoencoder};
use crate::number::sum::sum;
use crate::number::{Random, Real};
use crate::optimize::Objective;
use crate::picture::tiles::TileShape;
use crate::tutorial::error::TutorialError;
use crate::tutorial::front_end::FrontEnd;
use crate::tutorial::panels::Shown;
use crate::tutorial::preprocessing::frames;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::representative_windows::RepresentativeWindows;
use crate::tutorial::settings::{FrontEndSettings, TRANSFORMS};
use std::format;
use std::vec;
use std::vec::Vec;

/// What a sheet of filters shows.
pub(in crate::tutorial) const FILTERS: &str =
    "A unit responds most to a window that is loud where its tile is bright, and soft where it is dark.";

/// A unit whose activation varies by less than this over all examples is dead.
pub(in crate::tutorial) const DEAD: f64 = 0.01;

/// 8.1.1: sampleSpectrums.
pub fn examples(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let Sounds { collection, prepared, windows, .. } = context.sounds()?;
    let (count, size) = (windows.matrix.columns(), windows.matrix.rows());
    let first = windows.matrix.column(0);
    let second = windows.matrix.column(1.min(count - 1));
    let bands = context.settings.front_end.bands;
    let overlap = first[bands..] == second[..size - bands];
    let text = format!(
        "{count} windows of {} recordings, each {} frames of {bands} mel bands: a matrix of {size} x {count}.\n\
         The first {} frames of window 2 are the last of window 1: {}.\n",
        collection.recordings.len(),
        context.settings.context_window.width,
        context.settings.context_window.width - 1,
        if overlap { "yes" } else { "no" }
    );
    let chosen = RepresentativeWindows::choose(collection, windows, &prepared.bands);
    let what = "ten windows of log-mel spectra";
    let picture = chosen.picture(what, windows, &prepared.bands, context.step(), Shown::new);
    context.say(&text);
    context.put(what, "8.1.1-windows.png", &picture);
    Ok(())
}

/// 8.1.2: other transforms; whitening.
pub fn transforms(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let Sounds { collection, prepared, windows, .. } = context.sounds()?;
    let settings = context.settings;
    let shortest = collection.recordings.iter().map(|recording| recording.samples.count()).min().unwrap_or(0);
    let (mel, step) = (windows, context.step());
    let chosen = RepresentativeWindows::choose(collection, mel, &prepared.bands);

    let mut table = Table::new(&["transform", "values", "smallest", "mean", "largest", "components for 99%"]);
    let keep = |form| WhiteningSettings { retained: 0.99, epsilon: 0.01, form };
    let (mut sheets, mut remarks) = (Vec::new(), Vec::new());
    for (name, transform) in TRANSFORMS {
        let front_end = FrontEndSettings { transform, ..settings.front_end };
        let front = FrontEnd::<f32>::new(&front_end, front_end.framing(collection.rate), collection.rate, shortest)?;
        if let Some(remark) = front.remark() {
            remarks.push(remark.into());
        }
        let bands = front.bands();
        let windows = settings.context_window.sample(&frames(&front, &collection.recordings)?, bands.count());
        let matrix = &windows.matrix;
        if matrix.columns() == 0 {
            remarks.push(format!("{name}: the recordings are shorter than a window"));
            continue;
        }
        let some =
            matrix.select_columns(&(0..matrix.columns()).step_by(1 + matrix.columns() / 2000).collect::<Vec<_>>());
        let numbers = some.elements();
        let [low, high] = extremes(numbers);
        let kept = Whitening::measure(&keep(WhiteningForm::Pca), &some).basis.rows();
        let mean = sum(numbers) / numbers.len() as f32;
        let [low, mean, high] = [low, mean, high].map(|x| format!("{x:.2}"));
        table.cells(&[&name, &some.rows(), &low, &mean, &high, &kept]);
        sheets.push((name, chosen.picture(&format!("ten windows, {name}"), &windows, bands, step, Shown::new)));
    }
    let white = Whitening::measure(&keep(WhiteningForm::Zca), &mel.matrix).apply(mel.matrix.clone());
    let (white, title) =
        (ContextWindows { matrix: white, ranges: mel.ranges.clone() }, "ten windows, mel, whitened (ZCA)");
    sheets.push(("whitened", chosen.picture(title, &white, &prepared.bands, step, Shown::whitened)));
    context.table(&table);
    remarks.iter().for_each(|remark| context.say(remark));
    for (name, sheet) in sheets {
        context.put(name, &format!("8.1.2-{name}.png"), &sheet);
    }
    Ok(())
}

/// 8.1.3: initializeParameters.
pub fn start(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let shape = context.autoencoder;
    let theta: Vec<f32> = shape.draw(&mut Random::new(context.settings.seed));
    let bound = crate::machine::Element::sqrt(6.0 / (shape.visible + shape.hidden + 1) as f64);
    let mut table = Table::new(&["block", "rows", "columns", "smallest", "mean", "largest"]);
    for block in shape.blocks() {
        let numbers = block.values(&theta);
        let [low, high] = extremes(numbers);
        let mean = sum(numbers) / numbers.len() as f32;
        let [low, mean, high] = [low, mean, high].map(|x| format!("{x:.5}"));
        table.cells(&[&block.name, &block.rows, &block.columns, &low, &mean, &high]);
    }
    let (v, h) = (shape.visible, shape.hidden);
    context.say(&format!("Weights uniform between ±√(6/({v} + {h} + 1)) = ±{bound:.5}, biases 0:\n"));
    context.table(&table);
    Ok(())
}

/// Prints the gradient check of the autoencoder with these terms.
fn checked(context: &mut ExerciseContext, terms: &str) {
    let wanted = format!("{} decoder, {terms}", context.autoencoder.decoder.name());
    context.say("The gradient compared with the five-point difference of the cost, on a small model:\n");
    context.gradient_check(|objective| objective.ends_with(&wanted));
}

/// Prints the cost at the random start.
fn first_cost(context: &mut ExerciseContext, shape: Autoencoder) {
    let theta: Vec<f32> = shape.draw(&mut Random::new(context.settings.seed));
    let mut gradient = vec![0.0; theta.len()];
    let cost = shape.cost(&context.train.matrix).cost_and_gradient(&theta, &mut gradient);
    let m = context.train.labels.len();
    context.say(&format!(
        "On {m} examples of {} values, with {} hidden units, the cost at the random start is {cost:.4}.\n",
        shape.visible, shape.hidden
    ));
}

fn plain(context: &ExerciseContext) -> Autoencoder {
    Autoencoder { weight_decay: 0.0, sparsity_weight: 0.0, ..context.autoencoder }
}

/// 8.1.4: the reconstruction error.
pub fn euclidean(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let shape = plain(context);
    first_cost(context, shape);
    checked(context, "error");

    Ok(())
}

/// The most units of the undercomplete autoencoders.
const FEW: usize = 50;

/// Rows and columns of the center of an image: small enough for an autoencoder with a unit for each value.
const CENTER: usize = 8;

/// The centers of images.
pub(super) fn center(images: &Matrix<f32>, tile: TileShape) -> Matrix<f32> {
    let [rows, columns] = [tile.bands, tile.frames]
        .map(|side| (side.saturating_sub(CENTER) / 2)..side.min(side.div_ceil(2) + CENTER / 2));
    let points = rows.flat_map(|row| columns.clone().map(move |column| row * tile.frames + column));
    let chosen: Vec<usize> = points.collect();
    Matrix::from_function(chosen.len(), images.columns(), |i, j| images.row(chosen[i])[j])
}

/// 8.1.5: filters of the reconstruction error, under- and overcomplete, and the control on noise.
pub fn euclidean_filters(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let shape = plain(context);
    let few = (shape.visible / 4).clamp(1, FEW);
    let examples = context.train.matrix.clone();
    let (whose, copied) = match context.sounds {
        Some(_) => ("examples", examples.clone()),
        None => ("their centers", center(&examples, context.tile)),
    };
    let enough = Autoencoder { visible: copied.rows(), hidden: copied.rows(), ..shape };
    // The examples before whitening, scaled to 0.1 to 0.9; and noise with the same distribution of each value, in
    // which the values are independent of one another.
    let mut original = context.unwhitened(&examples);
    Squash::measure(&original).apply(&mut original);
    let noise = shuffled_values(&original, &mut Random::new(context.settings.seed));
    let squashed = Autoencoder { visible: original.rows(), decoder: Activation::Sigmoid, ..shape };

    let mut table =
        Table::new(&["autoencoder of", "examples", "values", "units", "variance", "error", "error/variance"]);
    let mut row = |context: &mut ExerciseContext, name: &str, shape: Autoencoder, examples: &Matrix<f32>| {
        let trained = context.train_autoencoder(name, shape, examples);
        let (error, variance) = (reconstruction_error(&trained, examples), half_variance(examples));
        let fraction = percent(error / variance);
        let [variance, error] = [variance, error].map(|x| format!("{x:.3}"));
        table.cells(&[&name, &examples.columns(), &shape.visible, &shape.hidden, &variance, &error, &fraction]);
        trained
    };
    let trained = row(context, "examples, few units", Autoencoder { hidden: few, ..shape }, &examples);
    row(context, &format!("{whose}, a unit for each value"), enough, &copied);
    row(
        context,
        &format!("{whose}, two units for each value"),
        Autoencoder { hidden: 2 * enough.visible, ..enough },
        &copied,
    );
    row(context, "examples between 0.1 and 0.9", Autoencoder { hidden: few, ..squashed }, &original);
    row(context, "noise", Autoencoder { hidden: few, ..squashed }, &noise);
    context.say(
        "The variance is half the mean squared distance from the mean example; the error is half the mean squared distance of\n\
         a reconstruction. An autoencoder with a unit for each value, or more, can copy its input and needs to learn nothing\n\
         (of images, only the centers are used here). Few units can reconstruct only by the dependencies between values. The\n\
         noise is the control: its values are those of the row above, each shuffled among the examples, so that there are no\n\
         dependencies to learn. (In whitened examples there are no linear dependencies either.)\n",
    );
    context.table(&table);
    let what = "filters of few units, reconstruction error";
    let caption = "Few units must share what the examples have in common: most filters are broad stripes along time.";
    context.draw(what, "8.1.5-filters.png", caption, &trained.encoder().weights);
    Ok(())
}

/// Half the squared distance from the mean example, averaged over the examples.
fn half_variance(examples: &Matrix<f32>) -> f64 {
    let m = examples.columns() as f64;
    (0..examples.rows()).fold(0.0, |total, i| {
        let mean = sum(examples.row(i)).to_f64() / m;
        let square = |s: f64, &x: &f32| s + (x.to_f64() - mean) * (x.to_f64() - mean);
        total + 0.5 * examples.row(i).iter().fold(0.0, square) / m
    })
}

/// 8.1.6: the sparsity constraint.
pub fn sparsity(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let shape = Autoencoder { weight_decay: 0.0, ..context.autoencoder };
    let rho = shape.sparsity;
    let mut table = Table::new(&["mean activation ρ̂", "KL", "derivative"]);
    for mean in [rho / 4.0, rho / 2.0, rho, 2.0 * rho, 0.5] {
        let divergence = rho * Real::ln(rho / mean) + (1.0 - rho) * Real::ln((1.0 - rho) / (1.0 - mean));
        let derivative = (1.0 - rho) / (1.0 - mean) - rho / mean;
        table.cells(&[&format_args!("{mean:.4}"), &format_args!("{divergence:.4}"), &format_args!("{derivative:.3}")]);
    }
    context.say(&format!(
        "KL(ρ‖ρ̂) and its derivative by ρ̂ for ρ = {rho}: both are 0 at ρ̂ = ρ, and the derivative is steep below ρ.\n"
    ));
    context.table(&table);
    first_cost(context, shape);
    checked(context, "error, sparsity");
    Ok(())
}

/// Trains with the terms of `shape`; adds the costs, the errors, the activations and the norm of W1 to the table.
fn compared(
    context: &mut ExerciseContext,
    table: &mut Table,
    name: &str,
    shape: Autoencoder,
) -> TrainedAutoencoder<f32> {
    let trained = context.train_autoencoder(name, shape, &context.train.matrix.clone());
    let activations = trained.encode(&context.test.matrix);
    let means = mean_activations(&activations);
    let weights = trained.encoder().weights;
    let [error, test] = [&context.train, &context.test].map(|set| reconstruction_error(&trained, &set.matrix));
    table.cells(&[
        &name,
        &format_args!("{:.4}", trained.outcome.cost),
        &format_args!("{error:.3}"),
        &format_args!("{test:.3}"),
        &format_args!("{:.4}", sum(&means) / means.len() as f32),
        &dead_units(&activations, DEAD).len(),
        &format_args!("{:.2}", norm(weights.elements())),
    ]);
    trained
}

const COMPARED: [&str; 7] =
    ["terms of the cost", "cost", "error", "test error", "mean activation", "dead units", "norm of W1"];

/// The definition of a column of [`COMPARED`].
const NORM: &str = "The norm of W1 is the square root of the sum of its squared weights (Frobenius).";

/// Values of ρ compared in 8.1.7: source D's 0.005, and 0.01, between it and the default. (Source C suggests 0.5.)
const SPARSER: [f64; 2] = [0.01, 0.005];

/// 8.1.7: with and without sparsity.
pub fn sparse_filters(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let mut table = Table::new(&COMPARED);
    let shape = context.autoencoder;
    let without = compared(context, &mut table, "error", plain(context));
    let with = compared(context, &mut table, "error, sparsity", Autoencoder { weight_decay: 0.0, ..shape });
    for sparsity in SPARSER {
        let shape = Autoencoder { weight_decay: 0.0, sparsity, ..shape };
        compared(context, &mut table, &format!("the same, ρ = {sparsity}"), shape);
    }
    context.say(&format!("ρ = {} unless given, β = {}. {NORM}\n", shape.sparsity, shape.sparsity_weight));
    context.table(&table);
    context.say(
        "Compare the mean activations with ρ, and the errors: the fewer units are active for an example, the less of it can be\n\
         reconstructed. A unit is dead if its activation is nearly the same for all test examples; the table counts them.",
    );
    for (what, name, trained) in
        [("filters without sparsity", "8.1.7-plain.png", without), ("filters with sparsity", "8.1.7-sparse.png", with)]
    {
        let activations = trained.encode(&context.test.matrix);
        let mean = sum(activations.elements()) / activations.elements().len() as f32;
        let caption = format!(
            "With and without sparsity the filters look alike: the penalty changes how often a unit responds. The \
             mean activation of these units on test examples is {mean:.3}."
        );
        context.draw(what, name, &caption, &trained.encoder().weights);
    }
    Ok(())
}

/// The number of units of each autoencoder in the comparison.
const COMPARED_UNITS: usize = 12;

/// 8.1.8: the weight decay, and all terms.
pub fn decay(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    checked(context, "all terms");
    let mut table = Table::new(&COMPARED);
    let shape = context.autoencoder;
    let all = [
        compared(context, &mut table, "error", plain(context)),
        compared(context, &mut table, "error, decay", Autoencoder { sparsity_weight: 0.0, ..shape }),
        compared(context, &mut table, "error, sparsity", Autoencoder { weight_decay: 0.0, ..shape }),
        compared(context, &mut table, "all terms", shape),
    ]
    .map(|trained| trained.encoder().weights);
    let Autoencoder { weight_decay, sparsity, sparsity_weight, .. } = shape;
    context.say(&format!("λ = {weight_decay}, ρ = {sparsity}, β = {sparsity_weight}. {NORM}\n"));
    context.table(&table);
    context.say(
        "The sparsity penalty acts on the mean activation, and increases the error. The decay acts on the squares of W1 and W2\n\
         together, so the norm of W1 alone can fall or rise. Compare the training error with the test error.",
    );
    let few = shape.hidden.min(COMPARED_UNITS);
    let rows = Matrix::from_function(4 * few, shape.visible, |i, j| all[i / few].row(i % few)[j]);
    let what = "the same units with each of the terms";
    let labels = ["error", "error, decay", "error, sparsity", "all terms"];
    let caption = "A column is one unit, learned four times from the same initial weights: follow it downward to see \
                   what each term of the cost changes.";
    context.draw_tiles(what, "8.1.8-terms.png", caption, &rows, Arrangement::rows(&labels, 4 * few));
    context.draw("filters with all terms", "8.1.8-filters.png", FILTERS, &all[3]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn a_smaller_target_lowers_the_mean_activation_and_raises_the_error() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        context.settings.iterations = 100;
        let shape = Autoencoder { visible: context.train.matrix.rows(), weight_decay: 0.0, ..context.autoencoder };
        let (mut table, targets) = (Table::new(&COMPARED), [0.2, SPARSER[0], SPARSER[1]]);
        let measured = targets.map(|sparsity| {
            let trained = compared(&mut context, &mut table, "", Autoencoder { sparsity, ..shape });
            let activations = trained.encode(&context.test.matrix);
            let mean = sum(activations.elements()) / activations.elements().len() as f32;
            (mean, reconstruction_error(&trained, &context.test.matrix))
        });
        assert!(measured.is_sorted_by(|a, b| a.0 > b.0 && a.1 < b.1), "{measured:?}");
    }
}
