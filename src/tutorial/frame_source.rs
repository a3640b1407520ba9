//! Frames of recordings, a group of recordings at a time.
//!
//! **Why.** A recording's windows have four times as many values as its frames, and their features ten times as many
//! again. But a classifier of recordings needs only a recording's pooled features, and a classifier of windows only
//! their scores. So recordings pass in groups of a few thousand frames, large enough for fast products of matrices:
//! what is computed of a group is reduced to what is needed, and its memory serves the next group.
//!
//! The frames of the first recordings are held in memory, as many as fit in [`HELD`] bytes. Those of the others are
//! computed again from their files at each use, which is a small part of the work on them: the features of a window are
//! tens of thousands of multiplications.
//!
//! Windows that are trained on are chosen by their indices before any is cut from frames (see
//! [`reservoir`](crate::dataset::reservoir)).
//!
//! No result depends on what is held, nor on the division into groups: each column of a product, and each recording's
//! sums, are computed by the same operations in a group of any size.

use super::front_end::FrontEnd;
use super::preprocessing::{digest_numbers, frames_of};
use crate::bytes::digest::Digest;
use crate::dataset::context_windows::{ContextFraming, ContextWindows};
use crate::dataset::folder::CHANGED;
use crate::dataset::recordings::{Recording, RereadError, Samples};
use crate::dataset::reservoir::{Item, Reservoir};
use crate::matrix::Matrix;
use crate::number::Real;
use std::borrow::Cow;
use std::vec;
use std::vec::Vec;

/// The frames of a group, unless one recording alone has more.
const GROUP: usize = 8192;

/// The bytes of frames that are held in memory: half an hour of 40 mel bands in f32.
pub const HELD: usize = 1 << 25;

/// The recordings whose frames are computed between two looks at what is held.
const BLOCK: usize = 256;

/// The frames of recordings.
#[derive(Clone, Debug)]
pub struct FrameSource<T> {
    sources: Vec<Source<T>>,
    /// What computes frames again; `None` if all are held.
    front: Option<FrontEnd<T>>,
    /// The values of a frame.
    bands: usize,
}

/// The frames of a recording, one after the other.
#[derive(Clone, Debug)]
enum Source<T> {
    Held(Vec<T>),
    /// In a file: the number of the frames, and their digest.
    Again(Samples, usize, u64),
}

impl<T: Real> FrameSource<T> {
    /// The frames of each recording, of `bands` values each.
    pub fn held(frames: Vec<Vec<T>>, bands: usize) -> Self {
        FrameSource { sources: frames.into_iter().map(Source::Held).collect(), front: None, bands }
    }

    /// The frames of recordings by a front end, of which about `most` bytes are held; more only of recordings that are
    /// in no file.
    ///
    /// # Errors
    /// If a recording cannot be read.
    pub fn new(front: &FrontEnd<T>, recordings: &[Recording], most: usize) -> Result<Self, RereadError> {
        let (mut sources, mut bytes) = (Vec::with_capacity(recordings.len()), 0);
        let mut fronts = Vec::new();
        for block in recordings.chunks(BLOCK) {
            let samples: Vec<&Samples> = block.iter().map(|recording| &recording.samples).collect();
            for (samples, frames) in samples.iter().zip(frames_of(front, &mut fronts, &samples)?) {
                let more = frames.len() * size_of::<T>();
                let is_in_memory = matches!(samples, Samples::Held(_));
                if is_in_memory || bytes + more <= most {
                    bytes += if is_in_memory { 0 } else { more };
                    sources.push(Source::Held(frames));
                } else {
                    let count = frames.len() / front.bands().count();
                    sources.push(Source::Again((*samples).clone(), count, digest(&frames)));
                }
            }
        }
        Ok(FrameSource { sources, front: Some(front.clone()), bands: front.bands().count() })
    }

    /// Feeds all frames to a digest.
    pub fn digest(&self, all: &mut Digest) {
        for source in &self.sources {
            let one = match source {
                Source::Held(frames) => digest(frames),
                Source::Again(_, _, digest) => *digest,
            };
            all.bytes(&one.to_le_bytes());
        }
    }

