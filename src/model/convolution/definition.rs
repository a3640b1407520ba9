//! Convolution and correlation: the definitions.
//!
//! Why: a unit that sees a small patch of a map, with the same weights at every position, needs few weights and
//! recognizes its pattern wherever that occurs. A unit with weights w computes a correlation; a convolution is the
//! operation of signal processing and polynomial multiplication, and differs from it by a flip of w.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | x | a map of H x W elements |
//! | w | a filter of h x v elements |
//! | *, ⋆ | convolution and correlation, at the positions (i, j) where the whole filter lies within the map ("valid") |
//! | c, k | an input channel, and a filter with its bias b(k) |
//! | t, t' | the stride, of rows and of columns |
//! | p, p' | the padding, rows and columns of zeros around the map |
//!
//! Convolution (MATLAB's `conv2(x, w, 'valid')`) and correlation:
//!
//! ```text
//! (CO.1)  (w * x)(i, j) = Σ_r Σ_s w(r, s)·x(i + h - 1 - r, j + v - 1 - s)
//! (CO.2)  (w ⋆ x)(i, j) = Σ_r Σ_s w(r, s)·x(i + r, j + s)
//! ```
//!
//! The output of filter k in a network, and its number of rows; that of its columns is likewise:
//!
//! ```text
//! (CO.3)  z(k, i, j) = b(k) + Σ_c Σ_r Σ_s w(k, c, r, s)·x(c, i·t + r - p, j·t' + s - p')
//! (CO.4)  rows of z: ⌊(H + 2·p - h) / t⌋ + 1
//! ```
//!
//! Derivation of the relation between the two: let w'(r, s) = w(h - 1 - r, v - 1 - s), the filter rotated by 180°. Then
//!
//! ```text
//! (w * x)(i, j) = Σ_r Σ_s w'(h - 1 - r, v - 1 - s)·x(i + h - 1 - r, j + v - 1 - s)
//!               = Σ_r Σ_s w'(r, s)·x(i + r, j + s)
//! ```
//!
//! with h - 1 - r renamed r and v - 1 - s renamed s. This is (w' ⋆ x)(i, j). So convolving with w is correlating with w
//! rotated by 180°, and the other way around. Networks correlate and are called convolutional all the same; the sources
//! rotate the learned features before `conv2`, which rotates them back.
//!
//! Why it is called so: the convolution of two functions is (f ∗ g)(x) = ∫ f(x - t) g(t) dt. With u = x - t it becomes
//! ∫ f(u) g(x - u) du = (g ∗ f)(x), so f and g can be exchanged. (CO.1) is this sum for a filter and a map, at the
//! positions where it has all its terms. With zeros around, so that it has all positions, the two can be exchanged as
//! well (a test does); a correlation with exchanged factors is rotated by 180°.
//!
//! By hand: the rows of x are (1, 2, 3) and (4, 5, 6), and w = (10, 1). The correlation's first element is 10·1 + 1·2 =
//! 12, the convolution's 1·1 + 10·2 = 21.
//!
//! Conventions: the sum (CO.3) is that of a [product] over the inner index (c, r, s), in that
//! order, and b is added last. Elements outside the map are zeros, which are multiplied like any other element.
//!
//! Sources: source B, 8.4 "Convolutional layers"; source E, "Convolution"; UFLDL, "Feature extraction using
//! convolution".

use crate::machine::size;
use crate::matrix::{Matrix, View, product};
use crate::number::Real;

/// w * x at the positions where the whole filter lies within x: (H - h + 1) x (W - v + 1) elements.
///
/// # Panics
/// If the filter is empty or larger than x.
pub fn convolve<T: Real>(filter: View<T>, x: View<T>) -> Matrix<T> {
    let (h, v) = (filter.rows(), filter.columns());
    let rotated = Matrix::from_function(h, v, |r, s| filter.at(h - 1 - r, v - 1 - s));
    correlate(rotated.view(), x) // (CO.1)
}

/// w ⋆ x at the positions where the whole filter lies within x: (H - h + 1) x (W - v + 1) elements.
///
/// # Panics
/// If the filter is empty or larger than x.
pub fn correlate<T: Real>(filter: View<T>, x: View<T>) -> Matrix<T> {
    let input = MapShape { channels: 1, rows: x.rows(), columns: x.columns() };
    let shape = Convolution::new(input, 1, [filter.rows(), filter.columns()]);
    let map = Matrix::from_function(1, input.plane(), |_, at| x.at(at / input.columns, at % input.columns));
    let weights = Matrix::from_function(1, shape.taps(), |_, tap| filter.at(tap / shape.size[1], tap % shape.size[1]));
    let output = shape.output();
    let z = by_definition(&shape, weights.view(), &[T::ZERO], &map); // (CO.2)
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
    /// The shape of an example without rows and columns: maps of one element each.
    pub const fn vector(values: usize) -> Self {
        MapShape { channels: values, rows: 1, columns: 1 }
    }

    /// The elements of one map.
    ///
    /// # Panics
    /// If they are more than a size can count.
    pub fn plane(&self) -> usize {
        size::product([self.rows, self.columns])
    }

    /// The elements of an example: those of all its maps.
    ///
    /// # Panics
    /// If they are more than a size can count.
    pub fn elements(&self) -> usize {
        size::product([self.channels, self.rows, self.columns])
    }
}

/// The shape of a convolution: its input, its filters, and their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// The shape of the input maps.
    pub input: MapShape,
    /// The number of filters, and so of output maps.
    pub filters: usize,
    /// Rows and columns of a filter.
    pub size: [usize; 2],
    /// t and t': the distance of a filter's positions, in rows and in columns, at least 1.
    pub stride: [usize; 2],
    /// p rows of zeros above and below the maps, and p' columns of zeros on their left and right.
    pub padding: [usize; 2],
}

