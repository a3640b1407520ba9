//! Models of tables: a sparse autoencoder, a softmax regression, or a small network, trained on rows and tested on rows
//! that were held out.
//!
//! Why: the pipeline's models do not depend on sound. Here the same models and the same training learn from a
//! [`RowTable`] of any origin, and what they learned leaves as arrays that NumPy and PyTorch read.
//!
//! 1. Rows, or whole recordings, are split ([`split`](crate::dataset::split)).
//! 2. Each value is brought to mean 0 and standard deviation 1, measured on the training rows ([`StandardScaler`]).
//! 3. The model is trained, and tested on the held-out rows.
//! 4. If there are several folds, or none, one more is trained on all rows. It is the one that is written.
//!
//! | model | cost | layers |
//! | --- | --- | --- |
//! | autoencoder | half the squared distance of reconstruction and row | one sigmoid layer, a linear decoder |
//! | softmax | -ln p of the label | none |
//! | network | -ln p of the label | 3 x 3 filters and pooling for rows that are images; then dense layers; rectified |
//!
//! The table shows the mean of this cost over the rows, without the penalties on weights and activations. *Explained*
//! is the fraction of the rows' variance that the reconstructions explain: 1 minus the sum of the squared errors,
//! divided by the sum of the squared distances from the mean of the rows. Predicting the mean explains 0%.
//!
//! | array | shape |
//! | --- | --- |
//! | `scaler.mean`, `scaler.deviation` | values |
//! | `encoder.1.weight`, `encoder.1.bias` | units x values, units |
//! | `decoder.1.weight`, `decoder.1.bias` | values x units, values |
//! | `convolution.N.weight`, `convolution.N.bias` | filters x channels x 3 x 3, filters |
//! | `dense.N.weight`, `dense.N.bias` | units x inputs, units |
//! | `softmax.weight`, `softmax.bias` | classes x inputs, classes |
//!
//! These are the shapes of PyTorch's `Linear` and `Conv2d`; maps are flattened in its order, too.

use super::examples::LabeledExamples;
use super::metrics::Confusion;
use super::report::{Table, interval, percent, tsv};
use super::row_table::{RowError, RowTable};
use super::sound_network::rectified_convolutions;
use super::training::{Batches, Run, TrainedClassifier};
use crate::bytes::escape::shown;
use crate::bytes::limits::{Exceeded, MEMORY};
use crate::dataset::normalize::StandardScaler;
use crate::dataset::split::{Fold, Split, SplitError};
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::network::{InMemory, Layer, Network};
use crate::model::softmax::most_likely;
use crate::model::{Activation, Autoencoder, Softmax};
use crate::number::decimal::{Count, Fixed};
use crate::number::sum::{sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::storage::array::{Array, Scalar};
use core::fmt;
use core::ops::Range;
use std::iter;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;
use std::{format, vec};

/// The models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A sparse autoencoder.
    Autoencoder,
    /// A softmax regression.
    Softmax,
    /// Convolutional and dense layers, and softmax.
    Network,
}

/// The settings of a model and of its training. Each model uses those that it has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableSettings {
    /// The model.
    pub kind: Kind,
    /// The units of each dense layer; an autoencoder has one.
    pub hidden: Vec<usize>,
    /// Rows and columns of the image that a row of the table is, for filters.
    pub shape: Option<[usize; 2]>,
    /// The filters of each convolutional layer.
    pub filters: Vec<usize>,
    /// The dropout rate before the softmax layer.
    pub dropout: f64,
    /// L-BFGS iterations of the autoencoder and of the regression.
    pub iterations: usize,
    /// The training of the network.
    pub batches: Batches,
    /// λ.
    pub weight_decay: f64,
    /// ρ.
    pub sparsity: f64,
    /// β.
    pub sparsity_weight: f64,
    /// Whether values are brought to one scale first.
    pub is_scaled: bool,
    /// The random seed.
    pub seed: u64,
}

/// Why a model cannot be trained on a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TableModelError {
    /// The rows cannot be split.
    Split {
        /// Why.
        error: SplitError,
        /// The classes.
        classes: Vec<String>,
        /// What is split: rows or recordings.
        unit: &'static str,
    },
    /// There are too few rows or recordings without labels.
    Few {
        /// How many.
        found: usize,
        /// The least number.
        least: usize,
        /// Rows or recordings.
        unit: &'static str,
    },
    /// Rows of a recording differ in their label.
    Rows(RowError),
    /// The values are not those of an image of this shape.
    Shape {
        /// Rows and columns of the image.
        shape: [usize; 2],
        /// The values of a row.
        values: usize,
    },
    /// A value is so large in some rows that its standard deviation is infinite.
    Scale {
        /// The index of the value in a row.
        value: usize,
    },
    /// Training would need too much memory.
    Limit(Exceeded),
}

