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
//! time, whose δ stay in cache from the product that makes them to those that use them. Other activations, another error and
//! tied weights are the matter of [`variants`](super::variants). Sources: source A, 8.1; A. Ng, CS294A lecture notes "Sparse
//! autoencoder", 2011; source C, steps 1 and 2.

use super::Activation;
use super::layer::{BATCH, Backward, forward, row_sum, sums_of};
use super::parameters::{Block, blocks, draw_weights, zeros};
use crate::machine::{Lanes, threads};
use crate::matrix::blocked::{Epilogue, NC};
use crate::matrix::{Matrix, Product};
use crate::number::sum::{reduce, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Batched, Objective};
use alloc::vec;
use alloc::vec::Vec;

/// The shape of a sparse autoencoder and the weights of its cost's terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoencoder {
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

impl Autoencoder {
    /// W1 (hidden x visible), W2 (visible x hidden), b1, b2.
    ///
    /// # Panics
    /// If they hold more numbers than a size can count.
    pub fn blocks(&self) -> [Block; 4] {
        let (v, h) = (self.visible, self.hidden);
        blocks([("W1", h, v), ("W2", v, h), ("b1", h, 1), ("b2", v, 1)])
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

    /// The features a2 = σ(W1·x + b1) of examples: hidden x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) numbers, or the examples not `visible` rows.
    /// Also if there is no memory for the features.
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
        let (w1, b1) = (w1.view(theta), b1.values(theta));
        forward(product, (Activation::Sigmoid, T::ZERO), w1, b1, examples, features, sums);
    }
}

/// δ3 = (y - x)·f'(z3) with y = f(z + b2); returns the sums of (y - x)² and of δ3.
struct OutputDelta<'a, T> {
    bias: &'a [T],
    examples: &'a Matrix<T>,
    /// The batch's first example.
    from: usize,
    decoder: Activation,
}

impl<T: Real> Epilogue<T> for OutputDelta<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let bias = lanes.splat(self.bias[i]);
        let x = &self.examples.row(i)[self.from + j..][..part.len()];
        let mut errors = [T::ZERO; NC];
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

/// β·Σ KL(ρ‖ρ̂_j) from the sums m·ρ̂; writes β·(-ρ/ρ̂ + (1-ρ)/(1-ρ̂)), its slope by each activation times m, over `pull`.
pub(super) fn sparsity<T: Real>(settings: &Autoencoder, m: usize, sums: &Matrix<T>, sparsity_delta: &mut [T]) -> T {
    let [rho, beta] = [settings.sparsity, settings.sparsity_weight].map(T::from_f64);
    if beta == T::ZERO {
        sparsity_delta.fill(T::ZERO);
        return T::ZERO;
    }
    let m = T::from_usize(m);
    let (one, mut divergence) = (T::ONE, T::ZERO);
    for (j, sparsity_delta) in sparsity_delta.iter_mut().enumerate() {
        let mean = row_sum(sums, j, 0) / m; // ρ̂_j
        divergence += rho * (rho / mean).ln() + (one - rho) * ((one - rho) / (one - mean)).ln();
        *sparsity_delta = beta * ((one - rho) / (one - mean) - rho / mean);
    }
    beta * divergence
}

/// The cost of a sparse autoencoder on given examples.
///
/// Where the sparsity counts and a unit's mean activation rounds to 0 or 1, the cost is ∞ and the gradient NaN: an optimizer
/// has to step back.
#[derive(Debug)]
pub struct AutoencoderCost<'x, T> {
    model: Autoencoder,
    examples: &'x Matrix<T>,
    chosen: Matrix<T>,
    product: Product<T>,
    a2: Matrix<T>,
    delta2: Matrix<T>,
    delta3: Matrix<T>,
    a2_sums: Matrix<T>,
    delta2_sums: Matrix<T>,
    delta3_sums: Matrix<T>,
    squares: Vec<T>,
    sparsity_delta: Vec<T>,
}

