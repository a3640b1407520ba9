//! The contractive autoencoder: features that change little when the example changes a little.
//!
//! **Why.** Two recordings of one word differ in ways that do not matter. Good features change little between them, and
//! much between different words. An autoencoder with enough hidden units can copy its input, and then its features
//! follow every change. The [denoising autoencoder](super::denoising) changes examples at random; the contractive
//! autoencoder computes the change of the features, and makes large changes expensive.
//!
//! **Idea.** The Jacobian of the encoder holds the derivative of each feature with respect to each element of the
//! example. Add the sum of its squares to the cost. Alone, that penalty would make all features constant; the
//! reconstruction error works against it. The reconstruction needs features that change along the directions in which
//! the examples differ, and gains little from changes along others. So the penalty should mainly remove the latter.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, m, W1, b1, z2, a2, g, W2, b2, y, λ, β | as in the [autoencoder](super::autoencoder) |
//! | Σ_x | the sum over the examples |
//! | J | the cost of the autoencoder, with its decay and sparsity penalty |
//! | w_j | row j of W1, the weights of hidden unit j; \|w_j\|² is the sum of their squares |
//! | H | ∂a2/∂x, the Jacobian of the encoder at x, n_h x n_v (source D: J_x(h)) |
//! | \|H\| | its Frobenius norm, the root of the sum of its squares |
//! | γ, P, C | weight of the penalty, the penalty, the cost with it |
//! | ε_j | m·∂P/∂z2_j of one example |
//! | s_k, U, V | singular value k of H, the largest first; the singular vectors u_k and v_k, as columns |
//!
//! ```text
//! (CA.1)  H_ji = ∂a2_j/∂x_i = g'(z2_j) W1_ji                       source D, "Jacobian of the encoder"
//! (CA.2)  |H|² = Σ_j g'(z2_j)² |w_j|²
//! (CA.3)  C = J + P,  P = (γ/m) Σ_x |H|²                           Rifai et al. 2011, equations 1 and 3
//!
//! (CA.4)  ε_j = 2 γ g'(z2_j) g''(z2_j) |w_j|²
//! (CA.5)  ∂C/∂W1_ji = ∂J/∂W1_ji + (1/m) Σ_x ( ε_j x_i + 2 γ g'(z2_j)² W1_ji )
//! (CA.6)  ∂C/∂b1_j = ∂J/∂b1_j + (1/m) Σ_x ε_j
//!
//! (CA.7)  s_k² = eigenvalue k of H Hᵀ, or of Hᵀ H, whose nonzero eigenvalues are the same
//! ```
//!
//! **Derivation.** By the chain rule, ∂a2_j/∂x_i = g'(z2_j) ∂z2_j/∂x_i, and ∂z2_j/∂x_i = W1_ji: (CA.1). The sum over i
//! of H_ji² = g'(z2_j)² W1_ji² has the common factor g'(z2_j)², which leaves |w_j|²: (CA.2). Since |w_j|² does not
//! depend on x, it is computed once for all examples. Then |H|² takes two multiplications for each unit, instead of two
//! for each element of H.
//!
//! For the sigmoid, g' = a (1 - a) with a = g(z), so g'' = g' (1 - a) - a g' = g' (1 - 2a). The code computes both from
//! a2, as `slope` and `curvature`; for tanh they are 1 - a² and -2a (1 - a²).
//!
//! W1_ji affects P in two ways: through z2_j = Σ_i W1_ji x_i + b1_j, and directly, through |w_j|².
//!
//! ```text
//! m ∂P/∂z2_j = γ |w_j|² · 2 g'(z2_j) · g''(z2_j) = ε_j           the chain rule on g'(z2_j)²: (CA.4)
//! through z2_j:   ∂P/∂z2_j · ∂z2_j/∂W1_ji = (1/m) ε_j x_i,  for each example
//! directly:       (γ/m) g'(z2_j)² · ∂|w_j|²/∂W1_ji = (γ/m) g'(z2_j)² · 2 W1_ji
//! ```
//!
//! The sum of both over the examples is (CA.5). b1_j affects P through z2_j alone, and ∂z2_j/∂b1_j = 1: (CA.6). If the
//! weights are tied (W2 = W1ᵀ), the terms of P are added to the gradient of the W1 that both layers share.
//!
//! Singular values: for a small change dx of the example, the features change by H dx. Let v_k be orthonormal
//! eigenvectors of the symmetric matrix Hᵀ H, and s_k the length |H v_k|. Since v_k·(Hᵀ H v_l) = (H v_k)·(H v_l), the
//! eigenvalue of v_k is s_k², (CA.7), and the vectors H v_k are orthogonal to one another. So H v_k = s_k u_k with
//! orthonormal u_k: a change along v_k becomes s_k times as long. At most min(n_h, n_v) of the s_k are not 0. With
//! their u_k and v_k as columns, H = U diag(s) Vᵀ, since both sides map every v_k to the same vector. Then H Hᵀ = U
//! diag(s²) Uᵀ: its nonzero eigenvalues are the same. The trace of a matrix is the sum of its eigenvalues, so |H|² =
//! trace Hᵀ H = Σ_k s_k².
//!
//! A few large values and many near 0 mean that features follow only a few directions, the first columns of V. These
//! should be the directions in which the examples vary near x; exercise D.7 measures the values, not the directions.
//!
//! **By hand.** One example, one sigmoid unit, x = (0.3, 0.3)ᵀ, W1 = (1, -1), b1 = ln 3, γ = 1, λ = β = 0. A linear
//! decoder has W2 = 0 and b2 = x, so that y = x, J = 0, and the derivatives of J are 0:
//!
//! ```text
//! z2 = ln 3,  a2 = ¾,  g' = ¾·¼ = 3/16,  g'' = g'·(1 - 2·¾) = -3/32,  |w|² = 2
//! H = (3/16, -3/16),  |H|² = (3/16)²·2 = 9/128 = C
//!
//! ε = 2·(3/16)·(-3/32)·2 = -9/128
//! ∂C/∂W1 = -9/128·(0.3, 0.3) + 2·9/256·(1, -1) = 9/128·(0.7, -1.3),  ∂C/∂b1 = -9/128
//! ```
//!
//! **Conventions.** A linear encoder has g' = 1 and g'' = 0: P = γ |W1|², weight decay of the encoder alone, with λ =
//! 2γ. For rectified units, g'' is taken to be 0. Rifai et al. add λ |H|² to the error of each example, and sum over
//! the examples instead of taking the mean. With the cross-entropy, γ is their λ. Their squared error has no ½: half of
//! their cost is ours, with γ = λ/2.
//!
//! The penalty can be evaded: replace W1 by W1/t and W2 by t W2, with a large t. In a linear network without biases y
//! stays the same, and P is divided by t². A sigmoid near 0 is almost ½ + z/4, so almost the same works: divide b1 by
//! t, too. Then t W2 (½ + z2/(4t)) = t·½·W2·1 + ¼ W2 z2, with 1 for the vector of ones. The second part does not
//! contain t, and b2 can cancel the constant t·½·W2·1. With tied weights, W1 cannot shrink without changing y. So tie
//! the weights, as Rifai et al. do, or let J have a weight decay.
//!
//! The program computes s_k as the root of an eigenvalue. The rounding error of an eigenvalue is about 10⁻¹⁶ of the
//! largest one (10⁻⁷ in f32), so an s_k below about 10⁻⁸ of the largest (3·10⁻⁴ in f32) is only rounding error.
//!
//! Sources: source D (L. Huang's slides), "Contractive Autoencoders"; S. Rifai, P. Vincent, X. Muller, X. Glorot and Y.
//! Bengio, "Contractive auto-encoders: explicit invariance during feature extraction", 2011.

