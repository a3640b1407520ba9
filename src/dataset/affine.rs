//! Affine augmentation: images rotated, scaled, and moved at random.
//!
//! **Why.** A digit that is rotated a little, drawn a little larger, or elsewhere in the image is the same digit. A
//! network trained on few images has no way to know this: it memorizes the bright pixels. Random changes that preserve
//! the label give it new images of the same digits in every epoch. Not every change preserves the label: rotated by
//! 180°, a 6 is a 9, and mirrored, a 2 is no digit. (Exercise E.11 rotates by up to 15°, scales by 0.86 to 1.16, and
//! moves by up to 2 pixels.)
//!
//! **Idea.** For each pixel of the result, find the point of the image that moves to it (the inverse map), and
//! interpolate between the four pixels around that point. Moving each pixel of the image instead would leave gaps
//! between the pixels of an enlarged image.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | R, C | the rows and columns of the image |
//! | x_ij | the pixel in row i and column j of the image, counted from 0; outside of the image it is 0 |
//! | y_rc | the pixel in row r and column c of the result |
//! | α | the angle of the rotation about the center, counterclockwise for the viewer, with rows from top to bottom |
//! | s | the scale, > 0; an image with s = 2 is twice as large |
//! | v, h | the move: rows down, columns to the right |
//! | D, E | the position of a point of the image, in rows and columns from its center |
//! | d, e | the position of a pixel of the result, in rows and columns from the moved center |
//! | a, b | the coefficients of the inverse map |
//! | p, q | the point of the image that moves to pixel (r, c): its row and column, not rounded |
//! | i, j, f, g | the whole parts of p and q, and their fractions |
//! | A, S, M | the largest angle, the largest \|ln s\|, the largest move |
//! | U(-A, A) | uniform random numbers between -A and A |
//!
//! ```text
//! (AF.1)  d = r - (R - 1)/2 - v,  e = c - (C - 1)/2 - h
//!
//! (AF.2)  p = (R - 1)/2 + a·d + b·e,  q = (C - 1)/2 + a·e - b·d,  with a = cos α / s and b = sin α / s
//!
//! (AF.3)  i = ⌊p⌋,  f = p - i,  j = ⌊q⌋,  g = q - j
//!
//! (AF.4)  y_rc = (1 - f)·( (1 - g)·x_ij + g·x_i(j+1) ) + f·( (1 - g)·x_(i+1)j + g·x_(i+1)(j+1) )
//!
//! (AF.5)  α from U(-A, A),  ln s from U(-S, S),  v and h from -M, ..., M
//! ```
//!
//! **Derivation.** The center of the image is at row (R - 1)/2 and column (C - 1)/2. After rotation and scaling, a
//! point D rows below it and E columns to its right has the distances
//!
//! ```text
//! d = s·(D·cos α - E·sin α)
//! e = s·(D·sin α + E·cos α)
//! ```
//!
//! from the moved center. (A point to the right, D = 0, goes up under a small positive α: d < 0. A point below, E = 0,
//! goes to the right: e > 0.) Multiply the first line by cos α and the second by sin α, and add; cos² + sin² = 1 leaves
//!
//! ```text
//! d·cos α + e·sin α = s·D,    and likewise    e·cos α - d·sin α = s·E
//! ```
//!
//! Divided by s, these are the distances of (p, q) from the center in (AF.2). (AF.4) is linear interpolation twice:
//! between two columns, in the rows above and below the point, and then between these two values.
//!
//! **By hand.** The image (1, 2; 3, 4) has its center at row ½ and column ½. (Random moves are whole pixels; h = ½
//! shows the interpolation.)
//!
//! ```text
//! α = 90°:  a = 0, b = 1;  y_00 has d = e = -½, so p = ½ - ½ = 0, q = ½ + ½ = 1, and y_00 = x_01 = 2
//!           y = (2, 4; 1, 3)
//!
//! s = 2:    a = ½, b = 0;  y_00 has p = q = ½ - ¼ = ¼, so y_00 = ¾·(¾·1 + ¼·2) + ¼·(¾·3 + ¼·4) = 1.75
//!
//! h = ½:    y_00 has p = 0 and q = -½, so y_00 = ½·0 + ½·1 = ½;  y = (½, 1½; 1½, 3½)
//! ```
//!
//! **Conventions.** Outside of the image, pixels are 0, the background of digits. The logarithm of s is uniform, so
//! that s and 1/s are equally likely. Random moves are by whole pixels, so that a move alone copies pixels and does not
//! blur them. A move keeps the sum of all pixels if no part of the image leaves the frame, because the weights of a
//! pixel in all y_rc add up to 1. A scale multiplies the sum by about s². For s much below 1, (AF.4) skips pixels, and
//! the image would have to be smoothed first; augmentation does not need such scales.
//!
//! Sources: source E, "Data augmentation"; P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional
//! neural networks applied to visual document analysis", 2003.

use crate::machine::size;
use crate::number::{Random, Real};
use alloc::vec;
use alloc::vec::Vec;

