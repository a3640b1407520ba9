//! Back-propagation: the gradient of a cost through one dense layer after another.
//!
//! **Why.** An optimizer needs the derivative of the cost J with respect to every weight. Moving each weight a little
//! and computing J again would take one forward pass per weight, and there are 10⁵ weights. Back-propagation obtains
//! all derivatives for the price of about two forward passes: one product with W for δ, and one with x for the
//! gradient.
//!
//! **Idea.** A weight affects J only through the pre-activation z of its own unit. So compute δ, the derivative of J
//! with respect to z, once per unit and example; every derivative of the layer follows from it by one multiplication,
//! and the chain rule carries δ to the layer below.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | output of the layer below for one example (for the first layer, the example), n_in values |
//! | W, b | weights (units x n_in) and biases of the layer |
//! | z, a | pre-activations and activations, one per unit |
//! | f | the [activation](super::activation), with slope f' |
//! | J, m | the total cost; the number of examples |
//! | δ | m·∂J/∂z, one value per unit and example |
//! | W⁺, z⁺, δ⁺ | those of the layer above |
//! | s | m times the part of ∂J/∂a that does not pass through the layer above; 0 unless J contains a penalty on a |
//! | ∘ | product element by element; every other product is a matrix product |
//!
//! (The [sparse autoencoder](super::autoencoder) is the first model that needs s; until then, take s = 0.) Forward:
//!
//! ```text
//! (BP.1)  z = W x + b                          UFLDL, "Neural Networks"
//! (BP.2)  a = f(z)
//! ```
//!
//! Backward:
//!
//! ```text
//! (BP.3)  δ = (W⁺ᵀ δ⁺ + s) ∘ f'(z)             UFLDL, "Backpropagation Algorithm", step 3
//! (BP.4)  ∂J/∂W = (1/m) Σ_x δ xᵀ               step 4, and the sum over the examples
//! (BP.5)  ∂J/∂b = (1/m) Σ_x δ
//! ```
//!
//! The last layer has no layer above. Its δ comes from the cost itself: for m = 1 and J = ½ Σ_j (a_j - t_j)² with
//! targets t_j, ∂J/∂a_j = a_j - t_j, so δ_j = (a_j - t_j) f'(z_j).
//!
//! **Derivation, one unit.** Let a unit have one input x and one unit above it, and let m = 1 and s = 0. Its weight w
//! acts on J along a chain: w → z → a → z⁺ → J. If w grows by a small h, each quantity grows by its slope times the
//! growth of the one before:
//!
//! ```text
//! z = w x + b       grows by   x·h
//! a = f(z)          grows by   f'(z)·x·h
//! z⁺ = w⁺ a + b⁺    grows by   w⁺·f'(z)·x·h
//! J                 grows by   δ⁺·w⁺·f'(z)·x·h,   since δ⁺ = ∂J/∂z⁺
//! ```
//!
//! Divide by h: ∂J/∂w = δ⁺ w⁺ f'(z)·x. The factors before x do not depend on which parameter moved z. They are ∂J/∂z,
//! so δ = w⁺ δ⁺ f'(z), (BP.3), and ∂J/∂w = δ·x, (BP.4). The bias moves z by h instead of x·h: ∂J/∂b = δ, (BP.5).
//!
//! **Derivation, a layer.** Now a_j of one example enters J through all units above, z⁺_i = Σ_j W⁺_ij a_j + b⁺_i, and
//! perhaps directly. If a_j grows by a small h, each z⁺_i grows by W⁺_ij·h. To first order J is linear in all z⁺_i, so
//! it grows by the sum Σ_i ∂J/∂z⁺_i·W⁺_ij·h, and by s_j/m·h directly. Divide by h:
//!
//! ```text
//! ∂J/∂a_j = Σ_i ∂J/∂z⁺_i · W⁺_ij + s_j/m = Σ_i (δ⁺_i/m) W⁺_ij + s_j/m = (1/m) (W⁺ᵀ δ⁺ + s)_j
//! ∂J/∂z_j = ∂J/∂a_j · f'(z_j),   times m: (BP.3)
//! ∂J/∂W_ji = Σ_x ∂J/∂z_j · ∂z_j/∂W_ji = Σ_x (δ_j/m) x_i: (BP.4);   ∂z_j/∂b_j = 1: (BP.5)
//! ```
//!
//! The sum over i runs down column j of W⁺, which is row j of W⁺ᵀ: hence the transpose. The sum over x is needed
//! because all examples share each weight.
//!
//! Why the factor m in δ: J is a mean over the examples, so ∂J/∂z is of the order of 1/m. With the factor, the δ of one
//! example does not depend on the number of other examples, and only one division by m remains, at the end. Where J is
//! the mean of separate costs J_x, δ is ∂J_x/∂z; with the [sparsity penalty](super::autoencoder), which couples the
//! examples, only m·∂J/∂z is right.
//!
//! **By hand.** One sigmoid unit with W = 2, b = -1 sees x = ½: z = 0, a = ½, slope ½·½ = ¼. With W⁺ = 3, δ⁺ = 0.4, s =
//! 0: δ = 3·0.4·¼ = 0.3. With m = 1, ∂J/∂W = 0.3·½ = 0.15 and ∂J/∂b = 0.3.
//!
//! **A whole pass.** Each of the three functions of the definition handles one layer and one example x. For a network
//! of two layers, with targets t, weights W⁺ in the upper layer, and no penalty, call them from the bottom up, then
//! back down:
//!
//! 1. `a = forward_by_definition(lower, f, x)`, then `y = forward_by_definition(upper, f, a)`.
//! 2. The first δ comes from the cost, in a line of its own: δ⁺ = (y - t) ∘ f'(z⁺), where f'(z⁺) is `f.slope(y)`.
//! 3. `δ = backward_by_definition(W⁺, δ⁺, [], f, a)`.
//! 4. `gradient_by_definition(δ⁺, a, m, ...)` for the upper layer, whose inputs are a, and
//!    `gradient_by_definition(δ, x, m, ...)` for the lower one.
//!
//! Repeating this for each of the m examples accumulates ∂J/∂W and ∂J/∂b of both layers; then the optimizer takes a
//! step. For later: training uses fast forms of these functions, which process all examples at once, in
//! [`dense`](super::dense).
//!
//! Sources: source A, 8.4; UFLDL, "Neural Networks" and "Backpropagation Algorithm"; D. Rumelhart, G. Hinton and R.
//! Williams, "Learning representations by back-propagating errors", 1986.

