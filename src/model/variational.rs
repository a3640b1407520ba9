//! The variational autoencoder: an autoencoder whose codes follow a known distribution, so that it can generate new
//! examples.
//!
//! **Why.** An autoencoder's decoder maps the codes of examples back to the examples. Its outputs for all other codes
//! are arbitrary, since no term of the cost depends on them. To generate new examples, the codes must fill a region
//! that one can draw from, and neighbors in it must decode to similar examples.
//!
//! **Idea.** Assume that each example x arose from a hidden code z: first z was drawn from the normal distribution N(0,
//! I), then x from a distribution p(x|z), read "of x, given z", that the decoder computes. The encoder goes the other
//! way, from x to the codes that could have led to it. It gives not a point but a distribution q(z|x), normal with
//! independent coordinates, whose means and variances depend on x. Training draws a code from q(z|x) and decodes it.
//! The cost has two parts: the error of the reconstruction, and the divergence of q(z|x) from N(0, I), which measures
//! how much the two distributions differ. The noise makes neighboring codes decode alike. The error alone would shrink
//! the noise to zero and scatter the codes. The divergence is smallest at mean 0 and variance 1, so it keeps the
//! variances near 1 and the codes near the origin. Alone, it would give every example the same distribution N(0, I),
//! and z would say nothing about x. To generate, draw z from N(0, I) and decode it; the encoder is not used.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, m | an example (n_v values), the number of examples; Σ_x sums over them |
//! | W1, b1; W2, b2 | the encoder's layers: n_v → n_h units, n_h → 2·n_z |
//! | μ, s | means and logarithms of the variances of q(z\|x), n_z each |
//! | ε, z | draws from N(0, 1); the code, a draw from q(z\|x) |
//! | p(z) | the density of the codes, N(0, I) |
//! | p(x\|z), q(z\|x) | the density of x, given the code (if binary, a probability); that of the code, given x |
//! | 𝔼 | the mean over draws z from q(z\|x) |
//! | KL(q ‖ p) | the mean 𝔼 of ln q - ln p, the divergence of q from p, in nats, the unit of natural logarithms |
//! | W3, b3; W4, b4 | the decoder's layers: n_z → n_h units, n_h → n_v |
//! | h, h' | the hidden units of the encoder and of the decoder |
//! | t | the decoder's output: the scores of binary values, or the means of real values |
//! | σ, v | the sigmoid; the variance of p(x\|z) where the values are real |
//! | E, D, κ | the error and the divergence of one example; the divergence's weight, 1 or v |
//! | J, λ | the cost; the weight decay |
//! | δ4 to δ1 | m·∂J/∂(W a + b) of each layer, of one example; δ_μ and δ_s are the halves of δ2 |
//! | d | ∂E/∂z |
//! | ∘ | product element by element |
//!
//! Forward, encoder and decoder:
//!
//! ```text
//! (VA.1)   h = tanh(W1 x + b1)
//! (VA.2)   (μ, s) = W2 h + b2
//! (VA.3)   z = μ + e^(s/2) ∘ ε                        Kingma and Welling, 2.4
//! (VA.4)   h' = tanh(W3 z + b3),  t = W4 h' + b4
//! ```
//!
//! The cost. (VA.5) is -ln p(x|z) for binary values; (VA.6), for real ones, is -v·ln p(x|z) up to a constant. (VA.7) is
//! the Kullback-Leibler divergence KL(q(z|x) ‖ N(0, I)):
//!
//! ```text
//! (VA.5)   E = Σ_i ( max(t_i, 0) - x_i t_i + ln(1 + e^(-|t_i|)) )
//! (VA.6)   E = ½ Σ_i (t_i - x_i)²
//!
//! (VA.7)   D = ½ Σ_k ( μ_k² + e^(s_k) - 1 - s_k )     appendix B
//! (VA.8)   J = (1/m) Σ_x (E + κ D) + (λ/2) Σ_l |W_l|²
//! ```
//!
//! Backward, from (VA.9) for binary values or (VA.10) for real ones:
//!
//! ```text
//! (VA.9)   δ4 = σ(t) - x
//! (VA.10)  δ4 = t - x
//!
//! (VA.11)  δ3 = (W4ᵀ δ4) ∘ (1 - h' ∘ h'),  d = W3ᵀ δ3
//! (VA.12)  δ_μ = d + κ μ,  δ_s = ½ d ∘ ε ∘ e^(s/2) + ½ κ (e^s - 1)
//!
//! (VA.13)  δ1 = (W2ᵀ δ2) ∘ (1 - h ∘ h)
//! (VA.14)  ∂J/∂W_l = (1/m) Σ_x δ_l aᵀ + λ W_l,  ∂J/∂b_l = (1/m) Σ_x δ_l,  a the layer's input
//! ```
//!
//! **Derivation.** The model should assign the data a high probability. The density of x is the mean of p(x|z) over all
//! codes, p(x) = ∫ p(x|z) p(z) dz, so ln p(x) should be large. But the decoder is a neural network, so this integral
//! cannot be computed. Multiplying and dividing by q(z|x) makes it a mean over draws from q. The logarithm is concave,
//! so the logarithm of a mean is at least the mean of the logarithms (Jensen's inequality):
//!
//! ```text
//! ln p(x) = ln 𝔼[ p(x|z) p(z)/q(z|x) ] >= 𝔼[ ln p(x|z) ] - 𝔼[ ln q(z|x) - ln p(z) ]
//! ```
//!
//! The right side is the *evidence lower bound* (ELBO). For λ = 0, the mean of J over the draws is minus the mean ELBO
//! of the examples (times v, and up to a constant, for real values), so minimizing J maximizes it. Its second term,
//! without the sign, is KL(q(z|x) ‖ p(z)). A divergence is never negative, since ln t <= t - 1, with equality for t = 1
//! alone. The gap of the bound is a divergence, too:
//!
//! ```text
//! -KL(q ‖ p) = 𝔼[ ln (p/q) ] <= 𝔼[ p/q - 1 ] = ∫ p dz - 1 = 0
//! ln p(x) - ELBO = 𝔼[ ln q(z|x) - ln p(z|x) ] = KL(q(z|x) ‖ p(z|x)),  since p(x|z) p(z) = p(z|x) p(x)
//! ```
//!
//! So the bound is exact if q(z|x) is p(z|x), the true distribution of the codes that could have led to x. In (VA.7)
//! the coordinates are independent, so their divergences add. For one coordinate,
//!
//! ```text
//! ln q = -½ ln 2π - ½ s - ½ (z - μ)² e^(-s) = -½ ln 2π - ½ s - ½ ε²,  ln p = -½ ln 2π - ½ z²
//! 𝔼 ε = 0,  𝔼 ε² = 1,  so 𝔼 z² = 𝔼 (μ + e^(s/2) ε)² = μ² + e^s
//! 𝔼[ln q - ln p] = ½ ( 𝔼 z² - s - 𝔼 ε² ) = ½ ( μ² + e^s - s - 1 )         (VA.7)
//!
//! ∂D/∂μ = μ,  ∂D/∂s = ½ (e^s - 1)
//! ```
//!
//! The first term of the ELBO is a mean over z, whose distribution depends on the parameters. At a fixed z, E is a
//! function of the decoder alone: it contains neither μ nor s, although another μ would have led to another z. So its
//! derivative at a fixed z gives the encoder no gradient. The *reparameterization trick* writes z = μ + e^(s/2) ∘ ε:
//! e^(s/2) is the standard deviation, so z has exactly the distribution q(z|x), but the distribution of ε does not
//! depend on the parameters. Then the gradient of the mean is the mean of the gradient, with ∂z/∂μ = 1 and ∂z/∂s =
//! ½·e^(s/2)·ε. With d = ∂E/∂z and the derivatives of D, the chain rule gives (VA.12). One draw for each example and
//! evaluation estimates the mean and its gradient without bias. The rest is [back-propagation](super::layer).
//!
//! For binary values, the x_i are independent given z, and x_i is 1 with probability σ(t_i). So -ln p is the
//! cross-entropy of the [autoencoder](super::autoencoder): -x ln σ(t) - (1 - x) ln(1 - σ(t)) = ln(1 + e^t) - x t, where
//! ln(1 + e^t) = max(t, 0) + ln(1 + e^(-|t|)) does not overflow. That is (VA.5), with the derivative σ(t) - x. For real
//! values p(x|z) = N(t, v·I): -ln p = |t - x|²/(2v) + (n_v/2) ln 2πv. Multiplying -ln p + D by v and dropping the
//! constant gives E + v D, so κ = v: a small v favors exact reconstructions, a large one codes near N(0, I).
//!
//! **By hand.** Binary values; one of everything, m = 1, x = 1, λ = 0. Encoder: W1 = b1 = 0, so h = 0; b2 = (½, 0), so
//! μ = ½ and s = 0; ε = 1. Decoder: W3 = 1, b3 = -1.5, W4 = 2, b4 = 0.
//!
//! ```text
//! z = ½ + 1·1 = 1.5,  h' = tanh 0 = 0,  t = 0        E = ln 2 = 0.6931
//! D = ½·(¼ + 1 - 1 - 0) = 0.125                      J = 0.8181
//!
//! δ4 = ½ - 1 = -0.5                                  δ3 = 2·(-0.5)·(1 - 0) = -1,  d = -1
//! δ_μ = -1 + ½ = -0.5                                δ_s = ½·(-1)·1·1 + ½·(1 - 1) = -0.5
//! ```
//!
//! **Conventions.** The model is a [`Network`] with one layer of its own, the draw of (VA.3); the network's executor
//! computes it. Each evaluation on a batch draws new ε. They depend on the seed, the number of the evaluation, and the
//! example alone, not on the threads or on the other examples of the batch. Evaluations on all examples always have the
//! same ε, so that a line search or a gradient check sees one function; its minimum then fits these draws.
//! [`by_definition`] takes the draws ε as an argument.
//!
//! Sources: D. Kingma and M. Welling, "Auto-Encoding Variational Bayes", 2014; source D names the model.

