//! Small multiples: several charts with the same axes and the same background, one beside the other.
//!
//! Why: paths that follow the same valley cover each other on one chart, whatever their colors. With one panel for
//! each, every path is seen whole, and equal axes keep them comparable. The background is written to the file once, and
//! each panel refers to it.
//!
//! Source: E. Tufte, "The Visual Display of Quantitative Information", 1983, for the name and the idea.

use super::axis::Axis;
use super::chart::{Caption, Chart, LETTER, Series};
use super::image::Rgb;
use super::svg::{Svg, number};
use crate::number::Real;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Charts with the same axes.
#[derive(Clone, Debug, PartialEq)]
pub struct SmallMultiples {
    /// The title of all; may be empty.
    pub title: String,
    /// What to see, below the panels; may be empty.
    pub caption: String,
    /// The titles of the x axis and the y axis.
    pub labels: [String; 2],
    /// The x axis, from left to right, and the y axis, from bottom to top.
    pub axes: [Axis; 2],
    /// Lines behind the curves, each with a color: contours.
    pub background: Vec<(Rgb, Vec<[f64; 2]>)>,
    /// The title and the curves of each panel. The legend has no room: names of curves are not shown.
    pub panels: Vec<(String, Vec<Series>)>,
    /// The number of panels in a row, at least 1.
    pub columns: usize,
    /// Width and height of the area between the axes of a panel, in points.
    pub area: [f64; 2],
}

/// The height of the title of a panel.
const PANEL_TITLE: f64 = 24.0;
/// The height of the ticks, their labels, the title of the axis, and a margin.
const BOTTOM: f64 = 52.0;
const RIGHT: f64 = 18.0;
const TITLE: f64 = 30.0;

impl SmallMultiples {
    /// The panels as an SVG file.
    ///
    /// # Panics
    /// If there is no column.
    pub fn svg(&self) -> String {
        assert!(self.columns > 0, "{} panels in 0 columns", self.panels.len());
        let [width, height] = self.area;
        let chart = |series: Vec<Series>| Chart {
            title: String::new(),
            labels: self.labels.clone(),
            axes: self.axes,
            background: Vec::new(),
            series,
            area: self.area,
            caption: String::new(),
        };
        let behind = Chart { background: self.background.clone(), ..chart(Vec::new()) };
        let ticks = behind.ticks();
        let left = behind.left(&ticks);
        let pitch = [left + width + RIGHT, PANEL_TITLE + height + BOTTOM];
        let columns = self.columns.min(self.panels.len()).max(1);
        let rows = self.panels.len().div_ceil(columns);
        let title = if self.title.is_empty() { 8.0 } else { TITLE };
        let across = Real::max(columns as f64 * pitch[0], LETTER * self.title.chars().count() as f64 + 24.0);
        let caption = Caption::new(&self.caption, across);

        let below = title + rows as f64 * pitch[1];
        let mut svg = Svg::new(across, below + caption.height());
        if !self.title.is_empty() {
            svg.text(&self.title, &[("x", "12"), ("y", "22"), ("font-size", "14")]);
        }
        svg.group("defs", &[], |svg| {
            behind.define_area(svg);
            svg.group("g", &[("id", "background")], |svg| behind.draw_background(svg));
        });
        for (k, (name, series)) in self.panels.iter().enumerate() {
            let x = (k % columns) as f64 * pitch[0] + left;
            let y = title + (k / columns) as f64 * pitch[1] + PANEL_TITLE;
            let panel = chart(series.clone());
            svg.group("g", &[("transform", &format!("translate({} {})", number(x), number(y)))], |svg| {
                svg.text(name, &[("y", "-8"), ("font-weight", "bold")]);
                panel.draw_axes(svg, &ticks, !self.background.is_empty());
                panel.draw_area(svg, |svg| svg.element("use", &[("href", "#background")]));
            });
        }
        caption.draw(&mut svg, below);
        svg.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::axis::Scale;
    use crate::picture::chart::Style;
    use crate::picture::svg::check;
    use alloc::vec;

    fn multiples(panels: usize) -> SmallMultiples {
        let path =
            |k: usize| Series { name: "n".into(), points: vec![[0.0, 0.0], [1.0, k as f64]], style: Style::Path };
        SmallMultiples {
            title: "a < b".into(),
            caption: "what & why".into(),
            labels: ["x".into(), "y".into()],
            axes: [Axis::new(0.0, 1.0, Scale::Linear), Axis::new(0.0, 10.0, Scale::Linear)],
            background: vec![([200; 3], vec![[0.0, 5.0], [1.0, 5.0]])],
            panels: (0..panels).map(|k| (format!("panel {k}"), vec![path(k)])).collect(),
            columns: 3,
            area: [200.0, 100.0],
        }
    }

    #[test]
    fn each_panel_has_its_curve_and_the_background_is_written_once() {
        let svg = multiples(7).svg();
        assert_eq!(check(&svg), Ok(()), "{svg}");
        assert_eq!(svg.matches("#c8c8c8").count(), 1);
        assert_eq!(svg.matches("href=\"#background\"").count(), 7);
        assert_eq!(svg.matches("id=\"area\"").count(), 1);
        for k in 0..7 {
            assert_eq!(svg.matches(&format!(">panel {k}</text>")).count(), 1);
        }
        // Curve k goes from the lower left corner to the right border.
        assert!(svg.contains("points=\"0,100 200,70\"") && svg.contains(">what &amp; why</text>"), "{svg}");
    }

    #[test]
    fn any_number_of_panels_is_drawn() {
        for panels in [0, 1, 2, 9] {
            assert_eq!(check(&multiples(panels).svg()), Ok(()));
        }
    }
}
