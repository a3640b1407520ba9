//! `ossicle listen`: what a hidden unit prefers, as sound, and the recordings that excite it most.

use super::arguments::{Arguments, Flag};
use super::{Command, Failure};
use crate::audio::wav::{self, SampleType};
use crate::bytes::escape::shown;
use crate::dataset::folder::{self, FolderContents};
use crate::dataset::recordings::RereadError;
use crate::number::Real;
use crate::number::decimal::{Count, Fixed};
use crate::storage::atomic;
use crate::storage::model::ModelFile;
use crate::tutorial::classifier_file;
use crate::tutorial::preferred_input::{Excerpt, HiddenUnit};
use crate::tutorial::preprocessing::frames;
use crate::tutorial::report::{Table, filled, tsv};
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, fs};

pub(super) const COMMAND: Command = Command {
    name: "listen",
    summary: "listen to what a hidden unit prefers",
    help: "\
Computes the input that a hidden unit of a saved model prefers, and makes a sound of its frames, as
ossicle resynthesize does. An input lasts only some 60 ms, so each of its frames is held, and the
sound lasts 0.6 s. With --data, it also writes the five parts of recordings that excite the unit
most, each from another recording, with 100 ms before and after it.

A table is printed with the activation of the unit for the preferred input and for each of these
parts. The preferred input is the one that excites the unit most among inputs of average contrast,
so a part of a recording with more contrast can excite it more. All sounds have a peak of -1 dB.

usage: ossicle listen MODEL --unit N [--layer L] [-o FILE] [--data DIR] [OPTIONS]

MODEL is a file written by ossicle tutorial --save. Units and layers are counted from 1; unit N is
feature N in the page of ossicle report. A model of raw-windows has no hidden units. In an ensemble,
the units are those of the first method that has hidden units; in a model with several networks,
those of the first network.

DIR stands for all WAV files in a folder and in the folders within it, with any names. They are
resampled to the sampling rate of the model. With -o unit.wav, their parts are written to
unit-1.wav, unit-2.wav and so on.

With --tsv, rows have the columns rank, file, seconds, activation and sound. The preferred input has
rank 0, and neither a file nor seconds.

examples:
  ossicle tutorial --save digits.model
  ossicle listen digits.model --unit 17
  ossicle listen digits.model --unit 17 --data data/digits -o feature-17.wav",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--unit", value: "N", help: "the hidden unit, counted from 1" },
    Flag { name: "--layer", value: "L", help: "its layer, counted from 1 (default: 1)" },
    Flag { name: "-o", value: "FILE", help: "the sound, .wav (default: unit.wav); replaced if it exists" },
    Flag { name: "--data", value: "DIR", help: "recordings in which to search for what excites the unit" },
    Flag { name: "--tsv", value: "", help: "print rows (see above)" },
];

/// The parts of recordings that are written.
const EXCERPTS: usize = 5;

/// A row of the table, and its sound.
struct Row {
    file: String,
    seconds: Option<f64>,
    activation: f64,
    path: String,
    wav: Vec<u8>,
}

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let model = match &arguments.others[..] {
        [model] => model,
        [] => return Err(Failure::Usage("a model file was expected".into())),
        [_, other, ..] => return Err(super::unexpected(other)),
    };
    let (mut unit, mut layer) = (0, 1);
    let from_1 = |&n: &usize| n > 0;
    arguments.number("--unit", "a number from 1", from_1, &mut unit).map_err(Failure::Usage)?;
    arguments.number("--layer", "a number from 1", from_1, &mut layer).map_err(Failure::Usage)?;
    if unit == 0 {
        return Err(Failure::Usage("--unit N was expected".into()));
    }
    let paths = paths(&arguments)?;
    let outputs: Vec<&Path> = paths.iter().map(Path::new).collect();
    super::refuse_inputs(&[Path::new(model)], &outputs)?;
    super::probe(&outputs)?;
    let file = super::read_model(model)?;
    match file.find("precision") {
        Some("f64") => listen::<f64>(model, &file, [layer, unit], &paths, &arguments),
        _ => listen::<f32>(model, &file, [layer, unit], &paths, &arguments),
    }
}

/// The paths of all sounds: that of the preferred input, and with `--data` those of the excerpts.
fn paths(arguments: &Arguments) -> Result<Vec<String>, Failure> {
    let to = arguments.text("-o").unwrap_or("unit.wav");
    let usage = |cause: String| Failure::Usage(format!("-o {}: {cause}", shown(to)));
    let (path, data) = (Path::new(to), arguments.text("--data"));
    let is_stdout = to == "/dev/stdout";
    if is_stdout && (data.is_some() || arguments.has("--tsv")) {
        return Err(usage("with --data or --tsv, the name of a file was expected".into()));
    }
    if !is_stdout && path.extension().is_none_or(|extension| extension != "wav") {
        return Err(usage("a name that ends with .wav was expected".into()));
    }
    let mut paths = Vec::from([to.to_string()]);
    if let Some(data) = data {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A sound could replace a recording, and the next search would find the sounds of this one.
        if let (Ok(parent), Ok(data)) = (fs::canonicalize(parent), fs::canonicalize(data))
            && parent.starts_with(data)
        {
            return Err(usage("the sounds would be among the recordings; write to another folder".into()));
        }
        let stem = to.strip_suffix(".wav").unwrap_or(to);
        paths.extend((1..=EXCERPTS).map(|rank| format!("{stem}-{rank}.wav")));
    }
    Ok(paths)
}

