//! The stacked network: encoders one on the other, and softmax regression on the deepest features.
//!
//! Forward, with a_0 = x and layers l = 1 to L:
//!
//! a_l = σ(W_l·a_(l-1) + b_l),  z = Θ·a_L + b,  p_k = e^(z_k) / Σ_c e^(z_c),
//!
//! J = -(1/m)·Σ_x ln p_y  +  (λ/2)·|Θ|²  (the decay counts the softmax weights alone).
//!
//! Backward, with the ground truth matrix M of [`softmax`](super::softmax) and · element by element after the brackets:
//!
//! δ_L = (Θᵀ·(P - M))·a_L·(1 - a_L),  δ_l = (W_(l+1)ᵀ·δ_(l+1))·a_l·(1 - a_l),
//! ∂W_l = (1/m)·δ_l·a_(l-1)ᵀ,  ∂b_l = (1/m)·Σ_x δ_l;  ∂Θ and ∂b as in softmax regression on a_L.
//!
//! θ = (W1, b1, W2, b2, ..., Theta, b). Where the weights come from before they are tuned is the matter of
//! [`greedy`](super::greedy). Source: source A, 8.4; UFLDL, "Fine-tuning stacked autoencoders" (stackedAECost.m,
//! stackedAEPredict.m).

use super::Activation;
use super::layer::{BATCH, Backward, forward, row_sum, sums_of};
use super::parameters::{Block, block_after, draw_weights, zeros};
use super::softmax::{Softmax, Top};
use crate::machine::threads;
use crate::matrix::blocked::NC;
use crate::matrix::{Matrix, Product};
use crate::number::{Random, Real};
use crate::optimize::Objective;
use crate::optimize::objective::check_lengths;
use alloc::format;
use alloc::vec::Vec;

/// The shape of a stacked network and the weight decay of its top.
#[derive(Clone, Debug, PartialEq)]
pub struct Stacked {
    /// The length of an example.
    pub visible: usize,
    /// The number of units of each layer, from the input on; without any, the network is a softmax regression.
    pub layers: Vec<usize>,
    /// The number of classes.
    pub classes: usize,
    /// Whether the softmax regression has a bias.
    pub bias: bool,
    /// λ >= 0, of the softmax weights.
    pub weight_decay: f64,
}

/// One layer's parameters: an element of the tutorial's `stack`.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseWeights<T> {
    /// W_l: units x inputs.
    pub weights: Matrix<T>,
    /// b_l.
    pub bias: Vec<T>,
}

