//! `ossicle inspect`: the contents of a model file.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::bytes::digest::Digest;
use crate::bytes::escape::shown;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::model::{ModelFile, Tensor, Values};
use crate::tutorial::classifier::{SoundClassifier, TrainedModel, WindowTop};
use crate::tutorial::classifier_file;
use crate::tutorial::preprocessing::{Normalizer, digest_numbers};
use crate::tutorial::report::{self, Table, percent, tsv};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "inspect",
    summary: "describe a saved model",
    help: "\
Prints what a model computes, its parameters, its settings, how it was trained and tested, and a
digest of its parameters. Two models with the same digest have the same parameters, to the bit.

usage: ossicle inspect MODEL [--tsv]

MODEL is a file written by ossicle tutorial --save.

examples:
  ossicle tutorial --save digits.model
  ossicle inspect digits.model",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] =
    &[Flag { name: "--tsv", value: "", help: "print rows: setting NAME VALUE; tensor NAME TYPE SHAPE; digest HEX" }];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let name = match &arguments.others[..] {
        [name] => name,
        [] => return Err(Failure::Usage("a model file was expected".into())),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    let file = super::read_model(name)?;
    let failed = |error: &dyn core::fmt::Display| Failure::Failed(format!("{}: {error}", shown(name)));
    let pipeline = match file.find("precision") {
        Some("f64") => pipeline(&classifier_file::decode::<f64>(&file).map_err(|error| failed(&error))?),
        _ => pipeline(&classifier_file::decode::<f32>(&file).map_err(|error| failed(&error))?),
    };
    let digest = digest(&file);
    if arguments.has("--tsv") {
        let mut text = String::new();
        file.settings.iter().for_each(|(name, value)| text += &tsv(&["setting", name, value]));
        for tensor in &file.tensors {
            text += &tsv(&["tensor", &tensor.name, precision(&tensor.values), &shape(&tensor.shape)]);
        }
        return super::print(&(text + &tsv(&["digest", &digest])));
    }
    let mut text = format!("{}: {}\n\n{pipeline}\n", shown(name), summary(&file));
    let mut tensors = Table::new(&["tensor", "shape", "parameters"]);
    for tensor in &file.tensors {
        tensors.cells(&[&tensor.name, &shape(&tensor.shape), &tensor.values.len()]);
    }
    text += &super::with_bold_heading(&tensors.text());
    let mut settings = Table::new(&["setting", "value"]);
    for (name, value) in &file.settings {
        // The settings of the run are one long value; the others may be names of files, and stay whole.
        if name != "run.settings" {
            settings.row(&[name.clone(), value.clone()]);
            continue;
        }
        for (k, line) in report::filled(value).lines().enumerate() {
            settings.cells(&[if k == 0 { name } else { &"" }, &line]);
        }
    }
    text += "\n";
    text += &super::with_bold_heading(&settings.text());
    text += &format!("\ndigest of the parameters: {digest}\n");
    super::print(&text)
}

/// The method, the size, and the accuracy, in one line.
fn summary(file: &ModelFile) -> String {
    let text = |name: &str| shown(file.find(name).unwrap_or("?")).to_string();
    let mut line = format!("{}, {}, {}", text("method"), Count(learned(file), "parameter"), text("precision"));
    let tested = file.find("run.tested-on").and_then(|text| text.split(' ').next()?.parse::<usize>().ok());
    if let (Ok(accuracy), Some(n)) = (file.parsed::<f64>("run.accuracy"), tested) {
        line += &format!(
            "; {} {} on {}, 95% interval {}",
            if file.find("run.tested").is_some() { "accuracy of the same settings in folds" } else { "accuracy" },
            percent(accuracy),
            Count(n, "recording"),
            report::interval(accuracy, n)
        );
    }
    line
}

