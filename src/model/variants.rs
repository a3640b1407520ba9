//! The autoencoder with every choice: activations of the hidden units and of the output, the error, tied weights.
//!
//! a2 = g(W1·x + b1),  z3 = W2·a2 + b2,  y = f(z3),  with W2 = W1ᵀ where the weights are tied.
//!
//! | error of an example | formula | δ3 |
//! | --- | --- | --- |
//! | squared | ½·Σ (y - x)² | (y - x)·f'(z3) |
//! | cross-entropy, f sigmoid | -Σ ( x·ln y + (1 - x)·ln(1 - y) ) | y - x |
//!
//! The cross-entropy is computed from z3 as max(z3, 0) - x·z3 + ln(1 + e^(-|z3|)), in which nothing overflows. Decay
//! and sparsity are those of [`autoencoder`](super::autoencoder), and so is δ2 with g' for σ'. Tied weights are decayed
//! once, and have one gradient:
//!
//! ∂W1 = (1/m)·(δ2·Xᵀ + a2·δ3ᵀ) + λ·W1.
//!
//! With a sigmoid, squared errors and two matrices this is the plain autoencoder, to the bit; that one is faster.
//! Sources: source A, 8.1; source D; P. Vincent, H. Larochelle, Y. Bengio and P.-A. Manzagol, 2008 (cross-entropy, tied
//! weights).

use super::autoencoder::sparsity;
use super::layer::{Backward, forward, row_sum, sums_of};
use super::parameters::{Block, block_after, draw_weights, zeros};
use super::{Activation, Autoencoder};
use crate::machine::Lanes;
use crate::machine::lanes::{Pointwise, Vector};
use crate::matrix::blocked::{Epilogue, NC};
use crate::matrix::{Matrix, Product, View};
use crate::number::exponential::Exp;
use crate::number::logarithm::Ln;
use crate::number::sum::{reduce, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::Objective;
use crate::optimize::objective::check_lengths;
use alloc::vec;
use alloc::vec::Vec;

/// How far a reconstruction is from its example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// ½·Σ (y - x)².
    Squared,
    /// -Σ ( x·ln y + (1 - x)·ln(1 - y) ), for examples between 0 and 1 and a sigmoid output.
    CrossEntropy,
}

/// The choices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VariantSettings {
    /// The sizes, the output's activation f, λ, ρ and β. The sparsity counts activations between 0 and 1: β > 0 needs a
    /// sigmoid g.
    pub base: Autoencoder,
    /// g.
    pub encoder: Activation,
    /// The error.
    pub loss: Loss,
    /// Whether W2 = W1ᵀ.
    pub tied: bool,
}

impl VariantSettings {
    /// W1 (hidden x visible), W2 (visible x hidden) unless it is tied, b1, b2.
    ///
    /// # Panics
    /// If they hold more numbers than a size can count.
    pub fn blocks(&self) -> Vec<Block> {
        let (v, h) = (self.base.visible, self.base.hidden);
        let mut blocks: Vec<Block> = Vec::new();
        for (name, rows, columns) in [("W1", h, v), ("W2", v, h), ("b1", h, 1), ("b2", v, 1)] {
            if !(self.tied && name == "W2") {
                blocks.push(block_after(blocks.last(), name, rows, columns));
            }
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

    /// Parameters to start from: weights drawn by [`draw_weights`], biases zero.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let mut theta = zeros(self.dimension());
        for w in self.blocks().iter().filter(|block| block.name.starts_with('W')) {
            draw_weights(random, self.base.visible, self.base.hidden, w.values_mut(&mut theta));
        }
        theta
    }
}

/// The error of a part of a row, of which [`Epilogue`] returns the sum, and δ3 in the part's place.
struct Output<'a, T> {
    bias: &'a [T],
    examples: &'a Matrix<T>,
    activation: Activation,
    loss: Loss,
}

impl<T: Real> Epilogue<T> for Output<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        let (zero, one) = (lanes.splat(T::ZERO), lanes.splat(T::ONE));
        let x = &self.examples.row(i)[j..][..part.len()];
        let mut errors = [T::ZERO; NC];
        let errors = &mut errors[..part.len()];
        for ((z, x), error) in part.chunks_mut(L::WIDTH).zip(x.chunks(L::WIDTH)).zip(errors.chunks_mut(L::WIDTH)) {
            let (x, z3) = (lanes.load_any(x), lanes.load_any(z) + bias);
            let y = self.activation.at(lanes, z3);
            let difference = y - x;
            let (e, d) = match self.loss {
                Loss::Squared => (difference * difference, self.activation.times_slope(lanes, difference, y)),
                Loss::CrossEntropy => {
                    let tail = Ln.at(lanes, one + Exp.at(lanes, -z3.abs()));
                    (z3.max(zero) - x * z3 + tail, difference)
                }
            };
            lanes.store_any(e, error);
            lanes.store_any(d, z);
        }
        [reduce(errors, errors, |e, _| e), reduce(part, part, |d, _| d)]
    }
}

