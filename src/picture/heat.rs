//! Heat maps: windows of spectra in a grid, a first look at the training data of a model.
//!
//! The layout is that of the [tiles](super::tiles): time to the right, frequency up, and frame t, band f at t·bands +
//! f. But here amounts matter, so the whole sheet has one color scale, from dark blue at v₀ to yellow at v₁; a color
//! bar on the right has ticks and the unit. Without a given range, v₀ is the smallest finite value and v₁ the largest.
//!
//! ```text
//! (HM.1)  color = level((v - v₀) / (v₁ - v₀))
//! ```
//!
//! Values outside of the range have the color of its nearer end. Values that are not finite are gray and do not affect
//! the scale. Each window has its label below. The first window of each row has the labels of the frequency axis.
//!
//! Source: A, §8.1, "Inputs" and its exercise ("test your function on different transforms to
//! observe the outputs").

use super::axis::{Axis, Scale};
use super::bands::Bands;
use super::color::level;
use super::font::{cut, text_width};
use super::image::{BLACK, Image, WHITE};
use super::panels::plain;
use super::tile_sheet::{BAR, FrequencyAxis, GAP, LINE, Lettering, MARGIN, SCALE, TICK, time_axis};
use super::tiles::{SheetOptions, TileShape, no_data, paint, square_columns};
use crate::machine::size;
use alloc::string::String;
use alloc::vec::Vec;

/// The size up to which a sheet is magnified, in pixels.
const LARGEST_WIDTH: usize = 1400;
const LARGEST_HEIGHT: usize = 1000;
const LARGEST_CELL: usize = 24;
/// The height between two windows: label and space.
const CAPTION: usize = LINE + 6 + GAP;
/// The longest label, in pixels; longer ones are cut.
const LONGEST_LABEL: usize = 200;
/// The largest number of ticks of the color bar.
const MOST_LEVELS: usize = 8;

/// Windows with one color scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatSheet<'a> {
    /// The title.
    pub title: &'a str,
    /// What to see, in one or two sentences; may be empty.
    pub caption: &'a str,
    /// One label for each window.
    pub labels: &'a [&'a str],
    /// The meaning of the rows.
    pub bands: &'a Bands,
    /// The time from a frame to the next, in seconds.
    pub step: f64,
    /// The values of the first and the last color. By default the smallest and the largest finite value.
    pub range: Option<[f64; 2]>,
    /// The unit of the values; may be empty.
    pub unit: &'a str,
    /// The shape of a window.
    pub shape: TileShape,
    /// The layout.
    pub options: SheetOptions,
}

