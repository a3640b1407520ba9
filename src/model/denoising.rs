//! The denoising autoencoder: a network that reconstructs an example from a corrupted copy of it.
//!
//! **Why.** An autoencoder with enough hidden units can copy its input, and a copy shows nothing about how the elements
//! of an example depend on one another. The sparsity penalty of the [sparse autoencoder](super::autoencoder) is one
//! remedy. This chapter has another, which limits no unit and adds no term to the cost: it makes copying expensive.
//!
//! **Idea.** Change each example at random: erase some of its elements, or add noise to all. Train the output to be the
//! original example. An erased element can only be inferred from those that are left. So if the elements depend on one
//! another, hidden units that represent this dependence leave a smaller error than a copy. Normally the corruption is
//! drawn anew in every evaluation of the cost, so the network rarely sees the same copy twice and cannot memorize
//! copies.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x, x̃ | an example (n_v values), and its corrupted copy; x̃_i, x_i are their elements |
//! | q | the probability that an element is destroyed |
//! | u_i | a uniform draw from 0 to 1, one for each element |
//! | ν, n | the standard deviation of Gaussian noise; draws from N(0, 1), one for each element |
//! | low, high | the ends of the range of the elements, such as 0 and 1 for pixels |
//! | W1, b1, z2, a2, W2, b2, z3, y, f, g | as in the [autoencoder](super::autoencoder) |
//! | E, J, δ2, δ3, λ, β, m | the same; all terms of J remain |
//!
//! ```text
//! (DN.1)  masking noise:    x̃_i = 0 if u_i < q, else x_i                     source D, "Denoising Autoencoders"
//! (DN.2)  Gaussian noise:   x̃_i = x_i + ν n_i                                Vincent et al. 2010, section 3.3
//!
//! (DN.3)  salt and pepper:  x̃_i = low if u_i < q/2, high if q/2 <= u_i < q, else x_i         the same section
//!
//! (DN.4)  J is AE.7, but AE.1 reads x̃ instead of x; in the error E(x), y is still compared with the clean x
//! (DN.5)  ∂J/∂W1 = (1/m) Σ_x δ2 x̃ᵀ + λ W1; the other derivatives as in AE.12 and AE.13
//! ```
//!
//! **Derivation.** Once drawn, x̃ is a constant. The network is the autoencoder, but it reads x̃ instead of x. So the
//! chain rule is unchanged and contains x̃ in one place: ∂z2_j/∂W1_ji = x̃_i. That is (DN.5). The target enters through
//! δ3, which compares y with the clean x; for squared errors, δ3 = (y - x) ∘ f'(z3). With a sparsity penalty, ρ̂ is the
//! mean activation on corrupted inputs. One call computes (DN.4) and (DN.5): the definition of the autoencoder, with x̃
//! as its input and x as its target.
//!
//! **What copying costs.** Let an example hold a value c ≠ 0 twice, x = (c, c), and let masking destroy each copy with
//! probability q, 0 < q < 1. An output y_1 = α_1 x̃_1 + α_2 x̃_2 has this mean squared error over the masks:
//!
//! ```text
//! mean of (y_1 - c)²/c² = (1-q)² (α_1+α_2-1)²                    neither is masked
//!                       + q (1-q) ((α_1-1)² + (α_2-1)²) + q²     one of them, or both
//!
//! both derivatives are 0, and so is their difference:  2 q (1-q) (α_1 - α_2) = 0,  so α_1 = α_2 = α
//! then 2 (1-q) ( (1-q) (2α-1) + q (α-1) ) = 0,  so α = 1/(2-q)
//!
//! 2α - 1 = q/(2-q),  α - 1 = -(1-q)/(2-q),  so the mean is q (1-q)²/(2-q) + q² = q/(2-q)
//! ```
//!
//! The copy, α_1 = 1 and α_2 = 0, has the mean q, which is more than q/(2-q), since 2 - q > 1: for q = ½, ½ instead of
//! ⅓. So for every q the best output relies on both inputs alike. That needs two conditions. The target must be clean:
//! with x̃_1 in place of c, the copy has no error. And the values must depend on each other: if they were independent,
//! with mean 0, the second would not help with the first, and the copy would be best.
//!
//! **Small noise is a penalty.** Let E be the squared error, the noise Gaussian with a small ν, y(u) the output for the
//! input u, and A = ∂y/∂x. By Taylor's formula, y(x + ν n) is y(x) + ν A n + ν² r and terms with higher powers of ν,
//! where r contains the second derivatives of y. So up to the order ν²,
//!
//! ```text
//! |y(x + ν n) - x|² ≈ |y(x) - x|² + 2 ν (y(x) - x)·(A n) + ν² |A n|² + 2 ν² (y(x) - x)·r
//! ```
//!
//! The mean of n is 0, so the second term is 0 on average. The elements of n are independent with variance 1, so the
//! mean of |A n|² is the sum of the squares of A's elements, |A|². The last term contains the factor y - x, so it is
//! small where the reconstruction is good, and is left out. With the ½ of E, the noise adds the penalty ½ν² |∂y/∂x|²:
//! it favors outputs that change little with the input. The [contractive autoencoder](super::contractive) favors hidden
//! units that do.
//!
//! **By hand.** One example, a sigmoid unit, a linear decoder, λ = β = 0, x = (0.6, 0.2) with the second element
//! masked, W1 = (0, 1), b1 = 0, W2 = (1, 2)ᵀ, b2 = (0, 0):
//!
//! ```text
//! x̃ = (0.6, 0),  z2 = 0·0.6 + 1·0 = 0,  a2 = ½,  y = (½, 1)
//! E = ½·(0.1² + 0.8²) = 0.325                                compared with the clean 0.2
//!
//! δ3 = (-0.1, 0.8),  δ2 = (1·(-0.1) + 2·0.8)·¼ = 0.375
//! ∂J/∂W1 = 0.375·(0.6, 0) = (0.225, 0)                       a masked element adds nothing to its column
//! ∂J/∂W2 = (-0.05, 0.4)ᵀ,  ∂J/∂b1 = 0.375,  ∂J/∂b2 = (-0.1, 0.8)
//! ```
//!
//! **Conventions.** Masking leaves the other elements as they are. (Dropout, which erases hidden units at random,
//! divides the rest by 1 - q to keep the mean of a unit's input.) Here the network infers the missing elements from the
//! others, so those must keep their true values.
//!
//! An evaluation is one computation of J and its gradient, on all examples or on a batch. The draws depend on the seed,
//! on the number of the evaluation, and on the example's number, that of its column in the whole set. So they are the
//! same for any number of threads and any order of the examples in batches. After each evaluation its number increases
//! by 1, unless the model is frozen: then every evaluation has the corruption of evaluation 0. L-BFGS needs a frozen
//! model, because it compares J at different points and subtracts gradients, which is meaningful for one function
//! alone; so does the gradient check. But a frozen model learns from one fixed set of corrupted examples, which a long
//! training may memorize.
//!
//! Training reports the cost of corrupted inputs; [`Autoencoder::cost`] at the same θ is that of clean ones. Features
//! are computed from clean inputs.
//!
//! Sources: source D (L. Huang's slides), "Denoising Autoencoders"; P. Vincent, H. Larochelle, I. Lajoie, Y. Bengio and
//! P.-A. Manzagol, "Stacked denoising autoencoders", 2010; C. Bishop, "Training with noise is equivalent to Tikhonov
//! regularization", 1995.

