//! Data sets: recordings with their labels, and what a model is given of them.
//!
//! 1. [`recordings`]: labeled recordings, and what their names say;
//! 2. [`folder`]: a folder of WAV files as recordings;
//! 3. [`split`]: which recordings train and which test;
//! 4. [`windows`]: consecutive frames of spectra as the columns of a matrix (the tutorial's sampleSpectrums);
//! 5. [`normalize`]: windows brought to one scale, as the tutorial does it;
//! 6. [`whiten`]: windows made uncorrelated, by principal components;
//! 7. [`augment`]: recordings as pictures of one size, and as others might have made them;
//! 8. [`idx`]: images instead of sounds, the digits of MNIST.

pub mod augment;
pub mod context_windows;
#[cfg(feature = "std")]
pub mod folder;
pub mod idx;
pub mod normalize;
pub mod recordings;
pub mod split;
pub mod whiten;
