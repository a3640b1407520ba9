//! Detective: right for one example.

use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::layer::{backward_by_definition, forward_by_definition};
use crate::model::stacked::DenseWeights;
use crate::number::{Random, Real};
use crate::tutorial::workbook::HANDED_OUT;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// Rows of numbers.
type Rows = Vec<Vec<f64>>;

/// W2, the activations and the reconstructions of the examples, the examples, ρ, and β.
type Input = (Rows, Rows, Rows, Rows, f64, f64);

/// The penalty, and δ2 of each example.
pub type Answer = (f64, Vec<Vec<f64>>);

fn parts((penalty, delta2): &Answer) -> Vec<Part> {
    vec![("penalty", vec![*penalty]), ("delta2", delta2.concat())]
}

fn matrix(rows: &[Vec<f64>]) -> Matrix<f64> {
    Matrix::from_function(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

fn means(a2: &[Vec<f64>]) -> Vec<f64> {
    let mean = |j: usize| a2.iter().fold(0.0, |sum, a| sum + a[j]) / a2.len() as f64;
    (0..a2[0].len()).map(mean).collect()
}

/// The slope of the penalty at r, a mean or another number (AE.10).
fn slope(rho: f64, r: f64) -> f64 {
    (1.0 - rho) / (1.0 - r) - rho / r
}

/// The right penalty, and δ2 with s of an example computed from the means and the example's activations.
fn with((w2, a2, y, x, rho, beta): &Input, s: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> Answer {
    let mean = means(a2);
    let kl = |r: f64| rho * Real::ln(rho / r) + (1.0 - rho) * Real::ln((1.0 - rho) / (1.0 - r));
    let penalty = beta * mean.iter().fold(0.0, |sum, &r| sum + kl(r));
    let delta = |n: usize| {
        let delta3 = |(&y, &x): (&f64, &f64)| (y - x) * Activation::Sigmoid.slope(y);
        let delta3: Vec<f64> = y[n].iter().zip(&x[n]).map(delta3).collect();
        backward_by_definition(&matrix(w2), &delta3, &s(&mean, &a2[n]), Activation::Sigmoid, &a2[n])
    };
    (penalty, (0..x.len()).map(delta).collect())
}

/// β times a function of each mean.
fn of_means(input: &Input, slope: impl Fn(f64) -> f64) -> Answer {
    with(input, |mean, _| mean.iter().map(|&r| input.5 * slope(r)).collect())
}

/// The activations and reconstructions of random examples by a random autoencoder.
fn drawn(random: &mut Random, n_v: usize, n_h: usize, m: usize, rho: f64, beta: f64) -> Input {
    let mut rows = |rows: usize, columns: usize, low: f64| -> Rows {
        (0..rows).map(|_| (0..columns).map(|_| random.uniform(low, 1.0)).collect()).collect()
    };
    let (w1, w2, x) = (rows(n_h, n_v, -1.0), rows(n_v, n_h, -1.0), rows(m, n_v, 0.0));
    let layer = |w: &Rows, bias: Vec<f64>| DenseWeights { weights: matrix(w), bias };
    let (encoder, decoder) = (layer(&w1, rows(1, n_h, -1.0).concat()), layer(&w2, rows(1, n_v, -1.0).concat()));
    let forward = |layer: &DenseWeights<f64>, x: &Rows| -> Rows {
        x.iter().map(|x| forward_by_definition(layer, Activation::Sigmoid, x)).collect()
    };
    let a2 = forward(&encoder, &x);
    let y = forward(&decoder, &a2);
    (w2, a2, y, x, rho, beta)
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let two = |value: f64| vec![vec![value], vec![value]];
    let first = (vec![vec![0.0]], vec![vec![0.25], vec![0.75]], two(0.5), two(0.5), 0.1, 3.0);
    let mut inputs = vec![("W2 = 0, a2 = ¼ and ¾, y = x = ½, ρ = 0.1, and β = 3".to_string(), first)];
    for (n_v, n_h, m, rho, beta) in [(4, 3, 5, 0.1, 3.0), (2, 5, 3, 0.2, 0.5), (3, 2, 7, 0.05, 1.0)] {
        let name = format!("{n_v} inputs, {n_h} hidden units, and {m} random examples");
        inputs.push((name, drawn(&mut random, n_v, n_h, m, rho, beta)));
    }
    Judge::new(inputs, |input| parts(&of_means(input, |r| slope(input.4, r))))
        .mistake(HANDED_OUT, |input| {
            parts(&with(input, |_, a| a.iter().map(|&a| input.5 * slope(input.4, a)).collect()))
        })
        .mistake("s is forgotten", |input| parts(&of_means(input, |_| 0.0)))
        .mistake("-s in place of s", |input| parts(&of_means(input, |r| -slope(input.4, r))))
        .mistake("s lacks the factor β", |input| parts(&of_means(input, |r| slope(input.4, r) / input.5)))
        .mistake("s is divided by the number of examples", |input| {
            parts(&of_means(input, |r| slope(input.4, r) / input.3.len() as f64))
        })
        .mistake("s has the mean in its first fraction, and the example's own activation in the second", |input| {
            let s = |(&r, &a): (&f64, &f64)| input.5 * ((1.0 - input.4) / (1.0 - r) - input.4 / a);
            parts(&with(input, |mean, a| mean.iter().zip(a).map(s).collect()))
        })
        .mistake("s has the mean in its second fraction, and the example's own activation in the first", |input| {
            let s = |(&r, &a): (&f64, &f64)| input.5 * ((1.0 - input.4) / (1.0 - a) - input.4 / r);
            parts(&with(input, |mean, a| mean.iter().zip(a).map(s).collect()))
        })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 8] = [
    Some("Line A is right: the penalty in J is computed from this mean, and J is right."),
    Some("Line B is right: it computes the penalty in J, and J is right."),
    Some("Line C is right: W2 and b2 are computed from δ3, and they pass."),
    Some("Line D is right: a is only a name for a2_j of this example. Ask which lines may use it."),
    None,
    Some("Line F is right: with a single example and β = 3, all blocks pass, so s enters δ2 at the right place."),
    Some("Line G is right: with β = 0, W1 and b1 consist of this sum, and they pass."),
    Some("Line H is right: with β = 0, and also with a single example, W1 and b1 pass."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the penalty and δ2 from W2, the activations and the reconstructions of the examples, the examples, ρ, and β.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(yours: fn(&[Vec<f64>], &[Vec<f64>], &[Vec<f64>], &[Vec<f64>], f64, f64) -> Answer) {
    judge().check(|(w2, a2, y, x, rho, beta)| parts(&yours(w2, a2, y, x, *rho, *beta)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Autoencoder;
    use crate::model::autoencoder::by_definition;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn one_letter_is_accepted() {
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'E')));
    }

    #[test]
    fn the_mean_of_delta2_is_the_chapters_gradient_by_b1() {
        let model = Autoencoder { sparsity: 0.1, sparsity_weight: 3.0, ..Autoencoder::new(2, 3) };
        let mut random = Random::new(2);
        let theta: Vec<f64> = (0..model.dimension()).map(|_| random.uniform(-1.0, 1.0)).collect();
        let x = Matrix::from_function(2, 5, |_, _| random.uniform(0.0, 1.0));
        let (a2, columns) = (model.encode(&theta, &x), |m: &Matrix<f64>| (0..5).map(|n| m.column(n)).collect::<Rows>());
        let w2 = (0..2).map(|i| theta[6 + 3 * i..][..3].to_vec()).collect();
        let input = (w2, columns(&a2), columns(&model.decode(&theta, &a2)), columns(&x), 0.1, 3.0);
        let (_, delta2) = of_means(&input, |r| slope(0.1, r));
        let (_, gradient) = by_definition(&model, &theta, &x);
        for (mean, expected) in means(&delta2).iter().zip(&gradient[12..15]) {
            assert!((mean - expected).abs() < 1e-12, "{mean} {expected}");
        }
    }
}