impl Stacked {
    /// W1, b1, W2, b2, and so on, then Theta and b (0 x 1 without a bias).
    ///
    /// # Panics
    /// If they hold more numbers than a size can count.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inputs = self.visible;
        for (l, &units) in (1..).zip(&self.layers) {
            blocks.push(block_after(blocks.last(), format!("W{l}"), units, inputs));
            blocks.push(block_after(blocks.last(), format!("b{l}"), units, 1));
            inputs = units;
        }
        for block in self.top().blocks() {
            blocks.push(block_after(blocks.last(), block.name, block.rows, block.columns));
        }
        blocks
    }

    /// The number of parameters.
    ///
    /// # Panics
    /// If it is more than a size can count.
    pub fn dimension(&self) -> usize {
        self.blocks().last().map_or(0, |block| block.range.end)
    }

    /// The softmax regression on the deepest features.
    pub fn top(&self) -> Softmax {
        let Stacked { classes, bias, weight_decay, .. } = *self;
        Softmax { features: self.deepest(), classes, bias, weight_decay }
    }

    /// The number of deepest features.
    fn deepest(&self) -> usize {
        self.layers.last().copied().unwrap_or(self.visible)
    }

    /// Parameters to start from without pretraining: weights drawn by [`draw_weights`], biases and Theta zero.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let mut theta = zeros(self.dimension());
        for w in self.blocks()[..2 * self.layers.len()].iter().step_by(2) {
            draw_weights(random, w.columns, w.rows, w.values_mut(&mut theta));
        }
        theta
    }

    /// θ as layers and the parameters of the softmax regression (the tutorial's `params2stack`).
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) numbers.
    pub fn unpack<T: Real>(&self, theta: &[T]) -> (Vec<DenseWeights<T>>, Vec<T>) {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let blocks = self.blocks();
        let (layers, top) = blocks.split_at(2 * self.layers.len());
        let layer = |pair: &[Block]| DenseWeights {
            weights: Matrix::from_rows(pair[0].rows, pair[0].columns, pair[0].values(theta).to_vec()),
            bias: pair[1].values(theta).to_vec(),
        };
        (layers.chunks(2).map(layer).collect(), theta[top[0].range.start..].to_vec())
    }

    /// Layers and the parameters of the softmax regression as θ (the tutorial's `stack2params`).
    ///
    /// # Panics
    /// If their shapes are not the settings'.
    pub fn pack<T: Real>(&self, layers: &[DenseWeights<T>], top: &[T]) -> Vec<T> {
        assert_eq!((layers.len(), top.len()), (self.layers.len(), self.top().dimension()), "layers, and softmax's θ");
        let mut theta = Vec::new();
        for (layer, pair) in layers.iter().zip(self.blocks().chunks(2)) {
            let found = (layer.weights.rows(), layer.weights.columns(), layer.bias.len());
            assert_eq!(found, (pair[0].rows, pair[0].columns, pair[1].rows), "the shape of {}", pair[0].name);
            theta.extend_from_slice(layer.weights.elements());
            theta.extend_from_slice(&layer.bias);
        }
        theta.extend_from_slice(top);
        theta
    }

    /// The deepest features a_L of examples: units of the last layer x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) numbers, or the examples not `visible` rows.
    pub fn features<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let mut product = Product::new();
        let mut below = None;
        for pair in self.blocks()[..2 * self.layers.len()].chunks(2) {
            let x = below.as_ref().unwrap_or(examples);
            let mut a = Matrix::zeros(pair[0].rows, x.columns());
            let mut sums = sums_of(&a);
            let (w, b) = (pair[0].view(theta), pair[1].values(theta));
            forward(&mut product, (Activation::Sigmoid, T::ZERO), w, b, x, &mut a, &mut sums);
            below = Some(a);
        }
        below.unwrap_or_else(|| examples.clone())
    }

    /// ln p_k for each class of each example: classes x examples (the tutorial's `stackedAEPredict`, before the maximum
    /// is taken).
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) numbers, or the examples not `visible` rows.
    pub fn log_probabilities<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        let features = self.features(theta, examples);
        let top = self.top();
        top.log_probabilities(&theta[theta.len() - top.dimension()..], &features)
    }
}

/// The cost of a stacked network on given examples and their classes.
#[derive(Debug)]
pub struct StackedCost<'x, T> {
    blocks: Vec<Block>,
    dimension: usize,
    batch: usize,
    examples: &'x Matrix<T>,
    classes: &'x [usize],
    product: Product<T>,
    hidden: Vec<Hidden<T>>,
    top: Top<T>,
}

/// The work space of one layer: a of all examples, δ of a batch, and sums of the rows of a, then of δ.
#[derive(Debug)]
struct Hidden<T> {
    a: Matrix<T>,
    delta: Matrix<T>,
    sums: Matrix<T>,
}

impl<'x, T: Real> StackedCost<'x, T> {
    /// The cost on the columns of `examples`, whose classes are counted from 0.
    ///
    /// # Panics
    /// If there is no example, if they have not `visible` rows, or if there is not one class in range for each.
    /// Also if there is no memory for the activations.
    pub fn new(settings: &Stacked, examples: &'x Matrix<T>, classes: &'x [usize]) -> Self {
        let m = examples.columns();
        assert_eq!((examples.rows(), m), (settings.visible, classes.len()), "numbers of an example, and classes");
        const { assert!(BATCH.is_multiple_of(T::KC)) };
        let batch = m.min(BATCH.saturating_mul(threads::count()));
        let hidden = |&units: &usize| {
            let a = Matrix::zeros(units, m);
            Hidden { delta: Matrix::zeros(units, batch), sums: sums_of(&a), a }
        };
        StackedCost {
            batch,
            blocks: settings.blocks(),
            dimension: settings.dimension(),
            examples,
            classes,
            product: Product::new(),
            hidden: settings.layers.iter().map(hidden).collect(),
            top: Top::new(settings.top(), classes),
        }
    }
}

