//! The squared error of reconstructions.

use crate::machine::Element;
use crate::matrix::Matrix;
use crate::model::autoencoder::reconstruction_by_definition;
use crate::model::{Activation, Autoencoder};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Examples, and their reconstructions.
type Input = (Vec<Vec<f64>>, Vec<Vec<f64>>);

/// What a student writes for several examples: the mean error from (x, y).
pub type MeanError = fn(&[Vec<f64>], &[Vec<f64>]) -> f64;

/// The chapter's cost, of an autoencoder that copies its input: the inputs are the reconstructions, and the error
/// compares them with the examples. There is no other term.
fn by_definition(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
    let n = x[0].len();
    let copy = Autoencoder { encoder: Activation::Linear, decoder: Activation::Linear, ..Autoencoder::new(n, n) };
    let mut theta = vec![0.0; copy.dimension()];
    let [w1, w2, ..] = copy.blocks();
    for i in 0..n {
        theta[w1.range.start + i * n + i] = 1.0;
        theta[w2.range.start + i * n + i] = 1.0;
    }
    let [inputs, examples] = [y, x].map(|list| Matrix::from_function(n, list.len(), |i, k| list[k][i]));
    reconstruction_by_definition(&copy, &theta, &inputs, &examples).0
}

/// The errors one by one, and their mean.
fn parts(errors: Vec<f64>, mean: f64) -> Vec<Part> {
    vec![("error", errors), ("mean_error", vec![mean])]
}

/// An error of each example.
fn each((x, y): &Input, error: impl Fn(&[f64], &[f64]) -> f64) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| error(x, y)).collect()
}

/// The sum over i of a term of y_i - x_i.
fn sum(x: &[f64], y: &[f64], term: fn(f64) -> f64) -> f64 {
    x.iter().zip(y).fold(0.0, |sum, (x, y)| sum + term(y - x))
}

fn squared(x: &[f64], y: &[f64]) -> f64 {
    0.5 * sum(x, y, |d| d * d)
}

fn total(errors: &[f64]) -> f64 {
    errors.iter().fold(0.0, |sum, e| sum + e)
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(6);
    let x = vec![vec![1.0, 3.0], vec![0.0, 2.0], vec![4.0, 0.0]];
    let y = vec![vec![2.0, 1.0], vec![0.0, 1.0], vec![1.0, 1.0]];
    let mut inputs = vec![("x = (1, 3), (0, 2), (4, 0), y = (2, 1), (0, 1), (1, 1)".to_string(), (x, y))];
    for (m, n) in [(2, 3), (5, 4), (1, 6)] {
        let [x, y] = [(); 2].map(|()| (0..m).map(|_| (0..n).map(|_| random.uniform(-1.0, 1.0)).collect()).collect());
        inputs.push((format!("{m} random example{} of {n} values", if m == 1 { "" } else { "s" }), (x, y)));
    }
    // Mistakes of the error, which the mean inherits, and those of the mean alone.
    let with = |input: &Input, error: fn(&[f64], &[f64]) -> f64| {
        let errors = each(input, error);
        let mean = total(&errors) / errors.len() as f64;
        parts(errors, mean)
    };
    let mean = |input: &Input, mean: fn(&[f64], usize) -> f64| {
        let errors = each(input, squared);
        let value = mean(&errors, input.0[0].len());
        parts(errors, value)
    };
    Judge::new(inputs, |input| {
        parts(each(input, |x, y| by_definition(&[x.to_vec()], &[y.to_vec()])), by_definition(&input.0, &input.1))
    })
    .mistake("the factor ½ is forgotten", move |input| with(input, |x, y| 2.0 * squared(x, y)))
    .mistake("the differences are not squared", move |input| with(input, |x, y| 0.5 * sum(x, y, |d| d)))
    .mistake("|y_i - x_i| in place of its square", move |input| with(input, |x, y| 0.5 * sum(x, y, f64::abs)))
    .mistake("the square of the sum, not the sum of the squares", move |input| {
        with(input, |x, y| 0.5 * sum(x, y, |d| d) * sum(x, y, |d| d))
    })
    .mistake("the square root of the sum of the squares", move |input| {
        with(input, |x, y| Element::sqrt(sum(x, y, |d| d * d)))
    })
    .mistake("the square root of half the sum of the squares", move |input| {
        with(input, |x, y| Element::sqrt(squared(x, y)))
    })
    .mistake("½ of the square root of the sum of the squares", move |input| {
        with(input, |x, y| 0.5 * Element::sqrt(sum(x, y, |d| d * d)))
    })
    .mistake("the mean of the squares over i, not their sum", move |input| {
        with(input, |x, y| squared(x, y) / x.len() as f64)
    })
    .mistake("the sum over i has only its last term (= in place of +=)", move |input| {
        with(input, |x, y| squared(&x[x.len() - 1..], &y[y.len() - 1..]))
    })
    .mistake("the sum over the examples, not divided by m", move |input| mean(input, |errors, _| total(errors)))
    .mistake("division by the number of values in an example, not by the number of examples", move |input| {
        mean(input, |errors, n| total(errors) / n as f64)
    })
    .mistake("the mean over the examples is also divided by the number of values", move |input| {
        mean(input, |errors, n| total(errors) / (errors.len() * n) as f64)
    })
    .mistake("the factor ½ is applied again in the mean", move |input| {
        mean(input, |errors, _| 0.5 * total(errors) / errors.len() as f64)
    })
    .mistake("the sum over the examples has only its last term (= in place of +=)", move |input| {
        mean(input, |errors, _| errors[errors.len() - 1] / errors.len() as f64)
    })
}

/// Checks the error of an example from (x, y), and the mean error from lists of both.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(error: fn(&[f64], &[f64]) -> f64, mean_error: MeanError) {
    judge().check(|input| parts(each(input, error), mean_error(&input.0, &input.1)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge().check_itself();
    }
}
