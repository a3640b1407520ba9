//! Matrices: rows and columns of numbers, their product, and the eigenvalues of the symmetric ones.
//!
//! 1. [`dense`]: the matrix and its views;
//! 2. [`product`]: what C = A·B means here, to the bit;
//! 3. [`blocked`]: the same bits at the speed of the machine: who does what, and in `strip` and `packing` how;
//! 4. [`jacobi`]: eigenvalues and eigenvectors of a symmetric matrix, the plain definition;
//! 5. [`symmetric`]: the same, fast.

mod aligned;
pub mod blocked;
pub mod dense;
pub mod jacobi;
mod packing;
pub mod product;
mod strip;
pub mod symmetric;

pub use crate::machine::ViewMut;
pub use blocked::Product;
pub use dense::{Matrix, View};
