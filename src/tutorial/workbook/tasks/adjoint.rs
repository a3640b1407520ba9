//! From the patches back to the map
//!
//! P is now the linear map from x to the matrix of patches P(x): it copies each element of x into
//! every patch that holds it. Back-propagation knows D = ∂J/∂P(x) and needs ∂J/∂x. An element of x
//! acts on J through each of its copies, so it collects the derivatives of all of them. Pᵀ, the
//! adjoint of P, takes D to ∂J/∂x. It is not the transpose of the matrix P(x):
//!
//!   P(x)((r, s), (i, j)) = x(i + r, j + s)                                      (PA.1)
//!   Pᵀ(D)(y, u) = Σ D((r, s), (i, j)),  over all with i + r = y and j + s = u   (PA.2)
//!   <D, P(x)> = <Pᵀ(D), x>,             with <A, B> = Σ A ∘ B over all elements
//!
//! The rows of D are the taps (r, s), and its columns the positions (i, j), both counted row by
//! row. The last line holds for all D and x, and only Pᵀ has this property, so it can test a
//! backward pass. Write Pᵀ, and the product <A, B> for this test.

use ossicle::tutorial::workbook::tutor;

/// Pᵀ(D), a map of `rows` x `columns` elements. D is h·v rows, one for each tap of a filter of h x v, with one value
/// for each of its (rows - h + 1)·(columns - v + 1) positions.
pub fn adjoint(d: &[Vec<f64>], rows: usize, columns: usize, h: usize, v: usize) -> Vec<Vec<f64>> {
    // solution
    let mut x = vec![vec![0.0; columns]; rows];
    let across = columns - v + 1; // positions in a row
    for r in 0..h {
        for s in 0..v {
            for i in 0..rows - h + 1 {
                for j in 0..across {
                    x[i + r][j + s] += d[r * v + s][i * across + j]; // (PA.2)
                }
            }
        }
    }
    x
    // end
}

/// <A, B> of two matrices of the same shape.
pub fn inner(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    // solution
    let mut sum = 0.0;
    for i in 0..a.len() {
        for j in 0..a[0].len() {
            sum += a[i][j] * b[i][j];
        }
    }
    sum
    // end
}

/// A row x of three elements and a filter of two taps: P(x) = (x0, x1; x1, x2), so Pᵀ(D) = (d00, d01 + d10, d11).
#[test]
fn the_element_in_the_middle_collects_two_derivatives() {
    assert_eq!(adjoint(&[vec![1.0, 2.0], vec![30.0, 40.0]], 1, 3, 1, 2), [[1.0, 32.0, 40.0]]);
}

/// If D is 1 everywhere, Pᵀ(D) counts the patches that hold an element: one for a corner, four for the middle.
#[test]
fn ones_count_the_copies() {
    let ones = vec![vec![1.0; 4]; 4];
    assert_eq!(adjoint(&ones, 3, 3, 2, 2), [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]);
}

/// A filter of 2 x 3 on a map of 2 x 3 has one position, and its six taps are the rows of D. One of 1 x 2 on a map of
/// 2 x 4 has six positions, the columns of D: two rows of three, with sums of 2 + 10, 3 + 20, 5 + 40, and 6 + 50.
#[test]
fn taps_and_positions_are_counted_row_by_row() {
    let d = [vec![1.0], vec![2.0], vec![3.0], vec![4.0], vec![5.0], vec![6.0]];
    assert_eq!(adjoint(&d, 2, 3, 2, 3), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let d = [vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![10.0, 20.0, 30.0, 40.0, 50.0, 60.0]];
    assert_eq!(adjoint(&d, 2, 4, 1, 2), [[1.0, 12.0, 23.0, 30.0], [4.0, 45.0, 56.0, 60.0]]);
}

/// x = (1, 2, 4) has P(x) = (1, 2; 2, 4). With D = (1, 2; 3, 5), Pᵀ(D) = (1, 5, 5). One side is 1·1 + 2·2 + 3·2 + 5·4 =
/// 31, and the other is 1·1 + 5·2 + 5·4 = 31.
#[test]
fn both_inner_products_agree() {
    let (d, p) = ([vec![1.0, 2.0], vec![3.0, 5.0]], [vec![1.0, 2.0], vec![2.0, 4.0]]);
    tutor::near(inner(&d, &p), 31.0, 1e-12);
    tutor::near(inner(&adjoint(&d, 1, 3, 1, 2), &[vec![1.0, 2.0, 4.0]]), 31.0, 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::adjoint::check(adjoint, inner);
}

// hint: In `adjoint`, you do not have to search for all (r, s) and (i, j) that belong to one (y, u). Go through the
//   elements of D instead. Each belongs to an element of P(x): from which element of x was that one copied?
// hint: `adjoint` begins with `vec![vec![0.0; columns]; rows]`. Its loops are those of P(x), over r, s, i, and j, with
//   the same numbers of taps and positions. Read P's assignment from right to left, and add, since several copies meet
//   in one element. `inner` needs two loops.
// hint: The tap (r, s) is row r·v + s of D, and the position (i, j) column i·(columns - v + 1) + j, so `adjoint` adds:
//   `x[i + r][j + s] += d[r * v + s][i * (columns - v + 1) + j];`. `inner` adds up `a[i][j] * b[i][j]`.
