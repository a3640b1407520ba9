//! JSON: values as text that every language reads, for headers of files and for the results of a command.
//!
//! Why: a script that wants a result should not have to cut it out of a table meant for people. JSON has six kinds of
//! values, one way to nest them, and a reader in every standard library. The header of a safetensors file is JSON too.
//!
//! | value | text |
//! | --- | --- |
//! | null, true, false | `null`, `true`, `false` |
//! | a number | perhaps `-`; digits, the first not 0 unless it is alone; perhaps `.` and digits; perhaps an exponent |
//! | a string | characters between quotes, some of them escaped |
//! | an array | `[`, values with commas between them, `]` |
//! | an object | `{`, members `"name": value` with commas between them, `}` |
//!
//! Between these tokens may be spaces, tabs, line feeds and carriage returns. Within a string, a quote, a backslash and
//! the control characters below U+0020 must be escaped; any character may be:
//!
//! | escape | character |
//! | --- | --- |
//! | `\"`, `\\`, `\/` | `"`, `\`, `/` |
//! | `\b`, `\f`, `\n`, `\r`, `\t` | U+0008, U+000C, U+000A, U+000D, U+0009 |
//! | `\uXXXX` | the one with this number, four hexadecimal digits |
//!
//! A character c from U+10000 on has five or six digits. It is escaped as two numbers from a range that no character
//! has, a surrogate pair (h, l):
//!
//! ```text
//! h = 0xD800 + ⌊(c - 0x10000) / 0x400⌋          0xD800 ≤ h < 0xDC00
//! l = 0xDC00 + (c - 0x10000) mod 0x400          0xDC00 ≤ l < 0xE000
//! c = 0x10000 + (h - 0xD800)·0x400 + (l - 0xDC00)
//! ```
//!
//! By hand: the note 🎵 is U+1F3B5, and 0x1F3B5 - 0x10000 = 0xF3B5 = 0x3C·0x400 + 0x3B5. So it is `\ud83c\udfb5`.
//!
//! **Reading is strict.** RFC 8259 leaves some cases to the program; here each of them is an error, since a file that
//! two programs read differently is worse than one that neither reads: two members of the same name, half of a
//! surrogate pair, a byte-order mark. Values may be nested to the depth [`JSON_DEPTH`]. A number is kept as its text,
//! so that an integer above 2⁵³ loses nothing, and is converted on request.
//!
//! **Writing** puts all on one line. It also escapes every character that [`escape`](super::escape) does not show: with
//! U+2028 unescaped, JSON was no JavaScript until 2019, and a name from a foreign file cannot control the terminal.
//! JSON has no NaN and no infinity; a float that is not finite is written as `null`.
//!
//! ```
//! use ossicle::bytes::json::{Json, JsonError};
//!
//! let result = Json::parse(br#"{"label": "caf\u00e9", "scores": [0.25, 1e-3]}"#)?;
//! assert_eq!(result.get("label").and_then(Json::as_str), Some("caf\u{e9}"));
//! let scores = result.get("scores").and_then(Json::as_array).unwrap();
//! assert_eq!(scores[1].as_f64(), Some(0.001));
//! assert_eq!(result.to_string(), "{\"label\":\"caf\u{e9}\",\"scores\":[0.25,1e-3]}");
//!
//! let error = Json::parse(b"{\"scores\":\n [0.25,]}").unwrap_err();
//! assert_eq!(error.to_string(), "line 2, column 8: a value was expected, but `]` was found");
//! # Ok::<(), JsonError>(())
//! ```
//!
//! Source: T. Bray, RFC 8259, 2017.

use super::escape::{is_active, shown};
use super::limits::JSON_DEPTH;
use crate::number::decimal::Short;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};

/// A value. Values that are nested deeper than [`JSON_DEPTH`] can be written, but not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// Values in their order.
    Array(Vec<Json>),
    /// Named values, in the order of the text. Names that are read differ from one another.
    Object(Vec<(String, Json)>),
}

