//! Numbers: the trait [`Real`] of f32 and f64, elementary functions, sums in a fixed order, and random numbers.
//!
//! `core` has no exp, ln, sin or tanh, and those of an operating system differ in their last bits from one system to
//! another. This crate must produce the same bits everywhere, so it computes its own.
//!
//! 1. [`real`]: the trait [`Real`], over which everything numeric in this crate is generic;
//! 2. [`exponential`]: exp, the sigmoid and tanh, written once over lanes;
//! 3. [`logarithm`]: ln, and the logarithm of a sum of exponentials;
//! 4. [`trigonometric`]: sine and cosine of π·x;
//! 5. [`sum`]: sums, dot products and norms in a fixed order;
//! 6. [`random`]: the seeded generator;
//! 7. [`decimal`]: numbers in few digits, for messages.

pub mod decimal;
pub mod exponential;
pub mod logarithm;
pub mod random;
pub mod real;
pub mod sum;
pub mod trigonometric;

pub use random::Random;
pub use real::Real;
