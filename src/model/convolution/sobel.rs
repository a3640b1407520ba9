//! Sobel's filters: where, and how steeply, a picture A changes. The first example of a convolution.
//!
//! Why: edges carry the shape of things in a picture, and onsets, ends and formants in a spectrogram. A derivative
//! finds them, but a difference of neighbors alone also finds all noise; Sobel's filters smooth across the direction of
//! the difference.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | A | the picture, or a spectrogram |
//! | Sx, Sy | the filters, 3 x 3, written row by row |
//! | * | [convolution](super::definition) |
//! | Gx, Gy | the changes along rows and along columns |
//! | G | the magnitude of the change |
//!
//! ```text
//! (SO.1)  Gx = Sx * A,  Sx = (-1 0 +1; -2 0 +2; -1 0 +1)
//! (SO.2)  Gy = Sy * A,  Sy = (-1 -2 -1; 0 0 0; +1 +2 +1)
//! (SO.3)  G = √(Gx² + Gy²)
//! ```
//!
//! Derivation: Sx is the product of the column (1, 2, 1)ᵀ and the row (-1, 0, +1): a difference over two columns,
//! averaged over three rows with the weights 1, 2, 1. Sy is its transpose. Since a convolution rotates its filter by
//! 180°, which changes both signs, Gx is negative where A grows to the right, and Gy where it grows downward; G does
//! not depend on that.
//!
//! A network learns such filters by itself.
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

/// Sx.
pub const SX: [[f64; 3]; 3] = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]];

/// Sy.
pub const SY: [[f64; 3]; 3] = [[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]];

/// Gx, Gy and G of a picture: each two rows and two columns smaller.
///
/// # Panics
/// If the picture has fewer than three rows or columns.
pub fn sobel<T: Real>(a: View<T>) -> [Matrix<T>; 3] {
    let [gx, gy] = [SX, SY].map(|filter| {
        let filter = Matrix::from_function(3, 3, |r, s| T::from_f64(filter[r][s]));
        convolve(filter.view(), a) // (SO.1), (SO.2)
    });
    let g = Matrix::from_function(gx.rows(), gx.columns(), |i, j| {
        let (x, y) = (gx.row(i)[j], gy.row(i)[j]);
        (x * x + y * y).sqrt() // (SO.3)
    });
    [gx, gy, g]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_measured_in_its_direction() {
        // A = 3·j - 4·i: eight times the slope, with the signs that the rotation changes.
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
                assert_eq!(SX[r][s], mean[r] * difference[s]);
                assert_eq!(SY[r][s], difference[r] * mean[s]);
            }
        }
    }
}
