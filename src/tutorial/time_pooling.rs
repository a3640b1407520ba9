//! Pooling over time: a recording's features, averaged over equal parts of it, as one example of fixed length.
//!
//! **Why.** A sum over windows ([`methods`](super::methods)) does not change if the windows are shuffled: a word and
//! the same word backward have the same sum. A classifier of whole recordings could see the order, but recordings have
//! different lengths. So divide each recording into the same number of regions, and average the features within each.
//! The order of the regions is kept; within a region, a feature may occur a little earlier or later, as it does when
//! the word is spoken again. A mean also contains less noise than a single window.
//!
//! The regions are [`Regions::Adaptive`] of the recording's windows: neighbors share one where their number does not
//! divide the windows'.
//!
//! **By hand**, one feature and two regions: windows with (2, 3, 4, 5) become (2.5, 4.5). Of five windows, (1, 2, 3, 4,
//! 5), the middle one belongs to both: (2, 4). With 400 features and ten regions, a recording is one example of 4000
//! elements.

use crate::dataset::context_windows::ContextWindows;
use crate::matrix::Matrix;
use crate::model::convolution::pooling::Regions;
use crate::number::Real;
use crate::number::sum::sum;
use core::ops::Range;

/// The means over each region of each recording's features, as columns.
///
/// # Panics
/// If a recording has no window.
pub fn averaged<T: Real>(features: &ContextWindows<T>, regions: usize) -> Matrix<T> {
    let ContextWindows { matrix, ranges } = features;
    let mut pooled = Matrix::zeros(regions * matrix.rows(), ranges.len());
    for (j, range) in ranges.iter().enumerate() {
        average(matrix, range.clone(), &mut pooled, j);
    }
    pooled
}

/// Writes the means over each region of the columns `windows` of `features` into column `j` of `pooled`: region after
/// region, each all features.
///
/// # Panics
/// If there is no window, or `pooled` has not regions·features rows.
pub fn average<T: Real>(features: &Matrix<T>, windows: Range<usize>, pooled: &mut Matrix<T>, j: usize) {
    let (rows, n) = (features.rows(), windows.len());
    assert!(n > 0, "no window to average");
    let regions = pooled.rows() / rows;
    assert_eq!(pooled.rows(), regions * rows, "pooled features");
    for r in 0..regions {
        let part = Regions::Adaptive(regions).region(r, n);
        let (from, to) = (windows.start + part.start, windows.start + part.end);
        for i in 0..rows {
            let part = &features.row(i)[from..to];
            pooled.row_mut(r * rows + i)[j] = sum(part) / T::from_usize(to - from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_cover_the_recording() {
        let features = Matrix::from_rows(2, 6, [9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 6.0, 6.0, 6.0, 6.0, 6.0].to_vec());
        let mut pooled = Matrix::zeros(4, 3);
        average(&features, 1..5, &mut pooled, 1);
        assert_eq!(pooled.column(1), [1.5, 6.0, 3.5, 6.0]);
        average(&features, 1..6, &mut pooled, 0); // five windows: the middle one belongs to both regions
        assert_eq!(pooled.column(0), [2.0, 6.0, 4.0, 6.0]);
        average(&features, 2..3, &mut pooled, 2); // one window for both
        assert_eq!(pooled.column(2), [2.0, 6.0, 2.0, 6.0]);
    }
}
