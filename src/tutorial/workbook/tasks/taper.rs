//! Frames and a taper
//!
//! A spectrum describes a sound that does not change, so a recording is cut into short frames, one
//! every `hop` samples: frame t holds the samples t·hop, ..., t·hop + length - 1 (FR.1). Nothing is
//! padded, so only whole frames count, and samples at the end may be left over. The Fourier
//! transform treats a frame as if it repeated forever, and the jump from its last sample to its
//! first would spread over all frequencies. A taper, weights that fall toward 0 at both ends,
//! removes the jump. Hann's, which the chapter calls a window, has N weights in its periodic form:
//!
//!   w_i = sin²φ,  φ = π·i/N               i = 0, ..., N - 1     (WI.1), (WI.3)
//!
//! Write Hann's taper, the number of whole frames, and a frame multiplied by a taper, sample by
//! sample. In Rust, π is `PI`, and sin a is a.sin().

use ossicle::tutorial::workbook::tutor;
use std::f64::consts::PI;

/// The n weights of Hann's periodic taper, n at least 2.
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

/// The number of whole frames of `length` samples, one every `hop`, in a recording of `samples` samples, perhaps fewer
/// than `length`.
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

/// φ = 0, π/4, π/2, 3π/4, whose sines are 0, √½, 1, √½. In two frames half a taper apart, weight 0 meets weight 2:
/// 0 + 1. And weight 1 meets weight 3: ½ + ½.
#[test]
fn the_taper_rises_to_one_and_overlapping_tapers_add_up_to_one() {
    let w = hann(4);
    tutor::all_near(&w, &[0.0, 0.5, 1.0, 0.5], 1e-12);
    tutor::all_near(&[w[0] + w[2], w[1] + w[3]], &[1.0, 1.0], 1e-12);
}

/// Frames of 4 samples, one every 3: the first two hold samples 0 to 3 and 3 to 6, so the second needs 7 samples and
/// the third 10.
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

// hint: In `hann`, one loop over i pushes the weights. In `count`, what is the smallest number of samples with which
//   frame t is whole? Draw the frames of the second test on paper. In `frame`, which sample of x is the first?
// hint: In `hann`, compute φ as an f64, then its sine, then the square. In `count`, frame t is whole if t·hop + length
//   is at most the number of samples, so the last t is (samples - length)/hop, rounded down, and frame 0 counts too. A
//   `usize` cannot be negative, so ask first whether the recording is shorter than a frame. In `frame`, sample i of
//   frame t is sample t·hop + i of the recording.
// hint: `count` is `1 + (samples - length) / hop`, since `/` between whole numbers rounds down, and 0 if `samples <
//   length`. The weight in `hann` is the square of `(PI * i as f64 / n as f64).sin()`, and `frame` pushes `x[t * hop +
//   i] * w[i]`.
