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
//! Unlike `display_network.m`, the mean of the sheet is not subtracted, so that mid-gray always means zero. Lines
//! between tiles are dark blue: in the original they are black, the color of a weight.
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
const SEPARATOR: Rgb = [22, 30, 66];

/// The sheet of the filters in `weights`, one after the other (unit · (bands · frames) + t · bands + f), each divided
/// by its largest |w|. Units go from left to right, then downward. Without filters the picture says "no data".
///
/// # Panics
/// If `shape` has no element, `weights` is not a whole number of filters of that shape, or the image is larger than
/// [`Image::new`] allows.
#[must_use]
pub fn tiles(weights: &[f64], shape: TileShape, options: SheetOptions) -> Image {
    let count = shape.count(weights);
    if count == 0 {
        return no_data();
    }
    // In units of cells: each tile has a line before it, and the last one also a line after it.
    let stretch = options.stretch.unwrap_or(shape.stretch()).max(1);
    let (pitch_x, pitch_y) = (size::sum([size::product([shape.frames, stretch]), 1]), shape.bands + 1);
    let columns = options.columns.unwrap_or(square_columns(count, pitch_x, pitch_y)).clamp(1, count);
    let width = size::sum([size::product([columns, pitch_x]), 1]);
    let height = count.div_ceil(columns) * pitch_y + 1;
    let largest_cell = (LARGEST_SHEET / width.max(height)).min(LARGEST_CELL);
    let cell = options.cell.unwrap_or(largest_cell).max(1);

    let mut sheet = Image::new(size::product([width, cell]), size::product([height, cell]), SEPARATOR);
    for (unit, filter) in weights.chunks_exact(weights.len() / count).enumerate() {
        let x = (unit % columns * pitch_x + 1) * cell;
        let y = (unit / columns * pitch_y + 1) * cell;
        let largest = largest_magnitude(filter);
        paint(&mut sheet, (x, y), (stretch * cell, cell), shape, filter, |w| {
            largest.map_or(MID_GREY, |largest| signed(w / largest))
        });
    }
    sheet
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

/// A sheet with a label in front of each of its rows, which are equally high.
///
/// # Panics
/// If there is no label, or the image would be larger than [`Image::new`] allows.
#[must_use]
pub fn with_row_labels(sheet: &Image, labels: &[&str]) -> Image {
    assert!(!labels.is_empty(), "rows without labels");
    let row = sheet.height() / labels.len();
    let scale = (row / (4 * text_height(1))).clamp(1, 2);
    let margin = 4 * scale;
    let widest = labels.iter().map(|label| text_width(label, scale)).max().unwrap_or(0);
    let left = widest + 2 * margin;
    let mut image = Image::new(size::sum([left, sheet.width()]), sheet.height(), WHITE);
    for (k, label) in labels.iter().enumerate() {
        let top = k * row + row.saturating_sub(text_height(scale)) / 2;
        image.text(margin + widest - text_width(label, scale), top, scale, BLACK, label);
    }
    image.paste(left, 0, sheet);
    image
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
    fn labels_stand_in_front_of_their_rows() {
        let sheet = tiles(&[1.0; 8], TileShape { bands: 2, frames: 2 }, SheetOptions { cell: Some(9), ..PLAIN });
        let labeled = with_row_labels(&sheet, &["a", "long"]);
        let left = labeled.width() - sheet.width();
        assert_eq!((left, labeled.height()), (text_width("long", 1) + 8, sheet.height()));
        assert_eq!(labeled.get(left + 10, 10), sheet.get(10, 10));
        let is_written = |rows: core::ops::Range<usize>, columns: core::ops::Range<usize>| {
            rows.into_iter().any(|y| columns.clone().any(|x| labeled.get(x, y) == Some(BLACK)))
        };
        // The shorter label ends where the longer one does.
        let (half, start) = (sheet.height() / 2, left - 4 - text_width("a", 1));
        assert!(!is_written(0..half, 0..start) && is_written(0..half, start..left));
        assert!(is_written(half..sheet.height(), 0..start));
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
    fn every_point_between_tiles_and_in_empty_places_is_separator() {
        let shape = TileShape { bands: 2, frames: 3 };
        let sheet = tiles(&[1.0; 18], shape, PLAIN);
        assert_eq!((sheet.width(), sheet.height()), (9, 7));
        let dark = sheet.rgb().chunks(3).filter(|point| *point == SEPARATOR);
        assert_eq!(dark.count(), 9 * 7 - 3 * 6);
        assert_eq!(sheet.get(5, 4), Some(SEPARATOR));
        assert_eq!(sheet.get(1, 4), Some(WHITE));
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
