//! `ossicle spectrogram`: pictures of recordings.

use super::arguments::Flag;
use super::{Command, Failure};
use crate::bytes::escape::shown;
use crate::bytes::limits::PANELS;
use crate::bytes::path::shown_path;
use crate::dataset::folder;
use crate::picture::panels::Sheet;
use crate::picture::png::png;
use crate::storage::atomic;
use crate::tutorial::panels::panels;
use crate::tutorial::settings::TRANSFORMS;
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "spectrogram",
    summary: "draw recordings: spectrum, mel, Bark, cepstrum, chroma, constant-Q",
    help: "\
Draws the spectra of recordings over time, with axes in seconds and Hz, and a color scale in
decibels below the loudest point. Recordings are drawn below each other, the transforms of one
recording side by side.

usage: ossicle spectrogram FILE... [-o FILE] [--transform TRANSFORM]

TRANSFORM is one of
  fft           the power spectrum, up to half the sampling rate
  mel           40 mel bands
  bark          Bark bands, one for each Bark
  cepstrum      cosine coefficients 1 to 19 of 40 log-mel bands (MFCC)
  chroma        the twelve pitch classes
  constant-q    24 bins per octave, from 27.5 Hz (higher for a short recording)
  all           all of these

examples:
  ossicle spectrogram speech.wav
  ossicle spectrogram speech.wav --transform all -o speech.svg
  ossicle spectrogram data/digits/7_*_0.wav --transform mel -o sevens.png",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--transform", value: "TRANSFORM", help: "the transform to draw (default: fft)" },
    Flag { name: "-o", value: "FILE", help: "the picture, .png or .svg (default: spectrogram.png)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let files = &arguments.others;
    if files.is_empty() {
        return Err(Failure::Usage("a WAV file was expected".into()));
    }
    let mut choices: Vec<(&str, &[_])> =
        TRANSFORMS.iter().map(|transform| (transform.0, std::slice::from_ref(transform))).collect();
    choices.push(("all", &TRANSFORMS));
    let mut transforms: &[_] = &TRANSFORMS[..1];
    arguments.choice("--transform", &choices, &mut transforms).map_err(Failure::Usage)?;
    let file = arguments.text("-o").unwrap_or("spectrogram.png");
    let path = Path::new(file);
    let is_svg = match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => false,
        Some("svg") => true,
        None if file == "/dev/stdout" => false,
        _ => {
            let expected = "a name that ends with .png or .svg was expected";
            return Err(Failure::Usage(format!("-o {}: {expected}", shown(file))));
        }
    };
    if files.len() * transforms.len() > PANELS.length() {
        let most = PANELS.length() / transforms.len();
        return Err(Failure::Usage(format!(
            "one picture holds at most {most} recordings with this --transform, but there are {}",
            files.len()
        )));
    }

    super::probe(&[path])?;
    let quiet = arguments.has("--quiet");
    let (mut sheet, mut broken) = (Vec::new(), false);
    for file in files {
        let name = shown(Path::new(file).file_name().unwrap_or_default().as_encoded_bytes()).to_string();
        let drawn = super::check_file(file, "a file").and_then(|()| folder::read_mono(Path::new(file))).and_then(
            |(rate, samples)| match samples.is_empty() {
                true => Err("the file has no samples".into()),
                false => panels(transforms, &name, rate, &samples).map_err(|error| error.to_string()),
            },
        );
        match drawn {
            Ok(panels) => {
                for (panel, remark) in panels {
                    if let Some(remark) = remark.filter(|_| !quiet) {
                        super::remark(&format!("{}: {remark}", shown(file)));
                    }
                    sheet.push(panel);
                }
            }
            Err(cause) => {
                super::remark(&format!("ossicle: {}: {cause}", shown(file)));
                broken = true;
            }
        }
    }
    if !sheet.is_empty() {
        let sheet = Sheet { panels: sheet, columns: transforms.len().min(2) };
        let bytes = if is_svg { sheet.svg().into_bytes() } else { png(&sheet.image()) };
        atomic::write(path, &bytes).map_err(|error| Failure::Failed(error.to_string()))?;
        if !quiet {
            super::remark(&format!("the picture: {}", shown_path(path)));
        }
    }
    if broken { Err(Failure::Bad) } else { Ok(()) }
}
