//! The layers of a network: their shapes, their parameters, and initial values.
//!
//! | layer | output for its input x | parameters |
//! | --- | --- | --- |
//! | convolution | a = f(W·P(x) + b), P the [patches](crate::model::convolution::patches) | W: filters x taps, b |
//! | transposed convolution | a = f(Pᵀ(Wᵀ·x) + b), the adjoint of a convolution | W: maps of x x taps, b |
//! | pooling | means or maxima of regions | |
//! | dense | a = f(W·x + b), x all elements of an example | W: units x elements, b |
//! | residual | a = x + f(W·x + b) | W: elements x elements, b |
//! | dropout | in training, each element 0 with probability q, else divided by 1 - q; in use, x | |
//! | masking | in training, each element 0 with probability q, else unchanged; in use, x | |
//! | Gaussian | in training, a draw from N(m, e^s), x = (m, s); in use, m | |
//! | softmax | z = W·x + b, and p_k = e^(z_k) / Σ_c e^(z_c) | W: classes x elements, b |
//!
//! θ = (W1, b1, W2, b2, ...), counting the layers that have parameters. A dense layer is a convolution whose filters
//! are as large as the maps, so its weights stand in the order channel, row, column.
//!
//! Why dropout divides by 1 - q: in use nothing is dropped, so the output depends on no draw; the whole network stands
//! for the mean of the many thinned networks. So x has to be the mean of the next layer's inputs in training. If a
//! remaining element is multiplied by c, its expected value is q·0 + (1 - q)·c·x, which is x only for c = 1/(1 - q).
//! The next layer's z = W·x + b is linear in x, so its mean is right, too. (The argument ends at its f, which is not
//! linear.) By hand, x = 3 and q = ¼: 0 with probability ¼, 4 with probability ¾, 3 on average. A unit that cannot rely
//! on any one input learns a pattern that survives its loss. Masking is the noise of a
//! [denoising](crate::model::denoising) autoencoder, which reconstructs x: each element that it sees has to be the true
//! one.
//!
//! Why a residual layer adds x: where f(W·x + b) is near 0, as with small W and b and f(0) = 0, the layer is near the
//! identity, and it has to learn only the change. The derivative with respect to x is 1 plus the contribution of W, so
//! δ reaches the first of many layers even if each W contributes little.
//!
//! The Gaussian layer is that of the [variational autoencoder](crate::model::variational).
//!
//! Sources: source B, 8.4 and its exercises; source E, "Convolutional Neural Networks" and "Deep Learning &
//! Representation Learning"; N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout",
//! 2014; K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", 2016; M. Hauser and A.
//! Ray, "Principles of Riemannian geometry in neural networks", 2017.

use crate::machine::size;
use crate::model::Activation;
use crate::model::convolution::pooling::Regions;
use crate::model::convolution::{Convolution, MapShape, Pooling, PoolingMode};
use crate::model::parameters::{Block, block_after, draw_rectified_weights, draw_weights, zeros};
use crate::number::{Random, Real};
use alloc::format;
use alloc::vec::Vec;

/// A layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layer {
    /// The same filters at every position.
    Convolution {
        /// The number of filters.
        filters: usize,
        /// Rows and columns of each.
        size: [usize; 2],
        /// From one position to the next.
        stride: [usize; 2],
        /// Rows and columns of zeros on each side of the input.
        padding: [usize; 2],
        /// f.
        activation: Activation,
    },
    /// The adjoint of a convolution: its output has the shape of that convolution's input.
    TransposedConvolution {
        /// The number of output maps.
        channels: usize,
        /// Rows and columns of each filter.
        size: [usize; 2],
        /// From one position to the next.
        stride: [usize; 2],
        /// Rows and columns on each side of the output that are dropped.
        padding: [usize; 2],
        /// f.
        activation: Activation,
    },
    /// Each region of a map as one element.
    Pooling {
        /// The mean or the maximum.
        mode: PoolingMode,
        /// The regions of rows and of columns.
        regions: [Regions; 2],
    },
    /// Each unit sees all elements.
    Dense {
        /// The number of units.
        units: usize,
        /// f.
        activation: Activation,
    },
    /// The input plus a dense layer with the same number of units; the input has one row and one column.
    Residual {
        /// f.
        activation: Activation,
    },
    /// Elements set to zero at random, in training only; the others are divided by 1 - q.
    Dropout {
        /// q: the probability, from 0 to below 1.
        rate: f64,
    },
    /// Elements set to zero at random, in training only; the others keep their values.
    Masking {
        /// q: the probability, from 0 to 1.
        rate: f64,
    },
    /// The first half of the input's maps are means m, the second half logarithms s of variances. In training each
    /// output is drawn from N(m, e^s), and the divergence of these distributions from N(0, 1) is added to the cost.
    Gaussian {
        /// The weight of the divergence, >= 0.
        weight: f64,
    },
    /// The probabilities of the classes; only as the last layer.
    Softmax {
        /// The number of classes.
        classes: usize,
    },
}

