//! CSV: tables as text, one line for each row.
//!
//! Why: spreadsheets, databases and people write tables this way. It is the worst of the exchange formats: the
//! text does not say which character separates the cells, which cells are numbers, and whether the first line is a
//! header. But it is the one that everybody can write. So the reader states what it assumes, and says where a file does
//! not fit.
//!
//! | part | rule |
//! | --- | --- |
//! | file | UTF-8, perhaps after a byte-order mark; rows |
//! | row | cells with separators between them, and a line end; as many cells as in the first row |
//! | line end | carriage return and line feed, or a line feed alone; the last row may lack it |
//! | separator | a comma, a semicolon or a tab, the same in the whole file |
//! | cell in quotes | `"`, any characters, `"`; a quote among them is doubled |
//! | other cell | any characters except quotes, separators, carriage returns and line feeds; spaces belong to it |
//!
//! By hand: the row `1;"a;b";"say ""ah""";` has the separator `;` and four cells: `1`, `a;b`, `say "ah"`, and an empty
//! one.
//!
//! **What is assumed**, unless [`Settings`] say otherwise:
//!
//! - *The separator* is a tab if the first row has one outside of quotes; else a semicolon if it has one; else a comma.
//!   Semicolons come before commas because many programs in Europe write numbers as `1,5` and separate them by
//!   semicolons.
//! - *The first row is a header* if none of its cells is a number, and if a cell of the second row is one.
//! - *A cell is a number* if it is a decimal, such as `-1.5e-3`, with a point and perhaps spaces around it, or one of
//!   `nan`, `inf` and `infinity` in letters of any size, with or without a sign. Quotes make no difference. `1,5` is a
//!   text.
//!
//! An empty line is an error: in a table of one column it might be an empty cell, which is written `""`.
//!
//! **Examples.** A matrix of this crate has examples as columns, and a table has them as rows. So the cell in row i and
//! column j becomes element (j, i); the column of labels is left out. Each text of that column is a class. The classes
//! are in the order of their bytes, and a label is the index of its class. `nan` and `inf` are numbers of a table, but
//! no values to learn from: they and empty cells are errors.
//!
//! ```
//! use ossicle::storage::csv::{CsvError, LabelColumn, Separator, Settings, Table};
//!
//! let text = b"kind,height,width\r\nsnare,1,2.5\r\nkick,-3,4e1\r\nsnare,5,6\r\n";
//! let table = Table::parse(text, &Settings::default())?;
//! assert_eq!((table.separator(), table.name(2)), (Separator::Comma, Some("width")));
//! let examples = table.examples::<f64>(LabelColumn::Named("kind"))?;
//! assert_eq!(examples.inputs.column(1), [-3.0, 40.0]);
//! assert_eq!((examples.classes, examples.labels), (vec!["kick".to_string(), "snare".to_string()], vec![1, 0, 1]));
//!
//! let error = table.examples::<f64>(LabelColumn::Last).unwrap_err();
//! assert_eq!(error.to_string(), "line 2, column 1: a number was expected, but \"snare\" was found");
//! # Ok::<(), CsvError>(())
//! ```
//!
//! Source: Y. Shafranovich, RFC 4180, 2005.

use crate::bytes::escape::shown;
use crate::bytes::limits::{Exceeded, LABELS};
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::decimal::{Count, Short};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The characters of a cell that an error shows.
const SHOWN: usize = 40;
/// The byte-order mark. In UTF-8 it orders nothing; some programs begin a text with it.
const MARK: char = '\u{feff}';

/// What separates cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// The character U+0009.
    Tab,
}

impl Separator {
    /// All of them; a separator in the first row stands for itself before those after it here.
    pub const ALL: [Separator; 3] = [Separator::Tab, Separator::Semicolon, Separator::Comma];

    /// The character.
    pub const fn as_char(self) -> char {
        match self {
            Separator::Comma => ',',
            Separator::Semicolon => ';',
            Separator::Tab => '\t',
        }
    }
}

