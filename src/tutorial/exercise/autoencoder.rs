//! 8.1: examples, and the autoencoder's cost, one term after the other.

use super::context::{ExerciseContext, Sounds, Source, ends, length};
use crate::dataset::normalize::Squash;
use crate::dataset::whiten::{Form, Whitening, WhiteningSettings};
use crate::matrix::Matrix;
use crate::model::autoencoder::by_definition;
use crate::model::gradient_suite::{Checked, check_all};
use crate::model::greedy::TrainedAutoencoder;
use crate::model::visualization::{dead_units, mean_activations};
use crate::model::{Activation, Autoencoder};
use crate::number::sum::sum;
use crate::number::{Random, Real};
use crate::optimize::Objective;
use crate::picture::bands::Bands;
use crate::picture::heat::heat_sheet;
use crate::picture::tiles::{SheetOptions, TileShape};
use crate::tutorial::front_end::FrontEnd;
use crate::tutorial::preprocessing::frames;
use crate::tutorial::report::{Table, gradients};
use crate::tutorial::settings::{PipelineSettings, TRANSFORMS};
use std::format;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec;
use std::vec::Vec;

/// A unit whose activation varies by less than this over all examples is dead.
pub(super) const SILENCE: f64 = 0.01;

const FOR_SOUNDS: &str = "this exercise is about sounds: give a folder of WAV files";

/// 8.1.1: sampleSpectrums.
pub fn examples(context: &mut ExerciseContext) -> Result<(), String> {
    let Source::Sounds(sounds) = &context.source else { return Err(FOR_SOUNDS.into()) };
    let Sounds { collection, prepared, .. } = &**sounds;
    let windows = &prepared.labeled;
    let (count, size) = (windows.matrix.columns(), windows.matrix.rows());
    let first = windows.matrix.column(0);
    let second = windows.matrix.column(1.min(count - 1));
    let bands = context.settings.bands;
    let overlap = first[bands..] == second[..size - bands];
    let text = format!(
        "{count} windows of {} recordings, each {} frames of {bands} mel bands: a matrix of {size} x {count}.\n\
         Window 2 begins with the last {} frames of window 1: {}.\n",
        collection.recordings.len(),
        context.settings.windowing.width,
        context.settings.windowing.width - 1,
        if overlap { "yes" } else { "no" }
    );
    let sheet =
        sampled(context.settings.seed, &windows.matrix, &prepared.bands, context.tile, "sampled windows, log-mel");
    context.say(&text);
    context.put("sampled windows", "8.1.1-windows.png", &sheet);
    Ok(())
}

/// Thirty-six windows at random, as they are.
fn sampled(
    seed: u64,
    windows: &Matrix<f32>,
    bands: &Bands,
    tile: TileShape,
    title: &str,
) -> crate::picture::image::Image {
    let mut random = Random::new(seed);
    let chosen: Vec<usize> = (0..36).map(|_| random.index(windows.columns())).collect();
    let values: Vec<f64> = chosen.iter().flat_map(|&w| windows.column(w)).map(|x: f32| x.to_f64()).collect();
    heat_sheet(title, &values, &[""; 36], bands, tile, SheetOptions::default())
}

/// 8.1.2: other transforms; whitening.
pub fn transforms(context: &mut ExerciseContext) -> Result<(), String> {
    let Source::Sounds(sounds) = &context.source else { return Err(FOR_SOUNDS.into()) };
    let Sounds { collection, prepared, .. } = &**sounds;
    let settings = context.settings;
    let shortest = collection.recordings.iter().map(|recording| recording.samples.len()).min().unwrap_or(0);
    let mel = prepared.labeled.matrix.clone();

    let mut table = Table::new(&["transform", "numbers", "least", "mean", "largest", "components for 99%"]);
    let keep = |form| WhiteningSettings { retained: 0.99, epsilon: 0.01, form };
    let (mut sheets, mut remarks) = (Vec::new(), String::new());
    for (name, transform) in TRANSFORMS {
        let settings = PipelineSettings { transform, ..settings };
        let front = FrontEnd::<f32>::new(&settings, settings.framing(collection.rate), collection.rate, shortest)
            .map_err(|error| error.to_string())?;
        if let Some(remark) = front.remark() {
            remarks += &format!("{remark}\n");
        }
        let bands = front.bands();
        let matrix = settings.windowing.sample(&frames(&front, &collection.recordings), bands.count()).matrix;
        if matrix.columns() == 0 {
            remarks += &format!("{name}: the recordings are too short for a window of it\n");
            continue;
        }
        let some =
            matrix.select_columns(&(0..matrix.columns()).step_by(1 + matrix.columns() / 2000).collect::<Vec<_>>());
        let numbers = some.elements();
        let [low, high] = ends(numbers);
        let kept = Whitening::measure(&keep(Form::Pca), &some).basis.rows();
        table.row(&[
            name.into(),
            some.rows().to_string(),
            format!("{low:.2}"),
            format!("{:.2}", sum(numbers) / numbers.len() as f32),
            format!("{high:.2}"),
            kept.to_string(),
        ]);
        let tile = TileShape { bands: bands.count(), frames: settings.windowing.width };
        sheets.push((name, sampled(settings.seed, &matrix, bands, tile, name)));
    }
    let white = Whitening::measure(&keep(Form::Zca), &mel).apply(mel);
    sheets.push(("whitened", sampled(settings.seed, &white, &prepared.bands, context.tile, "mel, whitened (ZCA)")));
    context.table(&table);
    context.say(&remarks);
    for (name, sheet) in sheets {
        context.put(name, &format!("8.1.2-{name}.png"), &sheet);
    }
    Ok(())
}