use super::Autoencoder;
use super::autoencoder::reconstruction_by_definition;
use super::dense::DenseCost;
use crate::machine::threads;
use crate::matrix::Matrix;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// Examples that are corrupted together, each with a stream of random numbers of its own.
const STREAMS: usize = 32;

/// A way to destroy a part of an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Corruption {
    /// Elements become 0.
    Masking {
        /// q, from 0 to 1.
        rate: f64,
    },
    /// A draw from a normal distribution of mean 0 is added to each element.
    Gaussian {
        /// ν >= 0.
        deviation: f64,
    },
    /// Elements become the lowest or the highest value of their range, each as likely.
    SaltAndPepper {
        /// q, from 0 to 1.
        rate: f64,
        /// The lowest value.
        low: f64,
        /// The highest value.
        high: f64,
    },
}

impl Corruption {
    /// x̃_i from x_i, with the next draws of the example's stream.
    fn element<T: Real>(self, random: &mut Random, x: T) -> T {
        match self {
            Corruption::Masking { rate } if random.uniform01() < rate => T::ZERO, // (DN.1)
            Corruption::Masking { .. } => x,                                      // (DN.1)
            Corruption::Gaussian { deviation } => x + T::from_f64(deviation) * random.normal::<T>(), // (DN.2)
            Corruption::SaltAndPepper { rate, low, high } => match random.uniform01() {
                u if u < 0.5 * rate => T::from_f64(low), // (DN.3)
                u if u < rate => T::from_f64(high),      // (DN.3)
                _ => x,                                  // (DN.3)
            },
        }
    }

