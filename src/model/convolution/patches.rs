//! Patches: the places of a filter side by side as a matrix (im2col), and back (its adjoint).
//!
//! Column n of P holds what a filter sees at place n, row (c, r, s) what its tap (c, r, s) meets at all places:
//!
//! P((c, r, s), (example, i, j)) = x(c, i·t + r - p, j·t + s - p), or 0 beyond the edge.
//!
//! So a convolution is the product W·P. P repeats each number of x for each tap, h·v times; so only a part of its
//! columns is made at a time.
//!
//! The way back adds each number of a matrix D of P's shape to the place that P had it from: x̂ = Pᵀ(D), where Σ
//! D·P(x) = Σ Pᵀ(D)·x for all x and D. It takes what a convolution's output asks for to its input. Into each number of
//! x̂ the taps are added in ascending order.

use super::definition::{Convolution, MapShape};
use crate::machine::lanes::{MOST_LANES, Vector};
use crate::machine::{Lanes, Operation, ViewMut, run, size};
use crate::matrix::Matrix;
use crate::number::Real;
use core::ops::Range;

impl Convolution {
    /// Columns `places` of P.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, there are no such places, or `to` is not taps x places.
    pub fn patches<T: Real>(&self, maps: &Matrix<T>, places: Range<usize>, to: ViewMut<T>) {
        let all = size::product([self.examples(maps), self.output().plane()]);
        assert!(places.end <= all, "place {} of {all}", places.end);
        assert_eq!((to.rows(), to.columns()), (self.taps(), places.len()), "taps and places");
        run(Gather { shape: self, maps, places, to });
    }

    /// Adds Pᵀ(D) to `maps`, from D's columns of the examples given.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, there are no such examples, or `patches` is not taps x their places.
    /// Also if their places are more than a size can count.
    pub fn add_adjoint<T: Real>(&self, patches: &Matrix<T>, examples: Range<usize>, maps: &mut Matrix<T>) {
        assert!(examples.end <= self.examples(maps), "example {}", examples.end);
        let plane = self.output().plane();
        let places = size::product([examples.start, plane])..size::product([examples.end, plane]);
        assert_eq!((patches.rows(), patches.columns()), (self.taps(), places.len()), "taps and places");
        run(AddBack { shape: self, patches, places, maps });
    }
}

/// Whole rows of the output under one tap, or a part of one: where they stand, and what of each lies within the input's row.
struct Stretch {
    /// Where the first row starts, from the first place asked for.
    at: usize,
    /// How many rows; row k starts k·count further on, and k·t·W further on in the input.
    rows: usize,
    /// Places in a row.
    count: usize,
    /// Those that lie within the input, from the row's first place on; none for rows of zeros.
    within: Range<usize>,
    /// The number that the first of them meets; 0 if there is none.
    from: usize,
}

/// The stretches of a tap over places in ascending order.
struct Stretches {
    shape: Convolution,
    output: MapShape,
    tap: [usize; 2],
    /// The rows of the output, and its columns, for which the tap meets the input.
    meets: [Range<usize>; 2],
    example: usize,
    place: [usize; 2],
    at: usize,
    left: usize,
}

impl Stretches {
    #[inline(always)]
    fn new(shape: &Convolution, output: MapShape, tap: [usize; 2], places: &Range<usize>) -> Self {
        // 0 <= i·t + r - p < H, and the same for columns.
        let Convolution { input, stride, padding, .. } = *shape;
        let rows = |beyond: usize| (beyond + padding[0]).saturating_sub(tap[0]).div_ceil(stride[0]).min(output.rows);
        let columns =
            |beyond: usize| (beyond + padding[1]).saturating_sub(tap[1]).div_ceil(stride[1]).min(output.columns);
        let meets = [rows(0)..rows(input.rows), columns(0)..columns(input.columns)];
        let (example, place) = (places.start / output.plane(), places.start % output.plane());
        let place = [place / output.columns, place % output.columns];
        Stretches { shape: *shape, output, tap, meets, example, place, at: 0, left: places.len() }
    }