use super::Autoencoder;
use super::autoencoder::by_definition as autoencoder_by_definition;
use super::dense::{Architecture, DenseCost};
use crate::matrix::{Matrix, symmetric};
use crate::number::Real;
use crate::number::sum::{dot, sum_of_squares};
use alloc::vec::Vec;

/// A contractive autoencoder: an autoencoder and the weight of the penalty on its Jacobian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contractive {
    /// The autoencoder, which encodes and decodes.
    pub autoencoder: Autoencoder,
    /// γ >= 0; 0 leaves the term out.
    pub contraction: f64,
}

impl Contractive {
    /// C on the columns of `examples`, to be minimized.
    ///
    /// # Panics
    /// As [`Autoencoder::cost`].
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>) -> DenseCost<'x, T> {
        assert_eq!(examples.rows(), self.autoencoder.visible, "values of an example");
        let architecture = Architecture { contraction: self.contraction, ..self.autoencoder.architecture() };
        DenseCost::new(architecture, examples, &[])
    }
}

/// C and its gradient, equation by equation.
///
/// # Panics
/// As [`autoencoder::by_definition`](super::autoencoder::by_definition).
pub fn by_definition(model: &Contractive, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
    let Contractive { autoencoder, contraction: gamma } = *model;
    let (v, h, g) = (autoencoder.visible, autoencoder.hidden, autoencoder.encoder);
    let over_m = 1.0 / examples.columns() as f64;
    let [w1, _, b1, _] = autoencoder.blocks().map(|block| block.range.start);
    let (mut cost, mut gradient) = autoencoder_by_definition(&autoencoder, theta, examples);
    for n in 0..examples.columns() {
        let x = examples.column(n);
        for j in 0..h {
            let z2 = (0..v).fold(theta[b1 + j], |sum, i| sum + theta[w1 + j * v + i] * x[i]);
            let squared_length = (0..v).fold(0.0, |sum, i| sum + theta[w1 + j * v + i] * theta[w1 + j * v + i]);
            let a2 = g.value(z2);
            let (slope, curvature) = (g.slope(a2), g.curvature(a2));
            cost += gamma * over_m * slope * slope * squared_length; // (CA.2), (CA.3)
            let epsilon = 2.0 * gamma * slope * curvature * squared_length; // (CA.4)
            for i in 0..v {
                let direct = 2.0 * gamma * slope * slope * theta[w1 + j * v + i];
                gradient[w1 + j * v + i] += over_m * (epsilon * x[i] + direct); // (CA.5)
            }
            gradient[b1 + j] += over_m * epsilon; // (CA.6)
        }
    }
    (cost, gradient)
}

