//! `convolved-pooled`: features of small patches of spectra, learned without labels, looked for at every place of a
//! recording.
//!
//! 1. Patches of a few frames and a few bands are drawn at random from the recordings to train on, and from unlabeled ones if there are
//!    some, whitened, and given to a sparse autoencoder with a linear decoder.
//! 2. Its features are slid over each whole recording (see [`slid`](crate::model::convolved_features)), in time and over the bands, and pooled over
//!    regions: so many parts of the recording's time, and of its bands.
//! 3. Put on one scale, they are the examples of a softmax regression.
//!
//! Against windows, a feature is smaller than a spectrum is high: what is found at one height is looked for at all, and
//! there are many more patches than windows to learn from. A recording shorter than a patch is continued with frames of
//! zeros, its mean; a spectrum of fewer bands than a patch has makes patches as high as itself.
//!
//! Source: source B, 8.4, "Convolutional layers".

use super::evaluation::Evaluator;
use super::pipeline::{MethodResult, Prepared};
use super::preprocessing::digest_numbers;
use super::progress::Progress;
use super::settings::{Normalization, PipelineSettings};
use super::training::autoencoder;
use crate::bytes::digest::Digest;
use crate::dataset::whiten::{Form, Whitening, WhiteningSettings};
use crate::matrix::Matrix;
use crate::model::convolution::{MapShape, PoolingMode};
use crate::model::convolved_features::{ConvolvedFeatures, Input, sample};
use crate::model::{Activation, Autoencoder};
use crate::number::{Random, Real};
use std::time::Instant;
use std::vec::Vec;

/// The choices of `convolved-pooled`. λ, ρ and β are those of the autoencoder on windows; features and iterations are
/// half as many, since a patch is smaller than a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolvedSettings {
    /// Frames and bands of a patch.
    pub size: [usize; 2],
    /// Patches to learn from.
    pub patches: usize,
    /// What is kept of a region.
    pub kind: PoolingMode,
    /// Parts of the time and of the bands.
    pub regions: [usize; 2],
    /// λ of the softmax regression.
    pub decay: f64,
}

impl Default for ConvolvedSettings {
    fn default() -> Self {
        ConvolvedSettings { size: [6, 10], patches: 10_000, kind: PoolingMode::Max, regions: [4, 6], decay: 1e-2 }
    }
}

/// Half of a number, at least 1.
pub(super) fn half(n: usize) -> usize {
    (n / 2).max(1)
}

/// Patches are whitened even if windows are not: squashed ones tell nothing of levels beyond a patch.
fn whitening(settings: &PipelineSettings) -> WhiteningSettings {
    match settings.normalization {
        Normalization::Whiten(settings) => WhiteningSettings { form: Form::Pca, ..settings },
        Normalization::Squash => WhiteningSettings { retained: 0.99, epsilon: 0.01, form: Form::Pca },
    }
}