impl HeatSheet<'_> {
    /// The sheet of the windows in `values`, one after the other (window · (bands · frames) + t · bands + f). Without
    /// windows the picture says "no data".
    ///
    /// # Panics
    /// If the shape has no element, `values` is not a whole number of windows, there is not one label for each window,
    /// the bands are not those of the shape, or the image is larger than [`Image::new`] allows.
    #[must_use]
    pub fn image(&self, values: &[f64]) -> Image {
        let HeatSheet { bands, shape, .. } = *self;
        let count = shape.count(values);
        assert_eq!(self.labels.len(), count, "one label for each window");
        assert_eq!(bands.count(), shape.bands, "bands of a window");
        if count == 0 {
            return no_data();
        }
        let range = self.range.map_or_else(|| Range::of(values), |[lowest, highest]| Range { lowest, highest });
        let levels = range.ticks();
        let widest = levels.iter().map(|(_, text)| text_width(text, SCALE)).max().unwrap_or(0);
        let right = GAP + BAR + TICK + 4 + widest.max(text_width(self.unit, SCALE)) + MARGIN;

        let Grid { columns, rows, cell, label_scale, label_width, left } = self.grid(count, right);
        let tile = [size::product([shape.frames, cell[0]]), size::product([shape.bands, cell[1]])];
        let axis = FrequencyAxis::new(bands, shape, tile[1], GAP / 2);
        let pitch = [size::sum([tile[0].max(label_width), GAP]), size::sum([tile[1], CAPTION])];
        let sheet_width = size::product([columns, pitch[0]]) - GAP;
        let width = size::sum([left, sheet_width, right]).max(LEAST_WIDTH);
        let lettering = Lettering::new(self.title, self.caption, width);
        // The unit stands above the color bar.
        let top = lettering.top() + if self.unit.is_empty() { 0 } else { LINE + 8 };
        let below = size::sum([top, size::product([rows, pitch[1]])]);
        let mut image = Image::new(width, size::sum([below, LINE, GAP + 6, lettering.bottom()]), WHITE);

        lettering.draw(&mut image);
        for (index, window) in values.chunks_exact(values.len() / count).enumerate() {
            let (x, y) = (left + index % columns * pitch[0], top + index / columns * pitch[1]);
            paint(&mut image, (x, y), (cell[0], cell[1]), shape, window, |v| level(range.fraction(v)));
            let label = cut(self.labels[index], pitch[0] - GAP, label_scale);
            // In the middle; a label that is wider than the window starts where the window does.
            let x = x + tile[0].saturating_sub(text_width(&label, label_scale)) / 2;
            image.text(x, y + tile[1] + 6, label_scale, BLACK, &label);
        }
        axis.draw(&mut image, left, (0..rows).map(|row| top + row * pitch[1]), cell[1]);
        axis.title(&mut image, left, (top + below - CAPTION) / 2, below - top);
        image.text(left, below, SCALE, BLACK, &cut(&time_axis(shape.frames, self.step), width - left, SCALE));

        let (bar, height) = (left + sheet_width + GAP, tile[1]);
        image.text(bar, top.saturating_sub(LINE + 8), SCALE, BLACK, self.unit);
        for y in 0..height {
            image.fill_rect(bar, top + y, BAR, 1, level(1.0 - (y as f64 + 0.5) / height as f64));
        }
        for (fraction, text) in &levels {
            let y = top + (((1.0 - fraction) * height as f64) as usize).min(height - 1);
            image.fill_rect(bar + BAR, y, TICK, 1, BLACK);
            image.text(bar + BAR + TICK + 4, y.saturating_sub(LINE / 2), SCALE, BLACK, text);
        }
        image
    }

    /// The arrangement of the windows, if `right` pixels are needed on their right.
    fn grid(&self, count: usize, right: usize) -> Grid {
        let HeatSheet { shape, options, .. } = *self;
        let stretch = options.stretch.unwrap_or(shape.stretch()).max(1);
        let columns = options.columns.unwrap_or_else(|| {
            // A label takes about a tenth of a window's height; a screen is wider than high.
            let tile_height = shape.bands + shape.bands / 10 + 1;
            let tile_width = shape.frames.saturating_mul(stretch).saturating_add(1);
            square_columns(count, tile_width.saturating_mul(5), 7 * tile_height)
        });
        let columns = columns.clamp(1, count);
        let rows = count.div_ceil(columns);
        // The widest axis that a window of any height can have.
        let left = MARGIN + FrequencyAxis::new(self.bands, shape, LARGEST_HEIGHT, GAP / 2).width();
        let cell = options.cell.unwrap_or_else(|| {
            let width = LARGEST_WIDTH.saturating_sub(left + columns.saturating_mul(GAP) + right);
            let height = LARGEST_HEIGHT.saturating_sub(4 * LINE + rows.saturating_mul(CAPTION));
            let by_width = width / columns.saturating_mul(shape.frames).saturating_mul(stretch);
            by_width.min(height / (rows * shape.bands)).min(LARGEST_CELL)
        });
        let cell = [size::product([stretch, cell.max(1)]), cell.max(1)];
        // Labels that are wider than a window are printed small, and only then make room between windows.
        let tile_width = size::product([shape.frames, cell[0]]);
        let widest = |scale| self.labels.iter().map(|label| text_width(label, scale)).max().unwrap_or(0);
        let label_scale = if widest(SCALE) <= tile_width { SCALE } else { 1 };
        let label_width = widest(label_scale).min(LONGEST_LABEL);
        Grid { columns, rows, cell, label_scale, label_width, left }
    }
}

/// The least width of a sheet, so that the lines of its caption are not too short.
const LEAST_WIDTH: usize = 640;

/// The arrangement of windows.
struct Grid {
    columns: usize,
    rows: usize,
    cell: [usize; 2],
    label_scale: usize,
    label_width: usize,
    left: usize,
}

/// The values of the first and the last color.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    lowest: f64,
    highest: f64,
}

impl Range {
    /// The smallest and the largest finite value; without a finite value, from 0 to 0.
    fn of(values: &[f64]) -> Self {
        let mut finite = values.iter().copied().filter(|v| v.is_finite());
        let first = finite.next().unwrap_or(0.0);
        let range = Range { lowest: first, highest: first };
        finite.fold(range, |range, v| Range { lowest: range.lowest.min(v), highest: range.highest.max(v) })
    }

    /// The position of `value` between the first (0) and the last color (1); 0 if they are equal, NaN if it is not
    /// finite. It halves all values first, because the difference of two large values may be infinite.
    fn fraction(self, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        let span = self.highest / 2.0 - self.lowest / 2.0;
        if span > 0.0 { (value / 2.0 - self.lowest / 2.0) / span } else { 0.0 } // (HM.1)
    }

