//! Layer-wise pretraining: each convolutional or dense layer first learns, without labels, as an autoencoder.
//!
//! Why: unlabeled examples are cheap. A layer from whose output its input can be reconstructed has kept what varies in
//! that input, and supervised training then starts from its filters instead of random ones.
//!
//! Idea: one layer with filters W encodes, and the adjoint of a convolution with filters W2 of the same shape decodes.
//! Masking noise sets a fraction of the input to zero, so that the autoencoder must infer the missing elements from
//! their neighbors (a [denoising](crate::model::denoising) autoencoder). The next layer then learns from the output of
//! the layers below it, and at the end each layer's W and b are written into the network's θ.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | an example's input to the layer |
//! | m | the number of examples |
//! | q, μ | the rate of the masking noise, and a mask |
//! | W, b, f | the layer's filters, biases and activation |
//! | W2, b2 | filters and biases of the decoder |
//! | P, Pᵀ | [patches](crate::model::convolution::patches) and their adjoint |
//! | λ | the weight decay |
//! | ∘, · | product element by element, matrix product |
//!
//! ```text
//! (PT.1)  x' = x ∘ μ,  each element of the mask μ is 0 with probability q, else 1
//! (PT.2)  a = f(W·P(x') + b)
//! (PT.3)  y = Pᵀ(W2ᵀ·a) + b2
//! (PT.4)  J = (1/m)·Σ_x ½·|y - x|² + (λ/2)·(|W|² + |W2|²)
//! ```
//!
//! A dense layer is a convolution whose filters are as large as the maps. The gradients are those of the
//! [network](super::objective) that these three layers form.
//!
//! Masks are drawn anew for each batch. L-BFGS, which evaluates all examples at once, sees one frozen mask for each
//! example, since it compares costs at different θ. So exercise 8.5.3, which trains by L-BFGS, learns from one fixed
//! set of masked examples. The costs that it prints are those of masked examples, decay included; its test error is
//! that of complete examples.
//!
//! Sources: source B, exercises 3 and 4 on convolution; J. Masci, U. Meier, D. Cireşan and J. Schmidhuber, "Stacked
//! convolutional auto-encoders for hierarchical feature extraction", 2011; P. Vincent, H. Larochelle, Y. Bengio and
//! P.-A. Manzagol, "Extracting and composing robust features with denoising autoencoders", 2008.

use super::examples::{Examples, InMemory};
use super::objective::{NetworkCost, Target};
use super::shape::{Layer, Network};
use crate::model::{Activation, Loss};
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// Masking noise: the elements of an autoencoder's input that are set to zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskingNoise {
    /// q: the fraction, from 0 to 1.
    pub rate: f64,
    /// The seed of the masks.
    pub seed: u64,
}

impl MaskingNoise {
    /// No noise: a plain autoencoder.
    pub const NONE: Self = MaskingNoise { rate: 0.0, seed: 0 };
}

impl Network {
    /// The autoencoder of layer `layer`, counted from 0: masking noise of this rate, the layer itself, and its adjoint
    /// as a linear decoder. None if the layer is neither convolutional nor dense, or if its filters skip a last row or
    /// column of the maps, which no adjoint could reconstruct.
    ///
    /// # Panics
    /// If there is no such layer, or layers do not fit one another.
    pub fn autoencoder(&self, layer: usize, noise_rate: f64) -> Option<Network> {
        let input = self.stages()[layer].input;
        let all = [input.rows, input.columns];
        let (size, stride, padding) = match self.layers[layer] {
            Layer::Convolution { size, stride, padding, .. } => (size, stride, padding),
            Layer::Dense { .. } => (all, [1, 1], [0, 0]),
            _ => return None,
        };
        let is_covered = |axis: usize| (all[axis] + 2 * padding[axis] - size[axis]).is_multiple_of(stride[axis]);
        let (channels, activation) = (input.channels, Activation::Linear);
        let decoder = Layer::TransposedConvolution { channels, size, stride, padding, activation };
        let layers = vec![
            Layer::Masking { rate: noise_rate }, // (PT.1)
            self.layers[layer],                  // (PT.2)
            decoder,                             // (PT.3)
        ];
        (is_covered(0) && is_covered(1)).then_some(Network { input, layers, ..*self })
    }
}

