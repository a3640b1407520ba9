//! Recordings of any length as pictures of one size, and the same sounds as others might have made them.
//!
//! A recording is frames of bands. First its level, and how loud its room was, are taken out of it ([`clip_and_standardize`]):
//! nothing lies lower than so much below its loudest number; then its mean is 0 and its deviation 1.
//!
//! Then it is laid on a picture of R x C numbers ([`SpectrogramImage::draw`]). Column c shows the time, counted in frames,
//!
//! t(c) = t₀ + (t₁ - t₀)·(c + ½)/C - ½,
//!
//! between two frames by a straight line, before the first and after the last as they are; with t₀ = 0 and t₁ = n the
//! whole recording, whatever its length n. Row r shows the frequency α·f(r), f the centers of the bands, between two
//! bands likewise; with α = 1 the bands as they are.
//!
//! Each time it is shown in training, a recording may be varied, by amounts drawn anew:
//!
//! | what | how | as if |
//! | --- | --- | --- |
//! | ends | t₀ and t₁ moved by up to so much of n | it came earlier or later, and was slower or faster |
//! | warp | ln α up to so much | the one who speaks, or the instrument, were larger or smaller |
//! | tilt | so much times (g₁·cos πq + g₂·cos 2πq + g₃·cos 3πq)/√1.5 added, q from 0 to 1 over the rows, g normal | another microphone and room |
//! | gain | up to so much added to all | it were louder or softer |
//! | noise | so much times normal numbers added | the room were noisy |
//! | masks | so many stripes, up to so many rows (columns) each, set to 0 | something had been missed |
//!
//! Sources: D. Park and others, "SpecAugment", 2019 (masks); N. Jaitly and G. Hinton, "Vocal tract length perturbation
//! (VTLP) improves speech recognition", 2013 (warp).

use crate::machine::{Element, size};
use crate::matrix::Matrix;
use crate::number::sum::{sum, sum_of_squares};
use crate::number::{Random, Real};
use alloc::vec::Vec;
use core::ops::Range;

/// How much recordings are varied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Augmentation {
    /// How far each end may move, as a share of the length, below ½.
    pub ends: f64,
    /// The largest |ln α|.
    pub warp: f64,
    /// The size of the tilt, in deviations.
    pub tilt: f64,
    /// The largest gain, in deviations.
    pub gain: f64,
    /// The size of the noise, in deviations.
    pub noise: f64,
    /// Stripes of bands and of times.
    pub masks: [Mask; 2],
}

/// Stripes that are set to 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// How many.
    pub stripes: usize,
    /// Rows, or columns, of each: none to so many.
    pub max_width: usize,
}

impl Augmentation {
    /// Recordings as they are.
    pub const NONE: Augmentation = Augmentation {
        ends: 0.0,
        warp: 0.0,
        tilt: 0.0,
        gain: 0.0,
        noise: 0.0,
        masks: [Mask { stripes: 0, max_width: 0 }; 2],
    };
}

/// Raises what lies more than `range` below the largest number, then brings the mean to 0 and the deviation to 1.
/// Numbers that are all alike become 0.
pub fn clip_and_standardize<T: Real>(numbers: &mut [T], range: f64) {
    let count = T::from_usize(numbers.len().max(1));
    let most = numbers.iter().fold(-T::INFINITY, |most, &x| if x > most { x } else { most });
    let least = most - T::from_f64(range);
    numbers.iter_mut().for_each(|x| *x = if *x < least { least } else { *x });
    let mean = sum(numbers) / count;
    numbers.iter_mut().for_each(|x| *x -= mean);
    let deviation = (sum_of_squares(numbers) / count).sqrt();
    if deviation > T::ZERO {
        numbers.iter_mut().for_each(|x| *x /= deviation);
    }
}

/// The picture that recordings are laid on.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrogramImage {
    /// Numbers of a frame.
    bands: usize,
    /// The bands' center frequencies, ascending; none if they are not frequencies.
    centers: Vec<f64>,
    /// R.
    rows: usize,
    /// C.
    columns: usize,
}

