//! Predictive sparse decomposition: sparse coding with an encoder that predicts the codes.
//!
//! **Why.** [Sparse coding](super::sparse_coding) has no formula for its codes: each new example needs a minimization
//! of many steps. That is too slow for a microcontroller, or for every position of a long recording. An
//! [autoencoder](super::autoencoder) has a formula, but its units do not compete.
//!
//! **Idea.** Train an encoder to predict the sparse codes, and add the squared distance between code and prediction to
//! the cost. This term pulls the prediction toward the code, and the code toward values that the encoder can predict.
//! In use, only the prediction is computed, by one matrix product. The price is an error, which (PS.8) measures. The
//! encoder's units do not compete either: they imitate codes that came from a competition, and hardly any predicted
//! value is exactly 0 ("What cannot be predicted").
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, m | an example (n_v values), the number of examples; Σ_x sums over them |
//! | Φ, s, λ | the dictionary, the code (K values), and the weight of its penalty, as in sparse coding |
//! | G, c | Φᵀ Φ and Φᵀ x, as in sparse coding |
//! | W, b, g | weights (K x n_v), biases and gains of the encoder |
//! | z, f | pre-activations of the encoder, and its activation function |
//! | s̃, e | the predicted code and its error |
//! | α | weight of the prediction's error |
//! | J, E | the total cost; the cost of the encoder (J contains αE) |
//! | δ | m·∂E/∂z of one example |
//! | S̃, S* | all predictions; the codes of sparse coding for the same Φ, without the encoder's term; K x m |
//! | \|S\| | the root of the sum of the squares of S's elements |
//! | ∘, I | product element by element; the identity matrix |
//!
//! The prediction, and the cost that is minimized over s, Φ (with atoms no longer than 1), W, b and g:
//!
//! ```text
//! (PS.1)  s̃ = g ∘ f(z),  z = W x + b                               Kavukcuoglu et al., 2008
//! (PS.2)  J = (1/m) Σ_x ( ½|x - Φ s|² + λ Σ_k |s_k| + (α/2) |s - s̃|² )
//! ```
//!
//! Training repeats three phases. Each lowers J by changing some variables while the others stay fixed: first the
//! codes, then the dictionary by DL.10 and DL.11, then the encoder. The search for the codes is that of sparse coding,
//! with G and c replaced:
//!
//! ```text
//! (PS.3)  G + α I  in place of G,  c + α s̃  in place of c
//! ```
//!
//! The encoder takes some steps of [L-BFGS](crate::optimize::lbfgs) on its own cost, for given codes:
//!
//! ```text
//! (PS.4)  E = (1/m) Σ_x ½|e|²,  e = s̃ - s
//! (PS.5)  δ = e ∘ g ∘ f'(z)
//! (PS.6)  ∂E/∂W = (1/m) Σ_x δ xᵀ,  ∂E/∂b = (1/m) Σ_x δ
//! (PS.7)  ∂E/∂g = (1/m) Σ_x e ∘ f(z)
//! ```
//!
//! The error of the predictions is measured against the codes of sparse coding for the learned Φ, for any α in
//! training:
//!
//! ```text
//! (PS.8)  relative error = |S̃ - S*|/|S*|
//! ```
//!
//! **Derivation.** For given s̃, the new term of J is a quadratic function of s too:
//!
//! ```text
//! (α/2)|s - s̃|² = ½ s·(α I s) - (α s̃)·s + constant
//! ```
//!
//! Added to ½ s·(G s) - c·s, which is ½|x - Φ s|² up to a constant, it gives (PS.3): where s_k ≠ 0, the minimum
//! satisfies ((G + αI) s)_k + λ sign(s_k) = (c + α s̃)_k. A zero remains where |φ_k·(x - Φ s) + α s̃_k| <= λ: during
//! training, a large predicted value can make a zero of sparse coding nonzero. The new term does not contain Φ, so the
//! dictionary is updated as in sparse coding.
//!
//! Only the term αE of J depends on the encoder's parameters, and the factor α does not move its minimum. The
//! derivatives ∂s̃_k/∂z_k = g_k f'(z_k) and ∂s̃_k/∂g_k = f(z_k) give (PS.5) and (PS.7); (PS.6) follows as in
//! [back-propagation](super::layer).
//!
//! So none of the three phases raises J: the codes minimize it (up to the tolerance of their search), DL.10 and DL.11
//! never raise it, and L-BFGS accepts only steps that lower E.
//!
//! **What cannot be predicted.** Let φ_1 = (1, 0), φ_2 = (0, 1), φ_3 = (0.6, 0.8), and λ be small. By competition, s_3
//! is 0 for x = ±φ_1 and x = ±φ_2, and 1 - λ for x = φ_3. A tanh unit is 0 only at z = 0. To be 0 for ±φ_1 and ±φ_2 it
//! needs w·x + b = 0 for all four, so b = 0 and w = (0, 0), and it is 0 for φ_3 too. A unit sees one projection of x,
//! but not the part that the other atoms explain.
//!
//! **By hand.** n_v = 2, K = m = 1, φ = (0.6, 0.8), x = (1, 2), λ = 0.7, α = 3; f = tanh, W = (0, 0), b = ½ ln 3, g =
//! 2. Since c + αs̃ > λ, the code is (c + αs̃ - λ)/(G + α).
//!
//! ```text
//! z = ½ ln 3, f(z) = ½, f'(z) = 1 - ¼ = ¾, s̃ = 2·½ = 1
//! G + α = 4, c + α s̃ = 2.2 + 3 = 5.2            s = (5.2 - 0.7)/4 = 1.125
//! x - Φ s = (0.325, 1.1)                        J = 0.6578125 + 0.7875 + 3·½·0.125² = 1.46875
//!
//! e = 1 - 1.125 = -0.125, E = 0.0078125         δ = -0.125·2·¾ = -0.1875
//! ∂E/∂W = (-0.1875, -0.375), ∂E/∂b = -0.1875    ∂E/∂g = -0.125·½ = -0.0625
//! ```
//!
//! **Conventions.** Source E minimizes |x - Φ s|² + λ' Σ_k |s_k| + |s - s̃|², which is twice our cost with λ' = 2λ and
//! α = 1. It writes σ(W x), without biases and gains. But σ has values between 0 and 1, whereas codes have both signs
//! and are often 0: hence tanh, with a gain g_k because |tanh| < 1, as in the paper. With α = 0 the codes are those of
//! sparse coding, and the encoder is merely fitted to them. θ is W row by row, then b, then g. [`by_definition`]
//! computes E and its gradient; [`Predictive::encoder_cost`] is the fast form.
//!
//! Sources: source E, "Autoencoder Regularization"; K. Kavukcuoglu, M. Ranzato and Y. LeCun, "Fast inference in sparse
//! coding algorithms with applications to object recognition", 2008.

