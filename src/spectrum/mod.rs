//! Spectra: what a sound is made of, as the ear hears it.
//!
//! 1. [`fourier`]: the discrete Fourier transform, its definition and the fast ones;
//! 2. [`spectrogram`]: the power of each frequency in each frame;
//! 3. [`mel`]: frequencies gathered into bands spaced as pitch is heard.

pub mod fourier;
pub mod mel;
pub mod spectrogram;
