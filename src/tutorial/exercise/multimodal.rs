//! D.10: two views of an example in one code: a recording and an image of the same digit, or two halves of a spectrum.

use super::context::{ExerciseContext, Sounds};
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::matrix::Matrix;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::{Autoencoder, Multimodal, Softmax};
use crate::number::Random;
use crate::tutorial::autoencoder_comparison::{error_fraction, root_mean_variance};
use crate::tutorial::error::TutorialError;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::report::{Table, percent};
use crate::tutorial::settings::ufldl;
use crate::tutorial::time_pooling::average;
use crate::tutorial::training::TrainedClassifier;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Units of each view's autoencoder, units of the joint code, iterations of L-BFGS for each view and for both
/// together, and images that are paired with one recording.
struct Sizes {
    units: [usize; 2],
    code: usize,
    iterations: usize,
    joint_iterations: usize,
    images: usize,
}

const WHOLE: Sizes = Sizes { units: [200, 196], code: 300, iterations: 150, joint_iterations: 400, images: 4 };
const QUICK: Sizes = Sizes { units: [50, 49], code: 60, iterations: 30, joint_iterations: 60, images: 1 };

/// λ of the joint autoencoder.
const DECAY: f64 = 1e-5;

/// Tiles in a row of the picture.
const SHOWN: usize = 20;

/// Both views of the same examples, with the same labels.
struct Views {
    first: LabeledExamples<f32>,
    second: LabeledExamples<f32>,
}

/// D.10: each view pretrained, joined, and both reconstructed from both and from either alone.
pub fn translate(context: &mut ExerciseContext) -> Result<(), TutorialError> {
    let (sizes, seed) = (if context.quick { QUICK } else { WHOLE }, context.settings.seed);
    let mut random = Random::new(seed);
    let (names, [train, test]) = match context.images {
        Some(_) => (["sound", "image"], with_images(context, sizes.images, &mut random)?),
        None => (["low half", "high half"], halves(context)?),
    };

    let first = pretrained(context, names[0], sizes.units[0], &train.first, &sizes);
    let second = pretrained(context, names[1], sizes.units[1], &train.second, &sizes);
    let features = |views: &Views| [first.encode(&views.first.matrix), second.encode(&views.second.matrix)];
    let mut model = Multimodal::new(sizes.units, sizes.code);
    model.joint.weight_decay = DECAY;
    let of_train = features(&train);
    let pairs = model.pairs([&of_train[0], &of_train[1]]);
    let mut theta: Vec<f32> = model.joint.draw(&mut random);
    context.run.minimize("both views", sizes.joint_iterations, &mut model.cost(&pairs), &mut theta);
    context.run.learned(&theta);
    let classifier = classifier(context, &train.second);

    let of_test = features(&test);
    let heading = format!("accuracy on {}", names[1]);
    let mut table = Table::new(&["reconstructed from", names[0], names[1], &heading]);
    let mut reconstructed = Vec::new();
    let fraction = |y: &Matrix<f32>, x: &Matrix<f32>| percent(error_fraction(y, x));
    for (name, shown) in [("both", [true, true]), (names[0], [true, false]), (names[1], [false, true])] {
        let known = [0, 1].map(|view| shown[view].then_some(&of_test[view]));
        let [a_u, a_v] = model.decode(&theta, &model.encode(&theta, known));
        let (u, v) = (first.decode(&a_u), second.decode(&a_v));
        let right = percent(classifier.accuracy(&test.second.map(|_| v.clone())));
        table.cells(&[&name, &fraction(&u, &test.first.matrix), &fraction(&v, &test.second.matrix), &right]);
        reconstructed.push(v);
    }
    // The control: random numbers with the variance of the first view.
    let x = &test.first.matrix;
    let deviation = root_mean_variance(x);
    let noise = Matrix::from_function(x.rows(), x.columns(), |_, _| deviation * random.normal::<f32>());
    let known = [Some(&first.encode(&noise)), None];
    let [_, a_v] = model.decode(&theta, &model.encode(&theta, known));
    let from_noise = test.second.map(|_| second.decode(&a_v));
    let error = fraction(&from_noise.matrix, &test.second.matrix);
    table.cells(&[&format_args!("noise as {}", names[0]), &"", &error, &percent(classifier.accuracy(&from_noise))]);
    let itself = percent(classifier.accuracy(&test.second));
    table.cells(&[&format_args!("(the {} itself)", names[1]), &"", &"", &itself]);
    let views = match context.images {
        Some(_) => "the spectrum of a recording, and an image of the same digit, drawn at random",
        None => "the low and the high mel bands of a recording's spectrum (with --images: its spectrum, and an image)",
    };
    context.say(&format!(
        "Two views of each example: {views}. Columns 2 and 3 are the errors of their reconstructions, on test \
         examples, as fractions of the variance:\n",
    ));
    context.table(&table);
    context.say(&format!(
        "The last column is the accuracy of softmax regression, trained on real examples of the {0}, when it \
         classifies the reconstructed {0}; in the last two rows it classifies those reconstructed from random numbers, \
         and the real ones. From the {1} alone, the model reconstructs the average {0} of examples with a similar {1}. \
         That average lacks all that the {1} does not determine, so the error is large; but both views share the \
         label, so it can still be recognized.",
        names[1], names[0]
    ));
    if context.images.is_some() {
        let shown = SHOWN.min(test.second.count());
        // Test recordings of all digits, evenly.
        let chosen: Vec<usize> = (0..shown).map(|k| k * test.second.count() / shown).collect();
        let rows = [&test.second.matrix, &reconstructed[2], &reconstructed[1]];
        let values: Vec<f32> = rows.iter().flat_map(|m| chosen.iter().flat_map(|&j| m.column(j))).collect();
        let labels = ["images", "reconstructed from images", "reconstructed from sounds"];
        context.draw_image_rows(
            "digits, reconstructed from images and from sounds",
            "D.10-digits.png",
            "Each column is one test recording with its image. What sounds do not determine, such as the slant, is \
             averaged.",
            &values,
            &labels,
        );
    }
    Ok(())
}

