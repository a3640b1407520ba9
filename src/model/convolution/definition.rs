//! Convolution and correlation: the definitions.
//!
//! For a plane x of H x W numbers and a filter w of h x v, at the places where the filter lies within the plane (valid):
//!
//! - convolution: (w * x)(i, j) = Σ_r Σ_s w(r, s)·x(i + h - 1 - r, j + v - 1 - s), the filter flipped: MATLAB's `conv2(x, w, 'valid')`;
//! - correlation: (w ⋆ x)(i, j) = Σ_r Σ_s w(r, s)·x(i + r, j + s), the filter as it is: what a unit with weights w does.
//!
//! The one with w flipped is the other with w. Networks, and everything below, correlate, and still are called
//! convolutional; the seeds flip the learned features so that `conv2`, which flips them back, correlates.
//!
//! With channels c, stride t, and zeros put around (padding p, the same idea in both directions), filter k with bias b gives
//!
//! z(k, i, j) = b(k) + Σ_c Σ_r Σ_s w(k, c, r, s)·x(c, i·t + r - p, j·t + s - p),
//!
//! where the sum is that of a [product](crate::matrix::product) over the inner index (c, r, s), in that order. The
//! zeros are multiplied like any other number.

use crate::machine::size;
use crate::matrix::{Matrix, View};
use crate::number::Real;

/// w * x where the whole filter lies within x: (H - h + 1) x (W - v + 1) sums; the filter is flipped.
///
/// # Panics
/// If the filter is empty or larger than x.
pub fn convolve<T: Real>(filter: View<T>, x: View<T>) -> Matrix<T> {
    let (h, v) = (filter.rows(), filter.columns());
    let flipped = Matrix::from_function(h, v, |r, s| filter.at(h - 1 - r, v - 1 - s));
    correlate(flipped.view(), x)
}

/// w ⋆ x where the whole filter lies within x: (H - h + 1) x (W - v + 1) sums; the filter stays as it is.
///
/// # Panics
/// If the filter is empty or larger than x.
pub fn correlate<T: Real>(filter: View<T>, x: View<T>) -> Matrix<T> {
    let input = MapShape { channels: 1, rows: x.rows(), columns: x.columns() };
    let shape = Convolution::new(input, 1, [filter.rows(), filter.columns()]);
    let map = Matrix::from_function(1, input.plane(), |_, at| x.at(at / input.columns, at % input.columns));
    let weights = Matrix::from_function(1, shape.taps(), |_, tap| filter.at(tap / shape.size[1], tap % shape.size[1]));
    let output = shape.output();
    let z = by_definition(&shape, weights.view(), &[T::ZERO], &map);
    Matrix::from_function(output.rows, output.columns, |i, j| z.row(0)[i * output.columns + j])
}

/// The shape of an example's maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapShape {
    /// The number of maps.
    pub channels: usize,
    /// The rows of each.
    pub rows: usize,
    /// The columns of each.
    pub columns: usize,
}

impl MapShape {
    /// The numbers of one map.
    ///
    /// # Panics
    /// If they are more than a size can count.
    pub fn plane(&self) -> usize {
        size::product([self.rows, self.columns])
    }

    /// The numbers of an example: all maps.
    ///
    /// # Panics
    /// If they are more than a size can count.
    pub fn elements(&self) -> usize {
        size::product([self.channels, self.rows, self.columns])
    }
}

/// The shape of a convolution: what its filters see, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// The shape of the maps that come in.
    pub input: MapShape,
    /// The number of filters, and so of the maps that go out.
    pub filters: usize,
    /// Rows and columns of a filter.
    pub size: [usize; 2],
    /// t: how far apart its places are, in rows and in columns, at least 1.
    pub stride: [usize; 2],
    /// p: rows of zeros above and below, and columns of zeros left and right.
    pub padding: [usize; 2],
}

impl Convolution {
    /// Filters at every place within the maps: stride 1, no padding.
    pub fn new(input: MapShape, filters: usize, size: [usize; 2]) -> Self {
        Convolution { input, filters, size, stride: [1, 1], padding: [0, 0] }
    }

    /// The shape of the maps that go out.
    ///
    /// # Panics
    /// If a filter is empty or larger than the padded maps, a stride is 0, or the padded maps are longer than a size can count.
    pub fn output(&self) -> MapShape {
        let Convolution { input, size: filter, stride, padding, .. } = *self;
        let places = |length: usize, axis: usize| {
            let padded = size::sum([length, padding[axis], padding[axis]]);
            assert!(
                (1..=padded).contains(&filter[axis]) && stride[axis] > 0,
                "a filter of {} at steps of {} on {padded}",
                filter[axis],
                stride[axis]
            );
            (padded - filter[axis]) / stride[axis] + 1
        };
        MapShape { channels: self.filters, rows: places(input.rows, 0), columns: places(input.columns, 1) }
    }

    /// The weights of one filter: c·h·v.
    ///
    /// # Panics
    /// If they are more than a size can count.
    pub fn taps(&self) -> usize {
        size::product([self.input.channels, self.size[0], self.size[1]])
    }

