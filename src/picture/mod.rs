//! Pictures: what was learned, made visible, down to the bytes of a file.
//!
//! To be read in this order:
//!
//! 1. [`image`]: a grid of colored points.
//! 2. [`font`]: letters on it.
//! 3. [`png`]: the grid as a file, lossless and compressed.
//! 4. [`color`]: from a number to a color.
//! 5. [`tiles`]: learned filters side by side, the tutorial's `display_network`.
//! 6. [`heat`]: windows of spectra side by side, one color scale for all.
//! 7. [`confusion`]: which class was taken for which.
//!
//! Layout is done in whole numbers, so that a picture is the same on every machine.

pub mod color;
pub mod confusion;
pub mod font;
pub mod heat;
pub mod image;
pub mod png;
pub mod tiles;
