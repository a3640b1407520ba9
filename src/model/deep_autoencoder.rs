//! The deep autoencoder: the encoders of a stack, then its decoders in reverse order, trained as one network.
//!
//! **Why.** A stack of autoencoders is pretrained one layer at a time ([`greedy`](super::greedy)). Its decoders, one
//! after the other, lead from the deepest features back to an example. But all decoders except the innermost were
//! trained on exact features and now receive reconstructed ones, so errors add up. Fine-tuning for labels discards the
//! decoders ([`stacked`](super::stacked)). To get a short code from which examples can be reconstructed well, tune
//! encoders and decoders together.
//!
//! **Idea.** Put all encoders and decoders into one network, whose output should be its input, and minimize the error
//! of that output over all weights at once. The innermost layer holds the code. It may have any number of units: two
//! make every example a point of a plane. Training starts from the pretrained weights, where the network computes
//! exactly what the stack computes. Hinton and Salakhutdinov report that from small random weights the gradients of the
//! first layers are tiny: each sigmoid layer multiplies δ by small weights and by σ' <= ¼. Exercise E.6 measures such
//! gradients.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, m, E, λ | as in [`autoencoder`](super::autoencoder): an example, their number, its error, weight decay |
//! | L | the number of encoders, and of decoders |
//! | W_l, b_l, g_l | weights, biases and activation of encoder l = 1 to L, from n_(l-1) to n_l values |
//! | V_l, c_l, f_l | those of decoder l, from n_l to n_(l-1) values (source A: W^(l,2)) |
//! | a_l | the output of encoder l; a_L is the code |
//! | y_l, p_l | the reconstruction of a_l, and its pre-activation; y_0 is the reconstruction of the example |
//! | δ_l, ε_l | m·∂J/∂z for the pre-activation z of a_l; m·∂J/∂p_l |
//! | ∘ | product element by element; every other product is a matrix product |
//!
//! ```text
//! (DA.1)  a_l = g_l(W_l a_(l-1) + b_l),  l = 1 to L,  a_0 = x               source A, 8.4, "encoding step"
//! (DA.2)  y_(l-1) = f_l(V_l y_l + c_l),  l = L to 1,  y_L = a_L             source A, 8.4, "decoding step"
//!
//! (DA.3)  J = (1/m) Σ_x E(x) + (λ/2) Σ_l (|W_l|² + |V_l|²),  E of y_0 and x by AE.4 or AE.5
//! ```
//!
//! For L = 2, the layers in the order of computation:
//!
//! | layer | input | weights, activation | output | m·∂J/∂(pre-activation) |
//! | --- | --- | --- | --- | --- |
//! | encoder 1 | a_0 = x | W_1, b_1, g_1 | a_1 | δ_1 |
//! | encoder 2 | a_1 | W_2, b_2, g_2 | a_2, the code | δ_2 |
//! | decoder 2 | y_2 = a_2 | V_2, c_2, f_2 | y_1 | ε_1 |
//! | decoder 1 | y_1 | V_1, c_1, f_1 | y_0 | ε_0 |
//!
//! Backward, where f_l' is taken at the pre-activation p_(l-1) of y_(l-1), and g_l' at that of a_l:
//!
//! ```text
//! (DA.4)  ε_0 = (y_0 - x) ∘ f_1', or y_0 - x for the cross-entropy
//! (DA.5)  ε_l = (V_lᵀ ε_(l-1)) ∘ f_(l+1)',  l = 1 to L-1
//!
//! (DA.6)  δ_L = (V_Lᵀ ε_(L-1)) ∘ g_L'
//! (DA.7)  δ_l = (W_(l+1)ᵀ δ_(l+1)) ∘ g_l',  l = L-1 to 1
//!
//! (DA.8)  ∂J/∂V_l = (1/m) Σ_x ε_(l-1) y_lᵀ + λ V_l,  ∂J/∂c_l = (1/m) Σ_x ε_(l-1)
//! (DA.9)  ∂J/∂W_l = (1/m) Σ_x δ_l a_(l-1)ᵀ + λ W_l,  ∂J/∂b_l = (1/m) Σ_x δ_l
//! ```
//!
//! The start, where ⁽ˡ⁾ marks autoencoder l of the pretrained stack; its W2 is W1ᵀ if its weights are tied:
//!
//! ```text
//! (DA.10) W_l = W1⁽ˡ⁾,  b_l = b1⁽ˡ⁾,  V_l = W2⁽ˡ⁾,  c_l = b2⁽ˡ⁾            source A, 8.4, with decoders
//! ```
//!
//! **Derivation.** (DA.4) are AE.8 and AE.9 of the autoencoder; the cross-entropy needs a sigmoid f_1. In the other
//! layers, p_(l-1) = V_l y_l + c_l. By the chain rule, m·∂J/∂y_l = V_lᵀ ε_(l-1). Now y_l = f_(l+1)(p_l) is the output
//! of decoder l+1, and the factor f_(l+1)'(p_l) gives (DA.5). The code y_L = a_L is the output of encoder L: (DA.6).
//! Below it, all layers are encoders: (DA.7). Each weight matrix multiplies its layer's input, y_l or a_(l-1), which is
//! the second factor of (DA.8) and (DA.9), as in [back-propagation](super::layer). The gradient of (λ/2)|V_l|² is λ
//! V_l; biases have no decay.
//!
//! **Why layers must not all be linear.** Let all layers be linear with at least k units, the code with k, all biases
//! 0, λ = 0, the examples centered, and E squared. Then y_0 = M x with M = V_1⋯V_L W_L⋯W_1, and the rank of M is at
//! most k, however many layers there are. Let Q have k columns, with QᵀQ = I, whose span contains all outputs. The
//! nearest point to x in this subspace is its projection Q Qᵀ x:
//!
//! ```text
//! Σ_x |x - Q Qᵀ x|² = Σ_x |x|² - Σ_x |Qᵀ x|² = m (trace S - trace Qᵀ S Q),  S = (1/m) Σ_x x xᵀ
//! ```
//!
//! Let e_i be the eigenvectors of S, of length 1, and μ_i its eigenvalues. Then S = Σ_i μ_i e_i e_iᵀ, so trace Qᵀ S Q =
//! Σ_i μ_i |Qᵀ e_i|². Each factor |Qᵀ e_i|² is from 0 to 1, since it is the squared length of a projection of e_i.
//! Since Σ_i e_i e_iᵀ = I, the factors add up to trace Qᵀ Q = k. So the sum is largest if the columns of Q are the k
//! eigenvectors with the largest eigenvalues. The best M is then Q Qᵀ, the projection onto the subspace of the first k
//! principal components, and J is half the sum of the other eigenvalues (Baldi and Hornik; a test trains such a
//! network).
//!
//! The network reaches this M with W_L⋯W_1 = Qᵀ and V_1⋯V_L = Q, but also with R Qᵀ and Q R⁻¹ for any invertible k x k
//! matrix R, since the product is the same. So training finds the subspace, not the components themselves: the k values
//! of the code need not be uncorrelated, or sorted by variance. Only layers that are not linear can have a smaller J.
//!
//! **By hand.** L = 2, one unit in each layer, λ = 0, E squared; the code and the output are linear, the others
//! sigmoid. x = 0.3, W_1 = 0, b_1 = 0, W_2 = 2, b_2 = -1, V_2 = 3, c_2 = 0, V_1 = 2, c_1 = -½:
//!
//! ```text
//! a_1 = ½,  a_2 = 2·½ - 1 = 0,  y_1 = σ(0) = ½,  y_0 = 2·½ - ½ = ½         J = ½·0.2² = 0.02
//!
//! ε_0 = 0.2                        ∂J/∂V_1 = 0.2·½ = 0.1,    ∂J/∂c_1 = 0.2
//! ε_1 = 2·0.2·¼ = 0.1              ∂J/∂V_2 = 0.1·0 = 0,      ∂J/∂c_2 = 0.1
//!
//! δ_2 = 3·0.1·1 = 0.3              ∂J/∂W_2 = 0.3·½ = 0.15,   ∂J/∂b_2 = 0.3
//! δ_1 = 2·0.3·¼ = 0.15             ∂J/∂W_1 = 0.15·0.3 = 0.045,  ∂J/∂b_1 = 0.15
//! ```
//!
//! **Conventions.** θ = (W_1, b_1, ..., W_L, b_L, V_L, c_L, ..., V_1, c_1), in the order of computation. Decoders are
//! not tied to encoders. Source A numbers its encoders from 1 to n - 1 but its decoders from n; this chapter has L of
//! each.
//!
//! The code is usually linear. It has few units, so each must carry a wide range of values. A sigmoid would confine
//! each to (0, 1) and crowd distant points near the ends, where it passes almost no gradient. The network takes over
//! the activations of its stack. So for a linear code, give the last autoencoder of the stack a linear encoder (and
//! β = 0) before pretraining.
//!
//! Sources: source A, 8.4; G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with neural networks",
//! 2006; P. Baldi and K. Hornik, "Neural networks and principal component analysis", 1989.

