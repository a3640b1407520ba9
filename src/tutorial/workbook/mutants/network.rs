//! Networks of layers: residual layers, a regression, the penalty on the magnitudes of weights, and the variational
//! autoencoder.

use super::{Gallery, draw, theta};
use crate::matrix::Matrix;
use crate::model::convolution::MapShape;
use crate::model::network::{InMemory, Layer, Network, Target};
use crate::model::variational::Decoder;
use crate::model::{Activation, Variational};
use crate::optimize::Objective;
use std::vec;
use std::vec::Vec;

/// Two classes that alternate.
const LABELS: [usize; 7] = [0, 1, 0, 1, 0, 1, 0];

/// A gallery of a network that classifies the columns of `x`.
fn classifier(name: &'static str, network: Network, x: &Matrix<f64>) -> Gallery {
    let examples = InMemory::from_columns(x);
    Gallery::new(name, &network.blocks(), move |theta, gradient| {
        network.cost(&examples, Target::Labels(&LABELS)).cost_and_gradient(theta, gradient)
    })
}

/// A mistake in the gradient of a residual layer.
#[derive(Clone, Copy, PartialEq)]
enum ResidualSlip {
    /// For a test of the others.
    #[cfg(test)]
    None,
    /// ∂J/∂x without the path around the layer.
    NoSkip,
    /// ∂J/∂x without the path through the layer.
    SkipAlone,
    /// The slope of tanh from a = x + f(z) instead of f(z).
    SlopeOfOutput,
}

/// The gradient of two residual layers of three tanh units and a softmax layer of two classes, as loops, with a slip or
/// without.
fn residual_by_loops(slip: ResidualSlip) -> Vec<f64> {
    const N: usize = 3;
    let layer = N * N + N;
    let (x, theta) = (draw(N, 7), theta(2 * layer + 2 * N + 2));
    let mut gradient = vec![0.0; theta.len()];
    for n in 0..x.columns() {
        let (mut a, mut f) = (vec![x.column(n)], Vec::new());
        for l in 0..2 {
            let (w, b) = (l * layer, l * layer + N * N);
            let z = |k: usize| (0..N).fold(theta[b + k], |z, i| z + theta[w + k * N + i] * a[l][i]);
            f.push((0..N).map(|k| Activation::Tanh.value(z(k))).collect::<Vec<_>>());
            a.push((0..N).map(|k| a[l][k] + f[l][k]).collect());
        }
        let (top, bias) = (2 * layer, 2 * layer + 2 * N);
        let z = |k: usize| (0..N).fold(theta[bias + k], |z, i| z + theta[top + k * N + i] * a[2][i]);
        let p = Activation::Sigmoid.value(z(1) - z(0));
        // ∂J/∂z_1, and with the other sign ∂J/∂z_0; p is the probability of class 1.
        let error = (p - LABELS[n] as f64) / x.columns() as f64;
        let of_scores = [-error, error];
        for k in 0..2 {
            (0..N).for_each(|i| gradient[top + k * N + i] += of_scores[k] * a[2][i]);
            gradient[bias + k] += of_scores[k];
        }
        let mut d: Vec<f64> = (0..N).map(|i| error * (theta[top + N + i] - theta[top + i])).collect();
        for l in [1, 0] {
            let (w, b) = (l * layer, l * layer + N * N);
            let seen = if slip == ResidualSlip::SlopeOfOutput { &a[l + 1] } else { &f[l] };
            let delta: Vec<f64> = (0..N).map(|k| d[k] * Activation::Tanh.slope(seen[k])).collect();
            for k in 0..N {
                (0..N).for_each(|i| gradient[w + k * N + i] += delta[k] * a[l][i]);
                gradient[b + k] += delta[k];
            }
            let through = |i: usize| (0..N).fold(0.0, |sum, k| sum + theta[w + k * N + i] * delta[k]);
            d = (0..N)
                .map(|i| match slip {
                    ResidualSlip::NoSkip => through(i),
                    ResidualSlip::SkipAlone => d[i],
                    _ => d[i] + through(i),
                })
                .collect();
        }
    }
    gradient
}

/// The mutants of two residual layers.
pub fn residual() -> Gallery {
    let layer = Layer::Residual { activation: Activation::Tanh };
    let network = Network::new(MapShape::vector(3), vec![layer, layer, Layer::Softmax { classes: 2 }]);
    classifier("two residual layers of 3 units, 2 classes, 7 examples", network, &draw(3, 7))
        .mutant("∂J/∂x lacks the path around the layer", &["W1", "b1"], residual_by_loops(ResidualSlip::NoSkip))
        .mutant("∂J/∂x lacks the path through the layer", &["W1", "b1"], residual_by_loops(ResidualSlip::SkipAlone))
        .mutant(
            "the slope of tanh is computed from a = x + f(z) in place of f(z)",
            &["W1", "b1", "W2", "b2"],
            residual_by_loops(ResidualSlip::SlopeOfOutput),
        )
}

/// Two layers of filters with these activations.
fn filters([first, second]: [Activation; 2], weight_decay: f64) -> Network {
    let layers = vec![Layer::convolution(2, [2, 2], first), Layer::convolution(2, [1, 2], second)];
    Network { weight_decay, ..Network::new(MapShape { channels: 1, rows: 3, columns: 3 }, layers) }
}

