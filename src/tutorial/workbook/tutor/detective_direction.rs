//! Detective: uphill with L-BFGS.

use crate::number::Random;
use crate::optimize::two_loop::by_definition;
use crate::tutorial::workbook::HANDED_OUT;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// The points and the gradients there, the oldest first.
type Input = (Vec<Vec<f64>>, Vec<Vec<f64>>);

/// a - b
fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The changes from each point, or gradient, to the next.
fn changes(values: &[Vec<f64>]) -> Vec<Vec<f64>> {
    values.windows(2).map(|pair| minus(&pair[1], &pair[0])).collect()
}

fn negative(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| -value).collect()
}

fn part(d: Vec<f64>) -> Vec<Part> {
    vec![("direction", d)]
}

/// The chapter's direction.
fn right((points, gradients): &Input) -> Vec<f64> {
    with((points, gradients), changes(gradients))
}

/// The direction with another y.
fn with((points, gradients): (&Vec<Vec<f64>>, &Vec<Vec<f64>>), y: Vec<Vec<f64>>) -> Vec<f64> {
    by_definition(&changes(points), &y, &gradients[gradients.len() - 1])
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let gradient = |point: &Vec<f64>| vec![point[0], 4.0 * point[1]];
    let points = vec![vec![4.0, 3.0], vec![3.0, 2.0], vec![2.0, 2.0]];
    let of = |points: Vec<Vec<f64>>| -> Input {
        let gradients = points.iter().map(gradient).collect();
        (points, gradients)
    };
    let mut inputs = vec![
        ("the points (4, 3) and (3, 2) of the chapter's example".to_string(), of(points[..2].to_vec())),
        ("the points (4, 3), (3, 2), and (2, 2) of the chapter's example".to_string(), of(points.clone())),
        ("the point (4, 3) alone, without pairs".to_string(), of(points[..1].to_vec())),
    ];
    for (n, count) in [(3, 5), (5, 4)] {
        // A bowl with a different curvature along each axis: s·y > 0.
        let row = |random: &mut Random| -> Vec<f64> { (0..n).map(|_| random.uniform(-1.0, 1.0)).collect() };
        let points: Vec<Vec<f64>> = (0..count).map(|_| row(&mut random)).collect();
        let curved = |point: &Vec<f64>| point.iter().enumerate().map(|(j, x)| (1 + j * j) as f64 * x).collect();
        let gradients = points.iter().map(curved).collect();
        inputs.push((format!("{count} random points of {n} parameters"), (points, gradients)));
    }
    Judge::new(inputs, |input| part(right(input)))
        .mistake(HANDED_OUT, |(points, gradients)| {
            let y = changes(gradients).iter().map(|y| negative(y)).collect();
            part(with((points, gradients), y))
        })
        .mistake("d has the opposite sign for any number of pairs", |input| part(negative(&right(input))))
        .mistake("two signs are wrong now; they cancel in d if there are pairs, but not without pairs", |input| {
            let d = right(input);
            part(if input.0.len() > 1 { d } else { negative(&d) })
        })
        .mistake("y is the new gradient, without the old one", |(points, gradients)| {
            part(with((points, gradients), gradients[1..].to_vec()))
        })
        .mistake("y is the sum of the two gradients", |(points, gradients)| {
            let sum = |pair: &[Vec<f64>]| minus(&pair[1], &negative(&pair[0]));
            part(with((points, gradients), gradients.windows(2).map(sum).collect()))
        })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 8] = [
    Some(
        "Line A is right: it is s as the story defines it, the new point minus the old one. If s had the opposite \
             sign as well, the two signs would cancel in d, but neither s nor y would be what the story defines.",
    ),
    None,
    Some("Line C is right: without pairs, d is this vector (shortened), and it descends."),
    Some("Line D is (QN.4). With a wrong α, d would not be exactly the opposite of the chapter's."),
    Some("Line E is (QN.5). With a wrong q, d would not be exactly the opposite of the chapter's."),
    Some("Line F is (QN.3). With a wrong γ, d would not be exactly the opposite of the chapter's."),
    Some("Line G is (QN.7). With a wrong β, d would not be exactly the opposite of the chapter's."),
    Some("Line H is (QN.8). With another sum, d would not be exactly the opposite of the chapter's."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the direction from the points and the gradients.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(direction: fn(&[Vec<f64>], &[Vec<f64>]) -> Vec<f64>) {
    judge().check(|(points, gradients)| part(direction(points, gradients)));
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
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'B')));
    }
}