impl<'x, T: Real> AutoencoderCost<'x, T> {
    /// The cost on the columns of `examples`.
    ///
    /// # Panics
    /// If there is no example, they have not `visible` rows, or the sparsity counts and is not between 0 and 1.
    /// Also if there is no memory for the activations.
    pub fn new(settings: Autoencoder, examples: &'x Matrix<T>) -> Self {
        let Autoencoder { visible, hidden, .. } = settings;
        let m = examples.columns();
        assert!(m > 0, "an autoencoder needs an example");
        assert_eq!(examples.rows(), visible, "numbers of an example");
        let Autoencoder { sparsity, sparsity_weight, .. } = settings;
        assert!(sparsity_weight == 0.0 || 0.0 < sparsity && sparsity < 1.0, "a sparsity of {sparsity}");
        let a2 = Matrix::zeros(hidden, m);
        const { assert!(BATCH.is_multiple_of(T::KC)) };
        let batch = m.min(BATCH.saturating_mul(threads::count()));
        AutoencoderCost {
            model: settings,
            examples,
            chosen: Matrix::empty(),
            product: Product::new(),
            a2_sums: sums_of(&a2),
            delta2_sums: sums_of(&a2),
            delta3_sums: sums_of(examples),
            a2,
            delta2: Matrix::zeros(hidden, batch),
            delta3: Matrix::zeros(visible, batch),
            squares: vec![T::ZERO; visible],
            sparsity_delta: vec![T::ZERO; hidden],
        }
    }

    /// Room for m examples.
    fn make_room(&mut self, m: usize) {
        let Autoencoder { visible, hidden, .. } = self.model;
        let (batch, strips) = (m.min(BATCH.saturating_mul(threads::count())), 2 * m.div_ceil(NC));
        self.a2.reshape(hidden, m);
        for (delta, sums, rows) in
            [(&mut self.delta2, &mut self.delta2_sums, hidden), (&mut self.delta3, &mut self.delta3_sums, visible)]
        {
            delta.reshape(rows, batch);
            sums.reshape(rows, strips);
        }
        self.a2_sums.reshape(hidden, strips);
    }

    /// δ3 and δ2 of `count` of the examples x; what they add to m·∂W2 and m·∂W1, without the decay.
    fn batch(&mut self, x: &Matrix<T>, theta: &[T], gradient: &mut [T], from: usize, count: usize) {
        let [w1, w2, _, b2] = self.model.blocks();
        let (visible, hidden) = (w2.rows, w1.rows);
        let [layer1, a2] = [x, &self.a2].map(|all| all.view().part_columns(from, count));
        let (strip, strips) = (2 * (from / NC), 2 * count.div_ceil(NC));

        let decode = OutputDelta { bias: b2.values(theta), examples: x, from, decoder: self.model.decoder };
        let mut sums = self.delta3_sums.view_mut();
        let (mut c, sums) = (self.delta3.view_mut(), sums.part([0, strip], [visible, strips]));
        self.product.store_with_sums(w2.view(theta), a2, c.part([0, 0], [visible, count]), &decode, sums);
        let delta3 = self.delta3.view().part_columns(0, count);

        let sparsity_delta = Some(&self.sparsity_delta[..]);
        let back = Backward { activation: Activation::Sigmoid, outputs: &self.a2, from, sparsity_delta };
        let mut sums = self.delta2_sums.view_mut();
        let (mut c, sums) = (self.delta2.view_mut(), sums.part([0, strip], [hidden, strips]));
        self.product.store_with_sums(w2.view(theta).transposed(), delta3, c.part([0, 0], [hidden, count]), &back, sums);
        let delta2 = self.delta2.view().part_columns(0, count);

        for (delta, layer, weights) in [(delta2, layer1, &w1), (delta3, a2, &w2)] {
            let (layer, sum) = (layer.transposed(), weights.view_mut(gradient));
            match from {
                0 => self.product.store(delta, layer, sum),
                _ => self.product.accumulate(delta, layer, sum),
            }
        }
    }