/// An autoencoder of one view. Repeated examples of a recording are adjacent, and one of them is enough.
fn pretrained(
    context: &mut ExerciseContext,
    name: &str,
    hidden: usize,
    examples: &LabeledExamples<f32>,
    sizes: &Sizes,
) -> TrainedAutoencoder<f32> {
    let of_images = context.images.is_some();
    let x = &examples.matrix;
    let model = match (of_images, name) {
        (true, "image") => ufldl(x.rows(), hidden),
        // Whole recordings: fewer examples than windows, which need more active units. Of the pipeline's ρ and β and
        // these, and of 99, 95 and 90% of the variance, these reconstructed best on takes 5 to 9 of spoken digits, held
        // out.
        _ => Autoencoder { hidden, sparsity: 0.1, sparsity_weight: 3.0, ..context.settings.autoencoder(x.rows()) },
    };
    let step = if of_images && name == "sound" { sizes.images } else { 1 };
    let once = x.select_columns(&(0..x.columns()).step_by(step).collect::<Vec<_>>());
    let mut random = Random::new(context.settings.seed);
    let trained = context.run.autoencoder(name, model, sizes.iterations, &once, &mut random);
    context.run.learned(&trained.theta);
    trained
}

/// Softmax regression on real second views: on all images, or else on the views of the pairs.
fn classifier(context: &mut ExerciseContext, views: &LabeledExamples<f32>) -> TrainedClassifier<Softmax, f32> {
    let views = context.images.as_ref().map_or(views, |images| &images.train);
    // Images show all ten digits, even if the recordings name fewer.
    let classes = if context.images.is_some() { 10 } else { context.labels.len() };
    let model = Softmax { features: views.matrix.rows(), classes, bias: true, weight_decay: 1e-3 };
    context.run.regression("softmax", model, context.settings.softmax_iterations, views)
}

