//! The context of an exercise: its examples, its settings, and the page, the measurements and the pictures that it
//! leaves.

use crate::dataset::idx::{Idx, Mnist};
use crate::dataset::recordings::Collection;
use crate::dataset::split::{Fold, Split};
use crate::dataset::whiten::Whitening;
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::model::gradient_suite::{Checked, check_all};
use crate::model::greedy::{TrainedAutoencoder, encode, pretrain};
use crate::model::{Autoencoder, Softmax, Stacked};
use crate::number::sum::{squared_distance, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::Lbfgs;
use crate::picture::chart::Chart;
use crate::picture::image::Image;
use crate::picture::tiles::{SheetOptions, TileShape, tiles, upright, with_row_labels};
use crate::tutorial::error::TutorialError;
use crate::tutorial::evaluation::Evaluator;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::figures::{Figure, FigureWriter};
use crate::tutorial::pipeline::{Prepared, choose, prepare};
use crate::tutorial::preprocessing::Normalizer;
use crate::tutorial::progress::Progress;
use crate::tutorial::report::{Table, filled, gradients};
use crate::tutorial::settings::{PipelineSettings, ufldl};
use crate::tutorial::training::{Run, TrainedClassifier};
use std::format;
use std::path::PathBuf;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;

/// The least rows and columns of an image: two convolutions and two poolings leave one unit of 16.
pub(crate) const LEAST_SIDE: usize = 16;

/// The least number of training images: cross-validation holds out a part of them.
const LEAST_IMAGES: usize = 10;

/// Recordings and their windows.
#[derive(Debug)]
pub struct Sounds {
    /// The recordings.
    pub collection: Collection,
    /// Their frames and windows.
    pub prepared: Prepared<f32>,
    /// The training and the test recordings.
    pub fold: Fold,
    /// The normalization of windows.
    pub normalizer: Normalizer<f32>,
}

/// Images of digits.
#[derive(Debug)]
pub struct Images {
    /// Images to train on.
    pub train: LabeledExamples<f32>,
    /// Test images.
    pub test: LabeledExamples<f32>,
    /// Rows and columns of an image.
    pub size: [usize; 2],
}

impl Images {
    /// All images of MNIST.
    ///
    /// # Errors
    /// If there are no images, they are smaller than 16 x 16, or there is not enough memory for them.
    pub fn of(mnist: &Mnist) -> Result<Self, TutorialError> {
        let sides = mnist.train_images.sizes();
        let size = [sides[1], sides[2]];
        check_size(size)?;
        let train = labeled_images("training", &mnist.train_images, &mnist.train_labels, usize::MAX)?;
        let test = labeled_images("test", &mnist.test_images, &mnist.test_labels, usize::MAX)?;
        Ok(Images { train, test, size })
    }
}

/// At most `most` images with their labels.
fn labeled_images(
    set: &'static str,
    images: &Idx,
    labels: &[usize],
    most: usize,
) -> Result<LabeledExamples<f32>, TutorialError> {
    if images.sizes().contains(&0) {
        return Err(TutorialError::NoImages { set });
    }
    let matrix = images.first_images(most)?;
    let labels = labels[..matrix.columns()].to_vec();
    Ok(LabeledExamples { matrix, labels })
}

/// A measurement of an exercise on MNIST.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The exercise's name.
    pub exercise: &'static str,
    /// The metric: an accuracy, from 0 to 1, or `cost`.
    pub metric: &'static str,
    /// Its value.
    pub value: f64,
    /// Seconds of all the work for it.
    pub seconds: f64,
}

/// Examples with each value shuffled among them: values with the same distributions, independent of one another.
pub fn shuffled_values(examples: &Matrix<f32>, random: &mut Random) -> Matrix<f32> {
    let mut shuffled = examples.clone();
    (0..shuffled.rows()).for_each(|i| random.shuffle(shuffled.row_mut(i)));
    shuffled
}

