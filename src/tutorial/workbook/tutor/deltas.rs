//! The two δ of an autoencoder.

use crate::matrix::Matrix;
use crate::model::autoencoder::by_definition;
use crate::model::layer::backward_by_definition;
use crate::model::{Activation, Autoencoder};
use crate::number::{Random, Real};
use crate::tutorial::workbook::judge::{Judge, Part};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// What the two δ of one example are computed from.
#[derive(Clone, Debug)]
struct Input {
    /// W2, a row for each output.
    w2: Vec<Vec<f64>>,
    y: Vec<f64>,
    x: Vec<f64>,
    a2: Vec<f64>,
}

/// The inverse of the sigmoid.
fn logit(a: f64) -> f64 {
    Real::ln(a / (1.0 - a))
}

/// δ3, by the definition of the autoencoder: ∂J/∂b2 of one example, with weights of 0 and a b2 that leads to y.
fn delta3(input: &Input) -> Vec<f64> {
    let v = input.y.len();
    let model = Autoencoder::new(v, 1);
    let mut theta = vec![0.0; model.dimension()];
    let [.., b2] = model.blocks();
    for (b, &y) in b2.values_mut(&mut theta).iter_mut().zip(&input.y) {
        *b = logit(y);
    }
    let (_, gradient) = by_definition(&model, &theta, &Matrix::from_rows(v, 1, input.x.clone()));
    b2.values(&gradient).to_vec()
}

/// δ2 from W2, by the definition of a layer.
fn delta2(w2: &[Vec<f64>], delta3: &[f64], a2: &[f64]) -> Vec<f64> {
    let w2 = Matrix::from_rows(w2.len(), a2.len(), w2.concat());
    backward_by_definition(&w2, delta3, &[], Activation::Sigmoid, a2)
}

/// W2ᵀ δ3, in which `at` is the weight from a hidden unit j to an output i.
fn back(input: &Input, at: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let delta3 = delta3(input);
    (0..input.a2.len()).map(|j| (0..delta3.len()).fold(0.0, |sum, i| sum + at(i, j) * delta3[i])).collect()
}

/// Our answer with another slope of the hidden units.
fn with_slope2(input: &Input, slope: impl Fn(f64) -> f64) -> Vec<Part> {
    with_delta2(input, times_slope(&back(input, |i, j| input.w2[i][j]), &input.a2, slope))
}

fn times_slope(back: &[f64], a2: &[f64], slope: impl Fn(f64) -> f64) -> Vec<f64> {
    back.iter().zip(a2).map(|(back, &a)| back * slope(a)).collect()
}

fn sigmoid_slope(a: f64) -> f64 {
    Activation::Sigmoid.slope(a)
}

fn parts(delta3: Vec<f64>, delta2: Vec<f64>) -> Vec<Part> {
    vec![("delta3", delta3), ("delta2", delta2)]
}

fn right(input: &Input) -> Vec<Part> {
    let delta3 = delta3(input);
    let delta2 = delta2(&input.w2, &delta3, &input.a2);
    parts(delta3, delta2)
}

/// Our answer with another δ3; δ2 is computed from the right one.
fn with_delta3(input: &Input, delta3: impl Fn(f64, f64) -> f64) -> Vec<Part> {
    let mut answer = right(input);
    answer[0].1 = input.y.iter().zip(&input.x).map(|(&y, &x)| delta3(y, x)).collect();
    answer
}

/// Our answer with another δ2.
fn with_delta2(input: &Input, delta2: Vec<f64>) -> Vec<Part> {
    parts(delta3(input), delta2)
}

