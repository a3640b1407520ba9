//! The sparse autoencoder: a network that learns to reconstruct its input from few active units, and so finds features.
//!
//! Forward, for examples x (columns of X, m of them) of n_v visible numbers and n_h hidden units:
//!
//! a2 = σ(W1·x + b1)  (encoder),  y = f(W2·a2 + b2)  (decoder, f sigmoid or linear),  ρ̂_j = (1/m)·Σ_x a2_j.
//!
//! J = (1/m)·Σ_x ½|y - x|²  +  (λ/2)·(|W1|² + |W2|²)  +  β·Σ_j KL(ρ‖ρ̂_j),
//! KL(ρ‖ρ̂) = ρ·ln(ρ/ρ̂) + (1-ρ)·ln((1-ρ)/(1-ρ̂)).
//!
//! Backward:
//!
//! δ3 = (y - x)·f'(z3),  δ2 = (W2ᵀ·δ3 + β·(-ρ/ρ̂ + (1-ρ)/(1-ρ̂)))·a2·(1 - a2),
//! ∂W2 = (1/m)·δ3·a2ᵀ + λ·W2,  ∂b2 = (1/m)·Σ_x δ3,  ∂W1 = (1/m)·δ2·Xᵀ + λ·W1,  ∂b1 = (1/m)·Σ_x δ2.
//!
//! The biases are not decayed. Every product's result is finished (bias, activation, error, sums) while it is in cache. ρ̂
//! needs all examples, so their activations are computed first; all that follows is done for a batch of examples at a
//! time, whose δ stay in cache from the product that makes them to those that use them. Sources: seed A, 8.1; A. Ng, CS294A lecture notes "Sparse autoencoder", 2011; seed C, steps 1 and 2.

use super::Activation;
use super::parameters::{Block, blocks, draw_weights};
use crate::machine::{Lanes, threads};
use crate::matrix::blocked::{Finish, STRIP};
use crate::matrix::{Matrix, Product};
use crate::number::sum::{reduce, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::Objective;
use crate::optimize::objective::check_lengths;
use alloc::vec;
use alloc::vec::Vec;

/// The shape of a sparse autoencoder and the weights of its cost's terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AutoencoderSettings {
    /// n_v, the length of an example.
    pub visible: usize,
    /// n_h, the number of features.
    pub hidden: usize,
    /// f: sigmoid for examples within (0, 1), linear for others.
    pub decoder: Activation,
    /// λ >= 0; 0 leaves the term out.
    pub weight_decay: f64,
    /// ρ, the mean activation to aim at, strictly between 0 and 1.
    pub sparsity: f64,
    /// β >= 0; 0 leaves the term out.
    pub sparsity_weight: f64,
}

impl AutoencoderSettings {
    /// W1 (hidden x visible), W2 (visible x hidden), b1, b2.
    pub fn blocks(&self) -> [Block; 4] {
        let (v, h) = (self.visible, self.hidden);
        blocks([("W1", h, v), ("W2", v, h), ("b1", h, 1), ("b2", v, 1)])
    }

    /// The number of parameters.
    pub fn dimension(&self) -> usize {
        2 * self.hidden * self.visible + self.hidden + self.visible
    }

    /// Parameters to start from: weights drawn by [`draw_weights`], biases zero.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let mut theta = vec![T::ZERO; self.dimension()];
        let [w1, w2, ..] = self.blocks();
        draw_weights(random, self.visible, self.hidden, w1.numbers_mut(&mut theta));
        draw_weights(random, self.visible, self.hidden, w2.numbers_mut(&mut theta));
        theta
    }

    /// The features a2 = σ(W1·x + b1) of examples: hidden x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) numbers, or the examples not `visible` rows.
    pub fn encode<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let mut features = Matrix::zeros(self.hidden, examples.columns());
        let mut sums = sums_of(&features);
        self.encode_into(theta, examples, &mut Product::new(), &mut features, &mut sums);
        features
    }

    fn encode_into<T: Real>(
        &self,
        theta: &[T],
        examples: &Matrix<T>,
        product: &mut Product<T>,
        features: &mut Matrix<T>,
        sums: &mut Matrix<T>,
    ) {
        let [w1, _, b1, _] = self.blocks();
        let finish = Encode { bias: b1.numbers(theta) };
        product.store_and(w1.view(theta), examples.view(), features.rectangle(), &finish, sums.rectangle());
    }
}

