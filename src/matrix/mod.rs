//! Matrices: dense matrices, their product, and the eigenvalues of symmetric ones.
//!
//! 1. [`dense`]: the matrix and its views;
//! 2. [`product`]: the definition of C = A·B, to the bit;
//! 3. [`blocked`]: the same bits at the speed of the machine: loops 5 to 3, threads, and epilogues;
//!    [`macro_kernel`]: loops 2 and 1, and how all five use the caches; [`packing`]: the order of elements in memory;
//! 4. [`jacobi`]: eigenvalues and eigenvectors of a symmetric matrix, the plain definition;
//! 5. [`symmetric`]: the same, fast; for large matrices with [`reflections`] in blocks and by [`divide`] and conquer,
//!    whose halves are joined by the roots of a [`secular`] equation.

mod aligned;
pub mod blocked;
pub mod dense;
mod display;
pub mod divide;
pub(crate) mod indirect;
pub mod jacobi;
pub mod macro_kernel;
pub mod packing;
pub mod product;
pub mod reflections;
pub mod secular;
pub mod symmetric;

pub use crate::machine::ViewMut;
pub use blocked::Product;
pub use dense::{Matrix, UnequalRows, View};
