//! Softmax regression: the probability of each class from a weighted sum of the features.
//!
//! **Why.** Features alone do not name a class. The simplest model that does gives each class a score z_k, linear in
//! the features. Scores become probabilities by taking exponentials, which are positive, and dividing by their sum.
//! Training maximizes the probability of the labels. For independent examples this is the product of all p_y; minus its
//! logarithm is the sum of all -ln p_y, which is easier to differentiate. This cost, divided by m, is also called the
//! cross-entropy. It is convex, so every local minimum is a global one.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, y, m | an example (its features), its label, the number of examples; Σ_x sums over them |
//! | Θ, b | weights (classes x features) and biases, one per class; source A (the ATIAM tutorial) has no b |
//! | k, l; j | classes; a feature |
//! | z, p | scores and probabilities, one per class |
//! | c | the largest score of the example |
//! | 1{k = y} | 1 for the label's class, 0 for the others; as one column for each example, the ground truth matrix M |
//! | λ | weight decay of Θ; in J, \|Θ\|² is the sum of the squares of its elements |
//! | δ | m·∂J/∂z for the z of one example ([back-propagation](super::layer)) |
//!
//! ```text
//! (SM.1)  z = Θ x + b                                        source A, 8.3; UFLDL, "Softmax Regression"
//! (SM.2)  p_k = e^(z_k - c) / Σ_l e^(z_l - c)                UFLDL, "Exercise: Softmax Regression", step 2
//!
//! (SM.3)  -ln p_y = c + ln Σ_l e^(z_l - c) - z_y
//! (SM.4)  J = (1/m) Σ_x (-ln p_y) + (λ/2) |Θ|²               UFLDL, "Softmax Regression", "Weight Decay"
//!
//! (SM.5)  δ_k = p_k - 1{k = y}
//! (SM.6)  ∂J/∂Θ = (1/m) Σ_x δ xᵀ + λ Θ                       the same section
//! (SM.7)  ∂J/∂b = (1/m) Σ_x δ
//! ```
//!
//! **Why the maximum is subtracted.** Any number c may be subtracted from all scores of an example: numerator and
//! denominator of e^(z_k) / Σ_l e^(z_l) are both multiplied by e^(-c), so p does not change. With c the largest score,
//! no exponent exceeds 0, so no power overflows; and one power is e^0 = 1, so the sum is at least 1 and its logarithm
//! is finite. Without the subtraction, a score of 1000 would give ∞/∞, since e^1000 exceeds the largest f64. (SM.3) is
//! (SM.2) with the logarithm taken; it never takes the logarithm of a p_y that has rounded to 0.
//!
//! **Derivation** of (SM.5). The cost of one example is -ln p_y = -z_y + ln Σ_l e^(z_l) (without c, which changes
//! nothing). So
//!
//! ```text
//! ∂z_y/∂z_k = 1{k = y},   ∂(ln Σ_l e^(z_l))/∂z_k = (1/Σ_l e^(z_l)) · e^(z_k) = p_k
//! ∂(-ln p_y)/∂z_k = -1{k = y} + p_k
//! ```
//!
//! For all examples at once, with one column each, this is the matrix of the probabilities minus the ground truth
//! matrix, UFLDL's P - M. J is the mean over the examples, so ∂J/∂z_k of one example is 1/m of this, δ_k/m. Each
//! parameter acts through the scores z_k = Σ_j Θ_kj x_j + b_k of every example:
//!
//! ```text
//! ∂J/∂Θ_kj = Σ_x ∂J/∂z_k · ∂z_k/∂Θ_kj = Σ_x (δ_k/m) x_j
//! ∂J/∂b_k = Σ_x ∂J/∂z_k · 1 = Σ_x δ_k/m
//! ```
//!
//! The first is (SM.6) once the decay has added its derivative λΘ, which the gradient printed in source A lacks; the
//! second is (SM.7).
//!
//! In a descent step, by (SM.5), a class with p_k = 0.8 that is not the label moves its weights away from x, in
//! proportion to 0.8. The label's class moves its weights toward x, in proportion to 1 - p_y. The δ_k of an example add
//! up to 0.
//!
//! **Why J is convex.** A smooth function is convex if its second derivative is nowhere negative on any straight line,
//! so that its slope along the line never falls. At a local minimum the slope is 0 in every direction. Farther along
//! the line it cannot be negative, so no point is lower: the minimum is global. On a line z + t·v of scores,
//!
//! ```text
//! d(ln Σ_l e^(z_l))/dt = Σ_l p_l v_l
//! dp_l/dt = p_l · d(ln p_l)/dt = p_l (v_l - Σ_k p_k v_k),   since ln p_l = z_l - ln Σ_k e^(z_k)
//! d²(ln Σ_l e^(z_l))/dt² = Σ_l v_l dp_l/dt = Σ_l p_l v_l² - (Σ_l p_l v_l)²
//! ```
//!
//! The last line is the variance of v under the probabilities p, so it is not negative. -z_y is linear, and z is linear
//! in Θ and b. The squares in (λ/2) |Θ|² are convex, and so is a sum of convex functions.
//!
//! **By hand.** One example, m = 1, with one feature x = 1, two classes, no b, Θ = (ln 3, 0), λ = 0.1, label y = 1 (the
//! second class, since labels count from 0):
//!
//! ```text
//! z = (ln 3, 0),  p = (3/4, 1/4)             J = ln 4 + ½·0.1·(ln 3)² = 1.4466
//! δ = (0.75, -0.75)                          ∂J/∂Θ = (0.75 + 0.1·ln 3, -0.75) = (0.8599, -0.75)
//! ```
//!
//! **Conventions.** Labels count from 0. Adding one vector to all rows of Θ, or one number to all elements of b, leaves
//! p as it is. With λ > 0 two minima cannot differ in Θ: on the line between them the second derivative of (λ/2) |Θ|²
//! is positive, so J would be lower in the middle. If they differ in b alone, the variance above is 0 on the line, so
//! all v_l are equal: b, which is optional and not decayed, is determined except for one number added to all its
//! elements. [`by_definition`] computes the equations one by one; [`Softmax::cost`] computes them at speed
//! ([`dense`](super::dense), with no hidden layer), and a test compares the two.
//!
//! Sources: source A, 8.3; UFLDL (Stanford's tutorial), "Softmax Regression" and "Exercise: Softmax Regression"
//! (softmaxCost.m).

