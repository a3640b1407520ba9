//! `convolved-pooled`: features of small patches of spectra, learned without labels, evaluated at every position of a
//! recording, and pooled.
//!
//! Why: a patch is smaller than a window in time and frequency. A pattern learned at one frequency is found at all
//! frequencies, and there are many more patches than windows to learn from.
//!
//! 1. Patches of a few frames and bands are drawn at random from the training recordings and from unlabeled ones,
//!    whitened, and a sparse autoencoder with a linear decoder learns features of them.
//! 2. The features are evaluated at every position of each recording, in time and over the bands (see
//!    [`convolved_features`](crate::model::convolved_features)), and pooled over regions of time and of bands.
//! 3. Softmax regression on the standardized pooled features classifies the recording.
//!
//! A recording shorter than a patch is extended by frames of zeros, its mean. A spectrum with fewer bands than a patch
//! makes the patches as high as itself.
//!
//! Source: source B, 8.4, "Convolutional layers".

use super::classifier::{PatchModel, TrainedModel, input, inputs};
use super::evaluation::Evaluator;
use super::methods::Method;
use super::pipeline::Trained;
use super::settings::{Normalization, PipelineSettings};
use super::training::Run;
use crate::dataset::recordings::RereadError;
use crate::dataset::whiten::{Whitening, WhiteningForm, WhiteningSettings};
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::convolution::PoolingMode;
use crate::model::convolved_features::{ConvolvedFeatures, Input, draw};
use crate::model::{Activation, Autoencoder};
use crate::number::{Random, Real};
use std::time::Instant;
use std::vec::Vec;

/// The settings of `convolved-pooled`. λ, ρ and β are those of the autoencoder on windows; features and iterations are
/// halved, since a patch is smaller than a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvolvedSettings {
    /// Frames and bands of a patch.
    pub size: [usize; 2],
    /// The number of training patches.
    pub patches: usize,
    /// The value that pooling keeps of a region.
    pub kind: PoolingMode,
    /// Regions of time and of bands.
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

/// The whitening of patches, also where windows are squashed: squashing leaves the level of a patch in its features.
fn whitening(settings: &PipelineSettings) -> WhiteningSettings {
    match settings.normalization {
        Normalization::Whiten(settings) => WhiteningSettings { form: WhiteningForm::Pca, ..settings },
        Normalization::Squash => WhiteningSettings { retained: 0.99, epsilon: 0.01, form: WhiteningForm::Pca },
    }
}

/// Trains on the fold's training recordings and evaluates on its test recordings.
///
/// # Errors
/// If a recording cannot be read again.
///
/// # Panics
/// If a recording has no frame, or a side of the fold is empty.
pub fn convolved<T: Real>(evaluator: &Evaluator<T>, run: &mut Run) -> Result<Trained<T>, RereadError> {
    let start = Instant::now();
    let (settings, choices, prepared) = (evaluator.settings, &evaluator.settings.convolved, evaluator.prepared);
    let bands = prepared.bands.count();
    let size = [choices.size[0], choices.size[1].min(bands)];

    run.progress.stage("patches", 0);
    let mut random = Random::new(settings.seed);
    let patches = patches(evaluator, size, &mut random)?;
    let whitening = Whitening::measure(&whitening(settings), &patches);
    let white = whitening.apply(patches);
    let (hidden, decoder) = (half(settings.hidden), Activation::Linear);
    let model = Autoencoder { hidden, decoder, ..settings.autoencoder(white.rows()) };
    let stage = "sparse autoencoder on patches";
    let trained = run.autoencoder(stage, model, half(settings.iterations), &white, &mut random);
    let features = ConvolvedFeatures::fold(size, &whitening, &trained.encoder());
    run.learned(features.layer.weights.elements());
    run.learned(&features.layer.bias);

    run.progress.stage("convolved features", 0);
    let pool = |group: &[&[T]]| features.pooled(&inputs(group, bands, size), choices.kind, choices.regions);
    let rows = choices.regions.iter().fold(features.layer.bias.len(), |rows, n| rows * n);
    let pooled = evaluator.files("softmax on convolved features", choices.decay, rows, pool, run)?;
    let parameters = features.layer.weights.elements().len() + features.layer.bias.len() + pooled.parameters();
    let (kind, regions) = (choices.kind, choices.regions);
    let model = TrainedModel::Patches(PatchModel { features, kind, regions, pooled });
    let scores = evaluator.scores(&model)?;
    let seconds = start.elapsed().as_secs_f64();
    let result = evaluator.result(Method::ConvolvedPooled, None, &scores, parameters, seconds);
    Ok(Trained { result, scores, model })
}