/// A judge with inputs of these numbers of outputs and hidden units, after one to follow by hand.
fn judge(sizes: &[[usize; 2]]) -> Judge<Input> {
    let by_hand = Input { w2: vec![vec![2.0]], y: vec![0.5], x: vec![0.3], a2: vec![0.6] };
    let two =
        Input { w2: vec![vec![1.0, 2.0], vec![3.0, -1.0]], y: vec![0.5, 0.2], x: vec![0.3, 0.7], a2: vec![0.5, 0.2] };
    let of_two = "W2 = (1, 2), (3, -1), y = (0.5, 0.2), x = (0.3, 0.7), a2 = (0.5, 0.2), δ3 = (0.05, -0.08)";
    let mut inputs =
        vec![("W2 = 2, y = 0.5, x = 0.3, a2 = 0.6, δ3 = 0.05".to_string(), by_hand), (of_two.to_string(), two)];
    let mut random = Random::new(12);
    for &[v, h] in sizes {
        let mut draw = |n, low, high| (0..n).map(|_| random.uniform(low, high)).collect::<Vec<f64>>();
        let w2 = (0..v).map(|_| draw(h, -1.0, 1.0)).collect();
        let input = Input { w2, y: draw(v, 0.1, 0.9), x: draw(v, 0.1, 0.9), a2: draw(h, 0.1, 0.9) };
        inputs.push((format!("{v} random outputs, {h} hidden units"), input));
    }
    Judge::new(inputs, right)
        .mistake("x - y in place of y - x", |input| with_delta3(input, |y, x| (x - y) * sigmoid_slope(y)))
        .mistake("the slope f'(z3) is forgotten in δ3, which gives (AE.9), for the cross-entropy", |input| {
            with_delta3(input, |y, x| y - x)
        })
        .mistake("the slope in δ3 is computed from the example x in place of y", |input| {
            with_delta3(input, |y, x| (y - x) * sigmoid_slope(x))
        })
        .mistake("σ is applied to y again before the slope in δ3", |input| {
            with_delta3(input, |y, x| (y - x) * sigmoid_slope(Activation::Sigmoid.value(y)))
        })
        .mistake("σ is applied to a2 again before the slope in δ2", |input| {
            with_slope2(input, |a| sigmoid_slope(Activation::Sigmoid.value(a)))
        })
        .mistake("the slope in δ3 is that of tanh, 1 - y²", |input| {
            with_delta3(input, |y, x| (y - x) * (1.0 - y * y))
        })
        .mistake("the slope in δ2 is that of tanh, 1 - a2²", |input| with_slope2(input, |a| 1.0 - a * a))
        .mistake("1 - y in place of y·(1 - y) in δ3", |input| with_delta3(input, |y, x| (y - x) * (1.0 - y)))
        .mistake("1 - a2 in place of a2·(1 - a2) in δ2", |input| with_slope2(input, |a| 1.0 - a))
        .mistake("the slope g'(z2) is forgotten in δ2", |input| with_delta2(input, back(input, |i, j| input.w2[i][j])))
        .mistake("δ2 keeps only the last output: = in place of +=", |input| {
            let last = input.y.len() - 1;
            let back = back(input, |i, j| if i == last { input.w2[i][j] } else { 0.0 });
            with_delta2(input, times_slope(&back, &input.a2, sigmoid_slope))
        })
        .mistake("W2 is read transposed, w2[j][i] in place of w2[i][j]", |input| {
            let (all, v) = (input.w2.concat(), input.y.len());
            let back = back(input, |i, j| all[j * v + i]);
            with_delta2(input, times_slope(&back, &input.a2, sigmoid_slope))
        })
}

/// As many outputs as hidden units: a W2 read transposed is recognized here, since it leads beyond the end elsewhere.
const SQUARE: &[[usize; 2]] = &[[3, 3]];

/// Other sizes.
const UNEQUAL: &[[usize; 2]] = &[[5, 3], [2, 7]];

/// Computes δ2 from (W2, δ3, a2).
pub type Delta2 = fn(&[Vec<f64>], &[f64], &[f64]) -> Vec<f64>;

/// Checks δ3 from (y, x), and δ2 from (W2, δ3, a2).
///
/// # Panics
/// If one is wrong.
#[track_caller]
pub fn check(yours3: fn(&[f64], &[f64]) -> Vec<f64>, yours2: Delta2) {
    let yours = |input: &Input| parts(yours3(&input.y, &input.x), yours2(&input.w2, &delta3(input), &input.a2));
    judge(SQUARE).check(yours);
    judge(UNEQUAL).check(yours);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mistake_is_named() {
        super::judge(super::SQUARE).check_itself();
        super::judge(super::UNEQUAL).check_itself();
    }
}