impl fmt::Display for TableModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableModelError::Split { error, classes, unit } => {
                let name = |label: &String| {
                    let class = label.parse().ok().and_then(|k: usize| classes.get(k));
                    shown(class.unwrap_or(label)).to_string()
                };
                match error {
                    SplitError::OneLabel(label) => {
                        write!(f, "all {unit}s have the label '{}': with one class there is ", name(label))?;
                        write!(f, "nothing to classify")
                    }
                    SplitError::OneRecording(label) => {
                        write!(f, "the label '{}' has one {unit}: one to train on and one to test on ", name(label))?;
                        write!(f, "are needed")
                    }
                    SplitError::Missing { part, label, side } => {
                        write!(f, "the split ({} as the test set) leaves no {unit} of ", shown(part))?;
                        write!(f, "'{}' to {side} on", name(label))
                    }
                    SplitError::Empty { part, side } => {
                        write!(f, "the split ({} as the test set) leaves no {unit} to {side} on", shown(part))
                    }
                    SplitError::ManyFolds(folds, most) => {
                        write!(f, "{folds} folds are too many: no label has more than {}", Count(*most, unit))
                    }
                    other => other.fmt(f),
                }
            }
            TableModelError::Few { found, least, unit } => {
                let are = if *found == 1 { "is" } else { "are" };
                write!(f, "there {are} {}, but a split needs at least {least}", Count(*found, unit))
            }
            TableModelError::Rows(error) => error.fmt(f),
            TableModelError::Shape { shape: [rows, columns], values } => {
                write!(f, "an image of {rows} x {columns} was expected, but a row has {}", Count(*values, "value"))
            }
            TableModelError::Scale { value } => {
                write!(f, "value {value} of the rows, counted from 0, is too large in some rows to be scaled: ")?;
                write!(f, "its standard deviation is not finite")
            }
            TableModelError::Limit(error) => write!(f, "{error}: use fewer units or rows"),
        }
    }
}

impl core::error::Error for TableModelError {}

/// Rows to train on and to test on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowFold {
    /// The name of the test set.
    pub name: String,
    /// Rows to train on.
    pub train: Vec<usize>,
    /// Rows to test on.
    pub test: Vec<usize>,
    /// The recordings among these, as positions in `test`.
    pub recordings: Vec<Range<usize>>,
}

/// The folds of a table, whose rows of one recording stay together.
///
/// # Errors
/// If a side would be empty, a class would be missing in training, or there is one class only.
pub(crate) fn folds<T>(
    split: &Split,
    table: &RowTable<T>,
    rows: usize,
    recordings: Option<&[Range<usize>]>,
    seed: u64,
) -> Result<Vec<RowFold>, TableModelError> {
    let unit = if recordings.is_some() { "recording" } else { "row" };
    let units = recordings.map_or(rows, <[_]>::len);
    let labels = match (&table.labels, recordings) {
        (Some(labels), Some(recordings)) => labels.of_recordings(recordings).map_err(TableModelError::Rows)?,
        (Some(labels), None) => labels.rows.clone(),
        (None, _) if *split == Split::None => (0..units.max(2)).collect(),
        (None, _) if units < 4 => return Err(TableModelError::Few { found: units, least: 4, unit }),
        // Without classes, units that alternate between two are distributed over the folds as evenly as any.
        (None, _) => (0..units).map(|i| i % 2).collect(),
    };
    let classes = table.labels.as_ref().map_or(Vec::new(), |labels| labels.classes.clone());
    let wrong = |error| TableModelError::Split { error, classes, unit };
    let folds = split.folds_of_labels(&labels, seed).map_err(wrong)?;
    let rows_of = |unit: usize| recordings.map_or(unit..unit + 1, |recordings| recordings[unit].clone());
    let spread = |units: &[usize]| units.iter().flat_map(|&unit| rows_of(unit)).collect::<Vec<_>>();
    Ok(folds
        .into_iter()
        .map(|Fold { name, train, test }| {
            let ends = test.iter().scan(0, |end, &unit| {
                *end += rows_of(unit).len();
                Some(*end - rows_of(unit).len()..*end)
            });
            let recordings = if recordings.is_some() { ends.collect() } else { Vec::new() };
            let train = if test.is_empty() { (0..rows).collect() } else { spread(&train) };
            let name = if test.is_empty() { "-".into() } else { name };
            RowFold { name, train, test: spread(&test), recordings }
        })
        .collect())
}

/// A trained model and the scaling of its inputs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableModel<T> {
    /// The scaling, if there is one.
    pub scaler: Option<StandardScaler<T>>,
    /// The model.
    pub learned: Learned<T>,
}

