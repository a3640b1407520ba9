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
//! 8. [`svg`]: lines and words as a file that is sharp at every size.
//! 9. [`axis`]: from a number to a place, and the numbers beside an axis.
//! 10. [`bands`]: what is written beside the rows of a spectrum.
//! 11. [`contour`]: the lines along which a function has one value.
//! 12. [`panels`]: spectra of whole recordings with axes, on one sheet.
//! 13. [`chart`]: curves and paths with axes and a legend.
//!
//! A picture is the same on every machine: PNG layouts are done in whole numbers, and what SVG says is rounded to hundredths.

pub mod axis;
pub mod bands;
pub mod chart;
pub mod color;
pub mod confusion;
pub mod contour;
pub mod font;
pub mod heat;
pub mod image;
pub mod panels;
pub mod png;
pub mod svg;
pub mod tiles;