use super::Activation;
use super::dense::{Architecture, DenseCost, Layer, Output};
use super::parameters::{Block, blocks};
use crate::machine::lanes::replace_each;
use crate::machine::{Lanes, Operation, run};
use crate::matrix::{Matrix, Product, View};
use crate::number::Real;
use crate::number::exponential::Exp;
use crate::number::logarithm::Ln;
use alloc::vec;
use alloc::vec::Vec;

/// A softmax regression: its sizes and its weight decay.
///
/// ```
/// use ossicle::matrix::Matrix;
/// use ossicle::model::Softmax;
/// use ossicle::model::softmax::most_likely;
/// use ossicle::optimize::Lbfgs;
///
/// // Six examples of two features, the columns of a matrix, and their labels.
/// let examples = Matrix::from([[0.0, 0.2, 1.0, 1.2, 2.0, 2.2], [1.0, 0.8, 0.1, 0.0, 1.1, 0.9]]);
/// let labels = [0, 0, 1, 1, 2, 2];
/// let softmax = Softmax { weight_decay: 1e-3, ..Softmax::new(2, 3) };
/// let mut theta = vec![0.0; softmax.dimension()];
/// Lbfgs::default().minimize(&mut softmax.cost(&examples, &labels), &mut theta, |_| true);
///
/// let new = Matrix::from([[0.1, 2.1], [0.9, 1.0]]);
/// let log_probabilities = softmax.log_probabilities(&theta, &new);
/// assert_eq!(most_likely(&log_probabilities), [0, 2]);
/// assert!(log_probabilities[[0, 0]] > -0.1); // a probability above 0.9
/// ```
#[doc(alias = "logistic regression")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softmax {
    /// The length of an example.
    pub features: usize,
    /// The number of classes.
    pub classes: usize,
    /// Whether there is a bias b.
    pub bias: bool,
    /// λ >= 0.
    pub weight_decay: f64,
}

