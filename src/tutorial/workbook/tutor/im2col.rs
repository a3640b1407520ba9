//! The matrix of patches.

use crate::matrix::Matrix;
use crate::model::convolution::{Convolution, MapShape, patches};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept, wrong_shape};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A map, and the rows and columns of a filter.
type Input = (Vec<Vec<f64>>, [usize; 2]);

/// Makes the matrix of patches of a map, for a filter of so many rows and columns.
pub type Patches = fn(&[Vec<f64>], usize, usize) -> Vec<Vec<f64>>;

/// One channel of `rows` x `columns` elements, and one filter.
fn shape(rows: usize, columns: usize, filter: [usize; 2]) -> Convolution {
    Convolution::new(MapShape { channels: 1, rows, columns }, 1, filter)
}

fn right((x, filter): &Input) -> Vec<Vec<f64>> {
    let shape = shape(x.len(), x[0].len(), *filter);
    let p = patches::by_definition(&shape, &Matrix::from_rows(1, shape.input.plane(), x.concat()));
    (0..p.rows()).map(|tap| p.row(tap).to_vec()).collect()
}

/// The rows and columns of the positions.
fn positions((x, [h, v]): &Input) -> [usize; 2] {
    [x.len() - h + 1, x[0].len() - v + 1]
}

/// P with its columns, or its rows, counted column by column of their own rows x columns.
fn recounted(p: &[Vec<f64>], taps: [usize; 2], positions: [usize; 2]) -> Vec<Vec<f64>> {
    let (mut row, mut column) = (Vec::new(), Vec::new());
    for (order, [rows, columns]) in [(&mut row, taps), (&mut column, positions)] {
        for j in 0..columns {
            order.extend((0..rows).map(|i| i * columns + j));
        }
    }
    row.iter().map(|&tap| column.iter().map(|&position| p[tap][position]).collect()).collect()
}

/// P of the positions i, j that `is_met` chooses.
fn chosen(input: &Input, is_met: impl Fn(usize, usize) -> bool) -> Vec<Vec<f64>> {
    let [_, columns] = positions(input);
    let met = |row: &Vec<f64>| {
        let chosen = row.iter().enumerate().filter(|(k, _)| is_met(k / columns, k % columns));
        chosen.map(|(_, &value)| value).collect()
    };
    right(input).iter().map(met).collect()
}

fn transposed(p: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..p[0].len()).map(|j| p.iter().map(|row| row[j]).collect()).collect()
}

/// P with the tap (r, s) in row `tap(r, s)` and the position (i, j) in column `position(i, j)`, as four loops over r,
/// s, i, and j write it, without the elements that are not in P.
fn numbered(
    input: &Input,
    tap: impl Fn(usize, usize) -> usize,
    position: impl Fn(usize, usize) -> usize,
) -> Vec<Vec<f64>> {
    let ([_, v], [_, columns], right) = (input.1, positions(input), right(input));
    let mut p = vec![vec![0.0; right[0].len()]; right.len()];
    for (k, row) in right.iter().enumerate() {
        for (n, &value) in row.iter().enumerate() {
            let to = p.get_mut(tap(k / v, k % v)).and_then(|row| row.get_mut(position(n / columns, n % columns)));
            if let Some(to) = to {
                *to = value;
            }
        }
    }
    p
}

/// The lengths of all rows.
fn lengths(p: &[Vec<f64>]) -> Vec<usize> {
    p.iter().map(Vec::len).collect()
}

/// The elements of P, cut and filled up with 0 to our rows and columns: so a P of another shape can be compared. It
/// gives another part, so it differs from a mistake of our shape.
fn parts(input: &Input, p: &[Vec<f64>]) -> Vec<Part> {
    let [rows, columns] = positions(input);
    let taps = input.1[0] * input.1[1];
    let at = |tap: usize, position: usize| p.get(tap).and_then(|row| row.get(position)).copied().unwrap_or(0.0);
    let elements = (0..taps).flat_map(|tap| (0..rows * columns).map(move |position| at(tap, position))).collect();
    let mut parts = vec![("patches", elements)];
    if lengths(p) != vec![rows * columns; taps] {
        parts.push(("shape", lengths(p).iter().map(|&length| length as f64).collect()));
    }
    parts
}

fn verdict(patches: Patches) -> Option<String> {
    judge().verdict_with_shape(|input| {
        let p = patches(&input.0, input.1[0], input.1[1]);
        let ((x, [h, v]), [rows, columns]) = (input, positions(input));
        let wrong = wrong_shape("patches", &p, h * v, rows * columns).map(|wrong| {
            let with = format!("With a map of {} x {} and a filter of {h} x {v}", x.len(), x[0].len());
            format!("{with}, {wrong}: a row for each tap, a value for each position.")
        });
        (parts(input, &p), wrong)
    })
}

