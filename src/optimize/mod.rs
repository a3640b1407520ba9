//! Minimizing a cost: what every model of this crate is trained by.
//!
//! 1. [`objective`]: a cost and its gradient as one trait;
//! 2. [`check`]: is the gradient the derivative of the cost?
//! 3. [`line_search`]: how far to go in a direction;
//! 4. [`lbfgs`]: which direction to go in.
//!
//! Nothing here knows what is minimized.

pub mod check;
pub mod lbfgs;
pub mod line_search;
pub mod objective;

pub use lbfgs::Lbfgs;
pub use objective::Objective;
