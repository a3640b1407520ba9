//! The predictor: a trained model on a machine without an allocator, from samples to the probability of each class.
//!
//! Why a second implementation: the pipeline of `tutorial` works on matrices of whole data sets, and a board has
//! neither the memory for them nor an allocator. The predictor does the same computation (the methods `sparse-pooled`
//! and `stacked-pooled`, or one network of `convolutional`) sample by sample, and gives the same bits. Its memory is a
//! slice from the caller, whose size is known when the program is built. Nothing is allocated and nothing panics: a
//! size that does not fit is an error.
//!
//! 1. [`sizes`]: the sizes, from which the memory and the flash of a predictor follow;
//! 2. [`model`]: the tables and parameters that a predictor reads, borrowed, for example from flash;
//! 3. [`fourier`]: the Fourier transform in the caller's memory;
//! 4. [`front_end`]: samples to log-mel frames, in pieces of any length;
//! 5. [`pooled`]: log-mel frames to features averaged over time;
//! 6. [`convolutional`]: log-mel frames to the maps of a convolutional network;
//! 7. [`classify`]: from either to the probability of each class;
//! 8. [`deployed`]: a model as it is trained and saved, and the tables computed from it (this file allocates).
//!
//! ```
//! use ossicle::predictor::Predictor;
//! # let trained = ossicle::predictor::deployed::example();
//! # let tables = trained.tables(0.5)?;
//! # let model = tables.model();
//! // On a board, `model` is a constant of the module that `ossicle export` wrote, and `memory` is a static array.
//! let mut memory = vec![0.0; model.sizes.memory()];
//! let mut predictor = Predictor::new(&model, &mut memory)?;
//! for piece in [[1000i16; 500], [-1000; 500]] {
//!     predictor.push_samples(piece.map(|sample| f32::from(sample) / 32768.0))?; // pieces of any length
//! }
//!
//! let result = predictor.classify()?;
//! assert!(result.class < model.sizes.classes && result.log_probabilities[result.class] < 0.0);
//! predictor.reset(); // the next sound begins
//! # Ok::<(), ossicle::predictor::PredictorError>(())
//! ```

pub mod classify;
pub mod convolutional;
pub mod deployed;
pub mod fourier;
pub mod front_end;
pub mod model;
pub mod pooled;
pub mod sizes;

pub use classify::Classification;
pub use front_end::Predictor;
pub use model::{Band, Classifier, ConvolutionalTables, Layer, Model, PooledTables};
pub use sizes::{ClassifierSizes, ConvolutionalSizes, PooledSizes, PredictorError, PredictorSizes};
