//! The predictor: from samples to a class in memory that the caller gives, for machines without an allocator.
//!
//! It says nothing new: it walks the road of `tutorial` (`sparse-pooled`) one number at a time, and has its bits. But
//! all sizes are known when the program is built, nothing is allocated, and no path panics: what does not fit is an
//! error.
//!
//! 1. [`sizes`]: the sizes, and with them the memory and the flash that a predictor takes;
//! 2. [`model`]: tables and learned numbers, borrowed from wherever they lie, such as flash;
//! 3. [`fourier`]: the Fourier transform in memory that is given;
//! 4. [`front_end`]: samples to log-mel frames, as they come;
//! 5. [`classify`]: log-mel frames to the probability of each class;
//! 6. [`deployed`]: what was learned, and the tables made of it (this one allocates).
//!
//! ```
//! use ossicle::predictor::Predictor;
//! # let trained = ossicle::predictor::deployed::example();
//! # let tables = trained.tables(0.5)?;
//! # let model = tables.model();
//! // `model` is a constant of the module that `ossicle export` writes, and the memory a static array.
//! let mut memory = vec![0.0; model.sizes.memory()];
//! let mut predictor = Predictor::new(&model, &mut memory)?;
//! for piece in [[1000i16; 500], [-1000; 500]] {
//!     predictor.push_samples(piece.map(|sample| f32::from(sample) / 32768.0))?; // as much as there is, as often as it comes
//! }
//! let answer = predictor.classify()?;
//! assert!(answer.class < model.sizes.classes && answer.log_probabilities[answer.class] < 0.0);
//! # Ok::<(), ossicle::predictor::PredictorError>(())
//! ```

pub mod classify;
pub mod deployed;
pub mod fourier;
pub mod front_end;
pub mod model;
pub mod sizes;

pub use classify::Classification;
pub use front_end::Predictor;
pub use model::{Band, Model};
pub use sizes::{PredictorError, PredictorSizes};