/// The smallest and the largest of the values.
pub fn extremes(values: &[f32]) -> [f32; 2] {
    let start = [f32::INFINITY, -f32::INFINITY];
    values.iter().fold(start, |[low, high], &x| [Real::min(x, low), Real::max(x, high)])
}

/// The Euclidean norm.
pub fn norm(x: &[f32]) -> f32 {
    Element::sqrt(sum_of_squares(x))
}

/// The context of an exercise.
pub struct ExerciseContext<'a> {
    /// The settings of the models and of their training.
    pub settings: PipelineSettings,
    /// Whether fewer examples, units and iterations are wanted.
    pub quick: bool,
    /// An autoencoder for the examples.
    pub autoencoder: Autoencoder,
    /// The recordings, unless the examples are images.
    pub sounds: Option<Sounds>,
    /// Images of digits in addition to recordings, for exercises on both.
    pub images: Option<Images>,
    /// The paths of PNG files, for exercises on photographs.
    pub photographs: Option<Vec<PathBuf>>,
    /// The names of the labels.
    pub labels: Vec<String>,
    /// The training examples. Windows are in random order.
    pub train: LabeledExamples<f32>,
    /// The test examples.
    pub test: LabeledExamples<f32>,
    /// The shape of an example in pictures.
    pub tile: TileShape,
    /// The writer of the pictures; without it nothing is drawn.
    pub figures: Option<&'a FigureWriter>,
    /// The observer of training, and the digest of the parameters learned.
    pub run: Run<'a>,
    /// The text to be printed.
    pub page: String,
    /// The measurements of exercises on MNIST.
    pub rows: Vec<Row>,
    /// The pictures drawn.
    pub pictures: Vec<Figure>,
}

/// Sizes with which an exercise takes seconds.
pub fn small(quick: bool, seed: u64) -> PipelineSettings {
    let (most_windows, hidden, deep, iterations, tuning_iterations) =
        if quick { (1000, 36, 25, 40, 30) } else { (5000, 100, 64, 150, 80) };
    PipelineSettings { most_windows, hidden, deep, iterations, tuning_iterations, seed, ..PipelineSettings::default() }
}

impl<'a> ExerciseContext<'a> {
    /// Whitened windows of log-mel spectra: at most `most_windows` of the settings to train on, and the same number to
    /// test on.
    ///
    /// # Errors
    /// If the recordings cannot be split, or the mel bands do not fit their rate.
    pub fn of_recordings(
        collection: Collection,
        settings: PipelineSettings,
        quick: bool,
        figures: Option<&'a FigureWriter>,
        progress: &'a mut dyn Progress,
    ) -> Result<Self, TutorialError> {
        let seed = settings.seed;
        let folds = Split::default_for(&collection).folds(&collection, seed)?;
        let fold = folds.into_iter().next().ok_or(TutorialError::EmptySplit)?;
        let prepared = prepare::<f32>(&settings, &collection, &[], progress)?;
        let windows = &prepared.labeled;
        let evaluator =
            Evaluator { settings: &settings, collection: &collection, ranges: &windows.ranges, fold: &fold };
        let mut random = Random::new(seed);
        let mut chosen = choose(&mut random, evaluator.columns(&fold.train), settings.most_windows);
        random.shuffle(&mut chosen);
        let tests = choose(&mut random, evaluator.columns(&fold.test), settings.most_windows);
        let normalizer = Normalizer::measure(&settings.normalization, &windows.matrix.select_columns(&chosen));
        let [train, test] = [&chosen, &tests].map(|columns| LabeledExamples {
            matrix: normalizer.apply(windows.matrix.select_columns(columns)),
            labels: evaluator.labels_of_windows(columns),
        });
        let tile = TileShape { bands: settings.bands, frames: settings.context_window.width };
        let autoencoder = settings.autoencoder(train.matrix.rows());
        let labels = collection.labels.clone();
        Ok(ExerciseContext {
            settings,
            quick,
            autoencoder,
            sounds: Some(Sounds { collection, prepared, fold, normalizer }),
            images: None,
            photographs: None,
            labels,
            train,
            test,
            tile,
            figures,
            run: Run::new(progress),
            page: String::new(),
            rows: Vec::new(),
            pictures: Vec::new(),
        })
    }

