//! Correlation and convolution
//!
//! A filter is a small matrix of weights that looks for one pattern at every position of a map,
//! which is an image or a spectrogram. Among patches of one length, as vectors, the output is
//! largest for a positive multiple of the filter. What networks compute is a correlation, though it
//! is called a convolution; the convolution of signal processing has different indices. For a map x
//! of H x W elements and a filter w of h x v:
//!
//!   (w ⋆ x)(i, j) = Σ_r Σ_s w(r, s)·x(i + r, j + s)                      (CO.2)
//!   (w * x)(i, j) = Σ_r Σ_s w(r, s)·x(i + h - 1 - r, j + v - 1 - s)      (CO.1)
//!
//! Both exist at the positions (i, j) where the whole filter lies within the map. How many rows and
//! columns of positions are there? Write the correlation first. The convolution then needs no loops
//! over the map: which filter, correlated with x, gives the same sums?

use ossicle::tutorial::workbook::tutor;

/// The correlation w ⋆ x. The filter w is h rows of v values. The map x is H rows of W values, with H >= h and W >= v.
pub fn correlate(w: &[Vec<f64>], x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    // solution
    let (rows, columns) = (x.len() - w.len() + 1, x[0].len() - w[0].len() + 1); // (CO.4)
    let mut z = vec![vec![0.0; columns]; rows];
    for i in 0..rows {
        for j in 0..columns {
            for r in 0..w.len() {
                for s in 0..w[0].len() {
                    z[i][j] += w[r][s] * x[i + r][j + s]; // (CO.2)
                }
            }
        }
    }
    z
    // end
}

/// The convolution w * x, for w and x as above.
pub fn convolve(w: &[Vec<f64>], x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    // solution
    let (h, v) = (w.len(), w[0].len());
    let mut rotated = vec![vec![0.0; v]; h];
    for r in 0..h {
        for s in 0..v {
            rotated[r][s] = w[h - 1 - r][v - 1 - s];
        }
    }
    correlate(&rotated, x) // (CO.1)
    // end
}

/// The first element of the correlation is 10·1 + 1·2 = 12, that of the convolution 1·1 + 10·2 = 21.
#[test]
fn a_filter_of_two_weights() {
    let (w, x) = ([vec![10.0, 1.0]], [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]]);
    assert_eq!(correlate(&w, &x), [[12.0, 23.0], [45.0, 56.0]]);
    assert_eq!(convolve(&w, &x), [[21.0, 32.0], [54.0, 65.0]]);
}

/// A single 1 selects one weight at each position: the output is the filter itself or the filter rotated.
#[test]
fn a_convolution_draws_the_filter_and_a_correlation_draws_it_rotated() {
    let w = [vec![1.0, 2.0], vec![3.0, 4.0]];
    let x = [vec![0.0, 0.0, 0.0], vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 0.0]];
    assert_eq!(correlate(&w, &x), [[4.0, 3.0], [2.0, 1.0]]);
    assert_eq!(convolve(&w, &x), [[1.0, 2.0], [3.0, 4.0]]);
}

/// (1 + 2z)·(3 - z + 4z²) = 3 + 5z + 2z² + 8z³. All coefficients are written from power 0 on. The zeros on both sides
/// of 3, -1, 4 give the positions where only one weight meets a coefficient.
#[test]
fn a_convolution_multiplies_polynomials() {
    assert_eq!(convolve(&[vec![1.0, 2.0]], &[vec![0.0, 3.0, -1.0, 4.0, 0.0]]), [[3.0, 5.0, 2.0, 8.0]]);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::correlation::check(correlate, convolve);
}

// hint: Slide a filter of 2 columns over a map of 3: it fits 2 times, not 1 and not 3. In general there are H - h + 1
//   rows and W - v + 1 columns. `w.len()` is h and `w[0].len()` is v.
// hint: The correlation has four nested loops, over i, j, r and s, and one line in the innermost that adds to z[i][j].
//   `vec![vec![0.0; columns]; rows]` makes a z of zeros to begin with. In (CO.1), rename h - 1 - r to r and v - 1 - s
//   to s: what happens to w?
// hint: After the renaming, (CO.1) is (CO.2) with w(h - 1 - r, v - 1 - s) in place of w(r, s). So fill a new filter by
//   `rotated[r][s] = w[h - 1 - r][v - 1 - s];` and return `correlate(&rotated, x)`.