use super::dense::row_sum;
use super::layer::outputs;
use super::parameters::{Block, blocks, draw_weights, zeros};
use super::sparse_coding::{Dictionary, Quadratic, Terms};
use super::{Activation, SparseCoding};
use crate::machine::Lanes;
use crate::machine::lanes::Pointwise;
use crate::matrix::blocked::{Epilogue, NC};
use crate::matrix::{Matrix, Product};
use crate::number::sum::{reduce, squared_distance, sum, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Lbfgs, Objective};
use alloc::vec;
use alloc::vec::Vec;

/// Sparse coding with an encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predictive {
    /// The sizes, and the cost of the codes; its smoothing is 0.
    pub coding: SparseCoding,
    /// f.
    pub activation: Activation,
    /// α >= 0.
    pub prediction_weight: f64,
    /// Steps of the encoder in each round of a training.
    pub encoder_steps: usize,
}

/// A report to an observer after each round of a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round<T> {
    /// Its number, from 1.
    pub round: usize,
    /// The steps of the search for codes, in the block of examples that took the most.
    pub iterations: usize,
    /// The terms that J shares with sparse coding.
    pub terms: Terms<T>,
    /// (α/2)|s - s̃|², the mean over the examples.
    pub prediction: T,
}

impl<T: Real> Round<T> {
    /// J.
    pub fn cost(&self) -> T {
        self.terms.cost() + self.prediction // (PS.2)
    }
}

impl Predictive {
    /// tanh, α = 1, and 20 steps of the encoder a round.
    pub const fn new(coding: SparseCoding) -> Self {
        Predictive { coding, activation: Activation::Tanh, prediction_weight: 1.0, encoder_steps: 20 }
    }

    /// W (atoms x visible), b and g: the parameters of the encoder.
    ///
    /// # Panics
    /// If they hold more values than a size can count.
    pub fn blocks(&self) -> [Block; 3] {
        let SparseCoding { visible, atoms, .. } = self.coding;
        blocks([("W", atoms, visible), ("b", atoms, 1), ("g", atoms, 1)])
    }

    /// The number of the encoder's parameters.
    ///
    /// # Panics
    /// If it is more than a size can count.
    pub fn dimension(&self) -> usize {
        self.blocks()[2].range.end
    }

