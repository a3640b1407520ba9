//! The context of an exercise: its examples, its settings, and the page, the measurements and the pictures that it
//! leaves.

use crate::dataset::context_windows::ContextWindows;
use crate::dataset::idx::{Idx, Mnist};
use crate::dataset::recordings::Collection;
use crate::dataset::reservoir::Item;
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
use crate::picture::tile_sheet::{TileAxes, TileSheet};
use crate::picture::tiles::{SheetOptions, TileShape, by_band, upright};
use crate::tutorial::error::TutorialError;
use crate::tutorial::evaluation::Evaluator;
use crate::tutorial::examples::LabeledExamples;
use crate::tutorial::figures::{Figure, FigureWriter, sorted};
use crate::tutorial::pipeline::{Prepared, prepare};
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
    /// Their frames.
    pub prepared: Prepared<f32>,
    /// Their windows.
    pub windows: ContextWindows<f32>,
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

/// The arrangement of tiles on a sheet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrangement<'a> {
    /// A label for each row of tiles, or none.
    pub rows: &'a [&'a str],
    /// A label for each column of tiles, or none.
    pub columns: &'a [&'a str],
    /// The layout.
    pub options: SheetOptions,
}

impl<'a> Arrangement<'a> {
    /// One row of tiles for each label.
    ///
    /// # Panics
    /// If the tiles cannot be distributed evenly over the labels.
    pub fn rows(labels: &'a [&'a str], tiles: usize) -> Self {
        assert!(tiles.is_multiple_of(labels.len()), "{tiles} tiles for {} labels", labels.len());
        Arrangement { rows: labels, ..Arrangement::abreast(tiles / labels.len()) }
    }

    /// This number of tiles in a row.
    pub fn abreast(columns: usize) -> Self {
        let options = SheetOptions { columns: Some(columns), ..SheetOptions::default() };
        Arrangement { options, ..Arrangement::default() }
    }
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
        let windows = prepared.labeled.sample(settings.context_window, seed, usize::MAX)?;
        let evaluator = Evaluator { settings: &settings, collection: &collection, prepared: &prepared, fold: &fold };
        let items = |recordings: &[usize]| -> Vec<Item> {
            let of = |&r: &usize| (0..windows.ranges[r].len()).map(move |w| (r, w));
            recordings.iter().flat_map(of).collect()
        };
        let mut random = Random::new(seed);
        let mut chosen = choose(&mut random, items(&fold.train), settings.most_windows);
        random.shuffle(&mut chosen);
        let tests = choose(&mut random, items(&fold.test), settings.most_windows);
        let select = |items: &[Item]| {
            let columns: Vec<usize> = items.iter().map(|&(r, w)| windows.ranges[r].start + w).collect();
            windows.matrix.select_columns(&columns)
        };
        let normalizer = Normalizer::measure(&settings.normalization, &select(&chosen));
        let [train, test] = [&chosen, &tests].map(|items| LabeledExamples {
            matrix: normalizer.apply(select(items)),
            labels: evaluator.labels_of_windows(items),
        });
        let tile = TileShape { bands: settings.front_end.bands, frames: settings.context_window.width };
        let autoencoder = settings.autoencoder(train.matrix.rows());
        let labels = collection.labels.clone();
        Ok(ExerciseContext {
            settings,
            quick,
            autoencoder,
            sounds: Some(Sounds { collection, prepared, windows, fold, normalizer }),
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

    /// Draws the weights of units in the examples' coordinates, each as a tile; whitening is undone. Tiles of sounds
    /// are sorted by frequency, and the caption says so.
    pub fn draw(&mut self, what: &str, name: &str, caption: &str, weights: &Matrix<f32>) {
        let (mut values, mut caption) = (doubles(self.in_view(weights).elements()), caption.to_string());
        if let Some(Sounds { prepared, .. }) = &self.sounds {
            values = by_band(&values, self.tile);
            caption += &format!(" {}", sorted(&prepared.bands));
        }
        let sheet = self.sheet(what, &caption, Arrangement::default());
        let image = sheet.image(&self.upright(values));
        self.put(what, name, &image);
    }

    /// Draws rows in the examples' coordinates in their order, each as a tile; whitening is undone.
    ///
    /// # Panics
    /// If the tiles do not have the arrangement's number of labels.
    pub fn draw_tiles(&mut self, what: &str, name: &str, caption: &str, rows: &Matrix<f32>, arranged: Arrangement) {
        let rows = self.in_view(rows);
        self.draw_unwhitened(what, name, caption, &rows, arranged);
    }

    /// The same of rows that are not whitened.
    ///
    /// # Panics
    /// If the tiles do not have the arrangement's number of labels.
    pub fn draw_unwhitened(
        &mut self,
        what: &str,
        name: &str,
        caption: &str,
        rows: &Matrix<f32>,
        arranged: Arrangement,
    ) {
        let image = self.sheet(what, caption, arranged).image(&self.upright(doubles(rows.elements())));
        self.put(what, name, &image);
    }

    /// Rows as they were before whitening.
    fn in_view(&self, rows: &Matrix<f32>) -> Matrix<f32> {
        let Some(whitening) = self.whitening() else { return rows.clone() };
        let mut seen = Matrix::zeros(rows.rows(), whitening.inverse.rows());
        Product::new().store(rows.view(), whitening.inverse.view().transposed(), seen.view_mut());
        seen
    }

    /// The values of examples in the order of tiles: an image's first row is its top.
    fn upright(&self, values: Vec<f64>) -> Vec<f64> {
        if self.sounds.is_some() { values } else { upright(&values, self.tile) }
    }

    /// A sheet of tiles that have the shape of examples.
    fn sheet<'b>(&'b self, title: &'b str, caption: &'b str, arranged: Arrangement<'b>) -> TileSheet<'b> {
        let Arrangement { rows, columns, options } = arranged;
        let axes = match &self.sounds {
            Some(Sounds { prepared, .. }) => TileAxes::Spectrum { bands: &prepared.bands, step: self.step() },
            None => TileAxes::Pixels,
        };
        TileSheet { title, caption, axes, rows, columns, shape: self.tile, options }
    }

    /// The time from a frame to the next, in seconds; 0 without sounds.
    pub fn step(&self) -> f64 {
        self.sounds.as_ref().map_or(0.0, |sounds| self.settings.step(sounds.collection.rate))
    }

    /// Draws [`images`](Self::images), or reconstructions of them, in one row of tiles for each label.
    ///
    /// # Panics
    /// If there are no images, or the values are not the same number of images for each label.
    pub fn draw_image_rows(&mut self, what: &str, name: &str, caption: &str, values: &[f32], labels: &[&str]) {
        let Images { size: [bands, frames], .. } = *self.images.as_ref().expect("images");
        let shape = TileShape { bands, frames };
        let Arrangement { rows, columns, options } = Arrangement::rows(labels, values.len() / (bands * frames));
        let options = SheetOptions { stretch: Some(1), ..options };
        let sheet = TileSheet { title: what, caption, axes: TileAxes::Pixels, rows, columns, shape, options };
        let image = sheet.image(&upright(&doubles(values), shape));
        self.put(what, name, &image);
    }

    /// Draws images, spectrograms of whole recordings, or parts of either, one after the other, each in the order of
    /// its rows. Parts of spectrograms lie anywhere, so their bands have no frequencies.
    ///
    /// # Panics
    /// If the tiles do not have the arrangement's number of labels.
    pub fn draw_images(
        &mut self,
        what: &str,
        name: &str,
        caption: &str,
        values: &[f32],
        size: [usize; 2],
        arranged: Arrangement,
    ) {
        let ([bands, frames], values) = (size, doubles(values));
        let shape = TileShape { bands, frames };
        let (seen, axes) = match &self.sounds {
            None => (upright(&values, shape), TileAxes::Pixels),
            Some(Sounds { prepared, .. }) => {
                // A spectrum's first row is its lowest band.
                let of_tile = |k: usize| k % bands * frames + k / bands;
                let tiles = values.chunks(bands * frames);
                let seen = tiles.flat_map(|tile| (0..tile.len()).map(move |k| tile[of_tile(k)])).collect();
                let step = self.step();
                let is_whole = bands == prepared.bands.count();
                let axes = if is_whole {
                    TileAxes::Spectrum { bands: &prepared.bands, step }
                } else {
                    TileAxes::Patch { step }
                };
                (seen, axes)
            }
        };
        let Arrangement { rows, columns, options } = arranged;
        let image = TileSheet { title: what, caption, axes, rows, columns, shape, options }.image(&seen);
        self.put(what, name, &image);
    }

    /// Writes a chart. The caption says what to see.
    pub fn put_chart(&mut self, what: &str, name: &str, caption: &str, chart: Chart) {
        let chart = Chart { caption: caption.into(), ..chart };
        self.pictures.extend(self.figures.map(|figures| figures.put_chart(what.into(), name, &chart)));
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

/// A random choice of at most `most` of the items, in ascending order. An exercise holds all windows in memory, so they
/// can be shuffled.
fn choose(random: &mut Random, mut items: Vec<Item>, most: usize) -> Vec<Item> {
    if items.len() > most {
        random.shuffle(&mut items);
        items.truncate(most);
        items.sort_unstable();
    }
    items
}