/// The cost on given examples.
#[derive(Debug)]
pub struct Variant<'x, T> {
    settings: VariantSettings,
    blocks: Vec<Block>,
    examples: &'x Matrix<T>,
    product: Product<T>,
    a2: Matrix<T>,
    delta2: Matrix<T>,
    delta3: Matrix<T>,
    hidden_sums: Matrix<T>,
    output_sums: Matrix<T>,
    errors: Vec<T>,
    sparsity_delta: Vec<T>,
}

impl<'x, T: Real> Variant<'x, T> {
    /// The cost on the columns of `examples`.
    ///
    /// # Panics
    /// If there is no example, they have not `visible` rows, the sparsity counts and is not between 0 and 1 or g is not
    /// sigmoid, or the cross-entropy is not that of a sigmoid output.
    /// Also if there is no memory for the activations.
    pub fn new(settings: VariantSettings, examples: &'x Matrix<T>) -> Self {
        let Autoencoder { visible, hidden, sparsity, sparsity_weight, .. } = settings.base;
        let m = examples.columns();
        assert!(m > 0, "an autoencoder needs an example");
        assert_eq!(examples.rows(), visible, "numbers of an example");
        let counts = sparsity_weight != 0.0;
        assert!(!counts || 0.0 < sparsity && sparsity < 1.0, "a sparsity of {sparsity}");
        assert!(!counts || settings.encoder == Activation::Sigmoid, "sparsity of {} units", settings.encoder.name());
        let decoder = settings.base.decoder;
        let fits = settings.loss == Loss::Squared || decoder == Activation::Sigmoid;
        assert!(fits, "the cross-entropy of a {} output", decoder.name());
        let (a2, delta3) = (Matrix::zeros(hidden, m), Matrix::zeros(visible, m));
        Variant {
            settings,
            blocks: settings.blocks(),
            examples,
            product: Product::new(),
            hidden_sums: sums_of(&a2),
            output_sums: sums_of(&delta3),
            delta2: a2.clone(),
            a2,
            delta3,
            errors: vec![T::ZERO; visible],
            sparsity_delta: vec![T::ZERO; hidden],
        }
    }
}

impl<T: Real> Objective<T> for Variant<'_, T> {
    fn dimension(&self) -> usize {
        self.settings.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        let VariantSettings { base, encoder, loss, tied } = self.settings;
        check_lengths(self.settings.dimension(), theta, gradient);
        let Variant { blocks, examples, product, a2, delta2, delta3, .. } = self;
        let [w1, b1, b2] = [0, blocks.len() - 2, blocks.len() - 1].map(|i| &blocks[i]);
        let w2: View<T> = if tied { w1.view(theta).transposed() } else { blocks[1].view(theta) };
        let m = T::from_usize(examples.columns());

        // a2, the sparsity, δ3, δ2
        forward(product, (encoder, T::ZERO), w1.view(theta), b1.values(theta), examples, a2, &mut self.hidden_sums);
        let sparsity = sparsity(&base, examples.columns(), &self.hidden_sums, &mut self.sparsity_delta);
        let output = Output { bias: b2.values(theta), examples, activation: base.decoder, loss };
        product.store_with_sums(w2, a2.view(), delta3.view_mut(), &output, self.output_sums.view_mut());
        let back = Backward { activation: encoder, outputs: a2, from: 0, sparsity_delta: Some(&self.sparsity_delta) };
        let sums = self.hidden_sums.view_mut();
        product.store_with_sums(w2.transposed(), delta3.view(), delta2.view_mut(), &back, sums);

        product.store(delta2.view(), examples.view().transposed(), w1.view_mut(gradient));
        match tied {
            true => product.accumulate(a2.view(), delta3.view().transposed(), w1.view_mut(gradient)),
            false => product.store(delta3.view(), a2.view().transposed(), blocks[1].view_mut(gradient)),
        }
        let lambda = T::from_f64(base.weight_decay);
        let (mut decay, weights) = (T::ZERO, if tied { 1 } else { 2 });
        for w in &blocks[..weights] {
            for i in w.range.clone() {
                gradient[i] = gradient[i] / m + lambda * theta[i];
            }
            decay += sum_of_squares(w.values(theta));
        }
        for (j, d_b1) in b1.values_mut(gradient).iter_mut().enumerate() {
            *d_b1 = row_sum(&self.hidden_sums, j, 0) / m;
        }
        for (i, d_b2) in b2.values_mut(gradient).iter_mut().enumerate() {
            self.errors[i] = row_sum(&self.output_sums, i, 0);
            *d_b2 = row_sum(&self.output_sums, i, 1) / m;
        }
        let share = if loss == Loss::Squared { T::HALF } else { T::ONE };
        let decay = if base.weight_decay == 0.0 { T::ZERO } else { T::HALF * lambda * decay };
        share * sum(&self.errors) / m + decay + sparsity
    }
}