/// The log-mel spectra of recordings, averaged over regions of time: values x recordings. A recording's mean, which is
/// its level, is subtracted.
fn spectra(
    context: &ExerciseContext,
    sounds: &Sounds,
    recordings: &[usize],
) -> Result<LabeledExamples<f32>, TutorialError> {
    let bands = sounds.prepared.bands.count();
    let mut matrix = Matrix::zeros(context.settings.regions * bands, recordings.len());
    for (j, frames) in sounds.prepared.labeled.copied(recordings)?.iter().enumerate() {
        let level = crate::number::sum::sum(frames) / frames.len() as f32;
        let columns = Matrix::from_function(bands, frames.len() / bands, |b, t| frames[t * bands + b] - level);
        average(&columns, 0..columns.columns(), &mut matrix, j);
    }
    let labels = recordings.iter().map(|&recording| sounds.collection.recordings[recording].label).collect();
    Ok(LabeledExamples { matrix, labels })
}

/// The spectra of the training and of the test recordings.
fn both_sets(context: &ExerciseContext) -> Result<[LabeledExamples<f32>; 2], TutorialError> {
    let sounds = context.sounds()?;
    let [train, test] = [&sounds.fold.train, &sounds.fold.test].map(|set| spectra(context, sounds, set));
    Ok([train?, test?])
}

/// Both sets, whitened as the first requires.
fn whitened(sets: [LabeledExamples<f32>; 2]) -> [LabeledExamples<f32>; 2] {
    let settings = WhiteningSettings { retained: 0.9, epsilon: 0.01, form: WhiteningForm::Pca };
    let whitening = Whitening::measure(&settings, &sets[0].matrix);
    sets.map(|set| set.map(|x| whitening.apply(x.clone())))
}

/// The low and the high bands of spectra as two views.
fn halves(context: &ExerciseContext) -> Result<[Views; 2], TutorialError> {
    let (sets, bands) = (both_sets(context)?, context.settings.front_end.bands);
    let half = |is_low: bool| {
        let kept: Vec<usize> = (0..sets[0].matrix.rows()).filter(|i| (i % bands < bands / 2) == is_low).collect();
        let rows = |x: &Matrix<f32>| Matrix::from_function(kept.len(), x.columns(), |i, j| x.row(kept[i])[j]);
        whitened([&sets[0], &sets[1]].map(|set| set.map(rows)))
    };
    let ([low, low_test], [high, high_test]) = (half(true), half(false));
    Ok([Views { first: low, second: high }, Views { first: low_test, second: high_test }])
}

/// Recordings with images of the same digit, drawn at random: `count` for each training recording, one for each test
/// recording.
fn with_images(context: &ExerciseContext, count: usize, random: &mut Random) -> Result<[Views; 2], TutorialError> {
    let images = context.images.as_ref().ok_or(TutorialError::MissingDigits)?;
    let digit = |label: &String| label.parse().ok().filter(|digit| *digit < 10);
    let digits: Vec<usize> =
        context.labels.iter().map(digit).collect::<Option<_>>().ok_or(TutorialError::MissingDigits)?;
    let mut paired = |sounds: LabeledExamples<f32>,
                      images: &LabeledExamples<f32>,
                      count: usize|
     -> Result<Views, TutorialError> {
        let of_digit = |digit: &usize| (0..images.count()).filter(|&j| images.labels[j] == *digit).collect();
        let of_label: Vec<Vec<usize>> = digits.iter().map(of_digit).collect();
        let first: Vec<usize> = (0..sounds.count()).flat_map(|j| core::iter::repeat_n(j, count)).collect();
        let mut second = Vec::with_capacity(first.len());
        for &j in &first {
            let candidates = &of_label[sounds.labels[j]];
            second.push(
                candidates.get(random.index(candidates.len().max(1))).copied().ok_or(TutorialError::MissingDigits)?,
            );
        }
        // The label of a pair is its digit.
        Ok(Views { first: sounds.select(&first), second: images.select(&second) })
    };
    let [train, test] = whitened(both_sets(context)?);
    Ok([paired(train, &images.train, count)?, paired(test, &images.test, 1)?])
}