/// A rotation and a scaling about the center of an image, then a move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// α in degrees, counterclockwise.
    pub degrees: f64,
    /// s, > 0.
    pub scale: f64,
    /// v and h: rows down and columns to the right.
    pub shift: [f64; 2],
}

impl Affine {
    /// The map that leaves images as they are.
    pub const IDENTITY: Affine = Affine { degrees: 0.0, scale: 1.0, shift: [0.0; 2] };

    /// a and b of (AF.2). Multiples of 90° are exact.
    fn coefficients(&self) -> [f64; 2] {
        assert!(self.scale > 0.0, "a scale of {}", self.scale);
        let (sine, cosine) = (self.degrees / 180.0).sin_cos_pi();
        [cosine / self.scale, sine / self.scale]
    }

    /// The move, if there is no other change and it is by whole pixels.
    fn whole_shift(&self) -> Option<[isize; 2]> {
        let whole = self.shift.map(|length| length as isize);
        let is_whole = (0..2).all(|axis| whole[axis] as f64 == self.shift[axis]);
        (self.degrees == 0.0 && self.scale == 1.0 && is_whole).then_some(whole)
    }

    /// Writes the changed image. Images are rows of pixels, the top row first. A move by whole pixels copies them.
    ///
    /// # Panics
    /// If the image or the result does not have `rows`·`columns` pixels, or the scale is not positive.
    pub fn apply<T: Real>(&self, image: &[T], [rows, columns]: [usize; 2], to: &mut [T]) {
        assert_eq!([image.len(), to.len()], [size::product([rows, columns]); 2], "pixels of {rows} x {columns}");
        // Indices before the first wrap around, and so are beyond the last.
        let pixel = |i: usize, j: usize| if i < rows && j < columns { image[i * columns + j] } else { T::ZERO };
        if columns == 0 {
            return;
        }
        if let Some([down, right]) = self.whole_shift() {
            for (r, row) in to.chunks_exact_mut(columns).enumerate() {
                let from = r.wrapping_sub(down as usize);
                row.iter_mut().enumerate().for_each(|(c, y)| *y = pixel(from, c.wrapping_sub(right as usize)));
            }
            return;
        }
        let [a, b] = self.coefficients();
        let center = [rows, columns].map(|length| (length as f64 - 1.0) / 2.0);
        for (r, row) in to.chunks_exact_mut(columns).enumerate() {
            let d = r as f64 - center[0] - self.shift[0];
            for (c, y) in row.iter_mut().enumerate() {
                let e = c as f64 - center[1] - self.shift[1];
                let ([i, j], [f, g]) = split([center[0] + a * d + b * e, center[1] + a * e - b * d]);
                let [f, g] = [f, g].map(T::from_f64);
                let between = |i| (T::ONE - g) * pixel(i, j) + g * pixel(i, j.wrapping_add(1));
                *y = (T::ONE - f) * between(i) + f * between(i.wrapping_add(1)); // (AF.4)
            }
        }
    }
}

/// The whole parts, rounded down, and the fractions. Negative whole parts wrap around.
fn split(point: [f64; 2]) -> ([usize; 2], [f64; 2]) {
    let floor = |x: f64| {
        let whole = x as isize;
        if whole as f64 > x { whole - 1 } else { whole }
    };
    (point.map(|x| floor(x) as usize), point.map(|x| x - floor(x) as f64)) // (AF.3)
}

/// The changed image, pixel by pixel.
///
/// # Panics
/// If the image does not have `rows`·`columns` pixels, or the scale is not positive.
pub fn by_definition(map: &Affine, image: &[f64], [rows, columns]: [usize; 2]) -> Vec<f64> {
    assert_eq!(image.len(), size::product([rows, columns]), "pixels of {rows} x {columns}");
    let [a, b] = map.coefficients();
    let [v, h] = map.shift;
    let (row_of_center, column_of_center) = ((rows as f64 - 1.0) / 2.0, (columns as f64 - 1.0) / 2.0);
    let x = |i: usize, j: usize| if i < rows && j < columns { image[i * columns + j] } else { 0.0 };
    let mut y = vec![0.0; image.len()];
    for r in 0..rows {
        for c in 0..columns {
            let d = r as f64 - row_of_center - v; // (AF.1)
            let e = c as f64 - column_of_center - h; // (AF.1)
            let p = row_of_center + a * d + b * e; // (AF.2)
            let q = column_of_center + a * e - b * d; // (AF.2)
            let ([i, j], [f, g]) = split([p, q]);
            let (below, right) = (i.wrapping_add(1), j.wrapping_add(1));
            let upper = (1.0 - g) * x(i, j) + g * x(i, right);
            let lower = (1.0 - g) * x(below, j) + g * x(below, right);
            y[r * columns + c] = (1.0 - f) * upper + f * lower; // (AF.4)
        }
    }
    y
}

/// The ranges of random changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomAffine {
    /// A: the largest angle, in degrees.
    pub degrees: f64,
    /// S: the largest |ln s|.
    pub log_scale: f64,
    /// M: the largest move in each direction, in pixels.
    pub shift: usize,
}

