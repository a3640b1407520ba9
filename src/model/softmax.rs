//! Softmax regression: the probability of each class from a weighted sum of the features.
//!
//! z = Θ·x + b,  p_k = e^(z_k) / Σ_l e^(z_l),
//!
//! J = -(1/m)·Σ_x ln p_y  +  (λ/2)·|Θ|²,  ∂Θ = (1/m)·(P - M)·Xᵀ + λ·Θ,  ∂b = (1/m)·Σ_x (P - M),
//!
//! where M is the ground truth matrix: 1 at (y, x) for the class y of example x, else 0. The bias b, which the tutorial
//! leaves out, is optional and not decayed. Each column's own maximum is subtracted before exponentiating, so that
//! nothing overflows. Source: source A, 8.3 (whose printed gradient lacks the term λ·Θ).

use super::parameters::{Block, blocks};
use crate::machine::lanes::replace_each;
use crate::machine::{Lanes, Operation, run};
use crate::matrix::{Matrix, Product};
use crate::number::Real;
use crate::number::exponential::Exp;
use crate::number::logarithm::Ln;
use crate::number::sum::{sum, sum_of_squares};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Batched, Objective};
use alloc::vec;
use alloc::vec::Vec;

/// The shape of a softmax regression and its weight decay.
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
    /// Theta (classes x features) and b (classes x 1, or 0 x 1 without a bias).
    ///
    /// # Panics
    /// If they hold more numbers than a size can count.
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
    /// If `theta` has not [`dimension`](Self::dimension) numbers, or the examples not `features` rows.
    /// Also if there is no memory for them.
    pub fn log_probabilities<T: Real>(&self, theta: &[T], examples: &Matrix<T>) -> Matrix<T> {
        assert_eq!(theta.len(), self.dimension(), "parameters");
        let mut z = Matrix::zeros(self.classes, examples.columns());
        self.scores(theta, examples, &mut Product::new(), &mut z);
        log_softmax(z)
    }

    /// z = Θ·x + b.
    fn scores<T: Real>(&self, theta: &[T], examples: &Matrix<T>, product: &mut Product<T>, z: &mut Matrix<T>) {
        let [weights, bias] = self.blocks();
        product.store(weights.view(theta), examples.view(), z.view_mut());
        for (k, &b) in bias.values(theta).iter().enumerate() {
            z.row_mut(k).iter_mut().for_each(|z| *z += b);
        }
    }
}

/// ln p of scores z, column by column.
pub(super) fn log_softmax<T: Real>(mut z: Matrix<T>) -> Matrix<T> {
    if z.columns() == 0 {
        return z;
    }
    let mut logarithms = vec![T::ZERO; z.columns()];
    let mut p = z.clone();
    run(Columns { z: &mut p, maxima: &mut vec![T::ZERO; z.columns()], logarithms: &mut logarithms });
    for k in 0..z.rows() {
        for (z, log_sum) in z.row_mut(k).iter_mut().zip(&logarithms) {
            *z -= *log_sum;
        }
    }
    z
}

/// The index of the largest number of each column; the first of equal ones, 0 for a column of NaN.
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

/// Turns each column of scores z into probabilities; writes M + ln Σ e^(z - M), M the column's maximum, beside.
struct Columns<'a, T> {
    z: &'a mut Matrix<T>,
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
            for (most, &z) in maxima.iter_mut().zip(z.row(k)) {
                *most = if z > *most { z } else { *most };
            }
        }
        logarithms.fill(T::ZERO);
        for k in 0..classes {
            let row = z.row_mut(k);
            for (z, &most) in row.iter_mut().zip(maxima.iter()) {
                *z -= most;
            }
            replace_each(lanes, row, Exp);
            for (sum, &e) in logarithms.iter_mut().zip(row.iter()) {
                *sum += e;
            }
        }
        for k in 0..classes {
            for (p, &sum) in z.row_mut(k).iter_mut().zip(logarithms.iter()) {
                *p /= sum;
            }
        }
        replace_each(lanes, logarithms, Ln);
        for (logarithm, &most) in logarithms.iter_mut().zip(maxima.iter()) {
            *logarithm += most;
        }
    }
}

