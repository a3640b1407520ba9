//! Patches: the places of a filter side by side as a matrix (im2col), and back (its adjoint).
//!
//! Column n of P holds what a filter sees at place n, row (c, r, s) what its tap (c, r, s) meets at all places:
//!
//! P((c, r, s), (example, i, j)) = x(c, i·t + r - p, j·t + s - p), or 0 beyond the edge.
//!
//! So a convolution is the product W·P. P repeats each number of x for each tap, h·v times; so only a part of its columns is made at a time.
//!
//! The way back adds each number of a matrix D of P's shape to the place that P had it from: x̂ = Pᵀ(D), where
//! Σ D·P(x) = Σ Pᵀ(D)·x for all x and D. It takes what a convolution's output asks for to its input. Into each number of x̂ the taps
//! are added in ascending order.

use super::definition::Convolution;
use crate::machine::Rectangle;
use crate::matrix::Matrix;
use crate::number::Real;
use core::ops::Range;

/// A stretch of one output row under one tap: where it stands, and what of it lies within the input's row.
struct Stretch {
    /// The first place's number among the columns of P.
    at: usize,
    /// Places in it.
    places: usize,
    /// Those that lie within the input, from the first place on.
    within: Range<usize>,
    /// The number that the first of them meets.
    from: usize,
}

impl Convolution {
    /// Columns `places` of P.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, there are no such places, or `to` is not taps x places.
    pub fn patches<T: Real>(&self, maps: &Matrix<T>, places: Range<usize>, mut to: Rectangle<T>) {
        let all = self.examples(maps) * self.output().plane();
        assert!(places.end <= all, "place {} of {all}", places.end);
        assert_eq!((to.rows(), to.columns()), (self.taps(), places.len()), "taps and places");
        let step = self.stride[1];
        for number in 0..self.taps() {
            let (c, tap) = self.tap(number);
            let (x, row) = (maps.row(c), to.row(number));
            self.stretches(tap, places.clone(), |Stretch { at, places: count, within, from }| {
                let to = &mut row[at - places.start..][..count];
                to[..within.start].fill(T::ZERO);
                to[within.end..].fill(T::ZERO);
                let to = &mut to[within];
                match step {
                    _ if to.is_empty() => {}
                    1 => to.copy_from_slice(&x[from..][..to.len()]),
                    _ => to.iter_mut().zip(x[from..].iter().step_by(step)).for_each(|(to, &x)| *to = x),
                }
            });
        }
    }

    /// Adds Pᵀ(D) to `maps`, from D's columns of the examples given.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, there are no such examples, or `patches` is not taps x their places.
    pub fn add_back<T: Real>(&self, patches: &Matrix<T>, examples: Range<usize>, maps: &mut Matrix<T>) {
        assert!(examples.end <= self.examples(maps), "example {}", examples.end);
        let plane = self.output().plane();
        let places = examples.start * plane..examples.end * plane;
        assert_eq!((patches.rows(), patches.columns()), (self.taps(), places.len()), "taps and places");
        let step = self.stride[1];
        for number in 0..self.taps() {
            let (c, tap) = self.tap(number);
            let x = maps.row_mut(c);
            let row = patches.row(number);
            self.stretches(tap, places.clone(), |Stretch { at, within, from, .. }| {
                let d = &row[at - places.start..][within];
                match step {
                    _ if d.is_empty() => {}
                    1 => x[from..][..d.len()].iter_mut().zip(d).for_each(|(x, &d)| *x += d),
                    _ => x[from..].iter_mut().step_by(step).zip(d).for_each(|(x, &d)| *x += d),
                }
            });
        }
    }