/// What was trained.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Learned<T> {
    /// An autoencoder.
    Autoencoder(TrainedAutoencoder<T>),
    /// A regression.
    Softmax(TrainedClassifier<Softmax, T>),
    /// A network.
    Network(TrainedClassifier<Network, T>),
}

/// The result on the rows of a fold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableResult {
    /// The name of the test set.
    pub name: String,
    /// Rows trained on, and tested on.
    pub rows: [usize; 2],
    /// The mean cost of each; NaN without rows.
    pub costs: [f64; 2],
    /// The part of the variance of the test rows that an autoencoder explains.
    pub explained: f64,
    /// The confusion matrix of the test rows.
    pub by_row: Option<Confusion>,
    /// That of the test recordings.
    pub by_recording: Option<Confusion>,
    /// Seconds for training and testing.
    pub seconds: f64,
}

impl TableSettings {
    /// The defaults of a model.
    pub fn new(kind: Kind) -> Self {
        let weight_decay = match kind {
            Kind::Autoencoder => 3e-4,
            Kind::Softmax => 1e-4,
            Kind::Network => 0.0,
        };
        TableSettings {
            kind,
            hidden: vec![100],
            shape: None,
            filters: vec![16, 32],
            dropout: 0.0,
            iterations: 200,
            batches: Batches { epochs: 30, batch: 64, rate: 0.002 },
            weight_decay,
            sparsity: 0.035,
            sparsity_weight: 5.0,
            is_scaled: true,
            seed: 1,
        }
    }

    /// The names of [`TableModel::arrays`], known before the training.
    pub fn array_names(&self) -> Vec<String> {
        let numbered = |word: &str, count: usize| (1..=count).map(|l| format!("{word}.{l}")).collect::<Vec<_>>();
        let layers = match self.kind {
            Kind::Autoencoder => vec!["encoder.1".into(), "decoder.1".into()],
            Kind::Softmax => vec!["softmax".into()],
            Kind::Network => {
                let filters = if self.shape.is_some() { self.filters.len() } else { 0 };
                let dense = numbered("dense", self.hidden.len());
                [numbered("convolution", filters), dense, vec!["softmax".into()]].concat()
            }
        };
        let scaler = ["scaler.mean", "scaler.deviation"].into_iter().filter(|_| self.is_scaled).map(String::from);
        let of_layer = |layer: &String| [format!("{layer}.weight"), format!("{layer}.bias")];
        scaler.chain(layers.iter().flat_map(of_layer)).collect()
    }

    fn autoencoder(&self, values: usize) -> Autoencoder {
        Autoencoder {
            decoder: Activation::Linear,
            weight_decay: self.weight_decay,
            sparsity: self.sparsity,
            sparsity_weight: self.sparsity_weight,
            ..Autoencoder::new(values, self.hidden[0])
        }
    }

    fn network(&self, values: usize, classes: usize) -> Network {
        let (input, mut layers) = match self.shape {
            Some(size) => {
                let input = MapShape { channels: 1, rows: size[0], columns: size[1] };
                (input, rectified_convolutions(&self.filters, size))
            }
            None => (MapShape { channels: values, rows: 1, columns: 1 }, Vec::new()),
        };
        let activation = Activation::Rectified;
        layers.extend(self.hidden.iter().map(|&units| Layer::Dense { units, activation }));
        layers.extend((self.dropout > 0.0).then_some(Layer::Dropout { rate: self.dropout }));
        layers.push(Layer::Softmax { classes });
        Network { weight_decay: self.weight_decay, ..Network::new(input, layers) }
    }

    /// Checks, before the training, that the model fits the rows and the memory.
    ///
    /// # Errors
    /// If it does not.
    pub fn check<T>(&self, values: usize, rows: usize, classes: usize) -> Result<(), TableModelError> {
        if let Some(shape) = self.shape.filter(|shape| shape[0].checked_mul(shape[1]) != Some(values)) {
            return Err(TableModelError::Shape { shape, values });
        }
        let product = |a: usize, b: usize| (a as u64).saturating_mul(b as u64);
        // The parameters, and the activations that are held at a time.
        let (parameters, held) = match self.kind {
            Kind::Autoencoder => (product(2 * self.hidden[0], values + 1), product(self.hidden[0] + values, rows)),
            Kind::Softmax => (product(classes, values + 1), product(classes, rows)),
            Kind::Network => {
                let network = self.network(values, classes);
                let units = (1..=network.layers.len()).map(|l| network.shape(l)).fold(0_u64, |units, shape| {
                    units.saturating_add(product(shape.channels, shape.rows * shape.columns))
                });
                (network.dimension() as u64, units.saturating_mul(10 * self.batches.batch as u64))
            }
        };
        // L-BFGS and Adam hold the parameters at most thirty times, and there are two copies of the rows.
        let numbers = parameters.saturating_mul(30).saturating_add(held.saturating_mul(3));
        let bytes = numbers.saturating_add(product(values, rows).saturating_mul(3));
        MEMORY.check(bytes.saturating_mul(size_of::<T>() as u64)).map_err(TableModelError::Limit)
    }

