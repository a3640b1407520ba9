//! placeholder
#![no_std]
#![deny(unsafe_code)]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod audio;
pub mod bytes;
pub mod machine;
pub mod matrix;
pub mod model;
pub mod number;
pub mod optimize;
pub mod picture;

pub mod spectrum;
