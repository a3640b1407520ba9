//! 8.2: training on a reduced data set and on the full one, and visualizing the features.

use super::autoencoder::DEAD;
use super::autoencoder::FILTERS;
use super::context::{ExerciseContext, extremes, norm, reconstruction_error};
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::model::greedy::TrainedAutoencoder;
use crate::model::softmax::most_likely;
use crate::model::stacked::DenseWeights;
use crate::model::visualization::{dead_units, maximal_inputs, mean_activations};
use crate::model::{Activation, Autoencoder, Softmax};
use crate::number::Real;
use crate::number::decimal::Count;
use crate::number::sum::sum;
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Marker, Series, Style};
use crate::tutorial::autoencoder_comparison::root_mean_variance;
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::training::TrainedClassifier;
use std::format;
use std::time::Instant;
use std::vec::Vec;

const HEADINGS: [&str; 7] =
    ["trained on", "examples", "cost", "training error", "test error", "test accuracy", "seconds"];

/// A tenth of the training examples.
fn tenth(context: &ExerciseContext) -> LabeledExamples<f32> {
    context.train.first(context.train.count().div_ceil(10))
}

/// An autoencoder, its errors, and the test accuracy of a regression on its features.
struct Measured {
    trained: TrainedAutoencoder<f32>,
    error: f64,
    test_error: f64,
    accuracy: f64,
}

impl Measured {
    /// The overfitting.
    fn gap(&self) -> f64 {
        self.test_error - self.error
    }
}

/// Trains an autoencoder on the examples, and a regression on its features; adds the results to the table.
fn row(context: &mut ExerciseContext, table: &mut Table, name: &str, examples: &LabeledExamples<f32>) -> Measured {
    let start = Instant::now();
    let trained = context.train_autoencoder(name, context.autoencoder, &examples.matrix);
    let seconds = start.elapsed().as_secs_f64();
    let regression = softmax(context, &examples.map(|x| trained.encode(x)));
    let accuracy = regression.accuracy(&context.test.map(|x| trained.encode(x)));
    let [error, test_error] = [examples, &context.test].map(|set| reconstruction_error(&trained, &set.matrix));
    table.cells(&[
        &name,
        &examples.count(),
        &format_args!("{:.4}", trained.outcome.cost),
        &format_args!("{error:.3}"),
        &format_args!("{test_error:.3}"),
        &percent(accuracy),
        &format_args!("{seconds:.1}"),
    ]);
    Measured { trained, error, test_error, accuracy }
}

/// Trains a softmax regression on the examples, with the tutorial's weight decay.
pub(super) fn softmax(
    context: &mut ExerciseContext,
    examples: &LabeledExamples<f32>,
) -> TrainedClassifier<Softmax, f32> {
    let model = context.softmax(examples.matrix.rows(), context.settings.window_decay);
    context.run.regression("softmax", model, context.settings.softmax_iterations, examples)
}

/// 8.2.1: a reduced data set.
pub fn reduced(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (mut table, examples) = (Table::new(&HEADINGS), tenth(context));
    let Measured { trained, accuracy, .. } = row(context, &mut table, "a tenth", &examples);
    context.table(&table);
    context.say(&format!("{}; {}.\n", Count(trained.outcome.iterations, "iteration"), trained.outcome.reason));
    context.say(&format!(
        "What to see: a reduced data set shows in seconds whether a program learns. Errors are those of the \
         reconstruction; the cost adds weight decay and sparsity. Softmax regression on the features of so few \
         examples classifies {} of the test examples correctly (guessing: 1 of {}; random weights: see 8.3.3). The \
         test error exceeds the training error: the autoencoder has fitted the few examples that it was trained on \
         better than new ones.",
        percent(accuracy),
        context.labels.len()
    ));
    context.draw("filters of a tenth of the examples", "8.2.1-filters.png", FILTERS, &trained.encoder().weights);
    Ok(())
}

/// 8.2.2: the learned weights.
pub fn visualized(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let trained = context.train_autoencoder("all terms", context.autoencoder, &context.train.matrix.clone());
    let activations = trained.encode(&context.train.matrix);
    let means = mean_activations(&activations);
    let (rho, count) = (context.autoencoder.sparsity, means.len());
    let [low, high] = extremes(&means);
    let layer = trained.encoder();
    context.say(&format!(
        "{count} units; mean activations from {low:.4} to {high:.4}, {:.4} on average, for ρ = {rho}; {} dead \
         units.\n\n\
         Which input x activates a unit most? Without a limit there is none, since 2x activates more than x. Among \
         inputs of length 1 it is w/|w|, because w·x is |w| times the cosine of the angle between w and x. Each tile \
         shows this input, up to a factor. If examples are whitened, the tile is w/|w| with the whitening undone.\n\n\
         Examples have different lengths, and a long one may activate a unit more than one with a smaller angle:\n",
        sum(&means) / count as f32,
        dead_units(&activations, DEAD).len(),
    ));
    let what = "the input of length 1 that activates each unit most";
    context.draw(what, "8.2.2-inputs.png", FILTERS, &maximal_inputs(&layer));
    contrast(context, &layer);
    Ok(())
}

