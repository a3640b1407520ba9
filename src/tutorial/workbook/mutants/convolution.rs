//! A convolution with pooling.

use super::{Gallery, theta};
use crate::model::convolution::pooling::Regions;
use crate::model::convolution::{Convolution, ConvolutionCost, MapShape, Pooling, PoolingMode};
use crate::number::Real;
use crate::optimize::Objective;
use std::vec;
use std::vec::Vec;

/// One mistake in the gradient of a convolution with pooling.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    None,
    /// ∂W written as if the filter had been flipped.
    Flipped,
    /// ∂x through the filter as it is, not flipped: tap (r, s) where (h - 1 - r, v - 1 - s) belongs.
    Unturned,
    /// The strides of rows and columns exchanged.
    Stride,
    /// Their paddings exchanged.
    Padding,
    /// The channels of the input met in reverse order.
    Channel,
    /// a·(1 - a) forgotten.
    NoSlope,
    /// The bias forgotten.
    NoBias,
    /// The maximum taken to stand one place later.
    MaximumOff,
    /// The maximum of equal shares: every place of a region gets its δ.
    MaximumShared,
    /// The mean's δ not divided by the region's size.
    NotMean,
    /// Of overlapping regions the last one alone counts.
    NotAdded,
}

/// Two maps of 6 x 7 under three filters of 3 x 2; rows in steps of 2 with a row of zeros, columns in steps of 1 with
/// two of them.
const SLID: Convolution = Convolution {
    input: MapShape { channels: 2, rows: 6, columns: 7 },
    filters: 3,
    size: [3, 2],
    stride: [2, 1],
    padding: [1, 2],
};

const SLID_EXAMPLES: usize = 2;

/// The cost with this pooling.
fn cost(mode: PoolingMode) -> ConvolutionCost {
    ConvolutionCost::new(SLID, pooling(mode), SLID_EXAMPLES)
}

fn pooling(mode: PoolingMode) -> Pooling {
    Pooling { mode, input: SLID.output(), regions: [Regions::by(2), Regions::Sliding { size: 4, step: 3 }] }
}

/// The gradient of ½·Σ p² by W, b and x as loops over single numbers, with a slip or without.
fn slid_by_loops(slip: Slip, mode: PoolingMode) -> Vec<f64> {
    let pooling = pooling(mode);
    let theta = theta(cost(mode).dimension());
    let Convolution { input, filters, size: [h, v], .. } = SLID;
    let (plane, taps) = (input.plane(), SLID.taps());
    let (b, x) = (filters * taps, filters * taps + filters);
    let MapShape { rows, columns, .. } = SLID.output();
    let regions = pooling.output();
    // The number of x that tap (c, r, s) meets at place (i, j) of an example.
    let met = |n: usize, [c, r, s]: [usize; 3], [i, j]: [usize; 2], slip: Slip| -> Option<usize> {
        let ([down, across], [above, left]) = (SLID.stride, SLID.padding);
        let [down, across] = if slip == Slip::Stride { [across, down] } else { [down, across] };
        let [above, left] = if slip == Slip::Padding { [left, above] } else { [above, left] };
        let (y, u) = ((i * down + r).checked_sub(above)?, (j * across + s).checked_sub(left)?);
        let c = if slip == Slip::Channel { input.channels - 1 - c } else { c };
        let inside = y < input.rows && u < input.columns;
        inside.then_some(x + (c * SLID_EXAMPLES + n) * plane + y * input.columns + u)
    };
    let all_taps = || (0..taps).map(|t| [t / (h * v), t / v % h, t % v]);
    let all_places = || (0..rows * columns).map(|p| [p / columns, p % columns]);
    let number = |[c, r, s]: [usize; 3]| (c * h + r) * v + s;
    let mut gradient = vec![0.0; theta.len()];
    for n in 0..SLID_EXAMPLES {
        for k in 0..filters {
            let a: Vec<f64> = all_places()
                .map(|place| {
                    let z = all_taps().fold(theta[b + k], |z, tap| {
                        z + theta[k * taps + number(tap)] * met(n, tap, place, Slip::None).map_or(0.0, |at| theta[at])
                    });
                    1.0 / (1.0 + Real::exp(-z))
                })
                .collect();
            let mut delta = vec![0.0; a.len()];
            for region in 0..regions.rows * regions.columns {
                let (i, j) = (region / regions.columns, region % regions.columns);
                let (down, across) = (pooling.regions[0].region(i, rows), pooling.regions[1].region(j, columns));
                let members: Vec<usize> = down.flat_map(|i| across.clone().map(move |j| i * columns + j)).collect();
                let best = *members.iter().max_by(|&&p, &&q| a[p].total_cmp(&a[q])).unwrap();
                let mean = members.iter().fold(0.0, |sum, &p| sum + a[p]) / members.len() as f64;
                let later = if slip == Slip::MaximumOff { (best + 1) % a.len() } else { best };
                for &p in members.iter().chain([&later].into_iter().filter(|later| !members.contains(later))) {
                    let d = match mode {
                        PoolingMode::Mean if slip == Slip::NotMean => mean,
                        PoolingMode::Mean => mean / members.len() as f64,
                        PoolingMode::Max if slip == Slip::MaximumShared || p == later => a[best],
                        PoolingMode::Max => 0.0,
                    };
                    delta[p] = if slip == Slip::NotAdded { d } else { delta[p] + d };
                }
            }
            for (place, (d, a)) in all_places().zip(delta.iter().zip(&a)) {
                let d = if slip == Slip::NoSlope { *d } else { d * a * (1.0 - a) };
                gradient[b + k] += if slip == Slip::NoBias { 0.0 } else { d };
                for tap in all_taps() {
                    let Some(at) = met(n, tap, place, slip) else { continue };
                    let turned = number([tap[0], h - 1 - tap[1], v - 1 - tap[2]]);
                    let (of_w, of_x) = match slip {
                        Slip::Flipped => (turned, number(tap)),
                        Slip::Unturned => (number(tap), turned),
                        _ => (number(tap), number(tap)),
                    };
                    gradient[k * taps + of_w] += d * theta[at];
                    gradient[at] += d * theta[k * taps + of_x];
                }
            }
        }
    }
    gradient
}

