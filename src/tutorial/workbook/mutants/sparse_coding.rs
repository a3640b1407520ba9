//! Sparse coding, and the encoder that predicts its codes.

use super::{Gallery, draw};
use crate::matrix::Matrix;
use crate::model::{Activation, Predictive, SparseCoding};
use crate::optimize::Objective;

/// Three atoms of five values, with a smooth penalty.
pub const SMOOTH: SparseCoding = SparseCoding { smoothing: 0.25, ..SparseCoding::new(5, 3, 0.3) };

/// The encoder of three codes.
pub const ENCODER: Predictive = Predictive::new(SparseCoding::new(5, 3, 0.3));

/// The mutants of [`SMOOTH`] on 7 examples, whose codes are parameters.
pub fn sparse_coding() -> Gallery {
    let (x, examples) = (draw(5, 7), draw(5, 7));
    let codes = 15;
    Gallery::new("sparse coding, 3 atoms of 5 values, 7 examples", &SMOOTH.blocks(7), move |theta, gradient| {
        SMOOTH.cost(&examples).cost_and_gradient(theta, gradient)
    })
    .other("the penalty is forgotten", &["S"], SparseCoding { penalty: 0.0, ..SMOOTH }.cost(&x))
    .other("the smoothing is 0.2501 in place of 0.25", &["S"], SparseCoding { smoothing: 0.2501, ..SMOOTH }.cost(&x))
    // The cost of source E has no ½.
    .changed("the 2 of the derivative of a square, without the cost's ½, in ∂J/∂Φ", &["Phi"], |g| {
        g[..codes].iter_mut().for_each(|g| *g *= 2.0);
    })
    .changed("∂J/∂S is that of the sum over the examples, not of their mean", &["S"], |g| {
        g[codes..].iter_mut().for_each(|g| *g *= 7.0);
    })
    .changed("two elements of Φ are exchanged, as by a transposed dictionary", &["Phi"], |g| g.swap(1, 5))
}

/// The mutants of [`ENCODER`] on 7 examples with given codes.
pub fn predictive() -> Gallery {
    let (x, codes) = (draw(5, 7), draw(3, 7));
    let negative = Matrix::from_function(3, 7, |k, n| -codes.row(k)[n]);
    let all = ["W", "b", "g"];
    let (b, g) = (15, 18);
    let (own_x, own_codes) = (draw(5, 7), draw(3, 7));
    Gallery::new("the encoder of predictive coding, 5 values, 3 codes, 7 examples", &ENCODER.blocks(), {
        move |theta, gradient| ENCODER.encoder_cost(&own_x, &own_codes).cost_and_gradient(theta, gradient)
    })
    .other("s̃ + s in place of s̃ - s", &all, ENCODER.encoder_cost(&x, &negative))
    // The activation of source E.
    .other(
        "the sigmoid in place of tanh",
        &all,
        Predictive { activation: Activation::Sigmoid, ..ENCODER }.encoder_cost(&x, &codes),
    )
    .changed("a unit is left out of ∂E/∂b, the second one", &["b"], |gradient| gradient[b + 1] = 0.0)
    .changed("the sum over the examples is not divided by their number in ∂E/∂g", &["g"], |gradient| {
        gradient[g..].iter_mut().for_each(|g| *g *= 7.0);
    })
}
