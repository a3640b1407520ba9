//! Listings: the lines of code that compute an equation, and whole definitions, taken from the crate's files.
//!
//! A line of code that computes an equation ends with the equation's label, `// (AE.4)`. So the code itself marks the
//! lines that belong next to an equation, and a test of the crate checks that each label has such a line. The code must
//! be formatted by rustfmt: a function ends with a brace indented like its first line, and a statement starts after a
//! line that ends with `;`, `{` or `}`.

use super::equation::{escape, label, with_references};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// Lines of code with the number of the first one, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The number of the first line in its file.
    pub first: usize,
    /// The lines, with the indentation that they share removed.
    pub lines: Vec<String>,
}

/// The lines before the file's tests.
fn without_tests(source: &str) -> Vec<&str> {
    let lines: Vec<&str> = source.lines().collect();
    let is_test =
        |k: &usize| lines[*k].starts_with("#[cfg(test)]") && lines.get(k + 1).is_some_and(|l| l.ends_with('{'));
    let end = (0..lines.len()).find(is_test).unwrap_or(lines.len());
    lines[..end].to_vec()
}

/// The labels in the comment at a line's end.
fn labels(line: &str) -> Vec<&str> {
    let Some((code, comment)) = line.split_once("// ") else { return Vec::new() };
    let (mut found, mut rest) = (Vec::new(), comment);
    while let (Some((name, after)), false) = (label(rest), code.trim().is_empty()) {
        found.push(name);
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    if rest.is_empty() { found } else { Vec::new() }
}

/// Lines without the indentation that they share.
fn dedent(first: usize, lines: &[&str]) -> Listing {
    let indent = |line: &&&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min().unwrap_or(0);
    Listing { first, lines: lines.iter().map(|line| line.get(shared..).unwrap_or("").to_string()).collect() }
}

/// The definitions of a file: its functions with `by_definition` in their names, with their comments.
pub fn definitions(source: &str) -> Vec<Listing> {
    functions(source, |name| name.contains("by_definition"))
}

/// The functions of a file with the names chosen, with their comments.
pub fn functions(source: &str, is_chosen: impl Fn(&str) -> bool) -> Vec<Listing> {
    let lines = without_tests(source);
    let is_definition = |line: &str| {
        let name = line.split_once("fn ").and_then(|(_, rest)| rest.split(['(', '<']).next());
        !line.trim_start().starts_with("//") && name.is_some_and(&is_chosen)
    };
    let (mut found, mut next) = (Vec::new(), 0);
    for (k, line) in lines.iter().enumerate() {
        if k < next || !is_definition(line) {
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indent}}}");
        let last = (k..lines.len()).find(|&j| lines[j] == end).unwrap_or(k);
        let is_comment = |line: &str| line.trim_start().starts_with("///") || line.trim_start().starts_with("#[");
        let first = (0..k).rev().find(|&j| !is_comment(lines[j])).map_or(0, |j| j + 1);
        found.push(dedent(first + 1, &lines[first..=last]));
        next = last + 1;
    }
    found
}

/// The statements that compute an equation: those in definitions, or, without any, the first two elsewhere.
pub fn statements(source: &str, label: &str) -> Vec<Listing> {
    let lines = without_tests(source);
    let at: Vec<usize> = (0..lines.len()).filter(|&k| labels(lines[k]).contains(&label)).collect();
    let definitions = definitions(source);
    let is_defined = |k: &usize| definitions.iter().any(|d| (d.first..d.first + d.lines.len()).contains(&(*k + 1)));
    let defined: Vec<usize> = at.iter().copied().filter(is_defined).collect();
    let chosen = if defined.is_empty() { at.into_iter().take(2).collect() } else { defined };
    let mut next = 0;
    let mut found = Vec::new();
    for k in chosen {
        let ends = |line: &str| {
            let code = line.split(" // ").next().unwrap_or("").trim_end();
            let is_comment = line.trim_start().starts_with("//");
            code.trim().is_empty()
                || is_comment
                || code.ends_with([';', '{', '}'])
                || code.ends_with("},")
                || code.contains(" => ")
        };
        // The elements of a list, or the fields of a value, are statements of their own.
        let indent = |line: &str| line.len() - line.trim_start().len();
        let is_element = |j: usize| lines[j].trim_end().ends_with(',') && indent(lines[j]) == indent(lines[k]);
        let mut first = k;
        while first > next && k - first < 6 && !ends(lines[first - 1]) && !is_element(first - 1) {
            first -= 1;
        }
        found.push(dedent(first + 1, &lines[first..=k]));
        next = k + 1;
    }
    found
}