/// "8 tensors with 43125 parameters", and how many more there are.
pub(super) fn counted(file: &ModelFile) -> String {
    let of_rejection = file.tensors.iter().filter(|tensor| only_rejects(tensor)).count();
    let (tensors, parameters) = (Count(file.tensors.len() - of_rejection, "tensor"), Count(learned(file), "parameter"));
    let more = if of_rejection > 0 { format!("; {of_rejection} more for predict --reject") } else { String::new() };
    format!("{tensors} with {parameters}{more}")
}

/// Whether a tensor only rejects.
fn only_rejects(tensor: &Tensor) -> bool {
    tensor.name.starts_with("reject.")
}

/// The number of elements of the tensors, without those that only reject.
pub(super) fn learned(file: &ModelFile) -> usize {
    let tensors = file.tensors.iter().filter(|tensor| !only_rejects(tensor));
    tensors.fold(0, |sum, tensor| sum + tensor.values.len())
}

/// The steps from samples to labels, one in a line.
fn pipeline<T: Real>(classifier: &SoundClassifier<T>) -> String {
    let framing = classifier.framing;
    let bands = classifier.front_end().map_or(0, |front| front.bands().count());
    let labels: Vec<String> = classifier.labels.iter().map(|label| shown(label).to_string()).collect();
    let mut text = format!(
        "samples at {} Hz\n  -> frames of {} samples, every {}\n  -> {}: {} for each frame\n",
        classifier.rate,
        framing.length,
        framing.hop,
        classifier.front_end.transform.name(),
        Count(bands, "value"),
    );
    for member in &classifier.members {
        let mut steps = Vec::new();
        match &member.model {
            TrainedModel::Windows(model) => {
                steps.push(format!("windows of {}", Count(model.context.width, "frame")));
                steps.push(match &model.normalizer {
                    Normalizer::Squash(_) => "squashed to 0.1 to 0.9".into(),
                    Normalizer::Whiten(whitening) => {
                        format!("whitened to {}", Count(whitening.basis.rows(), "component"))
                    }
                });
                steps.extend(model.layers.iter().map(|layer| Count(layer.bias.len(), "sigmoid unit").to_string()));
                steps.push(match &model.top {
                    WindowTop::Each(_) => "softmax of each window, log-probabilities summed".into(),
                    WindowTop::Pooled(regions, _) => {
                        format!("means over {} of time, standardized, softmax", Count(*regions, "region"))
                    }
                });
            }
            TrainedModel::Patches(model) => {
                let [frames, bands] = model.features.size;
                let units = model.features.layer.bias.len();
                steps.push(format!("{units} features of patches of {frames} frames x {bands} bands, at all positions"));
                let [times, heights] = model.regions;
                steps.push(format!("pooled over {times} x {heights} regions, standardized, softmax"));
            }
            TrainedModel::Networks(model) => {
                let [rows, columns] = model.image.size();
                steps.push(format!("an image of {rows} x {columns} points"));
                let networks = Count(model.thetas.len(), "convolutional network");
                steps.push(format!("{networks}, log-probabilities summed"));
            }
        }
        text += &format!("  -> {}: {}\n", member.method.name(), steps.join(" -> "));
    }
    if classifier.members.len() > 1 {
        text += "  -> log-probabilities summed\n";
    }
    text + &format!("  -> {}: {}\n", Count(labels.len(), "label"), labels.join(", "))
}

/// The digest of all tensors.
pub(super) fn digest(file: &ModelFile) -> String {
    let mut digest = Digest::new();
    for tensor in &file.tensors {
        match &tensor.values {
            Values::F32(values) => digest_numbers(&mut digest, values),
            Values::F64(values) => digest_numbers(&mut digest, values),
        }
    }
    digest.hex()
}

fn precision(values: &Values) -> &'static str {
    if matches!(values, Values::F32(_)) { "f32" } else { "f64" }
}

fn shape(shape: &[usize]) -> String {
    if shape.is_empty() { "1".into() } else { shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ") }
}