    /// Images of digits: at most `most_windows` of the settings to train on, and the same number to test on.
    ///
    /// # Errors
    /// If there are too few images, or they are too small.
    pub fn of_images(
        mnist: &Mnist,
        settings: PipelineSettings,
        quick: bool,
        figures: Option<&'a FigureWriter>,
        progress: &'a mut dyn Progress,
    ) -> Result<Self, TutorialError> {
        check_size([mnist.train_images.sizes()[1], mnist.train_images.sizes()[2]])?;
        let found = mnist.train_images.sizes()[0];
        if found < LEAST_IMAGES {
            return Err(TutorialError::FewImages { found, least: LEAST_IMAGES });
        }
        Self::of_digits(mnist, settings, settings.most_windows, quick, figures, progress)
    }

    /// Images of digits: at most `most_windows` of the settings to train on and `most_tests` to test on.
    ///
    /// # Errors
    /// If there are no images, or not enough memory for them.
    pub fn of_digits(
        mnist: &Mnist,
        settings: PipelineSettings,
        most_tests: usize,
        quick: bool,
        figures: Option<&'a FigureWriter>,
        progress: &'a mut dyn Progress,
    ) -> Result<Self, TutorialError> {
        let train = labeled_images("training", &mnist.train_images, &mnist.train_labels, settings.most_windows)?;
        let test = labeled_images("test", &mnist.test_images, &mnist.test_labels, most_tests)?;
        let sides = mnist.train_images.sizes();
        Ok(ExerciseContext {
            settings,
            quick,
            autoencoder: ufldl(train.matrix.rows(), settings.hidden),
            sounds: None,
            images: None,
            photographs: None,
            labels: (0..10).map(|digit: usize| digit.to_string()).collect(),
            train,
            test,
            tile: TileShape { bands: sides[1], frames: sides[2] },
            figures,
            run: Run::new(progress),
            page: String::new(),
            rows: Vec::new(),
            pictures: Vec::new(),
        })
    }

    /// Writes paragraphs on the page.
    pub fn say(&mut self, text: &str) {
        self.page += &filled(text);
        self.page += "\n";
    }

    /// Writes a table on the page.
    pub fn table(&mut self, table: &Table) {
        self.page += &table.text();
        self.page += "\n";
    }

    /// Writes the gradient check of the objectives with these names on the page.
    pub fn gradient_check(&mut self, is_wanted: impl Fn(&str) -> bool) {
        let checked: Vec<Checked> = check_all().into_iter().filter(|c| is_wanted(&c.objective)).collect();
        self.page += &gradients(&checked);
        self.page += "\n";
    }

    /// Records a measurement.
    pub fn measured(&mut self, exercise: &'static str, metric: &'static str, value: f64, start: Instant) {
        self.rows.push(Row { exercise, metric, value, seconds: start.elapsed().as_secs_f64() });
    }

    /// Trains an autoencoder; all autoencoders of the same shape start from the same parameters.
    pub fn train_autoencoder(
        &mut self,
        stage: &str,
        model: Autoencoder,
        examples: &Matrix<f32>,
    ) -> TrainedAutoencoder<f32> {
        let mut random = Random::new(self.settings.seed);
        let trained = self.run.autoencoder(stage, model, self.settings.iterations, examples, &mut random);
        self.run.learned(&trained.theta);
        trained
    }

    /// The autoencoder before its first step.
    pub fn untrained(&self, model: Autoencoder) -> TrainedAutoencoder<f32> {
        let none = Lbfgs { iterations: 0, ..Lbfgs::default() };
        let (one, mut random) = (self.train.matrix.select_columns(&[0]), Random::new(self.settings.seed));
        TrainedAutoencoder::train(model, &one, &mut random, |cost, theta| none.minimize(cost, theta, |_| true))
    }