use super::Activation;
use super::stacked::DenseWeights;
use crate::machine::lanes::Pointwise;
use crate::machine::{Lanes, Vector};
use crate::matrix::blocked::Epilogue;
use crate::matrix::{Matrix, Product, View};
use crate::number::Real;
use crate::number::sum::reduce;
use alloc::vec;
use alloc::vec::Vec;

/// a of a layer for one example x.
///
/// # Panics
/// If x has fewer values than the layer has inputs.
pub fn forward_by_definition(layer: &DenseWeights<f64>, f: Activation, x: &[f64]) -> Vec<f64> {
    let (units, inputs) = (layer.weights.rows(), layer.weights.columns());
    let mut a = vec![0.0; units];
    // (0..inputs).fold(b, |sum, i| sum + t) is b + Σ t over i from 0 to inputs - 1.
    for j in 0..units {
        let z = (0..inputs).fold(layer.bias[j], |sum, i| sum + layer.weights.row(j)[i] * x[i]); // (BP.1)
        a[j] = f.value(z); // (BP.2)
    }
    a
}

/// δ of a layer for one example, from the weights above, δ above and a = f(z); s is one value per unit, or empty for 0.
///
/// # Panics
/// If δ above or s has too few values.
pub fn backward_by_definition(
    above: &Matrix<f64>,
    delta_above: &[f64],
    s: &[f64],
    f: Activation,
    a: &[f64],
) -> Vec<f64> {
    let mut delta = vec![0.0; a.len()];
    for j in 0..a.len() {
        let direct = s.get(j).copied().unwrap_or(0.0);
        let back = (0..above.rows()).fold(direct, |sum, i| sum + above.row(i)[j] * delta_above[i]);
        delta[j] = back * f.slope(a[j]); // (BP.3)
    }
    delta
}

