//! Storage: file formats, and writing files safely.
//!
//! 1. [`atomic`]: a file is written completely or not at all;
//! 2. [`checkpoint`]: the state of a minimization, to be continued later;
//! 3. [`model`]: a trained model as a file;
//! 4. [`export_rust`], [`export_c`]: a predictor as source code, with a self-test ([`self_test`]).
//!
//! The verbs: `encode` makes bytes of a value and `decode` a value of bytes, without touching a disk; `write` puts
//! bytes on the disk, as `std::fs::write` does.

#[cfg(feature = "std")]
pub mod atomic;
pub mod checkpoint;
pub mod export_c;
pub mod export_rust;
pub mod model;
pub mod self_test;