/// Patches of the training recordings and of unlabeled ones, as columns.
fn patches<T: Real>(evaluator: &Evaluator<T>, size: [usize; 2], random: &mut Random) -> Result<Matrix<T>, RereadError> {
    let (prepared, train) = (evaluator.prepared, &evaluator.fold.train);
    let bands = prepared.bands.count();
    let unlabeled: Vec<usize> = (0..prepared.unlabeled.recordings()).collect();
    let labeled = train.iter().map(|&r| prepared.labeled.frames(r));
    let shapes = labeled.chain(unlabeled.iter().map(|&r| prepared.unlabeled.frames(r)));
    let shapes = shapes.map(|rows| Input::<T>::padded(MapShape { channels: 1, rows, columns: bands }, size));
    let drawn = draw(shapes, size, evaluator.settings.convolved.patches, random);
    // Sorted by recording, each with its column.
    let mut drawn: Vec<(usize, usize, usize)> = drawn.iter().enumerate().map(|(j, &(r, at))| (r, at, j)).collect();
    drawn.sort_unstable();
    let mut patches = Matrix::zeros(size[0] * size[1], drawn.len());
    let split = drawn.partition_point(|(r, ..)| *r < train.len());
    let (first, second) = drawn.split_at(split);
    for (source, recordings, offset, drawn) in
        [(&prepared.labeled, train, 0, first), (&prepared.unlabeled, &unlabeled, train.len(), second)]
    {
        let groups = drawn.chunk_by(|a, b| a.0 == b.0);
        let wanted: Vec<usize> = groups.clone().map(|group| recordings[group[0].0 - offset]).collect();
        let mut groups = groups;
        source.each_group(&wanted, |_, frames| {
            for (frames, group) in frames.iter().zip(&mut groups) {
                let input = input(frames, bands, size);
                group.iter().for_each(|&(_, at, j)| input.copy_patch(size, at, &mut patches, j));
            }
        })?;
    }
    Ok(patches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::fixture;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::settings::{FrontEndSettings, Transform};

    #[test]
    fn recordings_shorter_and_spectra_lower_than_a_patch_are_classified() {
        // Recordings of four to nine frames; a patch has six, and more bands than chroma has.
        for transform in [Transform::Mel, Transform::Chroma] {
            let front_end = FrontEndSettings { transform, ..FrontEndSettings::default() };
            let settings = PipelineSettings { front_end, ..fixture::settings() };
            let (collection, fold) = (fixture::collection(&settings), fixture::fold());
            let prepared = fixture::prepared::<f64>(&settings, &collection);
            assert!(prepared.labeled.frames(0) < settings.convolved.size[0]);
            let evaluator =
                Evaluator { settings: &settings, collection: &collection, prepared: &prepared, fold: &fold };
            let mut digests = Vec::new();
            for _ in 0..2 {
                let mut silent = Silent;
                let mut run = Run::new(&mut silent);
                let result = convolved(&evaluator, &mut run).unwrap().result;
                assert_eq!((result.method, result.files.total()), (Method::ConvolvedPooled, 4));
                digests.push(run.digest.hex());
            }
            assert_eq!(digests[0], digests[1]);
        }
    }
}
