//! An objective: a cost J(θ) with its gradient ∇J(θ), computed together because they share most of their work.
//!
//! **Why.** A model has parameters: the weights and biases of its units, thousands of numbers, which someone has to
//! choose. A cost makes this choice a problem of calculus. It is one number that says how badly the model does its task
//! with these parameters, such as the mean squared distance of its outputs from the desired ones. The lower the cost,
//! the better the parameters. Trying all parameters is hopeless: with two values for each of 100 parameters there are
//! 2¹⁰⁰ = 10³⁰ choices. But the cost has a slope, and the slope shows which small change lowers it.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | θ | the parameters, n numbers in one vector |
//! | J(θ) | the cost, one number |
//! | e_i | the unit vector of parameter i: 1 at i, 0 elsewhere |
//! | ∂J/∂θ_i | the partial derivative: the slope of J if θ_i alone changes |
//! | ∇J | the gradient: the vector of the n partial derivatives |
//! | d, h | a direction, that is, a vector of length 1; a distance |
//! | \|v\| | the length of a vector, √(Σ_i v_i²) |
//!
//! **The gradient** is defined element by element:
//!
//! ```text
//! ∂J/∂θ_i = limit of ( J(θ + h·e_i) - J(θ) )/h for h → 0,   ∇J = (∂J/∂θ_1, ..., ∂J/∂θ_n)
//! ```
//!
//! It also contains the slope in every other direction. On the line θ + h·d, parameter i is θ_i + h·d_i, and by the
//! chain rule the changes that all parameters cause add up:
//!
//! ```text
//! slope of J in direction d = Σ_i ∂J/∂θ_i · d_i = ∇J·d
//! ```
//!
//! **Steepest descent.** In which direction does J fall most steeply? A square is never negative, and both vectors in
//! it have length 1:
//!
//! ```text
//! 0 <= | ∇J/|∇J| + d |² = 1 + 2·(∇J·d)/|∇J| + 1,   so   ∇J·d >= -|∇J|
//! ```
//!
//! No slope is below -|∇J|. Equality needs the square to be 0, that is, d = -∇J/|∇J|: the negative gradient is the
//! direction of steepest descent, and the length of the gradient is the slope there. If d is perpendicular to the
//! gradient, the slope is 0. Any d with ∇J·d < 0 leads down as well. Where ∇J = 0 no direction does, to first order:
//! such a point may be a minimum, a maximum, or a saddle.
//!
//! **By hand.** J = ½·θ_1² + 2·θ_2² at θ = (2, 1), where J = 4. The minimum lies at (0, 0).
//!
//! ```text
//! ∇J = (θ_1, 4·θ_2) = (2, 4),  |∇J| = √20 = 4.472
//! d = (-1, 0):          slope -2
//! d = (-1, -1)/√2:      slope -6/√2 = -4.243
//! d = (-2, -4)/√20:     slope -20/√20 = -4.472, the steepest
//! d = (-2, -1)/√5:      slope -8/√5 = -3.578, straight to the minimum
//! d = (2, -1)/√5:       slope (4 - 4)/√5 = 0
//! ```
//!
//! The steepest direction is not the direction of the minimum. It is best only for a short step; after that, the
//! gradient is different. [`first_order`](super::first_order) takes such steps.
//!
//! **Why both together.** The gradient by n differences of the cost would take n + 1 evaluations of the cost. With the
//! chain rule it takes about as long as two, and it reuses intermediate results of the cost: this is
//! [back-propagation](crate::model::layer), two chapters on. A minimizer needs nothing else from a model.
//!
//! In the code a cost is an [`Objective`]: its method `cost_and_gradient` receives θ, writes ∇J(θ) into a vector, and
//! returns J(θ). ([`Batched`] is a cost that can also be computed on a few of the examples, for [training on small
//! batches](super::training).)

use crate::number::Real;

/// A function to be minimized. It owns its workspace: on one thread, all evaluations but the first allocate nothing.
pub trait Objective<T: Real> {
    /// The number of parameters.
    fn dimension(&self) -> usize;

    /// J(θ); writes ∇J(θ) over `gradient`.
    ///
    /// # Panics
    /// If `theta` or `gradient` has another length than [`dimension`](Self::dimension).
    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T;
}

/// An objective that is defined for any set of examples, not only for all of them: a minibatch gives an estimate of it.
///
/// If the cost is a mean over the examples of one cost each, plus terms without examples such as weight decay, the
/// gradient of a batch drawn at random is ∇J on average. A cost that is not such a mean has a biased estimate: the
/// sparsity penalty of an autoencoder, for example, depends on the batch's own mean activations.
pub trait Batched<T: Real>: Objective<T> {
    /// The number of examples.
    fn examples(&self) -> usize;

    /// The cost of the chosen examples, as if there were no others; writes its gradient over `gradient`. On one thread
    /// nothing is allocated unless a batch is larger than all before.
    ///
    /// # Panics
    /// If `theta` or `gradient` has another length than the dimension, no example is chosen, or a chosen one does not
    /// exist.
    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T;
}

/// Checks the lengths of the arguments of [`Objective::cost_and_gradient`].
///
/// # Panics
/// If one is not the dimension.
pub fn check_lengths<T>(dimension: usize, theta: &[T], gradient: &[T]) {
    assert_eq!((theta.len(), gradient.len()), (dimension, dimension), "parameters and gradient");
}

/// An objective made of a function, for tests and small problems.
#[derive(Clone, Copy, Debug)]
pub struct FromFunction<F> {
    dimension: usize,
    function: F,
}

impl<F> FromFunction<F> {
    /// The objective of `dimension` parameters whose cost `function(theta, gradient)` returns.
    pub fn new(dimension: usize, function: F) -> Self {
        FromFunction { dimension, function }
    }
}

impl<T: Real, F: FnMut(&[T], &mut [T]) -> T> Objective<T> for FromFunction<F> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T {
        check_lengths(self.dimension, theta, gradient);
        (self.function)(theta, gradient)
    }
}
