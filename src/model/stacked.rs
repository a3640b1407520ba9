//! The stacked network: encoders on top of each other, and softmax regression on the deepest features.
//!
//! **Why.** Features of features can describe what one layer cannot: parts, then arrangements of parts. The encoders
//! come from autoencoders, which never saw a label ([`greedy`](super::greedy)), so their features need not be those
//! that separate the classes. Fine-tuning treats the encoders and the softmax regression as one network and improves
//! all its weights on the labels.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, y, m | an example, its label, the number of examples; Σ_x sums over them |
//! | W_l, b_l | weights and biases of layer l = 1 to L |
//! | a_l | activations of layer l; a_0 = x |
//! | Θ, b, z, p, 1{k = y} | those of [softmax regression](super::softmax) on a_L |
//! | λ | weight decay of Θ; the encoders are not decayed |
//! | δ_z, δ_l | m·∂J/∂z; the same for the pre-activations of layer l ([back-propagation](super::layer)) |
//! | ∘ | product element by element; every other product is a matrix product |
//!
//! Forward and cost:
//!
//! ```text
//! (ST.1)  a_l = σ(W_l a_(l-1) + b_l),  l = 1 to L             UFLDL, "Stacked Autoencoders"
//! (ST.2)  z = Θ a_L + b
//! (ST.3)  J = (1/m) Σ_x -ln p_y + (λ/2) |Θ|²                  UFLDL, "Fine-tuning Stacked AEs"
//! ```
//!
//! Backward:
//!
//! ```text
//! (ST.4)  δ_z = p - 1{k = y}
//! (ST.5)  δ_L = (Θᵀ δ_z) ∘ a_L ∘ (1 - a_L)                    the same page, step 2
//! (ST.6)  δ_l = (W_(l+1)ᵀ δ_(l+1)) ∘ a_l ∘ (1 - a_l)          step 3
//!
//! (ST.7)  ∂J/∂Θ = (1/m) Σ_x δ_z a_Lᵀ + λ Θ,  ∂J/∂b = (1/m) Σ_x δ_z
//! (ST.8)  ∂J/∂W_l = (1/m) Σ_x δ_l a_(l-1)ᵀ,  ∂J/∂b_l = (1/m) Σ_x δ_l
//! ```
//!
//! **Derivation.** (ST.4) is SM.5 of softmax regression. Let a_i be an element of a_L, and δ_k one of δ_z. J depends on
//! a_i only through the scores z_k = Σ_i Θ_ki a_i + b_k:
//!
//! ```text
//! m·∂J/∂a_i = Σ_k m·∂J/∂z_k · ∂z_k/∂a_i = Σ_k δ_k Θ_ki = (Θᵀ δ_z)_i
//! ```
//!
//! Multiplied by the sigmoid's slope a_i (1 - a_i), this is (ST.5). With W_(l+1) and δ_(l+1) in place of Θ and δ_z it
//! is (ST.6). Both are BP.3 of [back-propagation](super::layer) with s = 0: s is the direct effect of a_i on J, as
//! through a sparsity penalty, and this network has none. (ST.7) and (ST.8) are BP.4 and BP.5, with the decay.
//!
//! **Why δ shrinks.** The slope a (1 - a) = ¼ - (a - ½)² is at most ¼. W_(l+1)ᵀ δ_(l+1) sums over many units, but
//! random weights have both signs. With source A's initial weights, of variance 1/n for layers of n units, the sum is
//! about as large as one element of δ_(l+1) ([initial weights](super::parameters)). So at a random start δ_l is about ¼
//! of δ_(l+1) or less, and the lowest layers of a deep network hardly learn. (Larger weights compensate for the slope
//! only in part; exercise E.6 measures this.)
//!
//! **By hand.** One unit with one input, two classes, no b, λ = 0.1; x = ½, W_1 = 0, b_1 = 0, Θ = (ln 9, 0), y = 1:
//!
//! ```text
//! a_1 = ½,  z = (ln 3, 0),  p = (3/4, 1/4)
//! J = ln 4 + ½·0.1·(ln 9)² = 1.6277
//!
//! δ_z = (0.75, -0.75)
//! δ_1 = (ln 9·0.75 + 0)·½·½ = 0.4120
//!
//! ∂J/∂Θ = (0.75·½ + 0.1·ln 9, -0.75·½) = (0.5947, -0.375)
//! ∂J/∂W_1 = 0.4120·½ = 0.2060,  ∂J/∂b_1 = 0.4120
//! ```
//!
//! **Conventions.** θ = (W1, b1, W2, b2, ..., Theta, b), where W1 and b1 are W_1 and b_1. In training, an activation
//! below about 10⁻¹⁹ (in f32) counts as zero. Fine-tuning drives activations close to zero, and the product of two such
//! activations is subnormal: below the smallest number of full precision, where arithmetic is ten times slower.
//! [`by_definition`] computes the equations one by one; [`Stacked::cost`] computes them at speed
//! ([`dense`](super::dense)), and a test compares the two.
//!
//! Sources: source A, 8.4; UFLDL, "Stacked Autoencoders", "Fine-tuning Stacked AEs" (stackedAECost.m,
//! stackedAEPredict.m).

