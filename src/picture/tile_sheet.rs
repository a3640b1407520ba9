//! A sheet of [tiles](super::tiles) that explains itself: with a title, axes, labels, the scale and a caption.
//!
//! Why: tiles alone are gray rectangles. A reader must know which direction is time, which frequency a stripe has, what
//! white and black mean, how the tiles are ordered, and what to look for.
//!
//! - The axis of frequency has ticks in front of each row of tiles; the step from frame to frame stands below the
//!   sheet.
//! - Labels of rows stand on the left, those of columns above the sheet.
//! - The bar on the right has the colors of -m, 0 and +m, where m is a tile's largest magnitude.
//! - The caption below ends with that scale, which is the same for every sheet.

use super::bands::Bands;
use super::color::signed;
use super::font::{cut, text_height, text_width, wrapped};
use super::image::{BLACK, Image, WHITE};
use super::tiles::{Layout, SheetOptions, TileShape, no_data, sheet};
use crate::machine::size;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The meaning of a tile's rows and columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TileAxes<'a> {
    /// Bands from below, and frames from the left.
    Spectrum {
        /// The meaning of the rows.
        bands: &'a Bands,
        /// The time from a frame to the next, in seconds.
        step: f64,
    },
    /// Adjacent bands from below, wherever they lie, and frames from the left.
    Patch {
        /// The time from a frame to the next, in seconds.
        step: f64,
    },
    /// Pixels of an image.
    Pixels,
}

/// A sheet of tiles, each divided by its largest magnitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileSheet<'a> {
    /// The title.
    pub title: &'a str,
    /// What to see, in one or two sentences; may be empty.
    pub caption: &'a str,
    /// The meaning of a tile's rows and columns.
    pub axes: TileAxes<'a>,
    /// A label for each row of tiles, or none.
    pub rows: &'a [&'a str],
    /// A label for each column of tiles, or none.
    pub columns: &'a [&'a str],
    /// The shape of a tile.
    pub shape: TileShape,
    /// The layout.
    pub options: SheetOptions,
}

pub(super) const MARGIN: usize = 16;
pub(super) const GAP: usize = 14;
/// The magnification of text, where there is room.
pub(super) const SCALE: usize = 2;
pub(super) const LINE: usize = text_height(SCALE);
/// The width of the bar with the colors.
pub(super) const BAR: usize = 18;
/// The length of a tick.
pub(super) const TICK: usize = 4;
/// The least width of a picture with a caption, so that its lines are not too short.
const LEAST_WIDTH: usize = 640;
/// From the top of a line of text to the top of the next.
const LEADING: usize = LINE + 8;
/// The largest number of ticks on a tile.
const MOST_TICKS: usize = 12;

/// The end of every caption.
const OWN_SCALE: &str = "Each tile has its own scale: m is its largest magnitude.";

