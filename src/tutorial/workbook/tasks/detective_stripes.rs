//! Detective: a striped spectrogram
//!
//! Frame t holds the N samples from t·hop on. With Hann's taper w, its spectrum has the powers
//!
//!   w_n = ½ - ½·cos(2πn/N)      P_kt = |Σ_n w_n·x_(t·hop + n)·e^(-2πi·kn/N)|²   (WI.3), (SP.1)
//!
//! In the picture of a steady tone there are stripes: in some frames the tone leaks into all bins.
//! With N = 64, and a frequency between those of the bins 8 and 9, bin 16 has these powers:
//!
//!   frame       0        1        2        3
//!   hop 64   0.0001   0.0001   0.0001   0.0001
//!   hop 32   0.0001   3.25     0.0001   3.25
//!   hop 16   0.0001   0.23     3.25     0.89
//!
//! Which line is wrong? Write its letter, then mend it.

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::TAU; // 2π

/// The letter of the wrong line.
// solution
pub const WRONG_LINE: char = 'D';
// instead
// pub const WRONG_LINE: char = '?';
// end

/// The powers of the bins 0 to length/2 of each frame: a row for each frame.
pub fn spectrogram(samples: &[f64], length: usize, hop: usize) -> Vec<Vec<f64>> {
    let count = 1 + (samples.len() - length) / hop; // A
    let mut rows = Vec::new();
    for t in 0..count {
        let start = t * hop; // B
        let mut row = Vec::new();
        for k in 0..=length / 2 {
            let (mut re, mut im) = (0.0, 0.0);
            for i in start..start + length {
                let angle = TAU * (k * i) as f64 / length as f64; // C
                // solution
                let w = 0.5 - 0.5 * (TAU * (i - start) as f64 / length as f64).cos(); // D
                // instead
                // let w = 0.5 - 0.5 * (TAU * i as f64 / length as f64).cos(); // D
                // end
                re += w * samples[i] * angle.cos(); // E
                im -= w * samples[i] * angle.sin(); // F
            }
            row.push(re * re + im * im); // G
        }
        rows.push(row);
    }
    rows
}

#[test]
fn the_wrong_line_is_found() {
    tutor::detective_stripes::check_line(WRONG_LINE);
}

#[test]
fn the_mended_code_agrees_with_the_chapter() {
    tutor::detective_stripes::check(spectrogram);
}

// hint: Frame 0 is right with any hop, and all frames are right if the hop is N. What is the same in frame 0 and in one
//   that starts at 64, but not in one that starts at 32?
// hint: The lines C and D both count i from the start of the recording. For one of them this does not matter: it
//   multiplies the whole sum by a number of modulus 1, and |...|² loses that. The other one gives a weight to each
//   sample.
// hint: The taper must be 0 at the first sample of each frame, and 1 in its middle. So its n is i - start.
