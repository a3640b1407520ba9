//! The contractive autoencoder.

use super::autoencoder::RIGHT;
use super::{Gallery, draw, theta};
use crate::model::Contractive;
use crate::optimize::Objective;
use std::vec;
use std::vec::Vec;

/// The sparse autoencoder with a contraction.
pub const CONTRACTIVE: Contractive = Contractive { autoencoder: RIGHT, contraction: 0.3 };

/// One mistake in the gradient of the penalty.
#[derive(Clone, Copy, PartialEq)]
enum Miss {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// The way of W1 and b1 through z2.
    ThroughZ,
    /// The way of W1 through |w_j|².
    Direct,
    /// g'' = g'·(1 - 2a) taken for 1 - 2a.
    SlopeInCurvature,
    /// |w_j|² of the next unit.
    Length,
    /// The mean over examples.
    Mean,
}

/// The gradient of [`CONTRACTIVE`] on 7 examples, with a mistake or without.
fn gradient(miss: Miss) -> Vec<f64> {
    let (x, theta) = (draw(5, 7), theta(RIGHT.dimension()));
    let mut gradient = vec![f64::NAN; theta.len()];
    RIGHT.cost(&x).cost_and_gradient(&theta, &mut gradient);
    let a = RIGHT.encode(&theta, &x);
    for (n, j) in (0..21).map(|k| (k / 3, k % 3)) {
        let a = a.row(j)[n];
        let over_m = if miss == Miss::Mean { 1.0 } else { 1.0 / 7.0 };
        let row = if miss == Miss::Length { (j + 1) % 3 } else { j };
        let length = theta[5 * row..][..5].iter().fold(0.0, |sum, w| sum + w * w);
        let slope = a * (1.0 - a);
        let curvature = if miss == Miss::SlopeInCurvature { 1.0 } else { slope } * (1.0 - 2.0 * a);
        let through = if miss == Miss::ThroughZ { 0.0 } else { over_m * 0.6 * slope * curvature * length };
        let direct = if miss == Miss::Direct { 0.0 } else { over_m * 0.6 * slope * slope };
        for i in 0..5 {
            gradient[5 * j + i] += through * x.row(i)[n] + direct * theta[5 * j + i];
        }
        gradient[30 + j] += through;
    }
    gradient
}

/// The mutants of [`CONTRACTIVE`].
pub fn contractive() -> Gallery {
    let (x, examples) = (draw(5, 7), draw(5, 7));
    let both = ["W1", "b1"];
    let contraction = |contraction: f64| Contractive { contraction, ..CONTRACTIVE }.cost(&x);
    Gallery::new("a contractive autoencoder, 5-3, 7 examples", &RIGHT.blocks(), move |theta, gradient| {
        CONTRACTIVE.cost(&examples).cost_and_gradient(theta, gradient)
    })
    .other("the contraction is forgotten", &both, contraction(0.0))
    .other("the 2 of the derivative of a square is forgotten", &both, contraction(0.15))
    .mutant("the direct effect of W1 through |w_j|² is forgotten", &["W1"], gradient(Miss::Direct))
    .mutant("the effect of W1 and b1 through z2 is forgotten", &both, gradient(Miss::ThroughZ))
    .mutant("1 - 2a in place of g'' = g'·(1 - 2a)", &both, gradient(Miss::SlopeInCurvature))
    .mutant("|w_j|² is that of the next unit", &both, gradient(Miss::Length))
    .mutant(
        "the penalty is summed over the examples, and not divided by their number",
        &both,
        gradient(Miss::Mean),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::workbook::mutants::same;

    #[test]
    fn the_loops_without_a_mistake_are_right() {
        assert!(same(&gradient(Miss::None), &contractive().gradient));
    }
}
