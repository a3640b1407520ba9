//! Saving: what the pipeline learned on a fold as a classifier of sounds, and as a model for a board.

use super::classifier::{Member, SoundClassifier, TrainedModel, WindowTop};
use super::error::ExportError;
use super::evaluation::MethodResult;
use super::frame_source::choose;
use super::methods::{ENSEMBLE, Method};
use super::pipeline::{Learned, Prepared};
use super::preprocessing::Normalizer;
use super::rejection::{ACCEPTED, Rejection, description, quantile};
use super::settings::{PipelineSettings, Transform};
use super::sound_network::LAYERS;
use crate::dataset::normalize::StandardScaler;
use crate::dataset::recordings::{Collection, RereadError};
use crate::dataset::split::Fold;
use crate::matrix::Matrix;
use crate::model::parameters::Block;
use crate::model::stacked::DenseWeights;
use crate::number::Real;
use crate::predictor::deployed::{ConvolutionalClassifier, DeployedClassifier, DeployedModel, PooledClassifier};
use std::vec::Vec;

/// The classifier of a method that was trained on a fold; `None` if it was not trained. Recordings are rejected as
/// measured on the fold's training recordings, and on the test recordings that were classified correctly. These are of
/// `tested`: the same fold with its results or, for a model that was trained once more on all recordings, all folds.
///
/// # Errors
/// If a recording cannot be read again.
pub fn classifier<T: Real>(
    settings: &PipelineSettings,
    collection: &Collection,
    prepared: &Prepared<T>,
    fold: &Fold,
    learned: &Learned<T>,
    method: Method,
    tested: &[(&Fold, &[MethodResult])],
) -> Result<Option<SoundClassifier<T>>, RereadError> {
    let of = |method: &Method| learned.members.iter().find(|member| member.method == *method).cloned();
    let members: Vec<Member<T>> = match method {
        Method::Ensemble => ENSEMBLE.iter().filter_map(of).collect(),
        one => of(&one).into_iter().collect(),
    };
    if members.is_empty() || (method == Method::Ensemble && members.len() < ENSEMBLE.len()) {
        return Ok(None);
    }
    let bands = prepared.bands.count();
    let chosen = choose(&fold.train, settings.seed, settings.most_recordings);
    let mut described = Vec::with_capacity(chosen.len());
    prepared.labeled.each_group(&chosen, |first, group| {
        let recordings = chosen[first..].iter().map(|&r| &collection.recordings[r]);
        described.extend(recordings.zip(group).map(|(recording, frames)| (recording, description(frames, bands))));
    })?;
    let mut rejection = Rejection::measure(&described);
    rejection.least_probability = least_probability(collection, tested, method);
    Ok(Some(SoundClassifier {
        method,
        rate: collection.rate,
        front_end: settings.front_end,
        framing: settings.front_end.framing(collection.rate),
        shortest: settings.shortest(collection.rate),
        front_end_shortest: prepared.shortest,
        labels: collection.labels.clone(),
        members,
        rejection: Some(rejection),
    }))
}

/// The probability of the label that 99% of the test recordings that were classified correctly reach.
fn least_probability(collection: &Collection, folds: &[(&Fold, &[MethodResult])], method: Method) -> Option<f64> {
    let mut doubts = Vec::new();
    for (fold, results) in folds {
        let results = results.iter().filter(|result| result.method == method);
        let tested = results.flat_map(|result| fold.test.iter().zip(&result.predictions));
        let correct = tested.filter(|(r, prediction)| collection.recordings[**r].label == prediction.class);
        doubts.extend(correct.map(|(_, p)| -p.probability(p.class)));
    }
    quantile(&mut doubts, ACCEPTED).map(|doubt| -doubt)
}

