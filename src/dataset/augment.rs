//! Augmentation: recordings of any length as images of one size, and random variations of them.
//!
//! Why: a network with a fixed input needs recordings of one size. And a small training set contains each word only a
//! few times, so a network overfits to the levels, speeds and rooms in it. Random changes that preserve the label show
//! the network more of them. Whether a change preserves the label depends on the kind of label. A word played backward
//! is another word; a shifted pitch keeps a word but not a note; and a stripe over most of a word leaves nothing to
//! recognize.
//!
//! First, silence at both ends is left out ([`sounding`]): with a second of silence after it, a word would be squeezed
//! into a part of the image. A recording begins with its first frame that has a value less than a given range below the
//! largest, and ends with its last. Next, [`clip_and_standardize`] removes the level of the recording and most of the
//! noise of its room. (The values are logarithms of power.) It raises values more than the same range below the loudest
//! to that limit, then standardizes all values to mean 0 and standard deviation 1. (On the Free Spoken Digit Dataset,
//! one of six speakers has long silences. Tested on him after training on the others, `convolutional` classified 70.8%
//! correctly with the silences, and 85.8% without.)
//!
//! Then the recording is drawn on an image of R x C points ([`SpectrogramImage::render`]). (In
//! [`affine`](super::affine), the letters i, a, f, g, q and α mean other things.)
//!
//! | symbol | meaning |
//! | --- | --- |
//! | n | the number of frames of the recording, without silence at the ends |
//! | R, C | the rows and columns of the image |
//! | t₀, t₁ | start and end of the visible part, in frames |
//! | i(c) | the position of column c in the recording, in frames |
//! | f(r), φ(r) | the frequency of row r in Hz by the centers of the bands, without and with warp |
//! | α | the warp, a factor |
//! | q | the position of a row, from 0 (first) to 1 (last) |
//! | a, g₁, g₂, g₃ | the size of the tilt, and normal random numbers |
//!
//! ```text
//! (AU.1)  i(c) = t₀ + (t₁ - t₀)·(c + ½)/C - ½
//! (AU.2)  φ(r) = α·f(r)
//! (AU.3)  tilt(q) = a·(g₁·cos πq + g₂·cos 2πq + g₃·cos 3πq)/√1.5
//! ```
//!
//! Values between two frames or two bands are interpolated linearly; before the first and after the last they are
//! constant. With t₀ = 0, t₁ = n and α = 1, the image shows the whole recording with its own bands. The ½ puts points
//! at the centers of their cells: with C = n, i(c) = c. Each cosine has the mean square ½, so the division by √1.5
//! gives the tilt the size a.
//!
//! By hand, n = 2 frames on C = 4 columns: i = -¼, ¼, ¾, 1¼; the first column is frame 0, the second ¾ of frame 0 and ¼
//! of frame 1.
//!
//! Each time a recording is used in training, it is varied by newly drawn amounts:
//!
//! | parameter | change | imitates |
//! | --- | --- | --- |
//! | ends | t₀ and t₁ move by at most this fraction of n | another start and another speed |
//! | warp | abs(ln α) is at most this | a larger or smaller speaker or instrument |
//! | tilt | (AU.3) with this a is added | another microphone and room |
//! | gain | a constant of at most this size is added to all points, which multiplies their power | another loudness |
//! | noise | normal random numbers of this size are added | a noisy room |
//! | masks | stripes of rows or columns are set to 0, the mean of the recording | parts that were missed |
//!
//! Varying gain and noise has an effect although level and noise were removed: noise above the limit of the clipping
//! remains, and also shifts the mean. The method `convolutional` varies neither of them, and uses no masks.
//!
//! **How large.** A change should stay within the differences between recordings of one label, and only a measurement
//! shows these limits. `convolutional` has ends 0.1, warp 0.15 (frequencies by 14% down to 16% up) and tilt 0.5. They
//! were chosen on the Free Spoken Digit Dataset, with a prototype of one such network, by the accuracy on a held-out
//! speaker. The mean over three speakers was 77.8% with them, 71.5% without augmentation, and 75.9% with two masks of
//! up to 10 bands and 10 frames each in place of the tilt. On known speakers, where imitating others is unnecessary,
//! they cost a little accuracy: of 300 recordings, 96.7% were correct with them, and 97.7% without warp and tilt.
//! (NOTES.md has all settings that were compared.)
//!
//! Sources: D. Park and others, "SpecAugment", 2019 (masks); N. Jaitly and G. Hinton, "Vocal tract length perturbation
//! (VTLP) improves speech recognition", 2013 (warp).

