//! Heat maps: windows of spectra in a grid, a first look at the training data of a model.
//!
//! The layout is that of the [tiles](super::tiles): time to the right, frequency up, and frame t, band f at t·bands +
//! f. But here amounts matter, so the whole sheet has one color scale: the smallest finite value v₀ is dark blue, the
//! largest one v₁ yellow, and a color bar on the right shows both.
//!
//! ```text
//! (HM.1)  color = level((v - v₀) / (v₁ - v₀))
//! ```
//!
//! Values that are not finite are gray and do not affect the scale. Each window has its label below, cut to its width.
//! The first window of each row has the labels of the frequency axis.
//!
//! Source: A, §8.1, "Inputs" and its exercise ("test your function on different transforms to
//! observe the outputs").

use alloc::format;
use alloc::string::String;

use super::bands::Bands;
use super::color::level;
use super::font::{cut, text_height, text_width};
use super::image::{BLACK, Image, WHITE};
use super::tiles::{SheetOptions, TileShape, no_data, paint, square_columns};
use crate::machine::size;

/// The size up to which a sheet is magnified, in pixels.
const LARGEST_WIDTH: usize = 1400;
const LARGEST_HEIGHT: usize = 1000;
const LARGEST_CELL: usize = 24;

const MARGIN: usize = 16;
/// White space between windows.
const GAP: usize = 14;
const SCALE: usize = 2;
const LINE: usize = text_height(SCALE);
/// The height between two windows: label and space.
const CAPTION: usize = LINE + 6 + GAP;
const BAR_WIDTH: usize = 18;
/// The largest number of labels on the frequency axis.
const MOST_TICKS: usize = 12;

