//! Pages: the frame that every page of the book has, and the HTML of blocks of text.

use super::chapter::Companion;
use super::contents::{Chapter, Source, chapters};
use super::equation::{columns, escape, is_math, is_note, label, math, with_references};
use super::inline::{Links, inline, plain};
use super::listing::{Listing, highlight, statements};
use super::markdown::{Block, blocks, head};
use std::format;
use std::string::{String, ToString};
use std::sync::OnceLock;
use std::vec::Vec;

/// The number of words read in a minute.
const WORDS_A_MINUTE: usize = 200;

/// A neighbor of a page in the order of reading: its file, and its title.
pub type Neighbor<'a> = Option<(&'a str, &'a str)>;

/// A whole page. `body` is HTML.
pub fn page(title: &str, body: &str, before: Neighbor, after: Neighbor) -> String {
    let link = |neighbor: Neighbor, arrow: [&str; 2]| {
        neighbor.map_or("<span></span>".into(), |(file, title)| {
            format!("<a href=\"{file}\">{}{}{}</a>", arrow[0], escape(title), arrow[1])
        })
    };
    let (back, next) = (link(before, ["← ", ""]), link(after, ["", " →"]));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0} · Ossicle</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n\
         <link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n\
         <nav><a href=\"index.html\">Contents</a><a href=\"glossary.html\">Glossary</a>\
         <a href=\"equations.html\">Equations</a><a href=\"index-of-terms.html\">Index</a></nav>\n\
         <main>\n<h1>{0}</h1>\n{body}</main>\n<nav class=\"foot\">{back}{next}</nav>\n</body>\n</html>\n",
        escape(title)
    )
}

/// The id of a file's section.
pub fn id(path: &str) -> String {
    path.trim_end_matches(".rs").replace('/', "-")
}

/// The id of a heading, or of a term.
pub fn name(title: &str) -> String {
    title.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The address of a path below `src/`: the page of its chapter, and its section if the page has several.
fn address(path: &str) -> Option<String> {
    let chapter = chapters().find(|chapter| chapter.sources.iter().any(|source| source.path == path))?;
    let section = if chapter.sources.len() > 1 { format!("#{}", id(path)) } else { String::new() };
    Some(format!("{}.html{section}", chapter.slug))
}

/// Links from the text of a file, or from the book's own text.
pub struct BookLinks<'a> {
    /// The path of the file below `src/`; empty for the book's own text, whose links are pages.
    pub path: &'a str,
}

impl BookLinks<'_> {
    /// The address of an item of the crate, as rustdoc resolves it: of its module's file.
    fn item(&self, target: &str) -> Option<String> {
        let target = target.split(['@']).next_back()?.trim_end_matches("()");
        let mut module: Vec<&str> =
            self.path.trim_end_matches(".rs").split('/').filter(|name| *name != "mod").collect();
        for name in target.split("::") {
            match name {
                "crate" => module.clear(),
                "self" => {}
                "super" => _ = module.pop(),
                name => module.push(name),
            }
        }
        // The item itself, or the module that contains it.
        (1..=module.len()).rev().take(3).find_map(|n| {
            let path = module[..n].join("/");
            let is_own = |address: &String| n < module.len() && Some(address) == self.own().as_ref();
            [format!("{path}.rs"), format!("{path}/mod.rs")]
                .iter()
                .find_map(|path| address(path))
                .filter(|a| !is_own(a))
        })
    }

    fn own(&self) -> Option<String> {
        address(self.path)
    }
}

impl Links for BookLinks<'_> {
    fn target(&self, target: &str) -> Option<String> {
        if target.starts_with("http") || target.starts_with('#') {
            return Some(target.into());
        }
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        if file.ends_with(".html") {
            return Some(target.into());
        }
        if let Some(path) = file.split_once("src/").map(|(_, path)| path) {
            return address(path);
        }
        if file.ends_with("NOTES.md") {
            let is_errors = fragment.starts_with("errors");
            return Some(if is_errors { "errors.html".into() } else { "settings.html".into() });
        }
        if file.contains(['/', '.']) { None } else { self.item(target) }
    }

    fn equation(&self, label: &str) -> Option<String> {
        equation_address(label, self.path)
    }
}

