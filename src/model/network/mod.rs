//! Networks: a sequence of layers over one θ.
//!
//! 1. [`shape`]: the layers, their shapes, their parameters;
//! 2. [`examples`]: what a network is shown;
//! 3. `pass`: forward and back through all layers, for a few examples;
//! 4. [`objective`]: the cost and its gradient;
//! 5. [`pretrain`]: convolutional autoencoders, one on the other, before the labels are seen;
//! 6. [`activation_maximization`]: what a unit deep inside looks for.

pub mod activation_maximization;
pub mod examples;
pub mod objective;
mod pass;
pub mod pretrain;
pub mod shape;

pub use examples::{Examples, InMemory};
pub use objective::NetworkCost;
pub use shape::{Layer, Network};