const KEYWORDS: [&str; 34] = [
    "as", "break", "const", "continue", "crate", "dyn", "else", "enum", "false", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self", "static", "struct", "super",
    "trait", "true", "type", "use", "where", "while",
];

/// A line of Rust as HTML, with keywords, numbers, strings and comments marked. `equation` is the address of a label.
pub fn highlight(line: &str, equation: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut html, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        let take = |end: usize| rest.split_at(end);
        let length = |is_part: &dyn Fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if rest.starts_with("//") {
            return html + &format!("<span class=\"c\">{}</span>", with_references(rest, escape, equation));
        }
        let (class, end) = if c.is_alphabetic() || c == '_' {
            let end = length(&|c| c.is_alphanumeric() || c == '_');
            (if KEYWORDS.contains(&&rest[..end]) { "k" } else { "" }, end)
        } else if c.is_ascii_digit() {
            let end = length(&|c| c.is_alphanumeric() || c == '_' || c == '.');
            // A range, 0..n, ends a number.
            ("n", rest[..end].find("..").unwrap_or(end))
        } else if c == '"' {
            ("s", string_end(rest))
        } else {
            ("", c.len_utf8())
        };
        let (word, after) = take(end);
        html +=
            &if class.is_empty() { escape(word) } else { format!("<span class=\"{class}\">{}</span>", escape(word)) };
        rest = after;
    }
    html
}

/// The end of the string that starts the text.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = concat!(
        "//! Head.\n\n/// Twice.\n",
        "pub fn double_by_definition(x: f64) -> f64 {\n",
        "    let y = x\n",
        "        + x; // (AE.1)\n",
        "    y\n}\n\n",
        "fn fast(x: f64) -> f64 {\n",
        "    2.0 * x // (AE.1), (AE.2)\n}\n\n",
        "#[cfg(test)]\nmod tests {\n    // (AE.1)\n}\n",
    );

    #[test]
    fn a_definition_is_found_with_its_comment() {
        let found = definitions(SOURCE);
        assert_eq!((found.len(), found[0].first), (1, 3));
        assert_eq!(found[0].lines[0], "/// Twice.");
        assert_eq!(found[0].lines.last().unwrap(), "}");
    }

    #[test]
    fn a_label_finds_its_statement_in_the_definition_first() {
        let lines = |label: &str| statements(SOURCE, label).into_iter().flat_map(|l| l.lines).collect::<Vec<_>>();
        assert_eq!(lines("AE.1"), ["let y = x", "    + x; // (AE.1)"]);
        assert_eq!(lines("AE.2"), ["2.0 * x // (AE.1), (AE.2)"]);
        assert!(lines("AE.99").is_empty());
        assert_eq!(labels("x // not (AE.1)"), [""; 0]);
    }

    #[test]
    fn words_are_marked() {
        let html = highlight("let s = \"a\\\"<\"; 0..2 // (AE.1)", &|label| Some(format!("#{label}")));
        let expected = "<span class=\"k\">let</span> s = <span class=\"s\">&quot;a\\&quot;&lt;&quot;</span>; \
                        <span class=\"n\">0</span>..<span class=\"n\">2</span> \
                        <span class=\"c\">// <a href=\"#AE.1\">(AE.1)</a></span>";
        assert_eq!(html, expected);
    }
}