    /// Tap (c, r, s) of a filter, from its number.
    pub(super) fn tap(&self, number: usize) -> (usize, [usize; 2]) {
        let [h, v] = self.size;
        (number / (h * v), [number / v % h, number % v])
    }

    /// The examples in `maps`.
    ///
    /// # Panics
    /// If the maps are not of the input's shape.
    pub(super) fn examples<T: Real>(&self, maps: &Matrix<T>) -> usize {
        let plane = self.input.plane();
        let fits = maps.rows() == self.input.channels && plane > 0 && maps.columns().is_multiple_of(plane);
        assert!(fits, "maps of {} x {} for {:?}", maps.rows(), maps.columns(), self.input);
        maps.columns() / plane
    }
}

/// z of each filter (a row of `weights`) on each example of `maps`: the definition. Correct, and slow.
///
/// # Panics
/// If the shapes do not fit.
/// Also if there is no memory for the maps.
pub fn by_definition<T: Real>(shape: &Convolution, weights: View<T>, bias: &[T], maps: &Matrix<T>) -> Matrix<T> {
    assert_eq!(
        (weights.rows(), weights.columns(), bias.len()),
        (shape.filters, shape.taps(), shape.filters),
        "filters"
    );
    let (input, output) = (shape.input, shape.output());
    let examples = shape.examples(maps);
    let x = |c: usize, example: usize, place: [usize; 2], tap: [usize; 2]| {
        let at = |axis: usize| (place[axis] * shape.stride[axis] + tap[axis]).checked_sub(shape.padding[axis]);
        match (at(0), at(1)) {
            (Some(i), Some(j)) if i < input.rows && j < input.columns => {
                maps.row(c)[example * input.plane() + i * input.columns + j]
            }
            _ => T::ZERO,
        }
    };
    Matrix::from_function(shape.filters, size::product([examples, output.plane()]), |k, at| {
        let (example, place) = (at / output.plane(), at % output.plane());
        let place = [place / output.columns, place % output.columns];
        let mut z = T::ZERO;
        let mut chain = T::ZERO;
        for number in 0..shape.taps() {
            let (c, tap) = shape.tap(number);
            chain = weights.at(k, number).mul_add(x(c, example, place, tap), chain);
            if (number + 1).is_multiple_of(T::KC) || number + 1 == shape.taps() {
                z = if number < T::KC { chain } else { z + chain };
                chain = T::ZERO;
            }
        }
        z + bias[k]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use alloc::vec;

    #[test]
    fn a_convolution_and_a_correlation_by_hand() {
        let x = Matrix::from_rows(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let w = Matrix::from_rows(1, 2, vec![10.0, 1.0]);
        assert_eq!(correlate(w.view(), x.view()).elements(), [12.0, 23.0, 45.0, 56.0]);
        assert_eq!(convolve(w.view(), x.view()).elements(), [21.0, 32.0, 54.0, 65.0]);
    }

    #[test]
    fn convolution_multiplies_polynomials() {
        // Valid convolution of the padded coefficients: (1 + 2z)·(3 - z + 4z²).
        let x = Matrix::from_rows(1, 5, vec![0.0, 3.0, -1.0, 4.0, 0.0]);
        let w = Matrix::from_rows(1, 2, vec![1.0, 2.0]);
        assert_eq!(convolve(w.view(), x.view()).elements(), [3.0, 5.0, 2.0, 8.0]);
    }

    #[test]
    fn channels_strides_and_zeros_equal_the_sums_as_written() {
        let shape = Convolution {
            input: MapShape { channels: 3, rows: 6, columns: 5 },
            filters: 2,
            size: [3, 2],
            stride: [2, 1],
            padding: [1, 2],
        };
        assert_eq!(shape.output(), MapShape { channels: 2, rows: 3, columns: 8 });
        let mut random = Random::new(1);
        let mut draw = |rows, columns| Matrix::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0));
        let (x, w): (Matrix<f64>, Matrix<f64>) = (draw(3, 2 * 30), draw(2, 18));
        let bias = [0.5, -0.25];
        let z = by_definition(&shape, w.view(), &bias, &x);
        for k in 0..2 {
            for example in 0..2 {
                for i in 0..3 {
                    for j in 0..8 {
                        let mut expected = bias[k];
                        for c in 0..3 {
                            for r in 0..3 {
                                for s in 0..2 {
                                    let (y, u) = ((2 * i + r) as isize - 1, (j + s) as isize - 2);
                                    if (0..6).contains(&y) && (0..5).contains(&u) {
                                        let x = x.row(c)[example * 30 + (y * 5 + u) as usize];
                                        expected += w.row(k)[c * 6 + r * 2 + s] * x;
                                    }
                                }
                            }
                        }
                        let got = z.row(k)[example * 24 + i * 8 + j];
                        assert!((got - expected).abs() < 1e-14, "{k} {example} {i} {j}: {got} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "a filter of 4 at steps of 1 on 3")]
    fn a_filter_larger_than_the_plane_panics() {
        correlate(Matrix::<f64>::zeros(1, 4).view(), Matrix::zeros(2, 3).view());
    }
}