/// Adds what one of m examples contributes to ∂J/∂W and ∂J/∂b.
///
/// # Panics
/// If the gradient is not of the shape of δ and x.
pub fn gradient_by_definition(delta: &[f64], x: &[f64], m: usize, gradient: &mut DenseWeights<f64>) {
    for (j, d) in delta.iter().enumerate() {
        gradient.weights.row_mut(j).iter_mut().zip(x).for_each(|(g, x)| *g += d * x / m as f64); // (BP.4)
        gradient.bias[j] += d / m as f64; // (BP.5)
    }
}

impl<T: Real> DenseWeights<T> {
    /// f(W·x + b) of all examples (columns): units x examples.
    ///
    /// # Panics
    /// If the examples have another number of rows than W has columns.
    pub fn outputs(&self, f: Activation, examples: &Matrix<T>) -> Matrix<T> {
        outputs(self.weights.view(), &self.bias, f, examples)
    }
}

/// f(W·x + b) of all examples: units x examples.
pub(super) fn outputs<T: Real>(weights: View<T>, bias: &[T], f: Activation, examples: &Matrix<T>) -> Matrix<T> {
    let mut a = Matrix::zeros(weights.rows(), examples.columns());
    let epilogue = Forward { activation: f, bias, least: T::ZERO, summed: Summed::Nothing };
    Product::new().store_with(weights, examples.view(), a.view_mut(), &epilogue);
    a
}

/// The sums that a forward pass returns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Summed {
    Nothing,
    /// Σ a.
    Activations,
    /// Σ a and Σ f'(z)².
    Slopes,
}

/// a = f(z + b), or 0 where that is smaller than `least`; returns sums, which are 0 where they are not wanted.
pub(super) struct Forward<'a, T> {
    pub activation: Activation,
    pub bias: &'a [T],
    pub least: T,
    pub summed: Summed,
}

impl<T: Real> Epilogue<T> for Forward<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, _: usize, part: &mut [T]) -> [T; 2] {
        let (bias, least, zero) = (lanes.splat(self.bias[i]), lanes.splat(self.least), lanes.splat(T::ZERO));
        for n in (0..part.len()).step_by(L::WIDTH) {
            let a = self.activation.at(lanes, lanes.load_any(&part[n..]) + bias); // (BP.2)
            lanes.store_any(a.abs().select_less(least, zero, a), &mut part[n..]);
        }
        let squared_slope = |a, _| {
            let slope = self.activation.slope(a);
            slope * slope
        };
        let activations = if self.summed == Summed::Nothing { T::ZERO } else { reduce(part, part, |a, _| a) };
        let slopes = if self.summed == Summed::Slopes { reduce(part, part, squared_slope) } else { T::ZERO };
        [activations, slopes]
    }
}

/// δ = (d + s_j + c_j·f''(z))·f'(z) for row j of d = W⁺ᵀ·δ⁺, from a = f(z); returns its sum.
pub(super) struct Backward<'a, T> {
    pub activation: Activation,
    /// a of all examples.
    pub outputs: &'a Matrix<T>,
    /// The batch's first example.
    pub from: usize,
    /// s, or `None` for 0.
    pub direct: Option<&'a [T]>,
    /// c, or `None` for 0.
    pub curvature: Option<&'a [T]>,
}