impl<T: Real> Objective<T> for StackedCost<'_, T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension, theta, gradient);
        let StackedCost { blocks, batch, examples, classes, product, hidden, top, .. } = self;
        let depth = hidden.len();
        let m = T::from_usize(examples.columns());
        let (w, b) = (|l: usize| &blocks[2 * l], |l: usize| &blocks[2 * l + 1]);

        // a_1, ..., a_L
        for l in 0..depth {
            let (below, rest) = hidden.split_at_mut(l);
            let x = below.last().map_or(*examples, |below| &below.a);
            let Hidden { a, sums, .. } = &mut rest[0];
            // Units that tuning drives to silence would make all products with them slow.
            let silent = (Activation::Sigmoid, T::NEGLIGIBLE);
            forward(product, silent, w(l).view(theta), b(l).values(theta), x, a, sums);
        }
        // J, ∂Θ, ∂b and P - M
        let deepest = hidden.last().map_or(*examples, |last| &last.a);
        let start = w(depth).range.start;
        let cost = top.cost_and_gradient((deepest, classes), &theta[start..], &mut gradient[start..]);

        // Of a batch: δ_L, ..., δ_1 and from each its layer's m·∂W; Θ stands where W_(L+1) would.
        for from in (0..examples.columns()).step_by(*batch) {
            let count = (*batch).min(examples.columns() - from);
            let (strip, strips) = (2 * (from / NC), 2 * count.div_ceil(NC));
            for l in (0..depth).rev() {
                let (below, rest) = hidden.split_at_mut(l);
                let (this, above) = rest.split_at_mut(1);
                let Hidden { a, delta, sums } = &mut this[0];
                let units = a.rows();
                let delta_above = match above.first() {
                    Some(above) => above.delta.view().part_columns(0, count),
                    None => top.delta().view().part_columns(from, count),
                };
                let back = Backward { activation: Activation::Sigmoid, outputs: a, from, sparsity_delta: None };
                let (mut c, mut sums) = (delta.view_mut(), sums.view_mut());
                let (c, sums) = (c.part([0, 0], [units, count]), sums.part([0, strip], [units, strips]));
                product.store_with_sums(w(l + 1).view(theta).transposed(), delta_above, c, &back, sums);

                let x = below.last().map_or(*examples, |below| &below.a).view().part_columns(from, count);
                let (delta, sum) = (delta.view().part_columns(0, count), w(l).view_mut(gradient));
                match from {
                    0 => product.store(delta, x.transposed(), sum),
                    _ => product.accumulate(delta, x.transposed(), sum),
                }
            }
        }
        for (l, Hidden { sums, .. }) in hidden.iter().enumerate() {
            w(l).values_mut(gradient).iter_mut().for_each(|g| *g /= m);
            for (j, d_b) in b(l).values_mut(gradient).iter_mut().enumerate() {
                *d_b = row_sum(sums, j, 0) / m;
            }
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn settings() -> Stacked {
        Stacked { visible: 5, layers: vec![4, 3], classes: 4, bias: true, weight_decay: 0.01 }
    }

    fn examples() -> Matrix<f64> {
        let mut random = Random::new(1);
        Matrix::from_function(5, 7, |_, _| random.uniform(-1.0, 1.0))
    }

    #[test]
    fn a_cost_by_hand() {
        // x = ½, W = 0, b = 0: a = ½. Θ = (ln 9, 0): z = (ln 3, 0), p = (¾, ¼). J = -ln ¼ + ½·0.1·(ln 9)².
        let settings = Stacked { visible: 1, layers: vec![1], classes: 2, bias: false, weight_decay: 0.1 };
        let ln9 = 2.1972245773362196;
        let x = Matrix::from_rows(1, 1, vec![0.5]);
        let mut gradient = [f64::NAN; 4];
        let cost = StackedCost::new(&settings, &x, &[1]).cost_and_gradient(&[0.0, 0.0, ln9, 0.0], &mut gradient);
        assert!((cost - (1.3862943611198906 + 0.05 * ln9 * ln9)).abs() < 1e-15, "{cost}");
        // P - M = (¾, -¾); δ = (ln 9·¾)·¼.
        let delta = ln9 * 0.75 * 0.25;
        for (g, expected) in gradient.iter().zip([0.5 * delta, delta, 0.375 + 0.1 * ln9, -0.375]) {
            assert!((g - expected).abs() < 1e-15, "{gradient:?}");
        }
    }

    #[test]
    fn the_probabilities_equal_the_sums_as_written() {
        let (settings, x) = (settings(), examples());
        let mut random = Random::new(2);
        let theta: Vec<f64> = (0..settings.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let (layers, top) = settings.unpack(&theta);
        let log_p = settings.log_probabilities(&theta, &x);
        for i in 0..7 {
            let mut a = x.column(i);
            for layer in &layers {
                let unit = |j: usize| {
                    let z = a.iter().enumerate().fold(layer.bias[j], |z, (k, a)| z + layer.weights.row(j)[k] * a);
                    1.0 / (1.0 + (-z).exp())
                };
                a = (0..layer.bias.len()).map(unit).collect();
            }
            let z = |k: usize| (0..3).fold(top[12 + k], |z, j| z + top[3 * k + j] * a[j]);
            let sum = (0..4).fold(0.0, |sum, k| sum + z(k).exp());
            for k in 0..4 {
                assert!((log_p.row(k)[i] - (z(k).exp() / sum).ln()).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn parameters_become_layers_and_the_same_parameters_again() {
        let settings = settings();
        let theta: Vec<f64> = (0..settings.dimension()).map(|i| i as f64).collect();
        let (layers, top) = settings.unpack(&theta);
        assert_eq!((layers[1].weights.row(0)[0], layers[1].bias[0], top[0]), (24.0, 36.0, 39.0));
        assert_eq!(settings.pack(&layers, &top), theta);
    }

    #[test]
    fn without_layers_it_is_softmax_regression() {
        let settings = Stacked { layers: Vec::new(), ..settings() };
        let (x, classes) = (examples(), [0, 1, 2, 3, 2, 1, 1]);
        let theta: Vec<f64> = (0..24).map(|i| 0.1 * f64::from(i % 7)).collect();
        let (mut g, mut expected) = ([0.0; 24], [0.0; 24]);
        let cost = StackedCost::new(&settings, &x, &classes).cost_and_gradient(&theta, &mut g);
        let softmax =
            super::super::SoftmaxCost::new(settings.top(), &x, &classes).cost_and_gradient(&theta, &mut expected);
        assert_eq!((cost, g), (softmax, expected));
    }

    #[test]
    fn batches_give_the_gradient_of_all_examples_at_once() {
        // Several batches, the last one short, against the mean over parts of the examples, each in a batch by itself.
        let settings = Stacked { weight_decay: 0.0, ..settings() };
        let mut random = Random::new(3);
        let (m, part) = (9 * BATCH + 70, 100);
        let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(-1.0, 1.0));
        let classes: Vec<usize> = (0..m).map(|j| j % 4).collect();
        let theta: Vec<f64> = (0..settings.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let gradient = |from: usize, count: usize| {
            let x = x.select_columns(&(from..from + count).collect::<Vec<_>>());
            let mut gradient = vec![f64::NAN; theta.len()];
            let cost =
                StackedCost::new(&settings, &x, &classes[from..][..count]).cost_and_gradient(&theta, &mut gradient);
            gradient.push(cost);
            gradient
        };
        let mut expected = vec![0.0; theta.len() + 1];
        for from in (0..m).step_by(part) {
            let count = part.min(m - from);
            for (e, g) in expected.iter_mut().zip(gradient(from, count)) {
                *e += g * count as f64 / m as f64;
            }
        }
        for (g, e) in gradient(0, m).iter().zip(&expected) {
            assert!((g - e).abs() < 1e-14, "{g} {e}");
        }
    }

    #[test]
    #[should_panic(expected = "the shape of W2")]
    fn layers_of_another_shape_panic() {
        let settings = settings();
        let (mut layers, top) = settings.unpack(&vec![0.0; settings.dimension()]);
        layers[1].bias.pop();
        settings.pack(&layers, &top);
    }
}
