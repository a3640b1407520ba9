//! Learning curves: a chart for each stage of training, with a line for each fold.
//!
//! A logarithmic axis of the cost shows how fast it falls where it is already small. It is used if the largest cost is
//! at least ten times the smallest, and all are positive. The chart is cut into narrow strips, one for each of the
//! steps that are shown; under the pointer, a strip shows its step and its cost.

use super::html::{figure, name, section};
use crate::number::Real;
use crate::number::decimal::Count;
use crate::picture::axis::{Axis, Scale};
use crate::picture::svg::{Svg, number};
use crate::tutorial::learning_curves::Curve;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The most lines in a chart, points of a line, strips of a chart, and charts.
const MOST_LINES: usize = 8;
const MOST_POINTS: usize = 100;
const MOST_STRIPS: usize = 60;
const MOST_CHARTS: usize = 24;

/// The area between the axes and the margins around it: left, top, right, bottom.
const AREA: [f64; 2] = [290.0, 150.0];
const MARGINS: [f64; 4] = [52.0, 20.0, 10.0, 36.0];

/// The section, or nothing without curves.
pub fn curves(curves: &[Curve]) -> String {
    if curves.is_empty() {
        return String::new();
    }
    let mut stages: Vec<(&str, Vec<&Curve>)> = Vec::new();
    for curve in curves {
        // The number of parameters, after the comma, may differ from fold to fold.
        let stage = curve.stage.split(", ").next().unwrap_or("");
        match stages.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, of_stage)) => of_stage.push(curve),
            None => stages.push((stage, Vec::from([curve]))),
        }
    }
    let charts: String = stages.iter().take(MOST_CHARTS).map(|(stage, curves)| chart(stage, curves)).collect();
    let text = "<p>The cost that training lowers, at each step: an iteration of L-BFGS, or a pass of mini-batches over \
                the recordings. A curve that still falls at its end could be trained longer; one that jumps has too \
                large a rate. Point at a curve for its values.</p>\n";
    let rest = match stages.len().saturating_sub(MOST_CHARTS) {
        0 => String::new(),
        more => format!("<p>{} not drawn.</p>\n", Count(more, "more stage")),
    };
    section("curves", "Learning curves", &format!("{text}{rest}<div class=\"charts\">\n{charts}</div>\n"))
}

/// The chart of a stage.
fn chart(stage: &str, curves: &[&Curve]) -> String {
    let points = |curve: &Curve| -> Vec<(f64, f64)> {
        let count = curve.points.len();
        chosen(count, MOST_POINTS).map(|i| (curve.points[i].0 as f64, curve.points[i].1)).collect()
    };
    let lines: Vec<Vec<(f64, f64)>> = curves.iter().take(MOST_LINES).map(|curve| points(curve)).collect();
    let costs = || lines.iter().flatten().map(|point| point.1).filter(|cost| cost.is_finite());
    let least = costs().fold(f64::INFINITY, Real::min);
    let most = costs().fold(f64::NEG_INFINITY, Real::max);
    let scale = if least > 0.0 && most >= 10.0 * least { Scale::Logarithmic } else { Scale::Linear };
    let axes =
        [Axis::over(lines.iter().flatten().map(|point| point.0), Scale::Linear, 0.0), Axis::over(costs(), scale, 0.05)];
    let [left, top, right, bottom] = MARGINS;
    let [width, height] = AREA;
    let label = format!("Learning curve of the stage {stage}");
    let mut svg = Svg::inline(&label, left + width + right, top + height + bottom);
    let place = format!("translate({} {})", number(left), number(top));
    svg.group("g", &[("transform", &place)], |svg| {
        draw_axes(svg, &axes);
        for line in &lines {
            for part in line.split(|(_, cost)| !cost.is_finite()).filter(|part| !part.is_empty()) {
                let at = |&(step, cost): &(f64, f64)| position(&axes, step, cost);
                let points: Vec<[f64; 2]> = part.iter().map(at).collect();
                svg.line(&points, &[("class", "curve")]);
            }
        }
        strips(svg, &axes, curves);
    });
    figure("chart", &svg.finish(), &caption(stage, curves))
}