    /// An encoder to start from: weights by [`draw_weights`], biases 0, gains 1.
    ///
    /// # Panics
    /// If there is no memory for it.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Vec<T> {
        let (mut theta, [w, _, g]) = (zeros(self.dimension()), self.blocks());
        draw_weights(random, self.coding.visible, self.coding.atoms, w.values_mut(&mut theta));
        g.values_mut(&mut theta).fill(T::ONE);
        theta
    }

    /// The predicted codes: atoms x examples, by one product.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the examples not `visible` rows. Also if there is
    /// no memory for the codes.
    pub fn encode_fast<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let [w, b, g] = self.blocks();
        let mut codes = outputs(w.view(theta), b.values(theta), self.activation, examples);
        for (k, &gain) in g.values(theta).iter().enumerate() {
            codes.row_mut(k).iter_mut().for_each(|s| *s = gain * *s); // (PS.1)
        }
        codes
    }

    /// E on given examples and codes, to be minimized over the encoder's parameters.
    ///
    /// # Panics
    /// If there is no example, or shapes do not fit.
    pub fn encoder_cost<'x, T: Real>(&self, examples: &'x Matrix<T>, codes: &'x Matrix<T>) -> EncoderCost<'x, T> {
        let (SparseCoding { visible, atoms, .. }, m) = (self.coding, examples.columns());
        assert!(m > 0 && examples.rows() == visible, "examples of {visible} values");
        assert_eq!((codes.rows(), codes.columns()), (atoms, m), "codes of the examples");
        let (delta, sums) = (Matrix::zeros(atoms, m), Matrix::zeros(atoms, 2 * m.div_ceil(NC)));
        EncoderCost { model: *self, examples, codes, product: Product::new(), delta, sums }
    }

    /// Learns dictionary and encoder: `rounds` times the codes, then the atoms, then the encoder. The observer receives
    /// a report after each round and returns whether to continue.
    ///
    /// # Panics
    /// If shapes do not fit, the smoothing is not 0, or there is no memory for codes and reconstructions.
    pub fn train<T: Real>(
        &self,
        examples: &Matrix<T>,
        dictionary: &mut Dictionary<T>,
        theta: &mut [T],
        rounds: usize,
        mut observer: impl FnMut(&Round<T>, &Dictionary<T>, &[T]) -> bool,
    ) {
        assert!(self.coding.smoothing == 0.0, "a smoothed penalty");
        let (m, alpha) = (T::from_usize(examples.columns()), T::from_f64(self.prediction_weight));
        let encoder = Lbfgs { iterations: self.encoder_steps, ..Lbfgs::default() };
        let mut codes = Matrix::zeros(self.coding.atoms, examples.columns());
        for round in 1..=rounds {
            let mut quadratic = self.coding.quadratic(dictionary, examples);
            self.add_prediction(&self.encode_fast(theta, examples), &mut quadratic);
            let iterations = self.coding.search(&quadratic, &mut codes);
            dictionary.update(examples, &codes);
            encoder.minimize(&mut self.encoder_cost(examples, &codes), theta, |_| true);
            let distance = squared_distance(self.encode_fast(theta, examples).elements(), codes.elements());
            let terms = self.coding.evaluate(dictionary, examples, &codes);
            let report = Round { round, iterations, terms, prediction: T::HALF * alpha * distance / m };
            if !observer(&report, dictionary, theta) {
                return;
            }
        }
    }

    /// Adds the prediction's term to the quadratic function of each code.
    fn add_prediction<T: Real>(&self, predicted: &Matrix<T>, quadratic: &mut Quadratic<T>) {
        let (alpha, Quadratic { gram, correlations }) = (T::from_f64(self.prediction_weight), quadratic);
        (0..gram.rows()).for_each(|k| gram.row_mut(k)[k] += alpha); // (PS.3)
        let pairs = correlations.elements_mut().iter_mut().zip(predicted.elements());
        pairs.for_each(|(c, &s)| *c += alpha * s); // (PS.3)
    }
}

/// |S̃ - S|/|S|: the error of predicted codes, relative to exact ones; NaN where both are 0.
///
/// # Panics
/// If they have different numbers of elements.
pub fn relative_error<T: Real>(predicted: &Matrix<T>, exact: &Matrix<T>) -> T {
    (squared_distance(predicted.elements(), exact.elements()) / sum_of_squares(exact.elements())).sqrt() // (PS.8)
}

