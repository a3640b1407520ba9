//! Storage: file formats, and writing files safely.
//!
//! 1. [`atomic`]: a file is written completely or not at all;
//! 2. [`checkpoint`]: the state of a minimization, to be continued later;
//! 3. [`model`]: a trained model as a file;
//! 4. [`export_rust`], [`export_c`]: a predictor as source code, with a self-test ([`self_test`]);
//! 5. [`array`](mod@array), [`npy`], [`safetensors`]: arrays exchanged with Python;
//! 6. [`exchange`]: model files as such arrays, and back;
//! 7. [`csv`]: tables exchanged with everybody.
//!
//! The verbs: `encode` makes bytes of a value and `decode` a value of bytes, without touching a disk; `write` puts
//! bytes on the disk, as `std::fs::write` does.

// The head lists the modules that only the crate sees, too.
#![allow(rustdoc::private_intra_doc_links)]

pub mod array;
#[cfg(feature = "std")]
pub mod atomic;
pub mod checkpoint;
pub mod csv;
#[cfg(feature = "std")]
#[doc(hidden)]
pub mod exchange;
pub mod export_c;
pub mod export_rust;
pub mod model;
pub mod npy;
pub mod safetensors;
pub mod self_test;