    /// The cost of the examples x.
    fn evaluate(&mut self, x: &Matrix<T>, theta: &[T], gradient: &mut [T]) -> T {
        let settings = self.model;
        check_lengths(settings.dimension(), theta, gradient);
        let [w1, w2, b1, b2] = settings.blocks();
        self.make_room(x.columns());
        let m = T::from_usize(x.columns());

        // a2 and its sums, which are m·ρ̂
        settings.encode_into(theta, x, &mut self.product, &mut self.a2, &mut self.a2_sums);
        let sparsity = sparsity(&settings, x.columns(), &self.a2_sums, &mut self.sparsity_delta);
        let batch = self.delta3.columns();
        for from in (0..x.columns()).step_by(batch) {
            self.batch(x, theta, gradient, from, batch.min(x.columns() - from));
        }

        let lambda = T::from_f64(settings.weight_decay);
        for i in w1.range.start..w2.range.end {
            gradient[i] = gradient[i] / m + lambda * theta[i];
        }
        for (j, d_b1) in b1.values_mut(gradient).iter_mut().enumerate() {
            *d_b1 = row_sum(&self.delta2_sums, j, 0) / m;
        }
        for (i, d_b2) in b2.values_mut(gradient).iter_mut().enumerate() {
            self.squares[i] = row_sum(&self.delta3_sums, i, 0);
            *d_b2 = row_sum(&self.delta3_sums, i, 1) / m;
        }

        let half = T::HALF;
        let error = half * sum(&self.squares) / m;
        let decay = match settings.weight_decay {
            0.0 => T::ZERO,
            _ => half * lambda * (sum_of_squares(w1.values(theta)) + sum_of_squares(w2.values(theta))),
        };
        error + decay + sparsity
    }
}

impl<T: Real> Objective<T> for AutoencoderCost<'_, T> {
    fn dimension(&self) -> usize {
        self.model.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        self.evaluate(self.examples, theta, gradient)
    }
}

/// The mean activation ρ̂ is that of the batch, so the costs of batches are not those of all examples on average.
impl<T: Real> Batched<T> for AutoencoderCost<'_, T> {
    fn examples(&self) -> usize {
        self.examples.columns()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        assert!(!columns.is_empty(), "a batch of no examples");
        let mut chosen = core::mem::replace(&mut self.chosen, Matrix::empty());
        chosen.gather_columns(self.examples, columns);
        let cost = self.evaluate(&chosen, theta, gradient);
        self.chosen = chosen;
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: Autoencoder = Autoencoder {
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
        let cost = AutoencoderCost::new(TINY, &x).cost_and_gradient(&[0.0, 2.0, 0.0, -1.0], &mut gradient);
        assert!((cost - (0.02 + 1.0 + 3.0 * 0.368064207168497)).abs() < 1e-14, "{cost}");
        // δ3 = 0.2·¼ = 0.05; ∂W2 = 0.05·½ + ½·2; δ2 = (2·0.05 + 3·(-0.1/0.5 + 0.9/0.5))·¼ = 1.225.
        for (g, expected) in gradient.iter().zip([1.225 * 0.3, 1.025, 1.225, 0.05]) {
            assert!((g - expected).abs() < 1e-14, "{gradient:?}");
        }
    }

    #[test]
    fn the_cost_equals_the_sums_as_written() {
        let settings = Autoencoder { visible: 5, hidden: 3, weight_decay: 3e-3, ..TINY };
        let (v, h, m) = (5, 3, 7);
        let mut random = Random::new(8);
        let x: Matrix<f64> = Matrix::from_function(v, m, |_, _| random.uniform(0.1, 0.9));
        let theta: Vec<f64> = (0..settings.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let [w1, w2, b1, b2] = settings.blocks().map(|block| block.values(&theta).to_vec());
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
        let cost = AutoencoderCost::new(settings, &x).cost_and_gradient(&theta, &mut gradient);
        assert!((cost - expected).abs() < 1e-13 * expected, "{cost} {expected}");
    }

    #[test]
    fn a_unit_that_never_speaks_costs_without_bound() {
        let x = Matrix::from_rows(1, 2, vec![0.3f32, 0.4]);
        let cost = AutoencoderCost::new(TINY, &x).cost_and_gradient(&[0.0, 0.0, -200.0, 0.0], &mut [0.0; 4]);
        assert_eq!(cost, f32::INFINITY);
    }
}
