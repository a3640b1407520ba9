//! The recordings that are most similar to a misclassified file: one with its true label, and one with the predicted
//! label.
//!
//! **Why.** A misclassified file looks like any other, until it is seen beside those that it was confused with. If the
//! most similar recording has the predicted label, the two sounds are alike, and more recordings of this kind would
//! help. If it has the true label, the model's features have missed what the spectra show.
//!
//! Two recordings are compared as the pipeline pools them: the mean of each band over ten regions of time
//! ([`average`]), without the mean of all, which is loudness. Their distance is the root of the mean squared
//! difference, in dB. Of very many recordings, a random choice of [`MOST`] is compared.

use super::sound::SoundSettings;
use crate::dataset::recordings::{Collection, Recording};
use crate::machine::{Element, threads};
use crate::matrix::Matrix;
use crate::number::sum::{squared_distance, sum};
use crate::tutorial::frame_source::choose;
use crate::tutorial::panels::panel;
use crate::tutorial::time_pooling::average;
use std::string::String;
use std::vec::Vec;

/// The regions of time.
const REGIONS: usize = 10;

/// The most recordings that are compared with those shown.
const MOST: usize = 10_000;

/// What is compared of each recording.
#[derive(Clone, Debug)]
pub struct Neighbors {
    /// Of a recording without a spectrogram, or one that was not chosen, nothing.
    described: Vec<Option<Vec<f64>>>,
    /// The unit of a distance: dB, or none for a cepstrum.
    pub unit: &'static str,
}

impl Neighbors {
    /// Describes the recordings with the indices `shown`, and those that they are compared with.
    pub fn measure(collection: &Collection, shown: &[usize], settings: SoundSettings) -> Self {
        let all: Vec<usize> = (0..collection.recordings.len()).collect();
        let mut chosen = choose(&all, 0, MOST);
        chosen.extend(shown);
        chosen.sort_unstable();
        chosen.dedup();
        let mut found: Vec<Option<(Vec<f64>, &'static str)>> = collection.recordings.iter().map(|_| None).collect();
        let mut workers: Vec<()> = (0..threads::count()).map(|_| ()).collect();
        let pairs = collection.recordings.iter().zip(&mut found).enumerate();
        let pairs = pairs.filter(|(r, _)| chosen.binary_search(r).is_ok()).map(|(_, pair)| pair);
        threads::for_each(&mut workers, pairs, |(), (recording, found)| {
            *found = description(recording, settings);
        });
        let unit = found.iter().flatten().map(|&(_, unit)| unit).next().unwrap_or("");
        Neighbors { described: found.into_iter().map(|found| Some(found?.0)).collect(), unit }
    }

    /// The recording that is most similar to recording `to` among those with these indices, and its distance.
    pub fn nearest(&self, to: usize, among: impl Iterator<Item = usize>) -> Option<(usize, f64)> {
        let to = self.described[to].as_ref()?;
        let distances = among.filter_map(|other| {
            let squares = squared_distance(to, self.described[other].as_ref()?);
            Some((other, Element::sqrt(squares / to.len() as f64)))
        });
        distances.reduce(|best, next| if next.1 < best.1 { next } else { best })
    }
}

/// The means of the bands over regions of time, and their unit.
fn description(recording: &Recording, settings: SoundSettings) -> Option<(Vec<f64>, &'static str)> {
    let samples = recording.samples.read().ok()?;
    let (panel, _) = panel(settings.transform, String::new(), settings.rate, &samples).ok()?;
    let bands = panel.bands.count();
    let frames = panel.values.len() / bands;
    let values = Matrix::from_function(bands, frames, |band, t| panel.values[t * bands + band]);
    let mut pooled = Matrix::zeros(REGIONS * bands, 1);
    average(&values, 0..frames, &mut pooled, 0);
    let mut described = pooled.column(0);
    let mean = sum(&described) / described.len() as f64;
    described.iter_mut().for_each(|x| *x -= mean);
    Some((described, panel.unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Real;
    use crate::tutorial::settings::Transform;

    #[test]
    fn the_same_sound_is_nearest_at_any_loudness_and_length() {
        let tone = |hertz: f64, samples: usize, level: f64| Recording {
            name: "a".into(),
            label: 0,
            group: String::new(),
            index: None,
            samples: (0..samples)
                .map(|i| level * (hertz / 4000.0 * i as f64).sin_cos_pi().0)
                .collect::<Vec<f64>>()
                .into(),
        };
        let recordings = Vec::from([tone(700.0, 4000, 0.5), tone(900.0, 4000, 0.5), tone(700.0, 6000, 0.25)]);
        let collection = Collection { rate: 8000, labels: Vec::from(["a".into()]), recordings };
        let settings = SoundSettings { transform: Transform::Mel, rate: 8000, most_samples: 10 };
        let neighbors = Neighbors::measure(&collection, &[0], settings);
        let (found, distance) = neighbors.nearest(0, 1..3).unwrap();
        let other = neighbors.nearest(0, 1..2).unwrap().1;
        assert!(found == 2 && 1.2 * distance < other && neighbors.unit == "dB", "{found} {distance} {other}");
        assert_eq!(neighbors.nearest(0, 1..1), None);
        // A constant-Q transform of a recording that is too short.
        let short = Collection { recordings: Vec::from([tone(700.0, 2, 0.5), tone(700.0, 2, 0.5)]), ..collection };
        let settings = SoundSettings { transform: Transform::ConstantQ, ..settings };
        assert_eq!(Neighbors::measure(&short, &[0], settings).nearest(0, 1..2), None);
    }
}
