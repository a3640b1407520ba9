//! SVG: a drawing as text, sharp at every size.
//!
//! A file is one element `<svg>` with the width and height of the drawing. It contains lines, circles and text, in the
//! order in which they are drawn over each other. x goes to the right and y downward. Coordinates are rounded to a
//! hundredth of a point, which is invisible, and have no trailing zeros: so the same drawing has the same bytes
//! everywhere. Every call that opens an element closes it, and text is made printable by [`shown`] and escaped. So the
//! file is well-formed with any text.
//!
//! Sources: W3C, "Scalable Vector Graphics (SVG) 1.1", 2011; "Extensible Markup Language (XML) 1.0", 2.2 and 2.4.

use super::image::Rgb;
use crate::bytes::escape::shown;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// An SVG file under construction.
///
/// ```
/// use ossicle::picture::svg::Svg;
///
/// let mut svg = Svg::new(20.0, 10.0);
/// svg.element("line", &[("x1", "1"), ("x2", "19"), ("stroke", "black")]);
/// svg.text("A & B", &[("x", "3")]);
/// assert!(svg.finish().contains("<text x=\"3\">A &amp; B</text>"));
/// ```
#[derive(Clone, Debug)]
pub struct Svg {
    text: String,
    depth: usize,
}

/// An attribute's name and value.
pub type Attribute<'a> = (&'a str, &'a str);

impl Svg {
    /// A white drawing of this width and height, in points.
    pub fn new(width: f64, height: f64) -> Self {
        let [width, height] = [width, height].map(number);
        let mut svg = Svg { text: String::new(), depth: 0 };
        svg.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("width", &width),
                ("height", &height),
                ("viewBox", &format!("0 0 {width} {height}")),
                ("font-family", "Helvetica, Arial, sans-serif"),
                ("font-size", "12"),
            ],
        );
        svg.element("rect", &[("width", &width), ("height", &height), ("fill", "white")]);
        svg
    }

    /// A drawing within a web page: without a background, as wide as the page gives it room, in the color of the text
    /// around it. `label` says what it shows to readers who do not see it.
    pub fn inline(label: &str, width: f64, height: f64) -> Self {
        let mut svg = Svg { text: String::new(), depth: 0 };
        let view = format!("0 0 {} {}", number(width), number(height));
        let label = shown(label).to_string();
        svg.open(
            "svg",
            &[
                ("role", "img"),
                ("aria-label", &label),
                ("viewBox", &view),
                ("font-size", "11"),
                ("fill", "currentColor"),
            ],
        );
        svg
    }

    /// The text that a viewer shows while the pointer is over the group that contains this call.
    pub fn tooltip(&mut self, text: &str) {
        self.text += &format!("{}<title>{}</title>\n", " ".repeat(self.depth), escape(&shown(text).to_string()));
    }

    /// An element without content.
    pub fn element(&mut self, name: &str, attributes: &[Attribute]) {
        self.start(name, attributes);
        self.text += "/>\n";
    }

    /// An element that contains everything `inside` draws.
    pub fn group(&mut self, name: &str, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        inside(self);
        self.close(name);
    }

    /// A line of text.
    pub fn text(&mut self, text: &str, attributes: &[Attribute]) {
        self.text_with_exponent(text, "", attributes);
    }

    /// A line of text that ends with an exponent; draws nothing if the text is empty.
    pub fn text_with_exponent(&mut self, text: &str, exponent: &str, attributes: &[Attribute]) {
        if text.is_empty() {
            return;
        }
        self.start("text", attributes);
        self.text += &format!(">{}", escape(&shown(text).to_string()));
        if !exponent.is_empty() {
            self.text += &format!("<tspan dy=\"-5\" font-size=\"9\">{}</tspan>", escape(exponent));
        }
        self.text += "</text>\n";
    }

    /// A formula in this font size: `_` lowers the next character and `^` raises it, or several in braces, as in
    /// `W_1 x + b_1` and `n_{out}`. They are drawn at three quarters of the size.
    pub fn formula(&mut self, formula: &str, size: f64, attributes: &[Attribute]) {
        self.start("text", attributes);
        self.text += &format!(" font-size=\"{}\">", number(size));
        let mut baseline = 0.0;
        for part in parts(formula) {
            let height = if part.lowered == 0.0 { size } else { 0.75 * size };
            let [shift, height] = [size * (part.lowered - baseline), height].map(number);
            let text = escape(&shown(&part.text).to_string());
            self.text += &format!("<tspan dy=\"{shift}\" font-size=\"{height}\">{text}</tspan>");
            baseline = part.lowered;
        }
        self.text += "</text>\n";
    }

    /// A line through points, in their order.
    pub fn line(&mut self, points: &[[f64; 2]], attributes: &[Attribute]) {
        let mut data = String::new();
        for (i, [x, y]) in points.iter().enumerate() {
            let between = if i == 0 { "" } else { " " };
            data += &format!("{between}{},{}", number(*x), number(*y));
        }
        self.start("polyline", attributes);
        self.text += &format!(" points=\"{data}\"/>\n");
    }

    /// The contents of the file.
    pub fn finish(mut self) -> String {
        self.close("svg");
        self.text
    }

    fn open(&mut self, name: &str, attributes: &[Attribute]) {
        self.start(name, attributes);
        self.text += ">\n";
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.text += &format!("{}</{name}>\n", " ".repeat(self.depth));
    }

    fn start(&mut self, name: &str, attributes: &[Attribute]) {
        self.text += &format!("{}<{name}", " ".repeat(self.depth));
        for (name, value) in attributes {
            self.text += &format!(" {name}=\"{}\"", escape(value));
        }
    }
}

