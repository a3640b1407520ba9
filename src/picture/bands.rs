//! The rows of a spectrogram: frequency bands, pitch classes or coefficients, and the labels on the axis.
//!
//! Rows are evenly spaced in the picture, but their frequencies may not be. With f_r the center of row r,
//!
//! ```text
//! (RL.1)  row of f Hz = r + (f - f_r)/(f_(r+1) - f_r)        for f_r <= f < f_(r+1)
//! ```
//!
//! Labels are round numbers: 0 and powers of ten first, then 5, 2, 3, ... times powers of ten. A number is printed if
//! it is far enough from all numbers chosen before it. If the frequencies are evenly spaced, so are the labels.

use super::axis::{Axis, Scale};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

/// The meaning of the rows, from the lowest one up.
#[derive(Clone, Debug, PartialEq)]
pub enum Bands {
    /// Frequency bands with these centers, in Hz, ascending.
    Hertz(Vec<f64>),
    /// Rows with names, such as pitch classes.
    Named(Vec<String>),
    /// Coefficients with these indices.
    Numbered(Range<usize>),
}

impl Bands {
    /// The number of rows.
    pub fn count(&self) -> usize {
        match self {
            Bands::Hertz(centers) => centers.len(),
            Bands::Named(names) => names.len(),
            Bands::Numbered(numbers) => numbers.len(),
        }
    }

    /// The title of the axis.
    pub fn title(&self) -> &'static str {
        match self {
            Bands::Hertz(_) => "frequency (Hz)",
            Bands::Named(_) => "pitch class",
            Bands::Numbered(_) => "coefficient",
        }
    }

    /// About `most` labels or fewer, each with its position: in rows, from the center of the lowest row.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let count = self.count();
        let every = count.div_ceil(most.max(1)).max(1);
        match self {
            Bands::Named(names) => (0..count).step_by(every).map(|row| (row as f64, names[row].clone())).collect(),
            Bands::Numbered(numbers) => {
                let every = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|&step| step >= every).unwrap_or(every);
                let first = numbers.start.checked_next_multiple_of(every).unwrap_or(numbers.end);
                (first..numbers.end)
                    .step_by(every)
                    .map(|number| ((number - numbers.start) as f64, number.to_string()))
                    .collect()
            }
            Bands::Hertz(centers) => hertz_ticks(centers, most),
        }
    }
}

fn hertz_ticks(centers: &[f64], most: usize) -> Vec<(f64, String)> {
    let [first, .., last] = centers else { return Vec::new() };
    let step = (last - first) / (centers.len() - 1) as f64;
    let even = centers.iter().enumerate().all(|(row, f)| (f - first - step * row as f64).abs() <= 1e-6 * step);
    if even {
        let ticks = Axis::new(*first, *last, Scale::Linear).ticks(most);
        return ticks.into_iter().map(|tick| ((tick.value - first) / step, tick.text)).collect();
    }
    let apart = centers.len() as f64 / most.max(1) as f64;
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for digit in [0u32, 1, 5, 2, 3, 4, 7, 6, 8, 9] {
        for power in [10u32, 100, 1000, 10_000, 100_000] {
            let Some(row) = row_of(centers, f64::from(digit * power)) else { continue };
            if ticks.iter().all(|(other, _)| (row - other).abs() >= apart) {
                ticks.push((row, format!("{}", digit * power)));
            }
        }
    }
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    ticks
}

/// The row of a frequency (RL.1); `None` outside the centers.
fn row_of(centers: &[f64], hertz: f64) -> Option<f64> {
    let above = centers.partition_point(|&f| f <= hertz);
    let low = above.checked_sub(1)?;
    match centers.get(above) {
        Some(high) => Some(low as f64 + (hertz - centers[low]) / (high - centers[low])), // (RL.1)
        None => (centers[low] == hertz).then_some(low as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bands: &Bands, most: usize) -> Vec<String> {
        bands.ticks(most).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_frequency_is_between_its_rows() {
        let centers = [100.0, 200.0, 400.0, 800.0];
        assert_eq!([100.0, 150.0, 300.0, 800.0].map(|f| row_of(&centers, f)), [0.0, 0.5, 1.5, 3.0].map(Some));
        assert_eq!([99.0, 801.0].map(|f| row_of(&centers, f)), [None; 2]);
    }

    #[test]
    fn numbers_are_few_and_have_few_digits() {
        let octaves = Bands::Hertz((0..72).map(|k| 55.0 * 2f64.powf(f64::from(k) / 12.0)).collect());
        assert_eq!(texts(&octaves, 7), ["100", "200", "500", "1000", "2000"]);
        let even = Bands::Hertz((0..129).map(|k| 31.25 * f64::from(k)).collect());
        assert_eq!(even.ticks(6)[1], (32.0, "1000".to_string()));
        assert_eq!(texts(&even, 6), ["0", "1000", "2000", "3000", "4000"]);
        for most in 1..20 {
            let ticks = octaves.ticks(most);
            assert!(ticks.len() <= most + 1 && ticks.windows(2).all(|pair| pair[0].0 < pair[1].0), "{ticks:?}");
        }
    }

    #[test]
    fn names_and_indices_label_their_rows() {
        assert_eq!(Bands::Numbered(1..20).ticks(4), [5, 10, 15].map(|k| (f64::from(k) - 1.0, k.to_string())));
        let named = Bands::Named(["A", "B", "C"].map(ToString::to_string).to_vec());
        assert_eq!(texts(&named, 3), ["A", "B", "C"]);
        assert_eq!(texts(&named, 2), ["A", "C"]);
        assert!(Bands::Hertz(Vec::new()).ticks(4).is_empty() && Bands::Named(Vec::new()).ticks(0).is_empty());
    }
}
