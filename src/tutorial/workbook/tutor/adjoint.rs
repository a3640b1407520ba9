//! From the patches back to the map.

use crate::matrix::Matrix;
use crate::model::convolution::{Convolution, MapShape, patches};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept, wrong_shape};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// D, a matrix B of its shape for the inner product, the rows and columns of the map, and those of the filter.
#[derive(Debug)]
struct Input {
    d: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
    map: [usize; 2],
    filter: [usize; 2],
}

/// Adds D back to a map of so many rows and columns, for a filter of so many rows and columns.
pub type Adjoint = fn(&[Vec<f64>], usize, usize, usize, usize) -> Vec<Vec<f64>>;

/// <A, B>.
pub type Inner = fn(&[Vec<f64>], &[Vec<f64>]) -> f64;

/// Names an element of D by its tap (r, s) and its position (i, j).
type Element = ([usize; 2], [usize; 2]);

impl Input {
    /// One channel and one filter.
    fn shape(&self) -> Convolution {
        let [rows, columns] = self.map;
        Convolution::new(MapShape { channels: 1, rows, columns }, 1, self.filter)
    }

    /// The rows and columns of the positions.
    fn positions(&self) -> [usize; 2] {
        let output = self.shape().output();
        [output.rows, output.columns]
    }

    /// Element (r, s), (i, j) of D.
    fn at(&self, ([r, s], [i, j]): Element) -> f64 {
        self.d[r * self.filter[1] + s][i * self.positions()[1] + j]
    }

    /// Calls `visit` for each element of D, tap after tap or position after position.
    fn for_each(&self, positions_outside: bool, mut visit: impl FnMut(Element)) {
        let both = |[rows, columns]: [usize; 2]| (0..rows * columns).map(move |k| [k / columns, k % columns]);
        if positions_outside {
            both(self.positions()).for_each(|position| both(self.filter).for_each(|tap| visit((tap, position))));
        } else {
            both(self.filter).for_each(|tap| both(self.positions()).for_each(|position| visit((tap, position))));
        }
    }

    /// Pᵀ with `value` in place of D((r, s), (i, j)).
    fn sums(&self, value: impl Fn(Element) -> f64) -> Vec<f64> {
        let mut x = vec![0.0; self.map[0] * self.map[1]];
        self.for_each(false, |([r, s], [i, j])| x[(i + r) * self.map[1] + j + s] += value(([r, s], [i, j])));
        x
    }

    /// For each element of x the last of its copies in D.
    fn last(&self, positions_outside: bool) -> Vec<f64> {
        let mut x = vec![0.0; self.map[0] * self.map[1]];
        self.for_each(positions_outside, |([r, s], [i, j])| {
            x[(i + r) * self.map[1] + j + s] = self.at(([r, s], [i, j]));
        });
        x
    }
}

/// Pᵀ with the tap (r, s) in row `tap(r, s)` of D and the position (i, j) in column `position(i, j)`, 0 where D has no
/// such element.
fn numbered(input: &Input, tap: impl Fn(usize, usize) -> usize, position: impl Fn(usize, usize) -> usize) -> Vec<f64> {
    input.sums(|([r, s], [i, j])| {
        let row = input.d.get(tap(r, s));
        row.and_then(|row| row.get(position(i, j))).copied().unwrap_or(0.0)
    })
}

fn right(input: &Input) -> Vec<f64> {
    let d = Matrix::from_rows(input.d.len(), input.d[0].len(), input.d.concat());
    patches::adjoint_by_definition(&input.shape(), &d).elements().to_vec()
}

/// <A, B> of some rows.
fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    a.iter().flatten().zip(b.iter().flatten()).fold(0.0, |sum, (a, b)| sum + a * b)
}

fn parts(adjoint: Vec<f64>, product: f64) -> Vec<Part> {
    vec![("adjoint", adjoint), ("inner", vec![product])]
}

fn verdict(adjoint: Adjoint, inner: Inner) -> Option<String> {
    judge().verdict_with_shape(|input| {
        let ([rows, columns], [h, v]) = (input.map, input.filter);
        let x = adjoint(&input.d, rows, columns, h, v);
        let wrong = wrong_shape("adjoint", &x, rows, columns).map(|wrong| format!("{wrong}."));
        (parts(x.concat(), inner(&input.d, &input.b)), wrong)
    })
}

