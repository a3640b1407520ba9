//! Ossicle: the deep-learning tutorial for sound, from the bytes of a WAV file to classes told by features that were learned
//! without labels.
//!
//! Everything is written out here, without a dependency: the matrix and its product, the Fourier transform, the
//! optimizer, the models. Each file is a chapter with one idea; each equation is tested. The rooms, in reading order:
//!
//! 1. [`machine`]: what the hardware offers, behind safe types;
//! 2. [`number`]: f32 and f64 under one name, their functions, sums and random numbers;
//! 3. [`bytes`]: bytes in and bytes out;
//! 4. [`matrix`]: the matrix, its product, symmetric eigenvalues;
//! 5. [`audio`]: WAV bytes to samples, frames, windows;
//! 6. [`spectrum`]: the Fourier transform, bands of mel, Bark and chroma, the cepstrum;
//! 7. [`dataset`]: recordings, splits, windows of spectra, normalization;
//! 8. [`optimize`]: objectives, the gradient check, line searches, L-BFGS, training batch by batch;
//! 9. [`model`]: the autoencoder, softmax regression, the stacked network, convolution and networks of it;
//! 10. [`picture`]: PNG images of what was learned, SVG charts;
//! 11. [`predictor`]: from samples to a class without an allocator;
//! 12. [`storage`]: what is kept on disk;
//! 13. `tutorial`: the road end to end (with the feature `std`);
//! 14. `cli`: the command line (with the feature `std`).
//!
//! In comments, sources A to E are the documents that the tutorial consists of; NOTES.md lists them.
//!
//! Without the default feature `std` the crate needs `core` and `alloc` alone: files, folders, threads, the detection
//! of the processor and the last two rooms are left out.
//!
//! # Features from sounds, and classes from features
//!
//! Ten short sounds, five rising and five falling; no file and no thread is needed.
//!
//! ```
//! use ossicle::audio::frames::Framing;
//! use ossicle::matrix::Matrix;
//! use ossicle::model::softmax::most_likely;
//! use ossicle::model::{Softmax, SoftmaxCost};
//! use ossicle::number::Real;
//! use ossicle::optimize::Lbfgs;
//! use ossicle::spectrum::bank::{Bank, LogBands};
//! use ossicle::spectrum::mel::{MelSettings, Norm, Scale};
//! use ossicle::spectrum::spectrogram::Spectrogram;
//!
//! // A quarter of a second at 8000 Hz whose pitch rises or falls by 2000 Hz.
//! let chirp = |rises: bool, k: usize| -> Vec<f32> {
//!     let (from, slope) = if rises { (500.0, 8000.0) } else { (2500.0, -8000.0) };
//!     let turns = |t: f32| (from + 50.0 * k as f32) * t + 0.5 * slope * t * t;
//!     (0..2000).map(|i| (2.0 * turns(i as f32 / 8000.0)).sin_cos_pi().0).collect()
//! };
//! let framing = Framing { length: 256, hop: 250 };
//! let settings = MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 20, lowest: 0.0, highest: 4000.0 };
//! let bank = Bank::mel(&settings, 256, 8000.0)?;
//! let mut front = LogBands::new(Spectrogram::new(framing), bank, 1e-6);
//!
//! // Examples are the columns of a matrix: seven frames of twenty bands.
//! let sounds: Vec<Vec<f32>> = (0..10).map(|i| front.frames(&chirp(i % 2 == 0, i))).collect();
//! let examples = Matrix::from_function(sounds[0].len(), 10, |row, column| sounds[column][row]);
//! let classes: Vec<usize> = (0..10).map(|i| i % 2).collect();
//!
//! let softmax = Softmax { features: examples.rows(), classes: 2, bias: true, weight_decay: 1e-3 };
//! let mut theta = vec![0.0; softmax.dimension()];
//! Lbfgs::default().minimize(&mut SoftmaxCost::new(softmax, &examples, &classes), &mut theta, |_| true);
//! assert_eq!(most_likely(&softmax.log_probabilities(&theta, &examples)), classes);
//! # Ok::<(), ossicle::spectrum::mel::MelError>(())
//! ```

// What the README shows is run too.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![no_std]
#![cfg_attr(test, allow(clippy::disallowed_methods))]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod audio;
pub mod bytes;
#[cfg(feature = "std")]
pub mod cli;
pub mod dataset;
pub mod machine;
pub mod matrix;
pub mod model;
pub mod number;
pub mod optimize;
pub mod picture;
pub mod predictor;
pub mod spectrum;
pub mod storage;
#[cfg(feature = "std")]
pub mod tutorial;
