//! The diagrams of the book, drawn by the program.
//!
//! Where a diagram shows numbers, the crate computes them: the mel triangles, the patches of a convolution, the steps
//! of a line search, the bytes of a board. So a diagram cannot contradict the code. Blue is an input or the way
//! forward, orange the way backward or the piece to look at, and gray the rest; color-blind readers distinguish all
//! three.

mod convolution;
mod machine;
mod networks;
mod sketch;
mod sound;

use std::string::String;

/// A diagram of the book.
#[derive(Clone, Copy, Debug)]
pub struct Diagram {
    /// The name of its file, without `.svg`.
    pub name: &'static str,
    /// Draws it as an SVG file.
    pub draw: fn() -> String,
}

/// All diagrams, in the order of the book.
pub const DIAGRAMS: [Diagram; 12] = [
    Diagram { name: "unit", draw: networks::unit },
    Diagram { name: "layer", draw: networks::layer },
    Diagram { name: "autoencoder", draw: networks::autoencoder },
    Diagram { name: "backpropagation", draw: networks::backpropagation },
    Diagram { name: "butterfly", draw: sound::butterfly },
    Diagram { name: "mel-triangles", draw: sound::mel_triangles },
    Diagram { name: "frames", draw: sound::frames },
    Diagram { name: "im2col", draw: convolution::im2col },
    Diagram { name: "pooling", draw: convolution::pooling },
    Diagram { name: "bracket-and-zoom", draw: machine::bracket_and_zoom },
    Diagram { name: "five-loops", draw: machine::five_loops },
    Diagram { name: "board-memory", draw: machine::board_memory },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::svg::check;
    use std::format;
    use std::vec::Vec;

    /// A label: the ends of its line, and its upper and lower edge.
    #[derive(Debug)]
    struct Label<'a> {
        line: &'a str,
        x: [f64; 2],
        y: [f64; 2],
    }

    fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
        let start = format!(" {name}=\"");
        line.split_once(&start).and_then(|(_, rest)| rest.split_once('"')).expect(name).0
    }

    /// The labels of a drawing. The average letter is at most 0.6 of the font size wide.
    fn labels(svg: &str) -> Vec<Label<'_>> {
        let label = |line| {
            let [x, y, size] = ["x", "y", "font-size"].map(|name| attribute(line, name).parse::<f64>().unwrap());
            let parts = line.split("<tspan").skip(1);
            let widths = parts.map(|part| {
                let text = part.split(['>', '<']).nth(1).unwrap().replace("&lt;", "<");
                0.6 * attribute(part, "font-size").parse::<f64>().unwrap() * text.chars().count() as f64
            });
            let width: f64 = widths.sum();
            let left = match attribute(line, "text-anchor") {
                "start" => x,
                "middle" => x - width / 2.0,
                _ => x - width,
            };
            Label { line, x: [left, left + width], y: [y - 0.75 * size, y + 0.05 * size] }
        };
        svg.lines().filter(|line| line.contains("<text")).map(label).collect()
    }

    #[test]
    fn diagrams_are_well_formed_and_have_names_of_their_own() {
        for (i, Diagram { name, draw }) in DIAGRAMS.iter().enumerate() {
            assert_eq!(check(&draw()), Ok(()), "{name}");
            assert!(DIAGRAMS[..i].iter().all(|other| other.name != *name), "{name}");
        }
    }

    #[test]
    fn every_label_is_large_enough_within_its_drawing_and_apart_from_the_others() {
        for Diagram { name, draw } in DIAGRAMS {
            let svg = draw();
            let height: f64 = attribute(&svg, "height").parse().unwrap();
            let labels = labels(&svg);
            assert!(!labels.is_empty(), "{name}");
            for (i, label) in labels.iter().enumerate() {
                assert!(attribute(label.line, "font-size").parse::<f64>().unwrap() >= 14.0, "{name}: {label:?}");
                let [left, right] = label.x;
                let [top, bottom] = label.y;
                let is_inside = 0.0 <= left && right <= sketch::WIDTH && 0.0 <= top && bottom <= height;
                assert!(is_inside, "{name}: {label:?}");
                for other in &labels[..i] {
                    let is_apart =
                        right <= other.x[0] || other.x[1] <= left || bottom <= other.y[0] || other.y[1] <= top;
                    assert!(is_apart, "{name}: {label:?} and {other:?}");
                }
            }
        }
    }
}
