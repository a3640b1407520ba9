//! Pictures: learned filters, spectra, confusion matrices and charts, down to the bytes of a PNG or SVG file.
//!
//! In reading order:
//!
//! 1. [`image`]: a grid of colored pixels;
//! 2. [`font`]: text on it;
//! 3. [`png`](mod@png): the grid as a compressed file, and such files read;
//! 4. [`color`]: color maps;
//! 5. [`tiles`]: learned filters in a grid, the tutorial's `display_network`;
//! 6. [`heat`]: windows of spectra in a grid, with one color scale for all;
//! 7. [`confusion`]: the confusion matrix;
//! 8. [`svg`]: lines and text as a file that is sharp at every size;
//! 9. [`axis`]: linear and logarithmic axes with their ticks;
//! 10. [`bands`]: the labels of the rows of a spectrogram;
//! 11. [`contour`]: contour lines of a function of two variables;
//! 12. [`panels`]: spectrograms of whole recordings, with axes;
//! 13. [`chart`]: curves and paths, with axes and a legend;
//! 14. [`regions`]: the decision regions of classifiers of two inputs.
//!
//! A picture has the same bytes on every machine: layouts of PNG files are computed in integers, and coordinates in SVG
//! files are rounded to hundredths.

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
pub mod regions;
pub mod svg;
pub mod tiles;
