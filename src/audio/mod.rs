//! Sound as numbers: from the bytes of a file to a row of samples, and back.
//!
//! A microphone's pressure signal, sampled at regular instants, is a list of numbers between -1 and 1; everything that
//! follows in this crate is arithmetic on such lists. This module reads them from files. It knows nothing of spectra.
//!
//! Reading order:
//!
//! 1. [`wav`]: the bytes of a WAV file to samples, and samples to bytes;
//! 2. [`resample`]: from one sampling rate to another;
//! 3. [`frames`]: a long list of samples as short overlapping ones;
//! 4. [`window`]: the weights that fade a frame in and out.

pub mod frames;
pub mod resample;
pub mod wav;
pub mod window;
