//! Representative windows for a picture: a few of each label, loud enough to show its spectrum.
//!
//! Why: among windows chosen at random, some are nearly silent and show nothing, one label comes three times, and
//! another not at all. So each label has its turn, and its windows are sorted by their level: the mean of their values
//! in dB, or of c₀ for a cepstrum. With R windows for each label, the r-th (from 0) is at this fraction of the way from
//! the softest to the loudest one:
//!
//! ```text
//! (RW.1)  q_r = 1/2 + (r + 1/2)/(2·R)
//! ```
//!
//! One window for each label is at 3/4; two are at 5/8 and 7/8.

use super::panels::Shown;
use crate::dataset::context_windows::ContextWindows;
use crate::dataset::recordings::Collection;
use crate::number::Real;
use crate::picture::bands::Bands;
use crate::picture::heat::HeatSheet;
use crate::picture::image::Image;
use crate::picture::tiles::{SheetOptions, TileShape};
use std::format;
use std::string::String;
use std::vec::Vec;

/// The largest number of windows.
const COUNT: usize = 10;

/// The beginning of the caption.
const CHOSEN: &str = "Chosen from the louder half of each label's windows, sorted by their mean level: the middle one, \
                      or several at even distances.";

/// Windows of labeled recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct RepresentativeWindows {
    /// Their positions, sorted by label.
    pub positions: Vec<Position>,
    /// Their labels.
    pub labels: Vec<String>,
}

/// The position of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// The index of the recording.
    pub recording: usize,
    /// The index of the window in the recording.
    pub window: usize,
    /// The number of windows of the recording.
    pub of: usize,
}

impl Position {
    /// The column of the window at the same position in windows of the same recordings, perhaps by another transform,
    /// which may have more or fewer of them.
    pub fn column<T>(&self, windows: &ContextWindows<T>) -> Option<usize> {
        let range = windows.ranges[self.recording].clone();
        let column = range.start + self.window * range.len() / self.of;
        range.contains(&column).then_some(column)
    }
}

impl RepresentativeWindows {
    /// Up to ten windows; fewer if there are not enough. Of more than ten labels, those at even distances are shown.
    pub fn choose<T: Real>(collection: &Collection, windows: &ContextWindows<T>, bands: &Bands) -> Self {
        let labels = collection.labels.len().max(1);
        let (each, shown) = (COUNT.div_ceil(labels), labels.min(COUNT));
        let mut of_label: Vec<Vec<(f64, Position)>> = (0..labels).map(|_| Vec::new()).collect();
        for (recording, range) in windows.ranges.iter().enumerate() {
            let of = range.len();
            let positions = range.clone().enumerate().map(|(window, column)| {
                (level(&windows.matrix.column(column), bands), Position { recording, window, of })
            });
            of_label[collection.recordings[recording].label].extend(positions);
        }
        let mut chosen = RepresentativeWindows { positions: Vec::new(), labels: Vec::new() };
        for label in (0..shown).map(|k| k * labels / shown) {
            let positions = &mut of_label[label];
            positions.sort_by(|a, b| a.0.total_cmp(&b.0));
            let last = positions.len().saturating_sub(1);
            let index = |r: usize| (2 * each + 2 * r + 1) * last / (4 * each); // (RW.1)
            let mut indices: Vec<usize> = (0..each).map(index).collect();
            indices.dedup();
            for (_, position) in indices.into_iter().filter_map(|index| positions.get(index)) {
                chosen.positions.push(*position);
                chosen.labels.push(collection.labels[label].clone());
            }
        }
        chosen.positions.truncate(COUNT);
        chosen.labels.truncate(COUNT);
        chosen
    }

    /// The picture of these windows, each with its label, in values that `shown` converts.
    pub fn picture<T: Real>(
        &self,
        title: &str,
        windows: &ContextWindows<T>,
        bands: &Bands,
        step: f64,
        shown: impl FnOnce(&Bands, Vec<f64>) -> Shown,
    ) -> Image {
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for (position, label) in self.positions.iter().zip(&self.labels) {
            if let Some(column) = position.column(windows) {
                values.extend(windows.matrix.column(column).into_iter().map(Real::to_f64));
                labels.push(label.as_str());
            }
        }
        let frames = windows.matrix.rows() / bands.count();
        let Shown { bands, values, range, unit, remark } = shown(bands, values);
        let (caption, shape) = (format!("{CHOSEN} {remark}"), TileShape { bands: bands.count(), frames });
        let sheet = HeatSheet {
            title,
            caption: &caption,
            labels: &labels,
            bands: &bands,
            step,
            range: Some(range),
            unit,
            shape,
            options: SheetOptions::default(),
        };
        sheet.image(&values)
    }
}

