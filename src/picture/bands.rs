//! Bands: what the rows of a spectrum are of, and what is written beside them.
//!
//! Rows are evenly spaced in the picture, frequencies need not be: f Hz, between the centers f_r and f_(r+1) of two
//! rows, is at row r + (f - f_r)/(f_(r+1) - f_r). Written are numbers with few digits, those with the fewest first: 0,
//! powers of ten, then 5, 2, 3, ... times these, each where it is far enough from all before it. Evenly spaced
//! frequencies have evenly spaced numbers.

use super::axis::{Axis, Scale};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

/// What the rows are, from the lowest on.
#[derive(Clone, Debug, PartialEq)]
pub enum Bands {
    /// Bands with these centers, in Hz, ascending.
    Hertz(Vec<f64>),
    /// Bands with names.
    Named(Vec<String>),
    /// Coefficients with these numbers.
    Numbered(Range<usize>),
}

impl Bands {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Bands::Hertz(centers) => centers.len(),
            Bands::Named(names) => names.len(),
            Bands::Numbered(numbers) => numbers.len(),
        }
    }

    /// What they are together, as it is written along the axis.
    pub fn title(&self) -> &'static str {
        match self {
            Bands::Hertz(_) => "frequency (Hz)",
            Bands::Named(_) => "pitch class",
            Bands::Numbered(_) => "coefficient",
        }
    }

    /// At most about `most` texts, each with its place, counted in rows from the center of the lowest.
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
            let Some(row) = place(centers, f64::from(digit * power)) else { continue };
            if ticks.iter().all(|(other, _)| (row - other).abs() >= apart) {
                ticks.push((row, format!("{}", digit * power)));
            }
        }
    }
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    ticks
}

/// The row of a frequency; none outside of the centers.
fn place(centers: &[f64], hertz: f64) -> Option<f64> {
    let above = centers.partition_point(|&f| f <= hertz);
    let low = above.checked_sub(1)?;
    match centers.get(above) {
        Some(high) => Some(low as f64 + (hertz - centers[low]) / (high - centers[low])),
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
        assert_eq!([100.0, 150.0, 300.0, 800.0].map(|f| place(&centers, f)), [0.0, 0.5, 1.5, 3.0].map(Some));
        assert_eq!([99.0, 801.0].map(|f| place(&centers, f)), [None; 2]);
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
    fn names_and_numbers_are_written_beside_their_rows() {
        assert_eq!(Bands::Numbered(1..20).ticks(4), [5, 10, 15].map(|k| (f64::from(k) - 1.0, k.to_string())));
        let named = Bands::Named(["A", "B", "C"].map(ToString::to_string).to_vec());
        assert_eq!(texts(&named, 3), ["A", "B", "C"]);
        assert_eq!(texts(&named, 2), ["A", "C"]);
        assert!(Bands::Hertz(Vec::new()).ticks(4).is_empty() && Bands::Named(Vec::new()).ticks(0).is_empty());
    }
}
