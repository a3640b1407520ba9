//! UFLDL's exercises on MNIST, with UFLDL's settings, to be compared with what it says they give.
//!
//! | exercise | what is done | rows |
//! | --- | --- | --- |
//! | `softmax` | softmax regression on the points of all images | `accuracy` |
//! | `sparse` | a sparse autoencoder with 196 units on the first 10000 images | `cost` |
//! | `self-taught` | digits 0 to 4 told apart by features of the digits 5 to 9: half of them trains, half tests | `raw-accuracy`, `learned-accuracy` |
//! | `stacked` | 784-200-200-10: autoencoders one on the other, softmax, and all tuned together; or [`stacked_denoising`](super::stacked_denoising) | `before-accuracy`, `after-accuracy` |
//! | `conv` | a convolutional network ([`image_network`]); not UFLDL's | `accuracy` |
//!
//! One setting is not UFLDL's: self-taught learning chooses the decay of its regressions on a part of the training
//! images. Accuracies are shares of the test images told right; but `self-taught` divides the training images of 0 to
//! 4, as UFLDL does.
//! Source: UFLDL, "Vectorization", "Softmax Regression", "Self-Taught Learning", "Implement deep networks for digit
//! classification".

use super::figures::{Figure, FigureWriter};
use super::image_network::{self, DigitsSettings};
use super::preprocessing::digest_numbers;
use super::progress::Progress;
use super::stacked_denoising::{Tuned, TunedSettings};
use super::training::{FineTuned, Regression, accuracy, autoencoder};
use crate::bytes::digest::Digest;
use crate::dataset::idx::Mnist;
use crate::matrix::Matrix;
use crate::model::greedy::TrainedAutoencoder;
use crate::model::network::InMemory;
use crate::model::{Autoencoder, Softmax};
use crate::number::{Random, Real};
use crate::picture::tiles::{SheetOptions, TileShape, tiles, upright};
use std::format;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;

/// The exercises, in UFLDL's order; the last one is not UFLDL's.
pub const EXERCISES: [&str; 5] = ["sparse", "softmax", "self-taught", "stacked", "conv"];

/// The number of digits.
const CLASSES: usize = 10;

/// Parts of UFLDL's decay among which self-taught learning chooses.
const DECAYS: [f64; 3] = [1.0, 0.3, 0.1];

/// What the picture of a stacked network shows.
const FIRST_LAYER: &str = "what the first layer looked for before tuning";

/// The choices.
#[derive(Clone, Debug, PartialEq)]
pub struct MnistSettings {
    /// At most so many training images.
    pub images: usize,
    /// At most so many images for the exercise `sparse`, and its units.
    pub sparse: [usize; 2],
    /// Units of the exercise `self-taught`.
    pub self_taught: usize,
    /// Units of each layer of the exercise `stacked`.
    pub stacked: Vec<usize>,
    /// The exercise `stacked` by other means than UFLDL's.
    pub tuned: Option<TunedSettings>,
    /// λ, ρ and β of the autoencoders.
    pub autoencoder: [f64; 3],
    /// Iterations of an autoencoder, of a softmax regression, of tuning.
    pub iterations: [usize; 3],
    /// λ of softmax regressions; the largest of those that self-taught learning chooses among.
    pub softmax_decay: f64,
    /// λ of the softmax weights while all layers are tuned.
    pub tuning_decay: f64,
    /// The convolutional network of the exercise `conv`.
    pub conv: DigitsSettings,
    /// The seed of everything drawn at random.
    pub seed: u64,
}

impl Default for MnistSettings {
    /// UFLDL's.
    fn default() -> Self {
        MnistSettings {
            images: usize::MAX,
            sparse: [10_000, 196],
            self_taught: 200,
            stacked: Vec::from([200, 200]),
            tuned: None,
            autoencoder: [3e-3, 0.1, 3.0],
            iterations: [400, 100, 400],
            softmax_decay: 1e-4,
            tuning_decay: 3e-3,
            conv: DigitsSettings::default(),
            seed: 1,
        }
    }
}

impl MnistSettings {
    /// With the exercise `stacked` by all means of the lectures.
    pub fn tuned() -> Self {
        MnistSettings { tuned: Some(TunedSettings::default()), ..MnistSettings::default() }
    }

