//! Minimizing a cost: how every model of this crate is trained.
//!
//! A model defines a cost J(θ) of its parameters θ; training means finding parameters with a low cost. Nothing in this
//! module depends on what the cost means. A learner may read in this order:
//!
//! 1. [`objective`]: a cost and its gradient, as one trait;
//! 2. [`graph`]: the derivatives of any composed function, by forward and by reverse mode;
//! 3. [`check`]: is the gradient the derivative of the cost?
//! 4. [`rule`]: steps from the gradient alone: gradient descent, momentum, Adam;
//! 5. [`first_order`]: minimizing by one of these rules;
//! 6. [`schedule`]: how their learning rate changes;
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
