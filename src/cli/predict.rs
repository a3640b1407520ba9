//! `ossicle predict`: labels of WAV files, by a saved model.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::audio::resample::Resampler;
use crate::bytes::escape::shown;
use crate::bytes::limits::{RESAMPLED, SOUND};
use crate::dataset::folder;
use crate::number::Real;
use crate::predictor::{Classification, Predictor, PredictorError};
use crate::tutorial::report::{Table, tsv};
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

pub(super) const COMMAND: Command = Command {
    name: "predict",
    summary: "classify WAV files with a saved model",
    help: "\
Prints the most likely label of each WAV file, and its probability. The predictors that ossicle
export generates from the same model give the same bits.

usage: ossicle predict MODEL FILE... [--tsv]

MODEL is a file written by ossicle tutorial --save. WAV files are resampled to the sampling rate of
the recordings that the model was trained on. With --tsv, ln p of each label is written as the bits
of an f32, in hexadecimal.

examples:
  ossicle tutorial --save digits.model
  ossicle predict digits.model data/digits/*_0.wav",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] =
    &[Flag { name: "--tsv", value: "", help: "print rows: PATH LABEL, then ln p of each label (see above)" }];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let [file, sounds @ ..] = &arguments.others[..] else {
        return Err(Failure::Usage("a model file and WAV files were expected".into()));
    };
    if sounds.is_empty() {
        return Err(Failure::Usage("a WAV file was expected after the model".into()));
    }
    let trained = super::read_model(file)?;

    let mut table = Table::new(&["path", "label", "probability"]);
    let (mut rows, mut any, mut broken) = (String::new(), false, false);
    for sound in sounds {
        let classified = (|| -> Result<(usize, Vec<f32>), String> {
            super::check_file(sound)?;
            let (rate, mut samples) = folder::read_mono(Path::new(sound))?;
            SOUND.check((samples.len() as u64).div_ceil(rate.into())).map_err(|error| error.to_string())?;
            if rate != trained.rate {
                let resampler = Resampler::new(rate, trained.rate).map_err(|error| error.to_string())?;
                RESAMPLED.check(resampler.length(samples.len())).map_err(|error| error.to_string())?;
                samples = resampler.resample(&samples);
            }
            let tables = trained.tables_for(samples.len()).map_err(|problem| {
                let short = || folder::too_short(samples.len(), trained.rate, trained.shortest());
                let is_short = matches!(problem, PredictorError::TooShort { .. });
                is_short.then(short).flatten().unwrap_or_else(|| problem.to_string())
            })?;
            let tables_model = tables.model();
            let mut memory = vec![0.0; tables_model.sizes.memory()];
            let mut predictor = Predictor::new(&tables_model, &mut memory).map_err(|error| error.to_string())?;
            predictor.push_samples(samples.into_iter().map(|x| x as f32)).map_err(|error| error.to_string())?;
            let Classification { class, log_probabilities } =
                predictor.classify().map_err(|error| error.to_string())?;
            Ok((class, log_probabilities.to_vec()))
        })();
        match classified {
            Ok((class, log_p)) => {
                let label = trained.labels[class].clone();
                let probability = format!("{:.1}%", 100.0 * Real::exp(log_p[class]));
                let mut cells = Vec::from([sound.clone(), label.clone()]);
                cells.extend(log_p.iter().map(|p| format!("{:08x}", p.to_bits())));
                rows += &tsv(&cells);
                table.row(&[sound.clone(), label, probability]);
                any = true;
            }
            Err(cause) => {
                super::remark(&format!("ossicle: {}: {cause}", shown(sound)));
                broken = true;
            }
        }
    }
    let printed = if arguments.has("--tsv") {
        super::print(&rows)
    } else if any {
        super::print(&super::with_bold_heading(&table.text()))
    } else {
        Ok(())
    };
    super::both(printed, if broken { Err(Failure::Bad) } else { Ok(()) })
}
