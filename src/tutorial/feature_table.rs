//! Features as a table: what a front end or a model computes of recordings, one row for each frame or window.
//!
//! Why: the pipeline keeps its frames to itself. Other programs, and `ossicle train`, take rows of values; as a table,
//! the frames of any recordings can be plotted, compared and trained on elsewhere. A [`FeatureTable`] remembers which
//! rows belong to which recording, for two reasons: neighboring rows of a recording resemble each other, so a fair
//! split keeps them together ([`split`](crate::dataset::split)); and a label is that of a recording.
//!
//! | rows | values of a row |
//! | --- | --- |
//! | [`Rows::Frames`] | a frame's, as the front end makes them |
//! | [`Rows::Windows`] | those of consecutive frames, one frame after the other |
//! | [`Rows::Layer`] 0 | a window's after its normalization |
//! | [`Rows::Layer`] n | the activations of the model's n-th hidden layer |
//!
//! The front end of a saved model is made as [`SoundClassifier::front_end`] makes it to predict, so the frames of a
//! recording have the bits that the model receives.

use super::classifier::{SoundClassifier, TrainedModel, WindowModel};
use super::front_end::{FrontEnd, FrontEndError};
use super::preprocessing::{Normalizer, frames};
use super::settings::FrontEndSettings;
use crate::bytes::limits::{Exceeded, TABLE};
use crate::dataset::context_windows::ContextFraming;
use crate::dataset::recordings::{Collection, RereadError};
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::array::{Array, Scalar};
use crate::storage::csv::{Cell, Separator, encode};
use core::fmt;
use std::format;
use std::iter;
use std::string::String;
use std::vec::Vec;

/// What a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// A frame.
    Frames,
    /// A context window.
    Windows(ContextFraming),
    /// The activations of a layer of the model, counted from 1; 0 for its input.
    Layer(usize),
}

/// Rows of values, and the recordings that they come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FeatureTable<T> {
    /// Rows x values.
    pub rows: Matrix<T>,
    /// In the order of the rows.
    pub recordings: Vec<RecordingRows>,
    /// A remark of the front end for the user.
    pub remark: Option<String>,
}

/// The rows of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordingRows {
    /// The name of its file.
    pub name: String,
    /// Its first row.
    pub first: usize,
    /// How many rows it has.
    pub count: usize,
    /// Its label, if there are labels.
    pub label: Option<String>,
}

/// Why there is no table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FeatureError {
    /// There is no front end for these recordings.
    FrontEnd(FrontEndError),
    /// A recording cannot be read again.
    Recording(RereadError),
    /// The model has no layers on windows.
    NoWindows {
        /// Its method.
        method: &'static str,
    },
    /// The model has fewer layers.
    Layer {
        /// The layer that was asked for.
        expected: usize,
        /// How many the model has.
        found: usize,
    },
    /// The table would be too large.
    Limit(Exceeded),
}