fn judge() -> Judge<Input> {
    let (d, b) = (vec![vec![1.0, 2.0], vec![30.0, 40.0]], vec![vec![1.0, 2.0], vec![2.0, 4.0]]);
    let by_hand = Input { d, b, map: [1, 3], filter: [1, 2] };
    let name = "A = D = (1, 2; 30, 40), B = (1, 2; 2, 4), a map of 1 x 3 and a filter of 1 x 2";
    let mut inputs = vec![(name.to_string(), by_hand)];
    let mut random = Random::new(1);
    // Where wrong numbers of taps and positions are still in D, they are recognized: so 3 x 6 and 2 x 3 come first.
    for (map, filter) in [([3, 6], [2, 3]), ([5, 4], [2, 3]), ([4, 7], [3, 2]), ([3, 3], [2, 2])] {
        let mut input = Input { d: Vec::new(), b: Vec::new(), map, filter };
        let [taps, positions] = [filter, input.positions()].map(|[rows, columns]| rows * columns);
        [input.d, input.b] = [(); 2].map(|()| {
            (0..taps).map(|_| (0..positions).map(|_| random.uniform(-1.0, 1.0)).collect()).collect::<Vec<_>>()
        });
        let ([rows, columns], [h, v]) = (map, filter);
        inputs.push((format!("random D and B, a map of {rows} x {columns} and a filter of {h} x {v}"), input));
    }
    let adjoint = |f: fn(&Input) -> Vec<f64>| move |input: &Input| parts(f(input), product(&input.d, &input.b));
    Judge::new(inputs, adjoint(right))
        .mistake("= in place of +=, so only the copy of the last position counts", adjoint(|input| input.last(true)))
        .mistake("= in place of +=, so only the copy of the last tap counts", adjoint(|input| input.last(false)))
        .mistake(
            "the mean of the copies in place of their sum: the adjoint is not an inverse",
            adjoint(|input| right(input).iter().zip(input.sums(|_| 1.0)).map(|(x, copies)| x / copies).collect()),
        )
        .mistake(
            "the taps are counted column by column, s·h + r in place of r·v + s",
            adjoint(|input| {
                let [h, v] = input.filter;
                input.sums(|([r, s], position)| input.at(([(s * h + r) / v, (s * h + r) % v], position)))
            }),
        )
        .mistake(
            "r·h + s in place of r·v + s",
            adjoint(|input| numbered(input, |r, s| r * input.filter[0] + s, |i, j| i * input.positions()[1] + j)),
        )
        .mistake(
            "i is multiplied by the number of rows of positions, not of columns",
            adjoint(|input| numbered(input, |r, s| r * input.filter[1] + s, |i, j| i * input.positions()[0] + j)),
        )
        .mistake(
            "i is multiplied by the number of rows of x, not by the number of columns of positions",
            adjoint(|input| numbered(input, |r, s| r * input.filter[1] + s, |i, j| i * input.map[0] + j)),
        )
        .mistake(
            "the positions are counted column by column",
            adjoint(|input| {
                let [rows, columns] = input.positions();
                input.sums(|(tap, [i, j])| input.at((tap, [(j * rows + i) / columns, (j * rows + i) % columns])))
            }),
        )
        .mistake(
            "the taps run backward, as in a convolution",
            adjoint(|input| {
                let [h, v] = input.filter;
                input.sums(|([r, s], position)| input.at(([h - 1 - r, v - 1 - s], position)))
            }),
        )
        .mistake(
            "the last positions are missing: rows - h and columns - v in place of rows - h + 1 and columns - v + 1",
            adjoint(|input| {
                let [rows, columns] = input.positions().map(|n| n - 1);
                input.sums(|([r, s], [i, j])| {
                    let is_met = i < rows && j < columns;
                    if is_met { input.d[r * input.filter[1] + s][i * columns + j] } else { 0.0 }
                })
            }),
        )
        .mistake("the sum of <A, B> starts over at 0 in every row", |input| {
            let last = input.d.len() - 1;
            parts(right(input), product(&input.d[last..], &input.b[last..]))
        })
}

/// Checks the adjoint and the inner product.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(adjoint: Adjoint, inner: Inner) {
    accept(verdict(adjoint, inner));
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
        let verdict = verdict(|_, rows, columns, _, _| vec![vec![0.0; rows]; columns], product).unwrap();
        assert_eq!(verdict, "adjoint returns 3 rows of 1 value; 1 row of 3 values expected.");
    }
}