/// E of an encoder.
#[derive(Debug)]
pub struct EncoderCost<'x, T> {
    model: Predictive,
    examples: &'x Matrix<T>,
    codes: &'x Matrix<T>,
    product: Product<T>,
    delta: Matrix<T>,
    /// Two sums of each row's part of NC columns: of e·f(z) and of e².
    sums: Matrix<T>,
}

impl<T: Real> Objective<T> for EncoderCost<'_, T> {
    fn dimension(&self) -> usize {
        self.model.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension(), theta, gradient);
        let EncoderCost { model, examples, codes, product, delta, sums } = self;
        let (m, [w, b, g]) = (T::from_usize(examples.columns()), model.blocks());
        let (bias, gain) = (b.values(theta), g.values(theta));
        let epilogue = CodeDelta { activation: model.activation, bias, gain, codes };
        product.store_with_sums(w.view(theta), examples.view(), delta.view_mut(), &epilogue, sums.view_mut());
        product.store(delta.view(), examples.view().transposed(), w.view_mut(gradient)); // (PS.6)
        let mut error = T::ZERO;
        for k in 0..delta.rows() {
            b.values_mut(gradient)[k] = sum(delta.row(k)); // (PS.6)
            g.values_mut(gradient)[k] = row_sum(sums, k, 0); // (PS.7)
            error += T::HALF * row_sum(sums, k, 1); // (PS.4)
        }
        gradient.iter_mut().for_each(|g| *g /= m);
        error / m
    }
}

/// δ of an encoder, in place of W x; returns the sums of e·f(z) and of e².
struct CodeDelta<'a, T> {
    activation: Activation,
    bias: &'a [T],
    gain: &'a [T],
    codes: &'a Matrix<T>,
}

impl<T: Real> Epilogue<T> for CodeDelta<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, k: usize, n: usize, part: &mut [T]) -> [T; 2] {
        let (bias, gain) = (lanes.splat(self.bias[k]), lanes.splat(self.gain[k]));
        let s = &self.codes.row(k)[n..][..part.len()];
        let (mut errors, mut activations) = ([T::ZERO; NC], [T::ZERO; NC]);
        let (errors, activations) = (&mut errors[..part.len()], &mut activations[..part.len()]);
        for j in (0..part.len()).step_by(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(&part[j..]) + bias);
            let e = gain * a - lanes.load_any(&s[j..]); // (PS.4)
            lanes.store_any(self.activation.times_slope(lanes, e * gain, a), &mut part[j..]); // (PS.5)
            lanes.store_any(e, &mut errors[j..]);
            lanes.store_any(a, &mut activations[j..]);
        }
        [reduce(errors, activations, |e, a| e * a), reduce(errors, errors, |e, _| e * e)]
    }
}

