//! Max pooling, forward and back
//!
//! A label depends on whether and roughly where a pattern occurs, not on the exact element. So a
//! network keeps only the maximum p(R) of each region R of 2 x 2 elements. A small change in the
//! maximum changes p(R) by the same amount; one in a smaller element, nothing. So we remember
//! the position (i*, j*) of the maximum (of equal ones, the first row by row), and all of δ(R) =
//! ∂J/∂p(R) goes back to it:
//!
//!   p(R) = a(i*, j*)                                           (PO.2)
//!   rows of R: 2·r and 2·r + 1, for r = 0 to ⌊(n - 2)/2⌋       (PO.3)
//!   columns of R: 2·s and 2·s + 1, for s = 0, 1, ... likewise  (PO.3)
//!   ∂J/∂a(i, j) = δ(R) if (i, j) is (i*, j*) of R, else 0      (PO.6)
//!
//! n is the number of rows of the map a; if it is odd, the last row is in no region. (i*, j*) are
//! indices of the map, not of the region. Write the forward pass and the backward pass.

use ossicle::tutorial::workbook::tutor;

/// The maximum of each region, and its position (i*, j*). Both have half as many rows and columns as the map a, rounded
/// down. The map has at least 2 x 2 elements, in rows of equal length.
pub fn forward(a: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<Vec<[usize; 2]>>) {
    let (rows, columns) = (a.len() / 2, a[0].len() / 2);
    let mut p = vec![vec![0.0; columns]; rows];
    let mut positions = vec![vec![[0, 0]; columns]; rows];
    // solution
    for r in 0..rows {
        for s in 0..columns {
            let [mut best_i, mut best_j] = [2 * r, 2 * s]; // (PO.3)
            for i in 2 * r..2 * r + 2 {
                for j in 2 * s..2 * s + 2 {
                    if a[i][j] > a[best_i][best_j] {
                        [best_i, best_j] = [i, j];
                    }
                }
            }
            p[r][s] = a[best_i][best_j]; // (PO.2)
            positions[r][s] = [best_i, best_j];
        }
    }
    (p, positions)
    // end
}

/// ∂J/∂a, of `rows` x `columns` elements. δ has one value for each region, and `positions` comes from the forward pass.
pub fn backward(delta: &[Vec<f64>], positions: &[Vec<[usize; 2]>], rows: usize, columns: usize) -> Vec<Vec<f64>> {
    // solution
    let mut d = vec![vec![0.0; columns]; rows];
    for r in 0..delta.len() {
        for s in 0..delta[0].len() {
            let [i, j] = positions[r][s];
            d[i][j] = delta[r][s]; // (PO.6)
        }
    }
    d
    // end
}

/// The regions (1, 5; 3, 5) and (2, 8; 8, 1) each have their maximum twice, first in row 0. The third row is in no
/// region.
#[test]
fn the_first_of_equal_maxima_counts() {
    let a = [vec![1.0, 5.0, 2.0, 8.0], vec![3.0, 5.0, 8.0, 1.0], vec![9.0, 9.0, 9.0, 9.0]];
    let (p, positions) = forward(&a);
    assert_eq!(p, [[5.0, 8.0]]);
    assert_eq!(positions, [[[0, 1], [0, 3]]]);
}

/// The maximum of four negative numbers is the one nearest to 0.
#[test]
fn a_maximum_can_be_negative() {
    let (p, positions) = forward(&[vec![-4.0, -3.0], vec![-1.0, -2.0]]);
    assert_eq!((p, positions), (vec![vec![-1.0]], vec![vec![[1, 0]]]));
}

/// The maxima are in row 0 and column 1, and in row 1 and column 2: these get 10 and 20, and all others get 0.
#[test]
fn the_gradient_goes_only_to_the_maximum() {
    let d = backward(&[vec![10.0, 20.0]], &[vec![[0, 1], [1, 2]]], 3, 4);
    assert_eq!(d, [[0.0, 10.0, 0.0, 0.0], [0.0, 0.0, 20.0, 0.0], [0.0; 4]]);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::max_pooling::check(forward, backward);
}

// hint: Look for the maximum of one region as you would in a list: the first element is the best so far, and each
//   further element replaces it if it is larger. Remember only where the best one is: that gives you its value, too.
// hint: In loops over r and s, the best element so far is at first (2·r, 2·s). Two loops, over i from 2·r to 2·r + 1
//   and over j from 2·s to 2·s + 1, replace it by each larger one. With `>=`, the last of equal maxima would win.
// hint: Start with `let [mut best_i, mut best_j] = [2 * r, 2 * s];`. After the loops `for i in 2 * r..2 * r + 2` and
//   `for j in 2 * s..2 * s + 2`, p[r][s] is a[best_i][best_j] and positions[r][s] is [best_i, best_j]. Backward: start
//   with zeros, take `let [i, j] = positions[r][s];`, and set d[i][j] to delta[r][s].