/// A number as its text, which follows the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub cause: JsonCause,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonCause {
    /// The bytes from here on are not UTF-8.
    NotUtf8,
    /// The text begins with a byte-order mark.
    ByteOrderMark,
    /// Something else was expected.
    Unexpected {
        /// What was expected.
        expected: &'static str,
        /// The character found; `None` at the end.
        found: Option<char>,
    },
    /// A control character stands in a string without an escape.
    Control(char),
    /// An escape is half of a surrogate pair.
    Surrogate(u16),
    /// The name of a member is that of an earlier member of the same object.
    Duplicate(String),
    /// Arrays and objects are nested deeper than [`JSON_DEPTH`].
    Depth,
}

impl Display for JsonCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonCause::NotUtf8 => write!(f, "the bytes from here on are not UTF-8"),
            JsonCause::ByteOrderMark => write!(f, "the text begins with a byte-order mark, which JSON does not have"),
            JsonCause::Unexpected { expected, found: None } => write!(f, "{expected} was expected, but the text ends"),
            JsonCause::Unexpected { expected, found: Some(found) } => {
                write!(f, "{expected} was expected, but `{}` was found", shown(found.encode_utf8(&mut [0; 4])))
            }
            JsonCause::Control(found) => {
                write!(f, "U+{:04X} stands in a string; control characters must be escaped", u32::from(*found))
            }
            JsonCause::Surrogate(half) => {
                write!(f, "\\u{half:04x} is half of a surrogate pair without the other half")
            }
            JsonCause::Duplicate(name) => write!(f, "a second member has the name \"{}\"", shown(name)),
            JsonCause::Depth => write!(f, "values are nested more than {JSON_DEPTH} deep"),
        }
    }
}

impl Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.cause)
    }
}

impl core::error::Error for JsonError {}

impl Number {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Json {
    /// The value of a text, which must be one value from the first byte to the last.
    ///
    /// # Errors
    /// If it is not JSON, or one of the cases that the head of this chapter excludes.
    pub fn parse(text: &[u8]) -> Result<Json, JsonError> {
        let (valid, all_is_valid) = match core::str::from_utf8(text) {
            Ok(valid) => (valid, true),
            Err(error) => (core::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or(""), false),
        };
        let mut parser = Parser { text: valid, at: 0 };
        let value = if !all_is_valid {
            parser.at = valid.len();
            Err(JsonCause::NotUtf8)
        } else if valid.starts_with('\u{feff}') {
            Err(JsonCause::ByteOrderMark)
        } else {
            parser.document()
        };
        value.map_err(|cause| {
            let before = &valid[..parser.at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            JsonError { line, column, cause }
        })
    }

    /// The member of an object with this name; `None` if there is none, or if the value is not an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&[(String, Json)]> {
        if let Json::Object(members) = self { Some(members) } else { None }
    }

    /// The values, if it is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        if let Json::Array(values) = self { Some(values) } else { None }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Json::String(text) = self { Some(text) } else { None }
    }

    /// True or false, if it is one of them.
    pub fn as_bool(&self) -> Option<bool> {
        if let Json::Bool(is_true) = self { Some(*is_true) } else { None }
    }

    /// The nearest f64, if it is a number within the range of f64.
    pub fn as_f64(&self) -> Option<f64> {
        let Json::Number(Number(text)) = self else { return None };
        text.parse().ok().filter(|x: &f64| x.is_finite())
    }

    /// The number, if it is one from 0 to 2⁶⁴ - 1 that is written without a point and an exponent.
    pub fn as_u64(&self) -> Option<u64> {
        if let Json::Number(Number(text)) = self { text.parse().ok() } else { None }
    }
}

