//! Storage: what is kept on disk.
//!
//! 1. [`atomic`]: a file is written whole or not at all;
//! 2. [`checkpoint`]: the state of a minimization as bytes.

#[cfg(feature = "std")]
pub mod atomic;
pub mod checkpoint;
