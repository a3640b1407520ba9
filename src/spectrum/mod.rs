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
//! 9. [`decibel`]: power as levels;
//! 10. [`mfcc`]: cepstra of mel bands, with each choice on the way;
//! 11. [`constant_q`]: bins as far apart as notes are;
//! 12. [`descriptors`]: a frame in a few numbers;
//! 13. [`convention`]: the defaults of MATLAB, librosa and HTK for these choices.
//!
//! And back to sound:
//!
//! 14. [`griffin_lim`]: phases from magnitudes;
//! 15. [`invert_bank`]: the power of bins from that of bands;
//! 16. [`inverse_constant_q`]: samples from the coefficients of notes.

pub mod bank;
pub mod bark;
pub mod cepstrum;
pub mod chroma;
pub mod constant_q;
pub mod convention;
pub mod decibel;
pub mod descriptors;
pub mod fourier;
pub mod griffin_lim;
pub mod inverse_constant_q;
pub mod invert_bank;
pub mod mel;
pub mod mfcc;
pub mod spectrogram;
pub mod stft;
