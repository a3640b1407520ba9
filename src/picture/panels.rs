//! Panels: spectrograms of whole recordings with axes, arranged on a sheet.
//!
//! In a panel, time goes to the right and frequency goes up. A pixel at t seconds shows the frame whose center is
//! nearest, frame round(t/step). A value v has the color level((v - low)/(high - low)), clamped at both ends; a color
//! bar on the right shows the scale. The layout is computed once, as marks at integer coordinates. PNG and SVG draw the
//! same marks; in both, the area of a panel is an image.

use super::axis::{Axis, Scale};
use super::bands::Bands;
use super::color::level;
use super::font::{cut, text_height, text_width};
use super::image::{BLACK, Image, WHITE};
use super::png::png;
use super::svg::Svg;
use crate::bytes::base64::base64;
use crate::machine::size;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A spectrum over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Its title.
    pub title: String,
    /// The meaning of the rows.
    pub bands: Bands,
    /// The frames, one after the other, each with its bands from low to high.
    pub values: Vec<f64>,
    /// The time from the center of a frame to the center of the next, in seconds, above 0. The first center is at 0.
    pub step: f64,
    /// The end of the time axis, in seconds, above 0.
    pub seconds: f64,
    /// The values of the first and the last color, the first one less than the last one.
    pub range: [f64; 2],
    /// The unit of the values.
    pub unit: &'static str,
}

/// Panels in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The panels, row after row.
    pub panels: Vec<Panel>,
    /// The number of panels in a row, at least 1.
    pub columns: usize,
}

const FONT: usize = 2;
const LINE: usize = text_height(FONT);
/// The area of a panel, in pixels: if it is alone in its row, and if it is not.
const ALONE: [usize; 2] = [900, 260];
const BESIDE: [usize; 2] = [560, 230];
/// Margins around an area: for the title above, times below, row labels on the left, the color bar on the right.
const TOP: usize = 16 + LINE + 10;
const BOTTOM: usize = 10 + LINE + 8 + LINE + 12;
const LEFT: usize = 16 + LINE + 12 + 5 * 12 + 10;
const RIGHT: usize = 14 + BAR + 10 + 4 * 12 + 16;
const BAR: usize = 16;
const TICK: usize = 5;

/// The position of a text relative to its point.
#[derive(Clone, Copy, PartialEq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// An element of the drawing; x to the right, y downward, in pixels.
enum Mark {
    Area {
        x: usize,
        y: usize,
        image: Image,
    },
    Bar {
        x: usize,
        y: usize,
        width: usize,
        height: usize,
    },
    /// Its middle line is at y; upward, at x.
    Text {
        x: usize,
        y: usize,
        anchor: Anchor,
        upward: bool,
        text: String,
    },
}

impl Sheet {
    /// The sheet as an image.
    ///
    /// # Panics
    /// If there is no panel or no column, a panel's values are not a whole number of frames, or the sheet is larger
    /// than [`Image::new`] allows.
    #[must_use]
    pub fn image(&self) -> Image {
        let ([width, height], marks) = self.marks();
        let mut sheet = Image::new(width, height, WHITE);
        for mark in marks {
            match mark {
                Mark::Area { x, y, image } => sheet.paste(x, y, &image),
                Mark::Bar { x, y, width, height } => sheet.fill_rect(x, y, width, height, BLACK),
                Mark::Text { x, y, anchor, upward, text } => {
                    let length = text_width(&text, FONT);
                    let before = match anchor {
                        Anchor::Start => 0,
                        Anchor::Middle => length / 2,
                        Anchor::End => length,
                    };
                    let half = LINE / 2;
                    if upward {
                        let y = (y + before).saturating_sub(length);
                        sheet.text_upward(x.saturating_sub(half), y, FONT, BLACK, &text);
                    } else {
                        sheet.text(x.saturating_sub(before), y.saturating_sub(half), FONT, BLACK, &text);
                    }
                }
            }
        }
        sheet
    }

