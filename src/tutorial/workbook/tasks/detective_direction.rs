//! Detective: uphill with L-BFGS
//!
//! L-BFGS stores the pairs s = θ' - θ and y = ∇J(θ') - ∇J(θ) of its last steps, and computes its
//! direction d = -H·g from them in two loops (QN.4 to QN.8). With this code, training stops after
//! the first step. Asked for d at one, two, and three points of the chapter's example, where
//! J = (θ_1² + 4·θ_2²)/2, the code gives:
//!
//!   points                     pairs      g             d             slope g·d
//!   (4, 3)                       0     (4, 12)   (-0.316, -0.949)      -12.65
//!   (4, 3), (3, 2)               1     (3, 8)    ( 2.576,  2.106)       24.58
//!   (4, 3), (3, 2), (2, 2)       2     (2, 8)    ( 2,      2.24)        21.92
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line, a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'B';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// a·b
fn dot(a: &[f64], b: &[f64]) -> f64 {
    (0..a.len()).fold(0.0, |sum, j| sum + a[j] * b[j])
}

/// a - b
fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    (0..a.len()).map(|j| a[j] - b[j]).collect()
}

/// The direction d at the last of the points, from all points and the gradients there, the oldest first.
pub fn direction(points: &[Vec<f64>], gradients: &[Vec<f64>]) -> Vec<f64> {
    let (mut s, mut y) = (Vec::new(), Vec::new());
    for i in 1..points.len() {
        s.push(minus(&points[i], &points[i - 1])); // A
        // solution
        y.push(minus(&gradients[i], &gradients[i - 1])); // B
        // instead
        // y.push(minus(&gradients[i - 1], &gradients[i])); // B
        // end
    }
    let m = s.len();
    let mut q = minus(&vec![0.0; points[0].len()], &gradients[m]); // C
    if m == 0 {
        let length = dot(&q, &q).sqrt();
        return q.iter().map(|q| q * f64::min(1.0, 1.0 / length)).collect(); // (QN.9)
    }
    let mut alpha = vec![0.0; m];
    for i in (0..m).rev() {
        alpha[i] = dot(&s[i], &q) / dot(&s[i], &y[i]); // D
        for j in 0..q.len() {
            q[j] -= alpha[i] * y[i][j]; // E
        }
    }
    let gamma = dot(&s[m - 1], &y[m - 1]) / dot(&y[m - 1], &y[m - 1]); // F
    for j in 0..q.len() {
        q[j] *= gamma;
    }
    for i in 0..m {
        let beta = dot(&y[i], &q) / dot(&s[i], &y[i]); // G
        for j in 0..q.len() {
            q[j] += (alpha[i] - beta) * s[i][j]; // H
        }
    }
    q
}

#[test]
fn the_letter_is_right() {
    tutor::detective_direction::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_direction::check(direction);
}

// hint: With two pairs the chapter computes d = (-2, -2.24). So the numbers are right except for their sign, and
//   without pairs the sign is right, too. What must be positive for every pair, so that d descends?
// hint: Compute s·y of the pair from (4, 3) to (3, 2) by hand, once by the definition and once as this code does.
// hint: s is the new point minus the old one, so y must be the new gradient minus the old one: from gradients[i]
//   subtract gradients[i - 1].