use super::convolution::MapShape;
use super::network::{Examples, InMemory, Layer, Network, NetworkCost, Target};
use super::{Activation, Loss};
use crate::matrix::Matrix;
use crate::number::sum::sum;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// p(x|z).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decoder {
    /// Values are 1 with a probability, otherwise 0; values between are taken for probabilities.
    Binary,
    /// Values are normal.
    Real {
        /// v > 0.
        variance: f64,
    },
}

/// A variational autoencoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variational {
    /// n_v.
    pub visible: usize,
    /// n_h, of the encoder and of the decoder.
    pub hidden: usize,
    /// n_z.
    pub latent: usize,
    /// p(x|z).
    pub decoder: Decoder,
    /// λ >= 0.
    pub weight_decay: f64,
}

/// q(z|x) of examples, the columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes<T> {
    /// μ: latent x examples.
    pub means: Matrix<T>,
    /// s: latent x examples.
    pub log_variances: Matrix<T>,
}

/// The two terms of the evidence lower bound in nats, means over examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// 𝔼[ln p(x|z)].
    pub likelihood: f64,
    /// KL(q(z|x) ‖ N(0, I)).
    pub divergence: f64,
}

impl Bound {
    /// The evidence lower bound: at most ln p(x) on average.
    pub fn elbo(&self) -> f64 {
        self.likelihood - self.divergence
    }
}

