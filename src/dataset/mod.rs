//! Data sets: recordings with their labels, and the examples that a model receives.
//!
//! 1. [`recordings`]: labeled recordings, and the label, group and take in their names;
//! 2. [`folder`]: a folder of WAV files as recordings;
//! 3. [`split`]: which recordings train and which test;
//! 4. [`context_windows`]: consecutive frames of spectra as the columns of a matrix (the tutorial's sampleSpectrums);
//! 5. [`reservoir`]: a random choice of windows, in memory for the chosen ones;
//! 6. [`normalize`]: examples brought to one scale;
//! 7. [`whiten`]: examples made uncorrelated, by principal components;
//! 8. [`augment`]: recordings as images of one size, and random variations of them;
//! 9. [`idx`]: images instead of sounds, the digits of MNIST;
//! 10. [`affine`]: images rotated, scaled, and moved at random;
//! 11. [`dead_leaves`]: made pictures with the statistics of photographs.

pub mod affine;
pub mod augment;
pub mod context_windows;
pub mod dead_leaves;
#[cfg(feature = "std")]
pub mod folder;
pub mod idx;
pub mod normalize;
pub mod recordings;
pub mod reservoir;
pub mod split;
pub mod whiten;