    /// A softmax regression on this number of features.
    pub fn softmax(&self, features: usize, weight_decay: f64) -> Softmax {
        Softmax { features, classes: self.labels.len(), bias: true, weight_decay }
    }

    /// Trains autoencoders on the training examples, one after the other, each on the features of the one before.
    pub fn pretrained(&mut self, stack: &[Autoencoder]) -> Vec<TrainedAutoencoder<f32>> {
        let (iterations, mut random) = (self.settings.iterations, Random::new(self.settings.seed));
        let stack = pretrain(stack, &self.train.matrix, &mut random, |l, cost, theta| {
            self.run.minimize(&format!("layer {}", l + 1), iterations, cost, theta)
        });
        stack.iter().for_each(|layer| self.run.learned(&layer.theta));
        stack
    }

    /// The encoders, and a softmax regression on their deepest features, as one network before fine-tuning.
    pub fn transferred(&mut self, stack: &[TrainedAutoencoder<f32>], top: Softmax) -> TrainedClassifier<Stacked, f32> {
        let (stage, deepest) = ("softmax on the deepest features", self.train.map(|x| encode(stack, x)));
        let top = self.run.regression(stage, top, self.settings.softmax_iterations, &deepest);
        self.run.learned(&top.theta);
        TrainedClassifier::transfer(stack, &top)
    }

    /// The recordings.
    ///
    /// # Errors
    /// If the examples are images.
    pub fn sounds(&self) -> Result<&Sounds, TutorialError> {
        self.sounds.as_ref().ok_or(TutorialError::NeedsRecordings)
    }

    fn whitening(&self) -> Option<&Whitening<f32>> {
        match &self.sounds.as_ref()?.normalizer {
            Normalizer::Whiten(whitening) => Some(whitening),
            Normalizer::Squash(_) => None,
        }
    }

    /// Examples as they were before whitening, but for their mean and the components left out.
    pub fn unwhitened(&self, examples: &Matrix<f32>) -> Matrix<f32> {
        let Some(whitening) = self.whitening() else { return examples.clone() };
        let mut original = Matrix::zeros(whitening.inverse.rows(), examples.columns());
        Product::new().store(whitening.inverse.view(), examples.view(), original.view_mut());
        original
    }

    /// Draws rows in the examples' coordinates, such as the weights of units, as tiles; whitening is undone.
    pub fn draw(&mut self, what: &str, name: &str, rows: &Matrix<f32>) {
        let sheet = self.sheet(rows, None);
        self.put(what, name, &sheet);
    }

    /// The same with this number of tiles in a row.
    pub fn draw_abreast(&mut self, what: &str, name: &str, rows: &Matrix<f32>, columns: usize) {
        let sheet = self.sheet(rows, Some(columns));
        self.put(what, name, &sheet);
    }

    /// The same in one row of tiles for each label, which stands in front of it.
    ///
    /// # Panics
    /// If the rows cannot be distributed evenly over the labels.
    pub fn draw_labeled(&mut self, what: &str, name: &str, rows: &Matrix<f32>, labels: &[&str]) {
        assert!(rows.rows().is_multiple_of(labels.len()), "{} tiles for {} labels", rows.rows(), labels.len());
        let sheet = self.sheet(rows, Some(rows.rows() / labels.len()));
        self.put(what, name, &with_row_labels(&sheet, labels));
    }

    /// The same of rows that are not whitened.
    ///
    /// # Panics
    /// If the rows cannot be distributed evenly over the labels.
    pub fn draw_unwhitened(&mut self, what: &str, name: &str, rows: &Matrix<f32>, labels: &[&str]) {
        assert!(rows.rows().is_multiple_of(labels.len()), "{} tiles for {} labels", rows.rows(), labels.len());
        let sheet = self.sheet_of(rows.elements(), Some(rows.rows() / labels.len()));
        self.put(what, name, &with_row_labels(&sheet, labels));
    }