    #[inline(always)]
    fn next(&mut self) -> Option<Stretch> {
        if self.left == 0 {
            return None;
        }
        let Convolution { input, stride, padding, .. } = self.shape;
        let ([i, j], [down, across]) = (self.place, &self.meets);
        let outside = i < down.start || i >= down.end;
        let (rows, count) = if j > 0 || self.left < self.output.columns {
            (1, (self.output.columns - j).min(self.left))
        } else {
            let end = if i < down.start {
                down.start
            } else if i < down.end {
                down.end
            } else {
                self.output.rows
            };
            ((end - i).min(self.left / self.output.columns), self.output.columns)
        };
        let (low, high) = (across.start.max(j), across.end.min(j + count));
        let (within, from) = if outside || low >= high {
            (0..0, 0)
        } else {
            let row = self.example * input.plane() + (i * stride[0] + self.tap[0] - padding[0]) * input.columns;
            (low - j..high - j, row + low * stride[1] + self.tap[1] - padding[1])
        };
        let stretch = Stretch { at: self.at, rows, count, within, from };
        self.at += rows * count;
        self.left -= rows * count;
        self.place = [i + rows, 0];
        if i + rows == self.output.rows {
            self.place = [0, 0];
            self.example += 1;
        }
        Some(stretch)
    }
}

/// Fills P row by row. Rows are often shorter than a register; so whole registers are copied as far as there is room,
/// and what that writes beyond a row's part is overwritten by what follows.
struct Gather<'a, T> {
    shape: &'a Convolution,
    maps: &'a Matrix<T>,
    places: Range<usize>,
    to: ViewMut<'a, T>,
}

impl<T: Real> Operation<T> for Gather<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(mut self, lanes: L) {
        let (output, step) = (self.shape.output(), self.shape.stride[1]);
        // Of rows that meet the input no product wraps, and of others none is used.
        let down = self.shape.stride[0].wrapping_mul(self.shape.input.columns);
        for number in 0..self.shape.taps() {
            let (c, tap) = self.shape.tap(number);
            let (x, to) = (self.maps.row(c), self.to.row(number));
            let mut stretches = Stretches::new(self.shape, output, tap, &self.places);
            while let Some(Stretch { at, rows, count, within, from }) = stretches.next() {
                for k in 0..rows {
                    let row = at + k * count;
                    let (start, end) = (row + within.start, row + within.end);
                    let from = from.wrapping_add(k.wrapping_mul(down));
                    to[row..start].fill(T::ZERO);
                    let mut done = 0;
                    while start + done < end
                        && step == 1
                        && start + done + L::WIDTH <= to.len()
                        && from + done + L::WIDTH <= x.len()
                    {
                        lanes.store(lanes.load(&x[from + done..]), &mut to[start + done..]);
                        done += L::WIDTH;
                    }
                    while start + done < end {
                        to[start + done] = x[from + done * step];
                        done += 1;
                    }
                    to[end..row + count].fill(T::ZERO);
                }
            }
        }
    }
}

/// Adds the rows of D to where P's came from. Of a register that reaches beyond its row, zeros are added; a sum that
/// started at +0 is never -0, so that changes nothing.
struct AddBack<'a, T> {
    shape: &'a Convolution,
    patches: &'a Matrix<T>,
    places: Range<usize>,
    maps: &'a mut Matrix<T>,
}

