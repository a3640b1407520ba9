//! Dead leaves: pictures with the statistics of photographs, made of overlapping disks.
//!
//! Why: an exercise on patches of natural images needs images, and this crate comes without photographs. This model has
//! three properties of photographs. Objects have edges. Objects occlude one another. And no size is special: a picture
//! zoomed in or out has the same statistics, because objects are seen from all distances. (In this model, that holds
//! only between the limits r1 and r2 of the sizes. Every picture of finitely many pixels needs such limits.) Lee,
//! Mumford and Huang compared the model with two databases of photographs: the shades of pairs of pixels and the
//! outputs of small filters have similar distributions. Texture and shading are missing.
//!
//! Idea: disks of random size, position, and shade of gray fall on the picture one after the other, like leaves. Seen
//! from below, through a glass plate, the first leaf that covers a point stays in sight. So each pixel takes the shade
//! of the first disk over it, and the picture is finished when all pixels are covered.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | r, r1, r2 | the radius of a disk, the least and the largest, in pixels |
//! | f(r), F(r) | the density of the radii, and the probability of a radius up to r |
//! | u | uniform in [0, 1) |
//! | (X, Y) | the center of a disk, uniform in the picture and a margin of r2 around it |
//!
//! ```text
//! (LV.1)  f(r) = 2/(r1⁻² - r2⁻²)·r⁻³,  r1 <= r <= r2
//! (LV.2)  r = (r1⁻² - u·(r1⁻² - r2⁻²))^(-½)
//! (LV.3)  a disk covers the pixel (x, y) if (x - X)² + (y - Y)² <= r²
//! ```
//!
//! Why the cube. Let N(r)·dr be the number of disks with radii from r to r + dr that fall on a unit of area in a unit
//! of time. Zoom into a picture by the factor s. A disk that now has the radius r had the radius r/s before, and what
//! is now a unit of area was 1/s². So the number is N(r/s)·(dr/s)/s². With N(r) = k·r⁻³, for some constant k, that is
//! k·(s/r)³·dr/s³ = k·r⁻³·dr, the same for every s.
//!
//! Derivation of (LV.2): the integral of (LV.1) is F(r) = (r1⁻² - r⁻²)/(r1⁻² - r2⁻²), which rises from 0 at r1 to 1 at
//! r2. Let r be the solution of F(r) = u. Since F rises, r <= R exactly when u <= F(R), for any R, and this has the
//! probability F(R). So F is the distribution of r, and f its density.
//!
//! By hand, r1 = 1 and r2 = 2: r1⁻² - r2⁻² = ¾. u = 0 gives r = 1, u = 1 would give 2, and u = ½ gives
//! 1/√(1 - ⅜) = 1.26: half of the disks have radii below 1.26.
//!
//! Conventions: the shades are uniform in [0, 1). The margin is needed because disks centered outside the picture reach
//! into it. Disks fall until no pixel is free: later ones would be hidden, so the picture is that of infinitely many
//! disks.
//!
//! Sources: A. Lee, D. Mumford and J. Huang, "Occlusion models for natural images", 2001; W. Kendall and E. Thönnes,
//! "Perfect simulation in stochastic geometry", 1999 (leaves seen from below).

use crate::machine::Element;
use crate::matrix::Matrix;
use crate::number::Random;
use alloc::vec;

/// The sizes of a picture and of its disks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeadLeaves {
    /// Rows and columns of the picture, at least 1.
    pub side: usize,
    /// r1, the least radius in pixels, at least 1.
    pub least: f64,
    /// r2, the largest radius, above r1.
    pub largest: f64,
}

/// A disk that fell.
#[derive(Clone, Copy, Debug)]
struct Disk {
    x: f64,
    y: f64,
    radius: f64,
    shade: f32,
}

impl DeadLeaves {
    /// A picture, rows x columns, with shades from 0 to 1. The time grows with the number of disks, about as
    /// ((side + 2·r2)/r1)².
    ///
    /// # Panics
    /// If a size is out of its range.
    pub fn draw(&self, random: &mut Random) -> Matrix<f32> {
        let DeadLeaves { side, least, largest } = *self;
        assert!(side > 0 && least >= 1.0 && largest > least && largest < 1e6, "no picture of {self:?}");
        let mut picture = Matrix::zeros(side, side);
        let mut covered = vec![false; side * side];
        let mut free = side * side;
        while free > 0 {
            let disk = self.disk(random);
            let rows = span(disk.y, disk.radius, side);
            for y in rows {
                let dy = y as f64 - disk.y;
                let half = Element::sqrt((disk.radius * disk.radius - dy * dy).max(0.0));
                for x in span(disk.x, half, side) {
                    if !covered[y * side + x] {
                        covered[y * side + x] = true;
                        picture.row_mut(y)[x] = disk.shade; // (LV.3)
                        free -= 1;
                    }
                }
            }
        }
        picture
    }