    /// The number of recordings.
    pub fn recordings(&self) -> usize {
        self.sources.len()
    }

    /// The number of frames of a recording.
    pub fn frames(&self, recording: usize) -> usize {
        match &self.sources[recording] {
            Source::Held(frames) => frames.len() / self.bands,
            Source::Again(_, count, _) => *count,
        }
    }

    /// The frames of these recordings.
    fn load(&self, recordings: &[usize], fronts: &mut Vec<FrontEnd<T>>) -> Result<Vec<Cow<'_, [T]>>, RereadError> {
        let sources = || recordings.iter().map(|&r| &self.sources[r]);
        let again: Vec<&Samples> = sources()
            .filter_map(|source| match source {
                Source::Held(_) => None,
                Source::Again(samples, ..) => Some(samples),
            })
            .collect();
        let mut computed = match &self.front {
            Some(front) => frames_of(front, fronts, &again)?,
            None => Vec::new(),
        }
        .into_iter();
        let mut loaded = Vec::with_capacity(recordings.len());
        for source in sources() {
            loaded.push(match source {
                Source::Held(frames) => Cow::Borrowed(&frames[..]),
                Source::Again(samples, _, expected) => {
                    let frames = computed.next().unwrap_or_default();
                    if digest(&frames) != *expected {
                        return Err(samples.error(CHANGED));
                    }
                    Cow::Owned(frames)
                }
            });
        }
        Ok(loaded)
    }

    /// The number of context windows of these recordings.
    pub fn windows(&self, recordings: impl Iterator<Item = usize>, context: ContextFraming) -> usize {
        recordings.map(|r| context.count(self.frames(r))).sum::<usize>()
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

    /// Calls `job` with the frames of one group of these recordings after the other, and the position in `recordings`
    /// of the group's first.
    ///
    /// # Errors
    /// If a recording cannot be read again, or has changed.
    pub fn each_group(&self, recordings: &[usize], mut job: impl FnMut(usize, &[&[T]])) -> Result<(), RereadError> {
        let (mut first, mut fronts) = (0, Vec::new());
        while first < recordings.len() {
            let (mut end, mut frames) = (first, 0);
            while end < recordings.len() && (end == first || frames + self.frames(recordings[end]) <= GROUP) {
                frames += self.frames(recordings[end]);
                end += 1;
            }
            let group = self.load(&recordings[first..end], &mut fronts)?;
            let group: Vec<&[T]> = group.iter().map(AsRef::as_ref).collect();
            job(first, &group);
            first = end;
        }
        Ok(())
    }

    /// The frames of these recordings.
    ///
    /// # Errors
    /// As [`each_group`](Self::each_group).
    pub fn copied(&self, recordings: &[usize]) -> Result<Vec<Vec<T>>, RereadError> {
        let mut copied = Vec::with_capacity(recordings.len());
        self.each_group(recordings, |_, group| copied.extend(group.iter().map(|frames| frames.to_vec())))?;
        Ok(copied)
    }

    /// One column for each of these recordings, as `columns` computes them for each group.
    ///
    /// # Errors
    /// As [`each_group`](Self::each_group).
    ///
    /// # Panics
    /// If `columns` gives other than `rows` rows and a column for each recording.
    pub fn columns(
        &self,
        recordings: &[usize],
        rows: usize,
        mut columns: impl FnMut(&[&[T]]) -> Matrix<T>,
    ) -> Result<Matrix<T>, RereadError> {
        let mut all = Matrix::zeros(rows, recordings.len());
        self.each_group(recordings, |first, group| {
            let part = columns(group);
            assert_eq!((part.rows(), part.columns()), (rows, group.len()), "columns of a group");
            for (i, row) in part.row_iter().enumerate() {
                all.row_mut(i)[first..][..row.len()].copy_from_slice(row);
            }
        })?;
        Ok(all)
    }

    /// The chosen context windows, sorted by recording, as columns.
    ///
    /// # Errors
    /// As [`each_group`](Self::each_group).
    ///
    /// # Panics
    /// If there is no such window.
    pub fn select(&self, chosen: &[Item], context: ContextFraming) -> Result<Matrix<T>, RereadError> {
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
        })?;
        assert_eq!(done, chosen.len(), "windows sorted by recording");
        Ok(windows)
    }

    /// All context windows of recordings that have at most about `most` together, chosen at random if not all are. The
    /// others have an empty range.
    ///
    /// # Errors
    /// As [`each_group`](Self::each_group).
    pub fn sample(&self, context: ContextFraming, seed: u64, most: usize) -> Result<ContextWindows<T>, RereadError> {
        let all = self.windows(0..self.recordings(), context);
        let count = if all <= most { self.recordings() } else { (self.recordings() * most).div_ceil(all) };
        let all: Vec<usize> = (0..self.recordings()).collect();
        let recordings = choose(&all, seed, count);
        let mut ranges = vec![0..0; self.recordings()];
        let mut chosen = Vec::new();
        for r in recordings {
            let start = chosen.len();
            chosen.extend((0..context.count(self.frames(r))).map(|w| (r, w)));
            ranges[r] = start..chosen.len();
        }
        Ok(ContextWindows { matrix: self.select(&chosen, context)?, ranges })
    }
}

