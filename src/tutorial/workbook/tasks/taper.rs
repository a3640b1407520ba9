//! Frames and a taper
//!
//! A spectrum describes a sound that does not change, so a recording is cut into short frames, one
//! every `hop` samples: frame t holds the samples t·hop, ..., t·hop + length - 1 (FR.1). Nothing is
//! padded, so only whole frames count; samples at the end may be in no frame. The Fourier transform
//! continues a frame periodically, and the jump from its last sample to its first would spread over
//! all frequencies. Weights that fall toward 0 at both ends, a taper, remove the jump. Hann's
//! window of N weights, in its periodic form, is
//!
//!   w_i = sin²φ,  φ = π·i/N               i = 0, ..., N - 1     (WI.1), (WI.3)
//!
//! Write the window, the number of whole frames, and a frame multiplied by a taper, sample by
//! sample. π is `PI`, and an angle a has a.sin().

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::PI;

/// The n weights of Hann's periodic window, n at least 2.
pub fn hann(n: usize) -> Vec<f64> {
    // solution
    let mut w = Vec::new();
    for i in 0..n {
        let phase = PI * i as f64 / n as f64; // (WI.1)
        w.push(phase.sin() * phase.sin()); // (WI.3)
    }
    w
    // end
}

/// The number of whole frames of `length` samples, one every `hop`, in a recording of so many samples, which may be
/// shorter than a frame.
pub fn count(samples: usize, length: usize, hop: usize) -> usize {
    // solution
    if samples < length {
        return 0;
    }
    1 + (samples - length) / hop // (FR.2)
    // end
}

/// Frame t of the recording x, multiplied by the taper w; the frame is as long as w, and lies within x.
pub fn frame(x: &[f64], w: &[f64], hop: usize, t: usize) -> Vec<f64> {
    // solution
    let mut frame = Vec::new();
    for i in 0..w.len() {
        frame.push(x[t * hop + i] * w[i]); // (FR.1)
    }
    frame
    // end
}

/// φ = 0, π/4, π/2, 3π/4, whose sines are 0, √½, 1, √½. Half a window later the weights are 1, ½, 0, ½: the sums are 1.
#[test]
fn the_window_rises_to_one_and_overlaps_to_one() {
    let w = hann(4);
    tutor::all_near(&w, &[0.0, 0.5, 1.0, 0.5], 1e-12);
    tutor::all_near(&[w[0] + w[2], w[1] + w[3]], &[1.0, 1.0], 1e-12);
}

/// Frames of 4 every 3: the first two hold samples 0 to 3 and 3 to 6, so the second needs 7 samples and the third 10.
#[test]
fn only_whole_frames_count() {
    assert_eq!([3, 4, 6, 7, 9, 10].map(|samples| count(samples, 4, 3)), [0, 1, 1, 2, 2, 3]);
    assert_eq!(count(9, 4, 4), 2);
}

/// Frame 1 begins at sample 3: (4, 5, 6, 7)·(0, ½, 1, ½).
#[test]
fn frame_1_begins_a_hop_after_frame_0() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    tutor::all_near(&frame(&x, &[0.0, 0.5, 1.0, 0.5], 3, 0), &[0.0, 1.0, 3.0, 2.0], 1e-12);
    tutor::all_near(&frame(&x, &[0.0, 0.5, 1.0, 0.5], 3, 1), &[0.0, 2.5, 6.0, 3.5], 1e-12);
}

#[test]
fn it_agrees_with_the_chapter() {
    tutor::taper::check(hann, count, frame);
}

// hint: How many samples must a recording have at least so that frame t is whole? Draw the frames of the second test
//   on paper.
// hint: Frame t is whole if t·hop + length is at most the number of samples, so the last t is (samples - length)/hop,
//   rounded down, and frame 0 counts too. A `usize` cannot be negative, so ask first whether the recording is shorter
//   than a frame. Sample i of frame t is sample t·hop + i of the recording.
// hint: `1 + (samples - length) / hop`, since `/` between whole numbers rounds down, and 0 if `samples < length`. The
//   weight is the square of `(PI * i as f64 / n as f64).sin()`, and the frame is made of `x[t * hop + i] * w[i]`.
