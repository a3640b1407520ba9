//! Tables of rows to learn from: arrays and text of other programs as labeled examples.
//!
//! Why: a model does not know where its examples come from. Rows of numbers from any program can train it, if the
//! reader is strict about what it cannot know. A NaN, a label too many or a column of texts would not stop the
//! training; it would end in a model of something else. So each is refused, with its row.
//!
//! | part | form |
//! | --- | --- |
//! | rows | `.npy` of rank 2, rows x values, of any numbers; or CSV, with all columns but the labels' numbers |
//! | labels | `.npy` of rank 1, of integers, true and false, or texts; or CSV of one column; one for each row |
//! | recordings | CSV with the columns `first row` and `rows`, as [`feature_table`](super::feature_table) writes it |
//!
//! A file that begins as a `.npy` file does is one; all others are CSV. Classes are in the order of their bytes, or, if
//! a file of labels has whole numbers only, in numeric order. Rows of one recording stay together when the rows are
//! split: neighbors resemble each other so much that a model which has seen one has almost seen the other. Rows and
//! values count from 0, as in NumPy; lines and columns of CSV from 1.

use crate::bytes::escape::shown;
use crate::bytes::limits::{Exceeded, LABELS};
use crate::matrix::Matrix;
use crate::number::Real;
use crate::number::decimal::Count;
use crate::storage::array::{Array, ArrayError, Elements, Scalar};
use crate::storage::csv::{Cell, CsvError, LabelColumn, Settings, Table};
use crate::storage::npy::{self, NpyError};
use core::fmt;
use core::ops::Range;
use std::borrow::ToOwned;
use std::string::{String, ToString};
use std::vec::Vec;

/// Rows, and perhaps labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowTable<T> {
    /// Values x rows: a row of the table is an example, which is a column here.
    pub examples: Matrix<T>,
    /// The labels.
    pub labels: Option<RowLabels>,
}

/// The label of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowLabels {
    /// The index of each row's class.
    pub rows: Vec<usize>,
    /// The classes, in their order.
    pub classes: Vec<String>,
}

/// What is wrong with rows, labels or recordings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RowError {
    /// The bytes are not a .npy file that is read.
    Npy(NpyError),
    /// The text is not a table that is read.
    Csv(CsvError),
    /// The array has another rank or type.
    Array(ArrayError),
    /// The table has no row, or its rows have no values.
    Empty {
        /// Its rows.
        rows: usize,
        /// The values of a row.
        values: usize,
    },
    /// A value is not finite.
    NotFinite {
        /// Its row.
        row: usize,
        /// Its number in the row.
        value: usize,
        /// The value.
        found: f64,
    },
    /// An array has no columns with names.
    NoColumns,
    /// There are more or fewer labels than rows.
    LabelCount {
        /// The rows.
        expected: usize,
        /// The labels.
        found: usize,
    },
    /// A label is empty.
    EmptyLabel {
        /// Its row.
        row: usize,
    },
    /// Labels are floats.
    FloatLabels(&'static str),
    /// A table of labels has several columns.
    LabelColumns {
        /// How many.
        found: usize,
    },
    /// There are too many classes.
    Limit(Exceeded),
    /// The table of recordings lacks a column.
    Missing {
        /// The column's name.
        column: &'static str,
    },
    /// A recording does not begin where the one before it ends, or its rows are no number.
    Recording {
        /// Its number, from 0.
        number: usize,
        /// Where the one before it ends.
        expected: usize,
    },
    /// The recordings have more or fewer rows than there are.
    RecordingRows {
        /// The rows.
        expected: usize,
        /// Those of the recordings.
        found: usize,
    },
    /// Rows of one recording have different labels.
    Labels {
        /// The recording's number, from 0.
        number: usize,
    },
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RowError::Npy(error) => error.fmt(f),
            RowError::Csv(error) => error.fmt(f),
            RowError::Array(error) => error.fmt(f),
            RowError::Empty { rows: 0, .. } => write!(f, "the table has no rows"),
            RowError::Empty { rows, values } => {
                write!(f, "the table has {} of {}", Count(*rows, "row"), Count(*values, "value"))
            }
            RowError::NotFinite { row, value, found } => {
                write!(f, "row {row}, value {value}, counted from 0, is {found}; a finite number was expected")
            }
            RowError::NoColumns => write!(f, "a .npy array has no named columns; give its labels as a file"),
            RowError::LabelCount { expected, found } => {
                write!(f, "{} for {}; one for each row was expected", Count(*found, "label"), Count(*expected, "row"))
            }
            RowError::EmptyLabel { row } => write!(f, "the label of row {row}, counted from 0, is empty"),
            RowError::FloatLabels(found) => {
                write!(f, "the labels are of type {found}, but whole numbers or texts were expected")
            }
            RowError::LabelColumns { found } => {
                write!(f, "the table has {found} columns, but one column of labels was expected")
            }
            RowError::Limit(error) => error.fmt(f),
            RowError::Missing { column } => write!(f, "there is no column '{column}'"),
            RowError::Recording { number, expected } => {
                write!(f, "recording {number}, counted from 0, does not have rows from row {expected} on")
            }
            RowError::RecordingRows { expected, found } => {
                write!(f, "the recordings have {}, but the table has {expected}", Count(*found, "row"))
            }
            RowError::Labels { number } => {
                write!(f, "rows of recording {number}, counted from 0, differ in their label")
            }
        }
    }
}

