//! Escaped names: labels, groups, paths and command-line words, printed so that they cannot alter the text around them.
//!
//! A name is data that somebody else chose. If it is printed verbatim, an escape sequence in it can clear the terminal,
//! a newline can forge a table row, and a right-to-left mark can reverse the text that follows. So every name is
//! printed through one of two adapters:
//!
//! | adapter | for | a backslash | quotes |
//! | --- | --- | --- | --- |
//! | [`shown`] | people: messages, tables, pictures | as it is | as they are |
//! | [`field`] | programs: a cell of a row separated by tabs | `\\` | as they are |
//!
//! Both escape the characters listed below in Rust's notation (`\t`, `\n`, `\r`, `\0`, `\u{1b}`), and write a byte that
//! is not valid UTF-8 as `\xff`. These characters are
//!
//! - controls (C0, DEL, C1), separators other than the space, format characters (bidirectional marks, zero-width spaces
//!   and joiners, tags), private and unassigned code points: what `str::escape_debug` escapes;
//! - a combining mark at the start of a name, which would attach to the text before the name, or right after a quote, a
//!   backslash that stays as it is, an invisible character or an invalid byte;
//! - the other characters that Unicode calls default ignorable, for they are not seen: fillers, variation selectors.
//!
//! All other characters, including the letters of every script, are printed unchanged. A field decodes to the exact
//! bytes of its name. Shown text may be ambiguous, but showing it again leaves it unchanged.
//!
//! Sources: Unicode Standard Annex 44 (general categories, Default_Ignorable_Code_Point); Annex 11 (width); Annex 9 and
//! N. Boucher and R. Anderson, "Trojan Source: Invisible Vulnerabilities", 2021 (what bidirectional marks do to a
//! source).

use core::fmt::{self, Display, Write};

/// A name for people.
///
/// ```
/// use ossicle::bytes::escape::shown;
///
/// assert_eq!(shown("caf\u{e9}").to_string(), "caf\u{e9}");
/// assert_eq!(shown("a\n\x1b[2J").to_string(), r"a\n\u{1b}[2J");
/// assert_eq!(shown(b"caf\xe9").to_string(), r"caf\xe9");
/// ```
pub fn shown<N: AsRef<[u8]> + ?Sized>(name: &N) -> Shown<'_> {
    Shown(name.as_ref())
}

/// A name as a cell of a row that is separated by tabs.
///
/// ```
/// use ossicle::bytes::escape::field;
///
/// assert_eq!(field("C:\\new\t1").to_string(), r"C:\\new\t1");
/// ```
pub fn field<N: AsRef<[u8]> + ?Sized>(name: &N) -> Field<'_> {
    Field(name.as_ref())
}

/// See [`shown`].
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(&'a [u8]);

/// See [`field`].
#[derive(Clone, Copy, Debug)]
pub struct Field<'a>(&'a [u8]);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, &['\'', '"', '\\'], f)
    }
}

impl Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, &['\'', '"'], f)
    }
}

