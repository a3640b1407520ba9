//! What the hardware offers, behind safe types. All `unsafe` code of the crate is in this room.
//!
//! The numerical contract (see NOTES.md) gives each operation one definition, and every instruction set must
//! produce its bits. This room makes that possible:
//!
//! 1. `fma`: a·b + c rounded once, and `sqrt`, the square root: by the processor or by exact integer software;
//! 2. [`lanes`]: a few numbers side by side, as a trait that is implemented for plain arrays and for each
//!    instruction set, so that a kernel is written once;
//!    `unrolled` registers can be taken as one;
//! 3. [`isa`]: which instruction sets this machine has, and how an operation is compiled for each of them;
//! 4. [`threads`]: how many workers there are and how they share out independent results; the threads stay;
//! 5. `size`: sums and products of lengths that do not wrap;
//! 6. `tile`: the innermost loops of the matrix product;
//! 7. [`view_mut`]: a matrix cut into rectangles that several workers may write at once;
//! 8. `pages`: large matrices on large pages of memory.
//!
//! # Why the unsafe code is sound
//!
//! No safe function, whatever its arguments, may access memory that they do not give it access to. For each file with
//! `unsafe` (in parentheses, how often the word occurs in its code), this list gives the reason for it, the invariant
//! that it relies on, and the code that enforces the invariant:
//!
//! - `aarch64` (20): NEON instructions. The processor has them: a `Neon` and its registers exist only in builds for
//!   processors with NEON. Safe loads and stores first cut the slice to one register; those by address are `unsafe`.
//! - `fma` (16): the fused multiply-add instruction; three of the 16 are in tests. The processor has it: the
//!   functions are `unsafe`, and each caller has detected it or holds a `Portable<true>`, which exists only after
//!   detection.
//! - `isa` (13): calls functions that are compiled for an instruction set. The processor has it: `Detected` is
//!   private to the file, and made of what `isa` or `is_here` found; a fused multiply-add is detected right before.
//! - `lanes` (4): loads and stores by address; two methods are `unsafe` themselves. In `transpose_block` the block lies within
//!   both slices: `fits` checks that for the outermost row and column, without wrapping, before the loops.
//! - `pages` (1): a system call that gives advice about whole pages of a slice. It changes no content and no
//!   permission.
//! - `pool` (1): lends the helpers a closure that does not live as long as they do. The caller returns or unwinds only
//!   after every call has returned: `PostedTask` waits for that, whether finished or dropped.
//! - `portable` (6): loads and stores arrays by address, in `unsafe` methods; the fused multiply-add, which a
//!   `Portable<true>` vouches for, and only `isa` makes one.
//! - `view_mut` (4): rows of one slice, lent to several workers. No two rectangles share an element, and every element
//!   lies in the slice: `new` checks that with `fits`, and a split checks its index.
//! - `sqrt` (5): instructions for the square root. The build has them.
//! - `unrolled` (4): loads and stores by address, in `unsafe` methods, once for each of its registers.
//! - `tile` (6): reads A and B and writes C by address. Every access is within bounds: before the loop, `fits` checks
//!   the last step of A and of B without wrapping, and an assertion checks that C has the tile's rows and columns. The
//!   implementations of `Lanes` are this module's own.
//! - `x86` (25): as `aarch64`, for AVX2 and AVX-512: an `Avx2` or `Avx512` is made by `isa` alone, after detection.
//!   A prefetch may be of any address.
//!
//! `tile` and `transpose_block` rely on `Lanes::WIDTH`, so they are not public: a caller's own `Lanes` never reaches them.

#![allow(unsafe_code)]

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod aarch64;
pub(crate) mod fma;
pub mod isa;
pub mod lanes;
pub(crate) mod pages;
#[cfg(feature = "std")]
mod pool;
mod portable;
pub(crate) mod size;
pub(crate) mod sqrt;
pub mod threads;
pub(crate) mod tile;
pub(crate) mod unrolled;
pub mod view_mut;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use isa::{Element, Isa, Operation, run, run_on};
pub use lanes::{Lanes, Vector};
pub use view_mut::ViewMut;

#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!("x87 arithmetic rounds twice; build for a target with SSE2");
