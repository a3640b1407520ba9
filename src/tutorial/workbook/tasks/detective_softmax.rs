//! Detective: a cost of -∞
//!
//! The cost of softmax regression, with the largest score c of each example:
//!
//!   z = Θ·x + b      -ln p_y = c + ln Σ_k e^(z_k - c) - z_y      J is the mean      (SM.1), (SM.3)
//!
//! Training goes well until one example costs -∞. Only differences between scores should count, so
//! these examples with y = 0 should all cost the same. (In an f64, e^-746 is 0.)
//!
//!   z            (1, 2, 3)    (801, 802, 803)    (-699, -698, -697)    (-799, -798, -797)
//!   -ln p_y       2.40761         2.40761             2.40761                 -∞
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line: a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'C';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// J without weight decay. Θ has a row for each class; labels count from 0.
pub fn cost(theta: &[Vec<f64>], b: &[f64], examples: &[Vec<f64>], labels: &[usize]) -> f64 {
    let mut cost = 0.0;
    for n in 0..labels.len() {
        let mut z = b.to_vec(); // A
        for k in 0..z.len() {
            for j in 0..examples[n].len() {
                z[k] += theta[k][j] * examples[n][j]; // B
            }
        }
        // solution
        let mut c = z[0]; // C
        // instead
        // let mut c = 0.0; // C
        // end
        for k in 0..z.len() {
            if z[k] > c {
                c = z[k]; // D
            }
        }
        let mut sum = 0.0;
        for k in 0..z.len() {
            sum += (z[k] - c).exp(); // E
        }
        cost += c + sum.ln() - z[labels[n]]; // F
    }
    cost / labels.len() as f64 // G
}

#[test]
fn the_letter_is_right() {
    tutor::detective_softmax::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_softmax::check(cost);
}

// hint: -∞ is the logarithm of 0. So the sum in line F was 0, although each e^(...) should be positive. How far below 0
//   must all the exponents z_k - c have been?
// hint: At least one of the exponents z_k - c should be 0, that of the largest score. Compute c by hand, line by line,
//   for the scores (-799, -798, -797).
// hint: The search for the largest score starts at 0, and no score is larger than 0. It must start at one of the
//   scores, such as z[0].