/// What scores cost: keeps the memory that this takes.
#[derive(Clone, Debug, Default)]
pub(super) struct NegativeLogLikelihood<T> {
    /// -ln p_y of each example.
    pub costs: Vec<T>,
    maxima: Vec<T>,
    scores: Vec<T>,
}

impl<T: Real> NegativeLogLikelihood<T> {
    /// Writes -ln p_y of each example; its scores z (classes x examples) become P - M.
    pub(super) fn of(&mut self, z: &mut Matrix<T>, classes: &[usize]) {
        for numbers in [&mut self.maxima, &mut self.scores, &mut self.costs] {
            numbers.resize(classes.len(), T::ZERO);
        }
        // z_y is read before it becomes a probability: -ln p_y = (M + ln Σ e^(z - M)) - z_y.
        for (x, (&y, z_y)) in classes.iter().zip(&mut self.scores).enumerate() {
            *z_y = z.row(y)[x];
        }
        run(Columns { z, maxima: &mut self.maxima, logarithms: &mut self.costs });
        for (x, &y) in classes.iter().enumerate() {
            self.costs[x] -= self.scores[x];
            z.row_mut(y)[x] -= T::ONE;
        }
    }
}

/// The cost of a softmax regression on given examples and their classes.
#[derive(Debug)]
pub struct SoftmaxCost<'x, T> {
    examples: &'x Matrix<T>,
    classes: &'x [usize],
    chosen: (Matrix<T>, Vec<usize>),
    top: Top<T>,
}

impl<'x, T: Real> SoftmaxCost<'x, T> {
    /// The cost on the columns of `examples`, whose classes are counted from 0.
    ///
    /// # Panics
    /// If there is no example, if they have not `features` rows, or if there is not one class in range for each.
    /// Also if there is no memory for the probabilities.
    pub fn new(settings: Softmax, examples: &'x Matrix<T>, classes: &'x [usize]) -> Self {
        assert_eq!(
            (examples.rows(), examples.columns()),
            (settings.features, classes.len()),
            "numbers of an example, and classes"
        );
        let chosen = (Matrix::empty(), Vec::new());
        SoftmaxCost { examples, classes, chosen, top: Top::new(settings, classes) }
    }
}

/// The cost and gradient of examples and classes that may change: the top layer of a network too.
#[derive(Debug)]
pub(super) struct Top<T> {
    model: Softmax,
    product: Product<T>,
    p: Matrix<T>,
    likelihood: NegativeLogLikelihood<T>,
}

impl<T: Real> Top<T> {
    /// Room for so many classes, which are checked.
    pub(super) fn new(settings: Softmax, classes: &[usize]) -> Self {
        let m = classes.len();
        assert!(m > 0, "a softmax regression needs an example");
        assert!(classes.iter().all(|&y| y < settings.classes), "a class beyond the {}", settings.classes);
        Top {
            model: settings,
            product: Product::new(),
            p: Matrix::zeros(settings.classes, m),
            likelihood: NegativeLogLikelihood::default(),
        }
    }

    /// J of these examples and classes; writes ∂Θ and ∂b over `gradient`.
    pub(super) fn cost_and_gradient(
        &mut self,
        (examples, classes): (&Matrix<T>, &[usize]),
        theta: &[T],
        gradient: &mut [T],
    ) -> T {
        let settings = self.model;
        check_lengths(settings.dimension(), theta, gradient);
        let [weights, bias] = settings.blocks();
        self.p.reshape(settings.classes, classes.len());
        let m = T::from_usize(classes.len());

        settings.scores(theta, examples, &mut self.product, &mut self.p);
        self.likelihood.of(&mut self.p, classes);

        self.product.store(self.p.view(), examples.view().transposed(), weights.view_mut(gradient));
        let lambda = T::from_f64(settings.weight_decay);
        for i in weights.range.clone() {
            gradient[i] = gradient[i] / m + lambda * theta[i];
        }
        for (k, d_b) in bias.values_mut(gradient).iter_mut().enumerate() {
            *d_b = sum(self.p.row(k)) / m;
        }
        let decay = match settings.weight_decay {
            0.0 => T::ZERO,
            _ => T::HALF * lambda * sum_of_squares(weights.values(theta)),
        };
        sum(&self.likelihood.costs) / m + decay
    }