    /// Walks over the places in ascending order, an output row at a time, as the tap (r, s) sees them.
    #[inline(always)]
    fn stretches(&self, [r, s]: [usize; 2], places: Range<usize>, mut visit: impl FnMut(Stretch)) {
        let (input, output) = (self.input, self.output());
        let ([down, across], [above, left]) = (self.stride, self.padding);
        // The columns j of the output for which 0 <= j·t + s - p < W.
        let first = left.saturating_sub(s).div_ceil(across).min(output.columns);
        let end = (input.columns + left).saturating_sub(s).div_ceil(across).min(output.columns);
        let mut at = places.start;
        while at < places.end {
            let (example, place) = (at / output.plane(), at % output.plane());
            let (i, j) = (place / output.columns, place % output.columns);
            let count = (output.columns - j).min(places.end - at);
            let y = (i * down + r).wrapping_sub(above);
            let (low, high) = if y < input.rows { (first.max(j), end.min(j + count)) } else { (j, j) };
            let within = if low < high { low - j..high - j } else { 0..0 };
            let from = if within.is_empty() {
                0
            } else {
                example * input.plane() + y * input.columns + low * across + s - left
            };
            visit(Stretch { at, places: count, within, from });
            at += count;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::definition::{Shape, by_definition};
    use super::*;
    use crate::matrix::product;
    use crate::number::Random;
    use crate::number::sum::dot;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Odd shapes: wide and high filters, strides that leave rows over, padding wider than the filter's half, single places.
    pub fn shapes() -> Vec<Convolution> {
        let shape = |[channels, rows, columns]: [usize; 3], filters, size, stride, padding| Convolution {
            input: Shape { channels, rows, columns },
            filters,
            size,
            stride,
            padding,
        };
        vec![
            shape([2, 7, 6], 3, [3, 2], [1, 1], [0, 0]),
            shape([1, 5, 5], 2, [5, 5], [1, 1], [0, 0]),
            shape([3, 6, 5], 4, [3, 3], [1, 1], [1, 1]),
            shape([2, 7, 9], 1, [2, 3], [2, 3], [0, 1]),
            shape([1, 3, 4], 2, [1, 2], [2, 1], [2, 3]),
            shape([4, 1, 1], 5, [1, 1], [1, 1], [0, 0]),
        ]
    }

    pub fn draw(seed: u64, rows: usize, columns: usize) -> Matrix<f64> {
        let mut random = Random::new(seed);
        Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0))
    }

    #[test]
    fn the_product_with_patches_is_the_convolution() {
        for shape in shapes() {
            let x = draw(1, shape.input.channels, 3 * shape.input.plane());
            let w = draw(2, shape.filters, shape.taps());
            let places = 3 * shape.output().plane();
            let mut patches = Matrix::from_function(shape.taps(), places, |_, _| f64::NAN);
            shape.patches(&x, 0..places, patches.rectangle());
            let mut z = Matrix::zeros(shape.filters, places);
            product::by_definition(w.view(), patches.view(), z.rectangle());
            assert_eq!(z, by_definition(&shape, w.view(), &vec![0.0; shape.filters], &x), "{shape:?}");
        }
    }

    #[test]
    fn parts_are_parts_of_the_whole() {
        for shape in shapes() {
            let x = draw(3, shape.input.channels, 2 * shape.input.plane());
            let places = 2 * shape.output().plane();
            let mut whole = Matrix::zeros(shape.taps(), places);
            shape.patches(&x, 0..places, whole.rectangle());
            for from in (0..places).step_by(5) {
                let to = places.min(from + 5);
                let mut part = Matrix::from_function(shape.taps(), to - from, |_, _| f64::NAN);
                shape.patches(&x, from..to, part.rectangle());
                assert_eq!(part, whole.select_columns(&(from..to).collect::<Vec<_>>()), "{shape:?} {from}");
            }
        }
    }

    #[test]
    fn the_way_back_is_the_adjoint() {
        for shape in shapes() {
            let (examples, plane) = (2, shape.output().plane());
            let x = draw(4, shape.input.channels, examples * shape.input.plane());
            let d = draw(5, shape.taps(), examples * plane);
            let mut patches = Matrix::zeros(d.rows(), d.columns());
            shape.patches(&x, 0..examples * plane, patches.rectangle());
            let mut back = Matrix::zeros(x.rows(), x.columns());
            // One example at a time: the same, as they share no number.
            for example in 0..examples {
                let columns: Vec<usize> = (example * plane..(example + 1) * plane).collect();
                shape.add_back(&d.select_columns(&columns), example..example + 1, &mut back);
            }
            let (one, other) = (dot(d.numbers(), patches.numbers()), dot(back.numbers(), x.numbers()));
            assert!((one - other).abs() < 1e-12, "{shape:?}: {one} {other}");
        }
    }

    #[test]
    fn the_way_back_adds_taps_in_ascending_order() {
        // One row of three under a filter of two: the middle number is met by tap 1 at place 0 and by tap 0 at place 1.
        let shape = Convolution::new(Shape { channels: 1, rows: 1, columns: 3 }, 1, [1, 2]);
        let mut back = Matrix::from_rows(1, 3, vec![0.0, 1e16, 0.0]);
        let d = Matrix::from_rows(2, 2, vec![0.0, -1e16, 1.0, 0.0]);
        shape.add_back(&d, 0..1, &mut back);
        assert_eq!(back.numbers()[1], 1.0); // (1e16 - 1e16) + 1, not (1e16 + 1) - 1e16
    }
}