    /// A tenth of the images and fewer iterations, to see that everything works.
    pub fn quick(self) -> Self {
        let conv = DigitsSettings { epochs: 5, ..self.conv };
        let tuned = self.tuned.map(|tuned| TunedSettings { epochs: [3, 15], ..tuned });
        MnistSettings { images: 10_000, iterations: [80, 50, 80], conv, tuned, ..self }
    }

    /// As UFLDL has it, without a bias.
    fn softmax(&self, features: usize, classes: usize, weight_decay: f64) -> Softmax {
        Softmax { features, classes, bias: false, weight_decay }
    }

    fn autoencoder(&self, visible: usize, hidden: usize) -> Autoencoder {
        let [weight_decay, sparsity, sparsity_weight] = self.autoencoder;
        Autoencoder { weight_decay, sparsity, sparsity_weight, ..Autoencoder::new(visible, hidden) }
    }
}

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// One of [`EXERCISES`].
    pub exercise: &'static str,
    /// What was measured.
    pub metric: &'static str,
    /// A share from 0 to 1, or a cost.
    pub value: f64,
    /// Seconds of all the work that it takes.
    pub seconds: f64,
}

/// Does exercises one after the other.
pub struct Lesson<'a> {
    settings: MnistSettings,
    mnist: &'a Mnist,
    figures: Option<&'a FigureWriter>,
    progress: &'a mut dyn Progress,
    /// Of all learned numbers.
    pub digest: Digest,
    /// What was measured so far.
    pub rows: Vec<Row>,
    /// What each picture shows, and its file.
    pub pictures: Vec<Figure>,
}

/// Images as the columns of a matrix, and their digits.
struct DigitExamples {
    examples: Matrix<f32>,
    classes: Vec<usize>,
}

impl DigitExamples {
    /// Those whose digit is wanted.
    fn only(&self, wanted: impl Fn(usize) -> bool) -> DigitExamples {
        let chosen: Vec<usize> = (0..self.classes.len()).filter(|&j| wanted(self.classes[j])).collect();
        self.part(&chosen)
    }

    fn part(&self, chosen: &[usize]) -> DigitExamples {
        let classes = chosen.iter().map(|&j| self.classes[j]).collect();
        DigitExamples { examples: self.examples.select_columns(chosen), classes }
    }

    fn data(&self) -> (&Matrix<f32>, &[usize]) {
        (&self.examples, &self.classes)
    }
}

impl<'a> Lesson<'a> {
    /// A lesson on these images. Without a gallery nothing is drawn.
    ///
    /// # Errors
    /// A sentence, if there is no image or an image has no point.
    pub fn new(
        settings: MnistSettings,
        mnist: &'a Mnist,
        figures: Option<&'a FigureWriter>,
        progress: &'a mut dyn Progress,
    ) -> Result<Self, String> {
        for (name, images) in [("train", &mnist.train_images), ("test", &mnist.test_images)] {
            if images.sizes().contains(&0) {
                let sizes: Vec<String> = images.sizes().iter().map(ToString::to_string).collect();
                return Err(format!("the images to {name} on are {}: nothing can be learned", sizes.join(" x ")));
            }
        }
        let (digest, rows, pictures) = (Digest::new(), Vec::new(), Vec::new());
        Ok(Lesson { settings, mnist, figures, progress, digest, rows, pictures })
    }

    /// Does one of [`EXERCISES`].
    ///
    /// # Errors
    /// A sentence, if a digit that is needed is missing.
    ///
    /// # Panics
    /// If there is no such exercise.
    pub fn exercise(&mut self, name: &str) -> Result<(), String> {
        match name {
            "softmax" => self.softmax(),
            "sparse" => self.sparse(),
            "self-taught" => self.self_taught(),
            "stacked" => self.stacked(),
            "conv" => self.conv(),
            _ => panic!("no exercise is called {name}"),
        }
    }

    fn softmax(&mut self) -> Result<(), String> {
        let (train, test) = (self.train(self.settings.images)?, self.test()?);
        let start = Instant::now();
        let regression = self.regression("softmax", CLASSES, &train, self.settings.softmax_decay);
        self.row("softmax", "accuracy", accuracy(&regression.answers(&test.examples), &test.classes), start);
        Ok(())
    }

    fn sparse(&mut self) -> Result<(), String> {
        let [images, units] = self.settings.sparse;
        let train = self.train(images.min(self.settings.images))?;
        let start = Instant::now();
        let trained =
            self.autoencoder("sparse autoencoder", units, &train.examples, &mut Random::new(self.settings.seed));
        self.row("sparse", "cost", trained.outcome.cost.to_f64(), start);
        self.draw("what the units look for", "mnist-sparse.png", trained.encoder().weights.elements());
        Ok(())
    }

