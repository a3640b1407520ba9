//! Detective: the same training, other weights.

use crate::dataset::normalize::StandardScaler;
use crate::machine::Element;
use crate::matrix::Matrix;
use crate::number::Random;
use crate::tutorial::workbook::HANDED_OUT;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// The examples, and the number of those for training, which come first.
type Input = (Vec<Vec<f64>>, usize);

fn parts(scaled: &[Vec<f64>], count: usize) -> Vec<Part> {
    let (training, test) = scaled.split_at(count.min(scaled.len()));
    vec![("scaled[..count]", training.concat()), ("scaled[count..]", test.concat())]
}

/// Examples as columns, and back.
fn columns(x: &[Vec<f64>]) -> Matrix<f64> {
    Matrix::from_function(x[0].len(), x.len(), |j, n| x[n][j])
}

fn applied(scaler: &StandardScaler<f64>, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut x = columns(x);
    scaler.apply(&mut x);
    (0..x.columns()).map(|n| x.column(n)).collect()
}

/// All examples by one scaler.
fn by((x, count): &Input, scaler: &StandardScaler<f64>) -> Vec<Part> {
    parts(&applied(scaler, x), *count)
}

fn of_all((x, _): &Input) -> StandardScaler<f64> {
    StandardScaler::measure(&columns(x))
}

/// The mean of all examples, and the root of the mean squared distance of the training examples from it.
fn handed_out(input @ (x, count): &Input) -> StandardScaler<f64> {
    let means = of_all(input).means;
    let deviation = |(j, mean): (usize, &f64)| {
        let squares = x[..*count].iter().fold(0.0, |sum, x| sum + (x[j] - mean) * (x[j] - mean));
        if squares > 0.0 { Element::sqrt(squares / *count as f64) } else { 1.0 }
    };
    let deviations = means.iter().enumerate().map(deviation).collect();
    StandardScaler { means, deviations }
}

/// The mean of the training examples, and the root of the mean squared distance of all examples from it.
fn deviation_of_all(input @ (x, _): &Input) -> StandardScaler<f64> {
    let means = of_training(input).means;
    let deviation = |(j, mean): (usize, &f64)| {
        let squares = x.iter().fold(0.0, |sum, x| sum + (x[j] - mean) * (x[j] - mean));
        if squares > 0.0 { Element::sqrt(squares / x.len() as f64) } else { 1.0 }
    };
    let deviations = means.iter().enumerate().map(deviation).collect();
    StandardScaler { means, deviations }
}

fn of_training((x, count): &Input) -> StandardScaler<f64> {
    StandardScaler::measure(&columns(&x[..*count]))
}

fn of_test((x, count): &Input) -> StandardScaler<f64> {
    StandardScaler::measure(&columns(&x[*count..]))
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let values = |values: &[f64]| values.iter().map(|value| vec![*value]).collect::<Vec<_>>();
    let mut inputs = vec![(
        "the training examples 1 and 3 and the test examples 5 and 11".to_string(),
        (values(&[1.0, 3.0, 5.0, 11.0]), 2),
    )];
    for (count, tests, features) in [(5, 3, 2), (4, 7, 3)] {
        // The test examples are shifted.
        let shift = |n: usize| if n < count { 0.0 } else { 0.5 };
        let mut example =
            |n: usize| -> Vec<f64> { (0..features).map(|_| shift(n) + random.uniform::<f64>(-1.0, 1.0)).collect() };
        let x: Vec<Vec<f64>> = (0..count + tests).map(&mut example).collect();
        inputs.push((format!("{count} training and {tests} test examples of {features} random features"), (x, count)));
    }
    Judge::new(inputs, |input: &Input| by(input, &of_training(input)))
        .mistake(HANDED_OUT, |input| by(input, &handed_out(input)))
        .mistake("the mean and the deviation are measured on all examples", |input| by(input, &of_all(input)))
        .mistake("the test examples are scaled by their own mean and deviation", |input| {
            let (training, test) = input.0.split_at(input.1);
            parts(&[applied(&of_training(input), training), applied(&of_test(input), test)].concat(), input.1)
        })
        .mistake("the test examples are not scaled", |input| {
            let (training, test) = input.0.split_at(input.1);
            parts(&[applied(&of_training(input), training), test.to_vec()].concat(), input.1)
        })
        .mistake("the mean is that of the training examples, but the deviation is that of all examples", |input| {
            by(input, &deviation_of_all(input))
        })
        .mistake("the mean and the deviation are measured on the test examples", |input| by(input, &of_test(input)))
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 8] = [
    None,
    Some("Line B is right: it adds up feature j."),
    Some("Line C is right: a sum of m terms, divided by m, is their mean."),
    Some("Line D is right: the first `count` examples are those for training."),
    Some("Line E is right: it adds up squared distances from the mean of line C."),
    Some("Line F is right: the deviation is the root of the mean of the m squares."),
    Some("Line G is right: the test examples have to be scaled too, in the same way as those for training."),
    Some("Line H is right: it is (NO.4)."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the scaled examples from the examples and the number of those for training.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(scaled: fn(&[Vec<f64>], usize) -> Vec<Vec<f64>>) {
    judge().check(|(x, count)| parts(&scaled(x, *count), *count));
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
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'A')));
    }
}