/// Examples in a batch for each worker: whole blocks of the gradients' inner index, and whole strips, so that sums do not change.
const BATCH: usize = STRIP;

/// Room for two sums of each row's part of each strip.
fn sums_of<T: Real>(m: &Matrix<T>) -> Matrix<T> {
    Matrix::zeros(m.rows(), 2 * m.columns().div_ceil(STRIP))
}

/// One of the two sums over row i, strip after strip.
fn row_sum<T: Real>(sums: &Matrix<T>, i: usize, which: usize) -> T {
    sums.row(i).iter().skip(which).step_by(2).fold(T::ZERO, |total, &part| total + part)
}

/// a2 = σ(z + b1); returns its sum.
struct Encode<'a, T> {
    bias: &'a [T],
}

impl<T: Real> Finish<T> for Encode<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, _: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        for z in part.chunks_mut(L::WIDTH) {
            let a = Activation::Sigmoid.at(lanes, lanes.load_any(z) + bias);
            lanes.store_any(a, z);
        }
        [reduce(part, part, |a, _| a), T::ZERO]
    }
}

/// δ3 = (y - x)·f'(z3) with y = f(z + b2); returns the sums of (y - x)² and of δ3.
struct Decode<'a, T> {
    bias: &'a [T],
    examples: &'a Matrix<T>,
    /// The batch's first example.
    from: usize,
    decoder: Activation,
}

impl<T: Real> Finish<T> for Decode<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        let x = &self.examples.row(i)[self.from + j..][..part.len()];
        let mut errors = [T::ZERO; STRIP];
        let errors = &mut errors[..part.len()];
        for ((z, x), error) in part.chunks_mut(L::WIDTH).zip(x.chunks(L::WIDTH)).zip(errors.chunks_mut(L::WIDTH)) {
            let y = self.decoder.at(lanes, lanes.load_any(z) + bias);
            let e = y - lanes.load_any(x);
            lanes.store_any(e, error);
            lanes.store_any(self.decoder.times_slope(lanes, e, y), z);
        }
        [reduce(errors, errors, |e, _| e * e), reduce(part, part, |d, _| d)]
    }
}

/// δ2 = (W2ᵀ·δ3 + pull_j)·a2·(1 - a2); returns its sum.
struct Hidden<'a, T> {
    activations: &'a Matrix<T>,
    /// The batch's first example.
    from: usize,
    pull: &'a [T],
}

impl<T: Real> Finish<T> for Hidden<'_, T> {
    #[inline(always)]
    fn finish<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let pull = lanes.splat(self.pull[i]);
        let a = &self.activations.row(i)[self.from + j..][..part.len()];
        for (d, a) in part.chunks_mut(L::WIDTH).zip(a.chunks(L::WIDTH)) {
            let back = lanes.load_any(d) + pull;
            lanes.store_any(Activation::Sigmoid.times_slope(lanes, back, lanes.load_any(a)), d);
        }
        [reduce(part, part, |d, _| d), T::ZERO]
    }
}

/// The cost of a sparse autoencoder on given examples.
///
/// Where the sparsity counts and a unit's mean activation rounds to 0 or 1, the cost is ∞ and the gradient NaN: an optimizer
/// has to step back.
#[derive(Debug)]
pub struct Autoencoder<'x, T> {
    settings: AutoencoderSettings,
    examples: &'x Matrix<T>,
    product: Product<T>,
    a2: Matrix<T>,
    delta2: Matrix<T>,
    delta3: Matrix<T>,
    a2_sums: Matrix<T>,
    delta2_sums: Matrix<T>,
    delta3_sums: Matrix<T>,
    squares: Vec<T>,
    pull: Vec<T>,
}

