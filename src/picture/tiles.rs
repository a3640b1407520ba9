//! Tiles: the input to which each hidden unit responds most, as in the tutorial's `display_network`.
//!
//! One unit's filter has a weight for each element of a window of spectra, so it is a small picture too: bright where
//! the unit responds to energy, dark where energy inhibits it. The sheet shows one tile for each unit:
//!
//! - Time goes to the right and frequency up. Frame t, band f is element t·bands + f of the filter.
//! - Each filter is divided by its largest |w|, because units differ in strength and the shape matters. So brightness
//!   cannot be compared between tiles. Zero is mid-gray, a positive weight brighter, a negative one darker.
//! - A filter of zeros, or one with a weight that is not finite, is mid-gray.
//!
//! Units have no order of their own. Sorted by frequency, similar tiles are neighbors, and a sheet of hundreds can be
//! read. The key of a unit is the band that holds most of its squared weights:
//!
//! ```text
//! (TI.1)  band of a unit = the lowest f with the largest Σ_t w(t, f)²
//! ```
//!
//! Unlike `display_network.m`, the mean of the sheet is not subtracted, so that mid-gray always means zero. Lines
//! between tiles are dark blue: in the original they are black, the color of a weight. Places after the last tile are
//! white. [`TileSheet`](super::tile_sheet::TileSheet) adds what a reader needs: a title, axes, the scale and a caption.
//!
//! Source: A, §8.2, "Visualization"; UFLDL, "Visualizing a trained autoencoder".

use super::color::{MID_GREY, signed};
use super::font::{text_height, text_width};
use super::image::{BLACK, Image, Rgb, WHITE};
use crate::machine::size;
use alloc::vec::Vec;

/// The shape of a vector of bands · frames elements, as a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileShape {
    /// Frequency bands, the height of a tile.
    pub bands: usize,
    /// Frames in time, the width of a tile.
    pub frames: usize,
}

impl TileShape {
    /// The number of tiles in `values`.
    pub(super) fn count(self, values: &[f64]) -> usize {
        let TileShape { bands, frames } = self;
        let size = bands.saturating_mul(frames);
        assert!(size > 0, "a tile has no element: {bands} bands x {frames} frames");
        assert!(
            values.len().is_multiple_of(size),
            "{} elements are not whole tiles of {bands} bands x {frames} frames",
            values.len()
        );
        values.len() / size
    }

    /// The default ratio of a cell's width to its height: up to 4, so that a tile is about half as wide as high. A
    /// window of few frames would otherwise be a narrow strip, which is hard to read.
    pub(super) fn stretch(self) -> usize {
        (self.bands / 2 / self.frames).clamp(1, 4)
    }
}

/// The layout of a sheet. `None` chooses a good value; 0 counts as 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SheetOptions {
    /// Tiles in a row of the sheet. By default the sheet is about as wide as high.
    pub columns: Option<usize>,
    /// Height of a cell (one frame, one band) in pixels. By default the sheet fills the screen.
    pub cell: Option<usize>,
    /// The ratio of a cell's width to its height. By default 1 to 4, more for narrow tiles.
    pub stretch: Option<usize>,
}

/// The length of a side up to which a sheet is magnified, in pixels.
const LARGEST_SHEET: usize = 1600;
/// The largest default cell, in pixels: a single filter need not fill a screen.
const LARGEST_CELL: usize = 24;
/// The widest line between tiles, in pixels.
const WIDEST_LINE: usize = 4;
const SEPARATOR: Rgb = [22, 30, 66];

/// The positions of tiles on a sheet, in pixels. A line precedes each tile, and another one follows the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Tiles in a row.
    pub columns: usize,
    /// Rows of tiles.
    pub rows: usize,
    /// The width and the height of a cell.
    pub cell: [usize; 2],
    /// The width and the height of a tile.
    pub tile: [usize; 2],
    /// The width of a line.
    pub line: usize,
}