/// A random choice of at most `most` of these recordings, which are sorted.
pub fn choose(recordings: &[usize], seed: u64, most: usize) -> Vec<usize> {
    let mut reservoir = Reservoir::new(seed, most);
    recordings.iter().for_each(|&r| reservoir.offer((r, 0)));
    reservoir.chosen().into_iter().map(|(r, _)| r).collect()
}

fn digest<T: Real>(frames: &[T]) -> u64 {
    let mut digest = Digest::new();
    digest_numbers(&mut digest, frames);
    digest.finish()
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
        FrameSource::held(held.to_vec(), 2)
    }

    const CONTEXT: ContextFraming = ContextFraming { width: 3, step: 2 };

    #[test]
    fn groups_hold_each_recording_once_in_order() {
        let source = source();
        let recordings = [8, 0, 1, 3, 4, 2, 5];
        let (mut found, mut groups) = (Vec::new(), Vec::new());
        source
            .each_group(&recordings, |first, group| {
                assert_eq!(first, found.len());
                groups.push(group.len());
                found.extend(group.iter().map(|frames| frames.to_vec()));
            })
            .unwrap();
        let expected = source.copied(&recordings).unwrap();
        // 3000 + 5000 + 3, 4000, 5002 + 4 + 3 frames.
        assert!(found == expected && groups == [3, 1, 3], "{groups:?}");
    }

    #[test]
    fn chosen_windows_are_columns_of_all_windows() {
        let source = source();
        let all = CONTEXT.sample(&source.copied(&[0, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap(), 2);
        let column = |&(r, w): &Item| all.matrix.column(all.ranges[r].start + w);
        for most in [10, 1000, usize::MAX] {
            let chosen = source.choose([0, 1, 2, 4, 7].into_iter(), CONTEXT, 1, most);
            assert_eq!(chosen.len(), most.min(source.windows([0, 1, 2, 4, 7].into_iter(), CONTEXT)));
            let windows = source.select(&chosen, CONTEXT).unwrap();
            assert!(chosen.iter().enumerate().all(|(j, item)| windows.column(j) == column(item)));
        }
        assert_eq!(source.sample(CONTEXT, 1, usize::MAX).unwrap(), all);
        let part = source.sample(CONTEXT, 1, 6000).unwrap();
        assert!((1500..9000).contains(&part.matrix.columns()));
        for (range, whole) in part.ranges.iter().zip(&all.ranges).filter(|(range, _)| !range.is_empty()) {
            assert_eq!(range.len(), whole.len());
            assert_eq!(part.matrix.column(range.start), all.matrix.column(whole.start));
        }
    }
}