    /// Checks, before the training, that the values can be scaled. If the squares of all rows have a finite sum, those
    /// of any of the rows have one, too.
    ///
    /// # Errors
    /// The first value that cannot.
    pub fn check_scale<T: Real>(&self, table: &RowTable<T>) -> Result<(), TableModelError> {
        if !self.is_scaled {
            return Ok(());
        }
        let StandardScaler { means, deviations } = StandardScaler::measure(&table.examples);
        match means.iter().zip(&deviations).position(|(mean, deviation)| !mean.is_finite() || !deviation.is_finite()) {
            Some(value) => Err(TableModelError::Scale { value }),
            None => Ok(()),
        }
    }

    /// Trains on these rows.
    ///
    /// # Panics
    /// If there is no row, or the model does not fit ([`check`](Self::check)); if a classifier has no labels.
    pub fn train<T: Real>(&self, table: &RowTable<T>, rows: &[usize], run: &mut Run) -> TableModel<T> {
        let mut matrix = table.examples.select_columns(rows);
        let scaler = self.is_scaled.then(|| StandardScaler::measure(&matrix));
        scaler.iter().for_each(|scaler| scaler.apply(&mut matrix));
        let values = matrix.rows();
        let labels = table.labels.as_ref();
        let examples = |matrix: Matrix<T>| {
            let labels = labels.expect("labels of a classifier");
            (LabeledExamples { labels: rows.iter().map(|&i| labels.rows[i]).collect(), matrix }, labels.classes.len())
        };
        let mut random = Random::new(self.seed);
        let learned = match self.kind {
            Kind::Autoencoder => {
                let model = self.autoencoder(values);
                Learned::Autoencoder(run.autoencoder("autoencoder", model, self.iterations, &matrix, &mut random))
            }
            Kind::Softmax => {
                let (examples, classes) = examples(matrix);
                let model = Softmax { weight_decay: self.weight_decay, ..Softmax::new(values, classes) };
                Learned::Softmax(run.regression("softmax regression", model, self.iterations, &examples))
            }
            Kind::Network => {
                let (LabeledExamples { matrix, labels }, classes) = examples(matrix);
                let mut network = TrainedClassifier::draw(self.network(values, classes), &mut random);
                let examples = InMemory::from_columns(&matrix);
                run.train("network", &mut network, &examples, &labels, self.batches, self.seed);
                Learned::Network(network)
            }
        };
        let model = TableModel { scaler, learned };
        run.learned(model.theta());
        model
    }
}

impl<T: Real> TableModel<T> {
    /// The model's parameters, without those of the scaling.
    pub fn theta(&self) -> &[T] {
        match &self.learned {
            Learned::Autoencoder(learned) => &learned.theta,
            Learned::Softmax(learned) => &learned.theta,
            Learned::Network(learned) => &learned.theta,
        }
    }

    /// The number of learned parameters.
    pub fn parameters(&self) -> usize {
        self.theta().len() + self.scaler.as_ref().map_or(0, |scaler| 2 * scaler.means.len())
    }

    /// ln p of each class for each of these rows; `None` for an autoencoder.
    fn log_probabilities(&self, matrix: &Matrix<T>) -> Option<Matrix<T>> {
        match &self.learned {
            Learned::Autoencoder(_) => None,
            Learned::Softmax(learned) => Some(learned.log_probabilities(matrix)),
            Learned::Network(learned) => Some(learned.log_probabilities(matrix)),
        }
    }

    /// The result of this model, trained on the fold's training rows.
    pub fn evaluate(&self, table: &RowTable<T>, fold: &RowFold, start: Instant) -> TableResult {
        let scaled = |rows: &[usize]| {
            let mut matrix = table.examples.select_columns(rows);
            self.scaler.iter().for_each(|scaler| scaler.apply(&mut matrix));
            matrix
        };
        let mut result = TableResult {
            name: fold.name.clone(),
            rows: [fold.train.len(), fold.test.len()],
            costs: [f64::NAN; 2],
            explained: f64::NAN,
            by_row: None,
            by_recording: None,
            seconds: 0.0,
        };
        for (side, rows) in [&fold.train, &fold.test].into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let (matrix, is_test) = (scaled(rows), side == 1);
            if let Learned::Autoencoder(learned) = &self.learned {
                let (cost, explained) = reconstruction(learned, &matrix);
                result.costs[side] = cost;
                result.explained = if is_test { explained } else { f64::NAN };
                continue;
            }
            let labels = table.labels.as_ref().zip(self.log_probabilities(&matrix));
            let Some((labels, log_p)) = labels else { continue };
            let classes: Vec<usize> = rows.iter().map(|&i| labels.rows[i]).collect();
            let costs: Vec<f64> = (0..rows.len()).map(|j| -log_p.row(classes[j])[j].to_f64()).collect();
            result.costs[side] = sum(&costs) / rows.len() as f64;
            if is_test {
                let mut by_row = Confusion::new(labels.classes.len());
                iter::zip(&classes, most_likely(&log_p)).for_each(|(&label, found)| by_row.count(label, found));
                result.by_row = Some(by_row);
                result.by_recording =
                    (!fold.recordings.is_empty()).then(|| by_recording(&log_p, &classes, &fold.recordings));
            }
        }
        result.seconds = start.elapsed().as_secs_f64();
        result
    }
}