/// The number of layers of the network up to the parameters of q(z|x), and with the draw of z.
const ENCODER: usize = 2;
const WITH_DRAW: usize = 3;

impl Variational {
    /// Binary values and no weight decay.
    pub const fn new(visible: usize, hidden: usize, latent: usize) -> Self {
        Variational { visible, hidden, latent, decoder: Decoder::Binary, weight_decay: 0.0 }
    }

    /// κ.
    fn divergence_weight(&self) -> f64 {
        match self.decoder {
            Decoder::Binary => 1.0,
            Decoder::Real { variance } => variance,
        }
    }

    /// The network of (VA.1) to (VA.4); it draws its initial parameters.
    pub fn network(&self) -> Network {
        let dense = |units, activation| Layer::Dense { units, activation };
        let layers = vec![
            dense(self.hidden, Activation::Tanh),
            dense(2 * self.latent, Activation::Linear),
            Layer::Gaussian { weight: self.divergence_weight() },
            dense(self.hidden, Activation::Tanh),
            dense(self.visible, Activation::Linear),
        ];
        Network { weight_decay: self.weight_decay, ..Network::new(MapShape::vector(self.visible), layers) }
    }

    /// J, with `network` from [`network`](Self::network).
    ///
    /// # Panics
    /// If there is no example, or an example has not `visible` values.
    pub fn cost<'x, T: Real>(&self, network: &'x Network, examples: &'x dyn Examples<T>) -> NetworkCost<'x, T> {
        let loss = if self.decoder == Decoder::Binary { Loss::CrossEntropy } else { Loss::Squared };
        network.cost(examples, Target::Input(loss))
    }

