//! Sobel's filters, the first example of a convolution: where, and how steeply, a picture A changes.
//!
//! ```text
//!      -1  0 +1              -1 -2 -1
//! Gx = -2  0 +2 * A,    Gy =  0  0  0 * A,    G = √(Gx² + Gy²)
//!      -1  0 +1              +1 +2 +1
//! ```
//!
//! Each is a difference over two columns (or rows), averaged over three neighbors with the weights 1, 2, 1. Since a
//! convolution flips its filter, Gx and Gy as written are negative where A grows to the right, and downward; G does not
//! depend on that. On a spectrogram G shows onsets, ends and the edges of formants; a network learns such filters by
//! itself.
//!
//! ```
//! use ossicle::matrix::Matrix;
//! use ossicle::model::convolution::sobel::sobel;
//!
//! // Dark on the left, bright on the right: 3 rows of 0 0 1 1.
//! let a = Matrix::from_function(3, 4, |_, j| if j < 2 { 0.0 } else { 1.0 });
//! let [gx, gy, g] = sobel(a.view());
//! assert_eq!(gx.elements(), [-4.0, -4.0]);
//! assert_eq!(gy.elements(), [0.0, 0.0]);
//! assert_eq!(g.elements(), [4.0, 4.0]);
//! ```
//!
//! Source: source E, "Convolutional Layers" (from Wikipedia); I. Sobel and G. Feldman, 1968.

use super::definition::convolve;
use crate::matrix::{Matrix, View};
use crate::number::Real;

/// The filter of Gx, as it is written above.
pub const GX: [[f64; 3]; 3] = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]];

/// The filter of Gy.
pub const GY: [[f64; 3]; 3] = [[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]];

/// Gx, Gy and G of a picture: each two rows and two columns smaller.
///
/// # Panics
/// If the picture has fewer than three rows or columns.
pub fn sobel<T: Real>(a: View<T>) -> [Matrix<T>; 3] {
    let [gx, gy] = [GX, GY].map(|filter| {
        let filter = Matrix::from_function(3, 3, |r, s| T::from_f64(filter[r][s]));
        convolve(filter.view(), a)
    });
    let g = Matrix::from_function(gx.rows(), gx.columns(), |i, j| {
        let (x, y) = (gx.row(i)[j], gy.row(i)[j]);
        (x * x + y * y).sqrt()
    });
    [gx, gy, g]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_measured_in_its_direction() {
        // A = 3·j - 4·i: eight times the slope, the signs turned by the flip.
        let a = Matrix::from_function(5, 6, |i, j| 3.0 * j as f64 - 4.0 * i as f64);
        let [gx, gy, g] = sobel(a.view());
        assert_eq!((g.rows(), g.columns()), (3, 4));
        assert!(gx.elements().iter().all(|&x| x == -24.0) && gy.elements().iter().all(|&y| y == 32.0));
        assert!(g.elements().iter().all(|&g| g == 40.0));
    }

    #[test]
    fn the_filters_are_products_of_a_difference_and_a_mean() {
        for r in 0..3 {
            for s in 0..3 {
                let (difference, mean) = ([-1.0, 0.0, 1.0], [1.0, 2.0, 1.0]);
                assert_eq!(GX[r][s], mean[r] * difference[s]);
                assert_eq!(GY[r][s], difference[r] * mean[s]);
            }
        }
    }
}
