//! Matrices as text: aligned columns for people, one line for tests, and never more than a few elements of each side.
//!
//! A matrix of examples has thousands of columns. Printed in full it would bury what surrounds it, so both forms show
//! the first and the last rows and columns, and the shape.

use super::dense::{Matrix, View};
use crate::number::Real;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Debug, Display, Formatter};

/// The number of rows, and of columns, at each end of a longer side.
const EDGE: usize = 3;

/// The same on one line.
const LINE_EDGE: usize = 2;

/// Digits after the point, unless the format has a precision.
const DIGITS: usize = 4;

/// The indices below `count`; `None` stands for those between the first and the last `edge`.
fn abridged(count: usize, edge: usize) -> impl Iterator<Item = Option<usize>> + Clone {
    let is_long = count > 2 * edge;
    let (head, tail) = if is_long { (edge, edge) } else { (count, 0) };
    (0..head).map(Some).chain(is_long.then_some(None)).chain((count - tail..count).map(Some))
}

/// Writes a shape and a few elements: `Matrix 2 x 2 [[1.0, 2.0], [3.0, 4.0]]`.
fn on_one_line<'a, T: Debug + 'a>(
    f: &mut Formatter<'_>,
    name: &str,
    [rows, columns]: [usize; 2],
    at: impl Fn(usize, usize) -> &'a T,
) -> fmt::Result {
    write!(f, "{name} {rows} x {columns} [")?;
    for (n, i) in abridged(rows, LINE_EDGE).enumerate() {
        f.write_str(if n == 0 { "" } else { ", " })?;
        let Some(i) = i else {
            f.write_str("...")?;
            continue;
        };
        f.write_str("[")?;
        for (n, j) in abridged(columns, LINE_EDGE).enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            match j {
                Some(j) => write!(f, "{:?}", at(i, j))?,
                None => f.write_str("...")?,
            }
        }
        f.write_str("]")?;
    }
    f.write_str("]")
}

impl<T: Debug> Debug for Matrix<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        on_one_line(f, "Matrix", self.shape(), |i, j| &self[[i, j]])
    }
}

impl<T: Debug> Debug for View<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        on_one_line(f, "View", self.shape(), |i, j| self.get(i, j))
    }
}

/// Numbers in as many digits as all of them need, at most `digits` after the point.
fn aligned<T: Real>(numbers: impl Iterator<Item = T> + Clone, precision: Option<usize>) -> Vec<String> {
    let digits = precision.unwrap_or(DIGITS);
    let finite = numbers.clone().filter(|x| x.is_finite());
    let largest = finite.clone().fold(T::ZERO, |largest, x| Real::max(x.abs(), largest)).to_f64();
    let has_exponent = largest >= 1e7 || largest > 0.0 && largest < 1e-3;
    let text = |x: T, digits: usize| if has_exponent { format!("{x:.digits$e}") } else { format!("{x:.digits$}") };
    let needed = |x: T| {
        let text = text(x, digits);
        let (number, _) = text.split_once('e').unwrap_or((&text, ""));
        number.split_once('.').map_or(0, |(_, decimals)| decimals.trim_end_matches('0').len())
    };
    let digits = precision.unwrap_or_else(|| finite.map(needed).max().unwrap_or(0));
    let texts: Vec<String> = numbers.map(|x| text(x, digits)).collect();
    let width = texts.iter().map(String::len).max().unwrap_or(0);
    texts.into_iter().map(|text| format!("{text:>width$}")).collect()
}

/// Aligned columns, as NumPy prints them. Of a side of more than six, the first and the last three are shown, and the
/// shape follows. Numbers have up to four digits after the point, or the precision of the format, as in `{:.2}`; if the
/// largest one shown is below 10⁻³ or not below 10⁷, all have an exponent.
impl<T: Real> Display for Matrix<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [rows, columns] = self.shape();
        if rows == 0 || columns == 0 {
            return write!(f, "[] ({rows} x {columns})");
        }
        let (is, js) = (abridged(rows, EDGE), abridged(columns, EDGE));
        let shown = is.clone().flatten().flat_map(|i| js.clone().flatten().map(move |j| self[[i, j]]));
        let mut texts = aligned(shown, f.precision()).into_iter();
        for (n, i) in is.enumerate() {
            f.write_str(if n == 0 { "[" } else { "\n " })?;
            if i.is_none() {
                f.write_str("...")?;
                continue;
            }
            for (n, j) in js.clone().enumerate() {
                f.write_str(if n == 0 { "[" } else { " " })?;
                f.write_str(&j.and_then(|_| texts.next()).unwrap_or("...".into()))?;
            }
            f.write_str("]")?;
        }
        f.write_str("]")?;
        if rows > 2 * EDGE || columns > 2 * EDGE { write!(f, "\n({rows} x {columns})") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn columns_are_aligned_in_the_digits_that_they_need() {
        let m = Matrix::from([[1.0, -2.5, f64::NAN], [10.0, 1.0 / 3.0, 0.0]]);
        assert_eq!(m.to_string(), "[[ 1.0000 -2.5000     NaN]\n [10.0000  0.3333  0.0000]]");
        assert_eq!(format!("{m:.1}"), "[[ 1.0 -2.5  NaN]\n [10.0  0.3  0.0]]");
        assert_eq!(Matrix::from([[1.0_f32, 2.0], [30.0, -4.0]]).to_string(), "[[ 1  2]\n [30 -4]]");
        assert_eq!(Matrix::from([[0.0], [f64::INFINITY]]).to_string(), "[[  0]\n [inf]]");
    }

    #[test]
    fn very_large_and_very_small_numbers_have_exponents() {
        assert_eq!(Matrix::from([[2.5e7, 1.0]]).to_string(), "[[2.5e7 1.0e0]]");
        assert_eq!(Matrix::from([[-1e-300, 0.0]]).to_string(), "[[-1e-300     0e0]]");
        assert_eq!(Matrix::from([[1e308, 1e-308]]).to_string(), "[[ 1e308 1e-308]]");
    }

    #[test]
    fn of_a_long_side_the_ends_are_shown_with_the_shape() {
        let m = Matrix::from_function(1000, 7, |i, j| (10 * i + j) as f64);
        let first = "[[   0    1    2 ...    4    5    6]\n [  10   11   12 ...   14   15   16]\n";
        let last = " [9990 9991 9992 ... 9994 9995 9996]]\n(1000 x 7)";
        let text = m.to_string();
        assert!(text.starts_with(first) && text.ends_with(last) && text.lines().nth(3) == Some(" ..."), "{text}");
        assert_eq!(text.lines().count(), 8);
        assert_eq!(
            format!("{m:?}"),
            "Matrix 1000 x 7 [[0.0, 1.0, ..., 5.0, 6.0], [10.0, 11.0, ..., 15.0, 16.0], ..., \
             [9980.0, 9981.0, ..., 9985.0, 9986.0], [9990.0, 9991.0, ..., 9995.0, 9996.0]]"
        );
        assert_eq!(
            format!("{:?}", m.view().part_rows(1, 2).part_columns(0, 1).transposed()),
            "View 1 x 2 [[10.0, 20.0]]"
        );
    }

    #[test]
    fn a_matrix_without_elements_has_a_shape() {
        for (rows, columns) in [(0, 0), (3, 0), (0, usize::MAX), (usize::MAX, 0)] {
            let m = Matrix::<f64>::zeros(rows, columns);
            assert_eq!(m.to_string(), format!("[] ({rows} x {columns})"));
            assert!(format!("{m:?} {:?}", m.view()).len() < 150);
        }
    }
}
