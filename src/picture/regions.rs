//! Decision regions: the probability of a class at every position of a square, as color, with labeled points on top.
//!
//! Why: an accuracy counts errors, and does not show where they are. A classifier of two inputs can be shown whole: one
//! panel has the regions of both classes, the boundary between them, and how certain the classifier is on each side.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | b | the square goes from -b to b in both inputs |
//! | s | the side of a panel, in pixels |
//! | c, r | column and row of a pixel, counted from the top left corner |
//! | x1, x2 | the inputs at the center of the pixel: x1 to the right, x2 up |
//!
//! ```text
//! (DR.1)  x1 = b·(2·(c + ½)/s - 1)
//! (DR.2)  x2 = b·(1 - 2·(r + ½)/s)
//! ```
//!
//! Panels stand in rows and columns, each with a label. The lower left panel has ticks, and the lowest line is the
//! legend. A point is a small square in the dark color of its class, so it can be seen on either region.
//!
//! Source: E, "TensorFlow playground".

use super::color::two_classes;
use super::font::{text_height, text_width};
use super::image::{BLACK, Image, Rgb, WHITE};
use crate::machine::size;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A point with its label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabeledPoint {
    /// x1 and x2.
    pub position: [f64; 2],
    /// Whether it is of class 1; else of class 0.
    pub is_one: bool,
}

/// The regions of one classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The probability of class 1 at each pixel, row by row.
    pub probabilities: Vec<f64>,
    /// The points on top; those outside the square are left out.
    pub points: Vec<LabeledPoint>,
}

/// Panels in rows and columns.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRegions {
    /// The subject of the columns, above their labels.
    pub title: String,
    /// b > 0.
    pub bound: f64,
    /// s.
    pub side: usize,
    /// The labels of the rows, from the top.
    pub rows: Vec<String>,
    /// The labels of the columns, from the left.
    pub columns: Vec<String>,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
}

/// The colors of points: of class 0 and of class 1.
const POINTS: [Rgb; 2] = [[0, 58, 110], [150, 48, 0]];

/// The side of a point, in pixels.
const POINT: usize = 3;
const MARGIN: usize = 16;
const GAP: usize = 8;
const SCALE: usize = 2;
const LINE: usize = text_height(SCALE);
const BAR: usize = 120;

impl DecisionRegions {
    /// The number of pixels of a panel.
    #[must_use]
    pub fn pixels(&self) -> usize {
        size::product([self.side, self.side])
    }

    /// x1 and x2 at the center of a pixel, counted row by row.
    #[must_use]
    pub fn position(&self, pixel: usize) -> [f64; 2] {
        let (c, r, s) = ((pixel % self.side) as f64, (pixel / self.side) as f64, self.side as f64);
        let x1 = self.bound * (2.0 * (c + 0.5) / s - 1.0); // (DR.1)
        let x2 = self.bound * (1.0 - 2.0 * (r + 0.5) / s); // (DR.2)
        [x1, x2]
    }

    /// The panels with their labels, axes and legend.
    ///
    /// # Panics
    /// If there is not one panel for each row and column, a panel does not have one probability for each pixel, or the
    /// image is larger than [`Image::new`] allows.
    #[must_use]
    pub fn image(&self) -> Image {
        let [rows, columns] = [self.rows.len(), self.columns.len()];
        assert_eq!(self.panels.len(), size::product([rows, columns]), "one panel for each row and column");
        let ticks = [(-self.bound, 0), (0.0, self.side / 2), (self.bound, self.side)];
        let ticks = ticks.map(|(value, distance)| (format!("{value}"), distance));
        let widest = |texts: &[String]| texts.iter().map(|text| text_width(text, SCALE)).max().unwrap_or(0);
        let tick_width = ticks.iter().map(|(text, _)| text_width(text, SCALE)).max().unwrap_or(0);
        let step = size::sum([self.side, GAP]);
        let left = size::sum([MARGIN, widest(&self.rows), 2 * GAP + LINE + GAP, tick_width, GAP]);
        let top = MARGIN + LINE + GAP + LINE + GAP;
        let (right, bottom) = (left + size::product([columns, step]), top + size::product([rows, step]));
        let legend = Legend::new();
        let least = left + text_width(&self.title, SCALE).max(legend.width());
        let width = right.max(least) + MARGIN;
        let mut image = Image::new(width, bottom + 2 * (LINE + GAP) + GAP + LINE + MARGIN, WHITE);

        image.text(left, MARGIN, SCALE, BLACK, &self.title);
        for (j, label) in self.columns.iter().enumerate() {
            let x = left + j * step + self.side.saturating_sub(text_width(label, SCALE)) / 2;
            image.text(x, MARGIN + LINE + GAP, SCALE, BLACK, label);
        }
        for (i, label) in self.rows.iter().enumerate() {
            image.text(MARGIN, (top + i * step + self.side / 2).saturating_sub(LINE / 2), SCALE, BLACK, label);
        }
        for (k, panel) in self.panels.iter().enumerate() {
            self.draw(&mut image, left + k % columns * step, top + k / columns * step, panel);
        }
        // The axes of the lower left panel.
        let floor = bottom - GAP;
        for (text, distance) in &ticks {
            let (across, half) = (text_width(text, SCALE), LINE / 2);
            image.text((left + distance).saturating_sub(across / 2), floor + GAP, SCALE, BLACK, text);
            let y = (floor - distance.min(&floor)).saturating_sub(half);
            image.text(left - GAP - across.min(left - GAP), y, SCALE, BLACK, text);
        }
        let x2 = left - GAP - tick_width - GAP - LINE;
        image.text_upward(x2, (floor - self.side / 2).saturating_sub(text_width("x2", SCALE) / 2), SCALE, BLACK, "x2");
        let x1 = left + self.side / 2 - text_width("x1", SCALE) / 2;
        image.text(x1, floor + GAP + LINE + GAP, SCALE, BLACK, "x1");
        legend.draw(&mut image, left, floor + 2 * (GAP + LINE) + 2 * GAP);
        image
    }

