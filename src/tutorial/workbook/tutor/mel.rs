//! Mel bands, on HTK's scale and with peaks of 1.

use crate::number::{Random, Real};
use crate::spectrum::mel::{MelSettings, Norm, Scale, by_definition};
use crate::tutorial::workbook::judge::{Judge, Part};
use core::f64::consts::{LN_2, LN_10};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// A bank, one of its bands, and a transform whose bins are weighed.
#[derive(Clone, Copy, Debug)]
struct Input {
    bands: usize,
    lowest: f64,
    highest: f64,
    band: usize,
    length: usize,
    rate: f64,
}

impl Input {
    /// The frequencies of the bins.
    fn bins(&self) -> Vec<f64> {
        (0..=self.length / 2).map(|k| k as f64 * self.rate / self.length as f64).collect()
    }

    /// The weights of the band in the chapter's bank.
    fn weights(&self) -> Vec<f64> {
        let &Input { bands, lowest, highest, band, length, rate } = self;
        let settings = MelSettings { scale: Scale::Htk, norm: Norm::Peak, bands, lowest, highest };
        by_definition(&settings, length, rate).row(band).to_vec()
    }

    /// Corner i by (ME.5), where the bank has so many steps.
    fn corner(&self, i: usize, steps: usize, functions: &Functions) -> f64 {
        let (low, high) = ((functions.mel)(self.lowest), (functions.mel)(self.highest));
        (functions.hertz)(low + (high - low) * i as f64 / steps as f64)
    }

    /// Left corner, peak, and right corner of the band.
    fn triangle(&self) -> [f64; 3] {
        [0, 1, 2].map(|i| self.corner(self.band + i, self.bands + 1, &RIGHT))
    }

    /// The parts of an answer, its weights given.
    fn parts(&self, functions: &Functions, corners: Vec<f64>, weights: Vec<f64>) -> Vec<Part> {
        let bins = self.bins();
        // The same round numbers, once in Hz and once in mel, so that a message says what they are.
        vec![
            ("mel", bins.iter().map(|&f| (functions.mel)(f)).collect()),
            ("hertz", bins.iter().map(|&m| (functions.hertz)(m)).collect()),
            ("corners", corners),
            ("weight", weights),
        ]
    }

    /// The parts with another scale, on which the corners are evenly spaced.
    fn with_scale(&self, functions: &Functions) -> Vec<Part> {
        let corners = (0..self.bands + 2).map(|i| self.corner(i, self.bands + 1, functions)).collect();
        self.parts(functions, corners, self.weights())
    }

    /// The parts with other corners.
    fn with_corners(&self, corner: impl Fn(usize) -> f64) -> Vec<Part> {
        self.parts(&RIGHT, (0..self.bands + 2).map(corner).collect(), self.weights())
    }

    /// The parts with another weight, from f and the three frequencies of the triangle.
    fn with_weight(&self, weight: Weight) -> Vec<Part> {
        let [left, peak, right] = self.triangle();
        let corners = (0..self.bands + 2).map(|i| self.corner(i, self.bands + 1, &RIGHT)).collect();
        self.parts(&RIGHT, corners, self.bins().into_iter().map(|f| weight(f, left, peak, right)).collect())
    }
}

/// Hertz to mel, and back.
#[derive(Clone, Copy)]
struct Functions {
    mel: fn(f64) -> f64,
    hertz: fn(f64) -> f64,
}

const RIGHT: Functions = Functions { mel: |f| Scale::Htk.mel(f), hertz: |m| Scale::Htk.hertz(m) };

/// Computes a weight from f, left, peak, and right.
pub type Weight = fn(f64, f64, f64, f64) -> f64;

/// Computes the corners from n, the lowest, and the highest frequency.
pub type Corners = fn(usize, f64, f64) -> Vec<f64>;

fn rising(f: f64, left: f64, peak: f64) -> f64 {
    (f - left) / (peak - left)
}

fn falling(f: f64, peak: f64, right: f64) -> f64 {
    (right - f) / (right - peak)
}

fn triangle(f: f64, left: f64, peak: f64, right: f64) -> f64 {
    Real::max(0.0, Real::min(rising(f, left, peak), falling(f, peak, right)))
}