impl TileSheet<'_> {
    /// The sheet of the tiles in `values`, one after the other (tile · (bands · frames) + t · bands + f). Without tiles
    /// the picture says "no data".
    ///
    /// # Panics
    /// If the shape has no element, `values` is not a whole number of tiles, the bands are not those of the shape,
    /// there are labels but not one for each row or column, or the image is larger than [`Image::new`] allows.
    #[must_use]
    pub fn image(&self, values: &[f64]) -> Image {
        let count = self.shape.count(values);
        if count == 0 {
            return no_data();
        }
        let layout = Layout::new(count, self.shape, self.options);
        assert!(self.rows.is_empty() || self.rows.len() == layout.rows, "one label for each of {} rows", layout.rows);
        let columns = layout.columns;
        assert!(self.columns.is_empty() || self.columns.len() == columns, "one label for each of {columns} columns");
        let [sheet_width, sheet_height] = layout.size();

        let axis = match self.axes {
            TileAxes::Spectrum { bands, .. } => {
                Some(FrequencyAxis::new(bands, self.shape, layout.tile[1], layout.line / 2))
            }
            TileAxes::Patch { .. } | TileAxes::Pixels => None,
        };
        let widest = |texts: &[&str], scale| texts.iter().map(|text| text_width(text, scale)).max().unwrap_or(0);
        let row_labels = if self.rows.is_empty() { 0 } else { widest(self.rows, SCALE) + GAP };
        let left = MARGIN + row_labels + axis.as_ref().map_or(0, FrequencyAxis::width);
        let right = GAP + BAR + TICK + 4 + text_width("+m", SCALE) + MARGIN;
        let width = size::sum([left, sheet_width, right]).max(LEAST_WIDTH);
        let caption = format!("{} {OWN_SCALE}", self.caption);
        let lettering = Lettering::new(self.title, &caption, width);
        let column_scale = if widest(self.columns, SCALE) <= layout.tile[0] { SCALE } else { 1 };
        let column_labels = if self.columns.is_empty() { 0 } else { text_height(column_scale) + 8 };
        let top = lettering.top() + column_labels;
        let below = top + sheet_height;
        let mut image = Image::new(width, size::sum([below, 10, LINE, GAP + 6, lettering.bottom()]), WHITE);

        lettering.draw(&mut image);
        image.paste(left, top, &sheet(values, self.shape, &layout));
        for (k, label) in self.columns.iter().enumerate() {
            let label = cut(label, layout.pitch()[0], column_scale);
            let middle = left + layout.corner(k)[0] + layout.tile[0] / 2;
            let x = middle.saturating_sub(text_width(&label, column_scale) / 2);
            image.text(x, top - column_labels, column_scale, BLACK, &label);
        }
        for (k, label) in self.rows.iter().enumerate() {
            let x = MARGIN + row_labels - GAP - text_width(label, SCALE);
            let middle = top + layout.corner(k * columns)[1] + layout.tile[1] / 2;
            image.text(x, middle.saturating_sub(LINE / 2), SCALE, BLACK, label);
        }
        if let Some(axis) = &axis {
            let tops = (0..layout.rows).map(|row| top + layout.corner(row * columns)[1]);
            axis.draw(&mut image, left, tops, layout.cell[1]);
            axis.title(&mut image, left, top + sheet_height / 2, sheet_height);
        }
        let TileShape { bands, frames } = self.shape;
        let note = match self.axes {
            TileAxes::Spectrum { step, .. } => time_axis(frames, step),
            TileAxes::Patch { step } => format!("{}; upward: {bands} bands", time_axis(frames, step)),
            TileAxes::Pixels => format!("each tile: {frames} x {bands} pixels"),
        };
        image.text(left, below + 10, SCALE, BLACK, &cut(&note, width - left, SCALE));

        let height = sheet_height.min(LONGEST_BAR);
        let (bar, text) = (left + sheet_width + GAP, left + sheet_width + GAP + BAR + TICK + 4);
        for y in 0..height {
            let fraction = (y as f64 + 0.5) / height as f64;
            image.fill_rect(bar, top + y, BAR, 1, signed(1.0 - 2.0 * fraction));
        }
        image.fill_rect(bar + BAR, top, 1, height, BLACK);
        for (label, y) in [("+m", 0), ("0", height / 2), ("-m", height - 1)] {
            image.fill_rect(bar + BAR, top + y, TICK, 1, BLACK);
            let y = (top + y).saturating_sub(LINE / 2).clamp(top, top + height.saturating_sub(LINE).max(1) - 1);
            image.text(text, y, SCALE, BLACK, label);
        }
        image
    }
}

/// The longest bar of colors, in pixels.
const LONGEST_BAR: usize = 300;

/// The label of the axis of time: its direction, and the frames of a tile.
pub(super) fn time_axis(frames: usize, step: f64) -> String {
    match frames {
        1 => "one frame".into(),
        _ => {
            let milliseconds = format!("{:.1}", 1e3 * step);
            format!("time > {frames} frames, one every {} ms", milliseconds.trim_end_matches(".0"))
        }
    }
}

/// The axis of frequency of tiles: the ticks of one tile, and the magnification of their labels.
#[derive(Clone, Debug)]
pub(super) struct FrequencyAxis<'a> {
    bands: &'a Bands,
    ticks: Vec<(f64, String)>,
    scale: usize,
}

impl<'a> FrequencyAxis<'a> {
    /// The axis of a tile of that shape and height. Labels may reach `beyond` pixels above or below the tile; others
    /// are left out, so that those of two rows of tiles do not touch.
    ///
    /// # Panics
    /// If the bands are not those of the shape.
    pub fn new(bands: &'a Bands, shape: TileShape, height: usize, beyond: usize) -> Self {
        assert_eq!(bands.count(), shape.bands, "bands of a tile");
        let scale = if height >= 6 * LINE { SCALE } else { 1 };
        // One label for every line and a half of height.
        let mut ticks = bands.ticks((2 * height / (3 * text_height(scale))).clamp(2, MOST_TICKS));
        let (cell, half) = (height as f64 / shape.bands as f64, text_height(scale) as f64 / 2.0 - beyond as f64);
        ticks.retain(|(row, _)| (half..=height as f64 - half).contains(&((row + 0.5) * cell)));
        FrequencyAxis { bands, ticks, scale }
    }

    /// The width of the title, the labels and the ticks.
    pub fn width(&self) -> usize {
        let labels = self.ticks.iter().map(|(_, text)| text_width(text, self.scale)).max().unwrap_or(0);
        LINE + 8 + labels + 4 + TICK + 2
    }

