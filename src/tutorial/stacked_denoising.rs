//! A stacked network on images of digits by all means that the lectures name: denoising autoencoders one on the other,
//! dropout, and images shown a little moved.
//!
//! Each dense layer learns without labels to tell whole images, or what the layers below make of them, from images with
//! a quarter of the numbers missing. Softmax regression on the deepest features is the network before tuning; then all
//! layers are tuned together by Adam, with a fifth of what each layer gives dropped. The units are rectified.
//!
//! Source: source E, "Dropout", "Data augmentation"; P. Vincent, H. Larochelle, Y. Bengio and P.-A. Manzagol, "Extracting
//! and composing robust features with denoising autoencoders", 2008.

use super::image_network::Moved;
use super::progress::Progress;
use super::training::{Batches, Regression, by_batches};
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::network::pretrain::{MaskingNoise, pretrain};
use crate::model::network::{InMemory, Layer, Network, NetworkCost};
use crate::model::{Activation, Softmax};
use crate::number::{Random, Real};
use std::format;
use std::vec::Vec;

/// The choices.
#[derive(Clone, Debug, PartialEq)]
pub struct TunedSettings {
    /// Units of each dense layer.
    pub units: Vec<usize>,
    /// The share of the numbers that an autoencoder does not see.
    pub noise: f64,
    /// λ of the autoencoders' weights.
    pub decay: f64,
    /// How often each image is shown to an autoencoder, and to the network.
    pub epochs: [usize; 2],
    /// The share of each dense layer that is dropped while all are tuned.
    pub dropped: f64,
    /// Points that an image may be moved by, in each direction.
    pub moved: usize,
    /// Images in a batch.
    pub batch: usize,
    /// Adam's rates for an autoencoder, and for the network.
    pub rates: [f64; 2],
}

impl Default for TunedSettings {
    fn default() -> Self {
        TunedSettings {
            units: Vec::from([500, 500]),
            noise: 0.25,
            decay: 0.05,
            epochs: [6, 40],
            dropped: 0.2,
            moved: 1,
            batch: 256,
            rates: [0.001, 0.002],
        }
    }
}

/// A network and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned<T> {
    settings: TunedSettings,
    size: [usize; 2],
    seed: u64,
    /// Its shape.
    pub network: Network,
    /// Its parameters.
    pub theta: Vec<T>,
}

impl<T: Real> Tuned<T> {
    /// Learns all layers but the last without labels, from images of a size, which are the columns of a matrix.
    ///
    /// # Panics
    /// If there is no image, or images are not of this size.
    pub fn learn(
        settings: &TunedSettings,
        size: [usize; 2],
        (images, classes): (&Matrix<T>, usize),
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Self {
        let mut layers = Vec::new();
        for &units in &settings.units {
            layers.push(Layer::Dense { units, activation: Activation::Rectified });
            layers.push(Layer::Dropout { rate: settings.dropped });
        }
        layers.push(Layer::Softmax { classes });
        let input = MapShape { channels: 1, rows: size[0], columns: size[1] };
        let mut network = Network { input, layers, weight_decay: settings.decay };
        let mut random = Random::new(seed);
        let mut theta = network.draw(&mut random);
        let ([epochs, _], [rate, _], batch) = (settings.epochs, settings.rates, settings.batch);
        let train = |layer: usize, objective: &mut NetworkCost<T>, own: &mut [T]| {
            let stage = format!("denoising autoencoder of layer {}", layer / 2 + 1);
            by_batches(&stage, Batches { epochs, batch, rate, seed }, objective, own, progress);
        };
        let noise = MaskingNoise { rate: settings.noise, seed };
        pretrain(&network, &InMemory::from_columns(images), noise, &mut random, &mut theta, train);
        network.weight_decay = 0.0;
        Tuned { settings: settings.clone(), size, seed, network, theta }
    }

    /// Puts a softmax regression of `iterations` on the deepest features of the images (columns) with these classes.
    ///
    /// # Panics
    /// If there is not a class for each image.
    pub fn top(
        &mut self,
        iterations: usize,
        weight_decay: f64,
        (images, labels): (&Matrix<T>, &[usize]),
        progress: &mut dyn Progress,
    ) {
        let features =
            self.network.outputs(&self.theta, &InMemory::from_columns(images), self.network.layers.len() - 1);
        let classes = self.network.classes().unwrap_or(0);
        let shape = Softmax { features: features.rows(), classes, bias: true, weight_decay };
        let top =
            Regression::train("softmax on the deepest features", shape, iterations, (&features, labels), progress);
        let from = self.theta.len() - top.theta.len();
        self.theta[from..].copy_from_slice(&top.theta);
    }

    /// Tunes all layers.
    ///
    /// # Panics
    /// As [`top`](Self::top).
    pub fn tune(&mut self, (images, labels): (&Matrix<T>, &[usize]), progress: &mut dyn Progress) {
        let TunedSettings { epochs: [_, epochs], rates: [_, rate], batch, moved, .. } = self.settings;
        let (size, seed) = (self.size, self.seed);
        let moved = Moved { images: InMemory::from_columns(images), size, most: moved, seed };
        let mut objective = NetworkCost::classification(&self.network, &moved, labels).with_seed(seed);
        by_batches("fine-tuning", Batches { epochs, batch, rate, seed }, &mut objective, &mut self.theta, progress);
    }

    /// The most likely class of each image.
    ///
    /// # Panics
    /// If images are not of the network's size.
    pub fn answers(&self, images: &Matrix<T>) -> Vec<usize> {
        self.network.predict(&self.theta, &InMemory::from_columns(images))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::progress::Silent;
    use crate::tutorial::training::accuracy;

    #[test]
    fn it_learns_which_way_a_bar_lies() {
        let mut random = Random::new(1);
        let (mut bars, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..300 {
            let (label, place) = (random.index(2), 1 + random.index(4));
            bars.push((label, place, random.uniform(0.5, 1.0)));
            labels.push(label);
        }
        let images = Matrix::<f32>::from_function(36, 300, |i, j| {
            let (label, place, bright) = bars[j];
            let along = if label == 0 { i / 6 } else { i % 6 };
            if along == place { bright } else { 0.0 }
        });
        let (train, test): (Vec<usize>, Vec<usize>) = ((0..200).collect(), (200..300).collect());
        let (x, y) = (images.select_columns(&train), images.select_columns(&test));
        let settings =
            TunedSettings { units: Vec::from([20, 10]), batch: 20, epochs: [5, 30], ..TunedSettings::default() };
        let mut tuned = Tuned::learn(&settings, [6, 6], (&x, 2), 1, &mut Silent);
        let drawn: Vec<f32> = tuned.network.draw(&mut Random::new(1));
        assert!(tuned.network.blocks()[2].values(&tuned.theta) != tuned.network.blocks()[2].values(&drawn));
        let share = |tuned: &Tuned<f32>| accuracy(&tuned.answers(&y), &labels[200..]);
        let unlearned = share(&tuned);
        let mut only_top = tuned.clone();
        only_top.top(50, 1e-4, (&x, &labels[..200]), &mut Silent);
        tuned.tune((&x, &labels[..200]), &mut Silent);
        let shares = [unlearned, share(&only_top), share(&tuned)];
        assert!(shares[0] < 0.8 && shares[1] > 0.9 && shares[2] > 0.95, "{shares:?}");
    }
}