impl core::error::Error for RowError {}

impl<T: Real + Scalar> RowTable<T> {
    /// The rows of a file, and the labels of one of its columns, which may be called `last`.
    ///
    /// # Errors
    /// See [`RowError`].
    pub fn read(bytes: &[u8], label_column: Option<&str>) -> Result<Self, RowError> {
        let (examples, labels) = match (table(bytes)?, label_column) {
            (Contents::Array(_), Some(_)) => return Err(RowError::NoColumns),
            (Contents::Array(array), None) => {
                let rows: Matrix<T> = array.to_matrix().map_err(RowError::Array)?;
                check_finite(&rows)?;
                (rows.transpose(), None)
            }
            (Contents::Table(table), None) => {
                let all: Vec<usize> = (0..table.columns()).collect();
                (table.numbers(&all).map_err(RowError::Csv)?, None)
            }
            (Contents::Table(table), Some(name)) => {
                let is_named = (0..table.columns()).any(|j| table.name(j) == Some(name));
                let column = if name == "last" && !is_named { LabelColumn::Last } else { LabelColumn::Named(name) };
                let examples = table.examples(column).map_err(RowError::Csv)?;
                (examples.inputs, Some(RowLabels { rows: examples.labels, classes: examples.classes }))
            }
        };
        let (values, rows) = (examples.rows(), examples.columns());
        if rows == 0 || values == 0 {
            return Err(RowError::Empty { rows, values });
        }
        Ok(RowTable { examples, labels })
    }
}

enum Contents {
    Array(Array),
    Table(Table),
}

fn table(bytes: &[u8]) -> Result<Contents, RowError> {
    match bytes.starts_with(npy::MAGIC) {
        true => npy::decode(bytes).map(Contents::Array).map_err(RowError::Npy),
        false => Table::parse(bytes, &Settings::default()).map(Contents::Table).map_err(RowError::Csv),
    }
}

fn check_finite<T: Real>(rows: &Matrix<T>) -> Result<(), RowError> {
    match rows.elements().iter().position(|x| !x.is_finite()) {
        Some(at) => {
            let (row, value) = (at / rows.columns(), at % rows.columns());
            Err(RowError::NotFinite { row, value, found: rows.elements()[at].to_f64() })
        }
        None => Ok(()),
    }
}

impl RowLabels {
    /// The labels in a file, one for each of this number of rows.
    ///
    /// # Errors
    /// See [`RowError`].
    pub fn read(bytes: &[u8], rows: usize) -> Result<Self, RowError> {
        let texts = match table(bytes)? {
            Contents::Array(array) => {
                if array.shape().len() != 1 {
                    return Err(RowError::Array(ArrayError::Rank { expected: 1, found: array.shape().len() }));
                }
                of_elements(array.elements())?
            }
            Contents::Table(table) if table.columns() != 1 => {
                return Err(RowError::LabelColumns { found: table.columns() });
            }
            Contents::Table(table) => (0..table.rows()).map(|i| table.text(i, 0).to_owned()).collect(),
        };
        if texts.len() != rows {
            return Err(RowError::LabelCount { expected: rows, found: texts.len() });
        }
        let number = |text: &str| text.parse::<i128>().ok();
        let are_numbers = texts.iter().all(|text| number(text).is_some());
        let key = |text: &str| if are_numbers { number(text) } else { None };
        let order = |a: &String, b: &str| key(a).cmp(&key(b)).then_with(|| a.as_str().cmp(b));
        let mut classes: Vec<String> = Vec::new();
        for (row, text) in texts.iter().enumerate() {
            if text.is_empty() {
                return Err(RowError::EmptyLabel { row });
            }
            if let Err(at) = classes.binary_search_by(|class| order(class, text)) {
                classes.insert(at, text.clone());
                LABELS.check(classes.len() as u64).map_err(RowError::Limit)?;
            }
        }
        let class = |text: &String| classes.partition_point(|class| order(class, text).is_lt());
        Ok(RowLabels { rows: texts.iter().map(class).collect(), classes })
    }

