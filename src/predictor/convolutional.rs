//! The features of a convolutional classifier: one network of the tutorial's method `convolutional`, below its softmax.
//! The layers are convolutions with 3 x 3 filters that keep the size, each rectified and followed by max pooling.
//!
//! Why not layer after layer, as on a computer: the output of the first layer, 24 maps of 40 x 48 elements before
//! pooling, takes 184 KB. Each element is needed for a short time only, so a few columns of each layer are enough.
//!
//! | symbol | meaning |
//! | --- | --- |
//! | v, l | a log-mel value; the mean of all values of the recording |
//! | g | the range: levels are clipped at this distance below the largest |
//! | T, B | the numbers of frames and bands; the T frames are those from the first to the last that is heard |
//! | m, d | mean and standard deviation of the clipped values of the T frames |
//! | u(t, h) | the standardized value of band h in frame t |
//! | P, Q | rows and columns of the image: bands and time |
//! | x(c, i, j) | the element in row i and column j of a layer's input map c; the first layer's only map is the image |
//! | w, b | weights and biases of a layer's filters |
//! | z(k, i, j), y(k, p, q) | the output of filter k, and the maximum over a region of it, rectified |
//!
//! ```text
//! (PV.1)  u = (max(v - l, max v - l - g) - m) / d
//! (PV.2)  x(0, i, j) = u((j + ½)·T/Q - ½, (i + ½)·B/P - ½)
//!
//! (PV.3)  z(k, i, j) = b(k) + Σ_c Σ_r Σ_s w(k, c, r, s)·x(c, i + r - 1, j + s - 1)
//! (PV.4)  y(k, p, q) = the largest max(0, z(k, i, j)) with i = 2p, 2p + 1 and j = 2q, 2q + 1
//! ```
//!
//! (PV.1) and (PV.2) are [`augment`](crate::dataset::augment) without variation. A frame is heard if it has a value
//! within g of the largest. The value between frames and bands is interpolated linearly. Where d is 0, nothing is
//! divided. In (PV.3), r and s are 0, 1 and 2, and x is 0 outside of the maps. A side of fewer than four rows or
//! columns is not pooled: in (PV.4), i = p or j = q. A last row or column that is left over is in no region.
//!
//! **Three columns.** Column j of z needs the columns j - 1, j and j + 1 of x. So when column j + 1 of x arrives,
//! column j of z is computed, and column j - 1 of x has been used for the last time: the next column may take its
//! place. A column of y is complete with the second column of its regions. It arrives at the next layer, and so on. The
//! three columns of a layer are a ring: column j has place j mod 3. Always the last layer that can continue does, so no
//! column is overwritten before it has been used: when column q of y is begun, the layer above has all it needs from
//! column q - 3, since column q - 1 arrived before. Only the maps that the softmax reads are stored as a whole, because
//! its inner index goes through them map after map.
//!
//! Columns could be rows: the sums are the same. A ring of rows takes 3·Q elements for each map, and grows with the
//! length of the image, while P is at most 64, and less in the deeper layers.
//!
//! **The same bits.** An element of z is one chain of fused multiply-adds over its taps in the order c, r, s, in blocks
//! of KC, with zeros multiplied like any value, as in the [product](crate::matrix::product) of the library; b is added
//! last. Which element is computed first has no influence on another. The maximum of (PV.4) compares column after
//! column, and the library row after row. Both begin with the first row and column, and keep it unless another element
//! is greater. A rectified element is positive, ±0 or NaN. If it begins with NaN, it stays NaN. Else a NaN elsewhere is
//! never greater, nor is a zero; and the largest of the positive elements is the same in every order. So both have the
//! same bits.
//!
//! **The levels.** The standardized values are not stored either. The mean and the deviation are sums over all values
//! in the order of `number::sum`, so each value is clipped again whenever a sum or a point of the image needs it.
//!
//! **By hand.** One map of one row, x = (1, 2, 4, 8), and one filter with the middle row (1, 10, 0) and b = 0. Column 1
//! arrives: z = 10·1, the first of its region. Column 2 arrives: z = 1·1 + 10·2 = 21 > 10, and y = 21 is complete.
//! Column 3 arrives: z = 1·2 + 10·4 = 42. It is the last, so the column after it is 0, and z = 1·4 + 10·8 = 84 follows.
//! y = (21, 84).