/// E and its gradient, equation by equation.
///
/// # Panics
/// If `theta` has not [`dimension`](Predictive::dimension) values, or shapes do not fit.
pub fn by_definition(
    model: &Predictive,
    theta: &[f64],
    examples: &Matrix<f64>,
    codes: &Matrix<f64>,
) -> (f64, Vec<f64>) {
    let (v, f, over_m) = (model.coding.visible, model.activation, 1.0 / examples.columns() as f64);
    let [w, b, g] = model.blocks().map(|block| block.range.start);
    let (mut cost, mut gradient) = (0.0, vec![0.0; model.dimension()]);
    for n in 0..examples.columns() {
        let (x, s) = (examples.column(n), codes.column(n));
        for k in 0..model.coding.atoms {
            let z = (0..v).fold(theta[b + k], |z, i| z + theta[w + k * v + i] * x[i]); // (PS.1)
            let e = theta[g + k] * f.value(z) - s[k]; // (PS.1), (PS.4)
            cost += over_m * 0.5 * e * e; // (PS.4)
            let delta = e * theta[g + k] * f.slope(f.value(z)); // (PS.5); the slope is computed from f(z)
            (0..v).for_each(|i| gradient[w + k * v + i] += over_m * delta * x[i]); // (PS.6)
            gradient[b + k] += over_m * delta; // (PS.6)
            gradient[g + k] += over_m * e * f.value(z); // (PS.7)
        }
    }
    (cost, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::fista::violation;

    fn draw(random: &mut Random, rows: usize, columns: usize) -> Matrix<f64> {
        Matrix::from_function(rows, columns, |_, _| random.normal())
    }

    #[test]
    fn a_code_and_its_prediction_by_hand() {
        let coding = SparseCoding { tolerance: 1e-14, ..SparseCoding::new(2, 1, 0.7) };
        let model = Predictive { prediction_weight: 3.0, ..Predictive::new(coding) };
        let x = Matrix::from_rows(2, 1, vec![1.0, 2.0]);
        let dictionary = Dictionary { atoms: Matrix::from_rows(1, 2, vec![0.6, 0.8]) };
        let theta = [0.0, 0.0, 0.5 * Real::ln(3.0), 2.0];
        let (mut quadratic, mut codes) = (coding.quadratic(&dictionary, &x), Matrix::zeros(1, 1));
        model.add_prediction(&model.encode_fast(&theta, &x), &mut quadratic);
        coding.search(&quadratic, &mut codes);
        assert!((codes.elements()[0] - 1.125).abs() < 1e-14);
        let (terms, (cost, gradient)) =
            (coding.evaluate(&dictionary, &x, &codes), by_definition(&model, &theta, &x, &codes));
        assert!((terms.cost() + 3.0 * cost - 1.46875).abs() < 1e-14);
        for (g, expected) in gradient.iter().zip([-0.1875, -0.375, -0.1875, -0.0625]) {
            assert!((g - expected).abs() < 1e-14, "{gradient:?}");
        }
        assert!((relative_error(&model.encode_fast(&theta, &x), &codes) - 0.125 / 1.125).abs() < 1e-14);
    }

    #[test]
    fn the_encoders_cost_equals_the_definition() {
        let mut random = Random::new(1);
        for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Linear] {
            let model = Predictive { activation, ..Predictive::new(SparseCoding::new(5, 3, 0.1)) };
            for m in [1, 41, NC + 7] {
                let (x, codes) = (draw(&mut random, 5, m), draw(&mut random, 3, m));
                let theta = draw(&mut random, 1, model.dimension()).elements().to_vec();
                let mut gradient = vec![f64::NAN; theta.len()];
                let cost = model.encoder_cost(&x, &codes).cost_and_gradient(&theta, &mut gradient);
                let (expected, slopes) = by_definition(&model, &theta, &x, &codes);
                assert!((cost - expected).abs() < 1e-13 * expected);
                assert!(squared_distance(&gradient, &slopes) < 1e-26 * sum_of_squares(&slopes));
            }
        }
    }

    #[test]
    fn each_round_lowers_the_cost_and_the_encoder_learns_to_predict() {
        let coding = SparseCoding::new(10, 12, 0.1);
        let (model, mut random) = (Predictive::new(coding), Random::new(2));
        let planted: Dictionary<f64> = coding.draw(&mut random);
        let codes = Matrix::from_function(12, 500, |_, _| match random.index(8) {
            0 => random.normal(),
            _ => 0.0,
        });
        let x = planted.decode(&codes);
        let (mut dictionary, mut theta) = (coding.draw(&mut random), model.draw(&mut random));
        let error = |dictionary: &Dictionary<f64>, theta: &[f64]| {
            relative_error(&model.encode_fast(theta, &x), &coding.encode(dictionary, &x))
        };
        let (before, mut cost) = (error(&dictionary, &theta), f64::INFINITY);
        model.train(&x, &mut dictionary, &mut theta, 30, |round, _, _| {
            assert!(round.cost() <= cost * (1.0 + 1e-6), "{round:?} after {cost}");
            cost = round.cost();
            true
        });
        let after = error(&dictionary, &theta);
        assert!(after < 0.5 * before, "{before} {after}");
    }

    #[test]
    fn codes_near_a_prediction_satisfy_the_conditions_of_the_whole_cost() {
        let coding = SparseCoding { tolerance: 1e-10, ..SparseCoding::new(6, 9, 0.2) };
        let (model, mut random) = (Predictive { prediction_weight: 0.3, ..Predictive::new(coding) }, Random::new(3));
        let (dictionary, x) = (coding.draw(&mut random), draw(&mut random, 6, 5));
        let (predicted, mut codes) = (draw(&mut random, 9, 5), Matrix::zeros(9, 5));
        let mut quadratic = coding.quadratic(&dictionary, &x);
        model.add_prediction(&predicted, &mut quadratic);
        coding.search(&quadratic, &mut codes);
        let residuals = dictionary.decode(&codes);
        for k in 0..9 {
            for n in 0..5 {
                let (s, r) = (codes.row(k)[n], |i: usize| residuals.row(i)[n] - x.row(i)[n]);
                let slope = (0..6).fold(0.3 * (s - predicted.row(k)[n]), |g, i| g + dictionary.atoms.row(k)[i] * r(i));
                assert!(violation(slope, s, 0.2) < 1e-8);
            }
        }
    }
}
