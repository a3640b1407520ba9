//! placeholder
#![no_std]
#![deny(unsafe_code)]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod audio;
pub mod bytes;
pub mod machine;
pub mod matrix;
pub mod number;