/// The number of examples in the charts of [`contrast`].
const DRAWN: usize = 500;

/// The examples of the largest cosine with each unit's weights, and those of the largest activation.
struct Contrast {
    /// w·x, and its quotient by |w|·|x|: examples x units.
    products: Matrix<f32>,
    cosines: Matrix<f64>,
    /// |x|.
    lengths: Vec<f32>,
    /// |w|.
    limits: Vec<f32>,
    closest: Vec<usize>,
    strongest: Vec<usize>,
}

impl Contrast {
    fn of(w: &Matrix<f32>, x: &Matrix<f32>) -> Self {
        let mut products = Matrix::zeros(x.columns(), w.rows());
        Product::new().store(x.view().transposed(), w.view().transposed(), products.view_mut());
        let lengths: Vec<f32> = (0..x.columns()).map(|j| norm(&x.column(j))).collect();
        let limits: Vec<f32> = (0..w.rows()).map(|unit| norm(w.row(unit))).collect();
        let cosines = Matrix::from_function(lengths.len(), w.rows(), |j, unit| {
            let both = (limits[unit] * lengths[j]).to_f64();
            if both > 0.0 { products.row(j)[unit].to_f64() / both } else { 0.0 }
        });
        let (closest, strongest) = (most_likely(&cosines), most_likely(&products));
        Contrast { products, cosines, lengths, limits, closest, strongest }
    }

    /// The number of units for which both are the same example.
    fn same(&self) -> usize {
        self.closest.iter().zip(&self.strongest).filter(|(a, b)| a == b).count()
    }

    /// The mean of the lengths, and their standard deviation.
    fn spread(&self) -> [f32; 2] {
        let m = self.lengths.len() as f32;
        let mean = sum(&self.lengths) / m;
        let squares: Vec<f32> = self.lengths.iter().map(|&length| (length - mean) * (length - mean)).collect();
        [mean, Element::sqrt(sum(&squares) / m)]
    }
}

/// Compares the lengths of whitened examples with those of the same examples before whitening, and how often the
/// example of the largest cosine is that of the largest activation, each for an autoencoder of its own.
fn whitening_and_contrast(context: &mut ExerciseContext, given: &Contrast) {
    let x = match context.sounds {
        Some(_) => context.unwhitened(&context.train.matrix),
        None => {
            let settings = WhiteningSettings { retained: 0.99, epsilon: 0.1, form: WhiteningForm::Zca };
            Whitening::measure(&settings, &context.train.matrix).apply(context.train.matrix.clone())
        }
    };
    let deviation = root_mean_variance(&x);
    let x = x.map(|value| value / deviation);
    let model = Autoencoder { visible: x.rows(), decoder: Activation::Linear, ..context.autoencoder };
    let trained = context.train_autoencoder("the other form", model, &x);
    let other = Contrast::of(&trained.encoder().weights, &x);
    let both = if context.sounds.is_some() { [given, &other] } else { [&other, given] };
    let mut table =
        Table::new(&["examples", "mean length", "std. deviation", "quotient", "units with the same example"]);
    for (name, contrast) in ["whitened", "not whitened"].into_iter().zip(both) {
        let [mean, deviation] = contrast.spread();
        table.cells(&[
            &name,
            &format_args!("{mean:.2}"),
            &format_args!("{deviation:.2}"),
            &percent(f64::from(deviation / mean)),
            &format_args!("{} of {} units", contrast.same(), contrast.limits.len()),
        ]);
    }
    context.say(
        "Source C suggests whitening to reduce the effect of contrast. Here the comparison is repeated with and \
         without whitening, each with an autoencoder of its own:\n",
    );
    context.table(&table);
    context.say(
        "What to see: whitening gives all components of the examples the same variance. It does not give all examples \
         the same length: an example far from the mean remains far. So the quotient of standard deviation and mean \
         changes little. The number of units with the same example can change all the same, since it also depends on \
         how many examples are almost as close in angle.",
    );
}