/// How a text is read. The default detects everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// What separates cells; `None` to detect it.
    pub separator: Option<Separator>,
    /// Whether the first row is a header; `None` to detect it.
    pub header: Option<bool>,
}

/// The contents of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number.
    Number(f64),
    /// Anything else.
    Text(&'a str),
}

/// Rows of cells, and perhaps names of the columns. Rows and columns count from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    separator: Separator,
    columns: usize,
    has_header: bool,
    /// The cells' texts one after another, row by row, the header first.
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
    /// The line in which each row starts, from 1.
    lines: Vec<usize>,
}

/// Which column has the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelColumn<'a> {
    /// The last.
    Last,
    /// The one of this name in the header.
    Named(&'a str),
}

/// Examples with labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples<T> {
    /// An example for each column, in the order of the rows; its values are in the order of the table's columns.
    pub inputs: Matrix<T>,
    /// The index of each example's class.
    pub labels: Vec<usize>,
    /// The classes, in the order of their bytes.
    pub classes: Vec<String>,
}

/// What is wrong with a table, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// The line of the text, from 1.
    pub line: usize,
    /// The column of the table, from 1: the number of the cell in its row.
    pub column: usize,
    /// What is wrong.
    pub cause: CsvCause,
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvCause {
    /// There is no row.
    Empty,
    /// The cell has bytes that are not UTF-8.
    NotUtf8,
    /// A quote opens the cell, but none closes it.
    OpenQuote,
    /// A quote stands in a cell that does not begin with one.
    QuoteInside,
    /// This follows the quote that closes the cell.
    AfterQuote(char),
    /// A carriage return is not followed by a line feed.
    CarriageReturn,
    /// The line is empty.
    EmptyLine,
    /// The row has more or fewer cells than the first.
    Columns {
        /// The cells of the first row.
        expected: usize,
        /// The cells of this one.
        found: usize,
    },
    /// A number was expected. The start of the cell's text is given.
    NotANumber(String),
    /// The number is infinite, not a number, or beyond the largest. The start of its text is given.
    NotFinite(String),
    /// The label is empty.
    EmptyLabel,
    /// There are more classes than are accepted.
    Limit(Exceeded),
    /// The name of the label's column is in no cell of the header, or in several.
    Name {
        /// The name.
        name: String,
        /// The number of columns with this name.
        found: usize,
    },
}

impl fmt::Display for CsvCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CsvCause::Empty => write!(f, "a row was expected, but the text is empty"),
            CsvCause::NotUtf8 => write!(f, "the cell has bytes that are not UTF-8"),
            CsvCause::OpenQuote => write!(f, "a quote opens the cell, but no quote closes it"),
            CsvCause::QuoteInside => {
                write!(f, "a quote stands in a cell without quotes around it; there it must be doubled")
            }
            CsvCause::AfterQuote(found) => {
                let found = shown(found.encode_utf8(&mut [0; 4])).to_string();
                write!(f, "a separator or a line end was expected after the closing quote, but `{found}` was found")
            }
            CsvCause::CarriageReturn => write!(f, "a carriage return without a line feed ends no line"),
            CsvCause::EmptyLine => write!(f, "the line is empty"),
            CsvCause::Columns { expected, found } => {
                write!(f, "the row has {}, but the first row has {expected}", Count(*found, "cell"))
            }
            CsvCause::NotANumber(found) => write!(f, "a number was expected, but \"{}\" was found", shown(found)),
            CsvCause::NotFinite(found) => write!(f, "a finite number was expected, but \"{}\" was found", shown(found)),
            CsvCause::EmptyLabel => write!(f, "a label was expected, but the cell is empty"),
            CsvCause::Limit(error) => error.fmt(f),
            CsvCause::Name { name, found } => {
                write!(f, "one column named \"{}\" was expected, but the header has {found}", shown(name))
            }
        }
    }
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.cause)
    }
}

impl core::error::Error for CsvError {}