fn judge() -> Judge<Input> {
    let first = Input { bands: 1, lowest: 0.0, highest: 4000.0, band: 0, length: 8, rate: 8000.0 };
    let mut inputs = vec![("1 band from 0 to 4000 Hz (mel, hertz, and weight at k·1000)".to_string(), first)];
    let mut random = Random::new(1);
    for (bands, band, length) in [(4, 2, 30), (7, 3, 50)] {
        let (lowest, highest) = (random.uniform(50.0, 500.0), random.uniform(5000.0, 7900.0));
        let step = 16000 / length;
        let name = format!(
            "{bands} bands from {lowest:.1} to {highest:.1} Hz, band {band} (mel, hertz, and weight at k·{step})"
        );
        let rate = (step * length) as f64;
        inputs.push((name, Input { bands, lowest, highest, band, length, rate }));
    }
    let mut judge = Judge::new(inputs, |input: &Input| input.with_scale(&RIGHT));
    let scales: [(&str, Functions); 8] = [
        ("the natural logarithm in place of log₁₀", Functions { mel: |f| 2595.0 * Real::ln(1.0 + f / 700.0), ..RIGHT }),
        ("log₂ in place of log₁₀", Functions { mel: |f| 2595.0 / LN_2 * Real::ln(1.0 + f / 700.0), ..RIGHT }),
        ("the 1 in 1 + f/700 is forgotten", Functions { mel: |f| 2595.0 / LN_10 * Real::ln(f / 700.0), ..RIGHT }),
        (
            "(1 + f)/700 in place of 1 + f/700",
            Functions { mel: |f| 2595.0 / LN_10 * Real::ln((1.0 + f) / 700.0), ..RIGHT },
        ),
        ("e in place of 10 in the inverse", Functions { hertz: |m| 700.0 * (Real::exp(m / 2595.0) - 1.0), ..RIGHT }),
        (
            "the natural logarithm in place of log₁₀, and e in place of 10",
            Functions { mel: |f| 2595.0 * Real::ln(1.0 + f / 700.0), hertz: |m| 700.0 * (Real::exp(m / 2595.0) - 1.0) },
        ),
        (
            "the 1 is not subtracted in the inverse",
            Functions { hertz: |m| 700.0 * Real::exp(m / 2595.0 * LN_10), ..RIGHT },
        ),
        (
            "in the inverse, 1 is subtracted after the multiplication by 700",
            Functions { hertz: |m| 700.0 * Real::exp(m / 2595.0 * LN_10) - 1.0, ..RIGHT },
        ),
    ];
    for (what, functions) in scales {
        judge = judge.mistake(what, move |input: &Input| input.with_scale(&functions));
    }
    judge = judge
        .mistake("the corners are evenly spaced in Hz, not in mel", |input| {
            input.with_corners(|i| input.lowest + (input.highest - input.lowest) * i as f64 / (input.bands + 1) as f64)
        })
        .mistake("n steps in place of n + 1: the last corner is too high", |input| {
            input.with_corners(|i| input.corner(i, input.bands, &RIGHT))
        })
        .mistake("n + 2 steps in place of n + 1: the last corner is too low", |input| {
            input.with_corners(|i| input.corner(i, input.bands + 2, &RIGHT))
        })
        .mistake("the lowest and the highest frequency are not converted to mel", |input| {
            let step = (input.highest - input.lowest) / (input.bands + 1) as f64;
            input.with_corners(|i| (RIGHT.hertz)(input.lowest + step * i as f64))
        })
        .mistake("the corners are left in mel", |input| {
            input.with_corners(|i| (RIGHT.mel)(input.corner(i, input.bands + 1, &RIGHT)))
        })
        .mistake("i/(n + 1) is a division of whole numbers, which rounds down", |input| {
            input.with_corners(|i| if i <= input.bands { input.lowest } else { input.highest })
        })
        .mistake("the steps start at 0 mel, not at the lowest frequency", |input| {
            let (low, high) = ((RIGHT.mel)(input.lowest), (RIGHT.mel)(input.highest));
            input.with_corners(|i| (RIGHT.hertz)((high - low) * i as f64 / (input.bands + 1) as f64))
        });
    let weights: [(&str, Weight); 11] = [
        ("the weight is not cut off at 0 outside the triangle", |f, left, peak, right| {
            Real::min(rising(f, left, peak), falling(f, peak, right))
        }),
        ("the larger of the two lines in place of the smaller", |f, left, peak, right| {
            Real::max(0.0, Real::max(rising(f, left, peak), falling(f, peak, right)))
        }),
        ("beyond the peak, the weight keeps rising and does not fall", |f, left, peak, right| match f {
            f if f < left || f > right => 0.0,
            f => rising(f, left, peak),
        }),
        (
            "beyond the peak, the weight is (f - peak)/(right - peak), which rises and does not fall",
            |f, left, peak, right| match f {
                f if f < left || f > right => 0.0,
                f if f <= peak => rising(f, left, peak),
                f => (f - peak) / (right - peak),
            },
        ),
        ("the falling line is divided by peak - left in place of right - peak", |f, left, peak, right| {
            Real::max(0.0, Real::min(rising(f, left, peak), (right - f) / (peak - left)))
        }),
        ("the rising line is divided by right - peak in place of peak - left", |f, left, peak, right| {
            Real::max(0.0, Real::min((f - left) / (right - peak), falling(f, peak, right)))
        }),
        ("the weight is not cut off at 0 below the left corner", |f, left, peak, right| match f {
            f if f < left => rising(f, left, peak),
            f => triangle(f, left, peak, right),
        }),
        ("the weight is not cut off at 0 above the right corner", |f, left, peak, right| match f {
            f if f > right => falling(f, peak, right),
            f => triangle(f, left, peak, right),
        }),
        ("both lines are divided by the whole width, right - left", |f, left, _, right| {
            Real::max(0.0, Real::min((f - left) / (right - left), (right - f) / (right - left)))
        }),
        ("the area of the triangle is 1, not its peak", |f, left, peak, right| {
            triangle(f, left, peak, right) * 2.0 / (right - left)
        }),
        ("the sides of the triangle are straight in mel, not in Hz", |f, left, peak, right| {
            let [f, left, peak, right] = [f, left, peak, right].map(RIGHT.mel);
            triangle(f, left, peak, right)
        }),
    ];
    for (what, weight) in weights {
        judge = judge.mistake(what, move |input: &Input| input.with_weight(weight));
    }
    judge
}

/// Checks hertz to mel, mel to hertz, the corners of a bank, and the weight in a band from (f, left, peak, right).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(mel: fn(f64) -> f64, hertz: fn(f64) -> f64, corners: Corners, weight: Weight) {
    judge().check(|input| {
        let [left, peak, right] = input.triangle();
        let weights = input.bins().into_iter().map(|f| weight(f, left, peak, right)).collect();
        input.parts(&Functions { mel, hertz }, corners(input.bands, input.lowest, input.highest), weights)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        judge().check_itself();
    }

    /// Our corners are those of the chapter's bank.
    #[test]
    fn a_triangle_between_our_corners_is_the_chapter_s() {
        assert_eq!(judge().verdict(|input| input.with_weight(triangle)), None);
    }
}
