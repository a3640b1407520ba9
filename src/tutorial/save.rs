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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::fixture;
    use crate::tutorial::methods::Methods;
    use crate::tutorial::pipeline::run_split;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::training::Run;

    #[test]
    fn a_trained_model_is_one_that_the_predictor_accepts() {
        let settings = PipelineSettings { methods: Methods::of(&[Method::SparsePooled]), ..fixture::settings() };
        let (collection, fold) = (fixture::collection(&settings), fixture::fold());
        let prepared = fixture::prepared::<f32>(&settings, &collection);
        let learned = run_split(&settings, &collection, &prepared, &fold, &mut Run::new(&mut Silent));
        let model = deployed(&settings, &collection, &learned).unwrap();
        assert_eq!((model.weights.rows(), model.class_weights.rows(), &model.labels), (8, 2, &collection.labels));
        assert!(model.tables_for(4000).is_ok());
    }

    #[test]
    fn a_model_that_the_predictor_cannot_compute_is_refused_before_training() {
        let settings = fixture::settings();
        assert_eq!(check_exportable::<f64>(&settings, 1), Err(ExportError::Precision("f64")));
        let refused = |settings, folds| check_exportable::<f32>(&settings, folds).unwrap_err();
        assert_eq!(refused(settings, 5), ExportError::Folds(5));
        let transform = Transform::Bark;
        assert_eq!(refused(PipelineSettings { transform, ..settings }, 1), ExportError::Transform("bark"));
        let normalization = Normalization::Squash;
        assert_eq!(refused(PipelineSettings { normalization, ..settings }, 1), ExportError::Squashed);
        let methods = Methods::of(&[Method::Stacked]);
        assert_eq!(refused(PipelineSettings { methods, ..settings }, 1), ExportError::NotTrained);
    }
}