impl Softmax {
    /// With a bias, and without weight decay.
    pub const fn new(features: usize, classes: usize) -> Self {
        Softmax { features, classes, bias: true, weight_decay: 0.0 }
    }

    /// Theta (classes x features) and b (classes x 1, or 0 x 1 without a bias).
    ///
    /// # Panics
    /// If they hold more values than a size can count.
    pub fn blocks(&self) -> [Block; 2] {
        let biases = if self.bias { self.classes } else { 0 };
        blocks([("Theta", self.classes, self.features), ("b", biases, 1)])
    }

    /// The number of parameters.
    ///
    /// # Panics
    /// If it is more than a size can count.
    pub fn dimension(&self) -> usize {
        self.blocks()[1].range.end
    }

    /// ln p_k for each class of each example: classes x examples.
    ///
    /// # Panics
    /// If `theta` has not [`dimension`](Self::dimension) values, or the examples not `features` rows.
    /// Also if there is no memory for them.
    pub fn log_probabilities<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let [weights, bias] = self.blocks();
        let mut z = Matrix::zeros(self.classes, examples.columns());
        scores(weights.view(theta), bias.values(theta), examples, &mut Product::new(), &mut z);
        log_softmax(z)
    }

    /// J on the columns of `examples` and their labels, to be minimized (UFLDL's `softmaxCost`).
    ///
    /// # Panics
    /// If there is no example, if they have not `features` rows, or if there is not one label below `classes` for each.
    /// Also if there is no memory for the probabilities.
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>, labels: &'x [usize]) -> DenseCost<'x, T> {
        let [weights, bias] = self.blocks();
        classifier(Vec::new(), self, [weights, bias], 0.0, examples, labels)
    }
}

/// The cost of a softmax regression, whose blocks are `top`, on hidden layers of which the first takes the examples.
pub(super) fn classifier<'x, T: Real>(
    mut layers: Vec<Layer>,
    softmax: &Softmax,
    [weights, bias]: [Block; 2],
    negligible: f64,
    examples: &'x Matrix<T>,
    labels: &'x [usize],
) -> DenseCost<'x, T> {
    let visible = layers.first().map_or(softmax.features, |first| first.weights.columns);
    assert_eq!((examples.rows(), examples.columns()), (visible, labels.len()), "values of an example, and labels");
    let Softmax { classes, weight_decay, .. } = *softmax;
    assert!(labels.iter().all(|&y| y < classes), "a label beyond the {classes} classes");
    layers.push(Layer { weights, is_tied: false, bias, activation: Activation::Linear, is_decayed: true });
    let architecture =
        Architecture { layers, output: Output::Labels, weight_decay, sparsity: None, contraction: 0.0, negligible };
    DenseCost::new(architecture, examples, labels)
}

/// z = Θ·x + b, or without b if it is empty.
pub(super) fn scores<T: Real>(
    theta: View<T>,
    bias: &[T],
    examples: &Matrix<T>,
    product: &mut Product<T>,
    z: &mut Matrix<T>,
) {
    product.store(theta, examples.view(), z.view_mut());
    for (k, &b) in bias.iter().enumerate() {
        z.row_mut(k).iter_mut().for_each(|z| *z += b); // (SM.1)
    }
}

