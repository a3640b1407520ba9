//! The sparse autoencoder: a network that learns to reconstruct its input from few active units, and so learns
//! features.
//!
//! **Why.** Labels are scarce, recordings are not. A network that must reproduce its input needs no labels, and all
//! that its output can use has to pass through its hidden layer. If that layer is as wide as the input, the network can
//! copy. One way to make it find structure instead is to keep each unit silent for most examples. Then an example must
//! be described by the few units that fit it, and a unit lowers the cost only if it stands for something that recurs: a
//! feature.
//!
//! **Idea.** Minimize the mean error of the reconstruction, plus a penalty that pulls each unit's mean activation
//! toward a small ρ, plus weight decay. Decay keeps the weights small, to prevent overfitting, that is, fitting noise.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | n_v, n_h | the number of inputs (visible units) and of hidden units |
//! | θ | all parameters, W1, W2, b1 and b2, as one vector |
//! | x, m | an example (n_v values, one column of the matrix X), the number of examples; Σ_x sums over them |
//! | W1, b1 | weights and biases of the encoder x → a2, n_h x n_v and n_h |
//! | W2, b2 | weights and biases of the decoder a2 → y, n_v x n_h and n_v |
//! | z2, a2 | the hidden units before and after their activation function g |
//! | z3, y | the outputs before and after their activation function f; y is the reconstruction of x |
//! | σ | the sigmoid 1/(1 + e^-z), of slope a (1 - a) where a = σ(z); g is σ unless stated, f is σ or f(z) = z |
//! | E, J | the error of one example; the cost, in which \|W\|² is the sum of the squares of W's elements |
//! | λ, ρ, β | weight decay, target mean activation, weight of the sparsity penalty |
//! | ρ̂_j | mean activation of hidden unit j |
//! | δ3, δ2 | m·∂J/∂z3, m·∂J/∂z2 of one example; m cancels the 1/m in J ([back-propagation](super::layer)) |
//! | KL | the Kullback-Leibler divergence (AE.6), which measures how far ρ̂ is from ρ |
//! | s_j | the slope of the sparsity penalty, m·∂(β KL)/∂a2_j |
//! | ∘ | product element by element; every other product is a matrix product |
//!
//! Forward:
//!
//! ```text
//! (AE.1)   z2 = W1 x + b1,  a2 = g(z2)                               UFLDL, "Neural Networks"
//! (AE.2)   z3 = W2 a2 + b2,  y = f(z3)
//! (AE.3)   ρ̂_j = (1/m) Σ_x a2_j                                      UFLDL, "Autoencoders and Sparsity"
//! ```
//!
//! The error of an example is the squared error (AE.4) or, if f is the sigmoid, the cross-entropy (AE.5). (The
//! exercises of this chapter use (AE.4), and with it (AE.8).) The divergence and the cost follow:
//!
//! ```text
//! (AE.4)   E(x) = ½ Σ_i (y_i - x_i)²
//! (AE.5)   E(x) = -Σ_i ( x_i ln y_i + (1 - x_i) ln(1 - y_i) )        source A, 8.1
//!
//! (AE.6)   KL(ρ‖ρ̂) = ρ ln(ρ/ρ̂) + (1-ρ) ln((1-ρ)/(1-ρ̂))              UFLDL, "Autoencoders and Sparsity"
//! (AE.7)   J = (1/m) Σ_x E(x) + (λ/2) (|W1|² + |W2|²) + β Σ_j KL(ρ‖ρ̂_j)
//! ```
//!
//! Backward, with (AE.8) for the squared error and (AE.9) for the cross-entropy. The slope f'(z3) is computed from y,
//! as y (1 - y) for the sigmoid; in the code it is `f.slope(y)`:
//!
//! ```text
//! (AE.8)   δ3 = (y - x) ∘ f'(z3)
//! (AE.9)   δ3 = y - x
//! (AE.10)  s_j = β ( (1-ρ)/(1-ρ̂_j) - ρ/ρ̂_j )
//! (AE.11)  δ2 = (W2ᵀ δ3 + s) ∘ g'(z2)                                UFLDL, "Autoencoders and Sparsity"
//!
//! (AE.12)  ∂J/∂W2 = (1/m) Σ_x δ3 a2ᵀ + λ W2,  ∂J/∂b2 = (1/m) Σ_x δ3  UFLDL, "Backpropagation Algorithm", step 4
//! (AE.13)  ∂J/∂W1 = (1/m) Σ_x δ2 xᵀ + λ W1,   ∂J/∂b1 = (1/m) Σ_x δ2
//! ```
//!
//! **Derivation.** Output: J contains E(x)/m, so δ3_i = m·∂J/∂z3_i = ∂E/∂y_i · f'(z3_i). For the squared error ∂E/∂y_i
//! is y_i - x_i: (AE.8). For the cross-entropy it is
//!
//! ```text
//! ∂E/∂y_i = -x_i/y_i + (1-x_i)/(1-y_i) = ( -x_i (1-y_i) + (1-x_i) y_i )/( y_i (1-y_i) ) = (y_i - x_i)/( y_i (1-y_i) )
//! ```
//!
//! since x_i y_i cancels in the numerator. f' of the sigmoid is y_i (1-y_i), which cancels the denominator: (AE.9).
//! That is the advantage of the cross-entropy: an output near 0 where x is 1, or near 1 where x is 0, still has a large
//! δ3.
//!
//! Hidden layer: a2_j of one example enters J in two ways. First, through the outputs: by the chain rule, this part of
//! m·∂J/∂a2_j is Σ_i δ3_i W2_ij = (W2ᵀ δ3)_j. Second, through the mean ρ̂_j:
//!
//! ```text
//! ∂KL/∂ρ̂ = -ρ/ρ̂ + (1-ρ)/(1-ρ̂)          from (AE.6)
//! ∂ρ̂_j/∂a2_j = 1/m                       from (AE.3), for every example alike
//! m · ∂(β KL)/∂a2_j = m · β ∂KL/∂ρ̂ · 1/m = s_j: (AE.10)
//! ```
//!
//! So every example gets the same s_j, however active the unit was on it: ∂KL/∂ρ̂_j involves only the mean, which all
//! examples share and which weighs them equally. The sum of both parts, times ∂a2_j/∂z2_j = g'(z2_j), is (AE.11). Since
//! ∂z2_j/∂W1_ji = x_i and ∂z2_j/∂b1_j = 1, the chain rule gives (AE.13), and (AE.12) likewise
//! ([back-propagation](super::layer)); (λ/2) |W|² has the derivative λ W. Biases are not decayed: they only shift a
//! unit's threshold, so little would be gained.
//!
//! **Why this divergence.** Read a2_j as the probability that unit j is "on" for x. Then the mean ρ̂_j is the
//! probability that it is on for an example drawn at random. The unit is a coin that shows "on" with probability ρ̂_j,
//! and we want a coin with ρ. The wanted coin shows "on" in the fraction ρ of its tosses, and this is more probable
//! with ρ than with ρ̂ by the factor ρ/ρ̂. It shows "off" in the fraction 1-ρ, with the factor (1-ρ)/(1-ρ̂). (AE.6) is
//! the mean of the logarithms of these factors. It is 0 at ρ̂ = ρ, positive elsewhere, and convex in ρ̂, since its
//! slope rises everywhere:
//!
//! ```text
//! ∂KL/∂ρ̂  = (1-ρ)/(1-ρ̂) - ρ/ρ̂ = (ρ̂ - ρ)/( ρ̂ (1-ρ̂) )
//! ∂²KL/∂ρ̂² = (1-ρ)/(1-ρ̂)² + ρ/ρ̂² > 0
//! ```
//!
//! So it has no other minimum. All this holds for (ρ̂ - ρ)² as well, whose slope is 2 (ρ̂ - ρ). The difference is the
//! denominator ρ̂ (1-ρ̂): the slope of KL grows without bound near 0 and 1, where the sigmoid is flat. s_j reaches b1_j
//! only multiplied by g' = a2_j (1 - a2_j), and ∂J/∂b1_j contains the mean of the product over the examples:
//!
//! ```text
//! (1/m) Σ_x s_j g'(z2_j) = s_j·(1/m) Σ_x a2_j (1 - a2_j)
//! all a2_j near 0:     ≈ s_j·(1/m) Σ_x a2_j = s_j ρ̂_j ≈ -βρ                since s_j ≈ -βρ/ρ̂_j
//! all a2_j near 1:     ≈ s_j·(1/m) Σ_x (1 - a2_j) = s_j (1-ρ̂_j) ≈ β (1-ρ)  since s_j ≈ β (1-ρ)/(1-ρ̂_j)
//! the square, near 0:  ≈ -2βρ·ρ̂_j                                         since its slope is about -2βρ
//! ```
//!
//! With KL, ρ̂_j cancels near 0: however silent the unit, descent raises b1_j at the same rate, until the unit responds
//! again. Near 1 it lowers b1_j likewise. With the square ρ̂_j remains as a factor: the more silent the unit, the
//! weaker the pull, and the unit would stay dead, that is, near 0 for every example.
//!
//! **Why each term is needed.** Without the error, W1 = W2 = 0 and g(b1) = ρ make J = 0, and a2 says nothing about x.
//! Without the penalty, enough units can copy. Without the decay, the network can satisfy the penalty without being
//! sparse, since the penalty depends only on the mean of a unit's activations. It sets b1 so that g(b1) = ρ, and makes
//! W1 small. Then to first order
//!
//! ```text
//! a2_j = g(b1_j + (W1 x)_j) = ρ + ρ (1-ρ) (W1 x)_j      since g' = a (1 - a)
//! ```
//!
//! For examples of mean 0, ρ̂_j is ρ and KL is 0, and a large W2 amplifies the small remainder. Multiplying W1 by a
//! small c and dividing W2 by c gives the same outputs, if b2 absorbs the change of the constant part W2 ρ. All units
//! then respond to all examples, a little. The decay prevents this escape, since |W2|² grows as 1/c².
//!
//! **By hand.** Squared error, n_v = n_h = m = 1 (so ρ̂ = a2), x = 0.3, λ = ½, ρ = 0.1, β = 3, W1 = 0, b1 = 0, W2 = 2,
//! b2 = -1. Forward and cost:
//!
//! ```text
//! a2 = ½,  z3 = 2·½ - 1 = 0,  y = ½
//! E = ½·0.2² = 0.02
//! weight decay = ½·½·2² = 1
//! KL(0.1‖0.5) = 0.1·ln 0.2 + 0.9·ln 1.8 = 0.36806
//! J = 0.02 + 1 + 3·0.36806 = 2.1242
//! ```
//!
//! Backward:
//!
//! ```text
//! δ3 = 0.2·¼ = 0.05
//! s = 3·(0.9/0.5 - 0.1/0.5) = 4.8
//! δ2 = (2·0.05 + 4.8)·¼ = 1.225
//!
//! ∂J/∂W2 = 0.05·½ + ½·2 = 1.025,       ∂J/∂b2 = 0.05
//! ∂J/∂W1 = 1.225·0.3 + ½·0 = 0.3675,   ∂J/∂b1 = 1.225
//! ```
//!
//! A second example, x = 0.7, makes m = 2. Since W1 = 0, its a2 and y are the same, and so are ρ̂, s and J. Its δ3 is
//! -0.2·¼ = -0.05 and its δ2 is (2·(-0.05) + 4.8)·¼ = 1.175. Then ∂J/∂b1 = ½·(1.225 + 1.175) = 1.2, ∂J/∂W1 =
//! ½·(1.225·0.3 + 1.175·0.7) = 0.595, ∂J/∂W2 = ½·(0.05·½ - 0.05·½) + ½·2 = 1 and ∂J/∂b2 = 0.
//!
//! **Conventions.** Tied weights are W2 = W1ᵀ: both gradients are with respect to the same weights, so one is
//! transposed and added to the other, and the weights are decayed once. β > 0 needs a sigmoid encoder, the
//! cross-entropy a sigmoid decoder and examples between 0 and 1. If a mean activation rounds to 0 or 1, J is ∞.
//! [`by_definition`] computes the equations one by one (at first, read `tied` as false and `inputs` as the examples).
//! [`Autoencoder::cost`] is the fast form ([`dense`](super::dense)), and a test compares the two.
//!
//! Sources: source A (the ATIAM tutorial), 8.1; source C (C. McCormick's notes), steps 1 and 2; source D (L. Huang's
//! slides); UFLDL (Stanford's tutorial), "Autoencoders and Sparsity" and "Exercise: Sparse
//! Autoencoder" (sparseAutoencoderCost.m); A. Ng, CS294A lecture notes "Sparse autoencoder", 2011; P. Vincent, H.
//! Larochelle, Y. Bengio and P.-A. Manzagol, "Extracting and composing robust features with denoising autoencoders",
//! 2008 (cross-entropy, tied weights).

