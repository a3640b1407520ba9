//! Detective: a striped spectrogram
//!
//! Frame t holds the N samples from t·hop on. With Hann's taper w, its spectrum has the powers
//!
//!   w_n = ½ - ½·cos(2πn/N)      P_kt = |Σ_n w_n·x_(t·hop + n)·e^(-2πi·kn/N)|²   (WI.3), (SP.1)
//!
//! The picture of a steady tone has stripes: in some frames, the tone spreads over all bins.
//! For N = 64 and x_n = sin(2π·8.5·n/64), a tone between bins 8 and 9, bin 16 has these powers:
//!
//!   frame       0        1        2        3
//!   hop 64   0.0001   0.0001   0.0001   0.0001
//!   hop 32   0.0001   3.25     0.0001   3.25
//!   hop 16   0.0001   0.23     3.25     0.89
//!
//! Which line is wrong? Set WRONG_LINE to its letter, then fix the line.

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::TAU; // 2π

/// The letter of the wrong line, a capital letter in single quotes, such as 'A'.
// solution
pub const WRONG_LINE: char = 'D';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// The powers of the bins 0 to length/2 of each frame: a row for each frame. There are at least `length` samples.
pub fn spectrogram(samples: &[f64], length: usize, hop: usize) -> Vec<Vec<f64>> {
    let count = 1 + (samples.len() - length) / hop; // A
    let mut rows = Vec::new();
    for t in 0..count {
        let start = t * hop; // B
        let mut row = Vec::new();
        for k in 0..=length / 2 {
            let (mut re, mut im) = (0.0, 0.0);
            for s in start..start + length {
                let angle = TAU * (k * s) as f64 / length as f64; // C
                // solution
                let w = 0.5 - 0.5 * (TAU * (s - start) as f64 / length as f64).cos(); // D
                // instead
                // let w = 0.5 - 0.5 * (TAU * s as f64 / length as f64).cos(); // D
                // end
                re += w * samples[s] * angle.cos(); // E
                im -= w * samples[s] * angle.sin(); // F
            }
            row.push(re * re + im * im); // G
        }
        rows.push(row);
    }
    rows
}

#[test]
fn the_letter_is_right() {
    tutor::detective_spectrogram::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_spectrogram::check(spectrogram);
}

// hint: Frame 0 is right with any hop, and all frames are right if the hop is N. What is the same in frame 0 and in one
//   that starts at 64, but not in one that starts at 32?
// hint: Which lines depend on s other than through samples[s]? For each of them, what would change if the s in it were
//   larger by the same number in the whole frame?
// hint: Line C may count from the start of the recording: that turns all terms by the same angle, and the power stays.
//   The taper must be 0 at the first sample of each frame, and 1 in its middle. So line D needs s - start, not s.
