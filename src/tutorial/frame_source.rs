//! Frames of recordings, a group of recordings at a time.
//!
//! **Why.** A recording's windows have four times as many values as its frames, and their features ten times as many
//! again. But a classifier of recordings needs only a recording's pooled features, and a classifier of windows only
//! their scores. So recordings pass in groups of a few thousand frames, large enough for fast products of matrices: what
//! is computed of a group is reduced to what is needed, and its memory serves the next group.
//!
//! Windows that are trained on are chosen by their indices before any is cut from frames (see
//! [`reservoir`](crate::dataset::reservoir)).
//!
//! No result depends on the division into groups: each column of a product, and each recording's sums, are computed by
//! the same operations in a group of any size.

use crate::dataset::context_windows::{ContextFraming, ContextWindows};
use crate::dataset::reservoir::{Item, Reservoir};
use crate::matrix::Matrix;
use crate::number::Real;
use std::vec;
use std::vec::Vec;

/// The frames of a group, unless one recording alone has more.
const GROUP: usize = 8192;

/// The frames of recordings.
#[derive(Clone, Debug)]
pub struct FrameSource<T> {
    /// The frames of each recording, one after the other.
    held: Vec<Vec<T>>,
    /// The values of a frame.
    bands: usize,
}

impl<T: Real> FrameSource<T> {
    /// The frames of each recording, of `bands` values each.
    pub fn new(held: Vec<Vec<T>>, bands: usize) -> Self {
        FrameSource { held, bands }
    }

    /// The number of recordings.
    pub fn recordings(&self) -> usize {
        self.held.len()
    }

    /// The number of frames of a recording.
    pub fn frames(&self, recording: usize) -> usize {
        self.held[recording].len() / self.bands
    }

    /// The number of context windows of these recordings.
    pub fn windows(&self, recordings: impl Iterator<Item = usize>, context: ContextFraming) -> usize {
        recordings.map(|r| context.count(self.frames(r))).sum()
    }

    /// A random choice of at most `most` of the context windows of these recordings.
    pub fn choose(
        &self,
        recordings: impl Iterator<Item = usize>,
        context: ContextFraming,
        seed: u64,
        most: usize,
    ) -> Vec<Item> {
        let mut reservoir = Reservoir::new(seed, most);
        for r in recordings {
            (0..context.count(self.frames(r))).for_each(|w| reservoir.offer((r, w)));
        }
        reservoir.chosen()
    }

    /// Calls `job` with the frames of one group of these recordings after the other, and the position in `recordings` of
    /// the group's first.
    pub fn each_group(&self, recordings: &[usize], mut job: impl FnMut(usize, &[&[T]])) {
        let mut first = 0;
        while first < recordings.len() {
            let (mut end, mut frames) = (first, 0);
            while end < recordings.len() && (end == first || frames + self.frames(recordings[end]) <= GROUP) {
                frames += self.frames(recordings[end]);
                end += 1;
            }
            let group: Vec<&[T]> = recordings[first..end].iter().map(|&r| &self.held[r][..]).collect();
            job(first, &group);
            first = end;
        }
    }

    /// The frames of these recordings.
    pub fn copied(&self, recordings: &[usize]) -> Vec<Vec<T>> {
        let mut copied = Vec::with_capacity(recordings.len());
        self.each_group(recordings, |_, group| copied.extend(group.iter().map(|frames| frames.to_vec())));
        copied
    }

    /// One column for each of these recordings, as `columns` computes them for each group.
    ///
    /// # Panics
    /// If `columns` gives other than `rows` rows and a column for each recording.
    pub fn columns(
        &self,
        recordings: &[usize],
        rows: usize,
        mut columns: impl FnMut(&[&[T]]) -> Matrix<T>,
    ) -> Matrix<T> {
        let mut all = Matrix::zeros(rows, recordings.len());
        self.each_group(recordings, |first, group| {
            let part = columns(group);
            assert_eq!((part.rows(), part.columns()), (rows, group.len()), "columns of a group");
            for (i, row) in part.row_iter().enumerate() {
                all.row_mut(i)[first..][..row.len()].copy_from_slice(row);
            }
        });
        all
    }

