//! placeholder
#![no_std]
#![deny(unsafe_code)]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod audio;
pub mod bytes;
pub mod dataset;
pub mod machine;
pub mod matrix;
pub mod model;
pub mod number;
pub mod optimize;
pub mod picture;

#[cfg(feature = "std")]
pub mod cli;
pub mod spectrum;
#[cfg(feature = "std")]
pub mod tutorial;