impl<T: Real> Epilogue<T> for Backward<'_, T> {
    #[inline(always)]
    fn apply<L: Lanes<T>>(&self, lanes: L, i: usize, j: usize, part: &mut [T]) -> [T; 2] {
        let direct = lanes.splat(self.direct.map_or(T::ZERO, |direct| direct[i]));
        let a = &self.outputs.row(i)[self.from + j..][..part.len()];
        match self.curvature {
            None => {
                for n in (0..part.len()).step_by(L::WIDTH) {
                    let (a, back) = (lanes.load_any(&a[n..]), lanes.load_any(&part[n..]) + direct);
                    lanes.store_any(self.activation.times_slope(lanes, back, a), &mut part[n..]); // (BP.3)
                }
            }
            Some(curvature) => {
                let c = lanes.splat(curvature[i]);
                for n in (0..part.len()).step_by(L::WIDTH) {
                    let (d, a) = (lanes.load_any(&part[n..]), lanes.load_any(&a[n..]));
                    let back = d + direct + self.activation.times_curvature(lanes, c, a);
                    lanes.store_any(self.activation.times_slope(lanes, back, a), &mut part[n..]);
                }
            }
        }
        [reduce(part, part, |d, _| d), T::ZERO]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn one_unit_by_hand() {
        let layer = DenseWeights { weights: Matrix::from_rows(1, 1, vec![2.0]), bias: vec![-1.0] };
        let a = forward_by_definition(&layer, Activation::Sigmoid, &[0.5]);
        let above = Matrix::from_rows(1, 1, vec![3.0]);
        let delta = backward_by_definition(&above, &[0.4], &[], Activation::Sigmoid, &a);
        let mut gradient = DenseWeights { weights: Matrix::zeros(1, 1), bias: vec![0.0] };
        gradient_by_definition(&delta, &[0.5], 1, &mut gradient);
        let found = [a[0], delta[0], gradient.weights.elements()[0], gradient.bias[0]];
        for (found, expected) in found.iter().zip([0.5, 0.3, 0.15, 0.3]) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
    }

    #[test]
    fn the_fast_forms_equal_the_definition() {
        let mut random = Random::new(4);
        let mut draw = |rows, columns| Matrix::from_function(rows, columns, |_, _| random.uniform::<f64>(-1.0, 1.0));
        let (x, above, delta_above) = (draw(5, 7), draw(2, 3), draw(2, 7));
        let layer = DenseWeights { weights: draw(3, 5), bias: draw(1, 3).elements().to_vec() };
        let s = [0.5, -1.0, 2.0];
        use Activation::{Linear, Rectified, Sigmoid, Softplus, Tanh};
        for f in [Sigmoid, Tanh, Linear, Rectified, Softplus] {
            let a = outputs(layer.weights.view(), &layer.bias, f, &x);
            let mut delta = Matrix::zeros(3, 7);
            let back = Backward { activation: f, outputs: &a, from: 0, direct: Some(&s), curvature: None };
            Product::new().store_with(above.view().transposed(), delta_above.view(), delta.view_mut(), &back);
            for n in 0..7 {
                let expected = forward_by_definition(&layer, f, &x.column(n));
                let back = backward_by_definition(&above, &delta_above.column(n), &s, f, &expected);
                for j in 0..3 {
                    assert!((a.row(j)[n] - expected[j]).abs() < 1e-14);
                    assert!((delta.row(j)[n] - back[j]).abs() < 1e-14);
                }
            }
        }
    }

    /// a of one unit with weight 1 for each z.
    fn activations(least: f32, z: &[f32]) -> Vec<f32> {
        let (one, x) = (Matrix::from_rows(1, 1, [1.0].to_vec()), Matrix::from_rows(1, z.len(), z.to_vec()));
        let mut a = Matrix::zeros(1, z.len());
        let epilogue = Forward { activation: Activation::Sigmoid, bias: &[0.0], least, summed: Summed::Nothing };
        Product::new().store_with(one.view(), x.view(), a.view_mut(), &epilogue);
        a.elements().to_vec()
    }

    #[test]
    fn negligible_activations_are_zero_in_training_alone() {
        let z = [0.0, -10.0, -43.0, -44.0, -60.0, -90.0, -200.0, f32::NAN];
        let (encoded, trained) = (activations(0.0, &z), activations(f32::NEGLIGIBLE, &z));
        for (k, &z) in z.iter().enumerate() {
            let exact = 1.0 / (1.0 + (-f64::from(z)).exp());
            if z.is_nan() {
                assert!(encoded[k].is_nan() && trained[k].is_nan());
                continue;
            }
            assert!((f64::from(encoded[k]) - exact).abs() < 1e-6 * exact + 1e-44, "{z}: {}", encoded[k]);
            assert_eq!(trained[k], if exact < 1.08e-19 { 0.0 } else { encoded[k] }, "{z}");
        }
    }
}