impl<'a> Cell<'a> {
    /// The contents of a cell with this text: a number if it is one by the rule in the head.
    pub fn of(text: &'a str) -> Self {
        text.trim_matches([' ', '\t']).parse().map_or(Cell::Text(text), Cell::Number)
    }

    fn is_number(&self) -> bool {
        matches!(self, Cell::Number(_))
    }
}

// Reading.

/// A position in a text, and the cells before it.
struct Parser<'a> {
    rest: &'a str,
    /// Whether bytes follow that are not UTF-8.
    is_cut: bool,
    separator: char,
    line: usize,
    column: usize,
    text: String,
    ends: Vec<usize>,
    lines: Vec<usize>,
}

/// What a cell ends with.
#[derive(PartialEq)]
enum End {
    Separator,
    Line,
    Text,
}

impl Table {
    /// The table of a text.
    ///
    /// # Errors
    /// If it does not follow the rules in the head.
    pub fn parse(bytes: &[u8], settings: &Settings) -> Result<Table, CsvError> {
        let (text, is_cut) = match core::str::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""), true),
        };
        let text = text.strip_prefix(MARK).unwrap_or(text);
        let separator = settings.separator.unwrap_or_else(|| detected_separator(text));
        let mut parser = Parser {
            rest: text,
            is_cut,
            separator: separator.as_char(),
            line: 1,
            column: 1,
            text: String::new(),
            ends: Vec::new(),
            lines: Vec::new(),
        };
        if text.is_empty() && !is_cut {
            return Err(parser.error(CsvCause::Empty));
        }
        let mut columns = None;
        while !parser.rest.is_empty() || parser.is_cut {
            parser.row(&mut columns)?;
        }
        let Parser { text, ends, lines, .. } = parser;
        let mut table = Table { separator, columns: columns.unwrap_or(0), has_header: false, text, ends, lines };
        table.has_header = settings.header.unwrap_or_else(|| table.detected_header());
        Ok(table)
    }

    /// Whether the first row has no number, and the second has one.
    fn detected_header(&self) -> bool {
        let has_number = |i: usize| (0..self.columns).any(|j| self.cell(i, j).is_number());
        self.lines.len() > 1 && !has_number(0) && has_number(1)
    }

    /// What separates the cells.
    pub fn separator(&self) -> Separator {
        self.separator
    }

    /// The number of rows without the header.
    pub fn rows(&self) -> usize {
        self.lines.len() - usize::from(self.has_header)
    }

    /// The number of columns, at least 1.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The name of column j; `None` if there is no header.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn name(&self, j: usize) -> Option<&str> {
        assert!(j < self.columns, "column {j} of {}", self.columns);
        self.has_header.then(|| self.stored(j))
    }

    /// The text of the cell in row i and column j, without quotes around it.
    ///
    /// # Panics
    /// If there is no such cell.
    pub fn text(&self, i: usize, j: usize) -> &str {
        assert!(i < self.rows() && j < self.columns, "cell ({i}, {j}) of {} x {}", self.rows(), self.columns);
        self.stored((i + usize::from(self.has_header)) * self.columns + j)
    }

    /// The contents of the cell in row i and column j.
    ///
    /// # Panics
    /// If there is no such cell.
    pub fn cell(&self, i: usize, j: usize) -> Cell<'_> {
        Cell::of(self.text(i, j))
    }

    /// The text of the cell with this number, those of the header first.
    fn stored(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start..self.ends[number]]
    }

    fn error(&self, i: usize, j: usize, cause: CsvCause) -> CsvError {
        CsvError { line: self.lines[i + usize::from(self.has_header)], column: j + 1, cause }
    }

    /// The chosen columns as a matrix, chosen columns x rows: a row of the table becomes a column of the matrix.
    /// Numbers are the nearest f64, and then the nearest T.
    ///
    /// # Errors
    /// If a cell is no number, or one that is not finite.
    ///
    /// # Panics
    /// If there is no such column, or no memory.
    pub fn numbers<T: Real>(&self, chosen: &[usize]) -> Result<Matrix<T>, CsvError> {
        let mut matrix = Matrix::zeros(chosen.len(), self.rows());
        for i in 0..self.rows() {
            for (k, &j) in chosen.iter().enumerate() {
                let start = || self.text(i, j).chars().take(SHOWN).collect();
                matrix.row_mut(k)[i] = match self.cell(i, j) {
                    Cell::Number(x) if x.is_finite() && T::from_f64(x).is_finite() => T::from_f64(x),
                    Cell::Number(_) => return Err(self.error(i, j, CsvCause::NotFinite(start()))),
                    Cell::Text(_) => return Err(self.error(i, j, CsvCause::NotANumber(start()))),
                };
            }
        }
        Ok(matrix)
    }

    /// The rows as examples; all columns but that of the labels must be numbers.
    ///
    /// # Errors
    /// If no column, or more than one, has the name; if a value is no finite number; if a label is empty; if there are
    /// more classes than [`LABELS`].
    ///
    /// # Panics
    /// If there is no memory for the matrix.
    pub fn examples<T: Real>(&self, labels: LabelColumn<'_>) -> Result<Examples<T>, CsvError> {
        let label_column = match labels {
            LabelColumn::Last => self.columns - 1,
            LabelColumn::Named(name) => {
                let columns: Vec<usize> = (0..self.columns).filter(|&j| self.name(j) == Some(name)).collect();
                let cause = || CsvCause::Name { name: name.to_string(), found: columns.len() };
                let [column] = columns[..] else { return Err(CsvError { line: 1, column: 1, cause: cause() }) };
                column
            }
        };
        let mut classes: Vec<&str> = Vec::new();
        let mut labels = Vec::new();
        for i in 0..self.rows() {
            let label = self.text(i, label_column);
            if label.is_empty() {
                return Err(self.error(i, label_column, CsvCause::EmptyLabel));
            }
            if let Err(at) = classes.binary_search(&label) {
                classes.insert(at, label);
                let count = LABELS.check(classes.len() as u64);
                count.map_err(|error| self.error(i, label_column, CsvCause::Limit(error)))?;
            }
            labels.push(label);
        }
        let values: Vec<usize> = (0..self.columns).filter(|&j| j != label_column).collect();
        let index = |label: &&str| classes.partition_point(|class| class < label);
        Ok(Examples {
            inputs: self.numbers(&values)?,
            labels: labels.iter().map(index).collect(),
            classes: classes.iter().map(|&class| class.to_string()).collect(),
        })
    }
}

