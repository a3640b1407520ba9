//! 8.2: training on a reduced data set and on the full one, and looking at what was learned.

use super::autoencoder::SILENCE;
use super::class::{Class, Examples, ends, length};
use crate::model::SoftmaxSettings;
use crate::model::greedy::Trained;
use crate::model::units::{dead_units, maximal_inputs, mean_activations};
use crate::number::sum::{squared_distance, sum};
use crate::tutorial::report::Table;
use crate::tutorial::training::{Regression, accuracy};
use std::format;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;

/// A tenth of the examples.
fn tenth(class: &Class) -> Examples {
    class.train.first(class.train.labels.len().div_ceil(10))
}

/// Trains on some examples; a row with what came of it, classes told with the features included.
fn row(class: &mut Class, table: &mut Table, name: &str, examples: &Examples) -> Trained<f32> {
    let start = Instant::now();
    let trained = class.teach(name, class.shape, &examples.matrix);
    let seconds = start.elapsed().as_secs_f64();
    let regression = softmax(class, &examples.through(&trained));
    let right = accuracy(&regression.answers(&trained.encode(&class.test.matrix)), &class.test.labels);
    table.row(&[
        name.into(),
        examples.labels.len().to_string(),
        format!("{:.4}", trained.outcome.cost),
        format!("{:.3}", Class::error(&trained, &examples.matrix)),
        format!("{:.3}", Class::error(&trained, &class.test.matrix)),
        format!("{:.1}%", 100.0 * right),
        format!("{seconds:.1}"),
    ]);
    trained
}

const HEADINGS: [&str; 7] =
    ["trained on", "examples", "cost", "error", "error on test", "told right on test", "seconds"];

/// A softmax regression on examples, with the tutorial's decay.
pub(super) fn softmax(class: &mut Class, examples: &Examples) -> Regression<f32> {
    let shape = SoftmaxSettings {
        features: examples.matrix.rows(),
        classes: class.labels.len(),
        bias: true,
        weight_decay: class.settings.window_decay,
    };
    Regression::train("softmax", shape, class.settings.softmax_iterations, examples.data(), class.watch)
}

/// 8.2.1: a reduced data set.
pub fn reduced(class: &mut Class) -> Result<(), String> {
    let (mut table, examples) = (Table::new(&HEADINGS), tenth(class));
    let trained = row(class, &mut table, "a tenth", &examples);
    class.table(&table);
    class.say(&format!("{} iterations; {}.", trained.outcome.iterations, trained.outcome.reason));
    class.draw("filters of a tenth of the examples", "8.2.1-filters.png", &trained.encoder().weights)
}

/// 8.2.2: the learned weights.
pub fn seen(class: &mut Class) -> Result<(), String> {
    let trained = class.teach("all terms", class.shape, &class.train.matrix.clone());
    let activations = trained.encode(&class.train.matrix);
    let means = mean_activations(&activations);
    let (rho, count) = (class.shape.sparsity, means.len());
    let [low, high] = ends(&means);
    let layer = trained.encoder();
    let inputs = maximal_inputs(&layer);
    // How far the best example of unit 1 is from its maximal input, once both have length 1.
    let j = (0..activations.columns()).max_by(|&a, &b| activations.row(0)[a].total_cmp(&activations.row(0)[b]));
    let best = class.train.matrix.column(j.unwrap_or(0));
    let long = length(&best);
    let best: Vec<f32> = best.iter().map(|&x| if long > 0.0 { x / long } else { x }).collect();
    let apart = crate::machine::Element::sqrt(squared_distance(inputs.row(0), &best));
    class.say(&format!(
        "{count} units; mean activations from {low:.4} to {high:.4}, {:.4} in the mean, beside ρ = {rho}; {} dead.\n\n\
         The input of length 1 that excites a unit most is w/|w|: each tile shows one. Among the examples, brought to length 1,\n\
         the one that excites unit 1 most is at a distance of {apart:.3} from it (√2 would be unrelated): real inputs differ in contrast too.",
        sum(&means) / count as f32,
        dead_units(&activations, SILENCE).len(),
    ));
    class.draw("the input that excites each unit most", "8.2.2-inputs.png", &inputs)
}

/// 8.2.3: reduced against full.
pub fn full(class: &mut Class) -> Result<(), String> {
    let (mut table, part) = (Table::new(&HEADINGS), tenth(class));
    let of_part = row(class, &mut table, "a tenth", &part);
    let all = class.train.clone();
    let of_all = row(class, &mut table, "all", &all);
    class.table(&table);
    class.draw("filters of a tenth", "8.2.3-tenth.png", &of_part.encoder().weights)?;
    class.draw("filters of all", "8.2.3-all.png", &of_all.encoder().weights)
}