/// How the features of an autoencoder of any kind change with the example.
impl Autoencoder {
    /// H, the derivative of each feature (row) with respect to each element of an example (column), at an example.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the example not `visible` values.
    pub fn jacobian<T: Real>(&self, theta: &[T], example: &[T]) -> Matrix<T> {
        let features = self.encode(theta, &Matrix::from_rows(example.len(), 1, example.to_vec()));
        let [w1, ..] = self.blocks();
        let h = |j: usize, i: usize| self.encoder.slope(features.row(j)[0]) * w1.row(theta, j)[i]; // (CA.1)
        Matrix::from_function(self.hidden, self.visible, h)
    }

    /// The mean over examples (columns) of |H|, the root of the sum of its squares.
    ///
    /// # Panics
    /// As [`encode`](Self::encode).
    pub fn jacobian_norm<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> T {
        let features = self.encode(theta, examples);
        let [w1, ..] = self.blocks();
        let squared_lengths: Vec<T> = (0..self.hidden).map(|j| sum_of_squares(w1.row(theta, j))).collect();
        let norm = |n: usize| {
            let slopes = (0..self.hidden).map(|j| self.encoder.slope(features.row(j)[n]));
            slopes.zip(&squared_lengths).fold(T::ZERO, |sum, (slope, &w)| sum + slope * slope * w).sqrt() // (CA.2)
        };
        let total = (0..examples.columns()).fold(T::ZERO, |sum, n| sum + norm(n));
        total / T::from_usize(examples.columns())
    }