    fn self_taught(&mut self) -> Result<(), String> {
        let all = self.train(self.settings.images)?;
        let (unlabeled, labeled) = (all.only(|digit| digit >= 5), all.only(|digit| digit < 5));
        drop(all);
        if unlabeled.classes.is_empty() || labeled.classes.len() < 2 {
            return Err("self-taught: images of digits 5 to 9 and two of digits 0 to 4 are needed".into());
        }
        let half = labeled.classes.len().div_ceil(2);
        let places: Vec<usize> = (0..labeled.classes.len()).collect();
        let (train, test) = (labeled.part(&places[..half]), labeled.part(&places[half..]));

        let start = Instant::now();
        let raw = self.chosen_regression("softmax on points", &train);
        self.row("self-taught", "raw-accuracy", accuracy(&raw.answers(&test.examples), &test.classes), start);

        let start = Instant::now();
        let (units, mut random) = (self.settings.self_taught, Random::new(self.settings.seed));
        let features = self.autoencoder("features of 5 to 9", units, &unlabeled.examples, &mut random);
        let seen = |digits: &DigitExamples| DigitExamples {
            examples: features.encode(&digits.examples),
            classes: digits.classes.clone(),
        };
        let (train, test) = (seen(&train), seen(&test));
        let learned = self.chosen_regression("softmax on features", &train);
        self.row("self-taught", "learned-accuracy", accuracy(&learned.answers(&test.examples), &test.classes), start);
        let weights = features.encoder().weights;
        self.draw("features of the digits 5 to 9", "mnist-self-taught.png", weights.elements());
        Ok(())
    }

    fn stacked(&mut self) -> Result<(), String> {
        if let Some(settings) = self.settings.tuned.clone() {
            return self.tuned(&settings);
        }
        let (train, test) = (self.train(self.settings.images)?, self.test()?);
        let start = Instant::now();
        let mut random = Random::new(self.settings.seed);
        let (mut stack, mut features): (Vec<TrainedAutoencoder<f32>>, Option<DigitExamples>) = (Vec::new(), None);
        for (l, units) in (1..).zip(self.settings.stacked.clone()) {
            let below = features.as_ref().unwrap_or(&train);
            let trained = self.autoencoder(&format!("layer {l}"), units, &below.examples, &mut random);
            features =
                Some(DigitExamples { examples: trained.encode(&below.examples), classes: below.classes.clone() });
            stack.push(trained);
        }
        let deepest = features.as_ref().unwrap_or(&train);
        let decay = self.settings.softmax_decay;
        let top = self.regression("softmax on the deepest features", CLASSES, deepest, decay);
        drop(features);
        let mut network = FineTuned::transfer(&stack, &top);
        self.row("stacked", "before-accuracy", accuracy(&network.answers(&test.examples), &test.classes), start);

        network.settings.weight_decay = self.settings.tuning_decay;
        network.tune(self.settings.iterations[2], train.data(), self.progress);
        digest_numbers(&mut self.digest, &network.theta);
        self.row("stacked", "after-accuracy", accuracy(&network.answers(&test.examples), &test.classes), start);
        if let Some(first) = stack.first() {
            self.draw(FIRST_LAYER, "mnist-stacked.png", first.encoder().weights.elements());
        }
        Ok(())
    }

    fn tuned(&mut self, settings: &TunedSettings) -> Result<(), String> {
        let (train, test) = (self.train(self.settings.images)?, self.test()?);
        let (start, data) = (Instant::now(), (&train.examples, CLASSES));
        let mut tuned = Tuned::learn(settings, self.size(), data, self.settings.seed, self.progress);
        let [_, iterations, _] = self.settings.iterations;
        tuned.top(iterations, self.settings.softmax_decay, train.data(), self.progress);
        self.row("stacked", "before-accuracy", accuracy(&tuned.answers(&test.examples), &test.classes), start);
        let first = tuned.network.blocks()[0].values(&tuned.theta).to_vec();
        tuned.tune(train.data(), self.progress);
        digest_numbers(&mut self.digest, &tuned.theta);
        self.row("stacked", "after-accuracy", accuracy(&tuned.answers(&test.examples), &test.classes), start);
        self.draw(FIRST_LAYER, "mnist-stacked.png", &first);
        Ok(())
    }