fn listen<T: Real>(
    model: &str,
    file: &ModelFile,
    [layer, unit]: [usize; 2],
    paths: &[String],
    arguments: &Arguments,
) -> Result<(), Failure> {
    let failed = |cause: String| Failure::Failed(format!("{}: {cause}", shown(model)));
    let classifier = classifier_file::decode::<T>(file).map_err(|error| failed(error.to_string()))?;
    let unit = HiddenUnit::find(&classifier, layer, unit).map_err(|error| failed(error.to_string()))?;
    let front = classifier.front_end().map_err(|error| failed(error.to_string()))?;
    let (bands, rate) = (front.bands(), classifier.rate);
    let preferred = unit.preferred_input(bands).map_err(|error| failed(error.to_string()))?;
    let sound = unit.sound(&preferred.frames, bands).map_err(|error| failed(error.to_string()))?;
    let wav = |samples: &[f64]| wav::write(SampleType::Pcm16, rate, 1, samples);
    let row = |file: &str, seconds, activation, path: &String, samples: &[f64]| Row {
        file: file.into(),
        seconds,
        activation,
        path: path.clone(),
        wav: wav(samples),
    };
    let mut rows = Vec::from([row("", None, preferred.activation, &paths[0], &sound)]);
    if let Some(folder) = arguments.text("--data") {
        let FolderContents { collection, skipped, .. } =
            folder::read_unlabeled(Path::new(folder), Some(rate), &|_| classifier.shortest)
                .map_err(|error| Failure::Failed(error.to_string()))?;
        if !skipped.is_empty() && !arguments.has("--quiet") {
            super::remark(&format!("skipped {}; ossicle wav says what is in them", Count(skipped.len(), "file")));
        }
        let unreadable = |error: RereadError| Failure::Failed(error.to_string());
        let frames = frames(&front, &collection.recordings).map_err(unreadable)?;
        let found = unit.strongest(&frames, bands, EXCERPTS);
        for (excerpt, path) in found.iter().zip(&paths[1..]) {
            let recording = &collection.recordings[excerpt.recording];
            let Excerpt { activation, .. } = *excerpt;
            let samples = recording.samples.read().map_err(unreadable)?;
            let (seconds, cut) = (unit.seconds(&samples, excerpt), unit.cut(&samples, excerpt));
            rows.push(row(&recording.name, Some(seconds), activation, path, &cut));
        }
    }
    let files: Vec<(&Path, &[u8])> = rows.iter().map(|row| (Path::new(&row.path), &row.wav[..])).collect();
    atomic::write_all(&files).map_err(|error| Failure::Failed(error.to_string()))?;
    if paths[0] == "/dev/stdout" {
        return Ok(());
    }
    let printed = if arguments.has("--tsv") {
        rows_of_tsv(&rows)
    } else {
        let method = unit.method().name();
        let advice = advice(rows.len() > 1);
        format!("{}\n{}\n", super::with_bold_heading(&table(&rows)), filled(&format!("{method}: {advice}")))
    };
    super::print(&printed)
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new(&["rank", "file", "time (s)", "activation", "sound"]);
    for (rank, row) in rows.iter().enumerate() {
        let (activation, path) = (Fixed(row.activation, 3), &row.path);
        match row.seconds {
            Some(seconds) => table.cells(&[&rank, &row.file, &Fixed(seconds, 2), &activation, path]),
            None => table.cells(&[&"-", &"the preferred input", &"-", &activation, path]),
        }
    }
    table.text()
}

fn rows_of_tsv(rows: &[Row]) -> String {
    let mut text = tsv(&["rank", "file", "seconds", "activation", "sound"]);
    for (rank, row) in rows.iter().enumerate() {
        let seconds = row.seconds.map(|seconds| format!("{seconds:.3}")).unwrap_or_default();
        let [rank, activation] = [rank.to_string(), format!("{:.6}", row.activation)];
        text += &tsv(&[&rank, &row.file, &seconds, &activation, &row.path]);
    }
    text
}

/// What to listen for.
fn advice(has_excerpts: bool) -> &'static str {
    if has_excerpts {
        "Listen in the preferred input for its pitch region, and for a change from its beginning to its end, which is \
         an onset, an end or a glide in slow motion; then listen for the same in the middle of each excerpt."
    } else {
        "Listen for the pitch region, and for a change from the beginning to the end of the sound, which is an onset, \
         an end or a glide in slow motion. With --data, recordings show where it occurs."
    }
}