#[cfg(test)]
mod tests {
    use super::super::AutoencoderCost;
    use super::*;

    fn settings(visible: usize, hidden: usize) -> VariantSettings {
        let base = Autoencoder {
            visible,
            hidden,
            decoder: Activation::Sigmoid,
            weight_decay: 0.1,
            sparsity: 0.1,
            sparsity_weight: 0.0,
        };
        VariantSettings { base, encoder: Activation::Sigmoid, loss: Loss::Squared, tied: false }
    }

    #[test]
    fn a_cross_entropy_by_hand() {
        // Tied, W = 0: a2 = ½, z3 = b2 = ln 3, y = ¾. x = ¼: -(¼·ln ¾ + ¾·ln ¼) = 1.11164119...
        let settings = VariantSettings { loss: Loss::CrossEntropy, tied: true, ..settings(1, 1) };
        let x = Matrix::from_rows(1, 1, vec![0.25]);
        let mut gradient = [f64::NAN; 3];
        let ln3 = 1.0986122886681098;
        let cost = Variant::new(settings, &x).cost_and_gradient(&[0.0, 0.0, ln3], &mut gradient);
        assert!((cost - (2.0 * core::f64::consts::LN_2 - 0.25 * ln3)).abs() < 1e-15, "{cost}");
        // δ3 = ½; δ2 = 0; ∂W = a2·δ3 = ¼.
        for (g, expected) in gradient.iter().zip([0.25, 0.0, 0.5]) {
            assert!((g - expected).abs() < 1e-15, "{gradient:?}");
        }
    }

    #[test]
    fn large_sums_do_not_overflow() {
        let settings = VariantSettings { loss: Loss::CrossEntropy, ..settings(1, 1) };
        let settings = VariantSettings { base: Autoencoder { weight_decay: 0.0, ..settings.base }, ..settings };
        let x = Matrix::from_rows(1, 1, vec![0.25f32]);
        for (b2, expected) in [(1000.0, 750.0), (-1000.0, 250.0)] {
            let cost = Variant::new(settings, &x).cost_and_gradient(&[0.0, 0.0, 0.0, b2], &mut [0.0; 4]);
            assert_eq!(cost, expected);
        }
    }

    #[test]
    fn the_plain_choice_is_the_plain_autoencoder_to_the_bit() {
        let (settings, m) = (settings(9, 5), 3 * NC + 7);
        let settings = VariantSettings { base: Autoencoder { sparsity_weight: 3.0, ..settings.base }, ..settings };
        let mut random = Random::new(5);
        let x: Matrix<f32> = Matrix::from_function(9, m, |_, _| random.uniform(0.1, 0.9));
        let theta: Vec<f32> = settings.draw(&mut random);
        assert_eq!(theta.len(), settings.base.dimension());
        let (mut g, mut expected) = (vec![f32::NAN; theta.len()], vec![f32::NAN; theta.len()]);
        let cost = Variant::new(settings, &x).cost_and_gradient(&theta, &mut g);
        assert_eq!(cost, AutoencoderCost::new(settings.base, &x).cost_and_gradient(&theta, &mut expected));
        assert_eq!(g, expected);
    }

    #[test]
    #[should_panic(expected = "the cross-entropy of a linear output")]
    fn a_loss_that_does_not_fit_panics() {
        let settings = settings(1, 1);
        let base = Autoencoder { decoder: Activation::Linear, ..settings.base };
        Variant::new(VariantSettings { base, loss: Loss::CrossEntropy, ..settings }, &Matrix::<f64>::zeros(1, 1));
    }
}