impl Layer {
    /// Filters of `size` at every position within the maps.
    pub fn convolution(filters: usize, size: [usize; 2], activation: Activation) -> Self {
        Layer::Convolution { filters, size, stride: [1, 1], padding: [0, 0], activation }
    }

    /// Filters of an odd `size` with zeros around the maps, so that the maps keep their size ("same" padding).
    pub fn same_convolution(filters: usize, size: [usize; 2], activation: Activation) -> Self {
        Layer::Convolution { filters, size, stride: [1, 1], padding: [size[0] / 2, size[1] / 2], activation }
    }

    /// Regions of `size` side by side.
    pub fn pooling(mode: PoolingMode, size: [usize; 2]) -> Self {
        Layer::Pooling { mode, regions: [Regions::by(size[0]), Regions::by(size[1])] }
    }
}

/// A network: the shape of its input, and its layers.
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::model::Activation;
/// use ossicle::model::convolution::{MapShape, PoolingMode};
/// use ossicle::model::network::{InMemory, Layer, Network, Target};
/// use ossicle::number::Random;
/// use ossicle::optimize::Lbfgs;
///
/// // 40 images of 6 x 6 pixels with a bar: an upright one (class 0), or a level one (class 1).
/// let is_bar = |j: usize, row: usize, column: usize| if j % 2 == 0 { column == j % 6 } else { row == j % 5 };
/// let images = Matrix::from_function(36, 40, |i, j| f64::from(u8::from(is_bar(j, i / 6, i % 6))));
/// let labels: Vec<usize> = (0..40).map(|j| j % 2).collect();
///
/// let network = Network::new(MapShape { channels: 1, rows: 6, columns: 6 }, vec![
///     Layer::convolution(3, [3, 3], Activation::Rectified),
///     Layer::pooling(PoolingMode::Max, [2, 2]),
///     Layer::Softmax { classes: 2 },
/// ]);
/// let mut theta = network.draw(&mut Random::new(1));
/// let examples = InMemory::from_columns(&images);
/// let mut cost = network.cost(&examples, Target::Labels(&labels));
/// Lbfgs { iterations: 30, ..Lbfgs::default() }.minimize(&mut cost, &mut theta, |_| true);
/// assert_eq!(network.predict(&theta, &examples), labels);
/// ```
#[doc(alias = "CNN")]
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The shape of an example.
    pub input: MapShape,
    /// The layers, from the input on.
    pub layers: Vec<Layer>,
    /// λ >= 0, of the weights of all layers.
    pub weight_decay: f64,
    /// λ₁ >= 0, of the magnitudes of the weights of all layers.
    pub l1_penalty: f64,
}

/// A layer between its input and its output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stage {
    pub step: Step,
    pub input: MapShape,
    pub output: MapShape,
    /// W and b.
    pub parameters: Option<[Block; 2]>,
}

/// The computation of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Convolve(Convolution, Activation),
    /// The adjoint of the convolution.
    TransposedConvolve(Convolution, Activation),
    /// The input plus the convolution, whose filters are as large as the maps.
    Residual(Convolution, Activation),
    Pool(Pooling),
    /// Elements multiplied by a random mask, in training only.
    Mask {
        /// The probability of 0.
        rate: f64,
        /// The other value.
        kept: f64,
    },
    Gaussian(f64),
}

impl Network {
    /// A network without penalties on its weights.
    pub const fn new(input: MapShape, layers: Vec<Layer>) -> Self {
        Network { input, layers, weight_decay: 0.0, l1_penalty: 0.0 }
    }