use super::dense::{Architecture, DenseCost, Layer, Output, Sparsity};
use super::parameters::{Block, blocks, draw_weights, zeros};
use super::{Activation, layer};
use crate::matrix::{Matrix, View};
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// The error of a reconstruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// ½·Σ (y - x)².
    Squared,
    /// -Σ ( x·ln y + (1 - x)·ln(1 - y) ), for examples between 0 and 1 and a sigmoid decoder.
    CrossEntropy,
}

impl Loss {
    /// # Panics
    /// If the output's activation is not one that the error is for.
    pub(super) fn check(self, output: Activation) {
        let fits = self == Loss::Squared || output == Activation::Sigmoid;
        assert!(fits, "the cross-entropy of a {} output", output.name());
    }
}

/// A sparse autoencoder: its sizes, activations, and the weights of its cost's terms.
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::model::Autoencoder;
/// use ossicle::number::Random;
/// use ossicle::optimize::Lbfgs;
///
/// // A hundred examples of six values, which depend on one cause each.
/// let mut random = Random::new(1);
/// let causes: Vec<f64> = (0..100).map(|_| random.uniform(0.1, 0.9)).collect();
/// let examples = Matrix::from_function(6, 100, |i, j| if i % 2 == 0 { causes[j] } else { 1.0 - causes[j] });
///
/// let model = Autoencoder { weight_decay: 1e-5, ..Autoencoder::new(6, 2) };
/// let mut theta = model.draw(&mut random);
/// let outcome = Lbfgs::default().minimize(&mut model.cost(&examples), &mut theta, |_| true);
/// let features = model.encode(&theta, &examples);
/// let reconstructions = model.decode(&theta, &features);
/// assert!(outcome.cost < 0.01 && (reconstructions[[0, 7]] - examples[[0, 7]]).abs() < 0.1, "{outcome:?}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoencoder {
    /// n_v, the length of an example.
    pub visible: usize,
    /// n_h, the number of features.
    pub hidden: usize,
    /// g; the sparsity penalty needs sigmoid.
    pub encoder: Activation,
    /// f: sigmoid for examples within (0, 1), linear for others.
    pub decoder: Activation,
    /// The error.
    pub loss: Loss,
    /// Whether W2 = W1ᵀ.
    pub tied: bool,
    /// λ >= 0; 0 leaves the term out.
    pub weight_decay: f64,
    /// ρ, the mean activation to aim at, strictly between 0 and 1.
    pub sparsity: f64,
    /// β >= 0; 0 leaves the term out.
    pub sparsity_weight: f64,
}