    /// q(z|x) of the columns of a matrix.
    ///
    /// # Panics
    /// If `theta` has another length than the network's dimension, or an example has not `visible` values.
    pub fn encode<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Codes<T> {
        let both = self.network().outputs(theta, &InMemory::from_columns(examples), ENCODER);
        let half = |from: usize| Matrix::from_function(self.latent, examples.columns(), |k, n| both.row(from + k)[n]);
        Codes { means: half(0), log_variances: half(self.latent) }
    }

    /// The means of p(x|z) for codes, the columns: visible x codes.
    ///
    /// # Panics
    /// If `theta` has another length than the network's dimension, or a code has not `latent` values.
    pub fn decode<T: Real>(&self, theta: &[T], codes: &Matrix<T>) -> Matrix<T> {
        let mut decoded = self.scores(theta, codes);
        if self.decoder == Decoder::Binary {
            crate::number::exponential::sigmoid_each(decoded.elements_mut());
        }
        decoded
    }

    /// t.
    fn scores<T: Real>(&self, theta: &[T], codes: &Matrix<T>) -> Matrix<T> {
        let layers = self.network().layers[WITH_DRAW..].to_vec();
        let network = Network::new(MapShape::vector(self.latent), layers);
        let from = theta.len().checked_sub(network.dimension()).expect("parameters");
        network.outputs(&theta[from..], &InMemory::from_columns(codes), network.layers.len())
    }

    /// New examples, the columns: codes drawn from N(0, I), decoded.
    ///
    /// # Panics
    /// As [`decode`](Self::decode).
    pub fn generate<T: Real>(&self, theta: &[T], count: usize, random: &mut Random) -> Matrix<T> {
        self.decode(theta, &Matrix::from_function(self.latent, count, |_, _| random.normal()))
    }

    /// The evidence lower bound on examples, the columns, with its first term estimated by one draw for each.
    ///
    /// # Panics
    /// As [`encode`](Self::encode).
    pub fn bound<T: Real>(&self, theta: &[T], examples: &Matrix<T>, random: &mut Random) -> Bound {
        let Codes { means, log_variances } = self.encode(theta, examples);
        let mut divergence = 0.0;
        let z = Matrix::from_function(self.latent, examples.columns(), |k, n| {
            let [mean, s] = [means.row(k)[n], log_variances.row(k)[n]].map(Real::to_f64);
            divergence += 0.5 * (mean * mean + Real::exp(s) - 1.0 - s);
            T::from_f64(mean + Real::exp(0.5 * s) * random.normal::<f64>())
        });
        let scores = self.scores(theta, &z);
        let term = |(&t, &x): (&T, &T)| self.error(t.to_f64(), x.to_f64());
        let errors: Vec<f64> = scores.elements().iter().zip(examples.elements()).map(term).collect();
        let m = examples.columns() as f64;
        let constant = match self.decoder {
            Decoder::Binary => 0.0,
            Decoder::Real { variance } => 0.5 * self.visible as f64 * Real::ln(2.0 * core::f64::consts::PI * variance),
        };
        let likelihood = -sum(&errors) / (m * self.divergence_weight()) - constant;
        Bound { likelihood, divergence: divergence / m }
    }

    /// The part of E of one value.
    fn error(&self, t: f64, x: f64) -> f64 {
        match self.decoder {
            Decoder::Binary => Real::max(t, 0.0) - x * t + Real::ln(1.0 + Real::exp(-Real::abs(t))), // (VA.5)
            Decoder::Real { .. } => 0.5 * (t - x) * (t - x),                                         // (VA.6)
        }
    }
}

