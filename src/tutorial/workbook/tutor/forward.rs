//! Forward through one layer, and through two.

use crate::matrix::Matrix;
use crate::model::Activation;
use crate::model::layer::forward_by_definition;
use crate::model::stacked::DenseWeights;
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A matrix as the list of its rows.
type Rows = Vec<Vec<f64>>;

/// W, b, and x.
type Layer = (Rows, Vec<f64>, Vec<f64>);

/// W1, b1, W2, b2, and x.
type Network = (Rows, Vec<f64>, Rows, Vec<f64>, Vec<f64>);

/// What a student writes for one layer: a from (w, b, x).
pub type OneLayer = fn(&[Vec<f64>], &[f64], &[f64]) -> Vec<f64>;

/// What a student writes for two layers: (a2, y) from (w1, b1, w2, b2, x).
pub type TwoLayers = fn(&[Vec<f64>], &[f64], &[Vec<f64>], &[f64], &[f64]) -> (Vec<f64>, Vec<f64>);

/// The chapter's layer.
fn layer(f: Activation, w: &[Vec<f64>], b: &[f64], x: &[f64]) -> Vec<f64> {
    let weights = Matrix::from_function(b.len(), x.len(), |j, i| w[j][i]);
    forward_by_definition(&DenseWeights { weights, bias: b.to_vec() }, f, x)
}

/// σ(z).
fn sigmoid(z: f64) -> f64 {
    Activation::Sigmoid.value(z)
}

/// W x, without the bias.
fn product(w: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    w.iter().map(|row| row.iter().zip(x).fold(0.0, |sum, (w, x)| sum + w * x)).collect()
}

/// The elements w[i][j] in the place of w[j][i], with 0 where there is no such element.
fn exchanged(w: &[Vec<f64>], rows: usize, columns: usize) -> Rows {
    let element = |j: usize, i: usize| w.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0.0);
    (0..rows).map(|j| (0..columns).map(|i| element(j, i)).collect()).collect()
}

fn values(random: &mut Random, n: usize) -> Vec<f64> {
    (0..n).map(|_| random.uniform(-1.0, 1.0)).collect()
}

fn rows(random: &mut Random, rows: usize, columns: usize) -> Rows {
    (0..rows).map(|_| values(random, columns)).collect()
}

