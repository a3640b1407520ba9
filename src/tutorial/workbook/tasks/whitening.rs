//! Whitening in two dimensions
//!
//! Neighboring bands of a spectrum rise and fall together. Whitening transforms the examples x_j so
//! that their values are uncorrelated and have equal variances; a model then does not spend its
//! units on what all bands share. It starts from
//!
//!   μ = 1/m·Σ_j x_j        C = 1/m·Σ_j (x_j - μ)(x_j - μ)ᵀ        (WN.1), (WN.2)
//!
//! The eigenvalues λ_k of C solve det(C - λ·I) = 0; its eigenvectors are the columns of V. ZCA
//! divides the coordinates of x_j along them by their standard deviations, and rotates back:
//!
//!   y_kj = 1/√(λ_k + ε)·Σ_i V_ik·(x_ij - μ_i)      z_ij = Σ_k V_ik·y_kj      (WN.6), (WN.7)
//!
//! x_ij is value i of x_j; ε, added to λ_k as it is, keeps weak coordinates small. Write C, λ, z.

use ossicle::tutorial::workbook::tutor;

/// The covariance C, 2 rows of 2 values, of m examples of 2 values each; their mean need not be 0.
pub fn covariance(x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    // solution
    let m = x.len() as f64;
    let mut mu = vec![0.0; 2];
    for j in 0..x.len() {
        for i in 0..2 {
            mu[i] += x[j][i] / m; // (WN.1)
        }
    }
    let mut c = vec![vec![0.0; 2]; 2];
    for j in 0..x.len() {
        for i in 0..2 {
            for l in 0..2 {
                c[i][l] += (x[j][i] - mu[i]) * (x[j][l] - mu[l]) / m; // (WN.2)
            }
        }
    }
    c
    // end
}

/// Both eigenvalues of the symmetric matrix C, 2 rows of 2 values, the larger one first.
pub fn eigenvalues(c: &[Vec<f64>]) -> Vec<f64> {
    // solution
    let mean = (c[0][0] + c[1][1]) / 2.0;
    let half = (c[0][0] - c[1][1]) / 2.0;
    let root = (half * half + c[0][1] * c[0][1]).sqrt();
    vec![mean + root, mean - root] // (WN.3)
    // end
}

/// z of one example, 2 values, from its x - μ, 2 values. λ has 2 values, and every λ_k + ε is above 0; V is 2 rows of 2
/// values, and column k, V_0k and V_1k, is the eigenvector of λ_k.
pub fn zca(centered: &[f64], lambda: &[f64], v: &[Vec<f64>], epsilon: f64) -> Vec<f64> {
    // solution
    let mut z = vec![0.0; 2];
    for k in 0..2 {
        let along = v[0][k] * centered[0] + v[1][k] * centered[1];
        let y = along / (lambda[k] + epsilon).sqrt(); // (WN.6)
        for i in 0..2 {
            z[i] += v[i][k] * y; // (WN.7)
        }
    }
    z
    // end
}

/// μ = (0, 0); C_00 = (9 + 1 + 9 + 1)/4 and C_01 = (3 + 3 + 3 + 3)/4. A shift by (1, -2) moves μ and nothing else.
#[test]
fn four_examples_have_a_covariance_that_no_shift_changes() {
    for (a, b) in [(0.0, 0.0), (1.0, -2.0)] {
        let x = [(3.0, 1.0), (1.0, 3.0), (-3.0, -1.0), (-1.0, -3.0)].map(|(x, y)| vec![x + a, y + b]);
        let c = covariance(&x);
        tutor::all_near(&c[0], &[5.0, 3.0], 1e-12);
        tutor::all_near(&c[1], &[3.0, 5.0], 1e-12);
    }
}

/// (5 - λ)² - 9 = 0, so 5 - λ = ±3. And (6 - λ)(2 - λ) - 5 = λ² - 8λ + 7 = 0 has the solutions 4 ± √(2² + 5).
#[test]
fn the_eigenvalues_solve_the_quadratic_equation() {
    tutor::all_near(&eigenvalues(&[vec![5.0, 3.0], vec![3.0, 5.0]]), &[8.0, 2.0], 1e-12);
    let root = 5.0_f64.sqrt();
    tutor::all_near(&eigenvalues(&[vec![6.0, root], vec![root, 2.0]]), &[7.0, 1.0], 1e-12);
}

/// V = [1 1; 1 -1]/√2: (3, 1) is (4, 2)/√2 along its columns. Divided by √8 and √2: (1, 1), so z = (1 + 1, 1 - 1)/√2.
/// V = [0.8 -0.6; 0.6 0.8]: (1.6, 1.2) is twice column 0, and √(3 + 1) = 2; (-1.2, 1.6) is twice column 1, and √1 = 1.
#[test]
fn each_coordinate_is_divided_by_its_own_deviation() {
    let r = 0.5_f64.sqrt();
    let v = [vec![r, r], vec![r, -r]];
    tutor::all_near(&zca(&[3.0, 1.0], &[8.0, 2.0], &v, 0.0), &[2.0 * r, 0.0], 1e-12);
    let v = [vec![0.8, -0.6], vec![0.6, 0.8]];
    tutor::all_near(&zca(&[1.6, 1.2], &[3.0, 0.0], &v, 1.0), &[0.8, 0.6], 1e-12);
    tutor::all_near(&zca(&[-1.2, 1.6], &[3.0, 0.0], &v, 1.0), &[-1.2, 1.6], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::whitening::check(covariance, eigenvalues, zca);
}

// hint: In `covariance`, C_il is a mean over the examples: of the deviation of value i from its mean, times that of
//   value l. In `eigenvalues`, write out the determinant of [C_00 - λ, C_01; C_10, C_11 - λ]. In `zca`, which two
//   values of V are an eigenvector?
// hint: In `covariance`, first a loop over the examples for μ, then three loops, over j, i, and l. In `eigenvalues`,
//   the determinant gives λ² - T·λ + D = 0, where T = C_00 + C_11 and D = C_00·C_11 - C_01². Its solutions have the
//   root of (T/2)² - D, which is ((C_00 - C_11)/2)² + C_01²: in this form, rounding cannot make it negative. In `zca`,
//   take one k at a time: y_k is a number, and you add y_k times column k of V to z.
// hint: In `covariance`, `c[i][l] += (x[j][i] - mu[i]) * (x[j][l] - mu[l]) / m as f64`, where m is `x.len()`. In
//   `eigenvalues`, (C_00 + C_11)/2 ± √(((C_00 - C_11)/2)² + C_01²). In `zca`, y is `(v[0][k] * centered[0] + v[1][k]
//   * centered[1]) / (lambda[k] + epsilon).sqrt()`; then `z[i] += v[i][k] * y`.