/// Half the mean squared distance of reconstructions and examples (columns), and the part of the variance explained.
fn reconstruction<T: Real>(learned: &TrainedAutoencoder<T>, examples: &Matrix<T>) -> (f64, f64) {
    let (found, count) = (learned.decode(&learned.encode(examples)), examples.columns() as f64);
    let (mut errors, mut variance) = (Vec::new(), Vec::new());
    for i in 0..examples.rows() {
        let row: Vec<f64> = examples.row(i).iter().map(|x| x.to_f64()).collect();
        let mean = sum(&row) / count;
        let distance = |from: &dyn Fn(usize) -> f64| {
            sum_of_squares(&row.iter().enumerate().map(|(j, x)| x - from(j)).collect::<Vec<_>>())
        };
        errors.push(distance(&|j| found.row(i)[j].to_f64()));
        variance.push(distance(&|_| mean));
    }
    let (errors, variance) = (sum(&errors), sum(&variance));
    (errors / (2.0 * count), if variance > 0.0 { 1.0 - errors / variance } else { f64::NAN })
}

/// The confusion matrix of recordings, given as ranges of rows, whose class has the largest sum of ln p.
fn by_recording<T: Real>(log_p: &Matrix<T>, labels: &[usize], recordings: &[Range<usize>]) -> Confusion {
    let mut confusion = Confusion::new(log_p.rows());
    for range in recordings {
        let sums = (0..log_p.rows()).map(|k| sum(&log_p.row(k)[range.clone()])).collect();
        let found = most_likely(&Matrix::from_rows(log_p.rows(), 1, sums))[0];
        confusion.count(labels[range.start], found);
    }
    confusion
}

impl<T: Real + Scalar> TableModel<T> {
    /// All that was learned, by name.
    pub fn arrays(&self) -> Vec<(String, Array)> {
        let mut arrays: Vec<(String, Array)> = Vec::new();
        if let Some(StandardScaler { means, deviations }) = &self.scaler {
            arrays.push(("scaler.mean".into(), Array::from_slice(means)));
            arrays.push(("scaler.deviation".into(), Array::from_slice(deviations)));
        }
        let mut put = |layer: &str, shape: &[usize], weights: &[T], bias: &[T]| {
            arrays.push((format!("{layer}.weight"), Array::new(shape, T::wrap(weights.to_vec()))));
            arrays.push((format!("{layer}.bias"), Array::from_slice(bias)));
        };
        match &self.learned {
            Learned::Autoencoder(TrainedAutoencoder { model, theta, .. }) => {
                let [w1, w2, b1, b2] = model.blocks();
                put("encoder.1", &[w1.rows, w1.columns], w1.values(theta), b1.values(theta));
                put("decoder.1", &[w2.rows, w2.columns], w2.values(theta), b2.values(theta));
            }
            Learned::Softmax(TrainedClassifier { model, theta }) => {
                let [weights, bias] = model.blocks();
                put("softmax", &[weights.rows, weights.columns], weights.values(theta), bias.values(theta));
            }
            Learned::Network(TrainedClassifier { model, theta }) => {
                let blocks = model.blocks();
                let (mut blocks, mut counts) = (blocks.chunks_exact(2), [0, 0]);
                let mut name = |word: &str, kind: usize| {
                    counts[kind] += 1;
                    format!("{word}.{}", counts[kind])
                };
                for layer in &model.layers {
                    let (name, kernel) = match layer {
                        Layer::Convolution { size, .. } => (name("convolution", 0), Some(*size)),
                        Layer::Dense { .. } => (name("dense", 1), None),
                        Layer::Softmax { .. } => ("softmax".to_string(), None),
                        _ => continue,
                    };
                    let Some([weights, bias]) = blocks.next() else { break };
                    let shape = match kernel {
                        Some([h, v]) => vec![weights.rows, weights.columns / (h * v), h, v],
                        None => vec![weights.rows, weights.columns],
                    };
                    put(&name, &shape, weights.values(theta), bias.values(theta));
                }
            }
        }
        arrays
    }
}