use super::Activation;
use super::dense::{DenseCost, Layer};
use super::layer::{backward_by_definition, forward_by_definition, gradient_by_definition, outputs};
use super::parameters::{Block, block_after, draw_weights, zeros};
use super::softmax::{Softmax, classifier, log_probabilities_by_definition};
use crate::matrix::Matrix;
use crate::number::{Random, Real};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// A stacked network: its sizes and the weight decay of its top.
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
    /// If they hold more values than a size can count.
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
    /// If `theta` has not [`dimension`](Self::dimension) values.
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

    /// The parameters of the softmax regression as a layer; b is 0 where the model has none.
    ///
    /// # Panics
    /// If they are not of the length of [`top`](Self::top)'s.
    pub fn top_layer<T: Real>(&self, theta: &[T]) -> DenseWeights<T> {
        let [weights, bias] = self.top().blocks();
        assert_eq!(theta.len(), bias.range.end, "parameters of the softmax regression");
        let mut b = bias.values(theta).to_vec();
        b.resize(self.classes, T::ZERO);
        DenseWeights {
            weights: Matrix::from_rows(weights.rows, weights.columns, weights.values(theta).to_vec()),
            bias: b,
        }
    }

    /// Layers and the parameters of the softmax regression as θ (the tutorial's `stack2params`).
    ///
    /// # Panics
    /// If their shapes are not the model's.
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
    /// If `theta` has not [`dimension`](Self::dimension) values, or the examples not `visible` rows.
    pub fn features<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let mut below = None;
        for pair in self.blocks()[..2 * self.layers.len()].chunks(2) {
            let (w, b) = (pair[0].view(theta), pair[1].values(theta));
            below = Some(outputs(w, b, Activation::Sigmoid, below.as_ref().unwrap_or(examples)));
        }
        below.unwrap_or_else(|| examples.clone())
    }

    /// ln p_k for each class of each example: classes x examples (the tutorial's `stackedAEPredict`, before the maximum
    /// is taken).
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the examples not `visible` rows.
    pub fn log_probabilities<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        let features = self.features(theta, examples);
        let top = self.top();
        top.log_probabilities(&theta[theta.len() - top.dimension()..], &features)
    }

    /// J on the columns of `examples` and their labels, to be minimized (UFLDL's `stackedAECost`).
    ///
    /// # Panics
    /// If there is no example, if they have not `visible` rows, or if there is not one label below `classes` for each.
    /// Also if there is no memory for the activations.
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>, labels: &'x [usize]) -> DenseCost<'x, T> {
        let blocks = self.blocks();
        let (encoders, top) = blocks.split_at(2 * self.layers.len());
        let layer = |pair: &[Block]| Layer {
            weights: pair[0].clone(),
            is_tied: false,
            bias: pair[1].clone(),
            activation: Activation::Sigmoid,
            is_decayed: false,
        };
        let layers = encoders.chunks(2).map(layer).collect();
        classifier(layers, &self.top(), [top[0].clone(), top[1].clone()], T::NEGLIGIBLE.to_f64(), examples, labels)
    }
}