/// The model for a board, of one of the methods that the predictor runs.
///
/// # Errors
/// If the predictor cannot compute it.
pub fn deployed<T: Real>(classifier: &SoundClassifier<T>) -> Result<DeployedModel, ExportError> {
    if T::NAME != "f32" {
        return Err(ExportError::Precision(T::NAME));
    }
    if classifier.front_end.transform != Transform::Mel {
        return Err(ExportError::Transform(classifier.front_end.transform.name()));
    }
    let unsupported = || ExportError::Method(classifier.method.name());
    let [member] = &classifier.members[..] else { return Err(unsupported()) };
    let (deployed, theta) = match &member.model {
        TrainedModel::Windows(model) => {
            let WindowTop::Pooled(regions, pooled) = &model.top else { return Err(unsupported()) };
            let Normalizer::Whiten(whitening) = &model.normalizer else { return Err(ExportError::Squashed) };
            let StandardScaler { means, deviations } = &pooled.standard;
            let deployed = DeployedClassifier::Pooled(PooledClassifier {
                context_window: model.context,
                mean: single(&whitening.mean),
                basis: single_matrix(&whitening.basis),
                layers: model.layers.iter().map(single_layer).collect(),
                regions: *regions,
                scaling: StandardScaler { means: single(means), deviations: single(deviations) },
            });
            (deployed, &pooled.regression.theta[..])
        }
        TrainedModel::Networks(model) => {
            let [theta] = &model.thetas[..] else { return Err(ExportError::Networks(model.thetas.len())) };
            let blocks = model.network.blocks();
            let (convolutions, softmax) = blocks.split_at(2 * LAYERS);
            let layer = |pair: &[Block]| DenseWeights {
                weights: Matrix::from_rows(pair[0].rows, pair[0].columns, single(pair[0].values(theta))),
                bias: single(pair[1].values(theta)),
            };
            let deployed = DeployedClassifier::Convolutional(ConvolutionalClassifier {
                image: model.image.size(),
                range: model.range as f32,
                layers: convolutions.chunks(2).map(layer).collect(),
            });
            (deployed, &theta[softmax[0].range.start..])
        }
        TrainedModel::Patches(_) => return Err(unsupported()),
    };
    let classes = classifier.labels.len();
    let (weights, biases) = theta.split_at(theta.len() - classes);
    Ok(DeployedModel {
        rate: classifier.rate,
        framing: classifier.framing,
        mel: classifier.front_end.mel(classifier.rate),
        floor: classifier.front_end.floor as f32,
        labels: classifier.labels.clone(),
        classifier: deployed,
        class_weights: Matrix::from_rows(classes, weights.len() / classes, single(weights)),
        class_biases: single(biases),
    })
}

/// Numbers as f32, which they are already, so that nothing is rounded.
fn single<T: Real>(numbers: &[T]) -> Vec<f32> {
    numbers.iter().map(|x| x.to_f64() as f32).collect()
}

fn single_matrix<T: Real>(matrix: &Matrix<T>) -> Matrix<f32> {
    Matrix::from_rows(matrix.rows(), matrix.columns(), single(matrix.elements()))
}