    /// The label of each recording, given as its rows.
    ///
    /// # Errors
    /// If rows of a recording have different labels.
    ///
    /// # Panics
    /// If a recording has no rows, or others than there are.
    pub fn of_recordings(&self, recordings: &[Range<usize>]) -> Result<Vec<usize>, RowError> {
        let label = |(number, range): (usize, &Range<usize>)| {
            let rows = &self.rows[range.clone()];
            if rows.iter().all(|label| *label == rows[0]) { Ok(rows[0]) } else { Err(RowError::Labels { number }) }
        };
        recordings.iter().enumerate().map(label).collect()
    }
}

/// Labels as texts.
fn of_elements(elements: &Elements) -> Result<Vec<String>, RowError> {
    fn texts<T: ToString>(labels: &[T]) -> Vec<String> {
        labels.iter().map(T::to_string).collect()
    }
    Ok(match elements {
        Elements::Text(labels) => labels.clone(),
        Elements::Bool(labels) => texts(labels),
        Elements::I8(labels) => texts(labels),
        Elements::I16(labels) => texts(labels),
        Elements::I32(labels) => texts(labels),
        Elements::I64(labels) => texts(labels),
        Elements::U8(labels) => texts(labels),
        Elements::U16(labels) => texts(labels),
        Elements::U32(labels) => texts(labels),
        Elements::U64(labels) => texts(labels),
        Elements::F32(_) | Elements::F64(_) => return Err(RowError::FloatLabels(elements.name())),
    })
}

/// The rows of each recording, from a table of recordings; together they are all of this number of rows, in order.
///
/// # Errors
/// See [`RowError`].
pub(crate) fn read_recordings(bytes: &[u8], rows: usize) -> Result<Vec<Range<usize>>, RowError> {
    let table = Table::parse(bytes, &Settings::default()).map_err(RowError::Csv)?;
    let column = |name: &'static str| {
        let found = (0..table.columns()).find(|&j| table.name(j) == Some(name));
        found.ok_or(RowError::Missing { column: name })
    };
    let (first, count) = (column("first row")?, column("rows")?);
    let (mut recordings, mut next) = (Vec::new(), 0_usize);
    for number in 0..table.rows() {
        let whole = |j: usize| match table.cell(number, j) {
            Cell::Number(x) if (0.0..=9e15).contains(&x) && x as u64 as f64 == x => usize::try_from(x as u64).ok(),
            _ => None,
        };
        let wrong = RowError::Recording { number, expected: next };
        let end = match (whole(first), whole(count)) {
            (Some(first), Some(count)) if first == next && count > 0 => next.checked_add(count).ok_or(wrong)?,
            _ => return Err(wrong),
        };
        recordings.push(next..end);
        next = end;
    }
    if next == rows { Ok(recordings) } else { Err(RowError::RecordingRows { expected: rows, found: next }) }
}

