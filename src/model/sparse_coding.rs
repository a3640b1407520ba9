//! Sparse coding: a dictionary of atoms, of which each example needs only a few.
//!
//! **Why.** An [autoencoder](super::autoencoder) computes its features by one fixed formula, σ(W1 x + b1), and each
//! unit decides alone. Features can overlap, just as two musical notes can share overtones. Then every unit that
//! resembles the input responds. It would be better if units competed: the one that explains the input best responds,
//! and the others see only the remainder. Sparse coding obtains its features, the codes, by a minimization for each
//! example. The dictionary can then have more atoms than the input has values. Trained on patches of photographs, it
//! finds the oriented edges to which cells of the visual cortex respond.
//!
//! **Idea.** Write each example as a sum of atoms with coefficients, the code, and pay for the squared error and for
//! the size of the coefficients. For a given dictionary, find the best codes; for given codes, the best dictionary;
//! alternate.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | n_v, K | the number of inputs (visible units) and of atoms; K may be larger |
//! | x, m | an example (n_v values, one column of the matrix X), the number of examples; Σ_x sums over them |
//! | φ_k, Φ | an atom, n_v values; the dictionary, n_v x K, with the atoms as columns (the program stores Φᵀ) |
//! | s, S | the code of x, K values; all codes, K x m |
//! | y | the reconstruction of x |
//! | ψ, ε | the penalty of one coefficient, and its smoothing, >= 0 |
//! | J, λ | the cost; weight of the penalty |
//! | G, c | the dot products of all pairs of atoms; those of the atoms with x |
//! | L | a bound on the curvature of the error, which [FISTA](crate::optimize::fista) needs |
//! | A, b_k | Σ_x s sᵀ, K x K; Σ_x s_k x |
//! | u | the best φ_k for the given codes and other atoms, without the bound |
//!
//! The cost, to be minimized over Φ and S under a bound on the atoms:
//!
//! ```text
//! (DL.1)   y = Φ s = Σ_k s_k φ_k                              source E, "Sparse Coding"
//! (DL.2)   ψ(s_k) = √(s_k² + ε),  which is |s_k| for ε = 0
//! (DL.3)   J = (1/m) Σ_x ( ½|x - y|² + λ Σ_k ψ(s_k) ),  where all |φ_k| <= 1
//! ```
//!
//! Its gradient, for ε > 0 or s_k ≠ 0:
//!
//! ```text
//! (DL.4)   ∂J/∂φ_k = (1/m) Σ_x s_k (y - x)
//! (DL.5)   m ∂J/∂s_k = φ_k·(y - x) + λ s_k/√(s_k² + ε)
//! ```
//!
//! The search for the codes at a given dictionary:
//!
//! ```text
//! (DL.6)   G = Φᵀ Φ,  c = Φᵀ x
//! (DL.7)   ½|x - y|² = ½ s·(G s) - c·s + ½|x|²,  with the gradient G s - c
//! (DL.8)   L = the largest eigenvalue of G
//! ```
//!
//! The dictionary for given codes, one atom after another:
//!
//! ```text
//! (DL.9)   A = Σ_x s sᵀ,  b_k = Σ_x s_k x                     Mairal et al., 2009, algorithm 1
//! (DL.10)  u = φ_k + (b_k - Σ_j A_kj φ_j)/A_kk                algorithm 2
//! (DL.11)  φ_k ← u / max(1, |u|)
//! ```
//!
//! **Derivation.** The derivative of ½|x - y|² with respect to y_i is y_i - x_i. By (DL.1), y_i = Σ_k s_k φ_ki, with
//! φ_ki element i of φ_k, so ∂y_i/∂s_k = φ_ki and ∂y_i/∂φ_ki = s_k. With ψ' = s_k/√(s_k² + ε), the chain rule gives
//! (DL.4) and (DL.5). Expanding |x - Φ s|² gives (DL.7). Element k of its gradient is G_kk s_k - (c_k - Σ_j≠k G_kj
//! s_j). This is the competition: the contributions of other active atoms that overlap with φ_k (G_kj ≠ 0) are
//! subtracted from its match c_k. The curvature in a direction d of length 1 is d·(G d) = Σ_i μ_i d_i², with the
//! eigenvalues μ_i of G and the components d_i of d along its orthonormal eigenvectors. As Σ_i d_i² = 1, it is at most
//! the largest μ_i: (DL.8). G has K² elements and does not depend on x. So one product with G replaces the two products
//! with Φ and Φᵀ in Φᵀ(Φ s - x), which is less work where K < 2 n_v.
//!
//! Dictionary: let A_kk > 0, and let all atoms but φ_k be fixed. Then m·J is a quadratic function of φ_k:
//!
//! ```text
//! Σ_x ½|x - Σ_j≠k s_j φ_j - s_k φ_k|² = ½ A_kk |φ_k|² - φ_k·(b_k - Σ_j≠k A_kj φ_j) + constant
//!                                     = ½ A_kk |φ_k - u|² + constant,  with u = (b_k - Σ_j≠k A_kj φ_j)/A_kk
//! ```
//!
//! The sum in (DL.10) runs over all atoms; its term for the current φ_k cancels the leading φ_k. The function grows
//! with the distance from u, so its minimum under the bound is the point nearest to u among those of length 1 or less:
//! u itself, or u/|u|, (DL.11). The penalty does not contain Φ, so this step is the same for every ψ. If all atoms
//! satisfy the bound, a pass over all of them never raises J; a few passes follow each search for codes.
//!
//! **Why the bound.** Without it, multiply the atoms by a > 1 and divide the codes by a: y is the same, and for ε = 0
//! the penalty is divided by a. It approaches 0 for large a but never reaches it, so J has no minimum. (For ε > 0,
//! where ψ >= √ε, it approaches λK√ε without reaching it.) The codes shrink toward 0, the atoms grow without end, and λ
//! has no effect. The source states no bound; exercise E.2 shows what follows. Olshausen and Field adapt the lengths of
//! the atoms instead, so that each coefficient keeps a given variance.
//!
//! **Codes.** For given Φ, J is convex in s, so every minimum that a search finds has the same cost. With ε = 0, a code
//! is the minimum of PG.1 with the f of (DL.7), the L of (DL.8), and the same λ. FISTA finds it, with exact zeros: away
//! from s_k = 0, the penalty rises at the rate λ on both sides, and the error falls at most at the rate |φ_k·(x - y)|.
//! Where this is below λ, the sum rises on both sides, and its minimum is at s_k = 0. The code need not be unique: if
//! two atoms are equal, their coefficients can be exchanged. With ε > 0, ψ'' is positive: J is smooth and its minimum
//! unique. [L-BFGS](crate::optimize::lbfgs) finds it, with small values where FISTA has zeros. Let |φ_k·(x - y)| = rλ
//! with r < 1. Then (DL.5) is 0 if |s_k|/√(s_k² + ε) = r, that is, s_k² = r² (s_k² + ε), so |s_k| = √ε r/√(1 - r²). J
//! is not convex in Φ and S together.
//!
//! **By hand.** n_v = 2, K = m = 1, φ = (0.6, 0.8), x = (1, 2), λ = 0.7, ε = 0.
//!
//! ```text
//! G = 1, c = 0.6 + 1.6 = 2.2         s = c - λ = 1.5,  as c > λ  (the slope G s - c + λ is 0)
//! y = (0.9, 1.2), x - y = (0.1, 0.8)   J = ½·0.65 + 0.7·1.5 = 1.375
//!
//! A = 2.25, b = (1.5, 3)             u = φ + (b - 2.25 φ)/2.25 = (0.667, 1.333),  φ ← (0.447, 0.894) = x/|x|
//! with this atom and s = 1.5: x - y = (0.329, 0.658),  J = 0.271 + 1.05 = 1.321
//!
//! without the bound: φ = (1.2, 1.6) and s = 0.75 have the same y, and J = 0.325 + 0.525 = 0.85
//! for x = (0.3, 0.4): c = 0.5 < λ, so s = 0
//! ```
//!
//! **Conventions.** Source E has no ½, so its λ is twice ours; it has no 1/m either, which does not affect λ.
//! Coefficients have both signs. An atom that hardly any code uses (A_kk is negligible) stays as it is. The examples
//! are coded in blocks of 128, which fit the cache; each block is a separate run. The blocks do not depend on the
//! number of threads, so the codes do not either, to the last bit. [`by_definition`] computes each term of J and its
//! gradient directly from the equations; [`SparseCoding::cost`] and [`SparseCoding::encode`] are the fast forms.
//!
//! Sources: source E, "Sparse Coding"; B. Olshausen and D. Field, "Emergence of simple-cell receptive field properties
//! by learning a sparse code for natural images", 1996; J. Mairal, F. Bach, J. Ponce and G. Sapiro, "Online dictionary
//! learning for sparse coding", 2009; UFLDL, "Sparse Coding: Autoencoder Interpretation" (the smoothed penalty).