impl Convolution {
    /// Filters at every position within the maps: stride 1, no padding.
    pub fn new(input: MapShape, filters: usize, size: [usize; 2]) -> Self {
        Convolution { input, filters, size, stride: [1, 1], padding: [0, 0] }
    }

    /// The shape of the output maps.
    ///
    /// # Panics
    /// If a filter is empty or larger than the padded maps, a stride is 0, or the padded maps are longer than a size
    /// can count.
    pub fn output(&self) -> MapShape {
        let Convolution { input, size: filter, stride, padding, .. } = *self;
        let positions = |length: usize, axis: usize| {
            let padded = size::sum([length, padding[axis], padding[axis]]);
            assert!(
                (1..=padded).contains(&filter[axis]) && stride[axis] > 0,
                "a filter of {} at steps of {} on {padded}",
                filter[axis],
                stride[axis]
            );
            (padded - filter[axis]) / stride[axis] + 1 // (CO.4)
        };
        MapShape { channels: self.filters, rows: positions(input.rows, 0), columns: positions(input.columns, 1) }
    }

    /// The weights of one filter: c·h·v.
    ///
    /// # Panics
    /// If they are more than a size can count.
    pub fn taps(&self) -> usize {
        size::product([self.input.channels, self.size[0], self.size[1]])
    }

    /// Whether the filters are as large as the maps: a dense layer.
    pub(crate) fn is_dense(&self) -> bool {
        self.size == [self.input.rows, self.input.columns] && self.padding == [0, 0]
    }

    /// The channel c and the row and column (r, s) of a filter's tap, from its index.
    pub(super) fn tap(&self, index: usize) -> (usize, [usize; 2]) {
        let [h, v] = self.size;
        (index / (h * v), [index / v % h, index % v])
    }

    /// The index, within its map, of the element that a tap (r, s) meets at position (i, j); none in the padding.
    pub(super) fn element(&self, position: [usize; 2], tap: [usize; 2]) -> Option<usize> {
        let along = |axis: usize| (position[axis] * self.stride[axis] + tap[axis]).checked_sub(self.padding[axis]);
        let (row, column) = (along(0)?, along(1)?);
        (row < self.input.rows && column < self.input.columns).then_some(row * self.input.columns + column)
    }

    /// The number of examples in `maps`.
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

/// z of each filter (a row of `weights`) on each example of `maps`, position by position. Correct, and slow.
///
/// # Panics
/// If the shapes do not fit, or there is no memory for the output.
pub fn by_definition<T: Real>(shape: &Convolution, weights: View<T>, bias: &[T], maps: &Matrix<T>) -> Matrix<T> {
    assert_eq!(
        (weights.rows(), weights.columns(), bias.len()),
        (shape.filters, shape.taps(), shape.filters),
        "filters"
    );
    let (plane, output, examples) = (shape.input.plane(), shape.output(), shape.examples(maps));
    let mut z = Matrix::zeros(shape.filters, size::product([examples, output.plane()]));
    if shape.filters == 0 {
        return z; // at any number of positions
    }
    let (mut patch, mut sums) = (Matrix::zeros(shape.taps(), 1), Matrix::zeros(shape.filters, 1));
    for n in 0..examples {
        for i in 0..output.rows {
            for j in 0..output.columns {
                for index in 0..shape.taps() {
                    let (c, [r, s]) = shape.tap(index);
                    let x = shape.element([i, j], [r, s]).map(|element| maps.row(c)[n * plane + element]);
                    patch.row_mut(index)[0] = x.unwrap_or(T::ZERO);
                }
                product::by_definition(weights, patch.view(), sums.view_mut());
                for k in 0..shape.filters {
                    let position = n * output.plane() + i * output.columns + j;
                    z.row_mut(k)[position] = sums.row(k)[0] + bias[k]; // (CO.3)
                }
            }
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;
    use alloc::vec;

    #[test]
    fn with_zeros_around_a_convolution_commutes_and_a_correlation_is_rotated() {
        let mut random = crate::number::Random::new(1);
        let [f, g] = [[3, 4], [2, 5]]
            .map(|[rows, columns]| Matrix::<f64>::from_function(rows, columns, |_, _| random.uniform(-1.0, 1.0)));
        // All positions at which w and x overlap.
        let padded = |x: &Matrix<f64>, w: &Matrix<f64>| {
            let (above, left) = (w.rows() - 1, w.columns() - 1);
            Matrix::from_function(x.rows() + 2 * above, x.columns() + 2 * left, |i, j| {
                let inside = (above..above + x.rows()).contains(&i) && (left..left + x.columns()).contains(&j);
                if inside { x.row(i - above)[j - left] } else { 0.0 }
            })
        };
        let [fg, gf] = [(&f, &g), (&g, &f)].map(|(w, x)| convolve(w.view(), padded(x, w).view()));
        let [correlated, exchanged] = [(&f, &g), (&g, &f)].map(|(w, x)| correlate(w.view(), padded(x, w).view()));
        let last = fg.elements().len() - 1;
        for k in 0..=last {
            assert!((fg.elements()[k] - gf.elements()[k]).abs() < 1e-14);
            assert!((correlated.elements()[k] - exchanged.elements()[last - k]).abs() < 1e-14);
        }
        assert!((0..=last).any(|k| (correlated.elements()[k] - exchanged.elements()[k]).abs() > 0.1));
    }

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