/// The result on all folds: their test rows together, and the mean costs of their rows.
pub(crate) fn together(results: &[TableResult]) -> TableResult {
    let rows = [0, 1].map(|side| results.iter().map(|result| result.rows[side]).sum::<usize>());
    let mean = |value: &dyn Fn(&TableResult) -> f64, side: usize| {
        let parts: Vec<f64> = results.iter().map(|result| result.rows[side] as f64 * value(result)).collect();
        sum(&parts) / rows[side] as f64
    };
    let add = |confusion: &dyn Fn(&TableResult) -> Option<&Confusion>| {
        let mut all = confusion(results.first()?)?.clone();
        results[1..].iter().filter_map(confusion).for_each(|other| all.add(other));
        Some(all)
    };
    TableResult {
        name: "all".into(),
        rows,
        costs: [0, 1].map(|side| mean(&|result| result.costs[side], side)),
        explained: mean(&|result| result.explained, 1),
        by_row: add(&|result| result.by_row.as_ref()),
        by_recording: add(&|result| result.by_recording.as_ref()),
        seconds: sum(&results.iter().map(|result| result.seconds).collect::<Vec<_>>()),
    }
}

/// Results as a table for people.
pub(crate) fn results_text(results: &[TableResult]) -> String {
    let has = |confusion: fn(&TableResult) -> bool| results.iter().any(confusion);
    let by_row = has(|result| result.by_row.is_some());
    let by_recording = has(|result| result.by_recording.is_some());
    let explains = has(|result| !result.explained.is_nan());
    let mut headings = vec!["test set", "training rows", "test rows", "training cost", "test cost"];
    headings.extend(["rows correct", "95% interval"].iter().filter(|_| by_row));
    headings.extend(["recordings correct", "95% interval"].iter().filter(|_| by_recording));
    headings.extend(["explained"].iter().filter(|_| explains));
    headings.push("seconds");
    let mut table = Table::new(&headings);
    let or_dash = |value: f64, text: String| if value.is_nan() { "-".into() } else { text };
    for result in results {
        let mut cells = vec![result.name.clone()];
        cells.extend(result.rows.map(|rows| rows.to_string()));
        cells.extend(result.costs.map(|cost| or_dash(cost, Fixed(cost, 4).to_string())));
        for confusion in [&result.by_row, &result.by_recording].into_iter().flatten() {
            cells.extend([percent(confusion.accuracy()), interval(confusion.accuracy(), confusion.total())]);
        }
        if explains {
            cells.push(or_dash(result.explained, percent(result.explained)));
        }
        cells.push(format!("{:.1}", result.seconds));
        table.row(&cells);
    }
    table.text()
}