    fn disk(&self, random: &mut Random) -> Disk {
        let inverse_square = |r: f64| 1.0 / (r * r);
        let (low, high) = (inverse_square(self.least), inverse_square(self.largest));
        let radius = 1.0 / Element::sqrt(low - random.uniform01() * (low - high)); // (LV.1), (LV.2)
        let mut center = || random.uniform(-self.largest, self.side as f64 + self.largest);
        let (x, y) = (center(), center());
        Disk { x, y, radius, shade: random.uniform(0.0, 1.0) }
    }
}

/// The integers from `center` - `half` to `center` + `half`, among 0, 1, ..., side - 1.
fn span(center: f64, half: f64, side: usize) -> core::ops::Range<usize> {
    // Conversion truncates: above 0 it rounds down, and negative numbers become 0.
    let end = center + half;
    let end = if end < 0.0 { 0 } else { (end as usize + 1).min(side) };
    let start = center - half;
    let below = start as usize;
    let start = if start > below as f64 { below + 1 } else { below };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const SMALL: DeadLeaves = DeadLeaves { side: 64, least: 2.0, largest: 32.0 };

    #[test]
    fn radii_have_the_density_of_the_cube() {
        let leaves = DeadLeaves { least: 1.0, largest: 2.0, ..SMALL };
        let mut random = Random::new(1);
        let radii: Vec<f64> = (0..20_000).map(|_| leaves.disk(&mut random).radius).collect();
        assert!(radii.iter().all(|r| (1.0..=2.0).contains(r)));
        for r in [1.1, 1.26, 1.5, 1.9] {
            // F(r) = (1 - r⁻²)/¾.
            let found = radii.iter().filter(|&&radius| radius < r).count() as f64 / 20_000.0;
            let expected = (1.0 - 1.0 / (r * r)) / 0.75;
            assert!((found - expected).abs() < 0.015, "{r}: {found} {expected}");
        }
    }

    #[test]
    fn a_span_has_the_integers_of_an_interval() {
        for (center, half, expected) in [
            (5.0, 2.0, 3..8),
            (5.5, 1.0, 5..7),
            (0.2, 3.0, 0..4),
            (-0.5, 0.4, 0..0),
            (-0.5, 0.5, 0..1),
            (-9.0, 2.0, 0..0),
            (9.5, 4.0, 6..10),
            (30.0, 4.0, 10..10),
            (5.5, 0.1, 6..6),
        ] {
            let found = span(center, half, 10);
            assert!(found == expected || found.is_empty() && expected.is_empty(), "{center} {half}: {found:?}");
        }
    }

    #[test]
    fn the_first_disk_over_a_pixel_is_seen() {
        let mut random = Random::new(5);
        let picture = SMALL.draw(&mut random.clone());
        let disks: Vec<Disk> = (0..20_000).map(|_| SMALL.disk(&mut random)).collect();
        for k in 0..64 * 64 {
            let (x, y) = ((k % 64) as f64, (k / 64) as f64);
            let covers = |disk: &&Disk| (x - disk.x).powi(2) + (y - disk.y).powi(2) <= disk.radius.powi(2);
            assert_eq!(picture.row(k / 64)[k % 64], disks.iter().find(covers).unwrap().shade, "{x} {y}");
        }
    }

    /// Zoomed out by two, a picture has the same mean squared difference of neighbors.
    #[test]
    fn pictures_have_no_scale() {
        let leaves = DeadLeaves { side: 256, least: 1.0, largest: 128.0 };
        let difference = |distance: usize| {
            let (mut total, mut count) = (0.0, 0.0);
            for seed in 0..8 {
                let picture = leaves.draw(&mut Random::new(seed));
                for row in (0..256).map(|y| picture.row(y)) {
                    for x in 0..256 - distance {
                        total += f64::from((row[x] - row[x + distance]).powi(2));
                        count += 1.0;
                    }
                }
            }
            total / count
        };
        // It grows with the distance far more slowly than in proportion.
        let [near, far] = [difference(4), difference(16)];
        assert!(far > 1.1 * near && far < 2.0 * near, "{near} {far}");
    }
}