    /// Draws ticks and labels that end at `right`, for tiles with these top pixels.
    pub fn draw(&self, image: &mut Image, right: usize, tops: impl Iterator<Item = usize>, cell: usize) {
        for top in tops {
            for (row, text) in &self.ticks {
                let y = top + ((self.bands.count() as f64 - 0.5 - row) * cell as f64) as usize;
                image.fill_rect(right - TICK - 2, y, TICK, 1, BLACK);
                let x = right - TICK - 2 - 4 - text_width(text, self.scale);
                image.text(x, y.saturating_sub(text_height(self.scale) / 2), self.scale, BLACK, text);
            }
        }
    }

    /// Draws the title upward in front of the labels, with its middle at `middle`, in at most `room` pixels.
    pub fn title(&self, image: &mut Image, right: usize, middle: usize, room: usize) {
        let title = cut(self.bands.title(), room, SCALE);
        let y = middle.saturating_sub(text_width(&title, SCALE) / 2);
        image.text_upward(right - self.width(), y, SCALE, BLACK, &title);
    }
}

/// A title above a picture and a caption below it.
#[derive(Clone, Debug)]
pub(super) struct Lettering {
    title: Vec<String>,
    caption: Vec<String>,
}

impl Lettering {
    /// The lines of a picture of this width.
    pub fn new(title: &str, caption: &str, width: usize) -> Self {
        let [title, caption] = [title, caption].map(|text| wrapped(text, width.saturating_sub(2 * MARGIN), SCALE));
        Lettering { title, caption }
    }

    /// The height of the title with the margin above it and the space below it.
    pub fn top(&self) -> usize {
        MARGIN + self.title.len() * LEADING + 6
    }

    /// The height of the caption with the margin below it.
    pub fn bottom(&self) -> usize {
        self.caption.len() * LEADING + MARGIN
    }

    /// Draws the title at the top and the caption at the bottom.
    pub fn draw(&self, image: &mut Image) {
        let bottom = image.height().saturating_sub(self.bottom());
        for (lines, top) in [(&self.title, MARGIN), (&self.caption, bottom)] {
            for (k, line) in lines.iter().enumerate() {
                image.text(MARGIN, top + k * LEADING, SCALE, BLACK, line);
            }
        }
    }
}