/// The position of a step and its cost.
fn position(axes: &[Axis; 2], step: f64, cost: f64) -> [f64; 2] {
    [axes[0].fraction(step) * AREA[0], (1.0 - axes[1].fraction(cost)) * AREA[1]]
}

fn draw_axes(svg: &mut Svg, axes: &[Axis; 2]) {
    let [width, height] = AREA;
    let [right, low, below] = [width, height, height + 15.0].map(number);
    for tick in axes[1].ticks(5).iter().filter(|tick| !tick.text.is_empty()) {
        let y = (1.0 - axes[1].fraction(tick.value)) * height;
        let (line, text) = (number(y), number(y + 4.0));
        svg.element("line", &[("class", "grid"), ("x2", &right), ("y1", &line), ("y2", &line)]);
        svg.text_with_exponent(&tick.text, &tick.exponent, &[("x", "-5"), ("y", &text), ("text-anchor", "end")]);
    }
    for tick in axes[0].ticks(6) {
        let x = number(axes[0].fraction(tick.value) * width);
        svg.element("line", &[("class", "grid"), ("x1", &x), ("x2", &x), ("y2", &low)]);
        svg.text(&tick.text, &[("x", &x), ("y", &below), ("text-anchor", "middle")]);
    }
    svg.text("step", &[("x", &right), ("y", &number(height + 30.0)), ("text-anchor", "end")]);
    svg.text("cost", &[("x", "-5"), ("y", "-8"), ("text-anchor", "end")]);
    svg.element("rect", &[("class", "frame"), ("width", &right), ("height", &low)]);
}

/// Strips that show the step and the cost under the pointer.
fn strips(svg: &mut Svg, axes: &[Axis; 2], curves: &[&Curve]) {
    let Some(longest) = curves.iter().max_by_key(|curve| curve.points.len()) else { return };
    let steps: Vec<usize> = chosen(longest.points.len(), MOST_STRIPS).map(|i| longest.points[i].0).collect();
    let [width, height] = AREA;
    let place = |step: usize| axes[0].fraction(step as f64) * width;
    for (i, &step) in steps.iter().enumerate() {
        let of_step = |curve: &&Curve| {
            let found = curve.points.binary_search_by_key(&step, |point| point.0).ok()?;
            Some(curve.points[found].1)
        };
        let costs: Vec<f64> = curves.iter().filter_map(of_step).collect();
        let text = match &costs[..] {
            [cost] => format!("step {step}: {}", significant(*cost)),
            several => {
                let [least, most] = [several.iter().copied().fold(f64::INFINITY, Real::min), max(several)];
                format!("step {step}: {} to {}", significant(least), significant(most))
            }
        };
        let middle = place(step);
        let start = i.checked_sub(1).map_or(0.0, |before| (place(steps[before]) + middle) / 2.0);
        let end = steps.get(i + 1).map_or(width, |&after| (middle + place(after)) / 2.0);
        svg.group("g", &[("class", "strip")], |svg| {
            svg.tooltip(&text);
            let size = [("width", &*number(end - start)), ("height", &number(height))];
            svg.element("rect", &[("x", &number(start)), size[0], size[1]]);
            let x = number(middle);
            svg.element("line", &[("x1", &x), ("x2", &x), ("y2", size[1].1)]);
            svg.text(&text, &[("x", &number(width)), ("y", "-8"), ("text-anchor", "end")]);
        });
    }
}

fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, Real::max)
}

