//! The export of `sparse-pooled` as a model that the predictor can run.

use super::error::ExportError;
use super::methods::Method;
use super::pipeline::Learned;
use super::preprocessing::Normalizer;
use super::settings::{Normalization, PipelineSettings, Transform};
use crate::dataset::normalize::StandardScaler;
use crate::dataset::recordings::Collection;
use crate::matrix::Matrix;
use crate::number::Real;
use crate::predictor::deployed::DeployedModel;
use std::vec::Vec;

/// Checks, before training, whether a model of these settings, trained on this number of folds, can be exported.
///
/// # Errors
/// If the predictor cannot compute it.
pub fn check_exportable<T: Real>(settings: &PipelineSettings, folds: usize) -> Result<(), ExportError> {
    if T::NAME != "f32" {
        return Err(ExportError::Precision(T::NAME));
    }
    if settings.transform != Transform::Mel {
        return Err(ExportError::Transform(settings.transform.name()));
    }
    if settings.normalization == Normalization::Squash {
        return Err(ExportError::Squashed);
    }
    if !settings.methods.contains(Method::SparsePooled) {
        return Err(ExportError::NotTrained);
    }
    if folds != 1 {
        return Err(ExportError::Folds(folds));
    }
    Ok(())
}

/// The predictor's model.
///
/// # Errors
/// As [`check_exportable`].
pub fn deployed<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    learned: &Learned<T>,
) -> Result<DeployedModel, ExportError> {
    check_exportable::<T>(settings, 1)?;
    let (Some(sparse), Some(pooled)) = (&learned.sparse, &learned.pooled) else { return Err(ExportError::NotTrained) };
    let Normalizer::Whiten(whitening) = &sparse.normalizer else { return Err(ExportError::Squashed) };
    // The values are f32 already, so nothing is rounded.
    let single = |numbers: &[T]| -> Vec<f32> { numbers.iter().map(|x| x.to_f64() as f32).collect() };
    let [w1, _, b1, _] = sparse.autoencoder.blocks();
    let [theta, b] = pooled.regression.model.blocks();
    let matrix = |rows, columns, numbers: &[T]| Matrix::from_rows(rows, columns, single(numbers));
    Ok(DeployedModel {
        rate: collection.rate,
        framing: settings.framing(collection.rate),
        mel: settings.mel(collection.rate),
        floor: settings.floor as f32,
        context_window: settings.context_window,
        labels: collection.labels.clone(),
        mean: single(&whitening.mean),
        basis: matrix(whitening.basis.rows(), whitening.basis.columns(), whitening.basis.elements()),
        weights: matrix(w1.rows, w1.columns, w1.values(&sparse.theta)),
        biases: single(b1.values(&sparse.theta)),
        regions: settings.regions,
        pooled: StandardScaler {
            means: single(&pooled.standard.means),
            deviations: single(&pooled.standard.deviations),
        },
        class_weights: matrix(theta.rows, theta.columns, theta.values(&pooled.regression.theta)),
        class_biases: single(b.values(&pooled.regression.theta)),
    })
}
