//! Detective: too good for new voices.

use crate::dataset::recordings::{Collection, Recording};
use crate::dataset::split::{Fold, Split};
use crate::number::Random;
use crate::tutorial::workbook::judge::{Judge, Part, accept, evidence};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// The features, labels, and voices of recordings, and the number of voices.
type Input = (Vec<Vec<f64>>, Vec<usize>, Vec<usize>, usize);

/// The folds with one voice each to test, by the crate's split.
fn folds((_, labels, voices, _): &Input) -> Vec<Fold> {
    let recording = |(&label, voice): (&usize, &usize)| Recording {
        name: String::new(),
        label,
        group: format!("voice {voice}"),
        index: None,
        samples: Vec::new().into(),
    };
    let recordings = labels.iter().zip(voices).map(recording).collect();
    let classes = labels.iter().max().map_or(0, |largest| largest + 1);
    let collection = Collection { rate: 8000, labels: (0..classes).map(|y| y.to_string()).collect(), recordings };
    Split::Groups.folds(&collection, 0).expect("every label in several voices")
}

/// The number of correct labels by the nearest recording, over all folds, divided by the number of recordings.
fn accuracy((x, labels, ..): &Input, folds: &[(Vec<usize>, Vec<usize>)]) -> Vec<Part> {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
    let mut correct = 0.0;
    for (train, test) in folds {
        for &n in test {
            let nearer = |&i: &usize, &j: &usize| distance(&x[i], &x[n]).total_cmp(&distance(&x[j], &x[n]));
            let nearest = train.iter().copied().min_by(nearer).unwrap_or(n);
            correct += if labels[nearest] == labels[n] { 1.0 } else { 0.0 };
        }
    }
    vec![("accuracy", vec![correct / x.len() as f64])]
}

/// Folds in which recording n is tested in fold `fold_of(n)`.
fn by(count: usize, folds: usize, fold_of: impl Fn(usize) -> usize) -> Vec<(Vec<usize>, Vec<usize>)> {
    (0..folds).map(|fold| (0..count).partition(|&n| fold_of(n) != fold)).collect()
}

fn judge() -> Judge<Input> {
    let mut random = Random::new(2);
    let x = [0.0, 1.0, 4.0, 5.0, 10.0, 11.0, 14.0, 15.0].map(|value| vec![value]).to_vec();
    let first =
        "the features 0, 1, 4, 5, 10, 11, 14, 15, labels 0, 0, 1, 1, 0, 0, 1, 1, and voices 0, 0, 0, 0, 1, 1, 1, 1";
    let mut inputs = vec![(first.to_string(), (x, vec![0, 0, 1, 1, 0, 0, 1, 1], vec![0, 0, 0, 0, 1, 1, 1, 1], 2))];
    for (count, folds, classes, in_blocks) in [(29, 3, 2, true), (40, 5, 3, true), (46, 4, 3, false), (53, 3, 4, false)]
    {
        // The recordings of a voice are next to each other, or not.
        let voice = |n: usize| if in_blocks { n * folds / count } else { n / 2 % folds };
        let voices: Vec<usize> = (0..count).map(voice).collect();
        let labels: Vec<usize> = (0..count).map(|n| n % classes).collect();
        // A voice shifts its features further than a label does.
        let feature = |n: usize| -> Vec<f64> {
            let by_label = |j: usize| if j == labels[n] { 1.0 } else { 0.0 };
            let by_voice = |j: usize| (3 * voices[n] * (j + 1) % 7) as f64;
            (0..4).map(|j| by_label(j) + by_voice(j) + random.uniform::<f64>(-0.8, 0.8)).collect()
        };
        let x = (0..count).map(feature).collect();
        inputs.push((format!("{count} random recordings of {folds} voices"), (x, labels, voices, folds)));
    }
    Judge::new(inputs, |input| {
        let folds: Vec<_> = folds(input).into_iter().map(|fold| (fold.train, fold.test)).collect();
        accuracy(input, &folds)
    })
    .mistake("the code as it was handed out", |input| accuracy(input, &by(input.0.len(), input.3, |n| n % input.3)))
    .mistake("only the recording itself is left out of the training recordings", |input| {
        accuracy(input, &by(input.0.len(), input.0.len(), |n| n))
    })
    .mistake("the training recordings are those of the tested voice", |input| {
        let tested = by(input.0.len(), input.3, |n| input.2[n]).into_iter().map(|(_, test)| (test.clone(), test));
        accuracy(input, &tested.collect::<Vec<_>>())
    })
    .mistake("a fold is trained on its voice, and all other voices are tested", |input| {
        let exchanged = by(input.0.len(), input.3, |n| input.2[n]).into_iter().map(|(train, test)| (test, train));
        accuracy(input, &exchanged.collect::<Vec<_>>())
    })
    .mistake("a fold holds the recordings of a label", |input| {
        accuracy(input, &by(input.0.len(), input.3, |n| input.1[n]))
    })
}

/// Why each line is right, in the order of the letters; nothing for the wrong one.
const LINES: [Option<&str>; 7] = [
    None,
    Some("Line B is right: at first there is no neighbor, and any training recording is nearer than infinity."),
    Some("Line C is right: the sum over the features starts at 0 for each pair of recordings."),
    Some("Line D is right: it adds up the squared distance, which ranks the neighbors just as the distance does."),
    Some("Line E is right: it keeps the nearest of the recordings that the fold does not test."),
    Some("Line F is right: it counts a tested recording if its neighbor has the same label."),
    Some("Line G is right: each recording is tested in one fold, so there are x.len() tests in all."),
];

/// Accepts the letter of the wrong line.
///
/// # Panics
/// If it is another one, with the evidence against it.
#[track_caller]
pub fn check_line(letter: char) {
    accept(evidence(&LINES, letter.to_ascii_uppercase()));
}

/// Checks the accuracy from the features, labels, and voices of recordings, and the number of folds.
///
/// # Panics
/// If it is wrong.
#[track_caller]
pub fn check(accuracy: fn(&[Vec<f64>], &[usize], &[usize], usize) -> f64) {
    judge().check(|(x, labels, voices, folds)| vec![("accuracy", vec![accuracy(x, labels, voices, *folds)])]);
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
