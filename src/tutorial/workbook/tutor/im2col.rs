//! The matrix of patches.

use crate::matrix::Matrix;
use crate::model::convolution::{Convolution, MapShape, patches};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
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

/// The elements of P, cut and filled up with 0 to our rows and columns: so a P of another shape can be compared.
fn parts(input: &Input, p: &[Vec<f64>]) -> Vec<Part> {
    let [rows, columns] = positions(input);
    let taps = input.1[0] * input.1[1];
    let at = |tap: usize, position: usize| p.get(tap).and_then(|row| row.get(position)).copied().unwrap_or(0.0);
    let elements = (0..taps).flat_map(|tap| (0..rows * columns).map(move |position| at(tap, position))).collect();
    vec![("P's shape", vec![p.len() as f64, p.first().map_or(0, Vec::len) as f64]), ("P", elements)]
}

fn judge() -> Judge<Input> {
    let by_hand = (vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]], [2, 2]);
    let mut inputs = vec![("x = (1, 2, 3; 4, 5, 6) and a filter of 2 x 2".to_string(), by_hand)];
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
    judge().check(|input| parts(input, &yours(&input.0, input.1[0], input.1[1])));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
