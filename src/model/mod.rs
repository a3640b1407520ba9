//! Models: costs with gradients over one flat vector of parameters θ.
//!
//! 1. [`parameters`]: the vector and its blocks, and the initial weights;
//! 2. [`activation`]: the activation functions of units;
//! 3. [`layer`]: back-propagation through one dense layer;
//! 4. [`autoencoder`]: the sparse autoencoder, which learns features without labels;
//! 5. [`denoising`]: an autoencoder that reconstructs examples from corrupted copies;
//! 6. [`contractive`]: an autoencoder whose features change little with the example; the Jacobian of an encoder;
//! 7. [`visualization`]: the input that excites a unit most, and units that never respond;
//! 8. [`softmax`]: softmax regression, which learns to classify from labels;
//! 9. [`stacked`]: encoders and softmax regression as one network, fine-tuned as a whole;
//! 10. [`greedy`]: its layers, pretrained one after the other without labels;
//! 11. [`deep_autoencoder`]: encoders and decoders of such layers as one network, tuned as a whole without labels;
//! 12. [`dense`]: the executor that computes all of these at speed;
//! 13. [`convolution`]: filters at every position of an input, and pooling;
//! 14. [`convolved_features`]: features of patches, learned without labels, as such filters;
//! 15. [`network`]: layers of all kinds over one θ;
//! 16. [`variational`]: the variational autoencoder, which generates examples;
//! 17. [`sparse_coding`]: a dictionary of atoms, of which each example needs only a few;
//! 18. [`predictive`]: sparse coding with an encoder that predicts the codes;
//! 19. [`multimodal`]: one code for two views of a thing;
//! 20. [`gradient_suite`]: small instances of every objective, for the gradient check.
//!
//! Examples are the columns of a matrix. A model such as [`Autoencoder`] holds sizes and hyperparameters; it encodes or
//! classifies, and its `cost` is the objective that an optimizer minimizes. Nothing here knows of sound.

pub mod activation;
pub mod autoencoder;
pub mod contractive;
pub mod convolution;
pub mod convolved_features;
pub mod deep_autoencoder;
pub mod denoising;
pub mod dense;
pub mod gradient_suite;
pub mod greedy;
pub mod layer;
pub mod multimodal;
pub mod network;
pub mod parameters;
pub mod predictive;
pub mod softmax;
pub mod sparse_coding;
pub mod stacked;
pub mod variational;
pub mod visualization;

pub use activation::Activation;
pub use autoencoder::{Autoencoder, Loss};
pub use contractive::Contractive;
pub use deep_autoencoder::{DeepAutoencoder, MirrorLayer};
pub use denoising::{Corruption, Denoising};
pub use dense::DenseCost;
pub use multimodal::Multimodal;
pub use predictive::Predictive;
pub use softmax::Softmax;
pub use sparse_coding::SparseCoding;
pub use stacked::Stacked;
pub use variational::Variational;
