//! What the hardware offers, behind safe types. All `unsafe` code of the crate is in this room.
//!
//! The numerical contract (see NOTES.md) gives each operation one definition, and every instruction set must
//! produce its bits. This room makes that possible:
//!
//! 1. [`fused`]: a·b + c rounded once, and [`root`], the square root: by the processor or by exact integer software;
//! 2. [`lanes`]: a few numbers side by side, as a trait that is implemented for plain arrays and for each
//!    instruction set, so that a kernel is written once;
//!    [`several`] registers can be taken as one;
//! 3. [`kernel`]: which instruction sets this machine has, and how an operation is compiled for each of them;
//! 4. [`threads`]: how many workers there are and how they share out independent results; the threads stay;
//! 5. [`tile`]: the innermost loops of the matrix product;
//! 6. [`rectangle`]: a matrix cut into rectangles that several workers may write at once;
//! 7. [`pages`]: large matrices on large pages of memory.

#![allow(unsafe_code)]

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod aarch64;
#[cfg(feature = "std")]
mod crew;
pub mod fused;
pub mod kernel;
pub mod lanes;
pub mod pages;
mod portable;
pub mod rectangle;
pub mod root;
pub mod several;
pub mod threads;
pub mod tile;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use kernel::{Element, Kernel, Operation, run, run_on};
pub use lanes::{Lanes, Vector};
pub use rectangle::Rectangle;

#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!("x87 arithmetic rounds twice; build for a target with SSE2");