    fn conv(&mut self) -> Result<(), String> {
        let (train, test) = (self.train(self.settings.images)?, self.test()?);
        let [rows, columns] = self.size();
        if rows.min(columns) < 16 {
            return Err(format!("conv: images of {rows} x {columns} are smaller than its filters want, 16 x 16"));
        }
        let start = Instant::now();
        let data = (&train.examples, &train.classes[..], CLASSES);
        let (shape, theta) =
            image_network::train(&self.settings.conv, [rows, columns], data, self.settings.seed, self.progress);
        digest_numbers(&mut self.digest, &theta);
        let answers = shape.predict(&theta, &InMemory::from_columns(&test.examples));
        self.row("conv", "accuracy", accuracy(&answers, &test.classes), start);
        let filters = shape.blocks()[0].values(&theta);
        self.put(("the filters of the first layer", "mnist-conv.png"), filters, [5, 5], 6);
        Ok(())
    }

    fn train(&self, most: usize) -> Result<DigitExamples, String> {
        let examples = self.mnist.train_images.first_images(most).map_err(|error| error.to_string())?;
        let classes = self.mnist.train_labels[..examples.columns()].to_vec();
        Ok(DigitExamples { examples, classes })
    }

    fn test(&self) -> Result<DigitExamples, String> {
        let examples = self.mnist.test_images.images().map_err(|error| error.to_string())?;
        Ok(DigitExamples { examples, classes: self.mnist.test_labels.clone() })
    }

    /// Rows and columns of an image.
    fn size(&self) -> [usize; 2] {
        let &[_, rows, columns] = self.mnist.train_images.sizes() else { unreachable!("images have rows and columns") };
        [rows, columns]
    }

    fn regression(&mut self, stage: &str, classes: usize, train: &DigitExamples, weight_decay: f64) -> Regression<f32> {
        let shape = self.settings.softmax(train.examples.rows(), classes, weight_decay);
        let regression = Regression::train(stage, shape, self.settings.iterations[1], train.data(), self.progress);
        digest_numbers(&mut self.digest, &regression.theta);
        regression
    }

    /// The regression on digits 0 to 4, with that of the decays that tells most of every fifth image if trained on the
    /// others.
    fn chosen_regression(&mut self, stage: &str, train: &DigitExamples) -> Regression<f32> {
        let side = |left_out: bool| -> DigitExamples {
            let chosen: Vec<usize> = (0..train.classes.len()).filter(|j| (j % 5 == 4) == left_out).collect();
            train.part(&chosen)
        };
        let (most, held) = (side(false), side(true));
        let mut best = (f64::NEG_INFINITY, self.settings.softmax_decay);
        if !held.classes.is_empty() {
            for part in DECAYS {
                let decay = part * self.settings.softmax_decay;
                let regression = self.regression(&format!("{stage}, decay {decay}"), 5, &most, decay);
                let share = accuracy(&regression.answers(&held.examples), &held.classes);
                if share > best.0 {
                    best = (share, decay);
                }
            }
        }
        self.regression(stage, 5, train, best.1)
    }

    fn autoencoder(
        &mut self,
        stage: &str,
        units: usize,
        examples: &Matrix<f32>,
        random: &mut Random,
    ) -> TrainedAutoencoder<f32> {
        let shape = self.settings.autoencoder(examples.rows(), units);
        let trained = autoencoder(stage, shape, self.settings.iterations[0], examples, random, self.progress);
        digest_numbers(&mut self.digest, &trained.theta);
        trained
    }

    fn row(&mut self, exercise: &'static str, metric: &'static str, value: f64, start: Instant) {
        self.rows.push(Row { exercise, metric, value, seconds: start.elapsed().as_secs_f64() });
    }

    /// Draws the weights of units that see images.
    fn draw(&mut self, what: &str, name: &str, weights: &[f32]) {
        self.put((what, name), weights, self.size(), 1);
    }

    /// Draws weights of units that see so many rows and columns.
    fn put(&mut self, (what, name): (&str, &str), weights: &[f32], [bands, frames]: [usize; 2], stretch: usize) {
        let Some(figures) = self.figures else { return };
        let shape = TileShape { bands, frames };
        let weights: Vec<f64> = weights.iter().map(|&w| w.to_f64()).collect();
        let options = SheetOptions { stretch: Some(stretch), ..SheetOptions::default() };
        let sheet = tiles(&upright(&weights, shape), shape, options);
        self.pictures.push(figures.put(what.into(), name, &sheet));
    }
}