    /// The ticks of the color bar: their fractions and their texts. A range without a span has one.
    fn ticks(self) -> Vec<(f64, String)> {
        if self.lowest >= self.highest {
            return Vec::from([(0.0, alloc::format!("{:.2}", self.lowest))]);
        }
        let ticks = Axis::new(self.lowest, self.highest, Scale::Linear).ticks(MOST_LEVELS).into_iter();
        let ticks = ticks.map(|tick| (self.fraction(tick.value), plain(&tick.text)));
        ticks.filter(|(fraction, _)| (-1e-6..=1.0 + 1e-6).contains(fraction)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::color::MID_GREY;
    use crate::picture::font::text_height;
    use crate::picture::image::Rgb;
    use alloc::format;
    use alloc::vec;

    const SHAPE: TileShape = TileShape { bands: 3, frames: 2 };
    const OPTIONS: SheetOptions = SheetOptions { columns: None, cell: Some(4), stretch: Some(1) };
    const BANDS: &Bands = &Bands::Numbered(0..3);

    fn plain<'a>(labels: &'a [&'a str]) -> HeatSheet<'a> {
        HeatSheet {
            title: "t",
            caption: "c",
            labels,
            bands: BANDS,
            step: 0.01,
            range: None,
            unit: "dB",
            shape: SHAPE,
            options: OPTIONS,
        }
    }

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
        let image = plain(&["a", "b"]).image(&values);
        // Frame 0, band 0 of the first window is its lower left cell, 16 points each; frame 1, band
        // 2 of the second its upper right one. The bar has neither end in its pure color.
        assert_eq!(holds(&image, level(0.5)), 10 * 16);
        assert_eq!(holds(&image, level(0.0)), 16);
        assert_eq!(holds(&image, level(1.0)), 16);
        // With a given range, more values have the color of an end.
        let image = HeatSheet { range: Some([-5.0, 5.0]), ..plain(&["a", "b"]) }.image(&values);
        assert_eq!([1.0, 0.6].map(|fraction| holds(&image, level(fraction))), [11 * 16, 16]);
    }

    #[test]
    fn what_is_not_finite_is_grey_and_leaves_the_scale_alone() {
        let values = [f64::NAN, 2.0, f64::INFINITY, 4.0, f64::NEG_INFINITY, 3.0];
        assert_eq!(Range::of(&values), Range { lowest: 2.0, highest: 4.0 });
        assert_eq!(holds(&plain(&["a"]).image(&values), MID_GREY), 3 * 16);
    }

    #[test]
    fn sheets_without_a_span_or_with_the_widest_are_drawn() {
        for values in [[0.0; 6], [f64::NAN; 6], [f64::MAX, f64::MIN, 0.0, 0.0, 0.0, 0.0]] {
            let _ = plain(&["a"]).image(&values);
        }
        let widest = Range::of(&[f64::MAX, f64::MIN]);
        assert_eq!([f64::MIN, 0.0, f64::MAX].map(|v| widest.fraction(v)), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn the_bar_has_ticks_at_round_values() {
        let ticks = Range { lowest: -80.0, highest: 0.0 }.ticks();
        assert_eq!(ticks.len(), 5);
        assert_eq!((ticks[0].0, &*ticks[0].1, ticks[3].0, &*ticks[3].1), (0.0, "-80", 0.75, "-20"));
        assert_eq!(Range { lowest: 2.5, highest: 2.5 }.ticks(), [(0.0, "2.50".into())]);
    }

    #[test]
    fn labels_are_whole_up_to_the_longest() {
        let labels = ["Acoustic_guitar", "Bass_drum"];
        let image = plain(&labels).image(&[0.0; 12]);
        // Windows of 8 pixels make room for labels in small print.
        let grid = plain(&labels).grid(2, 100);
        assert_eq!((grid.label_scale, grid.label_width), (1, text_width(labels[0], 1)));
        let mut label = Image::new(grid.label_width, text_height(1), WHITE);
        label.text(0, 0, 1, BLACK, labels[0]);
        let is_label = |x: usize, y: usize| {
            (0..label.width() * label.height()).all(|k| {
                let (dx, dy) = (k % label.width(), k / label.width());
                image.get(x + dx, y + dy) == label.get(dx, dy)
            })
        };
        assert!((0..image.height()).any(|y| (0..image.width()).any(|x| is_label(x, y))));
    }

    #[test]
    fn ten_windows_fill_a_screen() {
        for (bands, frames) in [(40, 4), (24, 10), (128, 16), (13, 40), (257, 8)] {
            let labels: Vec<String> = (0..10).map(|i| format!("window {i}")).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let (shape, names) = (TileShape { bands, frames }, Bands::Numbered(0..bands));
            let sheet = HeatSheet { bands: &names, shape, options: SheetOptions::default(), ..plain(&labels) };
            let image = sheet.image(&vec![1.0; 10 * bands * frames]);
            let (width, height) = (image.width(), image.height());
            assert!((600..=1400).contains(&width), "{bands} {frames}: {width}");
            assert!((400..=1100).contains(&height), "{bands} {frames}: {height}");
        }
    }

    #[test]
    fn odd_sheets_are_drawn_too() {
        let long = "a very long title, ".repeat(30);
        let (tiny, one) = (TileShape { bands: 1, frames: 1 }, Bands::Numbered(0..1));
        for count in [0, 1, 2, 300] {
            let labels = vec!["a label that is too long"; count];
            let sheet = HeatSheet { title: &long, bands: &one, shape: tiny, ..plain(&labels) };
            let _ = sheet.image(&vec![1.0; count]);
            let options = SheetOptions { columns: Some(0), cell: Some(0), stretch: Some(0) };
            let _ = HeatSheet { title: "", unit: "", options, ..sheet }.image(&vec![1.0; count]);
        }
    }
}
