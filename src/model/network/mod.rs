//! Networks: a sequence of layers of any kind over one parameter vector θ.
//!
//! Why: convolution, pooling, dense layers and softmax are each a function with known derivatives. The chain rule needs
//! no more than that: every sequence of them has a gradient, computed layer by layer from the last to the first.
//!
//! 1. [`shape`]: the layers, their shapes, their parameters;
//! 2. [`examples`]: the input of a network;
//! 3. [`pass`]: forward and backward through all layers, for a few examples;
//! 4. [`objective`]: the cost and its gradient;
//! 5. [`pretrain`]: convolutional autoencoders, one on the other, trained before the labels are used;
//! 6. [`activation_maximization`]: the inputs that excite a unit of any layer most.

pub mod activation_maximization;
pub mod examples;
pub mod objective;
pub mod pass;
pub mod pretrain;
pub mod shape;

pub use examples::{Examples, InMemory};
pub use objective::{NetworkCost, Target};
pub use shape::{Layer, Network};