/// The position in a text. After an error it is the position of the error.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn unexpected<T>(&self, expected: &'static str) -> Result<T, JsonCause> {
        Err(JsonCause::Unexpected { expected, found: self.rest().chars().next() })
    }

    fn skip_while(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    /// Skips the byte if it is next.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn document(&mut self) -> Result<Json, JsonCause> {
        let value = self.value(0)?;
        if self.at < self.text.len() { self.unexpected("the end of the text") } else { Ok(value) }
    }

    /// A value and the space around it, within `depth` arrays and objects.
    fn value(&mut self, depth: usize) -> Result<Json, JsonCause> {
        self.skip_space();
        let value = match self.peek() {
            Some(b'{' | b'[') if depth == JSON_DEPTH => return Err(JsonCause::Depth),
            Some(b'{') => self.object(depth + 1)?,
            Some(b'[') => self.array(depth + 1)?,
            Some(b'"') => Json::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
            _ => self.word()?,
        };
        self.skip_space();
        Ok(value)
    }

    fn word(&mut self) -> Result<Json, JsonCause> {
        let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        for (word, value) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.unexpected("a value")
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonCause> {
        self.at += 1;
        let mut values = Vec::new();
        self.skip_space();
        if self.skip(b']') {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value(depth)?);
            if self.skip(b']') {
                return Ok(Json::Array(values));
            }
            if !self.skip(b',') {
                return self.unexpected("`,` or `]`");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonCause> {
        self.at += 1;
        let (mut members, mut positions) = (Vec::new(), Vec::new());
        self.skip_space();
        if self.skip(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            positions.push(self.at);
            if self.peek() != Some(b'"') {
                return self.unexpected("a name in quotes");
            }
            let name = self.string()?;
            self.skip_space();
            if !self.skip(b':') {
                return self.unexpected("`:`");
            }
            members.push((name, self.value(depth)?));
            if self.skip(b'}') {
                break;
            }
            if !self.skip(b',') {
                return self.unexpected("`,` or `}`");
            }
        }
        if let Some(again) = first_duplicate(&members) {
            self.at = positions[again];
            return Err(JsonCause::Duplicate(members.swap_remove(again).0));
        }
        Ok(Json::Object(members))
    }

    fn string(&mut self) -> Result<String, JsonCause> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let start = self.at;
            self.skip_while(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            string.push_str(&self.text[start..self.at]);
            match self.peek() {
                None => return self.unexpected("the quote at the end of a string"),
                Some(b'"') => break,
                Some(b'\\') => string.push(self.escape()?),
                Some(control) => return Err(JsonCause::Control(char::from(control))),
            }
        }
        self.at += 1;
        Ok(string)
    }

    fn escape(&mut self) -> Result<char, JsonCause> {
        let start = self.at;
        self.at += 1;
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.numbered(start),
            _ => return self.unexpected("one of `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u`"),
        };
        self.at += 1;
        Ok(c)
    }

    /// The character of `\uXXXX`, or of two of them; the first starts at `start`.
    fn numbered(&mut self, start: usize) -> Result<char, JsonCause> {
        let mut numbers = [0; 2];
        numbers[0] = self.four_digits()?;
        if (0xD800..0xDC00).contains(&numbers[0]) && self.rest().starts_with("\\u") {
            self.at += 1;
            numbers[1] = self.four_digits()?;
        }
        let length = if numbers[1] == 0 { 1 } else { 2 };
        match char::decode_utf16(numbers[..length].iter().copied()).next() {
            Some(Ok(c)) => Ok(c),
            _ => {
                self.at = start;
                Err(JsonCause::Surrogate(numbers[0]))
            }
        }
    }

    /// The number of `uXXXX`.
    fn four_digits(&mut self) -> Result<u16, JsonCause> {
        let mut number = 0;
        for _ in 0..4 {
            self.at += 1;
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.unexpected("a hexadecimal digit");
            };
            number = number << 4 | digit as u16;
        }
        self.at += 1;
        Ok(number)
    }

    fn number(&mut self) -> Result<Number, JsonCause> {
        let start = self.at;
        self.skip(b'-');
        if self.skip(b'0') {
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.unexpected("no digit after a leading 0");
            }
        } else {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(Number(self.text[start..self.at].to_string()))
    }

    fn digits(&mut self) -> Result<(), JsonCause> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.at == start { self.unexpected("a digit") } else { Ok(()) }
    }
}

