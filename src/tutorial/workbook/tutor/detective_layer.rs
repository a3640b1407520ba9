//! Detective: one block of two.

use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::layer::{forward_by_definition, gradient_by_definition};
use crate::model::stacked::DenseWeights;
use crate::number::Random;
use crate::tutorial::workbook::HANDED_OUT;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// W, b, the examples, and their targets.
type Input = (Vec<Vec<f64>>, Vec<f64>, Vec<Vec<f64>>, Vec<Vec<f64>>);

/// ∂J/∂W, a row for each unit, and ∂J/∂b.
pub type Gradient = (Vec<Vec<f64>>, Vec<f64>);

fn parts(d_w: &[f64], d_b: &[f64]) -> Vec<Part> {
    vec![("∂J/∂W", d_w.to_vec()), ("∂J/∂b", d_b.to_vec())]
}

/// The gradient, with W and b multiplied by two factors of the number of examples.
fn scaled((w, b, x, t): &Input, factors: fn(f64) -> [f64; 2]) -> Vec<Part> {
    let weights = Matrix::from_function(w.len(), w[0].len(), |k, i| w[k][i]);
    let layer = DenseWeights { weights, bias: b.clone() };
    let mut gradient = DenseWeights { weights: Matrix::zeros(w.len(), w[0].len()), bias: vec![0.0; b.len()] };
    let m = x.len();
    for (x, t) in x.iter().zip(t) {
        let a = forward_by_definition(&layer, Activation::Sigmoid, x);
        let delta: Vec<f64> = a.iter().zip(t).map(|(&a, t)| (a - t) * Activation::Sigmoid.slope(a)).collect();
        gradient_by_definition(&delta, x, m, &mut gradient);
    }
    let [of_w, of_b] = factors(m as f64);
    let times = |values: &[f64], factor: f64| -> Vec<f64> { values.iter().map(|value| factor * value).collect() };
    parts(&times(gradient.weights.elements(), of_w), &times(&gradient.bias, of_b))
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let mut rows = |rows: usize, columns: usize| -> Vec<Vec<f64>> {
        (0..rows).map(|_| (0..columns).map(|_| random.uniform(-1.0, 1.0)).collect()).collect()
    };
    let two = vec![vec![1.0], vec![2.0]];
    let mut inputs = vec![(
        "W = 0, b = 0, and the examples 1 and 2 with the targets 0 and 0".to_string(),
        (vec![vec![0.0]], vec![0.0], two, vec![vec![0.0], vec![0.0]]),
    )];
    for (units, values, m) in [(3, 2, 7), (2, 5, 4)] {
        let (w, x, t) = (rows(units, values), rows(m, values), rows(m, units));
        inputs
            .push((format!("{units} units, {values} inputs, {m} random examples"), (w, rows(1, units).concat(), x, t)));
    }
    Judge::new(inputs, |input| scaled(input, |_| [1.0, 1.0]))
        .mistake(HANDED_OUT, |input| scaled(input, |m| [1.0, m]))
        .mistake("both blocks are sums over the examples, not means", |input| scaled(input, |m| [m, m]))
        .mistake("∂J/∂W is divided by the number of examples twice", |input| scaled(input, |m| [1.0 / m, 1.0]))
        .mistake("both blocks are divided by the number of examples twice", |input| {
            scaled(input, |m| [1.0 / m, 1.0 / m])
        })
        .mistake("∂J/∂b is divided by the number of examples twice", |input| scaled(input, |m| [1.0, 1.0 / m]))
        .mistake("∂J/∂b is multiplied by the number of examples, not divided", |input| {
            scaled(input, |m| [1.0, m * m])
        })
        .mistake("only the last example counts in ∂J/∂b, as with = in place of +=", |input| {
            let (w, b, x, t) = input;
            let m = x.len();
            let last = scaled(&(w.clone(), b.clone(), x[m - 1..].to_vec(), t[m - 1..].to_vec()), |_| [1.0, 1.0]);
            let d_b: Vec<f64> = last[1].1.iter().map(|value| value / m as f64).collect();
            parts(&scaled(input, |_| [1.0, 1.0])[0].1, &d_b)
        })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 6] = [
    Some(
        "Line A counts the examples, as J does. Line E divides ∂J/∂W by this m, and the error of W is only \
             rounding for m = 1, 4, and 7.",
    ),
    Some(
        "Line B is right: without b in z, a and δ would be wrong with one example too; but with one example both \
             blocks pass.",
    ),
    Some(
        "Line C is right: it computes z, and a wrong z would make a and δ wrong with one example too; but with one \
             example both blocks pass.",
    ),
    Some("Line D is the δ of the story. With one example ∂J/∂b is δ itself, and the error of b is then only 3·10⁻¹¹."),
    Some(
        "Line E computes only ∂J/∂W, and the error of W is 3·10⁻¹² with any number of examples. No wrong value \
             depends on this line.",
    ),
    None,
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the gradient from W, b, the examples, and their targets.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(gradient: fn(&[Vec<f64>], &[f64], &[Vec<f64>], &[Vec<f64>]) -> Gradient) {
    judge().check(|(w, b, x, t)| {
        let (d_w, d_b) = gradient(w, b, x, t);
        parts(&d_w.concat(), &d_b)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    #[test]
    fn one_letter_is_accepted() {
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'F')));
    }
}