fn one_layer() -> Judge<Layer> {
    let mut random = Random::new(4);
    let mut inputs = vec![(
        "W = [[1, -2], [0.5, 0]], b = (1, 0), x = (2, 0.5)".to_string(),
        (vec![vec![1.0, -2.0], vec![0.5, 0.0]], vec![1.0, 0.0], vec![2.0, 0.5]),
    )];
    // Square weights first: where rows and columns are exchanged, the code stops with others.
    for (units, n) in [(3, 3), (2, 3), (5, 4), (1, 6)] {
        let input = (rows(&mut random, units, n), values(&mut random, units), values(&mut random, n));
        inputs.push((format!("random weights, {units} rows of {n}"), input));
    }
    let part = |a: Vec<f64>| -> Vec<Part> { vec![("layer", a)] };
    let each = move |(w, b, x): &Layer, a: fn(f64, f64) -> f64| {
        part(product(w, x).iter().zip(b).map(|(&sum, &b)| a(sum, b)).collect())
    };
    Judge::new(inputs, move |(w, b, x)| part(layer(Activation::Sigmoid, w, b, x)))
        .mistake("row and column are exchanged: W_ji is `w[j][i]`", move |(w, b, x)| {
            part(layer(Activation::Sigmoid, &exchanged(w, b.len(), x.len()), b, x))
        })
        .mistake(
            "e^z with a minus before it: write `(-z).exp()`, since a method binds tighter than a minus",
            move |input| each(input, |sum, b| 1.0 / (1.0 - Real::exp(sum + b))),
        )
        .mistake("the denominator lacks its parentheses, so `1.0 / 1.0 + (-z).exp()` is 1 + e^(-z)", move |input| {
            each(input, |sum, b| 1.0 + Real::exp(-sum - b))
        })
        .mistake("the bias is forgotten", move |input| each(input, |sum, _| sigmoid(sum)))
        .mistake("z itself, without the sigmoid", move |input| each(input, |sum, b| sum + b))
        .mistake("the bias is added after the sigmoid, not before", move |input| each(input, |sum, b| sigmoid(sum) + b))
        .mistake("e^z in place of e^(-z)", move |input| each(input, |sum, b| sigmoid(-sum - b)))
        .mistake("the bias is subtracted", move |input| each(input, |sum, b| sigmoid(sum - b)))
        .mistake("the bias is added once for each input", move |(w, b, x)| {
            let b: Vec<f64> = b.iter().map(|b| b * x.len() as f64).collect();
            part(layer(Activation::Sigmoid, w, &b, x))
        })
        .mistake("the bias is added at the start, and again once for each input", move |(w, b, x)| {
            let b: Vec<f64> = b.iter().map(|b| b * (x.len() + 1) as f64).collect();
            part(layer(Activation::Sigmoid, w, &b, x))
        })
        .mistake("the bias of unit 0 is used for every unit", move |(w, b, x)| {
            part(layer(Activation::Sigmoid, w, &vec![b[0]; b.len()], x))
        })
        .mistake("row 0 of W is used for every unit", move |(w, b, x)| {
            part(layer(Activation::Sigmoid, &vec![w[0].clone(); w.len()], b, x))
        })
        .mistake("z continues from the previous unit and does not start over", move |(w, b, x)| {
            let mut z = 0.0;
            let next = |(sum, b): (&f64, &f64)| {
                z += sum + b;
                sigmoid(z)
            };
            part(product(w, x).iter().zip(b).map(next).collect())
        })
        .mistake("the sigmoid is inside the sum over the inputs", move |(w, b, x)| {
            let unit = |(row, b): (&Vec<f64>, &f64)| row.iter().zip(x).fold(*b, |z, (w, x)| sigmoid(z + w * x));
            part(w.iter().zip(b).map(unit).collect())
        })
}

/// Networks with n_v = n_h, where even a layer with the wrong weights or of the wrong input has values.
fn of_one_size() -> Judge<Network> {
    let by_hand = (
        vec![vec![1.0, -2.0], vec![0.5, 0.0]],
        vec![1.0, 0.0],
        vec![vec![2.0, 1.0], vec![-1.0, 0.0]],
        vec![-1.0, 0.5],
        vec![2.0, 0.5],
    );
    let name = "W1 = [[1, -2], [0.5, 0]], b1 = (1, 0), W2 = [[2, 1], [-1, 0]], b2 = (-1, 0.5), x = (2, 0.5)";
    let inputs = vec![(name.to_string(), by_hand)];
    let sigmoids = |w: &[Vec<f64>], b: &[f64], x: &[f64]| layer(Activation::Sigmoid, w, b, x);
    let parts = |a2: Vec<f64>, y: Vec<f64>| -> Vec<Part> { vec![("a2", a2), ("y", y)] };
    two_layers(inputs, &[(3, 3)])
        .mistake("a2 and y are exchanged: the pair is (a2, y)", move |(w1, b1, w2, b2, x)| {
            let a2 = sigmoids(w1, b1, x);
            parts(sigmoids(w2, b2, &a2), a2)
        })
        .mistake("W1 and b1 are exchanged with W2 and b2", move |(w1, b1, w2, b2, x)| {
            let a2 = sigmoids(w2, b2, x);
            let y = sigmoids(w1, b1, &a2);
            parts(a2, y)
        })
        .mistake("b1 and b2 are exchanged", move |(w1, b1, w2, b2, x)| {
            let a2 = sigmoids(w1, b2, x);
            let y = sigmoids(w2, b1, &a2);
            parts(a2, y)
        })
        .mistake("the second layer has W1 and b1 as well", move |(w1, b1, _, _, x)| {
            let a2 = sigmoids(w1, b1, x);
            let y = sigmoids(w1, b1, &a2);
            parts(a2, y)
        })
}

/// Networks with n_v and n_h that differ.
fn of_two_sizes() -> Judge<Network> {
    two_layers(Vec::new(), &[(3, 2), (4, 5), (1, 3)])
}