use super::parameters::{Block, blocks};
use crate::machine::{Element, threads};
use crate::matrix::symmetric::eigen;
use crate::matrix::{Matrix, Product, View, ViewMut};
use crate::number::sum::{dot, reduce, squared_distance, sum_of_squares};
use crate::number::{Random, Real};
use crate::optimize::objective::check_lengths;
use crate::optimize::{Fista, Lbfgs, Objective};
use alloc::vec;
use alloc::vec::Vec;

/// Examples that are coded together.
const BLOCK: usize = 128;

/// Passes over all atoms in an update of the dictionary: much cheaper than the search for codes that precedes them.
const PASSES: usize = 5;

/// Sparse coding: its sizes, the weights of its cost, and how exactly codes are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SparseCoding {
    /// n_v, the length of an example.
    pub visible: usize,
    /// K, the number of atoms, at least 1.
    pub atoms: usize,
    /// λ >= 0.
    pub penalty: f64,
    /// ε >= 0; 0 is the L1 penalty.
    pub smoothing: f64,
    /// A search for codes ends when the violation of the optimality conditions of m·J is at most this (for ε > 0, every
    /// partial derivative).
    pub tolerance: f64,
    /// The maximum number of steps of a search for codes.
    pub iterations: usize,
}

/// A dictionary, the linear decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Dictionary<T> {
    /// Φᵀ: atoms x visible, row k being φ_k.
    pub atoms: Matrix<T>,
}

