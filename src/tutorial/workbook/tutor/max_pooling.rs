//! Max pooling, forward and back.

use crate::matrix::Matrix;
use crate::model::convolution::pooling::{Pooled, Regions, backward_by_definition, by_definition};
use crate::model::convolution::{MapShape, Pooling, PoolingMode};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// A map a, and δ of its regions.
type Input = (Vec<Vec<f64>>, Vec<Vec<f64>>);

/// The maxima of regions, and their positions (i*, j*).
type Maxima = (Vec<Vec<f64>>, Vec<Vec<[usize; 2]>>);

/// Pools a map.
pub type Forward = fn(&[Vec<f64>]) -> Maxima;

/// Computes ∂J/∂a from δ, the positions of the maxima, and the map's rows and columns.
pub type Backward = fn(&[Vec<f64>], &[Vec<[usize; 2]>], usize, usize) -> Vec<Vec<f64>>;

fn pooling(a: &[Vec<f64>], mode: PoolingMode) -> Pooling {
    let input = MapShape { channels: 1, rows: a.len(), columns: a[0].len() };
    Pooling { mode, input, regions: [Regions::by(2); 2] }
}

/// A matrix of one row, which holds one map row by row.
fn map(rows: &[Vec<f64>]) -> Matrix<f64> {
    Matrix::from_rows(1, rows.len() * rows[0].len(), rows.concat())
}

fn forward((a, delta): &Input) -> Maxima {
    let (columns, width) = (a[0].len(), delta[0].len());
    let Pooled { values, argmax } = by_definition(&pooling(a, PoolingMode::Max), &map(a));
    let positions: Vec<[usize; 2]> = argmax.iter().map(|&k| [k as usize / columns, k as usize % columns]).collect();
    (values.row(0).chunks(width).map(<[f64]>::to_vec).collect(), positions.chunks(width).map(<[_]>::to_vec).collect())
}

fn backward((a, delta): &Input, mode: PoolingMode) -> Vec<f64> {
    let argmax = by_definition(&pooling(a, PoolingMode::Max), &map(a)).argmax;
    backward_by_definition(&pooling(a, mode), &map(delta), &argmax).elements().to_vec()
}

/// The maxima, and ∂J/∂a row by row.
fn parts((p, positions): &Maxima, d: Vec<f64>) -> Vec<Part> {
    let index = |axis: usize| positions.iter().flatten().map(|at| at[axis] as f64).collect();
    vec![("p", p.concat()), ("the rows of positions", index(0)), ("the columns of positions", index(1)), ("∂J/∂a", d)]
}

/// Maxima from another search, with the right backward pass: `find` gets the map and the first position of a region.
fn found(input: &Input, find: impl Fn(&[Vec<f64>], usize, usize) -> (f64, [usize; 2])) -> Vec<Part> {
    let (a, delta) = input;
    let (mut p, mut positions) = forward(input);
    for r in 0..delta.len() {
        for s in 0..delta[0].len() {
            (p[r][s], positions[r][s]) = find(a, 2 * r, 2 * s);
        }
    }
    parts(&(p, positions), backward(input, PoolingMode::Max))
}

/// The positions of the region that begins at (i, j), row by row.
fn region(i: usize, j: usize) -> [[usize; 2]; 4] {
    [[i, j], [i, j + 1], [i + 1, j], [i + 1, j + 1]]
}

/// The best of four elements: the first, then each that `is_better` than the best so far.
fn best(a: &[Vec<f64>], elements: [[usize; 2]; 4], is_better: fn(f64, f64) -> bool) -> (f64, [usize; 2]) {
    let value = |at: [usize; 2]| a[at[0]][at[1]];
    let mut best = elements[0];
    for next in elements {
        if is_better(value(next), value(best)) {
            best = next;
        }
    }
    (value(best), best)
}

/// The search for the maximum.
fn maximum(a: &[Vec<f64>], i: usize, j: usize) -> (f64, [usize; 2]) {
    best(a, region(i, j), |next, best| next > best)
}