    /// The chosen context windows, sorted by recording, as columns.
    ///
    /// # Panics
    /// If there is no such window.
    pub fn select(&self, chosen: &[Item], context: ContextFraming) -> Matrix<T> {
        let mut recordings: Vec<usize> = chosen.iter().map(|(r, _)| *r).collect();
        recordings.dedup();
        let mut windows = Matrix::zeros(context.width * self.bands, chosen.len());
        let mut done = 0;
        self.each_group(&recordings, |first, group| {
            for (r, frames) in recordings[first..].iter().zip(group) {
                let of = chosen[done..].iter().take_while(|(of, _)| of == r).count();
                for row in 0..windows.rows() {
                    for (x, (_, w)) in windows.row_mut(row)[done..][..of].iter_mut().zip(&chosen[done..]) {
                        *x = frames[w * context.step * self.bands + row];
                    }
                }
                done += of;
            }
        });
        assert_eq!(done, chosen.len(), "windows sorted by recording");
        windows
    }

    /// All context windows of recordings that have at most about `most` together, chosen at random if not all are. The
    /// others have an empty range.
    pub fn sample(&self, context: ContextFraming, seed: u64, most: usize) -> ContextWindows<T> {
        let all = self.windows(0..self.recordings(), context);
        let count = if all <= most { self.recordings() } else { (self.recordings() * most).div_ceil(all) };
        let mut reservoir = Reservoir::new(seed, count);
        (0..self.recordings()).for_each(|r| reservoir.offer((r, 0)));
        let recordings: Vec<usize> = reservoir.chosen().into_iter().map(|(r, _)| r).collect();
        let mut ranges = vec![0..0; self.recordings()];
        let mut chosen = Vec::new();
        for r in recordings {
            let start = chosen.len();
            chosen.extend((0..context.count(self.frames(r))).map(|w| (r, w)));
            ranges[r] = start..chosen.len();
        }
        ContextWindows { matrix: self.select(&chosen, context), ranges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Random;

    /// Recordings of 3 to 5002 frames of two bands.
    fn source() -> FrameSource<f64> {
        let mut random = Random::new(3);
        let lengths = [5000, 3, 4, 4000, 5002, 3, 3000, 3000, 3000];
        let held = lengths.map(|n| (0..2 * n).map(|_| random.uniform(-1.0, 1.0)).collect());
        FrameSource::new(held.to_vec(), 2)
    }

    const CONTEXT: ContextFraming = ContextFraming { width: 3, step: 2 };

    #[test]
    fn groups_hold_each_recording_once_in_order() {
        let source = source();
        let recordings = [8, 0, 1, 3, 4, 2, 5];
        let (mut found, mut groups) = (Vec::new(), Vec::new());
        source.each_group(&recordings, |first, group| {
            assert_eq!(first, found.len());
            groups.push(group.len());
            found.extend(group.iter().map(|frames| frames.to_vec()));
        });
        let expected: Vec<Vec<f64>> = recordings.iter().map(|&r| source.held[r].clone()).collect();
        // 3000 + 5000 + 3, 4000, 5002 + 4 + 3 frames.
        assert!(found == expected && groups == [3, 1, 3], "{groups:?}");
    }

    #[test]
    fn chosen_windows_are_columns_of_all_windows() {
        let source = source();
        let all = CONTEXT.sample(&source.held, 2);
        let column = |&(r, w): &Item| all.matrix.column(all.ranges[r].start + w);
        for most in [10, 1000, usize::MAX] {
            let chosen = source.choose([0, 1, 2, 4, 7].into_iter(), CONTEXT, 1, most);
            assert_eq!(chosen.len(), most.min(source.windows([0, 1, 2, 4, 7].into_iter(), CONTEXT)));
            let windows = source.select(&chosen, CONTEXT);
            assert!(chosen.iter().enumerate().all(|(j, item)| windows.column(j) == column(item)));
        }
        assert_eq!(source.sample(CONTEXT, 1, usize::MAX), all);
        let part = source.sample(CONTEXT, 1, 6000);
        assert!((1500..9000).contains(&part.matrix.columns()));
        for (range, whole) in part.ranges.iter().zip(&all.ranges).filter(|(range, _)| !range.is_empty()) {
            assert_eq!(range.len(), whole.len());
            assert_eq!(part.matrix.column(range.start), all.matrix.column(whole.start));
        }
    }
}