    /// P - M of the last cost: the derivative of each example's cost by its scores z.
    pub(super) fn delta(&self) -> &Matrix<T> {
        &self.p
    }
}

impl<T: Real> Objective<T> for SoftmaxCost<'_, T> {
    fn dimension(&self) -> usize {
        self.top.model.dimension()
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        self.top.cost_and_gradient((self.examples, self.classes), theta, gradient)
    }
}

impl<T: Real> Batched<T> for SoftmaxCost<'_, T> {
    fn examples(&self) -> usize {
        self.classes.len()
    }

    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T {
        assert!(!columns.is_empty(), "a batch of no examples");
        let (mut examples, mut classes) = core::mem::replace(&mut self.chosen, (Matrix::empty(), Vec::new()));
        examples.gather_columns(self.examples, columns);
        classes.clear();
        classes.extend(columns.iter().map(|&j| self.classes[j]));
        let cost = self.top.cost_and_gradient((&examples, &classes), theta, gradient);
        self.chosen = (examples, classes);
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    #[test]
    fn a_cost_by_hand() {
        // z = (ln 3, 0): p = (¾, ¼). J = -ln ¼ + ½·0.1·(ln 3)².
        let settings = Softmax { features: 1, classes: 2, bias: false, weight_decay: 0.1 };
        let ln3 = 1.0986122886681098;
        let x = Matrix::from_rows(1, 1, vec![1.0]);
        let mut gradient = [f64::NAN; 2];
        let cost = SoftmaxCost::new(settings, &x, &[1]).cost_and_gradient(&[ln3, 0.0], &mut gradient);
        assert!((cost - (1.3862943611198906 + 0.05 * ln3 * ln3)).abs() < 1e-15, "{cost}");
        assert!((gradient[0] - (0.75 + 0.1 * ln3)).abs() < 1e-15 && (gradient[1] + 0.75).abs() < 1e-15);
    }

    #[test]
    fn the_cost_equals_the_sums_as_written() {
        let settings = Softmax { features: 5, classes: 4, bias: true, weight_decay: 0.01 };
        let mut random = Random::new(9);
        let x: Matrix<f64> = Matrix::from_function(5, 7, |_, _| random.uniform(-1.0, 1.0));
        let theta: Vec<f64> = (0..24).map(|_| random.uniform(-1.0, 1.0)).collect();
        let classes = [0, 1, 2, 3, 2, 1, 1];
        let mut expected = 0.0;
        for i in 0..7 {
            let z = |k: usize| (0..5).fold(theta[20 + k], |z, l| z + theta[k * 5 + l] * x.row(l)[i]);
            let sum = (0..4).fold(0.0, |sum, l| sum + z(l).exp());
            for k in 0..4 {
                let indicator = if classes[i] == k { 1.0 } else { 0.0 };
                expected -= indicator * (z(k).exp() / sum).ln() / 7.0;
            }
        }
        for w in &theta[..20] {
            expected += 0.5 * 0.01 * w * w;
        }
        let cost = SoftmaxCost::new(settings, &x, &classes).cost_and_gradient(&theta, &mut [0.0; 24]);
        assert!((cost - expected).abs() < 1e-14 * expected, "{cost} {expected}");
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let settings = Softmax { features: 1, classes: 3, bias: false, weight_decay: 0.0 };
        let x = Matrix::from_rows(1, 2, vec![1.0f32, -1.0]);
        let log_p = settings.log_probabilities(&[1e4, 0.0, -1e4], &x);
        assert_eq!(log_p.elements(), [0.0, -2e4, -1e4, -1e4, -2e4, 0.0]);
        assert_eq!(most_likely(&log_p), [0, 2]);
    }

    #[test]
    #[should_panic(expected = "a class beyond the 2")]
    fn a_class_out_of_range_panics() {
        let settings = Softmax { features: 1, classes: 2, bias: false, weight_decay: 0.0 };
        SoftmaxCost::new(settings, &Matrix::<f64>::zeros(1, 1), &[2]);
    }
}