    /// The layers with their shapes.
    ///
    /// # Panics
    /// If the input has no rows or columns, or a layer does not fit its input. Also if a rate is out of its range, a
    /// Gaussian layer has an odd number of maps, a residual layer has maps of more than one element, or a softmax layer
    /// is not the last.
    pub(super) fn stages(&self) -> Vec<Stage> {
        assert!(self.input.rows > 0 && self.input.columns > 0, "an input of {:?}", self.input);
        let mut stages: Vec<Stage> = Vec::new();
        let (mut input, mut last, mut count) = (self.input, None, 0);
        for (i, layer) in self.layers.iter().enumerate() {
            let all = [input.rows, input.columns];
            let step = match *layer {
                Layer::Convolution { filters, size, stride, padding, activation } => {
                    Step::Convolve(Convolution { input, filters, size, stride, padding }, activation)
                }
                Layer::TransposedConvolution { channels, size: filter, stride, padding, activation } => {
                    let length = |axis: usize| {
                        let steps = size::product([all[axis].saturating_sub(1), stride[axis]]);
                        let (full, dropped) = (size::sum([steps, filter[axis]]), size::product([2, padding[axis]]));
                        assert!(dropped < full, "{dropped} of {full} rows or columns are dropped");
                        full - dropped
                    };
                    let output = MapShape { channels, rows: length(0), columns: length(1) };
                    let filters = input.channels;
                    let adjoint = Convolution { input: output, filters, size: filter, stride, padding };
                    let back = adjoint.output();
                    assert_eq!([back.rows, back.columns], all, "the output of the convolution whose adjoint this is");
                    Step::TransposedConvolve(adjoint, activation)
                }
                Layer::Pooling { mode, regions } => Step::Pool(Pooling { mode, input, regions }),
                Layer::Dense { units, activation } => Step::Convolve(Convolution::new(input, units, all), activation),
                Layer::Residual { activation } => {
                    assert_eq!(all, [1, 1], "rows and columns of the input of a residual layer");
                    Step::Residual(Convolution::new(input, input.channels, all), activation)
                }
                Layer::Dropout { rate } => {
                    assert!((0.0..1.0).contains(&rate), "a dropout rate of {rate}");
                    Step::Mask { rate, kept: 1.0 / (1.0 - rate) }
                }
                Layer::Masking { rate } => {
                    assert!((0.0..=1.0).contains(&rate), "a masking rate of {rate}");
                    Step::Mask { rate, kept: 1.0 }
                }
                Layer::Gaussian { weight } => {
                    assert!(input.channels.is_multiple_of(2), "means and variances in {} maps", input.channels);
                    Step::Gaussian(weight)
                }
                Layer::Softmax { classes } => {
                    assert_eq!(i + 1, self.layers.len(), "a softmax layer is the last");
                    Step::Convolve(Convolution::new(input, classes, all), Activation::Linear)
                }
            };
            let (output, parameters) = match step {
                Step::Convolve(shape, _) | Step::Residual(shape, _) => {
                    (shape.output(), Some((shape.filters, shape.taps(), shape.filters)))
                }
                Step::TransposedConvolve(shape, _) => {
                    (shape.input, Some((shape.filters, shape.taps(), shape.input.channels)))
                }
                Step::Pool(pooling) => (pooling.output(), None),
                Step::Mask { .. } => (input, None),
                Step::Gaussian(_) => (MapShape { channels: input.channels / 2, ..input }, None),
            };
            let parameters = parameters.map(|(rows, columns, biases)| {
                count += 1;
                let weights = block_after(last.as_ref(), format!("W{count}"), rows, columns);
                let bias = block_after(Some(&weights), format!("b{count}"), biases, 1);
                last = Some(bias.clone());
                [weights, bias]
            });
            stages.push(Stage { step, input, output, parameters });
            input = output;
        }
        stages
    }

    /// The shape of the output of layer `layers`, counted from 1; for 0, that of the input.
    ///
    /// # Panics
    /// If there is no such layer, or layers do not fit one another.
    pub fn shape(&self, layers: usize) -> MapShape {
        if layers == 0 { self.input } else { self.stages()[layers - 1].output }
    }

    /// W1, b1, W2, b2, and so on.
    ///
    /// # Panics
    /// If they hold more elements than a size can count.
    pub fn blocks(&self) -> Vec<Block> {
        self.stages().into_iter().filter_map(|stage| stage.parameters).flatten().collect()
    }

