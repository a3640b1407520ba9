//! Context windows: a few consecutive frames as one example, so that a model sees how a sound changes.
//!
//! Why: one frame of a consonant resembles one frame of another; how the spectrum moves from frame to frame
//! distinguishes them. (A context window is a stretch of frames. The weights that fade a frame in and out are
//! [`audio::window`](crate::audio::window).)
//!
//! | symbol | meaning |
//! | --- | --- |
//! | S_u, F | the spectrum of frame u = 0, 1, ..., and the number of its bands |
//! | x, W | a context window, and its width in frames |
//! | step | the number of frames from one context window to the next |
//!
//! ```text
//! (CW.1)  x_(t·F + f) = S_(j·step + t)(f)               context window j; t = 0, ..., W - 1; f = 0, ..., F - 1
//! ```
//!
//! By hand, W = 2, F = 2, step = 1, frames (0, 1), (10, 11), (20, 21): the columns are (0, 1, 10, 11) and (10, 11, 20,
//! 21).
//!
//! Consecutive context windows share W - step frames: in the example, (10, 11) is the end of the first column and the
//! start of the second. A recording of T frames has 1 + ⌊(T - W)/step⌋ of them, as with the samples of frames (FR.2),
//! and none if T < W. The tutorial takes W = 4 and step = 1. At one frame of 32 ms every 10 ms, such a context window
//! spans 62 ms, about as long as a consonant. A larger W shows more of a sound and has more elements, W·F, each with
//! its weights to be learned.
//!
//! Columns of one recording follow one another, recordings in their order. Source: the tutorial's sampleSpectrums
//! (source A, 8.1).

use crate::audio::frames::Framing;
use crate::machine::size;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;
use core::ops::Range;

/// How frames are cut into context windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextFraming {
    /// Frames in a context window, W, at least 1. The tutorial takes 4.
    pub width: usize,
    /// From the start of one context window to the start of the next, in frames, at least 1.
    pub step: usize,
}

impl Default for ContextFraming {
    /// The tutorial's four frames, a context window for each frame.
    fn default() -> Self {
        ContextFraming { width: 4, step: 1 }
    }
}

/// The context windows of recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextWindows<T> {
    /// width·bands x context windows.
    pub matrix: Matrix<T>,
    /// The columns of each recording; a recording with fewer frames than the width has none.
    pub ranges: Vec<Range<usize>>,
}

impl ContextFraming {
    /// The number of context windows in a number of frames.
    ///
    /// # Panics
    /// If `width` or `step` is 0.
    pub fn count(&self, frames: usize) -> usize {
        assert!(self.width > 0 && self.step > 0, "windows of {} frames every {}", self.width, self.step);
        Framing { length: self.width, hop: self.step }.count(frames)
    }

    /// The context windows of recordings, each given as frames of `bands` elements, one after the other.
    ///
    /// # Panics
    /// If `width`, `step` or `bands` is 0, or there is no memory for the result.
    pub fn sample<T: Real>(&self, recordings: &[impl AsRef<[T]>], bands: usize) -> ContextWindows<T> {
        assert!(bands > 0, "frames of 0 bands");
        let recordings = || recordings.iter().map(AsRef::as_ref);
        let mut ranges = Vec::with_capacity(recordings().len());
        let mut columns = 0;
        for frames in recordings() {
            let count = self.count(frames.len() / bands);
            ranges.push(columns..columns + count);
            columns += count;
        }
        let mut matrix = Matrix::zeros(size::product([self.width, bands]), columns);
        let rows = if columns == 0 { 0 } else { matrix.rows() };
        for row in 0..rows {
            let to = matrix.row_mut(row);
            for (frames, range) in recordings().zip(&ranges) {
                // Context window j starts with element j·step·bands of the recording.
                for (j, to) in to[range.clone()].iter_mut().enumerate() {
                    *to = frames[j * self.step * bands + row]; // (CW.1)
                }
            }
        }
        ContextWindows { matrix, ranges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_context_window_is_its_frames_one_after_the_other() {
        // Three frames of two bands, one frame, and five frames.
        let recordings = [vec![0.0, 1.0, 10.0, 11.0, 20.0, 21.0], vec![5.0, 6.0], (0..10).map(f64::from).collect()];
        let windows = ContextFraming { width: 2, step: 1 }.sample(&recordings, 2);
        assert_eq!(windows.ranges, [0..2, 2..2, 2..6]);
        assert_eq!(windows.matrix.column(1), [10.0, 11.0, 20.0, 21.0]);
        assert_eq!(windows.matrix.column(5), [6.0, 7.0, 8.0, 9.0]);
        let sparse = ContextFraming { width: 2, step: 3 }.sample(&recordings, 2);
        assert_eq!(sparse.ranges, [0..1, 1..1, 1..3]);
        assert_eq!(sparse.matrix.column(2), [6.0, 7.0, 8.0, 9.0]);
    }
}