/// J and its gradient, equation by equation.
///
/// # Panics
/// If `theta` has not [`dimension`](Softmax::dimension) values, the examples not `features` rows, or there is not one
/// label below `classes` for each.
pub fn by_definition(model: &Softmax, theta: &[f64], examples: &Matrix<f64>, labels: &[usize]) -> (f64, Vec<f64>) {
    assert_eq!((theta.len(), examples.rows()), (model.dimension(), model.features), "parameters, values of an example");
    assert_eq!(labels.len(), examples.columns(), "labels");
    // θ is Θ row by row, and then b.
    let (features, classes, m) = (model.features, model.classes, labels.len() as f64);
    let b = classes * features;
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    let mut z = vec![0.0; classes];
    for n in 0..labels.len() {
        let (x, y) = (examples.column(n), labels[n]);
        for k in 0..classes {
            let start = if model.bias { theta[b + k] } else { 0.0 };
            z[k] = (0..features).fold(start, |sum, j| sum + theta[k * features + j] * x[j]); // (SM.1)
        }
        let (log_p, p) = log_probabilities_by_definition(&z);
        cost -= log_p[y] / m; // (SM.4)
        for k in 0..classes {
            let delta = p[k] - if k == y { 1.0 } else { 0.0 }; // (SM.5)
            (0..features).for_each(|j| gradient[k * features + j] += delta * x[j] / m); // (SM.6)
            if model.bias {
                gradient[b + k] += delta / m; // (SM.7)
            }
        }
    }
    for i in 0..b {
        cost += 0.5 * model.weight_decay * theta[i] * theta[i]; // (SM.4)
        gradient[i] += model.weight_decay * theta[i]; // (SM.6)
    }
    (cost, gradient)
}

/// ln p and p of one example's scores z.
pub fn log_probabilities_by_definition(z: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let c = z.iter().fold(-f64::INFINITY, |c, &z_k| if z_k > c { z_k } else { c });
    let sum = z.iter().fold(0.0, |sum, z_l| sum + Real::exp(z_l - c));
    let p = z.iter().map(|z_k| Real::exp(z_k - c) / sum).collect(); // (SM.2)
    let log_p = z.iter().map(|z_k| z_k - (c + Real::ln(sum))).collect(); // (SM.3)
    (log_p, p)
}

/// ln p of scores z, column by column: classes x examples.
pub fn log_softmax<T: Real>(mut z: Matrix<T>) -> Matrix<T> {
    if z.columns() == 0 {
        return z;
    }
    let mut logarithms = vec![T::ZERO; z.columns()];
    let mut p = z.clone();
    run(Columns { z: &mut p, maxima: &mut vec![T::ZERO; z.columns()], logarithms: &mut logarithms });
    for k in 0..z.rows() {
        for (z, log_sum) in z.row_mut(k).iter_mut().zip(&logarithms) {
            *z -= *log_sum; // (SM.3)
        }
    }
    z
}

/// The index of the largest element of each column; the first of equal ones, 0 for a column of NaN.
pub fn most_likely<T: Real>(scores: &Matrix<T>) -> Vec<usize> {
    let mut best = vec![(-T::INFINITY, 0); scores.columns()];
    for k in 0..if best.is_empty() { 0 } else { scores.rows() } {
        for (best, &score) in best.iter_mut().zip(scores.row(k)) {
            if score > best.0 {
                *best = (score, k);
            }
        }
    }
    best.into_iter().map(|(_, k)| k).collect()
}

/// Converts each column of scores z to probabilities, and writes its c + ln Σ e^(z - c) and its largest score c.
struct Columns<'a, T> {
    z: &'a mut Matrix<T>,
    /// c of each column.
    maxima: &'a mut [T],
    logarithms: &'a mut [T],
}

impl<T: Real> Operation<T> for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let Columns { z, maxima, logarithms } = self;
        let classes = z.rows();
        maxima.fill(-T::INFINITY);
        for k in 0..classes {
            for (c, &z) in maxima.iter_mut().zip(z.row(k)) {
                *c = if z > *c { z } else { *c };
            }
        }
        logarithms.fill(T::ZERO);
        for k in 0..classes {
            let row = z.row_mut(k);
            for (z, &c) in row.iter_mut().zip(maxima.iter()) {
                *z -= c;
            }
            replace_each(lanes, row, Exp);
            for (sum, &e) in logarithms.iter_mut().zip(row.iter()) {
                *sum += e;
            }
        }
        for k in 0..classes {
            for (p, &sum) in z.row_mut(k).iter_mut().zip(logarithms.iter()) {
                *p /= sum; // (SM.2)
            }
        }
        replace_each(lanes, logarithms, Ln);
        for (logarithm, &c) in logarithms.iter_mut().zip(maxima.iter()) {
            *logarithm += c;
        }
    }
}

