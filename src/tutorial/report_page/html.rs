//! Pieces of the page: escaped names, tables, figures, sections, and the frame around them.
//!
//! Labels, groups and names of files are data that somebody else chose. They enter the page through [`name`] or
//! [`short`] alone, which make control characters visible, cut what is too long, and escape for HTML. So a name can
//! neither open a tag nor end an attribute, and no page becomes large by its names.

use crate::bytes::base64::base64;
use crate::bytes::escape::shown;
use crate::picture::image::Image;
use crate::picture::png::png;
use crate::tutorial::book::equation::escape;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// The most characters of a name, and of one in a cell or a tooltip.
const LONGEST: [usize; 2] = [160, 32];

/// A name as HTML: content, or an attribute's value in double quotes.
pub fn name(name: &str) -> String {
    escape(&cut(name, LONGEST[0]))
}

/// The same of a name that has little room.
pub fn short(name: &str) -> String {
    escape(&brief(name))
}

/// A shown name that has little room, for a picture, which escapes it.
pub fn brief(name: &str) -> String {
    cut(name, LONGEST[1])
}

/// The shown name; of one with more than `most` characters, the start and the end, where names of files differ.
fn cut(name: &str, most: usize) -> String {
    let shown = shown(name).to_string();
    let count = shown.chars().count();
    if count <= most {
        return shown;
    }
    let start: String = shown.chars().take(most / 2).collect();
    let end: String = shown.chars().skip(count - (most - most / 2 - 1)).collect();
    format!("{start}…{end}")
}

/// A cell of a table.
pub struct Cell {
    html: String,
    is_bold: bool,
    shade: Option<f64>,
}

impl Cell {
    /// A cell with this HTML.
    pub fn html(html: impl Into<String>) -> Self {
        Cell { html: html.into(), is_bold: false, shade: None }
    }

    /// In bold, if `is_bold`.
    pub fn bold(self, is_bold: bool) -> Self {
        Cell { is_bold, ..self }
    }

    /// Shaded by a fraction of a whole: 0 is blank.
    pub fn shaded(self, fraction: f64) -> Self {
        Cell { shade: Some(fraction), ..self }
    }

    fn write(&self) -> String {
        let content = if self.is_bold { format!("<b>{}</b>", self.html) } else { self.html.clone() };
        match self.shade {
            Some(fraction) => format!("<td class=\"shade\" style=\"--f:{fraction:.2}\">{content}</td>"),
            None => format!("<td>{content}</td>"),
        }
    }
}

/// A table with a caption, a heading for each column, and one for each row.
pub struct HtmlTable {
    html: String,
}

impl HtmlTable {
    /// A table without rows. Caption and headings are HTML.
    pub fn new(caption: &str, headings: &[String]) -> Self {
        let headings: String = headings.iter().map(|h| format!("<th scope=\"col\">{h}</th>")).collect();
        let html = format!(
            "<div class=\"table\"><table>\n<caption><span>{caption}</span></caption>\n<thead><tr>{headings}</tr></thead>\n"
        );
        HtmlTable { html: html + "<tbody>\n" }
    }

    /// Adds a row with its heading, as HTML.
    pub fn row(&mut self, heading: &str, cells: &[Cell]) {
        let cells: String = cells.iter().map(Cell::write).collect();
        self.html += &format!("<tr><th scope=\"row\">{heading}</th>{cells}</tr>\n");
    }

    /// The HTML.
    pub fn finish(self) -> String {
        self.html + "</tbody>\n</table></div>\n"
    }
}

/// A drawing with a sentence below it, as HTML both.
pub fn figure(class: &str, drawing: &str, caption: &str) -> String {
    format!("<figure class=\"{class}\">\n{drawing}<figcaption>{caption}</figcaption>\n</figure>\n")
}

/// An image as an address that contains it.
pub fn image_url(image: &Image) -> String {
    format!("data:image/png;base64,{}", base64(&png(image)))
}

/// A section with its heading.
pub fn section(id: &str, title: &str, body: &str) -> String {
    format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{body}</section>\n")
}

/// The page. `title` is a text, `body` is HTML, and `sections` are the ids and titles of its sections.
///
/// The policy in its head forbids the page to run any script and to fetch anything.
pub fn document(title: &str, body: &str, sections: &[(&str, &str)]) -> String {
    let links: Vec<String> = sections.iter().map(|(id, title)| format!("<a href=\"#{id}\">{title}</a>")).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; media-src data:; \
         style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0} · Ossicle</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{1}{2}</style>\n</head>\n<body>\n\
         <main>\n<h1>{0}</h1>\n<nav>{3}</nav>\n{body}</main>\n</body>\n</html>\n",
        escape(title),
        include_str!("../book/style.css"),
        include_str!("report.css"),
        links.join("")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_shown_and_cut() {
        assert_eq!(name("<script>\"'&\u{202e}\n"), "&lt;script&gt;&quot;'&amp;\\u{202e}\\n");
        let long = format!("{}_7.wav", "<".repeat(500));
        assert!(name(&long).ends_with("&lt;_7.wav") && name(&long).contains('…'));
        assert_eq!(name(&long).replace("&lt;", "<").chars().count(), 160);
        assert_eq!((brief(&long).chars().count(), brief("日本").as_str()), (32, "日本"));
    }

    #[test]
    fn tables_have_a_caption_and_scopes() {
        let mut table = HtmlTable::new("Counts", &["label".to_string(), "files".to_string()]);
        table.row(&short("a<b"), &[Cell::html("3").bold(true).shaded(0.5)]);
        let expected = "<div class=\"table\"><table>\n<caption><span>Counts</span></caption>\n\
            <thead><tr><th scope=\"col\">label</th><th scope=\"col\">files</th></tr></thead>\n<tbody>\n\
            <tr><th scope=\"row\">a&lt;b</th><td class=\"shade\" style=\"--f:0.50\"><b>3</b></td></tr>\n\
            </tbody>\n</table></div>\n";
        assert_eq!(table.finish(), expected);
    }
}
