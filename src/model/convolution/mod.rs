//! Convolution: the same small filters at every position of a picture or a spectrogram.
//!
//! 1. [`definition`]: convolution and correlation, element by element;
//! 2. [`sobel`]: a first example, the edges of a picture;
//! 3. [`patches`]: the matrix of all patches (im2col), and its adjoint;
//! 4. [`filters`]: convolution as a product with that matrix, forward and backward;
//! 5. [`pooling`]: the mean or maximum of each region of a map;
//! 6. [`cost`]: the smallest cost with all of these, for the gradient check.
//!
//! Why: in sounds and pictures alike, a pattern that is worth finding at one position is worth finding at others. A
//! unit that sees a few elements, and shares its weights with the units at all other positions, learns from all
//! positions at once.
//!
//! The maps of n examples are one matrix with a row for each channel; a row holds one example after the other, each row
//! by row.
//!
//! Sources: source B, 8.4 "Convolutional layers"; source E, "Convolutional Layers"; UFLDL, "Feature extraction using
//! convolution"; Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
//! recognition", 1998.

pub mod cost;
pub mod definition;
pub mod filters;
pub mod patches;
pub mod pooling;
pub mod sobel;

pub use cost::ConvolutionCost;
pub use definition::{Convolution, MapShape};
pub use filters::{Convolver, Filters};
pub use pooling::{Pooling, PoolingMode};