impl Layout {
    /// The layout of at least one tile.
    pub fn new(count: usize, shape: TileShape, options: SheetOptions) -> Self {
        let TileShape { bands, frames } = shape;
        let stretch = options.stretch.unwrap_or(shape.stretch()).max(1);
        // In units of cells; a line is at most as wide as a cell is high.
        let [pitch_x, pitch_y] = [size::sum([size::product([frames, stretch]), 1]), bands + 1];
        let columns = options.columns.unwrap_or(square_columns(count, pitch_x, pitch_y)).clamp(1, count);
        let rows = count.div_ceil(columns);
        let longest = size::product([columns, pitch_x]).max(size::product([rows, pitch_y]));
        let cell = options.cell.unwrap_or((LARGEST_SHEET / size::sum([longest, 1])).min(LARGEST_CELL)).max(1);
        let tile = [size::product([frames, stretch, cell]), size::product([bands, cell])];
        Layout { columns, rows, cell: [size::product([stretch, cell]), cell], tile, line: cell.min(WIDEST_LINE) }
    }

    /// The distance from a tile to the next, to the right and downward.
    pub fn pitch(&self) -> [usize; 2] {
        self.tile.map(|side| size::sum([side, self.line]))
    }

    /// The width and the height of the sheet.
    pub fn size(&self) -> [usize; 2] {
        let [x, y] = self.pitch();
        [[self.columns, x], [self.rows, y]].map(|sides| size::sum([size::product(sides), self.line]))
    }

    /// The top left pixel of a tile.
    pub fn corner(&self, tile: usize) -> [usize; 2] {
        let [x, y] = self.pitch();
        [tile % self.columns * x + self.line, tile / self.columns * y + self.line]
    }
}

/// The sheet of the filters in `weights`, one after the other (unit · (bands · frames) + t · bands + f), each divided
/// by its largest |w|. Units go from left to right, then downward. Without filters the picture says "no data".
///
/// # Panics
/// If `shape` has no element, `weights` is not a whole number of filters of that shape, or the image is larger than
/// [`Image::new`] allows.
#[must_use]
pub fn tiles(weights: &[f64], shape: TileShape, options: SheetOptions) -> Image {
    match shape.count(weights) {
        0 => no_data(),
        count => sheet(weights, shape, &Layout::new(count, shape, options)),
    }
}

/// The sheet of at least one filter in a layout.
pub(super) fn sheet(weights: &[f64], shape: TileShape, layout: &Layout) -> Image {
    let ([width, height], [pitch_x, pitch_y]) = (layout.size(), layout.pitch());
    let mut sheet = Image::new(width, height, WHITE);
    for (unit, filter) in weights.chunks_exact(shape.bands * shape.frames).enumerate() {
        let ([x, y], line, largest) = (layout.corner(unit), layout.line, largest_magnitude(filter));
        sheet.fill_rect(x - line, y - line, pitch_x + line, pitch_y + line, SEPARATOR);
        paint(&mut sheet, (x, y), (layout.cell[0], layout.cell[1]), shape, filter, |w| {
            largest.map_or(MID_GREY, |largest| signed(w / largest))
        });
    }
    sheet
}

/// The filters in the order of their bands (TI.1), from the lowest one; those of one band keep their order.
///
/// # Panics
/// If `weights` is not a whole number of filters of that shape.
#[must_use]
pub fn by_band(weights: &[f64], shape: TileShape) -> Vec<f64> {
    if shape.count(weights) == 0 {
        return Vec::new();
    }
    let mut filters: Vec<&[f64]> = weights.chunks_exact(shape.bands * shape.frames).collect();
    filters.sort_by_key(|filter| strongest_band(filter, shape.bands));
    filters.concat()
}

/// The band with the largest sum of squared weights (TI.1); the lowest one among equals.
fn strongest_band(filter: &[f64], bands: usize) -> usize {
    let energy = |f: usize| filter.iter().skip(f).step_by(bands).fold(0.0, |sum, w| sum + w * w);
    (0..bands).fold((0, 0.0), |best, f| if energy(f) > best.1 { (f, energy(f)) } else { best }).0 // (TI.1)
}

