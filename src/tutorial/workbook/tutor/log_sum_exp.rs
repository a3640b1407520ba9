//! Softmax without overflow.

use crate::model::softmax::log_probabilities_by_definition;
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn parts(log_sum: f64, p: Vec<f64>) -> Vec<Part> {
    vec![("log_sum_exp", vec![log_sum]), ("probabilities", p)]
}

/// ln Σ e^z, which is z_0 - ln p_0, and p.
fn right(z: &[f64]) -> (f64, Vec<f64>) {
    let (log_p, p) = log_probabilities_by_definition(z);
    (z[0] - log_p[0], p)
}

/// c + ln Σ e^(z - c).
fn log_sum(z: &[f64], c: f64) -> f64 {
    c + Real::ln(z.iter().fold(0.0, |sum, z| sum + Real::exp(z - c)))
}

/// The largest score, if it is above `start`.
fn largest(z: &[f64], start: f64) -> f64 {
    z.iter().fold(start, |c, &z| if z > c { z } else { c })
}

/// What c is by mistake: the first score (or the one with the largest absolute value, the first of several), the last
/// one, the smallest one, the mean, the last score with the largest absolute value, and the result of a search that
/// misses the last score or the first one. No two of them overflow on the same inputs.
const OTHER_C: [fn(&[f64]) -> f64; 7] = [
    |z| z[0],
    |z| z[z.len() - 1],
    |z| z.iter().fold(z[0], |c, &z| if z < c { z } else { c }),
    |z| z.iter().fold(0.0, |sum, z| sum + z) / z.len() as f64,
    |z| z.iter().fold(z[0], |c, &z| if z.abs() >= c.abs() { z } else { c }),
    |z| largest(&z[..z.len() - 1], z[0]),
    |z| largest(&z[1..], z[1]),
];

fn judge() -> Judge<Vec<f64>> {
    let mut random = Random::new(1);
    let mut inputs = vec![("z = (ln 3, 0)".to_string(), vec![Real::ln(3.0), 0.0])];
    for n in [3, 5] {
        inputs.push((format!("{n} random scores"), (0..n).map(|_| random.uniform(-3.0, 3.0)).collect()));
    }
    // Each wrong c overflows, or makes the sum 0, on some of these and not on others.
    inputs.push(("z = (1000, 998, 0)".to_string(), vec![1000.0, 998.0, 0.0]));
    inputs.push(("z = (-1000, 1000)".to_string(), vec![-1000.0, 1000.0]));
    inputs.push(("z = (1000, -1000)".to_string(), vec![1000.0, -1000.0]));
    inputs.push(("z = (-1001, -1000, -1002, -1001)".to_string(), vec![-1001.0, -1000.0, -1002.0, -1001.0]));
    inputs.push(("z = (-800, 1, 2)".to_string(), vec![-800.0, 1.0, 2.0]));
    inputs.push(("z = (400, 401)".to_string(), vec![400.0, 401.0]));
    let of_log_sum = |f: fn(&[f64]) -> f64| move |z: &Vec<f64>| parts(f(z), right(z).1);
    let of_p = |f: fn(f64, f64) -> f64| {
        move |z: &Vec<f64>| {
            let (log_sum, _) = right(z);
            parts(log_sum, z.iter().map(|&z| f(z, log_sum)).collect())
        }
    };
    let mut judge = Judge::new(inputs, |z| {
        let (log_sum, p) = right(z);
        parts(log_sum, p)
    })
    .mistake("nothing is subtracted from the scores, so e^1000 is ∞", of_log_sum(|z| log_sum(z, 0.0)))
    .mistake("c is subtracted from the scores, but not added back", of_log_sum(|z| right(z).0 - largest(z, z[0])))
    .mistake(
        "the search for the largest score does not start at a score, so c is too large if all scores are very low",
        of_log_sum(|z| log_sum(z, largest(z, 0.0))),
    )
    .mistake(
        "c is the largest of all |z_l|, so it is too large if that score is negative",
        of_log_sum(|z| log_sum(z, largest(&z.iter().map(|z| z.abs()).collect::<Vec<f64>>(), 0.0))),
    )
    .mistake("c is minus the largest score", of_log_sum(|z| log_sum(z, -largest(z, z[0]))))
    .mistake(
        "the sum in place of its logarithm",
        of_log_sum(|z| {
            let c = largest(z, z[0]);
            c + Real::exp(right(z).0 - c)
        }),
    )
    .mistake("ln p in place of p: the exponential is missing", of_p(|z, log_sum| z - log_sum))
    .mistake("e^(z_k) is divided by the logarithm of the sum", of_p(|z, log_sum| Real::exp(z) / log_sum))
    .mistake("the sign of the exponent is wrong, so the values are 1/p", of_p(|z, log_sum| Real::exp(log_sum - z)))
    .mistake(
        "e^(z_k) itself is divided by the sum, which is ∞/∞ or 0/0 for scores of such a size",
        of_p(|z, log_sum| Real::exp(z) / Real::exp(log_sum)),
    );
    for c in OTHER_C {
        let wrong = move |z: &Vec<f64>| parts(log_sum(z, c(z)), right(z).1);
        judge = judge.mistake("c is not the largest score", wrong);
    }
    judge
}

/// Checks ln Σ e^z of scores z, and the probabilities from the scores and this logarithm.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(log_sum_exp: fn(&[f64]) -> f64, probabilities: fn(&[f64], f64) -> Vec<f64>) {
    judge().check(|z| parts(log_sum_exp(z), probabilities(z, right(z).0)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