use super::classify::{Scores, chain};
use super::model::{ConvolutionalTables, Layer, Model};
use super::sizes::{ConvolutionalSizes, MOST_LAYERS, halvings};
use crate::dataset::augment::Interpolation;
use crate::machine::{Element, Lanes};
use crate::model::convolution::MapShape;
use crate::number::sum::reduce;

/// Computes the pooled maps of the last layer and adds their elements to the scores. `None` if a length does not fit,
/// which `Model::check` rules out.
#[inline(always)]
pub(super) fn features<L: Lanes<f32>>(
    lanes: L,
    model: &Model,
    sizes: &ConvolutionalSizes,
    tables: &ConvolutionalTables,
    frames: &[f32],
    work: &mut [f32],
    scores: &mut Scores,
) -> Option<()> {
    let bands = model.sizes.bands;
    let (levels, frames) = Levels::of(frames, bands, tables.range);
    let count = frames.len().checked_div(bands)?;
    let (patch, maps) = work.split_at_mut_checked(sizes.max_taps())?;
    let mut columns = [Columns { arrived: 0, next: 0 }; MOST_LAYERS];
    loop {
        let ready =
            (0..sizes.depth()).rev().find(|&layer| columns.get(layer).is_some_and(|c| c.are_ready(sizes, layer)));
        let Some(layer) = ready else {
            let first = columns.first_mut()?;
            if first.arrived == sizes.columns {
                break;
            }
            let column = maps.get_mut(first.arrived % 3 * sizes.rows..)?.get_mut(..sizes.rows)?;
            let time = Interpolation::new(center(first.arrived, sizes.columns, count), count);
            for (i, x) in column.iter_mut().enumerate() {
                let band = Interpolation::new(center(i, sizes.rows, bands), bands);
                let value = |t: usize, h: usize| frames.get(t * bands + h).map_or(0.0, |&v| levels.standardized(v));
                *x = time.of(|t| band.of(|h| value(t, h))) + 0.0; // (PV.2)
            }
            first.arrived += 1;
            continue;
        };
        let below = (0..layer).fold(0, |elements, layer| elements + sizes.ring(layer));
        let (x, y) = maps.get_mut(below..)?.split_at_mut_checked(sizes.ring(layer))?;
        let column = columns.get_mut(layer)?;
        let (j, is_last) = (column.next, layer + 1 == sizes.depth());
        column.next += 1;
        let shapes = [sizes.maps(layer), sizes.maps(layer + 1)];
        let taps = patch.get_mut(..sizes.taps(layer))?;
        convolve(lanes, tables.layers.get(layer)?, shapes, j, is_last, x, taps, y)?;
        let is_complete = (j + 1) & halvings(shapes[0].columns) == 0;
        if let (true, Some(above)) = (is_complete, columns.get_mut(layer + 1)) {
            above.arrived += 1;
        }
    }
    for &f in maps.get(sizes.rings()..)?.iter().take(sizes.features()) {
        scores.push(lanes, f)?;
    }
    Some(())
}

/// The columns of a layer so far.
#[derive(Clone, Copy)]
struct Columns {
    /// Those of x that have arrived.
    arrived: usize,
    /// The next one of z.
    next: usize,
}

impl Columns {
    /// Whether the next column of z lies in a region, and the columns of x that it needs have arrived.
    #[inline(always)]
    fn are_ready(&self, sizes: &ConvolutionalSizes, layer: usize) -> bool {
        let columns = sizes.maps(layer).columns;
        let in_regions = sizes.maps(layer + 1).columns << halvings(columns);
        self.next < in_regions && (self.arrived == columns || self.next + 2 <= self.arrived)
    }
}

/// Computes column j of z and takes it into the maxima of its column of y: in a ring, or in the maps that the softmax
/// reads.
#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn convolve<L: Lanes<f32>>(
    lanes: L,
    layer: &Layer,
    [input, output]: [MapShape; 2],
    j: usize,
    is_last: bool,
    x: &[f32],
    patch: &mut [f32],
    y: &mut [f32],
) -> Option<()> {
    let column = input.channels * input.rows;
    let near = [0, 1, 2].map(|s| {
        let j = (j + s).checked_sub(1).filter(|&j| j < input.columns)?;
        x.get(j % 3 * column..)?.get(..column)
    });
    let (down, across) = (halvings(input.rows), halvings(input.columns));
    let q = j >> across;
    // From one map, and from one row, to the next.
    let (start, map, row) = if is_last {
        (q, output.rows * output.columns, output.columns)
    } else {
        (q % 3 * (output.channels * output.rows), output.rows, 1)
    };
    for i in 0..output.rows << down {
        for (tap, x) in patch.iter_mut().enumerate() {
            let (c, r, s) = (tap / 9, tap / 3 % 3, tap % 3);
            let i = (i + r).checked_sub(1).filter(|&i| i < input.rows);
            let element = i.and_then(|i| near[s]?.get(c * input.rows + i));
            *x = element.copied().unwrap_or(0.0);
        }
        let is_first = i & down == 0 && j & across == 0;
        let mut rows = layer.weights;
        for (k, &bias) in layer.biases.iter().enumerate() {
            let (weights, others) = rows.split_at_checked(patch.len())?;
            rows = others;
            let z = chain(lanes, weights, patch) + bias; // (PV.3)
            let a = if z < 0.0 { 0.0 } else { z };
            let y = y.get_mut(start + k * map + (i >> down) * row)?;
            *y = if is_first || *y < a { a } else { *y }; // (PV.4)
        }
    }
    Some(())
}