impl RandomAffine {
    /// Moves alone, by at most this many pixels in each direction.
    pub const fn shifts(most: usize) -> Self {
        RandomAffine { degrees: 0.0, log_scale: 0.0, shift: most }
    }

    /// A change within the ranges.
    pub fn draw(&self, random: &mut Random) -> Affine {
        let mut step = || random.index(2 * self.shift + 1) as f64 - self.shift as f64;
        let shift = [step(), step()]; // (AF.5)
        let mut up_to = |most: f64| if most > 0.0 { random.uniform(-most, most) } else { 0.0 };
        let (degrees, log_scale): (f64, f64) = (up_to(self.degrees), up_to(self.log_scale)); // (AF.5)
        Affine { degrees, scale: Real::exp(log_scale), shift }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::sum::sum;

    fn applied(map: Affine, image: &[f64], size: [usize; 2]) -> Vec<f64> {
        let mut to = vec![f64::NAN; image.len()];
        map.apply(image, size, &mut to);
        to
    }

    fn draw(count: usize) -> Vec<f64> {
        let mut random = Random::new(1);
        (0..count).map(|_| random.uniform01()).collect()
    }

    #[test]
    fn small_images_by_hand() {
        let image = [1.0, 2.0, 3.0, 4.0];
        let identity = Affine::IDENTITY;
        assert_eq!(applied(Affine { degrees: 90.0, ..identity }, &image, [2, 2]), [2.0, 4.0, 1.0, 3.0]);
        assert_eq!(applied(Affine { scale: 2.0, ..identity }, &image, [2, 2]), [1.75, 2.25, 2.75, 3.25]);
        assert_eq!(applied(Affine { shift: [0.0, 0.5], ..identity }, &image, [2, 2]), [0.5, 1.5, 1.5, 3.5]);
    }

    #[test]
    fn every_pixel_is_that_of_the_definition() {
        let mut random = Random::new(2);
        for size in [[1, 1], [1, 7], [8, 5], [28, 28]] {
            let image = draw(size[0] * size[1]);
            for ranges in [
                RandomAffine { degrees: 180.0, log_scale: 0.7, shift: 4 },
                RandomAffine { degrees: 0.0, log_scale: 0.7, shift: 0 },
                RandomAffine::shifts(9),
            ] {
                for _ in 0..20 {
                    let map = ranges.draw(&mut random);
                    assert_eq!(applied(map, &image, size), by_definition(&map, &image, size), "{map:?}");
                }
            }
        }
    }

    #[test]
    fn the_identity_changes_no_bit_and_right_angles_permute_the_pixels() {
        let (size, image) = ([5, 5], draw(25));
        assert_eq!(applied(Affine::IDENTITY, &image, size), image);
        assert_eq!(by_definition(&Affine::IDENTITY, &image, size), image);
        let at = |degrees: f64| applied(Affine { degrees, ..Affine::IDENTITY }, &image, size);
        let (quarter, half) = (at(90.0), at(180.0));
        for r in 0..5 {
            for c in 0..5 {
                assert_eq!(quarter[5 * r + c], image[5 * c + 4 - r]);
                assert_eq!(half[5 * r + c], image[5 * (4 - r) + 4 - c]);
            }
        }
        assert_eq!(at(360.0), image);
    }

    #[test]
    fn changes_within_the_image_keep_its_sum_and_a_scale_multiplies_it_by_its_square() {
        // A disk with a smooth edge in the middle of 40 x 40.
        let size = [40, 40];
        let disk: Vec<f64> = (0..1600usize)
            .map(|k| {
                let (d, e) = ((k / 40) as f64 - 19.5, (k % 40) as f64 - 19.5);
                Real::exp(-(d * d + e * e) / 18.0)
            })
            .collect();
        let ratio = |map: Affine| sum(&applied(map, &disk, size)) / sum(&disk);
        let identity = Affine::IDENTITY;
        for (map, expected, tolerance) in [
            (Affine { shift: [1.3, -2.6], ..identity }, 1.0, 1e-3),
            (Affine { degrees: 33.0, ..identity }, 1.0, 1e-3),
            (Affine { scale: 1.25, ..identity }, 1.5625, 1e-3),
        ] {
            let found = ratio(map);
            assert!((found - expected).abs() < tolerance, "{map:?}: {found}");
        }
    }

    #[test]
    fn random_changes_stay_within_their_ranges_and_reach_them() {
        let (mut random, ranges) = (Random::new(3), RandomAffine { degrees: 15.0, log_scale: 0.2, shift: 2 });
        let mut most = [0.0; 4];
        for _ in 0..1000 {
            let Affine { degrees, scale, shift } = ranges.draw(&mut random);
            for (most, found) in most.iter_mut().zip([degrees, Real::ln(scale), shift[0], shift[1]]) {
                *most = Real::max(*most, Real::abs(found));
            }
        }
        assert!((14.8..=15.0).contains(&most[0]) && (0.195..0.2001).contains(&most[1]), "{most:?}");
        assert_eq!(most[2..], [2.0, 2.0]);
    }
}