/// The address of an equation: within the page if its chapter has the file `path`.
fn equation_address(label: &str, path: &str) -> Option<String> {
    // Every link asks, so the labels are collected once.
    static PLACES: OnceLock<Vec<(String, &'static Chapter)>> = OnceLock::new();
    let places = PLACES.get_or_init(|| {
        let of_chapter = |chapter: &'static Chapter| {
            let labels = chapter.sources.iter().flat_map(|source| displayed(source.text));
            labels.map(move |(name, _)| (name, chapter))
        };
        chapters().flat_map(of_chapter).collect()
    });
    let (_, chapter) = places.iter().find(|(name, _)| name == label)?;
    let is_own = chapter.sources.iter().any(|source| source.path == path);
    Some(if is_own { format!("#{label}") } else { format!("{}.html#{label}", chapter.slug) })
}

/// The labels that a file's head displays, with their lines: in blocks of text, or in the first cell of a table's row.
pub fn displayed(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut line = |text: &str| {
        found.extend(label(text.trim_start()).map(|(name, rest)| (name.to_string(), rest.trim().to_string())));
    };
    for block in blocks(&head(source)) {
        match block {
            Block::Code(language, lines) if language == "text" => lines.iter().for_each(|text| line(text)),
            Block::Table(rows) => rows.iter().for_each(|row| line(&row.join("   "))),
            _ => {}
        }
    }
    found
}

/// The HTML of blocks. With a source, the statements that compute an equation appear next to it.
pub fn html(blocks: &[Block], links: &BookLinks, source: Option<&Source>) -> String {
    let text = |text: &str| inline(text, links);
    let block = |block: &Block| match block {
        Block::Heading(2, title) => format!("<h2 id=\"{}\">{}</h2>\n", name(title), text(title)),
        Block::Heading(level, title) => format!("<h{0}>{1}</h{0}>\n", level.clamp(&3, &4), text(title)),
        Block::Paragraph(paragraph) => format!("<p>{}</p>\n", text(paragraph)),
        Block::List(number, items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", text(item))).collect();
            match number {
                Some(1) => format!("<ol>\n{items}</ol>\n"),
                Some(first) => format!("<ol start=\"{first}\">\n{items}</ol>\n"),
                None => format!("<ul>\n{items}</ul>\n"),
            }
        }
        Block::Table(rows) => table(rows, &text, source.is_some()),
        Block::Code(language, lines) if language == "text" && is_set(lines) => equations(lines, links, source),
        Block::Code(language, lines) => {
            let is_rust = language.is_empty() || language.starts_with("rust");
            let shown = lines.iter().filter(|line| !(is_rust && (line.starts_with("# ") || *line == "#")));
            let line = |line: &String| if is_rust { highlight(line, &|_| None) } else { escape(line) };
            format!("<pre><code>{}</code></pre>\n", shown.map(line).collect::<Vec<_>>().join("\n"))
        }
        Block::Figure(caption, file) => figure(caption, &text(caption), file),
    };
    blocks.iter().map(block).collect()
}

/// Whether a block of text is set as equations: it has labels, or holds mathematics.
fn is_set(lines: &[String]) -> bool {
    is_math(lines) || lines.iter().any(|line| label(line.trim_start()).is_some())
}

/// A picture with its caption. Enlarged pictures of pixels keep their pixels sharp.
pub fn figure(alternative: &str, caption: &str, file: &str) -> String {
    let class = if file.ends_with(".png") { " class=\"pixels\"" } else { "" };
    format!(
        "<figure{class}><img src=\"{}\" alt=\"{}\"><figcaption>{caption}</figcaption></figure>\n",
        escape(file),
        escape(&plain(alternative))
    )
}

