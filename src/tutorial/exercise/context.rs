//! What every exercise is given, and where it leaves what it found.

use crate::dataset::idx::Mnist;
use crate::dataset::recordings::Collection;
use crate::dataset::split::{Fold, Split};
use crate::dataset::whiten::Whitening;
use crate::machine::Element;
use crate::matrix::{Matrix, Product};
use crate::model::Autoencoder;
use crate::model::greedy::TrainedAutoencoder;
use crate::number::sum::{squared_distance, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::Lbfgs;
use crate::picture::chart::Chart;
use crate::picture::tiles::{SheetOptions, TileShape, tiles, upright};
use crate::tutorial::evaluation::Evaluator;
use crate::tutorial::figures::{Figure, FigureWriter};
use crate::tutorial::pipeline::{Prepared, choose, prepare};
use crate::tutorial::preprocessing::Normalizer;
use crate::tutorial::progress::Progress;
use crate::tutorial::report::Table;
use crate::tutorial::settings::PipelineSettings;
use crate::tutorial::training::autoencoder;
use std::boxed::Box;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// Rows and columns of images, at least: two convolutions and two poolings leave one unit of 16.
const LEAST_SIDE: usize = 16;

/// Images to learn from, at least: cross-validation takes a part of them away.
const LEAST_IMAGES: usize = 10;

/// Recordings and their windows.
#[derive(Debug)]
pub struct Sounds {
    /// The recordings.
    pub collection: Collection,
    /// Their windows, as they were heard.
    pub prepared: Prepared<f32>,
    /// Which of them test.
    pub part: Fold,
    /// How windows are normalized.
    pub normalizer: Normalizer<f32>,
}

/// Where the examples come from.
#[derive(Debug)]
pub enum Source {
    /// Recordings.
    Sounds(Box<Sounds>),
    /// Images.
    Images,
}

/// Examples with their labels.
#[derive(Clone, Debug)]
pub struct LabeledExamples {
    /// Numbers of an example x examples.
    pub matrix: Matrix<f32>,
    /// The label of each.
    pub labels: Vec<usize>,
}

/// The least and the largest number.
pub fn ends(numbers: &[f32]) -> [f32; 2] {
    let start = [f32::INFINITY, -f32::INFINITY];
    numbers.iter().fold(start, |[low, high], &x| [Real::min(x, low), Real::max(x, high)])
}

/// |x|.
pub fn length(x: &[f32]) -> f32 {
    Element::sqrt(sum_of_squares(x))
}

impl LabeledExamples {
    /// The first of them, at most so many.
    pub fn first(&self, most: usize) -> LabeledExamples {
        let chosen: Vec<usize> = (0..self.labels.len().min(most)).collect();
        self.part(&chosen)
    }

    /// Some of them.
    pub fn part(&self, chosen: &[usize]) -> LabeledExamples {
        let labels = chosen.iter().map(|&j| self.labels[j]).collect();
        LabeledExamples { matrix: self.matrix.select_columns(chosen), labels }
    }

    /// Matrix and labels.
    pub fn data(&self) -> (&Matrix<f32>, &[usize]) {
        (&self.matrix, &self.labels)
    }

    /// The same examples as features.
    pub fn through(&self, layer: &TrainedAutoencoder<f32>) -> LabeledExamples {
        LabeledExamples { matrix: layer.encode(&self.matrix), labels: self.labels.clone() }
    }
}

/// What an exercise is given.
pub struct ExerciseContext<'a> {
    /// The settings of the tutorial; sizes and iterations smaller, so that an exercise takes seconds.
    pub settings: PipelineSettings,
    /// The settings of an autoencoder on the examples.
    pub shape: Autoencoder,
    /// Where the examples come from.
    pub source: Source,
    /// The labels' names.
    pub labels: Vec<String>,
    /// To learn from, in random order.
    pub train: LabeledExamples,
    /// To be tested on.
    pub test: LabeledExamples,
    /// How an example looks.
    pub tile: TileShape,
    /// Where pictures go, if they are drawn.
    pub figures: Option<&'a FigureWriter>,
    /// Who is told how far the work is.
    pub progress: &'a mut dyn Progress,
    /// What is to be printed.
    pub page: String,
    /// The pictures drawn.
    pub pictures: Vec<Figure>,
}