/// 8.1.3: initializeParameters.
pub fn start(context: &mut ExerciseContext) -> Result<(), String> {
    let shape = context.shape;
    let theta: Vec<f32> = shape.draw(&mut Random::new(context.settings.seed));
    let bound = crate::machine::Element::sqrt(6.0 / (shape.visible + shape.hidden + 1) as f64);
    let mut table = Table::new(&["block", "rows", "columns", "least", "mean", "largest"]);
    for block in shape.blocks() {
        let numbers = block.values(&theta);
        let [low, high] = ends(numbers);
        table.row(&[
            block.name.to_string(),
            block.rows.to_string(),
            block.columns.to_string(),
            format!("{low:.5}"),
            format!("{:.5}", sum(numbers) / numbers.len() as f32),
            format!("{high:.5}"),
        ]);
    }
    context
        .say(&format!("Weights between ±√(6/({} + {} + 1)) = ±{bound:.5}, biases 0:\n", shape.visible, shape.hidden));
    context.table(&table);
    Ok(())
}

/// The gradient check of the autoencoder with these terms.
fn checked(context: &mut ExerciseContext, terms: &str) {
    let wanted = format!("{} decoder, {terms}", context.shape.decoder.name());
    let rows: Vec<Checked> = check_all().into_iter().filter(|c| c.objective.ends_with(&wanted)).collect();
    context.say("The gradient against the five-point difference of the cost, on a small model:\n");
    context.say(&gradients(&rows));
}

/// The cost at the start, in a sentence.
fn first_cost(context: &mut ExerciseContext, shape: Autoencoder) {
    let theta: Vec<f32> = shape.draw(&mut Random::new(context.settings.seed));
    let mut gradient = vec![0.0; theta.len()];
    let cost = shape.cost(&context.train.matrix).cost_and_gradient(&theta, &mut gradient);
    let m = context.train.labels.len();
    context.say(&format!(
        "On {m} examples of {} numbers, with {} hidden units, the cost at the random start is {cost:.4}.\n",
        shape.visible, shape.hidden
    ));
}

fn plain(context: &ExerciseContext) -> Autoencoder {
    Autoencoder { weight_decay: 0.0, sparsity_weight: 0.0, ..context.shape }
}

/// 8.1.4: the Euclidean cost.
pub fn euclidean(context: &mut ExerciseContext) -> Result<(), String> {
    let shape = plain(context);
    first_cost(context, shape);
    checked(context, "error");

    let x = context.train.first(200).matrix;
    let theta: Vec<f32> = shape.draw(&mut Random::new(context.settings.seed));
    let mut gradient = vec![0.0; theta.len()];
    let mut objective = shape.cost(&x);
    objective.cost_and_gradient(&theta, &mut gradient);
    let start = Instant::now();
    let cost = objective.cost_and_gradient(&theta, &mut gradient);
    let vectorized = start.elapsed().as_secs_f64();
    let wide = Matrix::from_function(x.rows(), x.columns(), |i, n| f64::from(x.row(i)[n]));
    let wide_theta: Vec<f64> = theta.iter().map(|&value| f64::from(value)).collect();
    let start = Instant::now();
    let (plain, by_loops) = by_definition(&shape, &wide_theta, &wide);
    let loops = start.elapsed().as_secs_f64();
    let difference =
        gradient.iter().zip(&by_loops).fold(0.0, |most, (&g, e)| Real::max(most, (f64::from(g) - e).abs()));
    let largest = crate::number::sum::norm_inf(&by_loops);
    context.say(&format!(
        "With matrices in f32 and with loops over single elements in f64, 200 examples: cost {cost:.5} and {plain:.5};\n\
         gradients differ by at most {:.0e} of the largest element; {:.2} and {:.2} milliseconds, {:.0} times as long.\n",
        difference / largest,
        1e3 * vectorized,
        1e3 * loops,
        loops / vectorized
    ));
    Ok(())
}