/// Like `str::escape_debug`, except that `kept` characters stay as they are, and that invisible characters and invalid
/// bytes are escaped too.
fn escape(name: &[u8], kept: &[char], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_ours = |c: char| kept.contains(&c) || is_unseen(c);
    for chunk in name.utf8_chunks() {
        for piece in chunk.valid().split_inclusive(is_ours) {
            let (before, ours) = match piece.char_indices().next_back() {
                Some((at, c)) if is_ours(c) => (&piece[..at], Some(c)),
                _ => (piece, None),
            };
            write!(f, "{}", before.escape_debug())?;
            match ours {
                Some(c) if kept.contains(&c) => f.write_char(c)?,
                Some(c) => write!(f, "{}", c.escape_unicode())?,
                None => {}
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

/// Default-ignorable characters that `str::escape_debug` does not escape, because they are marks or letters.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a character may be unseen, or may alter the text around it: one of those that the head of this chapter
/// lists, combining marks anywhere.
pub(super) fn is_active(c: char) -> bool {
    is_unseen(c) || !matches!(c, '\'' | '"' | '\\') && c.escape_debug().len() > 1
}

/// The width of shown text in terminal columns: two for a wide character (Chinese, Japanese, Korean), none for a
/// combining mark.
pub fn width(shown: &str) -> usize {
    let columns = |c: char| match c {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        '\'' | '"' | '\\' => 1,
        // In shown text, only combining marks are escaped here.
        _ => usize::from(c.escape_debug().len() == 1),
    };
    shown.chars().map(columns).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    const NAMES: [&[u8]; 9] = [
        b"plain",
        b"a\tb\nc\rd\0e\\f'g\"h",
        b"\x1b]0;title\x07\x1b[2J\x7f",
        "\u{9b}31m \u{85} \u{2028}\u{2029}".as_bytes(),
        "\u{202e}gnp.exe \u{2066}x\u{2069} \u{200e}\u{200f}\u{61c}".as_bytes(),
        "a\u{200b}b\u{200d}c\u{feff}d\u{ad}\u{3164}\u{fe0f}\u{e0041}\u{e0100}\u{34f}".as_bytes(),
        "\u{301}e\u{301} \u{e000}\u{ffff}\u{10ffff}".as_bytes(),
        b"caf\xe9\xcc\x81\xff",
        "日本語 ελληνικά עברית العربية 🎵".as_bytes(),
    ];

    /// The name that a field is of.
    fn read_back(field: &str) -> Vec<u8> {
        let (mut bytes, mut rest) = (Vec::new(), field);
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            let mut text = [0; 4];
            if c != '\\' {
                bytes.extend_from_slice(c.encode_utf8(&mut text).as_bytes());
                continue;
            }
            let (kind, after) = rest.split_at(1);
            rest = after;
            match kind {
                "t" => bytes.push(b'\t'),
                "n" => bytes.push(b'\n'),
                "r" => bytes.push(b'\r'),
                "0" => bytes.push(0),
                "\\" => bytes.push(b'\\'),
                "x" => {
                    bytes.push(u8::from_str_radix(&rest[..2], 16).unwrap());
                    rest = &rest[2..];
                }
                "u" => {
                    let (digits, after) = rest[1..].split_once('}').unwrap();
                    let c = char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap();
                    bytes.extend_from_slice(c.encode_utf8(&mut text).as_bytes());
                    rest = after;
                }
                _ => panic!("\\{kind} in {field}"),
            }
        }
        bytes
    }

    #[test]
    fn names_are_shown_as_expected() {
        let shown = NAMES.map(|name| shown(name).to_string());
        let expected = [
            "plain",
            "a\\tb\\nc\\rd\\0e\\f'g\"h",
            "\\u{1b}]0;title\\u{7}\\u{1b}[2J\\u{7f}",
            "\\u{9b}31m \\u{85} \\u{2028}\\u{2029}",
            "\\u{202e}gnp.exe \\u{2066}x\\u{2069} \\u{200e}\\u{200f}\\u{61c}",
            "a\\u{200b}b\\u{200d}c\\u{feff}d\\u{ad}\\u{3164}\\u{fe0f}\\u{e0041}\\u{e0100}\\u{34f}",
            "\\u{301}e\u{301} \\u{e000}\\u{ffff}\\u{10ffff}",
            "caf\\xe9\\u{301}\\xff",
            "日本語 ελληνικά עברית العربية 🎵",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_field_leads_back_to_its_name() {
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        for name in NAMES.into_iter().chain([all.as_bytes()]) {
            assert!(read_back(&field(name).to_string()) == name);
        }
        assert_eq!(field("C:\\new\\x41\n'\"").to_string(), "C:\\\\new\\\\x41\\n'\"");
    }

    #[test]
    fn no_character_that_is_shown_moves_the_cursor_or_the_text() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let name = std::format!("a{c}");
            let text = shown(&name).to_string();
            let acts = c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{ad}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
                || ('\u{e0000}'..='\u{e0fff}').contains(&c);
            assert!(!acts || text.starts_with("a\\"), "{:x}", c as u32);
            assert_eq!(shown(&text).to_string(), text, "{:x}", c as u32);
            let is_ascii = c.is_ascii_graphic() || c == ' ';
            assert!(!(is_ascii || c.is_alphanumeric() && !is_unseen(c)) || text == name, "{:x}", c as u32);
        }
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let cases =
            [("", 0), ("a'\\\"b", 5), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("ελ", 2), ("🎵", 2), ("ｱ", 1)];
        for (text, columns) in cases {
            assert_eq!(width(text), columns, "{text}");
        }
    }
}
