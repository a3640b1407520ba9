//! Markdown, parsed into blocks: the subset in the heads of the crate's files and in the book's own text.
//!
//! A block is a heading, a paragraph, a list, a table, a block of code between fences, or a figure (an image alone in
//! its paragraph). Text within a block is left unparsed; [`inline`](super::inline) formats it. A list item may continue
//! in indented lines; lists do not nest. Anything that the parser does not recognize becomes a paragraph, so that no
//! text is lost.
//!
//! Source: J. MacFarlane, "CommonMark Spec", version 0.31, 2024, of which this file implements a small part.

use std::string::{String, ToString};
use std::vec::Vec;

/// A block of text.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading of level 1 to 6.
    Heading(usize, String),
    /// A paragraph, its lines joined.
    Paragraph(String),
    /// A list: whether its items are numbered, the first number, and the items.
    List(Option<usize>, Vec<String>),
    /// The cells of a table, its header first.
    Table(Vec<Vec<String>>),
    /// The language after the fence, and the lines.
    Code(String, Vec<String>),
    /// An image alone in its paragraph: its caption, and its file.
    Figure(String, String),
}

impl Block {
    /// Its pieces of text; none of code.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Block::Heading(_, text) | Block::Paragraph(text) | Block::Figure(text, _) => Vec::from([text.as_str()]),
            Block::List(_, items) => items.iter().map(String::as_str).collect(),
            Block::Table(rows) => rows.iter().flatten().map(String::as_str).collect(),
            Block::Code(..) => Vec::new(),
        }
    }
}

/// The text of a file's head: the lines that start with `//!`, without that marker.
pub fn head(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line).to_string() + "\n").collect()
}

/// The blocks of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut blocks, mut i) = (Vec::new(), 0);
    while i < lines.len() {
        let line = lines[i];
        if line.trim().is_empty() {
            i += 1;
        } else if let Some(language) = line.strip_prefix("```") {
            let end = (i + 1..lines.len()).find(|&k| lines[k].starts_with("```")).unwrap_or(lines.len());
            let code = lines[i + 1..end].iter().map(|line| line.to_string()).collect();
            blocks.push(Block::Code(language.trim().into(), code));
            i = end + 1;
        } else if let Some((level, title)) = heading(line) {
            blocks.push(Block::Heading(level, title.into()));
            i += 1;
        } else if is_table(&lines, i) {
            let end = (i..lines.len()).find(|&k| !lines[k].starts_with('|')).unwrap_or(lines.len());
            blocks.push(Block::Table(lines[i..end].iter().filter(|line| !is_rule(line)).map(|l| cells(l)).collect()));
            i = end;
        } else if let Some((number, _)) = item(line) {
            let mut items: Vec<String> = Vec::new();
            while i < lines.len() {
                match (item(lines[i]), items.last_mut()) {
                    (Some((other, text)), _) if other.is_some() == number.is_some() => items.push(text.into()),
                    (_, Some(last)) if lines[i].starts_with(' ') && !lines[i].trim().is_empty() => {
                        *last += " ";
                        *last += lines[i].trim();
                    }
                    // A blank line between two items of the same list.
                    _ if lines[i].trim().is_empty()
                        && lines
                            .get(i + 1)
                            .and_then(|next| item(next))
                            .is_some_and(|(o, _)| o.is_some() == number.is_some()) => {}
                    _ => break,
                }
                i += 1;
            }
            blocks.push(Block::List(number, items));
        } else {
            let is_end = |k: usize| {
                let line = lines[k];
                line.trim().is_empty() || line.starts_with("```") || is_table(&lines, k) || heading(line).is_some()
            };
            // A line that starts like an item interrupts a paragraph only after a line that ends with a colon: text may
            // wrap before a number or a minus sign.
            let is_list = |k: usize| lines[k - 1].ends_with(':') && item(lines[k]).is_some();
            let end = (i + 1..lines.len()).find(|&k| is_end(k) || is_list(k)).unwrap_or(lines.len());
            let text = lines[i..end].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
            blocks.push(figure(&text).unwrap_or(Block::Paragraph(text)));
            i = end;
        }
    }
    blocks
}

/// Whether a table starts here: a row, and below it the rule. (A paragraph may have a line that starts with |x|.)
fn is_table(lines: &[&str], i: usize) -> bool {
    lines[i].starts_with('|') && lines.get(i + 1).is_some_and(|line| is_rule(line))
}

/// Whether a line is the rule below a table's header.
fn is_rule(line: &str) -> bool {
    line.starts_with("| -") && line.chars().all(|c| "|-: ".contains(c))
}

/// The level and the text of a heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.len() - line.trim_start_matches('#').len();
    let title = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((level, title.trim()))
}

/// The text of a list's item, and its number if it has one.
fn item(line: &str) -> Option<(Option<usize>, &str)> {
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((None, text.trim()));
    }
    let (number, text) = line.split_once(". ")?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit());
    Some((Some(number.parse().ok().filter(|_| is_number)?), text.trim()))
}

/// The cells of a table's row. `\|` is a bar within a cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = std::vec![String::new()];
    let inner = line.trim().trim_start_matches('|');
    let inner = inner.strip_suffix('|').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, cells.last_mut()) {
            ('\\', Some(cell)) if chars.peek() == Some(&'|') => cell.extend(chars.next()),
            ('|', _) => cells.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
    }
    cells.iter().map(|cell| cell.trim().to_string()).collect()
}

/// An image that is a paragraph of its own.
fn figure(text: &str) -> Option<Block> {
    let (caption, file) = text.strip_prefix("![")?.strip_suffix(')')?.rsplit_once("](")?;
    Some(Block::Figure(caption.into(), file.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn every_kind_of_block_is_found() {
        let text = "# A\n\none\ntwo\n\n1. first\n   goes on\n2. second\n\n- x\n- y\n\n| a | b |\n| --- | --- |\n| \\|x\\| | |\n\
                    ```text\n(AE.1)  y = x\n```\n![A cat](cat.svg)\n";
        let blocks = blocks(text);
        let strings = |all: &[&str]| all.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        assert_eq!(
            blocks,
            [
                Block::Heading(1, "A".into()),
                Block::Paragraph("one two".into()),
                Block::List(Some(1), strings(&["first goes on", "second"])),
                Block::List(None, strings(&["x", "y"])),
                Block::Table(vec![strings(&["a", "b"]), strings(&["|x|", ""])]),
                Block::Code("text".into(), strings(&["(AE.1)  y = x"])),
                Block::Figure("A cat".into(), "cat.svg".into()),
            ]
        );
    }

    #[test]
    fn text_that_wraps_before_a_number_or_a_minus_sign_stays_a_paragraph() {
        assert_eq!(blocks("is 3\n- 4, or\n1. of"), [Block::Paragraph("is 3 - 4, or 1. of".into())]);
        assert_eq!(blocks("since\n|x| grows"), [Block::Paragraph("since |x| grows".into())]);
        assert_eq!(blocks("these:\n- 4"), [Block::Paragraph("these:".into()), Block::List(None, vec!["4".into()])]);
        assert_eq!(blocks("```text\nopen"), [Block::Code("text".into(), vec!["open".into()])]);
    }

    #[test]
    fn a_head_ends_where_the_code_starts() {
        assert_eq!(head("//! A.\n//!\n//!   b\nuse c;\n//! d\n"), "A.\n\n  b\n");
    }
}
