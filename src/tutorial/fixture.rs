//! Recordings for the tests of the pipeline: low and high noise.

use super::methods::Methods;
use super::pipeline::{Prepared, prepare};
use super::progress::Silent;
use super::settings::PipelineSettings;
use super::sound_network::ConvolutionalSettings;
use crate::dataset::recordings::{Collection, Recording, Samples};
use crate::dataset::split::Fold;
use crate::number::{Random, Real};
use std::format;
use std::vec::Vec;

/// Settings with which all methods together take a second.
pub fn settings() -> PipelineSettings {
    let defaults = PipelineSettings::default();
    let convolutional = ConvolutionalSettings { networks: 1, filters: [2, 2, 2], epochs: 1, ..defaults.convolutional };
    PipelineSettings {
        methods: Methods::ALL,
        hidden: 8,
        deep: 5,
        iterations: 6,
        deep_iterations: 3,
        tuning_iterations: 3,
        softmax_iterations: 10,
        convolutional,
        ..defaults
    }
}

/// Twelve recordings, whose labels alternate; the first has one window, and each is 40 samples longer than the one
/// before.
pub fn collection(settings: &PipelineSettings) -> Collection {
    let mut random = Random::new(1);
    let recordings = (0..12).map(|i| {
        let (mut last, label) = (0.0, i % 2);
        let samples = (0..settings.shortest(8000) + 40 * i).map(|_| {
            let x: f64 = random.uniform(-0.3, 0.3);
            let sample = if label == 0 { x + last } else { x - last };
            last = x;
            sample
        });
        let samples = samples.collect();
        Recording {
            name: format!("{i}"),
            label,
            group: "x".into(),
            index: Some(i as u64),
            samples: Samples::Held(samples),
        }
    });
    let recordings = recordings.collect();
    Collection { rate: 8000, labels: Vec::from(["low".into(), "high".into()]), recordings }
}

/// The first eight recordings train, the others test.
pub fn fold() -> Fold {
    Fold { name: "some".into(), train: (0..8).collect(), test: (8..12).collect() }
}

/// The recordings' frames and windows.
pub fn prepared<T: Real>(settings: &PipelineSettings, collection: &Collection) -> Prepared<T> {
    prepare(settings, collection, &[], &mut Silent).unwrap()
}