fn single_layer<T: Real>(layer: &DenseWeights<T>) -> DenseWeights<f32> {
    DenseWeights { weights: single_matrix(&layer.weights), bias: single(&layer.bias) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::limits::NETWORKS;
    use crate::model::Activation;
    use crate::predictor::Predictor;
    use crate::storage::exchange::{self, Description, ExchangeError};
    use crate::storage::model::{self, ModelError, ModelFile};
    use crate::tutorial::classifier_file::{check, decode, encode, without_measurements};
    use crate::tutorial::methods::METHODS;
    use crate::tutorial::pipeline::run_split;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::settings::{FrontEndSettings, Normalization, TRANSFORMS};
    use crate::tutorial::training::Run;
    use crate::tutorial::{export_torch, fixture};
    use std::collections::BTreeMap;
    use std::format;
    use std::string::String;
    use std::vec;

    /// All methods, trained on the fixture.
    fn trained<T: Real>(settings: &PipelineSettings, fold: &Fold) -> (Collection, Prepared<T>, Learned<T>) {
        let collection = fixture::collection(settings);
        let prepared = fixture::prepared::<T>(settings, &collection);
        let learned = run_split(settings, &collection, &prepared, fold, &mut Run::new(&mut Silent)).unwrap();
        (collection, prepared, learned)
    }

    /// Each method, saved and read again, predicts what it predicted in the run, to the bit.
    fn saved_and_read<T: Real>(settings: &PipelineSettings) {
        let fold = fixture::fold();
        let (collection, prepared, learned) = trained::<T>(settings, &fold);
        for (name, method) in METHODS {
            let saved =
                classifier(settings, &collection, &prepared, &fold, &learned, method, &[(&fold, &learned.results)])
                    .unwrap()
                    .unwrap();
            let bytes = model::encode(&encode(&saved)).unwrap();
            let read = decode::<T>(&model::decode(&bytes).unwrap()).unwrap();
            assert_eq!(model::encode(&encode(&read)).as_ref(), Ok(&bytes), "{name}");
            let mut front = read.front_end().unwrap();
            let result = learned.results.iter().find(|result| result.method == method).unwrap();
            for (&r, expected) in fold.test.iter().zip(&result.predictions) {
                let samples: Vec<T> =
                    collection.recordings[r].samples.read().unwrap().iter().map(|&x| T::from_f64(x)).collect();
                let found = read.scores(&front.frames(&samples), front.bands().count()).prediction();
                assert_eq!(found.class, expected.class, "{name}");
                let found: Vec<f64> = found.log_probabilities.iter().map(|p| p.to_f64()).collect();
                assert_eq!(found, expected.log_probabilities, "{name}");
                assert!(read.rejection.is_some());
            }
        }
    }

    #[test]
    fn every_method_predicts_the_same_after_saving_and_reading() {
        for (_, transform) in TRANSFORMS {
            let front_end = FrontEndSettings { transform, bands: 12, coefficients: 7, ..FrontEndSettings::default() };
            saved_and_read::<f32>(&PipelineSettings { front_end, ..fixture::settings() });
        }
        let (normalization, decoder) = (Normalization::Squash, Activation::Sigmoid);
        saved_and_read::<f64>(&PipelineSettings { normalization, decoder, ..fixture::settings() });
    }

    /// The model file after each of the forms in which it can be exchanged.
    fn exchanged(file: &ModelFile) -> Vec<ModelFile> {
        let missing = |name: &str| ExchangeError::Missing(name.into());
        let files: BTreeMap<_, _> = exchange::to_npy(file).unwrap().into_iter().collect();
        let folder = Description::parse(&files[exchange::SETTINGS_FILE]).unwrap();
        let from_folder = folder.model(|name| {
            let bytes = files.get(&exchange::npy_name(name)).ok_or_else(|| missing(name))?;
            exchange::from_npy(name, bytes)
        });
        let bytes = exchange::to_safetensors(file).unwrap();
        let (description, mut arrays) = exchange::from_safetensors(&bytes).unwrap();
        let from_file = description.model(|name| arrays.remove(name).ok_or_else(|| missing(name)));
        assert_eq!(folder, description);
        [from_folder, from_file].map(Result::unwrap).to_vec()
    }

    /// Each method keeps every bit when it is exchanged, and its program loads exactly its tensors.
    fn exchanged_as_arrays<T: Real>(settings: &PipelineSettings) {
        let fold = fixture::fold();
        let (collection, prepared, learned) = trained::<T>(settings, &fold);
        for (name, method) in METHODS {
            let saved =
                classifier(settings, &collection, &prepared, &fold, &learned, method, &[(&fold, &learned.results)])
                    .unwrap()
                    .unwrap();
            let mut file = encode(&saved);
            file.set("run.accuracy", "0.5");
            for read in exchanged(&file) {
                assert_eq!(check(&read), Ok(()), "{name}");
                assert_eq!(model::encode(&read), model::encode(&file), "{name}");
            }
            let program = export_torch::program(&saved);
            for member in &saved.members {
                let line = format!("self.add_module(\"{}\", ", member.method.name());
                assert_eq!(program.matches(&line).count(), 1, "{name}");
            }
            assert!(program.lines().all(|line| line.len() <= 100), "{name}");
            let unfilled = ["{method}", "{bands}", "{members}", "{combination}", "{precision}"];
            assert!(!unfilled.iter().any(|gap| program.contains(gap)), "{name}");

            let mut changed = file.clone();
            let mut names: Vec<String> = file.tensors.iter().map(|tensor| tensor.name.clone()).collect();
            without_measurements(&mut changed.settings, &mut names);
            changed.tensors.retain(|tensor| names.contains(&tensor.name));
            assert_eq!((check(&changed), changed.find("run.accuracy")), (Ok(()), None));
            assert!(decode::<T>(&changed).unwrap().rejection.is_none(), "{name}");

            let mut renamed = file.clone();
            renamed.tensors[0].name += ".old";
            assert!(matches!(check(&renamed), Err(ModelError::Missing(_))), "{name}");
            file.put("surplus", &[1], &[T::ONE]);
            assert_eq!(check(&file), Err(ModelError::Unknown("surplus".into())));
        }
    }

    #[test]
    fn every_method_is_exchanged_without_a_change() {
        exchanged_as_arrays::<f32>(&fixture::settings());
        let (normalization, decoder) = (Normalization::Squash, Activation::Sigmoid);
        exchanged_as_arrays::<f64>(&PipelineSettings { normalization, decoder, ..fixture::settings() });
    }

    #[test]
    fn a_model_trained_on_all_recordings_has_no_test_results() {
        let settings = fixture::settings();
        let fold = Fold { name: "none".into(), train: (0..12).collect(), test: Vec::new() };
        let (collection, prepared, learned) = trained::<f32>(&settings, &fold);
        for result in &learned.results {
            assert_eq!((result.files.total(), result.predictions.len()), (0, 0));
        }
        let saved = classifier(
            &settings,
            &collection,
            &prepared,
            &fold,
            &learned,
            Method::Ensemble,
            &[(&fold, &learned.results)],
        )
        .unwrap()
        .unwrap();
        assert_eq!(saved.rejection.unwrap().least_probability, None);
        // The test recordings of two folds: the least probability of all that are correct, as 99% of a few are all.
        let folds = [(0..6).collect::<Vec<usize>>(), (6..12).collect()];
        let folds = folds.map(|test| Fold {
            name: "half".into(),
            train: (0..12).filter(|r| !test.contains(r)).collect(),
            test,
        });
        let results: Vec<Vec<MethodResult>> =
            folds.iter().map(|fold| trained::<f32>(&settings, fold).2.results).collect();
        let pairs: Vec<(&Fold, &[MethodResult])> = folds.iter().zip(&results).map(|(f, r)| (f, &r[..])).collect();
        let all = least_probability(&collection, &pairs, Method::SparsePooled).unwrap();
        let each = pairs.iter().filter_map(|&pair| least_probability(&collection, &[pair], Method::SparsePooled));
        assert_eq!(all, each.fold(1.0, f64::min));
    }

    #[test]
    fn a_model_for_a_board_has_the_bits_of_the_run() {
        let (settings, fold) = (fixture::settings(), fixture::fold());
        let (collection, prepared, learned) = trained::<f32>(&settings, &fold);
        let saved = |method| {
            classifier(&settings, &collection, &prepared, &fold, &learned, method, &[(&fold, &learned.results)])
                .unwrap()
                .unwrap()
        };
        for method in [Method::SparsePooled, Method::StackedPooled, Method::Convolutional] {
            let model = deployed(&saved(method)).unwrap();
            let result = learned.results.iter().find(|result| result.method == method).unwrap();
            for (&r, expected) in fold.test.iter().zip(&result.predictions) {
                let samples = &collection.recordings[r].samples.read().unwrap();
                let tables = model.tables_for(samples.len()).unwrap();
                let tables = tables.model();
                let mut memory = vec![f32::NAN; tables.sizes.memory()];
                let mut predictor = Predictor::new(&tables, &mut memory).unwrap();
                predictor.push_samples(samples.iter().map(|&x| x as f32)).unwrap();
                let found = predictor.classify().unwrap();
                let found: Vec<f64> = found.log_probabilities.iter().map(|&p| p.into()).collect();
                assert_eq!(found, expected.log_probabilities, "{}", method.name());
            }
        }
        assert_eq!(deployed(&saved(Method::Ensemble)), Err(ExportError::Method("ensemble")));
        let mut three = saved(Method::Convolutional);
        let TrainedModel::Networks(model) = &mut three.members[0].model else { panic!("no network") };
        model.thetas = vec![model.thetas[0].clone(); 3];
        assert_eq!(deployed(&three), Err(ExportError::Networks(3)));
        let (collection, prepared, learned) = trained::<f64>(&settings, &fold);
        let double = classifier(
            &settings,
            &collection,
            &prepared,
            &fold,
            &learned,
            Method::SparsePooled,
            &[(&fold, &learned.results)],
        )
        .unwrap()
        .unwrap();
        assert_eq!(deployed(&double), Err(ExportError::Precision("f64")));
    }

    #[test]
    fn settings_and_tensors_that_lie_are_errors() {
        let (settings, fold) = (fixture::settings(), fixture::fold());
        let (collection, prepared, learned) = trained::<f32>(&settings, &fold);
        let saved = classifier(
            &settings,
            &collection,
            &prepared,
            &fold,
            &learned,
            Method::Ensemble,
            &[(&fold, &learned.results)],
        )
        .unwrap()
        .unwrap();
        let good = encode(&saved);
        let samples: Vec<f32> = collection.recordings[0].samples.read().unwrap().iter().map(|&x| x as f32).collect();
        // A file that is accepted classifies the shortest recording.
        let accepted = |file| {
            let Ok(read) = decode::<f32>(&file) else { return false };
            let mut front = read.front_end().unwrap();
            if read.shortest <= samples.len() {
                let _ = read.scores(&front.frames(&samples), front.bands().count()).prediction();
            }
            true
        };
        assert!(accepted(good.clone()));
        for i in 0..good.settings.len() {
            for value in ["", "0", "1", "7", "-1", "4294967295", "18446744073709551615", "NaN", "inf", "mel", "2,3"] {
                let mut file = good.clone();
                file.settings[i].1 = value.into();
                let _ = accepted(file);
            }
            let mut file = good.clone();
            let (name, _) = file.settings.remove(i);
            let is_optional = name.starts_with("label.1") || name.starts_with("reject.") || name == "shortest";
            assert!(
                !accepted(file) || is_optional || name.ends_with("layers") || name.ends_with("normalizer"),
                "{name}"
            );
        }
        // A hundred networks would only lack their tensors.
        for (networks, expected) in [("100", None), ("101", Some(NETWORKS))] {
            let mut file = good.clone();
            let setting = file.settings.iter_mut().find(|(name, _)| name == "convolutional.networks").unwrap();
            setting.1 = networks.into();
            let error = decode::<f32>(&file).map(|_| ()).unwrap_err();
            match expected {
                Some(limit) => assert!(matches!(error, ModelError::Limit(error) if error.limit == limit), "{error}"),
                None => assert!(matches!(error, ModelError::Missing(_)), "{error}"),
            }
        }
        for i in 0..good.tensors.len() {
            let mut file = good.clone();
            file.tensors.remove(i);
            assert!(!accepted(file));
            for wrong in [[].to_vec(), [0].to_vec(), [1, 1].to_vec(), [1, 1, 3, 3].to_vec(), [usize::MAX, 2].to_vec()] {
                let mut file = good.clone();
                file.tensors[i].shape = wrong;
                assert!(!accepted(file), "{}", good.tensors[i].name);
            }
        }
    }
}