/// Units of an undercomplete autoencoder, at most.
const FEW: usize = 50;

/// Rows and columns of the middle of an image, for which units enough to copy it are still few.
const MIDDLE: usize = 8;

/// The middle of images.
fn middle(images: &Matrix<f32>, tile: TileShape) -> Matrix<f32> {
    let [rows, columns] = [tile.bands, tile.frames]
        .map(|side| (side.saturating_sub(MIDDLE) / 2)..side.min(side.div_ceil(2) + MIDDLE / 2));
    let points = rows.flat_map(|row| columns.clone().map(move |column| row * tile.frames + column));
    let chosen: Vec<usize> = points.collect();
    Matrix::from_function(chosen.len(), images.columns(), |i, j| images.row(chosen[i])[j])
}

/// 8.1.5: filters of the Euclidean cost, under- and overcomplete, and the control on noise.
pub fn euclidean_filters(context: &mut ExerciseContext) -> Result<(), String> {
    let shape = plain(context);
    let few = (shape.visible / 4).clamp(1, FEW);
    let examples = context.train.matrix.clone();
    let (whose, copied) = match context.source {
        Source::Sounds(_) => ("examples", examples.clone()),
        Source::Images => ("their middle", middle(&examples, context.tile)),
    };
    let enough = Autoencoder { visible: copied.rows(), hidden: copied.rows(), ..shape };
    // As they were before whitening, brought between 0.1 and 0.9; and noise whose numbers look alike one by one, but
    // know nothing of one another.
    let mut original = context.unwhitened();
    Squash::measure(&original).apply(&mut original);
    let (mut noise, mut random) = (original.clone(), Random::new(context.settings.seed));
    (0..noise.rows()).for_each(|i| random.shuffle(noise.row_mut(i)));
    let squashed = Autoencoder { visible: original.rows(), decoder: Activation::Sigmoid, ..shape };

    let mut table = Table::new(&["what is learned", "examples", "numbers", "units", "variance", "error", "left"]);
    let mut row = |context: &mut ExerciseContext, name: &str, shape: Autoencoder, examples: &Matrix<f32>| {
        let trained = context.teach(name, shape, examples);
        let (error, variance) = (ExerciseContext::error(&trained, examples), half_variance(examples));
        let [m, numbers, units] = [examples.columns(), shape.visible, shape.hidden].map(|count| count.to_string());
        let share = format!("{:.1}%", 100.0 * error / variance);
        table.row(&[name.into(), m, numbers, units, format!("{variance:.3}"), format!("{error:.3}"), share]);
        trained
    };
    let trained = row(context, "examples, by few units", Autoencoder { hidden: few, ..shape }, &examples);
    row(context, &format!("{whose}, by as many as numbers"), enough, &copied);
    row(context, &format!("{whose}, by twice as many"), Autoencoder { hidden: 2 * enough.visible, ..enough }, &copied);
    row(context, "examples between 0.1 and 0.9", Autoencoder { hidden: few, ..squashed }, &original);
    row(context, "noise", Autoencoder { hidden: few, ..squashed }, &noise);
    context.say(
        "Half the variance of the examples, the error (half the squared distance of a reconstruction), and what part of the\n\
         one the other leaves. Units as many as numbers, or more, need to learn nothing: they come near copying (of images the\n\
         middle only is given them). The noise has the numbers of the row above it, each shuffled by itself: what few units\n\
         learn of the examples is how their numbers depend on one another, and in noise there is nothing to learn. (Whitened\n\
         examples are nearly so too, as far as lines can tell.)\n",
    );
    context.table(&table);
    context.draw("filters of few units, Euclidean cost", "8.1.5-filters.png", &trained.encoder().weights);
    Ok(())
}

/// Half the squared distance from the mean, a mean over the examples.
fn half_variance(examples: &Matrix<f32>) -> f64 {
    let m = examples.columns() as f64;
    (0..examples.rows()).fold(0.0, |total, i| {
        let mean = sum(examples.row(i)).to_f64() / m;
        let square = |s: f64, &x: &f32| s + (x.to_f64() - mean) * (x.to_f64() - mean);
        total + 0.5 * examples.row(i).iter().fold(0.0, square) / m
    })
}