    /// The sheet as SVG, in which the areas are embedded PNG images.
    ///
    /// # Panics
    /// As [`image`](Self::image).
    #[must_use]
    pub fn svg(&self) -> String {
        let ([width, height], marks) = self.marks();
        let mut svg = Svg::new(width as f64, height as f64);
        for mark in marks {
            match mark {
                Mark::Area { x, y, image } => {
                    let [x, y, width, height] = [x, y, image.width(), image.height()].map(|n| n.to_string());
                    let data = format!("data:image/png;base64,{}", base64(&png(&image)));
                    svg.element(
                        "image",
                        &[("x", &x), ("y", &y), ("width", &width), ("height", &height), ("href", &data)],
                    );
                }
                Mark::Bar { x, y, width, height } => {
                    let [x, y, width, height] = [x, y, width, height].map(|n| n.to_string());
                    svg.element("rect", &[("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
                }
                Mark::Text { x, y, anchor, upward, text } => {
                    let anchor = match anchor {
                        Anchor::Start => "start",
                        Anchor::Middle => "middle",
                        Anchor::End => "end",
                    };
                    let turn = format!("rotate(-90 {x} {y})");
                    let [x, y] = [x, y].map(|n| n.to_string());
                    let mut attributes = Vec::from([
                        ("x", x.as_str()),
                        ("y", &y),
                        ("dy", "0.36em"),
                        ("font-size", "18"),
                        ("text-anchor", anchor),
                    ]);
                    if upward {
                        attributes.push(("transform", &turn));
                    }
                    svg.text(&text, &attributes);
                }
            }
        }
        svg.finish()
    }

    /// The width, the height, and the elements of the drawing.
    fn marks(&self) -> ([usize; 2], Vec<Mark>) {
        let Sheet { panels, columns } = self;
        assert!(!panels.is_empty() && *columns > 0, "{} panels in {columns} columns", panels.len());
        let [width, height] = if *columns == 1 { ALONE } else { BESIDE };
        let [cell_width, cell_height] = [LEFT + width + RIGHT, TOP + height + BOTTOM];
        let mut marks = Vec::new();
        for (i, panel) in panels.iter().enumerate() {
            let (x, y) = (i % columns * cell_width + LEFT, i / columns * cell_height + TOP);
            panel.marks([x, y], [width, height], &mut marks);
        }
        ([size::product([*columns, cell_width]), panels.len().div_ceil(*columns) * cell_height], marks)
    }
}

impl Panel {
    fn marks(&self, [x, y]: [usize; 2], [width, height]: [usize; 2], marks: &mut Vec<Mark>) {
        let mut bar = |x, y, width, height| marks.push(Mark::Bar { x, y, width, height });
        let (right, bottom, scale) = (x + width, y + height, x + width + 14);
        // A border of one pixel around the area and around the color bar, and ticks.
        for (x, width) in [(x, width), (scale, BAR)] {
            bar(x - 1, y - 1, width + 2, height + 2);
        }
        let up = |fraction: f64| bottom - ((fraction * height as f64) as usize).clamp(1, height);
        let bands: Vec<(usize, String)> = {
            let count = self.bands.count() as f64;
            // Names may be closer together than numbers, because none of them may be left out.
            let room = if matches!(self.bands, Bands::Named(_)) { LINE + 4 } else { 2 * LINE };
            let ticks = self.bands.ticks(height / room).into_iter();
            ticks.map(|(row, text)| (up((row + 0.5) / count), text)).collect()
        };
        let linear = |low, high, most| Axis::new(low, high, Scale::Linear).ticks(most).into_iter();
        let seconds = Axis::new(0.0, self.seconds, Scale::Linear);
        let times: Vec<(usize, String)> = linear(0.0, self.seconds, width / 90)
            .map(|tick| (x + ((seconds.fraction(tick.value) * width as f64) as usize).min(width - 1), tick.text))
            .collect();
        let [low, high] = self.range;
        let levels: Vec<(usize, String)> =
            linear(low, high, 6).map(|tick| (up((tick.value - low) / (high - low)), plain(&tick.text))).collect();
        bands.iter().for_each(|(y, _)| bar(x - TICK, *y, TICK, 1));
        times.iter().for_each(|(x, _)| bar(*x, bottom, 1, TICK));
        levels.iter().for_each(|(y, _)| bar(scale + BAR, *y, TICK, 1));

        marks.push(Mark::Area { x, y, image: self.area([width, height]) });
        let fraction = |y: usize| 1.0 - (y as f64 + 0.5) / height as f64;
        marks.push(Mark::Area { x: scale, y, image: painted([BAR, height], |_, y| level(fraction(y))) });

        let mut text = |x, y, anchor, upward, text: &str| {
            marks.push(Mark::Text { x, y, anchor, upward, text: text.into() });
        };
        text(x, y - 12 - LINE / 2, Anchor::Start, false, &cut(&self.title, width, FONT));
        text(scale + BAR + 8, y - 12 - LINE / 2, Anchor::End, false, self.unit);
        text(x - LEFT + 16 + LINE / 2, y + height / 2, Anchor::Middle, true, self.bands.title());
        text(right, bottom + 10 + LINE + 8 + LINE / 2, Anchor::End, false, "time (s)");
        bands.iter().for_each(|(y, words)| text(x - TICK - 5, *y, Anchor::End, false, words));
        times.iter().for_each(|(x, words)| text(*x, bottom + 10 + LINE / 2, Anchor::Middle, false, &plain(words)));
        levels.iter().for_each(|(y, words)| text(scale + BAR + TICK + 5, *y, Anchor::Start, false, words));
    }

    /// The spectrogram without axes.
    fn area(&self, [width, height]: [usize; 2]) -> Image {
        let bands = self.bands.count();
        assert!(bands > 0 && self.values.len().is_multiple_of(bands), "{} values of {bands} bands", self.values.len());
        let Some(last) = (self.values.len() / bands).checked_sub(1) else {
            return painted([width, height], |_, _| level(f64::NAN));
        };
        let [low, high] = self.range;
        painted([width, height], |x, y| {
            let t = (x as f64 + 0.5) / width as f64 * self.seconds;
            let frame = ((t / self.step + 0.5) as usize).min(last);
            let band = (2 * (height - 1 - y) + 1) * bands / (2 * height);
            level((self.values[frame * bands + band] - low) / (high - low))
        })
    }
}

/// The text with hyphens for minus signs, which the bitmap font lacks.
pub(super) fn plain(text: &str) -> String {
    text.replace('\u{2212}', "-")
}

fn painted([width, height]: [usize; 2], color: impl Fn(usize, usize) -> super::image::Rgb) -> Image {
    let mut image = Image::new(width, height, WHITE);
    for y in 0..height {
        for x in 0..width {
            image.set(x, y, color(x, y));
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::color::MID_GREY;
    use crate::picture::image::Rgb;

    fn panel(values: Vec<f64>) -> Panel {
        let bands = Bands::Hertz(Vec::from([100.0, 200.0, 400.0]));
        Panel { title: "a < b".into(), bands, values, step: 0.5, seconds: 1.0, range: [0.0, 2.0], unit: "dB" }
    }

    fn at(image: &Image, x: usize, y: usize) -> Rgb {
        image.get(x, y).unwrap()
    }

    #[test]
    fn a_point_has_the_color_of_the_nearest_frame_and_of_its_band() {
        // Centers at 0, 0.5 and 1 s: changes at a quarter and at three quarters.
        let image = panel(Vec::from([0.0, 1.0, 2.0, 1.0, 1.0, 1.0, 2.0, 2.0, f64::NAN])).area([8, 6]);
        let column = |x| [5, 4, 3, 2, 1, 0].map(|y| at(&image, x, y));
        let [low, middle, high] = [0.0, 0.5, 1.0].map(level);
        assert_eq!(column(0), [low, low, middle, middle, high, high]);
        assert_eq!(column(1), column(0));
        assert_eq!([column(2), column(5)], [[middle; 6]; 2]);
        assert_eq!(column(6), [high, high, high, high, MID_GREY, MID_GREY]);
    }

    #[test]
    fn the_area_and_its_scale_are_on_the_sheet() {
        let sheet = Sheet { panels: Vec::from([panel(Vec::from([0.0; 9]))]), columns: 1 };
        let image = sheet.image();
        assert_eq!((image.width(), image.height()), (LEFT + 900 + RIGHT, TOP + 260 + BOTTOM));
        assert_eq!([at(&image, LEFT, TOP), at(&image, LEFT + 899, TOP + 259)], [level(0.0); 2]);
        assert_eq!([at(&image, LEFT - 1, TOP), at(&image, LEFT + 900, TOP)], [BLACK; 2]);
        let bar = LEFT + 900 + 14;
        assert_eq!([at(&image, bar, TOP), at(&image, bar, TOP + 259)], [level(1.0 - 0.5 / 260.0), level(0.5 / 260.0)]);
    }

    #[test]
    fn several_panels_stand_in_rows() {
        let sheet = Sheet { panels: std::vec![panel(Vec::from([1.0; 9])); 5], columns: 2 };
        let image = sheet.image();
        assert_eq!((image.width(), image.height()), (2 * (LEFT + 560 + RIGHT), 3 * (TOP + 230 + BOTTOM)));
        let svg = sheet.svg();
        assert!(svg.starts_with("<svg ") && svg.matches("<image ").count() == 10 && svg.contains(">a &lt; b</text>"));
        assert!(svg.contains("href=\"data:image/png;base64,iVBORw0KGgo") && svg.contains(">frequency (Hz)</text>"));
    }

    #[test]
    fn no_frames_and_long_titles_are_drawn() {
        let mut empty = panel(Vec::new());
        empty.title = "long, ".repeat(100);
        let image = Sheet { panels: Vec::from([empty]), columns: 1 }.image();
        assert_eq!(at(&image, LEFT + 10, TOP + 10), MID_GREY);
    }
}
