//! Trained classifiers of sounds as model files: the names of their settings and tensors.
//!
//! [`storage::model`](crate::storage::model) documents the bytes. The settings:
//!
//! | name | value |
//! | --- | --- |
//! | method, precision | a name of [`METHODS`]; f32 or f64 |
//! | rate, frame, hop, shortest | Hz, and samples |
//! | transform, floor | a name of [`TRANSFORMS`], and the number added to the power |
//! | scale, bands; coefficients; highest-bin | of mel bands; of a cepstrum; of the power spectrum, in Hz |
//! | front-end-shortest | of constant-Q: samples of the shortest training recording |
//! | label.K | the label of class K, counted from 0 |
//! | context.width, context.step | frames of a context window, and from one to the next |
//! | METHOD.normalizer | whiten or squash |
//! | METHOD.layers | the number of sigmoid layers on the windows |
//! | METHOD.regions | regions of time; of convolved-pooled, of time and of bands |
//! | METHOD.pooling | max or mean |
//! | METHOD.networks, METHOD.image, METHOD.range | their number; rows and columns; ln, or inf |
//! | reject.farthest, reject.least-probability | the limits of [`rejection`](super::rejection) |
//! | run.* | how the model was trained and tested, for people |
//!
//! METHOD is the name of the method, or of each member of an ensemble. The tensors, with n elements in a window, u
//! units of a layer, f pooled features, k classes, r x c maps:
//!
//! | name | shape |
//! | --- | --- |
//! | METHOD.whitening.mean, .basis | n; components x n |
//! | METHOD.squash.deviation | a single number |
//! | METHOD.encoder.L.weight, .bias | u x inputs; u (L counted from 1) |
//! | METHOD.patches.weight, .bias | features x 1 x frames x bands of a patch; features |
//! | METHOD.N.conv.L.weight, .bias | filters x maps x rows x columns; filters (network N, layer L, counted from 1) |
//! | METHOD.N.softmax.weight, .bias | k x elements of the last maps, in the order map, row, column; k |
//! | METHOD.scaler.mean, .deviation | f; f |
//! | METHOD.softmax.weight, .bias | k x f; k |
//! | reject.mean, reject.basis | 3·bands; components x 3·bands, in f64 |

use super::classifier::{Member, NetworkModel, PatchModel, SoundClassifier, TrainedModel, WindowModel, WindowTop};
use super::evaluation::Pooled;
use super::front_end::FrontEnd;
use super::methods::{ENSEMBLE, METHODS, Method};
use super::preprocessing::Normalizer;
use super::rejection::Rejection;
use super::settings::{FrontEndSettings, TRANSFORMS, Transform};
use super::sound_network::{ConvolutionalSettings, LAYERS, network, spectrogram_image};
use super::training::TrainedClassifier;
use crate::audio::frames::Framing;
use crate::bytes::limits::{BANDS, FRAME, IMAGE, LABELS, NETWORKS, OVERLAP, REGIONS, SAMPLING_RATE, WINDOW};
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::normalize::{Squash, StandardScaler};
use crate::dataset::whiten::Whitening;
use crate::matrix::Matrix;
use crate::model::Softmax;
use crate::model::convolution::PoolingMode;
use crate::model::convolved_features::ConvolvedFeatures;
use crate::model::network::Network;
use crate::model::parameters::Block;
use crate::model::stacked::DenseWeights;
use crate::number::{Random, Real};
use crate::picture::bands::Bands;
use crate::spectrum::mel::{SCALES, Scale};
use crate::storage::array::Array;
use crate::storage::exchange::{Description, ExchangeError};
use crate::storage::model::{ModelError, ModelFile};
use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// How a region is pooled, by name.
const POOLING: [(&str, PoolingMode); 2] = [("mean", PoolingMode::Mean), ("max", PoolingMode::Max)];

/// Settings of files of version 1 alone.
const OF_VERSION_1: [&str; 3] = ["norm", "lowest", "highest"];

