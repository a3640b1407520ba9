//! Models: costs with gradients over one flat vector of parameters θ.
//!
//! 1. [`parameters`]: the vector and its blocks;
//! 2. [`activation`]: what a unit does with its input;
//! 3. `layer`: one layer of a network, forward and back;
//! 4. [`autoencoder`]: the sparse autoencoder, which learns features without labels;
//! 5. [`variants`]: the same with other activations, another error, tied weights;
//! 6. [`softmax`]: softmax regression, which learns classes from labels;
//! 7. [`stacked`]: encoders and softmax regression as one network, tuned as a whole;
//! 8. [`greedy`]: its layers learned one after the other beforehand, without labels;
//! 9. [`visualization`]: what a unit answers to most, and whether it answers at all;
//! 10. [`convolution`]: filters at every place of an input, and pooling;
//! 11. [`convolved_features`]: features of patches, learned without labels, as such filters;
//! 12. [`network`]: layers of all kinds over one θ;
//! 13. [`gradient_suite`]: every objective, small, for the gradient check.
//!
//! Examples are the columns of a matrix. Nothing here knows of sound.

pub mod activation;
pub mod autoencoder;
pub mod convolution;
pub mod convolved_features;
pub mod gradient_suite;
pub mod greedy;
mod layer;
pub mod network;
pub mod parameters;
pub mod softmax;
pub mod stacked;
pub mod variants;
pub mod visualization;

pub use activation::Activation;
pub use autoencoder::{Autoencoder, AutoencoderCost};
pub use softmax::{Softmax, SoftmaxCost};
pub use stacked::{Stacked, StackedCost};
pub use variants::{Loss, Variant, VariantSettings};
