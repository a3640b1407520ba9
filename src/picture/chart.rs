//! Charts: curves and paths, with axes and a legend, as SVG.
//!
//! Each curve has a color of [`DISTINCT`], and a marker or dashes of its own. So curves can also be distinguished
//! without colors: by color-blind readers, and in gray print. The legend is to the right of the chart, where it hides
//! nothing, and a caption, if there is one, below it. Points too close to be distinguished are left out, so that a
//! curve of a million points is a small file. A point that is not finite, or not positive on a logarithmic axis,
//! interrupts the curve. A point outside of the axes has a ring on the border.

use super::axis::{Axis, Scale, Tick};
use super::color::DISTINCT;
use super::font::wrapped_to;
use super::image::{BLACK, Rgb};
use super::svg::{Svg, color, number};
use crate::number::Real;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Points of a curve, in order, and its name in the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name; without one it does not appear in the legend.
    pub name: String,
    /// (x, y).
    pub points: Vec<[f64; 2]>,
    /// The way it is drawn.
    pub style: Style,
}

/// The way a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line in the next color, with dashes of its own.
    Line,
    /// A line in the next color, with its marker at the points.
    Path,
    /// Its marker at each point, in the next color and without a line: the members of a class.
    Points,
    /// A black marker at each point, without a line.
    Mark(Marker),
}

impl Style {
    fn has_line(self) -> bool {
        matches!(self, Style::Line | Style::Path)
    }
}

/// The shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A disk.
    Circle,
    /// A square.
    Square,
    /// A triangle that points up.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle that points down.
    Wedge,
    /// A five-pointed star, larger than the others.
    Star,
}

const MARKERS: [Marker; 5] = [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Wedge];
/// The dashes of lines without markers, one after the other; of lines with markers, those of the first five, of the
/// next five, and so on.
const DASHES: [&str; 6] = ["", "8 3", "2 2.5", "9 3 2 3", "5 2", "12 3 2 3 2 3"];

/// A chart of curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The title; may be empty.
    pub title: String,
    /// The titles of the x axis and the y axis.
    pub labels: [String; 2],
    /// The x axis, from left to right, and the y axis, from bottom to top.
    pub axes: [Axis; 2],
    /// Lines behind the curves, each with a color: contours.
    pub background: Vec<(Rgb, Vec<[f64; 2]>)>,
    /// The curves, later ones over earlier ones.
    pub series: Vec<Series>,
    /// Width and height of the area between the axes, in points.
    pub area: [f64; 2],
    /// What to see, below the chart; may be empty.
    pub caption: String,
}

const TOP: f64 = 14.0;
const BOTTOM: f64 = 46.0;
const TITLE: f64 = 24.0;
const LEGEND_LINE: f64 = 19.0;
const GRID: &str = "#e4e4e4";
const FRAME: &str = "#444444";
/// The average width of a letter at font size 12.
pub(super) const LETTER: f64 = 6.4;
/// From a line of the caption to the next.
const CAPTION_LINE: f64 = 17.0;

impl Chart {
    /// A chart of these curves, with axes that cover all of them.
    ///
    /// ```
    /// use ossicle::picture::axis::Scale;
    /// use ossicle::picture::chart::{Chart, Series, Style};
    ///
    /// let points = (0..20).map(|i| [f64::from(i), 1.0 / f64::from(1 + i * i)]).collect();
    /// let cost = Series { name: "cost".into(), points, style: Style::Line };
    /// let chart = Chart::new("training", ["epoch", "cost"], [Scale::Linear, Scale::Logarithmic], [cost].into());
    /// assert!(chart.svg().starts_with("<svg"));
    /// ```
    pub fn new(title: &str, labels: [&str; 2], scales: [Scale; 2], series: Vec<Series>) -> Self {
        let axis = |k: usize, margin: f64| {
            Axis::over(series.iter().flat_map(|series| &series.points).map(|point| point[k]), scales[k], margin)
        };
        // A marker needs room at the ends; a line does not.
        let has_marker = series.iter().any(|series| series.style != Style::Line);
        let axes = [axis(0, if has_marker { 0.02 } else { 0.0 }), axis(1, 0.04)];
        let [x, y] = labels;
        Chart {
            title: title.into(),
            labels: [x.into(), y.into()],
            axes,
            background: Vec::new(),
            series,
            area: [480.0, 320.0],
            caption: String::new(),
        }
    }