impl<'x, T: Real> Autoencoder<'x, T> {
    /// The cost on the columns of `examples`.
    ///
    /// # Panics
    /// If there is no example, they have not `visible` rows, or the sparsity counts and is not between 0 and 1.
    pub fn new(settings: AutoencoderSettings, examples: &'x Matrix<T>) -> Self {
        let AutoencoderSettings { visible, hidden, .. } = settings;
        let m = examples.columns();
        assert!(m > 0, "an autoencoder needs an example");
        assert_eq!(examples.rows(), visible, "numbers of an example");
        let AutoencoderSettings { sparsity, sparsity_weight, .. } = settings;
        assert!(sparsity_weight == 0.0 || 0.0 < sparsity && sparsity < 1.0, "a sparsity of {sparsity}");
        let a2 = Matrix::zeros(hidden, m);
        const { assert!(BATCH.is_multiple_of(T::PRODUCT_BLOCK)) };
        let batch = m.min(BATCH * threads::count());
        Autoencoder {
            settings,
            examples,
            product: Product::new(),
            a2_sums: sums_of(&a2),
            delta2_sums: sums_of(&a2),
            delta3_sums: sums_of(examples),
            a2,
            delta2: Matrix::zeros(hidden, batch),
            delta3: Matrix::zeros(visible, batch),
            squares: vec![T::ZERO; visible],
            pull: vec![T::ZERO; hidden],
        }
    }

    /// β·Σ KL(ρ‖ρ̂_j); writes β·(-ρ/ρ̂ + (1-ρ)/(1-ρ̂)), its slope by each activation times m, over `pull`.
    fn sparsity(&mut self) -> T {
        let [rho, beta] = [self.settings.sparsity, self.settings.sparsity_weight].map(T::from_f64);
        if beta == T::ZERO {
            self.pull.fill(T::ZERO);
            return T::ZERO;
        }
        let m = T::from_usize(self.examples.columns());
        let (one, mut divergence) = (T::ONE, T::ZERO);
        for j in 0..self.settings.hidden {
            let mean = row_sum(&self.a2_sums, j, 0) / m; // ρ̂_j
            divergence += rho * (rho / mean).ln() + (one - rho) * ((one - rho) / (one - mean)).ln();
            self.pull[j] = beta * ((one - rho) / (one - mean) - rho / mean);
        }
        beta * divergence
    }
}

impl<T: Real> Autoencoder<'_, T> {
    /// δ3 and δ2 of `count` examples; what they add to m·∂W2 and m·∂W1, without the decay.
    fn batch(&mut self, theta: &[T], gradient: &mut [T], from: usize, count: usize) {
        let [w1, w2, _, b2] = self.settings.blocks();
        let (visible, hidden) = (w2.rows, w1.rows);
        let [x, a2] = [self.examples, &self.a2].map(|all| all.view().part_columns(from, count));
        let (strip, strips) = (2 * (from / STRIP), 2 * count.div_ceil(STRIP));

        let decode = Decode { bias: b2.numbers(theta), examples: self.examples, from, decoder: self.settings.decoder };
        let mut sums = self.delta3_sums.rectangle();
        let (mut c, sums) = (self.delta3.rectangle(), sums.part([0, strip], [visible, strips]));
        self.product.store_and(w2.view(theta), a2, c.part([0, 0], [visible, count]), &decode, sums);
        let delta3 = self.delta3.view().part_columns(0, count);

        let back = Hidden { activations: &self.a2, from, pull: &self.pull };
        let mut sums = self.delta2_sums.rectangle();
        let (mut c, sums) = (self.delta2.rectangle(), sums.part([0, strip], [hidden, strips]));
        self.product.store_and(w2.view(theta).transposed(), delta3, c.part([0, 0], [hidden, count]), &back, sums);
        let delta2 = self.delta2.view().part_columns(0, count);

        for (delta, layer, weights) in [(delta2, x, &w1), (delta3, a2, &w2)] {
            let (layer, sum) = (layer.transposed(), weights.rectangle(gradient));
            match from {
                0 => self.product.store(delta, layer, sum),
                _ => self.product.accumulate(delta, layer, sum),
            }
        }
    }
}