/// The mutants that both kinds of pooling share.
fn gallery(name: &'static str, mode: PoolingMode) -> Gallery {
    let gradient = |slip: Slip| slid_by_loops(slip, mode);
    let (maps, all) = (["W", "x"], ["W", "b", "x"]);
    Gallery::new(name, &cost(mode).blocks(), move |theta, gradient| cost(mode).cost_and_gradient(theta, gradient))
        .mutant("∂J/∂W is that of a flipped filter", &["W"], gradient(Slip::Flipped))
        .mutant("∂J/∂x goes through the filter as it is, not flipped", &["x"], gradient(Slip::Unturned))
        .mutant("the strides of rows and columns are exchanged", &maps, gradient(Slip::Stride))
        .mutant("the paddings of rows and columns are exchanged", &maps, gradient(Slip::Padding))
        .mutant("the channels of the input are in reverse order", &maps, gradient(Slip::Channel))
        .mutant("a·(1 - a) is forgotten", &all, gradient(Slip::NoSlope))
        .mutant("∂J/∂b is forgotten", &["b"], gradient(Slip::NoBias))
        .mutant("of overlapping regions the last one alone counts", &all, gradient(Slip::NotAdded))
}

/// The mutants of a convolution with mean pooling.
pub fn mean_pooling() -> Gallery {
    gallery("a convolution with mean pooling, 2 examples", PoolingMode::Mean).mutant(
        "δ of a mean is not divided by the size of the region",
        &["W", "b", "x"],
        slid_by_loops(Slip::NotMean, PoolingMode::Mean),
    )
}

/// The mutants of a convolution with max pooling.
pub fn max_pooling() -> Gallery {
    gallery("a convolution with max pooling, 2 examples", PoolingMode::Max)
        .mutant(
            "the maximum is taken to stand one place later",
            &["W", "b", "x"],
            slid_by_loops(Slip::MaximumOff, PoolingMode::Max),
        )
        .mutant(
            "every element of a region gets the δ of the maximum",
            &["W", "b", "x"],
            slid_by_loops(Slip::MaximumShared, PoolingMode::Max),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::workbook::mutants::same;

    #[test]
    fn the_loops_without_a_slip_are_right() {
        assert!(same(&slid_by_loops(Slip::None, PoolingMode::Mean), &mean_pooling().gradient));
        assert!(same(&slid_by_loops(Slip::None, PoolingMode::Max), &max_pooling().gradient));
    }

    #[test]
    fn no_maximum_is_about_to_change_its_position() {
        for mode in [PoolingMode::Mean, PoolingMode::Max] {
            let cost = cost(mode);
            assert!(cost.smallest_margin(&theta(cost.dimension())) > 0.003);
        }
    }
}