/// Sizes that let an exercise take seconds.
fn sizes(quick: bool, seed: u64) -> PipelineSettings {
    let (most_windows, hidden, deep, iterations, tuning_iterations) =
        if quick { (1000, 36, 25, 40, 30) } else { (5000, 100, 64, 150, 80) };
    PipelineSettings { most_windows, hidden, deep, iterations, tuning_iterations, seed, ..PipelineSettings::default() }
}

impl<'a> ExerciseContext<'a> {
    /// Whitened windows of log-mel spectra.
    ///
    /// # Errors
    /// A sentence, if the recordings cannot be split or the mel bands do not fit their rate.
    pub fn of_sounds(
        collection: Collection,
        quick: bool,
        seed: u64,
        figures: Option<&'a FigureWriter>,
        progress: &'a mut dyn Progress,
    ) -> Result<Self, String> {
        let settings = sizes(quick, seed);
        let split = Split::default_for(&collection).folds(&collection, seed).map_err(|error| error.to_string())?;
        let Some(part) = split.into_iter().next() else { return Err("there is nothing to test on".into()) };
        let prepared = prepare::<f32>(&settings, &collection, &[], progress).map_err(|error| error.to_string())?;
        let evaluator = Evaluator {
            settings: &settings,
            collection: &collection,
            ranges: &prepared.labeled.of_recording,
            part: &part,
        };
        let mut random = Random::new(seed);
        let mut chosen = choose(&mut random, evaluator.columns(&part.train), settings.most_windows);
        random.shuffle(&mut chosen);
        let tests = choose(&mut random, evaluator.columns(&part.test), settings.most_windows);
        let normalizer = Normalizer::measure(&settings.normalization, &prepared.labeled.matrix.select_columns(&chosen));
        let examples = |columns: &[usize]| LabeledExamples {
            matrix: normalizer.apply(prepared.labeled.matrix.select_columns(columns)),
            labels: evaluator.labels_of_windows(columns),
        };
        let (train, test) = (examples(&chosen), examples(&tests));
        let shape = settings.autoencoder(train.matrix.rows());
        let tile = TileShape { bands: settings.bands, frames: settings.windowing.width };
        let labels = collection.labels.clone();
        let source = Source::Sounds(Box::new(Sounds { collection, prepared, part, normalizer }));
        let (page, pictures) = (String::new(), Vec::new());
        Ok(ExerciseContext { settings, shape, source, labels, train, test, tile, figures, progress, page, pictures })
    }

    /// Images of digits, with UFLDL's λ, ρ and β.
    ///
    /// # Errors
    /// A sentence, if there is no image.
    pub fn of_images(
        mnist: &Mnist,
        quick: bool,
        seed: u64,
        figures: Option<&'a FigureWriter>,
        progress: &'a mut dyn Progress,
    ) -> Result<Self, String> {
        let settings = sizes(quick, seed);
        let of = |images: &crate::dataset::idx::Idx, labels: &[usize]| {
            let matrix = images.first_images(settings.most_windows).map_err(|error| error.to_string())?;
            let labels = labels[..matrix.columns()].to_vec();
            if matrix.elements().is_empty() {
                Err("there is no image".to_string())
            } else {
                Ok(LabeledExamples { matrix, labels })
            }
        };
        let sides = mnist.train_images.sizes();
        if sides[1..].iter().any(|&side| side < LEAST_SIDE) {
            let [rows, columns] = [sides[1], sides[2]];
            return Err(format!(
                "images of {rows} x {columns}; the exercises need {LEAST_SIDE} x {LEAST_SIDE} at least"
            ));
        }
        let train = of(&mnist.train_images, &mnist.train_labels)?;
        if train.matrix.columns() < LEAST_IMAGES {
            let found = train.matrix.columns();
            return Err(format!("{found} images to learn from; the exercises need {LEAST_IMAGES} at least"));
        }
        let test = of(&mnist.test_images, &mnist.test_labels)?;
        let shape = Autoencoder {
            weight_decay: 3e-3,
            sparsity: 0.1,
            sparsity_weight: 3.0,
            ..Autoencoder::new(train.matrix.rows(), settings.hidden)
        };
        let tile = TileShape { bands: sides[1], frames: sides[2] };
        let labels = (0..10).map(|digit: usize| digit.to_string()).collect();
        let (page, pictures, source) = (String::new(), Vec::new(), Source::Images);
        Ok(ExerciseContext { settings, shape, source, labels, train, test, tile, figures, progress, page, pictures })
    }

