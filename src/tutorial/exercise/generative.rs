//! D.8 and D.9: the variational autoencoder, which generates examples.

use super::context::{Arrangement, ExerciseContext};
use crate::matrix::Matrix;
use crate::model::variational::Codes;
use crate::number::{Random, Real};
use crate::picture::axis::Scale;
use crate::picture::chart::{Chart, Series, Style};
use crate::tutorial::autoencoder_comparison::{train_variational, variational_model};
use crate::tutorial::error::TutorialError;
use crate::tutorial::report::Table;
use std::format;
use std::string::String;
use std::vec::Vec;

/// The number of codes' values in D.8.
const LATENT: usize = 8;

/// Tiles in a row of D.8's picture, and on a side of D.9's.
const ABREAST: usize = 16;
const SIDE: usize = 15;

/// Codes of each label on a chart.
const DRAWN: usize = 100;

/// A coordinate of the code is in use if it costs more nats than this.
const USED: f64 = 0.1;

/// Passes over the examples: with fewer, the codes do not fill the region that new ones are drawn from.
fn epochs(context: &ExerciseContext) -> usize {
    4 * context.settings.convolutional.epochs
}

/// D.8: the evidence lower bound and its two terms during training; examples that the model generates.
pub fn bound(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (model, most) = (variational_model(context, LATENT), epochs(context));
    let mut table =
        Table::new(&["epochs", "log-likelihood", "divergence", "bound", "test bound", "coordinates in use"]);
    let mut theta = Vec::new();
    for epochs in [1, most.div_ceil(4), most] {
        theta = train_variational(context, &model, epochs);
        let [train, test] =
            [&context.train, &context.test].map(|set| model.bound(&theta, &set.matrix, &mut Random::new(1)));
        let used = divergences(&model.encode(&theta, &context.test.matrix)).iter().filter(|&&d| d > USED).count();
        table.cells(&[
            &epochs,
            &format_args!("{:.2}", train.likelihood),
            &format_args!("{:.2}", train.divergence),
            &format_args!("{:.2}", train.elbo()),
            &format_args!("{:.2}", test.elbo()),
            &format_args!("{used} of {LATENT}"),
        ]);
    }
    context.table(&table);
    context.say(&format!(
        "Values are in nats, averaged over the examples. The bound is the log-likelihood minus the divergence. Better \
         reconstructions raise the log-likelihood; they need codes that say more about the example, and that raises \
         the divergence. A coordinate counts as used if its divergence is above {USED} nats; an unused one has nearly \
         the distribution N(0, 1) for every example. In the picture, the last row is decoded from codes drawn from \
         N(0, I)."
    ));
    let examples = context.test.first(ABREAST).matrix;
    let rebuilt = model.decode(&theta, &model.encode(&theta, &examples).means);
    let generated = model.generate(&theta, examples.columns(), &mut Random::new(context.settings.seed));
    let rows = [&examples, &rebuilt, &generated];
    let abreast = examples.columns();
    let tiles = Matrix::from_function(3 * abreast, model.visible, |k, i| rows[k / abreast].row(i)[k % abreast]);
    let what = "test examples, their reconstructions, and generated examples";
    let labels = ["examples", "reconstructed", "generated"];
    let caption = "Below each example is its reconstruction. The last row is decoded from random codes: those tiles \
                   belong to no example.";
    context.draw_tiles(what, "D.8-generated.png", caption, &tiles, Arrangement::rows(&labels, 3 * abreast));
    Ok(())
}

/// The divergence of each coordinate of the code, a mean over the examples.
fn divergences(codes: &Codes<f32>) -> Vec<f64> {
    let term = |(&mean, &s): (&f32, &f32)| {
        let (mean, s) = (f64::from(mean), f64::from(s));
        0.5 * (mean * mean + Real::exp(s) - 1.0 - s)
    };
    let of_coordinate = |k: usize| {
        let terms = codes.means.row(k).iter().zip(codes.log_variances.row(k)).map(term);
        terms.fold(0.0, |sum, term| sum + term) / codes.means.columns() as f64
    };
    (0..codes.means.rows()).map(of_coordinate).collect()
}

/// D.9: a walk through a code of two values.
pub fn walk(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let model = variational_model(context, 2);
    let theta = train_variational(context, &model, epochs(context));
    let codes = model.encode(&theta, &context.test.matrix).means;
    let mut table = Table::new(&["label", "examples", "mean of z1", "mean of z2"]);
    for (label, name) in context.labels.iter().enumerate() {
        let of_label = (0..codes.columns()).filter(|&j| context.test.labels[j] == label);
        let points: Vec<[f64; 2]> = of_label.map(|j| [0, 1].map(|k| codes.row(k)[j].to_f64())).collect();
        let mean = |k: usize| match points.len() {
            0 => "-".into(),
            count => format!("{:.2}", points.iter().fold(0.0, |sum, point| sum + point[k]) / count as f64),
        };
        table.cells(&[name, &points.len(), &mean(0), &mean(1)]);
    }
    context.table(&table);
    context.say(
        "Each test example is encoded as a point (z1, z2); the table has the mean point of each label. Training used \
         no labels, so labels come apart only where their difference matters for the reconstruction. The picture is a \
         map of the plane from -2 to 2: each tile is decoded from its own position. Neighboring tiles are similar, \
         except where the decoder changes quickly.",
    );
    let at = |step: usize| -2.0 + 4.0 * step as f32 / (SIDE - 1) as f32;
    // Tiles go from left to right, then downward; z2 grows upward, as on the chart.
    let places =
        Matrix::from_function(
            2,
            SIDE * SIDE,
            |k, tile| {
                if k == 0 { at(tile % SIDE) } else { at(SIDE - 1 - tile / SIDE) }
            },
        );
    let decoded = model.decode(&theta, &places);
    let tiles = Matrix::from_function(SIDE * SIDE, model.visible, |tile, i| decoded.row(i)[tile]);
    let across: Vec<String> = (0..SIDE).map(|k| format!("{:.1}", at(k))).collect();
    let upward: Vec<String> = across.iter().rev().map(|z2| format!("z2 = {z2}")).collect();
    let [across, upward] = [&across, &upward].map(|labels| labels.iter().map(String::as_str).collect::<Vec<_>>());
    let arranged = Arrangement { rows: &upward, columns: &across, ..Arrangement::abreast(SIDE) };
    let caption = "Each tile is decoded from its position: z1 stands above its column, z2 in front of its row. \
                   Neighbors are similar, except where the decoder changes quickly.";
    context.draw_tiles("a map of the code", "D.9-map.png", caption, &tiles, arranged);
    put_codes(
        context,
        "codes of test examples",
        "D.9-codes.svg",
        &codes,
        ["z1, the mean of the code's first value", "z2"],
    );
    Ok(())
}

/// Draws codes of two values of the first test examples of each label.
pub(super) fn put_codes(context: &mut ExerciseContext, title: &str, name: &str, codes: &Matrix<f32>, axes: [&str; 2]) {
    let of_label = |(label, name): (usize, &String)| {
        let chosen = (0..codes.columns()).filter(|&j| context.test.labels[j] == label).take(DRAWN);
        let points = chosen.map(|j| [0, 1].map(|k| codes.row(k)[j].to_f64())).collect();
        Series { name: name.clone(), points, style: Style::Points }
    };
    let series = context.labels.iter().enumerate().map(of_label).collect();
    let chart = Chart::new(title, axes, [Scale::Linear; 2], series);
    let caption =
        "A marker is a test example. Where those of two labels mix, the code does not distinguish the labels.";
    context.put_chart(title, name, caption, chart);
}
