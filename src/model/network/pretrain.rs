//! Denoising and convolutional autoencoders: filters learned without labels, layer by layer.
//!
//! Of one convolutional layer with filters W and bias b, or of a dense one, whose filters are as large as the maps, the
//! autoencoder is
//!
//! a = f(W·P(x) + b),  y = Pᵀ(W2ᵀ·a) + b2,  J = (1/m)·Σ_x ½·|y - x|² + (λ/2)·(|W|² + |W2|²):
//!
//! each filter's find is put back where it was found. With a share of the numbers of x left out at random on the way
//! in, it has to tell them from their neighbors (a denoising autoencoder). The next layer learns from what the first
//! one makes of the examples, pooled and all, and so on; then the layers start as the network's.
//!
//! Sources: source B, exercises 3 and 4 on convolution; J. Masci, U. Meier, D. Cireşan and J. Schmidhuber, "Stacked
//! convolutional auto-encoders for hierarchical feature extraction", 2011; P. Vincent, H. Larochelle, Y. Bengio and
//! P.-A. Manzagol, "Extracting and composing robust features with denoising autoencoders", 2008.

use super::examples::{Examples, InMemory};
use super::objective::NetworkCost;
use super::shape::{Layer, Network};
use crate::model::Activation;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

impl Network {
    /// The autoencoder of layer `layer`, counted from 0: with `noise`, the share of the numbers left out on the way in,
    /// and a linear way back. None if the layer is neither a convolution nor dense, or its filters leave out a last row
    /// or column of the maps.
    ///
    /// # Panics
    /// If there is no such layer, or layers do not fit one another.
    pub fn autoencoder(&self, layer: usize, noise: f64) -> Option<Network> {
        let input = self.shape(layer);
        let back = self.adjoint(layer, Activation::Linear)?;
        let layers = vec![Layer::Dropout { rate: noise }, self.layers[layer], back];
        Some(Network { input, layers, weight_decay: self.weight_decay })
    }

    /// All layers, which are convolutions or dense, and behind them their adjoints in reverse order, the last one
    /// linear: the autoencoder of the whole, to be tuned. None as for [`autoencoder`](Self::autoencoder).
    ///
    /// # Panics
    /// If layers do not fit one another.
    pub fn mirrored(&self) -> Option<Network> {
        let mut layers = self.layers.clone();
        for l in (0..self.layers.len()).rev() {
            let activation = match self.layers[l.checked_sub(1).unwrap_or(l)] {
                Layer::Convolution { activation, .. } | Layer::Dense { activation, .. } if l > 0 => activation,
                _ => Activation::Linear,
            };
            layers.push(self.adjoint(l, activation)?);
        }
        Some(Network { layers, ..self.clone() })
    }

    fn adjoint(&self, layer: usize, activation: Activation) -> Option<Layer> {
        let input = self.stages()[layer].input;
        let (size, stride, padding) = match self.layers[layer] {
            Layer::Convolution { size, stride, padding, .. } => (size, stride, padding),
            Layer::Dense { .. } => ([input.rows, input.columns], [1, 1], [0, 0]),
            _ => return None,
        };
        let all = [input.rows, input.columns];
        let covered = |axis: usize| (all[axis] + 2 * padding[axis] - size[axis]).is_multiple_of(stride[axis]);
        (covered(0) && covered(1)).then_some(Layer::TransposedConvolution {
            channels: input.channels,
            size,
            stride,
            padding,
            activation,
        })
    }
}