/// The name of a choice.
fn name_of<V: PartialEq>(choices: &[(&'static str, V)], value: &V) -> &'static str {
    choices.iter().find(|(_, choice)| choice == value).map_or("", |(name, _)| name)
}

/// The classifier as a model file, without settings of the run.
pub fn encode<T: Real>(classifier: &SoundClassifier<T>) -> ModelFile {
    let mut file = ModelFile::default();
    let FrontEndSettings { transform, scale, bands, highest_bin, coefficients, floor } = classifier.front_end;
    file.set("method", classifier.method.name());
    file.set("precision", T::NAME);
    file.set("rate", classifier.rate);
    file.set("frame", classifier.framing.length);
    file.set("hop", classifier.framing.hop);
    file.set("shortest", classifier.shortest);
    file.set("transform", transform.name());
    file.set("floor", floor);
    if matches!(transform, Transform::Mel | Transform::Cepstrum) {
        file.set("scale", name_of(&SCALES, &scale));
        file.set("bands", bands);
    }
    match transform {
        Transform::Cepstrum => file.set("coefficients", coefficients),
        Transform::Fft => file.set("highest-bin", highest_bin),
        Transform::ConstantQ => file.set("front-end-shortest", classifier.front_end_shortest),
        Transform::Mel | Transform::Bark | Transform::Chroma => {}
    }
    for (k, label) in classifier.labels.iter().enumerate() {
        file.set(format!("label.{k}"), label);
    }
    let windows = classifier.members.iter().find_map(|member| match &member.model {
        TrainedModel::Windows(model) => Some(model.context),
        _ => None,
    });
    if let Some(ContextFraming { width, step }) = windows {
        file.set("context.width", width);
        file.set("context.step", step);
    }
    for Member { method, model } in &classifier.members {
        let prefix = method.name();
        match model {
            TrainedModel::Windows(model) => put_windows(&mut file, prefix, model),
            TrainedModel::Patches(model) => put_patches(&mut file, prefix, model),
            TrainedModel::Networks(model) => put_networks(&mut file, prefix, model),
        }
    }
    if let Some(Rejection { mean, basis, farthest, least_probability }) = &classifier.rejection {
        file.set("reject.farthest", farthest);
        if let Some(least) = least_probability {
            file.set("reject.least-probability", least);
        }
        file.put("reject.mean", &[mean.len()], mean);
        file.put_matrix("reject.basis", basis);
    }
    file
}

fn put_windows<T: Real>(file: &mut ModelFile, prefix: &str, model: &WindowModel<T>) {
    match &model.normalizer {
        Normalizer::Squash(squash) => {
            file.set(format!("{prefix}.normalizer"), "squash");
            file.put(format!("{prefix}.squash.deviation"), &[], &[squash.deviation]);
        }
        Normalizer::Whiten(whitening) => {
            file.set(format!("{prefix}.normalizer"), "whiten");
            file.put(format!("{prefix}.whitening.mean"), &[whitening.mean.len()], &whitening.mean);
            file.put_matrix(format!("{prefix}.whitening.basis"), &whitening.basis);
        }
    }
    file.set(format!("{prefix}.layers"), model.layers.len());
    for (l, layer) in (1..).zip(&model.layers) {
        file.put_matrix(format!("{prefix}.encoder.{l}.weight"), &layer.weights);
        file.put(format!("{prefix}.encoder.{l}.bias"), &[layer.bias.len()], &layer.bias);
    }
    match &model.top {
        WindowTop::Each(regression) => put_softmax(file, prefix, regression),
        WindowTop::Pooled(regions, pooled) => {
            file.set(format!("{prefix}.regions"), regions);
            put_pooled(file, prefix, pooled);
        }
    }
}

fn put_patches<T: Real>(file: &mut ModelFile, prefix: &str, model: &PatchModel<T>) {
    let PatchModel { features: ConvolvedFeatures { size, layer }, kind, regions, pooled } = model;
    file.set(format!("{prefix}.regions"), format!("{},{}", regions[0], regions[1]));
    file.set(format!("{prefix}.pooling"), name_of(&POOLING, kind));
    let shape = [layer.bias.len(), 1, size[0], size[1]];
    file.put(format!("{prefix}.patches.weight"), &shape, layer.weights.elements());
    file.put(format!("{prefix}.patches.bias"), &[layer.bias.len()], &layer.bias);
    put_pooled(file, prefix, pooled);
}

fn put_networks<T: Real>(file: &mut ModelFile, prefix: &str, model: &NetworkModel<T>) {
    let [rows, columns] = model.image.size();
    file.set(format!("{prefix}.networks"), model.thetas.len());
    file.set(format!("{prefix}.image"), format!("{rows},{columns}"));
    file.set(format!("{prefix}.range"), model.range);
    for (n, theta) in (1..).zip(&model.thetas) {
        for (name, shape, block) in network_tensors(&model.network, &format!("{prefix}.{n}")) {
            file.put(name, &shape, block.values(theta));
        }
    }
}

/// The tensors of a network: the name, the shape, and the block of θ of each.
fn network_tensors(network: &Network, prefix: &str) -> Vec<(String, Vec<usize>, Block)> {
    let mut tensors = Vec::new();
    for (l, pair) in (1..).zip(network.blocks().chunks(2)) {
        let (weights, bias) = (&pair[0], &pair[1]);
        let (layer, shape) = match l {
            1..=LAYERS => (format!("conv.{l}"), Vec::from([weights.rows, weights.columns / 9, 3, 3])),
            _ => ("softmax".to_string(), Vec::from([weights.rows, weights.columns])),
        };
        tensors.push((format!("{prefix}.{layer}.weight"), shape, weights.clone()));
        tensors.push((format!("{prefix}.{layer}.bias"), Vec::from([bias.rows]), bias.clone()));
    }
    tensors
}

fn put_pooled<T: Real>(file: &mut ModelFile, prefix: &str, pooled: &Pooled<T>) {
    let StandardScaler { means, deviations } = &pooled.standard;
    file.put(format!("{prefix}.scaler.mean"), &[means.len()], means);
    file.put(format!("{prefix}.scaler.deviation"), &[deviations.len()], deviations);
    put_softmax(file, prefix, &pooled.regression);
}

fn put_softmax<T: Real>(file: &mut ModelFile, prefix: &str, regression: &TrainedClassifier<Softmax, T>) {
    let [theta, b] = regression.model.blocks();
    file.put(format!("{prefix}.softmax.weight"), &[theta.rows, theta.columns], theta.values(&regression.theta));
    file.put(format!("{prefix}.softmax.bias"), &[b.rows], b.values(&regression.theta));
}

/// The classifier in a model file, checked so that it can classify every recording of
/// [`shortest`](SoundClassifier::shortest) samples or more.
///
/// # Errors
/// The first setting or tensor that is missing, impossible, or does not fit the others.
pub fn decode<T: Real>(file: &ModelFile) -> Result<SoundClassifier<T>, ModelError> {
    let method = file.choice("method", &METHODS)?;
    if file.text("precision")? != T::NAME {
        return Err(ModelError::Value("precision".into()));
    }
    let rate = positive(file, "rate")?;
    let rate = u32::try_from(rate).map_err(|_| ModelError::Value("rate".into()))?;
    SAMPLING_RATE.check(rate.into())?;
    let framing = Framing { length: positive(file, "frame")?, hop: positive(file, "hop")? };
    FRAME.check(framing.length as u64)?;
    if framing.length < 2 {
        return Err(ModelError::Value("frame".into()));
    }
    OVERLAP.check(framing.length.div_ceil(framing.hop) as u64)?;
    // No samples lie between the frames, so the time that a sound takes to make follows the size of the frames.
    if framing.hop > framing.length {
        return Err(ModelError::Value("hop".into()));
    }
    let front_end = front_end(file)?;
    let mut labels: Vec<String> = Vec::new();
    // One pass: to look up each of n labels among all settings would take time n².
    let settings = file.settings.iter();
    let named: BTreeMap<&str, &String> =
        settings.filter_map(|(name, value)| Some((name.strip_prefix("label.")?, value))).collect();
    while let Some(&label) = named.get(&*labels.len().to_string()) {
        if labels.contains(label) {
            return Err(ModelError::Twice(format!("label {label}")));
        }
        labels.push(label.clone());
        LABELS.check(labels.len() as u64)?;
    }
    if labels.is_empty() {
        return Err(ModelError::Missing("label.0".into()));
    }
    let front_end_shortest = match front_end.transform {
        Transform::ConstantQ => positive(file, "front-end-shortest")?,
        _ => framing.length,
    };
    let front = FrontEnd::<T>::new(&front_end, framing, rate, front_end_shortest);
    let front = front.map_err(|error| ModelError::Value(format!("the front end ({error})")))?;
    let bands = front.bands().count();
    if bands == 0 {
        return Err(ModelError::Value("highest-bin".into()));
    }
    let members = if method == Method::Ensemble { ENSEMBLE.to_vec() } else { Vec::from([method]) };
    let (mut needed, classes) = (framing.length, labels.len());
    let mut decoded = Vec::new();
    for method in members {
        let name = method.name();
        let model = match method {
            Method::ConvolvedPooled => TrainedModel::Patches(patches(file, name, bands, classes)?),
            Method::Convolutional => TrainedModel::Networks(networks(file, name, front.bands(), classes)?),
            _ => {
                let model = windows(file, name, bands, method, classes)?;
                let rest = framing.hop.checked_mul(model.context.width - 1);
                let window = rest.and_then(|rest| rest.checked_add(framing.length)).unwrap_or(usize::MAX);
                WINDOW.check(window as u64)?;
                needed = needed.max(window);
                TrainedModel::Windows(model)
            }
        };
        decoded.push(Member { method, model });
    }
    let shortest = if file.find("shortest").is_some() { positive(file, "shortest")? } else { needed };
    if shortest < needed {
        return Err(ModelError::Value("shortest".into()));
    }
    let rejection = rejection(file, bands)?;
    Ok(SoundClassifier {
        method,
        rate,
        front_end,
        framing,
        shortest,
        front_end_shortest,
        labels,
        members: decoded,
        rejection,
    })
}

/// Checks that a model file holds a classifier that [`decode`] reads, and nothing else but `run.*`.
///
/// # Errors
/// Those of [`decode`], and a setting or tensor that the classifier does not use.
pub(crate) fn check(file: &ModelFile) -> Result<(), ModelError> {
    match file.find("precision") {
        Some("f64") => check_in::<f64>(file),
        _ => check_in::<f32>(file),
    }
}

fn check_in<T: Real>(file: &ModelFile) -> Result<(), ModelError> {
    let used = encode(&decode::<T>(file)?);
    let used: BTreeSet<&str> = (used.settings.iter().map(|(name, _)| &**name))
        .chain(used.tensors.iter().map(|tensor| &*tensor.name))
        .chain(OF_VERSION_1)
        .collect();
    let settings = file.settings.iter().map(|(name, _)| name).filter(|name| !name.starts_with("run."));
    match settings.chain(file.tensors.iter().map(|tensor| &tensor.name)).find(|name| !used.contains(&***name)) {
        Some(name) => Err(ModelError::Unknown(name.clone())),
        None => Ok(()),
    }
}

/// The model file of arrays that another program may have changed, checked: `get` returns the array of a name. If it
/// may be changed, what was measured with the parameters before is left out.
///
/// # Errors
/// Those of `get`; if the arrays are no classifier; if they must not be changed, and are.
#[doc(hidden)]
pub fn import<E: From<ExchangeError>>(
    mut description: Description,
    may_be_changed: bool,
    get: impl FnMut(&str) -> Result<Array, E>,
) -> Result<ModelFile, E> {
    if may_be_changed {
        without_measurements(&mut description.settings, &mut description.tensors);
    }
    let model = description.model(get)?;
    check(&model).map_err(ExchangeError::Model)?;
    if !may_be_changed {
        description.check(&model)?;
    }
    Ok(model)
}

/// Removes the names of what was measured with other parameters: accuracies, digests, and the limits of rejection.
pub(crate) fn without_measurements(settings: &mut Vec<(String, String)>, tensors: &mut Vec<String>) {
    const MEASURED: [&str; 5] = ["run.tested-on", "run.accuracy", "run.tested", "run.digest", CHANGED];
    let is_of_rejection = |name: &str| name.starts_with("reject.");
    settings.retain(|(name, _)| !is_of_rejection(name) && !MEASURED.contains(&&**name));
    settings.push((CHANGED.into(), "by another program, after the training above".into()));
    tensors.retain(|name| !is_of_rejection(name));
}

/// The setting that tells people that another program changed the parameters.
const CHANGED: &str = "run.changed";

/// A number of at least 1.
fn positive(file: &ModelFile, name: &str) -> Result<usize, ModelError> {
    let n: usize = file.parsed(name)?;
    if n > 0 { Ok(n) } else { Err(ModelError::Value(name.into())) }
}

/// Two numbers of at least 1, with a comma between them.
fn pair(file: &ModelFile, name: &str) -> Result<[usize; 2], ModelError> {
    let numbers = file.text(name)?.split_once(',').and_then(|(a, b)| Some([a.parse().ok()?, b.parse().ok()?]));
    numbers.filter(|pair: &[usize; 2]| !pair.contains(&0)).ok_or_else(|| ModelError::Value(name.into()))
}

fn front_end(file: &ModelFile) -> Result<FrontEndSettings, ModelError> {
    let mut settings = FrontEndSettings { transform: file.choice("transform", &TRANSFORMS)?, ..Default::default() };
    settings.floor = file.parsed("floor")?;
    if !(settings.floor > 0.0 && settings.floor.is_finite()) {
        return Err(ModelError::Value("floor".into()));
    }
    match settings.transform {
        Transform::Mel | Transform::Cepstrum => {
            settings.scale = file.choice::<Scale>("scale", &SCALES)?;
            settings.bands = positive(file, "bands")?;
            BANDS.check(settings.bands as u64)?;
            settings.coefficients = settings.coefficients.min(settings.bands);
        }
        Transform::Fft => settings.highest_bin = file.parsed("highest-bin")?,
        Transform::Bark | Transform::Chroma | Transform::ConstantQ => {}
    }
    if settings.transform == Transform::Cepstrum {
        settings.coefficients = positive(file, "coefficients")?;
        if settings.coefficients > settings.bands {
            return Err(ModelError::Value("coefficients".into()));
        }
    }
    // Version 1 could state other bands than those that the front end has.
    let rate: f64 = file.parsed("rate")?;
    for (name, expected) in OF_VERSION_1.into_iter().zip(["area".to_string(), "0".into(), (rate / 2.0).to_string()]) {
        if file.find(name).is_some_and(|found| found != expected) {
            return Err(ModelError::Value(name.into()));
        }
    }
    Ok(settings)
}

fn windows<T: Real>(
    file: &ModelFile,
    prefix: &str,
    bands: usize,
    method: Method,
    classes: usize,
) -> Result<WindowModel<T>, ModelError> {
    let context = ContextFraming { width: positive(file, "context.width")?, step: positive(file, "context.step")? };
    let too_large = || ModelError::Value("context.width".into());
    let elements = context.width.checked_mul(bands).ok_or_else(too_large)?;
    let name = |rest: &str| format!("{prefix}.{rest}");
    let is_squashed = file.find(&name("normalizer")).is_some_and(|word| word == "squash");
    let (normalizer, mut units) = if is_squashed {
        let deviation = file.values(&name("squash.deviation"), &[])?[0];
        (Normalizer::Squash(Squash { deviation }), elements)
    } else {
        let [components, _] = file.size(&name("whitening.basis"))?;
        let mean = file.values(&name("whitening.mean"), &[elements])?;
        let basis = file.matrix(&name("whitening.basis"), [components, elements])?;
        (Normalizer::Whiten(Whitening::from_basis(mean, basis)), components)
    };
    let expected = match method {
        Method::RawWindows => 0,
        Method::SparseWindows | Method::SparsePooled => 1,
        _ => 2,
    };
    let mut layers = Vec::new();
    for l in 1..=expected {
        let (weight, bias) = (name(&format!("encoder.{l}.weight")), name(&format!("encoder.{l}.bias")));
        let [outputs, _] = file.size(&weight)?;
        layers.push(DenseWeights {
            weights: file.matrix(&weight, [outputs, units])?,
            bias: file.values(&bias, &[outputs])?,
        });
        units = outputs;
    }
    let top = match method {
        Method::SparsePooled | Method::StackedPooled => {
            let regions = positive(file, &name("regions"))?;
            REGIONS.check(regions as u64)?;
            let features = regions.checked_mul(units).ok_or_else(|| ModelError::Value(name("regions")))?;
            WindowTop::Pooled(regions, pooled(file, prefix, features, classes)?)
        }
        _ => WindowTop::Each(softmax(file, prefix, units, classes)?),
    };
    Ok(WindowModel { context, normalizer, layers, top })
}

fn patches<T: Real>(file: &ModelFile, prefix: &str, bands: usize, classes: usize) -> Result<PatchModel<T>, ModelError> {
    let name = |rest: &str| format!("{prefix}.{rest}");
    let regions = pair(file, &name("regions"))?;
    for count in regions {
        REGIONS.check(count as u64)?;
    }
    let kind = file.choice(&name("pooling"), &POOLING)?;
    let weight = name("patches.weight");
    let [features, 1, rows, columns] = file.tensor(&weight)?.shape[..] else {
        return Err(ModelError::Value(format!("the dimensions of '{weight}'")));
    };
    if [features, rows, columns].contains(&0) || columns > bands || rows > FRAME.length() {
        return Err(ModelError::Value(format!("the dimensions of '{weight}'")));
    }
    let weights = Matrix::from_rows(features, rows * columns, file.values(&weight, &[features, 1, rows, columns])?);
    let layer = DenseWeights { weights, bias: file.values(&name("patches.bias"), &[features])? };
    let count = features.checked_mul(regions[0]).and_then(|n| n.checked_mul(regions[1]));
    let count = count.ok_or_else(|| ModelError::Value(name("regions")))?;
    let pooled = pooled(file, prefix, count, classes)?;
    Ok(PatchModel { features: ConvolvedFeatures { size: [rows, columns], layer }, kind, regions, pooled })
}

fn networks<T: Real>(
    file: &ModelFile,
    prefix: &str,
    bands: &Bands,
    classes: usize,
) -> Result<NetworkModel<T>, ModelError> {
    let name = |rest: &str| format!("{prefix}.{rest}");
    let size = pair(file, &name("image"))?;
    let points = size[0].saturating_mul(size[1]);
    IMAGE.check(points as u64)?;
    let range: f64 = file.parsed(&name("range"))?;
    if !(range > 0.0) {
        return Err(ModelError::Value(name("range")));
    }
    let count = positive(file, &name("networks"))?;
    NETWORKS.check(count as u64)?;
    let mut settings = ConvolutionalSettings::default();
    for (l, filters) in (1..).zip(&mut settings.filters) {
        // A file of this many filters holds a weight for each.
        let weight = name(&format!("1.conv.{l}.weight"));
        *filters = file.tensor(&weight)?.shape.first().copied().unwrap_or(0);
        if *filters == 0 || *filters > file.tensor(&weight)?.values.len() {
            return Err(ModelError::Value(format!("the dimensions of '{weight}'")));
        }
    }
    let network = network(&settings, size, classes);
    let mut thetas = Vec::new();
    for n in 1..=count {
        let mut theta = Vec::new();
        for (name, shape, _) in network_tensors(&network, &name(&n.to_string())) {
            theta.extend(file.values::<T>(&name, &shape)?);
        }
        thetas.push(theta);
    }
    Ok(NetworkModel { image: spectrogram_image(bands, size), range, network, thetas })
}

fn pooled<T: Real>(file: &ModelFile, prefix: &str, features: usize, classes: usize) -> Result<Pooled<T>, ModelError> {
    let means = file.values(&format!("{prefix}.scaler.mean"), &[features])?;
    let deviations = file.values(&format!("{prefix}.scaler.deviation"), &[features])?;
    let regression = softmax(file, prefix, features, classes)?;
    Ok(Pooled { standard: StandardScaler { means, deviations }, regression })
}

fn softmax<T: Real>(
    file: &ModelFile,
    prefix: &str,
    features: usize,
    classes: usize,
) -> Result<TrainedClassifier<Softmax, T>, ModelError> {
    let mut theta = file.values(&format!("{prefix}.softmax.weight"), &[classes, features])?;
    theta.extend(file.values::<T>(&format!("{prefix}.softmax.bias"), &[classes])?);
    let model = Softmax { features, classes, bias: true, weight_decay: 0.0 };
    Ok(TrainedClassifier { model, theta })
}

fn rejection(file: &ModelFile, bands: usize) -> Result<Option<Rejection>, ModelError> {
    if file.find("reject.farthest").is_none() {
        return Ok(None);
    }
    let number = |name: &str| {
        let number: f64 = file.parsed(name)?;
        if number >= 0.0 { Ok(number) } else { Err(ModelError::Value(name.into())) }
    };
    let [components, _] = file.size("reject.basis")?;
    let least = file.find("reject.least-probability").map(|_| number("reject.least-probability"));
    Ok(Some(Rejection {
        mean: file.values("reject.mean", &[3 * bands])?,
        basis: file.matrix("reject.basis", [components, 3 * bands])?,
        farthest: number("reject.farthest")?,
        least_probability: least.transpose()?,
    }))
}

/// A small model of sparse-pooled with random parameters, for tests: 20 mel bands at 8000 Hz.
#[doc(hidden)]
pub fn example(labels: &[&str]) -> ModelFile {
    let mut file = ModelFile::default();
    for (name, value) in [
        ("method", "sparse-pooled"),
        ("precision", "f32"),
        ("rate", "8000"),
        ("frame", "256"),
        ("hop", "80"),
        ("shortest", "416"),
        ("transform", "mel"),
        ("floor", "0.000001"),
        ("scale", "slaney"),
        ("bands", "20"),
        ("context.width", "3"),
        ("context.step", "1"),
        ("sparse-pooled.normalizer", "whiten"),
        ("sparse-pooled.layers", "1"),
        ("sparse-pooled.regions", "9"),
    ] {
        file.set(name, value);
    }
    for (k, label) in labels.iter().enumerate() {
        file.set(format!("label.{k}"), label);
    }
    let mut random = Random::new(5);
    let (window, components, features, pooled) = (60, 17, 50, 450);
    let tensors: [(&str, &[usize], [f64; 2]); 8] = [
        ("whitening.mean", &[window], [-0.5, 0.5]),
        ("whitening.basis", &[components, window], [-0.3, 0.3]),
        ("encoder.1.weight", &[features, components], [-0.5, 0.5]),
        ("encoder.1.bias", &[features], [-1.0, 0.0]),
        ("scaler.mean", &[pooled], [0.0, 0.5]),
        ("scaler.deviation", &[pooled], [0.1, 0.5]),
        ("softmax.weight", &[labels.len(), pooled], [-0.1, 0.1]),
        ("softmax.bias", &[labels.len()], [-0.1, 0.1]),
    ];
    for (name, shape, [from, to]) in tensors {
        let count = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..count).map(|_| random.uniform(from, to)).collect();
        file.put(format!("sparse-pooled.{name}"), shape, &values);
    }
    file
}