/// Compares, for each unit, the example of the largest cosine with the example of the largest activation: a table, and
/// charts of w·x over the cosine of the angle between w and x, for examples scaled to length 1 and as they are.
fn contrast(context: &mut ExerciseContext, layer: &DenseWeights<f32>) {
    let contrast = Contrast::of(&layer.weights, &context.train.matrix);
    let Contrast { products, cosines, lengths, limits, closest, strongest } = &contrast;
    let mut table = Table::new(&["for unit 1, the example of", "cosine", "length", "w·x"]);
    for (name, j) in [("the largest cosine", closest[0]), ("the largest activation", strongest[0])] {
        let [cosine, length, product] = [cosines.row(j)[0], lengths[j].to_f64(), products.row(j)[0].to_f64()];
        table.cells(&[
            &name,
            &format_args!("{cosine:.3}"),
            &format_args!("{length:.3}"),
            &format_args!("{product:.3}"),
        ]);
    }
    let [mean, deviation] = contrast.spread();
    let text = format!(
        "For {} of {} units, the example of the largest cosine is that of the largest activation. The lengths of the \
         examples are {mean:.2} ± {deviation:.2} (standard deviation). If all were equal, that would hold for every \
         unit.\n",
        contrast.same(),
        limits.len(),
    );

    let limit = limits[0].to_f64();
    let at = |j: usize| [cosines.row(j)[0], products.row(j)[0].to_f64()];
    let drawn = || (0..lengths.len().min(DRAWN)).map(at);
    let mark =
        |name: &str, points: Vec<[f64; 2]>, shape| Series { name: name.into(), points, style: Style::Mark(shape) };
    let bound = Series {
        name: "|w| times the cosine".into(),
        points: [[-1.0, -limit], [1.0, limit]].into(),
        style: Style::Line,
    };
    let scaled = drawn().map(|[cosine, _]| [cosine, limit * cosine]).collect();
    let length_1 =
        [bound, mark("examples", scaled, Marker::Circle), mark("w/|w|", [[1.0, limit]].into(), Marker::Star)];
    let as_they_are = [
        mark("examples", drawn().collect(), Marker::Circle),
        mark("largest cosine", [at(closest[0])].into(), Marker::Diamond),
        mark("largest activation", [at(strongest[0])].into(), Marker::Star),
    ];
    context.table(&table);
    context.say(&text);
    whitening_and_contrast(context, &contrast);
    let alike = "w·x is |w| times the cosine: all examples lie on one line, and none is above the star, w itself.";
    let scattered = "w·x is the cosine times the lengths of w and x: at the same angle, a longer example is farther \
                     from 0. So the largest activation need not have the largest cosine.";
    for (title, name, caption, series) in [
        ("examples of length 1: the smallest angle activates most", "8.2.2-length-1.svg", alike, length_1),
        ("examples as they are: longer ones activate more", "8.2.2-as-they-are.svg", scattered, as_they_are),
    ] {
        let labels = ["cosine of the angle between x and w", "w·x"];
        let mut chart = Chart::new(title, labels, [Scale::Linear; 2], series.into());
        let across = chart.series.iter().flat_map(|series| &series.points).map(|point| point[0]);
        chart.axes[0] = Axis::over(across, Scale::Linear, 0.04);
        context.put_chart(title, name, caption, chart);
    }
}

/// 8.2.3: the reduced data set against the full one.
pub fn full(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (mut table, tenth, all) = (Table::new(&HEADINGS), tenth(context), context.train.clone());
    let of_tenth = row(context, &mut table, "a tenth", &tenth);
    let of_all = row(context, &mut table, "all", &all);
    context.table(&table);
    context.say(&format!(
        "What to see: the gap between training and test error is overfitting. It is {:.3} with a tenth of the \
         examples, and {:.3} with all. With more examples the training error rises, since the same weights must fit \
         more different examples, but the test error falls, and the features classify better. (Exercises use at most \
         {} examples; --all uses all.)",
        of_tenth.gap(),
        of_all.gap(),
        all.count()
    ));
    let caption =
        "The filters of a tenth of the examples and of all of them are of the same kinds; their test errors differ.";
    context.draw("filters of a tenth", "8.2.3-tenth.png", caption, &of_tenth.trained.encoder().weights);
    context.draw("filters of all", "8.2.3-all.png", caption, &of_all.trained.encoder().weights);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::exercise::regularizers::tests::context;
    use crate::tutorial::progress::Silent;

    #[test]
    fn few_examples_are_fitted_better_than_others_and_more_close_the_gap() {
        let mut silent = Silent;
        let mut context = context(&mut silent);
        context.autoencoder = Autoencoder { visible: context.train.matrix.rows(), ..context.autoencoder };
        context.train = context.train.first(150);
        let (mut table, tenth, all) = (Table::new(&HEADINGS), tenth(&context), context.train.clone());
        let [few, many] = [tenth, all].map(|set| row(&mut context, &mut table, "", &set));
        assert!(few.gap() > 0.0 && many.gap() < few.gap(), "{} {}", few.gap(), many.gap());
        assert!(many.test_error < few.test_error, "{} {}", few.test_error, many.test_error);
        // Of two labels, guessing finds one half.
        assert!(few.accuracy > 0.6 && many.accuracy > few.accuracy, "{} {}", few.accuracy, many.accuracy);
    }
}
