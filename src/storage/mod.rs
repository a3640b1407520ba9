//! Storage: what is kept on disk.
//!
//! 1. [`atomic`]: a file is written whole or not at all.

#[cfg(feature = "std")]
pub mod atomic;