/// The windows in `values`, one after the other (window · (bands · frames) + t · bands + f), with a title above, a
/// label below each one, and one color scale for all. Without windows the picture says "no data".
///
/// # Panics
/// If `shape` has no element, `values` is not a whole number of windows of that shape, `labels` does not have one label
/// for each window, `bands` does not have the number of bands of `shape`, or the image is larger than [`Image::new`]
/// allows.
#[must_use]
pub fn heat_sheet<L: AsRef<str>>(
    title: &str,
    values: &[f64],
    labels: &[L],
    bands: &Bands,
    shape: TileShape,
    options: SheetOptions,
) -> Image {
    let count = shape.count(values);
    assert_eq!(labels.len(), count, "one label for each window");
    assert_eq!(bands.count(), shape.bands, "bands of a window");
    if count == 0 {
        return no_data();
    }
    let range = Range::of(values);
    let (lowest, highest) = (short_number(range.lowest), short_number(range.highest));

    let tick_width = bands.ticks(MOST_TICKS).iter().map(|(_, text)| text_width(text, SCALE)).max().unwrap_or(0);
    let (left, top) = (MARGIN + LINE + 8 + tick_width + 6, MARGIN + LINE + 14);
    let bar_label = text_width(&lowest, SCALE).max(text_width(&highest, SCALE));
    let right = GAP + BAR_WIDTH + 6 + bar_label + MARGIN;
    let bottom = LINE + MARGIN;

    let stretch = options.stretch.unwrap_or(shape.stretch()).max(1);
    let columns = options.columns.unwrap_or_else(|| {
        // A label takes about a tenth of a window's height; a screen is wider than high.
        let tile_height = shape.bands + shape.bands / 10 + 1;
        let tile_width = shape.frames.saturating_mul(stretch).saturating_add(1);
        square_columns(count, tile_width.saturating_mul(5), 7 * tile_height)
    });
    let columns = columns.clamp(1, count);
    let rows = count.div_ceil(columns);
    let cell = options.cell.unwrap_or_else(|| {
        let width = LARGEST_WIDTH.saturating_sub(left + columns * GAP + right);
        let height = LARGEST_HEIGHT.saturating_sub(top + rows * CAPTION + bottom);
        let by_width = width / columns.saturating_mul(shape.frames).saturating_mul(stretch);
        by_width.min(height / (rows * shape.bands)).min(LARGEST_CELL)
    });
    let cell = (size::product([stretch, cell.max(1)]), cell.max(1));
    let (tile_width, tile_height) = (size::product([shape.frames, cell.0]), size::product([shape.bands, cell.1]));

    let sheet_width = size::product([columns, size::sum([tile_width, GAP])]) - GAP;
    let sheet_height = size::product([rows, size::sum([tile_height, CAPTION])]);
    let least = text_width(title, SCALE).min(LARGEST_WIDTH) + 2 * MARGIN;
    let width = size::sum([left, sheet_width, right]).max(least);
    let mut image = Image::new(width, size::sum([top, sheet_height, bottom]), WHITE);

    let title = cut(title, width - 2 * MARGIN, SCALE);
    image.text(MARGIN, MARGIN, SCALE, BLACK, &title);
    for (index, window) in values.chunks_exact(values.len() / count).enumerate() {
        let x = left + index % columns * (tile_width + GAP);
        let y = top + index / columns * (tile_height + CAPTION);
        paint(&mut image, (x, y), cell, shape, window, |v| level(range.fraction(v)));
        let label = cut(labels[index].as_ref(), tile_width, SCALE);
        let x = x + (tile_width - text_width(&label, SCALE)) / 2;
        image.text(x, y + tile_height + 6, SCALE, BLACK, &label);
    }

    // One label for every line and a half of height.
    let ticks = bands.ticks((2 * tile_height / (3 * LINE)).min(MOST_TICKS));
    for y in (0..rows).map(|row| top + row * (tile_height + CAPTION)) {
        for (row, text) in &ticks {
            let center = (shape.bands as f64 - 0.5 - row) * cell.1 as f64;
            let x = left - 6 - text_width(text, SCALE).min(tick_width);
            image.text(x, (y + center as usize).saturating_sub(LINE / 2), SCALE, BLACK, text);
        }
    }

    // The titles of the axes, once, at the lower left corner; > is the arrow.
    let lower = top + (rows - 1) * (tile_height + CAPTION);
    let name = format!("{} >", bands.title());
    let name = if text_width(&name, SCALE) <= tile_height { name } else { cut(bands.title(), tile_height, SCALE) };
    let below = lower + tile_height - text_width(&name, SCALE);
    image.text_upward(MARGIN, below, SCALE, BLACK, &name);
    image.text(left, lower + tile_height + CAPTION, SCALE, BLACK, &cut("time >", sheet_width, SCALE));

    let bar_x = left + sheet_width + GAP;
    for y in 0..tile_height {
        let fraction = 1.0 - (y as f64 + 0.5) / tile_height as f64;
        image.fill_rect(bar_x, top + y, BAR_WIDTH, 1, level(fraction));
    }
    let number_x = bar_x + BAR_WIDTH + 6;
    image.text(number_x, top, SCALE, BLACK, &highest);
    let number_y = (top + tile_height).saturating_sub(LINE).max(top + LINE + 2);
    image.text(number_x, number_y, SCALE, BLACK, &lowest);
    image
}

/// The smallest and the largest finite value of a sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    lowest: f64,
    highest: f64,
}

impl Range {
    /// Without a finite value, the range is from 0 to 0.
    fn of(values: &[f64]) -> Self {
        let mut finite = values.iter().copied().filter(|v| v.is_finite());
        let first = finite.next().unwrap_or(0.0);
        let range = Range { lowest: first, highest: first };
        finite.fold(range, |range, v| Range { lowest: range.lowest.min(v), highest: range.highest.max(v) })
    }

    /// The position of `value` between the smallest (0) and the largest value (1); 0 if they are equal, NaN if it is
    /// not finite. It halves all values first, because the difference of two large values may be infinite.
    fn fraction(self, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        let span = self.highest / 2.0 - self.lowest / 2.0;
        if span > 0.0 { (value / 2.0 - self.lowest / 2.0) / span } else { 0.0 } // (HM.1)
    }
}