impl Autoencoder {
    /// Sigmoid units, squared error, weights of their own for the decoder, and no other term in the cost (ρ is 0.05).
    pub const fn new(visible: usize, hidden: usize) -> Self {
        Autoencoder {
            visible,
            hidden,
            encoder: Activation::Sigmoid,
            decoder: Activation::Sigmoid,
            loss: Loss::Squared,
            tied: false,
            weight_decay: 0.0,
            sparsity: 0.05,
            sparsity_weight: 0.0,
        }
    }

    /// W1 (hidden x visible), W2 (visible x hidden, or 0 x hidden where the weights are tied), b1, b2.
    ///
    /// # Panics
    /// If they hold more values than a size can count.
    pub fn blocks(&self) -> [Block; 4] {
        let (v, h) = (self.visible, self.hidden);
        blocks([("W1", h, v), ("W2", if self.tied { 0 } else { v }, h), ("b1", h, 1), ("b2", v, 1)])
    }

    /// The number of parameters.
    ///
    /// # Panics
    /// If it is more than a size can count.
    pub fn dimension(&self) -> usize {
        self.blocks()[3].range.end
    }

    /// Parameters to start from: weights drawn by [`draw_weights`], biases zero.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let mut theta = zeros(self.dimension());
        let [w1, w2, ..] = self.blocks();
        draw_weights(random, self.visible, self.hidden, w1.values_mut(&mut theta));
        draw_weights(random, self.visible, self.hidden, w2.values_mut(&mut theta));
        theta
    }

    /// The features a2 = g(W1·x + b1) of examples: hidden x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the examples not `visible` rows.
    /// Also if there is no memory for the features.
    pub fn encode<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let [w1, _, b1, _] = self.blocks();
        layer::outputs(w1.view(theta), b1.values(theta), self.encoder, examples)
    }

    /// The reconstructions y = f(W2·a2 + b2) from features: visible x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the features not `hidden` rows.
    /// Also if there is no memory for the reconstructions.
    pub fn decode<T: Real>(&self, theta: &[T], features: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let [w1, w2, _, b2] = self.blocks();
        let w2: View<T> = if self.tied { w1.view(theta).transposed() } else { w2.view(theta) };
        layer::outputs(w2, b2.values(theta), self.decoder, features)
    }

    /// J on the columns of `examples`, to be minimized (UFLDL's `sparseAutoencoderCost`).
    ///
    /// # Panics
    /// If there is no example, they have not `visible` rows, the sparsity counts and is not between 0 and 1 or the
    /// encoder is not sigmoid, or the cross-entropy is not that of a sigmoid decoder. Also if there is no memory for
    /// the activations.
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>) -> DenseCost<'x, T> {
        assert_eq!(examples.rows(), self.visible, "values of an example");
        DenseCost::new(self.architecture(), examples, &[])
    }

    /// The model as the dense executor sees it.
    pub(super) fn architecture(&self) -> Architecture {
        let Autoencoder { encoder, decoder, loss, tied, weight_decay, sparsity, sparsity_weight, .. } = *self;
        let is_sparse = sparsity_weight != 0.0;
        assert!(!is_sparse || 0.0 < sparsity && sparsity < 1.0, "a sparsity of {sparsity}");
        assert!(!is_sparse || encoder == Activation::Sigmoid, "sparsity of {} units", encoder.name());
        loss.check(decoder);
        let [w1, w2, b1, b2] = self.blocks();
        let w2 = if tied { w1.clone() } else { w2 };
        Architecture {
            layers: vec![
                Layer { weights: w1, is_tied: false, bias: b1, activation: encoder, is_decayed: true },
                Layer { weights: w2, is_tied: tied, bias: b2, activation: decoder, is_decayed: !tied },
            ],
            output: Output::Reconstruction(loss),
            weight_decay,
            sparsity: is_sparse.then_some(Sparsity { target: sparsity, weight: sparsity_weight }),
            contraction: 0.0,
            negligible: 0.0,
        }
    }
}

