//! Detective: too good for new voices
//!
//! How many words will a classifier recognize in a voice that it has never heard? Here, a word gets
//! the label of the nearest training recording. The function below measures the accuracy by
//! cross-validation on seven of the eight voices in Ossicle's spoken digits (100 words each). Then
//! we try the classifier on the eighth voice. (For 799 of the 800 recordings, the nearest of all
//! others is a recording of the same voice.)
//!
//!   eighth voice    accuracy(the other seven)    accuracy on it
//!   awb                       1.000                   0.73
//!   kal                       1.000                   0.49
//!   slt                       1.000                   0.51
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line: a capital letter in single quotes, such as 'B'.
// solution
pub const WRONG_LINE: char = 'A';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// The accuracy by cross-validation with a fold for each voice. Recording n has the features x[n], the label labels[n],
/// and the voice voices[n], a number below `folds`.
pub fn accuracy(x: &[Vec<f64>], labels: &[usize], voices: &[usize], folds: usize) -> f64 {
    let mut correct = 0.0;
    for fold in 0..folds {
        // solution
        let is_test = |n: usize| voices[n] == fold; // A
        // instead
        // let is_test = |n: usize| n % folds == fold; // A
        // end
        for n in 0..x.len() {
            let (mut nearest, mut smallest) = (n, f64::INFINITY); // B
            for i in 0..x.len() {
                let mut distance = 0.0; // C
                for j in 0..x[n].len() {
                    distance += (x[i][j] - x[n][j]) * (x[i][j] - x[n][j]); // D
                }
                if !is_test(i) && distance < smallest {
                    (nearest, smallest) = (i, distance); // E
                }
            }
            if is_test(n) && labels[nearest] == labels[n] {
                correct += 1.0; // F
            }
        }
    }
    correct / x.len() as f64 // G
}

#[test]
fn the_letter_is_right() {
    tutor::detective_accuracy::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_accuracy::check(accuracy);
}

// hint: Look at a recording that is tested. Which voice does its nearest training recording have while accuracy(...) is
//   computed, and which one when the eighth voice is tested?
// hint: A fold should stand for a new voice: all its recordings are tested, and none of them is used for training. What
//   do the recordings of a fold have in common here?
// hint: Recording n is tested in the fold of its voice: voices[n] == fold.
