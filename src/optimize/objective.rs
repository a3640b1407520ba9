//! An objective: a cost J(θ) with its gradient ∇J(θ), computed together because they share most of their work.

use crate::number::Real;

/// A function to be minimized. It owns its work space, so that after the first an
/// evaluation on one thread allocates nothing.
pub trait Objective<T: Real> {
    /// The number of parameters.
    fn dimension(&self) -> usize;

    /// J(θ); writes ∇J(θ) over `gradient`.
    ///
    /// # Panics
    /// If `theta` or `gradient` has another length than [`dimension`](Self::dimension).
    fn cost_and_gradient(&mut self, theta: &[T], gradient: &mut [T]) -> T;
}

/// An objective that is a mean over examples, so that a few of them, a batch, give an estimate of it.
pub trait Batched<T: Real>: Objective<T> {
    /// The number of examples.
    fn examples(&self) -> usize;

    /// The cost of the examples chosen, as if there were no others, and its gradient. Like
    /// [`cost_and_gradient`](Objective::cost_and_gradient) it owns its work space: nothing is allocated unless a batch
    /// is larger than all before.
    ///
    /// # Panics
    /// If `theta` or `gradient` has another length than the dimension, no example is chosen, or there is no such example.
    fn cost_and_gradient_on(&mut self, columns: &[usize], theta: &[T], gradient: &mut [T]) -> T;
}

/// Checks the lengths that [`Objective::cost_and_gradient`] is given.
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
