//! Minimizing a cost: what every model of this crate is trained by.
//!
//! 1. [`objective`]: a cost and its gradient as one trait;
//! 2. [`check`]: is the gradient the derivative of the cost?
//! 3. [`line_search`]: how far to go in a direction;
//! 4. [`two_loop`]: which direction to go in;
//! 5. [`outcome`]: how a minimization goes and why it ends;
//! 6. [`lbfgs`]: the minimization;
//! 7. [`state`]: what it depends on, to be kept and continued from;
//! 8. [`rule`]: gradient descent, momentum, and the rules that adapt to the gradients' sizes;
//! 9. [`schedule`]: how their rate changes;
//! 10. [`first_order`]: minimizing by one of these rules;
//! 11. [`training`]: the same on mini-batches, ended by a validation part.
//!
//! Nothing here knows what is minimized.

pub mod check;
pub mod first_order;
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
pub use lbfgs::{Lbfgs, Minimization};
pub use line_search::LineSearch;
pub use objective::{Batched, Objective};
pub use outcome::{Outcome, Reason, Report};
pub use rule::UpdateRule;
pub use schedule::Schedule;
pub use training::Training;