/// The terms of J, means over the examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms<T> {
    /// ½|x - y|².
    pub error: T,
    /// λ Σ_k ψ(s_k).
    pub penalty: T,
    /// The fraction of codes that are not 0.
    pub active: f64,
}

/// A report to an observer after each round of a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round<T> {
    /// Its number, from 1.
    pub round: usize,
    /// The steps of the search for codes, in the block that took the most.
    pub iterations: usize,
    /// The terms of J after it.
    pub terms: Terms<T>,
}

impl SparseCoding {
    /// The L1 penalty, with a tolerance of λ/1000 and 1,000 steps.
    pub const fn new(visible: usize, atoms: usize, penalty: f64) -> Self {
        SparseCoding { visible, atoms, penalty, smoothing: 0.0, tolerance: 1e-3 * penalty, iterations: 1000 }
    }

    /// A dictionary to start from: atoms of length 1 in random directions.
    ///
    /// # Panics
    /// If there is no memory for it.
    pub fn draw<T: Real>(&self, random: &mut Random) -> Dictionary<T> {
        let mut atoms: Matrix<T> = Matrix::from_function(self.atoms, self.visible, |_, _| random.normal());
        for k in 0..self.atoms {
            let length = sum_of_squares(atoms.row(k)).sqrt();
            atoms.row_mut(k).iter_mut().for_each(|x| *x /= length);
        }
        Dictionary { atoms }
    }

    /// The codes of examples: atoms x examples.
    ///
    /// # Panics
    /// If the dictionary or the examples have other sizes than the model, or there is no memory for the codes.
    pub fn encode<T: Real>(&self, dictionary: &Dictionary<T>, examples: &Matrix<T>) -> Matrix<T> {
        let mut codes = Matrix::zeros(self.atoms, examples.columns());
        self.search(&self.quadratic(dictionary, examples), &mut codes);
        codes
    }

    /// The terms of J.
    ///
    /// # Panics
    /// If shapes do not fit, or there is no memory for the reconstructions.
    pub fn evaluate<T: Real>(&self, dictionary: &Dictionary<T>, examples: &Matrix<T>, codes: &Matrix<T>) -> Terms<T> {
        let (m, s) = (T::from_usize(examples.columns()), codes.elements());
        let y = dictionary.decode(codes);
        let active = s.iter().filter(|s| **s != T::ZERO).count();
        Terms {
            error: T::HALF * squared_distance(examples.elements(), y.elements()) / m,
            penalty: T::from_f64(self.penalty) * penalty(s, T::from_f64(self.smoothing)) / m,
            active: active as f64 / s.len() as f64,
        }
    }

