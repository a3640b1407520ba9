//! 8.2: training on a reduced data set and on the full one, and looking at what was learned.

use super::autoencoder::SILENCE;
use super::context::{ExerciseContext, LabeledExamples, ends, length};
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::model::Softmax;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::softmax::most_likely;
use crate::model::stacked::DenseWeights;
use crate::model::visualization::{dead_units, maximal_inputs, mean_activations};
use crate::number::Real;
use crate::number::sum::sum;
use crate::picture::axis::{Axis, Scale};
use crate::picture::chart::{Chart, Marker, Series, Style};
use crate::tutorial::report::Table;
use crate::tutorial::training::{Regression, accuracy};
use std::format;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;

/// A tenth of the examples.
fn tenth(context: &ExerciseContext) -> LabeledExamples {
    context.train.first(context.train.labels.len().div_ceil(10))
}

/// Trains on some examples; a row with what came of it, classes told with the features included.
fn row(
    context: &mut ExerciseContext,
    table: &mut Table,
    name: &str,
    examples: &LabeledExamples,
) -> TrainedAutoencoder<f32> {
    let start = Instant::now();
    let trained = context.teach(name, context.shape, &examples.matrix);
    let seconds = start.elapsed().as_secs_f64();
    let regression = softmax(context, &examples.through(&trained));
    let right = accuracy(&regression.answers(&trained.encode(&context.test.matrix)), &context.test.labels);
    table.row(&[
        name.into(),
        examples.labels.len().to_string(),
        format!("{:.4}", trained.outcome.cost),
        format!("{:.3}", ExerciseContext::error(&trained, &examples.matrix)),
        format!("{:.3}", ExerciseContext::error(&trained, &context.test.matrix)),
        format!("{:.1}%", 100.0 * right),
        format!("{seconds:.1}"),
    ]);
    trained
}

const HEADINGS: [&str; 7] =
    ["trained on", "examples", "cost", "error", "error on test", "told right on test", "seconds"];

/// A softmax regression on examples, with the tutorial's decay.
pub(super) fn softmax(context: &mut ExerciseContext, examples: &LabeledExamples) -> Regression<f32> {
    let shape = Softmax {
        features: examples.matrix.rows(),
        classes: context.labels.len(),
        bias: true,
        weight_decay: context.settings.window_decay,
    };
    Regression::train("softmax", shape, context.settings.softmax_iterations, examples.data(), context.progress)
}

/// 8.2.1: a reduced data set.
pub fn reduced(context: &mut ExerciseContext) -> Result<(), String> {
    let (mut table, examples) = (Table::new(&HEADINGS), tenth(context));
    let trained = row(context, &mut table, "a tenth", &examples);
    context.table(&table);
    context.say(&format!("{} iterations; {}.", trained.outcome.iterations, trained.outcome.reason));
    context.draw("filters of a tenth of the examples", "8.2.1-filters.png", &trained.encoder().weights);
    Ok(())
}

/// 8.2.2: the learned weights.
pub fn seen(context: &mut ExerciseContext) -> Result<(), String> {
    let trained = context.teach("all terms", context.shape, &context.train.matrix.clone());
    let activations = trained.encode(&context.train.matrix);
    let means = mean_activations(&activations);
    let (rho, count) = (context.shape.sparsity, means.len());
    let [low, high] = ends(&means);
    let layer = trained.encoder();
    context.say(&format!(
        "{count} units; mean activations from {low:.4} to {high:.4}, {:.4} in the mean, compared with ρ = {rho}; {} dead.\n\n\
         Which input x excites a unit most? Without a limit there is none, since 2x excites more than x. Among inputs of\n\
         length 1 it is w/|w|, since w·x is |w| times the cosine of the angle between them. Each tile shows\n\
         it, up to a factor; of whitened examples, it shows the input (less the mean) whose whitened form is w/|w|.\n\n\
         Real inputs have all lengths, and one with more contrast may excite a unit more than one that fits it better:\n",
        sum(&means) / count as f32,
        dead_units(&activations, SILENCE).len(),
    ));
    context.draw("the input that excites each unit most", "8.2.2-inputs.png", &maximal_inputs(&layer));
    contrast(context, &layer)
}