use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::sum::{sum, sum_of_squares};
use crate::number::{Random, Real};
use alloc::vec::Vec;
use core::ops::Range;

/// The size of each variation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Augmentation {
    /// The largest move of each end, as a fraction of the length, below ½.
    pub ends: f64,
    /// The largest |ln α|.
    pub warp: f64,
    /// The size of the tilt, in standard deviations.
    pub tilt: f64,
    /// The largest gain, in standard deviations.
    pub gain: f64,
    /// The size of the noise, in standard deviations.
    pub noise: f64,
    /// Stripes of rows and of columns.
    pub masks: [Mask; 2],
}

/// Stripes that are set to 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// The number of stripes.
    pub stripes: usize,
    /// The largest number of rows, or columns, in a stripe; the smallest is 0.
    pub max_width: usize,
}

impl Augmentation {
    /// No variation.
    pub const NONE: Augmentation = Augmentation {
        ends: 0.0,
        warp: 0.0,
        tilt: 0.0,
        gain: 0.0,
        noise: 0.0,
        masks: [Mask { stripes: 0, max_width: 0 }; 2],
    };
}

/// The frames, of `bands` values each, from the first to the last that has a value within `range` of the largest.
///
/// # Panics
/// If `bands` is 0, or the values are not whole frames.
pub fn sounding<T: Real>(frames: &[T], bands: usize, range: f64) -> &[T] {
    assert!(bands > 0 && frames.len().is_multiple_of(bands), "{} values of {bands} bands", frames.len());
    let least = largest(frames) - T::from_f64(range);
    let is_heard = |x: &T| !(*x < least);
    let start = frames.iter().position(is_heard).unwrap_or(0) / bands * bands;
    let end = frames.iter().rposition(is_heard).map_or(frames.len(), |last| last - last % bands + bands);
    &frames[start..end]
}

fn largest<T: Real>(values: &[T]) -> T {
    values.iter().fold(-T::INFINITY, |most, &x| if x > most { x } else { most })
}

/// Raises values more than `range` below the largest to that limit, then shifts and scales to mean 0 and standard
/// deviation 1. If all values are equal, they become 0.
pub fn clip_and_standardize<T: Real>(values: &mut [T], range: f64) {
    let count = T::from_usize(values.len().max(1));
    let least = largest(values) - T::from_f64(range);
    values.iter_mut().for_each(|x| *x = if *x < least { least } else { *x });
    let mean = sum(values) / count;
    values.iter_mut().for_each(|x| *x -= mean);
    let deviation = (sum_of_squares(values) / count).sqrt();
    if deviation > T::ZERO {
        values.iter_mut().for_each(|x| *x /= deviation);
    }
}

/// The image that recordings are drawn on.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrogramImage {
    /// Elements of a frame.
    bands: usize,
    /// The bands' center frequencies, ascending; empty if the bands are not frequencies.
    centers: Vec<f64>,
    /// R.
    rows: usize,
    /// C.
    columns: usize,
}

/// Linear interpolation: the two rows, or columns, of the source next to a position, and the fraction of the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interpolation {
    low: usize,
    high: usize,
    fraction: f64,
}

impl Interpolation {
    /// A position among `count`, clamped to the first and the last.
    #[inline(always)]
    pub(crate) fn new(position: f64, count: usize) -> Self {
        let position = Real::max(0.0, Real::min(position, (count - 1) as f64));
        let low = position as usize;
        Interpolation { low, high: (low + 1).min(count - 1), fraction: position - low as f64 }
    }

    /// The value at the position, from the elements x.
    #[inline(always)]
    pub(crate) fn of<T: Real>(&self, x: impl Fn(usize) -> T) -> T {
        let (low, high) = (x(self.low), x(self.high));
        low + T::from_f64(self.fraction) * (high - low)
    }
}