impl fmt::Display for FeatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeatureError::FrontEnd(error) => error.fmt(f),
            FeatureError::Recording(error) => error.fmt(f),
            FeatureError::NoWindows { method } => {
                write!(
                    f,
                    "the method {method} has no layers on windows; raw-windows, sparse-windows, sparse-pooled, "
                )?;
                write!(f, "stacked and stacked-pooled have")
            }
            FeatureError::Layer { expected, found: 0 } => {
                write!(f, "layer {expected} was expected, but the model has no hidden layer, only its input, layer 0")
            }
            FeatureError::Layer { expected, found } => {
                write!(f, "layer {expected} was expected, but the model has {}", Count(*found, "hidden layer"))
            }
            FeatureError::Limit(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FeatureError {}

/// The windows and layers of a model that has them.
///
/// # Errors
/// If it has none.
pub(crate) fn window_model<T>(classifier: &SoundClassifier<T>) -> Result<&WindowModel<T>, FeatureError> {
    let models: Vec<&TrainedModel<T>> = classifier.members.iter().map(|member| &member.model).collect();
    match models[..] {
        [TrainedModel::Windows(model)] => Ok(model),
        _ => Err(FeatureError::NoWindows { method: classifier.method.name() }),
    }
}

impl<T: Real> FeatureTable<T> {
    /// Frames or windows of recordings by a front end with these settings.
    ///
    /// # Errors
    /// If the front end does not fit the recordings, or the table is too large.
    ///
    /// # Panics
    /// If there is no memory for the result.
    pub fn of_settings(settings: &FrontEndSettings, collection: &Collection, rows: Rows) -> Result<Self, FeatureError> {
        let shortest = collection.recordings.iter().map(|recording| recording.samples.count()).min().unwrap_or(0);
        let framing = settings.framing(collection.rate);
        let front = FrontEnd::new(settings, framing, collection.rate, shortest).map_err(FeatureError::FrontEnd)?;
        Self::of(&front, collection, rows, None)
    }

    /// The rows of recordings at the model's rate, by its front end.
    ///
    /// # Errors
    /// If the model has no such layer, or the table is too large.
    pub fn of_model(
        classifier: &SoundClassifier<T>,
        collection: &Collection,
        rows: Rows,
    ) -> Result<Self, FeatureError> {
        let model = match rows {
            Rows::Layer(_) => Some(window_model(classifier)?),
            Rows::Frames | Rows::Windows(_) => None,
        };
        let front = classifier.front_end().map_err(FeatureError::FrontEnd)?;
        Self::of(&front, collection, rows, model)
    }

    fn of(
        front: &FrontEnd<T>,
        collection: &Collection,
        rows: Rows,
        model: Option<&WindowModel<T>>,
    ) -> Result<Self, FeatureError> {
        let bands = front.bands().count();
        let (framing, columns) = match (rows, model) {
            (Rows::Layer(layer), Some(model)) => (model.context, columns_of(model, layer, bands)?),
            (Rows::Windows(framing), _) => (framing, framing.width * bands),
            (Rows::Frames | Rows::Layer(_), _) => (ContextFraming { width: 1, step: 1 }, bands),
        };
        let frames = frames(front, &collection.recordings).map_err(FeatureError::Recording)?;
        let counts: Vec<usize> = frames.iter().map(|frames| framing.count(frames.len() / bands)).collect();
        let total = counts.iter().sum::<usize>();
        let bytes = [columns, size_of::<T>()].iter().fold(total as u64, |bytes, &n| bytes.saturating_mul(n as u64));
        TABLE.check(bytes).map_err(FeatureError::Limit)?;
        let mut values = Vec::with_capacity(total * columns);
        for (frames, &count) in frames.iter().zip(&counts) {
            match (rows, model) {
                (Rows::Layer(layer), Some(model)) => {
                    values.extend(model.activations(frames, bands, layer).transpose().into_vec());
                }
                _ => (0..count).for_each(|j| values.extend_from_slice(&frames[j * framing.step * bands..][..columns])),
            }
        }
        let is_labeled = collection.labels.iter().any(|label| !label.is_empty());
        let firsts = counts.iter().scan(0, |next, count| {
            *next += count;
            Some(*next - count)
        });
        let recordings = iter::zip(&collection.recordings, iter::zip(firsts, &counts))
            .map(|(recording, (first, &count))| RecordingRows {
                name: recording.name.clone(),
                first,
                count,
                label: is_labeled.then(|| collection.labels[recording.label].clone()),
            })
            .collect();
        let remark = front.remark().map(String::from);
        Ok(FeatureTable { rows: Matrix::from_rows(total, columns, values), recordings, remark })
    }

    /// The label of each row; `None` without labels.
    pub fn labels(&self) -> Option<Vec<&str>> {
        let mut labels = Vec::with_capacity(self.rows.rows());
        for one in &self.recordings {
            labels.extend(iter::repeat_n(one.label.as_deref()?, one.count));
        }
        Some(labels)
    }

    /// The table as text: a header, and the label before the values of each row, if there are labels.
    pub fn csv(&self) -> String {
        let names: Vec<String> = (0..self.rows.columns()).map(|j| format!("x{j}")).collect();
        let labels = self.labels();
        let label = |i: usize| labels.as_ref().map(|labels| Cell::Text(labels[i]));
        let heading = labels.as_ref().map(|_| Cell::Text("label")).into_iter();
        let header: Vec<Cell<'_>> = heading.chain(names.iter().map(|name| Cell::Text(name))).collect();
        let rows = self
            .rows
            .row_iter()
            .enumerate()
            .map(|(i, row)| label(i).into_iter().chain(row.iter().map(|&x| Cell::Number(x.to_f64()))).collect());
        encode(Separator::Comma, iter::once(header).chain(rows))
    }

    /// The recordings as text: file, first row, rows, label.
    pub fn files_csv(&self) -> String {
        let header = ["file", "first row", "rows", "label"].map(Cell::Text);
        let rows = self.recordings.iter().map(|one| {
            let label = Cell::Text(one.label.as_deref().unwrap_or_default());
            [Cell::Text(&one.name), Cell::Number(one.first as f64), Cell::Number(one.count as f64), label]
        });
        encode(Separator::Comma, iter::once(header).chain(rows))
    }
}

impl<T: Real + Scalar> FeatureTable<T> {
    /// The values, and the label of each row as text.
    pub fn arrays(&self) -> (Array, Option<Array>) {
        (Array::from_matrix(&self.rows), self.labels().map(|labels| Array::from_texts(&labels)))
    }
}

/// The number of values of a layer, on frames of `bands` elements.
fn columns_of<T: Real>(model: &WindowModel<T>, layer: usize, bands: usize) -> Result<usize, FeatureError> {
    let Some(below) = layer.checked_sub(1) else {
        return Ok(match &model.normalizer {
            Normalizer::Squash(_) => model.context.width * bands,
            Normalizer::Whiten(whitening) => whitening.basis.rows(),
        });
    };
    let found = model.layers.len();
    model.layers.get(below).map(|layer| layer.bias.len()).ok_or(FeatureError::Layer { expected: layer, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::csv;
    use crate::tutorial::fixture;
    use crate::tutorial::methods::Method;
    use crate::tutorial::pipeline::run_split;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::save;
    use crate::tutorial::training::Run;
    use std::string::ToString;
    use std::vec;

    fn collection() -> Collection {
        fixture::collection(&fixture::settings())
    }

    #[test]
    fn rows_are_the_frames_and_windows_of_each_recording() {
        let (settings, collection) = (fixture::settings(), collection());
        let prepared = fixture::prepared::<f64>(&settings, &collection);
        let expected = prepared.labeled.copied(&(0..collection.recordings.len()).collect::<Vec<_>>()).unwrap();
        let table = |rows| FeatureTable::<f64>::of_settings(&settings.front_end, &collection, rows).unwrap();
        let frames = table(Rows::Frames);
        assert_eq!(frames.rows.elements(), expected.concat());
        let windows = table(Rows::Windows(settings.context_window));
        for table in [&frames, &windows] {
            let mut next = 0;
            for one in &table.recordings {
                assert_eq!(one.first, next);
                next += one.count;
            }
            assert_eq!(next, table.rows.rows());
        }
        let sampled = settings.context_window.sample(&expected, 40);
        assert_eq!(windows.rows, sampled.matrix.transpose());
        assert_eq!(windows.recordings[1].first, sampled.ranges[1].start);
        let labels = windows.labels().unwrap();
        assert_eq!((labels.len(), labels[0], labels[sampled.ranges[1].start]), (windows.rows.rows(), "low", "high"));
    }

    #[test]
    fn layers_are_those_of_the_model() {
        let (settings, collection) = (fixture::settings(), collection());
        let prepared = fixture::prepared::<f32>(&settings, &collection);
        let mut silent = Silent;
        let fold = fixture::fold();
        let learned = run_split(&settings, &collection, &prepared, &fold, &mut Run::new(&mut silent)).unwrap();
        let saved = |method| {
            save::classifier(&settings, &collection, &prepared, &fold, &learned, method, &[]).unwrap().unwrap()
        };
        let stacked = saved(Method::Stacked);
        let of = |rows| FeatureTable::of_model(&stacked, &collection, rows);
        let frames = of(Rows::Frames).unwrap();
        let all = prepared.labeled.copied(&(0..collection.recordings.len()).collect::<Vec<_>>()).unwrap();
        assert_eq!(frames.rows.elements(), all.concat());
        let model = window_model(&stacked).unwrap();
        let first = &all[5];
        for (layer, columns) in [(0, None), (1, Some(8)), (2, Some(5))] {
            let table = of(Rows::Layer(layer)).unwrap();
            assert!(columns.is_none_or(|columns| columns == table.rows.columns()), "{layer}");
            let range = table.recordings[5].first..;
            let expected = model.activations(first, 40, layer).transpose();
            for (i, row) in range.zip(expected.row_iter()) {
                assert_eq!(table.rows.row(i), row);
            }
        }
        let error = of(Rows::Layer(3)).unwrap_err();
        assert_eq!(error.to_string(), "layer 3 was expected, but the model has 2 hidden layers");
        let error = FeatureTable::of_model(&saved(Method::Convolutional), &collection, Rows::Layer(1)).unwrap_err();
        assert!(error.to_string().starts_with("the method convolutional has no layers on windows"), "{error}");
        let error = FeatureTable::of_model(&saved(Method::RawWindows), &collection, Rows::Layer(1)).unwrap_err();
        assert!(error.to_string().ends_with("only its input, layer 0"), "{error}");
    }

    #[test]
    fn texts_hold_the_same_values_and_labels() {
        let (settings, mut collection) = (fixture::settings(), collection());
        let of = |collection: &Collection| {
            FeatureTable::<f32>::of_settings(&settings.front_end, collection, Rows::Frames).unwrap()
        };
        let labeled = of(&collection);
        let text = labeled.csv();
        let read = csv::Table::parse(text.as_bytes(), &csv::Settings::default()).unwrap();
        let examples = read.examples::<f32>(csv::LabelColumn::Named("label")).unwrap();
        assert_eq!(examples.inputs.transpose(), labeled.rows);
        assert_eq!(examples.classes, ["high", "low"]);
        assert!(labeled.files_csv().starts_with("file,first row,rows,label\r\n0,0,"));

        collection.labels = vec![String::new()];
        collection.recordings.iter_mut().for_each(|recording| recording.label = 0);
        let unlabeled = of(&collection);
        assert!(unlabeled.labels().is_none() && unlabeled.csv().starts_with("x0,x1,"));
        assert_eq!(unlabeled.rows, labeled.rows);
    }
}
