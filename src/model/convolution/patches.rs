//! Patches: the matrix of all patches that a filter meets (im2col), and its adjoint (col2im).
//!
//! Why: at each position a filter multiplies a patch of the input by its weights and adds the products. With the
//! patches as the columns of a matrix P, the outputs of all filters at all positions are the product W·P, and a fast
//! convolution is a fast product. Back-propagation needs the adjoint of the map from x to P.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x(n, c, y, u) | the element in row y and column u of channel c of example n; 0 outside the map of H x W |
//! | (c, r, s) | a tap of a filter of h x v taps per channel, the index of a row of P |
//! | (n, i, j) | a position of a filter, the index of a column of P |
//! | t, t' | the stride, of rows and of columns |
//! | p, p' | the padding, of rows and of columns |
//! | <A, B> | Σ A ∘ B over all elements; ∘ is the product element by element |
//!
//! ```text
//! (PA.1)  P(x)((c, r, s), (n, i, j)) = x(n, c, i·t + r - p, j·t' + s - p')
//!
//! (PA.2)  Pᵀ(D)(n, c, y, u) = Σ D((c, r, s), (n, i, j))
//! ```
//!
//! The sum of (PA.2) is over all taps and positions with i·t + r - p = y and j·t' + s - p' = u.
//!
//! Derivation: number the elements of P by q and those of x by l. Each element of P is an element of x or zero, so P is
//! linear: P(x)_q = Σ_l A_ql·x_l, with A_ql = 1 where (PA.1) copies element l to q, and 0 elsewhere. Then
//!
//! ```text
//! <D, P(x)> = Σ_q D_q·Σ_l A_ql·x_l = Σ_l (Σ_q A_ql·D_q)·x_l = <Pᵀ(D), x>,
//! ```
//!
//! where Pᵀ(D)_l = Σ_q A_ql·D_q is (PA.2): the adjoint adds each element of D to the element of x that P copied. It
//! carries derivatives back: for D = ∂J/∂P a small change dx changes J by <D, P(dx)> = <Pᵀ(D), dx>, so that ∂J/∂x =
//! Pᵀ(D).
//!
//! By hand: one row x = (x0, x1, x2) and a filter of two taps have two positions, P = (x0, x1; x1, x2) row by row, and
//! Pᵀ(D) = (d00, d01 + d10, d11).
//!
//! Conventions: maps are a matrix of channels x (examples·H·W). x(n, c, y, u) stands in its row c and column n·H·W +
//! y·W + u, the `element` of the listing; `position` counts (n, i, j) in the same way. `for_each_copy` visits all taps
//! at all positions, except those in the padding, where P stays 0. P repeats an element of x up to h·v times, so
//! [`Convolution::patches`] fills only the requested columns. The taps are added into each element of Pᵀ(D) in
//! ascending order.
//!
//! Sources: K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for document
//! processing", 2006; MATLAB's `im2col` and `col2im`.

use super::definition::{Convolution, MapShape};
use crate::machine::{Lanes, Operation, ViewMut, run, size};
use crate::matrix::Matrix;
use crate::number::Real;
use core::ops::Range;

/// P(x): taps x positions.
///
/// # Panics
/// If `x` is not of the input's shape.
pub fn by_definition(shape: &Convolution, x: &Matrix<f64>) -> Matrix<f64> {
    let examples = shape.examples(x);
    let mut p = Matrix::zeros(shape.taps(), size::product([examples, shape.output().plane()]));
    for_each_copy(shape, examples, |tap, position, c, element| {
        p.row_mut(tap)[position] = x.row(c)[element]; // (PA.1)
    });
    p
}

/// Pᵀ(D): maps of the shape of x.
///
/// # Panics
/// If `d` has another number of rows than there are taps, or is not whole examples wide.
pub fn adjoint_by_definition(shape: &Convolution, d: &Matrix<f64>) -> Matrix<f64> {
    let plane = shape.output().plane();
    assert!(d.rows() == shape.taps() && d.columns().is_multiple_of(plane), "taps and positions");
    let examples = d.columns() / plane;
    let mut x = Matrix::zeros(shape.input.channels, size::product([examples, shape.input.plane()]));
    for_each_copy(shape, examples, |tap, position, c, element| {
        x.row_mut(c)[element] += d.row(tap)[position]; // (PA.2)
    });
    x
}