/// J and its gradient, equation by equation.
///
/// # Panics
/// If `theta` has not [`dimension`](Autoencoder::dimension) values, or the examples not `visible` rows.
pub fn by_definition(model: &Autoencoder, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
    reconstruction_by_definition(model, theta, examples, examples)
}

/// J and its gradient where the encoder reads the columns of `inputs` and the error compares with those of `examples`:
/// a [denoising](super::denoising) autoencoder reads corrupted examples.
///
/// # Panics
/// As [`by_definition`], and if the inputs are not of the shape of the examples.
pub fn reconstruction_by_definition(
    model: &Autoencoder,
    theta: &[f64],
    inputs: &Matrix<f64>,
    examples: &Matrix<f64>,
) -> (f64, Vec<f64>) {
    assert_eq!((theta.len(), examples.rows()), (model.dimension(), model.visible), "parameters, values of an example");
    let (v, h, m) = (model.visible, model.hidden, examples.columns());
    assert_eq!((inputs.rows(), inputs.columns()), (v, m), "rows and columns of the inputs");
    let (g, f) = (model.encoder, model.decoder);
    let (lambda, rho, beta) = (model.weight_decay, model.sparsity, model.sparsity_weight);
    // Where W1, W2, b1 and b2 start in θ.
    let [w1_start, w2_start, b1_start, b2_start] = model.blocks().map(|block| block.range.start);
    // Positions in θ of W1_ji and of W2_ij, which is W1_ji where the weights are tied.
    let w1 = |j: usize, i: usize| w1_start + j * v + i;
    let w2 = |i: usize, j: usize| if model.tied { w1(j, i) } else { w2_start + i * h + j };
    let over_m = 1.0 / m as f64;
    let (mut a2, mut y) = (vec![vec![0.0; h]; m], vec![vec![0.0; v]; m]);
    let mut rho_hat = vec![0.0; h];
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);

    // `value` is an activation function; `slope` is its derivative, from the activation: a·(1 - a) for the sigmoid.
    // (0..v).fold(a, |sum, i| sum + t) is a + Σ t over i from 0 to v - 1.
    for n in 0..m {
        let (x, input) = (examples.column(n), inputs.column(n));
        for j in 0..h {
            let z2 = (0..v).fold(theta[b1_start + j], |sum, i| sum + theta[w1(j, i)] * input[i]); // (AE.1)
            a2[n][j] = g.value(z2); // (AE.1)
            rho_hat[j] += over_m * a2[n][j]; // (AE.3)
        }
        for i in 0..v {
            let z3 = (0..h).fold(theta[b2_start + i], |sum, j| sum + theta[w2(i, j)] * a2[n][j]); // (AE.2)
            y[n][i] = f.value(z3); // (AE.2)
            let (x_i, y_i) = (x[i], y[n][i]);
            let error = match model.loss {
                Loss::Squared => 0.5 * (y_i - x_i) * (y_i - x_i), // (AE.4)
                Loss::CrossEntropy => -(x_i * Real::ln(y_i) + (1.0 - x_i) * Real::ln(1.0 - y_i)), // (AE.5)
            };
            cost += over_m * error; // (AE.7)
        }
    }
    // W1 and W2 lie before b1 in θ.
    for i in w1_start..b1_start {
        cost += 0.5 * lambda * theta[i] * theta[i]; // (AE.7)
        gradient[i] = lambda * theta[i]; // (AE.12), (AE.13)
    }
    let mut s = vec![0.0; h];
    if beta > 0.0 {
        for j in 0..h {
            let r = rho_hat[j];
            let kl = rho * Real::ln(rho / r) + (1.0 - rho) * Real::ln((1.0 - rho) / (1.0 - r)); // (AE.6)
            cost += beta * kl; // (AE.7)
            s[j] = beta * ((1.0 - rho) / (1.0 - r) - rho / r); // (AE.10)
        }
    }

    // A second pass, for ρ̂ must be known before any δ2.
    let (mut delta3, mut delta2) = (vec![0.0; v], vec![0.0; h]);
    for n in 0..m {
        let (x, input) = (examples.column(n), inputs.column(n));
        for i in 0..v {
            delta3[i] = match model.loss {
                Loss::Squared => (y[n][i] - x[i]) * f.slope(y[n][i]), // (AE.8)
                Loss::CrossEntropy => y[n][i] - x[i],                 // (AE.9)
            };
        }
        for j in 0..h {
            let back = (0..v).fold(s[j], |sum, i| sum + theta[w2(i, j)] * delta3[i]); // (AE.11)
            delta2[j] = back * g.slope(a2[n][j]); // (AE.11)
        }
        for i in 0..v {
            (0..h).for_each(|j| gradient[w2(i, j)] += over_m * delta3[i] * a2[n][j]); // (AE.12)
            gradient[b2_start + i] += over_m * delta3[i]; // (AE.12)
        }
        for j in 0..h {
            (0..v).for_each(|i| gradient[w1(j, i)] += over_m * delta2[j] * input[i]); // (AE.13)
            gradient[b1_start + j] += over_m * delta2[j]; // (AE.13)
        }
    }
    (cost, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::blocked::NC;
    use crate::optimize::{Lbfgs, Objective};

    const TINY: Autoencoder =
        Autoencoder { weight_decay: 0.5, sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(1, 1) };

    fn evaluate(model: &Autoencoder, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
        let mut gradient = vec![f64::NAN; theta.len()];
        (model.cost(examples).cost_and_gradient(theta, &mut gradient), gradient)
    }

    fn assert_close((cost, gradient): (f64, Vec<f64>), (expected, slopes): (f64, &[f64]), tolerance: f64) {
        assert!((cost - expected).abs() < tolerance * (1.0 + expected.abs()), "{cost} {expected}");
        for (g, e) in gradient.iter().zip(slopes) {
            assert!((g - e).abs() < tolerance * (1.0 + e.abs()), "{gradient:?} {slopes:?}");
        }
    }

    #[test]
    fn training_brings_mean_activations_near_the_target() {
        let mut random = Random::new(1);
        // Examples that depend on three causes.
        let causes: Matrix<f64> = Matrix::from_function(3, 300, |_, _| random.uniform(0.0, 1.0));
        let x = Matrix::from_function(8, 300, |i, n| 0.2 + 0.3 * (causes.row(i % 3)[n] + causes.row((i + 1) % 3)[n]));
        let means = |sparsity_weight: f64| -> Vec<f64> {
            let model = Autoencoder { sparsity: 0.1, sparsity_weight, ..Autoencoder::new(8, 6) };
            let mut theta: Vec<f64> = model.draw(&mut Random::new(2));
            Lbfgs { iterations: 200, ..Lbfgs::default() }.minimize(&mut model.cost(&x), &mut theta, |_| true);
            crate::model::visualization::mean_activations(&model.encode(&theta, &x))
        };
        let [with, without] = [means(3.0), means(0.0)];
        assert!(with.iter().all(|mean| (mean - 0.1).abs() < 0.03), "{with:?}");
        assert!(without.iter().filter(|&mean| (mean - 0.1).abs() > 0.1).count() > 3, "{without:?}");
    }

    #[test]
    fn a_cost_by_hand() {
        let (x, theta) = (Matrix::from_rows(1, 1, vec![0.3]), [0.0, 2.0, 0.0, -1.0]);
        let kl = 0.1 * 0.2f64.ln() + 0.9 * 1.8f64.ln();
        let (cost, gradient) = (0.02 + 1.0 + 3.0 * kl, [0.3675, 1.025, 1.225, 0.05]);
        assert_close(evaluate(&TINY, &theta, &x), (cost, &gradient), 1e-14);
        assert_close(by_definition(&TINY, &theta, &x), (cost, &gradient), 1e-14);
    }

    #[test]
    fn a_cross_entropy_by_hand() {
        // Tied, W = 0: a2 = ½, z3 = b2 = ln 3, y = ¾. x = ¼: -(¼·ln ¾ + ¾·ln ¼). δ3 = ½; δ2 = 0; ∂W = a2·δ3 = ¼.
        let model = Autoencoder { loss: Loss::CrossEntropy, tied: true, ..Autoencoder::new(1, 1) };
        let (x, ln3) = (Matrix::from_rows(1, 1, vec![0.25]), 1.0986122886681098);
        let cost = 2.0 * core::f64::consts::LN_2 - 0.25 * ln3;
        assert_close(evaluate(&model, &[0.0, 0.0, ln3], &x), (cost, &[0.25, 0.0, 0.5]), 1e-15);
        assert_close(by_definition(&model, &[0.0, 0.0, ln3], &x), (cost, &[0.25, 0.0, 0.5]), 1e-15);
    }

    #[test]
    fn every_choice_equals_the_definition_in_several_batches() {
        use Activation::{Linear, Sigmoid, Tanh};
        let mut random = Random::new(8);
        for m in [7, 2 * NC + 30] {
            let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(0.1, 0.9));
            for (encoder, decoder, loss, tied) in [
                (Sigmoid, Sigmoid, Loss::Squared, false),
                (Sigmoid, Linear, Loss::Squared, true),
                (Tanh, Tanh, Loss::Squared, false),
                (Linear, Sigmoid, Loss::CrossEntropy, true),
                (Sigmoid, Sigmoid, Loss::CrossEntropy, false),
            ] {
                let sparsity_weight = if encoder == Sigmoid { 3.0 } else { 0.0 };
                let terms = Autoencoder { weight_decay: 3e-3, sparsity_weight, ..Autoencoder::new(5, 3) };
                let model = Autoencoder { encoder, decoder, loss, tied, ..terms };
                let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
                let (cost, gradient) = by_definition(&model, &theta, &x);
                assert_close(evaluate(&model, &theta, &x), (cost, &gradient), 1e-13);
            }
        }
    }

    #[test]
    fn large_pre_activations_do_not_overflow() {
        let model = Autoencoder { loss: Loss::CrossEntropy, ..Autoencoder::new(1, 1) };
        let x = Matrix::from_rows(1, 1, vec![0.25f32]);
        for (b2, expected) in [(1000.0, 750.0), (-1000.0, 250.0)] {
            assert_eq!(model.cost(&x).cost_and_gradient(&[0.0, 0.0, 0.0, b2], &mut [0.0; 4]), expected);
        }
    }

    #[test]
    fn a_silent_unit_costs_without_bound() {
        let x = Matrix::from_rows(1, 2, vec![0.3f32, 0.4]);
        let cost = TINY.cost(&x).cost_and_gradient(&[0.0, 0.0, -200.0, 0.0], &mut [0.0; 4]);
        assert_eq!(cost, f32::INFINITY);
    }

    #[test]
    #[should_panic(expected = "the cross-entropy of a linear output")]
    fn a_loss_that_does_not_fit_panics() {
        let model = Autoencoder { decoder: Activation::Linear, loss: Loss::CrossEntropy, ..TINY };
        model.cost(&Matrix::<f64>::zeros(1, 1));
    }
}