    /// # Panics
    /// If a rate is not from 0 to 1, or a deviation is negative or NaN.
    fn check(self) {
        match self {
            Corruption::Masking { rate } | Corruption::SaltAndPepper { rate, .. } => {
                assert!((0.0..=1.0).contains(&rate), "a corruption rate of {rate}");
            }
            Corruption::Gaussian { deviation } => assert!(deviation >= 0.0, "a deviation of {deviation}"),
        }
    }
}

/// A denoising autoencoder: an autoencoder and the corruption of what it reads in training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Denoising {
    /// The autoencoder, which encodes and decodes.
    pub autoencoder: Autoencoder,
    /// The corruption.
    pub corruption: Corruption,
    /// The seed of the corruption.
    pub seed: u64,
    /// Whether every evaluation sees the same corruption, as L-BFGS and the gradient check need it.
    pub is_frozen: bool,
}

impl Denoising {
    /// Corruption drawn anew in every evaluation, from seed 0.
    pub const fn new(autoencoder: Autoencoder, corruption: Corruption) -> Self {
        Denoising { autoencoder, corruption, seed: 0, is_frozen: false }
    }

    /// x̃ of each example (a column), as in an evaluation with this number, counted from 0.
    ///
    /// # Panics
    /// If the corruption's rate is not from 0 to 1, its deviation is negative, or there is no memory for the copy.
    pub fn corrupt<T: Real>(&self, evaluation: u64, examples: &Matrix<T>) -> Matrix<T> {
        let mut corrupted = Corrupted { evaluation, ..Corrupted::new(*self) };
        corrupted.draw(examples, |j| j);
        corrupted.inputs
    }

    /// J on the columns of `examples`, to be minimized.
    ///
    /// # Panics
    /// As [`Autoencoder::cost`] and [`corrupt`](Self::corrupt).
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>) -> DenseCost<'x, T> {
        self.autoencoder.cost(examples).with_corruption(Corrupted::new(*self))
    }
}

/// J and its gradient in the evaluation of this number, counted from 0, equation by equation.
///
/// # Panics
/// As [`autoencoder::by_definition`](super::autoencoder::by_definition).
pub fn by_definition(model: &Denoising, evaluation: u64, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
    let mut corrupted = Matrix::zeros(examples.rows(), examples.columns());
    for n in 0..examples.columns() {
        let mut random = stream(model.seed, evaluation, n);
        for i in 0..examples.rows() {
            corrupted.row_mut(i)[n] = model.corruption.element(&mut random, examples.row(i)[n]);
        }
    }
    // W1 reads the corrupted examples; y is compared with the clean ones.
    reconstruction_by_definition(&model.autoencoder, theta, &corrupted, examples) // (DN.4), (DN.5)
}

/// The random numbers that corrupt an example.
fn stream(seed: u64, evaluation: u64, example: usize) -> Random {
    Random::stream(seed, &[evaluation, example as u64])
}

/// The corrupted examples that the first layer reads.
#[derive(Debug)]
pub(super) struct Corrupted<T> {
    model: Denoising,
    /// The number of the next evaluation.
    evaluation: u64,
    inputs: Matrix<T>,
}

impl<T: Real> Corrupted<T> {
    fn new(model: Denoising) -> Self {
        model.corruption.check();
        Corrupted { model, evaluation: 0, inputs: Matrix::empty() }
    }