/// Between which two rows, or columns, of the source one of the picture lies, and how far from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Interpolation {
    low: usize,
    high: usize,
    fraction: f64,
}

impl Interpolation {
    /// The position `at` among `count`, clamped to the first and the last.
    fn new(at: f64, count: usize) -> Self {
        let at = Real::max(0.0, Real::min(at, (count - 1) as f64));
        let low = at as usize;
        Interpolation { low, high: (low + 1).min(count - 1), fraction: at - low as f64 }
    }

    fn of<T: Real>(&self, x: impl Fn(usize) -> T) -> T {
        let (low, high) = (x(self.low), x(self.high));
        low + T::from_f64(self.fraction) * (high - low)
    }
}

impl SpectrogramImage {
    /// Pictures of `rows` x `columns` of frames of `bands` numbers. `centers` are the bands' frequencies, ascending, or
    /// empty if they are no frequencies; then there is no warp.
    ///
    /// # Panics
    /// If a count is 0, or there is another number of centers than of bands.
    pub fn new(bands: usize, centers: &[f64], rows: usize, columns: usize) -> Self {
        assert!(bands > 0 && rows > 0 && columns > 0, "a picture of {rows} x {columns} of {bands} bands");
        assert!(centers.is_empty() || centers.len() == bands, "{} centers of {bands} bands", centers.len());
        SpectrogramImage { bands, centers: centers.to_vec(), rows, columns }
    }

