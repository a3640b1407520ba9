//! Predictors: shapes that do not fit their tables, memories of any length.

use super::{Draw, Test, outcome};
use ossicle::predictor::deployed::example;
use ossicle::predictor::{Model, Predictor, PredictorError, PredictorSizes};
use ossicle::storage::export_c;

pub const TESTS: &[(&str, Test)] = &[("shapes", shapes), ("predictors", predictors), ("models", models)];

/// A shape with some of its sizes drawn anew.
fn drawn(draw: &mut Draw, mut shape: PredictorSizes) -> PredictorSizes {
    for _ in 0..draw.below(4) {
        let size = draw.size();
        match draw.below(10) {
            0 => shape.frame = size,
            1 => shape.hop = size,
            2 => shape.max_frames = size,
            3 => shape.bands = size,
            4 => shape.width = size,
            5 => shape.step = size,
            6 => shape.components = size,
            7 => shape.features = size,
            8 => shape.regions = size,
            _ => shape.classes = size,
        }
    }
    shape
}

fn shapes(draw: &mut Draw) {
    let trained = example();
    let tables = trained.tables(1.0).unwrap();
    let shape = drawn(draw, tables.model().sizes);
    let model = Model { sizes: shape, ..tables.model() };
    let wide = |n: usize| n as u128;
    let s = shape;
    // None is larger than what 128 bits hold but those of three factors, which saturate.
    let windows =
        if s.step == 0 || s.max_frames < s.width { 0 } else { 1 + wide(s.max_frames - s.width) / wide(s.step) };
    let most = if s.regions < 2 { windows } else { windows.div_ceil(wide(s.regions)) + 1 };
    let (window, pooled) = (wide(s.width) * wide(s.bands), wide(s.regions) * wide(s.features));
    let white = most.saturating_mul(wide(s.components) + 1);
    let memory = (3 * wide(s.frame) + 3 * wide(s.classes))
        .saturating_add(wide(s.max_frames) * wide(s.bands))
        .saturating_add(window)
        .saturating_add(white);
    let learned = (window.saturating_add(wide(s.features)).saturating_mul(wide(s.components) + 1))
        .saturating_add(pooled.saturating_mul(wide(s.classes) + 2))
        .saturating_add(wide(s.classes));
    let largest = |n: u128| n.min(usize::MAX as u128) as usize;
    let found = outcome(shape, || (s.window(), s.pooled(), s.max_windows(), s.memory(), s.parameters())).unwrap();
    assert_eq!(
        found,
        (largest(window), largest(pooled), largest(most), largest(memory), largest(learned)),
        "{shape:?}"
    );
    assert!(outcome(shape, || s.seconds()).unwrap() >= 0.0);
    assert!(outcome(shape, || export_c::memory(&model)).unwrap() >= s.memory());
    let frames = draw.size();
    let windows = outcome((shape, frames), || s.windows(frames)).unwrap();
    assert!(windows == 0 || windows - 1 <= (frames - s.width) / s.step);
    let checked = outcome(shape, || model.check()).unwrap();
    let is_same = PredictorSizes { max_frames: 0, hop: 0, step: 0, ..s }
        == PredictorSizes { max_frames: 0, hop: 0, step: 0, ..tables.model().sizes };
    assert!(checked.is_err() || is_same, "{shape:?}");
}

fn predictors(draw: &mut Draw) {
    let trained = example();
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
    let mut trained = example();
    for _ in 0..=draw.below(3) {
        let size = draw.size();
        match draw.below(7) {
            0 => trained.framing.length = size,
            1 => trained.framing.hop = size,
            2 => trained.mel.bands = size,
            3 => trained.context_window.width = size,
            4 => trained.context_window.step = size,
            5 => trained.regions = size,
            _ => trained.rate = size as u32,
        }
    }
    let seconds = [0.0, 0.5, 3600.0, f64::NAN, 1e300][draw.below(5)];
    if let Some(Ok(tables)) = outcome((&trained.framing, &trained.mel, seconds), || trained.tables(seconds)) {
        assert!(tables.model().check().is_ok());
    }
}
