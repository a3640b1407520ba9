//! From loops over examples to one product
//!
//! A loop over examples reads every weight from memory again for each example, and uses it once. A
//! matrix product computes the same sums for all examples, and uses each weight many times before
//! it reads the next one. So a network runs on whole matrices. An element of the product C = A·B is
//!
//!   c_ij = Σ_k a_ik·b_kj
//!
//! The columns of X are the examples. One product computes the layer of the chapter "Back through
//! layers" for all of them:
//!
//!   Z = W·X, plus b in every column              (BP.1)
//!   the activations: σ(Z), element by element    (BP.2)
//!
//! Every matrix is stored row by row in a vector: element ij is at i·columns + j, with the number
//! of columns of this matrix. Write the product, then the layer that uses it.

use ossicle::tutorial::workbook::tutor;

/// The product A·B, rows x columns: A is rows x inner, and B is inner x columns. All three are stored row by row.
pub fn product(a: &[f64], b: &[f64], rows: usize, inner: usize, columns: usize) -> Vec<f64> {
    // solution
    let mut c = vec![0.0; rows * columns];
    for i in 0..rows {
        for j in 0..columns {
            for k in 0..inner {
                c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
            }
        }
    }
    c
    // end
}

/// The activations of n_h sigmoid units for m examples, n_h x m: W is n_h x n_v, b has n_h values, X is n_v x m. All
/// matrices are stored row by row.
pub fn activations(w: &[f64], b: &[f64], x: &[f64], n_h: usize, n_v: usize, m: usize) -> Vec<f64> {
    // solution
    let mut a = product(w, x, n_h, n_v, m); // (BP.1)
    for j in 0..n_h {
        for n in 0..m {
            let z = a[j * m + n] + b[j]; // (BP.1)
            a[j * m + n] = 1.0 / (1.0 + (-z).exp()); // (BP.2)
        }
    }
    a
    // end
}

/// 1·1 - 1·2 + ½·3 = 0.5, and 1·4 - 1·5 + ½·6 = 2.
#[test]
fn a_row_times_a_column_is_one_number() {
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    tutor::all_near(&product(&a, &[1.0, -1.0, 0.5], 2, 3, 1), &[0.5, 2.0], 1e-12);
}

/// The first three columns of B copy the columns of A, and the last column adds them: 1 + 2 + 3 = 6, 4 + 5 + 6 = 15.
#[test]
fn each_column_of_b_makes_a_column_of_the_product() {
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let b = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0];
    tutor::all_near(&product(&a, &b, 2, 3, 4), &[1.0, 2.0, 3.0, 6.0, 4.0, 5.0, 6.0, 15.0], 1e-12);
}

/// The three examples are 0, 1, and -1. In multiples of ln 3, z of unit 0 is x = 0, 1, -1, where σ is ½, ¾, ¼; z of
/// unit 1 is 1 - x = 1, 0, 2, where σ is ¾, ½, and 1/(1 + 1/9) = 0.9.
#[test]
fn the_bias_of_a_unit_is_added_for_every_example() {
    let ln3 = 3.0_f64.ln();
    let found = activations(&[ln3, -ln3], &[0.0, ln3], &[0.0, 1.0, -1.0], 2, 1, 3);
    tutor::all_near(&found, &[0.5, 0.75, 0.25, 0.75, 0.5, 0.9], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::vectorize::check(product, activations);
}

// hint: product: three loops, where i and j choose an element of C, and k runs over the terms of its sum. How long is a
//   row of A, of B, and of C? activations: call `product`. Which row of Z belongs to unit j?
// hint: product: the rows of A have `inner` elements, so a_ik is at i·inner + k; the rows of B and C have `columns`
//   elements. activations: W·X has a row of m elements for each unit, and all of row j get the same b_j.
// hint: product: start with `let mut c = vec![0.0; rows * columns];`, and add `a[i * inner + k] * b[k * columns + j]`
//   to `c[i * columns + j]`. activations: z_j of example n is element `j * m + n` of `product(w, x, n_h, n_v, m)`, plus
//   `b[j]`. Replace it by 1/(1 + e^(-z)).