    /// The chart as an SVG file.
    pub fn svg(&self) -> String {
        let [width, height] = self.area;
        let ticks = self.ticks();
        let left = self.left(&ticks);
        let top = if self.title.is_empty() { TOP } else { TOP + TITLE };
        let named = || self.series.iter().filter(|series| !series.name.is_empty());
        let longest = named().map(|series| series.name.chars().count()).max();
        let legend = longest.map_or(16.0, |letters| 16.0 + 34.0 + LETTER * letters as f64 + 10.0);
        let bottom = Real::max(height + BOTTOM, LEGEND_LINE * named().count() as f64);
        let caption = Caption::new(&self.caption, left + width + legend);

        let mut svg = Svg::new(left + width + legend, top + bottom + caption.height());
        if !self.title.is_empty() {
            let x = number(left + width / 2.0);
            svg.text(&self.title, &[("x", &x), ("y", "24"), ("text-anchor", "middle"), ("font-size", "14")]);
        }
        let place = format!("translate({} {})", number(left), number(top));
        svg.group("g", &[("transform", &place)], |svg| {
            self.define_area(svg);
            self.draw_axes(svg, &ticks, !self.background.is_empty());
            self.draw_area(svg, |svg| self.draw_background(svg));
            self.draw_legend(svg);
        });
        caption.draw(&mut svg, top + bottom);
        svg.finish()
    }

    /// The ticks of both axes.
    pub(super) fn ticks(&self) -> [Vec<Tick>; 2] {
        let [width, height] = self.area;
        [self.axes[0].ticks((width / 64.0) as usize), self.axes[1].ticks((height / 40.0) as usize)]
    }

    /// The width of the title and the labels of the y axis.
    pub(super) fn left(&self, ticks: &[Vec<Tick>; 2]) -> f64 {
        let letters = |tick: &Tick| (tick.text.chars().count() + tick.exponent.chars().count()) as f64;
        let widest = ticks[1].iter().map(letters).fold(1.0, Real::max);
        12.0 + 16.0 + LETTER * widest + 8.0
    }

    /// The area between the axes, outside of which nothing is drawn by [`draw_area`](Self::draw_area).
    pub(super) fn define_area(&self, svg: &mut Svg) {
        let [width, height] = self.area.map(number);
        svg.group("clipPath", &[("id", "area")], |svg| {
            svg.element("rect", &[("width", &width), ("height", &height)]);
        });
    }

    /// The curves between the axes, over a background.
    pub(super) fn draw_area(&self, svg: &mut Svg, background: impl FnOnce(&mut Svg)) {
        svg.group("g", &[("clip-path", "url(#area)"), ("fill", "none"), ("stroke-linejoin", "round")], |svg| {
            background(svg);
            for (series, look) in self.looks() {
                self.draw(svg, series, &look);
            }
        });
    }

    /// The lines behind the curves.
    pub(super) fn draw_background(&self, svg: &mut Svg) {
        for (shade, line) in &self.background {
            for part in self.visible(line, 2.5) {
                svg.line(&part, &[("stroke", &color(*shade))]);
            }
        }
    }

