//! Stacked denoising autoencoders on images of digits, fine-tuned with dropout on images that may be shifted at random.
//!
//! Each dense layer is pretrained without labels: it reconstructs complete inputs from inputs with a quarter of the
//! values set to 0. A copy would leave these values wrong, so it pays to learn how the values depend on one another. A
//! softmax regression on the deepest features completes the network, and Adam fine-tunes all layers. The units are
//! rectified.
//!
//! Source: source E, "Dropout", "Data augmentation"; P. Vincent, H. Larochelle, Y. Bengio and P.-A. Manzagol,
//! "Extracting and composing robust features with denoising autoencoders", 2008.

use super::examples::LabeledExamples;
use super::image_network::AugmentedImages;
use super::training::{Batches, Run, TrainedClassifier};
use crate::dataset::affine::RandomAffine;
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::network::pretrain::{MaskingNoise, pretrain};
use crate::model::network::{InMemory, Layer, Network, NetworkCost};
use crate::model::{Activation, Softmax};
use crate::number::{Random, Real};
use std::format;
use std::vec::Vec;

/// The stacked network and its training.
#[derive(Clone, Debug, PartialEq)]
pub struct StackedDenoising {
    /// Units of each dense layer.
    pub units: Vec<usize>,
    /// The fraction of its input's values that an autoencoder does not see.
    pub noise: f64,
    /// λ of the autoencoders' weights.
    pub decay: f64,
    /// The training of each autoencoder.
    pub pretraining: Batches,
    /// The training of the whole network.
    pub fine_tuning: Batches,
    /// Dropout rate of the images, in fine-tuning; 0 leaves the layer out.
    pub input_dropout: f64,
    /// Dropout rate after each dense layer, in fine-tuning.
    pub dropout: f64,
    /// In fine-tuning, images are shifted by at most this many pixels in each direction.
    pub shift: usize,
}

impl Default for StackedDenoising {
    fn default() -> Self {
        StackedDenoising {
            units: Vec::from([500, 500]),
            noise: 0.25,
            decay: 0.05,
            pretraining: Batches { epochs: 6, batch: 256, rate: 0.001 },
            fine_tuning: Batches { epochs: 40, batch: 256, rate: 0.002 },
            input_dropout: 0.0,
            dropout: 0.2,
            shift: 1,
        }
    }
}

impl StackedDenoising {
    /// For images as they are: wider layers, and more dropout in place of the shifts.
    pub fn unshifted() -> Self {
        StackedDenoising {
            units: Vec::from([800, 800]),
            input_dropout: 0.2,
            dropout: 0.5,
            shift: 0,
            ..StackedDenoising::default()
        }
    }

    /// Pretrains all dense layers on images (columns) of this many rows and columns; the softmax layer stays random.
    ///
    /// # Panics
    /// If there are no images, or they have another size.
    pub fn pretrain<T: Real>(
        &self,
        images: &Matrix<T>,
        [rows, columns]: [usize; 2],
        classes: usize,
        seed: u64,
        run: &mut Run,
    ) -> TrainedClassifier<Network, T> {
        let mut layers = Vec::new();
        if self.input_dropout > 0.0 {
            layers.push(Layer::Dropout { rate: self.input_dropout });
        }
        for &units in &self.units {
            layers.push(Layer::Dense { units, activation: Activation::Rectified });
            layers.push(Layer::Dropout { rate: self.dropout });
        }
        layers.push(Layer::Softmax { classes });
        let input = MapShape { channels: 1, rows, columns };
        let network = Network { weight_decay: self.decay, ..Network::new(input, layers) };
        let mut random = Random::new(seed);
        let mut trained = TrainedClassifier::draw(network, &mut random);
        let train = |layer: usize, objective: &mut NetworkCost<T>, theta: &mut [T]| {
            let stage = format!("denoising autoencoder of layer {}", layer / 2 + 1);
            run.minimize_batches(&stage, self.pretraining, seed, objective, theta);
        };
        let images = InMemory::from_columns(images);
        let noise = MaskingNoise { rate: self.noise, seed };
        pretrain(&trained.model, &images, noise, &mut random, &mut trained.theta, train);
        trained.model.weight_decay = 0.0;
        trained
    }

    /// Fine-tunes all layers on labeled images of this many rows and columns.
    ///
    /// # Panics
    /// As [`pretrain`](Self::pretrain).
    pub fn fine_tune<T: Real>(
        &self,
        network: &mut TrainedClassifier<Network, T>,
        images: &LabeledExamples<T>,
        size: [usize; 2],
        seed: u64,
        run: &mut Run,
    ) {
        let changes = RandomAffine::shifts(self.shift);
        let shifted = AugmentedImages { images: InMemory::from_columns(&images.matrix), size, changes, seed };
        run.train("fine-tuning", network, &shifted, &images.labels, self.fine_tuning, seed);
    }
}

/// Trains the softmax layer alone, as a regression on the deepest features.
///
/// # Panics
/// If the images have another size than the network's input.
pub fn train_softmax<T: Real>(
    network: &mut TrainedClassifier<Network, T>,
    iterations: usize,
    weight_decay: f64,
    images: &LabeledExamples<T>,
    run: &mut Run,
) {
    let depth = network.model.layers.len() - 1;
    let features = images.map(|images| network.model.outputs(&network.theta, &InMemory::from_columns(images), depth));
    let classes = network.model.classes().unwrap_or(0);
    let model = Softmax { features: features.matrix.rows(), classes, bias: true, weight_decay };
    let top = run.regression("softmax on the deepest features", model, iterations, &features);
    let from = network.theta.len() - top.theta.len();
    network.theta[from..].copy_from_slice(&top.theta);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::progress::Silent;

    #[test]
    fn it_learns_the_direction_of_a_bar() {
        let mut random = Random::new(1);
        let (mut bars, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..300 {
            let (label, position) = (random.index(2), 1 + random.index(4));
            bars.push((label, position, random.uniform(0.5, 1.0)));
            labels.push(label);
        }
        let matrix = Matrix::<f32>::from_function(36, 300, |i, j| {
            let (label, position, brightness) = bars[j];
            let along = if label == 0 { i / 6 } else { i % 6 };
            if along == position { brightness } else { 0.0 }
        });
        let [train, test] = LabeledExamples { matrix, labels }.split(|j| j >= 200);
        // The layers' autoencoders are found where the images have dropout, too.
        for input_dropout in [0.0, 0.1] {
            let settings = StackedDenoising {
                units: Vec::from([20, 10]),
                pretraining: Batches { epochs: 5, batch: 20, rate: 0.001 },
                fine_tuning: Batches { epochs: 30, batch: 20, rate: 0.002 },
                input_dropout,
                ..StackedDenoising::default()
            };
            let (mut silent, size) = (Silent, [6, 6]);
            let mut run = Run::new(&mut silent);
            let mut tuned = settings.pretrain(&train.matrix, size, 2, 1, &mut run);
            let drawn: Vec<f32> = tuned.model.draw(&mut Random::new(1));
            let pretrained = &tuned.model.blocks()[2];
            assert!(pretrained.values(&tuned.theta) != pretrained.values(&drawn));
            let untrained = tuned.accuracy(&test);
            let mut only_top = tuned.clone();
            train_softmax(&mut only_top, 50, 1e-4, &train, &mut run);
            settings.fine_tune(&mut tuned, &train, size, 1, &mut run);
            let accuracies = [untrained, only_top.accuracy(&test), tuned.accuracy(&test)];
            assert!(accuracies[0] < 0.8 && accuracies[1] > 0.9 && accuracies[2] > 0.95, "{accuracies:?}");
        }
    }
}