impl SpectrogramImage {
    /// Images of `rows` x `columns` points for frames of `bands` elements. `centers` are the bands' frequencies,
    /// ascending, or empty if the bands are not frequencies; then there is no warp.
    ///
    /// # Panics
    /// If a count is 0, or the number of centers is not that of the bands.
    pub fn new(bands: usize, centers: &[f64], rows: usize, columns: usize) -> Self {
        assert!(bands > 0 && rows > 0 && columns > 0, "an image of {rows} x {columns} of {bands} bands");
        assert!(centers.is_empty() || centers.len() == bands, "{} centers of {bands} bands", centers.len());
        SpectrogramImage { bands, centers: centers.to_vec(), rows, columns }
    }

    /// The [sounding] frames, [clipped and standardized](clip_and_standardize).
    ///
    /// # Panics
    /// If the values are not whole frames.
    pub fn standardized<T: Real>(&self, frames: &[T], range: f64) -> Vec<T> {
        let mut frames = sounding(frames, self.bands, range).to_vec();
        clip_and_standardize(&mut frames, range);
        frames
    }

    /// R and C.
    pub fn size(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// Draws frames, given one after the other, on the image, row by row, lowest band first, varied at random.
    ///
    /// # Panics
    /// If there is no frame, or `to` does not have R·C elements.
    pub fn render<T: Real>(&self, frames: &[T], variation: &Augmentation, random: &mut Random, to: &mut [T]) {
        let SpectrogramImage { bands, rows, columns, .. } = *self;
        let count = frames.len() / bands;
        assert!(count > 0 && to.len() == size::product([rows, columns]), "{count} frames on {} points", to.len());
        let mut up_to = |most: f64| if most > 0.0 { random.uniform(-most, most) } else { 0.0 };
        let ends: [f64; 2] = [up_to(variation.ends), up_to(variation.ends)];
        let (warp, gain): (f64, f64) = (Real::exp(up_to(variation.warp)), up_to(variation.gain));

        let start = ends[0] * count as f64;
        let length = count as f64 * (1.0 + ends[1]) - start;
        let times: Vec<Interpolation> = (0..columns)
            .map(|c| Interpolation::new(start + length * (c as f64 + 0.5) / columns as f64 - 0.5, count)) // (AU.1)
            .collect();
        let tilt: [f64; 3] =
            if variation.tilt > 0.0 { [random.normal(), random.normal(), random.normal()] } else { [0.0; 3] };
        for (r, row) in to.chunks_exact_mut(columns).enumerate() {
            let band = Interpolation::new(self.position(r, warp), bands);
            let q = r as f64 / (rows.max(2) - 1) as f64;
            let wave = |j: usize| tilt[j - 1] * (j as f64 * q).sin_cos_pi().1;
            let tilt = variation.tilt * (wave(1) + wave(2) + wave(3)) / Element::sqrt(1.5); // (AU.3)
            let added = T::from_f64(gain + tilt);
            for (x, time) in row.iter_mut().zip(&times) {
                *x = time.of(|t| band.of(|b| frames[t * bands + b])) + added;
            }
        }
        if variation.noise > 0.0 {
            to.iter_mut().for_each(|x| *x += T::from_f64(variation.noise * random.normal::<f64>()));
        }
        for (mask, length, is_time) in [(variation.masks[0], rows, false), (variation.masks[1], columns, true)] {
            for _ in 0..mask.stripes {
                let Range { start, end } = stripe(random, mask.max_width, length);
                for (r, row) in to.chunks_exact_mut(columns).enumerate() {
                    if is_time {
                        row[start..end].fill(T::ZERO);
                    } else if (start..end).contains(&r) {
                        row.fill(T::ZERO);
                    }
                }
            }
        }
    }

    /// The position of row r among the bands.
    fn position(&self, r: usize, warp: f64) -> f64 {
        let at = (r as f64 + 0.5) * self.bands as f64 / self.rows as f64 - 0.5;
        if warp == 1.0 || self.centers.len() < 2 {
            return at;
        }
        let frequency = warp * Interpolation::new(at, self.bands).of(|band| self.centers[band]); // (AU.2)
        let above = self.centers.partition_point(|&center| center <= frequency);
        if above == 0 || above == self.bands {
            return if above == 0 { 0.0 } else { (self.bands - 1) as f64 };
        }
        let (low, high) = (self.centers[above - 1], self.centers[above]);
        (above - 1) as f64 + (frequency - low) / (high - low)
    }
}

/// A stripe of 0 to `most` of `length` rows or columns, at a random position.
fn stripe(random: &mut Random, most: usize, length: usize) -> Range<usize> {
    let size = random.index(most.min(length) + 1);
    let start = random.index(length - size + 1);
    start..start + size
}

/// Recordings as frames, to be drawn on images.
#[derive(Clone, Debug)]
pub struct Augmented<T> {
    /// The image.
    pub image: SpectrogramImage,
    /// The frames of each recording, [clipped and standardized](clip_and_standardize).
    pub recordings: Vec<Vec<T>>,
    /// The size of the variations.
    pub augmentation: Augmentation,
    /// The seed of the variations.
    pub seed: u64,
}

impl<T: Real> Augmented<T> {
    /// Writes variation `draw` of recording i.
    ///
    /// # Panics
    /// As [`SpectrogramImage::render`], or if there is no such recording.
    pub fn write(&self, i: usize, draw: u64, to: &mut [T]) {
        let mut random = Random::stream(self.seed, &[draw, i as u64]);
        self.image.render(&self.recordings[i], &self.augmentation, &mut random, to);
    }