    /// The number of parameters.
    ///
    /// # Panics
    /// If it is more than a size can count, or layers do not fit one another.
    pub fn dimension(&self) -> usize {
        self.blocks().last().map_or(0, |block| block.range.end)
    }

    /// The multiplications of one forward pass for one example: each weight is used once at each position of its map.
    ///
    /// # Panics
    /// As [`dimension`](Network::dimension).
    #[cfg(feature = "std")]
    pub fn multiplications(&self) -> f64 {
        let of_stage = |stage: Stage| {
            let Some([weights, _]) = stage.parameters else { return 0.0 };
            // A transposed convolution uses its weights at each position of its input, which is the smaller map.
            let positions = |map: MapShape| map.rows as f64 * map.columns as f64;
            weights.range.len() as f64 * Real::min(positions(stage.input), positions(stage.output))
        };
        self.stages().into_iter().fold(0.0, |sum, stage| sum + of_stage(stage))
    }

    /// Initial parameters: biases zero, weights drawn from the range that suits the layer's activation.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let mut theta = zeros(self.dimension());
        for stage in self.stages() {
            let Some([weights, _]) = stage.parameters else { continue };
            let (Step::Convolve(shape, activation)
            | Step::TransposedConvolve(shape, activation)
            | Step::Residual(shape, activation)) = stage.step
            else {
                continue;
            };
            let (taps, uses) = (shape.taps(), size::product([shape.filters, shape.size[0], shape.size[1]]));
            let (inputs, outputs) =
                if matches!(stage.step, Step::TransposedConvolve(..)) { (uses, taps) } else { (taps, uses) };
            let weights = weights.values_mut(&mut theta);
            match activation {
                Activation::Rectified => draw_rectified_weights(random, inputs, weights),
                _ => draw_weights(random, inputs, outputs, weights),
            }
        }
        theta
    }

    /// The number of classes, if the last layer is softmax.
    pub fn classes(&self) -> Option<usize> {
        match self.layers.last() {
            Some(&Layer::Softmax { classes }) => Some(classes),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn shapes_follow_one_another() {
        let network = Network::new(
            MapShape { channels: 2, rows: 9, columns: 8 },
            vec![
                Layer::same_convolution(3, [3, 5], Activation::Rectified),
                Layer::pooling(PoolingMode::Max, [2, 2]),
                Layer::Masking { rate: 0.5 },
                Layer::convolution(4, [2, 2], Activation::Tanh),
                Layer::TransposedConvolution {
                    channels: 1,
                    size: [2, 3],
                    stride: [2, 1],
                    padding: [0, 1],
                    activation: Activation::Linear,
                },
                Layer::Dense { units: 7, activation: Activation::Sigmoid },
                Layer::Residual { activation: Activation::Tanh },
                Layer::Softmax { classes: 5 },
            ],
        );
        let shapes: Vec<[usize; 3]> =
            (0..=8).map(|l| network.shape(l)).map(|s| [s.channels, s.rows, s.columns]).collect();
        assert_eq!(
            shapes,
            [[2, 9, 8], [3, 9, 8], [3, 4, 4], [3, 4, 4], [4, 3, 3], [1, 6, 3], [7, 1, 1], [7, 1, 1], [5, 1, 1]]
        );
        let blocks: Vec<(String, usize, usize)> =
            network.blocks().into_iter().map(|b| (b.name.into_owned(), b.rows, b.columns)).collect();
        let expected =
            [(3, 30), (3, 1), (4, 12), (4, 1), (4, 6), (1, 1), (7, 18), (7, 1), (7, 7), (7, 1), (5, 7), (5, 1)];
        for (i, (rows, columns)) in expected.into_iter().enumerate() {
            let name = format!("{}{}", if i % 2 == 0 { "W" } else { "b" }, i / 2 + 1);
            assert_eq!(blocks[i], (name, rows, columns));
        }
        assert_eq!(
            (network.dimension(), network.classes()),
            (90 + 3 + 48 + 4 + 24 + 1 + 126 + 7 + 49 + 7 + 35 + 5, Some(5))
        );
    }

    use alloc::string::String;

    #[test]
    #[should_panic(expected = "a softmax layer is the last")]
    fn softmax_in_the_middle_panics() {
        let input = MapShape { channels: 1, rows: 1, columns: 3 };
        let layers = vec![Layer::Softmax { classes: 2 }, Layer::Softmax { classes: 2 }];
        Network::new(input, layers).dimension();
    }
}