/// J and its gradient, equation by equation.
///
/// # Panics
/// If `theta` has not [`dimension`](Stacked::dimension) values, the examples not `visible` rows, or there is no label
/// below `classes` for each.
pub fn by_definition(model: &Stacked, theta: &[f64], examples: &Matrix<f64>, labels: &[usize]) -> (f64, Vec<f64>) {
    let (layers, top) = model.unpack(theta);
    let (mut d_layers, d_top) = model.unpack(&vec![0.0; theta.len()]);
    let (top, mut d_top) = (model.top_layer(&top), model.top_layer(&d_top));
    let (m, depth, lambda) = (labels.len(), layers.len(), model.weight_decay);
    let mut cost = 0.0;
    for n in 0..m {
        let mut a = vec![examples.column(n)]; // a_0, then each a_l
        for l in 0..depth {
            a.push(forward_by_definition(&layers[l], Activation::Sigmoid, &a[l])); // (ST.1)
        }
        let z = forward_by_definition(&top, Activation::Linear, &a[depth]); // (ST.2)
        let (log_p, mut delta) = log_probabilities_by_definition(&z);
        cost -= log_p[labels[n]] / m as f64; // (ST.3)
        delta[labels[n]] -= 1.0; // (ST.4)
        gradient_by_definition(&delta, &a[depth], m, &mut d_top); // (ST.7)
        let mut above = &top;
        for l in (0..depth).rev() {
            let weights = &above.weights; // Θ above the deepest layer, else W_(l+1)
            delta = backward_by_definition(weights, &delta, &[], Activation::Sigmoid, &a[l + 1]); // (ST.5), (ST.6)
            gradient_by_definition(&delta, &a[l], m, &mut d_layers[l]); // (ST.8)
            above = &layers[l];
        }
    }
    for (w, d_w) in top.weights.elements().iter().zip(d_top.weights.elements_mut()) {
        cost += 0.5 * lambda * w * w; // (ST.3)
        *d_w += lambda * w; // (ST.7)
    }
    let bias = if model.bias { &d_top.bias[..] } else { &[] };
    (cost, model.pack(&d_layers, &[d_top.weights.elements(), bias].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::blocked::NC;
    use crate::optimize::Objective;

    fn model() -> Stacked {
        Stacked { visible: 5, layers: vec![4, 3], classes: 4, bias: true, weight_decay: 0.01 }
    }

    fn examples() -> Matrix<f64> {
        let mut random = Random::new(1);
        Matrix::from_function(5, 7, |_, _| random.uniform(-1.0, 1.0))
    }

    #[test]
    fn a_cost_by_hand() {
        let model = Stacked { visible: 1, layers: vec![1], classes: 2, bias: false, weight_decay: 0.1 };
        let ln9 = 2.1972245773362196;
        let (x, theta) = (Matrix::from_rows(1, 1, vec![0.5]), [0.0, 0.0, ln9, 0.0]);
        let mut gradient = vec![f64::NAN; 4];
        let cost = model.cost(&x, &[1]).cost_and_gradient(&theta, &mut gradient);
        let delta = ln9 * 0.75 * 0.25;
        for (cost, gradient) in [(cost, gradient), by_definition(&model, &theta, &x, &[1])] {
            assert!((cost - (1.3862943611198906 + 0.05 * ln9 * ln9)).abs() < 1e-15, "{cost}");
            for (g, expected) in gradient.iter().zip([0.5 * delta, delta, 0.375 + 0.1 * ln9, -0.375]) {
                assert!((g - expected).abs() < 1e-15, "{gradient:?}");
            }
        }
    }

    #[test]
    fn the_cost_equals_the_definition() {
        let mut random = Random::new(2);
        for (m, layers, bias) in [(7, vec![4, 3], true), (2 * NC + 30, vec![3, 6, 2], false), (7, vec![], true)] {
            let model = Stacked { layers, bias, ..model() };
            let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(-1.0, 1.0));
            let labels: Vec<usize> = (0..m).map(|n| (3 * n + 1) % 4).collect();
            let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
            let (expected, slopes) = by_definition(&model, &theta, &x, &labels);
            let mut gradient = vec![f64::NAN; theta.len()];
            let cost = model.cost(&x, &labels).cost_and_gradient(&theta, &mut gradient);
            assert!((cost - expected).abs() < 1e-14 * expected, "{cost} {expected}");
            assert!(gradient.iter().zip(&slopes).all(|(g, e)| (g - e).abs() < 1e-14), "{gradient:?} {slopes:?}");
            let log_p = model.log_probabilities(&theta, &x);
            let likelihood = (0..m).fold(0.0, |sum, n| sum - log_p.row(labels[n])[n]) / m as f64;
            assert!((0.0..=cost).contains(&likelihood));
        }
    }

    #[test]
    fn parameters_become_layers_and_the_same_parameters_again() {
        let model = model();
        let theta: Vec<f64> = (0..model.dimension()).map(|i| i as f64).collect();
        let (layers, top) = model.unpack(&theta);
        assert_eq!((layers[1].weights.row(0)[0], layers[1].bias[0], top[0]), (24.0, 36.0, 39.0));
        assert_eq!(model.pack(&layers, &top), theta);
    }

    #[test]
    fn without_layers_it_is_softmax_regression() {
        let model = Stacked { layers: Vec::new(), ..model() };
        let (x, labels) = (examples(), [0, 1, 2, 3, 2, 1, 1]);
        let theta: Vec<f64> = (0..24).map(|i| 0.1 * f64::from(i % 7)).collect();
        let (mut g, mut expected) = ([0.0; 24], [0.0; 24]);
        let cost = model.cost(&x, &labels).cost_and_gradient(&theta, &mut g);
        let softmax = model.top().cost(&x, &labels).cost_and_gradient(&theta, &mut expected);
        assert_eq!((cost, g), (softmax, expected));
    }

    #[test]
    fn batches_give_the_gradient_of_all_examples_at_once() {
        // Several batches, the last one short, against the mean over parts of the examples, each in a batch by itself.
        let model = Stacked { weight_decay: 0.0, ..model() };
        let mut random = Random::new(3);
        let (m, part) = (9 * NC + 70, 100);
        let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(-1.0, 1.0));
        let labels: Vec<usize> = (0..m).map(|j| j % 4).collect();
        let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let gradient = |from: usize, count: usize| {
            let x = x.select_columns(&(from..from + count).collect::<Vec<_>>());
            let mut gradient = vec![f64::NAN; theta.len()];
            let cost = model.cost(&x, &labels[from..][..count]).cost_and_gradient(&theta, &mut gradient);
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
        let model = model();
        let (mut layers, top) = model.unpack(&vec![0.0; model.dimension()]);
        layers[1].bias.pop();
        model.pack(&layers, &top);
    }
}
