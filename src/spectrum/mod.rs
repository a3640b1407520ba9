//! Spectra: what a sound is made of, as the ear hears it.
//!
//! 1. [`fourier`]: the discrete Fourier transform, its definition and the fast ones;
//! 2. [`spectrogram`]: the power of each frequency in each frame;
//! 3. [`mel`]: frequencies gathered into bands spaced as pitch is heard;
//! 4. [`bark`]: the same as the ear's critical bands do it;
//! 5. [`chroma`]: frequencies gathered by pitch class;
//! 6. [`cepstrum`]: the spectrum of a spectrum's logarithm;
//! 7. [`constant_q`]: frequencies as far apart as notes are.

pub mod bark;
pub mod cepstrum;
pub mod chroma;
pub mod constant_q;
pub mod fourier;
pub mod mel;
pub mod spectrogram;
