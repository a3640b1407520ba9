//! Detective: a striped spectrogram.

use crate::audio::frames::Framing;
use crate::audio::window::{Ends, Window};
use crate::matrix::Matrix;
use crate::number::Random;
use crate::spectrum::fourier::real_by_definition;
use crate::spectrum::spectrogram::Spectrogram;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// The samples, the length of a frame, and the hop.
type Input = (Vec<f64>, usize, usize);

fn parts(rows: &[Vec<f64>]) -> Vec<Part> {
    let (first, later) = rows.split_at(rows.len().min(1));
    vec![("rows[0]", first.concat()), ("rows[1..]", later.concat())]
}

fn rows(spectrogram: &Matrix<f64>) -> Vec<Vec<f64>> {
    (0..spectrogram.columns()).map(|t| spectrogram.column(t)).collect()
}

/// A spectrogram whose taper depends on the start of a frame.
fn tapered((samples, length, hop): &Input, taper: impl Fn(usize) -> Vec<f64>) -> Vec<Part> {
    let framing = Framing { length: *length, hop: *hop };
    let row = |(t, frame): (usize, &[f64])| -> Vec<f64> {
        let tapered: Vec<f64> = frame.iter().zip(taper(t * hop)).map(|(x, w)| x * w).collect();
        real_by_definition(&tapered).iter().map(|x| x.re * x.re + x.im * x.im).collect()
    };
    parts(&framing.frames(samples).enumerate().map(row).collect::<Vec<_>>())
}

fn hann(length: usize) -> Vec<f64> {
    Window::Hann.weights(Ends::Periodic, length)
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(1);
    let six: Vec<f64> = (1..=6).map(f64::from).collect();
    let mut inputs = vec![("the samples 1 to 6, frames of 4, and hop 2".to_string(), (six, 4, 2))];
    for (n, length, hop) in [(23, 8, 3), (31, 10, 7), (50, 12, 4)] {
        let samples = (0..n).map(|_| random.uniform(-1.0, 1.0)).collect();
        inputs.push((format!("{n} random samples, frames of {length}, and hop {hop}"), (samples, length, hop)));
    }
    Judge::new(inputs, |(samples, length, hop): &Input| {
        parts(&rows(&Spectrogram::new(Framing { length: *length, hop: *hop }).power(samples)))
    })
    .mistake("the code as it was handed out", |input| {
        let w = hann(input.1);
        tapered(input, |start| (0..w.len()).map(|n| w[(start + n) % w.len()]).collect())
    })
    .mistake("there is no taper", |input| tapered(input, |_| vec![1.0; input.1]))
    .mistake("the taper is 1 at the ends of a frame and 0 in its middle", |input| {
        tapered(input, |_| hann(input.1).iter().map(|w| 1.0 - w).collect())
    })
    .mistake("the taper begins anew every hop samples", |input| {
        let w = hann(input.1);
        tapered(input, |_| (0..input.1).map(|n| w[n % input.2]).collect())
    })
    .mistake("the taper has the hop in place of N: it repeats every hop samples", |input| {
        let w = hann(input.2);
        tapered(input, |_| (0..input.1).map(|n| w[n % w.len()]).collect())
    })
    .mistake("the taper has N - 1 in place of N", |input| {
        tapered(input, |_| Window::Hann.weights(Ends::Symmetric, input.1))
    })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 7] = [
    Some(
        "Line A is right: it is (FR.2), for at least `length` samples. A wrong number of frames would not change \
             the frames themselves.",
    ),
    Some("Line B is right: frame t starts at t·hop. Wrong samples of a steady tone would still be that tone."),
    Some(
        "Line C is right: s = start + n, so every term has an extra factor e^(-2πi·k·start/N), where i is the \
             imaginary unit. It is the same for all n, a complex number of length 1, so the power does not change.",
    ),
    None,
    Some("Line E is right: if the real part were wrong, frame 0 would be wrong, too."),
    Some("Line F is right: if the imaginary part were wrong, frame 0 would be wrong, too."),
    Some("Line G is right: it does the same thing in every frame, and frame 0 is right."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the powers, a row for each frame, from the samples, the length of a frame, and the hop.
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(spectrogram: fn(&[f64], usize, usize) -> Vec<Vec<f64>>) {
    judge().check(|(samples, length, hop)| parts(&spectrogram(samples, *length, *hop)));
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
        assert!(('A'..='Z').chain(['?']).all(|letter| evidence(&LINES, letter).is_none() == (letter == 'D')));
    }
}