    /// Writes a paragraph on the page.
    pub fn say(&mut self, text: &str) {
        self.page += text;
        self.page += "\n";
    }

    /// Writes a table on the page.
    pub fn table(&mut self, table: &Table) {
        self.page += &table.text();
        self.page += "\n";
    }

    /// Trains an autoencoder; every one of a class starts from the same seed.
    pub fn teach(&mut self, stage: &str, shape: Autoencoder, examples: &Matrix<f32>) -> TrainedAutoencoder<f32> {
        let mut random = Random::new(self.settings.seed);
        autoencoder(stage, shape, self.settings.iterations, examples, &mut random, self.progress)
    }

    /// The same before its first step.
    pub fn untrained(&self, shape: Autoencoder) -> TrainedAutoencoder<f32> {
        let none = Lbfgs { iterations: 0, ..Lbfgs::default() };
        let (one, mut random) = (self.train.matrix.select_columns(&[0]), Random::new(self.settings.seed));
        TrainedAutoencoder::train(shape, &one, &mut random, |cost, theta| none.minimize(cost, theta, |_| true))
    }

    /// Half the squared distance of the reconstructions, a mean over the examples.
    pub fn error(trained: &TrainedAutoencoder<f32>, examples: &Matrix<f32>) -> f64 {
        let y = trained.decode(&trained.encode(examples));
        0.5 * squared_distance(y.elements(), examples.elements()).to_f64() / examples.columns() as f64
    }

    fn whitening(&self) -> Option<&Whitening<f32>> {
        match &self.source {
            Source::Sounds(sounds) => match &sounds.normalizer {
                Normalizer::Whiten(whitening) => Some(whitening),
                Normalizer::Squash(_) => None,
            },
            Source::Images => None,
        }
    }

    /// Rows in the examples' coordinates (weights of units, examples turned) as they would look.
    pub fn as_seen(&self, rows: &Matrix<f32>) -> Vec<f64> {
        let seen = match self.whitening() {
            Some(whitening) => {
                let mut seen = Matrix::zeros(rows.rows(), whitening.inverse.rows());
                Product::new().store(rows.view(), whitening.inverse.view().transposed(), seen.view_mut());
                seen
            }
            None => rows.clone(),
        };
        let numbers: Vec<f64> = seen.elements().iter().map(|&x| x.to_f64()).collect();
        match self.source {
            Source::Images => upright(&numbers, self.tile),
            Source::Sounds(..) => numbers,
        }
    }

    /// The examples to learn from as they were before whitening, but for their mean and the components left out.
    pub fn unwhitened(&self) -> Matrix<f32> {
        match self.whitening() {
            Some(whitening) => {
                let mut original = Matrix::zeros(whitening.inverse.rows(), self.train.matrix.columns());
                Product::new().store(whitening.inverse.view(), self.train.matrix.view(), original.view_mut());
                original
            }
            None => self.train.matrix.clone(),
        }
    }

    /// Draws rows as tiles.
    pub fn draw(&mut self, what: &str, name: &str, rows: &Matrix<f32>) {
        self.draw_abreast((what, name), rows, None);
    }

    /// The same, with so many tiles side by side.
    pub fn draw_abreast(&mut self, (what, name): (&str, &str), rows: &Matrix<f32>, columns: Option<usize>) {
        let seen = self.as_seen(rows);
        self.put(what, name, &tiles(&seen, self.tile, SheetOptions { columns, ..SheetOptions::default() }));
    }

    /// Puts a chart where pictures go.
    pub fn put_chart(&mut self, what: &str, name: &str, chart: &Chart) {
        if let Some(figures) = self.figures {
            self.pictures.push(figures.put_chart(what.into(), name, chart));
        }
    }

    /// Puts a picture where pictures go.
    pub fn put(&mut self, what: &str, name: &str, image: &crate::picture::image::Image) {
        if let Some(figures) = self.figures {
            self.pictures.push(figures.put(what.into(), name, image));
        }
    }
}