/// Negative log-likelihood of scores; owns its scratch buffers.
#[derive(Clone, Debug, Default)]
pub(super) struct NegativeLogLikelihood<T> {
    /// -ln p_y of each example.
    pub costs: Vec<T>,
    maxima: Vec<T>,
    scores: Vec<T>,
}

impl<T: Real> NegativeLogLikelihood<T> {
    /// Writes -ln p_y of each example; its scores z (classes x examples) become δ.
    pub(super) fn of(&mut self, z: &mut Matrix<T>, labels: &[usize]) {
        for buffer in [&mut self.maxima, &mut self.scores, &mut self.costs] {
            buffer.resize(labels.len(), T::ZERO);
        }
        // z_y is read before it becomes a probability.
        for (x, (&y, z_y)) in labels.iter().zip(&mut self.scores).enumerate() {
            *z_y = z.row(y)[x];
        }
        run(Columns { z, maxima: &mut self.maxima, logarithms: &mut self.costs });
        for (x, &y) in labels.iter().enumerate() {
            self.costs[x] -= self.scores[x]; // (SM.3)
            z.row_mut(y)[x] -= T::ONE; // (SM.5)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use crate::optimize::Objective;

    #[test]
    fn a_cost_by_hand() {
        let model = Softmax { features: 1, classes: 2, bias: false, weight_decay: 0.1 };
        let ln3 = 1.0986122886681098;
        let x = Matrix::from_rows(1, 1, vec![1.0]);
        let mut gradient = vec![f64::NAN; 2];
        let cost = model.cost(&x, &[1]).cost_and_gradient(&[ln3, 0.0], &mut gradient);
        for (cost, gradient) in [(cost, gradient), by_definition(&model, &[ln3, 0.0], &x, &[1])] {
            assert!((cost - (1.3862943611198906 + 0.05 * ln3 * ln3)).abs() < 1e-15, "{cost}");
            assert!((gradient[0] - (0.75 + 0.1 * ln3)).abs() < 1e-15 && (gradient[1] + 0.75).abs() < 1e-15);
        }
    }

    #[test]
    fn the_cost_equals_the_definition() {
        let mut random = Random::new(9);
        for (m, bias) in [(7, true), (900, false)] {
            let model = Softmax { features: 5, classes: 4, bias, weight_decay: 0.01 };
            let x: Matrix<f64> = Matrix::from_function(5, m, |_, _| random.uniform(-1.0, 1.0));
            let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
            let labels: Vec<usize> = (0..m).map(|n| (3 * n + 1) % 4).collect();
            let (expected, slopes) = by_definition(&model, &theta, &x, &labels);
            let mut gradient = vec![f64::NAN; theta.len()];
            let cost = model.cost(&x, &labels).cost_and_gradient(&theta, &mut gradient);
            assert!((cost - expected).abs() < 1e-14 * expected, "{cost} {expected}");
            assert!(gradient.iter().zip(&slopes).all(|(g, e)| (g - e).abs() < 1e-14), "{gradient:?} {slopes:?}");
        }
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let model = Softmax { features: 1, classes: 3, bias: false, weight_decay: 0.0 };
        let x = Matrix::from_rows(1, 2, vec![1.0f32, -1.0]);
        let log_p = model.log_probabilities(&[1e4, 0.0, -1e4], &x);
        assert_eq!(log_p.elements(), [0.0, -2e4, -1e4, -1e4, -2e4, 0.0]);
        assert_eq!(most_likely(&log_p), [0, 2]);
        assert_eq!(log_probabilities_by_definition(&[1e4, 0.0, -1e4]).0, [0.0, -1e4, -2e4]);
    }

    #[test]
    #[should_panic(expected = "a label beyond the 2 classes")]
    fn a_label_out_of_range_panics() {
        let model = Softmax { features: 1, classes: 2, bias: false, weight_decay: 0.0 };
        model.cost(&Matrix::<f64>::zeros(1, 1), &[2]);
    }
}