    /// Draws a panel with its top left pixel at (x, y).
    fn draw(&self, image: &mut Image, x: usize, y: usize, panel: &Panel) {
        assert_eq!(panel.probabilities.len(), self.pixels(), "one probability for each pixel");
        for (pixel, &p) in panel.probabilities.iter().enumerate() {
            image.set(x + pixel % self.side, y + pixel / self.side, two_classes(p));
        }
        for &LabeledPoint { position: [x1, x2], is_one } in &panel.points {
            let pixel = |fraction: f64| (fraction * self.side as f64) as usize;
            let [right, up] = [x1, x2].map(|x| 0.5 * (x / self.bound + 1.0));
            // Whole points only; NaN is outside.
            let is_inside = |fraction: f64| (0.01..0.99).contains(&fraction);
            if is_inside(right) && is_inside(up) {
                let corner = [pixel(right), pixel(1.0 - up)].map(|center| center.saturating_sub(POINT / 2));
                image.fill_rect(x + corner[0], y + corner[1], POINT, POINT, POINTS[usize::from(is_one)]);
            }
        }
    }
}

/// The color bar, and a point of each class.
struct Legend {
    texts: [&'static str; 4],
}

impl Legend {
    fn new() -> Self {
        Legend { texts: ["probability of class 1: 0", "1", "class 0", "class 1"] }
    }

    fn width(&self) -> usize {
        let texts = self.texts.iter().fold(0, |sum, text| sum + text_width(text, SCALE) + 4 * GAP);
        texts + BAR + 4 * POINT
    }

    fn draw(&self, image: &mut Image, mut x: usize, y: usize) {
        for (k, text) in self.texts.iter().enumerate() {
            if k >= 2 {
                let side = 2 * POINT;
                image.fill_rect(x, y + (LINE - side) / 2, side, side, POINTS[k - 2]);
                x += side + GAP;
            }
            image.text(x, y, SCALE, BLACK, text);
            x += text_width(text, SCALE) + GAP;
            if k == 0 {
                (0..BAR).for_each(|i| image.fill_rect(x + i, y, 1, LINE, two_classes(i as f64 / (BAR - 1) as f64)));
                x += BAR + GAP;
            } else {
                x += 2 * GAP;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// One panel in which x1 > 0 is of class 1.
    fn regions(side: usize, points: Vec<LabeledPoint>) -> DecisionRegions {
        let text = String::from("a");
        let (title, rows, columns) = (text.clone(), vec![text.clone()], vec![text]);
        let mut regions = DecisionRegions { title, bound: 2.0, side, rows, columns, panels: Vec::new() };
        let probabilities = (0..regions.pixels()).map(|pixel| f64::from(u8::from(regions.position(pixel)[0] > 0.0)));
        regions.panels = vec![Panel { probabilities: probabilities.collect(), points }];
        regions
    }

    #[test]
    fn pixels_have_the_positions_of_their_centers() {
        let regions = regions(4, Vec::new());
        assert_eq!([0, 3, 12].map(|pixel| regions.position(pixel)), [[-1.5, 1.5], [1.5, 1.5], [-1.5, -1.5]]);
    }

    #[test]
    fn regions_have_the_colors_of_their_classes_and_points_lie_on_top() {
        let point = |x1, x2, is_one| LabeledPoint { position: [x1, x2], is_one };
        let outside = [point(2.5, 0.0, true), point(f64::NAN, 0.0, true), point(0.0, -7.0, false)];
        let points = [&[point(-1.0, 1.0, true), point(1.0, -1.0, false)], &outside[..]].concat();
        let (side, mut image) = (100, Image::new(100, 100, WHITE));
        let regions = regions(side, points);
        regions.draw(&mut image, 0, 0, &regions.panels[0]);
        assert_eq!([image.get(10, 50), image.get(90, 50)], [Some(two_classes(0.0)), Some(two_classes(1.0))]);
        assert_eq!([image.get(25, 25), image.get(75, 75)], [Some(POINTS[1]), Some(POINTS[0])]);
        let of_points = image.rgb().chunks(3).filter(|pixel| POINTS.iter().any(|color| color == pixel)).count();
        assert_eq!(of_points, 2 * POINT * POINT);
    }

    #[test]
    fn the_picture_is_as_large_as_panels_and_legend_need() {
        let legend = Legend::new().width();
        let [small, large] = [20, 900].map(|side| regions(side, Vec::new()).image());
        assert!(small.width() > legend && large.width() > 900 + GAP && large.height() > 900, "{}", large.width());
        let mut wide = regions(60, Vec::new());
        (wide.rows, wide.columns) = (vec!["row".into(); 2], vec!["column".into(); 3]);
        wide.panels = vec![wide.panels[0].clone(); 6];
        let image = wide.image();
        let blue = image.rgb().chunks(3).filter(|pixel| **pixel == two_classes(0.0)).count();
        assert!(blue > 6 * 60 * 30 - 1 && blue < 6 * 60 * 30 + 4 * LINE, "{blue}");
    }

    #[test]
    #[should_panic(expected = "one panel for each row and column")]
    fn a_missing_panel_panics() {
        let _ = DecisionRegions { panels: Vec::new(), ..regions(5, Vec::new()) }.image();
    }
}
