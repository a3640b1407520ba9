//! Windows: a few consecutive frames of spectra as one example, so that a model sees how a sound changes.
//!
//! The tutorial's sampleSpectrums (source A, 8.1): column j of the matrix is frames t, ..., t + width - 1 one after the other,
//! each its bands from low to high, so element t'·bands + f is band f of the window's frame t'.

use crate::audio::frames::Framing;
use crate::machine::size;
use crate::matrix::Matrix;
use crate::number::Real;
use alloc::vec::Vec;
use core::ops::Range;

/// Which windows are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextFraming {
    /// Frames in a window, at least 1. The tutorial takes 4.
    pub width: usize,
    /// From one window to the next, in frames, at least 1.
    pub step: usize,
}

/// Windows of several recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextWindows<T> {
    /// width·bands x windows.
    pub matrix: Matrix<T>,
    /// The columns that belong to each recording; a recording of fewer frames than a window has none.
    pub ranges: Vec<Range<usize>>,
}

impl ContextFraming {
    /// How many windows so many frames hold.
    ///
    /// # Panics
    /// If `width` or `step` is 0.
    pub fn count(&self, frames: usize) -> usize {
        assert!(self.width > 0 && self.step > 0, "windows of {} frames every {}", self.width, self.step);
        Framing { length: self.width, hop: self.step }.count(frames)
    }

    /// The windows of recordings given as frames of `bands` numbers, one after the other.
    ///
    /// # Panics
    /// If `width`, `step` or `bands` is 0, or there is no memory for the windows.
    pub fn sample<T: Real>(&self, recordings: &[Vec<T>], bands: usize) -> ContextWindows<T> {
        assert!(bands > 0, "frames of 0 bands");
        let mut ranges = Vec::with_capacity(recordings.len());
        let mut columns = 0;
        for frames in recordings {
            let count = self.count(frames.len() / bands);
            ranges.push(columns..columns + count);
            columns += count;
        }
        let mut matrix = Matrix::zeros(size::product([self.width, bands]), columns);
        let rows = if columns == 0 { 0 } else { matrix.rows() };
        for row in 0..rows {
            let to = matrix.row_mut(row);
            for (frames, range) in recordings.iter().zip(&ranges) {
                // Window t starts with number t·step·bands of the recording.
                for (t, to) in to[range.clone()].iter_mut().enumerate() {
                    *to = frames[t * self.step * bands + row];
                }
            }
        }
        ContextWindows { matrix, ranges: ranges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_window_is_its_frames_one_after_the_other() {
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