/// A part of a formula.
struct Part {
    text: String,
    /// Its distance below the baseline, as a fraction of the font size.
    lowered: f64,
}

/// The parts of a formula with `_`, `^` and braces.
fn parts(formula: &str) -> Vec<Part> {
    let mut parts = Vec::from([Part { text: String::new(), lowered: 0.0 }]);
    let mut characters = formula.chars();
    while let Some(c) = characters.next() {
        let lowered = match c {
            '_' => 0.25,
            '^' => -0.4,
            _ => 0.0,
        };
        let text: String = match c {
            '_' | '^' => match characters.next() {
                Some('{') => characters.by_ref().take_while(|&c| c != '}').collect(),
                next => next.into_iter().collect(),
            },
            _ => c.into(),
        };
        match parts.last_mut() {
            Some(last) if last.lowered == lowered => last.text += &text,
            _ => parts.push(Part { text, lowered }),
        }
    }
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// A coordinate as text: rounded to hundredths, without trailing zeros, -0 or exponents. NaN becomes 0, and values are
/// clamped to a million points, far outside any drawing.
pub fn number(x: f64) -> String {
    let x = if x.is_nan() { 0.0 } else { x.clamp(-1e6, 1e6) };
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_string() }
}

/// `#rrggbb`.
pub fn color([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Escapes text for use as content, or as a value in double quotes. Characters that XML 1.0 forbids become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\t' | '\n' | '\r' => escaped += &format!("&#{};", c as u32),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Checks that XML is well-formed, as far as this file writes it: matching tags, no attribute twice, values in double
/// quotes, no stray `<` or `&`, one root.
///
/// # Errors
/// The first mistake, and its byte.
#[cfg(test)]
pub(crate) fn check(text: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut roots = 0;
    let no_stray = |text: &str| {
        text.split('&').skip(1).all(|entity| {
            let name = entity.split(';').next().unwrap_or("");
            entity.contains(';') && (["amp", "lt", "gt", "quot"].contains(&name) || name.starts_with('#'))
        }) && !text.contains(['<', '>'])
    };
    while let Some(at) = rest.find('<') {
        let wrong = |what: &str| Err(format!("{what} at byte {}", text.len() - rest.len()));
        let (content, tag) = rest.split_at(at);
        if !no_stray(content) || open.is_empty() && !content.trim().is_empty() {
            return wrong("stray text");
        }
        let Some((tag, after)) = tag[1..].split_once('>') else { return wrong("a tag without an end") };
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return wrong("a tag closes another");
            }
        } else {
            let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let name = tag.split(' ').next().unwrap_or("");
            let mut seen = Vec::new();
            let mut attributes = &tag[name.len()..];
            while !attributes.is_empty() {
                let Some((key, value)) = attributes.strip_prefix(' ').and_then(|a| a.split_once("=\"")) else {
                    return wrong("an attribute without a value");
                };
                let Some((value, after)) = value.split_once('"') else { return wrong("a value without an end") };
                if seen.contains(&key) || !no_stray(value) || !key.chars().all(|c| c.is_alphanumeric() || c == '-') {
                    return wrong("an attribute");
                }
                seen.push(key);
                attributes = after;
            }
            roots += usize::from(open.is_empty());
            if !empty {
                open.push(name);
            }
        }
        rest = after;
    }
    match (open.is_empty(), roots, rest.trim()) {
        (true, 1, "") => Ok(()),
        _ => Err("the end is not that of one root".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_written_as_expected() {
        let mut svg = Svg::new(100.0, 50.5);
        svg.group("g", &[("stroke", "red")], |svg| {
            svg.line(&[[0.0, -0.001], [1.0 / 3.0, 2e9]], &[("fill", "none")]);
            svg.text_with_exponent("10", "-3", &[("x", "5")]);
        });
        let expected = "\
<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50.5\" viewBox=\"0 0 100 50.5\" \
font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">
 <rect width=\"100\" height=\"50.5\" fill=\"white\"/>
 <g stroke=\"red\">
  <polyline fill=\"none\" points=\"0,0 0.33,1000000\"/>
  <text x=\"5\">10<tspan dy=\"-5\" font-size=\"9\">-3</tspan></text>
 </g>
</svg>
";
        assert_eq!(svg.finish(), expected);
        assert_eq!(check(expected), Ok(()));
    }

    #[test]
    fn indices_are_lowered_and_exponents_are_raised() {
        let mut svg = Svg::new(1.0, 1.0);
        svg.formula("x_{10} < 2^n", 16.0, &[]);
        let text = svg.finish();
        let expected = "<text font-size=\"16\"><tspan dy=\"0\" font-size=\"16\">x</tspan>\
            <tspan dy=\"4\" font-size=\"12\">10</tspan><tspan dy=\"-4\" font-size=\"16\"> &lt; 2</tspan>\
            <tspan dy=\"-6.4\" font-size=\"12\">n</tspan></text>";
        assert!(text.contains(expected), "{text}");
        assert_eq!(check(&text), Ok(()));
    }

    #[test]
    fn any_text_gives_a_well_formed_file() {
        for words in ["a < b & c > \"d\" 'e'", "</text><script>", "&amp;", "\0\x1b[1m\u{ffff}", "日本 θ\n\t"] {
            let mut svg = Svg::new(1.0, 1.0);
            svg.text(words, &[("id", words)]);
            let text = svg.finish();
            assert_eq!(check(&text), Ok(()), "{text}");
            assert!(!text.contains(['\0', '\x1b', '\u{ffff}']) && !text.contains("<script"), "{text}");
            assert!(text.contains(&format!(">{}</text>", escape(&shown(words).to_string()))), "{text}");
        }
    }

    #[test]
    fn the_checker_finds_what_is_not_well_formed() {
        assert_eq!(check("<a><b c=\"1\"/>x &amp; y</a>\n"), Ok(()));
        for bad in [
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a b=1/>",
            "<a b=\"1\" b=\"2\"/>",
            "<a>&</a>",
            "<a>&x;</a>",
            "x<a/>",
            "<a b=\"<\"/>",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_drawing_of_a_page_has_a_label_and_tooltips() {
        let mut svg = Svg::inline("a \"b\"\n", 30.0, 10.5);
        svg.group("g", &[("class", "point")], |svg| svg.tooltip("1 < 2"));
        let expected = "\
<svg role=\"img\" aria-label=\"a &quot;b&quot;\\n\" viewBox=\"0 0 30 10.5\" font-size=\"11\" fill=\"currentColor\">
 <g class=\"point\">
  <title>1 &lt; 2</title>
 </g>
</svg>
";
        assert_eq!(svg.finish(), expected);
        assert_eq!(check(expected), Ok(()));
    }

    #[test]
    fn numbers_are_clean() {
        let cases = [
            (0.0, "0"),
            (-0.004, "0"),
            (1.0, "1"),
            (10.0, "10"),
            (1.25, "1.25"),
            (-2.5, "-2.5"),
            (99.999, "100"),
            (f64::NAN, "0"),
            (f64::NEG_INFINITY, "-1000000"),
        ];
        for (x, expected) in cases {
            assert_eq!(number(x), expected, "{x}");
        }
        assert_eq!(color([0, 114, 178]), "#0072b2");
    }
}
