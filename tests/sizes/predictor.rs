//! Predictors: shapes that do not fit their tables, memories of any length.

use super::{Draw, Test, outcome};
use ossicle::predictor::deployed::{DeployedClassifier, DeployedModel, convolutional_example, pooled_example};
use ossicle::predictor::{ClassifierSizes, Model, Predictor, PredictorError, PredictorSizes};
use ossicle::storage::export_c;

pub const TESTS: &[(&str, Test)] = &[("shapes", shapes), ("predictors", predictors), ("models", models)];

/// A model of either kind, with one layer or several.
fn example(draw: &mut Draw) -> DeployedModel {
    match draw.below(3) {
        0 => pooled_example(&[50]),
        1 => pooled_example(&[9, 14]),
        _ => convolutional_example(),
    }
}

/// A shape with some of its sizes drawn anew.
fn drawn(draw: &mut Draw, mut shape: PredictorSizes) -> PredictorSizes {
    for _ in 0..draw.below(4) {
        let (size, layer) = (draw.size(), draw.below(4));
        match (draw.below(10), &mut shape.classifier) {
            (0, _) => shape.frame = size,
            (1, _) => shape.hop = size,
            (2, _) => shape.max_frames = size,
            (3, _) => shape.bands = size,
            (4, _) => shape.classes = size,
            (5, ClassifierSizes::Pooled(pooled)) => pooled.width = size,
            (6, ClassifierSizes::Pooled(pooled)) => pooled.step = size,
            (7, ClassifierSizes::Pooled(pooled)) => pooled.components = size,
            (8, ClassifierSizes::Pooled(pooled)) => pooled.regions = size,
            (_, ClassifierSizes::Pooled(pooled)) => pooled.layers[layer] = size,
            (5 | 6, ClassifierSizes::Convolutional(image)) => image.rows = size,
            (7 | 8, ClassifierSizes::Convolutional(image)) => image.columns = size,
            (_, ClassifierSizes::Convolutional(image)) => image.filters[layer] = size,
        }
    }
    shape
}

/// The elements of the classifier's work space, the parameters below the softmax and the elements that it reads, in 128
/// bits, or the most if there are more.
fn of_classifier(s: &PredictorSizes) -> [u128; 3] {
    let wide = |n: usize| n as u128;
    let product = |factors: &[usize]| factors.iter().fold(1, |product: u128, &n| product.saturating_mul(n as u128));
    let layers = match s.classifier {
        ClassifierSizes::Pooled(pooled) => pooled.layers,
        ClassifierSizes::Convolutional(image) => image.filters,
    };
    let layers: Vec<usize> = layers.into_iter().take_while(|&size| size > 0).collect();
    let total = |parts: Vec<u128>| parts.into_iter().fold(0, u128::saturating_add);
    match s.classifier {
        ClassifierSizes::Pooled(p) => {
            let n = if p.step == 0 || s.max_frames < p.width {
                0
            } else {
                ((s.max_frames - p.width) / p.step).saturating_add(1)
            };
            let most = if p.regions < 2 { n } else { n.div_ceil(p.regions) + 1 };
            let levels = (0..5).find(|&d| most <= 1 << d).unwrap_or(5).max(1);
            let sums = levels + usize::from(most > 32) + usize::from(most > 4096);
            let units = [&[p.components], &layers[..]].concat();
            let (&last, below) = units.split_last().unwrap();
            let hidden = below.iter().map(|&n| wide(n));
            let window = product(&[p.width, s.bands]);
            let memory = total([window, product(&[last, sums])].into_iter().chain(hidden).collect());
            let whitening = window.saturating_mul(wide(p.components) + 1);
            let weights = units.windows(2).map(|pair| wide(pair[1]) * (wide(pair[0]) + 1));
            let scaling = product(&[2, p.regions, last]);
            let parameters = total([whitening, scaling].into_iter().chain(weights).collect());
            [memory, parameters, product(&[p.regions, last])]
        }
        ClassifierSizes::Convolutional(image) => {
            let (mut maps, mut memory, mut taps, mut parameters) = ([1, image.rows, image.columns], 0, 0, 0_u128);
            for filters in layers {
                let [channels, rows, columns] = maps;
                memory = product(&[3, channels, rows]).saturating_add(memory);
                taps = taps.max(9 * wide(channels));
                parameters = parameters.saturating_add(wide(filters).saturating_mul(9 * wide(channels) + 1));
                maps = [filters, rows / if rows < 4 { 1 } else { 2 }, columns / if columns < 4 { 1 } else { 2 }];
            }
            [total(vec![memory, taps, product(&maps)]), parameters, product(&maps)]
        }
    }
}