/// The level of a window: the mean of its logarithms of power, or of c₀.
fn level<T: Real>(window: &[T], bands: &Bands) -> f64 {
    let step = if matches!(bands, Bands::Numbered(_)) { bands.count() } else { 1 };
    let values = window.iter().step_by(step);
    let count = values.len().max(1);
    values.fold(0.0, |sum, x| sum + x.to_f64()) / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::context_windows::ContextFraming;
    use crate::dataset::recordings::Recording;
    use std::vec;

    /// Recordings of one band, whose labels alternate; the frames of recording i have the levels 10·i, 10·i + 1, ...
    fn windows(labels: usize, recordings: usize) -> (Collection, ContextWindows<f64>) {
        let recording = |i: usize| Recording {
            name: format!("{i}"),
            label: i % labels,
            group: "x".into(),
            index: None,
            samples: vec![0.0].into(),
        };
        let collection = Collection {
            rate: 8000,
            labels: (0..labels).map(|label| format!("{label}")).collect(),
            recordings: (0..recordings).map(recording).collect(),
        };
        let frames: Vec<Vec<f64>> =
            (0..recordings).map(|i| (0..5).map(|t| 10.0 * i as f64 + f64::from(t)).collect()).collect();
        (collection, ContextFraming { width: 1, step: 1 }.sample(&frames, 1))
    }

    fn levels(labels: usize, recordings: usize) -> (Vec<String>, Vec<f64>) {
        let ((collection, windows), bands) = (windows(labels, recordings), Bands::Hertz(vec![100.0]));
        let chosen = RepresentativeWindows::choose(&collection, &windows, &bands);
        let of = |position: &Position| windows.matrix.column(position.column(&windows).unwrap())[0];
        (chosen.labels.clone(), chosen.positions.iter().map(of).collect())
    }

    #[test]
    fn each_label_has_a_window_from_its_louder_half() {
        // One recording of five windows for each of ten labels: the window at 3/4 of 0 to 4.
        let (labels, found) = levels(10, 10);
        assert_eq!(labels, (0..10).map(|k| format!("{k}")).collect::<Vec<_>>());
        assert_eq!(found, (0..10).map(|k| 10.0 * f64::from(k) + 3.0).collect::<Vec<_>>());
        // Of 25 labels, ten at even distances.
        assert_eq!(levels(25, 25).0[..4], ["0", "2", "5", "7"]);
    }

    #[test]
    fn few_labels_have_several_windows() {
        // Two labels: five windows of each at 0.55, 0.65, ... of the way through ten.
        let (labels, found) = levels(2, 4);
        assert_eq!(labels.iter().filter(|label| *label == "0").count(), 5);
        assert_eq!(found[..5], [4.0, 20.0, 21.0, 22.0, 23.0]);
        // One label with five windows shows none of them twice, and a label without windows none.
        assert_eq!(levels(1, 1).1, [2.0, 3.0]);
        assert_eq!(levels(3, 2).1.len(), 4);
    }

    #[test]
    fn windows_of_another_transform_are_at_the_same_place() {
        let (_, windows) = windows(1, 2);
        let position = |window, of| Position { recording: 1, window, of }.column(&windows);
        assert_eq!([position(0, 9), position(4, 9), position(8, 9), position(1, 2)], [5, 7, 9, 7].map(Some));
        let none = ContextFraming { width: 1, step: 1 }.sample::<f64>(&[Vec::new()], 1);
        assert_eq!(Position { recording: 0, window: 0, of: 3 }.column(&none), None);
    }

    #[test]
    fn the_picture_shows_the_windows_it_has() {
        let ((collection, windows), bands) = (windows(2, 4), Bands::Hertz(vec![100.0]));
        let chosen = RepresentativeWindows::choose(&collection, &windows, &bands);
        let image = chosen.picture("t", &windows, &bands, 0.01, Shown::new);
        assert!(image.width() > 400 && image.height() > 100);
    }
}