/// Reorders images for [`tiles`]: from rows, top to bottom, to columns, each from the bottom, as in windows of spectra.
///
/// # Panics
/// If `points` is not a whole number of images of that shape.
#[must_use]
pub fn upright(points: &[f64], shape: TileShape) -> Vec<f64> {
    let TileShape { bands: height, frames: width } = shape;
    if shape.count(points) == 0 {
        return Vec::new();
    }
    let place = |k: usize| (height - 1 - k % height) * width + k / height;
    points.chunks(height * width).flat_map(|image| (0..image.len()).map(|k| image[place(k)])).collect()
}

/// max |w|; `None` if all weights are zero, or one is infinite or NaN.
fn largest_magnitude(filter: &[f64]) -> Option<f64> {
    let all_finite = filter.iter().all(|w| w.is_finite());
    let largest = filter.iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
    (all_finite && largest > 0.0).then_some(largest)
}

/// The number of columns for which the longer side of a sheet of `count` tiles is shortest; among equals, the one with
/// the fewest empty cells, then the widest.
pub(super) fn square_columns(count: usize, tile_width: usize, tile_height: usize) -> usize {
    let cost = |columns: &usize| {
        let rows = count.div_ceil(*columns);
        (columns.saturating_mul(tile_width).max(rows.saturating_mul(tile_height)), columns * rows)
    };
    (1..=count).rev().min_by_key(cost).unwrap_or(1)
}

/// Draws one window: `corner` is its top left pixel, `cell` the width and height of a cell.
pub(super) fn paint(
    image: &mut Image,
    corner: (usize, usize),
    cell: (usize, usize),
    shape: TileShape,
    window: &[f64],
    color: impl Fn(f64) -> Rgb,
) {
    for (t, frame) in window.chunks_exact(shape.bands).enumerate() {
        for (f, &value) in frame.iter().enumerate() {
            let x = corner.0 + t * cell.0;
            let y = corner.1 + (shape.bands - 1 - f) * cell.1;
            image.fill_rect(x, y, cell.0, cell.1, color(value));
        }
    }
}