    /// Learns a dictionary: `rounds` times the codes, then the atoms. The observer receives a report after each round
    /// and returns whether to continue.
    ///
    /// # Panics
    /// If shapes do not fit, or there is no memory for codes and reconstructions.
    pub fn train<T: Real>(
        &self,
        examples: &Matrix<T>,
        dictionary: &mut Dictionary<T>,
        rounds: usize,
        mut observer: impl FnMut(&Round<T>, &Dictionary<T>) -> bool,
    ) {
        let mut codes = Matrix::zeros(self.atoms, examples.columns());
        for round in 1..=rounds {
            let iterations = self.search(&self.quadratic(dictionary, examples), &mut codes);
            dictionary.update(examples, &codes);
            let terms = self.evaluate(dictionary, examples, &codes);
            if !observer(&Round { round, iterations, terms }, dictionary) {
                return;
            }
        }
    }

    /// Φᵀ (atoms x visible) and S (atoms x examples), the parameters of [`cost`](Self::cost).
    ///
    /// # Panics
    /// If they hold more values than a size can count.
    pub fn blocks(&self, examples: usize) -> [Block; 2] {
        blocks([("Phi", self.atoms, self.visible), ("S", self.atoms, examples)])
    }

    /// J of Φ and S, without a bound on Φ.
    ///
    /// # Panics
    /// If there is no example, they have not `visible` rows, or J has kinks: λ > 0 with ε = 0.
    pub fn cost<'x, T: Real>(&self, examples: &'x Matrix<T>) -> SparseCodingCost<'x, T> {
        assert!(examples.columns() > 0 && examples.rows() == self.visible, "examples of {} values", self.visible);
        assert!(self.smoothing > 0.0 || self.penalty == 0.0, "the L1 penalty has kinks");
        let residuals = Matrix::zeros(self.visible, examples.columns());
        SparseCodingCost { model: *self, examples, product: Product::new(), residuals }
    }

    /// The error of each example as a quadratic function of its code.
    pub(super) fn quadratic<T: Real>(&self, dictionary: &Dictionary<T>, examples: &Matrix<T>) -> Quadratic<T> {
        let atoms = &dictionary.atoms;
        assert_eq!((atoms.rows(), atoms.columns()), (self.atoms, self.visible), "atoms and their values");
        let mut product = Product::new();
        let mut gram = Matrix::zeros(self.atoms, self.atoms);
        let mut correlations = Matrix::zeros(self.atoms, examples.columns());
        product.store(atoms.view(), atoms.view().transposed(), gram.view_mut()); // (DL.6)
        product.store(atoms.view(), examples.view(), correlations.view_mut()); // (DL.6)
        Quadratic { gram, correlations }
    }

    /// Minimizes the quadratic function of each code plus the penalty, from the given codes. Returns the steps of the
    /// block of examples that took the most.
    pub(super) fn search<T: Real>(&self, quadratic: &Quadratic<T>, codes: &mut Matrix<T>) -> usize {
        let largest = eigen(&quadratic.gram).values[0].to_f64(); // (DL.8)
        // A dictionary of zeros has no curvature, and any bound will do.
        let lipschitz = if largest > 0.0 { largest } else { 1.0 };
        let SparseCoding { penalty, smoothing, tolerance, iterations, .. } = *self;
        let mut parts = Vec::with_capacity(codes.columns().div_ceil(BLOCK));
        let (mut rest, mut from) = (codes.view_mut(), 0);
        while rest.columns() > 0 {
            let count = BLOCK.min(rest.columns());
            let (part, after) = rest.split_columns(count);
            parts.push(Part { codes: part, from, iterations: 0 });
            (rest, from) = (after, from + count);
        }
        let mut workers = vec![(); threads::count().min(parts.len()).max(1)];
        threads::for_each(&mut workers, parts.iter_mut(), |(), part| {
            let mut s: Vec<T> = (0..self.atoms).flat_map(|k| part.codes.row(k).to_vec()).collect();
            let mut cost = CodesCost::new(self, quadratic, part.from, part.codes.columns());
            part.iterations = if smoothing > 0.0 {
                let settings =
                    Lbfgs { iterations, gradient_tolerance: tolerance, cost_tolerance: 0.0, ..Lbfgs::default() };
                settings.minimize(&mut cost, &mut s, |_| true).iterations
            } else {
                Fista { penalty, lipschitz, iterations, tolerance }.minimize(&mut cost, &mut s).iterations
            };
            let count = part.codes.columns();
            (0..self.atoms).for_each(|k| part.codes.row(k).copy_from_slice(&s[k * count..][..count]));
        });
        parts.iter().map(|part| part.iterations).max().unwrap_or(0)
    }
}

