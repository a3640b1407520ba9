//! Ossicle trains a sound classifier from recordings, using features that it learns without labels. Every step from the
//! bytes of a WAV file to the label is written out, without a dependency, and every equation is tested.
//!
//! ```text
//! WAV -> log-mel frames -> windows, whitened -> sparse autoencoder -> softmax regression -> label
//! ```
//!
//! # The order for learning
//!
//! A file is a chapter with one idea. Read the chapters in this order:
//!
//! 1. a unit: [`model::activation`], and its parameters: [`model::parameters`];
//! 2. a cost to minimize: [`optimize::objective`], [`optimize::first_order`];
//! 3. is the gradient right? [`optimize::check`];
//! 4. the sparse autoencoder: [`model::autoencoder`];
//! 5. the features it learned: [`model::visualization`];
//! 6. classification from features: [`model::softmax`];
//! 7. deeper networks, layer by layer and as a whole: [`model::greedy`], [`model::stacked`];
//! 8. other autoencoders, each with one change: [`model::denoising`], [`model::contractive`],
//!    [`model::deep_autoencoder`], [`model::variational`], [`model::multimodal`]; [`model::sparse_coding`] and
//!    [`model::predictive`];
//! 9. sound: [`audio`], [`spectrum`], [`dataset`];
//! 10. minimizers: [`optimize::rule`], [`optimize::lbfgs`], [`optimize::line_search`], [`optimize::training`];
//! 11. convolution: [`model::convolution`], [`model::convolved_features`], [`model::network`];
//! 12. everything together: `tutorial`;
//! 13. appendix, the machine: [`number`], [`matrix`], [`machine`], [`predictor`]. No earlier chapter requires it.
//!
//! # The order of dependency
//!
//! The code has another order: a module uses only modules above it in this list, which a test enforces.
//!
//! 1. [`machine`]: the processor's instruction sets and threads, behind safe types;
//! 2. [`number`]: f32 and f64 as one trait, elementary functions, sums, random numbers;
//! 3. [`bytes`]: reading and writing bytes, checksums, compression;
//! 4. [`matrix`]: the matrix, its product, symmetric eigenvalues;
//! 5. [`audio`]: WAV files, frames, window functions, resampling;
//! 6. [`spectrum`]: the Fourier transform, mel and Bark bands, chroma, cepstrum, constant-Q;
//! 7. [`dataset`]: folders of recordings, splits, windows of spectra, normalization;
//! 8. [`optimize`]: objectives, the gradient check, line searches, L-BFGS, training with mini-batches;
//! 9. [`model`]: autoencoders, softmax regression, stacked and convolutional networks;
//! 10. [`picture`]: PNG and SVG: filters, spectra, confusion matrices, charts;
//! 11. [`predictor`]: a trained model in fixed memory, without an allocator;
//! 12. [`storage`]: model files, checkpoints, export to C and Rust, exchange with Python: .npy, safetensors, CSV;
//! 13. `tutorial`: the pipeline from recordings to the table of results;
//! 14. `cli`: the command line.
//!
//! # Features
//!
//! The default feature `cli` has everything that the program needs. A crate that uses the parts above `tutorial` in the
//! list builds in a third of the time with `default-features = false, features = ["std"]`:
//!
//! - `std`: files, folders, threads, and the detection of the instruction set; without it the crate needs only `core`
//!   and `alloc`;
//! - `tutorial`, with `std`: the module of that name;
//! - `cli`, with `tutorial`: the module of that name, and the program;
//! - `workbook`, with `tutorial`: what a student's workbook calls to find mistakes.
//!
//! # Sources
//!
//! Comments cite five documents as sources A to E:
//!
//! - **A**: the tutorial "Deep learning" of the course in machine learning at ATIAM, a master's program in Paris
//!   (<https://esling.github.io/atiam-ml-11-deep-learning/>), in its source text;
//! - **B**: the same tutorial as a web page, with the chapter on convolution;
//! - **C**: C. McCormick, "Deep learning tutorial - sparse autoencoder", May 30, 2014 (<http://mccormickml.com/>);
//! - **D**: L. Huang, "Deep Learning and Autoencoders", slides, Virginia Tech;
//! - **E**: F. Rousseau, "Deep Learning", lecture 4, slides.
//!
//! **UFLDL** is Stanford's tutorial "Unsupervised Feature Learning and Deep Learning"
//! (<http://ufldl.stanford.edu/wiki/index.php/UFLDL_Tutorial>), on which all of them build.
//!
//! # Example: from samples to labels
//!
//! Ten short sounds, five with rising pitch and five with falling pitch. The example needs no file and no thread.
//!
//! ```
//! use ossicle::audio::frames::Framing;
//! use ossicle::matrix::Matrix;
//! use ossicle::model::Softmax;
//! use ossicle::model::softmax::most_likely;
//! use ossicle::number::Real;
//! use ossicle::optimize::Lbfgs;
//! use ossicle::spectrum::bank::{Bank, LogBands};
//! use ossicle::spectrum::mel::{MelSettings, Norm, Scale};
//! use ossicle::spectrum::spectrogram::Spectrogram;
//!
//! // 1. Sounds: a quarter of a second at 8000 Hz, whose pitch rises or falls by 2000 Hz.
//! //    The start differs from sound to sound (k), so that a single frame does not give the label away.
//! let chirp = |rises: bool, k: usize| -> Vec<f32> {
//!     let (from, slope) = if rises { (500.0, 8000.0) } else { (2500.0, -8000.0) };
//!     // The number of cycles up to t seconds is the integral of the frequency.
//!     let cycles = |t: f32| (from + 50.0 * k as f32) * t + 0.5 * slope * t * t;
//!     (0..2000).map(|i| (2.0 * cycles(i as f32 / 8000.0)).sin_cos_pi().0).collect()
//! };
//!
//! // 2. Frames: 256 samples each, the next one 250 samples later.
//! //    Within such a short time the spectrum of a sound hardly changes.
//! let framing = Framing { length: 256, hop: 250 };
//!
//! // 3. Mel bands: 20 of them, from 0 to 4000 Hz, instead of 129 frequencies of the Fourier transform.
//! //    They are spaced like pitch in hearing, and few values make a small model.
//! let settings = MelSettings { scale: Scale::Slaney, norm: Norm::Area, bands: 20, lowest: 0.0, highest: 4000.0 };
//! let bank = Bank::mel(&settings, 256, 8000.0)?;
//!
//! // 4. The front end computes the logarithm of the power in each band, plus 1e-6.
//! //    A logarithm makes quiet and loud sounds comparable; the floor keeps silence finite.
//! let mut front_end = LogBands::new(Spectrogram::new(framing), bank, 1e-6);
//! let sounds: Vec<Vec<f32>> = (0..10).map(|i| front_end.frames(&chirp(i % 2 == 0, i))).collect();
//!
//! // 5. Examples are the columns of a matrix: seven frames of twenty bands each.
//! //    Then one matrix product computes all scores, Θ·X.
//! let examples = Matrix::from_function(sounds[0].len(), 10, |row, column| sounds[column][row]);
//! let labels: Vec<usize> = (0..10).map(|i| i % 2).collect();
//!
//! // 6. The model: softmax regression with two classes, whose parameters θ start at zero.
//! //    A little weight decay keeps the weights small, since ten examples are few.
//! let softmax = Softmax { features: examples.rows(), classes: 2, bias: true, weight_decay: 1e-3 };
//! let mut theta = vec![0.0; softmax.dimension()];
//!
//! // 7. Training: L-BFGS minimizes the cost J(θ) of the model on the examples.
//! //    The closure could report progress or stop early; here it always continues.
//! Lbfgs::default().minimize(&mut softmax.cost(&examples, &labels), &mut theta, |_| true);
//!
//! // 8. Prediction: the most likely class of each example.
//! //    All ten labels are correct.
//! assert_eq!(most_likely(&softmax.log_probabilities(&theta, &examples)), labels);
//! # Ok::<(), ossicle::spectrum::mel::MelError>(())
//! ```

// The examples in the README are tests too.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]
// The unit tests compile the tasks of the workbook, which are a student's code and therefore use std.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(test, allow(clippy::disallowed_methods))]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate self as ossicle;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod audio;
pub mod bytes;
#[cfg(feature = "cli")]
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
#[cfg(feature = "tutorial")]
pub mod tutorial;