use super::autoencoder::Loss;
use super::dense::{Architecture, DenseCost, Layer, Output};
use super::greedy::TrainedAutoencoder;
use super::layer::{backward_by_definition, forward_by_definition, gradient_by_definition, outputs};
use super::parameters::{Block, block_after, draw_weights, zeros};
use super::stacked::DenseWeights;
use super::{Activation, Autoencoder};
use crate::matrix::Matrix;
use crate::number::{Random, Real};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// An encoder and the decoder that leads back from its output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MirrorLayer {
    /// n_l, the number of units between them.
    pub units: usize,
    /// g_l, of the encoder.
    pub encoder: Activation,
    /// f_l, of the decoder, whose output is as long as the encoder's input.
    pub decoder: Activation,
}

/// A deep autoencoder: its sizes, activations, and the terms of its cost.
#[derive(Clone, Debug, PartialEq)]
pub struct DeepAutoencoder {
    /// n_0, the length of an example.
    pub visible: usize,
    /// At least one layer, from the input to the code.
    pub layers: Vec<MirrorLayer>,
    /// The error.
    pub loss: Loss,
    /// λ >= 0; 0 leaves the term out.
    pub weight_decay: f64,
}

impl DeepAutoencoder {
    /// Layers of these numbers of units, the last of which is the code's: sigmoid but for a linear code; squared error,
    /// and no weight decay.
    pub fn new(visible: usize, units: &[usize]) -> Self {
        let sigmoid = |&units| MirrorLayer { units, encoder: Activation::Sigmoid, decoder: Activation::Sigmoid };
        let mut layers: Vec<MirrorLayer> = units.iter().map(sigmoid).collect();
        if let Some(code) = layers.last_mut() {
            code.encoder = Activation::Linear;
        }
        DeepAutoencoder { visible, layers, loss: Loss::Squared, weight_decay: 0.0 }
    }