/// A number in few characters: with two decimals, or with an exponent if those are not enough.
fn short_number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        "0".into()
    } else if (0.01..10_000.0).contains(&magnitude) {
        format!("{value:.2}")
    } else {
        format!("{value:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::color::MID_GREY;
    use crate::picture::image::Rgb;
    use alloc::vec;
    use alloc::vec::Vec;

    const SHAPE: TileShape = TileShape { bands: 3, frames: 2 };
    const PLAIN: SheetOptions = SheetOptions { columns: None, cell: Some(4), stretch: Some(1) };

    fn holds(image: &Image, color: Rgb) -> usize {
        image.rgb().chunks(3).filter(|point| *point == color).count()
    }

    #[test]
    fn one_scale_holds_for_the_whole_sheet() {
        let mut values = vec![5.0; 12];
        values[0] = 1.0;
        values[11] = 9.0;
        let range = Range::of(&values);
        assert_eq!([1.0, 5.0, 9.0].map(|v| range.fraction(v)), [0.0, 0.5, 1.0]);
        let image = heat_sheet("t", &values, &["a", "b"], &Bands::Numbered(0..3), SHAPE, PLAIN);
        // Frame 0, band 0 of the first window is its lower left cell, 16 points each; frame 1, band
        // 2 of the second its upper right one. The bar has neither end in its pure color.
        assert_eq!(holds(&image, level(0.5)), 10 * 16);
        assert_eq!(holds(&image, level(0.0)), 16);
        assert_eq!(holds(&image, level(1.0)), 16);
    }

    #[test]
    fn what_is_not_finite_is_grey_and_leaves_the_scale_alone() {
        let values = [f64::NAN, 2.0, f64::INFINITY, 4.0, f64::NEG_INFINITY, 3.0];
        assert_eq!(Range::of(&values), Range { lowest: 2.0, highest: 4.0 });
        let image = heat_sheet("t", &values, &["a"], &Bands::Numbered(0..3), SHAPE, PLAIN);
        assert_eq!(holds(&image, MID_GREY), 3 * 16);
    }

    #[test]
    fn sheets_without_a_span_or_with_the_widest_are_drawn() {
        for values in [[0.0; 6], [f64::NAN; 6], [f64::MAX, f64::MIN, 0.0, 0.0, 0.0, 0.0]] {
            let _ = heat_sheet("t", &values, &["a"], &Bands::Numbered(0..3), SHAPE, PLAIN);
        }
        let widest = Range::of(&[f64::MAX, f64::MIN]);
        assert_eq!([f64::MIN, 0.0, f64::MAX].map(|v| widest.fraction(v)), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn ten_windows_fill_a_screen() {
        for (bands, frames) in [(40, 4), (24, 10), (128, 16), (13, 40), (257, 8)] {
            let labels: Vec<String> = (0..10).map(|i| format!("window {i}")).collect();
            let values = vec![1.0; 10 * bands * frames];
            let shape = TileShape { bands, frames };
            let image =
                heat_sheet("ten windows", &values, &labels, &Bands::Numbered(0..bands), shape, SheetOptions::default());
            let (width, height) = (image.width(), image.height());
            assert!((600..=1400).contains(&width), "{bands} {frames}: {width}");
            assert!((400..=1100).contains(&height), "{bands} {frames}: {height}");
        }
    }

    #[test]
    fn odd_sheets_are_drawn_too() {
        let long = "a very long title, ".repeat(30);
        let tiny = TileShape { bands: 1, frames: 1 };
        for count in [0, 1, 2, 300] {
            let labels = vec!["a label that is too long"; count];
            let _ =
                heat_sheet(&long, &vec![1.0; count], &labels, &Bands::Numbered(0..1), tiny, SheetOptions::default());
            let zeros = SheetOptions { columns: Some(0), cell: Some(0), stretch: Some(0) };
            let _ = heat_sheet("", &vec![1.0; count], &labels, &Bands::Numbered(0..1), tiny, zeros);
        }
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.0, 1.0, -0.125, 12_345.0, 1e-9, f64::MIN].map(short_number);
        assert_eq!(texts, ["0", "1.00", "-0.12", "1.2e4", "1.0e-9", "-1.8e308"]);
    }
}
