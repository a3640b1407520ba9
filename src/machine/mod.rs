//! The machine: what the hardware offers, behind safe types. All `unsafe` code of the crate is in this module.
//!
//! The numerical contract (see NOTES.md) defines each operation once, and every instruction set must produce its bits.
//! This module makes that possible. A reader who wants the algorithms can skip it: [`Element`] is f32 or f64, a
//! [`Vector`] is a register of elements, and [`run`] executes an [`Operation`] on the machine's widest registers.
//!
//! 1. `fma` and `sqrt`: a·b + c rounded once, and the square root, by the processor or by exact integer software;
//! 2. `element`: the trait [`Element`] of f32 and f64;
//! 3. [`lanes`]: the traits [`Vector`] and [`Lanes`], over which an operation is written once;
//! 4. `portable`, `x86`, `aarch64`: their implementations, plain arrays and each instruction set;
//!    `unrolled`: four registers used as one;
//! 5. [`isa`]: which instruction sets this machine has; `dispatch`: an operation compiled for each of them;
//! 6. [`threads`]: the number of workers, and how they divide independent work; `pool`: the threads;
//! 7. `size`: sums and products of lengths that do not wrap;
//! 8. [`view_mut`]: a mutable view of a matrix, split so that workers can write its parts at once;
//! 9. `pages`: large matrices on large pages of memory;
//! 10. `tile`: the innermost loops of the matrix product; `indirect`: a matrix that is read through offsets.
//!
//! # Rules for code compiled for an instruction set
//!
//! The compiler uses an instruction set only inside a function that is marked for it, and `dispatch` has the only such
//! functions. An operation gets there by inlining alone. Therefore, in an [`Operation`] and in all that it calls:
//!
//! - Every function is `#[inline(always)]`. A function that is not inlined is compiled for the oldest processor of the
//!   target, and vectors reach it through memory.
//! - Vectors pass through no closure, and through no library function that takes one, such as `array::map`: both are
//!   functions that the compiler may decide not to inline. So is `next` of some iterators, such as that of two `chunks`
//!   zipped. Loops over an index and macros write the steps out.
//! - Loops over an array of registers have constant bounds: an array that is indexed by a variable stays in memory.
//! - Lanes hold independent results. No bit of a result depends on [`Lanes::WIDTH`].
//!
//! # Why the unsafe code is sound
//!
//! No call of a safe function, with any arguments, accesses memory that the arguments do not give access to. For each
//! file with `unsafe` (in parentheses, how often the word occurs in its code), this list gives the reason for it, the
//! invariant that it relies on, and the code that enforces the invariant:
//!
//! - `aarch64` (20): NEON instructions. The processor has them: a `Neon` and its registers exist only in builds for
//!   processors with NEON. Safe loads and stores first cut the slice to one register; those by address are `unsafe`.
//! - `dispatch` (8): calls functions that are compiled for an instruction set. The processor has it: `Detected` is
//!   private to the file, and made only from the result of `isa` or `is_here`; a fused multiply-add is detected right
//!   before.
//! - `element` (5): the fused multiply-add instruction. The processor has it: it is detected right before.
//! - `fma` (16): the fused multiply-add instruction; three of the 16 are in tests. The processor has it: the
//!   functions are `unsafe`, and each caller has detected it or holds a `Portable<true>`, which exists only after
//!   detection.
//! - `lanes` (4): loads and stores by address; two methods are `unsafe` themselves. In `transpose_block` the block lies
//!   within both slices: `fits` checks that for the outermost row and column, without wrapping, before the loops.
//! - `pages` (1): a system call that gives advice about whole pages of a slice. It changes no content and no
//!   permission.
//! - `pool` (1): lends the helpers a closure that does not live as long as they do. The caller returns or unwinds only
//!   after every call has returned: `PostedTask` waits for that, both when finished and when dropped.
//! - `portable` (6): loads and stores arrays by address, in `unsafe` methods; the fused multiply-add, which a
//!   `Portable<true>` vouches for, and only `dispatch` makes one.
//! - `view_mut` (4): rows of one slice, lent to several workers. No two views share an element, and every element
//!   lies in the slice: `new` checks that with `fits`, and a split checks its index.
//! - `sqrt` (5): instructions for the square root. The build has them.
//! - `unrolled` (4): loads and stores by address, in `unsafe` methods, once for each of its registers.
//! - `tile` (11): reads A and B and writes C by address. Every access is within bounds: before the loop, `fits` checks
//!   the last step of A and of B without wrapping, and an assertion checks that C has the tile's rows and columns. An
//!   `Indirect` matrix has private fields, and its constructor checks that the largest offset of a row plus the largest
//!   of a column is the index of an element. The implementations of `Lanes` are this module's own.
//! - `x86` (25): as `aarch64`, for AVX2 and AVX-512: an `Avx2` or `Avx512` is made by `dispatch` alone, after
//!   detection. A prefetch may have any address.
//!
//! `tile` and `transpose_block` rely on `Lanes::WIDTH`, so they are not public: a caller's own `Lanes` never reaches
//! them.

#![allow(unsafe_code)]

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod aarch64;
mod dispatch;
mod element;
pub(crate) mod fma;
pub(crate) mod indirect;
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

pub use dispatch::{Operation, run, run_on, run_on_software, run_single};
pub use element::Element;
pub use isa::Isa;
pub use lanes::{Lanes, Vector};
pub use view_mut::ViewMut;

#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!("x87 arithmetic rounds twice; build for a target with SSE2");