    /// The singular values of H at an example, the largest first. Their number is the smaller one of `visible` and
    /// `hidden`.
    ///
    /// # Panics
    /// As [`jacobian`](Self::jacobian), or if there is no memory for a square matrix with that number of rows.
    pub fn singular_values<T: Real>(&self, theta: &[T], example: &[T]) -> Vec<T> {
        let mut rows = self.jacobian(theta, example);
        if self.visible < self.hidden {
            rows = Matrix::from_function(self.visible, self.hidden, |i, j| rows.row(j)[i]);
        }
        let products = Matrix::from_function(rows.rows(), rows.rows(), |i, j| dot(rows.row(i), rows.row(j)));
        let squares = symmetric::eigen(&products).values;
        squares.into_iter().map(|square| square.max(T::ZERO).sqrt()).collect() // (CA.7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::blocked::NC;
    use crate::model::{Activation, Loss};
    use crate::number::Random;
    use crate::optimize::{Batched, Lbfgs, Objective};
    use alloc::vec;

    fn evaluate(model: &Contractive, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
        let mut gradient = vec![f64::NAN; theta.len()];
        (model.cost(examples).cost_and_gradient(theta, &mut gradient), gradient)
    }

    fn assert_close((cost, gradient): (f64, Vec<f64>), (expected, slopes): (f64, &[f64])) {
        assert!((cost - expected).abs() < 1e-13 * (1.0 + expected.abs()), "{cost} {expected}");
        for (g, e) in gradient.iter().zip(slopes) {
            assert!((g - e).abs() < 1e-13 * (1.0 + e.abs()), "{gradient:?} {slopes:?}");
        }
    }

    #[test]
    fn a_cost_by_hand() {
        let autoencoder = Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(2, 1) };
        let model = Contractive { autoencoder, contraction: 1.0 };
        let x = Matrix::from_rows(2, 1, vec![0.3, 0.3]);
        let theta = [1.0, -1.0, 0.0, 0.0, 1.0986122886681098, 0.3, 0.3];
        let c = 9.0 / 128.0;
        let gradient = [0.7 * c, -1.3 * c, 0.0, 0.0, -c, 0.0, 0.0];
        assert_close(evaluate(&model, &theta, &x), (c, &gradient));
        assert_close(by_definition(&model, &theta, &x), (c, &gradient));
        let h = autoencoder.jacobian(&theta, &[0.3, 0.3]);
        assert!(h.elements().iter().zip([3.0 / 16.0, -3.0 / 16.0]).all(|(h, e)| (h - e).abs() < 1e-15), "{h:?}");
        assert!((autoencoder.jacobian_norm(&theta, &x) - c.sqrt()).abs() < 1e-15);
        assert!((autoencoder.singular_values(&theta, &[0.3, 0.3])[0] - c.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn every_encoder_equals_the_definition_in_several_batches() {
        use Activation::{Linear, Rectified, Sigmoid, Softplus, Tanh};
        let mut random = Random::new(5);
        for (m, encoder) in
            [7, 2 * NC + 30].into_iter().flat_map(|m| [Sigmoid, Tanh, Linear, Rectified, Softplus].map(|f| (m, f)))
        {
            let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(0.1, 0.9));
            for (loss, tied) in [(Loss::Squared, false), (Loss::CrossEntropy, true)] {
                let sparsity_weight = if encoder == Sigmoid { 3.0 } else { 0.0 };
                let terms = Autoencoder { weight_decay: 3e-3, sparsity_weight, ..Autoencoder::new(5, 3) };
                let model = Contractive { autoencoder: Autoencoder { encoder, loss, tied, ..terms }, contraction: 0.3 };
                let dimension = model.autoencoder.dimension();
                let theta: Vec<f64> = (0..dimension).map(|_| random.uniform(-1.0, 1.0)).collect();
                let (cost, gradient) = by_definition(&model, &theta, &x);
                assert_close(evaluate(&model, &theta, &x), (cost, &gradient));
                let (all, mut g): (Vec<usize>, _) = ((0..m).collect(), vec![f64::NAN; dimension]);
                let j = model.cost(&x).cost_and_gradient_on(&all, &theta, &mut g);
                assert_close((j, g), (cost, &gradient));
            }
        }
    }

    #[test]
    fn of_a_linear_encoder_the_penalty_is_weight_decay() {
        let mut random = Random::new(6);
        let x: Matrix<f64> = Matrix::from_function(4, 9, |_, _| random.uniform(-1.0, 1.0));
        let autoencoder = Autoencoder { encoder: Activation::Linear, tied: true, ..Autoencoder::new(4, 3) };
        let theta: Vec<f64> = autoencoder.draw(&mut random);
        let decayed = Contractive { autoencoder: Autoencoder { weight_decay: 0.4, ..autoencoder }, contraction: 0.0 };
        let (cost, gradient) = evaluate(&decayed, &theta, &x);
        assert_close(evaluate(&Contractive { autoencoder, contraction: 0.2 }, &theta, &x), (cost, &gradient));
    }

    #[test]
    fn the_jacobian_is_the_derivative_of_the_features() {
        let mut random = Random::new(7);
        for (encoder, hidden) in [(Activation::Sigmoid, 3), (Activation::Tanh, 6), (Activation::Linear, 4)] {
            let model = Autoencoder { encoder, ..Autoencoder::new(4, hidden) };
            let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
            let x: Vec<f64> = (0..4).map(|_| random.uniform(-1.0, 1.0)).collect();
            let jacobian = model.jacobian(&theta, &x);
            // Column 0 of the examples is x; columns 2i + 1 and 2i + 2 are moved by ±10⁻⁵ in element i.
            let step = |n: usize| if n % 2 == 1 { 1e-5 } else { -1e-5 };
            let moved =
                Matrix::from_function(4, 9, |i, n| x[i] + if n > 0 && (n - 1) / 2 == i { step(n) } else { 0.0 });
            let features = model.encode(&theta, &moved);
            for (j, i) in (0..4 * hidden).map(|k| (k / 4, k % 4)) {
                let row = features.row(j);
                let numerical = (row[2 * i + 1] - row[2 * i + 2]) / 2e-5;
                assert!((jacobian.row(j)[i] - numerical).abs() < 1e-9, "{} {numerical}", jacobian.row(j)[i]);
            }
            let singular = model.singular_values(&theta, &x);
            assert_eq!(singular.len(), hidden.min(4));
            assert!(singular.is_sorted_by(|a, b| a >= b));
            let norm = sum_of_squares(jacobian.elements()).sqrt();
            assert!((sum_of_squares(&singular).sqrt() - norm).abs() < 1e-14 * norm);
            let alone = Matrix::from_rows(4, 1, x.clone());
            assert!((model.jacobian_norm(&theta, &alone) - norm).abs() < 1e-14 * norm);
        }
        // H = (3, 0; 0, 2) twice, one below the other: √2 times 3 and 2.
        let model = Autoencoder { encoder: Activation::Linear, ..Autoencoder::new(2, 4) };
        let mut theta = vec![0.0; model.dimension()];
        [theta[0], theta[3], theta[4], theta[7]] = [3.0, 2.0, 3.0, 2.0];
        let values = model.singular_values(&theta, &[0.5, 0.5]);
        assert!((values[0] - 18f64.sqrt()).abs() < 1e-14 && (values[1] - 8f64.sqrt()).abs() < 1e-14, "{values:?}");
    }

    #[test]
    fn contraction_makes_the_jacobian_small_where_the_examples_do_not_vary() {
        // Examples on a line through ten dimensions: one singular value has to stay.
        let mut random = Random::new(8);
        let line: Vec<f64> = (0..10).map(|i| if i % 2 == 0 { 0.3 } else { -0.3 }).collect();
        let along: Vec<f64> = (0..60).map(|_| random.uniform(-1.0, 1.0)).collect();
        let x = Matrix::from_function(10, 60, |i, n| 0.5 + line[i] * along[n]);
        let autoencoder = Autoencoder { tied: true, decoder: Activation::Linear, ..Autoencoder::new(10, 8) };
        let singular = [0.0, 0.03].map(|contraction| {
            let mut theta: Vec<f64> = autoencoder.draw(&mut Random::new(9));
            let model = Contractive { autoencoder, contraction };
            let minimizer = Lbfgs { iterations: 300, ..Lbfgs::default() };
            minimizer.minimize(&mut model.cost(&x), &mut theta, |_| true);
            autoencoder.singular_values(&theta, &x.column(0))
        });
        let [free, contracted] = &singular;
        assert!(contracted[1] < 0.1 * contracted[0], "{singular:?}");
        assert!(free[1] > 0.3 * free[0], "{singular:?}");
    }
}