    /// The encoders and decoders of a stack, with the error of its first autoencoder and no weight decay.
    ///
    /// # Panics
    /// If the stack is empty, or an autoencoder's `visible` is not the `hidden` of the one before.
    pub fn of_stack(stack: &[Autoencoder]) -> Self {
        assert!(!stack.is_empty(), "a stack of no autoencoders");
        assert!(stack.windows(2).all(|pair| pair[0].hidden == pair[1].visible), "autoencoders that do not fit");
        let layer = |&Autoencoder { hidden, encoder, decoder, .. }: &_| MirrorLayer { units: hidden, encoder, decoder };
        let (visible, layers) = (stack[0].visible, stack.iter().map(layer).collect());
        DeepAutoencoder { visible, layers, loss: stack[0].loss, weight_decay: 0.0 }
    }

    /// The weights of a pretrained stack as θ of its deep autoencoder: the start of its training.
    pub fn transfer<T: Real>(stack: &[TrainedAutoencoder<T>]) -> Vec<T> {
        let mut theta = Vec::new();
        for TrainedAutoencoder { model, theta: trained, .. } in stack {
            let [w1, _, b1, _] = model.blocks();
            theta.extend_from_slice(w1.values(trained)); // (DA.10)
            theta.extend_from_slice(b1.values(trained)); // (DA.10)
        }
        for TrainedAutoencoder { model, theta: trained, .. } in stack.iter().rev() {
            let [w1, w2, _, b2] = model.blocks();
            if model.tied {
                let transposed = w1.view(trained).transposed();
                (0..model.visible).for_each(|i| theta.extend((0..model.hidden).map(|j| transposed.at(i, j))));
            }
            theta.extend_from_slice(w2.values(trained)); // (DA.10)
            theta.extend_from_slice(b2.values(trained)); // (DA.10)
        }
        theta
    }