/// A table. In a head, links to a label lead to the row whose first cell is that label.
fn table(rows: &[Vec<String>], text: &dyn Fn(&str) -> String, is_head: bool) -> String {
    let mut html = String::from("<div class=\"table\"><table>\n");
    for (k, row) in rows.iter().enumerate() {
        let tag = if k == 0 { "th" } else { "td" };
        let place =
            row.first().filter(|_| is_head).and_then(|cell| label(cell)).map(|(name, _)| format!(" id=\"{name}\""));
        let cells: String = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", text(cell))).collect();
        html += &format!("<tr{}>{cells}</tr>\n", place.unwrap_or_default());
    }
    html + "</table></div>\n"
}

/// A block of equations: each line with its label, its columns, and the statements that compute it.
fn equations(lines: &[String], links: &BookLinks, source: Option<&Source>) -> String {
    let mut html = String::from("<div class=\"equations\">\n");
    for (k, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            html += "<div class=\"gap\"></div>\n";
            continue;
        }
        let (name, rest) = label(line.trim_start()).map_or((None, line.as_str()), |(name, rest)| (Some(name), rest));
        let column = |column: &str| {
            if is_note(column) {
                format!("<span class=\"note\">{}</span>", inline(column, links))
            } else {
                format!("<span>{}</span>", with_references(column, math, &|name| links.equation(name)))
            }
        };
        let columns: String = columns(rest).into_iter().map(column).collect();
        let is_continued = name.is_none() && k > 0 && line.starts_with("   ");
        let mark = match name {
            Some(name) => {
                let target =
                    if source.is_some() { format!("#{name}") } else { links.equation(name).unwrap_or_default() };
                format!("<a class=\"label\" href=\"{target}\">({name})</a>")
            }
            None if is_continued => "<span class=\"more\"></span>".into(),
            None => String::new(),
        };
        let code: String = match (name, source) {
            (Some(name), Some(source)) => statements(source.text, name).iter().map(|l| statement(l, links)).collect(),
            _ => String::new(),
        };
        let place = name.filter(|_| source.is_some()).map_or(String::new(), |name| format!(" id=\"{name}\""));
        let side = if code.is_empty() { "row" } else { "row side" };
        let code = if code.is_empty() { code } else { format!("<div class=\"computed\">{code}</div>") };
        html += &format!(
            "<div class=\"{side}\"{place}><div class=\"math\">{mark}<div class=\"columns\">{columns}</div></div>{code}</div>\n"
        );
    }
    html + "</div>\n"
}

/// A statement next to its equation.
fn statement(listing: &Listing, links: &BookLinks) -> String {
    let line = |line: &String| highlight(line.split(" // (").next().unwrap_or(line), &|name| links.equation(name));
    let code: Vec<String> = listing.lines.iter().map(line).collect();
    format!("<pre><code>{}</code></pre>", code.join("\n"))
}

/// A definition in full.
pub fn definition(listing: &Listing, links: &BookLinks) -> String {
    let lines: Vec<String> = listing.lines.iter().map(|line| highlight(line, &|name| links.equation(name))).collect();
    format!("<pre><code>{}</code></pre>\n", lines.join("\n"))
}

/// The number of words in blocks, without code.
pub fn words(blocks: &[Block]) -> usize {
    let count = |text: &str| plain(text).split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    blocks.iter().flat_map(Block::texts).map(count).sum::<usize>()
}

/// The time to read this number of words, in minutes.
pub fn minutes(words: usize) -> usize {
    words.div_ceil(WORDS_A_MINUTE).max(1)
}

/// The number of words in a chapter, without those of its exercises' questions: an answer takes its own time.
pub fn words_of(chapter: &Chapter) -> usize {
    let heads: usize = chapter.sources.iter().map(|source| words(&blocks(&head(source.text)))).sum::<usize>();
    let questions = Companion::parse(chapter.companion).predict;
    let questions = questions.iter().map(|(_, blocks)| words(blocks)).sum::<usize>();
    heads + words(&blocks(chapter.companion)) - questions
}