/// What the chart shows, in a sentence.
fn caption(stage: &str, curves: &[&Curve]) -> String {
    let first = curves[0];
    let parameters = first.stage.split_once(", ").map_or(String::new(), |(_, rest)| format!(", {}", name(rest)));
    let text = match (curves, first.points.first(), first.points.last()) {
        ([_], Some((from, start)), Some((to, end))) => {
            let [start, end] = [start, end].map(|cost| significant(*cost));
            format!("cost {start} at step {from}, {end} at step {to}.")
        }
        _ => {
            let ends: Vec<f64> = curves.iter().filter_map(|curve| curve.points.last()).map(|point| point.1).collect();
            let least = significant(ends.iter().copied().fold(f64::INFINITY, Real::min));
            let most = significant(max(&ends));
            let drawn =
                if curves.len() > MOST_LINES { format!(" (the first {MOST_LINES} drawn)") } else { String::new() };
            format!("{}{drawn}, last costs {least} to {most}.", Count(curves.len(), "curve"))
        }
    };
    format!("<b>{}</b>{parameters}: {text}", name(stage))
}

/// At most `most` of the indices below `count`, evenly spaced, with the first and the last.
fn chosen(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(most);
    (0..shown).map(move |i| if shown < 2 { i } else { i * (count - 1) / (shown - 1) })
}

/// Four significant digits.
fn significant(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return x.to_string();
    }
    let size = x.abs();
    match size {
        _ if !(1e-4..1e6).contains(&size) => format!("{x:.3e}"),
        _ if size >= 1000.0 => format!("{x:.0}"),
        _ if size >= 100.0 => format!("{x:.1}"),
        _ if size >= 10.0 => format!("{x:.2}"),
        _ if size >= 1.0 => format!("{x:.3}"),
        _ => format!("{x:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(part: &str, stage: &str, costs: &[f64]) -> Curve {
        let points = costs.iter().enumerate().map(|(i, &cost)| (i + 1, cost)).collect();
        Curve { part: part.into(), stage: stage.into(), points }
    }

    #[test]
    fn folds_share_the_chart_of_a_stage_and_values_are_under_the_pointer() {
        let of = |part: &str, n: usize, cost: f64| curve(part, &format!("softmax, {n} parameters"), &[cost, 0.5]);
        let html = curves(&[of("one", 10, 2.0), curve("one", "<second>", &[1.0]), of("two", 11, 3.0)]);
        assert_eq!(html.matches("<svg ").count(), 2);
        assert!(html.contains("<title>step 1: 2.000 to 3.000</title>"), "{html}");
        assert!(html.contains("<b>softmax</b>, 10 parameters: 2 curves, last costs 0.5000 to 0.5000."), "{html}");
        assert!(html.contains("<b>&lt;second&gt;</b>: cost 1.000 at step 1, 1.000 at step 1."), "{html}");
        assert_eq!(curves(&[]), "");
    }

    #[test]
    fn no_curve_makes_the_page_large_and_no_cost_breaks_it() {
        let long: Vec<f64> = (0..100_000).map(|i| 1e3 / f64::from(i + 1)).collect();
        let many: Vec<Curve> = (0..100).map(|k| curve("x", &format!("s{}", k % 40), &long)).collect();
        let html = curves(&many);
        assert!(html.len() < 700_000, "{}", html.len());
        for costs in [&[f64::NAN; 3][..], &[1.0, f64::INFINITY, 2.0], &[-1.0, 0.0], &[0.0], &[]] {
            let html = curves(&[curve("x", "s", costs)]);
            for svg in html.split("<svg ").skip(1) {
                let svg = svg.split("</svg>").next().unwrap();
                assert!(!svg.contains("\"NaN") && !svg.contains("\"inf"), "{svg}");
            }
        }
    }

    #[test]
    fn indices_are_even_and_keep_both_ends() {
        assert_eq!(chosen(10, 4).collect::<Vec<_>>(), [0, 3, 6, 9]);
        assert_eq!(chosen(3, 4).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((chosen(1, 4).collect::<Vec<_>>(), chosen(0, 4).count()), ([0].to_vec(), 0));
        let texts = [12345.6, 123.45, 12.3456, 1.23456, 0.123456, 1.2e-5, 0.0].map(significant);
        assert_eq!(texts, ["12346", "123.5", "12.35", "1.235", "0.1235", "1.200e-5", "0"]);
    }
}
