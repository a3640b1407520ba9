//! Storage: what is kept on disk.
//!
//! 1. [`atomic`]: a file is written whole or not at all;
//! 2. [`checkpoint`]: the state of a minimization as bytes;
//! 3. [`model`]: what was learned, as a file;
//! 4. [`export_rust`], [`export_c`]: a predictor as the source of a program, with a sound to test it by ([`self_test`]).

#[cfg(feature = "std")]
pub mod atomic;
pub mod checkpoint;
pub mod export_c;
pub mod export_rust;
pub mod model;
pub mod self_test;
