//! Spectra: what a sound is made of, as the ear hears it.
//!
//! 1. [`fourier`]: the discrete Fourier transform, its definition and the fast ones;
//! 2. [`spectrogram`]: the power of each frequency in each frame;
//! 3. [`stft`]: the same with any window, hop and edges, and the way back;
//! 4. [`bank`]: bands, weighted sums of neighboring frequencies;
//! 5. [`mel`]: bands spaced as pitch is heard;
//! 6. [`bark`]: the same as the ear's critical bands do it;
//! 7. [`chroma`]: frequencies gathered by pitch class;
//! 8. [`cepstrum`]: the spectrum of a spectrum's logarithm;
//! 9. [`constant_q`]: frequencies as far apart as notes are;
//! 10. [`descriptors`]: a frame told by a few numbers;
//! 11. [`convention`]: which of all these choices MATLAB's, Python's and HTK's users know.

pub mod bank;
pub mod bark;
pub mod cepstrum;
pub mod chroma;
pub mod constant_q;
pub mod convention;
pub mod descriptors;
pub mod fourier;
pub mod mel;
pub mod spectrogram;
pub mod stft;
