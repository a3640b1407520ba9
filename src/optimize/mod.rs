//! Minimizing a cost: how every model of this crate is trained.
//!
//! A model defines a cost J(θ) of its parameters θ; training means finding parameters with a low cost. Nothing in this
//! module depends on what the cost means.
//!
//! **What a minimizer can promise.** It knows J and its gradient ∇J (both in [`objective`]) at the points that it
//! visits, and nothing in between. It goes down until the gradient is nearly 0. Then no small step helps, so the point
//! is a local minimum (or, rarely, a saddle). It is the lowest of all if the cost is convex, as that of softmax
//! regression is. The cost of a network with hidden units, those between its inputs and its outputs, is not: exchange
//! two hidden units with all their weights, and the cost stays the same. So each minimum has copies elsewhere, and the
//! cost between them is usually higher. Different starts end at different θ, often with similar costs.
//!
//! **Two families.** First-order rules use the gradient at the current point, and need a learning rate. The second
//! family also compares gradients between points, which shows the curvature, and curvature gives the length of a step.
//! By hand: on J = ½·c·x² with c = 4, x = 1 has the slope 4, and x = 0.6 the slope 2.4. The curvature is the quotient
//! of the differences, (2.4 - 4)/(0.6 - 1) = 4, and the step -slope/curvature = -2.4/4 = -0.6 leads from 0.6 to the
//! minimum.
//!
//! **The files of this folder**, in reading order, for those who read the code. Readers of the book may skip the list,
//! since the chapters have their own order:
//!
//! 1. [`objective`]: a cost and its gradient, as one trait;
//! 2. [`graph`]: the derivatives of any composed function, by forward and by reverse mode;
//! 3. [`check`]: is the gradient the derivative of the cost?
//! 4. [`rule`]: steps from the gradient alone: gradient descent, momentum, Adam;
//! 5. [`first_order`]: minimizing by one of these rules;
//! 6. [`schedule`]: changes of their learning rate;
//! 7. [`training`]: the same on minibatches, with early stopping against overfitting.
//!
//! Then the method that needs no learning rate, the one the tutorial uses:
//!
//! 8. [`line_search`]: how far to go in a direction;
//! 9. [`two_loop`]: which direction to go in: curvature from the last few steps;
//! 10. [`lbfgs`]: the minimization, which joins the two;
//! 11. [`outcome`]: the course of a minimization and its end;
//! 12. [`state`]: its state as data, to save and resume from.
//!
//! And the method for a penalty with a kink:
//!
//! 13. [`fista`]: a smooth cost plus λ·Σ|z_i|, minimized to exact zeros.
//!
//! Numbers in parentheses, such as (QN.4), label equations; the line of code that computes one ends in its label.

pub mod check;
pub mod first_order;
pub mod fista;
pub mod graph;
pub mod lbfgs;
pub mod line_search;
pub mod objective;
pub mod outcome;
pub mod rule;
pub mod schedule;
pub mod state;
pub mod training;
pub mod two_loop;

pub use first_order::FirstOrder;
pub use fista::Fista;
pub use lbfgs::{Lbfgs, Minimization};
pub use line_search::LineSearch;
pub use objective::{Batched, Objective};
pub use outcome::{Outcome, Reason, Report};
pub use rule::UpdateRule;
pub use schedule::Schedule;
pub use training::Training;