    /// The encoders, then the decoders, in the order of computation.
    fn dense_layers(&self) -> Vec<Layer> {
        let mut all: Vec<Layer> = Vec::new();
        let mut push = |names: [String; 2], units, inputs, activation| {
            let [w, b] = names;
            let weights = block_after(all.last().map(|layer| &layer.bias), w, units, inputs);
            let bias = block_after(Some(&weights), b, units, 1);
            all.push(Layer { weights, is_tied: false, bias, activation, is_decayed: true });
        };
        let below = |l: usize| if l == 0 { self.visible } else { self.layers[l - 1].units };
        for (l, layer) in self.layers.iter().enumerate() {
            push([format!("W{}", l + 1), format!("b{}", l + 1)], layer.units, below(l), layer.encoder);
        }
        for (l, layer) in self.layers.iter().enumerate().rev() {
            push([format!("V{}", l + 1), format!("c{}", l + 1)], below(l), layer.units, layer.decoder);
        }
        all
    }

    /// W1, b1, and so on to the code, then VL, cL, and so on to V1, c1.
    ///
    /// # Panics
    /// If they hold more values than a size can count.
    pub fn blocks(&self) -> Vec<Block> {
        self.dense_layers().into_iter().flat_map(|layer| [layer.weights, layer.bias]).collect()
    }

    /// The number of parameters.
    ///
    /// # Panics
    /// If it is more than a size can count.
    pub fn dimension(&self) -> usize {
        self.blocks().last().map_or(0, |block| block.range.end)
    }

    /// Parameters to start from without pretraining: weights drawn by [`draw_weights`], biases zero.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let mut theta = zeros(self.dimension());
        for w in self.blocks().iter().step_by(2) {
            draw_weights(random, w.columns, w.rows, w.values_mut(&mut theta));
        }
        theta
    }

    /// The codes a_L of examples: units of the code x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the examples not `visible` rows.
    pub fn encode<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        self.pass(&self.dense_layers()[..self.layers.len()], theta, examples)
    }

    /// The reconstructions y_0 of examples from their codes: visible x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the codes not the units of the code as rows.
    pub fn decode<T: Real>(&self, theta: &[T], codes: &Matrix<T>) -> Matrix<T> {
        self.pass(&self.dense_layers()[self.layers.len()..], theta, codes)
    }

    fn pass<T: Real>(&self, layers: &[Layer], theta: &[T], inputs: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let step = |below: Option<Matrix<T>>, layer: &Layer| {
            let inputs = below.as_ref().unwrap_or(inputs);
            Some(outputs(layer.weights.view(theta), layer.bias.values(theta), layer.activation, inputs))
        };
        layers.iter().fold(None, step).unwrap_or_else(|| inputs.clone())
    }

    /// J on the columns of `examples`, to be minimized.
    ///
    /// # Panics
    /// If there is no layer or no example, the examples have not `visible` rows, or the cross-entropy is not that of a
    /// sigmoid decoder. Also if there is no memory for the activations.
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>) -> DenseCost<'x, T> {
        assert!(!self.layers.is_empty(), "an autoencoder without layers");
        assert_eq!(examples.rows(), self.visible, "values of an example");
        self.loss.check(self.layers[0].decoder);
        let architecture = Architecture {
            layers: self.dense_layers(),
            output: Output::Reconstruction(self.loss),
            weight_decay: self.weight_decay,
            sparsity: None,
            contraction: 0.0,
            negligible: 0.0,
        };
        DenseCost::new(architecture, examples, &[])
    }
}