/// These inputs, and random ones of the sizes (n_v, n_h).
fn two_layers(mut inputs: Vec<(String, Network)>, sizes: &[(usize, usize)]) -> Judge<Network> {
    use Activation::{Linear, Sigmoid};
    let mut random = Random::new(5);
    for &(v, h) in sizes {
        let [w1, w2] = [(h, v), (v, h)].map(|(m, n)| rows(&mut random, m, n));
        let [b1, b2, x] = [h, v, v].map(|n| values(&mut random, n));
        inputs.push((format!("random weights, n_v = {v}, n_h = {h}"), (w1, b1, w2, b2, x)));
    }
    let parts = |a2: Vec<f64>, y: Vec<f64>| -> Vec<Part> { vec![("a2", a2), ("y", y)] };
    // The two layers, with g and f as their activation functions; some mistakes change a2 on its way to the second.
    let with = move |(w1, b1, w2, b2, x): &Network, g: Activation, f: Activation, on_its_way: fn(f64) -> f64| {
        let a2 = layer(g, w1, b1, x);
        let y = layer(f, w2, b2, &a2.iter().map(|&a| on_its_way(a)).collect::<Vec<f64>>());
        parts(a2, y)
    };
    let without = move |(w1, b1, w2, b2, x): &Network, [first, second]: [f64; 2]| {
        let [b1, b2] = [(b1, first), (b2, second)].map(|(b, c)| b.iter().map(|b| c * b).collect::<Vec<f64>>());
        with(&(w1.clone(), b1, w2.clone(), b2, x.clone()), Sigmoid, Sigmoid, |a| a)
    };
    Judge::new(inputs, move |input| with(input, Sigmoid, Sigmoid, |a| a))
        .mistake("the second layer has no sigmoid: z3 in place of y", move |input| with(input, Sigmoid, Linear, |a| a))
        .mistake("the first layer has no sigmoid: z2 in place of a2", move |input| with(input, Linear, Sigmoid, |a| a))
        .mistake("no layer has a sigmoid", move |input| with(input, Linear, Linear, |a| a))
        .mistake("the sigmoid is applied to a2 again before the second layer", move |input| {
            with(input, Sigmoid, Sigmoid, sigmoid)
        })
        .mistake("the second layer reads z2 in place of a2", move |input| {
            let (a2, y) =
                (with(input, Sigmoid, Linear, |a| a).remove(0), with(input, Linear, Sigmoid, |a| a).remove(1));
            vec![a2, y]
        })
        .mistake("the second layer reads x in place of a2", move |input| {
            let (_, _, w2, b2, x) = input;
            let y = product(w2, x).iter().zip(b2).map(|(sum, b)| sigmoid(sum + b)).collect();
            parts(with(input, Sigmoid, Sigmoid, |a| a).remove(0).1, y)
        })
        .mistake("b1 is forgotten", move |input| without(input, [0.0, 1.0]))
        .mistake("b2 is forgotten", move |input| without(input, [1.0, 0.0]))
        .mistake("b1 and b2 are forgotten", move |input| without(input, [0.0, 0.0]))
        .mistake("the transpose of W1 in place of W2", move |(w1, b1, _, b2, x)| {
            let w2 = (0..x.len()).map(|i| w1.iter().map(|row| row[i]).collect()).collect();
            with(&(w1.clone(), b1.clone(), w2, b2.clone(), x.clone()), Sigmoid, Sigmoid, |a| a)
        })
}

/// Checks a layer's activations from (w, b, x), and then (a2, y) of two layers from (w1, b1, w2, b2, x).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(your_layer: OneLayer, your_forward: TwoLayers) {
    one_layer().check(|(w, b, x)| vec![("layer", your_layer(w, b, x))]);
    for judge in [of_one_size(), of_two_sizes()] {
        judge.check(|(w1, b1, w2, b2, x)| {
            let (a2, y) = your_forward(w1, b1, w2, b2, x);
            vec![("a2", a2), ("y", y)]
        });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::one_layer().check_itself();
        super::of_one_size().check_itself();
        super::of_two_sizes().check_itself();
    }
}