    /// R and C.
    pub fn size(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// Lays frames, one after the other, on the picture, row by row, lowest band first, as the variation has it.
    ///
    /// # Panics
    /// If there is no frame, or `to` has not R·C numbers.
    pub fn render<T: Real>(&self, frames: &[T], variation: &Augmentation, random: &mut Random, to: &mut [T]) {
        let SpectrogramImage { bands, rows, columns, .. } = *self;
        let count = frames.len() / bands;
        assert!(count > 0 && to.len() == size::product([rows, columns]), "{count} frames on {} numbers", to.len());
        let mut up_to = |most: f64| if most > 0.0 { random.uniform(-most, most) } else { 0.0 };
        let ends: [f64; 2] = [up_to(variation.ends), up_to(variation.ends)];
        let (warp, gain): (f64, f64) = (Real::exp(up_to(variation.warp)), up_to(variation.gain));

        let start = ends[0] * count as f64;
        let length = count as f64 * (1.0 + ends[1]) - start;
        let times: Vec<Interpolation> = (0..columns)
            .map(|c| Interpolation::new(start + length * (c as f64 + 0.5) / columns as f64 - 0.5, count))
            .collect();
        let tilt: [f64; 3] =
            if variation.tilt > 0.0 { [random.normal(), random.normal(), random.normal()] } else { [0.0; 3] };
        for (r, row) in to.chunks_exact_mut(columns).enumerate() {
            let band = Interpolation::new(self.position(r, warp), bands);
            let q = r as f64 / (rows.max(2) - 1) as f64;
            let wave = |j: usize| tilt[j - 1] * (j as f64 * q).sin_cos_pi().1;
            let tilt = variation.tilt * (wave(1) + wave(2) + wave(3)) / Element::sqrt(1.5);
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

    /// Where row r looks among the bands.
    fn position(&self, r: usize, warp: f64) -> f64 {
        let at = (r as f64 + 0.5) * self.bands as f64 / self.rows as f64 - 0.5;
        if warp == 1.0 || self.centers.len() < 2 {
            return at;
        }
        let wanted = warp * Interpolation::new(at, self.bands).of(|band| self.centers[band]);
        let above = self.centers.partition_point(|&center| center <= wanted);
        if above == 0 || above == self.bands {
            return if above == 0 { 0.0 } else { (self.bands - 1) as f64 };
        }
        let (low, high) = (self.centers[above - 1], self.centers[above]);
        (above - 1) as f64 + (wanted - low) / (high - low)
    }
}

/// A stripe of 0 to `most` of `length`, anywhere.
fn stripe(random: &mut Random, most: usize, length: usize) -> Range<usize> {
    let size = random.index(most.min(length) + 1);
    let start = random.index(length - size + 1);
    start..start + size
}

/// Recordings as frames, to be laid on pictures.
#[derive(Clone, Debug)]
pub struct Augmented<T> {
    /// The picture.
    pub image: SpectrogramImage,
    /// The frames of each recording, [evened out](clip_and_standardize).
    pub recordings: Vec<Vec<T>>,
    /// How each is varied.
    pub augmentation: Augmentation,
    /// The seed of the variations.
    pub seed: u64,
}

impl<T: Real> Augmented<T> {
    /// Recording i as the `draw`th time shows it.
    ///
    /// # Panics
    /// As [`SpectrogramImage::draw`], or if there is no such recording.
    pub fn write(&self, i: usize, draw: u64, to: &mut [T]) {
        let mut random = Random::stream(self.seed, &[draw, i as u64]);
        self.image.render(&self.recordings[i], &self.augmentation, &mut random, to);
    }

    /// All recordings as they are, one in each row.
    ///
    /// # Panics
    /// If there is no memory for the pictures.
    pub fn plain(&self) -> Matrix<T> {
        let mut pictures = Matrix::zeros(self.recordings.len(), size::product(self.image.size()));
        for (i, frames) in self.recordings.iter().enumerate() {
            self.image.render(frames, &Augmentation::NONE, &mut Random::new(0), pictures.row_mut(i));
        }
        pictures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn evened_out_numbers_have_mean_0_deviation_1_and_no_depths() {
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
    fn a_picture_of_the_recordings_own_size_is_the_recording() {
        let frames: Vec<f64> = (0..12).map(|i| f64::from(i * i)).collect(); // three bands, four frames
        let mut to = [0.0; 12];
        SpectrogramImage::new(3, &[], 3, 4).render(&frames, &Augmentation::NONE, &mut Random::new(1), &mut to);
        assert_eq!(to, [0.0, 9.0, 36.0, 81.0, 1.0, 16.0, 49.0, 100.0, 4.0, 25.0, 64.0, 121.0]);
    }

    #[test]
    fn times_and_bands_between_are_on_a_line() {
        let frames: Vec<f64> = vec![0.0, 10.0, 4.0, 14.0]; // two bands, two frames
        let mut to = [0.0; 12];
        SpectrogramImage::new(2, &[], 3, 4).render(&frames, &Augmentation::NONE, &mut Random::new(1), &mut to);
        assert_eq!(to, [0.0, 1.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0, 11.0, 13.0, 14.0]);
        // One frame of one band fills the picture.
        SpectrogramImage::new(1, &[100.0], 3, 4).render(&[7.0], &Augmentation::NONE, &mut Random::new(1), &mut to);
        assert_eq!(to, [7.0; 12]);
    }

    #[test]
    fn a_warp_looks_at_another_frequency() {
        let centers = [100.0, 200.0, 400.0, 800.0];
        let picture = SpectrogramImage::new(4, &centers, 4, 1);
        assert_eq!((0..4).map(|r| picture.position(r, 1.0)).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!((0..4).map(|r| picture.position(r, 2.0)).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 3.0]);
        assert_eq!((0..4).map(|r| picture.position(r, 0.75)).collect::<Vec<_>>(), [0.0, 0.5, 1.5, 2.5]);
    }

    #[test]
    fn variations_stay_within_what_is_allowed() {
        let frames: Vec<f64> = (0..1000).map(f64::from).collect(); // one band
        let picture = SpectrogramImage::new(1, &[], 1, 100);
        let mut random = Random::new(1);
        let draw = |variation: Augmentation, random: &mut Random| {
            let mut to = vec![0.0; 100];
            picture.render(&frames, &variation, random, &mut to);
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
        let picture = SpectrogramImage::new(2, &[1.0, 2.0], 4, 5);
        let varied = Augmented {
            image: picture,
            recordings: vec![vec![1.0, 2.0, 4.0, 3.0]; 2],
            augmentation: variation,
            seed: 3,
        };
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