impl<T: Real> Dictionary<T> {
    /// The reconstructions y: visible x examples.
    ///
    /// # Panics
    /// If the codes have not a row for each atom, or there is no memory for the reconstructions.
    pub fn decode(&self, codes: &Matrix<T>) -> Matrix<T> {
        let mut y = Matrix::zeros(self.atoms.columns(), codes.columns());
        Product::new().store(self.atoms.view().transposed(), codes.view(), y.view_mut()); // (DL.1)
        y
    }

    /// Lowers the error of the given codes by changing the atoms that they use, none of which is then longer than 1.
    ///
    /// # Panics
    /// If shapes do not fit, or there is no memory for A and b.
    pub fn update(&mut self, examples: &Matrix<T>, codes: &Matrix<T>) {
        let (count, visible) = (self.atoms.rows(), self.atoms.columns());
        let mut product = Product::new();
        let (mut a, mut b) = (Matrix::zeros(count, count), Matrix::zeros(count, visible));
        product.store(codes.view(), codes.view().transposed(), a.view_mut()); // (DL.9)
        product.store(codes.view(), examples.view().transposed(), b.view_mut()); // (DL.9)
        let mut u = Matrix::zeros(1, visible);
        for _ in 0..PASSES {
            for k in (0..count).filter(|&k| a.row(k)[k] > T::NEGLIGIBLE) {
                product.store(a.view().part_rows(k, 1), self.atoms.view(), u.view_mut());
                let (a_kk, phi) = (a.row(k)[k], self.atoms.row_mut(k));
                for ((u, &phi), &b) in u.elements_mut().iter_mut().zip(&*phi).zip(b.row(k)) {
                    *u = phi + (b - *u) / a_kk; // (DL.10)
                }
                let length = sum_of_squares(u.elements()).sqrt().max(T::ONE);
                phi.iter_mut().zip(u.elements()).for_each(|(phi, &u)| *phi = u / length); // (DL.11)
            }
        }
    }
}

impl<T: Real> Terms<T> {
    /// J.
    pub fn cost(&self) -> T {
        self.error + self.penalty // (DL.3)
    }
}

/// A quadratic function of each code, ½ s·(G s) - c·s.
#[derive(Debug)]
pub(super) struct Quadratic<T> {
    /// G, the same for all examples.
    pub gram: Matrix<T>,
    /// c of each example: atoms x examples.
    pub correlations: Matrix<T>,
}

/// The codes of a block of examples.
struct Part<'a, T> {
    codes: ViewMut<'a, T>,
    /// Its first example.
    from: usize,
    iterations: usize,
}

/// The cost of the codes of a block of examples: the quadratic functions' sum, and the penalty where it is smooth.
#[derive(Debug)]
pub(super) struct CodesCost<'a, T> {
    gram: &'a Matrix<T>,
    correlations: Matrix<T>,
    /// λ and ε, where the penalty is smooth.
    smooth: Option<[T; 2]>,
    product: Product<T>,
}

impl<'a, T: Real> CodesCost<'a, T> {
    /// The cost of `count` examples from `from` on.
    pub fn new(model: &SparseCoding, quadratic: &'a Quadratic<T>, from: usize, count: usize) -> Self {
        let Quadratic { gram, correlations } = quadratic;
        let smooth = (model.smoothing > 0.0).then(|| [model.penalty, model.smoothing].map(T::from_f64));
        let correlations = Matrix::from_function(gram.rows(), count, |k, n| correlations.row(k)[from + n]);
        CodesCost { gram, correlations, smooth, product: Product::single_threaded() }
    }
}

impl<T: Real> Objective<T> for CodesCost<'_, T> {
    fn dimension(&self) -> usize {
        self.correlations.elements().len()
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension(), theta, gradient);
        let (atoms, count) = (self.correlations.rows(), self.correlations.columns());
        let s = View::new(theta, atoms, count);
        self.product.store(self.gram.view(), s, ViewMut::new(gradient, atoms, count, count));
        let c = self.correlations.elements();
        gradient.iter_mut().zip(c).for_each(|(g, &c)| *g -= c); // (DL.7)
        let error = T::HALF * (dot(theta, gradient) - dot(theta, c)); // (DL.7)
        let Some([lambda, epsilon]) = self.smooth else { return error };
        add_slopes(theta, lambda, epsilon, gradient);
        error + lambda * penalty(theta, epsilon)
    }
}