/// Results as rows for programs. What there is not is empty.
pub(crate) fn results_tsv(results: &[TableResult]) -> String {
    let headings = ["test set", "training rows", "test rows", "training cost", "test cost"];
    let mut text = tsv(&[&headings[..], &["rows correct", "recordings correct", "explained", "seconds"]].concat());
    let number = |x: f64| if x.is_nan() { String::new() } else { format!("{x:.6}") };
    for result in results {
        let mut cells = vec![result.name.clone()];
        cells.extend(result.rows.map(|rows| rows.to_string()));
        cells.extend(result.costs.map(number));
        let accuracy = |confusion: &Option<Confusion>| confusion.as_ref().map_or(f64::NAN, Confusion::accuracy);
        cells.extend([accuracy(&result.by_row), accuracy(&result.by_recording), result.explained].map(number));
        cells.push(format!("{:.3}", result.seconds));
        text += &tsv(&cells);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::row_table::RowLabels;

    /// 60 rows of 6 values around the center of their class; rows 3k to 3k + 2 are those of a recording.
    fn table() -> (RowTable<f64>, Vec<Range<usize>>) {
        let mut random = Random::new(1);
        let class = |row: usize| row / 3 % 2;
        let examples = Matrix::from_function(6, 60, |i, j| {
            let center = if i % 2 == class(j) { 5.0 } else { 4.0 };
            center + random.uniform::<f64>(-0.4, 0.4)
        });
        let labels = RowLabels { rows: (0..60).map(class).collect(), classes: vec!["a".into(), "b".into()] };
        (RowTable { examples, labels: Some(labels) }, (0..20).map(|k| 3 * k..3 * k + 3).collect())
    }

    fn settings(kind: Kind) -> TableSettings {
        let batches = Batches { epochs: 20, batch: 16, rate: 0.01 };
        TableSettings { hidden: vec![4], filters: vec![3], iterations: 40, batches, ..TableSettings::new(kind) }
    }

    fn fit(settings: &TableSettings, table: &RowTable<f64>, rows: &[usize]) -> TableModel<f64> {
        settings.train(table, rows, &mut Run::new(&mut Silent))
    }

    #[test]
    fn classifiers_learn_rows_and_recordings() {
        let (table, recordings) = table();
        let mut dense = settings(Kind::Network);
        dense.hidden = vec![5, 4];
        let images = TableSettings { shape: Some([2, 3]), dropout: 0.2, ..settings(Kind::Network) };
        for settings in [settings(Kind::Softmax), dense, images] {
            settings.check::<f64>(6, 60, 2).unwrap();
            let folds = folds(&Split::Folds(4), &table, 60, Some(&recordings), 1).unwrap();
            let results: Vec<TableResult> = folds
                .iter()
                .map(|fold| fit(&settings, &table, &fold.train).evaluate(&table, fold, Instant::now()))
                .collect();
            let all = together(&results);
            let [by_row, by_recording] = [all.by_row.unwrap(), all.by_recording.unwrap()];
            assert_eq!((all.rows, by_row.total(), by_recording.total()), ([180, 60], 60, 20));
            assert!(by_row.accuracy() > 0.95 && by_recording.accuracy() == 1.0, "{settings:?}: {results:?}");
            assert!(all.costs.iter().all(|&cost| cost < 0.5), "{:?}", all.costs);
        }
    }

    #[test]
    fn the_written_arrays_are_the_model() {
        let (table, _) = table();
        let rows: Vec<usize> = (0..60).collect();
        let get = |arrays: &[(String, Array)], name: &str| {
            let array = &arrays.iter().find(|(found, _)| found == name).unwrap().1;
            (array.shape().to_vec(), array.scalars::<f64>().unwrap().to_vec())
        };
        let x: Vec<f64> = table.examples.column(7);
        let scaled = |arrays: &[(String, Array)]| -> Vec<f64> {
            let [(_, mean), (_, deviation)] = ["scaler.mean", "scaler.deviation"].map(|name| get(arrays, name));
            (0..6).map(|i| (x[i] - mean[i]) / deviation[i]).collect()
        };
        let layer = |arrays: &[(String, Array)], name: &str, x: &[f64]| -> Vec<f64> {
            let [(shape, w), (_, b)] = ["weight", "bias"].map(|part| get(arrays, &format!("{name}.{part}")));
            assert_eq!(shape, [b.len(), x.len()], "{name}");
            (0..b.len()).map(|k| (0..x.len()).fold(b[k], |z, j| z + w[k * x.len() + j] * x[j])).collect()
        };
        let near = |found: &[f64], expected: &[f64]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {expected:?}");
        };
        let one = |model: &TableModel<f64>| {
            let mut matrix = table.examples.select_columns(&[7]);
            model.scaler.as_ref().unwrap().apply(&mut matrix);
            matrix
        };
        let log_softmax = |z: Vec<f64>| -> Vec<f64> {
            let total = z.iter().fold(0.0, |total, &z| total + Real::exp(z));
            z.iter().map(|&z| z - Real::ln(total)).collect()
        };

        let model = fit(&settings(Kind::Autoencoder), &table, &rows);
        let arrays = model.arrays();
        let hidden = layer(&arrays, "encoder.1", &scaled(&arrays));
        let hidden: Vec<f64> = hidden.iter().map(|&z| 1.0 / (1.0 + Real::exp(-z))).collect();
        let Learned::Autoencoder(learned) = &model.learned else { panic!("{model:?}") };
        near(&layer(&arrays, "decoder.1", &hidden), &learned.decode(&learned.encode(&one(&model))).column(0));

        let model = fit(&settings(Kind::Softmax), &table, &rows);
        let arrays = model.arrays();
        let found = log_softmax(layer(&arrays, "softmax", &scaled(&arrays)));
        near(&found, &model.log_probabilities(&one(&model)).unwrap().column(0));

        let model = fit(&settings(Kind::Network), &table, &rows);
        let arrays = model.arrays();
        let hidden = layer(&arrays, "dense.1", &scaled(&arrays)).into_iter().map(|z| if z > 0.0 { z } else { 0.0 });
        let found = log_softmax(layer(&arrays, "softmax", &hidden.collect::<Vec<_>>()));
        near(&found, &model.log_probabilities(&one(&model)).unwrap().column(0));

        let images = TableSettings { shape: Some([2, 3]), ..settings(Kind::Network) };
        let arrays = fit(&images, &table, &rows).arrays();
        assert_eq!(get(&arrays, "convolution.1.weight").0, [3, 1, 3, 3]);
        assert_eq!(get(&arrays, "dense.1.weight").0, [4, 18]);
        let unscaled = TableSettings { is_scaled: false, ..settings(Kind::Softmax) };
        let model = fit(&unscaled, &table, &rows);
        assert_eq!((model.arrays().len(), model.parameters()), (2, 14));

        let deep = TableSettings { hidden: vec![4, 3], ..images };
        for settings in [settings(Kind::Autoencoder), unscaled, settings(Kind::Network), deep] {
            let arrays = fit(&settings, &table, &rows).arrays();
            assert!(arrays.into_iter().map(|(name, _)| name).eq(settings.array_names()), "{settings:?}");
        }
    }

    #[test]
    fn an_autoencoder_explains_the_held_out_rows() {
        let (mut table, recordings) = table();
        table.labels = None;
        let mut settings = settings(Kind::Autoencoder);
        (settings.hidden, settings.iterations, settings.sparsity_weight) = (vec![8], 100, 0.0);
        let folds = folds(&Split::Random(0.25), &table, 60, Some(&recordings), 1).unwrap();
        let [fold] = &folds[..] else { panic!("{folds:?}") };
        let result = fit(&settings, &table, &fold.train).evaluate(&table, fold, Instant::now());
        assert!(result.explained > 0.5 && result.by_row.is_none(), "{result:?}");
        assert!(results_text(std::slice::from_ref(&result)).lines().next().unwrap().ends_with("explained  seconds"));
    }

    #[test]
    fn rows_of_a_recording_stay_together() {
        let (table, recordings) = table();
        for split in [Split::Folds(3), Split::Random(0.3)] {
            for fold in folds(&split, &table, 60, Some(&recordings), 7).unwrap() {
                let of = |rows: &[usize]| rows.iter().map(|row| row / 3).collect::<Vec<_>>();
                let (train, test) = (of(&fold.train), of(&fold.test));
                assert!(test.iter().all(|recording| !train.contains(recording)));
                assert_eq!(train.len() + test.len(), 60);
                for range in &fold.recordings {
                    assert!(test[range.clone()].iter().all(|&recording| recording == test[range.start]));
                }
            }
        }
        let all = folds(&Split::None, &table, 60, None, 1).unwrap();
        assert_eq!((all.len(), all[0].train.len(), all[0].test.len()), (1, 60, 0));
    }

    #[test]
    fn values_that_cannot_be_scaled_are_refused() {
        let (mut table, _) = table();
        let (scaled, unscaled) =
            (settings(Kind::Softmax), TableSettings { is_scaled: false, ..settings(Kind::Softmax) });
        assert!(scaled.check_scale(&table).is_ok());
        table.examples.row_mut(2)[7] = 1e200;
        let error = scaled.check_scale(&table).unwrap_err().to_string();
        assert!(error.starts_with("value 2 of the rows, counted from 0, is too large"), "{error}");
        assert!(unscaled.check_scale(&table).is_ok());
        let few = |found| TableModelError::Few { found, least: 4, unit: "row" }.to_string();
        assert_eq!(few(1), "there is 1 row, but a split needs at least 4");
        assert_eq!(few(2), "there are 2 rows, but a split needs at least 4");
    }

    #[test]
    fn what_cannot_be_split_or_trained_is_refused() {
        let (mut table, recordings) = table();
        let error = |table: &RowTable<f64>, split: Split, recordings: Option<&[Range<usize>]>| {
            folds(&split, table, 60, recordings, 1).unwrap_err().to_string()
        };
        assert_eq!(error(&table, Split::Folds(31), None), "31 folds are too many: no label has more than 30 rows");
        assert_eq!(
            error(&table, Split::Folds(11), Some(&recordings)),
            "11 folds are too many: no label has more than 10 recordings"
        );
        assert_eq!(
            error(&table, Split::Random(0.5), Some(&[0..4, 4..60])),
            "rows of recording 0, counted from 0, differ in their label"
        );
        table.labels.as_mut().unwrap().rows[0] = 1;
        table.labels.as_mut().unwrap().rows[1..].fill(0);
        assert_eq!(
            error(&table, Split::Folds(2), None),
            "the label 'b' has one row: one to train on and one to test on are needed"
        );
        table.labels.as_mut().unwrap().rows.fill(0);
        assert_eq!(
            error(&table, Split::None, None),
            "all rows have the label 'a': with one class there is nothing to classify"
        );
        table.labels = None;
        assert_eq!(
            error(&table, Split::Folds(2), Some(&recordings[..3])),
            "there are 3 recordings, but a split needs at least 4"
        );
        let images = TableSettings { shape: Some([2, 4]), ..settings(Kind::Network) };
        assert_eq!(
            images.check::<f64>(6, 60, 2).unwrap_err().to_string(),
            "an image of 2 x 4 was expected, but a row has 6 values"
        );
        let large = TableSettings { hidden: vec![10_000], ..settings(Kind::Autoencoder) };
        assert!(matches!(large.check::<f64>(1_000_000, 60, 0), Err(TableModelError::Limit(_))));
    }
}
