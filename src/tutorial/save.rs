//! What was learned, kept for a predictor: the road of `sparse-pooled`.

use super::pipeline::Learned;
use super::preprocessing::Normalizer;
use super::settings::{Normalization, PipelineSettings, Transform};
use crate::dataset::normalize::StandardScaler;
use crate::dataset::recordings::Collection;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::predictor::deployed::DeployedModel;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Whether what is learned with these settings, on so many parts of a split, can be kept.
///
/// # Errors
/// A sentence that says what a predictor cannot do.
pub fn check_exportable<T: Real>(settings: &PipelineSettings, parts: usize) -> Result<(), String> {
    if T::NAME != "f32" {
        return Err(format!("a predictor computes in f32, not in {}", T::NAME));
    }
    if settings.transform != Transform::Mel {
        return Err(format!(
            "a predictor hears mel bands; --transform {} it cannot compute",
            settings.transform.name()
        ));
    }
    if settings.normalization == Normalization::Squash {
        return Err("a predictor whitens its windows; squashed ones it cannot make".into());
    }
    if parts != 1 {
        return Err(format!("one model is kept, and this split learns {parts}; use --split official or random:F"));
    }
    Ok(())
}

/// The recognizer.
///
/// # Errors
/// As [`check_exportable`].
pub fn deployed<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    learned: &Learned<T>,
) -> Result<DeployedModel, String> {
    check_exportable::<T>(settings, 1)?;
    let Normalizer::Whiten(whitening) = &learned.normalizer else {
        return Err("a predictor whitens its windows".into());
    };
    // The numbers are f32 already: nothing is rounded.
    let single = |numbers: &[T]| -> Vec<f32> { numbers.iter().map(|x| x.to_f64() as f32).collect() };
    let [w1, _, b1, _] = learned.autoencoder.blocks();
    let [theta, b] = learned.pooled.regression.model.blocks();
    let matrix = |rows, columns, numbers: &[T]| Matrix::from_rows(rows, columns, single(numbers));
    Ok(DeployedModel {
        rate: collection.rate,
        framing: settings.framing(collection.rate),
        mel: settings.mel(collection.rate),
        floor: settings.floor as f32,
        windowing: settings.windowing,
        labels: collection.labels.clone(),
        mean: single(&whitening.mean),
        basis: matrix(whitening.basis.rows(), whitening.basis.columns(), whitening.basis.elements()),
        weights: matrix(w1.rows, w1.columns, w1.values(&learned.theta)),
        biases: single(b1.values(&learned.theta)),
        regions: settings.regions,
        pooled: StandardScaler {
            means: single(&learned.pooled.standard.means),
            deviations: single(&learned.pooled.standard.deviations),
        },
        class_weights: matrix(theta.rows, theta.columns, theta.values(&learned.pooled.regression.theta)),
        class_biases: single(b.values(&learned.pooled.regression.theta)),
    })
}