    /// All recordings without variation, one in each row.
    ///
    /// # Panics
    /// If there is no memory for the images.
    pub fn plain(&self) -> Matrix<T> {
        let mut images = Matrix::zeros(self.recordings.len(), size::product(self.image.size()));
        for (i, frames) in self.recordings.iter().enumerate() {
            self.image.render(frames, &Augmentation::NONE, &mut Random::new(0), images.row_mut(i));
        }
        images
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn standardized_values_have_mean_0_and_deviation_1_and_are_clipped_below() {
        let mut x = [-100.0, -1.0, 1.0, 2.0];
        clip_and_standardize(&mut x, 3.0);
        // -1, -1, 1, 2: the mean is ¼, the variance 6.75/4.
        let deviation = (6.75f64 / 4.0).sqrt();
        for (x, expected) in x.iter().zip([-1.25, -1.25, 0.75, 1.75]) {
            assert!((x - expected / deviation).abs() < 1e-15, "{x}");
        }
        let mut silent = [3.0; 4];
        clip_and_standardize(&mut silent, 9.0);
        assert_eq!(silent, [0.0; 4]);
    }

    #[test]
    fn silence_at_the_ends_is_left_out() {
        // Frames of two bands. 3 is the largest value, so at a range of 4 a frame is heard from -1 on.
        let word = [-1.0, -9.0, -5.0, -5.0, 3.0, 0.0];
        let around = [&[-1.5, -2.0], &word[..], &[-7.0, -1.25, -20.0, -20.0]].concat();
        assert_eq!(sounding(&around, 2, 4.0), word);
        assert_eq!(sounding(&around, 2, f64::INFINITY), around);
        assert_eq!(sounding(&[-20.0; 6], 2, 4.0), [-20.0; 6]);
        assert_eq!(sounding::<f64>(&[], 2, 4.0), []);
        let image = SpectrogramImage::new(2, &[], 2, 3);
        assert_eq!(image.standardized(&around, 4.0), image.standardized(&word, 4.0));
    }

    #[test]
    fn values_that_are_no_numbers_are_heard() {
        let frames = [f64::NAN, 0.0, 1.0, f64::NAN];
        assert_eq!(sounding(&frames, 1, 0.5).len(), 4);
        assert_eq!(sounding(&[f64::NAN; 3], 1, 0.5).len(), 3);
    }

    #[test]
    fn an_image_of_the_recordings_own_size_is_the_recording() {
        let frames: Vec<f64> = (0..12).map(|i| f64::from(i * i)).collect(); // three bands, four frames
        let mut to = [0.0; 12];
        SpectrogramImage::new(3, &[], 3, 4).render(&frames, &Augmentation::NONE, &mut Random::new(1), &mut to);
        assert_eq!(to, [0.0, 9.0, 36.0, 81.0, 1.0, 16.0, 49.0, 100.0, 4.0, 25.0, 64.0, 121.0]);
    }

    #[test]
    fn times_and_bands_are_interpolated_linearly() {
        let frames: Vec<f64> = vec![0.0, 10.0, 4.0, 14.0]; // two bands, two frames
        let mut to = [0.0; 12];
        SpectrogramImage::new(2, &[], 3, 4).render(&frames, &Augmentation::NONE, &mut Random::new(1), &mut to);
        assert_eq!(to, [0.0, 1.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0, 11.0, 13.0, 14.0]);
        // One frame of one band fills the image.
        SpectrogramImage::new(1, &[100.0], 3, 4).render(&[7.0], &Augmentation::NONE, &mut Random::new(1), &mut to);
        assert_eq!(to, [7.0; 12]);
    }

    #[test]
    fn a_warp_moves_the_frequency() {
        let centers = [100.0, 200.0, 400.0, 800.0];
        let image = SpectrogramImage::new(4, &centers, 4, 1);
        assert_eq!((0..4).map(|r| image.position(r, 1.0)).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!((0..4).map(|r| image.position(r, 2.0)).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 3.0]);
        assert_eq!((0..4).map(|r| image.position(r, 0.75)).collect::<Vec<_>>(), [0.0, 0.5, 1.5, 2.5]);
    }

    #[test]
    fn variations_stay_within_their_limits() {
        let frames: Vec<f64> = (0..1000).map(f64::from).collect(); // one band
        let image = SpectrogramImage::new(1, &[], 1, 100);
        let mut random = Random::new(1);
        let draw = |variation: Augmentation, random: &mut Random| {
            let mut to = vec![0.0; 100];
            image.render(&frames, &variation, random, &mut to);
            to
        };
        let (mut earliest, mut fastest) = (1000.0, 0.0);
        for _ in 0..300 {
            let moved = draw(Augmentation { ends: 0.1, ..Augmentation::NONE }, &mut random);
            assert!(moved.is_sorted() && moved[0] <= 106.0 && moved[99] >= 893.0, "{} {}", moved[0], moved[99]);
            earliest = Real::min(earliest, moved[0]);
            fastest = Real::max(fastest, moved[50] - moved[49]);
            let louder = draw(Augmentation { gain: 2.0, ..Augmentation::NONE }, &mut random);
            assert!((louder[0] - 4.5).abs() <= 2.0 && (louder[1] - louder[0] - 10.0).abs() < 1e-9);
            let masked = draw(
                Augmentation {
                    masks: [Mask { stripes: 0, max_width: 0 }, Mask { stripes: 2, max_width: 5 }],
                    ..Augmentation::NONE
                },
                &mut random,
            );
            assert!(masked.iter().filter(|&&x| x == 0.0).count() <= 10);
        }
        assert!(earliest == 0.0 && fastest > 11.5, "{earliest} {fastest}");
        let noisy = draw(Augmentation { noise: 3.0, ..Augmentation::NONE }, &mut random);
        let plain = draw(Augmentation::NONE, &mut random);
        let noise: Vec<f64> = noisy.iter().zip(&plain).map(|(a, b)| a - b).collect();
        let size = (sum_of_squares(&noise) / 100.0).sqrt();
        assert!((2.0..4.0).contains(&size), "{size}");
    }

    #[test]
    fn equal_draws_are_equal_and_others_are_not() {
        let variation = Augmentation { ends: 0.1, tilt: 0.5, ..Augmentation::NONE };
        let image = SpectrogramImage::new(2, &[1.0, 2.0], 4, 5);
        let varied =
            Augmented { image, recordings: vec![vec![1.0, 2.0, 4.0, 3.0]; 2], augmentation: variation, seed: 3 };
        let write = |i, draw| {
            let mut to = [0.0; 20];
            varied.write(i, draw, &mut to);
            to
        };
        assert_eq!(write(1, 7), write(1, 7));
        assert_ne!(write(1, 7), write(0, 7));
        assert_ne!(write(1, 7), write(1, 8));
        assert_eq!(varied.plain().rows(), 2);
    }
}
