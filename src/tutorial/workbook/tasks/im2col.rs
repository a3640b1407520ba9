//! The matrix of patches
//!
//! Nested loops over filters, positions and taps compute a convolution slowly. A product of
//! matrices computes the same sums fast. So a network copies each patch that a filter covers into a
//! column of a matrix P; this is called im2col. Then one product W·P gives the outputs of all
//! filters, the rows of W, at all positions. For a map x of H x W elements, filters of h x v taps,
//! stride 1 and no padding:
//!
//!   P((r, s), (i, j)) = x(i + r, j + s)            (PA.1)
//!
//! A row of P belongs to a tap (r, s), an element of a filter, and a column to a position (i, j).
//! Both are counted row by row: first all s for r = 0, then all s for r = 1, and likewise all j for
//! each i. Find the row number of the tap (r, s) and the column number of the position (i, j), and
//! write P.

use ossicle::tutorial::workbook::tutor;

/// P, h·v rows with one value for each position of a filter of h x v taps. The map x is H rows of W values.
pub fn patches(x: &[Vec<f64>], h: usize, v: usize) -> Vec<Vec<f64>> {
    // solution
    let (rows, columns) = (x.len() - h + 1, x[0].len() - v + 1); // of positions
    let mut p = vec![vec![0.0; rows * columns]; h * v];
    for r in 0..h {
        for s in 0..v {
            for i in 0..rows {
                for j in 0..columns {
                    p[r * v + s][i * columns + j] = x[i + r][j + s]; // (PA.1)
                }
            }
        }
    }
    p
    // end
}

/// A patch of 2 x 2 fits into this map at two positions: 1 2 4 5 and 2 3 5 6. One of 2 x 1 fits at three: 1 4, 2 5, and
/// 3 6.
#[test]
fn a_patch_is_a_column() {
    let x = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]];
    assert_eq!(patches(&x, 2, 2), [[1.0, 2.0], [2.0, 3.0], [4.0, 5.0], [5.0, 6.0]]);
    assert_eq!(patches(&x, 2, 1), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
}

/// A filter of 2 x 3 has one position on this map, and its six taps are the rows of P. A filter of 1 x 1 has one tap,
/// and its six positions are the columns of P.
#[test]
fn taps_and_positions_are_counted_row_by_row() {
    let x = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]];
    assert_eq!(patches(&x, 2, 3), [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]);
    assert_eq!(patches(&x, 1, 1), [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
}

/// The filter (10, 1) as a row times P: 10·1 + 1·2 = 12, 10·2 + 1·3 = 23, and so on, as in the task on correlation.
#[test]
fn a_filter_times_p_is_its_correlation() {
    let p = patches(&[vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]], 1, 2);
    let z: Vec<f64> = (0..4).map(|position| 10.0 * p[0][position] + 1.0 * p[1][position]).collect();
    assert_eq!(z, [12.0, 23.0, 45.0, 56.0]);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::im2col::check(patches);
}

// hint: Write the numbers from 1 to 15 in three rows on paper, move a frame of 2 x 3 over them, and note r, s, i, and j
//   for each element of P. How many positions does the frame have in each direction?
// hint: There are H - h + 1 rows of positions and W - v + 1 columns. Before the tap (r, s) there are r whole rows of v
//   taps, and then s taps: its number is r·v + s. Positions are counted in the same way, with the number of columns of
//   positions in place of v.
// hint: With rows = H - h + 1 and columns = W - v + 1, begin with `vec![vec![0.0; rows * columns]; h * v]`. In four
//   loops, set p[r * v + s][i * columns + j] to x[i + r][j + s].
