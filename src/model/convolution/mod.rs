//! Convolution: the same small filters at every place of a picture or a spectrum.
//!
//! 1. [`definition`]: convolution, correlation and their shapes, element by element;
//! 2. [`sobel`]: the first example, where a picture changes;
//! 3. [`patches`]: the places of a filter side by side as a matrix, and back;
//! 4. [`filters`]: convolution as a product of that matrix, forward and back;
//! 5. [`pooling`]: what a filter found, region by region;
//! 6. [`whole`]: all of these as one small cost, whose gradients are checked.
//!
//! Why: in sounds and pictures alike, what is worth finding at one place is worth finding at another. A unit that sees a few
//! places only, and shares its weights with those that see others, learns from all places at once.
//!
//! Maps of n examples are one matrix: a row for each channel; in it example after example, and within an example row by row.
//! Sources: source B, 8.4 "Convolutional layers"; source E, "Convolutional Layers"; UFLDL, "Feature extraction using
//! convolution"; Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
//! recognition", 1998.

pub mod definition;
pub mod filters;
pub mod patches;
pub mod pooling;
pub mod sobel;
pub mod whole;

pub use definition::{Convolution, MapShape};
pub use filters::{Convolver, Filters};
pub use pooling::{Pooling, PoolingMode};
pub use whole::Whole;