/// The picture for missing data.
pub(super) fn no_data() -> Image {
    let (text, scale, margin) = ("no data", 2, 16);
    let width = text_width(text, scale) + 2 * margin;
    let mut image = Image::new(width, text_height(scale) + 2 * margin, WHITE);
    image.text(margin, margin, scale, BLACK, text);
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const PLAIN: SheetOptions = SheetOptions { columns: Some(2), cell: Some(1), stretch: Some(1) };

    fn greys(image: &Image, x: usize, y: usize, width: usize, height: usize) -> Vec<u8> {
        let points = (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y)));
        points
            .map(|(x, y)| image.get(x, y).unwrap())
            .inspect(|color| assert_eq!(*color, [color[0]; 3]))
            .map(|color| color[0])
            .collect()
    }

    #[test]
    fn time_goes_right_frequency_up_and_each_filter_has_its_own_scale() {
        let shape = TileShape { bands: 3, frames: 2 };
        // Frame 0: 4, 0, 0 from low to high; frame 1: 0, -4, 2. Then the same a millionth as large.
        let filter = [4.0, 0.0, 0.0, 0.0, -4.0, 2.0];
        let mut weights = filter.to_vec();
        weights.extend(filter.map(|w| w / 1e6));
        let sheet = tiles(&weights, shape, PLAIN);
        assert_eq!((sheet.width(), sheet.height()), (7, 5));
        let expected = [128, 191, 128, 0, 255, 128];
        assert_eq!(greys(&sheet, 1, 1, 2, 3), expected);
        assert_eq!(greys(&sheet, 4, 1, 2, 3), expected);
    }

    #[test]
    fn filters_are_sorted_by_the_band_of_most_of_their_energy() {
        let shape = TileShape { bands: 3, frames: 2 };
        // One large weight in the highest band; two in the middle band, together larger; zeros; then the lowest band.
        let high = [0.0, 0.0, -3.0, 0.0, 0.0, 0.0];
        let middle = [0.0, 2.5, 3.0, 0.0, -2.5, 0.0];
        let (zero, low) = ([0.0; 6], [1.0, 0.0, 0.0, 0.0, 0.0, 0.5]);
        assert_eq!(by_band(&[high, middle, zero, low].concat(), shape), [zero, low, middle, high].concat());
        assert_eq!([high, middle, zero, low].map(|filter| strongest_band(&filter, 3)), [2, 1, 0, 0]);
        assert!(by_band(&[], shape).is_empty() && by_band(&[f64::NAN; 6], shape).len() == 6);
    }

    #[test]
    fn images_stand_upright() {
        let shape = TileShape { bands: 2, frames: 3 };
        // 1 at the top left, -1 at the bottom right, and the same mirrored.
        let images = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0];
        let sheet = tiles(&upright(&images, shape), shape, PLAIN);
        assert_eq!(greys(&sheet, 1, 1, 3, 2), [255, 128, 128, 128, 128, 0]);
        assert_eq!(greys(&sheet, 5, 1, 3, 2), [128, 128, 255, 0, 128, 128]);
    }

    #[test]
    fn filters_without_a_scale_are_mid_grey() {
        let shape = TileShape { bands: 2, frames: 1 };
        let weights = [0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, -1.0, 5e-324, f64::MIN_POSITIVE];
        let options = SheetOptions { columns: Some(9), ..PLAIN };
        let sheet = tiles(&weights, shape, options);
        assert_eq!(sheet.width(), 4 * 2 + 1);
        for x in [1, 3, 5] {
            assert_eq!(greys(&sheet, x, 1, 1, 2), [128, 128]);
        }
        assert_eq!(greys(&sheet, 7, 1, 1, 2), [255, 128]);
    }

    #[test]
    fn lines_surround_each_tile_and_places_after_the_last_one_are_white() {
        let shape = TileShape { bands: 2, frames: 3 };
        let sheet = tiles(&[0.0; 18], shape, PLAIN);
        assert_eq!((sheet.width(), sheet.height()), (9, 7));
        let count = |color: Rgb| sheet.rgb().chunks(3).filter(|point| *point == color).count();
        assert_eq!(count(MID_GREY), 3 * 6);
        assert_eq!(count(WHITE), 4 * 3);
        assert_eq!(count(SEPARATOR), 9 * 7 - 3 * 6 - 4 * 3);
        assert_eq!([sheet.get(8, 6), sheet.get(4, 6), sheet.get(5, 6)], [Some(WHITE), Some(SEPARATOR), Some(WHITE)]);
        // Between large cells, a line is narrower than a cell.
        let large = Layout::new(4, shape, SheetOptions { cell: Some(20), ..PLAIN });
        assert_eq!((large.tile, large.line, large.corner(3)), ([60, 40], WIDEST_LINE, [68, 48]));
    }

    #[test]
    fn the_usual_sheets_are_large_enough_to_see_and_no_larger() {
        for (bands, frames) in [(40, 4), (24, 10), (28, 28), (13, 40), (128, 1), (8, 8)] {
            for count in [25, 64, 100, 196, 200, 400] {
                let weights = vec![1.0; count * bands * frames];
                let sheet = tiles(&weights, TileShape { bands, frames }, SheetOptions::default());
                let (width, height) = (sheet.width(), sheet.height());
                let long = width.max(height);
                assert!((801..=1600).contains(&long), "{bands} {frames} {count}: {long}");
                assert!(2 * width > height && 2 * height > width, "{width} {height}");
            }
        }
    }

    #[test]
    fn equal_tiles_make_a_square_grid() {
        let sides = [1, 4, 5, 9, 12, 100].map(|count| square_columns(count, 9, 9));
        assert_eq!(sides, [1, 2, 3, 3, 4, 10]);
    }

    #[test]
    fn no_filters_give_a_picture_that_says_so() {
        let shape = TileShape { bands: 2, frames: 3 };
        assert_eq!(tiles(&[], shape, SheetOptions::default()), no_data());
    }

    #[test]
    #[should_panic(expected = "7 elements are not whole tiles of 2 bands x 3 frames")]
    fn half_a_filter_panics() {
        let _ = tiles(&[0.0; 7], TileShape { bands: 2, frames: 3 }, PLAIN);
    }
}