/// Classes as one line.
pub(crate) fn shown_classes(classes: &[String]) -> String {
    const MOST: usize = 10;
    let mut names: Vec<String> = classes.iter().take(MOST).map(|class| shown(class).to_string()).collect();
    if classes.len() > MOST {
        names.push(std::format!("... ({} in all)", classes.len()));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<RowTable<f64>, RowError> {
        RowTable::read(bytes, None)
    }

    fn npy(shape: &[usize], elements: Elements) -> Vec<u8> {
        npy::encode(&Array::new(shape, elements))
    }

    #[test]
    fn rows_become_columns() {
        let expected = Matrix::from_rows(2, 3, Vec::from([1.0, 3.0, 5.0, 2.0, 4.0, 6.0]));
        let ints = Elements::I16((1..7).collect());
        assert_eq!(read(&npy(&[3, 2], ints)).unwrap().examples, expected);
        assert_eq!(read(b"a,b\n1,2\n3,4\n5,6\n").unwrap(), RowTable { examples: expected.clone(), labels: None });
        for (text, column) in [("x,1,2\ny,3,4\nx,5,6", None), ("1;2;x\n3;4;y\n5;6;x", Some("last"))] {
            let table = RowTable::<f64>::read(text.as_bytes(), column);
            match column {
                None => assert!(matches!(table, Err(RowError::Csv(_)))),
                Some(_) => {
                    let labels = RowLabels { rows: Vec::from([0, 1, 0]), classes: Vec::from(["x".into(), "y".into()]) };
                    assert_eq!(table.unwrap(), RowTable { examples: expected.clone(), labels: Some(labels) });
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_learned_from_is_refused() {
        let error = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert_eq!(
            error(&npy(&[2, 2], Elements::F32(Vec::from([0.0, 1.0, f32::NAN, 2.0])))),
            "row 1, value 0, counted from 0, is NaN; a finite number was expected"
        );
        assert_eq!(
            error(&npy(&[3], Elements::U8(Vec::from([1, 2, 3])))),
            "the array has the rank 1, but 2 was expected"
        );
        assert_eq!(error(&npy(&[0, 4], Elements::U8(Vec::new()))), "the table has no rows");
        assert_eq!(error(&npy(&[4, 0], Elements::U8(Vec::new()))), "the table has 4 rows of 0 values");
        let texts = npy::encode(&Array::new(&[1, 1], Elements::Text(Vec::from(["a".into()]))));
        assert_eq!(error(&texts), "the elements are of type text, but a number was expected");
        let object =
            String::from_utf8_lossy(&npy(&[8], Elements::U8(Vec::from([0; 8])))[10..128]).replace("|u1", "|O ");
        let mut file = npy(&[8], Elements::U8(Vec::from([0; 8])));
        file[10..128].copy_from_slice(object.replace("'|O '", "'|O',").replace(",,", ", ").as_bytes());
        assert!(error(&file).contains("elements of type '|O' are not read"), "{}", error(&file));
        assert!(error(b"").contains("line 1, column 1"), "{}", error(b""));
        assert!(error(b"1,nan\n").contains("nan"), "{}", error(b"1,nan\n"));
        let f32s = RowTable::<f32>::read(&npy(&[1, 1], Elements::F64(Vec::from([1e300]))), None);
        assert!(matches!(f32s, Err(RowError::NotFinite { .. })));
        let named = RowTable::<f32>::read(&npy(&[1, 1], Elements::U8(Vec::from([1]))), Some("label"));
        assert_eq!(named, Err(RowError::NoColumns));
    }

    #[test]
    fn labels_are_whole_numbers_or_texts() {
        let read = |elements: Elements| RowLabels::read(&npy(&[elements.len()], elements), 3);
        let labels = read(Elements::I64(Vec::from([10, -2, 10]))).unwrap();
        assert_eq!((labels.rows, labels.classes), (Vec::from([1, 0, 1]), Vec::from(["-2".into(), "10".into()])));
        let labels = RowLabels::read(b"10\nb\n2\n", 3).unwrap();
        assert_eq!(labels.classes, ["10", "2", "b"]);
        let error = |elements: Elements| read(elements).unwrap_err().to_string();
        assert_eq!(error(Elements::U8(Vec::from([1, 2]))), "2 labels for 3 rows; one for each row was expected");
        assert!(error(Elements::F64(Vec::from([1.0; 3]))).contains("whole numbers or texts were expected"));
        assert!(error(Elements::Text(Vec::from(["a".into(), "".into(), "b".into()]))).contains("row 1"));
        let many = Elements::U16((0..2000).collect());
        assert!(matches!(RowLabels::read(&npy(&[2000], many), 2000), Err(RowError::Limit(_))));
        assert_eq!(RowLabels::read(b"a,b\nc,d\n", 2), Err(RowError::LabelColumns { found: 2 }));
        let matrix = npy(&[1, 3], Elements::U8(Vec::from([1, 2, 3])));
        assert!(matches!(RowLabels::read(&matrix, 3), Err(RowError::Array(ArrayError::Rank { .. }))));
    }

    #[test]
    fn recordings_are_all_rows_in_order() {
        let read = |text: &str| read_recordings(text.as_bytes(), 5);
        let recordings = read("file,first row,rows,label\na,0,2,x\nb,2,3,y\n").unwrap();
        assert_eq!(recordings, [0..2, 2..5]);
        for wrong in ["0,2\n3,2", "0,2\n2,-3", "0,2\n2,2.5", "0,0\n0,5", "0,2\n2,1e300", "0,2\n2,nan", "0,2\n2,x"] {
            let error = read(&std::format!("first row,rows\n{wrong}\n")).unwrap_err();
            assert!(matches!(error, RowError::Recording { .. }), "{wrong}: {error}");
        }
        assert_eq!(read("first row,rows\n0,4\n"), Err(RowError::RecordingRows { expected: 5, found: 4 }));
        assert_eq!(read("first,rows\n0,4\n"), Err(RowError::Missing { column: "first row" }));
        let labels = RowLabels { rows: Vec::from([1, 1, 0, 0, 0]), classes: Vec::from(["a".into(), "b".into()]) };
        assert_eq!(labels.of_recordings(&recordings), Ok(Vec::from([1, 0])));
        assert_eq!(labels.of_recordings(&[0..3, 3..5]), Err(RowError::Labels { number: 0 }));
    }
}