/// The middle of cell i of n, in units of `count` cells over the same length.
#[inline(always)]
fn center(i: usize, n: usize, count: usize) -> f64 {
    (i as f64 + 0.5) * count as f64 / n as f64 - 0.5
}

/// What clips and standardizes the values of a sound.
struct Levels {
    /// l, which is removed first.
    level: f32,
    /// The smallest value that is left as it is.
    least: f32,
    mean: f32,
    deviation: f32,
}

impl Levels {
    /// The levels of the sounding frames, and these.
    #[inline(always)]
    fn of(frames: &[f32], bands: usize, range: f32) -> (Self, &[f32]) {
        let level = reduce(frames, frames, |v, _| v) / frames.len() as f32;
        let most = frames.iter().fold(f32::NEG_INFINITY, |most, v| if v - level > most { v - level } else { most });
        let mut levels = Levels { level, least: most - range, mean: 0.0, deviation: 0.0 };
        let is_heard = |v: &f32| !(v - level < levels.least);
        let start = frames.iter().position(is_heard).unwrap_or(0);
        let end = frames.iter().rposition(is_heard).map_or(frames.len(), |last| last + 1);
        let start = start - start.checked_rem(bands).unwrap_or(0);
        let heard = frames.get(start..end.next_multiple_of(bands.max(1))).unwrap_or(frames);
        let count = heard.len() as f32;
        levels.mean = reduce(heard, heard, |v, _| levels.clipped(v)) / count;
        let square = |v, _| {
            let difference = levels.clipped(v) - levels.mean;
            difference * difference
        };
        levels.deviation = Element::sqrt(reduce(heard, heard, square) / count);
        (levels, heard)
    }

    #[inline(always)]
    fn clipped(&self, v: f32) -> f32 {
        let v = v - self.level;
        if v < self.least { self.least } else { v }
    }

    #[inline(always)]
    fn standardized(&self, v: f32) -> f32 {
        let difference = self.clipped(v) - self.mean;
        if self.deviation > 0.0 { difference / self.deviation } else { difference } // (PV.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Operation, run_single};
    use alloc::vec;

    /// y of a layer of one filter on one map, whose columns arrive one by one.
    struct Arrivals<'a> {
        layer: Layer<'a>,
        shapes: [MapShape; 2],
        x: &'a [f32],
        y: &'a mut [f32],
    }

    impl Operation<f32> for Arrivals<'_> {
        type Output = Option<()>;

        fn run<L: Lanes<f32>>(self, lanes: L) -> Option<()> {
            (0..self.shapes[0].columns).try_for_each(|j| {
                // Column j has place j mod 3, and one beyond the next is not yet there.
                let mut ring = [f32::NAN; 3];
                self.x.iter().enumerate().take(j + 2).for_each(|(j, &x)| ring[j % 3] = x);
                convolve(lanes, &self.layer, self.shapes, j, true, &ring, &mut [f32::NAN; 9], self.y)
            })
        }
    }

    #[test]
    fn a_row_by_hand() {
        let shape = |columns| MapShape { channels: 1, rows: 1, columns };
        let mut weights = [7.0; 9];
        weights[3..6].copy_from_slice(&[1.0, 10.0, 0.0]);
        let mut y = vec![f32::NAN; 2];
        let layer = Layer { weights: &weights, biases: &[0.0] };
        let shapes = [shape(4), shape(2)];
        run_single(Arrivals { layer, shapes, x: &[1.0, 2.0, 4.0, 8.0], y: &mut y }).unwrap();
        assert_eq!(y, [21.0, 84.0]);
    }
}