/// Σ ψ.
fn penalty<T: Real>(s: &[T], epsilon: T) -> T {
    reduce(s, s, |s, _| (s * s + epsilon).sqrt()) // (DL.2)
}

/// Adds λ·ψ' to the gradient.
fn add_slopes<T: Real>(s: &[T], lambda: T, epsilon: T, gradient: &mut [T]) {
    gradient.iter_mut().zip(s).for_each(|(g, &s)| *g += lambda * s / (s * s + epsilon).sqrt()); // (DL.5)
}

/// J of Φ and S on given examples, smooth and without a bound on Φ.
#[derive(Debug)]
pub struct SparseCodingCost<'x, T> {
    model: SparseCoding,
    examples: &'x Matrix<T>,
    product: Product<T>,
    /// y - x of all examples.
    residuals: Matrix<T>,
}

impl<T: Real> Objective<T> for SparseCodingCost<'_, T> {
    fn dimension(&self) -> usize {
        self.model.blocks(self.examples.columns())[1].range.end
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension(), theta, gradient);
        let SparseCodingCost { model, examples, product, residuals } = self;
        let (m, [phi, s]) = (T::from_usize(examples.columns()), model.blocks(examples.columns()));
        let (lambda, epsilon) = (T::from_f64(model.penalty), T::from_f64(model.smoothing));
        product.store(phi.view(theta).transposed(), s.view(theta), residuals.view_mut()); // (DL.1)
        residuals.elements_mut().iter_mut().zip(examples.elements()).for_each(|(y, &x)| *y -= x);
        product.store(s.view(theta), residuals.view().transposed(), phi.view_mut(gradient)); // (DL.4)
        product.store(phi.view(theta), residuals.view(), s.view_mut(gradient)); // (DL.5)
        let mut cost = T::HALF * sum_of_squares(residuals.elements());
        if model.penalty > 0.0 {
            cost += lambda * penalty(s.values(theta), epsilon); // (DL.3)
            add_slopes(s.values(theta), lambda, epsilon, s.values_mut(gradient));
        }
        gradient.iter_mut().for_each(|g| *g /= m);
        cost / m
    }
}

