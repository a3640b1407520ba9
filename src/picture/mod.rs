//! Pictures: learned filters, spectra, confusion matrices and charts, down to the bytes of a PNG or SVG file.
//!
//! In reading order:
//!
//! 1. [`image`]: a grid of colored pixels;
//! 2. [`font`]: text on it;
//! 3. [`png`](mod@png): the grid as a compressed file, and such files read;
//! 4. [`color`]: color maps;
//! 5. [`tiles`]: learned filters in a grid, the tutorial's `display_network`;
//! 6. [`tile_sheet`]: the tiles with a title, axes, labels, their scale and a caption;
//! 7. [`heat`]: windows of spectra in a grid, with one color scale for all;
//! 8. [`confusion`]: the confusion matrix;
//! 9. [`svg`]: lines and text as a file that is sharp at every size;
//! 10. [`axis`]: linear and logarithmic axes with their ticks;
//! 11. [`bands`]: the labels of the rows of a spectrogram;
//! 12. [`contour`]: contour lines of a function of two variables;
//! 13. [`panels`]: spectrograms of whole recordings, with axes;
//! 14. [`chart`]: curves and paths, with axes and a legend;
//! 15. [`small_multiples`]: several charts with the same axes, one for each curve;
//! 16. [`regions`]: the decision regions of classifiers of two inputs.
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
pub mod small_multiples;
pub mod svg;
pub mod tile_sheet;
pub mod tiles;