fn judge() -> Judge<Input> {
    let by_hand = (vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]], [2, 2]);
    let mut inputs = vec![("x = (1, 2, 3; 4, 5, 6) and a filter of 2 x 2".to_string(), by_hand)];
    // Where wrong numbers of taps and positions are still in P, they are recognized: so this input is the second one.
    let counted = |i: usize| (1..=6).map(|j| (6 * i + j) as f64).collect();
    let name = "x = (1, 2, ..., 6; 7, 8, ..., 12; 13, 14, ..., 18) and a filter of 2 x 3".to_string();
    inputs.push((name, ((0..3).map(counted).collect(), [2, 3])));
    let mut random = Random::new(1);
    for ([rows, columns], [h, v]) in [([5, 4], [2, 3]), ([4, 7], [3, 2]), ([3, 3], [2, 2])] {
        let x = (0..rows).map(|_| (0..columns).map(|_| random.uniform(-1.0, 1.0)).collect()).collect();
        inputs.push((format!("a random map of {rows} x {columns} and a filter of {h} x {v}"), (x, [h, v])));
    }
    Judge::new(inputs, |input| parts(input, &right(input)))
        .mistake("P is transposed, with one patch in each row", |input| parts(input, &transposed(&right(input))))
        .mistake("the taps are counted column by column, s·h + r in place of r·v + s", |input| {
            let [rows, columns] = positions(input);
            parts(input, &recounted(&right(input), input.1, [1, rows * columns]))
        })
        .mistake("r·h + s in place of r·v + s", |input| {
            let ([h, _], [_, columns]) = (input.1, positions(input));
            parts(input, &numbered(input, |r, s| r * h + s, |i, j| i * columns + j))
        })
        .mistake("i is multiplied by the number of rows of positions, not of columns", |input| {
            let ([_, v], [rows, _]) = (input.1, positions(input));
            parts(input, &numbered(input, |r, s| r * v + s, |i, j| i * rows + j))
        })
        .mistake("i is multiplied by the number of rows of x, not by the number of columns of positions", |input| {
            let (x, [_, v]) = input;
            parts(input, &numbered(input, |r, s| r * v + s, |i, j| i * x.len() + j))
        })
        .mistake("the positions are counted column by column", |input| {
            parts(input, &recounted(&right(input), [1, input.1[0] * input.1[1]], positions(input)))
        })
        .mistake("the last positions are missing: H - h in place of H - h + 1, W - v in place of W - v + 1", |input| {
            let [rows, columns] = positions(input);
            parts(input, &chosen(input, |i, j| i + 1 < rows && j + 1 < columns))
        })
        .mistake("the patches do not overlap: they are h rows and v columns apart, not 1", |input| {
            let [h, v] = input.1;
            parts(input, &chosen(input, |i, j| i % h == 0 && j % v == 0))
        })
        .mistake("x(i, j) in place of x(i + r, j + s)", |input| {
            let p = right(input);
            parts(input, &vec![p[0].clone(); p.len()])
        })
        .mistake("the taps run backward, as in a convolution", |input| {
            let mut p = right(input);
            p.reverse();
            parts(input, &p)
        })
}

/// Checks the matrix of patches of a map, for filters of h x v taps.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(yours: Patches) {
    accept(verdict(yours));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn a_wrong_shape_is_reported_without_values() {
        let verdict = verdict(|_, h, v| vec![vec![0.0]; h * v]).unwrap();
        let expected = "With a map of 2 x 3 and a filter of 2 x 2, patches returns 4 rows of 1 value; \
            4 rows of 2 values expected: a row for each tap, a value for each position.";
        assert_eq!(verdict, expected);
    }

    #[test]
    fn a_wrong_number_of_taps_is_recognized_before_it_panics() {
        let verdict = verdict(|x, h, v| {
            let (rows, columns) = (x.len() - h + 1, x[0].len() - v + 1);
            let mut p = vec![vec![0.0; rows * columns]; h * v];
            for k in 0..h * v * rows * columns {
                let (tap, position) = (k / (rows * columns), k % (rows * columns));
                let [r, s, i, j] = [tap / v, tap % v, position / columns, position % columns];
                p[r * h + s][i * columns + j] = x[i + r][j + s];
            }
            p
        });
        let verdict = verdict.unwrap();
        assert!(
            verdict.contains("a known mistake: r·h + s in place of r·v + s.") && verdict.contains("the code stops")
        );
    }
}
