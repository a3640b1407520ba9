//! The strokes, shapes and labels of which the diagrams consist.
//!
//! All diagrams have one width, so that their letters have one size on a page, and labels of at least 14 points, which
//! are legible on a phone. Positions are (x, y) in points, y downward; a label is centered vertically on its position.
//! [`Svg::formula`] explains how formulas are written.

use crate::machine::Element;
use crate::number::Real;
use crate::picture::axis::{Axis, Scale};
use crate::picture::color::{DISTINCT, MID_GREY};
use crate::picture::image::{BLACK, Rgb, WHITE};
use crate::picture::svg::{Svg, color, number};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The width of every diagram.
pub const WIDTH: f64 = 480.0;
/// Forward, inputs, results.
pub const BLUE: Rgb = DISTINCT[0];
/// Backward, and the one piece to look at.
pub const ORANGE: Rgb = DISTINCT[1];
/// A fourth color, where four are needed.
pub const SKY: Rgb = DISTINCT[6];
/// Everything else.
pub const GRAY: Rgb = MID_GREY;
/// Font sizes of labels and of notes.
const LABEL: f64 = 16.0;
const NOTE: f64 = 14.0;
/// The length of an arrow's head, and half of its width.
const HEAD: [f64; 2] = [10.0, 4.5];

/// The color mixed with white, 1 : 3, for areas under black text.
pub const fn pale([red, green, blue]: Rgb) -> Rgb {
    [255 - (255 - red) / 4, 255 - (255 - green) / 4, 255 - (255 - blue) / 4]
}

/// A point.
pub type Point = [f64; 2];

/// A rectangle with sides along the axes.
#[derive(Clone, Copy, Debug)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Rect {
    /// The rectangle with this upper left corner.
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Rect { x, y, width, height }
    }

    /// Its center.
    pub const fn center(&self) -> Point {
        [self.x + self.width / 2.0, self.y + self.height / 2.0]
    }
}

/// How text is written.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    ink: Rgb,
    size: f64,
    anchor: &'static str,
    has_seam: bool,
}

impl Pen {
    /// Black labels, centered on their position.
    pub const CENTER: Pen = Pen { ink: BLACK, size: LABEL, anchor: "middle", has_seam: false };
    /// Black labels to the right of their position.
    pub const LEFT: Pen = Pen { anchor: "start", ..Pen::CENTER };
    /// Black labels to the left of their position.
    pub const RIGHT: Pen = Pen { anchor: "end", ..Pen::CENTER };

    /// The size of notes.
    pub const fn small(self) -> Pen {
        Pen { size: NOTE, ..self }
    }

    /// With a white seam, which separates the letters from lines beneath them.
    pub const fn over_lines(self) -> Pen {
        Pen { has_seam: true, ..self }
    }

    /// Another color.
    pub const fn ink(self, ink: Rgb) -> Pen {
        Pen { ink, ..self }
    }
}

/// How lines are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    ink: Rgb,
    width: f64,
    dashes: &'static str,
}

impl Stroke {
    /// A line of the usual width.
    pub const fn new(ink: Rgb) -> Stroke {
        Stroke { ink, width: 1.5, dashes: "none" }
    }

    /// A thin line.
    pub const fn thin(ink: Rgb) -> Stroke {
        Stroke { width: 0.6, ..Stroke::new(ink) }
    }

    /// A curve.
    pub const fn thick(ink: Rgb) -> Stroke {
        Stroke { width: 2.2, ..Stroke::new(ink) }
    }

    /// The same with dashes.
    pub const fn dashed(self) -> Stroke {
        Stroke { dashes: "5 4", ..self }
    }
}

/// A cell of a grid: its text and its color.
#[derive(Clone, Debug)]
pub struct Cell {
    /// May be empty.
    pub text: String,
    /// The color of its area.
    pub fill: Rgb,
}

/// A white cell.
pub fn cell(text: impl ToString) -> Cell {
    Cell { text: text.to_string(), fill: WHITE }
}

/// A diagram under construction.
#[derive(Clone, Debug)]
pub struct Sketch {
    svg: Svg,
}

impl Sketch {
    /// An empty diagram of this height.
    pub fn new(height: f64) -> Self {
        Sketch { svg: Svg::new(WIDTH, height) }
    }

    /// The finished file.
    pub fn finish(self) -> String {
        self.svg.finish()
    }

    /// Writes a label.
    pub fn write(&mut self, pen: Pen, [x, y]: Point, formula: &str) {
        let [x, y] = [x, y + 0.35 * pen.size].map(number);
        let attributes = [
            ("x", x.as_str()),
            ("y", &y),
            ("text-anchor", pen.anchor),
            ("fill", &color(pen.ink)),
            ("stroke", "white"),
            ("stroke-width", "6"),
            ("stroke-linejoin", "round"),
            ("paint-order", "stroke"),
        ];
        let count = if pen.has_seam { 8 } else { 4 };
        self.svg.formula(formula, pen.size, &attributes[..count]);
    }

    /// A line through points.
    pub fn line(&mut self, points: &[Point], stroke: Stroke) {
        self.path(points, None, stroke);
    }

    /// An area with these corners.
    pub fn area(&mut self, corners: &[Point], fill: Rgb) {
        self.path(corners, Some(fill), Stroke { width: 0.0, ..Stroke::new(fill) });
    }

    fn path(&mut self, points: &[Point], fill: Option<Rgb>, Stroke { ink, width, dashes }: Stroke) {
        let attributes = [
            ("fill", &*fill.map_or("none".into(), color)),
            ("stroke", &*color(ink)),
            ("stroke-width", &*number(width)),
            ("stroke-dasharray", dashes),
            ("stroke-linejoin", "round"),
        ];
        self.svg.line(points, &attributes);
    }