/// Trains each convolutional or dense layer as an autoencoder on what the layers below make of the examples, and writes
/// its filters into `theta`; layers that have no autoencoder are left as they are. `train` minimizes: it is told the
/// layer, counted from 0.
///
/// # Panics
/// If `theta` has not the settings' dimension, or there is no example.
pub fn pretrain<T: Real>(
    settings: &Network,
    examples: &dyn Examples<T>,
    noise: f64,
    random: &mut Random,
    theta: &mut [T],
    mut train: impl FnMut(usize, &mut NetworkCost<T>, &mut [T]),
) {
    let blocks = settings.blocks();
    let stages = settings.stages();
    let mut kept: Option<InMemory<T>> = None;
    let mut made = 0;
    for layer in 0..settings.layers.len() {
        let Some(autoencoder) = settings.autoencoder(layer, noise) else { continue };
        if layer > made {
            // From the examples again: what lies between two autoencoders may be several layers.
            kept = Some(InMemory::from_columns(&settings.outputs(theta, examples, layer)));
            made = layer;
        }
        let below: &dyn Examples<T> = kept.as_ref().map_or(examples, |kept| kept);
        let mut own: Vec<T> = autoencoder.draw(random);
        train(layer, &mut NetworkCost::new(&autoencoder, below, None), &mut own);
        let count = stages[..layer].iter().filter(|stage| stage.parameters.is_some()).count();
        for (to, from) in blocks[2 * count..][..2].iter().zip(autoencoder.blocks()) {
            to.values_mut(theta).copy_from_slice(from.values(&own));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::model::convolution::{MapShape, PoolingMode};
    use crate::optimize::{Lbfgs, Objective};

    fn settings() -> Network {
        Network {
            input: MapShape { channels: 1, rows: 6, columns: 7 },
            layers: vec![
                Layer::convolution(3, [3, 2], Activation::Sigmoid),
                Layer::pooling(PoolingMode::Mean, [2, 2]),
                Layer::convolution(2, [2, 2], Activation::Tanh),
                Layer::Softmax { classes: 2 },
            ],
            weight_decay: 1e-4,
        }
    }

    #[test]
    fn layers_learn_to_tell_their_examples_and_start_the_network() {
        let settings = settings();
        let mut random = Random::new(1);
        // Stripes at random places: much less to tell than numbers.
        let x: Matrix<f64> = {
            let stripes: Vec<usize> = (0..20).map(|_| random.index(7)).collect();
            Matrix::from_function(42, 20, |i, j| if i % 7 == stripes[j] { 1.0 } else { 0.0 })
        };
        let examples = InMemory::from_columns(&x);
        let mut theta = settings.draw(&mut random);
        let before = theta.clone();
        let mut learned = Vec::new();
        pretrain(&settings, &examples, 0.0, &mut random, &mut theta, |layer, network, own| {
            let mut gradient = vec![0.0; own.len()];
            let start = network.cost_and_gradient(own, &mut gradient);
            let outcome = Lbfgs { iterations: 60, ..Lbfgs::default() }.minimize(network, own, |_| true);
            assert!(outcome.cost < 0.3 * start, "layer {layer}: {start} to {}", outcome.cost);
            learned.push((layer, own.to_vec()));
        });
        assert_eq!(learned.iter().map(|(layer, _)| *layer).collect::<Vec<_>>(), [0, 2]);
        let blocks = settings.blocks();
        for (k, (_, own)) in learned.iter().enumerate() {
            assert_eq!(blocks[2 * k].values(&theta), &own[..blocks[2 * k].range.len()]);
        }
        // Softmax's own are as they were.
        assert_eq!(blocks[4].values(&theta), blocks[4].values(&before));
        assert_ne!(blocks[2].values(&theta), blocks[2].values(&before));
    }

    #[test]
    fn dense_layers_have_autoencoders_too() {
        let activation = Activation::Rectified;
        let dense = |units| Layer::Dense { units, activation };
        let layers = vec![dense(8), Layer::Dropout { rate: 0.5 }, dense(4), Layer::Softmax { classes: 2 }];
        let settings = Network { layers, ..settings() };
        let whole = settings.autoencoder(0, 0.25).unwrap();
        assert_eq!((whole.shape(3), whole.dimension()), (settings.input, 8 * 42 + 8 + 8 * 42 + 1));
        assert_eq!(settings.autoencoder(1, 0.25), None);

        let x = Matrix::from_function(42, 20, |i, j| if i % 7 == j % 7 { 1.0 } else { 0.0 });
        let mut random = Random::new(3);
        let mut theta: Vec<f64> = settings.draw(&mut random);
        let mut layers = Vec::new();
        pretrain(&settings, &InMemory::from_columns(&x), 0.0, &mut random, &mut theta, |layer, network, own| {
            let start = network.cost_and_gradient(own, &mut vec![0.0; own.len()]);
            let end = Lbfgs { iterations: 60, ..Lbfgs::default() }.minimize(network, own, |_| true).cost;
            assert!(end < 0.3 * start, "layer {layer}: {start} to {end}");
            layers.push(layer);
        });
        assert_eq!(layers, [0, 2]);
    }

    #[test]
    fn what_is_mirrored_has_the_shape_it_came_from() {
        let mut settings = settings();
        assert_eq!(settings.mirrored(), None); // pooling has no adjoint here
        settings.layers = vec![
            Layer::convolution(3, [3, 2], Activation::Sigmoid),
            Layer::Convolution {
                filters: 2,
                size: [2, 2],
                stride: [2, 2],
                padding: [0, 0],
                activation: Activation::Tanh,
            },
        ];
        let whole = settings.mirrored().unwrap();
        assert_eq!((whole.layers.len(), whole.shape(4), whole.shape(3)), (4, settings.input, settings.shape(1)));
        let activations = whole.layers[2..].iter().map(|layer| match layer {
            Layer::TransposedConvolution { activation, .. } => *activation,
            _ => panic!("{layer:?}"),
        });
        assert_eq!(activations.collect::<Vec<_>>(), [Activation::Sigmoid, Activation::Linear]);
        // A stride that leaves the last column out has no way back to it.
        settings.layers[0] = Layer::Convolution {
            filters: 3,
            size: [2, 2],
            stride: [2, 2],
            padding: [0, 0],
            activation: Activation::Tanh,
        };
        assert_eq!(settings.autoencoder(0, 0.0), None);
    }
}