    /// The frame, the ticks, their labels, and the titles of the axes; without a background, also a grid.
    pub(super) fn draw_axes(&self, svg: &mut Svg, ticks: &[Vec<Tick>; 2], has_background: bool) {
        let [width, height] = self.area.map(number);
        for (k, ticks) in ticks.iter().enumerate() {
            for tick in ticks {
                let fraction = self.axes[k].fraction(tick.value);
                let is_major = !tick.text.is_empty();
                let length = if is_major { 5.0 } else { 3.0 };
                let grid = !has_background && is_major;
                if k == 0 {
                    let x = number(fraction * self.area[0]);
                    if grid {
                        svg.element("line", &[("x1", &x), ("x2", &x), ("y2", &height), ("stroke", GRID)]);
                    }
                    let end = number(self.area[1] + length);
                    svg.element("line", &[("x1", &x), ("x2", &x), ("y1", &height), ("y2", &end), ("stroke", FRAME)]);
                    let y = number(self.area[1] + 19.0);
                    svg.text_with_exponent(
                        &tick.text,
                        &tick.exponent,
                        &[("x", &x), ("y", &y), ("text-anchor", "middle")],
                    );
                } else {
                    let y = number((1.0 - fraction) * self.area[1]);
                    if grid {
                        svg.element("line", &[("y1", &y), ("y2", &y), ("x2", &width), ("stroke", GRID)]);
                    }
                    svg.element("line", &[("y1", &y), ("y2", &y), ("x1", &number(-length)), ("stroke", FRAME)]);
                    let y = number((1.0 - fraction) * self.area[1] + 4.0);
                    svg.text_with_exponent(
                        &tick.text,
                        &tick.exponent,
                        &[("x", "-8"), ("y", &y), ("text-anchor", "end")],
                    );
                }
            }
        }
        svg.element("rect", &[("width", &width), ("height", &height), ("fill", "none"), ("stroke", FRAME)]);
        let (x, y) = (number(self.area[0] / 2.0), number(self.area[1] + 38.0));
        svg.text(&self.labels[0], &[("x", &x), ("y", &y), ("text-anchor", "middle")]);
        let (x, y) = (number(20.0 - self.left(ticks)), number(self.area[1] / 2.0));
        let turned = format!("translate({x} {y}) rotate(-90)");
        svg.text(&self.labels[1], &[("transform", &turned), ("text-anchor", "middle")]);
    }

    /// The curves with their colors, dashes and markers.
    fn looks(&self) -> Vec<(&Series, Look)> {
        let mut lines = 0;
        let looks = self.series.iter().map(|series| {
            let look = match series.style {
                Style::Mark(shape) => Look { color: BLACK, dashes: "", shape: Some(shape) },
                style => {
                    let turn = if style == Style::Line { lines } else { lines / MARKERS.len() };
                    let dashes = DASHES[turn % DASHES.len()];
                    let shape = (style != Style::Line).then_some(MARKERS[lines % MARKERS.len()]);
                    let color = DISTINCT[lines % DISTINCT.len()];
                    lines += 1;
                    Look { color, dashes, shape }
                }
            };
            (series, look)
        });
        looks.collect()
    }

    fn draw(&self, svg: &mut Svg, series: &Series, look: &Look) {
        let parts = self.visible(&series.points, if series.style == Style::Points { 0.0 } else { 0.7 });
        if series.style.has_line() {
            for part in &parts {
                look.line(svg, part);
            }
        }
        self.draw_exits(svg, series, look);
        if let Some(shape) = look.shape {
            // Markers that would cover each other are left out, except the last one.
            let apart = if series.style.has_line() { 9.0 } else { 0.0 };
            let points: Vec<[f64; 2]> = parts.concat();
            for point in thinned(&points, apart) {
                shape.draw(svg, point, look.color);
            }
        }
    }

    /// A ring on the border of the area, next to each point outside of it: nothing leaves a chart unseen.
    fn draw_exits(&self, svg: &mut Svg, series: &Series, look: &Look) {
        const RADIUS: f64 = 4.0;
        let is_inside = |&[x, y]: &[f64; 2]| {
            (-1e-6..=self.area[0] + 1e-6).contains(&x) && (-1e-6..=self.area[1] + 1e-6).contains(&y)
        };
        let outside: Vec<[f64; 2]> =
            self.visible(&series.points, 0.0).concat().into_iter().filter(|place| !is_inside(place)).collect();
        let edge = |place: [f64; 2]| [0, 1].map(|k| place[k].clamp(RADIUS + 1.0, self.area[k] - RADIUS - 1.0));
        for [x, y] in thinned(&outside.into_iter().map(edge).collect::<Vec<_>>(), 2.0 * RADIUS) {
            let ([x, y], color) = ([x, y].map(number), color(look.color));
            let [radius, width] = [RADIUS, 1.6].map(number);
            svg.element(
                "circle",
                &[("cx", &x), ("cy", &y), ("r", &radius), ("stroke", &color), ("stroke-width", &width)],
            );
        }
    }