/// 8.1.6: the sparsity constraint.
pub fn sparsity(context: &mut ExerciseContext) -> Result<(), String> {
    let shape = Autoencoder { weight_decay: 0.0, ..context.shape };
    let rho = shape.sparsity;
    let mut table = Table::new(&["mean activation", "KL", "pull"]);
    for mean in [rho / 4.0, rho / 2.0, rho, 2.0 * rho, 0.5] {
        let divergence = rho * Real::ln(rho / mean) + (1.0 - rho) * Real::ln((1.0 - rho) / (1.0 - mean));
        let pull = (1.0 - rho) / (1.0 - mean) - rho / mean;
        table.row(&[format!("{mean:.4}"), format!("{divergence:.4}"), format!("{pull:.3}")]);
    }
    context.say(&format!("KL(ρ‖ρ̂) and its slope by ρ̂ for ρ = {rho}: zero where ρ̂ = ρ, steep below it.\n"));
    context.table(&table);
    first_cost(context, shape);
    checked(context, "error, sparsity");
    Ok(())
}

/// Trains with given terms; a row with the error, the activations and the weights.
fn compared(
    context: &mut ExerciseContext,
    table: &mut Table,
    name: &str,
    shape: Autoencoder,
) -> TrainedAutoencoder<f32> {
    let trained = context.teach(name, shape, &context.train.matrix.clone());
    let activations = trained.encode(&context.test.matrix);
    let means = mean_activations(&activations);
    let weights = trained.encoder().weights;
    let size = length(weights.elements());
    table.row(&[
        name.into(),
        format!("{:.4}", trained.outcome.cost),
        format!("{:.3}", ExerciseContext::error(&trained, &context.train.matrix)),
        format!("{:.3}", ExerciseContext::error(&trained, &context.test.matrix)),
        format!("{:.4}", sum(&means) / means.len() as f32),
        dead_units(&activations, SILENCE).len().to_string(),
        format!("{size:.2}"),
    ]);
    trained
}

const COMPARED: [&str; 7] = ["cost's terms", "cost", "error", "error on test", "mean activation", "dead units", "|W1|"];

/// Mean activations asked for in 8.1.7 besides the tutorial's: those of sources C and D.
const SPARSER: [f64; 2] = [0.01, 0.005];

/// 8.1.7: with and without sparsity.
pub fn sparse_filters(context: &mut ExerciseContext) -> Result<(), String> {
    let mut table = Table::new(&COMPARED);
    let shape = context.shape;
    let without = compared(context, &mut table, "error", plain(context));
    let with = compared(context, &mut table, "error, sparsity", Autoencoder { weight_decay: 0.0, ..shape });
    for sparsity in SPARSER {
        let shape = Autoencoder { weight_decay: 0.0, sparsity, ..shape };
        compared(context, &mut table, &format!("the same, ρ = {sparsity}"), shape);
    }
    context.say(&format!("ρ = {} where no other is named, β = {}:\n", shape.sparsity, shape.sparsity_weight));
    context.table(&table);
    context.draw("filters without sparsity", "8.1.7-plain.png", &without.encoder().weights);
    context.draw("filters with sparsity", "8.1.7-sparse.png", &with.encoder().weights);
    Ok(())
}

/// Units of each autoencoder that are drawn beside those of the others.
const BESIDE: usize = 12;

/// 8.1.8: the weight decay, and all terms.
pub fn decay(context: &mut ExerciseContext) -> Result<(), String> {
    checked(context, "all terms");
    let mut table = Table::new(&COMPARED);
    let shape = context.shape;
    let all = [
        compared(context, &mut table, "error", plain(context)),
        compared(context, &mut table, "error, decay", Autoencoder { sparsity_weight: 0.0, ..shape }),
        compared(context, &mut table, "error, sparsity", Autoencoder { weight_decay: 0.0, ..shape }),
        compared(context, &mut table, "all terms", shape),
    ]
    .map(|trained| trained.encoder().weights);
    context.say(&format!("λ = {}, ρ = {}, β = {}:\n", shape.weight_decay, shape.sparsity, shape.sparsity_weight));
    context.table(&table);
    let few = shape.hidden.min(BESIDE);
    let beside = Matrix::from_function(4 * few, shape.visible, |i, j| all[i / few].row(i % few)[j]);
    let what = "the same units by each row of the table, from the same start";
    context.draw_abreast((what, "8.1.8-terms.png"), &beside, Some(few));
    context.draw("filters with all terms", "8.1.8-filters.png", &all[3]);
    Ok(())
}
