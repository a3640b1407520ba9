//! Spectra: the strength of each frequency in a sound, and summaries of it.
//!
//! 1. [`fourier`]: the discrete Fourier transform, its definition and fast forms;
//! 2. [`spectrogram`]: the power of each frequency in each frame;
//! 3. [`stft`]: the same with a choice of window, hop and edges, and the inverse;
//! 4. [`bank`]: bands, weighted sums of neighboring frequencies;
//! 5. [`mel`]: bands evenly spaced in perceived pitch;
//! 6. [`bark`]: bands shaped like the ear's critical bands;
//! 7. [`chroma`]: bands that collect the octaves of each pitch class;
//! 8. [`cepstrum`]: the spectrum of a spectrum's logarithm;
//! 9. [`constant_q`]: bins as far apart as notes are;
//! 10. [`descriptors`]: a frame in a few numbers;
//! 11. [`convention`]: the defaults of MATLAB, librosa and HTK for these choices.

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
