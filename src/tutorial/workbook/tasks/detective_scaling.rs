//! Detective: the same training, other weights
//!
//! Before training, each feature is scaled to mean 0 and standard deviation 1 (NO.4). Each time,
//! the 100 recordings of a voice (rms) and those to be tested go through `scaled` together, and
//! softmax regression is trained anew on the former, from Θ = 0. We test 100 recordings of another
//! voice, all at once and then one at a time. Θ_00 is from the run with all at once.
//!
//!   tested voice    Θ_00 after training    accuracy, all at once    one at a time
//!   kal                   0.134                   0.59                  0.43
//!   slt                   0.101                   0.60                  0.38
//!   espeak-f1             0.143                   0.58                  0.29
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line, a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'A';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// The examples x with each feature scaled. The first `count` examples are for training, the others for the test.
pub fn scaled(x: &[Vec<f64>], count: usize) -> Vec<Vec<f64>> {
    let mut scaled = x.to_vec(); // a copy, to overwrite
    for j in 0..x[0].len() {
        // solution
        let examples = 0..count; // A
        // instead
        // let examples = 0..x.len(); // A
        // end
        let (mut sum, mut m) = (0.0, 0.0);
        for n in examples {
            sum += x[n][j]; // B
            m += 1.0;
        }
        let mean = sum / m; // C
        let examples = 0..count; // D
        let (mut squares, mut m) = (0.0, 0.0);
        for n in examples {
            squares += (x[n][j] - mean) * (x[n][j] - mean); // E
            m += 1.0;
        }
        let deviation = if squares > 0.0 { (squares / m).sqrt() } else { 1.0 }; // F
        let examples = 0..x.len(); // G
        for n in examples {
            scaled[n][j] = (x[n][j] - mean) / deviation; // H
        }
    }
    scaled
}

#[test]
fn the_letter_is_right() {
    tutor::detective_scaling::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_scaling::check(scaled);
}

// hint: Θ_00 depends on the tested voice. So something that training uses was computed from the tested recordings.
//   Which values does line H use for the training examples?
// hint: Scale the features in the same way for training and test, but measure them on the training examples only.
//   Training must not see the test examples. In use, there is one recording at a time, and no other recordings to
//   measure. Which of the three loops over n may see the test examples, and which of them do?
// hint: The training examples are the first `count`. The deviation is measured on them, but the mean on all examples:
//   line A has to be 0..count.