    fn draw_legend(&self, svg: &mut Svg) {
        let left = self.area[0] + 16.0;
        let named = self.looks().into_iter().filter(|(series, _)| !series.name.is_empty());
        for (i, (series, look)) in named.enumerate() {
            let y = 8.0 + LEGEND_LINE * i as f64;
            if series.style.has_line() {
                look.line(svg, &[[left, y], [left + 26.0, y]]);
            }
            if let Some(shape) = look.shape {
                shape.draw(svg, [left + 13.0, y], look.color);
            }
            svg.text(&series.name, &[("x", &number(left + 34.0)), ("y", &number(y + 4.0))]);
        }
    }

    /// The positions of points, split into parts at points without a position. Points nearer than `apart` to the one
    /// before are left out.
    fn visible(&self, points: &[[f64; 2]], apart: f64) -> Vec<Vec<[f64; 2]>> {
        let place = |&[x, y]: &[f64; 2]| {
            let fraction = [self.axes[0].fraction(x), 1.0 - self.axes[1].fraction(y)];
            // Far outside the chart, the exact position does not matter.
            let place = [0, 1].map(|k| (fraction[k] * self.area[k]).clamp(-1e5, 1e5));
            (x.is_finite() && y.is_finite() && !place[0].is_nan() && !place[1].is_nan()).then_some(place)
        };
        let places: Vec<Option<[f64; 2]>> = points.iter().map(place).collect();
        let parts = places.split(Option::is_none).filter(|part| !part.is_empty());
        parts.map(|part| thinned(&part.iter().copied().flatten().collect::<Vec<_>>(), apart)).collect()
    }
}

/// The points without those nearer than `apart` to the last one kept; the last point always stays.
fn thinned(points: &[[f64; 2]], apart: f64) -> Vec<[f64; 2]> {
    let distance = |[a, b]: [f64; 2], [c, d]: [f64; 2]| (a - c) * (a - c) + (b - d) * (b - d);
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for (i, &point) in points.iter().enumerate() {
        let is_near = kept.last().is_some_and(|&last| distance(last, point) < apart * apart);
        if is_near && i + 1 == points.len() && kept.len() > 1 {
            kept.pop();
        }
        if !is_near || i + 1 == points.len() {
            kept.push(point);
        }
    }
    kept
}

/// A caption below a drawing.
#[derive(Clone, Debug)]
pub(super) struct Caption {
    lines: Vec<String>,
}

impl Caption {
    /// The lines of a caption in a drawing of this width.
    pub fn new(text: &str, width: f64) -> Self {
        Caption { lines: wrapped_to(text, ((width - 24.0) / LETTER) as usize) }
    }

    /// The height of the lines and of the margin below them; 0 without lines.
    pub fn height(&self) -> f64 {
        if self.lines.is_empty() { 0.0 } else { CAPTION_LINE * self.lines.len() as f64 + 10.0 }
    }

    /// Draws the lines, the first one below y = `top`.
    pub fn draw(&self, svg: &mut Svg, top: f64) {
        for (k, line) in self.lines.iter().enumerate() {
            svg.text(line, &[("x", "12"), ("y", &number(top + 12.0 + CAPTION_LINE * k as f64))]);
        }
    }
}

/// The appearance of a curve.
#[derive(Clone, Copy, Debug)]
struct Look {
    color: Rgb,
    dashes: &'static str,
    shape: Option<Marker>,
}

impl Look {
    fn line(&self, svg: &mut Svg, points: &[[f64; 2]]) {
        let color = color(self.color);
        let mut attributes = Vec::from([("fill", "none"), ("stroke", color.as_str()), ("stroke-width", "1.6")]);
        if !self.dashes.is_empty() {
            attributes.push(("stroke-dasharray", self.dashes));
        }
        svg.line(points, &attributes);
    }
}