fn judge() -> Judge<Input> {
    let rows = [[1.0, 5.0, 2.0, 0.0], [3.0, 5.0, 8.0, 1.0], [4.0, 0.0, 7.0, 7.0], [6.0, 2.0, 3.0, 7.0]];
    let by_hand = (rows.map(|row| row.to_vec()).to_vec(), vec![vec![10.0, 20.0], vec![30.0, 40.0]]);
    // A square map, so that code that swaps rows and columns runs, and is recognized by what it computes.
    let name = "a = (1, 5, 2, 0; 3, 5, 8, 1; 4, 0, 7, 7; 6, 2, 3, 7), δ = (10, 20; 30, 40)";
    let mut inputs = vec![(name.to_string(), by_hand)];
    let mut random = Random::new(1);
    for (rows, columns, kind) in [(5, 7, "random elements"), (7, 4, "negative elements"), (4, 9, "many equal elements")]
    {
        let mut value = || match kind {
            "negative elements" => random.uniform(-1.0, -0.1),
            "many equal elements" => random.index(3) as f64,
            _ => random.uniform(-1.0, 1.0),
        };
        let a = (0..rows).map(|_| (0..columns).map(|_| value()).collect()).collect();
        let delta = (0..rows / 2).map(|_| (0..columns / 2).map(|_| random.uniform(-1.0, 1.0)).collect()).collect();
        inputs.push((format!("a map of {rows} x {columns} with {kind}"), (a, delta)));
    }
    let back = |f: fn(&Input) -> Vec<f64>| move |input: &Input| parts(&forward(input), f(input));
    Judge::new(inputs, back(|input| backward(input, PoolingMode::Max)))
        .mistake("the last of equal maxima counts, not the first: >= in place of >", |input| {
            found(input, |a, i, j| best(a, region(i, j), |next, best| next >= best))
        })
        .mistake("the first of equal maxima is taken column by column, not row by row", |input| {
            found(input, |a, i, j| {
                let [first, second, third, fourth] = region(i, j);
                best(a, [first, third, second, fourth], |next, best| next > best)
            })
        })
        .mistake("the search starts with a maximum of 0, so negative elements never count", |input| {
            found(input, |a, i, j| {
                let (value, at) = maximum(a, i, j);
                if value > 0.0 { (value, at) } else { (0.0, [0, 0]) }
            })
        })
        .mistake("only row 2·r of a region is searched: 2 * r..2 * r + 1 does not contain its end", |input| {
            found(input, |a, i, j| {
                let [first, second, ..] = region(i, j);
                best(a, [first, second, first, second], |next, best| next > best)
            })
        })
        .mistake("only column 2·s of a region is searched: 2 * s..2 * s + 1 does not contain its end", |input| {
            found(input, |a, i, j| {
                let [first, _, third, _] = region(i, j);
                best(a, [first, third, first, third], |next, best| next > best)
            })
        })
        .mistake("only element (2·r, 2·s) of a region is searched: a range does not contain its end", |input| {
            found(input, |a, i, j| (a[i][j], [i, j]))
        })
        .mistake("the positions are counted within the region, not within the map", |input| {
            found(input, |a, i, j| {
                let (value, at) = maximum(a, i, j);
                (value, [at[0] - i, at[1] - j])
            })
        })
        .mistake("the row and the column of the positions are swapped", |input| {
            found(input, |a, i, j| {
                let (value, at) = maximum(a, i, j);
                (value, [at[1], at[0]])
            })
        })
        .mistake("the regions begin at row r and column s, not at 2·r and 2·s, so they overlap", |input| {
            found(input, |a, i, j| maximum(a, i / 2, j / 2))
        })
        .mistake(
            "δ(R) goes to row r and column s, not to the position of the maximum",
            back(|(a, delta)| {
                let mut d = vec![vec![0.0; a[0].len()]; a.len()];
                for (row, from) in d.iter_mut().zip(delta) {
                    row[..from.len()].copy_from_slice(from);
                }
                d.concat()
            }),
        )
        .mistake(
            "backward swaps the row and the column of a position: d[j][i] in place of d[i][j]",
            back(|input| {
                let (rows, columns) = (input.0.len(), input.0[0].len());
                let d = backward(input, PoolingMode::Max);
                let value = |i: usize, j: usize| if i < columns && j < rows { d[j * columns + i] } else { 0.0 };
                (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))).map(|(i, j)| value(i, j)).collect()
            }),
        )
        .mistake(
            "every element of a region gets the region's δ",
            back(|input| backward(input, PoolingMode::Mean).iter().map(|d| 4.0 * d).collect()),
        )
        .mistake(
            "every element of a region gets a quarter of the region's δ, as in mean pooling (PO.5)",
            back(|input| backward(input, PoolingMode::Mean)),
        )
}

/// Checks the maxima of a map's regions and their positions, and ∂J/∂a from δ, positions, and the map's rows and
/// columns.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(yours: Forward, back: Backward) {
    judge().check(|input| {
        let (a, delta) = input;
        parts(&yours(a), back(delta, &forward(input).1, a.len(), a[0].len()).concat())
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
