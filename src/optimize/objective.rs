//! An objective: a cost J(θ) with its gradient ∇J(θ), computed together because they share most of their work.
//!
//! A minimizer needs nothing else of a model. [`Objective`] is the cost of all examples, [`Batched`] that of any chosen
//! ones, for training on minibatches.

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