/// The mutants of a regression: a network with values as its target.
pub fn regression() -> Gallery {
    use Activation::{Linear, Rectified, Sigmoid, Softplus};
    let right = filters([Softplus, Sigmoid], 3e-3);
    let (linear, rectified) = (filters([Softplus, Linear], 3e-3), filters([Rectified, Sigmoid], 3e-3));
    let undecayed = filters([Softplus, Sigmoid], 0.0);
    let x = draw(9, 7);
    // Two channels of two positions for each example.
    let values = Matrix::from_function(4, 7, |i, n| x.row(8 - i)[6 - n]);
    let next = Matrix::from_function(4, 7, |i, n| values.row(i)[(n + 1) % 7]);
    let turned = Matrix::from_function(4, 7, |i, n| values.row(i % 2 * 2 + i / 2)[n]);
    let (examples, zeros) = (InMemory::from_columns(&x), Matrix::zeros(4, 7));
    let all = ["W1", "b1", "W2", "b2"];
    let (own_network, own_examples, own_values) = (right.clone(), examples.clone(), values.clone());
    Gallery::new("a regression by two layers of filters, 7 examples", &right.blocks(), move |theta, gradient| {
        own_network.cost(&own_examples, Target::Values(&own_values)).cost_and_gradient(theta, gradient)
    })
    .other("a_L in place of a_L - t", &all, right.cost(&examples, Target::Values(&zeros)))
    .other("the values are those of another example", &all, right.cost(&examples, Target::Values(&next)))
    .other("the values are those of another channel or position", &all, right.cost(&examples, Target::Values(&turned)))
    .changed("the 2 of the derivative of a square, without the cost's ½", &all, |g| {
        g.iter_mut().for_each(|g| *g *= 2.0);
    })
    .other(
        "the last layer is taken for linear: its slope is missing",
        &all,
        linear.cost(&examples, Target::Values(&values)),
    )
    .other("the rectifier in place of the softplus", &all, rectified.cost(&examples, Target::Values(&values)))
    .other("the weight decay is forgotten", &["W1", "W2"], undecayed.cost(&examples, Target::Values(&values)))
}

/// The mutants of a network with a penalty on the magnitudes of its weights.
pub fn l1_penalty() -> Gallery {
    let layers = vec![Layer::Dense { units: 3, activation: Activation::Tanh }, Layer::Softmax { classes: 2 }];
    let right = Network { l1_penalty: 0.01, ..Network::new(MapShape::vector(4), layers) };
    let examples = InMemory::from_columns(&draw(4, 7));
    let [none, decayed, reversed] = [(0.0, 0.0), (0.0, 0.01), (-0.01, 0.0)].map(|(l1_penalty, weight_decay)| Network {
        l1_penalty,
        weight_decay,
        ..right.clone()
    });
    let cost = |wrong| Network::cost(wrong, &examples, Target::Labels(&LABELS));
    let (weights, b1) = (["W1", "W2"], 12);
    classifier("a network with an L1 penalty, 4-3, 2 classes, 7 examples", right.clone(), &draw(4, 7))
        .other("the penalty is forgotten", &weights, cost(&none))
        .other("weight decay in place of the penalty", &weights, cost(&decayed))
        .other("the sign of the penalty is reversed", &weights, cost(&reversed))
        .changed("the penalty is applied to a bias too, the first one of b1", &["b1"], |g| g[b1] += 0.01)
}

/// The mutants of a variational autoencoder.
pub fn variational() -> Gallery {
    let right =
        Variational { decoder: Decoder::Real { variance: 0.3 }, weight_decay: 0.01, ..Variational::new(5, 3, 2) };
    let examples = InMemory::from_columns(&draw(5, 7));
    let wrong = [
        Variational { decoder: Decoder::Real { variance: 0.301 }, ..right },
        Variational { decoder: Decoder::Binary, ..right },
        Variational { weight_decay: 0.0, ..right },
    ];
    let networks = wrong.map(|wrong| wrong.network());
    let cost = |k: usize| wrong[k].cost(&networks[k], &examples);
    let all = ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"];
    let (own_network, own_examples) = (right.network(), examples.clone());
    let network = right.network();
    Gallery::new("a variational autoencoder, 5-3-2, 7 examples", &network.blocks(), move |theta, gradient| {
        right.cost(&own_network, &own_examples).cost_and_gradient(theta, gradient)
    })
    .other("the divergence has another weight, 0.301 in place of 0.3", &["W1", "b1", "W2", "b2"], cost(0))
    .other("the draws of ε are not those of the cost", &all, right.cost(&network, &examples).with_seed(1))
    .other("δ of the output is that of binary values", &all, cost(1))
    .other("the weight decay is forgotten", &["W1", "W2", "W3", "W4"], cost(2))
    .changed("z is differentiated by the deviation e^(s/2) in place of s: the ½ is forgotten", &["b2"], |g| {
        g[32..34].iter_mut().for_each(|g| *g *= 2.0);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::workbook::mutants::same;

    #[test]
    fn the_loops_without_a_mistake_are_right() {
        assert!(same(&residual_by_loops(ResidualSlip::None), &residual().gradient));
    }

    #[test]
    fn no_weight_is_at_a_kink_within_the_steps_of_the_check() {
        assert!(l1_penalty().theta.iter().all(|w| w.abs() > 0.006));
    }
}