/// The separator by the first row of a text.
fn detected_separator(text: &str) -> Separator {
    let (mut is_quoted, mut found) = (false, [false; 3]);
    for c in text.chars() {
        is_quoted ^= c == '"';
        if !is_quoted && (c == '\n' || c == '\r') {
            break;
        }
        for (separator, found) in Separator::ALL.iter().zip(&mut found) {
            *found |= !is_quoted && separator.as_char() == c;
        }
    }
    let first = found.iter().position(|&found| found);
    first.map_or(Separator::Comma, |first| Separator::ALL[first])
}

impl Parser<'_> {
    fn error(&self, cause: CsvCause) -> CsvError {
        CsvError { line: self.line, column: self.column, cause }
    }

    /// Reads a row with the given number of cells, or the first row, which sets the number.
    fn row(&mut self, columns: &mut Option<usize>) -> Result<(), CsvError> {
        let line = self.line;
        self.lines.push(line);
        self.column = 1;
        if self.rest.starts_with('\n') || self.rest.starts_with("\r\n") {
            return Err(self.error(CsvCause::EmptyLine));
        }
        while self.cell()? == End::Separator {
            self.column += 1;
        }
        let (expected, found) = (*columns.get_or_insert(self.column), self.column);
        if found != expected {
            let column = found.min(expected) + 1;
            return Err(CsvError { line, column, cause: CsvCause::Columns { expected, found } });
        }
        Ok(())
    }

    /// Reads a cell and its end.
    fn cell(&mut self) -> Result<End, CsvError> {
        if let Some(rest) = self.rest.strip_prefix('"') {
            self.rest = rest;
            self.quoted()?;
        } else {
            let separator = self.separator;
            let end = self.rest.find([separator, '"', '\r', '\n']).unwrap_or(self.rest.len());
            self.text.push_str(&self.rest[..end]);
            self.rest = &self.rest[end..];
            if self.rest.starts_with('"') {
                return Err(self.error(CsvCause::QuoteInside));
            }
        }
        self.ends.push(self.text.len());
        self.end()
    }

    /// Reads a cell after its opening quote, with the closing one.
    fn quoted(&mut self) -> Result<(), CsvError> {
        let first_line = self.line;
        loop {
            let Some((piece, rest)) = self.rest.split_once('"') else {
                let cause = if self.is_cut { CsvCause::NotUtf8 } else { CsvCause::OpenQuote };
                return Err(CsvError { line: first_line, column: self.column, cause });
            };
            self.text.push_str(piece);
            self.line += piece.matches('\n').count();
            self.rest = rest;
            let Some(rest) = rest.strip_prefix('"') else { return Ok(()) };
            self.text.push('"');
            self.rest = rest;
        }
    }

    /// Reads what a cell ends with.
    fn end(&mut self) -> Result<End, CsvError> {
        let Some(c) = self.rest.chars().next() else {
            return if self.is_cut { Err(self.error(CsvCause::NotUtf8)) } else { Ok(End::Text) };
        };
        let (length, end) = match c {
            c if c == self.separator => (1, End::Separator),
            '\n' => (1, End::Line),
            '\r' if self.rest.starts_with("\r\n") => (2, End::Line),
            '\r' => return Err(self.error(CsvCause::CarriageReturn)),
            c => return Err(self.error(CsvCause::AfterQuote(c))),
        };
        self.rest = &self.rest[length..];
        self.line += usize::from(end == End::Line);
        Ok(end)
    }
}