/// J and its gradient with respect to Φ and S, equation by equation. With ε = 0, where s_k = 0, the penalty's slope is
/// taken as 0.
///
/// # Panics
/// If `theta` has not the values of the [`blocks`](SparseCoding::blocks), or the examples not `visible` rows.
pub fn by_definition(model: &SparseCoding, theta: &[f64], examples: &Matrix<f64>) -> (f64, Vec<f64>) {
    let (v, atoms, m) = (model.visible, model.atoms, examples.columns());
    assert_eq!((theta.len(), examples.rows()), (atoms * (v + m), v), "parameters, values of an example");
    let (lambda, epsilon, over_m) = (model.penalty, model.smoothing, 1.0 / m as f64);
    // Positions in θ of φ_k's value i and of s_k of example n.
    let phi = |k: usize, i: usize| k * v + i;
    let code = |k: usize, n: usize| atoms * v + k * m + n;
    let (mut cost, mut gradient) = (0.0, vec![0.0; theta.len()]);
    for n in 0..m {
        let x = examples.column(n);
        for i in 0..v {
            let y = (0..atoms).fold(0.0, |y, k| y + theta[code(k, n)] * theta[phi(k, i)]); // (DL.1)
            cost += over_m * 0.5 * (x[i] - y) * (x[i] - y); // (DL.3)
            for k in 0..atoms {
                gradient[phi(k, i)] += over_m * theta[code(k, n)] * (y - x[i]); // (DL.4)
                gradient[code(k, n)] += over_m * theta[phi(k, i)] * (y - x[i]); // (DL.5)
            }
        }
        for k in 0..atoms {
            let s = theta[code(k, n)];
            let psi = Element::sqrt(s * s + epsilon); // (DL.2)
            cost += over_m * lambda * psi; // (DL.3)
            gradient[code(k, n)] += if s == 0.0 { 0.0 } else { over_m * lambda * s / psi }; // (DL.5)
        }
    }
    (cost, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::sum::norm_inf;
    use crate::optimize::Reason;
    use crate::optimize::fista::{shrink, violation};

    fn draw(random: &mut Random, rows: usize, columns: usize) -> Matrix<f64> {
        Matrix::from_function(rows, columns, |_, _| random.normal())
    }

    #[test]
    fn a_code_and_an_atom_by_hand() {
        let model = SparseCoding { tolerance: 1e-14, ..SparseCoding::new(2, 1, 0.7) };
        let x = Matrix::from_rows(2, 1, vec![1.0, 2.0]);
        let mut dictionary = Dictionary { atoms: Matrix::from_rows(1, 2, vec![0.6, 0.8]) };
        let codes = model.encode(&dictionary, &x);
        assert!((codes.elements()[0] - 1.5).abs() < 1e-14);
        assert!((model.evaluate(&dictionary, &x, &codes).cost() - 1.375).abs() < 1e-14);
        let (cost, gradient) = by_definition(&model, &[0.6, 0.8, 1.5], &x);
        // -s·(x - y) = (-0.15, -1.2), and the slope of s is 0 at its minimum.
        for (found, expected) in [cost, gradient[0], gradient[1], gradient[2]].iter().zip([1.375, -0.15, -1.2, 0.0]) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
        assert!((by_definition(&model, &[1.2, 1.6, 0.75], &x).0 - 0.85).abs() < 1e-14);
        let small = Matrix::from_rows(2, 1, vec![0.3, 0.4]);
        assert_eq!(model.encode(&dictionary, &small).elements(), [0.0]);
        dictionary.update(&x, &codes);
        assert!((model.evaluate(&dictionary, &x, &codes).cost() - 1.321).abs() < 5e-4);
        let length = 5.0f64.sqrt();
        let [first, second] = [0, 1].map(|i| dictionary.atoms.row(0)[i]);
        assert!((first - 1.0 / length).abs() < 1e-14 && (second - 2.0 / length).abs() < 1e-14);
    }

    #[test]
    fn the_cost_equals_the_definition() {
        let mut random = Random::new(1);
        for (penalty, smoothing) in [(0.0, 0.0), (0.3, 1e-2)] {
            let model = SparseCoding { smoothing, ..SparseCoding::new(5, 7, penalty) };
            for m in [1, 41] {
                let x = draw(&mut random, 5, m);
                let theta = draw(&mut random, 7, 5 + m).elements().to_vec();
                let mut gradient = vec![f64::NAN; theta.len()];
                let cost = model.cost(&x).cost_and_gradient(&theta, &mut gradient);
                let (expected, slopes) = by_definition(&model, &theta, &x);
                assert!((cost - expected).abs() < 1e-13 * expected);
                assert!(squared_distance(&gradient, &slopes) < 1e-26 * sum_of_squares(&slopes));
            }
        }
    }

    /// Codes by cyclic coordinate descent: one s_k after another moves to its minimum.
    fn coordinate_descent(dictionary: &Dictionary<f64>, x: &[f64], lambda: f64) -> Vec<f64> {
        let atoms = &dictionary.atoms;
        let mut s = vec![0.0; atoms.rows()];
        for _ in 0..2_000 {
            for k in 0..s.len() {
                let others = |i: usize| (0..s.len()).filter(|&j| j != k).fold(0.0, |y, j| y + s[j] * atoms.row(j)[i]);
                let c = (0..x.len()).fold(0.0, |c, i| c + atoms.row(k)[i] * (x[i] - others(i)));
                s[k] = shrink(c, lambda) / sum_of_squares(atoms.row(k));
            }
        }
        s
    }

    #[test]
    fn codes_satisfy_the_subgradient_conditions_and_equal_those_of_coordinate_descent() {
        let model = SparseCoding { tolerance: 1e-10, iterations: 5000, ..SparseCoding::new(6, 9, 0.2) };
        let mut random = Random::new(3);
        let (dictionary, x) = (model.draw(&mut random), draw(&mut random, 6, BLOCK + 3));
        let codes = model.encode(&dictionary, &x);
        // m·∂(error)/∂s from the definition, whose penalty is left out.
        let theta = [dictionary.atoms.elements(), codes.elements()].concat();
        let (_, slopes) = by_definition(&SparseCoding { penalty: 0.0, ..model }, &theta, &x);
        let slopes = &slopes[dictionary.atoms.elements().len()..];
        for (g, &s) in slopes.iter().zip(codes.elements()) {
            let v = violation(x.columns() as f64 * g, s, 0.2);
            assert!(v < 1e-8, "{v}");
        }
        let zeros = codes.elements().iter().filter(|s| **s == 0.0).count();
        assert!(zeros > codes.elements().len() / 3, "{zeros} zeros");
        // A block's codes do not depend on the others.
        let last = model.encode(&dictionary, &x.select_columns(&[BLOCK, BLOCK + 1, BLOCK + 2]));
        (0..3).for_each(|n| assert_eq!(last.column(n), codes.column(BLOCK + n)));
        for n in [0, 1, BLOCK + 2] {
            let expected = coordinate_descent(&dictionary, &x.column(n), 0.2);
            for (s, e) in codes.column(n).iter().zip(&expected) {
                assert!((s - e).abs() < 1e-8, "example {n}: {s} {e}");
            }
        }
    }

    #[test]
    fn smooth_codes_approach_those_of_l1() {
        let exact = SparseCoding { tolerance: 1e-10, ..SparseCoding::new(6, 9, 0.2) };
        let mut random = Random::new(4);
        let (dictionary, x) = (exact.draw(&mut random), draw(&mut random, 6, 5));
        let codes = exact.encode(&dictionary, &x);
        let distance = |smoothing: f64| {
            let found = SparseCoding { smoothing, tolerance: 1e-8, ..exact }.encode(&dictionary, &x);
            assert!(found.elements().iter().all(|s| *s != 0.0));
            squared_distance(found.elements(), codes.elements()).sqrt()
        };
        let (far, near) = (distance(1e-2), distance(1e-6));
        assert!(near < 0.05 * far && near < 0.01, "{far} {near}");
    }

    #[test]
    fn a_planted_dictionary_is_found_again() {
        let model = SparseCoding::new(10, 15, 0.05);
        let mut random = Random::new(5);
        let planted: Dictionary<f64> = model.draw(&mut random);
        // Each example is the sum of two atoms, with weights of both signs.
        let mut codes = Matrix::zeros(15, 600);
        for n in 0..600 {
            for _ in 0..2 {
                let sign = if random.index(2) == 0 { -1.0 } else { 1.0 };
                codes.row_mut(random.index(15))[n] = sign * random.uniform::<f64>(0.5, 1.5);
            }
        }
        let (x, mut dictionary) = (planted.decode(&codes), model.draw(&mut random));
        let (mut cost, mut rounds) = (f64::INFINITY, 0);
        model.train(&x, &mut dictionary, 100, |round, dictionary| {
            let longest = (0..15).fold(0.0, |most, k| Real::max(most, sum_of_squares(dictionary.atoms.row(k))));
            assert!(round.terms.cost() <= cost * (1.0 + 1e-9) && longest < 1.0 + 1e-14);
            (cost, rounds) = (round.terms.cost(), round.round);
            true
        });
        assert_eq!(rounds, 100);
        let cosine = |k: usize| {
            (0..15).fold(0.0, |most, j| Real::max(most, dot(planted.atoms.row(k), dictionary.atoms.row(j)).abs()))
        };
        let cosines: Vec<f64> = (0..15).map(cosine).collect();
        assert!(cosines.iter().all(|c| *c > 0.99), "{cosines:?}");
    }

    #[test]
    fn without_the_bound_codes_shrink_atoms_grow_and_the_penalty_vanishes() {
        let model = SparseCoding { smoothing: 1e-6, tolerance: 1e-6, ..SparseCoding::new(6, 8, 0.5) };
        let mut random = Random::new(6);
        let x = draw(&mut random, 6, 40);
        let mut bounded = model.draw(&mut random);
        let start = [bounded.atoms.elements(), draw(&mut random, 8, 40).elements()].concat();
        let mut terms = None;
        model.train(&x, &mut bounded, 50, |round, _| {
            terms = Some(round.terms);
            true
        });
        let terms = terms.unwrap();
        let mut theta = start.clone();
        let settings = Lbfgs { iterations: 3000, gradient_tolerance: 1e-12, cost_tolerance: 0.0, ..Lbfgs::default() };
        let outcome = settings.minimize(&mut model.cost(&x), &mut theta, |_| true);
        assert_ne!(outcome.reason, Reason::GradientSmall);
        let free = Dictionary { atoms: Matrix::from_rows(8, 6, theta[..48].to_vec()) };
        let codes = Matrix::from_rows(8, 40, theta[48..].to_vec());
        let unbounded = model.evaluate(&free, &x, &codes);
        assert!(norm_inf(free.atoms.elements()) > 100.0, "{}", norm_inf(free.atoms.elements()));
        assert!(norm_inf(codes.elements()) < 0.1, "{}", norm_inf(codes.elements()));
        assert!(unbounded.penalty < 0.01 * terms.penalty, "{unbounded:?} {terms:?}");
    }
}