/// An image with a title above it and a caption below it, on white.
///
/// # Panics
/// If the result is larger than [`Image::new`] allows.
#[must_use]
pub fn captioned(inside: &Image, title: &str, caption: &str) -> Image {
    let width = size::sum([inside.width(), 2 * MARGIN]).max(LEAST_WIDTH);
    let lettering = Lettering::new(title, caption, width);
    let height = size::sum([lettering.top(), inside.height(), GAP, lettering.bottom()]);
    let mut image = Image::new(width, height, WHITE);
    lettering.draw(&mut image);
    image.paste(MARGIN, lettering.top(), inside);
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::color::MID_GREY;
    use crate::picture::image::Rgb;
    use alloc::vec;

    const SHAPE: TileShape = TileShape { bands: 3, frames: 2 };
    const OPTIONS: SheetOptions = SheetOptions { columns: Some(2), cell: Some(30), stretch: Some(1) };

    fn plain(axes: TileAxes) -> TileSheet {
        TileSheet { title: "t", caption: "c", axes, rows: &[], columns: &[], shape: SHAPE, options: OPTIONS }
    }

    fn count(image: &Image, color: Rgb) -> usize {
        image.rgb().chunks(3).filter(|pixel| *pixel == color).count()
    }

    /// Whether there is black text or a tick in a rectangle.
    fn is_written(image: &Image, [x, y]: [usize; 2], [width, height]: [usize; 2]) -> bool {
        (y..y + height).any(|y| (x..x + width).any(|x| image.get(x, y) == Some(BLACK)))
    }

    #[test]
    fn the_tiles_are_those_of_the_bare_sheet() {
        let values: Vec<f64> = (0..18).map(f64::from).collect();
        let image = plain(TileAxes::Pixels).image(&values);
        let bare = super::super::tiles::tiles(&values, SHAPE, OPTIONS);
        let top = Lettering::new("t", "c", 640).top();
        for y in 0..bare.height() {
            for x in 0..bare.width() {
                assert_eq!(image.get(MARGIN + x, top + y), bare.get(x, y));
            }
        }
        // The bar goes from white to black, with zero in its middle.
        let bar = MARGIN + bare.width() + GAP;
        let [first, middle, last] = [0, bare.height() / 2, bare.height() - 1].map(|y| image.get(bar, top + y).unwrap());
        assert!(first[0] > 250 && last[0] < 5 && middle[0].abs_diff(128) < 2, "{first:?} {middle:?} {last:?}");
    }

    #[test]
    fn ticks_stand_at_the_rows_of_their_frequencies() {
        let bands = Bands::Hertz(vec![100.0, 1000.0, 2000.0]);
        let sheet = plain(TileAxes::Spectrum { bands: &bands, step: 0.01 });
        let image = sheet.image(&[0.0; 24]);
        let axis = FrequencyAxis::new(&bands, SHAPE, 90, 0);
        let (left, top) = (MARGIN + axis.width(), Lettering::new("t", "c", 640).top());
        assert_eq!(image.get(left + 4, top + 4), Some(MID_GREY));
        // Of two rows of tiles with lines of 4 pixels: the highest band, 1000 Hz in the middle, 100 Hz below.
        for row in [top + 4, top + 4 + 94] {
            for center in [15, 45, 75] {
                assert_eq!(image.get(left - 4, row + center), Some(BLACK), "{row} {center}");
                assert_ne!(image.get(left - 4, row + center + 1), Some(BLACK));
            }
        }
        // The axis of time below the sheet.
        assert!(is_written(&image, [left, top + 2 * 94 + 4 + 10], [200, LINE]));
        assert_eq!(time_axis(4, 0.01), "time > 4 frames, one every 10 ms");
        assert_eq!(time_axis(2, 110.0 / 11_025.0), "time > 2 frames, one every 10 ms");
        assert_eq!([time_axis(2, 0.0116), time_axis(1, 1.0)], ["time > 2 frames, one every 11.6 ms", "one frame"]);
    }

    #[test]
    fn labels_stand_in_front_of_rows_and_above_columns() {
        let labeled = TileSheet { rows: &["a", "long"], columns: &["x", "y"], ..plain(TileAxes::Pixels) };
        let image = labeled.image(&[1.0; 24]);
        let (left, top) = (MARGIN + text_width("long", SCALE) + GAP, Lettering::new("t", "c", 640).top() + LINE + 8);
        assert_eq!(image.get(left + 4, top + 4), Some(WHITE));
        let start = left - GAP - text_width("a", SCALE);
        // The shorter label ends where the longer one does.
        assert!(is_written(&image, [start, top], [text_width("a", SCALE), 94]));
        assert!(!is_written(&image, [0, top], [start, 94]) && is_written(&image, [0, top + 94], [start, 94]));
        for column in [0, 64] {
            assert!(is_written(&image, [left + column, top - LINE - 8], [60, LINE]));
        }
    }

    #[test]
    fn titles_and_captions_are_whole_in_every_width() {
        let words = "many words, ".repeat(40);
        for width in [1, 300, 2000] {
            let image = captioned(&Image::new(width, 50, MID_GREY), &words, &words);
            assert_eq!(count(&image, MID_GREY), 50 * width);
            assert_eq!(image.width(), (width + 2 * MARGIN).max(LEAST_WIDTH));
            // As many black dots as the words have, in each of both texts.
            let mut line = Image::new(text_width(&words, SCALE), 2 * LINE, WHITE);
            line.text(0, 0, SCALE, BLACK, &words);
            assert_eq!(count(&image, BLACK), 2 * count(&line, BLACK), "{width}");
        }
    }

    #[test]
    fn labels_of_two_rows_of_tiles_do_not_touch() {
        let bands = Bands::Hertz((0..40).map(|k| 50.0 + 100.0 * f64::from(k)).collect());
        let ticks = |height, beyond| {
            let shape = TileShape { bands: 40, frames: 4 };
            FrequencyAxis::new(&bands, shape, height, beyond)
                .ticks
                .into_iter()
                .map(|(_, text)| text)
                .collect::<Vec<_>>()
        };
        // Of 200 Hz and 3800 Hz, 2 pixels from the borders, the label would be 7 pixels high.
        assert_eq!(ticks(40, 0), ["1000", "2000", "3000"]);
        assert!(ticks(400, 0).len() >= 7);
        let numbered = FrequencyAxis::new(&Bands::Numbered(0..3), SHAPE, 3, 0);
        assert!(numbered.ticks.is_empty() && numbered.width() > LINE);
    }

    #[test]
    fn odd_sheets_are_drawn_too() {
        let bands = Bands::Numbered(0..3);
        for options in [SheetOptions::default(), SheetOptions { columns: Some(0), cell: Some(0), stretch: Some(0) }] {
            for tiles in [1, 2, 300] {
                let sheet = TileSheet { options, ..plain(TileAxes::Spectrum { bands: &bands, step: 0.0 }) };
                let _ = sheet.image(&vec![1.0; 6 * tiles]);
            }
        }
        assert_eq!(plain(TileAxes::Pixels).image(&[]), no_data());
    }

    #[test]
    #[should_panic(expected = "one label for each of 2 rows")]
    fn a_missing_label_panics() {
        let _ = TileSheet { rows: &["a"], ..plain(TileAxes::Pixels) }.image(&[0.0; 24]);
    }
}