// Writing.

/// The text of a table; lines end with a carriage return and a line feed.
///
/// A text is put in quotes if it needs them, or if they help to detect the separator. Numbers have as many digits as
/// they need to be read as the same f64. A row without cells is left out, as are the names of a table without a header.
///
/// ```
/// use ossicle::storage::csv::{Cell, Separator, encode};
///
/// let rows = [[Cell::Text("a,b"), Cell::Text("x")], [Cell::Text(""), Cell::Number(-0.5)]];
/// assert_eq!(encode(Separator::Semicolon, rows), "\"a,b\";x\r\n;-0.5\r\n");
/// ```
pub fn encode<'a, R: IntoIterator<Item = Cell<'a>>>(separator: Separator, rows: impl IntoIterator<Item = R>) -> String {
    let mut out = String::new();
    for row in rows {
        let start = out.len();
        let mut columns = 0;
        for cell in row {
            if columns > 0 {
                out.push(separator.as_char());
            }
            columns += 1;
            match cell {
                Cell::Number(x) => out.push_str(&Short(x).to_string()),
                Cell::Text(text) if text.contains(['"', ',', ';', '\t', '\r', '\n', MARK]) => {
                    out.push('"');
                    out.push_str(&text.replace('"', "\"\""));
                    out.push('"');
                }
                Cell::Text(text) => out.push_str(text),
            }
        }
        if columns > 0 {
            // A single empty cell would be an empty line.
            out.push_str(if out.len() == start { "\"\"\r\n" } else { "\r\n" });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;

    fn parse(text: &str) -> Result<Table, CsvError> {
        Table::parse(text.as_bytes(), &Settings::default())
    }

    /// All texts, the header first.
    fn texts(table: &Table) -> Vec<Vec<&str>> {
        (0..table.lines.len())
            .map(|i| (0..table.columns).map(|j| table.stored(i * table.columns + j)).collect())
            .collect()
    }

    fn error(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_example_by_hand() {
        let table = parse("1;\"a;b\";\"say \"\"ah\"\"\";").unwrap();
        assert_eq!(texts(&table), [["1", "a;b", "say \"ah\"", ""]]);
        assert_eq!(
            (table.separator(), table.rows(), table.columns(), table.name(1)),
            (Separator::Semicolon, 1, 4, None)
        );
        assert_eq!((table.cell(0, 0), table.cell(0, 1)), (Cell::Number(1.0), Cell::Text("a;b")));
    }

    #[test]
    fn line_ends_and_marks_make_no_difference() {
        for text in
            ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\n1,2", "a,b\r\n1,2", "\u{feff}a,b\n1,2", "\"a\",\"b\"\n\"1\",\"2\""]
        {
            let table = parse(text).unwrap();
            assert_eq!(texts(&table), [["a", "b"], ["1", "2"]], "{text:?}");
            assert_eq!((table.rows(), table.name(0), table.text(0, 1)), (1, Some("a"), "2"));
        }
        // A mark elsewhere is a character.
        assert_eq!(texts(&parse("a\u{feff},b").unwrap()), [["a\u{feff}", "b"]]);
    }

    #[test]
    fn quotes_protect_everything() {
        let table = parse("\"\",\"\"\"\",\"a\r\n\nb\r\",\" é\u{1f3b5}, \"\nx, y ,z,").unwrap();
        assert_eq!(texts(&table), [vec!["", "\"", "a\r\n\nb\r", " é\u{1f3b5}, "], vec!["x", " y ", "z", ""]]);
        assert_eq!(table.lines, [1, 4]);
    }

    #[test]
    fn the_separator_is_detected_in_the_first_row_outside_of_quotes() {
        for (text, separator) in [
            ("a", Separator::Comma),
            ("a,b", Separator::Comma),
            ("1,5;2,5", Separator::Semicolon),
            ("a;b\tc,d", Separator::Tab),
            ("\"a;\tb\",c", Separator::Comma),
            ("\"a\"\"\t\n\";c\n\t", Separator::Semicolon),
            ("a\r\nb", Separator::Comma),
        ] {
            assert_eq!(detected_separator(text), separator, "{text:?}");
        }
        let settings = Settings { separator: Some(Separator::Comma), header: None };
        assert_eq!(texts(&Table::parse(b"1;5,2;5", &settings).unwrap()), [["1;5", "2;5"]]);
    }

    #[test]
    fn the_header_is_detected_or_stated() {
        for (text, header) in [
            ("a,b\n1,x\n", true),
            ("a,b\nc,d\n", false),
            ("a,1\n2,3\n", false),
            ("a,b\n", false),
            (",\n,1\n", true),
            ("nan,x\n1,2\n", false),
        ] {
            let table = parse(text).unwrap();
            assert_eq!(table.name(0).is_some(), header, "{text:?}");
            for header in [true, false] {
                let settings = Settings { header: Some(header), ..Settings::default() };
                let stated = Table::parse(text.as_bytes(), &settings).unwrap();
                assert_eq!(
                    (stated.name(0).is_some(), stated.rows()),
                    (header, table.lines.len() - usize::from(header))
                );
            }
        }
    }

    #[test]
    fn decimals_are_numbers() {
        for (text, number) in [
            ("0", 0.0),
            (" -1.5e-3\t", -1.5e-3),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1E3", 1000.0),
            ("-inf", f64::NEG_INFINITY),
            ("Infinity", f64::INFINITY),
            ("1e999", f64::INFINITY),
        ] {
            assert_eq!(Cell::of(text), Cell::Number(number), "{text}");
        }
        assert!(matches!(Cell::of("NaN"), Cell::Number(x) if x.is_nan()));
        for text in ["", " ", ".", "1,5", "1 2", "0x10", "1e", "--1", "1_000", "\u{a0}1", "\u{661}", "na", "1d3"] {
            assert_eq!(Cell::of(text), Cell::Text(text));
        }
    }

    #[test]
    fn wrong_tables_are_errors_with_line_and_column() {
        for (text, expected) in [
            ("", "line 1, column 1: a row was expected, but the text is empty"),
            ("\u{feff}", "line 1, column 1: a row was expected, but the text is empty"),
            ("\n", "line 1, column 1: the line is empty"),
            ("a,b\r\n\r\nc,d", "line 2, column 1: the line is empty"),
            ("a,b\n1,2\n\n", "line 3, column 1: the line is empty"),
            ("a,b\n1\n", "line 2, column 2: the row has 1 cell, but the first row has 2"),
            ("a,b\n1,2,3,4\n", "line 2, column 3: the row has 4 cells, but the first row has 2"),
            ("a,b\n\"x\n\ny\"", "line 2, column 2: the row has 1 cell, but the first row has 2"),
            ("a,\"b\nc\n", "line 1, column 2: a quote opens the cell, but no quote closes it"),
            (
                "a\n b\"c",
                "line 2, column 1: a quote stands in a cell without quotes around it; there it must be doubled",
            ),
            (
                "a,\"b\nc\" ",
                "line 2, column 2: a separator or a line end was expected after the closing quote, but ` ` was found",
            ),
            ("a,b\rc,d", "line 1, column 2: a carriage return without a line feed ends no line"),
            ("\"a\"\r", "line 1, column 1: a carriage return without a line feed ends no line"),
        ] {
            assert_eq!(error(text), expected, "{text:?}");
        }
        for (text, line, column) in [
            (&b"\xff\xfea\0"[..], 1, 1),
            (b"a,b\nc,\"d\xe9\"", 2, 2),
            (b"a,b\nc,caf\xe9", 2, 2),
            (b"a,b\n\xe9,c", 2, 1),
            (b"a,b\nc,\xe9", 2, 2),
        ] {
            let error = Table::parse(text, &Settings::default()).unwrap_err();
            assert_eq!(error, CsvError { line, column, cause: CsvCause::NotUtf8 }, "{text:?}");
        }
    }

    #[test]
    fn rows_become_columns_with_labels() {
        let table = parse("x\ty\tkind\n1\t2\tb\n3\t4\ta\n5\t6\tb\n").unwrap();
        let examples = table.examples::<f32>(LabelColumn::Last).unwrap();
        assert_eq!((examples.inputs.rows(), examples.inputs.columns()), (2, 3));
        assert_eq!(examples.inputs.elements(), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!((examples.labels, examples.classes), (vec![1, 0, 1], vec!["a".to_string(), "b".to_string()]));
        // Labels are texts, even if they are numbers.
        let examples = table.numbers::<f64>(&[1]).unwrap();
        assert_eq!(examples.elements(), [2.0, 4.0, 6.0]);
        let examples = parse("1,007\n2,7\n3,007\n").unwrap().examples::<f64>(LabelColumn::Last).unwrap();
        assert_eq!((examples.labels, examples.classes), (vec![0, 1, 0], vec!["007".to_string(), "7".to_string()]));
        // A header alone has no examples.
        let settings = Settings { header: Some(true), ..Settings::default() };
        let examples = Table::parse(b"a,b", &settings).unwrap().examples::<f64>(LabelColumn::Named("a")).unwrap();
        assert_eq!((examples.inputs.rows(), examples.inputs.columns(), examples.classes.len()), (1, 0, 0));
    }

    #[test]
    fn what_cannot_be_learned_from_is_an_error() {
        let error = |text: &str, labels| parse(text).unwrap().examples::<f32>(labels).unwrap_err().to_string();
        let last = LabelColumn::Last;
        for (text, labels, expected) in [
            ("1,\"x\ny\"\n,b\n", last, "line 3, column 1: a number was expected, but \"\" was found"),
            ("a,b,c\n1,2,x\n3,\"1,5\",y", last, "line 3, column 2: a number was expected, but \"1,5\" was found"),
            ("1,a\nnan,b\n", last, "line 2, column 1: a finite number was expected, but \"nan\" was found"),
            ("1e300,a\n", last, "line 1, column 1: a finite number was expected, but \"1e300\" was found"),
            ("1,a\n2,\n", last, "line 2, column 2: a label was expected, but the cell is empty"),
            (
                "1,2\n",
                LabelColumn::Named("a"),
                "line 1, column 1: one column named \"a\" was expected, but the header has 0",
            ),
            (
                "a,a\n1,2\n",
                LabelColumn::Named("a"),
                "line 1, column 1: one column named \"a\" was expected, but the header has 2",
            ),
        ] {
            assert_eq!(error(text, labels), expected, "{text:?}");
        }
        let long = format!("{},a\n", "x".repeat(1000));
        assert!(error(&long, last).len() < 120);
        let many: String = (0..1025).map(|i| format!("0,{i}\n")).collect();
        let expected = "line 1025, column 2: the number of labels is 1025; at most 1024 are accepted";
        assert_eq!(error(&many, last), expected);
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        let texts_written = ["a", "", " x ", "1,5", ";", "\t", "\"", "a\"\"b", "\r", "\n", "\u{feff}", "é🎵", "nan"];
        let numbers = [0.0, -0.0, 1.5, 1e300, -5e-324, f64::INFINITY];
        for separator in Separator::ALL {
            for first in texts_written {
                let mut rows = vec![vec![Cell::Text(first)]];
                assert_eq!(texts(&parse(&encode(separator, rows.clone())).unwrap()), [[first]]);
                rows[0].push(Cell::Text("b"));
                rows.extend(
                    texts_written
                        .iter()
                        .zip(numbers.iter().cycle())
                        .map(|(t, x)| vec![Cell::Text(t), Cell::Number(*x)]),
                );
                let table = parse(&encode(separator, rows.clone())).unwrap();
                let first_row = usize::from(table.has_header);
                assert_eq!((table.separator(), table.columns(), table.rows()), (separator, 2, rows.len() - first_row));
                for (i, row) in rows[first_row..].iter().enumerate() {
                    assert_eq!(Cell::Text(table.text(i, 0)), row[0]);
                    match (table.cell(i, 1), row[1]) {
                        (Cell::Number(found), Cell::Number(x)) => assert_eq!(found.to_bits(), x.to_bits()),
                        (found, expected) => assert_eq!(found, expected),
                    }
                }
            }
        }
        assert_eq!(encode(Separator::Comma, [[]; 2]), "");
    }

    #[test]
    fn prefixes_and_changed_bytes_never_panic() {
        let mut bytes = "x,\"k \"\"é\"\" \n\",z\r\n1,a,3\r\n-2.5,\"b\",4\r\n".as_bytes().to_vec();
        let read = |bytes: &[u8]| {
            for settings in [Settings::default(), Settings { separator: Some(Separator::Tab), header: Some(true) }] {
                let Ok(table) = Table::parse(bytes, &settings) else { continue };
                let _ = table.examples::<f32>(LabelColumn::Named("z"));
                let rows = texts(&table).into_iter().map(|row| row.into_iter().map(Cell::Text).collect::<Vec<_>>());
                let again = Table::parse(encode(table.separator(), rows).as_bytes(), &settings).unwrap();
                assert_eq!(texts(&again), texts(&table));
            }
        };
        for length in 0..bytes.len() {
            read(&bytes[..length]);
            let is_open = bytes[..length].iter().filter(|&&byte| byte == b'"').count() % 2 == 1;
            assert!(!is_open || Table::parse(&bytes[..length], &Settings::default()).is_err(), "{length} bytes");
        }
        for place in 0..bytes.len() {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                read(&bytes);
                bytes[place] ^= 1 << bit;
            }
        }
    }
}
