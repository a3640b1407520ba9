//! Softmax without overflow.

use crate::model::softmax::log_probabilities_by_definition;
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn parts(log_sum: f64, p: Vec<f64>) -> Vec<Part> {
    vec![("ln Σ e^z", vec![log_sum]), ("p", p)]
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

fn judge() -> Judge<Vec<f64>> {
    let mut random = Random::new(1);
    let mut inputs = vec![("z = (ln 3, 0)".to_string(), vec![Real::ln(3.0), 0.0])];
    for n in [3, 5] {
        inputs.push((format!("{n} random scores"), (0..n).map(|_| random.uniform(-3.0, 3.0)).collect()));
    }
    inputs.push(("z = (1000, 998, 0)".to_string(), vec![1000.0, 998.0, 0.0]));
    inputs.push(("z = (-1000, 1000)".to_string(), vec![-1000.0, 1000.0]));
    inputs.push(("z = (-1001, -1000, -1002, -1001)".to_string(), vec![-1001.0, -1000.0, -1002.0, -1001.0]));
    let of_log_sum = |f: fn(&[f64]) -> f64| move |z: &Vec<f64>| parts(f(z), right(z).1);
    let of_p = |f: fn(f64, f64) -> f64| {
        move |z: &Vec<f64>| {
            let (log_sum, _) = right(z);
            parts(log_sum, z.iter().map(|&z| f(z, log_sum)).collect())
        }
    };
    Judge::new(inputs, |z| {
        let (log_sum, p) = right(z);
        parts(log_sum, p)
    })
    .mistake("nothing is subtracted from the scores, so e^1000 is ∞", of_log_sum(|z| log_sum(z, 0.0)))
    .mistake("c is subtracted from the scores, and not added back", of_log_sum(|z| right(z).0 - largest(z, z[0])))
    .mistake("c is the first score, not the largest", of_log_sum(|z| log_sum(z, z[0])))
    .mistake(
        "c is the smallest score, not the largest",
        of_log_sum(|z| log_sum(z, z.iter().fold(z[0], |c, &z| if z < c { z } else { c }))),
    )
    .mistake(
        "the search for the largest score starts at 0, so c is 0 if all scores are negative",
        of_log_sum(|z| log_sum(z, largest(z, 0.0))),
    )
    .mistake("ln p in place of p: the exponential is missing", of_p(|z, log_sum| z - log_sum))
    .mistake("e^(z_k) is divided by the logarithm of the sum", of_p(|z, log_sum| Real::exp(z) / log_sum))
    .mistake(
        "p is the quotient of e^(z_k) and e^log_sum, which is ∞/∞ or 0/0 for large scores",
        of_p(|z, log_sum| Real::exp(z) / Real::exp(log_sum)),
    )
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
