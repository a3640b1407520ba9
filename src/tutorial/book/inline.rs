//! Text within a block: code, bold and emphasized words, links, labels of equations, and formulas.

use super::equation::{escape, label, prose, reference};
use std::format;
use std::string::String;

/// Where links lead. The book is one folder of pages, so a link is either one of its pages or on the web.
pub trait Links {
    /// The address of a link's target, as written in the text; none if the target is not part of the book.
    fn target(&self, target: &str) -> Option<String>;
    /// The address of an equation by its label, such as `AE.4`.
    fn equation(&self, label: &str) -> Option<String>;
}

/// The HTML of a text.
pub fn inline(text: &str, links: &dyn Links) -> String {
    let (mut html, mut rest, mut plain) = (String::new(), text, String::new());
    let flush = |plain: &mut String, html: &mut String| {
        *html += &prose(plain);
        plain.clear();
    };
    while let Some(c) = rest.chars().next() {
        let before = plain.chars().next_back().or_else(|| html.chars().next_back());
        let piece = match c {
            '\\' => rest[1..].chars().next().filter(|c| c.is_ascii_punctuation()).map(|c| {
                plain.push(c);
                (String::new(), &rest[2..])
            }),
            '`' => code(rest),
            '[' => link(rest, links),
            '<' => address(rest),
            '*' => starred(rest, before, links),
            '(' => label(rest).map(|(label, after)| (reference(label, links.equation(label)), after)),
            _ => None,
        };
        if let Some((piece, after)) = piece {
            if !piece.is_empty() {
                flush(&mut plain, &mut html);
            }
            html += &piece;
            rest = after;
        } else {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    flush(&mut plain, &mut html);
    html
}

/// The text without marks: for titles, descriptions, and the counting of words.
pub fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '`' | '*' | '[' => {}
            ']' if rest.starts_with('(') => rest = rest.split_once(')').map_or("", |(_, after)| after),
            ']' => {}
            '\\' => {
                plain.extend(rest.chars().next());
                rest = rest.get(1..).unwrap_or("");
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// `code`.
fn code(text: &str) -> Option<(String, &str)> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let (inner, after) = text[ticks..].split_once(&text[..ticks])?;
    Some((format!("<code>{}</code>", escape(inner.trim())), after))
}

/// `[text](target)`, or `[text]` for an item of the crate, which becomes its text.
fn link<'a>(text: &'a str, links: &dyn Links) -> Option<(String, &'a str)> {
    let end = text.find(']')?;
    let (inner, after) = (&text[1..end], &text[end + 1..]);
    if let Some((target, after)) = after.strip_prefix('(').and_then(|after| after.split_once(')')) {
        let inner = inline(inner, links);
        let html = match links.target(target) {
            Some(target) => format!("<a href=\"{}\">{inner}</a>", escape(&target)),
            None => inner,
        };
        return Some((html, after));
    }
    // Only an item in backticks is a link without a target; other brackets are brackets.
    let item = inner.strip_prefix('`')?.strip_suffix('`')?;
    let html = format!("<code>{}</code>", escape(item));
    let html = links.target(item).map_or(html.clone(), |to| format!("<a href=\"{}\">{html}</a>", escape(&to)));
    Some((html, after))
}

/// `<https://...>`.
fn address(text: &str) -> Option<(String, &str)> {
    let (address, after) = text[1..].split_once('>')?;
    let is_address = address.starts_with("http") && !address.contains(char::is_whitespace);
    is_address.then(|| (format!("<a href=\"{0}\">{0}</a>", escape(address)), after))
}

/// `**bold**` or `*emphasized*`. A star whose neighboring letters and spaces rule out both is a plain star.
fn starred<'a>(text: &'a str, before: Option<char>, links: &dyn Links) -> Option<(String, &'a str)> {
    let (mark, tag) = if text.starts_with("**") { ("**", "strong") } else { ("*", "em") };
    let opens = before.is_none_or(|c| !c.is_alphanumeric() && c != ')');
    let (inner, after) = text[mark.len()..].split_once(mark)?;
    let is_word = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    let closes = is_word(inner.chars().next()) && is_word(inner.chars().next_back());
    let ends = after.chars().next().is_none_or(|c| !c.is_alphanumeric());
    (opens && closes && ends).then(|| (format!("<{tag}>{}</{tag}>", inline(inner, links)), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    /// Each target is its own address.
    struct Same;

    impl Links for Same {
        fn target(&self, target: &str) -> Option<String> {
            (target != "Nowhere").then(|| target.to_string())
        }

        fn equation(&self, label: &str) -> Option<String> {
            Some(format!("#{label}"))
        }
    }

    #[test]
    fn marks_become_elements() {
        assert_eq!(inline("**Why.** A *few* `a_b`", &Same), "<strong>Why.</strong> A <em>few</em> <code>a_b</code>");
        assert_eq!(
            inline("[a `b`](c.html) by (AE.4)", &Same),
            "<a href=\"c.html\">a <code>b</code></a> by <a href=\"#AE.4\">(AE.4)</a>"
        );
        assert_eq!(
            inline("[`x`], [`Nowhere`], [1, 2]", &Same),
            "<a href=\"x\"><code>x</code></a>, <code>Nowhere</code>, [1, 2]"
        );
    }

    #[test]
    fn stars_that_multiply_stay() {
        assert_eq!(inline("2 * 3 * 4 and ab*_k", &Same), "2 * 3 * 4 and ab*_k");
        assert_eq!(inline("E*_(M-k) = E_k", &Same), "<i>E</i>*_(<i>M</i>-<i>k</i>) = <i>E</i><sub><i>k</i></sub>");
    }

    #[test]
    fn hostile_text_is_escaped() {
        assert_eq!(inline("<br> & \\* `<i>`", &Same), "&lt;br&gt; &amp; * <code>&lt;i&gt;</code>");
        assert_eq!(plain("a **b** [`c`](d) \\| e"), "a b c | e");
    }
}
