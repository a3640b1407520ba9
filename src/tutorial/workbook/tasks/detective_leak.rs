//! Detective: the same training, other weights
//!
//! Before training, each feature is scaled to mean 0 and deviation 1 (NO.4). Softmax regression is
//! then trained, always from Θ = 0 and on the same 100 recordings, those of the voice rms. We test
//! it on 100 recordings of another voice, all at once, and then again with one recording at a time:
//!
//!   tested voice    Θ_00 after training    accuracy, all at once    one at a time
//!   kal                   0.162                   0.57                  0.43
//!   slt                   0.092                   0.55                  0.38
//!   espeak-f1             0.191                   0.54                  0.30
//!
//! Which line is wrong? Write its letter, then mend it.

use ossicle::tutorial::workbook::tutor;

/// The letter of the wrong line.
// solution
pub const WRONG_LINE: char = 'A';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// The examples x, of which the first `count` are for training and the others for the test, each feature scaled.
pub fn scaled(x: &[Vec<f64>], count: usize) -> Vec<Vec<f64>> {
    let mut scaled = x.to_vec(); // a copy, to overwrite
    // solution
    let m = count; // A
    // instead
    // let m = x.len(); // A
    // end
    for j in 0..x[0].len() {
        let mut sum = 0.0;
        for n in 0..m {
            sum += x[n][j]; // B
        }
        let mean = sum / m as f64; // C
        let mut squares = 0.0;
        for n in 0..m {
            squares += (x[n][j] - mean) * (x[n][j] - mean); // D
        }
        let deviation = if squares > 0.0 { (squares / m as f64).sqrt() } else { 1.0 }; // E
        for n in 0..x.len() {
            scaled[n][j] = (x[n][j] - mean) / deviation; // F
        }
    }
    scaled
}

#[test]
fn the_wrong_line_is_found() {
    tutor::detective_leak::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_leak::check(scaled);
}

// hint: Θ_00 depends on the tested voice. So something that training uses was computed from the tested recordings.
//   Which recordings do the mean and the deviation come from?
// hint: The features are to be scaled in the same way for training and test, but measured on the training examples
//   alone. Training must not see the test; in use there is one recording at a time, and nothing to measure.
// hint: Follow m: the lines B to E measure the first m examples. The training examples are the first `count`.