fn shapes(draw: &mut Draw) {
    let trained = example(draw);
    let tables = trained.tables(1.0).unwrap();
    let shape = drawn(draw, tables.model().sizes);
    let model = Model { sizes: shape, ..tables.model() };
    let wide = |n: usize| n as u128;
    let s = shape;
    let [classifier, below, features] = of_classifier(&s);
    let work = classifier.saturating_add(2 * wide(s.classes)).max(2 * wide(s.frame));
    let memory =
        (wide(s.max_frames) * wide(s.bands)).saturating_add(wide(s.frame) + wide(s.classes)).saturating_add(work);
    let learned = below.saturating_add(features.saturating_mul(wide(s.classes))).saturating_add(wide(s.classes));
    let largest = |n: u128| n.min(usize::MAX as u128) as usize;
    let found = outcome(shape, || (s.features(), s.memory(), s.parameters())).unwrap();
    assert_eq!(found, (largest(features), largest(memory), largest(learned)), "{shape:?}");
    assert!(outcome(shape, || s.seconds()).unwrap() >= 0.0);
    assert!(outcome(shape, || export_c::memory(&model)).unwrap() >= s.memory());
    let frames = draw.size();
    if let ClassifierSizes::Pooled(pooled) = s.classifier {
        let windows = outcome((shape, frames), || pooled.windows(frames)).unwrap();
        assert!(windows == 0 || windows - 1 <= (frames - pooled.width) / pooled.step);
    }
    let checked = outcome(shape, || model.check()).unwrap();
    // These sizes change no table.
    let without = |s: PredictorSizes| {
        let mut s = PredictorSizes { max_frames: 0, hop: 0, ..s };
        match &mut s.classifier {
            ClassifierSizes::Pooled(pooled) => pooled.step = 0,
            // Some sides have the same pooled maps.
            ClassifierSizes::Convolutional(image) => (image.rows, image.columns) = (0, 0),
        }
        s
    };
    let is_same = without(s) == without(tables.model().sizes) && s.features() == tables.model().sizes.features();
    assert!(checked.is_err() || is_same, "{shape:?}");
}

fn predictors(draw: &mut Draw) {
    let trained = example(draw);
    let tables = trained.tables(0.1).unwrap();
    let model = Model { sizes: drawn(draw, tables.model().sizes), ..tables.model() };
    let expected = model.sizes.memory();
    let length = if draw.coin() { expected.min(1 << 16) } else { draw.below(20_000) };
    let mut memory = vec![f32::NAN; length];
    let predictor = outcome((model.sizes, length), || Predictor::new(&model, &mut memory)).unwrap();
    match predictor {
        Err(problem) => assert!(problem != PredictorError::Memory { expected, found: length } || length < expected),
        Ok(mut predictor) => {
            assert!(length >= expected && model.check().is_ok());
            let samples = draw.below(3000);
            let heard =
                outcome((model.sizes, samples), || predictor.push_samples((0..samples).map(|i| (i % 7) as f32 * 0.1)));
            assert!(matches!(heard, Some(Ok(()) | Err(PredictorError::TooLong { .. }))));
            match outcome((model.sizes, samples), || predictor.classify().map(|answer| answer.class)).unwrap() {
                Ok(class) => assert!(class < model.sizes.classes),
                Err(problem) => {
                    assert!(matches!(problem, PredictorError::TooShort { .. }), "{problem}, {:?}", model.sizes)
                }
            }
        }
    }
}

fn models(draw: &mut Draw) {
    let mut trained = example(draw);
    for _ in 0..=draw.below(3) {
        let size = draw.size();
        match (draw.below(7), &mut trained.classifier) {
            (0, _) => trained.framing.length = size,
            (1, _) => trained.framing.hop = size,
            (2, _) => trained.mel.bands = size,
            (3, _) => trained.rate = size as u32,
            (4, DeployedClassifier::Pooled(pooled)) => pooled.context_window.width = size,
            (5, DeployedClassifier::Pooled(pooled)) => pooled.context_window.step = size,
            (_, DeployedClassifier::Pooled(pooled)) => pooled.regions = size,
            (4, DeployedClassifier::Convolutional(image)) => image.range = f32::from_bits(size as u32),
            (_, DeployedClassifier::Convolutional(image)) => image.image[draw.below(2)] = size,
        }
    }
    let seconds = [0.0, 0.5, 3600.0, f64::NAN, 1e300][draw.below(5)];
    if let Some(Ok(tables)) = outcome((&trained.framing, &trained.mel, seconds), || trained.tables(seconds)) {
        assert!(tables.model().check().is_ok());
    }
}