impl Marker {
    /// Draws the shape around a point.
    fn draw(self, svg: &mut Svg, [x, y]: [f64; 2], fill: Rgb) {
        let fill = color(fill);
        let corners: &[[f64; 2]] = match self {
            Marker::Circle => {
                let [x, y] = [x, y].map(number);
                return svg.element("circle", &[("cx", &x), ("cy", &y), ("r", "2.8"), ("fill", &fill)]);
            }
            Marker::Square => &[[-2.5, -2.5], [2.5, -2.5], [2.5, 2.5], [-2.5, 2.5]],
            Marker::Triangle => &[[0.0, -3.6], [3.2, 2.2], [-3.2, 2.2]],
            Marker::Diamond => &[[0.0, -3.7], [3.7, 0.0], [0.0, 3.7], [-3.7, 0.0]],
            Marker::Wedge => &[[0.0, 3.6], [3.2, -2.2], [-3.2, -2.2]],
            // Outer radius 8, inner radius 3.2, a corner every 36°.
            Marker::Star => &[
                [0.0, -8.0],
                [1.88, -2.59],
                [7.61, -2.47],
                [3.04, 0.99],
                [4.7, 6.47],
                [0.0, 3.2],
                [-4.7, 6.47],
                [-3.04, 0.99],
                [-7.61, -2.47],
                [-1.88, -2.59],
            ],
        };
        let points = corners.iter().map(|[dx, dy]| format!("{},{}", number(x + dx), number(y + dy)));
        let points = points.collect::<Vec<_>>().join(" ");
        svg.element("polygon", &[("points", &points), ("fill", &fill)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::svg::check;

    fn series(name: &str, style: Style, points: &[[f64; 2]]) -> Series {
        Series { name: name.into(), points: points.to_vec(), style }
    }

    fn chart(scales: [Scale; 2], series: Vec<Series>) -> String {
        Chart::new("a < b", ["x", "y & z"], scales, series).svg()
    }

    #[test]
    fn whatever_is_drawn_the_file_is_well_formed_and_has_clean_numbers() {
        let wild = [[0.0, 0.0], [1.0, f64::NAN], [f64::INFINITY, 2.0], [1e300, -1e300], [3.0, 1e-300]];
        for scales in [[Scale::Linear; 2], [Scale::Logarithmic; 2]] {
            for points in [&[][..], &wild, &wild[1..2], &[[1.0, 2.0], [2.0, 8.0], [3.0, 0.5]]] {
                for style in [Style::Line, Style::Path, Style::Points, Style::Mark(Marker::Star)] {
                    let svg = chart(scales, Vec::from([series("<&\">", style, points), series("", style, points)]));
                    assert_eq!(check(&svg), Ok(()), "{svg}");
                    for word in ["NaN", "inf", "-0\"", "-0,", "e-", "e3"] {
                        assert!(
                            !svg.contains(&format!("\"{word}")) && !svg.contains(&format!(" {word}")),
                            "{word}: {svg}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn ten_classes_of_points_look_different_and_have_no_lines() {
        let classes = (0..10).map(|k| series("class", Style::Points, &[[k as f64, 0.0], [k as f64, 1.0]])).collect();
        let chart = Chart::new("", ["", ""], [Scale::Linear; 2], classes);
        let looks: Vec<_> = chart.looks().into_iter().map(|(_, look)| (look.color, look.shape)).collect();
        assert!((0..10).all(|k| (0..k).all(|l| looks[k] != looks[l])), "{looks:?}");
        assert_eq!(chart.svg().matches("<polyline").count(), 0);
    }

    #[test]
    fn points_are_where_the_axes_say() {
        let mut chart = Chart::new("", ["", ""], [Scale::Linear, Scale::Logarithmic], Vec::new());
        chart.axes = [Axis::new(0.0, 4.0, Scale::Linear), Axis::new(1.0, 100.0, Scale::Logarithmic)];
        chart.area = [400.0, 200.0];
        let places =
            chart.visible(&[[0.0, 1.0], [1.0, 10.0], [2.0, -1.0], [3.0, 100.0], [3.0001, 100.0], [4.0, 100.0]], 0.5);
        assert_eq!(places, [[[0.0, 200.0], [100.0, 100.0]].to_vec(), [[300.0, 0.0], [400.0, 0.0]].to_vec()]);
    }

    #[test]
    fn a_long_curve_is_a_small_file_that_keeps_its_ends() {
        let points: Vec<[f64; 2]> = (0..100_000).map(|i| [f64::from(i), f64::from(i % 7)]).collect();
        let line: Vec<[f64; 2]> = (0..100_000).map(|i| [f64::from(i), 1.0]).collect();
        let svg = chart([Scale::Linear; 2], Vec::from([series("n", Style::Line, &line)]));
        assert!(svg.len() < 30_000, "{}", svg.len());
        let thin = thinned(&points, 1000.0);
        assert_eq!((thin[0], thin[thin.len() - 1]), (points[0], points[99_999]));
        assert!(thin.len() < 105);
    }

    #[test]
    fn twenty_curves_are_told_apart() {
        let curves = (0..20).map(|i| series("c", Style::Path, &[[0.0, f64::from(i)], [1.0, 0.0]])).collect();
        let chart = Chart::new("", ["", ""], [Scale::Linear; 2], curves);
        let looks: Vec<String> = chart.looks().iter().map(|(_, look)| format!("{look:?}")).collect();
        for (i, look) in looks.iter().enumerate() {
            assert!(!looks[..i].contains(look), "{look}");
        }
    }

    #[test]
    fn lines_differ_in_dashes_and_lines_with_markers_in_markers_so_that_gray_print_is_read() {
        for (style, count) in [(Style::Line, DASHES.len()), (Style::Path, MARKERS.len())] {
            let curves = (0..count).map(|i| series("c", style, &[[0.0, i as f64], [1.0, 0.0]])).collect();
            let chart = Chart::new("", ["", ""], [Scale::Linear; 2], curves);
            let looks: Vec<_> = chart.looks().iter().map(|(_, look)| (look.dashes, look.shape)).collect();
            assert!((0..count).all(|i| !looks[..i].contains(&looks[i])), "{looks:?}");
        }
    }

    #[test]
    fn a_path_that_leaves_the_axes_is_marked_on_the_border() {
        let path = series("", Style::Path, &[[1.0, 1.0], [1.0, 1e9], [2.0, 2.0]]);
        let mut chart = Chart::new("", ["", ""], [Scale::Linear; 2], Vec::from([path]));
        assert!(!chart.svg().contains("r=\"4\""));
        chart.axes = [Axis::new(0.0, 4.0, Scale::Linear); 2];
        chart.area = [400.0, 200.0];
        assert_eq!(chart.svg().matches("<circle cx=\"100\" cy=\"5\" r=\"4\"").count(), 1);
    }

    #[test]
    fn a_caption_stands_below_the_chart() {
        let plain = Chart::new("", ["x", "y"], [Scale::Linear; 2], Vec::new());
        let chart = Chart { caption: "word ".repeat(60), ..plain.clone() };
        let lines = Caption::new(&chart.caption, 560.0).lines.len();
        assert!(lines >= 3 && chart.svg().matches(">word").count() >= lines, "{}", chart.svg());
        let height =
            |svg: &str| svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap();
        assert!(height(&chart.svg()) > height(&plain.svg()) + 17.0 * 3.0);
    }

    #[test]
    fn the_bytes_are_pinned() {
        let points: Vec<[f64; 2]> = (1..30).map(|i| [f64::from(i), 1.0 / f64::from(i)]).collect();
        let svg = chart([Scale::Linear, Scale::Logarithmic], Vec::from([series("1/i", Style::Path, &points)]));
        let mut digest = crate::bytes::digest::Digest::new();
        digest.bytes(svg.as_bytes());
        assert_eq!(digest.hex(), "de4fcbc40ca73959", "{svg}");
    }
}
