//! `ossicle autoencoders`: the autoencoders of the lectures in one table.

use super::arguments::{Flag, not_among};
use super::progress::ProgressLine;
use super::{Command, Failure};
use crate::bytes::path::shown_path;
use crate::dataset::idx;
use crate::tutorial::autoencoder_comparison::{self as comparison, MODELS, PICTURE};
use crate::tutorial::error::TutorialError;
use crate::tutorial::exercise::context::ExerciseContext;
use std::format;
use std::path::PathBuf;
use std::string::String;
use std::vec::Vec;

pub(super) const COMMAND: Command = Command {
    name: "autoencoders",
    summary: "train the autoencoders of the lectures, and compare them in one table",
    help: "\
Trains variants of the autoencoder, and sparse coding, on the same examples and with codes of the
same size. Prints one table: how well each model reconstructs test examples, how its features
respond, and how accurate softmax regression on its features is, with few labels and with all. Draws
up to 24 filters of each model: the weights of units or atoms or, for variational, linear,
multimodal and deep, the change that a feature makes to the reconstruction.

usage: ossicle autoencoders [DIR] [OPTIONS]
       ossicle autoencoders --mnist DIR [OPTIONS]

DIR holds WAV files, as for ossicle tutorial (default: the bundled spoken digits). With --mnist, DIR
holds the four files of MNIST, as for ossicle mnist.

The MODELS of --models are a comma-separated list:
  sparse         mean activations are pulled toward a small ρ
  denoising      tied weights; noise is added to each example, and the target is the clean example
  contractive    tied weights, and a penalty on the derivative of the features with respect to the
                 example
  variational    the encoder yields a normal distribution for each example; a code is drawn from it
  tied           the decoder's weights are the encoder's, transposed
  linear         linear units: learns the subspace of PCA
  cross-entropy  values are read as probabilities, and the error is a negative log-likelihood
  sparse-coding  no encoder: a minimization finds codes in which most values are 0
  predictive     sparse coding, with an encoder that predicts the codes
  multimodal     an autoencoder of each half of an example, and one joint code of both
  deep           two encoders and two decoders, pretrained, then tuned as one network
The first row of the table, raw, is softmax regression on the examples themselves.

The columns of the table:
  error          squared error of reconstructed test examples, as a fraction of their variance
  active         mean value of a feature on test examples; negative values are possible unless the
                 units are sigmoid
  dead           number of features whose values on the test examples differ by less than 0.01
  jacobian       sensitivity of the features to the example: the root mean square, over test
                 examples, of the Frobenius norm of ∂features/∂example; features and examples
                 are each scaled to mean variance 1 (a copy of n values has √n)
  10, 100, 1000, all
                 test accuracy of softmax regression trained on the features of this number of
                 labeled examples of each class; the mean of up to five trainings, each with
                 other examples
  seconds        time to train

A - means not applicable (raw has no reconstruction, no features and no training), or that some
class has fewer training examples than the heading says. With --tsv it is nan, fractions are from 0
to 1, and the columns 10 to all are named accuracy-10 to accuracy-all.

examples:
  ossicle autoencoders
  ossicle autoencoders --mnist mnist --quick
  ossicle autoencoders my-sounds --models sparse,variational",
    flags: FLAGS,
    run,
};

const FLAGS: &[Flag] = &[
    Flag { name: "--mnist", value: "DIR", help: "train on images of digits, from the folder DIR" },
    Flag { name: "--models", value: "MODELS", help: "the models to train (see above; default: all)" },
    Flag { name: "--quick", value: "", help: "use fewer examples, units and iterations" },
    Flag { name: "--tsv", value: "", help: "print rows: MODEL METRIC VALUE" },
    Flag { name: "--out", value: "DIR", help: "write the picture to DIR (default: out)" },
    Flag { name: "--no-pictures", value: "", help: "draw nothing" },
    Flag { name: "--seed", value: "N", help: "the random seed (default: 1)" },
];

fn run(args: &[String]) -> Result<(), Failure> {
    let arguments = super::parse(args, FLAGS)?;
    let names = chosen(arguments.text("--models")).map_err(Failure::Usage)?;
    let seed = super::seed(&arguments)?;
    let mnist = arguments.text("--mnist").map(PathBuf::from);
    let folder = match (&arguments.others[..], &mnist) {
        ([], Some(folder)) => folder.clone(),
        ([], None) => super::tutorial::bundled_data()?,
        ([folder], None) => PathBuf::from(folder),
        ([other, ..], Some(_)) | ([_, other, ..], None) => return Err(super::unexpected(other)),
    };
    let figures = super::figures(&arguments, &[PICTURE])?;
    let mut progress = ProgressLine::new(arguments.has("--quiet"));
    let (quick, figures) = (arguments.has("--quick"), figures.as_ref());
    let named = |error: TutorialError| Failure::Failed(format!("{}: {error}", shown_path(&folder)));
    let settings = comparison::settings(mnist.is_some(), quick, seed);
    let mut context = if mnist.is_some() {
        let mnist = idx::mnist(&folder).map_err(|error| Failure::Failed(format!("{error}")))?;
        ExerciseContext::of_digits(&mnist, settings, usize::MAX, quick, figures, &mut progress).map_err(named)?
    } else {
        let collection = super::recordings(&folder, arguments.has("--quiet"))?;
        ExerciseContext::of_recordings(collection, settings, quick, figures, &mut progress).map_err(named)?
    };
    let rows = comparison::compare(&mut context, &names).map_err(named)?;
    let (digest, pictures) = (context.run.digest.hex(), context.pictures);
    progress.done();
    let printed = if arguments.has("--tsv") {
        super::print(&comparison::table_tsv(&rows))
    } else {
        let table = super::with_bold_heading(&comparison::table(&rows));
        super::print(&format!("{table}\ndigest of all learned parameters: {digest}\n"))
    };
    super::both(printed, super::say_pictures(figures, &[PICTURE], &pictures, arguments.has("--quiet")))
}

/// The names in a list with commas.
fn chosen(list: Option<&str>) -> Result<Vec<&'static str>, String> {
    let all = MODELS.map(|entry| entry.name);
    let Some(list) = list else { return Ok(all.into()) };
    let find = |name: &str| {
        if name == "raw" {
            return Err("--models 'raw': the first row of every table, not a model".into());
        }
        let found = all.iter().find(|known| **known == name).copied();
        found.ok_or_else(|| not_among("--models", name, &all))
    };
    list.split(',').map(|name| find(name.trim())).collect()
}