    /// A line through points that ends with a head.
    pub fn arrow(&mut self, points: &[Point], stroke: Stroke) {
        let [.., from, tip] = *points else { return };
        let [dx, dy] = toward(from, tip);
        let [length, half] = HEAD;
        let back = [tip[0] - length * dx, tip[1] - length * dy];
        let mut shaft = points.to_vec();
        shaft.pop();
        shaft.push(back);
        self.line(&shaft, stroke);
        let corner = |side: f64| [back[0] - side * half * dy, back[1] + side * half * dx];
        self.area(&[tip, corner(1.0), corner(-1.0)], stroke.ink);
    }

    /// A line with a head at both ends: a length.
    pub fn span(&mut self, from: Point, to: Point, stroke: Stroke) {
        let middle = [0, 1].map(|k| (from[k] + to[k]) / 2.0);
        self.arrow(&[middle, from], stroke);
        self.arrow(&[middle, to], stroke);
    }

    /// A rectangle.
    pub fn rect(&mut self, rect: Rect, fill: Rgb, ink: Rgb) {
        self.rounded(rect, 0.0, fill, ink);
    }

    /// A rectangle with round corners.
    pub fn rounded(&mut self, Rect { x, y, width, height }: Rect, radius: f64, fill: Rgb, ink: Rgb) {
        let [x, y, width, height, radius] = [x, y, width, height, radius].map(number);
        let (fill, ink) = (color(fill), color(ink));
        let attributes = [
            ("x", x.as_str()),
            ("y", &y),
            ("width", &width),
            ("height", &height),
            ("rx", &radius),
            ("fill", &fill),
            ("stroke", &ink),
        ];
        self.svg.element("rect", &attributes);
    }

    /// A circle.
    pub fn circle(&mut self, center: Point, radius: f64, fill: Rgb, ink: Rgb) {
        let [x, y, radius] = [center[0], center[1], radius].map(number);
        let (fill, ink) = (color(fill), color(ink));
        let attributes = [("cx", x.as_str()), ("cy", &y), ("r", &radius), ("fill", &fill), ("stroke", &ink)];
        self.svg.element("circle", &attributes);
    }

    /// The dot of a product.
    pub fn dot(&mut self, center: Point) {
        self.circle(center, 1.7, BLACK, BLACK);
    }

    /// A grid of square cells from its upper left corner, cell (i, j) in row i and column j.
    pub fn cells(&mut self, [x, y]: Point, side: f64, size: [usize; 2], cell: impl Fn(usize, usize) -> Cell) {
        for (i, j) in (0..size[0]).flat_map(|i| (0..size[1]).map(move |j| (i, j))) {
            let Cell { text, fill } = cell(i, j);
            let rect = Rect::new(x + j as f64 * side, y + i as f64 * side, side, side);
            self.rect(rect, fill, GRAY);
            if !text.is_empty() {
                self.write(Pen::CENTER, rect.center(), &text);
            }
        }
    }
}

/// The unit vector from one point to another.
fn toward(from: Point, to: Point) -> Point {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let length = Real::max(Element::sqrt(dx * dx + dy * dy), 1e-9);
    [dx / length, dy / length]
}

/// The ends of a line from one circle to another, given their centers and radii.
pub fn between(from: Point, from_radius: f64, to: Point, to_radius: f64) -> [Point; 2] {
    let [dx, dy] = toward(from, to);
    let [[a, b], [c, d]] = [from, to];
    [[a + from_radius * dx, b + from_radius * dy], [c - to_radius * dx, d - to_radius * dy]]
}

/// A rectangle with a linear axis along each side: x to the right, y upward.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    /// The rectangle.
    pub area: Rect,
    x: Axis,
    y: Axis,
}

impl Plot {
    /// The plot of x and y between these bounds.
    pub fn new(area: Rect, x: [f64; 2], y: [f64; 2]) -> Self {
        let [x, y] = [x, y].map(|[low, high]| Axis::new(low, high, Scale::Linear));
        Plot { area, x, y }
    }

    /// The position of (x, y).
    pub fn at(&self, x: f64, y: f64) -> Point {
        let Rect { x: left, y: top, width, height } = self.area;
        [left + self.x.fraction(x) * width, top + (1.0 - self.y.fraction(y)) * height]
    }

    /// The positions of a function's values at n + 1 evenly spaced x.
    pub fn curve(&self, n: usize, f: impl Fn(f64) -> f64) -> Vec<Point> {
        let x = |i: usize| self.x.at(i as f64 / n as f64);
        (0..=n).map(|i| self.at(x(i), f(x(i)))).collect()
    }

    /// The positions of values, the first at the left edge, the last at the right.
    pub fn series(&self, values: &[f64]) -> Vec<Point> {
        let place = |(i, &y): (usize, &f64)| self.at(self.x.at(i as f64 / (values.len() - 1) as f64), y);
        values.iter().enumerate().map(place).collect()
    }

    /// Draws the ticks of the x axis with their labels.
    pub fn draw_ticks(&self, sketch: &mut Sketch, most: usize) {
        for tick in self.x.ticks(most) {
            let [x, y] = self.at(tick.value, self.y.low());
            sketch.line(&[[x, y], [x, y + 5.0]], Stroke::new(GRAY));
            sketch.write(Pen::CENTER.small(), [x, y + 16.0], &tick.text);
        }
    }
}

/// An integer with commas: 12,345.
pub fn with_commas(n: usize) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", with_commas(n / 1000), n % 1000) }
}