/// Calls `visit(tap, position, channel, element)` for each element of P that is one of x, tap after tap.
fn for_each_copy(shape: &Convolution, examples: usize, mut visit: impl FnMut(usize, usize, usize, usize)) {
    let output = shape.output();
    for tap in 0..shape.taps() {
        let (c, [r, s]) = shape.tap(tap);
        for n in 0..examples {
            for i in 0..output.rows {
                for j in 0..output.columns {
                    let position = n * output.plane() + i * output.columns + j;
                    if let Some(element) = shape.element([i, j], [r, s]) {
                        visit(tap, position, c, n * shape.input.plane() + element);
                    }
                }
            }
        }
    }
}

impl Convolution {
    /// Columns `positions` of P(x), counted over all examples of `maps`.
    ///
    /// # Panics
    /// If `maps` are not of the input's shape, there are no such positions, or `to` is not taps x positions.
    pub fn patches<T: Real>(&self, maps: &Matrix<T>, positions: Range<usize>, to: ViewMut<T>) {
        let all = size::product([self.examples(maps), self.output().plane()]);
        assert!(positions.end <= all, "position {} of {all}", positions.end);
        assert_eq!((to.rows(), to.columns()), (self.taps(), positions.len()), "taps and positions");
        run(Gather { shape: self, maps, positions, to });
    }
}

/// Positions that one tap treats alike: one or more whole rows of the output, or a part of one row.
struct Stretch {
    /// The index of the first row's first position, counted from the first position of the whole range.
    offset: usize,
    /// The number of rows; row k starts k·count positions further on, and k·t·W elements further on in the input.
    rows: usize,
    /// Positions in a row.
    count: usize,
    /// Those whose tap lies within the input, counted from the row's first position; empty in rows of padding.
    within: Range<usize>,
    /// The element of the input that the first of them meets; 0 if there is none.
    element: usize,
}

/// The stretches of a tap over a range of positions, in ascending order.
struct Stretches {
    shape: Convolution,
    output: MapShape,
    tap: [usize; 2],
    /// The rows of the output, and its columns, for which the tap lies within the input.
    inside: [Range<usize>; 2],
    example: usize,
    position: [usize; 2],
    offset: usize,
    remaining: usize,
}

impl Stretches {
    #[inline(always)]
    fn new(shape: &Convolution, output: MapShape, tap: [usize; 2], positions: &Range<usize>) -> Self {
        // 0 <= i·t + r - p < H, and the same for columns.
        let Convolution { input, stride, padding, .. } = *shape;
        let rows = |beyond: usize| (beyond + padding[0]).saturating_sub(tap[0]).div_ceil(stride[0]).min(output.rows);
        let columns =
            |beyond: usize| (beyond + padding[1]).saturating_sub(tap[1]).div_ceil(stride[1]).min(output.columns);
        let inside = [rows(0)..rows(input.rows), columns(0)..columns(input.columns)];
        let (example, position) = (positions.start / output.plane(), positions.start % output.plane());
        let position = [position / output.columns, position % output.columns];
        Stretches { shape: *shape, output, tap, inside, example, position, offset: 0, remaining: positions.len() }
    }

    #[inline(always)]
    fn next(&mut self) -> Option<Stretch> {
        if self.remaining == 0 {
            return None;
        }
        let Convolution { input, stride, padding, .. } = self.shape;
        let ([i, j], [down, across]) = (self.position, &self.inside);
        let outside = i < down.start || i >= down.end;
        let (rows, count) = if j > 0 || self.remaining < self.output.columns {
            (1, (self.output.columns - j).min(self.remaining))
        } else {
            let end = if i < down.start {
                down.start
            } else if i < down.end {
                down.end
            } else {
                self.output.rows
            };
            ((end - i).min(self.remaining / self.output.columns), self.output.columns)
        };
        let (low, high) = (across.start.max(j), across.end.min(j + count));
        let (within, element) = if outside || low >= high {
            (0..0, 0)
        } else {
            let row = self.example * input.plane() + (i * stride[0] + self.tap[0] - padding[0]) * input.columns;
            (low - j..high - j, row + low * stride[1] + self.tap[1] - padding[1])
        };
        let stretch = Stretch { offset: self.offset, rows, count, within, element };
        self.offset += rows * count;
        self.remaining -= rows * count;
        self.position = [i + rows, 0];
        if i + rows == self.output.rows {
            self.position = [0, 0];
            self.example += 1;
        }
        Some(stretch)
    }
}