/// J and its gradient for the draws `noise` (latent x examples), equation by equation.
///
/// # Panics
/// If the shapes do not fit.
pub fn by_definition(model: &Variational, theta: &[f64], x: &Matrix<f64>, noise: &Matrix<f64>) -> (f64, Vec<f64>) {
    let (kappa, lambda, over_m) = (model.divergence_weight(), model.weight_decay, 1.0 / x.columns() as f64);
    let blocks = model.network().blocks();
    let [w1, b1, w2, b2, w3, b3, w4, b4] = &blocks[..] else { unreachable!("four layers") };
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    // W a + b, and Wᵀ δ, of the blocks W and b.
    let forward = |w: &super::parameters::Block, b: &super::parameters::Block, a: &[f64]| -> Vec<f64> {
        let row = |k: usize| &w.values(theta)[k * a.len()..][..a.len()];
        (0..w.rows).map(|k| row(k).iter().zip(a).fold(b.values(theta)[k], |z, (w, a)| z + w * a)).collect()
    };
    let backward = |w: &super::parameters::Block, delta: &[f64]| -> Vec<f64> {
        let sum = |i: usize| (0..w.rows).fold(0.0, |d, k| d + w.values(theta)[k * w.columns + i] * delta[k]);
        (0..w.columns).map(sum).collect()
    };
    for n in 0..x.columns() {
        let (x, noise): (Vec<f64>, Vec<f64>) = (x.column(n), noise.column(n));
        let h: Vec<f64> = forward(w1, b1, &x).into_iter().map(Real::tanh).collect(); // (VA.1)
        let both = forward(w2, b2, &h); // (VA.2)
        let (mean, s) = both.split_at(model.latent);
        let deviation: Vec<f64> = s.iter().map(|&s| Real::exp(0.5 * s)).collect();
        let z: Vec<f64> = (0..model.latent).map(|k| mean[k] + deviation[k] * noise[k]).collect(); // (VA.3)
        let of_z: Vec<f64> = forward(w3, b3, &z).into_iter().map(Real::tanh).collect();
        let t = forward(w4, b4, &of_z); // (VA.4)
        for i in 0..model.visible {
            cost += over_m * model.error(t[i], x[i]);
        }
        for k in 0..model.latent {
            let divergence = 0.5 * (mean[k] * mean[k] + Real::exp(s[k]) - 1.0 - s[k]); // (VA.7)
            cost += over_m * kappa * divergence; // (VA.8)
        }

        let delta4: Vec<f64> = (0..model.visible)
            .map(|i| match model.decoder {
                Decoder::Binary => 1.0 / (1.0 + Real::exp(-t[i])) - x[i], // (VA.9)
                Decoder::Real { .. } => t[i] - x[i],                      // (VA.10)
            })
            .collect();
        let mut delta3 = backward(w4, &delta4);
        delta3.iter_mut().zip(&of_z).for_each(|(d, h)| *d *= 1.0 - h * h); // (VA.11)
        let d = backward(w3, &delta3);
        let mut delta2 = vec![0.0; 2 * model.latent];
        for k in 0..model.latent {
            delta2[k] = d[k] + kappa * mean[k]; // (VA.12)
            let divergence = 0.5 * kappa * (Real::exp(s[k]) - 1.0);
            delta2[model.latent + k] = 0.5 * d[k] * noise[k] * deviation[k] + divergence; // (VA.12)
        }
        let mut delta1 = backward(w2, &delta2);
        delta1.iter_mut().zip(&h).for_each(|(d, h)| *d *= 1.0 - h * h); // (VA.13)
        for (w, b, delta, a) in
            [(w1, b1, &delta1, &x), (w2, b2, &delta2, &h), (w3, b3, &delta3, &z), (w4, b4, &delta4, &of_z)]
        {
            for k in 0..w.rows {
                b.values_mut(&mut gradient)[k] += over_m * delta[k]; // (VA.14)
                for i in 0..w.columns {
                    w.values_mut(&mut gradient)[k * w.columns + i] += over_m * delta[k] * a[i]; // (VA.14)
                }
            }
        }
    }
    for w in [w1, w2, w3, w4] {
        for i in w.range.clone() {
            cost += 0.5 * lambda * theta[i] * theta[i]; // (VA.8)
            gradient[i] += lambda * theta[i]; // (VA.14)
        }
    }
    (cost, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::sum::norm_inf;
    use crate::optimize::{Objective, Training, UpdateRule};

    const ODD: Variational = Variational { weight_decay: 0.01, ..Variational::new(5, 3, 2) };

    fn draw(seed: u64, rows: usize, columns: usize) -> Matrix<f64> {
        let mut random = Random::new(seed);
        Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
    }

    #[test]
    fn the_network_is_the_definition() {
        for decoder in [Decoder::Binary, Decoder::Real { variance: 0.3 }] {
            for m in [1, 40] {
                let model = Variational { decoder, ..ODD };
                let (network, x) = (model.network(), draw(1, 5, m));
                let examples = InMemory::from_columns(&x);
                let theta = draw(2, 1, network.dimension());
                let mut gradient = vec![f64::NAN; theta.columns()];
                let mut cost = model.cost(&network, &examples).with_seed(4);
                let j = cost.cost_and_gradient(theta.elements(), &mut gradient);
                // The draws of the third layer, counted from 0, in draw 0.
                let mut streams: Vec<Random> = (0..m).map(|n| Random::stream(0, &[4, 0, 2, n as u64])).collect();
                let noise = Matrix::from_function(2, m, |_, n| streams[n].normal());
                let (defined, expected) = by_definition(&model, theta.elements(), &x, &noise);
                assert!((j - defined).abs() < 1e-13 * defined, "{j} {defined}");
                let largest = norm_inf(&expected);
                for (g, e) in gradient.iter().zip(&expected) {
                    assert!((g - e).abs() < 1e-13 * largest, "{g} {e}");
                }
            }
        }
    }

    #[test]
    fn a_cost_by_hand() {
        let model = Variational::new(1, 1, 1);
        // W1, b1; W2 (2 x 1), b2; W3, b3; W4, b4.
        let theta = [0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 1.0, -1.5, 2.0, 0.0];
        let one = Matrix::from_function(1, 1, |_, _| 1.0);
        let (cost, gradient) = by_definition(&model, &theta, &one, &one);
        assert!((cost - (Real::ln(2.0) + 0.125)).abs() < 1e-15, "{cost}");
        // ∂J/∂b2 = (δ_μ, δ_s), ∂J/∂b3 = δ3, ∂J/∂b4 = δ4.
        assert_eq!([gradient[4], gradient[5], gradient[7], gradient[9]], [-0.5, -0.5, -1.0, -0.5]);
    }

    #[test]
    fn the_divergence_is_zero_for_the_standard_normal_distribution_alone() {
        let model = Variational::new(2, 3, 2);
        let x = draw(5, 2, 9);
        let mut theta = vec![0.0; model.network().dimension()];
        assert_eq!(model.bound(&theta, &x, &mut Random::new(1)).divergence, 0.0);
        model.network().blocks()[3].values_mut(&mut theta)[1] = 0.1;
        let moved = model.bound(&theta, &x, &mut Random::new(1)).divergence;
        assert!((moved - 0.5 * 0.01).abs() < 1e-15, "{moved}");
    }

    #[test]
    fn it_learns_two_groups_and_generates_both() {
        // Values 0 to 3 are 1, or values 4 to 7 are.
        let x: Matrix<f64> = Matrix::from_function(8, 64, |i, n| if (i < 4) == (n % 2 == 0) { 1.0 } else { 0.0 });
        let model = Variational::new(8, 6, 1);
        let (network, examples) = (model.network(), InMemory::from_columns(&x));
        let mut random = Random::new(2);
        let mut theta: Vec<f64> = network.draw(&mut random);
        let before = model.bound(&theta, &x, &mut random).elbo();
        let training = Training { batch: 16, epochs: 200, patience: 200, ..Training::new(UpdateRule::ADAM, 0.02) };
        training.run(&mut model.cost(&network, &examples), None, &mut theta, |_, _| true);
        let bound = model.bound(&theta, &x, &mut random);
        // Of two groups, equally frequent, ln p(x) is at most -ln 2.
        assert!(before < -5.0 && bound.elbo() > -1.2 && bound.elbo() <= -0.69, "{before} {bound:?}");
        let made = model.generate(&theta, 400, &mut random);
        let first = (0..400).filter(|&n| made.row(0)[n] > 0.9 && made.row(7)[n] < 0.1).count();
        let second = (0..400).filter(|&n| made.row(0)[n] < 0.1 && made.row(7)[n] > 0.9).count();
        assert!(first > 100 && second > 100 && first + second > 300, "{first} {second}");
    }
}