impl<T: Real> Objective<T> for Autoencoder<'_, T> {
    fn dimension(&self) -> usize {
        self.settings.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        let settings = self.settings;
        check_lengths(settings.dimension(), theta, gradient);
        let [w1, w2, b1, b2] = settings.blocks();
        let x = self.examples;

        // a2 and its sums, which are m·ρ̂
        settings.encode_into(theta, x, &mut self.product, &mut self.a2, &mut self.a2_sums);
        let sparsity = self.sparsity();
        let (m, batch) = (x.columns(), self.delta3.columns());
        for from in (0..m).step_by(batch) {
            self.batch(theta, gradient, from, batch.min(m - from));
        }

        let m = T::from_usize(x.columns());
        let lambda = T::from_f64(settings.weight_decay);
        for i in w1.range.start..w2.range.end {
            gradient[i] = gradient[i] / m + lambda * theta[i];
        }
        for (j, d_b1) in b1.numbers_mut(gradient).iter_mut().enumerate() {
            *d_b1 = row_sum(&self.delta2_sums, j, 0) / m;
        }
        for (i, d_b2) in b2.numbers_mut(gradient).iter_mut().enumerate() {
            self.squares[i] = row_sum(&self.delta3_sums, i, 0);
            *d_b2 = row_sum(&self.delta3_sums, i, 1) / m;
        }

        let half = T::HALF;
        let error = half * sum(&self.squares) / m;
        let decay = match settings.weight_decay {
            0.0 => T::ZERO,
            _ => half * lambda * (sum_of_squares(w1.numbers(theta)) + sum_of_squares(w2.numbers(theta))),
        };
        error + decay + sparsity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: AutoencoderSettings = AutoencoderSettings {
        visible: 1,
        hidden: 1,
        decoder: Activation::Sigmoid,
        weight_decay: 0.5,
        sparsity: 0.1,
        sparsity_weight: 3.0,
    };

    #[test]
    fn a_cost_by_hand() {
        // W1 = 0, so a2 = ½; W2 = 2, b2 = -1, so y = ½. ½·(0.5 - 0.3)² = 0.02; ½·λ·2² = 1;
        // KL(0.1‖0.5) = 0.1·ln 0.2 + 0.9·ln 1.8 = 0.368064207168497.
        let x = Matrix::from_rows(1, 1, vec![0.3]);
        let mut gradient = [f64::NAN; 4];
        let cost = Autoencoder::new(TINY, &x).cost_and_gradient(&[0.0, 2.0, 0.0, -1.0], &mut gradient);
        assert!((cost - (0.02 + 1.0 + 3.0 * 0.368064207168497)).abs() < 1e-14, "{cost}");
        // δ3 = 0.2·¼ = 0.05; ∂W2 = 0.05·½ + ½·2; δ2 = (2·0.05 + 3·(-0.1/0.5 + 0.9/0.5))·¼ = 1.225.
        for (g, expected) in gradient.iter().zip([1.225 * 0.3, 1.025, 1.225, 0.05]) {
            assert!((g - expected).abs() < 1e-14, "{gradient:?}");
        }
    }

    #[test]
    fn the_cost_equals_the_sums_as_written() {
        let settings = AutoencoderSettings { visible: 5, hidden: 3, weight_decay: 3e-3, ..TINY };
        let (v, h, m) = (5, 3, 7);
        let mut random = Random::new(8);
        let x: Matrix<f64> = Matrix::from_function(v, m, |_, _| random.uniform(0.1, 0.9));
        let theta: Vec<f64> = (0..settings.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let [w1, w2, b1, b2] = settings.blocks().map(|block| block.numbers(&theta).to_vec());
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        let (mut error, mut rho_hat) = (0.0, vec![0.0; h]);
        for i in 0..m {
            let mut a2 = vec![0.0; h];
            for j in 0..h {
                let mut z = b1[j];
                for l in 0..v {
                    z += w1[j * v + l] * x.row(l)[i];
                }
                a2[j] = sigmoid(z);
                rho_hat[j] += a2[j] / m as f64;
            }
            for l in 0..v {
                let mut z = b2[l];
                for j in 0..h {
                    z += w2[l * h + j] * a2[j];
                }
                let difference = sigmoid(z) - x.row(l)[i];
                error += 0.5 * difference * difference / m as f64;
            }
        }
        let mut expected = error;
        for w in w1.iter().chain(&w2) {
            expected += 0.5 * settings.weight_decay * w * w;
        }
        for r in rho_hat {
            expected += 3.0 * (0.1 * (0.1 / r).ln() + 0.9 * (0.9 / (1.0 - r)).ln());
        }
        let mut gradient = vec![f64::NAN; theta.len()];
        let cost = Autoencoder::new(settings, &x).cost_and_gradient(&theta, &mut gradient);
        assert!((cost - expected).abs() < 1e-13 * expected, "{cost} {expected}");
    }

    #[test]
    fn a_unit_that_never_speaks_costs_without_bound() {
        let x = Matrix::from_rows(1, 2, vec![0.3f32, 0.4]);
        let cost = Autoencoder::new(TINY, &x).cost_and_gradient(&[0.0, 0.0, -200.0, 0.0], &mut [0.0; 4]);
        assert_eq!(cost, f32::INFINITY);
    }
}