/// Fills P row by row. The positions of an output row are often fewer than a register holds, so whole registers are
/// copied while there is room, and the surplus is overwritten by the next output row.
struct Gather<'a, T> {
    shape: &'a Convolution,
    maps: &'a Matrix<T>,
    positions: Range<usize>,
    to: ViewMut<'a, T>,
}

impl<T: Real> Operation<T> for Gather<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(mut self, lanes: L) {
        let (output, step) = (self.shape.output(), self.shape.stride[1]);
        // Wraps only in rows of padding, which use no element.
        let row_step = self.shape.stride[0].wrapping_mul(self.shape.input.columns);
        for index in 0..self.shape.taps() {
            let (c, tap) = self.shape.tap(index);
            let (x, to) = (self.maps.row(c), self.to.row(index));
            let mut stretches = Stretches::new(self.shape, output, tap, &self.positions);
            while let Some(Stretch { offset, rows, count, within, element }) = stretches.next() {
                for k in 0..rows {
                    let row = offset + k * count;
                    let (start, end) = (row + within.start, row + within.end);
                    let from = element.wrapping_add(k.wrapping_mul(row_step));
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

#[cfg(test)]
pub(super) mod tests {
    use super::super::definition;
    use super::*;
    use crate::matrix::product;
    use crate::number::Random;
    use crate::number::sum::dot;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Odd shapes: wide and high filters, strides that skip the last rows, padding wider than half a filter, one
    /// position.
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
    fn patches_are_their_definition_and_their_product_is_the_convolution() {
        for shape in shapes() {
            let x = draw(1, shape.input.channels, 3 * shape.input.plane());
            let w = draw(2, shape.filters, shape.taps());
            let positions = 3 * shape.output().plane();
            let mut patches = Matrix::from_function(shape.taps(), positions, |_, _| f64::NAN);
            shape.patches(&x, 0..positions, patches.view_mut());
            assert_eq!(patches, by_definition(&shape, &x), "{shape:?}");
            let mut z = Matrix::zeros(shape.filters, positions);
            product::by_definition(w.view(), patches.view(), z.view_mut());
            assert_eq!(z, definition::by_definition(&shape, w.view(), &vec![0.0; shape.filters], &x), "{shape:?}");
        }
    }

    #[test]
    fn parts_are_parts_of_the_whole() {
        for shape in shapes() {
            let x = draw(3, shape.input.channels, 2 * shape.input.plane());
            let positions = 2 * shape.output().plane();
            let mut whole = Matrix::zeros(shape.taps(), positions);
            shape.patches(&x, 0..positions, whole.view_mut());
            for from in (0..positions).step_by(5) {
                let to = positions.min(from + 5);
                let mut part = Matrix::from_function(shape.taps(), to - from, |_, _| f64::NAN);
                shape.patches(&x, from..to, part.view_mut());
                assert_eq!(part, whole.select_columns(&(from..to).collect::<Vec<_>>()), "{shape:?} {from}");
            }
        }
    }

    #[test]
    fn the_adjoint_carries_inner_products_back() {
        for shape in shapes() {
            let (examples, plane) = (2, shape.output().plane());
            let x = draw(4, shape.input.channels, examples * shape.input.plane());
            let d = draw(5, shape.taps(), examples * plane);
            let mut patches = Matrix::zeros(d.rows(), d.columns());
            shape.patches(&x, 0..examples * plane, patches.view_mut());
            let back = adjoint_by_definition(&shape, &d);
            let (one, other) = (dot(d.elements(), patches.elements()), dot(back.elements(), x.elements()));
            assert!((one - other).abs() < 1e-12, "{shape:?}: {one} {other}");
        }
    }

    #[test]
    fn the_adjoint_adds_taps_in_ascending_order() {
        // One row of five under a filter of three: the middle element is met by tap 0 at position 2, tap 1 at position
        // 1, and tap 2 at position 0.
        let shape = Convolution::new(MapShape { channels: 1, rows: 1, columns: 5 }, 1, [1, 3]);
        let d = Matrix::from_rows(3, 3, vec![0.0, 0.0, 1e16, 0.0, -1e16, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(adjoint_by_definition(&shape, &d).elements()[2], 1.0); // (1e16 - 1e16) + 1, not (1 - 1e16) + 1e16
    }
}