/// Learns on the part's training recordings, and judges on its test recordings; the log-probabilities of these besides,
/// classes x files.
///
/// # Panics
/// If a recording has no frame, or a side of the part is empty.
pub fn convolved<T: Real>(
    evaluator: &Evaluator,
    prepared: &Prepared<T>,
    digest: &mut Digest,
    progress: &mut dyn Progress,
) -> (MethodResult, Matrix<T>) {
    let start = Instant::now();
    let (settings, choices) = (evaluator.settings, &evaluator.settings.convolved);
    let bands = prepared.bands.count();
    let size = [choices.size[0], choices.size[1].min(bands)];
    let inputs = |recordings: &[Vec<T>]| -> Vec<Input<T>> {
        let input = |frames: &Vec<T>| {
            let shape = MapShape { channels: 1, rows: frames.len() / bands, columns: bands };
            Input::new(shape, Matrix::from_rows(1, frames.len(), frames.clone()), size)
        };
        recordings.iter().map(input).collect()
    };
    let (labeled, unlabeled) = (inputs(&prepared.frames), inputs(&prepared.unlabeled_frames));

    progress.stage("patches", 0);
    let mut random = Random::new(settings.seed);
    let taught: Vec<&Input<T>> = evaluator.part.train.iter().map(|&r| &labeled[r]).chain(&unlabeled).collect();
    let patches = sample(&taught, size, choices.patches, &mut random);
    let whitening = Whitening::measure(&whitening(settings), &patches);
    let white = whitening.apply(patches);
    let shape = Autoencoder {
        hidden: half(settings.hidden),
        decoder: Activation::Linear,
        ..settings.autoencoder(white.rows())
    };
    let stage = "sparse autoencoder on patches";
    let trained = autoencoder(stage, shape, half(settings.iterations), &white, &mut random, progress);
    let slid = ConvolvedFeatures::fold(size, &whitening, &trained.encoder());
    digest_numbers(digest, slid.layer.weights.elements());
    digest_numbers(digest, &slid.layer.bias);

    progress.stage("features at every place", 0);
    let pool = |recordings: &[usize]| {
        let chosen: Vec<&Input<T>> = recordings.iter().map(|&r| &labeled[r]).collect();
        slid.pooled(&chosen, choices.kind, choices.regions)
    };
    let (log_p, pooled) = evaluator.files("softmax on convolved features", choices.decay, pool, digest, progress);
    let learned = slid.layer.weights.elements().len() + slid.layer.bias.len();
    let (parameters, seconds) = (learned + pooled.parameters(), start.elapsed().as_secs_f64());
    (
        MethodResult {
            method: "convolved-pooled",
            windows: None,
            files: evaluator.confusion_of(&log_p),
            parameters,
            seconds,
        },
        log_p,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::recordings::{Collection, Recording};
    use crate::dataset::split::Fold;
    use crate::tutorial::pipeline::prepare;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::settings::Transform;
    use std::format;

    #[test]
    fn recordings_shorter_and_spectra_lower_than_a_patch_are_judged() {
        // Low and high noise of four to nine frames; a patch has six, and more bands than a chroma has places for.
        for transform in [Transform::Mel, Transform::Chroma] {
            let settings = PipelineSettings { transform, hidden: 8, iterations: 6, ..PipelineSettings::default() };
            let mut random = Random::new(1);
            let recordings = (0..12)
                .map(|i| {
                    let (mut last, label) = (0.0, i % 2);
                    let samples = (0..settings.shortest(8000) + 40 * i).map(|_| {
                        let x: f64 = random.uniform(-0.3, 0.3);
                        let sample = if label == 0 { x + last } else { x - last };
                        last = x;
                        sample
                    });
                    let samples = samples.collect();
                    Recording { name: format!("{i}"), label, group: "x".into(), index: Some(i as u64), samples }
                })
                .collect();
            let labels = Vec::from(["low".into(), "high".into()]);
            let collection = Collection { rate: 8000, labels, recordings };
            let prepared = prepare::<f64>(&settings, &collection, &[], &mut Silent).unwrap();
            assert!(prepared.frames[0].len() / prepared.bands.count() < settings.convolved.size[0]);
            let part = Fold { name: "some".into(), train: (0..8).collect(), test: (8..12).collect() };
            let ranges = &prepared.labeled.of_recording;
            let evaluator = Evaluator { settings: &settings, collection: &collection, ranges, part: &part };
            let mut digests = Vec::new();
            for _ in 0..2 {
                let mut digest = Digest::new();
                let (judged, _) = convolved(&evaluator, &prepared, &mut digest, &mut Silent);
                assert_eq!((judged.method, judged.files.total()), ("convolved-pooled", 4));
                digests.push(digest.hex());
            }
            assert_eq!(digests[0], digests[1]);
        }
    }

    #[test]
    fn the_default_is_what_cross_validation_chose() {
        // NOTES.md has the table; its figures are of these.
        let ConvolvedSettings { size, kind, regions, .. } = ConvolvedSettings::default();
        assert_eq!((size, kind, regions), ([6, 10], PoolingMode::Max, [4, 6]));
    }
}