    /// x̃ of each example (a column) for the next evaluation; `index` gives the number of the example in a column.
    pub fn draw(&mut self, examples: &Matrix<T>, index: impl Fn(usize) -> usize + Sync) -> &Matrix<T> {
        let (Denoising { corruption, seed, is_frozen, .. }, evaluation) = (self.model, self.evaluation);
        let (rows, columns) = (examples.rows(), examples.columns());
        self.inputs.reshape(rows, columns);
        let mut rest = Some(self.inputs.view_mut());
        let pieces = (0..columns).step_by(STREAMS).map_while(|from| {
            let (piece, others) = rest.take()?.split_columns(STREAMS.min(columns - from));
            rest = Some(others);
            Some((from, piece))
        });
        let workers = threads::count().min(columns.div_ceil(STREAMS)).max(1);
        // Row by row, so that memory is read in order; each example advances a stream of its own.
        threads::for_each(&mut vec![(); workers], pieces, |(), (from, mut piece)| {
            let last = columns - 1;
            let mut streams: [Random; STREAMS] =
                core::array::from_fn(|j| stream(seed, evaluation, index(last.min(from + j))));
            for i in 0..rows {
                let x = &examples.row(i)[from..];
                for ((to, &x), random) in piece.row(i).iter_mut().zip(x).zip(&mut streams) {
                    *to = corruption.element(random, x);
                }
            }
        });
        self.evaluation += u64::from(!is_frozen);
        &self.inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::blocked::NC;
    use crate::model::Activation;
    use crate::number::sum::sum;
    use crate::optimize::{Batched, Lbfgs, Objective};

    const KINDS: [Corruption; 3] = [
        Corruption::Masking { rate: 0.3 },
        Corruption::Gaussian { deviation: 0.2 },
        Corruption::SaltAndPepper { rate: 0.4, low: -1.0, high: 2.0 },
    ];

    fn draw(rows: usize, columns: usize) -> Matrix<f64> {
        let mut random = Random::new(3);
        Matrix::from_function(rows, columns, |_, _| random.uniform(0.1, 0.9))
    }

    #[test]
    fn a_cost_by_hand() {
        let model = Autoencoder { decoder: Activation::Linear, ..Autoencoder::new(2, 1) };
        let (clean, masked) = (Matrix::from_rows(2, 1, vec![0.6, 0.2]), Matrix::from_rows(2, 1, vec![0.6, 0.0]));
        let theta = [0.0, 1.0, 1.0, 2.0, 0.0, 0.0, 0.0];
        let (cost, gradient) = reconstruction_by_definition(&model, &theta, &masked, &clean);
        assert!((cost - 0.325).abs() < 1e-15, "{cost}");
        for (g, expected) in gradient.iter().zip([0.225, 0.0, -0.05, 0.4, 0.375, -0.1, 0.8]) {
            assert!((g - expected).abs() < 1e-15, "{gradient:?}");
        }
    }

    #[test]
    fn every_corruption_equals_the_definition_in_each_evaluation_and_in_batches() {
        for (corruption, is_frozen) in KINDS.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
            let autoencoder = Autoencoder { weight_decay: 3e-3, sparsity_weight: 3.0, ..Autoencoder::new(5, 3) };
            let model = Denoising { seed: 7, is_frozen, ..Denoising::new(autoencoder, corruption) };
            let (x, mut random) = (draw(5, 2 * NC + 30), Random::new(4));
            let theta: Vec<f64> = (0..autoencoder.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
            let (mut cost, mut gradient) = (model.cost(&x), vec![f64::NAN; theta.len()]);
            for evaluation in 0..3 {
                let (expected, slopes) = by_definition(&model, u64::from(!is_frozen) * evaluation, &theta, &x);
                // The last evaluation as a batch of all examples in another order.
                let order: Vec<usize> = (0..x.columns()).rev().collect();
                let found = match evaluation {
                    2 => cost.cost_and_gradient_on(&order, &theta, &mut gradient),
                    _ => cost.cost_and_gradient(&theta, &mut gradient),
                };
                assert!((found - expected).abs() < 1e-13 * expected, "{found} {expected}");
                for (g, e) in gradient.iter().zip(&slopes) {
                    assert!((g - e).abs() < 1e-13 * (1.0 + e.abs()), "{gradient:?} {slopes:?}");
                }
            }
        }
    }

    #[test]
    fn a_batch_has_the_corruption_of_its_examples() {
        let model = Denoising::new(Autoencoder::new(4, 2), KINDS[0]);
        let x = draw(4, 100);
        let all = model.corrupt(5, &x);
        let mut batch = Corrupted { evaluation: 5, ..Corrupted::new(model) };
        let chosen = [99, 3, 3, 40];
        assert_eq!(*batch.draw(&x.select_columns(&chosen), |j| chosen[j]), all.select_columns(&chosen));
        assert_ne!(model.corrupt(6, &x), all);
    }

    #[test]
    fn the_fraction_destroyed_is_the_rate_and_the_rest_is_kept_as_it_is() {
        let x = draw(50, 2000);
        let corrupted = KINDS.map(|kind| Denoising::new(Autoencoder::new(50, 1), kind).corrupt(0, &x));
        let fraction = |k: usize, is: &dyn Fn(f64, f64) -> bool| {
            let pairs = corrupted[k].elements().iter().zip(x.elements());
            pairs.filter(|&(&corrupted, &x)| is(corrupted, x)).count() as f64 / 1e5
        };
        // Standard deviations of the counts are at most 0.0016 of all elements.
        for (found, expected) in [
            (fraction(0, &|corrupted, _| corrupted == 0.0), 0.3),
            (fraction(2, &|corrupted, _| corrupted == -1.0), 0.2),
            (fraction(2, &|corrupted, _| corrupted == 2.0), 0.2),
        ] {
            assert!((found - expected).abs() < 0.007, "{found} {expected}");
        }
        assert_eq!(fraction(0, &|corrupted, x| corrupted == 0.0 || corrupted == x), 1.0);
        assert_eq!(fraction(2, &|corrupted, x| [-1.0, 2.0, x].contains(&corrupted)), 1.0);
        let noise: Vec<f64> = corrupted[1].elements().iter().zip(x.elements()).map(|(a, b)| a - b).collect();
        let squares: Vec<f64> = noise.iter().map(|n| n * n).collect();
        assert!((sum(&noise) / 1e5).abs() < 0.004 && (sum(&squares) / 1e5 - 0.04).abs() < 0.001);
    }

    #[test]
    fn a_missing_value_is_inferred_from_its_copy() {
        // x = (c, c), a linear network: the derivation's α, but for a sampling error of about 1/√m.
        let x = Matrix::from_function(2, 20_000, |_, n| if n % 2 == 0 { 1.0 } else { -1.0 });
        let (encoder, decoder) = (Activation::Linear, Activation::Linear);
        let autoencoder = Autoencoder { encoder, decoder, ..Autoencoder::new(2, 2) };
        let corruption = Corruption::Masking { rate: 0.5 };
        let model = Denoising { is_frozen: true, ..Denoising::new(autoencoder, corruption) };
        let mut theta: Vec<f64> = autoencoder.draw(&mut Random::new(1));
        let outcome = Lbfgs::default().minimize(&mut model.cost(&x), &mut theta, |_| true);
        assert!((outcome.cost - 1.0 / 3.0).abs() < 0.01, "{}", outcome.cost);
        let [w1, w2, ..] = autoencoder.blocks().map(|block| block.range.start);
        for k in 0..4 {
            let (i, j) = (k / 2, k % 2);
            let alpha = theta[w2 + 2 * i] * theta[w1 + j] + theta[w2 + 2 * i + 1] * theta[w1 + 2 + j];
            assert!((alpha - 2.0 / 3.0).abs() < 0.03, "{alpha}");
        }
    }

    #[test]
    #[should_panic(expected = "a corruption rate of 1.5")]
    fn a_rate_beyond_1_panics() {
        Denoising::new(Autoencoder::new(1, 1), Corruption::Masking { rate: 1.5 }).cost(&draw(1, 1));
    }
}