/// Examples drawn in the charts of [`contrast`].
const DRAWN: usize = 500;

/// Which examples fit a unit best, and which excite it most: a table, and a chart of w·x over the cosine of the angle
/// between w and x, for examples brought to length 1 and as they are.
fn contrast(context: &mut ExerciseContext, layer: &DenseWeights<f32>) -> Result<(), String> {
    let (w, x) = (&layer.weights, &context.train.matrix);
    let mut products = Matrix::zeros(x.columns(), w.rows());
    Product::new().store(x.view().transposed(), w.view().transposed(), products.view_mut());
    let lengths: Vec<f32> = (0..x.columns()).map(|j| length(&x.column(j))).collect();
    let limits: Vec<f32> = (0..w.rows()).map(|unit| length(w.row(unit))).collect();
    let cosines = Matrix::from_function(lengths.len(), w.rows(), |j, unit| {
        let both = (limits[unit] * lengths[j]).to_f64();
        if both > 0.0 { products.row(j)[unit].to_f64() / both } else { 0.0 }
    });
    let (fits, excites) = (most_likely(&cosines), most_likely(&products));

    let mut table = Table::new(&["for unit 1", "cosine", "length", "w·x"]);
    for (name, j) in [("the example that fits best", fits[0]), ("the one that excites most", excites[0])] {
        let (cosine, long, product) = (cosines.row(j)[0], lengths[j], products.row(j)[0]);
        table.row(&[name.into(), format!("{cosine:.3}"), format!("{long:.3}"), format!("{product:.3}")]);
    }
    let same = fits.iter().zip(&excites).filter(|(a, b)| a == b).count();
    let m = lengths.len() as f32;
    let mean = sum(&lengths) / m;
    let squares: Vec<f32> = lengths.iter().map(|&long| (long - mean) * (long - mean)).collect();
    let told = format!(
        "They are the same for {same} of {} units. The lengths of the examples are {mean:.2} ± {:.2}: the less they differ, the\n\
         better a unit's picture tells what excites it.",
        w.rows(),
        Element::sqrt(sum(&squares) / m)
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
    let brought = drawn().map(|[cosine, _]| [cosine, limit * cosine]).collect();
    let length_1 =
        [bound, mark("examples", brought, Marker::Circle), mark("w/|w|", [[1.0, limit]].into(), Marker::Star)];
    let as_they_are = [
        mark("examples", drawn().collect(), Marker::Circle),
        mark("fits best", [at(fits[0])].into(), Marker::Diamond),
        mark("excites most", [at(excites[0])].into(), Marker::Star),
    ];
    context.table(&table);
    context.say(&told);
    for (title, name, series) in [
        ("examples of length 1: what fits best excites most", "8.2.2-length-1.svg", length_1),
        ("examples as they are: what is long excites more", "8.2.2-as-they-are.svg", as_they_are),
    ] {
        let labels = ["cosine of the angle between x and w", "w·x"];
        let mut chart = Chart::new(title, labels, [Scale::Linear; 2], series.into());
        let across = chart.series.iter().flat_map(|series| &series.points).map(|point| point[0]);
        chart.axes[0] = Axis::over(across, Scale::Linear, 0.04);
        context.put_chart(title, name, &chart);
    }
    Ok(())
}

/// 8.2.3: reduced against full.
pub fn full(context: &mut ExerciseContext) -> Result<(), String> {
    let (mut table, part) = (Table::new(&HEADINGS), tenth(context));
    let of_part = row(context, &mut table, "a tenth", &part);
    let all = context.train.clone();
    let of_all = row(context, &mut table, "all", &all);
    context.table(&table);
    context.draw("filters of a tenth", "8.2.3-tenth.png", &of_part.encoder().weights);
    context.draw("filters of all", "8.2.3-all.png", &of_all.encoder().weights);
    Ok(())
}