    fn sheet(&self, rows: &Matrix<f32>, columns: Option<usize>) -> Image {
        let unwhitened = self.whitening().map(|whitening| {
            let mut seen = Matrix::zeros(rows.rows(), whitening.inverse.rows());
            Product::new().store(rows.view(), whitening.inverse.view().transposed(), seen.view_mut());
            seen
        });
        self.sheet_of(unwhitened.as_ref().unwrap_or(rows).elements(), columns)
    }

    fn sheet_of(&self, values: &[f32], columns: Option<usize>) -> Image {
        let options = SheetOptions { columns, ..SheetOptions::default() };
        match self.sounds {
            Some(_) => tiles(&doubles(values), self.tile, options),
            None => self.image_sheet(values, [self.tile.bands, self.tile.frames], options),
        }
    }

    /// Draws [`images`](Self::images), or reconstructions of them, in one row of tiles for each label.
    ///
    /// # Panics
    /// If there are no images, or the values are not the same number of images for each label.
    pub fn draw_image_rows(&mut self, what: &str, name: &str, values: &[f32], labels: &[&str]) {
        let Images { size: [bands, frames], .. } = *self.images.as_ref().expect("images");
        let shape = TileShape { bands, frames };
        let count = values.len() / (bands * frames);
        let options = SheetOptions { columns: Some(count / labels.len()), stretch: Some(1), ..SheetOptions::default() };
        let sheet = tiles(&upright(&doubles(values), shape), shape, options);
        self.put(what, name, &with_row_labels(&sheet, labels));
    }

    /// Draws images or parts of them, one after the other, each in the order of its rows.
    pub fn draw_images(&mut self, what: &str, name: &str, values: &[f32], size: [usize; 2], options: SheetOptions) {
        let sheet = self.image_sheet(values, size, options);
        self.put(what, name, &sheet);
    }

    fn image_sheet(&self, values: &[f32], [bands, frames]: [usize; 2], options: SheetOptions) -> Image {
        let (shape, values) = (TileShape { bands, frames }, doubles(values));
        // A spectrum's first row is its lowest band, an image's the top.
        let seen = match self.sounds {
            None => upright(&values, shape),
            Some(_) => {
                let of_tile = |k: usize| k % bands * frames + k / bands;
                values.chunks(bands * frames).flat_map(|tile| (0..tile.len()).map(move |k| tile[of_tile(k)])).collect()
            }
        };
        tiles(&seen, shape, options)
    }

    /// Writes a chart.
    pub fn put_chart(&mut self, what: &str, name: &str, chart: &Chart) {
        self.pictures.extend(self.figures.map(|figures| figures.put_chart(what.into(), name, chart)));
    }

    /// Writes a picture.
    pub fn put(&mut self, what: &str, name: &str, image: &Image) {
        self.pictures.extend(self.figures.map(|figures| figures.put(what.into(), name, image)));
    }
}

/// Checks that images have enough rows and columns for two convolutions and two poolings.
///
/// # Errors
/// If they have not.
pub(crate) fn check_size(size: [usize; 2]) -> Result<(), TutorialError> {
    let is_small = size.iter().any(|&side| side < LEAST_SIDE);
    if is_small { Err(TutorialError::SmallImages { size, least: LEAST_SIDE }) } else { Ok(()) }
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| x.to_f64()).collect()
}

/// The reconstruction error: half the squared distance between examples and their reconstructions, averaged.
pub fn reconstruction_error(trained: &TrainedAutoencoder<f32>, examples: &Matrix<f32>) -> f64 {
    half_distance(&trained.decode(&trained.encode(examples)), examples)
}

/// Half the squared distance between the columns of two matrices, averaged.
pub fn half_distance(y: &Matrix<f32>, x: &Matrix<f32>) -> f64 {
    0.5 * squared_distance(y.elements(), x.elements()).to_f64() / x.columns() as f64
}