/// The index of the first member whose name an earlier one has. Sorting keeps the time n·log n for n members.
fn first_duplicate(members: &[(String, Json)]) -> Option<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&i| (&members[i].0, i));
    let same = order.windows(2).filter(|pair| members[pair[0]].0 == members[pair[1]].0);
    same.map(|pair| pair[1]).min()
}

/// A text as a JSON string, between quotes.
///
/// ```
/// use ossicle::bytes::json::quoted;
///
/// assert_eq!(quoted("a\t\"b\"\u{2028}").to_string(), r#""a\t\"b\"\u2028""#);
/// ```
pub fn quoted(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// See [`quoted`].
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if is_active(c) => {
                    for half in c.encode_utf16(&mut [0; 2]) {
                        write!(f, "\\u{half:04x}")?;
                    }
                }
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(is_true) => write!(f, "{is_true}"),
            Json::Number(Number(text)) => f.write_str(text),
            Json::String(text) => quoted(text).fmt(f),
            Json::Array(values) => {
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "[" } else { "," })?;
                }
                f.write_str(if values.is_empty() { "[]" } else { "]" })
            }
            Json::Object(members) => {
                for (i, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", if i == 0 { "{" } else { "," }, quoted(name))?;
                }
                f.write_str(if members.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

/// The shortest decimal that reads as the same number; null if it is not finite.
impl From<f64> for Json {
    fn from(x: f64) -> Json {
        if x.is_finite() { Json::Number(Number(Short(x).to_string())) } else { Json::Null }
    }
}

impl From<u64> for Json {
    fn from(n: u64) -> Json {
        Json::Number(Number(n.to_string()))
    }
}

impl From<i64> for Json {
    fn from(n: i64) -> Json {
        Json::Number(Number(n.to_string()))
    }
}

impl From<usize> for Json {
    fn from(n: usize) -> Json {
        Json::Number(Number(n.to_string()))
    }
}

impl From<bool> for Json {
    fn from(is_true: bool) -> Json {
        Json::Bool(is_true)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.to_string())
    }
}

/// An array.
impl FromIterator<Json> for Json {
    fn from_iter<I: IntoIterator<Item = Json>>(values: I) -> Json {
        Json::Array(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;

    fn error(text: &str) -> String {
        Json::parse(text.as_bytes()).unwrap_err().to_string()
    }

    const DOCUMENT: &str = "{\"rate\": 44100, \"labels\": [\"a\", \"caf\\u00e9 \\ud83c\\udfb5\"],\r\n\t\
                            \"empty\": [{}, [ ]],\
                            \"mean\": -1.5e-3, \"done\": true, \"next\": null, \"\": false}";

    #[test]
    fn a_document_is_read_and_written() {
        let json = Json::parse(DOCUMENT.as_bytes()).unwrap();
        let expected = Json::Object(vec![
            ("rate".into(), Json::from(44_100_u64)),
            ("labels".into(), [Json::from("a"), Json::from("caf\u{e9} \u{1f3b5}")].into_iter().collect()),
            ("empty".into(), Json::Array(vec![Json::Object(vec![]), Json::Array(vec![])])),
            ("mean".into(), Json::Number(Number("-1.5e-3".into()))),
            ("done".into(), Json::from(true)),
            ("next".into(), Json::Null),
            ("".into(), Json::from(false)),
        ]);
        assert_eq!(json, expected);
        let text = "{\"rate\":44100,\"labels\":[\"a\",\"café 🎵\"],\"empty\":[{},[]],\"mean\":-1.5e-3,\
                    \"done\":true,\"next\":null,\"\":false}";
        assert_eq!(json.to_string(), text);
        assert_eq!(Json::parse(text.as_bytes()), Ok(json.clone()));
        assert_eq!(json.get("rate").and_then(Json::as_u64), Some(44_100));
        assert_eq!(json.get("done").and_then(Json::as_bool), Some(true));
        assert_eq!((json.get("Rate"), json.get("rate").and_then(|rate| rate.get("x"))), (None, None));
    }

    #[test]
    fn a_value_of_every_kind_is_a_document() {
        for text in ["null", "true", "false", "0", "\"\"", "[]", "{}"] {
            assert_eq!(Json::parse(format!(" \n{text}\t\r").as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn numbers_keep_their_text_and_are_rounded_once() {
        let parse = |text: &str| Json::parse(text.as_bytes()).unwrap();
        for (text, float, integer) in [
            ("0", Some(0.0), Some(0)),
            ("-0", Some(-0.0), None),
            ("9007199254740993", Some(9_007_199_254_740_992.0), Some(9_007_199_254_740_993)),
            ("18446744073709551615", Some(18_446_744_073_709_551_615.0), Some(u64::MAX)),
            ("18446744073709551616", Some(18_446_744_073_709_551_616.0), None),
            ("1.0", Some(1.0), None),
            ("1E+2", Some(100.0), None),
            ("5e-324", Some(5e-324), None),
            ("1e-999", Some(0.0), None),
            ("1e999", None, None),
            ("-1e999", None, None),
        ] {
            let number = parse(text);
            assert_eq!(number.to_string(), text);
            assert_eq!(number.as_f64().map(f64::to_bits), float.map(f64::to_bits), "{text}");
            assert_eq!(number.as_u64(), integer, "{text}");
        }
        for x in [0.0, -0.0, 1.5, 1e7, 1e300, -2.5e-300, f64::MIN_POSITIVE, f64::MAX] {
            let text = Json::from(x).to_string();
            assert_eq!(parse(&text).as_f64().map(f64::to_bits), Some(x.to_bits()), "{text}");
        }
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Json::from), [Json::Null, Json::Null, Json::Null]);
        assert_eq!(Json::from(i64::MIN).to_string(), "-9223372036854775808");
    }

    #[test]
    fn wrong_numbers_are_errors_at_the_wrong_character() {
        for (text, expected) in [
            ("01", "line 1, column 2: no digit after a leading 0 was expected, but `1` was found"),
            ("-", "line 1, column 2: a digit was expected, but the text ends"),
            ("[1.]", "line 1, column 4: a digit was expected, but `]` was found"),
            ("1e+", "line 1, column 4: a digit was expected, but the text ends"),
            (".5", "line 1, column 1: a value was expected, but `.` was found"),
            ("+1", "line 1, column 1: a value was expected, but `+` was found"),
            ("0x10", "line 1, column 2: the end of the text was expected, but `x` was found"),
            ("NaN", "line 1, column 1: a value was expected, but `N` was found"),
            ("-Infinity", "line 1, column 2: a digit was expected, but `I` was found"),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn wrong_structure_is_an_error_with_line_and_column() {
        for (text, expected) in [
            ("", "line 1, column 1: a value was expected, but the text ends"),
            ("[1 2]", "line 1, column 4: `,` or `]` was expected, but `2` was found"),
            ("[1,\n\n  ]", "line 3, column 3: a value was expected, but `]` was found"),
            ("{\"a\" 1}", "line 1, column 6: `:` was expected, but `1` was found"),
            ("{a: 1}", "line 1, column 2: a name in quotes was expected, but `a` was found"),
            ("{\"a\": 1,}", "line 1, column 9: a name in quotes was expected, but `}` was found"),
            ("{\"é\": 1 \"b\": 2}", "line 1, column 9: `,` or `}` was expected, but `\"` was found"),
            ("[] []", "line 1, column 4: the end of the text was expected, but `[` was found"),
            ("nul", "line 1, column 1: a value was expected, but `n` was found"),
            ("\u{1b}", "line 1, column 1: a value was expected, but `\\u{1b}` was found"),
            ("\u{feff}[]", "line 1, column 1: the text begins with a byte-order mark, which JSON does not have"),
        ] {
            assert_eq!(error(text), expected);
        }
        let error = Json::parse(b"[\n\"a\xff\"]").unwrap_err();
        assert_eq!(error, JsonError { line: 2, column: 3, cause: JsonCause::NotUtf8 });
    }

    #[test]
    fn strings_are_unescaped() {
        let text = r#""\"\\\/\b\f\n\r\t\u0000\u00E9\u2028\ud83C\udfB5/é🎵""#;
        let expected = "\"\\/\u{8}\u{c}\n\r\t\0é\u{2028}🎵/é🎵";
        assert_eq!(Json::parse(text.as_bytes()), Ok(Json::from(expected)));
        for (text, expected) in [
            ("\"a", "line 1, column 3: the quote at the end of a string was expected, but the text ends"),
            (
                "\"\\x\"",
                "line 1, column 3: \
                 one of `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u` was expected, but `x` was found",
            ),
            ("\"\\u00g0\"", "line 1, column 6: a hexadecimal digit was expected, but `g` was found"),
            ("\"\\u+123\"", "line 1, column 4: a hexadecimal digit was expected, but `+` was found"),
            ("\"a\tb\"", "line 1, column 3: U+0009 stands in a string; control characters must be escaped"),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_is_an_error() {
        for text in
            ["\"\\ud83c\"", "\"\\udfb5\"", "\"\\ud83cx\"", "\"\\ud83c\\n\"", "\"\\ud83c\\u0041\"", "\"\\ud83c\\ud83c\""]
        {
            let half = if text.starts_with("\"\\udf") { 0xdfb5 } else { 0xd83c };
            let error = Json::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error, JsonError { line: 1, column: 2, cause: JsonCause::Surrogate(half) }, "{text}");
        }
    }

    #[test]
    fn a_pair_follows_from_its_formulas() {
        for c in ['\u{10000}', '\u{1f3b5}', '\u{10ffff}'] {
            let above = u32::from(c) - 0x10000;
            let (h, l) = (0xD800 + above / 0x400, 0xDC00 + above % 0x400);
            assert_eq!(Json::parse(format!("\"\\u{h:x}\\u{l:x}\"").as_bytes()), Ok(Json::String(c.into())));
        }
    }

    #[test]
    fn what_is_written_is_plain_and_reads_as_the_same() {
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        let text = quoted(&all).to_string();
        assert_eq!(Json::parse(text.as_bytes()), Ok(Json::String(all)));
        // Shown as it is: nothing in it acts on a terminal or on the text around it.
        assert!(shown(&text).to_string() == text);
        assert_eq!(
            quoted("\u{202e}\u{1b}\u{7f}\u{85}\u{e0041}").to_string(),
            r#""\u202e\u001b\u007f\u0085\udb40\udc41""#
        );
    }

    #[test]
    fn a_name_twice_is_an_error_at_its_second_place() {
        let expected = "line 2, column 2: a second member has the name \"a\"";
        assert_eq!(error("{\"b\": 1, \"a\": {\"a\": 1},\n \"\\u0061\": 2, \"b\": 3}"), expected);
    }

    #[test]
    fn the_depth_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(Json::parse(nested(JSON_DEPTH).as_bytes()).unwrap().to_string(), nested(JSON_DEPTH));
        let cause = JsonCause::Depth;
        let error = JsonError { line: 1, column: JSON_DEPTH + 1, cause };
        assert_eq!(Json::parse(nested(JSON_DEPTH + 1).as_bytes()), Err(error.clone()));
        assert_eq!(Json::parse("[".repeat(1_000_000).as_bytes()), Err(error));
        let objects = "{\"a\":".repeat(JSON_DEPTH + 1);
        assert!(matches!(Json::parse(objects.as_bytes()), Err(JsonError { cause: JsonCause::Depth, .. })));
    }

    #[test]
    fn every_prefix_is_an_error_and_a_changed_byte_never_panics() {
        let mut bytes = DOCUMENT.as_bytes().to_vec();
        for length in 0..bytes.len() {
            assert!(Json::parse(&bytes[..length]).is_err(), "{length} bytes");
        }
        for place in 0..bytes.len() {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                if let Ok(json) = Json::parse(&bytes) {
                    assert_eq!(Json::parse(json.to_string().as_bytes()), Ok(json));
                }
                bytes[place] ^= 1 << bit;
            }
        }
    }
}