/// Trains each convolutional or dense layer as an autoencoder on the output of the layers below it, and writes its W
/// and b into `theta`; layers without an autoencoder are left as they are. `train` minimizes an autoencoder's cost; its
/// first argument is the layer, counted from 0.
///
/// # Panics
/// If `theta` has another length than the network's dimension, or there is no example.
pub fn pretrain<T: Real>(
    network: &Network,
    examples: &dyn Examples<T>,
    noise: MaskingNoise,
    random: &mut Random,
    theta: &mut [T],
    mut train: impl FnMut(usize, &mut NetworkCost<T>, &mut [T]),
) {
    let stages = network.stages();
    let mut features: Option<InMemory<T>> = None;
    for (layer, stage) in stages.iter().enumerate() {
        let (Some(autoencoder), Some(blocks)) = (network.autoencoder(layer, noise.rate), &stage.parameters) else {
            continue;
        };
        if layer > 0 {
            features = Some(InMemory::from_columns(&network.outputs(theta, examples, layer)));
        }
        let input: &dyn Examples<T> = features.as_ref().map_or(examples, |features| features);
        let mut trained: Vec<T> = autoencoder.draw(random);
        let mut cost = autoencoder.cost(input, Target::Input(Loss::Squared)).with_seed(noise.seed); // (PT.4)
        train(layer, &mut cost, &mut trained);
        for (to, from) in blocks.iter().zip(autoencoder.blocks()) {
            to.values_mut(theta).copy_from_slice(from.values(&trained));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::model::convolution::{MapShape, PoolingMode};
    use crate::optimize::{Lbfgs, Objective};

    fn network() -> Network {
        let layers = vec![
            Layer::convolution(3, [3, 2], Activation::Sigmoid),
            Layer::pooling(PoolingMode::Mean, [2, 2]),
            Layer::convolution(2, [2, 2], Activation::Tanh),
            Layer::Softmax { classes: 2 },
        ];
        Network { weight_decay: 1e-4, ..Network::new(MapShape { channels: 1, rows: 6, columns: 7 }, layers) }
    }

    #[test]
    fn each_layer_learns_to_reconstruct_its_input_and_starts_the_network() {
        let network = network();
        let mut random = Random::new(1);
        // Stripes at random columns: 42 elements that depend on one.
        let x: Matrix<f64> = {
            let stripes: Vec<usize> = (0..20).map(|_| random.index(7)).collect();
            Matrix::from_function(42, 20, |i, j| if i % 7 == stripes[j] { 1.0 } else { 0.0 })
        };
        let examples = InMemory::from_columns(&x);
        let mut theta = network.draw(&mut random);
        let before = theta.clone();
        let mut learned = Vec::new();
        pretrain(&network, &examples, MaskingNoise::NONE, &mut random, &mut theta, |layer, cost, trained| {
            let mut gradient = vec![0.0; trained.len()];
            let start = cost.cost_and_gradient(trained, &mut gradient);
            let outcome = Lbfgs { iterations: 60, ..Lbfgs::default() }.minimize(cost, trained, |_| true);
            assert!(outcome.cost < 0.3 * start, "layer {layer}: {start} to {}", outcome.cost);
            learned.push((layer, trained.to_vec()));
        });
        assert_eq!(learned.iter().map(|(layer, _)| *layer).collect::<Vec<_>>(), [0, 2]);
        let blocks = network.blocks();
        for (k, (_, trained)) in learned.iter().enumerate() {
            assert_eq!(blocks[2 * k].values(&theta), &trained[..blocks[2 * k].range.len()]);
        }
        // The softmax layer is left as it was.
        assert_eq!(blocks[4].values(&theta), blocks[4].values(&before));
        assert_ne!(blocks[2].values(&theta), blocks[2].values(&before));
    }

    #[test]
    fn dense_layers_have_autoencoders_too() {
        let activation = Activation::Rectified;
        let dense = |units| Layer::Dense { units, activation };
        let layers = vec![dense(8), Layer::Dropout { rate: 0.5 }, dense(4), Layer::Softmax { classes: 2 }];
        let network = Network { layers, ..network() };
        let whole = network.autoencoder(0, 0.25).unwrap();
        assert_eq!((whole.shape(3), whole.dimension()), (network.input, 8 * 42 + 8 + 8 * 42 + 1));
        assert_eq!(network.autoencoder(1, 0.25), None);

        let x = Matrix::from_function(42, 20, |i, j| if i % 7 == j % 7 { 1.0 } else { 0.0 });
        let mut random = Random::new(3);
        let mut theta: Vec<f64> = network.draw(&mut random);
        let mut layers = Vec::new();
        pretrain(
            &network,
            &InMemory::from_columns(&x),
            MaskingNoise::NONE,
            &mut random,
            &mut theta,
            |layer, cost, trained| {
                let start = cost.cost_and_gradient(trained, &mut vec![0.0; trained.len()]);
                let end = Lbfgs { iterations: 60, ..Lbfgs::default() }.minimize(cost, trained, |_| true).cost;
                assert!(end < 0.3 * start, "layer {layer}: {start} to {end}");
                layers.push(layer);
            },
        );
        assert_eq!(layers, [0, 2]);
    }

    #[test]
    fn noise_masks_the_input_and_not_the_target() {
        // Without weights the output is b2, and masks change nothing; with the identity for filters, masked elements
        // of 1 are missing, and the others are exact.
        let input = MapShape { channels: 1, rows: 20, columns: 20 };
        let layers = vec![Layer::convolution(1, [1, 1], Activation::Linear)];
        let network = Network::new(input, layers).autoencoder(0, 0.25).unwrap();
        let examples = InMemory::from_rows(Matrix::from_function(25, 400, |_, _| 1.0));
        let mut cost = network.cost(&examples, Target::Input(Loss::Squared));
        let mut evaluate = |theta: [f64; 4]| cost.cost_and_gradient(&theta, &mut [0.0; 4]) / 400.0;
        assert_eq!(evaluate([0.0, 0.0, 0.0, 0.5]), 0.125);
        let missing = evaluate([1.0, 0.0, 1.0, 0.0]);
        assert!((missing - 0.125).abs() < 0.01, "{missing}");
    }

    #[test]
    fn a_stride_that_skips_the_last_column_has_no_decoder() {
        let skipping = Layer::Convolution {
            filters: 3,
            size: [2, 2],
            stride: [2, 2],
            padding: [0, 0],
            activation: Activation::Tanh,
        };
        let network = Network { layers: vec![skipping], ..network() };
        assert_eq!(network.autoencoder(0, 0.0), None);
    }
}
