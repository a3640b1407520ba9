//! `ossicle predict`.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::audio::resample::Resampler;
use crate::bytes::escape::shown;
use crate::dataset::folder;
use crate::number::Real;
use crate::predictor::{Answer, Predictor};
use crate::storage::model;
use crate::tutorial::report::{Table, tsv};
use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

pub(super) const COMMAND: Command = Command {
    name: "predict",
    summary: "what a kept model takes sounds for",
    help: "\
Prints, for each WAV file, the label that the model takes it for and how probable it finds that. It has the bits of the predictors
that ossicle export makes of the same model.

usage: ossicle predict MODEL FILE... [--tsv]

MODEL is a file that ossicle tutorial --save made. Files of another sampling rate than that of the
recordings it learned from are resampled.

examples:
  ossicle tutorial --save digits.model
  ossicle predict digits.model data/digits/*_0.wav",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[Flag {
    name: "--tsv",
    value: "",
    help: "rows for machines: PATH LABEL, then the bits (hexadecimal, f32) of each label's ln p",
}];

fn run(words: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(words, FLAGS)?;
    let [file, sounds @ ..] = &arguments.others[..] else {
        return Err(Failure::Usage("a model file was expected, and WAV files".into()));
    };
    if sounds.is_empty() {
        return Err(Failure::Usage("a WAV file was expected after the model".into()));
    }
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(file)));
    let bytes = fs::read(file).map_err(|error| failed(error.to_string()))?;
    let trained = model::read(&bytes).map_err(|error| failed(error.to_string()))?;

    let mut table = Table::new(&["path", "label", "probability"]);
    let (mut rows, mut told, mut broken) = (String::new(), false, false);
    for sound in sounds {
        let answered = (|| -> Result<(usize, Vec<f32>), String> {
            let (rate, mut samples) = folder::usable(Path::new(sound))?;
            if rate != trained.rate {
                let resampler = Resampler::new(rate, trained.rate).map_err(|error| error.to_string())?;
                samples = resampler.resample(&samples);
            }
            // A frame more than the file has, so that rounding cannot make it too long.
            let seconds = (samples.len() + trained.framing.length) as f64 / f64::from(trained.rate);
            let tables = trained.tables(seconds).map_err(|error| error.to_string())?;
            let tables_model = tables.model();
            let mut memory = vec![0.0; tables_model.shape.memory()];
            let mut predictor = Predictor::new(&tables_model, &mut memory).map_err(|error| error.to_string())?;
            predictor.hear(samples.into_iter().map(|x| x as f32)).map_err(|error| error.to_string())?;
            let Answer { class, log_probabilities } = predictor.tell().map_err(|error| error.to_string())?;
            Ok((class, log_probabilities.to_vec()))
        })();
        match answered {
            Ok((class, log_p)) => {
                let label = trained.labels[class].clone();
                let probability = format!("{:.1}%", 100.0 * Real::exp(log_p[class]));
                let mut cells = Vec::from([sound.clone(), label.clone()]);
                cells.extend(log_p.iter().map(|p| format!("{:08x}", p.to_bits())));
                rows += &tsv(&cells);
                table.row(&[sound.clone(), label, probability]);
                told = true;
            }
            Err(cause) => {
                super::remark(&format!("ossicle: {}: {cause}", shown(sound)));
                broken = true;
            }
        }
    }
    if arguments.has("--tsv") {
        super::print(&rows)?;
    } else if told {
        super::print(&super::with_bold_heading(&table.text()))?;
    }
    if broken { Err(Failure::Bad) } else { Ok(()) }
}