/// J and its gradient, equation by equation.
///
/// # Panics
/// If there is no layer, `theta` has not [`dimension`](DeepAutoencoder::dimension) values, or the examples not
/// `visible` rows.
pub fn by_definition(model: &DeepAutoencoder, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
    assert_eq!((theta.len(), examples.rows()), (model.dimension(), model.visible), "parameters, values of an example");
    let blocks = model.blocks();
    let (depth, m, lambda) = (model.layers.len(), examples.columns(), model.weight_decay);
    // encoders[l - 1] holds W_l and b_l, decoders[l - 1] V_l and c_l.
    let unpack = |theta: &[f64]| -> [Vec<DenseWeights<f64>>; 2] {
        let weights = |pair: &[Block]| DenseWeights {
            weights: Matrix::from_rows(pair[0].rows, pair[0].columns, pair[0].values(theta).to_vec()),
            bias: pair[1].values(theta).to_vec(),
        };
        let (encoders, decoders) = blocks.split_at(2 * depth);
        [encoders.chunks(2).map(weights).collect(), decoders.chunks(2).rev().map(weights).collect()]
    };
    let [encoders, decoders] = unpack(theta);
    let [mut d_encoders, mut d_decoders] = unpack(&vec![0.0; theta.len()]);
    let g = |l: usize| model.layers[l - 1].encoder;
    let f = |l: usize| model.layers[l - 1].decoder;
    let mut cost = 0.0;
    for n in 0..m {
        let x = examples.column(n);
        let mut a = vec![x.clone()]; // a_0, then each a_l
        for l in 1..=depth {
            a.push(forward_by_definition(&encoders[l - 1], g(l), &a[l - 1])); // (DA.1)
        }
        let mut y = a.clone(); // y_L = a_L; the others are overwritten
        for l in (1..=depth).rev() {
            y[l - 1] = forward_by_definition(&decoders[l - 1], f(l), &y[l]); // (DA.2)
        }
        let mut epsilon = vec![0.0; x.len()]; // ε_0, then each ε_l
        for i in 0..x.len() {
            let (x, y) = (x[i], y[0][i]);
            let error = match model.loss {
                Loss::Squared => 0.5 * (y - x) * (y - x),
                Loss::CrossEntropy => -(x * Real::ln(y) + (1.0 - x) * Real::ln(1.0 - y)),
            };
            cost += error / m as f64; // (DA.3)
            epsilon[i] = match model.loss {
                // The slope is computed from the output: for the sigmoid, y (1 - y).
                Loss::Squared => (y - x) * f(1).slope(y), // (DA.4)
                Loss::CrossEntropy => y - x,              // (DA.4)
            };
        }
        for l in 1..depth {
            gradient_by_definition(&epsilon, &y[l], m, &mut d_decoders[l - 1]); // (DA.8)
            epsilon = backward_by_definition(&decoders[l - 1].weights, &epsilon, &[], f(l + 1), &y[l]); // (DA.5)
        }
        gradient_by_definition(&epsilon, &y[depth], m, &mut d_decoders[depth - 1]); // (DA.8)
        let above = &decoders[depth - 1].weights;
        let mut delta = backward_by_definition(above, &epsilon, &[], g(depth), &a[depth]); // (DA.6)
        for l in (1..depth).rev() {
            // delta is δ_(l+1), then δ_l; encoder l + 1 is at position l.
            gradient_by_definition(&delta, &a[l], m, &mut d_encoders[l]); // (DA.9)
            delta = backward_by_definition(&encoders[l].weights, &delta, &[], g(l), &a[l]); // (DA.7)
        }
        gradient_by_definition(&delta, &a[0], m, &mut d_encoders[0]); // (DA.9)
    }
    let mut gradient = Vec::new();
    for (layer, d) in encoders.iter().zip(d_encoders).chain(decoders.iter().zip(d_decoders).rev()) {
        for (w, d_w) in layer.weights.elements().iter().zip(d.weights.elements()) {
            cost += 0.5 * lambda * w * w; // (DA.3)
            gradient.push(d_w + lambda * w); // (DA.8), (DA.9)
        }
        gradient.extend(d.bias);
    }
    (cost, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::blocked::NC;
    use crate::matrix::symmetric::eigen;
    use crate::model::greedy::{self, pretrain};
    use crate::number::sum::{axpy, dot, squared_distance, sum, sum_of_squares};
    use crate::optimize::{Lbfgs, Objective};

    fn assert_close((cost, gradient): (f64, Vec<f64>), (expected, slopes): (f64, &[f64])) {
        assert!((cost - expected).abs() < 1e-13 * (1.0 + expected.abs()), "{cost} {expected}");
        assert_eq!(gradient.len(), slopes.len());
        for (g, e) in gradient.iter().zip(slopes) {
            assert!((g - e).abs() < 1e-13 * (1.0 + e.abs()), "{gradient:?} {slopes:?}");
        }
    }

    fn evaluate(model: &DeepAutoencoder, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
        let mut gradient = vec![f64::NAN; theta.len()];
        (model.cost(examples).cost_and_gradient(theta, &mut gradient), gradient)
    }

    #[test]
    fn a_cost_by_hand() {
        let mut model = DeepAutoencoder::new(1, &[1, 1]);
        model.layers[0].decoder = Activation::Linear;
        let x = Matrix::from_rows(1, 1, vec![0.3]);
        let theta = [0.0, 0.0, 2.0, -1.0, 3.0, 0.0, 2.0, -0.5];
        let gradient = [0.045, 0.15, 0.15, 0.3, 0.0, 0.1, 0.1, 0.2];
        assert_close(evaluate(&model, &theta, &x), (0.02, &gradient));
        assert_close(by_definition(&model, &theta, &x), (0.02, &gradient));
    }

    #[test]
    fn every_depth_equals_the_definition_in_several_batches() {
        let mut random = Random::new(11);
        for (m, units) in [7, 2 * NC + 30].into_iter().flat_map(|m| [&[3][..], &[4, 2], &[6, 3, 1]].map(|u| (m, u))) {
            let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(0.1, 0.9));
            for loss in [Loss::Squared, Loss::CrossEntropy] {
                let model = DeepAutoencoder { loss, weight_decay: 3e-3, ..DeepAutoencoder::new(5, units) };
                let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
                let (cost, gradient) = by_definition(&model, &theta, &x);
                assert_close(evaluate(&model, &theta, &x), (cost, &gradient));
            }
        }
    }

    #[test]
    fn tuning_lowers_the_error_of_a_pretrained_stack() {
        // Eight values that depend on two.
        let mut random = Random::new(1);
        let causes: Matrix<f64> = Matrix::from_function(2, 100, |_, _| random.uniform(0.2, 0.8));
        let x = Matrix::from_function(8, 100, |i, j| 0.5 * (causes.row(i % 2)[j] + causes.row(i / 4)[j]));
        let second = Autoencoder { encoder: Activation::Linear, tied: true, ..Autoencoder::new(5, 2) };
        let minimizer = Lbfgs { iterations: 60, ..Lbfgs::default() };
        let stack = pretrain(&[Autoencoder::new(8, 5), second], &x, &mut random, |_, cost, theta| {
            minimizer.minimize(cost, theta, |_| true)
        });
        let model = DeepAutoencoder::of_stack(&stack.iter().map(|trained| trained.model).collect::<Vec<_>>());
        let mut theta = DeepAutoencoder::transfer(&stack);
        let codes = greedy::encode(&stack, &x);
        assert_eq!(model.encode(&theta, &x), codes);
        let y = greedy::decode(&stack, &codes);
        assert_eq!(model.decode(&theta, &codes), y);
        let before = squared_distance(y.elements(), x.elements()) / 200.0;
        let (start, _) = evaluate(&model, &theta, &x);
        assert!((start - before).abs() < 1e-15, "{start} {before}");
        let after = minimizer.minimize(&mut model.cost(&x), &mut theta, |_| true).cost;
        assert!(after < 0.5 * before, "{before} to {after}");
    }

    /// Orthonormal vectors that span the same space (Gram and Schmidt).
    fn orthonormal(mut vectors: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        for k in 0..vectors.len() {
            let (before, rest) = vectors.split_at_mut(k);
            let v = &mut rest[0];
            before.iter().for_each(|q| axpy(-dot(q, v), q, v));
            let length = sum_of_squares(v).sqrt();
            v.iter_mut().for_each(|v| *v /= length);
        }
        vectors
    }

    #[test]
    fn a_linear_autoencoder_learns_the_subspace_of_the_principal_components() {
        // Six values of standard deviations that fall by a factor of 0.6, mixed, and centered.
        let (mut random, m, k) = (Random::new(12), 200, 2);
        let mix: Matrix<f64> = Matrix::from_function(6, 6, |_, _| random.uniform(-1.0, 1.0));
        let mix = orthonormal((0..6).map(|i| mix.row(i).to_vec()).collect());
        let sources: Matrix<f64> = Matrix::from_function(6, m, |i, _| 0.6f64.powi(i as i32) * random.normal::<f64>());
        let mut x = Matrix::from_function(6, m, |i, n| (0..6).fold(0.0, |z, s| z + mix[s][i] * sources.row(s)[n]));
        for i in 0..6 {
            let mean = sum(x.row(i)) / m as f64;
            x.row_mut(i).iter_mut().for_each(|x| *x -= mean);
        }
        let covariance = Matrix::from_function(6, 6, |i, j| dot(x.row(i), x.row(j)) / m as f64);
        let principal = eigen(&covariance);

        let (encoder, decoder) = (Activation::Linear, Activation::Linear);
        let shallow = Autoencoder { encoder, decoder, ..Autoencoder::new(6, k) };
        let linear = MirrorLayer { units: k, encoder, decoder };
        let layers = vec![MirrorLayer { units: 4, ..linear }, linear];
        let deep = DeepAutoencoder { layers, ..DeepAutoencoder::new(6, &[]) };
        let minimizer = Lbfgs { iterations: 2000, gradient_tolerance: 1e-11, cost_tolerance: 0.0, ..Lbfgs::default() };
        let mut theta = shallow.draw(&mut random);
        let outcome = minimizer.minimize(&mut shallow.cost(&x), &mut theta, |_| true);
        // The columns of the decoder's matrix, then its bias.
        let codes = Matrix::from_function(k, k + 1, |i, j| f64::from(u8::from(i == j)));
        let decoded = shallow.decode(&theta, &codes);
        let mut deep_theta = deep.draw(&mut random);
        let deep_outcome = minimizer.minimize(&mut deep.cost(&x), &mut deep_theta, |_| true);
        let deep_decoded = deep.decode(&deep_theta, &codes);

        let least = 0.5 * sum(&principal.values[k..]);
        for (cost, decoded) in [(outcome.cost, decoded), (deep_outcome.cost, deep_decoded)] {
            assert!((cost - least).abs() < 1e-12, "{cost} {least}");
            let bias = decoded.column(k);
            // The sine of the largest principal angle is the largest distance of a unit vector of one space from the
            // other space. The distances of the vectors of a basis bound it, squared and added.
            let column = |j: usize| (0..6).map(|i| decoded.row(i)[j] - bias[i]).collect();
            let basis = orthonormal((0..k).map(column).collect());
            let squares: Vec<f64> = basis
                .iter()
                .map(|q| {
                    let mut rest = q.clone();
                    (0..k).for_each(|p| axpy(-dot(principal.vectors.row(p), q), principal.vectors.row(p), &mut rest));
                    sum_of_squares(&rest)
                })
                .collect();
            assert!(sum(&squares).sqrt() < 1e-6, "principal angles of up to {}", sum(&squares).sqrt());
        }
    }
}