impl<T: Real> Operation<T> for AddBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self, lanes: L) {
        let (output, step) = (self.shape.output(), self.shape.stride[1]);
        // Of rows that meet the input no product wraps, and of others none is used.
        let down = self.shape.stride[0].wrapping_mul(self.shape.input.columns);
        let mut counting = [T::ZERO; MOST_LANES];
        for (i, number) in counting.iter_mut().enumerate() {
            *number = T::from_usize(i);
        }
        let (counting, zero) = (lanes.load(&counting), lanes.splat(T::ZERO));
        for number in 0..self.shape.taps() {
            let (c, tap) = self.shape.tap(number);
            let (x, d) = (self.maps.row_mut(c), self.patches.row(number));
            let mut stretches = Stretches::new(self.shape, output, tap, &self.places);
            while let Some(Stretch { at, rows, count, within, from }) = stretches.next() {
                for k in 0..rows {
                    let (start, end) = (at + k * count + within.start, at + k * count + within.end);
                    let to = from.wrapping_add(k.wrapping_mul(down));
                    let mut done = 0;
                    while start + done < end
                        && step == 1
                        && start + done + L::WIDTH <= d.len()
                        && to + done + L::WIDTH <= x.len()
                    {
                        let many = lanes.load(&d[start + done..]);
                        let left = lanes.splat(T::from_usize(end - start - done));
                        let sum = lanes.load(&x[to + done..]) + counting.select_less(left, many, zero);
                        lanes.store(sum, &mut x[to + done..]);
                        done += L::WIDTH;
                    }
                    while start + done < end {
                        x[to + done * step] += d[start + done];
                        done += 1;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::definition::by_definition;
    use super::*;
    use crate::matrix::product;
    use crate::number::Random;
    use crate::number::sum::dot;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Odd shapes: wide and high filters, strides that leave rows over, padding wider than the filter's half, single places.
    pub fn shapes() -> Vec<Convolution> {
        let shape = |[channels, rows, columns]: [usize; 3], filters, size, stride, padding| Convolution {
            input: MapShape { channels, rows, columns },
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
            shape.patches(&x, 0..places, patches.view_mut());
            let mut z = Matrix::zeros(shape.filters, places);
            product::by_definition(w.view(), patches.view(), z.view_mut());
            assert_eq!(z, by_definition(&shape, w.view(), &vec![0.0; shape.filters], &x), "{shape:?}");
        }
    }

    #[test]
    fn parts_are_parts_of_the_whole() {
        for shape in shapes() {
            let x = draw(3, shape.input.channels, 2 * shape.input.plane());
            let places = 2 * shape.output().plane();
            let mut whole = Matrix::zeros(shape.taps(), places);
            shape.patches(&x, 0..places, whole.view_mut());
            for from in (0..places).step_by(5) {
                let to = places.min(from + 5);
                let mut part = Matrix::from_function(shape.taps(), to - from, |_, _| f64::NAN);
                shape.patches(&x, from..to, part.view_mut());
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
            shape.patches(&x, 0..examples * plane, patches.view_mut());
            let mut back = Matrix::zeros(x.rows(), x.columns());
            // One example at a time: the same, as they share no number.
            for example in 0..examples {
                let columns: Vec<usize> = (example * plane..(example + 1) * plane).collect();
                shape.add_adjoint(&d.select_columns(&columns), example..example + 1, &mut back);
            }
            let (one, other) = (dot(d.elements(), patches.elements()), dot(back.elements(), x.elements()));
            assert!((one - other).abs() < 1e-12, "{shape:?}: {one} {other}");
        }
    }

    #[test]
    fn the_way_back_adds_taps_in_ascending_order() {
        // One row of three under a filter of two: the middle number is met by tap 1 at place 0 and by tap 0 at place 1.
        let shape = Convolution::new(MapShape { channels: 1, rows: 1, columns: 3 }, 1, [1, 2]);
        let mut back = Matrix::from_rows(1, 3, vec![0.0, 1e16, 0.0]);
        let d = Matrix::from_rows(2, 2, vec![0.0, -1e16, 1.0, 0.0]);
        shape.add_adjoint(&d, 0..1, &mut back);
        assert_eq!(back.elements()[1], 1.0); // (1e16 - 1e16) + 1, not (1e16 + 1) - 1e16
    }
}
